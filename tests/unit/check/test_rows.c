/* Every sub-rule against certificates that break it, keep it, or are none of
 * its business, and against the seconds around its dates. */
#include "tests/lib/check_rows.h"
#include "tests/lib/spec_text.h"
#include "tests/lib/unit.h"

#include "check/run.h"

static unsigned failures;

static void
expect(const struct check_row *row, const char *spec, enum check_outcome want)
{
	const struct check *check = check_find(row->check, NULL);
	const struct subrule *rule =
	    check != NULL ? check_subrule(check, row->subrule) : NULL;
	struct sample sample;
	enum check_outcome got;

	if (rule == NULL) {
		printf("no such sub-rule: %s %s\n", row->check, row->subrule);
		failures++;
		return;
	}
	sample_make(&sample, spec);
	got = check_outcome(&sample.judged, check, rule);
	if (got != want) {
		printf("%s %s: %s, not %s: %s\n", row->check, row->subrule,
		    check_outcome_name(got), check_outcome_name(want), spec);
		failures++;
	}
	sample_free(&sample);
}

static void
expect_at(const struct check_row *row, int64_t when, enum check_outcome want)
{
	char date[TIME_TEXT_LEN], *spec;

	time_format(when * 1000, date);
	spec = mem_format("nb=%s %s", date, row->spec);
	expect(row, spec, want);
	mem_free(spec);
}

static void
expect_dates(const struct check_row *row)
{
	if (row->from != NULL) {
		expect_at(row, sample_date(row->from) - 1, OUTCOME_NE);
		expect_at(row, sample_date(row->from), row->outcome);
	}
	if (row->until != NULL) {
		expect_at(row, sample_date(row->until) - 1, row->outcome);
		expect_at(row, sample_date(row->until), OUTCOME_NE);
	}
}

/* The level of the finding, and what it says of itself. */
static void
expect_level(const struct check_row *row)
{
	struct findings findings;
	struct sample sample;
	bool found = false;

	sample_make(&sample, row->spec);
	findings_init(&findings, &sample.arena);
	checks_run_certificate(&sample.judged, &findings);
	for (size_t i = 0; i < findings.count; i++) {
		const struct finding *finding = findings.rows[i];

		if (strcmp(finding->check->id, row->check) != 0 ||
		    strcmp(finding->subrule->name, row->subrule) != 0)
			continue;
		found = strcmp(check_level_name(finding->level), row->level) == 0;
	}
	if (!found) {
		printf("%s %s: not %s: %s\n", row->check, row->subrule, row->level,
		    row->spec);
		failures++;
	}
	sample_free(&sample);
}

START_TEST(rows_come_out)
{
	const struct check_row_set *const *sets;
	size_t count = check_row_sets(&sets);

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < sets[i]->count; j++) {
			const struct check_row *row = &sets[i]->rows[j];

			if (row->from == NULL && row->until == NULL)
				expect(row, row->spec, row->outcome);
			else
				expect_dates(row);
			if (row->level != NULL)
				expect_level(row);
		}
	ck_assert_uint_eq(failures, 0);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("rows");

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, rows_come_out);
	return unit_run("rows", tcase);
}
