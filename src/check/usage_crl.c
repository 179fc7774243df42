/* B2: where a certificate points for its CRL. */
#include "check_priv.h"

/* --- cRLDistributionPoints
 * --------------------------------------------------------------- */

static const struct extension *
crldp_of(const struct judged *it)
{
	return cert_extension(it->cert, OID_CRL_DISTRIBUTION_POINTS);
}

static bool
has_crldp(const struct judged *it)
{
	return crldp_of(it) != NULL;
}

static bool
has_tls_crldp(const struct judged *it)
{
	return judged_in_tls_scope(it) && has_crldp(it);
}

/* Every name of every distribution point's fullName. */
struct crl_names {
	struct distribution_point_iter points;
	struct distribution_point point;
	struct general_name_iter names;
	bool within;
};

static void
crl_names_begin(const struct judged *it, struct crl_names *walk)
{
	walk->within = false;
	extension_distribution_points_begin(crldp_of(it), &walk->points);
}

static bool
crl_names_next(struct crl_names *walk, struct general_name *out)
{
	for (;;) {
		if (walk->within && general_name_next(&walk->names, out))
			return true;
		walk->within = false;
		if (!distribution_point_next(&walk->points, &walk->point))
			return false;
		if (walk->point.full_name.len > 0) {
			general_names_begin(walk->point.full_name, &walk->names);
			walk->within = true;
		}
	}
}

bool
has_crl_url(const struct judged *it, bool ldap_too)
{
	struct general_name name;
	struct crl_names walk;

	crl_names_begin(it, &walk);
	while (crl_names_next(&walk, &name))
		if (name.kind == GENERAL_URI &&
		    (url_has_scheme(name.value, "http") ||
			(ldap_too && url_has_scheme(name.value, "ldap"))))
			return true;
	return false;
}

static void
run_no_crl_url(struct trial *trial)
{
	if (!has_crl_url(trial->it, false))
		trial_fail(trial, crldp_of(trial->it)->value, "no HTTP URL of a CRL");
}

static void
run_no_crl_uri(struct trial *trial)
{
	if (!has_crl_url(trial->it, true))
		trial_fail(trial, crldp_of(trial->it)->value, "no CRL by HTTP or LDAP");
}

static void
run_crl_scheme(struct trial *trial)
{
	struct general_name name;
	struct crl_names walk;

	crl_names_begin(trial->it, &walk);
	while (crl_names_next(&walk, &name))
		if (name.kind == GENERAL_URI && !url_has_scheme(name.value, "http"))
			trial_fail(trial, name.whole, "CRL location \"%s\" is not HTTP",
			    trial_show(trial, name.value, 100));
}

static void
run_crl_name_type(struct trial *trial)
{
	struct general_name name;
	struct crl_names walk;

	crl_names_begin(trial->it, &walk);
	while (crl_names_next(&walk, &name))
		if (name.kind != GENERAL_URI)
			trial_fail(trial, name.whole, "a CRL location that is no URI");
}

/* The linter that knows the scheme rule stops at another kind of name. */
static void
run_crl_point_scheme(struct trial *trial)
{
	struct distribution_point_iter points;
	struct distribution_point point;
	struct general_name_iter names;
	struct general_name name, bad;

	extension_distribution_points_begin(crldp_of(trial->it), &points);
	while (distribution_point_next(&points, &point)) {
		bool only_uris = point.full_name.len > 0, found = false;

		general_names_begin(point.full_name, &names);
		while (point.full_name.len > 0 && general_name_next(&names, &name)) {
			only_uris = only_uris && name.kind == GENERAL_URI;
			if (!found && !url_has_scheme(name.value, "http")) {
				found = true;
				bad = name;
			}
		}
		if (only_uris && found)
			trial_fail(trial, bad.whole, "CRL location \"%s\" is not HTTP",
			    trial_show(trial, bad.value, 100));
	}
}

/* arg: what a point may not have: 0 reasons or cRLIssuer, 1 cRLIssuer, 2 a relative
 * name, 3 nothing but reasons. */
static void
run_crl_point(struct trial *trial)
{
	struct distribution_point_iter points;
	struct distribution_point point;
	bool bad;

	extension_distribution_points_begin(crldp_of(trial->it), &points);
	while (distribution_point_next(&points, &point)) {
		bad = trial->rule->arg == 0
		    ? point.reasons.len > 0 || point.crl_issuer.len > 0
		    : trial->rule->arg == 1 ? point.crl_issuer.len > 0
		    : trial->rule->arg == 2
		    ? point.relative_name.len > 0
		    : point.reasons.len > 0 && point.full_name.len == 0 &&
			point.relative_name.len == 0 && point.crl_issuer.len == 0;
		if (bad)
			trial_fail(trial, point.whole, "%s", trial->rule->text);
	}
}

static void
run_crl_points(struct trial *trial)
{
	struct distribution_point_iter points;
	struct distribution_point point;
	size_t count = 0;

	extension_distribution_points_begin(crldp_of(trial->it), &points);
	while (distribution_point_next(&points, &point))
		count++;
	if (count > 1)
		trial_fail(
		    trial, crldp_of(trial->it)->value, "%zu distribution points", count);
}

static const struct subrule CRLDP_INVALID[] = {
    RULE("no-url", LEVEL_ERROR, "BR 7.1.2.3, 7.1.2.11.2", has_tls_crldp, run_no_crl_url,
	.from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_sub_cert_crl_distribution_points_does_not_contain_url; "
		       "x509lint:ERR_CRL_DISTPOINT_EMPTY"),
    RULE("scheme", LEVEL_ERROR, "BR 7.1.2.11.2", has_tls_crldp, run_crl_scheme,
	.from = DATE(2023, 9, 15), .equivalents = "zlint:e_crl_distrib_points_not_http"),
    RULE("point-scheme", LEVEL_ERROR, "BR 7.1.2.11.2", has_tls_crldp,
	run_crl_point_scheme, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.crldp_dpname_prohibited_uri_scheme"),
    RULE("name-type", LEVEL_ERROR, "BR 7.1.2.11.2", has_tls_crldp, run_crl_name_type,
	.from = DATE(2023, 9, 15),
	.equivalents =
	    "pkilint:cabf.serverauth.crldp_dpname_prohibited_generalname_type"),
    RULE("relative-name", LEVEL_ERROR, "BR 7.1.2.11.2", has_tls_crldp, run_crl_point,
	.arg = 2, .text = "a name relative to the CRL issuer", .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.crldp_dpname_prohibited_field_present; "
		       "x509lint:WARN_CRL_RELATIVE"),
    RULE("fields", LEVEL_ERROR, "BR 7.1.2.11.2", has_tls_crldp, run_crl_point, .arg = 0,
	.text = "a distribution point with reasons or cRLIssuer",
	.from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.crldp_dp_prohibited_field_present"),
    RULE("issuer", LEVEL_ERROR, "BR 7.1.2.11.2", has_tls_crldp, run_crl_point, .arg = 1,
	.text = "a distribution point with cRLIssuer", .from = DATE(2023, 9, 15),
	.equivalents = "zlint:e_crlissuer_must_not_be_present_in_cdp"),
    RULE("incomplete", LEVEL_ERROR, "RFC 5280 4.2.1.13", has_crldp, run_crl_point,
	.arg = 3, .text = "a distribution point of reasons only",
	.from = DATE(2002, 4, 1), .equivalents = "zlint:e_distribution_point_incomplete"),
    RULE("no-uri", LEVEL_WARNING, "RFC 5280 4.2.1.13 SHOULD", has_crldp, run_no_crl_uri,
	.from = DATE(2008, 5, 1), .flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_distribution_point_missing_ldap_or_uri"),
    RULE("several", LEVEL_NOTICE, "BR 7.1.2.11.2 NOT RECOMMENDED", has_tls_crldp,
	run_crl_points, .from = DATE(2023, 9, 15), .flags = RULE_NOT_COUNTED,
	.equivalents =
	    "pkilint:cabf.serverauth.crldp_multiple_distributionpoints_present"),
};

/* --- no-revocation-info
 * ------------------------------------------------------------------ */

/* Short-lived by BR 1.6.1: ten days, seven from 15 March 2026; none was before there
 * was the word. */
static const struct rule_limit SHORT_LIVED[] = {
    {"short-lived changed", DATE(2026, 3, 15)}, {"days until then", 10},
    {"days since", 7}, {"no such thing before", DATE(2024, 3, 15)}, {0}};

static bool
is_long_lived(const struct judged *it)
{
	int64_t limit = it->cert->not_before < LIMIT_OF(SHORT_LIVED, 0)
	    ? LIMIT_OF(SHORT_LIVED, 1)
	    : LIMIT_OF(SHORT_LIVED, 2);

	return is_extended_subscriber(it) &&
	    (it->cert->not_before < LIMIT_OF(SHORT_LIVED, 3) ||
		lifetime_s(it) > limit * DAY_S);
}

static bool
has_responder(const struct judged *it)
{
	struct access_description access;
	struct access_iter accesses;

	extension_access_begin(
	    cert_extension(it->cert, OID_AUTHORITY_INFO_ACCESS), &accesses);
	while (access_next(&accesses, &access))
		if (access.method_id == OID_ACCESS_OCSP)
			return true;
	return false;
}

static void
run_no_revocation(struct trial *trial)
{
	if (!has_crldp(trial->it) && !has_responder(trial->it))
		trial_fail(
		    trial, bytes_of(NULL, 0), "neither a CRL nor an OCSP responder");
}

static const struct subrule NO_REVOCATION_INFO[] = {
    RULE("none", LEVEL_ERROR, "BR 7.1.2.11.2 (SC63)", is_long_lived, run_no_revocation,
	.limits = SHORT_LIVED, .from = DATE(2024, 3, 15),
	.equivalents =
	    "zlint:e_missing_crl_distrib_point; "
	    "pkilint:cabf.serverauth.subscriber.revocation_information_absent; "
	    "x509lint:ERR_NO_REVOCATION_HTTP"),
};

static const struct check CHECKS[] = {
    CHECK("crldp-invalid", SCOPE_CERTIFICATE,
	"cRLDistributionPoints does not say what it has to.", CRLDP_INVALID),
    CHECK("no-revocation-info", SCOPE_CERTIFICATE,
	"A certificate that lives long enough to be revoked says nowhere how.",
	NO_REVOCATION_INFO),
};

const struct check_family CHECK_USAGE_CRL = {"usage", CHECKS, ARRAY_LEN(CHECKS)};
