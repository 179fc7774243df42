/*
 * What a name looks like: the skeleton of UTS 39, for names that imitate a watched
 * one.
 *
 * The table is a part of Unicode's confusables.txt (10.0, and unchanged since as
 * far as it goes): code points that IDNA lets into a label and that are confused
 * with one ASCII letter or digit, in the scripts that registries take. Imitations
 * by other letters with accents, by ligatures or by several code points for one
 * are not known here.
 */
#include "watch_priv.h"

#include "base/text.h"
#include "x509/punycode.h"

struct confusable {
	uint16_t point;
	uint8_t ascii;
};

/* Ascending. */
static const struct confusable CONFUSABLES[] = {
    /* Latin */
    {0x0131, 'i'},
    {0x018d, 'g'},
    {0x01bd, 's'},
    {0x0251, 'a'},
    {0x0261, 'g'},
    {0x0263, 'y'},
    {0x0269, 'i'},
    {0x026a, 'i'},
    {0x026f, 'w'},
    {0x028b, 'u'},
    {0x028f, 'y'},
    /* Greek */
    {0x03b1, 'a'},
    {0x03b3, 'y'},
    {0x03b9, 'i'},
    {0x03bd, 'v'},
    {0x03bf, 'o'},
    {0x03c1, 'p'},
    {0x03c3, 'o'},
    {0x03c5, 'u'},
    {0x03f3, 'j'},
    /* Cyrillic */
    {0x0430, 'a'},
    {0x0431, '6'},
    {0x0433, 'r'},
    {0x0435, 'e'},
    {0x043e, 'o'},
    {0x0440, 'p'},
    {0x0441, 'c'},
    {0x0443, 'y'},
    {0x0445, 'x'},
    {0x0455, 's'},
    {0x0456, 'i'},
    {0x0458, 'j'},
    {0x0461, 'w'},
    {0x0475, 'v'},
    {0x04af, 'y'},
    {0x04bb, 'h'},
    {0x04bd, 'e'},
    {0x04cf, 'i'},
    {0x0501, 'd'},
    {0x051b, 'q'},
    {0x051d, 'w'},
    /* Armenian */
    {0x0561, 'w'},
    {0x0563, 'q'},
    {0x0566, 'q'},
    {0x0570, 'h'},
    {0x0578, 'n'},
    {0x057c, 'n'},
    {0x057d, 'u'},
    {0x0581, 'g'},
    {0x0584, 'f'},
    {0x0585, 'o'},
    /* Hebrew, Arabic */
    {0x05d5, 'l'},
    {0x05d8, 'v'},
    {0x05df, 'l'},
    {0x05e1, 'o'},
    {0x0627, 'l'},
    {0x0647, 'o'},
    {0x0661, 'l'},
    {0x0665, 'o'},
    {0x06be, 'o'},
    {0x06c1, 'o'},
    {0x06d5, 'o'},
    {0x06f1, 'l'},
    {0x06f5, 'o'},
    /* digits and letters of South and South-East Asia, Georgian */
    {0x0966, 'o'},
    {0x09e6, 'o'},
    {0x0a66, 'o'},
    {0x0ae6, 'o'},
    {0x0b66, 'o'},
    {0x0be6, 'o'},
    {0x0c66, 'o'},
    {0x0ce6, 'o'},
    {0x0d20, 'o'},
    {0x0d66, 'o'},
    {0x0e50, 'o'},
    {0x0ed0, 'o'},
    {0x101d, 'o'},
    {0x1040, 'o'},
    {0x10e7, 'y'},
    {0x10ff, 'o'},
    /* more of Latin */
    {0x1d04, 'c'},
    {0x1d0f, 'o'},
    {0x1d11, 'o'},
    {0x1d1c, 'u'},
    {0x1d20, 'v'},
    {0x1d21, 'w'},
    {0x1d22, 'z'},
    {0x1d26, 'r'},
    {0x1d83, 'g'},
    {0x1d8c, 'y'},
    {0x1eff, 'y'},
};

/* 0: none. */
static uint8_t
looks_like(uint32_t point)
{
	size_t low = 0, high = ARRAY_LEN(CONFUSABLES), middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (CONFUSABLES[middle].point == point)
			return CONFUSABLES[middle].ascii;
		if (CONFUSABLES[middle].point < point)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

/* Of ASCII UTS 39 takes 0 for O, 1 for l, and m for rn. */
static void
append_ascii(struct buf *out, uint8_t c)
{
	c = WATCH_FOLD[c];
	if (c == 'm')
		buf_append_text(out, "rn");
	else
		buf_append_u8(out, (uint8_t)(c == '0' ? 'o' : c == '1' ? 'l' : c));
}

static void
append_point(struct buf *out, struct bytes encoded, uint32_t point)
{
	uint8_t ascii = point < 0x80 ? (uint8_t)point : looks_like(point);

	if (ascii != 0)
		append_ascii(out, ascii);
	else
		buf_append_bytes(out, encoded);
}

static bool
is_encoded(struct bytes label)
{
	return label.len > 4 && (label.data[0] | 0x20) == 'x' &&
	    (label.data[1] | 0x20) == 'n' && label.data[2] == '-' && label.data[3] == '-';
}

static void
append_label(struct buf *out, struct bytes label)
{
	char utf8[PUNYCODE_UTF8_ROOM];
	uint32_t point;
	size_t len, step;

	if (!is_encoded(label) ||
	    !punycode_decode(bytes_of(label.data + 4, label.len - 4), utf8, &len)) {
		for (size_t i = 0; i < label.len; i++)
			append_ascii(out, label.data[i]);
		return;
	}
	for (size_t i = 0; i < len; i += step) {
		struct bytes left = bytes_of(utf8 + i, len - i);

		step = utf8_next(left, &point);
		if (step == 0)
			return;
		append_point(out, bytes_of(left.data, step), point);
	}
}

void
watch_skeleton(struct bytes name, struct buf *out)
{
	size_t start = 0;

	for (size_t i = 0; i <= name.len; i++) {
		if (i < name.len && name.data[i] != '.')
			continue;
		append_label(out, bytes_of(name.data + start, i - start));
		if (i < name.len)
			buf_append_u8(out, '.');
		start = i + 1;
	}
}

/* Most names hold nothing that is taken for something else. */
bool
watch_may_imitate(struct bytes name)
{
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.data[i];

		if (c == '0' || c == '1' ||
		    (i + 1 < name.len && WATCH_FOLD[c] == 'r' &&
			WATCH_FOLD[name.data[i + 1]] == 'n') ||
		    is_encoded(bytes_of(name.data + i, name.len - i)))
			return true;
	}
	return false;
}
