#include "store/sqlite/sqlite_priv.h"

TABLE(LISTING, listing_row, FIELD(listing_row, list, TEXT),
    FIELD(listing_row, log_id, BLOB), FIELD(listing_row, description, TEXT),
    FIELD(listing_row, operator, TEXT), FIELD(listing_row, url, TEXT),
    FIELD(listing_row, monitoring_url, TEXT), FIELD(listing_row, state, TEXT),
    FIELD(listing_row, state_since_ms, TIME), FIELD(listing_row, first_seen_ms, TIME));

bool
sqlite_listing_put(struct store *store, const struct listing_row *row, struct err *err)
{
	static const struct sql PUT = {
	    "INSERT INTO listing (@) VALUES (?@) ON CONFLICT (list, log_id) DO UPDATE "
	    "SET description = excluded.description, operator = excluded.operator, "
	    "url = excluded.url, monitoring_url = excluded.monitoring_url, "
	    "state = excluded.state, state_since_ms = excluded.state_since_ms",
	    &LISTING};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &PUT, err);

	if (statement == NULL)
		return false;
	bind_row(statement, &LISTING, row);
	return sqlite_run(db, statement, err);
}

bool
sqlite_listing_delete(
    struct store *store, struct bytes list, struct bytes log_id, struct err *err)
{
	static const struct sql DELETE = {
	    "DELETE FROM listing WHERE list = ?1 AND log_id = ?2", NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &DELETE, err);

	if (statement == NULL)
		return false;
	bind_text(statement, 1, list);
	bind_blob(statement, 2, log_id);
	return sqlite_run(db, statement, err);
}

bool
sqlite_listing_each(struct store *store, struct bytes list, store_listing_fn *fn,
    void *owner, struct err *err)
{
	static const struct sql EACH = {
	    "SELECT @ FROM listing WHERE list = ?1", &LISTING};
	struct listing_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_text(rows.statement, 1, list);
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}
