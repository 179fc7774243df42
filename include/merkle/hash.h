/*
 * hash - leaves and nodes of a Merkle tree, RFC 6962, 2.1.
 */
#pragma once
#include "crypto/digest.h"

/* SHA-256(""), the root of the empty tree. */
void merkle_hash_empty(struct sha256 *out);

/* SHA-256(00 || leaf): leaf is the MerkleTreeLeaf as served. */
void merkle_hash_leaf(struct bytes leaf, struct sha256 *out);

/* The same over a leaf in two parts, one after the other: a data tile's record
 * lacks the two leading zero bytes (wire-formats 3.6). */
void merkle_hash_leaf_parts(struct bytes first, struct bytes second, struct sha256 *out);

/* SHA-256(01 || left || right); out may be either of them. */
void merkle_hash_node(
    const struct sha256 *left, const struct sha256 *right, struct sha256 *out);
