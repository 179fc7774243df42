/* The claim that entries, as they were served, make the root that was read. */
#include <inttypes.h>
#include <string.h>

#include "evidence/evidence_priv.h"
#include "merkle/frontier.h"
#include "wire/entries_json.h"
#include "wire/tile.h"

#define REPLY_ENTRIES_MAX 65536

/* Appends the leaves of one reply that are not there yet, up to `until`. */
struct appending {
	struct claim *claim;
	struct frontier at;
	uint64_t index, until; /* of the next leaf; where what was read ends */
};

static void
append_leaf(struct appending *to, const struct sha256 *leaf)
{
	if (to->index >= to->at.size && to->index < to->until)
		frontier_append(&to->at, leaf);
	to->index++;
}

static bool
append_tile(struct appending *to, struct bytes body)
{
	struct cursor at = cursor_of(body);
	struct tile_record record;
	struct sha256 leaf;

	while (cursor_left(&at) > 0 && to->index < to->until) {
		if (!tile_record_take(&at, &record, to->claim->err))
			return false;
		merkle_hash_leaf_parts(tile_leaf_prefix(), record.entry, &leaf);
		append_leaf(to, &leaf);
	}
	return true;
}

static bool
append_reply(struct appending *to, struct bytes body)
{
	struct arena *arena = &to->claim->folder->arena;
	uint8_t *copy = arena_alloc(arena, body.len + 1); /* parsing overwrites it */
	struct entries_json reply;
	struct sha256 leaf;

	memcpy(copy, body.data, body.len);
	if (!entries_json_parse(
		copy, body.len, REPLY_ENTRIES_MAX, arena, &reply, to->claim->err))
		return false;
	for (size_t i = 0; i < reply.count; i++) {
		merkle_hash_leaf(reply.entries[i].leaf_input, &leaf);
		append_leaf(to, &leaf);
	}
	return true;
}

static bool
append_file(struct appending *to, const json_t *json)
{
	struct claim one = *to->claim;
	struct bytes body;
	const char *form;
	int64_t first;

	one.json = json;
	if (!claim_file(&one, "file", &body) || !claim_number(&one, "first", &first) ||
	    (form = claim_text_of(&one, "form")) == NULL)
		return false;
	if (first < 0 || (uint64_t)first > to->at.size)
		return err_set(one.err, ERR_VERIFY, "there are entries missing");
	to->index = (uint64_t)first;
	return strcmp(form, "tile") == 0 ? append_tile(to, body) : append_reply(to, body);
}

bool
claim_as_served(struct claim *claim)
{
	struct appending to = {.claim = claim};
	struct frontier read;
	struct bytes before, after;
	const json_t *one;
	uint64_t from;
	size_t i;

	claim->witnessed = true; /* entries are not signed */
	if (!claim_file(claim, "from", &before) || !claim_file(claim, "read", &after) ||
	    !frontier_parse(before, &to.at, claim->err) ||
	    !frontier_parse(after, &read, claim->err))
		return false;
	from = to.at.size;
	to.until = read.size;
	json_array_foreach (json_object_get(claim->json, "replies"), i, one)
		if (!append_file(&to, one))
			return false;
	if (from >= read.size || !frontier_equal(&to.at, &read))
		return err_set(claim->err, ERR_VERIFY,
		    "the entries do not make the root that is said to be read");
	return claim_says(claim,
	    "entries %" PRIu64 " to %" PRIu64
	    " are here as served, and make the root that was read",
	    from, read.size - 1);
}
