#include "tests/lib/der_text.h"
#include "tests/lib/unit.h"
#include "x509/dns.h"

static const struct {
	const char *name; /* der_text */
	const char *canonical, *reversed;
} NAMES[] = {
    {"'WWW.Example.COM'", "www.example.com", "com.example.www"},
    {"'www.example.com.'", "www.example.com", "com.example.www"},
    {"'www.example.com..'", "www.example.com", "com.example.www"},
    {"'*.a_b.example'", "*.a_b.example", "example.a_b.*"},
    {"'example'", "example", "example"},
    {"''", "", ""},
    {"'.'", "", ""},
    {"'.example'", ".example", "example."},
    {"'a..b'", "a..b", "b..a"},
    {"'a b'00'.example'", "a\\x20b\\x00.example", "example.a\\x20b\\x00"},
    {"'caf'e9'.example'", "caf\\xe9.example", "example.caf\\xe9"},
    {"'a\\x00.example'", "a\\x5cx00.example", "example.a\\x5cx00"},
};

START_TEST(name_rows)
{
	struct buf name = der_text(NAMES[_i].name), text;
	char canonical[100], reversed[100], again[100];
	size_t len;

	ck_assert(dns_canonical(buf_bytes(&name), canonical, sizeof(canonical), &len));
	ck_assert_str_eq(canonical, NAMES[_i].canonical);
	ck_assert_uint_eq(len, strlen(canonical));
	dns_reverse(canonical, len, reversed);
	ck_assert_str_eq(reversed, NAMES[_i].reversed);
	dns_reverse(reversed, len, again);
	ck_assert_str_eq(again, canonical);
	buf_init(&text, 100);
	ck_assert(dns_append_canonical(&text, buf_bytes(&name)));
	ck_assert_str_eq(buf_text(&text), NAMES[_i].canonical);
	buf_free(&text);
	buf_free(&name);
}
END_TEST

START_TEST(room_is_never_passed)
{
	struct bytes name = bytes_of("a\0b", 3);
	char out[DNS_CANONICAL_ROOM(3)];
	size_t len;

	ck_assert(dns_canonical(name, out, sizeof(out), &len));
	for (size_t room = 0; room <= 6; room++) {
		char *exact = mem_alloc(room + (room == 0));

		ck_assert(!dns_canonical(name, exact, room, &len));
		mem_free(exact);
	}
	for (size_t room = 7; room < sizeof(out); room++) {
		char *exact = mem_alloc(room);

		ck_assert(dns_canonical(name, exact, room, &len));
		ck_assert_uint_eq(len, 6);
		mem_free(exact);
	}
	ck_assert(!dns_canonical(bytes_of("", 0), out, 0, &len));
	ck_assert(dns_canonical(bytes_of("\0\0\0", 3), out, sizeof(out), &len));
	ck_assert_uint_eq(len, 12);
	ck_assert(!dns_canonical(bytes_of("\0\0\0", 3), out, sizeof(out) - 1, &len));
}
END_TEST

static const struct {
	const char *name, *domain;
	bool within;
} WITHIN[] = {
    {"example.com", "example.com", true},
    {"www.example.com", "example.com", true},
    {"*.example.com", "example.com", true},
    {".example.com", "example.com", true},
    {"notexample.com", "example.com", false},
    {"com", "example.com", false},
    {"example.com.evil", "example.com", false},
    {"example.com", "", false},
    {"", "example.com", false},
};

START_TEST(within_rows)
{
	ck_assert_msg(dns_is_within(bytes_text(WITHIN[_i].name),
			  bytes_text(WITHIN[_i].domain)) == WITHIN[_i].within,
	    "%s", WITHIN[_i].name);
}
END_TEST

static const struct {
	const char *pattern, *name;
	bool covers, touches;
} WILDCARDS[] = {
    {"*.example.com", "www.example.com", true, true},
    {"*.example.com", "a.www.example.com", false, false},
    {"*.example.com", "example.com", false, true},
    {"*.com", "example.com", true, true},
    {"*.com", "www.example.com", false, false},
    {"*.*.com", "www.example.com", true, true},
    {"www.*.com", "www.example.com", true, true},
    {"w*.example.com", "www.example.com", true, true},
    {"*w.example.com", "www.example.com", true, true},
    {"w*x.example.com", "www.example.com", false, false},
    {"*a*b*.com", "xaybz.com", true, true},
    {"*a*b*.com", "xbya.com", false, false},
    {"*", "com", true, true},
    {"*", "example.com", false, false},
    {"*.example.com", ".example.com", false, false},
    {"www.example.com", "www.example.com", true, true},
    {"", "example.com", false, false},
    {"*.example.com", "", false, false},
};

START_TEST(wildcard_rows)
{
	struct bytes pattern = bytes_text(WILDCARDS[_i].pattern);
	struct bytes name = bytes_text(WILDCARDS[_i].name);

	ck_assert_msg(dns_wildcard_covers(pattern, name) == WILDCARDS[_i].covers,
	    "%s covers %s", WILDCARDS[_i].pattern, WILDCARDS[_i].name);
	ck_assert_msg(dns_wildcard_touches(pattern, name) == WILDCARDS[_i].touches,
	    "%s touches %s", WILDCARDS[_i].pattern, WILDCARDS[_i].name);
	ck_assert(
	    dns_is_wildcard(pattern) == (strchr(WILDCARDS[_i].pattern, '*') != NULL));
}
END_TEST

static const struct {
	const char *name, *ascii; /* NULL: refused */
} IDNS[] = {
    {"Example.COM.", "example.com"},
    {"caf\xc3\xa9.example", "xn--caf-dma.example"},
    {"CAF\xc3\x89.example", "xn--caf-dma.example"},
    {"caf\xe9.example", "xn--caf-dma.example"}, /* Latin-1 */
    {"xn--caf-dma.example", "xn--caf-dma.example"},
    {"\xe6\xb2\x83\xe9\x80\x9a.\xe4\xb8\xad\xe5\x9b\xbd", "xn--buw427e.xn--fiqs8s"},
    {"*.caf\xc3\xa9.example", "*.xn--caf-dma.example"},
    {"stra\xc3\x9f"
     "e.example",
	"xn--strae-oqa.example"},
    {"", ""},
    {"\xe2\x98\x83\xe2\x80\xae.example", NULL},
};

START_TEST(idn_rows)
{
	struct err err = {0};
	struct buf out;
	bool ok;

	buf_init(&out, 300);
	ok = dns_append_ascii(&out, bytes_text(IDNS[_i].name), &err);
	ck_assert_msg(ok == (IDNS[_i].ascii != NULL), "%s: %s", IDNS[_i].name, err.text);
	if (ok)
		ck_assert_str_eq(buf_text(&out), IDNS[_i].ascii);
	else
		ck_assert_int_eq(err.code, ERR_PARSE);
	buf_free(&out);
}
END_TEST

START_TEST(idn_limits)
{
	struct err err = {0};
	struct buf out;

	buf_init(&out, 5);
	ck_assert(!dns_append_ascii(&out, bytes_text("example.com"), &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
	buf_clear(&out);
	ck_assert(!dns_append_ascii(&out, bytes_of("a\0b", 3), &err));
	ck_assert_int_eq(err.code, ERR_PARSE);
	buf_free(&out);
}
END_TEST

START_TEST(unicode_for_people)
{
	struct buf out;

	buf_init(&out, 300);
	ck_assert(dns_append_unicode(&out, bytes_text("xn--caf-dma.example")));
	ck_assert_str_eq(buf_text(&out), "caf\xc3\xa9.example");
	buf_clear(&out);
	ck_assert(dns_append_unicode(&out, bytes_text("xn--\x7f.example")));
	ck_assert_str_eq(buf_text(&out), "xn--\x7f.example");
	buf_clear(&out);
	ck_assert(dns_append_unicode(&out, bytes_text("www.example")));
	ck_assert_str_eq(buf_text(&out), "www.example");
	buf_free(&out);
}
END_TEST

static const struct {
	const char *text;
	size_t len; /* 0: none */
} ADDRESSES[] = {
    {"192.0.2.1", 4},
    {"192.0.2.1.", 0},
    {"1.2.3", 0},
    {"256.0.0.1", 0},
    {"::1", 16},
    {"2001:db8::192.0.2.1", 16},
    {"2001:db8:::1", 0},
    {"", 0},
    {"www.example", 0},
    {"00000000000000000000000000000000000000000000000000", 0},
};

START_TEST(address_rows)
{
	uint8_t address[16];
	size_t len;
	bool is = dns_is_ip_text(bytes_text(ADDRESSES[_i].text), address, &len);

	ck_assert(is == (ADDRESSES[_i].len > 0));
	if (is)
		ck_assert_uint_eq(len, ADDRESSES[_i].len);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("dns");

	tcase_add_loop_test(tc, name_rows, 0, UNIT_COUNT(NAMES));
	tcase_add_test(tc, room_is_never_passed);
	tcase_add_loop_test(tc, within_rows, 0, UNIT_COUNT(WITHIN));
	tcase_add_loop_test(tc, wildcard_rows, 0, UNIT_COUNT(WILDCARDS));
	tcase_add_loop_test(tc, idn_rows, 0, UNIT_COUNT(IDNS));
	tcase_add_test(tc, idn_limits);
	tcase_add_test(tc, unicode_for_people);
	tcase_add_loop_test(tc, address_rows, 0, UNIT_COUNT(ADDRESSES));
	return unit_run("x509/dns", tc);
}
