#include "x509/dns.h"

#include <arpa/inet.h>
#include <idn2.h>

#include "base/text.h"
#include "x509_priv.h"

#define GLOB_MAX 63 /* a longer label is no DNS label, and patterns cost its square */

/* The canonical octet, 0 where it has to be escaped. */
static uint8_t
canonical_octet(uint8_t c)
{
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	    c == '_' || c == '*')
		return c;
	if (c >= 'A' && c <= 'Z')
		return (uint8_t)(c + 32);
	return 0;
}

static size_t
put_canonical(uint8_t c, char *out)
{
	uint8_t plain = canonical_octet(c);

	if (plain != 0) {
		out[0] = (char)plain;
		return 1;
	}
	out[0] = '\\';
	out[1] = 'x';
	hex_format(&c, 1, out + 2);
	return 4;
}

static struct bytes
without_trailing_dots(struct bytes name)
{
	while (name.len > 0 && name.data[name.len - 1] == '.')
		name.len--;
	return name;
}

bool
dns_canonical(struct bytes name, char *out, size_t room, size_t *len)
{
	size_t at = 0;

	name = without_trailing_dots(name);
	for (size_t i = 0; i < name.len; i++) {
		uint8_t plain = canonical_octet(name.data[i]);

		if (room - at < (plain != 0 ? 2U : 5U) || room < at)
			return false;
		if (plain != 0)
			out[at++] = (char)plain;
		else
			at += put_canonical(name.data[i], out + at);
	}
	if (room == at)
		return false;
	out[at] = '\0';
	*len = at;
	return true;
}

bool
dns_append_canonical(struct buf *out, struct bytes name)
{
	char text[8];

	name = without_trailing_dots(name);
	for (size_t i = 0; i < name.len && !out->failed; i++)
		buf_append(out, text, put_canonical(name.data[i], text));
	return !out->failed;
}

void
dns_reverse(const char *name, size_t len, char *out)
{
	size_t at = len;

	for (size_t i = 0; i < len;) {
		const char *dot = memchr(name + i, '.', len - i);
		size_t label = dot == NULL ? len - i : (size_t)(dot - (name + i));

		at -= label;
		memcpy(out + at, name + i, label);
		i += label;
		if (dot == NULL)
			break;
		out[--at] = '.';
		i++;
	}
	out[len] = '\0';
}

bool
dns_is_within(struct bytes name, struct bytes domain)
{
	const uint8_t *tail;

	if (name.len < domain.len || domain.len == 0)
		return false;
	tail = name.data + (name.len - domain.len);
	return memcmp(tail, domain.data, domain.len) == 0 &&
	    (name.len == domain.len || tail[-1] == '.');
}

bool
dns_is_wildcard(struct bytes name)
{
	return name.len > 0 && memchr(name.data, '*', name.len) != NULL;
}

/* Takes the right-most label off a name; false when there is none left. */
static bool
take_last_label(struct bytes *name, bool *more, struct bytes *label)
{
	const uint8_t *dot;

	if (!*more)
		return false;
	dot = name->len == 0 ? NULL : memrchr(name->data, '.', name->len);
	*more = dot != NULL;
	if (dot == NULL) {
		*label = *name;
		return true;
	}
	*label = bytes_of(dot + 1, (size_t)(name->data + name->len - dot) - 1);
	name->len = (size_t)(dot - name->data);
	return true;
}

/* '*' stands for any octets, a label of nothing else for at least one. */
static bool
label_fits(struct bytes pattern, struct bytes label)
{
	size_t p = 0, i = 0, star = SIZE_MAX, resume = 0;

	if (pattern.len > GLOB_MAX || label.len > GLOB_MAX)
		return bytes_equal(pattern, label);
	if (label.len == 0)
		return pattern.len == 0;
	while (i < label.len) {
		if (p < pattern.len && pattern.data[p] == '*') {
			star = p++;
			resume = i;
		} else if (p < pattern.len && pattern.data[p] == label.data[i]) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++resume;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.data[p] == '*')
		p++;
	return p == pattern.len;
}

/* Compares from the right; *left is true when the pattern has labels left, and
 * false is returned when the name has. */
static bool
labels_fit(struct bytes pattern, struct bytes name, bool *left)
{
	bool pattern_more = true, name_more = true;
	struct bytes pattern_label, name_label;

	if (pattern.len == 0 || name.len == 0)
		return false;
	while (take_last_label(&name, &name_more, &name_label))
		if (!take_last_label(&pattern, &pattern_more, &pattern_label) ||
		    !label_fits(pattern_label, name_label))
			return false;
	*left = pattern_more;
	return true;
}

bool
dns_wildcard_covers(struct bytes pattern, struct bytes name)
{
	bool left;

	return labels_fit(pattern, name, &left) && !left;
}

bool
dns_wildcard_touches(struct bytes pattern, struct bytes domain)
{
	bool left;

	return labels_fit(pattern, domain, &left);
}

static bool
is_ascii(struct bytes name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.data[i] >= 0x80)
			return false;
	return true;
}

/* Lower-case UTF-8 with a NUL behind, what libidn2 wants. */
static void
append_label_text(struct buf *out, struct bytes label)
{
	struct characters text = {.left = label, .tag = DER_IA5_STRING};
	uint32_t code_point;
	uint8_t octets[4];

	if (utf8_valid(label))
		text.tag = DER_UTF8_STRING;
	while (!out->failed && characters_next(&text, &code_point))
		buf_append(out, octets, utf8_put(fold_case(code_point), octets));
}

static bool
append_a_label(struct buf *out, struct bytes label, struct err *err)
{
	struct buf text;
	char *ascii = NULL;
	int rc;

	buf_init(&text, 4 * label.len + 1);
	append_label_text(&text, label);
	rc = idn2_to_ascii_8z(
	    buf_text(&text), &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc != IDN2_OK)
		rc = idn2_to_ascii_8z(
		    buf_text(&text), &ascii, IDN2_NFC_INPUT | IDN2_TRANSITIONAL);
	buf_free(&text);
	if (rc != IDN2_OK)
		return err_set(err, ERR_PARSE, "dns: no A-label: %s", idn2_strerror(rc));
	dns_append_canonical(out, bytes_text(ascii));
	idn2_free(ascii);
	return true;
}

bool
dns_append_ascii(struct buf *out, struct bytes name, struct err *err)
{
	name = without_trailing_dots(name);
	if (name.len > 0 && memchr(name.data, 0, name.len) != NULL)
		return err_set(err, ERR_PARSE, "dns: a NUL in the name");
	while (name.len > 0) {
		const uint8_t *dot = memchr(name.data, '.', name.len);
		size_t len = dot == NULL ? name.len : (size_t)(dot - name.data);
		struct bytes label = bytes_of(name.data, len);

		if (is_ascii(label))
			dns_append_canonical(out, label);
		else if (!append_a_label(out, label, err))
			return false;
		if (dot == NULL)
			break;
		buf_append_u8(out, '.');
		name = bytes_of(dot + 1, name.len - len - 1);
	}
	return out->failed ? err_set(err, ERR_LIMIT, "dns: name too long") : true;
}

bool
dns_append_unicode(struct buf *out, struct bytes name)
{
	char text[256], *unicode = NULL;

	if (name.len >= sizeof(text) || !is_ascii(name) ||
	    memchr(name.data, 0, name.len) != NULL ||
	    memmem(name.data, name.len, "xn--", 4) == NULL)
		return buf_append_bytes(out, name);
	memcpy(text, name.data, name.len);
	text[name.len] = '\0';
	if (idn2_to_unicode_8z8z(text, &unicode, 0) != IDN2_OK)
		return buf_append_bytes(out, name);
	buf_append_text(out, unicode);
	idn2_free(unicode);
	return !out->failed;
}

bool
dns_is_ip_text(struct bytes name, uint8_t *address, size_t *len)
{
	char text[INET6_ADDRSTRLEN + 1];

	if (name.len == 0 || name.len >= sizeof(text) ||
	    memchr(name.data, 0, name.len) != NULL)
		return false;
	memcpy(text, name.data, name.len);
	text[name.len] = '\0';
	*len = 4;
	if (inet_pton(AF_INET, text, address) == 1)
		return true;
	*len = 16;
	return inet_pton(AF_INET6, text, address) == 1;
}
