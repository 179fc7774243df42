/* log.v3.json: what it says of a log, and what it leaves out. */
#include "base/text.h"
#include "tests/lib/unit.h"
#include "wire/about_json.h"

/* SHA-256("abc"), and base64 of both. */
#define ID   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ID64 "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="

static const struct {
	const char *what, *text;
	bool parses, has_id, has_key, is_of;
} CASES[] = {
    {"both", "{\"log_id\":\"" ID64 "\",\"key\":\"YWJj\",\"mmd\":60}", true, true, true,
	true},
    {"only the id", "{\"log_id\":\"" ID64 "\"}", true, true, false, true},
    {"only the key", "{\"key\":\"YWJj\"}", true, false, true, true},
    {"neither", "{}", true, false, false, true},
    {"another id",
	"{\"log_id\":\""
	"AAAWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
	"\"}",
	true, true, false, false},
    {"another key", "{\"log_id\":\"" ID64 "\",\"key\":\"YWJk\"}", true, true, true,
	false},
    {"an id that is too short says nothing", "{\"log_id\":\"YWJj\"}", true, false, false,
	true},
    {"nor does a number", "{\"log_id\":7,\"key\":[]}", true, false, false, true},
    {"a list", "[]", false, false, false, false},
    {"a page", "<html>", false, false, false, false},
};

START_TEST(what_it_says)
{
	struct sha256 id;
	struct about_json about;
	struct err err = {0};
	bool ok = about_json_parse(bytes_text(CASES[_i].text), &about, &err);

	ck_assert(hex_parse(ID, id.octets, SHA256_LEN));
	ck_assert_msg(ok == CASES[_i].parses, "%s: %s", CASES[_i].what, err.text);
	if (!ok)
		return;
	ck_assert_msg(about.has_log_id == CASES[_i].has_id &&
		about.has_key == CASES[_i].has_key &&
		about_json_is_of(&about, &id) == CASES[_i].is_of,
	    "%s", CASES[_i].what);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("about_json");

	tcase_add_loop_test(tc, what_it_says, 0, (int)UNIT_COUNT(CASES));
	return unit_run("wire/about_json", tc);
}
