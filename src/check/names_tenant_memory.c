/*
 * B3: what is remembered of hosts' domains and of their tenants: of each domain a few
 * marks and its last certificates, of each tenant with a certificate of his own the
 * last few keys. Whatever is issued, the value of one key stays small.
 */
#include "names_tenant.h"

#include "base/cursor.h"

/* --- a domain ---------------------------------------------------------------------- */

struct sha256
tenant_hash(struct bytes name, char prefix)
{
	uint8_t text[TENANT_NAME_ROOM + 1];
	struct sha256 hash;
	size_t len = 0;

	text[len++] = (uint8_t)prefix;
	for (size_t i = 0; i < name.len && len < sizeof(text); i++)
		text[len++] = ascii_lower(name.data[i]);
	sha256_of(bytes_of(text, len), &hash);
	return hash;
}

uint64_t
tenant_mark(struct bytes value)
{
	struct sha256 hash;

	sha256_of(value, &hash);
	return be64(hash.octets);
}

/* Of each kind, how many different ones say all that they can. */
static size_t
enough(const struct trial *trial, size_t kind)
{
	switch (kind) {
	case MARK_NAMES:
		return (size_t)trial->it->params->tenant_learn;
	case MARK_KEYS:
		return (size_t)rule_limit(trial, TENANT_KEYS);
	case MARK_ISSUERS:
		return (size_t)rule_limit(trial, TENANT_ISSUERS);
	default:
		return 2; /* whether there is a holder, and another */
	}
}

static bool
read_other(struct cursor *at, struct domain_other *out)
{
	struct bytes key, sha256, issuer_key;
	uint64_t hi_ms;

	if (!cursor_take(at, 32, &key) || !cursor_take(at, 32, &sha256) ||
	    !cursor_take(at, 32, &issuer_key) || !cursor_be64(at, &hi_ms))
		return false;
	memcpy(out->key, key.data, 32);
	memcpy(out->sha256, sha256.data, 32);
	memcpy(out->issuer_key, issuer_key.data, 32);
	out->hi_ms = (int64_t)hi_ms;
	return true;
}

void
domain_read(struct trial *trial, struct bytes name, struct domain *out)
{
	const struct check_history *history = trial->history;
	struct sha256 hash = tenant_hash(name, 'd');
	struct cursor at;

	out->changed = false;
	out->other_count = 0;
	for (size_t kind = 0; kind < MARK_KINDS; kind++)
		out->marks[kind].count = 0;
	memcpy(out->key, hash.octets, sizeof(out->key));
	at = cursor_of(history->state(
	    history->owner, trial->check->id, bytes_of(out->key, sizeof(out->key)), 0));
	for (size_t kind = 0; kind < MARK_KINDS; kind++) {
		struct marks *marks = &out->marks[kind];
		uint64_t count;

		if (!cursor_be64(&at, &count) || count > TENANT_LEARN_MAX)
			return;
		while (marks->count < count &&
		    cursor_be64(&at, &marks->values[marks->count]))
			marks->count++;
	}
	while (out->other_count < OTHERS_MAX &&
	    read_other(&at, &out->others[out->other_count]))
		out->other_count++;
}

void
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
	for (size_t i = 0; i < domain->other_count; i++) {
		const struct domain_other *other = &domain->others[i];

		buf_append(&value, other->key, 32);
		buf_append(&value, other->sha256, 32);
		buf_append(&value, other->issuer_key, 32);
		buf_append_be64(&value, (uint64_t)other->hi_ms);
	}
	history->set_state(history->owner, trial->check->id,
	    bytes_of(domain->key, sizeof(domain->key)), 0, buf_bytes(&value));
	buf_free(&value);
}

void
domain_note(const struct trial *trial, struct domain *domain, size_t kind, uint64_t value)
{
	struct marks *marks = &domain->marks[kind];

	for (size_t i = 0; i < marks->count; i++)
		if (marks->values[i] == value)
			return;
	if (marks->count >= enough(trial, kind))
		return;
	marks->values[marks->count++] = value;
	domain->changed = true;
}

void
domain_note_certificate(const struct judged *it, struct domain *domain)
{
	struct domain_other *other;
	struct sha256 hash;

	if (it->hi_ms == CLOCK_UNKNOWN)
		return;
	if (domain->other_count == OTHERS_MAX)
		memmove(domain->others, domain->others + 1,
		    --domain->other_count * sizeof(*domain->others));
	other = &domain->others[domain->other_count++];
	sha256_of(it->der, &hash);
	memcpy(other->key, it->key, 32);
	memcpy(other->sha256, hash.octets, 32);
	memcpy(other->issuer_key, it->issuer_key_hash, 32);
	other->hi_ms = it->hi_ms;
	domain->changed = true;
}

bool
domain_is_learned(const struct trial *trial, const struct domain *domain)
{
	for (size_t kind = 0; kind < MARK_HOLDERS; kind++)
		if (domain->marks[kind].count < enough(trial, kind))
			return false;
	return true;
}

/* --- a tenant ------------------------------------------------------------------------
 */

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
	struct sha256 hash = tenant_hash(name, 't');
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
void
tenant_note(struct trial *trial, struct bytes name)
{
	const struct check_history *history = trial->history;
	uint64_t mark = tenant_mark(trial->it->cert->spki);
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

int64_t
tenant_before(struct trial *trial, struct bytes name)
{
	uint64_t mark = tenant_mark(trial->it->cert->spki);
	int64_t hi_ms = trial->it->hi_ms;
	struct tenant tenant;

	if (trial->history == NULL || hi_ms == CLOCK_UNKNOWN)
		return CLOCK_UNKNOWN;
	tenant_read(trial, name, &tenant);
	for (size_t i = 0; i < tenant.count; i++)
		if (tenant.keys[i].mark == mark && tenant.keys[i].ms <= hi_ms &&
		    tenant.keys[i].ms >=
			hi_ms - trial->it->params->tenant_window_s * 1000)
			return tenant.keys[i].ms;
	return CLOCK_UNKNOWN;
}
