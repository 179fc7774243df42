/* Every sub-rule with a date or limit of its line one more and one less: some row of
 * the tables has to come out otherwise, or nothing holds the number. What no row can
 * show, for it needs a history, the tests of these checks show: they are run with
 * each number changed, and have to fail. */
#include "tests/lib/check_rows.h"
#include "tests/lib/mutate.h"
#include "tests/lib/spec_text.h"
#include "tests/lib/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check/run.h"

struct mutant {
	struct rule_number number;
	int64_t by;
	bool killed;
};

#define MUTANTS_MAX (2 * RULE_NUMBERS_MAX)

static size_t
make_mutants(const struct subrule *rule, struct mutant *out)
{
	struct rule_number numbers[RULE_NUMBERS_MAX];
	size_t count = rule_numbers(rule, numbers);

	for (size_t i = 0; i < count; i++) {
		out[2 * i] = (struct mutant){numbers[i], -1, false};
		out[2 * i + 1] = (struct mutant){numbers[i], 1, false};
	}
	return 2 * count;
}

/* Numbers one of whose neighbours nothing can tell from them. */
static const struct {
	const char *check, *rule, *number, *why;
	int64_t by; /* 0: both */
} ALIKE[] = {
    {"rsa-modulus-weak", "factor", "factors below", "752 is no prime", 1},
    {"san-count", "unusual", "certificates",
	"one of ninety-nine is more than a hundredth, and so not unusual", -1},
    {"serial-low-entropy", "collisions-64-bits", "bits",
	"so near to it one comes with 2^32 certificates", 0},
};

static bool
looks_alike(const char *check, const char *rule, const struct mutant *mutant)
{
	for (size_t i = 0; i < ARRAY_LEN(ALIKE); i++)
		if (strcmp(ALIKE[i].check, check) == 0 &&
		    strcmp(ALIKE[i].rule, rule) == 0 &&
		    strcmp(ALIKE[i].number, mutant->number.name) == 0 &&
		    (ALIKE[i].by == 0 || ALIKE[i].by == mutant->by))
			return true;
	return false;
}

static unsigned tried, survived;

static void
count_mutants(
    const char *check, const char *rule, const struct mutant *mutants, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		tried++;
		if (mutants[i].killed || looks_alike(check, rule, &mutants[i]))
			continue;
		survived++;
		printf("%s %s: nothing notices \"%s\" %lld %+d\n", check, rule,
		    mutants[i].number.name, (long long)*mutants[i].number.at,
		    (int)mutants[i].by);
	}
}

/* --- what rows show ----------------------------------------------------------------- */

/* The sub-rule's level as the whole catalogue reports it; NULL: nothing found. */
static const char *
level_of(struct sample *sample, const struct check *check, const struct subrule *rule)
{
	struct findings findings;

	findings_init(&findings, &sample->arena);
	checks_run_certificate(&sample->judged, &findings);
	for (size_t i = 0; i < findings.count; i++)
		if (findings.rows[i]->check == check && findings.rows[i]->subrule == rule)
			return check_level_name(findings.rows[i]->level);
	return NULL;
}

static bool
comes_out(struct sample *sample, const struct check *check, const struct subrule *rule,
    enum check_outcome want, const char *level)
{
	const char *got;

	if (check_outcome(&sample->judged, check, rule) != want)
		return false;
	if (level == NULL)
		return true;
	got = level_of(sample, check, rule);
	return got != NULL && strcmp(got, level) == 0;
}

struct row_trial {
	const struct check *check;
	const struct subrule *rule;
	const struct check_row *row;
	struct mutant *mutants;
	size_t count;
};

static void
try_mutants(const struct row_trial *it, const char *spec, enum check_outcome want)
{
	struct sample sample;

	sample_make(&sample, spec);
	for (size_t i = 0; i < it->count; i++) {
		struct mutant *mutant = &it->mutants[i];

		if (mutant->killed)
			continue;
		mutate(mutant->number.at, mutant->by);
		sample_judge(&sample);
		mutant->killed =
		    !comes_out(&sample, it->check, it->rule, want, it->row->level);
		mutate(mutant->number.at, -mutant->by);
	}
	sample_free(&sample);
}

static void
try_at(const struct row_trial *it, int64_t when, enum check_outcome want)
{
	char date[TIME_TEXT_LEN], *spec;

	time_format(when * 1000, date);
	spec = mem_format("nb=%s %s", date, it->row->spec);
	try_mutants(it, spec, want);
	mem_free(spec);
}

/* As test_rows does, at the dates that the row names, not those of the table. */
static void
try_row(const struct row_trial *it)
{
	const struct check_row *row = it->row;

	if (row->from == NULL && row->until == NULL)
		try_mutants(it, row->spec, row->outcome);
	if (row->from != NULL) {
		try_at(it, sample_date(row->from) - 1, OUTCOME_NE);
		try_at(it, sample_date(row->from), row->outcome);
	}
	if (row->until != NULL) {
		try_at(it, sample_date(row->until) - 1, row->outcome);
		try_at(it, sample_date(row->until), OUTCOME_NE);
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
			try_row(&(struct row_trial){check, rule, row, mutants, count});
			rows++;
		}
	return rows;
}

/* --- what other tests show ------------------------------------------------------------
 */

/* Beside this one, whose failure shows that a number of the check is held. */
static const struct {
	const char *check, *test, *rule; /* NULL: all other rules of it */
} TESTS[] = {
    {"sigalg-key-mismatch", "test_history"},
    {"debian-weak-key", "test_findings"},
    {"spki-reuse", "test_key_reuse"},
    {"serial-short", "test_serials"},
    {"serial-low-entropy", "test_serials"},
    {"serial-sequential", "test_serials"},
    {"serial-nibble-anomaly", "test_serials"},
    {"final-without-precert", "test_pairs"},
    {"ca-key-reuse", "test_hierarchy"},
    {"root-issued-leaf", "test_hierarchy"},
    {"issuer-linkage", "test_hierarchy"},
    {"san-count", "test_name_count", "unusual"},
    {"dns-internal-name", "test_names", "tld"},
    {"base-plus-tenant", "test_tenants"},
    {"notbefore-cluster", "test_dates"},
    {"notbefore-calendar", "test_dates"},
    {"template-notafter", "test_dates"},
    {"profile-drift", "test_profile"},
    {"test-certificate", "test_profile", "random-drift"},
    {"log-order-inversion", "test_dates"},
    {"twin-date-gap", "test_dates"},
    {"late-logging", "test_dates"},
    {"backdated-vs-log", "test_dates"},
    {"idle-ca-issued", "test_hierarchy"},
    {"infrastructure-shared", "test_hierarchy"},
    {"unexpected-issuer", "test_hierarchy"},
    {"error-rate-regression", "test_period"},
    {"claim-mismatch", "test_period"},
    {"issuance-spike", "test_period"},
};

static const char *
test_of(const struct check *check, const struct subrule *rule)
{
	for (size_t i = 0; i < ARRAY_LEN(TESTS); i++)
		if (strcmp(TESTS[i].check, check->id) == 0 &&
		    (TESTS[i].rule == NULL || strcmp(TESTS[i].rule, rule->name) == 0))
			return TESTS[i].test;
	return NULL;
}

/* Not to come back. */
static void
become(const char *test, const char *asked, int results)
{
	char self[4096], path[4200], log[32];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len <= 0)
		_exit(4);
	self[len] = 0;
	*strrchr(self, '/') = 0;
	snprintf(path, sizeof(path), "%s/%s", self, test);
	snprintf(log, sizeof(log), "/dev/fd/%d", results);
	setenv("CK_FORK", "no", 1);
	setenv("CK_TAP_LOG_FILE_NAME", log, 1);
	setenv("CTWARDEN_MUTANT", asked, 1);
	if (freopen("/dev/null", "w", stdout) != NULL &&
	    freopen("/dev/null", "w", stderr) != NULL)
		execl(path, path, (char *)NULL);
	_exit(4);
}

/* Whether the test fails; after its first failure nothing more is asked of it. */
static bool
fails(const char *test, const char *asked)
{
	int results[2], status = -1;
	bool failed = false;
	char line[512];
	FILE *said;
	pid_t pid;

	ck_assert_int_eq(pipe(results), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		become(test, asked, results[1]);
	close(results[1]);
	said = fdopen(results[0], "r");
	while (!failed && fgets(line, sizeof(line), said) != NULL)
		failed = strncmp(line, "not ok", 6) == 0;
	if (failed)
		kill(pid, SIGKILL);
	fclose(said);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(failed || (WIFEXITED(status) && WEXITSTATUS(status) < 2) ||
		WIFSIGNALED(status),
	    "%s: %s: cannot be run", test, asked);
	return failed || status != 0;
}

/* Rules share lists: each number is tried once. */
static bool
was_tried(const int64_t *number, int64_t by)
{
	static struct {
		const int64_t *number;
		int64_t by;
	} done[1024];
	static size_t count;

	for (size_t i = 0; i < count; i++)
		if (done[i].number == number && done[i].by == by)
			return true;
	ck_assert_uint_lt(count, ARRAY_LEN(done));
	done[count].number = number;
	done[count++].by = by;
	return false;
}

static void
try_test(const char *test, const char *check, const char *rule, struct mutant *mutants,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *asked;

		if (mutants[i].killed || was_tried(mutants[i].number.at, mutants[i].by)) {
			mutants[i].killed = true;
			continue;
		}
		asked = mem_format(
		    "%s %s %zu %lld", check, rule, i / 2, (long long)mutants[i].by);

		mutants[i].killed = fails(test, asked);
		mem_free(asked);
	}
}

static void
try_param(const char *test, size_t which, struct mutant *mutant)
{
	char *asked = mem_format("params - %zu %lld", which, (long long)mutant->by);

	mutant->killed = fails(test, asked);
	mem_free(asked);
}

/* --- parameters ------------------------------------------------------------------------
 */

/* In the order of param_numbers(): the check whose rows hold it, or the test. */
static const struct {
	const char *check, *test;
} PARAMS[PARAM_NUMBERS] = {
    {"sct-invalid", NULL},
    {"backdated-vs-sct", NULL},
    {"backdated-vs-sct", NULL},
    {"forward-dated", NULL},
    {NULL, "test_dates"},
    {NULL, "test_dates"},
    {NULL, "test_pairs"},
    {NULL, "test_pairs"},
    {NULL, "test_pairs"},
    {NULL, "test_dates"},
    {NULL, "test_dates"},
    {NULL, "test_history"},
    {"san-count", NULL},
    {NULL, "test_tenants"},
    {NULL, "test_tenants"},
    {NULL, "test_watched_rate"},
    {"serial-short", NULL},
    {NULL, "test_serials"},
    {NULL, "test_key_reuse"},
    {NULL, "test_key_reuse"},
    {NULL, "test_profile"},
    {NULL, "test_profile"},
    {NULL, "test_profile"},
};

static void
mutate_params(bool by_rows)
{
	struct rule_number numbers[PARAM_NUMBERS];
	size_t count = param_numbers(numbers);

	for (size_t i = 0; i < count; i++) {
		struct mutant mutants[2] = {
		    {numbers[i], -1, false}, {numbers[i], 1, false}};
		const struct check *check;

		if ((PARAMS[i].test == NULL) != by_rows)
			continue;
		check = by_rows ? check_find(PARAMS[i].check, NULL) : NULL;
		for (size_t j = 0; check != NULL && j < check->subrule_count; j++)
			(void)try_rows(check, &check->subrules[j], mutants, 2);
		if (!by_rows)
			for (int k = 0; k < 2; k++)
				try_param(PARAMS[i].test, i, &mutants[k]);
		count_mutants("params", numbers[i].name, mutants, 2);
	}
}

/* --- the walk -------------------------------------------------------------------------
 */

static void
mutate_rule(const struct check *check, const struct subrule *rule, bool by_rows)
{
	struct mutant mutants[MUTANTS_MAX];
	size_t count = make_mutants(rule, mutants);
	const char *test = test_of(check, rule);

	if (count == 0 || check->needs != NULL || rule->needs != NULL ||
	    (test == NULL) != by_rows)
		return;
	if ((rule->run == NULL || try_rows(check, rule, mutants, count) == 0) && by_rows)
		ck_abort_msg("%s %s: nothing holds its numbers", check->id, rule->name);
	if (!by_rows)
		try_test(test, check->id, rule->name, mutants, count);
	count_mutants(check->id, rule->name, mutants, count);
}

static void
walk(bool by_rows)
{
	const struct check *check;

	for (size_t i = 0; (check = check_at(i)) != NULL; i++)
		for (size_t j = 0; j < check->subrule_count; j++)
			mutate_rule(check, &check->subrules[j], by_rows);
	mutate_params(by_rows);
	printf("%u mutants, %u survived\n", tried, survived);
	ck_assert_uint_eq(survived, 0);
}

START_TEST(rows_hold_numbers)
{
	walk(true);
	ck_assert_uint_gt(tried, 700);
}
END_TEST

/* Under a sanitizer each of these tests takes too long to be run so often. */
START_TEST(tests_hold_numbers)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	walk(false);
	ck_assert_uint_gt(tried, 10);
#endif
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("mutation");

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, rows_hold_numbers);
	tcase_add_test(tcase, tests_hold_numbers);
	return unit_run("mutation", tcase);
}
