/*
 * inclusion - that a leaf is in a tree: RFC 9162, 2.1.3.2.
 */
#pragma once
#include "merkle/frontier.h"

/* No audit or consistency path is longer; cap an array before decoding it. */
enum { MERKLE_PATH_MAX = 64 };

/* The root that leaf, index, size and path lead to. ERR_VERIFY when the path
 * has the wrong length for them or index is not below size. */
MUST_CHECK bool merkle_root_from_inclusion(const struct sha256 *leaf, uint64_t index,
    uint64_t size, const struct sha256 *path, size_t path_len, struct sha256 *root,
    struct err *);

/* ERR_VERIFY unless the leaf is at index in the tree of that size and root. */
MUST_CHECK bool merkle_inclusion_verify(const struct sha256 *leaf, uint64_t index,
    uint64_t size, const struct sha256 *path, size_t path_len, const struct sha256 *root,
    struct err *);

/* Verifies as above, then makes the frontier of [0, index): the path's left
 * siblings in reverse order (wire-formats 2.5). out is untouched on failure. */
MUST_CHECK bool merkle_frontier_from_inclusion(const struct sha256 *leaf, uint64_t index,
    uint64_t size, const struct sha256 *path, size_t path_len, const struct sha256 *root,
    struct frontier *out, struct err *);
