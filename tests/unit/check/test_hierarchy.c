/* Family hierarchy: what needs an issuer, an operator or what was stored before. */
#include "tests/lib/mutate.h"
#include "tests/lib/unit.h"
#include "tests/lib/world.h"

#include "check/path.h"
#include "check/run.h"

/* --- a certificate and its issuer -----------------------------------------------------
 */

#define PERMIT(inner)  "extcrit=2.5.29.30:30(a0(" inner "))"
#define EXCLUDE(inner) "extcrit=2.5.29.30:30(a1(" inner "))"
#define DNS(name)      "30(82(\"" name "\"))"
#define NAMED(rdns)    "30(a4(30(" rdns ")))"
#define C_DE           "31(30([2.5.4.6]13(\"DE\")))"
#define O_WERK         "31(30([2.5.4.10]0c(\"WERK\")))"

static const struct {
	const char *check, *subrule, *leaf, *issuer;
	enum check_outcome outcome;
} PAIRS[] = {
#define NC "ca-name-constraints", "issuer"
    {NC, "", "role=ca", OUTCOME_PASS},
    {NC, "", "role=ca " PERMIT(DNS("example.org")), OUTCOME_PASS},
    {NC, "dns=EXAMPLE.org", "role=ca " PERMIT(DNS("example.ORG")), OUTCOME_PASS},
    {NC, "dns=badexample.org", "role=ca " PERMIT(DNS("example.org")), OUTCOME_FAIL},
    {NC, "dns=*.example.org", "role=ca " PERMIT(DNS("example.org")), OUTCOME_PASS},
    {NC, "dns=example.org", "role=ca " PERMIT(DNS(".example.org")), OUTCOME_FAIL},
    {NC, "", "role=ca " PERMIT(DNS(".example.org")), OUTCOME_PASS},
    {NC, "", "role=ca " PERMIT(DNS("example.net")), OUTCOME_FAIL},
    {NC, "", "role=ca " PERMIT(DNS("example.net") DNS("example.org")), OUTCOME_PASS},
    {NC, "dns=a.example.org,b.example.net", "role=ca " PERMIT(DNS("example.org")),
	OUTCOME_FAIL},
    {NC, "", "role=ca " EXCLUDE(DNS("example.org")), OUTCOME_FAIL},
    {NC, "", "role=ca " EXCLUDE(DNS("example.net")), OUTCOME_PASS},
    {NC, "", "role=ca " EXCLUDE(DNS("")), OUTCOME_FAIL},
    {NC, "sanhex=7:0a010203", "role=ca " PERMIT("30(87(0a010000ffff0000))"),
	OUTCOME_PASS},
    {NC, "sanhex=7:0a020203", "role=ca " PERMIT("30(87(0a010000ffff0000))"),
	OUTCOME_FAIL},
    {NC, "sanhex=7:20010db8000000000000000000000001",
	"role=ca " PERMIT("30(87(0a010000ffff0000))"), OUTCOME_FAIL},
    {NC, "san=1:a@example.org", "role=ca " PERMIT("30(81(\"example.org\"))"),
	OUTCOME_PASS},
    {NC, "san=1:a@b.example.org", "role=ca " PERMIT("30(81(\"example.org\"))"),
	OUTCOME_FAIL},
    {NC, "san=1:a@b.example.org", "role=ca " PERMIT("30(81(\".example.org\"))"),
	OUTCOME_PASS},
    {NC, "san=1:a@example.org", "role=ca " PERMIT("30(81(\"b@example.org\"))"),
	OUTCOME_FAIL},
    {NC, "san=6:http://a.example.org/", "role=ca " PERMIT("30(86(\".example.org\"))"),
	OUTCOME_PASS},
    {NC, "san=6:http://example.org:80/", "role=ca " PERMIT("30(86(\".example.org\"))"),
	OUTCOME_FAIL},
    {NC, "subject=/C=DE/O=Werk/CN=x", "role=ca " PERMIT(NAMED(C_DE O_WERK)),
	OUTCOME_PASS},
    {NC, "subject=/C=DE/O=Werke/CN=x", "role=ca " PERMIT(NAMED(C_DE O_WERK)),
	OUTCOME_FAIL},
    {NC, "subject=/C=DE", "role=ca " PERMIT(NAMED(C_DE O_WERK)), OUTCOME_FAIL},
    {NC, "subject=", "role=ca " PERMIT(NAMED(C_DE)), OUTCOME_PASS},
    {NC, "san=8:x", "role=ca " PERMIT(DNS("example.org")), OUTCOME_PASS},
    {NC, "", NULL, OUTCOME_NA},

#define NAMES "issuer-linkage", "names-differ"
    {NAMES, "'issuer=/O=Werk'", "role=ca subject=/O=Werk", OUTCOME_PASS},
    {NAMES, "'issuer=/O=Werk'", "role=ca subject=/O=WERK", OUTCOME_FAIL},
    {NAMES, "nb=2020-09-30 issuer=/O=a", "role=ca subject=/O=b", OUTCOME_FAIL},
    {NAMES, "nb=2020-09-29T23:59:59Z issuer=/O=a", "role=ca subject=/O=b", OUTCOME_NE},
    {NAMES, "", NULL, OUTCOME_NA},
#define IDS "issuer-linkage", "key-ids-differ"
    {IDS, "omit=aki ext=2.5.29.35:30(8001)", "role=ca omit=ski ext=2.5.29.14:04(02)",
	OUTCOME_FAIL},
    {IDS, "omit=aki ext=2.5.29.35:30(80(02))", "role=ca omit=ski ext=2.5.29.14:04(02)",
	OUTCOME_PASS},
    {IDS, "omit=aki", "role=ca", OUTCOME_NA},
    {IDS, "", "role=ca omit=ski", OUTCOME_NA},

#define ROOTS "root-issued-leaf", "leaf"
    {ROOTS, "", "role=root", OUTCOME_FAIL},
    {ROOTS, "", "role=ca", OUTCOME_PASS},
    {ROOTS, "", "self", OUTCOME_PASS},
    {ROOTS, "role=ca", "role=root", OUTCOME_NA},
    {ROOTS, "eku=1.3.6.1.5.5.7.3.1,1.3.6.1.5.5.7.3.9", "role=root", OUTCOME_NA},
    {ROOTS, "nb=2016-06-30", "role=root", OUTCOME_FAIL},
    {ROOTS, "nb=2016-06-29T23:59:59Z", "role=root", OUTCOME_NE},
};

START_TEST(pairs_come_out)
{
	const struct check *check = check_find(PAIRS[_i].check, NULL);
	struct sample leaf, issuer;
	enum check_outcome got;

	sample_make(&leaf, PAIRS[_i].leaf);
	sample_make(&issuer, PAIRS[_i].issuer != NULL ? PAIRS[_i].issuer : "role=ca");
	leaf.judged.cert = &leaf.cert;
	if (PAIRS[_i].issuer != NULL)
		leaf.judged.issuer = &issuer.cert;
	got = check_outcome(&leaf.judged, check, check_subrule(check, PAIRS[_i].subrule));
	ck_assert_msg(got == PAIRS[_i].outcome, "%s %s: %s: \"%s\" under \"%s\"",
	    PAIRS[_i].check, PAIRS[_i].subrule, check_outcome_name(got), PAIRS[_i].leaf,
	    PAIRS[_i].issuer != NULL ? PAIRS[_i].issuer : "");
	sample_free(&leaf);
	sample_free(&issuer);
}
END_TEST

/* --- above the issuer
 * ------------------------------------------------------------------- */

/* The leaf is signed by key p256 0, its issuer by rsa2048 0; CAs come in order. */
#define ISSUING "role=ca keyno=0 signer=rsa2048"
#define UPPER   "role=ca key=rsa2048 keyno=0 signer=p384"

static const struct {
	const char *what, *cas[3], *check, *leaf;
	size_t findings;
} PATHS[] = {
    {"nobody forbids", {ISSUING, UPPER}, "ca-name-constraints", "", 0},
    {"the CA above forbids", {ISSUING, UPPER " " PERMIT(DNS("example.net"))},
	"ca-name-constraints", "", 1},
    {"the CA above permits", {ISSUING, UPPER " " PERMIT(DNS("example.org"))},
	"ca-name-constraints", "", 0},
    {"another path permits",
	{ISSUING, UPPER " " PERMIT(DNS("example.net")),
	    "role=ca key=rsa2048 keyno=0 signer=p521"},
	"ca-name-constraints", "", 0},
    {"the issuer itself is another rule's",
	{ISSUING " " EXCLUDE(DNS("example.org")), UPPER " " PERMIT(DNS("example.net"))},
	"ca-name-constraints", "", 0},
    {"a root's key behind another certificate", {ISSUING, "role=root key=p256 keyno=0"},
	"root-issued-leaf", "nb=2016-06-30", 1},
    {"a second before that was forbidden", {ISSUING, "role=root key=p256 keyno=0"},
	"root-issued-leaf", "nb=2016-06-29T23:59:59Z", 0},
    {"no root has the key", {ISSUING, UPPER}, "root-issued-leaf", "", 0},
    {"a CA's key in a leaf", {ISSUING, UPPER}, "ca-key-reuse", "key=rsa2048 keyno=0", 1},
    {"a leaf's own key", {ISSUING, UPPER}, "ca-key-reuse", "", 0},
};

START_TEST(paths_are_walked)
{
	struct check_operator operator= {.name = "WoSign"};
	struct world *world = world_new();
	struct check_history history = world_history(world);
	struct findings findings;
	struct sample *leaf;
	struct arena arena;

	arena_init(&arena);
	findings_init(&findings, &arena);
	for (size_t i = 0; i < ARRAY_LEN(PATHS[_i].cas) && PATHS[_i].cas[i] != NULL; i++)
		world_add(world, PATHS[_i].cas[i]);
	leaf = world_add(world, PATHS[_i].leaf);
	leaf->judged.issuer = &world->samples[0].cert;
	/* What nobody watches is not worth the questions. */
	checks_run_history(&leaf->judged, &history, &findings);
	ck_assert_uint_eq(world_count(&findings, PATHS[_i].check), 0);
	leaf->judged.signer = &operator;
	checks_run_history(&leaf->judged, &history, &findings);
	ck_assert_msg(world_count(&findings, PATHS[_i].check) == PATHS[_i].findings, "%s",
	    PATHS[_i].what);
	arena_free(&arena);
	world_free(world);
}
END_TEST

/* --- operators
 * ---------------------------------------------------------------------------- */

static const struct check_distrust RECORDS[] = {
    {"Mozilla", DISTRUST_NB, DATE(2016, 10, 21), "a"},
    {"Apple", DISTRUST_LOGGED, DATE(2016, 9, 19), "b"},
    {"Chrome", DISTRUST_SCT, DATE(2016, 10, 21), "c"},
    {"Later", DISTRUST_NB, DATE(2020, 1, 1), "d"},
};

static const struct {
	const char *spec, *subrules; /* of the findings, in order */
} DISTRUSTS[] = {
    {"nb=2016-10-21", ""},
    {"nb=2016-10-21T00:00:01Z", "nb:Mozilla "},
    {"nb=2016-09-01 scts=2016-10-21", ""},
    {"nb=2016-09-01 scts=2016-10-21T00:00:01Z", "sct:Chrome "},
    {"nb=2016-09-01 scts=2016-10-20,2016-11-01", ""},
    {"nb=2016-09-01 scts=2016-10-22 unverified", ""},
    {"nb=2016-09-01 hi=2016-09-19", ""},
    {"nb=2016-09-01 hi=2016-09-19T00:00:01Z", "logged:Apple "},
    {"nb=2016-11-01 scts=2016-11-01 hi=2016-11-01",
	"nb:Mozilla sct:Chrome logged:Apple "},
    {"nb=2020-01-01T00:00:01Z", "nb:Mozilla nb:Later "},
    {"role=ca nb=2016-11-01", ""},
};

/* "sub-rule " of each, in order. */
static void
list_distrusts(const struct findings *findings, char got[200])
{
	got[0] = 0;
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->rows[i]->check->id, "issued-after-distrust") == 0) {
			strncat(got, findings->rows[i]->subrule->name, 20);
			strncat(got, " ", 2);
		}
}

/* Each program its own finding; of whichever family the key is. */
START_TEST(distrusts)
{
	static const char *const OUTSIDE[] = {"Apple", "mozilla"};
	struct check_operator operator= {
	    .name = "WoSign", .distrust = RECORDS, .distrust_count = ARRAY_LEN(RECORDS)};
	struct check_operator other = {.name = "B"};
	const struct check_operator *const others[] = {&operator};
	char got[200];

	for (int way = 0; way < 3; way++) {
		struct findings findings;
		struct sample sample;
		struct arena arena;

		arena_init(&arena);
		findings_init(&findings, &arena);
		sample_make(&sample, DISTRUSTS[_i].spec);
		sample.judged.signer = way == 1 ? &other : &operator;
		sample.judged.co_signers = others;
		sample.judged.co_signer_count = way == 1;
		operator.outside = OUTSIDE;
		operator.outside_count = way == 2 ? 2 : 0;
		checks_run_certificate(&sample.judged, &findings);
		list_distrusts(&findings, got);
		ck_assert_msg(strcmp(got, DISTRUSTS[_i].subrules) == 0, "%s: %s",
		    DISTRUSTS[_i].spec, got);
		for (size_t i = 0; i < findings.count; i++) {
			const struct finding *it = findings.rows[i];
			bool outside = way == 2 &&
			    (strstr(it->subrule->name, ":Apple") != NULL ||
				strstr(it->subrule->name, ":Mozilla") != NULL);

			if (strcmp(it->check->id, "issued-after-distrust") == 0)
				ck_assert_int_eq(
				    it->level, outside ? LEVEL_NOTICE : LEVEL_ERROR);
		}
		arena_free(&arena);
		sample_free(&sample);
	}
}
END_TEST

START_TEST(distrust_names_its_program)
{
	struct check_operator operator= {
	    .name = "WoSign", .distrust = RECORDS, .distrust_count = ARRAY_LEN(RECORDS)};
	struct findings findings;
	struct sample sample;
	struct arena arena;
	struct buf json;

	arena_init(&arena);
	findings_init(&findings, &arena);
	sample_make(&sample, "nb=2021-01-01");
	sample.judged.signer = &operator;
	checks_run_certificate(&sample.judged, &findings);
	json = world_evidence(&findings, "issued-after-distrust");
	ck_assert_ptr_nonnull(strstr(buf_text(&json), "\"program\":\"Mozilla\""));
	ck_assert_ptr_nonnull(strstr(buf_text(&json), "\"date\":\"2016-10-21"));
	ck_assert_ptr_nonnull(strstr(buf_text(&json), "\"value\":\"2021-01-01"));
	ck_assert_ptr_null(strstr(buf_text(&json), "Later"));
	buf_free(&json);
	arena_free(&arena);
	sample_free(&sample);
}
END_TEST

/* --- by the names of roots
 * ----------------------------------------------------------------- */

/* The leaf is signed by key p256 0 as the default issuer. */
static const struct {
	const char *what, *cas[4], *leaf, *subrules;
} NAMED[] = {
    {"nobody is above", {0}, "nb=2017-01-01", ""},
    {"its issuer itself", {0}, "nb=2017-01-01 issuer=/CN=Root/O=old", "names:Mozilla "},
    {"on the day", {0}, "nb=2016-10-21 issuer=/O=Old/CN=Root", ""},
    {"a second later", {0}, "nb=2016-10-21T00:00:01Z issuer=/O=Old/CN=Root",
	"names:Mozilla "},
    {"a root two above",
	{"role=ca keyno=0 subject=/CN=I issuer=/CN=M signer=rsa2048",
	    "role=ca key=rsa2048 keyno=0 subject=/CN=M issuer=/O=Old/CN=Root "
	    "signer=p384"},
	"nb=2017-01-01 issuer=/CN=I", "names:Mozilla "},
    {"names that do not lead there",
	{"role=ca keyno=0 subject=/CN=Other issuer=/O=Old/CN=Root signer=p384"},
	"nb=2017-01-01 issuer=/CN=I", ""},
    {"by one way of two",
	{"role=ca keyno=0 subject=/CN=I issuer=/CN=Good signer=rsa2048",
	    "role=ca keyno=0 subject=/CN=I issuer=/O=Old/CN=Root signer=p384"},
	"nb=2017-01-01 issuer=/CN=I", "names:Mozilla "},
    {"rings end",
	{"role=ca keyno=0 subject=/CN=I issuer=/CN=M signer=rsa2048",
	    "role=ca key=rsa2048 keyno=0 subject=/CN=M issuer=/CN=I signer=p256"},
	"nb=2017-01-01 issuer=/CN=I", ""},
};

START_TEST(distrust_by_names)
{
	static const struct bytes ROOT_NAMES[] = {
	    {(const uint8_t *)"+cn=root,+o=old", 15}};
	struct check_operator operators[] = {{.name = "Old",
						 .names = ROOT_NAMES,
						 .name_count = 1,
						 .distrust = RECORDS,
						 .distrust_count = ARRAY_LEN(RECORDS)},
	    {.name = "Watched"}};
	struct world *world = world_new();
	struct check_history history = world_history(world);
	struct findings findings;
	struct sample *leaf;
	struct arena arena;
	char got[200];

	arena_init(&arena);
	findings_init(&findings, &arena);
	for (size_t i = 0; NAMED[_i].cas[i] != NULL; i++)
		world_add(world, NAMED[_i].cas[i]);
	leaf = world_add(world, NAMED[_i].leaf);
	leaf->params.operators = operators;
	leaf->params.operator_count = 2;
	checks_run_history(&leaf->judged, &history, &findings);
	list_distrusts(&findings, got);
	ck_assert_str_eq(got, ""); /* nobody watches it */
	leaf->judged.signer = &operators[0];
	checks_run_history(&leaf->judged, &history, &findings);
	list_distrusts(&findings, got);
	ck_assert_str_eq(got, ""); /* that is told by the key's family */
	leaf->judged.signer = &operators[1];
	checks_run_history(&leaf->judged, &history, &findings);
	list_distrusts(&findings, got);
	ck_assert_msg(
	    strcmp(got, NAMED[_i].subrules) == 0, "%s: %s", NAMED[_i].what, got);
	arena_free(&arena);
	world_free(world);
}
END_TEST

static const struct {
	const char *spec;
	size_t findings;
} IDLES[] = {
    {"nb=2016-10-02", 0},
    {"nb=2016-10-02T00:00:01Z", 1},
    {"nb=2016-09-01 lo=2016-10-02T00:00:01Z", 1},
    {"nb=2016-09-01 hi=2016-10-02", 0},
    {"nb=2016-09-01 hi=2016-10-02T00:00:01Z", 1},
    {"nb=2017-01-01 eku=1.3.6.1.5.5.7.3.9", 0},
    {"nb=2017-01-01 role=ca", 0},
};

START_TEST(idle_by_its_word)
{
	struct check_operator operator= {
	    .name = "StartCom", .state = OPERATOR_IDLE, .idle_since = DATE(2016, 10, 1)};
	struct world *world = world_new();
	struct check_history history = world_history(world);
	struct sample *sample = world_add(world, IDLES[_i].spec);
	struct findings findings;
	struct arena arena;

	arena_init(&arena);
	findings_init(&findings, &arena);
	sample->judged.signer = &operator;
	checks_run_history(&sample->judged, &history, &findings);
	ck_assert_msg(world_count(&findings, "idle-ca-issued") == IDLES[_i].findings,
	    "%s", IDLES[_i].spec);
	arena_free(&arena);
	world_free(world);
}
END_TEST

/* Each certificate after the ones before it. */
START_TEST(idle_by_silence)
{
	static const struct {
		const char *spec;
		size_t findings;
	} ROWS[] = {
	    {"nb=2016-01-01", 0},
	    {"nb=2016-03-30T23:59:59Z", 0}, /* 90 days less a second */
	    {"nb=2016-06-28T23:59:59Z", 1}, {"nb=2016-06-30", 0},
	    {"nb=2016-01-15", 0}, /* a late one changes nothing */
	    {"nb=2016-07-01 lo=2016-10-01", 1},
	    {"nb=2016-10-02 signer=rsa2048", 0}, /* another issuer */
	};
	struct check_operator operator= {.name = "StartCom"};
	struct world *world = world_new();
	struct check_history history = world_history(world);
	struct findings findings;
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct sample *sample = world_add(world, ROWS[i].spec);

		findings_init(&findings, &arena);
		sample->judged.signer = &operator;
		checks_run_history(&sample->judged, &history, &findings);
		ck_assert_msg(
		    world_count(&findings, "idle-ca-issued") == ROWS[i].findings, "%s",
		    ROWS[i].spec);
	}
	arena_free(&arena);
	world_free(world);
}
END_TEST

/* --- two operators' infrastructure
 * ---------------------------------------------------------- */

#define AT(name)                                                                         \
	"ocsp=http://ocsp." name "/ ca=http://ca." name "/ crl=http://crl." name "/ "

#define NOTICE                                                                           \
	"ext=2.5.29.32:30(30([2.23.140.1.2.1]30(30([1.3.6.1.5.5.7.2.2]30(0c(\"Ours\")))" \
	")))"

struct shared_row {
	const char *spec;
	int signer;
	size_t findings;
};

static size_t
count_rule(const struct findings *findings, const char *rule)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count +=
		    strcmp(findings->rows[i]->check->id, "infrastructure-shared") == 0 &&
		    strcmp(findings->rows[i]->subrule->name, rule) == 0;
	return count;
}

static void
expect_shared(
    const char *what, const char *rule, const struct shared_row *rows, size_t count)
{
	static const char *const PARTNERS[] = {"A", "B"};
	struct check_operator operators[] = {{.name = "A"}, {.name = "B"},
	    {.name = "C", .partners = PARTNERS, .partner_count = 2}};
	struct world *world = world_new();
	struct check_history history = world_history(world);
	struct findings findings;
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < count; i++) {
		struct sample *sample = world_add(world, rows[i].spec);

		findings_init(&findings, &arena);
		sample->params.operators = operators;
		sample->params.operator_count = ARRAY_LEN(operators);
		sample->judged.signer = &operators[rows[i].signer];
		checks_run_history(&sample->judged, &history, &findings);
		ck_assert_msg(count_rule(&findings, rule) == rows[i].findings,
		    "%s: row %zu", what, i);
	}
	arena_free(&arena);
	world_free(world);
}

START_TEST(infrastructures)
{
	static const struct shared_row ROWS[] = {
	    {AT("one.example"), 0, 0}, {AT("two.example"), 1, 0},
	    {AT("three.example"), 1, 0}, {AT("four.example"), 1, 0},
	    {AT("five.example"), 1, 0}, {AT("six.example"), 1, 0}, /* five domains */
	    {AT("one.example"), 1, 0},   /* one of six is shared */
	    {AT("two.example"), 0, 1},   /* two of six */
	    {AT("two.example"), 0, 0},   /* nothing new */
	    {AT("three.example"), 0, 0}, /* told before */
	    {AT("one.example"), 2, 0},   /* a partner of both */
	};

	expect_shared("in time", "domains", ROWS, ARRAY_LEN(ROWS));
}
END_TEST

#define CPS(text)                                                                        \
	"omit=policies ext=2.5.29.32:30(30([2.23.140.1.2.1]30(30([1.3.6.1.5.5.7.2.1]16(" \
	"\"" text "\")))))"

/* Of each kind by itself, that many profiles hide no domain: one mark of four is too
 * many in common, one of five is not. Each spec has a number in it. */
static const struct {
	const char *rule, *spec;
} KINDS[] = {
    {"domains", "omit=aia crl=http://n%u.example/"},
    {"domains", "omit=aia life=1%u00000 crl=http://same.example/"},
    {"qualifiers", CPS("http://a.example/%u")},
    {"profiles", "life=1%u00000"},
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static char *
numbered(const char *spec, unsigned number)
{
	return mem_format(spec, number);
}
#pragma GCC diagnostic pop

START_TEST(infrastructures_at_the_limit)
{
	for (unsigned own = 3; own <= 4; own++) {
		struct shared_row rows[6] = {{numbered(KINDS[_i].spec, 0), 0, 0}};
		bool same = strstr(KINDS[_i].spec, "same") != NULL;
		char *last = numbered(KINDS[_i].spec, 0);

		for (unsigned i = 1; i <= own; i++)
			rows[i] = (struct shared_row){
			    numbered(KINDS[_i].spec, i), 1, same && i == 1};
		rows[own + 1] = (struct shared_row){last, 1, !same && own == 3};
		expect_shared(KINDS[_i].spec, KINDS[_i].rule, rows, own + 2);
		for (unsigned i = 0; i <= own + 1; i++)
			mem_free((void *)(uintptr_t)rows[i].spec);
	}
}
END_TEST

/* What is shared, and beside it the shape of serial numbers. */
START_TEST(what_is_shared)
{
	static const struct shared_row TEXTS[] = {{CPS("http://a.example/cps"), 0, 0},
	    {CPS("http://a.example/other"), 1, 0}, {CPS("HTTP://a.example/cps"), 1, 1}};
	struct check_operator operators[] = {{.name = "A"}, {.name = "B"}};
	struct world *world = world_new();
	struct check_history history = world_history(world);
	struct findings findings;
	struct arena arena;
	struct buf json;

	expect_shared("whatever their case", "qualifiers", TEXTS, ARRAY_LEN(TEXTS));
	arena_init(&arena);
	findings_init(&findings, &arena);
	for (size_t i = 0; i < 2; i++) {
		struct sample *sample =
		    world_add(world, i == 0 ? "serial=0102" : "serial=0103");

		sample->params.operators = operators;
		sample->params.operator_count = ARRAY_LEN(operators);
		sample->judged.signer = &operators[i];
		checks_run_history(&sample->judged, &history, &findings);
	}
	ck_assert_uint_eq(count_rule(&findings, "profiles"), 1);
	buf_init(&json, 1 << 20);
	for (size_t i = 0; i < findings.count; i++)
		if (strcmp(findings.rows[i]->subrule->name, "profiles") == 0)
			ck_assert(finding_evidence_json(findings.rows[i], &json));
	ck_assert_ptr_nonnull(strstr(buf_text(&json), "\"serial of 2 octets\""));
	buf_free(&json);
	arena_free(&arena);
	world_free(world);
}
END_TEST

/* --- whom a certificate concerns
 * -------------------------------------------------------- */

static const struct {
	const char *what, *spec;
	struct judged_watch watch;
	const char *finding; /* NULL: none */
} CONCERNS[] = {
    {"any", "", {.how = NULL}, "watched-name"},
    {"suppressed", "", {.suppressed = true}, NULL},
    {"imitated", "", {.lookalike = true, .has_allowed = true, .allowed = true},
	"watched-name"},
    {"imitated by another kind", "",
	{.lookalike = true, .has_allowed = true, .profiles = 2}, "watched-name"},
    {"imitated, suppressed", "", {.lookalike = true, .suppressed = true}, NULL},
    {"suppressed from another", "", {.suppressed = true, .has_allowed = true}, NULL},
    {"from another", "", {.has_allowed = true}, "unexpected-issuer"},
    {"expected", "", {.has_allowed = true, .allowed = true}, NULL},
    {"of another kind", "policies=2.23.140.1.2.1",
	{.has_allowed = true, .allowed = true, .profiles = 2 | 8}, "unexpected-issuer"},
    {"of that kind", "policies=2.23.140.1.2.2",
	{.has_allowed = true, .allowed = true, .profiles = 2 | 8}, NULL},
    {"of another kind, suppressed", "policies=2.23.140.1.2.1",
	{.has_allowed = true, .allowed = true, .profiles = 2, .suppressed = true}, NULL},
};

START_TEST(owners_are_told)
{
	struct judged_watch watch = CONCERNS[_i].watch;
	struct findings findings;
	struct sample sample;
	struct arena arena;

	arena_init(&arena);
	findings_init(&findings, &arena);
	sample_make(&sample, CONCERNS[_i].spec);
	watch.domain = watch.matched = bytes_text("example.org");
	watch.how = "equal";
	sample.judged.watches = &watch;
	sample.judged.watch_count = 1;
	checks_run_certificate(&sample.judged, &findings);
	for (size_t i = 0; i < 2; i++) {
		const char *id = i == 0 ? "watched-name" : "unexpected-issuer";
		bool wanted =
		    CONCERNS[_i].finding != NULL && strcmp(CONCERNS[_i].finding, id) == 0;

		ck_assert_msg(world_count(&findings, id) == wanted, "%s: %s",
		    CONCERNS[_i].what, id);
	}
	arena_free(&arena);
	sample_free(&sample);
}
END_TEST

/* Two in 30 days are expected: the third is one too many, until the first lies 30
 * days back. */
START_TEST(owners_have_quotas)
{
	static const struct {
		const char *spec;
		size_t findings;
	} ROWS[] = {
	    {"serial=01 hi=2026-01-01", 0},
	    {"serial=02 hi=2026-01-02", 0},
	    {"serial=02 poison hi=2026-01-02", 0}, /* the same certificate */
	    {"serial=03 hi=2026-01-30T23:59:59Z", 1},
	    {"serial=04 hi=2026-02-01", 0}, /* those of January 1 and 2 are gone */
	    {"serial=05 hi=2026-02-01", 1},
	};
	struct judged_watch watch = {.domain = bytes_text("example.org"),
	    .matched = bytes_text("example.org"),
	    .how = "equal",
	    .has_allowed = true,
	    .allowed = true,
	    .quota = 2};
	struct world *world = world_new();
	struct check_history history = world_history(world);
	struct findings findings;
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct sample *sample = world_add(world, ROWS[i].spec);

		findings_init(&findings, &arena);
		sample->judged.watches = &watch;
		sample->judged.watch_count = 1;
		checks_run_history(&sample->judged, &history, &findings);
		ck_assert_msg(
		    world_count(&findings, "unexpected-issuer") == ROWS[i].findings, "%s",
		    ROWS[i].spec);
	}
	arena_free(&arena);
	world_free(world);
}
END_TEST

/* --- CA certificates
 * ------------------------------------------------------------------------- */

static const struct {
	const char *what, *first, *second, *subrule; /* NULL: no finding */
	enum check_level level;
} REUSES[] = {
#define OTHERWISE "role=ca eku=1.3.6.1.5.5.7.3.1 nb=2026-06-15"
    {"under Chrome's roots", "role=ca eku=1.2.3", OTHERWISE " programs=Chrome",
	"purposes", LEVEL_ERROR},
    {"under others'", "role=ca eku=1.2.3", OTHERWISE " programs=Mozilla", NULL,
	LEVEL_NOTICE},
    {"under roots of which nothing is said", "role=ca eku=1.2.3", OTHERWISE, "purposes",
	LEVEL_WARNING},
    {"a root of its own key and name", "role=root", OTHERWISE, NULL, LEVEL_NOTICE},
    {"a name is nobody's rule but its own", "role=ca subject=/O=y",
	OTHERWISE " programs=Chrome", "names", LEVEL_WARNING},
    {"another name", "role=ca", "role=ca subject=/O=x", "names", LEVEL_WARNING},
    {"a root and a CA of another name", "role=root", "role=ca subject=/O=x", "names",
	LEVEL_WARNING},
    {"the same name", "role=ca", "role=ca days=50", NULL, LEVEL_NOTICE},
    {"the same name in other letters", "role=ca subject=/O=x", "role=ca subject=/O=X",
	NULL, LEVEL_NOTICE},
    {"another key", "role=ca keyno=7", "role=ca subject=/O=x", NULL, LEVEL_NOTICE},
    {"other purposes", "role=ca eku=1.3.6.1.5.5.7.3.1",
	"role=ca eku=1.3.6.1.5.5.7.3.2 nb=2026-06-15", "purposes", LEVEL_WARNING},
    {"fewer purposes", "role=ca eku=1.3.6.1.5.5.7.3.1,1.3.6.1.5.5.7.3.2",
	"role=ca eku=1.3.6.1.5.5.7.3.1 nb=2026-06-15", "purposes", LEVEL_WARNING},
    {"no purposes named", "role=ca omit=eku", "role=ca nb=2026-06-15", "purposes",
	LEVEL_WARNING},
    {"before that was forbidden", "role=ca omit=eku", "role=ca nb=2026-06-14T23:59:59Z",
	NULL, LEVEL_NOTICE},
    {"the same purposes turned about", "role=ca eku=1.2.3,1.3.6.1.5.5.7.3.1",
	"role=ca eku=1.3.6.1.5.5.7.3.1,1.2.3 nb=2026-06-15", NULL, LEVEL_NOTICE},
};

START_TEST(key_reuses)
{
	struct world *world = world_new();
	struct check_history history = world_history(world);
	struct finding *found = NULL;
	struct findings findings;
	struct sample *second;
	struct arena arena;

	arena_init(&arena);
	findings_init(&findings, &arena);
	world_add(world, REUSES[_i].first);
	second = world_add(world, REUSES[_i].second);
	checks_run_ca(&second->judged, &history, &findings);
	for (size_t i = 0; i < findings.count; i++)
		if (strcmp(findings.rows[i]->check->id, "ca-key-reuse") == 0)
			found = findings.rows[i];
	ck_assert_msg((found != NULL) == (REUSES[_i].subrule != NULL) &&
		(found == NULL ||
		    (strcmp(found->subrule->name, REUSES[_i].subrule) == 0 &&
			found->level == REUSES[_i].level)),
	    "%s", REUSES[_i].what);
	arena_free(&arena);
	world_free(world);
}
END_TEST

/* --- ways to roots
 * ------------------------------------------------------------------------- */

#define ROOT_A "role=root key=p384 keyno=0 subject=/CN=A "
#define ROOT_B "role=root key=p521 keyno=0 subject=/CN=B "
#define SUB_A  "role=ca keyno=5 subject=/CN=S issuer=/CN=A signer=p384 "
#define SUB_B  "role=ca keyno=5 subject=/CN=S issuer=/CN=B signer=p521 "

/* The last is judged; programs: of the operators of roots A and B. */
static const struct {
	const char *what, *check, *cas[4];
	const char *has[3], *has_not;
} WAYS[] = {
    {"a root above", "new-intermediate", {ROOT_A, SUB_A},
	{"\"chains\":[{\"root\":\"CN=A\",\"root_known\":true,\"operator\":\"A\"",
	    "\"programs\":[\"Mozilla\"]", "\"new_key\":true"},
	"CN=B"},
    {"a root that nobody showed", "new-intermediate", {SUB_A}, {"\"chains\":[]"}, "CN=A"},
    {"two roots above the one between", "new-intermediate",
	{ROOT_A, ROOT_B,
	    "role=ca key=rsa2048 keyno=0 subject=/CN=M issuer=/CN=A signer=p384",
	    "role=ca keyno=5 subject=/CN=S issuer=/CN=M signer=rsa2048"},
	{"\"root\":\"CN=A\""}, "CN=B"},
    {"known above as far as a name", "new-intermediate",
	{"role=ca key=rsa2048 keyno=0 subject=/CN=M issuer=/CN=Far signer=p384",
	    "role=ca keyno=5 subject=/CN=S issuer=/CN=M signer=rsa2048"},
	{"\"root\":\"CN=Far\",\"root_known\":false"}, "CN=M"},
    {"a root more", "cross-sign", {ROOT_A, ROOT_B, SUB_A, SUB_B},
	{"\"new_paths\":[{\"root\":\"CN=B\"", "\"new_programs\":[\"Apple\"]"}, "CN=A"},
    {"the same root by another key", "cross-sign",
	{ROOT_A, SUB_A,
	    "role=ca key=rsa2048 keyno=0 subject=/CN=M issuer=/CN=A signer=p384",
	    "role=ca keyno=5 subject=/CN=S issuer=/CN=M signer=rsa2048"},
	{"\"new_paths\":[]", "\"new_programs\":[]"}, "CN=B"},
    {"keys that signed each other", "cross-sign",
	{"role=ca key=rsa2048 keyno=0 subject=/CN=M issuer=/CN=S signer=p256 ", SUB_A,
	    "role=ca keyno=5 subject=/CN=S issuer=/CN=M signer=rsa2048"},
	{"\"new_paths\":[", "\"new_programs\":[]"}, "CN=B"},
    {"leaves of the key, 398 days and 399 before", "cross-sign",
	{"signer=rsa2048 issuer=/CN=S nb=2025-02-27",
	    "signer=rsa2048 issuer=/CN=S nb=2025-02-26T23:59:59Z",
	    "role=ca key=rsa2048 keyno=0 subject=/CN=S issuer=/CN=A signer=p384",
	    "role=ca key=rsa2048 keyno=0 subject=/CN=S issuer=/CN=B signer=p521 "
	    "nb=2026-04-01"},
	{"\"leaves_issued\":2", "\"leaves_not_expired_at_most\":1"}, "CN=Z"},
};

START_TEST(ways_to_roots)
{
	static const struct check_program MOZILLA = {"Mozilla", 0, 0},
					  APPLE = {"Apple", DATE(2020, 1, 1), 0};
	struct check_operator operators[] = {
	    {.name = "A", .programs = &MOZILLA, .program_count = 1, .key_count = 1},
	    {.name = "B", .programs = &APPLE, .program_count = 1, .key_count = 1}};
	const uint8_t(*keys[])[32] = {
	    &make_key(MAKE_KEY_P384, 0)->key_hash, &make_key(MAKE_KEY_P521, 0)->key_hash};
	struct world *world = world_new();
	struct check_history history = world_history(world);
	struct sample *last = NULL;
	struct findings findings;
	struct arena arena;
	struct buf json;
	char *wrong;

	arena_init(&arena);
	findings_init(&findings, &arena);
	operators[0].keys = keys[0];
	operators[1].keys = keys[1];
	for (size_t i = 0; i < 4 && WAYS[_i].cas[i] != NULL; i++) {
		last = world_add(world, WAYS[_i].cas[i]);
		if (memcmp(last->spec.key->key_hash, keys[0], 32) == 0)
			world->owners[i] = &operators[0];
	}
	last->params.operators = operators;
	last->params.operator_count = 2;
	last->judged.signer = &operators[0];
	checks_run_ca(&last->judged, &history, &findings);
	json = world_evidence(&findings, WAYS[_i].check);
	for (size_t i = 0; i < 3 && WAYS[_i].has[i] != NULL; i++)
		ck_assert_msg(strstr(buf_text(&json), WAYS[_i].has[i]) != NULL,
		    "%s: %s in %s", WAYS[_i].what, WAYS[_i].has[i], buf_text(&json));
	wrong = mem_format("\"root\":\"%s\"", WAYS[_i].has_not);
	ck_assert_msg(strstr(buf_text(&json), wrong) == NULL, "%s: %s", WAYS[_i].what,
	    buf_text(&json));
	mem_free(wrong);
	buf_free(&json);
	arena_free(&arena);
	world_free(world);
}
END_TEST

/* The certificate that brought a new CA is its first, as far as was seen. */
START_TEST(first_leaves)
{
	struct check_operator operator= {.name = "A"};
	struct world *world = world_new();
	struct check_history history = world_history(world);
	struct sample *leaf = world_add(world, "nb=2026-04-02 keyno=9");
	struct sample *ca = world_add(world, "role=ca");
	struct judged_first first = {
	    .der = leaf->judged.der, .sighting = {.index = 77, .timestamp_ms = 1000}};
	struct findings findings;
	struct arena arena;
	struct buf json;

	arena_init(&arena);
	ca->judged.signer = &operator;
	for (int brought = 0; brought < 2; brought++) {
		findings_init(&findings, &arena);
		ca->judged.first_leaf = brought ? &first : NULL;
		checks_run_ca(&ca->judged, &history, &findings);
		json = world_evidence(&findings, "new-intermediate");
		ck_assert_int_eq(
		    strstr(buf_text(&json), "\"first_leaf\":{\"sha256\":\"") != NULL,
		    brought);
		ck_assert_int_eq(
		    strstr(buf_text(&json), "\"index\":77,") != NULL, brought);
		ck_assert_int_eq(
		    strstr(buf_text(&json), "\"not_before\":\"2026-04-02") != NULL,
		    brought);
		buf_free(&json);
	}
	arena_free(&arena);
	world_free(world);
}
END_TEST

/* A mesh of keys that all certified each other ends at the bound. */
START_TEST(meshes_end)
{
	static const uint8_t NONE[32];
	struct world *world = world_new();
	struct check_history history = world_history(world);
	struct paths *paths = mem_zero(1, sizeof(*paths));

	for (int i = 0; i < 80; i++) {
		char *spec = mem_format(
		    "role=ca %s keyno=0 subject=/CN=X issuer=/CN=X serial=%02x signer=%s",
		    i % 2 ? "key=p256" : "key=rsa2048", i + 16,
		    i % 2 ? "rsa2048" : "p256");

		world_add(world, spec);
		mem_free(spec);
	}
	paths_find(paths, &history, world->samples[0].spec.key->key_hash,
	    world->samples[0].cert.subject, NONE);
	ck_assert_uint_eq(paths->count, 32); /* as many as are asked for of each key */
	for (size_t i = 0; i < paths->count; i++)
		ck_assert(
		    paths->steps[i].below == PATH_BOTTOM || paths->steps[i].below < i);
	paths_find(paths, &history, world->samples[0].spec.key->key_hash,
	    bytes_text("no name"), NONE);
	ck_assert_uint_eq(paths->count, 0);
	mem_free(paths);
	world_free(world);
}
END_TEST

/* Of a watched operator: as a CA certificate, once, and by its own dates. */
START_TEST(watched_cas_are_judged_as_cas)
{
	struct check_operator operator= {.name = "WoSign"};
	struct world *world = world_new();
	struct check_history history = world_history(world);
	struct sample *sample =
	    world_add(world, "role=ca omit=ku nb=2010-01-01 hi=2026-01-01");
	struct findings alone, as_ca;
	struct arena arena;

	arena_init(&arena);
	findings_init(&alone, &arena);
	findings_init(&as_ca, &arena);
	checks_run_certificate(&sample->judged, &alone);
	ck_assert_uint_gt(world_count(&alone, "ca-profile"), 1); /* and the log's clock */
	findings_init(&alone, &arena);
	sample->judged.signer = &operator;
	checks_run_certificate(&sample->judged, &alone);
	ck_assert_uint_eq(world_count(&alone, "ca-profile"), 0);
	checks_run_ca(&sample->judged, &history, &as_ca);
	ck_assert_uint_eq(world_count(&as_ca, "ca-profile"), 1);
	for (size_t i = 0; i < as_ca.count; i++)
		ck_assert_int_eq(as_ca.rows[i]->subject, SUBJECT_CA);
	arena_free(&arena);
	world_free(world);
}
END_TEST

/* --- under which roots
 * --------------------------------------------------------------------- */

static const struct check_program ONCE[] = {
    {"Mozilla", DATE(2010, 1, 1), DATE(2017, 1, 1)}, {"Apple", 0, 0}};
static const struct check_program NOWHERE[] = {{"None", 0, 0}};

START_TEST(roots_of_programs)
{
	static const struct check_operator once = {.programs = ONCE, .program_count = 2},
					   nowhere = {.programs = NOWHERE,
					       .program_count = 1},
					   unsaid = {.name = "C"};
	static const struct check_operator *const NOWHERE_TOO[] = {&nowhere},
						  *const ONCE_TOO[] = {&once};
	static const struct {
		const char *spec, *program;
		const struct check_operator *signer, *const *others;
		enum trust trust;
	} ROWS[] = {
	    {"nb=2016-12-31T23:59:59Z", "mozilla", &once, NULL, TRUST_YES},
	    {"nb=2017-01-01", "Mozilla", &once, NULL, TRUST_NO},
	    {"nb=2010-01-01", "Mozilla", &once, NULL, TRUST_YES},
	    {"nb=2009-12-31T23:59:59Z", "Mozilla", &once, NULL, TRUST_NO},
	    {"nb=2017-01-01", NULL, &once, NULL, TRUST_YES},
	    {"nb=2017-01-01", NULL, &nowhere, NULL, TRUST_NO},
	    {"nb=2017-01-01", "none", &nowhere, NULL, TRUST_NO},
	    {"nb=2017-01-01", "Apple", &unsaid, NULL, TRUST_UNKNOWN},
	    {"nb=2017-01-01", "Apple", NULL, NULL, TRUST_UNKNOWN},
	    {"nb=2017-01-01", "Apple", &unsaid, ONCE_TOO, TRUST_YES},
	    {"nb=2017-01-01", "Chrome", &unsaid, ONCE_TOO, TRUST_UNKNOWN},
	    {"nb=2017-01-01", "Chrome", &once, NOWHERE_TOO, TRUST_NO},
	};

	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct sample sample;

		sample_make(&sample, ROWS[i].spec);
		sample.judged.cert = &sample.cert;
		sample.judged.signer = ROWS[i].signer;
		sample.judged.co_signers = ROWS[i].others;
		sample.judged.co_signer_count = ROWS[i].others != NULL;
		ck_assert_msg(
		    judged_trust(&sample.judged, ROWS[i].program) == ROWS[i].trust,
		    "row %zu", i);
		sample_free(&sample);
	}
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("hierarchy");

	mutate_as_asked();
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, pairs_come_out, 0, ARRAY_LEN(PAIRS));
	tcase_add_loop_test(tcase, paths_are_walked, 0, ARRAY_LEN(PATHS));
	tcase_add_loop_test(tcase, distrusts, 0, ARRAY_LEN(DISTRUSTS));
	tcase_add_test(tcase, distrust_names_its_program);
	tcase_add_loop_test(tcase, distrust_by_names, 0, ARRAY_LEN(NAMED));
	tcase_add_loop_test(tcase, idle_by_its_word, 0, ARRAY_LEN(IDLES));
	tcase_add_test(tcase, idle_by_silence);
	tcase_add_test(tcase, infrastructures);
	tcase_add_loop_test(tcase, infrastructures_at_the_limit, 0, UNIT_COUNT(KINDS));
	tcase_add_test(tcase, what_is_shared);
	tcase_add_loop_test(tcase, owners_are_told, 0, ARRAY_LEN(CONCERNS));
	tcase_add_test(tcase, owners_have_quotas);
	tcase_add_loop_test(tcase, key_reuses, 0, ARRAY_LEN(REUSES));
	tcase_add_loop_test(tcase, ways_to_roots, 0, ARRAY_LEN(WAYS));
	tcase_add_test(tcase, first_leaves);
	tcase_add_test(tcase, meshes_end);
	tcase_add_test(tcase, roots_of_programs);
	tcase_add_test(tcase, watched_cas_are_judged_as_cas);
	return unit_run("hierarchy", tcase);
}
