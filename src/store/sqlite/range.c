#include "store/sqlite/sqlite_priv.h"

/* --- ranges ----------------------------------------------------------------------- */

#define RANGE_ID_BITS 20 /* a log's ranges are numbered within it */

TABLE(RANGE, range_row, FIELD(range_row, id, INT64), FIELD(range_row, log, UINT32),
    FIELD(range_row, purpose, INT32), FIELD(range_row, start, INT64),
    FIELD(range_row, verified, INT64), FIELD(range_row, next, INT64),
    FIELD_AS(range_row, end, "until", INT64), FIELD(range_row, frontier_verified, BLOB),
    FIELD(range_row, frontier_next, BLOB), FIELD(range_row, reread_until, INT64),
    FIELD(range_row, generation, INT64), FIELD(range_row, stopped, TEXT),
    FIELD(range_row, complete, BOOL), FIELD(range_row, created_ms, TIME),
    FIELD(range_row, advanced_ms, TIME));

static bool
new_id(struct sqlite *db, uint32_t log, int64_t *id, struct err *err)
{
	static const struct sql HIGHEST = {
	    "SELECT coalesce(max(id), ?1) + 1 FROM range WHERE id BETWEEN ?1 AND ?2",
	    NULL};
	sqlite3_stmt *statement = sqlite_statement(db, &HIGHEST, err);
	int64_t first = (int64_t)log << RANGE_ID_BITS;

	if (statement == NULL)
		return false;
	bind_int(statement, 1, first);
	bind_int(statement, 2, first + (1 << RANGE_ID_BITS) - 2);
	return sqlite_integer(db, statement, id, NULL, err);
}

bool
sqlite_range_put(struct store *store, struct range_row *row, struct err *err)
{
	static const struct sql PUT = {"REPLACE INTO range (@) VALUES (?@)", &RANGE};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement;

	if (row->id == 0 && !new_id(db, row->log, &row->id, err))
		return false;
	if ((statement = sqlite_writing(db, &PUT, err)) == NULL)
		return false;
	bind_row(statement, &RANGE, row);
	return sqlite_run(db, statement, err);
}

bool
sqlite_range_delete(struct store *store, int64_t id, struct err *err)
{
	static const struct sql DELETE = {"DELETE FROM range WHERE id = ?1", NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &DELETE, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, id);
	return sqlite_run(db, statement, err);
}

bool
sqlite_range_each(
    struct store *store, uint32_t log, store_range_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {"SELECT @ FROM range WHERE ?1 = 0 OR log = ?1 "
					"ORDER BY log, start, id",
	    &RANGE};
	struct range_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_int(rows.statement, 1, log);
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

bool
sqlite_range_advance(
    struct store *store, const struct range_step *step, bool *moved, struct err *err)
{
	static const struct sql ADVANCE = {
	    "UPDATE range SET next = ?3, frontier_next = ?4, generation = ?5, "
	    "advanced_ms = ?6, complete = (until != 0 AND ?3 >= until) "
	    "WHERE id = ?1 AND next = ?2",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &ADVANCE, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, step->id);
	bind_index(statement, 2, step->expected);
	bind_index(statement, 3, step->next);
	bind_blob(statement, 4, step->frontier);
	bind_int(statement, 5, step->generation);
	bind_time(statement, 6, step->now_ms);
	if (!sqlite_run(db, statement, err))
		return false;
	*moved = sqlite_changed(db) == 1;
	return true;
}

bool
sqlite_range_prove(struct store *store, int64_t id, uint64_t verified,
    struct bytes frontier, bool *moved, struct err *err)
{
	static const struct sql PROVE = {
	    "UPDATE range SET verified = ?2, frontier_verified = ?3 "
	    "WHERE id = ?1 AND verified < ?2 AND next >= ?2",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &PROVE, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, id);
	bind_index(statement, 2, verified);
	bind_blob(statement, 3, frontier);
	if (!sqlite_run(db, statement, err))
		return false;
	*moved = sqlite_changed(db) == 1;
	return true;
}

/* --- entries ---------------------------------------------------------------------- */

TABLE(ENTRY, entry_row, FIELD(entry_row, log, UINT32),
    FIELD_AS(entry_row, index, "position", INT64), FIELD(entry_row, state, INT32),
    FIELD(entry_row, tile, BOOL), FIELD(entry_row, reason, TEXT),
    FIELD(entry_row, waits_for, MAYBE), FIELD(entry_row, timestamp_ms, TIME),
    FIELD(entry_row, kept_ms, TIME), FIELD(entry_row, tries, INT64),
    FIELD(entry_row, next_try_ms, TIME), FIELD(entry_row, leaf, BLOB),
    FIELD(entry_row, extra, BLOB));

bool
sqlite_entry_put(struct store *store, const struct entry_row *row, struct err *err)
{
	static const struct sql PUT = {"INSERT INTO entry (@) VALUES (?@) "
				       "ON CONFLICT (log, position) DO UPDATE SET =@",
	    &ENTRY};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &PUT, err);

	if (statement == NULL)
		return false;
	bind_row(statement, &ENTRY, row);
	return sqlite_run(db, statement, err);
}

bool
sqlite_entry_find(struct store *store, uint32_t log, uint64_t index, struct arena *arena,
    struct entry_row *out, bool *found, struct err *err)
{
	static const struct sql FIND = {
	    "SELECT @ FROM entry WHERE log = ?1 AND position = ?2", &ENTRY};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &FIND, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, log);
	bind_index(statement, 2, index);
	return sqlite_find(db, statement, &ENTRY, arena, out, found, err);
}

bool
sqlite_entry_delete(struct store *store, uint32_t log, uint64_t index, struct err *err)
{
	static const struct sql DELETE = {
	    "DELETE FROM entry WHERE log = ?1 AND position = ?2", NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &DELETE, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, log);
	bind_index(statement, 2, index);
	return sqlite_run(db, statement, err);
}

bool
sqlite_entry_each(struct store *store, const struct entry_filter *filter,
    store_entry_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {"SELECT @ FROM entry", &ENTRY};
	struct entry_row row;
	struct where where;
	struct rows rows;

	where_init(&where);
	if (filter->log != 0)
		where_int(&where, "log = ?", filter->log);
	if (filter->state >= 0)
		where_int(&where, "state = ?", filter->state);
	if (filter->waits_for.len != 0)
		where_blob(&where, "waits_for = ?", filter->waits_for);
	if (filter->due_ms != 0)
		where_int(&where, "ifnull(next_try_ms, 0) <= ?", filter->due_ms);
	if (filter->started)
		where_pair(&where, "(log, position) > (?, ?)", filter->after_log,
		    (int64_t)filter->after_index);
	if (!rows_where(&rows, sqlite_of(store), &EACH, &where, " ORDER BY log, position",
		filter->limit, err))
		return false;
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

TABLE(COUNTS, entry_count, FIELD(entry_count, log, UINT32),
    FIELD(entry_count, state, INT32), FIELD(entry_count, count, INT64));

bool
sqlite_entry_counts(
    struct store *store, store_entry_count_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {"SELECT log, state, count(*) FROM entry "
					"GROUP BY log, state ORDER BY log, state",
	    &COUNTS};
	struct entry_count row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}
