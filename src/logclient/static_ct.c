/* static-ct-api: checkpoints and tiles (wire-formats 3). */
#include "logclient/logclient_priv.h"

#include "logclient/static_ct.h"
#include "merkle/consistency.h"
#include "wire/tile.h"

static uint64_t
plan(const struct logclient *client, uint64_t next, uint64_t size)
{
	uint64_t left = TILE_WIDTH - next % TILE_WIDTH;

	(void)client;
	return size - next > left ? next + left : size;
}

/* The width that a tile has in a tree of that size: no other may be asked for. */
static unsigned
width_in(uint64_t size, uint64_t tile)
{
	return size / TILE_WIDTH > tile ? TILE_WIDTH : (unsigned)(size % TILE_WIDTH);
}

uint64_t
part_of_tile(unsigned level, uint64_t index)
{
	static const uint64_t IN_PART[] = {PART_TILES, PART_TILES / 256, 1};

	return level < ARRAY_LEN(IN_PART) ? index / IN_PART[level] : 0;
}

char *
static_path(const struct logclient *client, uint64_t part, const char *path)
{
	return client->zipped ? mem_format("%03" PRIu64 ".zip/%s", part, path)
			      : mem_text(path);
}

/* A hybrid's tiles stand elsewhere than its heads. */
static void
ask_file(struct logclient_call *call, uint64_t part, const char *path, size_t max_body,
    fetch_done_fn *done)
{
	const struct logclient *client = call->client;
	char *inside = static_path(client, part, path);

	call_fetch(call, client->tiles[0] != '\0' ? client->tiles : client->url, inside,
	    max_body, done);
	mem_free(inside);
}

void
ask_data(struct logclient_call *call, uint64_t tile, unsigned width, fetch_done_fn *done)
{
	char path[TILE_PATH_MAX];

	ask_file(call, part_of_tile(0, tile), tile_path_data(tile, width, path),
	    call->client->max_body, done);
}

/* Partial tiles may go once the full one is there; 403 is an object store's way
 * to say so (wire-formats 3.8). */
static bool
full_stands_in(const struct fetch_result *result, unsigned *width)
{
	if (!is_missing(result) || *width == TILE_WIDTH)
		return false;
	*width = TILE_WIDTH;
	return true;
}

/* A record begins with a timestamp whose first byte is 0 until the year 10889:
 * what an HTML page or a gzip stream does not. */
static bool
looks_like_tile(struct bytes body, struct err *err)
{
	if (body.len == 0 || body.data[0] != 0)
		return err_set(
		    err, ERR_PARSE, "no data tile in a body of %zu bytes", body.len);
	return true;
}

/* --- entries ----------------------------------------------------------------------- */

static void
on_entries(void *owner, struct fetch_result *result, const struct err *err)
{
	struct entries_call *call = owner;
	uint64_t tile = call->start / TILE_WIDTH;
	struct logclient_entries entries = {
	    .form = LOGCLIENT_TILE, .first = tile * TILE_WIDTH};
	struct err bad = {0};

	call_arrived(&call->call, result);
	if (err != NULL && full_stands_in(result, &call->width)) {
		ask_data(&call->call, tile, call->width, on_entries);
		return;
	}
	call->result = result;
	entries.width = call->width;
	if (err == NULL && looks_like_tile(result->body, &bad))
		entries.count = call->end - call->start;
	if (err == NULL && bad.code != ERR_NONE)
		err = &bad;
	entries_end(call, &entries, err);
}

static void
get_entries(struct entries_call *call)
{
	uint64_t tile = call->start / TILE_WIDTH;

	call->width = width_in(call->size, tile);
	ask_data(&call->call, tile, call->width, on_entries);
}

/* --- the timestamp of one ----------------------------------------------------------- */

static bool
find_timestamp(struct bytes body, uint64_t place, int64_t *unix_ms, struct err *err)
{
	struct cursor cursor = cursor_of(body);
	struct tile_bounds bounds;
	uint64_t stamp;

	for (uint64_t i = 0; i < place; i++)
		if (!tile_record_skip(&cursor, &bounds, err))
			return err_wrap(err, "record %" PRIu64, i);
	if (!cursor_be64(&cursor, &stamp))
		return err_set(err, ERR_PARSE, "record %" PRIu64 ": missing", place);
	*unix_ms = (int64_t)stamp;
	return true;
}

static void
on_time(void *owner, struct fetch_result *result, const struct err *err)
{
	struct time_call *call = owner;
	int64_t unix_ms = 0;
	struct err bad = {0};

	call_arrived(&call->call, result);
	if (err != NULL && full_stands_in(result, &call->width)) {
		ask_data(&call->call, call->index / TILE_WIDTH, call->width, on_time);
		return;
	}
	if (err == NULL &&
	    (!looks_like_tile(result->body, &bad) ||
		!find_timestamp(result->body, call->index % TILE_WIDTH, &unix_ms, &bad)))
		err = &bad;
	time_end(call, unix_ms, err);
}

static void
get_timestamp(struct time_call *call)
{
	uint64_t tile = call->index / TILE_WIDTH;

	call->width = width_in(call->size, tile);
	ask_data(&call->call, tile, call->width, on_time);
}

/* --- issuers ------------------------------------------------------------------------ */

static void get_issuer(struct issuer_call *call);

static void
on_issuer(void *owner, struct fetch_result *result, const struct err *err)
{
	struct issuer_call *call = owner;
	struct sha256 hash;
	struct err bad = {0};

	call_arrived(&call->call, result);
	if (err != NULL) {
		issuer_end(call, (struct bytes){0}, err);
		return;
	}
	sha256_of(result->body, &hash);
	if (sha256_equal(&hash, &call->fingerprint)) {
		issuer_end(call, result->body, NULL);
	} else if (!call->call.fresh) {
		call->call.fresh = true;
		get_issuer(call);
	} else {
		err_set(&bad, ERR_VERIFY,
		    "issuer: %zu bytes whose hash is not their address",
		    result->body.len);
		issuer_end(call, result->body, &bad);
	}
}

static void
get_issuer(struct issuer_call *call)
{
	char path[TILE_PATH_MAX];

	ask_file(&call->call, 0, tile_path_issuer(sha256_bytes(&call->fingerprint), path),
	    ISSUER_BODY_MAX, on_issuer);
}

/* --- proofs --------------------------------------------------------------------------
 */

/* What the tree has at the first size: its path tells, unless that is a power of
 * two, whose root is a node. */
static bool
first_root(struct proof_call *call, struct merkle_tree *tree)
{
	unsigned level = 0;

	if ((call->first & (call->first - 1)) != 0)
		return merkle_consistency_first_root(call->first, call->size, &call->root,
		    call->path, call->path_len, &call->shown, NULL);
	while (call->first >> level > 1)
		level++;
	return merkle_tree_node(tree, level, 0, &call->shown, NULL);
}

static bool
answer_consistency(void *owner, struct merkle_tree *tree, struct err *err)
{
	struct proof_call *call = owner;

	call->refuted = call->has_shown = false;
	if (!merkle_tree_consistency(tree, call->first, call->path, &call->path_len, err))
		return false;
	/* The path is made of verified tiles: what fails now is the first root. */
	call->refuted = !merkle_consistency_verify(call->first, &call->first_root,
	    call->size, &call->root, call->path, call->path_len, err);
	if (call->refuted)
		call->has_shown = first_root(call, tree);
	return !call->refuted;
}

static bool
answer_inclusion(void *owner, struct merkle_tree *tree, struct err *err)
{
	struct proof_call *call = owner;
	struct sha256 leaf;

	call->refuted = call->has_shown = false;
	if (!merkle_tree_leaf(tree, call->first, &leaf, err) ||
	    !merkle_tree_inclusion(tree, call->first, call->path, &call->path_len, err) ||
	    !merkle_inclusion_verify(&leaf, call->first, call->size, call->path,
		call->path_len, &call->root, err))
		return false;
	call->refuted = call->has_shown = !sha256_equal(&leaf, &call->first_root);
	call->shown = leaf;
	return !call->refuted ||
	    err_set(err, ERR_VERIFY, "entry %" PRIu64 " is another leaf", call->first);
}

static void
on_proof(void *owner, const struct err *err)
{
	struct proof_call *call = owner;

	if (err != NULL)
		tree_read_evidence(call->read, &call->raw);
	else
		(void)buf_append(
		    &call->raw, call->path, call->path_len * sizeof(call->path[0]));
	proof_end(call, err);
}

static void
on_no_index(void *owner, struct fetch_result *result, const struct err *err)
{
	(void)result;
	proof_end(owner, err);
}

static void
prove(struct proof_call *call)
{
	struct tree_question consistency = {MERKLE_CONSISTENCY, call->first};
	struct tree_question inclusion[] = {
	    {MERKLE_LEAF, call->first}, {MERKLE_INCLUSION, call->first}};
	struct err err = {0};

	if (!call->inclusion) {
		call->read = tree_read_begin(&call->call, call->size, &call->root,
		    &consistency, 1, answer_consistency, on_proof);
	} else if (call->first == LOGCLIENT_ANY_INDEX) {
		err_set(&err, ERR_NOT_FOUND, "static logs find no leaf by its hash");
		call_later(&call->call, &err, on_no_index);
	} else {
		call->read = tree_read_begin(&call->call, call->size, &call->root,
		    inclusion, ARRAY_LEN(inclusion), answer_inclusion, on_proof);
	}
}

static bool
answer_frontier(void *owner, struct merkle_tree *tree, struct err *err)
{
	struct frontier_call *call = owner;

	return merkle_tree_frontier(tree, call->m, &call->frontier, err);
}

static void
on_frontier(void *owner, const struct err *err)
{
	frontier_end(owner, err);
}

static void
get_frontier(struct frontier_call *call)
{
	struct tree_question question = {MERKLE_FRONTIER, call->m};

	call->read = tree_read_begin(&call->call, call->size, &call->root, &question, 1,
	    answer_frontier, on_frontier);
}

const struct species SPECIES_STATIC = {
    .head_path = "checkpoint",
    .plan = plan,
    .get_entries = get_entries,
    .prove = prove,
    .get_frontier = get_frontier,
    .get_timestamp = get_timestamp,
    .get_issuer = get_issuer,
    .stride = TILE_WIDTH,
};
