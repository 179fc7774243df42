#include "store/sqlite/sqlite_priv.h"

#include <stdlib.h>

#include "base/siphash.h"

#define SERIAL_HASHED 64 /* of a longer serial the front is hashed */
#define MEMBERS_PAGE  256

struct stored {
	struct certificate_row row;
	int64_t first_place;
};

TABLE(CERTIFICATE, stored, FIELD_AS(stored, row.number, "number", INT64),
    FIELD_AS(stored, row.issuer, "issuer", UINT32),
    FIELD_AS(stored, row.serial, "serial", BLOB),
    FIELD_AS(stored, row.tbs_sha256, "tbs_sha256", BLOB),
    FIELD_AS(stored, row.not_before_s, "not_before_s", TIME),
    FIELD_AS(stored, row.not_after_s, "not_after_s", TIME),
    FIELD_AS(stored, row.lo_ms, "lo_ms", TIME),
    FIELD_AS(stored, row.hi_ms, "hi_ms", TIME),
    FIELD_AS(stored, row.flags, "flags", UINT32), FIELD(stored, first_place, INT64),
    FIELD_AS(stored, row.first_seen_ms, "first_seen_ms", TIME));

/* --- keys ---------------------------------------------------------------------- */

#define TBS_BITS UINT64_C(0xffffff)

/* 40 bits for issuer and serial: the members of a serial stand together. */
static uint64_t
serial_key(const struct sqlite *db, int64_t name_key, struct bytes serial)
{
	uint8_t data[8 + SERIAL_HASHED];
	size_t len = serial.len < SERIAL_HASHED ? serial.len : SERIAL_HASHED;

	put_be64(data, (uint64_t)name_key);
	if (len > 0)
		memcpy(data + 8, serial.data, len);
	return siphash(db->hash_key, bytes_of(data, 8 + len)) & ~TBS_BITS;
}

static int64_t
full_key(const struct sqlite *db, int64_t name_key, struct bytes serial,
    struct bytes tbs_sha256)
{
	uint64_t tbs = tbs_sha256.len >= 3 ? be24(tbs_sha256.data) : 0;

	return (int64_t)(serial_key(db, name_key, serial) | tbs);
}

static bool
known_issuer(
    struct sqlite *db, uint32_t number, struct issuer_known *out, struct err *err)
{
	const struct issuer_known *known;

	if (!sqlite_issuer_known(db, number, &known, err))
		return false;
	if (known == NULL)
		return sqlite_refuse(
		    db, err, ERR_STORE, "store: there is no issuer %u", number);
	*out = *known;
	return true;
}

static bool
put_key(
    struct sqlite *db, enum tier_name tier, int64_t key, int64_t number, struct err *err)
{
	filter_add(db, key);
	return tier_put(db, tier, key, number, err);
}

typedef bool tier_fn(struct sqlite *, enum tier_name, int64_t, int64_t, struct err *);

/* Puts or deletes what a certificate is found by. */
static bool
each_key(
    struct sqlite *db, const struct certificate_row *row, tier_fn *fn, struct err *err)
{
	struct issuer_known issuer = {0};

	if (!known_issuer(db, row->issuer, &issuer, err) ||
	    !fn(db, TIER_CERTIFICATE_KEY,
		full_key(db, issuer.dn_key, row->serial, row->tbs_sha256), row->number,
		err))
		return false;
	return issuer.group_key == issuer.dn_key ||
	    fn(db, TIER_CERTIFICATE_KEY,
		full_key(db, issuer.group_key, row->serial, row->tbs_sha256), row->number,
		err);
}

/* --- reading ------------------------------------------------------------------- */

/* Fills what the table does not hold. spki is where issuer_spki points to. */
static bool
complete(struct sqlite *db, struct stored *stored, uint8_t spki[STORE_HASH_LEN],
    struct err *err)
{
	const struct issuer_known *issuer;

	stored->row.first_log = place_log(stored->first_place);
	stored->row.first_index = place_index(stored->first_place);
	stored->row.issuer_spki = (struct bytes){0};
	if (!sqlite_issuer_known(db, stored->row.issuer, &issuer, err))
		return false;
	if (issuer != NULL && issuer->has_spki) {
		memcpy(spki, issuer->spki, STORE_HASH_LEN);
		stored->row.issuer_spki = bytes_of(spki, STORE_HASH_LEN);
	}
	return true;
}

static const struct sql GET = {
    "SELECT @ FROM certificate WHERE number = ?1", &CERTIFICATE};

bool
sqlite_certificate_get(struct store *store, int64_t number, struct arena *arena,
    struct certificate_row *out, bool *found, struct err *err)
{
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &GET, err);
	uint8_t spki[STORE_HASH_LEN];
	struct stored stored;

	if (statement == NULL)
		return false;
	bind_int(statement, 1, number);
	if (!sqlite_find(db, statement, &CERTIFICATE, arena, &stored, found, err))
		return false;
	if (!*found)
		return true;
	if (!complete(db, &stored, spki, err))
		return false;
	*out = stored.row;
	out->issuer_spki = arena_copy(arena, out->issuer_spki);
	return true;
}

/* The keys of two issuers do not contradict each other. */
static bool
same_key(const struct issuer_known *a, const struct issuer_known *b)
{
	return a->number == b->number || !a->has_spki || !b->has_spki ||
	    memcmp(a->spki, b->spki, STORE_HASH_LEN) == 0;
}

/* Whether a candidate is it; then out is filled. */
static bool
is_it(struct sqlite *db, int64_t number, const struct certificate_key *key,
    const struct issuer_known *asker, struct arena *arena, struct certificate_row *out,
    bool *found, struct err *err)
{
	sqlite3_stmt *statement = sqlite_statement(db, &GET, err);
	const struct issuer_known *issuer = NULL;
	uint8_t spki[STORE_HASH_LEN];
	struct stored stored;
	bool ok = true;

	if (statement == NULL)
		return false;
	bind_int(statement, 1, number);
	if (sqlite3_step(statement) == SQLITE_ROW) {
		column_row(statement, &CERTIFICATE, &stored);
		if (bytes_equal(stored.row.serial, key->serial) &&
		    bytes_equal(stored.row.tbs_sha256, key->tbs_sha256))
			ok = sqlite_issuer_known(db, stored.row.issuer, &issuer, err);
		*found = ok && issuer != NULL && same_key(asker, issuer);
		if (*found && (ok = complete(db, &stored, spki, err))) {
			row_to_arena(&CERTIFICATE, &stored, arena);
			*out = stored.row;
			out->issuer_spki = arena_copy(arena, out->issuer_spki);
		}
	}
	sqlite3_reset(statement);
	return ok;
}

bool
sqlite_certificate_find(struct store *store, const struct certificate_key *key,
    struct arena *arena, struct certificate_row *out, bool *found, struct err *err)
{
	struct sqlite *db = sqlite_of(store);
	struct issuer_known issuer = {0};
	struct rows rows;
	int64_t hashed;
	bool ok = true;

	*found = false;
	if (!known_issuer(db, key->issuer, &issuer, err))
		return false;
	hashed = full_key(db, issuer.dn_key, key->serial, key->tbs_sha256);
	if (!filter_may_hold(db, hashed))
		return true;
	if (!tier_values(&rows, db, TIER_CERTIFICATE_KEY, hashed, err))
		return false;
	while (ok && !*found && rows_next(&rows, NULL, err))
		ok = is_it(db, sqlite3_column_int64(rows.statement, 0), key, &issuer,
		    arena, out, found, err);
	return rows_end(&rows) && ok;
}

/* --- writing ------------------------------------------------------------------- */

bool
sqlite_new_number(struct sqlite *db, int64_t *number, struct err *err)
{
	static const struct sql HIGHEST = {
	    "SELECT max(coalesce((SELECT max(number) FROM certificate), 0), "
	    "coalesce((SELECT max(number) FROM form), 0))",
	    NULL};

	return sqlite_next_number(db, &db->next_certificate, &HIGHEST, number, err);
}

bool
sqlite_certificate_put(struct store *store, struct certificate_row *row, struct err *err)
{
	static const struct sql INSERT = {
	    "INSERT INTO certificate (@) VALUES (?@)", &CERTIFICATE};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement;
	struct stored stored;

	if (!sqlite_new_number(db, &row->number, err))
		return false;
	stored.row = *row;
	if (!sqlite_place(
		db, row->first_log, row->first_index, &stored.first_place, err) ||
	    (statement = sqlite_writing(db, &INSERT, err)) == NULL)
		return false;
	bind_row(statement, &CERTIFICATE, &stored);
	if (!sqlite_run(db, statement, err) || !each_key(db, row, put_key, err))
		return false;
	db->fresh = row->number;
	db->fresh_place = stored.first_place;
	db->fresh_form = false;
	return true;
}

bool
sqlite_certificate_update(
    struct store *store, const struct certificate_row *row, struct err *err)
{
	static const struct sql UPDATE = {
	    "UPDATE certificate SET lo_ms = ?2, hi_ms = ?3, "
	    "flags = ?4, issuer = ?5 WHERE number = ?1",
	    NULL};
	static const struct sql ISSUER = {
	    "SELECT issuer FROM certificate WHERE number = ?1", NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &ISSUER, err);
	int64_t issuer;

	if (statement == NULL)
		return false;
	bind_int(statement, 1, row->number);
	if (!sqlite_integer(db, statement, &issuer, NULL, err) ||
	    (statement = sqlite_writing(db, &UPDATE, err)) == NULL)
		return false;
	bind_int(statement, 1, row->number);
	bind_time(statement, 2, row->lo_ms);
	bind_time(statement, 3, row->hi_ms);
	bind_int(statement, 4, row->flags);
	bind_int(statement, 5, row->issuer);
	return sqlite_run(db, statement, err) &&
	    (issuer == row->issuer || each_key(db, row, put_key, err));
}

bool
sqlite_first_place(
    struct sqlite *db, int64_t certificate, int64_t *place, bool *found, struct err *err)
{
	static const struct sql PLACE = {
	    "SELECT first_place FROM certificate WHERE number = ?1", NULL};
	sqlite3_stmt *statement;

	if (db->fresh != 0 && db->fresh == certificate) {
		*place = db->fresh_place;
		*found = true;
		return true;
	}
	if ((statement = sqlite_statement(db, &PLACE, err)) == NULL)
		return false;
	bind_int(statement, 1, certificate);
	return sqlite_integer(db, statement, place, found, err);
}

/* --- members -------------------------------------------------------------------- */

struct candidates {
	int64_t numbers[2 * MEMBERS_PAGE];
	size_t count;
};

/* At most a page of numbers behind after, of one name key. */
static bool
gather(struct sqlite *db, int64_t name_key, struct bytes serial, int64_t after,
    struct candidates *out, struct err *err)
{
	uint64_t key = serial_key(db, name_key, serial);
	struct rows rows;

	if (!filter_may_hold(db, (int64_t)key))
		return true;
	if (!tier_members(&rows, db, TIER_CERTIFICATE_KEY, (int64_t)key,
		(int64_t)(key | TBS_BITS), after, MEMBERS_PAGE, err))
		return false;
	while (rows_next(&rows, NULL, err))
		out->numbers[out->count++] = sqlite3_column_int64(rows.statement, 0);
	return rows_end(&rows);
}

static int
by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Whether the issuer of a row counts as the asker's: same key or same name. */
static bool
same_issuer(const struct issuer_known *asker, const struct issuer_known *issuer)
{
	return asker->number == issuer->number || asker->dn_key == issuer->dn_key ||
	    (asker->has_spki && issuer->has_spki &&
		memcmp(asker->spki, issuer->spki, STORE_HASH_LEN) == 0);
}

struct members {
	struct sqlite *db;
	struct issuer_known issuer;
	struct bytes serial;
	size_t limit, count;
	store_certificate_fn *fn;
	void *owner;
	bool stopped;
};

static bool
offer_member(struct members *it, int64_t number, struct err *err)
{
	sqlite3_stmt *statement = sqlite_statement(it->db, &GET, err);
	const struct issuer_known *issuer = NULL;
	uint8_t spki[STORE_HASH_LEN];
	struct stored stored;
	bool ok = true;

	if (statement == NULL)
		return false;
	bind_int(statement, 1, number);
	if (sqlite3_step(statement) == SQLITE_ROW) {
		column_row(statement, &CERTIFICATE, &stored);
		ok = sqlite_issuer_known(it->db, stored.row.issuer, &issuer, err);
		if (ok && issuer != NULL && same_issuer(&it->issuer, issuer) &&
		    bytes_equal(stored.row.serial, it->serial) &&
		    (ok = complete(it->db, &stored, spki, err))) {
			it->stopped =
			    !it->fn(it->owner, &stored.row) || ++it->count == it->limit;
		}
	}
	sqlite3_reset(statement);
	return ok;
}

bool
sqlite_certificate_members(struct store *store, uint32_t issuer, struct bytes serial,
    int64_t after, size_t limit, store_certificate_fn *fn, void *owner, struct err *err)
{
	struct members it = {.db = sqlite_of(store),
	    .serial = serial,
	    .limit = limit,
	    .fn = fn,
	    .owner = owner};
	struct candidates page;

	if (!known_issuer(it.db, issuer, &it.issuer, err))
		return false;
	do {
		page.count = 0;
		if (!gather(it.db, it.issuer.dn_key, serial, after, &page, err) ||
		    (it.issuer.group_key != it.issuer.dn_key &&
			!gather(it.db, it.issuer.group_key, serial, after, &page, err)))
			return false;
		qsort(page.numbers, page.count, sizeof(page.numbers[0]), by_number);
		if (page.count > MEMBERS_PAGE)
			page.count = MEMBERS_PAGE; /* behind it a list may be cut */
		for (size_t i = 0; i < page.count && !it.stopped; i++) {
			if (page.numbers[i] == after)
				continue; /* in both lists */
			after = page.numbers[i];
			if (!offer_member(&it, after, err))
				return false;
		}
	} while (page.count == MEMBERS_PAGE && !it.stopped);
	return true;
}

/* --- walking, counting, deleting ------------------------------------------------- */

bool
sqlite_certificate_each(struct store *store, const struct certificate_filter *filter,
    store_certificate_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {"SELECT @ FROM certificate", &CERTIFICATE};
	struct sqlite *db = sqlite_of(store);
	uint8_t spki[STORE_HASH_LEN];
	struct stored stored;
	struct where where;
	struct rows rows;
	bool ok = true;

	where_init(&where);
	where_int(&where, "number > ?", filter->after);
	if (filter->issuer != 0)
		where_int(&where, "issuer = ?", filter->issuer);
	if (filter->flags_set != 0)
		where_int(&where, "~flags & ? = 0", filter->flags_set);
	if (filter->flags_clear != 0)
		where_int(&where, "flags & ? = 0", filter->flags_clear);
	if (filter->first_seen_before_ms != 0)
		where_int(&where, "first_seen_ms < ?", filter->first_seen_before_ms);
	if (!rows_where(&rows, db, &EACH, &where, " ORDER BY number", filter->limit, err))
		return false;
	while (rows_next(&rows, &stored, err) &&
	    (ok = complete(db, &stored, spki, err)) && fn(owner, &stored.row))
		;
	return rows_end(&rows) && ok;
}

bool
sqlite_certificate_count(struct store *store, int64_t *count, struct err *err)
{
	static const struct sql COUNT = {"SELECT count(*) FROM certificate", NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &COUNT, err);

	return statement != NULL && sqlite_integer(db, statement, count, NULL, err);
}

bool
sqlite_certificate_delete(struct store *store, int64_t number, const struct bytes *names,
    size_t name_count, struct err *err)
{
	static const struct sql DELETE = {
	    "DELETE FROM certificate WHERE number = ?1", NULL};
	static const struct sql MATCHES = {
	    "DELETE FROM matched WHERE certificate = ?1", NULL};
	struct sqlite *db = sqlite_of(store);
	const struct sql *const BOTH[] = {&DELETE, &MATCHES};
	struct arena arena;
	struct certificate_row row;
	bool found, ok;

	arena_init(&arena);
	ok = sqlite_certificate_get(store, number, &arena, &row, &found, err) &&
	    (!found ||
		(each_key(db, &row, tier_delete, err) &&
		    sqlite_forms_delete(db, number, err) &&
		    sqlite_sightings_delete_of(db, number, err)));
	arena_free(&arena);
	for (size_t i = 0; ok && i < name_count; i++)
		ok = tier_delete_text(db, TIER_NAME, name_cut(names[i]), number, err);
	for (size_t i = 0; ok && i < ARRAY_LEN(BOTH); i++) {
		sqlite3_stmt *statement = sqlite_writing(db, BOTH[i], err);

		ok = statement != NULL;
		if (ok) {
			bind_int(statement, 1, number);
			ok = sqlite_run(db, statement, err);
		}
	}
	if (db->fresh == number)
		db->fresh = 0;
	return ok;
}
