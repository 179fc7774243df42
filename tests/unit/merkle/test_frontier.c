#include "merkle/frontier.h"

#include "tests/lib/oracle.h"
#include "tests/lib/vectors.h"

/* The eight leaves every CT implementation tests with (wire-formats 2.4). */
static const char *const LEAVES[] = {"", "00", "10", "2021", "3031", "40414243",
    "5051525354555657", "606162636465666768696a6b6c6d6e6f"};

/* Of the first 0 to 8 of them. */
static const char *const ROOTS[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

/* The frontier of the first `size` of LEAVES. */
static struct frontier
classic(size_t size)
{
	struct frontier out;

	frontier_init(&out);
	for (size_t i = 0; i < size; i++) {
		struct buf leaf = unit_hex(LEAVES[i]);
		struct sha256 hash;

		merkle_hash_leaf(buf_bytes(&leaf), &hash);
		frontier_append(&out, &hash);
		buf_free(&leaf);
	}
	return out;
}

START_TEST(root_rows)
{
	struct frontier frontier = classic((size_t)_i), again;
	struct sha256 want = vectors_hash(ROOTS[_i]), got;
	uint8_t stored[FRONTIER_TEXT_MAX];
	struct err err = {0};
	size_t len;

	frontier_root(&frontier, &got);
	ck_assert_msg(sha256_equal(&got, &want), "the root of %d", _i);
	len = frontier_serialise(&frontier, stored);
	ck_assert_uint_eq(len, 8 + 32 * frontier_count(&frontier));
	ck_assert_msg(
	    frontier_parse(bytes_of(stored, len), &again, &err), "%s", err.text);
	ck_assert(frontier_equal(&frontier, &again));
	frontier_append(&again, &want);
	ck_assert(!frontier_equal(&frontier, &again));
	ck_assert(!frontier_parse(bytes_of(stored, len + 1), &again, &err));
	ck_assert(!frontier_parse(bytes_of(stored, len - 1), &again, &err));
	ck_assert_int_eq(err.code, ERR_PARSE);
}
END_TEST

static const struct {
	const char *what;
	size_t size;
	unsigned level;
	bool ok;
} SUBTREES[] = {
    {"a leaf fits anywhere", 7, 0, true},
    {"two after two", 2, 1, true},
    {"four after four", 4, 2, true},
    {"two after one", 1, 1, false},
    {"four after two", 2, 2, false},
    {"any height begins a tree", 0, 62, true},
    {"beyond 2^63", 0, 63, false},
    {"beyond any shift", 0, 200, false},
};

START_TEST(subtree_rows)
{
	struct frontier frontier = classic(SUBTREES[_i].size), before = frontier;
	struct sha256 root = vectors_hash(ROOTS[1]);
	struct err err = {0};
	bool ok = frontier_append_subtree(&frontier, SUBTREES[_i].level, &root, &err);

	ck_assert_msg(ok == SUBTREES[_i].ok, "%s", SUBTREES[_i].what);
	if (ok) {
		ck_assert_uint_eq(frontier.size,
		    SUBTREES[_i].size + (UINT64_C(1) << SUBTREES[_i].level));
	} else {
		ck_assert_int_eq(err.code, ERR_PARSE);
		ck_assert(frontier_equal(&frontier, &before));
	}
}
END_TEST

/* Whatever way a tree is cut into runs, the writer's merge of what workers
 * hashed is the same tree. */
START_TEST(runs_make_the_same_tree)
{
	struct merkle_subtree subtrees[MERKLE_SUBTREES_MAX];
	struct oracle tree;
	struct err err = {0};

	oracle_init(&tree);
	oracle_fill(&tree, 300);
	for (size_t start = 0; start < 90; start++) {
		struct frontier at_start;

		frontier_init(&at_start);
		for (size_t i = 0; i < start; i++)
			frontier_append(&at_start, &tree.leaves[i]);
		for (size_t end = start; end <= 300; end += 1 + end / 30) {
			struct frontier frontier = at_start;
			size_t count = merkle_subtrees_of(
			    tree.leaves + start, start, end - start, subtrees);
			struct sha256 root, want = oracle_hash(&tree, 0, end);

			ck_assert(
			    frontier_append_subtrees(&frontier, subtrees, count, &err));
			frontier_root(&frontier, &root);
			ck_assert_msg(sha256_equal(&root, &want) && frontier.size == end,
			    "[%zu, %zu)", start, end);
		}
	}
	oracle_fini(&tree);
}
END_TEST

START_TEST(a_run_that_does_not_continue)
{
	struct merkle_subtree subtrees[MERKLE_SUBTREES_MAX];
	struct frontier frontier = classic(5), before = frontier;
	struct err err = {0};
	size_t count = merkle_subtrees_of(frontier.nodes, 8, 2, subtrees);

	ck_assert_uint_eq(count, 1);
	ck_assert(!frontier_append_subtrees(&frontier, subtrees, count, &err));
	ck_assert_int_eq(err.code, ERR_PARSE);
	ck_assert(frontier_equal(&frontier, &before));
}
END_TEST

START_TEST(known_answers)
{
	json_t *all = vectors_json("vectors/merkle.json"), *row;
	struct frontier frontier;
	struct sha256 hashes[64], root, want;
	size_t i;

	if (all == NULL)
		return;
	json_array_foreach (json_object_get(all, "leaf_hashes"), i, row) {
		struct buf leaf = unit_hex(json_string_value(
		    json_array_get(json_object_get(all, "leaf_inputs"), i)));

		merkle_hash_leaf(buf_bytes(&leaf), &root);
		want = vectors_hash(json_string_value(row));
		ck_assert(sha256_equal(&root, &want));
		buf_free(&leaf);
	}
	json_array_foreach (json_object_get(all, "roots"), i, row) {
		frontier = classic(vectors_number(row, "size"));
		frontier_root(&frontier, &root);
		want = vectors_hash(vectors_text(row, "root"));
		ck_assert(sha256_equal(&root, &want));
	}
	json_array_foreach (json_object_get(all, "compact_ranges"), i, row) {
		size_t count = vectors_hashes(json_object_get(row, "hashes"), hashes, 64);

		frontier = classic(vectors_number(row, "size"));
		ck_assert_uint_eq(count, frontier_count(&frontier));
		ck_assert_mem_eq(hashes, frontier.nodes, count * SHA256_LEN);
	}
	json_decref(all);
}
END_TEST

START_TEST(known_answers_of_a_large_tree)
{
	json_t *all = vectors_json("vectors/merkle.json"), *row;
	struct frontier frontier;
	struct sha256 leaf, root, want;
	uint8_t bytes[8];
	size_t i;

	if (all == NULL)
		return;
	frontier_init(&frontier);
	json_array_foreach (
	    json_object_get(json_object_get(all, "large_tree"), "roots"), i, row) {
		while (frontier.size < vectors_number(row, "size")) {
			put_be64(bytes, frontier.size);
			merkle_hash_leaf(bytes_of(bytes, 8), &leaf);
			frontier_append(&frontier, &leaf);
		}
		frontier_root(&frontier, &root);
		want = vectors_hash(vectors_text(row, "root"));
		ck_assert_msg(sha256_equal(&root, &want), "%zu", (size_t)frontier.size);
	}
	ck_assert_uint_eq(frontier.size, 70000);
	json_decref(all);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("frontier");

	tcase_add_loop_test(tc, root_rows, 0, UNIT_COUNT(ROOTS));
	tcase_add_loop_test(tc, subtree_rows, 0, UNIT_COUNT(SUBTREES));
	tcase_add_test(tc, runs_make_the_same_tree);
	tcase_add_test(tc, a_run_that_does_not_continue);
	tcase_add_test(tc, known_answers);
	tcase_add_test(tc, known_answers_of_a_large_tree);
	return unit_run("merkle/frontier", tc);
}
