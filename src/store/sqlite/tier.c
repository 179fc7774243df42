/*
 * Indexes whose keys come at random. A row that lands anywhere in a large
 * b-tree costs a page read and a page written; so rows gather in a small
 * table, which moves in key order into a larger one, and that into the
 * largest, where each page touched then takes many rows. Readers ask all.
 */
#include "store/sqlite/sqlite_priv.h"

#include "base/mem.h"

struct tier_sql {
	struct sql put, erase[TIER_LEVELS], members, values, text;
	struct sql count[TIER_LEVELS - 1], bound[TIER_LEVELS - 1];
	struct sql move[TIER_LEVELS - 1], move_rest[TIER_LEVELS - 1];
	struct sql drop[TIER_LEVELS - 1], drop_rest[TIER_LEVELS - 1];
	int row_bytes; /* about, in a page */
};

#define BEHIND  "(key, value) > (?1, ?2)"
#define UP_TO   BEHIND " AND (key, value) <= (?3, ?4)"
#define IN_TEXT "(key, value) > (?1, ?2) AND (?3 IS NULL OR key < ?3)"
#define ERASE(t, l)                                                                      \
	{                                                                                \
		"DELETE FROM " t "_" l " WHERE key = ?1 AND value = ?2", NULL            \
	}
#define COUNT(t, l)                                                                      \
	{                                                                                \
		"SELECT count(*) FROM " t "_" l, NULL                                    \
	}
#define BOUND(t, l)                                                                      \
	{                                                                                \
		"SELECT key, value FROM " t "_" l " WHERE " BEHIND                       \
		" ORDER BY key, value LIMIT 1 OFFSET ?3",                                \
		    NULL                                                                 \
	}
#define MOVE(t, from, to, what)                                                          \
	{                                                                                \
		"INSERT OR IGNORE INTO " t "_" to                                        \
		" (key, value) SELECT key, value FROM " t "_" from " WHERE " what        \
		" ORDER BY key, value",                                                  \
		    NULL                                                                 \
	}
#define DROP(t, l, what)                                                                 \
	{                                                                                \
		"DELETE FROM " t "_" l " WHERE " what, NULL                              \
	}
#define SELECT(t, l, where) "SELECT key, value FROM " t "_" l " WHERE " where
#define ALL(t, where)                                                                    \
	SELECT(t, "0", where)                                                            \
	" UNION " SELECT(t, "1", where) " UNION " SELECT(t, "2", where) " ORDER BY 1, 2"
#define MEMBER(t, l)                                                                     \
	"SELECT value FROM " t "_" l " WHERE key BETWEEN ?1 AND ?2 AND value > ?3"
#define MEMBERS(t)                                                                       \
	MEMBER(t, "0")                                                                   \
	" UNION " MEMBER(t, "1") " UNION " MEMBER(t, "2") " ORDER BY 1 LIMIT ?4"
#define LINK(l)      "SELECT value FROM link_" l " WHERE key = ?1 AND value BETWEEN ?2 AND ?3"
#define LINKS        LINK("0") " UNION " LINK("1") " UNION " LINK("2") " ORDER BY 1"
#define VALUES(t, l) "SELECT value FROM " t "_" l " WHERE key = ?1"

#define TIER(t, bytes)                                                                   \
	{                                                                                \
		.put = {"INSERT OR IGNORE INTO " t "_0 (key, value) VALUES (?1, ?2)",    \
		    NULL},                                                               \
		.erase = {ERASE(t, "0"), ERASE(t, "1"), ERASE(t, "2")},                  \
		.members = {MEMBERS(t), NULL},                                           \
		.values = {VALUES(t, "0") " UNION ALL " VALUES(                          \
			       t, "1") " UNION ALL " VALUES(t, "2"),                     \
		    NULL},                                                               \
		.text = {ALL(t, IN_TEXT) " LIMIT ?4", NULL},                             \
		.count = {COUNT(t, "0"), COUNT(t, "1")},                                 \
		.bound = {BOUND(t, "0"), BOUND(t, "1")},                                 \
		.move = {MOVE(t, "0", "1", UP_TO), MOVE(t, "1", "2", UP_TO)},            \
		.move_rest = {MOVE(t, "0", "1", BEHIND), MOVE(t, "1", "2", BEHIND)},     \
		.drop = {DROP(t, "0", UP_TO), DROP(t, "1", UP_TO)},                      \
		.drop_rest = {DROP(t, "0", BEHIND), DROP(t, "1", BEHIND)},               \
		.row_bytes = bytes,                                                      \
	}

static const struct tier_sql TIERS[TIER_COUNT] = {
    [TIER_CERTIFICATE_KEY] = TIER("certificate_key", 24),
    [TIER_FORM_KEY] = TIER("form_key", 24),
    [TIER_LINK] = TIER("link", 24),
    [TIER_NAME] = TIER("name", 48),
};

static bool
is_text(enum tier_name tier)
{
	return tier == TIER_NAME;
}

/* --- rows in and out --------------------------------------------------------- */

static bool
put(struct sqlite *db, enum tier_name tier, sqlite3_stmt *statement, struct err *err)
{
	if (!sqlite_run(db, statement, err))
		return false;
	db->tiers[tier].rows[0] += sqlite_changed(db);
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
	for (int level = 0; level < TIER_LEVELS; level++) {
		sqlite3_stmt *statement =
		    sqlite_writing(db, &TIERS[tier].erase[level], err);

		if (statement == NULL)
			return false;
		if (key != NULL)
			bind_text(statement, 1, *key);
		else
			bind_int(statement, 1, number);
		bind_int(statement, 2, value);
		if (!sqlite_run(db, statement, err))
			return false;
		if (level < TIER_LEVELS - 1)
			db->tiers[tier].rows[level] -= sqlite_changed(db);
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
	bind_int(rows->statement, 4, (int64_t)limit);
	return true;
}

bool
tier_links(struct rows *rows, struct sqlite *db, int64_t certificate, int64_t first,
    int64_t last, bool descending, struct err *err)
{
	static const struct sql UP = {LINKS, NULL}, DOWN = {LINKS " DESC", NULL};

	if (!rows_open(rows, db, descending ? &DOWN : &UP, err))
		return false;
	bind_int(rows->statement, 1, certificate);
	bind_int(rows->statement, 2, first);
	bind_int(rows->statement, 3, last);
	return true;
}

bool
tier_values(struct rows *rows, struct sqlite *db, enum tier_name tier, int64_t key,
    struct err *err)
{
	if (!rows_open(rows, db, &TIERS[tier].values, err))
		return false;
	bind_int(rows->statement, 1, key);
	return true;
}

bool
tier_text(struct rows *rows, struct sqlite *db, enum tier_name tier, struct bytes first,
    int64_t first_value, struct bytes end, size_t limit, struct err *err)
{
	if (!rows_open(rows, db, &TIERS[tier].text, err))
		return false;
	bind_text(rows->statement, 1, first);
	bind_int(rows->statement, 2, first_value);
	if (end.len == 0)
		sqlite3_bind_null(rows->statement, 3);
	else
		bind_text(rows->statement, 3, end);
	bind_int(rows->statement, 4, limit == 0 ? -1 : (int64_t)limit);
	return true;
}

/* --- merging ----------------------------------------------------------------- */

/* How many rows a level gathers before it moves on: the first such that it
 * stays in the cache, the second by what it saves the third. */
static int64_t
level_cap(const struct sqlite *db, enum tier_name tier, int level)
{
	int64_t bytes = (int64_t)db->cache_mb << 20;
	int64_t rows = bytes / 24 / TIERS[tier].row_bytes;

	return level == 0 ? rows : rows * 16;
}

bool
tiers_count(struct sqlite *db, struct err *err)
{
	for (int tier = 0; tier < TIER_COUNT; tier++) {
		for (int level = 0; level < TIER_LEVELS - 1; level++) {
			sqlite3_stmt *statement =
			    sqlite_statement(db, &TIERS[tier].count[level], err);

			if (statement == NULL ||
			    !sqlite_integer(
				db, statement, &db->tiers[tier].rows[level], NULL, err))
				return false;
		}
	}
	return true;
}

void
tiers_keep(struct sqlite *db)
{
	for (int tier = 0; tier < TIER_COUNT; tier++)
		memcpy(db->tiers[tier].kept, db->tiers[tier].rows,
		    sizeof(db->tiers[tier].kept));
}

void
tiers_restore(struct sqlite *db)
{
	for (int tier = 0; tier < TIER_COUNT; tier++)
		memcpy(db->tiers[tier].rows, db->tiers[tier].kept,
		    sizeof(db->tiers[tier].rows));
	/* A slice that came to nothing begins anew. */
	for (int tier = 0; tier < TIER_COUNT; tier++)
		memset(db->tiers[tier].merging, 0, sizeof(db->tiers[tier].merging));
}

/* The row a merge has come to. */
static void
cursor_bind(sqlite3_stmt *statement, int nth, enum tier_name tier,
    const struct tier_cursor *cursor)
{
	if (is_text(tier))
		bind_text(statement, nth, bytes_of(cursor->text, cursor->text_len));
	else
		bind_int(statement, nth, cursor->key);
	bind_int(statement, nth + 1, cursor->value);
}

static void
cursor_column(sqlite3_stmt *statement, enum tier_name tier, struct tier_cursor *cursor)
{
	struct bytes text = column_bytes(statement, 0);

	if (is_text(tier)) {
		/* No name is stored longer than this. */
		cursor->text_len = text.len < NAME_MAX_LEN ? text.len : NAME_MAX_LEN;
		memcpy(cursor->text, text.data, cursor->text_len);
	} else {
		cursor->key = sqlite3_column_int64(statement, 0);
	}
	cursor->value = sqlite3_column_int64(statement, 1);
}

static void
cursor_start(struct tier_cursor *cursor)
{
	cursor->key = INT64_MIN;
	cursor->value = INT64_MIN;
	cursor->text_len = 0;
}

/* The count'th row behind the cursor; found: false when there are fewer. */
static bool
find_bound(struct sqlite *db, enum tier_name tier, int level, int64_t count,
    struct tier_cursor *bound, bool *found, struct err *err)
{
	const struct tier_cursor *from = &db->tiers[tier].cursors[level];
	struct rows rows;

	if (!rows_open(&rows, db, &TIERS[tier].bound[level], err))
		return false;
	cursor_bind(rows.statement, 1, tier, from);
	bind_int(rows.statement, 3, count - 1);
	*found = rows_next(&rows, NULL, err);
	if (*found)
		cursor_column(rows.statement, tier, bound);
	return rows_end(&rows);
}

static bool
move_run(struct sqlite *db, const struct sql *sql, enum tier_name tier, int level,
    const struct tier_cursor *bound, int64_t *changed, struct err *err)
{
	sqlite3_stmt *statement = sqlite_writing(db, sql, err);

	if (statement == NULL)
		return false;
	cursor_bind(statement, 1, tier, &db->tiers[tier].cursors[level]);
	if (bound != NULL)
		cursor_bind(statement, 3, tier, bound);
	if (!sqlite_run(db, statement, err))
		return false;
	*changed = sqlite_changed(db);
	return true;
}

/* The next count rows of a level go down, or what is left of it. */
static bool
merge_slice(struct sqlite *db, enum tier_name tier, int level, int64_t count,
    int64_t *moved, struct err *err)
{
	const struct tier_sql *sql = &TIERS[tier];
	struct tier_state *state = &db->tiers[tier];
	struct tier_cursor bound;
	int64_t arrived;
	bool more;

	if (!find_bound(db, tier, level, count, &bound, &more, err) ||
	    !move_run(db, more ? &sql->move[level] : &sql->move_rest[level], tier, level,
		more ? &bound : NULL, &arrived, err) ||
	    !move_run(db, more ? &sql->drop[level] : &sql->drop_rest[level], tier, level,
		more ? &bound : NULL, moved, err))
		return false;
	state->rows[level] -= *moved;
	if (level + 1 < TIER_LEVELS - 1)
		state->rows[level + 1] += arrived;
	if (more)
		state->cursors[level] = bound;
	else
		state->merging[level] = false;
	return true;
}

/* Which level of which tier is fullest, among those that are to move. */
static bool
choose(struct sqlite *db, bool everything, enum tier_name *tier, int *level)
{
	int64_t worst = -1;

	for (int t = 0; t < TIER_COUNT; t++) {
		for (int l = 0; l < TIER_LEVELS - 1; l++) {
			struct tier_state *state = &db->tiers[t];
			int64_t cap = level_cap(db, t, l);

			if (!state->merging[l] &&
			    (state->rows[l] > cap ||
				(everything && state->rows[l] > 0))) {
				state->merging[l] = true;
				cursor_start(&state->cursors[l]);
			}
			if (state->merging[l] && state->rows[l] * 1000 / cap > worst) {
				worst = state->rows[l] * 1000 / cap;
				*tier = (enum tier_name)t;
				*level = l;
			}
		}
	}
	return worst >= 0;
}

bool
tiers_merge(struct sqlite *db, bool everything, int64_t *moved, struct err *err)
{
	enum tier_name tier;
	int level;

	*moved = 0;
	if (!choose(db, everything, &tier, &level))
		return true;
	return merge_slice(db, tier, level, db->slice_rows, moved, err);
}

enum store_upkeep
tiers_left(const struct sqlite *db)
{
	enum store_upkeep left = STORE_IDLE;

	for (int t = 0; t < TIER_COUNT; t++) {
		for (int l = 0; l < TIER_LEVELS - 1; l++) {
			int64_t cap = level_cap(db, t, l);

			if (db->tiers[t].rows[l] > 2 * cap)
				return STORE_URGENT;
			if (db->tiers[t].merging[l] || db->tiers[t].rows[l] > cap)
				left = STORE_MORE;
		}
	}
	return left;
}
