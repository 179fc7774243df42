#include "base/json.h"
#include "tests/lib/unit.h"

static const struct {
	const char *what, *text, *json;
} STRINGS[] = {
    {"plain", "abc", "\"abc\""},
    {"nothing", "", "\"\""},
    {"a quote and a backslash", "a\"b\\", "\"a\\\"b\\\\\""},
    {"controls", "\n\x01\x7f", "\"\\u000a\\u0001\\u007f\""},
    {"two bytes of UTF-8", "\xc3\xa9", "\"\\u00e9\""},
    {"a surrogate pair", "\xf0\x9f\x98\x80", "\"\\ud83d\\ude00\""},
    {"the last code point", "\xf4\x8f\xbf\xbf", "\"\\udbff\\udfff\""},
    {"broken UTF-8", "a\xff\xc3", "\"a\\ufffd\\ufffd\""},
    {"a coded surrogate", "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
};

START_TEST(string_rows)
{
	struct json json;
	struct buf out;

	buf_init(&out, 100);
	json_init(&json, &out);
	json_put_text(&json, NULL, STRINGS[_i].text);
	ck_assert_msg(strcmp(buf_text(&out), STRINGS[_i].json) == 0, "%s: %s",
	    STRINGS[_i].what, buf_text(&out));
	buf_free(&out);
}
END_TEST

static const struct {
	const char *what, *data, *json;
	size_t max;
} SAFE[] = {
    {"an escape sequence", "\x1b[0m", "\"\\\\x1b[0m\"", 100},
    {"a forged escape", "\\x41", "\"\\\\x5cx41\"", 100},
    {"a bidi override", "a\xe2\x80\xae", "\"a\\\\u{202e}\"", 100},
    {"Latin-1 is told apart", "\xe9", "\"\\\\xe9\"", 100},
    {"all of it grows", "\x01\x02\x03\x04", "\"\\\\x01\\\\x02\\\\x03\\\\x04\"", 4},
    {"cut", "abcdef", "\"abc...\"", 3},
};

START_TEST(safe_rows)
{
	struct json json;
	struct buf out;

	buf_init(&out, 100);
	json_init(&json, &out);
	json_put_safe(&json, NULL, bytes_text(SAFE[_i].data), SAFE[_i].max);
	ck_assert_msg(strcmp(buf_text(&out), SAFE[_i].json) == 0, "%s: %s", SAFE[_i].what,
	    buf_text(&out));
	buf_free(&out);
}
END_TEST

START_TEST(commas_stand_between)
{
	struct json json;
	struct buf out;

	buf_init(&out, 1000);
	json_init(&json, &out);
	json_begin_object(&json, NULL);
	json_begin_object(&json, "empty");
	json_end_object(&json);
	json_begin_array(&json, "list");
	json_put_number(&json, NULL, -1);
	json_put_number(&json, NULL, INT64_MAX);
	json_begin_array(&json, NULL);
	json_end_array(&json);
	json_put_bool(&json, NULL, true);
	json_put_null(&json, NULL);
	json_end_array(&json);
	json_put_hex(&json, "hex", bytes_text("\x01\xfe"));
	json_put_time(&json, "time", 1000);
	json_put_text(&json, "none", NULL);
	json_put_raw(&json, "raw", bytes_text("{\"a\":1}"));
	json_end_object(&json);
	ck_assert_str_eq(buf_text(&out),
	    "{\"empty\":{},\"list\":[-1,9223372036854775807,[],true,null],"
	    "\"hex\":\"01fe\",\"time\":\"1970-01-01T00:00:01Z\",\"none\":null,"
	    "\"raw\":{\"a\":1}}");
	ck_assert(!out.failed);
	buf_free(&out);
}
END_TEST

START_TEST(a_full_buffer_shows)
{
	struct json json;
	struct buf out;

	buf_init(&out, 5);
	json_init(&json, &out);
	json_put_text(&json, NULL, "abcdef");
	ck_assert(out.failed);
	buf_free(&out);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("json");

	tcase_add_loop_test(tc, string_rows, 0, UNIT_COUNT(STRINGS));
	tcase_add_loop_test(tc, safe_rows, 0, UNIT_COUNT(SAFE));
	tcase_add_test(tc, commas_stand_between);
	tcase_add_test(tc, a_full_buffer_shows);
	return unit_run("base/json", tc);
}
