/* B8: operators whose certificates point to the same places. */

#include "hierarchy.h"

#include <stdio.h>

#include "base/text.h"
#include "profile.h"

/*
 * What shows an operator's infrastructure is a set of marks, of four kinds: registrable
 * domains of OCSP, CA and CRL addresses, texts of policy qualifiers, profile keys, and
 * shapes of serial numbers. The check remembers the marks of each operator and, for
 * each mark, who has it. A pair is looked at when a mark is new to an operator: seldom,
 * once the sets stand. Each kind is measured by itself, so that many profiles do not
 * hide one common domain; of serial numbers so few shapes are in use that they are only
 * told beside a profile that is shared.
 */
#define MARK_LEN  200
#define OPERATORS 16 /* with one mark */

enum mark_kind { MARK_HOST, MARK_QUALIFIER, MARK_PROFILE, MARK_SERIAL, MARK_KINDS };

static const struct {
	const char *prefix; /* of its marks */
	const char *plural;
	size_t most; /* of one operator */
} KINDS[MARK_KINDS] = {
    [MARK_HOST] = {"host ", "domains", 64},
    [MARK_QUALIFIER] = {"qualifier ", "policy qualifiers", 32},
    [MARK_PROFILE] = {"profile ", "profiles", 64},
    [MARK_SERIAL] = {"serial ", "shapes of serial numbers", 8},
};

struct marks {
	struct trial *trial;
	struct buf known, fresh;
};

static bool
mark_in(struct bytes set, const char *mark)
{
	size_t len = strlen(mark) + 1;

	for (size_t at = 0; at < set.len;) {
		const char *each = (const char *)set.data + at;
		size_t each_len = strnlen(each, set.len - at) + 1;

		if (each_len == len && memcmp(each, mark, len) == 0)
			return true;
		at += each_len;
	}
	return false;
}

static size_t
mark_count(struct bytes set)
{
	size_t count = 0;

	for (size_t i = 0; i < set.len; i++)
		count += set.data[i] == 0;
	return count;
}

static const char *
next_mark(struct bytes set, size_t *at)
{
	const char *mark = (const char *)set.data + *at;

	if (*at >= set.len)
		return NULL;
	*at += strnlen(mark, set.len - *at) + 1;
	return mark;
}

static bool
is_kind(const char *mark, enum mark_kind kind)
{
	return strncmp(mark, KINDS[kind].prefix, strlen(KINDS[kind].prefix)) == 0;
}

static size_t
count_kind(struct bytes set, enum mark_kind kind)
{
	const char *mark;
	size_t at = 0, count = 0;

	while ((mark = next_mark(set, &at)) != NULL)
		count += is_kind(mark, kind);
	return count;
}

static size_t
count_shared(struct bytes a, struct bytes b, enum mark_kind kind)
{
	const char *mark;
	size_t at = 0, shared = 0;

	while ((mark = next_mark(a, &at)) != NULL)
		shared += is_kind(mark, kind) && mark_in(b, mark);
	return shared;
}

/* --- the marks of a certificate --------------------------------------------------------
 */

static void
add_mark(struct marks *marks, enum mark_kind kind, struct bytes text)
{
	struct bytes known = buf_bytes(&marks->known), fresh = buf_bytes(&marks->fresh);
	char mark[MARK_LEN];
	size_t len = strlen(KINDS[kind].prefix);

	if (text.len == 0 || len + text.len >= sizeof(mark) ||
	    memchr(text.data, 0, text.len) != NULL)
		return;
	memcpy(mark, KINDS[kind].prefix, len);
	ascii_lower_copy(mark + len, text);
	len += text.len;
	mark[len] = 0;
	if (!mark_in(known, mark) && !mark_in(fresh, mark) &&
	    count_kind(known, kind) + count_kind(fresh, kind) < KINDS[kind].most)
		buf_append(&marks->fresh, mark, len + 1);
}

static void
add_url(void *owner, struct bytes url)
{
	struct marks *marks = owner;
	struct bytes host = url_host(url);

	if (!dns_is_address(host))
		add_mark(
		    marks, MARK_HOST, dns_registrable(marks->trial->it->params, host));
}

static void
add_qualifiers(struct marks *marks)
{
	struct policy_iter policies, qualifiers;
	struct policy_qualifier qualifier;
	struct policy policy;

	extension_policies_begin(marks->trial->it->facts->policies_at, &policies);
	while (policy_next(&policies, &policy)) {
		policy_qualifiers_begin(&policy, &qualifiers);
		while (policy_qualifier_next(&qualifiers, &qualifier))
			add_mark(marks, MARK_QUALIFIER,
			    qualifier.id == OID_QUALIFIER_CPS
				? qualifier.value.value
				: qualifier.explicit_text.value);
	}
}

static void
add_template(struct marks *marks)
{
	const struct judged *it = marks->trial->it;
	char text[2 * PROFILE_KEY + 1];

	hex_format(profile_key(it), PROFILE_KEY, text);
	add_mark(marks, MARK_PROFILE, bytes_text(text));
	snprintf(text, sizeof(text), "of %zu octets", it->cert->serial.len);
	add_mark(marks, MARK_SERIAL, bytes_text(text));
}

/* Of the kind that the rule is about. */
static void
add_marks(struct marks *marks)
{
	switch ((enum mark_kind)marks->trial->rule->arg) {
	case MARK_HOST:
		issuer_urls_each(marks->trial->it->cert, add_url, marks);
		break;
	case MARK_QUALIFIER:
		add_qualifiers(marks);
		break;
	case MARK_PROFILE:
	case MARK_SERIAL:
	case MARK_KINDS:
		add_template(marks);
		break;
	}
}

/* --- what is remembered
 * ------------------------------------------------------------------- */

static struct bytes
recall(struct trial *trial, char kind, const char *name, struct buf *key)
{
	buf_clear(key);
	buf_append_u8(key, (uint8_t)kind);
	buf_append_bytes(key, bytes_text(name));
	return trial->history->state(
	    trial->history->owner, trial->check->id, buf_bytes(key), 0);
}

/* Adds the operator to those who have the mark; returns the others, each with its
 * NUL, in the arena. */
static struct bytes
join_mark(struct trial *trial, const char *mark, const char *operator)
{
	struct bytes old, others;
	struct buf key, all;

	buf_init(&key, 1 << 12);
	buf_init(&all, 1 << 16);
	old = recall(trial, 'm', mark, &key);
	others = arena_copy(trial->out->arena, old);
	if (!mark_in(others, operator) && mark_count(others) < OPERATORS) {
		buf_append_bytes(&all, others);
		buf_append(&all, operator, strlen(operator) + 1);
		trial->history->set_state(trial->history->owner, trial->check->id,
		    buf_bytes(&key), 0, buf_bytes(&all));
	}
	buf_free(&all);
	buf_free(&key);
	return others;
}

/* What two operators have in common. */
struct overlap {
	const char *other;
	struct bytes ours, theirs;
	enum mark_kind kind;
	size_t shared, whole;
};

static void
fail_pair(struct trial *trial, const struct overlap *it)
{
	const struct check_operator *signer = trial->it->signer;
	struct finding *finding = trial_fail(trial, bytes_of(NULL, 0),
	    "%s and %s use the same infrastructure: %zu of %zu %s", signer->name,
	    it->other, it->shared, it->whole, KINDS[it->kind].plural);
	const char *mark;
	size_t at = 0;

	evidence_text(trial, finding, "operator", signer->name);
	evidence_text(trial, finding, "other", it->other);
	evidence_int(trial, finding, "shared", (int64_t)it->shared);
	evidence_int(trial, finding, "together", (int64_t)it->whole);
	evidence_list(trial, finding, "marks");
	while ((mark = next_mark(it->ours, &at)) != NULL)
		if (mark_in(it->theirs, mark))
			evidence_text(trial, finding, NULL, mark);
	evidence_end(trial, finding);
}

/* Whether this overlap of the pair was told; now it is. */
static bool
was_told(struct trial *trial, const struct overlap *it)
{
	const struct check_history *history = trial->history;
	const char *ours = trial->it->signer->name;
	bool first = strcmp(ours, it->other) < 0;
	struct bytes pair, told;
	struct sha256 hash;
	struct buf text;

	buf_init(&text, 1 << 16);
	buf_append_format(&text, "%s", first ? ours : it->other);
	buf_append_u8(&text, 0);
	buf_append_format(&text, "%s", first ? it->other : ours);
	buf_append_u8(&text, (uint8_t)it->kind);
	sha256_of(buf_bytes(&text), &hash);
	buf_free(&text);
	pair = sha256_bytes(&hash);
	told = history->state(history->owner, trial->check->id, pair, 0);
	if (told.len == 0)
		history->set_state(
		    history->owner, trial->check->id, pair, 0, bytes_text("told"));
	return told.len > 0;
}

static void
compare_pair(struct trial *trial, struct bytes ours, const char *other)
{
	const struct check_operator *known =
	    check_operator_find(trial->it->params, bytes_text(other));
	struct overlap it = {
	    .other = other, .ours = ours, .kind = (enum mark_kind)trial->rule->arg};
	struct buf key;

	if (known == NULL || operator_partner(trial->it->signer, known) ||
	    operator_partner(known, trial->it->signer))
		return;
	buf_init(&key, 1 << 12);
	it.theirs = arena_copy(trial->out->arena, recall(trial, 'o', other, &key));
	buf_free(&key);
	it.shared = count_shared(ours, it.theirs, it.kind);
	it.whole = count_kind(ours, it.kind) + count_kind(it.theirs, it.kind) - it.shared;
	if (it.shared * (size_t)rule_limit(trial, 0) > it.whole && !was_told(trial, &it))
		fail_pair(trial, &it);
}

static void
take_fresh(struct marks *marks, struct bytes ours)
{
	struct bytes fresh = buf_bytes(&marks->fresh);

	for (size_t at = 0; at < fresh.len;) {
		const char *mark = (const char *)fresh.data + at;
		struct bytes others =
		    join_mark(marks->trial, mark, marks->trial->it->signer->name);

		for (size_t i = 0; i < others.len;) {
			const char *other = (const char *)others.data + i;

			compare_pair(marks->trial, ours, other);
			i += strnlen(other, others.len - i) + 1;
		}
		at += strnlen(mark, fresh.len - at) + 1;
	}
}

static void
run_shared(struct trial *trial)
{
	const struct check_history *history = trial->history;
	struct marks marks = {.trial = trial};
	struct buf key;

	buf_init(&key, 1 << 12);
	buf_init(&marks.known, 1 << 16);
	buf_init(&marks.fresh, 1 << 16);
	buf_append_bytes(&marks.known, recall(trial, 'o', trial->it->signer->name, &key));
	add_marks(&marks);
	if (marks.fresh.len > 0) {
		buf_append_bytes(&marks.known, buf_bytes(&marks.fresh));
		history->set_state(history->owner, trial->check->id, buf_bytes(&key), 0,
		    buf_bytes(&marks.known));
		take_fresh(&marks, buf_bytes(&marks.known));
	}
	buf_free(&marks.fresh);
	buf_free(&marks.known);
	buf_free(&key);
}

static bool
is_signed_leaf(const struct judged *it)
{
	return it->signer != NULL && is_signed_subscriber(it);
}

#define SOURCE "Mozilla 2016: WoSign, Issue R; MRSP 8.1"

/* Of all marks of a kind that two operators have. */
#define SHARED(name_, kind_)                                                             \
	RULE(name_, LEVEL_NOTICE, SOURCE, is_signed_leaf, run_shared,                    \
	    LIMITS({"more than one in", 5}), .flags = RULE_NOT_COUNTED, .arg = kind_)

static const struct subrule INFRASTRUCTURE_SHARED[] = {
    SHARED("domains", MARK_HOST),
    SHARED("qualifiers", MARK_QUALIFIER),
    SHARED("profiles", MARK_PROFILE),
    RULE("addresses", LEVEL_NOTICE, SOURCE, NULL, NULL, .flags = RULE_NOT_COUNTED,
	.needs = "resolver"),
};

static const struct check CHECKS[] = {
    {
	.id = "infrastructure-shared",
	.version = 1,
	.scope = SCOPE_ISSUER,
	.says = "Two operators' certificates show the same domains, policy qualifiers or "
		"profiles.",
	.history = HISTORY_STATE,
	.data = DATA(PSL),
	.subrules = INFRASTRUCTURE_SHARED,
	.subrule_count = ARRAY_LEN(INFRASTRUCTURE_SHARED),
    },
};

const struct check_family CHECK_HIERARCHY_SHARED = {
    "hierarchy", CHECKS, ARRAY_LEN(CHECKS)};
