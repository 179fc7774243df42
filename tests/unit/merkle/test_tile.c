#include "merkle/tile.h"

#include "base/cursor.h"
#include "base/map.h"
#include "merkle/consistency.h"
#include "merkle/inclusion.h"
#include "tests/lib/oracle.h"
#include "tests/lib/vectors.h"

static const struct {
	uint64_t size;
	unsigned level;
	uint64_t full;
	unsigned edge;
} WIDTHS[] = {
    {0, 0, 0, 0},
    {255, 0, 0, 255},
    {256, 0, 1, 0},
    {256, 1, 0, 1},
    {70000, 0, 273, 112},
    {70000, 1, 1, 17},
    {70000, 2, 0, 1},
    {70000, 3, 0, 0},
    {UINT64_C(1) << 62, 7, 0, 64},
    {UINT64_C(1) << 62, 8, 0, 0},
};

START_TEST(width_rows)
{
	ck_assert_uint_eq(
	    merkle_tile_full_count(WIDTHS[_i].size, WIDTHS[_i].level), WIDTHS[_i].full);
	ck_assert_uint_eq(
	    merkle_tile_edge_width(WIDTHS[_i].size, WIDTHS[_i].level), WIDTHS[_i].edge);
}
END_TEST

static const struct {
	const char *what;
	uint64_t size;
	unsigned level;
	uint64_t hash;
	bool ok;
	uint64_t index;
	unsigned width;
} TILES[] = {
    {"the first leaf of one", 1, 0, 0, true, 0, 1},
    {"in a full tile", 70000, 0, 69887, true, 272, 256},
    {"at the edge", 70000, 0, 69888, true, 273, 112},
    {"one level up", 70000, 1, 272, true, 1, 17},
    {"beyond the tree", 70000, 0, 70000, false, 0, 0},
    {"beyond its level", 70000, 1, 273, false, 0, 0},
    {"beyond all levels", 70000, 8, 0, false, 0, 0},
};

START_TEST(tile_rows)
{
	struct merkle_tile tile;
	bool ok = merkle_tile_of(TILES[_i].size, TILES[_i].level, TILES[_i].hash, &tile);

	ck_assert_msg(ok == TILES[_i].ok, "%s", TILES[_i].what);
	if (ok) {
		ck_assert_uint_eq(tile.level, TILES[_i].level);
		ck_assert_uint_eq(tile.index, TILES[_i].index);
		ck_assert_uint_eq(tile.width, TILES[_i].width);
	}
}
END_TEST

/* A log's tiles, as a cache would hold those that were listed, no others. */
struct shelf {
	struct map tiles; /* (level, index, width) to 8 kB */
	struct merkle_tile damaged;
	bool has_damaged;
};

static struct bytes
key_of(const struct merkle_tile *tile, uint8_t key[12])
{
	key[0] = (uint8_t)tile->level;
	key[1] = 0;
	put_be16(key + 2, (uint16_t)tile->width);
	put_be64(key + 4, tile->index);
	return bytes_of(key, 12);
}

static struct bytes
from_shelf(void *owner, const struct merkle_tile *tile)
{
	struct shelf *shelf = owner;
	uint8_t key[12];
	uint8_t *hashes = map_get(&shelf->tiles, key_of(tile, key));

	return bytes_of(hashes, hashes != NULL ? 32 * (size_t)tile->width : 0);
}

static void
put_on_shelf(
    struct shelf *shelf, const struct oracle *tree, const struct merkle_tile *tile)
{
	uint8_t key[12], *hashes = mem_alloc(8192);

	oracle_tile(tree, tile->level, tile->index, tile->width, hashes);
	mem_free(map_put(&shelf->tiles, key_of(tile, key), hashes));
}

/* Puts the listed tiles on a new shelf and opens the tree of size n. */
static void
open_listed(struct merkle_tree *opened, struct shelf *shelf, const struct oracle *tree,
    enum merkle_question question, uint64_t n, uint64_t at)
{
	struct merkle_tile list[MERKLE_TILE_NEED_MAX];
	size_t count = merkle_tiles_for(question, n, at, list);
	struct sha256 root = oracle_hash(tree, 0, n);
	struct err err = {0};

	ck_assert_uint_le(count, MERKLE_TILE_NEED_MAX);
	map_init(&shelf->tiles);
	for (size_t i = 0; i < count; i++)
		put_on_shelf(shelf, tree, &list[i]);
	ck_assert_msg(merkle_tree_open(opened, n, &root, from_shelf, shelf, &err),
	    "%zu: %s", (size_t)n, err.text);
}

static void
check_inclusion(const struct oracle *tree, uint64_t index, uint64_t n)
{
	struct merkle_tree opened;
	struct shelf shelf = {0};
	struct sha256 path[MERKLE_PATH_MAX], want[64];
	struct err err = {0};
	size_t len;

	open_listed(&opened, &shelf, tree, MERKLE_INCLUSION, n, index);
	ck_assert_msg(
	    merkle_tree_inclusion(&opened, index, path, &len, &err), "%s", err.text);
	ck_assert_uint_eq(len, oracle_path(tree, index, n, want));
	ck_assert_mem_eq(path, want, len * SHA256_LEN);
	map_free(&shelf.tiles, mem_free);
}

static void
check_consistency(const struct oracle *tree, uint64_t m, uint64_t n)
{
	struct merkle_tree opened;
	struct shelf shelf = {0};
	struct sha256 path[MERKLE_PATH_MAX], want[64];
	struct err err = {0};
	size_t len;

	open_listed(&opened, &shelf, tree, MERKLE_CONSISTENCY, n, m);
	ck_assert_msg(
	    merkle_tree_consistency(&opened, m, path, &len, &err), "%s", err.text);
	ck_assert_uint_eq(len, oracle_proof(tree, m, n, want));
	ck_assert_mem_eq(path, want, len * SHA256_LEN);
	map_free(&shelf.tiles, mem_free);
}

static void
check_frontier(const struct oracle *tree, uint64_t m, uint64_t n)
{
	struct merkle_tree opened;
	struct shelf shelf = {0};
	struct frontier frontier;
	struct sha256 root, want = oracle_hash(tree, 0, m);
	struct err err = {0};

	open_listed(&opened, &shelf, tree, MERKLE_FRONTIER, n, m);
	ck_assert_msg(merkle_tree_frontier(&opened, m, &frontier, &err), "%s", err.text);
	frontier_root(&frontier, &root);
	ck_assert(frontier.size == m && sha256_equal(&root, &want));
	map_free(&shelf.tiles, mem_free);
}

static void
check_leaf(const struct oracle *tree, uint64_t index, uint64_t n)
{
	struct merkle_tree opened;
	struct shelf shelf = {0};
	struct sha256 leaf;
	struct err err = {0};

	open_listed(&opened, &shelf, tree, MERKLE_LEAF, n, index);
	ck_assert_msg(merkle_tree_leaf(&opened, index, &leaf, &err), "%s", err.text);
	ck_assert(sha256_equal(&leaf, &tree->leaves[index]));
	map_free(&shelf.tiles, mem_free);
}

/* Sizes around the borders of tiles, and what is asked of each. */
static const size_t SIZES[] = {1, 2, 3, 7, 100, 255, 256, 257, 300, 511, 512, 513, 700};

START_TEST(answers_from_the_listed_tiles_alone)
{
	size_t n = SIZES[_i], step = n < 110 ? 1 : 29;
	struct oracle tree;

	oracle_init(&tree);
	oracle_fill(&tree, n);
	for (size_t at = 0; at < n; at += step) {
		check_inclusion(&tree, at, n);
		check_consistency(&tree, at, n);
		check_frontier(&tree, at, n);
		check_leaf(&tree, at, n);
	}
	for (size_t at = n < 3 ? 0 : n - 3; at <= n; at++) {
		check_consistency(&tree, at, n);
		check_frontier(&tree, at, n);
	}
	oracle_fini(&tree);
}
END_TEST

static const uint64_t AROUND[] = {
    0, 1, 255, 256, 257, 65535, 65536, 65537, 69631, 69632, 69887, 69888, 69999};

START_TEST(three_levels)
{
	struct oracle tree;

	oracle_init(&tree);
	oracle_fill(&tree, 70000);
	for (size_t i = 0; i < ARRAY_LEN(AROUND); i++) {
		check_inclusion(&tree, AROUND[i], 70000);
		check_consistency(&tree, AROUND[i], 70000);
		check_frontier(&tree, AROUND[i], 70000);
		check_leaf(&tree, AROUND[i], 70000);
	}
	check_inclusion(&tree, 256, 65536);
	check_consistency(&tree, 300, 65536);
	check_frontier(&tree, 65536, 65536);
	oracle_fini(&tree);
}
END_TEST

/* Each tile that an answer rests on, damaged in one bit. */
START_TEST(a_damaged_tile_is_seen)
{
	struct merkle_tile list[MERKLE_TILE_NEED_MAX];
	struct oracle tree;
	struct sha256 root, path[MERKLE_PATH_MAX];
	size_t count, len;

	oracle_init(&tree);
	oracle_fill(&tree, 70000);
	root = oracle_hash(&tree, 0, 70000);
	count = merkle_tiles_for(MERKLE_INCLUSION, 70000, 1234, list);
	ck_assert_uint_eq(count, 5); /* an edge on each level, 0/004 and 1/000 */
	for (size_t i = 0; i < count; i++) {
		struct merkle_tree opened;
		struct shelf shelf = {0};
		struct err err = {0};
		uint8_t key[12], *hashes;

		open_listed(&opened, &shelf, &tree, MERKLE_INCLUSION, 70000, 1234);
		hashes = map_get(&shelf.tiles, key_of(&list[i], key));
		hashes[32 * (list[i].width - 1) + 5] ^= 1;
		ck_assert_msg(
		    !merkle_tree_open(&opened, 70000, &root, from_shelf, &shelf, &err) ||
			!merkle_tree_inclusion(&opened, 1234, path, &len, &err),
		    "tile %zu", i);
		ck_assert_int_eq(err.code, ERR_VERIFY);
		mem_free(map_remove(&shelf.tiles, key_of(&list[i], key)));
		ck_assert(
		    !merkle_tree_open(&opened, 70000, &root, from_shelf, &shelf, &err) ||
		    !merkle_tree_inclusion(&opened, 1234, path, &len, &err));
		ck_assert_int_eq(err.code, ERR_NOT_FOUND);
		map_free(&shelf.tiles, mem_free);
	}
	oracle_fini(&tree);
}
END_TEST

static struct bytes
cut_tile(void *owner, const struct merkle_tile *tile)
{
	return bytes_of(owner, 32 * (size_t)tile->width - 1);
}

START_TEST(what_cannot_be_asked)
{
	struct merkle_tile list[MERKLE_TILE_NEED_MAX];
	struct merkle_tree opened;
	struct shelf shelf = {0};
	struct frontier frontier;
	struct oracle tree;
	struct sha256 hash, root;
	struct err err = {0};
	uint8_t hashes[8192] = {0};
	size_t len;

	oracle_init(&tree);
	oracle_fill(&tree, 5);
	root = oracle_hash(&tree, 0, 5);
	ck_assert_uint_eq(merkle_tiles_for(MERKLE_LEAF, 5, 5, list), 0);
	ck_assert_uint_eq(merkle_tiles_for(MERKLE_INCLUSION, 5, 5, list), 0);
	ck_assert_uint_eq(merkle_tiles_for(MERKLE_CONSISTENCY, 5, 6, list), 0);
	ck_assert_uint_eq(merkle_tiles_for(MERKLE_ROOT, UINT64_MAX, 0, list), 0);
	open_listed(&opened, &shelf, &tree, MERKLE_ROOT, 5, 0);
	ck_assert(!merkle_tree_leaf(&opened, 5, &hash, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
	ck_assert(!merkle_tree_consistency(&opened, 6, &hash, &len, &err));
	ck_assert(!merkle_tree_frontier(&opened, 6, &frontier, &err));
	ck_assert(!merkle_tree_node(&opened, 2, 1, &hash, &err));
	ck_assert(!merkle_tree_node(&opened, 64, 0, &hash, &err));
	ck_assert(!merkle_tree_open(
	    &opened, UINT64_C(1) << 63, &root, from_shelf, &shelf, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
	ck_assert(!merkle_tree_open(&opened, 5, &root, cut_tile, hashes, &err));
	ck_assert_int_eq(err.code, ERR_PARSE);
	ck_assert(!merkle_tile_root(bytes_of(hashes, 8191), 256, &hash, &err));
	ck_assert(!merkle_tile_root(bytes_of(hashes, 8192), 255, &hash, &err));
	map_free(&shelf.tiles, mem_free);
	oracle_fini(&tree);
}
END_TEST

START_TEST(the_empty_tree)
{
	struct merkle_tree opened;
	struct shelf shelf = {0};
	struct sha256 root;
	struct err err = {0};

	merkle_hash_empty(&root);
	ck_assert(merkle_tree_open(&opened, 0, &root, from_shelf, &shelf, &err));
	root.octets[0] ^= 1;
	ck_assert(!merkle_tree_open(&opened, 0, &root, from_shelf, &shelf, &err));
	ck_assert_int_eq(err.code, ERR_VERIFY);
}
END_TEST

START_TEST(known_answers_of_a_large_tree)
{
	json_t *all = vectors_json("vectors/merkle.json"), *row;
	struct oracle tree;
	uint8_t hashes[8192];
	size_t i;

	if (all == NULL)
		return;
	oracle_init(&tree);
	oracle_fill(&tree, 70000);
	json_array_foreach (
	    json_object_get(json_object_get(all, "large_tree"), "tiles_at_70000"), i,
	    row) {
		unsigned width = (unsigned)vectors_number(row, "width"), level, thousands;
		unsigned index;
		const char *path = vectors_text(row, "path");
		struct sha256 hash,
		    want = vectors_hash(vectors_text(row, "sha256_of_tile_bytes"));
		struct err err;

		if (sscanf(path, "tile/%u/x%u/%u", &level, &thousands, &index) == 3)
			index += 1000 * thousands;
		else
			ck_assert_int_eq(sscanf(path, "tile/%u/%u", &level, &index), 2);
		ck_assert_uint_eq(width,
		    index < merkle_tile_full_count(70000, level)
			? 256
			: merkle_tile_edge_width(70000, level));
		oracle_tile(&tree, level, index, width, hashes);
		sha256_of(bytes_of(hashes, 32 * width), &hash);
		ck_assert_msg(sha256_equal(&hash, &want), "%s", path);
		if (width != 256)
			continue;
		want = vectors_hash(vectors_text(row, "subtree_root"));
		ck_assert(merkle_tile_root(bytes_of(hashes, 8192), 256, &hash, &err));
		ck_assert(sha256_equal(&hash, &want));
	}
	oracle_fini(&tree);
	json_decref(all);
}
END_TEST

/* Tiles in folders, by the paths of wire-formats 3.1: level 0 in one, the
 * others mostly in the same. */
struct folder {
	const char *leaves, *nodes;
	struct map files;
};

static struct bytes
from_folder(void *owner, const struct merkle_tile *tile)
{
	struct folder *folder = owner;
	const char *base = tile->level == 0 ? folder->leaves : folder->nodes;
	char *path = mem_format("%s/tile/%u/%03u%s", base, tile->level,
	    (unsigned)tile->index, tile->width == 256 ? "" : ".p/");
	char *full =
	    tile->width == 256 ? mem_text(path) : mem_format("%s%u", path, tile->width);
	uint8_t *hashes = map_get(&folder->files, bytes_text(full));
	struct buf file;

	if (hashes == NULL && vectors_file(full, &file)) {
		size_t len;

		ck_assert_uint_eq(file.len, 32 * (size_t)tile->width);
		hashes = buf_take(&file, &len);
		map_put(&folder->files, bytes_text(full), hashes);
	}
	mem_free(path);
	mem_free(full);
	return bytes_of(hashes, hashes != NULL ? 32 * (size_t)tile->width : 0);
}

static const struct {
	const char *folder, *checkpoint;
	uint64_t size;
	bool ok;
} FOLDERS[] = {
    {"tlog/rome300-mirror", "tlog/rome300-mirror/checkpoint", 300, true},
    /* A head whose signature is good and whose root is another tree's. */
    {"tlog/rome300-mirror", "static-ct/checkpoints/rome2026h1.checkpoint", 300, false},
    {"synthetic/static-small", "synthetic/static-small/checkpoint-5", 5, true},
    {"synthetic/static-small", "synthetic/static-small/checkpoint-13", 13, true},
};

/* The third line of a checkpoint. */
static struct sha256
root_of_checkpoint(const char *below)
{
	char *path = mem_format("vectors/%s", below), *line;
	struct sha256 root;
	struct buf note;

	ck_assert(vectors_file(path, &note));
	line = strchr(strchr(buf_text(&note), '\n') + 1, '\n') + 1;
	line[44] = '\0';
	root = vectors_hash(line);
	buf_free(&note);
	mem_free(path);
	return root;
}

/* The edge makes the checkpoint's root, and each leaf is included in it. */
static void
check_folder(const char *below, const char *checkpoint, uint64_t size, bool ok)
{
	char *base = mem_format("vectors/%s", below);
	struct folder folder = {.leaves = base, .nodes = base};
	struct merkle_tree opened;
	struct sha256 root, path[64], leaf;
	struct err err = {0};
	size_t len;

	if (unit_shared(base) != NULL) {
		map_init(&folder.files);
		root = root_of_checkpoint(checkpoint);
		ck_assert_msg(merkle_tree_open(
				  &opened, size, &root, from_folder, &folder, &err) == ok,
		    "%s", err.text);
		for (uint64_t i = 0; ok && i < size; i += 1 + i / 20) {
			ck_assert(merkle_tree_leaf(&opened, i, &leaf, &err));
			ck_assert(merkle_tree_inclusion(&opened, i, path, &len, &err));
			ck_assert(merkle_inclusion_verify(
			    &leaf, i, size, path, len, &root, &err));
		}
		map_free(&folder.files, mem_free);
	}
	mem_free(base);
}

START_TEST(real_tiles)
{
	check_folder(
	    FOLDERS[_i].folder, FOLDERS[_i].checkpoint, FOLDERS[_i].size, FOLDERS[_i].ok);
}
END_TEST

/* A log of generic entries, at each size from 0 to 15. */
#define TESTDATA "tlog/tesseract-testdata-log"

START_TEST(testdata_log)
{
	char *checkpoint = mem_format(TESTDATA "/checkpoint.%d", _i);

	check_folder(TESTDATA, checkpoint, (uint64_t)_i, true);
	mem_free(checkpoint);
}
END_TEST

/* Its bundles: u16 length, entry. */
START_TEST(testdata_leaves)
{
	char *path;
	struct buf bundle, hashes;
	struct cursor cursor;
	struct bytes entry;
	struct sha256 hash;

	path = mem_format("vectors/" TESTDATA "/tile/entries/000.p/%d", _i);
	if (vectors_file(path, &bundle)) {
		mem_free(path);
		path = mem_format("vectors/" TESTDATA "/tile/0/000.p/%d", _i);
		ck_assert(vectors_file(path, &hashes));
		cursor = cursor_of(buf_bytes(&bundle));
		for (int i = 0; i < _i; i++) {
			ck_assert(cursor_vector16(&cursor, &entry));
			merkle_hash_leaf(entry, &hash);
			ck_assert_mem_eq(hash.octets, hashes.data + 32 * i, 32);
		}
		ck_assert_uint_eq(cursor_left(&cursor), 0);
		buf_free(&bundle);
		buf_free(&hashes);
	}
	mem_free(path);
}
END_TEST

static void
check_proof(struct merkle_tree *opened, const json_t *row, bool consistency)
{
	struct sha256 path[64], want[64];
	size_t len, count = vectors_hashes(json_object_get(row, "path"), want, 64);
	struct err err = {0};

	if (consistency)
		ck_assert(merkle_tree_consistency(
		    opened, vectors_number(row, "first"), path, &len, &err));
	else
		ck_assert(merkle_tree_inclusion(
		    opened, vectors_number(row, "leaf_index"), path, &len, &err));
	ck_assert_uint_eq(len, count);
	ck_assert_mem_eq(path, want, len * SHA256_LEN);
}

/* Navigli's real leaves in a tree with a root of ours. */
START_TEST(navigli)
{
	static struct folder folder = {.leaves = "vectors/static-ct/navigli2025h2",
	    .nodes = "vectors/synthetic/navigli-1024"};
	json_t *all = vectors_json("vectors/synthetic/navigli-1024/proofs.json"), *row;
	struct merkle_tree opened;
	struct frontier frontier;
	struct sha256 root, want;
	struct err err = {0};
	const char *size;
	size_t i;

	if (all == NULL)
		return;
	map_init(&folder.files);
	root = vectors_hash(vectors_text(json_object_get(all, "roots"), "1024"));
	ck_assert_msg(merkle_tree_open(&opened, 1024, &root, from_folder, &folder, &err),
	    "%s", err.text);
	json_object_foreach (json_object_get(all, "roots"), size, row) {
		ck_assert(merkle_tree_frontier(
		    &opened, strtoull(size, NULL, 10), &frontier, &err));
		frontier_root(&frontier, &root);
		want = vectors_hash(json_string_value(row));
		ck_assert_msg(sha256_equal(&root, &want), "%s", size);
	}
	json_array_foreach (json_object_get(all, "consistency"), i, row)
		if (vectors_number(row, "second") == 1024)
			check_proof(&opened, row, true);
	json_array_foreach (json_object_get(all, "inclusion"), i, row)
		if (vectors_number(row, "tree_size") == 1024)
			check_proof(&opened, row, false);
	map_free(&folder.files, mem_free);
	json_decref(all);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("tile");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, width_rows, 0, UNIT_COUNT(WIDTHS));
	tcase_add_loop_test(tc, tile_rows, 0, UNIT_COUNT(TILES));
	tcase_add_loop_test(
	    tc, answers_from_the_listed_tiles_alone, 0, UNIT_COUNT(SIZES));
	tcase_add_test(tc, three_levels);
	tcase_add_test(tc, a_damaged_tile_is_seen);
	tcase_add_test(tc, what_cannot_be_asked);
	tcase_add_test(tc, the_empty_tree);
	tcase_add_test(tc, known_answers_of_a_large_tree);
	tcase_add_loop_test(tc, real_tiles, 0, UNIT_COUNT(FOLDERS));
	tcase_add_loop_test(tc, testdata_log, 0, 16);
	tcase_add_loop_test(tc, testdata_leaves, 1, 16);
	tcase_add_test(tc, navigli);
	return unit_run("merkle/tile", tc);
}
