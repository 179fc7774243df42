/*
 * state - what incremental checks remember, on its way to the store: what the
 * open transaction read and changed is kept here, so that a bucket that every
 * certificate of a batch adds to is read once and written once.
 */
#pragma once
#include "base/arena.h"
#include "base/map.h"
#include "store/state.h"

struct writer;

struct state_cache {
	struct map entries;
	size_t size; /* about, in bytes */
};

void state_init(struct state_cache *);

/* Forgets what is not flushed: at the end of every transaction, also a lost one. */
void state_clear(struct state_cache *);

/* value: borrowed until the next call of these; empty: none. */
MUST_CHECK bool state_get(struct writer *, const char *check, struct bytes key,
    int64_t bucket, struct bytes *value, struct err *err);

/* Copies the value; an empty one forgets. */
MUST_CHECK bool state_set(struct writer *, const char *check, struct bytes key,
    int64_t bucket, struct bytes value, struct err *err);

/* As store_state_each(), over what stands in the open transaction. */
MUST_CHECK bool state_each(struct writer *, const char *check, struct bytes key,
    int64_t first, int64_t last, store_state_fn *fn, void *owner, struct err *err);

/* Writes what changed: before the commit. */
MUST_CHECK bool state_flush(struct writer *, struct err *err);

/* Forgets all that a check remembers, at most limit rows a call: more says
 * whether there may be others. */
MUST_CHECK bool state_forget(
    struct writer *, const char *check, size_t limit, bool *more, struct err *err);
