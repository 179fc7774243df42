/* B8: certificates that should not be there as their operator stands, or that show
 * another operator's marks. */
#include "hierarchy.h"

#include <strings.h>

/* --- idle-ca-issued
 * --------------------------------------------------------------------- */

/* OCSP signers are renewed while a CA winds down. */
static bool
is_issued_leaf(const struct judged *it)
{
	return it->signer != NULL && is_signed_subscriber(it) &&
	    (it->facts->ekus & EKU_OCSP) == 0;
}

static bool
is_of_idle_ca(const struct judged *it)
{
	return is_issued_leaf(it) && it->signer->state == OPERATOR_IDLE &&
	    it->signer->idle_since != 0;
}

/* What is known of when it was signed: not before both. */
static int64_t
signed_after_s(const struct judged *it)
{
	int64_t from = it->cert->not_before;

	if (it->lo_ms != CLOCK_UNKNOWN && seconds_of(it->lo_ms) > from)
		from = seconds_of(it->lo_ms);
	return from;
}

static void
run_declared_idle(struct trial *trial)
{
	const struct check_operator *signer = trial->it->signer;
	int64_t limit = signer->idle_since + rule_limit(trial, 0), when;
	struct finding *finding;

	when = signed_after_s(trial->it);
	if (when <= limit && trial->it->hi_ms != CLOCK_UNKNOWN)
		when = seconds_of(trial->it->hi_ms);
	if (when <= limit)
		return;
	finding = trial_fail(trial, trial->it->cert->validity,
	    "issued by %s, which said that it had stopped", signer->name);
	evidence_time(trial, finding, "idle_since", signer->idle_since * 1000);
	evidence_time(trial, finding, "issued", when * 1000);
}

/* Remembers of each issuer's key when it issued last, by notBefore or SCT. */
static void
run_resumed(struct trial *trial)
{
	const struct check_history *history = trial->history;
	struct bytes key = bytes_of(trial->it->issuer_key_hash, 32), old;
	int64_t when = signed_after_s(trial->it), last;
	struct finding *finding;
	uint8_t value[8];

	old = history->state(history->owner, trial->check->id, key, 0);
	last = old.len == sizeof(value) ? (int64_t)be64(old.data) : when;
	if (when - last >= rule_limit(trial, 0)) {
		finding = trial_fail(trial, trial->it->cert->validity,
		    "its issuer's first certificate in %lld days",
		    (long long)((when - last) / DAY_S));
		evidence_time(trial, finding, "last", last * 1000);
		evidence_time(trial, finding, "issued", when * 1000);
	}
	if (old.len == sizeof(value) && when <= last)
		return;
	put_be64(value, (uint64_t)when);
	history->set_state(
	    history->owner, trial->check->id, key, 0, bytes_of(value, sizeof(value)));
}

static bool
is_issued_leaf_with_key(const struct judged *it)
{
	return is_issued_leaf(it) && it->issuer_key_hash != NULL;
}

static const struct subrule IDLE_CA_ISSUED[] = {
    RULE("declared", LEVEL_WARNING, "the operator's word", is_of_idle_ca,
	run_declared_idle, LIMITS({"seconds", DAY_S}), .flags = RULE_NOT_COUNTED),
    RULE("resumed", LEVEL_WARNING, "an issuer silent for 90 days",
	is_issued_leaf_with_key, run_resumed, LIMITS({"seconds", 90 * DAY_S}),
	.flags = RULE_NOT_COUNTED),
};

/* --- unexpected-operator
 * ----------------------------------------------------------------- */

static bool
has_signer(const struct judged *it)
{
	return it->signer != NULL;
}

static bool
fits_organisation(const struct check_operator *operator, const void * text)
{
	for (size_t i = 0; i < operator->organisation_count; i++)
		if (strcasecmp(operator->organisations[i], text) == 0)
			return true;
	return false;
}

static void
fail_stranger(struct trial *trial, const struct check_operator *other, struct bytes field,
    const char *what, struct bytes shown)
{
	struct finding *finding;

	if (other == NULL)
		return;
	finding = trial_fail(trial, field, "signed by %s, but its %s is of %s: %s",
	    trial->it->signer->name, what, other->name, trial_show(trial, shown, 100));
	evidence_text(trial, finding, "signer", trial->it->signer->name);
	evidence_text(trial, finding, "other", other->name);
	evidence_text(trial, finding, "by", what);
	evidence_bytes(trial, finding, "value", shown);
}

static void
check_url(struct trial *trial, const struct general_name *location, const char *what)
{
	if (location->kind == GENERAL_URI)
		fail_stranger(trial,
		    operator_stranger(trial->it, operator_has_host, &location->value),
		    location->whole, what, location->value);
}

static void
check_pointers(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;
	struct distribution_point_iter points;
	struct distribution_point point;
	struct access_description access;
	struct general_name_iter names;
	struct access_iter accesses;
	struct general_name name;

	extension_access_begin(
	    cert_extension(cert, OID_AUTHORITY_INFO_ACCESS), &accesses);
	while (access_next(&accesses, &access))
		check_url(trial, &access.location, "AIA host");
	extension_distribution_points_begin(
	    cert_extension(cert, OID_CRL_DISTRIBUTION_POINTS), &points);
	while (distribution_point_next(&points, &point)) {
		general_names_begin(point.full_name, &names);
		while (point.full_name.len > 0 && general_name_next(&names, &name))
			check_url(trial, &name, "CRL host");
	}
}

static void
run_infrastructure(struct trial *trial)
{
	struct policy_iter policies;
	struct policy policy;
	struct buf dotted;

	check_pointers(trial);
	buf_init(&dotted, 1 << 16);
	extension_policies_begin(trial->it->facts->policies_at, &policies);
	while (policy_next(&policies, &policy)) {
		buf_clear(&dotted);
		oid_append_dotted(&dotted, policy.oid);
		fail_stranger(trial,
		    operator_stranger(trial->it, operator_has_policy, buf_text(&dotted)),
		    policy.whole, "policy", buf_bytes(&dotted));
	}
	buf_free(&dotted);
}

static void
run_issuer_name(struct trial *trial)
{
	struct name_attribute attribute;
	struct name_iter names;
	struct buf text;

	buf_init(&text, 1 << 16);
	name_begin(trial->it->cert->issuer, &names);
	while (name_next(&names, &attribute)) {
		if (attribute.id != OID_ORGANIZATION)
			continue;
		buf_clear(&text);
		string_append_utf8(&text, attribute.tag, attribute.value);
		fail_stranger(trial,
		    operator_stranger(trial->it, fits_organisation, buf_text(&text)),
		    attribute.value_at, "issuer name", buf_bytes(&text));
	}
	buf_free(&text);
}

/* The same key and names, by another operator, within a day. */
static void
run_twin(struct trial *trial)
{
	const struct judged *it = trial->it;
	const struct check_operator *signers[8];
	int64_t window_ms = it->params->twin_operator_s * 1000;
	struct history_member members[8];
	struct finding *finding;
	struct sha256 key;
	size_t count;

	if (it->hi_ms == CLOCK_UNKNOWN || it->signature != SIGNATURE_VERIFIED)
		return;
	spki_hash(it->cert->spki, &key);
	count = trial->history->by_key(trial->history->owner, key.octets,
	    it->hi_ms - window_ms, it->hi_ms + window_ms, it->key, members, signers,
	    ARRAY_LEN(members));
	for (size_t i = 0; i < count; i++) {
		const struct extension *san;
		struct cert cert;

		if (signers[i] == NULL || operator_partner(it->signer, signers[i]) ||
		    !cert_parse(members[i].der, &cert))
			continue;
		san = cert_extension(&cert, OID_SUBJECT_ALT_NAME);
		if (san == NULL || it->facts->san_at == NULL ||
		    !bytes_equal(san->value, it->facts->san_at->value))
			continue;
		finding = trial_fail(trial, it->cert->spki,
		    "same key and names certified by %s within %lld hours",
		    signers[i]->name, (long long)(window_ms / 1000 / HOUR_S));
		evidence_text(trial, finding, "signer", it->signer->name);
		evidence_text(trial, finding, "other", signers[i]->name);
		evidence_hex(
		    trial, finding, "other_sha256", bytes_of(members[i].sha256, 32));
	}
}

static const struct subrule UNEXPECTED_OPERATOR[] = {
    {
	.name = "twin",
	.source = "Mozilla 2016: WoSign, Incident 2",
	.level = LEVEL_WARNING,
	.applies = has_signer,
	.run = run_twin,
    },
    {
	.name = "infrastructure",
	.source = "Mozilla 2016: WoSign, Incident 2; MRSP 8.1",
	.level = LEVEL_WARNING,
	.applies = has_signer,
	.run = run_infrastructure,
    },
    {
	.name = "issuer-name",
	.source = "Mozilla 2016: WoSign, Issue R; MRSP 8.1",
	.level = LEVEL_WARNING,
	.applies = has_signer,
	.run = run_issuer_name,
    },
};

static const struct check CHECKS[] = {
    {
	.id = "idle-ca-issued",
	.version = 1,
	.scope = SCOPE_ISSUER,
	.says = "A CA that had stopped issues again.",
	.history = HISTORY_STATE,
	.subrules = IDLE_CA_ISSUED,
	.subrule_count = ARRAY_LEN(IDLE_CA_ISSUED),
    },
    {
	.id = "unexpected-operator",
	.version = 1,
	.scope = SCOPE_ISSUER,
	.says = "Signed by one operator with the marks of another.",
	.history = HISTORY_BY_KEY,
	.subrules = UNEXPECTED_OPERATOR,
	.subrule_count = ARRAY_LEN(UNEXPECTED_OPERATOR),
    },
};

const struct check_family CHECK_HIERARCHY_OPERATOR = {
    "hierarchy", CHECKS, ARRAY_LEN(CHECKS)};
