/*
 * When slices of a rescan are done: one after the other, each a change of its
 * own, with as long a pause as it took, and longer while there are new entries.
 */
#include <inttypes.h>

#include "base/log.h"
#include "monitor/monitor_priv.h"
#include "monitor/rescan.h"

#define PAUSE_MS   5
#define BUSY_MS    200
#define BUSY_TASKS 8

struct rescan {
	struct monitor *monitor;
	struct worker *worker; /* the writer's scratch */
	struct clock_timer *timer;
	struct rescan_row row; /* of the last slice; its bytes are the arena's */
	struct arena arena;
	bool has_row;
	bool under_way; /* a change of ours */
	bool again;     /* what is to be done may be something else by now */
	bool announced; /* in the log */
};

struct rescan_change {
	struct change change; /* first */
	struct rescan *rescan;
	struct rescan_row row; /* what the transaction leaves */
	bool found;
	bool held;
	int64_t took_ms;
};

static void look(struct rescan *);
static void step(struct rescan *);

static struct rescan_change *
new_change(struct rescan *rescan,
    bool (*apply)(struct writer *, struct change *, struct err *),
    void (*done)(struct monitor *, struct change *, bool))
{
	struct rescan_change *it = mem_zero(1, sizeof(*it));

	it->change.apply = apply;
	it->change.done = done;
	it->rescan = rescan;
	rescan->under_way = true;
	return it;
}

/* --- a slice --- */

static bool
apply_slice(struct writer *writer, struct change *change, struct err *err)
{
	struct rescan_change *it = (struct rescan_change *)change;

	it->row = it->rescan->row; /* a lost transaction begins where it began */
	if (!rescan_slice(writer, it->rescan->worker, &it->row, err))
		return false;
	it->row.after_name = arena_copy(&it->rescan->arena, it->row.after_name);
	it->took_ms = it->row.busy_ms - it->rescan->row.busy_ms;
	it->held = writer->held;
	return true;
}

static void
on_turn(void *owner)
{
	struct rescan *rescan = owner;

	rescan->timer = NULL;
	step(rescan);
}

static void
announce_end(const struct rescan_row *row)
{
	log_info("rescan %" PRId64 ": done: %" PRId64 " judged again", row->number,
	    row->judged);
}

static void
slice_done(struct monitor *monitor, struct change *change, bool written)
{
	struct rescan_change *it = (struct rescan_change *)change;
	struct rescan *rescan = it->rescan;
	int64_t pause = it->took_ms > PAUSE_MS ? it->took_ms : PAUSE_MS;
	bool held = it->held;

	rescan->under_way = false;
	if (written)
		rescan->row = it->row;
	mem_free(it);
	monitor->may_hold = monitor->may_hold || (held && written);
	if (!written || monitor->stopping)
		return;
	if (rescan->row.phase == RESCAN_DONE) {
		announce_end(&rescan->row);
		rescan->has_row = false;
	}
	if (!rescan->has_row || rescan->again)
		look(rescan);
	else
		rescan->timer = clock_after(monitor->clock, pause, on_turn, rescan);
}

static void
step(struct rescan *rescan)
{
	struct monitor *monitor = rescan->monitor;

	if (pipeline_under_way(monitor->pipeline) > BUSY_TASKS) {
		rescan->timer = clock_after(monitor->clock, BUSY_MS, on_turn, rescan);
		return;
	}
	change_submit(monitor, &new_change(rescan, apply_slice, slice_done)->change);
}

/* --- what is to be done --- */

static bool
apply_look(struct writer *writer, struct change *change, struct err *err)
{
	struct rescan_change *it = (struct rescan_change *)change;

	return rescan_plan(writer, err) &&
	    rescan_oldest(writer, &it->rescan->arena, &it->row, &it->found, err);
}

static void
look_done(struct monitor *monitor, struct change *change, bool written)
{
	struct rescan_change *it = (struct rescan_change *)change;
	struct rescan *rescan = it->rescan;
	bool same = rescan->announced && rescan->row.number == it->row.number;

	rescan->under_way = false;
	rescan->has_row = written && it->found;
	rescan->row = it->row;
	mem_free(it);
	if (!written || monitor->stopping)
		return;
	if (rescan->again) {
		look(rescan);
	} else if (rescan->has_row) {
		if (!same)
			log_info("rescan %" PRId64
				 ": what is stored is judged again (%.*s)",
			    rescan->row.number, (int)rescan->row.cause.len,
			    (const char *)rescan->row.cause.data);
		rescan->announced = true;
		step(rescan);
	}
}

static void
look(struct rescan *rescan)
{
	rescan->again = false;
	arena_reset(&rescan->arena);
	change_submit(
	    rescan->monitor, &new_change(rescan, apply_look, look_done)->change);
}

void
rescan_wake(struct monitor *monitor)
{
	struct rescan *rescan = monitor->rescan;

	if (monitor->snapshot == NULL || monitor->stopping)
		return;
	if (rescan == NULL) {
		rescan = monitor->rescan = mem_zero(1, sizeof(*rescan));
		rescan->monitor = monitor;
		rescan->worker = worker_new();
		arena_init(&rescan->arena);
	}
	rescan->again = true;
	if (!rescan->under_way && rescan->timer == NULL)
		look(rescan);
}

void
monitor_rescan(struct monitor *monitor)
{
	rescan_wake(monitor);
}

void
rescan_stop(struct monitor *monitor)
{
	if (monitor->rescan == NULL)
		return;
	clock_cancel(monitor->clock, monitor->rescan->timer);
	monitor->rescan->timer = NULL;
}

void
rescan_free(struct rescan *rescan)
{
	if (rescan == NULL)
		return;
	worker_free(rescan->worker);
	arena_free(&rescan->arena);
	mem_free(rescan);
}
