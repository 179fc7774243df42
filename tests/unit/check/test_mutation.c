/* Every sub-rule with its dates a second off, and with its argument one more or less:
 * some row of the tables has to come out otherwise, or nothing holds the number. */
#include "tests/lib/check_rows.h"
#include "tests/lib/spec_text.h"
#include "tests/lib/unit.h"

#include "check/run.h"

struct mutant {
	const char *what;
	struct subrule rule;
	bool killed;
};

#define MUTANTS_MAX 6

static size_t
make_mutants(const struct subrule *rule, struct mutant *out)
{
	size_t count = 0;

	for (int by = -1; by <= 1; by += 2) {
		if (rule->from != 0) {
			out[count] = (struct mutant){"from", *rule, false};
			out[count++].rule.from += by;
		}
		if (rule->until != 0) {
			out[count] = (struct mutant){"until", *rule, false};
			out[count++].rule.until += by;
		}
		if ((rule->flags & RULE_LIMIT) != 0) {
			out[count] = (struct mutant){"arg", *rule, false};
			out[count++].rule.arg += by;
		}
	}
	return count;
}

static void
try_mutants(const struct check *check, const char *spec, enum check_outcome want,
    struct mutant *mutants, size_t count)
{
	struct sample sample;

	sample_make(&sample, spec);
	for (size_t i = 0; i < count; i++)
		if (!mutants[i].killed)
			mutants[i].killed = check_outcome(&sample.judged, check,
						&mutants[i].rule) != want;
	sample_free(&sample);
}

static void
try_at(const struct check *check, const struct check_row *row, int64_t when,
    enum check_outcome want, struct mutant *mutants, size_t count)
{
	char date[TIME_TEXT_LEN], *spec;

	time_format(when * 1000, date);
	spec = mem_format("nb=%s %s", date, row->spec);
	try_mutants(check, spec, want, mutants, count);
	mem_free(spec);
}

/* As test_rows does, at the dates that the row names, not those of the table. */
static void
try_row(const struct check *check, const struct check_row *row, struct mutant *mutants,
    size_t count)
{
	if (row->from == NULL && row->until == NULL)
		try_mutants(check, row->spec, row->outcome, mutants, count);
	if (row->from != NULL) {
		int64_t from = sample_date(row->from);

		try_at(check, row, from - 1, OUTCOME_NE, mutants, count);
		try_at(check, row, from, row->outcome, mutants, count);
	}
	if (row->until != NULL) {
		int64_t until = sample_date(row->until);

		try_at(check, row, until - 1, row->outcome, mutants, count);
		try_at(check, row, until, OUTCOME_NE, mutants, count);
	}
}

/* The sub-rule's rows; how many. */
static size_t
try_rows(const struct check *check, const struct subrule *rule, struct mutant *mutants,
    size_t count)
{
	const struct check_row_set *const *sets;
	size_t set_count = check_row_sets(&sets), rows = 0;

	for (size_t i = 0; i < set_count; i++)
		for (size_t j = 0; j < sets[i]->count; j++) {
			const struct check_row *row = &sets[i]->rows[j];

			if (strcmp(row->check, check->id) != 0 ||
			    strcmp(row->subrule, rule->name) != 0)
				continue;
			try_row(check, row, mutants, count);
			rows++;
		}
	return rows;
}

static unsigned tried, survived;

static void
mutate(const struct check *check, const struct subrule *rule)
{
	struct mutant mutants[MUTANTS_MAX];
	size_t count = make_mutants(rule, mutants);

	if (rule->run == NULL || try_rows(check, rule, mutants, count) == 0)
		return;
	for (size_t i = 0; i < count; i++) {
		tried++;
		if (mutants[i].killed)
			continue;
		survived++;
		printf("%s %s: nothing notices %s %lld\n", check->id, rule->name,
		    mutants[i].what,
		    (long long)(strcmp(mutants[i].what, "from") == 0
			    ? mutants[i].rule.from
			    : strcmp(mutants[i].what, "until") == 0
			    ? mutants[i].rule.until
			    : mutants[i].rule.arg));
	}
}

START_TEST(numbers_are_held)
{
	const struct check *check;

	for (size_t i = 0; (check = check_at(i)) != NULL; i++)
		for (size_t j = 0; j < check->subrule_count; j++)
			mutate(check, &check->subrules[j]);
	printf("%u mutants, %u survived\n", tried, survived);
	ck_assert_uint_gt(tried, 500);
	ck_assert_uint_eq(survived, 0);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("mutation");

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, numbers_are_held);
	return unit_run("mutation", tcase);
}
