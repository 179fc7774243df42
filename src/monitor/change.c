#include "monitor/monitor_priv.h"

#define RETRY_MS 5000

static enum task_step
change_apply(struct writer *writer, struct task *task, struct err *err)
{
	struct change *change = (struct change *)task;

	snapshot_unref(change->published);
	change->published = NULL;
	if (!change->apply(writer, change, err))
		return STEP_FAILED;
	change->outbox_filled = writer->outbox_filled;
	if (writer->working != writer->snapshot)
		change->published = snapshot_ref(writer->working);
	return STEP_APPLIED;
}

struct retry {
	struct monitor *monitor;
	struct change *change;
};

static void
on_retry(void *owner)
{
	struct retry retry = *(struct retry *)owner;

	mem_free(owner);
	change_submit(retry.monitor, retry.change);
}

static void
change_outcome(struct monitor *monitor, struct task *task, enum task_fate fate)
{
	struct change *change = (struct change *)task;
	struct snapshot *published = change->published;
	struct retry *retry;

	if (fate == TASK_LOST && !monitor->stopping) {
		retry = mem_alloc(sizeof(*retry));
		*retry = (struct retry){monitor, change};
		clock_after(monitor->clock, RETRY_MS, on_retry, retry);
		return;
	}
	change->published = NULL;
	if (published != NULL && fate == TASK_COMMITTED)
		monitor_publish(monitor, published);
	else
		snapshot_unref(published);
	if (change->outbox_filled && fate == TASK_COMMITTED)
		monitor->options.on_outbox(monitor->options.owner);
	change->done(monitor, change, fate == TASK_COMMITTED);
}

static const struct task_kind CHANGE_TASK = {
    .name = "change", .apply = change_apply, .outcome = change_outcome};

void
change_submit(struct monitor *monitor, struct change *change)
{
	change->task.kind = &CHANGE_TASK;
	pipeline_submit(monitor->pipeline, &change->task);
}
