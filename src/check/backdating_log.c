/* B6: a certificate's dates against the clocks of the logs. */
#include "check_priv.h"

#define ROOT_MIN_S   (2922 * DAY_S)
#define ROOT_MAX_S   (9132 * DAY_S)
#define CA_KNOWN_MAX 32

static int64_t
before_ms(const struct judged *it)
{
	return it->cert->not_before * 1000;
}

/* The finding rests on a log's clock. That is an upper bound of when it was
 * signed, and here an upper bound is what is asked for: no level is capped. */
static void
by_log(struct trial *trial)
{
	trial->force.basis = BASIS_LOG;
	trial->force.capped = false;
}

static void
add_age(struct trial *trial, struct finding *finding, int64_t age_ms)
{
	evidence_int(trial, finding, "delta_s", age_ms / 1000);
	evidence_time(trial, finding, "hi", trial->it->hi_ms);
}

/* --- stale-precert ---------------------------------------------------------------- */

static bool
is_logged_precert(const struct judged *it)
{
	return it->precert && it->hi_ms != CLOCK_UNKNOWN;
}

static void
fail_stale(struct trial *trial, int64_t age_ms)
{
	by_log(trial);
	add_age(trial,
	    trial_fail(trial, trial->it->cert->before.whole,
		"a precertificate logged %s after its notBefore",
		trial_span(trial, age_ms / 1000)),
	    age_ms);
}

static void
run_stale_days(struct trial *trial)
{
	int64_t age_ms = trial->it->hi_ms - before_ms(trial->it);

	if (age_ms > trial->it->params->grace_s * 1000 &&
	    age_ms <= rule_limit(trial, 0) * 1000)
		fail_stale(trial, age_ms);
}

static void
run_stale_week(struct trial *trial)
{
	int64_t age_ms = trial->it->hi_ms - before_ms(trial->it);

	if (age_ms > rule_limit(trial, 0) * 1000)
		fail_stale(trial, age_ms);
}

#define STALE LIMITS({"seconds", 7 * DAY_S}) /* a warning beyond */

static const struct subrule STALE_PRECERT[] = {
    RULE("days", LEVEL_NOTICE, "BR 7.1.2.7: notBefore within 48 hours of signing",
	is_logged_precert, run_stale_days, STALE, .flags = RULE_NOT_COUNTED),
    RULE("week", LEVEL_WARNING, "BR 7.1.2.7: notBefore within 48 hours of signing",
	is_logged_precert, run_stale_week, STALE, .flags = RULE_NOT_COUNTED),
};

/* --- forward-dated ---------------------------------------------------------------- */

/* The earliest time by which it, or the precertificate that a log vouched for,
 * had been signed; *basis says whose clock. CLOCK_UNKNOWN: nobody says. */
static int64_t
signed_by_ms(const struct judged *it, bool verified, enum time_basis *basis)
{
	int64_t earliest = it->hi_ms;

	*basis = BASIS_LOG;
	for (size_t i = 0; i < it->sct_count && !it->precert; i++) {
		const struct judged_sct *sct = &it->scts[i];

		if (sct->result == JUDGED_SCT_BAD ||
		    (verified && it->params->require_verified &&
			sct->result != JUDGED_SCT_VERIFIED))
			continue;
		if (earliest != CLOCK_UNKNOWN && sct->timestamp_ms >= earliest)
			continue;
		earliest = sct->timestamp_ms;
		*basis = BASIS_SCT;
	}
	return earliest;
}

static bool
has_clock(const struct judged *it)
{
	enum time_basis basis;

	return signed_by_ms(it, false, &basis) != CLOCK_UNKNOWN;
}

/* How far notBefore lies ahead of that, strictly more than `over`; 0: it does not. */
static int64_t
ahead_ms(const struct judged *it, bool verified, int64_t over_s, enum time_basis *basis)
{
	int64_t by = signed_by_ms(it, verified, basis);
	int64_t ahead = by == CLOCK_UNKNOWN ? 0 : before_ms(it) - by;

	return ahead > over_s * 1000 ? ahead : 0;
}

static void
fail_ahead(struct trial *trial, enum check_level level, bool verified, int64_t over_s)
{
	const struct judged *it = trial->it;
	enum time_basis basis;
	int64_t ahead = ahead_ms(it, verified, over_s, &basis);
	struct finding *finding;

	by_log(trial);
	trial->force.basis = basis;
	finding = trial_fail_at(trial, level, it->cert->before.whole,
	    "notBefore lies %s after %s%s", trial_span(trial, ahead / 1000),
	    basis == BASIS_SCT ? "an embedded SCT" : "it was logged",
	    verified ? "" : " (not verified)");
	evidence_int(trial, finding, "delta_s", ahead / 1000);
	evidence_time(trial, finding, "not_before", before_ms(it));
	evidence_time(trial, finding, "signed_by", before_ms(it) - ahead);
}

/* 48 hours work in both directions. */
static void
run_ahead(struct trial *trial)
{
	int64_t over_s = rule_limit(trial, 0);
	enum time_basis basis;

	if (ahead_ms(trial->it, true, over_s, &basis) > 0)
		fail_ahead(trial, trial->rule->level, true, over_s);
	else if (ahead_ms(trial->it, false, over_s, &basis) > 0)
		fail_ahead(trial, LEVEL_WARNING, false, over_s);
}

static void
run_ahead_note(struct trial *trial)
{
	int64_t over_s = trial->it->params->forward_note_s;
	enum time_basis basis;

	if (ahead_ms(trial->it, true, over_s, &basis) > 0 &&
	    ahead_ms(trial->it, true, rule_limit(trial, 0), &basis) == 0)
		fail_ahead(trial, LEVEL_NOTICE, true, over_s);
}

#define AHEAD LIMITS({"seconds", 48 * HOUR_S})

static const struct subrule FORWARD_DATED[] = {
    RULE("br", LEVEL_ERROR, "BR 7.1.2.7 (SC62): notBefore within 48 hours of signing",
	has_clock, run_ahead, AHEAD, .from = DATE(2023, 9, 15),
	.flags = RULE_NB | RULE_WINDOW),
    RULE("practice", LEVEL_WARNING, "Mozilla Problematic Practices: Backdating",
	has_clock, run_ahead, AHEAD, .until = DATE(2023, 9, 15),
	.flags = RULE_NB | RULE_WINDOW),
    RULE("hour", LEVEL_NOTICE, "Mozilla Problematic Practices: Backdating", has_clock,
	run_ahead_note, AHEAD, .flags = RULE_NB | RULE_NOT_COUNTED),
};

/* --- ca-backdated ------------------------------------------------------------------ */

/* A cross-certificate may begin when the key's other CA certificates do. */
static bool
begins_with_its_key(struct trial *trial)
{
	const struct check_history *history = trial->history;
	const struct judged *it = trial->it;
	struct history_ca known[CA_KNOWN_MAX];
	struct sha256 self, key;
	struct cert cert;
	size_t count;

	sha256_of(it->der, &self);
	sha256_of(it->cert->spki, &key);
	count = history->ca_by_key(
	    history->owner, key.octets, self.octets, known, ARRAY_LEN(known));
	for (size_t i = 0; i < count; i++)
		if (cert_parse(known[i].der, &cert) &&
		    cert.not_before <= it->cert->not_before)
			return true;
	return false;
}

static bool
ca_has_sct(const struct judged *it)
{
	enum time_basis basis;

	return judged_is_ca(it) && signed_by_ms(it, true, &basis) != CLOCK_UNKNOWN &&
	    basis == BASIS_SCT;
}

static bool
ca_has_clock(const struct judged *it)
{
	return judged_is_ca(it) && has_clock(it);
}

static bool
ca_has_log_only(const struct judged *it)
{
	return ca_has_clock(it) && !ca_has_sct(it);
}

/* Without the day of its ceremony the log's clock is all there is: it is rarely
 * logged at birth, and a notice is what that is worth. */
static void
run_ca_backdated(struct trial *trial)
{
	const struct judged *it = trial->it;
	enum time_basis basis;
	int64_t by = signed_by_ms(it, true, &basis);
	struct finding *finding;

	if (by == CLOCK_UNKNOWN || by - before_ms(it) <= rule_limit(trial, 0) * 1000 ||
	    (trial->history != NULL && begins_with_its_key(trial)))
		return;
	by_log(trial);
	trial->force.basis = basis;
	finding = trial_fail(trial, it->cert->before.whole,
	    "a CA certificate dated %lld days before %s",
	    (long long)((by - before_ms(it)) / 1000 / DAY_S),
	    basis == BASIS_SCT ? "its first SCT" : "a log first showed it");
	evidence_int(trial, finding, "delta_s", (by - before_ms(it)) / 1000);
	evidence_time(trial, finding, "signed_by", by);
}

static void
run_ca_forward(struct trial *trial)
{
	enum time_basis basis;

	if (ahead_ms(trial->it, true, rule_limit(trial, 0), &basis) > 0)
		fail_ahead(trial, trial->rule->level, true, rule_limit(trial, 0));
}

/* Old roots are signed by algorithms that are verified no more, and those of
 * version 1 do not say that they are CAs; without dates, others need not either. */
static bool
is_root(const struct judged *it)
{
	return (judged_is_ca(it) || !is_v3(it) || it->dates == DATES_NONE) &&
	    cert_is_self_issued(it->cert);
}

static void
fail_root_validity(struct trial *trial, const char *bound)
{
	trial_fail(trial, trial->it->cert->validity,
	    "a root of %lld days, %s %lld allowed",
	    (long long)(lifetime_s(trial->it) / DAY_S), bound,
	    (long long)(rule_limit(trial, 0) / DAY_S));
}

static void
run_root_long(struct trial *trial)
{
	if (lifetime_s(trial->it) > rule_limit(trial, 0))
		fail_root_validity(trial, "at most");
}

static void
run_root_short(struct trial *trial)
{
	if (lifetime_s(trial->it) < rule_limit(trial, 0))
		fail_root_validity(trial, "at least");
}

#define CA_SOURCE "BR 7.1.2.1.1, 7.1.2.2.1, 7.1.2.10.1: within one day of signing"
#define CA_BEFORE "Mozilla Problematic Practices: Backdating"

/* A day, and a week for logs to see it. */
#define CA_SLACK LIMITS({"seconds", DAY_S + 7 * DAY_S})
#define CA_AHEAD LIMITS({"seconds", DAY_S})

static const struct subrule CA_BACKDATED[] = {
    RULE("sct", LEVEL_ERROR, CA_SOURCE, ca_has_sct, run_ca_backdated, CA_SLACK,
	.from = DATE(2023, 9, 15), .flags = RULE_NB | RULE_WINDOW),
    RULE("sct-practice", LEVEL_WARNING, CA_BEFORE, ca_has_sct, run_ca_backdated, CA_SLACK,
	.until = DATE(2023, 9, 15), .flags = RULE_NB | RULE_WINDOW),
    RULE("logged", LEVEL_NOTICE, CA_SOURCE, ca_has_log_only, run_ca_backdated, CA_SLACK,
	.flags = RULE_NB | RULE_NOT_COUNTED),
    RULE("forward", LEVEL_ERROR, CA_SOURCE, ca_has_clock, run_ca_forward, CA_AHEAD,
	.from = DATE(2023, 9, 15), .flags = RULE_NB | RULE_WINDOW),
    RULE("forward-practice", LEVEL_WARNING, CA_BEFORE, ca_has_clock, run_ca_forward,
	CA_AHEAD, .until = DATE(2023, 9, 15), .flags = RULE_NB | RULE_WINDOW),
    RULE("root-long", LEVEL_ERROR, "BR 7.1.2.1.1: root validity", is_root, run_root_long,
	.from = DATE(2023, 9, 15), LIMITS({"seconds", ROOT_MAX_S}), .flags = RULE_ALONE,
	.equivalents = "pkilint:cabf.serverauth.root_validity_period_too_long"),
    RULE("root-short", LEVEL_ERROR, "BR 7.1.2.1.1: root validity", is_root,
	run_root_short, .from = DATE(2023, 9, 15), LIMITS({"seconds", ROOT_MIN_S}),
	.flags = RULE_ALONE,
	.equivalents = "pkilint:cabf.serverauth.root_validity_period_too_short"),
};

static const struct check CHECKS[] = {
    CHECK("stale-precert", SCOPE_CERTIFICATE,
	"A precertificate that was logged days after its notBefore.", STALE_PRECERT),
    CHECK("forward-dated", SCOPE_CERTIFICATE,
	"Dated later than the day on which it was signed.", FORWARD_DATED),
    {
	.id = "ca-backdated",
	.version = 1,
	.scope = SCOPE_CA,
	.says = "A CA certificate whose dates are not those of its making.",
	.history = HISTORY_CA_BY_KEY,
	.subrules = CA_BACKDATED,
	.subrule_count = ARRAY_LEN(CA_BACKDATED),
    },
};

const struct check_family CHECK_BACKDATING_LOG = {
    "backdating", CHECKS, ARRAY_LEN(CHECKS)};
