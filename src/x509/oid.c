#include "x509/oid.h"

#include <ctype.h>
#include <inttypes.h>
#include <pthread.h>
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

/* Identifiers differ at their end: they are found by their last four octets. */
#define SLOTS 512
static uint8_t slots[SLOTS]; /* enum oid, open addressing; 0: empty */
static pthread_once_t once = PTHREAD_ONCE_INIT;
_Static_assert(OID_COUNT <= UINT8_MAX, "an OID fits a slot");

static size_t
first_slot(const uint8_t *octets, size_t len)
{
	uint32_t end = 0;

	for (size_t i = len > 4 ? len - 4 : 0; i < len; i++)
		end = end << 8 | octets[i];
	return (end * 0x9e3779b1U + (uint32_t)len) >> 23;
}

/* Where it is, or where it would be. */
static uint8_t *
slot_of(struct bytes octets)
{
	size_t at = first_slot(octets.data, octets.len);

	for (; slots[at] != OID_UNKNOWN; at = (at + 1) % SLOTS) {
		const struct known *known = &KNOWN[slots[at]];

		if (known->len == octets.len &&
		    memcmp(known->octets, octets.data, octets.len) == 0)
			break;
	}
	return &slots[at];
}

static void
fill_slots(void)
{
	for (enum oid id = OID_UNKNOWN + 1; id < OID_COUNT; id++)
		*slot_of(oid_octets(id)) = (uint8_t)id;
}

enum oid
oid_find(struct bytes octets)
{
	pthread_once(&once, fill_slots);
	return octets.len == 0 ? OID_UNKNOWN : *slot_of(octets);
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
