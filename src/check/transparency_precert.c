/* B7: precertificates by themselves: their poison, and who signed them. */
#include "check_priv.h"

/* --- precert-malformed -------------------------------------------------------------- */

static bool
has_poison(const struct judged *it)
{
	return it->facts->poison_at != NULL;
}

static void
run_poison_critical(struct trial *trial)
{
	const struct extension *poison = trial->it->facts->poison_at;

	if (!poison->critical)
		trial_fail(trial, poison->whole, "the poison extension is not critical");
}

static void
run_poison_value(struct trial *trial)
{
	const struct extension *poison = trial->it->facts->poison_at;

	if (!bytes_equal(poison->value, bytes_of("\x05\x00", 2)))
		trial_fail(
		    trial, poison->whole, "the poison extension's value is not a NULL");
}

static void
run_poison_with_scts(struct trial *trial)
{
	if (trial->it->facts->sct_at != NULL)
		trial_fail(trial, trial->it->facts->sct_at->whole,
		    "an SCT list in a precertificate");
}

static void
run_poison_in_final(struct trial *trial)
{
	if (trial->it->as_final)
		trial_fail(trial, trial->it->facts->poison_at->whole,
		    "poisoned, and logged as a final certificate");
}

#define POISON "RFC 6962 3.1; BR 7.1.2.9.3"

static const struct subrule PRECERT_MALFORMED[] = {
    RULE("critical", LEVEL_ERROR, POISON, has_poison, run_poison_critical,
	.equivalents = "pkilint:pkix.ct_precert_poison_extension_not_critical"),
    RULE("value", LEVEL_ERROR, POISON, has_poison, run_poison_value),
    RULE("sct-list", LEVEL_ERROR, POISON, has_poison, run_poison_with_scts,
	.from = DATE(2013, 6, 1),
	.equivalents = "zlint:e_precert_with_sct_list; "
		       "pkilint:pkix.ct_precert_poison_and_sctlist_extensions_present; "
		       "pkilint:cabf.serverauth.subscriber.sct_list_extension_present"),
    RULE("final", LEVEL_ERROR, POISON, has_poison, run_poison_in_final),
};

/* --- precert-signing-ca --------------------------------------------------------------
 */

static bool
is_precert(const struct judged *it)
{
	return it->precert;
}

static void
run_signed_by_signer(struct trial *trial)
{
	const struct judged *it = trial->it;
	struct finding *finding;

	if (!it->by_precert_signer &&
	    !(it->issuer != NULL && cert_is_precert_signing(it->issuer)))
		return;
	finding = trial_fail(trial, bytes_of(NULL, 0),
	    "signed by a certificate that only signs precertificates");
	if (it->issuer != NULL)
		evidence_bytes(trial, finding, "issuer_subject", it->issuer->subject);
}

static void
run_is_signer(struct trial *trial)
{
	const struct judged_facts *facts = facts_of(trial->it);

	if ((facts->ekus & EKU_PRECERT) != 0)
		trial_fail(trial, facts->eku_at->whole,
		    "a CA certificate for signing precertificates");
}

#define SIGNER      "BR 7.1.2.4 (SC92): no precertificate signing CAs"
#define SIGNER_DATE DATE(2026, 3, 15)
#define SIGNER_OLD  .until = SIGNER_DATE, .flags = RULE_NB | RULE_WINDOW | RULE_NOT_COUNTED

static const struct subrule PRECERT_SIGNING_CA[] = {
    RULE("precert", LEVEL_ERROR, SIGNER, is_precert, run_signed_by_signer,
	.from = SIGNER_DATE, .flags = RULE_WINDOW),
    RULE("precert-before", LEVEL_NOTICE, SIGNER, is_precert, run_signed_by_signer,
	SIGNER_OLD),
    RULE("ca", LEVEL_ERROR, SIGNER, judged_is_ca, run_is_signer, .from = SIGNER_DATE,
	.flags = RULE_WINDOW,
	.equivalents = "pkilint:cabf.serverauth.ca."
		       "precertificate_signing_ca_issued_after_prohibition"),
    RULE("ca-before", LEVEL_NOTICE, SIGNER, judged_is_ca, run_is_signer, SIGNER_OLD),
};

static const struct check CHECKS[] = {
    CHECK("precert-malformed", SCOPE_CERTIFICATE,
	"A precertificate whose poison is not what it has to be.", PRECERT_MALFORMED),
    {
	.id = "precert-signing-ca",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.of_cas = true,
	.says = "A certificate for signing precertificates, or its work.",
	.subrules = PRECERT_SIGNING_CA,
	.subrule_count = ARRAY_LEN(PRECERT_SIGNING_CA),
    },
};

const struct check_family CHECK_TRANSPARENCY_PRECERT = {
    "transparency", CHECKS, ARRAY_LEN(CHECKS)};
