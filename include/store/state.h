/*
 * store/state - what incremental checks remember between certificates: a value
 * for each check, key and bucket; and what they want to look at again.
 */
#pragma once
#include "store/store.h"

#define STATE_KEY_MAX   256
#define STATE_VALUE_MAX ((size_t)64 << 10)

struct state_row {
	struct bytes check_id;
	struct bytes key; /* whose: an operator, an issuer's key, ...; may be empty */
	int64_t bucket;   /* a day, an hour, a number: its order is the check's */
	struct bytes value;
};

/* found: false when there is none, value is then empty. */
MUST_CHECK bool store_state_get(struct store *, struct bytes check_id, struct bytes key,
    int64_t bucket, struct arena *, struct bytes *value, bool *found, struct err *err);

/* Replaces. ERR_LIMIT for a key or value that is too long. */
MUST_CHECK bool store_state_put(
    struct store *, const struct state_row *row, struct err *err);

MUST_CHECK bool store_state_delete(struct store *, struct bytes check_id,
    struct bytes key, int64_t bucket, struct err *err);

typedef bool store_state_fn(void *owner, const struct state_row *row);

/* Of one key, by bucket, from first to last, both included. */
MUST_CHECK bool store_state_each(struct store *, struct bytes check_id, struct bytes key,
    int64_t first, int64_t last, store_state_fn *fn, void *owner, struct err *err);

/* Forgets what a check remembers, at most limit rows (for one transaction). */
MUST_CHECK bool store_state_forget(struct store *, struct bytes check_id, size_t limit,
    size_t *deleted, struct err *err);

/* --- what is to be looked at again ----------------------------------------------------
 */

struct due_row {
	int64_t due_ms;
	int64_t certificate; /* number */
	struct bytes check_id;
};

/* Inserts unless it is there. */
MUST_CHECK bool store_due_put(struct store *, const struct due_row *row, struct err *err);
MUST_CHECK bool store_due_delete(
    struct store *, const struct due_row *row, struct err *err);

typedef bool store_due_fn(void *owner, const struct due_row *row);

/* What is due at now_ms, the longest due first; at most limit. */
MUST_CHECK bool store_due_each(struct store *, int64_t now_ms, size_t limit,
    store_due_fn *fn, void *owner, struct err *err);
