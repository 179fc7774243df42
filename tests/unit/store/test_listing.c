/* What lists say of logs. */
#include "store/listing.h"
#include "tests/lib/unit_store.h"

struct seen {
	size_t count;
	int64_t first_seen_ms, state_since_ms;
	char state[16];
};

static bool
on_row(void *owner, const struct listing_row *row)
{
	struct seen *seen = owner;

	seen->count++;
	seen->first_seen_ms = row->first_seen_ms;
	seen->state_since_ms = row->state_since_ms;
	snprintf(seen->state, sizeof(seen->state), "%.*s", (int)row->state.len,
	    (const char *)row->state.data);
	return true;
}

static struct seen
look(struct store *store, const char *list)
{
	struct seen seen = {0};

	MUST(store_listing_each(store, bytes_text(list), on_row, &seen, err));
	return seen;
}

START_TEST(a_listing_is_of_one_list_and_log)
{
	struct store *store = unit_store("listing", 1);
	struct listing_row row = {.list = bytes_text("google"),
	    .log_id = unit_bytes(1, 32),
	    .description = bytes_text("A log"),
	    .state = bytes_text("pending"),
	    .state_since_ms = 7,
	    .first_seen_ms = 10};
	struct seen seen;

	MUST(store_begin(store, err));
	MUST(store_listing_put(store, &row, err));
	row.state = bytes_text("usable");
	row.state_since_ms = STORE_NO_TIME;
	row.first_seen_ms = 20;
	MUST(store_listing_put(store, &row, err));
	row.log_id = unit_bytes(2, 32);
	row.list = bytes_text("apple");
	MUST(store_listing_put(store, &row, err));
	seen = look(store, "google");
	ck_assert_uint_eq(seen.count, 1);
	ck_assert_str_eq(seen.state, "usable");
	ck_assert_int_eq(seen.first_seen_ms, 10);
	ck_assert_int_eq(seen.state_since_ms, STORE_NO_TIME);
	MUST(store_listing_delete(store, bytes_text("google"), unit_bytes(2, 32), err));
	ck_assert_uint_eq(look(store, "apple").count, 1);
	MUST(store_listing_delete(store, bytes_text("apple"), unit_bytes(2, 32), err));
	ck_assert_uint_eq(look(store, "apple").count, 0);
	ck_assert_uint_eq(look(store, "google").count, 1);
	MUST(store_commit(store, err));
	store_close(store);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("listing");

	tcase_add_test(tc, a_listing_is_of_one_list_and_log);
	return unit_run("store/listing", tc);
}
