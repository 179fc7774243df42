#include "check_priv.h"

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
		facts->policy_count++;
	}
}

/* Counts first, so that the array fits a certificate with thousands of names. */
static void
derive_names(struct judged_facts *facts, struct arena *arena)
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
		if (name.kind == GENERAL_DNS)
			fact->oddities = dns_oddities(name.value);
		facts->name_oddities |= fact->oddities;
	}
}

static void
derive_subject(struct judged_facts *facts, const struct cert *cert, struct arena *arena)
{
	struct name_attribute attribute;
	struct name_iter names;
	size_t count = 0;

	name_begin(cert->subject, &names);
	while (name_next(&names, &attribute))
		count++;
	facts->subject = arena_zero(arena, count + 1, sizeof(*facts->subject));
	name_begin(cert->subject, &names);
	while (facts->subject_count < count &&
	    name_next(&names, &facts->subject[facts->subject_count]))
		facts->subject_count++;
}

struct judged_facts *
facts_derive(const struct cert *cert, struct arena *arena)
{
	struct judged_facts *facts = arena_zero(arena, 1, sizeof(*facts));

	facts->has_spki = spki_parse(cert->spki, &facts->spki);
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
	facts->ev = (facts->policies & POLICY_EV) != 0;
	derive_names(facts, arena);
	derive_subject(facts, cert, arena);
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
