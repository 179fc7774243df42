#include "tests/lib/unit.h"

static const struct {
	const char *what, *text, *hex; /* hex NULL: refused */
} BASE64[] = {
    {"nothing", "", ""},
    {"one byte", "Zg==", "66"},
    {"two bytes", "Zm8=", "666f"},
    {"three bytes", "Zm9v", "666f6f"},
    {"six bytes", "Zm9vYmFy", "666f6f626172"},
    {"the last two letters", "+/+/", "fbffbf"},
    {"the URL alphabet is another", "-_-_", NULL},
    {"padding is owed", "Zg", NULL},
    {"padding in the middle", "Zg==Zg==", NULL},
    {"three pads", "Z===", NULL},
    {"a pad before a letter", "Zm=v", NULL},
    {"bits behind the end", "Zh==", NULL},
    {"white space", "Zm9v\nZg==", NULL},
    {"an 8-bit letter", "Zm9\xff", NULL},
};

START_TEST(base64_rows)
{
	struct buf got, want;
	bool ok;

	buf_init(&got, 100);
	ok = base64_decode(bytes_text(BASE64[_i].text), &got);
	ck_assert_msg(ok == (BASE64[_i].hex != NULL), "%s", BASE64[_i].what);
	if (ok) {
		struct buf again;

		want = unit_hex(BASE64[_i].hex);
		ck_assert(bytes_equal(buf_bytes(&got), buf_bytes(&want)));
		buf_init(&again, 100);
		ck_assert(base64_encode(buf_bytes(&want), &again));
		ck_assert_str_eq(buf_text(&again), BASE64[_i].text);
		buf_free(&again);
		buf_free(&want);
	}
	buf_free(&got);
}
END_TEST

/* Long texts go by wide steps: every length, and every letter at every place
 * of a step, in place and not. */
START_TEST(base64_lengths)
{
	struct buf data, text, got;
	size_t len;

	buf_init(&data, 1000);
	buf_init(&text, 1000);
	buf_init(&got, 1000);
	for (unsigned i = 0; i < 300; i++) {
		buf_clear(&text);
		ck_assert(base64_encode(buf_bytes(&data), &text));
		ck_assert(base64_decode(buf_bytes(&text), &got));
		ck_assert_msg(bytes_equal(buf_bytes(&got), buf_bytes(&data)), "%u", i);
		ck_assert(base64_decode_to(buf_bytes(&text), text.data, &len));
		ck_assert(bytes_equal(bytes_of(text.data, len), buf_bytes(&data)));
		buf_append_u8(&data, (uint8_t)(i * 151 + 7));
	}
	buf_free(&data);
	buf_free(&text);
	buf_free(&got);
}
END_TEST

START_TEST(base64_letters)
{
	char text[101];
	struct buf long_form, short_form;

	buf_init(&long_form, 100);
	buf_init(&short_form, 100);
	for (size_t at = 0; at < 64; at++)
		for (int c = 0; c < 256; c++) {
			bool ok;

			memset(text, 'A', 100);
			text[at] = (char)c;
			ok = base64_decode(bytes_of(text, 100), &long_form);
			ck_assert_msg(ok ==
				base64_decode(
				    bytes_of(text + at / 4 * 4, 8), &short_form),
			    "letter %d at %zu", c, at);
			if (ok)
				ck_assert_mem_eq(
				    long_form.data + at / 4 * 3, short_form.data, 6);
		}
	buf_free(&long_form);
	buf_free(&short_form);
}
END_TEST

static const struct {
	const char *text;
	int64_t ms; /* -1: refused */
	const char *again;
} TIMES[] = {
    {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"},
    {"2016-01-04", 1451865600000, "2016-01-04T00:00:00Z"},
    {"2016-02-29T23:59:59.5Z", 1456790399500, "2016-02-29T23:59:59.500Z"},
    {"2015-12-20T00:00:00+08:00", 1450540800000, "2015-12-19T16:00:00Z"},
    {"2015-02-29", -1, NULL},
    {"2015-13-01", -1, NULL},
    {"2015-1-01", -1, NULL},
    {"2015-01-01T24:00:00Z", -1, NULL},
    {"2015-01-01T00:00:00", -1, NULL},
    {"2015-01-01T00:00:00Zx", -1, NULL},
};

START_TEST(time_rows)
{
	char text[TIME_TEXT_LEN];
	int64_t ms = -2;
	bool ok = time_parse(TIMES[_i].text, &ms);

	ck_assert_msg(ok == (TIMES[_i].again != NULL), "%s", TIMES[_i].text);
	if (!ok)
		return;
	ck_assert_int_eq(ms, TIMES[_i].ms);
	ck_assert_str_eq(time_format(ms, text), TIMES[_i].again);
}
END_TEST

static const struct {
	const char *what, *data, *shown;
	size_t max;
} SAFE[] = {
    {"plain", "www.example.org", "www.example.org", 100},
    {"a NUL would need a length; a newline shows", "a\nb", "a\\x0ab", 100},
    {"an escape sequence", "\x1b[31m", "\\x1b[31m", 100},
    {"a backslash cannot be forged", "\\x1b", "\\x5cx1b", 100},
    {"UTF-8 stays", "\xe6\xb2\x83\xe9\x80\x9a", "\xe6\xb2\x83\xe9\x80\x9a", 100},
    {"C1 in UTF-8", "\xc2\x9b", "\\u{9b}", 100},
    {"a bidi override", "\xe2\x80\xae", "\\u{202e}", 100},
    {"Latin-1", "caf\xe9", "caf\\xe9", 100},
    {"overlong", "\xc0\xaf", "\\xc0\\xaf", 100},
    {"cut", "abcdef", "abc...", 3},
};

START_TEST(safe_rows)
{
	struct buf out;

	buf_init(&out, 1000);
	ck_assert(text_append_safe(&out, bytes_text(SAFE[_i].data), SAFE[_i].max));
	ck_assert_msg(strcmp(buf_text(&out), SAFE[_i].shown) == 0, "%s: %s",
	    SAFE[_i].what, buf_text(&out));
	buf_free(&out);
}
END_TEST

START_TEST(a_full_buffer_stays_as_it_was)
{
	struct buf out;

	buf_init(&out, 4);
	ck_assert(buf_append_text(&out, "abc"));
	ck_assert(!buf_append_text(&out, "de"));
	ck_assert(out.failed);
	ck_assert_str_eq(buf_text(&out), "abc");
	buf_clear(&out);
	ck_assert(buf_append_text(&out, "abcd"));
	ck_assert_str_eq(buf_text(&out), "abcd");
	buf_free(&out);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("text");

	tcase_add_loop_test(tc, base64_rows, 0, UNIT_COUNT(BASE64));
	tcase_add_test(tc, base64_lengths);
	tcase_add_test(tc, base64_letters);
	tcase_add_loop_test(tc, time_rows, 0, UNIT_COUNT(TIMES));
	tcase_add_loop_test(tc, safe_rows, 0, UNIT_COUNT(SAFE));
	tcase_add_test(tc, a_full_buffer_stays_as_it_was);
	return unit_run("base/text", tc);
}
