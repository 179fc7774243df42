/*
 * factor - RSA moduli that have a factor in common.
 *
 * Bernstein's batch GCD: products of all in a tree, remainders back down it; with
 * GMP, since libcrypto multiplies large numbers in more than linear time and divides
 * them in quadratic.
 */
#pragma once
#include "base/bytes.h"

#define FACTOR_PARTNERS 8

/* a of the one list and b of the other have a factor in common. whole: all of a is
 * a factor of b, so that a itself is not factored by it. */
typedef void factor_fn(void *owner, size_t a, size_t b, bool whole);

/* Tells of each number in the one list, a, that has a factor in common with some in
 * the other, b; of each at most FACTOR_PARTNERS of those. The lists may be the same,
 * then a number is not held against itself. Numbers are big-endian octets; equal ones
 * are one key and have nothing in common here, 0 and 1 neither. Memory: some 30 times
 * the octets given. */
void factor_shared(const struct bytes *a, size_t a_count, const struct bytes *b,
    size_t b_count, factor_fn *fn, void *owner);
