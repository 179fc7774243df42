#include "alert/alert.h"

#include <string.h>
#include <sys/random.h>

#include "alert/alert_priv.h"
#include "base/clock.h"
#include "base/mem.h"

#define UNSTORED_AGAIN_MS 5000

static int64_t
steady_ms(const struct alert *alert)
{
	return alert->wall_start_ms + clock_mono_ms(alert->world.clock) -
	    alert->mono_start_ms;
}

int64_t
alert_now_ms(const struct alert *alert)
{
	int64_t wall = clock_now_ms(alert->world.clock), steady = steady_ms(alert);

	return wall > steady ? wall : steady;
}

int64_t
alert_least_now_ms(const struct alert *alert)
{
	int64_t wall = clock_now_ms(alert->world.clock), steady = steady_ms(alert);

	return wall < steady ? wall : steady;
}

/* --- life ----------------------------------------------------------------------- */

struct alert *
alert_new(const struct alert_options *options, struct err *err)
{
	struct alert *alert = mem_zero(1, sizeof(*alert));

	alert->world = (struct sink_world){.loop = options->loop,
	    .clock = options->clock,
	    .fetch = options->fetch,
	    .user_agent = mem_text(options->user_agent)};
	alert->store = options->store;
	alert->settle = options->settle;
	alert->trouble = options->trouble;
	alert->owner = options->owner;
	alert->wall_start_ms = clock_now_ms(options->clock);
	alert->mono_start_ms = clock_mono_ms(options->clock);
	queue_init(&alert->ready, NULL, NULL);
	queue_init(&alert->unstored, NULL, NULL);
	if (getrandom(&alert->random, sizeof(alert->random), 0) < 0)
		alert->random = (uint64_t)alert->wall_start_ms;
	alert->random |= 1;
	if (!alert_set_sinks(alert, options->sinks, options->sinks_len, err)) {
		alert_free(alert);
		return NULL;
	}
	return alert;
}

static void
free_drains(struct drain **drains, size_t len)
{
	for (size_t i = 0; i < len; i++)
		drain_free(drains[i]);
	mem_free(drains);
}

static void
free_batches(struct queue *batches)
{
	struct queue_link *link;

	while ((link = queue_try(batches)) != NULL)
		outbox_batch_free((struct outbox_batch *)link);
	queue_fini(batches);
}

void
alert_free(struct alert *alert)
{
	if (alert == NULL)
		return;
	free_drains(alert->drains, alert->drains_len);
	clock_cancel(alert->world.clock, alert->flush);
	clock_cancel(alert->world.clock, alert->again);
	free_batches(&alert->ready);
	free_batches(&alert->unstored);
	mem_free((void *)alert->world.user_agent);
	mem_free(alert);
}

static struct drain *
find_drain(const struct alert *alert, struct bytes name)
{
	for (size_t i = 0; i < alert->drains_len; i++)
		if (bytes_equal(bytes_text(alert->drains[i]->options.name), name))
			return alert->drains[i];
	return NULL;
}

/* Whether drain stands in the list, which makes it the list's and not the old one's. */
static bool
stands_in(struct drain *const *drains, size_t len, const struct drain *drain)
{
	for (size_t i = 0; i < len; i++)
		if (drains[i] == drain)
			return true;
	return false;
}

static bool
names_differ(const struct alert_sink_options *sinks, size_t sinks_len, struct err *err)
{
	for (size_t i = 0; i < sinks_len; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(sinks[i].name, sinks[j].name) == 0)
				return err_set(err, ERR_CONFIG,
				    "two sinks are named \"%s\": give each its own name",
				    sinks[i].name);
	return true;
}

bool
alert_set_sinks(struct alert *alert, const struct alert_sink_options *sinks,
    size_t sinks_len, struct err *err)
{
	struct drain **drains, *old;

	if (!names_differ(sinks, sinks_len, err))
		return false;
	drains = mem_zero(sinks_len + 1, sizeof(struct drain *));
	for (size_t i = 0; i < sinks_len; i++) {
		old = find_drain(alert, bytes_text(sinks[i].name));
		drains[i] = old != NULL && drain_has_options(old, &sinks[i])
		    ? old
		    : drain_new(alert, &sinks[i], err);
		if (drains[i] == NULL) {
			for (size_t j = 0; j < i; j++)
				if (!stands_in(
					alert->drains, alert->drains_len, drains[j]))
					drain_free(drains[j]);
			mem_free(drains);
			return false;
		}
	}
	for (size_t i = 0; i < sinks_len; i++) {
		old = find_drain(alert, bytes_text(sinks[i].name));
		if (old != NULL && old != drains[i])
			drain_inherit(drains[i], old);
	}
	for (size_t i = 0; i < alert->drains_len; i++)
		if (!stands_in(drains, sinks_len, alert->drains[i]))
			drain_free(alert->drains[i]);
	mem_free(alert->drains);
	alert->drains = drains;
	alert->drains_len = sinks_len;
	alert_wake(alert);
	return true;
}

void
alert_wake(struct alert *alert)
{
	for (size_t i = 0; i < alert->drains_len; i++)
		drain_wake(alert->drains[i], 0);
}

/* --- results --------------------------------------------------------------------- */

/* As many as there are now: what comes back unstored queues up behind. */
static void
hand_over(struct alert *alert, struct queue *batches)
{
	struct queue_link *link;

	for (size_t n = queue_count(batches); n > 0; n--)
		if ((link = queue_try(batches)) != NULL)
			alert->settle(alert->owner, (struct outbox_batch *)link);
}

static void
on_flush(void *owner)
{
	struct alert *alert = owner;

	alert->flush = NULL;
	alert->batch = NULL;
	hand_over(alert, &alert->ready);
}

void
alert_result(struct alert *alert, const struct outbox_result *result)
{
	struct outbox_batch *batch = alert->batch;
	struct outbox_result *copy;

	if (batch == NULL || batch->len == ALERT_RESULTS_MAX) {
		batch = alert->batch = outbox_batch_new(ALERT_RESULTS_MAX);
		queue_put(&alert->ready, &batch->link);
	}
	copy = &batch->results[batch->len++];
	*copy = *result;
	copy->alert = arena_copy(&batch->arena, result->alert);
	copy->sink = arena_copy(&batch->arena, result->sink);
	copy->error = arena_copy(&batch->arena, result->error);
	copy->group_key = arena_copy(&batch->arena, result->group_key);
	copy->payload = arena_copy(&batch->arena, result->payload);
	if (alert->flush == NULL)
		alert->flush = clock_after(alert->world.clock, 0, on_flush, alert);
}

static void
on_again(void *owner)
{
	struct alert *alert = owner;

	alert->again = NULL;
	hand_over(alert, &alert->unstored);
}

void
alert_settled(struct alert *alert, struct outbox_batch *batch)
{
	if (!batch->stored) {
		queue_put(&alert->unstored, &batch->link);
		if (alert->again == NULL)
			alert->again = clock_after(
			    alert->world.clock, UNSTORED_AGAIN_MS, on_again, alert);
		return;
	}
	for (size_t i = 0; i < batch->len; i++) {
		struct drain *drain = find_drain(alert, batch->results[i].sink);

		if (drain != NULL)
			drain_settled(drain, &batch->results[i]);
	}
	outbox_batch_free(batch);
}

/* --- past the store, and the look from outside -------------------------------------- */

void
alert_direct(
    struct alert *alert, enum notice_level level, const char *check, const char *text)
{
	struct notice notice = {
	    .kind = NOTICE_EVENT,
	    .check = check,
	    .level = level,
	    .title = "The database",
	    .message = bytes_text(text),
	    .time_ms = clock_now_ms(alert->world.clock),
	};
	struct sink_message message = {.id = bytes_of(notice.id, sizeof(notice.id))};
	struct buf payload;

	notice_id(
	    &(struct notice_subject){
		.kind = NOTICE_EVENT,
		.key = bytes_text(text),
		.check = check,
		.generation = (uint64_t)notice.time_ms,
	    },
	    notice.id);
	buf_init(&payload, NOTICE_PAYLOAD_MAX);
	notice_payload(&notice, &payload);
	message.payload = buf_bytes(&payload);
	for (size_t i = 0; i < alert->drains_len; i++) {
		const struct drain *drain = alert->drains[i];

		/* Where it fails the caller has said it on stderr as well. */
		if (drain->kind->direct)
			(void)!drain->kind->send(drain->sink, &message, NULL);
	}
	buf_free(&payload);
}

void
alert_each_sink(const struct alert *alert, alert_sink_fn *fn, void *owner)
{
	int64_t now = clock_mono_ms(alert->world.clock);

	for (size_t i = 0; i < alert->drains_len; i++) {
		const struct drain *drain = alert->drains[i];

		fn(owner,
		    &(struct alert_sink_state){
			.name = drain->options.name,
			.kind = drain->options.kind,
			.delivered = drain->delivered,
			.failed = drain->failed,
			.in_flight = drain->sending,
			.paused_ms = drain->paused_until_at > now
			    ? drain->paused_until_at - now
			    : 0,
			.last_error = drain->last_error,
		    });
	}
}
