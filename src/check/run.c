#include "check_priv.h"

enum check_outcome
trial_hold(struct trial *trial)
{
	const struct subrule *rule = trial->rule;

	if (rule->applies != NULL && !rule->applies(trial->it))
		return OUTCOME_NA;
	trial->force = rule_in_force(trial->it, rule->from, rule->until, rule->flags);
	if (!trial->force.yes)
		return OUTCOME_NE;
	rule->run(trial);
	if (trial->not_applicable)
		return OUTCOME_NA;
	return trial->failed ? OUTCOME_FAIL : OUTCOME_PASS;
}

/* A certificate from a file has no writer behind it. */
static bool
runs_here(const struct judged *it, const struct check *check, const struct subrule *rule,
    enum check_scope scope)
{
	if (rule->run == NULL ||
	    ((rule->flags & RULE_OFF) != 0 && !it->params->with_off_rules))
		return false;
	return check->scope == scope ||
	    ((rule->flags & RULE_ALONE) != 0 && it->sighting_count == 0);
}

static void
run_check(enum check_scope scope, const struct check *check, const struct judged *it,
    const struct check_history *history, enum finding_subject subject, struct bytes key,
    struct findings *out)
{
	bool applies = check->applies == NULL || check->applies(it);

	for (size_t i = 0; i < check->subrule_count; i++) {
		const struct subrule *rule = &check->subrules[i];
		enum check_outcome outcome = OUTCOME_NA;
		struct trial trial = {
		    .check = check,
		    .rule = rule,
		    .it = it,
		    .history = history,
		    .out = out,
		    .subject = subject,
		    .subject_key = key,
		};

		if (!runs_here(it, check, rule, scope))
			continue;
		if (applies)
			outcome = trial_hold(&trial);
		if (out->on_outcome != NULL)
			out->on_outcome(out->owner, check, rule, outcome);
	}
}

static void
run_scope(enum check_scope scope, const struct judged *it,
    const struct check_history *history, enum finding_subject subject, struct bytes key,
    struct findings *out)
{
	const struct check *check;

	for (size_t i = 0; (check = check_at(i)) != NULL; i++)
		if ((check->scope == scope || scope == SCOPE_CERTIFICATE) &&
		    check->needs == NULL && !it->params->off[i])
			run_check(scope, check, it, history, subject, key, out);
}

void
checks_run_certificate(const struct judged *it, struct findings *out)
{
	size_t first = out->count;

	run_scope(SCOPE_CERTIFICATE, it, NULL, SUBJECT_CERTIFICATE,
	    bytes_of(it->key, sizeof(it->key)), out);
	check_evaded_deadlines(it, out, first);
}

void
checks_run_history(
    const struct judged *it, const struct check_history *history, struct findings *out)
{
	struct bytes key = bytes_of(it->key, sizeof(it->key));

	run_scope(SCOPE_PAIR, it, history, SUBJECT_CERTIFICATE, key, out);
	run_scope(SCOPE_ISSUER, it, history, SUBJECT_CERTIFICATE, key, out);
}

void
checks_run_ca(
    const struct judged *it, const struct check_history *history, struct findings *out)
{
	struct sha256 hash;

	sha256_of(it->der, &hash);
	run_scope(SCOPE_CA, it, history, SUBJECT_CA, sha256_bytes(&hash), out);
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
