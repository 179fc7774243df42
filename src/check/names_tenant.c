/*
 * B3: the domains of hosts whose sub-domains are other people's, together with the
 * name of one of them.
 *
 * Such a domain is named by a file, by the list of public suffixes, or learned from
 * what is issued below it. Of each domain a few marks are remembered, and of each
 * tenant with a certificate of his own the last few keys: whatever is issued, the
 * value of one key stays small.
 */
#include "names_priv.h"

#include "base/cursor.h"

#define NAME_ROOM    254
#define NAMES_LOOKED 64 /* of one certificate, so that many cost no square */
#define LABELS_MAX   8  /* of a domain that somebody registered, and its suffix */
#define WINDOW_MS    (7 * DAY_S * 1000)

/* Learned: so many sub-domains with so many keys under so many issuers. */
#define LEARN_NAMES   50
#define LEARN_KEYS    10
#define LEARN_ISSUERS 2
#define HOLDERS_MAX   2 /* whether there is one, and another */
#define KEYS_MAX      4 /* of a tenant */

/* --- what is remembered ------------------------------------------------------------ */

/* Different values that were met, as the first octets of their hashes. */
struct marks {
	uint64_t values[LEARN_NAMES];
	size_t count;
};

enum { MARK_NAMES, MARK_KEYS, MARK_ISSUERS, MARK_HOLDERS, MARK_KINDS };

static const size_t MARKS_MAX[MARK_KINDS] = {
    LEARN_NAMES, LEARN_KEYS, LEARN_ISSUERS, HOLDERS_MAX};

struct domain {
	uint8_t key[16];
	struct marks marks[MARK_KINDS];
	bool changed;
};

static struct sha256
hash_lower(struct bytes name, char prefix)
{
	uint8_t text[NAME_ROOM + 1];
	struct sha256 hash;
	size_t len = 0;

	text[len++] = (uint8_t)prefix;
	for (size_t i = 0; i < name.len && len < sizeof(text); i++)
		text[len++] = name.data[i] >= 'A' && name.data[i] <= 'Z'
		    ? (uint8_t)(name.data[i] + 32)
		    : name.data[i];
	sha256_of(bytes_of(text, len), &hash);
	return hash;
}

static uint64_t
mark_of(struct bytes value)
{
	struct sha256 hash;

	sha256_of(value, &hash);
	return be64(hash.octets);
}

static void
domain_read(struct trial *trial, struct bytes name, struct domain *out)
{
	const struct check_history *history = trial->history;
	struct sha256 hash = hash_lower(name, 'd');
	struct cursor at;

	memset(out, 0, sizeof(*out));
	memcpy(out->key, hash.octets, sizeof(out->key));
	at = cursor_of(history->state(
	    history->owner, trial->check->id, bytes_of(out->key, sizeof(out->key)), 0));
	for (size_t kind = 0; kind < MARK_KINDS; kind++) {
		struct marks *marks = &out->marks[kind];
		uint64_t count;

		if (!cursor_be64(&at, &count) || count > MARKS_MAX[kind])
			return;
		while (marks->count < count &&
		    cursor_be64(&at, &marks->values[marks->count]))
			marks->count++;
	}
}

static void
domain_write(struct trial *trial, const struct domain *domain)
{
	const struct check_history *history = trial->history;
	struct buf value;

	if (!domain->changed)
		return;
	buf_init(&value, 1 << 12);
	for (size_t kind = 0; kind < MARK_KINDS; kind++) {
		const struct marks *marks = &domain->marks[kind];

		buf_append_be64(&value, marks->count);
		for (size_t i = 0; i < marks->count; i++)
			buf_append_be64(&value, marks->values[i]);
	}
	history->set_state(history->owner, trial->check->id,
	    bytes_of(domain->key, sizeof(domain->key)), 0, buf_bytes(&value));
	buf_free(&value);
}

static void
domain_note(struct domain *domain, size_t kind, uint64_t value)
{
	struct marks *marks = &domain->marks[kind];

	for (size_t i = 0; i < marks->count; i++)
		if (marks->values[i] == value)
			return;
	if (marks->count == MARKS_MAX[kind])
		return;
	marks->values[marks->count++] = value;
	domain->changed = true;
}

static bool
is_learned(const struct domain *domain)
{
	return domain->marks[MARK_NAMES].count >= LEARN_NAMES &&
	    domain->marks[MARK_KEYS].count >= LEARN_KEYS &&
	    domain->marks[MARK_ISSUERS].count >= LEARN_ISSUERS;
}

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
	char lower[NAME_ROOM];

	if (params->tenant_count == 0 || name.len >= sizeof(lower))
		return NULL;
	for (size_t i = 0; i < name.len; i++)
		lower[i] =
		    (char)(name.data[i] >= 'A' && name.data[i] <= 'Z' ? name.data[i] + 32
								      : name.data[i]);
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

/* --- a tenant's own certificates ---------------------------------------------------- */

/* The keys that certificates for him and not for the domain had, and when. */
struct tenant {
	uint8_t key[16];
	struct {
		uint64_t mark;
		int64_t ms;
	} keys[KEYS_MAX];
	size_t count;
};

static void
tenant_read(struct trial *trial, struct bytes name, struct tenant *out)
{
	const struct check_history *history = trial->history;
	struct sha256 hash = hash_lower(name, 't');
	struct cursor at;
	uint64_t ms;

	memcpy(out->key, hash.octets, sizeof(out->key));
	at = cursor_of(history->state(
	    history->owner, trial->check->id, bytes_of(out->key, sizeof(out->key)), 0));
	for (out->count = 0; out->count < KEYS_MAX; out->count++) {
		if (!cursor_be64(&at, &out->keys[out->count].mark) ||
		    !cursor_be64(&at, &ms))
			return;
		out->keys[out->count].ms = (int64_t)ms;
	}
}

/* The last comes first. */
static void
tenant_note(struct trial *trial, struct bytes name)
{
	const struct check_history *history = trial->history;
	uint64_t mark = mark_of(trial->it->cert->spki);
	struct tenant tenant;
	struct buf value;
	size_t kept = 1;

	if (trial->it->hi_ms == CLOCK_UNKNOWN)
		return;
	tenant_read(trial, name, &tenant);
	buf_init(&value, 1 << 10);
	buf_append_be64(&value, mark);
	buf_append_be64(&value, (uint64_t)trial->it->hi_ms);
	for (size_t i = 0; i < tenant.count && kept < KEYS_MAX; i++) {
		if (tenant.keys[i].mark == mark)
			continue;
		buf_append_be64(&value, tenant.keys[i].mark);
		buf_append_be64(&value, (uint64_t)tenant.keys[i].ms);
		kept++;
	}
	history->set_state(history->owner, trial->check->id,
	    bytes_of(tenant.key, sizeof(tenant.key)), 0, buf_bytes(&value));
	buf_free(&value);
}

/* When the tenant alone had a certificate for the key at hand within the week
 * before; CLOCK_UNKNOWN: he had none. */
static int64_t
tenant_before(struct trial *trial, struct bytes name)
{
	uint64_t mark = mark_of(trial->it->cert->spki);
	int64_t hi_ms = trial->it->hi_ms;
	struct tenant tenant;

	if (trial->history == NULL || hi_ms == CLOCK_UNKNOWN)
		return CLOCK_UNKNOWN;
	tenant_read(trial, name, &tenant);
	for (size_t i = 0; i < tenant.count; i++)
		if (tenant.keys[i].mark == mark && tenant.keys[i].ms <= hi_ms &&
		    tenant.keys[i].ms >= hi_ms - WINDOW_MS)
			return tenant.keys[i].ms;
	return CLOCK_UNKNOWN;
}

/* --- base-plus-tenant
 * --------------------------------------------------------------------- */

/* A sub-domain counts towards learning the domain; a certificate for the domain and
 * nobody below it makes its issuer one of its own. Of a domain that nobody has names
 * below, nothing is kept. */
static void
remember_name(struct trial *trial, const struct fact_name *fact)
{
	const struct judged *it = trial->it;
	struct bytes name = fact->name.value;
	struct base base = base_of(it->params, name);
	uint64_t issuer = mark_of(bytes_of(it->issuer_key_hash, 32));
	struct domain domain;

	if (base.name.len == 0)
		return;
	domain_read(trial, base.name, &domain);
	if (is_tenant(fact, base.name)) {
		domain_note(&domain, MARK_NAMES, be64(hash_lower(name, 'n').octets));
		domain_note(&domain, MARK_KEYS, mark_of(it->cert->spki));
		domain_note(&domain, MARK_ISSUERS, issuer);
		if ((base.source != NULL || is_learned(&domain)) &&
		    !names_base(it->facts, base.name))
			tenant_note(trial, name);
	} else if (name.len == base.name.len && tenant_of(it->facts, name) == NULL &&
	    (base.source != NULL || domain.marks[MARK_NAMES].count > 0))
		domain_note(&domain, MARK_HOLDERS, issuer);
	domain_write(trial, &domain);
}

static void
remember(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->name_count && i < NAMES_LOOKED; i++)
		if (facts->names[i].name.kind == GENERAL_DNS &&
		    (facts->names[i].marks & NAME_STAR) == 0)
			remember_name(trial, &facts->names[i]);
}

/* Who is known to issue for the domain itself: this issuer and no other. */
static bool
is_familiar(const struct trial *trial, const struct domain *domain)
{
	const struct marks *holders = &domain->marks[MARK_HOLDERS];

	return holders->count == 1 &&
	    holders->values[0] == mark_of(bytes_of(trial->it->issuer_key_hash, 32));
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
	if (domain != NULL)
		evidence_int(trial, finding, "issuers_of_base",
		    (int64_t)domain->marks[MARK_HOLDERS].count);
	if (before_ms != CLOCK_UNKNOWN)
		evidence_time(trial, finding, "tenant_alone", before_ms);
}

static void
look_at_base(struct trial *trial, const struct fact_name *fact)
{
	struct base base = base_of(trial->it->params, fact->name.value);
	bool remembers = trial->history != NULL && trial->it->issuer_key_hash != NULL;
	const struct fact_name *tenant;
	struct domain domain;

	if (fact->name.value.len != base.name.len || (base.source == NULL && !remembers))
		return;
	tenant = tenant_of(trial->it->facts, base.name);
	if (tenant == NULL)
		return;
	if (remembers) {
		domain_read(trial, base.name, &domain);
		if (base.source == NULL && is_learned(&domain))
			base.source = "learned";
		if (is_familiar(trial, &domain))
			return;
	}
	if (base.source != NULL)
		fail_tenant(trial, &base, tenant->name.value, remembers ? &domain : NULL);
}

/* What is remembered comes first, so that a precertificate and its certificate are
 * judged alike. A certificate that no log showed has nothing before it. */
static void
run_tenant(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	if (trial->history != NULL && trial->it->row_is_new &&
	    trial->it->issuer_key_hash != NULL)
		remember(trial);
	if (facts->dns_count < 2) {
		trial_not_applicable(trial);
		return;
	}
	for (size_t i = 0; i < facts->name_count && i < NAMES_LOOKED; i++)
		if (facts->names[i].name.kind == GENERAL_DNS &&
		    (facts->names[i].marks & NAME_STAR) == 0)
			look_at_base(trial, &facts->names[i]);
}

static bool
is_dns_subscriber(const struct judged *it)
{
	return judged_is_tls_subscriber(it) && it->facts->dns_count > 0;
}

static const struct subrule BASE_PLUS_TENANT[] = {
    RULE("names", LEVEL_WARNING, "BR 3.2.2.4; wiki.mozilla.org/CA/WoSign_Issues N",
	is_dns_subscriber, run_tenant,
	.flags = RULE_NOT_COUNTED | RULE_PAIR | RULE_ALONE),
};

static const struct check CHECKS[] = {
    CHECK("base-plus-tenant", SCOPE_CERTIFICATE,
	"A host's own domain together with the name of one of its tenants.",
	BASE_PLUS_TENANT, .history = HISTORY_STATE, .data = DATA(PSL) | DATA(TENANTS)),
};

const struct check_family CHECK_NAMES_TENANT = {"names", CHECKS, ARRAY_LEN(CHECKS)};
