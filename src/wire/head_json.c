#include "wire/head_json.h"

#include <inttypes.h>

#include "base/text.h"
#include "wire_priv.h"

static bool
read_head(const json_t *json, struct head_json *out, struct err *err)
{
	uint8_t signature[SIGNED_MAX + 2];

	if (!wire_json_number(json, "tree_size", &out->tree_size, err) ||
	    !wire_json_number(json, "timestamp", &out->timestamp_ms, err))
		return false;
	if (!wire_json_hash(json_object_get(json, "sha256_root_hash"), &out->root))
		return err_set(
		    err, ERR_PARSE, "sha256_root_hash is no 32 bytes of base64");
	if (!wire_json_base64(json_object_get(json, "tree_head_signature"), signature,
		SIGNED_MAX, &out->signature_len))
		return err_set(err, ERR_PARSE, "tree_head_signature is no base64");
	memcpy(out->signature, signature, out->signature_len);
	return true;
}

bool
head_json_parse(struct bytes body, struct head_json *out, struct err *err)
{
	json_t *json = wire_json_object(body, "get-sth", err);
	bool ok;

	if (json == NULL)
		return false;
	ok = read_head(json, out, err);
	if (!ok)
		err_wrap(err, "get-sth");
	json_decref(json);
	return ok;
}

bool
head_json_append(struct buf *out, const struct head_json *head)
{
	return buf_append_format(out,
		   "{\"tree_size\":%" PRIu64 ",\"timestamp\":%" PRIu64
		   ",\"sha256_root_hash\":\"",
		   head->tree_size, head->timestamp_ms) &&
	    base64_encode(sha256_bytes(&head->root), out) &&
	    buf_append_text(out, "\",\"tree_head_signature\":\"") &&
	    base64_encode(bytes_of(head->signature, head->signature_len), out) &&
	    buf_append_text(out, "\"}");
}
