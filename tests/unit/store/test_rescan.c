#include "store/finding.h"
#include "store/rescan.h"
#include "tests/lib/unit_store.h"

static struct rescan_row
row_of(const char *cause)
{
	return (struct rescan_row){.cause = bytes_text(cause),
	    .checks = bytes_text("a b"),
	    .from_s = STORE_NO_TIME,
	    .until_s = 5,
	    .first_nb_s = STORE_NO_TIME,
	    .last_nb_s = STORE_NO_TIME,
	    .started_ms = STORE_NO_TIME,
	    .ended_ms = STORE_NO_TIME};
}

static bool
say_rescan(void *owner, const struct rescan_row *row)
{
	buf_append_format(owner, "%lld:%.*s:%d:%lld%s ", (long long)row->number,
	    (int)row->cause.len, row->cause.data, row->phase, (long long)row->judged,
	    row->ended_ms == STORE_NO_TIME ? "" : ":ended");
	return true;
}

static bool
say_delta(void *owner, const struct rescan_delta_row *row)
{
	buf_append_format(owner, "%.*s+%lld-%lld=%lld ", (int)row->check.len,
	    row->check.data, (long long)row->fresh, (long long)row->gone,
	    (long long)row->unchanged);
	return true;
}

START_TEST(rows_are_numbered_and_brought_up_to_date)
{
	struct store *store = unit_store("rescan", 1);
	struct rescan_row first = row_of("asked"), second = row_of("changed");
	struct buf said;

	MUST(store_begin(store, err));
	MUST(store_rescan_put(store, &first, err));
	MUST(store_rescan_put(store, &second, err));
	ck_assert_int_eq(first.number, 1);
	ck_assert_int_eq(second.number, 2);
	first.phase = RESCAN_DONE;
	first.judged = 7;
	first.ended_ms = 9;
	MUST(store_rescan_put(store, &first, err));
	MUST(store_commit(store, err));
	buf_init(&said, 1000);
	MUST(store_rescan_each(store, 0, say_rescan, &said, err));
	unit_said(&said, "2:changed:0:0 1:asked:5:7:ended ");
	buf_init(&said, 1000);
	MUST(store_rescan_each(store, 1, say_rescan, &said, err));
	unit_said(&said, "2:changed:0:0 ");
	store_close(store);
}
END_TEST

START_TEST(deltas_add_up)
{
	static const struct {
		int64_t rescan;
		const char *check;
		int64_t fresh, gone, unchanged;
	} ADD[] = {
	    {1, "b", 1, 0, 0}, {1, "a", 0, 0, 1}, {1, "b", 1, 2, 3}, {2, "a", 9, 9, 9}};
	struct store *store = unit_store("deltas", 1);
	struct buf said;

	MUST(store_begin(store, err));
	for (size_t i = 0; i < ARRAY_LEN(ADD); i++) {
		struct rescan_delta_row row = {ADD[i].rescan, bytes_text(ADD[i].check),
		    ADD[i].fresh, ADD[i].gone, ADD[i].unchanged};

		MUST(store_rescan_count(store, &row, err));
	}
	MUST(store_commit(store, err));
	buf_init(&said, 1000);
	MUST(store_rescan_delta_each(store, 1, say_delta, &said, err));
	unit_said(&said, "a+0-0=1 b+2-2=3 ");
	store_close(store);
}
END_TEST

static void
put_finding(struct store *store, int64_t rescan, enum finding_put want)
{
	struct finding_row row = {.id = bytes_text("0123456789abcdef"),
	    .subject_kind = bytes_text("certificate"),
	    .subject = bytes_text("s"),
	    .check = bytes_text("c"),
	    .subrule = bytes_text("r"),
	    .time_basis = bytes_text("nb"),
	    .message = bytes_text("m"),
	    .evidence = bytes_text("{}"),
	    .data_version = bytes_text("1"),
	    .rescan = rescan};
	enum finding_put what;

	MUST(store_finding_put(store, &row, &what, err));
	ck_assert_int_eq(what, want);
}

static int64_t
mark_of(struct store *store)
{
	struct finding_row row;
	struct arena arena;
	bool found;

	arena_init(&arena);
	MUST(store_finding_find(
	    store, bytes_text("0123456789abcdef"), &arena, &row, &found, err));
	arena_free(&arena);
	return row.rescan;
}

/* Found by a rescan, doubted by the next, found again by an entry that came
 * meanwhile: never to be closed. */
START_TEST(a_finding_knows_who_found_it)
{
	struct store *store = unit_store("mark", 1);
	struct finding_filter doubted = {.rescan = -2};
	int64_t count;

	MUST(store_begin(store, err));
	put_finding(store, 0, FINDING_NEW);
	ck_assert_int_eq(mark_of(store), 0);
	put_finding(store, 1, FINDING_UNCHANGED);
	ck_assert_int_eq(mark_of(store), 1);
	MUST(store_finding_mark(store, bytes_text("0123456789abcdef"), -2, err));
	MUST(store_finding_count(store, &doubted, &count, err));
	ck_assert_int_eq(count, 1);
	put_finding(store, 0, FINDING_UNCHANGED);
	ck_assert_int_eq(mark_of(store), 2);
	MUST(store_finding_count(store, &doubted, &count, err));
	ck_assert_int_eq(count, 0);
	MUST(store_commit(store, err));
	store_close(store);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("rescan");

	tcase_add_test(tc, rows_are_numbered_and_brought_up_to_date);
	tcase_add_test(tc, deltas_add_up);
	tcase_add_test(tc, a_finding_knows_who_found_it);
	return unit_run("store/rescan", tc);
}
