#include "base/json.h"

#include <inttypes.h>

#include "base/text.h"

void
json_init(struct json *json, struct buf *out)
{
	*json = (struct json){.out = out};
}

/* RFC 8259, 7, with all but ASCII as \u escapes; what is no UTF-8 becomes
 * U+FFFD. */
static void
append_string(struct buf *out, struct bytes text)
{
	buf_append_u8(out, '"');
	while (text.len > 0) {
		uint32_t c;
		size_t len = utf8_next(text, &c);

		if (len == 0) {
			c = 0xfffd;
			len = 1;
		}
		if (c == '"' || c == '\\')
			buf_append_format(out, "\\%c", (char)c);
		else if (c >= 0x20 && c < 0x7f)
			buf_append_u8(out, (uint8_t)c);
		else if (c < 0x10000)
			buf_append_format(out, "\\u%04" PRIx32, c);
		else
			buf_append_format(out, "\\u%04" PRIx32 "\\u%04" PRIx32,
			    0xd800 + ((c - 0x10000) >> 10), 0xdc00 + (c & 0x3ff));
		text = bytes_of(text.data + len, text.len - len);
	}
	buf_append_u8(out, '"');
}

static void
begin_value(struct json *json, const char *key)
{
	if (json->comma)
		buf_append_u8(json->out, ',');
	json->comma = true;
	if (key != NULL) {
		append_string(json->out, bytes_text(key));
		buf_append_u8(json->out, ':');
	}
}

static void
begin_level(struct json *json, const char *key, char bracket)
{
	begin_value(json, key);
	buf_append_u8(json->out, (uint8_t)bracket);
	json->comma = false;
}

static void
end_level(struct json *json, char bracket)
{
	buf_append_u8(json->out, (uint8_t)bracket);
	json->comma = true;
}

void
json_begin_object(struct json *json, const char *key)
{
	begin_level(json, key, '{');
}

void
json_end_object(struct json *json)
{
	end_level(json, '}');
}

void
json_begin_array(struct json *json, const char *key)
{
	begin_level(json, key, '[');
}

void
json_end_array(struct json *json)
{
	end_level(json, ']');
}

void
json_put_text(struct json *json, const char *key, const char *text)
{
	if (text == NULL) {
		json_put_null(json, key);
		return;
	}
	begin_value(json, key);
	append_string(json->out, bytes_text(text));
}

void
json_put_number(struct json *json, const char *key, int64_t number)
{
	begin_value(json, key);
	buf_append_format(json->out, "%" PRId64, number);
}

void
json_put_bool(struct json *json, const char *key, bool value)
{
	begin_value(json, key);
	buf_append_text(json->out, value ? "true" : "false");
}

void
json_put_null(struct json *json, const char *key)
{
	begin_value(json, key);
	buf_append_text(json->out, "null");
}

void
json_put_hex(struct json *json, const char *key, struct bytes data)
{
	char hex[3];

	begin_value(json, key);
	buf_append_u8(json->out, '"');
	for (size_t i = 0; i < data.len; i++)
		buf_append(json->out, hex_format(data.data + i, 1, hex), 2);
	buf_append_u8(json->out, '"');
}

void
json_put_time(struct json *json, const char *key, int64_t unix_ms)
{
	char text[TIME_TEXT_LEN];

	json_put_text(json, key, time_format(unix_ms, text));
}

void
json_put_safe(struct json *json, const char *key, struct bytes data, size_t max)
{
	struct buf safe;

	/* One byte grows to four at most (\xNN); "\u{N}" is shorter a byte. */
	buf_init(&safe, 4 * (data.len < max ? data.len : max) + 8);
	text_append_safe(&safe, data, max);
	begin_value(json, key);
	append_string(json->out, buf_bytes(&safe));
	buf_free(&safe);
}

void
json_put_raw(struct json *json, const char *key, struct bytes value)
{
	begin_value(json, key);
	buf_append_bytes(json->out, value);
}
