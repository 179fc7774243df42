/* B6: backdating, forward dating, clustering. */
#include "check_priv.h"

#include <stdio.h>

#include "base/text.h"

/* --- backdated-vs-sct ----------------------------------------------------------- */

static bool
has_scts(const struct judged *it)
{
	return !it->precert && it->sct_count > 0;
}

static int64_t
age_of(const struct judged *it, const struct judged_sct *sct)
{
	return sct->timestamp_ms - it->cert->not_before * 1000;
}

/* The latest SCT of the kind asked for; NULL: none. */
static const struct judged_sct *
latest(const struct judged *it, bool verified)
{
	const struct judged_sct *found = NULL;

	for (size_t i = 0; i < it->sct_count; i++) {
		const struct judged_sct *sct = &it->scts[i];

		if (sct->result == JUDGED_SCT_BAD)
			continue;
		if (verified && it->params->require_verified &&
		    sct->result != JUDGED_SCT_VERIFIED)
			continue;
		if (found == NULL || sct->timestamp_ms > found->timestamp_ms)
			found = sct;
	}
	return found;
}

static void
add_scts(struct trial *trial, struct finding *finding)
{
	const struct judged *it = trial->it;

	evidence_list(trial, finding, "scts");
	for (size_t i = 0; i < it->sct_count; i++) {
		const struct judged_sct *sct = &it->scts[i];

		evidence_object(trial, finding, NULL);
		evidence_hex(trial, finding, "log", bytes_of(sct->log_id, 32));
		if (sct->log_name != NULL)
			evidence_text(trial, finding, "log_name", sct->log_name);
		evidence_time(trial, finding, "timestamp", sct->timestamp_ms);
		evidence_bool(
		    trial, finding, "verified", sct->result == JUDGED_SCT_VERIFIED);
		evidence_end(trial, finding);
	}
	evidence_end(trial, finding);
}

static void
fail_backdated(struct trial *trial, enum check_level level, const struct judged_sct *sct,
    bool verified)
{
	const struct judged *it = trial->it;
	int64_t age_s = age_of(it, sct) / 1000;
	struct finding *finding = trial_fail_at(trial, level, it->cert->before.whole,
	    "notBefore lies %s before an embedded SCT%s", trial_span(trial, age_s),
	    verified ? "" : " (not verified)");

	evidence_int(trial, finding, "delta_s", age_s);
	evidence_bool(trial, finding, "sct_verified", verified);
	evidence_time(trial, finding, "lo", it->lo_ms);
	add_scts(trial, finding);
}

/* Strictly more than the allowance, to the millisecond. An SCT of a log that
 * nobody knows proves less. */
static void
run_backdated(struct trial *trial)
{
	const struct judged_sct *sct = latest(trial->it, true);
	int64_t grace_ms = trial->it->params->grace_s * 1000;

	if (sct != NULL && age_of(trial->it, sct) > grace_ms) {
		fail_backdated(trial, trial->rule->level, sct, true);
		return;
	}
	sct = latest(trial->it, false);
	if (sct != NULL && age_of(trial->it, sct) > grace_ms)
		fail_backdated(trial, LEVEL_WARNING, sct, false);
}

static void
run_backdated_note(struct trial *trial)
{
	const struct check_params *params = trial->it->params;
	const struct judged_sct *sct = latest(trial->it, true);

	if (sct != NULL && age_of(trial->it, sct) > params->backdate_note_s * 1000 &&
	    age_of(trial->it, sct) <= params->grace_s * 1000)
		fail_backdated(trial, LEVEL_NOTICE, sct, true);
}

static const struct subrule BACKDATED_VS_SCT[] = {
    {
	.name = "br",
	.source = "BR 7.1.2.7 (SC62): notBefore within 48 hours of signing",
	.from = DATE(2023, 9, 15),
	.level = LEVEL_ERROR,
	.flags = RULE_NB | RULE_WINDOW,
	.applies = has_scts,
	.run = run_backdated,
	.equivalents = "zlint:e_excessively backdated",
    },
    {
	.name = "practice",
	.source = "Mozilla Problematic Practices: Backdating",
	.until = DATE(2023, 9, 15),
	.level = LEVEL_WARNING,
	.flags = RULE_NB | RULE_WINDOW,
	.applies = has_scts,
	.run = run_backdated,
    },
    {
	.name = "day",
	.source = "Mozilla Problematic Practices: Backdating",
	.level = LEVEL_NOTICE,
	.flags = RULE_NB | RULE_NOT_COUNTED,
	.applies = has_scts,
	.run = run_backdated_note,
    },
};

/* --- backdated-over-deadline -------------------------------------------------------- */

enum { DEADLINE_SCT, DEADLINE_LOG, DEADLINE_DISTRUST, DEADLINE_COMMITMENT };

static const struct subrule BACKDATED_OVER_DEADLINE[] = {
    [DEADLINE_SCT] =
	{
	    .name = "sct",
	    .source = "Mozilla Problematic Practices; Mozilla 2016-10-24",
	    .level = LEVEL_ERROR,
	},
    [DEADLINE_LOG] =
	{
	    .name = "log",
	    .source = "Mozilla Problematic Practices",
	    .level = LEVEL_WARNING,
	},
    [DEADLINE_DISTRUST] =
	{
	    .name = "distrust",
	    .source = "Mozilla 2016-10-24",
	    .level = LEVEL_ERROR,
	},
    [DEADLINE_COMMITMENT] =
	{
	    .name = "commitment",
	    .source = "Mozilla 2016-10-24; the operator's own promise",
	    .level = LEVEL_ERROR,
	},
};

static const struct check CHECKS[] = {
    {
	.id = "backdated-vs-sct",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "Signed days after its notBefore, as an SCT inside it proves.",
	.subrules = BACKDATED_VS_SCT,
	.subrule_count = ARRAY_LEN(BACKDATED_VS_SCT),
    },
    {
	.id = "backdated-over-deadline",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "Dated before a deadline, signed after it, and it breaks the deadline's "
		"rule.",
	.subrules = BACKDATED_OVER_DEADLINE,
	.subrule_count = ARRAY_LEN(BACKDATED_OVER_DEADLINE),
    },
};

const struct check_family CHECK_BACKDATING = {"backdating", CHECKS, ARRAY_LEN(CHECKS)};

/* A trial of its own for one of the four sub-rules. */
static struct trial
deadline_trial(const struct judged *it, struct findings *out, int which)
{
	enum time_basis basis = which == DEADLINE_LOG ? BASIS_LOG : BASIS_SCT;

	return (struct trial){
	    .check = &CHECKS[1],
	    .rule = &BACKDATED_OVER_DEADLINE[which],
	    .it = it,
	    .force = {.yes = true, .basis = basis, .evaded = true},
	    .out = out,
	    .subject = SUBJECT_CERTIFICATE,
	    .subject_key = bytes_of(it->key, sizeof(it->key)),
	};
}

static int64_t
days_jumped(const struct judged *it, int64_t clock_ms)
{
	return (seconds_of(clock_ms) - it->cert->not_before) / DAY_S;
}

static bool
is_evaded(const struct finding *finding, enum time_basis basis)
{
	return finding->evaded && finding->basis == basis &&
	    finding->subrule->level > LEVEL_NOTICE &&
	    strcmp(finding->check->id, CHECKS[1].id) != 0;
}

static void
describe_rule(struct trial *trial, struct finding *finding, const struct finding *broken)
{
	evidence_object(trial, finding, NULL);
	evidence_text(trial, finding, "check", broken->check->id);
	evidence_text(trial, finding, "subrule", broken->subrule->name);
	evidence_text(trial, finding, "source", broken->subrule->source);
	evidence_time(trial, finding, "from", broken->subrule->from * 1000);
	evidence_end(trial, finding);
}

/* Every dated rule that the certificate would have to keep on the day it was
 * signed, and does not. */
static void
evaded_rules(const struct judged *it, struct findings *out, size_t first, int which)
{
	struct trial trial = deadline_trial(it, out, which);
	enum time_basis basis = trial.force.basis;
	int64_t clock_ms = basis == BASIS_SCT ? it->lo_ms : it->hi_ms;
	struct finding *finding = NULL;
	size_t last = out->count;
	char date[TIME_TEXT_LEN];

	for (size_t i = first; i < last; i++) {
		const struct finding *broken = out->rows[i];

		if (!is_evaded(broken, basis))
			continue;
		if (finding == NULL) {
			finding = trial_fail(&trial, it->cert->before.whole,
			    "dated %lld days before it was %s, and so before %s began on "
			    "%.10s",
			    (long long)days_jumped(it, clock_ms),
			    basis == BASIS_SCT ? "signed" : "logged", broken->check->id,
			    time_format(broken->subrule->from * 1000, date));
			evidence_int(
			    &trial, finding, "days_jumped", days_jumped(it, clock_ms));
			evidence_time(
			    &trial, finding, basis == BASIS_SCT ? "lo" : "hi", clock_ms);
			evidence_list(&trial, finding, "rules");
		}
		describe_rule(&trial, finding, broken);
	}
	if (finding != NULL)
		evidence_end(&trial, finding);
}

/* Which later clock lies beyond a date that notBefore lies before. */
static int64_t
evades(const struct judged *it, int64_t date, bool *capped)
{
	*capped = it->lo_ms == CLOCK_UNKNOWN;
	if (it->cert->not_before >= date)
		return CLOCK_UNKNOWN;
	if (it->lo_ms != CLOCK_UNKNOWN)
		return seconds_of(it->lo_ms) >= date ? it->lo_ms : CLOCK_UNKNOWN;
	return it->hi_ms != CLOCK_UNKNOWN && seconds_of(it->hi_ms) >= date
	    ? it->hi_ms
	    : CLOCK_UNKNOWN;
}

static void
fail_deadline(const struct judged *it, struct findings *out, int which, int64_t date,
    const char *what, const char *source)
{
	struct trial trial = deadline_trial(it, out, which);
	char text[TIME_TEXT_LEN];
	struct finding *finding;
	int64_t clock_ms;
	bool capped;

	clock_ms = evades(it, date, &capped);
	if (clock_ms == CLOCK_UNKNOWN)
		return;
	trial.force.capped = capped;
	trial.force.basis = capped ? BASIS_LOG : BASIS_SCT;
	finding = trial_fail(&trial, it->cert->before.whole,
	    "dated before %s of %.10s, %s %lld days later", what,
	    time_format(date * 1000, text), capped ? "logged" : "signed",
	    (long long)days_jumped(it, clock_ms));
	evidence_text(&trial, finding, "deadline", what);
	evidence_text(&trial, finding, "source", source);
	evidence_time(&trial, finding, "date", date * 1000);
	evidence_time(&trial, finding, capped ? "hi" : "lo", clock_ms);
}

/* Dates of the watch file: a distrust that goes by notBefore, a promise. */
static void
evaded_watch_dates(const struct judged *it, struct findings *out)
{
	const struct check_operator *signer = it->signer;

	if (signer == NULL)
		return;
	for (size_t i = 0; i < signer->distrust_count; i++)
		if (signer->distrust[i].mode == DISTRUST_NB)
			fail_deadline(it, out, DEADLINE_DISTRUST,
			    signer->distrust[i].date + 1, signer->distrust[i].program,
			    signer->distrust[i].source);
	for (size_t i = 0; i < signer->commitment_count; i++)
		if (signer->commitments[i].kind == COMMITMENT_EMBEDDED_SCT &&
		    !it->precert && !it->sct_list_present)
			fail_deadline(it, out, DEADLINE_COMMITMENT,
			    signer->commitments[i].from, "the operator's promise",
			    signer->commitments[i].source);
}

void
check_evaded_deadlines(const struct judged *it, struct findings *out, size_t first)
{
	size_t number;

	check_find(CHECKS[1].id, &number);
	if (it->dates != DATES_SIGN || it->params->off[number])
		return;
	evaded_rules(it, out, first, DEADLINE_SCT);
	evaded_rules(it, out, first, DEADLINE_LOG);
	evaded_watch_dates(it, out);
}
