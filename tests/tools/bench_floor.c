/*
 * bench_floor - what no reader of a log can go below: its bytes fetched by
 * libcurl to nowhere, and SHA-256 over them; of an RFC 6962 log over what their
 * base64 stands for. Prints one line of JSON; of several runs the fastest.
 *
 *	bench_floor --url http://127.0.0.1:PORT/bench/ --entries 200000
 *	bench_floor --url http://127.0.0.1:PORT/classic/ --entries 200000 --reply 1000
 */
#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "tests/lib/bench.h"
#include "tests/lib/options.h"
#include "wire/tile.h"

struct floor {
	const char *url;
	uint64_t entries, reply; /* reply: entries a get-entries reply; 0: tiles */
	unsigned runs;
	CURL *curl;
	struct buf body, decoded; /* get-entries: base64 needs it whole */
	struct sha256_stream *stream;
	uint64_t bytes;
};

static size_t
on_data(char *data, size_t size, size_t count, void *owner)
{
	struct floor *floor = owner;
	struct bytes piece = bytes_of(data, size * count);

	floor->bytes += piece.len;
	if (floor->reply == 0)
		sha256_stream_add(floor->stream, piece);
	else
		buf_append_bytes(&floor->body, piece);
	return piece.len;
}

/* Every string of the reply that is no name of a member. */
static void
hash_reply(struct floor *floor)
{
	const uint8_t *at = floor->body.data, *end = at + floor->body.len, *quote;

	while ((at = memchr(at, '"', (size_t)(end - at))) != NULL && ++at < end) {
		struct bytes text;

		if ((quote = memchr(at, '"', (size_t)(end - at))) == NULL)
			tool_die("bench_floor: no get-entries reply");
		text = bytes_of(at, (size_t)(quote - at));
		if (text.len > 16 && base64_decode(text, &floor->decoded))
			sha256_stream_add(floor->stream, buf_bytes(&floor->decoded));
		at = quote + 1;
	}
	buf_clear(&floor->body);
}

static void
get(struct floor *floor, const char *path)
{
	char *url = mem_format("%s%s", floor->url, path);

	curl_easy_setopt(floor->curl, CURLOPT_URL, url);
	if (curl_easy_perform(floor->curl) != CURLE_OK)
		tool_die("bench_floor: %s cannot be read", url);
	if (floor->reply > 0)
		hash_reply(floor);
	mem_free(url);
}

static void
get_all(struct floor *floor)
{
	char path[TILE_PATH_MAX];
	uint64_t step = floor->reply > 0 ? floor->reply : TILE_WIDTH;

	for (uint64_t at = 0; at < floor->entries; at += step) {
		uint64_t end = at + step < floor->entries ? at + step : floor->entries;

		if (floor->reply > 0) {
			snprintf(path, sizeof(path),
			    "ct/v1/get-entries?start=%" PRIu64 "&end=%" PRIu64, at,
			    end - 1);
			get(floor, path);
		} else {
			get(floor,
			    tile_path_data(at / TILE_WIDTH, (unsigned)(end - at), path));
		}
	}
}

static void
prepare(struct floor *floor)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
	floor->curl = curl_easy_init();
	curl_easy_setopt(floor->curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(floor->curl, CURLOPT_WRITEDATA, floor);
	curl_easy_setopt(floor->curl, CURLOPT_BUFFERSIZE, 65536L);
	curl_easy_setopt(floor->curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(floor->curl, CURLOPT_PROXY, "");
	buf_init(&floor->body, (size_t)1 << 30);
	buf_init(&floor->decoded, (size_t)1 << 30);
	floor->stream = sha256_stream_new();
}

#define SETTER(name, statement)                                                          \
	static void name(void *owner, const char *value)                                 \
	{                                                                                \
		struct floor *floor = owner;                                             \
		statement;                                                               \
	}

SETTER(set_url, floor->url = value)
SETTER(set_entries, floor->entries = strtoull(value, NULL, 10))
SETTER(set_reply, floor->reply = strtoull(value, NULL, 10))
SETTER(set_runs, floor->runs = (unsigned)strtoul(value, NULL, 10))

static const struct tool_option OPTIONS[] = {
    {"url", "URL", "the log, with a slash behind", set_url},
    {"entries", "N", "how many it has", set_entries},
    {"reply", "N", "an RFC 6962 log: entries a reply; default: tiles", set_reply},
    {"runs", "N", "default: 3", set_runs},
};

int
main(int argc, char **argv)
{
	struct floor floor = {.runs = 3};
	double best = 0, wall = 0;

	tool_options(
	    argc, argv, "Fetches a log to nowhere.", OPTIONS, ARRAY_LEN(OPTIONS), &floor);
	if (floor.url == NULL || floor.entries == 0)
		tool_die("bench_floor: --help says what it needs");
	prepare(&floor);
	for (unsigned i = 0; i < floor.runs; i++) {
		double cpu = bench_cpu_s(), began = bench_wall_s();

		floor.bytes = 0;
		get_all(&floor);
		cpu = bench_cpu_s() - cpu;
		if (i > 0 && cpu >= best)
			continue;
		best = cpu;
		wall = bench_wall_s() - began;
	}
	printf("{\"entries\":%" PRIu64 ",\"per_second\":%.0f,\"per_cpu_second\":%.0f,"
	       "\"bytes_an_entry\":%" PRIu64 "}\n",
	    floor.entries, (double)floor.entries / wall, (double)floor.entries / best,
	    floor.bytes / floor.entries);
	return EXIT_SUCCESS;
}
