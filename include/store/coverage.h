/*
 * store/coverage - what was read and judged, under which watches, when, and
 * proved by which head; and what was not.
 */
#pragma once
#include "store/store.h"

/* Entries [start, end) of a log, judged under one watch generation. Those
 * below verified are proved by the head named, the newest that covers them. */
struct coverage_row {
	uint32_t log;
	uint64_t start, end;
	int64_t generation;
	int64_t first_ms, last_ms;                     /* when they were judged */
	int64_t first_timestamp_ms, last_timestamp_ms; /* the entries' own, or none */
	uint64_t verified;                             /* start: nothing yet */
	uint64_t head_size;
	struct bytes head_root; /* 32 bytes; empty: nothing is verified */
	int64_t head_timestamp_ms;
};

/* Notes a batch: reads log to last_timestamp_ms of the row. A row of the same
 * log and generation that ends at start grows, so a log read in one go is one
 * row for each generation. */
MUST_CHECK bool store_coverage_put(
    struct store *, const struct coverage_row *row, struct err *err);

/* What of the log's rows lies in [start, verified) is proved by this head. */
struct coverage_proof {
	uint32_t log;
	uint64_t start, verified;
	uint64_t head_size;
	struct bytes head_root;
	int64_t head_timestamp_ms;
};
MUST_CHECK bool store_coverage_prove(
    struct store *, const struct coverage_proof *proof, struct err *err);

/* Forgets [start, end): before it is judged again with other bytes. Rows that
 * reach over an edge are cut. */
MUST_CHECK bool store_coverage_cut(
    struct store *, uint32_t log, uint64_t start, uint64_t end, struct err *err);

typedef bool store_coverage_fn(void *owner, const struct coverage_row *row);

/* Of one log (0: all), by log, start and generation. */
MUST_CHECK bool store_coverage_each(
    struct store *, uint32_t log, store_coverage_fn *fn, void *owner, struct err *err);

/* Entries [start, end) that were not read or not judged, and why. */
struct gap_row {
	uint32_t log;
	uint64_t start, end;
	struct bytes reason;
	int64_t since_ms;
};

/* Inserts or replaces by (log, start). */
MUST_CHECK bool store_gap_put(struct store *, const struct gap_row *row, struct err *err);

/* Takes [start, end) out of the log's gaps: they shrink, split or go. */
MUST_CHECK bool store_gap_fill(
    struct store *, uint32_t log, uint64_t start, uint64_t end, struct err *err);

typedef bool store_gap_fn(void *owner, const struct gap_row *row);
MUST_CHECK bool store_gap_each(
    struct store *, uint32_t log, store_gap_fn *fn, void *owner, struct err *err);
