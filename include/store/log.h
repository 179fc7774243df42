/*
 * store/log - the logs, and every tree head they have signed.
 */
#pragma once
#include "store/store.h"

struct log_row {
	uint32_t number;     /* 1.., small: what other rows say for the log */
	struct bytes log_id; /* 32 bytes */
	struct bytes spki;   /* DER of the key */
	struct bytes name, operator;
	struct bytes url;            /* submission prefix */
	struct bytes monitoring_url; /* of a static log; else empty */
	struct bytes kind;           /* "rfc6962", "static", ... */
	struct bytes state;          /* "usable", ... as the lists say */
	int64_t state_since_ms;
	int64_t interval_start_ms, interval_end_ms; /* of a temporal shard, or none */
	int64_t mmd_s;
	struct bytes sources; /* which lists and config blocks name it, JSON */
	int64_t first_seen_ms;
};

/* Inserts or replaces by log_id. row->number: 0 lets the store choose, and in
 * any case it is set to what stands; first_seen_ms of an old row stays. */
MUST_CHECK bool store_log_put(struct store *, struct log_row *row, struct err *err);

/* By log_id. */
MUST_CHECK bool store_log_find(struct store *, struct bytes log_id, struct arena *,
    struct log_row *out, bool *found, struct err *err);

typedef bool store_log_fn(void *owner, const struct log_row *row);

/* In the order of numbers. */
MUST_CHECK bool store_log_each(
    struct store *, store_log_fn *fn, void *owner, struct err *err);

/*
 * One row for each (log, size, root), however often it was signed: with the
 * first and the last timestamp, and the bytes as served of both.
 */
struct tree_head_row {
	uint32_t log;
	uint64_t size;
	struct bytes root;                             /* 32 bytes */
	int64_t first_timestamp_ms, last_timestamp_ms; /* signed by the log */
	struct bytes first_raw, last_raw;              /* the answers that carried them */
	int64_t first_fetched_ms, last_fetched_ms;
	bool verified;   /* the signature holds */
	bool consistent; /* proved consistent with the accepted heads */
};

/* A head as just fetched: only the first_ fields, verified and consistent are
 * read. Widens the row of the same (log, size, root): an older timestamp
 * replaces first_, a newer one last_; the flags never go back to false. One
 * that is not verified leaves a verified row alone, and gives way to one. */
MUST_CHECK bool store_tree_head_put(
    struct store *, const struct tree_head_row *row, struct err *err);

/* The largest verified and consistent one, of equal sizes the newest. */
MUST_CHECK bool store_tree_head_newest(struct store *, uint32_t log, struct arena *,
    struct tree_head_row *out, bool *found, struct err *err);

typedef bool store_tree_head_fn(void *owner, const struct tree_head_row *row);

/* Sizes from first to last, both included, ascending: one size with two roots
 * gives two rows. At most limit rows (0: all). */
MUST_CHECK bool store_tree_head_each(struct store *, uint32_t log, uint64_t first,
    uint64_t last, size_t limit, store_tree_head_fn *fn, void *owner, struct err *err);

/* Deletes at most limit heads last fetched before that time. Keeps those of
 * another root at the same size, unverified ones, and each log's largest.
 * Reports how many went. */
MUST_CHECK bool store_tree_head_prune(
    struct store *, int64_t before_ms, size_t limit, size_t *deleted, struct err *err);
