/*
 * What a log owes, asked for: one question at a time, with rests between.
 */
#include "monitor/settle_priv.h"
#include "monitor/tell.h"

#define EVERY_MS      (5 * SECOND_MS) /* between two questions to a log */
#define RETRY_MS      (10 * MINUTE_MS)
#define RETRY_MOST_MS (24 * HOUR_MS)
#define GIVE_UP_MS    (INT64_C(30) * 24 * HOUR_MS)

static void
settling_free(struct settling *it)
{
	if (it == NULL)
		return;
	logclient_cancel(it->call);
	sth_fini(&it->head);
	arena_free(&it->arena);
	mem_free(it);
}

void
owe_cancel(struct follower *follower)
{
	settling_free(follower->settling);
	follower->settling = NULL;
}

/* --- what becomes of a row ------------------------------------------------------- */

static bool
accuse_in(struct owed_change *it, struct writer *writer, struct err *err)
{
	static const char NO_PROOF[] =
	    "{\"unavailable\":\"it is about what is not in the tree\"}";
	struct told_about about = {
	    .watch = WATCH_NOT_FOUND, .log = it->log, .certificate = it->certificate};
	struct findings findings;

	findings_init(&findings, &writer->arena);
	checks_run_promise(&it->promise, &writer->working->settings->params, &findings);
	if (!tell_findings(writer, &findings, &about, err))
		return false;
	for (size_t i = 0; i < findings.count; i++) {
		struct bytes id = bytes_of(findings.rows[i]->id, FINDING_ID_LEN);

		if (!tell_exhibits(writer, id, it->exhibits, it->accusation.count, err) ||
		    !store_finding_prove(writer->store, id, bytes_text(NO_PROOF), err))
			return false;
	}
	return true;
}

static bool
apply_owed(struct writer *writer, struct change *change, struct err *err)
{
	struct owed_change *it = (struct owed_change *)change;

	if (it->broken && !accuse_in(it, writer, err))
		return false;
	return it->due_ms != 0
	    ? store_owed_retry(writer->store, it->number, it->due_ms, it->counted, err)
	    : store_owed_delete(writer->store, it->number, err);
}

static void
owed_done(struct monitor *monitor, struct change *change, bool written)
{
	struct owed_change *it = (struct owed_change *)change;
	struct follower *follower = monitor_follower(monitor, it->log);

	(void)written;
	if (follower != NULL) {
		owe_cancel(follower);
		owe_settle_later(follower, EVERY_MS);
	}
	if (it->broken)
		accuse_free(&it->accusation);
	mem_free(it);
}

struct owed_change *
settle_change(const struct settling *it)
{
	struct owed_change *change = mem_zero(1, sizeof(*change));

	change->change.apply = apply_owed;
	change->change.done = owed_done;
	change->log = it->follower->number;
	change->number = it->row.number;
	return change;
}

void
settle_done(struct settling *it)
{
	change_submit(it->follower->monitor, &settle_change(it)->change);
}

void
settle_later(struct settling *it, int64_t delay_ms, bool counted)
{
	struct owed_change *change = settle_change(it);

	change->counted = counted;
	change->due_ms = clock_now_ms(it->follower->monitor->clock) + delay_ms;
	change_submit(it->follower->monitor, &change->change);
}

/* More and more seldom, as it grows old; after a month it is let go. */
void
settle_retry(struct settling *it, bool counted)
{
	int64_t due_ms = it->row.timestamp_ms + it->follower->log->mmd_ms,
		since_ms = it->row.kept_ms > due_ms ? it->row.kept_ms : due_ms;
	int64_t age_ms = clock_now_ms(it->follower->monitor->clock) - since_ms;
	int64_t delay_ms = age_ms / 4;

	if (age_ms > GIVE_UP_MS)
		settle_done(it);
	else
		settle_later(it,
		    delay_ms < RETRY_MS            ? RETRY_MS
			: delay_ms > RETRY_MOST_MS ? RETRY_MOST_MS
						   : delay_ms,
		    counted);
}

/* --- whose turn it is -----------------------------------------------------------------
 */

/* Accusing entries first. */
static bool
find_due(struct settling *it)
{
	struct follower *follower = it->follower;
	struct store *store = follower->monitor->options.reader;
	struct owed_filter filter = {.log = follower->number,
	    .kind_first = OWED_SUSPECT(0),
	    .kind_last = OWED_SUSPECT(SUSPICIONS - 1),
	    .due_ms = clock_now_ms(follower->monitor->clock),
	    .position_end = (int64_t)follower->range.verified};
	struct err err;
	bool found;

	if (!store_owed_find(store, &filter, &it->arena, &it->row, &found, &err))
		return false;
	if (found)
		return true;
	filter.kind_first = filter.kind_last = OWED_PROMISE;
	filter.position_end = -1;
	return store_owed_find(store, &filter, &it->arena, &it->row, &found, &err) &&
	    found;
}

static void
on_turn(void *owner)
{
	struct follower *follower = owner;
	struct settling *it;

	follower->settle_timer = NULL;
	if (follower->settling != NULL || follower->monitor->stopping ||
	    !follower->wanted || follower->signed_head.raw == NULL)
		return;
	it = mem_zero(1, sizeof(*it));
	it->follower = follower;
	arena_init(&it->arena);
	sth_init(&it->head);
	if (!find_due(it)) {
		settling_free(it);
		return;
	}
	follower->settling = it;
	sth_copy(&it->head, &follower->signed_head);
	memcpy(it->leaf_hash.octets, it->row.leaf_hash.data, SHA256_LEN);
	if (it->row.kind == OWED_PROMISE)
		settle_promise(it);
	else
		settle_entry(it);
}

void
owe_settle_later(struct follower *follower, int64_t delay_ms)
{
	if (follower->settle_timer == NULL && follower->settling == NULL &&
	    !follower->monitor->stopping)
		follower->settle_timer =
		    clock_after(follower->monitor->clock, delay_ms, on_turn, follower);
}
