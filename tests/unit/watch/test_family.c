/* CA families: who belongs, what makes a candidate, how a snapshot grows, and
 * which issuers an owner expects. */
#include "watch/watch.h"

#include "tests/lib/make_cert.h"
#include "tests/lib/unit.h"
#include "x509/cert.h"

static const uint8_t KEYS[2][WATCH_KEY_LEN] = {{1}, {2}};
static const uint8_t SHARED[1][WATCH_KEY_LEN] = {{2}};
static const uint8_t NEW[WATCH_KEY_LEN] = {9};

static const char *const SUBJECTS[] = {"CN=Root G2, O=WoSign CA  Limited, C=CN"};
static const char *const ORGANISATIONS[] = {"StartCom Ltd."};
static const char *const ALLOWED[] = {"Let's  Encrypt", "WoSign",
    "0900000000000000000000000000000000000000000000000000000000000000"};

static const char *const QUIET[] = {"Content Network",
    "0700000000000000000000000000000000000000000000000000000000000000"};
static const struct watch_policy POLICY = {
    .suppress = QUIET, .suppress_count = 2, .profiles = WATCH_OV | WATCH_EV, .quota = 12};

static struct watch_set *
build(void)
{
	const struct watch_domain_row domains[] = {
	    {.name = "a.example", .allowed_issuers = ALLOWED, .allowed_count = 3},
	    {.name = "b.example", .allowed_issuers = ALLOWED, .allowed_count = 3},
	    {.name = "c.example", .policy = &POLICY},
	};
	const struct watch_ca_row cas[] = {
	    {.name = "WoSign",
		.keys = KEYS,
		.key_count = 2,
		.subjects = SUBJECTS,
		.subject_count = 1,
		.since_ms = 5,
		.generation = 3},
	    {.name = "StartCom",
		.keys = SHARED,
		.key_count = 1,
		.organisations = ORGANISATIONS,
		.organisation_count = 1},
	};
	struct err err = {0};
	struct watch_set *set = watch_set_new(domains, 3, cas, 2, &err);

	ck_assert_msg(set != NULL, "%s", err.text);
	return set;
}

/* A DER Name out of a certificate made for it. */
static struct buf
name_of(const char *subject)
{
	struct make_spec spec = {
	    .key = make_key(MAKE_KEY_P256, 0), .subject = subject, .not_after = 86400};
	struct buf der = make_cert(&spec), out;
	struct cert cert;

	ck_assert(cert_parse(buf_bytes(&der), &cert));
	buf_init(&out, 10000);
	buf_append_bytes(&out, cert.subject);
	buf_free(&der);
	return out;
}

START_TEST(keys_match)
{
	struct watch_set *set = build();
	struct watch_matches out;
	struct arena arena;

	arena_init(&arena);
	watch_matches_init(&out, &arena);
	watch_set_match_key(set, KEYS[0], WATCH_ISSUER_KEY, &out);
	ck_assert_uint_eq(out.count, 1);
	ck_assert_uint_eq(out.rows[0].watch, 3); /* behind the three domains */
	watch_set_match_key(set, KEYS[1], WATCH_CHAIN_KEY, &out);
	ck_assert_uint_eq(out.count, 2); /* the first row stays: it is stronger */
	ck_assert_int_eq(out.rows[0].how, WATCH_ISSUER_KEY);
	ck_assert_int_eq(out.rows[1].how, WATCH_CHAIN_KEY);
	watch_matches_init(&out, &arena);
	watch_set_match_key(set, NEW, WATCH_ISSUER_KEY, &out);
	ck_assert_uint_eq(out.count, 0);
	ck_assert(watch_set_family_has(set, 3, KEYS[1]));
	ck_assert(!watch_set_family_has(set, 4, KEYS[0]));
	ck_assert(!watch_set_family_has(set, 0, KEYS[0]));
	arena_free(&arena);
	watch_set_unref(set);
}
END_TEST

static const struct {
	const char *what, *issuer, *key_id;
	int watch; /* -1: nobody */
	enum watch_how how;
} ISSUERS[] = {
    {"subject", "/C=CN/O=WoSign CA Limited/CN=Root G2", "", 3, WATCH_ISSUER_NAME},
    {"the other way round", "/CN=Root G2/O=WoSign CA Limited/C=CN", "", 3,
	WATCH_ISSUER_NAME},
    {"case and spaces", "/C=cn/O=WOSIGN CA  LIMITED/CN= root g2", "", 3,
	WATCH_ISSUER_NAME},
    {"one attribute more", "/C=CN/O=WoSign CA Limited/OU=x/CN=Root G2", "", -1, 0},
    {"organisation", "/C=IL/O=startcom ltd./CN=Any", "", 4, WATCH_ORGANISATION},
    {"organisation elsewhere", "/C=IL/O=x/CN=StartCom Ltd.", "", -1, 0},
    {"nothing", "", "", -1, 0},
    {"key id", "/CN=whatever", "keyid", 3, WATCH_AUTHORITY},
    {"another key id", "/CN=whatever", "keyi", -1, 0},
};

START_TEST(issuers_are_candidates)
{
	struct watch_set *old = build(), *set;
	struct buf issuer = name_of(ISSUERS[_i].issuer);
	struct watch_matches out;
	struct arena arena;

	set = watch_set_with_key(old, 3, NEW, bytes_of(NULL, 0), bytes_text("keyid"));
	arena_init(&arena);
	watch_matches_init(&out, &arena);
	watch_set_match_issuer(
	    set, buf_bytes(&issuer), bytes_text(ISSUERS[_i].key_id), &out);
	ck_assert_msg(out.count == (ISSUERS[_i].watch >= 0), "%s", ISSUERS[_i].what);
	if (out.count > 0) {
		ck_assert_int_eq((int)out.rows[0].watch, ISSUERS[_i].watch);
		ck_assert_int_eq(out.rows[0].how, ISSUERS[_i].how);
	}
	arena_free(&arena);
	buf_free(&issuer);
	watch_set_unref(set);
	watch_set_unref(old);
}
END_TEST

START_TEST(a_snapshot_grows_into_another)
{
	struct watch_set *old = build(), *set, *again;
	struct buf subject = name_of("/O=New/CN=Sub CA");
	struct watch_info before, after;
	struct watch_matches out;
	struct arena arena;

	set = watch_set_with_key(old, 4, NEW, buf_bytes(&subject), bytes_text("id"));
	ck_assert_ptr_ne(set, old);
	ck_assert(watch_set_family_has(set, 4, NEW));
	ck_assert(!watch_set_family_has(old, 4, NEW));
	ck_assert(!watch_set_family_has(set, 3, NEW));
	again = watch_set_with_key(set, 4, NEW, buf_bytes(&subject), bytes_text("id"));
	ck_assert_ptr_eq(again, set); /* nothing new */
	watch_set_info(old, 4, &before);
	watch_set_info(set, 4, &after);
	ck_assert(after.is_ca && bytes_equal(after.name, bytes_text("StartCom")));
	ck_assert_mem_eq(before.id, after.id, WATCH_ID_LEN);
	watch_set_unref(old); /* the domain table is shared, and stays */
	arena_init(&arena);
	watch_matches_init(&out, &arena);
	watch_set_match_issuer(set, buf_bytes(&subject), bytes_of(NULL, 0), &out);
	ck_assert_uint_eq(out.count, 1);
	watch_set_match_name(set, bytes_text("a.example"), &out);
	ck_assert_uint_eq(out.count, 2);
	arena_free(&arena);
	watch_set_unref(again);
	watch_set_unref(set);
	buf_free(&subject);
}
END_TEST

static const struct {
	const char *what, *issuer;
	const uint8_t *key;
	uint32_t watch;
	bool allowed;
} EXPECTED[] = {
    {"organisation", "/C=US/O=let's encrypt/CN=R3", NULL, 0, true},
    {"common name", "/CN=Let's Encrypt", NULL, 1, true},
    {"another", "/C=US/O=Other", NULL, 0, false},
    {"no list", "/C=US/O=Other", NULL, 2, true},
    {"a key", "/C=US/O=Other", NEW, 0, true},
    {"a watched family", "/O=Other", KEYS[1], 0, true},
    {"another family", "/O=Other", (const uint8_t[WATCH_KEY_LEN]){7}, 0, false},
    {"only part of the name", "/O=Let's Encrypt 2", NULL, 0, false},
};

START_TEST(owners_expect_issuers)
{
	struct watch_set *set = build();
	struct buf issuer = name_of(EXPECTED[_i].issuer);
	struct watch_info info;

	ck_assert_msg(watch_set_issuer_allowed(set, EXPECTED[_i].watch, EXPECTED[_i].key,
			  buf_bytes(&issuer)) == EXPECTED[_i].allowed,
	    "%s", EXPECTED[_i].what);
	watch_set_info(set, EXPECTED[_i].watch, &info);
	ck_assert(info.has_allowed == (EXPECTED[_i].watch < 2));
	buf_free(&issuer);
	watch_set_unref(set);
}
END_TEST

/* What is suppressed: by issuer, by the issuer's key, by the certificate's own. */
START_TEST(owners_want_to_hear_nothing)
{
	static const uint8_t LISTED[WATCH_KEY_LEN] = {7};
	struct watch_set *set = build();
	struct buf network = name_of("/O=content  network"), other = name_of("/O=Other");
	struct watch_policy policy;
	struct watch_info info;

	ck_assert(watch_set_suppressed(set, 2, NULL, buf_bytes(&network), NEW));
	ck_assert(watch_set_suppressed(set, 2, LISTED, buf_bytes(&other), NEW));
	ck_assert(watch_set_suppressed(set, 2, NULL, buf_bytes(&other), LISTED));
	ck_assert(!watch_set_suppressed(set, 2, NEW, buf_bytes(&other), NEW));
	ck_assert(!watch_set_suppressed(set, 0, LISTED, buf_bytes(&network), LISTED));
	ck_assert(!watch_set_suppressed(set, 3, LISTED, buf_bytes(&network), LISTED));
	watch_set_info(set, 2, &info);
	ck_assert(!info.has_allowed);
	ck_assert(watch_set_issuer_allowed(set, 2, NULL, buf_bytes(&other)));
	watch_set_policy(set, 2, &policy);
	ck_assert_uint_eq(policy.profiles, WATCH_OV | WATCH_EV);
	ck_assert_uint_eq(policy.quota, 12);
	watch_set_policy(set, 0, &policy);
	ck_assert_uint_eq(policy.quota, 0);
	buf_free(&network);
	buf_free(&other);
	watch_set_unref(set);
}
END_TEST

/* The keys of one family, and no other's. */
START_TEST(keys_are_listed)
{
	struct watch_set *set = build();
	size_t at = 0;

	ck_assert_mem_eq(watch_set_next_key(set, 3, &at), KEYS[0], WATCH_KEY_LEN);
	ck_assert_mem_eq(watch_set_next_key(set, 3, &at), KEYS[1], WATCH_KEY_LEN);
	ck_assert_ptr_null(watch_set_next_key(set, 3, &at));
	at = 0;
	ck_assert_mem_eq(watch_set_next_key(set, 4, &at), SHARED[0], WATCH_KEY_LEN);
	ck_assert_ptr_null(watch_set_next_key(set, 4, &at));
	at = 0;
	ck_assert_ptr_null(watch_set_next_key(set, 0, &at));
	watch_set_unref(set);
}
END_TEST

/* What imitates a watched name; watched ones match as themselves. */
static const struct {
	const char *name;
	int how; /* -1: no match */
	uint32_t watch;
} LOOKS[] = {
    {"xn--bnk-6cd.example", WATCH_LOOKALIKE, 0},     /* bаnk, Cyrillic a */
    {"www.XN--BNK-6CD.example", WATCH_LOOKALIKE, 0}, /* and below it */
    {"xn--80ab4cl.example", -1, 0},                  /* all Cyrillic, another word */
    {"bank.example", WATCH_EQUAL, 0}, {"a.bank.example", WATCH_BELOW, 0},
    {"mybank.example", -1, 0}, {"rnodel.example.example", WATCH_LOOKALIKE, 1},
    {"rnodel.example", -1, 0}, {"a.m0de1.example.example", WATCH_LOOKALIKE, 1},
    {"model.exarnple.example", WATCH_LOOKALIKE, 1}, {"m0del.example", -1, 0},
    {"0ther.example", -1, 0}, /* its owner did not ask */
};

START_TEST(imitations_match)
{
	static const struct watch_policy GUARDED = {.lookalikes = true};
	static const struct watch_domain_row ROWS[] = {
	    {.name = "bank.example", .policy = &GUARDED},
	    {.name = "model.example.example", .policy = &GUARDED},
	    {.name = "other.example"},
	};
	struct err err = {0};
	struct watch_set *set = watch_set_new(ROWS, ARRAY_LEN(ROWS), NULL, 0, &err);
	struct watch_matches out;
	struct arena arena;

	ck_assert_msg(set != NULL, "%s", err.text);
	arena_init(&arena);
	watch_matches_init(&out, &arena);
	watch_set_match_name(set, bytes_text(LOOKS[_i].name), &out);
	ck_assert_msg(out.count == (LOOKS[_i].how >= 0), "%s", LOOKS[_i].name);
	if (out.count > 0) {
		ck_assert_int_eq(out.rows[0].how, LOOKS[_i].how);
		ck_assert_uint_eq(out.rows[0].watch, LOOKS[_i].watch);
	}
	arena_free(&arena);
	watch_set_unref(set);
}
END_TEST

START_TEST(bad_rows_are_refused)
{
	static const char *const BAD[] = {"no equals sign"};
	const struct watch_ca_row twice[] = {{.name = "A"}, {.name = "A"}};
	const struct watch_ca_row subject = {
	    .name = "A", .subjects = BAD, .subject_count = 1};
	struct err err = {0};

	ck_assert_ptr_null(watch_set_new(NULL, 0, twice, 2, &err));
	ck_assert_int_eq(err.code, ERR_CONFIG);
	ck_assert_ptr_null(watch_set_new(NULL, 0, &subject, 1, &err));
	ck_assert_int_eq(err.code, ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text, "watched CA 'A'"));
}
END_TEST

static const struct {
	uint32_t number;
	int64_t since_ms;
	uint32_t generation;
} DATES[] = {{0, 0, 0}, {2, 1000, 4}, {3, INT64_C(1) << 40, 5}, {4, 7, UINT32_MAX}};

/* One watch is dated, and no other. */
START_TEST(a_watch_is_dated)
{
	struct watch_set *set = build(), *plain = build();
	struct watch_info info, was;

	watch_set_date(set, DATES[_i].number, DATES[_i].since_ms, DATES[_i].generation);
	for (uint32_t i = 0; i < watch_set_count(set); i++) {
		bool is_it = i == DATES[_i].number;

		watch_set_info(set, i, &info);
		watch_set_info(plain, i, &was);
		ck_assert_int_eq(
		    info.since_ms, is_it ? DATES[_i].since_ms : was.since_ms);
		ck_assert_uint_eq(
		    info.generation, is_it ? DATES[_i].generation : was.generation);
		ck_assert(bytes_equal(info.name, was.name));
	}
	watch_set_unref(set);
	watch_set_unref(plain);
}
END_TEST

START_TEST(nothing_watched_matches_nothing)
{
	struct watch_set *set = watch_set_new(NULL, 0, NULL, 0, NULL);
	struct watch_matches out;
	struct arena arena;

	ck_assert_ptr_nonnull(set);
	arena_init(&arena);
	watch_matches_init(&out, &arena);
	watch_set_match_name(set, bytes_text("*.example"), &out);
	watch_set_match_raw(set, bytes_text("a.example"), &out);
	watch_set_match_key(set, NEW, WATCH_ISSUER_KEY, &out);
	watch_set_match_issuer(set, bytes_of(NULL, 0), bytes_text("x"), &out);
	ck_assert_uint_eq(out.count, 0);
	ck_assert_uint_eq(watch_set_count(set), 0);
	arena_free(&arena);
	watch_set_unref(watch_set_ref(set));
	watch_set_unref(set);
	watch_set_unref(NULL);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("family");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, imitations_match, 0, ARRAY_LEN(LOOKS));
	tcase_add_test(tcase, owners_want_to_hear_nothing);
	tcase_add_test(tcase, keys_are_listed);
	tcase_add_test(tcase, keys_match);
	tcase_add_loop_test(tcase, issuers_are_candidates, 0, UNIT_COUNT(ISSUERS));
	tcase_add_test(tcase, a_snapshot_grows_into_another);
	tcase_add_loop_test(tcase, owners_expect_issuers, 0, UNIT_COUNT(EXPECTED));
	tcase_add_test(tcase, bad_rows_are_refused);
	tcase_add_loop_test(tcase, a_watch_is_dated, 0, UNIT_COUNT(DATES));
	tcase_add_test(tcase, nothing_watched_matches_nothing);
	return unit_run("family", tcase);
}
