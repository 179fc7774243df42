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
#include "store/sqlite/sqlite_priv.h"

#include <assert.h>

struct tier_sql {
	struct sql put, members, values, text;
	struct sql erase[3];       /* of each table */
	struct sql count, used;    /* rows of _0; whether a run has any */
	struct sql flush, emptied; /* _0 to a run */
	struct sql bound;          /* a row of a run, so many behind its first */
	struct sql move, drop;     /* runs to _2, up to a bound; without: the rest */
	struct sql move_rest, drop_rest;
	int row_bytes;   /* about, in a page of _0 */
	int runs;        /* that may stand */
	int runs_merged; /* so many of them go to _2 together */
};

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
static const struct tier_sql TIERS[TIER_COUNT] = {
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

/* --- what stands, and what has to move ----------------------------------------- */

/* How many rows _0 gathers: such that the pages of all tiers stay in the cache
 * beside those that are being appended to. */
static int64_t
rows_cap(const struct sqlite *db, enum tier_name tier)
{
	return ((int64_t)db->cache_mb << 20) / 16 / TIERS[tier].row_bytes;
}

static int
runs_in(uint64_t mask)
{
	return __builtin_popcountll(mask);
}

bool
tiers_count(struct sqlite *db, struct err *err)
{
	for (int tier = 0; tier < TIER_COUNT; tier++) {
		struct tier_state *state = &db->tiers[tier];
		sqlite3_stmt *statement = sqlite_statement(db, &TIERS[tier].count, err);
		int64_t used;

		if (statement == NULL ||
		    !sqlite_integer(db, statement, &state->rows, NULL, err))
			return false;
		state->used = 0;
		for (int run = 1; run <= TIER_RUNS_MAX; run++) {
			if ((statement = sqlite_statement(db, &TIERS[tier].used, err)) ==
			    NULL)
				return false;
			bind_int(statement, 1, run);
			if (!sqlite_integer(db, statement, &used, NULL, err))
				return false;
			state->used |= (uint64_t)(used != 0) << (run - 1);
		}
		state->merging = 0;
	}
	return true;
}

void
tiers_keep(struct sqlite *db)
{
	memcpy(db->tiers_kept, db->tiers, sizeof(db->tiers));
}

void
tiers_restore(struct sqlite *db)
{
	memcpy(db->tiers, db->tiers_kept, sizeof(db->tiers));
}

static bool
must_flush(const struct sqlite *db, enum tier_name tier)
{
	return db->tiers[tier].rows > rows_cap(db, tier) &&
	    runs_in(db->tiers[tier].used) < TIERS[tier].runs;
}

/* Which runs go to _2 next: those that have begun, or enough that stand. */
static uint64_t
must_merge(const struct sqlite *db, enum tier_name tier)
{
	const struct tier_state *state = &db->tiers[tier];

	if (state->merging != 0)
		return state->merging;
	return runs_in(state->used) >= TIERS[tier].runs_merged ? state->used : 0;
}

/* The free run behind the last one, round and round: its rows are appended to
 * the table, or nearly. */
static int
next_run(const struct tier_state *state)
{
	int run = state->last_run;

	do
		run = run % TIER_RUNS_MAX + 1;
	while (state->used >> (run - 1) & 1);
	return run;
}

/* --- moving ---------------------------------------------------------------------- */

static bool
run_with(struct sqlite *db, const struct sql *sql, int64_t parameter, struct err *err)
{
	sqlite3_stmt *statement = sqlite_writing(db, sql, err);

	if (statement == NULL)
		return false;
	if (sqlite3_bind_parameter_count(statement) > 0)
		bind_int(statement, 1, parameter);
	return sqlite_run(db, statement, err);
}

/* All of _0 becomes a run. */
static bool
flush(struct sqlite *db, enum tier_name tier, int64_t *moved, struct err *err)
{
	struct tier_state *state = &db->tiers[tier];
	int run = next_run(state);

	if (!run_with(db, &TIERS[tier].flush, run, err))
		return false;
	*moved = sqlite_changed(db);
	if (!run_with(db, &TIERS[tier].emptied, 0, err))
		return false;
	state->rows = 0;
	state->last_run = run;
	if (*moved > 0)
		state->used |= UINT64_C(1) << (run - 1);
	return true;
}

/* A row that runs are moved up to. */
struct bound {
	bool set; /* false: to the end */
	bool text;
	int64_t key, value;
	size_t len;
	uint8_t bytes[NAME_MAX_LEN];
};

static void
bound_bind(sqlite3_stmt *statement, const struct bound *bound)
{
	if (bound->text)
		bind_text(statement, 2, bytes_of(bound->bytes, bound->len));
	else
		bind_int(statement, 2, bound->key);
	bind_int(statement, 3, bound->value);
}

/* Lowers the bound to the row at hand, if that is lower. */
static void
bound_lower(struct bound *bound, sqlite3_stmt *statement)
{
	int64_t key = sqlite3_column_int64(statement, 0);
	int64_t value = sqlite3_column_int64(statement, 1);
	struct bytes text = column_bytes(statement, 0);
	int order;

	if (bound->text)
		order = bytes_compare(text, bytes_of(bound->bytes, bound->len));
	else
		order = (key > bound->key) - (key < bound->key);
	if (bound->set && (order > 0 || (order == 0 && value >= bound->value)))
		return;
	bound->set = true;
	bound->key = key;
	bound->value = value;
	bound->len = text.len < NAME_MAX_LEN ? text.len : NAME_MAX_LEN;
	if (bound->text)
		memcpy(bound->bytes, text.data, bound->len);
}

/* At most about count rows of the runs lie up to the bound, however their keys
 * are spread. */
static bool
find_bound(struct sqlite *db, enum tier_name tier, uint64_t runs, int64_t count,
    struct bound *bound, struct err *err)
{
	struct rows rows;

	bound->set = false;
	bound->text = tier == TIER_NAME;
	for (int run = 1; run <= TIER_RUNS_MAX; run++) {
		if ((runs >> (run - 1) & 1) == 0)
			continue;
		if (!rows_open(&rows, db, &TIERS[tier].bound, err))
			return false;
		bind_int(rows.statement, 1, run);
		bind_int(rows.statement, 2, count / runs_in(runs));
		if (rows_next(&rows, NULL, err))
			bound_lower(bound, rows.statement);
		if (!rows_end(&rows))
			return false;
	}
	return true;
}

/* Deletes from each run what has moved. */
static bool
drop(struct sqlite *db, enum tier_name tier, uint64_t runs, const struct bound *bound,
    struct err *err)
{
	const struct sql *sql = bound->set ? &TIERS[tier].drop : &TIERS[tier].drop_rest;

	for (int run = 1; run <= TIER_RUNS_MAX; run++) {
		sqlite3_stmt *statement;

		if ((runs >> (run - 1) & 1) == 0)
			continue;
		if ((statement = sqlite_writing(db, sql, err)) == NULL)
			return false;
		bind_int(statement, 1, run);
		if (bound->set)
			bound_bind(statement, bound);
		if (!sqlite_run(db, statement, err))
			return false;
	}
	return true;
}

/* The next slice of the runs goes to _2. */
static bool
merge(struct sqlite *db, enum tier_name tier, uint64_t runs, int64_t *moved,
    struct err *err)
{
	struct tier_state *state = &db->tiers[tier];
	sqlite3_stmt *statement;
	struct bound bound;

	if (!find_bound(db, tier, runs, db->slice_rows, &bound, err))
		return false;
	statement = sqlite_writing(
	    db, bound.set ? &TIERS[tier].move : &TIERS[tier].move_rest, err);
	if (statement == NULL)
		return false;
	bind_int(statement, 1, (int64_t)runs);
	if (bound.set)
		bound_bind(statement, &bound);
	if (!sqlite_run(db, statement, err))
		return false;
	*moved = sqlite_changed(db) + 1; /* those that stood already: work too */
	state->merging = bound.set ? runs : 0;
	if (!bound.set)
		state->used &= ~runs;
	return drop(db, tier, runs, &bound, err);
}

/* Of the tiers whose runs have to move, the fullest; TIER_COUNT: none. */
static enum tier_name
fullest(const struct sqlite *db, bool everything)
{
	enum tier_name fullest = TIER_COUNT;
	int worst = 0;

	for (int tier = 0; tier < TIER_COUNT; tier++) {
		int share = runs_in(db->tiers[tier].used) * 100 / TIERS[tier].runs;

		if (share > worst && (everything || must_merge(db, tier) != 0)) {
			worst = share;
			fullest = (enum tier_name)tier;
		}
	}
	return fullest;
}

bool
tiers_slice(struct sqlite *db, bool everything, int64_t *moved, struct err *err)
{
	enum tier_name tier;

	*moved = 0;
	for (int t = 0; t < TIER_COUNT; t++) {
		if (must_flush(db, t) || (everything && db->tiers[t].rows > 0))
			return flush(db, t, moved, err);
	}
	tier = fullest(db, everything);
	if (tier == TIER_COUNT)
		return true;
	return merge(db, tier, everything ? db->tiers[tier].used : must_merge(db, tier),
	    moved, err);
}

enum store_upkeep
tiers_left(const struct sqlite *db)
{
	enum store_upkeep left = STORE_IDLE;

	for (int tier = 0; tier < TIER_COUNT; tier++) {
		if (must_flush(db, tier))
			return STORE_URGENT;
		if (must_merge(db, tier) == 0)
			continue;
		left = STORE_MORE;
		if (runs_in(db->tiers[tier].used) >= TIERS[tier].runs - 2)
			return STORE_URGENT;
	}
	return left;
}
