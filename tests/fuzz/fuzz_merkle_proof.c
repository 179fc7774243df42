/*
 * Two sizes, then hashes: what a verifier accepts leads to one root alone, a
 * frontier got from a path is as long as its size says, and a stored frontier
 * comes back as it was.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "base/cursor.h"
#include "merkle/consistency.h"
#include "merkle/inclusion.h"

static void
try_frontier(struct bytes input)
{
	struct frontier frontier;
	struct sha256 root;
	uint8_t stored[FRONTIER_TEXT_MAX];

	if (!frontier_parse(input, &frontier, NULL))
		return;
	if (!bytes_equal(bytes_of(stored, frontier_serialise(&frontier, stored)), input))
		abort();
	frontier_root(&frontier, &root);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cursor cursor = cursor_of(bytes_of(data, len));
	struct sha256 path[MERKLE_PATH_MAX], leaf = {{1}}, root;
	struct frontier frontier;
	struct bytes hash;
	uint64_t m, n;
	size_t count = 0;

	try_frontier(bytes_of(data, len));
	if (!cursor_be64(&cursor, &m) || !cursor_be64(&cursor, &n))
		return 0;
	while (count < MERKLE_PATH_MAX && cursor_take(&cursor, SHA256_LEN, &hash))
		memcpy(path[count++].octets, hash.data, SHA256_LEN);
	(void)!merkle_consistency_verify(m, &leaf, n, &leaf, path, count, NULL);
	if (!merkle_root_from_inclusion(&leaf, m, n, path, count, &root, NULL))
		return 0;
	if (!merkle_frontier_from_inclusion(
		&leaf, m, n, path, count, &root, &frontier, NULL) ||
	    frontier.size != m)
		abort();
	root.octets[0] ^= 1;
	if (merkle_inclusion_verify(&leaf, m, n, path, count, &root, NULL))
		abort();
	return 0;
}
