/*
 * sct_verify - whether a log's promise in an SCT is the log's, and which leaf
 * it promises (RFC 6962, 3.2).
 */
#pragma once
#include "ctlog/log.h"
#include "wire/sct.h"

enum sct_verdict {
	SCT_GOOD,
	SCT_BAD_SIGNATURE,
	SCT_UNKNOWN_LOG,     /* no such log in the set */
	SCT_UNKNOWN_VERSION, /* not v1 */
	SCT_MALFORMED,       /* algorithms no log may use */
};

/* entry: kind, certificate, and for LEAF_PRECERT issuer_key_hash; its time and
 * extensions are not looked at. For a final certificate with embedded SCTs it
 * is a precert entry: its TBS without the SCT list, its issuer's key hash.
 * *log, when not NULL, is the log (NULL where unknown), borrowed. */
enum sct_verdict sct_verify(const struct sct *, const struct leaf *entry,
    const struct ct_log_set *, const struct ct_log **log);
enum sct_verdict sct_verify_by(
    const struct sct *, const struct leaf *entry, const struct ct_log *);

/* The hash of the leaf that the log has to incorporate within its MMD. */
MUST_CHECK bool sct_leaf_hash(
    const struct sct *, const struct leaf *entry, struct sha256 *out, struct err *);

const char *sct_verdict_name(enum sct_verdict);
