#include "store/sqlite/sqlite_priv.h"

TABLE(EVENT, event_row, FIELD(event_row, number, INT64), FIELD(event_row, id, BLOB),
    FIELD(event_row, kind, TEXT), FIELD(event_row, subject, TEXT),
    FIELD(event_row, log, UINT32), FIELD(event_row, severity, INT32),
    FIELD(event_row, begin_ms, TIME), FIELD(event_row, end_ms, TIME),
    FIELD(event_row, message, TEXT), FIELD(event_row, evidence, TEXT));

/* The one of this id, or the lasting one of this kind and subject. */
static bool
standing(struct sqlite *db, struct event_row *row, bool *stands, struct err *err)
{
	static const struct sql STANDING = {
	    "SELECT number, begin_ms FROM event WHERE id = ?1 "
	    "OR (?4 IS NULL AND kind = ?2 AND subject = ?3 AND end_ms IS NULL)",
	    NULL};
	struct rows rows;

	if (!rows_open(&rows, db, &STANDING, err))
		return false;
	bind_blob(rows.statement, 1, row->id);
	bind_text(rows.statement, 2, row->kind);
	bind_text(rows.statement, 3, row->subject);
	bind_time(rows.statement, 4, row->end_ms);
	*stands = rows_next(&rows, NULL, err);
	if (*stands) {
		row->number = sqlite3_column_int64(rows.statement, 0);
		row->begin_ms = sqlite3_column_int64(rows.statement, 1);
	}
	return rows_end(&rows);
}

bool
sqlite_event_begin(
    struct store *store, struct event_row *row, bool *began, struct err *err)
{
	static const struct sql HIGHEST = {
	    "SELECT coalesce(max(number), 0) + 1 FROM event", NULL};
	static const struct sql INSERT = {"INSERT INTO event (@) VALUES (?@)", &EVENT};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement;
	bool stands;

	*began = false;
	if (!standing(db, row, &stands, err))
		return false;
	if (stands)
		return true;
	if ((statement = sqlite_statement(db, &HIGHEST, err)) == NULL ||
	    !sqlite_integer(db, statement, &row->number, NULL, err) ||
	    (statement = sqlite_writing(db, &INSERT, err)) == NULL)
		return false;
	bind_row(statement, &EVENT, row);
	*began = true;
	return sqlite_run(db, statement, err);
}

bool
sqlite_event_end(struct store *store, struct bytes kind, struct bytes subject,
    int64_t now_ms, struct arena *arena, struct event_row *out, bool *ended,
    struct err *err)
{
	static const struct sql LASTING = {
	    "SELECT @ FROM event WHERE kind = ?1 AND subject = ?2 AND end_ms IS NULL",
	    &EVENT};
	static const struct sql END = {
	    "UPDATE event SET end_ms = ?3 WHERE kind = ?1 AND subject = ?2 "
	    "AND end_ms IS NULL",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement;

	if (out != NULL) {
		if ((statement = sqlite_statement(db, &LASTING, err)) == NULL)
			return false;
		bind_text(statement, 1, kind);
		bind_text(statement, 2, subject);
		if (!sqlite_find(db, statement, &EVENT, arena, out, ended, err))
			return false;
	}
	if ((statement = sqlite_writing(db, &END, err)) == NULL)
		return false;
	bind_text(statement, 1, kind);
	bind_text(statement, 2, subject);
	bind_time(statement, 3, now_ms);
	if (!sqlite_run(db, statement, err))
		return false;
	*ended = sqlite_changed(db) == 1;
	return true;
}

bool
sqlite_event_find(struct store *store, struct bytes id, struct arena *arena,
    struct event_row *out, bool *found, struct err *err)
{
	static const struct sql FIND = {"SELECT @ FROM event WHERE id = ?1", &EVENT};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &FIND, err);

	if (statement == NULL)
		return false;
	bind_blob(statement, 1, id);
	return sqlite_find(db, statement, &EVENT, arena, out, found, err);
}

bool
sqlite_event_each(struct store *store, const struct event_filter *filter,
    store_event_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {"SELECT @ FROM event", &EVENT};
	struct event_row row;
	struct where where;
	struct rows rows;

	where_init(&where);
	if (filter->kind.len != 0)
		where_text(&where, "kind = ?", filter->kind);
	if (filter->subject.len != 0)
		where_text(&where, "subject = ?", filter->subject);
	if (filter->log != 0)
		where_int(&where, "log = ?", filter->log);
	if (filter->severity_at_least != 0)
		where_int(&where, "severity >= ?", filter->severity_at_least);
	if (filter->open_only)
		where_raw(&where, "end_ms IS NULL");
	if (filter->since_ms != 0)
		where_int(&where, "begin_ms >= ?", filter->since_ms);
	where_page(&where, filter->after, filter->newest_first);
	if (!rows_where(&rows, sqlite_of(store), &EACH, &where,
		page_order(filter->newest_first), filter->limit, err))
		return false;
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}
