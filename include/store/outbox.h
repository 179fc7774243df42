/*
 * store/outbox - what has to be told to whom: a row for each alert and sink,
 * written in the transaction that found it, and settled by whoever delivers.
 */
#pragma once
#include "base/queue.h"
#include "store/store.h"

enum outbox_state {
	OUTBOX_WAITING, /* due at next_try_ms */
	OUTBOX_DELIVERED,
	OUTBOX_DEAD,    /* given up; can be sent again */
	OUTBOX_GROUPED, /* told as part of a count */
	OUTBOX_COUNTED, /* not sent by itself: waits to be told as part of a count */
	OUTBOX_HELD,    /* waits for something else: provisional, history, a baseline */
};

struct outbox_row {
	int64_t number;         /* rising; set by the store */
	struct bytes alert;     /* 16 bytes: the alert's id */
	struct bytes sink;      /* the sink's name */
	struct bytes kind;      /* "finding", "event", "withdrawal", "digest", ... */
	struct bytes payload;   /* JSON */
	struct bytes group_key; /* what alerts of one kind are counted by; may be empty */
	int64_t created_ms;
	int64_t attempts;
	int64_t next_try_ms; /* 0 from whoever fills: at once */
	enum outbox_state state;
	int64_t settled_ms; /* when it left OUTBOX_WAITING or was resent, or none */
	struct bytes last_error;
};

/* Inserts unless (alert, sink) stands, so that an alert is told once. */
MUST_CHECK bool store_outbox_put(
    struct store *, struct outbox_row *row, bool *inserted, struct err *err);

typedef bool store_outbox_fn(void *owner, const struct outbox_row *row);

/* Waiting rows of a sink whose next_try_ms is not later than now, earliest
 * first, at most limit. */
MUST_CHECK bool store_outbox_due(struct store *, struct bytes sink, int64_t now_ms,
    size_t limit, store_outbox_fn *fn, void *owner, struct err *err);

/* When the sink's next waiting row is due; STORE_NO_TIME: none waits. */
MUST_CHECK bool store_outbox_next_due(
    struct store *, struct bytes sink, int64_t *due_ms, struct err *err);

/* What became of one row. WAITING with a next_try_ms: tried in vain, again
 * then; attempts counts up. error may be empty. */
struct outbox_result {
	struct bytes alert, sink;
	enum outbox_state state;
	int64_t now_ms, next_try_ms;
	struct bytes error;
	bool attempted; /* counts as an attempt */

	/* With OUTBOX_GROUPED and a group_key it is about many: the sink's counted
	 * rows of that group up to number up_to are now told by the count itself,
	 * a new waiting row of kind "digest" with alert as its id, this payload and
	 * no group, in the same transaction. */
	struct bytes group_key, payload;
	int64_t up_to;
};
MUST_CHECK bool store_outbox_settle(
    struct store *, const struct outbox_result *result, struct err *err);

/* Results on their way from the loop to the writer and back. Whoever has it
 * owns it; its bytes live in its arena. */
struct outbox_batch {
	struct queue_link link;
	struct arena arena;
	struct outbox_result *results;
	size_t len;
	bool stored; /* by the writer, on the way back: they are committed */
};
struct outbox_batch *outbox_batch_new(size_t results_max);
void outbox_batch_free(struct outbox_batch *); /* NULL is fine */

/* The groups of a sink whose oldest counted row was created not later than
 * before_ms, oldest first, at most limit. */
struct outbox_group {
	struct bytes group_key;
	int64_t count;
	int64_t first_ms, last_ms; /* created */
	int64_t up_to;             /* number of the last */
};
typedef bool store_outbox_group_fn(void *owner, const struct outbox_group *group);
MUST_CHECK bool store_outbox_groups(struct store *, struct bytes sink, int64_t before_ms,
    size_t limit, store_outbox_group_fn *fn, void *owner, struct err *err);

struct outbox_filter {
	struct bytes alert, sink, group_key; /* empty: any */
	int state;                           /* enum outbox_state; -1: any */
	int64_t after;                       /* page: numbers behind this one */
	size_t limit;                        /* 0: all */
	bool newest_first;                   /* as for findings */
};
MUST_CHECK bool store_outbox_each(struct store *, const struct outbox_filter *filter,
    store_outbox_fn *fn, void *owner, struct err *err);

/* Makes matching rows wait again, attempts 0, due now: dead ones, or those of
 * one alert whatever their state. settled_ms becomes now_ms: their age counts
 * from there, and nobody counts them in place of sending. */
MUST_CHECK bool store_outbox_resend(struct store *, const struct outbox_filter *filter,
    int64_t now_ms, size_t *count, struct err *err);

/* Forgets matching rows: alerts that are no news any more. */
MUST_CHECK bool store_outbox_drop(
    struct store *, const struct outbox_filter *filter, struct err *err);

struct outbox_count {
	struct bytes sink;
	enum outbox_state state;
	int64_t count;
	int64_t oldest_ms; /* created */
};
typedef bool store_outbox_count_fn(void *owner, const struct outbox_count *row);
MUST_CHECK bool store_outbox_counts(
    struct store *, store_outbox_count_fn *fn, void *owner, struct err *err);

/* Deletes at most limit delivered and grouped rows settled before that time. */
MUST_CHECK bool store_outbox_prune(
    struct store *, int64_t before_ms, size_t limit, size_t *deleted, struct err *err);
