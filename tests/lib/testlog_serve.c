/* One request, one answer: which protocol it is for, and what every answer has. */
#include "tests/lib/testlog_priv.h"

#include <assert.h>
#include <fnmatch.h>
#include <zlib.h>

#define MAX_BODY (UINT64_C(1) << 30)

void
testlog_answer_init(struct testlog_answer *answer)
{
	*answer = (struct testlog_answer){
	    .status = 200, .body_repeats = 1, .send_at_most = UINT64_MAX};
	buf_init(&answer->headers, 65536);
	buf_init(&answer->body, MAX_BODY);
}

void
testlog_answer_free(struct testlog_answer *answer)
{
	buf_free(&answer->headers);
	buf_free(&answer->body);
}

void
testlog_answer_text(
    struct testlog_answer *out, int status, const char *content_type, const char *text)
{
	out->status = status;
	out->content_type = content_type;
	buf_clear(&out->body);
	buf_append_text(&out->body, text);
}

void
testlog_answer_not_found(struct testlog *log, struct testlog_answer *out)
{
	switch (log->like) {
	case LIKE_CTFE:
		testlog_answer_text(out, 404, NULL, "");
		break;
	case LIKE_SUNLIGHT:
		testlog_answer_text(
		    out, 404, "text/plain; charset=utf-8", "404 page not found\n");
		break;
	case LIKE_TESSERACT: /* nginx in front */
		testlog_answer_text(out, 404, "text/html",
		    "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n"
		    "<center><h1>404 Not Found</h1></center>\r\n<hr>"
		    "<center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n");
		break;
	}
}

void
testlog_answer_gzip(struct testlog_answer *out)
{
	z_stream stream = {0};
	struct buf packed;

	buf_init(&packed, MAX_BODY);
	int set = deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);

	assert(set == Z_OK);
	size_t room = deflateBound(&stream, out->body.len);

	stream.next_in = out->body.data;
	stream.avail_in = (uInt)out->body.len;
	stream.next_out = buf_extend(&packed, room);
	stream.avail_out = (uInt)room;
	int done = deflate(&stream, Z_FINISH);

	assert(done == Z_STREAM_END);
	(void)set, (void)done;
	packed.len = stream.total_out;
	deflateEnd(&stream);
	buf_free(&out->body);
	out->body = packed;
	buf_append_text(&out->headers, "Content-Encoding: gzip\n");
}

static void
count_request(struct testlog *log, const char *target)
{
	struct testlog_counter *counter = map_get(&log->requests, bytes_text(target));

	if (counter == NULL) {
		counter = mem_zero(1, sizeof(*counter));
		map_put(&log->requests, bytes_text(target), counter);
	}
	counter->count++;
}

uint64_t
testlog_requests(const struct testlog *log, const char *pattern)
{
	size_t at = 0;
	uint64_t total = 0;
	struct bytes key;
	void *value;

	while (map_next(&log->requests, &at, &key, &value)) {
		char *target = mem_copy(key.data, key.len);

		if (fnmatch(pattern, target, 0) == 0)
			total += ((struct testlog_counter *)value)->count;
		mem_free(target);
	}
	return total;
}

/* log.v3.json: sunlight, azul and newer CTFE. */
static void
serve_description(struct testlog *log, struct testlog_answer *out)
{
	uint8_t id[sizeof(log->id)];

	memcpy(id, log->id, sizeof(id));
	id[0] ^= log->lies.other_identity;
	out->content_type = "application/json";
	buf_append_format(&out->body, "{\"description\":\"%s\",\"log_id\":\"", log->name);
	base64_encode(bytes_of(id, sizeof(id)), &out->body);
	buf_append_text(&out->body, "\",\"key\":\"");
	base64_encode(buf_bytes(&log->spki), &out->body);
	buf_append_format(&out->body, "\",\"mmd\":%d}\n", log->static_ct ? 60 : 86400);
}

static void
route(struct testlog *log, const struct testlog_request *request,
    struct testlog_answer *out)
{
	const char *query = strchr(request->target, '?');
	size_t len =
	    query != NULL ? (size_t)(query - request->target) : strlen(request->target);
	char *path = mem_copy(request->target, len);

	if (request->method != NULL && strcmp(request->method, "GET") != 0)
		testlog_answer_text(
		    out, 405, "text/plain; charset=utf-8", "Method Not Allowed\n");
	else if (strcmp(path, "log.v3.json") == 0)
		serve_description(log, out);
	else if (strncmp(path, "ct/v1/", 6) == 0 &&
	    (log->serve_rfc6962 || strcmp(path, "ct/v1/get-roots") == 0))
		testlog_serve_rfc6962(
		    log, request, path + 6, query != NULL ? query + 1 : "", out);
	else if (log->serve_static && strncmp(path, "ct/", 3) != 0)
		testlog_serve_static(log, request, path, out);
	else
		testlog_answer_not_found(log, out);
	mem_free(path);
}

void
testlog_answer(struct testlog *log, const struct testlog_request *request,
    struct testlog_answer *out)
{
	count_request(log, request->target);
	if (!testlog_faults_instead(log, request->target, out))
		route(log, request, out);
	testlog_faults_after(log, request->target, out);
}
