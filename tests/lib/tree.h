/*
 * tree - a whole Merkle tree in memory, by the recursive definition of RFC
 * 6962, 2.1: slow, plain, and written apart from room merkle, whose judge it
 * is.
 */
#pragma once
#include "crypto/digest.h"

struct tree {
	struct sha256 *leaves;
	size_t count;
};

void tree_init(struct tree *);
void tree_fini(struct tree *);
void tree_add(struct tree *, struct bytes leaf_input);

/* Leaf i is i as eight bytes, big-endian. */
void tree_fill(struct tree *, size_t count);

struct sha256 tree_hash(const struct tree *, size_t start, size_t end);

/* PATH(m, D[n]) and PROOF(m, D[n]); return the length, at most 64. */
size_t tree_path(const struct tree *, size_t m, size_t n, struct sha256 *out);
size_t tree_proof(const struct tree *, size_t m, size_t n, struct sha256 *out);

/* The bytes of a tile, 32 * width, into out. */
void tree_tile(
    const struct tree *, unsigned level, uint64_t index, unsigned width, uint8_t *out);
