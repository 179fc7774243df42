/*
 * store - the database: opening, transactions, upkeep, and small notes.
 *
 * The face speaks rows: plain structs of integers and struct bytes, nothing
 * of SQL, of SQLite or of certificates. Each family of rows has a header
 * beside this one. A handle belongs to one thread at a time: the daemon's
 * writer has the only writing one, the loop and the command open their own
 * read-only ones.
 *
 * What holds for every verb:
 * - false means err is set: ERR_FULL (no room on the disk; nothing of this
 *   transaction will stay: roll back, free some room or wait, try again),
 *   ERR_STORE (the database failed), ERR_LIMIT (a value no row can hold).
 *   After the first failure inside a transaction every further verb and the
 *   commit fail with the same error until store_rollback().
 * - Verbs that write need a transaction around them; those that read take the
 *   caller's transaction or are one by themselves.
 * - What a row points to belongs to the caller on the way in. On the way out
 *   it lives in the arena the caller passed, or, in a row callback, until the
 *   callback returns. Text has its length and may hold any byte, NUL too.
 * - A row callback returns false to stop. It may call other verbs, not the
 *   one that called it. While it runs the database is being read: a callback
 *   that waits (for a terminal, a pipe) keeps the daemon from trimming its
 *   log, so collect a page first and show it afterwards.
 * - An index within a log is below 2^40. Times are ms since 1970 where the
 *   name ends in _ms, seconds where it ends in _s; STORE_NO_TIME is none.
 */
#pragma once
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

struct store;

#define STORE_NO_TIME     INT64_MIN
#define STORE_INDEX_LIMIT (UINT64_C(1) << 40)
#define STORE_ID_LEN      16 /* of findings, events, alerts, watches */
#define STORE_HASH_LEN    32 /* SHA-256 */

struct store_options {
	const char *path;   /* made when missing, unless read_only */
	bool read_only;     /* takes no lock, changes nothing */
	bool brief;         /* a writer that is soon done: others wait for it */
	int cache_mb;       /* memory for pages, all in all; 0: 8 */
	uint32_t max_pages; /* tests: the database is "full" here; 0: the disk decides */
};

/*
 * Opens, brings an older schema up to ours (writers only), looks for damage
 * (through all of it while it is small: store_check() does it at any size).
 * A writer holds PATH.lock until it closes; one that is brief is waited for,
 * some seconds, any other not at all. NULL with err set, whose text ends
 * with what to do: ERR_CONFIG (in use by another daemon, made by a newer
 * ctwarden, not a ctwarden database, not there or no permission), ERR_STORE
 * (damaged), ERR_FULL.
 */
struct store *store_open(const struct store_options *, struct err *err);

/* Rolls back what is not committed. NULL is fine. */
void store_close(struct store *);

/* On a read-only handle begin and commit frame one consistent view; hold it
 * for a second at most. */
MUST_CHECK bool store_begin(struct store *, struct err *err);

/* When it fails nothing of the transaction was stored and it is over (no
 * rollback is needed, though it does no harm). */
MUST_CHECK bool store_commit(struct store *, struct err *err);

/* Fine without a transaction. Cannot fail. */
void store_rollback(struct store *);

bool store_in_transaction(const struct store *);

/* --- upkeep ------------------------------------------------------------- */

enum store_upkeep {
	STORE_IDLE,   /* nothing to do until the next commit */
	STORE_MORE,   /* another slice when there is time */
	STORE_URGENT, /* another slice before the next commit, or writing gets slow */
};

/*
 * One slice (under 100 ms) of what keeps writing fast: recent index rows go to
 * their large tables in key order, the write-ahead log goes into the database.
 * Outside a transaction, by the writer: once after every commit, again at
 * once while it says STORE_URGENT, and while it says STORE_MORE whenever
 * nothing waits to be committed. What readers see never changes by it.
 */
MUST_CHECK bool store_maintain(struct store *, enum store_upkeep *left, struct err *err);

/* All upkeep at once: before closing, after a long catch-up. Seconds. */
MUST_CHECK bool store_settle(struct store *, struct err *err);

struct store_size {
	int64_t database_bytes; /* the main file */
	int64_t log_bytes;      /* not yet brought into it */
	int64_t free_bytes;     /* inside the main file, to be used again */
};

MUST_CHECK bool store_size(struct store *, struct store_size *out, struct err *err);

/* Reads the whole database and its indexes (minutes when it is large). False
 * with ERR_STORE and what is wrong first. */
MUST_CHECK bool store_check(struct store *, struct err *err);

int store_schema(const struct store *); /* the version of the open database */

/* --- notes: small values under a name, kept for ever ----------------------- */

/* found: false when there is none, value is then empty. */
MUST_CHECK bool store_note_get(struct store *, const char *name, struct arena *,
    struct bytes *value, bool *found, struct err *err);

/* Replaces. */
MUST_CHECK bool store_note_put(
    struct store *, const char *name, struct bytes value, struct err *err);

MUST_CHECK bool store_note_delete(struct store *, const char *name, struct err *err);

typedef bool store_note_fn(void *owner, struct bytes name, struct bytes value);

/* All whose name begins with prefix, in the order of names. */
MUST_CHECK bool store_note_each(
    struct store *, const char *prefix, store_note_fn *fn, void *owner, struct err *err);
