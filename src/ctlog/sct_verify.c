#include "ctlog/sct_verify.h"

#include "merkle/hash.h"

/* What is signed is as long as the certificate and some 60 bytes. */
static bool
signed_bytes(
    struct buf *out, const struct sct *sct, const struct leaf *entry, struct err *err)
{
	buf_init(out, entry->certificate.len + sct->extensions.len + 100);
	return sct_append_signed(out, sct, entry, err);
}

enum sct_verdict
sct_verify_by(const struct sct *sct, const struct leaf *entry, const struct ct_log *log)
{
	enum sct_verdict verdict = SCT_MALFORMED;
	struct buf message;
	struct err err = {0};

	if (sct->version != 0)
		return SCT_UNKNOWN_VERSION;
	if (!bytes_equal(sct->log_id, sha256_bytes(&log->id)))
		return SCT_UNKNOWN_LOG;
	if (signed_bytes(&message, sct, entry, &err)) {
		if (key_verify_log(log->key, sct->signature.hash_algorithm,
			sct->signature.signature_algorithm, buf_bytes(&message),
			sct->signature.signature, &err))
			verdict = SCT_GOOD;
		else if (err.code == ERR_VERIFY)
			verdict = SCT_BAD_SIGNATURE;
	}
	buf_free(&message);
	return verdict;
}

enum sct_verdict
sct_verify(const struct sct *sct, const struct leaf *entry, const struct ct_log_set *logs,
    const struct ct_log **log)
{
	const struct ct_log *found =
	    sct->version == 0 ? ct_log_set_get(logs, sct->log_id) : NULL;

	if (log != NULL)
		*log = found;
	if (found == NULL)
		return sct->version == 0 ? SCT_UNKNOWN_LOG : SCT_UNKNOWN_VERSION;
	return sct_verify_by(sct, entry, found);
}

bool
sct_leaf_hash(
    const struct sct *sct, const struct leaf *entry, struct sha256 *out, struct err *err)
{
	struct buf leaf;
	bool ok = signed_bytes(&leaf, sct, entry, err);

	if (ok)
		merkle_hash_leaf(buf_bytes(&leaf), out);
	buf_free(&leaf);
	return ok;
}

const char *
sct_verdict_name(enum sct_verdict verdict)
{
	static const char *const NAMES[] = {
	    [SCT_GOOD] = "good",
	    [SCT_BAD_SIGNATURE] = "bad signature",
	    [SCT_UNKNOWN_LOG] = "unknown log",
	    [SCT_UNKNOWN_VERSION] = "unknown version",
	    [SCT_MALFORMED] = "malformed",
	};

	return (size_t)verdict < ARRAY_LEN(NAMES) ? NAMES[verdict] : "unknown";
}
