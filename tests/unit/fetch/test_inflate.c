#include <zlib.h>

#include "fetch/inflate.h"
#include "tests/lib/unit.h"

/* gzip of "aaaa..." (n letters), made here. */
static struct buf
packed(size_t n)
{
	struct buf out;
	uint8_t *plain = mem_alloc(n + 1);
	z_stream z = {0};

	memset(plain, 'a', n);
	buf_init(&out, n + 1000);
	ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, 0), Z_OK);
	z.next_in = plain;
	z.avail_in = (unsigned)n;
	z.next_out = buf_extend(&out, n + 1000);
	z.avail_out = (unsigned)out.len;
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	out.len = z.total_out;
	deflateEnd(&z);
	mem_free(plain);
	return out;
}

static const struct {
	const char *what;
	size_t plain, ceiling;
	size_t cut;     /* bytes missing at the end */
	size_t members; /* so many in a row */
	const char *behind;
	enum err_code code;
} ROWS[] = {
    {"small", 10, 100, 0, 1, "", ERR_NONE},
    {"nothing", 0, 100, 0, 1, "", ERR_NONE},
    {"more than a step", 300000, 300000, 0, 1, "", ERR_NONE},
    {"exactly the ceiling", 100, 100, 0, 1, "", ERR_NONE},
    {"one over the ceiling", 101, 100, 0, 1, "", ERR_LIMIT},
    {"a bomb", 50000000, 1000, 0, 1, "", ERR_LIMIT},
    {"no room at all", 1, 0, 0, 1, "", ERR_LIMIT},
    {"two members", 1000, 2000, 0, 2, "", ERR_NONE},
    {"two members, room for one", 1000, 1500, 0, 2, "", ERR_LIMIT},
    {"without its checksum", 1000, 2000, 8, 1, "", ERR_PARSE},
    {"half of it", 1000, 2000, 12, 1, "", ERR_PARSE},
    {"only the mark", 1000, 2000, SIZE_MAX, 1, "", ERR_PARSE},
    {"something else behind", 1000, 2000, 0, 1, "more", ERR_PARSE},
};

START_TEST(inflating)
{
	struct buf one = packed(ROWS[_i].plain), in, out;
	struct err err = {0};
	bool ok;

	buf_init(&in, 100000000);
	for (size_t i = 0; i < ROWS[_i].members; i++)
		buf_append_bytes(&in, buf_bytes(&one));
	in.len = ROWS[_i].cut == SIZE_MAX ? 2 : in.len - ROWS[_i].cut;
	buf_append_text(&in, ROWS[_i].behind);
	buf_init(&out, ROWS[_i].ceiling);
	ok = inflate_gzip(buf_bytes(&in), &out, &err);
	ck_assert_msg(err.code == ROWS[_i].code && ok == (err.code == ERR_NONE),
	    "%s: %s %s", ROWS[_i].what, err_code_name(err.code), err.text);
	if (ok) {
		ck_assert_uint_eq(out.len, ROWS[_i].plain * ROWS[_i].members);
		for (size_t i = 0; i < out.len; i++)
			ck_assert_uint_eq(out.data[i], 'a');
	}
	ck_assert_uint_le(out.len, ROWS[_i].ceiling);
	buf_free(&one);
	buf_free(&in);
	buf_free(&out);
}
END_TEST

static const struct {
	const char *url, *path; /* NULL: refused */
} PATHS[] = {
    {"file:///var/log/tile", "/var/log/tile"},
    {"FILE:///a", "/a"},
    {"file://localhost/a/b", "/a/b"},
    {"file:///a%20b/%c3%a9", "/a b/\xc3\xa9"},
    {"file:///a%2Fb", "/a/b"},
    {"file:///a%00b", NULL},
    {"file:///a%4", NULL},
    {"file:///a%", NULL},
    {"file:///a%zz", NULL},
    {"file://elsewhere/a", NULL},
    {"file://", NULL},
    {"file:a", NULL},
    {"http://localhost/a", NULL},
};

START_TEST(paths)
{
	char *path = file_path(PATHS[_i].url);

	if (PATHS[_i].path == NULL)
		ck_assert_ptr_null(path);
	else
		ck_assert_str_eq(path, PATHS[_i].path);
	mem_free(path);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("inflate");

	tcase_add_loop_test(tc, inflating, 0, UNIT_COUNT(ROWS));
	tcase_add_loop_test(tc, paths, 0, UNIT_COUNT(PATHS));
	return unit_run("fetch/inflate", tc);
}
