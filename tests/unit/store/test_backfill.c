/* What a wish for older entries comes to, and which ranges become one. */
#include "store/backfill.h"
#include "tests/lib/unit_store.h"

#define LOG 7

static bool
on_row(void *owner, const struct range_row *row)
{
	buf_append_format(owner, "%llu-%llu ", (unsigned long long)row->start,
	    (unsigned long long)row->end);
	return true;
}

static void
put(struct store *store, enum range_purpose purpose, uint64_t start, uint64_t end,
    uint64_t verified, uint64_t next, const char *frontier)
{
	struct range_row row = {.log = LOG,
	    .purpose = purpose,
	    .start = start,
	    .end = end,
	    .verified = verified,
	    .next = next,
	    .frontier_verified = bytes_text(frontier),
	    .frontier_next = bytes_text(frontier)};

	MUST(store_range_put(store, &row, err));
}

/* --- adding: the live range starts at 100, 40 to 60 is another --- */

static const struct {
	const char *what;
	uint64_t from, to;
	const char *added;
} WISHES[] = {
    {"all of it, around what there is", 0, 100, "0-40 60-100 "},
    {"nothing of the live range", 90, 500, "90-100 "},
    {"the live range itself", 100, 500, ""},
    {"between two", 60, 100, "60-100 "},
    {"inside one", 45, 55, ""},
    {"up to its start", 30, 40, "30-40 "},
    {"up to inside it", 39, 41, "39-40 "},
    {"from inside it", 59, 61, "60-61 "},
};

START_TEST(wish)
{
	struct store *store = unit_store("backfill.db", 0);
	struct buf added;

	buf_init(&added, 4096);
	MUST(store_begin(store, err));
	put(store, RANGE_LIVE, 100, 0, 100, 100, "f");
	put(store, RANGE_BACKFILL, 40, 60, 40, 50, "f");
	MUST(store_backfill_add(
	    store, LOG, WISHES[_i].from, WISHES[_i].to, 1, on_row, &added, err));
	ck_assert_msg(strcmp(buf_text(&added), WISHES[_i].added) == 0, "%s: %s",
	    WISHES[_i].what, buf_text(&added));
	buf_free(&added);
	store_close(store);
}
END_TEST

START_TEST(unread_log)
{
	struct store *store = unit_store("backfill.db", 0);
	struct err err;

	ck_assert(store_begin(store, &err));
	ck_assert(!store_backfill_add(store, LOG, 0, 9, 1, on_row, NULL, &err));
	ck_assert_int_eq(err.code, ERR_NOT_FOUND);
	store_close(store);
}
END_TEST

/* --- joining: a backfill 40-60, and what stands behind it --- */

static const struct {
	const char *what;
	uint64_t verified; /* of 40-60 */
	const char *frontier;
	uint64_t start, right_verified, right_next; /* of the live range */
	const char *right;
	const char *left; /* afterwards */
} NEIGHBOURS[] = {
    {"what follows is proved", 60, "a", 60, 70, 80, "b", "40-0 "},
    {"nothing follows, the same frontier", 60, "a", 60, 60, 60, "a", "40-0 "},
    {"nothing follows, another frontier", 60, "a", 60, 60, 60, "b", "40-60 60-0 "},
    {"what follows is not proved", 60, "a", 60, 60, 80, "a", "40-60 60-0 "},
    {"what follows has no frontier", 60, "a", 60, 70, 80, "", "40-60 60-0 "},
    {"it is not proved to its end", 59, "a", 60, 70, 80, "b", "40-60 60-0 "},
    {"there is an entry between", 60, "a", 61, 70, 80, "b", "40-60 61-0 "},
};

START_TEST(neighbours)
{
	struct store *store = unit_store("backfill.db", 0);
	struct buf left;

	buf_init(&left, 4096);
	MUST(store_begin(store, err));
	put(store, RANGE_BACKFILL, 40, 60, NEIGHBOURS[_i].verified, 60,
	    NEIGHBOURS[_i].frontier);
	put(store, RANGE_LIVE, NEIGHBOURS[_i].start, 0, NEIGHBOURS[_i].right_verified,
	    NEIGHBOURS[_i].right_next, NEIGHBOURS[_i].right);
	MUST(store_backfill_join(store, LOG, NULL, NULL, err));
	MUST(store_range_each(store, LOG, on_row, &left, err));
	ck_assert_msg(strcmp(buf_text(&left), NEIGHBOURS[_i].left) == 0, "%s: %s",
	    NEIGHBOURS[_i].what, buf_text(&left));
	buf_free(&left);
	store_close(store);
}
END_TEST

static void
on_joined(void *owner, int64_t gone, int64_t into, uint64_t start)
{
	ck_assert_int_ne(gone, into);
	buf_append_format(owner, "%llu ", (unsigned long long)start);
}

START_TEST(a_row_of_three)
{
	struct store *store = unit_store("backfill.db", 0);
	struct buf text;

	buf_init(&text, 4096);
	MUST(store_begin(store, err));
	put(store, RANGE_BACKFILL, 0, 20, 20, 20, "a");
	put(store, RANGE_BACKFILL, 20, 40, 40, 40, "b");
	put(store, RANGE_BACKFILL, 40, 60, 50, 55, "c"); /* being read */
	MUST(store_backfill_join(store, LOG, on_joined, &text, err));
	ck_assert_str_eq(buf_text(&text), "20 0 ");
	buf_clear(&text);
	MUST(store_range_each(store, LOG, on_row, &text, err));
	ck_assert_str_eq(buf_text(&text), "0-60 ");
	buf_free(&text);
	store_close(store);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("backfill");

	tcase_add_loop_test(tc, wish, 0, UNIT_COUNT(WISHES));
	tcase_add_test(tc, unread_log);
	tcase_add_loop_test(tc, neighbours, 0, UNIT_COUNT(NEIGHBOURS));
	tcase_add_test(tc, a_row_of_three);
	return unit_run("backfill", tc);
}
