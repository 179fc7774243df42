#include "fetch/zip.h"

#include <sys/stat.h>

#include "fetch/archive.h"
#include "tests/lib/unit.h"
#include "tests/lib/zipfile.h"

struct memory {
	struct bytes bytes;
	uint64_t fails_at; /* reads from there on fail; UINT64_MAX: none */
};

static bool
read_memory(void *owner, uint64_t at, void *out, size_t len)
{
	const struct memory *memory = owner;

	ck_assert(at <= memory->bytes.len && len <= memory->bytes.len - at);
	if (at + len > memory->fails_at)
		return false;
	memcpy(out, memory->bytes.data + at, len);
	return true;
}

static struct zip *
open_memory(struct memory *memory, struct err *err)
{
	struct zip_source source = {read_memory, memory, memory->bytes.len};

	return zip_open(&source, err);
}

static struct bytes
noise(uint8_t *out, size_t len)
{
	uint32_t x = 7;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)((x = x * 1664525 + 1013904223) >> 24);
	return bytes_of(out, len);
}

static uint8_t large[300000];

static void
make(struct zipfile *zip, enum zipfile_kind kind, const char *comment)
{
	struct bytes zeros = {0};
	static const uint8_t nothing[200000];

	zeros = bytes_of(nothing, sizeof(nothing));
	zipfile_begin(zip, kind);
	zipfile_add(zip, "checkpoint", bytes_text("a note\n"), false);
	zipfile_add(zip, "tile/data/000", noise(large, sizeof(large)), true);
	zipfile_add(zip, "tile/0/000", zeros, true);
	zipfile_add(zip, "empty", bytes_of("", 0), false);
	zipfile_add(zip, "checkpoint", bytes_text("another\n"), true);
	zipfile_end(zip, comment);
}

static void
holds(struct zip *zip, const char *name, struct bytes want)
{
	struct buf out;
	struct err err = {0};

	buf_init(&out, 1 << 20);
	ck_assert_msg(zip_read(zip, name, &out, &err), "%s: %s", name, err.text);
	ck_assert_msg(bytes_equal(buf_bytes(&out), want), "%s: %zu bytes", name, out.len);
	buf_free(&out);
}

static void
refuses(struct zip *zip, const char *name, size_t ceiling, enum err_code code)
{
	struct buf out;
	struct err err = {0};

	buf_init(&out, ceiling);
	ck_assert(!zip_read(zip, name, &out, &err));
	ck_assert_msg(err.code == code, "%s: %s", name, err.text);
	ck_assert_uint_eq(out.len, 0);
	buf_free(&out);
}

/* Plain and zip64, without a comment and with one that looks like an end. */
START_TEST(members_by_name)
{
	struct zipfile file;
	struct memory memory = {.fails_at = UINT64_MAX};
	struct zip *zip;
	struct err err = {0};
	static const uint8_t nothing[200000];

	make(&file, _i % 2 == 0 ? ZIPFILE_PLAIN : ZIPFILE_WIDE,
	    _i < 2 ? "" : "PK\5\6 is how an end begins, and PK\6\7 a locator");
	memory.bytes = buf_bytes(&file.out);
	zip = open_memory(&memory, &err);
	ck_assert_msg(zip != NULL, "%s", err.text);
	ck_assert_uint_eq(zip_count(zip), 5);
	holds(zip, "checkpoint", bytes_text("a note\n"));
	holds(zip, "tile/data/000", bytes_of(large, sizeof(large)));
	holds(zip, "tile/0/000", bytes_of(nothing, sizeof(nothing)));
	holds(zip, "empty", bytes_of("", 0));
	refuses(zip, "tile/data/001", 1000, ERR_NOT_FOUND);
	refuses(zip, "", 1000, ERR_NOT_FOUND);
	refuses(zip, "tile/0/000", 199999, ERR_LIMIT);
	memory.fails_at = 100;
	refuses(zip, "tile/data/000", 1 << 20, ERR_SYSTEM);
	zip_free(zip);
	zipfile_free(&file);
}
END_TEST

/* A file that ends anywhere is refused, or what it still has is right. */
START_TEST(cut_anywhere)
{
	struct zipfile file;
	struct err err = {0};

	zipfile_begin(&file, _i == 0 ? ZIPFILE_PLAIN : ZIPFILE_WIDE);
	zipfile_add(&file, "a", bytes_text("some text"), true);
	zipfile_add(&file, "b", bytes_text("more of it"), false);
	zipfile_end(&file, "");
	for (size_t len = 0; len < file.out.len; len++) {
		uint8_t *copy = mem_copy(file.out.data, len + (len == 0));
		struct memory memory = {bytes_of(copy, len), UINT64_MAX};

		ck_assert_ptr_null(open_memory(&memory, &err));
		mem_free(copy);
	}
	zipfile_free(&file);
}
END_TEST

/* One octet changed anywhere: members are what they were, or are refused. */
START_TEST(changed_anywhere)
{
	struct zipfile file;

	zipfile_begin(&file, _i == 0 ? ZIPFILE_PLAIN : ZIPFILE_WIDE);
	zipfile_add(&file, "a", bytes_text("some text some text some text"), true);
	zipfile_add(&file, "b", bytes_text("more of it"), false);
	zipfile_end(&file, "c");
	for (size_t at = 0; at < file.out.len; at++) {
		struct memory memory = {buf_bytes(&file.out), UINT64_MAX};
		struct err err = {0};
		struct zip *zip;
		struct buf out;

		file.out.data[at] ^= 0x41;
		buf_init(&out, 4096);
		zip = open_memory(&memory, &err);
		if (zip != NULL && zip_read(zip, "a", &out, &err))
			ck_assert(bytes_equal(buf_bytes(&out),
			    bytes_text("some text some text some text")));
		if (zip != NULL && zip_read(zip, "b", &out, &err))
			ck_assert(bytes_equal(buf_bytes(&out), bytes_text("more of it")));
		zip_free(zip);
		buf_free(&out);
		file.out.data[at] ^= 0x41;
	}
	zipfile_free(&file);
}
END_TEST

static void
put_le32(struct buf *out, size_t at, uint32_t value)
{
	for (size_t i = 0; i < 4; i++, value >>= 8)
		out->data[at + i] = (uint8_t)value;
}

/* What it says of itself must fit it. */
static const struct {
	const char *what;
	size_t from_end; /* of a field of the last record */
	uint32_t value;
	enum err_code code;
} LIES[] = {
    {"a directory beyond the end", 6, 0x7fffffff, ERR_PARSE},
    {"a directory longer than the file", 10, 0x7fffffff, ERR_PARSE},
    {"more members than there is room for", 12, 0x0000ffff, ERR_PARSE},
    {"a directory that is none", 6, 0, ERR_PARSE},
};

START_TEST(lies)
{
	struct zipfile file;
	struct memory memory = {.fails_at = UINT64_MAX};
	struct err err = {0};

	make(&file, ZIPFILE_PLAIN, "");
	put_le32(&file.out, file.out.len - LIES[_i].from_end, LIES[_i].value);
	memory.bytes = buf_bytes(&file.out);
	ck_assert_msg(open_memory(&memory, &err) == NULL, "%s", LIES[_i].what);
	ck_assert_msg(err.code == LIES[_i].code, "%s: %s", LIES[_i].what, err.text);
	zipfile_free(&file);
}
END_TEST

/* Inflates to more, or to less, than it says: never beyond that. */
START_TEST(a_member_of_another_size)
{
	struct zipfile file;
	struct memory memory = {.fails_at = UINT64_MAX};
	struct err err = {0};
	struct zip *zip;
	size_t directory;

	zipfile_begin(&file, ZIPFILE_PLAIN);
	zipfile_add(&file, "bomb", noise(large, sizeof(large)), true);
	directory = file.out.len;
	zipfile_end(&file, "");
	put_le32(&file.out, directory + 24, _i == 0 ? 1000 : 400000);
	memory.bytes = buf_bytes(&file.out);
	zip = open_memory(&memory, &err);
	ck_assert_ptr_nonnull(zip);
	refuses(zip, "bomb", 1 << 20, ERR_PARSE);
	zip_free(zip);
	zipfile_free(&file);
}
END_TEST

START_TEST(how_it_is_packed)
{
	struct zipfile file;
	struct memory memory = {.fails_at = UINT64_MAX};
	struct err err = {0};
	struct zip *zip;
	size_t directory;

	zipfile_begin(&file, ZIPFILE_PLAIN);
	zipfile_add(&file, "a", bytes_text("text"), false);
	directory = file.out.len;
	zipfile_end(&file, "");
	file.out.data[directory + (_i == 0 ? 8 : 10)] = _i == 0 ? 1 : 12;
	memory.bytes = buf_bytes(&file.out);
	zip = open_memory(&memory, &err);
	ck_assert_ptr_nonnull(zip);
	refuses(zip, "a", 100, ERR_PARSE);
	zip_free(zip);
	zipfile_free(&file);
}
END_TEST

/* --- on the disk ----------------------------------------------------------------- */

static char *
save(const char *folder, const char *name, struct buf *data)
{
	char *path = mem_format("%s/%s", folder, name);
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(data->data, 1, data->len, file), data->len);
	fclose(file);
	return path;
}

static void
archive_says(struct archives *archives, const char *folder, const char *path,
    const char *want, enum err_code code)
{
	char *whole = mem_format("%s/%s", folder, path);
	struct buf out;
	struct err err = {0};

	buf_init(&out, 1 << 20);
	if (want != NULL) {
		ck_assert_msg(
		    archives_read(archives, whole, &out, &err), "%s: %s", path, err.text);
		ck_assert_str_eq(buf_text(&out), want);
	} else {
		ck_assert(!archives_read(archives, whole, &out, &err));
		ck_assert_msg(err.code == code, "%s: %s", path, err.text);
	}
	buf_free(&out);
	mem_free(whole);
}

/* More of them than are held open, one that is replaced, one that is none. */
START_TEST(through_a_path)
{
	struct archives *archives = archives_new();
	char *folder = unit_temp("zips");
	struct buf junk = {0};

	(void)mkdir(folder, 0700);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 6; i++) {
			char name[16], body[16], path[32];
			struct zipfile file;

			snprintf(name, sizeof(name), "%03d.zip", i);
			snprintf(body, sizeof(body), "body %d.%d", i, round);
			snprintf(path, sizeof(path), "%s/a/b", name);
			zipfile_begin(&file, ZIPFILE_PLAIN);
			zipfile_add(&file, "a/b", bytes_text(body), true);
			zipfile_end(&file, round == 0 ? "" : "the second");
			mem_free(save(folder, name, &file.out));
			zipfile_free(&file);
			archive_says(archives, folder, path, body, ERR_NONE);
			archive_says(archives, folder, path, body, ERR_NONE);
		}
	archive_says(archives, folder, "000.zip/a/b", "body 0.1", ERR_NONE);
	archive_says(archives, folder, "000.zip/a", NULL, ERR_NOT_FOUND);
	archive_says(archives, folder, "009.zip/a/b", NULL, ERR_NOT_FOUND);
	archive_says(archives, folder, "a/b/c", NULL, ERR_NOT_FOUND);
	buf_init(&junk, 100);
	buf_append_text(&junk, "no zip file at all");
	mem_free(save(folder, "junk.zip", &junk));
	archive_says(archives, folder, "junk.zip/a", NULL, ERR_NOT_FOUND);
	buf_clear(&junk);
	buf_append_text(&junk, "PK but nothing else");
	mem_free(save(folder, "junk.zip", &junk));
	archive_says(archives, folder, "junk.zip/a", NULL, ERR_PARSE);
	buf_free(&junk);
	archives_free(archives);
	mem_free(folder);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("zip");

	tcase_add_loop_test(tc, members_by_name, 0, 4);
	tcase_add_loop_test(tc, cut_anywhere, 0, 2);
	tcase_add_loop_test(tc, changed_anywhere, 0, 2);
	tcase_add_loop_test(tc, lies, 0, ARRAY_LEN(LIES));
	tcase_add_loop_test(tc, a_member_of_another_size, 0, 2);
	tcase_add_loop_test(tc, how_it_is_packed, 0, 2);
	tcase_add_test(tc, through_a_path);
	return unit_run("fetch/zip", tc);
}
