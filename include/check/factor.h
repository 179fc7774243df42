/*
 * factor - the RSA moduli that shared-factor-key remembers, for those who hold them
 * against each other (crypto/factor.h) now and then: too much for every certificate.
 *
 * In the check's own state, so in the writer's transaction. Each modulus once,
 * numbered as they came; the certificates that have it are known with it.
 */
#pragma once
#include "base/arena.h"
#include "check/history.h"

#define CHECK_FACTOR "shared-factor-key"

struct check_modulus {
	int64_t number;       /* 1 .. */
	struct bytes modulus; /* big-endian, no zero in front */
	struct bytes sha256;  /* of a certificate with it */
};

/* The next in (after, until], as many as fit in room and max octets, in the
 * arena. What has expired is forgotten. */
size_t check_factor_next(const struct check_history *, int64_t after, int64_t until,
    int64_t now_ms, size_t max, struct arena *, struct check_modulus *out, size_t room);

/* Up to which number all have been held against each other. */
int64_t check_factor_done(const struct check_history *);
void check_factor_set_done(const struct check_history *, int64_t number);

/* Whether that is still so, and this number given: else a rescan has begun anew, and
 * numbers are others. */
bool check_factor_stands(const struct check_history *, int64_t done, int64_t number);

#define CHECK_FACTOR_ROWS 64

/* Notes that the one has a factor in common with the other, or is one of its factors.
 * The rows that have the modulus, to be looked at again; their number: 0 when that was
 * known or is of no account any more. */
size_t check_factor_note(const struct check_history *, const struct check_modulus *,
    const struct check_modulus *with, bool whole, int64_t rows[CHECK_FACTOR_ROWS]);
