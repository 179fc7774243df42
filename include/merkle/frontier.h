/*
 * frontier - the state of an append-only tree: the roots of the perfect
 * subtrees its leaves form, one for each bit set in the size, largest first
 * (a "compact range"; RFC 9162, 2.1).
 *
 * Plain data: a copy is a snapshot to go back to. Sizes are below 2^63.
 */
#pragma once
#include "base/err.h"
#include "merkle/hash.h"
#include "merkle/subtrees.h"

enum { FRONTIER_NODES_MAX = 64, FRONTIER_TEXT_MAX = 8 + FRONTIER_NODES_MAX * SHA256_LEN };

struct frontier {
	uint64_t size;                           /* leaves */
	struct sha256 nodes[FRONTIER_NODES_MAX]; /* as many as size has bits set */
};

void frontier_init(struct frontier *); /* of no leaves */
size_t frontier_count(const struct frontier *);

void frontier_append(struct frontier *, const struct sha256 *leaf);

/* Appends 2^level leaves by their root. ERR_PARSE, and nothing changed, unless
 * the size is a multiple of 2^level. */
MUST_CHECK bool frontier_append_subtree(
    struct frontier *, unsigned level, const struct sha256 *root, struct err *);

/* Appends what merkle_subtrees_of() made of [size, size + n). ERR_PARSE when
 * they do not continue the frontier; it is then as before. */
MUST_CHECK bool frontier_append_subtrees(
    struct frontier *, const struct merkle_subtree *subtrees, size_t count, struct err *);

void frontier_root(const struct frontier *, struct sha256 *out);
bool frontier_equal(const struct frontier *, const struct frontier *);

/* u64 size, then the nodes: what is stored. out has room for
 * FRONTIER_TEXT_MAX; returns the length. */
size_t frontier_serialise(const struct frontier *, uint8_t *out);
MUST_CHECK bool frontier_parse(struct bytes, struct frontier *out, struct err *);
