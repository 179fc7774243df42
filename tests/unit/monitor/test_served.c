/* Replies of a second reading: which of them become evidence, and what is said. */
#include "base/mem.h"
#include "monitor/monitor_priv.h"
#include "monitor/served.h"
#include "tests/lib/unit.h"

struct world {
	struct follower follower;
	struct ct_log log;
	struct served *served;
	struct frontier from;
	struct accusation a;
	char said[4096]; /* "NAME=FIRST-BYTE " of each file */
};

static void
begin(struct world *world, uint64_t from)
{
	*world = (struct world){.log = {.name = "log", .url = "https://log.example/"}};
	world->follower.log = &world->log;
	frontier_init(&world->from);
	for (uint64_t i = 0; i < from; i++)
		frontier_append(&world->from, &(struct sha256){{1}});
	served_begin(&world->served, &world->from);
}

/* A reply of so many bytes, all the same. */
static void
keep(struct world *world, uint64_t start, uint64_t count, size_t len, uint8_t byte)
{
	struct batch batch = {
	    .start = start, .count = count, .first = start, .body_len = len};

	batch.body = mem_alloc(len);
	memset(batch.body, byte, len);
	served_keep(world->served, &batch);
	mem_free(batch.body);
}

/* What is put into an accusation of what was read up to there. */
static const char *
accused(struct world *world, uint64_t read)
{
	struct frontier frontier = world->from;
	size_t len = 0;

	while (frontier.size < read)
		frontier_append(&frontier, &(struct sha256){{2}});
	accuse_begin(&world->a, &world->follower);
	served_accuse(world->served, &world->a, &frontier);
	for (size_t i = 0; i < world->a.count; i++)
		if (strncmp(world->a.exhibits[i].name, "entries-", 8) == 0)
			len += (size_t)snprintf(world->said + len,
			    sizeof(world->said) - len, "%s=%c ",
			    world->a.exhibits[i].name, world->a.exhibits[i].body.data[0]);
	world->said[len] = '\0';
	return world->said;
}

static bool
says(struct world *world, const char *text)
{
	return strstr(accuse_evidence(&world->a), text) != NULL;
}

static bool
claims(struct world *world)
{
	return strstr(buf_text(&world->a.claims), "as-served") != NULL;
}

static void
end(struct world *world)
{
	accuse_free(&world->a);
	served_drop(&world->served);
	ck_assert_ptr_null(world->served);
}

START_TEST(replies_are_put_in_order_and_claimed)
{
	struct world world;

	begin(&world, 5);
	keep(&world, 20, 10, 100, 'c');
	keep(&world, 5, 10, 100, 'a');
	keep(&world, 15, 5, 100, 'b');
	keep(&world, 30, 10, 100, 'd'); /* behind what is accused */
	ck_assert_str_eq(accused(&world, 28), "entries-5=a entries-15=b entries-20=c ");
	ck_assert(claims(&world));
	ck_assert(says(&world, "\"served_from\":5,\"served_until\":28"));
	end(&world);
}
END_TEST

START_TEST(the_last_reply_is_the_one_that_is_read)
{
	struct world world;

	begin(&world, 0);
	keep(&world, 0, 10, 100, 'a');
	keep(&world, 10, 10, 100, 'b');
	keep(&world, 20, 10, 100, 'c');
	keep(&world, 10, 15, 100, 'B');
	keep(&world, 25, 5, 100, 'C');
	ck_assert_str_eq(accused(&world, 30), "entries-0=a entries-10=B entries-25=C ");
	ck_assert(claims(&world));
	end(&world);
}
END_TEST

START_TEST(with_a_hole_nothing_is_claimed)
{
	struct world world;

	begin(&world, 0);
	keep(&world, 0, 10, 100, 'a');
	keep(&world, 11, 9, 100, 'b');
	ck_assert_str_eq(accused(&world, 20), "entries-0=a ");
	ck_assert(!claims(&world));
	ck_assert(says(&world, "\"served_until\":10"));
	end(&world);
}
END_TEST

/* Four MiB are kept, and what comes first among what came. */
START_TEST(the_first_four_mebibytes_are_kept)
{
	struct world world;

	begin(&world, 0);
	keep(&world, 30, 10, (size_t)1 << 20, 'd');
	keep(&world, 10, 10, (size_t)2 << 20, 'b');
	keep(&world, 0, 10, (size_t)1 << 20, 'a');
	ck_assert_str_eq(accused(&world, 20), "entries-0=a entries-10=b ");
	ck_assert(claims(&world));
	accuse_free(&world.a);
	keep(&world, 20, 10, 1, 'c'); /* one byte too many */
	keep(&world, 40, 10, 1, 'e'); /* would go in, but the row is cut */
	ck_assert_str_eq(accused(&world, 50), "entries-0=a entries-10=b entries-20=c ");
	ck_assert(!claims(&world));
	ck_assert(says(&world, "\"served_until\":30"));
	end(&world);
}
END_TEST

START_TEST(forty_replies_are_kept)
{
	struct world world;

	begin(&world, 0);
	for (uint64_t i = 0; i < 41; i++)
		keep(&world, i, 1, 10, 'a');
	accused(&world, 40);
	ck_assert(claims(&world));
	accuse_free(&world.a);
	accused(&world, 41);
	ck_assert(!claims(&world));
	ck_assert(says(&world, "\"served_until\":40"));
	end(&world);
}
END_TEST

START_TEST(without_a_second_reading_there_is_nothing)
{
	struct world world;

	begin(&world, 0);
	served_drop(&world.served);
	keep(&world, 0, 10, 10, 'a');
	ck_assert_str_eq(accused(&world, 10), "");
	ck_assert(!claims(&world));
	end(&world);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("served");

	tcase_add_test(tc, replies_are_put_in_order_and_claimed);
	tcase_add_test(tc, the_last_reply_is_the_one_that_is_read);
	tcase_add_test(tc, with_a_hole_nothing_is_claimed);
	tcase_add_test(tc, the_first_four_mebibytes_are_kept);
	tcase_add_test(tc, forty_replies_are_kept);
	tcase_add_test(tc, without_a_second_reading_there_is_nothing);
	return unit_run("monitor/served", tc);
}
