/* B2: key usage, extended key usage, policies, structure. */
#include "check_priv.h"

/* --- ku-key-mismatch -------------------------------------------------------- */

static bool
has_ku_and_key(const struct judged *it, enum spki_kind kind)
{
	return it->facts->ku_at != NULL && it->facts->has_spki &&
	    it->facts->spki.kind == kind;
}

static bool
is_rsa_leaf(const struct judged *it)
{
	return judged_is_subscriber(it) && has_ku_and_key(it, SPKI_RSA);
}

/* Signed by itself or not where no dates count. */
static bool
is_any_rsa_leaf(const struct judged *it)
{
	return (judged_is_subscriber(it) ||
		   (it->dates == DATES_NONE && !judged_is_ca(it))) &&
	    has_ku_and_key(it, SPKI_RSA);
}

static bool
is_rsa_ca(const struct judged *it)
{
	return judged_is_ca(it) && has_ku_and_key(it, SPKI_RSA);
}

static bool
is_rsa_tls_leaf(const struct judged *it)
{
	return judged_is_tls_leaf(it) && is_rsa_leaf(it);
}

static bool
is_ec_any(const struct judged *it)
{
	return has_ku_and_key(it, SPKI_EC);
}

static bool
is_ec_leaf(const struct judged *it)
{
	return judged_is_subscriber(it) && has_ku_and_key(it, SPKI_EC);
}

static bool
is_ec_tls_leaf(const struct judged *it)
{
	return judged_is_tls_leaf(it) && is_ec_leaf(it);
}

/* Without the use that it has to have, a key is told that and no more. */
static bool
is_ec_tls_signer(const struct judged *it)
{
	return is_ec_tls_leaf(it) && (it->facts->ku.bits & KU_DIGITAL_SIGNATURE) != 0;
}

void
usage_evidence(struct trial *trial, struct finding *finding)
{
	uint32_t bits = trial->it->facts->ku.bits;

	evidence_list(trial, finding, "key_usage");
	for (int i = 0; i < 9; i++)
		if ((bits >> i & 1) != 0)
			evidence_text(trial, finding, NULL,
			    key_usage_name((enum key_usage_bit)(1 << i)));
	evidence_end(trial, finding);
	evidence_text(trial, finding, "key_type",
	    trial->it->facts->spki.kind == SPKI_RSA ? "RSA" : "EC");
}

/* arg: the bits that may not be set. */
static void
run_ku_prohibited(struct trial *trial)
{
	uint32_t bits = trial->it->facts->ku.bits & (uint32_t)trial->rule->arg;
	enum key_usage_bit first;

	if (bits == 0)
		return;
	first = (enum key_usage_bit)(bits & -bits);
	usage_evidence(trial,
	    trial_fail(trial, trial->it->facts->ku_at->value,
		"key usage %s does not go with this kind of key", key_usage_name(first)));
}

/* RFC 3279, 2.3.1: signing certificates and enciphering do not mix. */
static void
run_ku_ca_encipherment(struct trial *trial)
{
	uint32_t bits = trial->it->facts->ku.bits;

	if ((bits & (KU_KEY_CERT_SIGN | KU_CRL_SIGN)) == 0 ||
	    (bits & (KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT)) == 0)
		return;
	usage_evidence(trial,
	    trial_fail(trial, trial->it->facts->ku_at->value,
		"a CA's RSA key that signs certificates also enciphers"));
}

static void
run_ku_required(struct trial *trial)
{
	if ((trial->it->facts->ku.bits & (uint32_t)trial->rule->arg) != 0)
		return;
	usage_evidence(trial,
	    trial_fail(trial, trial->it->facts->ku_at->value,
		"an EC key without digitalSignature"));
}

static const struct subrule KU_KEY_MISMATCH[] = {
    {
	.name = "rsa-leaf",
	.source = "RFC 3279 2.3.1",
	.from = DATE(2002, 4, 1),
	.level = LEVEL_ERROR,
	.applies = is_rsa_leaf,
	.run = run_ku_prohibited,
	.arg = KU_KEY_CERT_SIGN | KU_CRL_SIGN | KU_ENCIPHER_ONLY | KU_DECIPHER_ONLY,
	.equivalents = "zlint:e_rsa_allowed_ku_ee; "
		       "certlint:E: Unallowed key usage for RSA public key",
    },
    {
	.name = "rsa-leaf-agreement",
	.source = "RFC 3279 2.3.1; RFC 4055 1.2",
	.from = DATE(2002, 4, 1),
	.level = LEVEL_ERROR,
	.applies = is_any_rsa_leaf,
	.run = run_ku_prohibited,
	.arg = KU_KEY_AGREEMENT,
	.equivalents =
	    "zlint:e_rsa_allowed_ku_ee; pkilint:pkix.key_usage_value_prohibited_for_rsa",
    },
    {
	.name = "rsa-ca",
	.source = "RFC 3279 2.3.1",
	.from = DATE(2002, 4, 1),
	.level = LEVEL_ERROR,
	.applies = is_rsa_ca,
	.run = run_ku_prohibited,
	.arg = KU_ENCIPHER_ONLY | KU_DECIPHER_ONLY,
	.equivalents = "zlint:e_rsa_allowed_ku_ca",
    },
    {
	.name = "rsa-ca-agreement",
	.source = "RFC 3279 2.3.1; RFC 4055 1.2",
	.from = DATE(2002, 4, 1),
	.level = LEVEL_ERROR,
	.applies = is_rsa_ca,
	.run = run_ku_prohibited,
	.arg = KU_KEY_AGREEMENT,
	.equivalents =
	    "zlint:e_rsa_allowed_ku_ca; pkilint:pkix.key_usage_value_prohibited_for_rsa",
    },
    {
	.name = "rsa-ca-encipherment",
	.source = "RFC 3279 2.3.1",
	.from = DATE(2002, 4, 1),
	.level = LEVEL_ERROR,
	.applies = is_rsa_ca,
	.run = run_ku_ca_encipherment,
	.equivalents = "zlint:e_rsa_allowed_ku_no_encipherment_ca",
    },
    {
	.name = "rsa-leaf-br",
	.source = "BR 7.1.2.7.11",
	.from = DATE(2023, 9, 15),
	.level = LEVEL_ERROR,
	.applies = is_rsa_tls_leaf,
	.run = run_ku_prohibited,
	.arg = KU_NON_REPUDIATION | KU_KEY_AGREEMENT | KU_KEY_CERT_SIGN | KU_CRL_SIGN |
	    KU_ENCIPHER_ONLY | KU_DECIPHER_ONLY,
	.equivalents = "pkilint:cabf.serverauth.subscriber_prohibited_ku_present",
    },
    {
	.name = "ec-encipherment",
	.source = "RFC 8813 3",
	.from = DATE(2020, 8, 1),
	.level = LEVEL_ERROR,
	.applies = is_ec_any,
	.run = run_ku_prohibited,
	.arg = KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT,
	.equivalents =
	    "zlint:e_ecdsa_allowed_ku; pkilint:pkix.key_usage_value_prohibited_for_ec; "
	    "certlint:E: Unallowed key usage for EC public key",
    },
    {
	.name = "ec-leaf",
	.source = "RFC 5480 3",
	.from = DATE(2012, 7, 1),
	.level = LEVEL_NOTICE,
	.flags = RULE_NOT_COUNTED,
	.applies = is_ec_leaf,
	.run = run_ku_prohibited,
	.arg = KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT | KU_KEY_CERT_SIGN |
	    KU_CRL_SIGN | KU_ENCIPHER_ONLY | KU_DECIPHER_ONLY,
	.equivalents = "zlint:n_ecdsa_ee_invalid_ku",
    },
    {
	.name = "ec-leaf-br",
	.source = "BR 7.1.2.7.11",
	.from = DATE(2023, 9, 15),
	.level = LEVEL_ERROR,
	.applies = is_ec_tls_signer,
	.run = run_ku_prohibited,
	.arg = ~(int64_t)(KU_DIGITAL_SIGNATURE | KU_KEY_AGREEMENT) & 0x1ff,
	.equivalents = "zlint:e_cabf_ecc_allowed_key_usages; "
		       "pkilint:cabf.serverauth.subscriber_prohibited_ku_present",
    },
    {
	.name = "ec-leaf-signature",
	.source = "BR 7.1.2.7.11",
	.from = DATE(2023, 9, 15),
	.level = LEVEL_ERROR,
	.applies = is_ec_tls_leaf,
	.run = run_ku_required,
	.arg = KU_DIGITAL_SIGNATURE,
	.equivalents = "zlint:e_cabf_ecc_allowed_key_usages; "
		       "pkilint:cabf.serverauth.subscriber_required_ku_missing",
    },
};

/* --- ku-discouraged -------------------------------------------------------------- */

/* The linter that knows these as warnings stops at a use that is prohibited. */
static bool
has_prohibited(const struct judged *it, uint32_t allowed)
{
	return (it->facts->ku.bits & ~allowed) != 0;
}

#define RSA_ALLOWED (KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT)
#define EC_ALLOWED  (KU_DIGITAL_SIGNATURE | KU_KEY_AGREEMENT)

/* Where there is nothing worse to say of the key usage. */
static bool
is_ec_key_in_order(const struct judged *it)
{
	return is_ec_tls_signer(it) && !has_prohibited(it, EC_ALLOWED);
}

static bool
is_ec_key_in_disorder(const struct judged *it)
{
	return is_ec_tls_leaf(it) && !is_ec_key_in_order(it);
}

static void
run_ec_agreement(struct trial *trial)
{
	if ((trial->it->facts->ku.bits & KU_KEY_AGREEMENT) != 0)
		trial_fail(trial, trial->it->facts->ku_at->value,
		    "keyAgreement with an EC key is not recommended");
}

static void
run_rsa_data(struct trial *trial)
{
	if ((trial->it->facts->ku.bits & KU_DATA_ENCIPHERMENT) != 0 &&
	    !has_prohibited(trial->it, RSA_ALLOWED))
		trial_fail(trial, trial->it->facts->ku_at->value,
		    "dataEncipherment is not recommended");
}

static void
run_rsa_both(struct trial *trial)
{
	uint32_t both = KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT;

	if ((trial->it->facts->ku.bits & both) == both &&
	    !has_prohibited(trial->it, RSA_ALLOWED))
		trial_fail(trial, trial->it->facts->ku_at->value,
		    "digitalSignature and keyEncipherment together are not recommended");
}

static void
run_rsa_no_signature(struct trial *trial)
{
	if ((trial->it->facts->ku.bits & KU_DIGITAL_SIGNATURE) == 0 &&
	    !has_prohibited(trial->it, RSA_ALLOWED))
		trial_fail(trial, trial->it->facts->ku_at->value,
		    "digitalSignature is recommended");
}

static const struct subrule KU_DISCOURAGED[] = {
    RULE("ec-agreement", LEVEL_NOTICE, "BR 7.1.2.7.11", is_ec_key_in_order,
	run_ec_agreement, .from = DATE(2023, 9, 15), .flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_cabf_ecc_ku_keyagreement_present; "
		       "pkilint:cabf.serverauth.subscriber_discouraged_ku_present"),
    RULE("ec-agreement-too", LEVEL_NOTICE, "BR 7.1.2.7.11", is_ec_key_in_disorder,
	run_ec_agreement, .from = DATE(2023, 9, 15), .flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_cabf_ecc_ku_keyagreement_present"),
    RULE("rsa-data", LEVEL_NOTICE, "BR 7.1.2.7.11", is_rsa_tls_leaf, run_rsa_data,
	.from = DATE(2023, 9, 15), .flags = RULE_NOT_COUNTED,
	.equivalents = "pkilint:cabf.serverauth.subscriber_discouraged_ku_present"),
    RULE("rsa-both", LEVEL_NOTICE, "BR 7.1.2.7.11", is_rsa_tls_leaf, run_rsa_both,
	.from = DATE(2023, 9, 15), .flags = RULE_NOT_COUNTED,
	.equivalents =
	    "pkilint:cabf.serverauth.subscriber_rsa_digitalsignature_and_keyencipherment_"
	    "present"),
    RULE("rsa-no-signature", LEVEL_NOTICE, "BR 7.1.2.7.11", is_rsa_tls_leaf,
	run_rsa_no_signature, .from = DATE(2023, 9, 15), .flags = RULE_NOT_COUNTED,
	.equivalents = "pkilint:cabf.serverauth.subscriber_recommended_ku_missing"),
    RULE("absent", LEVEL_NOTICE, "BR 7.1.2.7.6", is_extended_subscriber, rule_ext_absent,
	.arg = OID_KEY_USAGE, .from = DATE(2023, 9, 15), .flags = RULE_NOT_COUNTED,
	.equivalents = "pkilint:cabf.serverauth.subscriber.key_usage_extension_absent"),
    RULE("not-critical", LEVEL_NOTICE, "RFC 5280 4.2.1.3 SHOULD; BR 7.1.2.7.6", has_ku,
	rule_ext_not_critical, .arg = OID_KEY_USAGE, .from = DATE(1999, 1, 1),
	.flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_ext_key_usage_not_critical; "
		       "pkilint:pkix.key_usage_extension_not_critical; "
		       "x509lint:WARN_KEY_USAGE_NOT_CRITICAL"),
};

/* --- ku-invalid -------------------------------------------------------------------- */

/* The BIT STRING's content: the count of unused bits, then the bits. */
static struct bytes
ku_content(const struct judged *it)
{
	struct der element;

	if (!der_only(it->facts->ku_at->value, &element) || element.value.len == 0)
		return bytes_of(NULL, 0);
	return element.value;
}

static void
run_ku_no_bits(struct trial *trial)
{
	if ((trial->it->facts->ku.bits & 0x1ff) == 0)
		trial_fail(
		    trial, trial->it->facts->ku_at->value, "no bit of key usage set");
}

static void
run_ku_unused(struct trial *trial)
{
	struct bytes content = ku_content(trial->it);
	unsigned zeros = 0;

	if (content.len < 2)
		return;
	for (size_t i = content.len; i > 1; i--) {
		unsigned octet = content.data[i - 1];

		if (octet != 0) {
			zeros += (unsigned)__builtin_ctz(octet);
			break;
		}
		zeros = i == 2 ? 0 : zeros + 8;
	}
	if (content.data[0] != zeros)
		trial_fail(trial, content, "key usage counts %u unused bits, and has %u",
		    content.data[0], zeros);
}

static void
run_ku_trailing(struct trial *trial)
{
	struct bytes content = ku_content(trial->it);

	if (content.len > 0 && content.data[content.len - 1] == 0)
		trial_fail(trial, content, "key usage ends in an octet of zeros");
}

/* There are nine named bits. */
static void
run_ku_length(struct trial *trial)
{
	struct bytes content = ku_content(trial->it);

	if (content.len == 0)
		trial_fail(
		    trial, trial->it->facts->ku_at->value, "key usage is no BIT STRING");
	else if (8 * (content.len - 1) > (size_t)rule_limit(trial, 0) + content.data[0])
		trial_fail(trial, content, "key usage of %zu bits",
		    8 * (content.len - 1) - content.data[0]);
}

static const struct subrule KU_INVALID[] = {
    RULE("no-bits", LEVEL_ERROR, "RFC 5280 4.2.1.3", has_ku, run_ku_no_bits,
	.from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_ext_key_usage_without_bits; pkilint:pkix.no_ku_bits_set; "
		       "x509lint:ERR_KEY_USAGE_EMPTY"),
    RULE("unused-bits", LEVEL_ERROR, "X.690 11.2", has_ku, run_ku_unused,
	.equivalents = "zlint:e_incorrect_ku_encoding"),
    RULE("trailing", LEVEL_ERROR, "X.690 11.2", has_ku, run_ku_trailing,
	.equivalents = "zlint:e_superfluous_ku_encoding"),
    RULE("length", LEVEL_ERROR, "RFC 5280 4.2.1.3", has_ku, run_ku_length,
	LIMITS({"bits", 9}), .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_key_usage_incorrect_length; "
		       "x509lint:ERR_KEY_USAGE_TOO_LONG"),
};

static const struct check CHECKS[] = {
    CHECK("ku-key-mismatch", SCOPE_CERTIFICATE,
	"The key usage names uses that this kind of key does not have.", KU_KEY_MISMATCH),
    CHECK("ku-discouraged", SCOPE_CERTIFICATE, "A key usage that is not recommended.",
	KU_DISCOURAGED),
    CHECK("ku-invalid", SCOPE_CERTIFICATE,
	"The key usage is empty or not encoded in DER.", KU_INVALID),
};

const struct check_family CHECK_USAGE = {"usage", CHECKS, ARRAY_LEN(CHECKS)};
