/* The outbox's states, one row a sink, and what becomes of them. */
#include <unistd.h>

#include "store/outbox.h"
#include "tests/lib/unit.h"

static struct store *
open_empty(void)
{
	char *path = unit_temp("outbox.db");
	struct err err = {0};
	struct store *store;

	unlink(path);
	store = store_open(&(struct store_options){.path = path}, &err);
	ck_assert_msg(store != NULL, "%s", err.text);
	mem_free(path);
	return store;
}

static void
begin(struct store *store)
{
	struct err err = {0};

	ck_assert_msg(store_begin(store, &err), "%s", err.text);
}

static void
commit(struct store *store)
{
	struct err err = {0};

	ck_assert_msg(store_commit(store, &err), "%s", err.text);
}

static struct bytes
alert_id(unsigned number)
{
	static uint8_t id[4][STORE_ID_LEN];
	static unsigned at;

	at = (at + 1) % 4;
	memset(id[at], 0, STORE_ID_LEN);
	put_be64(id[at], number);
	return bytes_of(id[at], STORE_ID_LEN);
}

static bool
put(struct store *store, unsigned number, const char *sink, const char *group,
    int64_t created_ms)
{
	struct outbox_row row = {
	    .alert = alert_id(number),
	    .sink = bytes_text(sink),
	    .kind = bytes_text("finding"),
	    .payload = bytes_text("{}"),
	    .group_key = bytes_text(group),
	    .created_ms = created_ms,
	    .next_try_ms = created_ms,
	    .settled_ms = STORE_NO_TIME,
	};
	struct err err = {0};
	bool inserted;

	ck_assert_msg(store_outbox_put(store, &row, &inserted, &err), "%s", err.text);
	ck_assert_int_gt(row.number, 0);
	return inserted;
}

static void
settle(struct store *store, unsigned number, const char *sink, enum outbox_state state,
    int64_t now_ms, int64_t next_try_ms)
{
	struct outbox_result result = {
	    .alert = alert_id(number),
	    .sink = bytes_text(sink),
	    .state = state,
	    .now_ms = now_ms,
	    .next_try_ms = next_try_ms,
	    .error = bytes_text(state == OUTBOX_DELIVERED ? "" : "refused"),
	    .attempted = state != OUTBOX_COUNTED,
	};
	struct err err = {0};

	ck_assert_msg(store_outbox_settle(store, &result, &err), "%s", err.text);
}

/* The rows of a walk, as "number-of-alert:state:attempts:next_try;". */
static bool
on_row(void *owner, const struct outbox_row *row)
{
	ck_assert_uint_eq(row->alert.len, STORE_ID_LEN);
	return buf_append_format(owner, "%u:%d:%d:%d;", (unsigned)be64(row->alert.data),
	    (int)row->state, (int)row->attempts, (int)row->next_try_ms);
}

static void
expect_due(struct store *store, const char *sink, int64_t now_ms, size_t limit,
    const char *expected)
{
	struct err err = {0};
	struct buf rows;

	buf_init(&rows, 10000);
	ck_assert_msg(
	    store_outbox_due(store, bytes_text(sink), now_ms, limit, on_row, &rows, &err),
	    "%s", err.text);
	ck_assert_str_eq(buf_text(&rows), expected);
	buf_free(&rows);
}

static void
expect_each(struct store *store, const struct outbox_filter *filter, const char *expected)
{
	struct err err = {0};
	struct buf rows;

	buf_init(&rows, 10000);
	ck_assert_msg(
	    store_outbox_each(store, filter, on_row, &rows, &err), "%s", err.text);
	ck_assert_str_eq(buf_text(&rows), expected);
	buf_free(&rows);
}

START_TEST(an_alert_is_told_once)
{
	struct store *store = open_empty();

	begin(store);
	ck_assert(put(store, 1, "one", "", 10));
	ck_assert(put(store, 1, "two", "", 10));
	ck_assert(!put(store, 1, "one", "", 20));
	commit(store);
	expect_due(store, "one", 100, 10, "1:0:0:10;");
	begin(store);
	settle(store, 1, "one", OUTBOX_DELIVERED, 30, 0);
	ck_assert(!put(store, 1, "one", "", 40));
	commit(store);
	expect_due(store, "one", 100, 10, "");
	expect_due(store, "two", 100, 10, "1:0:0:10;");
	store_close(store);
}
END_TEST

START_TEST(the_earliest_are_due_first)
{
	struct store *store = open_empty();
	struct err err = {0};
	int64_t due_ms;

	ck_assert(store_outbox_next_due(store, bytes_text("one"), &due_ms, &err));
	ck_assert_int_eq(due_ms, STORE_NO_TIME);
	begin(store);
	put(store, 1, "one", "", 50);
	put(store, 2, "one", "", 30);
	put(store, 3, "one", "", 30);
	put(store, 4, "one", "", 90);
	put(store, 5, "two", "", 1);
	commit(store);
	expect_due(store, "one", 29, 10, "");
	expect_due(store, "one", 60, 10, "2:0:0:30;3:0:0:30;1:0:0:50;");
	expect_due(store, "one", 60, 2, "2:0:0:30;3:0:0:30;");
	ck_assert(store_outbox_next_due(store, bytes_text("one"), &due_ms, &err));
	ck_assert_int_eq(due_ms, 30);
	begin(store);
	settle(store, 2, "one", OUTBOX_WAITING, 60, 70);
	settle(store, 3, "one", OUTBOX_DEAD, 60, 0);
	commit(store);
	expect_due(store, "one", 60, 10, "1:0:0:50;");
	expect_due(store, "one", 70, 10, "1:0:0:50;2:0:1:70;");
	store_close(store);
}
END_TEST

/* What nobody settled stays; what is rolled back was never settled. */
START_TEST(settling_is_part_of_the_transaction)
{
	struct store *store = open_empty();

	begin(store);
	put(store, 1, "one", "", 1);
	commit(store);
	begin(store);
	settle(store, 1, "one", OUTBOX_DELIVERED, 5, 0);
	store_rollback(store);
	expect_due(store, "one", 10, 10, "1:0:0:1;");
	begin(store);
	settle(store, 7, "one", OUTBOX_DELIVERED, 5, 0); /* no such row: fine */
	commit(store);
	expect_due(store, "one", 10, 10, "1:0:0:1;");
	store_close(store);
}
END_TEST

static bool
on_group(void *owner, const struct outbox_group *group)
{
	return buf_append_format(owner, "%.*s:%d:%d:%d;", (int)group->group_key.len,
	    group->group_key.data, (int)group->count, (int)group->first_ms,
	    (int)group->last_ms);
}

static void
expect_groups(
    struct store *store, const char *sink, int64_t before_ms, const char *expected)
{
	struct err err = {0};
	struct buf rows;

	buf_init(&rows, 10000);
	ck_assert_msg(store_outbox_groups(
			  store, bytes_text(sink), before_ms, 10, on_group, &rows, &err),
	    "%s", err.text);
	ck_assert_str_eq(buf_text(&rows), expected);
	buf_free(&rows);
}

static bool
on_last(void *owner, const struct outbox_group *group)
{
	*(int64_t *)owner = group->up_to;
	return false;
}

START_TEST(a_count_takes_the_place_of_many)
{
	struct outbox_filter grouped = {.state = OUTBOX_GROUPED};
	static const uint8_t ID[STORE_ID_LEN] = {0, 0, 0, 0, 0, 0, 0, 100};
	struct outbox_result count = {
	    .alert = bytes_of(ID, sizeof(ID)),
	    .sink = bytes_text("one"),
	    .state = OUTBOX_GROUPED,
	    .now_ms = 500,
	    .group_key = bytes_text("a"),
	    .payload = bytes_text("{\"digest\":2}"),
	};
	struct store *store = open_empty();
	struct err err = {0};

	begin(store);
	for (unsigned i = 1; i <= 4; i++)
		put(store, i, "one", i < 4 ? "a" : "b", i * 10);
	put(store, 1, "two", "a", 10);
	for (unsigned i = 1; i <= 4; i++)
		if (i != 2)
			settle(store, i, "one", OUTBOX_COUNTED, i * 10, 0);
	settle(store, 1, "two", OUTBOX_COUNTED, 10, 0);
	commit(store);
	expect_due(store, "one", 1000, 10, "2:0:0:20;");
	expect_groups(store, "one", 9, "");
	expect_groups(store, "one", 10, "a:2:10:30;");
	expect_groups(store, "one", 40, "a:2:10:30;b:1:40:40;");
	expect_groups(store, "two", 40, "a:1:10:10;");
	expect_groups(store, "three", 40, "");

	/* One more comes between the look and the count: it is not of it. */
	ck_assert(store_outbox_groups(
	    store, bytes_text("one"), 40, 10, on_last, &count.up_to, &err));
	begin(store);
	put(store, 5, "one", "a", 50);
	settle(store, 5, "one", OUTBOX_COUNTED, 50, 0);
	ck_assert_msg(store_outbox_settle(store, &count, &err), "%s", err.text);
	commit(store);
	expect_each(store, &grouped, "1:3:0:0;3:3:0:0;");
	expect_groups(store, "one", 100, "b:1:40:40;a:1:50:50;");
	expect_groups(store, "two", 100, "a:1:10:10;");
	expect_due(store, "one", 1000, 10, "2:0:0:20;100:0:0:500;");

	/* The same count again, after a crash: it stands already. */
	begin(store);
	ck_assert(store_outbox_settle(store, &count, &err));
	commit(store);
	expect_due(store, "one", 1000, 10, "2:0:0:20;100:0:0:500;");
	store_close(store);
}
END_TEST

START_TEST(dead_ones_are_resent)
{
	struct outbox_filter dead = {.state = OUTBOX_DEAD};
	struct outbox_filter one = {.state = -1};
	struct store *store = open_empty();
	struct err err = {0};
	size_t count;

	begin(store);
	for (unsigned i = 1; i <= 3; i++)
		put(store, i, "one", "", i);
	put(store, 1, "two", "", 1);
	settle(store, 1, "one", OUTBOX_DEAD, 10, 0);
	settle(store, 2, "one", OUTBOX_WAITING, 10, 20);
	settle(store, 3, "one", OUTBOX_DELIVERED, 10, 0);
	settle(store, 1, "two", OUTBOX_DEAD, 10, 0);
	ck_assert(store_outbox_resend(store, &dead, 500, &count, &err));
	ck_assert_uint_eq(count, 2);
	commit(store);
	expect_due(store, "one", 1000, 10, "2:0:1:20;1:0:0:500;");
	expect_due(store, "two", 1000, 10, "1:0:0:500;");
	begin(store);
	one.alert = alert_id(3);
	ck_assert(store_outbox_resend(store, &one, 600, &count, &err));
	ck_assert_uint_eq(count, 1);
	ck_assert(store_outbox_resend(store, &dead, 600, &count, &err));
	ck_assert_uint_eq(count, 0);
	commit(store);
	expect_due(store, "one", 1000, 10, "2:0:1:20;1:0:0:500;3:0:0:600;");
	store_close(store);
}
END_TEST

START_TEST(the_last_of_a_group_come_newest_first)
{
	struct outbox_filter filter = {.sink = bytes_text("one"),
	    .group_key = bytes_text("a"),
	    .state = -1,
	    .limit = 3,
	    .newest_first = true};
	struct store *store = open_empty();

	begin(store);
	for (unsigned i = 1; i <= 20; i++)
		put(store, i, i % 4 == 0 ? "two" : "one", i % 2 == 0 ? "b" : "a", i);
	commit(store);
	expect_each(store, &filter, "19:0:0:19;17:0:0:17;15:0:0:15;");
	filter.after = 15; /* the numbers are the alerts' here */
	expect_each(store, &filter, "13:0:0:13;11:0:0:11;9:0:0:9;");
	filter.newest_first = false;
	expect_each(store, &filter, "17:0:0:17;19:0:0:19;");
	store_close(store);
}
END_TEST

static bool
on_count(void *owner, const struct outbox_count *row)
{
	return buf_append_format(owner, "%.*s:%d:%d:%d;", (int)row->sink.len,
	    row->sink.data, (int)row->state, (int)row->count, (int)row->oldest_ms);
}

START_TEST(only_what_is_told_is_pruned)
{
	static const enum outbox_state STATES[] = {OUTBOX_WAITING, OUTBOX_DELIVERED,
	    OUTBOX_DEAD, OUTBOX_GROUPED, OUTBOX_COUNTED, OUTBOX_HELD};
	struct store *store = open_empty();
	struct err err = {0};
	struct buf rows;
	size_t deleted;

	buf_init(&rows, 10000);
	begin(store);
	for (unsigned i = 0; i < ARRAY_LEN(STATES); i++) {
		put(store, i + 1, "one", "", i + 1);
		settle(store, i + 1, "one", STATES[i], 100, 100);
	}
	put(store, 9, "one", "", 9);
	settle(store, 9, "one", OUTBOX_DELIVERED, 200, 0);
	ck_assert(store_outbox_counts(store, on_count, &rows, &err));
	ck_assert_str_eq(buf_text(&rows),
	    "one:0:1:1;one:1:2:2;one:2:1:3;one:3:1:4;one:4:1:5;one:5:1:6;");
	ck_assert(store_outbox_prune(store, 100, 10, &deleted, &err));
	ck_assert_uint_eq(deleted, 0);
	ck_assert(store_outbox_prune(store, 150, 1, &deleted, &err));
	ck_assert_uint_eq(deleted, 1);
	ck_assert(store_outbox_prune(store, 150, 10, &deleted, &err));
	ck_assert_uint_eq(deleted, 1);
	buf_clear(&rows);
	ck_assert(store_outbox_counts(store, on_count, &rows, &err));
	ck_assert_str_eq(
	    buf_text(&rows), "one:0:1:1;one:1:1:9;one:2:1:3;one:4:1:5;one:5:1:6;");
	commit(store);
	buf_free(&rows);
	store_close(store);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("outbox");

	tcase_add_test(tc, an_alert_is_told_once);
	tcase_add_test(tc, the_earliest_are_due_first);
	tcase_add_test(tc, settling_is_part_of_the_transaction);
	tcase_add_test(tc, a_count_takes_the_place_of_many);
	tcase_add_test(tc, dead_ones_are_resent);
	tcase_add_test(tc, the_last_of_a_group_come_newest_first);
	tcase_add_test(tc, only_what_is_told_is_pruned);
	return unit_run("store/outbox", tc);
}
