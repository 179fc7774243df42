/*
 * twins - certificates of one operator for the same names, logged at about the
 * same time. What twin-date-gap remembers, duplicate-final asks as well.
 */
#pragma once
#include "tally.h"

#define TWINS_MAX ((size_t)32)

struct twin {
	uint8_t key[32], profile[PROFILE_KEY];
	int64_t row, at_ms, not_before, spki, algorithm; /* the last two: hashes */
	bool precert;
};

/* Others than the certificate at hand, signed (by an SCT, else the log's clock)
 * within that many seconds of it; notes this one. Their number. */
size_t twins_of(
    struct trial *, int64_t within_s, struct twin *self, struct twin others[TWINS_MAX]);
