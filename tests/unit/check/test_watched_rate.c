/* Many certificates for a watched domain within an hour. */
#include "tests/lib/mutate.h"
#include "tests/lib/unit.h"
#include "tests/lib/world.h"

#include <stdio.h>

#include "check/run.h"

#define LIMIT   20
#define HOUR_MS INT64_C(3600000)

static struct world *world;
static struct arena arena;
static unsigned serial;

static struct judged_watch
watch_of(const char *domain, uint8_t id)
{
	return (struct judged_watch){.domain = bytes_text(domain),
	    .matched = bytes_text(domain),
	    .how = "equal",
	    .watch_id = {id}};
}

static void
begin(void)
{
	world = world_new();
	arena_init(&arena);
	serial = 0x1000;
}

static void
end(void)
{
	world_free(world);
	arena_free(&arena);
}

/* Judges so many new certificates logged at that time; how many of them are told. */
static size_t
issue(unsigned count, const char *spec, int64_t hi_ms, const struct judged_watch *watches,
    size_t watch_count)
{
	struct check_history history = world_history(world);
	struct findings findings;
	size_t told = 0;

	for (unsigned i = 0; i < count; i++) {
		struct sample *sample;
		char text[128];

		snprintf(text, sizeof(text), "serial=%04x %s", serial++, spec);
		sample = world_add(world, text);
		sample->judged.hi_ms = hi_ms;
		sample->judged.watches = watches;
		sample->judged.watch_count = watch_count;
		findings_init(&findings, &arena);
		checks_run_history(&sample->judged, &history, &findings);
		told += world_count(&findings, "issuance-spike");
	}
	return told;
}

START_TEST(one_more_than_twenty)
{
	struct judged_watch watch = watch_of("example.org", 1);
	int64_t hour = sample_ms("2026-04-10");

	begin();
	ck_assert_uint_eq(issue(LIMIT - 1, "", hour, &watch, 1), 0);
	ck_assert_uint_eq(issue(1, "", hour + HOUR_MS - 1, &watch, 1), 0);
	ck_assert_uint_eq(issue(1, "", hour, &watch, 1), 1);
	/* it was told */
	ck_assert_uint_eq(issue(LIMIT + 2, "", hour, &watch, 1), 0);
	/* and what is read again, or in its other form, counts no more */
	ck_assert_uint_eq(issue(LIMIT, "", hour + HOUR_MS, &watch, 1), 0);
	serial--;
	ck_assert_uint_eq(issue(1, "poison", hour + HOUR_MS, &watch, 1), 0);
	ck_assert_uint_eq(issue(1, "", hour + HOUR_MS, &watch, 1), 1);
	end();
}
END_TEST

START_TEST(hours_are_apart)
{
	struct judged_watch watch = watch_of("example.org", 1);
	int64_t hour = sample_ms("2026-04-10");

	begin();
	ck_assert_uint_eq(issue(LIMIT, "", hour + HOUR_MS - 1, &watch, 1), 0);
	ck_assert_uint_eq(issue(LIMIT, "", hour + HOUR_MS, &watch, 1), 0);
	ck_assert_uint_eq(issue(LIMIT + 1, "", CLOCK_UNKNOWN, &watch, 1), 0);
	end();
}
END_TEST

START_TEST(domains_are_apart)
{
	struct judged_watch watches[] = {
	    watch_of("example.org", 1), watch_of("example.net", 2)};
	int64_t hour = sample_ms("2026-04-10");

	begin();
	ck_assert_uint_eq(issue(LIMIT, "", hour, &watches[0], 1), 0);
	ck_assert_uint_eq(issue(LIMIT, "", hour, &watches[1], 1), 0);
	ck_assert_uint_eq(issue(1, "", hour, watches, 2), 1);
	end();
}
END_TEST

/* Nobody's domain, one that is looked away from, a lookalike, and CA certificates. */
START_TEST(what_does_not_count)
{
	struct judged_watch suppressed = watch_of("example.org", 1), like = suppressed,
			    watch = suppressed;
	int64_t hour = sample_ms("2026-04-10");

	suppressed.suppressed = true;
	like.lookalike = true;
	begin();
	ck_assert_uint_eq(issue(LIMIT + 1, "", hour, NULL, 0), 0);
	ck_assert_uint_eq(issue(LIMIT + 1, "", hour, &suppressed, 1), 0);
	ck_assert_uint_eq(issue(LIMIT + 1, "", hour, &like, 1), 0);
	ck_assert_uint_eq(issue(LIMIT + 1, "role=ca", hour, &watch, 1), 0);
	ck_assert_uint_eq(issue(LIMIT + 1, "", hour, &watch, 1), 1);
	end();
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("watched_rate");

	mutate_as_asked();
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, one_more_than_twenty);
	tcase_add_test(tcase, hours_are_apart);
	tcase_add_test(tcase, domains_are_apart);
	tcase_add_test(tcase, what_does_not_count);
	return unit_run("watched_rate", tcase);
}
