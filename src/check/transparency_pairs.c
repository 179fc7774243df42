/* B7: precertificates without their finals, finals without their precertificates,
 * and two where one was ordered. */
#include "check_priv.h"
#include "twins.h"

#define NO_FINAL   "precert-without-final"
#define NO_PRECERT "final-without-precert"

/* A log's delay, where its own is not known. And Chrome's 1.8: before it issues, a CA
 * SHOULD log; it MUST since then. */
enum { DUTY_DELAY, DUTY_MUST };
static const struct rule_limit DUTY[] = {
    {"seconds", 24 * HOUR_S}, {"an error from", DATE(2026, 6, 15)}, {0}};

static bool
is_signed(const struct judged *it)
{
	return it->signature == SIGNATURE_VERIFIED && it->cert->serial.len > 0 &&
	    it->issuer_key_hash != NULL;
}

static void
look_again(struct trial *trial, int64_t due_ms)
{
	trial->history->look_again(trial->history->owner, trial->check->id, due_ms);
}

static void
close_own(struct trial *trial, const char *reason)
{
	trial_close(trial, trial->subject, trial->subject_key, reason);
}

/* --- precert-without-final --------------------------------------------------------- */

/* The wait begins when it was read, for while older entries are read the final
 * may be the next of them. */
static void
run_await_final(struct trial *trial)
{
	const struct judged *it = trial->it;

	if (!it->form_is_new)
		return;
	if (!it->precert)
		close_own(trial, "its final certificate was seen");
	else if (!trial_has_form(trial, false))
		look_again(trial, it->now_ms + it->params->final_wait_s * 1000);
}

static void
due_no_final(struct trial *trial)
{
	const struct judged *it = trial->it;
	struct history_member final;
	struct finding *finding;
	int64_t age_s = (it->now_ms - it->hi_ms) / 1000;

	if (!it->precert || it->hi_ms == CLOCK_UNKNOWN || trial_has_form(trial, false) ||
	    trial_others(trial, false, &final, 1) > 0)
		return;
	finding = trial_fail(trial, bytes_of(NULL, 0),
	    "no log shows its final certificate, %s after its precertificate",
	    trial_span(trial, age_s));
	evidence_int(trial, finding, "age_s", age_s);
}

static const struct subrule PRECERT_WITHOUT_FINAL[] = {
    RULE("absent", LEVEL_NOTICE, "MRSP 5.4; BR 7.1.2.9: the final is presumed to exist",
	is_signed, run_await_final, .flags = RULE_NOT_COUNTED, .due = due_no_final),
};

/* --- final-without-precert -----------------------------------------------------------
 */

static int64_t
mmd_of(const struct judged_sct *sct)
{
	return sct->log_mmd_ms > 0 ? sct->log_mmd_ms : LIMIT_OF(DUTY, DUTY_DELAY) * 1000;
}

/* What Chrome has CAs do since that day is more than good manners. */
static enum check_level
level_of_duty(const struct trial *trial)
{
	struct in_force since =
	    rule_in_force(trial->it, rule_limit(trial, DUTY_MUST), 0, 0);

	return since.yes && !since.capped &&
		judged_trust(trial->it, PROGRAM_CHROME) == TRUST_YES
	    ? LEVEL_ERROR
	    : trial->rule->level;
}

/* When the last log that promised it must have kept its word; never before now,
 * as what it is compared with may not have been read yet. */
static int64_t
promised_ms(const struct judged *it)
{
	int64_t latest = it->now_ms;

	for (size_t i = 0; i < it->sct_count; i++) {
		const struct judged_sct *sct = &it->scts[i];

		if (sct->result == JUDGED_SCT_VERIFIED &&
		    sct->timestamp_ms + mmd_of(sct) > latest)
			latest = sct->timestamp_ms + mmd_of(sct);
	}
	return latest;
}

static void
await_precert(struct trial *trial)
{
	const struct judged *it = trial->it;

	if (!it->form_is_new)
		return;
	if (it->precert)
		close_own(trial, "its precertificate was seen");
	else if (!trial_has_form(trial, true))
		look_again(trial, promised_ms(it) + it->params->precert_wait_s * 1000);
}

static void
run_await_promised(struct trial *trial)
{
	if (trial->it->precert || trial->it->lo_ms != CLOCK_UNKNOWN)
		await_precert(trial);
}

static void
run_await_unpromised(struct trial *trial)
{
	if (trial->it->precert || !trial->it->sct_list_present)
		await_precert(trial);
}

/* Only a log of which all was read at that time can be said to lack it. */
static bool
lacks_it(struct trial *trial, const struct judged_sct *sct)
{
	const struct check_history *history = trial->history;

	return sct->result == JUDGED_SCT_VERIFIED &&
	    history->covers(history->owner, sct->log_id, sct->timestamp_ms - mmd_of(sct),
		sct->timestamp_ms + mmd_of(sct));
}

static void
due_promised(struct trial *trial)
{
	const struct judged *it = trial->it;
	struct finding *finding;
	bool lacking = false;

	if (it->precert || it->lo_ms == CLOCK_UNKNOWN || trial_has_form(trial, true))
		return;
	for (size_t i = 0; i < it->sct_count; i++)
		lacking |= lacks_it(trial, &it->scts[i]);
	if (!lacking) {
		trial_not_applicable(trial); /* coverage-gap says why */
		return;
	}
	finding = trial_fail_at(trial, level_of_duty(trial), bytes_of(NULL, 0),
	    "logs promised its precertificate and do not show it");
	evidence_list(trial, finding, "scts");
	for (size_t i = 0; i < it->sct_count; i++) {
		evidence_object(trial, finding, NULL);
		evidence_hex(trial, finding, "log", bytes_of(it->scts[i].log_id, 32));
		evidence_time(trial, finding, "timestamp", it->scts[i].timestamp_ms);
		evidence_bool(trial, finding, "covered", lacks_it(trial, &it->scts[i]));
		evidence_end(trial, finding);
	}
	evidence_end(trial, finding);
}

static void
due_unpromised(struct trial *trial)
{
	const struct judged *it = trial->it;
	struct history_member other;

	/* One that differs is precert-mismatch's. */
	if (!it->precert && !it->sct_list_present && !trial_has_form(trial, true) &&
	    trial_others(trial, true, &other, 1) == 0)
		trial_fail_at(trial, level_of_duty(trial), bytes_of(NULL, 0),
		    "no SCT in it, and no log shows a precertificate");
}

static bool
is_signed_tls(const struct judged *it)
{
	return is_signed(it) && judged_is_tls_subscriber(it);
}

static const struct subrule FINAL_WITHOUT_PRECERT[] = {
    RULE("promised", LEVEL_WARNING, "RFC 6962 3.1; Chrome root program 1.3.4.1",
	is_signed, run_await_promised, .limits = DUTY, .due = due_promised),
    RULE("unpromised", LEVEL_WARNING, "Chrome root program 1.8, 1.3.4.1", is_signed_tls,
	run_await_unpromised, .limits = DUTY, .from = DATE(2026, 2, 5),
	.due = due_unpromised),
};

/* --- duplicate-final
 * -------------------------------------------------------------------- */

static void
run_two_finals(struct trial *trial)
{
	const struct check_history *history = trial->history;
	const struct judged *it = trial->it;
	struct history_form forms[8];
	struct finding *finding;
	struct sha256 hash;
	size_t count;

	if (it->precert || !it->form_is_new)
		return;
	sha256_of(it->der, &hash);
	count =
	    history->forms(history->owner, it->key, hash.octets, forms, ARRAY_LEN(forms));
	for (size_t i = 0; i < count; i++) {
		if (forms[i].precert)
			continue;
		finding = trial_fail(trial, bytes_of(NULL, 0),
		    "signed twice: another certificate differs from it in SCTs or "
		    "signature only");
		evidence_hex(trial, finding, "this_sha256", sha256_bytes(&hash));
		evidence_hex(
		    trial, finding, "other_sha256", bytes_of(forms[i].sha256, 32));
		return;
	}
}

static bool
is_precert_with_names(const struct judged *it)
{
	return is_signed(it) && it->precert && it->facts->name_count > 0;
}

static void
run_two_precerts(struct trial *trial)
{
	struct twin self, others[TWINS_MAX];
	size_t count = twins_of(trial, trial->it->params->retry_s, &self, others);
	struct finding *finding;
	int64_t apart;

	for (size_t i = 0; i < count; i++) {
		if (!others[i].precert || others[i].row > self.row ||
		    others[i].spki != self.spki || others[i].algorithm != self.algorithm)
			continue;
		apart = self.at_ms - others[i].at_ms;
		finding = trial_fail(trial, bytes_of(NULL, 0),
		    "a second precertificate for the same names and key, %lld s apart",
		    (long long)((apart < 0 ? -apart : apart) / 1000));
		evidence_hex(trial, finding, "other", bytes_of(others[i].key, 32));
		return;
	}
}

#define TWICE "Mozilla, WoSign issue S, question 7: one order posted twice"

static const struct subrule DUPLICATE_FINAL[] = {
    RULE("final", LEVEL_WARNING, TWICE, is_signed, run_two_finals,
	.flags = RULE_NOT_COUNTED),
    RULE("precert", LEVEL_WARNING, TWICE, is_precert_with_names, run_two_precerts,
	.flags = RULE_NOT_COUNTED),
};

#define PAIR_CHECK(id_, version_, says_, history_, rules_)                               \
	{                                                                                \
		.id = id_, .version = version_, .scope = SCOPE_PAIR, .says = says_,      \
		.history = history_, .subrules = rules_,                                 \
		.subrule_count = ARRAY_LEN(rules_)                                       \
	}

static const struct check CHECKS[] = {
    PAIR_CHECK(NO_FINAL, 1, "A precertificate whose certificate no log shows.",
	HISTORY_FORMS | HISTORY_MEMBERS, PRECERT_WITHOUT_FINAL),
    PAIR_CHECK(NO_PRECERT, 2, "A certificate whose precertificate no log shows.",
	HISTORY_FORMS | HISTORY_MEMBERS | HISTORY_COVERAGE, FINAL_WITHOUT_PRECERT),
    PAIR_CHECK("duplicate-final", 1, "One certificate was signed, or promised, twice.",
	HISTORY_FORMS | HISTORY_STATE, DUPLICATE_FINAL),
};

const struct check_family CHECK_TRANSPARENCY_PAIRS = {
    "transparency", CHECKS, ARRAY_LEN(CHECKS)};
