#include "store/sqlite/sqlite_priv.h"

#include "base/mem.h"

/* --- coverage --------------------------------------------------------------------- */

TABLE(COVERAGE, coverage_row, FIELD(coverage_row, log, UINT32),
    FIELD(coverage_row, start, INT64), FIELD_AS(coverage_row, end, "until", INT64),
    FIELD(coverage_row, generation, INT64), FIELD(coverage_row, first_ms, TIME),
    FIELD(coverage_row, last_ms, TIME), FIELD(coverage_row, first_timestamp_ms, TIME),
    FIELD(coverage_row, last_timestamp_ms, TIME), FIELD(coverage_row, verified, INT64),
    FIELD(coverage_row, head_size, INT64), FIELD(coverage_row, head_root, MAYBE),
    FIELD(coverage_row, head_timestamp_ms, TIME));

static const struct sql PUT = {"REPLACE INTO coverage (@) VALUES (?@)", &COVERAGE};

static bool
put(struct sqlite *db, const struct sql *sql, const void *row, struct err *err)
{
	sqlite3_stmt *statement = sqlite_writing(db, sql, err);

	if (statement == NULL)
		return false;
	bind_row(statement, sql->table, row);
	return sqlite_run(db, statement, err);
}

bool
sqlite_coverage_put(struct store *store, const struct coverage_row *row, struct err *err)
{
	/* Times: NULL is none, and min() and max() would keep it. */
	static const struct sql GROW = {
	    "UPDATE coverage SET until = ?3, "
	    "first_ms = min(ifnull(first_ms, ?5), ifnull(?5, first_ms)), "
	    "last_ms = max(ifnull(last_ms, ?6), ifnull(?6, last_ms)), "
	    "first_timestamp_ms = min(ifnull(first_timestamp_ms, ?7), "
	    "ifnull(?7, first_timestamp_ms)), "
	    "last_timestamp_ms = max(ifnull(last_timestamp_ms, ?8), "
	    "ifnull(?8, last_timestamp_ms)) "
	    "WHERE log = ?1 AND until = ?2 AND generation = ?4",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &GROW, err);
	struct coverage_row fresh = *row;

	if (statement == NULL)
		return false;
	bind_int(statement, 1, row->log);
	bind_index(statement, 2, row->start);
	bind_index(statement, 3, row->end);
	bind_int(statement, 4, row->generation);
	bind_time(statement, 5, row->first_ms);
	bind_time(statement, 6, row->last_ms);
	bind_time(statement, 7, row->first_timestamp_ms);
	bind_time(statement, 8, row->last_timestamp_ms);
	if (!sqlite_run(db, statement, err))
		return false;
	if (sqlite_changed(db) != 0)
		return true;
	fresh.verified = fresh.start;
	fresh.head_size = 0;
	fresh.head_root = (struct bytes){0};
	fresh.head_timestamp_ms = STORE_NO_TIME;
	return put(db, &PUT, &fresh, err);
}

bool
sqlite_coverage_prove(
    struct store *store, const struct coverage_proof *proof, struct err *err)
{
	static const struct sql PROVE = {
	    "UPDATE coverage SET verified = min(until, ?3), head_size = ?4, head_root = "
	    "?5, "
	    "head_timestamp_ms = ?6 "
	    "WHERE log = ?1 AND until > ?2 AND start < ?3 AND verified < min(until, ?3)",
	    NULL};
	struct sqlite *db = sqlite_of(store);
	sqlite3_stmt *statement = sqlite_writing(db, &PROVE, err);

	if (statement == NULL)
		return false;
	bind_int(statement, 1, proof->log);
	bind_index(statement, 2, proof->start);
	bind_index(statement, 3, proof->verified);
	bind_index(statement, 4, proof->head_size);
	bind_maybe(statement, 5, proof->head_root);
	bind_time(statement, 6, proof->head_timestamp_ms);
	return sqlite_run(db, statement, err);
}

/* --- cutting: of coverage and of gaps ----------------------------------------------- */

/* The rows of a log that reach into [start, end), taken out. */
struct overlap {
	struct arena arena;
	char *rows; /* structs of the table, one behind the other */
	size_t count;
};

static bool
overlap_take(struct sqlite *db, const struct sql *select, const struct sql *erase,
    uint32_t log, uint64_t start, uint64_t end, struct overlap *out, struct err *err)
{
	size_t size = select->table->size, room = 0;
	sqlite3_stmt *statement;
	struct rows rows;

	if (!rows_open(&rows, db, select, err))
		return false;
	bind_int(rows.statement, 1, log);
	bind_index(rows.statement, 2, start);
	bind_index(rows.statement, 3, end);
	for (;; out->count++) {
		if (out->count == room)
			out->rows = mem_resize(out->rows, room = room * 2 + 8, size);
		if (!rows_next(&rows, out->rows + out->count * size, err))
			break;
		row_to_arena(select->table, out->rows + out->count * size, &out->arena);
	}
	if (!rows_end(&rows) || (statement = sqlite_writing(db, erase, err)) == NULL)
		return false;
	bind_int(statement, 1, log);
	bind_index(statement, 2, start);
	bind_index(statement, 3, end);
	return sqlite_run(db, statement, err);
}

static void
overlap_free(struct overlap *overlap)
{
	arena_free(&overlap->arena);
	mem_free(overlap->rows);
}

#define REACHING " WHERE log = ?1 AND until > ?2 AND start < ?3"

static bool
put_piece(struct sqlite *db, const struct coverage_row *whole, uint64_t start,
    uint64_t end, struct err *err)
{
	struct coverage_row piece = *whole;

	if (start >= end)
		return true;
	piece.start = start;
	piece.end = end;
	if (piece.verified < start)
		piece.verified = start;
	if (piece.verified > end)
		piece.verified = end;
	if (piece.verified == start) {
		piece.head_size = 0;
		piece.head_root = (struct bytes){0};
		piece.head_timestamp_ms = STORE_NO_TIME;
	}
	return put(db, &PUT, &piece, err);
}

bool
sqlite_coverage_cut(
    struct store *store, uint32_t log, uint64_t start, uint64_t end, struct err *err)
{
	static const struct sql SELECT = {"SELECT @ FROM coverage" REACHING, &COVERAGE};
	static const struct sql DELETE = {"DELETE FROM coverage" REACHING, NULL};
	struct sqlite *db = sqlite_of(store);
	struct overlap overlap = {0};
	bool ok = overlap_take(db, &SELECT, &DELETE, log, start, end, &overlap, err);

	for (size_t i = 0; ok && i < overlap.count; i++) {
		const struct coverage_row *row =
		    &((const struct coverage_row *)overlap.rows)[i];

		ok = put_piece(
			 db, row, row->start, start < row->end ? start : row->end, err) &&
		    put_piece(
			db, row, end > row->start ? end : row->start, row->end, err);
	}
	overlap_free(&overlap);
	return ok;
}

bool
sqlite_coverage_each(struct store *store, uint32_t log, store_coverage_fn *fn,
    void *owner, struct err *err)
{
	static const struct sql EACH = {"SELECT @ FROM coverage WHERE ?1 = 0 OR log = ?1 "
					"ORDER BY log, start, generation",
	    &COVERAGE};
	struct coverage_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_int(rows.statement, 1, log);
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}

/* --- gaps --------------------------------------------------------------------------- */

TABLE(GAP, gap_row, FIELD(gap_row, log, UINT32), FIELD(gap_row, start, INT64),
    FIELD_AS(gap_row, end, "until", INT64), FIELD(gap_row, reason, TEXT),
    FIELD(gap_row, since_ms, TIME));

static const struct sql GAP_PUT = {"REPLACE INTO gap (@) VALUES (?@)", &GAP};

bool
sqlite_gap_put(struct store *store, const struct gap_row *row, struct err *err)
{
	return put(sqlite_of(store), &GAP_PUT, row, err);
}

static bool
put_gap_piece(struct sqlite *db, const struct gap_row *whole, uint64_t start,
    uint64_t end, struct err *err)
{
	struct gap_row piece = *whole;

	piece.start = start;
	piece.end = end;
	return start >= end || put(db, &GAP_PUT, &piece, err);
}

bool
sqlite_gap_fill(
    struct store *store, uint32_t log, uint64_t start, uint64_t end, struct err *err)
{
	static const struct sql SELECT = {"SELECT @ FROM gap" REACHING, &GAP};
	static const struct sql DELETE = {"DELETE FROM gap" REACHING, NULL};
	struct sqlite *db = sqlite_of(store);
	struct overlap overlap = {0};
	bool ok = overlap_take(db, &SELECT, &DELETE, log, start, end, &overlap, err);

	for (size_t i = 0; ok && i < overlap.count; i++) {
		const struct gap_row *row = &((const struct gap_row *)overlap.rows)[i];

		ok = put_gap_piece(db, row, row->start, start, err) &&
		    put_gap_piece(db, row, end, row->end, err);
	}
	overlap_free(&overlap);
	return ok;
}

bool
sqlite_gap_each(
    struct store *store, uint32_t log, store_gap_fn *fn, void *owner, struct err *err)
{
	static const struct sql EACH = {
	    "SELECT @ FROM gap WHERE ?1 = 0 OR log = ?1 ORDER BY log, start", &GAP};
	struct gap_row row;
	struct rows rows;

	if (!rows_open(&rows, sqlite_of(store), &EACH, err))
		return false;
	bind_int(rows.statement, 1, log);
	while (rows_next(&rows, &row, err) && fn(owner, &row))
		;
	return rows_end(&rows);
}
