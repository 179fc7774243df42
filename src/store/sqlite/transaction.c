#include "store/sqlite/sqlite_priv.h"

#include <assert.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"

bool
sqlite_begin(struct store *store, struct err *err)
{
	static const struct sql BEGIN_WRITING = {"BEGIN IMMEDIATE", NULL};
	static const struct sql BEGIN_READING = {"BEGIN", NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement;

	assert(!store->in_transaction);
	statement =
	    sqlite_statement(db, store->read_only ? &BEGIN_READING : &BEGIN_WRITING, err);
	if (statement == NULL || !sqlite_run(db, statement, err))
		return false;
	tiers_keep(db);
	store->in_transaction = true;
	return true;
}

/* After the end of one, whichever way. */
static void
forget_transaction(struct sqlite *db)
{
	db->base.in_transaction = false;
	db->fresh = 0;
	db->failed.code = ERR_NONE;
}

void
sqlite_rollback(struct store *store)
{
	struct sqlite *db = sqlite_of(store);

	if (!store->in_transaction)
		return;
	sqlite_statements_reset(db);
	/* Where SQLite has rolled back by itself this fails, which is as well. */
	sqlite3_exec(db->db, "ROLLBACK", NULL, NULL, NULL);
	forget_transaction(db);
	tiers_restore(db);
	sqlite_caches_clear(db);
}

bool
sqlite_commit(struct store *store, struct err *err)
{
	static const struct sql COMMIT = {"COMMIT", NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement;

	assert(store->in_transaction);
	statement = sqlite_statement(db, &COMMIT, err);
	if (statement == NULL || !sqlite_run(db, statement, err)) {
		sqlite_rollback(store);
		return false;
	}
	forget_transaction(db);
	return true;
}

/* --- upkeep ------------------------------------------------------------------ */

#define SLICE_MS        80
#define SLICE_ROWS_MIN  256
#define SLICE_ROWS_A_MB 1024 /* they are sorted in memory, beside the cache */
#define FILTER_ROWS     100000
#define READER_MS       1500 /* longer than a reader may hold a view */
#define WAL_LARGE       4    /* times the soft limit */

static int64_t
wal_soft(const struct sqlite *db)
{
	int64_t mb = (int64_t)db->cache_mb * 2;

	return (mb < 16 ? 16 : mb) << 20;
}

/*
 * Brings the log into the main file. What readers still look at stays; only
 * where that has let it grow large are they waited for.
 */
static bool
checkpoint(struct sqlite *db, bool truncate, struct err *err)
{
	int pages, done;
	int code;

	sqlite3_busy_timeout(db->db, READER_MS);
	code = sqlite3_wal_checkpoint_v2(db->db, NULL,
	    truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, &pages,
	    &done);
	sqlite3_busy_timeout(db->db, BUSY_MS);
	db->wal_tried = db->wal_bytes;
	if ((code & 0xff) == SQLITE_BUSY)
		return true; /* a reader: later */
	if (code != SQLITE_OK)
		return sqlite_failed(db, err);
	if (done == pages)
		db->wal_bytes = db->wal_tried = 0;
	return true;
}

static bool
merge_once(struct sqlite *db, bool everything, int64_t *moved, struct err *err)
{
	int64_t began = clock_mono_ms(db->clock), took;

	if (!sqlite_begin(&db->base, err))
		return false;
	if (!tiers_slice(db, everything, moved, err) || !sqlite_commit(&db->base, err)) {
		sqlite_rollback(&db->base);
		return false;
	}
	took = clock_mono_ms(db->clock) - began;
	if (took > SLICE_MS * 3 / 4 && db->slice_rows > SLICE_ROWS_MIN)
		db->slice_rows /= 2;
	else if (took < SLICE_MS / 4 && *moved >= db->slice_rows / 2 &&
	    db->slice_rows < (int64_t)db->cache_mb * SLICE_ROWS_A_MB)
		db->slice_rows *= 2;
	return true;
}

static bool
wal_is_due(const struct sqlite *db)
{
	int64_t soft = wal_soft(db);

	return db->wal_bytes >= soft && db->wal_bytes - db->wal_tried >= soft / 2;
}

bool
sqlite_maintain(struct store *store, enum store_upkeep *left, struct err *err)
{
	struct sqlite *db = sqlite_of(store);
	int64_t moved;

	assert(!store->in_transaction && !store->read_only);
	if (wal_is_due(db)) {
		if (!checkpoint(db, db->wal_bytes >= wal_soft(db) * WAL_LARGE, err))
			return false;
	} else if (tiers_left(db) != STORE_IDLE) {
		if (!merge_once(db, false, &moved, err))
			return false;
	} else if (!filter_fill(db, FILTER_ROWS, err)) {
		return false;
	}
	*left = tiers_left(db);
	if (*left == STORE_IDLE && (wal_is_due(db) || db->filter.stage != FILTER_READY))
		*left = STORE_MORE;
	return true;
}

bool
sqlite_settle(struct store *store, struct err *err)
{
	struct sqlite *db = sqlite_of(store);
	int64_t moved;

	do {
		if (!merge_once(db, true, &moved, err))
			return false;
		if (wal_is_due(db) && !checkpoint(db, false, err))
			return false;
	} while (moved > 0);
	return checkpoint(db, true, err);
}

bool
sqlite_size(struct store *store, struct store_size *out, struct err *err)
{
	static const struct sql PAGES = {"PRAGMA page_count", NULL};
	static const struct sql FREE = {"PRAGMA freelist_count", NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *pages = sqlite_statement(db, &PAGES, err), *unused;
	char *wal;
	struct stat info;

	if (pages == NULL ||
	    !sqlite_integer(db, pages, &out->database_bytes, NULL, err) ||
	    (unused = sqlite_statement(db, &FREE, err)) == NULL ||
	    !sqlite_integer(db, unused, &out->free_bytes, NULL, err))
		return false;
	wal = mem_format("%s-wal", db->path);
	out->log_bytes = stat(wal, &info) == 0 ? (int64_t)info.st_size : 0;
	mem_free(wal);
	out->database_bytes *= PAGE_SIZE;
	out->free_bytes *= PAGE_SIZE;
	return true;
}

bool
sqlite_check(struct store *store, struct err *err)
{
	static const struct sql CHECK = {"PRAGMA integrity_check(1)", NULL};
	struct sqlite *db = sqlite_of(store);
	struct bytes said = {0};
	struct rows rows;
	bool sound = false;

	if (!rows_open(&rows, db, &CHECK, err))
		return false;
	if (rows_next(&rows, NULL, err)) {
		said = column_bytes(rows.statement, 0);
		sound = bytes_equal(said, bytes_text("ok"));
		if (!sound)
			err_set(err, ERR_STORE,
			    "store: %s is damaged (%.*s): stop the daemon, keep the file "
			    "aside, and restore a copy or try sqlite3's .recover",
			    db->path, said.len > 100 ? 100 : (int)said.len, said.data);
	}
	return rows_end(&rows) && sound;
}

/* --- notes ------------------------------------------------------------------- */

bool
sqlite_note_get(struct store *store, const char *name, struct arena *arena,
    struct bytes *value, bool *found, struct err *err)
{
	static const struct sql GET = {"SELECT value FROM note WHERE name = ?1", NULL};
	struct rows rows;

	*value = (struct bytes){0};
	if (!rows_open(&rows, sqlite_of(store), &GET, err))
		return false;
	bind_text(rows.statement, 1, bytes_text(name));
	*found = rows_next(&rows, NULL, err);
	if (*found)
		*value = arena_copy(arena, column_bytes(rows.statement, 0));
	return rows_end(&rows);
}

bool
sqlite_note_put(
    struct store *store, const char *name, struct bytes value, struct err *err)
{
	static const struct sql PUT = {
	    "INSERT OR REPLACE INTO note (name, value) VALUES (?1, ?2)", NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &PUT, err);

	if (statement == NULL)
		return false;
	bind_text(statement, 1, bytes_text(name));
	bind_blob(statement, 2, value);
	return sqlite_run(db, statement, err);
}

bool
sqlite_note_delete(struct store *store, const char *name, struct err *err)
{
	static const struct sql DELETE = {"DELETE FROM note WHERE name = ?1", NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &DELETE, err);

	if (statement == NULL)
		return false;
	bind_text(statement, 1, bytes_text(name));
	return sqlite_run(db, statement, err);
}

bool
sqlite_note_each(struct store *store, const char *prefix, store_note_fn *fn, void *owner,
    struct err *err)
{
	static const struct sql EACH = {
	    "SELECT name, value FROM note WHERE name >= ?1 ORDER BY name", NULL};
	struct rows rows;
	size_t len = strlen(prefix);

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_text(rows.statement, 1, bytes_text(prefix));
	while (rows_next(&rows, NULL, err)) {
		struct bytes name = column_bytes(rows.statement, 0);

		if (name.len < len || memcmp(name.data, prefix, len) != 0 ||
		    !fn(owner, name, column_bytes(rows.statement, 1)))
			break;
	}
	return rows_end(&rows);
}
