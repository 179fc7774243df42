/* B3: the attributes of a subject: how long they are, and in which order they stand. */
#include "names_priv.h"

/* --- subject-attr-length -------------------------------------------------------------
 */

#define LENGTH(oid, limit) .arg = (oid), LIMITS({"characters", limit})

static enum oid
attribute_of(const struct trial *trial)
{
	return (enum oid)trial->rule->arg;
}

/* Characters, not octets; nothing has more of them than octets. */
static void
look_at_length(struct trial *trial, const struct name_attribute *attribute, size_t limit)
{
	size_t length;

	if (attribute->value.len <= limit)
		return;
	length = string_length(attribute->tag, attribute->value);
	if (length > limit)
		evidence_int(trial,
		    trial_fail(trial, attribute->value_at,
			"%s of %zu characters, where %zu are allowed",
			oid_long_name(attribute->id), length, limit),
		    "characters", (int64_t)length);
}

/* The lines have LENGTH(). */
static void
run_length(struct trial *trial)
{
	const struct name_attribute *attribute;
	size_t at = 0;

	while ((attribute = subject_next(trial->it->facts, attribute_of(trial), &at)) !=
	    NULL)
		look_at_length(trial, attribute, (size_t)rule_limit(trial, 0));
}

/* What RFC 5280 calls an X520name. */
static void
run_name_length(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->subject_count; i++) {
		enum oid id = facts->subject[i].id;

		if (id == OID_SURNAME || id == OID_GIVEN_NAME || id == OID_NAME ||
		    id == OID_INITIALS || id == OID_GENERATION_QUALIFIER)
			look_at_length(
			    trial, &facts->subject[i], (size_t)rule_limit(trial, 0));
	}
}

static bool
has_email(const struct judged *it)
{
	return subject_has(it->facts, OID_EMAIL_ADDRESS);
}

static bool
has_serial(const struct judged *it)
{
	return subject_has(it->facts, OID_SERIAL_NUMBER);
}

#define RFC_LENGTH(name_, applies_, oid, limit, lint)                                    \
	RULE(name_, LEVEL_ERROR, "RFC 5280 App. A.1", applies_, run_length,              \
	    LENGTH(oid, limit), .from = DATE(1999, 1, 1), .equivalents = "zlint:" lint)

static const struct subrule SUBJECT_ATTR_LENGTH[] = {
    RFC_LENGTH("common-name", NULL, OID_COMMON_NAME, 64,
	"e_subject_common_name_max_length; x509lint:ERR_COMMON_NAME_SIZE"),
    RFC_LENGTH("organization", NULL, OID_ORGANIZATION, 64,
	"e_subject_organization_name_max_length; x509lint:ERR_ORGANIZATION_NAME_SIZE"),
    RFC_LENGTH("organizational-unit", NULL, OID_ORGANIZATIONAL_UNIT, 64,
	"e_subject_organizational_unit_name_max_length; "
	"x509lint:ERR_ORGANIZATIONAL_UNIT_NAME_SIZE"),
    RFC_LENGTH("locality", NULL, OID_LOCALITY, 128,
	"e_subject_locality_name_max_length; x509lint:ERR_LOCALITY_NAME_SIZE"),
    RFC_LENGTH("state", NULL, OID_STATE, 128,
	"e_subject_state_name_max_length; x509lint:ERR_STATE_NAME_SIZE"),
    RFC_LENGTH("street", NULL, OID_STREET, 128, "e_subject_street_address_max_length"),
    RFC_LENGTH("given-name", has_given_name, OID_GIVEN_NAME, 32768,
	"e_subject_given_name_max_length"),
    RFC_LENGTH(
	"surname", has_surname, OID_SURNAME, 32768, "e_subject_surname_max_length"),
    RFC_LENGTH("email", has_email, OID_EMAIL_ADDRESS, 255, "e_subject_email_max_length"),
    RULE("serial-number", LEVEL_ERROR, "RFC 5280 App. A.1", has_serial, run_length,
	LENGTH(OID_SERIAL_NUMBER, 64),
	.equivalents = "zlint:e_subject_dn_serial_number_max_length"),
    RULE("postal-code", LEVEL_WARNING, "RFC 5280 App. A.1 ub-postal-code-length", NULL,
	run_length, LENGTH(OID_POSTAL_CODE, 16), .from = DATE(1999, 1, 1),
	.flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:e_subject_postal_code_max_length"),
    RULE("postal-code-br", LEVEL_ERROR, "BR 7.1.4.2", judged_in_tls_scope, run_length,
	LENGTH(OID_POSTAL_CODE, 40), .from = DATE(2023, 9, 15)),
    RULE("name-br", LEVEL_ERROR, "BR 7.1.4.2", judged_in_tls_scope, run_name_length,
	LIMITS({"characters", 64}), .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.name_attribute_value_too_long"),
    RULE("domain-component-br", LEVEL_ERROR, "BR 7.1.4.2", judged_in_tls_scope,
	run_length, LENGTH(OID_DOMAIN_COMPONENT, 63), .from = DATE(2023, 9, 15),
	.equivalents =
	    "pkilint:"
	    "cabf.serverauth.domain_component_attribute_value_length_too_long"),
};

/* --- subject-attr-order ---------------------------------------------------------------
 */

/* BR 7.1.4.2: their order, from 1 on; 0: anywhere. */
static int
place_of(enum oid id)
{
	static const enum oid ORDER[] = {OID_DOMAIN_COMPONENT, OID_COUNTRY, OID_STATE,
	    OID_LOCALITY, OID_POSTAL_CODE, OID_STREET, OID_ORGANIZATION, OID_SURNAME,
	    OID_GIVEN_NAME, OID_ORGANIZATIONAL_UNIT, OID_COMMON_NAME};

	for (size_t i = 0; i < ARRAY_LEN(ORDER); i++)
		if (ORDER[i] == id)
			return (int)i + 1;
	return 0;
}

static void
run_order(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;
	enum oid last = OID_UNKNOWN;
	int reached = 0;

	for (size_t i = 0; i < facts->subject_count; i++) {
		int place = place_of(facts->subject[i].id);

		if (place == 0)
			continue;
		if (place < reached)
			trial_fail(trial, facts->subject[i].whole, "%s behind %s",
			    oid_long_name(facts->subject[i].id), oid_long_name(last));
		reached = place;
		last = facts->subject[i].id;
	}
}

/* Which may stand there once: EVG and BR 7.1.4.1. */
static bool
is_single(enum oid id)
{
	switch ((int)id) {
	case OID_JURISDICTION_LOCALITY:
	case OID_JURISDICTION_STATE:
	case OID_JURISDICTION_COUNTRY:
	case OID_COMMON_NAME:
	case OID_SURNAME:
	case OID_SERIAL_NUMBER:
	case OID_COUNTRY:
	case OID_LOCALITY:
	case OID_STATE:
	case OID_ORGANIZATION:
	case OID_BUSINESS_CATEGORY:
	case OID_GIVEN_NAME:
	case OID_ORGANIZATION_IDENTIFIER:
		return true;
	default:
		return false;
	}
}

static bool
same_type(const struct name_attribute *a, const struct name_attribute *b)
{
	return a->id == b->id && (a->id != OID_UNKNOWN || bytes_equal(a->oid, b->oid));
}

/* Among the first ones, so that thousands of attributes cost no square. */
#define ATTRIBUTES_COMPARED 64

static bool
stood_before(const struct judged_facts *facts, size_t at)
{
	size_t end = at < ATTRIBUTES_COMPARED ? at : ATTRIBUTES_COMPARED;

	for (size_t i = 0; i < end; i++)
		if (same_type(&facts->subject[i], &facts->subject[at]))
			return true;
	return false;
}

static void
fail_twice(struct trial *trial, const struct name_attribute *attribute)
{
	trial_fail(trial, attribute->whole, "%s stands twice in the subject",
	    attribute->id == OID_UNKNOWN ? "an attribute" : oid_long_name(attribute->id));
}

static void
run_twice(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 1; i < facts->subject_count; i++)
		if (is_single(facts->subject[i].id) && stood_before(facts, i))
			fail_twice(trial, &facts->subject[i]);
}

/* BR 7.1.2.7.3, 7.1.2.7.4: what a profile lets stand there more than once. */
static bool
may_repeat(const struct judged *it, enum oid id)
{
	if (id == OID_DOMAIN_COMPONENT)
		return judged_has_profile(it, POLICY_OV);
	return id == OID_STREET && !judged_has_profile(it, POLICY_DV);
}

static void
run_twice_profile(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 1; i < facts->subject_count; i++)
		if (!may_repeat(trial->it, facts->subject[i].id) &&
		    stood_before(facts, i))
			fail_twice(trial, &facts->subject[i]);
}

static void
run_shared_rdn(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->subject_count; i++)
		if (facts->subject[i].shares_rdn)
			trial_fail(trial, facts->subject[i].whole,
			    "two attributes in one RDN of the subject");
}

static void
run_shared_rdn_issuer(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->issuer_count; i++)
		if (facts->issuer[i].shares_rdn)
			trial_fail(trial, facts->issuer[i].whole,
			    "two attributes in one RDN of the issuer");
}

/* Without dates it is held against every subject. */
static bool
is_ordered(const struct judged *it)
{
	return it->dates == DATES_NONE || judged_is_tls_subscriber(it);
}

static const struct subrule SUBJECT_ATTR_ORDER[] = {
    RULE("order", LEVEL_ERROR, "BR 7.1.4.2", is_ordered, run_order,
	.from = DATE(2023, 9, 15),
	.equivalents = "zlint:e_invalid_subject_rdn_order; "
		       "pkilint:cabf.serverauth.invalid_rdn_order"),
    RULE("twice", LEVEL_ERROR, "BR 7.1.4.1", judged_in_tls_scope, run_twice,
	.from = DATE(2023, 9, 15),
	.equivalents = "zlint:e_duplicate_subject_attribs; "
		       "certlint:W: Name has multiple attributes of one type"),
    RULE("twice-profile", LEVEL_ERROR, "BR 7.1.2.7.2 to 7.1.2.7.4", is_ordered,
	run_twice_profile, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.prohibited_duplicate_attribute_type"),
    RULE("shared-rdn-br", LEVEL_ERROR, "BR 7.1.4.1", judged_in_tls_scope, run_shared_rdn,
	.from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.rdn_contains_multiple_atvs"),
    RULE("shared-rdn", LEVEL_NOTICE, "community", NULL, run_shared_rdn,
	.flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:n_multiple_subject_rdn; "
		       "certlint:W: Multiple attributes in a single RDN"),
    RULE("shared-rdn-issuer", LEVEL_NOTICE, "community", NULL, run_shared_rdn_issuer,
	.flags = RULE_NOT_COUNTED, .equivalents = "zlint:w_multiple_issuer_rdn"),
};

static const struct check CHECKS[] = {
    CHECK("subject-attr-length", SCOPE_CERTIFICATE,
	"An attribute of the subject has more characters than it may.",
	SUBJECT_ATTR_LENGTH),
    CHECK("subject-attr-order", SCOPE_CERTIFICATE,
	"The subject's attributes stand in a wrong order, twice, or together.",
	SUBJECT_ATTR_ORDER),
};

const struct check_family CHECK_NAMES_ATTRIBUTES = {"names", CHECKS, ARRAY_LEN(CHECKS)};
