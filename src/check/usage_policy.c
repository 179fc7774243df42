/* B2: certificate policies, and what they demand of the subject. */
#include "check_priv.h"

/* --- predicates ------------------------------------------------------------------ */

static bool
has_policies(const struct judged *it)
{
	return it->facts->policies_at != NULL;
}

static bool
is_tls_leaf_with_policies(const struct judged *it)
{
	return judged_is_tls_subscriber(it) && has_policies(it);
}

static bool
claims(const struct judged *it, enum fact_policy policy)
{
	return (it->facts->policies & policy) != 0;
}

/* --- policy-missing, policy-reserved-count ----------------------------------------- */

static void
run_no_policy(struct trial *trial)
{
	if (trial->it->facts->policy_count == 0)
		trial_fail(trial,
		    trial->it->facts->policies_at != NULL
			? trial->it->facts->policies_at->value
			: bytes_of(NULL, 0),
		    "no certificate policy");
}

static const struct subrule POLICY_MISSING[] = {
    RULE("absent", LEVEL_ERROR, "BR 7.1.2.7.6", is_extended_leaf, rule_ext_absent,
	.arg = OID_CERTIFICATE_POLICIES, .from = DATE(2012, 7, 1),
	.equivalents =
	    "zlint:e_sub_cert_certificate_policies_missing; "
	    "pkilint:cabf.serverauth.subscriber.certificate_policies_extension_absent; "
	    "x509lint:ERR_NO_POLICY"),
    RULE("empty", LEVEL_ERROR, "BR 7.1.2.7.9", is_tls_not_ca, run_no_policy,
	.from = DATE(2012, 7, 1), .equivalents = "zlint:e_sub_cert_cert_policy_empty"),
};

static void
run_no_reserved(struct trial *trial)
{
	if (trial->it->facts->reserved_count == 0 && !claims(trial->it, POLICY_ANY))
		trial_fail(trial, trial->it->facts->policies_at->value,
		    "none of the reserved policies of DV, OV, IV and EV");
}

static unsigned
kinds_of_reserved(const struct judged *it)
{
	return (unsigned)__builtin_popcount(it->facts->policies & POLICY_RESERVED);
}

static void
run_several_reserved(struct trial *trial)
{
	if (kinds_of_reserved(trial->it) > 1 && !claims(trial->it, POLICY_ANY))
		trial_fail(trial, trial->it->facts->policies_at->value,
		    "%u reserved policies at once", kinds_of_reserved(trial->it));
}

static void
run_any_policy(struct trial *trial)
{
	if (claims(trial->it, POLICY_ANY))
		trial_fail(
		    trial, trial->it->facts->policies_at->value, "anyPolicy in a leaf");
}

static void
run_first_not_reserved(struct trial *trial)
{
	struct policy_iter policies;
	struct policy policy;

	if (kinds_of_reserved(trial->it) != 1 || claims(trial->it, POLICY_ANY))
		return;
	extension_policies_begin(trial->it->facts->policies_at, &policies);
	if (policy_next(&policies, &policy) && policy.id != OID_POLICY_DV &&
	    policy.id != OID_POLICY_OV && policy.id != OID_POLICY_IV &&
	    policy.id != OID_POLICY_EV)
		trial_fail(
		    trial, policy.whole, "the first policy is not the reserved one");
}

static const struct subrule POLICY_RESERVED_COUNT[] = {
    RULE("none", LEVEL_ERROR, "BR 7.1.6.4 (1.7.1), 7.1.2.7.9", is_tls_leaf_with_policies,
	run_no_reserved, .from = DATE(2020, 9, 30),
	.equivalents = "pkilint:cabf.serverauth.subscriber_missing_reserved_policy_oid; "
		       "x509lint:INF_UNKNOWN_VALIDATION"),
    RULE("several", LEVEL_ERROR, "BR 7.1.2.7.9", is_tls_leaf_with_policies,
	run_several_reserved, .from = DATE(2023, 9, 15),
	.equivalents =
	    "pkilint:cabf.serverauth.subscriber_multiple_reserved_policy_oids"),
    RULE("any-policy", LEVEL_ERROR, "BR 7.1.2.7.9", is_tls_leaf_with_policies,
	run_any_policy, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.subscriber_anypolicy_oid_present"),
    RULE("not-first", LEVEL_NOTICE, "BR 7.1.2.7.9 RECOMMENDED", is_tls_leaf_with_policies,
	run_first_not_reserved, .from = DATE(2023, 9, 15), .flags = RULE_NOT_COUNTED,
	.equivalents =
	    "pkilint:cabf.serverauth.subscriber_first_policy_oid_not_reserved"),
};

/* --- policy-qualifier -----------------------------------------------------------------
 */

static bool
has_tls_policies(const struct judged *it)
{
	return judged_in_tls_scope(it) && has_policies(it);
}

static bool
has_any_policy(const struct judged *it)
{
	return claims(it, POLICY_ANY);
}

void
each_policy_qualifier(struct trial *trial, policy_look_fn *look)
{
	struct policy_iter policies, qualifiers;
	struct policy_qualifier qualifier;
	struct policy policy;

	extension_policies_begin(trial->it->facts->policies_at, &policies);
	while (policy_next(&policies, &policy)) {
		policy_qualifiers_begin(&policy, &qualifiers);
		while (policy_qualifier_next(&qualifiers, &qualifier))
			look(trial, &policy, &qualifier);
	}
}

static void
look_not_cps(struct trial *trial, const struct policy *policy,
    const struct policy_qualifier *qualifier)
{
	(void)policy;
	if (qualifier->id != OID_QUALIFIER_CPS)
		trial_fail(
		    trial, qualifier->whole, "a policy qualifier other than a CPS URI");
}

static void
look_any(struct trial *trial, const struct policy *policy,
    const struct policy_qualifier *qualifier)
{
	(void)policy;
	trial_fail(trial, qualifier->whole, "a policy qualifier");
}

static void
look_cps_scheme(struct trial *trial, const struct policy *policy,
    const struct policy_qualifier *qualifier)
{
	struct bytes uri = qualifier->value.value;

	(void)policy;
	if (qualifier->id == OID_QUALIFIER_CPS && !url_has_scheme(uri, "http") &&
	    !url_has_scheme(uri, "https"))
		trial_fail(trial, qualifier->value.whole, "CPS URI \"%s\" is not HTTP",
		    trial_show(trial, uri, 100));
}

/* An absolute HTTP URL with a host. */
static void
look_cps_url(struct trial *trial, const struct policy *policy,
    const struct policy_qualifier *qualifier)
{
	struct bytes uri = qualifier->value.value;

	(void)policy;
	if (qualifier->id == OID_QUALIFIER_CPS &&
	    ((!url_has_scheme(uri, "http") && !url_has_scheme(uri, "https")) ||
		url_host(uri).len == 0))
		trial_fail(trial, qualifier->value.whole, "CPS URI \"%s\" is no HTTP URL",
		    trial_show(trial, uri, 100));
}

static void
look_any_policy(struct trial *trial, const struct policy *policy,
    const struct policy_qualifier *qualifier)
{
	if (policy->id == OID_ANY_POLICY && qualifier->id != OID_QUALIFIER_CPS &&
	    qualifier->id != OID_QUALIFIER_USER_NOTICE)
		trial_fail(trial, qualifier->whole, "an unknown qualifier of anyPolicy");
}

static void
run_not_cps(struct trial *trial)
{
	each_policy_qualifier(trial, look_not_cps);
}

static void
run_any_qualifier(struct trial *trial)
{
	each_policy_qualifier(trial, look_any);
}

static void
run_cps_scheme(struct trial *trial)
{
	each_policy_qualifier(trial, look_cps_scheme);
}

static void
run_cps_url(struct trial *trial)
{
	each_policy_qualifier(trial, look_cps_url);
}

static void
run_any_policy_qualifier(struct trial *trial)
{
	each_policy_qualifier(trial, look_any_policy);
}

#define POLICIES_COMPARED 64

static void
run_duplicate(struct trial *trial)
{
	struct bytes seen[POLICIES_COMPARED];
	struct policy_iter policies;
	struct policy policy;
	size_t count = 0;

	extension_policies_begin(trial->it->facts->policies_at, &policies);
	while (policy_next(&policies, &policy)) {
		for (size_t i = 0; i < count; i++)
			if (bytes_equal(seen[i], policy.oid))
				trial_fail(trial, policy.whole, "a policy named twice");
		if (count < POLICIES_COMPARED)
			seen[count++] = policy.oid;
	}
}

static const struct subrule POLICY_QUALIFIER[] = {
    RULE("not-cps", LEVEL_WARNING, "BR 7.1.2.7.9", has_tls_policies, run_not_cps,
	.from = DATE(2023, 9, 15),
	.equivalents =
	    "zlint:e_policy_qualifiers_other_than_cps_not_permitted; "
	    "pkilint:cabf.serverauth.prohibited_certificate_policy_qualifier_type; "
	    "x509lint:ERR_INVALID_POLICY_QUALIFIER_ID"),
    RULE("present", LEVEL_NOTICE, "BR 7.1.2.7.9 NOT RECOMMENDED", has_tls_policies,
	run_any_qualifier, .from = DATE(2023, 9, 15), .flags = RULE_NOT_COUNTED,
	.equivalents = "pkilint:cabf.serverauth.certificate_policy_qualifier_present"),
    RULE("cps-scheme", LEVEL_WARNING, "BR 7.1.2.7.9", has_tls_policies, run_cps_scheme,
	.from = DATE(2023, 9, 15), .equivalents = "pkilint:cabf.cps_uri_is_not_http"),
    RULE("cps-url", LEVEL_WARNING, "BR 7.1.2.7.9", has_tls_policies, run_cps_url,
	.from = DATE(2023, 9, 15), .equivalents = "zlint:e_invalid_cps_uri"),
    RULE("any-policy", LEVEL_WARNING, "RFC 5280 4.2.1.4", has_any_policy,
	run_any_policy_qualifier, .from = DATE(2002, 4, 1),
	.equivalents = "zlint:e_ext_cert_policy_disallowed_any_policy_qualifier"),
    RULE("duplicate", LEVEL_WARNING, "RFC 5280 4.2.1.4", has_policies, run_duplicate,
	.from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_ext_cert_policy_duplicate; "
		       "pkilint:pkix.duplicate_certificate_policy_oids"),
};

static const struct check CHECKS[] = {
    CHECK("policy-missing", SCOPE_CERTIFICATE, "No certificate policy in a leaf.",
	POLICY_MISSING),
    CHECK("policy-reserved-count", SCOPE_CERTIFICATE,
	"Not exactly one of the policies that say DV, OV, IV or EV.",
	POLICY_RESERVED_COUNT),
    CHECK("policy-qualifier", SCOPE_CERTIFICATE,
	"A policy qualifier that is not allowed.", POLICY_QUALIFIER),
};

const struct check_family CHECK_USAGE_POLICY = {"usage", CHECKS, ARRAY_LEN(CHECKS)};
