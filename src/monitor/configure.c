/*
 * What is configured comes into force: watches with the time since which they
 * stand, their families as far as stored, and the logs to follow. Each is a
 * change in the writer's order, so that no batch is judged by half of it.
 */
#include "base/json.h"
#include "base/log.h"
#include "monitor/closed.h"
#include "monitor/family.h"
#include "monitor/monitor_priv.h"
#include "store/backfill.h"
#include "store/log.h"
#include "store/watch.h"

/* --- watches --- */

struct configure_change {
	struct change change; /* first */
	struct settings *settings;
	struct watch_set *watches; /* nobody else's until they are published */
	struct watch_table *table;
	struct watch_info info; /* of the watch at hand */
	struct buf text;        /* and its settings */
};

/* Of a CA: the keys that were named, before its family grows. */
static struct bytes
settings_of(struct configure_change *it, uint32_t watch)
{
	const uint8_t *key;
	struct json json;
	size_t at = 0;

	buf_clear(&it->text);
	json_init(&json, &it->text);
	json_begin_object(&json, NULL);
	if (it->info.is_ca) {
		json_begin_array(&json, "keys");
		while ((key = watch_set_next_key(it->watches, watch, &at)) != NULL)
			json_put_hex(&json, NULL, bytes_of(key, WATCH_KEY_LEN));
		json_end_array(&json);
	}
	json_end_object(&json);
	return buf_bytes(&it->text);
}

static void
fill_watch(void *owner, size_t i, struct watch_row *row)
{
	struct configure_change *it = owner;

	watch_set_info(it->watches, (uint32_t)i, &it->info);
	row->id = bytes_of(it->info.id, WATCH_ID_LEN);
	row->kind = bytes_text(it->info.is_ca ? "ca" : "domain");
	row->text = it->info.name;
	row->settings = settings_of(it, (uint32_t)i);
}

/* An operator may set an earlier time than that of its first configuration:
 * what was logged since then is news. */
static void
watch_stands(void *owner, size_t i, const struct watch_row *row, enum watch_change change)
{
	struct configure_change *it = owner;
	int64_t since_ms = it->info.since_ms;

	(void)change;
	it->table->numbers[i] = row->number;
	if (since_ms == 0 || since_ms > row->since_ms)
		since_ms = row->since_ms;
	watch_set_date(
	    it->watches, (uint32_t)i, since_ms, (uint32_t)row->since_generation);
}

static bool
apply_configure(struct writer *writer, struct change *change, struct err *err)
{
	struct configure_change *it = (struct configure_change *)change;
	const struct watch_source source = {
	    it->table->count, fill_watch, watch_stands, it};
	struct watch_set *grown;
	struct log_table *logs;
	int64_t generation;

	if (!store_watch_sync(
		writer->store, &source, writer_now_ms(writer), &generation, err) ||
	    (grown = family_load(writer, it->watches, it->table, err)) == NULL)
		return false;
	logs = writer->working != NULL ? log_table_ref(writer->working->logs)
				       : log_table_new(ct_log_set_new());
	writer_publish(
	    writer, snapshot_new(it->settings, grown, it->table, logs, generation));
	watch_set_unref(grown);
	log_table_unref(logs);
	return true;
}

static void
configured(struct monitor *monitor, struct change *change, bool written)
{
	struct configure_change *it = (struct configure_change *)change;

	if (written)
		issuers_resolve_later(monitor);
	settings_unref(it->settings);
	watch_set_unref(it->watches);
	watch_table_unref(it->table);
	buf_free(&it->text);
	mem_free(it);
}

void
monitor_configure(struct monitor *monitor, const struct monitor_config *config)
{
	struct settings from = {.params = config->params,
	    .dates = config->dates,
	    .store_all = monitor->options.store_all,
	    .sinks = config->sinks,
	    .sink_count = config->sink_count,
	    .release = config->release,
	    .owner = config->owner};
	struct configure_change *it = mem_zero(1, sizeof(*it));

	buf_init(&it->text, (size_t)64 << 20);
	it->change.apply = apply_configure;
	it->change.done = configured;
	it->settings = settings_new(&from);
	it->watches = config->watches;
	it->table = watch_table_new(watch_set_count(config->watches));
	change_submit(monitor, &it->change);
}

/* --- logs --- */

struct logs_change {
	struct change change; /* first */
	struct logs_item {
		struct monitor_log log; /* with a reference; sources owned */
		uint32_t number;
		struct range_row range;
		struct frontier frontier;
		bool has_range;
		struct range_row *backfills; /* incomplete ones */
		size_t backfill_count;
		struct head_mark head;
		struct bytes head_raw; /* as it was served last */
		bool has_head;
	} * items;
	size_t count;
	struct arena arena; /* the items' texts */
};

struct item_ranges {
	struct logs_item *item;
	struct arena *arena;
};

static void
add_backfill(struct item_ranges *ranges, const struct range_row *row)
{
	struct logs_item *item = ranges->item;
	struct range_row *more =
	    arena_alloc(ranges->arena, (item->backfill_count + 1) * sizeof(*more));

	if (item->backfill_count > 0)
		memcpy(more, item->backfills, item->backfill_count * sizeof(*more));
	item->backfills = more;
	more[item->backfill_count] = *row;
	more[item->backfill_count].frontier_next =
	    arena_copy(ranges->arena, row->frontier_next);
	more[item->backfill_count++].stopped = arena_copy(ranges->arena, row->stopped);
}

static bool
on_range(void *owner, const struct range_row *row)
{
	struct item_ranges *ranges = owner;
	struct logs_item *item = ranges->item;
	struct err err;

	if (row->purpose == RANGE_BACKFILL && row->verified < row->end)
		add_backfill(ranges, row);
	if (row->purpose != RANGE_LIVE || item->has_range ||
	    (row->frontier_next.len > 0 &&
		!frontier_parse(row->frontier_next, &item->frontier, &err)))
		return true;
	item->range = *row;
	item->has_range = true;
	return true;
}

static bool
put_log(
    struct writer *writer, struct logs_item *item, struct arena *arena, struct err *err)
{
	struct item_ranges ranges = {item, arena};
	const struct ct_log *log = item->log.log;
	bool is_static = log->kind == CT_LOG_STATIC;
	struct log_row row = {.log_id = sha256_bytes(&log->id),
	    .name = bytes_text(log->name),
	    .operator= bytes_text(log->operator_name),
	    .url = bytes_text(is_static ? log->submission : log->url),
	    .monitoring_url = bytes_text(is_static ? log->url : ""),
	    .kind = bytes_text(is_static ? "static" : "rfc6962"),
	    .state = bytes_text(log_state_name(log->state)),
	    .state_since_ms = log->state_since_ms,
	    .interval_start_ms = log->has_interval ? log->start_ms : STORE_NO_TIME,
	    .interval_end_ms = log->has_interval ? log->end_ms : STORE_NO_TIME,
	    .mmd_s = log->mmd_ms / 1000,
	    .sources = bytes_text(item->log.sources == NULL ? "[]" : item->log.sources),
	    .first_seen_ms = writer_now_ms(writer)};
	struct tree_head_row head;

	buf_clear(&writer->text);
	if (!key_append_spki(log->key, &writer->text, err))
		return false;
	row.spki = buf_bytes(&writer->text);
	if (!store_log_put(writer->store, &row, err))
		return false;
	item->number = row.number;
	writer_note_log(writer, row.number, row.log_id);
	item->has_range = false;
	item->backfill_count = 0;
	/* One that was proved just before the daemon died is not joined yet. */
	if (!store_backfill_join(writer->store, row.number, NULL, NULL, err) ||
	    !store_range_each(writer->store, row.number, on_range, &ranges, err) ||
	    !store_tree_head_newest(
		writer->store, row.number, &writer->arena, &head, &item->has_head, err))
		return false;
	if (item->has_head) {
		item->head.size = head.size;
		memcpy(item->head.root.octets, head.root.data, SHA256_LEN);
		item->head.timestamp_ms = head.last_timestamp_ms;
		item->head_raw = arena_copy(arena, head.last_raw);
	}
	return true;
}

static bool
apply_logs(struct writer *writer, struct change *change, struct err *err)
{
	struct logs_change *it = (struct logs_change *)change;
	struct ct_log_set *set;
	struct log_table *table;
	struct snapshot *now = writer->working;

	if (now == NULL) /* what was to be written before it failed, too */
		return err_set(err, ERR_STORE, "the watches are not written yet");
	set = ct_log_set_new();
	for (size_t i = 0; i < it->count; i++) {
		ct_log_set_put(set, it->items[i].log.log);
		if (!put_log(writer, &it->items[i], &it->arena, err)) {
			ct_log_set_free(set);
			return false;
		}
	}
	table = log_table_new(set);
	writer_publish(writer,
	    snapshot_new(
		now->settings, now->watches, now->table, table, now->generation));
	log_table_unref(table);
	return true;
}

static void
resume_head(struct follower *follower, const struct logs_item *item)
{
	struct sth *head = &follower->signed_head;
	struct err err;

	follower->has_head = item->has_head;
	follower->head = item->head;
	if (item->has_head && !sth_from_body(item->head_raw, follower->log, head, &err))
		sth_fini(head); /* of a key or an origin that are others now */
}

/* Goes on where the database stands. */
static void
resume(struct follower *follower, const struct logs_item *item)
{
	struct range *range = &follower->range;

	resume_head(follower, item);
	if (!item->has_range)
		return;
	range->id = item->range.id;
	range->start = item->range.start;
	range->next = range->asked = item->range.next;
	range->verified = item->range.verified;
	range->fence = item->range.reread_until;
	range->frontier = item->frontier;
	range->blind = item->range.frontier_next.len == 0;
	range->state = RANGE_READING;
	if (item->range.stopped.len > 0) { /* whoever starts again wants to try again */
		range->state = RANGE_STOPPED;
		prove_again(follower);
	}
}

static bool
moved(const struct follower *follower, const struct monitor_log *to)
{
	const struct ct_log *log = to->log;

	return strcmp(follower->log->url, log->url) != 0 ||
	    strcmp(follower->log->submission, log->submission) != 0 ||
	    strcmp(follower->log->tiles, log->tiles) != 0 ||
	    (log->tiles[0] != '\0' && follower->by_tiles != to->tiles) ||
	    follower->log->kind != log->kind;
}

/* A log that is read from elsewhere now begins anew where the database stands;
 * what is still on its way from the old address is of an epoch gone by. */
static uint32_t
forget(struct monitor *monitor, struct follower *old)
{
	struct follower **at = &monitor->followers;
	uint32_t epoch = old->range.epoch + 1;

	while (*at != NULL && *at != old)
		at = &(*at)->next;
	if (*at != NULL)
		*at = old->next;
	follower_free(old);
	return epoch;
}

static bool
has_backlog(const struct logs_item *item)
{
	return item->has_range && item->has_head && item->range.next < item->head.size;
}

static void
follow(struct monitor *monitor, const struct logs_item *item)
{
	struct follower *follower = monitor_follower(monitor, item->number);
	uint32_t epoch = 0;

	if (item->log.finish && !has_backlog(item))
		return;
	if (follower != NULL && moved(follower, &item->log)) {
		epoch = forget(monitor, follower);
		follower = NULL;
	}
	if (follower != NULL) {
		bool rested = closed_is_over(follower);

		follower_configure(follower, &item->log);
		if (rested && !closed_is_over(follower)) {
			/* its next poll may be a day away */
			clock_cancel(monitor->clock, follower->poll_timer);
			follower->poll_timer = NULL;
		}
		follower_start(follower);
		return;
	}
	if ((follower = follower_new(monitor, NULL, &item->log, item->number)) == NULL)
		return;
	follower->range.epoch = epoch;
	follower->next = monitor->followers;
	monitor->followers = follower;
	resume(follower, item);
	if (epoch > 0 && follower->range.state == RANGE_READING)
		read_restart(follower, 0); /* what was on its way is nothing to it */
	for (size_t i = 0; i < item->backfill_count; i++)
		backfill_resume(follower, &item->backfills[i], epoch > 0);
	follower_start(follower);
}

static void
logs_done(struct monitor *monitor, struct change *change, bool written)
{
	struct logs_change *it = (struct logs_change *)change;

	for (struct follower *f = monitor->followers; f != NULL && written; f = f->next)
		f->wanted = false;
	for (size_t i = 0; i < it->count; i++) {
		if (written && it->items[i].log.follow)
			follow(monitor, &it->items[i]);
		ct_log_free(it->items[i].log.log);
	}
	arena_free(&it->arena);
	mem_free(it->items);
	mem_free(it);
	if (written) {
		lookback_start(monitor);
		rescan_wake(monitor);
	}
}

static const char *
copy_text(struct arena *arena, const char *text)
{
	return text == NULL ? NULL
			    : (const char *)arena_copy(arena, bytes_text(text)).data;
}

static void
copy_log(struct monitor_log *log, struct arena *arena)
{
	struct bytes bad =
	    bytes_of(log->known_bad, log->known_bad_count * sizeof(*log->known_bad));

	ct_log_ref(log->log);
	log->sources = copy_text(arena, log->sources);
	log->tls_ca = copy_text(arena, log->tls_ca);
	log->known_bad = (const void *)arena_copy(arena, bad).data;
}

void
monitor_set_logs(struct monitor *monitor, const struct monitor_log *logs, size_t count)
{
	struct logs_change *it = mem_zero(1, sizeof(*it));

	it->change.apply = apply_logs;
	it->change.done = logs_done;
	it->items = mem_zero(count, sizeof(*it->items));
	it->count = count;
	arena_init(&it->arena);
	for (size_t i = 0; i < count; i++) {
		it->items[i].log = logs[i];
		copy_log(&it->items[i].log, &it->arena);
	}
	change_submit(monitor, &it->change);
}
