/* B11: the rest of RFC 5280 and of the EV guidelines. */
#include "check_priv.h"

/* --- rsa-key-absent ----------------------------------------------------------------- */

static bool
says_rsa(const struct judged *it)
{
	return it->facts->has_spki && it->facts->spki.algorithm_id == OID_RSA;
}

static void
run_rsa_key_absent(struct trial *trial)
{
	const struct spki *spki = &trial->it->facts->spki;

	if (spki->modulus.len == 0 || spki->exponent.len == 0)
		trial_fail(trial, spki->bits, "an RSA key that cannot be read");
}

static const struct subrule RSA_KEY_ABSENT[] = {
    {
	.name = "unreadable",
	.source = "RFC 3279 2.3.1",
	.level = LEVEL_ERROR,
	.applies = says_rsa,
	.run = run_rsa_key_absent,
	.equivalents = "zlint:e_rsa_no_public_key",
    },
};

static const struct check CHECKS[] = {
    {
	.id = "rsa-key-absent",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "The key is said to be RSA and cannot be read as one.",
	.subrules = RSA_KEY_ABSENT,
	.subrule_count = ARRAY_LEN(RSA_KEY_ABSENT),
    },
};

const struct check_family CHECK_RFC5280 = {"rfc5280", CHECKS, ARRAY_LEN(CHECKS)};
