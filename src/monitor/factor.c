#include "monitor/factor.h"

#include "base/log.h"
#include "check/factor.h"
#include "crypto/factor.h"
#include "monitor/history.h"
#include "monitor/worker.h"
#include "store/state.h"

#define EVERY_MS   HOUR_MS
#define OCTETS     ((size_t)512 << 10) /* of a batch's moduli: a fraction of a second */
#define ROOM       ((size_t)4096)
#define PAUSE_MS   5
#define BUSY_MS    200
#define BUSY_TASKS 8

struct list {
	struct arena arena;
	struct check_modulus rows[ROOM];
	struct bytes moduli[ROOM]; /* the same */
	size_t count;
};

/* The one has a factor in common with the other. */
struct shared {
	const struct check_modulus *of, *with;
	bool whole;
};

struct factor_job {
	struct task task; /* first */
	struct list fresh, before;
	const struct list *of, *with; /* those in the worker's hands */
	struct shared *found;
	size_t found_count, found_room;
	bool inside; /* the fresh ones were held against each other */
	bool over;   /* there are no fresh ones, or what is remembered begins anew */
	int64_t compared, done;
	int64_t began_ms; /* monotonic: this step */
	size_t total;     /* certificates to be looked at again */
};

/* --- in a worker ------------------------------------------------------------------ */

static void
on_shared(void *owner, size_t a, size_t b, bool whole)
{
	struct factor_job *job = owner;

	if (job->found_count == job->found_room) {
		job->found_room = job->found_room == 0 ? 16 : 2 * job->found_room;
		job->found = mem_resize(job->found, job->found_room, sizeof(*job->found));
	}
	job->found[job->found_count++] =
	    (struct shared){&job->of->rows[a], &job->with->rows[b], whole};
}

static void
compare(struct factor_job *job, const struct list *of, const struct list *with)
{
	job->of = of;
	job->with = with;
	factor_shared(of->moduli, of->count, with->moduli, with->count, on_shared, job);
}

static void
work(struct worker *worker, struct task *task)
{
	struct factor_job *job = (struct factor_job *)task;

	(void)worker;
	job->found_count = 0;
	if (!job->inside)
		compare(job, &job->fresh, &job->fresh);
	job->inside = true;
	if (job->before.count == 0)
		return;
	compare(job, &job->fresh, &job->before);
	if (job->found_count > 0)
		compare(job, &job->before, &job->fresh);
}

/* --- in the writer ---------------------------------------------------------------- */

static void
load(const struct writer *writer, const struct check_history *history, struct list *list,
    int64_t after, int64_t until)
{
	arena_reset(&list->arena);
	list->count = check_factor_next(history, after, until, writer_now_ms(writer),
	    OCTETS, &list->arena, list->rows, ROOM);
	for (size_t i = 0; i < list->count; i++)
		list->moduli[i] = list->rows[i].modulus;
}

static bool
note(struct writer *writer, const struct check_history *history, struct factor_job *job,
    const struct shared *shared, struct err *err)
{
	int64_t rows[CHECK_FACTOR_ROWS];
	size_t count =
	    check_factor_note(history, shared->of, shared->with, shared->whole, rows);

	for (size_t i = 0; i < count; i++) {
		struct due_row row = {.due_ms = writer_now_ms(writer),
		    .certificate = rows[i],
		    .check_id = bytes_text(CHECK_FACTOR)};

		if (!store_due_put(writer->store, &row, err))
			return false;
	}
	job->total += count;
	return true;
}

static int64_t
last_of(const struct list *list)
{
	return list->rows[list->count - 1].number;
}

/* Batches before the fresh ones, one after the other; behind the last of them the
 * next fresh ones. */
static void
go_on(struct writer *writer, const struct check_history *history, struct factor_job *job)
{
	if (job->fresh.count > 0) {
		load(writer, history, &job->before, job->compared, job->done);
		if (job->before.count > 0) {
			job->compared = last_of(&job->before);
			return;
		}
		check_factor_set_done(history, last_of(&job->fresh));
	}
	job->done = check_factor_done(history);
	job->compared = 0;
	job->inside = false;
	load(writer, history, &job->fresh, job->done, INT64_MAX);
	job->over = job->fresh.count == 0;
	job->before.count = 0;
}

static enum task_step
apply(struct writer *writer, struct task *task, struct err *err)
{
	struct factor_job *job = (struct factor_job *)task;
	struct check_history history;

	history_of(writer, &history);
	if (job->fresh.count > 0 &&
	    !check_factor_stands(&history, job->done, last_of(&job->fresh))) {
		job->over = true;
		return history_ok(writer, err) ? STEP_APPLIED : STEP_FAILED;
	}
	for (size_t i = 0; i < job->found_count; i++)
		if (!note(writer, &history, job, &job->found[i], err))
			return STEP_FAILED;
	go_on(writer, &history, job);
	return history_ok(writer, err) ? STEP_APPLIED : STEP_FAILED;
}

/* --- on the loop ------------------------------------------------------------------ */

static void
free_job(struct monitor *monitor)
{
	struct factor_job *job = monitor->factor;

	monitor->factor = NULL;
	arena_free(&job->fresh.arena);
	arena_free(&job->before.arena);
	mem_free(job->found);
	mem_free(job);
}

static void step(struct monitor *);

static void
on_turn(void *owner)
{
	struct monitor *monitor = owner;

	monitor->factor_timer = NULL;
	step(monitor);
}

static void
pause_for(struct monitor *monitor, int64_t ms)
{
	monitor->factor_timer = clock_after(monitor->clock, ms, on_turn, monitor);
}

/* As long a pause as it took. What is lost is done again the next time. */
static void
outcome(struct monitor *monitor, struct task *task, enum task_fate fate)
{
	struct factor_job *job = (struct factor_job *)task;
	int64_t took_ms = clock_mono_ms(monitor->clock) - job->began_ms;

	if (fate == TASK_COMMITTED && !job->over && !monitor->stopping) {
		pause_for(monitor, took_ms > PAUSE_MS ? took_ms : PAUSE_MS);
		return;
	}
	if (fate == TASK_COMMITTED && job->total > 0)
		log_info(
		    "shared factors: %zu certificates are looked at again", job->total);
	free_job(monitor);
}

static const struct task_kind FACTOR_TASK = {
    .name = "factor", .work = work, .apply = apply, .outcome = outcome};

static void
step(struct monitor *monitor)
{
	struct factor_job *job = monitor->factor;

	if (pipeline_under_way(monitor->pipeline) > BUSY_TASKS) {
		pause_for(monitor, BUSY_MS);
		return;
	}
	job->began_ms = clock_mono_ms(monitor->clock);
	pipeline_submit(monitor->pipeline, &job->task);
}

static bool
is_on(const struct monitor *monitor)
{
	size_t number;

	return check_find(CHECK_FACTOR, &number) != NULL &&
	    !monitor->snapshot->settings->params.off[number];
}

void
factor_tick(struct monitor *monitor)
{
	int64_t now = clock_mono_ms(monitor->clock);
	struct factor_job *job;

	if (monitor->factor != NULL || !is_on(monitor) ||
	    (monitor->factored_ms != 0 && now - monitor->factored_ms < EVERY_MS))
		return;
	monitor->factored_ms = now;
	monitor->factor = job = mem_zero(1, sizeof(*job));
	job->task.kind = &FACTOR_TASK;
	arena_init(&job->fresh.arena);
	arena_init(&job->before.arena);
	step(monitor);
}

void
factor_stop(struct monitor *monitor)
{
	if (monitor->factor_timer == NULL)
		return;
	clock_cancel(monitor->clock, monitor->factor_timer);
	monitor->factor_timer = NULL;
	free_job(monitor);
}
