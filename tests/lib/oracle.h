/*
 * oracle - a whole Merkle tree in memory, by the recursive definition of RFC
 * 6962, 2.1: slow, plain, and written apart from room merkle, whose judge it
 * is.
 */
#pragma once
#include "crypto/digest.h"

struct oracle {
	struct sha256 *leaves;
	size_t count;
};

void oracle_init(struct oracle *);
void oracle_fini(struct oracle *);
void oracle_add(struct oracle *, struct bytes leaf_input);

/* Leaf i is i as eight bytes, big-endian. */
void oracle_fill(struct oracle *, size_t count);

struct sha256 oracle_hash(const struct oracle *, size_t start, size_t end);

/* PATH(m, D[n]) and PROOF(m, D[n]); return the length, at most 64. */
size_t oracle_path(const struct oracle *, size_t m, size_t n, struct sha256 *out);
size_t oracle_proof(const struct oracle *, size_t m, size_t n, struct sha256 *out);

/* The bytes of a tile, 32 * width, into out. */
void oracle_tile(
    const struct oracle *, unsigned level, uint64_t index, unsigned width, uint8_t *out);
