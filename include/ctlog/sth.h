/*
 * sth - a signed tree head, of either species: one struct, one signature
 * (RFC 6962, 3.5; static-ct-api puts the same one on a note line).
 */
#pragma once
#include "base/buf.h"
#include "ctlog/log.h"
#include "wire/signed.h"

struct sth {
	uint64_t tree_size;
	uint64_t timestamp_ms;
	struct sha256 root;
	size_t signature_len;
	uint8_t signature[SIGNED_MAX]; /* DigitallySigned */
	uint8_t *raw;                  /* the body as served: evidence; mem_free */
	size_t raw_len;
};

void sth_init(struct sth *);
void sth_fini(struct sth *);
void sth_copy(struct sth *to, const struct sth *from); /* to: fresh or used */

/* A get-sth reply, nothing verified yet. */
MUST_CHECK bool sth_from_json(struct bytes body, struct sth *out, struct err *);

/*
 * A checkpoint of this log: parsed, its origin compared, extension lines
 * refused, and one of the lines with the log's key id verified (so sth_verify()
 * need not be called again). ERR_PARSE: no such note; ERR_VERIFY: another
 * origin, or lines of the log's key id of which none verifies (fetch once more
 * before alarming: a random id may collide); ERR_NOT_FOUND: no line of it.
 */
MUST_CHECK bool sth_from_checkpoint(
    struct bytes body, const struct ct_log *, struct sth *out, struct err *);

/* By the log's kind: sth_from_json() and sth_verify(), or
 * sth_from_checkpoint(). */
MUST_CHECK bool sth_from_body(
    struct bytes body, const struct ct_log *, struct sth *out, struct err *);

/* RFC 6962, 3.5: the signature. ERR_VERIFY when it does not hold. */
MUST_CHECK bool sth_verify(const struct sth *, const struct ct_log *, struct err *);

/* The 50 bytes that are signed. */
enum { STH_SIGNED_LEN = 50 };
void sth_signed(const struct sth *, uint8_t out[STH_SIGNED_LEN]);

/* The same head in the other form, from its fields. */
bool sth_append_json(struct buf *out, const struct sth *);
bool sth_append_checkpoint(struct buf *out, const struct sth *, const struct ct_log *);
