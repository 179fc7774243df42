/* B11: what user notices say, and the extensions that constrain and map policies. */
#include "check_priv.h"

/* --- policy-text ------------------------------------------------------------------- */

static bool
has_policies(const struct judged *it)
{
	return it->facts->policies_at != NULL;
}

/* An empty text is none. */
static bool
has_text(const struct policy_qualifier *qualifier)
{
	return qualifier->explicit_text.value.len > 0;
}

static bool
has_explicit_text(const struct judged *it)
{
	struct policy_iter policies, qualifiers;
	struct policy_qualifier qualifier;
	struct policy policy;

	if (!it->facts->notices)
		return false;
	extension_policies_begin(it->facts->policies_at, &policies);
	while (policy_next(&policies, &policy)) {
		policy_qualifiers_begin(&policy, &qualifiers);
		while (policy_qualifier_next(&qualifiers, &qualifier))
			if (has_text(&qualifier))
				return true;
	}
	return false;
}

static void
look_ia5(struct trial *trial, const struct policy *policy,
    const struct policy_qualifier *qualifier)
{
	(void)policy;
	if (has_text(qualifier) && qualifier->explicit_text.tag == DER_IA5_STRING)
		trial_fail(trial, qualifier->explicit_text.whole,
		    "a user notice's text is an IA5String");
}

static void
look_length(struct trial *trial, const struct policy *policy,
    const struct policy_qualifier *qualifier)
{
	const struct der *text = &qualifier->explicit_text;
	size_t length = string_length(text->tag, text->value);
	size_t most = (size_t)rule_limit(trial, 0);

	(void)policy;
	if (has_text(qualifier) && length > most)
		trial_fail(trial, text->whole,
		    "a user notice's text has %zu characters, at most %zu allowed",
		    length, most);
}

static void
look_not_utf8(struct trial *trial, const struct policy *policy,
    const struct policy_qualifier *qualifier)
{
	(void)policy;
	if (has_text(qualifier) && qualifier->explicit_text.tag != DER_UTF8_STRING)
		trial_fail(trial, qualifier->explicit_text.whole,
		    "a user notice's text is no UTF8String");
}

static void
look_not_nfc(struct trial *trial, const struct policy *policy,
    const struct policy_qualifier *qualifier)
{
	const struct der *text = &qualifier->explicit_text;

	(void)policy;
	if ((text->tag == DER_UTF8_STRING || text->tag == DER_BMP_STRING) &&
	    !string_is_nfc(text->tag, text->value))
		trial_fail(trial, text->whole,
		    "a user notice's text is not in normalization form C");
}

/* C0 and DEL in any type; C1 where the octets are sure to mean it. */
static bool
has_control(uint8_t tag, struct bytes text)
{
	bool utf8 = (string_flaws(tag, text) & FLAW_UTF8) == 0 &&
	    (tag == DER_UTF8_STRING || tag == DER_BMP_STRING ||
		tag == DER_UNIVERSAL_STRING);

	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < 0x20 || text.data[i] == 0x7f ||
		    (utf8 && i + 1 < text.len && text.data[i] == 0xc2 &&
			text.data[i + 1] < 0xa0))
			return true;
	return false;
}

static void
look_control(struct trial *trial, const struct policy *policy,
    const struct policy_qualifier *qualifier)
{
	const struct der *text = &qualifier->explicit_text;
	struct buf wide;
	bool has;

	(void)policy;
	buf_init(&wide, 1 << 16);
	if (text->tag == DER_BMP_STRING || text->tag == DER_UNIVERSAL_STRING)
		has = string_append_utf8(&wide, text->tag, text->value) &&
		    has_control(text->tag, buf_bytes(&wide));
	else
		has = has_control(text->tag, text->value);
	buf_free(&wide);
	if (has)
		trial_fail(
		    trial, text->whole, "a control character in a user notice's text");
}

static void
look_reference(struct trial *trial, const struct policy *policy,
    const struct policy_qualifier *qualifier)
{
	(void)policy;
	if (qualifier->notice_ref.whole.len > 0)
		trial_fail(
		    trial, qualifier->notice_ref.whole, "a user notice with a noticeRef");
}

static void
run_text_ia5(struct trial *trial)
{
	each_policy_qualifier(trial, look_ia5);
}

static void
run_text_length(struct trial *trial)
{
	each_policy_qualifier(trial, look_length);
}

static void
run_text_not_utf8(struct trial *trial)
{
	each_policy_qualifier(trial, look_not_utf8);
}

static void
run_text_not_nfc(struct trial *trial)
{
	each_policy_qualifier(trial, look_not_nfc);
}

static void
run_text_control(struct trial *trial)
{
	each_policy_qualifier(trial, look_control);
}

static void
run_notice_reference(struct trial *trial)
{
	if (trial->it->facts->notices)
		each_policy_qualifier(trial, look_reference);
}

/* RFC 6818 is of January 2013. */
static const struct subrule POLICY_TEXT[] = {
    RULE("ia5-string", LEVEL_ERROR, "RFC 6818 3", has_explicit_text, run_text_ia5,
	.from = DATE(2013, 1, 1),
	.equivalents = "zlint:e_ext_cert_policy_explicit_text_ia5_string"),
    RULE("too-long", LEVEL_ERROR, "RFC 6818 3", has_explicit_text, run_text_length,
	LIMITS({"characters", 200}), .from = DATE(2013, 1, 1),
	.equivalents = "zlint:e_ext_cert_policy_explicit_text_too_long"),
    RULE("not-utf8", LEVEL_WARNING, "RFC 6818 3 SHOULD", has_explicit_text,
	run_text_not_utf8, .from = DATE(2013, 1, 1),
	.equivalents = "zlint:w_ext_cert_policy_explicit_text_not_utf8"),
    RULE("not-nfc", LEVEL_WARNING, "RFC 6818 3 SHOULD", has_explicit_text,
	run_text_not_nfc, .from = DATE(2013, 1, 1),
	.equivalents = "zlint:w_ext_cert_policy_explicit_text_not_nfc"),
    RULE("control", LEVEL_WARNING, "RFC 6818 3 SHOULD NOT", has_explicit_text,
	run_text_control, .from = DATE(2013, 1, 1),
	.equivalents = "zlint:w_ext_cert_policy_explicit_text_includes_control"),
    RULE("notice-reference", LEVEL_WARNING, "RFC 5280 4.2.1.4 SHOULD NOT", has_policies,
	run_notice_reference, .from = DATE(2008, 5, 1),
	.equivalents = "zlint:w_ext_cert_policy_contains_noticeref"),
};

/* --- policy-extensions ---------------------------------------------------------------
 */

static void
run_constraints_empty(struct trial *trial)
{
	const struct extension *extension =
	    cert_extension(trial->it->cert, OID_POLICY_CONSTRAINTS);
	struct der element;

	if (extension == NULL || !der_only(extension->value, &element) ||
	    element.tag != DER_SEQUENCE)
		trial_not_applicable(trial);
	else if (element.value.len == 0)
		trial_fail(
		    trial, extension->whole, "policyConstraints constrain nothing");
}

static bool
has_mappings(const struct judged *it)
{
	return cert_extension(it->cert, OID_POLICY_MAPPINGS) != NULL;
}

static void
mappings_begin(const struct trial *trial, struct policy_iter *mappings)
{
	extension_policy_mappings_begin(
	    cert_extension(trial->it->cert, OID_POLICY_MAPPINGS), mappings);
}

static void
run_maps_any_policy(struct trial *trial)
{
	struct bytes any = oid_octets(OID_ANY_POLICY);
	struct policy_iter mappings;
	struct policy_mapping mapping;

	mappings_begin(trial, &mappings);
	while (policy_mapping_next(&mappings, &mapping))
		if (bytes_equal(mapping.issuer_policy, any) ||
		    bytes_equal(mapping.subject_policy, any))
			trial_fail(
			    trial, mapping.whole, "a mapping to or from anyPolicy");
}

static bool
names_policy(const struct judged *it, struct bytes oid)
{
	struct policy_iter policies;
	struct policy policy;

	extension_policies_begin(it->facts->policies_at, &policies);
	while (policy_next(&policies, &policy))
		if (bytes_equal(policy.oid, oid))
			return true;
	return false;
}

/* So that hostile lists cannot be multiplied with each other. */
#define MAPPINGS_COMPARED 256

static void
run_maps_unknown(struct trial *trial)
{
	struct policy_iter mappings;
	struct policy_mapping mapping;
	size_t count = 0;

	mappings_begin(trial, &mappings);
	while (policy_mapping_next(&mappings, &mapping) && count++ < MAPPINGS_COMPARED)
		if (!names_policy(trial->it, mapping.issuer_policy))
			trial_fail(trial, mapping.whole,
			    "maps a policy that certificatePolicies does not name");
}

static const struct subrule POLICY_EXTENSIONS[] = {
    RULE("constraints-empty", LEVEL_ERROR, "RFC 5280 4.2.1.11", NULL,
	run_constraints_empty, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_ext_policy_constraints_empty"),
    RULE("constraints-not-critical", LEVEL_ERROR, "RFC 5280 4.2.1.11", NULL,
	rule_ext_not_critical, .arg = OID_POLICY_CONSTRAINTS, .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_ext_policy_constraints_not_critical"),
    RULE("inhibit-not-critical", LEVEL_ERROR, "RFC 5280 4.2.1.14", NULL,
	rule_ext_not_critical, .arg = OID_INHIBIT_ANY_POLICY, .from = DATE(2002, 4, 1),
	.equivalents = "zlint:e_inhibit_any_policy_not_critical"),
    RULE("maps-any-policy", LEVEL_ERROR, "RFC 5280 4.2.1.5", has_mappings,
	run_maps_any_policy, .from = DATE(2002, 4, 1),
	.equivalents = "zlint:e_ext_policy_map_any_policy"),
    RULE("mappings-not-critical", LEVEL_WARNING, "RFC 5280 4.2.1.5 SHOULD", NULL,
	rule_ext_not_critical, .arg = OID_POLICY_MAPPINGS, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:w_ext_policy_map_not_critical"),
    RULE("maps-unknown", LEVEL_WARNING, "RFC 5280 4.2.1.5 SHOULD", has_mappings,
	run_maps_unknown, .from = DATE(2002, 4, 1),
	.equivalents = "zlint:w_ext_policy_map_not_in_cert_policy"),
};

static const struct check CHECKS[] = {
    CHECK("policy-text", SCOPE_CERTIFICATE,
	"A policy's user notice is not written as it should be.", POLICY_TEXT),
    CHECK("policy-extensions", SCOPE_CERTIFICATE,
	"Policies are constrained or mapped in a way that is not allowed.",
	POLICY_EXTENSIONS),
};

const struct check_family CHECK_RFC5280_POLICY = {"rfc5280", CHECKS, ARRAY_LEN(CHECKS)};
