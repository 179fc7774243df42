/* Columns, and what is shown of numbers, times and hostile text. */
#include "report/report_priv.h"
#include "store/store.h"
#include "tests/lib/unit.h"

START_TEST(columns)
{
	static const char *const HEADS[] = {"NAME", ">COUNT", "NOTE"};
	struct table table;
	struct buf out;

	buf_init(&out, 4096);
	table_init(&table, HEADS, 3);
	table_text(&table, "a");
	table_number(&table, 1234567);
	table_text(&table, "");
	table_safe(
	    &table, bytes_text("\xe6\xb2\x83\xe9\x80\x9a"), 100); /* two wide ones */
	table_number(&table, 7);
	table_safe(&table, bytes_text("x\x1b[2J"), 100);
	table_print(&table, &out);
	ck_assert_str_eq(buf_text(&out),
	    "NAME      COUNT  NOTE\n"
	    "a     1,234,567  \n"
	    "\xe6\xb2\x83\xe9\x80\x9a          7  x\\x1b[2J\n");
	/* The next page has no headings. */
	buf_clear(&out);
	table_text(&table, "b");
	table_number(&table, 1);
	table_text(&table, "c");
	table_print(&table, &out);
	ck_assert_str_eq(buf_text(&out), "b         1  c\n");
	table_free(&table);
	buf_free(&out);
}
END_TEST

START_TEST(shown)
{
	char out[32];

	ck_assert_str_eq(show_number(0, out), "0");
	ck_assert_str_eq(show_number(999, out), "999");
	ck_assert_str_eq(show_number(1000, out), "1,000");
	ck_assert_str_eq(show_number(UINT64_MAX, out), "18,446,744,073,709,551,615");
	ck_assert_str_eq(show_age(0, out), "0 s");
	ck_assert_str_eq(show_age(-5, out), "0 s");
	ck_assert_str_eq(show_age(119999, out), "119 s");
	ck_assert_str_eq(show_age(120000, out), "2 min");
	ck_assert_str_eq(show_age(INT64_C(7200000), out), "2 h");
	ck_assert_str_eq(show_age(INT64_C(172800000), out), "2 d");
	ck_assert_str_eq(show_time(INT64_C(1451606400123), out), "2016-01-01 00:00:00");
	ck_assert_str_eq(show_time(STORE_NO_TIME, out), "-");
	ck_assert_str_eq(show_day(1451606400, out), "2016-01-01");
	ck_assert_str_eq(show_day(STORE_NO_TIME, out), "-");
	ck_assert_str_eq(show_bytes(9999, out), "9999 bytes");
	ck_assert_str_eq(show_bytes(10000, out), "10.0 kB");
	ck_assert_str_eq(show_bytes(1000000, out), "1.0 MB");
	ck_assert_str_eq(show_bytes(INT64_C(20000000000), out), "20.0 GB");
	ck_assert_str_eq(show_level(2), "error");
	ck_assert_str_eq(show_level(7), "-");
}
END_TEST

/* What was made safe when it was stored keeps its backslashes single; what was
 * not is made safe here. */
START_TEST(stored)
{
	static const struct {
		const char *in, *out;
	} ROWS[] = {
	    {"plain", "plain"},
	    {"name \\x00 here", "name \\x00 here"},
	    {"\\", "\\"},
	    {"raw \x1b[2J", "raw \\x1b[2J"},
	    {"\\\x07", "\\\\x07"},
	    {"", ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct buf out;

		buf_init(&out, 4096);
		show_append_stored(&out, bytes_text(ROWS[i].in));
		ck_assert_str_eq(buf_text(&out), ROWS[i].out);
		buf_free(&out);
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("table");

	tcase_add_test(tc, columns);
	tcase_add_test(tc, shown);
	tcase_add_test(tc, stored);
	return unit_run("table", tc);
}
