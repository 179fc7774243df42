#include "tests/lib/der_text.h"
#include "tests/lib/unit.h"
#include "x509/name.h"

#define CN "06(550403)"
#define C  "06(550406)"
#define O  "06(55040a)"

static const struct {
	const char *what, *name, *text, *key;
} NAMES[] = {
    {"three attributes",
	"30( 31(30(" C "13('US'))) 31(30(" O "0c('Example, Inc.'))) 31(30(" CN
	"0c('x'))) )",
	"C=US, O=Example\\, Inc., CN=x", "+c=us,+o=example\\, inc.,+cn=x"},
    {"an empty name", "30()", "", ""},
    {"two in one RDN", "30(31(30(" CN "0c('b')) 30(" CN "0c('a'))))", "CN=b + CN=a",
	"+cn=a+cn=b"},
    {"an empty RDN among others", "30(31() 31(30(" CN "0c('x'))))", "CN=x", "+cn=x"},
    {"white space", "30(31(30(" CN "0c('  a  b'09' '))))", "CN=\\  a  b\\x09\\ ",
	"+cn=a b"},
    {"only white space", "30(31(30(" CN "0c('  '))))", "CN=\\ \\ ", "+cn="},
    {"a # in front", "30(31(30(" CN "0c('#a#'))))", "CN=\\#a#", "+cn=\\#a#"},
    {"what RFC 4514 escapes", "30(31(30(" CN "0c(222b2c3b3c3e3d5c))))",
	"CN=\\\"\\+\\,\\;\\<\\>\\=\\\\", "+cn=\"\\+\\,;<>\\=\\\\"},
    {"a terminal's escape", "30(31(30(" CN "0c(1b'[31m'))))", "CN=\\x1b[31m",
	"+cn=\x1b[31m"},
    {"BMPString", "30(31(30(" CN "1e(004200e400440a))))", "CN=B\xc3\xa4\x44\xef\xbf\xbd",
	"+cn=b\xc3\xa4\x64\xef\xbf\xbd"},
    {"a surrogate pair", "30(31(30(" CN "1e(d83dde00))))", "CN=\xf0\x9f\x98\x80",
	"+cn=\xf0\x9f\x98\x80"},
    {"UniversalString", "30(31(30(" CN "1c(0000004200006c83))))", "CN=B\xe6\xb2\x83",
	"+cn=b\xe6\xb2\x83"},
    {"T61String is Latin-1", "30(31(30(" CN "14('Caf'c9))))", "CN=Caf\xc3\x89",
	"+cn=caf\xc3\xa9"},
    {"broken UTF-8 is Latin-1", "30(31(30(" CN "0c('a'ff))))", "CN=a\xc3\xbf",
	"+cn=a\xc3\xbf"},
    {"no string", "30(31(30(" CN "02(05))))", "CN=#020105", "+cn=#020105"},
    {"an unknown type", "30(31(30(06(2a0304)0c('x'))))", "1.2.3.4=x", "+1.2.3.4=x"},
    {"a broken type", "30(31(30(06(8001)0c('x'))))", "#8001=x", "+#8001=x"},
    {"no value", "30(31(30(" CN ")))", "CN=#0000", "+cn=#0000"},
    {"an attribute cut", "30(31(30(" CN "0c('x')) 30))", "CN=x", "+cn=x"},
    {"not a name at all", "0c('hello')", "", ""},
    {"Greek", "30(31(30(" CN "0c(ce91ce86ce9fcea3))))",
	"CN=\xce\x91\xce\x86\xce\x9f\xce\xa3", "+cn=\xce\xb1\xce\xac\xce\xbf\xcf\x83"},
    {"Cyrillic", "30(31(30(" CN "0c(d096d081))))", "CN=\xd0\x96\xd0\x81",
	"+cn=\xd0\xb6\xd1\x91"},
    {"zero width and no-break space", "30(31(30(" CN "0c('a'e2808bc2a0'b'))))",
	"CN=a\\u{200b}\xc2\xa0"
	"b",
	"+cn=a b"},
};

START_TEST(name_rows)
{
	struct buf name = der_text(NAMES[_i].name), text, key;

	buf_init(&text, 1000);
	buf_init(&key, 1000);
	ck_assert(name_append_text(&text, buf_bytes(&name)));
	ck_assert_msg(strcmp(buf_text(&text), NAMES[_i].text) == 0, "%s: %s",
	    NAMES[_i].what, buf_text(&text));
	ck_assert(name_append_key(&key, buf_bytes(&name)));
	ck_assert_msg(strcmp(buf_text(&key), NAMES[_i].key) == 0, "%s: %s",
	    NAMES[_i].what, buf_text(&key));
	buf_free(&name);
	buf_free(&text);
	buf_free(&key);
}
END_TEST

#define ONE(attribute) "30(31(30(" attribute ")))"

static const struct {
	const char *what, *a, *b;
	bool equal;
} PAIRS[] = {
    {"string types", ONE(CN "13('Example')"), ONE(CN "0c('Example')"), true},
    {"BMPString too", ONE(CN "1e(00450078)"), ONE(CN "13('Ex')"), true},
    {"case", ONE(CN "0c('EXAMPLE')"), ONE(CN "0c('example')"), true},
    {"runs of spaces", ONE(CN "0c('a  b')"), ONE(CN "0c('a b')"), true},
    {"a space is a space", ONE(CN "0c('a b')"), ONE(CN "0c('ab')"), false},
    {"the type of attribute", ONE(CN "0c('a')"), ONE(O "0c('a')"), false},
    {"a comma is no separator", ONE(CN "0c('a,+o=b')"),
	"30(31(30(" CN "0c('a'))) 31(30(" O "0c('b'))))", false},
    {"a plus neither", ONE(CN "0c('a+o=b')"),
	"30(31(30(" CN "0c('a')) 30(" O "0c('b'))))", false},
    {"a NUL counts", ONE(CN "0c('a')"), ONE(CN "0c('a'00)"), false},
    {"one RDN is not two", "30(31(30(" CN "0c('a')) 30(" O "0c('b'))))",
	"30(31(30(" CN "0c('a'))) 31(30(" O "0c('b'))))", false},
};

START_TEST(key_rows)
{
	struct buf a = der_text(PAIRS[_i].a), b = der_text(PAIRS[_i].b), key_a, key_b;

	buf_init(&key_a, 1000);
	buf_init(&key_b, 1000);
	ck_assert(name_append_key(&key_a, buf_bytes(&a)));
	ck_assert(name_append_key(&key_b, buf_bytes(&b)));
	ck_assert_msg(
	    bytes_equal(buf_bytes(&key_a), buf_bytes(&key_b)) == PAIRS[_i].equal, "%s",
	    PAIRS[_i].what);
	buf_free(&a);
	buf_free(&b);
	buf_free(&key_a);
	buf_free(&key_b);
}
END_TEST

static const struct {
	const char *text, *key; /* NULL: refused */
} TEXTS[] = {
    {"C=CN, O=WoSign CA Limited, CN=x", "+c=cn,+o=wosign ca limited,+cn=x"},
    {"CN=x", "+cn=x"},
    {"", ""},
    {"commonName = x ", "+cn=x"},
    {"2.5.4.3=x", "+cn=x"},
    {"1.2.3=x", "+1.2.3=x"},
    {"O=Example\\, Inc.,CN=a\\+b", "+o=example\\, inc.,+cn=a\\+b"},
    {"O=a\\2cb", "+o=a\\,b"},
    {"O=a\\x0ab", "+o=a b"},
    {"O=a\\x5cb", "+o=a\\\\b"},
    {"CN=b+CN=a;O=c", "+cn=a+cn=b,+o=c"},
    {"CN=\\ a ", "+cn=a"},
    {"CN=\xc3\x89", "+cn=\xc3\xa9"},
    {"CN=a,", "+cn=a"},
    {"CN", NULL},
    {"nonsense=x", NULL},
    {"=x", NULL},
    {"CN=a,,O=b", NULL},
};

START_TEST(text_rows)
{
	struct err err = {0};
	struct buf key;
	bool ok;

	buf_init(&key, 1000);
	ok = name_key_from_text(TEXTS[_i].text, &key, &err);
	ck_assert_msg(ok == (TEXTS[_i].key != NULL), "%s: %s", TEXTS[_i].text, err.text);
	if (ok)
		ck_assert_str_eq(buf_text(&key), TEXTS[_i].key);
	else
		ck_assert_int_eq(err.code, ERR_CONFIG);
	buf_free(&key);
}
END_TEST

START_TEST(attributes_one_by_one)
{
	struct buf name = der_text(
	    "30( 31(30(" C "13('US')) 30(" O "0c('o'))) 31(30(" CN "16('x'))) )");
	static const struct {
		enum oid id;
		uint32_t rdn;
		bool shares;
		uint8_t tag;
	} WANT[] = {{OID_COUNTRY, 0, false, DER_PRINTABLE_STRING},
	    {OID_ORGANIZATION, 0, true, DER_UTF8_STRING},
	    {OID_COMMON_NAME, 1, false, DER_IA5_STRING}};
	struct name_attribute got;
	struct name_iter iter;

	name_begin(buf_bytes(&name), &iter);
	for (size_t i = 0; i < ARRAY_LEN(WANT); i++) {
		ck_assert(name_next(&iter, &got));
		ck_assert_int_eq(got.id, WANT[i].id);
		ck_assert_uint_eq(got.rdn, WANT[i].rdn);
		ck_assert(got.shares_rdn == WANT[i].shares);
		ck_assert_uint_eq(got.tag, WANT[i].tag);
		ck_assert_uint_eq(got.flaws, 0);
	}
	ck_assert(!name_next(&iter, &got));
	ck_assert_uint_eq(iter.flaws, 0);
	ck_assert(name_first(buf_bytes(&name), OID_ORGANIZATION, &got));
	ck_assert(bytes_equal(got.value, bytes_text("o")));
	ck_assert(!name_first(buf_bytes(&name), OID_LOCALITY, &got));
	ck_assert(!name_is_empty(buf_bytes(&name)));
	ck_assert(name_is_empty(bytes_of("0", 2)));
	buf_free(&name);
}
END_TEST

static const struct {
	const char *name;
	uint32_t flaws;
} STRUCTURES[] = {
    {"30(31())", FLAW_EMPTY},
    {"31(31(30(" CN "0c('x'))))", FLAW_TAG},
    {"30(30(30(" CN "0c('x'))))", FLAW_TAG},
    {"30(31(31(" CN "0c('x'))))", FLAW_TAG},
    {"30(31(30(0c('x'))))", FLAW_MISSING},
    {"30(31(30(" CN "0c('x')0500)))", FLAW_TRAILING},
    {"30(31(30(06()0c('x'))))", FLAW_OID},
    {"30(31(30(" CN "0c09'x')))", FLAW_CUT},
    {"30(31(30(" CN "0c('x'))))00", FLAW_TRAILING},
};

START_TEST(structure_rows)
{
	struct buf name = der_text(STRUCTURES[_i].name);
	struct name_attribute got;
	struct name_iter iter;

	name_begin(buf_bytes(&name), &iter);
	while (name_next(&iter, &got))
		continue;
	ck_assert_msg(iter.flaws == STRUCTURES[_i].flaws, "%s: %x", STRUCTURES[_i].name,
	    iter.flaws);
	buf_free(&name);
}
END_TEST

START_TEST(strings_are_measured_in_characters)
{
	ck_assert_uint_eq(string_length(DER_UTF8_STRING, bytes_text("\xc3\xa9x")), 2);
	ck_assert_uint_eq(string_length(DER_UTF8_STRING, bytes_text("\xffx")), 2);
	ck_assert_uint_eq(string_length(DER_BMP_STRING, bytes_of("\0a\0b", 4)), 2);
	ck_assert_uint_eq(string_length(DER_UNIVERSAL_STRING, bytes_of("\0\0\0a", 4)), 1);
	ck_assert_uint_eq(string_length(DER_TELETEX_STRING, bytes_text("caf\xe9")), 4);
	ck_assert_uint_eq(string_flaws(DER_UTF8_STRING, bytes_text("\xff")), FLAW_UTF8);
	ck_assert_uint_eq(string_flaws(DER_OCTET_STRING, bytes_text("x")), FLAW_TAG);
	ck_assert_uint_eq(
	    string_flaws(DER_PRINTABLE_STRING, bytes_text("x@")), FLAW_STRING);
}
END_TEST

START_TEST(a_full_buffer_is_an_answer)
{
	struct buf name = der_text("30(31(30(" CN "0c('abcdefgh'))30(" CN "0c('abc'))))");
	struct buf out;
	struct err err = {0};

	buf_init(&out, 8);
	ck_assert(!name_append_key(&out, buf_bytes(&name)));
	buf_clear(&out);
	ck_assert(!name_append_text(&out, buf_bytes(&name)));
	buf_clear(&out);
	ck_assert(!name_key_from_text("CN=abcdefgh+CN=abc", &out, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
	buf_free(&out);
	buf_free(&name);
}
END_TEST

/* In normalization form C or not; a dot and a NUL part what is asked for alone. */
static const struct {
	const char *what;
	uint8_t tag;
	struct bytes text;
	bool is;
} FORMS[] = {
#define TEXT(octets)                                                                     \
	{                                                                                \
		(const uint8_t *)(octets), sizeof(octets) - 1                            \
	}
    {"empty", DER_UTF8_STRING, TEXT(""), true},
    {"ASCII", DER_UTF8_STRING, TEXT("a.b c"), true},
    {"composed", DER_UTF8_STRING, TEXT("caf\xc3\xa9"), true},
    {"decomposed", DER_UTF8_STRING, TEXT("cafe\xcc\x81"), false},
    {"behind a dot", DER_UTF8_STRING, TEXT("\xc3\xa9.e\xcc\x81"), false},
    {"behind a NUL", DER_UTF8_STRING, TEXT("\xc3\xa9\0e\xcc\x81"), false},
    {"a mark on a dot", DER_UTF8_STRING, TEXT(".\xcc\x81"), true},
    {"marks in order", DER_UTF8_STRING, TEXT("x\xcc\xa7\xcc\x81"), true},
    {"marks out of order", DER_UTF8_STRING, TEXT("x\xcc\x81\xcc\xa7"), false},
    {"the angstrom sign", DER_UTF8_STRING, TEXT("\xe2\x84\xab"), false},
    {"what no label may have", DER_UTF8_STRING, TEXT("\xe2\x80\x9cx\xe2\x80\x9d"), true},
    {"behind what no label may have", DER_UTF8_STRING,
	TEXT("\xe2\x80\x9c"
	     "e\xcc\x81"),
	false},
    {"Hangul in parts", DER_UTF8_STRING, TEXT("\xe1\x84\x80\xe1\x85\xa1"), false},
    {"UTF-16", DER_BMP_STRING, TEXT("\0e\x03\x01"), false},
    {"UTF-16, composed", DER_BMP_STRING, TEXT("\0\xe9"), true},
};

START_TEST(normalization_form_c)
{
	ck_assert_msg(string_is_nfc(FORMS[_i].tag, FORMS[_i].text) == FORMS[_i].is, "%s",
	    FORMS[_i].what);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("name");

	tcase_add_loop_test(tc, name_rows, 0, UNIT_COUNT(NAMES));
	tcase_add_loop_test(tc, key_rows, 0, UNIT_COUNT(PAIRS));
	tcase_add_loop_test(tc, text_rows, 0, UNIT_COUNT(TEXTS));
	tcase_add_test(tc, attributes_one_by_one);
	tcase_add_loop_test(tc, structure_rows, 0, UNIT_COUNT(STRUCTURES));
	tcase_add_test(tc, strings_are_measured_in_characters);
	tcase_add_test(tc, a_full_buffer_is_an_answer);
	tcase_add_loop_test(tc, normalization_form_c, 0, UNIT_COUNT(FORMS));
	return unit_run("x509/name", tc);
}
