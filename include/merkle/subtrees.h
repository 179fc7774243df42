/*
 * subtrees - a run of leaf hashes reduced to its perfect subtrees, so that a
 * worker does the hashing and the writer merges a few nodes.
 */
#pragma once
#include "merkle/hash.h"

/* No run of leaves has more: up one side of the tree and down the other. */
enum { MERKLE_SUBTREES_MAX = 126 };

struct merkle_subtree {
	unsigned level; /* it holds 2^level leaves */
	struct sha256 root;
};

/*
 * The largest aligned perfect subtrees of [start, start + count), left to
 * right; returns how many were put into out (MERKLE_SUBTREES_MAX rooms).
 * leaves[0] is the leaf with index start. start + count stays below 2^63.
 */
size_t merkle_subtrees_of(const struct sha256 *leaves, uint64_t start, size_t count,
    struct merkle_subtree *out);
