/* B3: names and addresses that belong to nobody: internal names, reserved
 * addresses, and those of the reverse zones. */
#include "names_priv.h"

#include "x509/dns.h"

static const struct rule_limit RESERVED_UNTIL[] = {
    {"notAfter up to", DATE(2015, 11, 1)}, {0}};

/* --- dns-internal-name ---------------------------------------------------------- */

static bool
tld_is_known(const struct trial *trial, struct bytes name)
{
	/* onion is none of the root zone, and has a check of its own */
	return name_ends_with(name, ".onion") ||
	    dns_tld_delegated(trial->it->params, name, trial->it->cert->not_before);
}

/* Special-Use Domain Names that are no TLD either (RFC 6761, 6762, 8375, 9476). */
static bool
is_special_use(struct bytes label)
{
	static const char *const LABELS[] = {"local", "test", "example", "invalid",
	    "localhost", "internal", "alt", "onion"};

	for (size_t i = 0; i < ARRAY_LEN(LABELS); i++)
		if (bytes_same_fold(label, bytes_text(LABELS[i])))
			return true;
	return false;
}

/* A list from before notBefore cannot know what was delegated since. libpsl's own has
 * no date: it is not doubted. */
static bool
list_is_older(const struct trial *trial, struct bytes name)
{
	const struct judged *it = trial->it;

	return it->params->tld_date_s != 0 &&
	    it->params->tld_date_s < it->cert->not_before &&
	    memchr(name.data, '.', name.len) != NULL &&
	    !is_special_use(dns_last_label(name));
}

/* Before November 2015 they were allowed in what expired until then. */
static enum check_level
internal_level(const struct trial *trial, struct bytes name)
{
	if (trial->it->cert->not_after <= rule_limit(trial, INTERNAL_UNTIL))
		return LEVEL_NOTICE;
	return list_is_older(trial, name) ? LEVEL_WARNING : LEVEL_ERROR;
}

static void
fail_internal(struct trial *trial, struct bytes name)
{
	struct bytes label = dns_last_label(name);
	struct finding *finding;

	finding = trial_fail_at(trial, internal_level(trial, name), name,
	    "\"%s\" is an internal name: \"%s\" %s", trial_show(trial, name, 100),
	    trial_show(trial, label, 63),
	    is_special_use(label) ? "is for special use" : "was no top-level domain");
	evidence_bytes(trial, finding, "tld", label);
	if (trial->it->params->versions[CHECK_DATA_TLDS] != NULL)
		evidence_text(
		    trial, finding, "list", trial->it->params->versions[CHECK_DATA_TLDS]);
}

/* A dot at the end leaves an empty label, which is no TLD. */
static void
look_at_tld(struct trial *trial, const struct fact_name *fact, struct bytes *good)
{
	struct bytes name = fact->name.value, label = dns_last_label(name);

	if (good->len > 0 && bytes_equal(label, *good) &&
	    (fact->marks & NAME_DOT_LAST) == 0)
		return;
	if ((fact->marks & NAME_DOT_LAST) != 0 || !tld_is_known(trial, name))
		fail_internal(trial, name);
	else
		*good = label;
}

/* Most certificates' names are all under one TLD. */
static void
run_tld(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;
	const struct fact_name *cn = &facts->common_name;
	struct bytes good = bytes_of(NULL, 0);

	if (cn->name.value.len > 0 && (cn->marks & NAME_ADDRESS) == 0)
		look_at_tld(trial, cn, &good);
	for (size_t i = 0; i < facts->name_count; i++)
		if (facts->names[i].name.kind == GENERAL_DNS)
			look_at_tld(trial, &facts->names[i], &good);
}

/* Names that the registries of special use keep out of the DNS under a TLD that
 * there is. */
static void
run_special(struct trial *trial)
{
	static const char *const DOMAINS[] = {".home.arpa", ".ipv4only.arpa",
	    ".resolver.arpa", ".service.arpa", ".6tisch.arpa", ".eap-noob.arpa",
	    ".eap.arpa"};
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->name_count; i++) {
		struct bytes name = facts->names[i].name.value;

		if (facts->names[i].name.kind != GENERAL_DNS ||
		    !name_ends_with(name, ".arpa"))
			continue;
		for (size_t j = 0; j < ARRAY_LEN(DOMAINS); j++)
			if (name_ends_with(name, DOMAINS[j]) ||
			    bytes_same_fold(name, bytes_text(DOMAINS[j] + 1)))
				fail_name(trial, name,
				    "lies in a domain that is for special use");
	}
}

/* --- the same, in names of other extensions -------------------------------------------
 */

/* RFC 3986, 3.1; a space before it is another rule's. */
static bool
has_scheme(struct bytes url)
{
	size_t at = 0;

	while (url.len > 0 && url.data[0] == ' ')
		url = bytes_of(url.data + 1, url.len - 1);
	while (at < url.len && url.data[at] != ':' && url.data[at] > ' ' &&
	    (url.data[at] >= 'A' || (url.data[at] >= '0' && url.data[at] <= '9') ||
		memchr("+-.", url.data[at], 3) != NULL))
		at++;
	return at > 0 && at < url.len && url.data[at] == ':';
}

static struct bytes
host_of_name(const struct general_name *name, bool constraint)
{
	const uint8_t *at;
	struct bytes host = name->value;

	if (name->kind == GENERAL_DNS)
		return host;
	if (constraint)
		return host.len > 0 && host.data[0] == '.'
		    ? bytes_of(host.data + 1, host.len - 1)
		    : host;
	if (name->kind == GENERAL_URI)
		return has_scheme(host) ? url_host(host) : bytes_of(NULL, 0);
	at = host.len > 0 ? memchr(host.data, '@', host.len) : NULL;
	return at == NULL ? bytes_of(NULL, 0)
			  : bytes_of(at + 1, host.len - (size_t)(at + 1 - host.data));
}

static bool
host_is_known(const struct trial *trial, struct bytes host)
{
	uint32_t marks = name_marks(host);

	return (marks & NAME_EMPTY_LABEL) == 0 &&
	    dns_tld_delegated(trial->it->params, host, INT64_MAX);
}

static bool
lies_within(struct bytes part, struct bytes whole)
{
	return part.data >= whole.data && part.data < whole.data + whole.len;
}

/* With dates, a subscriber's dNSNames are the first rule's. */
static bool
is_looked_at(const struct judged *it, const struct general_name *name)
{
	if (name->kind != GENERAL_DNS)
		return name->kind == GENERAL_URI || name->kind == GENERAL_EMAIL;
	return it->dates == DATES_NONE || !is_tls_host_subscriber(it) || !has_san(it) ||
	    !lies_within(name->whole, it->facts->san_at->whole);
}

static void
look_at_host(struct trial *trial, const struct general_name *name, bool constraint)
{
	struct bytes host;

	if (!is_looked_at(trial->it, name) || (constraint && name->value.len == 0))
		return;
	host = host_of_name(name, constraint);
	if (!name_ends_with(host, ".onion") && !host_is_known(trial, host))
		fail_name(trial, name->value, "names a host under no top-level domain");
}

/* The CPS URIs of the policies. */
static void
look_at_policies(struct trial *trial)
{
	struct policy_iter policies, qualifiers;
	struct policy_qualifier qualifier;
	struct policy policy;
	struct bytes host;

	extension_policies_begin(trial->it->facts->policies_at, &policies);
	while (policy_next(&policies, &policy)) {
		policy_qualifiers_begin(&policy, &qualifiers);
		while (policy_qualifier_next(&qualifiers, &qualifier)) {
			if (qualifier.id != OID_QUALIFIER_CPS ||
			    qualifier.value.value.len == 0)
				continue;
			host = url_host(qualifier.value.value);
			if (!host_is_known(trial, host))
				fail_name(trial, qualifier.value.value,
				    "names a host under no top-level domain");
		}
	}
}

static void
run_elsewhere(struct trial *trial)
{
	general_names_each(trial, look_at_host);
	look_at_policies(trial);
}

static const struct subrule DNS_INTERNAL_NAME[] = {
    RULE("tld", LEVEL_ERROR, "BR 4.2.2, 7.1.4.2.1, 1.6.1 Internal Name",
	is_tls_host_subscriber, run_tld, .limits = INTERNAL_LIMITS,
	.from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_dnsname_not_valid_tld; certlint:E: Unknown TLD; "
		       "certlint:E: Unqualified domain name"),
    RULE("special-use", LEVEL_ERROR, "BR 4.2.2; RFC 6761", is_tls_host_subscriber,
	run_special, .from = DATE(2012, 7, 1),
	.equivalents = "certlint:E: FQDN under reserved or special domain"),
    RULE("elsewhere", LEVEL_NOTICE, "BR 7.1.2", judged_in_tls_scope, run_elsewhere,
	.from = DATE(2012, 7, 1), .flags = RULE_OFF | RULE_NOT_COUNTED,
	.equivalents = "pkilint:cabf.internal_domain_name"),
};

/* --- ip-reserved -------------------------------------------------------------------- */

/* Without dates the time is over when they were allowed. */
static bool
expires_late(const struct judged *it)
{
	return judged_in_tls_scope(it) &&
	    (it->cert->not_after > LIMIT_OF(RESERVED_UNTIL, 0) ||
		it->dates == DATES_NONE);
}

/* The special-purpose registries, and what the address space registries say of
 * the rest: IPv6 is assigned within 2000::/3 alone, and groups are no hosts. */
static const char *
block_of(const struct check_params *params, struct bytes address)
{
	const struct check_block *block = check_block_find(params, address);

	if (block != NULL)
		return block->name;
	if (address.len == 4)
		return (address.data[0] & 0xf0) == 0xe0 ? "Multicast" : NULL;
	if (address.data[0] == 0xff)
		return "Multicast";
	return (address.data[0] & 0xe0) != 0x20 ? "Reserved by IETF" : NULL;
}

static void
fail_reserved(struct trial *trial, struct bytes field, struct bytes address)
{
	const char *block = address.len == 4 || address.len == 16
	    ? block_of(trial->it->params, address)
	    : NULL;
	struct buf text;

	if (block == NULL)
		return;
	buf_init(&text, 64);
	ip_append_text(&text, address);
	evidence_text(trial,
	    trial_fail(trial, field, "%s is reserved: %s", buf_text(&text), block),
	    "block", block);
	buf_free(&text);
}

static void
run_address(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	if ((facts->name_kinds & (1u << GENERAL_IP)) == 0)
		return;
	for (size_t i = 0; i < facts->name_count; i++)
		if (facts->names[i].name.kind == GENERAL_IP)
			fail_reserved(trial, facts->names[i].name.value,
			    facts->names[i].name.value);
}

static void
look_at_text(struct trial *trial, struct bytes text)
{
	uint8_t address[16];
	size_t len;

	if (dns_is_ip_text(text, address, &len))
		fail_reserved(trial, text, bytes_of(address, len));
}

static void
run_address_cn(struct trial *trial)
{
	if ((trial->it->facts->common_name.marks & NAME_ADDRESS) != 0)
		look_at_text(trial, trial->it->facts->common_name.name.value);
}

static void
run_address_dns(struct trial *trial)
{
	const struct fact_name *fact;
	size_t at = 0;

	while ((fact = name_next_marked(trial->it->facts, NAME_ADDRESS, &at)) != NULL)
		look_at_text(trial, fact->name.value);
}

static const struct subrule IP_RESERVED[] = {
    RULE("san", LEVEL_ERROR, "BR 4.2.2, 7.1.4.2.1, 1.6.1 Reserved IP Address",
	expires_late, run_address, .limits = RESERVED_UNTIL, .from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_ext_san_contains_reserved_ip; "
		       "pkilint:cabf.internal_ip_address; "
		       "certlint:E: Invalid IP address in SAN"),
    RULE("common-name", LEVEL_ERROR, "BR 4.2.2, 7.1.4.2.1, 1.6.1 Reserved IP Address",
	expires_late, run_address_cn, .limits = RESERVED_UNTIL, .from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_subject_contains_reserved_ip"),
    RULE("dns", LEVEL_ERROR, "BR 4.2.2, 7.1.4.2.1, 1.6.1 Reserved IP Address",
	expires_late, run_address_dns, .limits = RESERVED_UNTIL,
	.from = DATE(2012, 7, 1)),
};

/* --- dns-arpa ------------------------------------------------------------------------
 */

static bool
has_arpa(const struct judged *it)
{
	const struct judged_facts *facts = it->facts;

	return judged_in_tls_scope(it) &&
	    ((facts->dns_marks | facts->common_name.marks) & NAME_ARPA) != 0;
}

/* Strictly decimal, without a zero before it. */
static bool
read_octet(struct bytes label, uint8_t *out)
{
	unsigned value = 0;

	if (label.len == 0 || label.len > 3 || (label.len > 1 && label.data[0] == '0'))
		return false;
	for (size_t i = 0; i < label.len; i++) {
		if (label.data[i] < '0' || label.data[i] > '9')
			return false;
		value = value * 10 + (unsigned)(label.data[i] - '0');
	}
	*out = (uint8_t)value;
	return value <= 255;
}

static bool
read_nibble(struct bytes label, uint8_t *out)
{
	uint8_t octet;

	if (label.len != 1)
		return false;
	octet = label.data[0];
	if (octet >= '0' && octet <= '9')
		*out = (uint8_t)(octet - '0');
	else if ((octet | 0x20) >= 'a' && (octet | 0x20) <= 'f')
		*out = (uint8_t)((octet | 0x20) - 'a' + 10);
	else
		return false;
	return true;
}

/* RFC 1035, 3.5, and RFC 3596, 2.5: the address that a name stands for, whole. */
static bool
address_of_reverse(struct bytes name, uint8_t out[16], size_t *len)
{
	bool v6 = name_ends_with(name, ".ip6.arpa"), done = false;
	struct bytes rest =
	    bytes_of(name.data, name.len - strlen(v6 ? ".ip6.arpa" : ".in-addr.arpa"));
	size_t want = v6 ? 32 : 4, count = 0;
	struct bytes label;
	uint8_t value;

	memset(out, 0, 16);
	for (; name_next_label(&rest, &done, &label); count++) {
		if (count == want ||
		    !(v6 ? read_nibble(label, &value) : read_octet(label, &value)))
			return false;
		if (v6)
			out[15 - count / 2] |= (uint8_t)(value << (count % 2 * 4));
		else
			out[3 - count] = value;
	}
	*len = v6 ? 16 : 4;
	return count == want;
}

static void
run_arpa_reserved(struct trial *trial)
{
	const struct fact_name *fact;
	uint8_t address[16];
	size_t at = 0, len;

	while ((fact = name_next_marked(trial->it->facts, NAME_ARPA, &at)) != NULL)
		if (address_of_reverse(fact->name.value, address, &len))
			fail_reserved(trial, fact->name.value, bytes_of(address, len));
}

static void
run_arpa_malformed(struct trial *trial)
{
	const struct fact_name *fact;
	uint8_t address[16];
	size_t at = 0, len;

	while ((fact = name_next_marked(trial->it->facts, NAME_ARPA, &at)) != NULL)
		if (!address_of_reverse(fact->name.value, address, &len))
			fail_name(trial, fact->name.value, "stands for no one address");
}

#define SAYS_REVERSE "lies in a zone of reverse lookups"

static const struct subrule DNS_ARPA[] = {
    RULE("before", LEVEL_NOTICE, "BR 4.2.2 (SC86) to come", judged_is_tls_subscriber,
	run_marked, .arg = NAME_ARPA, .text = SAYS_REVERSE, .from = DATE(2012, 7, 1),
	.until = DATE(2026, 3, 15), .flags = RULE_NOT_COUNTED | RULE_WINDOW | RULE_PAST),
    RULE("prohibited", LEVEL_ERROR, "BR 4.2.2, 7.1.2.7.12 (SC86)",
	judged_is_tls_subscriber, run_marked, .arg = NAME_ARPA, .text = SAYS_REVERSE,
	.from = DATE(2026, 3, 15), .flags = RULE_WINDOW,
	.equivalents = "zlint:e_arpa_domain_not_allowed; "
		       "pkilint:cabf.serverauth.ip_reverse_zone_domain_name_present"),
    RULE("reserved", LEVEL_ERROR, "BR 7.1.4.2.1", has_arpa, run_arpa_reserved,
	.from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_subject_contains_reserved_arpa_ip"),
    RULE("malformed", LEVEL_WARNING, "RFC 1035 3.5; RFC 3596 2.5; BR 3.2.2.6", has_arpa,
	run_arpa_malformed, .from = DATE(2012, 7, 1), .flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_subject_contains_malformed_arpa_ip"),
};

static const struct check CHECKS[] = {
    CHECK("dns-internal-name", SCOPE_CERTIFICATE,
	"A name is under no top-level domain of its time, so it is nobody's.",
	DNS_INTERNAL_NAME, .data = DATA(TLDS) | DATA(PSL)),
    CHECK("ip-reserved", SCOPE_CERTIFICATE,
	"An address is set aside by IANA, so it is nobody's.", IP_RESERVED,
	.data = DATA(BLOCKS)),
    CHECK("dns-arpa", SCOPE_CERTIFICATE, "A name lies in a zone of reverse lookups.",
	DNS_ARPA, .data = DATA(BLOCKS)),
};

const struct check_family CHECK_NAMES_SPACE = {"names", CHECKS, ARRAY_LEN(CHECKS)};
