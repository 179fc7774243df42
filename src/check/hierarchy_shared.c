/* B8: operators whose certificates point to the same places. */

#include "hierarchy.h"

/*
 * What shows an operator's infrastructure is a set of marks: registrable domains of
 * OCSP, CA and CRL addresses and of CPS URIs, policies of its own, and the texts of
 * user notices. The check
 * remembers the marks of each operator and, for each mark, who has it. A pair is
 * looked at when a mark is new to an operator: seldom, once the sets stand.
 */
#define MARKS_MAX 64 /* of one operator */
#define MARK_LEN  200
#define OPERATORS 16 /* with one mark */

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

static size_t
marks_shared(struct bytes a, struct bytes b)
{
	size_t shared = 0;

	for (size_t at = 0; at < a.len;) {
		const char *each = (const char *)a.data + at;

		shared += mark_in(b, each);
		at += strnlen(each, a.len - at) + 1;
	}
	return shared;
}

/* --- the marks of a certificate --------------------------------------------------------
 */

static void
add_mark(struct marks *marks, const char *kind, struct bytes text)
{
	char mark[MARK_LEN];
	size_t len = strlen(kind);

	if (text.len == 0 || len + text.len >= sizeof(mark) ||
	    memchr(text.data, 0, text.len) != NULL)
		return;
	memcpy(mark, kind, len);
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		mark[len + i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	len += text.len;
	mark[len] = 0;
	if (!mark_in(buf_bytes(&marks->known), mark) &&
	    !mark_in(buf_bytes(&marks->fresh), mark) &&
	    mark_count(buf_bytes(&marks->known)) + mark_count(buf_bytes(&marks->fresh)) <
		MARKS_MAX)
		buf_append(&marks->fresh, mark, len + 1);
}

static void
add_url(void *owner, struct bytes url)
{
	struct marks *marks = owner;
	struct bytes host = url_host(url);

	if (!dns_is_address(host))
		add_mark(marks, "host ", dns_registrable(marks->trial->it->params, host));
}

static void
add_policies(struct marks *marks)
{
	struct policy_iter policies, qualifiers;
	struct policy_qualifier qualifier;
	struct policy policy;
	struct buf dotted;

	buf_init(&dotted, 1 << 16);
	extension_policies_begin(marks->trial->it->facts->policies_at, &policies);
	while (policy_next(&policies, &policy)) {
		buf_clear(&dotted);
		oid_append_dotted(&dotted, policy.oid);
		if (policy.id == OID_UNKNOWN)
			add_mark(marks, "policy ", buf_bytes(&dotted));
		policy_qualifiers_begin(&policy, &qualifiers);
		while (policy_qualifier_next(&qualifiers, &qualifier)) {
			if (qualifier.id == OID_QUALIFIER_CPS)
				add_url(marks, qualifier.value.value);
			add_mark(marks, "notice ", qualifier.explicit_text.value);
		}
	}
	buf_free(&dotted);
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

static void
fail_pair(struct trial *trial, struct bytes ours, const char *other, size_t shared,
    size_t whole)
{
	const struct check_operator *signer = trial->it->signer;
	struct finding *finding = trial_fail(trial, bytes_of(NULL, 0),
	    "%s and %s use the same infrastructure: %zu of %zu marks", signer->name,
	    other, shared, whole);

	evidence_text(trial, finding, "operator", signer->name);
	evidence_text(trial, finding, "other", other);
	evidence_int(trial, finding, "shared", (int64_t)shared);
	evidence_int(trial, finding, "together", (int64_t)whole);
	evidence_list(trial, finding, "marks");
	for (size_t at = 0; at < ours.len;) {
		const char *each = (const char *)ours.data + at;

		evidence_text(trial, finding, NULL, each);
		at += strnlen(each, ours.len - at) + 1;
	}
	evidence_end(trial, finding);
}

static void
compare_pair(struct trial *trial, struct bytes ours, const char *other)
{
	const struct check_operator *known =
	    check_operator_find(trial->it->params, other);
	struct bytes theirs;
	size_t shared, whole;
	struct buf key;

	if (known == NULL || operator_partner(trial->it->signer, known) ||
	    operator_partner(known, trial->it->signer))
		return;
	buf_init(&key, 1 << 12);
	theirs = recall(trial, 'o', other, &key);
	shared = marks_shared(ours, theirs);
	whole = mark_count(ours) + mark_count(theirs) - shared;
	if (shared * (size_t)rule_limit(trial, 0) > whole)
		fail_pair(trial, ours, other, shared, whole);
	buf_free(&key);
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
	issuer_urls_each(trial->it->cert, add_url, &marks);
	add_policies(&marks);
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
	return it->signer != NULL && it->signature == SIGNATURE_VERIFIED &&
	    it->class == CLASS_SUBSCRIBER;
}

static const struct subrule INFRASTRUCTURE_SHARED[] = {
    RULE("marks", LEVEL_NOTICE, "Mozilla 2016: WoSign, Issue R; MRSP 8.1", is_signed_leaf,
	run_shared, LIMITS({"more than one in", 5}), .flags = RULE_NOT_COUNTED),
};

static const struct check CHECKS[] = {
    {
	.id = "infrastructure-shared",
	.version = 1,
	.scope = SCOPE_ISSUER,
	.says = "Two operators' certificates point to the same hosts and policies.",
	.history = HISTORY_STATE,
	.data = DATA(PSL),
	.subrules = INFRASTRUCTURE_SHARED,
	.subrule_count = ARRAY_LEN(INFRASTRUCTURE_SHARED),
    },
};

const struct check_family CHECK_HIERARCHY_SHARED = {
    "hierarchy", CHECKS, ARRAY_LEN(CHECKS)};
