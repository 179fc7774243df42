/* RSA moduli that are remembered to be held against each other, and what is told of
 * those that were found to have a factor in common. */
#include "check/factor.h"
#include "tests/lib/unit.h"
#include "tests/lib/world.h"

#include <stdio.h>

#include "check/run.h"
#include "crypto/factor.h"

static struct world *world;
static struct check_history history;
static struct findings findings;
static struct arena arena;

static void
begin(void)
{
	world = world_new();
	history = world_history(world);
	arena_init(&arena);
	findings_init(&findings, &arena);
}

static void
end(void)
{
	world_free(world);
	arena_free(&arena);
}

static void
judge(const char *spec)
{
	findings_init(&findings, &arena);
	world_judge(world, spec, &findings);
}

static size_t
count(const char *subrule)
{
	size_t found = 0;

	for (size_t i = 0; i < findings.count; i++)
		found += strcmp(findings.rows[i]->check->id, CHECK_FACTOR) == 0 &&
		    strcmp(findings.rows[i]->subrule->name, subrule) == 0;
	return found;
}

static size_t
remembered(struct check_modulus out[8], const char *now)
{
	return check_factor_next(
	    &history, 0, INT64_MAX, sample_ms(now), SIZE_MAX, &arena, out, 8);
}

static const struct {
	const char *what, *specs[3];
	size_t count;
} ROWS[] = {
    {"a key", {"rsa=0100040003,010001"}, 1},
    {"two keys", {"rsa=0100040003,010001", "rsa=01000a0015,010001"}, 2},
    {"one key twice", {"rsa=0100040003,010001", "rsa=0100040003,03 serial=01"}, 1},
    {"both forms", {"rsa=0100040003,010001 poison", "rsa=0100040003,010001"}, 1},
    {"no RSA key", {"key=p256"}, 0},
    {"zero", {"rsa=00,010001"}, 0},
    {"one", {"rsa=01,010001"}, 0},
    {"two", {"rsa=02,010001"}, 1},
    {"negative", {"rsa=fd,010001"}, 0},
    {"valid to that second", {"rsa=0100040003,010001 nb=2026-03-01 na=2026-04-10"}, 1},
    {"a second over", {"rsa=0100040003,010001 nb=2026-03-01 na=2026-04-09T23:59:59Z"}, 0},
    {"its renewal is valid",
	{"rsa=0100040003,010001 nb=2026-03-01 na=2026-04-06",
	    "rsa=0100040003,010001 serial=01"},
	1},
    {"valid, and its former one is not",
	{"rsa=0100040003,010001",
	    "rsa=0100040003,010001 serial=01 nb=2026-03-01 na=2026-04-06"},
	1},
};

START_TEST(rows)
{
	struct check_modulus out[8];
	char spec[256];

	begin();
	for (size_t i = 0; i < 3 && ROWS[_i].specs[i] != NULL; i++) {
		snprintf(spec, sizeof(spec), "%s now=2026-04-05", ROWS[_i].specs[i]);
		judge(spec);
	}
	ck_assert_msg(
	    remembered(out, "2026-04-10") == ROWS[_i].count, "%s", ROWS[_i].what);
	/* What has expired is forgotten, and everything of it. */
	ck_assert_uint_eq(remembered(out, "2027-04-10"), 0);
	ck_assert_uint_eq(remembered(out, "2026-04-10"), 0);
	end();
}
END_TEST

/* 16,384 bits are as many as libcrypto takes. */
START_TEST(long_ones)
{
	struct check_modulus out[8];

	for (size_t extra = 0; extra < 2; extra++) {
		struct buf spec;

		begin();
		buf_init(&spec, 1 << 16);
		buf_append_text(&spec, "now=2026-04-05 rsa=00");
		buf_append_text(&spec, extra == 0 ? "" : "01");
		for (size_t i = 0; i < 2048; i++)
			buf_append_text(&spec, "ff");
		buf_append_text(&spec, ",010001");
		judge(buf_text(&spec));
		ck_assert_uint_eq(remembered(out, "2026-04-10"), extra == 0);
		buf_free(&spec);
		end();
	}
}
END_TEST

/* Told to every certificate with the modulus, and to those that come. */
START_TEST(what_was_found_is_told)
{
	struct check_modulus out[8];
	int64_t due[CHECK_FACTOR_ROWS];

	begin();
	judge("rsa=0100040003,010001 now=2026-04-05");
	judge("rsa=0100040003,010001 now=2026-04-05 serial=01");
	judge("rsa=01000a0015,010001 now=2026-04-05");
	ck_assert_uint_eq(count("factor"), 0);
	ck_assert_uint_eq(remembered(out, "2026-04-10"), 2);
	ck_assert_uint_eq(check_factor_note(&history, &out[0], &out[1], false, due), 2);
	ck_assert_int_eq(due[0], 1);
	ck_assert_int_eq(due[1], 2);
	ck_assert_uint_eq(check_factor_note(&history, &out[0], &out[1], false, due), 0);
	ck_assert_uint_eq(check_factor_note(&history, &out[1], &out[0], true, due), 1);
	judge("rsa=0100040003,010001 now=2026-04-05 serial=02");
	ck_assert_uint_eq(count("factor"), 1);
	ck_assert_uint_eq(count("divides"), 0);
	judge("rsa=01000a0015,010001 now=2026-04-05 serial=03");
	ck_assert_uint_eq(count("factor"), 0);
	ck_assert_uint_eq(count("divides"), 1);
	for (size_t i = 0; i < 3; i++) {
		findings_init(&findings, &arena);
		checks_run_due(
		    &world->samples[i].judged, CHECK_FACTOR, &history, &findings);
		ck_assert_uint_eq(count("factor"), i < 2);
		ck_assert_uint_eq(count("divides"), i == 2);
	}
	end();
}
END_TEST

/* In pages, and where it stands. */
START_TEST(pages)
{
	struct check_modulus out[8];

	begin();
	for (unsigned i = 1; i < 6; i++) {
		char spec[128];

		snprintf(spec, sizeof(spec), "now=2026-04-05 rsa=0%x,010001", i + 1);
		judge(spec);
	}
	ck_assert_int_eq(check_factor_done(&history), 0);
	check_factor_set_done(&history, 2);
	ck_assert_int_eq(check_factor_done(&history), 2);
	ck_assert(check_factor_stands(&history, 2, 5));
	ck_assert(!check_factor_stands(&history, 2, 6));
	ck_assert(!check_factor_stands(&history, 0, 5));
	ck_assert_uint_eq(check_factor_next(&history, 2, 4, sample_ms("2026-04-10"),
			      SIZE_MAX, &arena, out, 8),
	    2);
	ck_assert_int_eq(out[0].number, 3);
	ck_assert_uint_eq(check_factor_next(&history, 0, INT64_MAX,
			      sample_ms("2026-04-10"), 3, &arena, out, 8),
	    3);
	ck_assert_uint_eq(check_factor_next(&history, 0, INT64_MAX,
			      sample_ms("2026-04-10"), SIZE_MAX, &arena, out, 2),
	    2);
	end();
}
END_TEST

/* However many certificates have the modulus, and whomever it shares with. */
START_TEST(memory_is_bounded)
{
	struct check_modulus of, with = {.number = 2};
	int64_t due[CHECK_FACTOR_ROWS];
	uint8_t hash[32] = {0};
	char spec[128];

	begin();
	for (unsigned i = 0; i < 200; i++) {
		snprintf(spec, sizeof(spec),
		    "now=2026-04-05 rsa=0100040003,010001 serial=%04x", 0x1000 + i);
		judge(spec);
	}
	ck_assert_uint_eq(check_factor_next(&history, 0, INT64_MAX,
			      sample_ms("2026-04-10"), SIZE_MAX, &arena, &of, 1),
	    1);
	with.sha256 = bytes_of(hash, 32);
	for (unsigned i = 0; i < 20; i++) {
		hash[0]++;
		ck_assert_uint_eq(check_factor_note(&history, &of, &with, false, due),
		    i < FACTOR_PARTNERS ? CHECK_FACTOR_ROWS : 0);
	}
	for (size_t i = 0; i < world->bucket_count; i++)
		if (strcmp(world_bucket_check(world, i), CHECK_FACTOR) == 0)
			ck_assert_uint_le(world_bucket_len(world, i), 2048);
	end();
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("key_factor");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, rows, 0, UNIT_COUNT(ROWS));
	tcase_add_test(tcase, long_ones);
	tcase_add_test(tcase, what_was_found_is_told);
	tcase_add_test(tcase, pages);
	tcase_add_test(tcase, memory_is_bounded);
	return unit_run("key_factor", tcase);
}
