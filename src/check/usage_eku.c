/* B2: extended key usage. */
#include "check_priv.h"

/* --- eku-missing, eku-not-allowed --- */

#define EKU_KNOWN                                                                        \
	(EKU_SERVER | EKU_CLIENT | EKU_CODE | EKU_EMAIL | EKU_TIME | EKU_OCSP | EKU_ANY)

static bool
has_eku(const struct judged *it)
{
	return it->facts->eku_at != NULL;
}

static bool
is_tls_leaf_with_eku(const struct judged *it)
{
	return judged_is_tls_subscriber(it) && has_eku(it);
}

static void
run_eku_neither(struct trial *trial)
{
	if ((trial->it->facts->ekus & (EKU_SERVER | EKU_CLIENT)) == 0)
		trial_fail(trial, trial->it->facts->eku_at->value,
		    "neither serverAuth nor clientAuth");
}

static const struct {
	enum fact_eku bit;
	const char *name;
} EKU_NAMES[] = {
    {EKU_SERVER, "serverAuth"},
    {EKU_CLIENT, "clientAuth"},
    {EKU_CODE, "codeSigning"},
    {EKU_EMAIL, "emailProtection"},
    {EKU_TIME, "timeStamping"},
    {EKU_OCSP, "OCSPSigning"},
    {EKU_ANY, "anyExtendedKeyUsage"},
    {EKU_PRECERT, "precertificateSigning"},
    {EKU_OTHER, "an unknown purpose"},
};

const char *
eku_name(unsigned bits)
{
	for (size_t i = 0; i < ARRAY_LEN(EKU_NAMES); i++)
		if ((bits & EKU_NAMES[i].bit) != 0)
			return EKU_NAMES[i].name;
	return "";
}

void
eku_evidence(struct trial *trial, struct finding *finding)
{
	evidence_list(trial, finding, "ekus");
	for (size_t i = 0; i < ARRAY_LEN(EKU_NAMES); i++)
		if ((trial->it->facts->ekus & EKU_NAMES[i].bit) != 0)
			evidence_text(trial, finding, NULL, EKU_NAMES[i].name);
	evidence_end(trial, finding);
}

/* arg: the purposes that may not be there. */
void
rule_eku_present(struct trial *trial)
{
	unsigned bad = trial->it->facts->ekus & (unsigned)trial->rule->arg;

	if (bad != 0)
		eku_evidence(trial,
		    trial_fail(trial, trial->it->facts->eku_at->value,
			"extended key usage %s", eku_name(bad)));
}

void
rule_eku_absent(struct trial *trial)
{
	if ((trial->it->facts->ekus & (unsigned)trial->rule->arg) == 0)
		eku_evidence(trial,
		    trial_fail(trial, trial->it->facts->eku_at->value,
			"extended key usage without %s",
			eku_name((unsigned)trial->rule->arg)));
}

/* BR 7.1.2.7.10 in one. */
static void
run_eku_br(struct trial *trial)
{
	unsigned ekus = trial->it->facts->ekus;
	unsigned bad =
	    ekus & (EKU_ANY | EKU_CODE | EKU_TIME | EKU_OCSP | EKU_EMAIL | EKU_PRECERT);

	if (bad != 0)
		eku_evidence(trial,
		    trial_fail(trial, trial->it->facts->eku_at->value,
			"extended key usage %s", eku_name(bad)));
	else if ((ekus & EKU_SERVER) == 0)
		eku_evidence(trial,
		    trial_fail(trial, trial->it->facts->eku_at->value,
			"extended key usage without serverAuth"));
	else if ((ekus & EKU_OTHER) != 0)
		eku_evidence(trial,
		    trial_fail_at(trial, LEVEL_WARNING, trial->it->facts->eku_at->value,
			"extended key usage beyond serverAuth and clientAuth"));
}

static void
run_eku_any_critical(struct trial *trial)
{
	if (trial->it->facts->eku_at->critical && (trial->it->facts->ekus & EKU_ANY) != 0)
		trial_fail(trial, trial->it->facts->eku_at->whole,
		    "anyExtendedKeyUsage in a critical extension");
}

static const struct subrule EKU_MISSING[] = {
    RULE("absent", LEVEL_ERROR, "BR 7.1.2.3(f), 7.1.2.7.6; MRSP 5.2", is_extended_leaf,
	rule_ext_absent, .arg = OID_EXTENDED_KEY_USAGE, .from = DATE(2012, 7, 1),
	.equivalents =
	    "zlint:e_sub_cert_eku_missing; "
	    "pkilint:cabf.serverauth.subscriber.extended_key_usage_extension_absent; "
	    "x509lint:WARN_NO_EKU"),
    RULE("neither", LEVEL_ERROR, "BR 7.1.2.3(f)", is_tls_leaf_with_eku, run_eku_neither,
	.from = DATE(2012, 7, 1), .until = DATE(2023, 9, 15),
	.flags = RULE_WINDOW | RULE_PAST,
	.equivalents = "zlint:e_sub_cert_eku_server_auth_client_auth_missing"),
};

#define SUBSCRIBER "pkilint:cabf.serverauth.subscriber."

static const struct subrule EKU_NOT_ALLOWED[] = {
    RULE("extra", LEVEL_WARNING, "BR 7.1.2.3(f) SHOULD NOT", is_tls_leaf_with_eku,
	rule_eku_present,
	.arg = (EKU_KNOWN | EKU_PRECERT | EKU_OTHER) &
	    ~(EKU_SERVER | EKU_CLIENT | EKU_EMAIL),
	.from = DATE(2012, 7, 1), .until = DATE(2023, 9, 15),
	.flags = RULE_NOT_COUNTED | RULE_WINDOW | RULE_PAST,
	.equivalents = "zlint:w_sub_cert_eku_extra_values"),
    RULE("br", LEVEL_ERROR, "BR 7.1.2.7.10", is_tls_leaf_with_eku, run_eku_br,
	.from = DATE(2023, 9, 15), .equivalents = "zlint:e_sub_cert_eku_check"),
    RULE("no-server-auth", LEVEL_ERROR, "BR 7.1.2.7.10", is_tls_leaf_with_eku,
	rule_eku_absent, .arg = EKU_SERVER, .from = DATE(2023, 9, 15),
	.equivalents = SUBSCRIBER "serverauth_eku_absent; x509lint:ERR_MISSING_EKU"),
    RULE("any", LEVEL_ERROR, "BR 7.1.2.7.10", is_tls_leaf_with_eku, rule_eku_present,
	.arg = EKU_ANY, .from = DATE(2023, 9, 15),
	.equivalents = SUBSCRIBER "anyeku_eku_present"),
    RULE("code-signing", LEVEL_ERROR, "BR 7.1.2.7.10", is_tls_leaf_with_eku,
	rule_eku_present, .arg = EKU_CODE, .from = DATE(2023, 9, 15),
	.equivalents = SUBSCRIBER "codesigning_eku_present"),
    RULE("email", LEVEL_ERROR, "BR 7.1.2.7.10", is_tls_leaf_with_eku, rule_eku_present,
	.arg = EKU_EMAIL, .from = DATE(2023, 9, 15),
	.equivalents = SUBSCRIBER "emailprotection_eku_present"),
    RULE("time-stamping", LEVEL_ERROR, "BR 7.1.2.7.10", is_tls_leaf_with_eku,
	rule_eku_present, .arg = EKU_TIME, .from = DATE(2023, 9, 15),
	.equivalents = SUBSCRIBER "timestamping_eku_present"),
    RULE("ocsp-signing", LEVEL_ERROR, "BR 7.1.2.7.10", is_tls_leaf_with_eku,
	rule_eku_present, .arg = EKU_OCSP, .from = DATE(2023, 9, 15)),
    RULE("precert-signing", LEVEL_ERROR, "BR 7.1.2.7.10", is_tls_leaf_with_eku,
	rule_eku_present, .arg = EKU_PRECERT, .from = DATE(2023, 9, 15),
	.equivalents = SUBSCRIBER "precertsigning_eku_present"),
    RULE("unknown", LEVEL_WARNING, "BR 7.1.2.7.10", is_tls_leaf_with_eku,
	rule_eku_present, .arg = EKU_OTHER, .from = DATE(2023, 9, 15),
	.flags = RULE_NOT_COUNTED, .equivalents = SUBSCRIBER "unknown_eku_present"),
    RULE("critical", LEVEL_ERROR, "BR 7.1.2.7.6", is_tls_leaf_with_eku, rule_ext_critical,
	.arg = OID_EXTENDED_KEY_USAGE, .from = DATE(2023, 9, 15),
	.equivalents =
	    "zlint:e_eku_critical; " SUBSCRIBER "critical_extended_key_usage_extension"),
    RULE("critical-any", LEVEL_WARNING, "RFC 5280 4.2.1.12", has_eku,
	run_eku_any_critical, .from = DATE(2002, 4, 1), .flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_eku_critical_improperly"),
};

/* --- eku-client-auth, eku-ku-inconsistent --- */

/* Where nothing is said of its CA's roots it may be. */
static bool
is_leaf_for_chrome(const struct judged *it)
{
	return is_tls_leaf_with_eku(it) && judged_trust(it, PROGRAM_CHROME) != TRUST_NO;
}

static void
run_client_auth(struct trial *trial)
{
	if ((trial->it->facts->ekus & (EKU_SERVER | EKU_CLIENT)) ==
	    (EKU_SERVER | EKU_CLIENT))
		trial_fail(trial, trial->it->facts->eku_at->value,
		    "clientAuth together with serverAuth");
}

static const struct subrule EKU_CLIENT_AUTH[] = {
    RULE("leaf-before", LEVEL_NOTICE, "Chrome Root Program 1.8, 1.3.2",
	is_leaf_for_chrome, run_client_auth, .from = DATE(2026, 6, 15),
	.until = DATE(2027, 3, 15), .flags = RULE_WINDOW | RULE_NOT_COUNTED),
    RULE("leaf", LEVEL_ERROR, "Chrome Root Program 1.8, 1.3.2", is_leaf_for_chrome,
	run_client_auth, .from = DATE(2027, 3, 15),
	.equivalents = "zlint:e_client_auth_not_allowed"),
};

/* RFC 5280, 4.2.1.12: the key usages that each purpose may go with; or'ed sets of
 * those that go together, keyEncipherment and keyAgreement never both. */
static bool
fits_purpose(uint32_t bits, unsigned eku)
{
	uint32_t allowed;

	switch (eku) {
	case EKU_SERVER:
		allowed = KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT;
		break;
	case EKU_CLIENT:
		allowed = KU_DIGITAL_SIGNATURE | KU_KEY_AGREEMENT;
		break;
	case EKU_CODE:
		allowed = KU_DIGITAL_SIGNATURE;
		break;
	case EKU_EMAIL:
		allowed = KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION |
		    KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT;
		break;
	case EKU_TIME:
	case EKU_OCSP:
		allowed = KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION;
		break;
	default:
		return true;
	}
	return bits != 0 && (bits & ~allowed) == 0 &&
	    (bits & (KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT)) !=
	    (KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT);
}

/* With several purposes the usages have to fit one of them, or be made up of what
 * each allows; any purpose at all goes with any usage. */
static void
run_inconsistent(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;
	unsigned purposes = facts->ekus & EKU_KNOWN;
	uint32_t bits = facts->ku.bits & 0x1ff, left = bits;
	bool fits_one = false, several = (purposes & (purposes - 1)) != 0;

	if (purposes == 0 || (purposes & EKU_ANY) != 0)
		return;
	for (unsigned eku = 1; eku <= EKU_OCSP; eku <<= 1) {
		if ((purposes & eku) == 0)
			continue;
		fits_one = fits_one || fits_purpose(bits, eku);
		for (uint32_t bit = 1; bit <= KU_DECIPHER_ONLY; bit <<= 1)
			if ((bits & bit) != 0 && fits_purpose(bit, eku))
				left &= ~bit;
	}
	if (fits_one || (several && bits != 0 && left == 0))
		return;
	eku_evidence(trial,
	    trial_fail(trial, facts->ku_at->value,
		"key usage does not go with extended key usage %s", eku_name(purposes)));
}

static bool
is_leaf_with_both(const struct judged *it)
{
	return judged_is_subscriber(it) && has_ku(it) && has_eku(it);
}

static const struct subrule EKU_KU_INCONSISTENT[] = {
    RULE("purpose", LEVEL_WARNING, "RFC 5280 4.2.1.12", is_leaf_with_both,
	run_inconsistent, .from = DATE(2008, 5, 1), .flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:e_key_usage_and_extended_key_usage_inconsistent"),
};

static const struct check CHECKS[] = {
    CHECK("eku-missing", SCOPE_CERTIFICATE, "No extended key usage in a leaf.",
	EKU_MISSING),
    CHECK("eku-not-allowed", SCOPE_CERTIFICATE,
	"An extended key usage that TLS certificates may not have.", EKU_NOT_ALLOWED),
    CHECK("eku-client-auth", SCOPE_CERTIFICATE,
	"clientAuth where Chrome wants serverAuth alone.", EKU_CLIENT_AUTH),
    CHECK("eku-ku-inconsistent", SCOPE_CERTIFICATE,
	"Key usage and extended key usage do not go together.", EKU_KU_INCONSISTENT),
};

const struct check_family CHECK_USAGE_EKU = {"usage", CHECKS, ARRAY_LEN(CHECKS)};
