/*
 * store/backfill - older entries that are read on purpose: which ranges a wish
 * comes to, and what becomes of ranges that have met.
 */
#pragma once
#include "store/range.h"

/* Adds a range for each run of entries in [from, to) that no range of the log
 * covers (the live one covers all from its start on), and tells fn of each;
 * their frontiers are empty: not known yet. In a transaction. ERR_NOT_FOUND where
 * the log is not read yet. */
MUST_CHECK bool store_backfill_add(struct store *, uint32_t log, uint64_t from,
    uint64_t to, int64_t now_ms, store_range_fn *fn, void *owner, struct err *err);

/* Told of a join (NULL: nobody is): the range `gone` is part of `into` now, which begins
 * at start. */
typedef void store_joined_fn(void *owner, int64_t gone, int64_t into, uint64_t start);

/* Every backfill that is proved to its end and ends where another range begins becomes
 * part of it, if their frontiers agree there: they are the same bytes, or what follows
 * has been proved from it to a signed head, as the backfill has. */
MUST_CHECK bool store_backfill_join(
    struct store *, uint32_t log, store_joined_fn *fn, void *owner, struct err *err);
