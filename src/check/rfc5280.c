/* B11: keys that cannot be used, and extensions that no other family judges. */
#include "check_priv.h"
#include "number.h"

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
    RULE("unreadable", LEVEL_ERROR, "RFC 3279 2.3.1", says_rsa, run_rsa_key_absent,
	.equivalents = "zlint:e_rsa_no_public_key"),
};

/* --- dsa-params ------------------------------------------------------------------------
 */

static bool
is_tls_dsa(const struct judged *it)
{
	return judged_in_tls_scope(it) && it->facts->has_spki &&
	    it->facts->spki.kind == SPKI_DSA;
}

static bool
is_positive(struct bytes integer)
{
	return !der_integer_negative(integer) && der_integer_bits(integer) > 0;
}

static bool
has_params(const struct spki *spki)
{
	return is_positive(spki->p) && is_positive(spki->q) && is_positive(spki->g);
}

static void
run_dsa_missing(struct trial *trial)
{
	const struct spki *spki = &trial->it->facts->spki;

	if (!has_params(spki))
		trial_fail(trial, spki->algorithm, "a DSA key without p, q and g");
}

static void
run_dsa_range(struct trial *trial)
{
	const struct spki *spki = &trial->it->facts->spki;

	if (!has_params(spki) || spki->y.data == NULL)
		trial_not_applicable(trial);
	else if (!number_within_field(spki->y, spki->p))
		trial_fail(trial, spki->bits, "a DSA key whose y is not in [2, p - 2]");
}

static void
run_dsa_order(struct trial *trial)
{
	const struct spki *spki = &trial->it->facts->spki;

	switch (has_params(spki) && is_positive(spki->y)
		? number_power_is_one(spki->y, spki->q, spki->p)
		: -1) {
	case 0:
		trial_fail(trial, spki->bits, "a DSA key whose y^q is not 1 modulo p");
		break;
	case 1:
		break;
	default:
		trial_not_applicable(trial);
	}
}

/* SC31 (BR 1.7.1) forbade DSA, and the rules on its parameters went with it. */
static const struct subrule DSA_PARAMS[] = {
    RULE("missing", LEVEL_ERROR, "BR 6.1.6 (until 1.7.0)", is_tls_dsa, run_dsa_missing,
	.from = DATE(2012, 7, 1), .until = DATE(2020, 8, 20),
	.equivalents = "zlint:e_dsa_params_missing"),
    RULE("range", LEVEL_ERROR, "BR 6.1.6 (until 1.7.0); FIPS 186-4", is_tls_dsa,
	run_dsa_range, .from = DATE(2012, 7, 1), .until = DATE(2020, 8, 20),
	.equivalents = "zlint:e_dsa_unique_correct_representation"),
    RULE("order", LEVEL_ERROR, "BR 6.1.6 (until 1.7.0); FIPS 186-4", is_tls_dsa,
	run_dsa_order, .from = DATE(2012, 7, 1), .until = DATE(2020, 8, 20),
	.equivalents = "zlint:e_dsa_correct_order_in_subgroup"),
};

/* --- ski-missing
 * ------------------------------------------------------------------------
 */

static bool
is_other_leaf(const struct judged *it)
{
	return !judged_is_ca(it) && !judged_in_tls_scope(it);
}

static bool
is_tls_end_entity(const struct judged *it)
{
	return !judged_is_ca(it) && judged_in_tls_scope(it);
}

/* From BR 2.0.0 on a subjectKeyIdentifier in a TLS leaf is NOT RECOMMENDED. */
static const struct subrule SKI_MISSING[] = {
    RULE("tls", LEVEL_WARNING, "RFC 5280 4.2.1.2 SHOULD", is_tls_end_entity,
	rule_ext_absent, .arg = OID_SUBJECT_KEY_IDENTIFIER, .from = DATE(1999, 1, 1),
	.until = DATE(2023, 9, 15), .flags = RULE_WINDOW | RULE_PAST,
	.equivalents = "zlint:w_ext_subject_key_identifier_missing_sub_cert"),
    RULE("other", LEVEL_WARNING, "RFC 5280 4.2.1.2 SHOULD", is_other_leaf,
	rule_ext_absent, .arg = OID_SUBJECT_KEY_IDENTIFIER, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:w_ext_subject_key_identifier_missing_sub_cert"),
};

/* --- ext-criticality-other
 * ----------------------------------------------------------------
 */

static const struct subrule EXT_CRITICALITY_OTHER[] = {
    RULE("freshest-crl", LEVEL_ERROR, "RFC 5280 4.2.1.15", NULL, rule_ext_critical,
	.arg = OID_FRESHEST_CRL, .from = DATE(2002, 4, 1),
	.equivalents = "zlint:e_ext_freshest_crl_marked_critical"),
    RULE("subject-directory-attributes", LEVEL_ERROR, "RFC 5280 4.2.1.8", NULL,
	rule_ext_critical, .arg = OID_SUBJECT_DIRECTORY_ATTRIBUTES,
	.from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_ext_subject_directory_attr_critical"),
    RULE("subject-info-access", LEVEL_ERROR, "RFC 5280 4.2.2.2", NULL, rule_ext_critical,
	.arg = OID_SUBJECT_INFO_ACCESS, .from = DATE(2002, 4, 1),
	.equivalents = "zlint:e_subject_info_access_marked_critical"),
    RULE("issuer-alt-name", LEVEL_WARNING, "RFC 5280 4.2.1.7 SHOULD", NULL,
	rule_ext_critical, .arg = OID_ISSUER_ALT_NAME, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:w_ext_ian_critical"),
};

/* --- name-constraint-forms
 * -------------------------------------------------------------------
 */

static bool
has_name_constraints(const struct judged *it)
{
	return cert_extension(it->cert, OID_NAME_CONSTRAINTS) != NULL;
}

/* arg: the kind of name. */
static void
look_subtrees(struct trial *trial, struct bytes element, const char *what)
{
	struct subtree_iter subtrees;
	struct subtree subtree;

	subtrees_begin(element, &subtrees);
	while (subtree_next(&subtrees, &subtree))
		if (subtree.base.kind == (enum general_name_kind)trial->rule->arg)
			trial_fail(trial, subtree.whole, "nameConstraints on %s (%s)",
			    trial->rule->text, what);
}

static void
run_constraint_form(struct trial *trial)
{
	struct name_constraints constraints;

	extension_name_constraints(
	    cert_extension(trial->it->cert, OID_NAME_CONSTRAINTS), &constraints);
	look_subtrees(trial, constraints.permitted, "permitted");
	look_subtrees(trial, constraints.excluded, "excluded");
}

static const struct subrule NAME_CONSTRAINT_FORMS[] = {
    RULE("edi-party-name", LEVEL_WARNING, "RFC 5280 4.2.1.10 SHOULD NOT",
	has_name_constraints, run_constraint_form, .arg = GENERAL_EDI_PARTY,
	.text = "ediPartyName", .from = DATE(2008, 5, 1),
	.equivalents = "zlint:w_name_constraint_on_edi_party_name"),
    RULE("registered-id", LEVEL_WARNING, "RFC 5280 4.2.1.10 SHOULD NOT",
	has_name_constraints, run_constraint_form, .arg = GENERAL_REGISTERED_ID,
	.text = "registeredID", .from = DATE(2008, 5, 1),
	.equivalents = "zlint:w_name_constraint_on_registered_id"),
    RULE("x400-address", LEVEL_WARNING, "RFC 5280 4.2.1.10 SHOULD NOT",
	has_name_constraints, run_constraint_form, .arg = GENERAL_X400,
	.text = "x400Address", .from = DATE(2008, 5, 1),
	.equivalents = "zlint:w_name_constraint_on_x400"),
};

static const struct check CHECKS[] = {
    CHECK("rsa-key-absent", SCOPE_CERTIFICATE,
	"The key is said to be RSA and cannot be read as one.", RSA_KEY_ABSENT),
    CHECK("dsa-params", SCOPE_CERTIFICATE,
	"A DSA key lacks its parameters or does not belong to their group.", DSA_PARAMS),
    CHECK("ski-missing", SCOPE_CERTIFICATE,
	"A leaf without subjectKeyIdentifier, when it should have one.", SKI_MISSING),
    CHECK("ext-criticality-other", SCOPE_CERTIFICATE,
	"An extension is critical that must or should not be.", EXT_CRITICALITY_OTHER),
    CHECK("name-constraint-forms", SCOPE_CERTIFICATE,
	"Names are constrained in forms that nobody checks.", NAME_CONSTRAINT_FORMS),
};

const struct check_family CHECK_RFC5280 = {"rfc5280", CHECKS, ARRAY_LEN(CHECKS)};
