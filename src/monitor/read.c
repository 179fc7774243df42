/*
 * Entries: a bounded window of requests in flight, their bodies bounded by
 * the credit, handed on as batches. What comes back out of order is put in
 * order by the writer.
 */
#include <inttypes.h>

#include "base/log.h"
#include "monitor/closed.h"
#include "monitor/monitor_priv.h"
#include "monitor/prefix.h"
#include "monitor/served.h"
#include "monitor/upkeep.h"
#include "monitor/worker.h"

#define WINDOW          16 /* requests in flight for one log */
#define WINDOW_OLD      4  /* for one backfill */
#define FIRST_BODY      ((size_t)1 << 20)
#define TROUBLE_MS      (10 * SECOND_MS)
#define TROUBLE_MOST_MS (5 * MINUTE_MS)
#define PATIENCE        5 /* failures in a row before pauses grow */
#define RATE_EVERY_MS   (10 * SECOND_MS)

struct request {
	struct request *next, **link;
	struct follower *follower;
	struct logclient_call *call;
	uint64_t start, end;
	size_t credit;
	uint32_t epoch;
};

/* What a short reply left out, to be asked for before what is new. */
struct hole {
	struct hole *next;
	uint64_t start, end;
};

static void on_entries(void *owner, struct logclient_entries *, const struct err *);

static void
request_free(struct request *request)
{
	*request->link = request->next;
	if (request->next != NULL)
		request->next->link = request->link;
	request->follower->range.requests--;
	request->follower->held -= request->credit;
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
	follower->held += credit;
	request->call = logclient_get_entries(
	    follower->client, start, end, follower->head.size, on_entries, request);
}

static void
on_credit(void *owner)
{
	read_on(owner);
}

static struct credit_claim
claim_of(const struct follower *follower)
{
	struct credit_claim claim = {.held = follower->held};

	for (const struct follower *f = follower->monitor->followers; f != NULL;
	     f = f->next)
		claim.sharers += f->wanted;
	return claim;
}

static bool
may_ask(const struct follower *follower)
{
	const struct range *range = &follower->range;
	/* After trouble one request shows whether it is over, and at the start how
	 * large a body is: a window of 1,000 entries each would be 90 MB. */
	bool alone = follower->entry_failures > 0 || follower->body_guess == 0;
	const struct follower *log =
	    follower->parent != NULL ? follower->parent : follower;
	unsigned window = alone ? 1 : log == follower ? WINDOW : WINDOW_OLD;

	return range->state == RANGE_READING && range->pause == NULL &&
	    !range->rewinding && !follower->monitor->stopping && log->wanted &&
	    range->requests < window &&
	    (follower->holes != NULL ||
		(range->asked < follower->head.size && range->asked < range->end));
}

static void
add_hole(struct follower *follower, uint64_t start, uint64_t end)
{
	struct hole *hole = mem_zero(1, sizeof(*hole)), **at = &follower->holes;

	hole->start = start;
	hole->end = end;
	while (*at != NULL && (*at)->start < start)
		at = &(*at)->next;
	hole->next = *at;
	*at = hole;
}

/* Where the next request begins, and how far it goes. What is read again and
 * what is new are batches of their own. */
static uint64_t
plan(const struct follower *follower, uint64_t *start)
{
	const struct range *range = &follower->range;
	const struct hole *hole = follower->holes;
	uint64_t end;

	*start = hole != NULL ? hole->start : range->asked;
	end = logclient_plan(follower->client, *start, follower->head.size);
	if (hole != NULL && end > hole->end)
		end = hole->end;
	if (end > range->end)
		end = range->end;
	return *start < range->fence && end > range->fence ? range->fence : end;
}

static void
planned(struct follower *follower, uint64_t end)
{
	struct hole *hole = follower->holes;

	if (hole == NULL) {
		follower->range.asked = end;
	} else if (end < hole->end) {
		hole->start = end;
	} else {
		follower->holes = hole->next;
		mem_free(hole);
	}
}

/* What all that has come already waits for is owed. */
static bool
take_credit(struct follower *follower, uint64_t start, size_t want)
{
	struct credit *credit = &follower->monitor->credit;

	if (follower->holes == NULL || start != follower->range.next)
		return credit_take(credit, want, claim_of(follower), &follower->waiter);
	credit_owe(credit, want);
	return true;
}

void
read_on(struct follower *follower)
{
	size_t limit = follower->monitor->credit.limit, want;

	follower->waiter.fn = on_credit;
	follower->waiter.owner = follower;
	while (may_ask(follower)) {
		uint64_t start, end = plan(follower, &start);

		want = follower->body_guess != 0 ? follower->body_guess : FIRST_BODY;
		want = want < limit ? want : limit;
		if (!take_credit(follower, start, want))
			return;
		planned(follower, end);
		ask(follower, start, end, want);
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
	batch->authorities = authorities_take(&follower->monitor->authorities);
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
	batch->lane = follower->lane;
	served_keep(follower->served, batch);
	follower->held += batch->credit;
	credit_arrived(&follower->monitor->credit, request->credit, batch->credit);
	return batch;
}

static void
guess_body(struct follower *follower, size_t len)
{
	size_t guess = len + len / 8 + 4096;

	follower->body_guess = guess > follower->body_guess
	    ? guess
	    : follower->body_guess - (follower->body_guess - guess) / 8;
}

/* Told when it has lasted for two polls: a log that is busy for a moment refuses
 * several requests within it. */
/* Longer and longer: what is not there (404) makes no host rest. */
static int64_t
trouble_ms(const struct follower *follower)
{
	int64_t most = closed_is_over(follower) ? HOUR_MS : TROUBLE_MOST_MS;
	int64_t ms = TROUBLE_MS;

	for (unsigned i = PATIENCE; i < follower->entry_failures && ms < most; i++)
		ms *= 2;
	return ms < most ? ms : most;
}

static void
entries_failed(struct follower *follower, const struct err *err)
{
	int64_t now = clock_mono_ms(follower->monitor->clock);

	follower_trouble(follower, err, "entries");
	if (follower->entry_failures++ == 0)
		follower->entries_failed_ms = now;
	if (follower->entry_failures >= FAILURES_TOLD &&
	    now - follower->entries_failed_ms >= 2 * follower->poll_ms)
		follower_condition(
		    follower, CONDITION_NO_ENTRIES, true, follower->last_error);
	read_restart(follower, trouble_ms(follower));
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
		size_t reserved = request->credit;

		request_free(request);
		if (!stale)
			entries_failed(follower, err);
		credit_give(&monitor->credit, reserved);
		return;
	}
	struct batch *batch = make_batch(request, entries);

	request_free(request);
	guess_body(follower, batch->body_len);
	if (batch->start + batch->count < end)
		add_hole(follower, batch->start + batch->count, end);
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
	while (follower->holes != NULL) {
		struct hole *hole = follower->holes;

		follower->holes = hole->next;
		mem_free(hole);
	}
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
read_give_back(struct monitor *monitor, const struct batch *batch)
{
	struct follower *follower =
	    monitor_reader(monitor, batch->log_number, batch->range_id);

	if (follower != NULL && follower->lane == batch->lane)
		follower->held -= batch->credit;
	credit_give_body(&monitor->credit, batch->credit);
}

/* The writer lets go of what is parked of former epochs, and says where the
 * range stands. */
struct rewind_change {
	struct change change; /* first */
	int64_t range_id;
	uint32_t log, epoch;
	bool found;
	uint64_t next;
	struct frontier frontier;
};

static bool
apply_rewind(struct writer *writer, struct change *change, struct err *err)
{
	struct rewind_change *it = (struct rewind_change *)change;
	struct writer_range *range = writer_range_find(writer, it->range_id);

	(void)err;
	it->found = range != NULL;
	if (range == NULL)
		return true;
	writer_begin_epoch(writer, range, it->epoch);
	it->next = range->now.next;
	it->frontier = range->now.frontier;
	return true;
}

static void
rewound(struct monitor *monitor, struct change *change, bool written)
{
	struct rewind_change *it = (struct rewind_change *)change;
	struct follower *follower = monitor_reader(monitor, it->log, it->range_id);

	if (written && it->found && follower != NULL &&
	    follower->range.id == it->range_id && follower->range.epoch == it->epoch) {
		follower->range.rewinding = false;
		follower->range.next = follower->range.asked = it->next;
		follower->range.frontier = it->frontier;
		read_on(follower);
	}
	mem_free(it);
}

void
read_restart(struct follower *follower, int64_t delay_ms)
{
	struct range *range = &follower->range;
	struct rewind_change *it;

	range->epoch++;
	read_cancel(follower);
	if (follower->monitor->stopping)
		return;
	if (range->pause == NULL && delay_ms > 0)
		range->pause =
		    clock_after(follower->monitor->clock, delay_ms, on_pause, follower);
	range->rewinding = true;
	it = mem_zero(1, sizeof(*it));
	it->change.apply = apply_rewind;
	it->change.done = rewound;
	it->range_id = range->id;
	it->log = follower->number;
	it->epoch = range->epoch;
	change_submit(follower->monitor, &it->change);
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
	follower_answered(follower, CONDITION_NO_ENTRIES);
	range->next = batch->next;
	range->asked = range->asked > range->next ? range->asked : range->next;
	range->frontier = batch->frontier;
	if (batch->dropped) { /* one from before a restart came first, maybe a shorter */
		if (batch->start + batch->count > batch->next)
			read_restart(follower, 0);
		return;
	}
	note_rate(follower);
	if (batch->other_prefix)
		prefix_doubt(follower, batch);
	follower->success_ms = clock_now_ms(follower->monitor->clock);
	range->logged_ms =
	    batch->last_timestamp_ms == STORE_NO_TIME ? 0 : batch->last_timestamp_ms;
	if (batch->proved) {
		range->verified = batch->next;
		range->rereads = 0;
		served_drop(&follower->served);
		follower_condition(follower, CONDITION_MISMATCH, false, NULL);
		inclusion_later(follower, SECOND_MS);
		upkeep_level(follower->monitor);
		backfill_verified(follower);
	}
	if (batch->mismatch)
		prove_mismatch(follower, "our root at its size is another", NULL);
	else
		prove_early(follower);
}

/* A range may be gone by now: joined, or followed no more. */
static bool
is_its(const struct follower *follower, const struct batch *batch)
{
	return follower != NULL && !batch->again && follower->range.id == batch->range_id;
}

static void
batch_outcome(struct monitor *monitor, struct task *task, enum task_fate fate)
{
	struct batch *batch = (struct batch *)task;
	struct follower *follower =
	    monitor_reader(monitor, batch->log_number, batch->range_id);
	bool bad = batch->err.code != ERR_NONE;
	bool current = is_its(follower, batch) && batch->epoch == follower->range.epoch;

	read_give_back(monitor, batch);
	if (fate == TASK_COMMITTED && batch->held)
		monitor->may_hold = true;
	if (fate == TASK_COMMITTED && batch->published != NULL) {
		monitor_publish(monitor, batch->published);
		batch->published = NULL;
	}
	if (fate == TASK_COMMITTED && batch->outbox_filled)
		monitor->options.on_outbox(monitor->options.owner);
	if (fate == TASK_COMMITTED && is_its(follower, batch))
		committed(follower, batch);
	if (fate == TASK_LOST && batch->again)
		lookback_lost(monitor);
	if (follower != NULL && batch->again)
		follower->included = 0; /* it may have new findings anywhere */
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
