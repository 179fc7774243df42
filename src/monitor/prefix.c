#include "monitor/prefix.h"

#include "monitor/lie.h"
#include "wire/tile.h"

struct prefix_check {
	struct follower *follower;
	struct logclient_call *call;
	uint64_t first, start;
	struct sha256 ours[MERKLE_PREFIX_MAX], theirs[MERKLE_PREFIX_MAX];
	size_t count;
};

void
prefix_cancel(struct follower *follower)
{
	struct prefix_check *it = follower->prefix;

	follower->prefix = NULL;
	if (it != NULL)
		logclient_cancel(it->call);
	mem_free(it);
}

static bool
read_prefix(struct prefix_check *it, struct bytes body)
{
	struct cursor at = cursor_of(body);
	struct sha256 leaves[TILE_WIDTH];
	struct merkle_subtree subtrees[MERKLE_SUBTREES_MAX];
	struct tile_record record;
	size_t len = (size_t)(it->start - it->first), count;
	struct err err;

	for (size_t i = 0; i < len; i++) {
		if (!tile_record_take(&at, &record, &err))
			return false;
		merkle_hash_leaf_parts(tile_leaf_prefix(), record.entry, &leaves[i]);
	}
	count = merkle_subtrees_of(leaves, it->first, len, subtrees);
	for (size_t i = 0; i < count && i < it->count; i++)
		it->theirs[i] = subtrees[i].root;
	return count == it->count;
}

static void
on_tile(void *owner, struct logclient_entries *entries, const struct err *err)
{
	struct prefix_check *it = owner;
	struct follower *follower = it->follower;
	size_t len = it->count * SHA256_LEN;

	it->call = NULL;
	if (err == NULL && entries->form == LOGCLIENT_TILE &&
	    entries->first == it->first && read_prefix(it, entries->body) &&
	    memcmp(it->ours, it->theirs, len) != 0)
		lie_of_tile(follower, it->first, it->start, bytes_of(it->ours, len),
		    entries->body);
	prefix_cancel(follower);
}

/* What was read before counts once it is proved; and an operator who knows of a bad
 * leaf has bent our own tree. */
void
prefix_doubt(struct follower *follower, const struct batch *batch)
{
	struct prefix_check *it;

	if (follower->prefix != NULL || follower->known_bad_count > 0 ||
	    follower->range.verified < batch->start || follower->monitor->stopping)
		return;
	it = mem_zero(1, sizeof(*it));
	it->follower = follower;
	it->first = batch->first;
	it->start = batch->start;
	it->count = batch->prefix_count;
	memcpy(it->ours, batch->own_prefix, sizeof(it->ours));
	follower->prefix = it;
	it->call = logclient_get_entries(follower->client, batch->start,
	    batch->start + batch->count, follower->head.size, on_tile, it);
}
