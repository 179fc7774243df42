#include "monitor/upkeep.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "check/run.h"
#include "monitor/candidate.h"
#include "monitor/due.h"
#include "monitor/factor.h"
#include "monitor/lie.h"
#include "monitor/tell.h"
#include "store/certificate.h"
#include "store/coverage.h"
#include "store/log.h"
#include "store/outbox.h"

#define TICK_MS       (10 * SECOND_MS)
#define JUMP_MS       MINUTE_MS
#define COVERAGE_MS   HOUR_MS
#define PRUNE_MS      (10 * MINUTE_MS)
#define PRUNE_SLICE   500
#define GAPS_MAX      256
#define DOUBTED_LEAST 3 /* logs, before most of them accuse our clock */
#define DOUBT_HEADS   3 /* in a row, before it is told of a log, or over */

/* --- our own clock --- */

void
upkeep_check_clock(struct monitor *monitor)
{
	int64_t apart = clock_now_ms(monitor->clock) - clock_mono_ms(monitor->clock);
	int64_t jump = apart - monitor->clock_apart_ms;
	char subject[32], message[128];
	struct monitor_event event = {.kind = "clock-jumped",
	    .level = NOTICE_LEVEL_WARNING,
	    .message = message,
	    .moment = true};

	monitor->clock_apart_ms = apart;
	if (jump > -JUMP_MS && jump < JUMP_MS)
		return;
	monitor->clock_jumped_ms += jump;
	snprintf(subject, sizeof(subject), "%" PRId64, clock_now_ms(monitor->clock));
	snprintf(message, sizeof(message),
	    "the clock of this machine went %s by %" PRId64 " s",
	    jump > 0 ? "ahead" : "back", (jump > 0 ? jump : -jump) / 1000);
	event.subject = bytes_text(subject);
	log_warning("%s", message);
	monitor_tell(monitor, &event);
	/* What a head's age says is held back until the log's next ones. */
	for (struct follower *f = monitor->followers; f != NULL; f = f->next)
		f->doubt_heads = 0;
}

static void
tell_doubt(struct follower *f)
{
	enum doubt doubt = f->doubt_is_ours ? DOUBT_NONE : f->doubt;

	if (f->doubt_heads < DOUBT_HEADS)
		return;
	if (doubt == DOUBT_STALE)
		lie_of_head(f, CONDITION_STALE, &f->doubted);
	else
		follower_condition(f, CONDITION_STALE, false, NULL);
	if (doubt == DOUBT_FUTURE)
		lie_of_head(f, CONDITION_FUTURE, &f->doubted);
	else
		follower_condition(f, CONDITION_FUTURE, false, NULL);
}

static void
tell_suspect(struct monitor *monitor, const char *message)
{
	bool suspect = message != NULL;
	struct monitor_event event = {.kind = "own-clock-suspect",
	    .subject = bytes_text("clock"),
	    .level = NOTICE_LEVEL_WARNING,
	    .message = suspect ? message : "most logs agree with our clock again",
	    .ends = !suspect};

	if (suspect || monitor->told_clock == TOLD_TROUBLE)
		log_warning("%s", event.message);
	monitor->told_clock = suspect ? TOLD_TROUBLE : TOLD_FINE;
	monitor_tell(monitor, &event);
}

void
upkeep_clock_doubt(struct monitor *monitor)
{
	unsigned logs = 0, heard = 0, stale = 0, future = 0;
	bool suspect;

	for (const struct follower *f = monitor->followers; f != NULL; f = f->next) {
		if (!f->wanted || !f->has_head)
			continue;
		logs++;
		heard += f->doubt_heads > 0;
		stale += f->doubt == DOUBT_STALE;
		future += f->doubt == DOUBT_FUTURE;
	}
	suspect = logs >= DOUBTED_LEAST && (2 * stale > logs || 2 * future > logs);
	if (suspect && monitor->told_clock != TOLD_TROUBLE)
		tell_suspect(monitor,
		    2 * stale > logs
			? "most logs' heads look old: our clock may be ahead"
			: "most logs' heads lie ahead: our clock may be behind");
	else if (!suspect && monitor->told_clock != TOLD_FINE && 2 * heard > logs)
		tell_suspect(monitor, NULL); /* a former run may have told it */
	for (struct follower *f = monitor->followers; f != NULL && !suspect; f = f->next)
		tell_doubt(f);
}

/* --- what waited until every log is level --- */

struct release_change {
	struct change change; /* first */
};

struct held {
	struct writer *writer;
	struct outbox_result *results;
	size_t count, room;
};

static bool
on_held(void *owner, const struct outbox_row *row)
{
	struct held *held = owner;
	struct outbox_result *old = held->results;

	if (held->count == held->room) {
		held->room = held->room == 0 ? 32 : held->room * 2;
		held->results =
		    arena_alloc(&held->writer->arena, held->room * sizeof(*old));
		if (old != NULL)
			memcpy(held->results, old, held->count * sizeof(*old));
	}
	held->results[held->count++] =
	    (struct outbox_result){.alert = arena_copy(&held->writer->arena, row->alert),
		.sink = arena_copy(&held->writer->arena, row->sink),
		.state = OUTBOX_WAITING,
		.now_ms = writer_now_ms(held->writer),
		.next_try_ms = writer_now_ms(held->writer)};
	return true;
}

static bool
apply_release(struct writer *writer, struct change *change, struct err *err)
{
	struct outbox_filter filter = {.state = OUTBOX_HELD};
	struct held held = {.writer = writer};

	(void)change;
	if (!store_outbox_each(writer->store, &filter, on_held, &held, err))
		return false;
	for (size_t i = 0; i < held.count; i++)
		if (!store_outbox_settle(writer->store, &held.results[i], err))
			return false;
	writer->outbox_filled = held.count > 0;
	return true;
}

static void
change_done(struct monitor *monitor, struct change *change, bool written)
{
	(void)monitor;
	(void)written;
	mem_free(change);
}

static void
submit(struct monitor *monitor, size_t size,
    bool (*apply)(struct writer *, struct change *, struct err *))
{
	struct change *change = mem_zero(1, size);

	change->apply = apply;
	change->done = change_done;
	change_submit(monitor, change);
}

/* Whether it may soon be level: what cannot be read keeps nothing back. */
static bool
is_coming(const struct follower *f)
{
	static const enum condition HINDERS[] = {CONDITION_UNREACHABLE, CONDITION_GONE,
	    CONDITION_NO_ENTRIES, CONDITION_NO_START};

	if (!f->wanted || !f->has_head || f->range.state == RANGE_STOPPED ||
	    f->failures >= FAILURES_TOLD)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(HINDERS); i++)
		if (f->told[HINDERS[i]] == TOLD_TROUBLE)
			return false;
	return f->range.state != RANGE_READING || f->range.next < f->head.size;
}

void
upkeep_level(struct monitor *monitor)
{
	if (!monitor->may_hold)
		return;
	for (const struct follower *f = monitor->followers; f != NULL; f = f->next)
		if (is_coming(f))
			return;
	monitor->may_hold = false;
	submit(monitor, sizeof(struct release_change), apply_release);
}

/* --- what is missing of a log --- */

struct coverage_change {
	struct change change; /* first */
	uint32_t log;
	const struct ct_log *ct_log; /* a reference */
	struct head_mark head;
	uint64_t verified;
};

struct gaps {
	struct judged_gap rows[GAPS_MAX];
	size_t count;
	bool news; /* some of it was not asked for */
};

static bool
on_gap(void *owner, const struct gap_row *row)
{
	struct gaps *gaps = owner;

	gaps->rows[gaps->count++] =
	    (struct judged_gap){row->start, row->end, GAP_NOT_READ};
	gaps->news =
	    gaps->news || !bytes_equal(row->reason, bytes_text(GAP_BEFORE_START));
	return gaps->count < GAPS_MAX / 2;
}

static bool
on_unparsed(void *owner, const struct entry_row *row)
{
	struct gaps *gaps = owner;

	gaps->rows[gaps->count++] =
	    (struct judged_gap){row->index, row->index + 1, GAP_NOT_PARSED};
	gaps->news = true;
	return gaps->count < GAPS_MAX;
}

static bool
apply_coverage(struct writer *writer, struct change *change, struct err *err)
{
	struct coverage_change *it = (struct coverage_change *)change;
	struct entry_filter filter = {
	    .log = it->log, .state = ENTRY_UNPARSED, .limit = 100};
	struct gaps *gaps = arena_zero(&writer->arena, 1, sizeof(*gaps));
	struct judged_log judged = {.name = it->ct_log->name,
	    .tree_size = it->head.size,
	    .verified = it->verified,
	    .gaps = gaps->rows,
	    .now_ms = writer_now_ms(writer)};
	struct told_about about = {.watch = WATCH_NOT_FOUND, .log = it->log};
	struct findings findings;

	if (!store_gap_each(writer->store, it->log, on_gap, gaps, err) ||
	    !store_entry_each(writer->store, &filter, on_unparsed, gaps, err))
		return false;
	judged.gap_count = gaps->count;
	about.silent = !gaps->news;
	memcpy(judged.log_id, it->ct_log->id.octets, SHA256_LEN);
	findings_init(&findings, &writer->arena);
	checks_run_log(&judged, &writer->working->settings->params, &findings);
	return tell_findings(writer, &findings, &about, err);
}

static void
coverage_done(struct monitor *monitor, struct change *change, bool written)
{
	struct coverage_change *it = (struct coverage_change *)change;

	(void)monitor;
	(void)written;
	ct_log_free(it->ct_log);
	mem_free(it);
}

static void
check_coverage(struct follower *follower)
{
	struct coverage_change *it;

	if (follower->range.state != RANGE_READING || !follower->has_head)
		return;
	it = mem_zero(1, sizeof(*it));
	it->change.apply = apply_coverage;
	it->change.done = coverage_done;
	it->log = follower->number;
	it->ct_log = ct_log_ref(follower->log);
	it->head = follower->head;
	it->verified = follower->range.verified;
	change_submit(follower->monitor, &it->change);
}

/* --- forgetting --- */

struct prune_change {
	struct change change;                         /* first */
	int64_t heads_ms, unmatched_ms, delivered_ms; /* before these; 0: nothing goes */
	int64_t after;                                /* certificates looked at so far */
	bool more;
};

struct unmatched {
	struct prune_change *it;
	struct writer *writer;
	int64_t numbers[PRUNE_SLICE];
	size_t count;
};

static bool
on_unmatched(void *owner, const struct certificate_row *row)
{
	struct unmatched *list = owner;

	list->numbers[list->count++] = row->number;
	list->it->after = row->number;
	return list->count < PRUNE_SLICE;
}

struct one_form {
	struct arena *arena;
	struct bytes der;
};

static bool
on_form(void *owner, const struct form_row *row)
{
	struct one_form *form = owner;

	form->der = arena_copy(form->arena, row->der);
	return false;
}

/* Its names go with it: they are read from the certificate again. */
static bool
forget_certificate(struct writer *writer, int64_t number, struct err *err)
{
	struct one_form form = {.arena = &writer->arena};
	struct bytes *names = NULL;
	size_t count = 0;
	struct cert cert;

	if (!store_form_of(writer->store, number, on_form, &form, err))
		return false;
	if (cert_parse(form.der, &cert) || cert_parse_tbs(form.der, &cert))
		candidate_names(&cert, &writer->arena, &names, &count);
	return store_certificate_delete(writer->store, number, names, count, err);
}

static bool
prune_unmatched(struct writer *writer, struct prune_change *it, struct err *err)
{
	struct unmatched *list = arena_zero(&writer->arena, 1, sizeof(*list));
	struct certificate_filter filter = {.flags_clear = CERTIFICATE_MATCHED,
	    .first_seen_before_ms = it->unmatched_ms,
	    .after = it->after,
	    .limit = PRUNE_SLICE};

	list->it = it;
	list->writer = writer;
	if (!store_certificate_each(writer->store, &filter, on_unmatched, list, err))
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (!forget_certificate(writer, list->numbers[i], err))
			return false;
	it->more = it->more || list->count == PRUNE_SLICE;
	return true;
}

static bool
apply_prune(struct writer *writer, struct change *change, struct err *err)
{
	struct prune_change *it = (struct prune_change *)change;
	size_t heads = 0, alerts = 0;

	it->more = false;
	if (it->heads_ms != 0 &&
	    !store_tree_head_prune(writer->store, it->heads_ms, PRUNE_SLICE, &heads, err))
		return false;
	if (it->delivered_ms != 0 &&
	    !store_outbox_prune(
		writer->store, it->delivered_ms, PRUNE_SLICE, &alerts, err))
		return false;
	it->more = heads == PRUNE_SLICE || alerts == PRUNE_SLICE;
	return it->unmatched_ms == 0 || prune_unmatched(writer, it, err);
}

/* In slices, each a transaction of its own, so that batches go between. */
static void
pruned(struct monitor *monitor, struct change *change, bool written)
{
	struct prune_change *it = (struct prune_change *)change;

	if (written && it->more && !monitor->stopping)
		change_submit(monitor, change);
	else
		mem_free(it);
}

static void
prune(struct monitor *monitor)
{
	const struct monitor_options *options = &monitor->options;
	int64_t now = clock_now_ms(monitor->clock);
	struct prune_change *it = mem_zero(1, sizeof(*it));

	it->change.apply = apply_prune;
	it->change.done = pruned;
	it->heads_ms = options->keep_heads_ms == 0 ? 0 : now - options->keep_heads_ms;
	it->unmatched_ms =
	    options->keep_unmatched_ms == 0 ? 0 : now - options->keep_unmatched_ms;
	it->delivered_ms =
	    options->keep_delivered_ms == 0 ? 0 : now - options->keep_delivered_ms;
	change_submit(monitor, &it->change);
}

/* --- by the clock --- */

static bool
is_due(int64_t *last_ms, int64_t now_ms, int64_t every_ms)
{
	if (*last_ms != 0 && now_ms - *last_ms < every_ms)
		return false;
	*last_ms = now_ms;
	return true;
}

static void
on_tick(void *owner)
{
	struct monitor *monitor = owner;
	int64_t now = clock_mono_ms(monitor->clock);

	monitor->upkeep_timer = NULL;
	if (monitor->stopping)
		return;
	upkeep_check_clock(monitor);
	if (monitor->snapshot != NULL) {
		if (is_due(&monitor->pruned_ms, now, PRUNE_MS))
			prune(monitor);
		for (struct follower *f = monitor->followers; f != NULL; f = f->next)
			if (f->range.state == RANGE_READING &&
			    is_due(&f->covered_ms, now, COVERAGE_MS))
				check_coverage(f);
		upkeep_level(monitor);
		period_tick(monitor);
		due_tick(monitor);
		factor_tick(monitor);
	}
	upkeep_start(monitor);
}

void
upkeep_start(struct monitor *monitor)
{
	if (monitor->clock_apart_ms == 0)
		monitor->clock_apart_ms =
		    clock_now_ms(monitor->clock) - clock_mono_ms(monitor->clock);
	if (monitor->upkeep_timer == NULL)
		monitor->upkeep_timer =
		    clock_after(monitor->clock, TICK_MS, on_tick, monitor);
}

void
upkeep_stop(struct monitor *monitor)
{
	clock_cancel(monitor->clock, monitor->upkeep_timer);
	monitor->upkeep_timer = NULL;
}
