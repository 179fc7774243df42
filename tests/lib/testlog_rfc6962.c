/* RFC 6962, 4: the JSON endpoints, as Google's CTFE answers (wire-formats.md 8). */
#include "tests/lib/testlog_priv.h"

#include <stdio.h>
#include <stdlib.h>

/* --- parameters ----------------------------------------------------------- */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The decoded value of a query's parameter (mem_free), NULL when it is absent. A
 * raw "+" is a space, as everywhere in queries. */
static char *
parameter(const char *query, const char *name)
{
	size_t name_len = strlen(name);

	while (*query != '\0') {
		size_t len = strcspn(query, "&");

		if (len > name_len && query[name_len] == '=' &&
		    strncmp(query, name, name_len) == 0) {
			char *value = mem_copy(query + name_len + 1, len - name_len - 1);
			char *to = value;

			for (const char *at = value; *at != '\0'; at++) {
				if (*at == '%' && hex_digit(at[1]) >= 0 &&
				    hex_digit(at[2]) >= 0) {
					*to++ = (char)(hex_digit(at[1]) * 16 +
					    hex_digit(at[2]));
					at += 2;
				} else {
					*to++ = (char)(*at == '+' ? ' ' : *at);
				}
			}
			*to = '\0';
			return value;
		}
		query += len + (query[len] == '&');
	}
	return NULL;
}

/* A whole number below 2^63. */
static bool
number(const char *query, const char *name, uint64_t *out)
{
	char *text = parameter(query, name), *end;
	bool ok = text != NULL && *text >= '0' && *text <= '9';

	if (ok) {
		*out = strtoull(text, &end, 10);
		ok = *end == '\0' && strlen(text) < 20 && *out < UINT64_C(1) << 63;
	}
	mem_free(text);
	return ok;
}

/* --- pieces of replies ---------------------------------------------------- */

static void
refuse(struct testlog_answer *out, int status, const char *text)
{
	const char *title = status == 400 ? "Bad Request"
	    : status == 404               ? "Not Found"
					  : "Internal Server Error";
	char *body = mem_format("%s\n%s\n", title, text);

	testlog_answer_text(out, status, "text/plain; charset=utf-8", body);
	mem_free(body);
}

static void
put_base64(struct buf *out, const char *before, struct bytes data, const char *after)
{
	buf_append_text(out, before);
	base64_encode(data, out);
	buf_append_text(out, after);
}

/* Hashes as a JSON array; an empty one as the log was told: [] or null. */
static void
put_hashes(struct buf *out, const struct buf *hashes, bool null_if_empty)
{
	if (hashes->len == 0) {
		buf_append_text(out, null_if_empty ? "null" : "[]");
		return;
	}
	for (size_t i = 0; i < hashes->len; i += TESTLOG_HASH_LEN)
		put_base64(out, i == 0 ? "[\"" : ",\"",
		    bytes_of(hashes->data + i, TESTLOG_HASH_LEN), "\"");
	buf_append_text(out, "]");
}

static void
put_entry(struct testlog *log, uint64_t index, struct buf *out)
{
	struct entry_view it;
	struct buf extra, leaf;

	testlog_entry_view(log, index, &it);
	buf_init(&extra, UINT64_C(1) << 27);
	buf_init(&leaf, UINT64_C(1) << 26);
	testlog_entry_extra_data(&it, &extra);
	if (index == log->lies.corrupt_entry) {
		buf_append_bytes(&leaf, it.leaf_input);
		leaf.data[9] ^= 1; /* the timestamp's last byte */
		it.leaf_input = buf_bytes(&leaf);
	}
	put_base64(out, "{\"leaf_input\":\"", it.leaf_input, "\",\"extra_data\":\"");
	base64_encode(buf_bytes(&extra), out);
	buf_append_text(out, "\"");
	buf_free(&leaf);
	buf_free(&extra);
}

/* --- endpoints ------------------------------------------------------------ */

static void
get_sth(struct testlog *log, struct testlog_answer *out)
{
	const struct head *head = testlog_head_served(log);

	buf_append_format(&out->body, "{\"tree_size\":%llu,\"timestamp\":%lld",
	    (unsigned long long)head->size, (long long)head->timestamp_ms);
	put_base64(&out->body, ",\"sha256_root_hash\":\"",
	    bytes_of(head->root, sizeof(head->root)), "\",\"tree_head_signature\":\"");
	base64_encode(buf_bytes(&head->signature), &out->body);
	buf_append_text(&out->body, "\"}");
}

static void
get_consistency(struct testlog *log, const char *query, struct testlog_answer *out)
{
	uint64_t first, second, size = testlog_size(log);
	struct buf proof;

	if (!number(query, "first", &first) || !number(query, "second", &second)) {
		refuse(out, 400, "Bad parameters first and second");
		return;
	}
	if (first > second) {
		refuse(out, 400, "Invalid parameters: first > second");
		return;
	}
	if (first > 0 && second > size) {
		refuse(out, 400, "need tree size: second is past the tree");
		return;
	}
	buf_init(&proof, 65536);
	if (first > 0)
		testlog_consistency(log, first, second, &proof);
	buf_append_text(&out->body, "{\"consistency\":");
	put_hashes(&out->body, &proof, log->null_proofs);
	buf_append_text(&out->body, "}");
	buf_free(&proof);
}

static bool
find_leaf(const struct testlog *log, const uint8_t *hash, uint64_t *index)
{
	const struct tree *tree = &log->views[log->view].tree;

	for (uint64_t i = 0; i < testlog_tree_size(tree); i++)
		if (memcmp(testlog_tree_node(tree, 0, i), hash, TESTLOG_HASH_LEN) == 0) {
			*index = i;
			return true;
		}
	return false;
}

static void
get_proof_by_hash(struct testlog *log, const char *query, struct testlog_answer *out)
{
	char *text = parameter(query, "hash");
	struct buf hash, proof;
	uint64_t size, index = 0;
	bool good = number(query, "tree_size", &size) && size > 0;

	buf_init(&hash, 64);
	buf_init(&proof, 65536);
	good = good && text != NULL && base64_decode(bytes_text(text), &hash) &&
	    hash.len == TESTLOG_HASH_LEN;
	mem_free(text);
	if (!good) {
		refuse(out, 400, "Bad hash or tree_size");
	} else if (!find_leaf(log, hash.data, &index) ||
	    (index >= size && size <= testlog_size(log))) {
		refuse(out, 404, "no such leaf in a tree of this size");
	} else if (size > testlog_size(log)) {
		refuse(out, 500, "tree size is past the tree");
	} else {
		testlog_inclusion(log, index, size, &proof);
		buf_append_format(&out->body,
		    "{\"leaf_index\":%llu,\"audit_path\":", (unsigned long long)index);
		put_hashes(&out->body, &proof, log->null_proofs);
		buf_append_text(&out->body, "}");
	}
	buf_free(&hash);
	buf_free(&proof);
}

static void
get_entry_and_proof(struct testlog *log, const char *query, struct testlog_answer *out)
{
	uint64_t index, size;
	struct buf proof;

	if (!number(query, "leaf_index", &index) || !number(query, "tree_size", &size) ||
	    size == 0 || index >= size) {
		refuse(out, 400, "Bad leaf_index or tree_size");
		return;
	}
	if (size > testlog_size(log)) {
		refuse(out, 400, "need tree size: tree_size is past the tree");
		return;
	}
	buf_init(&proof, 65536);
	testlog_inclusion(log, index, size, &proof);
	put_entry(log, index, &out->body);
	buf_append_text(&out->body, ",\"audit_path\":");
	put_hashes(&out->body, &proof, true); /* CTFE: null for a tree of one */
	buf_append_text(&out->body, "}");
	buf_free(&proof);
}

/* The end of the reply (exclusive) to a request for [start, end). CTFE's
 * align_getentries: what spans a reply's worth or more ends on a multiple of it. */
static uint64_t
reply_end(const struct testlog *log, uint64_t start, uint64_t end)
{
	uint64_t max = log->lies.short_max != 0 ? log->lies.short_max : log->max_entries;

	if (end - start >= max) {
		end = start + max;
		if (log->align)
			end -= end % max;
	}
	return end;
}

static void
get_entries(struct testlog *log, const char *query, struct testlog_answer *out)
{
	uint64_t start, end, asked, size = testlog_size(log);
	bool cut;

	if (!number(query, "start", &start) || !number(query, "end", &end) ||
	    start > end) {
		refuse(out, 400, "Bad parameters start and end");
		return;
	}
	if (start >= size || (log->lies.edge_400 && end >= size)) {
		char *text =
		    mem_format("need tree size: %llu to get leaves but only got: %llu",
			(unsigned long long)(start >= size ? start : end) + 1,
			(unsigned long long)size);

		refuse(out, 400, text);
		mem_free(text);
		return;
	}
	asked = reply_end(log, start, end + 1);
	cut = asked > size;
	end = (cut ? size : asked) + log->lies.more;
	if (end > size)
		end = size;
	if (log->lies.no_entries)
		end = start;
	buf_append_text(&out->body, "{\"entries\":[");
	for (uint64_t i = start; i < end; i++) {
		buf_append_text(&out->body, i == start ? "" : ",");
		put_entry(log, i, &out->body);
		buf_append_text(&out->body, "}");
	}
	buf_append_text(&out->body, "]}");
	buf_append_format(
	    &out->headers, "Cache-Control: public, max-age=%d\n", cut ? 60 : 86400);
}

static void
get_roots(struct testlog *log, struct testlog_answer *out)
{
	out->content_type = "text/plain; charset=utf-8";
	buf_append_text(&out->body, "{\"certificates\":[");
	for (size_t i = 0; i < log->roots_len; i++)
		put_base64(
		    &out->body, i == 0 ? "\"" : ",\"", buf_bytes(&log->roots[i]), "\"");
	buf_append_text(&out->body, "]}");
}

void
testlog_serve_rfc6962(struct testlog *log, const struct testlog_request *request,
    const char *path, const char *query, struct testlog_answer *out)
{
	(void)request;
	out->content_type = "application/json";
	out->chunked = true;
	if (strcmp(path, "get-sth") == 0)
		get_sth(log, out);
	else if (strcmp(path, "get-sth-consistency") == 0)
		get_consistency(log, query, out);
	else if (strcmp(path, "get-proof-by-hash") == 0)
		get_proof_by_hash(log, query, out);
	else if (strcmp(path, "get-entry-and-proof") == 0)
		get_entry_and_proof(log, query, out);
	else if (strcmp(path, "get-entries") == 0)
		get_entries(log, query, out);
	else if (strcmp(path, "get-roots") == 0)
		get_roots(log, out);
	else
		testlog_answer_not_found(log, out);
	if (log->gzip == GZIP_ALWAYS || (log->gzip == GZIP_ASKED && request->accept_gzip))
		testlog_answer_gzip(out);
}
