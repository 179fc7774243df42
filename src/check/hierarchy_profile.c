/* B8: what a CA certificate has to say of itself: constraints, key usage, key
 * identifiers. Its name and policies are in hierarchy_subject.c, pointers and what
 * no profile names in hierarchy_extension.c. */
#include "hierarchy.h"

/* --- predicates -------------------------------------------------------------------- */

/* Whatever it is judged as. */
static bool
says_it_is_ca(const struct judged *it)
{
	return cert_is_ca(it->cert);
}

static bool
is_ca_with_ku(const struct judged *it)
{
	return is_ca_profile(it) && has_ku(it);
}

static bool
is_sure_ca_with_ku(const struct judged *it)
{
	return is_ca_with_ku(it) && judged_is_ca(it);
}

/* Without dates, one that is issued by itself and does not say that it is a CA. */
static bool
is_unsure_root_with_ku(const struct judged *it)
{
	return is_ca_with_ku(it) && !judged_is_ca(it);
}

static bool
is_any_root_with_ku(const struct judged *it)
{
	return is_root_ca(it) && has_ku(it);
}

static bool
is_any_root(const struct judged *it)
{
	return is_root_ca(it) ||
	    (it->dates == DATES_NONE && is_root_profile(it) && is_v3(it));
}

/* One of version 1 has no extension, and nothing to miss. */
static bool
is_root_with_extensions(const struct judged *it)
{
	return is_root_profile(it) && is_v3(it);
}

/* The linter without dates holds OCSP responders' names against the same rule. */
static bool
is_named_as_ca(const struct judged *it)
{
	return is_ca_profile(it) || (it->dates == DATES_NONE && judged_is_responder(it));
}

static bool
is_ca_with_bc(const struct judged *it)
{
	return is_ca_any(it) && has_bc(it);
}

static bool
is_root_with_bc(const struct judged *it)
{
	return is_root_profile(it) && has_bc(it);
}

static bool
signs_certificates(const struct judged *it)
{
	return judged_in_tls_scope(it) && has_bc(it) && has_ku(it) &&
	    (it->facts->ku.bits & KU_KEY_CERT_SIGN) != 0;
}

static bool
has_policies_here(const struct judged *it)
{
	return is_sub_profile(it) && it->facts->policies_at != NULL;
}

static bool
has_crldp(const struct judged *it)
{
	return is_sub_profile(it) &&
	    cert_extension(it->cert, OID_CRL_DISTRIBUTION_POINTS) != NULL;
}

static bool
has_aia(const struct judged *it)
{
	return is_ca_profile(it) &&
	    cert_extension(it->cert, OID_AUTHORITY_INFO_ACCESS) != NULL;
}

static bool
has_sub_aia(const struct judged *it)
{
	return is_sub_profile(it) && has_aia(it);
}

/* --- basicConstraints, keyUsage -------------------------------------------------------
 */

static void
run_not_ca(struct trial *trial)
{
	if (!trial->it->facts->bc.ca)
		trial_fail(trial, trial->it->facts->bc_at->value, "cA is not TRUE");
}

static void
run_path_length(struct trial *trial)
{
	const struct basic_constraints *bc = &trial->it->facts->bc;

	if (bc->has_path_length)
		trial_fail(trial, bc->path_length_at, "a root with pathLenConstraint");
}

/* One without a bit is none. */
static void
run_no_ku(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	if (facts->ku_at == NULL)
		trial_fail(trial, bytes_of(NULL, 0), "no keyUsage extension");
	else if (facts->ku.bits == 0)
		trial_fail(trial, facts->ku_at->value, "a key usage without any use");
}

/* arg: the bit. */
static void
run_ku_lacks(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	if ((facts->ku.bits & (uint32_t)trial->rule->arg) == 0)
		trial_fail(trial, facts->ku_at->value, "key usage without %s",
		    key_usage_name((enum key_usage_bit)trial->rule->arg));
}

#define KU_REQUIRED ((uint32_t)(KU_KEY_CERT_SIGN | KU_CRL_SIGN))
#define KU_OF_CAS   (KU_REQUIRED | KU_DIGITAL_SIGNATURE)

static void
run_ku_prohibited(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;
	uint32_t bits = facts->ku.bits & 0x1ff & ~KU_OF_CAS;

	if (bits != 0 && (facts->ku.bits & KU_REQUIRED) == KU_REQUIRED)
		trial_fail(trial, facts->ku_at->value, "a CA's key usage with %s",
		    key_usage_name((enum key_usage_bit)(bits & -bits)));
}

/* The linter that knows no dates stops at a graver defect of the key usage. */
static void
run_no_digital_signature(struct trial *trial)
{
	uint32_t bits = trial->it->facts->ku.bits & 0x1ff;
	bool graver = (bits & KU_REQUIRED) != KU_REQUIRED || (bits & ~KU_OF_CAS) != 0;

	if ((bits & KU_DIGITAL_SIGNATURE) == 0 &&
	    !(graver && trial->it->dates == DATES_NONE))
		trial_fail(trial, trial->it->facts->ku_at->value,
		    "without digitalSignature the key may sign no OCSP response");
}

/* --- key identifiers ------------------------------------------------------------------
 */

static void
run_root_ids(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;
	const struct extension *at = cert_extension(cert, OID_SUBJECT_KEY_IDENTIFIER);
	struct authority_key_id authority;
	uint32_t flaws;
	struct bytes id = extension_subject_key_id(at, &flaws);

	extension_authority_key_id(
	    cert_extension(cert, OID_AUTHORITY_KEY_IDENTIFIER), &authority);
	if (authority.key_id.data == NULL || id.data == NULL)
		trial_not_applicable(trial);
	else if (!bytes_equal(authority.key_id, id))
		trial_fail(trial, authority.key_id,
		    "a root whose two key identifiers are not the same");
}

/* --- the table --- */

#define ROOT(name)  "pkilint:cabf.serverauth.root." name
#define SUB(name)   "pkilint:cabf.serverauth.ca." name
#define SC62        .from = DATE(2023, 9, 15)
#define BR1         .from = DATE(2012, 7, 1)
#define RFC2459     .from = DATE(1999, 1, 1)
#define RECOMMENDED .flags = RULE_NOT_COUNTED

static const struct subrule CA_PROFILE[] = {
    RULE("not-ca", LEVEL_ERROR, "BR 7.1.2.1.4, 7.1.2.10.4", signs_certificates,
	run_not_ca, BR1,
	.equivalents = "zlint:e_ca_is_ca; x509lint:ERR_NO_BASIC_CONSTRAINTS"),
    RULE("root-not-ca", LEVEL_ERROR, "BR 7.1.2.1.4", is_root_with_bc, run_not_ca,
	.equivalents = "pkilint:cabf.serverauth.root_basic_constraints_ca_not_present; "
		       "pkilint:cabf.serverauth.ca_basic_constraints_ca_bit_not_set"),
    RULE("bc-not-critical", LEVEL_ERROR, "RFC 5280 4.2.1.9; BR 7.1.2.10", is_ca_with_bc,
	rule_ext_not_critical, .arg = OID_BASIC_CONSTRAINTS, RFC2459,
	.equivalents = "zlint:e_basic_constraints_not_critical; " SUB(
	    "non_critical_basic_constraints_extension")),
    RULE("path-length", LEVEL_WARNING, "BR 7.1.2.1.4 NOT RECOMMENDED", is_root_with_bc,
	run_path_length, BR1, RECOMMENDED,
	.equivalents =
	    "zlint:w_root_ca_basic_constraints_path_len_constraint_field_present; "
	    "pkilint:cabf.serverauth.root_basic_constraints_pathlenconstraint_present"),

    RULE("ku-missing", LEVEL_ERROR, "RFC 5280 4.2.1.3", judged_is_ca, run_no_ku,
	.from = DATE(2002, 4, 1),
	.equivalents = "zlint:e_ca_key_usage_missing; "
		       "pkilint:pkix.ca_certificate_no_ku_extension"),
    RULE("sub-ku-missing", LEVEL_ERROR, "BR 7.1.2.10.7", is_sub_profile, rule_ext_absent,
	.arg = OID_KEY_USAGE, SC62, .equivalents = SUB("key_usage_extension_absent")),
    RULE("root-ku-missing", LEVEL_ERROR, "RFC 2459 4.2.1.3; BR 7.1.2.1.2", is_any_root,
	rule_ext_absent, .arg = OID_KEY_USAGE, RFC2459,
	.equivalents =
	    "zlint:e_root_ca_key_usage_present; " ROOT("key_usage_extension_absent")),
    RULE("ku-not-critical", LEVEL_ERROR, "BR 7.1.2.1.2, 7.1.2.10", is_ca_with_ku,
	rule_ext_not_critical, .arg = OID_KEY_USAGE, BR1,
	.equivalents = "zlint:e_ca_key_usage_not_critical; " SUB(
	    "non_critical_key_usage_extension")),
    RULE("root-ku-not-critical", LEVEL_ERROR, "RFC 2459 4.2.1.3; BR 7.1.2.1.2",
	is_any_root_with_ku, rule_ext_not_critical, .arg = OID_KEY_USAGE, RFC2459,
	.equivalents = "zlint:e_root_ca_key_usage_must_be_critical"),
    RULE("no-cert-sign", LEVEL_ERROR, "BR 7.1.2.10.7", is_sure_ca_with_ku, run_ku_lacks,
	.arg = KU_KEY_CERT_SIGN, BR1,
	.equivalents = "zlint:e_ca_key_cert_sign_not_set; "
		       "pkilint:pkix.ca_certificate_keycertsign_keyusage_not_set; "
		       "pkilint:cabf.ca_certificate_required_ku_missing"),
    RULE("root-no-cert-sign", LEVEL_ERROR, "BR 7.1.2.1.2", is_unsure_root_with_ku,
	run_ku_lacks, .arg = KU_KEY_CERT_SIGN,
	.equivalents = "pkilint:cabf.ca_certificate_required_ku_missing"),
    RULE("no-crl-sign", LEVEL_ERROR, "BR 7.1.2.10.7", is_ca_with_ku, run_ku_lacks,
	.arg = KU_CRL_SIGN, BR1,
	.equivalents = "zlint:e_ca_crl_sign_not_set; "
		       "pkilint:cabf.ca_certificate_required_ku_missing"),
    RULE("ku-prohibited", LEVEL_ERROR, "BR 7.1.2.10.7", is_ca_with_ku, run_ku_prohibited,
	SC62, .equivalents = "pkilint:cabf.ca_certificate_prohibited_ku_present"),
    RULE("no-digital-signature", LEVEL_NOTICE, "BR 7.1.2.10.7", is_ca_with_ku,
	run_no_digital_signature, BR1, RECOMMENDED,
	.equivalents = "zlint:n_ca_digital_signature_not_set; "
		       "pkilint:cabf.ca_certificate_no_digital_signature_bit"),

    RULE("ski-missing", LEVEL_ERROR, "RFC 5280 4.2.1.2; BR 7.1.2.10", says_it_is_ca,
	rule_ext_absent, .arg = OID_SUBJECT_KEY_IDENTIFIER, RFC2459,
	.equivalents = "zlint:e_ext_subject_key_identifier_missing_ca; "
		       "pkilint:pkix.certificate_skid_ca_missing"),
    RULE("sub-ski-missing", LEVEL_ERROR, "BR 7.1.2.5.1", is_sub_profile, rule_ext_absent,
	.arg = OID_SUBJECT_KEY_IDENTIFIER, SC62,
	.equivalents = SUB("subject_key_identifier_extension_absent")),
    RULE("root-ski-missing", LEVEL_ERROR, "BR 7.1.2.1.2", is_root_with_extensions,
	rule_ext_absent, .arg = OID_SUBJECT_KEY_IDENTIFIER, SC62,
	.equivalents = ROOT("subject_key_identifier_extension_absent")),
    RULE("aki-missing", LEVEL_ERROR, "BR 7.1.2.5.1", is_sub_profile, rule_ext_absent,
	.arg = OID_AUTHORITY_KEY_IDENTIFIER, SC62,
	.equivalents = SUB("authority_key_identifier_extension_absent")),
    RULE("root-aki-missing", LEVEL_NOTICE, "BR 7.1.2.1.2 RECOMMENDED",
	is_root_with_extensions, rule_ext_absent, .arg = OID_AUTHORITY_KEY_IDENTIFIER,
	SC62, RECOMMENDED,
	.equivalents = ROOT("authority_key_identifier_extension_absent")),
    RULE("root-ids-differ", LEVEL_ERROR, "BR 7.1.2.1.3", is_root_profile, run_root_ids,
	SC62, .equivalents = "pkilint:cabf.serverauth.root_aki_ski_not_equal"),
    RULE("aki-critical", LEVEL_ERROR, "BR 7.1.2.5.1", is_ca_profile, rule_ext_critical,
	.arg = OID_AUTHORITY_KEY_IDENTIFIER, SC62,
	.equivalents = SUB("critical_authority_key_identifier_extension")),
    RULE("ski-critical", LEVEL_ERROR, "BR 7.1.2.5.1", is_ca_profile, rule_ext_critical,
	.arg = OID_SUBJECT_KEY_IDENTIFIER, SC62,
	.equivalents = SUB("critical_subject_key_identifier_extension")),

    RULE("policies-missing", LEVEL_ERROR, "BR 7.1.2.10.5", is_sub_profile,
	rule_ext_absent, .arg = OID_CERTIFICATE_POLICIES, BR1,
	.equivalents = "zlint:e_sub_ca_certificate_policies_missing; " SUB(
	    "certificate_policies_extension_absent")),
    RULE("policies-critical", LEVEL_WARNING, "BR 7.1.2.10 SHOULD NOT", has_policies_here,
	rule_ext_critical, .arg = OID_CERTIFICATE_POLICIES, BR1, RECOMMENDED,
	.equivalents = "zlint:w_sub_ca_certificate_policies_marked_critical"),
    RULE("policies-critical-profile", LEVEL_ERROR, "BR 7.1.2.5.1", is_ca_profile,
	rule_ext_critical, .arg = OID_CERTIFICATE_POLICIES, SC62,
	.equivalents = SUB("critical_certificate_policies_extension")),
    RULE("root-policies", LEVEL_WARNING, "BR 7.1.2.1.2 NOT RECOMMENDED", is_root_profile,
	rule_ext_present, .arg = OID_CERTIFICATE_POLICIES, BR1, RECOMMENDED,
	.equivalents = "zlint:w_root_ca_contains_cert_policy; " ROOT(
	    "certificate_policies_extension_present")),
    RULE("policies-invalid", LEVEL_ERROR, "BR 7.1.2.10.5", is_sub_profile,
	rule_ca_policies, SC62, .equivalents = "zlint:e_invalid_ca_certificate_policies"),
    RULE("policies-several", LEVEL_ERROR, "BR 7.1.2.10.5", is_policy_restricted,
	rule_ca_policies_several, SC62,
	.equivalents = "zlint:e_ca_multiple_reserved_policy_oids; "
		       "pkilint:cabf.serverauth.ca_multiple_reserved_policy_oids"),
    RULE("policies-any", LEVEL_ERROR, "BR 7.1.2.10.5", is_ca_profile,
	rule_ca_policies_any, SC62,
	.equivalents = "pkilint:cabf.serverauth.ca_anypolicy_with_other_policy_oid"),
    RULE("policies-none-reserved", LEVEL_ERROR, "BR 7.1.2.10.5", is_ca_profile,
	rule_ca_policies_none, SC62,
	.equivalents = "pkilint:cabf.serverauth.ca_missing_reserved_policy_oid"),
    RULE("policies-not-tls", LEVEL_ERROR, "BR 7.1.2.3.2", is_non_tls_ca,
	rule_ca_policies_not_tls, SC62,
	.equivalents = "pkilint:cabf.serverauth.ca_non_tls_has_reserved_policy_oid"),
    RULE("policies-order", LEVEL_NOTICE, "BR 7.1.2.10.5 RECOMMENDED", is_ca_profile,
	rule_ca_policies_order, SC62, RECOMMENDED,
	.equivalents = "pkilint:cabf.serverauth.ca_first_policy_oid_not_reserved"),

    RULE("crldp-missing", LEVEL_ERROR, "BR 7.1.2.11.2", is_sub_profile, rule_ext_absent,
	.arg = OID_CRL_DISTRIBUTION_POINTS, BR1,
	.equivalents = "zlint:e_sub_ca_crl_distribution_points_missing; " SUB(
	    "crl_distribution_points_extension_absent")),
    RULE("crldp-no-url", LEVEL_ERROR, "BR 7.1.2.11.2", has_crldp, rule_ca_no_crl_url, BR1,
	.equivalents = "zlint:e_sub_ca_crl_distribution_points_does_not_contain_url"),
    RULE("crldp-critical", LEVEL_ERROR, "BR 7.1.2.11.2", has_crldp, rule_ext_critical,
	.arg = OID_CRL_DISTRIBUTION_POINTS, BR1,
	.equivalents = "zlint:e_sub_ca_crl_distribution_points_marked_critical"),
    RULE("crldp-critical-profile", LEVEL_ERROR, "BR 7.1.2.5.1", is_ca_profile,
	rule_ext_critical, .arg = OID_CRL_DISTRIBUTION_POINTS, SC62,
	.equivalents = SUB("critical_crl_distribution_points_extension")),
    RULE("aia-missing", LEVEL_ERROR, "BR 7.1.2.2 (to 1.7.0)", is_sub_profile,
	rule_ext_absent, .arg = OID_AUTHORITY_INFO_ACCESS, BR1,
	.until = DATE(2020, 8, 20), .flags = RULE_PAST,
	.equivalents = "zlint:e_sub_ca_aia_missing"),
    RULE("aia-recommended", LEVEL_WARNING, "BR 7.1.2.10.3 SHOULD", is_sub_profile,
	rule_ext_absent, .arg = OID_AUTHORITY_INFO_ACCESS, .from = DATE(2020, 8, 20),
	RECOMMENDED,
	.equivalents =
	    "zlint:w_sub_ca_aia_missing; " SUB("authority_info_access_extension_absent")),
    RULE("aia-no-issuer", LEVEL_WARNING, "BR 7.1.2.2 (to 1.8.7) SHOULD", is_sub_profile,
	rule_ca_no_issuer_url, BR1, .until = DATE(2023, 9, 15),
	.flags = RULE_NOT_COUNTED | RULE_PAST,
	.equivalents = "zlint:w_sub_ca_aia_does_not_contain_issuing_ca_url"),
    RULE("aia-critical", LEVEL_ERROR, "RFC 5280 4.2.2.1; BR 7.1.2.10.3", has_sub_aia,
	rule_ext_critical, .arg = OID_AUTHORITY_INFO_ACCESS,
	.equivalents = "zlint:e_sub_ca_aia_marked_critical"),
    RULE("aia-critical-profile", LEVEL_ERROR, "BR 7.1.2.5.1", has_aia, rule_ext_critical,
	.arg = OID_AUTHORITY_INFO_ACCESS, SC62,
	.equivalents = SUB("critical_authority_info_access_extension")),
    RULE("aia-not-http", LEVEL_ERROR, "BR 7.1.2.10.3", is_sub_profile,
	rule_ca_access_not_http, SC62, .equivalents = "zlint:e_ca_aia_non_http_url"),
    RULE("aia-method", LEVEL_ERROR, "BR 7.1.2.10.3", has_aia, rule_ca_access_method, SC62,
	.equivalents = SUB("unknown_aia_access_method_present")),

    RULE("subject-empty", LEVEL_ERROR, "RFC 5280 4.1.2.6", judged_is_ca,
	rule_ca_subject_empty, RFC2459, .equivalents = "zlint:e_ca_subject_field_empty"),
    RULE("no-common-name", LEVEL_ERROR, "BR 7.1.2.10.2", is_named_as_ca, rule_ca_lacks,
	.arg = OID_COMMON_NAME, .from = DATE(2017, 6, 8),
	.equivalents =
	    "zlint:e_ca_common_name_missing; " SUB("common_name_attribute_absent")),
    RULE("no-country", LEVEL_ERROR, "BR 7.1.2.10.2", is_named_as_ca, rule_ca_lacks,
	.arg = OID_COUNTRY, BR1,
	.equivalents =
	    "zlint:e_ca_country_name_missing; " SUB("country_attribute_absent")),
    RULE("no-organization", LEVEL_ERROR, "BR 7.1.2.10.2", is_named_as_ca, rule_ca_lacks,
	.arg = OID_ORGANIZATION, BR1,
	.equivalents = "zlint:e_ca_organization_name_missing; " SUB(
	    "organization_name_attribute_absent")),
    RULE("ou-present", LEVEL_ERROR, "BR 7.1.2.10.2", is_named_as_ca, rule_attr_present,
	.arg = OID_ORGANIZATIONAL_UNIT, SC62,
	.equivalents = "zlint:e_subj_orgunit_in_ca_cert; " SUB(
	    "organizational_unit_name_attribute_present")),
    RULE("unknown-attribute", LEVEL_NOTICE, "BR 7.1.2.10.2 NOT RECOMMENDED",
	is_named_as_ca, rule_ca_attribute_unknown, SC62, RECOMMENDED,
	.equivalents = SUB("unknown_attribute_present")),
    RULE("root-names-differ", LEVEL_ERROR, "BR 7.1.2.1", is_ca_any, rule_root_names, SC62,
	.equivalents =
	    "pkilint:cabf.serverauth.root_subject_issuer_name_encoding_not_equal"),

    RULE("unknown-extension", LEVEL_NOTICE, "BR 7.1.2.5.1 NOT RECOMMENDED",
	is_sub_profile, rule_ca_extension, SC62, RECOMMENDED,
	.equivalents = SUB("unknown_extension_present")),
    RULE("root-unknown-extension", LEVEL_NOTICE, "BR 7.1.2.1.2 NOT RECOMMENDED",
	is_root_profile, rule_root_extension, SC62, RECOMMENDED,
	.equivalents = ROOT("unknown_extension_present")),
};

/* What is plainly none is not asked sixty times. */
static bool
may_be_ca(const struct judged *it)
{
	return judged_is_ca(it) || it->dates == DATES_NONE || signs_certificates(it);
}

static const struct check CHECKS[] = {
    {
	.id = "ca-profile",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.of_cas = true,
	.says = "A CA certificate that does not look as the requirements want it.",
	.applies = may_be_ca,
	.subrules = CA_PROFILE,
	.subrule_count = ARRAY_LEN(CA_PROFILE),
    },
};

const struct check_family CHECK_HIERARCHY_PROFILE = {
    "hierarchy", CHECKS, ARRAY_LEN(CHECKS)};
