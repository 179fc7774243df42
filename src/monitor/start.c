/*
 * Where the reading of a log begins, and the frontier there (architecture.md,
 * "Where reading starts"; wire-formats.md 2.5).
 */
#include <inttypes.h>

#include "base/log.h"
#include "monitor/monitor_priv.h"
#include "store/coverage.h"

/* A log that answers in the first hour after the database was made was there
 * at the first start; any later one is read from its first entry. */
#define FIRST_START_MS HOUR_MS

struct range_change {
	struct change change; /* first */
	uint32_t log;
	uint64_t start;
	struct frontier frontier;
	bool gap;   /* what lies before was left out of a log that is new */
	bool blind; /* the frontier is not known */
	int64_t id;
};

static bool
apply_range(struct writer *writer, struct change *change, struct err *err)
{
	struct range_change *it = (struct range_change *)change;
	uint8_t text[FRONTIER_TEXT_MAX];
	struct range_row row = {.log = it->log,
	    .purpose = RANGE_LIVE,
	    .start = it->start,
	    .verified = it->start,
	    .next = it->start,
	    .created_ms = writer_now_ms(writer),
	    .advanced_ms = writer_now_ms(writer)};
	struct gap_row gap = {.log = it->log,
	    .start = 0,
	    .end = it->start,
	    .reason = bytes_text(it->blind ? "before the start, which is unproved"
		    : it->gap              ? "larger than new_log_max when it appeared"
					   : GAP_BEFORE_START),
	    .since_ms = writer_now_ms(writer)};

	if (!it->blind)
		row.frontier_next = row.frontier_verified =
		    bytes_of(text, frontier_serialise(&it->frontier, text));
	if (!store_range_put(writer->store, &row, err))
		return false;
	it->id = row.id;
	if (writer_range_find(writer, row.id) == NULL)
		(void)writer_range_add(writer, &row);
	return it->start == 0 || store_gap_put(writer->store, &gap, err);
}

static void
range_done(struct monitor *monitor, struct change *change, bool written)
{
	struct range_change *it = (struct range_change *)change;
	struct follower *follower = monitor_follower(monitor, it->log);

	if (written && follower != NULL) {
		struct range *range = &follower->range;

		range->id = it->id;
		range->start = range->next = range->verified = range->asked = it->start;
		range->frontier = it->frontier;
		range->blind = it->blind;
		range->state = RANGE_READING;
		follower->start_failures = 0;
		follower_condition(follower, CONDITION_NO_START, false, NULL);
		log_info("log %s: reading from entry %" PRIu64 " of %" PRIu64,
		    follower->log->name, it->start, follower->head.size);
		read_on(follower);
	}
	mem_free(it);
}

static void
begin_at(struct follower *follower, const struct frontier *frontier, bool blind)
{
	struct range_change *it = mem_zero(1, sizeof(*it));

	it->change.apply = apply_range;
	it->change.done = range_done;
	it->log = follower->number;
	it->start = frontier->size;
	it->frontier = *frontier;
	it->gap = follower->late;
	it->blind = blind;
	change_submit(follower->monitor, &it->change);
}

/* The next head tries again. */
static void
start_failed(struct follower *follower, const struct err *err, const char *what)
{
	follower_trouble(follower, err, what);
	follower->range.state = RANGE_NONE;
	if (++follower->start_failures >= FAILURES_TOLD)
		follower_condition(
		    follower, CONDITION_NO_START, true, follower->last_error);
}

/* What merely failed for now is asked for again; what contradicts the log's
 * own head is no reason to trust it. */
static bool
may_begin_blind(const struct follower *follower, const struct err *err)
{
	return follower->unproved_start && err->code != ERR_VERIFY &&
	    (err->code == ERR_NOT_FOUND || follower->start_failures + 1 >= FAILURES_TOLD);
}

static void
begin_blind(struct follower *follower, const struct err *err)
{
	struct frontier none = {.size = follower->start_index};
	char *message = mem_format("reading starts at entry %" PRIu64
				   ", unproved: what lies before cannot be had (%.150s)",
	    none.size, err->text);

	log_warning("log %s: %s", follower->log->name, message);
	follower_event(
	    follower, "start-unproved", NOTICE_LEVEL_WARNING, message, NULL, false);
	mem_free(message);
	begin_at(follower, &none, true);
}

static void
on_frontier(void *owner, const struct frontier *frontier, const struct err *err)
{
	struct follower *follower = owner;

	follower->start_call = NULL;
	if (err == NULL)
		begin_at(follower, frontier, false);
	else if (may_begin_blind(follower, err))
		begin_blind(follower, err);
	else
		start_failed(follower, err, "the frontier where reading starts");
}

static void
start_at(struct follower *follower, uint64_t index)
{
	struct frontier empty;

	if (index > follower->head.size)
		index = follower->head.size;
	if (index == 0) {
		frontier_init(&empty);
		begin_at(follower, &empty, false);
		return;
	}
	follower->start_index = index;
	follower->start_call = logclient_get_frontier(follower->client, index,
	    follower->head.size, &follower->head.root, on_frontier, follower);
}

static void
on_since(void *owner, uint64_t index, const struct err *err)
{
	struct follower *follower = owner;

	follower->start_call = NULL;
	if (err == NULL) {
		start_at(follower, index);
		return;
	}
	start_failed(follower, err, "the first entry since the configured date");
}

void
start_choose(struct follower *follower)
{
	struct monitor *monitor = follower->monitor;
	uint64_t size = follower->head.size;
	bool first = clock_now_ms(monitor->clock) - monitor->created_ms < FIRST_START_MS;

	follower->range.state = RANGE_STARTING;
	follower->late = false;
	if (!first && !follower->start.always) {
		follower->late = size > monitor->options.new_log_max;
		start_at(follower, follower->late ? size : 0);
		return;
	}
	switch (follower->start.kind) {
	case START_TIP:
		start_at(follower, size);
		break;
	case START_GENESIS:
		start_at(follower, 0);
		break;
	case START_INDEX:
		start_at(follower, follower->start.index);
		break;
	case START_SINCE:
		follower->start_call = logclient_find_since(
		    follower->client, follower->start.since_ms, size, on_since, follower);
		break;
	}
}
