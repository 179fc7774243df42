/* Precertificates and finals that miss each other, for which a check looks a
 * second time; and two where one was ordered. */
#include "tests/lib/mutate.h"
#include "tests/lib/unit.h"
#include "tests/lib/world.h"

#include "check/run.h"

#define NOW "now=2026-04-10 hi=2026-04-10 "

static const struct {
	const char *what, *first, *second;
	const char *looked;               /* when it looks again */
	const char *covered[2];           /* what was read of every log */
	size_t no_final, no_precert, now; /* findings; now: before it looks */
} WAITS[] = {
    {"a precertificate alone", NOW "poison", NULL, "2026-04-13", {0}, 1, 0, 0},
    {"a millisecond early", NOW "poison", NULL, "2026-04-12T23:59:59.999Z", {0}, 0, 0, 0},
    {"its final came", NOW "poison", NOW "scts=2026-04-10", "2026-04-13", {0}, 0, 0, 0},
    {"a final that differs is the mismatch's", NOW "poison", NOW "subject=/CN=b",
	"2026-04-13", {0}, 0, 0, 0},
    {"another's final", NOW "poison", NOW "serial=01 scts=2026-04-10", "2026-04-13", {0},
	1, 0, 0},
    {"a final with SCTs, all read", NOW "scts=2026-04-10", NULL, "2026-04-12",
	{"2026-04-09", "2026-04-11"}, 0, 1, 0},
    {"a millisecond early", NOW "scts=2026-04-10", NULL, "2026-04-11T23:59:59.999Z",
	{"2026-04-09", "2026-04-11"}, 0, 0, 0},
    {"the promise counts from its time", NOW "scts=2026-04-12", NULL, "2026-04-13",
	{"2026-04-01", "2026-05-01"}, 0, 0, 0},
    {"and is over a day after its delay", NOW "scts=2026-04-12", NULL, "2026-04-14",
	{"2026-04-01", "2026-05-01"}, 0, 1, 0},
    {"an old promise gives us as long", NOW "scts=2026-04-01", NULL,
	"2026-04-10T23:59:59Z", {"2026-03-01", "2026-05-01"}, 0, 0, 0},
    {"not read from before it", NOW "scts=2026-04-10", NULL, "2026-04-12",
	{"2026-04-09T00:00:00.001Z", "2026-05-01"}, 0, 0, 0},
    {"not read until the delay is over", NOW "scts=2026-04-10", NULL, "2026-04-12",
	{"2026-04-01", "2026-04-10T23:59:59.999Z"}, 0, 0, 0},
    {"SCTs of logs that nobody knows", NOW "scts=2026-04-10 unverified", NULL,
	"2026-04-30", {"2026-04-01", "2026-05-01"}, 0, 0, 0},
    {"its precertificate came", NOW "scts=2026-04-10", NOW "poison", "2026-04-30",
	{"2026-04-01", "2026-05-01"}, 0, 0, 0},
    {"its precertificate came first", NOW "poison", NOW "scts=2026-04-10", "2026-04-30",
	{"2026-04-01", "2026-05-01"}, 0, 0, 0},
    {"no SCT, and logs have to be told", "now=2026-06-16 nb=2026-06-15", NULL,
	"2026-06-17", {0}, 0, 1, 0},
    {"no SCT, and logs should be told", "now=2026-06-16 nb=2026-02-05", NULL,
	"2026-06-30", {0}, 0, 1, 0},
    {"no SCT, the day before", "now=2026-06-16 nb=2026-02-04T23:59:59Z", NULL,
	"2026-06-30", {0}, 0, 0, 0},
    {"no SCT, for mail",
	"now=2026-06-16 nb=2026-06-15 eku=1.3.6.1.5.5.7.3.4 policies=1.2", NULL,
	"2026-06-30", {0}, 0, 0, 0},
};

static void
set_covered(struct world *world, const char *const covered[2])
{
	world->covered_from_ms = INT64_MAX;
	world->covered_to_ms = INT64_MIN;
	if (covered[0] == NULL)
		return;
	world->covered_from_ms = sample_ms(covered[0]);
	world->covered_to_ms = sample_ms(covered[1]);
}

START_TEST(waits)
{
	struct world *world = world_new();
	struct findings findings;
	struct arena arena;

	arena_init(&arena);
	findings_init(&findings, &arena);
	set_covered(world, WAITS[_i].covered);
	world_judge(world, WAITS[_i].first, &findings);
	if (WAITS[_i].second != NULL)
		world_judge(world, WAITS[_i].second, &findings);
	ck_assert_uint_eq(world_count(&findings, "precert-without-final") +
		world_count(&findings, "final-without-precert"),
	    WAITS[_i].now);
	world_look_again(world, sample_ms(WAITS[_i].looked), &findings);
	ck_assert_msg(
	    world_count(&findings, "precert-without-final") == WAITS[_i].no_final,
	    "%s: no final", WAITS[_i].what);
	ck_assert_msg(
	    world_count(&findings, "final-without-precert") == WAITS[_i].no_precert,
	    "%s: no precertificate", WAITS[_i].what);
	arena_free(&arena);
	world_free(world);
}
END_TEST

static bool
closes(const struct findings *findings, size_t closure, const char *check)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->rows[i]->check->id, check) == 0 &&
		    memcmp(findings->rows[i]->id, findings->closures[closure].id,
			FINDING_ID_LEN) == 0)
			return true;
	return false;
}

/* What comes after all closes what was said. */
START_TEST(what_comes_late_closes)
{
	static const struct {
		const char *first, *second, *check;
	} ROWS[] = {
	    {NOW "poison", NOW "scts=2026-04-10", "precert-without-final"},
	    {NOW "scts=2026-04-10", NOW "poison", "final-without-precert"},
	};

	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct world *world = world_new();
		struct findings findings;
		struct arena arena;
		size_t closed = 0;

		arena_init(&arena);
		findings_init(&findings, &arena);
		set_covered(world, (const char *const[]){"2026-01-01", "2027-01-01"});
		world_judge(world, ROWS[i].first, &findings);
		world_look_again(world, sample_ms("2026-05-01"), &findings);
		ck_assert_uint_eq(world_count(&findings, ROWS[i].check), 1);
		world_judge(world, ROWS[i].second, &findings);
		for (size_t j = 0; j < findings.closure_count; j++)
			closed += closes(&findings, j, ROWS[i].check);
		ck_assert_uint_eq(closed, 1);
		ck_assert_uint_eq(world->due_count, 0);
		arena_free(&arena);
		world_free(world);
	}
}
END_TEST

/* More than a warning: issued since 2026-06-15 under a root that Chrome includes. */
static const struct {
	const char *spec;
	enum check_level level;
} DUTIES[] = {
    {"nb=2026-06-15 programs=Chrome", LEVEL_ERROR},
    {"nb=2026-06-14T23:59:59Z programs=Chrome", LEVEL_WARNING},
    {"nb=2026-06-01 lo=2026-06-15 scts=2026-06-15 programs=Chrome", LEVEL_ERROR},
    {"nb=2026-06-01 scts=2026-06-14T23:59:59Z programs=Chrome", LEVEL_WARNING},
    {"nb=2026-06-15 scts=2026-06-15 programs=Mozilla", LEVEL_WARNING},
    {"nb=2026-06-15 programs=none", LEVEL_WARNING},
    {"nb=2026-06-15", LEVEL_WARNING},
    /* logged since: it may have been issued before */
    {"nb=2026-06-14 hi=2026-06-16 programs=Chrome", LEVEL_WARNING},
};

START_TEST(duties)
{
	struct world *world = world_new();
	struct findings findings;
	struct arena arena;

	arena_init(&arena);
	findings_init(&findings, &arena);
	set_covered(world, (const char *const[]){"2026-01-01", "2027-01-01"});
	world_judge(world, DUTIES[_i].spec, &findings);
	findings_init(&findings, &arena);
	world_look_again(world, sample_ms("2027-01-01"), &findings);
	for (size_t i = 0; i < findings.count; i++)
		if (strcmp(findings.rows[i]->check->id, "final-without-precert") == 0)
			ck_assert_msg(findings.rows[i]->level == DUTIES[_i].level, "%s",
			    DUTIES[_i].spec);
	ck_assert_uint_eq(world_count(&findings, "final-without-precert"), 1);
	arena_free(&arena);
	world_free(world);
}
END_TEST

static const struct {
	const char *what, *first, *second;
	size_t findings;
} DOUBLES[] = {
    {"two finals that differ in SCTs", "scts=2026-04-01", "scts=2026-04-02", 1},
    {"two that differ in their signature", "scts=2026-04-01", "scts=2026-04-01", 1},
    {"a precertificate and its final", "poison hi=2026-04-01", "scts=2026-04-01", 0},
    {"two certificates", "serial=01", "serial=02", 0},
    {"two precertificates within ten minutes", "serial=01 poison hi=2026-04-01",
	"serial=02 poison hi=2026-04-01T00:10:00Z", 1},
    {"the second logged before the first", "serial=01 poison hi=2026-04-01T00:10:00Z",
	"serial=02 poison hi=2026-04-01", 1},
    {"a millisecond more", "serial=01 poison hi=2026-04-01",
	"serial=02 poison hi=2026-04-01T00:10:00.001Z", 0},
    {"another key", "serial=01 poison hi=2026-04-01",
	"serial=02 poison keyno=2 hi=2026-04-01T00:01:00Z", 0},
    {"another algorithm", "serial=01 poison hi=2026-04-01",
	"serial=02 poison sig=sha384 hi=2026-04-01T00:01:00Z", 0},
    {"other names", "serial=01 poison hi=2026-04-01",
	"serial=02 poison dns=b.example hi=2026-04-01T00:01:00Z", 0},
    {"names in another order", "serial=01 poison dns=a.example,b.example hi=2026-04-01",
	"serial=02 poison dns=b.example,a.example hi=2026-04-01T00:01:00Z", 1},
    {"another issuer", "serial=01 poison hi=2026-04-01",
	"serial=02 poison signer=rsa2048 hi=2026-04-01T00:01:00Z", 0},
    {"a final and a precertificate", "serial=01 hi=2026-04-01",
	"serial=02 poison hi=2026-04-01T00:01:00Z", 0},
};

START_TEST(doubles)
{
	struct world *world = world_new();
	struct findings findings;
	struct arena arena;

	arena_init(&arena);
	findings_init(&findings, &arena);
	world_judge(world, DOUBLES[_i].first, &findings);
	world_judge(world, DOUBLES[_i].second, &findings);
	ck_assert_msg(world_count(&findings, "duplicate-final") == DOUBLES[_i].findings,
	    "%s: %zu", DOUBLES[_i].what, world_count(&findings, "duplicate-final"));
	arena_free(&arena);
	world_free(world);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("pairs");

	mutate_as_asked();
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, waits, 0, UNIT_COUNT(WAITS));
	tcase_add_test(tcase, what_comes_late_closes);
	tcase_add_loop_test(tcase, duties, 0, UNIT_COUNT(DUTIES));
	tcase_add_loop_test(tcase, doubles, 0, UNIT_COUNT(DOUBLES));
	return unit_run("pairs", tcase);
}
