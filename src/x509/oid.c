#include "x509/oid.h"

#include <ctype.h>
#include <inttypes.h>
#include <strings.h>

#include "x509/der.h"

struct known {
	const char *octets;
	uint8_t len;
	const char *short_name, *long_name;
};

#define KNOWN_ROW(name, octets, short_name, long_name)                                   \
	[name] = {octets, sizeof(octets) - 1, short_name, long_name},
static const struct known KNOWN[OID_COUNT] = {
    [OID_UNKNOWN] = {"", 0, "", ""}, OID_TABLE(KNOWN_ROW)};

/* The arcs that a certificate is full of are found by their last octet; what
 * is missing here is found below, only slower. */
static const uint8_t ATTRIBUTES[] = {
    [0x03] = OID_COMMON_NAME,
    [0x04] = OID_SURNAME,
    [0x05] = OID_SERIAL_NUMBER,
    [0x06] = OID_COUNTRY,
    [0x07] = OID_LOCALITY,
    [0x08] = OID_STATE,
    [0x09] = OID_STREET,
    [0x0a] = OID_ORGANIZATION,
    [0x0b] = OID_ORGANIZATIONAL_UNIT,
};
static const uint8_t EXTENSIONS[] = {
    [0x0e] = OID_SUBJECT_KEY_IDENTIFIER,
    [0x0f] = OID_KEY_USAGE,
    [0x11] = OID_SUBJECT_ALT_NAME,
    [0x13] = OID_BASIC_CONSTRAINTS,
    [0x1e] = OID_NAME_CONSTRAINTS,
    [0x1f] = OID_CRL_DISTRIBUTION_POINTS,
    [0x20] = OID_CERTIFICATE_POLICIES,
    [0x23] = OID_AUTHORITY_KEY_IDENTIFIER,
    [0x25] = OID_EXTENDED_KEY_USAGE,
};
static const uint8_t INTERNET_EXTENSIONS[] = {[0x01] = OID_AUTHORITY_INFO_ACCESS};
static const uint8_t USAGES[] = {
    [0x01] = OID_SERVER_AUTH,
    [0x02] = OID_CLIENT_AUTH,
};
static const uint8_t ACCESS[] = {
    [0x01] = OID_ACCESS_OCSP,
    [0x02] = OID_ACCESS_CA_ISSUERS,
};
static const uint8_t TRANSPARENCY[] = {
    [0x02] = OID_SCT_LIST,
    [0x03] = OID_POISON,
    [0x04] = OID_PRECERT_SIGNING,
};
static const uint8_t PKCS1[] = {
    [0x01] = OID_RSA,
    [0x05] = OID_SHA1_RSA,
    [0x0b] = OID_SHA256_RSA,
    [0x0c] = OID_SHA384_RSA,
    [0x0d] = OID_SHA512_RSA,
};
static const uint8_t ECDSA_SHA2[] = {
    [0x02] = OID_ECDSA_SHA256,
    [0x03] = OID_ECDSA_SHA384,
    [0x04] = OID_ECDSA_SHA512,
};
static const uint8_t RESERVED_POLICIES[] = {
    [0x01] = OID_POLICY_DV,
    [0x02] = OID_POLICY_OV,
    [0x03] = OID_POLICY_IV,
};
static const uint8_t PRIME_CURVES[] = {[0x07] = OID_P256};
static const uint8_t KEYS_X962[] = {[0x01] = OID_EC};

#define ARC(prefix, by_last)                                                             \
	{                                                                                \
		prefix, sizeof(prefix) - 1, by_last, sizeof(by_last)                     \
	}
static const struct arc {
	const char *prefix;
	uint8_t prefix_len;
	const uint8_t *by_last;
	uint8_t count;
} ARCS[] = {
    ARC("\x2b\x06\x01\x05\x05\x07\x01", INTERNET_EXTENSIONS),
    ARC("\x2b\x06\x01\x05\x05\x07\x03", USAGES),
    ARC("\x2b\x06\x01\x05\x05\x07\x30", ACCESS),
    ARC("\x2b\x06\x01\x04\x01\xd6\x79\x02\x04", TRANSPARENCY),
    ARC("\x2a\x86\x48\x86\xf7\x0d\x01\x01", PKCS1),
    ARC("\x2a\x86\x48\xce\x3d\x04\x03", ECDSA_SHA2),
    ARC("\x67\x81\x0c\x01\x02", RESERVED_POLICIES),
    ARC("\x2a\x86\x48\xce\x3d\x03\x01", PRIME_CURVES),
    ARC("\x2a\x86\x48\xce\x3d\x02", KEYS_X962),
};

static enum oid
find_common(struct bytes octets)
{
	size_t len = octets.len - 1;
	uint8_t last = octets.data[len];

	/* 2.5.29 and 2.5.4: nearly all that is asked for */
	if (len == 2 && octets.data[0] == 0x55 && octets.data[1] == 0x1d)
		return last < sizeof(EXTENSIONS) ? EXTENSIONS[last] : OID_UNKNOWN;
	if (len == 2 && octets.data[0] == 0x55 && octets.data[1] == 0x04)
		return last < sizeof(ATTRIBUTES) ? ATTRIBUTES[last] : OID_UNKNOWN;
	for (size_t i = 0; i < ARRAY_LEN(ARCS); i++) {
		const struct arc *arc = &ARCS[i];

		if (arc->prefix_len == len && memcmp(arc->prefix, octets.data, len) == 0)
			return last < arc->count ? arc->by_last[last] : OID_UNKNOWN;
	}
	return OID_UNKNOWN;
}

enum oid
oid_find(struct bytes octets)
{
	enum oid found;

	if (octets.len == 0)
		return OID_UNKNOWN;
	if ((found = find_common(octets)) != OID_UNKNOWN)
		return found;
	for (found = OID_UNKNOWN + 1; found < OID_COUNT; found++)
		if (KNOWN[found].len == octets.len &&
		    memcmp(KNOWN[found].octets, octets.data, octets.len) == 0)
			return found;
	return OID_UNKNOWN;
}

struct bytes
oid_octets(enum oid id)
{
	return bytes_of(KNOWN[id].octets, KNOWN[id].len);
}

const char *
oid_short_name(enum oid id)
{
	return KNOWN[id].short_name;
}

const char *
oid_long_name(enum oid id)
{
	return KNOWN[id].long_name;
}

static bool
equal_fold(const char *known, struct bytes name)
{
	return strlen(known) == name.len &&
	    strncasecmp(known, (const char *)name.data, name.len) == 0;
}

enum oid
oid_by_name(struct bytes name)
{
	for (enum oid id = OID_UNKNOWN + 1; id < OID_COUNT; id++)
		if (equal_fold(KNOWN[id].short_name, name) ||
		    equal_fold(KNOWN[id].long_name, name))
			return id;
	return OID_UNKNOWN;
}

static bool
append_hex(struct buf *out, struct bytes octets)
{
	buf_append_text(out, "#");
	for (size_t i = 0; i < octets.len; i++)
		buf_append_format(out, "%02x", octets.data[i]);
	return !out->failed;
}

/* X.690, 8.19: every arc fits 64 bits. */
static bool
arcs_fit(struct bytes octets)
{
	size_t run = 0;

	for (size_t i = 0; i < octets.len; i++) {
		run = octets.data[i] >= 0x80 ? run + 1 : 0;
		if (run > 8)
			return false;
	}
	return true;
}

bool
oid_append_dotted(struct buf *out, struct bytes octets)
{
	uint64_t arc = 0;
	bool first = true;

	if (der_oid_flaws(octets) != 0 || !arcs_fit(octets))
		return append_hex(out, octets);
	for (size_t i = 0; i < octets.len; i++) {
		arc = arc << 7 | (octets.data[i] & 0x7f);
		if (octets.data[i] >= 0x80)
			continue;
		if (first) {
			uint64_t root = arc < 80 ? arc / 40 : 2;

			buf_append_format(
			    out, "%" PRIu64 ".%" PRIu64, root, arc - 40 * root);
		} else {
			buf_append_format(out, ".%" PRIu64, arc);
		}
		first = false;
		arc = 0;
	}
	return !out->failed;
}

bool
oid_append_name(struct buf *out, struct bytes octets)
{
	enum oid id = oid_find(octets);

	if (id != OID_UNKNOWN)
		return buf_append_text(out, KNOWN[id].short_name);
	return oid_append_dotted(out, octets);
}

static bool
parse_arc(const char **text, uint64_t *arc)
{
	if (!isdigit((unsigned char)**text))
		return false;
	for (*arc = 0; isdigit((unsigned char)**text); (*text)++) {
		if (*arc > (UINT64_MAX >> 8) / 10)
			return false;
		*arc = *arc * 10 + (uint64_t)(**text - '0');
	}
	return true;
}

static void
append_arc(struct buf *out, uint64_t arc)
{
	uint8_t octets[10];
	size_t at = sizeof(octets);

	octets[--at] = (uint8_t)(arc & 0x7f);
	for (arc >>= 7; arc > 0; arc >>= 7)
		octets[--at] = (uint8_t)(0x80 | (arc & 0x7f));
	buf_append(out, octets + at, sizeof(octets) - at);
}

bool
oid_parse_dotted(const char *text, struct buf *out)
{
	uint64_t root, arc;

	if (!parse_arc(&text, &root) || root > 2 || *text++ != '.' ||
	    !parse_arc(&text, &arc) || (root < 2 && arc > 39))
		return false;
	append_arc(out, 40 * root + arc);
	while (*text != '\0') {
		if (*text++ != '.' || !parse_arc(&text, &arc))
			return false;
		append_arc(out, arc);
	}
	return !out->failed;
}
