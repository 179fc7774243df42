#include "merkle/inclusion.h"

/* Where a path's verification stands: RFC 9162, 2.1.3.2. */
struct climb {
	uint64_t fn, sn; /* the node's index and the last index of its level */
	struct sha256 hash;
	struct sha256 left[MERKLE_PATH_MAX]; /* siblings that stood to the left */
	size_t left_count;
};

static bool
climb_one(struct climb *climb, const struct sha256 *sibling)
{
	if (climb->sn == 0)
		return false;
	if (climb->fn & 1 || climb->fn == climb->sn) {
		merkle_hash_node(sibling, &climb->hash, &climb->hash);
		climb->left[climb->left_count++] = *sibling;
		/* The node at the end of a level rises until it has a sibling. */
		while (!(climb->fn & 1) && climb->fn != 0) {
			climb->fn >>= 1;
			climb->sn >>= 1;
		}
	} else {
		merkle_hash_node(&climb->hash, sibling, &climb->hash);
	}
	climb->fn >>= 1;
	climb->sn >>= 1;
	return true;
}

static bool
climb(struct climb *climb, const struct sha256 *leaf, uint64_t index, uint64_t size,
    const struct sha256 *path, size_t path_len, struct err *err)
{
	if (index >= size)
		return err_set(err, ERR_VERIFY, "inclusion: leaf %llu of a tree of %llu",
		    (unsigned long long)index, (unsigned long long)size);
	*climb = (struct climb){.fn = index, .sn = size - 1, .hash = *leaf};
	for (size_t i = 0; i < path_len; i++)
		if (!climb_one(climb, &path[i]))
			return err_set(
			    err, ERR_VERIFY, "inclusion: the path is too long");
	if (climb->sn != 0)
		return err_set(err, ERR_VERIFY, "inclusion: the path is too short");
	return true;
}

static bool
climb_to(struct climb *up, const struct sha256 *leaf, uint64_t index, uint64_t size,
    const struct sha256 *path, size_t path_len, const struct sha256 *root,
    struct err *err)
{
	if (!climb(up, leaf, index, size, path, path_len, err))
		return false;
	if (!sha256_equal(&up->hash, root))
		return err_set(err, ERR_VERIFY,
		    "inclusion: leaf %llu does not lead to the root of %llu",
		    (unsigned long long)index, (unsigned long long)size);
	return true;
}

bool
merkle_root_from_inclusion(const struct sha256 *leaf, uint64_t index, uint64_t size,
    const struct sha256 *path, size_t path_len, struct sha256 *root, struct err *err)
{
	struct climb up = {0};

	if (!climb(&up, leaf, index, size, path, path_len, err))
		return false;
	*root = up.hash;
	return true;
}

bool
merkle_inclusion_verify(const struct sha256 *leaf, uint64_t index, uint64_t size,
    const struct sha256 *path, size_t path_len, const struct sha256 *root,
    struct err *err)
{
	struct climb up = {0};

	return climb_to(&up, leaf, index, size, path, path_len, root, err);
}

bool
merkle_frontier_from_inclusion(const struct sha256 *leaf, uint64_t index, uint64_t size,
    const struct sha256 *path, size_t path_len, const struct sha256 *root,
    struct frontier *out, struct err *err)
{
	struct climb up = {0};

	if (!climb_to(&up, leaf, index, size, path, path_len, root, err))
		return false;
	/* A left sibling covers one set bit of the index, the lowest first. */
	out->size = index;
	for (size_t i = 0; i < up.left_count; i++)
		out->nodes[i] = up.left[up.left_count - 1 - i];
	return true;
}
