#include "tests/lib/mutate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check/params.h"

size_t
rule_numbers(const struct subrule *rule, struct rule_number out[RULE_NUMBERS_MAX])
{
	size_t count = 0;

	if (rule->from != 0)
		out[count++] = (struct rule_number){"from", &rule->from};
	if (rule->until != 0)
		out[count++] = (struct rule_number){"until", &rule->until};
	for (const struct rule_limit *limit = rule->limits;
	     limit != NULL && limit->of != NULL; limit++) {
		if (count == RULE_NUMBERS_MAX)
			abort();
		out[count++] = (struct rule_number){limit->of, &limit->value};
	}
	return count;
}

size_t
param_numbers(struct rule_number out[PARAM_NUMBERS])
{
	const struct check_params *params = check_params_catalogue();
	const struct rule_number all[PARAM_NUMBERS] = {
	    {"skew_s", &params->skew_s},
	    {"grace_s", &params->grace_s},
	    {"backdate_note_s", &params->backdate_note_s},
	    {"forward_note_s", &params->forward_note_s},
	    {"late_s", &params->late_s},
	    {"twin_dates_s", &params->twin_dates_s},
	    {"retry_s", &params->retry_s},
	    {"final_wait_s", &params->final_wait_s},
	    {"precert_wait_s", &params->precert_wait_s},
	    {"cluster_min", &params->cluster_min},
	    {"late_batch", &params->late_batch},
	    {"twin_operator_s", &params->twin_operator_s},
	    {"max_san", &params->max_san},
	    {"tenant_learn", &params->tenant_learn},
	    {"tenant_window_s", &params->tenant_window_s},
	    {"watched_an_hour", &params->watched_an_hour},
	    {"serial_slack", &params->serial_slack},
	    {"serial_population", &params->serial_population},
	    {"min_orgs", &params->min_orgs},
	    {"cdn_domains", &params->cdn_domains},
	    {"profile_min", &params->profile_min},
	    {"profile_rare", &params->profile_rare},
	    {"profile_settled", &params->profile_settled},
	};

	memcpy(out, all, sizeof(all));
	return PARAM_NUMBERS;
}

void
mutate(const int64_t *number, int64_t by)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t first = (uintptr_t)number & ~(page - 1);
	volatile int64_t *at = (volatile int64_t *)(uintptr_t)number;

	/* A number may lie across two. */
	if (mprotect((void *)first, 2 * page, PROT_READ | PROT_WRITE) != 0 &&
	    mprotect((void *)first, page, PROT_READ | PROT_WRITE) != 0)
		abort();
	*at += by;
}

static size_t
numbers_of(const char *id, const char *name, struct rule_number out[PARAM_NUMBERS])
{
	const struct check *check = check_find(id, NULL);
	const struct subrule *rule = check != NULL ? check_subrule(check, name) : NULL;

	if (strcmp(id, "params") == 0)
		return param_numbers(out);
	return rule != NULL ? rule_numbers(rule, out) : 0;
}

void
mutate_as_asked(void)
{
	const char *asked = getenv("CTWARDEN_MUTANT");
	struct rule_number numbers[PARAM_NUMBERS];
	char check[64], rule[64];
	unsigned which;
	long long by;

	if (asked == NULL)
		return;
	if (sscanf(asked, "%63s %63s %u %lld", check, rule, &which, &by) != 4 ||
	    which >= numbers_of(check, rule, numbers)) {
		fprintf(stderr, "no such mutant: %s\n", asked);
		exit(3);
	}
	mutate(numbers[which].at, by);
}
