#include "base/map.h"

#include "base/mem.h"

struct map_slot {
	uint64_t hash;
	uint8_t *key; /* owned */
	size_t len;
	void *value; /* NULL: the slot is free */
};

void
map_init(struct map *map)
{
	*map = (struct map){0};
}

void
map_free(struct map *map, map_value_fn *free_value)
{
	for (size_t i = 0; i < map->room; i++) {
		if (map->slots[i].value == NULL)
			continue;
		if (free_value != NULL)
			free_value(map->slots[i].value);
		mem_free(map->slots[i].key);
	}
	mem_free(map->slots);
	map_init(map);
}

/* The slot that holds key, or the free one where it belongs. */
static struct map_slot *
find_slot(const struct map *map, struct bytes key, uint64_t hash)
{
	size_t at = hash & (map->room - 1);

	for (;; at = (at + 1) & (map->room - 1)) {
		struct map_slot *slot = &map->slots[at];

		if (slot->value == NULL ||
		    (slot->hash == hash &&
			bytes_equal(key, bytes_of(slot->key, slot->len))))
			return slot;
	}
}

static void
grow(struct map *map)
{
	struct map old = *map;

	map->room = old.room == 0 ? 16 : old.room * 2;
	map->slots = mem_zero(map->room, sizeof(*map->slots));
	for (size_t i = 0; i < old.room; i++) {
		struct map_slot *slot = &old.slots[i];

		if (slot->value != NULL)
			*find_slot(map, bytes_of(slot->key, slot->len), slot->hash) =
			    *slot;
	}
	mem_free(old.slots);
}

void *
map_get(const struct map *map, struct bytes key)
{
	return map->room == 0 ? NULL : find_slot(map, key, bytes_hash(key))->value;
}

void *
map_put(struct map *map, struct bytes key, void *value)
{
	uint64_t hash = bytes_hash(key);
	struct map_slot *slot;
	void *before;

	if (4 * (map->used + 1) > 3 * map->room)
		grow(map);
	slot = find_slot(map, key, hash);
	before = slot->value;
	if (before == NULL) {
		*slot = (struct map_slot){
		    .hash = hash, .key = mem_copy(key.data, key.len), .len = key.len};
		map->used++;
	}
	slot->value = value;
	return before;
}

/* Moves later members of the probe run up, so that no tombstones are needed. */
static void
close_gap(struct map *map, size_t gap)
{
	for (size_t at = gap;;) {
		struct map_slot *slot;
		size_t home;

		at = (at + 1) & (map->room - 1);
		slot = &map->slots[at];
		if (slot->value == NULL)
			break;
		home = slot->hash & (map->room - 1);
		if (((at - home) & (map->room - 1)) >= ((at - gap) & (map->room - 1))) {
			map->slots[gap] = *slot;
			gap = at;
		}
	}
	map->slots[gap] = (struct map_slot){0};
}

void *
map_remove(struct map *map, struct bytes key)
{
	struct map_slot *slot;
	void *value;

	if (map->room == 0)
		return NULL;
	slot = find_slot(map, key, bytes_hash(key));
	value = slot->value;
	if (value != NULL) {
		mem_free(slot->key);
		map->used--;
		close_gap(map, (size_t)(slot - map->slots));
	}
	return value;
}

bool
map_next(const struct map *map, size_t *at, struct bytes *key, void **value)
{
	for (; *at < map->room; (*at)++) {
		const struct map_slot *slot = &map->slots[*at];

		if (slot->value == NULL)
			continue;
		*key = bytes_of(slot->key, slot->len);
		*value = slot->value;
		(*at)++;
		return true;
	}
	return false;
}
