/*
 * Precertificates whose logged TBS is known: real tiles and entries, the four
 * forms of issuing, and what other programs stripped.
 */
#include "tests/lib/unit.h"
#include "tests/lib/vectors.h"
#include "x509/precert.h"

static struct cert cert, signer;

/* One entry of a static-ct data tile: the leaf's TBS and, for a
 * precertificate, the certificate it came from. */
static bool
next_tile_entry(struct cursor *at, struct bytes *tbs, struct bytes *precert)
{
	struct bytes skipped;
	uint64_t timestamp;
	uint16_t type;

	return cursor_be64(at, &timestamp) && cursor_be16(at, &type) && type == 1 &&
	    cursor_take(at, 32, &skipped) && cursor_vector24(at, tbs) &&
	    cursor_vector16(at, &skipped) && cursor_vector24(at, precert) &&
	    cursor_vector16(at, &skipped);
}

static const struct {
	const char *tile;
	size_t entries;
} TILES[] = {{"000", 256}, {"001", 256}, {"002", 256}, {"003", 256}, {"003.p/10", 10}};

START_TEST(splices_equal_what_navigli_logged)
{
	const char *folder = "vectors/static-ct/navigli2025h2/tile/data";
	struct sha256 from_leaf, from_precert;
	struct bytes tbs, precert;
	struct err err = {0};
	struct cursor at;
	struct buf tile;
	size_t count = 0;

	if (unit_shared(folder) == NULL)
		return;
	tile = vectors_in(folder, TILES[_i].tile);
	at = cursor_of(buf_bytes(&tile));
	for (; next_tile_entry(&at, &tbs, &precert); count++) {
		ck_assert(cert_parse(precert, &cert) && cert_is_sound(&cert));
		ck_assert(cert_is_precert(&cert));
		ck_assert_msg(
		    precert_matches_leaf(&cert, NULL, tbs, &err), "%s", err.text);
		ck_assert(cert_normalised_hash(&cert, &from_precert));
		ck_assert(cert_parse_tbs(tbs, &cert) && cert_is_sound(&cert));
		ck_assert(cert_normalised_hash(&cert, &from_leaf));
		ck_assert(sha256_equal(&from_leaf, &from_precert));
	}
	ck_assert_uint_eq(count, TILES[_i].entries);
	ck_assert_uint_eq(cursor_left(&at), 0);
	buf_free(&tile);
}
END_TEST

/* The four ways to issue: RFC 6962, 3.1 and 3.2. */
static const struct {
	const char *precert, *signer, *final;
} FORMS[] = {
    {"test-embedded-pre-cert.pem", NULL, "test-embedded-cert.pem"},
    {"test-embedded-with-preca-pre-cert.pem", "ca-pre-cert.pem",
	"test-embedded-with-preca-cert.pem"},
    {"test-embedded-with-intermediate-pre-cert.pem", NULL,
	"test-embedded-with-intermediate-cert.pem"},
    {"test-embedded-with-intermediate-preca-pre-cert.pem", "intermediate-pre-cert.pem",
	"test-embedded-with-intermediate-preca-cert.pem"},
};

START_TEST(four_forms_of_issuing)
{
	const char *folder = "vectors/sct/google-ct-testdata";
	struct buf precert, signer_der, final, leaf;
	struct err err = {0};

	if (unit_shared(folder) == NULL)
		return;
	buf_init(&leaf, 10000);
	buf_init(&signer_der, 10000);
	precert = vectors_certificate(folder, FORMS[_i].precert);
	final = vectors_certificate(folder, FORMS[_i].final);
	ck_assert(cert_parse(buf_bytes(&final), &cert));
	ck_assert(precert_strip_tbs(&cert, STRIP_SCT_LIST, &leaf, &err));
	ck_assert(cert_parse(buf_bytes(&precert), &cert));
	if (FORMS[_i].signer != NULL) {
		signer_der = vectors_certificate(folder, FORMS[_i].signer);
		ck_assert(cert_parse(buf_bytes(&signer_der), &signer));
		ck_assert(cert_is_precert_signing(&signer));
		ck_assert(!precert_matches_leaf(&cert, NULL, buf_bytes(&leaf), &err));
	}
	ck_assert_msg(
	    precert_matches_leaf(
		&cert, FORMS[_i].signer == NULL ? NULL : &signer, buf_bytes(&leaf), &err),
	    "%s", err.text);
	buf_free(&precert);
	buf_free(&signer_der);
	buf_free(&final);
	buf_free(&leaf);
}
END_TEST

static const struct {
	const char *folder, *pem;
	unsigned strip;
	const char *golden;
} GOLDEN[] = {
    {"vectors/sct/azul", "cloudflare.pem", STRIP_SCT_LIST,
	"cloudflare-tbs-without-sct.der"},
    {"vectors/sct/azul", "preissuer-chain.pem", STRIP_POISON,
	"preissuer-precert-tbs.der"},
};

START_TEST(stripped_as_others_strip)
{
	struct buf der, golden, got;
	struct err err = {0};

	if (unit_shared(GOLDEN[_i].folder) == NULL)
		return;
	der = vectors_certificate(GOLDEN[_i].folder, GOLDEN[_i].pem);
	golden = vectors_in(GOLDEN[_i].folder, GOLDEN[_i].golden);
	buf_init(&got, 10000);
	ck_assert(cert_parse(buf_bytes(&der), &cert));
	ck_assert(precert_strip_tbs(&cert, GOLDEN[_i].strip, &got, &err));
	ck_assert(bytes_equal(buf_bytes(&got), buf_bytes(&golden)));
	buf_free(&der);
	buf_free(&golden);
	buf_free(&got);
}
END_TEST

/* leaf_input and extra_data of a get-entries reply; false for an x509_entry. */
static bool
open_precert_entry(struct bytes leaf, struct bytes extra, struct bytes *tbs,
    struct bytes *precert, struct bytes *chain)
{
	struct cursor at = cursor_of(leaf), extra_at = cursor_of(extra);
	struct bytes skipped;

	return cursor_take(&at, 10, &skipped) && cursor_take(&at, 2, &skipped) &&
	    skipped.data[1] == 1 && cursor_take(&at, 32, &skipped) &&
	    cursor_vector24(&at, tbs) && cursor_vector24(&extra_at, precert) &&
	    cursor_vector24(&extra_at, chain);
}

static void
check_entry(json_t *entry, size_t *plain, size_t *by_signer)
{
	struct buf leaf = vectors_base64(vectors_text(entry, "leaf_input"));
	struct buf extra = vectors_base64(vectors_text(entry, "extra_data"));
	struct bytes tbs, precert, chain, first;
	struct err err = {0};
	struct cursor at;
	bool signing;

	if (open_precert_entry(
		buf_bytes(&leaf), buf_bytes(&extra), &tbs, &precert, &chain)) {
		at = cursor_of(chain);
		ck_assert(cursor_vector24(&at, &first));
		ck_assert(cert_parse(first, &signer) && cert_parse(precert, &cert));
		signing = cert_is_precert_signing(&signer);
		ck_assert_msg(
		    precert_matches_leaf(&cert, signing ? &signer : NULL, tbs, &err),
		    "%s", err.text);
		++*(signing ? by_signer : plain);
	}
	buf_free(&leaf);
	buf_free(&extra);
}

START_TEST(splices_equal_what_rfc6962_logs_serve)
{
	json_t *json =
	    vectors_json("vectors/synthetic/rfc6962-small/get-entries-0-12.json");
	json_t *entries = json_object_get(json, "entries");
	size_t plain = 0, by_signer = 0;

	if (json == NULL)
		return;
	for (size_t i = 0; i < json_array_size(entries); i++)
		check_entry(json_array_get(entries, i), &plain, &by_signer);
	ck_assert_uint_eq(by_signer, 3);
	ck_assert_uint_gt(plain, 0);
	json_decref(json);
}
END_TEST

START_TEST(splices_equal_what_real_logs_served)
{
	struct buf file;
	size_t plain = 0, by_signer = 0;
	char *rest, *line;

	if (!vectors_file("real/entries/rfc6962/all_entries.jsonl", &file))
		return;
	buf_text(&file);
	rest = (char *)file.data;
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		json_t *entry = json_loads(line, 0, NULL);

		ck_assert(entry != NULL);
		if (json_is_string(json_object_get(entry, "leaf_input")) &&
		    json_is_string(json_object_get(entry, "extra_data")))
			check_entry(entry, &plain, &by_signer);
		json_decref(entry);
	}
	ck_assert_uint_gt(plain, 0);
	buf_free(&file);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("logged");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, splices_equal_what_navigli_logged, 0, UNIT_COUNT(TILES));
	tcase_add_loop_test(tc, four_forms_of_issuing, 0, UNIT_COUNT(FORMS));
	tcase_add_loop_test(tc, stripped_as_others_strip, 0, UNIT_COUNT(GOLDEN));
	tcase_add_test(tc, splices_equal_what_rfc6962_logs_serve);
	tcase_add_test(tc, splices_equal_what_real_logs_served);
	return unit_run("x509/logged", tc);
}
