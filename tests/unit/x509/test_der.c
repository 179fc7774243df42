#include "tests/lib/der_text.h"
#include "tests/lib/unit.h"
#include "x509/der.h"
#include "x509/oid.h"
#include "x509/time.h"

static const struct {
	const char *what, *in;
	bool ok;
	uint8_t tag;
	const char *value; /* NULL: no element */
	uint32_t flaws;
} ELEMENTS[] = {
    {"the shortest", "0500", true, 0x05, "", 0},
    {"one octet of length", "02 01 7f", true, 0x02, "7f", 0},
    {"what follows is not it", "02 01 7f 05 00", true, 0x02, "7f", FLAW_TRAILING},
    {"a length of 2 octets that 1 would hold", "04 81 02 aabb", true, 0x04, "aabb",
	FLAW_LENGTH},
    {"a length with a zero in front", "04 82 00 02 aabb", true, 0x04, "aabb",
	FLAW_LENGTH},
    {"a length of 8 octets", "04 88 0000000000000002 aabb", true, 0x04, "aabb",
	FLAW_LENGTH},
    {"a length of 17 octets", "04 91 0000000000000000000000000000000002 aabb", false, 0,
	NULL, 0},
    {"a length beyond size_t", "04 89 ffffffffffffffffff aabb", false, 0, NULL, 0},
    {"a length of all bits", "04 88 ffffffffffffffff aabb", true, 0x04, "aabb", FLAW_CUT},
    {"the reserved length", "04 ff aabb", false, 0, NULL, 0},
    {"longer than the bytes", "04 03 aabb", true, 0x04, "aabb", FLAW_CUT},
    {"no length", "04", false, 0, NULL, 0},
    {"half a length", "04 82 01", false, 0, NULL, 0},
    {"nothing", "", false, 0, NULL, 0},
    {"indefinite", "30 80 0500 0000", true, 0x30, "0500", FLAW_INDEFINITE},
    {"indefinite within indefinite", "30 80 30 80 0500 0000 0500 0000", true, 0x30,
	"30800500 0000 0500", FLAW_INDEFINITE},
    {"the end mark inside an element is none", "30 80 04 02 0000 0000", true, 0x30,
	"04020000", FLAW_INDEFINITE},
    {"indefinite without end", "30 80 0500 00", true, 0x30, "050000",
	FLAW_INDEFINITE | FLAW_CUT},
    {"indefinite, an element cut within", "30 80 04 09 0000", true, 0x30, "04090000",
	FLAW_INDEFINITE | FLAW_CUT},
    {"a primitive cannot be indefinite", "04 80 0000", true, 0x04, "0000",
	FLAW_INDEFINITE | FLAW_CUT},
    {"a high tag number", "9f 8100 01 aa", true, 0x9f, "aa", 0},
    {"a high tag number that is low", "9f 03 01 aa", true, 0x9f, "aa", FLAW_TAG_FORM},
    {"a high tag number padded", "9f 80 81 00 01 aa", true, 0x9f, "aa", FLAW_TAG_FORM},
    {"a high tag number over 32 bits", "9f ffffffffff7f 01 aa", false, 0, NULL, 0},
    {"a high tag number without end", "9f 81", false, 0, NULL, 0},
};

START_TEST(element_rows)
{
	struct buf in = der_text(ELEMENTS[_i].in), want;
	struct der got;
	bool ok = der_only(buf_bytes(&in), &got);

	ck_assert_msg(ok == ELEMENTS[_i].ok, "%s", ELEMENTS[_i].what);
	if (ok) {
		want = der_text(ELEMENTS[_i].value);
		ck_assert_uint_eq(got.tag, ELEMENTS[_i].tag);
		ck_assert_msg(
		    bytes_equal(got.value, buf_bytes(&want)), "%s", ELEMENTS[_i].what);
		ck_assert_msg(got.flaws == ELEMENTS[_i].flaws, "%s: %x",
		    ELEMENTS[_i].what, got.flaws);
		buf_free(&want);
	}
	buf_free(&in);
}
END_TEST

static const struct {
	const char *what, *in;
	uint32_t flaws;
} VALUES[] = {
    {"true", "01(ff)", 0},
    {"true as OpenSSL 0.9 wrote it", "01(01)", FLAW_BOOLEAN},
    {"a long BOOLEAN", "01(ffff)", FLAW_BOOLEAN},
    {"zero", "02(00)", 0},
    {"128", "02(0080)", 0},
    {"127 padded", "02(007f)", FLAW_INTEGER},
    {"-128", "02(80)", 0},
    {"-1 padded", "02(ffff)", FLAW_INTEGER},
    {"an empty INTEGER", "02()", FLAW_INTEGER},
    {"NULL", "05()", 0},
    {"a NULL with a value", "05(00)", FLAW_NULL},
    {"an OID", "06(2a864886f70d)", 0},
    {"an empty OID", "06()", FLAW_OID},
    {"an OID padded in the middle", "06(2a8001)", FLAW_OID},
    {"an OID cut", "06(2a86)", FLAW_OID},
    {"no bits", "03(00)", 0},
    {"bits without their count", "03()", FLAW_BITS},
    {"8 unused bits", "03(08ff)", FLAW_BITS},
    {"unused bits of nothing", "03(01)", FLAW_BITS},
    {"unused bits that are set", "03(0181)", FLAW_BITS},
    {"unused bits that are not", "03(0180)", 0},
    {"PrintableString", "13('Az09 \"')", FLAW_STRING},
    {"PrintableString, its alphabet", "13('Az09 ()+,-./:=?')", 0},
    {"PrintableString with a star", "13('*.x')", FLAW_STRING},
    {"NumericString", "12('12 3')", 0},
    {"NumericString with a letter", "12('12a')", FLAW_STRING},
    {"IA5String with 8 bits", "16('caf'e9)", FLAW_STRING},
    {"VisibleString with a newline", "1a(0a)", FLAW_STRING},
    {"T61String may hold anything", "14(e900)", 0},
    {"UTF8String", "0c(c3a9)", 0},
    {"UTF8String overlong", "0c(c0af)", FLAW_UTF8},
    {"UTF8String with a surrogate", "0c(eda080)", FLAW_UTF8},
    {"BMPString", "1e(00610062)", 0},
    {"BMPString of odd length", "1e(006100)", FLAW_STRING},
    {"BMPString with half a pair", "1e(d800)", FLAW_STRING},
    {"UniversalString", "1c(00000061)", 0},
    {"UniversalString past Unicode", "1c(00110000)", FLAW_STRING},
    {"UTCTime", "17('250101000000Z')", 0},
    {"UTCTime without seconds", "17('2501010000Z')", FLAW_TIME_FORM},
    {"a GeneralizedTime of 2025 is fine DER", "18('20250101000000Z')", 0},
    {"garbage", "17('hello')", FLAW_TIME},
    {"a SET in order", "31(0500 0c('a'))", 0},
    {"a SET out of order", "31(0c('a') 0500)", FLAW_ORDER},
    {"a SET out of order at its end", "31(0c('a')0c('b')0c('a'))", FLAW_ORDER},
    {"an INTEGER of parts", "22(0200)", FLAW_CONSTRUCTED},
    {"an OCTET STRING of parts", "24(0400)", FLAW_CONSTRUCTED},
    {"a SEQUENCE that is none", "10(0500)", FLAW_CONSTRUCTED},
    {"context tags have no rules", "82(ff)", 0},
};

START_TEST(value_rows)
{
	struct buf in = der_text(VALUES[_i].in);
	struct der got;

	ck_assert(der_only(buf_bytes(&in), &got));
	ck_assert_msg(der_value_flaws(&got) == VALUES[_i].flaws, "%s: %x",
	    VALUES[_i].what, der_value_flaws(&got));
	buf_free(&in);
}
END_TEST

static const struct {
	const char *hex;
	const char *canonical;
	size_t bits;
	bool negative;
	uint64_t value; /* UINT64_MAX: out of range */
} INTEGERS[] = {
    {"", "", 0, false, 0},
    {"00", "00", 0, false, 0},
    {"01", "01", 1, false, 1},
    {"0080", "0080", 8, false, 128},
    {"00000001", "01", 1, false, 1},
    {"ffff80", "80", 8, true, 0},
    {"010001", "010001", 17, false, 65537},
    {"7fffffffffffffff", "7fffffffffffffff", 63, false, INT64_MAX},
    {"00ffffffffffffffff", "00ffffffffffffffff", 64, false, UINT64_MAX},
    {"010000000000000000", "010000000000000000", 65, false, UINT64_MAX},
};

START_TEST(integer_rows)
{
	struct buf in = unit_hex(INTEGERS[_i].hex),
		   want = unit_hex(INTEGERS[_i].canonical);
	uint64_t value;

	ck_assert(bytes_equal(der_integer_canonical(buf_bytes(&in)), buf_bytes(&want)));
	ck_assert_uint_eq(der_integer_bits(buf_bytes(&in)), INTEGERS[_i].bits);
	ck_assert(der_integer_negative(buf_bytes(&in)) == INTEGERS[_i].negative);
	der_read_unsigned(buf_bytes(&in), &value);
	ck_assert_uint_eq(value, INTEGERS[_i].value);
	buf_free(&in);
	buf_free(&want);
}
END_TEST

static const struct {
	const char *what, *in;
	int64_t unix_s;
	uint32_t form;
} TIMES[] = {
    {"as it should be", "17('160101000000Z')", 1451606400, 0},
    {"the last of UTCTime", "17('491231235959Z')", 2524607999, 0},
    {"the first of UTCTime", "17('500101000000Z')", -631152000, 0},
    {"GeneralizedTime", "18('20500101000000Z')", 2524608000, 0},
    {"no end of validity", "18('99991231235959Z')", 253402300799, 0},
    {"GeneralizedTime too early", "18('20491231235959Z')", 2524607999, TIME_WRONG_TYPE},
    {"no seconds", "17('1601010000Z')", 1451606400, TIME_NO_SECONDS},
    {"no minutes", "18('2050010100Z')", 2524608000, TIME_NO_SECONDS | TIME_NO_MINUTES},
    {"an offset west", "17('160101000000-1200')", 1451606400 + 43200, TIME_OFFSET},
    {"an offset east", "17('160101000000+0530')", 1451606400 - 19800, TIME_OFFSET},
    {"an offset of hours", "17('160101000000+01')", 1451606400 - 3600, TIME_OFFSET},
    {"no zone", "17('160101000000')", 1451606400, TIME_NO_ZONE},
    {"a fraction", "18('20500101000000.5Z')", 2524608000, TIME_FRACTION},
    {"a comma's fraction", "18('20500101000000,123Z')", 2524608000, TIME_FRACTION},
    {"bytes behind", "17('160101000000Z'00)", 1451606400, TIME_JUNK},
    {"the leap second", "17('161231235960Z')", 1483228800, 0},
    {"no such day", "17('160230000000Z')", 0, TIME_RANGE | TIME_UNREADABLE},
    {"no such hour", "17('160101240000Z')", 0, TIME_RANGE | TIME_UNREADABLE},
    {"no such month", "17('160001000000Z')", 0, TIME_RANGE | TIME_UNREADABLE},
    {"empty", "17()", 0, TIME_UNREADABLE},
    {"letters", "17('16010100000xZ')", 1451606400,
	TIME_NO_SECONDS | TIME_NO_ZONE | TIME_JUNK},
    {"a sign in the year", "18('-0500101000000Z')", 0, TIME_UNREADABLE},
    {"no time at all", "02(05)", 0, TIME_UNREADABLE | TIME_OTHER_TAG},
};

START_TEST(time_rows)
{
	struct buf in = der_text(TIMES[_i].in);
	struct der element;
	struct der_time got;

	ck_assert(der_only(buf_bytes(&in), &element));
	der_time_read(&element, &got);
	ck_assert_msg(got.form == TIMES[_i].form, "%s: %x", TIMES[_i].what, got.form);
	ck_assert_msg(got.unix_s == TIMES[_i].unix_s, "%s: %jd", TIMES[_i].what,
	    (intmax_t)got.unix_s);
	buf_free(&in);
}
END_TEST

START_TEST(a_walk_sees_everything_once)
{
	struct buf in = der_text("30( 02(05) 31( 30( 0500 ) ) 0c('x') ) 02(06) 30");
	static const struct {
		uint8_t tag;
		size_t depth, offset;
	} WANT[] = {{0x30, 0, 0}, {0x02, 1, 2}, {0x31, 1, 5}, {0x30, 2, 7}, {0x05, 3, 9},
	    {0x0c, 1, 11}, {0x02, 0, 14}, {0, 0, 17}};
	struct der_walk walk;
	struct der got;
	size_t depth;

	der_walk_begin(&walk, buf_bytes(&in));
	for (size_t i = 0; i < ARRAY_LEN(WANT); i++) {
		ck_assert(der_walk_next(&walk, &got, &depth));
		ck_assert_uint_eq(got.tag, WANT[i].tag);
		ck_assert_uint_eq(depth, WANT[i].depth);
		ck_assert_uint_eq(der_offset(buf_bytes(&in), got.whole), WANT[i].offset);
	}
	ck_assert_uint_eq(got.flaws, FLAW_TRAILING);
	ck_assert(!der_walk_next(&walk, &got, &depth));
	buf_free(&in);
}
END_TEST

START_TEST(a_walk_does_not_go_deeper_than_it_says)
{
	uint8_t deep[200];
	struct der_walk walk;
	struct der got;
	size_t depth, count = 0, deepest = 0;

	for (size_t i = 0; i < sizeof(deep) / 2; i++) {
		deep[2 * i] = DER_SEQUENCE;
		deep[2 * i + 1] = (uint8_t)(sizeof(deep) / 2 - 1 - i);
	}
	der_walk_begin(&walk, bytes_of(deep, sizeof(deep)));
	for (; der_walk_next(&walk, &got, &depth); count++)
		deepest = depth > deepest ? depth : deepest;
	ck_assert_uint_eq(deepest, DER_DEPTH_MAX - 1);
	ck_assert_uint_gt(count, 0);
}
END_TEST

START_TEST(every_oid_is_found_and_is_one)
{
	for (enum oid id = OID_UNKNOWN + 1; id < OID_COUNT; id++) {
		ck_assert_msg(oid_find(oid_octets(id)) == id, "%s is %s",
		    oid_long_name(id), oid_long_name(oid_find(oid_octets(id))));
		ck_assert_uint_eq(der_oid_flaws(oid_octets(id)), 0);
		ck_assert_msg(oid_by_name(bytes_text(oid_long_name(id))) == id, "%s",
		    oid_long_name(id));
	}
	ck_assert_int_eq(oid_find(bytes_of("", 0)), OID_UNKNOWN);
	ck_assert_int_eq(oid_find(bytes_of("\x55\x1d", 2)), OID_UNKNOWN);
	ck_assert_int_eq(oid_find(bytes_of("\x55\x1d\xff", 3)), OID_UNKNOWN);
	ck_assert_int_eq(oid_by_name(bytes_text("no such name")), OID_UNKNOWN);
}
END_TEST

static const struct {
	const char *hex, *dotted;
	bool parses; /* and the text gives the octets again */
} OIDS[] = {
    {"2a864886f70d010101", "1.2.840.113549.1.1.1", true},
    {"550403", "2.5.4.3", true},
    {"00", "0.0", true},
    {"27", "0.39", true},
    {"4f", "1.39", true},
    {"50", "2.0", true},
    {"883703", "2.999.3", true},
    {"2b06010401d679020403", "1.3.6.1.4.1.11129.2.4.3", true},
    {"8001", "#8001", false},
    {"", "#", false},
    {"2a86", "#2a86", false},
    {"2affffffffffffffffff7f", "#2affffffffffffffffff7f", false},
};

START_TEST(oid_rows)
{
	struct buf in = unit_hex(OIDS[_i].hex), text, again;

	buf_init(&text, 200);
	buf_init(&again, 200);
	ck_assert(oid_append_dotted(&text, buf_bytes(&in)));
	ck_assert_str_eq(buf_text(&text), OIDS[_i].dotted);
	ck_assert(oid_parse_dotted(buf_text(&text), &again) == OIDS[_i].parses);
	if (OIDS[_i].parses)
		ck_assert(bytes_equal(buf_bytes(&in), buf_bytes(&again)));
	buf_free(&in);
	buf_free(&text);
	buf_free(&again);
}
END_TEST

static const char *const NO_OIDS[] = {"", "1", "1.", "3.1", "1.40", "1..2", "1.2.",
    "1.2.x", "1.2 ", "1.2.99999999999999999999", "-1.2", "commonName"};

START_TEST(texts_that_are_no_oid)
{
	struct buf out;

	buf_init(&out, 100);
	ck_assert_msg(!oid_parse_dotted(NO_OIDS[_i], &out), "%s", NO_OIDS[_i]);
	buf_free(&out);
}
END_TEST

static const size_t LENGTHS[] = {0, 1, 127, 128, 255, 256, 65535, 65536, 16777216};

START_TEST(headers_are_minimal)
{
	uint8_t header[DER_HEADER_MAX];
	size_t len = der_put_header(DER_SEQUENCE, LENGTHS[_i], header);
	struct der got;

	ck_assert(der_only(bytes_of(header, len), &got));
	ck_assert_uint_eq(got.flaws, LENGTHS[_i] == 0 ? 0 : FLAW_CUT);
	ck_assert_uint_eq(len,
	    LENGTHS[_i] < 128            ? 2U
		: LENGTHS[_i] < 256      ? 3U
		: LENGTHS[_i] < 65536    ? 4U
		: LENGTHS[_i] < 16777216 ? 5U
					 : 6U);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("der");

	tcase_add_loop_test(tc, element_rows, 0, UNIT_COUNT(ELEMENTS));
	tcase_add_loop_test(tc, value_rows, 0, UNIT_COUNT(VALUES));
	tcase_add_loop_test(tc, integer_rows, 0, UNIT_COUNT(INTEGERS));
	tcase_add_loop_test(tc, time_rows, 0, UNIT_COUNT(TIMES));
	tcase_add_test(tc, a_walk_sees_everything_once);
	tcase_add_test(tc, a_walk_does_not_go_deeper_than_it_says);
	tcase_add_test(tc, every_oid_is_found_and_is_one);
	tcase_add_loop_test(tc, oid_rows, 0, UNIT_COUNT(OIDS));
	tcase_add_loop_test(tc, texts_that_are_no_oid, 0, UNIT_COUNT(NO_OIDS));
	tcase_add_loop_test(tc, headers_are_minimal, 0, UNIT_COUNT(LENGTHS));
	return unit_run("x509/der", tc);
}
