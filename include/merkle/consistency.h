/*
 * consistency - that one tree is a prefix of another: RFC 9162, 2.1.4.2.
 */
#pragma once
#include "base/err.h"
#include "merkle/hash.h"

/* ERR_VERIFY unless the path shows that the tree of first leaves and
 * first_root is a prefix of the tree of second leaves and second_root. Equal
 * sizes need an empty path and equal roots; first == 0 an empty path and the
 * empty root. first > second is ERR_PARSE: swap them. */
MUST_CHECK bool merkle_consistency_verify(uint64_t first, const struct sha256 *first_root,
    uint64_t second, const struct sha256 *second_root, const struct sha256 *path,
    size_t path_len, struct err *);

/* The root that the tree of second leaves and second_root has at first, 0 <
 * first < second, as its own path shows: where merkle_consistency_verify()
 * fails with another first root, this tells that the tree refutes it. ERR_VERIFY
 * when the path does not lead to second_root, or when first is a power of two:
 * then the path leaves that root out. */
MUST_CHECK bool merkle_consistency_first_root(uint64_t first, uint64_t second,
    const struct sha256 *second_root, const struct sha256 *path, size_t path_len,
    struct sha256 *first_root, struct err *);
