/* The tree of RFC 6962, 2.1, with all its perfect nodes kept. */
#include "tests/lib/testlog_priv.h"

#include <assert.h>

void
testlog_tree_init(struct tree *tree)
{
	memset(tree, 0, sizeof(*tree));
	tree->digest = EVP_MD_CTX_new();
	tree->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	assert(tree->digest != NULL && tree->sha256 != NULL);
}

void
testlog_tree_free(struct tree *tree)
{
	for (unsigned i = 0; i < TREE_LEVELS; i++)
		mem_free(tree->level[i].hashes);
	EVP_MD_CTX_free(tree->digest);
	EVP_MD_free(tree->sha256);
	memset(tree, 0, sizeof(*tree));
}

void
testlog_tree_copy(struct tree *to, const struct tree *from)
{
	for (unsigned i = 0; i < TREE_LEVELS; i++) {
		const struct tree_level *level = &from->level[i];

		mem_free(to->level[i].hashes);
		to->level[i] = *level;
		to->level[i].hashes = NULL;
		if (level->room == 0)
			continue;
		to->level[i].hashes = mem_resize(NULL, level->room, TESTLOG_HASH_LEN);
		memcpy(
		    to->level[i].hashes, level->hashes, level->used * TESTLOG_HASH_LEN);
	}
}

static void
hash_parts(const struct tree *tree, uint8_t prefix, struct bytes a, struct bytes b,
    uint8_t out[TESTLOG_HASH_LEN])
{
	bool ok = EVP_DigestInit_ex(tree->digest, tree->sha256, NULL) == 1 &&
	    EVP_DigestUpdate(tree->digest, &prefix, 1) == 1 &&
	    EVP_DigestUpdate(tree->digest, a.data, a.len) == 1 &&
	    EVP_DigestUpdate(tree->digest, b.data, b.len) == 1 &&
	    EVP_DigestFinal_ex(tree->digest, out, NULL) == 1;

	assert(ok);
	(void)ok;
}

void
testlog_tree_leaf_hash(
    const struct tree *tree, struct bytes leaf_input, uint8_t out[TESTLOG_HASH_LEN])
{
	hash_parts(tree, 0, leaf_input, bytes_of(NULL, 0), out);
}

static void
node_hash(const struct tree *tree, const uint8_t *left, const uint8_t *right,
    uint8_t out[TESTLOG_HASH_LEN])
{
	hash_parts(tree, 1, bytes_of(left, TESTLOG_HASH_LEN),
	    bytes_of(right, TESTLOG_HASH_LEN), out);
}

static void
level_push(struct tree_level *level, const uint8_t hash[TESTLOG_HASH_LEN])
{
	if (level->used == level->room) {
		level->room = level->room == 0 ? 64 : level->room * 2;
		level->hashes = mem_resize(level->hashes, level->room, TESTLOG_HASH_LEN);
	}
	memcpy(level->hashes + level->used * TESTLOG_HASH_LEN, hash, TESTLOG_HASH_LEN);
	level->used++;
}

void
testlog_tree_append(struct tree *tree, const uint8_t hash[TESTLOG_HASH_LEN])
{
	uint8_t node[TESTLOG_HASH_LEN];

	memcpy(node, hash, sizeof(node));
	for (unsigned i = 0; i < TREE_LEVELS; i++) {
		level_push(&tree->level[i], node);
		uint64_t used = tree->level[i].used;

		if (used % 2 != 0)
			break;
		node_hash(tree, testlog_tree_node(tree, i, used - 2),
		    testlog_tree_node(tree, i, used - 1), node);
	}
}

void
testlog_tree_replace(
    struct tree *tree, uint64_t index, const uint8_t hash[TESTLOG_HASH_LEN])
{
	memcpy(tree->level[0].hashes + index * TESTLOG_HASH_LEN, hash, TESTLOG_HASH_LEN);
	for (unsigned i = 1; i < TREE_LEVELS; i++) {
		index /= 2;
		if (index >= tree->level[i].used)
			break;
		node_hash(tree, testlog_tree_node(tree, i - 1, 2 * index),
		    testlog_tree_node(tree, i - 1, 2 * index + 1),
		    tree->level[i].hashes + index * TESTLOG_HASH_LEN);
	}
}

uint64_t
testlog_tree_size(const struct tree *tree)
{
	return tree->level[0].used;
}

const uint8_t *
testlog_tree_node(const struct tree *tree, unsigned level, uint64_t index)
{
	assert(level < TREE_LEVELS && index < tree->level[level].used);
	return tree->level[level].hashes + index * TESTLOG_HASH_LEN;
}

/* MTH(D[begin:end]), RFC 6962, 2.1; begin is a multiple of the largest power of
 * two that is not above end - begin. */
static void
range_hash(
    const struct tree *tree, uint64_t begin, uint64_t end, uint8_t out[TESTLOG_HASH_LEN])
{
	uint64_t count = end - begin;
	unsigned level = 63 - (unsigned)__builtin_clzll(count);
	uint64_t left = UINT64_C(1) << level;
	uint8_t right[TESTLOG_HASH_LEN];

	if (left == count) {
		memcpy(out, testlog_tree_node(tree, level, begin >> level),
		    TESTLOG_HASH_LEN);
		return;
	}
	range_hash(tree, begin + left, end, right);
	node_hash(tree, testlog_tree_node(tree, level, begin >> level), right, out);
}

void
testlog_tree_root(const struct tree *tree, uint64_t size, uint8_t out[TESTLOG_HASH_LEN])
{
	assert(size <= testlog_tree_size(tree));
	if (size > 0) {
		range_hash(tree, 0, size, out);
		return;
	}
	EVP_Digest("", 0, out, NULL, tree->sha256, NULL);
}

static uint64_t
split_of(uint64_t count)
{
	uint64_t left = 1;

	while (left * 2 < count)
		left *= 2;
	return left;
}

static void
push_range(const struct tree *tree, uint64_t begin, uint64_t end, struct buf *out)
{
	range_hash(tree, begin, end, buf_extend(out, TESTLOG_HASH_LEN));
}

/* PATH(m, D[begin:end]), RFC 6962, 2.1.1. */
static void
path(const struct tree *tree, uint64_t index, uint64_t begin, uint64_t end,
    struct buf *out)
{
	if (end - begin == 1)
		return;
	uint64_t middle = begin + split_of(end - begin);

	if (index < middle) {
		path(tree, index, begin, middle, out);
		push_range(tree, middle, end, out);
	} else {
		path(tree, index, middle, end, out);
		push_range(tree, begin, middle, out);
	}
}

void
testlog_tree_inclusion(
    const struct tree *tree, uint64_t index, uint64_t size, struct buf *out)
{
	assert(index < size && size <= testlog_tree_size(tree));
	path(tree, index, 0, size, out);
}

/* SUBPROOF(m, D[begin:end], whole), RFC 6962, 2.1.2. */
static void
subproof(const struct tree *tree, uint64_t first, uint64_t begin, uint64_t end,
    bool whole, struct buf *out)
{
	if (first == end) {
		if (!whole)
			push_range(tree, begin, end, out);
		return;
	}
	uint64_t middle = begin + split_of(end - begin);

	if (first <= middle) {
		subproof(tree, first, begin, middle, whole, out);
		push_range(tree, middle, end, out);
	} else {
		subproof(tree, first, middle, end, false, out);
		push_range(tree, begin, middle, out);
	}
}

void
testlog_tree_consistency(
    const struct tree *tree, uint64_t first, uint64_t second, struct buf *out)
{
	assert(first <= second && second <= testlog_tree_size(tree));
	if (first > 0 && first < second)
		subproof(tree, first, 0, second, true, out);
}
