#include <stdio.h>
#include <string.h>

#include "alert/alert_priv.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define BACKOFF_FIRST_MS    1000
#define BACKOFF_MOST_MS     (INT64_C(15) * 60 * 1000)
#define RETRY_AFTER_MOST_MS (INT64_C(24) * 3600 * 1000)
#define REFUSED_STEPS       4 /* a refused row begins so far up the backoff */
#define FAILURES_LEAST      3 /* before age alone makes a row dead */
#define GIVE_UP_MS          (INT64_C(7) * 24 * 3600 * 1000)
#define TROUBLE_AFTER_MS    (INT64_C(5) * 60 * 1000)
#define LOOK_MS             (INT64_C(60) * 1000) /* at least so often */
#define STORE_AGAIN_MS      (INT64_C(30) * 1000)

static void on_turn(void *owner);

/* --- life ----------------------------------------------------------------------- */

static void
free_options(struct alert_sink_options *options)
{
	mem_free((void *)options->name);
	mem_free((void *)options->kind);
	mem_free((void *)options->url);
	mem_free((void *)options->ca_file);
	mem_free((void *)options->secret_file);
	mem_free((void *)options->hostname);
}

static void
copy_options(struct alert_sink_options *to, const struct alert_sink_options *from)
{
	*to = *from;
	to->name = mem_text(from->name);
	to->kind = mem_text(from->kind);
	to->url = mem_text(from->url);
	to->ca_file = mem_text(from->ca_file);
	to->secret_file = mem_text(from->secret_file);
	to->hostname = mem_text(from->hostname);
	if (to->give_up_ms <= 0)
		to->give_up_ms = GIVE_UP_MS;
}

struct drain *
drain_new(struct alert *alert, const struct alert_sink_options *options, struct err *err)
{
	const struct sink_kind *kind = sink_kind_find(options->kind, err);
	void *sink = kind != NULL ? kind->open(options, &alert->world, err) : NULL;
	struct drain *drain;

	if (sink == NULL) {
		err_wrap(err, "sink %s", options->name);
		return NULL;
	}
	drain = mem_zero(1, sizeof(*drain));
	drain->alert = alert;
	drain->kind = kind;
	drain->sink = sink;
	copy_options(&drain->options, options);
	sink_files_digest(options, &drain->files);
	map_init(&drain->jobs);
	return drain;
}

void
drain_free(struct drain *drain)
{
	if (drain == NULL)
		return;
	clock_cancel(drain->alert->world.clock, drain->timer);
	drain->kind->close(drain->sink);
	map_free(&drain->jobs, mem_free);
	free_options(&drain->options);
	mem_free(drain);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool
drain_has_options(const struct drain *drain, const struct alert_sink_options *options)
{
	const struct alert_sink_options *own = &drain->options;
	struct sha256 files;

	sink_files_digest(options, &files);
	return sha256_equal(&drain->files, &files) &&
	    same_text(own->kind, options->kind) && same_text(own->url, options->url) &&
	    same_text(own->ca_file, options->ca_file) &&
	    same_text(own->secret_file, options->secret_file) &&
	    same_text(own->hostname, options->hostname) &&
	    own->facility == options->facility &&
	    own->max_message == options->max_message &&
	    own->timeout_ms == options->timeout_ms &&
	    own->give_up_ms ==
	    (options->give_up_ms > 0 ? options->give_up_ms : GIVE_UP_MS);
}

void
drain_inherit(struct drain *to, struct drain *from)
{
	struct bytes key;
	void *value;

	/* What from is sending breaks off with it, and comes again. */
	for (size_t at = 0; map_next(&from->jobs, &at, &key, &value);) {
		struct job *job = value;

		if (job->sending)
			continue;
		job = mem_copy(job, sizeof(*job));
		job->drain = to;
		map_put(&to->jobs, key, job);
	}
	to->counting = from->counting;
}

/* --- the clock of a sink ---------------------------------------------------------- */

static int64_t
mono_ms(const struct drain *drain)
{
	return clock_mono_ms(drain->alert->world.clock);
}

void
drain_wake(struct drain *drain, int64_t delay_ms)
{
	int64_t at = mono_ms(drain) + (delay_ms > 0 ? delay_ms : 0);

	if (drain->timer != NULL && drain->turn_at <= at)
		return;
	clock_cancel(drain->alert->world.clock, drain->timer);
	drain->turn_at = at;
	drain->timer = clock_after(drain->alert->world.clock, delay_ms, on_turn, drain);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Doubles with each step; half of it is by chance, so that many sinks, or many
 * daemons, do not come back together. */
static int64_t
backoff_ms(struct alert *alert, int64_t steps)
{
	int64_t delay = BACKOFF_MOST_MS;

	if (steps < 10)
		delay = earlier(BACKOFF_FIRST_MS << (steps > 0 ? steps : 0), delay);
	alert->random ^= alert->random << 13;
	alert->random ^= alert->random >> 7;
	alert->random ^= alert->random << 17;
	return delay / 2 + (int64_t)(alert->random % (uint64_t)(delay / 2 + 1));
}

static void
tell_trouble(struct drain *drain, bool failing)
{
	struct alert *alert = drain->alert;

	drain->told = failing;
	if (alert->trouble != NULL)
		alert->trouble(
		    alert->owner, drain->options.name, failing, drain->last_error);
}

/* Deliveries that fail together count as one failure. */
static void
pause_sink(struct drain *drain, int64_t retry_after_ms)
{
	int64_t now = mono_ms(drain), delay;

	if (drain->paused_until_at <= now) {
		if (drain->failures == 0)
			drain->failing_since_at = now;
		delay = backoff_ms(drain->alert, drain->failures++);
		drain->paused_until_at = now + delay;
		if (drain->failures == 1)
			log_warning("sink %s: %s: alerts wait, and are tried again",
			    drain->options.name, drain->last_error);
	}
	if (retry_after_ms > RETRY_AFTER_MOST_MS)
		retry_after_ms = RETRY_AFTER_MOST_MS;
	if (drain->paused_until_at < now + retry_after_ms)
		drain->paused_until_at = now + retry_after_ms;
	if (!drain->told && now - drain->failing_since_at >= TROUBLE_AFTER_MS)
		tell_trouble(drain, true);
}

/* What succeeds during a pause was under way before it: a probe will tell. */
static void
sink_is_well(struct drain *drain)
{
	if (drain->paused_until_at > mono_ms(drain))
		return;
	if (drain->failures > 0)
		log_info("sink %s: takes alerts again", drain->options.name);
	drain->failures = drain->refusals = 0;
	memset(drain->refused, 0, sizeof(drain->refused));
	drain->paused_until_at = 0;
	drain->last_error[0] = '\0';
	if (drain->told)
		tell_trouble(drain, false);
}

/* --- what becomes of a row ---------------------------------------------------------- */

static struct bytes
job_key(const struct job *job)
{
	return bytes_of(job->id, sizeof(job->id));
}

static struct job *
remember(struct drain *drain, const struct outbox_row *row)
{
	struct job *job = mem_zero(1, sizeof(*job));

	job->drain = drain;
	memcpy(job->id, row->alert.data, sizeof(job->id));
	job->attempts = row->attempts;
	job->since_ms =
	    row->settled_ms != STORE_NO_TIME ? row->settled_ms : row->created_ms;
	map_put(&drain->jobs, job_key(job), job);
	return job;
}

/* Too old, and not merely unlucky once: it, or its sink, failed some times. */
static bool
is_hopeless(const struct job *job, int64_t attempts)
{
	const struct drain *drain = job->drain;
	int64_t age_ms = alert_least_now_ms(drain->alert) - job->since_ms;

	return age_ms > drain->options.give_up_ms &&
	    (attempts >= FAILURES_LEAST || drain->failures >= FAILURES_LEAST);
}

static void
settle(struct job *job, enum outbox_state state, int64_t delay_ms, bool attempted,
    const char *why)
{
	struct drain *drain = job->drain;
	int64_t now = alert_now_ms(drain->alert);
	struct outbox_result result = {
	    .alert = job_key(job),
	    .sink = bytes_text(drain->options.name),
	    .state = state,
	    .now_ms = now,
	    .next_try_ms = now + delay_ms,
	    .error = bytes_text(why),
	    .attempted = attempted,
	};

	job->sending = false;
	job->counted = state == OUTBOX_COUNTED;
	alert_result(drain->alert, &result);
}

static void
give_up(struct job *job, bool attempted, const char *why)
{
	log_error("sink %s: an alert is given up, see \"ctwarden alerts\": %s",
	    job->drain->options.name, why);
	settle(job, OUTBOX_DEAD, 0, attempted, why);
}

static void
try_again(struct job *job, int64_t steps, const char *why)
{
	struct drain *drain = job->drain;
	int64_t pause = drain->paused_until_at - mono_ms(drain);
	int64_t delay = backoff_ms(drain->alert, job->attempts + steps);

	if (is_hopeless(job, job->attempts + 1)) {
		give_up(job, true, why);
		return;
	}
	settle(job, OUTBOX_WAITING, delay > pause ? delay : pause, true, why);
	drain_wake(drain, delay > pause ? delay : pause);
}

static void
note_failure(struct drain *drain, const char *why)
{
	drain->failed++;
	snprintf(drain->last_error, sizeof(drain->last_error), "%s", why);
}

/* Whether so many alerts in a row were refused that it is the sink, not them.
 * The same few, tried again and again, are their own trouble. */
static bool
refuses_all(struct drain *drain, const struct job *job)
{
	for (size_t i = 0; i < ARRAY_LEN(drain->refused); i++)
		if (memcmp(drain->refused[i], job->id, sizeof(job->id)) == 0)
			return false;
	memcpy(drain->refused[drain->refusals++ % ARRAY_LEN(drain->refused)], job->id,
	    sizeof(job->id));
	return drain->refusals >= ARRAY_LEN(drain->refused);
}

static void
on_sent(void *owner, const struct sink_sent *sent)
{
	struct job *job = owner;
	struct drain *drain = job->drain;

	drain->sending--;
	switch (sent->outcome) {
	case SINK_DELIVERED:
		drain->delivered++;
		sink_is_well(drain);
		settle(job, OUTBOX_DELIVERED, 0, true, "");
		break;
	case SINK_TROUBLE:
		note_failure(drain, sent->why);
		pause_sink(drain, sent->retry_after_ms);
		try_again(job, 0, sent->why);
		break;
	case SINK_REFUSED:
		note_failure(drain, sent->why);
		if (refuses_all(drain, job))
			pause_sink(drain, sent->retry_after_ms);
		try_again(job, REFUSED_STEPS, sent->why);
		break;
	}
	drain_wake(drain, 0);
}

static void
send_row(struct job *job, struct bytes payload)
{
	struct drain *drain = job->drain;
	struct sink_message message = {
	    .id = job_key(job), .payload = payload, .sent = on_sent, .owner = job};
	struct err err = {0};

	job->sending = true;
	drain->sending++;
	if (!drain->kind->send(drain->sink, &message, &err)) {
		struct sink_sent sent = {SINK_REFUSED, -1, err.text};

		on_sent(job, &sent);
	}
}

/* --- a turn ---------------------------------------------------------------------------
 */

/* Rows of one read, copied so that the database is not kept busy meanwhile. */
struct page {
	struct drain *drain;
	struct arena arena;
	struct outbox_row rows[ALERT_PAGE];
	size_t len;
};

static bool
on_due(void *owner, const struct outbox_row *row)
{
	struct page *page = owner;
	struct outbox_row *copy = &page->rows[page->len];

	if (row->alert.len != NOTICE_ID_LEN ||
	    map_get(&page->drain->jobs, row->alert) != NULL)
		return true;
	*copy = *row;
	copy->alert = arena_copy(&page->arena, row->alert);
	copy->kind = arena_copy(&page->arena, row->kind);
	copy->group_key = arena_copy(&page->arena, row->group_key);
	copy->payload = arena_copy(&page->arena, row->payload);
	return ++page->len < ALERT_PAGE;
}

/* A sink that failed is first tried with one row. */
static size_t
sending_most(const struct drain *drain)
{
	return drain->failures > 0 ? 1 : drain->kind->in_flight;
}

/* False: there is no room for it now. */
static bool
handle_row(struct drain *drain, const struct outbox_row *row, struct err *err)
{
	struct job *job;
	bool counted;

	if (drain->jobs.used >= ALERT_JOBS_MAX)
		return false;
	if (!count_decide(drain, row, &counted, err))
		return false;
	if (counted) {
		settle(remember(drain, row), OUTBOX_COUNTED, 0, false, "");
		return true;
	}
	if (drain->paused_until_at > mono_ms(drain) ||
	    drain->sending >= sending_most(drain))
		return false;
	job = remember(drain, row);
	if (drain->failures > 0 && is_hopeless(job, 0))
		give_up(job, false, drain->last_error);
	else
		send_row(job, row->payload);
	return true;
}

static bool
read_page(struct drain *drain, bool *more, struct err *err)
{
	struct page page = {.drain = drain};
	size_t done = 0;
	bool ok;

	arena_init(&page.arena);
	ok = store_outbox_due(drain->alert->store, bytes_text(drain->options.name),
	    alert_now_ms(drain->alert), drain->jobs.used + ALERT_PAGE, on_due, &page,
	    err);
	while (ok && done < page.len && handle_row(drain, &page.rows[done], err))
		done++;
	/* Where room was missing, the next answer wakes us. */
	*more = done == ALERT_PAGE;
	arena_free(&page.arena);
	return ok && err->code == ERR_NONE;
}

/* When there is something to do that no answer will announce. */
static bool
wake_for_next(struct drain *drain, struct err *err)
{
	int64_t due_ms, now = alert_now_ms(drain->alert);

	if (!store_outbox_next_due(
		drain->alert->store, bytes_text(drain->options.name), &due_ms, err))
		return false;
	if (due_ms == STORE_NO_TIME || due_ms <= now)
		due_ms = now + LOOK_MS;
	drain_wake(drain, earlier(due_ms - now, LOOK_MS));
	return true;
}

static void
on_turn(void *owner)
{
	struct drain *drain = owner;
	int64_t now = mono_ms(drain);
	struct err err = {0};
	bool more = false, ok = true;

	drain->timer = NULL;
	if (now >= drain->count_at && drain->counting == 0) {
		drain->count_at = now + LOOK_MS;
		ok = count_groups(drain, &err);
	}
	if (ok && drain->paused_until_at > now)
		drain_wake(drain, earlier(drain->paused_until_at - now, LOOK_MS));
	else if (ok)
		ok = read_page(drain, &more, &err) && wake_for_next(drain, &err);
	if (more)
		drain_wake(drain, 0);
	if (!ok) {
		log_error(
		    "sink %s: cannot read the outbox: %s", drain->options.name, err.text);
		drain_wake(drain, STORE_AGAIN_MS);
	}
}

void
drain_settled(struct drain *drain, const struct outbox_result *result)
{
	const struct job *job = map_get(&drain->jobs, result->alert);

	if (result->state == OUTBOX_GROUPED) {
		if (drain->counting > 0 && --drain->counting == 0)
			drain->count_at = 0; /* there may be more */
	} else if (job != NULL && !job->sending) {
		mem_free(map_remove(&drain->jobs, result->alert));
	}
	drain_wake(drain, 0);
}
