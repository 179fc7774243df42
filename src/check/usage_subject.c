/* B2: what a policy demands of the subject, and what a subject demands of itself. */
#include "check_priv.h"

/* --- predicates --- */

/* Which profile of BR 7.1.2.7.1 it claims; without any claim, and without dates,
 * DV is what it is measured by. */
static enum fact_policy
profile_of(const struct judged *it)
{
	unsigned policies = it->facts->policies;

	if ((policies & POLICY_EV) != 0)
		return POLICY_EV;
	if ((policies & POLICY_IV) != 0)
		return POLICY_IV;
	if ((policies & POLICY_OV) != 0)
		return POLICY_OV;
	return POLICY_DV;
}

static bool
claims(const struct judged *it, enum fact_policy policy)
{
	return (it->facts->policies & policy) != 0;
}

static bool
is_dv(const struct judged *it)
{
	return is_tls_not_ca(it) && claims(it, POLICY_DV);
}

static bool
is_dv_subscriber(const struct judged *it)
{
	return judged_is_tls_subscriber(it) && claims(it, POLICY_DV);
}

static bool
is_ov(const struct judged *it)
{
	return is_tls_not_ca(it) && claims(it, POLICY_OV);
}

static bool
is_iv(const struct judged *it)
{
	return is_tls_not_ca(it) && claims(it, POLICY_IV);
}

static bool
is_ov_subscriber(const struct judged *it)
{
	return judged_is_tls_subscriber(it) && claims(it, POLICY_OV);
}

static bool
is_iv_subscriber(const struct judged *it)
{
	return judged_is_tls_subscriber(it) && claims(it, POLICY_IV);
}

static bool
is_ev_subscriber(const struct judged *it)
{
	return judged_is_subscriber(it) && it->facts->ev;
}

/* Without dates, whatever it is for. */
static bool
has_ev_category(const struct judged *it)
{
	return (is_ev_subscriber(it) || it->dates == DATES_NONE) &&
	    subject_has(it->facts, OID_BUSINESS_CATEGORY);
}

bool
judged_has_profile(const struct judged *it, enum fact_policy profile)
{
	return judged_is_tls_subscriber(it) && profile_of(it) == profile &&
	    (claims(it, profile) || it->dates == DATES_NONE);
}

static bool
is_dv_profile(const struct judged *it)
{
	return judged_has_profile(it, POLICY_DV);
}

static bool
is_ov_profile(const struct judged *it)
{
	return judged_has_profile(it, POLICY_OV);
}

static bool
is_iv_profile(const struct judged *it)
{
	return judged_has_profile(it, POLICY_IV);
}

static bool
is_ev_profile(const struct judged *it)
{
	return judged_has_profile(it, POLICY_EV);
}

/* --- policy-subject-mismatch ----------------------------------------------------------
 */

static bool
is_allowed(enum oid id, const enum oid *allowed, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (allowed[i] == id)
			return true;
	return false;
}

/* Only the first attribute of each RDN is looked at: more is subject-attr-order's. */
static void
fail_others(
    struct trial *trial, const enum oid *allowed, size_t count, const char *profile)
{
	const struct judged_facts *facts = trial->it->facts;
	struct buf name;

	buf_init(&name, 1 << 16);
	for (size_t i = 0; i < facts->subject_count; i++) {
		const struct name_attribute *attribute = &facts->subject[i];

		if (attribute->shares_rdn || is_allowed(attribute->id, allowed, count))
			continue;
		buf_clear(&name);
		oid_append_name(&name, attribute->oid);
		evidence_text(trial,
		    trial_fail(trial, attribute->whole, "a %s certificate with %.100s",
			profile, buf_text(&name)),
		    "attribute", buf_text(&name));
	}
	buf_free(&name);
}

static void
run_dv_others(struct trial *trial)
{
	static const enum oid ALLOWED[] = {OID_COUNTRY, OID_COMMON_NAME};

	fail_others(trial, ALLOWED, ARRAY_LEN(ALLOWED), "DV");
}

static const enum oid OV_ATTRIBUTES[] = {OID_DOMAIN_COMPONENT, OID_COUNTRY, OID_STATE,
    OID_LOCALITY, OID_POSTAL_CODE, OID_STREET, OID_ORGANIZATION, OID_SURNAME,
    OID_GIVEN_NAME, OID_ORGANIZATIONAL_UNIT, OID_COMMON_NAME};

static void
run_ov_others(struct trial *trial)
{
	fail_others(trial, OV_ATTRIBUTES, ARRAY_LEN(OV_ATTRIBUTES), "OV");
}

static void
run_iv_others(struct trial *trial)
{
	fail_others(trial, OV_ATTRIBUTES + 1, ARRAY_LEN(OV_ATTRIBUTES) - 1, "IV");
}

static void
run_ev_others(struct trial *trial)
{
	static const enum oid ALLOWED[] = {OID_COUNTRY, OID_STATE, OID_LOCALITY,
	    OID_SERIAL_NUMBER, OID_BUSINESS_CATEGORY, OID_ORGANIZATION,
	    OID_ORGANIZATION_IDENTIFIER, OID_POSTAL_CODE, OID_STREET,
	    OID_JURISDICTION_COUNTRY, OID_JURISDICTION_STATE, OID_JURISDICTION_LOCALITY,
	    OID_COMMON_NAME};

	fail_others(trial, ALLOWED, ARRAY_LEN(ALLOWED), "EV");
}

/* SC16 closed the list; OU lived on till BR's end of it. */
static void
run_ev_extra(struct trial *trial)
{
	static const enum oid ALLOWED[] = {OID_COUNTRY, OID_STATE, OID_LOCALITY,
	    OID_SERIAL_NUMBER, OID_BUSINESS_CATEGORY, OID_ORGANIZATION,
	    OID_ORGANIZATION_IDENTIFIER, OID_POSTAL_CODE, OID_STREET,
	    OID_JURISDICTION_COUNTRY, OID_JURISDICTION_STATE, OID_JURISDICTION_LOCALITY,
	    OID_COMMON_NAME, OID_ORGANIZATIONAL_UNIT};

	fail_others(trial, ALLOWED, ARRAY_LEN(ALLOWED), "EV");
}

static void
run_personal_name(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	if (!subject_has(facts, OID_ORGANIZATION) &&
	    !(subject_has(facts, OID_GIVEN_NAME) && subject_has(facts, OID_SURNAME)))
		trial_fail(trial, trial->it->cert->subject,
		    "IV without organizationName and without givenName and surname");
}

static void
run_personal_name_strict(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	if (!subject_has(facts, OID_GIVEN_NAME) || !subject_has(facts, OID_SURNAME))
		trial_fail(
		    trial, trial->it->cert->subject, "IV without givenName and surname");
}

static bool
names_a_person(const struct judged *it)
{
	return judged_is_tls_subscriber(it) &&
	    (subject_has(it->facts, OID_GIVEN_NAME) ||
		subject_has(it->facts, OID_SURNAME));
}

static void
run_person_policy(struct trial *trial)
{
	if (!claims(trial->it, POLICY_IV))
		trial_fail(trial, trial->it->cert->subject,
		    "givenName or surname without the policy of IV");
}

/* An empty one is none, and of several the last counts. */
static void
run_no_registration_number(struct trial *trial)
{
	const struct name_attribute *attribute;
	size_t at = 0, len = 0;

	while (
	    (attribute = subject_next(trial->it->facts, OID_SERIAL_NUMBER, &at)) != NULL)
		len = attribute->value.len;
	if (len == 0)
		trial_fail(trial, trial->it->cert->subject,
		    "subject without a registration number (serialNumber)");
}

static void
run_business_category(struct trial *trial)
{
	static const char *const ALLOWED[] = {"Private Organization", "Government Entity",
	    "Business Entity", "Non-Commercial Entity"};
	const struct name_attribute *attribute;
	size_t at = 0;
	bool known;

	while ((attribute = subject_next(trial->it->facts, OID_BUSINESS_CATEGORY, &at)) !=
	    NULL) {
		known = false;
		for (size_t i = 0; i < ARRAY_LEN(ALLOWED); i++)
			known = known ||
			    bytes_equal(attribute->value, bytes_text(ALLOWED[i]));
		if (!known)
			trial_fail(trial, attribute->value_at, "businessCategory \"%s\"",
			    trial_show(trial, attribute->value, 60));
	}
}

#define EVG(attribute) "pkilint:cabf.ev_guidelines." attribute "_attribute_absent"

/* What DV must not have was named one by one until BR 2.0.0, which allows only C and
 * CN. */
static const struct subrule POLICY_SUBJECT_MISMATCH[] = {
    RULE("dv-locality", LEVEL_ERROR, "BR 7.1.6.4", is_dv, rule_attr_present,
	.arg = OID_LOCALITY, .from = DATE(2012, 7, 1), .until = DATE(2023, 9, 15),
	.flags = RULE_WINDOW | RULE_PAST,
	.equivalents = "zlint:e_cab_dv_conflicts_with_locality"),
    RULE("dv-organization", LEVEL_ERROR, "BR 7.1.6.4", is_dv, rule_attr_present,
	.arg = OID_ORGANIZATION, .from = DATE(2012, 7, 1), .until = DATE(2023, 9, 15),
	.flags = RULE_WINDOW | RULE_PAST,
	.equivalents = "zlint:e_cab_dv_conflicts_with_org"),
    RULE("dv-postal-code", LEVEL_ERROR, "BR 7.1.6.4", is_dv, rule_attr_present,
	.arg = OID_POSTAL_CODE, .from = DATE(2012, 7, 1), .until = DATE(2023, 9, 15),
	.flags = RULE_WINDOW | RULE_PAST,
	.equivalents = "zlint:e_cab_dv_conflicts_with_postal"),
    RULE("dv-state", LEVEL_ERROR, "BR 7.1.6.4", is_dv, rule_attr_present,
	.arg = OID_STATE, .from = DATE(2012, 7, 1), .until = DATE(2023, 9, 15),
	.flags = RULE_WINDOW | RULE_PAST,
	.equivalents = "zlint:e_cab_dv_conflicts_with_province"),
    RULE("dv-street", LEVEL_ERROR, "BR 7.1.6.4", is_dv, rule_attr_present,
	.arg = OID_STREET, .from = DATE(2012, 7, 1), .until = DATE(2023, 9, 15),
	.flags = RULE_WINDOW | RULE_PAST,
	.equivalents = "zlint:e_cab_dv_conflicts_with_street"),
    RULE("dv-others", LEVEL_ERROR, "BR 7.1.2.7.2", is_dv_subscriber, run_dv_others,
	.from = DATE(2023, 9, 15),
	.equivalents = "zlint:e_cab_dv_subject_invalid_values"),
    RULE("dv-profile", LEVEL_ERROR, "BR 7.1.2.7.2", is_dv_profile, run_dv_others,
	.from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.dv.unknown_attribute_present"),
    RULE("ov-organization", LEVEL_ERROR, "BR 7.1.6.4, 7.1.2.7.4", is_ov, rule_attr_absent,
	.arg = OID_ORGANIZATION, .from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_cab_ov_requires_org"),
    RULE("ov-organization-profile", LEVEL_ERROR, "BR 7.1.2.7.4", is_ov_profile,
	rule_attr_absent, .arg = OID_ORGANIZATION, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.ov.organization_name_attribute_absent"),
    RULE("ov-country", LEVEL_ERROR, "BR 7.1.2.7.4", is_ov_profile, rule_attr_absent,
	.arg = OID_COUNTRY, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.ov.country_attribute_absent"),
    RULE("ov-surname", LEVEL_ERROR, "BR 7.1.2.7.4", is_ov_profile, rule_attr_present,
	.arg = OID_SURNAME, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.ov.surname_attribute_present"),
    RULE("ov-given-name", LEVEL_ERROR, "BR 7.1.2.7.4", is_ov_profile, rule_attr_present,
	.arg = OID_GIVEN_NAME, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.ov.given_name_attribute_present"),
    RULE("ov-others", LEVEL_WARNING, "BR 7.1.2.7.4 NOT RECOMMENDED", is_ov_profile,
	run_ov_others, .from = DATE(2023, 9, 15), .flags = RULE_NOT_COUNTED),
    RULE("iv-person", LEVEL_ERROR, "BR 7.1.6.4", is_iv, run_personal_name,
	.from = DATE(2015, 9, 28), .until = DATE(2023, 9, 15),
	.equivalents = "zlint:e_cab_iv_requires_personal_name"),
    RULE("iv-person-strict", LEVEL_ERROR, "BR 7.1.2.7.3", is_iv, run_personal_name_strict,
	.from = DATE(2023, 9, 15),
	.equivalents = "zlint:e_cab_iv_requires_personal_name_strict"),
    RULE("iv-surname", LEVEL_ERROR, "BR 7.1.2.7.3", is_iv_profile, rule_attr_absent,
	.arg = OID_SURNAME, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.iv.surname_attribute_absent"),
    RULE("iv-given-name", LEVEL_ERROR, "BR 7.1.2.7.3", is_iv_profile, rule_attr_absent,
	.arg = OID_GIVEN_NAME, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.iv.given_name_attribute_absent"),
    RULE("iv-country", LEVEL_ERROR, "BR 7.1.2.7.3", is_iv_profile, rule_attr_absent,
	.arg = OID_COUNTRY, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.iv.country_attribute_absent"),
    RULE("iv-others", LEVEL_WARNING, "BR 7.1.2.7.3 NOT RECOMMENDED", is_iv_profile,
	run_iv_others, .from = DATE(2023, 9, 15), .flags = RULE_NOT_COUNTED,
	.equivalents = "pkilint:cabf.serverauth.iv.unknown_attribute_present"),
    RULE("person-policy", LEVEL_ERROR, "BR 7.1.4.2.2(c)", names_a_person,
	run_person_policy, .from = DATE(2016, 9, 7),
	.equivalents = "zlint:e_sub_cert_given_name_surname_contains_correct_policy"),
    RULE("ev-business-category", LEVEL_ERROR, "EVG 7.1.4.2.3", is_ev_subscriber,
	rule_attr_absent, .arg = OID_BUSINESS_CATEGORY,
	.equivalents = "zlint:e_ev_business_category_missing"),
    RULE("ev-country", LEVEL_ERROR, "EVG 7.1.4.2.6", is_ev_subscriber, rule_attr_absent,
	.arg = OID_COUNTRY, .equivalents = "zlint:e_ev_country_name_missing"),
    RULE("ev-organization", LEVEL_ERROR, "EVG 7.1.4.2.1", is_ev_subscriber,
	rule_attr_absent, .arg = OID_ORGANIZATION,
	.equivalents = "zlint:e_ev_organization_name_missing"),
    RULE("ev-serial-number", LEVEL_ERROR, "EVG 7.1.4.2.5", is_ev_subscriber,
	run_no_registration_number, .equivalents = "zlint:e_ev_serial_number_missing"),
    RULE("ev-category-value", LEVEL_ERROR, "EVG 7.1.4.2.3", has_ev_category,
	run_business_category,
	.equivalents = "zlint:e_ev_invalid_business_category; "
		       "pkilint:cabf.ev_guidelines.invalid_business_category"),
    RULE("ev-extra", LEVEL_ERROR, "EVG 7.1.4.2.9 (SC16)", is_ev_subscriber, run_ev_extra,
	.from = DATE(2019, 4, 16), .equivalents = "zlint:e_ev_extra_subject_attribs"),
    RULE("ev-profile-others", LEVEL_ERROR, "EVG 7.1.4.2.9", is_ev_profile, run_ev_others,
	.from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.ev_guidelines.unknown_attribute_present"),
    RULE("ev-profile-category", LEVEL_ERROR, "EVG 7.1.4.2.3", is_ev_profile,
	rule_attr_absent, .arg = OID_BUSINESS_CATEGORY, .from = DATE(2023, 9, 15),
	.equivalents = EVG("business_category")),
    RULE("ev-profile-jurisdiction", LEVEL_ERROR, "EVG 7.1.4.2.4", is_ev_profile,
	rule_attr_absent, .arg = OID_JURISDICTION_COUNTRY, .from = DATE(2023, 9, 15),
	.equivalents = EVG("jurisdiction_country")),
    RULE("ev-profile-serial", LEVEL_ERROR, "EVG 7.1.4.2.5", is_ev_profile,
	rule_attr_absent, .arg = OID_SERIAL_NUMBER, .from = DATE(2023, 9, 15),
	.equivalents = EVG("serial_number")),
    RULE("ev-profile-organization", LEVEL_ERROR, "EVG 7.1.4.2.1", is_ev_profile,
	rule_attr_absent, .arg = OID_ORGANIZATION, .from = DATE(2023, 9, 15),
	.equivalents = EVG("organization_name")),
    RULE("ev-profile-country", LEVEL_ERROR, "EVG 7.1.4.2.6", is_ev_profile,
	rule_attr_absent, .arg = OID_COUNTRY, .from = DATE(2023, 9, 15),
	.equivalents = EVG("country")),
};

/* --- subject-incomplete ---------------------------------------------------------------
 */

/* organizationName, or a person's names. */
static bool
has_identity(const struct judged *it)
{
	return subject_has(it->facts, OID_ORGANIZATION) ||
	    subject_has(it->facts, OID_GIVEN_NAME) || subject_has(it->facts, OID_SURNAME);
}

static bool
is_placed(const struct judged *it)
{
	return subject_has(it->facts, OID_STATE) || subject_has(it->facts, OID_LOCALITY);
}

static void
run_place_missing(struct trial *trial)
{
	if (has_identity(trial->it) && !is_placed(trial->it))
		trial_fail(trial, trial->it->cert->subject,
		    "an identity without localityName and stateOrProvinceName");
}

static void
run_country_missing(struct trial *trial)
{
	if (has_identity(trial->it) && !subject_has(trial->it->facts, OID_COUNTRY))
		trial_fail(
		    trial, trial->it->cert->subject, "an identity without countryName");
}

static void
run_no_place(struct trial *trial)
{
	if (!is_placed(trial->it))
		trial_fail(trial, trial->it->cert->subject,
		    "neither localityName nor stateOrProvinceName");
}

/* arg: an attribute that says where somebody is, who is not named. */
static void
run_without_identity(struct trial *trial)
{
	if (!has_identity(trial->it))
		rule_attr_present(trial);
}

static bool
is_identity_profile(const struct judged *it)
{
	return is_ov_profile(it) || is_iv_profile(it) || is_ev_profile(it);
}

static const struct subrule SUBJECT_INCOMPLETE[] = {
    RULE("iv-country", LEVEL_ERROR, "BR 7.1.6.4", is_iv, rule_attr_absent,
	.arg = OID_COUNTRY, .from = DATE(2015, 9, 28),
	.equivalents = "zlint:e_cert_policy_iv_requires_country"),
    RULE("iv-place", LEVEL_ERROR, "BR 7.1.6.4", is_iv_subscriber, run_no_place,
	.from = DATE(2015, 9, 28),
	.equivalents = "zlint:e_cert_policy_iv_requires_province_or_locality"),
    RULE("ov-country", LEVEL_ERROR, "BR 7.1.6.4", is_ov, rule_attr_absent,
	.arg = OID_COUNTRY, .from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_cert_policy_ov_requires_country"),
    RULE("ov-place", LEVEL_ERROR, "BR 7.1.6.4", is_ov_subscriber, run_no_place,
	.from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_cert_policy_ov_requires_province_or_locality"),
    RULE("country", LEVEL_ERROR, "BR 7.1.4.2.2(h)", judged_is_tls_subscriber,
	run_country_missing, .from = DATE(2016, 9, 7),
	.equivalents = "zlint:e_sub_cert_country_name_must_appear; "
		       "x509lint:ERR_SUBJECT_COUNTRY"),
    RULE("place", LEVEL_ERROR, "BR 7.1.4.2.2(e), (f)", judged_is_tls_subscriber,
	run_place_missing, .from = DATE(2016, 9, 7),
	.equivalents = "zlint:e_sub_cert_locality_name_must_appear; "
		       "zlint:e_sub_cert_province_must_appear; "
		       "x509lint:ERR_SUBJECT_ORG_NO_PLACE"),
    RULE("place-profile", LEVEL_ERROR, "BR 7.1.2.7.3, 7.1.2.7.4; EVG 7.1.4.2.6",
	is_identity_profile, run_no_place, .from = DATE(2023, 9, 15),
	.equivalents =
	    "pkilint:cabf.serverauth.subscriber_stateprovince_and_locality_missing"),
    RULE("locality-alone", LEVEL_ERROR, "BR 7.1.4.2.2(e)", judged_is_tls_subscriber,
	run_without_identity, .arg = OID_LOCALITY, .from = DATE(2016, 9, 7),
	.equivalents = "zlint:e_sub_cert_locality_name_must_not_appear"),
    RULE("state-alone", LEVEL_ERROR, "BR 7.1.4.2.2(f)", judged_is_tls_subscriber,
	run_without_identity, .arg = OID_STATE, .from = DATE(2016, 9, 7),
	.equivalents = "zlint:e_sub_cert_province_must_not_appear"),
    RULE("postal-code-alone", LEVEL_ERROR, "BR 7.1.4.2.2(g)", judged_is_tls_subscriber,
	run_without_identity, .arg = OID_POSTAL_CODE, .from = DATE(2016, 9, 7),
	.equivalents = "zlint:e_sub_cert_postal_code_must_not_appear"),
    RULE("street-alone", LEVEL_ERROR, "BR 7.1.4.2.2(d)", judged_is_tls_subscriber,
	run_without_identity, .arg = OID_STREET, .from = DATE(2016, 9, 7),
	.equivalents = "zlint:e_sub_cert_street_address_should_not_exist"),
};

static const struct check CHECKS[] = {
    CHECK("policy-subject-mismatch", SCOPE_CERTIFICATE,
	"The subject is not what the policy demands.", POLICY_SUBJECT_MISMATCH),
    CHECK("subject-incomplete", SCOPE_CERTIFICATE,
	"The subject names somebody without saying where, or where without whom.",
	SUBJECT_INCOMPLETE),
};

const struct check_family CHECK_USAGE_SUBJECT = {"usage", CHECKS, ARRAY_LEN(CHECKS)};
