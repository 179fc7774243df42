/*
 * An RFC 6962 log that serves tiles as well: heads and proofs come by the JSON
 * protocol, full tiles of entries as tiles where that takes fewer requests. What
 * tiles fail to give, or give broken, is asked for by get-entries: nothing of
 * them is signed, and the log is not judged by them.
 */
#include "logclient/rfc6962.h"
#include "logclient/static_ct.h"
#include "wire/tile.h"

#define FAILURES_MAX 3 /* tiles in a row */
#define PAUSE_MS     (INT64_C(60) * 60 * 1000)
#define PROBES_MAX   8 /* get-entries, to see how much it gives */

/* Get-entries wins where its replies are longer than a tile. */
static bool
is_faster(const struct logclient *client)
{
	if (client->batch.size == 0)
		return client->probes >= PROBES_MAX;
	return client->batch.size <= TILE_WIDTH;
}

static bool
by_tile(const struct logclient *client, uint64_t next, uint64_t size)
{
	return !client->tiles_distrusted && is_faster(client) &&
	    size / TILE_WIDTH > next / TILE_WIDTH &&
	    clock_mono_ms(client->clock) >= client->tiles_again_ms;
}

static uint64_t
plan(const struct logclient *client, uint64_t next, uint64_t size)
{
	return by_tile(client, next, size) ? SPECIES_STATIC.plan(client, next, size)
					   : SPECIES_RFC6962.plan(client, next, size);
}

static void
note_failure(struct logclient *client)
{
	if (++client->tile_failures < FAILURES_MAX)
		return;
	client->tile_failures = 0;
	client->tiles_again_ms = clock_mono_ms(client->clock) + PAUSE_MS;
}

static void
on_tile(void *owner, struct fetch_result *result, const struct err *err)
{
	struct entries_call *call = owner;
	struct logclient *client = call->call.client;
	struct logclient_entries entries = {.form = LOGCLIENT_TILE,
	    .first = call->start / TILE_WIDTH * TILE_WIDTH,
	    .width = TILE_WIDTH,
	    .count = call->end - call->start};
	struct err bad;

	call->call.request = NULL;
	/* A tile that cannot be read through is none. */
	if (err != NULL || !tile_split(result->body, TILE_WIDTH, NULL, &bad)) {
		note_failure(client);
		SPECIES_RFC6962.get_entries(call);
		return;
	}
	client->tile_failures = 0;
	call->result = result;
	entries_end(call, &entries, NULL);
}

static void
get_entries(struct entries_call *call)
{
	uint64_t tile = call->start / TILE_WIDTH;

	if (by_tile(call->call.client, call->start, call->size) &&
	    call->end <= (tile + 1) * TILE_WIDTH) {
		ask_data(&call->call, tile, TILE_WIDTH, on_tile);
		return;
	}
	call->call.client->probes += call->call.client->batch.size == 0;
	SPECIES_RFC6962.get_entries(call);
}

static void
prove(struct proof_call *call)
{
	SPECIES_RFC6962.prove(call);
}

static void
get_timestamp(struct time_call *call)
{
	SPECIES_RFC6962.get_timestamp(call);
}

static void
get_issuer(struct issuer_call *call)
{
	SPECIES_STATIC.get_issuer(call);
}

const struct species SPECIES_HYBRID = {
    .head_path = "ct/v1/get-sth",
    .plan = plan,
    .get_entries = get_entries,
    .prove = prove,
    .get_frontier = frontier_begin_rfc6962,
    .get_timestamp = get_timestamp,
    .get_issuer = get_issuer,
    .stride = 1,
};
