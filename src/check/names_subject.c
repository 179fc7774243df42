/* B3: what the attributes of names say. */
#include "names_priv.h"

/* --- subject-placeholder ---------------------------------------------------------- */

static bool
is_informative(uint8_t octet)
{
	return (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'z') ||
	    (octet >= 'A' && octet <= 'Z') || octet >= 0x80;
}

static bool
says_nothing(struct bytes value)
{
	for (size_t i = 0; i < value.len; i++)
		if (is_informative(value.data[i]))
			return false;
	return true;
}

static void
run_metadata(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->subject_count; i++)
		if (attribute_is_string(&facts->subject[i]) &&
		    says_nothing(facts->subject[i].value))
			trial_fail(trial, facts->subject[i].value_at,
			    "%s \"%s\" has neither letter nor digit",
			    oid_long_name(facts->subject[i].id),
			    trial_show(trial, facts->subject[i].value, 40));
}

/* Where such a word is meant seriously: Namibia, and the province of Naples. */
static bool
may_be_placeholder(const struct name_attribute *attribute, struct bytes value)
{
	switch ((int)attribute->id) {
	case OID_COUNTRY:
	case OID_JURISDICTION_COUNTRY:
	case OID_COMMON_NAME:
	case OID_DOMAIN_COMPONENT:
	case OID_EMAIL_ADDRESS:
		return false;
	case OID_STATE:
	case OID_JURISDICTION_STATE:
		return !bytes_same_fold(value, bytes_text("na"));
	default:
		return true;
	}
}

static bool
is_placeholder(struct bytes value)
{
	static const char *const WORDS[] = {"n/a", "na", "none", "null", "unknown",
	    "default city", "default company ltd", "some-state",
	    "internet widgits pty ltd", "test", "xxx", "-", "."};

	for (size_t i = 0; i < ARRAY_LEN(WORDS); i++)
		if (bytes_same_fold(value, bytes_text(WORDS[i])))
			return true;
	return false;
}

static void
run_word(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->subject_count; i++)
		if (is_placeholder(facts->subject[i].value) &&
		    may_be_placeholder(&facts->subject[i], facts->subject[i].value))
			trial_fail(trial, facts->subject[i].value_at,
			    "%s \"%s\" stands for nothing",
			    oid_long_name(facts->subject[i].id),
			    trial_show(trial, facts->subject[i].value, 40));
}

static const struct subrule SUBJECT_PLACEHOLDER[] = {
    RULE("metadata", LEVEL_ERROR, "BR 7.1.4.2.2, 7.1.2.7.3 to 7.1.2.7.5",
	judged_in_tls_scope, run_metadata, .from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_subject_contains_noninformational_value; "
		       "pkilint:cabf.insignificant_attribute_value_present; "
		       "certlint:E: attribute appears to only include metadata"),
    RULE("word", LEVEL_WARNING, "BR 7.1.4.2.2, 7.1.2.7.3 to 7.1.2.7.5",
	judged_is_tls_subscriber, run_word, .from = DATE(2012, 7, 1),
	.flags = RULE_NOT_COUNTED),
};

/* --- subject-ou -----------------------------------------------------------------------
 */

static bool
has_unit(const struct judged *it)
{
	return judged_in_tls_scope(it) && subject_has(it->facts, OID_ORGANIZATIONAL_UNIT);
}

static bool
is_identity_profile(const struct judged *it)
{
	return judged_has_profile(it, POLICY_OV) || judged_has_profile(it, POLICY_IV);
}

static bool
is_other_subscriber(const struct judged *it)
{
	return it->dates != DATES_NONE && is_tls_not_ca(it) && !is_identity_profile(it);
}

static void
run_unit_alone(struct trial *trial)
{
	if (!subject_has(trial->it->facts, OID_ORGANIZATION))
		trial_fail(trial, trial->it->cert->subject,
		    "organizationalUnitName without an organizationName");
}

#define NO_UNIT(name_, applies_, others)                                                 \
	RULE(name_, LEVEL_ERROR, "BR 7.1.4.2.2(i) (SC47), 7.1.2.7.3, 7.1.2.7.4",         \
	    applies_, rule_attr_present, .arg = OID_ORGANIZATIONAL_UNIT,                 \
	    .from = DATE(2022, 9, 1),                                                    \
	    .equivalents = "zlint:e_organizational_unit_name_prohibited" others)

static const struct subrule SUBJECT_OU[] = {
    NO_UNIT("ov", is_ov_profile,
	"; pkilint:cabf.serverauth.ov.organizational_unit_name_attribute_present"),
    NO_UNIT("iv", is_iv_profile,
	"; pkilint:cabf.serverauth.iv.organizational_unit_name_attribute_present"),
    NO_UNIT("other", is_other_subscriber, ""),
    RULE("alone", LEVEL_ERROR, "BR 7.1.4.2.2(i)", has_unit, run_unit_alone,
	.from = DATE(2021, 8, 16),
	.equivalents =
	    "zlint:"
	    "e_subject_contains_organizational_unit_name_and_no_organization_name"),
};

/* --- subject-whitespace ----------------------------------------------------------------
 */

/* Unicode's White_Space, in UTF-8: how many octets of it begin or end here. */
static size_t
space_len(const uint8_t *at, size_t left)
{
	if (left >= 1 && (at[0] == ' ' || (at[0] >= 0x09 && at[0] <= 0x0d)))
		return 1;
	if (left >= 2 && at[0] == 0xc2 && (at[1] == 0x85 || at[1] == 0xa0))
		return 2;
	if (left < 3)
		return 0;
	if (memcmp(at, "\xe1\x9a\x80", 3) == 0 || memcmp(at, "\xe2\x81\x9f", 3) == 0 ||
	    memcmp(at, "\xe3\x80\x80", 3) == 0)
		return 3;
	return at[0] == 0xe2 && at[1] == 0x80 &&
		((at[2] >= 0x80 && at[2] <= 0x8a) || at[2] == 0xa8 || at[2] == 0xa9 ||
		    at[2] == 0xaf)
	    ? 3
	    : 0;
}

static bool
begins_with_space(struct bytes value)
{
	return space_len(value.data, value.len) > 0;
}

static bool
ends_with_space(struct bytes value)
{
	for (size_t len = 1; len <= 3 && len <= value.len; len++)
		if (space_len(value.data + value.len - len, len) == len)
			return true;
	return false;
}

/* The attributes of RFC 5280, App. A, and two of addresses: id-at and one more. */
static bool
is_common_attribute(struct bytes oid)
{
	static const uint8_t LEAVES[] = {
	    3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 17, 41, 42, 43, 44, 46};

	return oid.len == 3 && oid.data[0] == 0x55 && oid.data[1] == 0x04 &&
	    memchr(LEAVES, oid.data[2], sizeof(LEAVES)) != NULL;
}

/* arg: 0 where they begin, 1 where they end. */
static void
look_at_spaces(struct trial *trial, const struct name_attribute *attribute)
{
	bool begins = trial->rule->arg == 0;

	if (!(begins ? begins_with_space : ends_with_space)(attribute->value) ||
	    !is_common_attribute(attribute->oid) || !attribute_is_string(attribute))
		return;
	trial_fail(trial, attribute->value_at, "%s \"%s\" %s a space",
	    oid_long_name(attribute->id), trial_show(trial, attribute->value, 60),
	    begins ? "begins with" : "ends with");
}

static void
run_subject_spaces(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->subject_count; i++)
		look_at_spaces(trial, &facts->subject[i]);
}

static void
run_issuer_spaces(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->issuer_count; i++)
		look_at_spaces(trial, &facts->issuer[i]);
}

#define SPACES(name_, run_, arg_, lint)                                                  \
	RULE(name_, LEVEL_NOTICE, "community", NULL, run_, .arg = (arg_),                \
	    .flags = RULE_NOT_COUNTED,                                                   \
	    .equivalents = "zlint:" lint "; certlint:W: Leading or trailing whitespace")

static const struct subrule SUBJECT_WHITESPACE[] = {
    SPACES("subject-leading", run_subject_spaces, 0, "w_subject_dn_leading_whitespace"),
    SPACES("subject-trailing", run_subject_spaces, 1, "w_subject_dn_trailing_whitespace"),
    SPACES("issuer-leading", run_issuer_spaces, 0, "w_issuer_dn_leading_whitespace"),
    SPACES("issuer-trailing", run_issuer_spaces, 1, "w_issuer_dn_trailing_whitespace"),
};

static const struct check CHECKS[] = {
    CHECK("subject-placeholder", SCOPE_CERTIFICATE,
	"An attribute says that there is nothing to say.", SUBJECT_PLACEHOLDER),
    CHECK("subject-ou", SCOPE_CERTIFICATE,
	"The subject has an organizationalUnitName, which nobody verifies.", SUBJECT_OU),
    CHECK("subject-whitespace", SCOPE_CERTIFICATE, "A value begins or ends with a space.",
	SUBJECT_WHITESPACE),
};

const struct check_family CHECK_NAMES_SUBJECT = {"names", CHECKS, ARRAY_LEN(CHECKS)};
