/*
 * Older entries that are read on purpose: a range with an end, read in the
 * background by a client of its own, from a frontier that is proved, up to what
 * is proved; then it joins its neighbours. Its row is there from the first, so
 * it goes on after a crash where it stood.
 */
#include "store/backfill.h"

#include <inttypes.h>

#include "base/log.h"
#include "base/text.h"
#include "monitor/monitor_priv.h"
#include "monitor/tell.h"
#include "store/log.h"

/* --- where it starts -------------------------------------------------------- */

struct begin_change {
	struct change change; /* first */
	int64_t range_id;
	uint32_t log;
	struct frontier frontier;
	bool found;
};

static bool
on_row(void *owner, const struct range_row *row)
{
	struct range_row *wanted = owner;

	if (row->id != wanted->id)
		return true;
	*wanted = *row;
	return false;
}

static bool
apply_begin(struct writer *writer, struct change *change, struct err *err)
{
	struct begin_change *it = (struct begin_change *)change;
	struct writer_range *range = writer_range_find(writer, it->range_id);
	struct range_row row = {.id = it->range_id};
	uint8_t text[FRONTIER_TEXT_MAX];

	it->found = range != NULL;
	if (!it->found)
		return true;
	if (!store_range_each(writer->store, it->log, on_row, &row, err))
		return false;
	row.frontier_next = row.frontier_verified =
	    bytes_of(text, frontier_serialise(&it->frontier, text));
	row.stopped = bytes_of(NULL, 0);
	range->now.frontier = range->now.frontier_verified = it->frontier;
	range->now.blind = false;
	return store_range_put(writer->store, &row, err);
}

static void
begun(struct monitor *monitor, struct change *change, bool written)
{
	struct begin_change *it = (struct begin_change *)change;
	struct follower *f = monitor_reader(monitor, it->log, it->range_id);

	if (written && it->found && f != NULL && f->range.id == it->range_id) {
		f->range.frontier = it->frontier;
		f->range.blind = false;
		f->range.state = RANGE_READING;
		log_info("log %s: reading entries %" PRIu64 " to %" PRIu64
			 " in the background",
		    f->log->name, f->range.start, f->range.end);
		read_on(f);
	}
	mem_free(it);
}

static void
begin_at(struct follower *f, const struct frontier *frontier)
{
	struct begin_change *it = mem_zero(1, sizeof(*it));

	it->change.apply = apply_begin;
	it->change.done = begun;
	it->range_id = f->range.id;
	it->log = f->number;
	it->frontier = *frontier;
	change_submit(f->monitor, &it->change);
}

/* The next head tries again. */
static void
on_frontier(void *owner, const struct frontier *frontier, const struct err *err)
{
	struct follower *f = owner;

	f->start_call = NULL;
	if (err == NULL) {
		begin_at(f, frontier);
		return;
	}
	follower_trouble(f, err, "the frontier where the backfill starts");
	f->range.state = RANGE_NONE;
	if (++f->start_failures >= FAILURES_TOLD)
		follower_condition(f, CONDITION_NO_START, true, f->last_error);
}

static void
find_start(struct follower *f)
{
	struct frontier empty;

	if (f->head.size < f->range.start)
		return;
	f->range.state = RANGE_STARTING;
	if (f->range.start == 0) {
		frontier_init(&empty);
		begin_at(f, &empty);
		return;
	}
	f->start_call = logclient_get_frontier(
	    f->client, f->range.start, f->head.size, &f->head.root, on_frontier, f);
}

/* --- its life ----------------------------------------------------------------- */

static void
go_on(struct follower *f)
{
	f->head = f->parent->head;
	f->has_head = true;
	switch (f->range.state) {
	case RANGE_NONE:
		find_start(f);
		break;
	case RANGE_READING:
		read_on(f);
		prove_early(f);
		break;
	case RANGE_STARTING:
	case RANGE_STOPPED:
		break;
	}
}

void
backfill_heads(struct follower *parent)
{
	for (struct follower *f = parent->backfills; f != NULL; f = f->next)
		go_on(f);
}

/* A range may have the id of one that was joined: its epochs are all later. */
#define EPOCHS (UINT32_C(1) << 20)

void
backfill_resume(struct follower *parent, const struct range_row *row, bool anew)
{
	struct monitor_log from = {.log = parent->log,
	    .follow = true,
	    .poll_ms = parent->poll_ms,
	    .tls_ca = parent->tls_ca,
	    .tiles = parent->tiles,
	    .known_bad = parent->known_bad,
	    .known_bad_count = parent->known_bad_count};
	struct follower *f = follower_new(parent->monitor, parent, &from, parent->number);
	struct err err;

	if (f == NULL)
		return;
	f->next = parent->backfills;
	parent->backfills = f;
	f->range.id = row->id;
	f->range.epoch = ++parent->monitor->backfills * EPOCHS;
	f->range.start = row->start;
	f->range.end = row->end;
	f->range.next = f->range.asked = row->next;
	f->range.verified = row->verified;
	f->range.fence = row->reread_until;
	if (frontier_parse(row->frontier_next, &f->range.frontier, &err))
		f->range.state = RANGE_READING;
	if (row->stopped.len > 0 && f->range.state == RANGE_READING) {
		f->range.state = RANGE_STOPPED;
		prove_again(f);
	} else if (anew) {
		read_restart(f, 0); /* what was on its way is nothing to it */
	}
	if (parent->has_head)
		go_on(f);
}

/* --- its end -------------------------------------------------------------------- */

#define JOINS_MAX 16

struct complete_change {
	struct change change; /* first */
	int64_t range_id;
	uint32_t log;
	struct {
		int64_t gone, into;
		uint64_t start;
	} joins[JOINS_MAX];
	size_t join_count;
};

static void
on_joined(void *owner, int64_t gone, int64_t into, uint64_t start)
{
	struct complete_change *it = owner;

	if (it->join_count == JOINS_MAX)
		it->join_count--; /* only what a log's status shows as its start */
	it->joins[it->join_count].gone = gone;
	it->joins[it->join_count].into = into;
	it->joins[it->join_count++].start = start;
}

static bool
apply_complete(struct writer *writer, struct change *change, struct err *err)
{
	struct complete_change *it = (struct complete_change *)change;

	it->join_count = 0;
	return store_backfill_join(writer->store, it->log, on_joined, it, err) &&
	    tell_history(writer, it->log, err);
}

static void
forget(struct follower *f)
{
	struct follower **at = &f->parent->backfills;

	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	follower_free(f);
}

static void
completed(struct monitor *monitor, struct change *change, bool written)
{
	struct complete_change *it = (struct complete_change *)change;
	struct follower *f = monitor_reader(monitor, it->log, it->range_id);

	if (written && f != NULL && f->parent != NULL) {
		log_info("log %s: entries %" PRIu64 " to %" PRIu64 " are read and proved",
		    f->log->name, f->range.start, f->range.end);
		forget(f);
	}
	for (size_t i = 0; written && i < it->join_count; i++) {
		f = monitor_reader(monitor, it->log, it->joins[i].into);
		if (f != NULL && f->range.id == it->joins[i].into)
			f->range.start = it->joins[i].start;
	}
	mem_free(it);
}

void
backfill_verified(struct follower *f)
{
	struct complete_change *it;

	if (f->parent == NULL)
		return;
	f->parent->included = 0; /* findings below what was looked at may be new */
	if (f->range.verified < f->range.end || f->range.state != RANGE_READING)
		return;
	follower_condition(f, CONDITION_MISMATCH, false, NULL);
	f->range.state = RANGE_STARTING; /* nothing more is asked for */
	it = mem_zero(1, sizeof(*it));
	it->change.apply = apply_complete;
	it->change.done = completed;
	it->range_id = f->range.id;
	it->log = f->number;
	change_submit(f->monitor, &it->change);
}

/* --- asked for --------------------------------------------------------------------- */

struct ask_change {
	struct change change; /* first */
	char *name;
	uint64_t from, to;
	uint32_t log;
	struct arena arena;
	struct range_row *rows;
	struct monitor_backfill sum;
	struct err err; /* of what is asked for */
	monitor_backfill_fn *done;
	void *owner;
};

static bool
on_log(void *owner, const struct log_row *row)
{
	struct ask_change *it = owner;
	uint8_t id[32];
	bool is_id = strlen(it->name) == 64 && hex_parse(it->name, id, 32);

	if (is_id ? bytes_equal(row->log_id, bytes_of(id, 32))
		  : bytes_equal(row->name, bytes_text(it->name)))
		it->log = row->number;
	return it->log == 0;
}

static bool
on_added(void *owner, const struct range_row *row)
{
	struct ask_change *it = owner;
	struct range_row *more =
	    arena_alloc(&it->arena, (it->sum.ranges + 1) * sizeof(*more));

	if (it->sum.ranges > 0)
		memcpy(more, it->rows, it->sum.ranges * sizeof(*more));
	it->rows = more;
	more[it->sum.ranges++] = *row;
	it->sum.entries += row->end - row->start;
	return true;
}

/* An index beyond the tree is a mistake; one in the live range is read already. */
static bool
is_possible(struct ask_change *it, struct store *store, struct err *err)
{
	struct tree_head_row head;
	bool found;

	if (!store_log_each(store, on_log, it, err))
		return false;
	if (it->log == 0) {
		err_set(&it->err, ERR_NOT_FOUND, "no log is called \"%.80s\"", it->name);
		return true;
	}
	if (!store_tree_head_newest(store, it->log, &it->arena, &head, &found, err))
		return false;
	if (!found)
		err_set(&it->err, ERR_NOT_FOUND, "no head of the log is known yet");
	else if (it->from >= it->to || it->to > head.size)
		err_set(&it->err, ERR_PARSE,
		    "entries %" PRIu64 " to %" PRIu64 " of a log of %" PRIu64, it->from,
		    it->to, head.size);
	return true;
}

static bool
apply_ask(struct writer *writer, struct change *change, struct err *err)
{
	struct ask_change *it = (struct ask_change *)change;

	it->err = (struct err){0};
	it->sum = (struct monitor_backfill){0};
	it->log = 0;
	if (!is_possible(it, writer->store, err))
		return false;
	if (it->err.code != ERR_NONE)
		return true;
	if (!store_backfill_add(writer->store, it->log, it->from, it->to,
		writer_now_ms(writer), on_added, it, &it->err)) {
		*err = it->err;
		return it->err.code == ERR_NOT_FOUND;
	}
	for (unsigned i = 0; i < it->sum.ranges; i++)
		(void)writer_range_add(writer, &it->rows[i]);
	return true;
}

static void
asked(struct monitor *monitor, struct change *change, bool written)
{
	struct ask_change *it = (struct ask_change *)change;
	struct follower *parent = monitor_follower(monitor, it->log);

	if (!written && it->err.code == ERR_NONE)
		err_set(&it->err, ERR_STORE, "the daemon is stopping");
	for (unsigned i = 0; written && parent != NULL && i < it->sum.ranges; i++)
		backfill_resume(parent, &it->rows[i], false);
	it->done(it->owner, &it->sum, it->err.code == ERR_NONE ? NULL : &it->err);
	arena_free(&it->arena);
	mem_free(it->name);
	mem_free(it);
}

void
monitor_backfill(struct monitor *monitor, const char *log, uint64_t from, uint64_t to,
    monitor_backfill_fn *done, void *owner)
{
	struct ask_change *it = mem_zero(1, sizeof(*it));

	it->change.apply = apply_ask;
	it->change.done = asked;
	it->name = mem_text(log);
	it->from = from;
	it->to = to;
	arena_init(&it->arena);
	it->done = done;
	it->owner = owner;
	change_submit(monitor, &it->change);
}
