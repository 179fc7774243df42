/* B1: elliptic-curve keys, and keys of other kinds. */
#include "check_priv.h"

#include "base/text.h"
#include "crypto/point.h"

/* --- spki-rsa-params, spki-pss-oid ------------------------------------------------ */

void
check_rsa_params(struct trial *trial)
{
	static const uint8_t WANT[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
	    0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
	struct bytes algorithm = trial->it->facts->spki.algorithm;

	if (!bytes_equal(algorithm, bytes_of(WANT, sizeof(WANT))))
		evidence_hex(trial,
		    trial_fail(
			trial, algorithm, "rsaEncryption without its NULL parameters"),
		    "algorithm", algorithm);
}

static bool
has_spki(const struct judged *it)
{
	return it->facts->has_spki;
}

static void
run_pss_key(struct trial *trial)
{
	const struct spki *spki = &trial->it->facts->spki;

	if (spki->algorithm_id == OID_RSA_PSS || spki->algorithm_id == OID_RSA_OAEP)
		trial_fail(trial, spki->algorithm, "a key for %s only",
		    oid_short_name(spki->algorithm_id));
}

static const struct subrule SPKI_PSS_OID[] = {
    RULE("pss", LEVEL_ERROR, "MRSP 5.1.1 (2.7); BR 7.1.3.1.1", has_spki, run_pss_key,
	.from = DATE(2020, 1, 1), .equivalents = "zlint:e_mp_rsassa-pss_in_spki"),
};

/* --- ec-curve-not-allowed, ec-curve-p521 -------------------------------------------- */

static bool
has_ec_key(const struct judged *it)
{
	return it->facts->has_spki && it->facts->spki.algorithm_id == OID_EC;
}

static bool
has_tls_ec_key(const struct judged *it)
{
	return judged_in_tls_scope(it) && has_ec_key(it);
}

static bool
has_other_ec_key(const struct judged *it)
{
	return !judged_in_tls_scope(it) && has_ec_key(it);
}

static void
run_ec_curve(struct trial *trial)
{
	const struct spki *spki = &trial->it->facts->spki;
	struct finding *finding;
	struct buf name;

	/* Parameters that are no OID are ec-params-encoding's. */
	if (spki->curve_oid.len == 0 || spki->curve == OID_P256 ||
	    spki->curve == OID_P384 || spki->curve == OID_P521)
		return;
	buf_init(&name, 4096);
	oid_append_name(&name, spki->curve_oid);
	finding = trial_fail(trial, spki->params,
	    "key on curve %.100s, not P-256, P-384 or P-521", buf_text(&name));
	evidence_text(trial, finding, "curve", buf_text(&name));
	buf_clear(&name);
	oid_append_dotted(&name, spki->curve_oid);
	evidence_text(trial, finding, "curve_oid", buf_text(&name));
	evidence_int(trial, finding, "point_octets", (int64_t)spki->point.len);
	buf_free(&name);
}

static bool
has_ec_key_for_mozilla(const struct judged *it)
{
	return has_tls_ec_key(it) && judged_trust(it, PROGRAM_MOZILLA) != TRUST_NO;
}

static void
run_p521(struct trial *trial)
{
	const struct spki *spki = &trial->it->facts->spki;

	if (spki->curve == OID_P521)
		evidence_text(trial,
		    trial_fail(
			trial, spki->params, "key on P-521, which Mozilla excluded"),
		    "policy", trial->rule->source);
}

static const struct subrule EC_CURVE_NOT_ALLOWED[] = {
    RULE("tls", LEVEL_ERROR, "BR 6.1.5", has_tls_ec_key, run_ec_curve,
	.equivalents = "zlint:e_ec_improper_curves; "
		       "pkilint:cabf.ecdsa_key_validation_failed; "
		       "certlint:E: EC subject key is not on allowed curve; "
		       "x509lint:ERR_EC_NON_ALLOWED_CURVE"),
    RULE("other", LEVEL_NOTICE, "BR 6.1.5, for certificates outside TLS",
	has_other_ec_key, run_ec_curve, .flags = RULE_NOT_COUNTED),
};

static const struct subrule EC_CURVE_P521[] = {
    RULE("not-allowed", LEVEL_WARNING, "MRSP 5.1 (2.4 to 2.8.1)", has_ec_key_for_mozilla,
	run_p521, .from = DATE(2017, 2, 28), .until = DATE(2023, 9, 1),
	.flags = RULE_WINDOW | RULE_PAST),
    RULE("not-supported", LEVEL_NOTICE, "MRSP 5.1 (2.9)", has_ec_key_for_mozilla,
	run_p521, .from = DATE(2023, 9, 1), .until = DATE(2025, 3, 15),
	.flags = RULE_WINDOW | RULE_PAST),
};

/* --- ec-params-encoding, ec-point-invalid ---------------------------------------------
 */

static void
run_params_encoding(struct trial *trial)
{
	static const uint8_t P256[] = {0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce,
	    0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
	static const uint8_t P384[] = {0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce,
	    0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
	static const uint8_t P521[] = {0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce,
	    0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23};
	struct bytes algorithm = trial->it->facts->spki.algorithm;

	if (!bytes_equal(algorithm, bytes_of(P256, sizeof(P256))) &&
	    !bytes_equal(algorithm, bytes_of(P384, sizeof(P384))) &&
	    !bytes_equal(algorithm, bytes_of(P521, sizeof(P521))))
		evidence_hex(trial,
		    trial_fail(trial, algorithm,
			"the EC key's algorithm is none of the three encodings allowed"),
		    "algorithm", algorithm);
}

static const struct {
	enum oid oid;
	enum point_curve curve;
} CURVES[] = {{OID_P256, POINT_P256}, {OID_P384, POINT_P384}, {OID_P521, POINT_P521}};

static bool
has_known_curve(const struct judged *it)
{
	for (size_t i = 0; i < ARRAY_LEN(CURVES); i++)
		if (has_ec_key(it) && it->facts->spki.curve == CURVES[i].oid)
			return true;
	return false;
}

static enum point_curve
curve_of(const struct judged *it)
{
	for (size_t i = 0; i < ARRAY_LEN(CURVES); i++)
		if (it->facts->spki.curve == CURVES[i].oid)
			return CURVES[i].curve;
	return POINT_P256;
}

static void
run_point(struct trial *trial)
{
	static const char *const SAYS[] = {
	    [POINT_FORM] = "is not encoded as a point",
	    [POINT_INFINITY] = "is the point at infinity",
	    [POINT_RANGE] = "has a coordinate beyond the field",
	    [POINT_OFF] = "does not lie on the curve",
	};
	struct bytes point = trial->it->facts->spki.point;
	enum point_verdict verdict = point_check(curve_of(trial->it), point);

	if (verdict != POINT_GOOD)
		trial_fail(trial, point, "the EC key %s", SAYS[verdict]);
}

static void
run_compressed(struct trial *trial)
{
	struct bytes point = trial->it->facts->spki.point;

	if (point.len > 0 && (point.data[0] == 2 || point.data[0] == 3))
		trial_fail(trial, point, "the EC key is a compressed point");
}

static const struct subrule EC_PARAMS_ENCODING[] = {
    RULE("octets", LEVEL_ERROR, "BR 7.1.3.1.2; MRSP 5.1.2 (2.7)", has_ec_key,
	run_params_encoding, .from = DATE(2020, 1, 1),
	.equivalents =
	    "zlint:e_mp_ecdsa_pub_key_encoding_correct; "
	    "pkilint:cabf.serverauth.prohibited_subject_public_key_algorithm_encoding; "
	    "x509lint:ERR_NOT_NAMED_CURVE"),
};

static const struct subrule EC_POINT_INVALID[] = {
    RULE("point", LEVEL_ERROR, "BR 6.1.5, 6.1.6; MRSP 5.2", has_known_curve, run_point,
	.equivalents = "pkilint:cabf.ecdsa_key_validation_failed; "
		       "x509lint:ERR_EC_POINT_NOT_ON_CURVE"),
    RULE("compressed", LEVEL_NOTICE, "BR 6.1.6", has_known_curve, run_compressed,
	.flags = RULE_NOT_COUNTED),
};

/* --- key-type-not-allowed
 * ----------------------------------------------------------------- */

static bool
is_tls_key(const struct judged *it)
{
	return judged_in_tls_scope(it) && has_spki(it);
}

static bool
has_dsa_key(const struct judged *it)
{
	return has_spki(it) && it->facts->spki.kind == SPKI_DSA;
}

static bool
has_tls_dsa_key(const struct judged *it)
{
	return judged_in_tls_scope(it) && has_dsa_key(it);
}

static void
run_key_type(struct trial *trial)
{
	const struct spki *spki = &trial->it->facts->spki;
	struct buf name;

	if (spki->algorithm_id == OID_RSA || spki->algorithm_id == OID_EC ||
	    spki->algorithm_id == OID_DSA)
		return;
	buf_init(&name, 4096);
	oid_append_name(&name, spki->oid);
	trial_fail(trial, spki->algorithm, "a key of type %.100s", buf_text(&name));
	buf_free(&name);
}

static void
run_dsa(struct trial *trial)
{
	if (trial->it->facts->spki.kind == SPKI_DSA)
		trial_fail(trial, trial->it->facts->spki.algorithm, "a DSA key");
}

static void
run_dsa_sizes(struct trial *trial)
{
	const struct spki *spki = &trial->it->facts->spki;
	size_t l = der_integer_bits(spki->p), n = der_integer_bits(spki->q);

	for (const struct rule_limit *each = trial->rule->limits; each->of != NULL;
	     each += 2)
		if (l == (size_t)each[0].value && n == (size_t)each[1].value)
			return;
	trial_fail(trial, spki->params, "DSA key with L = %zu and N = %zu", l, n);
}

static void
run_dsa_short(struct trial *trial)
{
	size_t l = der_integer_bits(trial->it->facts->spki.p);

	if (l < (size_t)rule_limit(trial, 0))
		trial_fail(
		    trial, trial->it->facts->spki.params, "DSA key of %zu bits", l);
}

static const struct subrule KEY_TYPE[] = {
    RULE("type", LEVEL_ERROR, "BR 6.1.5", is_tls_key, run_key_type,
	.from = DATE(2012, 7, 1),
	.equivalents =
	    "zlint:e_public_key_type_not_allowed; "
	    "pkilint:cabf.serverauth.prohibited_subject_public_key_algorithm_encoding; "
	    "x509lint:ERR_UNKNOWN_PUBLIC_KEY_TYPE"),
    RULE("dsa-br", LEVEL_ERROR, "BR 6.1.5 (1.7.1)", is_tls_key, run_dsa,
	.from = DATE(2020, 8, 20),
	.equivalents =
	    "zlint:e_br_prohibit_dsa_usage; "
	    "pkilint:cabf.serverauth.prohibited_subject_public_key_algorithm_encoding"),
    RULE("dsa-mrsp", LEVEL_ERROR, "MRSP 5.1 (2.4.1)", has_spki, run_dsa,
	.from = DATE(2017, 3, 31), .equivalents = "zlint:e_prohibit_dsa_usage"),
    RULE("dsa-sizes", LEVEL_ERROR, "BR 6.1.5", has_tls_dsa_key, run_dsa_sizes,
	LIMITS({"L", 2048}, {"N", 224}, {"L", 2048}, {"N", 256}, {"L", 3072}, {"N", 256}),
	.equivalents = "zlint:e_dsa_improper_modulus_or_divisor_size"),
    RULE("dsa-short", LEVEL_ERROR, "BR 6.1.5", has_tls_dsa_key, run_dsa_short,
	LIMITS({"bits", 2048}), .until = DATE(2020, 8, 20),
	.equivalents = "zlint:e_dsa_shorter_than_2048_bits"),
};

static const struct check CHECKS[] = {
    CHECK("spki-pss-oid", SCOPE_CERTIFICATE,
	"The key may be used with one RSA scheme only.", SPKI_PSS_OID),
    CHECK("ec-curve-not-allowed", SCOPE_CERTIFICATE,
	"The key lies on an elliptic curve that TLS certificates may not use.",
	EC_CURVE_NOT_ALLOWED),
    CHECK("ec-curve-p521", SCOPE_CERTIFICATE,
	"The key lies on P-521 while Mozilla excluded it.", EC_CURVE_P521),
    CHECK("ec-params-encoding", SCOPE_CERTIFICATE,
	"The elliptic curve is not named by one of the encodings allowed.",
	EC_PARAMS_ENCODING),
    CHECK("ec-point-invalid", SCOPE_CERTIFICATE,
	"The elliptic-curve key is no point of its curve.", EC_POINT_INVALID),
    CHECK("key-type-not-allowed", SCOPE_CERTIFICATE, "The key is of a type not allowed.",
	KEY_TYPE),
};

const struct check_family CHECK_KEYS_EC = {"keys", CHECKS, ARRAY_LEN(CHECKS)};
