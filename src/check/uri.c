#include "uri.h"

#include "check_priv.h"

static bool
is_alpha(uint8_t octet)
{
	return (octet | 0x20) >= 'a' && (octet | 0x20) <= 'z';
}

static bool
is_digit(uint8_t octet)
{
	return octet >= '0' && octet <= '9';
}

static bool
is_hex(uint8_t octet)
{
	return is_digit(octet) || ((octet | 0x20) >= 'a' && (octet | 0x20) <= 'f');
}

static bool
has_octet(const char *set, uint8_t octet)
{
	return octet != 0 && strchr(set, octet) != NULL;
}

/* Up to the first octet of the set; what follows stays in text, that octet too. */
static struct bytes
take_until(struct bytes *text, const char *set)
{
	size_t len = 0;
	struct bytes part;

	while (len < text->len && !has_octet(set, text->data[len]))
		len++;
	part = bytes_of(text->data, len);
	*text = bytes_of(text->data + len, text->len - len);
	return part;
}

static bool
starts_with(struct bytes text, const char *start)
{
	return text.len >= strlen(start) && memcmp(text.data, start, strlen(start)) == 0;
}

static bool
escapes_are_whole(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '%' &&
		    (i + 2 >= text.len || !is_hex(text.data[i + 1]) ||
			!is_hex(text.data[i + 2])))
			return false;
	return true;
}

static bool
has_control(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < 0x20 || text.data[i] == 0x7f)
			return true;
	return false;
}

/* RFC 3986, 3.1. A text that begins with a colon has lost its scheme. */
static struct bytes
take_scheme(struct bytes *text, bool *broken)
{
	size_t len = 0;

	while (len < text->len &&
	    (is_alpha(text->data[len]) ||
		(len > 0 &&
		    (is_digit(text->data[len]) || has_octet("+-.", text->data[len])))))
		len++;
	if (len == text->len || text->data[len] != ':')
		return bytes_of(NULL, 0);
	*broken |= len == 0;
	*text = bytes_of(text->data + len + 1, text->len - len - 1);
	return bytes_of(text->data - len - 1, len);
}

static bool
is_port(struct bytes port)
{
	for (size_t i = 0; i < port.len; i++)
		if (!is_digit(port.data[i]))
			return false;
	return true;
}

/* RFC 3986, 3.2.2: reg-name, and octets of names that are not ASCII. */
static bool
is_host(struct bytes host)
{
	for (size_t i = 0; i < host.len; i++)
		if (!is_alpha(host.data[i]) && !is_digit(host.data[i]) &&
		    host.data[i] < 0x80 && !has_octet("-._~!$&'()*+,;=%", host.data[i]))
			return false;
	return true;
}

static bool
is_user(struct bytes user)
{
	for (size_t i = 0; i < user.len; i++)
		if (!is_alpha(user.data[i]) && !is_digit(user.data[i]) &&
		    !has_octet("-._~!$&'()*+,;=%:@", user.data[i]))
			return false;
	return true;
}

/* RFC 3986, 3.2. */
static void
split_authority(struct bytes authority, struct uri *out)
{
	const uint8_t *at =
	    authority.len > 0 ? memrchr(authority.data, '@', authority.len) : NULL;
	struct bytes port = {0};
	size_t end;

	if (at != NULL) {
		end = (size_t)(at - authority.data);
		out->has_user = true;
		out->broken |= !is_user(bytes_of(authority.data, end));
		authority = bytes_of(at + 1, authority.len - end - 1);
	}
	if (starts_with(authority, "[")) {
		at = memrchr(authority.data, ']', authority.len);
		end = at != NULL ? (size_t)(at + 1 - authority.data) : authority.len;
		out->broken |= at == NULL;
	} else {
		at = authority.len > 0 ? memrchr(authority.data, ':', authority.len)
				       : NULL;
		end = at != NULL ? (size_t)(at - authority.data) : authority.len;
		out->broken |= !is_host(bytes_of(authority.data, end));
	}
	out->host = bytes_of(authority.data, end);
	if (end < authority.len) {
		port = bytes_of(authority.data + end + 1, authority.len - end - 1);
		out->broken |= authority.data[end] != ':' || !is_port(port);
	}
}

void
uri_split(struct bytes text, struct uri *out)
{
	*out = (struct uri){.broken = has_control(text)};
	text = take_until(&text, "#");
	out->scheme = take_scheme(&text, &out->broken);
	text = take_until(&text, "?");
	if (out->scheme.len > 0 && !starts_with(text, "/")) {
		out->opaque = text;
		return;
	}
	if (starts_with(text, "//")) {
		text = bytes_of(text.data + 2, text.len - 2);
		split_authority(take_until(&text, "/"), out);
		out->broken |= !escapes_are_whole(out->host);
	} else if (out->scheme.len == 0) {
		struct bytes rest = text;
		struct bytes segment = take_until(&rest, "/");

		/* RFC 3986, 4.2: else it would read as a scheme. */
		out->broken |=
		    segment.len > 0 && memchr(segment.data, ':', segment.len) != NULL;
	}
	out->path = text;
	out->broken |= !escapes_are_whole(out->path);
}

/* Letters, digits, hyphens and underscores; others than ASCII too, which are for
 * other rules to judge. */
static bool
is_label(struct bytes label)
{
	for (size_t i = 0; i < label.len; i++)
		if (!is_alpha(label.data[i]) && !is_digit(label.data[i]) &&
		    label.data[i] < 0x80 && label.data[i] != '-' && label.data[i] != '_')
			return false;
	return label.len > 0 && label.len <= 63;
}

bool
uri_host_is_full(struct bytes host)
{
	size_t labels = 0;

	if (dns_is_address(host))
		return true;
	if (starts_with(host, "*."))
		host = bytes_of(host.data + 2, host.len - 2);
	for (;;) {
		if (!is_label(take_until(&host, ".")))
			return false;
		labels++;
		if (host.len <= 1)
			return labels > 1;
		host = bytes_of(host.data + 1, host.len - 1);
	}
}
