#include "logclient/static_ct.h"

#include <string.h>

#include "wire/tile.h"

struct slot {
	struct tree_read *read;
	struct merkle_tile tile;
	struct fetch_request *request;
	uint8_t *hashes; /* NULL: not there yet */
	size_t len;
	bool full; /* its full tile stands in for it */
};

struct tree_read {
	struct logclient_call *call;
	uint64_t size;
	struct sha256 root;
	tree_answer_fn *answer;
	tree_done_fn *done;
	struct slot slots[READ_TILES_MAX];
	size_t count, waiting;
	struct clock_timer *timer;
	bool fresh;
};

/* --- the cache --------------------------------------------------------------------- */

static bool
same_tile(const struct merkle_tile *a, const struct merkle_tile *b)
{
	return a->level == b->level && a->index == b->index && a->width == b->width;
}

static struct cached_tile *
cache_find(struct logclient *client, const struct merkle_tile *tile)
{
	for (size_t i = 0; i < CACHE_TILES; i++)
		if (client->cache[i].hashes != NULL &&
		    same_tile(&client->cache[i].tile, tile))
			return &client->cache[i];
	return NULL;
}

/* Takes the place of the one used longest ago. Its hashes were shown to be in a
 * signed tree; what is taken out is verified again, so that a wrong one costs
 * a second reading and never a wrong answer. */
static void
cache_put(struct logclient *client, const struct merkle_tile *tile, const uint8_t *hashes)
{
	struct cached_tile *place = cache_find(client, tile);

	if (place == NULL) {
		place = &client->cache[0];
		for (size_t i = 1; i < CACHE_TILES; i++)
			if (client->cache[i].used < place->used)
				place = &client->cache[i];
		mem_free(place->hashes);
		place->tile = *tile;
		place->hashes = mem_copy(hashes, (size_t)tile->width * SHA256_LEN);
	}
	place->used = ++client->cache_used;
}

void
cache_free(struct logclient *client)
{
	for (size_t i = 0; i < CACHE_TILES; i++) {
		mem_free(client->cache[i].hashes);
		client->cache[i] = (struct cached_tile){0};
	}
}

/* --- reading ------------------------------------------------------------------------ */

static void judge(struct tree_read *read);
static void on_tile(void *owner, struct fetch_result *result, const struct err *err);

static void
clear_slots(struct tree_read *read)
{
	for (size_t i = 0; i < read->count; i++) {
		struct slot *slot = &read->slots[i];

		fetch_cancel(slot->request);
		mem_free(slot->hashes);
		slot->request = NULL;
		slot->hashes = NULL;
		slot->len = 0;
		slot->full = false;
	}
	read->waiting = 0;
}

void
tree_read_cancel(struct tree_read *read)
{
	if (read == NULL)
		return;
	clear_slots(read);
	if (read->timer != NULL) /* after its answer the client may be gone */
		clock_cancel(read->call->client->clock, read->timer);
	mem_free(read);
}

static bool
ask_tile(struct slot *slot, struct err *err)
{
	struct tree_read *read = slot->read;
	struct logclient *client = read->call->client;
	struct fetch_query query = client_query(client, read->fresh);
	char path[TILE_PATH_MAX], *inside, *url;

	tile_path_hash(slot->tile.level, slot->tile.index,
	    slot->full ? MERKLE_TILE_WIDTH : slot->tile.width, path);
	inside =
	    static_path(client, part_of_tile(slot->tile.level, slot->tile.index), path);
	url = mem_format("%s%s", client->url, inside);
	mem_free(inside);
	query.url = url;
	query.max_body = MERKLE_TILE_WIDTH * SHA256_LEN + 1024;
	slot->request = fetch_submit(client->fetch, &query, on_tile, slot, err);
	mem_free(url);
	return slot->request != NULL;
}

static void
end(struct tree_read *read, const struct err *err)
{
	for (size_t i = 0; i < read->count; i++) {
		fetch_cancel(read->slots[i].request);
		read->slots[i].request = NULL;
	}
	read->done(read->call, err); /* and with its call the read is gone */
}

static void
on_tile(void *owner, struct fetch_result *result, const struct err *err)
{
	struct slot *slot = owner;
	struct tree_read *read = slot->read;
	size_t want;
	struct err bad = {0};

	slot->request = NULL;
	client_note_tls(read->call->client, result);
	/* Partial tiles may go once the full one is there (wire-formats 3.8). */
	if (err != NULL && is_missing(result) && !slot->full &&
	    slot->tile.width < MERKLE_TILE_WIDTH) {
		slot->full = true;
		if (!ask_tile(slot, &bad))
			end(read, &bad);
		return;
	}
	if (err != NULL) {
		bad = *err;
		err_wrap(&bad, "tile %u/%" PRIu64, slot->tile.level, slot->tile.index);
		end(read, &bad);
		return;
	}
	want = (slot->full ? MERKLE_TILE_WIDTH : slot->tile.width) * (size_t)SHA256_LEN;
	if (result->body.len != want) {
		err_set(&bad, ERR_PARSE, "tile %u/%" PRIu64 ": %zu bytes in place of %zu",
		    slot->tile.level, slot->tile.index, result->body.len, want);
		end(read, &bad);
		return;
	}
	slot->hashes = fetch_result_take_body(result, &slot->len);
	if (--read->waiting == 0)
		judge(read);
}

static void
on_all_there(void *owner)
{
	struct tree_read *read = owner;

	read->timer = NULL;
	judge(read);
}

static void
on_cannot_ask(void *owner)
{
	struct tree_read *read = owner;

	read->timer = NULL;
	end(read, &read->call->err);
}

/* Takes what is cached and asks for the rest. */
static void
gather(struct tree_read *read)
{
	struct logclient *client = read->call->client;

	for (size_t i = 0; i < read->count; i++) {
		struct slot *slot = &read->slots[i];
		struct cached_tile *cached =
		    read->fresh ? NULL : cache_find(client, &slot->tile);

		if (cached != NULL) {
			slot->len = (size_t)slot->tile.width * SHA256_LEN;
			slot->hashes = mem_copy(cached->hashes, slot->len);
			continue;
		}
		if (!ask_tile(slot, &read->call->err)) {
			read->timer = clock_after(client->clock, 0, on_cannot_ask, read);
			return;
		}
		read->waiting++;
	}
	if (read->waiting == 0)
		read->timer = clock_after(client->clock, 0, on_all_there, read);
}

static struct bytes
get_hashes(void *owner, const struct merkle_tile *tile)
{
	struct tree_read *read = owner;

	for (size_t i = 0; i < read->count; i++)
		if (same_tile(&read->slots[i].tile, tile))
			return bytes_of(read->slots[i].hashes, read->slots[i].len);
	return (struct bytes){0};
}

/* All tiles are there. */
static void
judge(struct tree_read *read)
{
	struct logclient *client = read->call->client;
	struct merkle_tree tree;
	struct err bad = {0};

	if (merkle_tree_open(&tree, read->size, &read->root, get_hashes, read, &bad) &&
	    read->answer(read->call, &tree, &bad)) {
		for (size_t i = 0; i < read->count; i++)
			cache_put(client, &read->slots[i].tile, read->slots[i].hashes);
		end(read, NULL);
	} else if (bad.code == ERR_VERIFY && !read->fresh) {
		cache_free(client);
		clear_slots(read);
		read->fresh = true;
		gather(read);
	} else {
		end(read, &bad);
	}
}

static void
add_tile(struct tree_read *read, const struct merkle_tile *tile)
{
	for (size_t i = 0; i < read->count; i++)
		if (same_tile(&read->slots[i].tile, tile))
			return;
	read->slots[read->count++] = (struct slot){.read = read, .tile = *tile};
}

struct tree_read *
tree_read_begin(struct logclient_call *call, uint64_t size, const struct sha256 *root,
    const struct tree_question *questions, size_t count, tree_answer_fn *answer,
    tree_done_fn *done)
{
	struct tree_read *read = mem_zero(1, sizeof(*read));
	struct merkle_tile tiles[MERKLE_TILE_NEED_MAX];

	read->call = call;
	read->size = size;
	read->root = *root;
	read->answer = answer;
	read->done = done;
	for (size_t i = 0; i < count; i++) {
		size_t n =
		    merkle_tiles_for(questions[i].question, size, questions[i].at, tiles);

		for (size_t j = 0; j < n && read->count < READ_TILES_MAX; j++)
			add_tile(read, &tiles[j]);
	}
	gather(read);
	return read;
}

void
tree_read_evidence(const struct tree_read *read, struct buf *out)
{
	char path[TILE_PATH_MAX];

	for (size_t i = 0; i < read->count; i++) {
		const struct slot *slot = &read->slots[i];

		if (slot->hashes == NULL)
			continue;
		(void)buf_append_format(out, "%s %zu\n",
		    tile_path_hash(slot->tile.level, slot->tile.index,
			slot->full ? MERKLE_TILE_WIDTH : slot->tile.width, path),
		    slot->len);
		(void)buf_append(out, slot->hashes, slot->len);
	}
}
