/*
 * tier - the statements of a tier, for the two files that run them.
 */
#pragma once
#include "store/sqlite/sqlite_priv.h"

struct tier_sql {
	struct sql put, members, values, text;
	struct sql erase[3];       /* of each table */
	struct sql count, used;    /* rows of _0; whether a run has any */
	struct sql flush, emptied; /* _0 to a run */
	struct sql bound;          /* a row of a run, so many behind its first */
	struct sql move, drop;     /* runs to _2, up to a bound; without: the rest */
	struct sql move_rest, drop_rest;
	int row_bytes;   /* about, in a page of _0 */
	int runs;        /* that may stand */
	int runs_merged; /* so many of them go to _2 together */
};

extern const struct tier_sql TIERS[TIER_COUNT];
