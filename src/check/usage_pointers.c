/* B2: where a certificate points for its issuer, CRL and OCSP responder. */
#include "check_priv.h"

/* --- authorityInfoAccess --------------------------------------------------------------
 */

static const struct extension *
aia_of(const struct judged *it)
{
	return cert_extension(it->cert, OID_AUTHORITY_INFO_ACCESS);
}

static bool
has_aia(const struct judged *it)
{
	return aia_of(it) != NULL;
}

static bool
is_tls_leaf_with_aia(const struct judged *it)
{
	return judged_is_tls_subscriber(it) && has_aia(it);
}

static bool
has_tls_aia(const struct judged *it)
{
	return judged_in_tls_scope(it) && has_aia(it);
}

/* How many locations of that method, and how many of them by URI with one of two
 * schemes (the second may be NULL). */
struct locations {
	size_t all, uris, matching;
	struct bytes other; /* the first URI with another scheme */
};

static bool
fits(struct bytes uri, const char *scheme)
{
	return scheme != NULL && url_has_scheme(uri, scheme);
}

static struct locations
count_locations(
    const struct judged *it, enum oid method, const char *one, const char *two)
{
	struct locations out = {0};
	struct access_description access;
	struct access_iter accesses;

	extension_access_begin(aia_of(it), &accesses);
	while (access_next(&accesses, &access)) {
		if (access.method_id != method)
			continue;
		out.all++;
		if (access.location.kind != GENERAL_URI)
			continue;
		out.uris++;
		if (fits(access.location.value, one) || fits(access.location.value, two))
			out.matching++;
		else if (out.other.len == 0)
			out.other = access.location.value;
	}
	return out;
}

static void
run_no_ocsp_url(struct trial *trial)
{
	struct locations ocsp = count_locations(trial->it, OID_ACCESS_OCSP, "http", NULL);

	if (ocsp.matching == 0)
		trial_fail(trial, bytes_of(NULL, 0), "no HTTP URL of an OCSP responder");
}

static void
run_no_issuer_url(struct trial *trial)
{
	struct locations issuers =
	    count_locations(trial->it, OID_ACCESS_CA_ISSUERS, "http", NULL);

	if (issuers.matching == 0)
		trial_fail(
		    trial, bytes_of(NULL, 0), "no HTTP URL of the issuer's certificate");
}

/* arg: the method all of whose URIs have to be HTTP. */
static void
run_http_only(struct trial *trial)
{
	struct locations found =
	    count_locations(trial->it, (enum oid)trial->rule->arg, "http", NULL);

	if (found.uris == 0)
		trial_not_applicable(trial);
	else if (found.matching < found.uris)
		trial_fail(trial, found.other, "AIA location \"%s\" is not HTTP",
		    trial_show(trial, found.other, 100));
}

static bool
has_known_method(const struct access_description *access)
{
	return access->method_id == OID_ACCESS_OCSP ||
	    access->method_id == OID_ACCESS_CA_ISSUERS;
}

static void
run_permitted_methods(struct trial *trial)
{
	struct access_description access;
	struct access_iter accesses;

	extension_access_begin(aia_of(trial->it), &accesses);
	while (access_next(&accesses, &access))
		if (!has_known_method(&access) || access.location.kind != GENERAL_URI)
			trial_fail(trial, access.whole,
			    "an access method or location that is not permitted");
}

static void
run_unknown_method(struct trial *trial)
{
	struct access_description access;
	struct access_iter accesses;

	extension_access_begin(aia_of(trial->it), &accesses);
	while (access_next(&accesses, &access))
		if (!has_known_method(&access))
			trial_fail(trial, access.whole, "an unknown access method");
}

static void
run_location_type(struct trial *trial)
{
	struct access_description access;
	struct access_iter accesses;

	extension_access_begin(aia_of(trial->it), &accesses);
	while (access_next(&accesses, &access))
		if (access.location.kind != GENERAL_URI)
			trial_fail(
			    trial, access.whole, "an access location that is no URI");
}

static void
run_location_http(struct trial *trial)
{
	struct access_description access;
	struct access_iter accesses;

	extension_access_begin(aia_of(trial->it), &accesses);
	while (access_next(&accesses, &access))
		if (access.location.kind == GENERAL_URI &&
		    !url_has_scheme(access.location.value, "http"))
			trial_fail(trial, access.location.whole,
			    "AIA location \"%s\" is not HTTP",
			    trial_show(trial, access.location.value, 100));
}

#define LOCATIONS_COMPARED 32

/* of_method: only locations of one method have to differ, and then in more than how
 * they are spelt. */
static bool
is_same_location(const struct access_description *one,
    const struct access_description *other, bool of_method)
{
	struct bytes a = one->location.value, b = other->location.value;

	if (!of_method)
		return bytes_equal(a, b);
	return one->method_id == other->method_id && bytes_same_fold(a, b);
}

static void
compare_locations(struct trial *trial, bool of_method)
{
	struct access_description access, seen[LOCATIONS_COMPARED];
	struct access_iter accesses;
	size_t count = 0;

	extension_access_begin(aia_of(trial->it), &accesses);
	while (access_next(&accesses, &access)) {
		if (access.location.kind != GENERAL_URI)
			continue;
		for (size_t i = 0; i < count; i++)
			if (is_same_location(&seen[i], &access, of_method))
				trial_fail(trial, access.whole,
				    "AIA location \"%s\" twice",
				    trial_show(trial, access.location.value, 100));
		if (count < LOCATIONS_COMPARED)
			seen[count++] = access;
	}
}

static void
run_unique_in_method(struct trial *trial)
{
	compare_locations(trial, true);
}

static void
run_unique(struct trial *trial)
{
	compare_locations(trial, false);
}

/* A host that nobody outside reaches: none at all, or below no TLD. */
static void
run_internal_location(struct trial *trial)
{
	struct access_description access;
	struct access_iter accesses;
	struct bytes host;

	extension_access_begin(aia_of(trial->it), &accesses);
	while (access_next(&accesses, &access)) {
		if (access.location.kind != GENERAL_URI || !has_known_method(&access))
			continue;
		host = url_host(access.location.value);
		if (!dns_tld_delegated(trial->it->params, host, INT64_MAX) &&
		    !dns_is_address(host))
			trial_fail(trial, access.location.whole,
			    "AIA location \"%s\" names no public host",
			    trial_show(trial, access.location.value, 100));
	}
}

/* RFC 5280, 4.2.2.1. */
static void
run_access_location(struct trial *trial)
{
	struct locations issuers =
	    count_locations(trial->it, OID_ACCESS_CA_ISSUERS, "http", "ldap");

	if (issuers.uris == 0)
		trial_not_applicable(trial);
	else if (issuers.matching == 0)
		trial_fail(trial, issuers.other, "no issuer location by HTTP or LDAP");
}

static void
run_no_ca_issuers(struct trial *trial)
{
	if (count_locations(trial->it, OID_ACCESS_CA_ISSUERS, NULL, NULL).all == 0)
		trial_fail(trial, aia_of(trial->it)->value, "AIA without caIssuers");
}

static const struct subrule AIA_INVALID[] = {
    RULE("absent", LEVEL_ERROR, "BR 7.1.2.3, 7.1.2.7.6", is_extended_leaf,
	rule_ext_absent, .arg = OID_AUTHORITY_INFO_ACCESS, .from = DATE(2012, 7, 1),
	.equivalents =
	    "zlint:e_sub_cert_aia_missing; "
	    "pkilint:cabf.serverauth.subscriber.authority_info_access_extension_absent; "
	    "x509lint:ERR_NO_AIA"),
    RULE("ocsp-url", LEVEL_ERROR, "BR 7.1.2.3", is_tls_not_ca, run_no_ocsp_url,
	.from = DATE(2012, 7, 1), .until = DATE(2023, 9, 15), .flags = RULE_PAST,
	.equivalents = "zlint:e_sub_cert_aia_does_not_contain_ocsp_url"),
    RULE("issuer-url", LEVEL_WARNING, "BR 7.1.2.3, 7.1.2.7.7 SHOULD",
	judged_is_tls_subscriber, run_no_issuer_url, .from = DATE(2012, 7, 1),
	.flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_sub_cert_aia_does_not_contain_issuing_ca_url; "
		       "x509lint:WARN_NO_ISSUING_CERT_HTTP"),
    RULE("issuers-http", LEVEL_ERROR, "BR 7.1.2.7.7", is_tls_leaf_with_aia, run_http_only,
	.arg = OID_ACCESS_CA_ISSUERS, .from = DATE(2023, 9, 15),
	.equivalents = "zlint:e_aia_ca_issuers_must_have_http_only"),
    RULE("ocsp-http", LEVEL_ERROR, "BR 7.1.2.7.7", is_tls_leaf_with_aia, run_http_only,
	.arg = OID_ACCESS_OCSP, .from = DATE(2023, 9, 15),
	.equivalents = "zlint:e_aia_ocsp_must_have_http_only"),
    RULE("method", LEVEL_ERROR, "BR 7.1.2.7.7", is_tls_leaf_with_aia,
	run_permitted_methods, .from = DATE(2023, 9, 15),
	.equivalents = "zlint:e_aia_must_contain_permitted_access_method"),
    RULE("unknown-method", LEVEL_ERROR, "BR 7.1.2.7.7", is_tls_leaf_with_aia,
	run_unknown_method, .from = DATE(2023, 9, 15),
	.equivalents =
	    "pkilint:cabf.serverauth.subscriber.unknown_aia_access_method_present"),
    RULE("location-type", LEVEL_ERROR, "BR 7.1.2.7.7, 7.1.2.10.3", has_tls_aia,
	run_location_type, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.aia_location_not_uri"),
    RULE("location-http", LEVEL_ERROR, "BR 7.1.2.7.7, 7.1.2.10.3", has_tls_aia,
	run_location_http, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.aia_location_uri_not_http"),
    RULE("unique", LEVEL_ERROR, "BR 7.1.2.7.7", is_tls_leaf_with_aia,
	run_unique_in_method, .from = DATE(2023, 9, 15),
	.equivalents = "zlint:e_aia_unique_access_locations"),
    RULE("duplicate", LEVEL_ERROR, "BR 7.1.2.7.7, 7.1.2.10.3", has_tls_aia, run_unique,
	.from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.aia_duplicate_location"),
    RULE("internal", LEVEL_WARNING, "BR 7.1.2.10.3", is_tls_leaf_with_aia,
	run_internal_location, .from = DATE(2012, 7, 1), .flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_sub_cert_aia_contains_internal_names"),
    RULE("access-location", LEVEL_WARNING, "RFC 5280 4.2.2.1 SHOULD", has_aia,
	run_access_location, .from = DATE(2008, 5, 1), .flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_ext_aia_access_location_missing"),
    RULE("no-ca-issuers", LEVEL_WARNING, "BR 7.1.2.7.7 SHOULD", is_tls_leaf_with_aia,
	run_no_ca_issuers, .from = DATE(2023, 9, 15), .flags = RULE_NOT_COUNTED,
	.equivalents =
	    "pkilint:cabf.serverauth.subscriber.ca_issuers_aia_access_method_absent"),
};

static const struct check CHECKS[] = {
    CHECK("aia-invalid", SCOPE_CERTIFICATE,
	"authorityInfoAccess is missing or does not say what it has to.", AIA_INVALID,
	.data = DATA(TLDS) | DATA(PSL)),
};

const struct check_family CHECK_USAGE_POINTERS = {"usage", CHECKS, ARRAY_LEN(CHECKS)};
