/* Checks that need what was stored before: a small store of arrays answers. */
#include "tests/lib/mutate.h"
#include "tests/lib/unit.h"
#include "tests/lib/world.h"

#include "check/run.h"

/* --- duplicate-serial, serial-tbs-conflict ------------------------------------------ */

static const struct {
	const char *what, *specs[4];
	size_t members, conflicts;
	const char *class; /* of the last conflict */
} GROUPS[] = {
    {"alone", {"serial=056d1570"}, 0, 0, NULL},
    {"another serial", {"serial=056d1570", "serial=056d1571 subject=/CN=b"}, 0, 0, NULL},
    {"another issuer key",
	{"serial=056d1570", "serial=056d1570 subject=/CN=b signer=rsa2048"}, 0, 0, NULL},
    {"subject", {"serial=056d1570", "serial=056d1570 subject=/CN=b"}, 2, 1, "subject"},
    {"notBefore", {"serial=01 na=2026-06-01", "serial=01 na=2026-06-01 nb=2026-04-02"}, 2,
	1, "nb-only"},
    {"validity", {"serial=01", "serial=01 days=41"}, 2, 1, "validity-only"},
    {"both times", {"serial=01", "serial=01 nb=2026-04-02"}, 2, 1, "validity-only"},
    {"key", {"serial=01", "serial=01 keyno=2"}, 2, 1, "spki"},
    {"extension", {"serial=01", "serial=01 ocsp=http://other.example/"}, 2, 1, "ext"},
    {"names", {"serial=01", "serial=01 dns=other.example"}, 2, 1, "ext"},
    {"a precertificate and its final", {"serial=01 poison", "serial=01 scts=2026-04-01"},
	0, 0, NULL},
    {"a precertificate and another final",
	{"serial=01 poison", "serial=01 subject=/CN=b"}, 0, 0, NULL},
    {"two precertificates", {"serial=01 poison", "serial=01 poison subject=/CN=b"}, 2, 1,
	"subject"},
    {"two finals that differ in SCTs only",
	{"serial=01 scts=2026-04-01", "serial=01 scts=2026-04-02"}, 0, 0, NULL},
    {"the same again", {"serial=01", "serial=01"}, 0, 0, NULL},
    {"three", {"serial=01", "serial=01 subject=/CN=b", "serial=01 subject=/CN=c"}, 3, 2,
	"subject"},
    {"the first row's final comes late",
	{"serial=01 poison", "serial=01 subject=/CN=b", "serial=01"}, 2, 1, "subject"},
};

START_TEST(groups_of_one_serial)
{
	struct world *world = world_new();
	struct findings findings;
	struct arena arena;
	struct buf json;

	arena_init(&arena);
	findings_init(&findings, &arena);
	for (size_t i = 0; i < 4 && GROUPS[_i].specs[i] != NULL; i++)
		world_judge(world, GROUPS[_i].specs[i], &findings);
	ck_assert_msg(world_count(&findings, "duplicate-serial") == GROUPS[_i].members,
	    "%s: %zu members", GROUPS[_i].what,
	    world_count(&findings, "duplicate-serial"));
	ck_assert_msg(
	    world_count(&findings, "serial-tbs-conflict") == GROUPS[_i].conflicts,
	    "%s: %zu conflicts", GROUPS[_i].what,
	    world_count(&findings, "serial-tbs-conflict"));
	if (GROUPS[_i].class != NULL) {
		char *want = mem_format("\"class\":\"%s\"", GROUPS[_i].class);

		json = world_evidence(&findings, "serial-tbs-conflict");
		ck_assert_msg(strstr(buf_text(&json), want) != NULL, "%s: %s",
		    GROUPS[_i].what, buf_text(&json));
		buf_free(&json);
		mem_free(want);
	}
	arena_free(&arena);
	world_free(world);
}
END_TEST

/* WoSign's serial of 313 certificates: a finding a member, and 312 conflicts. */
START_TEST(three_hundred_and_thirteen)
{
	struct world *world = world_new();
	struct findings findings;
	struct arena arena;
	char *spec;

	arena_init(&arena);
	findings_init(&findings, &arena);
	for (int i = 0; i < 313; i++) {
		spec = mem_format(
		    "serial=056d1570da645bf6b44c0a7077cc6769 subject=/CN=n%d.example", i);
		world_judge(world, spec, &findings);
		mem_free(spec);
	}
	ck_assert_uint_eq(world_count(&findings, "duplicate-serial"), 313);
	ck_assert_uint_eq(world_count(&findings, "serial-tbs-conflict"), 312);
	ck_assert(world_has(&findings, "duplicate-serial", &world->samples[0]));
	ck_assert(!world_has(&findings, "serial-tbs-conflict", &world->samples[0]));
	arena_free(&arena);
	world_free(world);
}
END_TEST

/* What nobody signed accuses nobody. */
START_TEST(unverified_members_do_not_count)
{
	struct world *world = world_new();
	struct check_history history = world_history(world);
	struct findings findings;
	struct sample *sample;
	struct arena arena;

	arena_init(&arena);
	findings_init(&findings, &arena);
	world_judge(world, "serial=01", &findings);
	sample = world_add(world, "serial=01 subject=/CN=b");
	sample->judged.signature = SIGNATURE_BAD;
	checks_run_history(&sample->judged, &history, &findings);
	ck_assert_uint_eq(world_count(&findings, "duplicate-serial"), 0);
	ck_assert_uint_eq(world_count(&findings, "serial-tbs-conflict"), 0);
	ck_assert_uint_eq(world_count(&findings, "bad-signature"), 1);
	arena_free(&arena);
	world_free(world);
}
END_TEST

/* The signature's algorithm and the issuer's key, where the issuer is known. */
START_TEST(algorithms_of_the_issuers_key)
{
	static const struct {
		const char *what, *issuer, *spec;
		size_t findings;
	} ROWS[] = {
	    {"P-256 with SHA-256", "role=root key=p256 keyno=0", "", 0},
	    {"P-256 with SHA-384", "role=root key=p256 keyno=0", "sig=sha384", 1},
	    {"P-384 with SHA-384", "role=root key=p384 keyno=0", "signer=p384", 0},
	    {"P-384 with SHA-256", "role=root key=p384 keyno=0", "signer=p384 sig=sha256",
		1},
	    {"RSA, said to be ECDSA", "role=root key=rsa2048 keyno=0",
		"signer=rsa2048 sigalg=300a06082a8648ce3d040302", 1},
	    {"RSA with SHA-256", "role=root key=rsa2048 keyno=0", "signer=rsa2048", 0},
	    {"EC, said to be RSA", "role=root key=p256 keyno=0",
		"sigalg=300d06092a864886f70d01010b0500", 1},
	    {"before the rule", "role=root key=p256 keyno=0",
		"sig=sha384 nb=2020-08-19T23:59:59Z", 0},
	    {"on its day", "role=root key=p256 keyno=0", "sig=sha384 nb=2020-08-20", 1},
	};

	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct world *world = world_new();
		struct check_history history = world_history(world);
		struct findings findings;
		struct sample issuer, *leaf;

		sample_make(&issuer, ROWS[i].issuer);
		leaf = world_add(world, ROWS[i].spec);
		leaf->judged.issuer = &issuer.cert;
		findings_init(&findings, &issuer.arena);
		checks_run_history(&leaf->judged, &history, &findings);
		ck_assert_msg(
		    world_count(&findings, "sigalg-key-mismatch") == ROWS[i].findings,
		    "%s", ROWS[i].what);
		sample_free(&issuer);
		world_free(world);
	}
}
END_TEST

/* --- precert-mismatch ------------------------------------------------------------------
 */

static const struct {
	const char *what, *specs[3];
	size_t findings, closed;
	int about; /* which of them */
	const char *field;
} MISMATCHES[] = {
    {"they agree", {"serial=01 poison", "serial=01 scts=2026-04-01"}, 0, 0, 0, NULL},
    {"only a final", {"serial=01"}, 0, 0, 0, NULL},
    {"the subject", {"serial=01 poison", "serial=01 subject=/CN=b"}, 1, 0, 1,
	"tbsCertificate.subject\""},
    {"the time", {"serial=01 poison days=40", "serial=01 days=41"}, 1, 0, 1,
	"tbsCertificate.validity.notAfter"},
    {"an extension", {"serial=01 poison", "serial=01 dns=b.example"}, 1, 0, 1,
	"tbsCertificate.extensions"},
    {"the key", {"serial=01 poison", "serial=01 keyno=2"}, 1, 0, 1,
	"tbsCertificate.subjectPublicKeyInfo"},
    {"the algorithm", {"serial=01 poison", "serial=01 sig=sha384"}, 1, 0, 1,
	"tbsCertificate.signature"},
    /* one octet of each field that there is besides */
    {"the version", {"serial=01 poison", "serial=01 patch=a003020102>a003020103"}, 1, 0,
	1, "tbsCertificate.version"},
    {"the issuer", {"serial=01 poison issuer=/CN=a", "serial=01 issuer=/CN=b"}, 1, 0, 1,
	"tbsCertificate.issuer"},
    {"the time before",
	{"serial=01 poison nb=2026-04-01 na=2026-05-01",
	    "serial=01 nb=2026-04-02 na=2026-05-01"},
	1, 0, 1, "tbsCertificate.validity.notBefore"},
    {"the issuer's unique id",
	{"serial=01 poison unique=8102000f", "serial=01 unique=8102000e"}, 1, 0, 1,
	"tbsCertificate.issuerUniqueID"},
    {"the subject's unique id",
	{"serial=01 poison unique=8202000f", "serial=01 unique=8202000e"}, 1, 0, 1,
	"tbsCertificate.subjectUniqueID"},
    {"an octet of an extension",
	{"serial=01 poison ext=1.2.3:0401aa", "serial=01 ext=1.2.3:0401ab"}, 1, 0, 1,
	"tbsCertificate.extensions"},
    {"the final came first", {"serial=01 subject=/CN=b", "serial=01 poison"}, 1, 0, 0,
	"tbsCertificate.subject\""},
    {"one of two precertificates matches",
	{"serial=01 poison", "serial=01 poison subject=/CN=b", "serial=01 subject=/CN=b"},
	0, 0, 0, NULL},
    {"its own precertificate comes last",
	{"serial=01 poison", "serial=01 subject=/CN=b", "serial=01 poison subject=/CN=b"},
	1, 1, 1, "tbsCertificate.subject\""},
};

START_TEST(finals_keep_their_promise)
{
	struct world *world = world_new();
	struct findings findings;
	struct arena arena;
	struct buf json;
	size_t closed = 0;

	arena_init(&arena);
	findings_init(&findings, &arena);
	for (size_t i = 0; i < 3 && MISMATCHES[_i].specs[i] != NULL; i++)
		world_judge(world, MISMATCHES[_i].specs[i], &findings);
	ck_assert_msg(
	    world_count(&findings, "precert-mismatch") == MISMATCHES[_i].findings,
	    "%s: %zu", MISMATCHES[_i].what, world_count(&findings, "precert-mismatch"));
	for (size_t i = 0; i < findings.closure_count; i++)
		closed += strcmp(findings.closures[i].check->id, "precert-mismatch") == 0;
	ck_assert_msg(closed == MISMATCHES[_i].closed, "%s: closed", MISMATCHES[_i].what);
	if (MISMATCHES[_i].findings > 0) {
		ck_assert_msg(world_has(&findings, "precert-mismatch",
				  &world->samples[MISMATCHES[_i].about]),
		    "%s: about", MISMATCHES[_i].what);
		json = world_evidence(&findings, "precert-mismatch");
		ck_assert_msg(strstr(buf_text(&json), MISMATCHES[_i].field) != NULL,
		    "%s: %s", MISMATCHES[_i].what, buf_text(&json));
		buf_free(&json);
	}
	arena_free(&arena);
	world_free(world);
}
END_TEST

/* --- CA certificates
 * -------------------------------------------------------------------- */

static const char *const HOSTS[] = {"wosign.example"};
static const char *const POLICIES[] = {"1.3.6.1.4.1.36305"};
static const char *const NAMES[] = {"WoSign CA Limited"};
static const char *const PARTNERS[] = {"WoSign"};
static uint8_t announced[1][32];

static struct check_operator operators[] = {
    {.name = "WoSign",
	.state = OPERATOR_NORMAL,
	.hosts = HOSTS,
	.host_count = 1,
	.policies = POLICIES,
	.policy_count = 1,
	.organisations = NAMES,
	.organisation_count = 1},
    {.name = "StartCom", .state = OPERATOR_NORMAL},
    {.name = "Partner", .partners = PARTNERS, .partner_count = 1},
};
#define NOBODY -1

static const struct check_operator *
operator_at(int number)
{
	return number == NOBODY ? NULL : &operators[number];
}

static const struct {
	const char *what;
	enum operator_state state;
	bool announced;
	int signer;
	const char *spec;
	int level; /* -1: no finding */
} INTERMEDIATES[] = {
    {"normal", OPERATOR_NORMAL, false, 0, "role=ca", LEVEL_NOTICE},
    {"probation", OPERATOR_PROBATION, false, 0, "role=ca", LEVEL_ERROR},
    {"distrusted", OPERATOR_DISTRUSTED, false, 0, "role=ca", LEVEL_ERROR},
    {"idle", OPERATOR_IDLE, false, 0, "role=ca", LEVEL_NOTICE},
    {"announced", OPERATOR_PROBATION, true, 0, "role=ca", LEVEL_NOTICE},
    {"nobody's", OPERATOR_NORMAL, false, NOBODY, "role=ca", -1},
    {"a root", OPERATOR_NORMAL, false, 0, "role=root", -1},
    {"a leaf", OPERATOR_NORMAL, false, 0, "", -1},
};

START_TEST(new_intermediates)
{
	struct world *world = world_new();
	struct check_history history = world_history(world);
	struct sample *sample = world_add(world, INTERMEDIATES[_i].spec);
	struct findings findings;
	struct arena arena;
	struct buf json;

	arena_init(&arena);
	findings_init(&findings, &arena);
	memcpy(announced[0], sample->spec.key->key_hash, 32);
	operators[0].state = INTERMEDIATES[_i].state;
	operators[0].announced = (const uint8_t(*)[32])announced;
	operators[0].announced_count = INTERMEDIATES[_i].announced;
	sample->judged.signer = operator_at(INTERMEDIATES[_i].signer);
	checks_run_ca(&sample->judged, &history, &findings);
	ck_assert_msg(
	    world_count(&findings, "new-intermediate") == (INTERMEDIATES[_i].level >= 0),
	    "%s", INTERMEDIATES[_i].what);
	if (INTERMEDIATES[_i].level >= 0) {
		ck_assert_int_eq((int)findings.rows[0]->level, INTERMEDIATES[_i].level);
		ck_assert_int_eq(findings.rows[0]->subject, SUBJECT_CA);
		json = world_evidence(&findings, "new-intermediate");
		ck_assert_ptr_nonnull(strstr(buf_text(&json), "\"new_key\":true"));
		buf_free(&json);
	}
	arena_free(&arena);
	world_free(world);
}
END_TEST

static const struct {
	const char *what;
	enum operator_state state; /* of the subject's */
	int owner, first_signer, second_signer;
	const char *first, *second;
	int level; /* -1: no finding */
} CROSSES[] = {
    {"by another operator", OPERATOR_NORMAL, 0, 0, 1, "role=ca", "role=ca signer=rsa2048",
	LEVEL_WARNING},
    {"of a sanctioned operator", OPERATOR_DISTRUSTED, 0, 0, 1, "role=ca",
	"role=ca signer=rsa2048", LEVEL_ERROR},
    {"by nobody watched", OPERATOR_NORMAL, 0, 0, NOBODY, "role=ca",
	"role=ca signer=rsa2048", LEVEL_WARNING},
    {"by its own operator", OPERATOR_DISTRUSTED, 0, 0, 0, "role=ca",
	"role=ca signer=rsa2048", LEVEL_NOTICE},
    {"of a root", OPERATOR_NORMAL, 0, 0, 1, "role=root", "role=ca signer=rsa2048",
	LEVEL_WARNING},
    {"renewed by the same key", OPERATOR_NORMAL, 0, 0, 0, "role=ca", "role=ca days=50",
	-1},
    {"another key", OPERATOR_NORMAL, 0, 0, 1, "role=ca", "role=ca keyno=3 signer=rsa2048",
	-1},
};

START_TEST(cross_signs)
{
	struct world *world = world_new();
	struct check_history history = world_history(world);
	struct findings findings;
	struct sample *second;
	struct arena arena;

	arena_init(&arena);
	findings_init(&findings, &arena);
	operators[0].state = CROSSES[_i].state;
	world_add(world, CROSSES[_i].first)->judged.signer =
	    operator_at(CROSSES[_i].first_signer);
	world->owners[0] = operator_at(CROSSES[_i].owner);
	second = world_add(world, CROSSES[_i].second);
	second->judged.signer = operator_at(CROSSES[_i].second_signer);
	checks_run_ca(&second->judged, &history, &findings);
	ck_assert_msg(world_count(&findings, "cross-sign") == (CROSSES[_i].level >= 0),
	    "%s", CROSSES[_i].what);
	for (size_t i = 0; i < findings.count; i++)
		if (strcmp(findings.rows[i]->check->id, "cross-sign") == 0)
			ck_assert_msg((int)findings.rows[i]->level == CROSSES[_i].level,
			    "%s", CROSSES[_i].what);
	arena_free(&arena);
	world_free(world);
}
END_TEST

/* --- unexpected-operator
 * ------------------------------------------------------------------ */

static const struct {
	const char *what, *spec;
	int signer;
	const char *subrule; /* NULL: nothing */
} STRANGERS[] = {
    {"its own host", "ocsp=http://ocsp.wosign.example/a", 0, NULL},
    {"another's OCSP host", "ocsp=http://ocsp.wosign.example/a", 1, "infrastructure"},
    {"another's issuer host", "ca=http://WOSIGN.example:80/a", 1, "infrastructure"},
    {"another's CRL host", "crl=http://crls.wosign.example/a.crl", 1, "infrastructure"},
    {"a host that only ends so", "ocsp=http://notwosign.example/a", 1, NULL},
    {"another's policy", "policies=1.3.6.1.4.1.36305.2", 1, "infrastructure"},
    {"an arc that only begins so", "policies=1.3.6.1.4.1.363055", 1, NULL},
    {"another's name", "'issuer=/O=WOSIGN CA limited/CN=x'", 1, "issuer-name"},
    {"its own name", "'issuer=/O=WoSign CA Limited/CN=x'", 0, NULL},
    {"a partner's host", "ocsp=http://ocsp.wosign.example/a", 2, NULL},
    {"nobody's", "ocsp=http://ocsp.wosign.example/a", NOBODY, NULL},
};

START_TEST(strangers)
{
	struct world *world = world_new();
	struct check_history history = world_history(world);
	struct sample *sample = world_add(world, STRANGERS[_i].spec);
	struct findings findings;
	struct arena arena;

	arena_init(&arena);
	findings_init(&findings, &arena);
	sample->params.operators = operators;
	sample->params.operator_count = ARRAY_LEN(operators);
	sample->judged.signer = operator_at(STRANGERS[_i].signer);
	checks_run_history(&sample->judged, &history, &findings);
	ck_assert_msg(world_count(&findings, "unexpected-operator") ==
		(STRANGERS[_i].subrule != NULL),
	    "%s", STRANGERS[_i].what);
	if (STRANGERS[_i].subrule != NULL)
		ck_assert_str_eq(findings.rows[0]->subrule->name, STRANGERS[_i].subrule);
	arena_free(&arena);
	world_free(world);
}
END_TEST

/* One key and one set of names, certified by two operators in a day. */
START_TEST(twins_of_two_operators)
{
	static const struct {
		const char *second;
		int signer;
		size_t findings;
	} ROWS[] = {
	    {"signer=rsa2048 hi=2026-04-02", 1, 1},
	    {"signer=rsa2048 hi=2026-04-02T00:00:01Z", 1, 0},
	    {"signer=rsa2048 hi=2026-04-01T12:00:00Z", 0, 0},
	    {"signer=rsa2048 hi=2026-04-01T12:00:00Z keyno=2", 1, 0},
	    {"signer=rsa2048 hi=2026-04-01T12:00:00Z dns=b.example", 1, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct world *world = world_new();
		struct check_history history = world_history(world);
		struct findings findings;
		struct sample *sample;
		struct arena arena;

		arena_init(&arena);
		findings_init(&findings, &arena);
		world_add(world, "hi=2026-04-01")->judged.signer = &operators[0];
		sample = world_add(world, ROWS[i].second);
		sample->judged.signer = operator_at(ROWS[i].signer);
		checks_run_history(&sample->judged, &history, &findings);
		ck_assert_msg(
		    world_count(&findings, "unexpected-operator") == ROWS[i].findings,
		    "%s", ROWS[i].second);
		arena_free(&arena);
		world_free(world);
	}
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("history");

	mutate_as_asked();
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, groups_of_one_serial, 0, UNIT_COUNT(GROUPS));
	tcase_add_test(tcase, three_hundred_and_thirteen);
	tcase_add_test(tcase, unverified_members_do_not_count);
	tcase_add_test(tcase, algorithms_of_the_issuers_key);
	tcase_add_loop_test(tcase, finals_keep_their_promise, 0, UNIT_COUNT(MISMATCHES));
	tcase_add_loop_test(tcase, new_intermediates, 0, UNIT_COUNT(INTERMEDIATES));
	tcase_add_loop_test(tcase, cross_signs, 0, UNIT_COUNT(CROSSES));
	tcase_add_loop_test(tcase, strangers, 0, UNIT_COUNT(STRANGERS));
	tcase_add_test(tcase, twins_of_two_operators);
	return unit_run("history", tcase);
}
