#include "tests/lib/mutate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

void
mutate_as_asked(void)
{
	const char *asked = getenv("CTWARDEN_MUTANT");
	struct rule_number numbers[RULE_NUMBERS_MAX];
	char check[64], rule[64];
	const struct subrule *found;
	unsigned which;
	long long by;

	if (asked == NULL)
		return;
	if (sscanf(asked, "%63s %63s %u %lld", check, rule, &which, &by) != 4 ||
	    check_find(check, NULL) == NULL ||
	    (found = check_subrule(check_find(check, NULL), rule)) == NULL ||
	    which >= rule_numbers(found, numbers)) {
		fprintf(stderr, "no such mutant: %s\n", asked);
		exit(3);
	}
	mutate(numbers[which].at, by);
}
