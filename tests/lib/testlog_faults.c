/* What befalls an answer on its way: the faults of a server and of the path to it. */
#include "tests/lib/testlog_priv.h"

#include <fnmatch.h>
#include <stdio.h>

void
testlog_lies_reset(struct lies *lies)
{
	*lies = (struct lies){.corrupt_entry = UINT64_MAX,
	    .corrupt_level = -2,
	    .corrupt_partial = UINT64_MAX};
}

static void
fault_free(struct fault *fault)
{
	map_free(&fault->cached, mem_free);
	mem_free(fault);
}

void
testlog_faults_free(struct testlog *log)
{
	while (log->faults != NULL) {
		struct fault *next = log->faults->next;

		fault_free(log->faults);
		log->faults = next;
	}
}

/* Whether this fault's turn has come; counts it down. */
static bool
fault_strikes(struct fault *fault, const char *target)
{
	if (fault->left == 0 ||
	    (fault->pattern[0] != '\0' && fnmatch(fault->pattern, target, 0) != 0))
		return false;
	if (fault->skip > 0) {
		fault->skip--;
		return false;
	}
	if (fault->left != UINT64_MAX)
		fault->left--;
	return true;
}

static void
fail_with(const struct fault *fault, struct testlog_answer *out)
{
	char *body = mem_format("error %lld, on command\n", (long long)fault->number);

	testlog_answer_text(out, (int)fault->number, "text/plain; charset=utf-8", body);
	mem_free(body);
	while (out->body.len < fault->size)
		buf_append_text(&out->body, "what the database said, over and over\n");
	if (fault->text[0] != '\0')
		buf_append_format(&out->headers, "Retry-After: %s\n", fault->text);
}

static const char PARKED[] = "<!DOCTYPE html><html><head><title>Parked</title></head>"
			     "<body><h1>This domain is for sale</h1></body></html>\n";

static bool
answer_instead(const struct fault *fault, struct testlog_answer *out)
{
	switch (fault->kind) {
	case FAULT_FAIL:
		fail_with(fault, out);
		return true;
	case FAULT_HTML:
		testlog_answer_text(out, 200, "text/html; charset=utf-8", PARKED);
		return true;
	case FAULT_EMPTY:
		testlog_answer_text(out, 200, NULL, "");
		return true;
	case FAULT_HANG:
		out->delay_ms = TESTLOG_NEVER;
		return true;
	case FAULT_RESET:
		out->reset = true;
		return true;
	case FAULT_REDIRECT:
		testlog_answer_text(out, 302, "text/html", "");
		buf_append_format(&out->headers, "Location: %s\n", fault->text);
		return true;
	case FAULT_TRUNCATE:
	case FAULT_SLOW:
	case FAULT_DELAY:
	case FAULT_CUT:
	case FAULT_HUGE:
	case FAULT_FLIP:
	case FAULT_CACHE:
	case FAULT_SWALLOW_GZIP:
	case FAULT_BAD_GZIP:
	case FAULT_BAD_PROOF:
		break;
	}
	return false;
}

static bool
takes_the_place(enum fault_kind kind)
{
	return kind <= FAULT_REDIRECT;
}

bool
testlog_faults_instead(
    struct testlog *log, const char *target, struct testlog_answer *out)
{
	for (struct fault *fault = log->faults; fault != NULL; fault = fault->next)
		if (takes_the_place(fault->kind) && fault_strikes(fault, target))
			return answer_instead(fault, out);
	return false;
}

/* --- after the answer ----------------------------------------------------- */

struct cached {
	size_t headers_len, body_len;
	const char *content_type;
	int status;
	uint8_t data[];
};

/* A cache in between: the first reply to a path (number 1: whatever its query)
 * is given to everybody. */
static void
cache(struct fault *fault, const char *target, struct testlog_answer *out)
{
	size_t len = fault->number == 1 ? strcspn(target, "?") : strlen(target);
	struct cached *kept = map_get(&fault->cached, bytes_of(target, len));

	if (kept == NULL) {
		kept = mem_alloc(sizeof(*kept) + out->headers.len + out->body.len);
		*kept = (struct cached){.headers_len = out->headers.len,
		    .body_len = out->body.len,
		    .content_type = out->content_type,
		    .status = out->status};
		memcpy(kept->data, buf_text(&out->headers), kept->headers_len);
		memcpy(
		    kept->data + kept->headers_len, buf_text(&out->body), kept->body_len);
		map_put(&fault->cached, bytes_of(target, len), kept);
		return;
	}
	out->status = kept->status;
	out->content_type = kept->content_type;
	buf_clear(&out->headers);
	buf_append(&out->headers, kept->data, kept->headers_len);
	buf_clear(&out->body);
	buf_append(&out->body, kept->data + kept->headers_len, kept->body_len);
}

static void
swallow_gzip(struct testlog_answer *out, bool junk)
{
	static const char HEADER[] = "Content-Encoding: gzip\n";

	if (junk) {
		buf_append_text(&out->headers, HEADER);
		return;
	}
	testlog_answer_gzip(out); /* and the header that says so goes */
	out->headers.len -= sizeof(HEADER) - 1;
}

/* One base64 digit of the last hash in a JSON reply. */
static void
bend_proof(struct testlog_answer *out)
{
	const char *body = buf_text(&out->body), *last = strrchr(body, '"');

	if (strstr(body, "\"consistency\":[\"") != NULL ||
	    strstr(body, "\"audit_path\":[\"") != NULL) {
		uint8_t *digit = out->body.data + (last - body) - 10;

		*digit = *digit == 'A' ? 'B' : 'A';
	}
}

static void
strike(struct fault *fault, const char *target, struct testlog_answer *out)
{
	uint64_t number = (uint64_t)fault->number;

	switch (fault->kind) {
	case FAULT_TRUNCATE:
		out->send_at_most = number;
		out->chunked = false;
		break;
	case FAULT_SLOW:
		out->bytes_per_s = fault->number;
		break;
	case FAULT_DELAY:
		out->delay_ms = fault->number;
		break;
	case FAULT_CUT:
		if (out->body.len > number)
			out->body.len = number;
		break;
	case FAULT_HUGE:
		if (out->body.len > 0)
			out->body_repeats = number / out->body.len + 1;
		break;
	case FAULT_FLIP:
		if (out->body.len > number)
			out->body.data[number] ^= 0x20;
		break;
	case FAULT_CACHE:
		cache(fault, target, out);
		break;
	case FAULT_SWALLOW_GZIP:
	case FAULT_BAD_GZIP:
		swallow_gzip(out, fault->kind == FAULT_BAD_GZIP);
		break;
	case FAULT_BAD_PROOF:
		bend_proof(out);
		break;
	case FAULT_FAIL:
	case FAULT_HTML:
	case FAULT_EMPTY:
	case FAULT_HANG:
	case FAULT_RESET:
	case FAULT_REDIRECT:
		break;
	}
}

void
testlog_faults_after(struct testlog *log, const char *target, struct testlog_answer *out)
{
	for (struct fault *fault = log->faults; fault != NULL; fault = fault->next)
		if (!takes_the_place(fault->kind) && fault_strikes(fault, target))
			strike(fault, target, out);
}
