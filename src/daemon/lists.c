/*
 * The logs that the configuration names: its log blocks, and its log lists,
 * fetched again and again, the last good one kept on disk. A list that fails
 * never takes a log away.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/daemon.h"
#include "base/text.h"
#include "daemon/file.h"
#include "fetch/fetch.h"
#include "wire/loglist.h"

#define LIST_MAX     ((size_t)16 << 20)
#define RETRY_MS     (INT64_C(10) * 60 * 1000)
#define SHARD_END_MS (INT64_C(30) * 86400 * 1000) /* a shard is read on for so long */

struct source {
	struct lists *lists;
	const struct conf_log_list *block;
	struct key *key; /* NULL: the list is unsigned */
	struct log_list list;
	bool have; /* list is filled */
	bool failing;
	/* being fetched */
	struct fetch_request *request;
	struct clock_timer *timer;
	char *etag;
	struct buf body;
};

struct lists {
	struct daemon *daemon;
	struct loaded *loaded; /* whose blocks the sources point into */
	struct source *sources;
	size_t count;
};

static void on_due(void *owner);

/* --- what the monitor is told --- */

struct merged {
	struct monitor_log *logs;
	size_t count, room;
};

static bool
has(const struct merged *merged, const struct sha256 *id)
{
	for (size_t i = 0; i < merged->count; i++)
		if (sha256_equal(&merged->logs[i].log->id, id))
			return true;
	return false;
}

static struct monitor_log *
add(struct merged *merged, const struct ct_log *log)
{
	if (merged->count == merged->room) {
		merged->room = merged->room == 0 ? 64 : merged->room * 2;
		merged->logs =
		    mem_resize(merged->logs, merged->room, sizeof(*merged->logs));
	}
	merged->logs[merged->count] = (struct monitor_log){.log = log};
	return &merged->logs[merged->count++];
}

static bool
named_in(const struct conf_list *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

static bool
is_skipped(const struct conf_log_list *block, const struct ct_log *log)
{
	struct buf id;
	bool skipped;

	buf_init(&id, 64);
	base64_encode(sha256_bytes(&log->id), &id);
	skipped = named_in(&block->skip, buf_text(&id)) ||
	    named_in(&block->skip, log->description) ||
	    named_in(&block->skip, log->name) ||
	    (block->operators.count > 0 &&
		!named_in(&block->operators, log->operator_name));
	buf_free(&id);
	return skipped;
}

/* wire-formats.md 4.2: what a monitor does with a log in each state. */
static bool
is_followed(const struct conf_log_list *block, const struct ct_log *log, int64_t now_ms)
{
	if (log->bogus || log->mimic || log->url[0] == '\0' || is_skipped(block, log))
		return false;
	if (log->has_interval && log->end_ms + SHARD_END_MS < now_ms)
		return false;
	if (log->type == LOG_TYPE_TEST)
		return block->test_logs;
	if (log->type == LOG_TYPE_MONITORING_ONLY)
		return block->monitoring_only;
	if (block->states.count > 0)
		return named_in(&block->states, log_state_name(log->state));
	return log->state != LOG_STATE_REJECTED && log->state != LOG_STATE_NONE;
}

static void
add_list(struct source *source, struct merged *merged)
{
	const struct conf_log_list *block = source->block;
	int64_t now = clock_now_ms(source->lists->daemon->clock);

	for (size_t i = 0; source->have && i < source->list.count; i++) {
		const struct log_list_entry *entry = &source->list.entries[i];
		const struct ct_log *log;
		struct monitor_log *out;
		struct err err;

		if (entry->mimic || has(merged, &entry->id))
			continue;
		if ((log = ct_log_from_list(entry, &err)) == NULL) {
			log_warning("log list %s: %.80s: %s; skipped", block->name,
			    entry->description, err.text);
			continue;
		}
		out = add(merged, log);
		out->follow = is_followed(block, log, now);
		out->start = wiring_start(&block->start);
		out->poll_ms = block->poll_s * 1000;
		out->sources = block->name;
		out->unproved_start = source->lists->loaded->conf.unproved_start;
	}
}

static void
add_block(struct lists *lists, const struct conf_log *block, struct merged *merged)
{
	struct err err = {0};
	const struct ct_log *log = wiring_log(block, &err);
	struct monitor_log *out;

	if (log == NULL) {
		log_error("%s; this log is left out", err.text);
		return;
	}
	if (has(merged, &log->id)) {
		log_error("%s:%d: log %s: another block has the same key; left out",
		    block->where.file, block->where.line, block->name);
		ct_log_free(log);
		return;
	}
	out = add(merged, log);
	out->follow = true;
	out->start = wiring_start(&block->start);
	out->poll_ms = block->poll_s * 1000;
	out->sources = block->name;
	out->tls_ca = block->tls_ca;
	out->known_bad = wiring_known_bad(lists->loaded, block);
	out->known_bad_count = block->known_bad.count;
	out->unproved_start = block->unproved_start;
}

static char *
sources_json(const char *name)
{
	struct json json;
	struct buf text;
	char *copy;

	buf_init(&text, 4096);
	json_init(&json, &text);
	json_begin_array(&json, NULL);
	json_put_text(&json, NULL, name);
	json_end_array(&json);
	copy = mem_text(buf_text(&text));
	buf_free(&text);
	return copy;
}

static void
tell_monitor(struct lists *lists)
{
	const struct conf *conf = &lists->loaded->conf;
	struct merged merged = {0};

	for (size_t i = 0; i < conf->log_count; i++)
		add_block(lists, &conf->logs[i], &merged);
	for (size_t i = 0; i < lists->count; i++)
		add_list(&lists->sources[i], &merged);
	for (size_t i = 0; i < merged.count; i++)
		merged.logs[i].sources = sources_json(merged.logs[i].sources);
	monitor_set_logs(lists->daemon->monitor, merged.logs, merged.count);
	for (size_t i = 0; i < merged.count; i++) {
		mem_free((char *)merged.logs[i].sources);
		ct_log_free(merged.logs[i].log);
	}
	mem_free(merged.logs);
}

/* --- one list --- */

static void
list_event(struct source *source, const char *why)
{
	bool ends = why == NULL;
	char *message = ends
	    ? mem_format("log list %s is read again", source->block->name)
	    : mem_format("log list %s: %s; the last good one stays in force",
		  source->block->name, why);
	struct monitor_event event = {.kind = "list-failed",
	    .subject = bytes_text(source->block->name),
	    .level = NOTICE_LEVEL_WARNING,
	    .message = message,
	    .ends = ends};

	if (source->failing == ends) {
		source->failing = !ends;
		if (ends)
			log_info("%s", message);
		else
			log_warning("%s", message);
		monitor_tell(source->lists->daemon->monitor, &event);
	}
	mem_free(message);
}

/* Takes the list in when it is one, and is signed as it has to be. */
static bool
take(struct source *source, struct bytes json, struct bytes signature, struct err *err)
{
	struct log_list list;

	if (source->key != NULL && !log_list_verify(json, signature, source->key, err))
		return false;
	if (!log_list_parse(json, &list, err))
		return false;
	if (list.count == 0) {
		log_list_free(&list);
		return err_set(err, ERR_PARSE, "it names no log at all");
	}
	if (source->have)
		log_list_free(&source->list);
	source->list = list;
	source->have = true;
	return true;
}

static char *
kept_path(const struct source *source, const char *ending)
{
	return mem_format("%s/list-%s.%s", source->lists->loaded->conf.state_dir,
	    source->block->name, ending);
}

static void
keep(const struct source *source, const char *ending, struct bytes data)
{
	char *path = kept_path(source, ending);
	struct err err;

	if (!file_save(path, data, &err))
		log_warning(
		    "%s; it would be missed at a start without network", err.text);
	mem_free(path);
}

static bool
read_pair(struct source *source, const char *path, const char *signature, struct err *err)
{
	struct buf json, sig;
	bool ok;

	buf_init(&json, LIST_MAX);
	buf_init(&sig, 65536);
	ok = file_load(path, &json, err) &&
	    (source->key == NULL || file_load(signature, &sig, err)) &&
	    take(source, buf_bytes(&json), buf_bytes(&sig), err);
	buf_free(&json);
	buf_free(&sig);
	return ok;
}

static void
read_kept(struct source *source)
{
	char *json = kept_path(source, "json"), *sig = kept_path(source, "sig");
	struct err err;

	if (!read_pair(source, json, sig, &err) && err.code != ERR_NOT_FOUND)
		log_warning(
		    "log list %s: the kept one: %s", source->block->name, err.text);
	mem_free(json);
	mem_free(sig);
}

static void
due_in(struct source *source, int64_t delay_ms)
{
	if (source->timer == NULL)
		source->timer =
		    clock_after(source->lists->daemon->clock, delay_ms, on_due, source);
}

static void
done(struct source *source, const struct err *err)
{
	buf_free(&source->body);
	if (err == NULL) {
		list_event(source, NULL);
		tell_monitor(source->lists);
	} else {
		list_event(source, err->text);
	}
	due_in(source, err == NULL ? source->block->refresh_s * 1000 : RETRY_MS);
}

static void
finish(struct source *source, struct bytes signature)
{
	struct err err;

	if (!take(source, buf_bytes(&source->body), signature, &err)) {
		mem_free(source->etag);
		source->etag = NULL;
		done(source, &err);
		return;
	}
	keep(source, "json", buf_bytes(&source->body));
	if (source->key != NULL)
		keep(source, "sig", signature);
	done(source, NULL);
}

static void
on_signature(void *owner, struct fetch_result *result, const struct err *err)
{
	struct source *source = owner;

	source->request = NULL;
	if (err != NULL)
		done(source, err);
	else
		finish(source, result->body);
}

static bool
submit(struct source *source, const char *url, fetch_done_fn *fn, const char *etag)
{
	struct fetch_query query = {.url = url,
	    .max_body = LIST_MAX,
	    .etag = etag,
	    .ca_file = source->block->tls_ca};
	struct err err;

	source->request =
	    fetch_submit(source->lists->daemon->fetch, &query, fn, source, &err);
	if (source->request == NULL)
		done(source, &err);
	return source->request != NULL;
}

static void
on_list(void *owner, struct fetch_result *result, const struct err *err)
{
	struct source *source = owner;

	source->request = NULL;
	if (err != NULL) {
		done(source, err);
		return;
	}
	if (result->status == 304) {
		list_event(source, NULL);
		due_in(source, source->block->refresh_s * 1000);
		return;
	}
	mem_free(source->etag);
	source->etag = mem_text(result->etag);
	buf_init(&source->body, LIST_MAX);
	buf_append_bytes(&source->body, result->body);
	if (source->key == NULL)
		finish(source, bytes_of(NULL, 0));
	else
		(void)submit(source, source->block->signature, on_signature, NULL);
}

static void
on_due(void *owner)
{
	struct source *source = owner;
	struct err err;

	source->timer = NULL;
	if (source->block->url != NULL)
		(void)submit(source, source->block->url, on_list, source->etag);
	else if (read_pair(source, source->block->file, source->block->signature, &err))
		done(source, NULL);
	else
		done(source, &err);
}

/* --- all of them --- */

static void
forget(struct lists *lists)
{
	for (size_t i = 0; i < lists->count; i++) {
		struct source *source = &lists->sources[i];

		fetch_cancel(source->request);
		clock_cancel(lists->daemon->clock, source->timer);
		if (source->have)
			log_list_free(&source->list);
		key_free(source->key);
		buf_free(&source->body);
		mem_free(source->etag);
	}
	mem_free(lists->sources);
	lists->sources = NULL;
	lists->count = 0;
}

struct lists *
lists_new(struct daemon *daemon)
{
	struct lists *lists = mem_zero(1, sizeof(*lists));

	lists->daemon = daemon;
	return lists;
}

void
lists_free(struct lists *lists)
{
	if (lists == NULL)
		return;
	forget(lists);
	mem_free(lists);
}

static void
begin(struct source *source)
{
	const struct conf_log_list *block = source->block;
	struct err err;

	if (block->signature != NULL) {
		source->key = wiring_key(block->key, block->key_file, &err);
		if (source->key == NULL) {
			conf_wrap(&err, block->where);
			log_error("%s; the list is left out", err.text);
			return;
		}
	}
	if (block->url == NULL) {
		if (!read_pair(source, block->file, block->signature, &err))
			list_event(source, err.text);
		due_in(source, block->refresh_s * 1000);
		return;
	}
	read_kept(source);
	due_in(source, 0);
}

void
lists_configure(struct lists *lists)
{
	forget(lists);
	lists->loaded = lists->daemon->loaded;
	lists->count = lists->loaded->conf.log_list_count;
	lists->sources = mem_zero(lists->count, sizeof(*lists->sources));
	for (size_t i = 0; i < lists->count; i++) {
		lists->sources[i].lists = lists;
		lists->sources[i].block = &lists->loaded->conf.log_lists[i];
		begin(&lists->sources[i]);
	}
	tell_monitor(lists);
}
