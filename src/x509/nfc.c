/* Whether text is in Unicode's normalization form C, which libidn2 asks first of
 * all when it is given a label. */
#include <idn2.h>

#include "base/mem.h"
#include "x509/name.h"

#define TEXT_MAX 4096

/* text has no dot and no NUL, but the one behind it. */
static bool
label_is_nfc(const char *text)
{
	uint8_t *ascii = NULL;
	int rc = idn2_lookup_u8((const uint8_t *)text, &ascii, IDN2_NO_TR46);

	idn2_free(ascii);
	return rc != IDN2_NOT_NFC;
}

/* A dot and a NUL combine with nothing, so what is between them may be asked for
 * alone. */
static bool
text_is_nfc(char *text, size_t len)
{
	size_t start = 0;

	for (size_t i = 0; i <= len; i++) {
		if (text[i] != '.' && text[i] != '\0')
			continue;
		text[i] = '\0';
		if (i > start && !label_is_nfc(text + start))
			return false;
		start = i + 1;
	}
	return true;
}

bool
string_is_nfc(uint8_t tag, struct bytes value)
{
	struct buf text;
	bool is = true;

	buf_init(&text, (size_t)4 * TEXT_MAX);
	if (value.len <= TEXT_MAX && string_append_utf8(&text, tag, value) &&
	    buf_append_u8(&text, 0))
		is = text_is_nfc((char *)text.data, text.len - 1);
	buf_free(&text);
	return is;
}
