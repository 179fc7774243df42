/* Findings: their ids, their evidence as JSON, what is counted, what a log is
 * missing, and whom a name concerns. */
#include "tests/lib/mutate.h"
#include "tests/lib/unit.h"
#include "tests/lib/world.h"

#include <jansson.h>

#include "check/run.h"

static json_t *
evidence(const struct finding *finding)
{
	struct buf text;
	json_error_t error;
	json_t *root;

	buf_init(&text, 1 << 20);
	ck_assert(finding_evidence_json(finding, &text));
	root = json_loadb((const char *)text.data, text.len, 0, &error);
	ck_assert_msg(root != NULL, "%s: %s", error.text, buf_text(&text));
	buf_free(&text);
	return root;
}

static const struct finding *
find(const struct findings *findings, const char *check)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->rows[i]->check->id, check) == 0)
			return findings->rows[i];
	return NULL;
}

static const char *
text_of(json_t *root, const char *key)
{
	const char *text = json_string_value(json_object_get(root, key));

	ck_assert_msg(text != NULL, "%s", key);
	return text;
}

START_TEST(the_base_record)
{
	struct judged_sighting seen = {.index = 7, .timestamp_ms = 1776000000000};
	const struct finding *finding;
	struct findings findings;
	struct sample sample;
	json_t *root;

	sample_make(
	    &sample, "key=sm2 subject=/C=CN/CN=a.example dns=a.example serial=0102");
	sample.judged.sightings = &seen;
	sample.judged.sighting_count = 1;
	findings_init(&findings, &sample.arena);
	checks_run_certificate(&sample.judged, &findings);
	finding = find(&findings, "ec-curve-not-allowed");
	ck_assert_ptr_nonnull(finding);
	root = evidence(finding);
	ck_assert_str_eq(text_of(root, "subrule"), "tls");
	ck_assert_str_eq(text_of(root, "level"), "error");
	ck_assert_str_eq(text_of(root, "time_basis"), "nb");
	ck_assert_str_eq(text_of(root, "outcome"), "fail");
	ck_assert_str_eq(text_of(root, "serial"), "0102");
	ck_assert_str_eq(text_of(root, "subject"), "C=CN, CN=a.example");
	ck_assert_str_eq(text_of(root, "not_before"), "2026-04-01T00:00:00Z");
	ck_assert_uint_eq(strlen(text_of(root, "sha256")), 64);
	ck_assert_uint_eq(strlen(text_of(root, "tbs_sha256")), 64);
	ck_assert_uint_eq(strlen(text_of(root, "normal_tbs_sha256")), 64);
	ck_assert_uint_eq(strlen(text_of(root, "issuer_spki_sha256")), 64);
	ck_assert_int_eq(json_integer_value(json_object_get(root, "names")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "sightings")), 1);
	ck_assert_str_eq(text_of(json_object_get(root, "details"), "curve_oid"),
	    "1.2.156.10197.1.301");
	ck_assert_uint_gt(finding->len, 0); /* the field's bytes are those of the DER */
	ck_assert_str_eq(text_of(root, "field"), "06082a811ccf5501822d");
	ck_assert_mem_eq(sample.der.data + finding->offset, "\x06\x08\x2a\x81\x1c", 5);
	json_decref(root);
	sample_free(&sample);
}
END_TEST

/* Hostile text arrives harmless, and as valid JSON. */
START_TEST(hostile_text)
{
	const struct finding *finding;
	struct findings findings;
	struct sample sample;
	json_t *root;

	sample_make(&sample,
	    "subject=/CN=x sanhex=2:1b5b33316d0022c3285c7d sanhex=2:e280ae6d6f63ff0a");
	findings_init(&findings, &sample.arena);
	checks_run_certificate(&sample.judged, &findings);
	finding = find(&findings, "dns-not-ia5");
	ck_assert_ptr_nonnull(finding);
	for (const char *at = finding->message; *at != 0; at++)
		ck_assert_msg(*at >= ' ' && *at < 0x7f, "%s", finding->message);
	root = evidence(finding);
	json_decref(root);
	sample_free(&sample);
}
END_TEST

START_TEST(ids_are_of_the_content)
{
	uint8_t a[FINDING_ID_LEN], b[FINDING_ID_LEN];
	struct bytes key = bytes_text("key");
	char hex[2 * FINDING_ID_LEN + 1];

	finding_id(SUBJECT_CERTIFICATE, key, "check", "rule", a);
	finding_id(SUBJECT_CERTIFICATE, key, "check", "rule", b);
	ck_assert_mem_eq(a, b, sizeof(a));
	finding_id(SUBJECT_CA, key, "check", "rule", b);
	ck_assert_mem_ne(a, b, sizeof(a));
	finding_id(SUBJECT_CERTIFICATE, bytes_text("keyc"), "heck", "rule", b);
	ck_assert_mem_ne(a, b, sizeof(a));
	finding_id(SUBJECT_CERTIFICATE, key, "checkr", "ule", b);
	ck_assert_mem_ne(a, b, sizeof(a));
	/* sha256("certificate\0" 00000003 "key" "check\0" "rule\0") */
	ck_assert_str_eq(
	    hex_format(a, sizeof(a), hex), "4ec2cc060015f68199e0b6f79e5c240e");
}
END_TEST

START_TEST(repeats_are_one_finding)
{
	const struct finding *finding;
	struct findings findings;
	struct sample sample;

	sample_make(&sample, "sanhex=2:80 sanhex=2:81 sanhex=2:82");
	findings_init(&findings, &sample.arena);
	checks_run_certificate(&sample.judged, &findings);
	finding = find(&findings, "dns-not-ia5");
	ck_assert_ptr_nonnull(finding);
	ck_assert_uint_eq(finding->times, 3);
	checks_run_certificate(&sample.judged, &findings);
	for (size_t i = 0; i < findings.count; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert_mem_ne(
			    findings.rows[i]->id, findings.rows[j]->id, FINDING_ID_LEN);
	sample_free(&sample);
}
END_TEST

START_TEST(checks_can_be_off)
{
	struct findings findings;
	struct sample sample;
	size_t number;

	sample_make(&sample, "key=sm2");
	ck_assert_ptr_nonnull(check_find("ec-curve-not-allowed", &number));
	sample.params.off[number] = true;
	findings_init(&findings, &sample.arena);
	checks_run_certificate(&sample.judged, &findings);
	ck_assert_ptr_null(find(&findings, "ec-curve-not-allowed"));
	sample_free(&sample);
}
END_TEST

/* Lists of keys: compromised ones at any time, Debian's with the ballot's date. */
START_TEST(listed_keys)
{
	static const struct {
		const char *spec;
		bool listed;
		const char *debian; /* sub-rule */
	} ROWS[] = {
	    {"key=rsa2048 keyno=1", true, "br"},
	    {"key=rsa2048 keyno=1 nb=2024-11-14T23:59:59Z", true, "before"},
	    {"key=rsa2048 keyno=1 nb=2024-11-15", true, "br"},
	    {"key=rsa2048 keyno=2", false, NULL},
	};
	uint8_t hashes[3][32] = {{0}, {0}, {0xff}};
	const struct finding *finding;

	memcpy(hashes[1], make_key(MAKE_KEY_RSA2048, 1)->key_hash, 32);
	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct check_key_list list = {.hashes = (const uint8_t(*)[32])hashes,
		    .count = 3,
		    .version = "test"};
		struct findings findings;
		struct sample sample;

		sample_make(&sample, ROWS[i].spec);
		sample.params.weak_keys = list;
		sample.params.blocked_keys = list;
		findings_init(&findings, &sample.arena);
		checks_run_certificate(&sample.judged, &findings);
		ck_assert((find(&findings, "compromised-key") != NULL) == ROWS[i].listed);
		finding = find(&findings, "debian-weak-key");
		ck_assert((finding != NULL) == ROWS[i].listed);
		if (finding != NULL)
			ck_assert_str_eq(finding->subrule->name, ROWS[i].debian);
		ck_assert_uint_eq(
		    world_count(&findings, "debian-weak-key"), ROWS[i].listed);
		sample_free(&sample);
	}
}
END_TEST

/* --- statistics ---------------------------------------------------------------- */

static unsigned
counted(const struct findings *findings, enum count_basis basis, const char *day,
    const char *name)
{
	int64_t want = sample_date(day) / 86400;
	unsigned sum = 0;

	for (size_t i = 0; i < findings->count_count; i++)
		if (findings->counts[i].basis == basis &&
		    findings->counts[i].day == want &&
		    strcmp(findings->counts[i].name, name) == 0)
			sum += findings->counts[i].by;
	return sum;
}

START_TEST(rows_are_counted)
{
	struct findings findings;
	struct sample sample;

	sample_make(&sample,
	    "nb=2016-01-03T23:59:59Z days=370 sig=sha1 signer=rsa2048 "
	    "subject=/C=CN/CN=www.example.org scts=2016-01-05T01:00:00Z");
	findings_init(&findings, &sample.arena);
	checks_run_certificate(&sample.judged, &findings);
	checks_count(&sample.judged, &findings);
	ck_assert_uint_eq(counted(&findings, COUNT_NB, "2016-01-03", "issued"), 1);
	ck_assert_uint_eq(counted(&findings, COUNT_SEEN, "2016-01-05", "issued"), 1);
	ck_assert_uint_eq(
	    counted(&findings, COUNT_NB, "2016-01-03", "issued.sigalg.sha1RSA"), 1);
	ck_assert_uint_eq(
	    counted(&findings, COUNT_NB, "2016-01-03", "issued.key.P-256"), 1);
	ck_assert_uint_eq(
	    counted(&findings, COUNT_NB, "2016-01-03", "issued.policy.dv"), 1);
	ck_assert_uint_eq(
	    counted(&findings, COUNT_NB, "2016-01-03", "issued.validity.398d"), 1);
	ck_assert_uint_eq(
	    counted(&findings, COUNT_NB, "2016-01-03", "issued.names.1"), 1);
	ck_assert_uint_eq(
	    counted(&findings, COUNT_NB, "2016-01-03", "issued.country.CN"), 1);
	ck_assert_mem_eq(
	    findings.counts[0].issuer_key, sample.spec.issuer_key->key_hash, 32);
	sample_free(&sample);
}
END_TEST

/* A signer nobody knows has no row, a country nobody knows no name. */
START_TEST(unknown_things_are_not_counted_by_name)
{
	struct findings findings;
	struct sample sample;

	sample_make(&sample, "subject=/C=q/CN=www.example.org");
	findings_init(&findings, &sample.arena);
	checks_count(&sample.judged, &findings);
	ck_assert_uint_eq(
	    counted(&findings, COUNT_NB, "2026-04-01", "issued.country.other"), 1);
	findings_init(&findings, &sample.arena);
	sample.judged.issuer_key_hash = NULL;
	checks_count(&sample.judged, &findings);
	ck_assert_uint_eq(findings.count_count, 0);
	sample_free(&sample);
}
END_TEST

/* --- logs ------------------------------------------------------------------------ */

START_TEST(gaps_of_a_log)
{
	const struct judged_gap gaps[] = {
	    {10, 20, GAP_NOT_READ}, {50, 51, GAP_NOT_PARSED}};
	struct judged_log log = {.log_id = {1},
	    .name = "test log",
	    .tree_size = 100,
	    .verified = 90,
	    .gaps = gaps,
	    .gap_count = 2};
	struct check_params params;
	struct findings findings;
	struct arena arena;
	json_t *root;

	arena_init(&arena);
	check_params_defaults(&params);
	findings_init(&findings, &arena);
	checks_run_log(&log, &params, &findings);
	ck_assert_uint_eq(findings.count, 1);
	ck_assert_int_eq(findings.rows[0]->subject, SUBJECT_LOG);
	ck_assert_ptr_nonnull(strstr(findings.rows[0]->message, "11 of 100"));
	root = evidence(findings.rows[0]);
	ck_assert_uint_eq(
	    json_array_size(json_object_get(json_object_get(root, "details"), "gaps")),
	    2);
	json_decref(root);
	findings_init(&findings, &arena);
	log.gap_count = 0;
	checks_run_log(&log, &params, &findings);
	ck_assert_uint_eq(findings.count, 0);
	ck_assert_uint_eq(findings.closure_count, 1);
	arena_free(&arena);
}
END_TEST

/* Due to the millisecond; one finding for each log and leaf. */
START_TEST(a_promise_is_broken_when_its_time_is_up)
{
	struct judged_promise promise = {.log_id = {1},
	    .leaf_hash = {2},
	    .name = "test log",
	    .broken = BROKEN_OTHER_LEAF,
	    .sct = bytes_text("sct"),
	    .timestamp_ms = 1000000,
	    .mmd_ms = 60000,
	    .index = 7,
	    .tree_size = 100,
	    .head_ms = 1059999};
	struct check_params params;
	struct findings findings;
	struct arena arena;
	json_t *root, *details;
	uint8_t id[FINDING_ID_LEN];
	size_t number;

	arena_init(&arena);
	check_params_defaults(&params);
	findings_init(&findings, &arena);
	checks_run_promise(&promise, &params, &findings);
	ck_assert_uint_eq(findings.count, 0);
	promise.head_ms++;
	checks_run_promise(&promise, &params, &findings);
	ck_assert_uint_eq(findings.count, 1);
	ck_assert_str_eq(findings.rows[0]->subrule->name, "other-leaf");
	ck_assert_int_eq(findings.rows[0]->level, LEVEL_ERROR);
	ck_assert_uint_eq(findings.rows[0]->subject_key.len, 64);
	memcpy(id, findings.rows[0]->id, sizeof(id));
	root = evidence(findings.rows[0]);
	details = json_object_get(root, "details");
	ck_assert_int_eq(json_integer_value(json_object_get(details, "leaf_index")), 7);
	json_decref(root);
	promise.head_ms += 1000;
	checks_run_promise(&promise, &params, &findings); /* the same */
	ck_assert_uint_eq(findings.count, 1);
	promise.leaf_hash[0]++;
	checks_run_promise(&promise, &params, &findings);
	ck_assert_uint_eq(findings.count, 2);
	ck_assert_mem_ne(id, findings.rows[1]->id, sizeof(id));
	ck_assert_ptr_nonnull(check_find("sct-not-included", &number));
	params.off[number] = true;
	promise.leaf_hash[0]++;
	checks_run_promise(&promise, &params, &findings);
	ck_assert_uint_eq(findings.count, 2);
	arena_free(&arena);
}
END_TEST

/* --- whom it concerns -----------------------------------------------------------------
 */

static const struct {
	const char *what;
	bool has_allowed, allowed;
	const char *check; /* NULL: nothing */
} WATCHES[] = {
    {"no list", false, true, "watched-name"},
    {"expected", true, true, NULL},
    {"not expected", true, false, "unexpected-issuer"},
};

START_TEST(owners_are_told)
{
	struct judged_watch watch = {.domain = bytes_text("example.org"),
	    .matched = bytes_text("www.example.org"),
	    .how = "below",
	    .has_allowed = WATCHES[_i].has_allowed,
	    .allowed = WATCHES[_i].allowed};
	struct findings findings;
	struct sample sample;

	sample_make(&sample, "");
	findings_init(&findings, &sample.arena);
	sample.judged.watches = &watch;
	sample.judged.watch_count = 1;
	checks_run_certificate(&sample.judged, &findings);
	ck_assert_msg((find(&findings, "watched-name") != NULL) ==
		(WATCHES[_i].check != NULL &&
		    strcmp(WATCHES[_i].check, "watched-name") == 0),
	    "%s", WATCHES[_i].what);
	ck_assert_msg((find(&findings, "unexpected-issuer") != NULL) ==
		(WATCHES[_i].check != NULL &&
		    strcmp(WATCHES[_i].check, "unexpected-issuer") == 0),
	    "%s", WATCHES[_i].what);
	sample_free(&sample);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("findings");

	mutate_as_asked();
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_base_record);
	tcase_add_test(tcase, hostile_text);
	tcase_add_test(tcase, ids_are_of_the_content);
	tcase_add_test(tcase, repeats_are_one_finding);
	tcase_add_test(tcase, checks_can_be_off);
	tcase_add_test(tcase, listed_keys);
	tcase_add_test(tcase, rows_are_counted);
	tcase_add_test(tcase, unknown_things_are_not_counted_by_name);
	tcase_add_test(tcase, gaps_of_a_log);
	tcase_add_test(tcase, a_promise_is_broken_when_its_time_is_up);
	tcase_add_loop_test(tcase, owners_are_told, 0, UNIT_COUNT(WATCHES));
	return unit_run("findings", tcase);
}
