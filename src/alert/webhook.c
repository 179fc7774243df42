#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alert/link.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "fetch/fetch.h"

/*
 * The documented JSON by POST; ctwarden-alerts(5) says what a receiver checks.
 */

#define SECRET_MAX  4096
#define ANSWER_MAX  ((size_t)64 * 1024)
#define TIMEOUT_MS  30000
#define HEADERS_MAX 5

struct webhook {
	char *url;
	struct buf secret; /* empty: unsigned */
	int64_t timeout_ms;
	struct clock *clock;
	struct fetch *fetch;
	struct fetch *own; /* an engine that trusts ca_file; NULL: the shared one does */
	struct post *posts;
};

/* One request in flight. */
struct post {
	struct post *next, **link; /* in the webhook's list */
	struct fetch_request *request;
	sink_sent_fn *sent;
	void *owner;
};

static void
unlink_post(struct post *post)
{
	*post->link = post->next;
	if (post->next != NULL)
		post->next->link = post->link;
	mem_free(post);
}

/* What the status means for this alert and for the sink. */
static enum sink_outcome
judge(int status)
{
	if (status >= 200 && status < 300)
		return SINK_DELIVERED;
	/* Too slow, too early, too many: RFC 9110, RFC 8470, RFC 6585. */
	if (status == 408 || status == 425 || status == 429)
		return SINK_TROUBLE;
	return status >= 400 && status < 500 ? SINK_REFUSED : SINK_TROUBLE;
}

static void
on_done(void *owner, struct fetch_result *result, const struct err *err)
{
	struct post *post = owner;
	struct post told = *post;
	struct sink_sent sent = {
	    .outcome = judge(result->status), /* a 2xx with too long a body is one, too */
	    .retry_after_ms = result->retry_after_ms,
	    .why = "",
	};

	unlink_post(post);
	if (sent.outcome != SINK_DELIVERED)
		sent.why = err != NULL ? err->text : "no answer";
	told.sent(told.owner, &sent);
}

/* --- the signature -------------------------------------------------------------- */

/* The file's bytes without the line ends behind them. */
static bool
read_secret(const char *path, struct buf *out, struct err *err)
{
	FILE *file = fopen(path, "rbe");
	size_t got;

	if (file == NULL)
		return err_set(err, ERR_CONFIG, "%s: cannot read the secret: %s", path,
		    strerror(errno));
	got = fread(buf_extend(out, SECRET_MAX + 1), 1, SECRET_MAX + 1, file);
	fclose(file);
	out->len = got;
	while (out->len > 0 &&
	    (out->data[out->len - 1] == '\n' || out->data[out->len - 1] == '\r'))
		out->len--;
	if (out->len == 0 || got > SECRET_MAX)
		return err_set(err, ERR_CONFIG,
		    "%s: a secret has 1 to %d bytes; make one with "
		    "\"openssl rand -hex 32\"",
		    path, SECRET_MAX);
	return true;
}

void
webhook_sign(struct bytes secret, int64_t unix_s, struct bytes body, char *hex)
{
	struct sha256 mac;
	struct buf signed_text;

	buf_init(&signed_text, body.len + 24);
	buf_append_format(&signed_text, "%" PRId64 ".", unix_s);
	buf_append_bytes(&signed_text, body);
	hmac_sha256(secret, buf_bytes(&signed_text), &mac);
	hex_format(mac.octets, sizeof(mac.octets), hex);
	buf_free(&signed_text);
}

/* --- the sink ------------------------------------------------------------------- */

static void
webhook_close(void *sink)
{
	struct webhook *webhook = sink;

	while (webhook->posts != NULL) {
		fetch_cancel(webhook->posts->request);
		unlink_post(webhook->posts);
	}
	if (webhook->own != NULL)
		fetch_free(webhook->own);
	mem_free(webhook->url);
	if (webhook->secret.data != NULL)
		explicit_bzero(webhook->secret.data, webhook->secret.len);
	buf_free(&webhook->secret);
	mem_free(webhook);
}

static bool
take_options(
    struct webhook *webhook, const struct alert_sink_options *options, struct err *err)
{
	if (strncmp(options->url, "https://", 8) != 0 &&
	    strncmp(options->url, "http://", 7) != 0)
		return err_set(err, ERR_CONFIG,
		    "webhook: the url begins with https:// (or http:// on your own "
		    "machine)");
	webhook->url = mem_text(options->url);
	webhook->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : TIMEOUT_MS;
	return options->secret_file == NULL ||
	    read_secret(options->secret_file, &webhook->secret, err);
}

/* What a sink trusts besides the system's CAs is nobody else's business. */
static bool
take_engine(struct webhook *webhook, const struct alert_sink_options *options,
    const struct sink_world *world, struct err *err)
{
	struct fetch_options own = {
	    .user_agent = world->user_agent, .ca_file = options->ca_file};

	webhook->clock = world->clock;
	webhook->fetch = world->fetch;
	if (options->ca_file == NULL)
		return true;
	webhook->own = fetch_new(world->loop, world->clock, &own, err);
	webhook->fetch = webhook->own;
	return webhook->own != NULL;
}

static void *
webhook_open(const struct alert_sink_options *options, const struct sink_world *world,
    struct err *err)
{
	struct webhook *webhook = mem_zero(1, sizeof(*webhook));
	struct tls_context *look = NULL;
	bool ok;

	buf_init(&webhook->secret, SECRET_MAX + 1);
	ok = take_options(webhook, options, err);
	if (ok && options->ca_file != NULL)
		ok = (look = tls_context_new(options->ca_file, err)) != NULL;
	tls_context_free(look);
	if (ok && world != NULL)
		ok = take_engine(webhook, options, world, err);
	if (ok)
		return webhook;
	webhook_close(webhook);
	return NULL;
}

static struct post *
new_post(struct webhook *webhook, const struct sink_message *message)
{
	struct post *post = mem_zero(1, sizeof(*post));

	post->sent = message->sent;
	post->owner = message->owner;
	post->link = &webhook->posts;
	post->next = webhook->posts;
	if (post->next != NULL)
		post->next->link = &post->next;
	webhook->posts = post;
	return post;
}

static bool
webhook_send(void *sink, const struct sink_message *message, struct err *err)
{
	struct webhook *webhook = sink;
	int64_t now_s = clock_now_ms(webhook->clock) / 1000;
	char id[64], stamp[64], signature[128], mac[65], hex[2 * NOTICE_ID_LEN + 1];
	const char *headers[HEADERS_MAX] = {
	    "Content-Type: application/json", id, stamp, signature};
	struct fetch_query query = {
	    .url = webhook->url,
	    .max_body = ANSWER_MAX,
	    .body = message->payload,
	    .headers = headers,
	    .header_count = webhook->secret.len > 0 ? 4 : 3,
	    .timeout_ms = webhook->timeout_ms,
	};
	struct post *post = new_post(webhook, message);

	snprintf(id, sizeof(id), "X-Ctwarden-Id: %s",
	    hex_format(message->id.data, NOTICE_ID_LEN, hex));
	snprintf(stamp, sizeof(stamp), "X-Ctwarden-Timestamp: %" PRId64, now_s);
	webhook_sign(buf_bytes(&webhook->secret), now_s, message->payload, mac);
	snprintf(signature, sizeof(signature), "X-Ctwarden-Signature: sha256=%s", mac);
	post->request = fetch_submit(webhook->fetch, &query, on_done, post, err);
	if (post->request == NULL) {
		unlink_post(post);
		return false;
	}
	return true;
}

const struct sink_kind SINK_WEBHOOK = {
    .name = "webhook",
    .in_flight = 4,
    .open = webhook_open,
    .close = webhook_close,
    .send = webhook_send,
};
