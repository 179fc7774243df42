#include "wire/about_json.h"

#include "wire_priv.h"

#define KEY_MAX 2048

bool
about_json_parse(struct bytes body, struct about_json *out, struct err *err)
{
	json_t *json = wire_json_object(body, "log.v3.json", err);
	uint8_t key[KEY_MAX + 2];
	size_t len;

	*out = (struct about_json){0};
	if (json == NULL)
		return false;
	out->has_log_id = wire_json_hash(json_object_get(json, "log_id"), &out->log_id);
	out->has_key = wire_json_base64(json_object_get(json, "key"), key, KEY_MAX, &len);
	if (out->has_key)
		sha256_of(bytes_of(key, len), &out->key_hash);
	json_decref(json);
	return true;
}

bool
about_json_is_of(const struct about_json *about, const struct sha256 *log_id)
{
	return (!about->has_log_id || sha256_equal(&about->log_id, log_id)) &&
	    (!about->has_key || sha256_equal(&about->key_hash, log_id));
}
