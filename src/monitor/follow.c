/*
 * One log's heads: asked for at each poll, held against what was accepted
 * before, and accepted once they are proved to continue it.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "ctlog/promise.h"
#include "monitor/closed.h"
#include "monitor/lie.h"
#include "monitor/owe.h"
#include "monitor/roots.h"
#include "monitor/upkeep.h"
#include "store/log.h"

#define SKEW_MS        (5 * MINUTE_MS)
#define STALE_LEAST_MS (10 * MINUTE_MS)
#define BEHIND_MS      HOUR_MS
#define LEVEL_HEADS    3       /* in a row, before a log is behind no more */
#define STORE_AGAIN_MS HOUR_MS /* a head that is still served */
#define SHRUNK_HEADS   3       /* in a row, before the log is said to be set back */

static void on_poll(void *owner);

/* --- storing a head --- */

struct head_change {
	struct change change; /* first */
	uint32_t log;
	struct sth sth;
	int64_t fetched_ms;
	bool consistent;
};

static bool
apply_head(struct writer *writer, struct change *change, struct err *err)
{
	struct head_change *it = (struct head_change *)change;
	struct tree_head_row row = {.log = it->log,
	    .size = it->sth.tree_size,
	    .root = sha256_bytes(&it->sth.root),
	    .first_timestamp_ms = (int64_t)it->sth.timestamp_ms,
	    .first_raw = bytes_of(it->sth.raw, it->sth.raw_len),
	    .first_fetched_ms = it->fetched_ms,
	    .verified = true,
	    .consistent = it->consistent};

	return store_tree_head_put(writer->store, &row, err);
}

static void
head_done(struct monitor *monitor, struct change *change, bool committed)
{
	struct head_change *it = (struct head_change *)change;

	(void)monitor;
	(void)committed;
	sth_fini(&it->sth);
	mem_free(it);
}

static void
store_head(struct follower *follower, const struct sth *sth, bool consistent)
{
	struct head_change *it = mem_zero(1, sizeof(*it));

	it->change.apply = apply_head;
	it->change.done = head_done;
	it->log = follower->number;
	sth_init(&it->sth);
	sth_copy(&it->sth, sth);
	it->fetched_ms = clock_now_ms(follower->monitor->clock);
	it->consistent = consistent;
	change_submit(follower->monitor, &it->change);
}

/* --- judging a head --- */

static void
poll_later(struct follower *follower, int64_t delay_ms)
{
	if (follower->poll_timer == NULL && !follower->monitor->stopping)
		follower->poll_timer =
		    clock_after(follower->monitor->clock, delay_ms, on_poll, follower);
}

/* The accepted head, and the database has it: that it is served still need not
 * be written with every poll. */
static bool
is_stored(const struct follower *follower, const struct sth *sth)
{
	return follower->has_head && follower->head_stored_ms != 0 &&
	    sth->tree_size == follower->head.size &&
	    (int64_t)sth->timestamp_ms == follower->head.timestamp_ms &&
	    sha256_equal(&sth->root, &follower->head.root) &&
	    clock_mono_ms(follower->monitor->clock) - follower->head_stored_ms <
	    STORE_AGAIN_MS;
}

static void
accept_head(struct follower *follower, const struct sth *sth)
{
	bool grew = !follower->has_head || sth->tree_size > follower->head.size;
	bool shown = follower->unshown_size == 0 ||
	    follower->range.verified >= follower->unshown_size;

	if (shown)
		follower->unshown_size = 0;
	if (!shown || !is_stored(follower, sth)) {
		store_head(follower, sth, shown);
		follower->head_stored_ms =
		    shown ? clock_mono_ms(follower->monitor->clock) : 0;
	}
	follower_condition(follower, CONDITION_NO_PROOF, !shown, NULL);
	if (grew || (int64_t)sth->timestamp_ms > follower->head.timestamp_ms) {
		follower->head = (struct head_mark){
		    sth->tree_size, sth->root, (int64_t)sth->timestamp_ms};
		sth_copy(&follower->signed_head, sth);
	}
	follower->has_head = true;
	backfill_heads(follower);
	switch (follower->range.state) {
	case RANGE_NONE:
		start_choose(follower);
		break;
	case RANGE_READING:
		read_on(follower);
		prove_early(follower);
		inclusion_later(follower, SECOND_MS);
		owe_settle_later(follower, SECOND_MS);
		break;
	case RANGE_STARTING:
	case RANGE_STOPPED:
		break;
	}
}

static struct sth
mark_as_sth(const struct head_mark *mark)
{
	return (struct sth){.tree_size = mark->size,
	    .root = mark->root,
	    .timestamp_ms = (uint64_t)mark->timestamp_ms};
}

/* An older state is a front end's that lags, unless the log signs it anew and
 * shows no other. */
static void
note_shrunk(struct follower *follower, const struct sth *head)
{
	if (head->tree_size >= follower->head.size ||
	    (int64_t)head->timestamp_ms <= follower->head.timestamp_ms)
		return;
	if (++follower->shrunk >= SHRUNK_HEADS)
		lie_of_heads(follower, CONDITION_SHRANK, head, NULL);
}

/* Where the log gives no proof that holds, nor one that convicts it, its entries
 * decide: all that the head before covers is proved, so our own tree continues
 * it, and has the new root or not (wire-formats 2.5). */
static void
go_on_unshown(struct follower *follower, const struct sth *head)
{
	const struct range *range = &follower->range;

	if (head->tree_size <= follower->head.size || range->state != RANGE_READING ||
	    range->blind || range->verified < follower->head.size ||
	    ++follower->proof_failures < FAILURES_TOLD)
		return;
	follower->unshown_size = head->tree_size;
	accept_head(follower, head);
}

static void
on_head_proof(void *owner, const struct logclient_proof *proof, const struct err *err)
{
	struct follower *follower = owner;
	struct sth *head = &follower->candidate;

	follower->head_proof = NULL;
	follower->proving_head = false;
	if (err == NULL) {
		follower->proof_failures = 0;
		if (head->tree_size > follower->head.size) {
			accept_head(follower, head);
		} else {
			store_head(follower, head, true);
			note_shrunk(follower, head);
		}
	} else if (err->code == ERR_VERIFY) {
		store_head(follower, head, false);
		lie_of_heads(follower,
		    proof->refuted                             ? CONDITION_INCONSISTENT
			: follower->log->kind == CT_LOG_STATIC ? CONDITION_BAD_TILE
							       : CONDITION_UNPROVED,
		    head, proof);
		if (!proof->refuted)
			go_on_unshown(follower, head);
	} else {
		follower_trouble(follower, err, "consistency proof");
		note_shrunk(follower, head);
		go_on_unshown(follower, head);
	}
	sth_fini(head);
}

/* A larger head is proved to continue the accepted one; a smaller one to be
 * continued by it: a lagging front end is no lie. */
static void
prove_head(struct follower *follower, const struct sth *sth)
{
	struct sha256 root = sth->root;
	bool smaller = sth->tree_size < follower->head.size;

	if (follower->proving_head)
		return;
	follower->proving_head = true;
	sth_init(&follower->candidate);
	sth_copy(&follower->candidate, sth);
	follower->head_proof = smaller
	    ? logclient_prove_consistency(follower->client, sth->tree_size, &root,
		  follower->head.size, &follower->head.root, on_head_proof, follower)
	    : logclient_prove_consistency(follower->client, follower->head.size,
		  &follower->head.root, sth->tree_size, &root, on_head_proof, follower);
}

/* A log is as fresh as the newest head it ever signed: one from a front end
 * that lags says nothing. */
static enum doubt
doubt_at(const struct follower *follower, const struct sth *sth, int64_t now_ms)
{
	int64_t stale_ms = follower->log->mmd_ms < STALE_LEAST_MS ? STALE_LEAST_MS
								  : follower->log->mmd_ms;
	struct sth newest = *sth;

	if (promise_at(sth, follower->log, now_ms, SKEW_MS, stale_ms) == PROMISE_FUTURE)
		return DOUBT_FUTURE;
	if (follower->signed_ms > (int64_t)sth->timestamp_ms)
		newest.timestamp_ms = (uint64_t)follower->signed_ms;
	return promise_at(&newest, follower->log, now_ms, SKEW_MS, stale_ms) ==
		PROMISE_STALE
	    ? DOUBT_STALE
	    : DOUBT_NONE;
}

/* What a head's own time says is held against those of the other logs before
 * anybody is told (upkeep.c), and against our clock as it was before it jumped:
 * a jump alone makes no log stale. */
static void
hold_to_clock(struct follower *follower, const struct sth *sth)
{
	struct monitor *monitor = follower->monitor;
	int64_t now_ms = clock_now_ms(monitor->clock);
	enum doubt doubt = doubt_at(follower, sth, now_ms),
		   before = doubt_at(follower, sth, now_ms - monitor->clock_jumped_ms);

	if (doubt == DOUBT_NONE && before != DOUBT_NONE)
		monitor->clock_jumped_ms = 0; /* it is right now */
	if (doubt != DOUBT_FUTURE && (int64_t)sth->timestamp_ms > follower->signed_ms)
		follower->signed_ms = (int64_t)sth->timestamp_ms;
	follower->doubt_is_ours = doubt != before;
	follower->doubt_heads = doubt == follower->doubt ? follower->doubt_heads + 1 : 1;
	follower->doubt = doubt;
	if (doubt != DOUBT_NONE)
		sth_copy(&follower->doubted, sth);
	upkeep_clock_doubt(monitor);
}

static void
hold_to_promises(struct follower *follower, const struct sth *sth)
{
	int64_t own_ms = (int64_t)sth->timestamp_ms; /* then only the root counts */

	upkeep_check_clock(follower->monitor);
	hold_to_clock(follower, sth);
	if (promise_at(sth, follower->log, own_ms, SKEW_MS, SKEW_MS) ==
	    PROMISE_EMPTY_ROOT)
		lie_of_head(follower, CONDITION_EMPTY_ROOT, sth);
	else
		follower_condition(follower, CONDITION_EMPTY_ROOT, false, NULL);
}

static void
take_head(struct follower *follower, const struct sth *sth)
{
	struct sth accepted = mark_as_sth(&follower->head);

	hold_to_promises(follower, sth);
	closed_check(follower, sth);
	follower_heads_agree(follower);
	if (sth->tree_size >= follower->head.size)
		follower->shrunk = 0;
	if (!follower->has_head) {
		accept_head(follower, sth);
		return;
	}
	switch (promise_between(&accepted, sth)) {
	case PROMISE_SPLIT_VIEW:
		store_head(follower, sth, false);
		lie_of_heads(follower, CONDITION_SPLIT_VIEW, sth, NULL);
		return;
	case PROMISE_EQUIVOCATION:
		lie_of_heads(follower, CONDITION_EQUIVOCATION, sth, NULL);
		break;
	case PROMISE_TIME_BACK:
		lie_of_heads(follower, CONDITION_TIME_BACK, sth, NULL);
		break;
	case PROMISE_KEPT:
	case PROMISE_SHRANK:
	case PROMISE_LAGGED:
	case PROMISE_FUTURE:
	case PROMISE_STALE:
	case PROMISE_EARLY_HEAD:
	case PROMISE_GREW_CLOSED:
	case PROMISE_WRONG_FINAL:
	case PROMISE_EMPTY_ROOT:
		break;
	}
	if (sth->tree_size == follower->head.size)
		accept_head(follower, sth);
	else
		prove_head(follower, sth);
}

/* Three times, or for two polls: a host that cannot be reached is asked more
 * and more seldom. */
static bool
is_unreachable(struct follower *follower)
{
	int64_t now = clock_mono_ms(follower->monitor->clock);

	if (follower->failures++ == 0)
		follower->failed_ms = now;
	return follower->failures >= FAILURES_TOLD ||
	    now - follower->failed_ms >= 2 * follower->poll_ms;
}

static void
head_failed(
    struct follower *follower, const struct logclient_head *head, const struct err *err)
{
	follower_trouble(follower, err, "head");
	if (err->code == ERR_VERIFY && head != NULL) {
		lie_of_signature(follower, head->raw, follower->last_error);
	} else if (closed_is_over(follower)) {
		closed_failed(follower);
	} else if (is_unreachable(follower)) {
		follower_condition(
		    follower, CONDITION_UNREACHABLE, true, follower->last_error);
	}
}

/* Architecture, "TLS to logs": what counts is signed, so it is read on. */
static void
note_tls(struct follower *follower, const char *bad_tls)
{
	char message[320];

	snprintf(message, sizeof(message),
	    "the log's TLS certificate does not verify, and it is read all the same: "
	    "%.200s",
	    bad_tls != NULL ? bad_tls : "");
	follower_condition(follower, CONDITION_BAD_TLS, bad_tls != NULL,
	    bad_tls != NULL ? message : NULL);
}

/* For an hour no head was reached before the next, and what is left to read has not
 * become less: that is no catching up. */
static void
note_backlog(struct follower *follower)
{
	const struct range *range = &follower->range;
	int64_t now = clock_mono_ms(follower->monitor->clock);
	uint64_t behind;
	char message[128];

	if (range->state != RANGE_READING || !follower->has_head)
		return;
	behind =
	    follower->head.size > range->next ? follower->head.size - range->next : 0;
	if (behind == 0) {
		follower->behind_ms = 0;
		if (++follower->level >= LEVEL_HEADS)
			follower_condition(follower, CONDITION_BEHIND, false, NULL);
		return;
	}
	follower->level = 0;
	if (follower->behind_ms != 0 && now - follower->behind_ms < BEHIND_MS)
		return;
	if (follower->behind_ms != 0 && behind >= follower->behind) {
		snprintf(message, sizeof(message),
		    "%" PRIu64 " entries are not read yet, no fewer than an hour ago",
		    behind);
		follower_condition(follower, CONDITION_BEHIND, true, message);
	}
	follower->behind_ms = now;
	follower->behind = behind;
}

static void
on_head(void *owner, const struct logclient_head *head, const struct err *err)
{
	struct follower *follower = owner;

	const char *bad_tls = logclient_bad_tls(follower->client);

	follower->head_call = NULL;
	poll_later(follower, closed_poll_ms(follower));
	if (bad_tls != NULL || err == NULL)
		note_tls(follower, bad_tls);
	if (err != NULL) {
		head_failed(follower, head, err);
		return;
	}
	follower->success_ms = clock_now_ms(follower->monitor->clock);
	note_backlog(follower);
	follower_answered(follower, CONDITION_UNREACHABLE);
	follower_condition(follower, CONDITION_GONE, false, NULL);
	lie_signature_good(follower);
	follower->failures = 0;
	if (follower->entry_failures == 0 && follower->start_failures == 0)
		follower->last_error[0] = '\0';
	if (head->sth != NULL)
		take_head(follower, head->sth);
}

static void
on_poll(void *owner)
{
	struct follower *follower = owner;

	follower->poll_timer = NULL;
	follower->wanted = follower->wanted && !closed_is_finished(follower);
	if (follower->monitor->stopping || !follower->wanted)
		return;
	if (follower->head_call == NULL)
		follower->head_call =
		    logclient_get_head(follower->client, on_head, follower);
}

void
follower_start(struct follower *follower)
{
	poll_later(follower, 0);
	roots_start(follower);
}
