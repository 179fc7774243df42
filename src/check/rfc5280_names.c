/* B11: names of other kinds than DNS in the subjectAltName, and all names of the
 * issuerAltName. */
#include "check_priv.h"
#include "uri.h"

/* --- general-name-syntax -------------------------------------------------------------
 */

static bool
has_san(const struct judged *it)
{
	return it->facts->san_at != NULL;
}

static bool
has_ian(const struct judged *it)
{
	return cert_extension(it->cert, OID_ISSUER_ALT_NAME) != NULL;
}

/* rule->arg: the extension whose names are looked at. */
typedef void name_look_fn(struct trial *, const struct general_name *);

static void
each_name(struct trial *trial, enum general_name_kind kind, name_look_fn *look)
{
	struct general_name_iter names;
	struct general_name name;

	extension_names_begin(
	    cert_extension(trial->it->cert, (enum oid)trial->rule->arg), &names);
	while (general_name_next(&names, &name))
		if (name.kind == kind)
			look(trial, &name);
}

static void
fail_name(struct trial *trial, const struct general_name *name, const char *what)
{
	trial_fail(
	    trial, name->whole, "\"%s\" %s", trial_show(trial, name->value, 100), what);
}

static bool
is_ascii(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] >= 0x80)
			return false;
	return true;
}

static void
look_ascii(struct trial *trial, const struct general_name *name)
{
	if (!is_ascii(name->value))
		fail_name(trial, name, "is no IA5String");
}

static void
look_relative(struct trial *trial, const struct general_name *name)
{
	struct uri uri;

	uri_split(name->value, &uri);
	if (uri.broken || uri.scheme.len == 0)
		fail_name(trial, name, "is no absolute URI");
}

static void
look_parts(struct trial *trial, const struct general_name *name)
{
	struct uri uri;

	uri_split(name->value, &uri);
	if (uri.broken)
		fail_name(trial, name, "is no URI");
	else if (uri.scheme.len == 0)
		fail_name(trial, name, "is a URI without scheme");
	else if (uri.opaque.len == 0 && uri.host.len == 0 && !uri.has_user &&
	    uri.path.len == 0)
		fail_name(trial, name, "is a URI with nothing behind its scheme");
}

/* What has no slash behind its scheme (mailto:) has no authority. */
static void
look_host(struct trial *trial, const struct general_name *name)
{
	struct uri uri;

	uri_split(name->value, &uri);
	if (name->value.len > 0 && uri.opaque.len == 0 &&
	    (uri.broken || !uri_host_is_full(uri.host)))
		fail_name(trial, name,
		    "is a URI whose host is neither a full domain name nor an address");
}

static void
look_mailbox(struct trial *trial, const struct general_name *name)
{
	struct bytes text = name->value;

	if (text.len > 0 &&
	    (text.data[0] == '<' || text.data[text.len - 1] == ')' ||
		memchr(text.data, ' ', text.len) != NULL))
		fail_name(trial, name, "is more than a mailbox");
}

static void
look_space(struct trial *trial, const struct general_name *name)
{
	if (bytes_equal(name->value, bytes_text(" ")))
		fail_name(trial, name, "is a dNSName");
}

static void
look_nul(struct trial *trial, const struct general_name *name)
{
	if ((dns_oddities(name->value) & DNS_HAS_NUL) != 0)
		fail_name(trial, name, "has a NUL");
}

static void
look_leading_dot(struct trial *trial, const struct general_name *name)
{
	if (name->value.len > 0 && name->value.data[0] == '.')
		fail_name(trial, name, "begins with a dot");
}

static void
look_bare_wildcard(struct trial *trial, const struct general_name *name)
{
	if (name->value.len > 0 && name->value.data[name->value.len - 1] == '*')
		fail_name(trial, name, "has nothing to the right of its star");
}

static void
look_wildcard_place(struct trial *trial, const struct general_name *name)
{
	if (name->value.len > 1 &&
	    memchr(name->value.data + 1, '*', name->value.len - 1) != NULL)
		fail_name(trial, name, "has a star that is not its first character");
}

/* A single label is one too, known or not. */
static void
look_public_suffix(struct trial *trial, const struct general_name *name)
{
	struct bytes text = name->value;

	if (text.len > 2 && text.data[0] == '*' && text.data[1] == '.')
		text = bytes_of(text.data + 2, text.len - 2);
	if (text.len == 0 || memchr(text.data, '.', text.len) == NULL ||
	    dns_suffix_kind(trial->it->params, text) != SUFFIX_NONE)
		fail_name(trial, name, "is no more than a public suffix");
}

static void
run_uri_ascii(struct trial *trial)
{
	each_name(trial, GENERAL_URI, look_ascii);
}

static void
run_uri_relative(struct trial *trial)
{
	each_name(trial, GENERAL_URI, look_relative);
}

static void
run_uri_parts(struct trial *trial)
{
	each_name(trial, GENERAL_URI, look_parts);
}

static void
run_uri_host(struct trial *trial)
{
	each_name(trial, GENERAL_URI, look_host);
}

static void
run_mailbox(struct trial *trial)
{
	each_name(trial, GENERAL_EMAIL, look_mailbox);
}

static void
run_dns_ascii(struct trial *trial)
{
	each_name(trial, GENERAL_DNS, look_ascii);
}

static void
run_dns_space(struct trial *trial)
{
	each_name(trial, GENERAL_DNS, look_space);
}

static void
run_dns_nul(struct trial *trial)
{
	each_name(trial, GENERAL_DNS, look_nul);
}

static void
run_dns_leading_dot(struct trial *trial)
{
	each_name(trial, GENERAL_DNS, look_leading_dot);
}

static void
run_dns_bare_wildcard(struct trial *trial)
{
	each_name(trial, GENERAL_DNS, look_bare_wildcard);
}

static void
run_dns_wildcard_place(struct trial *trial)
{
	each_name(trial, GENERAL_DNS, look_wildcard_place);
}

static void
run_dns_public_suffix(struct trial *trial)
{
	each_name(trial, GENERAL_DNS, look_public_suffix);
}

static void
run_no_names(struct trial *trial)
{
	const struct extension *extension =
	    cert_extension(trial->it->cert, (enum oid)trial->rule->arg);
	struct der element;

	if (!der_only(extension->value, &element) ||
	    (element.tag == DER_SEQUENCE && element.value.len == 0))
		trial_fail(trial, extension->whole, "an issuerAltName without a name");
}

static void
run_empty_name(struct trial *trial)
{
	struct general_name_iter names;
	struct general_name name;

	extension_names_begin(
	    cert_extension(trial->it->cert, (enum oid)trial->rule->arg), &names);
	while (general_name_next(&names, &name))
		if (name.value.len == 0)
			trial_fail(trial, name.whole, "an empty name in issuerAltName");
}

#define SAN(name_, source_, run_, ...)                                                   \
	RULE("san." name_, LEVEL_ERROR, source_, has_san, run_,                          \
	    .arg = OID_SUBJECT_ALT_NAME, __VA_ARGS__)
#define IAN(name_, source_, run_, ...)                                                   \
	RULE("ian." name_, LEVEL_ERROR, source_, has_ian, run_,                          \
	    .arg = OID_ISSUER_ALT_NAME, __VA_ARGS__)

static const struct subrule GENERAL_NAME_SYNTAX[] = {
    SAN("uri-not-ia5", "RFC 5280 4.2.1.6", run_uri_ascii, .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_ext_san_uri_not_ia5"),
    SAN("uri-relative", "RFC 5280 4.2.1.6", run_uri_relative, .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_ext_san_uri_relative"),
    SAN("uri-format", "RFC 5280 4.2.1.6", run_uri_parts, .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_ext_san_uri_format_invalid"),
    SAN("uri-host", "RFC 5280 4.2.1.6", run_uri_host, .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_ext_san_uri_host_not_fqdn_or_ip"),
    SAN("mailbox", "RFC 5280 4.2.1.6", run_mailbox, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_ext_san_rfc822_format_invalid"),
    IAN("uri-not-ia5", "RFC 5280 4.2.1.7", run_uri_ascii, .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_ext_ian_uri_not_ia5"),
    IAN("uri-relative", "RFC 5280 4.2.1.7", run_uri_relative, .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_ext_ian_uri_relative"),
    IAN("uri-format", "RFC 5280 4.2.1.7", run_uri_parts, .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_ext_ian_uri_format_invalid"),
    IAN("uri-host", "RFC 5280 4.2.1.7", run_uri_host, .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_ext_ian_uri_host_not_fqdn_or_ip"),
    IAN("mailbox", "RFC 5280 4.2.1.7", run_mailbox, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_ext_ian_rfc822_format_invalid"),
    IAN("no-names", "RFC 5280 4.2.1.7", run_no_names, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_ext_ian_no_entries"),
    IAN("empty-name", "RFC 5280 4.2.1.7", run_empty_name, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_ext_ian_empty_name"),
    IAN("dns-space", "RFC 5280 4.2.1.7", run_dns_space, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_ext_ian_space_dns_name"),
    IAN("dns-not-ia5", "RFC 5280 4.2.1.7", run_dns_ascii, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_ext_ian_dns_not_ia5_string"),
    IAN("dns-nul", "RFC 5280 4.2.1.7; RFC 1034 3.5", run_dns_nul,
	.equivalents = "zlint:e_ian_dns_name_includes_null_char"),
    IAN("dns-leading-dot", "RFC 5280 4.2.1.7; RFC 1034 3.5", run_dns_leading_dot,
	.equivalents = "zlint:e_ian_dns_name_starts_with_period"),
    IAN("dns-bare-wildcard", "RFC 6125 6.4.3", run_dns_bare_wildcard,
	.equivalents = "zlint:e_ian_bare_wildcard"),
    IAN("dns-wildcard-place", "RFC 6125 6.4.3", run_dns_wildcard_place,
	.equivalents = "zlint:e_ian_wildcard_not_first"),
    RULE("ian.dns-public-suffix", LEVEL_WARNING, "RFC 5280 4.2.1.7", has_ian,
	run_dns_public_suffix, .arg = OID_ISSUER_ALT_NAME,
	.equivalents = "zlint:w_ian_iana_pub_suffix_empty"),
};

static const struct check CHECKS[] = {
    CHECK("general-name-syntax", SCOPE_CERTIFICATE,
	"A name of subjectAltName or issuerAltName is not what its kind says.",
	GENERAL_NAME_SYNTAX),
};

const struct check_family CHECK_RFC5280_NAMES = {"rfc5280", CHECKS, ARRAY_LEN(CHECKS)};
