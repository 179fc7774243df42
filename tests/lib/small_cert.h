/*
 * small_cert - a certificate of a few hundred octets as der_text, in parts
 * that a test's row replaces one by one. Its signature is no signature.
 */
#pragma once
#include "base/buf.h"

enum small_part {
	SMALL_VERSION,
	SMALL_SERIAL, /* 0102 */
	SMALL_TBS_ALGORITHM,
	SMALL_ISSUER,   /* CN=CA */
	SMALL_VALIDITY, /* 2025-01-01 to 2026-01-01 */
	SMALL_SUBJECT,  /* CN=www.example */
	SMALL_SPKI,
	SMALL_EXTENSIONS, /* the [3]; SAN of www.example and example */
	SMALL_ALGORITHM,
	SMALL_SIGNATURE,
	SMALL_BEHIND, /* what follows the Certificate: nothing */
	SMALL_PARTS
};

/* The certificate with one part replaced; part SMALL_PARTS: none. */
struct buf small_cert(enum small_part, const char *text);

/* The same, TBSCertificate only. */
struct buf small_tbs(enum small_part, const char *text);

/* The certificate with these extensions: the inside of the SEQUENCE OF. */
struct buf small_cert_with(const char *extensions);
