/*
 * tile - a tree read through tiles of 256 hashes (tlog-tiles; wire-formats
 * 2.6): proofs, nodes and frontiers, none of them believed before it hashes
 * into the root.
 *
 * Two steps. merkle_tiles_for() lists the tiles that a question needs; the
 * caller gets them from wherever they are. Then a tree is opened over them:
 * its right edge has to recompute the root, and each other tile has to hash to
 * its place in its parent, before a hash of it is used. Pure: tiles come
 * through a callback.
 */
#pragma once
#include "merkle/frontier.h"

enum {
	MERKLE_TILE_WIDTH = 256,
	MERKLE_TILE_LEVELS = 8,    /* 256^8 leaves are more than 2^63 */
	MERKLE_TILE_NEED_MAX = 32, /* no question needs more tiles */
};

struct merkle_tile {
	unsigned level; /* 0: leaf hashes */
	uint64_t index;
	unsigned width; /* 256: full; less: the tree's right edge */
};

/* The tile of a level that holds hash number `hash` of it, in the width it has
 * in a tree of that size. False when the tree has no such hash. */
MUST_CHECK bool merkle_tile_of(
    uint64_t size, unsigned level, uint64_t hash, struct merkle_tile *out);

/* Full tiles of a level, and the width of the partial one behind them (0:
 * none). */
uint64_t merkle_tile_full_count(uint64_t size, unsigned level);
unsigned merkle_tile_edge_width(uint64_t size, unsigned level);

enum merkle_question {
	MERKLE_ROOT,        /* only the right edge */
	MERKLE_LEAF,        /* the hash of leaf `at` */
	MERKLE_INCLUSION,   /* the audit path of leaf `at` */
	MERKLE_CONSISTENCY, /* the proof from size `at` */
	MERKLE_FRONTIER,    /* the frontier of [0, at) */
};

/* Lists the tiles of the tree of `size` leaves that answer the question, edge
 * and parents included, each once; out has MERKLE_TILE_NEED_MAX rooms. Returns
 * how many; 0 also when `at` is outside the tree. */
size_t merkle_tiles_for(
    enum merkle_question, uint64_t size, uint64_t at, struct merkle_tile *out);

/* The tile's hashes: 32 * width bytes or more, of which the first 32 * width
 * are read (a full tile may stand in for a partial one); data NULL when the
 * caller does not have it. They stay in place, unchanged, as long as the tree
 * is asked. */
typedef struct bytes merkle_tile_fn(void *owner, const struct merkle_tile *tile);

struct merkle_tree {
	struct frontier frontier; /* read from the edge, equal to the root */
	merkle_tile_fn *get;
	void *owner;
	struct merkle_tile proved[MERKLE_TILE_NEED_MAX]; /* shown to hash into the root */
	size_t proved_count, proved_next;
};

/* Reads the right edge. ERR_NOT_FOUND: a tile is missing; ERR_PARSE: one is
 * too short; ERR_VERIFY: they do not make the root. */
MUST_CHECK bool merkle_tree_open(struct merkle_tree *, uint64_t size,
    const struct sha256 *root, merkle_tile_fn *get, void *owner, struct err *);

/* The questions, answered with verified hashes only; errors as above, the one
 * of a tile that disagrees with its parent naming it. ERR_LIMIT: `at` is
 * outside the tree. path has MERKLE_PATH_MAX rooms. */
MUST_CHECK bool merkle_tree_leaf(
    struct merkle_tree *, uint64_t index, struct sha256 *out, struct err *);
MUST_CHECK bool merkle_tree_inclusion(struct merkle_tree *, uint64_t index,
    struct sha256 *path, size_t *path_len, struct err *);
MUST_CHECK bool merkle_tree_consistency(struct merkle_tree *, uint64_t first,
    struct sha256 *path, size_t *path_len, struct err *);
MUST_CHECK bool merkle_tree_frontier(
    struct merkle_tree *, uint64_t size, struct frontier *out, struct err *);

/* The root of the perfect subtree of 2^level leaves with that index. */
MUST_CHECK bool merkle_tree_node(struct merkle_tree *, unsigned level, uint64_t index,
    struct sha256 *out, struct err *);

/* The root of a tile's hashes: a full one's is its hash in the parent. */
MUST_CHECK bool merkle_tile_root(
    struct bytes tile, unsigned width, struct sha256 *out, struct err *);
