/*
 * webhook - receives webhooks on loopback: checks each one's HMAC-SHA256,
 * appends its body as one line to a file, and fails on command.
 *
 *	webhook --port-file F --control S --secret-file K --out alerts.jsonl
 *	webhook --tell S "fail 500 count 3 retry-after 2"
 *
 * The signature is ctwarden's: X-Ctwarden-Signature: sha256=HEX over the
 * X-Ctwarden-Timestamp, a dot and the body.
 */
#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "tests/lib/httpd.h"
#include "tests/lib/lines.h"
#include "tests/lib/options.h"

#define MAX_AGE_S 300

/* What happens to the next requests. */
enum mood { MOOD_GOOD, MOOD_FAIL, MOOD_HANG, MOOD_RESET, MOOD_FORGETFUL };

struct webhook {
	uint16_t port;
	const char *port_file, *control, *secret_file, *out;
	struct buf secret;
	FILE *lines;
	struct httpd *httpd;
	pthread_mutex_t lock;

	enum mood mood;
	int64_t left; /* -1: for good */
	int status;
	int64_t delay_ms;
	char retry_after[64];
	struct map ids; /* alert ids that came */
	uint64_t accepted, doubles, rejected, failed;
};

/* --- one request ---------------------------------------------------------- */

static bool
signature_good(struct webhook *hook, const struct httpd_request *request)
{
	const char *when = httpd_header(request, "X-Ctwarden-Timestamp");
	const char *signature = httpd_header(request, "X-Ctwarden-Signature");
	uint8_t said[32], want[32];
	unsigned len = sizeof(want);
	struct buf text;
	bool good;

	if (hook->secret.len == 0)
		return true;
	if (when == NULL || signature == NULL || strncmp(signature, "sha256=", 7) != 0 ||
	    strlen(signature) != 71 || !hex_parse(signature + 7, said, sizeof(said)) ||
	    llabs(strtoll(when, NULL, 10) - (long long)time(NULL)) > MAX_AGE_S)
		return false;
	buf_init(&text, request->body.len + 64);
	buf_append_format(&text, "%s.", when);
	buf_append_bytes(&text, request->body);
	good = HMAC(EVP_sha256(), hook->secret.data, (int)hook->secret.len, text.data,
		   text.len, want, &len) != NULL &&
	    CRYPTO_memcmp(said, want, sizeof(want)) == 0;
	buf_free(&text);
	return good;
}

static void
keep(struct webhook *hook, const json_t *body)
{
	const char *id = json_string_value(json_object_get(body, "id"));
	char *line = json_dumps(body, JSON_COMPACT);

	hook->accepted++;
	if (id != NULL && map_put(&hook->ids, bytes_text(id), hook) != NULL)
		hook->doubles++;
	if (hook->lines != NULL) {
		fprintf(hook->lines, "%s\n", line);
		fflush(hook->lines);
	}
	free(line);
}

static void
receive(struct webhook *hook, const struct httpd_request *request,
    struct testlog_answer *answer)
{
	json_t *body = json_loadb((const char *)request->body.data, request->body.len,
	    JSON_REJECT_DUPLICATES, NULL);

	if (strcmp(request->method, "POST") != 0)
		answer->status = 405;
	else if (!signature_good(hook, request))
		answer->status = 401;
	else if (!json_is_object(body))
		answer->status = 400;
	if (answer->status == 200)
		keep(hook, body);
	else
		hook->rejected++;
	json_decref(body);
}

static void
on_request(
    void *owner, const struct httpd_request *request, struct testlog_answer *answer)
{
	struct webhook *hook = owner;
	enum mood mood;

	pthread_mutex_lock(&hook->lock);
	mood = hook->left == 0 ? MOOD_GOOD : hook->mood;
	if (hook->left > 0)
		hook->left--;
	answer->delay_ms = hook->delay_ms;
	if (mood == MOOD_GOOD || mood == MOOD_FORGETFUL)
		receive(hook, request, answer);
	else
		hook->failed++;
	if (mood == MOOD_FAIL)
		answer->status = hook->status;
	if (mood == MOOD_FAIL && hook->retry_after[0] != '\0')
		buf_append_format(
		    &answer->headers, "Retry-After: %s\n", hook->retry_after);
	if (mood == MOOD_HANG)
		answer->delay_ms = TESTLOG_NEVER;
	answer->reset = mood == MOOD_RESET || mood == MOOD_FORGETFUL;
	pthread_mutex_unlock(&hook->lock);
}

/* --- commands ------------------------------------------------------------- */

static bool
listen_again(struct webhook *hook, struct err *err)
{
	if (hook->httpd == NULL)
		hook->httpd = httpd_new(hook->port, on_request, hook, err);
	return hook->httpd != NULL;
}

static void
say_counts(const struct webhook *hook, struct buf *said)
{
	buf_append_format(said, "accepted %llu doubles %llu rejected %llu failed %llu\n",
	    (unsigned long long)hook->accepted, (unsigned long long)hook->doubles,
	    (unsigned long long)hook->rejected, (unsigned long long)hook->failed);
}

static const char USAGE[] =
    "fail STATUS | hang | reset | forgetful (takes it, then breaks the connection) |"
    " each [count N] [retry-after TEXT]; delay MS; refuse (nobody listens); clear; show";

static bool
set_mood(struct webhook *hook, char *words, struct err *err)
{
	static const struct {
		const char *name;
		enum mood mood;
	} MOODS[] = {{"fail", MOOD_FAIL}, {"hang", MOOD_HANG}, {"reset", MOOD_RESET},
	    {"forgetful", MOOD_FORGETFUL}};
	char *word = strsep(&words, " ");
	bool found = false;

	for (size_t i = 0; i < ARRAY_LEN(MOODS); i++)
		if (strcmp(word, MOODS[i].name) == 0) {
			hook->mood = MOODS[i].mood;
			found = true;
		}
	if (!found)
		return err_set(err, ERR_CONFIG, "%s", USAGE);
	hook->left = -1;
	hook->status = 500;
	hook->retry_after[0] = '\0';
	while ((word = strsep(&words, " ")) != NULL) {
		if (strcmp(word, "count") == 0 && words != NULL)
			hook->left = strtoll(strsep(&words, " "), NULL, 10);
		else if (strcmp(word, "retry-after") == 0 && words != NULL)
			snprintf(hook->retry_after, sizeof(hook->retry_after), "%s",
			    strsep(&words, " "));
		else if (hook->mood == MOOD_FAIL && strtol(word, NULL, 10) >= 300)
			hook->status = (int)strtol(word, NULL, 10);
		else
			return err_set(err, ERR_CONFIG, "%s", USAGE);
	}
	return true;
}

/* Requests in flight wait for the lock that this holds: so the server is only
 * stopped without it. */
static void
refuse(struct webhook *hook)
{
	struct httpd *httpd = hook->httpd;

	hook->httpd = NULL;
	pthread_mutex_unlock(&hook->lock);
	httpd_free(httpd);
	pthread_mutex_lock(&hook->lock);
}

static bool
on_line(void *owner, char *line, struct buf *said, struct err *err)
{
	struct webhook *hook = owner;
	bool ok = true;

	pthread_mutex_lock(&hook->lock);
	if (strcmp(line, "clear") == 0) {
		hook->mood = MOOD_GOOD;
		hook->delay_ms = 0;
		ok = listen_again(hook, err);
	} else if (strcmp(line, "refuse") == 0) {
		refuse(hook);
	} else if (strncmp(line, "delay ", 6) == 0) {
		hook->delay_ms = strtoll(line + 6, NULL, 10);
	} else if (strcmp(line, "show") != 0) {
		ok = set_mood(hook, line, err);
	}
	say_counts(hook, said);
	pthread_mutex_unlock(&hook->lock);
	return ok;
}

/* --- options -------------------------------------------------------------- */

#define SETTER(name, statement)                                                          \
	static void name(void *owner, const char *value)                                 \
	{                                                                                \
		struct webhook *hook = owner;                                            \
		statement;                                                               \
	}

SETTER(set_port, hook->port = (uint16_t)strtoul(value, NULL, 10))
SETTER(set_port_file, hook->port_file = value)
SETTER(set_control, hook->control = value)
SETTER(set_secret, hook->secret_file = value)
SETTER(set_out, hook->out = value)
SETTER(set_parent, (void)hook; (void)value; tool_die_with_parent())

static const struct tool_option OPTIONS[] = {
    {"port", "N", "listen there; 0, the default: any", set_port},
    {"port-file", "FILE", "write the port there when it listens", set_port_file},
    {"control", "SOCKET", "take commands there", set_control},
    {"secret-file", "FILE", "the HMAC key; without it no signature is asked for",
	set_secret},
    {"out", "FILE", "append each accepted body there, a line each", set_out},
    {"with-parent", NULL, "end when the process that started it ends", set_parent},
};

/* The file's bytes without the newline at their end. */
static void
read_secret(struct webhook *hook)
{
	FILE *file = fopen(hook->secret_file, "rb");
	int c;

	if (file == NULL)
		tool_die("cannot open %s", hook->secret_file);
	while ((c = getc(file)) != EOF)
		buf_append_u8(&hook->secret, (uint8_t)c);
	fclose(file);
	while (hook->secret.len > 0 && hook->secret.data[hook->secret.len - 1] == '\n')
		hook->secret.len--;
}

static void
start(struct webhook *hook)
{
	struct err err = {0};
	char port[16];

	buf_init(&hook->secret, 4096);
	map_init(&hook->ids);
	if (hook->secret_file != NULL)
		read_secret(hook);
	if (hook->out != NULL && (hook->lines = fopen(hook->out, "a")) == NULL)
		tool_die("cannot open %s", hook->out);
	if (!listen_again(hook, &err))
		tool_die("%s", err.text);
	hook->port = httpd_port(hook->httpd);
	snprintf(port, sizeof(port), "%u\n", hook->port);
	if (hook->port_file != NULL)
		tool_write(hook->port_file, port);
	printf("listening on 127.0.0.1:%s", port);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	static struct webhook hook = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct lines *lines = NULL;
	struct err err = {0};
	sigset_t ends;
	int number;

	if (argc == 4 && strcmp(argv[1], "--tell") == 0)
		return lines_tell(argv[2], argv[3]) ? 0 : 1;
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	tool_options(
	    argc, argv, "Receives webhooks.", OPTIONS, ARRAY_LEN(OPTIONS), &hook);
	start(&hook);
	if (hook.control != NULL &&
	    (lines = lines_new(hook.control, on_line, &hook, &err)) == NULL)
		tool_die("%s", err.text);
	sigwait(&ends, &number);
	lines_free(lines);
	httpd_free(hook.httpd);
	if (hook.lines != NULL)
		fclose(hook.lines);
	map_free(&hook.ids, NULL);
	buf_free(&hook.secret);
	return 0;
}
