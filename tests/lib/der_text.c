#include "tests/lib/der_text.h"

#include <ctype.h>

#include "tests/lib/unit.h"

#define CONTENT_MAX ((size_t)1 << 20)

static void
put_length(struct buf *out, size_t len)
{
	if (len < 0x80) {
		buf_append_u8(out, (uint8_t)len);
	} else if (len < 0x100) {
		buf_append_u8(out, 0x81);
		buf_append_u8(out, (uint8_t)len);
	} else if (len < 0x10000) {
		buf_append_u8(out, 0x82);
		buf_append_be16(out, (uint16_t)len);
	} else {
		buf_append_u8(out, 0x83);
		buf_append_be24(out, (uint32_t)len);
	}
}

static const char *
put_octet(struct buf *out, const char *at)
{
	char pair[3] = {at[0], at[0] == '\0' ? '\0' : at[1], '\0'};
	uint8_t octet;

	ck_assert_msg(hex_parse(pair, &octet, 1), "der_text: bad hex at \"%.30s\"", at);
	buf_append_u8(out, octet);
	return at + 2;
}

static const char *
put_quoted(struct buf *out, const char *at)
{
	const char *end = strchr(at, '\'');

	ck_assert_msg(end != NULL, "der_text: no end of '%.30s", at);
	buf_append(out, at, (size_t)(end - at));
	return end + 1;
}

/* Up to the closing parenthesis or the end. */
static const char *
put_content(struct buf *out, const char *at)
{
	while (*at != '\0' && *at != ')') {
		if (isspace((unsigned char)*at)) {
			at++;
		} else if (*at == '\'') {
			at = put_quoted(out, at + 1);
		} else if (*at == '(') {
			struct buf inside;

			buf_init(&inside, CONTENT_MAX);
			at = put_content(&inside, at + 1);
			ck_assert_msg(*at == ')', "der_text: ')' is missing");
			put_length(out, inside.len);
			buf_append_bytes(out, buf_bytes(&inside));
			buf_free(&inside);
			at++;
		} else {
			at = put_octet(out, at);
		}
	}
	return at;
}

struct buf
der_text(const char *text)
{
	struct buf out;
	const char *end;

	buf_init(&out, CONTENT_MAX);
	end = put_content(&out, text);
	ck_assert_msg(*end == '\0', "der_text: a ')' too many");
	return out;
}
