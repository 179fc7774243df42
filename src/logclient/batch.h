/*
 * batch - how many entries a log gives in one reply, learned from its replies
 * (wire-formats.md 1.4): nothing else tells it. Pure.
 */
#pragma once
#include <stdint.h>

enum { BATCH_MAX = 1024, BATCH_PROBE_MS = 24 * 60 * 60 * 1000 };

struct batch {
	unsigned size;       /* in force; 0: not known yet */
	unsigned shorter;    /* the length of the last aligned reply cut short */
	unsigned equal;      /* so many in a row had it */
	unsigned cuts;       /* replies cut short while no size was known, */
	unsigned longest;    /* the longest of them, */
	uint64_t boundary;   /* what all their ends are multiples of, */
	uint64_t last_end;   /* and the last of those */
	int64_t probe_at_ms; /* monotonic: a larger one is tried then */
};

/* size: what a former run learned, or 0. */
void batch_init(struct batch *, unsigned size, int64_t now_ms);

/* Where a request from next on should end: aligned, so that caches and the
 * log's own alignment are met. */
uint64_t batch_plan(const struct batch *, uint64_t next, uint64_t size, int64_t now_ms);

/* A request for [start, start + asked) goes out. */
void batch_asked(struct batch *, unsigned asked, int64_t now_ms);

/* Its reply had count entries (1 to asked), of a tree of size. */
void batch_learn(struct batch *, uint64_t start, unsigned asked, unsigned count,
    uint64_t size, int64_t now_ms);
