/* B3: names under onion, which stand for keys. */
#include "names_onion.h"

#include "names_priv.h"

#define V2_LEN 16
#define V3_LEN 56

/* --- what a v3 address says of itself --------------------------------------------- */

static bool
read_base32(uint8_t octet, unsigned *out)
{
	if (octet >= '2' && octet <= '7')
		*out = octet - '2' + 26u;
	else if ((octet | 0x20) >= 'a' && (octet | 0x20) <= 'z')
		*out = (octet | 0x20) - 'a' + 0u;
	else
		return false;
	return true;
}

static bool
is_base32(struct bytes label)
{
	unsigned digit;

	for (size_t i = 0; i < label.len; i++)
		if (!read_base32(label.data[i], &digit))
			return false;
	return true;
}

/* 56 digits are 35 octets without a bit left over. */
static bool
decode_v3(struct bytes label, uint8_t out[35])
{
	unsigned bits = 0, held = 0, digit;
	size_t len = 0;

	if (label.len != V3_LEN)
		return false;
	for (size_t i = 0; i < label.len; i++) {
		if (!read_base32(label.data[i], &digit))
			return false;
		bits = (bits << 5 | digit) & 0xfff;
		held += 5;
		if (held >= 8) {
			held -= 8;
			out[len++] = (uint8_t)(bits >> held);
		}
	}
	return true;
}

/* rend-spec-v3, 6: PUBKEY | CHECKSUM | VERSION. */
enum onion_v3
onion_v3_check(struct bytes label)
{
	static const char PREFIX[] = ".onion checksum";
	uint8_t octets[35], digest[32];
	uint8_t signed_part[sizeof(PREFIX) - 1 + 32 + 1];

	if (!decode_v3(label, octets))
		return ONION_V3_NONE;
	if (octets[34] != 3)
		return ONION_V3_VERSION;
	memcpy(signed_part, PREFIX, sizeof(PREFIX) - 1);
	memcpy(signed_part + sizeof(PREFIX) - 1, octets, 32);
	signed_part[sizeof(signed_part) - 1] = 3;
	sha3_256_of(bytes_of(signed_part, sizeof(signed_part)), digest);
	return memcmp(digest, octets + 32, 2) == 0 ? ONION_V3_GOOD : ONION_V3_CHECKSUM;
}

/* The label before onion. */
static struct bytes
key_label(struct bytes name)
{
	return dns_last_label(bytes_of(name.data, name.len - strlen(".onion")));
}

/* --- predicates ----------------------------------------------------------------------
 */

static bool
has_onion(const struct judged *it)
{
	return ((it->facts->dns_marks | it->facts->common_name.marks) & NAME_ONION) != 0;
}

static bool
has_tls_onion(const struct judged *it)
{
	return judged_in_tls_scope(it) && has_onion(it);
}

static bool
has_subscriber_onion(const struct judged *it)
{
	return judged_is_subscriber(it) && has_onion(it);
}

/* Until SC27 let other certificates have v3 names. */
static const struct rule_limit SC27[] = {{"notBefore before", DATE(2020, 3, 27)}, {0}};

static bool
is_onion_before_sc27(const struct judged *it)
{
	return judged_is_tls_subscriber(it) && has_onion(it) &&
	    it->cert->not_before < LIMIT_OF(SC27, 0);
}

/* The next name under onion; *at starts as 0, which is the commonName. */
static const struct fact_name *
next_onion(const struct judged_facts *facts, size_t *at)
{
	if (*at == 0) {
		*at = 1;
		if ((facts->common_name.marks & NAME_ONION) != 0)
			return &facts->common_name;
	}
	while (*at <= facts->name_count) {
		const struct fact_name *fact = &facts->names[(*at)++ - 1];

		if ((fact->marks & NAME_ONION) != 0)
			return fact;
	}
	return NULL;
}

/* --- rules ---------------------------------------------------------------------------
 */

static void
run_not_ev(struct trial *trial)
{
	size_t at = 0;

	if (!trial->it->facts->ev)
		fail_name(trial, next_onion(trial->it->facts, &at)->name.value,
		    "is under onion in a certificate that is not EV");
}

static void
run_onion_address(struct trial *trial)
{
	const struct fact_name *fact;
	size_t at = 0;

	while ((fact = next_onion(trial->it->facts, &at)) != NULL) {
		struct bytes key = key_label(fact->name.value);

		if (key.len == V2_LEN && !trial->it->facts->ev)
			fail_name(trial, fact->name.value,
			    "is a v2 address in a certificate that is not EV");
		else if ((key.len != V2_LEN && key.len != V3_LEN) || !is_base32(key))
			fail_name(
			    trial, fact->name.value, "is no address of an onion service");
	}
}

/* arg: enum onion_v3. */
static void
run_v3(struct trial *trial)
{
	const struct fact_name *fact;
	size_t at = 0;

	while ((fact = name_next_marked(trial->it->facts, NAME_ONION, &at)) != NULL)
		if (onion_v3_check(key_label(fact->name.value)) ==
		    (enum onion_v3)trial->rule->arg)
			fail_name(trial, fact->name.value, trial->rule->text);
}

/* Calendar months. */
static void
run_lifetime(struct trial *trial)
{
	size_t at = 0;

	if (add_months(trial->it->cert->not_before, (int)rule_limit(trial, 0)) <
	    trial->it->cert->not_after)
		fail_name(trial, next_onion(trial->it->facts, &at)->name.value,
		    "is under onion in a certificate of more than 15 months");
}

/* --- the Tor service descriptors
 * -------------------------------------------------------- */

static bool
has_v2(const struct judged *it)
{
	const struct fact_name *fact;
	size_t at = 0;

	while ((fact = next_onion(it->facts, &at)) != NULL)
		if (key_label(fact->name.value).len == V2_LEN)
			return true;
	return false;
}

static bool
wants_descriptors(const struct judged *it)
{
	if (!judged_in_tls_scope(it))
		return false;
	return cert_extension(it->cert, OID_TOR_SERVICE_DESCRIPTOR) != NULL ||
	    (judged_is_subscriber(it) && it->facts->ev && has_onion(it) && has_v2(it));
}

/* EVG App. F: TorServiceDescriptorHash. */
struct descriptor {
	struct bytes whole, uri, host, algorithm, hash;
};

static bool
read_descriptor(struct bytes value, struct descriptor *out)
{
	struct cursor at = cursor_of(value), algorithm;
	struct der part;

	if (!der_next_if(&at, DER_UTF8_STRING, &part))
		return false;
	out->uri = part.value;
	out->host = url_host(part.value);
	if (!der_next_if(&at, DER_SEQUENCE, &part))
		return false;
	algorithm = cursor_of(part.value);
	if (!der_next_if(&algorithm, DER_OID, &part))
		return false;
	out->algorithm = part.value;
	if (!der_next_if(&at, DER_BIT_STRING, &part) || part.value.len == 0)
		return false;
	out->hash = bytes_of(part.value.data + 1, part.value.len - 1);
	return true;
}

static size_t
hash_len_of(struct bytes algorithm)
{
	switch ((int)oid_find(algorithm)) {
	case OID_SHA256:
		return 32;
	case OID_SHA384:
		return 48;
	case OID_SHA512:
		return 64;
	default:
		return 0;
	}
}

/* The last two labels. */
static struct bytes
base_of(struct bytes name)
{
	struct bytes key = key_label(name);

	return bytes_of(key.data, (size_t)(name.data + name.len - key.data));
}

static bool
names_base(const struct judged_facts *facts, struct bytes host)
{
	const struct fact_name *fact;
	size_t at = 0;

	while ((fact = next_onion(facts, &at)) != NULL)
		if (bytes_same_fold(base_of(fact->name.value), host))
			return true;
	return false;
}

static const char *
what_is_wrong(const struct judged_facts *facts, const struct descriptor *descriptor)
{
	if (!url_has_scheme(descriptor->uri, "https") || descriptor->host.len == 0)
		return "is not for an https address";
	if (hash_len_of(descriptor->algorithm) == 0)
		return "has an unknown hash algorithm";
	if (hash_len_of(descriptor->algorithm) != descriptor->hash.len)
		return "has a hash of another length than its algorithm's";
	if (!names_base(facts, descriptor->host))
		return "is for a name that the certificate does not have";
	return NULL;
}

#define DESCRIPTORS_MAX 64

/* Reads them; false after a finding. */
static bool
read_descriptors(struct trial *trial, const struct extension *extension,
    struct descriptor *out, size_t *count)
{
	struct der list, each;
	struct cursor at;
	const char *wrong;

	*count = 0;
	if (!der_only(extension->value, &list) || list.tag != DER_SEQUENCE) {
		trial_fail(trial, extension->whole, "Tor descriptors that are no list");
		return false;
	}
	at = cursor_of(list.value);
	while (*count < DESCRIPTORS_MAX && der_next(&at, &each)) {
		struct descriptor *one = &out[*count];

		*one = (struct descriptor){.whole = each.whole};
		wrong = !read_descriptor(each.value, one)
		    ? "cannot be read"
		    : what_is_wrong(trial->it->facts, one);
		for (size_t i = 0; wrong == NULL && i < *count; i++)
			if (bytes_same_fold(out[i].host, one->host))
				wrong = "is the second one for its name";
		if (wrong != NULL) {
			trial_fail(trial, each.whole, "a Tor descriptor %s", wrong);
			return false;
		}
		++*count;
	}
	return true;
}

static bool
is_described(struct bytes name, const struct descriptor *descriptors, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bytes_same_fold(base_of(name), descriptors[i].host))
			return true;
	return false;
}

static void
run_descriptors(struct trial *trial)
{
	const struct extension *extension =
	    cert_extension(trial->it->cert, OID_TOR_SERVICE_DESCRIPTOR);
	struct descriptor descriptors[DESCRIPTORS_MAX];
	const struct fact_name *fact;
	size_t count, at = 0;

	if (extension == NULL) {
		trial_fail(
		    trial, bytes_of(NULL, 0), "a v2 onion name without Tor descriptors");
		return;
	}
	if (!read_descriptors(trial, extension, descriptors, &count))
		return;
	if (count == 0)
		trial_fail(trial, extension->whole, "an empty list of Tor descriptors");
	if (!trial->it->facts->ev)
		return;
	while ((fact = next_onion(trial->it->facts, &at)) != NULL)
		if (!is_described(fact->name.value, descriptors, count))
			fail_name(trial, fact->name.value, "has no Tor descriptor");
}

static const struct subrule ONION_INVALID[] = {
    RULE("not-ev", LEVEL_ERROR, "Ballot 144; EVG App. F", is_onion_before_sc27,
	run_not_ev, .limits = SC27, .from = DATE(2015, 5, 1),
	.equivalents = "zlint:e_san_dns_name_onion_not_ev_cert"),
    RULE("address", LEVEL_ERROR, "RFC 7686; EVG App. F; BR App. B (SC27)", has_tls_onion,
	run_onion_address, .from = DATE(2015, 5, 1),
	.equivalents = "zlint:e_san_dns_name_onion_invalid"),
    RULE("v3-name", LEVEL_ERROR, "BR App. B", has_tls_onion, run_v3, .arg = ONION_V3_NONE,
	.text = "has no v3 address before onion", .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.invalid_tor_v3_domain_name"),
    RULE("v3-version", LEVEL_ERROR, "BR App. B, C (SC27); rend-spec-v3 6", has_tls_onion,
	run_v3, .arg = ONION_V3_VERSION,
	.text = "has an address of another version than 3", .from = DATE(2020, 3, 27),
	.equivalents = "pkilint:cabf.serverauth.invalid_tor_version"),
    RULE("v3-checksum", LEVEL_ERROR, "BR App. B, C (SC27); rend-spec-v3 6", has_tls_onion,
	run_v3, .arg = ONION_V3_CHECKSUM, .text = "has an address with a wrong checksum",
	.from = DATE(2020, 3, 27),
	.equivalents = "pkilint:cabf.serverauth.invalid_tor_checksum"),
    RULE("descriptor", LEVEL_ERROR, "Ballot 201; EVG App. F", wants_descriptors,
	run_descriptors, .from = DATE(2017, 7, 28),
	.equivalents = "zlint:e_ext_tor_service_descriptor_hash_invalid; "
		       "certlint:I: Tor Service Descriptor in SAN"),
    RULE("lifetime", LEVEL_ERROR, "Ballot 144; EVG App. F", has_subscriber_onion,
	run_lifetime, LIMITS({"months", 15}), .from = DATE(2015, 5, 1),
	.flags = RULE_WINDOW,
	.equivalents = "zlint:e_onion_subject_validity_time_too_large"),
};

static const struct check CHECKS[] = {
    CHECK("onion-invalid", SCOPE_CERTIFICATE,
	"A name under onion stands for no key, or in a certificate that may not have it.",
	ONION_INVALID),
};

const struct check_family CHECK_NAMES_ONION = {"names", CHECKS, ARRAY_LEN(CHECKS)};
