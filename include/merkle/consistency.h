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
