#include "monitor/due.h"

#include "base/log.h"
#include "monitor/rejudge.h"
#include "store/state.h"

#define SLICE       64 /* looks in one transaction */
#define AUTHORITIES ((size_t)16 << 20)

struct due_change {
	struct change change; /* first */
	struct worker *worker;
	bool more;
};

struct due_list {
	struct arena *arena;
	struct due_row rows[SLICE];
	size_t count;
};

static bool
on_due(void *owner, const struct due_row *row)
{
	struct due_list *list = owner;
	struct due_row *out = &list->rows[list->count++];

	*out = *row;
	out->check_id = arena_copy(list->arena, row->check_id);
	return list->count < SLICE;
}

static bool
look_at_all(
    struct writer *writer, struct worker *worker, struct due_list *list, struct err *err)
{
	struct rejudge judge = {.writer = writer,
	    .snapshot = writer->working,
	    .authorities = authorities_new(AUTHORITIES),
	    .worker = worker,
	    .ca = WATCH_NOT_FOUND};
	bool ok = true;

	for (size_t i = 0; ok && i < list->count; i++)
		ok = rejudge_due(&judge, &list->rows[i], err) &&
		    store_due_delete(writer->store, &list->rows[i], err);
	authorities_unref(judge.authorities);
	return ok;
}

/* Looked at and forgotten in one transaction: each once. */
static bool
apply_due(struct writer *writer, struct change *change, struct err *err)
{
	struct due_change *it = (struct due_change *)change;
	struct due_list *list = arena_zero(&writer->arena, 1, sizeof(*list));

	list->arena = &writer->arena;
	if (!store_due_each(
		writer->store, writer_now_ms(writer), SLICE, on_due, list, err))
		return false;
	it->more = list->count == SLICE;
	return look_at_all(writer, it->worker, list, err);
}

static void
due_done(struct monitor *monitor, struct change *change, bool written)
{
	struct due_change *it = (struct due_change *)change;

	if (written && it->more && !monitor->stopping) {
		change_submit(monitor, change);
		return;
	}
	monitor->looking_again = false;
	worker_free(it->worker);
	mem_free(it);
}

/* A log that stopped, or that has not answered yet, keeps nobody waiting: what it
 * may hold, coverage does not claim. */
static bool
all_level(const struct monitor *monitor)
{
	bool any = false;

	for (const struct follower *f = monitor->followers; f != NULL; f = f->next) {
		if (!f->wanted || !f->has_head || f->range.state != RANGE_READING)
			continue;
		if (f->range.next < f->head.size)
			return false;
		any = true;
	}
	return any;
}

static bool
on_any(void *owner, const struct due_row *row)
{
	(void)row;
	*(bool *)owner = true;
	return false;
}

void
due_tick(struct monitor *monitor)
{
	struct due_change *it;
	struct err err;
	bool any = false;

	if (monitor->looking_again || !all_level(monitor))
		return;
	if (!store_due_each(monitor->options.reader, clock_now_ms(monitor->clock), 1,
		on_any, &any, &err)) {
		log_error("database: what is due: %s", err.text);
		return;
	}
	if (!any)
		return;
	monitor->looking_again = true;
	it = mem_zero(1, sizeof(*it));
	it->worker = worker_new();
	it->change.apply = apply_due;
	it->change.done = due_done;
	change_submit(monitor, &it->change);
}
