/* The statement of coverage as tables, and as JSON. */
#include <inttypes.h>

#include "base/text.h"
#include "report/statement.h"

static const char *const KEPT[ENTRY_DONE] = {
    [ENTRY_UNPARSED] = "cannot be parsed",
    [ENTRY_UNRESOLVED] = "wait for their issuer",
    [ENTRY_QUARANTINED] = "are to be tried again",
};

/* --- text --------------------------------------------------------------------- */

static void
table_time(struct table *table, int64_t ms)
{
	char text[32];

	table_text(table, show_time(ms, text));
}

static void
print_rows(struct report *report, const struct statement *statement)
{
	static const char *const HEADS[] = {"LOG", ">FROM", ">TO", ">WATCHES",
	    "READ FROM", "READ TO", "LOGGED FROM", "LOGGED TO", ">PROVED TO", ">BY HEAD",
	    "SIGNED AT"};
	struct table table;

	table_init(&table, HEADS, ARRAY_LEN(HEADS));
	for (size_t i = 0; i < statement->count; i++) {
		const struct stated *log = &statement->logs[i];

		for (size_t j = 0; j < log->row_count; j++) {
			const struct coverage_row *row = &log->rows[j];

			table_safe(&table, log->log.name, 60);
			table_number(&table, row->start);
			table_number(&table, row->end);
			table_number(&table, (uint64_t)row->generation);
			table_time(&table, row->first_ms);
			table_time(&table, row->last_ms);
			table_time(&table, row->first_timestamp_ms);
			table_time(&table, row->last_timestamp_ms);
			if (row->verified > row->start) {
				table_number(&table, row->verified);
				table_number(&table, row->head_size);
			} else {
				table_text(&table, "-");
				table_text(&table, "-");
			}
			table_time(&table, row->head_timestamp_ms);
		}
	}
	if (table.count > 0)
		table_print(&table, &report->out);
	table_free(&table);
}

static void
print_gaps(struct report *report, const struct statement *statement)
{
	static const char *const HEADS[] = {"NOT READ", ">FROM", ">TO", "SINCE", "WHY"};
	struct table table;

	table_init(&table, HEADS, ARRAY_LEN(HEADS));
	for (size_t i = 0; i < statement->count; i++) {
		const struct stated *log = &statement->logs[i];

		for (size_t j = 0; j < log->gap_count; j++) {
			table_safe(&table, log->log.name, 60);
			table_number(&table, log->gaps[j].start);
			table_number(&table, log->gaps[j].end);
			table_time(&table, log->gaps[j].since_ms);
			table_safe(&table, log->gaps[j].reason, 200);
		}
		if (log->more_gaps > 0) {
			table_safe(&table, log->log.name, 60);
			table_text(&table, "-");
			table_text(&table, "-");
			table_text(&table, "-");
			table_text(&table, "more gaps than are shown; see --json");
		}
	}
	if (table.count > 0) {
		buf_append_u8(&report->out, '\n');
		table_print(&table, &report->out);
	}
	table_free(&table);
}

static void
print_kept(struct report *report, const struct stated *log)
{
	char text[32];

	for (int state = 0; state < ENTRY_DONE; state++) {
		if (log->kept[state] == 0)
			continue;
		text_append_safe(&report->out, log->log.name, 60);
		buf_append_format(&report->out, ": %s entries are kept that %s\n",
		    show_number(log->kept[state], text), KEPT[state]);
	}
	for (size_t i = 0; i < log->unparsed_count; i++) {
		buf_append_format(
		    &report->out, "  entry %" PRIu64 ": ", log->unparsed[i].index);
		text_append_safe(&report->out, log->unparsed[i].reason, 200);
		buf_append_u8(&report->out, '\n');
	}
}

static void
print_uncovered(struct report *report, const struct statement *statement)
{
	static const char *const HEADS[] = {"NOT COVERED", "STATE", "OPERATOR", "WHY"};
	struct table table;

	table_init(&table, HEADS, ARRAY_LEN(HEADS));
	for (size_t i = 0; i < statement->count; i++) {
		const struct stated *log = &statement->logs[i];

		if (log->row_count > 0)
			continue;
		table_safe(&table, log->log.name, 60);
		table_safe(&table, log->log.state, 12);
		table_safe(&table, log->log.operator, 40);
		table_text(&table, stated_why_not(statement, log));
	}
	if (table.count > 0) {
		buf_append_u8(&report->out, '\n');
		table_print(&table, &report->out);
	}
	table_free(&table);
}

void
statement_print_family(struct report *report, const struct statement *statement,
    const struct log_names *names)
{
	struct buf *out = &report->out;
	char text[32];

	buf_append_u8(out, '\n');
	text_append_safe(out, bytes_text(statement->ca), 80);
	buf_append_format(out,
	    " is watched since %s (watches of generation %" PRId64
	    "); its family has %" PRIu64 " keys.\n",
	    show_time(statement->since_ms, text), statement->since_generation,
	    statement->keys);
	if (statement->generation > statement->since_generation) {
		buf_append_format(out, "It grew last at %s (generation %" PRId64 ")",
		    show_time(statement->grown_ms, text), statement->generation);
		if (statement->grown_log != 0)
			buf_append_format(out, ", by entry %" PRIu64 " of %s",
			    statement->grown_index,
			    log_names_of(names, statement->grown_log));
		buf_append_text(out, ".\n");
	}
	for (size_t i = 0; i < statement->count; i++) {
		const struct stated *log = &statement->logs[i];

		text_append_safe(out, log->log.name, 60);
		if (log->complete)
			buf_append_format(out,
			    ": judged for the family as it is now from entry %" PRIu64
			    " to %" PRIu64 "\n",
			    log->complete_from, log->complete_to);
		else
			buf_append_text(
			    out, ": nothing was judged for the family as it is now\n");
	}
}

void
print_statement(struct report *report, const struct statement *statement,
    const struct log_names *names)
{
	print_rows(report, statement);
	print_gaps(report, statement);
	print_uncovered(report, statement);
	if (statement->sum.unparsed > 0)
		buf_append_u8(&report->out, '\n');
	for (size_t i = 0; i < statement->count; i++)
		print_kept(report, &statement->logs[i]);
	if (statement->ca != NULL)
		statement_print_family(report, statement, names);
	if (report->out.len > 0)
		buf_append_u8(&report->out, '\n');
}

/* --- JSON ---------------------------------------------------------------------- */

static void
put_row(struct json *json, const struct coverage_row *row)
{
	json_begin_object(json, NULL);
	json_put_number(json, "from", (int64_t)row->start);
	json_put_number(json, "to", (int64_t)row->end);
	json_put_number(json, "generation", row->generation);
	put_time(json, "first_read", row->first_ms);
	put_time(json, "last_read", row->last_ms);
	put_time(json, "first_logged", row->first_timestamp_ms);
	put_time(json, "last_logged", row->last_timestamp_ms);
	json_put_number(json, "proved_to", (int64_t)row->verified);
	if (row->verified > row->start) {
		json_begin_object(json, "head");
		json_put_number(json, "tree_size", (int64_t)row->head_size);
		json_put_hex(json, "root_hash", row->head_root);
		put_time(json, "timestamp", row->head_timestamp_ms);
		json_end_object(json);
	} else {
		json_put_null(json, "head");
	}
	json_end_object(json);
}

static void
put_gap(struct json *json, const struct gap_row *row)
{
	json_begin_object(json, NULL);
	json_put_number(json, "from", (int64_t)row->start);
	json_put_number(json, "to", (int64_t)row->end);
	json_put_safe(json, "reason", row->reason, 400);
	put_time(json, "since", row->since_ms);
	json_end_object(json);
}

static void
put_log(struct json *json, const struct statement *statement, const struct stated *log)
{
	json_begin_object(json, NULL);
	json_put_safe(json, "name", log->log.name, 200);
	json_put_hex(json, "log_id", log->log.log_id);
	json_put_safe(json, "operator", log->log.operator, 200);
	json_put_safe(json, "state", log->log.state, 40);
	json_put_bool(json, "covered", log->row_count > 0);
	if (log->row_count == 0)
		json_put_text(json, "why_not", stated_why_not(statement, log));
	json_begin_array(json, "ranges");
	for (size_t i = 0; i < log->row_count; i++)
		put_row(json, &log->rows[i]);
	json_end_array(json);
	json_begin_array(json, "gaps");
	for (size_t i = 0; i < log->gap_count; i++)
		put_gap(json, &log->gaps[i]);
	json_end_array(json);
	json_put_number(json, "entries_in_more_gaps", (int64_t)log->more_gaps);
	json_put_number(json, "unparsed", (int64_t)log->kept[ENTRY_UNPARSED]);
	json_begin_array(json, "unparsed_entries");
	for (size_t i = 0; i < log->unparsed_count; i++) {
		json_begin_object(json, NULL);
		json_put_number(json, "index", (int64_t)log->unparsed[i].index);
		json_put_safe(json, "reason", log->unparsed[i].reason, 400);
		json_end_object(json);
	}
	json_end_array(json);
	json_put_number(json, "unresolved", (int64_t)log->kept[ENTRY_UNRESOLVED]);
	json_put_number(json, "quarantined", (int64_t)log->kept[ENTRY_QUARANTINED]);
	if (statement->ca != NULL && log->complete) {
		json_put_number(json, "complete_from", (int64_t)log->complete_from);
		json_put_number(json, "complete_to", (int64_t)log->complete_to);
	}
	json_end_object(json);
}

static void
put_family(
    struct json *json, const struct statement *statement, const struct log_names *names)
{
	json_begin_object(json, "ca");
	json_put_safe(json, "name", bytes_text(statement->ca), 200);
	json_put_number(json, "watched_since_generation", statement->since_generation);
	put_time(json, "watched_since", statement->since_ms);
	json_put_number(json, "family_since_generation", statement->generation);
	json_put_number(json, "keys", (int64_t)statement->keys);
	if (statement->grown_ms != 0)
		json_put_time(json, "grew_last", statement->grown_ms);
	if (statement->grown_log != 0) {
		json_put_text(
		    json, "grew_by_log", log_names_of(names, statement->grown_log));
		json_put_number(json, "grew_by_index", (int64_t)statement->grown_index);
	}
	json_end_object(json);
}

void
statement_put_family(struct report *report, const struct statement *statement,
    const struct log_names *names)
{
	struct json *json = &report->writer;

	put_family(json, statement, names);
	json_begin_array(json, "complete");
	for (size_t i = 0; i < statement->count; i++) {
		const struct stated *log = &statement->logs[i];

		json_begin_object(json, NULL);
		json_put_text(json, "log", log_names_of(names, log->log.number));
		if (log->complete) {
			json_put_number(json, "from", (int64_t)log->complete_from);
			json_put_number(json, "to", (int64_t)log->complete_to);
		}
		json_end_object(json);
	}
	json_end_array(json);
}

void
put_statement(struct report *report, const struct statement *statement,
    const struct log_names *names)
{
	struct json *json = &report->writer;

	if (statement->ca != NULL)
		put_family(json, statement, names);
	json_begin_array(json, "logs");
	for (size_t i = 0; i < statement->count; i++)
		put_log(json, statement, &statement->logs[i]);
	json_end_array(json);
}
