/*
 * show - a certificate in a few lines for a person. Safe for terminals.
 */
#pragma once
#include "x509/cert.h"

/* Appends lines "subject  ...", each ended by a newline: subject, issuer,
 * serial, validity, key, signature, names (at most max_names, then how many
 * more), kind (precertificate, CA), faults. */
bool cert_show(const struct cert *, size_t max_names, struct buf *out);

/* Appends one line without its end: subject CN or first name, issuer, serial. */
bool cert_show_short(const struct cert *, struct buf *out);

/* Appends "serialNumber: INTEGER empty or not minimal, at 15" lines. */
bool cert_show_faults(const struct cert *, struct buf *out);
