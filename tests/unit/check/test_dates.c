/* Checks of dates that remember what came before: a small world answers. */
#include "tests/lib/mutate.h"
#include "tests/lib/unit.h"
#include "tests/lib/world.h"

#include "check/run.h"

static const struct check_operator china = {.name = "WoSign", .tz_minutes = 480};
static const struct check_operator israel = {.name = "StartCom", .tz_minutes = 120};

struct scene {
	struct world *world;
	struct findings findings;
	struct arena arena;
	struct judged_sighting seen[WORLD_ROOM];
};

static struct scene *
scene_new(void)
{
	struct scene *scene = mem_zero(1, sizeof(*scene));

	scene->world = world_new();
	arena_init(&scene->arena);
	findings_init(&scene->findings, &scene->arena);
	return scene;
}

static void
scene_free(struct scene *scene)
{
	arena_free(&scene->arena);
	world_free(scene->world);
	mem_free(scene);
}

/* It comes as the next entry of a log, at the time of its hi. */
static struct sample *
arrive_of(struct scene *scene, const struct check_operator *operator, const char * spec)
{
	struct check_history history = world_history(scene->world);
	struct sample *sample = world_add(scene->world, spec);
	size_t at = scene->world->count - 1;

	scene->seen[at] = (struct judged_sighting){
	    .index = at + 1, .timestamp_ms = sample->judged.hi_ms};
	sample->judged.sightings = &scene->seen[at];
	sample->judged.sighting_count = 1;
	sample->judged.signer = operator;
	checks_run_history(&sample->judged, &history, &scene->findings);
	return sample;
}

/* `count` of them, each with another serial number and subject. */
static void
arrive_many(struct scene *scene, size_t count, const char *nb, const char *rest)
{
	for (size_t i = 0; i < count; i++) {
		size_t number = scene->world->count;
		char *spec = mem_format("nb=%s serial=0a%04x subject=/CN=n%zu.example "
					"dns=n%zu.example %s",
		    nb, (unsigned)number, number, number, rest);

		arrive_of(scene, &china, spec);
		mem_free(spec);
	}
}

static size_t
found(const struct scene *scene, const char *check, const char *subrule)
{
	size_t count = 0;

	for (size_t i = 0; i < scene->findings.count; i++)
		count += strcmp(scene->findings.rows[i]->check->id, check) == 0 &&
		    (subrule == NULL ||
			strcmp(scene->findings.rows[i]->subrule->name, subrule) == 0);
	return count;
}

static size_t
closed(const struct scene *scene, const char *check, const char *subrule)
{
	size_t count = 0;

	for (size_t i = 0; i < scene->findings.closure_count; i++)
		count += strcmp(scene->findings.closures[i].check->id, check) == 0 &&
		    strcmp(scene->findings.closures[i].subrule->name, subrule) == 0;
	return count;
}

/* --- notbefore-cluster ---------------------------------------------------------------
 */

/* 62 of 64 dated to one day of December, 40 before the operator's midnight and 22
 * behind it; logged in January. */
START_TEST(sixty_two_on_one_day)
{
	struct scene *scene = scene_new();

	arrive_many(scene, 40, "2015-12-20T15:59:59Z", "hi=2016-01-04");
	arrive_many(scene, 22, "2015-12-20T16:00:00Z", "hi=2016-01-05");
	arrive_many(scene, 2, "2015-12-21T16:00:00Z", "hi=2016-01-05");
	ck_assert_uint_eq(found(scene, "notbefore-cluster", "utc-day"), 62);
	ck_assert_uint_eq(found(scene, "notbefore-cluster", "local-day"), 62);
	ck_assert(
	    world_has(&scene->findings, "notbefore-cluster", &scene->world->samples[0]));
	ck_assert(!world_has(
	    &scene->findings, "notbefore-cluster", &scene->world->samples[62]));
	scene_free(scene);
}
END_TEST

static const struct {
	const char *what;
	struct {
		size_t count;
		const char *nb, *rest;
	} parts[3];
	size_t utc, local;
} CLUSTERS[] = {
    {"nine", {{9, "2016-03-01T01:00:00Z", "hi=2016-03-09"}}, 0, 0},
    {"ten", {{10, "2016-03-01T01:00:00Z", "hi=2016-03-09"}}, 10, 10},
    {"half of them late",
	{{5, "2016-03-01T01:00:00Z", "hi=2016-03-03T01:00:00.001Z"},
	    {5, "2016-03-01T01:00:00Z", "hi=2016-03-01T01:00:00Z"}},
	10, 10},
    {"less than half",
	{{4, "2016-03-01T01:00:00Z", "hi=2016-03-09"},
	    {6, "2016-03-01T01:00:00Z", "hi=2016-03-01T01:00:00Z"}},
	0, 0},
    {"nearly half",
	{{26, "2016-03-01T01:00:00Z", "hi=2016-03-01T01:00:00Z"},
	    {25, "2016-03-01T01:00:00Z", "hi=2016-03-09"}},
	0, 0},
    {"48 hours are not late", {{10, "2016-03-01T01:00:00Z", "hi=2016-03-03T01:00:00Z"}},
	0, 0},
    {"late by an SCT",
	{{10, "2016-03-01T01:00:00Z", "hi=2016-03-01T02:00:00Z lo=2016-03-04"}}, 10, 10},
    {"two UTC days of one local day",
	{{5, "2016-03-01T23:00:00Z", "hi=2016-03-09"},
	    {5, "2016-03-02T01:00:00Z", "hi=2016-03-09"}},
	0, 10},
    {"SHA-1 before its end, logged at once",
	{{10, "2015-12-18T00:00:00Z", "sig=sha1 hi=2015-12-18T00:00:00Z"}}, 10, 10},
    {"SHA-1 more than 14 days before it",
	{{10, "2015-12-17T23:59:59Z", "sig=sha1 hi=2015-12-18T00:00:00Z"}}, 0, 0},
    {"SHA-256 before the end of SHA-1",
	{{10, "2015-12-20T00:00:00Z", "hi=2015-12-20T00:00:00Z"}}, 0, 0},
    {"SHA-1 among as many again of another algorithm",
	{{12, "2015-12-20T00:00:00Z", "hi=2015-12-20T00:00:00Z"},
	    {1, "2015-12-20T01:00:00Z", "sig=sha384 hi=2015-12-20T01:00:00Z"},
	    {10, "2015-12-20T00:00:00Z", "sig=sha1 hi=2015-12-20T00:00:00Z"}},
	10, 10},
    {"precertificates and their finals count once",
	{{5, "2016-03-01T01:00:00Z", "poison hi=2016-03-09"},
	    {4, "2016-03-01T01:00:00Z", "hi=2016-03-09"}},
	0, 0},
};

START_TEST(clusters)
{
	struct scene *scene = scene_new();

	for (size_t i = 0; i < 3 && CLUSTERS[_i].parts[i].count > 0; i++)
		arrive_many(scene, CLUSTERS[_i].parts[i].count, CLUSTERS[_i].parts[i].nb,
		    CLUSTERS[_i].parts[i].rest);
	ck_assert_msg(found(scene, "notbefore-cluster", "utc-day") == CLUSTERS[_i].utc,
	    "%s: UTC: %zu", CLUSTERS[_i].what,
	    found(scene, "notbefore-cluster", "utc-day"));
	ck_assert_msg(
	    found(scene, "notbefore-cluster", "local-day") == CLUSTERS[_i].local,
	    "%s: local: %zu", CLUSTERS[_i].what,
	    found(scene, "notbefore-cluster", "local-day"));
	scene_free(scene);
}
END_TEST

static void
arrive_weeks_off(struct scene *scene, int week)
{
	char nb[TIME_TEXT_LEN], *hi;

	time_format((sample_date("2016-03-01") + week * INT64_C(604800)) * 1000, nb);
	hi = mem_format("hi=%s", nb);
	arrive_many(scene, 4, nb, hi);
	mem_free(hi);
}

/* Two are usual on that weekday: 2 + 6 sqrt(2) is 10.5, so ten are none yet. */
START_TEST(what_is_usual_counts)
{
	struct scene *scene = scene_new();

	for (int week = 1; week <= 8; week++)
		arrive_weeks_off(scene, -week);
	arrive_many(scene, 10, "2016-03-01T01:00:00Z", "hi=2016-03-09");
	ck_assert_uint_eq(found(scene, "notbefore-cluster", "utc-day"), 0);
	arrive_many(scene, 1, "2016-03-01T01:00:00Z", "hi=2016-03-09");
	ck_assert_uint_eq(found(scene, "notbefore-cluster", "utc-day"), 11);
	arrive_many(scene, 1, "2016-03-01T01:00:00Z", "hi=2016-03-09");
	ck_assert_uint_eq(found(scene, "notbefore-cluster", "utc-day"), 12);
	scene_free(scene);
}
END_TEST

/* Eight weeks on both sides: with four on nine of the sixteen days four are usual,
 * and 4 + 6 sqrt(4) is 16. */
START_TEST(eight_weeks_are_looked_at)
{
	struct scene *scene = scene_new();

	for (int week = 1; week <= 8; week++)
		arrive_weeks_off(scene, -week);
	arrive_weeks_off(scene, 8);
	arrive_many(scene, 15, "2016-03-01T01:00:00Z", "hi=2016-03-09");
	ck_assert_uint_eq(found(scene, "notbefore-cluster", "utc-day"), 0);
	arrive_many(scene, 1, "2016-03-01T01:00:00Z", "hi=2016-03-09");
	ck_assert_uint_eq(found(scene, "notbefore-cluster", "utc-day"), 16);
	scene_free(scene);
}
END_TEST

/* A precertificate and its final are one, and what is read twice as well. */
START_TEST(a_row_counts_once)
{
	struct scene *scene = scene_new();

	for (int i = 0; i < 9; i++)
		for (int form = 0; form < 3; form++) {
			char *spec = mem_format("nb=2016-03-01T01:00:00Z hi=2016-03-09 "
						"serial=0b%02x %s",
			    (unsigned)i, form == 0 ? "poison" : "scts=2016-03-09");

			arrive_of(scene, &china, spec);
			mem_free(spec);
		}
	ck_assert_uint_eq(found(scene, "notbefore-cluster", NULL), 0);
	arrive_many(scene, 1, "2016-03-01T01:00:00Z", "hi=2016-03-09");
	ck_assert_uint_eq(found(scene, "notbefore-cluster", "utc-day"), 10);
	scene_free(scene);
}
END_TEST

/* Each operator has bins of its own; of whom nobody watches there are none. */
START_TEST(operators_are_apart)
{
	struct scene *scene = scene_new();

	arrive_many(scene, 9, "2016-03-01T01:00:00Z", "hi=2016-03-09");
	arrive_of(scene, &israel, "serial=0c01 nb=2016-03-01T01:00:00Z hi=2016-03-09");
	arrive_of(scene, NULL, "serial=0c02 nb=2016-03-01T01:00:00Z hi=2016-03-09");
	ck_assert_uint_eq(found(scene, "notbefore-cluster", NULL), 0);
	scene_free(scene);
}
END_TEST

static const struct {
	const char *what, *nb, *last;
	size_t count, findings;
} SECONDS[] = {
    {"five in one second, logged over more than a day", "2016-03-01T01:02:03Z",
	"hi=2016-03-02T02:00:00.001Z", 5, 5},
    {"over a day", "2016-03-01T01:02:03Z", "hi=2016-03-02T02:00:00Z", 5, 0},
    {"four", "2016-03-01T01:02:03Z", "hi=2016-03-09", 4, 0},
    {"a habit of midnight", "2016-03-01T16:00:00Z", "hi=2016-03-09", 5, 0},
};

START_TEST(one_second)
{
	struct scene *scene = scene_new();

	arrive_many(
	    scene, SECONDS[_i].count - 1, SECONDS[_i].nb, "hi=2016-03-01T02:00:00Z");
	arrive_many(scene, 1, SECONDS[_i].nb, SECONDS[_i].last);
	ck_assert_msg(found(scene, "notbefore-cluster", "second") == SECONDS[_i].findings,
	    "%s: %zu", SECONDS[_i].what, found(scene, "notbefore-cluster", "second"));
	scene_free(scene);
}
END_TEST

/* One midnight of five is a habit; one of more is not. */
START_TEST(midnights_of_one_who_has_no_habit)
{
	for (size_t others = 20; others <= 21; others++) {
		struct scene *scene = scene_new();

		arrive_many(scene, others, "2016-02-01T01:02:03Z", "hi=2016-02-01");
		arrive_many(scene, 4, "2016-03-01T16:00:00Z", "hi=2016-03-01T17:00:00Z");
		arrive_many(scene, 1, "2016-03-01T16:00:00Z", "hi=2016-03-09");
		ck_assert_uint_eq(
		    found(scene, "notbefore-cluster", "second"), others == 21 ? 5 : 0);
		scene_free(scene);
	}
}
END_TEST

/* One subject five times is a renewal that went wrong, not five customers. */
START_TEST(one_second_of_one_subject)
{
	struct scene *scene = scene_new();

	for (int i = 0; i < 6; i++) {
		char *spec =
		    mem_format("serial=0d%02x nb=2016-03-01T01:02:03Z hi=2016-03-%02d",
			(unsigned)i, i + 2);

		arrive_of(scene, &china, spec);
		mem_free(spec);
	}
	ck_assert_uint_eq(found(scene, "notbefore-cluster", "second"), 0);
	scene_free(scene);
}
END_TEST

/* --- template-notafter, notbefore-calendar --------------------------------------------
 */

static const struct {
	const char *what;
	size_t count, days, findings;
} TEMPLATES[] = {
    {"twenty over five days", 20, 5, 1},
    {"twenty-one are told once", 21, 5, 1},
    {"nineteen", 19, 5, 0},
    {"over four days", 20, 4, 0},
};

START_TEST(one_end_for_many)
{
	struct scene *scene = scene_new();

	for (size_t i = 0; i < TEMPLATES[_i].count; i++) {
		char *nb = mem_format("2016-01-%02zu", 1 + i % TEMPLATES[_i].days);

		arrive_many(scene, 1, nb, "na=2016-12-29T16:00:00Z");
		mem_free(nb);
	}
	arrive_many(scene, 1, "2016-01-09", "na=2016-12-29T16:00:01Z");
	ck_assert_msg(found(scene, "template-notafter", NULL) == TEMPLATES[_i].findings,
	    "%s: %zu", TEMPLATES[_i].what, found(scene, "template-notafter", NULL));
	scene_free(scene);
}
END_TEST

static const struct {
	const char *what;
	size_t before, weekdays, weekends, findings;
} CALENDARS[] = {
    {"four of ten on a Sunday", 90, 6, 4, 4},
    {"of nine", 95, 5, 4, 0},
    {"in a group of 99", 89, 6, 4, 0},
    {"in a group that works on weekends", 80, 9, 11, 0},
    {"a tenth is work on weekends", 80, 10, 10, 0},
    {"nearly a tenth is", 85, 10, 10, 10},
    {"three times the group's share", 74, 36, 4, 0},
    {"a bit more, for the first of them", 75, 36, 4, 1},
};

/* 2016-03-06 was a Sunday, where its operator sits: from the 5th, 16:00 UTC, on. */
START_TEST(weekends_that_nobody_worked)
{
	struct scene *scene = scene_new();

	arrive_many(scene, CALENDARS[_i].before, "2016-03-02T04:00:00Z",
	    "hi=2016-03-02T04:00:00Z");
	arrive_many(scene, CALENDARS[_i].weekdays, "2016-03-08T04:00:00Z",
	    "hi=2016-03-08T04:00:00Z");
	arrive_many(scene, CALENDARS[_i].weekends, "2016-03-06T15:59:59Z",
	    "hi=2016-03-08T04:00:00Z");
	ck_assert_msg(found(scene, "notbefore-calendar", NULL) == CALENDARS[_i].findings,
	    "%s: %zu", CALENDARS[_i].what, found(scene, "notbefore-calendar", NULL));
	scene_free(scene);
}
END_TEST

/* 2016-03-07 was a Monday, and in China a day of work. */
START_TEST(holidays_are_like_weekends)
{
	static const int64_t DAYS[] = {16867}; /* 2016-03-07 */
	struct check_operator resting = china;
	struct scene *scene = scene_new();

	resting.holidays = DAYS;
	resting.holiday_count = 1;
	for (size_t i = 0; i < 104; i++) {
		char *spec = mem_format("serial=0f%02x nb=2016-03-%02dT04:00:00Z "
					"hi=2016-03-%02dT04:00:00Z",
		    (unsigned)i,
		    i < 94        ? 2
			: i < 100 ? 8
				  : 7,
		    i < 94 ? 2 : 8);

		arrive_of(scene, &resting, spec);
		mem_free(spec);
	}
	ck_assert_uint_eq(found(scene, "notbefore-calendar", NULL), 4);
	scene_free(scene);
}
END_TEST

/* --- log-order-inversion
 * ---------------------------------------------------------------- */

static const struct {
	const char *what;
	size_t before, run;
	const char *run_nb, *run_hi, *last_hi;
	size_t findings;
} ORDERS[] = {
    {"five behind a hundred", 100, 5, "2016-03-01T00:00:00Z", "hi=2016-03-03T00:00:02Z",
	"hi=2016-03-04T00:00:02Z", 5},
    {"four", 100, 4, "2016-03-01T00:00:00Z", "hi=2016-03-03T00:00:02Z",
	"hi=2016-03-03T00:00:02Z", 0},
    {"behind 99", 99, 5, "2016-03-01T00:00:00Z", "hi=2016-03-03T00:00:02Z",
	"hi=2016-03-03T00:00:02Z", 0},
    {"48 hours before", 100, 5, "2016-03-01T00:00:01Z", "hi=2016-03-03T00:00:02Z",
	"hi=2016-03-03T00:00:02Z", 0},
    {"a day and more between neighbours", 100, 5, "2016-03-01T00:00:00Z",
	"hi=2016-03-03T00:00:02Z", "hi=2016-03-04T00:00:02.001Z", 0},
};

START_TEST(order_of_a_log)
{
	struct scene *scene = scene_new();

	arrive_many(
	    scene, ORDERS[_i].before, "2016-03-03T00:00:01Z", "hi=2016-03-03T00:00:01Z");
	arrive_many(scene, ORDERS[_i].run - 1, ORDERS[_i].run_nb, ORDERS[_i].run_hi);
	arrive_many(scene, 1, ORDERS[_i].run_nb, ORDERS[_i].last_hi);
	ck_assert_msg(found(scene, "log-order-inversion", NULL) == ORDERS[_i].findings,
	    "%s: %zu", ORDERS[_i].what, found(scene, "log-order-inversion", NULL));
	scene_free(scene);
}
END_TEST

/* One date of the future does not make all that follow look old. */
START_TEST(a_date_to_come_is_no_order)
{
	struct scene *scene = scene_new();

	arrive_many(scene, 100, "2016-03-03T00:00:01Z", "hi=2016-03-03T00:00:01Z");
	arrive_many(scene, 1, "2017-03-03T00:00:01Z", "hi=2016-03-03T00:00:01Z");
	arrive_many(scene, 5, "2016-03-03T00:00:01Z", "hi=2016-03-03T00:00:01Z");
	ck_assert_uint_eq(found(scene, "log-order-inversion", NULL), 0);
	scene_free(scene);
}
END_TEST

/* --- twin-date-gap
 * ------------------------------------------------------------------------ */

#define OLD "serial=0e01 sig=sha1 nb=2015-12-19T08:12:11Z hi=2016-01-04T08:12:11Z"
#define NEW "serial=0e02 nb=2016-01-04T07:12:28Z hi=2016-01-04T08:12:28Z"

static const struct {
	const char *what, *first, *second;
	const struct check_operator *of_second;
	int about; /* 0, 1: which of them; -1: nothing */
} TWINS[] = {
    {"17 seconds apart, 16 days in their dates", OLD, NEW, &china, 0},
    {"the other way round", NEW, OLD, &china, 1},
    {"900 seconds", OLD, "serial=0e02 nb=2016-01-04T07:12:28Z hi=2016-01-04T08:27:11Z",
	&china, 0},
    {"a millisecond more", OLD,
	"serial=0e02 nb=2016-01-04T07:12:28Z hi=2016-01-04T08:27:11.001Z", &china, -1},
    {"48 hours in their dates", OLD,
	"serial=0e02 nb=2015-12-21T08:12:11Z hi=2016-01-04T08:12:28Z", &china, -1},
    {"a second more", OLD, "serial=0e02 nb=2015-12-21T08:12:12Z hi=2016-01-04T08:12:28Z",
	&china, 0},
    {"the same kind and key", OLD,
	"serial=0e02 sig=sha1 nb=2016-01-04T07:12:28Z hi=2016-01-04T08:12:28Z", &china,
	-1},
    {"another key", OLD,
	"serial=0e02 sig=sha1 keyno=2 nb=2016-01-04T07:12:28Z hi=2016-01-04T08:12:28Z",
	&china, 0},
    {"other names", OLD, NEW " dns=www.example.com", &china, -1},
    {"another operator", OLD, NEW, &israel, -1},
    {"by their SCTs", OLD " lo=2016-01-09", NEW " lo=2016-01-09T00:15:00Z", &china, 0},
};

START_TEST(twins)
{
	struct scene *scene = scene_new();

	arrive_of(scene, &china, TWINS[_i].first);
	arrive_of(scene, TWINS[_i].of_second, TWINS[_i].second);
	ck_assert_msg(found(scene, "twin-date-gap", NULL) == (TWINS[_i].about >= 0),
	    "%s: %zu", TWINS[_i].what, found(scene, "twin-date-gap", NULL));
	if (TWINS[_i].about >= 0)
		ck_assert_msg(world_has(&scene->findings, "twin-date-gap",
				  &scene->world->samples[TWINS[_i].about]),
		    "%s: about", TWINS[_i].what);
	scene_free(scene);
}
END_TEST

/* --- late-logging, backdated-vs-log
 * -------------------------------------------------------- */

static const struct {
	const char *what, *spec;
	size_t late, vs_log;
} LATES[] = {
    {"a day", "hi=2026-04-02", 0, 0},
    {"a millisecond more", "hi=2026-04-02T00:00:00.001Z", 1, 0},
    {"a day from its SCT", "lo=2026-04-05 hi=2026-04-06", 0, 0},
    {"a day and more from its SCT", "lo=2026-04-05 hi=2026-04-06T00:00:00.001Z", 1, 0},
    {"a precertificate, 48 hours", "poison hi=2026-04-03", 1, 0},
    {"and more", "poison hi=2026-04-03T00:00:00.001Z", 1, 1},
    {"no clock", "", 0, 0},
};

START_TEST(late)
{
	struct scene *scene = scene_new();

	arrive_of(scene, &china, LATES[_i].spec);
	ck_assert_msg(found(scene, "late-logging", "single") == LATES[_i].late,
	    "%s: late", LATES[_i].what);
	ck_assert_msg(found(scene, "backdated-vs-log", NULL) == LATES[_i].vs_log,
	    "%s: backdated", LATES[_i].what);
	scene_free(scene);
}
END_TEST

static const struct {
	const char *what;
	size_t old, young, batches, absolved;
} BATCHES[] = {
    {"a hundred", 100, 0, 1, 100},
    {"99", 99, 0, 0, 0},
    {"51 of a hundred", 51, 49, 1, 100},
    {"50 of a hundred", 50, 50, 0, 0},
    {"told once", 103, 0, 1, 103},
};

/* Seven days and a millisecond are old; seven days are not. */
START_TEST(batches)
{
	struct scene *scene = scene_new();

	arrive_many(
	    scene, BATCHES[_i].old, "2016-03-01", "poison hi=2016-03-08T00:00:00.001Z");
	arrive_many(
	    scene, BATCHES[_i].young, "2016-03-01T00:00:00Z", "poison hi=2016-03-08");
	ck_assert_msg(found(scene, "late-logging", "batch") == BATCHES[_i].batches, "%s",
	    BATCHES[_i].what);
	ck_assert_msg(
	    closed(scene, "backdated-vs-log", "precert") == BATCHES[_i].absolved,
	    "%s: %zu absolved", BATCHES[_i].what,
	    closed(scene, "backdated-vs-log", "precert"));
	scene_free(scene);
}
END_TEST

/* Once it is a batch, what belongs to it is not accused at all. */
START_TEST(a_batch_accuses_nobody)
{
	struct scene *scene = scene_new();

	arrive_many(scene, 103, "2016-03-01", "poison hi=2016-03-09");
	ck_assert_uint_eq(found(scene, "backdated-vs-log", NULL), 100);
	scene_free(scene);
}
END_TEST

static const struct {
	const char *what;
	size_t prompt, slow;
	const char *day, *last;
	size_t findings;
} PROMPTS[] = {
    {"an issuer that is prompt", 10, 0, "2016-03-01",
	"nb=2016-03-10 hi=2016-03-12T00:00:00.001Z", 1},
    {"48 hours", 10, 0, "2016-03-01", "nb=2016-03-10 hi=2016-03-12", 0},
    {"too few to say", 9, 0, "2016-03-01", "nb=2016-03-10 hi=2016-03-13", 0},
    {"half of them", 10, 10, "2016-03-01", "nb=2016-03-10 hi=2016-03-13", 0},
    {"more than half", 11, 10, "2016-03-01", "nb=2016-03-10 hi=2016-03-13", 1},
    {"31 days before", 10, 0, "2016-02-11", "nb=2016-03-10 hi=2016-03-13", 0},
    {"30 days before", 10, 0, "2016-02-12", "nb=2016-03-10 hi=2016-03-13", 1},
    {"one with an SCT", 10, 0, "2016-03-01",
	"nb=2016-03-10 hi=2016-03-13 scts=2016-03-10", 0},
};

START_TEST(what_the_issuer_is_used_to)
{
	struct scene *scene = scene_new();
	char *prompt = mem_format("hi=%sT00:59:59.999Z", PROMPTS[_i].day);
	char *slow = mem_format("hi=%sT01:00:00Z", PROMPTS[_i].day);

	arrive_many(scene, PROMPTS[_i].prompt, PROMPTS[_i].day, prompt);
	arrive_many(scene, PROMPTS[_i].slow, PROMPTS[_i].day, slow);
	arrive_of(scene, &china, PROMPTS[_i].last);
	ck_assert_msg(found(scene, "backdated-vs-log", "final") == PROMPTS[_i].findings,
	    "%s: %zu", PROMPTS[_i].what, found(scene, "backdated-vs-log", "final"));
	mem_free(prompt);
	mem_free(slow);
	scene_free(scene);
}
END_TEST

/* --- ca-backdated: what begins with its key's first certificate
 * ---------------------------- */

START_TEST(a_cross_certificate_may_begin_with_its_key)
{
	static const struct {
		const char *first, *second;
		size_t findings;
	} ROWS[] = {
	    {"role=root nb=2016-01-01",
		"role=ca nb=2016-01-01 signer=rsa2048 hi=2017-01-01", 0},
	    {"role=root nb=2016-01-02",
		"role=ca nb=2016-01-01 signer=rsa2048 hi=2017-01-01", 1},
	    {"role=root keyno=2 nb=2016-01-01",
		"role=ca nb=2016-01-01 signer=rsa2048 hi=2017-01-01", 1},
	};

	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct scene *scene = scene_new();
		struct check_history history = world_history(scene->world);
		struct sample *sample;

		world_add(scene->world, ROWS[i].first);
		sample = world_add(scene->world, ROWS[i].second);
		checks_run_ca(&sample->judged, &history, &scene->findings);
		ck_assert_msg(found(scene, "ca-backdated", "logged") == ROWS[i].findings,
		    "%s", ROWS[i].first);
		scene_free(scene);
	}
}
END_TEST

/* Whatever a log writes, differences of clocks fit. */
START_TEST(any_timestamp_is_a_clock)
{
	struct scene *scene = scene_new();
	struct check_history history = world_history(scene->world);
	struct sample *sample = world_add(scene->world, "nb=0001-01-01 poison");

	ck_assert_int_eq(clock_of(1449964800000), 1449964800000);
	ck_assert_int_eq(clock_of(UINT64_MAX), CLOCK_LIMIT);
	ck_assert_int_eq(clock_of(UINT64_C(1) << 63), CLOCK_LIMIT);
	sample->judged.hi_ms = clock_of(UINT64_MAX);
	sample->judged.signer = &china;
	checks_run_certificate(&sample->judged, &scene->findings);
	checks_run_history(&sample->judged, &history, &scene->findings);
	ck_assert_uint_eq(found(scene, "stale-precert", "week"), 1);
	scene_free(scene);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("dates");

	mutate_as_asked();
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, sixty_two_on_one_day);
	tcase_add_loop_test(tcase, clusters, 0, UNIT_COUNT(CLUSTERS));
	tcase_add_test(tcase, what_is_usual_counts);
	tcase_add_test(tcase, eight_weeks_are_looked_at);
	tcase_add_test(tcase, a_row_counts_once);
	tcase_add_test(tcase, operators_are_apart);
	tcase_add_loop_test(tcase, one_second, 0, UNIT_COUNT(SECONDS));
	tcase_add_test(tcase, midnights_of_one_who_has_no_habit);
	tcase_add_test(tcase, one_second_of_one_subject);
	tcase_add_loop_test(tcase, one_end_for_many, 0, UNIT_COUNT(TEMPLATES));
	tcase_add_loop_test(tcase, weekends_that_nobody_worked, 0, UNIT_COUNT(CALENDARS));
	tcase_add_test(tcase, holidays_are_like_weekends);
	tcase_add_loop_test(tcase, order_of_a_log, 0, UNIT_COUNT(ORDERS));
	tcase_add_test(tcase, a_date_to_come_is_no_order);
	tcase_add_loop_test(tcase, twins, 0, UNIT_COUNT(TWINS));
	tcase_add_loop_test(tcase, late, 0, UNIT_COUNT(LATES));
	tcase_add_loop_test(tcase, batches, 0, UNIT_COUNT(BATCHES));
	tcase_add_test(tcase, a_batch_accuses_nobody);
	tcase_add_loop_test(tcase, what_the_issuer_is_used_to, 0, UNIT_COUNT(PROMPTS));
	tcase_add_test(tcase, a_cross_certificate_may_begin_with_its_key);
	tcase_add_test(tcase, any_timestamp_is_a_clock);
	return unit_run("dates", tcase);
}
