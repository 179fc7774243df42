/*
 * sqlite - the store in one SQLite file.
 *
 * Rows are mapped by tables of fields, so that a verb is its SQL and the
 * values it binds. Statements are prepared once and kept.
 */
#pragma once
#include <sqlite3.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/map.h"
#include "store/store_priv.h"

#define PLACE_BITS   40 /* a place is log << 40 | index */
#define NAME_MAX_LEN 1024
#define PAGE_SIZE    8192 /* of a database we make */
#define BUSY_MS      5000 /* how long another program's lock is waited for */

struct clock;

/* --- the handle ------------------------------------------------------------ */

enum tier_name { TIER_CERTIFICATE_KEY, TIER_FORM_KEY, TIER_LINK, TIER_NAME, TIER_COUNT };

#define TIER_RUNS_MAX 32

struct tier_state {
	int64_t rows;     /* of the first table, about */
	uint64_t used;    /* which runs hold rows: bit n - 1 is run n */
	uint64_t merging; /* which of them are on their way into the large table */
	int last_run;
};

enum filter_stage { FILTER_FIRST, FILTER_RUNS, FILTER_LARGE, FILTER_READY };

struct filter {
	uint64_t *words; /* NULL: there is none */
	uint64_t lines;
	enum filter_stage stage; /* which table is being read */
	int64_t key, run;        /* up to where */
};

struct sqlite {
	struct store base; /* first: the face casts back */
	sqlite3 *db;
	struct clock *clock;
	char *path;
	int lock; /* a file that a writer holds; -1 */
	int cache_mb;
	struct map statements; /* struct statement by the address of their struct sql */
	struct err failed;     /* what went wrong in this transaction */
	int64_t wal_bytes;     /* not yet brought into the main file */
	int64_t wal_tried;     /* as it stood when that was last tried */
	uint8_t hash_key[16];

	/* Handed out next by each table; 0: to be looked up. */
	int64_t next_certificate, next_issuer, next_chain;
	int64_t fresh; /* the certificate put last in this transaction, 0: none */
	int64_t fresh_place;
	bool fresh_form; /* it has one */
	struct map issuers_by_number, issuers_by_name, chains_by_number, chains_by_hashes;
	size_t chains_bytes;

	struct tier_state tiers[TIER_COUNT], tiers_kept[TIER_COUNT]; /* kept: at begin */
	struct filter filter;
	int64_t slice_rows; /* of a merge, so that it takes its time and no more */
};

static inline struct sqlite *
sqlite_of(struct store *store)
{
	return (struct sqlite *)store;
}

void sqlite_rollback(struct store *);

#define SQLITE_VERB(name, parameters, arguments) bool sqlite_##name parameters;
STORE_VERBS(SQLITE_VERB)

/* --- errors ---------------------------------------------------------------- */

/* What SQLite last said, as an err; remembered until rollback when a
 * transaction is open. Returns false. */
bool sqlite_failed(struct sqlite *, struct err *);

/* Another reason than SQLite's, remembered alike. */
bool sqlite_refuse(struct sqlite *, struct err *, enum err_code, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* The first error of a transaction is the error of all that follows in it:
 * true, and err is that, when there was one. */
bool sqlite_has_failed(const struct sqlite *, struct err *);

/* --- rows and columns ------------------------------------------------------ */

enum field_kind {
	INT64, /* also uint64_t below 2^63 */
	UINT32,
	INT32, /* also enums */
	BOOL,
	TIME,  /* int64_t, NULL for STORE_NO_TIME */
	TEXT,  /* struct bytes */
	BLOB,  /* struct bytes */
	MAYBE, /* struct bytes, a blob that is NULL when empty */
};

struct field {
	const char *column;
	size_t offset;
	enum field_kind kind;
};

struct table {
	const struct field *fields;
	int count;
	size_t size; /* of the struct */
};

#define FIELD(row, member, kind)                                                         \
	{                                                                                \
#member, offsetof(struct row, member), kind                              \
	}
#define FIELD_AS(row, member, column, kind)                                              \
	{                                                                                \
		column, offsetof(struct row, member), kind                               \
	}
#define TABLE(name, row, ...)                                                            \
	static const struct field name##_FIELDS[] = {__VA_ARGS__};                       \
	static const struct table name = {                                               \
	    name##_FIELDS, (int)ARRAY_LEN(name##_FIELDS), sizeof(struct row)}

/*
 * A statement's text. With a table, '@' stands for its columns, '?@' for a
 * parameter each (from 1 on, in the order of fields), '=@' for
 * "column = excluded.column, ...".
 */
struct sql {
	const char *text;
	const struct table *table;
};

/* --- statements ------------------------------------------------------------ */

/* Prepared and free for use until it is reset; NULL with err set. The writing
 * form may only be called in a writer's transaction. */
sqlite3_stmt *sqlite_statement(struct sqlite *, const struct sql *, struct err *);
sqlite3_stmt *sqlite_writing(struct sqlite *, const struct sql *, struct err *);
/* Its text and the rest, for the caller to finalize. */
sqlite3_stmt *sqlite_prepare(
    struct sqlite *, const struct sql *, struct bytes rest, unsigned flags, struct err *);
void sqlite_statements_reset(struct sqlite *);
void sqlite_statements_free(struct sqlite *);

/* Parameters count from 1. The bytes stay the caller's and must live until
 * the statement is reset. */
void bind_int(sqlite3_stmt *, int, int64_t);
void bind_index(sqlite3_stmt *, int, uint64_t); /* what is beyond int64_t: its end */
void bind_time(sqlite3_stmt *, int, int64_t);
void bind_text(sqlite3_stmt *, int, struct bytes);
void bind_blob(sqlite3_stmt *, int, struct bytes);
void bind_maybe(sqlite3_stmt *, int, struct bytes);
void bind_row(sqlite3_stmt *, const struct table *, const void *row);

struct bytes column_bytes(sqlite3_stmt *, int); /* until the next step */
void column_row(sqlite3_stmt *, const struct table *, void *row);

/* Runs to the end and resets. */
bool sqlite_run(struct sqlite *, sqlite3_stmt *, struct err *);

/* The first column of the first row, 0 without one (found may be NULL). */
bool sqlite_integer(
    struct sqlite *, sqlite3_stmt *, int64_t *out, bool *found, struct err *);

/* The first row, its bytes copied into the arena. */
bool sqlite_find(struct sqlite *, sqlite3_stmt *, const struct table *, struct arena *,
    void *row, bool *found, struct err *);

void row_to_arena(const struct table *, void *row, struct arena *);

int64_t sqlite_changed(const struct sqlite *); /* rows, by the last statement */

/* Text without parameters or rows. */
bool sqlite_execute(struct sqlite *, const char *text, struct err *);

/*
 * Rows one after the other:
 *	if (!rows_open(&rows, db, &SQL, err)) return false;
 *	bind_int(rows.statement, 1, ...);
 *	while (rows_next(&rows, &row, err) && fn(owner, &row)) ;
 *	return rows_end(&rows);
 */
struct rows {
	struct sqlite *db;
	sqlite3_stmt *statement;
	const struct table *table;
	bool failed, done, own; /* own: finalized at the end */
};
bool rows_open(struct rows *, struct sqlite *, const struct sql *, struct err *);
bool rows_next(struct rows *, void *row, struct err *); /* row NULL: only steps */
bool rows_end(struct rows *);

/* --- conditions put together for a filter ---------------------------------- */

#define WHERE_MAX 24

struct where {
	struct buf text;
	struct {
		enum field_kind kind;
		int64_t number;
		struct bytes bytes;
	} values[WHERE_MAX];
	int count;
};

/* Conditions are SQL with a '?' for each value, joined by AND. */
void where_init(struct where *);
void where_int(struct where *, const char *condition, int64_t);
void where_pair(struct where *, const char *condition, int64_t, int64_t);
void where_text(struct where *, const char *condition, struct bytes);
void where_blob(struct where *, const char *condition, struct bytes);
void where_raw(struct where *, const char *condition); /* without '?' */

/* Pages by the column number: behind after, or newest first before it (0: from
 * the end). */
void where_page(struct where *, int64_t after, bool newest_first);
const char *page_order(bool newest_first);

/* begin WHERE conditions end; frees the where, also when it fails. '@' in
 * begin as in struct sql. limit 0: all. */
bool rows_where(struct rows *, struct sqlite *, const struct sql *begin, struct where *,
    const char *end, size_t limit, struct err *);

/* --- numbers, caches -------------------------------------------------------- */

static inline int64_t
place_of(uint32_t log, uint64_t index)
{
	return (int64_t)log << PLACE_BITS | (int64_t)index;
}
static inline uint32_t
place_log(int64_t place)
{
	return (uint32_t)(place >> PLACE_BITS);
}
static inline uint64_t
place_index(int64_t place)
{
	return (uint64_t)place & (STORE_INDEX_LIMIT - 1);
}

/* Refuses what no place can hold. */
bool sqlite_place(
    struct sqlite *, uint32_t log, uint64_t index, int64_t *place, struct err *);

/* *next, looked up by highest when it is 0, is handed out and counted up. */
bool sqlite_next_number(struct sqlite *, int64_t *next, const struct sql *highest,
    int64_t *out, struct err *);

/* Forgets what was cached of rows: they may be gone. */
void sqlite_caches_init(struct sqlite *);
void sqlite_caches_clear(struct sqlite *);

/* What an issuer's number stands for, kept in memory for the last used. */
struct issuer_known {
	uint32_t number;
	int64_t dn_key, group_key;
	bool has_spki;
	uint8_t spki[STORE_HASH_LEN];
};

/* known is NULL when there is no such issuer; valid until the next call. */
bool sqlite_issuer_known(
    struct sqlite *, uint32_t number, const struct issuer_known **known, struct err *);

/* A chain's number and back; sha256s is valid until the next call. */
bool sqlite_chain_put(
    struct sqlite *, struct bytes sha256s, int64_t *number, struct err *);
bool sqlite_chain_get(
    struct sqlite *, int64_t number, struct bytes *sha256s, struct err *);

/* A number for a certificate, or for a form that is not its first. */
bool sqlite_new_number(struct sqlite *, int64_t *number, struct err *);

bool sqlite_forms_delete(struct sqlite *, int64_t certificate, struct err *);
bool sqlite_sightings_delete_of(struct sqlite *, int64_t certificate, struct err *);

static inline struct bytes
name_cut(struct bytes name)
{
	return bytes_of(name.data, name.len < NAME_MAX_LEN ? name.len : NAME_MAX_LEN);
}

/* Where a certificate was first seen; found: false when there is none. */
bool sqlite_first_place(
    struct sqlite *, int64_t certificate, int64_t *place, bool *found, struct err *);

/* --- tiers: tier.c ---------------------------------------------------------- */

/* Index rows (key, value); text keys in bytes. Putting one twice or deleting
 * one that is not there is fine. */
bool tier_put(struct sqlite *, enum tier_name, int64_t key, int64_t value, struct err *);
bool tier_put_text(
    struct sqlite *, enum tier_name, struct bytes key, int64_t value, struct err *);
bool tier_delete(
    struct sqlite *, enum tier_name, int64_t key, int64_t value, struct err *);
bool tier_delete_text(
    struct sqlite *, enum tier_name, struct bytes key, int64_t value, struct err *);

/* Values above after of the keys from first to last, ascending, each once, at
 * most limit: column 0. */
bool tier_members(struct rows *, struct sqlite *, enum tier_name, int64_t first,
    int64_t last, int64_t after, size_t limit, struct err *);

/* The links of a certificate from first to last, each once, ascending or
 * descending: column 0. */
bool tier_links(struct rows *, struct sqlite *, int64_t certificate, int64_t first,
    int64_t last, bool descending, struct err *);

/* Values of one key, unsorted, perhaps twice: column 0. */
bool tier_values(
    struct rows *, struct sqlite *, enum tier_name, int64_t key, struct err *);

/* Text keys, by key and value, each once: behind (first, first_value), before
 * end; end empty: to the last. At most limit (0: all). Column 0 is the key, 1
 * the value. */
bool tier_text(struct rows *, struct sqlite *, enum tier_name, struct bytes first,
    int64_t first_value, struct bytes end, size_t limit, struct err *);

bool tiers_count(struct sqlite *, struct err *); /* a writer's, when it opens */
void tiers_keep(struct sqlite *);                /* at begin */
void tiers_restore(struct sqlite *);             /* at rollback */

/* Moves at most a slice, in a transaction. everything: small tables too. */
bool tiers_slice(struct sqlite *, bool everything, int64_t *moved, struct err *);
enum store_upkeep tiers_left(const struct sqlite *);

/* --- which serials may be stored: filter.c ----------------------------------- */

void filter_init(struct sqlite *, size_t bytes);
void filter_free(struct sqlite *);

/* By a key of TIER_CERTIFICATE_KEY, the bits of the TBS left out. */
void filter_add(struct sqlite *, int64_t key);
bool filter_may_hold(const struct sqlite *, int64_t key);

/* Reads at most so many rows more of what is stored. */
bool filter_fill(struct sqlite *, int64_t rows_max, struct err *);
