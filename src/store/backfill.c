#include "store/backfill.h"

#include <inttypes.h>

struct rows {
	struct arena arena;
	struct range_row *rows;
	size_t count;
};

static bool
on_row(void *owner, const struct range_row *row)
{
	struct rows *list = owner;
	struct range_row *more =
	    arena_alloc(&list->arena, (list->count + 1) * sizeof(*more));

	if (list->count > 0)
		memcpy(more, list->rows, list->count * sizeof(*more));
	list->rows = more;
	more[list->count] = *row;
	more[list->count].frontier_next = arena_copy(&list->arena, row->frontier_next);
	more[list->count].frontier_verified =
	    arena_copy(&list->arena, row->frontier_verified);
	more[list->count].stopped = arena_copy(&list->arena, row->stopped);
	list->count++;
	return true;
}

static uint64_t
end_of(const struct range_row *row)
{
	return row->purpose == RANGE_LIVE ? STORE_INDEX_LIMIT : row->end;
}

/* --- adding ----------------------------------------------------------------- */

static bool
add(struct store *store, uint32_t log, uint64_t from, uint64_t to, int64_t now_ms,
    store_range_fn *fn, void *owner, struct err *err)
{
	struct range_row row = {.log = log,
	    .purpose = RANGE_BACKFILL,
	    .start = from,
	    .verified = from,
	    .next = from,
	    .end = to,
	    .created_ms = now_ms,
	    .advanced_ms = now_ms};

	if (from >= to)
		return true;
	if (!store_range_put(store, &row, err))
		return false;
	(void)fn(owner, &row);
	return true;
}

bool
store_backfill_add(struct store *store, uint32_t log, uint64_t from, uint64_t to,
    int64_t now_ms, store_range_fn *fn, void *owner, struct err *err)
{
	struct rows list = {0};
	bool ok, live = false;

	arena_init(&list.arena);
	ok = store_range_each(store, log, on_row, &list, err);
	for (size_t i = 0; i < list.count; i++)
		live = live || list.rows[i].purpose == RANGE_LIVE;
	if (ok && !live)
		ok = err_set(err, ERR_NOT_FOUND, "the log is not read yet");
	for (size_t i = 0; ok && i < list.count; i++) { /* by start */
		const struct range_row *row = &list.rows[i];

		ok = add(store, log, from, row->start < to ? row->start : to, now_ms, fn,
		    owner, err);
		from = end_of(row) > from ? end_of(row) : from;
	}
	ok = ok && add(store, log, from, to, now_ms, fn, owner, err);
	arena_free(&list.arena);
	return ok;
}

/* --- joining ----------------------------------------------------------------- */

static bool
agree(const struct range_row *left, const struct range_row *right)
{
	return right->frontier_next.len > 0 &&
	    (right->verified > right->start ||
		(right->next == right->start &&
		    bytes_equal(left->frontier_next, right->frontier_next)));
}

static struct range_row *
find_right(struct rows *list, const struct range_row *left)
{
	for (size_t i = 0; i < list->count; i++) {
		struct range_row *right = &list->rows[i];

		if (right->id != 0 && right != left && right->start == left->end &&
		    agree(left, right))
			return right;
	}
	return NULL;
}

bool
store_backfill_join(
    struct store *store, uint32_t log, store_joined_fn *fn, void *owner, struct err *err)
{
	struct rows list = {0};
	bool ok;

	arena_init(&list.arena);
	ok = store_range_each(store, log, on_row, &list, err);
	/* The last first: what it becomes part of may be joined from the left then. */
	for (size_t i = list.count; ok && i-- > 0;) {
		struct range_row *left = &list.rows[i], *right;

		if (left->purpose != RANGE_BACKFILL || left->verified < left->end ||
		    (right = find_right(&list, left)) == NULL)
			continue;
		right->start = left->start;
		ok = store_range_delete(store, left->id, err) &&
		    store_range_put(store, right, err);
		if (fn != NULL)
			fn(owner, left->id, right->id, right->start);
		left->id = 0;
	}
	arena_free(&list.arena);
	return ok;
}
