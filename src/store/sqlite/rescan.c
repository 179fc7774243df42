#include "store/sqlite/sqlite_priv.h"

TABLE(RESCAN, rescan_row, FIELD(rescan_row, number, INT64),
    FIELD(rescan_row, cause, TEXT), FIELD(rescan_row, phase, INT32),
    FIELD(rescan_row, checks, TEXT), FIELD(rescan_row, ca, TEXT),
    FIELD(rescan_row, domain, TEXT), FIELD(rescan_row, from_s, TIME),
    FIELD(rescan_row, until_s, TIME), FIELD(rescan_row, after, INT64),
    FIELD(rescan_row, last, INT64), FIELD(rescan_row, judged, INT64),
    FIELD(rescan_row, passed_over, INT64), FIELD(rescan_row, first_nb_s, TIME),
    FIELD(rescan_row, last_nb_s, TIME), FIELD(rescan_row, started_ms, TIME),
    FIELD(rescan_row, ended_ms, TIME), FIELD(rescan_row, busy_ms, INT64),
    FIELD(rescan_row, judged_by, TEXT), FIELD(rescan_row, after_name, TEXT));

TABLE(DELTA, rescan_delta_row, FIELD(rescan_delta_row, rescan, INT64),
    FIELD_AS(rescan_delta_row, check, "check_id", TEXT),
    FIELD(rescan_delta_row, fresh, INT64), FIELD(rescan_delta_row, gone, INT64),
    FIELD(rescan_delta_row, unchanged, INT64));

bool
sqlite_rescan_put(struct store *store, struct rescan_row *row, struct err *err)
{
	static const struct sql HIGHEST = {
	    "SELECT coalesce(max(number), 0) + 1 FROM rescan", NULL};
	static const struct sql PUT = {"INSERT INTO rescan (@) VALUES (?@) ON CONFLICT "
				       "(number) DO UPDATE SET =@",
	    &RESCAN};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement;

	if (row->number == 0 &&
	    ((statement = sqlite_statement(db, &HIGHEST, err)) == NULL ||
		!sqlite_integer(db, statement, &row->number, NULL, err)))
		return false;
	if ((statement = sqlite_writing(db, &PUT, err)) == NULL)
		return false;
	bind_row(statement, &RESCAN, row);
	return sqlite_run(db, statement, err);
}

bool
sqlite_rescan_each(
    struct store *store, size_t limit, store_rescan_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {
	    "SELECT @ FROM rescan ORDER BY number DESC LIMIT ?1", &RESCAN};
	struct rescan_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_int(rows.statement, 1, limit == 0 ? -1 : (int64_t)limit);
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

bool
sqlite_rescan_count(
    struct store *store, const struct rescan_delta_row *row, struct err *err)
{
	static const struct sql COUNT = {
	    "INSERT INTO rescan_delta (@) VALUES (?@) ON CONFLICT (rescan, check_id) "
	    "DO UPDATE SET fresh = fresh + excluded.fresh, "
	    "gone = gone + excluded.gone, "
	    "unchanged = unchanged + excluded.unchanged",
	    &DELTA};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &COUNT, err);

	if (statement == NULL)
		return false;
	bind_row(statement, &DELTA, row);
	return sqlite_run(db, statement, err);
}

bool
sqlite_rescan_delta_each(struct store *store, int64_t rescan, store_rescan_delta_fn *fn,
    void *owner, struct err *err)
{
	static const struct sql EACH = {
	    "SELECT @ FROM rescan_delta WHERE rescan = ?1 ORDER BY check_id", &DELTA};
	struct rescan_delta_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_int(rows.statement, 1, rescan);
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}
