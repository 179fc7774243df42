/*
 * Our own root at `next` against the log's newest head: early and often, not
 * only when a head's size is reached (architecture.md, "What is proved").
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "monitor/lie.h"
#include "monitor/reread.h"
#include "monitor/served.h"

#define EVERY_MS      MINUTE_MS
#define EVERY_ENTRIES 100000
#define REREADS_MAX   1

struct prove_change {
	struct change change; /* first */
	int64_t range_id;
	uint32_t log;
	struct frontier frontier;
	struct head_mark by;
	bool moved;
};

static bool
apply_prove(struct writer *writer, struct change *change, struct err *err)
{
	struct prove_change *it = (struct prove_change *)change;
	struct writer_range *range = writer_range_find(writer, it->range_id);

	/* A range that went back meanwhile is not proved by what was read before; one
	 * that is read a second time is proved as any other. */
	it->moved = range != NULL && range->now.next >= it->frontier.size;
	return !it->moved ||
	    writer_prove(writer, range, it->frontier.size, &it->frontier, &it->by, err);
}

static void
prove_done(struct monitor *monitor, struct change *change, bool written)
{
	struct prove_change *it = (struct prove_change *)change;
	struct follower *follower = monitor_reader(monitor, it->log, it->range_id);

	if (written && it->moved && follower != NULL &&
	    follower->range.id == it->range_id &&
	    follower->range.verified < it->frontier.size) {
		follower->range.verified = it->frontier.size;
		follower->range.rereads = 0;
		served_drop(&follower->served);
		inclusion_later(follower, SECOND_MS);
		backfill_verified(follower);
	}
	mem_free(it);
}

static void
on_range_proof(void *owner, const struct logclient_proof *proof, const struct err *err)
{
	struct follower *follower = owner;
	struct prove_change *it;

	follower->range_proof = NULL;
	if (follower->proof_epoch != follower->range.epoch)
		return;
	/* A proof that merely does not hold says nothing: it is not signed. The
	 * head's own size decides then. */
	if (err != NULL && err->code == ERR_VERIFY && proof->refuted) {
		prove_mismatch(follower, err->text, proof);
		return;
	}
	if (err != NULL) {
		follower_trouble(follower, err, "proof of what was read");
		return;
	}
	it = mem_zero(1, sizeof(*it));
	it->change.apply = apply_prove;
	it->change.done = prove_done;
	it->range_id = follower->range.id;
	it->log = follower->number;
	it->frontier = follower->proof_frontier;
	it->by = follower->proof_head;
	change_submit(follower->monitor, &it->change);
}

void
prove_early(struct follower *follower)
{
	struct range *range = &follower->range;
	int64_t now = clock_mono_ms(follower->monitor->clock);
	struct sha256 root;

	if (follower->range_proof != NULL || range->state != RANGE_READING ||
	    range->blind || range->next <= range->verified ||
	    range->next >= follower->head.size || follower->monitor->stopping)
		return;
	if (range->next != range->end && now - range->proof_ms < EVERY_MS &&
	    range->next - range->proof_next < EVERY_ENTRIES)
		return;
	range->proof_ms = now;
	range->proof_next = range->next;
	follower->proof_head = follower->head;
	follower->proof_frontier = range->frontier;
	follower->proof_epoch = range->epoch;
	frontier_root(&range->frontier, &root);
	follower->range_proof = logclient_prove_consistency(follower->client, range->next,
	    &root, follower->head.size, &follower->head.root, on_range_proof, follower);
}

/* --- when it does not hold --- */

struct reread_change {
	struct change change; /* first */
	int64_t range_id;
	uint32_t log, epoch;
	uint64_t next, until;
	struct frontier frontier;
};

static bool
apply_reread(struct writer *writer, struct change *change, struct err *err)
{
	struct reread_change *it = (struct reread_change *)change;
	struct writer_range *range = writer_range_find(writer, it->range_id);

	if (range == NULL)
		return true;
	writer_begin_epoch(writer, range, it->epoch);
	if (!reread_start(writer, range, err))
		return false;
	it->until = range->now.reread_until;
	it->next = range->now.next;
	it->frontier = range->now.frontier;
	return true;
}

static void
reread_done(struct monitor *monitor, struct change *change, bool written)
{
	struct reread_change *it = (struct reread_change *)change;
	struct follower *follower = monitor_reader(monitor, it->log, it->range_id);

	if (written && follower != NULL && follower->range.id == it->range_id) {
		follower->range.next = it->next;
		follower->range.frontier = it->frontier;
		follower->range.fence = it->until;
		served_begin(&follower->served, &it->frontier);
		follower->range.state = RANGE_READING;
		read_restart(follower, 0);
	}
	mem_free(it);
}

struct stop_change {
	struct change change; /* first */
	int64_t range_id;
	uint32_t epoch;
	char why[320];
};

static bool
apply_stop(struct writer *writer, struct change *change, struct err *err)
{
	struct stop_change *it = (struct stop_change *)change;
	struct writer_range *range = writer_range_find(writer, it->range_id);

	if (range == NULL)
		return true;
	writer_begin_epoch(writer, range, it->epoch);
	return reread_stop(writer, range, it->why, err);
}

static void
stop_done(struct monitor *monitor, struct change *change, bool written)
{
	(void)monitor;
	(void)written;
	mem_free(change);
}

static void
note_stop(struct follower *follower)
{
	struct stop_change *it = mem_zero(1, sizeof(*it));

	it->change.apply = apply_stop;
	it->change.done = stop_done;
	it->range_id = follower->range.id;
	it->epoch = follower->range.epoch;
	snprintf(it->why, sizeof(it->why), "%s", follower->last_error);
	change_submit(follower->monitor, &it->change);
}

/* The same bytes twice, and the log signed others: it stays at what is proved. */
static void
stop_range(
    struct follower *follower, const char *how, const struct logclient_proof *proof)
{
	struct range *range = &follower->range;

	range->state = RANGE_STOPPED;
	range->epoch++;
	read_cancel(follower);
	snprintf(follower->last_error, sizeof(follower->last_error),
	    "its entries do not hash to what it signed; stopped at %" PRIu64,
	    range->verified);
	log_error("log %s: %s", follower->log->name, follower->last_error);
	note_stop(follower);
	lie_of_entries(follower, how, proof);
	served_drop(&follower->served);
}

void
prove_again(struct follower *follower)
{
	if (follower->range.state != RANGE_STOPPED)
		return;
	follower->range.state = RANGE_READING;
	follower->range.rereads = 0;
	prove_mismatch(follower, "known_bad is another now", NULL);
}

void
prove_mismatch(
    struct follower *follower, const char *how, const struct logclient_proof *proof)
{
	struct range *range = &follower->range;
	struct reread_change *it;

	if (range->state != RANGE_READING)
		return;
	if (range->rereads++ >= REREADS_MAX) {
		stop_range(follower, how, proof);
		return;
	}
	log_warning("log %s: entries %" PRIu64 " to %" PRIu64
		    " do not hash to its head (%s): "
		    "reading them again",
	    follower->log->name, range->verified, range->next, how);
	logclient_distrust_tiles(follower->client);
	range->state = RANGE_STARTING; /* nothing is asked for until it went back */
	range->epoch++;
	read_cancel(follower);
	it = mem_zero(1, sizeof(*it));
	it->change.apply = apply_reread;
	it->change.done = reread_done;
	it->epoch = range->epoch;
	it->range_id = range->id;
	it->log = follower->number;
	change_submit(follower->monitor, &it->change);
}
