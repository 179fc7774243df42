#include "tests/lib/oracle.h"

#include "base/mem.h"

void
oracle_init(struct oracle *tree)
{
	*tree = (struct oracle){0};
}

void
oracle_fini(struct oracle *tree)
{
	mem_free(tree->leaves);
	oracle_init(tree);
}

void
oracle_add(struct oracle *tree, struct bytes leaf_input)
{
	if ((tree->count & (tree->count - 1)) == 0)
		tree->leaves = mem_resize(tree->leaves,
		    tree->count == 0 ? 1 : 2 * tree->count, sizeof(*tree->leaves));
	sha256_of_parts((struct bytes[]){bytes_of("\0", 1), leaf_input}, 2,
	    &tree->leaves[tree->count++]);
}

void
oracle_fill(struct oracle *tree, size_t count)
{
	uint8_t leaf[8];

	while (tree->count < count) {
		put_be64(leaf, tree->count);
		oracle_add(tree, bytes_of(leaf, sizeof(leaf)));
	}
}

/* The largest power of two below n. */
static size_t
split(size_t n)
{
	size_t k = 1;

	while (2 * k < n)
		k *= 2;
	return k;
}

static struct sha256
node(struct sha256 left, struct sha256 right)
{
	struct sha256 out;

	sha256_of_parts((struct bytes[]){bytes_of("\1", 1), sha256_bytes(&left),
			    sha256_bytes(&right)},
	    3, &out);
	return out;
}

struct sha256
oracle_hash(const struct oracle *tree, size_t start, size_t end)
{
	struct sha256 empty;
	size_t k;

	if (start == end) {
		sha256_of(bytes_of("", 0), &empty);
		return empty;
	}
	if (end - start == 1)
		return tree->leaves[start];
	k = split(end - start);
	return node(
	    oracle_hash(tree, start, start + k), oracle_hash(tree, start + k, end));
}

static size_t
path(const struct oracle *tree, size_t m, size_t start, size_t end, struct sha256 *out)
{
	size_t k, len;

	if (end - start == 1)
		return 0;
	k = split(end - start);
	if (m < k) {
		len = path(tree, m, start, start + k, out);
		out[len] = oracle_hash(tree, start + k, end);
	} else {
		len = path(tree, m - k, start + k, end, out);
		out[len] = oracle_hash(tree, start, start + k);
	}
	return len + 1;
}

size_t
oracle_path(const struct oracle *tree, size_t m, size_t n, struct sha256 *out)
{
	return path(tree, m, 0, n, out);
}

static size_t
proof(const struct oracle *tree, size_t m, size_t start, size_t end, bool known,
    struct sha256 *out)
{
	size_t k, len;

	if (m == end - start) {
		if (!known)
			out[0] = oracle_hash(tree, start, end);
		return known ? 0 : 1;
	}
	k = split(end - start);
	if (m <= k) {
		len = proof(tree, m, start, start + k, known, out);
		out[len] = oracle_hash(tree, start + k, end);
	} else {
		len = proof(tree, m - k, start + k, end, false, out);
		out[len] = oracle_hash(tree, start, start + k);
	}
	return len + 1;
}

size_t
oracle_proof(const struct oracle *tree, size_t m, size_t n, struct sha256 *out)
{
	return m == 0 ? 0 : proof(tree, m, 0, n, true, out);
}

void
oracle_tile(const struct oracle *tree, unsigned level, uint64_t index, unsigned width,
    uint8_t *out)
{
	size_t span = (size_t)1 << (8 * level);

	for (size_t i = 0; i < width; i++) {
		size_t start = (256 * index + i) * span;
		struct sha256 hash = oracle_hash(tree, start, start + span);

		memcpy(out + i * SHA256_LEN, hash.octets, SHA256_LEN);
	}
}
