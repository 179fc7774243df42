#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "fetch/fetch_priv.h"

void
request_list_append(struct request_list *list, struct fetch_request *request)
{
	request->next = NULL;
	request->prev = list->last;
	if (list->last != NULL)
		list->last->next = request;
	else
		list->first = request;
	list->last = request;
}

void
request_list_prepend(struct request_list *list, struct fetch_request *request)
{
	request->prev = NULL;
	request->next = list->first;
	if (list->first != NULL)
		list->first->prev = request;
	else
		list->last = request;
	list->first = request;
}

void
request_list_remove(struct request_list *list, struct fetch_request *request)
{
	if (request->prev != NULL)
		request->prev->next = request->next;
	else
		list->first = request->next;
	if (request->next != NULL)
		request->next->prev = request->prev;
	else
		list->last = request->prev;
	request->next = request->prev = NULL;
}

static bool
is_clean(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

static bool
add_header(struct fetch_request *request, const char *text)
{
	struct curl_slist *list =
	    is_clean(text) ? curl_slist_append(request->headers, text) : NULL;

	if (list == NULL)
		return false;
	request->headers = list;
	return true;
}

static bool
add_conditions(struct fetch_request *request, const struct fetch_query *query)
{
	char *line;
	bool ok = true;

	if (query->etag != NULL) {
		request->etag = mem_text(query->etag);
		line = mem_format("If-None-Match: %s", query->etag);
		ok = add_header(request, line);
		mem_free(line);
	}
	if (ok && query->last_modified != NULL) {
		request->last_modified = mem_text(query->last_modified);
		line = mem_format("If-Modified-Since: %s", query->last_modified);
		ok = add_header(request, line);
		mem_free(line);
	}
	return ok;
}

static bool
copy_headers(
    struct fetch_request *request, const struct fetch_query *query, struct err *err)
{
	bool ok = add_conditions(request, query);

	for (size_t i = 0; ok && i < query->header_count; i++)
		ok = add_header(request, query->headers[i]);
	/* Waiting for 100 Continue gains nothing with small bodies. */
	if (ok && query->body.data != NULL)
		ok = add_header(request, "Expect:");
	return ok || err_set(err, ERR_CONFIG, "fetch: a header with control characters");
}

/* "host" or "host:port", lower case; "" for a file. NULL: not to be asked. */
static char *
host_of_url(const char *url, bool allow_file)
{
	CURLU *parts = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL, *name = NULL, *path;

	if (curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
		goto out;
	if (strcasecmp(scheme, "file") == 0) {
		path = allow_file ? file_path(url) : NULL;
		name = path != NULL ? mem_text("") : NULL;
		mem_free(path);
		goto out;
	}
	if ((strcasecmp(scheme, "http") != 0 && strcasecmp(scheme, "https") != 0) ||
	    curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		goto out;
	curl_url_get(parts, CURLUPART_PORT, &port, CURLU_NO_DEFAULT_PORT);
	name = port != NULL ? mem_format("%s:%s", host, port) : mem_text(host);
	for (char *at = name; *at != '\0'; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at + 32);
out:
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(parts);
	return name;
}

struct fetch_request *
request_new(struct fetch *fetch, const struct fetch_query *query, struct err *err)
{
	struct fetch_request *request = mem_zero(1, sizeof(*request));

	request->fetch = fetch;
	request->url = mem_text(query->url);
	request->host_name = host_of_url(query->url, query->allow_file);
	request->ca_file = mem_text(query->ca_file);
	request->max_body = query->max_body;
	request->timeout_ms =
	    query->timeout_ms > 0 ? query->timeout_ms : fetch->options.timeout_ms;
	request->stall_ms =
	    query->stall_ms > 0 ? query->stall_ms : fetch->options.stall_ms;
	request->background = query->background;
	request->sniff_gzip = query->sniff_gzip;
	request->read_on_bad_tls = query->read_on_bad_tls;
	request->public_addresses = query->public_addresses;
	buf_init(&request->received, query->max_body);
	buf_init(&request->body, query->body.len);
	if (request->host_name == NULL) {
		err_set(err, ERR_CONFIG, "fetch: no URL that may be fetched");
		request_free(request);
		return NULL;
	}
	if (query->body.data != NULL) /* an empty one keeps its place, for a POST */
		(void)(buf_append_bytes(&request->body, query->body) &&
		    buf_extend(&request->body, 0));
	if (!copy_headers(request, query, err)) {
		request_free(request);
		return NULL;
	}
	return request;
}

void
request_free(struct fetch_request *request)
{
	request_stop(request);
	request_drop_body(request);
	mem_free(request->url);
	mem_free(request->host_name);
	mem_free(request->etag);
	mem_free(request->last_modified);
	mem_free(request->ca_file);
	buf_free(&request->body);
	curl_slist_free_all(request->headers);
	mem_free(request);
}

void
request_drop_body(struct fetch_request *request)
{
	if (request->status >= 200 && request->status < 300)
		request->fetch->bytes -= request->received.len;
	buf_free(&request->received);
}

static void
reset_response(struct fetch_request *request)
{
	request_drop_body(request);
	request->status = 0;
	request->received.ceiling = request->max_body;
	buf_clear(&request->received);
	request->error_seen = 0;
	request->too_long = request->private_address = request->paused = false;
	request->retry_after[0] = request->date[0] = request->location[0] = '\0';
	request->new_etag[0] = request->new_last_modified[0] = '\0';
	request->curl_error[0] = '\0';
}

/* Notes a header's value when it is the one named; longer ones are no use. */
static void
note_header(struct bytes line, const char *name, char out[HEADER_TEXT_MAX])
{
	size_t len = strlen(name);

	if (line.len <= len || strncasecmp((const char *)line.data, name, len) != 0 ||
	    line.data[len] != ':')
		return;
	line = bytes_of(line.data + len + 1, line.len - len - 1);
	while (line.len > 0 && (*line.data == ' ' || *line.data == '\t'))
		line = bytes_of(line.data + 1, line.len - 1);
	while (line.len > 0 && strchr("\r\n \t", line.data[line.len - 1]) != NULL)
		line.len--;
	out[0] = '\0';
	if (line.len >= HEADER_TEXT_MAX)
		return;
	for (size_t i = 0; i < line.len; i++)
		if (line.data[i] < 0x20 || line.data[i] > 0x7e)
			return;
	memcpy(out, line.data, line.len);
	out[line.len] = '\0';
}

/* "HTTP/1.1 200 OK", "HTTP/2 200"; 0 for 1xx and what is no such line. */
static int
status_of_line(struct bytes line)
{
	const uint8_t *at = memchr(line.data, ' ', line.len);
	int status = 0;

	if (at == NULL || line.data + line.len - at < 4)
		return 0;
	for (int i = 1; i <= 3; i++) {
		if (at[i] < '0' || at[i] > '9')
			return 0;
		status = status * 10 + (at[i] - '0');
	}
	return status >= 200 ? status : 0;
}

static size_t
on_header(char *data, size_t size, size_t count, void *owner)
{
	struct fetch_request *request = owner;
	struct bytes line = bytes_of(data, size * count);

	request->progress_ms = clock_mono_ms(request->fetch->clock);
	if (line.len > 5 && memcmp(line.data, "HTTP/", 5) == 0) {
		reset_response(request); /* a 100 Continue may have gone before */
		request->status = status_of_line(line);
	}
	note_header(line, "Retry-After", request->retry_after);
	note_header(line, "Date", request->date);
	note_header(line, "ETag", request->new_etag);
	note_header(line, "Last-Modified", request->new_last_modified);
	note_header(line, "Location", request->location);
	return line.len;
}

static size_t
take_error_body(struct fetch_request *request, const char *data, size_t len)
{
	size_t room = ERROR_BODY_MAX - request->received.len;

	request->received.ceiling = ERROR_BODY_MAX;
	(void)buf_append(&request->received, data, len < room ? len : room);
	request->error_seen += len;
	return request->error_seen > ERROR_READ_MAX ? 0 : len;
}

/* Decoded bytes: the ceiling holds against what gzip hides, too. */
static size_t
on_body(char *data, size_t size, size_t count, void *owner)
{
	struct fetch_request *request = owner;
	struct fetch *fetch = request->fetch;
	size_t len = size * count, most = fetch->options.memory_max;

	request->progress_ms = clock_mono_ms(fetch->clock);
	if (request->status < 200 || request->status >= 300)
		return take_error_body(request, data, len);
	if (most != 0 && fetch->bytes + len > most && request != fetch->running.first) {
		request->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	if (!buf_append(&request->received, data, len)) {
		request->too_long = true;
		return 0;
	}
	fetch->bytes += len;
	fetch->counts.bytes += len;
	return len;
}

static void
set_method(struct fetch_request *request)
{
	CURL *easy = request->easy;

	if (request->body.data == NULL)
		return;
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, (char *)request->body.data);
	curl_easy_setopt(
	    easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
}

static void
set_trust(struct fetch_request *request)
{
	CURL *easy = request->easy;
	const char *ca_file =
	    request->ca_file != NULL ? request->ca_file : request->fetch->options.ca_file;

	if (ca_file != NULL)
		curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, request->unverified ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, request->unverified ? 0L : 2L);
	if (!request->public_addresses)
		return;
	/* A connection that another request opened was not checked, and a proxy
	 * would look the name up for itself. */
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, request);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
}

static void
set_options(struct fetch_request *request)
{
	const struct fetch_options *options = &request->fetch->options;
	CURL *easy = request->easy;

	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->curl_error);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, options->user_agent);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	/* Over TLS the handshake tells whether one connection carries all. */
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT,
	    strncasecmp(request->url, "https:", 6) == 0 ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 65536L);
	curl_easy_setopt(
	    easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_timeout_ms);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
	set_method(request);
	set_trust(request);
}

bool
request_start(struct fetch_request *request, struct err *err)
{
	reset_response(request);
	request->easy = curl_easy_init();
	if (request->easy == NULL)
		return err_set(err, ERR_SYSTEM, "fetch: libcurl gives no handle");
	set_options(request);
	if (curl_multi_add_handle(request->fetch->multi, request->easy) == CURLM_OK)
		return true;
	curl_easy_cleanup(request->easy);
	request->easy = NULL;
	return err_set(err, ERR_SYSTEM, "fetch: libcurl takes no more transfers");
}

void
request_stop(struct fetch_request *request)
{
	clock_cancel(request->fetch->clock, request->watch);
	request->watch = NULL;
	if (request->easy == NULL)
		return;
	curl_multi_remove_handle(request->fetch->multi, request->easy);
	curl_easy_cleanup(request->easy);
	request->easy = NULL;
}

static enum transport
transport_of(CURLcode code)
{
	switch ((int)code) { /* few of its many concern us */
	case CURLE_OK:
		return TRANSPORT_OK;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_OPERATION_TIMEDOUT: /* connecting: the rest is ours to time */
		return TRANSPORT_UNREACHED;
	case CURLE_PEER_FAILED_VERIFICATION:
		return TRANSPORT_BAD_TLS;
	default:
		return TRANSPORT_BROKEN;
	}
}

enum transport
request_transport(const struct fetch_request *request, CURLcode code)
{
	if (request->too_long)
		return TRANSPORT_TOO_LONG;
	if (request->private_address && code != CURLE_OK)
		return TRANSPORT_REFUSED;
	/* What the server said stands, even where its explanation broke off. */
	if (request->status >= 300)
		return TRANSPORT_OK;
	return transport_of(code);
}

bool
request_succeeded(const struct fetch_request *request, enum transport transport)
{
	if (transport != TRANSPORT_OK)
		return false;
	if (request->status == 304)
		return request->etag != NULL || request->last_modified != NULL;
	return request->status >= 200 && request->status < 300;
}

int64_t
request_retry_after_ms(const struct fetch_request *request)
{
	int64_t now_ms = retry_date_parse(request->date);

	if (request->retry_after[0] == '\0')
		return -1;
	return retry_after_parse(request->retry_after,
	    now_ms >= 0 ? now_ms : clock_now_ms(request->fetch->clock));
}

static enum err_code
code_of(enum transport transport, int status)
{
	if (transport == TRANSPORT_TOO_LONG)
		return ERR_LIMIT;
	if (transport == TRANSPORT_OK && (status == 404 || status == 410))
		return ERR_NOT_FOUND;
	return ERR_REMOTE;
}

/* The host is named, the URL is not: a webhook's may be a secret. */
void
request_error(const struct fetch_request *request, enum transport transport,
    const char *safe_body, struct err *err)
{
	const char *host = request->host_name[0] != '\0' ? request->host_name : "file";
	enum err_code code = code_of(transport, request->status);
	struct buf reason;

	buf_init(&reason, 1000);
	if (transport == TRANSPORT_TOO_LONG) {
		err_set(err, code, "%s: the body is longer than %zu bytes", host,
		    request->max_body);
	} else if (transport != TRANSPORT_OK) {
		text_append_safe(&reason, bytes_text(request->curl_error), 150);
		err_set(err, code, "%s: %s%s%s", host, transport_name(transport),
		    reason.len > 0 ? ": " : "", buf_text(&reason));
	} else if (request->status >= 300 && request->status < 400) {
		text_append_safe(&reason, bytes_text(request->location), 100);
		err_set(err, code, "%s: HTTP %d, a redirect, is refused: %s", host,
		    request->status, buf_text(&reason));
	} else {
		err_set(err, code, "%s: HTTP %d%s%.120s", host, request->status,
		    safe_body[0] != '\0' ? ": " : "", safe_body);
	}
	buf_free(&reason);
}
