/* B8: CA certificates, hierarchy, operators, and whom a certificate concerns. */
#include "check_priv.h"

#include <stdio.h>

#define CAS_MAX 16

static bool
is_sanctioned(const struct check_operator *operator)
{
	return operator!=
	    NULL &&(operator->state == OPERATOR_PROBATION || operator->state ==
		    OPERATOR_DISTRUSTED);
}

static const char *
operator_name(const struct check_operator *operator)
{
	return operator!= NULL ? operator->name : "an operator not watched";
}

static bool
key_is_listed(const uint8_t (*keys)[32], size_t count, const uint8_t key[32])
{
	for (size_t i = 0; i < count; i++)
		if (memcmp(keys[i], key, 32) == 0)
			return true;
	return false;
}

/* --- new-intermediate -------------------------------------------------------------- */

static bool
is_new_ca_of_operator(const struct judged *it)
{
	return judged_is_ca(it) && !it->self_signed && it->signer != NULL;
}

static size_t
same_key(struct trial *trial, const uint8_t key[32], struct history_ca *out, size_t room)
{
	struct sha256 self;

	sha256_of(trial->it->der, &self);
	return trial->history->ca_by_key(
	    trial->history->owner, key, self.octets, out, room);
}

static void
run_new_intermediate(struct trial *trial)
{
	const struct check_operator *signer = trial->it->signer;
	struct history_ca others[CAS_MAX];
	enum check_level level = LEVEL_NOTICE;
	struct finding *finding;
	struct sha256 self;
	struct sha256 key;
	bool announced;
	size_t count;
	struct buf subject;

	sha256_of(trial->it->der, &self);
	if (trial->history->ca_known(trial->history->owner, self.octets))
		return;
	spki_hash(trial->it->cert->spki, &key);
	announced = key_is_listed(signer->announced, signer->announced_count, key.octets);
	if (is_sanctioned(signer) && !announced)
		level = LEVEL_ERROR;
	count = same_key(trial, key.octets, others, ARRAY_LEN(others));
	buf_init(&subject, 1 << 16);
	name_append_text(&subject, trial->it->cert->subject);
	finding = trial_fail_at(trial, level, trial->it->cert->subject,
	    "new CA certificate under %s: %.200s", signer->name, buf_text(&subject));
	buf_free(&subject);
	evidence_text(trial, finding, "operator", signer->name);
	evidence_hex(trial, finding, "key", sha256_bytes(&key));
	evidence_bool(trial, finding, "new_key", count == 0);
	evidence_bool(trial, finding, "announced", announced);
	evidence_int(trial, finding, "not_before_age_days",
	    (seconds_of(trial->it->now_ms) - trial->it->cert->not_before) / DAY_S);
}

static const struct subrule NEW_INTERMEDIATE[] = {
    {
	.name = "seen",
	.source = "MRSP 5.3.2; CCADB 3; Chrome 1.6.1",
	.level = LEVEL_NOTICE,
	.flags = RULE_NOT_COUNTED,
	.applies = is_new_ca_of_operator,
	.run = run_new_intermediate,
    },
};

/* --- cross-sign ------------------------------------------------------------------------
 */

static bool
is_verified_ca(const struct judged *it)
{
	return judged_is_ca(it) && it->issuer_key_hash != NULL &&
	    it->signature == SIGNATURE_VERIFIED;
}

static void
describe_ca(struct trial *trial, struct finding *finding, const struct history_ca *ca)
{
	struct cert cert;

	evidence_object(trial, finding, NULL);
	evidence_hex(trial, finding, "sha256", bytes_of(ca->sha256, 32));
	if (ca->issuer_key_hash != NULL)
		evidence_hex(
		    trial, finding, "issuer_key", bytes_of(ca->issuer_key_hash, 32));
	evidence_text(trial, finding, "signer", operator_name(ca->signer));
	if (cert_parse(ca->der, &cert)) {
		evidence_time(trial, finding, "not_before", cert.not_before * 1000);
		evidence_int(trial, finding, "not_before_gap_s",
		    trial->it->cert->not_before - cert.not_before);
	}
	evidence_end(trial, finding);
}

/* The operator whose key is being certified, from whatever is known of it. */
static const struct check_operator *
owner_of(const struct history_ca *others, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (others[i].owner != NULL)
			return others[i].owner;
	return NULL;
}

static bool
is_cross(const struct judged *it, const struct history_ca *other)
{
	return other->issuer_key_hash != NULL &&
	    memcmp(other->issuer_key_hash, it->issuer_key_hash, 32) != 0;
}

/* Error where the subject's operator is under sanction, notice where one
 * operator signs its own key anew. */
static enum check_level
cross_level(const struct judged *it, const struct check_operator *owner)
{
	if (is_sanctioned(owner) && owner != it->signer)
		return LEVEL_ERROR;
	if (owner != NULL && owner == it->signer)
		return LEVEL_NOTICE;
	return LEVEL_WARNING;
}

static void
run_cross_sign(struct trial *trial)
{
	struct history_ca others[CAS_MAX];
	const struct judged *it = trial->it;
	const struct check_operator *owner;
	struct finding *finding = NULL;
	struct sha256 key;
	size_t count;

	spki_hash(it->cert->spki, &key);
	count = same_key(trial, key.octets, others, ARRAY_LEN(others));
	owner = owner_of(others, count);
	for (size_t i = 0; i < count; i++) {
		if (!is_cross(it, &others[i]))
			continue;
		if (finding == NULL) {
			finding = trial_fail_at(trial, cross_level(it, owner),
			    it->cert->subject, "the CA key of %s, also signed by %s",
			    operator_name(owner), operator_name(it->signer));
			evidence_hex(trial, finding, "key", sha256_bytes(&key));
			evidence_hex(trial, finding, "issuer_key",
			    bytes_of(it->issuer_key_hash, 32));
			evidence_text(trial, finding, "owner", operator_name(owner));
			evidence_text(
			    trial, finding, "signer", operator_name(it->signer));
			evidence_list(trial, finding, "others");
		}
		describe_ca(trial, finding, &others[i]);
	}
	if (finding != NULL)
		evidence_end(trial, finding);
}

static const struct subrule CROSS_SIGN[] = {
    {
	.name = "same-key",
	.source = "CCADB 3; BR 7.1.2.2",
	.level = LEVEL_WARNING,
	.applies = is_verified_ca,
	.run = run_cross_sign,
    },
};

/* --- unexpected-operator
 * ----------------------------------------------------------------- */

static bool
has_signer(const struct judged *it)
{
	return it->signer != NULL;
}

/* host equals domain or lies below it, case ignored. */
static bool
host_within(struct bytes host, const char *domain)
{
	size_t len = strlen(domain);

	if (host.len < len || (host.len > len && host.data[host.len - len - 1] != '.'))
		return false;
	return strncasecmp((const char *)host.data + host.len - len, domain, len) == 0;
}

static bool
uses_host(const struct check_operator *operator, struct bytes url)
{
	struct bytes host = url_host(url);

	for (size_t i = 0; host.len > 0 && i < operator->host_count; i++)
		if (host_within(host, operator->hosts[i]))
			return true;
	return false;
}

/* The dotted policy lies at or below one of the operator's arcs. */
static bool
uses_policy(const struct check_operator *operator, const char * dotted)
{
	for (size_t i = 0; i < operator->policy_count; i++) {
		size_t len = strlen(operator->policies[i]);

		if (strncmp(dotted, operator->policies[i], len) == 0 &&
		    (dotted[len] == 0 || dotted[len] == '.'))
			return true;
	}
	return false;
}

static bool
is_partner(const struct check_operator *of, const struct check_operator *other)
{
	if (of == other)
		return true;
	for (size_t i = 0; i < of->partner_count; i++)
		if (strcmp(of->partners[i], other->name) == 0)
			return true;
	return false;
}

/* The first operator other than the signer and his partners that fits. */
static const struct check_operator *
stranger(const struct judged *it,
    bool (*fits)(const struct check_operator *, const void *), const void *what)
{
	const struct check_operator *found = NULL;

	for (size_t i = 0; i < it->params->operator_count; i++) {
		const struct check_operator *each = &it->params->operators[i];

		if (!fits(each, what))
			continue;
		if (is_partner(it->signer, each))
			return NULL; /* shared: says nothing */
		if (found == NULL)
			found = each;
	}
	return found;
}

static bool
fits_url(const struct check_operator *operator, const void * url)
{
	return uses_host(operator, *(const struct bytes *) url);
}

static bool
fits_policy(const struct check_operator *operator, const void * dotted)
{
	return uses_policy(operator, dotted);
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
		fail_stranger(trial, stranger(trial->it, fits_url, &location->value),
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
		fail_stranger(trial, stranger(trial->it, fits_policy, buf_text(&dotted)),
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
		    stranger(trial->it, fits_organisation, buf_text(&text)),
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

		if (signers[i] == NULL || is_partner(it->signer, signers[i]) ||
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

/* --- watched-name, unexpected-issuer
 * ------------------------------------------------------ */

static bool
is_watched(const struct judged *it)
{
	return it->watch_count > 0;
}

/* Reports every watch that `asks` picks in one finding. */
static void
report_watches(struct trial *trial, bool (*asks)(const struct judged_watch *),
    const char *format_one)
{
	const struct judged *it = trial->it;
	struct finding *finding = NULL;
	struct buf issuer;

	buf_init(&issuer, 1 << 16);
	for (size_t i = 0; i < it->watch_count; i++) {
		const struct judged_watch *watch = &it->watches[i];

		if (!asks(watch))
			continue;
		if (finding == NULL) {
			name_append_text(&issuer, it->cert->issuer);
			finding =
			    trial_fail(trial, bytes_of(NULL, 0), "%s %s%s by %.200s",
				format_one, watch->possible ? "possibly " : "",
				trial_show(trial, watch->domain, 253), buf_text(&issuer));
			evidence_list(trial, finding, "watches");
		}
		evidence_object(trial, finding, NULL);
		evidence_bytes(trial, finding, "domain", watch->domain);
		evidence_bytes(trial, finding, "name", watch->matched);
		evidence_text(trial, finding, "how", watch->how);
		evidence_bool(trial, finding, "possible", watch->possible);
		evidence_hex(trial, finding, "watch", bytes_of(watch->watch_id, 16));
		evidence_end(trial, finding);
	}
	if (finding != NULL)
		evidence_end(trial, finding);
	buf_free(&issuer);
}

static bool
wants_all(const struct judged_watch *watch)
{
	return !watch->has_allowed;
}

static bool
wants_others(const struct judged_watch *watch)
{
	return watch->has_allowed && !watch->allowed;
}

static void
run_watched_name(struct trial *trial)
{
	report_watches(trial, wants_all, "a certificate for");
}

static void
run_unexpected_issuer(struct trial *trial)
{
	report_watches(trial, wants_others, "an unexpected issuer for");
}

static const struct subrule WATCHED_NAME[] = {
    {
	.name = "new",
	.source = "the owner's watch",
	.level = LEVEL_NOTICE,
	.flags = RULE_NOT_COUNTED,
	.run = run_watched_name,
    },
};

static const struct subrule UNEXPECTED_ISSUER[] = {
    {
	.name = "issuer",
	.source = "the owner's list of issuers",
	.level = LEVEL_WARNING,
	.flags = RULE_NOT_COUNTED,
	.run = run_unexpected_issuer,
    },
};

static const struct check CHECKS[] = {
    {
	.id = "new-intermediate",
	.version = 1,
	.scope = SCOPE_CA,
	.says = "A CA certificate under a watched operator that was not known before.",
	.history = HISTORY_CA_BY_KEY,
	.subrules = NEW_INTERMEDIATE,
	.subrule_count = ARRAY_LEN(NEW_INTERMEDIATE),
    },
    {
	.id = "cross-sign",
	.version = 1,
	.scope = SCOPE_CA,
	.says = "One CA key certified by two different issuers.",
	.history = HISTORY_CA_BY_KEY,
	.subrules = CROSS_SIGN,
	.subrule_count = ARRAY_LEN(CROSS_SIGN),
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
    {
	.id = "unexpected-issuer",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "A watched domain's certificate comes from an issuer its owner does not "
		"expect.",
	.applies = is_watched,
	.subrules = UNEXPECTED_ISSUER,
	.subrule_count = ARRAY_LEN(UNEXPECTED_ISSUER),
    },
    {
	.id = "watched-name",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "A new certificate for a watched domain.",
	.applies = is_watched,
	.subrules = WATCHED_NAME,
	.subrule_count = ARRAY_LEN(WATCHED_NAME),
    },
};

const struct check_family CHECK_HIERARCHY = {"hierarchy", CHECKS, ARRAY_LEN(CHECKS)};
