/*
 * Entries: a bounded window of requests in flight, their bodies bounded by
 * the credit, handed on as batches. What comes back out of order is put in
 * order by the writer.
 */
#include <inttypes.h>

#include "base/log.h"
#include "monitor/monitor_priv.h"
#include "monitor/upkeep.h"
#include "monitor/worker.h"

#define WINDOW        16 /* requests in flight for one log */
#define TROUBLE_MS    (10 * SECOND_MS)
#define RATE_EVERY_MS (10 * SECOND_MS)

struct request {
	struct request *next, **link;
	struct follower *follower;
	struct logclient_call *call;
	uint64_t start, end;
	size_t credit;
	uint32_t epoch;
};

static void on_entries(void *owner, struct logclient_entries *, const struct err *);

static void
request_free(struct request *request)
{
	*request->link = request->next;
	if (request->next != NULL)
		request->next->link = request->link;
	request->follower->range.requests--;
	mem_free(request);
}

static void
ask(struct follower *follower, uint64_t start, uint64_t end, size_t credit)
{
	struct request *request = mem_zero(1, sizeof(*request));

	request->follower = follower;
	request->start = start;
	request->end = end;
	request->credit = credit;
	request->epoch = follower->range.epoch;
	request->next = follower->asked;
	request->link = &follower->asked;
	if (request->next != NULL)
		request->next->link = &request->next;
	follower->asked = request;
	follower->range.requests++;
	request->call = logclient_get_entries(
	    follower->client, start, end, follower->head.size, on_entries, request);
}

static void
on_credit(void *owner)
{
	read_on(owner);
}

void
read_on(struct follower *follower)
{
	struct range *range = &follower->range;
	struct monitor *monitor = follower->monitor;

	follower->waiter.fn = on_credit;
	follower->waiter.owner = follower;
	while (range->state == RANGE_READING && range->pause == NULL &&
	    !monitor->stopping && follower->wanted && range->requests < WINDOW &&
	    range->asked < follower->head.size) {
		uint64_t end;

		if (!credit_take(
			&monitor->credit, follower->body_guess, &follower->waiter))
			return;
		end = logclient_plan(follower->client, range->asked, follower->head.size);
		ask(follower, range->asked, end, follower->body_guess);
		range->asked = end;
	}
}

/* --- what arrives --- */

static void
take_known_bad(const struct follower *follower, struct batch *batch)
{
	size_t most = follower->known_bad_count;

	if (most == 0)
		return;
	batch->known_bad = arena_zero(&batch->arena, most, sizeof(*batch->known_bad));
	for (size_t i = 0; i < most; i++) {
		const struct monitor_known_bad *from = &follower->known_bad[i];

		if (from->index >= batch->start &&
		    from->index - batch->start < batch->count)
			batch->known_bad[batch->known_bad_count++] =
			    (struct known_bad){from->index, from->leaf, from->leaf};
	}
}

static struct batch *
make_batch(struct request *request, struct logclient_entries *entries)
{
	struct follower *follower = request->follower;
	struct batch *batch = batch_new();

	batch->task.kind = &BATCH_TASK;
	batch->range_id = follower->range.id;
	batch->log_number = follower->number;
	batch->epoch = request->epoch;
	batch->log = ct_log_ref(follower->log);
	batch->authorities = follower->monitor->authorities;
	batch->snapshot = snapshot_ref(follower->monitor->snapshot);
	batch->head = follower->head;
	batch->now_ms = clock_now_ms(follower->monitor->clock);
	batch->form = entries->form;
	batch->start = entries->start;
	batch->count = entries->count;
	batch->first = entries->first;
	batch->width = entries->width;
	take_known_bad(follower, batch);
	batch->body = logclient_entries_take_body(entries, &batch->body_len);
	batch->credit = batch->body_len;
	credit_change(&follower->monitor->credit, request->credit, batch->credit);
	return batch;
}

/* A short reply is asked for the rest of at once, so that the window stays
 * without holes. */
static void
ask_rest(struct follower *follower, uint64_t start, uint64_t end)
{
	while (start < end) {
		uint64_t to =
		    logclient_plan(follower->client, start, follower->head.size);

		to = to < end ? to : end;
		/* Owed already: it may pass the limit by this one body. */
		credit_change(&follower->monitor->credit, 0, follower->body_guess);
		ask(follower, start, to, follower->body_guess);
		start = to;
	}
}

static void
guess_body(struct follower *follower, size_t len)
{
	size_t guess = len + len / 8 + 4096;

	follower->body_guess = guess > follower->body_guess
	    ? guess
	    : follower->body_guess - (follower->body_guess - guess) / 8;
}

static void
entries_failed(struct follower *follower, const struct err *err)
{
	follower_trouble(follower, err, "entries");
	if (++follower->entry_failures >= FAILURES_TOLD)
		follower_condition(
		    follower, CONDITION_NO_ENTRIES, true, follower->last_error, NULL);
	read_restart(follower, TROUBLE_MS);
}

static void
on_entries(void *owner, struct logclient_entries *entries, const struct err *err)
{
	struct request *request = owner;
	struct follower *follower = request->follower;
	struct monitor *monitor = follower->monitor;
	bool stale = request->epoch != follower->range.epoch;
	uint64_t end = request->end;

	if (err != NULL || stale) {
		credit_give(&monitor->credit, request->credit);
		request_free(request);
		if (stale)
			return;
		entries_failed(follower, err);
		return;
	}
	struct batch *batch = make_batch(request, entries);

	request_free(request);
	guess_body(follower, batch->body_len);
	if (batch->start + batch->count < end)
		ask_rest(follower, batch->start + batch->count, end);
	issuers_dispatch(follower, batch);
	read_on(follower);
}

/* --- after trouble --- */

static void
on_pause(void *owner)
{
	struct follower *follower = owner;

	follower->range.pause = NULL;
	read_on(follower);
}

void
read_cancel(struct follower *follower)
{
	size_t given = 0;

	credit_forget(&follower->monitor->credit, &follower->waiter);
	while (follower->asked != NULL) {
		struct request *request = follower->asked;

		logclient_cancel(request->call);
		given += request->credit;
		request_free(request);
	}
	if (given > 0)
		credit_give(&follower->monitor->credit, given);
}

void
read_restart(struct follower *follower, int64_t delay_ms)
{
	struct range *range = &follower->range;

	range->epoch++;
	range->asked = range->next;
	read_cancel(follower);
	if (range->pause == NULL && !follower->monitor->stopping)
		range->pause =
		    clock_after(follower->monitor->clock, delay_ms, on_pause, follower);
}

/* --- what became of a batch --- */

static void
note_rate(struct follower *follower)
{
	struct range *range = &follower->range;
	int64_t now = clock_mono_ms(follower->monitor->clock);

	if (range->rate_ms == 0) {
		range->rate_ms = now;
		range->rate_next = range->next;
	} else if (now - range->rate_ms >= RATE_EVERY_MS) {
		range->per_second = (double)(range->next - range->rate_next) * 1000.0 /
		    (double)(now - range->rate_ms);
		range->rate_ms = now;
		range->rate_next = range->next;
	}
}

static void
committed(struct follower *follower, const struct batch *batch)
{
	struct range *range = &follower->range;

	for (const struct met *met = batch->met; met != NULL; met = met->next)
		atomic_store(&met->authority->stored, true);
	if (batch->epoch != range->epoch || batch->next <= range->next)
		return;
	follower->entry_failures = 0;
	follower_condition(follower, CONDITION_NO_ENTRIES, false, NULL, NULL);
	range->next = batch->next;
	range->asked = range->asked > range->next ? range->asked : range->next;
	range->frontier = batch->frontier;
	if (batch->dropped) { /* one from before a restart came first, maybe a shorter */
		if (batch->start + batch->count > batch->next)
			read_restart(follower, 0);
		return;
	}
	note_rate(follower);
	follower->monitor->may_hold = follower->monitor->may_hold || batch->held;
	if (batch->proved) {
		range->verified = batch->next;
		range->rereads = 0;
		inclusion_later(follower, SECOND_MS);
		upkeep_level(follower->monitor);
	}
	if (batch->mismatch)
		prove_mismatch(follower, "our root at its size is another");
	else
		prove_early(follower);
}

static void
batch_outcome(struct monitor *monitor, struct task *task, enum task_fate fate)
{
	struct batch *batch = (struct batch *)task;
	struct follower *follower = monitor_follower(monitor, batch->log_number);
	bool bad = batch->err.code != ERR_NONE;
	bool current =
	    follower != NULL && !batch->again && batch->epoch == follower->range.epoch;

	credit_give(&monitor->credit, batch->credit);
	if (fate == TASK_COMMITTED && batch->published != NULL) {
		monitor_publish(monitor, batch->published);
		batch->published = NULL;
	}
	if (fate == TASK_COMMITTED && batch->outbox_filled)
		monitor->options.on_outbox(monitor->options.owner);
	if (fate == TASK_COMMITTED && follower != NULL && !batch->again)
		committed(follower, batch);
	if (fate == TASK_LOST && batch->again)
		lookback_lost(monitor);
	if (current && (fate == TASK_LOST || bad)) {
		if (bad)
			entries_failed(follower, &batch->err);
		else
			read_restart(follower, TROUBLE_MS);
	}
	batch_free(batch);
	if (follower != NULL)
		read_on(follower);
}

static void
run_batch(struct worker *worker, struct task *task)
{
	struct batch *batch = (struct batch *)task;

	batch_work(worker, batch, batch->authorities);
}

const struct task_kind BATCH_TASK = {
    .name = "batch", .work = run_batch, .apply = batch_apply, .outcome = batch_outcome};
