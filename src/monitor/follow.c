/*
 * One log's heads: asked for at each poll, held against what was accepted
 * before, and accepted once they are proved to continue it.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "ctlog/promise.h"
#include "monitor/monitor_priv.h"
#include "monitor/tell.h"
#include "monitor/upkeep.h"
#include "store/log.h"

#define SKEW_MS        (5 * MINUTE_MS)
#define STALE_LEAST_MS (10 * MINUTE_MS)

static void on_poll(void *owner);

/* The two heads that contradict each other, as served. */
static void
heads_event(struct follower *follower, const char *kind, const char *message,
    const struct sth *head, struct bytes proof)
{
	struct buf text;
	struct json json;

	buf_init(&text, (size_t)1 << 20);
	json_init(&json, &text);
	json_begin_object(&json, NULL);
	json_put_text(&json, "log", follower->log->name);
	json_put_hex(&json, "log_id", sha256_bytes(&follower->log->id));
	json_put_text(&json, "url", follower->log->url);
	json_put_number(&json, "accepted_size", (int64_t)follower->head.size);
	json_put_hex(&json, "accepted_root", sha256_bytes(&follower->head.root));
	json_put_number(&json, "size", (int64_t)head->tree_size);
	json_put_hex(&json, "root", sha256_bytes(&head->root));
	json_put_time(&json, "timestamp", (int64_t)head->timestamp_ms);
	json_put_hex(&json, "head", bytes_of(head->raw, head->raw_len));
	if (proof.len > 0)
		json_put_hex(&json, "proof", proof);
	json_end_object(&json);
	log_error("log %s: %s", follower->log->name, message);
	follower_event(
	    follower, kind, NOTICE_LEVEL_ERROR, message, buf_text(&text), false);
	buf_free(&text);
}

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

static void
accept_head(struct follower *follower, const struct sth *sth)
{
	bool grew = !follower->has_head || sth->tree_size > follower->head.size;

	store_head(follower, sth, true);
	if (grew || (int64_t)sth->timestamp_ms > follower->head.timestamp_ms)
		follower->head = (struct head_mark){
		    sth->tree_size, sth->root, (int64_t)sth->timestamp_ms};
	follower->has_head = true;
	switch (follower->range.state) {
	case RANGE_NONE:
		start_choose(follower);
		break;
	case RANGE_READING:
		read_on(follower);
		prove_early(follower);
		inclusion_later(follower, SECOND_MS);
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

static void
on_head_proof(void *owner, const struct logclient_proof *proof, const struct err *err)
{
	struct follower *follower = owner;
	struct sth *head = &follower->candidate;

	follower->head_proof = NULL;
	follower->proving_head = false;
	if (err == NULL) {
		if (head->tree_size > follower->head.size)
			accept_head(follower, head);
		else
			store_head(follower, head, true);
	} else if (err->code == ERR_VERIFY) {
		store_head(follower, head, false);
		heads_event(follower,
		    proof->refuted ? "head-inconsistent" : "head-unproved",
		    proof->refuted ? "a signed head does not continue the one before it"
				   : "the log has no proof that holds for a signed head",
		    head, proof->raw);
	} else {
		follower_trouble(follower, err, "consistency proof");
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

/* What a head's own time says is held against those of the other logs before
 * anybody is told (upkeep.c). */
static void
hold_to_promises(struct follower *follower, const struct sth *sth)
{
	int64_t stale_ms = follower->log->mmd_ms < STALE_LEAST_MS ? STALE_LEAST_MS
								  : follower->log->mmd_ms;
	enum promise promise = promise_at(sth, follower->log,
	    clock_now_ms(follower->monitor->clock), SKEW_MS, stale_ms);

	follower->doubt = promise == PROMISE_STALE ? DOUBT_STALE
	    : promise == PROMISE_FUTURE            ? DOUBT_FUTURE
						   : DOUBT_NONE;
	upkeep_clock_doubt(follower->monitor);
	follower_condition(
	    follower, CONDITION_EMPTY_ROOT, promise == PROMISE_EMPTY_ROOT, NULL, NULL);
}

static void
take_head(struct follower *follower, const struct sth *sth)
{
	struct sth accepted = mark_as_sth(&follower->head);

	hold_to_promises(follower, sth);
	if (!follower->has_head) {
		accept_head(follower, sth);
		return;
	}
	switch (promise_between(&accepted, sth)) {
	case PROMISE_SPLIT_VIEW:
		store_head(follower, sth, false);
		heads_event(follower, "head-split-view",
		    "two signed heads of one size have different roots", sth,
		    bytes_of(NULL, 0));
		return;
	case PROMISE_EQUIVOCATION:
		heads_event(follower, "head-equivocation",
		    "two signed heads of one time differ", sth, bytes_of(NULL, 0));
		break;
	case PROMISE_TIME_BACK:
		heads_event(follower, "head-time-back",
		    "the log grew and its head's time went back", sth, bytes_of(NULL, 0));
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

static void
head_failed(
    struct follower *follower, const struct logclient_head *head, const struct err *err)
{
	char evidence[2 * 4096 + 32];
	size_t len = head != NULL && head->raw.len < 4096 ? head->raw.len : 0;

	follower_trouble(follower, err, "head");
	if (err->code == ERR_VERIFY) {
		memcpy(evidence, "{\"head\":\"", 9);
		hex_format(
		    len > 0 ? (const void *)head->raw.data : "", len, evidence + 9);
		memcpy(evidence + 9 + 2 * len, "\"}", 3);
		follower_condition(follower, CONDITION_BAD_SIGNATURE, true,
		    follower->last_error, evidence);
	} else if (++follower->failures >= FAILURES_TOLD) {
		follower_condition(
		    follower, CONDITION_UNREACHABLE, true, follower->last_error, NULL);
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
	    bad_tls != NULL ? message : NULL, NULL);
}

static void
on_head(void *owner, const struct logclient_head *head, const struct err *err)
{
	struct follower *follower = owner;

	const char *bad_tls = logclient_bad_tls(follower->client);

	follower->head_call = NULL;
	poll_later(follower, follower->poll_ms);
	if (bad_tls != NULL || err == NULL)
		note_tls(follower, bad_tls);
	if (err != NULL) {
		head_failed(follower, head, err);
		return;
	}
	follower_condition(follower, CONDITION_UNREACHABLE, false, NULL, NULL);
	follower_condition(follower, CONDITION_BAD_SIGNATURE, false, NULL, NULL);
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
}
