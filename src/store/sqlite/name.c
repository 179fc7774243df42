#include "store/sqlite/sqlite_priv.h"

/* --- names ---------------------------------------------------------------------- */

bool
sqlite_name_put(struct store *store, int64_t certificate, const struct bytes *names,
    size_t count, struct err *err)
{
	struct sqlite *db = sqlite_of(store);

	for (size_t i = 0; i < count; i++) {
		if (!tier_put_text(db, TIER_NAME, name_cut(names[i]), certificate, err))
			return false;
	}
	return true;
}

struct naming {
	struct sqlite *db;
	size_t limit, count; /* limit 0: none */
	store_name_fn *fn;
	void *owner;
	bool stopped;
};

/* Offers names behind (first, value) and before end. */
static bool
offer_names(struct naming *it, struct bytes first, int64_t value, struct bytes end,
    struct err *err)
{
	size_t left = it->limit - it->count;
	struct rows rows;

	if (it->stopped)
		return true;
	if (!tier_text(&rows, it->db, TIER_NAME, first, value, end,
		it->limit == 0 ? 0 : left, err))
		return false;
	while (!it->stopped && rows_next(&rows, NULL, err)) {
		it->count++;
		it->stopped = !it->fn(it->owner, column_bytes(rows.statement, 0),
		    sqlite3_column_int64(rows.statement, 1));
		if (it->count == it->limit)
			it->stopped = true;
	}
	return rows_end(&rows);
}

bool
sqlite_name_each(struct store *store, const struct name_filter *filter, store_name_fn *fn,
    void *owner, struct err *err)
{
	struct naming it = {
	    .db = sqlite_of(store), .limit = filter->limit, .fn = fn, .owner = owner};
	struct bytes after = filter->after_name, name = name_cut(filter->name);
	int64_t value = after.len != 0 ? filter->after_certificate : INT64_MIN;
	uint8_t front[NAME_MAX_LEN + 2], next[NAME_MAX_LEN + 2];
	struct bytes end = bytes_of(next, name.len + 1),
		     dotted = bytes_of(front, name.len + 1);
	bool at_name = after.len == 0 || bytes_equal(after, name);

	if (name.len == 0)
		return offer_names(&it, after, value, name, err);
	memcpy(front, name.data, name.len);
	memcpy(next, name.data, name.len);
	next[name.len] = 0; /* the very next text */
	if (at_name && !offer_names(&it, name, value, end, err))
		return false;
	if (!filter->below)
		return true;
	/* '/' is the byte behind '.'. */
	front[name.len] = '.';
	next[name.len] = '/';
	return offer_names(
	    &it, at_name ? dotted : after, at_name ? INT64_MIN : value, end, err);
}

/* --- matches -------------------------------------------------------------------- */

bool
sqlite_match_put(
    struct store *store, uint32_t watch, int64_t certificate, struct err *err)
{
	static const struct sql PUT = {
	    "INSERT OR IGNORE INTO matched (certificate, watch) VALUES (?1, ?2)", NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &PUT, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, certificate);
	bind_int(statement, 2, watch);
	return sqlite_run(db, statement, err);
}

static bool
offer_matches(struct rows *rows, store_match_fn *fn, void *owner, struct err *err)
{
	while (rows_next(rows, NULL, err) &&
	    fn(owner, (uint32_t)sqlite3_column_int64(rows->statement, 0),
		sqlite3_column_int64(rows->statement, 1)))
		;
	return rows_end(rows);
}

bool
sqlite_match_of_certificate(struct store *store, int64_t certificate, store_match_fn *fn,
    void *owner, struct err *err)
{
	static const struct sql EACH = {"SELECT watch, certificate FROM matched WHERE "
					"certificate = ?1 ORDER BY watch",
	    NULL};
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_int(rows.statement, 1, certificate);
	return offer_matches(&rows, fn, owner, err);
}

bool
sqlite_match_of_watch(struct store *store, uint32_t watch, int64_t after, size_t limit,
    store_match_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {"SELECT watch, certificate FROM matched WHERE "
					"watch = ?1 AND certificate > ?2 "
					"ORDER BY certificate LIMIT ?3",
	    NULL};
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_int(rows.statement, 1, watch);
	bind_int(rows.statement, 2, after);
	bind_int(rows.statement, 3, limit == 0 ? -1 : (int64_t)limit);
	return offer_matches(&rows, fn, owner, err);
}
