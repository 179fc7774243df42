/*
 * store/range - how far each log has been read and proved, and raw entries
 * that were kept because they could not be used yet.
 */
#pragma once
#include "store/store.h"

enum range_purpose { RANGE_LIVE, RANGE_BACKFILL };

/*
 * A run of entries read in order from start. [start, verified) is shown to be
 * what a signed head covers, [verified, next) is committed and provisional.
 */
struct range_row {
	int64_t id; /* 0 when it is put: the store chooses */
	uint32_t log;
	enum range_purpose purpose;
	uint64_t start, verified, next;
	uint64_t end; /* of a backfill, not included; 0: open */
	struct bytes frontier_verified, frontier_next; /* caller's format */
	uint64_t reread_until; /* [verified, this) is read a second time; 0: no */
	int64_t generation;    /* of the watches in force at next */
	struct bytes stopped;  /* why it does not go on; empty: it does */
	bool complete;         /* a backfill that is read to its end */
	int64_t created_ms, advanced_ms;
};

/* Inserts (id 0: chosen and set) or replaces the row with this id. */
MUST_CHECK bool store_range_put(struct store *, struct range_row *row, struct err *err);
MUST_CHECK bool store_range_delete(struct store *, int64_t id, struct err *err);

typedef bool store_range_fn(void *owner, const struct range_row *row);

/* Of one log (0: all), by log and start. */
MUST_CHECK bool store_range_each(
    struct store *, uint32_t log, store_range_fn *fn, void *owner, struct err *err);

/*
 * How every batch's transaction begins: moves next from expected to next, with
 * the frontier there. moved: false when the range did not stand at expected
 * (or is gone); the batch was applied before and is to be dropped, nothing has
 * changed.
 */
struct range_step {
	int64_t id;
	uint64_t expected, next;
	struct bytes frontier; /* at next */
	int64_t generation;
	int64_t now_ms;
};
MUST_CHECK bool store_range_advance(
    struct store *, const struct range_step *step, bool *moved, struct err *err);

/* Raises verified. moved: false when it stood there or beyond already, or
 * beyond next. */
MUST_CHECK bool store_range_prove(struct store *, int64_t id, uint64_t verified,
    struct bytes frontier, bool *moved, struct err *err);

/* --- raw entries that wait ------------------------------------------------- */

enum entry_state {
	ENTRY_UNPARSED,    /* broken bytes: kept for a later parser */
	ENTRY_UNRESOLVED,  /* its issuer is not known yet */
	ENTRY_QUARANTINED, /* something of ours failed on it */
	ENTRY_DONE,        /* settled; kept for its raw bytes */
};

struct entry_row {
	uint32_t log;
	uint64_t index;
	struct bytes leaf;  /* leaf_input, or the record of a data tile */
	struct bytes extra; /* extra_data; empty for a tile's record */
	bool tile;          /* leaf is a data tile's record */
	enum entry_state state;
	struct bytes reason;
	struct bytes waits_for; /* 32 bytes: an issuer's hash; empty: nothing */
	int64_t timestamp_ms;   /* the log's; STORE_NO_TIME when unreadable */
	int64_t kept_ms;
	int64_t tries, next_try_ms;
};

/* Inserts or replaces by (log, index). */
MUST_CHECK bool store_entry_put(
    struct store *, const struct entry_row *row, struct err *err);
MUST_CHECK bool store_entry_find(struct store *, uint32_t log, uint64_t index,
    struct arena *, struct entry_row *out, bool *found, struct err *err);
MUST_CHECK bool store_entry_delete(
    struct store *, uint32_t log, uint64_t index, struct err *err);

struct entry_filter {
	uint32_t log;           /* 0: any */
	int state;              /* enum entry_state; -1: any */
	struct bytes waits_for; /* empty: any */
	int64_t due_ms;         /* only those whose next_try_ms is not later; 0: any */
	/* The page: what comes behind (after_log, after_index), at most limit (0: all).
	 * For the first page leave started false. */
	bool started;
	uint32_t after_log;
	uint64_t after_index;
	size_t limit;
};

typedef bool store_entry_fn(void *owner, const struct entry_row *row);

/* By log and index. */
MUST_CHECK bool store_entry_each(struct store *, const struct entry_filter *filter,
    store_entry_fn *fn, void *owner, struct err *err);

struct entry_count {
	uint32_t log;
	enum entry_state state;
	int64_t count;
};
typedef bool store_entry_count_fn(void *owner, const struct entry_count *row);
MUST_CHECK bool store_entry_counts(
    struct store *, store_entry_count_fn *fn, void *owner, struct err *err);
