/*
 * Indexes whose keys come at random. A row that lands anywhere in a large
 * b-tree costs a page read and a page written, so:
 *
 *	_0  takes new rows; small, its pages stay in the cache
 *	_1  takes the whole of _0 at once, sorted, as a run behind the others:
 *	    each row is written once more, its pages are full
 *	_2  takes many runs together in key order, so that each of its pages
 *	    that is touched takes many rows
 *
 * Readers ask all three. A row may stand in two of them; it counts once.
 */
#include "store/sqlite/tier_priv.h"

#include <assert.h>

/* Runs of a mask; run_number holds 1 to TIER_RUNS_MAX. */
#define RUNS(t, mask, where)                                                             \
	" FROM run_number CROSS JOIN " t "_1 WHERE (" mask                               \
	" >> (number - 1)) & 1 AND run = number AND " where

#define THREE(t, columns, mask, where, join)                                             \
	"SELECT " columns " FROM " t "_0 WHERE " where " " join " SELECT " columns RUNS( \
	    t, mask, where) " " join " SELECT " columns " FROM " t "_2 WHERE " where

/* A run each, so that every part comes sorted and a page reads no further than
 * it has to. */
#define PART(t, nth)                                                                     \
	"UNION SELECT key, value FROM " t "_1 WHERE run = " nth " AND " BETWEEN
#define EIGHT(t, a, b, c, d, e, f, g, h)                                                 \
	PART(t, a)                                                                       \
	PART(t, b) PART(t, c) PART(t, d) PART(t, e) PART(t, f) PART(t, g) PART(t, h)
#define BETWEEN "(key, value) > (?1, ?2) AND key < ?3 "
#define IN_ORDER(t)                                                                      \
	"SELECT key, value FROM " t "_0 WHERE " BETWEEN EIGHT(t, "1", "2", "3", "4",     \
	    "5", "6", "7", "8") EIGHT(t, "9", "10", "11", "12", "13", "14", "15", "16")  \
	    EIGHT(t, "17", "18", "19", "20", "21", "22", "23", "24")                     \
		EIGHT(t, "25", "26", "27", "28", "29", "30", "31",                       \
		    "32") "UNION SELECT key, value FROM " t "_2 WHERE " BETWEEN          \
			  "ORDER BY 1, 2 LIMIT ?4"

#define ERASE(t)                                                                         \
	{                                                                                \
		"DELETE FROM " t " WHERE key = ?1 AND value = ?2", NULL                  \
	}
#define MOVE(t, where)                                                                   \
	{                                                                                \
		"INSERT OR IGNORE INTO " t "_2 (key, value) SELECT key, value" RUNS(     \
		    t, "?1", where) " ORDER BY key, value",                              \
		    NULL                                                                 \
	}
#define UP_TO "(key, value) <= (?2, ?3)"

#define TIER(t, text_, bytes, runs_, merged)                                             \
	{                                                                                \
		.put = {"INSERT OR IGNORE INTO " t "_0 (key, value) VALUES (?1, ?2)",    \
		    NULL},                                                               \
		.members = {THREE(t, "value", "?5",                                      \
				"key BETWEEN ?1 AND ?2 AND value > ?3",                  \
				"UNION") " ORDER BY 1 LIMIT ?4",                         \
		    NULL},                                                               \
		.values = {THREE(t, "value", "?2", "key = ?1", "UNION ALL"), NULL},      \
		.text = {text_, NULL},                                                   \
		.erase = {ERASE(t "_0"),                                                 \
		    {"DELETE FROM " t                                                    \
		     "_1 WHERE run IN (SELECT number FROM run_number) AND key = ?1 "     \
		     "AND value = ?2",                                                   \
			NULL},                                                           \
		    ERASE(t "_2")},                                                      \
		.count = {"SELECT count(*) FROM " t "_0", NULL},                         \
		.used = {"SELECT 1 FROM " t "_1 WHERE run = ?1 LIMIT 1", NULL},          \
		.flush = {"INSERT INTO " t "_1 (run, key, value) "                       \
			  "SELECT ?1, key, value FROM " t "_0 ORDER BY key, value",      \
		    NULL},                                                               \
		.emptied = {"DELETE FROM " t "_0", NULL},                                \
		.bound = {"SELECT key, value FROM " t "_1 WHERE run = ?1 "               \
			  "ORDER BY key, value LIMIT 1 OFFSET ?2",                       \
		    NULL},                                                               \
		.move = MOVE(t, UP_TO),                                                  \
		.drop = {"DELETE FROM " t "_1 WHERE run = ?1 AND " UP_TO, NULL},         \
		.move_rest = MOVE(t, "1"),                                               \
		.drop_rest = {"DELETE FROM " t "_1 WHERE run = ?1", NULL},               \
		.row_bytes = bytes, .runs = runs_, .runs_merged = merged                 \
	}

/* Every certificate is looked up by its key before it is stored, the others
 * hardly ever: those may stand in many more runs. */
const struct tier_sql TIERS[TIER_COUNT] = {
    [TIER_CERTIFICATE_KEY] = TIER("certificate_key", "", 32, 16, 8),
    [TIER_FORM_KEY] = TIER("form_key", "", 32, TIER_RUNS_MAX, 16),
    [TIER_LINK] = TIER("link", "", 32, TIER_RUNS_MAX, 16),
    [TIER_NAME] = TIER("name", IN_ORDER("name"), 32, TIER_RUNS_MAX, 16),
};

/* A reader does not know what a writer has done since: all. */
static int64_t
runs_used(const struct sqlite *db, enum tier_name tier)
{
	return db->base.read_only ? INT64_MAX : (int64_t)db->tiers[tier].used;
}

/* --- rows in and out --------------------------------------------------------- */

static bool
put(struct sqlite *db, enum tier_name tier, sqlite3_stmt *statement, struct err *err)
{
	if (!sqlite_run(db, statement, err))
		return false;
	db->tiers[tier].rows += sqlite_changed(db);
	return true;
}

bool
tier_put(
    struct sqlite *db, enum tier_name tier, int64_t key, int64_t value, struct err *err)
{
	sqlite3_stmt *statement = sqlite_writing(db, &TIERS[tier].put, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, key);
	bind_int(statement, 2, value);
	return put(db, tier, statement, err);
}

bool
tier_put_text(struct sqlite *db, enum tier_name tier, struct bytes key, int64_t value,
    struct err *err)
{
	sqlite3_stmt *statement = sqlite_writing(db, &TIERS[tier].put, err);

	if (statement == NULL)
		return false;
	bind_text(statement, 1, key);
	bind_int(statement, 2, value);
	return put(db, tier, statement, err);
}

/* key NULL: the number. */
static bool
erase(struct sqlite *db, enum tier_name tier, const struct bytes *key, int64_t number,
    int64_t value, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(TIERS[tier].erase); i++) {
		sqlite3_stmt *statement = sqlite_writing(db, &TIERS[tier].erase[i], err);

		if (statement == NULL)
			return false;
		if (key != NULL)
			bind_text(statement, 1, *key);
		else
			bind_int(statement, 1, number);
		bind_int(statement, 2, value);
		if (!sqlite_run(db, statement, err))
			return false;
		if (i == 0)
			db->tiers[tier].rows -= sqlite_changed(db);
	}
	return true;
}

bool
tier_delete(
    struct sqlite *db, enum tier_name tier, int64_t key, int64_t value, struct err *err)
{
	return erase(db, tier, NULL, key, value, err);
}

bool
tier_delete_text(struct sqlite *db, enum tier_name tier, struct bytes key, int64_t value,
    struct err *err)
{
	return erase(db, tier, &key, 0, value, err);
}

bool
tier_members(struct rows *rows, struct sqlite *db, enum tier_name tier, int64_t first,
    int64_t last, int64_t after, size_t limit, struct err *err)
{
	if (!rows_open(rows, db, &TIERS[tier].members, err))
		return false;
	bind_int(rows->statement, 1, first);
	bind_int(rows->statement, 2, last);
	bind_int(rows->statement, 3, after);
	bind_int(rows->statement, 4, limit == 0 ? -1 : (int64_t)limit);
	bind_int(rows->statement, 5, runs_used(db, tier));
	return true;
}

bool
tier_links(struct rows *rows, struct sqlite *db, int64_t certificate, int64_t first,
    int64_t last, bool descending, struct err *err)
{
#define LINKS                                                                            \
	THREE("link", "value", "?4", "key = ?1 AND value BETWEEN ?2 AND ?3", "UNION")
	static const struct sql UP = {LINKS " ORDER BY 1", NULL};
	static const struct sql DOWN = {LINKS " ORDER BY 1 DESC", NULL};

	if (!rows_open(rows, db, descending ? &DOWN : &UP, err))
		return false;
	bind_int(rows->statement, 1, certificate);
	bind_int(rows->statement, 2, first);
	bind_int(rows->statement, 3, last);
	bind_int(rows->statement, 4, runs_used(db, TIER_LINK));
	return true;
}

bool
tier_values(struct rows *rows, struct sqlite *db, enum tier_name tier, int64_t key,
    struct err *err)
{
	if (!rows_open(rows, db, &TIERS[tier].values, err))
		return false;
	bind_int(rows->statement, 1, key);
	bind_int(rows->statement, 2, runs_used(db, tier));
	return true;
}

bool
tier_text(struct rows *rows, struct sqlite *db, enum tier_name tier, struct bytes first,
    int64_t first_value, struct bytes end, size_t limit, struct err *err)
{
	assert(tier == TIER_NAME);
	if (!rows_open(rows, db, &TIERS[tier].text, err))
		return false;
	bind_text(rows->statement, 1, first);
	bind_int(rows->statement, 2, first_value);
	if (end.len == 0)
		bind_blob(rows->statement, 3, end); /* sorts behind every text */
	else
		bind_text(rows->statement, 3, end);
	bind_int(rows->statement, 4, limit == 0 ? -1 : (int64_t)limit);
	return true;
}
