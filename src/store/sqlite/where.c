/* Statements whose conditions follow from a filter: prepared each time. */
#include "store/sqlite/sqlite_priv.h"

#include <assert.h>

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
	*rows = (struct rows){.db = db, .table = begin->table, .own = true};
	buf_append_text(&where->text, end);
	if (limit != 0)
		buf_append_format(&where->text, " LIMIT %zu", limit);
	if (!sqlite_has_failed(db, err))
		rows->statement =
		    sqlite_prepare(db, begin, buf_bytes(&where->text), 0, err);
	if (rows->statement != NULL)
		where_bind(rows->statement, where);
	buf_free(&where->text);
	return rows->statement != NULL;
}
