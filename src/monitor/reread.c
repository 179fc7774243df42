#include "monitor/reread.h"

#include "monitor/owe.h"
#include "monitor/tell.h"
#include "store/certificate.h"
#include "store/coverage.h"
#include "store/evidence.h"

static bool
on_before(void *owner, const struct sighting_row *row)
{
	struct reread *reread = owner;
	int64_t *old = reread->certificates;

	if (reread->count == reread->room) {
		reread->room = reread->room == 0 ? 64 : reread->room * 2;
		reread->certificates =
		    arena_alloc(&reread->writer->arena, reread->room * sizeof(*old));
		if (old != NULL)
			memcpy(reread->certificates, old, reread->count * sizeof(*old));
	}
	reread->certificates[reread->count++] = row->certificate;
	return true;
}

static bool
forget_kept(struct writer *writer, const struct batch *batch, struct err *err)
{
	for (uint64_t i = 0; i < batch->count; i++)
		if (!store_entry_delete(
			writer->store, batch->log_number, batch->start + i, err))
			return false;
	return true;
}

bool
reread_begin(struct writer *writer, const struct batch *batch, struct reread *reread,
    struct err *err)
{
	uint64_t end = batch->start + batch->count;
	size_t deleted;

	*reread = (struct reread){.writer = writer};
	return store_sighting_each(writer->store, batch->log_number, batch->start, end, 0,
		   on_before, reread, err) &&
	    store_sighting_delete(
		writer->store, batch->log_number, batch->start, end, &deleted, err) &&
	    forget_kept(writer, batch, err) &&
	    store_owed_cut(
		writer->store, batch->log_number, OWED_PROMISE, batch->start, end, err) &&
	    store_coverage_cut(writer->store, batch->log_number, batch->start, end, err);
}

static bool
on_any(void *owner, const struct sighting_row *row)
{
	(void)row;
	*(bool *)owner = true;
	return false;
}

struct ids {
	struct writer *writer;
	uint8_t (*ids)[FINDING_ID_LEN];
	size_t count;
};

static bool
on_open(void *owner, const struct finding_row *row)
{
	struct ids *ids = owner;

	if (ids->count < CHECKS_MAX)
		memcpy(ids->ids[ids->count++], row->id.data, FINDING_ID_LEN);
	return true;
}

static bool
withdraw_all(struct writer *writer, int64_t certificate, struct err *err)
{
	struct finding_filter filter = {
	    .certificate = certificate, .state = FINDING_OPEN};
	struct ids ids = {
	    writer, arena_alloc(&writer->arena, (size_t)CHECKS_MAX * FINDING_ID_LEN), 0};

	if (!store_finding_each(writer->store, &filter, on_open, &ids, err))
		return false;
	for (size_t i = 0; i < ids.count; i++)
		if (!tell_closed(writer, ids.ids[i], "withdrawn", true, err))
			return false;
	return true;
}

bool
reread_end(struct writer *writer, struct reread *reread, struct err *err)
{
	for (size_t i = 0; i < reread->count; i++) {
		bool seen = false;

		if (!store_sighting_of(
			writer->store, reread->certificates[i], on_any, &seen, err) ||
		    (!seen && !withdraw_all(writer, reread->certificates[i], err)))
			return false;
	}
	return true;
}

static bool
on_range_row(void *owner, const struct range_row *row)
{
	struct range_row *wanted = owner;

	if (row->id != wanted->id)
		return true;
	*wanted = *row;
	wanted->frontier_next = wanted->frontier_verified = wanted->stopped =
	    bytes_of(NULL, 0);
	return false;
}

bool
reread_stop(
    struct writer *writer, struct writer_range *range, const char *why, struct err *err)
{
	const struct range_mark *mark = &range->now;
	struct range_row row = {.id = range->id};
	uint8_t next[FRONTIER_TEXT_MAX], verified[FRONTIER_TEXT_MAX];

	if (!store_range_each(writer->store, range->log, on_range_row, &row, err))
		return false;
	row.frontier_next = bytes_of(next, frontier_serialise(&mark->frontier, next));
	row.frontier_verified =
	    bytes_of(verified, frontier_serialise(&mark->frontier_verified, verified));
	row.stopped = bytes_text(why);
	return store_range_put(writer->store, &row, err);
}

bool
reread_start(struct writer *writer, struct writer_range *range, struct err *err)
{
	struct range_mark *mark = &range->now;
	struct range_row row = {.id = range->id};
	uint8_t text[FRONTIER_TEXT_MAX];

	if (!store_range_each(writer->store, range->log, on_range_row, &row, err))
		return false;
	if (mark->reread_until < mark->next) /* a second time in the midst of the first */
		mark->reread_until = mark->next;
	frontier_root(&mark->frontier, &mark->reread_root);
	mark->next = mark->verified;
	mark->frontier = mark->frontier_verified;
	row.next = mark->next;
	row.reread_until = mark->reread_until;
	row.frontier_next = row.frontier_verified =
	    bytes_of(text, frontier_serialise(&mark->frontier, text));
	row.advanced_ms = writer_now_ms(writer);
	return store_range_put(writer->store, &row, err);
}
