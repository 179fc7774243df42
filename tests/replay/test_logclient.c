/* The log client against test logs that answer and lie on command. */
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctlog/sth.h"
#include "logclient/logclient.h"
#include "merkle/frontier.h"
#include "merkle/inclusion.h"
#include "tests/fake/fake_clock.h"
#include "tests/fake/fake_logs.h"
#include "tests/lib/unit.h"
#include "wire/entries_json.h"
#include "wire/tile.h"

#define URL "https://log.example/unit/"

struct bench {
	struct clock *clock;
	struct fetch *fetch;
	struct fake_logs logs;
	struct testlog *log;
	struct ct_log *ct_log;
	struct logclient *client;

	/* the one answer */
	unsigned calls;
	bool ok;
	enum err_code code;
	char text[256];
	struct sth sth;
	bool has_sth, unchanged;
	struct buf raw;
	struct logclient_entries entries;
	struct logclient_proof proof;
	struct sha256 path[64];
	struct frontier frontier;
	uint64_t index;
	int64_t time_ms;
	size_t roots;
};

static void
command(struct bench *bench, const char *line)
{
	struct err err = {0};

	if (line[0] != '\0')
		ck_assert_msg(testlog_command(bench->log, line, NULL, &err), "%s: %s",
		    line, err.text);
}

static void
bench_begin_with(struct bench *bench, struct testlog *log, const char *url)
{
	struct ct_log_options options = {.name = "unit", .url = url};
	struct logclient_options client = {0};
	struct err err = {0};

	*bench = (struct bench){.log = log};
	bench->clock = clock_new(NULL);
	bench->fetch = fetch_new(NULL, bench->clock, NULL, &err);
	fake_logs_add(&bench->logs, url, log);
	fake_fetch_answer(bench->fetch, fake_logs_answer, &bench->logs);
	options.kind = testlog_is_static(log) ? CT_LOG_STATIC : CT_LOG_RFC6962;
	options.key = testlog_key(log);
	bench->ct_log = ct_log_new(&options, &err);
	ck_assert_msg(bench->ct_log != NULL, "%s", err.text);
	client.log = bench->ct_log;
	bench->client = logclient_new(bench->fetch, bench->clock, &client, &err);
	ck_assert_msg(bench->client != NULL, "%s", err.text);
	sth_init(&bench->sth);
	buf_init(&bench->raw, 1 << 24);
}

static struct testlog *
new_log(bool static_ct)
{
	struct testlog_options options = {.name = "Unit log",
	    .origin = "log.example/unit",
	    .static_ct = static_ct,
	    .max_entries = 64};
	struct err err = {0};
	struct testlog *log = testlog_new(&options, &err);

	ck_assert_msg(log != NULL, "%s", err.text);
	return log;
}

static void
bench_begin(struct bench *bench, bool static_ct, unsigned entries)
{
	char line[40];

	bench_begin_with(bench, new_log(static_ct), URL);
	snprintf(line, sizeof(line), "grow %u", entries);
	if (entries > 0)
		command(bench, line);
}

/* A log of n leaves that are no certificates: large trees at little cost. */
static void
add_plain(struct testlog *log, uint64_t count, uint64_t equal_from, uint64_t equal_to)
{
	for (uint64_t i = 0; i < count; i++) {
		uint64_t said = i >= equal_from && i < equal_to ? equal_from : i;
		uint8_t leaf[16] = {0};

		put_be64(leaf + 2, FAKE_CLOCK_START_MS + said * 1000);
		put_be64(leaf + 8, said);
		testlog_add_raw(log, bytes_of(leaf, sizeof(leaf)), (struct bytes){0},
		    (struct bytes){0});
	}
	testlog_publish(log, count, FAKE_CLOCK_START_MS + count * 1000);
}

static void
bench_end(struct bench *bench)
{
	ck_assert_uint_eq(fetch_bytes_in_flight(bench->fetch), 0);
	logclient_free(bench->client);
	ck_assert_uint_eq(fake_fetch_waiting(bench->fetch), 0);
	ck_assert_uint_eq(fake_clock_armed(bench->clock), 0);
	fetch_free(bench->fetch);
	clock_free(bench->clock);
	ct_log_free(bench->ct_log);
	testlog_free(bench->log);
	sth_fini(&bench->sth);
	buf_free(&bench->raw);
}

static void
answered(struct bench *bench, const struct err *err)
{
	bench->calls++;
	bench->ok = err == NULL;
	bench->code = err != NULL ? err->code : ERR_NONE;
	snprintf(bench->text, sizeof(bench->text), "%s", err != NULL ? err->text : "");
}

/* Runs the clock until the call that was begun has answered, once. */
static void
wait_for_it(struct bench *bench)
{
	ck_assert_uint_eq(bench->calls, 0); /* not from inside the call */
	fake_clock_settle(bench->clock, 3600000);
	ck_assert_uint_eq(bench->calls, 1);
	bench->calls = 0;
}

static struct sha256
root_of(struct bench *bench, uint64_t size)
{
	struct sha256 root;

	testlog_root(bench->log, size, root.octets);
	return root;
}

/* --- heads ------------------------------------------------------------------------ */

static void
on_head(void *owner, const struct logclient_head *head, const struct err *err)
{
	struct bench *bench = owner;

	answered(bench, err);
	bench->has_sth = head->sth != NULL;
	bench->unchanged = head->unchanged;
	if (head->sth != NULL)
		sth_copy(&bench->sth, head->sth);
	buf_clear(&bench->raw);
	buf_append_bytes(&bench->raw, head->raw);
}

static const struct {
	const char *what, *command;
	enum err_code code[2]; /* RFC 6962, static */
	bool raw;              /* is there to be kept */
	unsigned requests;
} HEADS[] = {
    {"honest", "", {ERR_NONE, ERR_NONE}, true, 1},
    {"as CTFE", "like ctfe", {ERR_NONE, ERR_NONE}, true, 1},
    {"as sunlight: grease and ML-DSA", "like sunlight", {ERR_NONE, ERR_NONE}, true, 1},
    {"as tesseract: witnesses", "like tesseract", {ERR_NONE, ERR_NONE}, true, 1},
    {"a bad signature", "bad-signature", {ERR_VERIFY, ERR_VERIFY}, true, 2},
    {"another key", "wrong-key", {ERR_VERIFY, ERR_VERIFY}, true, 2},
    {"no head", "fail 404", {ERR_NOT_FOUND, ERR_NOT_FOUND}, false, 1},
    {"out of order", "fail 503", {ERR_REMOTE, ERR_REMOTE}, false, 1},
    {"a parked page", "html-200", {ERR_PARSE, ERR_PARSE}, true, 1},
    {"nothing", "empty-200", {ERR_PARSE, ERR_PARSE}, false, 1},
    {"half", "cut 50", {ERR_PARSE, ERR_PARSE}, true, 1},
    {"more than a head can be", "huge 1000000", {ERR_LIMIT, ERR_LIMIT}, false, 1},
    {"a redirect", "redirect https://elsewhere/", {ERR_REMOTE, ERR_REMOTE}, false, 1},
    {"a broken connection", "reset", {ERR_REMOTE, ERR_REMOTE}, false, 1},
    {"a proxy damaged it once", "flip 70 count 1", {ERR_NONE, ERR_NONE}, true, 2},
};

START_TEST(heads)
{
	bool is_static = _i % 2;
	size_t row = (size_t)_i / 2;
	struct bench bench;

	bench_begin(&bench, is_static, 5);
	command(&bench, HEADS[row].command);
	logclient_get_head(bench.client, on_head, &bench);
	wait_for_it(&bench);
	/* a flipped bit breaks the form as well as the signature */
	if (HEADS[row].requests == 2 && bench.code == ERR_PARSE) {
		bench_end(&bench);
		return;
	}
	ck_assert_msg(bench.code == HEADS[row].code[is_static], "%s: %s %s",
	    HEADS[row].what, err_code_name(bench.code), bench.text);
	ck_assert_msg((bench.raw.len > 0) == HEADS[row].raw, "%s", HEADS[row].what);
	ck_assert_uint_eq(testlog_requests(bench.log, "*"), HEADS[row].requests);
	if (bench.ok) {
		struct sha256 root = root_of(&bench, 5);

		ck_assert_uint_eq(bench.sth.tree_size, 5);
		ck_assert(sha256_equal(&bench.sth.root, &root));
		ck_assert_uint_eq(bench.sth.raw_len, bench.raw.len);
	}
	bench_end(&bench);
}
END_TEST

START_TEST(an_unchanged_head_is_said_to_be)
{
	struct bench bench;

	bench_begin(&bench, _i, 5);
	if (_i)
		command(&bench, "like tesseract"); /* nginx sends validators */
	for (unsigned i = 0; i < 3; i++) {
		logclient_get_head(bench.client, on_head, &bench);
		wait_for_it(&bench);
		ck_assert_msg(bench.ok, "%s", bench.text);
		ck_assert_uint_eq(bench.sth.tree_size, 5);
		ck_assert_uint_gt(bench.raw.len, 100);
		ck_assert_int_eq(bench.unchanged, i > 0);
	}
	command(&bench, "grow 2");
	logclient_get_head(bench.client, on_head, &bench);
	wait_for_it(&bench);
	ck_assert_uint_eq(bench.sth.tree_size, 7);
	ck_assert(!bench.unchanged);
	bench_end(&bench);
}
END_TEST

START_TEST(an_empty_log_is_a_log)
{
	struct bench bench;
	struct sha256 empty;

	bench_begin(&bench, _i, 0);
	command(&bench, "publish");
	logclient_get_head(bench.client, on_head, &bench);
	wait_for_it(&bench);
	ck_assert_msg(bench.ok, "%s", bench.text);
	ck_assert_uint_eq(bench.sth.tree_size, 0);
	merkle_hash_empty(&empty);
	ck_assert(sha256_equal(&bench.sth.root, &empty));
	bench_end(&bench);
}
END_TEST

/* --- entries ----------------------------------------------------------------------- */

static void
on_entries(void *owner, struct logclient_entries *entries, const struct err *err)
{
	struct bench *bench = owner;
	uint8_t *body;
	size_t len;

	answered(bench, err);
	bench->entries = *entries;
	buf_clear(&bench->raw);
	buf_append_bytes(&bench->raw, entries->body);
	len = entries->body.len;
	body = logclient_entries_take_body(entries, &len);
	ck_assert_uint_eq(len, bench->raw.len);
	mem_free(body);
	bench->entries.body = (struct bytes){0};
}

/* The hash of record number i of what came. */
static struct sha256
leaf_hash_of(struct bench *bench, uint64_t index)
{
	struct sha256 hash = {0};
	struct err err = {0};

	if (bench->entries.form == LOGCLIENT_TILE) {
		struct cursor cursor = cursor_of(buf_bytes(&bench->raw));
		struct tile_record record;

		for (uint64_t i = bench->entries.first; i <= index; i++)
			ck_assert_msg(
			    tile_record_take(&cursor, &record, &err), "%s", err.text);
		merkle_hash_leaf_parts(tile_leaf_prefix(), record.entry, &hash);
	} else {
		struct entries_json entries;
		struct arena arena;
		uint8_t *copy = mem_copy(bench->raw.data, bench->raw.len);

		arena_init(&arena);
		ck_assert_msg(entries_json_parse(
				  copy, bench->raw.len, 2000, &arena, &entries, &err),
		    "%s", err.text);
		merkle_hash_leaf(
		    entries.entries[index - bench->entries.first].leaf_input, &hash);
		arena_free(&arena);
		mem_free(copy);
	}
	return hash;
}

static const struct {
	const char *what, *command;
	bool is_static;
	uint64_t start, end, count; /* of 600, or of 500 when that is its end */
	enum err_code code;
	unsigned requests;
} ENTRIES[] = {
    {"a full tile", "", true, 0, 256, 256, ERR_NONE, 1},
    {"a tile's edge ends a request", "", true, 0, 600, 256, ERR_NONE, 1},
    {"from inside a tile", "", true, 300, 600, 212, ERR_NONE, 1},
    {"inside a tile", "", true, 300, 310, 10, ERR_NONE, 1},
    {"the partial tile", "", true, 512, 600, 88, ERR_NONE, 1},
    {"the end of the partial tile", "", true, 599, 600, 1, ERR_NONE, 1},
    {"gzip", "gzip always", true, 0, 256, 256, ERR_NONE, 1},
    {"gzip without its header", "unlabelled-gzip", true, 0, 256, 256, ERR_NONE, 1},
    {"the full tile stands in", "fail 404 on tile/data/*.p/*", true, 256, 500, 244,
	ERR_NONE, 2},
    {"403 is missing, too", "fail 403 on tile/data/*.p/*", true, 256, 500, 244, ERR_NONE,
	2},
    {"both are missing", "fail 404 on tile/data/*", true, 256, 500, 0, ERR_NOT_FOUND, 2},
    {"the full tile is missing", "fail 404 on tile/data/*", true, 0, 256, 0,
	ERR_NOT_FOUND, 1},
    {"503 is no reason for the full tile", "fail 503", true, 256, 500, 0, ERR_REMOTE, 1},
    {"a parked page for a tile", "html-200", true, 0, 256, 0, ERR_PARSE, 1},
    {"nothing for a tile", "empty-200", true, 0, 256, 0, ERR_PARSE, 1},
    {"damaged gzip", "bad-gzip", true, 0, 256, 0, ERR_REMOTE, 1},
    {"backwards", "", true, 10, 10, 0, ERR_LIMIT, 0},
    {"beyond the tree", "", true, 600, 601, 0, ERR_LIMIT, 0},

    {"what was asked", "", false, 0, 10, 10, ERR_NONE, 1},
    {"as many as it gives", "", false, 0, 600, 64, ERR_NONE, 1},
    {"its alignment cuts", "", false, 63, 600, 1, ERR_NONE, 1},
    {"short", "short 7", false, 0, 64, 7, ERR_NONE, 1},
    {"the end", "", false, 590, 600, 10, ERR_NONE, 1},
    {"the end, on a log that is strict there", "edge-400", false, 590, 600, 10, ERR_NONE,
	1},
    {"a front end that lags", "shrink 300", false, 310, 320, 0, ERR_REMOTE, 1},
    {"more than asked", "more 1", false, 0, 10, 0, ERR_PARSE, 1},
    {"none", "no-entries", false, 0, 10, 0, ERR_PARSE, 1},
    {"a parked page", "html-200", false, 0, 10, 0, ERR_PARSE, 1},
    {"404", "fail 404", false, 0, 10, 0, ERR_NOT_FOUND, 1},
};

START_TEST(entries)
{
	struct bench bench;
	bool tile = ENTRIES[_i].is_static;
	uint64_t start = ENTRIES[_i].start, size = 600;

	bench_begin(&bench, tile, 600);
	/* a head of 500 was read before the log grew */
	if (ENTRIES[_i].end == 500)
		size = 500;
	command(&bench, ENTRIES[_i].command);
	logclient_get_entries(
	    bench.client, start, ENTRIES[_i].end, size, on_entries, &bench);
	wait_for_it(&bench);
	ck_assert_msg(bench.code == ENTRIES[_i].code, "%s: %s %s", ENTRIES[_i].what,
	    err_code_name(bench.code), bench.text);
	ck_assert_uint_eq(testlog_requests(bench.log, "*"), ENTRIES[_i].requests);
	ck_assert_uint_eq(bench.entries.start, start);
	if (bench.code == ERR_REMOTE && !tile)
		ck_assert_int_eq(bench.entries.status, 400);
	if (bench.ok) {
		uint64_t last = start + bench.entries.count - 1;
		struct sha256 want, got = leaf_hash_of(&bench, last);

		ck_assert_uint_eq(bench.entries.count, ENTRIES[_i].count);
		testlog_leaf_hash(bench.log, last, want.octets);
		ck_assert(sha256_equal(&got, &want));
	}
	bench_end(&bench);
}
END_TEST

/* TesseraCT deletes partial tiles soon after the tile fills: for an older head
 * the full tile stands in, and its address promises 256. */
START_TEST(a_deleted_partial_tile)
{
	struct bench bench;

	bench_begin(&bench, true, 200);
	command(&bench, "partials delete");
	command(&bench, "grow 100");
	logclient_get_entries(bench.client, 100, 200, 200, on_entries, &bench);
	wait_for_it(&bench);
	ck_assert_msg(bench.ok, "%s", bench.text);
	ck_assert_uint_eq(bench.entries.count, 100);
	ck_assert_uint_eq(bench.entries.width, 256);
	ck_assert_uint_eq(testlog_requests(bench.log, "tile/data/000.p/200"), 1);
	ck_assert_uint_eq(testlog_requests(bench.log, "tile/data/000"), 1);
	bench_end(&bench);
}
END_TEST

/* A whole log of 5000 entries as a window of one reads it: what batch it learns,
 * in how many requests. */
static const struct {
	const char *command;
	unsigned requests, batch;
} READ[] = {
    {"max 64", 81, 64},
    {"max 64 unaligned", 81, 64},
    {"max 256", 22, 256},
    {"max 1000", 9, 1000},
    {"max 1024", 5, 1024},
    {"max 32", 159, 32},
};

START_TEST(a_log_is_read_through)
{
	struct bench bench;
	uint64_t next = 0;

	bench_begin_with(&bench, new_log(false), URL);
	add_plain(bench.log, 5000, 0, 0);
	command(&bench, READ[_i].command);
	while (next < 5000) {
		uint64_t end = logclient_plan(bench.client, next, 5000);

		logclient_get_entries(bench.client, next, end, 5000, on_entries, &bench);
		wait_for_it(&bench);
		ck_assert_msg(bench.ok, "%s", bench.text);
		next += bench.entries.count;
	}
	ck_assert_uint_eq(next, 5000);
	ck_assert_uint_eq(logclient_batch(bench.client), READ[_i].batch);
	ck_assert_uint_le(testlog_requests(bench.log, "*"), READ[_i].requests);
	bench_end(&bench);
}
END_TEST

/* Replies too long to be read are asked for again in halves. */
START_TEST(large_entries_are_read_fewer_at_a_time)
{
	struct bench bench;
	struct logclient_options options = {.max_body = 20000};
	struct err err = {0};

	bench_begin(&bench, false, 64);
	options.log = bench.ct_log;
	logclient_free(bench.client);
	bench.client = logclient_new(bench.fetch, bench.clock, &options, &err);
	ck_assert_ptr_nonnull(bench.client);
	logclient_get_entries(bench.client, 0, 64, 64, on_entries, &bench);
	wait_for_it(&bench);
	ck_assert_msg(bench.ok, "%s", bench.text);
	ck_assert_uint_ge(bench.entries.count, 2);
	ck_assert_uint_le(bench.entries.count, 32);
	command(&bench, "huge 1000000");
	logclient_get_entries(bench.client, 0, 64, 64, on_entries, &bench);
	wait_for_it(&bench);
	ck_assert_int_eq(bench.code, ERR_LIMIT);
	bench_end(&bench);
}
END_TEST

/* --- proofs --------------------------------------------------------------------------
 */

static void
on_proof(void *owner, const struct logclient_proof *proof, const struct err *err)
{
	struct bench *bench = owner;

	answered(bench, err);
	bench->index = proof->index;
	ck_assert(!proof->refuted || bench->code == ERR_VERIFY);
	bench->proof = *proof;
	memcpy(bench->path, proof->path, proof->path_len * sizeof(bench->path[0]));
	buf_clear(&bench->raw);
	buf_append_bytes(&bench->raw, proof->raw);
}

static const uint64_t SIZES[] = {
    1, 2, 3, 7, 8, 255, 256, 257, 300, 512, 1000, 65536, 65537, 66000, 70000};

START_TEST(consistency_of_every_size)
{
	struct bench bench;

	bench_begin_with(&bench, new_log(_i), URL);
	add_plain(bench.log, 70000, 0, 0);
	for (size_t i = 0; i < ARRAY_LEN(SIZES); i++)
		for (size_t j = i; j < ARRAY_LEN(SIZES); j++) {
			struct sha256 first = root_of(&bench, SIZES[i]);
			struct sha256 second = root_of(&bench, SIZES[j]);

			/* the log must have published what it serves edges of */
			testlog_publish(bench.log, SIZES[j], FAKE_CLOCK_START_MS);
			logclient_prove_consistency(bench.client, SIZES[i], &first,
			    SIZES[j], &second, on_proof, &bench);
			wait_for_it(&bench);
			ck_assert_msg(bench.ok, "%" PRIu64 " to %" PRIu64 ": %s",
			    SIZES[i], SIZES[j], bench.text);
			ck_assert_int_eq(bench.proof.path_len > 0, i < j);
		}
	bench_end(&bench);
}
END_TEST

static const struct {
	const char *what, *command;
	uint64_t first, second;
	int wrong; /* which root is another: 1 (then the log convicts itself), 2 or none
		    */
	enum err_code code[2];
} CONSISTENCY[] = {
    {"holds", "", 300, 700, 0, {ERR_NONE, ERR_NONE}},
    {"from nothing", "", 0, 700, 0, {ERR_NONE, ERR_NONE}},
    {"with itself", "", 700, 700, 0, {ERR_NONE, ERR_NONE}},
    {"two trees of one size", "", 700, 700, 1, {ERR_VERIFY, ERR_VERIFY}},
    {"backwards", "", 700, 300, 0, {ERR_LIMIT, ERR_LIMIT}},
    {"our own root is another", "", 300, 700, 1, {ERR_VERIFY, ERR_VERIFY}},
    {"our own root at a power of two", "", 256, 700, 1, {ERR_VERIFY, ERR_VERIFY}},
    {"the head is another's", "", 300, 700, 2, {ERR_VERIFY, ERR_VERIFY}},
    {"a wrong hash", "bad-proof", 300, 700, 0, {ERR_VERIFY, ERR_NONE}},
    {"a wrong hash, but the frontier holds", "bad-proof on ct/v1/get-sth-consistency*",
	300, 700, 0, {ERR_NONE, ERR_NONE}},
    {"and refutes our root", "bad-proof on ct/v1/get-sth-consistency*", 300, 700, 1,
	{ERR_VERIFY, ERR_VERIFY}},
    {"a cache that ignores the query", "cache any-query on ct/v1/get-sth-consistency*",
	300, 700, 0, {ERR_NONE, ERR_NONE}},
    {"a wrong hash, once", "bad-proof count 1", 300, 700, 0, {ERR_NONE, ERR_NONE}},
    {"a tile that is not the tree's", "corrupt-tile 0 1", 300, 700, 0,
	{ERR_NONE, ERR_VERIFY}},
    {"the tile at the edge", "corrupt-tile 1 0", 300, 700, 0, {ERR_NONE, ERR_VERIFY}},
    {"once", "flip 40 count 1 on tile/0/001", 300, 700, 0, {ERR_NONE, ERR_NONE}},
    {"half a tile", "cut 100 on tile/*", 300, 700, 0, {ERR_NONE, ERR_PARSE}},
    {"no such tile", "fail 404 on tile/0/001", 300, 700, 0, {ERR_NONE, ERR_NOT_FOUND}},
    {"no partial tiles", "fail 404 on tile/*.p/*", 300, 700, 0,
	{ERR_NONE, ERR_NOT_FOUND}},
    {"refused", "fail 403 on ct/*", 300, 700, 0, {ERR_REMOTE, ERR_NONE}},
    {"out of order", "fail 503", 300, 700, 0, {ERR_REMOTE, ERR_REMOTE}},
    {"a parked page", "html-200", 300, 700, 0, {ERR_PARSE, ERR_PARSE}},
    {"past the tree", "", 300, 701, 0, {ERR_REMOTE, ERR_NOT_FOUND}},
};

START_TEST(consistency)
{
	bool is_static = _i % 2;
	size_t row = (size_t)_i / 2;
	struct bench bench;
	struct sha256 first, second;

	bench_begin_with(&bench, new_log(is_static), URL);
	add_plain(bench.log, 700, 0, 0);
	command(&bench, CONSISTENCY[row].command);
	if (strncmp(CONSISTENCY[row].command, "cache any-query", 15) == 0) {
		first = root_of(&bench, 100); /* fills the cache */
		second = root_of(&bench, 700);
		logclient_prove_consistency(
		    bench.client, 100, &first, 700, &second, on_proof, &bench);
		wait_for_it(&bench);
	}
	first = root_of(&bench, CONSISTENCY[row].first);
	second = root_of(
	    &bench, CONSISTENCY[row].second < 700 ? CONSISTENCY[row].second : 700);
	first.octets[5] ^= CONSISTENCY[row].wrong == 1;
	second.octets[5] ^= CONSISTENCY[row].wrong == 2;
	logclient_prove_consistency(bench.client, CONSISTENCY[row].first, &first,
	    CONSISTENCY[row].second, &second, on_proof, &bench);
	wait_for_it(&bench);
	ck_assert_msg(bench.code == CONSISTENCY[row].code[is_static], "%s: %s %s",
	    CONSISTENCY[row].what, err_code_name(bench.code), bench.text);
	ck_assert_msg(bench.proof.refuted == (CONSISTENCY[row].wrong == 1), "%s",
	    CONSISTENCY[row].what);
	if (bench.code == ERR_VERIFY || bench.ok)
		ck_assert_msg((bench.raw.len > 0) ==
			(CONSISTENCY[row].first != 0 &&
			    CONSISTENCY[row].first != CONSISTENCY[row].second),
		    "%s", CONSISTENCY[row].what);
	bench_end(&bench);
}
END_TEST

/* Proofs a minute apart share the tiles of the upper levels. */
START_TEST(verified_tiles_are_kept)
{
	struct bench bench;
	struct sha256 first, second;
	uint64_t before;

	bench_begin_with(&bench, new_log(true), URL);
	add_plain(bench.log, 70000, 0, 0);
	second = root_of(&bench, 70000);
	first = root_of(&bench, 66000);
	logclient_prove_consistency(
	    bench.client, 66000, &first, 70000, &second, on_proof, &bench);
	wait_for_it(&bench);
	before = testlog_requests(bench.log, "*");
	first = root_of(&bench, 66300);
	logclient_prove_consistency(
	    bench.client, 66300, &first, 70000, &second, on_proof, &bench);
	wait_for_it(&bench);
	ck_assert_msg(bench.ok, "%s", bench.text);
	ck_assert_uint_le(testlog_requests(bench.log, "*") - before, 1);
	/* the log now lies about a tile that is cached: nobody asks */
	command(&bench, "corrupt-tile 1 1");
	logclient_prove_consistency(
	    bench.client, 66300, &first, 70000, &second, on_proof, &bench);
	wait_for_it(&bench);
	ck_assert_msg(bench.ok, "%s", bench.text);
	bench_end(&bench);
}
END_TEST

START_TEST(inclusion_of_many)
{
	struct bench bench;
	static const uint64_t AT[] = {0, 1, 255, 256, 299, 511, 512, 698, 699};
	struct sha256 leaf, root;

	bench_begin_with(&bench, new_log(_i), URL);
	add_plain(bench.log, 700, 0, 0);
	root = root_of(&bench, 700);
	for (size_t i = 0; i < ARRAY_LEN(AT); i++) {
		struct err err = {0};

		testlog_leaf_hash(bench.log, AT[i], leaf.octets);
		logclient_prove_inclusion(
		    bench.client, &leaf, AT[i], 700, &root, on_proof, &bench);
		wait_for_it(&bench);
		ck_assert_msg(bench.ok, "%" PRIu64 ": %s", AT[i], bench.text);
		ck_assert_uint_eq(bench.index, AT[i]);
		ck_assert_msg(merkle_inclusion_verify(&leaf, AT[i], 700, bench.path,
				  bench.proof.path_len, &root, &err),
		    "%s", err.text);
	}
	bench_end(&bench);
}
END_TEST

static const struct {
	const char *what, *command;
	uint64_t index, leaf_of; /* leaves 10 to 19 are equal */
	enum err_code code[2];
	uint64_t proved_at[2];
} INCLUSION[] = {
    {"at its index", "", 5, 5, {ERR_NONE, ERR_NONE}, {5, 5}},
    {"anywhere", "", LOGCLIENT_ANY_INDEX, 5, {ERR_NONE, ERR_NOT_FOUND},
	{5, LOGCLIENT_ANY_INDEX}},
    {"at another's index", "", 6, 5, {ERR_NOT_FOUND, ERR_VERIFY}, {5, 6}},
    {"one of equal leaves", "", 14, 14, {ERR_NONE, ERR_NONE}, {14, 14}},
    {"one of equal leaves, by hash only", "fail 404 on ct/v1/get-entry-and-proof*", 14,
	14, {ERR_NOT_FOUND, ERR_NONE}, {10, 14}},
    {"past the tree", "", 700, 5, {ERR_LIMIT, ERR_LIMIT}, {700, 700}},
    {"a wrong hash", "bad-proof", 5, 5, {ERR_VERIFY, ERR_NONE}, {5, 5}},
    {"no proofs", "fail 404 on ct/v1/get-proof*", 5, 5, {ERR_NOT_FOUND, ERR_NONE},
	{5, 5}},
    {"null for an empty path", "null-proofs", 5, 5, {ERR_NONE, ERR_NONE}, {5, 5}},
};

START_TEST(inclusion)
{
	bool is_static = _i % 2;
	size_t row = (size_t)_i / 2;
	struct bench bench;
	struct sha256 leaf, root;

	bench_begin_with(&bench, new_log(is_static), URL);
	add_plain(bench.log, 700, 10, 20);
	command(&bench, INCLUSION[row].command);
	root = root_of(&bench, 700);
	testlog_leaf_hash(bench.log, INCLUSION[row].leaf_of, leaf.octets);
	logclient_prove_inclusion(
	    bench.client, &leaf, INCLUSION[row].index, 700, &root, on_proof, &bench);
	wait_for_it(&bench);
	ck_assert_msg(bench.code == INCLUSION[row].code[is_static], "%s: %s %s",
	    INCLUSION[row].what, err_code_name(bench.code), bench.text);
	ck_assert_uint_eq(bench.index, INCLUSION[row].proved_at[is_static]);
	bench_end(&bench);
}
END_TEST

/* --- frontiers
 * -------------------------------------------------------------------------- */

static void
on_frontier(void *owner, const struct frontier *frontier, const struct err *err)
{
	struct bench *bench = owner;

	answered(bench, err);
	if (frontier != NULL)
		bench->frontier = *frontier;
}

static void
get_frontier(struct bench *bench, uint64_t m, uint64_t size)
{
	struct sha256 root = root_of(bench, size);

	logclient_get_frontier(bench->client, m, size, &root, on_frontier, bench);
	wait_for_it(bench);
}

static void
check_frontier(struct bench *bench, uint64_t m)
{
	struct frontier want;
	struct sha256 leaf;

	ck_assert_msg(bench->ok, "%" PRIu64 ": %s", m, bench->text);
	frontier_init(&want);
	for (uint64_t i = 0; i < m; i++) {
		testlog_leaf_hash(bench->log, i, leaf.octets);
		frontier_append(&want, &leaf);
	}
	ck_assert_msg(frontier_equal(&bench->frontier, &want), "at %" PRIu64, m);
}

static const struct {
	const char *command;
	bool is_static;
	uint64_t size, equal_from, equal_to;
} FRONTIERS[] = {
    {"", false, 40, 0, 0},
    {"fail 404 on ct/v1/get-entry-and-proof*", false, 40, 0, 0},
    {"html-200 on ct/v1/get-entry-and-proof*", false, 40, 0, 0},
    {"null-proofs", false, 1, 0, 0},
    {"fail 404 on ct/v1/get-entry-and-proof*", false, 40, 13, 24},
    {"fail 404 on ct/v1/get-entry-and-proof*", false, 40, 29, 40},
    {"", true, 40, 0, 0},
    {"", true, 1, 0, 0},
    {"", true, 256, 0, 0},
    {"gzip always", true, 300, 0, 0},
};

START_TEST(frontiers_everywhere)
{
	struct bench bench;

	bench_begin_with(&bench, new_log(FRONTIERS[_i].is_static), URL);
	add_plain(bench.log, FRONTIERS[_i].size, FRONTIERS[_i].equal_from,
	    FRONTIERS[_i].equal_to);
	command(&bench, FRONTIERS[_i].command);
	for (uint64_t m = 0; m <= FRONTIERS[_i].size; m++) {
		get_frontier(&bench, m, FRONTIERS[_i].size);
		check_frontier(&bench, m);
	}
	bench_end(&bench);
}
END_TEST

START_TEST(frontiers_of_a_larger_tree)
{
	static const uint64_t AT[] = {
	    0, 1, 255, 256, 257, 12345, 65535, 65536, 65537, 66000, 69999, 70000};
	struct bench bench;

	bench_begin_with(&bench, new_log(_i), URL);
	add_plain(bench.log, 70000, 0, 0);
	for (size_t i = 0; i < ARRAY_LEN(AT); i++) {
		get_frontier(&bench, AT[i], 70000);
		check_frontier(&bench, AT[i]);
	}
	bench_end(&bench);
}
END_TEST

static const struct {
	const char *what, *command;
	bool is_static;
	uint64_t m, size;
	enum err_code code;
} NO_FRONTIER[] = {
    {"of an empty tree", "", true, 0, 0, ERR_NONE},
    {"of an empty tree", "", false, 0, 0, ERR_NONE},
    {"past the tree", "", true, 41, 40, ERR_LIMIT},
    {"past the tree", "", false, 41, 40, ERR_LIMIT},
    {"more equal leaves than are tried", "fail 404 on ct/v1/get-entry-and-proof*", false,
	80, 100, ERR_NOT_FOUND},
    {"but with the short way", "", false, 80, 100, ERR_NONE},
    {"wrong paths by either way", "bad-proof", false, 30, 100, ERR_VERIFY},
    {"a wrong path once", "bad-proof count 1", false, 30, 100, ERR_NONE},
    {"no proof endpoint", "fail 404 on ct/v1/get-*proof*", false, 30, 100, ERR_NOT_FOUND},
    {"no entries either", "fail 503", false, 30, 100, ERR_REMOTE},
    {"an entry that is not the tree's", "corrupt-entry 30", false, 30, 100,
	ERR_NOT_FOUND},
    {"a tile that is not the tree's", "corrupt-tile 0 0", true, 30, 100, ERR_VERIFY},
    {"no tiles", "fail 404 on tile/*", true, 30, 100, ERR_NOT_FOUND},
};

START_TEST(no_frontier)
{
	struct bench bench;

	bench_begin_with(&bench, new_log(NO_FRONTIER[_i].is_static), URL);
	if (NO_FRONTIER[_i].size > 0)
		add_plain(bench.log, NO_FRONTIER[_i].size, 50, 90);
	command(&bench, NO_FRONTIER[_i].command);
	get_frontier(&bench, NO_FRONTIER[_i].m, NO_FRONTIER[_i].size);
	ck_assert_msg(bench.code == NO_FRONTIER[_i].code, "%s: %s %s",
	    NO_FRONTIER[_i].what, err_code_name(bench.code), bench.text);
	bench_end(&bench);
}
END_TEST

/* --- dates
 * --------------------------------------------------------------------------------- */

static void
on_index(void *owner, uint64_t index, const struct err *err)
{
	struct bench *bench = owner;

	answered(bench, err);
	bench->index = index;
}

static void
on_time(void *owner, int64_t unix_ms, const struct err *err)
{
	struct bench *bench = owner;

	answered(bench, err);
	bench->time_ms = unix_ms;
}

/* One entry in 17 minutes, each second of them up to 5 minutes late or early. */
static int64_t
stamp(uint64_t index)
{
	return FAKE_CLOCK_START_MS + (int64_t)index * 1020000 +
	    (index % 2 == 0 ? 0 : (int64_t)(index % 11) * 60000 - 300000);
}

static void
add_stamped(struct bench *bench, unsigned count)
{
	uint8_t entry[12 + 3 + 5 + 2] = {0};

	memcpy(entry + 12, "\0\0\5abcde\0\0", 10);
	for (unsigned i = 0; i < count; i++) {
		put_be64(entry + 2, (uint64_t)stamp(i));
		testlog_add_raw(bench->log, bytes_of(entry, sizeof(entry)),
		    bytes_of("\0\0\0", 3), bytes_of("\0\0", 2));
	}
	testlog_publish(bench->log, count, stamp(count));
}

START_TEST(since_a_date)
{
	bool is_static = _i;
	int64_t early = 3600000 + (is_static ? 60000 : 86400000);
	struct bench bench;

	bench_begin_with(&bench, new_log(is_static), URL);
	add_stamped(&bench, 2000);
	for (uint64_t at = 0; at <= 2000; at += 125) {
		int64_t date = stamp(at) + 1;
		uint64_t slack = is_static ? 512 : 400;

		logclient_find_since(bench.client, date, 2000, on_index, &bench);
		wait_for_it(&bench);
		ck_assert_msg(bench.ok, "%s", bench.text);
		for (uint64_t i = 0; i < bench.index; i++)
			ck_assert_int_lt(stamp(i), date);
		/* early, but not by more than it must be */
		ck_assert_uint_le(at, bench.index + slack + (uint64_t)early / 1020000);
	}
	bench_end(&bench);
}
END_TEST

static const struct {
	const char *what, *command;
	unsigned count;
	uint64_t index;
	enum err_code code;
} SINCE[] = {
    {"an empty log", "", 0, 0, ERR_NONE},
    {"out of order", "fail 503", 2000, 0, ERR_REMOTE},
    {"no tile can be read", "html-200 on tile/*", 2000, 0, ERR_NONE},
    {"one cannot be", "html-200 on tile/data/004", 2000, 1792, ERR_NONE},
    {"the one that tells cannot be", "html-200 on tile/data/007*", 2000, 1536, ERR_NONE},
};

START_TEST(since_on_a_bad_day)
{
	struct bench bench;

	bench_begin_with(&bench, new_log(true), URL);
	add_stamped(&bench, SINCE[_i].count);
	command(&bench, SINCE[_i].command);
	logclient_find_since(
	    bench.client, stamp(1900), SINCE[_i].count, on_index, &bench);
	wait_for_it(&bench);
	ck_assert_msg(bench.code == SINCE[_i].code, "%s: %s", SINCE[_i].what, bench.text);
	if (bench.ok)
		ck_assert_msg(bench.index == SINCE[_i].index, "%s: %" PRIu64,
		    SINCE[_i].what, bench.index);
	bench_end(&bench);
}
END_TEST

START_TEST(timestamps)
{
	static const uint64_t AT[] = {0, 1, 255, 256, 300, 511, 599};
	struct bench bench;

	bench_begin_with(&bench, new_log(_i), URL);
	add_stamped(&bench, 600);
	for (size_t i = 0; i < ARRAY_LEN(AT); i++) {
		logclient_get_timestamp(bench.client, AT[i], 600, on_time, &bench);
		wait_for_it(&bench);
		ck_assert_msg(bench.ok, "%s", bench.text);
		ck_assert_int_eq(bench.time_ms, stamp(AT[i]));
	}
	bench_end(&bench);
}
END_TEST

/* --- issuers and roots
 * ------------------------------------------------------------------------ */

static void
on_issuer(void *owner, struct bytes der, const struct err *err)
{
	struct bench *bench = owner;

	answered(bench, err);
	buf_clear(&bench->raw);
	buf_append_bytes(&bench->raw, der);
}

static void
on_roots(void *owner, const struct bytes *ders, size_t count, const struct err *err)
{
	struct bench *bench = owner;

	answered(bench, err);
	bench->roots = count;
	buf_clear(&bench->raw);
	if (count > 0)
		buf_append_bytes(&bench->raw, ders[0]);
}

static const struct {
	const char *what, *command;
	enum err_code code[2];
	unsigned requests; /* static */
} ISSUERS[] = {
    {"there", "", {ERR_NOT_FOUND, ERR_NONE}, 1},
    {"missing", "missing-issuer", {ERR_NOT_FOUND, ERR_NOT_FOUND}, 1},
    {"another certificate", "wrong-issuer", {ERR_NOT_FOUND, ERR_VERIFY}, 2},
    {"another once", "flip 30 count 1", {ERR_NOT_FOUND, ERR_NONE}, 2},
    {"out of order", "fail 502", {ERR_NOT_FOUND, ERR_REMOTE}, 1},
};

START_TEST(issuers_and_roots)
{
	bool is_static = _i % 2;
	size_t row = (size_t)_i / 2;
	struct bench bench;
	struct sha256 fingerprint;

	bench_begin(&bench, is_static, 3);
	logclient_get_roots(bench.client, on_roots, &bench);
	wait_for_it(&bench);
	ck_assert_msg(bench.ok, "%s", bench.text);
	ck_assert_uint_ge(bench.roots, 1);
	sha256_of(buf_bytes(&bench.raw), &fingerprint);
	command(&bench, ISSUERS[row].command);
	logclient_get_issuer(bench.client, &fingerprint, on_issuer, &bench);
	wait_for_it(&bench);
	ck_assert_msg(bench.code == ISSUERS[row].code[is_static], "%s: %s %s",
	    ISSUERS[row].what, err_code_name(bench.code), bench.text);
	if (is_static)
		ck_assert_uint_eq(
		    testlog_requests(bench.log, "issuer/*"), ISSUERS[row].requests);
	bench_end(&bench);
}
END_TEST

/* --- the life of calls
 * ----------------------------------------------------------------------- */

static void
on_head_then_free(void *owner, const struct logclient_head *head, const struct err *err)
{
	struct bench *bench = owner;

	(void)head;
	answered(bench, err);
	logclient_free(bench->client);
	bench->client = NULL;
}

START_TEST(cancelled_calls_are_silent)
{
	struct bench bench;
	struct sha256 root, leaf;

	bench_begin_with(&bench, new_log(_i), URL);
	add_plain(bench.log, 700, 0, 0);
	root = root_of(&bench, 700);
	testlog_leaf_hash(bench.log, 3, leaf.octets);
	for (int round = 0; round < 6; round++) {
		struct logclient *c = bench.client;
		struct logclient_call *calls[] = {
		    logclient_get_head(c, on_head, &bench),
		    logclient_get_entries(c, 0, 10, 700, on_entries, &bench),
		    logclient_get_entries(c, 0, 10, 5, on_entries, &bench),
		    logclient_prove_consistency(
			c, 300, &root, 700, &root, on_proof, &bench),
		    logclient_prove_consistency(
			c, 0, &root, 700, &root, on_proof, &bench),
		    logclient_prove_inclusion(c, &leaf, 3, 700, &root, on_proof, &bench),
		    logclient_get_frontier(c, 300, 700, &root, on_frontier, &bench),
		    logclient_find_since(c, FAKE_CLOCK_START_MS, 700, on_index, &bench),
		    logclient_get_timestamp(c, 5, 700, on_time, &bench),
		    logclient_get_issuer(c, &leaf, on_issuer, &bench),
		    logclient_get_roots(c, on_roots, &bench),
		};

		for (int step = 0; step < 7 * round; step++)
			fake_clock_step(bench.clock);
		if (round > 0)
			break; /* some have answered by now: the end cancels the others */
		for (size_t i = 0; i < ARRAY_LEN(calls); i++)
			logclient_cancel(calls[i]);
		ck_assert_uint_eq(fake_fetch_waiting(bench.fetch), 0);
		ck_assert_uint_eq(bench.calls, 0);
	}
	bench_end(&bench);
}
END_TEST

static void
on_proof_then_free(
    void *owner, const struct logclient_proof *proof, const struct err *err)
{
	(void)proof;
	on_head_then_free(owner, NULL, err);
}

START_TEST(a_client_may_go_in_its_answer)
{
	struct bench bench;
	struct sha256 root, leaf;

	bench_begin(&bench, _i % 2, 5);
	root = root_of(&bench, 5);
	testlog_leaf_hash(bench.log, 3, leaf.octets);
	if (_i < 2)
		logclient_get_head(bench.client, on_head_then_free, &bench);
	else
		logclient_prove_inclusion(
		    bench.client, &leaf, 3, 5, &root, on_proof_then_free, &bench);
	logclient_get_roots(bench.client, on_roots, &bench);
	fake_clock_settle(bench.clock, 1000);
	ck_assert_uint_eq(bench.calls, 1);
	bench_end(&bench);
}
END_TEST

/* --- real logs
 * -------------------------------------------------------------------------------- */

static void
link_shared(const char *shared, const char *name)
{
	const char *from = unit_shared(shared);
	char *to = unit_temp(name), *full = realpath(from, NULL);

	ck_assert_int_eq(symlink(full, to), 0);
	free(full);
	mem_free(to);
}

static void
make_folder(const char *name)
{
	char *path = unit_temp(name);

	mkdir(path, 0700);
	mem_free(path);
}

/* Navigli 2025h2's real tiles, under a head that our own key signed. */
START_TEST(navigli)
{
#define NAVIGLI "vectors/synthetic/navigli-1024"
#define TILES   "vectors/static-ct/navigli2025h2/tile"
	struct bench bench = {0};
	struct ct_log_options log = {.name = "navigli", .kind = CT_LOG_STATIC};
	struct logclient_options options = {0};
	struct buf key64, key, checkpoint;
	char *folder, *url;
	struct err err = {0};
	struct sha256 leaf;

	if (unit_shared(NAVIGLI "/checkpoint-1024") == NULL)
		return;
	make_folder("navigli");
	make_folder("navigli/tile");
	link_shared(TILES "/0", "navigli/tile/0");
	link_shared(TILES "/data", "navigli/tile/data");
	link_shared(NAVIGLI "/tile/1", "navigli/tile/1");
	link_shared(NAVIGLI "/checkpoint-1024", "navigli/checkpoint");
	key64 = unit_file(unit_shared(NAVIGLI "/log-key.b64"));
	while (key64.len > 0 && key64.data[key64.len - 1] == '\n')
		key64.len--;
	buf_init(&key, 1000);
	ck_assert(base64_decode(buf_bytes(&key64), &key));
	checkpoint = unit_file(unit_shared(NAVIGLI "/checkpoint-1024"));
	folder = unit_temp("navigli");
	url = mem_format("file://%s", folder);
	log.key = buf_bytes(&key);
	log.url = url;
	/* the origin that the checkpoint has */
	log.submission = mem_format("https://%.*s/",
	    (int)strcspn(buf_text(&checkpoint), "\n"), buf_text(&checkpoint));
	bench.ct_log = ct_log_new(&log, &err);
	ck_assert_msg(bench.ct_log != NULL, "%s", err.text);
	bench.clock = clock_new(NULL);
	bench.fetch = fetch_new(NULL, bench.clock, NULL, &err);
	options.log = bench.ct_log;
	bench.client = logclient_new(bench.fetch, bench.clock, &options, &err);
	ck_assert_msg(bench.client != NULL, "%s", err.text);
	sth_init(&bench.sth);
	buf_init(&bench.raw, 1 << 24);

	logclient_get_head(bench.client, on_head, &bench);
	wait_for_it(&bench);
	ck_assert_msg(bench.ok, "%s", bench.text);
	ck_assert_uint_eq(bench.sth.tree_size, 1024);
	for (uint64_t next = 0; next < 1024;) {
		uint64_t end = logclient_plan(bench.client, next, 1024);

		logclient_get_entries(bench.client, next, end, 1024, on_entries, &bench);
		wait_for_it(&bench);
		ck_assert_msg(bench.ok, "%s", bench.text);
		leaf = leaf_hash_of(&bench, end - 1);
		logclient_prove_inclusion(bench.client, &leaf, end - 1, 1024,
		    &bench.sth.root, on_proof, &bench);
		wait_for_it(&bench);
		ck_assert_msg(bench.ok, "%s", bench.text);
		next = end;
	}
	for (uint64_t m = 0; m <= 1024; m += 64) {
		struct sha256 root;

		logclient_get_frontier(
		    bench.client, m, 1024, &bench.sth.root, on_frontier, &bench);
		wait_for_it(&bench);
		ck_assert_msg(bench.ok, "%s", bench.text);
		frontier_root(&bench.frontier, &root);
		logclient_prove_consistency(
		    bench.client, m, &root, 1024, &bench.sth.root, on_proof, &bench);
		wait_for_it(&bench);
		ck_assert_msg(bench.ok, "%s", bench.text);
	}
	logclient_free(bench.client);
	fetch_free(bench.fetch);
	clock_free(bench.clock);
	ct_log_free(bench.ct_log);
	sth_fini(&bench.sth);
	buf_free(&bench.raw);
	buf_free(&key);
	buf_free(&key64);
	buf_free(&checkpoint);
	mem_free((char *)(uintptr_t)log.submission);
	mem_free(folder);
	mem_free(url);
}
END_TEST

/* Argon 2020 as it answered: its own heads, an entry, both proofs. */
static void
answer_argon(void *owner, const struct fetch_query *query, struct fake_reply *reply)
{
	static const struct {
		const char *ask, *file;
	} FILES[] = {
	    {"/get-sth", "get-sth.json"},
	    {"/get-entries?start=10000&end=10000", "get-entries-10000.json"},
	    {"/get-proof-by-hash?hash=nCs3mfIydh9x4CKyQ%2Bu2xtmpxmFggA5MLymHwNQSlLg%3D"
	     "&tree_size=961984011",
		"get-proof-by-hash.json"},
	    {"/get-sth-consistency?first=3654490&second=961984011",
		"get-sth-consistency-3654490-961984011.json"},
	};

	(void)owner;
	reply->status = 404;
	for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
		const char *at = strstr(query->url, "/ct/v1/");
		char name[200];
		struct buf body;

		if (at == NULL || strcmp(at + 6, FILES[i].ask) != 0)
			continue;
		snprintf(
		    name, sizeof(name), "vectors/rfc6962/argon2020/%s", FILES[i].file);
		body = unit_file(unit_shared(name));
		reply->status = 200;
		reply->taken = buf_take(&body, &reply->len);
	}
}

START_TEST(argon2020)
{
	struct bench bench = {0};
	struct ct_log_options log = {
	    .name = "argon2020", .url = "https://ct.example/logs/argon2020"};
	struct logclient_options options = {0};
	struct buf key64, key, first64, first;
	struct sha256 first_root, root;
	struct err err = {0};

	if (unit_shared("vectors/rfc6962/argon2020/get-sth.json") == NULL)
		return;
	key64 = unit_file(unit_shared("vectors/rfc6962/argon2020/log-key.b64"));
	first64 =
	    unit_file(unit_shared("vectors/rfc6962/argon2020/first-root-3654490.b64"));
	buf_init(&key, 1000);
	buf_init(&first, 100);
	while (key64.data[key64.len - 1] == '\n')
		key64.len--;
	while (first64.data[first64.len - 1] == '\n')
		first64.len--;
	ck_assert(base64_decode(buf_bytes(&key64), &key));
	ck_assert(base64_decode(buf_bytes(&first64), &first));
	ck_assert(sha256_from(buf_bytes(&first), &first_root));
	log.key = buf_bytes(&key);
	bench.ct_log = ct_log_new(&log, &err);
	ck_assert_msg(bench.ct_log != NULL, "%s", err.text);
	bench.clock = clock_new(NULL);
	bench.fetch = fetch_new(NULL, bench.clock, NULL, &err);
	fake_fetch_answer(bench.fetch, answer_argon, NULL);
	options.log = bench.ct_log;
	bench.client = logclient_new(bench.fetch, bench.clock, &options, &err);
	sth_init(&bench.sth);
	buf_init(&bench.raw, 1 << 24);

	logclient_get_head(bench.client, on_head, &bench);
	wait_for_it(&bench);
	ck_assert_msg(bench.ok, "%s", bench.text);
	root = bench.sth.root;
	logclient_prove_consistency(
	    bench.client, 3654490, &first_root, 961984011, &root, on_proof, &bench);
	wait_for_it(&bench);
	ck_assert_msg(bench.ok, "%s", bench.text);
	logclient_get_frontier(
	    bench.client, 10000, 961984011, &root, on_frontier, &bench);
	wait_for_it(&bench);
	ck_assert_msg(bench.ok, "%s", bench.text);
	ck_assert_uint_eq(bench.frontier.size, 10000);
	logclient_free(bench.client);
	fetch_free(bench.fetch);
	clock_free(bench.clock);
	ct_log_free(bench.ct_log);
	sth_fini(&bench.sth);
	buf_free(&bench.raw);
	buf_free(&key);
	buf_free(&key64);
	buf_free(&first);
	buf_free(&first64);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("logclient");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, heads, 0, 2 * UNIT_COUNT(HEADS));
	tcase_add_loop_test(tc, an_unchanged_head_is_said_to_be, 0, 2);
	tcase_add_loop_test(tc, an_empty_log_is_a_log, 0, 2);
	tcase_add_loop_test(tc, entries, 0, UNIT_COUNT(ENTRIES));
	tcase_add_test(tc, a_deleted_partial_tile);
	tcase_add_test(tc, large_entries_are_read_fewer_at_a_time);
	tcase_add_loop_test(tc, a_log_is_read_through, 0, UNIT_COUNT(READ));
	tcase_add_loop_test(tc, consistency_of_every_size, 0, 2);
	tcase_add_loop_test(tc, consistency, 0, 2 * UNIT_COUNT(CONSISTENCY));
	tcase_add_test(tc, verified_tiles_are_kept);
	tcase_add_loop_test(tc, inclusion_of_many, 0, 2);
	tcase_add_loop_test(tc, inclusion, 0, 2 * UNIT_COUNT(INCLUSION));
	tcase_add_loop_test(tc, frontiers_everywhere, 0, UNIT_COUNT(FRONTIERS));
	tcase_add_loop_test(tc, frontiers_of_a_larger_tree, 0, 2);
	tcase_add_loop_test(tc, no_frontier, 0, UNIT_COUNT(NO_FRONTIER));
	tcase_add_loop_test(tc, since_a_date, 0, 2);
	tcase_add_loop_test(tc, since_on_a_bad_day, 0, UNIT_COUNT(SINCE));
	tcase_add_loop_test(tc, timestamps, 0, 2);
	tcase_add_loop_test(tc, issuers_and_roots, 0, 2 * UNIT_COUNT(ISSUERS));
	tcase_add_loop_test(tc, cancelled_calls_are_silent, 0, 2);
	tcase_add_loop_test(tc, a_client_may_go_in_its_answer, 0, 4);
	tcase_add_test(tc, navigli);
	tcase_add_test(tc, argon2020);
	return unit_run("replay/logclient", tc);
}
