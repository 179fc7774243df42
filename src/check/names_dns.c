/* B3: what a DNS name may be made of. */
#include "names_priv.h"

/* --- where a name falls into parts ------------------------------------------------ */

/* Which part of a name is looked at, and what for. */
struct part_rule {
	uint32_t mark; /* names without it are passed over */
	bool (*bad)(struct bytes before, struct bytes sld);
	const char *says;
};

static bool
has_hyphen_edge(struct bytes before, struct bytes sld)
{
	(void)before;
	return sld.len > 0 && (sld.data[0] == '-' || sld.data[sld.len - 1] == '-');
}

static bool
has_underscore_sld(struct bytes before, struct bytes sld)
{
	(void)before;
	return sld.len > 0 && memchr(sld.data, '_', sld.len) != NULL;
}

static bool
has_underscore_before(struct bytes before, struct bytes sld)
{
	(void)sld;
	return before.len > 0 && memchr(before.data, '_', before.len) != NULL;
}

static const struct part_rule HYPHEN_SLD = {NAME_HYPHEN_EDGE, has_hyphen_edge,
    "has a registered name that begins or ends with a hyphen"};
static const struct part_rule UNDERSCORE_SLD = {
    NAME_UNDERSCORE, has_underscore_sld, "has an underscore in its registered name"};
static const struct part_rule UNDERSCORE_BEFORE = {NAME_UNDERSCORE, has_underscore_before,
    "has an underscore before its registered name"};

static bool
is_unsplit(const struct fact_name *fact)
{
	return (fact->marks & NAME_UNSPLIT) != 0 || fact->suffix == SUFFIX_ICANN;
}

/* Looks at one name; false when it cannot be split. */
static bool
look_at_parts(
    struct trial *trial, const struct fact_name *fact, const struct part_rule *rule)
{
	struct bytes before, sld, suffix;

	if ((fact->marks & rule->mark) != 0 &&
	    name_split(trial->it->params, fact, &before, &sld, &suffix) &&
	    rule->bad(before, sld))
		fail_name(trial, fact->name.value, rule->says);
	return !is_unsplit(fact);
}

/* A certificate that has a name without registered part, and none that breaks the
 * rule, is none of the rule's business. */
static void
look_at_names(struct trial *trial, const struct part_rule *rule, bool common_name)
{
	const struct judged_facts *facts = trial->it->facts;
	const struct fact_name *cn = &facts->common_name;
	bool split = true;

	if (common_name && cn->name.value.len > 0 && (cn->marks & NAME_ADDRESS) == 0)
		split = look_at_parts(trial, cn, rule);
	for (size_t i = 0; i < facts->name_count; i++)
		if (facts->names[i].name.kind == GENERAL_DNS)
			split &= look_at_parts(trial, &facts->names[i], rule);
	if (!split && !trial->failed)
		trial_not_applicable(trial);
}

static void
run_hyphen_sld_host(struct trial *trial)
{
	look_at_names(trial, &HYPHEN_SLD, true);
}

static void
run_hyphen_sld(struct trial *trial)
{
	look_at_names(trial, &HYPHEN_SLD, false);
}

static void
run_underscore_sld_host(struct trial *trial)
{
	look_at_names(trial, &UNDERSCORE_SLD, true);
}

static void
run_underscore_sld(struct trial *trial)
{
	look_at_names(trial, &UNDERSCORE_SLD, false);
}

static void
run_underscore_before_host(struct trial *trial)
{
	look_at_names(trial, &UNDERSCORE_BEFORE, true);
}

static void
run_underscore_before(struct trial *trial)
{
	look_at_names(trial, &UNDERSCORE_BEFORE, false);
}

/* --- dns-syntax ------------------------------------------------------------------- */

/* Without dates, the dNSNames of other extensions too: name constraints and such. */
static bool
has_names_for_tls(const struct judged *it)
{
	return it->dates == DATES_NONE || judged_is_tls_subscriber(it);
}

static void
look_at_ldh(struct trial *trial, const struct general_name *name, bool constraint)
{
	uint32_t marks;

	if (name->kind != GENERAL_DNS || (constraint && name->value.len == 0))
		return;
	marks = name_marks(name->value);
	if ((marks & NAME_NOT_LDH) != 0 || (constraint && (marks & NAME_STAR) != 0))
		fail_name(trial, name->value, "has a label that is no LDH label");
}

static void
run_ldh(struct trial *trial)
{
	if (trial->it->dates == DATES_NONE)
		general_names_each(trial, look_at_ldh);
	else
		run_marked(trial);
}

#define SAYS_EMPTY_LABEL "has an empty label"
#define SAYS_LONG_LABEL  "has a label of more than 63 octets"

static const struct subrule DNS_SYNTAX[] = {
    RULE("character", LEVEL_ERROR, "BR 7.1.4.2.1; RFC 5280 4.2.1.6",
	is_tls_host_subscriber, run_marked_host,
	.arg = NAME_CHARACTER | NAME_EMPTY_BEFORE,
	.text = "is not made of letters, digits, hyphens and dots between",
	.from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_dnsname_bad_character_in_label; "
		       "certlint:E: DNSName is not in preferred syntax"),
    RULE("empty-label", LEVEL_ERROR, "BR 7.1.4.2.1", is_tls_host_subscriber,
	run_marked_host, .arg = NAME_EMPTY_LABEL, .text = SAYS_EMPTY_LABEL,
	.from = DATE(2012, 7, 1), .equivalents = "zlint:e_dnsname_empty_label"),
    RULE("empty-label-rfc", LEVEL_ERROR, "RFC 5280 4.2.1.6; RFC 1034 3.5",
	is_host_subscriber, run_marked, .arg = NAME_EMPTY_LABEL, .text = SAYS_EMPTY_LABEL,
	.from = DATE(2008, 5, 1), .equivalents = "zlint:e_rfc_dnsname_empty_label"),
    RULE("label-too-long", LEVEL_ERROR, "BR 7.1.4.2.1", is_tls_host_subscriber,
	run_marked_host, .arg = NAME_LONG_LABEL, .limits = LABEL_LIMIT,
	.text = SAYS_LONG_LABEL, .from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_dnsname_label_too_long"),
    RULE("label-too-long-rfc", LEVEL_ERROR, "RFC 5280 4.2.1.6; RFC 1034 3.5",
	is_host_subscriber, run_marked, .arg = NAME_LONG_LABEL, .limits = LABEL_LIMIT,
	.text = SAYS_LONG_LABEL, .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_rfc_dnsname_label_too_long"),
    RULE("hyphen", LEVEL_ERROR, "BR 7.1.4.2.1", is_tls_host_subscriber,
	run_hyphen_sld_host, .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_dnsname_hyphen_in_sld"),
    RULE("hyphen-rfc", LEVEL_ERROR, "RFC 5280 4.2.1.6; RFC 1034 3.5", is_host_subscriber,
	run_hyphen_sld, .from = DATE(2008, 5, 1),
	.equivalents = "zlint:e_rfc_dnsname_hyphen_in_sld"),
    RULE("too-long", LEVEL_ERROR, "RFC 5280 4.2.1.6; RFC 1034 3.1", has_dns, run_marked,
	.arg = NAME_TOO_LONG, .limits = NAME_LIMIT, .text = "has more than 253 octets",
	.from = DATE(2008, 5, 1), .equivalents = "zlint:e_ext_san_dns_name_too_long"),
    RULE("space", LEVEL_ERROR, "RFC 5280 4.2.1.6", has_san, run_marked, .arg = NAME_SPACE,
	.text = "is no name", .from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_ext_san_space_dns_name"),
    RULE("leading-dot", LEVEL_ERROR, "RFC 5280 4.2.1.6", has_san, run_marked,
	.arg = NAME_DOT_FIRST, .text = "begins with a dot",
	.equivalents = "zlint:e_san_dns_name_starts_with_period"),
    RULE("ldh", LEVEL_ERROR, "BR 7.1.2.7.12, 1.6.1 (SC48)", has_names_for_tls, run_ldh,
	.arg = NAME_NOT_LDH, .text = "has a label that is no LDH label",
	.from = DATE(2021, 10, 1),
	.equivalents = "pkilint:cabf.serverauth.invalid_dnsname_syntax; "
		       "certlint:E: DNSName is not FQDN"),
    RULE("address", LEVEL_ERROR, "BR 7.1.4.2.1, 7.1.2.7.12", is_tls_host_subscriber,
	run_marked, .arg = NAME_ADDRESS, .text = "is an IP address in a dNSName",
	.from = DATE(2012, 7, 1), .equivalents = "x509lint:ERR_IP_IN_DNSNAME"),
    RULE("numeric", LEVEL_ERROR, "BR 7.1.4.2.1; RFC 1123 2.1", is_tls_host_subscriber,
	run_marked, .arg = NAME_DIGITS_LAST, .text = "ends with a label of digits only",
	.from = DATE(2012, 7, 1)),
};

/* --- dns-redacted, dns-reserved-label ------------------------------------------------
 */

static const struct subrule DNS_REDACTED[] = {
    RULE("redacted", LEVEL_NOTICE, "draft-strad-trans-redaction", judged_is_subscriber,
	run_marked_host, .arg = NAME_REDACTED,
	.text = "is redacted: the name that it stands for cannot be watched",
	.flags = RULE_NOT_COUNTED, .equivalents = "zlint:n_contains_redacted_dnsname"),
};

static void
look_at_reserved(struct trial *trial, const struct general_name *name, bool constraint)
{
	(void)constraint;
	if (name->kind == GENERAL_DNS && (name_marks(name->value) & NAME_RESERVED) != 0)
		fail_name(trial, name->value, trial->rule->text);
}

static void
run_reserved(struct trial *trial)
{
	if (trial->it->dates == DATES_NONE)
		general_names_each(trial, look_at_reserved);
	else
		run_marked(trial);
}

static bool
is_reserved_subject(const struct judged *it)
{
	return it->dates == DATES_NONE || is_tls_host_subscriber(it);
}

static const struct subrule DNS_RESERVED_LABEL[] = {
    RULE("reserved", LEVEL_ERROR, "BR 7.1.4.2.1, 7.1.2.7.12 (SC48)", is_reserved_subject,
	run_reserved, .arg = NAME_RESERVED,
	.text = "has a reserved label: -- as its third and fourth octets",
	.from = DATE(2021, 10, 1),
	.equivalents =
	    "zlint:e_dnsname_contains_prohibited_reserved_label; "
	    "pkilint:cabf.serverauth.dnsname_contains_prohibited_reserved_label"),
};

/* --- dns-underscore --------------------------------------------------------------------
 */

#define SAYS_UNDERSCORE "has an underscore"

/* SC12: for 30 days at most. */
static const struct rule_limit SC12[] = {{"days", 30}, {0}};

static bool
lives_long(const struct judged *it)
{
	return is_tls_host_subscriber(it) && lifetime_s(it) > LIMIT_OF(SC12, 0) * DAY_S;
}

/* The time when SC12 let them fade away, which today's text names no longer. */
#define SUNSET                                                                           \
	.from = DATE(2018, 12, 10), .until = DATE(2019, 4, 1),                           \
	.flags = RULE_WINDOW | RULE_PAST

static const struct subrule DNS_UNDERSCORE[] = {
    RULE("before", LEVEL_WARNING, "RFC 5280 4.2.1.6; BR 7.1.4.2.1",
	is_tls_host_subscriber, run_marked, .arg = NAME_UNDERSCORE,
	.text = SAYS_UNDERSCORE, .until = DATE(2018, 12, 10),
	.flags = RULE_WINDOW | RULE_PAST,
	.equivalents = "zlint:e_no_underscores_before_1_6_2; "
		       "certlint:W: Underscore should not appear in DNS names"),
    RULE("too-long", LEVEL_ERROR, "BR 7.1.4.2.1 (SC12)", lives_long, run_marked,
	.arg = NAME_UNDERSCORE, .limits = SC12,
	.text = "has an underscore, and the certificate lives longer than 30 days",
	SUNSET, .equivalents = "zlint:e_underscore_present_with_too_long_validity"),
    RULE("replaced", LEVEL_ERROR, "BR 7.1.4.2.1 (SC12)", is_tls_host_subscriber,
	run_marked, .arg = NAME_NOT_REPLACED,
	.text = "is no valid name with a hyphen for each underscore", SUNSET,
	.equivalents =
	    "zlint:e_underscore_permissible_in_dnsname_if_valid_when_replaced"),
    RULE("left-most", LEVEL_ERROR, "BR 7.1.4.2.1 (SC12)", is_tls_host_subscriber,
	run_marked, .arg = NAME_UNDERSCORE_1ST,
	.text = "has an underscore in its left-most label", SUNSET),
    RULE("prohibited", LEVEL_ERROR, "BR 7.1.4.2.1 (SC12)", is_tls_host_subscriber,
	run_marked, .arg = NAME_UNDERSCORE, .text = SAYS_UNDERSCORE,
	.from = DATE(2019, 4, 1),
	.equivalents = "zlint:e_underscore_not_permissible_in_dnsname"),
    RULE("registered", LEVEL_WARNING, "RFC 1034 3.5; BR 7.1.4.2.1",
	is_tls_host_subscriber, run_underscore_sld_host, .from = DATE(2008, 5, 1),
	.flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:e_dnsname_underscore_in_sld; "
		       "certlint:W: Underscore in base domain"),
    RULE("registered-rfc", LEVEL_WARNING, "RFC 1034 3.5; RFC 5280 4.2.1.6",
	is_host_subscriber, run_underscore_sld, .from = DATE(2008, 5, 1),
	.flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:e_rfc_dnsname_underscore_in_sld"),
    RULE("below", LEVEL_WARNING, "RFC 1034 3.5; BR 7.1.4.2.1", is_tls_host_subscriber,
	run_underscore_before_host, .from = DATE(2008, 5, 1), .flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_dnsname_underscore_in_trd"),
    RULE("below-rfc", LEVEL_WARNING, "RFC 1034 3.5; RFC 5280 4.2.1.6", is_host_subscriber,
	run_underscore_before, .from = DATE(2008, 5, 1), .flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_rfc_dnsname_underscore_in_trd"),
    RULE("unrevoked", LEVEL_ERROR, "BR 7.1.4.2.1 (SC12): revoked by 2019-01-15", NULL,
	NULL, .from = DATE(2019, 1, 15), .needs = "crl"),
};

static const struct check CHECKS[] = {
    CHECK("dns-syntax", SCOPE_CERTIFICATE, "A DNS name is not written as one may be.",
	DNS_SYNTAX, .data = DATA(PSL)),
    CHECK("dns-redacted", SCOPE_CERTIFICATE,
	"A DNS name was made unreadable for the log.", DNS_REDACTED),
    CHECK("dns-reserved-label", SCOPE_CERTIFICATE,
	"A DNS name has a label that is reserved for encodings to come.",
	DNS_RESERVED_LABEL),
    CHECK("dns-underscore", SCOPE_CERTIFICATE, "A DNS name has an underscore.",
	DNS_UNDERSCORE, .data = DATA(PSL)),
};

const struct check_family CHECK_NAMES_DNS = {"names", CHECKS, ARRAY_LEN(CHECKS)};
