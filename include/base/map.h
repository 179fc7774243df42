/*
 * map - finds a value by a key of bytes.
 *
 * The map copies keys; values are the caller's pointers, never NULL. Not
 * locked: one thread at a time, or a lock around it.
 */
#pragma once
#include "base/bytes.h"

struct map {
	struct map_slot *slots;
	size_t room; /* a power of two, or 0 */
	size_t used;
};

typedef void map_value_fn(void *value);

void map_init(struct map *);
void map_free(struct map *, map_value_fn *free_value); /* free_value may be NULL */

void *map_get(const struct map *, struct bytes key); /* NULL: not there */

/* Returns the value that stood there before (now the caller's), or NULL. */
void *map_put(struct map *, struct bytes key, void *value);
void *map_remove(struct map *, struct bytes key); /* the value, or NULL */

/* Walks all: start with *at = 0; false at the end. No put or remove between. */
bool map_next(const struct map *, size_t *at, struct bytes *key, void **value);
