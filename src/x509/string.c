#include "base/text.h"
#include "x509/name.h"
#include "x509_priv.h"

#define REPLACEMENT 0xfffd

bool
is_string_tag(uint8_t tag)
{
	return tag == DER_UTF8_STRING || tag == DER_BMP_STRING ||
	    tag == DER_UNIVERSAL_STRING ||
	    (tag >= DER_NUMERIC_STRING && tag <= DER_IA5_STRING) ||
	    (tag >= DER_GRAPHIC_STRING && tag <= DER_GENERAL_STRING);
}

static size_t
next_utf16(struct bytes left, uint32_t *code_point)
{
	uint32_t low;

	*code_point = REPLACEMENT;
	if (left.len < 2)
		return left.len;
	*code_point = be16(left.data);
	if (*code_point < 0xd800 || *code_point > 0xdfff)
		return 2;
	if (*code_point < 0xdc00 && left.len >= 4) {
		low = be16(left.data + 2);
		if (low >= 0xdc00 && low <= 0xdfff) {
			*code_point =
			    0x10000 + ((*code_point - 0xd800) << 10) + (low - 0xdc00);
			return 4;
		}
	}
	*code_point = REPLACEMENT;
	return 2;
}

static bool
is_scalar(uint32_t value)
{
	return value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
}

static size_t
next_utf32(struct bytes left, uint32_t *code_point)
{
	*code_point = REPLACEMENT;
	if (left.len < 4)
		return left.len;
	if (is_scalar(be32(left.data)))
		*code_point = be32(left.data);
	return 4;
}

bool
characters_next(struct characters *text, uint32_t *code_point)
{
	size_t used = 0;

	if (text->left.len == 0)
		return false;
	if (text->tag == DER_BMP_STRING)
		used = next_utf16(text->left, code_point);
	else if (text->tag == DER_UNIVERSAL_STRING)
		used = next_utf32(text->left, code_point);
	else if (text->tag == DER_UTF8_STRING)
		used = utf8_next(text->left, code_point);
	if (used == 0) { /* one octet a character, or broken UTF-8: Latin-1 */
		*code_point = text->left.data[0];
		used = 1;
	}
	text->left = bytes_of(text->left.data + used, text->left.len - used);
	return true;
}

size_t
utf8_put(uint32_t c, uint8_t out[4])
{
	if (c < 0x80) {
		out[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (uint8_t)(0xc0 | c >> 6);
		out[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (uint8_t)(0xe0 | c >> 12);
		out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | c >> 18);
	out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

/* "#" and the element in hex: RFC 4514, 2.4. */
static bool
append_element_hex(struct buf *out, uint8_t tag, struct bytes value, size_t max)
{
	uint8_t header[DER_HEADER_MAX];
	size_t len = der_put_header(tag, value.len, header);

	buf_append_text(out, "#");
	for (size_t i = 0; i < len; i++)
		buf_append_format(out, "%02x", header[i]);
	for (size_t i = 0; i < value.len && i < max && !out->failed; i++)
		buf_append_format(out, "%02x", value.data[i]);
	if (value.len > max)
		buf_append_text(out, "...");
	return !out->failed;
}

bool
string_append_utf8(struct buf *out, uint8_t tag, struct bytes value)
{
	struct characters text = {.left = value, .tag = tag};
	uint32_t code_point;
	uint8_t octets[4];

	if (!is_string_tag(tag))
		return append_element_hex(out, tag, value, value.len);
	while (!out->failed && characters_next(&text, &code_point))
		buf_append(out, octets, utf8_put(code_point, octets));
	return !out->failed;
}

bool
string_append_safe(struct buf *out, uint8_t tag, struct bytes value, size_t max)
{
	struct characters text = {.left = value, .tag = tag};
	uint32_t code_point;
	uint8_t octets[4];

	if (!is_string_tag(tag))
		return append_element_hex(out, tag, value, max);
	for (size_t i = 0; !out->failed && characters_next(&text, &code_point); i++) {
		if (i == max)
			return buf_append_text(out, "...");
		text_append_safe(out, bytes_of(octets, utf8_put(code_point, octets)), 4);
	}
	return !out->failed;
}

size_t
string_length(uint8_t tag, struct bytes value)
{
	struct characters text = {.left = value, .tag = tag};
	uint32_t code_point;
	size_t count = 0;

	while (characters_next(&text, &code_point))
		count++;
	return count;
}

/* X.680, 41.4. */
static bool
is_printable_string(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '\'' && c <= ')') || (c >= '+' && c <= ':') || c == ' ' || c == '=' ||
	    c == '?';
}

static bool
octet_fits(uint8_t tag, uint8_t c)
{
	switch (tag) {
	case DER_PRINTABLE_STRING:
		return is_printable_string(c);
	case DER_NUMERIC_STRING:
		return (c >= '0' && c <= '9') || c == ' ';
	case DER_VISIBLE_STRING:
		return c >= 0x20 && c < 0x7f;
	case DER_IA5_STRING:
		return c < 0x80;
	default:
		return true;
	}
}

static bool
wide_fits(uint8_t tag, struct bytes value)
{
	size_t width = tag == DER_BMP_STRING ? 2 : 4;

	if (value.len % width != 0)
		return false;
	for (size_t i = 0; i < value.len; i += width)
		if (!is_scalar(width == 2 ? be16(value.data + i) : be32(value.data + i)))
			return false;
	return true;
}

uint32_t
der_string_flaws(uint8_t tag, struct bytes value)
{
	if (tag == DER_UTF8_STRING)
		return utf8_valid(value) ? 0 : FLAW_UTF8;
	if (tag == DER_BMP_STRING || tag == DER_UNIVERSAL_STRING)
		return wide_fits(tag, value) ? 0 : FLAW_STRING;
	for (size_t i = 0; i < value.len; i++)
		if (!octet_fits(tag, value.data[i]))
			return FLAW_STRING;
	return 0;
}

uint32_t
string_flaws(uint8_t tag, struct bytes value)
{
	return is_string_tag(tag) ? der_string_flaws(tag, value) : FLAW_TAG;
}

/* Blocks where upper and lower case stand by turns, the upper at an even or an
 * odd code point. */
static bool
alternates(uint32_t c, uint32_t *odd)
{
	*odd = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e);
	return *odd ||
	    (c >= 0x100 && c <= 0x177 && c != 0x130 && c != 0x131 && c != 0x138) ||
	    (c >= 0x460 && c <= 0x481) || (c >= 0x48a && c <= 0x4bf) ||
	    (c >= 0x4d0 && c <= 0x52f) || (c >= 0x1e00 && c <= 0x1e95) ||
	    (c >= 0x1ea0 && c <= 0x1eff);
}

static uint32_t
fold_greek(uint32_t c)
{
	if (c >= 0x391 && c <= 0x3ab)
		return c + 32;
	if (c == 0x386)
		return 0x3ac;
	if (c >= 0x388 && c <= 0x38a)
		return c + 37;
	if (c == 0x38c)
		return 0x3cc;
	if (c == 0x38e || c == 0x38f)
		return c + 63;
	return c == 0x3c2 ? 0x3c3 : c; /* final sigma */
}

uint32_t
fold_case(uint32_t c)
{
	uint32_t odd;

	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	if (c >= 0xc0 && c <= 0xde && c != 0xd7)
		return c + 32;
	if (alternates(c, &odd))
		return (c & 1) == odd ? c + 1 : c;
	if (c == 0x178)
		return 0xff;
	if (c >= 0x386 && c <= 0x3c2)
		return fold_greek(c);
	if (c >= 0x400 && c <= 0x40f)
		return c + 80;
	if (c >= 0x410 && c <= 0x42f)
		return c + 32;
	if (c >= 0xff21 && c <= 0xff3a) /* full width */
		return c + 32;
	return c;
}

bool
is_white_space(uint32_t c)
{
	if (c < 0x80)
		return c == ' ' || (c >= '\t' && c <= '\r');
	return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
	    c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool
is_invisible(uint32_t c)
{
	return c == 0xad || (c >= 0x200b && c <= 0x200f) || c == 0x2060 || c == 0xfeff;
}
