/* More names than the issuer's certificates usually have. */
#include "tests/lib/mutate.h"
#include "tests/lib/unit.h"
#include "tests/lib/world.h"

#include <stdio.h>

#include "check/run.h"

static struct world *world;
static struct findings findings;
static struct arena arena;
static unsigned serial;

static void
begin(void)
{
	world = world_new();
	arena_init(&arena);
	findings_init(&findings, &arena);
	serial = 0x1000;
}

static void
end(void)
{
	world_free(world);
	arena_free(&arena);
}

/* Certificates with so many names; `more` is said of each. */
static void
issue(unsigned count, unsigned names, const char *more)
{
	struct buf text;

	for (unsigned i = 0; i < count; i++) {
		buf_init(&text, 1 << 16);
		buf_append_format(&text, "serial=%04x %s dns=", serial++, more);
		for (unsigned j = 0; j < names; j++)
			buf_append_format(&text, "%sn%u.org", j == 0 ? "" : ",", j);
		buf_append(&text, "", 1);
		world_judge(world, (const char *)buf_bytes(&text).data, &findings);
		buf_free(&text);
	}
}

static const struct {
	const char *what;
	unsigned usual, names; /* of 99 certificates and of the next */
	unsigned before, large;
	size_t found;
} ROWS[] = {
    {"twice as many, the hundredth", 3, 6, 99, 1, 1},
    {"one fewer", 3, 5, 99, 1, 0},
    {"the ninety-ninth", 3, 6, 98, 1, 0},
    {"one of a hundred and one", 3, 6, 100, 1, 1},
    {"two of a hundred are usual", 3, 6, 98, 2, 0},
    {"the second of two hundred", 3, 6, 198, 2, 2},
    {"as always", 3, 3, 99, 1, 0},
    {"the most that is told apart", 126, 252, 99, 1, 1},
    {"too many to be told apart", 127, 254, 99, 1, 0},
};

static size_t
count_unusual(void)
{
	size_t count = 0;

	for (size_t i = 0; i < findings.count; i++)
		count += strcmp(findings.rows[i]->check->id, "san-count") == 0 &&
		    strcmp(findings.rows[i]->subrule->name, "unusual") == 0;
	return count;
}

START_TEST(unusual)
{
	begin();
	issue(ROWS[_i].before, ROWS[_i].usual, "");
	ck_assert_uint_eq(count_unusual(), 0);
	issue(ROWS[_i].large, ROWS[_i].names, "");
	ck_assert_msg(
	    count_unusual() == ROWS[_i].found, "%s: %zu", ROWS[_i].what, count_unusual());
	end();
}
END_TEST

START_TEST(what_it_rests_on)
{
	struct buf json;

	begin();
	issue(99, 3, "");
	issue(1, 7, "");
	json = world_evidence(&findings, "san-count");
	buf_append(&json, "", 1);
	for (size_t i = 0; i < 3; i++)
		ck_assert_ptr_nonnull(strstr((const char *)buf_bytes(&json).data,
		    (const char *const[]){"\"names\":7", "\"percentile_99\":3",
			"\"certificates\":100"}[i]));
	buf_free(&json);
	end();
}
END_TEST

/* Another issuer's say nothing, nor do rows that were counted already. */
START_TEST(each_issuer_once)
{
	begin();
	issue(99, 3, "signer=p384");
	issue(1, 6, "");
	ck_assert_uint_eq(count_unusual(), 0);
	for (unsigned i = 0; i < 100; i++) {
		serial = 0x100;
		issue(1, 3, i % 2 == 0 ? "signer=p521 poison" : "signer=p521");
	}
	issue(1, 6, "signer=p521");
	ck_assert_uint_eq(count_unusual(), 0);
	end();
}
END_TEST

/* A precertificate that is unusual, and its certificate. */
START_TEST(both_forms_alike)
{
	begin();
	issue(99, 3, "");
	issue(1, 6, "poison");
	ck_assert_uint_eq(count_unusual(), 1);
	findings_init(&findings, &arena);
	serial--;
	issue(1, 6, "");
	ck_assert_uint_eq(count_unusual(), 1);
	end();
}
END_TEST

START_TEST(memory_is_bounded)
{
	begin();
	for (unsigned i = 1; i < 200; i++)
		issue(1, i, "");
	for (size_t i = 0; i < world->bucket_count; i++)
		if (strcmp(world_bucket_check(world, i), "san-count") == 0)
			ck_assert_uint_eq(world_bucket_len(world, i), 1024);
	end();
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("name_count");

	mutate_as_asked();
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, unusual, 0, UNIT_COUNT(ROWS));
	tcase_add_test(tcase, what_it_rests_on);
	tcase_add_test(tcase, each_issuer_once);
	tcase_add_test(tcase, both_forms_alike);
	tcase_add_test(tcase, memory_is_bounded);
	return unit_run("name_count", tcase);
}
