/* The test tree's log, against known answers and against the rooms it tests. */

#include "ctlog/sth.h"
#include "merkle/consistency.h"
#include "merkle/inclusion.h"
#include "tests/lib/testlog.h"
#include "tests/lib/unit.h"

static struct testlog *
new_log(bool static_ct, uint64_t entries)
{
	struct testlog_options options = {
	    .name = "Unit log", .origin = "log.example/unit", .static_ct = static_ct};
	struct err err = {0};
	struct testlog *log = testlog_new(&options, &err);

	ck_assert_msg(log != NULL, "%s", err.text);
	if (entries > 0) {
		char *line = mem_format("grow %llu", (unsigned long long)entries);

		ck_assert_msg(testlog_command(log, line, NULL, &err), "%s", err.text);
		mem_free(line);
	}
	return log;
}

static void
counting_source(void *owner, uint64_t index, struct buf *leaf_input, struct buf *precert)
{
	(void)owner;
	buf_append_be16(leaf_input, 0);
	buf_append_be64(leaf_input, 1451903000000 + index);
	buf_append_be16(leaf_input, 0);
	buf_append_be24(leaf_input, 8);
	buf_append_be64(leaf_input, index);
	buf_append_be16(leaf_input, 0);
	(void)precert;
}

static void
command(struct testlog *log, const char *line)
{
	struct err err = {0};

	ck_assert_msg(testlog_command(log, line, NULL, &err), "%s: %s", line, err.text);
}

static struct testlog_answer
ask(struct testlog *log, const char *target)
{
	struct testlog_request request = {.target = target};
	struct testlog_answer answer;

	testlog_answer_init(&answer);
	testlog_answer(log, &request, &answer);
	return answer;
}

static size_t
occurrences(struct buf *body, const char *needle)
{
	size_t count = 0;

	for (const char *at = buf_text(body); (at = strstr(at, needle)) != NULL; at++)
		count++;
	return count;
}

/* --- trees: the known answers of RFC 6962 implementations ----------------- */

static const struct {
	const char *leaf, *root; /* the root of the tree that ends with this leaf */
} KNOWN[] = {
    {"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
    {"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
    {"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
    {"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
    {"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
    {"5051525354555657",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
    {"606162636465666768696a6b6c6d6e6f",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

START_TEST(known_roots)
{
	struct testlog *log = new_log(false, 0);
	uint8_t root[TESTLOG_HASH_LEN];
	char hex[2 * TESTLOG_HASH_LEN + 1];

	for (size_t i = 0; i < ARRAY_LEN(KNOWN); i++) {
		struct buf leaf = unit_hex(KNOWN[i].leaf);

		testlog_add_raw(
		    log, buf_bytes(&leaf), bytes_of(NULL, 0), bytes_of(NULL, 0));
		buf_free(&leaf);
	}
	for (size_t i = 0; i < ARRAY_LEN(KNOWN); i++) {
		testlog_root(log, i + 1, root);
		ck_assert_str_eq(hex_format(root, sizeof(root), hex), KNOWN[i].root);
	}
	testlog_root(log, 0, root);
	ck_assert_str_eq(hex_format(root, sizeof(root), hex),
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	testlog_free(log);
}
END_TEST

/* Every proof of every small tree, by the verifier of merkle. */
START_TEST(proofs_verify)
{
	struct testlog *log = new_log(true, 35);
	struct err err = {0};
	struct buf proof;
	struct sha256 first_root, root, leaf;

	buf_init(&proof, 4096);
	for (uint64_t size = 1; size <= 35; size++) {
		testlog_root(log, size, (uint8_t *)&root);
		for (uint64_t at = 0; at < size; at++) {
			buf_clear(&proof);
			testlog_inclusion(log, at, size, &proof);
			testlog_leaf_hash(log, at, (uint8_t *)&leaf);
			ck_assert_msg(
			    merkle_inclusion_verify(&leaf, at, size, (void *)proof.data,
				proof.len / 32, &root, &err),
			    "leaf %llu of %llu: %s", (unsigned long long)at,
			    (unsigned long long)size, err.text);
			buf_clear(&proof);
			testlog_consistency(log, at, size, &proof);
			testlog_root(log, at, (uint8_t *)&first_root);
			ck_assert_msg(
			    merkle_consistency_verify(at, &first_root, size, &root,
				(void *)proof.data, proof.len / 32, &err),
			    "%llu to %llu: %s", (unsigned long long)at,
			    (unsigned long long)size, err.text);
		}
	}
	buf_free(&proof);
	testlog_free(log);
}
END_TEST

/* --- what each URL answers ------------------------------------------------ */

static const struct {
	const char *what, *set, *target;
	bool static_ct;
	int status;
	const char *holds; /* in the body; NULL: not looked at */
	size_t times;
} ANSWERS[] = {
    {"a head", "", "ct/v1/get-sth", false, 200, "\"tree_size\":300", 1},
    {"the whole of a small range", "", "ct/v1/get-entries?start=0&end=9", false, 200,
	"leaf_input", 10},
    {"CTFE: aligned 10-1000", "max 64", "ct/v1/get-entries?start=10&end=1000", false, 200,
	"leaf_input", 54},
    {"CTFE: 63-1000 gives one", "max 64", "ct/v1/get-entries?start=63&end=1000", false,
	200, "leaf_input", 1},
    {"CTFE: 63 asked", "max 64", "ct/v1/get-entries?start=10&end=72", false, 200,
	"leaf_input", 63},
    {"unaligned", "max 64 unaligned", "ct/v1/get-entries?start=10&end=1000", false, 200,
	"leaf_input", 64},
    {"the tail", "max 64", "ct/v1/get-entries?start=299&end=299", false, 200,
	"leaf_input", 1},
    {"an end past the tree", "max 64", "ct/v1/get-entries?start=298&end=320", false, 200,
	"leaf_input", 2},
    {"an end past the tree, refused", "edge-400", "ct/v1/get-entries?start=298&end=320",
	false, 400, "need tree size: 321", 1},
    {"a start at the size", "", "ct/v1/get-entries?start=300&end=300", false, 400,
	"need tree size: 301 to get leaves but only got: 300", 1},
    {"start after end", "", "ct/v1/get-entries?start=3&end=2", false, 400, NULL, 0},
    {"a negative start", "", "ct/v1/get-entries?start=-1&end=2", false, 400, NULL, 0},
    {"2^63", "", "ct/v1/get-entries?start=1&end=9223372036854775808", false, 400, NULL,
	0},
    {"short", "short 3", "ct/v1/get-entries?start=0&end=99", false, 200, "leaf_input", 3},
    {"more", "more 2", "ct/v1/get-entries?start=0&end=9", false, 200, "leaf_input", 12},
    {"none", "no-entries", "ct/v1/get-entries?start=0&end=9", false, 200,
	"{\"entries\":[]}", 1},
    {"first = 0", "", "ct/v1/get-sth-consistency?first=0&second=999", false, 200,
	"\"consistency\":[]", 1},
    {"first = 0, null", "null-proofs", "ct/v1/get-sth-consistency?first=0&second=9",
	false, 200, "\"consistency\":null", 1},
    {"equal sizes", "", "ct/v1/get-sth-consistency?first=9&second=9", false, 200,
	"\"consistency\":[]", 1},
    {"a second past the tree", "", "ct/v1/get-sth-consistency?first=9&second=301", false,
	400, NULL, 0},
    {"an unknown leaf", "",
	"ct/v1/get-proof-by-hash?hash=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D&"
	"tree_size=9",
	false, 404, NULL, 0},
    {"not base64", "", "ct/v1/get-proof-by-hash?hash=AAAA+AAA&tree_size=9", false, 400,
	NULL, 0},
    {"entry and proof", "", "ct/v1/get-entry-and-proof?leaf_index=299&tree_size=300",
	false, 200, "\"audit_path\":[\"", 1},
    {"a tree of one", "", "ct/v1/get-entry-and-proof?leaf_index=0&tree_size=1", false,
	200, "\"audit_path\":null", 1},
    {"beyond it", "", "ct/v1/get-entry-and-proof?leaf_index=9&tree_size=9", false, 400,
	NULL, 0},
    {"roots", "", "ct/v1/get-roots", false, 200, "\"certificates\":[\"", 1},
    {"no roots", "drop-root", "ct/v1/get-roots", false, 200, "\"certificates\":[]", 1},
    {"no such endpoint", "", "ct/v1/get-gold", false, 404, NULL, 0},
    {"no tiles here", "", "tile/0/000", false, 404, NULL, 0},
    {"no checkpoint here", "", "checkpoint", false, 404, NULL, 0},
    {"a hybrid log", "serve both", "tile/0/000", false, 200, NULL, 0},

    {"a checkpoint", "", "checkpoint", true, 200, "log.example/unit\n300\n", 1},
    {"no get-sth here", "", "ct/v1/get-sth", true, 404, "nginx", 1},
    {"404 at a Sunlight log", "like sunlight", "tile/0/001", true, 404,
	"404 page not found", 1},
    {"a full tile", "", "tile/0/000", true, 200, NULL, 0},
    {"its level above", "", "tile/1/000.p/1", true, 200, NULL, 0},
    {"the edge", "", "tile/0/001.p/44", true, 200, NULL, 0},
    {"an edge nobody saw", "", "tile/0/001.p/43", true, 404, NULL, 0},
    {"an edge that has filled", "", "tile/0/000.p/200", true, 200, NULL, 0},
    {"and is deleted", "partials delete", "tile/0/000.p/200", true, 404, NULL, 0},
    {"the newest is not", "partials delete", "tile/0/001.p/44", true, 200, NULL, 0},
    {"no partials at all", "missing-partials", "tile/0/001.p/44", true, 404, NULL, 0},
    {"an unpadded tile", "", "tile/0/0", true, 404, NULL, 0},
    {"a padded level", "", "tile/00/000", true, 404, NULL, 0},
    {"a doubled slash", "", "tile//0/000", true, 404, NULL, 0},
    {"width 256", "", "tile/0/000.p/256", true, 404, NULL, 0},
    {"width 0", "", "tile/0/000.p/0", true, 404, NULL, 0},
    {"a far tile", "", "tile/0/x001/000", true, 404, NULL, 0},
    {"data", "", "tile/data/000", true, 200, NULL, 0},
    {"the data's edge", "", "tile/data/001.p/44", true, 200, "host-299.grown.example", 1},
    {"no such issuer", "",
	"issuer/0000000000000000000000000000000000000000000000000000000000000000", true,
	404, NULL, 0},
    {"get-roots is for submitters", "", "ct/v1/get-roots", true, 200, NULL, 0},

    {"503", "fail 503 retry-after 7", "checkpoint", true, 503, "503", 1},
    {"not here", "fail 503 on tile/*", "checkpoint", true, 200, NULL, 0},
    {"here", "fail 503 on tile/*", "tile/0/000", true, 503, NULL, 0},
    {"not yet", "fail 503 skip 1", "checkpoint", true, 200, NULL, 0},
    {"429", "429 past", "checkpoint", true, 429, NULL, 0},
    {"a database's last words", "fail 500 body 300000", "checkpoint", true, 500,
	"over and over", 7895},
    {"parked", "html-200", "checkpoint", true, 200, "<html>", 1},
    {"empty", "empty-200", "ct/v1/get-sth", false, 200, NULL, 0},
    {"redirected", "redirect http://10.0.0.1/", "checkpoint", true, 302, NULL, 0},
};

START_TEST(answers)
{
	struct testlog *log = new_log(ANSWERS[_i].static_ct, 0);

	/* 256 that cost nothing, a head at 200, and 44 certificates. */
	testlog_set_source(log, counting_source, NULL, 256, NULL, 0);
	testlog_publish(log, 200, 1451903000500);
	command(log, "grow 44");
	if (ANSWERS[_i].set[0] != '\0')
		command(log, ANSWERS[_i].set);
	struct testlog_answer answer = ask(log, ANSWERS[_i].target);

	ck_assert_msg(answer.status == ANSWERS[_i].status, "%s: status %d",
	    ANSWERS[_i].what, answer.status);
	if (ANSWERS[_i].holds != NULL) {
		size_t times = 0;
		struct bytes rest = buf_bytes(&answer.body);
		size_t len = strlen(ANSWERS[_i].holds);
		const uint8_t *at;

		while (
		    (at = memmem(rest.data, rest.len, ANSWERS[_i].holds, len)) != NULL) {
			times++;
			rest.len -= (size_t)(at - rest.data) + 1;
			rest.data = at + 1;
		}
		ck_assert_msg(times == ANSWERS[_i].times, "%s: %zu times in %.300s",
		    ANSWERS[_i].what, times, buf_text(&answer.body));
	}
	testlog_answer_free(&answer);
	testlog_free(log);
}
END_TEST

START_TEST(tiles_hold_the_tree)
{
	struct testlog *log = new_log(true, 300);
	struct testlog_answer level0 = ask(log, "tile/0/001.p/44"),
			      level1 = ask(log, "tile/1/000.p/1");
	uint8_t hash[TESTLOG_HASH_LEN];

	ck_assert_uint_eq(level0.body.len, 44 * 32);
	testlog_leaf_hash(log, 299, hash);
	ck_assert_mem_eq(level0.body.data + 43 * 32, hash, 32);
	ck_assert_uint_eq(level1.body.len, 32);
	testlog_root(log, 256, hash);
	ck_assert_mem_eq(level1.body.data, hash, 32);
	testlog_answer_free(&level0);
	testlog_answer_free(&level1);
	testlog_free(log);
}
END_TEST

/* --- heads ---------------------------------------------------------------- */

static bool
signature_holds(
    const struct testlog *log, struct bytes message, struct bytes digitally_signed)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = be16(digitally_signed.data + 2);
	bool ok = digitally_signed.data[0] == 4 && digitally_signed.len == len + 4 &&
	    EVP_DigestVerifyInit(
		ctx, NULL, EVP_sha256(), NULL, testlog_private_key(log)) == 1 &&
	    EVP_DigestVerify(
		ctx, digitally_signed.data + 4, len, message.data, message.len) == 1;

	EVP_MD_CTX_free(ctx);
	return ok;
}

/* How many of a checkpoint's lines are RFC 6962 signatures of this log's. */
static size_t
good_lines(const struct testlog *log, struct buf *note, size_t *lines)
{
	uint8_t tbs[50] = {0, 1}, key_id[32];
	struct buf blob, id;
	size_t good = 0;

	buf_init(&blob, 65536);
	buf_init(&id, 256);
	buf_append_format(&id, "%s\n\x05", testlog_origin(log));
	buf_append(&id, testlog_id(log), 32);
	EVP_Digest(id.data, id.len, key_id, NULL, EVP_sha256(), NULL);
	put_be64(tbs + 10, testlog_size(log));
	testlog_root(log, testlog_size(log), tbs + 18);
	*lines = 0;
	for (char *line = strstr((char *)buf_text(note), "\n\n") + 2; *line != '\0';) {
		char *end = strchr(line, '\n'), *last = end;

		while (last[-1] != ' ')
			last--;
		ck_assert(base64_decode(bytes_of(last, (size_t)(end - last)), &blob));
		++*lines;
		if (memcmp(blob.data, key_id, 4) == 0) {
			memcpy(tbs + 2, blob.data + 4, 8);
			good += signature_holds(log, bytes_of(tbs, sizeof(tbs)),
			    bytes_of(blob.data + 12, blob.len - 12));
		}
		line = end + 1;
	}
	buf_free(&blob);
	buf_free(&id);
	return good;
}

static const struct {
	const char *set;
	size_t good, fewest, most; /* lines */
} NOTES[] = {
    {"like ctfe", 1, 1, 1},
    {"like sunlight", 1, 4, 4},
    {"like tesseract", 1, 2, 3},
    {"bad-signature", 0, 2, 3},
    {"wrong-key", 0, 2, 3},
    {"other-key", 0, 2, 3},
    {"bad-algorithm", 0, 2, 3},
    {"wrong-root", 0, 2, 3},
    {"wrong-origin", 0, 2, 3},
};

START_TEST(checkpoints)
{
	struct testlog *log = new_log(true, 5);
	size_t lines;

	command(log, NOTES[_i].set);
	for (int i = 0; i < 30; i++) {
		command(log, "grow 1");
		struct testlog_answer answer = ask(log, "checkpoint");

		ck_assert_msg(good_lines(log, &answer.body, &lines) == NOTES[_i].good,
		    "%s: %s", NOTES[_i].set, buf_text(&answer.body));
		ck_assert_uint_ge(lines, NOTES[_i].fewest);
		ck_assert_uint_le(lines, NOTES[_i].most);
		testlog_answer_free(&answer);
	}
	command(log, "clear");
	struct testlog_answer answer = ask(log, "checkpoint");

	ck_assert_uint_eq(good_lines(log, &answer.body, &lines), 1);
	testlog_answer_free(&answer);
	testlog_free(log);
}
END_TEST

/* The same by ctlog: an honest head of either kind is taken, a lie is not. */
static const struct {
	const char *set;
	bool static_ct;
	enum err_code code;
} HEADS[] = {
    {"like ctfe", false, ERR_NONE},
    {"like sunlight", true, ERR_NONE},
    {"like tesseract", true, ERR_NONE},
    {"fork 2", true, ERR_NONE},
    {"bad-signature", false, ERR_VERIFY},
    {"wrong-key", false, ERR_VERIFY},
    {"bad-algorithm", false, ERR_PARSE},
    {"bad-signature", true, ERR_VERIFY},
    {"wrong-key", true, ERR_VERIFY},
    {"other-key", false, ERR_VERIFY},
    {"other-key", true, ERR_NOT_FOUND},
    {"wrong-origin", true, ERR_VERIFY},
    {"extra-line", true, ERR_PARSE},
    {"html-200", true, ERR_PARSE},
    {"empty-200", false, ERR_PARSE},
};

START_TEST(heads_by_ctlog)
{
	struct testlog *log = new_log(HEADS[_i].static_ct, 5);
	struct err err = {0};
	struct ct_log_options options = {.name = "unit",
	    .kind = HEADS[_i].static_ct ? CT_LOG_STATIC : CT_LOG_RFC6962,
	    .key = testlog_key(log),
	    .url = "https://log.example/unit/"};
	struct ct_log *known = ct_log_new(&options, &err);
	struct sth sth;

	ck_assert_msg(known != NULL, "%s", err.text);
	sth_init(&sth);
	command(log, HEADS[_i].set);
	struct testlog_answer answer =
	    ask(log, HEADS[_i].static_ct ? "checkpoint" : "ct/v1/get-sth");
	bool ok = sth_from_body(buf_bytes(&answer.body), known, &sth, &err);

	ck_assert_msg(ok == (HEADS[_i].code == ERR_NONE) && err.code == HEADS[_i].code,
	    "%s: %s (%s)", HEADS[_i].set, err.text, err_code_name(err.code));
	ck_assert(!ok || sth.tree_size == 5);
	sth_fini(&sth);
	testlog_answer_free(&answer);
	ct_log_free(known);
	testlog_free(log);
}
END_TEST

START_TEST(a_fork_is_another_valid_tree)
{
	struct testlog *log = new_log(true, 20);
	uint8_t honest[32], forked[32], after[32];
	size_t lines;
	struct buf leaf;

	testlog_root(log, 20, honest);
	buf_init(&leaf, 65536);
	buf_append_bytes(&leaf, testlog_leaf_input(log, 7));
	command(log, "fork 7");
	testlog_root(log, 20, forked);
	ck_assert_mem_ne(honest, forked, 32);
	ck_assert(!bytes_equal(buf_bytes(&leaf), testlog_leaf_input(log, 7)));
	struct testlog_answer answer = ask(log, "checkpoint");

	ck_assert_uint_eq(good_lines(log, &answer.body, &lines), 1);
	testlog_answer_free(&answer);
	command(log, "grow 5");
	answer = ask(log, "checkpoint");
	ck_assert_uint_eq(good_lines(log, &answer.body, &lines), 1);
	ck_assert_uint_eq(testlog_size(log), 25);
	testlog_answer_free(&answer);
	command(log, "fork off");
	testlog_root(log, 20, after);
	ck_assert_mem_eq(honest, after, 32);
	ck_assert_uint_eq(testlog_size(log), 25);
	buf_free(&leaf);
	testlog_free(log);
}
END_TEST

/* An SCT's message is the leaf, so the leaf must verify under it. */
START_TEST(scts_sign_the_leaf)
{
	static const uint8_t key_hash[32] = {1, 2, 3};
	struct bytes chain[] = {bytes_text("a root")};
	struct testlog_submission it = {
	    .timestamp_ms = 1451903000000,
	    .certificate = bytes_text("a precertificate"),
	    .tbs = bytes_text("its tbs"),
	    .issuer_key_hash = key_hash,
	    .chain = chain,
	    .chain_len = 1,
	};

	for (int precert = 0; precert < 2; precert++) {
		for (int static_ct = 0; static_ct < 2; static_ct++) {
			struct testlog *log = new_log(static_ct, 2);
			size_t extensions = static_ct ? 8 : 0;
			struct buf sct;

			if (!precert)
				it.tbs = bytes_of(NULL, 0);
			buf_init(&sct, 1024);
			ck_assert_uint_eq(testlog_add(log, &it, &sct), 2);
			ck_assert_mem_eq(sct.data + 1, testlog_id(log), 32);
			ck_assert_uint_eq(be64(sct.data + 33), 1451903000000);
			ck_assert_uint_eq(be16(sct.data + 41), extensions);
			ck_assert(signature_holds(log, testlog_leaf_input(log, 2),
			    bytes_of(
				sct.data + 43 + extensions, sct.len - 43 - extensions)));
			buf_free(&sct);
			testlog_free(log);
			it.tbs = bytes_text("its tbs");
		}
	}
}
END_TEST

/* --- commands ------------------------------------------------------------- */

static const struct {
	const char *line;
	bool good;
} LINES[] = {
    {"fail 503", true},
    {"fail 503 count 3 retry-after 2 on ct/v1/get-entries*", true},
    {"fail off", true},
    {"fail 200", false},
    {"fail", false},
    {"fail 503 count", false},
    {"fail 503 count x", false},
    {"429 date", true},
    {"429 skylight count 1", true},
    {"429 2 3", false},
    {"fail 500 body 9 retry-after 3", true},
    {"truncate 100", true},
    {"truncate", false},
    {"truncate -1", false},
    {"stale-head 2 alternate", true},
    {"stale-head 0", false},
    {"fork 1", true},
    {"fork 99", false},
    {"shrink 99", false},
    {"grow 1 every 100", true},
    {"grow 1 every", false},
    {"grow", false},
    {"odd half", true},
    {"odd ball", false},
    {"like zeus", false},
    {"dance", false},
    {"", false},
    {"clear", true},
    {"show", true},
};

START_TEST(command_lines)
{
	struct testlog *log = new_log(false, 5);
	struct err err = {0};

	ck_assert_msg(testlog_command(log, LINES[_i].line, NULL, &err) == LINES[_i].good,
	    "%s: %s", LINES[_i].line, err.text);
	ck_assert_int_eq(err.code, LINES[_i].good ? ERR_NONE : ERR_CONFIG);
	testlog_free(log);
}
END_TEST

START_TEST(faults_are_counted)
{
	struct testlog *log = new_log(false, 5);
	int seen[6];

	command(log, "fail 503 skip 1 count 2 on ct/v1/get-sth");
	for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
		struct testlog_answer answer = ask(log, "ct/v1/get-sth");

		seen[i] = answer.status;
		testlog_answer_free(&answer);
	}
	ck_assert_int_eq(seen[0], 200);
	ck_assert_int_eq(seen[1], 503);
	ck_assert_int_eq(seen[2], 503);
	ck_assert_int_eq(seen[3], 200);
	ck_assert_uint_eq(testlog_requests(log, "ct/v1/get-sth"), 6);
	ck_assert_uint_eq(testlog_requests(log, "ct/*"), 6);
	ck_assert_uint_eq(testlog_requests(log, "tile/*"), 0);
	testlog_free(log);
}
END_TEST

START_TEST(answers_on_the_way)
{
	struct testlog *log = new_log(true, 256);

	command(log, "truncate 100 count 1");
	struct testlog_answer answer = ask(log, "tile/0/000");

	ck_assert_uint_eq(answer.send_at_most, 100);
	ck_assert_uint_eq(answer.body.len, 8192);
	testlog_answer_free(&answer);
	command(log, "slow 50 count 1");
	answer = ask(log, "tile/0/000");
	ck_assert_int_eq(answer.bytes_per_s, 50);
	testlog_answer_free(&answer);
	command(log, "hang count 1");
	answer = ask(log, "tile/0/000");
	ck_assert(answer.delay_ms == TESTLOG_NEVER);
	testlog_answer_free(&answer);
	command(log, "huge 1000000 count 1");
	answer = ask(log, "tile/0/000");
	ck_assert_uint_gt(answer.body_repeats, 100);
	testlog_answer_free(&answer);
	command(log, "unlabelled-gzip count 1");
	answer = ask(log, "tile/data/000");
	ck_assert_uint_eq(be16(answer.body.data), 0x1f8b);
	ck_assert_uint_eq(occurrences(&answer.headers, "gzip"), 0);
	testlog_answer_free(&answer);
	command(log, "gzip always");
	answer = ask(log, "tile/data/000");
	ck_assert_uint_eq(be16(answer.body.data), 0x1f8b);
	ck_assert_uint_eq(occurrences(&answer.headers, "Content-Encoding: gzip\n"), 1);
	testlog_answer_free(&answer);
	testlog_free(log);
}
END_TEST

START_TEST(a_cache_forgets_the_query)
{
	struct testlog *log = new_log(false, 9);
	struct testlog_answer first, second;

	command(log, "cache any-query on ct/v1/get-sth-consistency*");
	first = ask(log, "ct/v1/get-sth-consistency?first=3&second=9");
	second = ask(log, "ct/v1/get-sth-consistency?first=4&second=9");
	ck_assert(bytes_equal(buf_bytes(&first.body), buf_bytes(&second.body)));
	testlog_answer_free(&first);
	testlog_answer_free(&second);
	testlog_free(log);
}
END_TEST

/* Every odd entry is in the tree as it was served. */
START_TEST(odd_entries_are_hashed)
{
	static const char *const KINDS[] = {"unknown-type", "leaf-type", "version",
	    "garbage", "half", "trailing-der", "empty", "no-extra", "trailing-extra",
	    "broken-chain", "unknown-issuer", "odd-chain", "large"};

	for (int static_ct = 0; static_ct < 2; static_ct++) {
		struct testlog *log = new_log(static_ct, 1);

		command(log, "serve both");
		for (size_t i = 0; i < ARRAY_LEN(KINDS); i++) {
			char line[64];
			struct sha256 hash, served;

			snprintf(line, sizeof(line), "odd %s", KINDS[i]);
			command(log, line);
			testlog_leaf_hash(log, i + 1, (uint8_t *)&hash);
			merkle_hash_leaf(testlog_leaf_input(log, i + 1), &served);
			ck_assert_mem_eq(&hash, &served, 32);
		}
		struct testlog_answer answer =
		    ask(log, "ct/v1/get-entries?start=0&end=99");

		ck_assert_uint_eq(
		    occurrences(&answer.body, "leaf_input"), 1 + ARRAY_LEN(KINDS));
		testlog_answer_free(&answer);
		testlog_free(log);
	}
}
END_TEST

/* --- sources, growth, files ----------------------------------------------- */

START_TEST(a_source_is_like_stored_entries)
{
	struct bytes chain[] = {bytes_text("a root")};
	struct testlog *log = new_log(false, 0), *same = new_log(false, 0);
	uint8_t root[32], other[32];
	struct buf leaf, precert;

	buf_init(&leaf, 1024);
	buf_init(&precert, 1024);
	testlog_set_source(log, counting_source, NULL, 700, chain, 1);
	for (uint64_t i = 0; i < 700; i++) {
		buf_clear(&leaf);
		counting_source(NULL, i, &leaf, &precert);
		testlog_add_raw(
		    same, buf_bytes(&leaf), bytes_of(NULL, 0), bytes_of(NULL, 0));
	}
	testlog_root(log, 700, root);
	testlog_root(same, 700, other);
	ck_assert_mem_eq(root, other, 32);
	command(log, "grow 3");
	ck_assert_uint_eq(testlog_size(log), 703);
	struct testlog_answer answer = ask(log, "ct/v1/get-entries?start=698&end=702");

	ck_assert_uint_eq(occurrences(&answer.body, "leaf_input"), 5);
	testlog_answer_free(&answer);
	buf_free(&leaf);
	buf_free(&precert);
	testlog_free(log);
	testlog_free(same);
}
END_TEST

START_TEST(it_grows_by_the_clock)
{
	struct testlog *log = new_log(true, 1);
	int64_t now_ms = testlog_head_time_ms(log);
	struct testlog_answer old, stale;

	command(log, "grow 2 every 1000");
	ck_assert_uint_eq(testlog_size(log), 3);
	ck_assert(!testlog_tick(log, now_ms + 500));
	ck_assert(testlog_tick(log, now_ms + 1500));
	ck_assert_uint_eq(testlog_size(log), 5);
	old = ask(log, "checkpoint");
	command(log, "freeze");
	ck_assert(!testlog_tick(log, now_ms + 3500));
	ck_assert_uint_eq(testlog_size(log), 5);
	ck_assert_uint_eq(testlog_entry_count(log), 7);
	command(log, "freeze off");
	ck_assert(testlog_tick(log, now_ms + 5500));
	ck_assert_uint_eq(testlog_size(log), 9);
	command(log, "stale-head");
	stale = ask(log, "checkpoint");
	ck_assert(bytes_equal(buf_bytes(&old.body), buf_bytes(&stale.body)));
	testlog_answer_free(&old);
	testlog_answer_free(&stale);
	command(log, "grow off");
	command(log, "stale-head off");
	command(log, "resign 1000");
	ck_assert(testlog_tick(log, now_ms + 9500));
	ck_assert_int_eq(testlog_head_time_ms(log), now_ms + 9500);
	testlog_free(log);
}
END_TEST

static const char *const FILES[] = {"checkpoint", "tile/0/000", "tile/0/001.p/44",
    "tile/1/000.p/1", "tile/data/000", "tile/data/001.p/44"};

START_TEST(files_are_what_is_served)
{
	struct testlog *log = new_log(true, 300);
	char *dir = unit_temp("log");
	struct err err = {0};

	ck_assert_msg(testlog_write(log, dir, true, &err), "%s", err.text);
	for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
		char *path = mem_format("%s/%s", dir, FILES[i]);
		struct buf file = unit_file(path);
		struct testlog_answer answer = ask(log, FILES[i]);

		ck_assert_msg(bytes_equal(buf_bytes(&file), buf_bytes(&answer.body)),
		    "%s differs", FILES[i]);
		testlog_answer_free(&answer);
		buf_free(&file);
		mem_free(path);
	}
	char *path = mem_format("%s/ct/v1/get-entries-0-299", dir);
	struct buf file = unit_file(path);

	ck_assert_uint_eq(occurrences(&file, "leaf_input"), 300);
	buf_free(&file);
	mem_free(path);
	ck_assert(!testlog_write(log, "/proc/no/such/place", false, &err));
	ck_assert_int_eq(err.code, ERR_SYSTEM);
	mem_free(dir);
	testlog_free(log);
}
END_TEST

START_TEST(keys_are_kept)
{
	char *path = unit_temp("log.key");
	struct testlog_options options = {
	    .name = "kept", .origin = "o", .key_file = path, .key_type = TESTLOG_RSA2048};
	struct err err = {0};
	struct testlog *first = testlog_new(&options, &err);

	ck_assert_msg(first != NULL, "%s", err.text);
	struct testlog *second = testlog_new(&options, &err);

	ck_assert_msg(second != NULL, "%s", err.text);
	ck_assert_mem_eq(testlog_id(first), testlog_id(second), 32);
	testlog_free(first);
	testlog_free(second);
	options.key_file = "/proc/no/such/place";
	ck_assert_ptr_null(testlog_new(&options, &err));
	mem_free(path);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("testlog");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, known_roots);
	tcase_add_test(tcase, proofs_verify);
	tcase_add_loop_test(tcase, answers, 0, UNIT_COUNT(ANSWERS));
	tcase_add_test(tcase, tiles_hold_the_tree);
	tcase_add_loop_test(tcase, checkpoints, 0, UNIT_COUNT(NOTES));
	tcase_add_loop_test(tcase, heads_by_ctlog, 0, UNIT_COUNT(HEADS));
	tcase_add_test(tcase, a_fork_is_another_valid_tree);
	tcase_add_test(tcase, scts_sign_the_leaf);
	tcase_add_loop_test(tcase, command_lines, 0, UNIT_COUNT(LINES));
	tcase_add_test(tcase, faults_are_counted);
	tcase_add_test(tcase, answers_on_the_way);
	tcase_add_test(tcase, a_cache_forgets_the_query);
	tcase_add_test(tcase, odd_entries_are_hashed);
	tcase_add_test(tcase, a_source_is_like_stored_entries);
	tcase_add_test(tcase, it_grows_by_the_clock);
	tcase_add_test(tcase, files_are_what_is_served);
	tcase_add_test(tcase, keys_are_kept);
	return unit_run("testlog", tcase);
}
