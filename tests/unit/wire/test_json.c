#include "wire/entries_json.h"
#include "wire/head_json.h"
#include "wire/proof_json.h"

#include "tests/lib/vectors.h"

#define ROOT "RbdxxxsOKTMWTlvW285UAG0X8UrUHZi81ya97ZWfnJQ="

static const struct {
	const char *what, *body;
	bool ok;
} HEADS[] = {
    {"as logs send it",
	"{\"tree_size\":5,\"timestamp\":17,\"sha256_root_hash\":\"" ROOT
	"\",\"tree_head_signature\":\"BAMAAKo=\"}",
	true},
    {"in another order, with more",
	" {\"x\":[1], \"tree_head_signature\":\"\",\"sha256_root_hash\":\"" ROOT
	"\",\"timestamp\":17,\"tree_size\":9223372036854775807}\n",
	true},
    {"a size that is text",
	"{\"tree_size\":\"5\",\"timestamp\":17,\"sha256_root_hash\":\"" ROOT
	"\",\"tree_head_signature\":\"BAMAAKo=\"}",
	false},
    {"a size that is no whole number",
	"{\"tree_size\":5.0,\"timestamp\":17,\"sha256_root_hash\":\"" ROOT
	"\",\"tree_head_signature\":\"BAMAAKo=\"}",
	false},
    {"a size below 0",
	"{\"tree_size\":-5,\"timestamp\":17,\"sha256_root_hash\":\"" ROOT
	"\",\"tree_head_signature\":\"BAMAAKo=\"}",
	false},
    {"a size beyond 2^63",
	"{\"tree_size\":9223372036854775808,\"timestamp\":17,\"sha256_root_hash\":\"" ROOT
	"\",\"tree_head_signature\":\"BAMAAKo=\"}",
	false},
    {"no timestamp",
	"{\"tree_size\":5,\"sha256_root_hash\":\"" ROOT
	"\",\"tree_head_signature\":\"BAMAAKo=\"}",
	false},
    {"a short root",
	"{\"tree_size\":5,\"timestamp\":17,\"sha256_root_hash\":\"AAAA\","
	"\"tree_head_signature\":\"BAMAAKo=\"}",
	false},
    {"no signature",
	"{\"tree_size\":5,\"timestamp\":17,\"sha256_root_hash\":\"" ROOT "\"}", false},
    {"a signature that is no base64",
	"{\"tree_size\":5,\"timestamp\":17,\"sha256_root_hash\":\"" ROOT
	"\",\"tree_head_signature\":\"BAMAAKo\"}",
	false},
    {"twice the size",
	"{\"tree_size\":5,\"tree_size\":6,\"timestamp\":17,\"sha256_root_hash\":\"" ROOT
	"\",\"tree_head_signature\":\"BAMAAKo=\"}",
	false},
    {"something behind",
	"{\"tree_size\":5,\"timestamp\":17,\"sha256_root_hash\":\"" ROOT
	"\",\"tree_head_signature\":\"BAMAAKo=\"}}",
	false},
    {"an array", "[]", false},
    {"a web page", "<html>", false},
    {"nothing", "", false},
};

START_TEST(head_rows)
{
	struct head_json head, again;
	struct buf out;
	struct err err = {0};
	bool ok = head_json_parse(bytes_text(HEADS[_i].body), &head, &err);

	ck_assert_msg(ok == HEADS[_i].ok, "%s: %s", HEADS[_i].what, err.text);
	ck_assert_int_eq(err.code, ok ? ERR_NONE : ERR_PARSE);
	if (!ok)
		return;
	ck_assert_uint_eq(head.timestamp_ms, 17);
	buf_init(&out, 1000);
	ck_assert(head_json_append(&out, &head));
	ck_assert(head_json_parse(buf_bytes(&out), &again, &err));
	ck_assert_uint_eq(head.tree_size, again.tree_size);
	ck_assert(sha256_equal(&head.root, &again.root));
	ck_assert_uint_eq(head.signature_len, again.signature_len);
	buf_free(&out);
}
END_TEST

/* "aaa" is YWFh, "bb" YmI=, "c" Yw==. */
#define ENTRY "{\"leaf_input\":\"YWFh\",\"extra_data\":\"YmI=\"}"

static const struct {
	const char *what, *body;
	enum err_code code;
	size_t count;
	const char *leaf, *extra; /* of the last entry */
	bool damaged;
} ENTRIES[] = {
    {"one", "{\"entries\":[" ENTRY "]}", ERR_NONE, 1, "aaa", "bb", false},
    {"three", "{\"entries\":[" ENTRY "," ENTRY "," ENTRY "]}\n", ERR_NONE, 3, "aaa", "bb",
	false},
    {"with white space",
	" { \"entries\" : [ { \"leaf_input\" :\t\"YWFh\" ,\r\n\"extra_data\" : \"\" } ] "
	"} ",
	ERR_NONE, 1, "aaa", "", false},
    {"no entries", "{\"entries\":[]}", ERR_NONE, 0, NULL, NULL, false},
    {"null", "{\"entries\":null}", ERR_NONE, 0, NULL, NULL, false},
    {"in another order",
	"{\"entries\":[{\"extra_data\":\"YmI=\",\"leaf_input\":\"YWFh\"}]}", ERR_NONE, 1,
	"aaa", "bb", false},
    {"with other members",
	"{\"more\":{},\"entries\":[{\"leaf_input\":\"YWFh\",\"extra_data\":\"YmI=\","
	"\"x\":[]}]}",
	ERR_NONE, 1, "aaa", "bb", false},
    {"with escapes",
	"{\"entries\":[{\"leaf\\u005finput\":\"YWF\\u0068\",\"extra_data\":\"Yw="
	"\\u003d\"}]}",
	ERR_NONE, 1, "aaa", "c", false},
    {"extra data that is no base64",
	"{\"entries\":[{\"leaf_input\":\"YWFh\",\"extra_data\":\"Y\"}]}", ERR_NONE, 1,
	"aaa", "", true},
    {"extra data missing", "{\"entries\":[{\"leaf_input\":\"YWFh\"}]}", ERR_NONE, 1,
	"aaa", "", true},
    {"extra data null", "{\"entries\":[{\"leaf_input\":\"YWFh\",\"extra_data\":null}]}",
	ERR_NONE, 1, "aaa", "", true},
    {"a second leaf that is no base64",
	"{\"entries\":[" ENTRY ",{\"leaf_input\":\"YWF\",\"extra_data\":\"\"}]}",
	ERR_PARSE, 1, "aaa", "bb", false},
    {"a second leaf missing", "{\"entries\":[" ENTRY ",{\"extra_data\":\"\"}]}",
	ERR_PARSE, 1, "aaa", "bb", false},
    {"a second entry that is no object", "{\"entries\":[" ENTRY ",5]}", ERR_PARSE, 1,
	"aaa", "bb", false},
    {"too many", "{\"entries\":[" ENTRY "," ENTRY "," ENTRY "," ENTRY "]}", ERR_LIMIT, 0,
	NULL, NULL, false},
    {"too many in another shape",
	"{\"entries\":[" ENTRY "," ENTRY "," ENTRY "," ENTRY "],\"x\":1}", ERR_LIMIT, 0,
	NULL, NULL, false},
    {"cut", "{\"entries\":[" ENTRY ",{\"leaf_input\":\"YWFh", ERR_PARSE, 0, NULL, NULL,
	false},
    {"something behind", "{\"entries\":[" ENTRY "]}x", ERR_PARSE, 0, NULL, NULL, false},
    {"entries that are no array", "{\"entries\":{}}", ERR_PARSE, 0, NULL, NULL, false},
    {"no entries at all", "{}", ERR_PARSE, 0, NULL, NULL, false},
    {"a web page", "<html>", ERR_PARSE, 0, NULL, NULL, false},
    {"nothing", "", ERR_PARSE, 0, NULL, NULL, false},
};

START_TEST(entries_rows)
{
	size_t len = strlen(ENTRIES[_i].body);
	uint8_t *body = mem_alloc(len + 1); /* just so long, for the sanitizer */
	struct arena arena;
	struct entries_json got;
	struct err err = {0};

	memcpy(body, ENTRIES[_i].body, len);
	arena_init(&arena);
	if (ENTRIES[_i].code == ERR_NONE && strchr(ENTRIES[_i].body, '\\') == NULL)
		ck_assert_msg(
		    entries_json_count(bytes_of(body, len)) == ENTRIES[_i].count, "%s",
		    ENTRIES[_i].what);
	ck_assert(entries_json_parse(body, len, 3, &arena, &got, &err) ==
	    (ENTRIES[_i].code == ERR_NONE));
	ck_assert_msg(err.code == ENTRIES[_i].code, "%s: %s", ENTRIES[_i].what, err.text);
	ck_assert_msg(
	    got.count == ENTRIES[_i].count, "%s: %zu", ENTRIES[_i].what, got.count);
	if (got.count > 0) {
		struct entry_json *last = &got.entries[got.count - 1];

		ck_assert(bytes_equal(last->leaf_input, bytes_text(ENTRIES[_i].leaf)));
		ck_assert(bytes_equal(last->extra_data, bytes_text(ENTRIES[_i].extra)));
		ck_assert(last->extra_damaged == ENTRIES[_i].damaged);
	}
	arena_free(&arena);
	mem_free(body);
}
END_TEST

/* More entries than the first array holds, of all lengths. */
START_TEST(many_entries)
{
	struct arena arena;
	struct entries_json got;
	struct buf body, data;
	struct err err = {0};

	buf_init(&body, 1 << 20);
	buf_init(&data, 400);
	arena_init(&arena);
	buf_append_text(&body, "{\"entries\":[");
	for (unsigned i = 0; i < 300; i++) {
		buf_append_text(
		    &body, i > 0 ? ",{\"leaf_input\":\"" : "{\"leaf_input\":\"");
		base64_encode(buf_bytes(&data), &body);
		buf_append_text(&body, "\",\"extra_data\":\"");
		base64_encode(buf_bytes(&data), &body);
		buf_append_text(&body, "\"}");
		buf_append_u8(&data, (uint8_t)(i * 31));
	}
	buf_append_text(&body, "]}");
	ck_assert_uint_eq(entries_json_count(buf_bytes(&body)), 300);
	ck_assert(entries_json_parse(body.data, body.len, 300, &arena, &got, &err));
	ck_assert_uint_eq(got.count, 300);
	for (unsigned i = 0; i < 300; i++) {
		ck_assert(bytes_equal(got.entries[i].leaf_input, bytes_of(data.data, i)));
		ck_assert(bytes_equal(got.entries[i].extra_data, bytes_of(data.data, i)));
	}
	arena_free(&arena);
	buf_free(&body);
	buf_free(&data);
}
END_TEST

static const struct {
	const char *what, *body;
	bool consistency; /* of get-sth-consistency, else of get-proof-by-hash */
	enum err_code code;
	size_t len;
} PROOFS[] = {
    {"a path", "{\"consistency\":[\"" ROOT "\",\"" ROOT "\"]}", true, ERR_NONE, 2},
    {"empty", "{\"consistency\":[]}", true, ERR_NONE, 0},
    {"null", "{\"consistency\":null}", true, ERR_NONE, 0},
    {"missing", "{}", true, ERR_NONE, 0},
    {"an index and a path", "{\"leaf_index\":7,\"audit_path\":[\"" ROOT "\"]}", false,
	ERR_NONE, 1},
    {"an index alone", "{\"leaf_index\":7}", false, ERR_NONE, 0},
    {"no index", "{\"audit_path\":[\"" ROOT "\"]}", false, ERR_PARSE, 0},
    {"an index below 0", "{\"leaf_index\":-1,\"audit_path\":[]}", false, ERR_PARSE, 0},
    {"a path that is text", "{\"consistency\":\"" ROOT "\"}", true, ERR_PARSE, 0},
    {"a short hash", "{\"consistency\":[\"AAAA\"]}", true, ERR_PARSE, 0},
    {"a hash that is a number", "{\"consistency\":[5]}", true, ERR_PARSE, 0},
    {"an error page", "not found\n", true, ERR_PARSE, 0},
};

START_TEST(proof_rows)
{
	struct bytes body = bytes_text(PROOFS[_i].body);
	struct proof_json proof;
	struct err err = {0};
	bool ok = PROOFS[_i].consistency ? proof_json_consistency(body, &proof, &err)
					 : proof_json_by_hash(body, &proof, &err);

	ck_assert_msg(err.code == PROOFS[_i].code, "%s: %s", PROOFS[_i].what, err.text);
	ck_assert(ok == (PROOFS[_i].code == ERR_NONE));
	if (ok) {
		struct sha256 want = vectors_hash(ROOT);

		ck_assert_uint_eq(proof.path_len, PROOFS[_i].len);
		for (size_t i = 0; i < proof.path_len; i++)
			ck_assert(sha256_equal(&proof.path[i], &want));
		ck_assert_uint_eq(proof.leaf_index, PROOFS[_i].consistency ? 0 : 7);
	}
}
END_TEST

START_TEST(a_path_of_65)
{
	struct proof_json proof;
	struct buf body;
	struct err err = {0};

	buf_init(&body, 10000);
	buf_append_text(&body, "{\"consistency\":[");
	for (int i = 0; i < 65; i++)
		buf_append_format(&body, "%s\"" ROOT "\"", i > 0 ? "," : "");
	buf_append_text(&body, "]}");
	ck_assert(!proof_json_consistency(buf_bytes(&body), &proof, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
	buf_free(&body);
}
END_TEST

static const struct {
	const char *what, *body;
	bool ok;
} WITH_ENTRY[] = {
    {"all of it",
	"{\"leaf_input\":\"YWFh\",\"extra_data\":\"YmI=\",\"audit_path\":[\"" ROOT "\"]}",
	true},
    {"a tree of one", "{\"leaf_input\":\"YWFh\",\"extra_data\":null,\"audit_path\":null}",
	true},
    {"no leaf", "{\"extra_data\":\"YmI=\",\"audit_path\":[]}", false},
    {"extra data that is no base64",
	"{\"leaf_input\":\"YWFh\",\"extra_data\":\"?\",\"audit_path\":[]}", false},
};

START_TEST(entry_and_proof_rows)
{
	struct entry_and_proof_json got;
	struct arena arena;
	struct err err = {0};

	arena_init(&arena);
	ck_assert_msg(proof_json_entry(bytes_text(WITH_ENTRY[_i].body), &arena, &got,
			  &err) == WITH_ENTRY[_i].ok,
	    "%s: %s", WITH_ENTRY[_i].what, err.text);
	if (WITH_ENTRY[_i].ok)
		ck_assert(bytes_equal(got.leaf_input, bytes_text("aaa")));
	arena_free(&arena);
}
END_TEST

START_TEST(roots)
{
	struct roots_json got;
	struct arena arena;
	struct err err = {0};

	arena_init(&arena);
	ck_assert(
	    proof_json_roots(bytes_text("{\"certificates\":[\"YWFh\",\"?\",5,\"YmI=\"]}"),
		&arena, &got, &err));
	ck_assert_uint_eq(got.count, 2);
	ck_assert_uint_eq(got.damaged, 2);
	ck_assert(bytes_equal(got.certificates[1], bytes_text("bb")));
	ck_assert(!proof_json_roots(bytes_text("{}"), &arena, &got, &err));
	ck_assert_int_eq(err.code, ERR_PARSE);
	arena_free(&arena);
}
END_TEST

/* Real replies, and made ones: all parse, by the scanner and by jansson. */
static const struct {
	const char *name;
	size_t count;
} REAL_ENTRIES[] = {
    {"rfc6962/argon2020/get-entries-10000.json", 1},
    {"rfc6962/four-entries/get-entries-0-3.json", 4},
    {"synthetic/rfc6962-small/get-entries-0-12.json", 13},
    {"synthetic/rfc6962-small/get-entries-0-3.short.json", 4},
};

START_TEST(real_entries)
{
	char *path = mem_format("vectors/%s", REAL_ENTRIES[_i].name);
	struct entries_json got, again;
	struct arena arena;
	struct buf file, other;
	struct err err = {0};

	if (vectors_file(path, &file)) {
		arena_init(&arena);
		buf_init(&other, file.len + 10); /* a member more: another shape */
		buf_append_text(&other, "{\"x\":1,");
		buf_append(&other, strchr(buf_text(&file), '{') + 1,
		    file.len -
			(size_t)(strchr(buf_text(&file), '{') + 1 - (char *)file.data));
		ck_assert_uint_eq(
		    entries_json_count(buf_bytes(&file)), REAL_ENTRIES[_i].count);
		ck_assert_msg(
		    entries_json_parse(file.data, file.len, 100, &arena, &got, &err),
		    "%s", err.text);
		ck_assert_msg(
		    entries_json_parse(other.data, other.len, 100, &arena, &again, &err),
		    "%s", err.text);
		ck_assert_uint_eq(got.count, REAL_ENTRIES[_i].count);
		for (size_t i = 0; i < got.count; i++) {
			ck_assert(bytes_equal(
			    got.entries[i].leaf_input, again.entries[i].leaf_input));
			ck_assert(bytes_equal(
			    got.entries[i].extra_data, again.entries[i].extra_data));
		}
		arena_free(&arena);
		buf_free(&file);
		buf_free(&other);
	}
	mem_free(path);
}
END_TEST

START_TEST(real_replies)
{
	struct buf file;
	struct proof_json proof;
	struct roots_json roots_found;
	struct entry_and_proof_json entry;
	struct arena arena;
	struct err err = {0};

	arena_init(&arena);
	if (vectors_file("vectors/rfc6962/argon2020/get-proof-by-hash.json", &file)) {
		ck_assert(proof_json_by_hash(buf_bytes(&file), &proof, &err));
		ck_assert_uint_eq(proof.leaf_index, 10000);
		ck_assert_uint_eq(proof.path_len, 30);
		buf_free(&file);
	}
	if (vectors_file("vectors/rfc6962/argon2027h1/consistency.json", &file)) {
		ck_assert(proof_json_consistency(buf_bytes(&file), &proof, &err));
		ck_assert_uint_eq(proof.path_len, 23);
		buf_free(&file);
	}
	if (vectors_file("vectors/synthetic/rfc6962-small/get-roots.json", &file)) {
		ck_assert(proof_json_roots(buf_bytes(&file), &arena, &roots_found, &err));
		ck_assert_uint_eq(roots_found.damaged, 0);
		ck_assert_uint_gt(roots_found.count, 0);
		buf_free(&file);
	}
	if (vectors_file(
		"vectors/synthetic/rfc6962-small/entry-and-proof-12.json", &file)) {
		ck_assert(proof_json_entry(buf_bytes(&file), &arena, &entry, &err));
		ck_assert_uint_eq(entry.proof.path_len, 2);
		buf_free(&file);
	}
	arena_free(&arena);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("json");

	tcase_add_loop_test(tc, head_rows, 0, UNIT_COUNT(HEADS));
	tcase_add_loop_test(tc, entries_rows, 0, UNIT_COUNT(ENTRIES));
	tcase_add_test(tc, many_entries);
	tcase_add_loop_test(tc, proof_rows, 0, UNIT_COUNT(PROOFS));
	tcase_add_test(tc, a_path_of_65);
	tcase_add_loop_test(tc, entry_and_proof_rows, 0, UNIT_COUNT(WITH_ENTRY));
	tcase_add_test(tc, roots);
	tcase_add_loop_test(tc, real_entries, 0, UNIT_COUNT(REAL_ENTRIES));
	tcase_add_test(tc, real_replies);
	return unit_run("wire/json", tc);
}
