/* The webhook sink with the real engine against a real server. */
#include <ev.h>
#include <openssl/hmac.h>
#include <signal.h>

#include "alert/sink.h"
#include "base/clock.h"
#include "fetch/fetch.h"
#include "tests/lib/loopback.h"
#include "tests/lib/unit.h"

#define PAYLOAD "{\"version\":1,\"message\":\"a\\u0000b\"}"
static const uint8_t ID[NOTICE_ID_LEN] = {0xab, 0xcd};

/* --- the server ------------------------------------------------------------------ */

struct answer {
	int status;
	const char *headers;
	size_t body; /* so many bytes */
	bool hangs, breaks;

	/* what came */
	unsigned requests;
	char method[16], path[64], head[4096], text[4096];
};

static bool
on_request(
    void *owner, struct loopback_conn *conn, const struct loopback_request *request)
{
	struct answer *answer = owner;
	char *body = mem_zero(1, answer->body + 1);
	bool stays;

	answer->requests++;
	snprintf(answer->method, sizeof(answer->method), "%s", request->method);
	snprintf(answer->path, sizeof(answer->path), "%s", request->path);
	snprintf(answer->head, sizeof(answer->head), "%s", request->head);
	snprintf(answer->text, sizeof(answer->text), "%.*s", (int)request->body_len,
	    request->body != NULL ? request->body : "");
	if (answer->hangs)
		loopback_sleep(conn, 60000);
	memset(body, 'x', answer->body);
	stays = !answer->hangs && !answer->breaks &&
	    loopback_reply(conn, answer->status,
		answer->headers != NULL ? answer->headers : "", body, answer->body);
	mem_free(body);
	return stays;
}

/* --- the client ------------------------------------------------------------------- */

struct client {
	struct ev_loop *loop;
	struct clock *clock;
	struct fetch *fetch;
	void *sink;
	unsigned answers;
	struct sink_sent sent;
	char why[256];
};

static void
on_sent(void *owner, const struct sink_sent *sent)
{
	struct client *client = owner;

	client->answers++;
	client->sent = *sent;
	snprintf(client->why, sizeof(client->why), "%s", sent->why);
	ev_break(client->loop, EVBREAK_ALL);
}

static void
on_deadline(void *owner)
{
	ev_break(((struct client *)owner)->loop, EVBREAK_ALL);
}

static void
open_client(struct client *client, const struct alert_sink_options *options)
{
	struct fetch_options fetch = {.user_agent = "test"};
	struct sink_world world;
	struct err err = {0};

	signal(SIGPIPE, SIG_IGN);
	*client = (struct client){.loop = ev_loop_new(EVFLAG_AUTO)};
	client->clock = clock_new(client->loop);
	client->fetch = fetch_new(client->loop, client->clock, &fetch, &err);
	ck_assert_msg(client->fetch != NULL, "%s", err.text);
	world = (struct sink_world){
	    client->loop, client->clock, client->fetch, "test webhook"};
	client->sink = SINK_WEBHOOK.open(options, &world, &err);
	ck_assert_msg(client->sink != NULL, "%s", err.text);
}

static void
close_client(struct client *client)
{
	SINK_WEBHOOK.close(client->sink);
	fetch_free(client->fetch);
	clock_free(client->clock);
	ev_loop_destroy(client->loop);
}

static void
post(struct client *client)
{
	struct sink_message message = {.id = bytes_of(ID, sizeof(ID)),
	    .payload = bytes_text(PAYLOAD),
	    .sent = on_sent,
	    .owner = client};
	struct err err = {0};

	ck_assert_msg(SINK_WEBHOOK.send(client->sink, &message, &err), "%s", err.text);
	ck_assert_uint_eq(client->answers, 0);
}

static void
run(struct client *client)
{
	struct clock_timer *deadline =
	    clock_after(client->clock, 15000, on_deadline, client);

	ev_run(client->loop, 0);
	ck_assert_uint_eq(client->answers, 1);
	clock_cancel(client->clock, deadline);
}

/* --- what it says --------------------------------------------------------------------
 */

/* A header's value, copied. */
static const char *
header(const struct answer *answer, const char *name)
{
	static char value[200];
	const char *at = strcasestr(answer->head, name);

	ck_assert_msg(at != NULL, "no %s in %s", name, answer->head);
	snprintf(value, sizeof(value), "%.*s", (int)strcspn(at + strlen(name), "\r\n"),
	    at + strlen(name));
	return value;
}

START_TEST(a_receiver_can_check_it)
{
	struct answer answer = {.status = 200};
	struct loopback *server = loopback_start(on_request, &answer);
	char *url = mem_format("http://127.0.0.1:%d/hook?a=b", loopback_port(server));
	char *path = unit_temp("secret"), hex[65], *text;
	FILE *file = fopen(path, "w");
	uint8_t mac[32];
	struct client client;

	fputs("the secret\r\n", file);
	fclose(file);
	open_client(
	    &client, &(struct alert_sink_options){.url = url, .secret_file = path});
	post(&client);
	run(&client);
	ck_assert_int_eq(client.sent.outcome, SINK_DELIVERED);
	ck_assert_str_eq(answer.method, "POST");
	ck_assert_str_eq(answer.path, "/hook?a=b");
	ck_assert_str_eq(answer.text, PAYLOAD);
	ck_assert_str_eq(header(&answer, "\nContent-Type: "), "application/json");
	ck_assert_str_eq(
	    header(&answer, "\nX-Ctwarden-Id: "), "abcd0000000000000000000000000000");
	text = mem_format("%s.%s", header(&answer, "\nX-Ctwarden-Timestamp: "), PAYLOAD);
	ck_assert_int_le(
	    llabs(strtoll(text, NULL, 10) - clock_now_ms(client.clock) / 1000), 10);
	HMAC(EVP_sha256(), "the secret", 10, (unsigned char *)text, strlen(text), mac,
	    NULL);
	hex_format(mac, sizeof(mac), hex);
	mem_free(text);
	text = mem_format("sha256=%s", hex);
	ck_assert_str_eq(header(&answer, "\nX-Ctwarden-Signature: "), text);
	close_client(&client);
	loopback_stop(server);
	mem_free(text);
	mem_free(path);
	mem_free(url);
}
END_TEST

/* --- what the answers mean
 * --------------------------------------------------------------- */

static const struct {
	const char *what;
	struct answer answer;
	enum sink_outcome outcome;
	int64_t retry_after_ms;
} ANSWERS[] = {
    {"fine", {.status = 200}, SINK_DELIVERED, -1},
    {"accepted", {.status = 202, .body = 100}, SINK_DELIVERED, -1},
    {"fine, with more to say than we read", {.status = 200, .body = 1000000},
	SINK_DELIVERED, -1},
    {"bad request", {.status = 400}, SINK_REFUSED, -1},
    {"not ours", {.status = 401}, SINK_REFUSED, -1},
    {"no such hook", {.status = 404}, SINK_REFUSED, -1},
    {"gone", {.status = 410}, SINK_REFUSED, -1},
    {"too slow", {.status = 408}, SINK_TROUBLE, -1},
    {"too early", {.status = 425}, SINK_TROUBLE, -1},
    {"too many, for so long", {.status = 429, .headers = "Retry-After: 7\r\n"},
	SINK_TROUBLE, 7000},
    {"broken", {.status = 500, .body = 100}, SINK_TROUBLE, -1},
    {"away, for so long", {.status = 503, .headers = "Retry-After: 120\r\n"},
	SINK_TROUBLE, 120000},
    {"elsewhere: nobody follows", {.status = 302, .headers = "Location: /b\r\n"},
	SINK_TROUBLE, -1},
    {"says nothing", {.hangs = true}, SINK_TROUBLE, -1},
    {"breaks off", {.breaks = true}, SINK_TROUBLE, -1},
};

START_TEST(answer_rows)
{
	struct answer answer = ANSWERS[_i].answer;
	struct loopback *server = loopback_start(on_request, &answer);
	char *url = mem_format("http://127.0.0.1:%d/", loopback_port(server));
	struct client client;

	open_client(
	    &client, &(struct alert_sink_options){.url = url, .timeout_ms = 1500});
	post(&client);
	run(&client);
	ck_assert_msg(client.sent.outcome == ANSWERS[_i].outcome, "%s: %s",
	    ANSWERS[_i].what, client.why);
	ck_assert_int_eq(client.sent.retry_after_ms, ANSWERS[_i].retry_after_ms);
	ck_assert((client.why[0] == '\0') == (ANSWERS[_i].outcome == SINK_DELIVERED));
	close_client(&client);
	loopback_stop(server);
	ck_assert_uint_eq(answer.requests, 1);
	ck_assert_ptr_null(strcasestr(answer.head, "X-Ctwarden-Signature"));
	mem_free(url);
}
END_TEST

/* --- whom it trusts
 * ------------------------------------------------------------------------ */

static const struct {
	const char *what, *host, *name;
	bool trusted;
	enum sink_outcome outcome;
} TLS_ROWS[] = {
    {"the right name", "localhost", "localhost", true, SINK_DELIVERED},
    {"another name", "localhost", "example.org", true, SINK_TROUBLE},
    {"not trusted", "localhost", "localhost", false, SINK_TROUBLE},
};

START_TEST(tls_rows)
{
	struct answer answer = {.status = 200};
	char *pem = unit_temp("server.pem");
	struct loopback *server =
	    loopback_start_tls(on_request, &answer, TLS_ROWS[_i].name, pem);
	char *url =
	    mem_format("https://%s:%d/", TLS_ROWS[_i].host, loopback_port(server));
	struct client client;

	open_client(&client,
	    &(struct alert_sink_options){
		.url = url, .ca_file = TLS_ROWS[_i].trusted ? pem : NULL});
	post(&client);
	run(&client);
	ck_assert_msg(client.sent.outcome == TLS_ROWS[_i].outcome, "%s: %s",
	    TLS_ROWS[_i].what, client.why);
	close_client(&client);
	loopback_stop(server);
	ck_assert_uint_eq(
	    answer.requests, TLS_ROWS[_i].outcome == SINK_DELIVERED ? 1 : 0);
	if (TLS_ROWS[_i].trusted && answer.requests > 0)
		ck_assert_str_eq(header(&answer, "\nUser-Agent: "), "test webhook");
	mem_free(url);
	mem_free(pem);
}
END_TEST

START_TEST(closing_makes_no_call)
{
	struct answer answer = {.hangs = true};
	struct loopback *server = loopback_start(on_request, &answer);
	char *url = mem_format("http://127.0.0.1:%d/", loopback_port(server));
	struct client client;

	open_client(&client, &(struct alert_sink_options){.url = url});
	post(&client);
	post(&client);
	ev_run(client.loop, EVRUN_ONCE);
	close_client(&client);
	ck_assert_uint_eq(client.answers, 0);
	loopback_stop(server);
	mem_free(url);
}
END_TEST

START_TEST(a_url_that_is_none_is_told_at_once)
{
	struct sink_message message = {.id = bytes_of(ID, sizeof(ID)),
	    .payload = bytes_text(PAYLOAD),
	    .sent = on_sent};
	struct client client;
	struct err err = {0};

	open_client(&client, &(struct alert_sink_options){.url = "https://"});
	message.owner = &client;
	ck_assert(!SINK_WEBHOOK.send(client.sink, &message, &err));
	ck_assert_int_eq(err.code, ERR_CONFIG);
	close_client(&client);
	ck_assert_uint_eq(client.answers, 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("webhook");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_receiver_can_check_it);
	tcase_add_loop_test(tc, answer_rows, 0, UNIT_COUNT(ANSWERS));
	tcase_add_loop_test(tc, tls_rows, 0, UNIT_COUNT(TLS_ROWS));
	tcase_add_test(tc, closing_makes_no_call);
	tcase_add_test(tc, a_url_that_is_none_is_told_at_once);
	return unit_run("alert/webhook", tc);
}
