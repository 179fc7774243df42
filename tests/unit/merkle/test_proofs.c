#include "merkle/consistency.h"
#include "merkle/inclusion.h"

#include "tests/lib/oracle.h"
#include "tests/lib/vectors.h"

/* Nodes of the tree over the eight classic leaves (wire-formats 2.4). */
#define LEAF0   "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
#define LEAF1   "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
#define LEAF2   "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7"
#define LEAF4   "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
#define LEAF5   "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658"
#define LEAF6   "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
#define LEAF7   "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1"
#define NODE01  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
#define NODE23  "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
#define NODE45  "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
#define NODE67  "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
#define NODE0_3 "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
#define NODE4_7 "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
#define ROOT0   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ROOT3   "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
#define ROOT5   "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"
#define ROOT6   "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"
#define ROOT7   "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"
#define ROOT8   "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"

static const struct {
	const char *what, *leaf;
	uint64_t index, size;
	const char *path[4];
	size_t path_len;
	const char *root; /* NULL: the call has to fail */
} INCLUSION[] = {
    {"a tree of one is its leaf", LEAF0, 0, 1, {0}, 0, LEAF0},
    {"the first of eight", LEAF0, 0, 8, {LEAF1, NODE23, NODE4_7}, 3, ROOT8},
    {"in the middle", LEAF5, 5, 8, {LEAF4, NODE67, NODE0_3}, 3, ROOT8},
    {"the odd leaf joins at the top", LEAF2, 2, 3, {NODE01}, 1, ROOT3},
    {"beside the odd leaf", LEAF1, 1, 5, {LEAF0, NODE23, LEAF4}, 3, ROOT5},
    {"the last of seven", LEAF6, 6, 7, {NODE45, NODE0_3}, 2, ROOT7},
    {"index beyond the tree", LEAF0, 1, 1, {0}, 0, NULL},
    {"nothing is in the empty tree", LEAF0, 0, 0, {0}, 0, NULL},
    {"path too short", LEAF2, 2, 3, {0}, 0, NULL},
    {"path too long", LEAF2, 2, 3, {NODE01, NODE01}, 2, NULL},
    {"a path where there is none", LEAF0, 0, 1, {LEAF1}, 1, NULL},
    {"a size that the path does not reach", LEAF5, 5, UINT64_MAX,
	{LEAF4, NODE67, NODE0_3}, 3, NULL},
};

static size_t
hashes_of(const char *const *texts, size_t count, struct sha256 *out)
{
	for (size_t i = 0; i < count; i++)
		out[i] = vectors_hash(texts[i]);
	return count;
}

START_TEST(inclusion_rows)
{
	struct sha256 leaf = vectors_hash(INCLUSION[_i].leaf), path[4], root, want;
	size_t len = hashes_of(INCLUSION[_i].path, INCLUSION[_i].path_len, path);
	uint64_t index = INCLUSION[_i].index, size = INCLUSION[_i].size;
	struct err err = {0};
	bool ok = merkle_root_from_inclusion(&leaf, index, size, path, len, &root, &err);

	ck_assert_msg(ok == (INCLUSION[_i].root != NULL), "%s", INCLUSION[_i].what);
	if (!ok) {
		ck_assert_int_eq(err.code, ERR_VERIFY);
		return;
	}
	want = vectors_hash(INCLUSION[_i].root);
	ck_assert_msg(sha256_equal(&root, &want), "%s", INCLUSION[_i].what);
	ck_assert(merkle_inclusion_verify(&leaf, index, size, path, len, &want, &err));
	root.octets[31] ^= 1;
	ck_assert(!merkle_inclusion_verify(&leaf, index, size, path, len, &root, &err));
	ck_assert_int_eq(err.code, ERR_VERIFY);
}
END_TEST

static const struct {
	const char *what;
	uint64_t first, second;
	const char *first_root, *second_root;
	const char *path[4];
	size_t path_len;
	enum err_code code;
} CONSISTENCY[] = {
    {"one size, one root", 1, 1, LEAF0, LEAF0, {0}, 0, ERR_NONE},
    {"from nothing", 0, 8, ROOT0, ROOT8, {0}, 0, ERR_NONE},
    {"nothing to nothing", 0, 0, ROOT0, ROOT0, {0}, 0, ERR_NONE},
    {"from one", 1, 8, LEAF0, ROOT8, {LEAF1, NODE23, NODE4_7}, 3, ERR_NONE},
    {"from six", 6, 8, ROOT6, ROOT8, {NODE45, NODE67, NODE0_3}, 3, ERR_NONE},
    {"from two to five", 2, 5, NODE01, ROOT5, {NODE23, LEAF4}, 2, ERR_NONE},
    {"from half", 4, 8, NODE0_3, ROOT8, {NODE4_7}, 1, ERR_NONE},
    {"from seven", 7, 8, ROOT7, ROOT8, {LEAF6, LEAF7, NODE45, NODE0_3}, 4, ERR_NONE},
    {"backwards", 8, 7, ROOT8, ROOT7, {0}, 0, ERR_PARSE},
    {"one size, two roots", 8, 8, ROOT7, ROOT8, {0}, 0, ERR_VERIFY},
    {"one size and a path", 8, 8, ROOT8, ROOT8, {LEAF0}, 1, ERR_VERIFY},
    {"from nothing, with a path", 0, 8, ROOT0, ROOT8, {LEAF0}, 1, ERR_VERIFY},
    {"from nothing, with a root", 0, 8, LEAF0, ROOT8, {0}, 0, ERR_VERIFY},
    {"no path", 6, 8, ROOT6, ROOT8, {0}, 0, ERR_VERIFY},
    {"path too short", 6, 8, ROOT6, ROOT8, {NODE45, NODE67}, 2, ERR_VERIFY},
    {"path too long", 4, 8, NODE0_3, ROOT8, {NODE4_7, NODE4_7}, 2, ERR_VERIFY},
    {"another first root", 6, 8, ROOT7, ROOT8, {NODE45, NODE67, NODE0_3}, 3, ERR_VERIFY},
    {"another second root", 6, 8, ROOT6, ROOT7, {NODE45, NODE67, NODE0_3}, 3, ERR_VERIFY},
    {"from another size", 7, 8, ROOT6, ROOT8, {NODE45, NODE67, NODE0_3}, 3, ERR_VERIFY},
    {"a power of two needs no root of its own", 4, 8, NODE0_3, ROOT8, {NODE0_3, NODE4_7},
	2, ERR_VERIFY},
};

START_TEST(consistency_rows)
{
	struct sha256 first = vectors_hash(CONSISTENCY[_i].first_root), path[4];
	struct sha256 second = vectors_hash(CONSISTENCY[_i].second_root);
	size_t len = hashes_of(CONSISTENCY[_i].path, CONSISTENCY[_i].path_len, path);
	struct err err = {0};
	bool ok = merkle_consistency_verify(CONSISTENCY[_i].first, &first,
	    CONSISTENCY[_i].second, &second, path, len, &err);

	ck_assert_msg(
	    err.code == CONSISTENCY[_i].code, "%s: %s", CONSISTENCY[_i].what, err.text);
	ck_assert(ok == (CONSISTENCY[_i].code == ERR_NONE));
}
END_TEST

/* What a proof shows of another first root than the one it was asked for. */
static const struct {
	const char *what;
	uint64_t first, second;
	const char *second_root;
	const char *path[4];
	size_t path_len;
	const char *first_root; /* NULL: the call has to fail */
} FIRST_ROOT[] = {
    {"six of eight", 6, 8, ROOT8, {NODE45, NODE67, NODE0_3}, 3, ROOT6},
    {"seven of eight", 7, 8, ROOT8, {LEAF6, LEAF7, NODE45, NODE0_3}, 4, ROOT7},
    {"another second root", 6, 8, ROOT7, {NODE45, NODE67, NODE0_3}, 3, NULL},
    {"another node", 6, 8, ROOT8, {NODE45, NODE67, NODE4_7}, 3, NULL},
    {"path too short", 6, 8, ROOT8, {NODE45, NODE67}, 2, NULL},
    {"no path", 6, 8, ROOT8, {0}, 0, NULL},
    {"a power of two is not in its path", 4, 8, ROOT8, {NODE4_7}, 1, NULL},
    {"equal sizes", 8, 8, ROOT8, {NODE4_7}, 1, NULL},
    {"nothing", 0, 8, ROOT8, {NODE4_7}, 1, NULL},
    {"backwards", 9, 8, ROOT8, {NODE4_7}, 1, NULL},
};

START_TEST(first_root_rows)
{
	struct sha256 second = vectors_hash(FIRST_ROOT[_i].second_root), path[4], got,
		      want;
	size_t len = hashes_of(FIRST_ROOT[_i].path, FIRST_ROOT[_i].path_len, path);
	struct err err = {0};
	bool ok = merkle_consistency_first_root(
	    FIRST_ROOT[_i].first, FIRST_ROOT[_i].second, &second, path, len, &got, &err);

	ck_assert_msg(
	    ok == (FIRST_ROOT[_i].first_root != NULL), "%s", FIRST_ROOT[_i].what);
	if (!ok) {
		ck_assert_int_eq(err.code, ERR_VERIFY);
		return;
	}
	want = vectors_hash(FIRST_ROOT[_i].first_root);
	ck_assert_msg(sha256_equal(&got, &want), "%s", FIRST_ROOT[_i].what);
}
END_TEST

/* Every proof of every small tree, and the frontier that an audit path gives
 * (wire-formats 2.5: all m < N < 140). */
START_TEST(every_leaf_of_small_trees)
{
	struct sha256 path[64], root;
	struct frontier frontier, found;
	struct oracle tree;
	struct err err = {0};

	oracle_init(&tree);
	oracle_fill(&tree, 140);
	for (size_t n = 1; n < 140; n++) {
		root = oracle_hash(&tree, 0, n);
		frontier_init(&frontier);
		for (size_t m = 0; m < n; m++) {
			size_t len = oracle_path(&tree, m, n, path);

			ck_assert_msg(merkle_frontier_from_inclusion(&tree.leaves[m], m,
					  n, path, len, &root, &found, &err),
			    "%zu of %zu: %s", m, n, err.text);
			ck_assert(frontier_equal(&frontier, &found));
			if (len > 0) {
				ck_assert(!merkle_inclusion_verify(
				    &tree.leaves[m], m, n, path, len - 1, &root, &err));
				path[m % len].octets[m % 32] ^= 0x10;
				ck_assert(!merkle_frontier_from_inclusion(&tree.leaves[m],
				    m, n, path, len, &root, &found, &err));
			}
			frontier_append(&frontier, &tree.leaves[m]);
		}
	}
	oracle_fini(&tree);
}
END_TEST

START_TEST(every_prefix_of_small_trees)
{
	struct sha256 path[64], first, second;
	struct oracle tree;
	struct err err = {0};

	oracle_init(&tree);
	oracle_fill(&tree, 80);
	for (size_t n = 1; n < 80; n++) {
		second = oracle_hash(&tree, 0, n);
		for (size_t m = 0; m <= n; m++) {
			size_t len = oracle_proof(&tree, m, n, path);

			first = oracle_hash(&tree, 0, m);
			ck_assert_msg(merkle_consistency_verify(
					  m, &first, n, &second, path, len, &err),
			    "%zu to %zu: %s", m, n, err.text);
			if (len == 0)
				continue;
			ck_assert(!merkle_consistency_verify(
			    m, &first, n, &second, path, len - 1, &err));
			path[n % len].octets[m % 32] ^= 0x10;
			ck_assert(!merkle_consistency_verify(
			    m, &first, n, &second, path, len, &err));
		}
	}
	oracle_fini(&tree);
}
END_TEST

static bool
inclusion_holds(const json_t *row)
{
	struct sha256 leaf = vectors_hash(vectors_text(row, "leaf_hash")), path[64];
	struct sha256 root = vectors_hash(vectors_text(row, "root"));
	size_t len = vectors_hashes(json_object_get(row, "path"), path, 64);
	struct err err;

	return merkle_inclusion_verify(&leaf, vectors_number(row, "leaf_index"),
	    vectors_number(row, "tree_size"), path, len, &root, &err);
}

static bool
consistency_holds(const json_t *row)
{
	struct sha256 first = vectors_hash(vectors_text(row, "first_root")), path[64];
	struct sha256 second = vectors_hash(vectors_text(row, "second_root"));
	size_t len = vectors_hashes(json_object_get(row, "path"), path, 64);
	struct err err;

	return merkle_consistency_verify(vectors_number(row, "first"), &first,
	    vectors_number(row, "second"), &second, path, len, &err);
}

static void
all_hold(const json_t *rows, bool (*holds)(const json_t *), size_t count)
{
	json_t *row;
	size_t i;

	ck_assert_uint_eq(json_array_size(rows), count);
	json_array_foreach (rows, i, row)
		ck_assert_msg(holds(row), "row %zu", i);
}

START_TEST(known_answers)
{
	json_t *all = vectors_json("vectors/merkle.json"), *large, *row;
	size_t i;

	if (all == NULL)
		return;
	large = json_object_get(all, "large_tree");
	all_hold(json_object_get(all, "inclusion"), inclusion_holds, 36);
	all_hold(json_object_get(large, "inclusion"), inclusion_holds, 7);
	all_hold(json_object_get(all, "consistency"), consistency_holds, 45);
	all_hold(json_object_get(large, "consistency"), consistency_holds, 9);
	ck_assert_uint_eq(json_array_size(json_object_get(all, "negative")), 23);
	json_array_foreach (json_object_get(all, "negative"), i, row) {
		bool inclusion = strcmp(vectors_text(row, "kind"), "inclusion") == 0;

		ck_assert_msg(
		    !(inclusion ? inclusion_holds(row) : consistency_holds(row)), "%s",
		    vectors_text(row, "why"));
	}
	json_decref(all);
}
END_TEST

/* The seven-leaf tree of RFC 6962, 2.1.3, its nodes by their letters. */
static void
check_letters(const json_t *letters, const struct sha256 *path, size_t len,
    const struct oracle *tree)
{
	static const struct {
		char letter;
		size_t start, end;
	} NODES[] = {{'a', 0, 1}, {'b', 1, 2}, {'c', 2, 3}, {'d', 3, 4}, {'e', 4, 5},
	    {'f', 5, 6}, {'j', 6, 7}, {'g', 0, 2}, {'h', 2, 4}, {'i', 4, 6}, {'k', 0, 4},
	    {'l', 4, 7}};

	ck_assert_uint_eq(json_array_size(letters), len);
	for (size_t i = 0; i < len; i++) {
		char letter = *json_string_value(json_array_get(letters, i));

		for (size_t k = 0; k < ARRAY_LEN(NODES); k++)
			if (NODES[k].letter == letter) {
				struct sha256 node =
				    oracle_hash(tree, NODES[k].start, NODES[k].end);

				ck_assert_msg(
				    sha256_equal(&node, &path[i]), "%c", letter);
			}
	}
}

/* That the judge itself, tests/lib/oracle.c, gives the paths of the RFC. */
START_TEST(shapes_of_the_rfc)
{
	json_t *all = vectors_json("vectors/merkle.json"), *shapes, *letters;
	struct sha256 path[64];
	struct oracle tree;
	const char *key;

	if (all == NULL)
		return;
	oracle_init(&tree);
	oracle_fill(&tree, 7);
	shapes = json_object_get(all, "shape_cases");
	json_object_foreach (json_object_get(shapes, "PATH"), key, letters)
		check_letters(letters, path,
		    oracle_path(&tree, (size_t)(*key - '0'), 7, path), &tree);
	json_object_foreach (json_object_get(shapes, "PROOF"), key, letters)
		check_letters(letters, path,
		    oracle_proof(&tree, (size_t)(*key - '0'), 7, path), &tree);
	oracle_fini(&tree);
	json_decref(all);
}
END_TEST

/* get-entry-and-proof of the last leaf: its path, reversed, is the frontier
 * before it (wire-formats 2.5). */
START_TEST(the_end_without_a_history)
{
	json_t *all = vectors_json("vectors/merkle.json"), *row;
	struct sha256 reversed[64];
	size_t i;

	if (all == NULL)
		return;
	json_array_foreach (
	    json_object_get(json_object_get(all, "get_entry_and_proof_trick"), "cases"),
	    i, row) {
		json_t *ranges = json_object_get(all, "compact_ranges");
		json_t *range = json_array_get(
		    ranges, vectors_number(row, "equals_compact_range_of"));
		struct sha256 hashes[64];
		size_t count =
		    vectors_hashes(json_object_get(row, "reversed_path"), reversed, 64);

		ck_assert_uint_eq(
		    vectors_hashes(json_object_get(range, "hashes"), hashes, 64), count);
		ck_assert_mem_eq(hashes, reversed, count * SHA256_LEN);
	}
	json_decref(all);
}
END_TEST

/* Real logs: Argon 2020 and 2027h1, and the made one over Navigli's leaves. */
static void
check_argon2020(void)
{
	json_t *head = vectors_json("vectors/rfc6962/argon2020/get-sth.json");
	json_t *reply = vectors_json(
	    "vectors/rfc6962/argon2020/get-sth-consistency-3654490-961984011.json");
	json_t *audit = vectors_json("vectors/rfc6962/argon2020/get-proof-by-hash.json");
	struct sha256 path[64], root, first, leaf;
	struct buf text;
	struct err err = {0};
	size_t len;

	if (head == NULL || reply == NULL || audit == NULL ||
	    !vectors_file("vectors/rfc6962/argon2020/first-root-3654490.b64", &text))
		return;
	buf_text(&text);
	text.data[44] = '\0';
	first = vectors_hash((const char *)text.data);
	root = vectors_hash(vectors_text(head, "sha256_root_hash"));
	len = vectors_hashes(json_object_get(reply, "consistency"), path, 64);
	ck_assert_uint_eq(len, 30);
	ck_assert_msg(
	    merkle_consistency_verify(3654490, &first, 961984011, &root, path, len, &err),
	    "%s", err.text);
	len = vectors_hashes(json_object_get(audit, "audit_path"), path, 64);
	ck_assert_uint_eq(len, 30);
	leaf = vectors_hash("nCs3mfIydh9x4CKyQ+u2xtmpxmFggA5MLymHwNQSlLg=");
	ck_assert_msg(merkle_inclusion_verify(&leaf, vectors_number(audit, "leaf_index"),
			  961984011, path, len, &root, &err),
	    "%s", err.text);
	json_decref(head);
	json_decref(reply);
	json_decref(audit);
	buf_free(&text);
}

static void
check_argon2027(void)
{
	json_t *one = vectors_json("vectors/rfc6962/argon2027h1/sth1.json");
	json_t *two = vectors_json("vectors/rfc6962/argon2027h1/sth2.json");
	json_t *reply = vectors_json("vectors/rfc6962/argon2027h1/consistency.json");
	struct sha256 path[64], first, second;
	uint64_t m, n;
	struct err err = {0};
	size_t len;

	if (one == NULL || two == NULL || reply == NULL)
		return;
	first = vectors_hash(vectors_text(one, "sha256_root_hash"));
	second = vectors_hash(vectors_text(two, "sha256_root_hash"));
	m = vectors_number(one, "tree_size");
	n = vectors_number(two, "tree_size");
	len = vectors_hashes(json_object_get(reply, "consistency"), path, 64);
	ck_assert_uint_eq(len, 23);
	ck_assert(merkle_consistency_verify(m, &first, n, &second, path, len, &err));
	for (size_t i = 0; i + 1 < len; i++) { /* swapped, and one left out */
		struct sha256 other = path[i];

		path[i] = path[i + 1];
		path[i + 1] = other;
		ck_assert(
		    !merkle_consistency_verify(m, &first, n, &second, path, len, &err));
		path[i + 1] = path[i];
		path[i] = other;
	}
	ck_assert(
	    !merkle_consistency_verify(m, &first, n, &second, path + 1, len - 1, &err));
	json_decref(one);
	json_decref(two);
	json_decref(reply);
}

static struct sha256
root_of(const json_t *all, uint64_t size)
{
	char key[24];

	snprintf(key, sizeof(key), "%u", (unsigned)size);
	return vectors_hash(vectors_text(json_object_get(all, "roots"), key));
}

static void
check_navigli(void)
{
	json_t *all = vectors_json("vectors/synthetic/navigli-1024/proofs.json"), *row;
	struct sha256 path[64], first, root, leaf;
	struct err err = {0};
	size_t i, len;

	if (all == NULL)
		return;
	json_array_foreach (json_object_get(all, "consistency"), i, row) {
		len = vectors_hashes(json_object_get(row, "path"), path, 64);
		first = root_of(all, vectors_number(row, "first"));
		root = root_of(all, vectors_number(row, "second"));
		ck_assert(merkle_consistency_verify(vectors_number(row, "first"), &first,
		    vectors_number(row, "second"), &root, path, len, &err));
	}
	json_array_foreach (json_object_get(all, "inclusion"), i, row) {
		len = vectors_hashes(json_object_get(row, "path"), path, 64);
		root = root_of(all, vectors_number(row, "tree_size"));
		leaf = vectors_hash(vectors_text(row, "leaf_hash"));
		ck_assert(
		    merkle_inclusion_verify(&leaf, vectors_number(row, "leaf_index"),
			vectors_number(row, "tree_size"), path, len, &root, &err));
	}
	json_decref(all);
}

START_TEST(real_logs)
{
	check_navigli();
	check_argon2020();
	check_argon2027();
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("proofs");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, inclusion_rows, 0, UNIT_COUNT(INCLUSION));
	tcase_add_loop_test(tc, consistency_rows, 0, UNIT_COUNT(CONSISTENCY));
	tcase_add_loop_test(tc, first_root_rows, 0, UNIT_COUNT(FIRST_ROOT));
	tcase_add_test(tc, every_leaf_of_small_trees);
	tcase_add_test(tc, every_prefix_of_small_trees);
	tcase_add_test(tc, known_answers);
	tcase_add_test(tc, shapes_of_the_rfc);
	tcase_add_test(tc, the_end_without_a_history);
	tcase_add_test(tc, real_logs);
	return unit_run("merkle/proofs", tc);
}
