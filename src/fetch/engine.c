#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "fetch/fetch_priv.h"

#define BAD_TLS_MS INT64_C(3600000) /* until a failed certificate is tried again */

static void on_kick(void *owner);

/* The queue is looked at in the loop's next turn: never inside a submit. */
static void
kick(struct fetch *fetch)
{
	if (fetch->kick == NULL)
		fetch->kick = clock_after(fetch->clock, 0, on_kick, fetch);
}

static int64_t
or_default(int64_t value, int64_t fallback)
{
	return value > 0 ? value : fallback;
}

static void
fill_options(struct fetch *fetch, const struct fetch_options *options)
{
	struct fetch_options *all = &fetch->options;

	*all = *options;
	all->user_agent =
	    mem_text(options->user_agent != NULL ? options->user_agent : "ctwarden");
	all->ca_file = mem_text(options->ca_file);
	all->connect_timeout_ms = or_default(options->connect_timeout_ms, 15000);
	all->timeout_ms = or_default(options->timeout_ms, 120000);
	all->stall_ms = or_default(options->stall_ms, 30000);
	all->backoff_max_ms = or_default(options->backoff_max_ms, 300000);
	all->tries = options->tries != 0 ? options->tries : 3;
	fetch->random = options->seed;
	if (fetch->random == 0)
		fetch->random = ((uint64_t)clock_mono_ms(fetch->clock) << 20) ^
		    (uint64_t)getpid() ^ UINT64_C(0x9e3779b97f4a7c15);
}

struct fetch *
fetch_new(struct ev_loop *loop, struct clock *clock, const struct fetch_options *options,
    struct err *err)
{
	struct fetch *fetch;

	if (options->ca_file != NULL && access(options->ca_file, R_OK) != 0) {
		err_set(err, ERR_CONFIG, "fetch: cannot read the CA file %s",
		    options->ca_file);
		return NULL;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		err_set(err, ERR_SYSTEM, "fetch: libcurl does not start");
		return NULL;
	}
	fetch = mem_zero(1, sizeof(*fetch));
	fetch->loop = loop;
	fetch->clock = clock;
	map_init(&fetch->hosts);
	map_init(&fetch->budgets);
	fetch->hosts_most = 512;
	fill_options(fetch, options);
	if (sockets_init(fetch))
		return fetch;
	err_set(err, ERR_SYSTEM, "fetch: libcurl gives no multi handle");
	fetch_free(fetch);
	return NULL;
}

/* Takes a request out of wherever it is. */
static void
withdraw(struct fetch_request *request)
{
	if (request->state == REQUEST_WAITING)
		queue_leave(request);
	else if (request->state == REQUEST_RUNNING)
		queue_end(request);
	request->state = REQUEST_DONE;
}

void
fetch_free(struct fetch *fetch)
{
	struct bytes key;
	void *value;
	size_t at = 0;

	if (fetch == NULL)
		return;
	assert(!fetch->in_callback);
	while (fetch->running.first != NULL)
		fetch_cancel(fetch->running.first);
	while (fetch->files.first != NULL)
		fetch_cancel(fetch->files.first);
	while (map_next(&fetch->hosts, &at, &key, &value))
		for (struct lane *lane = ((struct host *)value)->lanes; lane != NULL;
		     lane = lane->next)
			for (unsigned i = 0; i < 2; i++)
				while (lane->waiting[i].first != NULL)
					fetch_cancel(lane->waiting[i].first);
	sockets_fini(fetch);
	clock_cancel(fetch->clock, fetch->kick);
	clock_cancel(fetch->clock, fetch->rest);
	queue_free(fetch);
	archives_free(fetch->archives);
	mem_free((char *)(uintptr_t)fetch->options.user_agent);
	mem_free((char *)(uintptr_t)fetch->options.ca_file);
	curl_global_cleanup();
	mem_free(fetch);
}

struct fetch_request *
fetch_submit(struct fetch *fetch, const struct fetch_query *query, fetch_done_fn *done,
    void *owner, struct err *err)
{
	struct fetch_request *request = request_new(fetch, query, err);

	if (request == NULL)
		return NULL;
	request->done = done;
	request->owner = owner;
	queue_place(request, query->budget, query->lane);
	queue_enter(request, false);
	kick(fetch);
	return request;
}

void
fetch_cancel(struct fetch_request *request)
{
	struct fetch *fetch;

	if (request == NULL || request->state == REQUEST_DONE)
		return; /* the latter from inside its own callback */
	fetch = request->fetch;
	withdraw(request);
	request_free(request);
	fetch->counts.cancelled++;
	kick(fetch);
}

static const char *
text_or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

/* The one call of the callback. */
static void
deliver(struct fetch_request *request, enum transport transport, const struct err *why)
{
	struct fetch *fetch = request->fetch;
	bool ok = why == NULL && request_succeeded(request, transport);
	struct fetch_result result = {
	    .status = request->status,
	    .etag = text_or_null(request->new_etag),
	    .last_modified = text_or_null(request->new_last_modified),
	    .bad_tls = request->unverified ? request->host->bad_tls : NULL,
	    .retry_after_ms = request_retry_after_ms(request),
	    .elapsed_ms = clock_mono_ms(fetch->clock) - request->begun_ms,
	    .tries = request->tries,
	    .request = request,
	};
	struct err err = {0};
	struct buf safe;

	request->state = REQUEST_DONE;
	buf_init(&safe, SAFE_TEXT_MAX);
	if (ok)
		result.body = buf_bytes(&request->received);
	else if (request->status >= 300)
		text_append_safe(&safe, buf_bytes(&request->received), ERROR_BODY_MAX);
	result.error_body = buf_text(&safe);
	if (!ok && why == NULL)
		request_error(request, transport, result.error_body, &err);
	ok ? fetch->counts.done++ : fetch->counts.failed++;
	fetch->in_callback = true;
	request->done(request->owner, &result, ok ? NULL : why != NULL ? why : &err);
	fetch->in_callback = false;
	buf_free(&safe);
	request_free(request);
}

uint8_t *
fetch_result_take_body(struct fetch_result *result, size_t *len)
{
	struct fetch_request *request = result->request;

	*len = 0;
	if (result->body.len == 0)
		return NULL;
	request->fetch->bytes -= request->received.len;
	(void)buf_text(&request->received);
	result->body = (struct bytes){0};
	return buf_take(&request->received, len);
}

/* A body that gzip hides (wire-formats 3.7); its bytes are swapped in place. */
static bool
sniff(struct fetch_request *request, struct err *err)
{
	struct buf plain, *body = &request->received;
	bool ok;

	if (!request->sniff_gzip || body->len < 2 || body->data[0] != 0x1f ||
	    body->data[1] != 0x8b)
		return true;
	buf_init(&plain, request->max_body);
	ok = inflate_gzip(buf_bytes(body), &plain, err);
	request_drop_body(request);
	request->received = plain;
	request->fetch->bytes += plain.len;
	if (!ok)
		err_wrap(err, "%s", request->host_name);
	return ok;
}

static void
complete(struct fetch_request *request, enum transport transport)
{
	struct err err = {0};

	if (request_succeeded(request, transport) && !sniff(request, &err))
		deliver(request, transport, &err);
	else
		deliver(request, transport, NULL);
}

static void
try_again(struct fetch_request *request)
{
	request->fetch->counts.tried_again++;
	queue_enter(request, true);
}

/* Architecture, "Choices": what counts is signed, so the reading goes on and
 * the failure is told. */
static bool
go_on_unverified(struct fetch_request *request)
{
	struct host *host = request->host;
	struct buf why;

	if (!request->read_on_bad_tls || request->unverified)
		return false;
	buf_init(&why, SAFE_TEXT_MAX);
	text_append_safe(&why, bytes_text(request->curl_error), CURL_ERROR_SIZE);
	mem_free(host->bad_tls);
	mem_free(host->bad_tls_ca);
	host->bad_tls = mem_text(buf_text(&why));
	host->bad_tls_ca = mem_text(request->ca_file);
	host->bad_tls_until_ms = clock_mono_ms(request->fetch->clock) + BAD_TLS_MS;
	buf_free(&why);
	return true;
}

/* A running request is over, in whatever way. */
static void
end(struct fetch_request *request, enum transport transport)
{
	struct fetch *fetch = request->fetch;
	bool ok = request_succeeded(request, transport);

	request_stop(request);
	queue_end(request);
	kick(fetch);
	if (transport == TRANSPORT_BAD_TLS && go_on_unverified(request)) {
		try_again(request);
	} else {
		queue_judge(request, transport, ok);
		if (!ok &&
		    retry_again(transport, request->status, request->body.data == NULL,
			request->tries, fetch->options.tries))
			try_again(request);
		else
			complete(request, transport);
	}
}

/* It failed lately, under the same CA file. */
static bool
is_known_bad(const struct fetch_request *request)
{
	const struct host *host = request->host;
	const char *ca = request->ca_file;

	return host->bad_tls != NULL && request->begun_ms < host->bad_tls_until_ms &&
	    (ca == NULL ? host->bad_tls_ca == NULL
			: host->bad_tls_ca != NULL && strcmp(ca, host->bad_tls_ca) == 0);
}

static void arm_watch(struct fetch_request *request);

static void
on_watch(void *owner)
{
	struct fetch_request *request = owner;
	int64_t now_ms = clock_mono_ms(request->fetch->clock);

	request->watch = NULL;
	if (!request->paused && now_ms - request->progress_ms >= request->stall_ms)
		end(request, TRANSPORT_STALLED);
	else if (!request->paused && now_ms - request->begun_ms >= request->timeout_ms)
		end(request, TRANSPORT_SLOW);
	else
		arm_watch(request);
}

/* Its own stall and total limits; who waits for memory is not slow. */
static void
arm_watch(struct fetch_request *request)
{
	struct fetch *fetch = request->fetch;
	int64_t now_ms = clock_mono_ms(fetch->clock);
	int64_t stall_ms = request->progress_ms + request->stall_ms - now_ms;
	int64_t total_ms = request->begun_ms + request->timeout_ms - now_ms;
	int64_t ms = stall_ms < total_ms ? stall_ms : total_ms;

	if (request->paused && ms < 1000)
		ms = 1000;
	request->watch = clock_after(fetch->clock, ms < 1 ? 1 : ms, on_watch, request);
}

static void
begin(struct fetch_request *request)
{
	struct fetch *fetch = request->fetch;
	struct err err = {0};

	queue_leave(request);
	request->tries++;
	request->begun_ms = request->progress_ms = clock_mono_ms(fetch->clock);
	request->unverified = request->read_on_bad_tls && is_known_bad(request);
	fetch->counts.begun++;
	if (!request_start(request, &err)) {
		deliver(request, TRANSPORT_UNREACHED, &err);
		return;
	}
	queue_begin(request);
	arm_watch(request);
}

/* One file a turn, so that a folder of tiles does not keep the loop. */
static void
read_next_file(struct fetch *fetch)
{
	struct fetch_request *request = fetch->files.first;

	if (request == NULL)
		return;
	queue_leave(request);
	request->tries = 1;
	request->begun_ms = clock_mono_ms(fetch->clock);
	fetch->counts.begun++;
	complete(request, file_read(request));
	if (fetch->files.first != NULL)
		kick(fetch);
}

/* Lets the oldest go on, or all where there is room again. */
static void
resume_paused(struct fetch *fetch)
{
	struct fetch_request *at = fetch->running.first;

	while (at != NULL) {
		struct fetch_request *next = at->next;
		CURLcode code = CURLE_OK;

		if (at != fetch->running.first &&
		    fetch->bytes >= fetch->options.memory_max)
			return;
		if (at->paused) {
			at->paused = false;
			at->progress_ms = clock_mono_ms(fetch->clock);
			code = curl_easy_pause(at->easy, CURLPAUSE_CONT);
		}
		if (code != CURLE_OK) {
			end(at, request_transport(at, code));
			next =
			    fetch->running.first; /* a callback may have cancelled it */
		}
		at = next;
	}
}

static void
on_rest_over(void *owner)
{
	struct fetch *fetch = owner;

	fetch->rest = NULL;
	kick(fetch);
}

static void
on_kick(void *owner)
{
	struct fetch *fetch = owner;
	struct fetch_request *request;
	int64_t wait_ms;

	fetch->kick = NULL;
	read_next_file(fetch);
	while ((request = queue_next(fetch, &wait_ms)) != NULL)
		begin(request);
	resume_paused(fetch);
	clock_cancel(fetch->clock, fetch->rest);
	fetch->rest =
	    wait_ms < 0 ? NULL : clock_after(fetch->clock, wait_ms, on_rest_over, fetch);
}

void
engine_collect(struct fetch *fetch)
{
	struct CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(fetch->multi, &left)) != NULL) {
		CURLcode code = message->data.result;
		void *request = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request);
		end(request, request_transport(request, code));
	}
}

size_t
fetch_bytes_in_flight(const struct fetch *fetch)
{
	return fetch->bytes;
}

struct fetch_counts
fetch_counts(const struct fetch *fetch)
{
	return fetch->counts;
}
