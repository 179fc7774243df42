/* B8: where a CA certificate points, and extensions that its profile does not name,
 * for the table of ca-profile. */
#include "hierarchy.h"

/* --- pointers
 * --------------------------------------------------------------------------- */

void
rule_ca_no_crl_url(struct trial *trial)
{
	if (!has_crl_url(trial->it, false))
		trial_fail(trial,
		    cert_extension(trial->it->cert, OID_CRL_DISTRIBUTION_POINTS)->value,
		    "no HTTP URL of a CRL");
}

static void
access_of(const struct judged *it, struct access_iter *accesses)
{
	extension_access_begin(
	    cert_extension(it->cert, OID_AUTHORITY_INFO_ACCESS), accesses);
}

void
rule_ca_no_issuer_url(struct trial *trial)
{
	struct access_description access;
	struct access_iter accesses;

	access_of(trial->it, &accesses);
	while (access_next(&accesses, &access))
		if (access.method_id == OID_ACCESS_CA_ISSUERS &&
		    access.location.kind == GENERAL_URI &&
		    url_has_scheme(access.location.value, "http"))
			return;
	trial_fail(
	    trial, bytes_of(NULL, 0), "no HTTP URL of the issuing CA's certificate");
}

static bool
is_known_method(enum oid id)
{
	return id == OID_ACCESS_OCSP || id == OID_ACCESS_CA_ISSUERS;
}

void
rule_ca_access_not_http(struct trial *trial)
{
	struct access_description access;
	struct access_iter accesses;
	bool any = false;

	access_of(trial->it, &accesses);
	while (access_next(&accesses, &access)) {
		struct bytes url = access.location.value;

		if (!is_known_method(access.method_id) ||
		    access.location.kind != GENERAL_URI)
			continue;
		any = true;
		if (!url_has_scheme(url, "http"))
			trial_fail(trial, access.location.whole, "\"%s\" is not HTTP",
			    trial_show(trial, url, 100));
	}
	if (!any)
		trial_not_applicable(trial);
}

void
rule_ca_access_method(struct trial *trial)
{
	struct access_description access;
	struct access_iter accesses;

	access_of(trial->it, &accesses);
	while (access_next(&accesses, &access))
		if (!is_known_method(access.method_id))
			trial_fail(trial, access.whole,
			    "an access method other than OCSP and caIssuers");
}

/* --- extensions that no profile names
 * ------------------------------------------------------
 */

#define EXTENSION_BIT(id) (UINT64_C(1) << ((id)-OID_SUBJECT_DIRECTORY_ATTRIBUTES))
#define EXTENSIONS_OF_ROOTS                                                              \
	(EXTENSION_BIT(OID_AUTHORITY_KEY_IDENTIFIER) |                                   \
	    EXTENSION_BIT(OID_BASIC_CONSTRAINTS) | EXTENSION_BIT(OID_KEY_USAGE) |        \
	    EXTENSION_BIT(OID_SUBJECT_KEY_IDENTIFIER) |                                  \
	    EXTENSION_BIT(OID_EXTENDED_KEY_USAGE) |                                      \
	    EXTENSION_BIT(OID_CERTIFICATE_POLICIES) | EXTENSION_BIT(OID_SCT_LIST))
#define EXTENSIONS_OF_SUBS                                                               \
	(EXTENSIONS_OF_ROOTS | EXTENSION_BIT(OID_CRL_DISTRIBUTION_POINTS) |              \
	    EXTENSION_BIT(OID_AUTHORITY_INFO_ACCESS) |                                   \
	    EXTENSION_BIT(OID_NAME_CONSTRAINTS))

static bool
is_extension_of(uint64_t profile, enum oid id)
{
	return id >= OID_SUBJECT_DIRECTORY_ATTRIBUTES && id <= OID_SCT_LIST &&
	    (profile & EXTENSION_BIT(id)) != 0;
}

static void
run_unknown_extension(struct trial *trial, uint64_t profile)
{
	struct extension_iter extensions;
	struct extension extension;
	struct buf name;

	extension_begin(trial->it->cert, &extensions);
	while (extension_next(&extensions, &extension)) {
		if (is_extension_of(profile, extension.id))
			continue;
		buf_init(&name, 1 << 16);
		oid_append_name(&name, extension.oid);
		trial_fail(trial, extension.whole,
		    "%.100s is no extension of this kind of CA", buf_text(&name));
		buf_free(&name);
	}
}

void
rule_root_extension(struct trial *trial)
{
	run_unknown_extension(trial, EXTENSIONS_OF_ROOTS);
}

void
rule_ca_extension(struct trial *trial)
{
	uint64_t profile = EXTENSIONS_OF_SUBS;

	if (is_precert_ca(trial->it))
		profile &= ~EXTENSION_BIT(OID_SCT_LIST);
	run_unknown_extension(trial, profile);
}
