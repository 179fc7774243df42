#include "store/sqlite/sqlite_priv.h"

TABLE(CA, ca_certificate_row, FIELD(ca_certificate_row, sha256, BLOB),
    FIELD(ca_certificate_row, der, BLOB), FIELD(ca_certificate_row, subject, BLOB),
    FIELD(ca_certificate_row, issuer, BLOB),
    FIELD(ca_certificate_row, spki_sha256, MAYBE),
    FIELD(ca_certificate_row, signed_by_spki, MAYBE),
    FIELD(ca_certificate_row, not_before_s, TIME),
    FIELD(ca_certificate_row, not_after_s, TIME), FIELD(ca_certificate_row, is_ca, BOOL),
    FIELD(ca_certificate_row, first_log, UINT32),
    FIELD(ca_certificate_row, first_index, INT64),
    FIELD(ca_certificate_row, first_seen_ms, TIME));

bool
sqlite_ca_certificate_put(struct store *store, const struct ca_certificate_row *row,
    bool *inserted, struct err *err)
{
	static const struct sql PUT = {
	    "INSERT INTO ca_certificate (@) VALUES (?@) ON CONFLICT (sha256) DO NOTHING",
	    &CA};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &PUT, err);

	if (statement == NULL)
		return false;
	bind_row(statement, &CA, row);
	if (!sqlite_run(db, statement, err))
		return false;
	if (inserted != NULL)
		*inserted = sqlite_changed(db) == 1;
	return true;
}

bool
sqlite_ca_certificate_signed_by(
    struct store *store, struct bytes sha256, struct bytes spki_sha256, struct err *err)
{
	static const struct sql SET = {
	    "UPDATE ca_certificate SET signed_by_spki = ?2 WHERE sha256 = ?1", NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &SET, err);

	if (statement == NULL)
		return false;
	bind_blob(statement, 1, sha256);
	bind_maybe(statement, 2, spki_sha256);
	return sqlite_run(db, statement, err);
}

bool
sqlite_ca_certificate_find(struct store *store, struct bytes sha256, struct arena *arena,
    struct ca_certificate_row *out, bool *found, struct err *err)
{
	static const struct sql FIND = {
	    "SELECT @ FROM ca_certificate WHERE sha256 = ?1", &CA};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &FIND, err);

	if (statement == NULL)
		return false;
	bind_blob(statement, 1, sha256);
	return sqlite_find(db, statement, &CA, arena, out, found, err);
}

bool
sqlite_ca_certificate_each(struct store *store,
    const struct ca_certificate_filter *filter, store_ca_certificate_fn *fn, void *owner,
    struct err *err)
{
	static const struct sql EACH = {"SELECT @ FROM ca_certificate", &CA};
	struct ca_certificate_row row;
	struct where where;
	struct rows rows;

	where_init(&where);
	if (filter->spki_sha256.len != 0)
		where_blob(&where, "spki_sha256 = ?", filter->spki_sha256);
	if (filter->signed_by_spki.len != 0)
		where_blob(&where, "signed_by_spki = ?", filter->signed_by_spki);
	if (filter->subject.len != 0)
		where_blob(&where, "subject = ?", filter->subject);
	if (filter->issuer.len != 0)
		where_blob(&where, "issuer = ?", filter->issuer);
	if (filter->unsigned_only)
		where_raw(&where, "signed_by_spki IS NULL");
	if (!rows_where(
		&rows, sqlite_of(store), &EACH, &where, " ORDER BY number", 0, err))
		return false;
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

/* --- which of them logs accept ------------------------------------------------------ */

TABLE(ROOT, root_row, FIELD(root_row, log, UINT32), FIELD(root_row, sha256, BLOB),
    FIELD(root_row, first_seen_ms, TIME), FIELD(root_row, last_seen_ms, TIME),
    FIELD(root_row, gone_ms, TIME));

bool
sqlite_root_put(struct store *store, const struct root_row *row, struct err *err)
{
	static const struct sql PUT = {
	    "INSERT INTO root (@) VALUES (?@) ON CONFLICT (log, sha256) DO UPDATE SET "
	    "last_seen_ms = excluded.last_seen_ms, gone_ms = excluded.gone_ms",
	    &ROOT};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &PUT, err);

	if (statement == NULL)
		return false;
	bind_row(statement, &ROOT, row);
	return sqlite_run(db, statement, err);
}

bool
sqlite_root_each(
    struct store *store, uint32_t log, store_root_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {
	    "SELECT @ FROM root WHERE ?1 = 0 OR log = ?1 ORDER BY log, sha256", &ROOT};
	struct root_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_int(rows.statement, 1, log);
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}
