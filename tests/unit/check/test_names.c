/* What the family of names rests on: marks of a name, onion addresses, text that
 * was read in the wrong encoding, and what an operator may say otherwise. */
#include "tests/lib/mutate.h"
#include "tests/lib/spec_text.h"
#include "tests/lib/unit.h"

#include "check/names_onion.h"
#include "check/names_priv.h"
#include "check/run.h"

#define LABEL_63 "abcdefghijklmnopqrstuvwxyz-0123456789-abcdefghijklmnopqrstuvwxy"

static const struct {
	const char *name;
	uint32_t marks;
} MARKS[] = {
    {"www.example.org", 0},
    {LABEL_63 ".org", 0},
    {LABEL_63 "z.org", NAME_LONG_LABEL | NAME_NOT_LDH},
    {"", NAME_NO_DOT | NAME_EMPTY_LABEL | NAME_NOT_LDH},
    {" ", NAME_NO_DOT | NAME_SPACE | NAME_CHARACTER | NAME_NOT_LDH},
    {".",
	NAME_DOT_FIRST | NAME_DOT_LAST | NAME_EMPTY_LABEL | NAME_EMPTY_BEFORE |
	    NAME_NOT_LDH},
    {"a.", NAME_DOT_LAST | NAME_EMPTY_LABEL | NAME_NOT_LDH},
    {"a..b", NAME_EMPTY_LABEL | NAME_EMPTY_BEFORE | NAME_NOT_LDH},
    {"localhost", NAME_NO_DOT},
    {"a b.org", NAME_CHARACTER | NAME_NOT_LDH},
    {"a\xc3\xbc.org", NAME_CHARACTER | NAME_NOT_LDH},
    {"-a.org", NAME_HYPHEN_EDGE | NAME_NOT_LDH},
    {"a-.org", NAME_HYPHEN_EDGE | NAME_NOT_LDH},
    {"ab--c.org", NAME_RESERVED},
    {"a--b.org", 0},
    {"XN--mgbh.org", NAME_A_LABEL},
    {"xn-.org", NAME_HYPHEN_EDGE | NAME_NOT_LDH},
    {"a_b.org", NAME_UNDERSCORE | NAME_UNDERSCORE_1ST | NAME_NOT_LDH},
    {"a.b_c.org", NAME_UNDERSCORE | NAME_NOT_LDH},
    {"_a.org", NAME_UNDERSCORE | NAME_UNDERSCORE_1ST | NAME_NOT_LDH | NAME_NOT_REPLACED},
    {"ab__c.org",
	NAME_UNDERSCORE | NAME_UNDERSCORE_1ST | NAME_NOT_LDH | NAME_NOT_REPLACED},
    {"xn_-c.org", NAME_UNDERSCORE | NAME_UNDERSCORE_1ST | NAME_NOT_LDH},
    {"*.example.org", NAME_STAR_DOT | NAME_STAR},
    {"*.*.org",
	NAME_STAR_DOT | NAME_STAR | NAME_STAR_RIGHT | NAME_STAR_LATER | NAME_NOT_LDH},
    {"w*.org", NAME_STAR | NAME_STAR_IN_1ST | NAME_STAR_LATER | NAME_NOT_LDH},
    {"*", NAME_NO_DOT | NAME_STAR | NAME_STAR_LAST | NAME_NOT_LDH},
    {"?.?.example.org", NAME_REDACTED | NAME_NOT_LDH},
    {"*.?.org", NAME_STAR_DOT | NAME_STAR | NAME_REDACTED | NAME_NOT_LDH},
    {"a.?.org", NAME_CHARACTER | NAME_NOT_LDH},
    {"10.in-addr.arpa", NAME_ARPA},
    {"8.IP6.ARPA", NAME_ARPA},
    {"home.arpa", 0},
    {"a.ONION", NAME_ONION},
    {"onion.org", 0},
    {"host.123", NAME_DIGITS_LAST},
    {"host.12a", 0},
};

START_TEST(marks)
{
	uint32_t got = name_marks(bytes_text(MARKS[_i].name));

	ck_assert_msg(got == MARKS[_i].marks, "\"%s\": %x, not %x", MARKS[_i].name, got,
	    MARKS[_i].marks);
}
END_TEST

START_TEST(names_of_253_octets)
{
	char name[255];

	memset(name, 'a', sizeof(name));
	for (size_t i = 63; i < sizeof(name); i += 64)
		name[i] = '.';
	ck_assert_uint_eq(name_marks(bytes_of(name, 253)), 0);
	ck_assert_uint_eq(name_marks(bytes_of(name, 254)), NAME_TOO_LONG);
}
END_TEST

static const struct {
	const char *name, *before, *sld, *suffix; /* before NULL: cannot be split */
} PARTS[] = {
    {"www.example.co.uk", "www", "example", "co.uk"},
    {"a.b.example.org", "a.b", "example", "org"},
    {"example.org", "", "example", "org"},
    {"mine.github.io", "mine", "github", "io"}, /* no registry's */
    {"*.co.uk", "", "*", "co.uk"},
    {"a.example.nosuchtld", "a", "example", "nosuchtld"},
    {"co.uk", NULL, NULL, NULL},
    {"org", NULL, NULL, NULL},
    {"www.example.org.", NULL, NULL, NULL},
    {".example.org", NULL, NULL, NULL},
};

START_TEST(parts)
{
	struct bytes name = bytes_text(PARTS[_i].name), before, sld, suffix;
	struct fact_name fact = {
	    .name = {.kind = GENERAL_DNS, .value = name}, .marks = name_marks(name)};
	struct check_params params;

	check_params_defaults(&params);
	if (PARTS[_i].before == NULL) {
		ck_assert(!name_split(&params, &fact, &before, &sld, &suffix));
		return;
	}
	ck_assert(name_split(&params, &fact, &before, &sld, &suffix));
	ck_assert(bytes_equal(before, bytes_text(PARTS[_i].before)));
	ck_assert(bytes_equal(sld, bytes_text(PARTS[_i].sld)));
	ck_assert(bytes_equal(suffix, bytes_text(PARTS[_i].suffix)));
}
END_TEST

/* The key is the octets 0 to 31; its checksum by Python's hashlib. */
START_TEST(onion_addresses)
{
	static const struct {
		const char *label;
		enum onion_v3 what;
	} ROWS[] = {
	    {"aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead", ONION_V3_GOOD},
	    {"AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYP3KEAD", ONION_V3_GOOD},
	    {"aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3keae",
		ONION_V3_VERSION},
	    {"aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3iead",
		ONION_V3_CHECKSUM},
	    {"baaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead",
		ONION_V3_CHECKSUM},
	    {"aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kea", ONION_V3_NONE},
	    {"aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3keadd", ONION_V3_NONE},
	    {"1aaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead", ONION_V3_NONE},
	    {"", ONION_V3_NONE},
	};

	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++)
		ck_assert_msg(onion_v3_check(bytes_text(ROWS[i].label)) == ROWS[i].what,
		    "%s", ROWS[i].label);
}
END_TEST

/* --- what an operator may say ------------------------------------------------------- */

static void
more_tenants(struct check_params *params)
{
	static const char *const TENANTS[] = {"hosting.example.net"};

	params->tenants = TENANTS;
	params->tenant_count = ARRAY_LEN(TENANTS);
}

static void
own_words(struct check_params *params)
{
	static const char *const WORDS[] = {"Pilot Run",
	    "\xc3\xbc"
	    "bung"};

	params->test_words = WORDS;
	params->test_word_count = ARRAY_LEN(WORDS);
}

static void
allowed_suffix(struct check_params *params)
{
	static const char *const SUFFIXES[] = {"bmw"};

	params->allow_suffixes = SUFFIXES;
	params->allow_suffix_count = ARRAY_LEN(SUFFIXES);
}

static void
test_sites(struct check_params *params)
{
	static const char *const SITES[] = {
	    "test.example.org", "https://valid.test.org:443/x"};

	params->test_sites = SITES;
	params->test_site_count = ARRAY_LEN(SITES);
}

static void
three_names(struct check_params *params)
{
	params->max_san = 3;
}

/* What stands in the root zone, and a week around it. */
static void
dated_tlds(struct check_params *params)
{
	static const struct check_tld TLDS[] = {
	    {"bygone", DATE(2016, 8, 4), DATE(2023, 6, 5)}, {"org", 0, 0}};

	params->tlds = TLDS;
	params->tld_count = ARRAY_LEN(TLDS);
}

static const struct {
	void (*says)(struct check_params *);
	const char *check, *subrule, *spec;
	enum check_outcome usual, then;
} SAYS[] = {
    {more_tenants, "base-plus-tenant", "names",
	"dns=hosting.example.net,a.hosting.example.net", OUTCOME_PASS, OUTCOME_FAIL},
    {more_tenants, "base-plus-tenant", "names",
	"dns=hosting.example.net,xhosting.example.net", OUTCOME_PASS, OUTCOME_PASS},
    {own_words, "test-certificate", "subject", "subject=/O=test/CN=www.example.org",
	OUTCOME_FAIL, OUTCOME_PASS},
    {own_words, "test-certificate", "subject",
	"'subject=/O=the pilot run of x/CN=www.example.org'", OUTCOME_PASS, OUTCOME_FAIL},
    {own_words, "test-certificate", "subject",
	"subject=/O=\xc3\xbc"
	"bung/CN=www.example.org",
	OUTCOME_PASS, OUTCOME_FAIL},
    {allowed_suffix, "wildcard-public-suffix", "icann", "dns=*.bmw", OUTCOME_FAIL,
	OUTCOME_PASS},
    {allowed_suffix, "wildcard-public-suffix", "icann", "dns=*.co.uk", OUTCOME_FAIL,
	OUTCOME_FAIL},
    {test_sites, "test-certificate", "host", "dns=Valid.Test.org,test.example.org",
	OUTCOME_FAIL, OUTCOME_NA},
    {test_sites, "test-certificate", "host", "dns=valid.test.org,test.net", OUTCOME_FAIL,
	OUTCOME_FAIL},
    {test_sites, "test-certificate", "serial", "serial=01 dns=", OUTCOME_FAIL,
	OUTCOME_FAIL},
    {three_names, "san-count", "many", "dns=a.org,b.org", OUTCOME_PASS, OUTCOME_PASS},
    {three_names, "san-count", "many", "dns=a.org,b.org,c.org", OUTCOME_PASS,
	OUTCOME_FAIL},
    {dated_tlds, "dns-internal-name", "tld", "dns=a.net", OUTCOME_PASS, OUTCOME_FAIL},
    {dated_tlds, "dns-internal-name", "tld", "dns=a.org", OUTCOME_PASS, OUTCOME_PASS},
    {dated_tlds, "dns-internal-name", "tld", "nb=2016-07-27T23:59:59Z dns=a.bygone",
	OUTCOME_FAIL, OUTCOME_FAIL},
    {dated_tlds, "dns-internal-name", "tld", "nb=2016-07-28 dns=a.bygone", OUTCOME_FAIL,
	OUTCOME_PASS},
    {dated_tlds, "dns-internal-name", "tld", "nb=2023-06-11T23:59:59Z dns=a.bygone",
	OUTCOME_FAIL, OUTCOME_PASS},
    {dated_tlds, "dns-internal-name", "tld", "nb=2023-06-12 dns=a.bygone", OUTCOME_FAIL,
	OUTCOME_FAIL},
};

START_TEST(operators_say)
{
	const struct check *check = check_find(SAYS[_i].check, NULL);
	const struct subrule *rule = check_subrule(check, SAYS[_i].subrule);
	struct sample sample;

	sample_make(&sample, SAYS[_i].spec);
	ck_assert_int_eq(check_outcome(&sample.judged, check, rule), SAYS[_i].usual);
	SAYS[_i].says(&sample.params);
	ck_assert_int_eq(check_outcome(&sample.judged, check, rule), SAYS[_i].then);
	sample_free(&sample);
}
END_TEST

/* Words of a test are worse where the CA is on probation; a host's name is none. */
START_TEST(tests_under_sanction)
{
	static const struct {
		const char *spec;
		enum operator_state state;
		const char *level;
	} ROWS[] = {
	    {"subject=/O=test/CN=www.a.org dns=www.a.org", OPERATOR_NORMAL, "warning"},
	    {"subject=/O=test/CN=www.a.org dns=www.a.org", OPERATOR_IDLE, "warning"},
	    {"subject=/O=test/CN=www.a.org dns=www.a.org", OPERATOR_PROBATION, "error"},
	    {"subject=/O=a/CN=www.a.org dns=www.a.org serial=01", OPERATOR_DISTRUSTED,
		"error"},
	    {"subject=/O=a/CN=www.a.test dns=www.a.test", OPERATOR_DISTRUSTED, "error"},
	    {"subject=/O=a/CN=test.a.org dns=test.a.org", OPERATOR_DISTRUSTED, "notice"},
	};

	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct check_operator signer = {.name = "A", .state = ROWS[i].state};
		enum check_level level = LEVEL_NOTICE;
		struct findings findings;
		struct sample sample;

		sample_make(&sample, ROWS[i].spec);
		sample.judged.signer = &signer;
		findings_init(&findings, &sample.arena);
		checks_run_certificate(&sample.judged, &findings);
		for (size_t j = 0; j < findings.count; j++)
			if (strcmp(findings.rows[j]->check->id, "test-certificate") ==
				0 &&
			    findings.rows[j]->level > level)
				level = findings.rows[j]->level;
		ck_assert_msg(strcmp(check_level_name(level), ROWS[i].level) == 0,
		    "%zu: %s", i, check_level_name(level));
		sample_free(&sample);
	}
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("names");

	mutate_as_asked();
	tcase_add_loop_test(tcase, marks, 0, UNIT_COUNT(MARKS));
	tcase_add_test(tcase, names_of_253_octets);
	tcase_add_loop_test(tcase, parts, 0, UNIT_COUNT(PARTS));
	tcase_add_test(tcase, onion_addresses);
	tcase_add_test(tcase, tests_under_sanction);
	tcase_add_loop_test(tcase, operators_say, 0, UNIT_COUNT(SAYS));
	return unit_run("check/names", tcase);
}
