/*
 * B1: one key in the certificates of several owners.
 *
 * An owner is told by what he registered: domains that stand together in one
 * certificate, or in two that have a name in common, are one owner's. Of each key
 * the certificates that are still valid are remembered, at most LEAVES_MAX of them
 * and VALUE_MAX octets: a host may have any number, and is exempt anyway.
 */
#include "names_priv.h"

#include "base/cursor.h"

#define LEAVES_MAX   ((size_t)32)
#define VALUE_MAX    ((size_t)16 << 10)
#define NAMES_MAX    ((size_t)2048) /* octets remembered of one certificate */
#define NAMES_LOOKED 1000

/* Operators under whom a key is one too many's. */
enum { LIMIT_OPERATORS };

/* A certificate with the key; all bytes are the arena's. */
struct leaf {
	struct bytes key, sha256; /* of its row, of the form that came first */
	struct bytes signer;      /* an operator; empty: nobody watched */
	struct bytes names;       /* each with a NUL behind it */
	int64_t row, not_after_s;
	uint8_t told; /* 1: it has a finding */
};

struct reuse {
	struct leaf leaves[LEAVES_MAX + 1]; /* the last may be the one at hand */
	size_t count;
	struct leaf *self;
	bool exempt; /* some certificate with it is for so many that it is a host's */
	bool changed;
};

/* --- the names of a certificate ------------------------------------------------------
 */

/* The first of a list that reaches to `end`, which goes on behind it. */
static struct bytes
next_name(struct cursor *at)
{
	struct bytes rest = cursor_rest(at);
	size_t len = strnlen((const char *)rest.data, rest.len);

	at->at += len < rest.len ? len + 1 : len;
	return bytes_of(rest.data, len);
}

static bool
has_name(struct bytes names, struct bytes wanted)
{
	struct cursor at = cursor_of(names);

	while (cursor_left(&at) > 0)
		if (bytes_equal(next_name(&at), wanted))
			return true;
	return false;
}

static bool
have_common_name(struct bytes a, struct bytes b)
{
	struct cursor at = cursor_of(a);

	while (cursor_left(&at) > 0)
		if (has_name(b, next_name(&at)))
			return true;
	return false;
}

static bool
is_domain(struct bytes name)
{
	return name.len > 0 && name.data[0] != '=';
}

/* An address owns nothing, but two certificates may have it in common: its hex
 * behind a sign that no domain begins with. */
static void
name_text(const struct trial *trial, const struct fact_name *fact, struct buf *out)
{
	struct bytes value = fact->name.value;

	buf_clear(out);
	if (fact->name.kind == GENERAL_DNS) {
		value = dns_registrable(trial->it->params, value);
		for (size_t i = 0; i < value.len; i++)
			buf_append_u8(out, ascii_lower(value.data[i]));
	} else if (fact->name.kind == GENERAL_IP) {
		buf_append_u8(out, '=');
		for (size_t i = 0; i < value.len; i++)
			buf_append_format(out, "%02x", value.data[i]);
	}
}

/* How many different domains the subjectAltName has; from cdn_domains on no more
 * are counted. */
static int64_t
take_names(struct trial *trial, struct buf *names)
{
	const struct judged_facts *facts = trial->it->facts;
	int64_t domains = 0;
	struct buf one;

	buf_init(&one, 256);
	for (size_t i = 0; i < facts->name_count && i < NAMES_LOOKED &&
	     domains < trial->it->params->cdn_domains;
	     i++) {
		name_text(trial, &facts->names[i], &one);
		if (one.len == 0 || memchr(one.data, 0, one.len) != NULL ||
		    has_name(buf_bytes(names), buf_bytes(&one)))
			continue;
		domains += is_domain(buf_bytes(&one));
		buf_append_u8(&one, 0);
		buf_append_bytes(names, buf_bytes(&one));
	}
	buf_free(&one);
	return domains;
}

/* --- what is remembered ---------------------------------------------------------------
 */

static struct bytes
key_of(const struct trial *trial, struct sha256 *hash)
{
	sha256_of(trial->it->cert->spki, hash);
	return bytes_of(hash->octets, SHA256_LEN);
}

static bool
take_leaf(struct cursor *at, struct leaf *out)
{
	uint64_t row, not_after;
	uint16_t signer_len, names_len;

	if (!cursor_take(at, 32, &out->key) || !cursor_take(at, 32, &out->sha256) ||
	    !cursor_be64(at, &row) || !cursor_be64(at, &not_after) ||
	    !cursor_u8(at, &out->told) || !cursor_be16(at, &signer_len) ||
	    !cursor_take(at, signer_len, &out->signer) || !cursor_be16(at, &names_len) ||
	    !cursor_take(at, names_len, &out->names))
		return false;
	out->row = (int64_t)row;
	out->not_after_s = (int64_t)not_after;
	return true;
}

/* What has expired is forgotten; what was told of the others while it was valid stays
 * as it was found. A value of one octet says that the key is exempt. */
static void
reuse_read(struct trial *trial, struct reuse *out)
{
	const struct check_history *history = trial->history;
	struct sha256 hash;
	struct bytes value = arena_copy(trial->out->arena,
	    history->state(history->owner, trial->check->id, key_of(trial, &hash), 0));
	struct cursor at = cursor_of(value);
	struct leaf leaf;

	*out = (struct reuse){.exempt = value.len == 1};
	while (!out->exempt && out->count < LEAVES_MAX && take_leaf(&at, &leaf)) {
		if (leaf.not_after_s >= seconds_of(trial->it->now_ms))
			out->leaves[out->count++] = leaf;
		else
			out->changed = true;
	}
	for (size_t i = 0; i < out->count && out->changed; i++)
		out->leaves[i].told = 0;
}

static void
append_leaf(struct buf *out, const struct leaf *leaf)
{
	buf_append_bytes(out, leaf->key);
	buf_append_bytes(out, leaf->sha256);
	buf_append_be64(out, (uint64_t)leaf->row);
	buf_append_be64(out, (uint64_t)leaf->not_after_s);
	buf_append_u8(out, leaf->told);
	buf_append_be16(out, (uint16_t)leaf->signer.len);
	buf_append_bytes(out, leaf->signer);
	buf_append_be16(out, (uint16_t)leaf->names.len);
	buf_append_bytes(out, leaf->names);
}

static size_t
leaf_len(const struct leaf *leaf)
{
	return 32 + 32 + 8 + 8 + 1 + 2 + leaf->signer.len + 2 + leaf->names.len;
}

static void
reuse_write(struct trial *trial, const struct reuse *reuse)
{
	const struct check_history *history = trial->history;
	struct sha256 hash;
	struct buf value;

	if (!reuse->changed)
		return;
	buf_init(&value, VALUE_MAX);
	for (size_t i = 0; i < reuse->count && !reuse->exempt; i++)
		append_leaf(&value, &reuse->leaves[i]);
	if (reuse->exempt)
		buf_append_u8(&value, 1);
	history->set_state(
	    history->owner, trial->check->id, key_of(trial, &hash), 0, buf_bytes(&value));
	buf_free(&value);
}

/* --- the certificate at hand ------------------------------------------------------ */

static struct bytes
own_bytes(struct trial *trial, const void *data, size_t len)
{
	return arena_copy(trial->out->arena, bytes_of(data, len));
}

static struct leaf
describe(struct trial *trial, const struct buf *names)
{
	const struct judged *it = trial->it;
	const char *signer = it->signer != NULL ? it->signer->name : "";
	struct leaf leaf = {.key = bytes_of(it->key, 32),
	    .signer = bytes_text(signer),
	    .names = own_bytes(trial, names->data, names->len),
	    .row = it->row,
	    .not_after_s = it->cert->not_after};
	struct sha256 hash;

	sha256_of(it->der, &hash);
	leaf.sha256 = own_bytes(trial, hash.octets, SHA256_LEN);
	return leaf;
}

/* Its row, once. Where there is no room it is judged, and not remembered. */
static void
reuse_join(struct trial *trial, struct reuse *reuse, const struct buf *names)
{
	struct leaf leaf = describe(trial, names);
	size_t len = leaf_len(&leaf);

	for (size_t i = 0; i < reuse->count; i++) {
		len += leaf_len(&reuse->leaves[i]);
		if (bytes_equal(reuse->leaves[i].key, leaf.key))
			reuse->self = &reuse->leaves[i];
	}
	if (reuse->self != NULL)
		return;
	reuse->self = &reuse->leaves[reuse->count];
	*reuse->self = leaf;
	if (!trial->it->row_is_new || reuse->count == LEAVES_MAX || len > VALUE_MAX)
		return;
	reuse->count++;
	reuse->changed = true;
}

/* The remembered ones and the one at hand, which may not be among them. */
static size_t
leaves_with_self(const struct reuse *reuse)
{
	return reuse->count + (reuse->self == &reuse->leaves[reuse->count]);
}

/* --- owners, operators ------------------------------------------------------------- */

/* Different owners: groups of certificates that names in common hold together, if
 * one of them names a domain. */
static size_t
count_owners(const struct reuse *reuse)
{
	size_t count = leaves_with_self(reuse), owners = 0, group[LEAVES_MAX + 1];
	bool has_domain[LEAVES_MAX + 1] = {false};

	for (size_t i = 0; i < count; i++) {
		group[i] = i;
		for (size_t j = 0; j < i; j++) {
			size_t old = group[j];

			if (old == i ||
			    !have_common_name(
				reuse->leaves[i].names, reuse->leaves[j].names))
				continue;
			for (size_t k = 0; k < i; k++)
				group[k] = group[k] == old ? i : group[k];
		}
	}
	for (size_t i = 0; i < count; i++) {
		struct cursor at = cursor_of(reuse->leaves[i].names);

		while (cursor_left(&at) > 0)
			has_domain[group[i]] |= is_domain(next_name(&at));
	}
	for (size_t i = 0; i < count; i++)
		owners += has_domain[i];
	return owners;
}

/* Of those that are watched: whose the other issuers are, nobody said. */
static size_t
count_operators(const struct reuse *reuse)
{
	size_t count = leaves_with_self(reuse), operators = 0;

	for (size_t i = 0; i < count; i++) {
		bool met = reuse->leaves[i].signer.len == 0;

		for (size_t j = 0; j < i && !met; j++)
			met =
			    bytes_equal(reuse->leaves[i].signer, reuse->leaves[j].signer);
		operators += !met;
	}
	return operators;
}

static void
evidence_names(struct trial *trial, struct finding *finding, struct bytes names)
{
	struct cursor at = cursor_of(names);

	evidence_list(trial, finding, "domains");
	while (cursor_left(&at) > 0) {
		struct bytes name = next_name(&at);

		if (is_domain(name))
			evidence_bytes(trial, finding, NULL, name);
	}
	evidence_end(trial, finding);
}

static void
evidence_of(struct trial *trial, struct finding *finding, const struct reuse *reuse)
{
	struct sha256 hash;

	evidence_hex(trial, finding, "spki_sha256", key_of(trial, &hash));
	evidence_list(trial, finding, "certificates");
	for (size_t i = 0; i < leaves_with_self(reuse); i++) {
		const struct leaf *leaf = &reuse->leaves[i];

		evidence_object(trial, finding, NULL);
		evidence_hex(trial, finding, "sha256", leaf->sha256);
		evidence_time(trial, finding, "not_after", leaf->not_after_s * 1000);
		if (leaf->signer.len > 0)
			evidence_bytes(trial, finding, "operator", leaf->signer);
		evidence_names(trial, finding, leaf->names);
		evidence_end(trial, finding);
	}
	evidence_end(trial, finding);
}

static bool
too_many_owners(const struct trial *trial, size_t owners)
{
	return owners >= (size_t)trial->it->params->min_orgs;
}

static bool
too_many_operators(const struct trial *trial, size_t operators)
{
	return operators >= (size_t)rule_limit(trial, LIMIT_OPERATORS);
}

static const char *
says(struct trial *trial, size_t owners, size_t operators)
{
	struct bytes copy;
	struct buf text;

	buf_init(&text, 256);
	buf_append_text(&text, "the key is in valid certificates");
	if (too_many_owners(trial, owners))
		buf_append_format(&text, " of %zu owners of domains", owners);
	if (too_many_operators(trial, operators))
		buf_append_format(&text, "%s of %zu operators",
		    too_many_owners(trial, owners) ? " and" : "", operators);
	copy = arena_copy(trial->out->arena, buf_bytes(&text));
	buf_free(&text);
	return (const char *)copy.data;
}

/* All are told, each once; the one at hand whenever it is judged. */
static void
fail_all(struct trial *trial, struct reuse *reuse, const char *message)
{
	evidence_of(
	    trial, trial_fail(trial, trial->it->cert->spki, "%s", message), reuse);
	for (size_t i = 0; i < reuse->count; i++) {
		struct leaf *leaf = &reuse->leaves[i];

		if (leaf->told != 0)
			continue;
		if (leaf != reuse->self)
			evidence_of(trial,
			    trial_fail_row(
				trial, leaf->key.data, leaf->row, "%s", message),
			    reuse);
		leaf->told = 1;
		reuse->changed = true;
	}
}

static void
take_back(struct trial *trial, struct reuse *reuse, const char *reason)
{
	for (size_t i = 0; i < reuse->count; i++) {
		struct leaf *leaf = &reuse->leaves[i];

		if (leaf->told == 0)
			continue;
		trial_close(trial, SUBJECT_CERTIFICATE, leaf->key, reason);
		leaf->told = 0;
		reuse->changed = true;
	}
}

static void
judge_key(struct trial *trial, struct reuse *reuse)
{
	size_t owners = count_owners(reuse), operators = count_operators(reuse);

	if (too_many_owners(trial, owners) || too_many_operators(trial, operators))
		fail_all(trial, reuse, says(trial, owners, operators));
	else
		take_back(trial, reuse, "its owners turned out to be one");
}

static void
run_reuse(struct trial *trial)
{
	struct reuse *reuse = arena_alloc(trial->out->arena, sizeof(*reuse));
	struct buf names;

	reuse_read(trial, reuse);
	if (reuse->exempt)
		return;
	buf_init(&names, NAMES_MAX);
	if (take_names(trial, &names) >= trial->it->params->cdn_domains) {
		take_back(trial, reuse, "the key is a host's");
		reuse->exempt = reuse->changed = true;
	} else {
		reuse_join(trial, reuse, &names);
		judge_key(trial, reuse);
	}
	reuse_write(trial, reuse);
	buf_free(&names);
}

static bool
is_valid_leaf(const struct judged *it)
{
	return judged_is_subscriber(it) && it->cert->spki.len > 0 &&
	    it->cert->not_after >= seconds_of(it->now_ms);
}

static const struct subrule SPKI_REUSE[] = {
    RULE("shared", LEVEL_NOTICE, "BR 6.1.1.3, 6.1.2", is_valid_leaf, run_reuse,
	LIMITS({"operators", 2}), .flags = RULE_NOT_COUNTED),
};

static const struct check CHECKS[] = {
    CHECK("spki-reuse", SCOPE_ISSUER,
	"One key is in the certificates of several owners or of several operators.",
	SPKI_REUSE, .history = HISTORY_STATE, .data = DATA(PSL)),
};

const struct check_family CHECK_KEYS_REUSE = {"keys", CHECKS, ARRAY_LEN(CHECKS)};
