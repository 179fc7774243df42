#include "logclient/static_ct.h"

#include <string.h>

struct head_call {
	struct logclient_call call;
	logclient_head_fn *fn;
	struct sth sth;
};

static void on_head(void *owner, struct fetch_result *result, const struct err *err);

static void
fini(struct logclient_call *call)
{
	sth_fini(&((struct head_call *)call)->sth);
}

static void
head_end(struct head_call *call, struct logclient_head *head, const struct err *err)
{
	call_end(&call->call);
	call->fn(call->call.owner, head, err);
	call_free(&call->call);
}

static void
ask(struct head_call *call)
{
	struct logclient *client = call->call.client;
	struct fetch_query query = client_query(client, call->call.fresh);
	char *path = static_path(client, 0, client->species->head_path);
	char *url = mem_format("%s%s", client->url, path);
	struct err err = {0};

	mem_free(path);
	query.url = url;
	query.max_body = HEAD_BODY_MAX;
	if (client->has_head && !call->call.fresh) {
		query.etag = client->head_etag;
		query.last_modified = client->head_modified;
	}
	call->call.request = fetch_submit(client->fetch, &query, on_head, call, &err);
	if (call->call.request == NULL)
		call_later(&call->call, &err, on_head);
	mem_free(url);
}

static void
remember(
    struct logclient *client, const struct sth *sth, const struct fetch_result *result)
{
	mem_free(client->head_etag);
	mem_free(client->head_modified);
	client->head_etag = mem_text(result->etag);
	client->head_modified = mem_text(result->last_modified);
	sth_copy(&client->head, sth);
	client->has_head = true;
}

/* parsed tells whether call->sth has anything to show. */
static bool
read_head(struct head_call *call, struct bytes body, bool *parsed, struct err *err)
{
	const struct ct_log *log = call->call.client->log;

	if (log->kind == CT_LOG_STATIC) {
		*parsed = sth_from_checkpoint(body, log, &call->sth, err);
		if (!*parsed && err->code == ERR_NOT_FOUND)
			err->code = ERR_VERIFY; /* a note, but not signed by this log */
		return *parsed;
	}
	*parsed = sth_from_json(body, &call->sth, err);
	return *parsed && sth_verify(&call->sth, log, err);
}

/* The signature over the same bytes has been verified. */
static bool
is_same(const struct head_call *call, struct bytes body)
{
	const struct logclient *client = call->call.client;

	return client->has_head && !call->call.fresh &&
	    bytes_equal(body, bytes_of(client->head.raw, client->head.raw_len));
}

static void
unchanged(struct head_call *call, struct logclient_head *head)
{
	head->unchanged = true;
	sth_copy(&call->sth, &call->call.client->head);
	head->sth = &call->sth;
	head->raw = bytes_of(call->sth.raw, call->sth.raw_len);
	head_end(call, head, NULL);
}

static void
on_head(void *owner, struct fetch_result *result, const struct err *err)
{
	struct head_call *call = owner;
	struct logclient *client = call->call.client;
	struct logclient_head head = {.retry_after_ms = -1};
	struct err bad = {0};
	bool parsed;

	call_arrived(&call->call, result);
	if (result != NULL)
		head.retry_after_ms = result->retry_after_ms;
	if (err != NULL || result == NULL) {
		head_end(call, &head, err);
		return;
	}
	if (result->status == 304 || is_same(call, result->body)) {
		unchanged(call, &head);
		return;
	}
	head.raw = result->body;
	if (read_head(call, result->body, &parsed, &bad)) {
		head.sth = &call->sth;
		remember(client, &call->sth, result);
		head_end(call, &head, NULL);
	} else if (bad.code == ERR_VERIFY && !call->call.fresh) {
		call->call.fresh = true; /* a proxy may have damaged it */
		ask(call);
	} else {
		head.sth = parsed ? &call->sth : NULL;
		head_end(call, &head, &bad);
	}
}

struct logclient_call *
logclient_get_head(struct logclient *client, logclient_head_fn *fn, void *owner)
{
	struct head_call *call = call_new(client, sizeof(*call), owner);

	call->fn = fn;
	call->call.fini = fini;
	sth_init(&call->sth);
	ask(call);
	return &call->call;
}
