/* static-ct-api: checkpoint, tiles, data tiles, issuers. */
#include "tests/lib/testlog_priv.h"

#include <time.h>

#define DATA_LEVEL (-1)
#define IMMUTABLE  "Cache-Control: public, max-age=604800, immutable\n"

/* --- tile paths ----------------------------------------------------------- */

/* 1234067 as "x001/x234/067". */
static void
index_format(uint64_t index, struct buf *out)
{
	if (index >= 1000) {
		uint64_t above = index / 1000, divisor = 1;

		while (above / divisor >= 1000)
			divisor *= 1000;
		for (; divisor > 0; divisor /= 1000)
			buf_append_format(
			    out, "x%03u/", (unsigned)(above / divisor % 1000));
	}
	buf_append_format(out, "%03u", (unsigned)(index % 1000));
}

void
testlog_tile_path_format(int level, uint64_t index, unsigned width, struct buf *out)
{
	if (level == DATA_LEVEL)
		buf_append_text(out, "tile/data/");
	else
		buf_append_format(out, "tile/%d/", level);
	index_format(index, out);
	if (width < 256)
		buf_append_format(out, ".p/%u", width);
}

/* Parses by trying: what does not print back the same is no tile path. */
bool
testlog_tile_path_parse(const char *path, int *level, uint64_t *index, unsigned *width)
{
	const char *at = path;
	struct buf again;
	bool same;

	if (strncmp(at, "tile/data/", 10) == 0) {
		*level = DATA_LEVEL;
		at += 10;
	} else if (strncmp(at, "tile/", 5) == 0 && at[5] >= '0' && at[5] <= '5' &&
	    at[6] == '/') {
		*level = at[5] - '0';
		at += 7;
	} else {
		return false;
	}
	*index = 0;
	*width = 256;
	for (; *at != '\0' && *at != '.'; at++)
		if (*at >= '0' && *at <= '9' && *index < UINT64_C(1) << 50)
			*index = *index * 10 + (uint64_t)(*at - '0');
	if (strncmp(at, ".p/", 3) == 0)
		for (*width = 0, at += 3; *at >= '0' && *at <= '9' && *width < 1000; at++)
			*width = *width * 10 + (unsigned)(*at - '0');
	buf_init(&again, 256);
	testlog_tile_path_format(*level, *index, *width, &again);
	same = *width > 0 && strcmp(buf_text(&again), path) == 0;
	buf_free(&again);
	return same;
}

/* --- what exists ---------------------------------------------------------- */

/* Hashes at a tile level in a tree of this size. */
static uint64_t
hashes_at(uint64_t size, int level)
{
	return level == DATA_LEVEL ? size : size >> (8 * level);
}

static uint64_t
served_size(const struct testlog *log)
{
	uint64_t size = testlog_tree_size(&log->views[log->view].tree), largest = 0;

	for (size_t i = 0; i < log->sizes_len; i++)
		if (log->sizes[i] > largest && log->sizes[i] <= size)
			largest = log->sizes[i];
	return largest;
}

/* A partial tile is there when a published head ended on it. */
static bool
partial_published(const struct testlog *log, int level, uint64_t index, unsigned width)
{
	for (size_t i = 0; i < log->sizes_len; i++)
		if (hashes_at(log->sizes[i], level) == index * 256 + width)
			return true;
	return false;
}

static bool
tile_exists(const struct testlog *log, int level, uint64_t index, unsigned width)
{
	bool full = hashes_at(served_size(log), level) >= (index + 1) * 256;

	if (width == 256)
		return full;
	if (log->partials == PARTIAL_NONE || (log->partials == PARTIAL_DELETE && full))
		return false;
	return partial_published(log, level, index, width);
}

/* --- bodies --------------------------------------------------------------- */

static void
data_body(struct testlog *log, uint64_t index, unsigned width, struct buf *out)
{
	bool wrong_prefix = width < 256 && index == log->lies.corrupt_partial;

	for (unsigned i = 0; i < width; i++) {
		struct entry_view it;
		size_t begin = out->len;

		testlog_entry_view(log, index * 256 + i, &it);
		buf_append_bytes(
		    out, bytes_of(it.leaf_input.data + 2, it.leaf_input.len - 2));
		if (index * 256 + i == log->lies.corrupt_entry ||
		    (wrong_prefix && i == 0))
			out->data[begin + 7] ^= 1; /* the timestamp's last byte */
		testlog_entry_tail(&it, out);
	}
}

bool
testlog_tile_body(
    struct testlog *log, int level, uint64_t index, unsigned width, struct buf *out)
{
	const struct tree *tree = &log->views[log->view].tree;

	if (level == DATA_LEVEL) {
		data_body(log, index, width, out);
		return !out->failed;
	}
	for (unsigned i = 0; i < width; i++)
		buf_append(out,
		    testlog_tree_node(tree, 8 * (unsigned)level, index * 256 + i),
		    TESTLOG_HASH_LEN);
	if ((level == log->lies.corrupt_level && index == log->lies.corrupt_tile) ||
	    (level == 0 && width < 256 && index == log->lies.corrupt_partial))
		out->data[TESTLOG_HASH_LEN - 1] ^= 1;
	return !out->failed;
}

static void
serve_tile(struct testlog *log, const struct testlog_request *request, const char *path,
    struct testlog_answer *out)
{
	int level;
	uint64_t index;
	unsigned width;

	if (!testlog_tile_path_parse(path, &level, &index, &width) ||
	    !tile_exists(log, level, index, width)) {
		testlog_answer_not_found(log, out);
		return;
	}
	out->content_type = "application/octet-stream";
	if (log->like == LIKE_SUNLIGHT)
		buf_append_text(&out->headers, IMMUTABLE);
	testlog_tile_body(log, level, index, width, &out->body);
	if ((log->gzip == GZIP_ALWAYS && level == DATA_LEVEL) ||
	    (log->gzip == GZIP_ASKED && request->accept_gzip)) {
		testlog_answer_gzip(out);
		out->chunked = true;
	}
}

static void
serve_issuer(struct testlog *log, const char *hex, struct testlog_answer *out)
{
	uint8_t fingerprint[32];
	const struct issuer *issuer = NULL;

	if (!log->lies.missing_issuers && strlen(hex) == 64 &&
	    strcspn(hex, "ABCDEF") == 64 && hex_parse(hex, fingerprint, 32))
		issuer = map_get(&log->issuers, bytes_of(fingerprint, 32));
	if (issuer == NULL) {
		testlog_answer_not_found(log, out);
		return;
	}
	out->content_type = "application/pkix-cert";
	if (log->like == LIKE_SUNLIGHT)
		buf_append_text(&out->headers, IMMUTABLE);
	buf_append(&out->body, issuer->der, issuer->len);
	if (log->lies.wrong_issuers)
		out->body.data[out->body.len - 1] ^= 1;
}

/* RFC 9110, 5.6.7 */
static void
http_date(int64_t unix_s, char out[64])
{
	struct tm tm;
	time_t when = (time_t)unix_s;

	gmtime_r(&when, &tm);
	strftime(out, 64, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/* Sunlight compares dates, nginx entity tags. */
static void
serve_checkpoint(struct testlog *log, const struct testlog_request *request,
    struct testlog_answer *out)
{
	const struct head *head = testlog_head_served(log);
	char date[64], tag[64];

	http_date(head->timestamp_ms / 1000, date);
	/* nginx's is of the file's time, which is not what the head says of itself. */
	snprintf(tag, sizeof(tag), "\"%llx-%llx\"",
	    (unsigned long long)head->timestamp_ms, (unsigned long long)head->size);
	out->content_type = "text/plain; charset=utf-8";
	buf_append_format(&out->headers, "Last-Modified: %s\n", date);
	if (log->like == LIKE_SUNLIGHT)
		buf_append_text(&out->headers, "Cache-Control: no-store\n");
	else
		buf_append_format(&out->headers, "ETag: %s\n", tag);
	if (log->like == LIKE_SUNLIGHT ? request->if_modified_since != NULL &&
		    strcmp(request->if_modified_since, date) == 0
				       : request->if_none_match != NULL &&
		    strcmp(request->if_none_match, tag) == 0) {
		out->status = 304;
		return;
	}
	buf_append_bytes(&out->body, buf_bytes(&head->note));
}

void
testlog_serve_static(struct testlog *log, const struct testlog_request *request,
    const char *path, struct testlog_answer *out)
{
	if (strcmp(path, "checkpoint") == 0)
		serve_checkpoint(log, request, out);
	else if (strncmp(path, "tile/", 5) == 0)
		serve_tile(log, request, path, out);
	else if (strncmp(path, "issuer/", 7) == 0)
		serve_issuer(log, path + 7, out);
	else
		testlog_answer_not_found(log, out);
}
