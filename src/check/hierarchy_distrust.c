/* B8: certificates that were issued after root programs had stopped trusting. */
#include "hierarchy.h"

#include <strings.h>

#include "check/path.h"

static bool
is_distrusted_leaf(const struct judged *it)
{
	const struct check_operator *signer;
	size_t records = 0;

	for (size_t i = 0; (signer = judged_signer(it, i)) != NULL; i++)
		records += signer->distrust_count;
	return records > 0 && is_signed_subscriber(it);
}

/* The earliest SCT that verifies, or CLOCK_UNKNOWN. */
static int64_t
first_sct_ms(const struct judged *it)
{
	int64_t first = CLOCK_UNKNOWN;

	for (size_t i = 0; i < it->sct_count; i++)
		if (it->scts[i].result == JUDGED_SCT_VERIFIED &&
		    (first == CLOCK_UNKNOWN || it->scts[i].timestamp_ms < first))
			first = it->scts[i].timestamp_ms;
	return first;
}

static int64_t
distrust_clock_ms(const struct judged *it, enum distrust_mode mode)
{
	switch (mode) {
	case DISTRUST_NB:
		return it->cert->not_before * 1000;
	case DISTRUST_SCT:
		return first_sct_ms(it);
	case DISTRUST_LOGGED:
		break;
	}
	return it->hi_ms;
}

static const char *const DISTRUST_MODES[] = {"nb", "sct", "logged"};

/* Outside that program it said that it has customers. */
static bool
has_customers_outside(const struct check_operator *operator, const char * program)
{
	for (size_t i = 0; i < operator->outside_count; i++)
		if (strcasecmp(operator->outside[i], program) == 0)
			return true;
	return false;
}

/* The sub-rule as it holds for one program: a finding of its own. */
static const struct subrule *
rule_for(struct trial *trial, const char *program)
{
	struct subrule *rule = arena_alloc(trial->out->arena, sizeof(*rule));
	struct buf name;

	*rule = *trial->rule;
	buf_init(&name, 256);
	buf_append_format(&name, "%s:%.60s", trial->rule->name, program);
	rule->name = (const char *)arena_copy(trial->out->arena, buf_bytes(&name)).data;
	buf_free(&name);
	return rule;
}

/* way: the certificate that leads under one of its names; NULL: its key signed. */
static void
fail_program(struct trial *trial, const struct check_operator *operator,
    const struct check_distrust * record, const struct path_step *way)
{
	int64_t clock = distrust_clock_ms(trial->it, record->mode);
	struct trial each = *trial;
	struct finding *finding;

	if (clock == CLOCK_UNKNOWN || seconds_of(clock) <= record->date)
		return;
	each.rule = rule_for(trial, record->program);
	each.finding = NULL;
	finding = trial_fail_at(&each,
	    has_customers_outside(operator, record->program) ? LEVEL_NOTICE
							     : trial->rule->level,
	    trial->it->cert->validity, "issued after %s stopped trusting %s",
	    record->program, operator->name);
	evidence_text(&each, finding, "operator", operator->name);
	evidence_text(&each, finding, "program", record->program);
	evidence_time(&each, finding, "date", record->date * 1000);
	evidence_text(&each, finding, "mode", DISTRUST_MODES[record->mode]);
	evidence_time(&each, finding, "value", clock);
	evidence_text(&each, finding, "source", record->source);
	if (way != NULL)
		evidence_hex(&each, finding, "by_way_of", bytes_of(way->ca.sha256, 32));
	trial->failed = true;
}

/* Each root program draws its own line. */
static void
run_distrust(struct trial *trial)
{
	enum distrust_mode mode = (enum distrust_mode)trial->rule->arg;
	const struct check_operator *signer;

	for (size_t i = 0; (signer = judged_signer(trial->it, i)) != NULL; i++)
		for (size_t j = 0; j < signer->distrust_count; j++)
			if (signer->distrust[j].mode == mode)
				fail_program(trial, signer, &signer->distrust[j], NULL);
}

/* --- by name ------------------------------------------------------------------------
 *
 * Mozilla's rule is about the names of roots: it holds for what stands under a root of
 * such a name by whatever way, cross-certificates included, whosever key it is.
 */

static bool
names_issuer(const struct check_operator *operator, struct bytes issuer)
{
	bool found = false;
	struct buf key;

	buf_init(&key, 65536);
	name_append_sorted_key(&key, issuer);
	for (size_t i = 0; i < operator->name_count && !found; i++)
		found = bytes_equal(operator->names[i], buf_bytes(&key));
	buf_free(&key);
	return found;
}

static bool
is_signer(const struct judged *it, const struct check_operator *operator)
{
	const struct check_operator *signer;

	for (size_t i = 0; (signer = judged_signer(it, i)) != NULL; i++)
		if (signer == operator)
			return true;
	return false;
}

static bool
has_name_records(const struct judged *it, const struct check_operator *operator)
{
	return operator->distrust_count> 0 && operator->name_count>
	    0 && !is_signer(it, operator);
}

static bool
may_stand_under_names(const struct judged *it)
{
	const struct check_params *params = it->params;
	bool any = false;

	for (size_t i = 0; i < params->operator_count && !any; i++)
		any = has_name_records(it, &params->operators[i]);
	return any && is_signed_subscriber(it) && it->issuer_key_hash != NULL &&
	    is_of_some_watch(it);
}

static void
fail_programs(struct trial *trial, const struct check_operator *operator,
    const struct paths * paths)
{
	const struct path_step *way = NULL;

	for (size_t i = 0; i < paths->count && way == NULL; i++)
		if (names_issuer(operator, paths->steps[i].issuer))
			way = &paths->steps[i];
	if (way == NULL && !names_issuer(operator, trial->it->cert->issuer))
		return;
	for (size_t i = 0; i < operator->distrust_count; i++)
		if (operator->distrust[i].mode == DISTRUST_NB)
			fail_program(trial, operator, & operator->distrust[i], way);
}

static void
run_distrusted_names(struct trial *trial)
{
	const struct check_params *params = trial->it->params;
	struct paths *paths = arena_alloc(trial->out->arena, sizeof(*paths));
	static const uint8_t NONE[32];

	paths_find(paths, trial->history, trial->it->issuer_key_hash,
	    trial->it->cert->issuer, NONE);
	for (size_t i = 0; i < params->operator_count; i++)
		if (has_name_records(trial->it, &params->operators[i]))
			fail_programs(trial, &params->operators[i], paths);
}

#define DISTRUST(name, mode, source)                                                     \
	RULE(name, LEVEL_ERROR, source, is_distrusted_leaf, run_distrust, .arg = mode)

static const struct subrule ISSUED_AFTER_DISTRUST[] = {
    DISTRUST("nb", DISTRUST_NB, "the program's distrust date, compared with notBefore"),
    DISTRUST("sct", DISTRUST_SCT, "the program's distrust date, compared with SCTs"),
    DISTRUST("logged", DISTRUST_LOGGED, "the program's distrust date, by the logs"),
    RULE("names", LEVEL_ERROR, "the program's distrust date, by names of roots",
	may_stand_under_names, run_distrusted_names, .flags = RULE_PAIR),
};

static const struct check CHECKS[] = {
    {
	.id = "issued-after-distrust",
	.version = 2,
	.scope = SCOPE_CERTIFICATE,
	.says = "Issued after a root program stopped trusting the operator.",
	.history = HISTORY_CA_BY_KEY,
	.subrules = ISSUED_AFTER_DISTRUST,
	.subrule_count = ARRAY_LEN(ISSUED_AFTER_DISTRUST),
    },
};

const struct check_family CHECK_HIERARCHY_DISTRUST = {
    "hierarchy", CHECKS, ARRAY_LEN(CHECKS)};
