/*
 * world - a small store of arrays, for checks that need what was stored before:
 * it answers as the writer's history does.
 */
#pragma once
#include "tests/lib/spec_text.h"

#include "check/history.h"

enum { WORLD_ROOM = 400 };

struct world {
	struct sample samples[WORLD_ROOM]; /* as they came */
	/* CA certificates: whose key it is */
	const struct check_operator *owners[WORLD_ROOM];
	size_t count;
	const struct sample *judging; /* the last */
	/* second looks: whose, at what, when */
	struct world_due {
		const char *check;
		const struct sample *sample;
		int64_t due_ms;
	} dues[WORLD_ROOM];
	size_t due_count;
	int64_t covered_from_ms, covered_to_ms; /* of every log */
	struct world_bucket *buckets;           /* what checks remember */
	size_t bucket_count;
};

struct world *world_new(void);
void world_free(struct world *);
struct check_history world_history(struct world *);

size_t world_bucket_len(const struct world *, size_t number); /* octets remembered */
const char *world_bucket_check(const struct world *, size_t number); /* by whom */

/* Stores a certificate (tests/lib/spec_text.h), as the one to be judged. */
struct sample *world_add(struct world *, const char *spec);

/* Stores it, then judges it as the writer does. */
void world_judge(struct world *, const char *spec, struct findings *out);

/* Looks at what is due by then, as upkeep does. */
void world_look_again(struct world *, int64_t now_ms, struct findings *out);

/* What the findings hold of a check: how many, whether one is about that
 * certificate, and the first one's evidence (the caller's; empty: none). */
size_t world_count(const struct findings *, const char *check);
bool world_has(const struct findings *, const char *check, const struct sample *about);
struct buf world_evidence(const struct findings *, const char *check);
