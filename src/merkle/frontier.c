#include "merkle/frontier.h"

#include <assert.h>

static size_t
bits_set(uint64_t size)
{
	return (size_t)__builtin_popcountll(size);
}

void
frontier_init(struct frontier *frontier)
{
	frontier->size = 0;
}

size_t
frontier_count(const struct frontier *frontier)
{
	return bits_set(frontier->size);
}

/* size is a multiple of 2^level. Each subtree of equal height to the left is
 * joined: the carry of a binary counter. */
static void
append(struct frontier *frontier, unsigned level, const struct sha256 *root)
{
	size_t count = frontier_count(frontier);
	struct sha256 joined = *root;

	assert(frontier->size >> 63 == 0);
	for (uint64_t left = frontier->size >> level; left & 1; left >>= 1)
		merkle_hash_node(&frontier->nodes[--count], &joined, &joined);
	frontier->nodes[count] = joined;
	frontier->size += UINT64_C(1) << level;
}

void
frontier_append(struct frontier *frontier, const struct sha256 *leaf)
{
	append(frontier, 0, leaf);
}

static bool
fits(uint64_t size, unsigned level)
{
	return level < 63 && (size & ((UINT64_C(1) << level) - 1)) == 0 &&
	    (size + (UINT64_C(1) << level)) >> 63 == 0;
}

bool
frontier_append_subtree(
    struct frontier *frontier, unsigned level, const struct sha256 *root, struct err *err)
{
	if (!fits(frontier->size, level))
		return err_set(err, ERR_PARSE,
		    "a subtree of 2^%u leaves cannot follow %llu", level,
		    (unsigned long long)frontier->size);
	append(frontier, level, root);
	return true;
}

bool
frontier_append_subtrees(struct frontier *frontier, const struct merkle_subtree *subtrees,
    size_t count, struct err *err)
{
	uint64_t size = frontier->size;

	for (size_t i = 0; i < count; i++) {
		if (!fits(size, subtrees[i].level))
			return err_set(err, ERR_PARSE,
			    "subtrees do not continue a tree of %llu leaves",
			    (unsigned long long)frontier->size);
		size += UINT64_C(1) << subtrees[i].level;
	}
	for (size_t i = 0; i < count; i++)
		append(frontier, subtrees[i].level, &subtrees[i].root);
	return true;
}

void
frontier_root(const struct frontier *frontier, struct sha256 *out)
{
	size_t count = frontier_count(frontier);

	if (count == 0) {
		merkle_hash_empty(out);
		return;
	}
	*out = frontier->nodes[--count];
	while (count > 0)
		merkle_hash_node(&frontier->nodes[--count], out, out);
}

bool
frontier_equal(const struct frontier *a, const struct frontier *b)
{
	return a->size == b->size &&
	    memcmp(a->nodes, b->nodes, frontier_count(a) * SHA256_LEN) == 0;
}

size_t
frontier_serialise(const struct frontier *frontier, uint8_t *out)
{
	size_t len = frontier_count(frontier) * SHA256_LEN;

	put_be64(out, frontier->size);
	memcpy(out + 8, frontier->nodes, len);
	return 8 + len;
}

bool
frontier_parse(struct bytes data, struct frontier *out, struct err *err)
{
	uint64_t size = data.len >= 8 ? be64(data.data) : 0;

	if (data.len < 8 || size >> 63 != 0 ||
	    data.len != 8 + bits_set(size) * SHA256_LEN)
		return err_set(err, ERR_PARSE, "a frontier of %zu bytes", data.len);
	out->size = size;
	memcpy(out->nodes, data.data + 8, data.len - 8);
	return true;
}
