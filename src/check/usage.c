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

static bool
is_rsa_ca(const struct judged *it)
{
	return judged_is_ca(it) && has_ku_and_key(it, SPKI_RSA);
}

static bool
is_rsa_tls_leaf(const struct judged *it)
{
	return judged_in_tls_scope(it) && is_rsa_leaf(it);
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
	return judged_in_tls_scope(it) && is_ec_leaf(it);
}

static void
add_usage_evidence(struct trial *trial, struct finding *finding)
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
	add_usage_evidence(trial,
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
	add_usage_evidence(trial,
	    trial_fail(trial, trial->it->facts->ku_at->value,
		"a CA's RSA key that signs certificates also enciphers"));
}

static void
run_ku_required(struct trial *trial)
{
	if ((trial->it->facts->ku.bits & (uint32_t)trial->rule->arg) != 0)
		return;
	add_usage_evidence(trial,
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
	.arg = KU_KEY_AGREEMENT | KU_KEY_CERT_SIGN | KU_CRL_SIGN | KU_ENCIPHER_ONLY |
	    KU_DECIPHER_ONLY,
	.equivalents =
	    "zlint:e_rsa_allowed_ku_ee; pkilint:pkix.key_usage_value_prohibited_for_rsa; "
	    "certlint:E: Unallowed key usage for RSA public key",
    },
    {
	.name = "rsa-ca",
	.source = "RFC 3279 2.3.1",
	.from = DATE(2002, 4, 1),
	.level = LEVEL_ERROR,
	.applies = is_rsa_ca,
	.run = run_ku_prohibited,
	.arg = KU_KEY_AGREEMENT | KU_ENCIPHER_ONLY | KU_DECIPHER_ONLY,
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
	.applies = is_ec_tls_leaf,
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
	.equivalents = "pkilint:cabf.serverauth.subscriber_required_ku_missing",
    },
};

static const struct check CHECKS[] = {
    {
	.id = "ku-key-mismatch",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "The key usage names uses that this kind of key does not have.",
	.subrules = KU_KEY_MISMATCH,
	.subrule_count = ARRAY_LEN(KU_KEY_MISMATCH),
    },
};

const struct check_family CHECK_USAGE = {"usage", CHECKS, ARRAY_LEN(CHECKS)};
