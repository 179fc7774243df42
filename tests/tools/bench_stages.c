/*
 * bench_stages - what each stage costs alone, on one thread, over a log that
 * makelog wrote: decoding, leaf hashes, certificates and their names, matching,
 * the tree, the store's part of a batch that stores nothing. A line of JSON a
 * stage; of several runs the fastest.
 *
 *	bench_stages --log DIR --entries 200000 --reply 1000 --work DIR
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "merkle/frontier.h"
#include "store/certificate.h"
#include "store/coverage.h"
#include "store/log.h"
#include "store/range.h"
#include "store/watch.h"
#include "tests/lib/bench.h"
#include "tests/lib/benchlog.h"
#include "tests/lib/options.h"
#include "watch/watch.h"
#include "wire/entries_json.h"
#include "wire/tile.h"
#include "x509/san.h"

enum stage {
	DECODE_TILE,
	DECODE_REPLY,
	HASH_LEAF,
	PARSE,
	NAMES,
	MATCH_FEW,
	MATCH_MANY,
	MATCH_MOST,
	TREE,
	STORE,
	STAGES,
};
static const char *const STAGE_NAMES[STAGES] = {"decoding, tiles",
    "decoding, RFC 6962 (JSON and base64)", "leaf hashes", "certificates", "their names",
    "matching, 1 domain", "matching, 10,000 domains", "matching, 100,000 domains", "tree",
    "store, nothing matched"};
static const size_t WATCHED[] = {1, 10000, 100000};

#define GROUP 64 /* batches a transaction */

struct bench {
	const char *log, *work;
	uint64_t entries, reply;
	unsigned runs;
	struct watch_set *watches[ARRAY_LEN(WATCHED)];
	struct store *store;
	int64_t range;
	struct arena arena;
	struct cert *certs; /* of a tile */
	double spent[STAGES], best[STAGES];
	uint64_t seen; /* so that nothing is left out as useless */
};

static void
must(bool ok, const struct err *err)
{
	if (!ok)
		tool_die("bench_stages: %s", err->text);
}

static void
lap(struct bench *bench, double *began, enum stage stage)
{
	double now = bench_cpu_s();

	bench->spent[stage] += now - *began;
	*began = now;
}

static uint8_t *
load(const struct bench *bench, const char *name, size_t *len)
{
	char *path = mem_format("%s/%s", bench->log, name);
	int fd = open(path, O_RDONLY);
	struct stat about;
	uint8_t *data;

	if (fd < 0 || fstat(fd, &about) != 0)
		tool_die("bench_stages: cannot read %s", path);
	*len = (size_t)about.st_size;
	data = mem_alloc(*len + 1);
	if (read(fd, data, *len) != about.st_size)
		tool_die("bench_stages: cannot read %s", path);
	data[*len] = '\0';
	close(fd);
	mem_free(path);
	return data;
}

/* --- a tile ----------------------------------------------------------------- */

static void
decode(struct bytes body, struct tile_record *records, size_t count)
{
	struct cursor at = cursor_of(body);
	struct err err;

	for (size_t i = 0; i < count; i++)
		must(tile_record_take(&at, &records[i], &err), &err);
}

static void
parse(struct bench *bench, const struct tile_record *records, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bench->seen += records[i].leaf.kind == LEAF_PRECERT
		    ? cert_parse_tbs(records[i].leaf.certificate, &bench->certs[i])
		    : cert_parse(records[i].leaf.certificate, &bench->certs[i]);
}

static void
find_names(struct bench *bench, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct dns_iter iter;
		struct dns_found found;

		cert_dns_names(&bench->certs[i], &iter);
		while (dns_next(&iter, &found))
			bench->seen += found.name.len;
	}
}

static void
match(struct bench *bench, const struct watch_set *watches, size_t count)
{
	struct watch_matches matches;

	arena_reset(&bench->arena);
	for (size_t i = 0; i < count; i++) {
		watch_matches_init(&matches, &bench->arena);
		watch_set_match_names(watches, &bench->certs[i], &matches);
		bench->seen += matches.count;
	}
}

/* What a batch costs the writer when none of it is stored. */
static void
put_batch(struct bench *bench, const struct frontier *frontier, uint64_t start)
{
	uint8_t text[FRONTIER_TEXT_MAX];
	struct range_step step = {.id = bench->range,
	    .expected = start,
	    .next = frontier->size,
	    .frontier = bytes_of(text, frontier_serialise(frontier, text)),
	    .now_ms = 1};
	struct coverage_row coverage = {.log = 1,
	    .start = start,
	    .end = frontier->size,
	    .head_timestamp_ms = STORE_NO_TIME};
	struct statistic_row count = {
	    .issuer = 1, .name = bytes_text("entries"), .count = 256};
	uint64_t number = start / TILE_WIDTH;
	enum store_upkeep left;
	struct err err;
	bool moved;

	must(number % GROUP != 0 || store_begin(bench->store, &err), &err);
	must(store_range_advance(bench->store, &step, &moved, &err) && moved &&
		store_coverage_put(bench->store, &coverage, &err) &&
		store_statistic_add(bench->store, &count, &err),
	    &err);
	if (number % GROUP != GROUP - 1 && frontier->size < bench->entries)
		return;
	must(
	    store_commit(bench->store, &err) && store_maintain(bench->store, &left, &err),
	    &err);
}

static void
run_tile(struct bench *bench, struct frontier *frontier, uint64_t start, size_t count)
{
	struct tile_record records[TILE_WIDTH];
	struct sha256 leaves[TILE_WIDTH];
	struct merkle_subtree subtrees[MERKLE_SUBTREES_MAX];
	char path[TILE_PATH_MAX];
	size_t len, made;
	uint8_t *body =
	    load(bench, tile_path_data(start / TILE_WIDTH, (unsigned)count, path), &len);
	double began = bench_cpu_s();
	struct err err;

	decode(bytes_of(body, len), records, count);
	lap(bench, &began, DECODE_TILE);
	for (size_t i = 0; i < count; i++)
		merkle_hash_leaf_parts(tile_leaf_prefix(), records[i].entry, &leaves[i]);
	lap(bench, &began, HASH_LEAF);
	parse(bench, records, count);
	lap(bench, &began, PARSE);
	find_names(bench, count);
	lap(bench, &began, NAMES);
	for (size_t i = 0; i < ARRAY_LEN(WATCHED); i++) {
		match(bench, bench->watches[i], count);
		lap(bench, &began, (enum stage)(MATCH_FEW + i));
	}
	made = merkle_subtrees_of(leaves, start, count, subtrees);
	must(frontier_append_subtrees(frontier, subtrees, made, &err), &err);
	lap(bench, &began, TREE);
	put_batch(bench, frontier, start);
	lap(bench, &began, STORE);
	mem_free(body);
}

/* --- a reply ----------------------------------------------------------------- */

static void
run_reply(struct bench *bench, uint64_t start, uint64_t end)
{
	char name[96];
	struct entries_json reply;
	size_t len;
	uint8_t *body;
	struct leaf leaf;
	struct extra_data extra;
	struct err err;
	double began;

	snprintf(
	    name, sizeof(name), "ct/v1/get-entries-%" PRIu64 "-%" PRIu64, start, end - 1);
	body = load(bench, name, &len);
	arena_reset(&bench->arena);
	began = bench_cpu_s();
	must(entries_json_parse(body, len, end - start, &bench->arena, &reply, &err),
	    &err);
	for (size_t i = 0; i < reply.count; i++)
		must(leaf_parse(reply.entries[i].leaf_input, &leaf, &err) &&
			extra_data_parse(
			    reply.entries[i].extra_data, leaf.kind, &extra, &err),
		    &err);
	lap(bench, &began, DECODE_REPLY);
	mem_free(body);
}

/* --- all of it ----------------------------------------------------------------- */

static struct watch_set *
make_watches(size_t count)
{
	struct watch_domain_row *rows = mem_zero(count, sizeof(*rows));
	char(*names)[BENCHLOG_NAME_LEN] = mem_alloc(count * sizeof(*names));
	struct watch_set *set;
	struct err err;

	for (size_t i = 0; i < count; i++) {
		benchlog_domain(
		    i == 0 ? benchlog_domain_of(0) : BENCHLOG_DOMAINS + i, names[i]);
		rows[i].name = names[i];
	}
	set = watch_set_new(rows, count, NULL, 0, &err);
	must(set != NULL, &err);
	mem_free(names);
	mem_free(rows);
	return set;
}

static void
remove_database(const char *path)
{
	static const char *const ENDS[] = {"", "-wal", "-shm", ".lock"};

	for (size_t i = 0; i < ARRAY_LEN(ENDS); i++) {
		char *file = mem_format("%s%s", path, ENDS[i]);

		unlink(file);
		mem_free(file);
	}
}

static void
run(struct bench *bench)
{
	char *path = mem_format("%s/stages.db", bench->work);
	struct store_options options = {.path = path};
	struct log_row log = {.log_id = bytes_of("0123456789012345678901234567890", 32),
	    .kind = bytes_text("static")};
	struct issuer_row issuer = {
	    .dn = bytes_text("dn"), .dn_normalised = bytes_text("dn")};
	struct range_row range = {.log = 1};
	struct frontier frontier;
	struct err err;

	remove_database(path);
	must((bench->store = store_open(&options, &err)) != NULL, &err);
	must(store_begin(bench->store, &err) && store_log_put(bench->store, &log, &err) &&
		store_issuer_put(bench->store, &issuer, &err) &&
		store_range_put(bench->store, &range, &err) &&
		store_commit(bench->store, &err),
	    &err);
	bench->range = range.id;
	frontier_init(&frontier);
	for (uint64_t at = 0; at < bench->entries; at += TILE_WIDTH)
		run_tile(bench, &frontier, at,
		    (size_t)(bench->entries - at < TILE_WIDTH ? bench->entries - at
							      : TILE_WIDTH));
	for (uint64_t at = 0; at < bench->entries; at += bench->reply)
		run_reply(bench, at,
		    at + bench->reply < bench->entries ? at + bench->reply
						       : bench->entries);
	store_close(bench->store);
	remove_database(path);
	mem_free(path);
}

#define SETTER(name, statement)                                                          \
	static void name(void *owner, const char *value)                                 \
	{                                                                                \
		struct bench *bench = owner;                                             \
		statement;                                                               \
	}

SETTER(set_log, bench->log = value)
SETTER(set_work, bench->work = value)
SETTER(set_entries, bench->entries = strtoull(value, NULL, 10))
SETTER(set_reply, bench->reply = strtoull(value, NULL, 10))
SETTER(set_runs, bench->runs = (unsigned)strtoul(value, NULL, 10))

static const struct tool_option OPTIONS[] = {
    {"log", "DIR", "the folder of makelog --rfc6962", set_log},
    {"work", "DIR", "where the database is made", set_work},
    {"entries", "N", "how many the log has", set_entries},
    {"reply", "N", "entries a get-entries reply", set_reply},
    {"runs", "N", "default: 3", set_runs},
};

int
main(int argc, char **argv)
{
	struct bench bench = {.reply = 1000, .runs = 3};

	tool_options(argc, argv, "Measures each stage alone.", OPTIONS,
	    ARRAY_LEN(OPTIONS), &bench);
	if (bench.log == NULL || bench.work == NULL || bench.entries == 0)
		tool_die("bench_stages: --help says what it needs");
	arena_init(&bench.arena);
	bench.certs = mem_zero(TILE_WIDTH, sizeof(*bench.certs));
	for (size_t i = 0; i < ARRAY_LEN(WATCHED); i++)
		bench.watches[i] = make_watches(WATCHED[i]);
	for (unsigned i = 0; i < bench.runs; i++) {
		memset(bench.spent, 0, sizeof(bench.spent));
		run(&bench);
		for (int k = 0; k < STAGES; k++)
			if (i == 0 || bench.spent[k] < bench.best[k])
				bench.best[k] = bench.spent[k];
	}
	for (int k = 0; k < STAGES; k++)
		printf(
		    "{\"stage\":\"%s\",\"per_cpu_second\":%.0f,\"ns_an_entry\":%.0f}\n",
		    STAGE_NAMES[k], (double)bench.entries / bench.best[k],
		    bench.best[k] * 1e9 / (double)bench.entries);
	for (size_t i = 0; i < ARRAY_LEN(WATCHED); i++)
		watch_set_unref(bench.watches[i]);
	arena_free(&bench.arena);
	mem_free(bench.certs);
	return bench.seen > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
