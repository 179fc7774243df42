#include "names_priv.h"
#include "number.h"

static void
derive_ekus(struct judged_facts *facts)
{
	static const struct {
		enum oid id;
		enum fact_eku bit;
	} BITS[] = {
	    {OID_SERVER_AUTH, EKU_SERVER},
	    {OID_CLIENT_AUTH, EKU_CLIENT},
	    {OID_CODE_SIGNING, EKU_CODE},
	    {OID_EMAIL_PROTECTION, EKU_EMAIL},
	    {OID_TIME_STAMPING, EKU_TIME},
	    {OID_OCSP_SIGNING, EKU_OCSP},
	    {OID_ANY_EKU, EKU_ANY},
	    {OID_PRECERT_SIGNING, EKU_PRECERT},
	};
	struct oid_element element;
	struct oid_iter oids;

	extension_oids_begin(facts->eku_at, &oids);
	while (oid_iter_next(&oids, &element)) {
		unsigned bit = EKU_OTHER;

		for (size_t i = 0; i < ARRAY_LEN(BITS); i++)
			if (BITS[i].id == element.id)
				bit = BITS[i].bit;
		facts->ekus |= bit;
		facts->eku_count++;
	}
}

/* EV policies that CAs had of their own, as root programs listed them. */
#define OID(octets)                                                                      \
	{                                                                                \
		(const uint8_t *)(octets), sizeof(octets) - 1                            \
	}
static const struct bytes EV_POLICIES[] = {
    OID("\x2b\x81\x1f\x01\x11\x01"),                 /* 1.3.159.1.17.1 */
    OID("\x2b\x06\x01\x04\x01\x82\x8f\x09\x02\x01"), /* 1.3.6.1.4.1.34697.2.1 */
    OID("\x2b\x06\x01\x04\x01\x82\x8f\x09\x02\x02"), /* 1.3.6.1.4.1.34697.2.2 */
    OID("\x2b\x06\x01\x04\x01\x82\x8f\x09\x02\x03"), /* 1.3.6.1.4.1.34697.2.3 */
    OID("\x2b\x06\x01\x04\x01\x82\x8f\x09\x02\x04"), /* 1.3.6.1.4.1.34697.2.4 */
    OID("\x2a\x28\x00\x11\x01\x16"),                 /* 1.2.40.0.17.1.22 */
    OID("\x60\x84\x42\x01\x1a\x01\x03\x03"),         /* 2.16.578.1.26.1.3.3 */
    OID("\x2b\x06\x01\x04\x01\x81\x87\x2e\x0a\x0e\x02\x01\x02"), /* 1.3.6.1.4.1.17326.10.14.2.1.2
								  */
    OID("\x2b\x06\x01\x04\x01\x81\x87\x2e\x0a\x08\x02\x01\x02"), /* 1.3.6.1.4.1.17326.10.8.2.1.2
								  */
    OID("\x2b\x06\x01\x04\x01\xb2\x31\x01\x02\x01\x05\x01"), /* 1.3.6.1.4.1.6449.1.2.1.5.1
							      */
    OID("\x60\x86\x48\x01\x86\xfd\x6c\x02\x01"),             /* 2.16.840.1.114412.2.1 */
    OID("\x60\x86\x48\x01\x86\xfd\x6c\x01\x03\x00\x02"), /* 2.16.840.1.114412.1.3.0.2 */
    OID("\x60\x84\x10\x01\x87\x69\x01\x01\x01\x0c\x06\x01\x01\x01"), /* 2.16.528.1.1001.1.1.1.12.6.1.1.1
								      */
    OID("\x60\x86\x18\x03\x00\x04\x01\x01\x04"),         /* 2.16.792.3.0.4.1.1.4 */
    OID("\x60\x86\x48\x01\x86\xfa\x6c\x0a\x01\x02"),     /* 2.16.840.1.114028.10.1.2 */
    OID("\x04\x00\x8f\x7a\x01\x04"),                     /* 0.4.0.2042.1.4 */
    OID("\x04\x00\x8f\x7a\x01\x05"),                     /* 0.4.0.2042.1.5 */
    OID("\x2b\x06\x01\x04\x01\xe6\x79\x0a\x01\x03\x0a"), /* 1.3.6.1.4.1.13177.10.1.3.10 */
    OID("\x2b\x06\x01\x04\x01\xf0\x22\x01\x06"),         /* 1.3.6.1.4.1.14370.1.6 */
    OID("\x2b\x06\x01\x04\x01\xa0\x32\x01\x01"),         /* 1.3.6.1.4.1.4146.1.1 */
    OID("\x60\x86\x48\x01\x86\xfd\x6d\x01\x07\x17\x03"), /* 2.16.840.1.114413.1.7.23.3 */
    OID("\x2b\x06\x01\x04\x01\xf3\x39\x06\x01\x01"),     /* 1.3.6.1.4.1.14777.6.1.1 */
    OID("\x60\x86\x18\x01\x02\x01\x01\x05\x07\x01\x09"), /* 2.16.792.1.2.1.1.5.7.1.9 */
    OID("\x2b\x06\x01\x04\x01\x86\x0e\x01\x02\x01\x08\x01"), /* 1.3.6.1.4.1.782.1.2.1.8.1
							      */
    OID("\x2b\x06\x01\x04\x01\x81\xad\x5a\x02\x05\x02\x03\x01"), /* 1.3.6.1.4.1.22234.2.5.2.3.1
								  */
    OID("\x2b\x06\x01\x04\x01\xbe\x58\x00\x02\x64\x01\x02"), /* 1.3.6.1.4.1.8024.0.2.100.1.2
							      */
    OID("\x2a\x83\x08\x8c\x9b\x1b\x64\x85\x51\x01"),     /* 1.2.392.200091.100.721.1 */
    OID("\x60\x86\x48\x01\x86\xfd\x6e\x01\x07\x17\x03"), /* 2.16.840.1.114414.1.7.23.3 */
    OID("\x2b\x06\x01\x04\x01\x81\xb5\x37\x02"),         /* 1.3.6.1.4.1.23223.2 */
    OID("\x2b\x06\x01\x04\x01\x81\xb5\x37\x01\x01\x01"), /* 1.3.6.1.4.1.23223.1.1.1 */
    OID("\x60\x85\x74\x01\x53\x15\x00"),                 /* 2.16.756.1.83.21.0 */
    OID("\x60\x85\x74\x01\x59\x01\x02\x01\x01"),         /* 2.16.756.1.89.1.2.1.1 */
    OID("\x2b\x06\x01\x04\x01\xbd\x47\x0d\x18\x01"),     /* 1.3.6.1.4.1.7879.13.24.1 */
    OID("\x60\x86\x48\x01\x86\xf8\x45\x01\x07\x30\x01"), /* 2.16.840.1.113733.1.7.48.1 */
    OID("\x60\x86\x48\x01\x86\xfd\x64\x01\x01\x02\x04\x01"), /* 2.16.840.1.114404.1.1.2.4.1
							      */
    OID("\x60\x86\x48\x01\x86\xf8\x45\x01\x07\x17\x06"), /* 2.16.840.1.113733.1.7.23.6 */
    OID("\x2b\x06\x01\x04\x01\xb1\x3e\x01\x64\x01"),     /* 1.3.6.1.4.1.6334.1.100.1 */
    OID("\x60\x86\x48\x01\x86\xfb\x7b\x83\x74\x09"),     /* 2.16.840.1.114171.500.9 */
    OID("\x2b\x06\x01\x04\x01\x82\x9b\x51\x02"),         /* 1.3.6.1.4.1.36305.2 */
};

static bool
is_ev_policy(struct bytes oid)
{
	for (size_t i = 0; i < ARRAY_LEN(EV_POLICIES); i++)
		if (bytes_equal(oid, EV_POLICIES[i]))
			return true;
	return false;
}

static void
derive_policies(struct judged_facts *facts)
{
	static const struct {
		enum oid id;
		enum fact_policy bit;
	} BITS[] = {
	    {OID_POLICY_DV, POLICY_DV},
	    {OID_POLICY_OV, POLICY_OV},
	    {OID_POLICY_IV, POLICY_IV},
	    {OID_POLICY_EV, POLICY_EV},
	    {OID_ANY_POLICY, POLICY_ANY},
	};
	struct policy_iter policies;
	struct policy policy;

	extension_policies_begin(facts->policies_at, &policies);
	while (policy_next(&policies, &policy)) {
		for (size_t i = 0; i < ARRAY_LEN(BITS); i++)
			if (BITS[i].id == policy.id) {
				facts->policies |= BITS[i].bit;
				facts->reserved_count +=
				    (BITS[i].bit & POLICY_RESERVED) != 0;
			}
		facts->ev |= policy.id == OID_POLICY_EV ||
		    (policy.id == OID_UNKNOWN && is_ev_policy(policy.oid));
		facts->policy_count++;
	}
}

static void
derive_dns(struct fact_name *fact, const struct check_params *params)
{
	struct bytes name = fact->name.value;

	fact->marks = name_marks(name);
	fact->suffix = dns_suffix_kind(params, name_without_star(name));
	if ((fact->oddities & DNS_IP_TEXT) != 0)
		fact->marks |= NAME_ADDRESS;
}

/* Counts first, so that the array fits a certificate with thousands of names. */
static void
derive_names(
    struct judged_facts *facts, const struct check_params *params, struct arena *arena)
{
	struct general_name_iter names;
	struct general_name name;
	size_t count = 0;

	extension_names_begin(facts->san_at, &names);
	while (general_name_next(&names, &name))
		count++;
	facts->names = arena_zero(arena, count + 1, sizeof(*facts->names));
	extension_names_begin(facts->san_at, &names);
	while (facts->name_count < count && general_name_next(&names, &name)) {
		struct fact_name *fact = &facts->names[facts->name_count++];

		fact->name = name;
		facts->name_kinds |= 1u << name.kind;
		if (name.kind != GENERAL_DNS)
			continue;
		fact->oddities = dns_oddities(name.value);
		derive_dns(fact, params);
		facts->name_oddities |= fact->oddities;
		facts->dns_marks |= fact->marks;
		facts->dns_count++;
	}
}

static struct name_attribute *
attributes_of(struct bytes name, struct arena *arena, size_t *count)
{
	struct name_attribute attribute, *all;
	struct name_iter attributes;
	size_t most = 0;

	name_begin(name, &attributes);
	while (name_next(&attributes, &attribute))
		most++;
	all = arena_zero(arena, most + 1, sizeof(*all));
	name_begin(name, &attributes);
	for (*count = 0; *count < most && name_next(&attributes, &all[*count]);)
		(*count)++;
	return all;
}

static void
derive_residues(struct judged_facts *facts, struct arena *arena)
{
	uint16_t *residues;

	if (!facts->has_spki || facts->spki.modulus.len == 0)
		return;
	residues = arena_alloc(arena, NUMBER_PRIMES * sizeof(*residues));
	number_residues(facts->spki.modulus, residues);
	facts->residues = residues;
}

static struct bytes
text_of(const struct name_attribute *attribute, struct arena *arena)
{
	struct bytes text = attribute->value;
	struct buf utf8;

	if (attribute->tag != DER_BMP_STRING && attribute->tag != DER_UNIVERSAL_STRING &&
	    attribute->tag != DER_TELETEX_STRING)
		return text;
	buf_init(&utf8, 1 << 16);
	string_append_utf8(&utf8, attribute->tag, attribute->value);
	text = arena_copy(arena, buf_bytes(&utf8));
	buf_free(&utf8);
	return text;
}

/* Nearly every commonName is one of the names, which have been read. */
static bool
is_in_san(const struct judged_facts *facts, struct fact_name *fact)
{
	for (size_t i = 0; i < facts->name_count && i < 4; i++)
		if (facts->names[i].name.kind == GENERAL_DNS &&
		    (facts->names[i].oddities & DNS_IP_TEXT) == 0 &&
		    bytes_equal(facts->names[i].name.value, fact->name.value)) {
			fact->oddities = facts->names[i].oddities;
			fact->marks = facts->names[i].marks;
			fact->suffix = facts->names[i].suffix;
			return true;
		}
	return false;
}

/* The last one, as most software reads it. */
static void
derive_common_name(
    struct judged_facts *facts, const struct check_params *params, struct arena *arena)
{
	const struct name_attribute *last = NULL;
	struct fact_name *fact = &facts->common_name;

	for (size_t i = 0; i < facts->subject_count; i++)
		if (facts->subject[i].id == OID_COMMON_NAME &&
		    attribute_is_string(&facts->subject[i]))
			last = &facts->subject[i];
	if (last == NULL || last->value.len == 0)
		return;
	fact->name =
	    (struct general_name){.kind = GENERAL_DNS, .value = text_of(last, arena)};
	if (is_in_san(facts, fact))
		return;
	fact->oddities = dns_oddities(fact->name.value);
	if ((fact->oddities & DNS_IP_TEXT) != 0)
		fact->marks = NAME_ADDRESS;
	else
		derive_dns(fact, params);
}

/* Most have none, and their qualifiers need not be taken apart to see it. */
static bool
may_have_notices(const struct extension *policies)
{
	struct bytes notice = oid_octets(OID_QUALIFIER_USER_NOTICE);

	return policies != NULL && policies->value.len > 0 &&
	    memmem(policies->value.data, policies->value.len, notice.data, notice.len) !=
	    NULL;
}

struct judged_facts *
facts_derive(
    const struct cert *cert, const struct check_params *params, struct arena *arena)
{
	struct judged_facts *facts = arena_zero(arena, 1, sizeof(*facts));

	facts->has_spki = spki_parse(cert->spki, &facts->spki);
	derive_residues(facts, arena);
	facts->ku_at = cert_extension(cert, OID_KEY_USAGE);
	facts->bc_at = cert_extension(cert, OID_BASIC_CONSTRAINTS);
	facts->eku_at = cert_extension(cert, OID_EXTENDED_KEY_USAGE);
	facts->policies_at = cert_extension(cert, OID_CERTIFICATE_POLICIES);
	facts->san_at = cert_extension(cert, OID_SUBJECT_ALT_NAME);
	facts->poison_at = cert_extension(cert, OID_POISON);
	facts->sct_at = cert_extension(cert, OID_SCT_LIST);
	extension_key_usage(facts->ku_at, &facts->ku);
	extension_basic_constraints(facts->bc_at, &facts->bc);
	derive_ekus(facts);
	derive_policies(facts);
	facts->notices = may_have_notices(facts->policies_at);
	derive_names(facts, params, arena);
	facts->subject = attributes_of(cert->subject, arena, &facts->subject_count);
	facts->issuer = attributes_of(cert->issuer, arena, &facts->issuer_count);
	derive_common_name(facts, params, arena);
	return facts;
}

const struct name_attribute *
subject_next(const struct judged_facts *facts, enum oid type, size_t *at)
{
	while (*at < facts->subject_count)
		if (facts->subject[(*at)++].id == type)
			return &facts->subject[*at - 1];
	return NULL;
}

bool
subject_has(const struct judged_facts *facts, enum oid type)
{
	size_t at = 0;

	return subject_next(facts, type, &at) != NULL;
}
