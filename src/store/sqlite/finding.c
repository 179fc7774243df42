#include "store/sqlite/sqlite_priv.h"

TABLE(FINDING, finding_row, FIELD(finding_row, number, INT64),
    FIELD(finding_row, id, BLOB), FIELD(finding_row, subject_kind, TEXT),
    FIELD(finding_row, subject, BLOB), FIELD(finding_row, certificate, INT64),
    FIELD(finding_row, issuer, UINT32), FIELD(finding_row, log, UINT32),
    FIELD(finding_row, log_index, INT64), FIELD(finding_row, watch, UINT32),
    FIELD_AS(finding_row, check, "check_id", TEXT), FIELD(finding_row, subrule, TEXT),
    FIELD(finding_row, level, INT32), FIELD(finding_row, time_basis, TEXT),
    FIELD(finding_row, offset, INT64), FIELD(finding_row, length, INT64),
    FIELD(finding_row, message, TEXT), FIELD(finding_row, evidence, TEXT),
    FIELD(finding_row, proof, TEXT), FIELD(finding_row, check_version, INT32),
    FIELD(finding_row, data_version, TEXT), FIELD(finding_row, first_seen_ms, TIME),
    FIELD(finding_row, last_seen_ms, TIME), FIELD(finding_row, state, INT32),
    FIELD(finding_row, closed_ms, TIME), FIELD(finding_row, why, TEXT),
    FIELD(finding_row, alert_generation, INT64), FIELD(finding_row, rescan, INT64));

/* Takes from the row that stands what stays: number, first seen, generation. */
static bool
standing(
    struct sqlite *db, struct finding_row *row, enum finding_put *what, struct err *err)
{
	static const struct sql STANDING = {
	    "SELECT number, state, first_seen_ms, alert_generation FROM finding "
	    "WHERE id = ?1",
	    NULL};
	struct rows rows;

	*what = FINDING_NEW;
	if (!rows_open(&rows, db, &STANDING, err))
		return false;
	bind_blob(rows.statement, 1, row->id);
	if (rows_next(&rows, NULL, err)) {
		*what = sqlite3_column_int(rows.statement, 1) == FINDING_OPEN
		    ? FINDING_UNCHANGED
		    : FINDING_REOPENED;
		row->number = sqlite3_column_int64(rows.statement, 0);
		row->first_seen_ms = sqlite3_column_int64(rows.statement, 2);
		row->alert_generation =
		    sqlite3_column_int64(rows.statement, 3) + (*what == FINDING_REOPENED);
	}
	return rows_end(&rows);
}

bool
sqlite_finding_put(
    struct store *store, struct finding_row *row, enum finding_put *what, struct err *err)
{
	static const struct sql HIGHEST = {
	    "SELECT coalesce(max(number), 0) + 1 FROM finding", NULL};
	static const struct sql INSERT = {
	    "INSERT INTO finding (@) VALUES (?@)", &FINDING};
	/* The proof that stands is no worse for being found again. */
	static const struct sql UPDATE = {
	    "INSERT INTO finding (@) VALUES (?@) ON CONFLICT (id) DO UPDATE SET "
	    "watch = excluded.watch, level = excluded.level, "
	    "time_basis = excluded.time_basis, offset = excluded.offset, "
	    "length = excluded.length, message = excluded.message, "
	    "evidence = excluded.evidence, check_version = excluded.check_version, "
	    "data_version = excluded.data_version, last_seen_ms = excluded.last_seen_ms, "
	    "state = 0, closed_ms = NULL, why = '', "
	    "alert_generation = excluded.alert_generation, "
	    "rescan = max(abs(finding.rescan), excluded.rescan)",
	    &FINDING};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement;

	row->state = FINDING_OPEN;
	row->closed_ms = STORE_NO_TIME;
	row->why = (struct bytes){0};
	if (!standing(db, row, what, err))
		return false;
	if (*what == FINDING_NEW) {
		if ((statement = sqlite_statement(db, &HIGHEST, err)) == NULL ||
		    !sqlite_integer(db, statement, &row->number, NULL, err))
			return false;
		row->alert_generation = 0;
	}
	statement = sqlite_writing(db, *what == FINDING_NEW ? &INSERT : &UPDATE, err);
	if (statement == NULL)
		return false;
	bind_row(statement, &FINDING, row);
	return sqlite_run(db, statement, err);
}

bool
sqlite_finding_close(struct store *store, struct bytes id, struct bytes why,
    int64_t now_ms, bool *closed, struct err *err)
{
	static const struct sql CLOSE = {"UPDATE finding SET state = 1, why = ?2, "
					 "closed_ms = ?3 WHERE id = ?1 AND state = 0",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &CLOSE, err);

	if (statement == NULL)
		return false;
	bind_blob(statement, 1, id);
	bind_text(statement, 2, why);
	bind_time(statement, 3, now_ms);
	if (!sqlite_run(db, statement, err))
		return false;
	*closed = sqlite_changed(db) == 1;
	return true;
}

bool
sqlite_finding_prove(
    struct store *store, struct bytes id, struct bytes proof, struct err *err)
{
	static const struct sql PROVE = {
	    "UPDATE finding SET proof = ?2 WHERE id = ?1", NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &PROVE, err);

	if (statement == NULL)
		return false;
	bind_blob(statement, 1, id);
	bind_text(statement, 2, proof);
	return sqlite_run(db, statement, err);
}

bool
sqlite_finding_mark(struct store *store, struct bytes id, int64_t rescan, struct err *err)
{
	static const struct sql MARK = {
	    "UPDATE finding SET rescan = ?2 WHERE id = ?1", NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &MARK, err);

	if (statement == NULL)
		return false;
	bind_blob(statement, 1, id);
	bind_int(statement, 2, rescan);
	return sqlite_run(db, statement, err);
}

bool
sqlite_finding_find(struct store *store, struct bytes id, struct arena *arena,
    struct finding_row *out, bool *found, struct err *err)
{
	static const struct sql FIND = {"SELECT @ FROM finding WHERE id = ?1", &FINDING};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &FIND, err);

	if (statement == NULL)
		return false;
	bind_blob(statement, 1, id);
	return sqlite_find(db, statement, &FINDING, arena, out, found, err);
}

static void
conditions(struct where *where, const struct finding_filter *filter)
{
	where_init(where);
	if (filter->check.len != 0)
		where_text(where, "check_id = ?", filter->check);
	if (filter->subrule.len != 0)
		where_text(where, "subrule = ?", filter->subrule);
	if (filter->level_at_least != 0)
		where_int(where, "level >= ?", filter->level_at_least);
	if (filter->state >= 0)
		where_int(where, "state = ?", filter->state);
	if (filter->subject.len != 0)
		where_blob(where, "subject = ?", filter->subject);
	if (filter->certificate != 0)
		where_int(
		    where, "certificate != 0 AND certificate = ?", filter->certificate);
	if (filter->issuer != 0)
		where_int(where, "issuer != 0 AND issuer = ?", filter->issuer);
	if (filter->log != 0)
		where_int(where, "log != 0 AND log = ?", filter->log);
	if (filter->watch != 0)
		where_int(where, "watch != 0 AND watch = ?", filter->watch);
	if (filter->index_end != 0)
		where_pair(where, "log != 0 AND log_index >= ? AND log_index < ?",
		    (int64_t)filter->index_first, (int64_t)filter->index_end);
	if (filter->since_ms != 0)
		where_int(where, "first_seen_ms >= ?", filter->since_ms);
	if (filter->check_version_below != 0)
		where_int(where, "check_version < ?", filter->check_version_below);
	if (filter->rescan != 0)
		where_int(where,
		    filter->rescan < 0 ? "rescan < 0 AND rescan = ?" : "rescan = ?",
		    filter->rescan);
	if (filter->without_proof)
		where_raw(where, "log != 0 AND proof = '' AND state = 0");
}

bool
sqlite_finding_each(struct store *store, const struct finding_filter *filter,
    store_finding_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {"SELECT @ FROM finding", &FINDING};
	struct finding_row row;
	struct where where;
	struct rows rows;

	conditions(&where, filter);
	where_page(&where, filter->after, filter->newest_first);
	if (!rows_where(&rows, sqlite_of(store), &EACH, &where,
		page_order(filter->newest_first), filter->limit, err))
		return false;
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

bool
sqlite_finding_count(struct store *store, const struct finding_filter *filter,
    int64_t *count, struct err *err)
{
	static const struct sql COUNT = {"SELECT count(*) FROM finding", NULL};
	struct where where;
	struct rows rows;

	conditions(&where, filter);
	if (!rows_where(&rows, sqlite_of(store), &COUNT, &where, "", 0, err))
		return false;
	*count =
	    rows_next(&rows, NULL, err) ? sqlite3_column_int64(rows.statement, 0) : 0;
	return rows_end(&rows);
}
