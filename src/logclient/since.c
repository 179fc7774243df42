#include "logclient/logclient_priv.h"

/*
 * Where entries of a date begin (wire-formats 2.5): bisection over timestamps,
 * which are in no strict order; so it looks for a time earlier by all that a
 * log may be late. An entry that cannot be read is passed over.
 */
enum { SLACK_MS = 60 * 60 * 1000, SKIP_MAX = 8 };

struct since_call {
	struct logclient_call call;
	logclient_index_fn *fn;
	int64_t target_ms;
	uint64_t size, stride;
	uint64_t low, high; /* in strides: [0, low) is older, [high, ...) is not */
	uint64_t at;
	unsigned skipped;
	struct logclient_call *asking;
};

static void step(struct since_call *call);

static void
fini(struct logclient_call *base)
{
	logclient_cancel(((struct since_call *)base)->asking);
}

static void
since_end(struct since_call *call, const struct err *err)
{
	uint64_t index = call->low * call->stride;

	/* The stride before may end with entries of the date. */
	if (call->stride > 1 && index > 0)
		index -= call->stride;
	call_end(&call->call);
	call->fn(call->call.owner, index < call->size ? index : call->size, err);
	call_free(&call->call);
}

/* From the middle of what is left. */
static void
narrow(struct since_call *call, uint64_t low, uint64_t high)
{
	call->low = low;
	call->high = high;
	call->skipped = 0;
	call->at = low + (high - low) / 2;
	step(call);
}

static void
on_time(void *owner, int64_t unix_ms, const struct err *err)
{
	struct since_call *call = owner;
	uint64_t middle = call->at - call->skipped;

	call->asking = NULL;
	if (err != NULL && err->code != ERR_PARSE && err->code != ERR_LIMIT) {
		since_end(call, err);
	} else if (err == NULL) {
		if (unix_ms < call->target_ms)
			narrow(call, call->at + 1, call->high);
		else
			narrow(call, call->low, middle);
	} else if (++call->skipped <= SKIP_MAX && ++call->at < call->high) {
		step(call);
	} else {
		narrow(call, call->low, middle); /* unreadable: rather begin earlier */
	}
}

static void
on_known(void *owner, struct fetch_result *result, const struct err *err)
{
	(void)result;
	since_end(owner, err);
}

static void
step(struct since_call *call)
{
	struct err none = {0};

	if (call->low >= call->high) {
		call_later(&call->call, &none, on_known);
		return;
	}
	call->asking = logclient_get_timestamp(
	    call->call.client, call->at * call->stride, call->size, on_time, call);
}

struct logclient_call *
logclient_find_since(struct logclient *client, int64_t unix_ms, uint64_t size,
    logclient_index_fn *fn, void *owner)
{
	struct since_call *call = call_new(client, sizeof(*call), owner);

	call->fn = fn;
	call->call.fini = fini;
	call->target_ms = unix_ms - client->log->mmd_ms - SLACK_MS;
	call->size = size;
	call->stride = client->species->stride;
	call->high = (size + call->stride - 1) / call->stride;
	call->at = call->high / 2;
	step(call);
	return &call->call;
}
