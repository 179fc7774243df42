/*
 * simulation - a month of many logs in a scenario's world: they grow, come and
 * go with the log list, move, fail for a while, lag, lie; the daemon is
 * restarted, its disk fills up. All by chance, and all chance by a seed.
 *
 * What must come of it is known beforehand: every entry read and judged once,
 * every lie and outage told once and its end once, every noise not at all.
 */
#pragma once
#include "tests/lib/scenario.h"

struct simulation_options {
	uint64_t seed;
	unsigned logs; /* a third of them are shards that come and go */
	unsigned days;
	uint64_t entries; /* about so many, all in all */
};

/* Fails the test where something was lost, doubled, or wrongly told. */
void simulation_run(const struct simulation_options *);
