/*
 * What other rooms want written: each a change in the writer's order.
 */
#include "monitor/monitor_priv.h"
#include "monitor/tell.h"

struct settle_change {
	struct change change; /* first */
	struct outbox_batch *batch;
	monitor_settled_fn *settled;
	void *owner;
};

static bool
apply_settle(struct writer *writer, struct change *change, struct err *err)
{
	struct settle_change *it = (struct settle_change *)change;

	for (size_t i = 0; i < it->batch->len; i++)
		if (!store_outbox_settle(writer->store, &it->batch->results[i], err))
			return false;
	return true;
}

static void
settle_done(struct monitor *monitor, struct change *change, bool written)
{
	struct settle_change *it = (struct settle_change *)change;

	(void)monitor;
	it->batch->stored = written;
	it->settled(it->owner, it->batch);
	mem_free(it);
}

void
monitor_settle(struct monitor *monitor, struct outbox_batch *batch,
    monitor_settled_fn *settled, void *owner)
{
	struct settle_change *it = mem_zero(1, sizeof(*it));

	it->change.apply = apply_settle;
	it->change.done = settle_done;
	it->batch = batch;
	it->settled = settled;
	it->owner = owner;
	change_submit(monitor, &it->change);
}

struct asked_change {
	struct change change; /* first */
	monitor_change_fn *apply;
	void *what;
	monitor_changed_fn *done;
	void *owner;
	struct err err; /* of what was asked, not of the database */
};

static bool
apply_asked(struct writer *writer, struct change *change, struct err *err)
{
	struct asked_change *it = (struct asked_change *)change;

	it->err = (struct err){0};
	if (it->apply(it->what, writer->store, &it->err))
		return true;
	if (it->err.code != ERR_STORE && it->err.code != ERR_FULL)
		return true; /* refused, and nothing was changed */
	*err = it->err;
	return false;
}

static void
asked_done(struct monitor *monitor, struct change *change, bool written)
{
	struct asked_change *it = (struct asked_change *)change;

	if (!written && it->err.code == ERR_NONE)
		err_set(&it->err, ERR_STORE, "the daemon is stopping");
	if (written)
		monitor->options.on_outbox(monitor->options.owner);
	it->done(it->owner, it->what, it->err.code == ERR_NONE ? NULL : &it->err);
	mem_free(it);
}

void
monitor_change(struct monitor *monitor, monitor_change_fn *apply, void *what,
    monitor_changed_fn *done, void *owner)
{
	struct asked_change *it = mem_zero(1, sizeof(*it));

	it->change.apply = apply_asked;
	it->change.done = asked_done;
	it->apply = apply;
	it->what = what;
	it->done = done;
	it->owner = owner;
	change_submit(monitor, &it->change);
}

struct heartbeat_change {
	struct change change; /* first */
	char *message, *evidence;
};

static bool
apply_heartbeat(struct writer *writer, struct change *change, struct err *err)
{
	struct heartbeat_change *it = (struct heartbeat_change *)change;

	return tell_heartbeat(writer, it->message, it->evidence, err);
}

static void
heartbeat_done(struct monitor *monitor, struct change *change, bool written)
{
	struct heartbeat_change *it = (struct heartbeat_change *)change;

	(void)monitor;
	(void)written;
	mem_free(it->message);
	mem_free(it->evidence);
	mem_free(it);
}

void
monitor_heartbeat(struct monitor *monitor, const char *message, const char *evidence)
{
	struct heartbeat_change *it = mem_zero(1, sizeof(*it));

	it->change.apply = apply_heartbeat;
	it->change.done = heartbeat_done;
	it->message = mem_text(message);
	it->evidence = mem_text(evidence);
	change_submit(monitor, &it->change);
}

struct event_change {
	struct change change; /* first */
	struct told_event event;
	struct arena arena;
};

static bool
apply_event(struct writer *writer, struct change *change, struct err *err)
{
	return tell_event(writer, &((struct event_change *)change)->event, err);
}

static void
event_done(struct monitor *monitor, struct change *change, bool written)
{
	struct event_change *it = (struct event_change *)change;

	(void)monitor;
	(void)written;
	arena_free(&it->arena);
	mem_free(it);
}

static const char *
copy_text(struct arena *arena, const char *text)
{
	return text == NULL ? NULL
			    : (const char *)arena_copy(arena, bytes_text(text)).data;
}

static void
copy_exhibits(struct event_change *it, const struct monitor_event *event)
{
	struct exhibit_row *rows =
	    arena_zero(&it->arena, event->exhibit_count + 1, sizeof(*rows));

	for (size_t i = 0; i < event->exhibit_count; i++) {
		const struct monitor_exhibit *from = &event->exhibits[i];

		rows[i].name = arena_copy(&it->arena, bytes_text(from->name));
		rows[i].body = arena_copy(&it->arena, from->body);
	}
	it->event.exhibits = rows;
	it->event.exhibit_count = event->exhibit_count;
}

void
monitor_tell(struct monitor *monitor, const struct monitor_event *event)
{
	struct event_change *it = mem_zero(1, sizeof(*it));

	arena_init(&it->arena);
	it->change.apply = apply_event;
	it->change.done = event_done;
	it->event = (struct told_event){.kind = copy_text(&it->arena, event->kind),
	    .subject = arena_copy(&it->arena, event->subject),
	    .log = event->log,
	    .level = event->level,
	    .message = copy_text(&it->arena, event->message),
	    .evidence = copy_text(&it->arena, event->evidence),
	    .moment = event->moment,
	    .ends = event->ends};
	copy_exhibits(it, event);
	change_submit(monitor, &it->change);
}
