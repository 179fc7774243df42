#include "store/sqlite/sqlite_priv.h"

TABLE(EXHIBIT, exhibit_row, FIELD(exhibit_row, about, BLOB),
    FIELD(exhibit_row, name, TEXT), FIELD(exhibit_row, body, BLOB));

bool
sqlite_exhibit_put(struct store *store, const struct exhibit_row *row, struct err *err)
{
	static const struct sql PUT = {
	    "INSERT INTO exhibit (@) VALUES (?@) ON CONFLICT (about, name) "
	    "DO UPDATE SET body = excluded.body",
	    &EXHIBIT};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &PUT, err);

	if (statement == NULL)
		return false;
	bind_row(statement, &EXHIBIT, row);
	return sqlite_run(db, statement, err);
}

bool
sqlite_exhibit_each(struct store *store, struct bytes about, store_exhibit_fn *fn,
    void *owner, struct err *err)
{
	static const struct sql EACH = {
	    "SELECT @ FROM exhibit WHERE about = ?1 ORDER BY name", &EXHIBIT};
	struct exhibit_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_blob(rows.statement, 1, about);
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

/* --- what is owed ------------------------------------------------------------------- */

TABLE(OWED, owed_row, FIELD(owed_row, log, UINT32), FIELD(owed_row, kind, INT32),
    FIELD(owed_row, leaf_hash, BLOB), FIELD(owed_row, position, INT64),
    FIELD(owed_row, timestamp_ms, TIME), FIELD(owed_row, due_ms, TIME),
    FIELD(owed_row, kept_ms, TIME), FIELD(owed_row, tries, INT64),
    FIELD(owed_row, certificate, INT64), FIELD(owed_row, leaf, BLOB),
    FIELD(owed_row, against, MAYBE), FIELD(owed_row, note, TEXT),
    FIELD(owed_row, number, INT64));

/* Numbers only rise, and a retry takes a new one: so those far behind the newest
 * are the ones that nobody could ask for. */
static bool
drop_oldest(struct sqlite *db, int64_t newest, struct err *err)
{
	static const struct sql DROP = {"DELETE FROM owed WHERE number <= ?1", NULL};
	sqlite3_stmt *statement = sqlite_writing(db, &DROP, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, newest - STORE_OWED_MAX);
	return sqlite_run(db, statement, err);
}

bool
sqlite_owed_put(
    struct store *store, const struct owed_row *row, bool *inserted, struct err *err)
{
	static const struct sql NEXT = {
	    "SELECT coalesce(max(number), 0) + 1 FROM owed", NULL};
	static const struct sql PUT = {
	    "INSERT INTO owed (@) VALUES (?@) "
	    "ON CONFLICT (log, leaf_hash, kind, position) DO NOTHING",
	    &OWED};
	struct sqlite *db = sqlite_of(store);
	struct owed_row fresh = *row;
	sqlite3_stmt *statement = sqlite_statement(db, &NEXT, err);

	*inserted = false;
	if (statement == NULL ||
	    !sqlite_integer(db, statement, &fresh.number, NULL, err) ||
	    (statement = sqlite_writing(db, &PUT, err)) == NULL)
		return false;
	bind_row(statement, &OWED, &fresh);
	if (!sqlite_run(db, statement, err))
		return false;
	*inserted = sqlite_changed(db) == 1;
	return !*inserted || drop_oldest(db, fresh.number, err);
}

bool
sqlite_owed_delete(struct store *store, int64_t number, struct err *err)
{
	static const struct sql DELETE = {"DELETE FROM owed WHERE number = ?1", NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &DELETE, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, number);
	return sqlite_run(db, statement, err);
}

bool
sqlite_owed_retry(
    struct store *store, int64_t number, int64_t due_ms, bool counted, struct err *err)
{
	static const struct sql RETRY = {
	    "UPDATE owed SET number = (SELECT max(number) + 1 FROM owed), "
	    "tries = tries + ?3, due_ms = ?2 WHERE number = ?1",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &RETRY, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, number);
	bind_time(statement, 2, due_ms);
	bind_int(statement, 3, counted);
	return sqlite_run(db, statement, err);
}

bool
sqlite_owed_cut(struct store *store, uint32_t log, int kind, uint64_t start, uint64_t end,
    struct err *err)
{
	static const struct sql CUT = {
	    "DELETE FROM owed WHERE log = ?1 AND kind > ?2 AND position >= ?3 "
	    "AND position < ?4",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &CUT, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, log);
	bind_int(statement, 2, kind);
	bind_index(statement, 3, start);
	bind_index(statement, 4, end);
	return sqlite_run(db, statement, err);
}

bool
sqlite_owed_find(struct store *store, const struct owed_filter *filter,
    struct arena *arena, struct owed_row *out, bool *found, struct err *err)
{
	static const struct sql FIND = {
	    "SELECT @ FROM owed WHERE log = ?1 AND due_ms <= ?2 AND kind >= ?3 "
	    "AND kind <= ?4 AND (?5 < 0 OR position < ?5) ORDER BY due_ms LIMIT 1",
	    &OWED};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &FIND, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, filter->log);
	bind_int(statement, 2, filter->due_ms);
	bind_int(statement, 3, filter->kind_first);
	bind_int(statement, 4, filter->kind_last);
	bind_int(statement, 5, filter->position_end);
	return sqlite_find(db, statement, &OWED, arena, out, found, err);
}
