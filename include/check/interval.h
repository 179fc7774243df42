/*
 * interval - what a count out of a total says about the rate behind it.
 */
#pragma once
#include <stdint.h>

/* Wilson's 95 % interval of count out of total, in [0, 1]; 0 to 1 without any. */
struct rate_interval {
	double low, high;
};
struct rate_interval rate_interval(uint64_t count, uint64_t total);

/* How many standard errors the first rate lies above the second, by their pooled
 * rate; 0 where one of them has no total or nothing differs. */
double rate_excess(
    uint64_t count, uint64_t total, uint64_t before, uint64_t before_total);
