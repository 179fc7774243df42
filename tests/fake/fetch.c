#include "tests/fake/fake_fetch.h"

#include <stdio.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "fetch/inflate.h"

#define HOSTS_MAX 128

struct fetch_request {
	struct fetch *fetch;
	struct fetch_request *next, **link; /* in the engine's list */
	fetch_done_fn *done;
	void *owner;
	struct clock_timer *timer; /* NULL: it is being answered */
	bool conditional, sniff_gzip;
	size_t max_body;
	struct rest *host;          /* NULL: none of them rests */
	struct fake_request *later; /* to be asked when the host has rested */
	struct fake_reply reply;
	struct buf body;
};

/* What is kept of a query that waits. */
struct fake_request {
	char *url, *etag, *last_modified;
	bool allow_file;
};

struct rest {
	char host[80]; /* as in the URL, with its port */
	int64_t until_ms;
};

struct fetch {
	struct rest *hosts; /* NULL: nobody rests */
	size_t host_count;
	struct clock *clock;
	fake_fetch_fn *answer;
	void *owner;
	struct fetch_request *waiting;
	size_t submitted, count, bytes;
	struct fetch_counts counts;
};

struct fetch *
fetch_new(struct ev_loop *loop, struct clock *clock, const struct fetch_options *options,
    struct err *err)
{
	struct fetch *fetch = mem_zero(1, sizeof(*fetch));

	(void)loop;
	(void)options;
	(void)err;
	fetch->clock = clock;
	return fetch;
}

void
fetch_free(struct fetch *fetch)
{
	if (fetch == NULL)
		return;
	while (fetch->waiting != NULL)
		fetch_cancel(fetch->waiting);
	mem_free(fetch->hosts);
	mem_free(fetch);
}

void
fake_fetch_rests(struct fetch *fetch)
{
	if (fetch->hosts == NULL)
		fetch->hosts = mem_zero(HOSTS_MAX, sizeof(*fetch->hosts));
}

static struct rest *
host_of(struct fetch *fetch, const char *url)
{
	const char *host = strstr(url, "://") + 3;
	size_t len = strcspn(host, "/");
	struct rest *rest;

	for (size_t i = 0; i < fetch->host_count; i++)
		if (strncmp(fetch->hosts[i].host, host, len) == 0 &&
		    fetch->hosts[i].host[len] == '\0')
			return &fetch->hosts[i];
	if (fetch->host_count == HOSTS_MAX || len >= sizeof(rest->host))
		return NULL;
	rest = &fetch->hosts[fetch->host_count++];
	memcpy(rest->host, host, len);
	return rest;
}

static void
later_free(struct fake_request *later)
{
	if (later == NULL)
		return;
	mem_free(later->url);
	mem_free(later->etag);
	mem_free(later->last_modified);
	mem_free(later);
}

void
fake_fetch_answer(struct fetch *fetch, fake_fetch_fn *answer, void *owner)
{
	fetch->answer = answer;
	fetch->owner = owner;
}

static void
unlink_request(struct fetch_request *request)
{
	*request->link = request->next;
	if (request->next != NULL)
		request->next->link = request->link;
	request->fetch->count--;
}

static void
free_request(struct fetch_request *request)
{
	mem_free((char *)(uintptr_t)request->reply.etag);
	mem_free((char *)(uintptr_t)request->reply.last_modified);
	mem_free((char *)(uintptr_t)request->reply.bad_tls);
	later_free(request->later);
	buf_free(&request->body);
	mem_free(request);
}

/* As the engine judges it. */
static bool
judge(struct fetch_request *request, struct err *err)
{
	int status = request->reply.status;
	struct buf plain;
	bool ok;

	if (status == 0)
		return err_set(err, ERR_REMOTE, "fake: the transfer broke off");
	if (status == 404 || status == 410)
		return err_set(err, ERR_NOT_FOUND, "fake: HTTP %d", status);
	if ((status < 200 || status > 299) && !(status == 304 && request->conditional))
		return err_set(err, ERR_REMOTE, "fake: HTTP %d", status);
	if (request->sniff_gzip && request->body.len > 1 &&
	    request->body.data[0] == 0x1f && request->body.data[1] == 0x8b) {
		buf_init(&plain, request->max_body);
		ok = inflate_gzip(buf_bytes(&request->body), &plain, err);
		buf_free(&request->body);
		request->body = plain;
		if (!ok)
			return false;
	}
	if (request->body.len > request->max_body)
		return err_set(err, ERR_LIMIT, "fake: the body is longer than %zu bytes",
		    request->max_body);
	return true;
}

static void
on_due(void *owner)
{
	struct fetch_request *request = owner;
	struct fetch *fetch = request->fetch;
	struct err err = {0};
	struct buf safe;
	bool ok;
	struct fetch_result result = {
	    .status = request->reply.status,
	    .etag = request->reply.etag,
	    .last_modified = request->reply.last_modified,
	    .bad_tls = request->reply.bad_tls,
	    .retry_after_ms =
		request->reply.retry_after_ms > 0 ? request->reply.retry_after_ms : -1,
	    .elapsed_ms = request->reply.delay_ms,
	    .tries = 1,
	    .request = request,
	};

	request->timer = NULL;
	unlink_request(request);
	if (request->host != NULL && request->reply.retry_after_ms > 0 &&
	    (request->reply.status == 429 || request->reply.status == 503))
		request->host->until_ms =
		    clock_mono_ms(fetch->clock) + request->reply.retry_after_ms;
	ok = judge(request, &err);
	buf_init(&safe, 8192);
	if (ok)
		result.body = buf_bytes(&request->body);
	else
		text_append_safe(&safe, buf_bytes(&request->body), 500);
	result.error_body = buf_text(&safe);
	ok ? fetch->counts.done++ : fetch->counts.failed++;
	fetch->counts.bytes += request->body.len;
	fetch->bytes += request->body.len;
	request->done(request->owner, &result, ok ? NULL : &err);
	fetch->bytes -= request->body.len;
	buf_free(&safe);
	free_request(request);
}

static void
read_file(const struct fetch_query *query, struct fake_reply *reply)
{
	char *path = query->allow_file ? file_path(query->url) : NULL;
	FILE *file = path != NULL ? fopen(path, "rb") : NULL;
	struct buf body;
	size_t got = 0;

	reply->status = 404;
	mem_free(path);
	if (file == NULL)
		return;
	buf_init(&body, query->max_body + 65536);
	do {
		uint8_t *at = buf_extend(&body, 65536);

		if (at == NULL)
			break;
		got = fread(at, 1, 65536, file);
		body.len -= 65536 - got;
	} while (got > 0);
	reply->status = ferror(file) ? 404 : 200; /* a folder */
	fclose(file);
	reply->taken = buf_take(&body, &reply->len);
}

static void
ask(struct fetch *fetch, const struct fetch_query *query, struct fetch_request *request)
{
	struct fake_reply *reply = &request->reply;

	if (strncasecmp(query->url, "file://", 7) == 0)
		read_file(query, reply);
	else if (fetch->answer != NULL)
		fetch->answer(fetch->owner, query, reply);
	else
		reply->status = 404;
	buf_init(&request->body, reply->len);
	if (reply->len > 0)
		(void)buf_append(&request->body,
		    reply->taken != NULL ? reply->taken : reply->body, reply->len);
	mem_free(reply->taken);
	reply->taken = NULL;
	reply->body = NULL;
	reply->etag = mem_text(reply->etag);
	reply->last_modified = mem_text(reply->last_modified);
	reply->bad_tls = mem_text(reply->bad_tls);
}

/* The host has rested, unless it began to rest again meanwhile. */
static void
on_rested(void *owner)
{
	struct fetch_request *request = owner;
	struct fetch *fetch = request->fetch;
	int64_t now_ms = clock_mono_ms(fetch->clock);
	struct fetch_query query = {.url = request->later->url,
	    .etag = request->later->etag,
	    .last_modified = request->later->last_modified,
	    .allow_file = request->later->allow_file,
	    .max_body = request->max_body};

	if (request->host->until_ms > now_ms) {
		request->timer = clock_after(
		    fetch->clock, request->host->until_ms - now_ms, on_rested, request);
		return;
	}
	ask(fetch, &query, request);
	request->timer =
	    clock_after(fetch->clock, request->reply.delay_ms, on_due, request);
}

static void
wait_for_host(const struct fetch_query *query, struct fetch_request *request)
{
	struct fake_request *later = mem_zero(1, sizeof(*later));

	later->url = mem_text(query->url);
	later->etag = mem_text(query->etag);
	later->last_modified = mem_text(query->last_modified);
	later->allow_file = query->allow_file;
	request->later = later;
	request->timer = clock_after(request->fetch->clock,
	    request->host->until_ms - clock_mono_ms(request->fetch->clock), on_rested,
	    request);
}

struct fetch_request *
fetch_submit(struct fetch *fetch, const struct fetch_query *query, fetch_done_fn *done,
    void *owner, struct err *err)
{
	struct fetch_request *request;

	if (strstr(query->url, "://") == NULL) {
		err_set(err, ERR_CONFIG, "fake: no URL that may be fetched");
		return NULL;
	}
	request = mem_zero(1, sizeof(*request));
	request->fetch = fetch;
	request->done = done;
	request->owner = owner;
	request->max_body = query->max_body;
	request->sniff_gzip = query->sniff_gzip;
	request->conditional = query->etag != NULL || query->last_modified != NULL;
	if (fetch->hosts != NULL && query->body.len == 0)
		request->host = host_of(fetch, query->url);
	if (request->host != NULL &&
	    request->host->until_ms > clock_mono_ms(fetch->clock)) {
		wait_for_host(query, request);
	} else {
		ask(fetch, query, request);
		request->timer =
		    clock_after(fetch->clock, request->reply.delay_ms, on_due, request);
	}
	request->link = &fetch->waiting;
	request->next = fetch->waiting;
	if (request->next != NULL)
		request->next->link = &request->next;
	fetch->waiting = request;
	fetch->count++;
	fetch->submitted++;
	fetch->counts.begun++;
	return request;
}

void
fetch_cancel(struct fetch_request *request)
{
	if (request == NULL || request->timer == NULL)
		return;
	clock_cancel(request->fetch->clock, request->timer);
	unlink_request(request);
	request->fetch->counts.cancelled++;
	free_request(request);
}

uint8_t *
fetch_result_take_body(struct fetch_result *result, size_t *len)
{
	struct fetch_request *request = result->request;

	*len = 0;
	if (result->body.len == 0)
		return NULL;
	request->fetch->bytes -= request->body.len;
	(void)buf_text(&request->body);
	result->body = (struct bytes){0};
	return buf_take(&request->body, len);
}

size_t
fetch_bytes_in_flight(const struct fetch *fetch)
{
	return fetch->bytes;
}

void
fetch_set_limits(
    struct fetch *fetch, const char *budget, const struct fetch_limits *limits)
{
	(void)fetch;
	(void)budget;
	(void)limits;
}

bool
fetch_standing(const struct fetch *fetch, const char *budget, struct fetch_standing *out)
{
	(void)fetch;
	(void)budget;
	*out = (struct fetch_standing){0};
	return false;
}

struct fetch_counts
fetch_counts(const struct fetch *fetch)
{
	return fetch->counts;
}

size_t
fake_fetch_submitted(const struct fetch *fetch)
{
	return fetch->submitted;
}

size_t
fake_fetch_waiting(const struct fetch *fetch)
{
	return fetch->count;
}
