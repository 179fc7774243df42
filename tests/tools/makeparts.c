/*
 * makeparts - the end of an archive of more than one part, around the border
 * between the first two: a log of 2^24 + 512 entries, all of whose data tiles are
 * the same one, and of them those that a reader needs that begins 512 entries
 * before the border.
 *
 *	makeparts OUT-FOLDER DATA-TILE HASH-TILE ORIGIN
 *
 * DATA-TILE is a full data tile, HASH-TILE its tile of level 0. Writes 000.zip,
 * 001.zip and log.key, the log's key in base64.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "merkle/hash.h"
#include "tests/lib/options.h"
#include "tests/lib/testlog_priv.h"
#include "tests/lib/zipfile.h"
#include "wire/tile.h"

#define SIZE      ((UINT64_C(1) << 24) + 512)
#define SIGNED_MS INT64_C(1500000000000)

static struct buf
file_of(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct buf body;
	char piece[65536];
	size_t got;

	if (file == NULL)
		tool_die("cannot open %s", path);
	buf_init(&body, (size_t)1 << 28);
	while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_append(&body, piece, got);
	fclose(file);
	return body;
}

static void
write_zip(const char *folder, const char *name, struct zipfile *zip)
{
	char *path = mem_format("%s/%s", folder, name);
	FILE *out = fopen(path, "wb");

	zipfile_end(zip, "");
	if (out == NULL || fwrite(zip->out.data, 1, zip->out.len, out) != zip->out.len ||
	    fclose(out) != 0)
		tool_die("cannot write %s", path);
	mem_free(path);
	zipfile_free(zip);
}

/* The root of 256 times the same. */
static struct sha256
root_of(struct sha256 node)
{
	for (int i = 0; i < 8; i++)
		merkle_hash_node(&node, &node, &node);
	return node;
}

static struct sha256
root_of_tile(struct bytes hashes)
{
	struct sha256 nodes[TILE_WIDTH];

	if (hashes.len != sizeof(nodes))
		tool_die("the hash tile is not a full one");
	memcpy(nodes, hashes.data, sizeof(nodes));
	for (size_t width = TILE_WIDTH / 2; width > 0; width /= 2)
		for (size_t i = 0; i < width; i++)
			merkle_hash_node(&nodes[2 * i], &nodes[2 * i + 1], &nodes[i]);
	return nodes[0];
}

static void
add_hashes(struct zipfile *zip, unsigned level, uint64_t index, const struct sha256 *node,
    unsigned width)
{
	struct sha256 nodes[TILE_WIDTH];
	char path[TILE_PATH_MAX];

	for (unsigned i = 0; i < width; i++)
		nodes[i] = *node;
	zipfile_add(zip, tile_path_hash(level, index, width, path),
	    bytes_of((const uint8_t *)nodes, width * sizeof(nodes[0])), false);
}

static void
add_leaves(struct zipfile *zip, uint64_t index, struct bytes data, struct bytes hashes)
{
	char path[TILE_PATH_MAX];

	for (uint64_t i = index; i < index + 2; i++) {
		zipfile_add(zip, tile_path_data(i, TILE_WIDTH, path), data, true);
		zipfile_add(zip, tile_path_hash(0, i, TILE_WIDTH, path), hashes, false);
	}
}

/* --- the checkpoint ------------------------------------------------------------ */

static void
key_id_of(struct bytes spki, const char *origin, struct buf *out)
{
	uint8_t log_id[32], key_id[32];
	struct buf text;

	EVP_Digest(spki.data, spki.len, log_id, NULL, EVP_sha256(), NULL);
	buf_init(&text, 4096);
	buf_append_format(&text, "%s\n\x05", origin);
	buf_append(&text, log_id, sizeof(log_id));
	EVP_Digest(text.data, text.len, key_id, NULL, EVP_sha256(), NULL);
	buf_append(out, key_id, 4);
	buf_free(&text);
}

static void
checkpoint_of(const struct sha256 *root, EVP_PKEY *key, struct bytes spki,
    const char *origin, struct buf *out)
{
	struct buf tbs, line; /* TreeHeadSignature; RFC6962NoteSignature */

	buf_init(&tbs, 64);
	buf_append_be16(&tbs, 1);
	buf_append_be64(&tbs, SIGNED_MS);
	buf_append_be64(&tbs, SIZE);
	buf_append(&tbs, root->octets, SHA256_LEN);
	buf_init(&line, 4096);
	key_id_of(spki, origin, &line);
	buf_append_be64(&line, SIGNED_MS);
	testlog_key_sign(key, buf_bytes(&tbs), &line);
	buf_append_format(out, "%s\n%llu\n", origin, (unsigned long long)SIZE);
	base64_encode(sha256_bytes(root), out);
	buf_append_format(out, "\n\n\xe2\x80\x94 %s ", origin);
	base64_encode(buf_bytes(&line), out);
	buf_append_text(out, "\n");
	buf_free(&line);
	buf_free(&tbs);
}

/* --- the parts ------------------------------------------------------------------ */

static void
write_parts(
    const char *folder, struct bytes data, struct bytes hashes, struct bytes checkpoint)
{
	struct sha256 tile = root_of_tile(hashes), row = root_of(tile),
		      part = root_of(row);
	struct zipfile zip;

	zipfile_begin(&zip, ZIPFILE_PLAIN);
	zipfile_add(&zip, "checkpoint", checkpoint, false);
	add_leaves(&zip, 65534, data, hashes);
	add_hashes(&zip, 1, 255, &tile, TILE_WIDTH);
	add_hashes(&zip, 2, 0, &row, TILE_WIDTH);
	add_hashes(&zip, 3, 0, &part, 1);
	write_zip(folder, "000.zip", &zip);
	zipfile_begin(&zip, ZIPFILE_PLAIN);
	zipfile_add(&zip, "checkpoint", checkpoint, false);
	add_leaves(&zip, 65536, data, hashes);
	add_hashes(&zip, 1, 256, &tile, 2);
	add_hashes(&zip, 3, 0, &part, 1);
	write_zip(folder, "001.zip", &zip);
}

int
main(int argc, char **argv)
{
	struct buf data, hashes, checkpoint, spki, key_text;
	struct sha256 tile, root, end;
	EVP_PKEY *key;
	char *path;

	if (argc != 5)
		tool_die("usage: makeparts OUT-FOLDER DATA-TILE HASH-TILE ORIGIN");
	data = file_of(argv[2]);
	hashes = file_of(argv[3]);
	tile = root_of_tile(buf_bytes(&hashes));
	root = root_of(root_of(tile));
	merkle_hash_node(&tile, &tile, &end);
	merkle_hash_node(&root, &end, &root);
	key = testlog_key_from_seed(argv[4]);
	buf_init(&spki, 4096);
	testlog_key_spki(key, &spki);
	buf_init(&checkpoint, 4096);
	checkpoint_of(&root, key, buf_bytes(&spki), argv[4], &checkpoint);
	write_parts(
	    argv[1], buf_bytes(&data), buf_bytes(&hashes), buf_bytes(&checkpoint));
	buf_init(&key_text, 4096);
	base64_encode(buf_bytes(&spki), &key_text);
	path = mem_format("%s/log.key", argv[1]);
	tool_write(path, buf_text(&key_text));
	mem_free(path);
	EVP_PKEY_free(key);
	buf_free(&key_text);
	buf_free(&checkpoint);
	buf_free(&spki);
	buf_free(&hashes);
	buf_free(&data);
	return 0;
}
