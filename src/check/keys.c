/* B1: signature algorithms. Keys stand in keys_rsa.c and keys_ec.c. */
#include "check_priv.h"

#include "base/text.h"
#include "crypto/verify.h"

/* The signature's algorithm: of the certificate, or of its TBS where that is all
 * there is. */
static const struct cert_algorithm *
signature_algorithm(const struct judged *it)
{
	return it->cert->algorithm.whole.len > 0 ? &it->cert->algorithm
						 : &it->cert->tbs_algorithm;
}

static bool
is_sha1(enum oid algorithm)
{
	return algorithm == OID_SHA1_RSA || algorithm == OID_OIW_SHA1_RSA ||
	    algorithm == OID_DSA_SHA1 || algorithm == OID_ECDSA_SHA1;
}

static struct finding *
fail_algorithm(struct trial *trial, enum check_level level, const char *what)
{
	const struct cert_algorithm *algorithm = signature_algorithm(trial->it);
	struct finding *finding;
	struct buf name;

	buf_init(&name, 1 << 16);
	oid_append_name(&name, algorithm->oid);
	finding = trial_fail_at(trial, level, algorithm->whole, "signed with %.100s: %s",
	    buf_text(&name), what);
	buf_free(&name);
	evidence_hex(trial, finding, "outer_algorithm", trial->it->cert->algorithm.whole);
	evidence_hex(
	    trial, finding, "inner_algorithm", trial->it->cert->tbs_algorithm.whole);
	return finding;
}

/* --- sha1-after-sunset, sha1-long-lived, sha1-precert, sha1-final-sunset ------------ */

/* A boundary at midnight in China is 16:00 the day before in UTC. */
static bool
near(int64_t when, int64_t boundary)
{
	return when >= boundary - DAY_S && when <= boundary + DAY_S;
}

static void
run_sha1_after_sunset(struct trial *trial)
{
	const struct judged *it = trial->it;
	enum check_level level = LEVEL_ERROR;
	struct finding *finding;

	if (!is_sha1(signature_algorithm(it)->id))
		return;
	/* SC97: cross-certificates may stay until their last day. */
	if (it->cross && it->cert->not_before < rule_limit(trial, 0))
		level = LEVEL_WARNING;
	finding = fail_algorithm(trial, level, "SHA-1 after its end");
	evidence_time(trial, finding, "lo", it->lo_ms);
	evidence_time(trial, finding, "hi", it->hi_ms);
	evidence_bool(trial, finding, "near_boundary",
	    near(it->cert->not_before, trial->rule->from));
}

static void
run_sha1_long_lived(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;

	if (is_sha1(signature_algorithm(trial->it)->id) &&
	    cert->not_after > rule_limit(trial, 0))
		evidence_int(trial,
		    fail_algorithm(trial, LEVEL_WARNING, "SHA-1, valid beyond 2016"),
		    "days_past", (cert->not_after - rule_limit(trial, 0)) / DAY_S);
}

static void
run_sha1(struct trial *trial)
{
	if (is_sha1(signature_algorithm(trial->it)->id))
		fail_algorithm(trial, trial->rule->level, "SHA-1");
}

static bool
is_precert(const struct judged *it)
{
	return it->precert;
}

static bool
is_not_self_signed(const struct judged *it)
{
	return !it->self_signed;
}

/* SC97: no SHA-1 from then on, and nothing that may stay. */
static const struct rule_limit SHA1_END[] = {{"none from", DATE(2026, 9, 15)}, {0}};

static bool
is_live_sub_ca(const struct judged *it)
{
	return is_tls_sub_ca(it) && seconds_of(it->now_ms) >= LIMIT_OF(SHA1_END, 0) &&
	    it->cert->not_after >= seconds_of(it->now_ms);
}

static bool
is_sub_ca_or_responder(const struct judged *it)
{
	return !it->self_signed && (is_sub_ca(it) || (it->facts->ekus & EKU_OCSP) != 0);
}

static bool
is_tls_self_signed(const struct judged *it)
{
	return it->self_signed && judged_in_tls_scope(it);
}

static const struct subrule SHA1_AFTER_SUNSET[] = {
    RULE("subscriber", LEVEL_ERROR, "BR 7.1.3 (Ballot 118)", judged_is_tls_subscriber,
	run_sha1_after_sunset, .limits = SHA1_END, .from = DATE(2016, 1, 1),
	.equivalents = "zlint:e_sub_cert_or_sub_ca_using_sha1; "
		       "certlint:E: SHA-1 not allowed for signing certificates"),
    RULE("sub-ca", LEVEL_ERROR, "BR 7.1.3 (Ballot 118); SC97", is_tls_sub_ca,
	run_sha1_after_sunset, .limits = SHA1_END, .from = DATE(2016, 1, 1),
	.equivalents = "zlint:e_sub_cert_or_sub_ca_using_sha1; "
		       "certlint:E: SHA-1 not allowed for signing certificates"),
    RULE("self-signed", LEVEL_NOTICE, "BR 7.1.3.2.1: a root in an older one's place",
	is_tls_self_signed, run_sha1, .from = DATE(2016, 1, 1), .flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:e_sub_cert_or_sub_ca_using_sha1"),
};

static const struct subrule SHA1_LONG_LIVED[] = {
    RULE("beyond-2016", LEVEL_WARNING, "BR 7.1.3 SHOULD NOT (Ballot 118)", is_tls_not_ca,
	run_sha1_long_lived, LIMITS({"notAfter up to", DATE(2017, 1, 1)}),
	.from = DATE(2015, 1, 16), .flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_sub_cert_sha1_expiration_too_long"),
};

static const struct subrule SHA1_PRECERT[] = {
    RULE("before", LEVEL_WARNING, "MRSP 5.1.3, before it was in force", is_precert,
	run_sha1, .until = DATE(2017, 2, 28), .flags = RULE_PAST | RULE_WINDOW),
    RULE("mrsp", LEVEL_ERROR, "MRSP 5.1.3 (2.4); BR 7.1.3.2.1", is_precert, run_sha1,
	.from = DATE(2017, 2, 28)),
};

static const struct subrule SHA1_FINAL_SUNSET[] = {
    RULE("signed", LEVEL_ERROR, "BR 7.1.3.2.1 (SC97)", is_not_self_signed, run_sha1,
	.from = DATE(2026, 9, 15)),
    RULE("live-sub-ca", LEVEL_ERROR, "BR 7.1.3.2.1 (SC97): to be revoked before",
	is_live_sub_ca, run_sha1, .limits = SHA1_END),
    RULE("mrsp", LEVEL_ERROR, "MRSP 5.1.3", is_sub_ca_or_responder, run_sha1,
	.from = DATE(2023, 7, 1)),
    RULE("crl", LEVEL_ERROR, "BR 7.1.3.2.1 (SC97)", NULL, NULL, .from = DATE(2026, 9, 15),
	.needs = "crl"),
    RULE("ocsp", LEVEL_ERROR, "BR 7.1.3.2.1 (SC53)", NULL, NULL, .from = DATE(2022, 6, 1),
	.needs = "ocsp"),
};

/* --- weak-hash-signature, sigalg-not-allowed ------------------------------------------
 */

static void
run_weak_hash(struct trial *trial)
{
	static const enum oid WEAK[] = {OID_MD2_RSA, OID_MD4_RSA, OID_MD5_RSA,
	    OID_OIW_MD4_RSA, OID_OIW_MD5_RSA, OID_OIW_MD5_RSA_SIGNATURE};

	for (size_t i = 0; i < ARRAY_LEN(WEAK); i++)
		if (signature_algorithm(trial->it)->id == WEAK[i])
			fail_algorithm(trial, LEVEL_ERROR, "a broken hash");
}

static void
run_algorithm_oid(struct trial *trial)
{
	static const enum oid ALLOWED[] = {OID_SHA256_RSA, OID_SHA384_RSA, OID_SHA512_RSA,
	    OID_ECDSA_SHA256, OID_ECDSA_SHA384, OID_ECDSA_SHA512, OID_RSA_PSS,
	    OID_DSA_SHA256, OID_SHA1_RSA, OID_OIW_SHA1_RSA, OID_DSA_SHA1, OID_ECDSA_SHA1};

	for (size_t i = 0; i < ARRAY_LEN(ALLOWED); i++)
		if (signature_algorithm(trial->it)->id == ALLOWED[i])
			return;
	fail_algorithm(trial, LEVEL_ERROR, "not an algorithm that certificates may use");
}

#define PSS(hash, salt)                                                                  \
	"304106092a864886f70d01010a3034a00f300d060960864801650304020" hash               \
	"0500a11c301a06092a864886f70d010108300d060960864801650304020" hash               \
	"0500a2030201" salt

static const char *const PKCS1[] = {"300d06092a864886f70d01010b0500",
    "300d06092a864886f70d01010c0500", "300d06092a864886f70d01010d0500"};
static const char *const PSS_FORMS[] = {PSS("1", "20"), PSS("2", "30"), PSS("3", "40")};
static const char *const ECDSA[] = {
    "300a06082a8648ce3d040302", "300a06082a8648ce3d040303", "300a06082a8648ce3d040304"};

static bool
is_one_of(struct bytes der, const char *const *hexes, size_t count)
{
	char hex[2 * 128 + 1];

	if (der.len > 128)
		return false;
	hex_format(der.data, der.len, hex);
	for (size_t i = 0; i < count; i++)
		if (strcmp(hex, hexes[i]) == 0)
			return true;
	return false;
}

/* BR 1.7.1 names the octets. */
static void
run_algorithm_octets(struct trial *trial)
{
	struct bytes whole = signature_algorithm(trial->it)->whole;

	if (!is_one_of(whole, PKCS1, 3) && !is_one_of(whole, PSS_FORMS, 3) &&
	    !is_one_of(whole, ECDSA, 3))
		fail_algorithm(
		    trial, LEVEL_ERROR, "not encoded as the requirements write it");
}

static bool
is_pss(const struct judged *it)
{
	return signature_algorithm(it)->id == OID_RSA_PSS;
}

static void
run_pss_octets(struct trial *trial)
{
	if (!is_one_of(signature_algorithm(trial->it)->whole, PSS_FORMS, 3))
		fail_algorithm(
		    trial, LEVEL_ERROR, "PSS parameters not as Mozilla writes them");
}

static bool
is_ecdsa(const struct judged *it)
{
	enum oid id = signature_algorithm(it)->id;

	return id == OID_ECDSA_SHA1 || id == OID_ECDSA_SHA224 || id == OID_ECDSA_SHA256 ||
	    id == OID_ECDSA_SHA384 || id == OID_ECDSA_SHA512;
}

/* Which of the three belongs to the signing key: told by the issuer where it is
 * known, else by how long its signatures can get. */
static int
form_of_signer(const struct judged *it)
{
	size_t len = it->cert->signature.len;
	struct spki spki;

	if (it->issuer != NULL && spki_parse(it->issuer->spki, &spki) &&
	    spki.kind == SPKI_EC)
		return spki.curve == OID_P256 ? 0
		    : spki.curve == OID_P384  ? 1
		    : spki.curve == OID_P521  ? 2
					      : -1;
	return len <= 72 ? 0 : len <= 104 ? 1 : len <= 140 ? 2 : -1;
}

static void
run_ecdsa_octets(struct trial *trial)
{
	int form = form_of_signer(trial->it);

	if (form < 0 || !is_one_of(trial->it->cert->tbs_algorithm.whole, &ECDSA[form], 1))
		fail_algorithm(
		    trial, LEVEL_ERROR, "not the ECDSA of the signing key's curve");
}

static const struct subrule WEAK_HASH_SIGNATURE[] = {
    RULE("broken", LEVEL_ERROR, "BR 6.1.5 (1.0); MRSP 5.1", is_not_self_signed,
	run_weak_hash, .equivalents = "x509lint:ERR_NOT_ALLOWED_HASH"),
};

static const struct subrule SIGALG_NOT_ALLOWED[] = {
    RULE("oid", LEVEL_ERROR, "BR 7.1.3.2; MRSP 5.1.1, 5.1.2", judged_in_tls_scope,
	run_algorithm_oid,
	.equivalents = "zlint:e_signature_algorithm_not_supported; "
		       "x509lint:ERR_UNKNOWN_SIGNATURE_ALGORITHM"),
    RULE("octets", LEVEL_ERROR, "BR 7.1.3.2 (1.7.1)", judged_in_tls_scope,
	run_algorithm_octets, .from = DATE(2020, 8, 20),
	.equivalents = "pkilint:cabf.serverauth.prohibited_signature_algorithm_encoding"),
    RULE("pss", LEVEL_ERROR, "MRSP 5.1.1 (2.7)", is_pss, run_pss_octets,
	.from = DATE(2020, 1, 1),
	.equivalents =
	    "zlint:e_mp_rsassa-pss_parameters_encoding_in_signature_algorithm_correct; "
	    "zlint:e_signature_algorithm_not_supported"),
    RULE("ecdsa", LEVEL_ERROR, "MRSP 5.1.2 (3.0)", is_ecdsa, run_ecdsa_octets,
	.from = DATE(2025, 3, 15),
	.equivalents = "zlint:e_mp_ecdsa_signature_encoding_correct"),
};

/* --- sigalg-mismatch, sigalg-params
 * ----------------------------------------------------- */

static bool
has_both_algorithms(const struct judged *it)
{
	return it->cert->algorithm.whole.len > 0;
}

static void
run_mismatch(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;

	if (!bytes_equal(cert->algorithm.whole, cert->tbs_algorithm.whole))
		fail_algorithm(trial, LEVEL_ERROR, "the TBS names another algorithm");
}

static bool
is_rsa_pkcs1(const struct judged *it)
{
	static const enum oid RSAS[] = {OID_RSA, OID_MD2_RSA, OID_MD4_RSA, OID_MD5_RSA,
	    OID_SHA1_RSA, OID_SHA224_RSA, OID_SHA256_RSA, OID_SHA384_RSA, OID_SHA512_RSA};

	for (size_t i = 0; i < ARRAY_LEN(RSAS); i++)
		if (signature_algorithm(it)->id == RSAS[i])
			return true;
	return false;
}

static void
run_null_params(struct trial *trial)
{
	struct bytes params = trial->it->cert->tbs_algorithm.params;

	if (!bytes_equal(params, bytes_of("\x05\x00", 2)))
		fail_algorithm(trial, LEVEL_ERROR, "its parameters have to be NULL");
}

static void
run_absent_params(struct trial *trial)
{
	if (signature_algorithm(trial->it)->params.len > 0)
		fail_algorithm(trial, LEVEL_ERROR, "it may have no parameters");
}

static void
run_spki_octets(struct trial *trial)
{
	static const char *const ALLOWED[] = {"300d06092a864886f70d0101010500",
	    "301306072a8648ce3d020106082a8648ce3d030107",
	    "301006072a8648ce3d020106052b81040022",
	    "301006072a8648ce3d020106052b81040023"};
	struct bytes algorithm = trial->it->facts->spki.algorithm;

	if (!is_one_of(algorithm, ALLOWED, ARRAY_LEN(ALLOWED)))
		evidence_hex(trial,
		    trial_fail(trial, algorithm,
			"the key's algorithm is not encoded as the requirements write "
			"it"),
		    "algorithm", algorithm);
}

static const struct subrule SIGALG_MISMATCH[] = {
    RULE("differs", LEVEL_ERROR, "RFC 5280 4.1.1.2; BR 7.1.2.7", has_both_algorithms,
	run_mismatch,
	.equivalents = "zlint:e_cert_sig_alg_not_match_tbs_sig_alg; "
		       "pkilint:pkix.certificate_signature_algorithm_mismatch; "
		       "x509lint:ERR_SIG_ALG_MISMATCH"),
};

static const struct subrule SIGALG_PARAMS[] = {
    RULE("rsa", LEVEL_ERROR, "RFC 4055 5", is_rsa_pkcs1, run_null_params,
	.from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_tbs_signature_rsa_encryption_parameter_not_null; "
		       "x509lint:ERR_ALG_PARAMETER_MISSING"),
    RULE("ecdsa", LEVEL_ERROR, "RFC 5758 3.2; MRSP 5.1", is_ecdsa, run_absent_params,
	.from = DATE(2008, 5, 1), .equivalents = "x509lint:ERR_ALG_PARAMETER_PRESENT"),
    RULE("key", LEVEL_ERROR, "BR 7.1.3.1 (1.7.1)", judged_in_tls_scope, run_spki_octets,
	.from = DATE(2020, 8, 20),
	.equivalents =
	    "zlint:e_algorithm_identifier_improper_encoding; "
	    "pkilint:cabf.serverauth.prohibited_subject_public_key_algorithm_encoding"),
};

/* --- sigalg-key-mismatch, bad-signature
 * --------------------------------------------------- */

static bool
has_issuer(const struct judged *it)
{
	return it->issuer != NULL;
}

static void
run_key_mismatch(struct trial *trial)
{
	static const struct {
		enum oid curve, algorithm;
	} CURVES[] = {{OID_P256, OID_ECDSA_SHA256}, {OID_P384, OID_ECDSA_SHA384},
	    {OID_P521, OID_ECDSA_SHA512}};
	const struct judged *it = trial->it;
	enum oid id = signature_algorithm(it)->id;
	struct spki spki;
	bool bad = false;

	if (!spki_parse(it->issuer->spki, &spki))
		return;
	if (spki.kind == SPKI_RSA)
		bad = is_ecdsa(it);
	else if (spki.kind == SPKI_EC)
		bad = is_rsa_pkcs1(it) || is_pss(it);
	for (size_t i = 0; i < ARRAY_LEN(CURVES); i++)
		if (spki.kind == SPKI_EC && spki.curve == CURVES[i].curve)
			bad = bad || id != CURVES[i].algorithm;
	if (bad)
		evidence_hex(trial,
		    fail_algorithm(trial, LEVEL_ERROR, "not the issuer key's algorithm"),
		    "issuer_spki", it->issuer->spki);
}

static bool
has_bad_signature(const struct judged *it)
{
	return it->signature != SIGNATURE_UNKNOWN;
}

/* Anybody may submit what a CA never signed: the log's submitter is to blame. */
static void
run_bad_signature(struct trial *trial)
{
	if (trial->it->signature == SIGNATURE_BAD)
		trial_fail(trial, trial->it->cert->signature_at,
		    "the signature is no known issuer's: of the submitter's making");
}

static const struct subrule SIGALG_KEY_MISMATCH[] = {
    RULE("curve", LEVEL_ERROR, "BR 7.1.3.2.2; MRSP 5.1.2", has_issuer, run_key_mismatch,
	.from = DATE(2020, 8, 20)),
};

static const struct subrule BAD_SIGNATURE[] = {
    RULE("signature", LEVEL_ERROR, "RFC 5280 6", has_bad_signature, run_bad_signature,
	.flags = RULE_NOT_COUNTED,
	.equivalents = "pkilint:pkix.signature_verification_failed"),
};

static const struct check CHECKS[] = {
    CHECK("sha1-after-sunset", SCOPE_CERTIFICATE,
	"Signed with SHA-1 on or after 1 January 2016.", SHA1_AFTER_SUNSET),
    CHECK("sha1-long-lived", SCOPE_CERTIFICATE,
	"Signed with SHA-1 and valid beyond 2016.", SHA1_LONG_LIVED),
    CHECK("sha1-precert", SCOPE_CERTIFICATE, "A precertificate signed with SHA-1.",
	SHA1_PRECERT),
    CHECK("sha1-final-sunset", SCOPE_CERTIFICATE, "SHA-1 after its last uses have ended.",
	SHA1_FINAL_SUNSET),
    CHECK("weak-hash-signature", SCOPE_CERTIFICATE, "Signed with MD2, MD4 or MD5.",
	WEAK_HASH_SIGNATURE),
    CHECK("sigalg-not-allowed", SCOPE_CERTIFICATE,
	"The signature's algorithm is not among those allowed, or not written as they "
	"are.",
	SIGALG_NOT_ALLOWED),
    CHECK("sigalg-mismatch", SCOPE_CERTIFICATE,
	"The certificate names two different signature algorithms.", SIGALG_MISMATCH),
    CHECK("sigalg-params", SCOPE_CERTIFICATE,
	"An algorithm's parameters are missing or should not be there.", SIGALG_PARAMS),
    CHECK("sigalg-key-mismatch", SCOPE_PAIR,
	"The signature's algorithm does not belong to the issuer's key.",
	SIGALG_KEY_MISMATCH),
    CHECK("bad-signature", SCOPE_PAIR,
	"The signature verifies under no known issuer key.", BAD_SIGNATURE),
};

const struct check_family CHECK_KEYS = {"keys", CHECKS, ARRAY_LEN(CHECKS)};
