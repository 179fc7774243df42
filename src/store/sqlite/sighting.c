#include "store/sqlite/sqlite_priv.h"

#define EXTENSIONS_OF_INDEX 1 /* as the log's index says, see below */

/* --- how a row stands in the table ------------------------------------------------ */

enum { PLACE = 1, FORM, CERTIFICATE, TIMESTAMP, TYPE, EXTENSIONS, TBS };

#define COLUMNS "place, form, certificate, timestamp_ms, entry_type, extensions, leaf_tbs"

/* static-ct-api: the leaf_index extension, type 0, a vector of 5 bytes. */
static void
index_extension(uint64_t index, uint8_t out[8])
{
	put_be64(out, index);
	memcpy(out, "\0\0\5", 3);
}

static void
bind_sighting(sqlite3_stmt *statement, int64_t place, const struct sighting_row *row,
    uint8_t derived[8])
{
	bind_int(statement, PLACE, place);
	bind_int(statement, FORM, row->form);
	bind_time(statement, CERTIFICATE,
	    row->certificate == row->form ? STORE_NO_TIME : row->certificate);
	bind_time(statement, TIMESTAMP, row->timestamp_ms);
	bind_int(statement, TYPE, row->entry_type);
	index_extension(row->index, derived);
	if (bytes_equal(row->extensions, bytes_of(derived, 8)))
		bind_int(statement, EXTENSIONS, EXTENSIONS_OF_INDEX);
	else
		bind_maybe(statement, EXTENSIONS, row->extensions);
	bind_maybe(statement, TBS, row->leaf_tbs);
}

/* derived lives as long as row. */
static void
column_sighting(sqlite3_stmt *statement, struct sighting_row *row, uint8_t derived[8])
{
	int64_t place = sqlite3_column_int64(statement, PLACE - 1);

	*row =
	    (struct sighting_row){.log = place_log(place), .index = place_index(place)};
	row->form = sqlite3_column_int64(statement, FORM - 1);
	row->certificate = sqlite3_column_type(statement, CERTIFICATE - 1) == SQLITE_NULL
	    ? row->form
	    : sqlite3_column_int64(statement, CERTIFICATE - 1);
	row->timestamp_ms = sqlite3_column_type(statement, TIMESTAMP - 1) == SQLITE_NULL
	    ? STORE_NO_TIME
	    : sqlite3_column_int64(statement, TIMESTAMP - 1);
	row->entry_type = sqlite3_column_int(statement, TYPE - 1);
	row->leaf_tbs = column_bytes(statement, TBS - 1);
	if (sqlite3_column_type(statement, EXTENSIONS - 1) == SQLITE_INTEGER) {
		index_extension(row->index, derived);
		row->extensions = bytes_of(derived, 8);
	} else {
		row->extensions = column_bytes(statement, EXTENSIONS - 1);
	}
}

bool
sqlite_place(
    struct sqlite *db, uint32_t log, uint64_t index, int64_t *place, struct err *err)
{
	if (index >= STORE_INDEX_LIMIT || log >= UINT32_C(1) << (63 - PLACE_BITS))
		return sqlite_refuse(db, err, ERR_LIMIT,
		    "store: entry %llu of log %u is beyond what a row can hold",
		    (unsigned long long)index, log);
	*place = place_of(log, index);
	return true;
}

/* --- putting -------------------------------------------------------------------- */

static const struct sql GET = {"SELECT " COLUMNS " FROM sighting WHERE place = ?1", NULL};

/* A certificate's first place stands in its row; further ones are linked. */
static bool
link_place(struct sqlite *db, int64_t certificate, int64_t place, struct err *err)
{
	int64_t first;
	bool found;

	if (!sqlite_first_place(db, certificate, &first, &found, err))
		return false;
	if (!found)
		return sqlite_refuse(db, err, ERR_STORE,
		    "store: there is no certificate %lld", (long long)certificate);
	return first == place || tier_put(db, TIER_LINK, certificate, place, err);
}

/* Takes back the link of what stands at a place. */
static bool
unlink_place(struct sqlite *db, int64_t place, struct err *err)
{
	struct sighting_row old;
	struct rows rows;
	uint8_t derived[8];
	bool ok = true;

	if (!rows_open(&rows, db, &GET, err))
		return false;
	bind_int(rows.statement, 1, place);
	if (rows_next(&rows, NULL, err)) {
		column_sighting(rows.statement, &old, derived);
		ok = tier_delete(db, TIER_LINK, old.certificate, place, err);
	}
	return rows_end(&rows) && ok;
}

static bool
insert(struct sqlite *db, const struct sql *sql, int64_t place,
    const struct sighting_row *row, bool *taken, struct err *err)
{
	sqlite3_stmt *statement = sqlite_writing(db, sql, err);
	uint8_t derived[8];
	int code;
	bool ok;

	if (statement == NULL)
		return false;
	bind_sighting(statement, place, row, derived);
	code = sqlite3_step(statement);
	*taken = (code & 0xff) == SQLITE_CONSTRAINT;
	ok = code == SQLITE_DONE || *taken || sqlite_failed(db, err);
	sqlite3_reset(statement);
	return ok;
}

bool
sqlite_sighting_put(struct store *store, const struct sighting_row *row, struct err *err)
{
	static const struct sql INSERT = {"INSERT INTO sighting (" COLUMNS
					  ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	    NULL};
	static const struct sql REPLACE = {"REPLACE INTO sighting (" COLUMNS
					   ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	int64_t place = 0;
	bool taken;

	if (!sqlite_place(db, row->log, row->index, &place, err) ||
	    !insert(db, &INSERT, place, row, &taken, err))
		return false;
	if (taken &&
	    (!unlink_place(db, place, err) ||
		!insert(db, &REPLACE, place, row, &taken, err)))
		return false;
	return link_place(db, row->certificate, place, err);
}

/* --- reading -------------------------------------------------------------------- */

struct offering {
	struct sqlite *db;
	int64_t certificate;
	store_sighting_fn *fn;
	void *owner;
	bool more;
};

/* What stands at a place, if it still is of this certificate. */
static bool
offer_place(struct offering *it, int64_t place, struct err *err)
{
	struct sighting_row row;
	struct rows rows;
	uint8_t derived[8];

	if (!rows_open(&rows, it->db, &GET, err))
		return false;
	bind_int(rows.statement, 1, place);
	if (rows_next(&rows, NULL, err)) {
		column_sighting(rows.statement, &row, derived);
		if (row.certificate == it->certificate)
			it->more = it->fn(it->owner, &row);
	}
	return rows_end(&rows);
}

bool
sqlite_sighting_of(struct store *store, int64_t certificate, store_sighting_fn *fn,
    void *owner, struct err *err)
{
	struct offering it = {.db = sqlite_of(store),
	    .certificate = certificate,
	    .fn = fn,
	    .owner = owner,
	    .more = true};
	int64_t first, place;
	struct rows rows;
	bool found, ok = true;

	if (!sqlite_first_place(it.db, certificate, &first, &found, err) ||
	    !tier_links(&rows, it.db, certificate, 0, INT64_MAX, false, err))
		return false;
	while (ok && it.more && rows_next(&rows, NULL, err)) {
		place = sqlite3_column_int64(rows.statement, 0);
		if (found && first < place) {
			ok = offer_place(&it, first, err);
			found = false;
		}
		if (ok && it.more)
			ok = offer_place(&it, place, err);
	}
	ok = rows_end(&rows) && ok;
	return ok && (!found || !it.more || offer_place(&it, first, err));
}

static bool
rows_between(struct rows *rows, struct sqlite *db, uint32_t log, uint64_t first,
    uint64_t end, size_t limit, struct err *err)
{
	static const struct sql EACH = {
	    "SELECT " COLUMNS
	    " FROM sighting WHERE place >= ?1 AND place < ?2 ORDER BY place LIMIT ?3",
	    NULL};

	if (end > STORE_INDEX_LIMIT)
		end = STORE_INDEX_LIMIT;
	if (first > end)
		first = end;
	if (!rows_open(rows, db, &EACH, err))
		return false;
	bind_int(rows->statement, 1, place_of(log, 0) + (int64_t)first);
	bind_int(rows->statement, 2, place_of(log, 0) + (int64_t)end);
	bind_int(rows->statement, 3, limit == 0 ? -1 : (int64_t)limit);
	return true;
}

bool
sqlite_sighting_each(struct store *store, uint32_t log, uint64_t first, uint64_t end,
    size_t limit, store_sighting_fn *fn, void *owner, struct err *err)
{
	struct sighting_row row;
	uint8_t derived[8];
	struct rows rows;

	if (!rows_between(&rows, sqlite_of(store), log, first, end, limit, err))
		return false;
	while (rows_next(&rows, NULL, err)) {
		column_sighting(rows.statement, &row, derived);
		if (!fn(owner, &row))
			break;
	}
	return rows_end(&rows);
}

/* --- deleting ------------------------------------------------------------------- */

static bool
delete_place(struct sqlite *db, int64_t place, struct err *err)
{
	static const struct sql DELETE = {"DELETE FROM sighting WHERE place = ?1", NULL};
	sqlite3_stmt *statement;

	if (!unlink_place(db, place, err) ||
	    (statement = sqlite_writing(db, &DELETE, err)) == NULL)
		return false;
	bind_int(statement, 1, place);
	return sqlite_run(db, statement, err);
}

struct deleting {
	struct sqlite *db;
	struct err *err;
	size_t count;
	bool ok;
};

static bool
delete_one(void *owner, const struct sighting_row *row)
{
	struct deleting *it = owner;

	it->ok = delete_place(it->db, place_of(row->log, row->index), it->err);
	it->count++;
	return it->ok;
}

bool
sqlite_sighting_delete(struct store *store, uint32_t log, uint64_t first, uint64_t end,
    size_t *deleted, struct err *err)
{
	struct deleting it = {.db = sqlite_of(store), .err = err, .ok = true};
	bool ok =
	    sqlite_sighting_each(store, log, first, end, SIZE_MAX, delete_one, &it, err);

	*deleted = it.count;
	return ok && it.ok;
}

bool
sqlite_sightings_delete_of(struct sqlite *db, int64_t certificate, struct err *err)
{
	struct deleting it = {.db = db, .err = err, .ok = true};

	return sqlite_sighting_of(&db->base, certificate, delete_one, &it, err) && it.ok;
}
