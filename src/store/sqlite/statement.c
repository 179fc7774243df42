#include "store/sqlite/sqlite_priv.h"

#include <assert.h>
#include <errno.h>

#include "base/mem.h"

/* --- errors ---------------------------------------------------------------- */

static bool
is_full(struct sqlite *db, int code)
{
	int number;

	if ((code & 0xff) == SQLITE_FULL)
		return true;
	if ((code & 0xff) != SQLITE_IOERR && (code & 0xff) != SQLITE_CANTOPEN)
		return false;
	number = sqlite3_system_errno(db->db);
	return number == ENOSPC || number == EDQUOT || number == EFBIG;
}

static bool
remember(struct sqlite *db, const struct err *err)
{
	if (db->base.in_transaction && db->failed.code == ERR_NONE)
		db->failed = *err;
	return false;
}

bool
sqlite_failed(struct sqlite *db, struct err *err)
{
	int code = sqlite3_extended_errcode(db->db);
	struct err local;

	if (err == NULL)
		err = &local;
	if (is_full(db, code))
		err_set(err, ERR_FULL,
		    "store: no room for %s: make room on its disk, writing then goes on",
		    db->path);
	else if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
		err_set(err, ERR_STORE,
		    "store: %s is damaged (%s): stop the daemon, keep the file aside, "
		    "and "
		    "restore a copy or try sqlite3's .recover",
		    db->path, sqlite3_errmsg(db->db));
	else if ((code & 0xff) == SQLITE_BUSY)
		err_set(
		    err, ERR_STORE, "store: another program keeps %s locked", db->path);
	else if ((code & 0xff) == SQLITE_TOOBIG)
		err_set(err, ERR_LIMIT, "store: a value is too large");
	else
		err_set(
		    err, ERR_STORE, "store: %s: %s", db->path, sqlite3_errmsg(db->db));
	return remember(db, err);
}

bool
sqlite_refuse(
    struct sqlite *db, struct err *err, enum err_code code, const char *format, ...)
{
	struct err local;
	va_list args;

	if (err == NULL)
		err = &local;
	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return remember(db, err);
}

/* --- statements ------------------------------------------------------------ */

struct statement {
	sqlite3_stmt *handle;
	struct statement *next; /* of the same text, for use while this one is busy */
};

static void
expand_columns(struct buf *out, const struct table *table, char how)
{
	for (int i = 0; i < table->count; i++) {
		const char *comma = i == 0 ? "" : ", ", *column = table->fields[i].column;

		if (how == '?')
			buf_append_format(out, "%s?%d", comma, i + 1);
		else if (how == '=')
			buf_append_format(
			    out, "%s\"%s\" = excluded.\"%s\"", comma, column, column);
		else
			buf_append_format(out, "%s\"%s\"", comma, column);
	}
}

static void
expand(struct buf *out, const struct sql *sql)
{
	for (const char *at = sql->text; *at != '\0'; at++) {
		if ((*at == '?' || *at == '=') && at[1] == '@')
			expand_columns(out, sql->table, *at++);
		else if (*at == '@')
			expand_columns(out, sql->table, '@');
		else
			buf_append(out, at, 1);
	}
}

sqlite3_stmt *
sqlite_prepare(struct sqlite *db, const struct sql *sql, struct bytes rest,
    unsigned flags, struct err *err)
{
	sqlite3_stmt *handle = NULL;
	struct buf text;

	buf_init(&text, 16384);
	expand(&text, sql);
	buf_append_bytes(&text, rest);
	if (sqlite3_prepare_v3(db->db, buf_text(&text), -1, flags, &handle, NULL) !=
	    SQLITE_OK)
		sqlite_failed(db, err);
	buf_free(&text);
	return handle;
}

static sqlite3_stmt *
prepare_kept(struct sqlite *db, const struct sql *sql, struct err *err)
{
	sqlite3_stmt *handle =
	    sqlite_prepare(db, sql, bytes_of(NULL, 0), SQLITE_PREPARE_PERSISTENT, err);
	struct statement *statement;

	if (handle == NULL)
		return NULL;
	statement = mem_zero(1, sizeof(*statement));
	statement->handle = handle;
	statement->next =
	    map_put(&db->statements, bytes_of(&sql, sizeof(sql)), statement);
	return handle;
}

bool
sqlite_has_failed(const struct sqlite *db, struct err *err)
{
	if (db->failed.code != ERR_NONE && err != NULL)
		*err = db->failed;
	return db->failed.code != ERR_NONE;
}

sqlite3_stmt *
sqlite_statement(struct sqlite *db, const struct sql *sql, struct err *err)
{
	struct statement *at = map_get(&db->statements, bytes_of(&sql, sizeof(sql)));

	if (sqlite_has_failed(db, err))
		return NULL;
	for (; at != NULL; at = at->next) {
		if (!sqlite3_stmt_busy(at->handle))
			return at->handle;
	}
	return prepare_kept(db, sql, err);
}

sqlite3_stmt *
sqlite_writing(struct sqlite *db, const struct sql *sql, struct err *err)
{
	assert(db->base.in_transaction && !db->base.read_only);
	return sqlite_statement(db, sql, err);
}

void
sqlite_statements_reset(struct sqlite *db)
{
	size_t at = 0;
	struct bytes key;
	void *value;

	while (map_next(&db->statements, &at, &key, &value)) {
		for (struct statement *one = value; one != NULL; one = one->next)
			sqlite3_reset(one->handle);
	}
}

static void
statement_free(void *value)
{
	struct statement *one = value, *next;

	for (; one != NULL; one = next) {
		next = one->next;
		sqlite3_finalize(one->handle);
		mem_free(one);
	}
}

void
sqlite_statements_free(struct sqlite *db)
{
	map_free(&db->statements, statement_free);
}

bool
sqlite_run(struct sqlite *db, sqlite3_stmt *statement, struct err *err)
{
	bool ok;
	int code;

	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		;
	ok = code == SQLITE_DONE || sqlite_failed(db, err);
	sqlite3_reset(statement);
	return ok;
}

bool
sqlite_integer(struct sqlite *db, sqlite3_stmt *statement, int64_t *out, bool *found,
    struct err *err)
{
	int code = sqlite3_step(statement);
	bool ok = code == SQLITE_ROW || code == SQLITE_DONE || sqlite_failed(db, err);

	*out = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	if (found != NULL)
		*found = code == SQLITE_ROW;
	sqlite3_reset(statement);
	return ok;
}

bool
sqlite_find(struct sqlite *db, sqlite3_stmt *statement, const struct table *table,
    struct arena *arena, void *row, bool *found, struct err *err)
{
	int code = sqlite3_step(statement);
	bool ok = code == SQLITE_ROW || code == SQLITE_DONE || sqlite_failed(db, err);

	*found = code == SQLITE_ROW;
	if (*found) {
		column_row(statement, table, row);
		row_to_arena(table, row, arena);
	}
	sqlite3_reset(statement);
	return ok;
}

int64_t
sqlite_changed(const struct sqlite *db)
{
	return sqlite3_changes64(db->db);
}

bool
sqlite_execute(struct sqlite *db, const char *text, struct err *err)
{
	return sqlite3_exec(db->db, text, NULL, NULL, NULL) == SQLITE_OK ||
	    sqlite_failed(db, err);
}

/* --- rows ------------------------------------------------------------------- */

bool
rows_open(struct rows *rows, struct sqlite *db, const struct sql *sql, struct err *err)
{
	*rows = (struct rows){.db = db, .table = sql->table};
	rows->statement = sqlite_statement(db, sql, err);
	return rows->statement != NULL;
}

bool
rows_next(struct rows *rows, void *row, struct err *err)
{
	int code;

	if (rows->done)
		return false;
	code = sqlite3_step(rows->statement);
	if (code != SQLITE_ROW) {
		rows->done = true;
		rows->failed = code != SQLITE_DONE && !sqlite_failed(rows->db, err);
		return false;
	}
	if (row != NULL)
		column_row(rows->statement, rows->table, row);
	return true;
}

bool
rows_end(struct rows *rows)
{
	if (rows->own)
		sqlite3_finalize(rows->statement);
	else
		sqlite3_reset(rows->statement);
	return !rows->failed;
}
