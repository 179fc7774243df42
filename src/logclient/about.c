#include "logclient/logclient_priv.h"

struct about_call {
	struct logclient_call call;
	logclient_about_fn *fn;
};

static void
on_about(void *owner, struct fetch_result *result, const struct err *err)
{
	struct about_call *call = owner;

	call_arrived(&call->call, result);
	call_end(&call->call);
	call->fn(call->call.owner, err == NULL ? result->body : (struct bytes){0}, err);
	call_free(&call->call);
}

struct logclient_call *
logclient_get_about(struct logclient *client, logclient_about_fn *fn, void *owner)
{
	struct about_call *call = call_new(client, sizeof(*call), owner);

	call->fn = fn;
	call_fetch(&call->call, client->url, "log.v3.json", ABOUT_BODY_MAX, on_about);
	return &call->call;
}
