#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/report_priv.h"
#include "store/log.h"
#include "store/range.h"

/* One log with what there is to say about it. */
struct line {
	struct log_row log;
	struct range_row live; /* id 0: it was never read */
	uint64_t backfills;    /* ranges besides it */
	struct tree_head_row head;
	bool has_head;
	const json_t *running; /* what the daemon says of it, or NULL */
};

struct lines {
	struct arena *arena;
	struct line *line;
	size_t count, room;
};

static bool
add_log(void *owner, const struct log_row *row)
{
	struct lines *lines = owner;
	struct line *line;

	if (lines->count == lines->room) {
		lines->room = lines->room == 0 ? 64 : 2 * lines->room;
		lines->line = mem_resize(lines->line, lines->room, sizeof(*lines->line));
	}
	line = &lines->line[lines->count++];
	*line = (struct line){.log = *row};
	line->log.log_id = arena_copy(lines->arena, row->log_id);
	line->log.name = arena_copy(lines->arena, row->name);
	line->log.operator= arena_copy(lines->arena, row->operator);
	line->log.url = arena_copy(lines->arena, row->url);
	line->log.monitoring_url = arena_copy(lines->arena, row->monitoring_url);
	line->log.kind = arena_copy(lines->arena, row->kind);
	line->log.state = arena_copy(lines->arena, row->state);
	return true;
}

static bool
add_range(void *owner, const struct range_row *row)
{
	struct lines *lines = owner;

	for (size_t i = 0; i < lines->count; i++) {
		struct line *line = &lines->line[i];

		if (line->log.number != row->log)
			continue;
		if (row->purpose != RANGE_LIVE || line->live.id != 0) {
			line->backfills++;
			return true;
		}
		line->live = *row;
		line->live.stopped = arena_copy(lines->arena, row->stopped);
	}
	return true;
}

static bool
load(struct lines *lines, struct store *store, struct err *err)
{
	if (!store_log_each(store, add_log, lines, err) ||
	    !store_range_each(store, 0, add_range, lines, err))
		return false;
	for (size_t i = 0; i < lines->count; i++)
		if (!store_tree_head_newest(store, lines->line[i].log.number,
			lines->arena, &lines->line[i].head, &lines->line[i].has_head,
			err))
			return false;
	return true;
}

static double
number(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

static void
match_daemon(struct lines *lines, const json_t *daemon)
{
	const json_t *log;
	size_t i;

	json_array_foreach (json_object_get(daemon, "logs"), i, log)
		for (size_t j = 0; j < lines->count; j++)
			if (bytes_equal(
				lines->line[j].log.name, bytes_text(text_of(log, "log"))))
				lines->line[j].running = log;
}

static uint64_t
behind(const struct line *line)
{
	return line->has_head && line->live.id != 0 && line->head.size > line->live.next
	    ? line->head.size - line->live.next
	    : 0;
}

static const char *const HEADS[] = {"LOG", "PROTOCOL", "STATE", ">FROM", ">READ TO",
    ">PROVED TO", ">HEAD", ">BEHIND", ">HEAD'S AGE", ">LAG", ">A SECOND", ">ERRORS",
    ">ANSWERED", "NOTE"};

static void
print_age(struct table *table, double ms, bool known)
{
	char age[32];

	table_text(table, known ? show_age((int64_t)ms, age) : "-");
}

static void
print_running(const struct report *report, struct table *table, const json_t *running)
{
	double success = number(running, "success_ms"), lag = number(running, "lag_ms");
	char rate[32];

	if (running == NULL) {
		for (int i = 0; i < 4; i++)
			table_text(table, "-");
		return;
	}
	print_age(table, lag, lag >= 0);
	snprintf(rate, sizeof(rate), "%.1f", number(running, "per_second"));
	table_text(table, rate);
	table_number(table, (uint64_t)number(running, "errors"));
	print_age(table, (double)report->now_ms - success, success > 0);
}

static void
print_note(struct table *table, const struct line *line)
{
	const char *error = text_of(line->running, "error");

	if (line->live.stopped.len > 0)
		table_safe(table, line->live.stopped, 200);
	else if (error[0] != '\0')
		table_safe(table, bytes_text(error), 200);
	else if (line->running != NULL)
		table_safe(table, bytes_text(text_of(line->running, "doing")), 40);
	else
		table_text(table, line->live.id == 0 ? "not read yet" : "");
}

static void
print_line(struct report *report, struct table *table, const struct line *line)
{
	char age[32];

	table_safe(table, line->log.name, 60);
	table_safe(table, line->log.kind, 12);
	table_safe(table, line->log.state, 12);
	if (line->live.id == 0) {
		table_text(table, "-");
		table_text(table, "-");
		table_text(table, "-");
	} else {
		table_number(table, line->live.start);
		table_number(table, line->live.next);
		table_number(table, line->live.verified);
	}
	if (line->has_head) {
		table_number(table, line->head.size);
		table_number(table, behind(line));
		table_text(
		    table, show_age(report->now_ms - line->head.last_timestamp_ms, age));
	} else {
		table_text(table, "-");
		table_text(table, "-");
		table_text(table, "-");
	}
	print_running(report, table, line->running);
	print_note(table, line);
}

static void
print_backfills(struct report *report, const json_t *daemon)
{
	struct buf *out = &report->out;
	const json_t *row;
	char a[32], b[32], c[32];
	size_t i;

	json_array_foreach (json_object_get(daemon, "backfills"), i, row) {
		double left = number(row, "left_ms");

		text_append_safe(out, bytes_text(text_of(row, "log")), 60);
		buf_append_format(out,
		    ": in the background, entries %s to %s, read to %s",
		    show_number((uint64_t)number(row, "from"), a),
		    show_number((uint64_t)number(row, "to"), b),
		    show_number((uint64_t)number(row, "next"), c));
		buf_append_format(out, ", %.0f a second", number(row, "per_second"));
		if (left > 0)
			buf_append_format(out, ", %s left", show_age((int64_t)left, a));
		if (text_of(row, "error")[0] != '\0') {
			buf_append_text(out, ": ");
			text_append_safe(out, bytes_text(text_of(row, "error")), 300);
		}
		buf_append_u8(out, '\n');
	}
}

static void
print_lists(struct report *report, const json_t *daemon)
{
	struct buf *out = &report->out;
	const json_t *row;
	char age[32];
	size_t i;

	json_array_foreach (json_object_get(daemon, "lists"), i, row) {
		double read = number(row, "read_ms"), made = number(row, "made_ms");

		buf_append_text(out, "List ");
		text_append_safe(out, bytes_text(text_of(row, "list")), 60);
		if (read > 0)
			buf_append_format(out, ": read %s ago",
			    show_age(report->now_ms - (int64_t)read, age));
		else
			buf_append_text(out, ": not read yet");
		if (made >= 0)
			buf_append_format(out, ", made %s ago",
			    show_age(report->now_ms - (int64_t)made, age));
		buf_append_text(out,
		    json_is_true(json_object_get(row, "failing")) ? "; it fails now\n"
								  : "\n");
	}
}

/* The daemon's own object, without the name that stands beside it. */
static void
put_daemon(struct json *json, const char *name, const json_t *value)
{
	char *text =
	    value == NULL ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII);

	if (text == NULL)
		json_put_null(json, name);
	else
		json_put_raw(json, name, bytes_text(text));
	free(text);
}

static void
put_head(struct json *json, const struct report *report, const struct line *line)
{
	const struct tree_head_row *head = &line->head;

	if (!line->has_head) {
		json_put_null(json, "head");
		return;
	}
	json_begin_object(json, "head");
	json_put_number(json, "tree_size", (int64_t)head->size);
	json_put_hex(json, "root_hash", head->root);
	json_put_time(json, "timestamp", head->last_timestamp_ms);
	json_put_number(json, "age_s", (report->now_ms - head->last_timestamp_ms) / 1000);
	json_end_object(json);
}

static void
put_line(struct report *report, const struct line *line)
{
	struct json *json = &report->writer;

	json_begin_object(json, NULL);
	json_put_safe(json, "name", line->log.name, 200);
	json_put_hex(json, "log_id", line->log.log_id);
	json_put_safe(json, "operator", line->log.operator, 200);
	json_put_safe(json, "protocol", line->log.kind, 40);
	json_put_safe(json, "state", line->log.state, 40);
	json_put_safe(json, "url", line->log.url, 1000);
	json_put_safe(json, "monitoring_url", line->log.monitoring_url, 1000);
	if (line->live.id == 0) {
		json_put_null(json, "range");
	} else {
		json_begin_object(json, "range");
		json_put_number(json, "from", (int64_t)line->live.start);
		json_put_number(json, "read_to", (int64_t)line->live.next);
		json_put_number(json, "proved_to", (int64_t)line->live.verified);
		json_put_safe(json, "stopped", line->live.stopped, 1000);
		json_put_time(json, "advanced", line->live.advanced_ms);
		json_end_object(json);
	}
	json_put_number(json, "other_ranges", (int64_t)line->backfills);
	put_head(json, report, line);
	json_put_number(json, "behind", (int64_t)behind(line));
	put_daemon(json, "running", line->running);
	json_end_object(json);
}

static void
print(struct report *report, const struct lines *lines, const json_t *daemon)
{
	struct table table;

	if (report->json) {
		json_begin_array(&report->writer, "logs");
		for (size_t i = 0; i < lines->count; i++)
			put_line(report, &lines->line[i]);
		json_end_array(&report->writer);
		put_daemon(
		    &report->writer, "backfills", json_object_get(daemon, "backfills"));
		put_daemon(&report->writer, "lists", json_object_get(daemon, "lists"));
		return;
	}
	if (lines->count == 0) {
		buf_append_text(&report->out, "No log is known yet.\n");
		return;
	}
	table_init(&table, HEADS, ARRAY_LEN(HEADS));
	for (size_t i = 0; i < lines->count; i++)
		print_line(report, &table, &lines->line[i]);
	table_print(&table, &report->out);
	table_free(&table);
	print_backfills(report, daemon);
	print_lists(report, daemon);
}

bool
report_logs(struct report *report, struct store *store, const char *daemon,
    uint64_t *found, struct err *err)
{
	json_t *running = daemon == NULL ? NULL : json_loads(daemon, 0, NULL);
	struct arena arena;
	struct lines lines = {.arena = &arena};
	struct coverage coverage;
	bool ok;

	arena_init(&arena);
	ok = load(&lines, store, err) && coverage_sum(store, 0, &coverage, err);
	*found = lines.count;
	if (ok) {
		answer_begin(report);
		match_daemon(&lines, running);
		print(report, &lines, running);
		coverage_report(report, &coverage);
		answer_end(report);
	}
	mem_free(lines.line);
	arena_free(&arena);
	json_decref(running);
	return ok;
}
