/* B1: RSA keys. */
#include "check_priv.h"

#include <stdlib.h>

#include "number.h"

static bool
has_rsa(const struct judged *it)
{
	return it->facts->has_spki && it->facts->spki.algorithm_id == OID_RSA &&
	    it->facts->spki.modulus.len > 0;
}

static bool
has_tls_rsa(const struct judged *it)
{
	return judged_in_tls_scope(it) && has_rsa(it);
}

static struct finding *
fail_key(struct trial *trial, const char *what)
{
	const struct spki *spki = &trial->it->facts->spki;
	struct finding *finding = trial_fail(
	    trial, spki->modulus, "RSA key of %zu bits: %s", spki->modulus_bits, what);

	evidence_int(trial, finding, "bits", (int64_t)spki->modulus_bits);
	return finding;
}

/* --- rsa-modulus-short, rsa-modulus-bits ------------------------------------------- */

static void
run_short(struct trial *trial)
{
	if (trial->it->facts->spki.modulus_bits < (size_t)rule_limit(trial, 0))
		fail_key(trial, "too short");
}

static void
run_whole_octets(struct trial *trial)
{
	if (trial->it->facts->spki.modulus_bits % (size_t)rule_limit(trial, 0) != 0)
		fail_key(trial, "not a multiple of 8");
}

/* BR 6.1.5, by what a certificate is and how old it is. */
static const struct rule_limit SHORT_TLS[] = {
    {"bits", 2048}, {"notAfter from", DATE(2014, 1, 1)}, {0}};
static const struct rule_limit SHORT_OLD_ROOT[] = {
    {"bits", 2048}, {"notBefore before", DATE(2011, 1, 1)}, {0}};
static const struct rule_limit SHORT_OLD_SUB[] = {{"bits", 1024},
    {"notAfter before", DATE(2014, 1, 1)}, {"notBefore before", DATE(2011, 1, 1)}, {0}};
static const struct rule_limit SHORT_OLD[] = {
    {"bits", 1024}, {"notAfter before", DATE(2014, 1, 1)}, {0}};

static bool
lives_after_2013(const struct judged *it)
{
	return has_tls_rsa(it) &&
	    (it->cert->not_after >= LIMIT_OF(SHORT_TLS, 1) || it->dates == DATES_NONE);
}

static bool
is_old_root(const struct judged *it)
{
	return has_tls_rsa(it) && judged_is_ca(it) && it->self_signed &&
	    it->cert->not_before < LIMIT_OF(SHORT_OLD_ROOT, 1);
}

static bool
is_old_sub_ca(const struct judged *it)
{
	return has_tls_rsa(it) && judged_is_ca(it) && !it->self_signed &&
	    it->cert->not_before < LIMIT_OF(SHORT_OLD_SUB, 2) &&
	    it->cert->not_after < LIMIT_OF(SHORT_OLD_SUB, 1);
}

static bool
is_old_leaf(const struct judged *it)
{
	return has_tls_rsa(it) && !judged_is_ca(it) &&
	    it->cert->not_after < LIMIT_OF(SHORT_OLD, 1);
}

static const struct subrule MODULUS_SHORT[] = {
    RULE("2048", LEVEL_ERROR, "BR 6.1.5", lives_after_2013, run_short,
	.limits = SHORT_TLS,
	.equivalents =
	    "zlint:e_rsa_mod_less_than_2048_bits; "
	    "pkilint:cabf.rsa_modulus_invalid_length; x509lint:ERR_RSA_SIZE_2048"),
    RULE("mrsp", LEVEL_ERROR, "MRSP 5.1", has_rsa, run_short, LIMITS({"bits", 2048}),
	.from = DATE(2017, 2, 28),
	.equivalents = "zlint:e_mp_modulus_must_be_2048_bits_or_more"),
    RULE("old-root", LEVEL_ERROR, "BR 6.1.5", is_old_root, run_short,
	.limits = SHORT_OLD_ROOT,
	.equivalents = "zlint:e_old_root_ca_rsa_mod_less_than_2048_bits"),
    RULE("old-sub-ca", LEVEL_ERROR, "BR 6.1.5", is_old_sub_ca, run_short,
	.limits = SHORT_OLD_SUB,
	.equivalents = "zlint:e_old_sub_ca_rsa_mod_less_than_1024_bits"),
    RULE("old-leaf", LEVEL_ERROR, "BR 6.1.5", is_old_leaf, run_short, .limits = SHORT_OLD,
	.equivalents = "zlint:e_old_sub_cert_rsa_mod_less_than_1024_bits"),
};

static const struct subrule MODULUS_BITS[] = {
    RULE("octets", LEVEL_ERROR, "MRSP 5.1 (2.4); BR 6.1.5 (1.7.1)", has_rsa,
	run_whole_octets, LIMITS({"bits", 8}), .from = DATE(2017, 2, 28),
	.equivalents = "zlint:e_mp_modulus_must_be_divisible_by_8; "
		       "pkilint:cabf.rsa_modulus_invalid_length"),
};

/* --- rsa-exponent-invalid, rsa-exponent-range --------------------------------------- */

static struct finding *
fail_exponent(struct trial *trial, const char *what)
{
	struct bytes exponent = trial->it->facts->spki.exponent;
	struct finding *finding = trial_fail(trial, exponent, "RSA exponent %s", what);

	evidence_hex(trial, finding, "exponent", exponent);
	return finding;
}

static bool
is_odd(struct bytes number)
{
	return number.len > 0 && (number.data[number.len - 1] & 1) != 0;
}

/* The exponent, or UINT64_MAX where it does not fit. */
static uint64_t
small_exponent(const struct judged *it)
{
	uint64_t value;

	return der_read_unsigned(it->facts->spki.exponent, &value) & FLAW_RANGE
	    ? UINT64_MAX
	    : value;
}

static void
run_even(struct trial *trial)
{
	if (!is_odd(trial->it->facts->spki.exponent))
		fail_exponent(trial, "is even");
}

static void
run_small(struct trial *trial)
{
	if (der_integer_negative(trial->it->facts->spki.exponent) ||
	    small_exponent(trial->it) < (uint64_t)rule_limit(trial, 0))
		fail_exponent(trial, "is below 3");
}

static void
run_one(struct trial *trial)
{
	if (small_exponent(trial->it) == (uint64_t)rule_limit(trial, 0))
		fail_exponent(trial, "is 1: the key encrypts nothing and signs anything");
}

static void
run_negative(struct trial *trial)
{
	if (der_integer_negative(trial->it->facts->spki.exponent))
		fail_exponent(trial, "is negative");
}

static void
run_large(struct trial *trial)
{
	const struct spki *spki = &trial->it->facts->spki;
	struct bytes e = der_integer_canonical(spki->exponent),
		     n = der_integer_canonical(spki->modulus);

	if (spki->exponent_bits > spki->modulus_bits ||
	    (spki->exponent_bits == spki->modulus_bits && e.len == n.len &&
		bytes_compare(e, n) >= 0))
		fail_exponent(trial, "is not below the modulus");
}

static void
run_range(struct trial *trial)
{
	if (der_integer_negative(trial->it->facts->spki.exponent) ||
	    small_exponent(trial->it) < (uint64_t)rule_limit(trial, 0) ||
	    trial->it->facts->spki.exponent_bits > (size_t)rule_limit(trial, 1))
		fail_exponent(trial, "is not between 2^16+1 and 2^256-1");
}

static const struct subrule EXPONENT_INVALID[] = {
    RULE("even", LEVEL_ERROR, "BR 6.1.6", has_tls_rsa, run_even, .from = DATE(2013, 1, 1),
	.equivalents = "zlint:e_rsa_public_exponent_not_odd; "
		       "pkilint:cabf.rsa_exponent_prohibited_value; "
		       "x509lint:ERR_RSA_EXP_NOT_ODD"),
    RULE("small", LEVEL_ERROR, "BR 6.1.6", has_tls_rsa, run_small, LIMITS({"least", 3}),
	.from = DATE(2013, 1, 1),
	.equivalents =
	    "zlint:e_rsa_public_exponent_too_small; "
	    "pkilint:cabf.rsa_exponent_prohibited_value; x509lint:ERR_RSA_EXP_3"),
    RULE("one", LEVEL_ERROR, "MRSP 5.2 (2.4)", has_rsa, run_one, LIMITS({"exponent", 1}),
	.from = DATE(2017, 2, 28), .equivalents = "zlint:e_mp_exponent_cannot_be_one"),
    RULE("negative", LEVEL_ERROR, "RFC 3279 2.3.1", has_rsa, run_negative,
	.equivalents = "zlint:e_rsa_exp_negative"),
    RULE("large", LEVEL_ERROR, "BR 6.1.6", has_rsa, run_large, .from = DATE(2013, 1, 1)),
};

static const struct subrule EXPONENT_RANGE[] = {
    RULE("range", LEVEL_WARNING, "BR 6.1.6 SHOULD", has_tls_rsa, run_range,
	LIMITS({"least", 65537}, {"bits", 256}), .from = DATE(2013, 1, 1),
	.flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_rsa_public_exponent_not_in_range; "
		       "pkilint:cabf.rsa_exponent_not_in_recommended_range; "
		       "x509lint:WARN_RSA_EXP_RANGE"),
};

/* --- rsa-modulus-weak -----------------------------------------------------------------
 */

static void
run_modulus_even(struct trial *trial)
{
	if (!is_odd(trial->it->facts->spki.modulus))
		fail_key(trial, "the modulus is even");
}

static void
run_factor(struct trial *trial)
{
	const uint16_t *residues = trial->it->facts->residues;

	for (size_t i = 0; residues != NULL && i < NUMBER_PRIMES; i++)
		if (residues[i] == 0 && number_prime(i) < rule_limit(trial, 0)) {
			evidence_int(trial,
			    fail_key(trial, "the modulus has a small factor"), "factor",
			    number_prime(i));
			return;
		}
}

/* n = m^k leaves a k-th power modulo every prime; chance does not, over all the
 * primes below 752 with k-th powers of their own. */
static void
run_power(struct trial *trial)
{
	const uint16_t *residues = trial->it->facts->residues;
	unsigned power = residues != NULL ? number_power(residues) : 0;

	if (power != 0)
		evidence_int(
		    trial, fail_key(trial, "the modulus is a power"), "exponent", power);
}

static void
run_sign(struct trial *trial)
{
	if (der_integer_negative(trial->it->facts->spki.modulus) ||
	    trial->it->facts->spki.modulus_bits == 0)
		fail_key(trial, "the modulus is not positive");
}

static const struct subrule MODULUS_WEAK[] = {
    RULE("even", LEVEL_ERROR, "BR 6.1.6; SP 800-89", has_tls_rsa, run_modulus_even,
	.from = DATE(2013, 1, 1),
	.equivalents = "zlint:w_rsa_mod_not_odd; "
		       "pkilint:cabf.rsa_modulus_has_small_prime_factor"),
    RULE("factor", LEVEL_ERROR, "BR 6.1.6; SP 800-89", has_tls_rsa, run_factor,
	LIMITS({"factors below", 752}), .from = DATE(2013, 1, 1),
	.equivalents = "zlint:w_rsa_mod_factors_smaller_than_752; "
		       "pkilint:cabf.rsa_modulus_has_small_prime_factor; "
		       "x509lint:ERR_RSA_SMALL_FACTOR"),
    RULE("power", LEVEL_WARNING, "BR 6.1.6; SP 800-89", has_tls_rsa, run_power,
	.from = DATE(2013, 1, 1)),
    RULE("sign", LEVEL_ERROR, "BR 6.1.6", has_tls_rsa, run_sign, .from = DATE(2013, 1, 1),
	.equivalents = "x509lint:ERR_RSA_MODULUS_NEGATIVE"),
};

/* --- rsa-close-primes, roca-key, debian-weak-key, compromised-key ---------------------
 */

static void
run_close_primes(struct trial *trial)
{
	const struct spki *spki = &trial->it->facts->spki;
	int step;

	if (spki->modulus_bits > NUMBER_RSA_BITS_MAX) {
		trial_not_applicable(trial);
		return;
	}
	step = number_fermat(spki->modulus, (unsigned)rule_limit(trial, 0));
	if (step > 0)
		evidence_int(trial, fail_key(trial, "its primes lie close together"),
		    "step", step);
}

static void
run_roca(struct trial *trial)
{
	if (trial->it->facts->residues != NULL &&
	    number_is_roca(trial->it->facts->residues))
		fail_key(trial, "made by Infineon's weak generator (ROCA)");
}

static bool
has_rsa_and_weak_keys(const struct judged *it)
{
	return has_rsa(it) &&
	    (it->params->weak_keys.count > 0 || it->params->weak_moduli.count > 0);
}

static bool
has_blocked_keys(const struct judged *it)
{
	return it->params->blocked_keys.count > 0;
}

static void
run_listed(struct trial *trial, const struct check_key_list *list, const char *what)
{
	struct sha256 hash;

	spki_hash(trial->it->cert->spki, &hash);
	if (!check_key_listed(list, hash.octets))
		return;
	evidence_text(trial, trial_fail(trial, trial->it->cert->spki, "%s", what), "list",
	    list->version != NULL ? list->version : "");
}

static int
compare_moduli(const void *a, const void *b)
{
	return memcmp(a, b, 10);
}

/* openssl-blacklist: SHA-1 over the line that openssl rsa -modulus prints. */
static bool
modulus_listed(const struct check_modulus_list *list, struct bytes modulus)
{
	uint8_t hash[SHA1_LEN];
	struct buf line;

	while (modulus.len > 0 && modulus.data[0] == 0)
		modulus = bytes_of(modulus.data + 1, modulus.len - 1);
	buf_init(&line, 1 << 16);
	buf_append_text(&line, "Modulus=");
	for (size_t i = 0; i < modulus.len; i++)
		buf_append_format(&line, "%02X", modulus.data[i]);
	buf_append_text(&line, "\n");
	sha1_of(buf_bytes(&line), hash);
	buf_free(&line);
	return bsearch(hash + SHA1_LEN - 10, list->hashes, list->count, 10,
		   compare_moduli) != NULL;
}

#define DEBIAN_WORDS "a key of Debian's weak generator"

static void
run_debian(struct trial *trial)
{
	const struct check_params *params = trial->it->params;

	run_listed(trial, &params->weak_keys, DEBIAN_WORDS);
	if (params->weak_moduli.count > 0 &&
	    modulus_listed(&params->weak_moduli, trial->it->facts->spki.modulus))
		evidence_text(trial,
		    trial_fail(trial, trial->it->cert->spki, DEBIAN_WORDS), "list",
		    params->versions[CHECK_DATA_WEAK_KEYS]);
}

static void
run_blocked(struct trial *trial)
{
	run_listed(
	    trial, &trial->it->params->blocked_keys, "a key known to be compromised");
}

#define FERMAT_ROUNDS LIMITS({"rounds", 100})

static const struct subrule CLOSE_PRIMES[] = {
    RULE("before", LEVEL_WARNING, "BR 6.1.1.3(5)(3), before it was in force", has_tls_rsa,
	run_close_primes, FERMAT_ROUNDS, .until = DATE(2024, 11, 15),
	.flags = RULE_WINDOW | RULE_PAST,
	.equivalents = "zlint:e_rsa_fermat_factorization"),
    RULE("br", LEVEL_ERROR, "BR 6.1.1.3(5)(3) (SC73)", has_tls_rsa, run_close_primes,
	FERMAT_ROUNDS, .from = DATE(2024, 11, 15),
	.equivalents = "zlint:e_rsa_fermat_factorization"),
};

static const struct subrule ROCA[] = {
    RULE("before", LEVEL_WARNING, "BR 6.1.1.3(5)(2), before it was in force", has_rsa,
	run_roca, .until = DATE(2024, 11, 15), .flags = RULE_WINDOW | RULE_PAST),
    RULE("br", LEVEL_ERROR, "BR 6.1.1.3(5)(2) (SC73)", has_rsa, run_roca,
	.from = DATE(2024, 11, 15)),
};

static const struct subrule DEBIAN[] = {
    RULE("before", LEVEL_WARNING, "BR 6.1.1.3(5)(1), before it was in force",
	has_rsa_and_weak_keys, run_debian, .until = DATE(2024, 11, 15),
	.flags = RULE_WINDOW | RULE_PAST),
    RULE("br", LEVEL_ERROR, "BR 6.1.1.3(5)(1) (SC73)", has_rsa_and_weak_keys, run_debian,
	.from = DATE(2024, 11, 15)),
};

static const struct subrule COMPROMISED[] = {
    RULE("listed", LEVEL_ERROR, "BR 6.1.1.3(4), 4.9.1.1(3)", has_blocked_keys,
	run_blocked),
    RULE("revoked", LEVEL_ERROR, "BR 6.1.1.3(4), 4.9.1.1(3)", NULL, NULL, .needs = "crl"),
};

static const struct subrule SPKI_RSA_PARAMS[] = {
    RULE("null", LEVEL_ERROR, "RFC 3279 2.3.1; RFC 4055 1.2; BR 7.1.3.1.1", has_rsa,
	check_rsa_params, .from = DATE(2008, 5, 1),
	.equivalents =
	    "zlint:e_spki_rsa_encryption_parameter_not_null; "
	    "pkilint:cabf.serverauth.prohibited_subject_public_key_algorithm_encoding"),
};

static const struct check CHECKS[] = {
    CHECK("rsa-modulus-short", SCOPE_CERTIFICATE, "The RSA key is too short.",
	MODULUS_SHORT),
    CHECK("rsa-modulus-bits", SCOPE_CERTIFICATE,
	"The RSA key's length is no multiple of 8 bits.", MODULUS_BITS),
    CHECK("rsa-exponent-invalid", SCOPE_CERTIFICATE,
	"The RSA exponent is even, below 3 or not below the modulus.", EXPONENT_INVALID),
    CHECK("rsa-exponent-range", SCOPE_CERTIFICATE,
	"The RSA exponent lies outside the recommended range.", EXPONENT_RANGE),
    CHECK("rsa-modulus-weak", SCOPE_CERTIFICATE,
	"The RSA modulus is even, has a small factor or is a power.", MODULUS_WEAK),
    CHECK("rsa-close-primes", SCOPE_CERTIFICATE,
	"Fermat's method factors the RSA modulus.", CLOSE_PRIMES),
    CHECK("roca-key", SCOPE_CERTIFICATE, "The RSA key bears the mark of ROCA.", ROCA),
    CHECK("debian-weak-key", SCOPE_CERTIFICATE,
	"The key is among those that Debian's broken generator could make.", DEBIAN,
	.data = DATA(WEAK_KEYS)),
    CHECK("compromised-key", SCOPE_CERTIFICATE,
	"The key is on a list of compromised keys.", COMPROMISED,
	.data = DATA(BLOCKED_KEYS)),
    CHECK("spki-rsa-params", SCOPE_CERTIFICATE,
	"The RSA key's algorithm is not encoded as it has to be.", SPKI_RSA_PARAMS),
};

const struct check_family CHECK_KEYS_RSA = {"keys", CHECKS, ARRAY_LEN(CHECKS)};
