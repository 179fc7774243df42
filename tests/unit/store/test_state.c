#include "tests/lib/unit_store.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/migrate_priv.h"
#include "store/state.h"

static void
put(struct store *store, const char *check, const char *key, int64_t bucket,
    const char *value)
{
	struct state_row row = {bytes_text(check), bytes_text(key), bucket,
	    value != NULL ? bytes_text(value) : bytes_of(NULL, 0)};

	MUST(store_state_put(store, &row, err));
}

static bool
say_state(void *owner, const struct state_row *row)
{
	buf_append_format(owner, "%.*s/%.*s/%lld=%.*s ", (int)row->check_id.len,
	    row->check_id.data, (int)row->key.len, row->key.data, (long long)row->bucket,
	    (int)row->value.len, row->value.data);
	return true;
}

static void
says(struct store *store, const char *check, const char *key, int64_t first, int64_t last,
    const char *want)
{
	struct buf said;

	buf_init(&said, 1000);
	MUST(store_state_each(store, bytes_text(check), bytes_text(key), first, last,
	    say_state, &said, err));
	unit_said(&said, want);
}

START_TEST(buckets_of_a_key_in_order)
{
	struct store *store = unit_store("state", 1);
	struct bytes value;
	struct arena arena;
	bool found;

	arena_init(&arena);
	MUST(store_begin(store, err));
	put(store, "a", "k", 20, "later");
	put(store, "a", "k", -3, "early");
	put(store, "a", "k", 5, "old");
	put(store, "a", "k", 5, "new");
	put(store, "a", "", 5, "no key");
	put(store, "b", "k", 5, "another check's");
	MUST(store_commit(store, err));
	says(store, "a", "k", INT64_MIN, INT64_MAX,
	    "a/k/-3=early a/k/5=new a/k/20=later ");
	says(store, "a", "k", -3, 5, "a/k/-3=early a/k/5=new ");
	says(store, "a", "k", -2, 4, "");
	says(store, "a", "", 5, 5, "a//5=no key ");
	MUST(store_state_get(
	    store, bytes_text("a"), bytes_text("k"), 5, &arena, &value, &found, err));
	ck_assert(found && bytes_equal(value, bytes_text("new")));
	MUST(store_state_get(
	    store, bytes_text("a"), bytes_text("k"), 6, &arena, &value, &found, err));
	ck_assert(!found && value.len == 0);
	arena_free(&arena);
	store_close(store);
}
END_TEST

START_TEST(what_is_forgotten)
{
	struct store *store = unit_store("forget", 1);
	size_t deleted;

	MUST(store_begin(store, err));
	for (int i = 0; i < 5; i++) {
		put(store, "a", i < 3 ? "k" : "l", i, "x");
		put(store, "b", "k", i, "y");
	}
	MUST(store_state_delete(store, bytes_text("a"), bytes_text("k"), 1, err));
	says(store, "a", "k", 0, 9, "a/k/0=x a/k/2=x ");
	MUST(store_state_forget(store, bytes_text("a"), 3, &deleted, err));
	ck_assert_uint_eq(deleted, 3);
	MUST(store_state_forget(store, bytes_text("a"), 3, &deleted, err));
	ck_assert_uint_eq(deleted, 1);
	MUST(store_commit(store, err));
	says(store, "a", "k", 0, 9, "");
	says(store, "b", "k", 3, 9, "b/k/3=y b/k/4=y ");
	store_close(store);
}
END_TEST

static bool
say_due(void *owner, const struct due_row *row)
{
	buf_append_format(owner, "%lld:%lld:%.*s ", (long long)row->due_ms,
	    (long long)row->certificate, (int)row->check_id.len, row->check_id.data);
	return true;
}

START_TEST(what_is_due_comes_in_its_time)
{
	static const struct {
		int64_t due_ms, certificate;
		const char *check;
	} ROWS[] = {{30, 1, "a"}, {10, 9, "b"}, {10, 2, "b"}, {10, 2, "a"}, {10, 2, "a"}};
	struct store *store = unit_store("due", 1);
	struct due_row row;
	struct buf said;

	MUST(store_begin(store, err));
	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		row = (struct due_row){
		    ROWS[i].due_ms, ROWS[i].certificate, bytes_text(ROWS[i].check)};
		MUST(store_due_put(store, &row, err));
	}
	buf_init(&said, 1000);
	MUST(store_due_each(store, 29, 10, say_due, &said, err));
	unit_said(&said, "10:2:a 10:2:b 10:9:b ");
	row = (struct due_row){10, 2, bytes_text("a")};
	MUST(store_due_delete(store, &row, err));
	buf_init(&said, 1000);
	MUST(store_due_each(store, 30, 2, say_due, &said, err));
	unit_said(&said, "10:2:b 10:9:b ");
	MUST(store_commit(store, err));
	store_close(store);
}
END_TEST

START_TEST(a_lost_transaction_leaves_nothing)
{
	struct store *store = unit_store("lost", 1);

	MUST(store_begin(store, err));
	put(store, "a", "k", 1, "kept");
	MUST(store_commit(store, err));
	MUST(store_begin(store, err));
	put(store, "a", "k", 1, "lost");
	put(store, "a", "k", 2, "lost");
	store_rollback(store);
	store_close(store);
	store = unit_store_again("lost", 1);
	says(store, "a", "k", 0, 9, "a/k/1=kept ");
	store_close(store);
}
END_TEST

START_TEST(what_is_too_long_is_refused)
{
	struct store *store = unit_store("long", 1);
	uint8_t *long_value = mem_zero(1, STATE_VALUE_MAX + 1);
	struct state_row row = {
	    bytes_text("a"), bytes_text("k"), 1, bytes_of(long_value, STATE_VALUE_MAX)};
	struct err refused;

	MUST(store_begin(store, err));
	MUST(store_state_put(store, &row, err));
	row.value.len++;
	ck_assert(!store_state_put(store, &row, &refused));
	ck_assert_int_eq(refused.code, ERR_LIMIT);
	store_rollback(store);
	MUST(store_begin(store, err));
	row.value.len = 1;
	row.key = bytes_of(long_value, STATE_KEY_MAX + 1);
	ck_assert(!store_state_put(store, &row, &refused));
	ck_assert_int_eq(refused.code, ERR_LIMIT);
	store_close(store);
	mem_free(long_value);
}
END_TEST

static int
take_number(void *out, int columns, char **values, char **names)
{
	(void)columns;
	(void)names;
	*(long *)out = strtol(values[0], NULL, 10);
	return 0;
}

/* A new file in the place of the one there, as the first release made it. */
static void
make_old(const char *path)
{
	long application = 0;
	struct buf sql;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_exec(db, "PRAGMA application_id", take_number, &application, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	ck_assert_int_eq(unlink(path), 0);
	buf_init(&sql, 1 << 20);
	buf_append_format(
	    &sql, "PRAGMA page_size = 8192; PRAGMA application_id = %ld;\n", application);
	buf_append_text(&sql, MIGRATIONS[0].sql);
	buf_append_text(&sql, "\nPRAGMA user_version = 1");
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, buf_text(&sql), NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	buf_free(&sql);
}

/* A database of the first release has the table after it was opened. */
START_TEST(an_older_database_is_brought_up)
{
	struct store *store = unit_store("older", 1);
	char *path = unit_temp("older");

	store_close(store);
	make_old(path);
	store = unit_store_again("older", 1);
	MUST(store_begin(store, err));
	put(store, "a", "k", 1, "x");
	MUST(store_commit(store, err));
	says(store, "a", "k", 0, 9, "a/k/1=x ");
	store_close(store);
	mem_free(path);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("state");

	tcase_add_test(tc, buckets_of_a_key_in_order);
	tcase_add_test(tc, what_is_forgotten);
	tcase_add_test(tc, what_is_due_comes_in_its_time);
	tcase_add_test(tc, a_lost_transaction_leaves_nothing);
	tcase_add_test(tc, what_is_too_long_is_refused);
	tcase_add_test(tc, an_older_database_is_brought_up);
	return unit_run("store/state", tc);
}
