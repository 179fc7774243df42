/*
 * With store = "all", what is stored is judged by watches that began later:
 * domains through the index of names, CAs (and what their families grew by)
 * in one pass over all certificates. In the background, a page a turn; the
 * generation that all is judged by is a note, so that a crash resumes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "monitor/monitor_priv.h"
#include "evidence/rebuild.h"
#include "store/authority.h"
#include "store/watch.h"
#include "x509/dns.h"

#define NOTE     "judged_generation"
#define PAGE     ((size_t)200)
#define TURN_MS  50
#define RECORDS  512
#define BODY_MAX ((size_t)8 << 20)

struct lookback {
	struct monitor *monitor;
	struct snapshot *snapshot; /* a reference: whose watches are looked for */
	int64_t from;              /* watches above this generation */
	uint32_t watch;            /* the domain at hand */
	bool wildcard;             /* its parent's wildcard, after its own names */
	bool cas;                  /* domains are done: the pass for CAs */
	char after_name[1100];
	size_t after_name_len;
	int64_t after;
	struct clock_timer *timer;

	/* of one turn */
	struct arena arena;
	int64_t *numbers;
	size_t count, seen;
	bool lost; /* a page was: the next start looks again */
};

static void on_turn(void *owner);

static void
turn_later(struct lookback *look)
{
	if (look->timer == NULL)
		look->timer = clock_after(look->monitor->clock, TURN_MS, on_turn, look);
}

/* --- the end of it --- */

struct note_change {
	struct change change; /* first */
	int64_t generation;
};

static bool
apply_note(struct writer *writer, struct change *change, struct err *err)
{
	char text[32];

	snprintf(
	    text, sizeof(text), "%" PRId64, ((struct note_change *)change)->generation);
	return store_note_put(writer->store, NOTE, bytes_text(text), err);
}

static void
noted(struct monitor *monitor, struct change *change, bool written)
{
	(void)monitor;
	(void)written;
	mem_free(change);
}

static void
finish(struct lookback *look)
{
	struct monitor *monitor = look->monitor;
	struct note_change *change;

	if (look->lost) {
		lookback_stop(monitor);
		return;
	}
	change = mem_zero(1, sizeof(*change));
	change->change.apply = apply_note;
	change->change.done = noted;
	change->generation = look->snapshot->generation;
	change_submit(monitor, &change->change);
	log_info("what is stored has been held against the new watches");
	lookback_stop(monitor);
}

void
lookback_lost(struct monitor *monitor)
{
	if (monitor->lookback != NULL)
		monitor->lookback->lost = true;
}

void
lookback_stop(struct monitor *monitor)
{
	struct lookback *look = monitor->lookback;

	if (look == NULL)
		return;
	monitor->lookback = NULL;
	clock_cancel(monitor->clock, look->timer);
	snapshot_unref(look->snapshot);
	arena_free(&look->arena);
	mem_free(look);
}

/* --- entries to be judged again --- */

struct page {
	struct lookback *look;
	struct batch *batch; /* of one log; full or of another log: sent off */
	struct sighting_row *rows;
	size_t count;
	struct err err;
};

static bool
on_sighting(void *owner, const struct sighting_row *row)
{
	struct page *page = owner;

	if (page->count == RECORDS)
		return false;
	page->rows[page->count++] = store_sighting_copy(row, &page->look->arena);
	return true;
}

static void
send(struct page *page)
{
	struct batch *batch = page->batch;

	page->batch = NULL;
	if (batch == NULL)
		return;
	if (batch->count == 0)
		batch_free(batch);
	else
		pipeline_submit(page->look->monitor->pipeline, &batch->task);
}

static void
begin_batch(struct page *page, const struct follower *follower)
{
	struct monitor *monitor = page->look->monitor;
	struct batch *batch = batch_new();

	batch->task.kind = &BATCH_TASK;
	batch->again = true;
	batch->log_number = follower->number;
	batch->log = ct_log_ref(follower->log);
	batch->authorities = authorities_take(&monitor->authorities);
	batch->snapshot = snapshot_ref(monitor->snapshot);
	batch->now_ms = clock_now_ms(monitor->clock);
	batch->records = arena_zero(&batch->arena, RECORDS, sizeof(struct record));
	page->batch = batch;
}

static void
add_record(struct page *page, const struct sighting_row *row)
{
	struct monitor *monitor = page->look->monitor;
	const struct follower *follower = monitor_follower(monitor, row->log);
	struct record *record;
	struct buf bytes;
	struct err err;

	if (follower == NULL)
		return; /* a log that is followed no more: its key is not at hand */
	if (page->batch != NULL &&
	    (page->batch->log_number != row->log || page->batch->count == RECORDS))
		send(page);
	if (page->batch == NULL)
		begin_batch(page, follower);
	buf_init(&bytes, BODY_MAX);
	if (rebuild_record(
		monitor->options.reader, row, &page->look->arena, &bytes, &err)) {
		record = &page->batch->records[page->batch->count++];
		*record = (struct record){.index = row->index,
		    .tile = true,
		    .leaf = arena_copy(&page->batch->arena, buf_bytes(&bytes))};
		issuers_recall(monitor, page->batch, record->leaf);
	}
	buf_free(&bytes);
}

static bool
judge_again(struct lookback *look, struct err *err)
{
	struct page page = {.look = look};

	page.rows = arena_alloc(&look->arena, RECORDS * sizeof(*page.rows));
	for (size_t i = 0; i < look->count; i++) {
		page.count = 0;
		if (!store_sighting_of(look->monitor->options.reader, look->numbers[i],
			on_sighting, &page, err))
			return false;
		for (size_t r = 0; r < page.count; r++)
			add_record(&page, &page.rows[r]);
	}
	send(&page);
	return true;
}

/* --- domains: the index of names --- */

static bool
on_name(void *owner, struct bytes name, int64_t certificate)
{
	struct lookback *look = owner;

	if (name.len < sizeof(look->after_name)) {
		memcpy(look->after_name, name.data, name.len);
		look->after_name_len = name.len;
	}
	look->after = certificate;
	look->numbers[look->count++] = certificate;
	return look->count < PAGE;
}

/* The reversed name to look for: the domain's with all below it, then the
 * wildcard beside it. */
static struct bytes
name_of_turn(struct lookback *look, struct bytes domain)
{
	const char *dot = memchr(domain.data, '.', domain.len);
	char *out = arena_alloc(&look->arena, domain.len + 3);
	size_t len = domain.len;

	if (look->wildcard) {
		if (dot == NULL)
			return bytes_of(NULL, 0);
		len = domain.len - (size_t)(dot + 1 - (const char *)domain.data);
		dns_reverse(dot + 1, len, out);
		memcpy(out + len, ".*", 3);
		return bytes_of(out, len + 2);
	}
	dns_reverse((const char *)domain.data, len, out);
	return bytes_of(out, len);
}

static void
next_domain(struct lookback *look)
{
	look->watch += look->wildcard;
	look->wildcard = !look->wildcard;
	look->after_name_len = 0;
	look->after = 0;
}

static bool
turn_domain(struct lookback *look, struct err *err)
{
	struct name_filter filter = {.below = !look->wildcard,
	    .after_name = bytes_of(look->after_name, look->after_name_len),
	    .after_certificate = look->after,
	    .limit = PAGE};
	struct watch_info info;

	watch_set_info(look->snapshot->watches, look->watch, &info);
	filter.name = name_of_turn(look, info.name);
	if (info.generation > look->from && filter.name.len > 0) {
		if (!store_name_each(
			look->monitor->options.reader, &filter, on_name, look, err) ||
		    !judge_again(look, err))
			return false;
		if (look->count == PAGE)
			return true;
	}
	next_domain(look);
	return true;
}

/* --- CAs: all certificates --- */

static bool
on_certificate(void *owner, const struct certificate_row *row)
{
	struct lookback *look = owner;
	const struct watch_set *set = look->snapshot->watches;

	look->after = row->number;
	for (uint32_t w = (uint32_t)watch_set_domain_count(set);
	     row->issuer_spki.len == 32 && w < watch_set_count(set); w++)
		if (watch_set_family_has(set, w, row->issuer_spki.data)) {
			look->numbers[look->count++] = row->number;
			break;
		}
	look->seen++;
	return look->count < PAGE;
}

static bool
turn_cas(struct lookback *look, bool *done, struct err *err)
{
	struct certificate_filter filter = {.after = look->after, .limit = 10 * PAGE};

	look->seen = 0;
	if (!store_certificate_each(
		look->monitor->options.reader, &filter, on_certificate, look, err) ||
	    !judge_again(look, err))
		return false;
	*done = look->seen < 10 * PAGE && look->count < PAGE;
	return true;
}

static void
on_turn(void *owner)
{
	struct lookback *look = owner;
	const struct watch_set *set = look->snapshot->watches;
	bool done = false, ok;
	struct err err;

	look->timer = NULL;
	if (pipeline_under_way(look->monitor->pipeline) > 8) {
		turn_later(look); /* new entries come first */
		return;
	}
	arena_reset(&look->arena);
	look->numbers = arena_alloc(&look->arena, PAGE * sizeof(*look->numbers));
	look->count = 0;
	if (look->watch < watch_set_domain_count(set))
		ok = turn_domain(look, &err);
	else if (watch_set_count(set) > watch_set_domain_count(set))
		ok = turn_cas(look, &done, &err);
	else
		ok = done = true;
	if (!ok)
		log_error("database: looking through what is stored: %s", err.text);
	if (done)
		finish(look);
	else
		turn_later(look);
}

/* --- whether there is anything to do --- */

static bool
judged_generation(struct monitor *monitor, int64_t *generation, int64_t *stored)
{
	struct bytes value;
	struct arena arena;
	struct err err;
	bool found, ok;

	arena_init(&arena);
	*generation = 0;
	ok =
	    store_note_get(monitor->options.reader, NOTE, &arena, &value, &found, &err) &&
	    store_certificate_count(monitor->options.reader, stored, &err);
	if (ok && found)
		*generation =
		    strtoll((const char *)arena_copy(&arena, value).data, NULL, 10);
	arena_free(&arena);
	return ok;
}

void
lookback_start(struct monitor *monitor)
{
	int64_t from, stored;
	struct lookback *look;

	lookback_stop(monitor);
	if (!monitor->options.store_all || monitor->snapshot == NULL ||
	    !judged_generation(monitor, &from, &stored) ||
	    from >= monitor->snapshot->generation)
		return;
	look = mem_zero(1, sizeof(*look));
	look->monitor = monitor;
	look->snapshot = snapshot_ref(monitor->snapshot);
	look->from = from;
	arena_init(&look->arena);
	monitor->lookback = look;
	if (stored == 0)
		finish(look);
	else
		turn_later(look);
}
