/* Values to parameters and columns to values. */
#include "store/sqlite/sqlite_priv.h"

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
