/* Which names touch which watched domains: rows of both. */
#include "watch/watch.h"

#include <time.h>

#include "tests/lib/make_cert.h"
#include "tests/lib/unit.h"
#include "x509/cert.h"

static const char *const WATCHED[] = {
    "example.org",
    "*.Shop.Example.NET.",
    "b\303\274cher.example", /* bücher, as U-label */
    "xn--strae-oqa.de",
    "www.deep.example.com",
    "deep.example.com",
    "under_score.test",
};

static struct watch_set *
build(const char *const *names, size_t count)
{
	struct watch_domain_row rows[16] = {0};
	struct err err = {0};
	struct watch_set *set;

	for (size_t i = 0; i < count; i++)
		rows[i] = (struct watch_domain_row){.name = names[i], .since_ms = 7};
	set = watch_set_new(rows, count, NULL, 0, &err);
	ck_assert_msg(set != NULL, "%s", err.text);
	return set;
}

#define NOBODY -1
#define NAME(text)                                                                       \
	{                                                                                \
		(const uint8_t *)(text), sizeof(text) - 1                                \
	}

static const struct {
	const char *what;
	struct bytes name;
	int watch; /* the first row's, or NOBODY */
	enum watch_how how;
	bool possible;
	size_t count;
} CASES[] = {
    {"equal", NAME("example.org"), 0, WATCH_EQUAL, false, 1},
    {"in capitals", NAME("EXAMPLE.Org"), 0, WATCH_EQUAL, false, 1},
    {"below", NAME("a.b.example.org"), 0, WATCH_BELOW, false, 1},
    {"a sister", NAME("example.com"), NOBODY, 0, false, 0},
    {"a longer label", NAME("myexample.org"), NOBODY, 0, false, 0},
    {"a name that goes on", NAME("example.org.evil.net"), NOBODY, 0, false, 0},
    {"above", NAME("org"), NOBODY, 0, false, 0},
    {"configured with star and dot", NAME("shop.example.net"), 1, WATCH_EQUAL, false, 1},
    {"its parent", NAME("example.net"), NOBODY, 0, false, 0},
    {"A-label", NAME("xn--bcher-kva.example"), 2, WATCH_EQUAL, false, 1},
    {"U-label in a certificate", NAME("b\303\274cher.example"), 2, WATCH_EQUAL, true, 1},
    {"U-label in capitals",
	NAME("B\xc3\x9c"
	     "CHER.example"),
	2, WATCH_EQUAL, true, 1},
    {"U-label as Latin-1",
	NAME("www.b\xfc"
	     "cher.example"),
	2, WATCH_BELOW, true, 1},
    {"A-label in capitals", NAME("XN--BCHER-KVA.EXAMPLE"), 2, WATCH_EQUAL, false, 1},
    {"both of two", NAME("x.www.deep.example.com"), 5, WATCH_BELOW, false, 2},
    {"a wildcard above", NAME("*.deep.example.com"), 5, WATCH_BELOW, false, 2},
    {"a wildcard beside", NAME("*.example.net"), 1, WATCH_WILDCARD, false, 1},
    {"a partial wildcard", NAME("sh*p.example.net"), 1, WATCH_WILDCARD, false, 1},
    {"a partial wildcard, end", NAME("sho*.example.net"), 1, WATCH_WILDCARD, false, 1},
    {"a partial wildcard, begin", NAME("*OP.example.net"), 1, WATCH_WILDCARD, false, 1},
    {"another partial wildcard", NAME("x*.example.net"), NOBODY, 0, false, 0},
    {"a wildcard too far above", NAME("*.net"), NOBODY, 0, false, 0},
    {"a wildcard one label above", NAME("*.org"), 0, WATCH_WILDCARD, false, 1},
    {"a star within", NAME("shop.*.net"), 1, WATCH_WILDCARD, true, 1},
    {"a star within, more labels", NAME("a.shop.*.net"), 1, WATCH_WILDCARD, true, 1},
    {"a star within, another", NAME("sho.*.net"), NOBODY, 0, false, 0},
    {"only a star", NAME("*"), NOBODY, 0, false, 0},
    {"below a wildcard's own", NAME("*.example.org"), 0, WATCH_BELOW, false, 1},
    {"a trailing dot", NAME("www.example.org."), 0, WATCH_BELOW, true, 1},
    {"a leading dot", NAME(".example.org"), 0, WATCH_EQUAL, true, 1},
    {"two dots", NAME("a..example.org"), 0, WATCH_BELOW, false, 1},
    {"NUL behind", NAME("example.org\0.evil.net"), 0, WATCH_EQUAL, true, 1},
    {"NUL before", NAME("evil\0www.example.org"), 0, WATCH_BELOW, true, 1},
    {"a space behind", NAME("example.org "), 0, WATCH_EQUAL, true, 1},
    {"in a URL", NAME("https://www.example.org:443/x"), 0, WATCH_BELOW, true, 1},
    {"in a list", NAME("a.net,example.org,b.net"), 0, WATCH_EQUAL, true, 1},
    {"an address", NAME("admin@example.org"), 0, WATCH_EQUAL, true, 1},
    {"broken UTF-8 before", NAME("\xff\xfe.example.org"), 0, WATCH_BELOW, true, 1},
    {"underscore", NAME("a.under_score.test"), 6, WATCH_BELOW, false, 1},
    {"empty", NAME(""), NOBODY, 0, false, 0},
    {"only dots", NAME("..."), NOBODY, 0, false, 0},
    {"an address of IPv4", NAME("192.0.2.1"), NOBODY, 0, false, 0},
};

START_TEST(names_match)
{
	struct watch_set *set = build(WATCHED, ARRAY_LEN(WATCHED));
	struct watch_matches out;
	struct arena arena;

	arena_init(&arena);
	watch_matches_init(&out, &arena);
	watch_set_match_name(set, CASES[_i].name, &out);
	ck_assert_msg(
	    out.count == CASES[_i].count, "%s: %zu rows", CASES[_i].what, out.count);
	ck_assert(!out.more);
	if (CASES[_i].watch != NOBODY) {
		ck_assert_msg((int)out.rows[0].watch == CASES[_i].watch, "%s: watch %u",
		    CASES[_i].what, out.rows[0].watch);
		ck_assert_msg(out.rows[0].how == CASES[_i].how, "%s: %s", CASES[_i].what,
		    watch_how_name(out.rows[0].how));
		ck_assert_msg(out.rows[0].possible == CASES[_i].possible, "%s: possible",
		    CASES[_i].what);
	}
	arena_free(&arena);
	watch_set_unref(set);
}
END_TEST

static const struct {
	const char *name, *why;
} BAD[] = {
    {"", "no domain name"},
    {"com", "top-level"},
    {"*.com", "top-level"},
    {"a..b", "no domain name"},
    {"a b.example", "no domain name"},
    {"w*.example.org", "no domain name"},
    {"\xff\xfe.example", "no domain name"},
    {"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg.org",
	"no domain name"},
};

START_TEST(bad_names_are_refused)
{
	struct watch_domain_row row = {.name = BAD[_i].name};
	struct err err = {0};

	ck_assert_ptr_null(watch_set_new(&row, 1, NULL, 0, &err));
	ck_assert_int_eq(err.code, ERR_CONFIG);
	ck_assert_msg(strstr(err.text, BAD[_i].why) != NULL, "%s", err.text);
}
END_TEST

START_TEST(twice_is_refused)
{
	const struct watch_domain_row rows[] = {
	    {.name = "a.example"}, {.name = "*.A.example."}};
	struct err err = {0};

	ck_assert_ptr_null(watch_set_new(rows, 2, NULL, 0, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "twice"));
}
END_TEST

START_TEST(ids_are_of_the_content)
{
	const char *const other[] = {"SHOP.example.net", "example.org"};
	struct watch_set *a = build(WATCHED, ARRAY_LEN(WATCHED)), *b = build(other, 2);
	struct watch_info info;

	watch_set_info(a, 0, &info);
	ck_assert(!info.is_ca && !info.has_allowed && info.since_ms == 7);
	ck_assert(bytes_equal(info.name, bytes_text("example.org")));
	ck_assert_uint_eq(watch_set_find(b, info.id), 1);
	watch_set_info(a, 1, &info);
	ck_assert_uint_eq(watch_set_find(b, info.id), 0);
	watch_set_info(a, 2, &info);
	ck_assert(bytes_equal(info.name, bytes_text("xn--bcher-kva.example")));
	ck_assert_uint_eq(watch_set_find(b, info.id), WATCH_NOT_FOUND);
	watch_set_unref(a);
	watch_set_unref(b);
}
END_TEST

static const struct {
	const char *what;
	struct bytes raw;
	size_t count;
} RAW[] = {
    {"between other octets",
	NAME("\x82\x0b"
	     "example.org\x30\x05"),
	1},
    {"below, and followed by a digit",
	NAME("\x82\x0f"
	     "www.example.org0"),
	1},
    {"length octet like a letter",
	NAME("\x82\x2d"
	     "example.org"),
	1},
    {"UTF-16, big end first", NAME("\0e\0x\0a\0m\0p\0l\0e\0.\0o\0r\0g"), 1},
    {"UTF-16, little end first", NAME("e\0x\0a\0m\0p\0l\0e\0.\0o\0r\0g\0"), 1},
    {"UTF-32",
	NAME("\0\0\0e\0\0\0x\0\0\0a\0\0\0m\0\0\0p\0\0\0l\0\0\0e\0\0\0.\0\0\0o\0\0\0r"
	     "\0\0\0g"),
	1},
    {"nothing", NAME("\x30\x82\x01\x02 example dot org"), 0},
    {"empty", NAME(""), 0},
};

START_TEST(raw_bytes_are_searched)
{
	struct watch_set *set = build(WATCHED, ARRAY_LEN(WATCHED));
	struct watch_matches out;
	struct arena arena;

	arena_init(&arena);
	watch_matches_init(&out, &arena);
	watch_set_match_raw(set, RAW[_i].raw, &out);
	ck_assert_msg(out.count == RAW[_i].count, "%s: %zu", RAW[_i].what, out.count);
	for (size_t i = 0; i < out.count; i++)
		ck_assert(out.rows[i].possible && out.rows[i].how == WATCH_RAW);
	arena_free(&arena);
	watch_set_unref(set);
}
END_TEST

START_TEST(certificates_match)
{
	static const char *const NAMES[] = {"www.other.net", "a.deep.example.com", NULL};
	static const uint8_t WIDE[] = "\0e\0x\0a\0m\0p\0l\0e\0.\0o\0r\0g";
	struct buf subject, der;
	struct make_spec spec = {.key = make_key(MAKE_KEY_P256, 1),
	    .issuer_key = make_key(MAKE_KEY_P256, 0),
	    .not_after = 86400,
	    .dns = NAMES};
	struct watch_set *set = build(WATCHED, ARRAY_LEN(WATCHED));
	struct watch_matches out;
	struct arena arena;
	struct cert cert;

	buf_init(&subject, 1000); /* a commonName in BMPString */
	der_put_oid(&subject, "2.5.4.3");
	der_put(&subject, 0x1e, bytes_of(WIDE, sizeof(WIDE) - 1));
	der_wrap(&subject, 0, 0x30);
	der_wrap(&subject, 0, 0x31);
	der_wrap(&subject, 0, 0x30);
	spec.subject_der = buf_bytes(&subject);
	der = make_cert(&spec);
	ck_assert(cert_parse(buf_bytes(&der), &cert));
	arena_init(&arena);
	watch_matches_init(&out, &arena);
	watch_set_match_names(set, &cert, &out);
	ck_assert_uint_eq(out.count, 2);
	ck_assert_uint_eq(out.rows[0].watch, 5);
	ck_assert_uint_eq(out.rows[1].watch, 0);
	ck_assert(bytes_equal(out.rows[1].name, bytes_text("example.org")));
	arena_free(&arena);
	buf_free(&der);
	buf_free(&subject);
	watch_set_unref(set);
}
END_TEST

/* A star over a parent with very many children is cut, and says so. */
START_TEST(many_matches_say_more)
{
	enum { COUNT = 3000 };
	struct watch_domain_row *rows = mem_zero(COUNT, sizeof(*rows));
	struct watch_matches out;
	struct arena arena;
	struct watch_set *set;

	for (int i = 0; i < COUNT; i++)
		rows[i].name = mem_format("d%d.example", i);
	set = watch_set_new(rows, COUNT, NULL, 0, NULL);
	arena_init(&arena);
	watch_matches_init(&out, &arena);
	watch_set_match_name(set, bytes_text("*.example"), &out);
	ck_assert_uint_eq(out.count, WATCH_MATCHES_MAX);
	ck_assert(out.more);
	watch_matches_init(&out, &arena);
	watch_set_match_name(set, bytes_text("d17.example"), &out);
	ck_assert_uint_eq(out.count, 1);
	ck_assert_uint_eq(out.rows[0].watch, 17);
	ck_assert(!out.more);
	arena_free(&arena);
	watch_set_unref(set);
	for (int i = 0; i < COUNT; i++)
		mem_free((char *)rows[i].name);
	mem_free(rows);
}
END_TEST

static double
now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* 100,000 domains: a few MB, and a name costs little. The bound is wide, since
 * sanitizers and busy machines run this too; the figure is printed. */
START_TEST(large_lists_are_cheap)
{
	enum { COUNT = 100000, ROUNDS = 2000000 };
	struct watch_domain_row *rows = mem_zero(COUNT, sizeof(*rows));
	char names[64][64];
	struct watch_matches out;
	struct arena arena;
	struct watch_set *set;
	double begin, each;

	for (int i = 0; i < COUNT; i++)
		rows[i].name = mem_format("customer-%d.example%d.com", i * 7, i % 10);
	set = watch_set_new(rows, COUNT, NULL, 0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		snprintf(
		    names[i], sizeof(names[i]), "www%zu.shop-%zu.example.net", i, i * i);
	arena_init(&arena);
	watch_matches_init(&out, &arena);
	begin = now_s();
	for (int i = 0; i < ROUNDS; i++)
		watch_set_match_name(
		    set, bytes_text(names[(size_t)i % ARRAY_LEN(names)]), &out);
	each = (now_s() - begin) / ROUNDS;
	printf("watch: %zu bytes for %d domains, %.0f ns a name\n", watch_set_memory(set),
	    COUNT, each * 1e9);
	ck_assert_uint_eq(out.count, 0);
	ck_assert_uint_lt(watch_set_memory(set), 10u << 20);
	ck_assert(each < 20e-6);
	arena_free(&arena);
	watch_set_unref(set);
	for (int i = 0; i < COUNT; i++)
		mem_free((char *)rows[i].name);
	mem_free(rows);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("domain");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, names_match, 0, UNIT_COUNT(CASES));
	tcase_add_loop_test(tcase, bad_names_are_refused, 0, UNIT_COUNT(BAD));
	tcase_add_test(tcase, twice_is_refused);
	tcase_add_test(tcase, ids_are_of_the_content);
	tcase_add_loop_test(tcase, raw_bytes_are_searched, 0, UNIT_COUNT(RAW));
	tcase_add_test(tcase, certificates_match);
	tcase_add_test(tcase, many_matches_say_more);
	tcase_add_test(tcase, large_lists_are_cheap);
	return unit_run("domain", tcase);
}
