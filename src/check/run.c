#include "check_priv.h"

#include <pthread.h>

static enum check_outcome
hold(struct trial *trial, trial_fn *run)
{
	const struct subrule *rule = trial->rule;

	if (rule->applies != NULL && !rule->applies(trial->it))
		return OUTCOME_NA;
	trial->force = rule_in_force(trial->it, rule->from, rule->until, rule->flags);
	if (!trial->force.yes)
		return OUTCOME_NE;
	run(trial);
	if (trial->not_applicable)
		return OUTCOME_NA;
	return trial->failed ? OUTCOME_FAIL : OUTCOME_PASS;
}

enum check_outcome
trial_hold(struct trial *trial)
{
	return hold(trial, trial->rule->run);
}

/* --- which checks a pass looks at ----------------------------------------------------
 */

/* Every check, and the passes in which one of its rules may be held. */
static struct planned {
	const struct check *check;
	unsigned scopes; /* 1 << enum check_scope */
} plan[CHECKS_MAX];
static size_t plan_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static unsigned
scopes_of(const struct check *check)
{
	unsigned scopes = 0;

	for (size_t i = 0; i < check->subrule_count; i++) {
		unsigned flags = check->subrules[i].flags;
		enum check_scope scope =
		    (flags & RULE_PAIR) != 0 ? SCOPE_PAIR : check->scope;

		if (check->subrules[i].run == NULL)
			continue;
		scopes |= 1U << scope;
		if ((flags & RULE_ALONE) != 0)
			scopes |= 1U << SCOPE_CERTIFICATE;
		if (scope == SCOPE_CERTIFICATE && check->of_cas)
			scopes |= 1U << SCOPE_CA;
	}
	return check->needs != NULL ? 0 : scopes;
}

static void
make_plan(void)
{
	const struct check_family *family;

	for (size_t i = 0; (family = check_family_at(i)) != NULL; i++)
		for (size_t j = 0; j < family->count; j++)
			plan[plan_count++] = (struct planned){
			    &family->checks[j], scopes_of(&family->checks[j])};
}

/* One pass over the catalogue. */
struct pass {
	enum check_scope scope;
	const struct judged *it;
	const struct judged *dated; /* for checks of CA certificates in chains */
	const struct check_history *history;
	enum finding_subject subject;
	struct bytes key;
	struct findings *out;
};

/* A watched CA's own CA certificates are judged by checks_run_ca() alone, wherever
 * they were seen. */
static bool
takes_scope(const struct pass *pass, const struct check *check, enum check_scope scope)
{
	if (scope == SCOPE_CERTIFICATE && check->of_cas && judged_is_ca(pass->it) &&
	    pass->it->signer != NULL)
		return pass->scope == SCOPE_CA;
	return scope == pass->scope ||
	    (pass->scope == SCOPE_CA && scope == SCOPE_CERTIFICATE && check->of_cas);
}

/* own: the check's own scope is taken. */
static bool
takes(const struct pass *pass, const struct check *check, const struct subrule *rule,
    bool own)
{
	unsigned flags = rule->flags & (RULE_OFF | RULE_ALONE | RULE_PAIR);

	if (rule->run == NULL)
		return false;
	if (flags == 0)
		return own;
	if ((flags & RULE_OFF) != 0 && !pass->it->params->with_off_rules)
		return false;
	/* A certificate from a file has no writer behind it. */
	if ((flags & RULE_ALONE) != 0 && pass->scope == SCOPE_CERTIFICATE &&
	    pass->it->sighting_count == 0)
		return true;
	return (flags & RULE_PAIR) != 0 ? takes_scope(pass, check, SCOPE_PAIR) : own;
}

/* The earliest and the latest that any of its clocks says. */
struct clocks {
	int64_t first, last;
};

static struct clocks
clocks_of(const struct judged *it)
{
	int64_t nb = it->cert->not_before, lo = seconds_of(it->lo_ms),
		hi = seconds_of(it->hi_ms);
	struct clocks clocks = {nb, nb};

	if (it->dates == DATES_NONE)
		return (struct clocks){DATE_ALWAYS, DATE_NEVER};
	if (it->lo_ms != CLOCK_UNKNOWN && lo > clocks.last)
		clocks.last = lo;
	if (it->hi_ms != CLOCK_UNKNOWN && hi > clocks.last)
		clocks.last = hi;
	return clocks;
}

/* By none of its clocks. Most rules that are not in force need no other look. */
static bool
out_of_force(const struct subrule *rule, const struct clocks *clocks)
{
	return (rule->from != 0 && rule->from > clocks->last) ||
	    (rule->until != 0 && rule->until <= clocks->first);
}

static void
run_check(const struct pass *pass, const struct check *check)
{
	const struct judged *it = check->of_cas ? pass->dated : pass->it;
	bool own = takes_scope(pass, check, check->scope), asked = false, applies = false;
	struct clocks clocks = clocks_of(it);
	struct trial trial = {
	    .check = check,
	    .it = it,
	    .history = pass->history,
	    .out = pass->out,
	    .subject = pass->subject,
	    .subject_key = pass->key,
	};

	for (size_t i = 0; i < check->subrule_count; i++) {
		const struct subrule *rule = &check->subrules[i];
		enum check_outcome outcome = OUTCOME_NA;

		if (!takes(pass, check, rule, own) ||
		    (pass->out->on_outcome == NULL && out_of_force(rule, &clocks)))
			continue;
		if (!asked) {
			applies = check->applies == NULL || check->applies(it);
			asked = true;
		}
		if (!applies && pass->out->on_outcome == NULL)
			return;
		trial.rule = rule;
		trial.finding = NULL;
		trial.failed = trial.not_applicable = false;
		if (applies)
			outcome = trial_hold(&trial);
		if (pass->out->on_outcome != NULL)
			pass->out->on_outcome(pass->out->owner, check, rule, outcome);
	}
}

static void
run_pass(const struct pass *pass)
{
	pthread_once(&once, make_plan);
	for (size_t i = 0; i < plan_count; i++)
		if ((plan[i].scopes & 1U << pass->scope) != 0 &&
		    !pass->it->params->off[i])
			run_check(pass, plan[i].check);
}

void
checks_run_certificate(const struct judged *it, struct findings *out)
{
	size_t first = out->count;

	run_pass(&(struct pass){.scope = SCOPE_CERTIFICATE,
	    .it = it,
	    .dated = it,
	    .subject = SUBJECT_CERTIFICATE,
	    .key = bytes_of(it->key, sizeof(it->key)),
	    .out = out});
	check_evaded_deadlines(it, out, first);
}

void
checks_run_history(
    const struct judged *it, const struct check_history *history, struct findings *out)
{
	struct pass pass = {.scope = SCOPE_PAIR,
	    .it = it,
	    .dated = it,
	    .history = history,
	    .subject = SUBJECT_CERTIFICATE,
	    .key = bytes_of(it->key, sizeof(it->key)),
	    .out = out};

	run_pass(&pass);
	pass.scope = SCOPE_ISSUER;
	run_pass(&pass);
}

void
checks_run_due(const struct judged *it, const char *id,
    const struct check_history *history, struct findings *out)
{
	size_t number;
	const struct check *check = check_find(id, &number);

	if (check == NULL || check->needs != NULL || it->params->off[number])
		return;
	for (size_t i = 0; i < check->subrule_count; i++) {
		struct trial trial = {
		    .check = check,
		    .rule = &check->subrules[i],
		    .it = it,
		    .history = history,
		    .out = out,
		    .subject = SUBJECT_CERTIFICATE,
		    .subject_key = bytes_of(it->key, sizeof(it->key)),
		};

		if (trial.rule->due != NULL)
			hold(&trial, trial.rule->due);
	}
}

/* A log's timestamp of somebody's chain says nothing about when the CA certificates
 * in it were signed: notBefore is the only clock they have. */
static const struct judged *
without_log_clock(const struct judged *it, struct arena *arena)
{
	struct judged *copy = arena_alloc(arena, sizeof(*copy));

	*copy = *it;
	copy->hi_ms = CLOCK_UNKNOWN;
	return copy;
}

void
checks_run_ca(
    const struct judged *it, const struct check_history *history, struct findings *out)
{
	struct sha256 hash;

	sha256_of(it->der, &hash);
	run_pass(&(struct pass){.scope = SCOPE_CA,
	    .it = it,
	    .dated = without_log_clock(it, out->arena),
	    .history = history,
	    .subject = SUBJECT_CA,
	    .key = sha256_bytes(&hash),
	    .out = out});
}

enum check_outcome
check_outcome(
    const struct judged *it, const struct check *check, const struct subrule *rule)
{
	enum check_outcome outcome = OUTCOME_NA;
	struct findings out;
	struct arena arena;
	struct trial trial = {
	    .check = check,
	    .rule = rule,
	    .it = it,
	    .out = &out,
	    .subject_key = bytes_of(it->key, sizeof(it->key)),
	};

	arena_init(&arena);
	findings_init(&out, &arena);
	if (rule->run != NULL && (check->applies == NULL || check->applies(it)))
		outcome = trial_hold(&trial);
	arena_free(&arena);
	return outcome;
}
