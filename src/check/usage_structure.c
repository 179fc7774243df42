/* B2: structure: DER, extensions and their criticality, version, unique ids. */
#include "check_priv.h"

/* --- der-invalid -------------------------------------------------------------------- */

/* Times and serials have checks of their own. */
#define OTHERS_FIELDS                                                                    \
	(1u << CERT_NOT_BEFORE | 1u << CERT_NOT_AFTER | 1u << CERT_VALIDITY |            \
	    1u << CERT_SERIAL | 1u << CERT_EXTENSIONS)

static void
run_structure(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;
	uint32_t fields = cert->fields_at_fault & ~(uint32_t)OTHERS_FIELDS;

	for (int field = 0; field < CERT_FIELD_COUNT; field++) {
		const struct cert_fault *fault = &cert->faults[field];
		struct finding *finding;

		if ((fields >> field & 1) == 0)
			continue;
		finding = trial_fail(trial,
		    bytes_of(
			cert->der.data + fault->offset, fault->offset < cert->der.len),
		    "%s: %s", cert_field_name((enum cert_field)field),
		    der_flaw_text(fault->flaws));
		evidence_text(
		    trial, finding, "path", cert_field_name((enum cert_field)field));
		evidence_text(trial, finding, "rule", der_flaw_text(fault->flaws));
	}
}

static void
run_critical_false(struct trial *trial)
{
	struct extension_iter extensions;
	struct extension extension;

	extension_begin(trial->it->cert, &extensions);
	while (extension_next(&extensions, &extension))
		if ((extension.flaws & FLAW_DEFAULT) != 0)
			trial_fail(trial, extension.whole,
			    "an extension's critical is written out as FALSE");
}

static void
run_bc_default(struct trial *trial)
{
	if ((trial->it->facts->bc.flaws & FLAW_DEFAULT) != 0)
		trial_fail(trial, trial->it->facts->bc_at->value,
		    "basicConstraints' cA is written out as FALSE");
}

static void
run_path_length_sign(struct trial *trial)
{
	const struct basic_constraints *bc = &trial->it->facts->bc;
	struct der element;

	if (bc->has_path_length && der_only(bc->path_length_at, &element) &&
	    der_integer_negative(element.value))
		trial_fail(trial, bc->path_length_at, "a negative pathLenConstraint");
}

/* Extensions whose syntax is SEQUENCE SIZE (1..MAX). */
static void
run_empty_sequence(struct trial *trial)
{
	static const enum oid FILLED[] = {OID_CERTIFICATE_POLICIES, OID_POLICY_MAPPINGS,
	    OID_SUBJECT_ALT_NAME, OID_ISSUER_ALT_NAME, OID_EXTENDED_KEY_USAGE,
	    OID_CRL_DISTRIBUTION_POINTS, OID_FRESHEST_CRL, OID_AUTHORITY_INFO_ACCESS,
	    OID_SUBJECT_INFO_ACCESS, OID_SUBJECT_DIRECTORY_ATTRIBUTES};

	for (size_t i = 0; i < ARRAY_LEN(FILLED); i++) {
		const struct extension *extension =
		    cert_extension(trial->it->cert, FILLED[i]);

		if (extension != NULL &&
		    bytes_equal(extension->value, bytes_of("\x30\x00", 2)))
			trial_fail(trial, extension->whole, "%s is an empty SEQUENCE",
			    oid_long_name(FILLED[i]));
	}
}

static const struct subrule DER_INVALID[] = {
    RULE("structure", LEVEL_ERROR, "RFC 5280 4.1; MRSP 5.2", NULL, run_structure,
	.equivalents = "x509lint:ERR_INVALID"),
    RULE("critical-false", LEVEL_ERROR, "X.690 11.5; RFC 5280 4.2", NULL,
	run_critical_false, .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_cert_ext_invalid_der; x509lint:ERR_DEFAULT_VALUE"),
    RULE("basic-constraints", LEVEL_ERROR, "X.690 11.5; RFC 5280 4.2.1.9", has_bc,
	run_bc_default, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_basic_constr_invalid_der"),
    RULE("path-length", LEVEL_ERROR, "RFC 5280 4.2.1.9", has_bc, run_path_length_sign,
	.equivalents = "zlint:e_path_len_constraint_zero_or_less"),
    RULE("empty-sequence", LEVEL_ERROR, "RFC 5280 4.2", NULL, run_empty_sequence,
	.from = DATE(1999, 1, 1), .equivalents = "zlint:e_ext_cannot_be_empty_sequence"),
};

/* --- ext-duplicate --------------------------------------------------------------------
 */

static void
run_ext_duplicate(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;

	for (size_t i = 0; i < cert->extension_count; i++) {
		const struct extension *again =
		    cert_extension_again(cert, &cert->extension[i]);
		struct buf name;

		if (again == NULL)
			continue;
		buf_init(&name, 1 << 16);
		oid_append_name(&name, again->oid);
		trial_fail(
		    trial, again->whole, "extension %.100s twice", buf_text(&name));
		buf_free(&name);
	}
}

static const struct subrule EXT_DUPLICATE[] = {
    RULE("twice", LEVEL_ERROR, "RFC 5280 4.2", is_v3, run_ext_duplicate,
	.from = DATE(1999, 1, 1),
	.equivalents =
	    "zlint:e_ext_duplicate_extension; pkilint:pkix.duplicate_extension; "
	    "x509lint:ERR_DUPLICATE_EXTENSION"),
};

/* --- ext-criticality
 * -------------------------------------------------------------------- */

/* Critical means: who does not know it has to refuse the certificate. */
static void
run_unknown_critical(struct trial *trial)
{
	struct extension_iter extensions;
	struct extension extension;
	struct buf name;

	extension_begin(trial->it->cert, &extensions);
	while (extension_next(&extensions, &extension)) {
		if (!extension.critical || extension.id != OID_UNKNOWN)
			continue;
		buf_init(&name, 1 << 16);
		oid_append_dotted(&name, extension.oid);
		trial_fail(trial, extension.whole, "unknown extension %.100s is critical",
		    buf_text(&name));
		buf_free(&name);
	}
}

#define CRITICAL(name) "; pkilint:cabf.serverauth.subscriber.critical_" name "_extension"

static const struct subrule EXT_CRITICALITY[] = {
    RULE("aia", LEVEL_ERROR, "RFC 5280 4.2.2.1", NULL, rule_ext_critical,
	.arg = OID_AUTHORITY_INFO_ACCESS, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_ext_aia_marked_critical; x509lint:ERR_AIA_CRITICAL"),
    RULE("aia-leaf", LEVEL_ERROR, "BR 7.1.2.7.6", judged_is_tls_subscriber,
	rule_ext_critical, .arg = OID_AUTHORITY_INFO_ACCESS, .from = DATE(2012, 7, 1),
	.equivalents =
	    "zlint:e_sub_cert_aia_marked_critical" CRITICAL("authority_info_access")),
    RULE("aki", LEVEL_ERROR, "RFC 5280 4.2.1.1", NULL, rule_ext_critical,
	.arg = OID_AUTHORITY_KEY_IDENTIFIER, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_ext_authority_key_identifier_critical; "
		       "pkilint:pkix.authority_key_identifier_critical; "
		       "x509lint:ERR_AKID_CRITICAL"),
    RULE("aki-leaf", LEVEL_ERROR, "BR 7.1.2.7.6", judged_is_tls_subscriber,
	rule_ext_critical, .arg = OID_AUTHORITY_KEY_IDENTIFIER, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.subscriber.critical_authority_key_"
		       "identifier_extension"),
    RULE("ski", LEVEL_ERROR, "RFC 5280 4.2.1.2", NULL, rule_ext_critical,
	.arg = OID_SUBJECT_KEY_IDENTIFIER, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_ext_subject_key_identifier_critical; "
		       "pkilint:pkix.certificate_skid_extension_critical; "
		       "x509lint:ERR_SKID_CRITICAL"),
    RULE("ski-leaf", LEVEL_ERROR, "BR 7.1.2.7.6", judged_is_tls_subscriber,
	rule_ext_critical, .arg = OID_SUBJECT_KEY_IDENTIFIER, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.subscriber.critical_subject_key_"
		       "identifier_extension"),
    RULE("policies", LEVEL_NOTICE, "BR 7.1.2.3 SHOULD NOT", judged_in_tls_scope,
	rule_ext_critical, .arg = OID_CERTIFICATE_POLICIES, .from = DATE(2012, 7, 1),
	.flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_sub_cert_certificate_policies_marked_critical"),
    RULE("policies-leaf", LEVEL_ERROR, "BR 7.1.2.7.6", judged_is_tls_subscriber,
	rule_ext_critical, .arg = OID_CERTIFICATE_POLICIES, .from = DATE(2023, 9, 15),
	.equivalents =
	    "pkilint:cabf.serverauth.subscriber.critical_certificate_policies_extension"),
    RULE("crldp", LEVEL_WARNING, "RFC 5280 4.2.1.13", NULL, rule_ext_critical,
	.arg = OID_CRL_DISTRIBUTION_POINTS, .from = DATE(1999, 1, 1),
	.flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_ext_crl_distribution_marked_critical"),
    RULE("crldp-leaf", LEVEL_ERROR, "BR 7.1.2.7.6", judged_in_tls_scope,
	rule_ext_critical, .arg = OID_CRL_DISTRIBUTION_POINTS, .from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_sub_cert_crl_distribution_points_marked_critical"),
    RULE("crldp-profile", LEVEL_ERROR, "BR 7.1.2.7.6", judged_is_tls_subscriber,
	rule_ext_critical, .arg = OID_CRL_DISTRIBUTION_POINTS, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.subscriber.critical_crl_distribution_"
		       "points_extension"),
    RULE("eku-leaf", LEVEL_ERROR, "BR 7.1.2.7.6", judged_is_tls_subscriber,
	rule_ext_critical, .arg = OID_EXTENDED_KEY_USAGE, .from = DATE(2023, 9, 15)),
    RULE("ku-leaf", LEVEL_ERROR, "BR 7.1.2.7.6", judged_is_tls_subscriber,
	rule_ext_not_critical, .arg = OID_KEY_USAGE, .from = DATE(2023, 9, 15),
	.equivalents =
	    "pkilint:cabf.serverauth.subscriber.non_critical_key_usage_extension"),
    RULE("scts-leaf", LEVEL_ERROR, "BR 7.1.2.7.6", judged_is_tls_subscriber,
	rule_ext_critical, .arg = OID_SCT_LIST, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.subscriber.critical_sct_list_extension"),
    RULE("unknown", LEVEL_WARNING, "RFC 5280 4.2", NULL, run_unknown_critical,
	.equivalents = "certlint:E: Opaque or unknown extension marked as critical"),
};

/* --- version-not-3, unique-id-present, ski-in-leaf
 * ----------------------------------------- */

static void
run_version(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;

	if (cert->version != rule_limit(trial, 0))
		trial_fail(trial, cert->version_at, "version %u", cert->version);
}

static void
run_version_extensions(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;

	if (cert->version != rule_limit(trial, 0) && cert->extensions_at.len > 0)
		trial_fail(
		    trial, cert->version_at, "extensions in version %u", cert->version);
}

static void
run_issuer_unique_id(struct trial *trial)
{
	struct bytes id = trial->it->cert->issuer_unique_id;

	if (id.len > 0)
		trial_fail(trial, id, "issuerUniqueID is there");
}

static void
run_subject_unique_id(struct trial *trial)
{
	struct bytes id = trial->it->cert->subject_unique_id;

	if (id.len > 0)
		trial_fail(trial, id, "subjectUniqueID is there");
}

static void
run_unique_id_version(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;

	if ((cert->issuer_unique_id.len > 0 || cert->subject_unique_id.len > 0) &&
	    cert->version != rule_limit(trial, 0) &&
	    cert->version != rule_limit(trial, 1))
		trial_fail(
		    trial, cert->version_at, "unique ids in version %u", cert->version);
}

static const struct subrule VERSION_NOT_3[] = {
    RULE("version", LEVEL_ERROR, "BR 7.1.1 (1.3.0)", judged_in_tls_scope, run_version,
	LIMITS({"version", 3}), .from = DATE(2015, 4, 16),
	.equivalents = "zlint:e_invalid_certificate_version; "
		       "pkilint:pkix.certificate_version_is_not_v3; "
		       "x509lint:ERR_NOT_VERSION3"),
    RULE("extensions", LEVEL_ERROR, "RFC 5280 4.1.2.1", NULL, run_version_extensions,
	LIMITS({"version", 3}), .from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_cert_extensions_version_not_3"),
};

static const struct subrule UNIQUE_ID_PRESENT[] = {
    RULE("issuer", LEVEL_ERROR, "RFC 5280 4.1.2.8; BR 7.1.2.7", NULL,
	run_issuer_unique_id, .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_cert_contains_unique_identifier; "
		       "pkilint:pkix.issuer_unique_id_present"),
    RULE("subject", LEVEL_ERROR, "RFC 5280 4.1.2.8; BR 7.1.2.7", NULL,
	run_subject_unique_id, .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_cert_contains_unique_identifier; "
		       "pkilint:pkix.subject_unique_id_present"),
    RULE("version", LEVEL_ERROR, "RFC 5280 4.1.2.8", NULL, run_unique_id_version,
	LIMITS({"version", 2}, {"version", 3}), .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_cert_unique_identifier_version_not_2_or_3"),
};

static const struct subrule SKI_IN_LEAF[] = {
    RULE("present", LEVEL_NOTICE, "BR 7.1.2.7.6 NOT RECOMMENDED",
	judged_is_tls_subscriber, rule_ext_present, .arg = OID_SUBJECT_KEY_IDENTIFIER,
	.from = DATE(2023, 9, 15), .flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_ext_subject_key_identifier_not_recommended_subscriber; "
		       "pkilint:cabf.serverauth.subscriber.subject_key_identifier_"
		       "extension_present"),
};

static const struct check CHECKS[] = {
    CHECK("der-invalid", SCOPE_CERTIFICATE, "The certificate is not encoded in DER.",
	DER_INVALID),
    CHECK("ext-duplicate", SCOPE_CERTIFICATE, "One extension stands there twice.",
	EXT_DUPLICATE),
    CHECK("ext-criticality", SCOPE_CERTIFICATE,
	"An extension is critical that may not be, or not critical that has to be.",
	EXT_CRITICALITY),
    CHECK("version-not-3", SCOPE_CERTIFICATE, "Not a version 3 certificate.",
	VERSION_NOT_3),
    CHECK("unique-id-present", SCOPE_CERTIFICATE, "A unique identifier is there.",
	UNIQUE_ID_PRESENT),
    CHECK("ski-in-leaf", SCOPE_CERTIFICATE, "A leaf with a subjectKeyIdentifier.",
	SKI_IN_LEAF),
};

const struct check_family CHECK_USAGE_STRUCTURE = {"usage", CHECKS, ARRAY_LEN(CHECKS)};
