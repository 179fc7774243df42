/* B7: certificate transparency and precertificates. */
#include "check_priv.h"
#include "diff.h"

#include <stdio.h>

/* --- precert-mismatch ----------------------------------------------------------- */

#define MEMBERS_MAX 16

static bool
is_verified(const struct judged *it)
{
	return it->signature == SIGNATURE_VERIFIED && it->cert->serial.len > 0;
}

bool
trial_has_form(struct trial *trial, bool precert)
{
	const struct check_history *history = trial->history;
	struct history_form forms[8];
	struct sha256 hash;
	size_t count;

	sha256_of(trial->it->der, &hash);
	count = history->forms(
	    history->owner, trial->it->key, hash.octets, forms, ARRAY_LEN(forms));
	for (size_t i = 0; i < count; i++)
		if (forms[i].precert == precert)
			return true;
	return false;
}

size_t
trial_others(struct trial *trial, bool precert, struct history_member *out, size_t room)
{
	const struct judged *it = trial->it;
	uint64_t total;

	return trial->history->members(trial->history->owner, it->issuer_key_hash,
	    it->cert->issuer, it->cert->serial, precert, it->key, out, room, &total);
}

static void
describe(struct trial *trial, struct finding *finding,
    const struct history_member *precert, const struct tbs_diff *diff)
{
	struct sha256 hash;

	sha256_of(trial->it->der, &hash);
	evidence_hex(trial, finding, "this_sha256", sha256_bytes(&hash));
	evidence_hex(trial, finding, "other_sha256", bytes_of(precert->sha256, 32));
	tbs_diff_evidence(trial, finding, diff);
}

/* A final with precertificates of its serial, none of which is its own. */
static void
mismatch_of_final(struct trial *trial)
{
	struct history_member precert;
	struct tbs_diff diff;
	struct cert cert;

	if (trial_has_form(trial, true) || trial_others(trial, true, &precert, 1) == 0)
		return;
	if (!cert_parse(precert.der, &cert))
		return;
	tbs_compare(trial->it->cert, &cert, &diff);
	describe(trial,
	    trial_fail(trial, diff.first_a,
		"differs from the precertificate of its serial number in %s",
		diff.path != NULL ? diff.path : "its encoding"),
	    &precert, &diff);
}

/* A precertificate that comes after finals of its serial: its own final has a
 * match now, others have not. */
static void
mismatch_of_precert(struct trial *trial)
{
	struct history_member finals[MEMBERS_MAX];
	size_t count = trial_others(trial, false, finals, ARRAY_LEN(finals));
	struct tbs_diff diff;
	struct cert cert;

	if (trial_has_form(trial, false))
		trial_close(trial, SUBJECT_CERTIFICATE,
		    bytes_of(trial->it->key, sizeof(trial->it->key)),
		    "its precertificate was seen");
	for (size_t i = 0; i < count; i++) {
		if (finals[i].has_precert || !cert_parse(finals[i].der, &cert))
			continue;
		tbs_compare(trial->it->cert, &cert, &diff);
		describe(trial,
		    trial_fail_about(trial, SUBJECT_CERTIFICATE,
			bytes_of(finals[i].key, 32),
			"differs from the precertificate of its serial number in %s",
			diff.path != NULL ? diff.path : "its encoding"),
		    &finals[i], &diff);
	}
}

static void
run_mismatch(struct trial *trial)
{
	if (trial->it->precert)
		mismatch_of_precert(trial);
	else
		mismatch_of_final(trial);
}

static const struct subrule PRECERT_MISMATCH[] = {
    {
	.name = "differs",
	.source = "RFC 6962 3.1, 3.2; BR 7.1.2.9; MRSP 5.4",
	.level = LEVEL_ERROR,
	.applies = is_verified,
	.run = run_mismatch,
    },
};

/* --- missing-embedded-sct ---------------------------------------------------------- */

static bool
is_final_subscriber(const struct judged *it)
{
	return !it->precert && judged_is_subscriber(it);
}

static bool
is_final_tls(const struct judged *it)
{
	return judged_in_tls_scope(it) && is_final_subscriber(it);
}

static bool
is_final_ev(const struct judged *it)
{
	return it->facts->ev && is_final_tls(it);
}

static bool
has_commitment(const struct judged *it)
{
	return is_final_subscriber(it) && it->signer != NULL &&
	    it->signer->commitment_count > 0;
}

static void
run_no_sct(struct trial *trial)
{
	if (!trial->it->sct_list_present)
		trial_fail(trial, bytes_of(NULL, 0), "no SCT list in it");
}

/* The dates are the operator's, so they are looked at here. */
static void
run_no_sct_promised(struct trial *trial)
{
	const struct check_operator *signer = trial->it->signer;
	struct finding *finding;

	if (trial->it->sct_list_present)
		return;
	for (size_t i = 0; i < signer->commitment_count; i++) {
		const struct check_commitment *promise = &signer->commitments[i];

		if (promise->kind != COMMITMENT_EMBEDDED_SCT)
			continue;
		trial->force = rule_in_force(trial->it, promise->from, promise->until, 0);
		if (!trial->force.yes)
			continue;
		finding = trial_fail(trial, bytes_of(NULL, 0),
		    "no SCT list in it, against the promise of %s", signer->name);
		evidence_text(trial, finding, "commitment", promise->source);
	}
}

static const struct subrule MISSING_EMBEDDED_SCT[] = {
    {
	.name = "absent",
	.source = "RFC 6962 3.3; Chrome CT policy",
	.level = LEVEL_NOTICE,
	.flags = RULE_NOT_COUNTED,
	.applies = is_final_subscriber,
	.run = run_no_sct,
    },
    {
	.name = "tls",
	.source = "Chrome CT policy, for certificates from May 2018",
	.from = DATE(2018, 5, 1),
	.level = LEVEL_WARNING,
	.flags = RULE_NOT_COUNTED,
	.applies = is_final_tls,
	.run = run_no_sct,
    },
    {
	.name = "ev",
	.source = "Chrome CT policy, for EV from January 2015",
	.from = DATE(2015, 1, 1),
	.level = LEVEL_WARNING,
	.flags = RULE_NOT_COUNTED,
	.applies = is_final_ev,
	.run = run_no_sct,
    },
    {
	.name = "commitment",
	.source = "the operator's own promise (watch file)",
	.level = LEVEL_ERROR,
	.applies = has_commitment,
	.run = run_no_sct_promised,
    },
};

/* --- coverage-gap ---------------------------------------------------------------------
 */

static const struct subrule COVERAGE_GAP[] = {
    {
	.name = "entries",
	.source = "what was not seen cannot be said to be absent",
	.level = LEVEL_NOTICE,
	.flags = RULE_NOT_COUNTED,
    },
};

/* --- what waits for data --------------------------------------------------------------
 */

static const struct subrule NOT_IN_CT[] = {
    {
	.name = "all",
	.source = "the promise that every certificate is logged",
	.level = LEVEL_WARNING,
    },
};

static const struct subrule UNLOGGED_ISSUANCE[] = {
    {.name = "all", .source = "MRSP 5.4", .level = LEVEL_WARNING},
};

static const struct check CHECKS[] = {
    {
	.id = "precert-mismatch",
	.version = 1,
	.scope = SCOPE_PAIR,
	.says = "The certificate is not what its precertificate promised.",
	.history = HISTORY_MEMBERS | HISTORY_FORMS,
	.subrules = PRECERT_MISMATCH,
	.subrule_count = ARRAY_LEN(PRECERT_MISMATCH),
    },
    {
	.id = "missing-embedded-sct",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "The certificate carries no SCT.",
	.subrules = MISSING_EMBEDDED_SCT,
	.subrule_count = ARRAY_LEN(MISSING_EMBEDDED_SCT),
    },
    {
	.id = "coverage-gap",
	.version = 1,
	.scope = SCOPE_LOG,
	.says = "Entries of a log that were not read or could not be parsed.",
	.subrules = COVERAGE_GAP,
	.subrule_count = ARRAY_LEN(COVERAGE_GAP),
    },
    {
	.id = "not-in-ct",
	.version = 1,
	.scope = SCOPE_LIST,
	.says = "A certificate that was found elsewhere and that no log holds.",
	.needs = "case",
	.subrules = NOT_IN_CT,
	.subrule_count = ARRAY_LEN(NOT_IN_CT),
    },
    {
	.id = "unlogged-issuance",
	.version = 1,
	.scope = SCOPE_REVOCATION,
	.says = "A serial number on a CRL of which no log holds a certificate.",
	.needs = "crl",
	.subrules = UNLOGGED_ISSUANCE,
	.subrule_count = ARRAY_LEN(UNLOGGED_ISSUANCE),
    },
};

const struct check_family CHECK_TRANSPARENCY = {
    "transparency", CHECKS, ARRAY_LEN(CHECKS)};

static const char *
gap_reason(enum gap_reason reason)
{
	static const char *const NAMES[] = {
	    "not read", "not parsed", "distrusted", "refused"};

	return NAMES[reason];
}

void
checks_run_log(
    const struct judged_log *log, const struct check_params *params, struct findings *out)
{
	struct trial trial = {
	    .check = check_find("coverage-gap", NULL),
	    .out = out,
	    .force = {.yes = true},
	    .subject = SUBJECT_LOG,
	    .subject_key = bytes_of(log->log_id, sizeof(log->log_id)),
	};
	struct finding *finding;
	uint64_t missing = 0;
	size_t number;

	check_find("coverage-gap", &number);
	if (params->off[number])
		return;
	trial.rule = &trial.check->subrules[0];
	for (size_t i = 0; i < log->gap_count; i++)
		missing += log->gaps[i].to - log->gaps[i].from;
	if (missing == 0) {
		trial_close(&trial, SUBJECT_LOG, trial.subject_key, "nothing is missing");
		return;
	}
	finding = trial_fail(&trial, bytes_of(NULL, 0),
	    "%llu of %llu entries of %s not seen", (unsigned long long)missing,
	    (unsigned long long)log->tree_size, log->name);
	evidence_int(&trial, finding, "missing", (int64_t)missing);
	evidence_int(&trial, finding, "tree_size", (int64_t)log->tree_size);
	evidence_int(&trial, finding, "verified", (int64_t)log->verified);
	evidence_time(&trial, finding, "at", log->now_ms);
	evidence_list(&trial, finding, "gaps");
	for (size_t i = 0; i < log->gap_count; i++) {
		evidence_object(&trial, finding, NULL);
		evidence_int(&trial, finding, "from", (int64_t)log->gaps[i].from);
		evidence_int(&trial, finding, "to", (int64_t)log->gaps[i].to);
		evidence_text(&trial, finding, "reason", gap_reason(log->gaps[i].reason));
		evidence_end(&trial, finding);
	}
	evidence_end(&trial, finding);
}
