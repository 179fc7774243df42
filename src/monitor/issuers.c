/*
 * The issuers that a static log names by fingerprint: each is fetched once,
 * before the batch that names it first is judged. One that cannot be had is
 * waited for by its entries, in the database, not by the batch.
 */
#include <stdlib.h>

#include "base/log.h"
#include "monitor/lie.h"
#include "store/authority.h"
#include "store/range.h"
#include "wire/tile.h"

#define RESOLVE_EVERY_MS MINUTE_MS
#define RESOLVE_PAGE     256
#define MISSING_MAX      65536

/* A fingerprint being fetched, and the batches that wait for it. */
struct issuer_wait {
	struct issuer_wait *next, **link;
	struct follower *follower;
	struct logclient_call *call;
	struct sha256 fingerprint;
	struct batch **batches;
	size_t count;
};

static struct bytes
view(const struct sha256 *hash)
{
	return sha256_bytes(hash);
}

static void
release(struct follower *follower, struct batch *batch)
{
	if (--batch->awaits == 0)
		pipeline_submit(follower->monitor->pipeline, &batch->task);
}

static void
wait_free(struct issuer_wait *wait)
{
	*wait->link = wait->next;
	if (wait->next != NULL)
		wait->next->link = wait->link;
	mem_free(wait->batches);
	mem_free(wait);
}

/* A log may name fingerprints without end: past some it is as if none had been
 * asked for. */
static void
note_missing(struct monitor *monitor, const struct sha256 *fingerprint)
{
	if (monitor->missing.used >= MISSING_MAX)
		map_free(&monitor->missing, NULL);
	map_put(&monitor->missing, view(fingerprint), monitor);
}

static void
on_issuer(void *owner, struct bytes der, const struct err *err)
{
	struct issuer_wait *wait = owner;
	struct follower *follower = wait->follower;

	wait->call = NULL;
	if (err != NULL) {
		follower_trouble(follower, err, "issuer");
		lie_of_issuer(follower, &wait->fingerprint, der, err);
		note_missing(follower->monitor, &wait->fingerprint);
	}
	for (size_t i = 0; i < wait->count; i++) {
		if (err == NULL)
			(void)authority_of_der(wait->batches[i]->authorities, der);
		release(follower, wait->batches[i]);
	}
	wait_free(wait);
}

static struct issuer_wait *
wait_for(struct follower *follower, const struct sha256 *fingerprint)
{
	struct issuer_wait *wait;

	for (wait = follower->issuers; wait != NULL; wait = wait->next)
		if (sha256_equal(&wait->fingerprint, fingerprint))
			return wait;
	wait = mem_zero(1, sizeof(*wait));
	wait->follower = follower;
	wait->fingerprint = *fingerprint;
	wait->next = follower->issuers;
	wait->link = &follower->issuers;
	if (wait->next != NULL)
		wait->next->link = &wait->next;
	follower->issuers = wait;
	wait->call = logclient_get_issuer(follower->client, fingerprint, on_issuer, wait);
	return wait;
}

/* Known from this run, from a run before, or known to be missing. */
static bool
is_settled(struct monitor *monitor, struct authorities *authorities,
    const struct sha256 *fingerprint)
{
	struct ca_certificate_row row;
	struct arena arena;
	bool found = false;
	struct err err;

	if (authority_of_hash(authorities, fingerprint) != NULL ||
	    map_get(&monitor->missing, view(fingerprint)) != NULL)
		return true;
	arena_init(&arena);
	if (store_ca_certificate_find(
		monitor->options.reader, view(fingerprint), &arena, &row, &found, &err) &&
	    found)
		(void)authority_of_der(authorities, row.der);
	arena_free(&arena);
	return found;
}

static void
want(struct follower *follower, struct batch *batch, const uint8_t *fingerprint)
{
	struct issuer_wait *wait;
	struct sha256 hash;

	memcpy(hash.octets, fingerprint, SHA256_LEN);
	if (is_settled(follower->monitor, batch->authorities, &hash))
		return;
	wait = wait_for(follower, &hash);
	if (wait->count > 0 && wait->batches[wait->count - 1] == batch)
		return;
	wait->batches =
	    mem_resize(wait->batches, wait->count + 1, sizeof(struct batch *));
	wait->batches[wait->count++] = batch;
	batch->awaits++;
}

/* Neighbours mostly share a chain: one look at its bytes is enough. */
static void
want_all(struct follower *follower, struct batch *batch)
{
	struct cursor at = cursor_of(bytes_of(batch->body, batch->body_len));
	struct bytes before = {0};
	struct tile_bounds bounds;
	struct err err;

	while (cursor_left(&at) > 0 && tile_record_skip(&at, &bounds, &err)) {
		if (bytes_equal(bounds.fingerprints, before))
			continue;
		before = bounds.fingerprints;
		for (size_t i = 0; i + SHA256_LEN <= before.len; i += SHA256_LEN)
			want(follower, batch, before.data + i);
	}
}

void
issuers_recall(struct monitor *monitor, struct batch *batch, struct bytes record)
{
	struct cursor at = cursor_of(record);
	struct tile_bounds bounds;
	struct sha256 hash;
	struct err err;

	if (!tile_record_skip(&at, &bounds, &err))
		return;
	for (size_t i = 0; i + SHA256_LEN <= bounds.fingerprints.len; i += SHA256_LEN) {
		memcpy(hash.octets, bounds.fingerprints.data + i, SHA256_LEN);
		(void)is_settled(monitor, batch->authorities, &hash);
	}
}

void
issuers_dispatch(struct follower *follower, struct batch *batch)
{
	batch->awaits = 1; /* ours, until all are asked for */
	if (batch->form == LOGCLIENT_TILE && !batch->again)
		want_all(follower, batch);
	release(follower, batch);
}

void
issuers_cancel(struct follower *follower)
{
	while (follower->issuers != NULL) {
		struct issuer_wait *wait = follower->issuers;

		logclient_cancel(wait->call);
		for (size_t i = 0; i < wait->count; i++) {
			struct batch *batch = wait->batches[i];

			if (--batch->awaits > 0)
				continue;
			read_give_back(follower->monitor, batch);
			batch_free(batch);
		}
		wait_free(wait);
	}
}

/* --- entries that wait in the database --- */

struct resolve_page {
	struct monitor *monitor;
	struct follower *follower; /* of the page's log */
	struct batch *batch;
};

static bool
on_waiting(void *owner, const struct entry_row *row)
{
	struct resolve_page *page = owner;
	struct batch *batch = page->batch;
	struct record *record;

	if (page->follower == NULL) {
		page->follower = monitor_follower(page->monitor, row->log);
		batch->log_number = row->log;
	}
	if (page->follower == NULL || row->log != batch->log_number)
		return false;
	record = &batch->records[batch->count++];
	record->index = row->index;
	record->tile = row->tile;
	record->tries = row->tries;
	record->kept_ms = row->kept_ms;
	record->leaf = arena_copy(&batch->arena, row->leaf);
	record->extra = arena_copy(&batch->arena, row->extra);
	if (row->waits_for.len == SHA256_LEN) {
		struct bytes key = row->waits_for;

		(void)map_remove(&page->monitor->missing, key);
		batch->awaits++;
		want(page->follower, batch, key.data);
		batch->awaits--;
	}
	return true;
}

static void
resolve(void *owner)
{
	struct monitor *monitor = owner;
	struct entry_filter filter = {.state = ENTRY_UNRESOLVED,
	    .due_ms = clock_now_ms(monitor->clock),
	    .limit = RESOLVE_PAGE};
	struct resolve_page page = {.monitor = monitor, .batch = batch_new()};
	struct batch *batch = page.batch;
	struct err err;

	monitor->resolve_timer = NULL;
	batch->again = true;
	batch->authorities = authorities_take(&monitor->authorities);
	batch->awaits = 1;
	batch->records = arena_zero(&batch->arena, RESOLVE_PAGE, sizeof(struct record));
	if (!store_entry_each(monitor->options.reader, &filter, on_waiting, &page, &err))
		log_error("database: entries that wait: %s", err.text);
	if (batch->count == 0) {
		batch_free(batch);
	} else {
		batch->task.kind = &BATCH_TASK;
		batch->log = ct_log_ref(page.follower->log);
		batch->snapshot = snapshot_ref(monitor->snapshot);
		batch->now_ms = clock_now_ms(monitor->clock);
		release(page.follower, batch);
	}
	issuers_resolve_later(monitor);
}

void
issuers_resolve_later(struct monitor *monitor)
{
	if (monitor->resolve_timer == NULL && !monitor->stopping)
		monitor->resolve_timer =
		    clock_after(monitor->clock, RESOLVE_EVERY_MS, resolve, monitor);
}
