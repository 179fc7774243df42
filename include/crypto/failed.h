/*
 * failed - turns a failed libcrypto call into an err.
 */
#pragma once
#include "base/err.h"

/* Fills err (which may be NULL) with the text and libcrypto's own reason, and
 * empties the thread's error queue, so that nothing of it shows up in a later
 * failure. Returns false. */
bool crypto_failed(struct err *err, enum err_code code, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Only empties the queue: after a failure that is an answer, such as bytes
 * that d2i_X509 does not take. */
void crypto_forget(void);
