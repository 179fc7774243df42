/*
 * The log lists that the configuration names, fetched again and again, the last
 * good one kept on disk. A list that fails, or is not to be believed, never
 * takes a log away.
 */
#include <inttypes.h>

#include "base/log.h"
#include "base/mem.h"
#include "daemon/file.h"
#include "daemon/lists_priv.h"

#define LIST_MAX    ((size_t)16 << 20)
#define RETRY_MS    (INT64_C(10) * 60 * 1000)
#define STALE_MS    (INT64_C(70) * 86400 * 1000) /* Chrome's own bound */
#define LAG_MS      (INT64_C(7) * 86400 * 1000)  /* of a cache between */
#define SHRINK_LOGS 8 /* from so many on a list may not lose half of them at once */

static void on_due(void *owner);

/* --- one list --- */

/* A former run may have told it: what is well is told once in any case. */
static void
tell(struct source *source, const char *kind, enum told *told, bool holds,
    const char *message)
{
	enum told now = holds ? TOLD_TROUBLE : TOLD_FINE, before = *told;
	struct monitor_event event = {.kind = kind,
	    .subject = bytes_text(source->block->name),
	    .level = NOTICE_LEVEL_WARNING,
	    .message = message,
	    .ends = !holds};

	if (now == before)
		return;
	*told = now;
	if (holds)
		log_warning("%s", message);
	else if (before == TOLD_TROUBLE)
		log_info("%s", message);
	monitor_tell(source->lists->daemon->monitor, &event);
}

static void
list_event(struct source *source, const char *why)
{
	char *message = why == NULL
	    ? mem_format("log list %s is read again", source->block->name)
	    : mem_format("log list %s: %s; the last good one stays in force",
		  source->block->name, why);

	if (why == NULL)
		source->read_ms = clock_now_ms(source->lists->daemon->clock);
	tell(source, "list-failed", &source->failing, why != NULL, message);
	mem_free(message);
}

/* A list that nobody touches any more looks like one in which nothing happens. */
static void
note_age(struct source *source)
{
	int64_t now_ms = clock_now_ms(source->lists->daemon->clock);
	bool stale = source->have && source->list.timestamp_ms >= 0 &&
	    now_ms - source->list.timestamp_ms > STALE_MS;
	char *message = stale
	    ? mem_format("log list %s: it is %" PRId64 " days old; Chrome itself trusts "
			 "none older than 70 days",
		  source->block->name,
		  (now_ms - source->list.timestamp_ms) / (INT64_C(86400) * 1000))
	    : mem_format("log list %s is a fresh one again", source->block->name);

	tell(source, "list-stale", &source->stale, stale, message);
	mem_free(message);
}

static size_t
real_logs(const struct log_list *list)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		count += !list->entries[i].mimic && !list->entries[i].bogus;
	return count;
}

/* How much older a list is than the one in force; 0 where it is not. A file is
 * what the operator put there. */
static int64_t
older_by(const struct source *source, const struct log_list *list)
{
	const struct log_list *old = &source->list;

	if (!source->have || source->block->url == NULL || old->timestamp_ms < 0 ||
	    list->timestamp_ms < 0 || list->timestamp_ms >= old->timestamp_ms)
		return 0;
	return old->timestamp_ms - list->timestamp_ms;
}

/* Clients that are taken for others get frozen, old or made-up lists (wire-formats
 * 4.3). */
static bool
is_believable(const struct source *source, const struct log_list *list, struct err *err)
{
	size_t now = real_logs(list), before;

	if (now == 0)
		return err_set(err, ERR_VERIFY, "it names no log that anybody runs");
	if (!source->have || source->block->url == NULL)
		return true;
	before = real_logs(&source->list);
	if (older_by(source, list) > LAG_MS)
		return err_set(err, ERR_VERIFY, "it is older than the one in force");
	if (before >= SHRINK_LOGS && now < before / 2)
		return err_set(err, ERR_VERIFY,
		    "it names %zu logs where %zu were named before; remove "
		    "%s/list-%s.json and start again to accept it",
		    now, before, source->lists->loaded->conf.state_dir,
		    source->block->name);
	return true;
}

/* Takes the list in when it is one, and is signed as it has to be. A cache may
 * still have yesterday's: that one is good, and not taken. */
static bool
take(struct source *source, struct bytes json, struct bytes signature, bool *taken,
    struct err *err)
{
	struct log_list list;

	*taken = false;
	if (source->key != NULL && !log_list_verify(json, signature, source->key, err))
		return false;
	if (!log_list_parse(json, &list, err))
		return false;
	if (list.count == 0)
		err_set(err, ERR_PARSE, "it names no log at all");
	if (list.count == 0 || !is_believable(source, &list, err)) {
		log_list_free(&list);
		return false;
	}
	*taken = older_by(source, &list) == 0;
	if (!*taken) {
		log_list_free(&list);
		return true;
	}
	if (source->have)
		log_list_free(&source->list);
	source->list = list;
	source->have = source->fresh = true;
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
	bool ok, taken;

	buf_init(&json, LIST_MAX);
	buf_init(&sig, 65536);
	ok = file_load(path, &json, err) &&
	    (source->key == NULL || file_load(signature, &sig, err)) &&
	    take(source, buf_bytes(&json), buf_bytes(&sig), &taken, err);
	buf_free(&json);
	buf_free(&sig);
	return ok;
}

static void
set_text(char **at, const char *text)
{
	mem_free(*at);
	*at = mem_text(text);
}

/* "ETAG\nDATE\n" beside the kept list: they are of that one. */
static void
keep_validators(const struct source *source)
{
	char *text = mem_format("%s\n%s\n", source->etag != NULL ? source->etag : "",
	    source->modified != NULL ? source->modified : "");

	keep(source, "validators", bytes_text(text));
	mem_free(text);
}

static void
read_validators(struct source *source)
{
	char *path = kept_path(source, "validators"), *rest, *etag, *modified;
	struct buf text;
	struct err err;

	buf_init(&text, 65536);
	if (file_load(path, &text, &err)) {
		rest = mem_text(buf_text(&text));
		char *copy = rest;

		etag = strsep(&rest, "\n");
		modified = strsep(&rest, "\n");
		if (etag[0] != '\0')
			set_text(&source->etag, etag);
		if (modified != NULL && modified[0] != '\0')
			set_text(&source->modified, modified);
		mem_free(copy);
	}
	buf_free(&text);
	mem_free(path);
}

static void
read_kept(struct source *source)
{
	char *json = kept_path(source, "json"), *sig = kept_path(source, "sig");
	struct err err;

	if (read_pair(source, json, sig, &err))
		read_validators(source);
	else if (err.code != ERR_NOT_FOUND)
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
		listed_tell_monitor(source->lists);
	} else {
		list_event(source, err->text);
	}
	note_age(source);
	due_in(source, err == NULL ? source->block->refresh_s * 1000 : RETRY_MS);
}

static void ask_for_list(struct source *, bool conditional);

static void
keep_list(struct source *source, struct bytes signature)
{
	set_text(&source->etag, source->new_etag);
	set_text(&source->modified, source->new_modified);
	keep(source, "json", buf_bytes(&source->body));
	if (source->key != NULL)
		keep(source, "sig", signature);
	keep_validators(source);
}

static void
finish(struct source *source, struct bytes signature)
{
	struct err err;
	bool taken;

	if (!take(source, buf_bytes(&source->body), signature, &taken, &err)) {
		bool again =
		    source->key != NULL && err.code == ERR_VERIFY && !source->again;

		source->again = again;
		if (again) { /* one of the two may have changed between */
			buf_free(&source->body);
			ask_for_list(source, false);
		} else {
			done(source, &err);
		}
		return;
	}
	source->again = false;
	if (taken)
		keep_list(source, signature);
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

static void
submit(struct source *source, const char *url, fetch_done_fn *fn, bool conditional)
{
	struct fetch_query query = {.url = url,
	    .max_body = LIST_MAX,
	    .etag = conditional ? source->etag : NULL,
	    .last_modified = conditional ? source->modified : NULL,
	    .ca_file = source->block->tls_ca};
	struct err err;

	source->request =
	    fetch_submit(source->lists->daemon->fetch, &query, fn, source, &err);
	if (source->request == NULL)
		done(source, &err);
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
		note_age(source);
		due_in(source, source->block->refresh_s * 1000);
		return;
	}
	set_text(&source->new_etag, result->etag);
	set_text(&source->new_modified, result->last_modified);
	buf_init(&source->body, LIST_MAX);
	buf_append_bytes(&source->body, result->body);
	if (source->key == NULL)
		finish(source, bytes_of(NULL, 0));
	else
		submit(source, source->block->signature, on_signature, false);
}

/* Only what is in force may be said to be unchanged. */
static void
ask_for_list(struct source *source, bool conditional)
{
	submit(source, source->block->url, on_list, conditional && source->have);
}

static void
on_due(void *owner)
{
	struct source *source = owner;
	struct err err;

	source->timer = NULL;
	if (source->block->url != NULL)
		ask_for_list(source, true);
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
		mem_free(source->modified);
		mem_free(source->new_etag);
		mem_free(source->new_modified);
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
		source->key =
		    wiring_key(block->key != NULL ? pinned_key(block->key) : NULL,
			block->key_file, &err);
		if (source->key == NULL) {
			conf_wrap(&err, block->where);
			log_error("%s; the list is left out", err.text);
			return;
		}
	}
	if (block->url == NULL) {
		if (read_pair(source, block->file, block->signature, &err))
			source->read_ms = clock_now_ms(source->lists->daemon->clock);
		else
			list_event(source, err.text);
		note_age(source);
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
	listed_tell_monitor(lists);
}

void
lists_each(const struct lists *lists, lists_each_fn *fn, void *owner)
{
	for (size_t i = 0; i < lists->count; i++) {
		const struct source *source = &lists->sources[i];
		struct list_status status = {.name = source->block->name,
		    .read_ms = source->read_ms,
		    .made_ms = source->have ? source->list.timestamp_ms : -1,
		    .failing = source->failing == TOLD_TROUBLE};

		fn(owner, &status);
	}
}
