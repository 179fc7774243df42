#include "wire/leaf.h"

#include "tests/lib/vectors.h"

#define TIME    "0000015dcc997890"
#define HASH32  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define X509    "0000" TIME "0000"
#define PRECERT "0000" TIME "0001" HASH32

static const struct {
	const char *what, *hex;
	enum leaf_kind kind;
	const char *certificate, *extensions;
	bool ok;
} LEAVES[] = {
    {"a certificate", X509 "000003aabbcc0000", LEAF_X509, "aabbcc", "", true},
    {"a precertificate", PRECERT "000002aabb0000", LEAF_PRECERT, "aabb", "", true},
    {"with extensions", X509 "000001aa00080000050000000001", LEAF_X509, "aa",
	"0000050000000001", true},
    {"an entry type to come", "0000" TIME "80001234", LEAF_OPAQUE, "", "", true},
    {"a leaf type to come", "00011234", LEAF_OPAQUE, "", "", true},
    {"another version", "01" TIME, LEAF_OPAQUE, "", "", false},
    {"nothing", "", LEAF_OPAQUE, "", "", false},
    {"one byte", "00", LEAF_OPAQUE, "", "", false},
    {"a cut time", "0000112233", LEAF_OPAQUE, "", "", false},
    {"a certificate beyond the end", X509 "000004aabbcc", LEAF_X509, "", "", false},
    {"an empty certificate", X509 "0000000000", LEAF_X509, "", "", false},
    {"no extensions", X509 "000003aabbcc", LEAF_X509, "aabbcc", "", false},
    {"extensions beyond the end", X509 "000001aa0008", LEAF_X509, "aa", "", false},
    {"a cut key hash", "0000" TIME "00010011", LEAF_PRECERT, "", "", false},
    {"a byte behind the end", X509 "000003aabbcc000000", LEAF_X509, "aabbcc", "", false},
};

static void
check_bytes(struct bytes got, const char *hex, const char *what)
{
	struct buf want = unit_hex(hex);

	ck_assert_msg(bytes_equal(got, buf_bytes(&want)), "%s", what);
	buf_free(&want);
}

START_TEST(leaf_rows)
{
	struct buf data = unit_hex(LEAVES[_i].hex), again;
	struct leaf leaf;
	struct err err = {0};
	bool ok = leaf_parse(buf_bytes(&data), &leaf, &err);

	ck_assert_msg(ok == LEAVES[_i].ok, "%s: %s", LEAVES[_i].what, err.text);
	ck_assert_msg(leaf.kind == LEAVES[_i].kind, "%s", LEAVES[_i].what);
	check_bytes(leaf.certificate, LEAVES[_i].certificate, LEAVES[_i].what);
	check_bytes(leaf.extensions, LEAVES[_i].extensions, LEAVES[_i].what);
	if (!ok)
		ck_assert_int_eq(err.code, ERR_PARSE);
	if (ok && leaf.kind != LEAF_OPAQUE) { /* parse and append are inverse */
		buf_init(&again, 1000);
		ck_assert(leaf_append(&again, &leaf, &err));
		ck_assert(bytes_equal(buf_bytes(&again), buf_bytes(&data)));
		ck_assert_uint_eq(leaf.timestamp_ms, 0x15dcc997890);
		buf_free(&again);
	}
	buf_free(&data);
}
END_TEST

START_TEST(leaves_that_cannot_be_written)
{
	struct leaf leaf = {.kind = LEAF_X509, .certificate = bytes_text("c")};
	struct buf out;
	struct err err = {0};

	buf_init(&out, 10);
	ck_assert(!leaf_append(&out, &leaf, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
	leaf.certificate.len = 0;
	ck_assert(!leaf_append(&out, &leaf, &err));
	leaf.kind = LEAF_PRECERT;
	ck_assert(!leaf_append(&out, &leaf, &err));
	ck_assert_int_eq(err.code, ERR_PARSE);
	leaf.kind = LEAF_OPAQUE;
	ck_assert(!leaf_append(&out, &leaf, &err));
	buf_free(&out);
}
END_TEST

static const struct {
	const char *what, *hex;
	enum leaf_index_state state;
	uint64_t index;
} INDEXES[] = {
    {"none", "", LEAF_INDEX_ABSENT, 0},
    {"zero", "0000050000000000", LEAF_INDEX_FOUND, 0},
    {"82000014, of a staging certificate", "0000050004e3388e", LEAF_INDEX_FOUND,
	82000014},
    {"the largest", "000005ffffffffff", LEAF_INDEX_FOUND, 0xffffffffff},
    {"after another", "0700010000000500000000ff", LEAF_INDEX_FOUND, 255},
    {"before another", "00000500000000ff07000100", LEAF_INDEX_FOUND, 255},
    {"another alone", "07000100", LEAF_INDEX_ABSENT, 0},
    {"twice", "00000500000000010000050000000001", LEAF_INDEX_BROKEN, 0},
    {"another twice", "0700000700000000050000000001", LEAF_INDEX_BROKEN, 0},
    {"four bytes", "00000400000001", LEAF_INDEX_BROKEN, 0},
    {"six bytes", "000006000000000001", LEAF_INDEX_BROKEN, 0},
    {"cut", "00000500000000", LEAF_INDEX_BROKEN, 0},
    {"one byte", "00", LEAF_INDEX_BROKEN, 0},
};

START_TEST(index_rows)
{
	struct buf data = unit_hex(INDEXES[_i].hex), again;
	uint64_t index = 0;
	enum leaf_index_state state = leaf_index(buf_bytes(&data), &index);

	ck_assert_msg(state == INDEXES[_i].state, "%s", INDEXES[_i].what);
	if (state == LEAF_INDEX_FOUND) {
		ck_assert_uint_eq(index, INDEXES[_i].index);
		buf_init(&again, 8);
		ck_assert(leaf_append_index(&again, index));
		ck_assert_int_eq(leaf_index(buf_bytes(&again), &index), LEAF_INDEX_FOUND);
		ck_assert_uint_eq(index, INDEXES[_i].index);
		ck_assert(!leaf_append_index(&again, 0));
		buf_clear(&again);
		ck_assert(!leaf_append_index(&again, UINT64_C(1) << 40));
		buf_free(&again);
	}
	buf_free(&data);
}
END_TEST

static const struct {
	const char *what, *hex;
	enum leaf_kind kind;
	const char *pre_certificate;
	size_t chain_len;
	bool ok;
} EXTRAS[] = {
    {"an empty chain", "000000", LEAF_X509, "", 0, true},
    {"two certificates", "000009000001aa000002bbcc", LEAF_X509, "", 2, true},
    {"a precertificate alone", "000002aabb000000", LEAF_PRECERT, "aabb", 0, true},
    {"a precertificate and its issuer", "000002aabb000004000001cc", LEAF_PRECERT, "aabb",
	1, true},
    {"what belongs to no known leaf", "123456", LEAF_OPAQUE, "", 0, true},
    {"nothing", "", LEAF_X509, "", 0, false},
    {"nothing with a precertificate", "", LEAF_PRECERT, "", 0, false},
    {"no chain", "000002aabb", LEAF_PRECERT, "aabb", 0, false},
    {"a byte behind the end", "000004000001aaff", LEAF_X509, "", 1, false},
    {"a chain cut in its second", "000009000001aa000002bb", LEAF_X509, "", 1, false},
    {"a second beyond the chain", "000008000001aa000002bb", LEAF_X509, "", 1, false},
    {"an empty certificate", "000007000001aa000000", LEAF_X509, "", 1, false},
    {"a chain longer than what is there", "0000ff000001aa", LEAF_X509, "", 1, false},
};

START_TEST(extra_rows)
{
	struct buf data = unit_hex(EXTRAS[_i].hex);
	struct extra_data extra;
	struct cursor chain;
	struct bytes certificate;
	struct err err = {0};
	size_t count = 0;
	bool ok = extra_data_parse(buf_bytes(&data), EXTRAS[_i].kind, &extra, &err);

	ck_assert_msg(ok == EXTRAS[_i].ok, "%s: %s", EXTRAS[_i].what, err.text);
	ck_assert_int_eq(err.code, ok ? ERR_NONE : ERR_PARSE);
	check_bytes(extra.pre_certificate, EXTRAS[_i].pre_certificate, EXTRAS[_i].what);
	chain = cursor_of(extra.chain);
	while (chain_next(&chain, &certificate))
		count++;
	ck_assert_msg(count == EXTRAS[_i].chain_len && extra.chain_len == count, "%s",
	    EXTRAS[_i].what);
	ck_assert_uint_eq(cursor_left(&chain), 0);
	buf_free(&data);
}
END_TEST

/* What argon2018-variants.json expects, in our words. */
static const struct {
	const char *name;
	bool leaf, extra;
} VARIANTS[] = {
    {"good-x509", true, true},
    {"good-precert", true, true},
    {"x509-leaf-cert-not-der", true, true},
    {"x509-leaf-trailing-byte", false, true},
    {"x509-extra-trailing-byte", true, false},
    {"x509-extra-empty", true, false},
    {"unknown-entry-type-0x8000", true, true},
    {"precert-tbs-not-der", true, true},
    {"precert-extra-trailing-byte", true, false},
    {"precert-leaf-trailing-byte", false, true},
    {"precert-extra-empty", true, false},
    {"empty-leaf", false, true},
    {"x509-truncated-length", false, true},
    {"x509-bad-version", false, true},
    {"x509-bad-leaf-type", true, true},
};

START_TEST(damaged_entries)
{
	json_t *all = vectors_json("vectors/rfc6962/entries/argon2018-variants.json");
	json_t *row;
	size_t i;

	if (all == NULL)
		return;
	ck_assert_uint_eq(
	    json_array_size(json_object_get(all, "cases")), ARRAY_LEN(VARIANTS));
	json_array_foreach (json_object_get(all, "cases"), i, row) {
		struct buf input = vectors_base64(vectors_text(row, "leaf_input"));
		struct buf more = vectors_base64(vectors_text(row, "extra_data"));
		struct sha256 hash, want = vectors_hash(vectors_text(row, "leaf_hash"));
		struct leaf leaf;
		struct extra_data extra;
		struct err err;

		ck_assert_str_eq(vectors_text(row, "name"), VARIANTS[i].name);
		ck_assert_msg(
		    leaf_parse(buf_bytes(&input), &leaf, &err) == VARIANTS[i].leaf, "%s",
		    VARIANTS[i].name);
		ck_assert_msg(extra_data_parse(buf_bytes(&more), leaf.kind, &extra,
				  &err) == VARIANTS[i].extra,
		    "%s", VARIANTS[i].name);
		/* Whatever it is, it is hashed. */
		sha256_of_parts(
		    (struct bytes[]){bytes_of("\0", 1), buf_bytes(&input)}, 2, &hash);
		ck_assert(sha256_equal(&hash, &want));
		buf_free(&input);
		buf_free(&more);
	}
	json_decref(all);
}
END_TEST

/* wire-formats 1.5: entry 2 of Argon 2018, byte by byte. */
START_TEST(real_precertificate)
{
	json_t *all = vectors_json("vectors/rfc6962/entries/argon2018-variants.json");
	struct buf input;
	struct leaf leaf;
	struct err err;

	if (all == NULL)
		return;
	input = vectors_base64(
	    vectors_text(json_array_get(json_object_get(all, "cases"), 1), "leaf_input"));
	ck_assert(leaf_parse(buf_bytes(&input), &leaf, &err));
	ck_assert_uint_eq(input.len, 780);
	ck_assert_uint_eq(leaf.timestamp_ms, 0x15dcc997890);
	ck_assert_int_eq(leaf.kind, LEAF_PRECERT);
	ck_assert_uint_eq(leaf.certificate.len, 731);
	ck_assert_ptr_eq(leaf.issuer_key_hash.data, input.data + 12);
	ck_assert_ptr_eq(leaf.certificate.data, input.data + 47);
	buf_free(&input);
	json_decref(all);
}
END_TEST

/* Two more real entries parse clean, with their chains. */
static const struct {
	const char *name;
	enum leaf_kind kind;
} REAL[] = {{"ctgo-certentry", LEAF_X509}, {"ctgo-precertentry", LEAF_PRECERT}};

START_TEST(real_entries)
{
	char *path = mem_format("vectors/rfc6962/entries/%s.json", REAL[_i].name);
	json_t *entry = vectors_json(path);
	struct buf input, more;
	struct leaf leaf;
	struct extra_data extra;
	struct err err = {0};

	mem_free(path);
	if (entry == NULL)
		return;
	input = vectors_base64(vectors_text(entry, "leaf_input"));
	more = vectors_base64(vectors_text(entry, "extra_data"));
	ck_assert_msg(leaf_parse(buf_bytes(&input), &leaf, &err), "%s", err.text);
	ck_assert_int_eq(leaf.kind, REAL[_i].kind);
	ck_assert_msg(
	    extra_data_parse(buf_bytes(&more), leaf.kind, &extra, &err), "%s", err.text);
	ck_assert_uint_gt(extra.chain_len, 0);
	ck_assert((extra.pre_certificate.len > 0) == (leaf.kind == LEAF_PRECERT));
	buf_free(&input);
	buf_free(&more);
	json_decref(entry);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("leaf");

	tcase_add_loop_test(tc, leaf_rows, 0, UNIT_COUNT(LEAVES));
	tcase_add_test(tc, leaves_that_cannot_be_written);
	tcase_add_loop_test(tc, index_rows, 0, UNIT_COUNT(INDEXES));
	tcase_add_loop_test(tc, extra_rows, 0, UNIT_COUNT(EXTRAS));
	tcase_add_test(tc, damaged_entries);
	tcase_add_test(tc, real_precertificate);
	tcase_add_loop_test(tc, real_entries, 0, UNIT_COUNT(REAL));
	return unit_run("wire/leaf", tc);
}
