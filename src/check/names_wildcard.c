/* B3: wildcards and public suffixes. */
#include "names_priv.h"

/* --- wildcard-misuse --------------------------------------------------------------- */

/* Names that cannot be split are left to the other rules. */
static void
look_at_ev_star(struct trial *trial, const struct fact_name *fact)
{
	if ((fact->marks & NAME_STAR) != 0 && (fact->marks & NAME_UNSPLIT) == 0 &&
	    (fact->marks & NAME_ONION) == 0)
		fail_name(trial, fact->name.value, "is a wildcard in an EV certificate");
}

static void
run_ev_star(struct trial *trial)
{
	const struct fact_name *fact;
	size_t at = 0;

	look_at_ev_star(trial, &trial->it->facts->common_name);
	while ((fact = name_next_marked(trial->it->facts, NAME_STAR, &at)) != NULL)
		look_at_ev_star(trial, fact);
}

static void
run_ev_star_first(struct trial *trial)
{
	const struct fact_name *fact;
	size_t at = 0;

	while ((fact = name_next_marked(trial->it->facts, NAME_STAR, &at)) != NULL)
		if (fact->name.value.data[0] == '*' && (fact->marks & NAME_ONION) == 0)
			fail_name(trial, fact->name.value,
			    "is a wildcard in an EV certificate");
}

static void
run_star_address(struct trial *trial)
{
	const struct fact_name *fact;
	size_t at = 0;

	while ((fact = name_next_marked(trial->it->facts, NAME_STAR_DOT, &at)) != NULL)
		if (dns_is_address(name_without_star(fact->name.value)))
			fail_name(
			    trial, fact->name.value, "is a wildcard over an IP address");
}

static const struct subrule WILDCARD_MISUSE[] = {
    RULE("part-of-label", LEVEL_ERROR, "BR 1.6.1 Wildcard Domain Name",
	judged_in_tls_scope, run_marked_host, .arg = NAME_STAR_IN_1ST,
	.text = "has a star as part of its left-most label", .from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_dnsname_left_label_wildcard_correct; "
		       "certlint:W: Wildcard other than *.<fqdn> in SAN"),
    RULE("not-left-most", LEVEL_ERROR, "BR 1.6.1 Wildcard Domain Name",
	judged_in_tls_scope, run_marked_host, .arg = NAME_STAR_RIGHT,
	.text = "has a star right of its left-most label", .from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_dnsname_wildcard_only_in_left_label; "
		       "certlint:E: Wildcard not in first label of FQDN"),
    RULE("bare", LEVEL_ERROR, "BR 1.6.1 Wildcard Domain Name", has_san, run_marked,
	.arg = NAME_STAR_LAST, .text = "ends with a star",
	.equivalents = "zlint:e_san_bare_wildcard; certlint:E: Bare wildcard"),
    RULE("not-first", LEVEL_ERROR, "BR 1.6.1 Wildcard Domain Name", has_san, run_marked,
	.arg = NAME_STAR_LATER, .text = "has a star that does not begin it",
	.equivalents = "zlint:e_san_wildcard_not_first"),
    RULE("ev", LEVEL_ERROR, "EVG 9.8.1, 7.1.2.7", is_ev, run_ev_star,
	.from = DATE(2015, 5, 1), .equivalents = "zlint:e_ev_not_wildcard"),
    RULE("ev-profile", LEVEL_ERROR, "EVG 7.1.2.7", is_ev_profile, run_ev_star_first,
	.from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.ev_guidelines.ev_wildcard_san_present"),
    RULE("address", LEVEL_ERROR, "BR 1.6.1 Wildcard Domain Name", is_tls_host_subscriber,
	run_star_address, .from = DATE(2012, 7, 1)),
};

/* --- wildcard-public-suffix -----------------------------------------------------------
 */

/* Registries, and brands that own their TLD, may have it: the operator says who. */
static bool
is_allowed(const struct check_params *params, struct bytes suffix)
{
	for (size_t i = 0; i < params->allow_suffix_count; i++)
		if (bytes_same_fold(suffix, bytes_text(params->allow_suffixes[i])))
			return true;
	return false;
}

/* By the list's default rule, any right-most label is a suffix. */
static bool
covers_suffix(const struct fact_name *fact, enum suffix_kind kind)
{
	struct bytes rest = name_without_star(fact->name.value);

	if ((fact->marks & NAME_STAR_DOT) == 0 || rest.len == 0)
		return false;
	if (kind == SUFFIX_ICANN && fact->suffix == SUFFIX_NONE)
		return memchr(rest.data, '.', rest.len) == NULL;
	return fact->suffix == kind;
}

/* Splits as others do: "*.co.uk" has a registered part, which is the star. */
static bool
is_unsplit(const struct fact_name *fact)
{
	return (fact->marks & NAME_UNSPLIT) != 0 ||
	    ((fact->marks & NAME_STAR_DOT) == 0 && fact->suffix == SUFFIX_ICANN);
}

static void
look_at_star(struct trial *trial, const struct fact_name *fact, enum suffix_kind kind)
{
	struct bytes suffix = name_without_star(fact->name.value);
	struct finding *finding;

	if (!covers_suffix(fact, kind) || is_allowed(trial->it->params, suffix))
		return;
	finding = trial_fail(trial, fact->name.value, "\"%s\" covers a public suffix%s",
	    trial_show(trial, fact->name.value, 100),
	    kind == SUFFIX_PRIVATE ? " of a private registry" : "");
	evidence_bytes(trial, finding, "suffix", suffix);
	evidence_text(
	    trial, finding, "section", kind == SUFFIX_PRIVATE ? "private" : "icann");
	if (trial->it->params->versions[CHECK_DATA_PSL] != NULL)
		evidence_text(
		    trial, finding, "list", trial->it->params->versions[CHECK_DATA_PSL]);
}

static void
run_star_icann(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;
	const struct fact_name *cn = &facts->common_name;
	bool split = true;

	if (cn->name.value.len > 0 && (cn->marks & NAME_ADDRESS) == 0) {
		look_at_star(trial, cn, SUFFIX_ICANN);
		split = !is_unsplit(cn);
	}
	for (size_t i = 0; i < facts->name_count; i++) {
		if (facts->names[i].name.kind != GENERAL_DNS)
			continue;
		look_at_star(trial, &facts->names[i], SUFFIX_ICANN);
		split &= !is_unsplit(&facts->names[i]);
	}
	if (!split && !trial->failed)
		trial_not_applicable(trial);
}

static void
run_star_private(struct trial *trial)
{
	const struct fact_name *fact;
	size_t at = 0;

	while ((fact = name_next_marked(trial->it->facts, NAME_STAR_DOT, &at)) != NULL)
		look_at_star(trial, fact, SUFFIX_PRIVATE);
}

static const struct subrule WILDCARD_PUBLIC_SUFFIX[] = {
    RULE("icann", LEVEL_ERROR, "BR 3.2.2.6", is_tls_host_subscriber, run_star_icann,
	.from = DATE(2012, 7, 1),
	.equivalents = "zlint:n_dnsname_wildcard_left_of_public_suffix; "
		       "certlint:I: Wildcard to immediate left of public suffix"),
    RULE("private", LEVEL_NOTICE, "BR 3.2.2.6", is_tls_host_subscriber, run_star_private,
	.from = DATE(2012, 7, 1), .flags = RULE_NOT_COUNTED),
};

/* --- dns-public-suffix
 * ------------------------------------------------------------------ */

static void
look_at_bare_tld(struct trial *trial, const struct fact_name *fact)
{
	if ((fact->marks & NAME_NO_DOT) != 0 && fact->name.value.len > 0 &&
	    dns_tld_delegated(trial->it->params, fact->name.value, INT64_MAX))
		fail_name(trial, fact->name.value, "is a top-level domain");
}

static void
run_bare_tld(struct trial *trial)
{
	const struct fact_name *fact;
	size_t at = 0;

	look_at_bare_tld(trial, &trial->it->facts->common_name);
	while ((fact = name_next_marked(trial->it->facts, NAME_NO_DOT, &at)) != NULL)
		look_at_bare_tld(trial, fact);
}

static void
run_bare_suffix(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->name_count; i++) {
		const struct fact_name *fact = &facts->names[i];

		if (fact->name.kind != GENERAL_DNS || fact->name.value.len == 0 ||
		    (fact->marks & (NAME_STAR_DOT | NAME_DOT_FIRST)) != 0)
			continue;
		if (fact->suffix == SUFFIX_ICANN || (fact->marks & NAME_NO_DOT) != 0)
			fail_name(trial, fact->name.value, "is a public suffix");
	}
}

static void
run_bare_private(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->name_count; i++)
		if (facts->names[i].suffix == SUFFIX_PRIVATE &&
		    (facts->names[i].marks & NAME_STAR_DOT) == 0)
			fail_name(trial, facts->names[i].name.value,
			    "is a public suffix of a private registry");
}

static const struct subrule DNS_PUBLIC_SUFFIX[] = {
    RULE("tld", LEVEL_WARNING, "BR 1.6.1 Base Domain Name, 7.1.4.2.1",
	is_tls_host_subscriber, run_bare_tld, .from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_dnsname_contains_bare_iana_suffix"),
    RULE("icann", LEVEL_WARNING, "BR 1.6.1 Base Domain Name", has_san, run_bare_suffix,
	.flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:n_san_iana_pub_suffix_empty; "
		       "certlint:I: Domain is bare public suffix"),
    RULE("private", LEVEL_NOTICE, "BR 1.6.1 Base Domain Name", has_san, run_bare_private,
	.flags = RULE_NOT_COUNTED),
};

static const struct check CHECKS[] = {
    CHECK("wildcard-misuse", SCOPE_CERTIFICATE,
	"A star stands where none may, or in an EV certificate.", WILDCARD_MISUSE),
    CHECK("wildcard-public-suffix", SCOPE_CERTIFICATE,
	"A wildcard covers all that is registered under a public suffix.",
	WILDCARD_PUBLIC_SUFFIX, .data = DATA(PSL)),
    CHECK("dns-public-suffix", SCOPE_CERTIFICATE, "A name is a public suffix itself.",
	DNS_PUBLIC_SUFFIX, .data = DATA(PSL) | DATA(TLDS)),
};

const struct check_family CHECK_NAMES_WILDCARD = {"names", CHECKS, ARRAY_LEN(CHECKS)};
