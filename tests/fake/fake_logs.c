#include "tests/fake/fake_logs.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "fetch/inflate.h"
#include "fetch/retry.h"
#include "tests/fake/fake_clock.h"

#define GIVES_UP_MS 120000 /* of a server that never answers */

void
fake_logs_add(struct fake_logs *logs, const char *url, struct testlog *log)
{
	logs->logs[logs->count].url = url;
	logs->logs[logs->count].log = log;
	logs->count++;
}

/* The value of a header line "Name: value\n"; false where there is none. */
static bool
header(struct buf *headers, const char *name, char *out, size_t room)
{
	size_t len = strlen(name);

	for (const char *at = buf_text(headers); *at != '\0';) {
		size_t line = strcspn(at, "\n");

		if (line > len + 2 && strncmp(at, name, len) == 0 && at[len] == ':') {
			snprintf(out, room, "%.*s", (int)(line - len - 2), at + len + 2);
			return true;
		}
		at += line + (at[line] == '\n');
	}
	return false;
}

static void
take_headers(
    struct fake_logs *logs, struct testlog_answer *answer, struct fake_reply *reply)
{
	char text[200];
	int64_t ms;

	if (header(&answer->headers, "ETag", logs->etag, sizeof(logs->etag)))
		reply->etag = logs->etag;
	if (header(&answer->headers, "Last-Modified", logs->last_modified,
		sizeof(logs->last_modified)))
		reply->last_modified = logs->last_modified;
	if (header(&answer->headers, "Retry-After", text, sizeof(text)) &&
	    (ms = retry_after_parse(text,
		 logs->clock != NULL ? clock_now_ms(logs->clock) : FAKE_CLOCK_START_MS)) >
		0)
		reply->retry_after_ms = ms;
}

/* The body after transfer; false when the transfer broke. */
static bool
take_body(struct testlog_answer *answer, size_t max_body, struct fake_reply *reply)
{
	struct buf plain;
	char text[200];
	bool ok = true;

	if (answer->reset || answer->send_at_most < answer->body.len)
		return false;
	if (answer->body_repeats > 1) { /* only its length counts */
		reply->len = max_body + 1;
		reply->taken = mem_zero(reply->len, 1);
		return true;
	}
	if (header(&answer->headers, "Content-Encoding", text, sizeof(text)) &&
	    answer->body.len > 0) {
		buf_init(&plain, max_body + 1);
		ok = inflate_gzip(buf_bytes(&answer->body), &plain, NULL);
		if (ok)
			reply->taken = buf_take(&plain, &reply->len);
		buf_free(&plain);
		return ok;
	}
	reply->taken = buf_take(&answer->body, &reply->len);
	return true;
}

void
fake_logs_answer(void *owner, const struct fetch_query *query, struct fake_reply *reply)
{
	struct fake_logs *logs = owner;
	struct testlog_answer answer;

	for (size_t i = 0; i < logs->count; i++) {
		size_t len = strlen(logs->logs[i].url);
		struct testlog_request request = {
		    .target = query->url + len,
		    .if_none_match = query->etag,
		    .if_modified_since = query->last_modified,
		    .accept_gzip = true,
		};

		if (strncmp(query->url, logs->logs[i].url, len) != 0)
			continue;
		logs->logs[i].background = query->background;
		testlog_answer_init(&answer);
		testlog_answer(logs->logs[i].log, &request, &answer);
		reply->status = answer.status;
		reply->delay_ms = answer.delay_ms;
		take_headers(logs, &answer, reply);
		if (answer.delay_ms == TESTLOG_NEVER) {
			reply->status = 0;
			reply->delay_ms = GIVES_UP_MS;
		} else if (!take_body(&answer, query->max_body, reply)) {
			reply->status = 0;
		}
		testlog_answer_free(&answer);
		return;
	}
}
