#include <inttypes.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/report_priv.h"

void
table_init(struct table *table, const char *const *heads, size_t columns)
{
	*table = (struct table){.heads = heads, .columns = columns};
	arena_init(&table->arena);
}

void
table_free(struct table *table)
{
	arena_free(&table->arena);
	mem_free(table->cells);
}

static void
add(struct table *table, struct bytes text)
{
	if (table->count == table->room) {
		table->room = table->room == 0 ? 256 : 2 * table->room;
		table->cells =
		    mem_resize(table->cells, table->room, sizeof(*table->cells));
	}
	table->cells[table->count++] = arena_copy(&table->arena, text);
}

void
table_text(struct table *table, const char *text)
{
	add(table, bytes_text(text));
}

void
table_safe(struct table *table, struct bytes text, size_t max)
{
	struct buf safe;

	buf_init(&safe, 16 * max + 64);
	text_append_safe(&safe, text, max);
	add(table, buf_bytes(&safe));
	buf_free(&safe);
}

void
table_number(struct table *table, uint64_t number)
{
	char text[32];

	table_text(table, show_number(number, text));
}

/* Columns of a terminal, of valid UTF-8: one each, two for what East Asia
 * writes. */
static size_t
width(struct bytes text)
{
	size_t columns = 0;

	while (text.len > 0) {
		uint32_t code = 0;
		size_t len = utf8_next(text, &code);

		columns += 1 +
		    (code >= 0x1100 &&
			(code <= 0x115f || (code >= 0x2e80 && code <= 0xa4cf) ||
			    (code >= 0xac00 && code <= 0xd7a3) ||
			    (code >= 0xf900 && code <= 0xfaff) ||
			    (code >= 0xff00 && code <= 0xff60) || code >= 0x20000));
		len = len == 0 ? 1 : len;
		text = bytes_of(text.data + len, text.len - len);
	}
	return columns;
}

static void
pad(struct buf *out, size_t blanks)
{
	while (blanks-- > 0)
		buf_append_u8(out, ' ');
}

static void
print_cell(struct buf *out, struct bytes text, size_t columns, bool right, bool last)
{
	size_t blanks = columns - width(text);

	if (right)
		pad(out, blanks);
	buf_append_bytes(out, text);
	if (!right && !last)
		pad(out, blanks);
	buf_append_text(out, last ? "\n" : "  ");
}

void
table_print(struct table *table, struct buf *out)
{
	size_t widths[TABLE_COLUMNS_MAX];

	for (size_t c = 0; c < table->columns; c++) {
		const char *head = table->heads[c];

		widths[c] = strlen(head) - (head[0] == '>');
		for (size_t i = c; i < table->count; i += table->columns)
			widths[c] = width(table->cells[i]) > widths[c]
			    ? width(table->cells[i])
			    : widths[c];
	}
	for (size_t c = 0; c < table->columns && !table->headed; c++) {
		bool right = table->heads[c][0] == '>';

		print_cell(out, bytes_text(table->heads[c] + right), widths[c], right,
		    c + 1 == table->columns);
	}
	for (size_t i = 0; i < table->count; i += table->columns)
		for (size_t c = 0; c < table->columns; c++)
			print_cell(out, table->cells[i + c], widths[c],
			    table->heads[c][0] == '>', c + 1 == table->columns);
	table->headed = true;
	table->count = 0;
	arena_reset(&table->arena);
}
