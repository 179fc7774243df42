#include "logclient/logclient_priv.h"

#include "base/arena.h"
#include "wire/proof_json.h"

struct roots_call {
	struct logclient_call call;
	logclient_roots_fn *fn;
};

static void
roots_end(struct roots_call *call, const struct roots_json *roots, const struct err *err)
{
	call_end(&call->call);
	call->fn(call->call.owner, err == NULL ? roots->certificates : NULL,
	    err == NULL ? roots->count : 0, err);
	call_free(&call->call);
}

/* RFC 6962, 4.7: served as text/plain now and then, and without asking the
 * backend: no sign of health. */
static void
on_roots(void *owner, struct fetch_result *result, const struct err *err)
{
	struct roots_call *call = owner;
	struct roots_json roots = {0};
	struct arena arena;
	struct err bad = {0};

	call_arrived(&call->call, result);
	arena_init(&arena);
	if (err == NULL && !proof_json_roots(result->body, &arena, &roots, &bad))
		err = &bad;
	roots_end(call, &roots, err);
	arena_free(&arena);
}

struct logclient_call *
logclient_get_roots(struct logclient *client, logclient_roots_fn *fn, void *owner)
{
	struct roots_call *call = call_new(client, sizeof(*call), owner);
	/* Static logs answer it where submissions go. */
	const char *base =
	    client->log->kind == CT_LOG_STATIC ? client->submission : client->url;
	struct err err = {0};

	call->fn = fn;
	if (base[0] == '\0') {
		err_set(&err, ERR_NOT_FOUND, "get-roots: no submission URL is known");
		call_later(&call->call, &err, on_roots);
	} else {
		call_fetch(
		    &call->call, base, "ct/v1/get-roots", ROOTS_BODY_MAX, on_roots);
	}
	return &call->call;
}
