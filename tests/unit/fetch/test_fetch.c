#include <ev.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "fetch/fetch.h"
#include "tests/lib/loopback.h"
#include "tests/lib/unit.h"

#define AGENT "ctwarden-test/1 (+https://ctwarden.invalid; mail@ctwarden.invalid)"

/* --- the server: what a path says, happens -------------------------------- */

struct world {
	struct loopback *server;
	struct ev_loop *loop;
	struct clock *clock;
	struct fetch *fetch;
	unsigned answers;   /* callbacks so far */
	atomic_uint served; /* requests that reached the server */
	atomic_uint flaky;  /* of /flaky */
	atomic_uint at_once, most_at_once;
};

static void
send_gzip(struct loopback_conn *conn, size_t plain, const char *headers)
{
	size_t room = plain / 10 + 1000;
	uint8_t *in = mem_alloc(plain + 1), *out = mem_alloc(room);
	z_stream z = {.next_in = in, .avail_in = (unsigned)plain, .next_out = out};

	memset(in, 'z', plain);
	z.avail_out = (unsigned)room;
	deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, 0);
	deflate(&z, Z_FINISH);
	loopback_reply(conn, 200, headers, out, z.total_out);
	deflateEnd(&z);
	mem_free(in);
	mem_free(out);
}

static void
send_chunked(struct loopback_conn *conn, size_t len)
{
	char chunk[1000];

	memset(chunk, 'c', sizeof(chunk));
	loopback_format(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (; len > 0; len -= len < 1000 ? len : 1000) {
		size_t step = len < 1000 ? len : 1000;

		if (!loopback_format(conn, "%zx\r\n", step) ||
		    !loopback_write(conn, chunk, step) || !loopback_format(conn, "\r\n"))
			return;
	}
	loopback_format(conn, "0\r\n\r\n");
}

static bool
drip(struct loopback_conn *conn, int count, int pause_ms)
{
	loopback_format(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", count);
	for (int i = 0; i < count; i++)
		if (!loopback_sleep(conn, pause_ms) || !loopback_write(conn, "d", 1))
			return false;
	return true;
}

static void
send_letters(struct loopback_conn *conn, size_t len)
{
	char *letters = mem_alloc(len + 1);

	memset(letters, 'x', len);
	loopback_reply(conn, 200, "", letters, len);
	mem_free(letters);
}

/* Over before the reply, upon which the next may come. */
static bool
wait_counted(struct world *world, struct loopback_conn *conn, int ms)
{
	unsigned now = ++world->at_once, most = world->most_at_once;
	bool ok;

	while (
	    now > most && !atomic_compare_exchange_weak(&world->most_at_once, &most, now))
		continue;
	ok = loopback_sleep(conn, ms);
	world->at_once--;
	return ok;
}

static bool
answer_path(struct world *world, struct loopback_conn *conn,
    const struct loopback_request *request)
{
	const char *path = request->path;
	char header[200] = "";
	unsigned n = 0;
	int status;

	if (sscanf(path, "/ok/%u", &n) == 1) {
		send_letters(conn, n);
	} else if (sscanf(path, "/status/%d/%100[^/]", &status, header) >= 1) {
		char *line = header[0] != '\0' ? mem_format("Retry-After: %s\r\n", header)
					       : mem_text("");

		loopback_reply(conn, status, line, "why \x1b[31m not", 13);
		mem_free(line);
	} else if (sscanf(path, "/gzip/%u", &n) == 1) {
		send_gzip(conn, n, "Content-Encoding: gzip\r\n");
	} else if (sscanf(path, "/bare-gzip/%u", &n) == 1) {
		send_gzip(conn, n, "");
	} else if (sscanf(path, "/chunked/%u", &n) == 1) {
		send_chunked(conn, n);
	} else if (sscanf(path, "/drip/%u", &n) == 1) {
		return drip(conn, (int)n, 50);
	} else if (sscanf(path, "/wait/%u", &n) == 1) {
		if (!wait_counted(world, conn, (int)n))
			return false;
		loopback_reply(conn, 200, "", "late", 4);
	} else if (strcmp(path, "/stall") == 0) {
		loopback_format(
		    conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin");
		loopback_sleep(conn, 20000);
		return false;
	} else if (strcmp(path, "/cut") == 0) {
		loopback_format(
		    conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin");
		return false;
	} else if (strcmp(path, "/close") == 0) {
		return false;
	} else if (strcmp(path, "/garbage") == 0) {
		loopback_format(conn, "this is no HTTP\r\n\r\n");
		return false;
	} else if (strcmp(path, "/flaky") == 0) {
		if (++world->flaky < 3)
			return false;
		loopback_reply(conn, 200, "", "at last", 7);
	} else if (strcmp(path, "/redirect") == 0) {
		loopback_reply(conn, 302, "Location: /ok/1\r\n", "", 0);
	} else if (strcmp(path, "/relative") == 0) {
		loopback_reply(conn, 307, "Location: ok/1\r\n", "", 0);
	} else if (strcmp(path, "/etag") == 0) {
		bool same = strstr(request->head, "If-None-Match: \"v1\"\r\n") != NULL ||
		    strstr(request->head, "If-Modified-Since: then\r\n") != NULL;

		loopback_reply(conn, same ? 304 : 200,
		    "ETag: \"v1\"\r\nLast-Modified: Sat, 21 Nov 2026 01:15:24 GMT\r\n",
		    "v1", same ? 0 : 2);
	} else if (strcmp(path, "/head") == 0) {
		loopback_reply(conn, 200, "", request->head, strlen(request->head));
	} else if (strcmp(path, "/echo") == 0) {
		loopback_reply(conn, 200, "", request->body, request->body_len);
	} else if (strcmp(path, "/error-page") == 0) {
		char page[3000];

		memset(page, 'e', sizeof(page));
		loopback_reply(conn, 500, "", page, sizeof(page));
	} else if (strcmp(path, "/endless-error") == 0) {
		char page[3000];

		memset(page, 'e', sizeof(page));
		loopback_format(conn, "HTTP/1.1 500 Oh\r\n\r\n");
		while (loopback_write(conn, page, sizeof(page)))
			continue;
		return false;
	} else {
		loopback_reply(conn, 404, "", "", 0);
	}
	return true;
}

static bool
answer(void *owner, struct loopback_conn *conn, const struct loopback_request *request)
{
	struct world *world = owner;

	world->served++;
	return answer_path(world, conn, request);
}

/* --- the client ------------------------------------------------------------ */

struct got {
	struct world *world;
	unsigned calls;
	int status;
	bool ok;
	enum err_code code;
	char text[256];
	char *body;
	size_t len;
	char *error_body, *etag, *last_modified, *bad_tls;
	int64_t retry_after_ms;
	unsigned tries;
	int64_t at_ms;
	struct fetch_request *cancel; /* by the callback */
	unsigned order;
};

static void
on_done(void *owner, struct fetch_result *result, const struct err *err)
{
	struct got *got = owner;

	got->calls++;
	got->order = ++got->world->answers;
	got->status = result->status;
	got->ok = err == NULL;
	if (err != NULL) {
		got->code = err->code;
		snprintf(got->text, sizeof(got->text), "%s", err->text);
	}
	got->error_body = mem_text(result->error_body);
	got->etag = mem_text(result->etag);
	got->last_modified = mem_text(result->last_modified);
	got->bad_tls = mem_text(result->bad_tls);
	got->retry_after_ms = result->retry_after_ms;
	got->tries = result->tries;
	got->at_ms = clock_mono_ms(got->world->clock);
	ck_assert_uint_ge(
	    fetch_bytes_in_flight(got->world->fetch), err == NULL ? result->body.len : 0);
	got->body = (char *)fetch_result_take_body(result, &got->len);
	ck_assert(fetch_result_take_body(result, &(size_t){0}) == NULL);
	fetch_cancel(got->cancel);
	ev_break(got->world->loop, EVBREAK_ONE);
}

static void
got_free(struct got *got)
{
	mem_free(got->body);
	mem_free(got->error_body);
	mem_free(got->etag);
	mem_free(got->last_modified);
	mem_free(got->bad_tls);
}

static void
client_begin(struct world *world, const struct fetch_options *options)
{
	struct err err = {0};

	world->loop = ev_loop_new(0);
	world->clock = clock_new(world->loop);
	world->fetch = fetch_new(world->loop, world->clock, options, &err);
	ck_assert_msg(world->fetch != NULL, "%s", err.text);
}

static void
world_begin(struct world *world, const struct fetch_options *options)
{
	struct fetch_options usual = {
	    .user_agent = AGENT, .seed = 1, .stall_ms = 5000, .timeout_ms = 15000};

	*world = (struct world){0};
	world->server = loopback_start(answer, world);
	client_begin(world, options != NULL ? options : &usual);
}

static void
world_end(struct world *world)
{
	ck_assert_uint_eq(fetch_bytes_in_flight(world->fetch), 0);
	fetch_free(world->fetch);
	clock_free(world->clock);
	ev_loop_destroy(world->loop);
	if (world->server != NULL)
		loopback_stop(world->server);
}

static char *
url_of(struct world *world, const char *host, const char *path)
{
	return mem_format("http://%s:%d%s", host, loopback_port(world->server), path);
}

static struct fetch_request *
ask(struct world *world, struct fetch_query query, const char *path, struct got *got)
{
	char *url = url_of(world, "127.0.0.1", path);
	struct fetch_request *request;
	struct err err = {0};

	if (query.url == NULL)
		query.url = url;
	if (query.max_body == 0)
		query.max_body = 100000;
	*got = (struct got){.world = world};
	request = fetch_submit(world->fetch, &query, on_done, got, &err);
	ck_assert_msg(request != NULL, "%s: %s", query.url, err.text);
	ck_assert_uint_eq(got->calls, 0);
	mem_free(url);
	return request;
}

static void
wait_for(struct world *world, unsigned answers)
{
	while (world->answers < answers)
		ev_run(world->loop, 0);
}

/* --- one request ------------------------------------------------------------ */

static const struct {
	const char *path;
	struct fetch_query query;
	int status;
	enum err_code code; /* ERR_NONE: success */
	size_t len;
	const char *says; /* part of the error */
	unsigned tries;
} ROWS[] = {
    {"/ok/0", {0}, 200, ERR_NONE, 0, NULL, 1},
    {"/ok/5", {0}, 200, ERR_NONE, 5, NULL, 1},
    {"/ok/100000", {0}, 200, ERR_NONE, 100000, NULL, 1},
    {"/ok/100001", {0}, 200, ERR_LIMIT, 0, "longer than 100000", 1},
    {"/chunked/2500", {0}, 200, ERR_NONE, 2500, NULL, 1},
    {"/chunked/9999999", {0}, 200, ERR_LIMIT, 0, "longer than", 1},
    {"/gzip/5000", {0}, 200, ERR_NONE, 5000, NULL, 1},
    {"/gzip/100000", {0}, 200, ERR_NONE, 100000, NULL, 1},
    {"/gzip/50000000", {0}, 200, ERR_LIMIT, 0, "longer than", 1}, /* a bomb */
    {"/bare-gzip/5000", {.sniff_gzip = true}, 200, ERR_NONE, 5000, NULL, 1},
    {"/bare-gzip/5000000", {.sniff_gzip = true}, 200, ERR_LIMIT, 0, "inflates to", 1},
    {"/gzip/5000", {.sniff_gzip = true}, 200, ERR_NONE, 5000, NULL, 1},
    {"/drip/8", {0}, 200, ERR_NONE, 8, NULL, 1}, /* slow, but it moves */
    {"/drip/100", {.timeout_ms = 600}, 200, ERR_REMOTE, 0, "too long", 1},
    {"/flaky", {0}, 200, ERR_NONE, 7, NULL, 3},
    {"/wait/100", {0}, 200, ERR_NONE, 4, NULL, 1},
    {"/redirect", {0}, 302, ERR_REMOTE, 0, "refused: /ok/1", 1},
    {"/relative", {0}, 307, ERR_REMOTE, 0, "refused: ok/1", 1},
    {"/status/201", {0}, 201, ERR_NONE, 13, NULL, 1},
    {"/status/304", {0}, 304, ERR_REMOTE, 0, "HTTP 304", 1}, /* not asked for */
    {"/status/400", {0}, 400, ERR_REMOTE, 0, "HTTP 400: why \\x1b[31m not", 1},
    {"/status/401", {0}, 401, ERR_REMOTE, 0, "HTTP 401", 1},
    {"/status/403", {0}, 403, ERR_REMOTE, 0, "HTTP 403", 1},
    {"/status/404", {0}, 404, ERR_NOT_FOUND, 0, "HTTP 404", 1},
    {"/status/410", {0}, 410, ERR_NOT_FOUND, 0, "HTTP 410", 1},
    {"/status/408", {0}, 408, ERR_REMOTE, 0, "HTTP 408", 3},
    {"/status/429", {0}, 429, ERR_REMOTE, 0, "HTTP 429", 1},
    {"/status/500", {0}, 500, ERR_REMOTE, 0, "HTTP 500", 1},
    {"/status/503", {0}, 503, ERR_REMOTE, 0, "HTTP 503", 1},
    {"/error-page", {0}, 500, ERR_REMOTE, 0, "HTTP 500: eee", 1},
    {"/endless-error", {0}, 500, ERR_REMOTE, 0, "HTTP 500: eee", 1},
    {"/etag", {.etag = "\"v1\""}, 304, ERR_NONE, 0, NULL, 1},
    {"/etag", {.etag = "\"v0\""}, 200, ERR_NONE, 2, NULL, 1},
    {"/etag", {.last_modified = "then"}, 304, ERR_NONE, 0, NULL, 1},
    {"/echo", {.body = {(const uint8_t *)"posted", 6}}, 200, ERR_NONE, 6, NULL, 1},
    {"/echo", {.body = {(const uint8_t *)"", 0}}, 200, ERR_NONE, 0, NULL, 1},
    {"/close", {.body = {(const uint8_t *)"once", 4}}, 0, ERR_REMOTE, 0, "broke off", 1},
};

START_TEST(one_request)
{
	struct world world;
	struct got got;

	world_begin(&world, NULL);
	ask(&world, ROWS[_i].query, ROWS[_i].path, &got);
	wait_for(&world, 1);
	ck_assert_msg(got.code == ROWS[_i].code && got.ok == (got.code == ERR_NONE),
	    "%s: %s %s", ROWS[_i].path, err_code_name(got.code), got.text);
	ck_assert_int_eq(got.status, ROWS[_i].status);
	ck_assert_uint_eq(got.len, ROWS[_i].len);
	ck_assert_uint_eq(got.tries, ROWS[_i].tries);
	ck_assert(got.body == NULL || got.body[got.len] == '\0');
	ck_assert_uint_le(strlen(got.error_body), 500);
	if (ROWS[_i].says != NULL)
		ck_assert_msg(strstr(got.text, ROWS[_i].says) != NULL, "%s: %s",
		    ROWS[_i].path, got.text);
	ck_assert(strchr(got.text, '\x1b') == NULL);
	ev_run(world.loop, EVRUN_NOWAIT);
	ck_assert_uint_eq(got.calls, 1);
	got_free(&got);
	world_end(&world);
}
END_TEST

/* These break three times, with rests of 1 and 2 seconds between. */
static const struct {
	const char *path, *says;
} BROKEN[] = {
    {"/cut", "broke off"},
    {"/close", "broke off"},
    {"/garbage", "broke off"},
    {"/stall", "stalled"},
};

START_TEST(a_broken_transfer_is_tried_again)
{
	struct world world;
	struct got got[ARRAY_LEN(BROKEN)];

	world_begin(&world, NULL);
	for (unsigned i = 0; i < ARRAY_LEN(BROKEN); i++)
		ask(&world, (struct fetch_query){.lane = i, .stall_ms = 400},
		    BROKEN[i].path, &got[i]);
	wait_for(&world, ARRAY_LEN(BROKEN));
	for (unsigned i = 0; i < ARRAY_LEN(BROKEN); i++) {
		ck_assert_int_eq(got[i].code, ERR_REMOTE);
		ck_assert_msg(strstr(got[i].text, BROKEN[i].says) != NULL, "%s: %s",
		    BROKEN[i].path, got[i].text);
		ck_assert_uint_eq(got[i].tries, 3);
		got_free(&got[i]);
	}
	ck_assert_uint_eq(fetch_counts(world.fetch).tried_again, 2 * ARRAY_LEN(BROKEN));
	world_end(&world);
}
END_TEST

START_TEST(the_head_says_who_asks)
{
	struct world world;
	struct got got;
	const char *headers[] = {"X-Test: yes", "Content-Type: application/json"};

	world_begin(&world, NULL);
	ask(&world, (struct fetch_query){.headers = headers, .header_count = 2}, "/head",
	    &got);
	wait_for(&world, 1);
	ck_assert_ptr_nonnull(strstr(got.body, "User-Agent: " AGENT "\r\n"));
	ck_assert_ptr_nonnull(strstr(got.body, "Accept-Encoding: gzip\r\n"));
	ck_assert_ptr_nonnull(strstr(got.body, "X-Test: yes\r\n"));
	ck_assert_ptr_nonnull(strstr(got.body, "Content-Type: application/json\r\n"));
	got_free(&got);
	world_end(&world);
}
END_TEST

START_TEST(validators_come_back)
{
	struct world world;
	struct got got;

	world_begin(&world, NULL);
	ask(&world, (struct fetch_query){0}, "/etag", &got);
	wait_for(&world, 1);
	ck_assert_str_eq(got.etag, "\"v1\"");
	ck_assert_str_eq(got.last_modified, "Sat, 21 Nov 2026 01:15:24 GMT");
	got_free(&got);
	world_end(&world);
}
END_TEST

static const struct {
	const char *what;
	struct fetch_query query;
} REFUSED[] = {
    {"no URL", {.url = "nonsense"}},
    {"another scheme", {.url = "ftp://127.0.0.1/a"}},
    {"a file without leave", {.url = "file:///etc/hostname"}},
    {"a file of elsewhere", {.url = "file://elsewhere/etc/hostname", .allow_file = true}},
    {"a space", {.url = "http://127.0.0.1/a b"}},
    {"a line end in the URL", {.url = "http://127.0.0.1/a\r\nHost: b"}},
    {"a line end in a header",
	{.url = "http://127.0.0.1/",
	    .headers = (const char *const[]){"A: b\r\nC: d"},
	    .header_count = 1}},
    {"a line end in a validator", {.url = "http://127.0.0.1/", .etag = "a\r\nb"}},
};

START_TEST(what_cannot_be_asked)
{
	struct world world;
	struct err err = {0};

	world_begin(&world, NULL);
	ck_assert_msg(
	    fetch_submit(world.fetch, &REFUSED[_i].query, on_done, NULL, &err) == NULL,
	    "%s", REFUSED[_i].what);
	ck_assert_int_eq(err.code, ERR_CONFIG);
	world_end(&world);
}
END_TEST

/* --- several ----------------------------------------------------------------- */

START_TEST(retry_after_holds_its_host_only)
{
	struct world world;
	struct got first, second, third, other;
	char *url;
	struct fetch_standing standing;
	char name[40];

	world_begin(&world, NULL);
	ask(&world, (struct fetch_query){0}, "/status/429/1", &first);
	wait_for(&world, 1);
	ck_assert_int_eq(first.retry_after_ms, 1000);
	snprintf(name, sizeof(name), "127.0.0.1:%d", loopback_port(world.server));
	ck_assert(fetch_standing(world.fetch, name, &standing));
	ck_assert_uint_eq(standing.failures, 1);
	ck_assert_int_gt(standing.rests_for_ms, 500);
	ask(&world, (struct fetch_query){0}, "/ok/1", &second);
	ask(&world, (struct fetch_query){.lane = 9}, "/ok/2", &third);
	url = url_of(&world, "localhost", "/ok/3");
	ask(&world, (struct fetch_query){.url = url}, "", &other);
	mem_free(url);
	wait_for(&world, 4);
	ck_assert(second.ok && third.ok && other.ok);
	ck_assert_uint_eq(other.order, 2); /* the others waited, it did not */
	ck_assert_int_ge(second.at_ms - first.at_ms, 1000);
	ck_assert_int_ge(third.at_ms - first.at_ms, 1000);
	got_free(&first);
	got_free(&second);
	got_free(&third);
	got_free(&other);
	world_end(&world);
}
END_TEST

/* One dead log of a host does not keep its others. */
START_TEST(a_server_error_holds_its_lane_only)
{
	struct world world;
	struct got first, same, other;

	world_begin(&world, NULL);
	ask(&world, (struct fetch_query){.lane = 1}, "/status/500", &first);
	wait_for(&world, 1);
	ask(&world, (struct fetch_query){.lane = 1}, "/ok/1", &same);
	ask(&world, (struct fetch_query){.lane = 2}, "/ok/1", &other);
	wait_for(&world, 3);
	ck_assert_uint_eq(other.order, 2);
	ck_assert_int_ge(same.at_ms - first.at_ms, 1000);
	got_free(&first);
	got_free(&same);
	got_free(&other);
	world_end(&world);
}
END_TEST

START_TEST(limits_hold)
{
	struct fetch_options options = {.user_agent = AGENT,
	    .seed = 1,
	    .limits = {.in_flight = 3, .per_second = 20, .burst = 4}};
	struct world world;
	struct got got[14];
	int64_t began;

	world_begin(&world, &options);
	began = clock_mono_ms(world.clock);
	for (unsigned i = 0; i < 14; i++)
		ask(&world, (struct fetch_query){0}, "/wait/30", &got[i]);
	wait_for(&world, 14);
	/* 4 at once, the other 10 at 20 a second */
	ck_assert_int_ge(clock_mono_ms(world.clock) - began, 490);
	ck_assert_uint_le(world.most_at_once, 3);
	ck_assert_uint_ge(world.most_at_once, 2);
	ck_assert_uint_le(loopback_connections(world.server), 3); /* used again */
	for (unsigned i = 0; i < 14; i++)
		got_free(&got[i]);
	world_end(&world);
}
END_TEST

START_TEST(lanes_take_turns_and_background_waits)
{
	struct fetch_options options = {
	    .user_agent = AGENT, .seed = 1, .limits = {.in_flight = 1, .per_second = -1}};
	struct world world;
	struct got busy[6], rare, backfill;

	world_begin(&world, &options);
	ask(&world, (struct fetch_query){.lane = 3, .background = true}, "/ok/1",
	    &backfill);
	for (unsigned i = 0; i < 6; i++)
		ask(&world, (struct fetch_query){.lane = 1}, "/ok/1", &busy[i]);
	ask(&world, (struct fetch_query){.lane = 2}, "/ok/1", &rare);
	wait_for(&world, 8);
	ck_assert_uint_le(rare.order, 2);
	ck_assert_uint_eq(backfill.order, 8);
	for (unsigned i = 1; i < 6; i++)
		ck_assert_uint_gt(busy[i].order, busy[i - 1].order);
	for (unsigned i = 0; i < 6; i++)
		got_free(&busy[i]);
	got_free(&rare);
	got_free(&backfill);
	world_end(&world);
}
END_TEST

/* However much one log of a host asks for, and is kept waiting for. */
START_TEST(a_lane_leaves_room_for_others)
{
	struct fetch_options options = {
	    .user_agent = AGENT, .seed = 1, .limits = {.in_flight = 4, .per_second = -1}};
	struct world world;
	struct got slow[8], other;

	world_begin(&world, &options);
	for (unsigned i = 0; i < 8; i++)
		ask(&world, (struct fetch_query){.lane = 1}, "/wait/300", &slow[i]);
	ask(&world, (struct fetch_query){.lane = 2}, "/ok/1", &other);
	wait_for(&world, 9);
	ck_assert_uint_eq(other.order, 1);
	ck_assert_uint_le(world.most_at_once, 3);
	for (unsigned i = 0; i < 8; i++)
		got_free(&slow[i]);
	got_free(&other);
	world_end(&world);
}
END_TEST

/* Two hosts of one operator share its budget. */
START_TEST(a_budget_spans_hosts)
{
	struct world world;
	struct got got[6];
	struct fetch_limits one = {.in_flight = 1};
	struct fetch_standing standing;

	world_begin(&world, NULL);
	fetch_set_limits(world.fetch, "operator", &one);
	for (unsigned i = 0; i < 6; i++) {
		char *url = url_of(&world, i % 2 ? "localhost" : "127.0.0.1", "/wait/30");

		ask(&world, (struct fetch_query){.url = url, .budget = "operator"}, "",
		    &got[i]);
		mem_free(url);
	}
	ck_assert(fetch_standing(world.fetch, "operator", &standing));
	ck_assert_uint_eq(standing.waiting, 6);
	wait_for(&world, 6);
	ck_assert_uint_eq(world.most_at_once, 1);
	for (unsigned i = 0; i < 6; i++)
		got_free(&got[i]);
	world_end(&world);
}
END_TEST

START_TEST(a_cancelled_request_gets_no_call)
{
	struct world world;
	struct got first, waits, runs, self;
	struct fetch_request *running;

	world_begin(&world, NULL);
	fetch_cancel(ask(&world, (struct fetch_query){0}, "/ok/1", &waits));
	running = ask(&world, (struct fetch_query){0}, "/wait/300", &runs);
	ask(&world, (struct fetch_query){0}, "/wait/50", &first);
	first.cancel = running;
	wait_for(&world, 1);
	self.cancel = NULL;
	{
		struct fetch_request *own =
		    ask(&world, (struct fetch_query){0}, "/wait/400", &self);
		self.cancel = own; /* from inside its own callback: nothing */
	}
	wait_for(&world, 2);
	ck_assert_uint_eq(first.calls, 1);
	ck_assert_uint_eq(self.calls, 1);
	ck_assert_uint_eq(runs.calls, 0);
	ck_assert_uint_eq(waits.calls, 0);
	ck_assert_uint_eq(fetch_counts(world.fetch).cancelled, 2);
	got_free(&first);
	got_free(&self);
	world_end(&world);
}
END_TEST

START_TEST(the_end_cancels_all)
{
	struct world world;
	struct got got[4];

	world_begin(&world, NULL);
	for (unsigned i = 0; i < 3; i++)
		ask(&world, (struct fetch_query){0}, "/stall", &got[i]);
	for (int i = 0; i < 20; i++) {
		usleep(2000);
		ev_run(world.loop, EVRUN_NOWAIT);
	}
	ask(&world, (struct fetch_query){.background = true}, "/ok/1", &got[3]);
	fetch_free(world.fetch);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(got[i].calls, 0);
	clock_free(world.clock);
	ev_loop_destroy(world.loop);
	client_begin(&world, &(struct fetch_options){.user_agent = AGENT});
	world_end(&world);
}
END_TEST

/* Six bodies of 400 kB with 500 kB to share: all arrive, few at a time. */
START_TEST(memory_is_shared)
{
	struct fetch_options options = {.user_agent = AGENT,
	    .seed = 1,
	    .stall_ms = 3000,
	    .memory_max = 500000,
	    .limits = {.in_flight = 6, .burst = 10}};
	struct world world;
	struct got got[6];
	size_t most = 0;

	world_begin(&world, &options);
	for (unsigned i = 0; i < 6; i++)
		ask(&world, (struct fetch_query){.max_body = 1000000},
		    i % 2 ? "/chunked/400000" : "/gzip/400000", &got[i]);
	while (world.answers < 6) {
		size_t now;

		ev_run(world.loop, EVRUN_ONCE);
		now = fetch_bytes_in_flight(world.fetch);
		most = now > most ? now : most;
	}
	for (unsigned i = 0; i < 6; i++) {
		ck_assert_msg(got[i].ok, "%s", got[i].text);
		ck_assert_uint_eq(got[i].len, 400000);
		got_free(&got[i]);
	}
	ck_assert_uint_le(most, 500000 + 400000);
	world_end(&world);
}
END_TEST

START_TEST(nobody_there)
{
	struct fetch_options options = {.user_agent = AGENT, .seed = 1, .tries = 1};
	struct world world;
	struct got refused, unknown, closed;

	world_begin(&world, &options);
	ask(&world, (struct fetch_query){.url = "http://127.0.0.1:1/"}, "", &refused);
	ask(&world, (struct fetch_query){.url = "http://log.ctwarden.invalid/"}, "",
	    &unknown);
	ask(&world, (struct fetch_query){.public_addresses = true}, "/ok/1", &closed);
	wait_for(&world, 3);
	ck_assert_int_eq(refused.code, ERR_REMOTE);
	ck_assert_ptr_nonnull(strstr(refused.text, "cannot be reached"));
	ck_assert_int_eq(unknown.code, ERR_REMOTE);
	ck_assert_ptr_nonnull(strstr(unknown.text, "cannot be reached"));
	ck_assert_int_eq(closed.code, ERR_REMOTE);
	ck_assert_ptr_nonnull(strstr(closed.text, "not a public address"));
	ck_assert_uint_eq(world.served, 0);
	got_free(&refused);
	got_free(&unknown);
	got_free(&closed);
	world_end(&world);
}
END_TEST

/* --- TLS ---------------------------------------------------------------------- */

static const struct {
	const char *what, *name;
	bool ca, read_on, ok, told;
} TLS[] = {
    {"a known issuer and the right name", "localhost", true, false, true, false},
    {"the same, ready to read on", "localhost", true, true, true, false},
    {"an unknown issuer", "localhost", false, false, false, false},
    {"an unknown issuer, told and read", "localhost", false, true, true, true},
    {"another name", "elsewhere", true, false, false, false},
    {"another name, told and read", "elsewhere", true, true, true, true},
};

START_TEST(certificates_are_verified)
{
	struct world world = {0};
	char *pem = unit_temp("server.pem"), *url;
	struct fetch_options options = {
	    .user_agent = AGENT, .seed = 1, .ca_file = TLS[_i].ca ? pem : NULL};
	struct got got[2];

	world.server = loopback_start_tls(answer, &world, TLS[_i].name, pem);
	client_begin(&world, &options);
	url = mem_format("https://localhost:%d/ok/3", loopback_port(world.server));
	for (unsigned i = 0; i < 2; i++) { /* the second knows what the first met */
		ask(&world,
		    (struct fetch_query){.url = url, .read_on_bad_tls = TLS[_i].read_on},
		    "", &got[i]);
		wait_for(&world, i + 1);
		ck_assert_msg(
		    got[i].ok == TLS[_i].ok, "%s: %s", TLS[_i].what, got[i].text);
		ck_assert_msg(
		    (got[i].bad_tls != NULL) == TLS[_i].told, "%s", TLS[_i].what);
		if (!got[i].ok)
			ck_assert_msg(strstr(got[i].text, "does not verify") != NULL,
			    "%s", got[i].text);
		got_free(&got[i]);
	}
	ck_assert_uint_eq(world.served, TLS[_i].ok ? 2 : 0);
	mem_free(url);
	mem_free(pem);
	world_end(&world);
}
END_TEST

/* One request's CA file is no other's: what failed under one is tried anew
 * under another. */
START_TEST(a_request_has_a_ca_file_of_its_own)
{
	struct world world = {0};
	char *pem = unit_temp("server.pem"), *url;
	struct fetch_options options = {.user_agent = AGENT, .seed = 1};
	struct got got;

	world.server = loopback_start_tls(answer, &world, "localhost", pem);
	client_begin(&world, &options);
	url = mem_format("https://localhost:%d/ok/3", loopback_port(world.server));
	for (unsigned i = 0; i < 4; i++) {
		struct fetch_query query = {
		    .url = url, .read_on_bad_tls = true, .ca_file = i % 2 ? pem : NULL};

		ask(&world, query, "", &got);
		wait_for(&world, i + 1);
		ck_assert_msg(got.ok, "%s", got.text);
		ck_assert_int_eq(got.bad_tls != NULL, i % 2 == 0);
		got_free(&got);
	}
	mem_free(url);
	mem_free(pem);
	world_end(&world);
}
END_TEST

START_TEST(a_missing_ca_file_is_said_at_once)
{
	struct fetch_options options = {.ca_file = "/nonexistent/ca.pem"};
	struct err err = {0};

	ck_assert_ptr_null(fetch_new(NULL, NULL, &options, &err));
	ck_assert_int_eq(err.code, ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text, "/nonexistent/ca.pem"));
}
END_TEST

/* --- files --------------------------------------------------------------------- */

static const struct {
	const char *name;
	int status;
	enum err_code code;
	size_t len;
} FILES[] = {
    {"file", 200, ERR_NONE, 1000},
    {"empty", 200, ERR_NONE, 0},
    {"big", 200, ERR_LIMIT, 0},
    {"missing", 404, ERR_NOT_FOUND, 0},
    {"file/below", 404, ERR_NOT_FOUND, 0},
    {"folder", 404, ERR_NOT_FOUND, 0},
    {"fifo", 404, ERR_NOT_FOUND, 0},
};

static void
write_file(const char *name, size_t len)
{
	char *path = unit_temp(name);
	FILE *file = fopen(path, "w");

	for (size_t i = 0; i < len; i++)
		fputc('f', file);
	fclose(file);
	mem_free(path);
}

START_TEST(files_answer_as_servers_do)
{
	struct world world = {0};
	struct got got[ARRAY_LEN(FILES)];
	char *path;

	client_begin(&world, &(struct fetch_options){.user_agent = AGENT});
	write_file("file", 1000);
	write_file("empty", 0);
	write_file("big", 1001);
	path = unit_temp("folder");
	mkdir(path, 0700);
	mem_free(path);
	path = unit_temp("fifo");
	mkfifo(path, 0600);
	mem_free(path);
	for (unsigned i = 0; i < ARRAY_LEN(FILES); i++) {
		char *url, *full = unit_temp(FILES[i].name);
		struct err err = {0};
		struct fetch_query query = {.max_body = 1000, .allow_file = true};

		query.url = url = mem_format("file://%s", full);
		got[i] = (struct got){.world = &world};
		ck_assert(
		    fetch_submit(world.fetch, &query, on_done, &got[i], &err) != NULL);
		mem_free(url);
		mem_free(full);
	}
	wait_for(&world, ARRAY_LEN(FILES));
	for (unsigned i = 0; i < ARRAY_LEN(FILES); i++) {
		ck_assert_msg(
		    got[i].code == FILES[i].code, "%s: %s", FILES[i].name, got[i].text);
		ck_assert_int_eq(got[i].status, FILES[i].status);
		ck_assert_uint_eq(got[i].len, FILES[i].len);
		got_free(&got[i]);
	}
	world_end(&world);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("fetch");

	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, one_request, 0, UNIT_COUNT(ROWS));
	tcase_add_test(tc, a_broken_transfer_is_tried_again);
	tcase_add_test(tc, the_head_says_who_asks);
	tcase_add_test(tc, validators_come_back);
	tcase_add_loop_test(tc, what_cannot_be_asked, 0, UNIT_COUNT(REFUSED));
	tcase_add_test(tc, retry_after_holds_its_host_only);
	tcase_add_test(tc, a_server_error_holds_its_lane_only);
	tcase_add_test(tc, limits_hold);
	tcase_add_test(tc, lanes_take_turns_and_background_waits);
	tcase_add_test(tc, a_lane_leaves_room_for_others);
	tcase_add_test(tc, a_budget_spans_hosts);
	tcase_add_test(tc, a_cancelled_request_gets_no_call);
	tcase_add_test(tc, the_end_cancels_all);
	tcase_add_test(tc, memory_is_shared);
	tcase_add_test(tc, nobody_there);
	tcase_add_loop_test(tc, certificates_are_verified, 0, UNIT_COUNT(TLS));
	tcase_add_test(tc, a_request_has_a_ca_file_of_its_own);
	tcase_add_test(tc, a_missing_ca_file_is_said_at_once);
	tcase_add_test(tc, files_answer_as_servers_do);
	return unit_run("fetch/fetch", tc);
}
