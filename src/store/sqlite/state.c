#include "store/sqlite/sqlite_priv.h"

TABLE(STATE, state_row, FIELD(state_row, check_id, TEXT), FIELD(state_row, key, BLOB),
    FIELD(state_row, bucket, INT64), FIELD(state_row, value, BLOB));

static void
bind_place(
    sqlite3_stmt *statement, struct bytes check_id, struct bytes key, int64_t bucket)
{
	bind_text(statement, 1, check_id);
	bind_blob(statement, 2, key);
	bind_int(statement, 3, bucket);
}

bool
sqlite_state_get(struct store *store, struct bytes check_id, struct bytes key,
    int64_t bucket, struct arena *arena, struct bytes *value, bool *found,
    struct err *err)
{
	static const struct sql GET = {"SELECT @ FROM check_state WHERE check_id = ?1 "
				       "AND key = ?2 AND bucket = ?3",
	    &STATE};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &GET, err);
	struct state_row row = {0};

	if (statement == NULL)
		return false;
	bind_place(statement, check_id, key, bucket);
	if (!sqlite_find(db, statement, &STATE, arena, &row, found, err))
		return false;
	*value = *found ? row.value : bytes_of(NULL, 0);
	return true;
}

bool
sqlite_state_put(struct store *store, const struct state_row *row, struct err *err)
{
	static const struct sql PUT = {"INSERT INTO check_state (@) VALUES (?@) "
				       "ON CONFLICT (check_id, key, bucket) DO UPDATE "
				       "SET value = excluded.value",
	    &STATE};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement;

	if (row->key.len > STATE_KEY_MAX || row->value.len > STATE_VALUE_MAX)
		return sqlite_refuse(db, err, ERR_LIMIT,
		    "a check's state: key of %zu, value of %zu bytes", row->key.len,
		    row->value.len);
	if ((statement = sqlite_writing(db, &PUT, err)) == NULL)
		return false;
	bind_row(statement, &STATE, row);
	return sqlite_run(db, statement, err);
}

bool
sqlite_state_delete(struct store *store, struct bytes check_id, struct bytes key,
    int64_t bucket, struct err *err)
{
	static const struct sql DELETE = {"DELETE FROM check_state WHERE check_id = ?1 "
					  "AND key = ?2 AND bucket = ?3",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &DELETE, err);

	if (statement == NULL)
		return false;
	bind_place(statement, check_id, key, bucket);
	return sqlite_run(db, statement, err);
}

bool
sqlite_state_each(struct store *store, struct bytes check_id, struct bytes key,
    int64_t first, int64_t last, store_state_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {
	    "SELECT @ FROM check_state WHERE check_id = ?1 AND key = ?2 "
	    "AND bucket BETWEEN ?3 AND ?4 ORDER BY bucket",
	    &STATE};
	struct state_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_place(rows.statement, check_id, key, first);
	bind_int(rows.statement, 4, last);
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

bool
sqlite_state_forget(struct store *store, struct bytes check_id, size_t limit,
    size_t *deleted, struct err *err)
{
	static const struct sql FORGET = {
	    "DELETE FROM check_state WHERE check_id = ?1 AND (key, bucket) IN "
	    "(SELECT key, bucket FROM check_state WHERE check_id = ?1 LIMIT ?2)",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &FORGET, err);

	if (statement == NULL)
		return false;
	bind_text(statement, 1, check_id);
	bind_int(statement, 2, (int64_t)limit);
	if (!sqlite_run(db, statement, err))
		return false;
	*deleted = (size_t)sqlite_changed(db);
	return true;
}

/* --- what is to be looked at again ----------------------------------------------------
 */

TABLE(DUE, due_row, FIELD(due_row, due_ms, INT64), FIELD(due_row, certificate, INT64),
    FIELD(due_row, check_id, TEXT));

static bool
run_due(
    struct sqlite *db, const struct sql *sql, const struct due_row *row, struct err *err)
{
	sqlite3_stmt *statement = sqlite_writing(db, sql, err);

	if (statement == NULL)
		return false;
	bind_row(statement, &DUE, row);
	return sqlite_run(db, statement, err);
}

bool
sqlite_due_put(struct store *store, const struct due_row *row, struct err *err)
{
	static const struct sql PUT = {
	    "INSERT INTO check_due (@) VALUES (?@) ON CONFLICT DO NOTHING", &DUE};

	return run_due(sqlite_of(store), &PUT, row, err);
}

bool
sqlite_due_delete(struct store *store, const struct due_row *row, struct err *err)
{
	static const struct sql DELETE = {
	    "DELETE FROM check_due WHERE due_ms = ?1 AND certificate = ?2 "
	    "AND check_id = ?3",
	    NULL};

	return run_due(sqlite_of(store), &DELETE, row, err);
}

bool
sqlite_due_each(struct store *store, int64_t now_ms, size_t limit, store_due_fn *fn,
    void *owner, struct err *err)
{
	static const struct sql EACH = {"SELECT @ FROM check_due WHERE due_ms <= ?1 "
					"ORDER BY due_ms, certificate, check_id LIMIT ?2",
	    &DUE};
	struct due_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_int(rows.statement, 1, now_ms);
	bind_int(rows.statement, 2, (int64_t)limit);
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}
