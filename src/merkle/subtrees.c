#include "merkle/subtrees.h"

#include "merkle/frontier.h"

/* The largest perfect subtree that begins at start and has no more than count
 * leaves. */
static unsigned
level_at(uint64_t start, size_t count)
{
	unsigned fits = 63 - (unsigned)__builtin_clzll(count);
	unsigned aligned = start == 0 ? 63 : (unsigned)__builtin_ctzll(start);

	return aligned < fits ? aligned : fits;
}

size_t
merkle_subtrees_of(
    const struct sha256 *leaves, uint64_t start, size_t count, struct merkle_subtree *out)
{
	struct frontier frontier;
	size_t found = 0;

	while (count > 0) {
		unsigned level = level_at(start, count);
		size_t len = (size_t)1 << level;

		frontier_init(&frontier);
		for (size_t i = 0; i < len; i++)
			frontier_append(&frontier, &leaves[i]);
		out[found++] = (struct merkle_subtree){level, frontier.nodes[0]};
		leaves += len;
		start += len;
		count -= len;
	}
	return found;
}
