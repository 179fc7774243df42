/* B1: signature algorithm and key. */
#include "check_priv.h"

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

static bool
is_tls_sub_ca(const struct judged *it)
{
	return it->class == CLASS_CA && !it->self_signed && it->tls;
}

/* --- sha1-after-sunset ----------------------------------------------------- */

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
	const struct cert_algorithm *algorithm = signature_algorithm(it);
	enum check_level level = LEVEL_ERROR;
	struct finding *finding;

	if (!is_sha1(algorithm->id))
		return;
	/* SC97: cross-certificates may stay until their last day. */
	if (it->cross && it->cert->not_before < DATE(2026, 9, 15))
		level = LEVEL_WARNING;
	finding = trial_fail_at(trial, level, algorithm->whole,
	    "signed with %s after SHA-1's end", oid_short_name(algorithm->id));
	evidence_hex(trial, finding, "outer_algorithm", it->cert->algorithm.whole);
	evidence_hex(trial, finding, "inner_algorithm", it->cert->tbs_algorithm.whole);
	evidence_time(trial, finding, "lo", it->lo_ms);
	evidence_time(trial, finding, "hi", it->hi_ms);
	evidence_bool(trial, finding, "near_boundary",
	    near(it->cert->not_before, trial->rule->from));
}

static const struct subrule SHA1_AFTER_SUNSET[] = {
    {
	.name = "subscriber",
	.source = "BR 7.1.3 (Ballot 118)",
	.from = DATE(2016, 1, 1),
	.level = LEVEL_ERROR,
	.applies = judged_is_tls_subscriber,
	.run = run_sha1_after_sunset,
	.equivalents = "zlint:e_sub_cert_or_sub_ca_using_sha1; "
		       "pkilint:cabf.serverauth.prohibited_signature_algorithm_encoding; "
		       "certlint:E: SHA-1 not allowed for signing certificates",
    },
    {
	.name = "sub-ca",
	.source = "BR 7.1.3 (Ballot 118); SC97",
	.from = DATE(2016, 1, 1),
	.level = LEVEL_ERROR,
	.applies = is_tls_sub_ca,
	.run = run_sha1_after_sunset,
	.equivalents = "zlint:e_sub_cert_or_sub_ca_using_sha1; "
		       "pkilint:cabf.serverauth.prohibited_signature_algorithm_encoding; "
		       "certlint:E: SHA-1 not allowed for signing certificates",
    },
};

/* --- ec-curve-not-allowed ----------------------------------------------------- */

static bool
has_ec_key(const struct judged *it)
{
	return it->facts->has_spki && it->facts->spki.algorithm_id == OID_EC;
}

static bool
has_tls_ec_key(const struct judged *it)
{
	return it->tls && has_ec_key(it);
}

static bool
has_other_ec_key(const struct judged *it)
{
	return !it->tls && has_ec_key(it);
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

static const struct subrule EC_CURVE_NOT_ALLOWED[] = {
    {
	.name = "tls",
	.source = "BR 6.1.5",
	.level = LEVEL_ERROR,
	.applies = has_tls_ec_key,
	.run = run_ec_curve,
	.equivalents =
	    "zlint:e_ec_improper_curves; "
	    "pkilint:cabf.serverauth.prohibited_subject_public_key_algorithm_encoding; "
	    "certlint:E: EC subject key is not on allowed curve; "
	    "x509lint:ERR_EC_NON_ALLOWED_CURVE",
    },
    {
	.name = "other",
	.source = "BR 6.1.5, for certificates outside TLS",
	.level = LEVEL_NOTICE,
	.flags = RULE_NOT_COUNTED,
	.applies = has_other_ec_key,
	.run = run_ec_curve,
    },
};

static const struct check CHECKS[] = {
    {
	.id = "sha1-after-sunset",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "Signed with SHA-1 on or after 1 January 2016.",
	.subrules = SHA1_AFTER_SUNSET,
	.subrule_count = ARRAY_LEN(SHA1_AFTER_SUNSET),
    },
    {
	.id = "ec-curve-not-allowed",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "The key lies on an elliptic curve that TLS certificates may not use.",
	.subrules = EC_CURVE_NOT_ALLOWED,
	.subrule_count = ARRAY_LEN(EC_CURVE_NOT_ALLOWED),
    },
};

const struct check_family CHECK_KEYS = {"keys", CHECKS, ARRAY_LEN(CHECKS)};
