#include "wire/tile.h"

#include <zlib.h>

#include "tests/lib/vectors.h"

static const struct {
	uint64_t index;
	const char *path;
} INDEXES[] = {
    {0, "000"},
    {67, "067"},
    {999, "999"},
    {1000, "x001/000"},
    {1234067, "x001/x234/067"},
    {123456789, "x123/x456/789"},
    {UINT64_MAX, "x018/x446/x744/x073/x709/x551/615"},
};

START_TEST(path_rows)
{
	char path[TILE_PATH_MAX];
	char *full = mem_format("tile/0/%s", INDEXES[_i].path);
	char *partial = mem_format("tile/data/%s.p/255", INDEXES[_i].path);
	char *names = mem_format("tile/names/%s.p/1", INDEXES[_i].path);

	ck_assert_str_eq(tile_path_hash(0, INDEXES[_i].index, 256, path), full);
	ck_assert_str_eq(tile_path_data(INDEXES[_i].index, 255, path), partial);
	ck_assert_str_eq(tile_path_names(INDEXES[_i].index, 1, path), names);
	mem_free(full);
	mem_free(partial);
	mem_free(names);
}
END_TEST

START_TEST(other_paths)
{
	char path[TILE_PATH_MAX];
	struct sha256 hash;

	sha256_of(bytes_text(""), &hash);
	ck_assert_str_eq(tile_path_hash(3, 12, 8, path), "tile/3/012.p/8");
	ck_assert_str_eq(tile_path_issuer(sha256_bytes(&hash), path),
	    "issuer/"
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

#define TIME   "0000019697235bfd"
#define HASH32 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define INDEX                                                                            \
	"0008"                                                                           \
	"000005000000000"

static const struct {
	const char *what, *hex;
	enum leaf_kind kind;
	size_t fingerprints;
	bool ok;
} RECORDS[] = {
    {"a certificate",
	TIME "0000"
	     "000001aa" INDEX "1"
	     "0020" HASH32,
	LEAF_X509, 1, true},
    {"a precertificate",
	TIME "0001" HASH32 "000001aa" INDEX "1"
	     "000002bbcc"
	     "0040" HASH32 HASH32,
	LEAF_PRECERT, 2, true},
    {"a root, which has no issuer",
	TIME "0000"
	     "000001aa"
	     "0000"
	     "0000",
	LEAF_X509, 0, true},
    {"an entry type to come",
	TIME "8000"
	     "000001aa"
	     "0000"
	     "0000",
	LEAF_X509, 0, false},
    {"no precertificate",
	TIME "0001" HASH32 "000001aa"
	     "0000"
	     "000000"
	     "0000",
	LEAF_PRECERT, 0, false},
    {"a cut precertificate",
	TIME "0001" HASH32 "000001aa"
	     "0000"
	     "0000ff11",
	LEAF_PRECERT, 0, false},
    {"a fingerprint of 31 bytes",
	TIME "0000"
	     "000001aa"
	     "0000"
	     "001f" HASH32,
	LEAF_X509, 0, false},
    {"cut fingerprints",
	TIME "0000"
	     "000001aa"
	     "0000"
	     "0040" HASH32,
	LEAF_X509, 0, false},
    {"no fingerprints",
	TIME "0000"
	     "000001aa"
	     "0000",
	LEAF_X509, 0, false},
    {"nothing", "", LEAF_X509, 0, false},
};

START_TEST(record_rows)
{
	struct buf data = unit_hex(RECORDS[_i].hex);
	struct cursor cursor = cursor_of(buf_bytes(&data)), again = cursor;
	struct tile_record record;
	struct tile_bounds bounds;
	struct err err = {0};
	bool ok = tile_record_take(&cursor, &record, &err);

	ck_assert_msg(ok == RECORDS[_i].ok, "%s: %s", RECORDS[_i].what, err.text);
	ck_assert(tile_record_skip(&again, &bounds, NULL) == ok);
	ck_assert_ptr_eq(cursor.at, again.at);
	if (ok) {
		ck_assert_int_eq(record.leaf.kind, RECORDS[_i].kind);
		ck_assert_uint_eq(record.fingerprints.len, 32 * RECORDS[_i].fingerprints);
		ck_assert(bytes_equal(record.raw, buf_bytes(&data)));
		ck_assert(bytes_equal(bounds.raw, record.raw));
		ck_assert(bytes_equal(bounds.fingerprints, record.fingerprints));
		ck_assert_uint_eq(cursor_left(&cursor), 0);
	} else {
		ck_assert_int_eq(err.code, ERR_PARSE);
		ck_assert_ptr_eq(cursor.at, data.data);
	}
	buf_free(&data);
}
END_TEST

#define ROOT_RECORD                                                                      \
	TIME "0000"                                                                      \
	     "000001aa"                                                                  \
	     "0000"                                                                      \
	     "0000"

static const struct {
	const char *what, *hex;
	unsigned width;
	bool ok;
} SPLITS[] = {
    {"three of three", ROOT_RECORD ROOT_RECORD ROOT_RECORD, 3, true},
    {"two of three", ROOT_RECORD ROOT_RECORD, 3, false},
    {"four of three", ROOT_RECORD ROOT_RECORD ROOT_RECORD ROOT_RECORD, 3, false},
    {"a byte behind", ROOT_RECORD "00", 1, false},
    {"a bad one", ROOT_RECORD TIME "7777", 2, false},
};

START_TEST(split_rows)
{
	struct buf data = unit_hex(SPLITS[_i].hex);
	struct tile_bounds bounds[3];
	struct err err = {0};

	ck_assert_msg(
	    tile_split(buf_bytes(&data), SPLITS[_i].width, bounds, &err) == SPLITS[_i].ok,
	    "%s: %s", SPLITS[_i].what, err.text);
	ck_assert(
	    tile_split(buf_bytes(&data), SPLITS[_i].width, NULL, NULL) == SPLITS[_i].ok);
	buf_free(&data);
}
END_TEST

/* Real and made tiles: every record hashes to its place in the hash tile. */
static const struct {
	const char *data, *hashes;
	unsigned width;
	uint64_t first;
	bool precerts_only;
} TILES[] = {
    {"static-ct/navigli2025h2/tile/data/000", "static-ct/navigli2025h2/tile/0/000", 256,
	0, true},
    {"static-ct/navigli2025h2/tile/data/001", "static-ct/navigli2025h2/tile/0/001", 256,
	256, true},
    {"static-ct/navigli2025h2/tile/data/002", "static-ct/navigli2025h2/tile/0/002", 256,
	512, true},
    {"static-ct/navigli2025h2/tile/data/003", "static-ct/navigli2025h2/tile/0/003", 256,
	768, true},
    {"static-ct/navigli2025h2/tile/data/003.p/10",
	"static-ct/navigli2025h2/tile/0/003.p/10", 10, 768, true},
    {"synthetic/static-small/tile/data/000.p/5", "synthetic/static-small/tile/0/000.p/5",
	5, 0, false},
    {"synthetic/static-small/tile/data/000.p/13",
	"synthetic/static-small/tile/0/000.p/13", 13, 0, false},
};

static bool
load(const char *below, struct buf *out)
{
	char *path = mem_format("vectors/%s", below);
	bool there = vectors_file(path, out);

	mem_free(path);
	return there;
}

static void
check_record(const struct tile_record *record, const uint8_t *want, uint64_t index)
{
	struct bytes parts[] = {bytes_of("\0", 1), tile_leaf_prefix(), record->entry};
	struct sha256 hash;
	uint64_t at;

	sha256_of_parts(parts, ARRAY_LEN(parts), &hash);
	ck_assert_mem_eq(hash.octets, want, SHA256_LEN);
	ck_assert_int_eq(leaf_index(record->leaf.extensions, &at), LEAF_INDEX_FOUND);
	ck_assert_uint_eq(at, index);
}

START_TEST(real_tiles)
{
	struct buf data, hashes, again;
	struct cursor cursor;
	struct tile_record record;
	struct err err = {0};

	if (!load(TILES[_i].data, &data))
		return;
	ck_assert(load(TILES[_i].hashes, &hashes));
	ck_assert_uint_eq(hashes.len, 32 * TILES[_i].width);
	ck_assert_msg(
	    tile_split(buf_bytes(&data), TILES[_i].width, NULL, &err), "%s", err.text);
	cursor = cursor_of(buf_bytes(&data));
	buf_init(&again, data.len);
	for (unsigned i = 0; i < TILES[_i].width; i++) {
		ck_assert_msg(tile_record_take(&cursor, &record, &err), "%s", err.text);
		check_record(&record, hashes.data + 32 * i, TILES[_i].first + i);
		ck_assert(!TILES[_i].precerts_only || record.leaf.kind == LEAF_PRECERT);
		buf_clear(&again);
		ck_assert(leaf_append(&again, &record.leaf, &err));
		ck_assert_uint_eq(again.len, 2 + record.entry.len);
		ck_assert_mem_eq(again.data + 2, record.entry.data, record.entry.len);
	}
	ck_assert_uint_eq(cursor_left(&cursor), 0);
	buf_free(&data);
	buf_free(&hashes);
	buf_free(&again);
}
END_TEST

/* wire-formats 3.6: the first record of Navigli 2025h2, byte by byte. */
START_TEST(navigli_entry_0)
{
	struct buf data;
	struct cursor cursor;
	struct tile_record record;
	struct err err;

	if (!load("static-ct/navigli2025h2/tile/data/000", &data))
		return;
	cursor = cursor_of(buf_bytes(&data));
	ck_assert(tile_record_take(&cursor, &record, &err));
	ck_assert_uint_eq(record.leaf.timestamp_ms, 0x19697235bfd);
	ck_assert_uint_eq(record.leaf.certificate.len, 1145);
	ck_assert_ptr_eq(record.leaf.certificate.data, data.data + 45);
	ck_assert_uint_eq(record.entry.len, 1200);
	ck_assert_uint_eq(record.pre_certificate.len, 1446);
	ck_assert_uint_eq(record.fingerprints.len, 64);
	ck_assert_uint_eq(record.raw.len, 2715);
	buf_free(&data);
}
END_TEST

/* A partial tile is a prefix of the full one; the gzip copy is the same. */
START_TEST(partial_and_packed)
{
	struct buf full, partial, packed;
	uint8_t *plain;
	z_stream zip = {0};

	if (!load("static-ct/navigli2025h2/tile/data/003", &full))
		return;
	ck_assert(load("static-ct/navigli2025h2/tile/data/003.p/10", &partial));
	ck_assert(load("synthetic/navigli-1024/tile-data-003.p-10.gz", &packed));
	ck_assert_uint_lt(partial.len, full.len);
	ck_assert_mem_eq(full.data, partial.data, partial.len);
	plain = mem_alloc(partial.len + 1);
	ck_assert_int_eq(inflateInit2(&zip, 16 + MAX_WBITS), Z_OK);
	zip.next_in = packed.data;
	zip.avail_in = (unsigned)packed.len;
	zip.next_out = plain;
	zip.avail_out = (unsigned)partial.len + 1;
	ck_assert_int_eq(inflate(&zip, Z_FINISH), Z_STREAM_END);
	ck_assert_uint_eq(zip.total_out, partial.len);
	ck_assert_mem_eq(plain, partial.data, partial.len);
	inflateEnd(&zip);
	mem_free(plain);
	buf_free(&full);
	buf_free(&partial);
	buf_free(&packed);
}
END_TEST

START_TEST(known_paths)
{
	json_t *all = vectors_json("vectors/merkle.json"), *row;
	char path[TILE_PATH_MAX];
	size_t i;

	json_array_foreach (json_object_get(all, "tile_index_paths"), i, row) {
		tile_path_hash(0, vectors_number(row, "n"), 256, path);
		ck_assert_str_eq(path + 7, vectors_text(row, "path"));
	}
	json_decref(all);
}
END_TEST

/* Issuers are named by their hash. */
START_TEST(issuers)
{
	struct buf data, issuer;
	struct cursor cursor;
	struct tile_record record;
	struct sha256 hash;
	struct err err;
	char name[TILE_PATH_MAX];

	if (!load("synthetic/static-small/tile/data/000.p/13", &data))
		return;
	cursor = cursor_of(buf_bytes(&data));
	while (cursor_left(&cursor) > 0) {
		ck_assert(tile_record_take(&cursor, &record, &err));
		for (size_t i = 0; i < record.fingerprints.len; i += 32) {
			struct bytes one = bytes_of(record.fingerprints.data + i, 32);
			char *path = mem_format(
			    "synthetic/static-small/%s", tile_path_issuer(one, name));

			ck_assert_msg(load(path, &issuer), "%s", path);
			sha256_of(buf_bytes(&issuer), &hash);
			ck_assert_mem_eq(hash.octets, one.data, 32);
			buf_free(&issuer);
			mem_free(path);
		}
	}
	buf_free(&data);
}
END_TEST

/* Names tiles are a hint, and Navigli's hold: a line for each record, of its
 * timestamp. */
START_TEST(names_tiles)
{
	struct buf data, names;
	struct cursor cursor;
	struct tile_record record;
	char *line;

	if (!load(TILES[0].data, &data))
		return;
	ck_assert(load("static-ct/navigli2025h2/tile/names/000", &names));
	cursor = cursor_of(buf_bytes(&data));
	line = (char *)(uintptr_t)buf_text(&names);
	for (int i = 0; i < 256; i++) {
		ck_assert(tile_record_take(&cursor, &record, NULL));
		ck_assert_uint_eq(strtoull(line + strlen("{\"Timestamp\":"), NULL, 10),
		    record.leaf.timestamp_ms);
		line = strchr(line, '\n') + 1;
	}
	ck_assert(*line == '\0');
	buf_free(&data);
	buf_free(&names);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("tile");

	tcase_add_loop_test(tc, path_rows, 0, UNIT_COUNT(INDEXES));
	tcase_add_test(tc, other_paths);
	tcase_add_loop_test(tc, record_rows, 0, UNIT_COUNT(RECORDS));
	tcase_add_loop_test(tc, split_rows, 0, UNIT_COUNT(SPLITS));
	tcase_add_loop_test(tc, real_tiles, 0, UNIT_COUNT(TILES));
	tcase_add_test(tc, known_paths);
	tcase_add_test(tc, issuers);
	tcase_add_test(tc, names_tiles);
	tcase_add_test(tc, navigli_entry_0);
	tcase_add_test(tc, partial_and_packed);
	return unit_run("wire/tile", tc);
}
