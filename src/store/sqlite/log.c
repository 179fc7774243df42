#include "store/sqlite/sqlite_priv.h"

/* --- logs ----------------------------------------------------------------------- */

TABLE(LOG, log_row, FIELD(log_row, number, UINT32), FIELD(log_row, log_id, BLOB),
    FIELD(log_row, spki, BLOB), FIELD(log_row, name, TEXT),
    FIELD(log_row, operator, TEXT), FIELD(log_row, url, TEXT),
    FIELD(log_row, monitoring_url, TEXT), FIELD(log_row, kind, TEXT),
    FIELD(log_row, state, TEXT), FIELD(log_row, state_since_ms, TIME),
    FIELD(log_row, interval_start_ms, TIME), FIELD(log_row, interval_end_ms, TIME),
    FIELD(log_row, mmd_s, INT64), FIELD(log_row, sources, TEXT),
    FIELD(log_row, first_seen_ms, TIME));

/* Number and first_seen_ms of a log that stands. */
static bool
log_known(struct sqlite *db, struct log_row *row, bool *known, struct err *err)
{
	static const struct sql KNOWN = {
	    "SELECT number, first_seen_ms FROM log WHERE log_id = ?1", NULL};
	struct rows rows;

	if (!rows_open(&rows, db, &KNOWN, err))
		return false;
	bind_blob(rows.statement, 1, row->log_id);
	*known = rows_next(&rows, NULL, err);
	if (*known) {
		row->number = (uint32_t)sqlite3_column_int64(rows.statement, 0);
		row->first_seen_ms = sqlite3_column_int64(rows.statement, 1);
	}
	return rows_end(&rows);
}

bool
sqlite_log_put(struct store *store, struct log_row *row, struct err *err)
{
	static const struct sql HIGHEST = {
	    "SELECT coalesce(max(number), 0) + 1 FROM log", NULL};
	static const struct sql PUT = {
	    "INSERT INTO log (@) VALUES (?@) ON CONFLICT (log_id) DO UPDATE SET =@",
	    &LOG};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement;
	int64_t number;
	bool known;

	if (!log_known(db, row, &known, err))
		return false;
	if (!known && row->number == 0) {
		if ((statement = sqlite_statement(db, &HIGHEST, err)) == NULL ||
		    !sqlite_integer(db, statement, &number, NULL, err))
			return false;
		row->number = (uint32_t)number;
	}
	if ((statement = sqlite_writing(db, &PUT, err)) == NULL)
		return false;
	bind_row(statement, &LOG, row);
	return sqlite_run(db, statement, err);
}

bool
sqlite_log_find(struct store *store, struct bytes log_id, struct arena *arena,
    struct log_row *out, bool *found, struct err *err)
{
	static const struct sql FIND = {"SELECT @ FROM log WHERE log_id = ?1", &LOG};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &FIND, err);

	if (statement == NULL)
		return false;
	bind_blob(statement, 1, log_id);
	return sqlite_find(db, statement, &LOG, arena, out, found, err);
}

bool
sqlite_log_each(struct store *store, store_log_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {"SELECT @ FROM log ORDER BY number", &LOG};
	struct log_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

/* --- tree heads ------------------------------------------------------------------ */

TABLE(HEAD, tree_head_row, FIELD(tree_head_row, log, UINT32),
    FIELD(tree_head_row, size, INT64), FIELD(tree_head_row, root, BLOB),
    FIELD(tree_head_row, first_timestamp_ms, TIME),
    FIELD(tree_head_row, last_timestamp_ms, TIME), FIELD(tree_head_row, first_raw, BLOB),
    FIELD(tree_head_row, last_raw, BLOB), FIELD(tree_head_row, first_fetched_ms, TIME),
    FIELD(tree_head_row, last_fetched_ms, TIME), FIELD(tree_head_row, verified, BOOL),
    FIELD(tree_head_row, consistent, BOOL));

/* How the row of the same (log, size, root) is verified; found: false, none. */
static bool
head_verified(struct sqlite *db, const struct tree_head_row *row, bool *verified,
    bool *found, struct err *err)
{
	static const struct sql VERIFIED = {
	    "SELECT verified FROM tree_head WHERE log = ?1 AND size = ?2 AND root = ?3",
	    NULL};
	sqlite3_stmt *statement = sqlite_statement(db, &VERIFIED, err);
	int64_t value;

	if (statement == NULL)
		return false;
	bind_int(statement, 1, row->log);
	bind_index(statement, 2, row->size);
	bind_blob(statement, 3, row->root);
	if (!sqlite_integer(db, statement, &value, found, err))
		return false;
	*verified = value != 0;
	return true;
}

bool
sqlite_tree_head_put(
    struct store *store, const struct tree_head_row *row, struct err *err)
{
	static const struct sql REPLACE = {
	    "REPLACE INTO tree_head (@) VALUES (?@)", &HEAD};
	static const struct sql WIDEN = {
	    "INSERT INTO tree_head (@) VALUES (?@) ON CONFLICT (log, size, root) DO "
	    "UPDATE SET "
	    "first_raw = iif(excluded.first_timestamp_ms < first_timestamp_ms,"
	    " excluded.first_raw, first_raw),"
	    "last_raw = iif(excluded.last_timestamp_ms > last_timestamp_ms,"
	    " excluded.last_raw, last_raw),"
	    "first_timestamp_ms = min(first_timestamp_ms, excluded.first_timestamp_ms),"
	    "last_timestamp_ms = max(last_timestamp_ms, excluded.last_timestamp_ms),"
	    "first_fetched_ms = min(first_fetched_ms, excluded.first_fetched_ms),"
	    "last_fetched_ms = max(last_fetched_ms, excluded.last_fetched_ms),"
	    "consistent = consistent | excluded.consistent",
	    &HEAD};
	struct sqlite *db = sqlite_of(store);
	struct tree_head_row head = *row;
	sqlite3_stmt *statement;
	bool verified, found;

	head.last_timestamp_ms = head.first_timestamp_ms;
	head.last_fetched_ms = head.first_fetched_ms;
	head.last_raw = head.first_raw;
	if (!head_verified(db, row, &verified, &found, err))
		return false;
	if (found && verified && !row->verified)
		return true;
	statement = sqlite_writing(
	    db, found && !verified && row->verified ? &REPLACE : &WIDEN, err);
	if (statement == NULL)
		return false;
	bind_row(statement, &HEAD, &head);
	return sqlite_run(db, statement, err);
}

bool
sqlite_tree_head_newest(struct store *store, uint32_t log, struct arena *arena,
    struct tree_head_row *out, bool *found, struct err *err)
{
	static const struct sql NEWEST = {
	    "SELECT @ FROM tree_head WHERE log = ?1 AND verified AND consistent "
	    "ORDER BY size DESC, last_timestamp_ms DESC LIMIT 1",
	    &HEAD};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &NEWEST, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, log);
	return sqlite_find(db, statement, &HEAD, arena, out, found, err);
}

bool
sqlite_tree_head_each(struct store *store, uint32_t log, uint64_t first, uint64_t last,
    size_t limit, store_tree_head_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {
	    "SELECT @ FROM tree_head WHERE log = ?1 AND size BETWEEN ?2 AND ?3 "
	    "ORDER BY size, root LIMIT ?4",
	    &HEAD};
	struct tree_head_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_int(rows.statement, 1, log);
	bind_index(rows.statement, 2, first);
	bind_index(rows.statement, 3, last);
	bind_int(rows.statement, 4, limit == 0 ? -1 : (int64_t)limit);
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

bool
sqlite_tree_head_prune(struct store *store, int64_t before_ms, size_t limit,
    size_t *deleted, struct err *err)
{
	static const struct sql PRUNE = {
	    "DELETE FROM tree_head WHERE (log, size, root) IN ("
	    "SELECT log, size, root FROM tree_head AS t "
	    "WHERE last_fetched_ms < ?1 AND verified AND consistent "
	    "AND size < (SELECT max(size) FROM tree_head AS m WHERE m.log = t.log) "
	    "AND NOT EXISTS (SELECT 1 FROM tree_head AS s "
	    "WHERE s.log = t.log AND s.size = t.size AND s.root != t.root) LIMIT ?2)",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &PRUNE, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, before_ms);
	bind_int(statement, 2, (int64_t)limit);
	if (!sqlite_run(db, statement, err))
		return false;
	*deleted = (size_t)sqlite_changed(db);
	return true;
}
