#include "store/sqlite/sqlite_priv.h"

struct stored {
	struct form_row row;
	int64_t chain;
};

TABLE(FORM, stored, FIELD_AS(stored, row.number, "number", INT64),
    FIELD_AS(stored, row.certificate, "certificate", INT64),
    FIELD_AS(stored, row.kind, "kind", INT32),
    FIELD_AS(stored, row.sha256, "sha256", BLOB), FIELD(stored, chain, INT64),
    FIELD_AS(stored, row.der, "der", BLOB));

static const struct sql GET = {"SELECT @ FROM form WHERE number = ?1", &FORM};

static int64_t
hash_key(struct bytes sha256)
{
	return sha256.len < 8 ? 0 : (int64_t)be64(sha256.data);
}

/* --- putting -------------------------------------------------------------------- */

/* The number of the form of this hash that belongs to the certificate; 0: none. */
static bool
find_of(struct sqlite *db, int64_t certificate, struct bytes sha256, int64_t *number,
    struct err *err)
{
	static const struct sql IS = {"SELECT number FROM form WHERE number = ?1 AND "
				      "certificate = ?2 AND sha256 = ?3",
	    NULL};
	struct rows rows;
	bool ok = true;

	*number = 0;
	if (!tier_values(&rows, db, TIER_FORM_KEY, hash_key(sha256), err))
		return false;
	while (ok && *number == 0 && rows_next(&rows, NULL, err)) {
		sqlite3_stmt *statement = sqlite_statement(db, &IS, err);

		if ((ok = statement != NULL)) {
			bind_int(statement, 1, sqlite3_column_int64(rows.statement, 0));
			bind_int(statement, 2, certificate);
			bind_blob(statement, 3, sha256);
			ok = sqlite_integer(db, statement, number, NULL, err);
		}
	}
	return rows_end(&rows) && ok;
}

/* The first form has its certificate's number, the others are linked. */
static bool
number_for(struct sqlite *db, int64_t certificate, int64_t *number, struct err *err)
{
	static const struct sql THERE = {"SELECT 1 FROM form WHERE number = ?1", NULL};
	int64_t there = 0;

	if (db->fresh != certificate || db->fresh_form) {
		sqlite3_stmt *statement = sqlite_statement(db, &THERE, err);

		if (statement == NULL)
			return false;
		bind_int(statement, 1, certificate);
		if (!sqlite_integer(db, statement, &there, NULL, err))
			return false;
	}
	*number = certificate;
	return there == 0 ||
	    (sqlite_new_number(db, number, err) &&
		tier_put(db, TIER_LINK, certificate, -*number, err));
}

bool
sqlite_form_put(
    struct store *store, struct form_row *row, bool *inserted, struct err *err)
{
	static const struct sql INSERT = {"INSERT INTO form (@) VALUES (?@)", &FORM};
	struct sqlite *db = sqlite_of(store);
	bool fresh = db->fresh == row->certificate && !db->fresh_form;
	sqlite3_stmt *statement;
	struct stored stored;

	*inserted = false;
	row->number = 0;
	if (!fresh && !find_of(db, row->certificate, row->sha256, &row->number, err))
		return false;
	if (row->number != 0)
		return true;
	if (!number_for(db, row->certificate, &row->number, err) ||
	    !sqlite_chain_put(db, row->chain, &stored.chain, err) ||
	    (statement = sqlite_writing(db, &INSERT, err)) == NULL)
		return false;
	stored.row = *row;
	bind_row(statement, &FORM, &stored);
	*inserted = true;
	db->fresh_form |= fresh;
	return sqlite_run(db, statement, err) &&
	    tier_put(db, TIER_FORM_KEY, hash_key(row->sha256), row->number, err);
}

/* --- reading -------------------------------------------------------------------- */

bool
sqlite_form_get(struct store *store, int64_t number, struct arena *arena,
    struct form_row *out, bool *found, struct err *err)
{
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &GET, err);
	struct stored stored;

	if (statement == NULL)
		return false;
	bind_int(statement, 1, number);
	if (!sqlite_find(db, statement, &FORM, arena, &stored, found, err))
		return false;
	if (!*found)
		return true;
	*out = stored.row;
	if (!sqlite_chain_get(db, stored.chain, &out->chain, err))
		return false;
	out->chain = arena_copy(arena, out->chain);
	return true;
}

bool
sqlite_form_find(struct store *store, struct bytes sha256, struct arena *arena,
    struct form_row *out, bool *found, struct err *err)
{
	struct sqlite *db = sqlite_of(store);
	struct rows rows;
	bool ok = true;

	*found = false;
	if (!tier_values(&rows, db, TIER_FORM_KEY, hash_key(sha256), err))
		return false;
	while (ok && !*found && rows_next(&rows, NULL, err)) {
		ok = sqlite_form_get(store, sqlite3_column_int64(rows.statement, 0),
		    arena, out, found, err);
		*found = ok && *found && bytes_equal(out->sha256, sha256);
	}
	return rows_end(&rows) && ok;
}

/* Offers a row as it stands in rows; more: whether the next is wanted. */
static bool
offer(struct sqlite *db, struct stored *stored, store_form_fn *fn, void *owner,
    bool *more, struct err *err)
{
	if (!sqlite_chain_get(db, stored->chain, &stored->row.chain, err))
		return false;
	*more = fn(owner, &stored->row);
	return true;
}

static bool
offer_number(struct sqlite *db, int64_t number, int64_t certificate, store_form_fn *fn,
    void *owner, bool *more, struct err *err)
{
	struct stored stored;
	struct rows rows;
	bool ok = true;

	if (!rows_open(&rows, db, &GET, err))
		return false;
	bind_int(rows.statement, 1, number);
	if (rows_next(&rows, &stored, err) && stored.row.certificate == certificate)
		ok = offer(db, &stored, fn, owner, more, err);
	return rows_end(&rows) && ok;
}

bool
sqlite_form_of(struct store *store, int64_t certificate, store_form_fn *fn, void *owner,
    struct err *err)
{
	struct sqlite *db = sqlite_of(store);
	struct rows rows;
	bool more = true, ok;

	if (!offer_number(db, certificate, certificate, fn, owner, &more, err))
		return false;
	/* Numbers stand negative, so the first stored comes last. */
	if (!more || !tier_links(&rows, db, certificate, INT64_MIN, -1, true, err))
		return !more;
	ok = true;
	while (ok && more && rows_next(&rows, NULL, err))
		ok = offer_number(db, -sqlite3_column_int64(rows.statement, 0),
		    certificate, fn, owner, &more, err);
	return rows_end(&rows) && ok;
}

bool
sqlite_form_each(struct store *store, int64_t after, size_t limit, store_form_fn *fn,
    void *owner, struct err *err)
{
	static const struct sql EACH = {
	    "SELECT @ FROM form WHERE number > ?1 ORDER BY number LIMIT ?2", &FORM};
	struct sqlite *db = sqlite_of(store);
	struct stored stored;
	struct rows rows;
	bool more = true, ok = true;

	if (!rows_open(&rows, db, &EACH, err))
		return false;
	bind_int(rows.statement, 1, after);
	bind_int(rows.statement, 2, limit == 0 ? -1 : (int64_t)limit);
	while (ok && more && rows_next(&rows, &stored, err))
		ok = offer(db, &stored, fn, owner, &more, err);
	return rows_end(&rows) && ok;
}

/* --- deleting ------------------------------------------------------------------- */

struct deleting {
	struct sqlite *db;
	struct err *err;
	bool ok;
};

static bool
delete_one(void *owner, const struct form_row *row)
{
	static const struct sql DELETE = {"DELETE FROM form WHERE number = ?1", NULL};
	struct deleting *it = owner;
	sqlite3_stmt *statement;

	it->ok = tier_delete(it->db, TIER_FORM_KEY, hash_key(row->sha256), row->number,
		     it->err) &&
	    (row->number == row->certificate ||
		tier_delete(
		    it->db, TIER_LINK, row->certificate, -row->number, it->err)) &&
	    (statement = sqlite_writing(it->db, &DELETE, it->err)) != NULL;
	if (it->ok) {
		bind_int(statement, 1, row->number);
		it->ok = sqlite_run(it->db, statement, it->err);
	}
	return it->ok;
}

bool
sqlite_forms_delete(struct sqlite *db, int64_t certificate, struct err *err)
{
	struct deleting it = {.db = db, .err = err, .ok = true};

	return sqlite_form_of(&db->base, certificate, delete_one, &it, err) && it.ok;
}

bool
sqlite_form_newest(struct store *store, int64_t *number, struct err *err)
{
	static const struct sql NEWEST = {
	    "SELECT coalesce(max(number), 0) FROM form", NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &NEWEST, err);

	return statement != NULL && sqlite_integer(db, statement, number, NULL, err);
}
