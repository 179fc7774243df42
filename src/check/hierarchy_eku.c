/* B8: what CA keys may be used for. */
#include "hierarchy.h"

static bool
has_eku(const struct judged *it)
{
	return it->facts->eku_at != NULL;
}

static bool
is_ca_with_eku(const struct judged *it)
{
	return is_ca_profile(it) && has_eku(it);
}

static bool
is_sub_with_eku(const struct judged *it)
{
	return is_sub_profile(it) && has_eku(it);
}

static bool
is_sub_of_its_own(const struct judged *it)
{
	return is_sub_ca(it) && !it->cross;
}

static bool
is_precert_with_eku(const struct judged *it)
{
	return is_precert_ca(it) && !cert_is_self_issued(it->cert);
}

static bool
is_non_tls_ca_here(const struct judged *it)
{
	return is_non_tls_ca(it) &&
	    (it->dates != DATES_NONE || !cert_is_self_issued(it->cert));
}

static bool
is_server_ca_with_eku(const struct judged *it)
{
	return is_tls_server_ca(it) && it->facts->eku_count > 0;
}

static void
fail_eku(struct trial *trial, const char *what)
{
	const struct extension *at = trial->it->facts->eku_at;

	eku_evidence(trial,
	    trial_fail(trial, at != NULL ? at->value : bytes_of(NULL, 0), "%s", what));
}

#define EKU_NAMED                                                                        \
	(EKU_SERVER | EKU_CLIENT | EKU_CODE | EKU_EMAIL | EKU_TIME | EKU_OCSP | EKU_ANY)
#define EKU_BESIDE_SERVER (EKU_EMAIL | EKU_CODE | EKU_TIME | EKU_OCSP)

/* BR 7.1.2.10.6, as far as it does not need to know what a cross-certificate is. */
static void
run_br(struct trial *trial)
{
	unsigned ekus = trial->it->facts->ekus;

	if ((ekus & EKU_ANY) != 0 && ekus != EKU_ANY)
		fail_eku(trial, "anyExtendedKeyUsage beside other purposes");
	else if ((ekus & EKU_BESIDE_SERVER) != 0)
		fail_eku(trial, "a CA for TLS that is for other things too");
}

/* MRSP 5.3. */
static void
run_mrsp(struct trial *trial)
{
	unsigned ekus = trial->it->facts->ekus;

	if (trial->it->facts->eku_count == 0)
		fail_eku(trial, "no extended key usage");
	else if ((ekus & EKU_ANY) != 0)
		fail_eku(trial, "anyExtendedKeyUsage");
	else if ((ekus & EKU_SERVER) != 0 && (ekus & EKU_EMAIL) != 0)
		fail_eku(trial, "serverAuth together with emailProtection");
}

static void
run_not_constrained(struct trial *trial)
{
	if ((trial->it->facts->ekus & (EKU_SERVER | EKU_CLIENT)) == 0)
		fail_eku(trial, "neither serverAuth nor clientAuth");
}

/* Chrome: new subordinate CAs are for serverAuth alone. */
static bool
is_server_ca_for_chrome(const struct judged *it)
{
	return is_server_ca_with_eku(it) && judged_trust(it, PROGRAM_CHROME) != TRUST_NO;
}

static void
run_server_only(struct trial *trial)
{
	if (trial->it->facts->ekus != EKU_SERVER)
		fail_eku(trial, "a subordinate CA that is not for serverAuth alone");
}

#define MRSP_53   .from = DATE(2019, 1, 1)
#define SC62      .from = DATE(2023, 9, 15)
#define SUB(name) "pkilint:cabf.serverauth.ca." name

static const struct subrule CA_EKU[] = {
    RULE("missing", LEVEL_ERROR, "BR 7.1.2.10.6", is_sub_profile, rule_ext_absent,
	.arg = OID_EXTENDED_KEY_USAGE, SC62,
	.equivalents = "pkilint:cabf.serverauth.ca.extended_key_usage_extension_absent"),
    RULE("missing-unconstrained", LEVEL_NOTICE, "BR 7.1.5", is_tls_sub_ca,
	rule_ext_absent, .arg = OID_EXTENDED_KEY_USAGE, .from = DATE(2012, 7, 1),
	.flags = RULE_NOT_COUNTED, .equivalents = "zlint:n_sub_ca_eku_missing"),
    RULE("unconstrained", LEVEL_NOTICE, "BR 7.1.2.2, 7.1.5", is_sub_with_eku,
	run_not_constrained, .from = DATE(2013, 7, 29), .flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:n_sub_ca_eku_not_technically_constrained"),
    RULE("mrsp", LEVEL_ERROR, "MRSP 5.3", is_sub_of_its_own, run_mrsp, MRSP_53,
	.equivalents = "zlint:n_mp_allowed_eku"),
    RULE("mixed", LEVEL_ERROR, "BR 7.1.2.10.6", is_sub_with_eku, run_br,
	.from = DATE(2020, 8, 20), .equivalents = "zlint:e_ca_invalid_eku"),
    RULE("critical", LEVEL_WARNING, "BR 7.1.2.2 SHOULD NOT", is_sub_with_eku,
	rule_ext_critical, .arg = OID_EXTENDED_KEY_USAGE, .from = DATE(2013, 7, 29),
	.flags = RULE_NOT_COUNTED, .equivalents = "zlint:w_sub_ca_eku_critical"),
    RULE("critical-profile", LEVEL_ERROR, "BR 7.1.2.5.1", is_ca_with_eku,
	rule_ext_critical, .arg = OID_EXTENDED_KEY_USAGE, SC62,
	.equivalents = "pkilint:cabf.serverauth.ca.critical_extended_key_usage_"
		       "extension"),
    RULE("root", LEVEL_ERROR, "BR 7.1.2.1.2", is_root_profile, rule_ext_present,
	.arg = OID_EXTENDED_KEY_USAGE, .from = DATE(2012, 7, 1),
	.equivalents =
	    "zlint:e_root_ca_extended_key_usage_present; "
	    "pkilint:cabf.serverauth.root.extended_key_usage_extension_present; "
	    "x509lint:ERR_ROOT_CA_WITH_EKU"),
    RULE("any", LEVEL_ERROR, "BR 7.1.2.10.6", is_server_ca_with_eku, rule_eku_present,
	.arg = EKU_ANY, SC62, .equivalents = SUB("anyeku_eku_present")),
    RULE("email", LEVEL_ERROR, "BR 7.1.2.10.6", is_server_ca_with_eku, rule_eku_present,
	.arg = EKU_EMAIL, SC62, .equivalents = SUB("emailprotection_eku_present")),
    RULE("code", LEVEL_ERROR, "BR 7.1.2.10.6", is_server_ca_with_eku, rule_eku_present,
	.arg = EKU_CODE, SC62, .equivalents = SUB("codesigning_eku_present")),
    RULE("ocsp", LEVEL_ERROR, "BR 7.1.2.10.6", is_server_ca_with_eku, rule_eku_present,
	.arg = EKU_OCSP, SC62, .equivalents = SUB("ocspsigning_eku_present")),
    RULE("no-server", LEVEL_ERROR, "BR 7.1.2.10.6", is_server_ca_with_eku,
	rule_eku_absent, .arg = EKU_SERVER, SC62,
	.equivalents = SUB("serverauth_eku_absent")),
    RULE("others", LEVEL_NOTICE, "BR 7.1.2.10.6 NOT RECOMMENDED", is_server_ca_with_eku,
	rule_eku_present, .arg = EKU_TIME | EKU_OTHER, SC62, .flags = RULE_NOT_COUNTED,
	.equivalents = "pkilint:cabf.serverauth.ca.unknown_eku_present"),
    RULE("not-tls-ocsp", LEVEL_ERROR, "BR 7.1.2.3.3", is_non_tls_ca_here,
	rule_eku_present, .arg = EKU_OCSP, SC62,
	.equivalents = "pkilint:cabf.serverauth.non_tls_ca.ocspsigning_eku_present"),
    RULE("precert-others", LEVEL_ERROR, "BR 7.1.2.4.2", is_precert_with_eku,
	rule_eku_present, .arg = EKU_NAMED | EKU_OTHER, SC62,
	.equivalents = "pkilint:cabf.serverauth.ca_precert_signing.unknown_eku_present"),
    RULE("server-only", LEVEL_ERROR, "Chrome RP 1.8 1.3.2(1)", is_server_ca_for_chrome,
	run_server_only, .from = DATE(2026, 6, 15)),
};

static bool
may_be_ca(const struct judged *it)
{
	return judged_is_ca(it) || it->dates == DATES_NONE;
}

static const struct check CHECKS[] = {
    {
	.id = "ca-eku",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.of_cas = true,
	.says = "A CA certificate's key is for uses that do not go together.",
	.applies = may_be_ca,
	.subrules = CA_EKU,
	.subrule_count = ARRAY_LEN(CA_EKU),
    },
};

const struct check_family CHECK_HIERARCHY_EKU = {"hierarchy", CHECKS, ARRAY_LEN(CHECKS)};
