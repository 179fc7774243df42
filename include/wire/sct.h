/*
 * sct - SignedCertificateTimestamp and lists of them, RFC 6962, 3.2 and 3.3.
 */
#pragma once
#include "wire/leaf.h"
#include "wire/signed.h"
#include "crypto/digest.h"

struct sct {
	struct bytes raw;    /* as in the list, without its length */
	uint8_t version;     /* 0: v1; any other: nothing below is filled */
	struct bytes log_id; /* 32 bytes */
	uint64_t timestamp_ms;
	struct bytes extensions;
	struct digitally_signed signature;
};

/* The whole of data. A version other than v1 is no error: it has to be passed
 * over, not to spoil its list. ERR_PARSE: cut, or bytes follow. */
MUST_CHECK bool sct_parse(struct bytes data, struct sct *out, struct err *);

/* The list without its outer length: ERR_PARSE when it is cut or bytes follow;
 * in the latter case items is filled all the same. A list of no bytes parses:
 * that it promises nothing is the caller's to say. items is for
 * sct_list_next(). */
MUST_CHECK bool sct_list_parse(struct bytes list, struct bytes *items, struct err *);

/* The next item, undecoded: start with cursor_of(items). false at the end, or
 * when what is left is no item (cursor_left() is then not 0). */
bool sct_list_next(struct cursor *items, struct bytes *sct);

/* From the value of the certificate extension (the content of extnValue): the
 * list out of its inner OCTET STRING (RFC 6962, 3.3). */
MUST_CHECK bool sct_list_unwrap(
    struct bytes extension_value, struct bytes *list, struct err *);

/* What it signs: leaf_append() with the SCT's own time and extensions. entry
 * gives kind, certificate and issuer_key_hash. */
MUST_CHECK bool sct_append_signed(
    struct buf *out, const struct sct *sct, const struct leaf *entry, struct err *);
