#include "base/arena.h"

#include <stdalign.h>

#include "base/mem.h"

#define BLOCK_SIZE ((size_t)64 * 1024)

struct arena_block {
	struct arena_block *older;
	size_t size;
	alignas(max_align_t) uint8_t data[];
};

void
arena_init(struct arena *arena)
{
	*arena = (struct arena){0};
}

void
arena_reset(struct arena *arena)
{
	while (arena->blocks != NULL && arena->blocks->older != NULL) {
		struct arena_block *block = arena->blocks;

		arena->blocks = block->older;
		mem_free(block);
	}
	arena->used = 0;
}

void
arena_free(struct arena *arena)
{
	arena_reset(arena);
	mem_free(arena->blocks);
	arena->blocks = NULL;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct arena_block *block = arena->blocks;
	void *memory;

	size = (size + align - 1) & ~(align - 1);
	if (block == NULL || block->size - arena->used < size) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;

		block = mem_alloc(sizeof(*block) + room);
		block->older = arena->blocks;
		block->size = room;
		arena->blocks = block;
		arena->used = 0;
	}
	memory = block->data + arena->used;
	arena->used += size;
	return memory;
}

void *
arena_zero(struct arena *arena, size_t count, size_t size)
{
	void *memory = arena_alloc(arena, count * size);

	memset(memory, 0, count * size);
	return memory;
}

struct bytes
arena_copy(struct arena *arena, struct bytes bytes)
{
	uint8_t *copy = arena_alloc(arena, bytes.len + 1);

	if (bytes.len > 0)
		memcpy(copy, bytes.data, bytes.len);
	copy[bytes.len] = '\0';
	return bytes_of(copy, bytes.len);
}
