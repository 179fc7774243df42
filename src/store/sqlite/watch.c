#include "store/sqlite/sqlite_priv.h"

#include "base/mem.h"

/* --- watches ------------------------------------------------------------------------ */

TABLE(WATCH, watch_row, FIELD(watch_row, number, UINT32), FIELD(watch_row, id, BLOB),
    FIELD(watch_row, kind, TEXT), FIELD(watch_row, text, TEXT),
    FIELD(watch_row, settings, TEXT), FIELD(watch_row, since_generation, INT64),
    FIELD(watch_row, since_ms, TIME), FIELD(watch_row, gone_ms, TIME));

bool
sqlite_watch_generation(struct store *store, int64_t *generation, struct err *err)
{
	static const struct sql GET = {
	    "SELECT CAST(value AS INTEGER) FROM note WHERE name = 'watch_generation'",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &GET, err);

	return statement != NULL && sqlite_integer(db, statement, generation, NULL, err);
}

bool
sqlite_watch_generation_raise(struct store *store, int64_t *generation, struct err *err)
{
	static const struct sql RAISE = {
	    "INSERT INTO note (name, value) VALUES ('watch_generation', '1') "
	    "ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS "
	    "TEXT)",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &RAISE, err);

	return statement != NULL && sqlite_run(db, statement, err) &&
	    sqlite_watch_generation(store, generation, err);
}

/* Which rows are configured, by number, and the next number. */
struct sync {
	struct sqlite *db;
	bool *configured;
	size_t room;
	int64_t next;
	int64_t generation, now_ms; /* of what begins now */
};

static void
note_configured(struct sync *sync, uint32_t number)
{
	size_t room = sync->room;

	if (number >= room) {
		sync->room = (size_t)number * 2 + 64;
		sync->configured = mem_resize(sync->configured, sync->room, 1);
		memset(sync->configured + room, 0, sync->room - room);
	}
	sync->configured[number] = true;
}

/* How a watch stands: fills the row from that, or as one that begins now. */
static bool
find_standing(struct sync *sync, struct watch_row *row, enum watch_change *change,
    bool *same, struct err *err)
{
	static const struct sql STANDING = {
	    "SELECT number, since_generation, since_ms, gone_ms, settings FROM watch "
	    "WHERE id = ?1",
	    NULL};
	struct rows rows;

	*change = WATCH_ADDED;
	*same = false;
	row->gone_ms = STORE_NO_TIME;
	if (!rows_open(&rows, sync->db, &STANDING, err))
		return false;
	bind_blob(rows.statement, 1, row->id);
	if (rows_next(&rows, NULL, err)) {
		*change = sqlite3_column_type(rows.statement, 3) == SQLITE_NULL
		    ? WATCH_KEPT
		    : WATCH_RETURNED;
		row->number = (uint32_t)sqlite3_column_int64(rows.statement, 0);
		row->since_generation = sqlite3_column_int64(rows.statement, 1);
		row->since_ms = sqlite3_column_int64(rows.statement, 2);
		*same = *change == WATCH_KEPT &&
		    bytes_equal(row->settings,
			bytes_of(sqlite3_column_blob(rows.statement, 4),
			    (size_t)sqlite3_column_bytes(rows.statement, 4)));
	}
	if (*change != WATCH_KEPT) {
		row->since_generation = sync->generation;
		row->since_ms = sync->now_ms;
	}
	return rows_end(&rows);
}

static bool
sync_one(
    struct sync *sync, struct watch_row *row, enum watch_change *change, struct err *err)
{
	static const struct sql PUT = {
	    "INSERT INTO watch (@) VALUES (?@) ON CONFLICT (id) DO UPDATE SET =@",
	    &WATCH};
	sqlite3_stmt *statement;
	bool same;

	if (!find_standing(sync, row, change, &same, err))
		return false;
	if (*change == WATCH_ADDED)
		row->number = (uint32_t)sync->next++;
	note_configured(sync, row->number);
	if (same) /* what is in the id stands as it was, too */
		return true;
	if ((statement = sqlite_writing(sync->db, &PUT, err)) == NULL)
		return false;
	bind_row(statement, &WATCH, row);
	return sqlite_run(sync->db, statement, err);
}

/* Marks as gone what is in force and not configured. */
static bool
retire(struct sync *sync, size_t *left, struct err *err)
{
	static const struct sql FORCE = {
	    "SELECT number FROM watch WHERE gone_ms IS NULL", NULL};
	static const struct sql GONE = {
	    "UPDATE watch SET gone_ms = ?2 WHERE number = ?1", NULL};
	struct rows standing;
	bool ok = true;

	*left = 0;
	if (!rows_open(&standing, sync->db, &FORCE, err))
		return false;
	while (ok && rows_next(&standing, NULL, err)) {
		uint32_t number = (uint32_t)sqlite3_column_int64(standing.statement, 0);
		sqlite3_stmt *statement;

		if (number < sync->room && sync->configured[number])
			continue;
		(*left)++;
		if ((ok = (statement = sqlite_writing(sync->db, &GONE, err)) != NULL)) {
			bind_int(statement, 1, number);
			bind_time(statement, 2, sync->now_ms);
			ok = sqlite_run(sync->db, statement, err);
		}
	}
	return rows_end(&standing) && ok;
}

static bool
sync_all(
    struct sync *sync, const struct watch_source *source, size_t *moved, struct err *err)
{
	static const struct sql NEXT = {
	    "SELECT coalesce(max(number), 0) + 1 FROM watch", NULL};
	sqlite3_stmt *statement = sqlite_statement(sync->db, &NEXT, err);
	size_t left;

	if (statement == NULL ||
	    !sqlite_integer(sync->db, statement, &sync->next, NULL, err))
		return false;
	for (size_t i = 0; i < source->count; i++) {
		struct watch_row row = {0};
		enum watch_change change;

		source->fill(source->owner, i, &row);
		if (!sync_one(sync, &row, &change, err))
			return false;
		source->done(source->owner, i, &row, change);
		*moved += change != WATCH_KEPT;
	}
	if (!retire(sync, &left, err))
		return false;
	*moved += left;
	return true;
}

bool
sqlite_watch_sync(struct store *store, const struct watch_source *source, int64_t now_ms,
    int64_t *generation, struct err *err)
{
	struct sync sync = {.db = sqlite_of(store), .now_ms = now_ms};
	size_t moved = 0;
	bool ok;

	if (!sqlite_watch_generation(store, generation, err))
		return false;
	sync.generation = *generation + 1;
	ok = sync_all(&sync, source, &moved, err);
	mem_free(sync.configured);
	return ok &&
	    (moved == 0 || sqlite_watch_generation_raise(store, generation, err));
}

bool
sqlite_watch_each(
    struct store *store, bool gone_too, store_watch_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {
	    "SELECT @ FROM watch WHERE ?1 OR gone_ms IS NULL ORDER BY number", &WATCH};
	struct watch_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_int(rows.statement, 1, gone_too);
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

/* --- families ----------------------------------------------------------------------- */

TABLE(FAMILY, family_row, FIELD(family_row, watch, UINT32),
    FIELD(family_row, spki_sha256, BLOB), FIELD(family_row, how, TEXT),
    FIELD(family_row, via, MAYBE), FIELD(family_row, since_log, UINT32),
    FIELD(family_row, since_index, INT64), FIELD(family_row, since_generation, INT64),
    FIELD(family_row, since_ms, TIME));

bool
sqlite_family_put(
    struct store *store, const struct family_row *row, bool *inserted, struct err *err)
{
	static const struct sql PUT = {"INSERT INTO family (@) VALUES (?@) ON CONFLICT "
				       "(watch, spki_sha256) DO NOTHING",
	    &FAMILY};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &PUT, err);

	if (statement == NULL)
		return false;
	bind_row(statement, &FAMILY, row);
	if (!sqlite_run(db, statement, err))
		return false;
	*inserted = sqlite_changed(db) == 1;
	return true;
}

bool
sqlite_family_each(struct store *store, uint32_t watch, store_family_fn *fn, void *owner,
    struct err *err)
{
	static const struct sql EACH = {
	    "SELECT @ FROM family WHERE ?1 = 0 OR watch = ?1 ORDER BY number", &FAMILY};
	struct family_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_int(rows.statement, 1, watch);
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

/* --- statistics --------------------------------------------------------------------- */

TABLE(STATISTIC, statistic_row, FIELD(statistic_row, issuer, UINT32),
    FIELD(statistic_row, day, INT32), FIELD(statistic_row, name, TEXT),
    FIELD(statistic_row, count, INT64));

bool
sqlite_statistic_add(
    struct store *store, const struct statistic_row *row, struct err *err)
{
	static const struct sql ADD = {
	    "INSERT INTO statistic (@) VALUES (?@) ON CONFLICT (issuer, day, name) "
	    "DO UPDATE SET count = count + excluded.count",
	    &STATISTIC};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &ADD, err);

	if (statement == NULL)
		return false;
	bind_row(statement, &STATISTIC, row);
	return sqlite_run(db, statement, err);
}

/* Of ?1, over ?2 to ?3, of name ?4. */
static bool
sum_days(struct sqlite *db, sqlite3_stmt *statement, struct bytes name, int32_t first_day,
    int32_t last_day, int64_t *sum, struct err *err)
{
	bind_int(statement, 2, first_day);
	bind_int(statement, 3, last_day);
	bind_text(statement, 4, name);
	return sqlite_integer(db, statement, sum, NULL, err);
}

bool
sqlite_statistic_sum(struct store *store, uint32_t issuer, struct bytes name,
    int32_t first_day, int32_t last_day, int64_t *sum, struct err *err)
{
	static const struct sql SUM = {
	    "SELECT coalesce(sum(count), 0) FROM statistic "
	    "WHERE issuer = ?1 AND day BETWEEN ?2 AND ?3 AND name = ?4",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &SUM, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, issuer);
	return sum_days(db, statement, name, first_day, last_day, sum, err);
}

bool
sqlite_statistic_sum_of_key(struct store *store, struct bytes spki_sha256,
    struct bytes name, int32_t first_day, int32_t last_day, int64_t *sum, struct err *err)
{
	static const struct sql SUM = {
	    "SELECT coalesce(sum(count), 0) FROM statistic WHERE issuer IN "
	    "(SELECT number FROM issuer WHERE spki_sha256 = ?1) "
	    "AND day BETWEEN ?2 AND ?3 AND name = ?4",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_statement(db, &SUM, err);

	if (statement == NULL)
		return false;
	bind_blob(statement, 1, spki_sha256);
	return sum_days(db, statement, name, first_day, last_day, sum, err);
}

bool
sqlite_statistic_each(struct store *store, uint32_t issuer, int32_t first_day,
    int32_t last_day, store_statistic_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {"SELECT @ FROM statistic WHERE issuer = ?1 "
					"AND day BETWEEN ?2 AND ?3 ORDER BY day, name",
	    &STATISTIC};
	struct statistic_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_int(rows.statement, 1, issuer);
	bind_int(rows.statement, 2, first_day);
	bind_int(rows.statement, 3, last_day);
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}
