/*
 * B3: the domains of hosts whose sub-domains are other people's, together with the
 * name of one of them.
 *
 * Such a domain is named by a file, by the list of public suffixes, or learned from
 * what is issued below it.
 */
#include "names_tenant.h"

#define NAMES_LOOKED 64 /* of one certificate, so that many cost no square */
#define LABELS_MAX   8  /* of a domain that somebody registered, and its suffix */

/* --- which domains, which tenants --------------------------------------------------- */

/* A domain that a name is or is below: one below which others have names, or what
 * somebody registered. */
struct base {
	struct bytes name;  /* empty: none */
	const char *source; /* who says that others have names there: "file", "psl" */
};

static struct bytes
end_of(struct bytes name, size_t len)
{
	return bytes_of(name.data + name.len - len, len);
}

static const char *
listed(const struct check_params *params, struct bytes name)
{
	char lower[TENANT_NAME_ROOM];

	if (params->tenant_count == 0 || name.len >= sizeof(lower))
		return NULL;
	ascii_lower_copy(lower, name);
	return check_tenant_find(params, bytes_of(lower, name.len));
}

static size_t
labels_of(struct bytes name)
{
	size_t labels = 1;

	for (size_t i = 0; i < name.len; i++)
		labels += name.data[i] == '.';
	return labels;
}

/* The file is asked first, then the list of public suffixes. */
static struct base
base_of(const struct check_params *params, struct bytes name)
{
	const char *found = listed(params, name);
	struct bytes up;

	if (found != NULL)
		return (struct base){end_of(name, strlen(found)), "file"};
	for (size_t labels = labels_of(name); labels > LABELS_MAX; labels--)
		name = dns_parent(name);
	for (up = dns_parent(name); up.len > 0; name = up, up = dns_parent(name)) {
		if (dns_suffix_kind(params, name) == SUFFIX_PRIVATE)
			return (struct base){name, "psl"};
		if (dns_suffix_kind(params, up) == SUFFIX_ICANN)
			return (struct base){name, NULL};
	}
	return (struct base){bytes_of(NULL, 0), NULL};
}

/* Strictly below the base, and not its owner's www: somebody's own name there. */
static bool
is_tenant(const struct fact_name *fact, struct bytes base)
{
	struct bytes name = fact->name.value, below;

	if (fact->name.kind != GENERAL_DNS || (fact->marks & NAME_STAR) != 0 ||
	    name.len < base.len + 2 || name.data[name.len - base.len - 1] != '.' ||
	    !bytes_same_fold(bytes_of(name.data + name.len - base.len, base.len), base))
		return false;
	below = bytes_of(name.data, name.len - base.len - 1);
	return !bytes_same_fold(below, bytes_text("www"));
}

static const struct fact_name *
tenant_of(const struct judged_facts *facts, struct bytes base)
{
	for (size_t i = 0; i < facts->name_count; i++)
		if (is_tenant(&facts->names[i], base))
			return &facts->names[i];
	return NULL;
}

static bool
names_base(const struct judged_facts *facts, struct bytes base)
{
	for (size_t i = 0; i < facts->name_count && i < NAMES_LOOKED; i++)
		if (facts->names[i].name.kind == GENERAL_DNS &&
		    bytes_same_fold(facts->names[i].name.value, base))
			return true;
	return false;
}

/* --- base-plus-tenant
 * --------------------------------------------------------------------- */

/* A sub-domain counts towards learning the domain; a certificate for the domain and
 * nobody below it makes its issuer one of its own. Of a domain that nobody has names
 * below, nothing is kept. */
static void
remember_name(struct trial *trial, const struct fact_name *fact, struct domain *domain)
{
	const struct judged *it = trial->it;
	struct bytes name = fact->name.value;
	struct base base = base_of(it->params, name);
	uint64_t issuer = tenant_mark(bytes_of(it->issuer_key_hash, 32));

	if (base.name.len == 0)
		return;
	domain_read(trial, base.name, domain);
	if (is_tenant(fact, base.name)) {
		domain_note(
		    trial, domain, MARK_NAMES, be64(tenant_hash(name, 'n').octets));
		domain_note(trial, domain, MARK_KEYS, tenant_mark(it->cert->spki));
		domain_note(trial, domain, MARK_ISSUERS, issuer);
		if ((base.source != NULL || domain_is_learned(trial, domain)) &&
		    !names_base(it->facts, base.name))
			tenant_note(trial, name);
	} else if (name.len == base.name.len &&
	    (base.source != NULL || domain->marks[MARK_NAMES].count > 0)) {
		domain_note_certificate(it, domain);
		if (tenant_of(it->facts, name) == NULL)
			domain_note(trial, domain, MARK_HOLDERS, issuer);
	}
	domain_write(trial, domain);
}

static void
remember(struct trial *trial, struct domain *domain)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->name_count && i < NAMES_LOOKED; i++)
		if (facts->names[i].name.kind == GENERAL_DNS &&
		    (facts->names[i].marks & NAME_STAR) == 0)
			remember_name(trial, &facts->names[i], domain);
}

/* Who is known to issue for the domain itself: this issuer and no other. */
static bool
is_familiar(const struct trial *trial, const struct domain *domain)
{
	const struct marks *holders = &domain->marks[MARK_HOLDERS];

	return holders->count == 1 &&
	    holders->values[0] == tenant_mark(bytes_of(trial->it->issuer_key_hash, 32));
}

/* The other certificates for the domain, in the months before. */
static void
add_others(struct trial *trial, struct finding *finding, const struct domain *domain)
{
	const struct judged *it = trial->it;
	int64_t most_ms = rule_limit(trial, TENANT_DAYS) * DAY_S * 1000;

	evidence_list(trial, finding, "others_for_base");
	for (size_t i = 0; i < domain->other_count; i++) {
		const struct domain_other *other = &domain->others[i];

		if (memcmp(other->key, it->key, 32) == 0 || it->hi_ms == CLOCK_UNKNOWN ||
		    other->hi_ms < it->hi_ms - most_ms ||
		    other->hi_ms > it->hi_ms + most_ms)
			continue;
		evidence_object(trial, finding, NULL);
		evidence_hex(trial, finding, "sha256", bytes_of(other->sha256, 32));
		evidence_hex(trial, finding, "issuer_spki_sha256",
		    bytes_of(other->issuer_key, 32));
		evidence_time(trial, finding, "logged", other->hi_ms);
		evidence_end(trial, finding);
	}
	evidence_end(trial, finding);
}

static void
fail_tenant(struct trial *trial, const struct base *base, struct bytes tenant,
    const struct domain *domain)
{
	int64_t before_ms = tenant_before(trial, tenant);
	struct finding *finding =
	    trial_fail_at(trial, before_ms == CLOCK_UNKNOWN ? LEVEL_WARNING : LEVEL_ERROR,
		base->name, "\"%s\" together with \"%s\", where sub-domains are others'",
		trial_show(trial, base->name, 100), trial_show(trial, tenant, 100));

	evidence_bytes(trial, finding, "base", base->name);
	evidence_bytes(trial, finding, "tenant", tenant);
	evidence_text(trial, finding, "tenants_by", base->source);
	if (domain != NULL) {
		evidence_int(trial, finding, "issuers_of_base",
		    (int64_t)domain->marks[MARK_HOLDERS].count);
		add_others(trial, finding, domain);
	}
	if (before_ms != CLOCK_UNKNOWN)
		evidence_time(trial, finding, "tenant_alone", before_ms);
}

/* domain is room for what is remembered; NULL: nothing is. */
static void
look_at_base(struct trial *trial, const struct fact_name *fact, struct domain *domain)
{
	struct base base = base_of(trial->it->params, fact->name.value);
	const struct fact_name *tenant;

	if (fact->name.value.len != base.name.len ||
	    (base.source == NULL && domain == NULL))
		return;
	tenant = tenant_of(trial->it->facts, base.name);
	if (tenant == NULL)
		return;
	if (domain != NULL) {
		domain_read(trial, base.name, domain);
		if (base.source == NULL && domain_is_learned(trial, domain))
			base.source = "learned";
		if (is_familiar(trial, domain))
			return;
	}
	if (base.source != NULL)
		fail_tenant(trial, &base, tenant->name.value, domain);
}

static void
look_at_names(struct trial *trial, struct domain *domain)
{
	const struct judged_facts *facts = trial->it->facts;

	if (facts->dns_count < 2) {
		trial_not_applicable(trial);
		return;
	}
	for (size_t i = 0; i < facts->name_count && i < NAMES_LOOKED; i++)
		if (facts->names[i].name.kind == GENERAL_DNS &&
		    (facts->names[i].marks & NAME_STAR) == 0)
			look_at_base(trial, &facts->names[i], domain);
}

/* What is remembered comes first, so that a precertificate and its certificate are
 * judged alike. */
static void
run_remembering(struct trial *trial)
{
	struct domain domain; /* large: once a certificate */

	if (trial->it->row_is_new)
		remember(trial, &domain);
	look_at_names(trial, &domain);
}

/* A certificate that no log showed has nothing before it. */
static void
run_tenant(struct trial *trial)
{
	if (trial->history != NULL && trial->it->issuer_key_hash != NULL)
		run_remembering(trial);
	else
		look_at_names(trial, NULL);
}

static bool
is_dns_subscriber(const struct judged *it)
{
	return judged_is_tls_subscriber(it) && it->facts->dns_count > 0;
}

static const struct subrule BASE_PLUS_TENANT[] = {
    RULE("names", LEVEL_WARNING, "BR 3.2.2.4; wiki.mozilla.org/CA/WoSign_Issues N",
	is_dns_subscriber, run_tenant,
	LIMITS({"keys", 10}, {"issuers", 2}, {"days around", 90}),
	.flags = RULE_NOT_COUNTED | RULE_PAIR | RULE_ALONE),
};

static const struct check CHECKS[] = {
    CHECK("base-plus-tenant", SCOPE_CERTIFICATE,
	"A host's own domain together with the name of one of its tenants.",
	BASE_PLUS_TENANT, .history = HISTORY_STATE, .data = DATA(PSL) | DATA(TENANTS)),
};

const struct check_family CHECK_NAMES_TENANT = {"names", CHECKS, ARRAY_LEN(CHECKS)};
