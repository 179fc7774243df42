/* Checks over periods, at their limits: counts stand in an array. */
#include "check/run.h"
#include "tests/lib/mutate.h"
#include "tests/lib/unit.h"

#define DAY   INT64_C(86400000)
#define HOUR  INT64_C(3600000)
#define TODAY 20000 /* its midnight is now */

struct count {
	const char *name;
	int32_t day;
	int64_t count;
};

struct counts {
	struct count rows[512];
	size_t count;
};

static void
put(struct counts *counts, const char *name, int32_t day, int64_t count)
{
	counts->rows[counts->count++] = (struct count){name, day, count};
}

static int64_t
sum(void *owner, const char *name, int32_t first, int32_t last)
{
	const struct counts *counts = owner;
	int64_t sum = 0;

	for (size_t i = 0; i < counts->count; i++)
		if (strcmp(counts->rows[i].name, name) == 0 &&
		    counts->rows[i].day >= first && counts->rows[i].day <= last)
			sum += counts->rows[i].count;
	return sum;
}

/* Others have twice as much, and a tenth of it is bad. */
static int64_t
sum_of_peers(void *owner, const char *name, int32_t first, int32_t last)
{
	int64_t issued = 2 * sum(owner, "seen.issued", first, last);

	return strcmp(name, "seen.issued") == 0 ? issued : issued / 10;
}

static const uint8_t KEY[32] = {7};

struct world {
	struct counts counts;
	struct check_operator operator;
	struct judged_period period;
	struct check_params params;
	struct findings out;
	struct arena arena;
};

static void
begin(struct world *it)
{
	*it = (struct world){.operator= {.name = "A CA"} };
	arena_init(&it->arena);
	check_params_defaults(&it->params);
	it->period = (struct judged_period){.issuer_key = KEY,
	    .operator= & it->operator,
	    .now_ms = TODAY * DAY,
	    .sum = sum,
	    .peers = sum_of_peers,
	    .owner = &it->counts};
}

/* Found, settled, or neither. */
enum said { NOTHING, FOUND, CLOSED };

static enum said
said(struct world *it,
    void (*run)(
	const struct judged_period *, const struct check_params *, struct findings *),
    const char *check, const char *rule)
{
	enum said said = NOTHING;

	findings_init(&it->out, &it->arena);
	run(&it->period, &it->params, &it->out);
	for (size_t i = 0; i < it->out.count; i++)
		if (strcmp(it->out.rows[i]->check->id, check) == 0 &&
		    strcmp(it->out.rows[i]->subrule->name, rule) == 0)
			said = FOUND;
	for (size_t i = 0; i < it->out.closure_count; i++)
		if (strcmp(it->out.closures[i].check->id, check) == 0 &&
		    strcmp(it->out.closures[i].subrule->name, rule) == 0) {
			ck_assert_int_eq(said, NOTHING);
			said = CLOSED;
		}
	return said;
}

/* --- error-rate-regression ------------------------------------------------------------
 */

/* The first finding sets others' rate in the same time beside it. */
static void
check_peers(const struct world *it, int64_t issued)
{
	char *want = mem_format("\"peers\":{\"issued\":%lld,\"misissued\":%lld}",
	    (long long)issued, (long long)(issued / 10));
	struct buf json;

	buf_init(&json, 1 << 16);
	ck_assert(finding_evidence_json(it->out.rows[0], &json));
	ck_assert_msg(
	    strstr(buf_text(&json), want) != NULL, "%s: %s", want, buf_text(&json));
	buf_free(&json);
	mem_free(want);
}

/* Against 24 of 4,000, z is 3.18 for 16 of 1,000 and 2.89 for 15. */
static const struct {
	const char *what;
	int64_t last, last_issued, before, before_issued;
	int32_t last_day; /* on which the last errors stand */
	enum said said;
} RISES[] = {
    {"three standard errors and a bit", 16, 1000, 24, 4000, TODAY - 1, FOUND},
    {"a bit less than three", 15, 1000, 24, 4000, TODAY - 1, CLOSED},
    {"on the first of the seven days", 16, 1000, 24, 4000, TODAY - 7, FOUND},
    {"a day before them", 16, 1000, 24, 4000, TODAY - 8, CLOSED},
    {"today is not over", 16, 1000, 24, 4000, TODAY, CLOSED},
    {"five errors", 5, 100, 0, 4000, TODAY - 1, FOUND},
    {"four are too few", 4, 100, 0, 4000, TODAY - 1, CLOSED},
    {"fewer than before", 5, 1000, 400, 4000, TODAY - 1, CLOSED},
    {"nothing to compare with", 50, 100, 0, 0, TODAY - 1, CLOSED},
};

START_TEST(errors_rise)
{
	struct world it;

	begin(&it);
	put(&it.counts, "seen.issued", TODAY - 1, RISES[_i].last_issued);
	put(&it.counts, "seen.misissued", RISES[_i].last_day, RISES[_i].last);
	put(&it.counts, "seen.issued", TODAY - 35, RISES[_i].before_issued);
	put(&it.counts, "seen.misissued", TODAY - 35, RISES[_i].before);
	/* A day before all of it, which must not count. */
	put(&it.counts, "seen.issued", TODAY - 36, 1000000);
	ck_assert_msg(
	    said(&it, checks_run_day, "error-rate-regression", "rise") == RISES[_i].said,
	    "%s", RISES[_i].what);
	if (RISES[_i].said == FOUND)
		check_peers(&it, 2 * RISES[_i].last_issued);
	arena_free(&it.arena);
}
END_TEST

static const struct {
	const char *what;
	int32_t clean_from; /* issued since */
	int32_t error;      /* an error before, 0: none */
	enum said said;
} FIRSTS[] = {
    {"thirty days without", TODAY - 31, 0, FOUND},
    {"an error thirty days before", TODAY - 31, TODAY - 31, CLOSED},
    {"an error thirty-one days before", TODAY - 32, TODAY - 32, CLOSED},
    {"the same, and issuance since", TODAY - 31, TODAY - 32, FOUND},
    {"no issuance before", TODAY, 0, CLOSED},
};

START_TEST(first_errors)
{
	struct world it;

	begin(&it);
	if (FIRSTS[_i].clean_from < TODAY)
		put(&it.counts, "seen.issued", FIRSTS[_i].clean_from, 10);
	if (FIRSTS[_i].error != 0)
		put(&it.counts, "seen.misissued", FIRSTS[_i].error, 1);
	put(&it.counts, "seen.issued", TODAY - 1, 10);
	put(&it.counts, "seen.misissued", TODAY - 1, 1);
	ck_assert_msg(said(&it, checks_run_day, "error-rate-regression", "first") ==
		FIRSTS[_i].said,
	    "%s", FIRSTS[_i].what);
	if (FIRSTS[_i].said == FOUND)
		check_peers(&it, 20);
	/* The second day of errors is not the first. */
	it.period.now_ms += DAY;
	put(&it.counts, "seen.misissued", TODAY, 1);
	ck_assert_int_eq(
	    said(&it, checks_run_day, "error-rate-regression", "first"), CLOSED);
	arena_free(&it.arena);
}
END_TEST

/* --- issuance-spike
 * --------------------------------------------------------------------- */

/* The same hour of the weeks before: four times low, four times high. */
static void
put_weeks(
    struct counts *counts, int64_t hour, const char *name, int64_t low, int64_t high)
{
	for (int week = 1; week <= 8; week++)
		put(counts, name, (int32_t)(hour / 24) - 7 * week,
		    week <= 4 ? low : high);
}

static const struct {
	const char *what;
	int64_t low, high, count;
	enum said said;
} HOURS[] = {
    /* The median is 100: 100 + 60 is less than three times it. */
    {"three times the median", 90, 110, 300, CLOSED},
    {"one more", 90, 110, 301, FOUND},
    /* The median is 4: 4 + 6 * 2 is more than 12. */
    {"six deviations above", 4, 4, 16, CLOSED},
    {"and one more", 4, 4, 17, FOUND},
    /* None as a rule counts for one. */
    {"seven where there is none", 0, 0, 7, CLOSED},
    {"eight", 0, 0, 8, FOUND},
};

START_TEST(hours)
{
	for (int back = 1; back <= 3; back++) {
		int64_t hour = (int64_t)TODAY * 24 + 5;
		struct world it;

		begin(&it);
		it.period.now_ms = (hour + back) * HOUR;
		put(&it.counts, "seen.issued", TODAY - 57, 1);
		put_weeks(
		    &it.counts, hour, "seen.hour.05", HOURS[_i].low, HOURS[_i].high);
		put(&it.counts, "seen.hour.05", TODAY, HOURS[_i].count);
		/* The third hour back is not looked at any more. */
		ck_assert_msg(said(&it, checks_run_hour, "issuance-spike", "hour") ==
			(back < 3 ? HOURS[_i].said : CLOSED),
		    "%s", HOURS[_i].what);
		arena_free(&it.arena);
	}
}
END_TEST

START_TEST(a_short_past_says_nothing)
{
	struct world it;

	begin(&it);
	it.period.now_ms += 6 * HOUR;
	put(&it.counts, "seen.issued", TODAY - 56, 1);
	put(&it.counts, "seen.hour.05", TODAY, 1000);
	ck_assert_int_eq(said(&it, checks_run_hour, "issuance-spike", "hour"), NOTHING);
	put(&it.counts, "seen.issued", TODAY - 57, 1);
	ck_assert_int_eq(said(&it, checks_run_hour, "issuance-spike", "hour"), FOUND);
	arena_free(&it.arena);
}
END_TEST

static const char *const HOUR_NAMES[] = {"seen.hour.00", "seen.hour.01", "seen.hour.02",
    "seen.hour.03", "seen.hour.04", "seen.hour.05", "seen.hour.06", "seen.hour.07",
    "seen.hour.08", "seen.hour.09", "seen.hour.10", "seen.hour.11", "seen.hour.12",
    "seen.hour.13", "seen.hour.14", "seen.hour.15", "seen.hour.16", "seen.hour.17",
    "seen.hour.18", "seen.hour.19", "seen.hour.20", "seen.hour.21", "seen.hour.22",
    "seen.hour.23"};

START_TEST(a_day_without)
{
	/* Each hour has so many as a rule; one of them one more. */
	static const struct {
		int64_t each, more;
		enum said said;
	} ROWS[] = {{50, 0, NOTHING}, {50, 1, FOUND}, {0, 0, NOTHING}};

	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct world it;

		begin(&it);
		put(&it.counts, "seen.issued", TODAY - 100, 1);
		for (int hour = 0; hour < 24; hour++)
			put_weeks(&it.counts, (int64_t)(TODAY - 1) * 24, HOUR_NAMES[hour],
			    ROWS[i].each / 2 + (hour == 3 ? ROWS[i].more : 0),
			    ROWS[i].each * 3 / 2 + (hour == 3 ? ROWS[i].more : 0));
		ck_assert_int_eq(
		    said(&it, checks_run_hour, "issuance-spike", "drop"), ROWS[i].said);
		put(&it.counts, "seen.hour.00", TODAY - 1, 1);
		ck_assert_int_eq(
		    said(&it, checks_run_hour, "issuance-spike", "drop"), CLOSED);
		arena_free(&it.arena);
	}
}
END_TEST

/* --- claims and promises
 * ------------------------------------------------------------------ */

/* WoSign's statement (checks/incident.md, rows 64 to 66): what differs by chance
 * does not differ. */
static const struct {
	const char *what, *metric;
	int64_t value, measured;
	double tolerance;
	enum said said;
} CLAIMS[] = {
    {"as claimed", "issued", 101485, 101485, 0, CLOSED},
    {"three square roots more", "issued", 94073, 94073 + 920, 0, CLOSED},
    {"one more than that", "issued", 94073, 94073 + 921, 0, FOUND},
    {"one less than that", "issued", 94073, 94073 - 921, 0, FOUND},
    {"within its tolerance", "issued", 94073, 94073 + 921, 0.01, CLOSED},
    {"mis-issued as claimed", "misissued", 1647, 1647, 0, CLOSED},
    {"mis-issued, beyond chance", "misissued", 12, 23, 0, FOUND},
    {"within it", "misissued", 12, 22, 0, CLOSED},
    {"none was claimed", "misissued", 0, 1, 0, FOUND},
    {"and none found", "misissued", 0, 0, 0.5, CLOSED},
    {"of one check", "failed.duplicate-serial", 340, 500, 0, FOUND},
    {"serious ones", "serious", 33, 33 + 18, 0, FOUND},
    {"within chance", "serious", 33, 33 + 17, 0, CLOSED},
    {"40 of 50,000", "misissued", 40, 40 + 19, 0, FOUND},
    {"about 43,000", "issued", 43000, 43000 + 2151, 0.05, FOUND},
    {"within that", "issued", 43000, 43000 + 2150, 0.05, CLOSED},
    {"the 62 in January", "failed.sha1-after-sunset", 62, 62 + 24, 0, FOUND},
    {"by when it was signed", "seen.issued", 94073, 94073 + 921, 0, FOUND},
};

START_TEST(claims)
{
	struct check_claim claim = {.metric = CLAIMS[_i].metric,
	    .from = TODAY * DAY / 1000 - 10 * 86400,
	    .until = TODAY * DAY / 1000,
	    .value = CLAIMS[_i].value,
	    .tolerance = CLAIMS[_i].tolerance,
	    .text = "a claim"};
	char name[64];
	struct world it;

	begin(&it);
	snprintf(name, sizeof(name), "%s%s",
	    strncmp(CLAIMS[_i].metric, "seen.", 5) == 0 ? "" : "nb.", CLAIMS[_i].metric);
	it.operator.claims = & claim;
	it.operator.claim_count = 1;
	put(&it.counts, name, TODAY - 11, 100000); /* before, and behind */
	put(&it.counts, name, TODAY, 100000);
	put(&it.counts, name, TODAY - 10, CLAIMS[_i].measured - 1);
	put(&it.counts, name, TODAY - 1, 1);
	ck_assert_msg(
	    said(&it, checks_run_day, "claim-mismatch", "count") == CLAIMS[_i].said, "%s",
	    CLAIMS[_i].what);
	it.period.now_ms--; /* its time is not over */
	ck_assert_int_eq(said(&it, checks_run_day, "claim-mismatch", "count"), NOTHING);
	arena_free(&it.arena);
}
END_TEST

static const struct {
	const char *what, *name, *rule;
	int32_t day;
	int64_t until;
	enum commitment_kind kind;
	enum said said;
} PROMISES[] = {
    {"a certificate without SCTs", "nb.failed.missing-embedded-sct", "embedded-sct",
	TODAY - 10, 0, COMMITMENT_EMBEDDED_SCT, FOUND},
    {"before the promise", "nb.failed.missing-embedded-sct", "embedded-sct", TODAY - 11,
	0, COMMITMENT_EMBEDDED_SCT, CLOSED},
    {"on its last day", "nb.failed.missing-embedded-sct", "embedded-sct", TODAY - 6,
	TODAY - 5, COMMITMENT_EMBEDDED_SCT, FOUND},
    {"behind it", "nb.failed.missing-embedded-sct", "embedded-sct", TODAY - 5, TODAY - 5,
	COMMITMENT_EMBEDDED_SCT, CLOSED},
    {"issued after the stop", "nb.issued", "no-issuance", TODAY - 10, 0,
	COMMITMENT_NO_ISSUANCE, FOUND},
    {"issued before it", "nb.issued", "no-issuance", TODAY - 11, 0,
	COMMITMENT_NO_ISSUANCE, CLOSED},
};

START_TEST(promises)
{
	struct check_commitment promise = {.kind = PROMISES[_i].kind,
	    .from = TODAY * DAY / 1000 - 10 * 86400,
	    .until = PROMISES[_i].until * 86400,
	    .source = "its blog"};
	struct world it;

	begin(&it);
	it.operator.commitments = & promise;
	it.operator.commitment_count = 1;
	put(&it.counts, PROMISES[_i].name, PROMISES[_i].day, 1);
	ck_assert_msg(said(&it, checks_run_day, "commitment-broken", PROMISES[_i].rule) ==
		PROMISES[_i].said,
	    "%s", PROMISES[_i].what);
	arena_free(&it.arena);
}
END_TEST

/* A check that is switched off neither finds nor closes. */
START_TEST(switched_off)
{
	struct world it;
	size_t number;

	begin(&it);
	ck_assert_ptr_nonnull(check_find("error-rate-regression", &number));
	it.params.off[number] = true;
	ck_assert_int_eq(
	    said(&it, checks_run_day, "error-rate-regression", "rise"), NOTHING);
	arena_free(&it.arena);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("period");

	mutate_as_asked();
	tcase_add_loop_test(tcase, errors_rise, 0, UNIT_COUNT(RISES));
	tcase_add_loop_test(tcase, first_errors, 0, UNIT_COUNT(FIRSTS));
	tcase_add_loop_test(tcase, hours, 0, UNIT_COUNT(HOURS));
	tcase_add_test(tcase, a_short_past_says_nothing);
	tcase_add_test(tcase, a_day_without);
	tcase_add_loop_test(tcase, claims, 0, UNIT_COUNT(CLAIMS));
	tcase_add_loop_test(tcase, promises, 0, UNIT_COUNT(PROMISES));
	tcase_add_test(tcase, switched_off);
	return unit_run("period", tcase);
}
