#include "merkle/consistency.h"

static bool
refuse(struct err *err, uint64_t first, uint64_t second, const char *why)
{
	return err_set(err, ERR_VERIFY, "consistency %llu to %llu: %s",
	    (unsigned long long)first, (unsigned long long)second, why);
}

/* Where nothing is left to hash: the empty tree, and equal sizes. */
static bool
verify_trivial(uint64_t first, const struct sha256 *first_root, uint64_t second,
    const struct sha256 *second_root, size_t path_len, struct err *err)
{
	struct sha256 empty;

	if (path_len != 0)
		return refuse(err, first, second, "the path should be empty");
	if (first == second)
		return sha256_equal(first_root, second_root)
		    ? true
		    : refuse(err, first, second, "one size, two roots");
	merkle_hash_empty(&empty);
	return sha256_equal(first_root, &empty)
	    ? true
	    : refuse(err, first, second, "the empty tree has another root");
}

/* RFC 9162, 2.1.4.2: both roots from one path; fr holds the first one already
 * where first is a power of two, and the path leaves it out. */
static bool
fold_path(uint64_t first, uint64_t second, const struct sha256 *path, size_t path_len,
    struct sha256 *fr, struct sha256 *sr, struct err *err)
{
	bool perfect = (first & (first - 1)) == 0;
	uint64_t fn = first - 1, sn = second - 1;
	size_t i = perfect ? 0 : 1;

	if (!perfect)
		*fr = path[0];
	*sr = *fr;
	while (fn & 1) {
		fn >>= 1;
		sn >>= 1;
	}
	for (; i < path_len; i++) {
		if (sn == 0)
			return refuse(err, first, second, "the path is too long");
		if (fn & 1 || fn == sn) {
			merkle_hash_node(&path[i], fr, fr);
			merkle_hash_node(&path[i], sr, sr);
			while (!(fn & 1) && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			merkle_hash_node(sr, &path[i], sr);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 || refuse(err, first, second, "the path is too short");
}

static bool
verify_path(uint64_t first, const struct sha256 *first_root, uint64_t second,
    const struct sha256 *second_root, const struct sha256 *path, size_t path_len,
    struct err *err)
{
	struct sha256 fr = *first_root, sr;

	if (!fold_path(first, second, path, path_len, &fr, &sr, err))
		return false;
	if (!sha256_equal(&fr, first_root))
		return refuse(err, first, second, "the first root is another");
	if (!sha256_equal(&sr, second_root))
		return refuse(err, first, second, "the second root is another");
	return true;
}

bool
merkle_consistency_first_root(uint64_t first, uint64_t second,
    const struct sha256 *second_root, const struct sha256 *path, size_t path_len,
    struct sha256 *first_root, struct err *err)
{
	struct sha256 sr;

	if (first == 0 || first >= second || path_len == 0 || (first & (first - 1)) == 0)
		return refuse(
		    err, first, second, "the path does not hold the first root");
	if (!fold_path(first, second, path, path_len, first_root, &sr, err))
		return false;
	return sha256_equal(&sr, second_root) ||
	    refuse(err, first, second, "the second root is another");
}

bool
merkle_consistency_verify(uint64_t first, const struct sha256 *first_root,
    uint64_t second, const struct sha256 *second_root, const struct sha256 *path,
    size_t path_len, struct err *err)
{
	if (first > second)
		return err_set(err, ERR_PARSE, "consistency from %llu back to %llu",
		    (unsigned long long)first, (unsigned long long)second);
	if (first == 0 || first == second)
		return verify_trivial(
		    first, first_root, second, second_root, path_len, err);
	if (path_len == 0)
		return refuse(err, first, second, "the path is empty");
	return verify_path(first, first_root, second, second_root, path, path_len, err);
}
