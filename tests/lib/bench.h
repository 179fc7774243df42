/*
 * bench - clocks of the tools that measure.
 */
#pragma once
#include <time.h>

static inline double
bench_seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Of this process, all its threads, user and system. */
static inline double
bench_cpu_s(void)
{
	return bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static inline double
bench_wall_s(void)
{
	return bench_seconds(CLOCK_MONOTONIC);
}
