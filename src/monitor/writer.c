#include "monitor/writer.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/certificate.h"
#include "store/coverage.h"
#include "store/log.h"
#include "x509/name.h"

#define TEXT_MAX ((size_t)1 << 20)
#define WELL_MS  30000 /* without a failure, before trouble is over */

static struct bytes
id_key(const int64_t *id)
{
	return bytes_of(id, sizeof(*id));
}

struct writer_range *
writer_range_find(struct writer *writer, int64_t id)
{
	return map_get(&writer->ranges, id_key(&id));
}

struct writer_range *
writer_range_add(struct writer *writer, const struct range_row *row)
{
	struct writer_range *range = writer_range_find(writer, row->id);
	struct err err;

	if (range == NULL)
		range = mem_zero(1, sizeof(*range));
	range->now = (struct range_mark){0};
	range->id = row->id;
	range->log = row->log;
	range->backfill = row->purpose == RANGE_BACKFILL;
	range->now.next = row->next;
	range->now.verified = row->verified;
	range->now.reread_until = row->reread_until;
	range->now.blind = row->frontier_next.len == 0;
	if (!range->now.blind &&
	    (!frontier_parse(row->frontier_next, &range->now.frontier, &err) ||
		!frontier_parse(
		    row->frontier_verified, &range->now.frontier_verified, &err))) {
		log_error("database: range %lld: %s", (long long)row->id, err.text);
		mem_free(range);
		return NULL;
	}
	range->committed = range->now;
	map_put(&writer->ranges, id_key(&range->id), range);
	return range;
}

static bool
on_range(void *owner, const struct range_row *row)
{
	(void)writer_range_add(owner, row);
	return true;
}

static bool
on_log(void *owner, const struct log_row *row)
{
	writer_note_log(owner, row->number, row->log_id);
	return true;
}

bool
writer_init(
    struct writer *writer, struct store *store, struct clock *clock, struct err *err)
{
	*writer = (struct writer){.store = store, .clock = clock};
	map_init(&writer->ranges);
	map_init(&writer->issuers);
	map_init(&writer->numbers);
	map_init(&writer->fresh_cas);
	map_init(&writer->log_ids);
	state_init(&writer->state);
	arena_init(&writer->arena);
	buf_init(&writer->text, TEXT_MAX);
	return store_range_each(store, 0, on_range, writer, err) &&
	    store_log_each(store, on_log, writer, err);
}

void
writer_fini(struct writer *writer)
{
	map_free(&writer->ranges, mem_free);
	map_free(&writer->issuers, NULL);
	map_free(&writer->numbers, NULL);
	map_free(&writer->fresh_cas, NULL);
	map_free(&writer->log_ids, mem_free);
	state_clear(&writer->state);
	arena_free(&writer->arena);
	buf_free(&writer->text);
	snapshot_unref(writer->snapshot);
	snapshot_unref(writer->working);
	store_close(writer->store);
}

int64_t
writer_now_ms(const struct writer *writer)
{
	return clock_now_ms(writer->clock);
}

bool
writer_issuer(struct writer *writer, struct bytes dn, struct bytes spki, uint32_t *number,
    struct err *err)
{
	struct issuer_row row = {.dn = dn, .spki_sha256 = spki};
	struct buf normal;
	void *known;
	bool ok;

	buf_clear(&writer->text);
	if (!buf_append_u8(&writer->text, (uint8_t)spki.len) ||
	    !buf_append_bytes(&writer->text, spki) ||
	    !buf_append_bytes(&writer->text, dn))
		return err_set(err, ERR_LIMIT, "an issuer's name of %zu bytes", dn.len);
	if ((known = map_get(&writer->issuers, buf_bytes(&writer->text))) != NULL) {
		*number = (uint32_t)(uintptr_t)known;
		return true;
	}
	buf_init(&normal, TEXT_MAX);
	name_append_key(&normal, dn);
	row.dn_normalised = buf_bytes(&normal);
	ok = store_issuer_put(writer->store, &row, err);
	buf_free(&normal);
	*number = row.number;
	if (ok)
		map_put(&writer->issuers, buf_bytes(&writer->text),
		    (void *)(uintptr_t)row.number);
	return ok;
}

void
writer_note_key(struct writer *writer, const uint8_t key[32], int64_t number)
{
	map_put(&writer->numbers, bytes_of(key, 32), (void *)(intptr_t)number);
}

void
writer_log_id(const struct writer *writer, uint32_t number, uint8_t out[32])
{
	const uint8_t *id = map_get(&writer->log_ids, bytes_of(&number, sizeof(number)));

	if (id != NULL)
		memcpy(out, id, 32);
	else
		memset(out, 0, 32);
}

void
writer_note_log(struct writer *writer, uint32_t number, struct bytes id)
{
	mem_free(map_put(&writer->log_ids, bytes_of(&number, sizeof(number)),
	    mem_copy(id.data, id.len)));
}

const char *
writer_count_prefix(int basis)
{
	return basis == COUNT_NB ? "nb." : "seen.";
}

void
writer_begin_epoch(struct writer *writer, struct writer_range *range, uint32_t epoch)
{
	if (epoch > range->epoch)
		range->epoch = epoch;
	writer->last = range;
}

bool
writer_prove(struct writer *writer, struct writer_range *range, uint64_t verified,
    const struct frontier *frontier, const struct head_mark *by, struct err *err)
{
	uint8_t text[FRONTIER_TEXT_MAX];
	struct coverage_proof proof = {.log = range->log,
	    .start = range->now.verified,
	    .verified = verified,
	    .head_size = by->size,
	    .head_root = sha256_bytes(&by->root),
	    .head_timestamp_ms = by->timestamp_ms};
	bool moved;

	if (!store_range_prove(writer->store, range->id, verified,
		bytes_of(text, frontier_serialise(frontier, text)), &moved, err))
		return false;
	if (!moved)
		return true;
	range->now.verified = verified;
	range->now.frontier_verified = *frontier;
	if (range->now.reread_until <= verified)
		range->now.reread_until = 0;
	return store_coverage_prove(writer->store, &proof, err);
}

uint32_t
writer_watch_number(const struct writer *writer, uint32_t watch)
{
	const struct watch_table *table = writer->working->table;

	return watch < table->count ? table->numbers[watch] : 0;
}

void
writer_publish(struct writer *writer, struct snapshot *snapshot)
{
	snapshot_unref(writer->working);
	writer->working = snapshot;
}

bool
writer_begin(struct writer *writer, struct err *err)
{
	arena_reset(&writer->arena);
	map_free(&writer->numbers, NULL);
	map_free(&writer->fresh_cas, NULL);
	state_clear(&writer->state);
	writer->outbox_filled = writer->held = false;
	writer->last = NULL;
	snapshot_unref(writer->working);
	writer->working =
	    writer->snapshot != NULL ? snapshot_ref(writer->snapshot) : NULL;
	return store_begin(writer->store, err);
}

static void
each_range(struct writer *writer, void (*fn)(struct writer_range *))
{
	struct bytes key;
	size_t at = 0;
	void *value;

	while (map_next(&writer->ranges, &at, &key, &value))
		fn(value);
}

static void
keep_mark(struct writer_range *range)
{
	range->committed = range->now;
}

static void
restore_mark(struct writer_range *range)
{
	range->now = range->committed;
}

/* On a full disk a small transaction may find room where the next does not. */
static void
note_well(struct writer *writer)
{
	if (!writer->told_trouble ||
	    clock_mono_ms(writer->clock) - writer->failed_ms < WELL_MS)
		return;
	writer->told_trouble = false;
	writer->on_store(writer->owner, NULL);
}

bool
writer_commit(struct writer *writer, struct err *err)
{
	enum store_upkeep left;
	struct err upkeep;

	if (!state_flush(writer, err) || !store_commit(writer->store, err))
		return false;
	each_range(writer, keep_mark);
	snapshot_unref(writer->snapshot);
	writer->snapshot = writer->working != NULL ? snapshot_ref(writer->working) : NULL;
	writer->failing = false;
	note_well(writer);
	do {
		if (!store_maintain(writer->store, &left, &upkeep)) {
			log_error("database: upkeep: %s", upkeep.text);
			break;
		}
	} while (left == STORE_URGENT);
	return true;
}

void
writer_failed(struct writer *writer, const struct err *err)
{
	store_rollback(writer->store);
	each_range(writer, restore_mark);
	map_free(&writer->issuers, NULL); /* some were never stored */
	writer->failing = true;
	writer->failed_ms = clock_mono_ms(writer->clock);
	if (writer->told_trouble)
		return;
	writer->told_trouble = true;
	writer->on_store(writer->owner, err);
}

/* One slice; the queue is asked again before the next. */
bool
writer_idle(struct writer *writer)
{
	enum store_upkeep left = STORE_IDLE;
	struct err err;

	if (writer->failing)
		return false;
	if (!store_maintain(writer->store, &left, &err)) {
		log_error("database: upkeep: %s", err.text);
		return false;
	}
	return left != STORE_IDLE;
}

/* A parked batch that can be applied now, or that belongs to an epoch gone by. */
struct task *
writer_unparked(struct writer *writer)
{
	struct writer_range *range = writer->last;

	if (range == NULL)
		return NULL;
	for (struct batch **at = &range->parked; *at != NULL; at = &(*at)->parked) {
		struct batch *batch = *at;

		if (batch->epoch == range->epoch && batch->start != range->now.next)
			continue;
		*at = batch->parked;
		return &batch->task;
	}
	return NULL;
}

struct task *
writer_drop_parked(struct writer *writer)
{
	struct bytes key;
	size_t at = 0;
	void *value;

	while (map_next(&writer->ranges, &at, &key, &value)) {
		struct writer_range *range = value;
		struct batch *batch = range->parked;

		if (batch == NULL)
			continue;
		range->parked = batch->parked;
		return &batch->task;
	}
	return NULL;
}
