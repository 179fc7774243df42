#include "monitor/monitor_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "monitor/factor.h"
#include "monitor/upkeep.h"

#define GROUP_MS        1000
#define AUTHORITIES_MAX ((size_t)12 << 20) /* octets of CA certificates in memory */

/* --- life --- */

static void
on_store(void *owner, const struct err *err)
{
	struct monitor *monitor = owner;

	/* From the writer's thread: the daemon's handler only passes it on. */
	monitor->options.on_store(monitor->options.owner, err);
}

/* When this database was made: the daemon's first start. */
static bool
load_created(struct monitor *monitor, struct err *err)
{
	struct store *store = monitor->options.writer;
	struct bytes value;
	struct arena arena;
	char text[32];
	bool found, ok;

	arena_init(&arena);
	ok = store_note_get(store, "created", &arena, &value, &found, err);
	if (ok && found) {
		memcpy(text, value.data, value.len < 31 ? value.len : 31);
		text[value.len < 31 ? value.len : 31] = '\0';
		monitor->created_ms = strtoll(text, NULL, 10);
	} else if (ok) {
		monitor->created_ms = clock_now_ms(monitor->clock);
		snprintf(text, sizeof(text), "%" PRId64, monitor->created_ms);
		ok = store_begin(store, err) &&
		    store_note_put(store, "created", bytes_text(text), err) &&
		    store_commit(store, err);
	}
	arena_free(&arena);
	return ok;
}

struct monitor *
monitor_new(const struct monitor_options *options, struct err *err)
{
	struct monitor *monitor = mem_zero(1, sizeof(*monitor));
	struct pipeline_options pipeline = {options->workers, GROUP_MS};

	monitor->options = *options;
	monitor->clock = options->clock;
	map_init(&monitor->missing);
	credit_init(&monitor->credit, options->bodies_max);
	if (!load_created(monitor, err) ||
	    !writer_init(&monitor->writer, options->writer, options->clock, err)) {
		store_close(options->writer);
		store_close(options->reader);
		mem_free(monitor);
		return NULL;
	}
	monitor->writer.on_store = on_store;
	monitor->writer.owner = monitor;
	monitor->authorities = authorities_new(AUTHORITIES_MAX);
	monitor->may_hold = true; /* from a run before */
	monitor->pipeline = pipeline_new(
	    options->loop, options->clock, &pipeline, monitor, &monitor->writer);
	upkeep_start(monitor);
	return monitor;
}

static void
cancel(struct follower *follower)
{
	read_cancel(follower);
	issuers_cancel(follower);
}

void
monitor_free(struct monitor *monitor)
{
	if (monitor == NULL)
		return;
	monitor->stopping = true;
	clock_cancel(monitor->clock, monitor->resolve_timer);
	upkeep_stop(monitor);
	lookback_stop(monitor);
	rescan_stop(monitor);
	factor_stop(monitor);
	for (struct follower *f = monitor->followers; f != NULL; f = f->next) {
		cancel(f);
		for (struct follower *b = f->backfills; b != NULL; b = b->next)
			cancel(b);
	}
	pipeline_free(monitor->pipeline);
	rescan_free(monitor->rescan);
	while (monitor->followers != NULL) {
		struct follower *follower = monitor->followers;

		monitor->followers = follower->next;
		follower_free(follower);
	}
	snapshot_unref(monitor->snapshot);
	/* The writer's last: whoever closes last puts all into the one file. */
	store_close(monitor->options.reader);
	writer_fini(&monitor->writer);
	authorities_unref(monitor->authorities);
	map_free(&monitor->missing, NULL);
	mem_free(monitor);
}

void
monitor_pump(struct monitor *monitor)
{
	pipeline_pump(monitor->pipeline);
}

bool
monitor_idle(const struct monitor *monitor)
{
	return pipeline_under_way(monitor->pipeline) == 0;
}

struct follower *
monitor_reader(const struct monitor *monitor, uint32_t number, int64_t range)
{
	struct follower *live = monitor_follower(monitor, number);

	for (struct follower *f = live == NULL ? NULL : live->backfills; f != NULL;
	     f = f->next)
		if (f->range.id == range)
			return f;
	return live;
}

struct follower *
monitor_follower(const struct monitor *monitor, uint32_t number)
{
	struct follower *follower = monitor->followers;

	while (follower != NULL && follower->number != number)
		follower = follower->next;
	return follower;
}

void
monitor_publish(struct monitor *monitor, struct snapshot *snapshot)
{
	snapshot_unref(monitor->snapshot);
	monitor->snapshot = snapshot;
}

/* --- how it stands --- */

static const char *
doing(const struct follower *follower)
{
	const struct range *range = &follower->range;

	if (!follower->has_head)
		return follower->failures > 0 ? "unreachable" : "asking for its head";
	if (range->state == RANGE_STOPPED)
		return "stopped";
	if (range->state != RANGE_READING)
		return "finding its start";
	if (range->pause != NULL)
		return "waiting";
	if (follower->parent != NULL && range->next == range->end)
		return "being proved";
	return range->next < follower->head.size ? "reading" : "at its head";
}

static void
tell_status(const struct follower *f, monitor_status_fn *fn, void *owner)
{
	const struct range *range = &f->range;
	uint64_t to = range->end < f->head.size ? range->end : f->head.size;
	uint64_t left = to > range->next ? to - range->next : 0;
	int64_t lag_ms = clock_now_ms(f->monitor->clock) - range->logged_ms;
	struct monitor_log_status status = {.log = f->log,
	    .doing = doing(f),
	    .size = f->head.size,
	    .start = range->start,
	    .end = range->end,
	    .next = range->next,
	    .verified = range->verified,
	    .per_second = range->per_second,
	    .left_ms = left == 0 ? 0
		: range->per_second > 0
		? (int64_t)((double)left * 1000.0 / range->per_second)
		: -1,
	    .head_ms = f->has_head ? f->head.timestamp_ms : 0,
	    .lag_ms = left == 0         ? 0
		: range->logged_ms == 0 ? -1
					: lag_ms,
	    .success_ms = f->success_ms,
	    .errors = f->errors,
	    .last_error = f->last_error};

	fn(owner, &status);
}

void
monitor_each_log(const struct monitor *monitor, monitor_status_fn *fn, void *owner)
{
	for (const struct follower *f = monitor->followers; f != NULL; f = f->next)
		tell_status(f, fn, owner);
}

void
monitor_each_backfill(const struct monitor *monitor, monitor_status_fn *fn, void *owner)
{
	for (const struct follower *f = monitor->followers; f != NULL; f = f->next)
		for (const struct follower *b = f->backfills; b != NULL; b = b->next)
			tell_status(b, fn, owner);
}
