#include "ctlog/sth.h"

#include <inttypes.h>

#include "base/mem.h"
#include "base/text.h"
#include "wire/checkpoint.h"
#include "wire/head_json.h"

void
sth_init(struct sth *sth)
{
	*sth = (struct sth){0};
}

void
sth_fini(struct sth *sth)
{
	mem_free(sth->raw);
	sth_init(sth);
}

static void
set_raw(struct sth *sth, struct bytes raw)
{
	mem_free(sth->raw);
	sth->raw = mem_copy(raw.data, raw.len);
	sth->raw_len = raw.len;
}

void
sth_copy(struct sth *to, const struct sth *from)
{
	uint8_t *raw = from->raw != NULL ? mem_copy(from->raw, from->raw_len) : NULL;

	mem_free(to->raw);
	*to = *from;
	to->raw = raw;
}

bool
sth_from_json(struct bytes body, struct sth *out, struct err *err)
{
	struct head_json head;

	if (!head_json_parse(body, &head, err))
		return false;
	out->tree_size = head.tree_size;
	out->timestamp_ms = head.timestamp_ms;
	out->root = head.root;
	out->signature_len = head.signature_len;
	memcpy(out->signature, head.signature, head.signature_len);
	set_raw(out, body);
	return true;
}

/* RFC 6962, 3.5: TreeHeadSignature. */
void
sth_signed(const struct sth *sth, uint8_t out[STH_SIGNED_LEN])
{
	out[0] = 0; /* v1 */
	out[1] = 1; /* tree_hash */
	put_be64(out + 2, sth->timestamp_ms);
	put_be64(out + 10, sth->tree_size);
	memcpy(out + 18, sth->root.octets, SHA256_LEN);
}

bool
sth_verify(const struct sth *sth, const struct ct_log *log, struct err *err)
{
	struct digitally_signed by;
	uint8_t message[STH_SIGNED_LEN];

	sth_signed(sth, message);
	if (!signed_parse(bytes_of(sth->signature, sth->signature_len), &by, err) ||
	    !key_verify_log(log->key, by.hash_algorithm, by.signature_algorithm,
		bytes_of(message, sizeof(message)), by.signature, err))
		return err_wrap(err, "head of size %" PRIu64, sth->tree_size);
	return true;
}

/* The first line of the log's key id that verifies; else what was wrong with
 * the last of them. */
static bool
find_signature(const struct checkpoint *checkpoint, const struct ct_log *log,
    struct sth *sth, struct err *err)
{
	struct cursor lines = cursor_of(checkpoint->note.signatures);
	struct checkpoint_signature line;
	struct err last;
	bool found = false;

	for (;;) {
		if (!checkpoint_next_signature(
			&lines, checkpoint->origin, &log->id, &line, &last)) {
			if (last.code == ERR_NOT_FOUND)
				break;
			err_set(err, ERR_VERIFY, "%s", last.text);
			found = true;
			continue;
		}
		found = true;
		sth->timestamp_ms = line.timestamp_ms;
		sth->signature_len = line.len;
		memcpy(sth->signature, line.data, line.len);
		if (sth_verify(sth, log, err))
			return true;
	}
	if (!found)
		return err_set(err, ERR_NOT_FOUND, "%s", last.text);
	if (err != NULL && err->code != ERR_CRYPTO)
		err->code = ERR_VERIFY;
	return false;
}

bool
sth_from_checkpoint(
    struct bytes body, const struct ct_log *log, struct sth *out, struct err *err)
{
	struct checkpoint checkpoint;
	struct sth found = {0};

	if (!checkpoint_parse(body, &checkpoint, err))
		return false;
	if (!bytes_equal(checkpoint.origin, bytes_text(log->origin)))
		return err_set(err, ERR_VERIFY, "checkpoint: of another origin than %s",
		    log->origin);
	if (checkpoint.extensions.len != 0)
		return err_set(err, ERR_PARSE, "checkpoint: has extension lines");
	found.tree_size = checkpoint.tree_size;
	found.root = checkpoint.root;
	if (!find_signature(&checkpoint, log, &found, err))
		return false;
	sth_fini(out);
	*out = found;
	set_raw(out, body);
	return true;
}

bool
sth_from_body(
    struct bytes body, const struct ct_log *log, struct sth *out, struct err *err)
{
	if (log->kind == CT_LOG_STATIC)
		return sth_from_checkpoint(body, log, out, err);
	return sth_from_json(body, out, err) && sth_verify(out, log, err);
}

bool
sth_append_json(struct buf *out, const struct sth *sth)
{
	struct head_json head = {
	    .tree_size = sth->tree_size,
	    .timestamp_ms = sth->timestamp_ms,
	    .root = sth->root,
	    .signature_len = sth->signature_len,
	};

	memcpy(head.signature, sth->signature, sth->signature_len);
	return head_json_append(out, &head);
}

bool
sth_append_checkpoint(struct buf *out, const struct sth *sth, const struct ct_log *log)
{
	uint8_t blob[4 + 8 + SIGNED_MAX];

	note_key_id(bytes_text(log->origin), NOTE_RFC6962, sha256_bytes(&log->id), blob);
	put_be64(blob + 4, sth->timestamp_ms);
	memcpy(blob + 12, sth->signature, sth->signature_len);
	return buf_append_format(out, "%s\n%" PRIu64 "\n", log->origin, sth->tree_size) &&
	    base64_encode(sha256_bytes(&sth->root), out) &&
	    buf_append_format(out, "\n\n\xe2\x80\x94 %s ", log->origin) &&
	    base64_encode(bytes_of(blob, 12 + sth->signature_len), out) &&
	    buf_append_text(out, "\n");
}
