/*
 * What each log list says, held against what it said before: every change is
 * an event, written with the rows that it changed, so that a crash neither
 * loses nor repeats one. The first view of a list is a baseline, not news.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"
#include "monitor/monitor_priv.h"
#include "monitor/tell.h"
#include "store/listing.h"
#include "store/log.h"

#define SHOWN        120 /* bytes of a list's text in a message */
#define EVIDENCE_MAX ((size_t)64 * 1024)

struct listing {
	struct listing_row row;
	bool unread;  /* the entry cannot be used: no change to what stands */
	size_t place; /* in the list */
};

struct list_change {
	struct change change; /* first */
	const char *list, *version;
	int64_t timestamp_ms;
	struct listing *now; /* by log id, each once */
	size_t count;
	struct arena arena;
};

/* What was noted before, by log id. */
struct before {
	struct arena *arena;
	struct listing *rows;
	size_t count, room;
};

static int
compare_ids(const void *a, const void *b)
{
	const struct listing *left = a, *right = b;

	return memcmp(left->row.log_id.data, right->row.log_id.data, SHA256_LEN);
}

static bool
on_row(void *owner, const struct listing_row *row)
{
	struct before *before = owner;
	struct listing *out;

	if (row->log_id.len != SHA256_LEN)
		return true;
	if (before->count == before->room) {
		before->room = before->room == 0 ? 128 : before->room * 2;
		before->rows =
		    mem_resize(before->rows, before->room, sizeof(*before->rows));
	}
	out = &before->rows[before->count++];
	*out = (struct listing){.row = *row};
	out->row.log_id = arena_copy(before->arena, row->log_id);
	out->row.description = arena_copy(before->arena, row->description);
	out->row.operator= arena_copy(before->arena, row->operator);
	out->row.url = arena_copy(before->arena, row->url);
	out->row.monitoring_url = arena_copy(before->arena, row->monitoring_url);
	out->row.state = arena_copy(before->arena, row->state);
	return true;
}

/* --- telling --- */

struct difference {
	struct writer *writer;
	const struct list_change *it;
	const struct listing_row *before, *now; /* one of them may be NULL */
	struct err *err;
};

static const struct listing_row *
any_row(const struct difference *d)
{
	return d->now != NULL ? d->now : d->before;
}

static void
put_row(struct json *json, const char *key, const struct listing_row *row)
{
	if (row == NULL) {
		json_put_null(json, key);
		return;
	}
	json_begin_object(json, key);
	json_put_safe(json, "description", row->description, 500);
	json_put_safe(json, "operator", row->operator, 500);
	json_put_safe(json, "url", row->url, 2048);
	json_put_safe(json, "monitoring_url", row->monitoring_url, 2048);
	json_put_safe(json, "state", row->state, 40);
	if (row->state_since_ms >= 0)
		json_put_time(json, "state_since", row->state_since_ms);
	json_end_object(json);
}

static void
put_evidence(const struct difference *d, struct bytes log_id, struct buf *out)
{
	struct json json;

	json_init(&json, out);
	json_begin_object(&json, NULL);
	json_put_text(&json, "list", d->it->list);
	json_put_safe(&json, "version", bytes_text(d->it->version), 100);
	if (d->it->timestamp_ms >= 0)
		json_put_time(&json, "list_timestamp", d->it->timestamp_ms);
	json_put_hex(&json, "log_id", log_id);
	put_row(&json, "old", d->before);
	put_row(&json, "new", d->now);
	json_end_object(&json);
}

/* "list google: Argon2026h1 (Google): " */
static void
begin_message(const struct difference *d, struct buf *out)
{
	const struct listing_row *row = any_row(d);

	buf_append_format(out, "log list %s: ", d->it->list);
	text_append_safe(out, row->description, SHOWN);
	buf_append_text(out, " (");
	text_append_safe(out, row->operator, SHOWN);
	buf_append_text(out, "): ");
}

static bool
tell(const struct difference *d, const char *kind, enum notice_level level,
    struct buf *message)
{
	struct bytes id = any_row(d)->log_id;
	struct told_event event = {.kind = kind,
	    .subject = id,
	    .level = level,
	    .moment = true,
	    .detail = d->it->list,
	    .moment_ms = writer_now_ms(d->writer)};
	struct log_row log;
	struct buf evidence;
	bool found, ok;

	buf_init(&evidence, EVIDENCE_MAX);
	put_evidence(d, id, &evidence);
	event.evidence = buf_text(&evidence);
	event.message = buf_text(message);
	ok =
	    store_log_find(d->writer->store, id, &d->writer->arena, &log, &found, d->err);
	if (ok && found)
		event.log = log.number;
	ok = ok && tell_event(d->writer, &event, d->err);
	buf_free(&evidence);
	buf_free(message);
	return ok;
}

static struct buf
message_of(const struct difference *d, const char *text)
{
	struct buf message;

	buf_init(&message, 8192);
	begin_message(d, &message);
	buf_append_text(&message, text);
	return message;
}

static void
add_safe(struct buf *out, const char *text, struct bytes value)
{
	buf_append_text(out, text);
	text_append_safe(out, value, SHOWN);
}

/* Where it is read. */
static struct bytes
address(const struct listing_row *row)
{
	return row->monitoring_url.len > 0 ? row->monitoring_url : row->url;
}

static bool
tell_listed(const struct difference *d)
{
	struct buf message = message_of(d, "a new log");

	add_safe(&message, ", ", d->now->state);
	add_safe(&message, ", at ", address(d->now));
	return tell(d, "log-listed", NOTICE_LEVEL_NOTICE, &message);
}

static bool
tell_unlisted(const struct difference *d)
{
	struct buf message = message_of(d, "no longer listed");

	add_safe(&message, "; it was ", d->before->state);
	return tell(d, "log-unlisted", NOTICE_LEVEL_WARNING, &message);
}

/* A log on its way out is more than one on its way in. */
static enum notice_level
level_of(struct bytes state)
{
	static const char *const ENDS[] = {"readonly", "retired", "rejected"};

	for (size_t i = 0; i < ARRAY_LEN(ENDS); i++)
		if (bytes_equal(state, bytes_text(ENDS[i])))
			return NOTICE_LEVEL_WARNING;
	return NOTICE_LEVEL_NOTICE;
}

static bool
tell_state(const struct difference *d)
{
	struct buf message = message_of(d, "its state is ");

	add_safe(&message, "", d->now->state);
	add_safe(&message, ", was ", d->before->state);
	return tell(d, "log-state", level_of(d->now->state), &message);
}

static bool
tell_url(const struct difference *d)
{
	struct buf message = message_of(d, "its address is ");

	add_safe(&message, "", address(d->now));
	add_safe(&message, ", was ", address(d->before));
	return tell(d, "log-url", NOTICE_LEVEL_WARNING, &message);
}

static bool
tell_operator(const struct difference *d)
{
	struct buf message = message_of(d, "its operator is ");

	add_safe(&message, "", d->now->operator);
	add_safe(&message, ", was ", d->before->operator);
	return tell(d, "log-operator", NOTICE_LEVEL_NOTICE, &message);
}

/* --- comparing --- */

static bool
changed(const struct difference *d)
{
	const struct listing_row *old = d->before, *now = d->now;

	return (bytes_equal(old->state, now->state) || tell_state(d)) &&
	    ((bytes_equal(old->url, now->url) &&
		 bytes_equal(old->monitoring_url, now->monitoring_url)) ||
		tell_url(d)) &&
	    (bytes_equal(old->operator, now->operator) || tell_operator(d));
}

static bool
on_gone(struct difference *d, const struct listing *before)
{
	d->before = &before->row;
	d->now = NULL;
	return tell_unlisted(d) &&
	    store_listing_delete(
		d->writer->store, bytes_text(d->it->list), before->row.log_id, d->err);
}

static bool
on_new(struct difference *d, const struct listing *now, bool baseline)
{
	d->before = NULL;
	d->now = &now->row;
	return now->unread ||
	    ((baseline || tell_listed(d)) &&
		store_listing_put(d->writer->store, &now->row, d->err));
}

static bool
on_both(struct difference *d, const struct listing *before, const struct listing *now)
{
	d->before = &before->row;
	d->now = &now->row;
	return now->unread ||
	    (changed(d) && store_listing_put(d->writer->store, &now->row, d->err));
}

/* Both are in the order of ids. */
static bool
compare_all(struct difference *d, const struct before *before)
{
	const struct listing *now = d->it->now;
	size_t i = 0, j = 0;
	bool ok = true;

	while (ok && (i < before->count || j < d->it->count)) {
		int order = i == before->count ? 1
		    : j == d->it->count        ? -1
					       : compare_ids(&before->rows[i], &now[j]);

		ok = order < 0  ? on_gone(d, &before->rows[i])
		    : order > 0 ? on_new(d, &now[j], before->count == 0)
				: on_both(d, &before->rows[i], &now[j]);
		i += order <= 0;
		j += order >= 0;
	}
	return ok;
}

static bool
apply_list(struct writer *writer, struct change *change, struct err *err)
{
	struct list_change *it = (struct list_change *)change;
	struct before before = {.arena = &writer->arena};
	struct difference d = {.writer = writer, .it = it, .err = err};
	bool ok;

	for (size_t i = 0; i < it->count; i++)
		it->now[i].row.first_seen_ms = writer_now_ms(writer);
	ok =
	    store_listing_each(writer->store, bytes_text(it->list), on_row, &before, err);
	if (ok && before.count > 0)
		qsort(before.rows, before.count, sizeof(*before.rows), compare_ids);
	ok = ok && compare_all(&d, &before);
	mem_free(before.rows);
	return ok;
}

/* --- what is handed over --- */

static void
list_done(struct monitor *monitor, struct change *change, bool written)
{
	struct list_change *it = (struct list_change *)change;

	(void)monitor;
	(void)written;
	arena_free(&it->arena);
	mem_free(it->now);
	mem_free(it);
}

static struct bytes
copy(struct list_change *it, const char *text)
{
	return arena_copy(&it->arena, bytes_text(text));
}

static void
take_entry(struct list_change *it, const struct log_list_entry *entry)
{
	static const struct sha256 NONE = {{0}};
	struct listing *out = &it->now[it->count];

	if (sha256_equal(&entry->id, &NONE))
		return; /* neither key nor id: nothing to know it by */
	out->place = it->count++;
	out->unread = entry->error.code != ERR_NONE;
	out->row = (struct listing_row){.list = bytes_text(it->list),
	    .log_id = arena_copy(&it->arena, sha256_bytes(&entry->id)),
	    .description = copy(it, entry->description),
	    .operator= copy(it, entry->operator_name),
	    .url = copy(it, entry->tiled ? entry->submission_url : entry->url),
	    .monitoring_url = copy(it, entry->monitoring_url),
	    .state = bytes_text(log_state_name(entry->state)),
	    .state_since_ms =
		entry->state_since_ms < 0 ? STORE_NO_TIME : entry->state_since_ms};
}

/* Of entries with one id the first that can be used counts. */
static int
compare_entries(const void *a, const void *b)
{
	int order = compare_ids(a, b);
	const struct listing *left = a, *right = b;

	if (order == 0)
		order = left->unread - right->unread;
	return order != 0 ? order : left->place < right->place ? -1 : 1;
}

static void
drop_doubles(struct list_change *it)
{
	size_t kept = 0;

	for (size_t i = 0; i < it->count; i++)
		if (kept == 0 || compare_ids(&it->now[kept - 1], &it->now[i]) != 0)
			it->now[kept++] = it->now[i];
	it->count = kept;
}

void
monitor_note_list(struct monitor *monitor, const char *name, const struct log_list *list)
{
	struct list_change *it = mem_zero(1, sizeof(*it));

	it->change.apply = apply_list;
	it->change.done = list_done;
	arena_init(&it->arena);
	it->list = (const char *)copy(it, name).data;
	it->version = (const char *)copy(it, list->version).data;
	it->timestamp_ms = list->timestamp_ms;
	it->now = mem_zero(list->count + 1, sizeof(*it->now));
	for (size_t i = 0; i < list->count; i++)
		take_entry(it, &list->entries[i]);
	qsort(it->now, it->count, sizeof(*it->now), compare_entries);
	drop_doubles(it);
	change_submit(monitor, &it->change);
}
