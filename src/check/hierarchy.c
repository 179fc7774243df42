/* B8: CA certificates that are new, certified twice, or share a key. */
#include "hierarchy.h"

#define CAS_MAX 16

bool
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
describe_first_leaf(struct trial *trial, struct finding *finding)
{
	const struct judged_first *first = trial->it->first_leaf;
	struct sha256 hash;
	struct cert cert;

	if (first == NULL || !cert_parse(first->der, &cert))
		return;
	sha256_of(first->der, &hash);
	evidence_object(trial, finding, "first_leaf");
	evidence_hex(trial, finding, "sha256", sha256_bytes(&hash));
	evidence_hex(trial, finding, "log", bytes_of(first->sighting.log_id, 32));
	evidence_int(trial, finding, "index", (int64_t)first->sighting.index);
	evidence_time(trial, finding, "timestamp", first->sighting.timestamp_ms);
	evidence_time(trial, finding, "not_before", cert.not_before * 1000);
	evidence_end(trial, finding);
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
	if (operator_sanctioned(signer) && !announced)
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
	evidence_chains(trial, finding);
	describe_first_leaf(trial, finding);
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

/* --- cross-sign -------------------------------------------------------------------- */

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
	if (operator_sanctioned(owner) && owner != it->signer)
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
	if (finding == NULL)
		return;
	evidence_end(trial, finding);
	evidence_new_paths(trial, finding);
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

/* --- ca-key-reuse --------------------------------------------------------------------
 */

static void
describe_reuse(struct trial *trial, struct finding *finding, const struct history_ca *ca,
    const struct cert *cert)
{
	struct buf subject;

	buf_init(&subject, 1 << 16);
	name_append_text(&subject, cert->subject);
	evidence_object(trial, finding, NULL);
	evidence_hex(trial, finding, "sha256", bytes_of(ca->sha256, 32));
	evidence_text(trial, finding, "subject", buf_text(&subject));
	evidence_bool(trial, finding, "root", cert_is_self_issued(cert));
	evidence_time(trial, finding, "not_before", cert->not_before * 1000);
	evidence_end(trial, finding);
	buf_free(&subject);
}

/* The same purposes, in whatever order. */
static bool
same_purposes(const struct cert *a, const struct cert *b)
{
	const struct extension *one = cert_extension(a, OID_EXTENDED_KEY_USAGE),
			       *other = cert_extension(b, OID_EXTENDED_KEY_USAGE);
	struct oid_element element;
	struct oid_iter oids;
	size_t left = 0;

	if (one == NULL || other == NULL)
		return one == other;
	extension_oids_begin(one, &oids);
	while (oid_iter_next(&oids, &element)) {
		struct oid_element each;
		struct oid_iter others;
		bool found = false;

		extension_oids_begin(other, &others);
		while (!found && oid_iter_next(&others, &each))
			found = bytes_equal(each.oid, element.oid);
		if (!found)
			return false;
		left++;
	}
	extension_oids_begin(other, &oids);
	while (oid_iter_next(&oids, &element))
		left--;
	return left == 0;
}

typedef bool reuse_fn(const struct cert *it, const struct cert *other);

static bool
has_other_name(const struct cert *it, const struct cert *other)
{
	return !name_equal(it->subject, other->subject);
}

/* A root says of none what it is for. */
static bool
has_other_purposes(const struct cert *it, const struct cert *other)
{
	return name_equal(it->subject, other->subject) && !cert_is_self_issued(other) &&
	    !same_purposes(it, other);
}

static void
find_reuse(
    struct trial *trial, enum check_level level, reuse_fn *reused, const char *what)
{
	struct history_ca others[CAS_MAX];
	struct finding *finding = NULL;
	struct sha256 key;
	size_t count;

	spki_hash(trial->it->cert->spki, &key);
	count = same_key(trial, key.octets, others, ARRAY_LEN(others));
	for (size_t i = 0; i < count; i++) {
		struct cert cert;

		if (!cert_parse(others[i].der, &cert) || !reused(trial->it->cert, &cert))
			continue;
		if (finding == NULL) {
			finding = trial_fail_at(
			    trial, level, trial->it->cert->spki, "%s", what);
			evidence_hex(trial, finding, "key", sha256_bytes(&key));
			evidence_list(trial, finding, "others");
		}
		describe_reuse(trial, finding, &others[i], &cert);
	}
	if (finding != NULL)
		evidence_end(trial, finding);
}

static void
run_key_names(struct trial *trial)
{
	find_reuse(trial, trial->rule->level, has_other_name,
	    "the key of a CA of another name too");
}

static bool
is_sub_ca_for_chrome(const struct judged *it)
{
	return judged_is_ca(it) && !it->self_signed &&
	    judged_trust(it, PROGRAM_CHROME) != TRUST_NO;
}

/* Chrome's rule: an error where Chrome is known to include its root. */
static void
run_key_purposes(struct trial *trial)
{
	bool included = judged_trust(trial->it, PROGRAM_CHROME) == TRUST_YES;

	find_reuse(trial, included ? LEVEL_ERROR : LEVEL_WARNING, has_other_purposes,
	    "the CA's key and name are certified for other purposes too");
}

static void
run_key_leaf(struct trial *trial)
{
	struct history_ca ca;
	struct finding *finding;
	struct sha256 key;
	struct cert cert;

	spki_hash(trial->it->cert->spki, &key);
	if (same_key(trial, key.octets, &ca, 1) == 0 || !cert_parse(ca.der, &cert))
		return;
	finding = trial_fail(
	    trial, trial->it->cert->spki, "a certificate that is no CA's has a CA's key");
	evidence_hex(trial, finding, "key", sha256_bytes(&key));
	evidence_list(trial, finding, "others");
	describe_reuse(trial, finding, &ca, &cert);
	evidence_end(trial, finding);
}

static bool
is_verified_leaf(const struct judged *it)
{
	return judged_is_subscriber(it) && it->signature == SIGNATURE_VERIFIED &&
	    is_of_some_watch(it);
}

static const struct subrule CA_KEY_REUSE[] = {
    RULE("names", LEVEL_WARNING, "BR 7.1.2.2; StartCom's roots, 2017", judged_is_ca,
	run_key_names),
    RULE("purposes", LEVEL_WARNING, "Chrome RP 1.8 1.3.2(1)", is_sub_ca_for_chrome,
	run_key_purposes, .from = DATE(2026, 6, 15), .flags = RULE_NB),
    RULE("leaf", LEVEL_WARNING, "BR 7.1.2.2; StartCom's roots, 2017", is_verified_leaf,
	run_key_leaf, .flags = RULE_PAIR),
};

/* --- what waits for lists and CRLs --- */

#define WAITING(name_, level_, source_)                                                  \
	static const struct subrule name_[] = {                                          \
	    {.name = "all", .source = source_, .level = level_}}

WAITING(CA_UNDISCLOSED, LEVEL_ERROR, "MRSP 5.3.2; CCADB 3");
WAITING(CA_REVOKED_LISTED, LEVEL_NOTICE, "MRSP 4.1; CCADB 3");
WAITING(ISSUED_UNDER_REVOKED_CA, LEVEL_ERROR, "BR 4.9.1.2; MRSP 5.3, 6");

#define WAITING_ROW(id_, scope_, needs_, says_, rules)                                   \
	{                                                                                \
		.id = id_, .version = 1, .scope = scope_, .says = says_,                 \
		.needs = needs_, .subrules = rules, .subrule_count = ARRAY_LEN(rules)    \
	}

static const struct check CHECKS[] = {
    {
	.id = "new-intermediate",
	.version = 2,
	.scope = SCOPE_CA,
	.says = "A CA certificate under a watched operator that was not known before.",
	.history = HISTORY_CA_BY_KEY,
	.subrules = NEW_INTERMEDIATE,
	.subrule_count = ARRAY_LEN(NEW_INTERMEDIATE),
    },
    {
	.id = "cross-sign",
	.version = 2,
	.scope = SCOPE_CA,
	.says = "One CA key certified by two different issuers.",
	.history = HISTORY_CA_BY_KEY | HISTORY_COUNTERS,
	.subrules = CROSS_SIGN,
	.subrule_count = ARRAY_LEN(CROSS_SIGN),
    },
    {
	.id = "ca-key-reuse",
	.version = 2,
	.scope = SCOPE_CA,
	.says = "One key in CA certificates of different names, or in a leaf.",
	.history = HISTORY_CA_BY_KEY,
	.subrules = CA_KEY_REUSE,
	.subrule_count = ARRAY_LEN(CA_KEY_REUSE),
    },
    WAITING_ROW("ca-undisclosed", SCOPE_LIST, "ccadb",
	"A CA certificate that CCADB does not list in time.", CA_UNDISCLOSED),
    WAITING_ROW("ca-revoked-listed", SCOPE_LIST, "crl, onecrl",
	"A CA certificate that a CRL or a list of revoked ones names.",
	CA_REVOKED_LISTED),
    WAITING_ROW("issued-under-revoked-ca", SCOPE_PAIR, "crl, onecrl",
	"Issued after all CA certificates of its issuer's key were revoked.",
	ISSUED_UNDER_REVOKED_CA),
};

const struct check_family CHECK_HIERARCHY = {"hierarchy", CHECKS, ARRAY_LEN(CHECKS)};
