/* B2: a leaf certificate with the marks of a CA. */
#include "check_priv.h"

static bool
is_tls_leaf_with_ku(const struct judged *it)
{
	return is_tls_not_ca(it) && has_ku(it);
}

static bool
is_any_leaf_with_ku(const struct judged *it)
{
	return (is_tls_not_ca(it) || (it->dates == DATES_NONE && !judged_is_ca(it))) &&
	    has_ku(it);
}

static bool
is_tls_leaf_with_bc(const struct judged *it)
{
	return judged_is_tls_subscriber(it) && has_bc(it);
}

static bool
is_leaf_by_usage(const struct judged *it)
{
	return judged_in_tls_scope(it) && has_ku(it) && has_bc(it) &&
	    (it->facts->ku.bits & KU_KEY_CERT_SIGN) == 0;
}

static bool
is_server_by_usage(const struct judged *it)
{
	return is_leaf_by_usage(it) && it->facts->dns_count > 0;
}

static bool
is_other_leaf_by_usage(const struct judged *it)
{
	return is_leaf_by_usage(it) && it->facts->dns_count == 0;
}

/* arg: the bit. */
static void
run_ku_bit(struct trial *trial)
{
	if ((trial->it->facts->ku.bits & (uint32_t)trial->rule->arg) != 0)
		usage_evidence(trial,
		    trial_fail(trial, trial->it->facts->ku_at->value, "a leaf with %s",
			key_usage_name((enum key_usage_bit)trial->rule->arg)));
}

static void
run_cert_sign_without_ca(struct trial *trial)
{
	if ((trial->it->facts->ku.bits & KU_KEY_CERT_SIGN) != 0 &&
	    !judged_is_ca(trial->it))
		trial_fail(
		    trial, trial->it->facts->ku_at->value, "keyCertSign without cA");
}

static void
run_is_ca(struct trial *trial)
{
	if (trial->it->facts->bc.ca)
		trial_fail(trial, trial->it->facts->bc_at->value,
		    "cA set, and no key usage of a CA");
}

static void
run_path_length(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	if (facts->bc.has_path_length &&
	    (!judged_is_ca(trial->it) || (facts->ku.bits & KU_KEY_CERT_SIGN) == 0))
		trial_fail(trial, facts->bc.path_length_at,
		    "pathLenConstraint without cA and keyCertSign");
}

static const struct subrule LEAF_CA_BITS[] = {
    RULE("cert-sign", LEVEL_ERROR, "BR 7.1.2.7.8, 7.1.2.7.11", is_any_leaf_with_ku,
	run_ku_bit, .arg = KU_KEY_CERT_SIGN, .from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_sub_cert_key_usage_cert_sign_bit_set; "
		       "pkilint:pkix.ee_certificate_keycertsign_keyusage_set; "
		       "x509lint:ERR_KEY_USAGE_HAS_CERT_SIGN"),
    RULE("crl-sign", LEVEL_ERROR, "BR 7.1.2.7.8, 7.1.2.7.11", is_tls_leaf_with_ku,
	run_ku_bit, .arg = KU_CRL_SIGN, .from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_sub_cert_key_usage_crl_sign_bit_set"),
    RULE("without-ca", LEVEL_ERROR, "RFC 5280 4.2.1.3, 4.2.1.9", has_ku,
	run_cert_sign_without_ca, .from = DATE(2002, 4, 1),
	.equivalents = "zlint:e_ext_key_usage_cert_sign_without_ca; "
		       "certlint:E: keyCertSign without CA:TRUE"),
    RULE("server-is-ca", LEVEL_ERROR, "BR 7.1.2.7.8", is_server_by_usage, run_is_ca,
	.from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_sub_cert_not_is_ca; "
		       "pkilint:cabf.serverauth.subscriber_basic_constraints_ca_bit_set"),
    RULE("is-ca", LEVEL_ERROR, "BR 7.1.2.7.8", is_other_leaf_by_usage, run_is_ca,
	.from = DATE(2012, 7, 1), .equivalents = "zlint:e_sub_cert_not_is_ca"),
    RULE("not-critical", LEVEL_ERROR, "BR 7.1.2.7.6", is_tls_leaf_with_bc,
	rule_ext_not_critical, .arg = OID_BASIC_CONSTRAINTS, .from = DATE(2023, 9, 15),
	.equivalents = "zlint:e_sub_cert_basic_constraints_not_critical; "
		       "pkilint:cabf.serverauth.subscriber.non_critical_basic_"
		       "constraints_extension"),
    RULE("path-length", LEVEL_ERROR, "RFC 5280 4.2.1.9", has_bc, run_path_length,
	.from = DATE(2002, 4, 1),
	.equivalents = "zlint:e_path_len_constraint_improperly_included"),
};

static const struct check CHECKS[] = {
    CHECK("leaf-ca-bits", SCOPE_CERTIFICATE, "A leaf certificate with the marks of a CA.",
	LEAF_CA_BITS),
};

const struct check_family CHECK_USAGE_LEAF = {"usage", CHECKS, ARRAY_LEN(CHECKS)};
