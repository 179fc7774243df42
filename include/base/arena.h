/*
 * arena - memory that dies together: what a batch's parse results live in.
 *
 * Nothing is freed singly. arena_reset() keeps the first block, so that a
 * worker's next batch allocates nothing.
 */
#pragma once
#include <stddef.h>

#include "base/bytes.h"

struct arena {
	struct arena_block *blocks; /* newest first */
	size_t used;                /* of the newest */
};

void arena_init(struct arena *);
void arena_free(struct arena *);
void arena_reset(struct arena *);

/* Aligned for any type, not cleared. */
void *arena_alloc(struct arena *, size_t size);
void *arena_zero(struct arena *, size_t count, size_t size);
struct bytes arena_copy(struct arena *, struct bytes); /* a NUL stands behind it */
