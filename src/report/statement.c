/*
 * ctwarden coverage: of each log which entries were judged, when, under which
 * watches, proved by which head; what was not, and why.
 */
#include <inttypes.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/statement.h"

#define GAPS_MAX 1000 /* of a log, neighbours joined; the rest is a sum */

struct unparsed {
	struct arena *arena;
	struct stated *log;
};

static void *
grow(struct arena *arena, void *rows, size_t count, size_t size)
{
	void *more;

	if (count != 0 && (count & (count - 1)) != 0)
		return rows; /* there is room up to the next power of two */
	more = arena_alloc(arena, (count == 0 ? 1 : 2 * count) * size);
	if (rows != NULL)
		memcpy(more, rows, count * size);
	return more;
}

static struct stated *
stated_of(struct statement *statement, uint32_t log)
{
	for (size_t i = 0; i < statement->count; i++)
		if (statement->logs[i].log.number == log)
			return &statement->logs[i];
	return NULL;
}

/* --- loading ------------------------------------------------------------------ */

static bool
add_log(void *owner, const struct log_row *row)
{
	struct statement *statement = owner;
	struct stated *log;

	if (statement->log != 0 && row->number != statement->log)
		return true;
	statement->logs =
	    grow(&statement->arena, statement->logs, statement->count, sizeof(*log));
	log = &statement->logs[statement->count++];
	*log = (struct stated){.log.number = row->number,
	    .log.log_id = arena_copy(&statement->arena, row->log_id),
	    .log.name = arena_copy(&statement->arena, row->name),
	    .log.operator= arena_copy(&statement->arena, row->operator),
	    .log.state = arena_copy(&statement->arena, row->state)};
	return true;
}

static bool
in_time(const struct statement *statement, const struct coverage_row *row)
{
	return (statement->from_ms == 0 || row->last_timestamp_ms == STORE_NO_TIME ||
		   row->last_timestamp_ms >= statement->from_ms) &&
	    (statement->to_ms == 0 || row->first_timestamp_ms == STORE_NO_TIME ||
		row->first_timestamp_ms < statement->to_ms);
}

/* From where on the rows stand side by side under watches that know the family. */
static void
note_complete(struct stated *log, const struct coverage_row *row, int64_t generation)
{
	if (row->generation < generation) {
		log->complete = false;
		return;
	}
	if (!log->complete || log->complete_to != row->start)
		log->complete_from = row->start;
	log->complete = true;
	log->complete_to = row->end;
}

static bool
add_coverage(void *owner, const struct coverage_row *row)
{
	struct statement *statement = owner;
	struct stated *log = stated_of(statement, row->log);
	struct coverage_row *copy;

	if (log == NULL)
		return true;
	note_complete(log, row, statement->generation);
	if (!in_time(statement, row))
		return true;
	log->rows = grow(&statement->arena, log->rows, log->row_count, sizeof(*copy));
	copy = &log->rows[log->row_count++];
	*copy = *row;
	copy->head_root = arena_copy(&statement->arena, row->head_root);
	coverage_add(&statement->sum, copy);
	return true;
}

static bool
add_gap(void *owner, const struct gap_row *row)
{
	struct statement *statement = owner;
	struct stated *log = stated_of(statement, row->log);
	struct gap_row *last;

	if (log == NULL)
		return true;
	statement->sum.missing += row->end - row->start;
	last = log->gap_count > 0 ? &log->gaps[log->gap_count - 1] : NULL;
	if (last != NULL && last->end == row->start &&
	    bytes_equal(last->reason, row->reason)) {
		last->end = row->end;
		return true;
	}
	if (log->gap_count == GAPS_MAX) {
		log->more_gaps += row->end - row->start;
		return true;
	}
	log->gaps = grow(&statement->arena, log->gaps, log->gap_count, sizeof(*last));
	log->gaps[log->gap_count] = *row;
	log->gaps[log->gap_count++].reason = arena_copy(&statement->arena, row->reason);
	return true;
}

static bool
add_kept(void *owner, const struct entry_count *row)
{
	struct statement *statement = owner;
	struct stated *log = stated_of(statement, row->log);

	if (log == NULL || row->state >= ENTRY_DONE)
		return true;
	log->kept[row->state] += (uint64_t)row->count;
	statement->sum.unparsed += (uint64_t)row->count;
	return true;
}

static bool
add_unparsed(void *owner, const struct entry_row *row)
{
	struct unparsed *list = owner;
	struct stated_entry *entry = &list->log->unparsed[list->log->unparsed_count++];

	entry->index = row->index;
	entry->reason = arena_copy(list->arena, row->reason);
	return list->log->unparsed_count < UNPARSED_SHOWN;
}

/* The first of them; "kept" says how many there are. */
static bool
load_unparsed(struct statement *statement, struct store *store, struct err *err)
{
	for (size_t i = 0; i < statement->count; i++) {
		struct stated *log = &statement->logs[i];
		struct unparsed list = {&statement->arena, log};
		struct entry_filter filter = {.log = log->log.number,
		    .state = ENTRY_UNPARSED,
		    .limit = UNPARSED_SHOWN};

		if (log->kept[ENTRY_UNPARSED] > 0 &&
		    !store_entry_each(store, &filter, add_unparsed, &list, err))
			return false;
	}
	return true;
}

static bool
add_range(void *owner, const struct range_row *row)
{
	struct stated *log = stated_of(owner, row->log);

	if (log != NULL && row->purpose == RANGE_LIVE) {
		log->has_range = true;
		log->next = row->next;
	}
	return true;
}

static bool
load_heads(struct statement *statement, struct store *store, struct err *err)
{
	for (size_t i = 0; i < statement->count; i++) {
		struct stated *log = &statement->logs[i];
		struct tree_head_row head;

		if (!store_tree_head_newest(store, log->log.number, &statement->arena,
			&head, &log->has_head, err))
			return false;
		if (log->has_head && log->has_range && head.size > log->next)
			statement->sum.behind += head.size - log->next;
		statement->sum.logs_read += log->row_count > 0;
	}
	statement->sum.logs = statement->count;
	return true;
}

bool
watch_next_named(const struct watch_row *row, size_t *at, uint8_t out[32])
{
	json_t *settings =
	    json_loadb((const char *)row->settings.data, row->settings.len, 0, NULL);
	const char *hex =
	    json_string_value(json_array_get(json_object_get(settings, "keys"), (*at)++));
	bool found = hex != NULL && strlen(hex) == 64 && hex_parse(hex, out, 32);

	json_decref(settings);
	return found;
}

static bool
add_watch(void *owner, const struct watch_row *row)
{
	struct statement *statement = owner;
	uint8_t key[32];
	size_t at = 0;

	if (!bytes_equal(row->kind, bytes_text("ca")) ||
	    row->text.len != strlen(statement->ca) ||
	    strncasecmp(row->text.data == NULL ? "" : (const char *)row->text.data,
		statement->ca, row->text.len) != 0)
		return true;
	statement->watch = row->number;
	statement->generation = statement->since_generation = row->since_generation;
	statement->since_ms = row->since_ms;
	while (watch_next_named(row, &at, key))
		statement->keys++;
	return false;
}

static bool
add_member(void *owner, const struct family_row *row)
{
	struct statement *statement = owner;

	statement->keys++;
	if (row->since_generation > statement->generation) {
		statement->generation = row->since_generation;
		statement->grown_ms = row->since_ms;
		statement->grown_log = row->since_log;
		statement->grown_index = row->since_index;
	}
	return true;
}

static bool
load_family(struct statement *statement, struct store *store, struct err *err)
{
	if (statement->ca == NULL)
		return true;
	if (!store_watch_each(store, false, add_watch, statement, err))
		return false;
	if (statement->watch == 0)
		return err_set(err, ERR_NOT_FOUND,
		    "no CA \"%.80s\" is watched; ctwarden ca lists those that are",
		    statement->ca);
	return store_family_each(store, statement->watch, add_member, statement, err);
}

bool
statement_load(struct statement *statement, struct store *store, struct err *err)
{
	return load_family(statement, store, err) &&
	    store_log_each(store, add_log, statement, err) &&
	    store_coverage_each(store, statement->log, add_coverage, statement, err) &&
	    store_gap_each(store, statement->log, add_gap, statement, err) &&
	    store_entry_counts(store, add_kept, statement, err) &&
	    load_unparsed(statement, store, err) &&
	    store_range_each(store, statement->log, add_range, statement, err) &&
	    load_heads(statement, store, err);
}

const char *
stated_why_not(const struct statement *statement, const struct stated *log)
{
	if (statement->from_ms != 0 || statement->to_ms != 0)
		return "nothing of that time was read";
	if (log->has_range)
		return "nothing was read yet";
	return log->has_head ? "where reading starts is not known"
			     : "not followed, or it never answered";
}

bool
report_coverage(struct report *report, struct store *store,
    const struct report_coverage *asked, uint64_t *found, struct err *err)
{
	struct statement statement = {.ca = asked->ca,
	    .from_ms = asked->from_ms,
	    .to_ms = asked->to_ms,
	    .sum = COVERAGE_NONE};
	struct log_names names;
	bool ok;

	arena_init(&statement.arena);
	ok = log_names_load(&names, store, err);
	if (ok && asked->log != NULL &&
	    !log_names_find(&names, asked->log, &statement.log))
		ok = err_set(err, ERR_NOT_FOUND,
		    "no log is called \"%.80s\"; ctwarden logs lists them", asked->log);
	ok = ok && statement_load(&statement, store, err);
	*found = statement.sum.logs_read;
	if (ok) {
		answer_begin(report);
		if (report->json)
			put_statement(report, &statement, &names);
		else
			print_statement(report, &statement, &names);
		coverage_report(report, &statement.sum);
		answer_end(report);
	}
	log_names_free(&names);
	arena_free(&statement.arena);
	return ok;
}
