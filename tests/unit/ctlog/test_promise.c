#include "ctlog/promise.h"

#include "merkle/hash.h"
#include "tests/lib/unit.h"

/* Heads by size, time and a letter that stands for the root. */
struct head {
	uint64_t size, time;
	char root; /* 0: of the empty tree */
};

static struct sth
sth_of(struct head head)
{
	struct sth sth = {.tree_size = head.size, .timestamp_ms = head.time};

	if (head.root == 0)
		merkle_hash_empty(&sth.root);
	else
		memset(sth.root.octets, head.root, SHA256_LEN);
	return sth;
}

static const struct {
	const char *what;
	struct head accepted, head;
	enum promise promise;
} BETWEEN[] = {
    {"grew", {5, 100, 'a'}, {6, 101, 'b'}, PROMISE_KEPT},
    {"signed again", {5, 100, 'a'}, {5, 101, 'a'}, PROMISE_KEPT},
    {"the same", {5, 100, 'a'}, {5, 100, 'a'}, PROMISE_KEPT},
    {"an older signature of the same", {5, 100, 'a'}, {5, 99, 'a'}, PROMISE_KEPT},
    {"one size, two roots", {5, 100, 'a'}, {5, 101, 'b'}, PROMISE_SPLIT_VIEW},
    {"one size and time, two roots", {5, 100, 'a'}, {5, 100, 'b'}, PROMISE_SPLIT_VIEW},
    {"one time, two sizes", {5, 100, 'a'}, {6, 100, 'b'}, PROMISE_EQUIVOCATION},
    {"smaller and later", {5, 100, 'a'}, {4, 101, 'b'}, PROMISE_SHRANK},
    {"smaller and earlier", {5, 100, 'a'}, {4, 99, 'b'}, PROMISE_LAGGED},
    {"larger and earlier", {5, 100, 'a'}, {6, 99, 'b'}, PROMISE_TIME_BACK},
};

START_TEST(between_rows)
{
	struct sth accepted = sth_of(BETWEEN[_i].accepted);
	struct sth head = sth_of(BETWEEN[_i].head);
	enum promise promise = promise_between(&accepted, &head);

	ck_assert_msg(promise == BETWEEN[_i].promise, "%s: %s", BETWEEN[_i].what,
	    promise_name(promise));
}
END_TEST

static const struct {
	const char *what;
	struct head head;
	enum log_state state;
	int64_t now, skew, stale;
	enum promise promise;
} AT[] = {
    {"fresh", {5, 1000, 'a'}, LOG_STATE_USABLE, 1000, 0, 0, PROMISE_KEPT},
    {"as old as may be", {5, 1000, 'a'}, LOG_STATE_USABLE, 1060, 0, 0, PROMISE_KEPT},
    {"older than its merge delay", {5, 1000, 'a'}, LOG_STATE_USABLE, 1061, 0, 0,
	PROMISE_STALE},
    {"within a longer patience", {5, 1000, 'a'}, LOG_STATE_USABLE, 1300, 0, 300,
	PROMISE_KEPT},
    {"beyond it", {5, 1000, 'a'}, LOG_STATE_USABLE, 1301, 0, 300, PROMISE_STALE},
    {"read-only and silent", {5, 1000, 'a'}, LOG_STATE_READONLY, 999999, 0, 0,
	PROMISE_KEPT},
    {"retired and silent", {5, 1000, 'a'}, LOG_STATE_RETIRED, 999999, 0, 0, PROMISE_KEPT},
    {"of no list and silent", {5, 1000, 'a'}, LOG_STATE_NONE, 999999, 0, 0,
	PROMISE_STALE},
    {"ahead within the skew", {5, 1010, 'a'}, LOG_STATE_USABLE, 1000, 10, 0,
	PROMISE_KEPT},
    {"ahead", {5, 1011, 'a'}, LOG_STATE_USABLE, 1000, 10, 0, PROMISE_FUTURE},
    {"ahead by half of eternity", {5, UINT64_MAX, 'a'}, LOG_STATE_USABLE, 1000, 10, 0,
	PROMISE_FUTURE},
    {"before 1970 by our clock", {5, 1000, 'a'}, LOG_STATE_USABLE, -5, 10, 0,
	PROMISE_FUTURE},
    {"the empty tree", {0, 1000, 0}, LOG_STATE_USABLE, 1000, 0, 0, PROMISE_KEPT},
    {"another root of none", {0, 1000, 'a'}, LOG_STATE_USABLE, 1000, 0, 0,
	PROMISE_EMPTY_ROOT},
};

START_TEST(at_rows)
{
	struct sth head = sth_of(AT[_i].head);
	struct ct_log log = {.state = AT[_i].state, .mmd_ms = 60};
	enum promise promise =
	    promise_at(&head, &log, AT[_i].now, AT[_i].skew, AT[_i].stale);

	ck_assert_msg(
	    promise == AT[_i].promise, "%s: %s", AT[_i].what, promise_name(promise));
}
END_TEST

static const struct {
	const char *what;
	struct head head;
	bool has_final;
	enum promise promise;
} FINAL[] = {
    {"no final head", {9, 1, 'b'}, false, PROMISE_KEPT},
    {"before it", {6, 1, 'b'}, true, PROMISE_KEPT},
    {"at it", {7, 1, 'a'}, true, PROMISE_KEPT},
    {"beyond it", {8, 1, 'b'}, true, PROMISE_GREW_CLOSED},
    {"another root at it", {7, 1, 'b'}, true, PROMISE_WRONG_FINAL},
};

START_TEST(final_rows)
{
	struct sth head = sth_of(FINAL[_i].head),
		   final = sth_of((struct head){7, 1, 'a'});
	struct ct_log log = {.has_final_head = FINAL[_i].has_final,
	    .final_size = 7,
	    .final_root = final.root};

	ck_assert_msg(
	    promise_final(&head, &log) == FINAL[_i].promise, "%s", FINAL[_i].what);
}
END_TEST

START_TEST(entries)
{
	struct sth head = sth_of((struct head){5, 100, 'a'});

	ck_assert_int_eq(promise_entries(&head, 100), PROMISE_KEPT);
	ck_assert_int_eq(promise_entries(&head, 101), PROMISE_EARLY_HEAD);
	ck_assert_str_eq(promise_name(PROMISE_SPLIT_VIEW), "split view");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("promise");

	tcase_add_loop_test(tc, between_rows, 0, UNIT_COUNT(BETWEEN));
	tcase_add_loop_test(tc, at_rows, 0, UNIT_COUNT(AT));
	tcase_add_loop_test(tc, final_rows, 0, UNIT_COUNT(FINAL));
	tcase_add_test(tc, entries);
	return unit_run("ctlog/promise", tc);
}
