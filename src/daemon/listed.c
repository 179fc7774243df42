/*
 * All logs that the configuration and its lists name, each once by its id, and
 * what is to be done with each (wire-formats 4.2).
 */
#include "base/json.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "ctlog/merge.h"
#include "daemon/lists_priv.h"

enum { LISTINGS_MAX = 16 }; /* of one log: more lists than that add nothing */

/* One log as the lists name it. */
struct merged {
	const struct sha256 *id;
	struct ct_listing listings[LISTINGS_MAX];
	const struct source *sources[LISTINGS_MAX];
	size_t count;
	bool follow, finish;
	const struct source *by; /* whose settings it has: the first that follows it */
};

struct roster {
	struct lists *lists;
	struct merged *rows;
	struct map by_id; /* id to its row */
	size_t row_count;
	struct monitor_log *logs;
	size_t count, block_count; /* the blocks' logs come first */
};

/* --- by one list --- */

static bool
named_in(const struct conf_list *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

static bool
is_skipped(const struct conf_log_list *block, const struct log_list_entry *entry,
    const char *name)
{
	struct buf id;
	bool skipped;

	buf_init(&id, 64);
	base64_encode(sha256_bytes(&entry->id), &id);
	skipped = named_in(&block->skip, buf_text(&id)) ||
	    named_in(&block->skip, entry->description) || named_in(&block->skip, name) ||
	    (block->operators.count > 0 &&
		!named_in(&block->operators, entry->operator_name));
	buf_free(&id);
	return skipped;
}

/* Whether the list's settings ask for it. */
static bool
is_wanted(const struct conf_log_list *block, const struct log_list_entry *entry,
    const char *name)
{
	if (is_skipped(block, entry, name))
		return false;
	if (entry->type == LOG_TYPE_TEST)
		return block->test_logs;
	if (entry->type == LOG_TYPE_MONITORING_ONLY)
		return block->monitoring_only;
	return named_in(&block->states, log_state_name(entry->state));
}

static struct merged *
row_of(struct roster *roster, const struct sha256 *id)
{
	struct merged *row = map_get(&roster->by_id, sha256_bytes(id));

	if (row != NULL)
		return row;
	row = &roster->rows[roster->row_count++];
	row->id = id;
	map_put(&roster->by_id, sha256_bytes(id), row);
	return row;
}

static void
add_listing(struct roster *roster, const struct source *source,
    const struct log_list_entry *entry)
{
	const struct conf_log_list *block = source->block;
	struct err err = {0};
	const struct ct_log *log = ct_log_from_list(entry, &err);
	struct merged *row;
	bool wanted;

	if (log == NULL) {
		if (source->fresh)
			log_warning("log list %s: %.80s: %s; skipped", block->name,
			    entry->description, err.text);
		return;
	}
	wanted = is_wanted(block, entry, log->name);
	row = row_of(roster, &entry->id);
	ct_log_free(log);
	if (row->count == LISTINGS_MAX)
		return;
	row->listings[row->count] = (struct ct_listing){entry, wanted};
	row->sources[row->count++] = source;
	if (row->by == NULL || (wanted && !row->follow))
		row->by = source;
	row->follow |= wanted;
	/* What was begun of a log that is trusted no more is read to its end. */
	row->finish |= entry->state == LOG_STATE_REJECTED &&
	    entry->type == LOG_TYPE_PROD && !is_skipped(block, entry, "");
}

/* --- together --- */

static char *
sources_json(const struct merged *row)
{
	struct json json;
	struct buf text;
	char *copy;

	buf_init(&text, 16384);
	json_init(&json, &text);
	json_begin_array(&json, NULL);
	for (size_t i = 0; i < row->count; i++) {
		json_begin_object(&json, NULL);
		json_put_text(&json, "list", row->sources[i]->block->name);
		json_put_text(
		    &json, "state", log_state_name(row->listings[i].entry->state));
		json_end_object(&json);
	}
	json_end_array(&json);
	copy = mem_text(buf_text(&text));
	buf_free(&text);
	return copy;
}

static char *
block_json(const char *name)
{
	struct json json;
	struct buf text;
	char *copy;

	buf_init(&text, 4096);
	json_init(&json, &text);
	json_begin_array(&json, NULL);
	json_begin_object(&json, NULL);
	json_put_text(&json, "log", name);
	json_end_object(&json);
	json_end_array(&json);
	copy = mem_text(buf_text(&text));
	buf_free(&text);
	return copy;
}

static void
add_row(struct roster *roster, const struct merged *row)
{
	struct log_list_entry entry;
	struct monitor_log *out = &roster->logs[roster->count];
	const struct conf_log_list *block = row->by->block;
	bool readable;
	struct err err = {0};

	if (!ct_log_merge(row->listings, row->count, &entry) || entry.mimic)
		return;
	*out = (struct monitor_log){.log = ct_log_from_list(&entry, &err)};
	if (out->log == NULL)
		return; /* each listing was one by itself */
	readable = !entry.bogus && out->log->url[0] != '\0';
	out->follow = readable && (row->follow || row->finish);
	out->finish = !row->follow;
	out->start = wiring_start(&block->start);
	out->poll_ms = block->poll_s * 1000;
	out->sources = sources_json(row);
	out->tiles = block->tiles;
	out->unproved_start = roster->lists->loaded->conf.unproved_start;
	roster->count++;
}

static bool
has_block(const struct roster *roster, const struct sha256 *id)
{
	for (size_t i = 0; i < roster->block_count; i++)
		if (sha256_equal(&roster->logs[i].log->id, id))
			return true;
	return false;
}

static void
add_block(struct roster *roster, const struct conf_log *block)
{
	struct err err = {0};
	const struct ct_log *log = wiring_log(block, &err);
	struct monitor_log *out = &roster->logs[roster->count];

	if (log == NULL) {
		log_error("%s; this log is left out", err.text);
		return;
	}
	if (has_block(roster, &log->id)) {
		log_error("%s:%d: log %s: another block has the same key; left out",
		    block->where.file, block->where.line, block->name);
		ct_log_free(log);
		return;
	}
	*out = (struct monitor_log){.log = log,
	    .follow = true,
	    .start = wiring_start(&block->start),
	    .poll_ms = block->poll_s * 1000,
	    .sources = block_json(block->name),
	    .tls_ca = block->tls_ca,
	    .tiles = true,
	    .known_bad = wiring_known_bad(roster->lists->loaded, block),
	    .known_bad_count = block->known_bad.count,
	    .unproved_start = block->unproved_start};
	out->start.always = block->archived;
	roster->block_count = ++roster->count;
}

/* A block says more than any list. */
static void
gather(struct roster *roster)
{
	const struct lists *lists = roster->lists;
	const struct conf *conf = &lists->loaded->conf;
	size_t most = 0;

	for (size_t i = 0; i < lists->count; i++)
		most += lists->sources[i].have ? lists->sources[i].list.count : 0;
	roster->rows = mem_zero(most + 1, sizeof(*roster->rows));
	roster->logs = mem_zero(most + conf->log_count + 1, sizeof(*roster->logs));
	map_init(&roster->by_id);
	for (size_t i = 0; i < conf->log_count; i++)
		add_block(roster, &conf->logs[i]);
	for (size_t i = 0; i < lists->count; i++) {
		const struct source *source = &lists->sources[i];

		for (size_t k = 0; source->have && k < source->list.count; k++)
			add_listing(roster, source, &source->list.entries[k]);
	}
	for (size_t i = 0; i < roster->row_count; i++)
		if (!has_block(roster, roster->rows[i].id))
			add_row(roster, &roster->rows[i]);
}

void
listed_tell_monitor(struct lists *lists)
{
	struct monitor *monitor = lists->daemon->monitor;
	struct roster roster = {.lists = lists};

	gather(&roster);
	monitor_set_logs(monitor, roster.logs, roster.count);
	for (size_t i = 0; i < lists->count; i++) {
		struct source *source = &lists->sources[i];

		if (source->have && source->fresh)
			monitor_note_list(monitor, source->block->name, &source->list);
		source->fresh = false;
	}
	for (size_t i = 0; i < roster.count; i++) {
		mem_free((char *)(uintptr_t)roster.logs[i].sources);
		ct_log_free(roster.logs[i].log);
	}
	map_free(&roster.by_id, NULL);
	mem_free(roster.rows);
	mem_free(roster.logs);
}
