/*
 * signed - the digitally-signed struct of RFC 5246, 4.7, that wraps every
 * signature of a log (RFC 6962, 2.1.4).
 */
#pragma once
#include "base/cursor.h"
#include "base/err.h"

/* An RSA-8192 signature and its four bytes in front. */
enum { SIGNED_MAX = 4 + 1024 };

struct digitally_signed {
	uint8_t hash_algorithm;      /* 4: SHA-256 */
	uint8_t signature_algorithm; /* 1: RSA, 3: ECDSA */
	struct bytes signature;
};

/* Takes it from the front of the cursor's bytes; any algorithm parses. */
MUST_CHECK bool signed_take(struct cursor *, struct digitally_signed *out);

/* The whole of data; ERR_PARSE when it is cut or something follows. */
MUST_CHECK bool signed_parse(
    struct bytes data, struct digitally_signed *out, struct err *);
