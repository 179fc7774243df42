/* How rows of the tiers move on: flushes and merges, a slice at a time. */
#include "store/sqlite/tier_priv.h"

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
	struct bound bound = {.set = false};

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
