/* B8: what ties a certificate to its issuer, and roots that issue leaves. */
#include "hierarchy.h"

static const struct extension *
aki_at(const struct judged *it)
{
	return cert_extension(it->cert, OID_AUTHORITY_KEY_IDENTIFIER);
}

static bool
has_aki(const struct judged *it)
{
	return aki_at(it) != NULL;
}

static bool
has_tls_aki(const struct judged *it)
{
	return judged_in_tls_scope(it) && has_aki(it);
}

/* A CA's key that signs itself needs no name for who signed; the linter without
 * dates expects one of version 1 as well. */
static bool
is_signed_by_another(const struct judged *it)
{
	return !it->self_signed ||
	    (!judged_is_ca(it) && (is_v3(it) || it->dates == DATES_NONE));
}

/* A precertificate may name its Precertificate Signing Certificate in the place of
 * its issuer (RFC 6962, 3.1). */
static bool
has_issuer(const struct judged *it)
{
	return it->issuer != NULL &&
	    (!it->precert || name_equal(it->cert->issuer, it->issuer->subject));
}

static struct bytes
key_id_of(const struct judged *it)
{
	struct authority_key_id id;

	extension_authority_key_id(aki_at(it), &id);
	return id.key_id;
}

static void
run_issuer_empty(struct trial *trial)
{
	if (name_is_empty(trial->it->cert->issuer))
		trial_fail(trial, trial->it->cert->issuer, "an issuer without a name");
}

static void
run_names_differ(struct trial *trial)
{
	const struct judged *it = trial->it;

	if (!bytes_equal(it->cert->issuer, it->issuer->subject))
		evidence_hex(trial,
		    trial_fail(trial, it->cert->issuer,
			"the issuer's name is not byte for byte the issuer's subject"),
		    "issuer_subject", it->issuer->subject);
}

static void
run_key_ids_differ(struct trial *trial)
{
	uint32_t flaws;
	struct bytes there = extension_subject_key_id(
	    cert_extension(trial->it->issuer, OID_SUBJECT_KEY_IDENTIFIER), &flaws);
	struct bytes here = key_id_of(trial->it);
	struct finding *finding;

	if (here.data == NULL || there.data == NULL) {
		trial_not_applicable(trial);
	} else if (!bytes_equal(here, there)) {
		finding = trial_fail(trial, here,
		    "its authority key identifier is not the issuer's key identifier");
		evidence_hex(trial, finding, "authority_key_id", here);
		evidence_hex(trial, finding, "issuer_key_id", there);
	}
}

static void
run_aki_issuer(struct trial *trial)
{
	struct authority_key_id id;

	extension_authority_key_id(aki_at(trial->it), &id);
	if (id.issuer.len > 0 || id.serial.data != NULL)
		trial_fail(trial, aki_at(trial->it)->value,
		    "the authority key identifier names issuer and serial number");
}

static void
run_aki_both(struct trial *trial)
{
	struct authority_key_id id;

	extension_authority_key_id(aki_at(trial->it), &id);
	if (id.key_id.len > 0 && id.issuer.len > 0)
		trial_fail(trial, aki_at(trial->it)->value,
		    "the authority key identifier has a key id and an issuer");
}

static void
run_no_key_id(struct trial *trial)
{
	const struct extension *at = aki_at(trial->it);

	if (is_root_ca(trial->it))
		return;
	if (at == NULL || key_id_of(trial->it).data == NULL)
		trial_fail(trial, at != NULL ? at->value : bytes_of(NULL, 0),
		    "no key id of the issuer");
}

static const struct subrule ISSUER_LINKAGE[] = {
    RULE("issuer-empty", LEVEL_ERROR, "RFC 5280 4.1.2.4", NULL, run_issuer_empty,
	.from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_issuer_field_empty; x509lint:ERR_ISSUER_EMPTY"),
    RULE("names-differ", LEVEL_ERROR, "BR 7.1.4.1; RFC 5280 4.1.2.4", has_issuer,
	run_names_differ, .from = DATE(2020, 9, 30),
	.equivalents = "pkilint:pkix.issuer_and_subject_dn_not_binary_equal"),
    RULE("key-ids-differ", LEVEL_NOTICE, "RFC 5280 4.2.1.1", has_issuer,
	run_key_ids_differ, .flags = RULE_NOT_COUNTED,
	.equivalents = "pkilint:pkix.issuer_and_subject_key_identifier_not_equal"),
    RULE("aki-issuer", LEVEL_ERROR, "BR 7.1.2.11.1", has_tls_aki, run_aki_issuer,
	.from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.authority_key_identifier_has_issuer_cert"),
    RULE("aki-both", LEVEL_ERROR, "MRSP 5.2 (2.2)", has_aki, run_aki_both,
	.from = DATE(2013, 7, 26),
	.equivalents = "zlint:e_mp_authority_key_identifier_correct"),
    RULE("no-key-id", LEVEL_ERROR, "RFC 5280 4.2.1.1", NULL, run_no_key_id,
	.from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_ext_authority_key_identifier_no_key_identifier; "
		       "x509lint:ERR_AKID_WITHOUT_KEY_ID"),
    RULE("aki-absent", LEVEL_ERROR, "RFC 5280 4.2.1.1", is_signed_by_another,
	rule_ext_absent, .arg = OID_AUTHORITY_KEY_IDENTIFIER, .from = DATE(1999, 1, 1),
	.equivalents = "pkilint:pkix.authority_key_identifier_extension_absent"),
};

/* --- root-issued-leaf ------------------------------------------------------------- */

static bool
is_leaf(const struct judged *it)
{
	return judged_is_tls_subscriber(it) && it->signature == SIGNATURE_VERIFIED &&
	    (it->facts->ekus & EKU_OCSP) == 0;
}

static bool
is_leaf_with_issuer(const struct judged *it)
{
	return is_leaf(it) && it->issuer != NULL;
}

static bool
is_leaf_with_key(const struct judged *it)
{
	return is_leaf(it) && it->issuer_key_hash != NULL && is_of_some_watch(it);
}

static bool
is_root(const struct cert *cert)
{
	return cert_is_self_issued(cert) && cert_is_ca(cert);
}

static void
fail_root(struct trial *trial, const struct cert *root)
{
	struct sha256 hash;
	struct buf name;

	buf_init(&name, 1 << 16);
	name_append_text(&name, root->subject);
	sha256_of(root->der, &hash);
	evidence_hex(trial,
	    trial_fail(trial, trial->it->cert->issuer,
		"signed by the key of a root: %.200s", buf_text(&name)),
	    "root_sha256", sha256_bytes(&hash));
	buf_free(&name);
}

static void
run_root_issued(struct trial *trial)
{
	if (is_root(trial->it->issuer))
		fail_root(trial, trial->it->issuer);
}

/* The chain named another certificate of the key, or none. */
#define ROOTS_MAX 8

static void
run_root_key(struct trial *trial)
{
	const struct check_history *history = trial->history;
	static const uint8_t NONE[32];
	struct history_ca cas[ROOTS_MAX];
	size_t count;
	struct cert root;

	if (trial->it->issuer != NULL && is_root(trial->it->issuer))
		return;
	count = history->ca_by_key(
	    history->owner, trial->it->issuer_key_hash, NONE, cas, ARRAY_LEN(cas));
	for (size_t i = 0; i < count; i++)
		if (cert_parse(cas[i].der, &root) && is_root(&root)) {
			fail_root(trial, &root);
			return;
		}
}

static const struct subrule ROOT_ISSUED_LEAF[] = {
    RULE("leaf", LEVEL_ERROR, "BR 6.1.7; MRSP 5.2", is_leaf_with_issuer, run_root_issued,
	.from = DATE(2016, 6, 30)),
    RULE("key", LEVEL_ERROR, "BR 6.1.7; MRSP 5.2", is_leaf_with_key, run_root_key,
	.from = DATE(2016, 6, 30), .flags = RULE_PAIR),
};

static const struct check CHECKS[] = {
    {
	.id = "root-issued-leaf",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "A root's key signed a leaf certificate itself.",
	.history = HISTORY_CA_BY_KEY,
	.subrules = ROOT_ISSUED_LEAF,
	.subrule_count = ARRAY_LEN(ROOT_ISSUED_LEAF),
    },
    {
	.id = "issuer-linkage",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.of_cas = true,
	.says = "Names and key identifiers do not lead to the issuer as they should.",
	.subrules = ISSUER_LINKAGE,
	.subrule_count = ARRAY_LEN(ISSUER_LINKAGE),
    },
};

const struct check_family CHECK_HIERARCHY_LINKAGE = {
    "hierarchy", CHECKS, ARRAY_LEN(CHECKS)};
