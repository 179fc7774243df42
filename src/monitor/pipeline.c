#include "monitor/pipeline.h"

#include <ev.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "monitor/worker.h"
#include "monitor/writer.h"

#define RETRY_S 5

struct pipeline {
	struct pipeline_options options;
	struct monitor *monitor;
	struct clock *clock;
	struct ev_loop *loop;
	ev_async wake;
	struct queue work;     /* loop to workers */
	struct queue commits;  /* workers and loop to the writer */
	struct queue outcomes; /* writer to loop */
	pthread_t writer_thread, *worker_threads;
	struct worker **workers; /* one a thread; one when inline */
	struct writer *writer;
	size_t under_way;
	bool pumping;
	bool threaded;
};

/* An outcome on its way: the fate rides in front of the task's own link. */
struct fated {
	struct queue_link link;
	struct task *task;
	enum task_fate fate;
};

void
pipeline_outcome(struct pipeline *pipeline, struct task *task, enum task_fate fate)
{
	struct fated *fated = mem_alloc(sizeof(*fated));

	fated->task = task;
	fated->fate = fate;
	queue_put(&pipeline->outcomes, &fated->link);
}

/* --- the writer's group --- */

struct group {
	struct queue_link *first, **last; /* applied in the open transaction */
	size_t count;
	int64_t began_ms;
};

static void
group_end(struct pipeline *pipeline, struct group *group, enum task_fate fate)
{
	while (group->first != NULL) {
		struct task *task = (struct task *)group->first;

		group->first = group->first->next;
		pipeline_outcome(pipeline, task, fate);
	}
	group->last = &group->first;
	group->count = 0;
}

/* One task and whatever was parked behind it. */
static bool
apply_all(
    struct pipeline *pipeline, struct group *group, struct task *task, struct err *err)
{
	for (; task != NULL; task = writer_unparked(pipeline->writer)) {
		switch (task->kind->apply(pipeline->writer, task, err)) {
		case STEP_PARKED:
			continue;
		case STEP_FAILED:
			pipeline_outcome(pipeline, task, TASK_LOST);
			return false;
		case STEP_APPLIED:
			break;
		}
		task->link.next = NULL;
		*group->last = &task->link;
		group->last = &task->link.next;
		group->count++;
	}
	return true;
}

static bool
group_is_full(const struct pipeline *pipeline, const struct group *group)
{
	return clock_mono_ms(pipeline->clock) - group->began_ms >=
	    pipeline->options.group_ms;
}

/* A transaction: the task in hand and all that is ready behind it, for as
 * long as a group may last. At the tip nothing is ready, and one batch is one
 * transaction. */
static void
run_group(struct pipeline *pipeline, struct task *task)
{
	struct group group = {.began_ms = clock_mono_ms(pipeline->clock)};
	struct err err = {0};
	bool ok;

	group.last = &group.first;
	if (!writer_begin(pipeline->writer, &err)) {
		pipeline_outcome(pipeline, task, TASK_LOST);
		ok = false;
	} else {
		do
			ok = apply_all(pipeline, &group, task, &err);
		while (ok && !group_is_full(pipeline, &group) &&
		    (task = (struct task *)queue_try(&pipeline->commits)) != NULL);
		ok = ok && writer_commit(pipeline->writer, &err);
	}
	if (!ok)
		writer_failed(pipeline->writer, &err);
	group_end(pipeline, &group, ok ? TASK_COMMITTED : TASK_LOST);
}

static void *
writer_main(void *owner)
{
	struct pipeline *pipeline = owner;
	struct task *task;

	pthread_setname_np(pthread_self(), "writer");
	while ((task = (struct task *)queue_take(&pipeline->commits)) != NULL) {
		run_group(pipeline, task);
		while (
		    queue_count(&pipeline->commits) == 0 && writer_idle(pipeline->writer))
			;
	}
	return NULL;
}

struct worker_start {
	struct pipeline *pipeline;
	struct worker *worker;
};

static void *
worker_main(void *owner)
{
	struct worker_start start = *(struct worker_start *)owner;
	struct task *task;

	mem_free(owner);
	pthread_setname_np(pthread_self(), "worker");
	while ((task = (struct task *)queue_take(&start.pipeline->work)) != NULL) {
		task->kind->work(start.worker, task);
		queue_put(&start.pipeline->commits, &task->link);
	}
	return NULL;
}

/* --- the loop's side --- */

static void
on_wake(struct ev_loop *loop, ev_async *watcher, int events)
{
	(void)loop;
	(void)events;
	pipeline_pump(watcher->data);
}

static void
wake_loop(void *owner)
{
	struct pipeline *pipeline = owner;

	ev_async_send(pipeline->loop, &pipeline->wake);
}

struct pipeline *
pipeline_new(struct ev_loop *loop, struct clock *clock,
    const struct pipeline_options *options, struct monitor *monitor,
    struct writer *writer)
{
	struct pipeline *pipeline = mem_zero(1, sizeof(*pipeline));
	unsigned count = options->workers == 0 ? 1 : options->workers;

	pipeline->options = *options;
	pipeline->monitor = monitor;
	pipeline->clock = clock;
	pipeline->loop = loop;
	pipeline->writer = writer;
	pipeline->threaded = options->workers > 0;
	queue_init(&pipeline->work, NULL, NULL);
	queue_init(&pipeline->commits, NULL, NULL);
	queue_init(&pipeline->outcomes, pipeline->threaded ? wake_loop : NULL, pipeline);
	pipeline->workers = mem_zero(count, sizeof(struct worker *));
	for (unsigned i = 0; i < count; i++)
		pipeline->workers[i] = worker_new();
	if (!pipeline->threaded)
		return pipeline;
	ev_async_init(&pipeline->wake, on_wake);
	pipeline->wake.data = pipeline;
	ev_async_start(loop, &pipeline->wake);
	ev_unref(loop); /* waiting for outcomes alone keeps no loop alive */
	pthread_create(&pipeline->writer_thread, NULL, writer_main, pipeline);
	pipeline->worker_threads = mem_zero(count, sizeof(pthread_t));
	for (unsigned i = 0; i < count; i++) {
		struct worker_start *start = mem_alloc(sizeof(*start));

		*start = (struct worker_start){pipeline, pipeline->workers[i]};
		pthread_create(&pipeline->worker_threads[i], NULL, worker_main, start);
	}
	return pipeline;
}

static void
end_threads(struct pipeline *pipeline)
{
	queue_close(&pipeline->work);
	for (unsigned i = 0; i < pipeline->options.workers; i++)
		pthread_join(pipeline->worker_threads[i], NULL);
	queue_close(&pipeline->commits);
	pthread_join(pipeline->writer_thread, NULL);
	ev_ref(pipeline->loop);
	ev_async_stop(pipeline->loop, &pipeline->wake);
}

void
pipeline_free(struct pipeline *pipeline)
{
	unsigned count;

	if (pipeline == NULL)
		return;
	count = pipeline->options.workers == 0 ? 1 : pipeline->options.workers;
	if (pipeline->threaded)
		end_threads(pipeline);
	for (struct task *task; (task = writer_drop_parked(pipeline->writer)) != NULL;)
		pipeline_outcome(pipeline, task, TASK_LOST);
	pipeline_pump(pipeline);
	queue_fini(&pipeline->work);
	queue_fini(&pipeline->commits);
	queue_fini(&pipeline->outcomes);
	for (unsigned i = 0; i < count; i++)
		worker_free(pipeline->workers[i]);
	mem_free(pipeline->workers);
	mem_free(pipeline->worker_threads);
	mem_free(pipeline);
}

void
pipeline_submit(struct pipeline *pipeline, struct task *task)
{
	pipeline->under_way++;
	if (pipeline->threaded) {
		queue_put(task->kind->work != NULL ? &pipeline->work : &pipeline->commits,
		    &task->link);
		return;
	}
	if (task->kind->work != NULL)
		task->kind->work(pipeline->workers[0], task);
	run_group(pipeline, task);
}

void
pipeline_pump(struct pipeline *pipeline)
{
	struct fated *fated;

	if (pipeline->pumping)
		return;
	pipeline->pumping = true;
	while ((fated = (struct fated *)queue_try(&pipeline->outcomes)) != NULL) {
		struct task *task = fated->task;
		enum task_fate fate = fated->fate;

		mem_free(fated);
		pipeline->under_way--;
		task->kind->outcome(pipeline->monitor, task, fate);
	}
	pipeline->pumping = false;
}

size_t
pipeline_under_way(const struct pipeline *pipeline)
{
	return pipeline->under_way;
}
