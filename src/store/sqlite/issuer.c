/*
 * Issuers and chains: few, asked for with every certificate, so the last used
 * are kept in memory. Both caches are emptied when they are full.
 */
#include "store/sqlite/sqlite_priv.h"

#include "base/mem.h"
#include "base/siphash.h"

#define CACHED_MAX    2048
#define CACHED_DN_MAX 512 /* longer names are looked up each time */
#define CHAINS_BYTES  (512 << 10)

TABLE(ISSUER, issuer_row, FIELD(issuer_row, number, UINT32), FIELD(issuer_row, dn, BLOB),
    FIELD(issuer_row, dn_normalised, BLOB), FIELD(issuer_row, spki_sha256, MAYBE));

struct chain_known {
	int64_t number;
	size_t len;
	uint8_t sha256s[];
};

void
sqlite_caches_init(struct sqlite *db)
{
	map_init(&db->issuers_by_number);
	map_init(&db->issuers_by_name);
	map_init(&db->chains_by_number);
	map_init(&db->chains_by_hashes);
}

static void
issuers_clear(struct sqlite *db)
{
	map_free(&db->issuers_by_number, mem_free);
	map_free(&db->issuers_by_name, mem_free);
}

static void
chains_clear(struct sqlite *db)
{
	map_free(&db->chains_by_hashes, NULL); /* the same values */
	map_free(&db->chains_by_number, mem_free);
	db->chains_bytes = 0;
}

void
sqlite_caches_clear(struct sqlite *db)
{
	issuers_clear(db);
	chains_clear(db);
	db->next_certificate = db->next_issuer = db->next_chain = 0;
}

bool
sqlite_next_number(struct sqlite *db, int64_t *next, const struct sql *highest,
    int64_t *out, struct err *err)
{
	if (*next == 0) {
		sqlite3_stmt *statement = sqlite_statement(db, highest, err);

		if (statement == NULL || !sqlite_integer(db, statement, next, NULL, err))
			return false;
		(*next)++;
	}
	*out = (*next)++;
	return true;
}

/* --- issuers ------------------------------------------------------------------ */

struct issuer_key {
	size_t len;
	uint8_t bytes[1 + STORE_HASH_LEN + CACHED_DN_MAX];
};

/* What the cache is asked by; false: not to be cached. */
static bool
issuer_key(const struct issuer_row *row, struct issuer_key *key)
{
	if (row->dn.len > CACHED_DN_MAX || row->spki_sha256.len > STORE_HASH_LEN)
		return false;
	key->bytes[0] = (uint8_t)row->spki_sha256.len;
	key->len = 1;
	if (row->spki_sha256.len > 0)
		memcpy(
		    key->bytes + key->len, row->spki_sha256.data, row->spki_sha256.len);
	key->len += row->spki_sha256.len;
	if (row->dn.len > 0)
		memcpy(key->bytes + key->len, row->dn.data, row->dn.len);
	key->len += row->dn.len;
	return true;
}

static int64_t
dn_key_of(const struct sqlite *db, struct bytes dn_normalised)
{
	return (int64_t)siphash(db->hash_key, dn_normalised);
}

static bool
issuer_lookup(struct sqlite *db, const struct issuer_row *row, int64_t dn_key,
    int64_t *number, struct err *err)
{
	static const struct sql LOOKUP = {
	    "SELECT number FROM issuer WHERE dn_key = ?1 AND "
	    "spki_sha256 IS ?2 AND dn = ?3",
	    NULL};
	sqlite3_stmt *statement = sqlite_statement(db, &LOOKUP, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, dn_key);
	bind_maybe(statement, 2, row->spki_sha256);
	bind_blob(statement, 3, row->dn);
	return sqlite_integer(db, statement, number, NULL, err);
}

/* The dn_key of the first issuer that has this key; own if there is none. */
static bool
group_key_of(struct sqlite *db, struct bytes spki, int64_t own, int64_t *group_key,
    struct err *err)
{
	static const struct sql FIRST = {
	    "SELECT group_key FROM issuer WHERE spki_sha256 = "
	    "?1 ORDER BY number LIMIT 1",
	    NULL};
	sqlite3_stmt *statement;
	bool found = false;

	if (spki.len != 0) {
		if ((statement = sqlite_statement(db, &FIRST, err)) == NULL)
			return false;
		bind_blob(statement, 1, spki);
		if (!sqlite_integer(db, statement, group_key, &found, err))
			return false;
	}
	if (!found)
		*group_key = own;
	return true;
}

static bool
issuer_insert(struct sqlite *db, struct issuer_row *row, int64_t dn_key, struct err *err)
{
	static const struct sql HIGHEST = {"SELECT max(number) FROM issuer", NULL};
	static const struct sql INSERT = {
	    "INSERT INTO issuer (@, dn_key, group_key) VALUES (?@, ?5, ?6)", &ISSUER};
	sqlite3_stmt *statement;
	int64_t number, group_key;

	if (!group_key_of(db, row->spki_sha256, dn_key, &group_key, err) ||
	    !sqlite_next_number(db, &db->next_issuer, &HIGHEST, &number, err))
		return false;
	row->number = (uint32_t)number;
	if ((statement = sqlite_writing(db, &INSERT, err)) == NULL)
		return false;
	bind_row(statement, &ISSUER, row);
	bind_int(statement, 5, dn_key);
	bind_int(statement, 6, group_key);
	return sqlite_run(db, statement, err);
}

bool
sqlite_issuer_put(struct store *store, struct issuer_row *row, struct err *err)
{
	struct sqlite *db = sqlite_of(store);
	struct issuer_key key;
	bool cached = issuer_key(row, &key);
	int64_t dn_key, number;
	uint32_t *known;

	known =
	    cached ? map_get(&db->issuers_by_name, bytes_of(key.bytes, key.len)) : NULL;
	if (known != NULL) {
		row->number = *known;
		return true;
	}
	dn_key = dn_key_of(db, row->dn_normalised);
	if (!issuer_lookup(db, row, dn_key, &number, err))
		return false;
	row->number = (uint32_t)number;
	if (number == 0 && !issuer_insert(db, row, dn_key, err))
		return false;
	if (cached) {
		if (db->issuers_by_name.used >= CACHED_MAX)
			issuers_clear(db);
		map_put(&db->issuers_by_name, bytes_of(key.bytes, key.len),
		    mem_copy(&row->number, sizeof(row->number)));
	}
	return true;
}

bool
sqlite_issuer_find(struct store *store, uint32_t number, struct arena *arena,
    struct issuer_row *out, bool *found, struct err *err)
{
	static const struct sql FIND = {
	    "SELECT @ FROM issuer WHERE number = ?1", &ISSUER};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &FIND, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, number);
	return sqlite_find(db, statement, &ISSUER, arena, out, found, err);
}

bool
sqlite_issuer_each(struct store *store, store_issuer_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {"SELECT @ FROM issuer ORDER BY number", &ISSUER};
	struct issuer_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

bool
sqlite_issuer_known(struct sqlite *db, uint32_t number, const struct issuer_known **known,
    struct err *err)
{
	static const struct sql GET = {
	    "SELECT dn_key, group_key, spki_sha256 FROM issuer WHERE number = ?1", NULL};
	struct bytes key = bytes_of(&number, sizeof(number)), spki;
	struct issuer_known *made = map_get(&db->issuers_by_number, key);
	struct rows rows;

	*known = made;
	if (made != NULL)
		return true;
	if (!rows_open(&rows, db, &GET, err))
		return false;
	bind_int(rows.statement, 1, number);
	if (rows_next(&rows, NULL, err)) {
		made = mem_zero(1, sizeof(*made));
		made->number = number;
		made->dn_key = sqlite3_column_int64(rows.statement, 0);
		made->group_key = sqlite3_column_int64(rows.statement, 1);
		spki = column_bytes(rows.statement, 2);
		made->has_spki = spki.len == sizeof(made->spki);
		if (made->has_spki)
			memcpy(made->spki, spki.data, spki.len);
		if (db->issuers_by_number.used >= CACHED_MAX)
			issuers_clear(db);
		map_put(&db->issuers_by_number, key, made);
		*known = made;
	}
	return rows_end(&rows);
}

/* --- chains ------------------------------------------------------------------- */

static struct chain_known *
chain_remember(struct sqlite *db, int64_t number, struct bytes sha256s)
{
	struct chain_known *chain = mem_alloc(sizeof(*chain) + sha256s.len);

	chain->number = number;
	chain->len = sha256s.len;
	if (sha256s.len > 0)
		memcpy(chain->sha256s, sha256s.data, sha256s.len);
	if (db->chains_by_number.used >= CACHED_MAX || db->chains_bytes > CHAINS_BYTES)
		chains_clear(db);
	db->chains_bytes += sha256s.len;
	map_put(&db->chains_by_number, bytes_of(&number, sizeof(number)), chain);
	map_put(&db->chains_by_hashes, bytes_of(chain->sha256s, chain->len), chain);
	return chain;
}

static bool
chain_insert(struct sqlite *db, int64_t key, struct bytes sha256s, int64_t *number,
    struct err *err)
{
	static const struct sql HIGHEST = {"SELECT max(number) FROM chain", NULL};
	static const struct sql INSERT = {
	    "INSERT INTO chain (number, key, sha256s) VALUES (?1, ?2, ?3)", NULL};
	sqlite3_stmt *statement;

	if (!sqlite_next_number(db, &db->next_chain, &HIGHEST, number, err) ||
	    (statement = sqlite_writing(db, &INSERT, err)) == NULL)
		return false;
	bind_int(statement, 1, *number);
	bind_int(statement, 2, key);
	bind_blob(statement, 3, sha256s);
	return sqlite_run(db, statement, err);
}

bool
sqlite_chain_put(
    struct sqlite *db, struct bytes sha256s, int64_t *number, struct err *err)
{
	static const struct sql LOOKUP = {
	    "SELECT number FROM chain WHERE key = ?1 AND sha256s = ?2", NULL};
	struct chain_known *known = map_get(&db->chains_by_hashes, sha256s);
	sqlite3_stmt *statement;
	int64_t key;

	if (known != NULL) {
		*number = known->number;
		return true;
	}
	key = (int64_t)siphash(db->hash_key, sha256s);
	if ((statement = sqlite_statement(db, &LOOKUP, err)) == NULL)
		return false;
	bind_int(statement, 1, key);
	bind_blob(statement, 2, sha256s);
	if (!sqlite_integer(db, statement, number, NULL, err) ||
	    (*number == 0 && !chain_insert(db, key, sha256s, number, err)))
		return false;
	chain_remember(db, *number, sha256s);
	return true;
}

bool
sqlite_chain_get(
    struct sqlite *db, int64_t number, struct bytes *sha256s, struct err *err)
{
	static const struct sql GET = {
	    "SELECT sha256s FROM chain WHERE number = ?1", NULL};
	struct chain_known *known =
	    map_get(&db->chains_by_number, bytes_of(&number, sizeof(number)));
	struct rows rows;
	bool ok = true;

	if (known == NULL) {
		if (!rows_open(&rows, db, &GET, err))
			return false;
		bind_int(rows.statement, 1, number);
		if (rows_next(&rows, NULL, err))
			known =
			    chain_remember(db, number, column_bytes(rows.statement, 0));
		ok = rows_end(&rows);
	}
	*sha256s =
	    known == NULL ? (struct bytes){0} : bytes_of(known->sha256s, known->len);
	return ok;
}
