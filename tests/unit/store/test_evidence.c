/* Exhibits, and what logs owe. */
#include "store/evidence.h"
#include "tests/lib/unit_store.h"

/* --- exhibits ------------------------------------------------------------------- */

static bool
on_exhibit(void *owner, const struct exhibit_row *row)
{
	buf_append_format(owner, "%.*s=%.*s\n", (int)row->name.len,
	    (const char *)row->name.data, (int)row->body.len,
	    (const char *)row->body.data);
	return true;
}

START_TEST(exhibits_are_kept_by_name_and_replaced)
{
	struct store *store = unit_store("exhibit", 1);
	struct buf said;
	static const struct {
		uint64_t about;
		const char *name, *body;
	} ROWS[] = {
	    {1, "leaf", "a"}, {1, "head", "b"}, {2, "head", "c"}, {1, "leaf", "d"}};

	MUST(store_begin(store, err));
	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct exhibit_row row = {unit_bytes(ROWS[i].about, 16),
		    bytes_text(ROWS[i].name), bytes_text(ROWS[i].body)};

		MUST(store_exhibit_put(store, &row, err));
	}
	MUST(store_commit(store, err));
	buf_init(&said, 1024);
	MUST(store_exhibit_each(store, unit_bytes(1, 16), on_exhibit, &said, err));
	unit_said(&said, "head=b\nleaf=d\n");
	MUST(store_exhibit_each(store, unit_bytes(3, 16), on_exhibit, &said, err));
	unit_said(&said, "");
	buf_free(&said);
	store_close(store);
}
END_TEST

/* --- what is owed ----------------------------------------------------------------- */

static struct owed_row
owed(uint64_t leaf, int kind, int64_t position, int64_t due_ms)
{
	return (struct owed_row){.log = 4,
	    .kind = kind,
	    .leaf_hash = unit_bytes(leaf, 32),
	    .position = position,
	    .timestamp_ms = 5,
	    .due_ms = due_ms,
	    .leaf = bytes_text("leaf"),
	    .note = bytes_text("note")};
}

static bool
put(struct store *store, struct owed_row row)
{
	bool inserted;

	MUST(store_owed_put(store, &row, &inserted, err));
	return inserted;
}

/* The number of the first that is due, or 0. */
static int64_t
first_due(struct store *store, int first, int last, int64_t due_ms, int64_t end)
{
	struct owed_filter filter = {4, first, last, due_ms, end};
	struct owed_row row;
	struct arena arena;
	bool found;

	arena_init(&arena);
	MUST(store_owed_find(store, &filter, &arena, &row, &found, err));
	arena_free(&arena);
	return found ? row.number : 0;
}

START_TEST(what_is_owed_comes_by_its_time)
{
	struct store *store = unit_store("owed", 1);

	MUST(store_begin(store, err));
	ck_assert(put(store, owed(1, 0, -1, 300)));
	ck_assert(put(store, owed(2, 0, 70, 200)));
	ck_assert(!put(store, owed(1, 0, -1, 100))); /* the same */
	ck_assert(put(store, owed(1, 0, 71, 400)));  /* another place */
	ck_assert(put(store, owed(3, 1, 50, 100)));
	ck_assert_int_eq(first_due(store, 0, 0, 199, -1), 0);
	ck_assert_int_eq(first_due(store, 0, 0, 300, -1), 2);
	ck_assert_int_eq(first_due(store, 0, 1, 300, -1), 4);
	ck_assert_int_eq(first_due(store, 1, 9, 300, 50), 0); /* stands at 50 */
	ck_assert_int_eq(first_due(store, 1, 9, 300, 51), 4);
	MUST(store_owed_retry(store, 2, 350, true, err));
	ck_assert_int_eq(first_due(store, 0, 0, 340, -1), 1);
	MUST(store_owed_delete(store, 1, err));
	ck_assert_int_eq(first_due(store, 0, 0, 340, -1), 0);
	ck_assert_int_eq(first_due(store, 0, 0, 350, -1), 5); /* its new number */
	MUST(store_commit(store, err));
	store_close(store);
}
END_TEST

START_TEST(what_is_read_again_is_owed_anew)
{
	struct store *store = unit_store("owed-cut", 1);

	MUST(store_begin(store, err));
	ck_assert(put(store, owed(1, 0, 20, 100)));
	ck_assert(put(store, owed(2, 1, 19, 100)));
	ck_assert(put(store, owed(3, 1, 20, 101)));
	ck_assert(put(store, owed(4, 1, 30, 102)));
	MUST(store_owed_cut(store, 4, 0, 20, 30, err));
	ck_assert_int_eq(first_due(store, 0, 0, 200, -1), 1); /* a promise stays */
	ck_assert_int_eq(first_due(store, 1, 1, 200, -1), 2);
	MUST(store_owed_delete(store, 2, err));
	ck_assert_int_eq(first_due(store, 1, 1, 200, -1), 4);
	MUST(store_commit(store, err));
	store_close(store);
}
END_TEST

START_TEST(the_list_is_bounded)
{
	struct store *store = unit_store("owed-full", 1);
	struct owed_row row = owed(0, 0, -1, 100);
	uint8_t hash[32] = {0};

	row.leaf_hash = bytes_of(hash, sizeof(hash));
	MUST(store_begin(store, err));
	for (uint32_t i = 0; i < STORE_OWED_MAX; i++) {
		memcpy(hash, &i, sizeof(i));
		row.due_ms = 100 + (i > 1);
		ck_assert(put(store, row));
	}
	ck_assert_int_eq(first_due(store, 0, 0, 100, -1), 1);
	/* What is tried again is not what goes. */
	MUST(store_owed_retry(store, 1, 100, false, err));
	hash[31] = 1;
	ck_assert(put(store, row));
	ck_assert_int_eq(first_due(store, 0, 0, 100, -1), STORE_OWED_MAX + 1);
	MUST(store_owed_delete(store, STORE_OWED_MAX + 1, err));
	ck_assert_int_eq(first_due(store, 0, 0, 100, -1), 0); /* the second went */
	MUST(store_commit(store, err));
	store_close(store);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("evidence");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, exhibits_are_kept_by_name_and_replaced);
	tcase_add_test(tc, what_is_owed_comes_by_its_time);
	tcase_add_test(tc, what_is_read_again_is_owed_anew);
	tcase_add_test(tc, the_list_is_bounded);
	return unit_run("store/evidence", tc);
}
