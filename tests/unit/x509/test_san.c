#include "tests/lib/der_text.h"
#include "tests/lib/small_cert.h"
#include "tests/lib/unit.h"
#include "x509/san.h"

static const struct {
	const char *name;
	enum general_name_kind kind;
	uint32_t flaws;
	const char *text;
} GENERALS[] = {
    {"82('www.example')", GENERAL_DNS, 0, "DNS:www.example"},
    {"82()", GENERAL_DNS, 0, "DNS:"},
    {"82('caf'e9)", GENERAL_DNS, FLAW_STRING, "DNS:caf\\xe9"},
    {"82('a'00'b')", GENERAL_DNS, 0, "DNS:a\\x00b"},
    {"a2(16('a.example'))", GENERAL_DNS, FLAW_CONSTRUCTED, "DNS:a.example"},
    {"81('a@b')", GENERAL_EMAIL, 0, "email:a@b"},
    {"86('http://a')", GENERAL_URI, 0, "URI:http://a"},
    {"87(c0000201)", GENERAL_IP, 0, "IP:192.0.2.1"},
    {"87(20010db8000000000000000000000001)", GENERAL_IP, 0, "IP:2001:db8::1"},
    {"87(c00002)", GENERAL_IP, FLAW_ADDRESS, "IP:c00002"},
    {"87(c0000200ffffff00)", GENERAL_IP, FLAW_ADDRESS, "IP:c0000200ffffff00"},
    {"87()", GENERAL_IP, FLAW_ADDRESS, "IP:"},
    {"88(2a0304)", GENERAL_REGISTERED_ID, 0, "RID:1.2.3.4"},
    {"88(8001)", GENERAL_REGISTERED_ID, FLAW_OID, "RID:#8001"},
    {"a4(30(31(30(06(550403)0c('x')))))", GENERAL_DIRECTORY, 0, "directory:CN=x"},
    {"84()", GENERAL_DIRECTORY, FLAW_CONSTRUCTED, "directory:"},
    {"a0(06(2a0304)a0(0c('x')))", GENERAL_OTHER, 0, "other:1.2.3.4"},
    {"a3()", GENERAL_X400, 0, "X400:"},
    {"a5()", GENERAL_EDI_PARTY, 0, "ediParty:"},
    {"89('x')", GENERAL_UNKNOWN, FLAW_TAG, "unknown:x"},
    {"16('x')", GENERAL_UNKNOWN, FLAW_TAG, "unknown:x"},
    {"c2('x')", GENERAL_UNKNOWN, FLAW_TAG, "unknown:x"},
    {"8209'x'", GENERAL_DNS, FLAW_CUT, "DNS:x"},
};

START_TEST(general_name_rows)
{
	struct buf der = der_text(GENERALS[_i].name), text;
	struct general_name got;

	buf_init(&text, 1000);
	ck_assert(general_name_of(buf_bytes(&der), &got));
	ck_assert_int_eq(got.kind, GENERALS[_i].kind);
	ck_assert_msg(
	    got.flaws == GENERALS[_i].flaws, "%s: %x", GENERALS[_i].name, got.flaws);
	ck_assert(general_name_append_text(&text, &got));
	ck_assert_str_eq(buf_text(&text), GENERALS[_i].text);
	buf_free(&text);
	buf_free(&der);
}
END_TEST

#define SAN(value) "30(06(551d11)04(" value "))"

/* What cert_dns_names says, as "source:name[oddities]" in a row. */
static void
list_names(const struct cert *cert, struct buf *out)
{
	static const char *const SOURCES[] = {"san:", "cn:", "raw:"};
	struct dns_iter iter;
	struct dns_found got;

	cert_dns_names(cert, &iter);
	for (const char *space = ""; dns_next(&iter, &got); space = " ") {
		buf_append_format(out, "%s%s", space, SOURCES[got.source]);
		text_append_safe(out, got.name, 100);
		if ((got.oddities & ~(uint32_t)DNS_NO_DOT) != 0)
			buf_append_format(
			    out, "[%x]", got.oddities & ~(uint32_t)DNS_NO_DOT);
	}
}

static const struct {
	const char *what, *extensions, *names;
} SANS[] = {
    {"two names", SAN("30(82('a.example')82('b.example'))"),
	"san:a.example san:b.example cn:www.example"},
    {"two extensions", SAN("30(82('a.example'))") SAN("30(82('b.example'))"),
	"san:a.example san:b.example cn:www.example"},
    {"others between", SAN("30(81('a@b.example')82('a.example')87(7f000001))"),
	"san:a.example cn:www.example"},
    {"a NUL gives both", SAN("30(82('good.example'00'.evil.example'))"),
	"san:good.example\\x00.evil.example[1] san:good.example[2] cn:www.example"},
    {"two NULs give the first part", SAN("30(82('a.example'00'b'00'c'))"),
	"san:a.example\\x00b\\x00c[1] san:a.example[2] cn:www.example"},
    {"an explicit tag", SAN("30(a2(16('a.example')))"),
	"san:a.example[2000] raw:a.example[2000] cn:www.example"},
    {"an IA5String with its own tag", SAN("30(16('a.example'))"),
	"san:a.example[2000] raw:a.example[2000] cn:www.example"},
    {"no SEQUENCE around", SAN("82('a.example')82('b.example')"),
	"san:a.example san:b.example raw:a.example[2000] raw:b.example[2000] "
	"cn:www.example"},
    {"a SEQUENCE cut", SAN("3040 82('a.example')"),
	"san:a.example raw:a.example[2000] cn:www.example"},
    {"a name cut", SAN("30(8240 'a.example')"),
	"san:a.example[2000] raw:a.example[2000] cn:www.example"},
    {"names behind the SEQUENCE", SAN("30(82('a.example'))82('b.example')"),
	"san:a.example raw:a.example[2000] raw:b.example[2000] cn:www.example"},
    {"a broken OID", "30(06(801d11)04(30(82('a.example'))))",
	"cn:www.example raw:www.example0[2000] raw:www.example[2000] "
	"raw:www.example[2000] raw:a.example[2000]"},
    {"an empty SAN", SAN("30()"), "cn:www.example"},
    {"a SAN of nothing", SAN(""), "cn:www.example"},
    {"BER lengths", SAN("3081 0b 82('a.example')"), "san:a.example cn:www.example"},
    {"an indefinite SAN", SAN("3080 82('a.example') 0000"),
	"san:a.example cn:www.example"},
};

START_TEST(san_rows)
{
	static struct cert cert;
	struct buf der = small_cert_with(SANS[_i].extensions), names;

	buf_init(&names, 10000);
	ck_assert(cert_parse(buf_bytes(&der), &cert));
	list_names(&cert, &names);
	ck_assert_msg(strcmp(buf_text(&names), SANS[_i].names) == 0, "%s: %s",
	    SANS[_i].what, buf_text(&names));
	buf_free(&names);
	buf_free(&der);
}
END_TEST

#define CN "06(550403)"

static const struct {
	const char *what, *subject, *names; /* besides the two of the SAN */
} SUBJECTS[] = {
    {"one", "30(31(30(" CN "0c('a.example'))))", " cn:a.example"},
    {"two", "30(31(30(" CN "0c('a.example'))30(" CN "13('b.example'))))",
	" cn:a.example cn:b.example"},
    {"none", "30()", ""},
    {"a NUL", "30(31(30(" CN "0c('a.example'00'x'))))",
	" cn:a.example\\x00x[1] cn:a.example[2]"},
    {"BMPString", "30(31(30(" CN "1e(0061002e0062))))", " cn:a.b[4000]"},
    {"BMPString with a NUL", "30(31(30(" CN "1e(0061002e00620000))))",
	" cn:a.b\\x00[4001] cn:a.b[4002]"},
    {"BMPString of odd length", "30(31(30(" CN "1e(0061002e006200))))",
	" cn:a.b\xef\xbf\xbd[4040]"},
    {"UniversalString", "30(31(30(" CN "1c(000000610000002e00000062))))",
	" cn:a.b[4000]"},
    {"an OCTET STRING", "30(31(30(" CN "04('a.example'))))", " cn:a.example"},
    {"a GeneralString", "30(31(30(" CN "1b('a.example'))))", " cn:a.example"},
    {"an organisation is no name", "30(31(30(06(55040a)0c('a.example'))))", ""},
    {"an RDN cut", "30(3140 30(" CN "0c('a.example')))",
	" cn:a.example raw:a.example0[2000] raw:a.example[2000] raw:a.example[2000] "
	"raw:www.example[2000]"},
    {"a name that is a string", "0c('a.example')",
	" raw:a.example0[2000] raw:a.example[2000] raw:a.example[2000] "
	"raw:www.example[2000]"},
};

START_TEST(subject_rows)
{
	static struct cert cert;
	struct buf der = small_cert(SMALL_SUBJECT, SUBJECTS[_i].subject), names, want;

	buf_init(&names, 10000);
	buf_init(&want, 10000);
	ck_assert(cert_parse(buf_bytes(&der), &cert));
	list_names(&cert, &names);
	buf_append_format(&want, "san:www.example san:example%s", SUBJECTS[_i].names);
	ck_assert_msg(strcmp(buf_text(&names), buf_text(&want)) == 0, "%s: %s",
	    SUBJECTS[_i].what, buf_text(&names));
	buf_free(&names);
	buf_free(&want);
	buf_free(&der);
}
END_TEST

START_TEST(offsets_point_at_the_name)
{
	static struct cert cert;
	struct buf der = small_cert(SMALL_SUBJECT, "30(31(30(" CN "1e(0061002e0062))))");
	struct dns_iter iter;
	struct dns_found got;

	ck_assert(cert_parse(buf_bytes(&der), &cert));
	cert_dns_names(&cert, &iter);
	ck_assert(dns_next(&iter, &got));
	ck_assert(memcmp(der.data + got.offset, "www.example", 11) == 0);
	ck_assert(dns_next(&iter, &got) && dns_next(&iter, &got));
	ck_assert(memcmp(der.data + got.offset, "\0a\0.\0b", 6) == 0);
	ck_assert(!dns_next(&iter, &got));
	buf_free(&der);
}
END_TEST

START_TEST(names_where_nothing_parses)
{
	static struct cert cert;
	static const char JUNK[] = "\x01\x02junk www.example\x82\x09"
				   "a.exampleXYZ \x07";
	struct buf names;

	buf_init(&names, 1000);
	ck_assert(!cert_parse(bytes_of(JUNK, sizeof(JUNK)), &cert));
	list_names(&cert, &names);
	ck_assert_str_eq(buf_text(&names),
	    "raw:www.example[2000] raw:a.exampleXYZ[2000] raw:a.example[2000]");
	buf_free(&names);
}
END_TEST

START_TEST(names_past_the_kept_extensions)
{
	static struct cert cert;
	struct buf list, der, names;

	buf_init(&list, 100000);
	buf_init(&names, 10000);
	for (int i = 0; i < CERT_EXTENSIONS_MAX; i++)
		buf_append_format(&list, "30(06(2a03%02x)04(0400))", i);
	buf_append_text(&list, SAN("30(82('hidden.example'))"));
	der = small_cert_with(buf_text(&list));
	ck_assert(cert_parse(buf_bytes(&der), &cert));
	list_names(&cert, &names);
	ck_assert(strstr(buf_text(&names), "raw:hidden.example") != NULL);
	buf_free(&list);
	buf_free(&names);
	buf_free(&der);
}
END_TEST

START_TEST(names_in_a_second_list_and_behind_the_end)
{
	static struct cert cert;
	struct buf der = small_cert(SMALL_EXTENSIONS,
	    "a3(30(30(06(551d0e)04(0400)))) a3(30(" SAN("30(82('a.example'))") "))");
	struct buf names;

	buf_init(&names, 10000);
	ck_assert(cert_parse(buf_bytes(&der), &cert));
	list_names(&cert, &names);
	ck_assert(strstr(buf_text(&names), "san:a.example") != NULL);
	buf_free(&der);
	der = small_cert(SMALL_BEHIND, "82('b.example')");
	ck_assert(cert_parse(buf_bytes(&der), &cert));
	buf_clear(&names);
	list_names(&cert, &names);
	ck_assert_str_eq(buf_text(&names),
	    "san:www.example san:example cn:www.example raw:b.example[2000]");
	buf_free(&names);
	buf_free(&der);
}
END_TEST

static const struct {
	const char *what, *in, *names;
} RAWS[] = {
    {"a name", "00 'www.example' 00", "www.example"},
    {"no dot is no name", "'wwwexample'", ""},
    {"the length in front ends it", "8209 'a.example' '0' 82",
	"a.example0 a.example a.example"},
    {"a SEQUENCE's tag behind", "00 'a.example' '0' 82", "a.example0 a.example"},
    {"a SET's tag behind", "00 'a.example' '1'", "a.example1 a.example"},
    {"a letter as length", "82 30 'a23456789.b23456789.c23456789.d23456789.example12'",
	"0a23456789.b23456789.c23456789.d23456789.example12 "
	"a23456789.b23456789.c23456789.d23456789.example1"},
    {"two of them", "'a.example b.example'", "a.example b.example"},
    {"dots alone", "'...'", "..."},
    {"nothing", "", ""},
    {"star and underscore", "'*.a_b.example'", "*.a_b.example"},
};

START_TEST(raw_rows)
{
	struct buf in = der_text(RAWS[_i].in), names;
	struct raw_name_iter iter;
	struct bytes name;

	buf_init(&names, 1000);
	names_search_raw(buf_bytes(&in), &iter);
	for (const char *space = ""; raw_name_next(&iter, &name); space = " ") {
		buf_append_text(&names, space);
		buf_append_bytes(&names, name);
	}
	ck_assert_msg(strcmp(buf_text(&names), RAWS[_i].names) == 0, "%s: %s",
	    RAWS[_i].what, buf_text(&names));
	buf_free(&names);
	buf_free(&in);
}
END_TEST

START_TEST(a_raw_search_stays_linear)
{
	size_t len = (size_t)1 << 20, count = 0;
	uint8_t *text = mem_alloc(len);
	struct raw_name_iter iter;
	struct bytes name;

	for (size_t i = 0; i < len; i++)
		text[i] = i % 2 == 0 ? '*' : '.';
	names_search_raw(bytes_of(text, len), &iter);
	while (raw_name_next(&iter, &name))
		count++;
	ck_assert_uint_lt(count, len);
	mem_free(text);
}
END_TEST

static const struct {
	const char *name; /* der_text */
	uint32_t oddities;
} ODDITIES[] = {
    {"'www.example'", 0},
    {"'Example'", DNS_NO_DOT},
    {"", DNS_EMPTY | DNS_NO_DOT},
    {"'a.example.'", DNS_TRAILING_DOT},
    {"'.a.example'", DNS_LEADING_DOT},
    {"'a..example'", DNS_EMPTY_LABEL},
    {"'a.example..'", DNS_TRAILING_DOT | DNS_EMPTY_LABEL},
    {"' a.example'", DNS_HAS_SPACE},
    {"'a.example'0a", DNS_HAS_SPACE},
    {"'a.'c3a9", DNS_NOT_ASCII},
    {"'*.example'", DNS_WILDCARD},
    {"'a_b.example'", 0},
    {"'http://a.example/'", DNS_BAD_CHARACTER},
    {"'a@b.example'", DNS_BAD_CHARACTER},
    {"'192.0.2.1'", DNS_IP_TEXT},
    {"'192.0.2.256'", 0},
    {"'2001:db8::1'", DNS_IP_TEXT | DNS_BAD_CHARACTER | DNS_NO_DOT},
    {"'2001:db8::g'", DNS_BAD_CHARACTER | DNS_NO_DOT},
    {"'a'00'.example'", DNS_HAS_NUL},
    {"'a123456789a123456789a123456789a123456789a123456789a123456789abcd.example'",
	DNS_TOO_LONG},
    {"'a123456789a123456789a123456789a123456789a123456789a123456789abc.example'", 0},
};

START_TEST(oddity_rows)
{
	struct buf name = der_text(ODDITIES[_i].name);

	ck_assert_msg(dns_oddities(buf_bytes(&name)) == ODDITIES[_i].oddities, "%s: %x",
	    ODDITIES[_i].name, dns_oddities(buf_bytes(&name)));
	buf_free(&name);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("san");

	tcase_add_loop_test(tc, general_name_rows, 0, UNIT_COUNT(GENERALS));
	tcase_add_loop_test(tc, san_rows, 0, UNIT_COUNT(SANS));
	tcase_add_loop_test(tc, subject_rows, 0, UNIT_COUNT(SUBJECTS));
	tcase_add_test(tc, offsets_point_at_the_name);
	tcase_add_test(tc, names_where_nothing_parses);
	tcase_add_test(tc, names_past_the_kept_extensions);
	tcase_add_test(tc, names_in_a_second_list_and_behind_the_end);
	tcase_add_loop_test(tc, raw_rows, 0, UNIT_COUNT(RAWS));
	tcase_add_test(tc, a_raw_search_stays_linear);
	tcase_add_loop_test(tc, oddity_rows, 0, UNIT_COUNT(ODDITIES));
	return unit_run("x509/san", tc);
}
