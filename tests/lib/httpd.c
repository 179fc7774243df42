#include "tests/lib/httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

#define MAX_REQUEST_BODY (16 << 20)
#define BLOCK            32768

struct httpd {
	struct MHD_Daemon *daemon;
	httpd_fn *handle;
	void *owner;
	uint16_t port;
	atomic_bool stopping;
};

/* One request, from its first line to its end. */
struct exchange {
	char *target;
	struct buf body;
	bool begun;
};

/* What is still to be sent. */
struct sending {
	struct httpd *httpd;
	struct testlog_answer answer;
	uint64_t total;
};

const char *
httpd_header(const struct httpd_request *request, const char *name)
{
	/* libmicrohttpd takes a pointer that it does not write through. */
	struct MHD_Connection *connection = (void *)(uintptr_t)request->connection;

	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static void
pause_ms(const struct httpd *httpd, int64_t ms)
{
	while (ms > 0 && !atomic_load(&httpd->stopping)) {
		int64_t step = ms < 50 ? ms : 50;
		struct timespec wait = {.tv_nsec = step * 1000000};

		nanosleep(&wait, NULL);
		ms -= ms == TESTLOG_NEVER ? 0 : step;
	}
}

/* --- answering ------------------------------------------------------------ */

static ssize_t
on_read(void *owner, uint64_t at, char *out, size_t room)
{
	struct sending *it = owner;
	const struct buf *body = &it->answer.body;
	uint64_t left;

	if (at >= it->answer.send_at_most || atomic_load(&it->httpd->stopping))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (at >= it->total)
		return MHD_CONTENT_READER_END_OF_STREAM;
	left = it->total - at;
	if (left > it->answer.send_at_most - at)
		left = it->answer.send_at_most - at;
	if (left > body->len - at % body->len)
		left = body->len - at % body->len;
	if (room > left)
		room = left;
	if (it->answer.bytes_per_s > 0) {
		size_t tenth = (size_t)it->answer.bytes_per_s / 10 + 1;

		room = room < tenth ? room : tenth;
		pause_ms(it->httpd, (int64_t)room * 1000 / it->answer.bytes_per_s);
	}
	memcpy(out, body->data + at % body->len, room);
	return (ssize_t)room;
}

static void
on_sent(void *owner)
{
	struct sending *it = owner;

	testlog_answer_free(&it->answer);
	mem_free(it);
}

static void
headers_add(struct MHD_Response *response, struct testlog_answer *answer)
{
	char *rest = mem_text(buf_text(&answer->headers)), *line, *lines = rest;

	if (answer->content_type != NULL)
		MHD_add_response_header(
		    response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->content_type);
	while ((line = strsep(&rest, "\n")) != NULL) {
		char *colon = strstr(line, ": ");

		if (colon == NULL)
			continue;
		*colon = '\0';
		MHD_add_response_header(response, line, colon + 2);
	}
	mem_free(lines);
}

static enum MHD_Result
answer_send(
    struct httpd *httpd, struct MHD_Connection *connection, struct sending *sending)
{
	struct testlog_answer *answer = &sending->answer;
	int status = answer->status;
	uint64_t announced = answer->chunked ? MHD_SIZE_UNKNOWN : 0;
	struct MHD_Response *response;
	enum MHD_Result result;

	sending->httpd = httpd;
	sending->total = answer->body.len * answer->body_repeats;
	if (announced == 0)
		announced = sending->total;
	response = sending->total == 0
	    ? MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT)
	    : MHD_create_response_from_callback(
		  announced, BLOCK, on_read, sending, on_sent);
	headers_add(response, answer);
	if (sending->total == 0)
		on_sent(sending);
	result = MHD_queue_response(connection, (unsigned)status, response);
	MHD_destroy_response(response);
	return result;
}

/* --- requests ------------------------------------------------------------- */

static void *
on_request_line(void *owner, const char *uri, struct MHD_Connection *connection)
{
	struct exchange *it = mem_zero(1, sizeof(*it));

	(void)owner;
	(void)connection;
	it->target = mem_text(uri);
	buf_init(&it->body, MAX_REQUEST_BODY);
	return it;
}

static void
on_completed(void *owner, struct MHD_Connection *connection, void **exchange,
    enum MHD_RequestTerminationCode code)
{
	struct exchange *it = *exchange;

	(void)owner;
	(void)connection;
	(void)code;
	if (it == NULL)
		return;
	mem_free(it->target);
	buf_free(&it->body);
	mem_free(it);
	*exchange = NULL;
}

static enum MHD_Result
on_request(void *owner, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload, size_t *upload_len,
    void **exchange)
{
	struct httpd *httpd = owner;
	struct exchange *it = *exchange;
	struct sending *sending;

	(void)url;
	(void)version;
	if (!it->begun) { /* the headers are here, the body may follow */
		it->begun = true;
		return MHD_YES;
	}
	if (*upload_len > 0) {
		buf_append(&it->body, upload, *upload_len);
		*upload_len = 0;
		return MHD_YES;
	}
	struct httpd_request request = {.method = method,
	    .target = it->target,
	    .body = buf_bytes(&it->body),
	    .connection = connection};

	sending = mem_zero(1, sizeof(*sending));
	testlog_answer_init(&sending->answer);
	httpd->handle(httpd->owner, &request, &sending->answer);
	pause_ms(httpd, sending->answer.delay_ms);
	if (sending->answer.reset || atomic_load(&httpd->stopping)) {
		on_sent(sending);
		return MHD_NO;
	}
	return answer_send(httpd, connection, sending);
}

/* --- life ----------------------------------------------------------------- */

struct httpd *
httpd_new(uint16_t port, httpd_fn *handle, void *owner, struct err *err)
{
	struct httpd *httpd = mem_zero(1, sizeof(*httpd));
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const union MHD_DaemonInfo *info;

	httpd->handle = handle;
	httpd->owner = owner;
	httpd->daemon = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION |
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC,
	    port, NULL, NULL, on_request, httpd, MHD_OPTION_SOCK_ADDR, &address,
	    MHD_OPTION_URI_LOG_CALLBACK, on_request_line, NULL,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_CONNECTION_LIMIT,
	    1000u, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
	if (httpd->daemon == NULL) {
		err_set(err, ERR_SYSTEM, "cannot listen on 127.0.0.1 port %u: %s", port,
		    strerror(errno));
		mem_free(httpd);
		return NULL;
	}
	info = MHD_get_daemon_info(httpd->daemon, MHD_DAEMON_INFO_BIND_PORT);
	httpd->port = info->port;
	return httpd;
}

uint16_t
httpd_port(const struct httpd *httpd)
{
	return httpd->port;
}

void
httpd_free(struct httpd *httpd)
{
	if (httpd == NULL)
		return;
	atomic_store(&httpd->stopping, true);
	MHD_stop_daemon(httpd->daemon);
	mem_free(httpd);
}
