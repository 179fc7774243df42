#include "ctlog/sct_verify.h"

#include "tests/lib/vectors.h"
#include "x509/cert.h"
#include "x509/extension.h"
#include "x509/pem.h"
#include "x509/precert.h"

/* A log's key and its SCTs over made entries, for this test. */
#define KEY                                                                              \
	"3059301306072a8648ce3d020106082a8648ce3d030107034200041a3688275e34e79cfcd5885c" \
	"71c2082d9754b5c1eb7d319db34b842e80b0fafb466e46aac0e053732cdc4234cbe0b018f50b02" \
	"36a95441525b37468f1679ff70"
#define ID   "2ed6fa73aa0839523de0beb3c51ecd965372190a440ebeba01b11507bb7173ac"
#define TIME "000001a0c4506c00"
#define X509_SIGNATURE                                                                   \
	"040300463044"                                                                   \
	"0220468fd09ffabbcd549c2ded7309d220bb20fc609929d14f11389a51a1b8fde477"           \
	"022002ff567fe5beefa93d40ea9ff05e3b8b4c36d0fd3b76552131b01769a41672e3"
#define PRECERT_SIGNATURE                                                                \
	"040300473045"                                                                   \
	"022100eab48384b230136fb855018ce9e3294ab08d52f1a0c33654c3231f109a883075"         \
	"0220771eb2a79578135e07f16902814bd15e89a0bd0679121a06769cd6545b4516cb"
#define INDEX_7 "00080000050000000007"
#define ISSUER  "535c6f8eb511f5d966a1b0725df92ebf27514faba945cbbd698e23ac72c41757"

static const struct {
	const char *what, *sct;
	enum leaf_kind kind;
	const char *certificate;
	enum sct_verdict verdict;
	const char *leaf_hash; /* NULL: not looked at */
} SCTS[] = {
    {"over a certificate", "00" ID TIME "0000" X509_SIGNATURE, LEAF_X509, "abc", SCT_GOOD,
	"ff0548c264a872da39141c557b2a8283653b6b285c3196614d06dab4a1ef64f4"},
    {"over a precertificate", "00" ID TIME INDEX_7 PRECERT_SIGNATURE, LEAF_PRECERT, "tbs",
	SCT_GOOD, "81aec5cff70e2e19a9bcd3794763844dd7611a9130cc929e450982565ba57c88"},
    {"over another", "00" ID TIME "0000" X509_SIGNATURE, LEAF_X509, "abd",
	SCT_BAD_SIGNATURE, NULL},
    {"as the other kind", "00" ID TIME "0000" X509_SIGNATURE, LEAF_PRECERT, "abc",
	SCT_BAD_SIGNATURE, NULL},
    {"another time",
	"00" ID "000001a0c4506c01"
	"0000" X509_SIGNATURE,
	LEAF_X509, "abc", SCT_BAD_SIGNATURE, NULL},
    {"extensions put in", "00" ID TIME INDEX_7 X509_SIGNATURE, LEAF_X509, "abc",
	SCT_BAD_SIGNATURE, NULL},
    {"extensions left out", "00" ID TIME "0000" PRECERT_SIGNATURE, LEAF_PRECERT, "tbs",
	SCT_BAD_SIGNATURE, NULL},
    {"of another log", "00" ISSUER TIME "0000" X509_SIGNATURE, LEAF_X509, "abc",
	SCT_UNKNOWN_LOG, NULL},
    {"a version to come", "01ffff", LEAF_X509, "abc", SCT_UNKNOWN_VERSION, NULL},
    {"an algorithm no log has",
	"00" ID TIME "0000"
	"020300020000",
	LEAF_X509, "abc", SCT_MALFORMED, NULL},
    {"RSA by an ECDSA key",
	"00" ID TIME "0000"
	"040100020000",
	LEAF_X509, "abc", SCT_MALFORMED, NULL},
    {"over nothing", "00" ID TIME "0000" X509_SIGNATURE, LEAF_OPAQUE, "abc",
	SCT_MALFORMED, NULL},
};

static const struct ct_log *
log_of(struct bytes spki)
{
	struct err err = {0};
	const struct ct_log *log =
	    ct_log_new(&(struct ct_log_options){.key = spki, .url = ""}, &err);

	ck_assert_msg(log != NULL, "%s", err.text);
	return log;
}

START_TEST(sct_rows)
{
	struct buf key = unit_hex(KEY), data = unit_hex(SCTS[_i].sct);
	struct buf issuer = unit_hex(ISSUER);
	const struct ct_log *log = log_of(buf_bytes(&key)), *found;
	struct ct_log_set *set = ct_log_set_new();
	struct leaf entry = {.kind = SCTS[_i].kind,
	    .certificate = bytes_text(SCTS[_i].certificate),
	    .issuer_key_hash = buf_bytes(&issuer)};
	struct sct sct;
	struct sha256 leaf, want;
	struct err err = {0};
	enum sct_verdict verdict;

	ct_log_set_put(set, log);
	ck_assert_msg(sct_parse(buf_bytes(&data), &sct, &err), "%s", err.text);
	verdict = sct_verify(&sct, &entry, set, &found);
	ck_assert_msg(verdict == SCTS[_i].verdict, "%s: %s", SCTS[_i].what,
	    sct_verdict_name(verdict));
	ck_assert(sct_verify(&sct, &entry, set, NULL) == verdict);
	ck_assert(sct_verify_by(&sct, &entry, log) == verdict);
	ck_assert((found == NULL) ==
	    (verdict == SCT_UNKNOWN_LOG || verdict == SCT_UNKNOWN_VERSION));
	if (SCTS[_i].leaf_hash != NULL) {
		want = vectors_hash(SCTS[_i].leaf_hash);
		ck_assert(sct_leaf_hash(&sct, &entry, &leaf, &err));
		ck_assert(sha256_equal(&leaf, &want));
	}
	ct_log_set_free(set);
	ct_log_free(log);
	buf_free(&key);
	buf_free(&data);
	buf_free(&issuer);
}
END_TEST

/* --- known answers: certificates and the SCTs beside or inside them --------- */

/* A certificate of the vectors, parsed; buf_free(der) afterwards. */
static void
load_cert(const char *below, struct buf *der, struct cert *out)
{
	char *path = mem_format("vectors/%s", below);
	struct pem_iter blocks;
	struct bytes one;
	struct buf file;

	ck_assert(vectors_file(path, &file));
	buf_init(der, 2 * file.len);
	pem_certificates(buf_bytes(&file), &blocks);
	ck_assert(pem_next(&blocks, der, &one));
	ck_assert(cert_parse(one, out));
	buf_free(&file);
	mem_free(path);
}

static const struct ct_log *
load_log(const char *below)
{
	char *path = mem_format("vectors/%s", below);
	struct buf file, spki;
	const struct ct_log *log;
	const char *text, *end;

	ck_assert(vectors_file(path, &file));
	/* The base64 between the armour's lines, or of the whole file. */
	text = strstr(buf_text(&file), "KEY-----\n");
	text = text != NULL ? text + 9 : buf_text(&file);
	end = strstr(text, "-----END");
	buf_init(&spki, file.len);
	for (; *text != '\0' && text != end; text++)
		if (*text != '\n')
			buf_append(&spki, text, 1);
	file.len = 0;
	ck_assert(base64_decode(buf_bytes(&spki), &file));
	log = log_of(buf_bytes(&file));
	buf_free(&file);
	buf_free(&spki);
	mem_free(path);
	return log;
}

/* A precert entry: TBS spliced, issuer's key hashed. */
static void
precert_entry(const struct cert *cert, const struct cert *issuer, struct buf *tbs,
    struct sha256 *issuer_key_hash, struct leaf *out)
{
	struct err err = {0};

	buf_init(tbs, cert->tbs.len + 1000);
	ck_assert_msg(precert_strip_tbs(cert, STRIP_POISON | STRIP_SCT_LIST, tbs, &err),
	    "%s", err.text);
	sha256_of(issuer->spki, issuer_key_hash);
	*out = (struct leaf){.kind = LEAF_PRECERT,
	    .certificate = buf_bytes(tbs),
	    .issuer_key_hash = sha256_bytes(issuer_key_hash)};
}

#define GOOGLE     "sct/google-ct-testdata/"
#define GOOGLE_KEY GOOGLE "ct-server-key-public.pem"
#define GOOGLE_RSA GOOGLE "ct-server-key-public-rsa.pem"

/* SCTs in files of their own. issuer NULL: an x509 entry. */
static const struct {
	const char *proof, *certificate, *issuer, *signer, *key, *leaf_hash;
} PROOFS[] = {
    {GOOGLE "test-cert.proof", GOOGLE "test-cert.pem", NULL, NULL, GOOGLE_KEY,
	"BKZLZGMbAnDW0gQWjNJNCyS2IgweWn76YW3tFlu3AuY="},
    {GOOGLE "test-cert-rsa.proof", GOOGLE "test-cert.pem", NULL, NULL, GOOGLE_RSA, NULL},
    {GOOGLE "test-intermediate-cert.proof", GOOGLE "test-intermediate-cert.pem", NULL,
	NULL, GOOGLE_KEY, NULL},
    {GOOGLE "test-embedded-pre-cert.proof", GOOGLE "test-embedded-pre-cert.pem",
	GOOGLE "ca-cert.pem", NULL, GOOGLE_KEY,
	"mbk+d5FDW3oNZJCbOi828rqC3hf+qhigTWVGcXEZq1U="},
    {GOOGLE "test-embedded-pre-cert-rsa.proof", GOOGLE "test-embedded-pre-cert.pem",
	GOOGLE "ca-cert.pem", NULL, GOOGLE_RSA, NULL},
    {GOOGLE "test-embedded-with-preca-pre-cert.proof",
	GOOGLE "test-embedded-with-preca-pre-cert.pem", GOOGLE "ca-cert.pem",
	GOOGLE "ca-pre-cert.pem", GOOGLE_KEY, NULL},
    {GOOGLE "test-embedded-with-intermediate-pre-cert.proof",
	GOOGLE "test-embedded-with-intermediate-pre-cert.pem",
	GOOGLE "intermediate-cert.pem", NULL, GOOGLE_KEY, NULL},
    {GOOGLE "test-embedded-with-intermediate-preca-pre-cert.proof",
	GOOGLE "test-embedded-with-intermediate-preca-pre-cert.pem",
	GOOGLE "intermediate-cert.pem", GOOGLE "intermediate-pre-cert.pem", GOOGLE_KEY,
	NULL},
    {"sct/ct-go/test-cert.proof", "sct/ct-go/test-cert.pem", NULL, NULL, GOOGLE_KEY,
	"BKZLZGMbAnDW0gQWjNJNCyS2IgweWn76YW3tFlu3AuY="},
};

START_TEST(proofs_beside)
{
	char *path = mem_format("vectors/%s", PROOFS[_i].proof);
	struct buf proof, der, issuer_der = {0}, signer_der = {0}, tbs = {0};
	static struct cert cert, issuer, signer; /* large */
	const struct ct_log *log;
	struct leaf entry;
	struct sct sct;
	struct sha256 key_hash, hash, want;
	struct err err = {0};

	if (!vectors_file(path, &proof)) {
		mem_free(path);
		return;
	}
	log = load_log(PROOFS[_i].key);
	load_cert(PROOFS[_i].certificate, &der, &cert);
	entry = (struct leaf){.kind = LEAF_X509, .certificate = cert.certificate};
	if (PROOFS[_i].issuer != NULL) {
		load_cert(PROOFS[_i].issuer, &issuer_der, &issuer);
		precert_entry(&cert, &issuer, &tbs, &key_hash, &entry);
	}
	if (PROOFS[_i].signer != NULL) {
		load_cert(PROOFS[_i].signer, &signer_der, &signer);
		buf_clear(&tbs);
		ck_assert(precert_leaf_tbs(&cert, &signer, &tbs, &err));
		entry.certificate = buf_bytes(&tbs);
	}
	ck_assert(sct_parse(buf_bytes(&proof), &sct, &err));
	ck_assert_msg(
	    sct_verify_by(&sct, &entry, log) == SCT_GOOD, "%s", PROOFS[_i].proof);
	if (PROOFS[_i].leaf_hash != NULL) {
		want = vectors_hash(PROOFS[_i].leaf_hash);
		ck_assert(sct_leaf_hash(&sct, &entry, &hash, &err));
		ck_assert(sha256_equal(&hash, &want));
	}
	ct_log_free(log);
	buf_free(&proof);
	buf_free(&der);
	buf_free(&issuer_der);
	buf_free(&signer_der);
	buf_free(&tbs);
	mem_free(path);
}
END_TEST

/* SCTs inside final certificates. */
static const struct {
	const char *certificate, *issuer, *key; /* key NULL: of Google's list */
	size_t good, count;
} EMBEDDED[] = {
    {GOOGLE "test-embedded-cert.pem", GOOGLE "ca-cert.pem", GOOGLE_KEY, 1, 1},
    {GOOGLE "test-embedded-with-preca-cert.pem", GOOGLE "ca-cert.pem", GOOGLE_KEY, 1, 1},
    {GOOGLE "test-embedded-with-intermediate-cert.pem", GOOGLE "intermediate-cert.pem",
	GOOGLE_KEY, 1, 1},
    {GOOGLE "test-embedded-with-intermediate-preca-cert.pem",
	GOOGLE "intermediate-cert.pem", GOOGLE_KEY, 1, 1},
    {GOOGLE "test-invalid-embedded-cert.pem", GOOGLE "ca-cert.pem", GOOGLE_KEY, 0, 1},
    {"sct/azul/cloudflare.pem", "sct/azul/google-we1.pem", NULL, 2, 2},
};

static void
put_listed(struct ct_log_set *set, const char *below)
{
	char *path = mem_format("vectors/loglists/%s", below);
	struct log_list list;
	struct buf file;
	struct err err;

	ck_assert(vectors_file(path, &file));
	ck_assert(log_list_parse(buf_bytes(&file), &list, &err));
	for (size_t i = 0; i < list.count; i++) {
		const struct ct_log *log = ct_log_from_list(&list.entries[i], NULL);

		if (log != NULL)
			ct_log_set_put(set, log);
		ct_log_free(log);
	}
	log_list_free(&list);
	buf_free(&file);
	mem_free(path);
}

/* How many of a certificate's SCTs verify. */
static size_t
count_good(const struct cert *cert, const struct leaf *entry,
    const struct ct_log_set *set, size_t *count)
{
	const struct extension *extension = cert_extension(cert, OID_SCT_LIST);
	struct bytes list, items, one;
	struct cursor cursor;
	struct sct sct;
	size_t good = 0;

	ck_assert_ptr_nonnull(extension);
	ck_assert(sct_list_unwrap(extension->value, &list, NULL));
	ck_assert(sct_list_parse(list, &items, NULL));
	cursor = cursor_of(items);
	for (*count = 0; sct_list_next(&cursor, &one); ++*count) {
		ck_assert(sct_parse(one, &sct, NULL));
		good += sct_verify(&sct, entry, set, NULL) == SCT_GOOD;
	}
	ck_assert_uint_eq(cursor_left(&cursor), 0);
	return good;
}

START_TEST(embedded)
{
	struct ct_log_set *set = ct_log_set_new();
	struct buf der, issuer_der, tbs;
	static struct cert cert, issuer;
	struct sha256 key_hash;
	struct leaf entry;
	size_t count;

	if (unit_shared("vectors/sct") != NULL) {
		if (EMBEDDED[_i].key == NULL) {
			put_listed(set, "apple-current_log_list.json");
		} else {
			const struct ct_log *log = load_log(EMBEDDED[_i].key);

			ct_log_set_put(set, log);
			ct_log_free(log);
		}
		load_cert(EMBEDDED[_i].certificate, &der, &cert);
		load_cert(EMBEDDED[_i].issuer, &issuer_der, &issuer);
		precert_entry(&cert, &issuer, &tbs, &key_hash, &entry);
		ck_assert_msg(count_good(&cert, &entry, set, &count) == EMBEDDED[_i].good,
		    "%s", EMBEDDED[_i].certificate);
		ck_assert_uint_eq(count, EMBEDDED[_i].count);
		buf_free(&der);
		buf_free(&issuer_der);
		buf_free(&tbs);
	}
	ct_log_set_free(set);
}
END_TEST

/* A Let's Encrypt staging certificate: the second of its SCTs is Navigli's,
 * and says where the entry stands. */
START_TEST(with_leaf_index)
{
	struct buf der, tbs, hex, hash;
	static struct cert cert;
	const struct ct_log *log;
	const struct extension *extension;
	struct leaf entry = {.kind = LEAF_PRECERT};
	struct bytes list, items, one;
	struct cursor cursor;
	struct sct sct;
	uint64_t index = 0;

	if (!vectors_file("vectors/sct/le-staging-issuer_key_hash.hex", &hex))
		return;
	log = load_log("static-ct/navigli2025h2/log-key.b64");
	load_cert("sct/le-staging-two-scts.pem", &der, &cert);
	buf_text(&hex);
	hex.data[64] = '\0';
	hash = unit_hex((const char *)hex.data);
	buf_init(&tbs, cert.tbs.len);
	ck_assert(precert_strip_tbs(&cert, STRIP_SCT_LIST, &tbs, NULL));
	entry.certificate = buf_bytes(&tbs);
	entry.issuer_key_hash = buf_bytes(&hash);
	extension = cert_extension(&cert, OID_SCT_LIST);
	ck_assert(sct_list_unwrap(extension->value, &list, NULL));
	ck_assert(sct_list_parse(list, &items, NULL));
	cursor = cursor_of(items);
	ck_assert(sct_list_next(&cursor, &one));
	ck_assert(sct_parse(one, &sct, NULL));
	ck_assert_int_eq(sct_verify_by(&sct, &entry, log), SCT_UNKNOWN_LOG);
	ck_assert(sct_list_next(&cursor, &one));
	ck_assert(sct_parse(one, &sct, NULL));
	ck_assert_int_eq(sct_verify_by(&sct, &entry, log), SCT_GOOD);
	ck_assert_int_eq(leaf_index(sct.extensions, &index), LEAF_INDEX_FOUND);
	ck_assert_uint_eq(index, 82000014);
	ct_log_free(log);
	buf_free(&der);
	buf_free(&tbs);
	buf_free(&hex);
	buf_free(&hash);
}
END_TEST

/* rustls/sct.rs: SCTs over an x509 entry whose certificate is "cert", by a
 * P-256 point or an RSA modulus; the last two over a real certificate. */
#define P256_SPKI "3059301306072a8648ce3d020106082a8648ce3d030107034200"
#define RSA_SPKI  "30820122300d06092a864886f70d01010105000382010f00"

static const struct {
	const char *sct, *key, *prefix, *certificate;
	bool parses;
	enum sct_verdict verdict;
} RUSTLS[] = {
    {"ecdsa_p256-basic-sct.bin", "ecdsa-prime256v1-pub.raw", P256_SPKI, NULL, true,
	SCT_GOOD},
    {"ecdsa_p256-future-sct.bin", "ecdsa-prime256v1-pub.raw", P256_SPKI, NULL, true,
	SCT_GOOD},
    {"ecdsa_p256-short-sct.bin", "ecdsa-prime256v1-pub.raw", P256_SPKI, NULL, true,
	SCT_GOOD},
    {"ecdsa_p256-version-sct.bin", "ecdsa-prime256v1-pub.raw", P256_SPKI, NULL, true,
	SCT_UNKNOWN_VERSION},
    {"ecdsa_p256-wrongid-sct.bin", "ecdsa-prime256v1-pub.raw", P256_SPKI, NULL, true,
	SCT_UNKNOWN_LOG},
    {"ecdsa_p256-wrongcert-sct.bin", "ecdsa-prime256v1-pub.raw", P256_SPKI, NULL, true,
	SCT_BAD_SIGNATURE},
    {"ecdsa_p256-wrongext-sct.bin", "ecdsa-prime256v1-pub.raw", P256_SPKI, NULL, true,
	SCT_BAD_SIGNATURE},
    {"ecdsa_p256-wrongtime-sct.bin", "ecdsa-prime256v1-pub.raw", P256_SPKI, NULL, true,
	SCT_BAD_SIGNATURE},
    {"ecdsa_p256-badsigalg-sct.bin", "ecdsa-prime256v1-pub.raw", P256_SPKI, NULL, true,
	SCT_MALFORMED},
    {"ecdsa_p256-junk-sct.bin", "ecdsa-prime256v1-pub.raw", P256_SPKI, NULL, false,
	SCT_MALFORMED},
    {"rsa2048-basic-sct.bin", "rsa-2048-pub.raw", RSA_SPKI, NULL, true, SCT_GOOD},
    {"rsa2048-wrongcert-sct.bin", "rsa-2048-pub.raw", RSA_SPKI, NULL, true,
	SCT_BAD_SIGNATURE},
    {"rsa2048-wrongtime-sct.bin", "rsa-2048-pub.raw", RSA_SPKI, NULL, true,
	SCT_BAD_SIGNATURE},
    {"google-sct0.bin", "google-pilot-pubkey.bin", P256_SPKI, "google-cert.bin", true,
	SCT_GOOD},
    {"google-sct1.bin", "symantec-log-pubkey.bin", P256_SPKI, "google-cert.bin", true,
	SCT_GOOD},
};

static bool
load_rustls(const char *name, struct buf *out)
{
	char *path = mem_format("vectors/sct/rustls-sct/%s", name);
	bool there = vectors_file(path, out);

	mem_free(path);
	return there;
}

/* A log by its raw key: not all of these are named by their own hash, so the
 * SCT's id is put in where it is a log's. */
START_TEST(rustls)
{
	struct buf data, raw, spki, certificate = {0};
	struct leaf entry = {.kind = LEAF_X509, .certificate = bytes_text("cert")};
	const struct ct_log *log;
	struct sct sct;
	bool parses;

	if (!load_rustls(RUSTLS[_i].sct, &data))
		return;
	ck_assert(load_rustls(RUSTLS[_i].key, &raw));
	if (RUSTLS[_i].certificate != NULL) {
		ck_assert(load_rustls(RUSTLS[_i].certificate, &certificate));
		entry.certificate = buf_bytes(&certificate);
	}
	spki = unit_hex(RUSTLS[_i].prefix);
	spki.ceiling = 1000;
	buf_append_bytes(&spki, buf_bytes(&raw));
	log = log_of(buf_bytes(&spki));
	parses = sct_parse(buf_bytes(&data), &sct, NULL);
	ck_assert(parses == RUSTLS[_i].parses);
	if (parses) {
		struct ct_log named = *log; /* rustls names its logs otherwise */

		if (sct.version == 0 && RUSTLS[_i].verdict != SCT_UNKNOWN_LOG)
			ck_assert(sha256_from(sct.log_id, &named.id));
		ck_assert_msg(sct_verify_by(&sct, &entry, &named) == RUSTLS[_i].verdict,
		    "%s: %s", RUSTLS[_i].sct,
		    sct_verdict_name(sct_verify_by(&sct, &entry, &named)));
	}
	ct_log_free(log);
	buf_free(&data);
	buf_free(&raw);
	buf_free(&spki);
	buf_free(&certificate);
}
END_TEST

/* P-384 is no key a log may have. */
START_TEST(p384)
{
	struct buf raw, spki;
	struct err err = {0};

	if (!load_rustls("ecdsa-secp384r1-pub.raw", &raw))
		return;
	spki = unit_hex("3076301006072a8648ce3d020106052b81040022036200");
	spki.ceiling = 1000;
	buf_append_bytes(&spki, buf_bytes(&raw));
	ck_assert_ptr_null(ct_log_new(
	    &(struct ct_log_options){.key = buf_bytes(&spki), .url = ""}, &err));
	ck_assert_int_eq(err.code, ERR_PARSE);
	buf_free(&raw);
	buf_free(&spki);
}
END_TEST

/* certificate-transparency-go's signatures_test: a certificate under two keys. */
START_TEST(sigtest)
{
	static const char *const KEYS[] = {"ec-key.pem", "rsa-key.pem"};
	static const char *const MEMBERS[] = {"sct_sig_ecdsa", "sct_sig_rsa"};
	json_t *all = vectors_json("vectors/rfc6962/sigtest/vectors.json");
	struct buf certificate;

	if (all == NULL)
		return;
	ck_assert(vectors_file("vectors/rfc6962/sigtest/cert.der", &certificate));
	for (size_t i = 0; i < 2; i++) {
		char *path = mem_format("vectors/rfc6962/sigtest/%s", KEYS[i]);
		struct buf pem, signature = unit_hex(vectors_text(all, MEMBERS[i]));
		struct leaf entry = {
		    .kind = LEAF_X509, .certificate = buf_bytes(&certificate)};
		struct ct_log log = {0};
		struct sct sct = {0};

		ck_assert(vectors_file(path, &pem));
		log.key = key_from_pem(buf_bytes(&pem), NULL);
		log.id = *key_id(log.key);
		if (i == 0) {
			struct sha256 want = vectors_hash(vectors_text(all, "ec_key_id"));

			ck_assert(sha256_equal(&log.id, &want));
		}
		sct.log_id = sha256_bytes(&log.id);
		sct.timestamp_ms = vectors_number(all, "sct_timestamp");
		ck_assert(signed_parse(buf_bytes(&signature), &sct.signature, NULL));
		ck_assert_int_eq(sct_verify_by(&sct, &entry, &log), SCT_GOOD);
		sct.timestamp_ms++;
		ck_assert_int_eq(sct_verify_by(&sct, &entry, &log), SCT_BAD_SIGNATURE);
		key_free(log.key);
		buf_free(&pem);
		buf_free(&signature);
		mem_free(path);
	}
	buf_free(&certificate);
	json_decref(all);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("sct_verify");

	tcase_add_loop_test(tc, sct_rows, 0, UNIT_COUNT(SCTS));
	tcase_add_loop_test(tc, proofs_beside, 0, UNIT_COUNT(PROOFS));
	tcase_add_loop_test(tc, embedded, 0, UNIT_COUNT(EMBEDDED));
	tcase_add_test(tc, with_leaf_index);
	tcase_add_loop_test(tc, rustls, 0, UNIT_COUNT(RUSTLS));
	tcase_add_test(tc, p384);
	tcase_add_test(tc, sigtest);
	return unit_run("ctlog/sct_verify", tc);
}
