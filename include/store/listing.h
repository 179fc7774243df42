/*
 * store/listing - what each log list said of each log when it was last read:
 * what a newer list is held against, so that every change is told once.
 */
#pragma once
#include "store/store.h"

struct listing_row {
	struct bytes list;   /* the configuration's name of it */
	struct bytes log_id; /* 32 bytes; with list the key */
	struct bytes description, operator;
	struct bytes url;            /* submission prefix */
	struct bytes monitoring_url; /* of a static log; else empty */
	struct bytes state;          /* "usable", ... */
	int64_t state_since_ms;
	int64_t first_seen_ms; /* an old row's stays */
};

/* Inserts, or replaces the row of this list and log. */
MUST_CHECK bool store_listing_put(
    struct store *, const struct listing_row *row, struct err *err);

MUST_CHECK bool store_listing_delete(
    struct store *, struct bytes list, struct bytes log_id, struct err *err);

typedef bool store_listing_fn(void *owner, const struct listing_row *row);

/* All of one list, in no order that means anything. */
MUST_CHECK bool store_listing_each(struct store *, struct bytes list,
    store_listing_fn *fn, void *owner, struct err *err);
