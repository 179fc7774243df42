/* What logs owe is written down: by workers into the batch, by the writer into
 * the database. */
#include "monitor/owe.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "evidence/rebuild.h"
#include "merkle/hash.h"
#include "store/evidence.h"
#include "store/log.h"
#include "x509/cert.h"

#define DAY_MS    INT64_C(86400000)
#define LATEST_MS INT64_C(253402300799000) /* the year 9999 ends */

/* --- what an entry says against its log ---------------------------------------- */

static void
note(struct batch *batch, enum suspicion which, const struct entry *entry,
    const char *text)
{
	batch->suspects[which] = (struct suspect){
	    entry, (const char *)arena_copy(&batch->arena, bytes_text(text)).data};
}

/* static-ct-api: every leaf says where it stands; what was converted from an RFC
 * 6962 log has no extensions at all (wire-formats 3.5). */
static void
check_index(struct batch *batch, const struct entry *entry)
{
	uint64_t says = 0;
	enum leaf_index_state state = leaf_index(entry->leaf.extensions, &says);
	char text[128];

	if (batch->log->kind != CT_LOG_STATIC || state == LEAF_INDEX_ABSENT ||
	    (state == LEAF_INDEX_FOUND && says == entry->index))
		return;
	if (state == LEAF_INDEX_FOUND)
		snprintf(text, sizeof(text),
		    "entry %" PRIu64 " says that it is entry %" PRIu64, entry->index,
		    says);
	else
		snprintf(text, sizeof(text), "entry %" PRIu64 " has a broken leaf_index",
		    entry->index);
	note(batch, SUSPECT_INDEX, entry, text);
}

static void
check_interval(struct batch *batch, const struct entry *entry, const struct cert *cert)
{
	char text[128], when[TIME_TEXT_LEN];

	if (cert == NULL || (cert->after.form & TIME_UNREADABLE) != 0 ||
	    !batch->log->has_interval || ct_log_takes(batch->log, cert->not_after * 1000))
		return;
	snprintf(text, sizeof(text),
	    "entry %" PRIu64 "'s certificate ends at %s, outside the log's interval",
	    entry->index, time_format(cert->not_after * 1000, when));
	note(batch, SUSPECT_INTERVAL, entry, text);
}

/* RFC 6962, 3.5: a head is at least as young as every entry that it covers. */
static void
check_time(struct batch *batch, const struct entry *entry)
{
	char text[160], first[TIME_TEXT_LEN], second[TIME_TEXT_LEN];

	if (entry->leaf.timestamp_ms > INT64_MAX ||
	    (int64_t)entry->leaf.timestamp_ms <= batch->head.timestamp_ms)
		return;
	snprintf(text, sizeof(text),
	    "a head signed for %s covers entry %" PRIu64 " of %s",
	    time_format(batch->head.timestamp_ms, first), entry->index,
	    time_format((int64_t)entry->leaf.timestamp_ms, second));
	note(batch, SUSPECT_TIME, entry, text);
}

void
owe_note_entry(struct batch *batch, const struct entry *entry, const struct cert *cert)
{
	if (batch->again || !entry->decoded || entry->leaf.kind == LEAF_OPAQUE)
		return;
	if (batch->suspects[SUSPECT_INDEX].entry == NULL)
		check_index(batch, entry);
	if (batch->suspects[SUSPECT_INTERVAL].entry == NULL)
		check_interval(batch, entry, cert);
	if (batch->suspects[SUSPECT_TIME].entry == NULL)
		check_time(batch, entry);
}

/* --- into the database --------------------------------------------------------- */

static bool
put(struct writer *writer, const struct owed_row *from, const struct leaf *leaf,
    struct err *err)
{
	struct owed_row row = *from;
	struct sha256 hash;
	struct buf bytes;
	bool ok, inserted;

	buf_init(&bytes, LEAF_MAX);
	if (!leaf_append(&bytes, leaf, err)) {
		buf_free(&bytes);
		return true; /* no leaf that a log could hold */
	}
	merkle_hash_leaf(buf_bytes(&bytes), &hash);
	row.leaf = buf_bytes(&bytes);
	row.leaf_hash = sha256_bytes(&hash);
	row.timestamp_ms = (int64_t)leaf->timestamp_ms;
	row.kept_ms = writer_now_ms(writer);
	ok = store_owed_put(writer->store, &row, &inserted, err);
	buf_free(&bytes);
	return ok;
}

struct head_raw {
	struct arena *arena;
	const struct head_mark *mark;
	struct bytes raw;
};

static bool
on_head(void *owner, const struct tree_head_row *row)
{
	struct head_raw *head = owner;

	if (!bytes_equal(row->root, sha256_bytes(&head->mark->root)))
		return true;
	head->raw = arena_copy(head->arena, row->first_raw);
	return false;
}

static bool
put_suspect(struct writer *writer, const struct batch *batch, enum suspicion which,
    struct err *err)
{
	const struct suspect *suspect = &batch->suspects[which];
	struct head_raw head = {.arena = &writer->arena, .mark = &batch->head};
	struct owed_row row = {.log = batch->log_number,
	    .kind = OWED_SUSPECT(which),
	    .position = (int64_t)suspect->entry->index,
	    .due_ms = writer_now_ms(writer),
	    .note = bytes_text(suspect->note)};

	if (which == SUSPECT_TIME &&
	    !store_tree_head_each(writer->store, batch->log_number, batch->head.size,
		batch->head.size, 8, on_head, &head, err))
		return false;
	row.against = head.raw;
	return (which == SUSPECT_TIME && head.raw.len == 0) ||
	    put(writer, &row, &suspect->entry->leaf, err);
}

bool
owe_suspects(struct writer *writer, struct writer_range *range, const struct batch *batch,
    struct err *err)
{
	int64_t day = writer_now_ms(writer) / DAY_MS;

	for (enum suspicion which = 0; which < SUSPICIONS; which++) {
		if (batch->suspects[which].entry == NULL ||
		    range->now.suspect_day[which] == day)
			continue;
		range->now.suspect_day[which] = day;
		if (!put_suspect(writer, batch, which, err))
			return false;
	}
	return true;
}

/* --- promises --------------------------------------------------------------------- */

/* The log whose range is read, by its id; NULL: none. */
static const struct writer_range *
range_of(const struct writer *writer, struct bytes log_id)
{
	struct bytes key;
	void *value;
	size_t at = 0;

	while (map_next(&writer->ranges, &at, &key, &value)) {
		const struct writer_range *range = value;
		uint8_t id[SHA256_LEN];

		writer_log_id(writer, range->log, id);
		if (bytes_equal(log_id, bytes_of(id, sizeof(id))))
			return range;
	}
	return NULL;
}

bool
owe_promises(struct writer *writer, const struct candidate *it, int64_t certificate,
    struct err *err)
{
	for (size_t i = 0; i < it->promise_count; i++) {
		const struct sct_promise *promise = &it->promises[i];
		const struct writer_range *range = range_of(writer, promise->log_id);
		const struct ct_log *log =
		    ct_log_set_get(writer->working->logs->set, promise->log_id);
		struct leaf leaf = {.kind = LEAF_PRECERT,
		    .timestamp_ms = (uint64_t)promise->timestamp_ms,
		    .issuer_key_hash = sha256_bytes(&it->issuer_key),
		    .certificate = it->promised_tbs,
		    .extensions = promise->extensions};
		struct owed_row row = {.kind = OWED_PROMISE,
		    .position = -1,
		    .certificate = certificate,
		    .against = promise->sct};
		uint64_t index;

		if (range == NULL || log == NULL || promise->timestamp_ms < 0 ||
		    promise->timestamp_ms > LATEST_MS)
			continue;
		if (leaf_index(promise->extensions, &index) == LEAF_INDEX_FOUND)
			row.position = (int64_t)index;
		row.log = range->log;
		row.due_ms = promise->timestamp_ms + log->mmd_ms;
		if (!put(writer, &row, &leaf, err))
			return false;
	}
	return true;
}
