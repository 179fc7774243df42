#include "logclient/logclient_priv.h"

#include <string.h>

/* One slash between what is joined: two are another address (wire-formats 8). */
static char *
normalise(const char *url)
{
	size_t len = strlen(url);

	while (len > 0 && url[len - 1] == '/')
		len--;
	return len == 0 ? mem_text("") : mem_format("%.*s/", (int)len, url);
}

/* As public archives are laid out: each part holds all below one tile of level 2
 * (16 million entries), and what is the whole log's. */
static bool
is_zipped(const char *url)
{
	char *part = mem_format("%s000.zip", url);
	bool zipped = fetch_has_file(part);

	mem_free(part);
	return zipped;
}

struct logclient *
logclient_new(struct fetch *fetch, struct clock *clock,
    const struct logclient_options *options, struct err *err)
{
	const char *url = options->url != NULL ? options->url : options->log->url;
	struct logclient *client;

	if (url == NULL || url[0] == '\0') {
		err_set(err, ERR_CONFIG, "log %s: nobody says where it is",
		    options->log->name);
		return NULL;
	}
	client = mem_zero(1, sizeof(*client));
	client->calls_end = &client->calls;
	client->fetch = fetch;
	client->clock = clock;
	client->log = ct_log_ref(options->log);
	client->url = normalise(url);
	client->zipped = is_zipped(client->url);
	client->tiles = normalise(options->tiles ? client->log->tiles : "");
	client->species = client->log->kind == CT_LOG_STATIC ? &SPECIES_STATIC
	    : client->tiles[0] != '\0'                       ? &SPECIES_HYBRID
							     : &SPECIES_RFC6962;
	client->submission =
	    normalise(client->log->submission != NULL ? client->log->submission : "");
	client->budget = mem_text(options->budget);
	client->ca_file = mem_text(options->ca_file);
	client->lane = options->lane;
	client->background = options->background;
	client->strict_tls = options->strict_tls;
	client->max_body =
	    options->max_body != 0 ? (size_t)options->max_body : (size_t)ENTRIES_BODY_MAX;
	batch_init(&client->batch, options->batch, clock_mono_ms(clock));
	sth_init(&client->head);
	return client;
}

void
logclient_free(struct logclient *client)
{
	if (client == NULL)
		return;
	while (client->calls != NULL)
		logclient_cancel(client->calls);
	cache_free(client);
	sth_fini(&client->head);
	mem_free(client->head_etag);
	mem_free(client->head_modified);
	mem_free(client->url);
	mem_free(client->submission);
	mem_free(client->tiles);
	mem_free(client->budget);
	mem_free(client->ca_file);
	mem_free(client->bad_tls);
	ct_log_free(client->log);
	mem_free(client);
}

const struct ct_log *
logclient_log(const struct logclient *client)
{
	return client->log;
}

void
logclient_set_ca_file(struct logclient *client, const char *ca_file)
{
	mem_free(client->ca_file);
	client->ca_file = mem_text(ca_file);
}

void
logclient_set_background(struct logclient *client, bool background)
{
	client->background = background;
}

void
logclient_distrust_tiles(struct logclient *client)
{
	client->tiles_distrusted = true;
}

const char *
logclient_bad_tls(const struct logclient *client)
{
	return client->bad_tls;
}

unsigned
logclient_batch(const struct logclient *client)
{
	return client->batch.size;
}

uint64_t
logclient_plan(const struct logclient *client, uint64_t next, uint64_t size)
{
	return next < size ? client->species->plan(client, next, size) : next;
}

/* --- the life of a call -------------------------------------------------------- */

void *
call_new(struct logclient *client, size_t size, void *owner)
{
	struct logclient_call *call = mem_zero(1, size);

	call->client = client;
	call->owner = owner;
	call->link = client->calls_end;
	*call->link = call;
	client->calls_end = &call->next;
	return call;
}

void
call_end(struct logclient_call *call)
{
	call->ended = true;
	*call->link = call->next;
	if (call->next != NULL)
		call->next->link = call->link;
	else
		call->client->calls_end = call->link;
}

void
call_free(struct logclient_call *call)
{
	if (call->fini != NULL)
		call->fini(call);
	mem_free(call);
}

void
logclient_cancel(struct logclient_call *call)
{
	if (call == NULL || call->ended)
		return; /* the latter from inside its own function */
	call_end(call);
	fetch_cancel(call->request);
	clock_cancel(call->client->clock, call->timer);
	call_free(call);
}

struct fetch_query
client_query(const struct logclient *client, bool fresh)
{
	static const char *const FRESH[] = {"Cache-Control: no-cache"};
	struct fetch_query query = {
	    .budget = client->budget,
	    .ca_file = client->ca_file,
	    .lane = client->lane,
	    .background = client->background,
	    .sniff_gzip = true,
	    .allow_file = true, /* the configuration names it, not the log */
	    .read_on_bad_tls = !client->strict_tls,
	};

	if (fresh) {
		query.headers = FRESH;
		query.header_count = ARRAY_LEN(FRESH);
	}
	return query;
}

void
call_fetch(struct logclient_call *call, const char *base, const char *path,
    size_t max_body, fetch_done_fn *done)
{
	struct fetch_query query = client_query(call->client, call->fresh);
	char *url = mem_format("%s%s", base, path);
	struct err err = {0};

	query.url = url;
	query.max_body = max_body;
	call->request = fetch_submit(call->client->fetch, &query, done, call, &err);
	if (call->request == NULL)
		call_later(call, &err, done);
	mem_free(url);
}

static void
on_later(void *owner)
{
	struct logclient_call *call = owner;

	call->timer = NULL;
	call->done(call, NULL, call->err.code != ERR_NONE ? &call->err : NULL);
}

void
call_later(struct logclient_call *call, const struct err *err, fetch_done_fn *done)
{
	call->err = *err;
	call->done = done;
	call->timer = clock_after(call->client->clock, 0, on_later, call);
}

void
client_note_tls(struct logclient *client, const struct fetch_result *result)
{
	if (result == NULL || result->status == 0)
		return;
	mem_free(client->bad_tls);
	client->bad_tls = mem_text(result->bad_tls);
}

void
call_arrived(struct logclient_call *call, const struct fetch_result *result)
{
	call->request = NULL;
	client_note_tls(call->client, result);
}

bool
is_missing(const struct fetch_result *result)
{
	return result != NULL &&
	    (result->status == 404 || result->status == 410 || result->status == 403);
}

/* --- the questions --------------------------------------------------------------- */

static void
on_no_entries(void *owner, struct fetch_result *result, const struct err *err)
{
	struct logclient_entries none = {0};

	(void)result;
	entries_end(owner, &none, err);
}

struct logclient_call *
logclient_get_entries(struct logclient *client, uint64_t start, uint64_t end,
    uint64_t size, logclient_entries_fn *fn, void *owner)
{
	struct entries_call *call = call_new(client, sizeof(*call), owner);
	uint64_t plan = logclient_plan(client, start, size);
	struct err err = {0};

	call->fn = fn;
	call->start = start;
	call->end = end < plan ? end : plan;
	call->size = size;
	if (start < end && end <= size) {
		client->species->get_entries(call);
	} else {
		err_set(&err, ERR_LIMIT,
		    "no entries from %" PRIu64 " to %" PRIu64 " below %" PRIu64, start,
		    end, size);
		call_later(&call->call, &err, on_no_entries);
	}
	return &call->call;
}

void
entries_end(
    struct entries_call *call, struct logclient_entries *entries, const struct err *err)
{
	call_end(&call->call);
	entries->start = call->start;
	entries->call = &call->call;
	if (call->result != NULL) {
		entries->status = call->result->status;
		entries->body = call->result->body;
	}
	call->fn(call->call.owner, entries, err);
	call_free(&call->call);
}

uint8_t *
logclient_entries_take_body(struct logclient_entries *entries, size_t *len)
{
	struct entries_call *call = (struct entries_call *)entries->call;

	entries->body = (struct bytes){0};
	*len = 0;
	return call->result != NULL ? fetch_result_take_body(call->result, len) : NULL;
}

struct logclient_call *
logclient_get_timestamp(struct logclient *client, uint64_t index, uint64_t size,
    logclient_time_fn *fn, void *owner)
{
	struct time_call *call = call_new(client, sizeof(*call), owner);

	call->fn = fn;
	call->index = index;
	call->size = size;
	client->species->get_timestamp(call);
	return &call->call;
}

void
time_end(struct time_call *call, int64_t unix_ms, const struct err *err)
{
	call_end(&call->call);
	call->fn(call->call.owner, unix_ms, err);
	call_free(&call->call);
}

struct logclient_call *
logclient_get_issuer(struct logclient *client, const struct sha256 *fingerprint,
    logclient_issuer_fn *fn, void *owner)
{
	struct issuer_call *call = call_new(client, sizeof(*call), owner);

	call->fn = fn;
	call->fingerprint = *fingerprint;
	client->species->get_issuer(call);
	return &call->call;
}

void
issuer_end(struct issuer_call *call, struct bytes der, const struct err *err)
{
	call_end(&call->call);
	call->fn(call->call.owner, der, err);
	call_free(&call->call);
}
