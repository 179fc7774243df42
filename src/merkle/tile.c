#include "merkle/tile.h"

#include <inttypes.h>

#include "merkle/inclusion.h"

enum { FULL_TILE_LEN = MERKLE_TILE_WIDTH * SHA256_LEN };

/* A run of leaves whose root a proof needs. */
struct span {
	uint64_t start, end;
};

/* The spans of a proof in path order. */
struct spans {
	struct span list[MERKLE_PATH_MAX];
	size_t count;
};

uint64_t
merkle_tile_full_count(uint64_t size, unsigned level)
{
	return level < MERKLE_TILE_LEVELS - 1 ? size >> (8 * (level + 1)) : 0;
}

unsigned
merkle_tile_edge_width(uint64_t size, unsigned level)
{
	return level < MERKLE_TILE_LEVELS ? (unsigned)(size >> (8 * level) & 255) : 0;
}

bool
merkle_tile_of(uint64_t size, unsigned level, uint64_t hash, struct merkle_tile *out)
{
	if (level >= MERKLE_TILE_LEVELS || hash >= size >> (8 * level))
		return false;
	out->level = level;
	out->index = hash / MERKLE_TILE_WIDTH;
	out->width = out->index < merkle_tile_full_count(size, level)
	    ? MERKLE_TILE_WIDTH
	    : merkle_tile_edge_width(size, level);
	return true;
}

static bool
same_tile(const struct merkle_tile *a, const struct merkle_tile *b)
{
	return a->level == b->level && a->index == b->index;
}

/* --- which nodes ---------------------------------------------------------- */

static uint64_t
split(const struct span *span)
{
	return UINT64_C(1) << (63 - __builtin_clzll(span->end - span->start - 1));
}

static void
reverse(struct spans *spans)
{
	for (size_t i = 0; i < spans->count / 2; i++) {
		struct span other = spans->list[spans->count - 1 - i];

		spans->list[spans->count - 1 - i] = spans->list[i];
		spans->list[i] = other;
	}
}

/* RFC 6962, 2.1.1. */
static void
inclusion_spans(uint64_t size, uint64_t index, struct spans *out)
{
	struct span at = {0, size};

	out->count = 0;
	while (at.end - at.start > 1) {
		uint64_t middle = at.start + split(&at);

		if (index < middle) {
			out->list[out->count++] = (struct span){middle, at.end};
			at.end = middle;
		} else {
			out->list[out->count++] = (struct span){at.start, middle};
			at.start = middle;
		}
	}
	reverse(out);
}

/* RFC 6962, 2.1.2; 0 < first < size. */
static void
consistency_spans(uint64_t size, uint64_t first, struct spans *out)
{
	struct span at = {0, size};

	out->count = 0;
	while (at.end != first) {
		uint64_t middle = at.start + split(&at);

		if (first <= middle) {
			out->list[out->count++] = (struct span){middle, at.end};
			at.end = middle;
		} else {
			out->list[out->count++] = (struct span){at.start, middle};
			at.start = middle;
		}
	}
	if (at.start != 0)
		out->list[out->count++] = at;
	reverse(out);
}

/* The perfect subtrees of [0, size), largest first. */
static void
frontier_spans(uint64_t size, struct spans *out)
{
	uint64_t start = 0;

	out->count = 0;
	for (unsigned bit = 63; bit-- > 0;)
		if (size >> bit & 1) {
			uint64_t end = start + (UINT64_C(1) << bit);

			out->list[out->count++] = (struct span){start, end};
			start = end;
		}
}

/* False when `at` is outside the tree. */
static bool
question_spans(
    enum merkle_question question, uint64_t size, uint64_t at, struct spans *out)
{
	out->count = 0;
	switch (question) {
	case MERKLE_ROOT:
		return true;
	case MERKLE_LEAF:
		out->list[out->count++] = (struct span){at, at + 1};
		return at < size;
	case MERKLE_INCLUSION:
		if (at < size)
			inclusion_spans(size, at, out);
		return at < size;
	case MERKLE_CONSISTENCY:
		if (at > 0 && at < size)
			consistency_spans(size, at, out);
		return at <= size;
	case MERKLE_FRONTIER:
		if (at <= size)
			frontier_spans(at, out);
		return at <= size;
	}
	return false;
}

/* A span of a proof is a perfect subtree, or ends with the tree: then it is
 * made of the frontier's nodes. */
static bool
is_perfect(const struct span *span, unsigned *level)
{
	uint64_t len = span->end - span->start;

	*level = (unsigned)__builtin_ctzll(len);
	return (len & (len - 1)) == 0 && (span->start & (len - 1)) == 0;
}

/* --- which tiles ---------------------------------------------------------- */

static size_t
add_tile(struct merkle_tile *out, size_t count, const struct merkle_tile *tile)
{
	for (size_t i = 0; i < count; i++)
		if (same_tile(&out[i], tile))
			return count;
	out[count] = *tile;
	return count + 1;
}

/* The tile of a perfect node, and its parents up to one of the edge. */
static size_t
add_node(struct merkle_tile *out, size_t count, uint64_t size, const struct span *span)
{
	unsigned level;
	struct merkle_tile tile;
	uint64_t hash;

	if (!is_perfect(span, &level))
		return count;
	hash = span->start >> (level - level % 8);
	for (level /= 8; merkle_tile_of(size, level, hash, &tile); level++) {
		count = add_tile(out, count, &tile);
		if (tile.width < MERKLE_TILE_WIDTH)
			break;
		hash = tile.index;
	}
	return count;
}

size_t
merkle_tiles_for(
    enum merkle_question question, uint64_t size, uint64_t at, struct merkle_tile *out)
{
	struct spans spans;
	size_t count = 0;

	if (size >> 63 != 0 || !question_spans(question, size, at, &spans))
		return 0;
	for (unsigned level = MERKLE_TILE_LEVELS; level-- > 0;) {
		unsigned width = merkle_tile_edge_width(size, level);

		if (width > 0)
			out[count++] = (struct merkle_tile){
			    level, merkle_tile_full_count(size, level), width};
	}
	for (size_t i = 0; i < spans.count; i++)
		count = add_node(out, count, size, &spans.list[i]);
	return count;
}

/* --- what they say -------------------------------------------------------- */

static void
hash_at(struct bytes tile, uint64_t place, struct sha256 *out)
{
	memcpy(out->octets, tile.data + place * SHA256_LEN, SHA256_LEN);
}

/* The root of 2^level hashes from place on. */
static void
fold(struct bytes tile, uint64_t place, unsigned level, struct sha256 *out)
{
	struct frontier frontier;
	struct sha256 hash;

	frontier_init(&frontier);
	for (uint64_t i = 0; i < UINT64_C(1) << level; i++) {
		hash_at(tile, place + i, &hash);
		frontier_append(&frontier, &hash);
	}
	*out = frontier.nodes[0];
}

static bool
get_tile(struct merkle_tree *tree, const struct merkle_tile *tile, struct bytes *out,
    struct err *err)
{
	*out = tree->get(tree->owner, tile);
	if (out->data == NULL)
		return err_set(err, ERR_NOT_FOUND,
		    "tile %u/%" PRIu64 " of width %u is missing", tile->level,
		    tile->index, tile->width);
	if (out->len < (size_t)tile->width * SHA256_LEN)
		return err_set(err, ERR_PARSE,
		    "tile %u/%" PRIu64 ": %zu bytes for %u hashes", tile->level,
		    tile->index, out->len, tile->width);
	return true;
}

/* wire-formats 2.6: each level's partial tile, from the highest down, holds
 * the frontier's nodes as its width's binary digits say. */
static bool
read_edge(struct merkle_tree *tree, uint64_t size, struct err *err)
{
	size_t count = 0;

	for (unsigned level = MERKLE_TILE_LEVELS; level-- > 0;) {
		struct merkle_tile tile = {level, merkle_tile_full_count(size, level),
		    merkle_tile_edge_width(size, level)};
		struct bytes hashes;
		unsigned place = 0;

		if (tile.width == 0)
			continue;
		if (!get_tile(tree, &tile, &hashes, err))
			return false;
		for (unsigned bit = 8; bit-- > 0;)
			if (tile.width >> bit & 1) {
				fold(hashes, place, bit, &tree->frontier.nodes[count++]);
				place += 1U << bit;
			}
	}
	tree->frontier.size = size;
	return true;
}

bool
merkle_tree_open(struct merkle_tree *tree, uint64_t size, const struct sha256 *root,
    merkle_tile_fn *get, void *owner, struct err *err)
{
	struct sha256 found;

	tree->get = get;
	tree->owner = owner;
	tree->proved_count = tree->proved_next = 0;
	if (size >> 63 != 0)
		return err_set(err, ERR_LIMIT, "a tree of %" PRIu64 " leaves", size);
	if (!read_edge(tree, size, err))
		return false;
	frontier_root(&tree->frontier, &found);
	if (!sha256_equal(&found, root))
		return err_set(err, ERR_VERIFY,
		    "the tiles at the edge of %" PRIu64 " leaves do not make its root",
		    size);
	return true;
}

static bool
is_proved(const struct merkle_tree *tree, const struct merkle_tile *tile)
{
	for (size_t i = 0; i < tree->proved_count; i++)
		if (same_tile(&tree->proved[i], tile))
			return true;
	return false;
}

static void
note_proved(struct merkle_tree *tree, const struct merkle_tile *tile)
{
	tree->proved[tree->proved_next] = *tile;
	tree->proved_next = (tree->proved_next + 1) % MERKLE_TILE_NEED_MAX;
	if (tree->proved_count < MERKLE_TILE_NEED_MAX)
		tree->proved_count++;
}

static bool
check_against(const struct merkle_tile *tile, struct bytes hashes,
    const struct merkle_tile *parent, struct bytes parent_hashes, struct err *err)
{
	struct sha256 want, found;

	hash_at(parent_hashes, tile->index % MERKLE_TILE_WIDTH, &want);
	fold(hashes, 0, 8, &found);
	if (!sha256_equal(&found, &want))
		return err_set(err, ERR_VERIFY,
		    "tile %u/%" PRIu64 " does not hash to its place in tile %u/%" PRIu64,
		    tile->level, tile->index, parent->level, parent->index);
	return true;
}

/* The hashes of a tile that is known to be the tree's: the edge's are by
 * merkle_tree_open(), a full one is through its parent. At most eight deep. */
static bool
proved_tile(struct merkle_tree *tree, const struct merkle_tile *tile,
    struct bytes *hashes, struct err *err)
{
	struct merkle_tile parent;
	struct bytes parent_hashes;

	if (!get_tile(tree, tile, hashes, err))
		return false;
	if (tile->width < MERKLE_TILE_WIDTH || is_proved(tree, tile))
		return true;
	if (!merkle_tile_of(tree->frontier.size, tile->level + 1, tile->index, &parent))
		return err_set(err, ERR_LIMIT, "tile %u/%" PRIu64 " is outside the tree",
		    tile->level, tile->index);
	if (!proved_tile(tree, &parent, &parent_hashes, err) ||
	    !check_against(tile, *hashes, &parent, parent_hashes, err))
		return false;
	note_proved(tree, tile);
	return true;
}

bool
merkle_tree_node(struct merkle_tree *tree, unsigned level, uint64_t index,
    struct sha256 *out, struct err *err)
{
	struct merkle_tile tile;
	struct bytes hashes;
	uint64_t first = index << (level % 8);

	if (level >= 63 || index >= tree->frontier.size >> level ||
	    !merkle_tile_of(tree->frontier.size, level / 8, first, &tile))
		return err_set(err, ERR_LIMIT, "node %u/%" PRIu64 " is outside the tree",
		    level, index);
	if (!proved_tile(tree, &tile, &hashes, err))
		return false;
	fold(hashes, first % MERKLE_TILE_WIDTH, level % 8, out);
	return true;
}

/* The root of [start, size), where the tree's own recursion cuts at start. */
static void
edge_root(const struct frontier *frontier, uint64_t start, struct sha256 *out)
{
	size_t count = frontier_count(frontier);
	uint64_t left = frontier->size;

	*out = frontier->nodes[--count];
	for (left &= left - 1; count > 0 && left > start; left &= left - 1)
		merkle_hash_node(&frontier->nodes[--count], out, out);
}

static bool
span_root(struct merkle_tree *tree, const struct span *span, struct sha256 *out,
    struct err *err)
{
	unsigned level;

	if (is_perfect(span, &level))
		return merkle_tree_node(tree, level, span->start >> level, out, err);
	edge_root(&tree->frontier, span->start, out);
	return true;
}

static bool
answer(struct merkle_tree *tree, enum merkle_question question, uint64_t at,
    struct sha256 *out, size_t *count, struct err *err)
{
	struct spans spans;

	if (!question_spans(question, tree->frontier.size, at, &spans))
		return err_set(err, ERR_LIMIT,
		    "%" PRIu64 " is outside a tree of %" PRIu64 " leaves", at,
		    tree->frontier.size);
	for (size_t i = 0; i < spans.count; i++)
		if (!span_root(tree, &spans.list[i], &out[i], err))
			return false;
	*count = spans.count;
	return true;
}

bool
merkle_tree_leaf(
    struct merkle_tree *tree, uint64_t index, struct sha256 *out, struct err *err)
{
	size_t count;

	return answer(tree, MERKLE_LEAF, index, out, &count, err);
}

bool
merkle_tree_inclusion(struct merkle_tree *tree, uint64_t index, struct sha256 *path,
    size_t *path_len, struct err *err)
{
	return answer(tree, MERKLE_INCLUSION, index, path, path_len, err);
}

bool
merkle_tree_consistency(struct merkle_tree *tree, uint64_t first, struct sha256 *path,
    size_t *path_len, struct err *err)
{
	return answer(tree, MERKLE_CONSISTENCY, first, path, path_len, err);
}

bool
merkle_tree_frontier(
    struct merkle_tree *tree, uint64_t size, struct frontier *out, struct err *err)
{
	struct frontier found;
	size_t count;

	if (!answer(tree, MERKLE_FRONTIER, size, found.nodes, &count, err))
		return false;
	found.size = size;
	*out = found;
	return true;
}

bool
merkle_tile_root(struct bytes tile, unsigned width, struct sha256 *out, struct err *err)
{
	if (width != MERKLE_TILE_WIDTH || tile.len < FULL_TILE_LEN)
		return err_set(err, ERR_PARSE,
		    "only a full tile has a root: %zu bytes, width %u", tile.len, width);
	fold(tile, 0, 8, out);
	return true;
}
