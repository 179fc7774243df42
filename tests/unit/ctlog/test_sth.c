#include "ctlog/sth.h"

#include "merkle/consistency.h"
#include "merkle/inclusion.h"
#include "tests/lib/vectors.h"
#include "wire/entries_json.h"
#include "wire/leaf.h"
#include "wire/proof_json.h"

/* A log's key and a head of it, made for this test. */
#define KEY                                                                              \
	"3059301306072a8648ce3d020106082a8648ce3d030107034200041a3688275e34e79cfcd5885c" \
	"71c2082d9754b5c1eb7d319db34b842e80b0fafb466e46aac0e053732cdc4234cbe0b018f50b02" \
	"36a95441525b37468f1679ff70"
#define ORIGIN "log.example.org/2026h2"
#define ROOT   "RbdxxxsOKTMWTlvW285UAG0X8UrUHZi81ya97ZWfnJQ="
#define SIGNED                                                                           \
	"BAMARzBFAiEArqPdKdv4RGr68SjX2JmaTHYk5OUH1BImGY2sNWSvyv4CIFXKEPnpGW9n8JC0u2CE"   \
	"L/rR8knfPyjRWEh/xuGnwwZL"
#define JSON                                                                             \
	"{\"tree_size\":5,\"timestamp\":1790000000000,\"sha256_root_hash\":\"" ROOT      \
	"\",\"tree_head_signature\":\"" SIGNED "\"}"
#define DASH "\xe2\x80\x94 "
#define LINE                                                                             \
	DASH ORIGIN " ZHWipAAAAaDEUGwABAMARzBFAiEArqPdKdv4RGr68SjX2JmaTHYk5OUH1BImGY2s"  \
		    "NWSvyv4CIFXKEPnpGW9n8JC0u2CEL/rR8knfPyjRWEh/xuGnwwZL\n"
#define NOTE    ORIGIN "\n5\n" ROOT "\n\n" LINE
#define COLLIDE DASH ORIGIN " ZHWipAAA\n"

static const struct ct_log *
log_of(struct bytes key, enum ct_log_kind kind, const char *origin)
{
	struct err err = {0};
	char *url = mem_format("https://%s/", origin);
	const struct ct_log *log = ct_log_new(
	    &(struct ct_log_options){.kind = kind, .key = key, .url = url}, &err);

	mem_free(url);
	ck_assert_msg(log != NULL, "%s", err.text);
	return log;
}

static const struct ct_log *
test_log(enum ct_log_kind kind)
{
	struct buf key = unit_hex(KEY);
	const struct ct_log *log = log_of(buf_bytes(&key), kind, ORIGIN);

	buf_free(&key);
	return log;
}

static const struct {
	const char *what;
	enum ct_log_kind kind;
	const char *body;
	enum err_code code;
} HEADS[] = {
    {"get-sth", CT_LOG_RFC6962, JSON, ERR_NONE},
    {"a checkpoint", CT_LOG_STATIC, NOTE, ERR_NONE},
    {"behind a colliding id", CT_LOG_STATIC, ORIGIN "\n5\n" ROOT "\n\n" COLLIDE LINE,
	ERR_NONE},
    {"twice the line", CT_LOG_STATIC, NOTE LINE, ERR_NONE},
    {"another size", CT_LOG_RFC6962,
	"{\"tree_size\":6,\"timestamp\":1790000000000,\"sha256_root_hash\":\"" ROOT
	"\",\"tree_head_signature\":\"" SIGNED "\"}",
	ERR_VERIFY},
    {"another time", CT_LOG_RFC6962,
	"{\"tree_size\":5,\"timestamp\":1790000000001,\"sha256_root_hash\":\"" ROOT
	"\",\"tree_head_signature\":\"" SIGNED "\"}",
	ERR_VERIFY},
    {"another root", CT_LOG_RFC6962,
	"{\"tree_size\":5,\"timestamp\":1790000000000,\"sha256_root_hash\":"
	"\"SbdxxxsOKTMWTlvW285UAG0X8UrUHZi81ya97ZWfnJQ=\",\"tree_head_signature\":"
	"\"" SIGNED "\"}",
	ERR_VERIFY},
    {"RSA by an ECDSA key", CT_LOG_RFC6962,
	"{\"tree_size\":5,\"timestamp\":1790000000000,\"sha256_root_hash\":\"" ROOT
	"\",\"tree_head_signature\":\"BAEAAA==\"}",
	ERR_PARSE},
    {"bytes behind the signature", CT_LOG_RFC6962,
	"{\"tree_size\":5,\"timestamp\":1790000000000,\"sha256_root_hash\":\"" ROOT
	"\",\"tree_head_signature\":\"BAMAAAAA\"}",
	ERR_PARSE},
    {"another size in a note", CT_LOG_STATIC, ORIGIN "\n6\n" ROOT "\n\n" LINE,
	ERR_VERIFY},
    {"no line of the log", CT_LOG_STATIC,
	ORIGIN "\n5\n" ROOT "\n\n" DASH "grease.invalid AAAAAAAA\n", ERR_NOT_FOUND},
    {"a colliding id alone", CT_LOG_STATIC, ORIGIN "\n5\n" ROOT "\n\n" COLLIDE,
	ERR_VERIFY},
    {"another origin", CT_LOG_STATIC, "log.example.org/2027\n5\n" ROOT "\n\n" LINE,
	ERR_VERIFY},
    {"an extension line", CT_LOG_STATIC, ORIGIN "\n5\n" ROOT "\nmore\n\n" LINE,
	ERR_PARSE},
    {"a web page", CT_LOG_RFC6962, "<html>", ERR_PARSE},
    {"a web page for a note", CT_LOG_STATIC, "<html>\n", ERR_PARSE},
};

START_TEST(head_rows)
{
	const struct ct_log *log = test_log(HEADS[_i].kind);
	struct bytes body = bytes_text(HEADS[_i].body);
	struct sth sth;
	struct err err = {0};
	bool ok;

	sth_init(&sth);
	ok = sth_from_body(body, log, &sth, &err);
	ck_assert_msg(
	    ok == (HEADS[_i].code == ERR_NONE), "%s: %s", HEADS[_i].what, err.text);
	if (ok) {
		ck_assert_uint_eq(sth.tree_size, 5);
		ck_assert_uint_eq(sth.timestamp_ms, 1790000000000);
		ck_assert(bytes_equal(bytes_of(sth.raw, sth.raw_len), body));
		ck_assert(sth_verify(&sth, log, &err));
	} else {
		ck_assert_msg(
		    err.code == HEADS[_i].code, "%s: %s", HEADS[_i].what, err.text);
	}
	sth_fini(&sth);
	ct_log_free(log);
}
END_TEST

/* One head, two forms: no private key is needed to turn one into the other. */
START_TEST(forms)
{
	const struct ct_log *log = test_log(CT_LOG_STATIC);
	struct sth sth, copy;
	struct buf json, note;
	struct err err = {0};

	sth_init(&sth);
	sth_init(&copy);
	buf_init(&json, 1000);
	buf_init(&note, 1000);
	ck_assert(sth_from_json(bytes_text(JSON), &sth, &err));
	ck_assert(sth_append_json(&json, &sth));
	ck_assert_str_eq(buf_text(&json), JSON);
	ck_assert(sth_append_checkpoint(&note, &sth, log));
	ck_assert_str_eq(buf_text(&note), NOTE);
	sth_copy(&copy, &sth);
	sth_copy(&copy, &sth);
	sth_fini(&sth);
	ck_assert_uint_eq(copy.raw_len, strlen(JSON));
	ck_assert_mem_eq(copy.raw, JSON, copy.raw_len);
	ck_assert(sth_verify(&copy, log, &err));
	sth_fini(&copy);
	buf_free(&json);
	buf_free(&note);
	ct_log_free(log);
}
END_TEST

/* --- known answers -------------------------------------------------------- */

static struct bytes
decode_key(const char *below, struct buf *out)
{
	char *path = mem_format("vectors/%s", below);
	struct buf text;

	out->data = NULL;
	if (vectors_file(path, &text)) {
		*out = vectors_base64(buf_text(&text));
		buf_free(&text);
	}
	mem_free(path);
	return out->data != NULL ? buf_bytes(out) : bytes_of(NULL, 0);
}

static const struct {
	const char *key, *head;
	enum err_code code;
} REAL[] = {
    {"rfc6962/argon2020/log-key.b64", "rfc6962/argon2020/get-sth.json", ERR_NONE},
    {"rfc6962/argon2027h1/log-key.b64", "rfc6962/argon2027h1/sth1.json", ERR_NONE},
    {"rfc6962/argon2027h1/log-key.b64", "rfc6962/argon2027h1/sth2.json", ERR_NONE},
    {"rfc6962/sth-90785920/log-key.b64", "rfc6962/sth-90785920/get-sth.json", ERR_NONE},
    {"rfc6962/sth-3721782/log-key.b64", "rfc6962/sth-3721782/get-sth.json", ERR_NONE},
    {"rfc6962/sth-3721782/log-key.b64", "rfc6962/four-entries/get-sth.json", ERR_PARSE},
    {"rfc6962/argon2020/log-key.b64", "rfc6962/argon2027h1/sth1.json", ERR_VERIFY},
    {"synthetic/rfc6962-small/log-key.b64",
	"synthetic/rfc6962-small/get-sth-fork-13.json", ERR_NONE},
    {"synthetic/rfc6962-small/log-key.b64",
	"synthetic/rfc6962-small/get-sth-badsig-13.json", ERR_VERIFY},
};

/* Any bit of what is signed, or of the signature. */
static void
check_bits(const struct sth *sth, const struct ct_log *log)
{
	struct sth other = *sth;

	for (unsigned bit = 0; bit < 64; bit += 9) {
		other.tree_size ^= UINT64_C(1) << bit;
		ck_assert(!sth_verify(&other, log, NULL));
		other.tree_size = sth->tree_size;
		other.timestamp_ms ^= UINT64_C(1) << bit;
		ck_assert(!sth_verify(&other, log, NULL));
		other.timestamp_ms = sth->timestamp_ms;
	}
	for (size_t i = 0; i < SHA256_LEN; i += 5) {
		other.root.octets[i] ^= 0x20;
		ck_assert(!sth_verify(&other, log, NULL));
		other.root = sth->root;
	}
	for (size_t i = 0; i < sth->signature_len; i++) {
		other.signature[i] ^= 1;
		ck_assert_msg(!sth_verify(&other, log, NULL), "byte %zu", i);
		other.signature[i] ^= 1;
	}
}

START_TEST(real_heads)
{
	struct buf key, body;
	char *path = mem_format("vectors/%s", REAL[_i].head);
	const struct ct_log *log;
	struct sth sth;
	struct err err = {0};

	sth_init(&sth);
	if (decode_key(REAL[_i].key, &key).len > 0) {
		ck_assert(vectors_file(path, &body));
		log = log_of(buf_bytes(&key), CT_LOG_RFC6962, "log.example");
		ck_assert(sth_from_body(buf_bytes(&body), log, &sth, &err) ==
		    (REAL[_i].code == ERR_NONE));
		ck_assert_msg(
		    err.code == REAL[_i].code, "%s: %s", REAL[_i].head, err.text);
		if (err.code == ERR_NONE)
			check_bits(&sth, log);
		ct_log_free(log);
		buf_free(&key);
		buf_free(&body);
	}
	sth_fini(&sth);
	mem_free(path);
}
END_TEST

/* certificate-transparency-go's own: the head, and its must_fail list. */
START_TEST(sigtest_head)
{
	json_t *all = vectors_json("vectors/rfc6962/sigtest/vectors.json"), *head;
	struct buf pem, wrong, signature;
	struct ct_log log = {0};
	struct sth sth = {0};
	struct err err = {0};

	if (all == NULL)
		return;
	head = json_object_get(all, "sth");
	ck_assert(vectors_file("vectors/rfc6962/sigtest/ec-key.pem", &pem));
	ck_assert(vectors_file("vectors/rfc6962/sigtest/ec-key2-wrong.pem", &wrong));
	signature = unit_hex(vectors_text(head, "sig"));
	sth.tree_size = vectors_number(head, "tree_size");
	sth.timestamp_ms = vectors_number(head, "timestamp");
	sth.root = vectors_hash(vectors_text(head, "root"));
	sth.signature_len = signature.len;
	memcpy(sth.signature, signature.data, signature.len);
	log.key = key_from_pem(buf_bytes(&pem), &err);
	ck_assert_msg(sth_verify(&sth, &log, &err), "%s", err.text);
	sth.signature[0] = 3; /* unsupported_hash_alg */
	ck_assert(!sth_verify(&sth, &log, &err));
	ck_assert_int_eq(err.code, ERR_PARSE);
	sth.signature[0] = 4;
	sth.signature[1] = 2; /* unsupported_signature_alg */
	ck_assert(!sth_verify(&sth, &log, &err));
	ck_assert_int_eq(err.code, ERR_PARSE);
	sth.signature[1] = 3;
	key_free(log.key);
	log.key = key_from_pem(buf_bytes(&wrong), &err);
	ck_assert(!sth_verify(&sth, &log, &err));
	ck_assert_int_eq(err.code, ERR_VERIFY);
	key_free(log.key);
	buf_free(&pem);
	buf_free(&wrong);
	buf_free(&signature);
	json_decref(all);
}
END_TEST

/* Thirteen production notes: all verify but those keys.json says cannot. */
START_TEST(real_checkpoints)
{
	json_t *keys = vectors_json("vectors/static-ct/checkpoints/keys.json"), *one;
	const char *name;
	size_t good = 0;

	json_object_foreach (keys, name, one) {
		const char *spki =
		    json_string_value(json_object_get(one, "log_key_spki_b64"));
		char *path = mem_format("vectors/static-ct/checkpoints/%s", name);
		bool must_fail = json_is_true(json_object_get(one, "MUST_FAIL"));
		const struct ct_log *log;
		struct buf key, body;
		struct sth sth = {0};
		struct err err = {0};

		if (spki != NULL) {
			key = vectors_base64(spki);
			ck_assert(vectors_file(path, &body));
			log = log_of(
			    buf_bytes(&key), CT_LOG_STATIC, vectors_text(one, "origin"));
			ck_assert_msg(
			    sth_from_body(buf_bytes(&body), log, &sth, &err) != must_fail,
			    "%s: %s", name, err.text);
			if (must_fail)
				ck_assert_int_eq(err.code, ERR_VERIFY);
			good += !must_fail;
			sth_fini(&sth);
			ct_log_free(log);
			buf_free(&key);
			buf_free(&body);
		}
		mem_free(path);
	}
	ck_assert(keys == NULL || good == 11);
	json_decref(keys);
}
END_TEST

static const struct {
	const char *name;
	enum err_code code;
} SMALL[] = {
    {"checkpoint-0", ERR_NONE},
    {"checkpoint-5", ERR_NONE},
    {"checkpoint-13", ERR_NONE},
    {"bad/crlf", ERR_PARSE},
    {"bad/empty", ERR_PARSE},
    {"bad/html-error-page", ERR_PARSE},
    {"bad/hyphen-not-emdash", ERR_PARSE},
    {"bad/negative-size", ERR_PARSE},
    {"bad/no-final-newline", ERR_PARSE},
    {"bad/plus-size", ERR_PARSE},
    {"bad/root-not-base64", ERR_PARSE},
    {"bad/sig-hash-alg-5", ERR_VERIFY},
    {"bad/sig-trailing-byte", ERR_VERIFY},
    {"bad/wrong-origin", ERR_VERIFY},
};

START_TEST(small_static_log)
{
	char *path = mem_format("vectors/synthetic/static-small/%s", SMALL[_i].name);
	const struct ct_log *log;
	struct buf key, body;
	struct sth sth = {0};
	struct err err = {0};

	if (decode_key("synthetic/static-small/log-key.b64", &key).len > 0) {
		ck_assert(vectors_file(path, &body));
		log = log_of(
		    buf_bytes(&key), CT_LOG_STATIC, "synthetic.example/static-small");
		ck_assert(sth_from_body(buf_bytes(&body), log, &sth, &err) ==
		    (SMALL[_i].code == ERR_NONE));
		ck_assert_msg(
		    err.code == SMALL[_i].code, "%s: %s", SMALL[_i].name, err.text);
		sth_fini(&sth);
		ct_log_free(log);
		buf_free(&key);
		buf_free(&body);
	}
	mem_free(path);
}
END_TEST

/* A whole RFC 6962 log: its heads, entries and proofs agree. */
struct small_log {
	const struct ct_log *log;
	struct sth heads[14];
	struct sha256 leaves[13];
};

static bool
load_small(struct small_log *out)
{
	struct buf key, body;
	struct entries_json entries;
	struct arena arena;
	struct err err = {0};

	if (decode_key("synthetic/rfc6962-small/log-key.b64", &key).len == 0)
		return false;
	out->log = log_of(buf_bytes(&key), CT_LOG_RFC6962, "synthetic.example");
	for (int i = 0; i < 14; i++) {
		char *path =
		    mem_format("vectors/synthetic/rfc6962-small/get-sth-%d.json", i);

		sth_init(&out->heads[i]);
		ck_assert(vectors_file(path, &body));
		ck_assert_msg(
		    sth_from_body(buf_bytes(&body), out->log, &out->heads[i], &err), "%s",
		    err.text);
		buf_free(&body);
		mem_free(path);
	}
	arena_init(&arena);
	ck_assert(
	    vectors_file("vectors/synthetic/rfc6962-small/get-entries-0-12.json", &body));
	ck_assert(entries_json_parse(body.data, body.len, 13, &arena, &entries, &err));
	for (size_t i = 0; i < 13; i++)
		merkle_hash_leaf(entries.entries[i].leaf_input, &out->leaves[i]);
	arena_free(&arena);
	buf_free(&body);
	buf_free(&key);
	return true;
}

START_TEST(small_rfc6962_log)
{
	static struct small_log small;
	json_t *rows, *row, *index;
	struct frontier frontier;
	struct sha256 root, path[64], want;
	struct err err = {0};
	size_t i, len;

	if (!load_small(&small))
		return;
	frontier_init(&frontier);
	index = vectors_json("vectors/synthetic/rfc6962-small/index.json");
	for (size_t size = 0; size <= 13; size++) {
		frontier_root(&frontier, &root);
		ck_assert_uint_eq(small.heads[size].tree_size, size);
		ck_assert(sha256_equal(&root, &small.heads[size].root));
		if (size == 13)
			break;
		want =
		    vectors_hash(vectors_text(json_array_get(index, size), "leaf_hash"));
		ck_assert(sha256_equal(&small.leaves[size], &want));
		frontier_append(&frontier, &small.leaves[size]);
	}
	rows = vectors_json("vectors/synthetic/rfc6962-small/consistency.json");
	json_array_foreach (rows, i, row) {
		uint64_t m = vectors_number(row, "first"),
			 n = vectors_number(row, "second");

		len = vectors_hashes(
		    json_object_get(json_object_get(row, "reply"), "consistency"), path,
		    64);
		ck_assert_msg(merkle_consistency_verify(m, &small.heads[m].root, n,
				  &small.heads[n].root, path, len, &err),
		    "%s", err.text);
	}
	json_decref(rows);
	rows = vectors_json("vectors/synthetic/rfc6962-small/inclusion.json");
	json_array_foreach (rows, i, row) {
		json_t *reply = json_object_get(row, "reply");
		uint64_t n = vectors_number(row, "tree_size");

		want = vectors_hash(vectors_text(row, "hash"));
		len = vectors_hashes(json_object_get(reply, "audit_path"), path, 64);
		ck_assert_msg(
		    merkle_inclusion_verify(&want, vectors_number(reply, "leaf_index"), n,
			path, len, &small.heads[n].root, &err),
		    "%s", err.text);
	}
	json_decref(rows);
	json_decref(index);
	for (i = 0; i < 14; i++)
		sth_fini(&small.heads[i]);
	ct_log_free(small.log);
}
END_TEST

/* get-entry-and-proof of the last leaf: the start without a history. */
START_TEST(the_end_of_the_small_log)
{
	static struct small_log small;
	struct entry_and_proof_json got;
	struct frontier frontier;
	struct sha256 leaf, root;
	struct arena arena;
	struct buf body;
	struct err err = {0};

	if (!load_small(&small))
		return;
	arena_init(&arena);
	ck_assert(vectors_file(
	    "vectors/synthetic/rfc6962-small/entry-and-proof-12.json", &body));
	ck_assert(proof_json_entry(buf_bytes(&body), &arena, &got, &err));
	merkle_hash_leaf(got.leaf_input, &leaf);
	ck_assert_msg(merkle_frontier_from_inclusion(&leaf, 12, 13, got.proof.path,
			  got.proof.path_len, &small.heads[13].root, &frontier, &err),
	    "%s", err.text);
	frontier_root(&frontier, &root);
	ck_assert(sha256_equal(&root, &small.heads[12].root));
	for (size_t i = 0; i < 14; i++)
		sth_fini(&small.heads[i]);
	ct_log_free(small.log);
	arena_free(&arena);
	buf_free(&body);
}
END_TEST

/* Pilot's first four entries, and their root. */
START_TEST(four_entries)
{
	struct entries_json entries;
	struct frontier frontier;
	struct sha256 leaf, root, want;
	struct arena arena;
	struct buf body;
	struct err err = {0};

	if (!vectors_file("vectors/rfc6962/four-entries/get-entries-0-3.json", &body))
		return;
	arena_init(&arena);
	frontier_init(&frontier);
	ck_assert(entries_json_parse(body.data, body.len, 4, &arena, &entries, &err));
	for (size_t i = 0; i < 4; i++) {
		struct leaf parsed;
		struct extra_data extra;

		ck_assert(leaf_parse(entries.entries[i].leaf_input, &parsed, &err));
		ck_assert(extra_data_parse(
		    entries.entries[i].extra_data, parsed.kind, &extra, &err));
		merkle_hash_leaf(entries.entries[i].leaf_input, &leaf);
		frontier_append(&frontier, &leaf);
	}
	frontier_root(&frontier, &root);
	want = vectors_hash("A26tmgcaUJpkFXFpkzCS8bJ29cQBEgExKAYFL8hiJ5E=");
	ck_assert(sha256_equal(&root, &want));
	arena_free(&arena);
	buf_free(&body);
}
END_TEST

/* Argon 2020's entry 10000 hashes to what its audit path starts from. */
START_TEST(argon_entry)
{
	struct entries_json entries;
	struct sha256 leaf, want;
	struct arena arena;
	struct buf body;
	struct err err = {0};

	if (!vectors_file("vectors/rfc6962/argon2020/get-entries-10000.json", &body))
		return;
	arena_init(&arena);
	ck_assert(entries_json_parse(body.data, body.len, 4, &arena, &entries, &err));
	merkle_hash_leaf(entries.entries[0].leaf_input, &leaf);
	want = vectors_hash("nCs3mfIydh9x4CKyQ+u2xtmpxmFggA5MLymHwNQSlLg=");
	ck_assert(sha256_equal(&leaf, &want));
	arena_free(&arena);
	buf_free(&body);
}
END_TEST

/* Navigli's tiles under throwaway heads. */
START_TEST(navigli_heads)
{
	static const unsigned SIZES[] = {768, 778, 1024};
	json_t *proofs = vectors_json("vectors/synthetic/navigli-1024/proofs.json");
	struct buf key, body;
	struct err err = {0};

	if (decode_key("synthetic/navigli-1024/log-key.b64", &key).len == 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
		char *path =
		    mem_format("vectors/synthetic/navigli-1024/checkpoint-%u", SIZES[i]);
		char size[8], origin[100];
		const struct ct_log *log;
		struct sth sth = {0};
		struct sha256 want;

		ck_assert(vectors_file(path, &body));
		snprintf(origin, sizeof(origin), "%.*s",
		    (int)strcspn(buf_text(&body), "\n"), buf_text(&body));
		log = log_of(buf_bytes(&key), CT_LOG_STATIC, origin);
		ck_assert_msg(
		    sth_from_body(buf_bytes(&body), log, &sth, &err), "%s", err.text);
		snprintf(size, sizeof(size), "%u", SIZES[i]);
		want = vectors_hash(vectors_text(json_object_get(proofs, "roots"), size));
		ck_assert(sha256_equal(&sth.root, &want));
		sth_fini(&sth);
		ct_log_free(log);
		buf_free(&body);
		mem_free(path);
	}
	buf_free(&key);
	json_decref(proofs);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("sth");

	tcase_add_loop_test(tc, head_rows, 0, UNIT_COUNT(HEADS));
	tcase_add_test(tc, forms);
	tcase_add_loop_test(tc, real_heads, 0, UNIT_COUNT(REAL));
	tcase_add_test(tc, sigtest_head);
	tcase_add_test(tc, real_checkpoints);
	tcase_add_loop_test(tc, small_static_log, 0, UNIT_COUNT(SMALL));
	tcase_add_test(tc, small_rfc6962_log);
	tcase_add_test(tc, the_end_of_the_small_log);
	tcase_add_test(tc, four_entries);
	tcase_add_test(tc, argon_entry);
	tcase_add_test(tc, navigli_heads);
	return unit_run("ctlog/sth", tc);
}
