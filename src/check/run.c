#include "check_priv.h"

#include <pthread.h>

#include "base/mem.h"

/* Of a rule that applies. */
static enum check_outcome
hold_applying(struct trial *trial, trial_fn *run)
{
	const struct subrule *rule = trial->rule;

	trial->force = rule_in_force(trial->it, rule->from, rule->until, rule->flags);
	if (!trial->force.yes)
		return OUTCOME_NE;
	run(trial);
	if (trial->not_applicable)
		return OUTCOME_NA;
	return trial->failed ? OUTCOME_FAIL : OUTCOME_PASS;
}

static enum check_outcome
hold(struct trial *trial, trial_fn *run)
{
	const struct subrule *rule = trial->rule;

	if (rule->applies != NULL && !rule->applies(trial->it))
		return OUTCOME_NA;
	return hold_applying(trial, run);
}

/* --- the catalogue as a pass reads it ------------------------------------------------
 */

/* What a pass asks of each rule, close together: most are left by it alone. Many
 * share what they apply to, which is asked once a certificate. */
struct planned_rule {
	int64_t from, until;
	const struct subrule *rule;
	uint16_t applies; /* its number in the plan */
	uint16_t flags;   /* of RULE_OFF, RULE_ALONE and RULE_PAIR */
};

struct planned_check {
	const struct check *check;
	const struct planned_rule *rules;
	size_t rule_count; /* those that run */
	unsigned scopes;   /* 1 << enum check_scope: the passes that may hold one */
	uint16_t applies;
};

static struct {
	struct planned_check checks[CHECKS_MAX];
	size_t check_count, rule_count, applies_count;
	struct planned_rule *rules;
	judged_fn **applies; /* the first is NULL: whatever it is */
} plan;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint16_t
number_of(judged_fn *applies)
{
	size_t i = 0;

	while (i < plan.applies_count && plan.applies[i] != applies)
		i++;
	if (i == plan.applies_count)
		plan.applies[plan.applies_count++] = applies;
	return (uint16_t)i;
}

static unsigned
scopes_of(const struct check *check, unsigned flags)
{
	enum check_scope scope = (flags & RULE_PAIR) != 0 ? SCOPE_PAIR : check->scope;
	unsigned scopes = 1U << scope;

	if ((flags & RULE_ALONE) != 0)
		scopes |= 1U << SCOPE_CERTIFICATE;
	if (scope == SCOPE_CERTIFICATE && check->of_cas)
		scopes |= 1U << SCOPE_CA;
	return scopes;
}

static void
plan_check(const struct check *check)
{
	struct planned_check *out = &plan.checks[plan.check_count++];

	*out = (struct planned_check){.check = check,
	    .rules = &plan.rules[plan.rule_count],
	    .applies = number_of(check->applies)};
	for (size_t i = 0; i < check->subrule_count && check->needs == NULL; i++) {
		const struct subrule *rule = &check->subrules[i];

		if (rule->run == NULL)
			continue;
		plan.rules[plan.rule_count++] = (struct planned_rule){
		    .from = rule->from != 0 ? rule->from : DATE_ALWAYS,
		    .until = rule->until != 0 ? rule->until : DATE_NEVER,
		    .rule = rule,
		    .applies = number_of(rule->applies),
		    .flags = rule->flags & (RULE_OFF | RULE_ALONE | RULE_PAIR)};
		out->rule_count++;
		out->scopes |= scopes_of(check, rule->flags);
	}
}

static void
make_plan(void)
{
	const struct check *check;
	size_t count = 1;

	for (size_t i = 0; (check = check_at(i)) != NULL; i++)
		count += 1 + check->subrule_count;
	plan.rules = mem_zero(count, sizeof(*plan.rules));
	plan.applies = mem_zero(count, sizeof(judged_fn *));
	plan.applies_count = 1;
	for (size_t i = 0; (check = check_at(i)) != NULL; i++)
		plan_check(check);
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
	uint8_t *answers; /* of what the plan's rules apply to: enum answer */
};

enum answer { NOT_ASKED, NO, YES };

static bool
applies_here(const struct pass *pass, const struct judged *it, uint16_t number)
{
	/* Those asked about what is `dated` stand behind the others. */
	uint8_t *answer =
	    &pass->answers[it == pass->it ? number : plan.applies_count + number];

	if (*answer == NOT_ASKED)
		*answer = number == 0 || plan.applies[number](it) ? YES : NO;
	return *answer == YES;
}

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
takes(const struct pass *pass, const struct check *check, unsigned flags, bool own)
{
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

static void
run_rule(const struct pass *pass, struct trial *trial, const struct subrule *rule,
    bool applies)
{
	enum check_outcome outcome = OUTCOME_NA;

	trial->rule = rule;
	trial->finding = NULL;
	trial->failed = trial->not_applicable = false;
	if (applies)
		outcome = hold_applying(trial, rule->run);
	if (pass->out->on_outcome != NULL)
		pass->out->on_outcome(pass->out->owner, trial->check, rule, outcome);
}

/* Where nobody asks for each outcome, what is not in force by any clock, or does not
 * apply, needs no other look. */
static void
run_check(
    const struct pass *pass, const struct planned_check *planned, struct clocks clocks)
{
	const struct check *check = planned->check;
	const struct judged *it = check->of_cas ? pass->dated : pass->it;
	bool own = takes_scope(pass, check, check->scope),
	     brief = pass->out->on_outcome == NULL,
	     applies = applies_here(pass, it, planned->applies);
	struct trial trial;

	if (brief && !applies)
		return;
	trial = (struct trial){
	    .check = check,
	    .it = it,
	    .history = pass->history,
	    .out = pass->out,
	    .subject = pass->subject,
	    .subject_key = pass->key,
	};
	for (size_t i = 0; i < planned->rule_count; i++) {
		const struct planned_rule *rule = &planned->rules[i];
		bool holds;

		if (!takes(pass, check, rule->flags, own) ||
		    (brief && (rule->from > clocks.last || rule->until <= clocks.first)))
			continue;
		holds = applies && applies_here(pass, it, rule->applies);
		if (holds || !brief)
			run_rule(pass, &trial, rule->rule, holds);
	}
}

static void
run_pass(struct pass pass)
{
	struct clocks clocks = clocks_of(pass.it);

	pthread_once(&once, make_plan);
	pass.answers = arena_zero(pass.out->arena, 2, plan.applies_count);
	for (size_t i = 0; i < plan.check_count; i++)
		if ((plan.checks[i].scopes & 1U << pass.scope) != 0 &&
		    !pass.it->params->off[i])
			run_check(&pass, &plan.checks[i], clocks);
}

void
checks_run_certificate(const struct judged *it, struct findings *out)
{
	size_t first = out->count;

	run_pass((struct pass){.scope = SCOPE_CERTIFICATE,
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

	run_pass(pass);
	pass.scope = SCOPE_ISSUER;
	run_pass(pass);
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
	run_pass((struct pass){.scope = SCOPE_CA,
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
		outcome = hold(&trial, rule->run);
	arena_free(&arena);
	return outcome;
}
