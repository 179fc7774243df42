#include "ctlog/promise.h"

#include "merkle/hash.h"

enum promise
promise_between(const struct sth *accepted, const struct sth *head)
{
	if (head->tree_size == accepted->tree_size)
		return sha256_equal(&head->root, &accepted->root) ? PROMISE_KEPT
								  : PROMISE_SPLIT_VIEW;
	if (head->timestamp_ms == accepted->timestamp_ms)
		return PROMISE_EQUIVOCATION;
	if (head->tree_size < accepted->tree_size)
		return head->timestamp_ms > accepted->timestamp_ms ? PROMISE_SHRANK
								   : PROMISE_LAGGED;
	return head->timestamp_ms < accepted->timestamp_ms ? PROMISE_TIME_BACK
							   : PROMISE_KEPT;
}

/* How much later b is than a; timestamps come from outside, up to 2^64. */
static bool
later_by_more(uint64_t a, uint64_t b, int64_t by)
{
	return b > a && b - a > (uint64_t)(by > 0 ? by : 0);
}

enum promise
promise_at(const struct sth *head, const struct ct_log *log, int64_t now_ms,
    int64_t skew_ms, int64_t stale_ms)
{
	uint64_t now = now_ms > 0 ? (uint64_t)now_ms : 0;
	int64_t after = stale_ms > log->mmd_ms ? stale_ms : log->mmd_ms;
	struct sha256 empty;

	merkle_hash_empty(&empty);
	if (head->tree_size == 0 && !sha256_equal(&head->root, &empty))
		return PROMISE_EMPTY_ROOT;
	if (later_by_more(now, head->timestamp_ms, skew_ms))
		return PROMISE_FUTURE;
	if (later_by_more(head->timestamp_ms, now, after) && !ct_log_is_over(log, now_ms))
		return PROMISE_STALE;
	return PROMISE_KEPT;
}

enum promise
promise_final(const struct sth *head, const struct ct_log *log)
{
	if (!log->has_final_head)
		return PROMISE_KEPT;
	if (head->tree_size > log->final_size)
		return PROMISE_GREW_CLOSED;
	return head->tree_size == log->final_size &&
		!sha256_equal(&head->root, &log->final_root)
	    ? PROMISE_WRONG_FINAL
	    : PROMISE_KEPT;
}

enum promise
promise_entries(const struct sth *head, uint64_t latest_entry_ms)
{
	return latest_entry_ms > head->timestamp_ms ? PROMISE_EARLY_HEAD : PROMISE_KEPT;
}

const char *
promise_name(enum promise promise)
{
	static const char *const NAMES[] = {
	    [PROMISE_KEPT] = "kept",
	    [PROMISE_SPLIT_VIEW] = "split view",
	    [PROMISE_EQUIVOCATION] = "equivocation",
	    [PROMISE_SHRANK] = "shrank",
	    [PROMISE_TIME_BACK] = "time went back",
	    [PROMISE_LAGGED] = "lagged",
	    [PROMISE_FUTURE] = "from the future",
	    [PROMISE_STALE] = "stale",
	    [PROMISE_EARLY_HEAD] = "head before its entries",
	    [PROMISE_GREW_CLOSED] = "grew while read-only",
	    [PROMISE_WRONG_FINAL] = "wrong final tree head",
	    [PROMISE_EMPTY_ROOT] = "wrong root of the empty tree",
	};

	return (size_t)promise < ARRAY_LEN(NAMES) ? NAMES[promise] : "unknown";
}
