#include <inttypes.h>

#include "monitor/worker.h"
#include "store/store.h"
#include "wire/entries_json.h"
#include "wire/tile.h"

/* A reply holds at most so many entries; real logs send 1,024. */
#define REPLY_ENTRIES_MAX 65536

static void
note_time(struct batch *batch, const struct entry *entry)
{
	int64_t at = (int64_t)entry->leaf.timestamp_ms;

	if (!entry->decoded || entry->leaf.timestamp_ms > INT64_MAX)
		return;
	if (batch->first_timestamp_ms == STORE_NO_TIME || at < batch->first_timestamp_ms)
		batch->first_timestamp_ms = at;
	if (batch->last_timestamp_ms == STORE_NO_TIME || at > batch->last_timestamp_ms)
		batch->last_timestamp_ms = at;
}

/* What was read of the tile before has to be what it begins with. */
static void
note_prefix(struct batch *batch, const struct sha256 *leaves)
{
	struct merkle_subtree subtrees[MERKLE_SUBTREES_MAX];
	size_t count = merkle_subtrees_of(
	    leaves, batch->first, (size_t)(batch->start - batch->first), subtrees);

	for (size_t i = 0; i < count; i++)
		batch->prefix[i] = subtrees[i].root;
	batch->prefix_count = count;
}

/* static-ct-api, data tiles: records one behind the other, so one that cannot
 * be read hides all that follow it. */
static bool
decode_tile(struct batch *batch, struct sha256 *leaves)
{
	struct cursor at = cursor_of(bytes_of(batch->body, batch->body_len));
	uint64_t index = batch->first;
	struct sha256 prefix[TILE_WIDTH];

	for (; index < batch->start + batch->count; index++) {
		struct tile_record record;
		struct entry *entry;

		if (!tile_record_take(&at, &record, &batch->err))
			return err_wrap(&batch->err, "entry %" PRIu64, index);
		if (index < batch->start) {
			merkle_hash_leaf_parts(tile_leaf_prefix(), record.entry,
			    &prefix[index - batch->first]);
			continue;
		}
		entry = &batch->entries[index - batch->start];
		*entry = (struct entry){.index = index,
		    .decoded = true,
		    .leaf = record.leaf,
		    .raw = record.raw,
		    .pre_certificate = record.pre_certificate,
		    .fingerprints = record.fingerprints};
		merkle_hash_leaf_parts(
		    tile_leaf_prefix(), record.entry, &leaves[index - batch->start]);
	}
	note_prefix(batch, prefix);
	return true;
}

static void
decode_reply_entry(const struct entry_json *from, struct entry *entry)
{
	struct extra_data extra = {0};
	struct err err;

	entry->raw = from->leaf_input;
	entry->extra = from->extra_data;
	entry->decoded = leaf_parse(from->leaf_input, &entry->leaf, &entry->err);
	if (!entry->decoded || entry->leaf.kind == LEAF_OPAQUE)
		return;
	/* What is damaged here is covered by no hash: the leaf is still good. */
	if (!extra_data_parse(from->extra_data, entry->leaf.kind, &extra, &err))
		entry->err = err;
	entry->pre_certificate = extra.pre_certificate;
	entry->chain = extra.chain;
}

/* RFC 6962, 4.6. */
static bool
decode_reply(struct batch *batch, struct sha256 *leaves)
{
	struct entries_json reply;
	uint64_t skip = batch->start - batch->first;

	if (!entries_json_parse(batch->body, batch->body_len, REPLY_ENTRIES_MAX,
		&batch->arena, &reply, &batch->err))
		return false;
	if (reply.count < skip + batch->count)
		return err_set(&batch->err, ERR_PARSE,
		    "%zu entries where %" PRIu64 " were counted", reply.count,
		    skip + batch->count);
	for (uint64_t i = 0; i < batch->count; i++) {
		batch->entries[i] = (struct entry){.index = batch->start + i};
		decode_reply_entry(&reply.entries[skip + i], &batch->entries[i]);
		merkle_hash_leaf(reply.entries[skip + i].leaf_input, &leaves[i]);
	}
	return true;
}

static void
decode_tile_record(const struct record *from, struct entry *entry)
{
	struct cursor at = cursor_of(from->leaf);
	struct tile_record record;

	entry->raw = from->leaf;
	if (!tile_record_take(&at, &record, &entry->err))
		return;
	entry->decoded = true;
	entry->leaf = record.leaf;
	entry->pre_certificate = record.pre_certificate;
	entry->fingerprints = record.fingerprints;
}

/* Entries kept from before: their leaves are in the tree already. */
static void
decode_records(struct batch *batch)
{
	for (uint64_t i = 0; i < batch->count; i++) {
		const struct record *record = &batch->records[i];
		struct entry *entry = &batch->entries[i];

		*entry = (struct entry){.index = record->index};
		if (record->tile)
			decode_tile_record(record, entry);
		else
			decode_reply_entry(
			    &(struct entry_json){record->leaf, record->extra, false},
			    entry);
	}
}

/* The tree takes what the operator says it holds. */
static void
bend_leaves(struct batch *batch, struct sha256 *leaves)
{
	for (size_t i = 0; i < batch->known_bad_count; i++) {
		struct known_bad *it = &batch->known_bad[i];

		it->served = leaves[it->index - batch->start];
		leaves[it->index - batch->start] = it->in_tree;
	}
}

bool
batch_decode(struct batch *batch)
{
	size_t count = (size_t)batch->count;
	struct sha256 *leaves = arena_alloc(&batch->arena, count * sizeof(*leaves));

	batch->entries = arena_alloc(&batch->arena, count * sizeof(*batch->entries));
	batch->first_timestamp_ms = batch->last_timestamp_ms = STORE_NO_TIME;
	if (batch->records != NULL) {
		decode_records(batch);
		return true;
	}
	if (!(batch->form == LOGCLIENT_TILE ? decode_tile(batch, leaves)
					    : decode_reply(batch, leaves)))
		return false;
	for (size_t i = 0; i < count; i++)
		note_time(batch, &batch->entries[i]);
	bend_leaves(batch, leaves);
	batch->subtree_count =
	    merkle_subtrees_of(leaves, batch->start, count, batch->subtrees);
	return true;
}
