/*
 * The re-created incident and the bench log: that they are what they say, by
 * the rooms' own parsers and verifiers, and by OpenSSL's.
 */
#include <jansson.h>
#include <openssl/x509.h>

#include "conf/conf.h"
#include "ctlog/sct_verify.h"
#include "merkle/hash.h"
#include "tests/lib/benchlog.h"
#include "tests/lib/incident.h"
#include "tests/lib/incident_priv.h"
#include "tests/lib/unit.h"
#include "x509/cert.h"
#include "x509/precert.h"

struct scene {
	struct testlog *logs[2];
	struct ct_log_set *known;
	struct incident *incident;
	json_t *manifest;
	json_t *by_tbs; /* the manifest's certificates, by their TBS */
};

static struct scene scene;

static struct testlog *
scene_log(const char *name, bool static_ct)
{
	struct testlog_options options = {
	    .name = name, .origin = "log.example/x", .static_ct = static_ct};
	struct err err = {0};
	struct testlog *log = testlog_new(&options, &err);
	struct ct_log_options known = {.name = name,
	    .kind = static_ct ? CT_LOG_STATIC : CT_LOG_RFC6962,
	    .key = testlog_key(log),
	    .url = "https://log.example/x/"};
	struct ct_log *ct_log = ct_log_new(&known, &err);

	ck_assert_msg(ct_log != NULL, "%s", err.text);
	ct_log_set_put(scene.known, ct_log);
	ct_log_free(ct_log);
	return log;
}

/* Once, for all tests: RSA keys take their time. */
static void
set_up(void)
{
	char *dir = unit_temp("incident"), *path = mem_format("%s/manifest.json", dir);
	struct err err = {0};
	size_t i;
	json_t *row;

	scene.known = ct_log_set_new();
	scene.logs[0] = scene_log("one", true);
	scene.logs[1] = scene_log("two", false);
	scene.incident = incident_new(scene.logs[0], scene.logs[1]);
	incident_history(scene.incident, 30);
	while (incident_live(scene.incident, 1795000000000) != NULL)
		continue;
	ck_assert_msg(incident_write(scene.incident, dir, &err), "%s", err.text);
	scene.manifest = json_load_file(path, 0, NULL);
	ck_assert_ptr_nonnull(scene.manifest);
	scene.by_tbs = json_object();
	json_array_foreach (json_object_get(scene.manifest, "certificates"), i, row)
		json_object_set(
		    scene.by_tbs, json_string_value(json_object_get(row, "tbs")), row);
	mem_free(path);
	mem_free(dir);
}

static void
tear_down(void)
{
	json_decref(scene.by_tbs);
	json_decref(scene.manifest);
	incident_free(scene.incident);
	testlog_free(scene.logs[0]);
	testlog_free(scene.logs[1]);
	ct_log_set_free(scene.known);
}

/* The manifest's row of the certificate in a leaf, by the room that computes
 * the row's key in the daemon. */
static json_t *
row_of(const struct leaf *leaf, struct cert *cert)
{
	struct sha256 hash;
	char hex[2 * SHA256_LEN + 1];

	if (leaf->kind == LEAF_PRECERT)
		ck_assert(cert_parse_tbs(leaf->certificate, cert));
	else
		ck_assert(cert_parse(leaf->certificate, cert));
	ck_assert(cert_normalised_hash(cert, &hash));
	return json_object_get(scene.by_tbs, hex_format(&hash, sizeof(hash), hex));
}

static bool
sighted(const json_t *row, const char *log, uint64_t index, bool final)
{
	size_t i;
	json_t *it;

	json_array_foreach (json_object_get(row, "sightings"), i, it) {
		const char *form = json_string_value(json_object_get(it, "form"));

		if (strcmp(json_string_value(json_object_get(it, "log")), log) == 0 &&
		    json_integer_value(json_object_get(it, "index")) ==
			(json_int_t)index &&
		    strcmp(form, final ? "final" : "precert") == 0)
			return true;
	}
	return false;
}

START_TEST(every_entry_is_in_the_manifest)
{
	struct err err = {0};
	uint64_t count = 0;

	for (unsigned log = 0; log < 2; log++) {
		for (uint64_t i = 0; i < testlog_entry_count(scene.logs[log]); i++) {
			struct leaf leaf;
			struct cert cert;

			ck_assert_msg(leaf_parse(testlog_leaf_input(scene.logs[log], i),
					  &leaf, &err),
			    "%s", err.text);
			json_t *row = row_of(&leaf, &cert);

			ck_assert_msg(row != NULL, "entry %llu of log %u",
			    (unsigned long long)i, log);
			ck_assert_msg(sighted(row, log == 0 ? "one" : "two", i,
					  leaf.kind == LEAF_X509),
			    "%s", json_string_value(json_object_get(row, "case")));
			count++;
		}
	}
	ck_assert_uint_gt(count, 250);
}
END_TEST

/* --- signatures ----------------------------------------------------------- */

/* How many of a final certificate's SCTs hold, of *total. */
static unsigned
good_scts(const struct cert *cert, struct bytes issuer_key, unsigned *total)
{
	const struct extension *extension = cert_extension(cert, OID_SCT_LIST);
	struct bytes list, items, raw;
	struct buf tbs;
	struct err err = {0};
	unsigned good = 0;

	*total = 0;
	if (extension == NULL)
		return 0;
	buf_init(&tbs, 65536);
	ck_assert(precert_strip_tbs(cert, STRIP_SCT_LIST, &tbs, &err));
	ck_assert(sct_list_unwrap(extension->value, &list, &err));
	ck_assert(sct_list_parse(list, &items, &err));
	struct leaf entry = {.kind = LEAF_PRECERT,
	    .entry_type = ENTRY_PRECERT,
	    .issuer_key_hash = issuer_key,
	    .certificate = buf_bytes(&tbs)};
	struct cursor at = cursor_of(items);

	while (sct_list_next(&at, &raw)) {
		struct sct sct;

		ck_assert(sct_parse(raw, &sct, &err));
		++*total;
		good += sct_verify(&sct, &entry, scene.known, NULL) == SCT_GOOD;
	}
	buf_free(&tbs);
	return good;
}

START_TEST(scts_hold_where_nothing_slipped)
{
	struct err err = {0};
	unsigned pairs = 0, slips = 0, bare = 0;

	for (uint64_t i = 0; i < testlog_entry_count(scene.logs[0]); i++) {
		struct leaf leaf;
		struct cert cert;
		uint8_t key[32];
		unsigned total;

		ck_assert(leaf_parse(testlog_leaf_input(scene.logs[0], i), &leaf, &err));
		if (leaf.kind != LEAF_X509)
			continue;
		json_t *row = row_of(&leaf, &cert);
		const char *what = json_string_value(json_object_get(row, "case"));

		ck_assert(hex_parse(
		    json_string_value(json_object_get(row, "issuer_key")), key, 32));
		unsigned good = good_scts(&cert, bytes_of(key, 32), &total);
		bool slipped = strstr(what, "in the final") != NULL;

		ck_assert_msg(
		    good == (slipped ? 0 : total), "%s: %u of %u", what, good, total);
		ck_assert(total == 0 || total == 2);
		pairs += good == 2;
		slips += slipped;
		bare += total == 0;
	}
	ck_assert_uint_gt(pairs, 20);
	ck_assert_uint_eq(slips, 4);
	ck_assert_uint_gt(bare, 62);
}
END_TEST

/* Only signed certificates accuse anyone: every one of the CAs', by OpenSSL,
 * which refuses to parse those with a broken name or serial number. */
START_TEST(signatures_hold)
{
	struct err err = {0};
	unsigned verified = 0;
	struct testlog_request request = {.target = "ct/v1/get-entries?start=0&end=9999"};
	struct testlog_answer answer;

	ck_assert(testlog_command(scene.logs[0], "serve both", NULL, &err));
	ck_assert(testlog_command(scene.logs[0], "publish", NULL, &err));
	testlog_answer_init(&answer);
	testlog_answer(scene.logs[0], &request, &answer);
	json_t *reply = json_loadb((char *)answer.body.data, answer.body.len, 0, NULL);
	size_t i;
	json_t *row;

	json_array_foreach (json_object_get(reply, "entries"), i, row) {
		struct buf extra;
		struct leaf leaf;
		struct extra_data data;
		struct bytes signer;

		buf_init(&extra, 65536);
		ck_assert(base64_decode(
		    bytes_text(json_string_value(json_object_get(row, "extra_data"))),
		    &extra));
		ck_assert(leaf_parse(testlog_leaf_input(scene.logs[0], i), &leaf, &err));
		ck_assert_msg(extra_data_parse(buf_bytes(&extra), leaf.kind, &data, &err),
		    "%s", err.text);
		struct cursor chain = cursor_of(data.chain);

		ck_assert_uint_ge(data.chain_len, 1);
		ck_assert(chain_next(&chain, &signer));
		struct bytes der =
		    leaf.kind == LEAF_PRECERT ? data.pre_certificate : leaf.certificate;
		const uint8_t *at = der.data, *ca_at = signer.data;
		X509 *leaf_cert = d2i_X509(NULL, &at, (long)der.len);
		X509 *ca_cert = d2i_X509(NULL, &ca_at, (long)signer.len);

		ck_assert_ptr_nonnull(leaf_cert);
		ck_assert_ptr_nonnull(ca_cert);
		ck_assert_int_eq(X509_verify(leaf_cert, X509_get0_pubkey(ca_cert)), 1);
		verified++;
		X509_free(leaf_cert);
		X509_free(ca_cert);
		buf_free(&extra);
	}
	ck_assert_uint_gt(verified, 200);
	json_decref(reply);
	testlog_answer_free(&answer);
}
END_TEST

/* --- what is expected ----------------------------------------------------- */

static const struct {
	const char *check;
	int count;
} EXPECTED[] = {
    {"sha1-after-sunset", 69},
    {"duplicate-serial", 10},
    {"serial-tbs-conflict", 7},
    {"precert-mismatch", 4},
    {"cross-sign", 1},
    {"new-intermediate", 1},
    {"serial-not-positive", 2},
    {"root-issued-leaf", 2},
    {"ca-key-reuse", 1},
    {"issued-after-distrust", 4},
};

START_TEST(expected_counts)
{
	size_t i, k;
	json_t *row, *id;

	json_t *expected = json_object_get(scene.manifest, "expected");
	json_t *covers = json_object_get(scene.manifest, "covers");

	for (i = 0; i < ARRAY_LEN(EXPECTED); i++)
		ck_assert_int_eq(
		    json_integer_value(json_object_get(expected, EXPECTED[i].check)),
		    EXPECTED[i].count);
	const char *name;
	json_t *count;

	json_object_foreach (expected, name, count) {
		bool covered = false;

		json_array_foreach (covers, k, id)
			covered = covered || strcmp(json_string_value(id), name) == 0;
		ck_assert_msg(covered, "%s is not among the covered", name);
	}
	for (i = 0; INCIDENT_COVERS[i] != NULL; i++)
		ck_assert_str_eq(
		    json_string_value(json_array_get(covers, i)), INCIDENT_COVERS[i]);
	ck_assert_uint_eq(json_array_size(covers), i);
	json_array_foreach (json_object_get(scene.manifest, "certificates"), i, row)
		if (!json_is_true(json_object_get(row, "matched")))
			ck_assert_uint_eq(
			    json_array_size(json_object_get(row, "expect")), 0);
}
END_TEST

START_TEST(the_watch_file_is_good)
{
	char *dir = unit_temp("incident"), *path = mem_format("%s/watch.conf", dir);
	struct conf conf;
	struct err err = {0};

	ck_assert_msg(conf_load(path, &conf, &err), "%s", err.text);
	ck_assert_uint_eq(conf.ca_count, 2);
	ck_assert_uint_eq(conf.domains_count, 3);
	conf_free(&conf);
	mem_free(path);
	mem_free(dir);
}
END_TEST

/* --- the bench log -------------------------------------------------------- */

START_TEST(bench_entries)
{
	struct testlog_options options = {
	    .name = "bench", .origin = "o", .static_ct = _i == 1};
	struct err err = {0};
	struct testlog *log = testlog_new(&options, &err);
	struct benchlog *bench = benchlog_new(log, 5000, 1300);
	size_t total = 0;
	char name[BENCHLOG_NAME_LEN];
	unsigned finals = 0;

	for (uint64_t i = 0; i < 5000; i++) {
		struct bytes input = testlog_leaf_input(log, i);
		struct leaf leaf;
		struct cert cert;
		struct sha256 hash, kept;

		total += input.len;
		merkle_hash_leaf(input, &hash);
		testlog_leaf_hash(log, i, (uint8_t *)&kept);
		ck_assert_mem_eq(&hash, &kept, 32);
		ck_assert_msg(leaf_parse(input, &leaf, &err), "%s", err.text);
		finals += leaf.kind == LEAF_X509;
		ck_assert(leaf.kind == LEAF_X509
			? cert_parse(leaf.certificate, &cert)
			: cert_parse_tbs(leaf.certificate, &cert));
		ck_assert(cert_is_sound(&cert));
		benchlog_name(i, name);
		ck_assert_ptr_nonnull(memmem(
		    leaf.certificate.data, leaf.certificate.len, name, strlen(name)));
	}
	ck_assert_uint_eq(finals, 625);
	ck_assert_uint_ge(total / 5000, 1250);
	ck_assert_uint_le(total / 5000, 1350);
	ck_assert(testlog_command(log, "grow 300", NULL, &err));
	ck_assert_uint_eq(testlog_size(log), 5300);
	benchlog_name(5299, name);
	struct bytes last = testlog_leaf_input(log, 5299);

	ck_assert_ptr_nonnull(memmem(last.data, last.len, name, strlen(name)));
	testlog_free(log);
	benchlog_free(bench);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("incident");

	tcase_set_timeout(tcase, 120);
	tcase_add_unchecked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, every_entry_is_in_the_manifest);
	tcase_add_test(tcase, scts_hold_where_nothing_slipped);
	tcase_add_test(tcase, signatures_hold);
	tcase_add_test(tcase, expected_counts);
	tcase_add_test(tcase, the_watch_file_is_good);
	tcase_add_loop_test(tcase, bench_entries, 0, 2);
	return unit_run("incident", tcase);
}
