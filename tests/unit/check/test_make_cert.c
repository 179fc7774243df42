/* The test tree's own certificate maker: what it makes, OpenSSL reads and
 * verifies, and the parts that a test asks for are there. */
#include "tests/lib/make_cert.h"

#include <openssl/x509v3.h>

#include "tests/lib/unit.h"

static X509 *
read_back(const struct buf *der)
{
	const unsigned char *at = der->data;
	X509 *x509 = d2i_X509(NULL, &at, (long)der->len);

	ck_assert_ptr_nonnull(x509);
	ck_assert_ptr_eq(at, der->data + der->len);
	return x509;
}

static const char *const NAMES[] = {"www.example.org", "example.org", NULL};

static const struct {
	const char *what;
	enum make_key_type signer, subject;
	enum make_sigalg sigalg;
	int nid; /* of the signature, 0: not asked */
} CASES[] = {
    {"P-256", MAKE_KEY_P256, MAKE_KEY_P256, MAKE_SIG_DEFAULT, NID_ecdsa_with_SHA256},
    {"P-384", MAKE_KEY_P384, MAKE_KEY_RSA2048, MAKE_SIG_DEFAULT, NID_ecdsa_with_SHA384},
    {"RSA", MAKE_KEY_RSA2048, MAKE_KEY_P256, MAKE_SIG_DEFAULT,
	NID_sha256WithRSAEncryption},
    {"RSA with SHA-1", MAKE_KEY_RSA2048, MAKE_KEY_P256, MAKE_SIG_SHA1,
	NID_sha1WithRSAEncryption},
    {"Ed25519", MAKE_KEY_ED25519, MAKE_KEY_P256, MAKE_SIG_DEFAULT, NID_ED25519},
    {"SM2 with SM3", MAKE_KEY_SM2, MAKE_KEY_SM2, MAKE_SIG_DEFAULT, NID_SM2_with_SM3},
};

START_TEST(makes_and_verifies)
{
	struct make_spec spec = {
	    .key = make_key(CASES[_i].subject, 1),
	    .issuer_key = make_key(CASES[_i].signer, 0),
	    .subject = "/C=CN/O=Acme\\/Sub/CN=www.example.org",
	    .issuer = "/C=CN/O=WoSign CA Limited/CN=Test CA",
	    .not_before = 1451606400,
	    .not_after = 2556144000, /* 2051: GeneralizedTime */
	    .sigalg = CASES[_i].sigalg,
	    .dns = NAMES,
	};
	struct buf der = make_cert(&spec);
	X509 *x509 = read_back(&der);

	ck_assert_int_eq(X509_get_signature_nid(x509), CASES[_i].nid);
	ck_assert_int_eq(X509_get_version(x509), 2);
	if (CASES[_i].signer == MAKE_KEY_SM2) {
		ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();

		ASN1_OCTET_STRING_set(id, (const unsigned char *)"1234567812345678", 16);
		X509_set0_distinguishing_id(x509, id);
	}
	ck_assert_int_eq(X509_verify(x509, spec.issuer_key->pkey), 1);
	ck_assert_int_eq(X509_check_host(x509, "example.org", 0, 0, NULL), 1);
	X509_free(x509);
	buf_free(&der);
}
END_TEST

START_TEST(pairs_agree)
{
	const struct make_key *logs[2] = {
	    make_key(MAKE_KEY_P256, 8), make_key(MAKE_KEY_RSA2048, 8)};
	const int64_t at[2] = {1451606400000, 1451606401000};
	struct make_spec spec = {
	    .key = make_key(MAKE_KEY_P256, 1),
	    .issuer_key = make_key(MAKE_KEY_P256, 0),
	    .subject = "/CN=example.org",
	    .issuer = "/CN=Test CA",
	    .not_before = 1451606400,
	    .not_after = 1483228800,
	    .dns = NAMES,
	};
	struct make_pair pair = make_pair(&spec, logs, at, 2);
	X509 *precert = read_back(&pair.precert), *final = read_back(&pair.final);

	ck_assert_int_ge(X509_get_ext_by_NID(precert, NID_ct_precert_poison, -1), 0);
	ck_assert_int_ge(X509_get_ext_by_NID(final, NID_ct_precert_scts, -1), 0);
	ck_assert_int_eq(ASN1_INTEGER_cmp(X509_get_serialNumber(precert),
			     X509_get_serialNumber(final)),
	    0);
	ck_assert_uint_gt(pair.tbs.len, 100);
	X509_free(precert);
	X509_free(final);
	make_pair_free(&pair);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("make_cert");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, makes_and_verifies, 0, UNIT_COUNT(CASES));
	tcase_add_test(tcase, pairs_agree);
	return unit_run("make_cert", tcase);
}
