#include "wire_priv.h"

#include "base/text.h"

json_t *
wire_json_object(struct bytes body, const char *what, struct err *err)
{
	json_error_t why;
	json_t *json =
	    json_loadb((const char *)body.data, body.len, JSON_REJECT_DUPLICATES, &why);

	if (json_is_object(json))
		return json;
	if (json == NULL) /* its text quotes the body: name the place alone */
		err_set(err, ERR_PARSE, "%s: no JSON at byte %d of %zu", what,
		    why.position, body.len);
	else
		err_set(err, ERR_PARSE, "%s: no JSON object", what);
	json_decref(json);
	return NULL;
}

bool
wire_json_number(const json_t *object, const char *key, uint64_t *out, struct err *err)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return err_set(err, ERR_PARSE, "%s is no whole number", key);
	*out = (uint64_t)json_integer_value(value);
	return true;
}

static struct bytes
text_of(const json_t *value)
{
	return bytes_of(json_string_value(value), json_string_length(value));
}

bool
wire_json_base64(const json_t *value, uint8_t *out, size_t max, size_t *len)
{
	struct bytes text = text_of(value);

	return json_is_string(value) && text.len / 4 * 3 <= max + 2 &&
	    base64_decode_to(text, out, len) && *len <= max;
}

bool
wire_json_hash(const json_t *value, struct sha256 *out)
{
	uint8_t decoded[SHA256_LEN + 2];
	size_t len;

	return wire_json_base64(value, decoded, SHA256_LEN, &len) &&
	    sha256_from(bytes_of(decoded, len), out);
}

bool
wire_json_base64_arena(const json_t *value, struct arena *arena, struct bytes *out)
{
	struct bytes text = text_of(value);
	uint8_t *data;
	size_t len;

	if (!json_is_string(value))
		return false;
	data = arena_alloc(arena, text.len / 4 * 3 + 1);
	if (!base64_decode_to(text, data, &len))
		return false;
	*out = bytes_of(data, len);
	return true;
}
