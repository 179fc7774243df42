#include "monitor/closed.h"

#include <inttypes.h>

#include "ctlog/promise.h"
#include "monitor/accuse.h"

#define DAY_MS      (24 * HOUR_MS)
#define GONE_MS     (3 * DAY_MS)
#define SMALL_HEADS 3 /* in a row: a front end that lags shows fewer entries too */

bool
closed_is_over(const struct follower *follower)
{
	return ct_log_is_over(follower->log, clock_now_ms(follower->monitor->clock));
}

bool
closed_is_behind_others(const struct ct_log *log)
{
	return log->state == LOG_STATE_RETIRED || log->state == LOG_STATE_REJECTED;
}

static bool
is_level(const struct follower *follower)
{
	return follower->has_head && follower->range.state == RANGE_READING &&
	    follower->range.verified >= follower->head.size;
}

int64_t
closed_poll_ms(const struct follower *follower)
{
	bool rests = closed_is_over(follower) &&
	    (is_level(follower) || follower->failures >= FAILURES_TOLD);

	return rests && follower->poll_ms < DAY_MS ? DAY_MS : follower->poll_ms;
}

bool
closed_is_finished(const struct follower *follower)
{
	return follower->finish && is_level(follower);
}

void
closed_failed(struct follower *follower)
{
	int64_t now = clock_mono_ms(follower->monitor->clock);

	if (follower->failures++ == 0)
		follower->failed_ms = now;
	if (follower->has_head && now - follower->failed_ms >= GONE_MS)
		follower_condition(follower, CONDITION_GONE, true, follower->last_error);
}

/* --- the final tree head --- */

static struct json *
begin_claim(struct accusation *a, const struct follower *follower, const char *claim)
{
	const struct ct_log *log = follower->log;
	struct json *json = accuse_claim(a, claim);

	json_put_text(json, "head", "head");
	json_put_number(json, "final_size", (int64_t)log->final_size);
	json_put_hex(json, "final_root", sha256_bytes(&log->final_root));
	return json;
}

static void
begin(struct accusation *a, const struct follower *follower, const struct sth *head)
{
	const struct ct_log *log = follower->log;

	accuse_begin(a, follower);
	json_put_number(&a->evidence, "final_size", (int64_t)log->final_size);
	json_put_hex(&a->evidence, "final_root", sha256_bytes(&log->final_root));
	json_put_number(&a->evidence, "size", (int64_t)head->tree_size);
	json_put_hex(&a->evidence, "root", sha256_bytes(&head->root));
	json_put_time(&a->evidence, "timestamp", (int64_t)head->timestamp_ms);
	accuse_head(a, "head", head);
}

/* proof: of what the log's larger tree has at the final size; or NULL. */
static void
wrong_final(struct follower *follower, const struct sth *head, const char *how,
    const struct logclient_proof *proof)
{
	struct accuse_path path = {
	    .first = follower->log->final_size, .second = head->tree_size};
	struct accusation a;
	struct json *json;
	char *message;

	if (!follower_is_news(follower, CONDITION_WRONG_FINAL))
		return;
	begin(&a, follower, head);
	if (proof != NULL && proof->shown != NULL) {
		path.path = proof->path;
		path.len = proof->path_len;
		accuse_consistency(&a, "consistency.json", &path, proof->shown);
	}
	if (proof == NULL || proof->shown != NULL) {
		json = begin_claim(&a, follower, "final-tree-head");
		if (proof != NULL)
			json_put_text(json, "proof", "consistency.json");
		accuse_claim_end(&a);
	}
	message = mem_format("it is read-only, and its list's final tree head of %" PRIu64
			     " entries is not what it shows: %s",
	    follower->log->final_size, how);
	follower_accuse(follower, CONDITION_WRONG_FINAL, message, &a);
	mem_free(message);
}

static void
grew(struct follower *follower, const struct sth *head)
{
	struct accusation a;
	char *message;

	if (!follower_is_news(follower, CONDITION_GREW_CLOSED))
		return;
	begin(&a, follower, head);
	(void)begin_claim(&a, follower, "grew-readonly");
	accuse_claim_end(&a);
	message = mem_format("it is read-only with a final tree head of %" PRIu64
			     " entries, and has grown "
			     "to %" PRIu64,
	    follower->log->final_size, head->tree_size);
	follower_accuse(follower, CONDITION_GREW_CLOSED, message, &a);
	mem_free(message);
}

static void
on_final_proof(void *owner, const struct logclient_proof *proof, const struct err *err)
{
	struct follower *follower = owner;

	follower->final_call = NULL;
	if (err == NULL)
		follower_condition(follower, CONDITION_WRONG_FINAL, false, NULL);
	else if (err->code == ERR_VERIFY && proof->refuted)
		wrong_final(follower, &follower->final_head,
		    "the tree it has grown to had another root at that size", proof);
	else
		follower->final_asked = 0; /* with the next head */
	sth_fini(&follower->final_head);
}

/* Whether what has grown still contains the final tree. */
static void
prove_final(struct follower *follower, const struct sth *head)
{
	const struct ct_log *log = follower->log;
	struct sha256 root = head->root;

	if (follower->final_call != NULL || follower->final_asked == head->tree_size)
		return;
	follower->final_asked = head->tree_size;
	sth_init(&follower->final_head);
	sth_copy(&follower->final_head, head);
	follower->final_call =
	    logclient_prove_consistency(follower->client, log->final_size,
		&log->final_root, head->tree_size, &root, on_final_proof, follower);
}

static void
shows_less(struct follower *follower, const struct sth *head)
{
	char *how;

	if (++follower->final_small < SMALL_HEADS)
		return;
	how = mem_format("its head has %" PRIu64 " entries", head->tree_size);
	wrong_final(follower, head, how, NULL);
	mem_free(how);
}

void
closed_check(struct follower *follower, const struct sth *head)
{
	const struct ct_log *log = follower->log;

	if (!log->has_final_head)
		return;
	if (head->tree_size < log->final_size) {
		shows_less(follower, head);
		return;
	}
	follower->final_small = 0;
	if (promise_final(head, log) == PROMISE_GREW_CLOSED) {
		grew(follower, head);
		prove_final(follower, head);
		return;
	}
	if (promise_final(head, log) == PROMISE_WRONG_FINAL)
		wrong_final(follower, head, "at that size it has another root", NULL);
	else
		follower_condition(follower, CONDITION_WRONG_FINAL, false, NULL);
	if (follower->head.size <= log->final_size) /* else a front end that lags */
		follower_condition(follower, CONDITION_GREW_CLOSED, false, NULL);
}
