#include "store/sqlite/sqlite_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/migrate_priv.h"

#define APPLICATION_ID   0x43547764          /* "CTwd" */
#define CHECKED_AT_OPEN  (INT64_C(64) << 20) /* a second at most */
#define CACHE_MB_DEFAULT 8
#define FILTER_SHARE     8 /* an eighth of the cache */
#define FILTER_AT_ONCE   100000
#define COMMAND          " command"
#define LOCK_LOOK_MS     50
#define LOCK_WAIT_MS     10000
#define TEXT_(x)         #x
#define TEXT_OF(x)       TEXT_(x)

/* --- one writer -------------------------------------------------------------- */

/* Who holds the lock, by what it wrote there: "PID", or "PID command". */
struct holder {
	char pid[16];
	bool lives, is_command;
};

static void
holder_read(int lock, struct holder *holder)
{
	char text[32] = "";
	ssize_t len = pread(lock, text, sizeof(text) - 1, 0);
	size_t digits;

	text[len > 0 ? len : 0] = '\0';
	digits = strspn(text, "0123456789");
	holder->is_command = strncmp(text + digits, COMMAND, strlen(COMMAND)) == 0;
	if (digits >= sizeof(holder->pid))
		digits = 0;
	memcpy(holder->pid, text, digits);
	holder->pid[digits] = '\0';
	holder->lives = digits != 0 &&
	    (kill((pid_t)strtol(holder->pid, NULL, 10), 0) == 0 || errno == EPERM);
}

static bool
lock_taken(const char *path, bool brief, const struct holder *holder, struct err *err)
{
	const char *pid = holder->pid[0] != '\0' ? holder->pid : "unknown";

	if (brief || holder->is_command)
		return err_set(err, ERR_CONFIG,
		    "store: %s is in use (process %s): try again in a moment", path, pid);
	return err_set(err, ERR_CONFIG,
	    "store: %s is in use by another daemon (process %s): stop it, or give this "
	    "one a database of its own",
	    path, pid);
}

/* A daemon keeps the lock for good: no use to wait. A command lets it go at
 * once, and who has just taken it may not have written its name yet: what is
 * read then names nobody, or a process that is gone. */
static bool
lock_wait(struct sqlite *db, bool brief, struct err *err)
{
	const struct timespec pause = {0, LOCK_LOOK_MS * 1000000L};
	struct holder holder;

	for (int waited = 0; flock(db->lock, LOCK_EX | LOCK_NB) != 0;
	     waited += LOCK_LOOK_MS) {
		holder_read(db->lock, &holder);
		if ((holder.lives && !holder.is_command) || waited >= LOCK_WAIT_MS)
			return lock_taken(db->path, brief, &holder, err);
		nanosleep(&pause, NULL);
	}
	return true;
}

/* flock: gone with the process, however it ends. */
static bool
lock_file(struct sqlite *db, bool brief, struct err *err)
{
	char *path = mem_format("%s.lock", db->path);
	char text[32];
	int len, number;

	db->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	number = errno;
	mem_free(path);
	if (db->lock < 0)
		return err_set(err, number == ENOSPC ? ERR_FULL : ERR_CONFIG,
		    "store: cannot make %s.lock: %s: see that the folder is there and "
		    "may be written by this user",
		    db->path, strerror(number));
	if (!lock_wait(db, brief, err))
		return false;
	len =
	    snprintf(text, sizeof(text), "%ld%s\n", (long)getpid(), brief ? COMMAND : "");
	/* For people, and for who waits; a full disk must not stop us here. */
	if (ftruncate(db->lock, 0) != 0 || pwrite(db->lock, text, (size_t)len, 0) != len)
		errno = 0;
	return true;
}

/* --- what kind of file it is --------------------------------------------------- */

static bool
pragma(struct sqlite *db, const char *text, int64_t *value, struct err *err)
{
	sqlite3_stmt *statement;
	bool ok;

	*value = 0;
	if (sqlite3_prepare_v2(db->db, text, -1, &statement, NULL) != SQLITE_OK)
		return sqlite_failed(db, err);
	ok = sqlite_integer(db, statement, value, NULL, err);
	sqlite3_finalize(statement);
	return ok;
}

static bool
identify(struct sqlite *db, bool *fresh, struct err *err)
{
	int64_t application, version, tables;

	if (!pragma(db, "PRAGMA application_id", &application, err) ||
	    !pragma(db, "PRAGMA user_version", &version, err) ||
	    !pragma(db, "SELECT count(*) FROM sqlite_schema", &tables, err))
		return false;
	*fresh = tables == 0 && version == 0;
	db->base.schema = (int)version;
	if (*fresh ? application != 0 && application != APPLICATION_ID
		   : application != APPLICATION_ID)
		return err_set(err, ERR_CONFIG,
		    "store: %s is a database, but not one of ctwarden's: name another "
		    "file",
		    db->path);
	if (version > migrate_newest())
		return err_set(err, ERR_CONFIG,
		    "store: %s was made by a newer ctwarden (schema %" PRId64
		    ", this one knows %d): install that version again, or name another "
		    "file",
		    db->path, version, migrate_newest());
	if (db->base.read_only && version < migrate_newest())
		return err_set(err, ERR_CONFIG,
		    "store: %s is of an older ctwarden (schema %" PRId64
		    ", this one wants %d): start ctwardend, which brings it up",
		    db->path, version, migrate_newest());
	return true;
}

static bool
run_migration(void *owner, const struct migration *migration, struct err *err)
{
	struct sqlite *db = owner;
	char *text = mem_format("PRAGMA user_version = %d", migration->number);
	bool ok = sqlite_execute(db, "BEGIN IMMEDIATE", err) &&
	    sqlite_execute(db, migration->sql, err) && sqlite_execute(db, text, err) &&
	    sqlite_execute(db, "COMMIT", err);

	mem_free(text);
	if (!ok)
		sqlite3_exec(db->db, "ROLLBACK", NULL, NULL, NULL);
	else
		db->base.schema = migration->number;
	return ok;
}

/* Collisions of hashed keys cannot be made by who does not know this. */
static bool
read_hash_key(struct sqlite *db, struct err *err)
{
	static const struct sql FIND = {
	    "SELECT value FROM internal WHERE name = 'hash_key'", NULL};
	struct rows rows;
	bool found;

	if (!rows_open(&rows, db, &FIND, err))
		return false;
	found = rows_next(&rows, NULL, err) &&
	    column_bytes(rows.statement, 0).len == sizeof(db->hash_key);
	if (found)
		memcpy(db->hash_key, column_bytes(rows.statement, 0).data,
		    sizeof(db->hash_key));
	if (!rows_end(&rows))
		return false;
	return found ||
	    sqlite_refuse(db, err, ERR_STORE, "store: %s has no hash key: restore a copy",
		db->path);
}

static bool
write_hash_key(struct sqlite *db, struct err *err)
{
	static const struct sql PUT = {
	    "INSERT OR IGNORE INTO internal (name, value) VALUES ('hash_key', ?1)", NULL};
	sqlite3_stmt *statement;
	uint8_t key[sizeof(db->hash_key)];

	if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
		return err_set(
		    err, ERR_SYSTEM, "store: no random bytes: %s", strerror(errno));
	if ((statement = sqlite_statement(db, &PUT, err)) == NULL)
		return false;
	bind_blob(statement, 1, bytes_of(key, sizeof(key)));
	return sqlite_run(db, statement, err);
}

/* SQLite takes a file that is too short for a header for an empty one, and
 * would write over it. */
static bool
is_some_file(struct sqlite *db, struct err *err)
{
	struct stat file;

	if (stat(db->path, &file) != 0 || file.st_size == 0 || file.st_size >= 512)
		return true;
	return err_set(err, ERR_CONFIG,
	    "store: %s is not a database: name another file, or remove this one",
	    db->path);
}

static int
on_wal(void *owner, sqlite3 *handle, const char *name, int pages)
{
	struct sqlite *db = owner;

	(void)handle, (void)name;
	db->wal_bytes = (int64_t)pages * PAGE_SIZE;
	return SQLITE_OK;
}

/* --- opening ------------------------------------------------------------------- */

static bool
prepare_connection(
    struct sqlite *db, const struct store_options *options, struct err *err)
{
	char *text =
	    mem_format("PRAGMA cache_size = -%d; PRAGMA synchronous = NORMAL;"
		       "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;"
		       "PRAGMA secure_delete = OFF; PRAGMA trusted_schema = OFF;"
		       "PRAGMA cell_size_check = ON; PRAGMA wal_autocheckpoint = 0",
		db->cache_mb * 1024);
	bool ok;

	/* First: after a crash another program may be replaying the log just now. */
	sqlite3_busy_timeout(db->db, BUSY_MS);
	ok = sqlite_execute(db, text, err);
	mem_free(text);
	sqlite3_wal_hook(db->db, on_wal, db);
	if (ok && options->max_pages != 0) {
		text = mem_format("PRAGMA max_page_count = %u", options->max_pages);
		ok = sqlite_execute(db, text, err);
		mem_free(text);
	}
	return ok;
}

/* Once the size of pages is known: SQLite turns the kilobytes into a number of
 * pages when it is told, and keeps that. */
static bool
set_cache(struct sqlite *db, struct err *err)
{
	int kilobytes = db->cache_mb * 1024;
	int filter = db->base.read_only ? 0 : kilobytes / FILTER_SHARE;
	char *text = mem_format("PRAGMA cache_size = -%d", kilobytes - filter);
	bool ok = sqlite_execute(db, text, err);

	mem_free(text);
	if (filter != 0)
		filter_init(db, (size_t)filter * 1024);
	return ok;
}

static bool
prepare_file(struct sqlite *db, struct err *err)
{
	bool fresh;
	int64_t pages;

	if (!identify(db, &fresh, err))
		return false;
	if (db->base.read_only)
		return set_cache(db, err) && read_hash_key(db, err);
	if (fresh &&
	    !sqlite_execute(db,
		"PRAGMA page_size = " TEXT_OF(
		    PAGE_SIZE) "; PRAGMA application_id = " TEXT_OF(APPLICATION_ID),
		err))
		return false;
	if (!sqlite_execute(db, "PRAGMA journal_mode = WAL", err) ||
	    !set_cache(db, err) || !migrate(db->base.schema, run_migration, db, err) ||
	    !write_hash_key(db, err) || !read_hash_key(db, err) ||
	    !pragma(db, "PRAGMA page_count", &pages, err))
		return false;
	if (pages * PAGE_SIZE <= CHECKED_AT_OPEN && !store_check(&db->base, err))
		return false;
	/* Three tables; of a small database all is in the filter now. */
	return tiers_count(db, err) && filter_fill(db, FILTER_AT_ONCE, err) &&
	    filter_fill(db, FILTER_AT_ONCE, err) && filter_fill(db, FILTER_AT_ONCE, err);
}

static void
configure_once(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static bool
cannot_open(const struct sqlite *db)
{
	int code = sqlite3_errcode(db->db) & 0xff;

	return code == SQLITE_CANTOPEN || code == SQLITE_READONLY || code == SQLITE_PERM;
}

static bool
open_file(struct sqlite *db, const struct store_options *options, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
	    (options->read_only ? SQLITE_OPEN_READONLY
				: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

	pthread_once(&once, configure_once);
	if (options->read_only && access(options->path, R_OK) != 0)
		return err_set(err, ERR_CONFIG,
		    "store: cannot read %s: %s: start ctwardend first, or run this as "
		    "its "
		    "user",
		    options->path, strerror(errno));
	if (!is_some_file(db, err) ||
	    (!options->read_only && !lock_file(db, options->brief, err)))
		return false;
	if (sqlite3_open_v2(options->path, &db->db, flags, NULL) != SQLITE_OK)
		return sqlite_failed(db, err);
	if (prepare_connection(db, options, err) && prepare_file(db, err))
		return true;
	/* A reader needs the files beside it, which only a writer makes. */
	if (options->read_only && cannot_open(db))
		return err_set(err, ERR_CONFIG,
		    "store: cannot open %s (%s): start ctwardend first, or run this as "
		    "its "
		    "user",
		    options->path, sqlite3_errmsg(db->db));
	return false;
}

static void
close_store(struct store *store)
{
	struct sqlite *db = sqlite_of(store);

	sqlite_statements_free(db);
	sqlite_caches_clear(db);
	filter_free(db);
	sqlite3_close(db->db);
	if (db->lock >= 0)
		close(db->lock);
	clock_free(db->clock);
	mem_free(db->path);
	mem_free(db);
}

#define OPERATION(name, parameters, arguments) .name = sqlite_##name,

static const struct store_ops OPERATIONS = {
    STORE_VERBS(OPERATION).rollback = sqlite_rollback,
    .close = close_store,
};

struct store *
sqlite_open(const struct store_options *options, struct err *err)
{
	struct sqlite *db = mem_zero(1, sizeof(*db));

	db->base.ops = &OPERATIONS;
	db->base.read_only = options->read_only;
	db->lock = -1;
	db->path = mem_text(options->path);
	db->clock = clock_new(NULL);
	db->cache_mb = options->cache_mb > 0 ? options->cache_mb : CACHE_MB_DEFAULT;
	db->slice_rows = 4096;
	map_init(&db->statements);
	sqlite_caches_init(db);
	if (open_file(db, options, err))
		return &db->base;
	close_store(&db->base);
	return NULL;
}
