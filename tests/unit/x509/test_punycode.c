/* Punycode: RFC 3492's own samples (7.1), and what is none. */
#include "tests/lib/unit.h"

#include "x509/punycode.h"

static const struct {
	const char *encoded, *utf8; /* NULL: no Punycode */
} ROWS[] = {
    {"bcher-kva",
	"b\xc3\xbc"
	"cher"},
    {"egbpdaj6bu4bxfgehfvwxn",
	"\xd9\x84\xd9\x8a\xd9\x87\xd9\x85\xd8\xa7\xd8\xa8\xd8\xaa\xd9\x83\xd9\x84"
	"\xd9\x85\xd9\x88\xd8\xb4\xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a\xd8\x9f"}, /* (A) */
    {"ihqwcrb4cv8a8dqg056pqjye",
	"\xe4\xbb\x96\xe4\xbb\xac\xe4\xb8\xba\xe4\xbb\x80\xe4\xb9\x88\xe4\xb8\x8d"
	"\xe8\xaf\xb4\xe4\xb8\xad\xe6\x96\x87"}, /* (B) */
    {"d9juau41awczczp",
	"\xe3\x81\x9d\xe3\x81\xae\xe3\x82\xb9\xe3\x83\x94\xe3\x83\xbc\xe3\x83\x89"
	"\xe3\x81\xa7"},             /* (R) */
    {"-> $1.00 <--", "-> $1.00 <-"}, /* (S) */
    {"bucher-xyd",
	"bu\xcc\x88"
	"cher"},
    {"BCHER-KVA",
	"B\xc3\xbc"
	"CHER"},
    {"abc-", "abc"},
    {"", ""},
    {"-", NULL},        /* nothing before it */
    {"a-!", NULL},      /* no digit of base 36 */
    {"99999999", NULL}, /* beyond any code point */
    {"a-kv", NULL},     /* ends within a number */
    {"\xc3\xbc-kva", NULL},
};

START_TEST(decodes)
{
	char out[PUNYCODE_UTF8_ROOM];
	size_t len = 0;
	bool ok = punycode_decode(bytes_text(ROWS[_i].encoded), out, &len);

	ck_assert_msg(ok == (ROWS[_i].utf8 != NULL), "%s", ROWS[_i].encoded);
	if (!ok)
		return;
	ck_assert_str_eq(out, ROWS[_i].utf8);
	ck_assert_uint_eq(len, strlen(ROWS[_i].utf8));
}
END_TEST

/* A label may be of any length in a certificate; what is read of it may not. */
START_TEST(long_ones)
{
	char out[PUNYCODE_UTF8_ROOM], encoded[PUNYCODE_POINTS_MAX + 2];
	size_t len;

	memset(encoded, 'a', sizeof(encoded));
	encoded[PUNYCODE_POINTS_MAX] = '-';
	ck_assert(punycode_decode(bytes_of(encoded, PUNYCODE_POINTS_MAX + 1), out, &len));
	ck_assert_uint_eq(len, PUNYCODE_POINTS_MAX);
	encoded[PUNYCODE_POINTS_MAX] = 'a';
	encoded[PUNYCODE_POINTS_MAX + 1] = '-';
	ck_assert(
	    !punycode_decode(bytes_of(encoded, PUNYCODE_POINTS_MAX + 2), out, &len));
	/* each "a" says: U+0080 once more */
	ck_assert(punycode_decode(bytes_of(encoded, PUNYCODE_POINTS_MAX), out, &len));
	ck_assert_uint_eq(len, 2 * PUNYCODE_POINTS_MAX);
	ck_assert(
	    !punycode_decode(bytes_of(encoded, PUNYCODE_POINTS_MAX + 1), out, &len));
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("punycode");

	tcase_add_loop_test(tcase, decodes, 0, UNIT_COUNT(ROWS));
	tcase_add_test(tcase, long_ones);
	return unit_run("x509/punycode", tcase);
}
