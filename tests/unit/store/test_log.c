/* Logs, tree heads, ranges, entries, coverage and gaps. */
#include "store/coverage.h"
#include "store/log.h"
#include "store/range.h"
#include "tests/lib/unit_store.h"

/* --- logs ------------------------------------------------------------------------------
 */

START_TEST(a_log_is_its_id)
{
	struct store *store = unit_store("log", 1);
	struct log_row row = {.log_id = unit_bytes(1, 32),
	    .spki = unit_bytes(2, 91),
	    .name = bytes_text("Argon"),
	    .state = bytes_text("usable"),
	    .interval_start_ms = 5,
	    .interval_end_ms = STORE_NO_TIME,
	    .mmd_s = 86400,
	    .first_seen_ms = 10};
	struct log_row out;
	struct arena arena;
	bool found;

	arena_init(&arena);
	MUST(store_begin(store, err));
	MUST(store_log_put(store, &row, err));
	ck_assert_uint_eq(row.number, 1);
	row.number = 0;
	row.first_seen_ms = 20;
	row.name = bytes_text("Argon 2");
	MUST(store_log_put(store, &row, err));
	ck_assert_uint_eq(row.number, 1);
	ck_assert_int_eq(row.first_seen_ms, 10);
	row.log_id = unit_bytes(3, 32);
	row.number = 7;
	MUST(store_log_put(store, &row, err));
	row.log_id = unit_bytes(4, 32);
	row.number = 0;
	MUST(store_log_put(store, &row, err));
	ck_assert_uint_eq(row.number, 8);
	MUST(store_commit(store, err));
	MUST(store_log_find(store, unit_bytes(1, 32), &arena, &out, &found, err));
	ck_assert(found && out.number == 1 && out.mmd_s == 86400);
	ck_assert(bytes_equal(out.name, bytes_text("Argon 2")));
	ck_assert(bytes_equal(out.spki, unit_bytes(2, 91)));
	ck_assert(out.interval_start_ms == 5 && out.interval_end_ms == STORE_NO_TIME);
	MUST(store_log_find(store, unit_bytes(9, 32), &arena, &out, &found, err));
	ck_assert(!found);
	arena_free(&arena);
	store_close(store);
}
END_TEST

/* --- tree heads
 * ------------------------------------------------------------------------- */

struct head {
	uint64_t size;
	char root;
	int64_t timestamp;
	bool verified, consistent;
};

static void
put_head(struct store *store, const struct head *head)
{
	char raw[40];
	struct tree_head_row row = {.log = 1,
	    .size = head->size,
	    .root = unit_bytes((uint64_t)head->root, 32),
	    .first_timestamp_ms = head->timestamp,
	    .first_fetched_ms = head->timestamp + 1,
	    .verified = head->verified,
	    .consistent = head->consistent};

	snprintf(raw, sizeof(raw), "%lld%s", (long long)head->timestamp,
	    head->verified ? "v" : "");
	row.first_raw = bytes_text(raw);
	MUST(store_tree_head_put(store, &row, err));
}

static bool
say_head(void *owner, const struct tree_head_row *row)
{
	char root = '?';

	for (char c = 'A'; c <= 'C'; c++) {
		if (bytes_equal(row->root, unit_bytes((uint64_t)c, 32)))
			root = c;
	}
	buf_append_format(owner, "%llu%c %.*s-%.*s%s%s; ", (unsigned long long)row->size,
	    root, (int)row->first_raw.len, row->first_raw.data, (int)row->last_raw.len,
	    row->last_raw.data, row->verified ? " v" : "", row->consistent ? " c" : "");
	return true;
}

static const struct {
	const char *what;
	struct head heads[4];
	const char *want;
} HEADS[] = {
    {"one", {{5, 'A', 10, true, true}}, "5A 10v-10v v c; "},
    {"signed again and again: one row",
	{{5, 'A', 10, true, true}, {5, 'A', 30, true, false}, {5, 'A', 20, true, false}},
	"5A 10v-30v v c; "},
    {"an older one comes late", {{5, 'A', 10, true, true}, {5, 'A', 4, true, false}},
	"5A 4v-10v v c; "},
    {"two roots for one size", {{5, 'A', 10, true, true}, {5, 'B', 11, true, false}},
	"5A 10v-10v v c; 5B 11v-11v v; "},
    {"a bad signature leaves a good head alone",
	{{5, 'A', 10, true, true}, {5, 'A', 99, false, false}}, "5A 10v-10v v c; "},
    {"and gives way to one", {{5, 'A', 99, false, false}, {5, 'A', 10, true, true}},
	"5A 10v-10v v c; "},
    {"bad ones by themselves", {{5, 'A', 9, false, false}, {5, 'A', 10, false, false}},
	"5A 9-10; "},
    {"sizes in order", {{7, 'A', 1, true, true}, {6, 'A', 2, true, true}},
	"6A 2v-2v v c; 7A 1v-1v v c; "},
};

START_TEST(tree_heads_are_size_and_root)
{
	struct store *store = unit_store("head", 1);
	struct buf said;

	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	for (size_t i = 0; i < ARRAY_LEN(HEADS[_i].heads) && HEADS[_i].heads[i].size; i++)
		put_head(store, &HEADS[_i].heads[i]);
	MUST(store_commit(store, err));
	MUST(store_tree_head_each(store, 1, 0, UINT64_MAX, 0, say_head, &said, err));
	MUST(store_tree_head_each(store, 2, 0, UINT64_MAX, 0, say_head, &said, err));
	MUST(store_tree_head_each(store, 1, 8, 9, 0, say_head, &said, err));
	unit_said(&said, HEADS[_i].want);
	store_close(store);
}
END_TEST

START_TEST(the_newest_head_and_pruning)
{
	static const struct head STORED[] = {{1, 'A', 1, true, true},
	    {2, 'A', 2, true, true}, {3, 'A', 3, true, true}, {3, 'B', 4, true, false},
	    {4, 'A', 5, false, false}, {5, 'A', 6, true, true}, {6, 'A', 7, true, false}};
	struct store *store = unit_store("newest", 1);
	struct tree_head_row out;
	struct arena arena;
	struct buf said;
	size_t deleted;
	bool found;

	arena_init(&arena);
	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	for (size_t i = 0; i < ARRAY_LEN(STORED); i++)
		put_head(store, &STORED[i]);
	MUST(store_tree_head_newest(store, 1, &arena, &out, &found, err));
	ck_assert(found && out.size == 5);
	MUST(store_tree_head_newest(store, 2, &arena, &out, &found, err));
	ck_assert(!found);
	MUST(store_tree_head_prune(store, 100, 1, &deleted, err));
	ck_assert_uint_eq(deleted, 1);
	MUST(store_tree_head_prune(store, 100, 10, &deleted, err));
	ck_assert_uint_eq(deleted, 2);
	MUST(store_commit(store, err));
	MUST(store_tree_head_each(store, 1, 0, UINT64_MAX, 0, say_head, &said, err));
	unit_said(&said, "3A 3v-3v v c; 3B 4v-4v v; 4A 5-5; 6A 7v-7v v; ");
	arena_free(&arena);
	store_close(store);
}
END_TEST

/* --- ranges
 * ------------------------------------------------------------------------------- */

static bool
say_range(void *owner, const struct range_row *row)
{
	buf_append_format(owner, "%u[%llu,%llu,%llu)%.*s/%.*s g%lld%s; ", row->log,
	    (unsigned long long)row->start, (unsigned long long)row->verified,
	    (unsigned long long)row->next, (int)row->frontier_verified.len,
	    row->frontier_verified.data, (int)row->frontier_next.len,
	    row->frontier_next.data, (long long)row->generation,
	    row->complete ? " complete" : "");
	return true;
}

static const struct {
	const char *what;
	uint64_t expected, next, verified; /* verified 0: not proved */
	bool moved, proved;
	const char *want;
} STEPS[] = {
    {"forward", 10, 20, 0, true, false, "1[10,10,20)f/n g3; "},
    {"not from there: nothing moves", 11, 20, 0, false, false, "1[10,10,10)f/f g2; "},
    {"applied before", 5, 10, 0, false, false, "1[10,10,10)f/f g2; "},
    {"to its end", 10, 30, 0, true, false, "1[10,10,30)f/n g3 complete; "},
    {"proved up to next", 10, 20, 20, true, true, "1[10,20,20)p/n g3; "},
    {"proved in between", 10, 20, 15, true, true, "1[10,15,20)p/n g3; "},
    {"not beyond next", 10, 20, 21, true, false, "1[10,10,20)f/n g3; "},
    {"not backwards", 10, 20, 9, true, false, "1[10,10,20)f/n g3; "},
    {"standing still is no proof", 10, 20, 10, true, false, "1[10,10,20)f/n g3; "},
};

START_TEST(a_range_moves_from_where_it_stands)
{
	struct store *store = unit_store("range", 1);
	struct range_row row = {.log = 1,
	    .purpose = RANGE_BACKFILL,
	    .start = 10,
	    .verified = 10,
	    .next = 10,
	    .end = 30,
	    .frontier_verified = bytes_text("f"),
	    .frontier_next = bytes_text("f"),
	    .generation = 2};
	struct range_step step = {.expected = STEPS[_i].expected,
	    .next = STEPS[_i].next,
	    .frontier = bytes_text("n"),
	    .generation = 3};
	struct buf said;
	bool moved;

	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	MUST(store_range_put(store, &row, err));
	step.id = row.id;
	MUST(store_range_advance(store, &step, &moved, err));
	ck_assert_msg(moved == STEPS[_i].moved, "%s", STEPS[_i].what);
	if (STEPS[_i].verified != 0) {
		MUST(store_range_prove(
		    store, row.id, STEPS[_i].verified, bytes_text("p"), &moved, err));
		ck_assert_msg(moved == STEPS[_i].proved, "%s", STEPS[_i].what);
	}
	MUST(store_commit(store, err));
	MUST(store_range_each(store, 0, say_range, &said, err));
	unit_said(&said, STEPS[_i].want);
	store_close(store);
}
END_TEST

START_TEST(ranges_of_many_logs)
{
	struct store *store = unit_store("ranges", 1);
	struct range_row row = {.start = 5};
	int64_t ids[4];
	struct range_step step = {.expected = 0, .next = 1};
	struct buf said;
	bool moved;

	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	for (size_t i = 0; i < 4; i++) {
		row.id = 0;
		row.log = i < 3 ? 2 : 1;
		row.start = 10 - i;
		MUST(store_range_put(store, &row, err));
		ids[i] = row.id;
		for (size_t j = 0; j < i; j++)
			ck_assert_int_ne(ids[i], ids[j]);
	}
	MUST(store_range_delete(store, ids[1], err));
	row.id = ids[2];
	row.log = 2;
	row.start = 8;
	row.generation = 9;
	row.complete = true;
	MUST(store_range_put(store, &row, err));
	step.id = ids[1];
	MUST(store_range_advance(store, &step, &moved, err));
	ck_assert(!moved); /* it is gone */
	MUST(store_commit(store, err));
	MUST(store_range_each(store, 0, say_range, &said, err));
	buf_append_text(&said, "| ");
	MUST(store_range_each(store, 1, say_range, &said, err));
	unit_said(&said,
	    "1[7,0,0)/ g0; 2[8,0,0)/ g9 complete; 2[10,0,0)/ g0; | 1[7,0,0)/ g0; ");
	store_close(store);
}
END_TEST

/* --- entries
 * ------------------------------------------------------------------------------ */

static bool
say_entry(void *owner, const struct entry_row *row)
{
	buf_append_format(
	    owner, "%u/%llu:%d ", row->log, (unsigned long long)row->index, row->state);
	return true;
}

static bool
say_entry_count(void *owner, const struct entry_count *row)
{
	buf_append_format(
	    owner, "%u:%d=%lld ", row->log, row->state, (long long)row->count);
	return true;
}

static const struct {
	const char *what;
	struct entry_filter filter;
	uint64_t waits_for; /* 0: any */
	const char *want;
} ENTRIES[] = {
    {"all", {.state = -1}, 0, "1/5:0 1/7:1 2/1:1 2/2:2 2/3:3 "},
    {"of a log", {.state = -1, .log = 2}, 0, "2/1:1 2/2:2 2/3:3 "},
    {"of a state", {.state = ENTRY_UNRESOLVED}, 0, "1/7:1 2/1:1 "},
    {"that wait for an issuer", {.state = -1}, 50, "2/1:1 "},
    {"nobody's issuer", {.state = -1}, 51, ""},
    {"that are due", {.state = -1, .due_ms = 20}, 0, "1/5:0 1/7:1 2/3:3 "},
    {"a page", {.state = -1, .limit = 2}, 0, "1/5:0 1/7:1 "},
    {"the page behind",
	{.state = -1, .started = true, .after_log = 1, .after_index = 7, .limit = 2}, 0,
	"2/1:1 2/2:2 "},
};

START_TEST(entries_wait)
{
	struct entry_row rows[] = {
	    {.log = 2, .index = 3, .state = ENTRY_DONE, .next_try_ms = STORE_NO_TIME},
	    {.log = 2,
		.index = 1,
		.state = ENTRY_UNRESOLVED,
		.next_try_ms = 30,
		.waits_for = unit_bytes(50, 32)},
	    {.log = 1, .index = 7, .state = ENTRY_UNPARSED, .next_try_ms = 10},
	    {.log = 1, .index = 7, .state = ENTRY_UNRESOLVED, .next_try_ms = 20},
	    {.log = 1, .index = 5, .state = ENTRY_UNPARSED, .next_try_ms = 0},
	    {.log = 2, .index = 2, .state = ENTRY_QUARANTINED, .next_try_ms = 21},
	    {.log = 3, .index = 2, .state = ENTRY_DONE},
	};
	struct store *store = unit_store("entry", 1);
	struct entry_filter filter = ENTRIES[_i].filter;
	struct buf said;

	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		MUST(store_entry_put(store, &rows[i], err));
	MUST(store_entry_delete(store, 3, 2, err));
	MUST(store_entry_delete(store, 3, 3, err));
	MUST(store_commit(store, err));
	if (ENTRIES[_i].waits_for != 0)
		filter.waits_for = unit_bytes(ENTRIES[_i].waits_for, 32);
	MUST(store_entry_each(store, &filter, say_entry, &said, err));
	unit_said(&said, ENTRIES[_i].want);
	buf_init(&said, 1000);
	MUST(store_entry_counts(store, say_entry_count, &said, err));
	unit_said(&said, "1:0=1 1:1=1 2:1=1 2:2=1 2:3=1 ");
	store_close(store);
}
END_TEST

START_TEST(an_entry_keeps_its_bytes)
{
	struct store *store = unit_store("bytes", 1);
	struct entry_row row = {.log = 1,
	    .index = 9,
	    .leaf = unit_bytes(1, 2000),
	    .extra = unit_bytes(2, 1000),
	    .tile = true,
	    .reason = bytes_text("why \"not\""),
	    .waits_for = unit_bytes(3, 32),
	    .timestamp_ms = STORE_NO_TIME,
	    .kept_ms = 7,
	    .tries = 3,
	    .next_try_ms = 8};
	struct entry_row out;
	struct arena arena;
	bool found;

	arena_init(&arena);
	MUST(store_begin(store, err));
	MUST(store_entry_put(store, &row, err));
	MUST(store_commit(store, err));
	MUST(store_entry_find(store, 1, 9, &arena, &out, &found, err));
	ck_assert(found && out.tile && out.tries == 3 && out.kept_ms == 7);
	ck_assert(out.timestamp_ms == STORE_NO_TIME && out.next_try_ms == 8);
	ck_assert(bytes_equal(out.leaf, row.leaf) && bytes_equal(out.extra, row.extra));
	ck_assert(bytes_equal(out.reason, row.reason));
	ck_assert(bytes_equal(out.waits_for, row.waits_for));
	MUST(store_entry_find(store, 1, 8, &arena, &out, &found, err));
	ck_assert(!found);
	arena_free(&arena);
	store_close(store);
}
END_TEST

/* --- coverage and gaps
 * ---------------------------------------------------------------------- */

static bool
say_coverage(void *owner, const struct coverage_row *row)
{
	buf_append_format(owner, "%u[%llu,%llu,%llu)g%lld", row->log,
	    (unsigned long long)row->start, (unsigned long long)row->verified,
	    (unsigned long long)row->end, (long long)row->generation);
	if (row->head_root.len != 0)
		buf_append_format(owner, "@%llu", (unsigned long long)row->head_size);
	buf_append_text(owner, " ");
	return true;
}

static void
cover(struct store *store, uint64_t start, uint64_t end, int64_t generation)
{
	struct coverage_row row = {.log = 1,
	    .start = start,
	    .end = end,
	    .generation = generation,
	    .first_ms = (int64_t)start,
	    .last_ms = (int64_t)end,
	    .first_timestamp_ms = STORE_NO_TIME,
	    .last_timestamp_ms = STORE_NO_TIME,
	    .verified = 77, /* not read */
	    .head_root = bytes_text("not read")};

	MUST(store_coverage_put(store, &row, err));
}

static void
prove(struct store *store, uint64_t start, uint64_t verified, uint64_t size)
{
	struct coverage_proof proof = {.log = 1,
	    .start = start,
	    .verified = verified,
	    .head_size = size,
	    .head_root = unit_bytes(size, 32)};

	MUST(store_coverage_prove(store, &proof, err));
}

/* '+ start end generation' covers, 'p start verified size' proves, '- start
 * end' cuts. */
static const struct {
	const char *what;
	struct {
		char verb;
		uint64_t a, b, c;
	} does[6];
	const char *want;
} COVERS[] = {
    {"batches join", {{'+', 0, 10, 1}, {'+', 10, 20, 1}, {'+', 20, 25, 1}},
	"1[0,0,25)g1 "},
    {"not across a gap", {{'+', 0, 10, 1}, {'+', 11, 20, 1}},
	"1[0,0,10)g1 1[11,11,20)g1 "},
    {"not across a generation", {{'+', 0, 10, 1}, {'+', 10, 20, 2}},
	"1[0,0,10)g1 1[10,10,20)g2 "},
    {"judged again under new watches", {{'+', 0, 10, 1}, {'+', 0, 5, 2}},
	"1[0,0,10)g1 1[0,0,5)g2 "},
    {"proved in part", {{'+', 0, 10, 1}, {'p', 0, 7, 100}}, "1[0,7,10)g1@100 "},
    {"proved, and grown", {{'+', 0, 10, 1}, {'p', 0, 10, 100}, {'+', 10, 20, 1}},
	"1[0,10,20)g1@100 "},
    {"a newer head proves more", {{'+', 0, 10, 1}, {'p', 0, 7, 100}, {'p', 7, 10, 200}},
	"1[0,10,10)g1@200 "},
    {"a head proves over generations",
	{{'+', 0, 10, 1}, {'+', 10, 20, 2}, {'p', 0, 15, 100}},
	"1[0,10,10)g1@100 1[10,15,20)g2@100 "},
    {"not what lies elsewhere", {{'+', 0, 10, 1}, {'+', 50, 60, 1}, {'p', 50, 60, 100}},
	"1[0,0,10)g1 1[50,60,60)g1@100 "},
    {"never less", {{'+', 0, 10, 1}, {'p', 0, 9, 100}, {'p', 0, 5, 50}},
	"1[0,9,10)g1@100 "},
    {"cut in the middle", {{'+', 0, 10, 1}, {'p', 0, 7, 100}, {'-', 3, 5, 0}},
	"1[0,3,3)g1@100 1[5,7,10)g1@100 "},
    {"cut at the end", {{'+', 0, 10, 1}, {'p', 0, 7, 100}, {'-', 7, 10, 0}},
	"1[0,7,7)g1@100 "},
    {"what is left was not proved", {{'+', 0, 10, 1}, {'p', 0, 3, 100}, {'-', 0, 5, 0}},
	"1[5,5,10)g1 "},
    {"cut away", {{'+', 2, 10, 1}, {'+', 10, 12, 2}, {'-', 0, 99, 0}}, ""},
    {"cut beside", {{'+', 2, 10, 1}, {'-', 0, 2, 0}, {'-', 10, 20, 0}}, "1[2,2,10)g1 "},
};

START_TEST(coverage_grows_is_proved_and_cut)
{
	struct store *store = unit_store("coverage", 1);
	struct buf said;

	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	for (size_t i = 0; i < ARRAY_LEN(COVERS[_i].does) && COVERS[_i].does[i].verb;
	     i++) {
		uint64_t a = COVERS[_i].does[i].a, b = COVERS[_i].does[i].b;
		uint64_t c = COVERS[_i].does[i].c;

		if (COVERS[_i].does[i].verb == '+')
			cover(store, a, b, (int64_t)c);
		else if (COVERS[_i].does[i].verb == 'p')
			prove(store, a, b, c);
		else
			MUST(store_coverage_cut(store, 1, a, b, err));
	}
	MUST(store_commit(store, err));
	MUST(store_coverage_each(store, 1, say_coverage, &said, err));
	MUST(store_coverage_each(store, 2, say_coverage, &said, err));
	unit_said(&said, COVERS[_i].want);
	store_close(store);
}
END_TEST

static bool
times_are(void *owner, const struct coverage_row *row)
{
	(void)owner;
	ck_assert_int_eq(row->first_ms, 3);
	ck_assert_int_eq(row->last_ms, 9);
	ck_assert_int_eq(row->first_timestamp_ms, 100);
	ck_assert_int_eq(row->last_timestamp_ms, 300);
	return true;
}

START_TEST(coverage_knows_when)
{
	struct store *store = unit_store("when", 1);
	struct coverage_row rows[] = {
	    {.log = 1,
		.start = 0,
		.end = 1,
		.first_ms = 5,
		.last_ms = 9,
		.first_timestamp_ms = STORE_NO_TIME,
		.last_timestamp_ms = STORE_NO_TIME},
	    {.log = 1,
		.start = 1,
		.end = 2,
		.first_ms = 3,
		.last_ms = 4,
		.first_timestamp_ms = 200,
		.last_timestamp_ms = 300},
	    {.log = 1,
		.start = 2,
		.end = 3,
		.first_ms = 6,
		.last_ms = 7,
		.first_timestamp_ms = 100,
		.last_timestamp_ms = 150},
	    {.log = 1,
		.start = 3,
		.end = 4,
		.first_ms = 6,
		.last_ms = 7,
		.first_timestamp_ms = STORE_NO_TIME,
		.last_timestamp_ms = STORE_NO_TIME},
	};

	MUST(store_begin(store, err));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		MUST(store_coverage_put(store, &rows[i], err));
	MUST(store_commit(store, err));
	MUST(store_coverage_each(store, 0, times_are, NULL, err));
	store_close(store);
}
END_TEST

static bool
say_gap(void *owner, const struct gap_row *row)
{
	buf_append_format(owner, "%u[%llu,%llu)%.*s ", row->log,
	    (unsigned long long)row->start, (unsigned long long)row->end,
	    (int)row->reason.len, row->reason.data);
	return true;
}

static const struct {
	const char *what;
	uint64_t start, end;
	const char *want;
} GAPS[] = {
    {"from the front", 0, 12, "1[12,20)a 1[30,40)b "},
    {"in the middle", 12, 15, "1[10,12)a 1[15,20)a 1[30,40)b "},
    {"to the end", 15, 20, "1[10,15)a 1[30,40)b "},
    {"all of one", 10, 20, "1[30,40)b "},
    {"over both", 15, 35, "1[10,15)a 1[35,40)b "},
    {"beside", 20, 30, "1[10,20)a 1[30,40)b "},
    {"everything", 0, UINT64_MAX, ""},
};

START_TEST(gaps_are_filled)
{
	struct store *store = unit_store("gap", 1);
	struct gap_row a = {.log = 1, .start = 10, .end = 20, .reason = bytes_text("a")};
	struct gap_row b = {.log = 1, .start = 30, .end = 40, .reason = bytes_text("b")};
	struct buf said;

	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	MUST(store_gap_put(store, &a, err));
	MUST(store_gap_put(store, &b, err));
	MUST(store_gap_put(store, &b, err));
	MUST(store_gap_fill(store, 2, 0, 100, err)); /* another log's */
	MUST(store_gap_fill(store, 1, GAPS[_i].start, GAPS[_i].end, err));
	MUST(store_commit(store, err));
	MUST(store_gap_each(store, 0, say_gap, &said, err));
	unit_said(&said, GAPS[_i].want);
	store_close(store);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("log");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_log_is_its_id);
	tcase_add_loop_test(tc, tree_heads_are_size_and_root, 0, UNIT_COUNT(HEADS));
	tcase_add_test(tc, the_newest_head_and_pruning);
	tcase_add_loop_test(tc, a_range_moves_from_where_it_stands, 0, UNIT_COUNT(STEPS));
	tcase_add_test(tc, ranges_of_many_logs);
	tcase_add_loop_test(tc, entries_wait, 0, UNIT_COUNT(ENTRIES));
	tcase_add_test(tc, an_entry_keeps_its_bytes);
	tcase_add_loop_test(tc, coverage_grows_is_proved_and_cut, 0, UNIT_COUNT(COVERS));
	tcase_add_test(tc, coverage_knows_when);
	tcase_add_loop_test(tc, gaps_are_filled, 0, UNIT_COUNT(GAPS));
	return unit_run("store/log", tc);
}
