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

/* --- rows and columns ------------------------------------------------------ */

void
bind_int(sqlite3_stmt *statement, int nth, int64_t value)
{
	sqlite3_bind_int64(statement, nth, value);
}

void
bind_index(sqlite3_stmt *statement, int nth, uint64_t value)
{
	sqlite3_bind_int64(
	    statement, nth, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

void
bind_time(sqlite3_stmt *statement, int nth, int64_t value)
{
	if (value == STORE_NO_TIME)
		sqlite3_bind_null(statement, nth);
	else
		sqlite3_bind_int64(statement, nth, value);
}

/* A NULL pointer would bind NULL. */
static const void *
present(struct bytes bytes)
{
	return bytes.data != NULL ? (const void *)bytes.data : "";
}

void
bind_text(sqlite3_stmt *statement, int nth, struct bytes value)
{
	sqlite3_bind_text64(
	    statement, nth, present(value), value.len, SQLITE_STATIC, SQLITE_UTF8);
}

void
bind_blob(sqlite3_stmt *statement, int nth, struct bytes value)
{
	sqlite3_bind_blob64(statement, nth, present(value), value.len, SQLITE_STATIC);
}

void
bind_maybe(sqlite3_stmt *statement, int nth, struct bytes value)
{
	if (value.len == 0)
		sqlite3_bind_null(statement, nth);
	else
		bind_blob(statement, nth, value);
}

static void
bind_field(sqlite3_stmt *statement, int nth, enum field_kind kind, const void *at)
{
	switch (kind) {
	case INT64:
		bind_int(statement, nth, *(const int64_t *)at);
		break;
	case UINT32:
		bind_int(statement, nth, *(const uint32_t *)at);
		break;
	case INT32:
		bind_int(statement, nth, *(const int32_t *)at);
		break;
	case BOOL:
		bind_int(statement, nth, *(const bool *)at);
		break;
	case TIME:
		bind_time(statement, nth, *(const int64_t *)at);
		break;
	case TEXT:
		bind_text(statement, nth, *(const struct bytes *)at);
		break;
	case BLOB:
		bind_blob(statement, nth, *(const struct bytes *)at);
		break;
	case MAYBE:
		bind_maybe(statement, nth, *(const struct bytes *)at);
		break;
	}
}

void
bind_row(sqlite3_stmt *statement, const struct table *table, const void *row)
{
	for (int i = 0; i < table->count; i++)
		bind_field(statement, i + 1, table->fields[i].kind,
		    (const char *)row + table->fields[i].offset);
}

struct bytes
column_bytes(sqlite3_stmt *statement, int nth)
{
	/* As a blob: text comes without a conversion; then its length. */
	const void *data = sqlite3_column_blob(statement, nth);

	return bytes_of(
	    data, data == NULL ? 0 : (size_t)sqlite3_column_bytes(statement, nth));
}

static int64_t
column_time(sqlite3_stmt *statement, int nth)
{
	return sqlite3_column_type(statement, nth) == SQLITE_NULL
	    ? STORE_NO_TIME
	    : sqlite3_column_int64(statement, nth);
}

static void
column_field(sqlite3_stmt *statement, int nth, enum field_kind kind, void *at)
{
	switch (kind) {
	case INT64:
		*(int64_t *)at = sqlite3_column_int64(statement, nth);
		break;
	case UINT32:
		*(uint32_t *)at = (uint32_t)sqlite3_column_int64(statement, nth);
		break;
	case INT32:
		*(int32_t *)at = (int32_t)sqlite3_column_int64(statement, nth);
		break;
	case BOOL:
		*(bool *)at = sqlite3_column_int64(statement, nth) != 0;
		break;
	case TIME:
		*(int64_t *)at = column_time(statement, nth);
		break;
	case TEXT:
	case BLOB:
	case MAYBE:
		*(struct bytes *)at = column_bytes(statement, nth);
		break;
	}
}

void
column_row(sqlite3_stmt *statement, const struct table *table, void *row)
{
	memset(row, 0, table->size);
	for (int i = 0; i < table->count; i++)
		column_field(statement, i, table->fields[i].kind,
		    (char *)row + table->fields[i].offset);
}

void
row_to_arena(const struct table *table, void *row, struct arena *arena)
{
	for (int i = 0; i < table->count; i++) {
		enum field_kind kind = table->fields[i].kind;
		void *at = (char *)row + table->fields[i].offset;

		if (kind == TEXT || kind == BLOB || kind == MAYBE)
			*(struct bytes *)at = arena_copy(arena, *(struct bytes *)at);
	}
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

static sqlite3_stmt *
prepare(struct sqlite *db, struct buf *text, unsigned flags, struct err *err)
{
	sqlite3_stmt *handle = NULL;

	if (sqlite3_prepare_v3(db->db, buf_text(text), -1, flags, &handle, NULL) !=
	    SQLITE_OK)
		sqlite_failed(db, err);
	return handle;
}

static sqlite3_stmt *
prepare_kept(struct sqlite *db, const struct sql *sql, struct err *err)
{
	struct bytes key = bytes_of(&sql, sizeof(sql));
	struct statement *statement;
	sqlite3_stmt *handle;
	struct buf text;

	buf_init(&text, 16384);
	expand(&text, sql);
	handle = prepare(db, &text, SQLITE_PREPARE_PERSISTENT, err);
	buf_free(&text);
	if (handle == NULL)
		return NULL;
	statement = mem_zero(1, sizeof(*statement));
	statement->handle = handle;
	statement->next = map_put(&db->statements, key, statement);
	return handle;
}

/* The first error of a transaction is the error of all that follows. */
static bool
has_failed(const struct sqlite *db, struct err *err)
{
	if (db->failed.code != ERR_NONE && err != NULL)
		*err = db->failed;
	return db->failed.code != ERR_NONE;
}

sqlite3_stmt *
sqlite_statement(struct sqlite *db, const struct sql *sql, struct err *err)
{
	struct statement *at = map_get(&db->statements, bytes_of(&sql, sizeof(sql)));

	if (has_failed(db, err))
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

/* --- conditions ------------------------------------------------------------- */

void
where_init(struct where *where)
{
	buf_init(&where->text, 4096);
	where->count = 0;
}

void
where_raw(struct where *where, const char *condition)
{
	buf_append_format(&where->text, "%s(%s)",
	    where->text.len == 0 ? " WHERE " : " AND ", condition);
}

static void
where_value(struct where *where, enum field_kind kind, int64_t number, struct bytes bytes)
{
	assert(where->count < WHERE_MAX);
	where->values[where->count].kind = kind;
	where->values[where->count].number = number;
	where->values[where->count++].bytes = bytes;
}

void
where_int(struct where *where, const char *condition, int64_t value)
{
	where_raw(where, condition);
	where_value(where, INT64, value, bytes_of(NULL, 0));
}

void
where_pair(struct where *where, const char *condition, int64_t first, int64_t second)
{
	where_int(where, condition, first);
	where_value(where, INT64, second, bytes_of(NULL, 0));
}

void
where_text(struct where *where, const char *condition, struct bytes value)
{
	where_raw(where, condition);
	where_value(where, TEXT, 0, value);
}

void
where_blob(struct where *where, const char *condition, struct bytes value)
{
	where_raw(where, condition);
	where_value(where, BLOB, 0, value);
}

void
where_page(struct where *where, int64_t after, bool newest_first)
{
	if (after != 0)
		where_int(where, newest_first ? "number < ?" : "number > ?", after);
}

const char *
page_order(bool newest_first)
{
	return newest_first ? " ORDER BY number DESC" : " ORDER BY number";
}

static void
where_bind(sqlite3_stmt *statement, const struct where *where)
{
	for (int i = 0; i < where->count; i++) {
		if (where->values[i].kind == INT64)
			bind_int(statement, i + 1, where->values[i].number);
		else if (where->values[i].kind == TEXT)
			bind_text(statement, i + 1, where->values[i].bytes);
		else
			bind_blob(statement, i + 1, where->values[i].bytes);
	}
}

bool
rows_where(struct rows *rows, struct sqlite *db, const struct sql *begin,
    struct where *where, const char *end, size_t limit, struct err *err)
{
	struct buf text;

	*rows = (struct rows){.db = db, .table = begin->table, .own = true};
	buf_init(&text, 16384);
	expand(&text, begin);
	buf_append_bytes(&text, buf_bytes(&where->text));
	buf_append_text(&text, end);
	if (limit != 0)
		buf_append_format(&text, " LIMIT %zu", limit);
	if (!has_failed(db, err))
		rows->statement = prepare(db, &text, 0, err);
	if (rows->statement != NULL)
		where_bind(rows->statement, where);
	buf_free(&text);
	buf_free(&where->text);
	return rows->statement != NULL;
}
