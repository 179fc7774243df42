#include "store/sqlite/sqlite_priv.h"

#include "base/mem.h"

TABLE(OUTBOX, outbox_row, FIELD(outbox_row, number, INT64),
    FIELD(outbox_row, alert, BLOB), FIELD(outbox_row, sink, TEXT),
    FIELD(outbox_row, kind, TEXT), FIELD(outbox_row, payload, TEXT),
    FIELD(outbox_row, group_key, TEXT), FIELD(outbox_row, created_ms, TIME),
    FIELD(outbox_row, attempts, INT64), FIELD(outbox_row, next_try_ms, INT64),
    FIELD(outbox_row, state, INT32), FIELD(outbox_row, settled_ms, TIME),
    FIELD(outbox_row, last_error, TEXT));

/* --- filling ------------------------------------------------------------------------ */

bool
sqlite_outbox_put(
    struct store *store, struct outbox_row *row, bool *inserted, struct err *err)
{
	static const struct sql HIGHEST = {
	    "SELECT coalesce(max(number), 0) + 1 FROM outbox", NULL};
	static const struct sql STANDING = {
	    "SELECT number FROM outbox WHERE alert = ?1 AND sink = ?2", NULL};
	static const struct sql INSERT = {"INSERT INTO outbox (@) VALUES (?@)", &OUTBOX};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &STANDING, err);
	bool stands;

	*inserted = false;
	if (statement == NULL)
		return false;
	bind_blob(statement, 1, row->alert);
	bind_text(statement, 2, row->sink);
	if (!sqlite_integer(db, statement, &row->number, &stands, err))
		return false;
	if (stands)
		return true;
	if ((statement = sqlite_statement(db, &HIGHEST, err)) == NULL ||
	    !sqlite_integer(db, statement, &row->number, NULL, err) ||
	    (statement = sqlite_writing(db, &INSERT, err)) == NULL)
		return false;
	bind_row(statement, &OUTBOX, row);
	*inserted = true;
	return sqlite_run(db, statement, err);
}

/* --- draining ----------------------------------------------------------------------- */

bool
sqlite_outbox_due(struct store *store, struct bytes sink, int64_t now_ms, size_t limit,
    store_outbox_fn *fn, void *owner, struct err *err)
{
	static const struct sql DUE = {
	    "SELECT @ FROM outbox WHERE sink = ?1 AND state = 0 AND next_try_ms <= ?2 "
	    "ORDER BY next_try_ms, number LIMIT ?3",
	    &OUTBOX};
	struct outbox_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &DUE, err))
		return false;
	bind_text(rows.statement, 1, sink);
	bind_int(rows.statement, 2, now_ms);
	bind_int(rows.statement, 3, (int64_t)limit);
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

bool
sqlite_outbox_next_due(
    struct store *store, struct bytes sink, int64_t *due_ms, struct err *err)
{
	static const struct sql NEXT = {
	    "SELECT next_try_ms FROM outbox WHERE sink = ?1 AND state = 0 "
	    "ORDER BY next_try_ms LIMIT 1",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &NEXT, err);
	bool found;

	if (statement == NULL)
		return false;
	bind_text(statement, 1, sink);
	if (!sqlite_integer(db, statement, due_ms, &found, err))
		return false;
	if (!found)
		*due_ms = STORE_NO_TIME;
	return true;
}

static bool
settle_one(struct sqlite *db, const struct outbox_result *result, struct err *err)
{
	static const struct sql SETTLE = {
	    "UPDATE outbox SET state = ?3, next_try_ms = ?4, attempts = attempts + ?5, "
	    "last_error = ?6, settled_ms = iif(?3 = 0, settled_ms, ?7) "
	    "WHERE alert = ?1 AND sink = ?2",
	    NULL};
	sqlite3_stmt *statement = sqlite_writing(db, &SETTLE, err);

	if (statement == NULL)
		return false;
	bind_blob(statement, 1, result->alert);
	bind_text(statement, 2, result->sink);
	bind_int(statement, 3, result->state);
	bind_int(statement, 4, result->next_try_ms);
	bind_int(statement, 5, result->attempted);
	bind_text(statement, 6, result->error);
	bind_time(statement, 7, result->now_ms);
	return sqlite_run(db, statement, err);
}

static bool
settle_group(struct sqlite *db, const struct outbox_result *result, struct err *err)
{
	static const struct sql GROUPED = {
	    "UPDATE outbox SET state = 3, settled_ms = ?4 "
	    "WHERE sink = ?1 AND state = 4 AND group_key = ?2 AND number <= ?3",
	    NULL};
	struct outbox_row digest = {.alert = result->alert,
	    .sink = result->sink,
	    .kind = bytes_text("digest"),
	    .payload = result->payload,
	    .created_ms = result->now_ms,
	    .next_try_ms = result->now_ms,
	    .state = OUTBOX_WAITING,
	    .settled_ms = STORE_NO_TIME};
	sqlite3_stmt *statement = sqlite_writing(db, &GROUPED, err);
	bool inserted;

	if (statement == NULL)
		return false;
	bind_text(statement, 1, result->sink);
	bind_text(statement, 2, result->group_key);
	bind_int(statement, 3, result->up_to);
	bind_time(statement, 4, result->now_ms);
	return sqlite_run(db, statement, err) &&
	    sqlite_outbox_put(&db->base, &digest, &inserted, err);
}

bool
sqlite_outbox_settle(
    struct store *store, const struct outbox_result *result, struct err *err)
{
	if (result->state == OUTBOX_GROUPED && result->group_key.len != 0)
		return settle_group(sqlite_of(store), result, err);
	return settle_one(sqlite_of(store), result, err);
}

TABLE(GROUP, outbox_group, FIELD(outbox_group, group_key, TEXT),
    FIELD(outbox_group, count, INT64), FIELD(outbox_group, first_ms, TIME),
    FIELD(outbox_group, last_ms, TIME), FIELD(outbox_group, up_to, INT64));

bool
sqlite_outbox_groups(struct store *store, struct bytes sink, int64_t before_ms,
    size_t limit, store_outbox_group_fn *fn, void *owner, struct err *err)
{
	static const struct sql GROUPS = {
	    "SELECT group_key, count(*), min(created_ms), max(created_ms), max(number) "
	    "FROM outbox WHERE sink = ?1 AND state = 4 GROUP BY group_key "
	    "HAVING min(created_ms) <= ?2 ORDER BY min(created_ms), group_key LIMIT ?3",
	    &GROUP};
	struct outbox_group row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &GROUPS, err))
		return false;
	bind_text(rows.statement, 1, sink);
	bind_int(rows.statement, 2, before_ms);
	bind_int(rows.statement, 3, (int64_t)limit);
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

/* --- looking, sending again, pruning --------------------------------------------------
 */

static void
conditions(struct where *where, const struct outbox_filter *filter)
{
	where_init(where);
	if (filter->alert.len != 0)
		where_blob(where, "alert = ?", filter->alert);
	if (filter->sink.len != 0)
		where_text(where, "sink = ?", filter->sink);
	if (filter->group_key.len != 0)
		where_text(where, "group_key = ?", filter->group_key);
	if (filter->state >= 0)
		where_int(where, "state = ?", filter->state);
	where_page(where, filter->after, filter->newest_first);
}

bool
sqlite_outbox_each(struct store *store, const struct outbox_filter *filter,
    store_outbox_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {"SELECT @ FROM outbox", &OUTBOX};
	struct outbox_row row;
	struct where where;
	struct rows rows;

	conditions(&where, filter);
	if (!rows_where(&rows, sqlite_of(store), &EACH, &where,
		page_order(filter->newest_first), filter->limit, err))
		return false;
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

struct numbers {
	int64_t *list;
	size_t count, room;
};

static bool
note_number(void *owner, const struct outbox_row *row)
{
	struct numbers *numbers = owner;

	if (numbers->count == numbers->room) {
		numbers->room = numbers->room * 2 + 64;
		numbers->list =
		    mem_resize(numbers->list, numbers->room, sizeof(*numbers->list));
	}
	numbers->list[numbers->count++] = row->number;
	return true;
}

bool
sqlite_outbox_resend(struct store *store, const struct outbox_filter *filter,
    int64_t now_ms, size_t *count, struct err *err)
{
	static const struct sql AGAIN = {"UPDATE outbox SET state = 0, attempts = 0, "
					 "next_try_ms = ?2, settled_ms = ?2 "
					 "WHERE number = ?1",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	struct numbers numbers = {0};
	bool ok = sqlite_outbox_each(store, filter, note_number, &numbers, err);

	for (size_t i = 0; ok && i < numbers.count; i++) {
		sqlite3_stmt *statement = sqlite_writing(db, &AGAIN, err);

		if ((ok = statement != NULL)) {
			bind_int(statement, 1, numbers.list[i]);
			bind_int(statement, 2, now_ms);
			ok = sqlite_run(db, statement, err);
		}
	}
	*count = numbers.count;
	mem_free(numbers.list);
	return ok;
}

bool
sqlite_outbox_drop(
    struct store *store, const struct outbox_filter *filter, struct err *err)
{
	static const struct sql DROP = {"DELETE FROM outbox WHERE number = ?1", NULL};
	struct sqlite *db = sqlite_of(store);
	struct numbers numbers = {0};
	bool ok = sqlite_outbox_each(store, filter, note_number, &numbers, err);

	for (size_t i = 0; ok && i < numbers.count; i++) {
		sqlite3_stmt *statement = sqlite_writing(db, &DROP, err);

		if ((ok = statement != NULL)) {
			bind_int(statement, 1, numbers.list[i]);
			ok = sqlite_run(db, statement, err);
		}
	}
	mem_free(numbers.list);
	return ok;
}

TABLE(COUNTS, outbox_count, FIELD(outbox_count, sink, TEXT),
    FIELD(outbox_count, state, INT32), FIELD(outbox_count, count, INT64),
    FIELD(outbox_count, oldest_ms, TIME));

bool
sqlite_outbox_counts(
    struct store *store, store_outbox_count_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {
	    "SELECT sink, state, count(*), min(created_ms) FROM outbox "
	    "GROUP BY sink, state ORDER BY sink, state",
	    &COUNTS};
	struct outbox_count row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

bool
sqlite_outbox_prune(struct store *store, int64_t before_ms, size_t limit, size_t *deleted,
    struct err *err)
{
	static const struct sql PRUNE = {
	    "DELETE FROM outbox WHERE number IN (SELECT number FROM outbox "
	    "WHERE state IN (1, 3) AND settled_ms < ?1 LIMIT ?2)",
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
