#include "wire/sct.h"

#include "tests/lib/vectors.h"

#define ID   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define TIME "000001a0c4506c00"
#define SIGN "04030002aabb"
#define SCT  "00" ID TIME "0000" SIGN

static const struct {
	const char *what, *hex;
	bool ok;
	uint8_t version;
	size_t extensions;
} SCTS[] = {
    {"v1", SCT, true, 0, 0},
    {"with leaf_index", "00" ID TIME "00080000050000000001" SIGN, true, 0, 8},
    {"a version to come", "01ffff", true, 1, 0},
    {"nothing", "", false, 0, 0},
    {"the version alone", "00", false, 0, 0},
    {"a cut log id", "000011", false, 0, 0},
    {"extensions beyond the end", "00" ID TIME "ffff" SIGN, false, 0, 0},
    {"a cut signature", "00" ID TIME "000004030003aabb", false, 0, 0},
    {"no signature", "00" ID TIME "0000", false, 0, 0},
    {"a byte behind the end", SCT "00", false, 0, 0},
};

START_TEST(sct_rows)
{
	struct buf data = unit_hex(SCTS[_i].hex);
	struct sct sct;
	struct err err = {0};
	bool ok = sct_parse(buf_bytes(&data), &sct, &err);

	ck_assert_msg(ok == SCTS[_i].ok, "%s: %s", SCTS[_i].what, err.text);
	ck_assert_int_eq(err.code, ok ? ERR_NONE : ERR_PARSE);
	if (ok) {
		ck_assert_uint_eq(sct.version, SCTS[_i].version);
		ck_assert_uint_eq(sct.extensions.len, SCTS[_i].extensions);
		ck_assert(bytes_equal(sct.raw, buf_bytes(&data)));
	}
	if (ok && sct.version == 0) {
		ck_assert_uint_eq(sct.timestamp_ms, 1790000000000);
		ck_assert_uint_eq(sct.signature.signature.len, 2);
	}
	buf_free(&data);
}
END_TEST

static const struct {
	const char *what, *hex;
	bool ok;
	size_t count, left;
} LISTS[] = {
    {"none", "0000", true, 0, 0},
    {"two", "00070002aabb0001cc", true, 2, 0},
    {"cut in the second", "00060002aabb0001", true, 1, 2},
    {"an empty one ends it", "00060002aabb0000", true, 1, 2},
    {"nothing", "", false, 0, 0},
    {"shorter than it says", "00070002aabb", false, 0, 0},
    {"longer than it says", "00040002aabb00", false, 1, 0},
};

START_TEST(list_rows)
{
	struct buf data = unit_hex(LISTS[_i].hex);
	struct bytes items = {0}, one;
	struct cursor cursor;
	struct err err = {0};
	size_t count = 0;
	bool ok = sct_list_parse(buf_bytes(&data), &items, &err);

	ck_assert_msg(ok == LISTS[_i].ok, "%s: %s", LISTS[_i].what, err.text);
	cursor = cursor_of(items);
	while (items.data != NULL && sct_list_next(&cursor, &one))
		count++;
	ck_assert_msg(count == LISTS[_i].count, "%s: %zu", LISTS[_i].what, count);
	ck_assert_uint_eq(cursor_left(&cursor), LISTS[_i].left);
	buf_free(&data);
}
END_TEST

static const struct {
	const char *what, *hex;
	size_t len; /* SIZE_MAX: refused */
} WRAPS[] = {
    {"short", "0402aabb", 2},
    {"empty", "0400", 0},
    {"no OCTET STRING", "0302aabb", SIZE_MAX},
    {"cut", "0403aabb", SIZE_MAX},
    {"a byte behind", "0402aabbcc", SIZE_MAX},
    {"a length that could be shorter", "048102aabb", SIZE_MAX},
    {"two octets that could be one", "04820002aabb", SIZE_MAX},
    {"an indefinite length", "0480aabb0000", SIZE_MAX},
    {"no length", "04", SIZE_MAX},
    {"half a length", "048201", SIZE_MAX},
    {"nothing", "", SIZE_MAX},
};

START_TEST(wrap_rows)
{
	struct buf data = unit_hex(WRAPS[_i].hex);
	struct bytes list;
	struct err err = {0};
	bool ok = sct_list_unwrap(buf_bytes(&data), &list, &err);

	ck_assert_msg(ok == (WRAPS[_i].len != SIZE_MAX), "%s", WRAPS[_i].what);
	if (ok)
		ck_assert_uint_eq(list.len, WRAPS[_i].len);
	else
		ck_assert_int_eq(err.code, ERR_PARSE);
	buf_free(&data);
}
END_TEST

/* Lists of 127, 255, 65,535 and 65,537 bytes: each form of the length. */
START_TEST(long_wraps)
{
	static const struct {
		const char *head;
		size_t len;
	} HEADS[] = {
	    {"047f", 127}, {"0481ff", 255}, {"0482ffff", 65535}, {"0483010001", 65537}};

	for (size_t i = 0; i < ARRAY_LEN(HEADS); i++) {
		struct buf head = unit_hex(HEADS[i].head), all;
		struct bytes list;

		buf_init(&all, 70000);
		buf_append_bytes(&all, buf_bytes(&head));
		memset(buf_extend(&all, HEADS[i].len), 7, HEADS[i].len);
		ck_assert(sct_list_unwrap(buf_bytes(&all), &list, NULL));
		ck_assert_uint_eq(list.len, HEADS[i].len);
		buf_free(&head);
		buf_free(&all);
	}
}
END_TEST

/* RFC 6962, 3.2: what is signed is the MerkleTreeLeaf of the promise. */
START_TEST(signed_bytes)
{
	struct buf data = unit_hex("00" ID TIME "00080000050000000001" SIGN), out;
	struct buf want = unit_hex("0000" TIME "0000"
				   "000003616263"
				   "00080000050000000001");
	struct leaf entry = {.kind = LEAF_X509, .certificate = bytes_text("abc")};
	struct sct sct;
	struct err err = {0};

	ck_assert(sct_parse(buf_bytes(&data), &sct, &err));
	buf_init(&out, 100);
	ck_assert(sct_append_signed(&out, &sct, &entry, &err));
	ck_assert(bytes_equal(buf_bytes(&out), buf_bytes(&want)));
	sct.version = 1;
	ck_assert(!sct_append_signed(&out, &sct, &entry, &err));
	buf_free(&data);
	buf_free(&out);
	buf_free(&want);
}
END_TEST

/* The form of files under sct/. */
static const struct {
	const char *name;
	bool ok;
	uint8_t version;
} FILES[] = {
    {"google-ct-testdata/test-cert.proof", true, 0},
    {"google-ct-testdata/test-cert-rsa.proof", true, 0},
    {"google-ct-testdata/test-embedded-pre-cert.proof", true, 0},
    {"google-ct-testdata/test-intermediate-cert.proof", true, 0},
    {"ct-go/test-cert.proof", true, 0},
    {"rustls-sct/google-sct0.bin", true, 0},
    {"rustls-sct/ecdsa_p256-basic-sct.bin", true, 0},
    {"rustls-sct/ecdsa_p256-version-sct.bin", true, 1},
    {"rustls-sct/ecdsa_p256-short-sct.bin", true, 0},
    {"rustls-sct/ecdsa_p256-badsigalg-sct.bin", true, 0},
    {"rustls-sct/ecdsa_p256-junk-sct.bin", false, 0},
};

START_TEST(real_files)
{
	char *path = mem_format("vectors/sct/%s", FILES[_i].name);
	struct buf file;
	struct sct sct;
	struct err err = {0};

	if (vectors_file(path, &file)) {
		ck_assert_msg(sct_parse(buf_bytes(&file), &sct, &err) == FILES[_i].ok,
		    "%s: %s", FILES[_i].name, err.text);
		ck_assert_uint_eq(sct.version, FILES[_i].version);
		buf_free(&file);
	}
	mem_free(path);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("sct");

	tcase_add_loop_test(tc, sct_rows, 0, UNIT_COUNT(SCTS));
	tcase_add_loop_test(tc, list_rows, 0, UNIT_COUNT(LISTS));
	tcase_add_loop_test(tc, wrap_rows, 0, UNIT_COUNT(WRAPS));
	tcase_add_test(tc, long_wraps);
	tcase_add_test(tc, signed_bytes);
	tcase_add_loop_test(tc, real_files, 0, UNIT_COUNT(FILES));
	return unit_run("wire/sct", tc);
}
