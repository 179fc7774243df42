/* B8: name constraints of CA certificates, and names that break them. */
#include "hierarchy.h"

#include <ctype.h>

#include "subtrees.h"

static const struct extension *
constraints_at(const struct judged *it)
{
	return cert_extension(it->cert, OID_NAME_CONSTRAINTS);
}

static bool
has_constraints(const struct judged *it)
{
	return constraints_at(it) != NULL;
}

static bool
is_sub_with_constraints(const struct judged *it)
{
	return is_sub_profile(it) && has_constraints(it);
}

static bool
is_ca_with_constraints(const struct judged *it)
{
	return is_ca_profile(it) && has_constraints(it);
}

static bool
is_tls_ca_with_constraints(const struct judged *it)
{
	return is_tls_server_ca(it) && has_constraints(it);
}

/* Internal names and reserved addresses were to be gone by then: BR 7.1.4.2.1. */
static const struct rule_limit RESERVED_UNTIL[] = {
    {"notAfter up to", DATE(2015, 11, 1)}, {0}};

static bool
outlives_internal_names(const struct judged *it)
{
	return judged_in_tls_scope(it) && has_constraints(it) &&
	    it->cert->not_after > LIMIT_OF(RESERVED_UNTIL, 0);
}

/* All subtrees of a certificate, permitted ones first. */
struct walk {
	struct bytes lists[2]; /* empty where there is none */
	int at;                /* the list that iter walks, from 1; 0: none yet */
	struct subtree_iter iter;
};

static void
walk_begin(const struct judged *it, struct walk *walk)
{
	struct name_constraints constraints;

	extension_name_constraints(constraints_at(it), &constraints);
	*walk = (struct walk){.lists = {constraints.permitted, constraints.excluded}};
}

static bool
walk_next(struct walk *walk, struct subtree *out, bool *excluded)
{
	while (walk->at == 0 || walk->lists[walk->at - 1].len == 0 ||
	    !subtree_next(&walk->iter, out)) {
		if (walk->at == 2)
			return false;
		if (walk->lists[walk->at++].len > 0)
			subtrees_begin(walk->lists[walk->at - 1], &walk->iter);
	}
	*excluded = walk->at == 2;
	return true;
}

typedef void subtree_fn(struct trial *, const struct subtree *, bool excluded);

static void
each_subtree(struct trial *trial, subtree_fn *look)
{
	struct subtree subtree;
	struct walk walk;
	bool excluded;

	walk_begin(trial->it, &walk);
	while (walk_next(&walk, &subtree, &excluded))
		look(trial, &subtree, excluded);
}

/* --- the extension itself --- */

static void
run_in_leaf(struct trial *trial)
{
	if (!judged_is_ca(trial->it))
		trial_fail(trial, constraints_at(trial->it)->whole,
		    "name constraints in a certificate that is no CA's");
}

static void
run_empty(struct trial *trial)
{
	struct der element;

	if (!der_only(constraints_at(trial->it)->value, &element) ||
	    element.tag != DER_SEQUENCE)
		trial_not_applicable(trial);
	else if (element.value.len == 0)
		trial_fail(trial, element.whole, "name constraints without any subtree");
}

static bool
is_zero(struct bytes number)
{
	for (size_t i = 0; i < number.len; i++)
		if (number.data[i] != 0)
			return false;
	return true;
}

static void
look_minimum(struct trial *trial, const struct subtree *subtree, bool excluded)
{
	(void)excluded;
	if (subtree->minimum.data != NULL && !is_zero(subtree->minimum))
		trial_fail(trial, subtree->whole, "a subtree whose minimum is not 0");
}

static void
look_maximum(struct trial *trial, const struct subtree *subtree, bool excluded)
{
	(void)excluded;
	if (subtree->maximum.data != NULL)
		trial_fail(trial, subtree->whole, "a subtree with a maximum");
}

static void
run_minimum(struct trial *trial)
{
	each_subtree(trial, look_minimum);
}

static void
run_maximum(struct trial *trial)
{
	each_subtree(trial, look_maximum);
}

static bool
is_label(const uint8_t *at, size_t len)
{
	if (len == 0 || len > 63 || at[0] == '-' || at[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum(at[i]) && at[i] != '-' && at[i] != '_')
			return false;
	return true;
}

/* Two labels or more, behind at most one dot. */
static bool
is_qualified(struct bytes host)
{
	size_t labels = 0, start = host.len > 0 && host.data[0] == '.';

	for (size_t i = start; i <= host.len; i++) {
		if (i < host.len && host.data[i] != '.')
			continue;
		if (!is_label(host.data + start, i - start))
			return false;
		labels++;
		start = i + 1;
	}
	return labels > 1;
}

static void
look_uri(struct trial *trial, const struct subtree *subtree, bool excluded)
{
	(void)excluded;
	if (subtree->base.kind == GENERAL_URI && !is_qualified(subtree->base.value))
		trial_fail(trial, subtree->base.whole,
		    "URI constraint \"%s\" is no fully qualified domain name",
		    trial_show(trial, subtree->base.value, 100));
}

static void
run_uri(struct trial *trial)
{
	each_subtree(trial, look_uri);
}

static void
look_reserved(struct trial *trial, const struct subtree *subtree, bool excluded)
{
	const struct check_block *block;
	struct bytes network = subtree->base.value;

	if (excluded || subtree->base.kind != GENERAL_IP || network.len % 2 != 0)
		return;
	block =
	    check_block_meets(trial->it->params, bytes_of(network.data, network.len / 2),
		bytes_of(network.data + network.len / 2, network.len / 2));
	if (block != NULL)
		trial_fail(trial, subtree->base.whole,
		    "permits addresses that are reserved: %s", block->name);
}

static void
run_reserved(struct trial *trial)
{
	each_subtree(trial, look_reserved);
}

static void
look_discouraged(struct trial *trial, const struct subtree *subtree, bool excluded)
{
	enum general_name_kind kind = subtree->base.kind;

	(void)excluded;
	if (kind != GENERAL_DNS && kind != GENERAL_IP && kind != GENERAL_DIRECTORY)
		trial_fail(trial, subtree->base.whole,
		    "a subtree of names that certificates for TLS do not have");
}

static void
look_excluded_directory(struct trial *trial, const struct subtree *subtree, bool excluded)
{
	if (excluded && subtree->base.kind == GENERAL_DIRECTORY)
		trial_fail(trial, subtree->base.whole,
		    "a directory name is excluded, where BR want permitted ones");
}

static void
run_discouraged(struct trial *trial)
{
	each_subtree(trial, look_discouraged);
}

static void
run_excluded_directory(struct trial *trial)
{
	each_subtree(trial, look_excluded_directory);
}

/* BR 7.1.2.5.2: directory names permitted; DNS, IPv4 and IPv6 permitted or all of
 * them excluded. */
enum covered { COVERS_DIRECTORY = 1, COVERS_DNS = 2, COVERS_V4 = 4, COVERS_V6 = 8 };
#define COVERS_ALL 15u

static unsigned
covered_by(const struct subtree *subtree, bool excluded)
{
	struct bytes value = subtree->base.value;
	enum general_name_kind kind = subtree->base.kind;

	if (kind == GENERAL_DIRECTORY)
		return excluded ? 0 : COVERS_DIRECTORY;
	if (kind == GENERAL_DNS)
		return !excluded || value.len == 0 ? COVERS_DNS : 0;
	if (kind != GENERAL_IP || (excluded && !is_zero(value)))
		return 0;
	return value.len == 8 ? COVERS_V4 : COVERS_V6;
}

/* One that only excludes does not claim to be constrained. */
static void
run_incomplete(struct trial *trial)
{
	struct subtree subtree;
	struct walk walk;
	bool excluded, permits = false;
	unsigned covered = 0;

	walk_begin(trial->it, &walk);
	while (walk_next(&walk, &subtree, &excluded)) {
		covered |= covered_by(&subtree, excluded);
		permits |= !excluded;
	}
	if (permits && covered != COVERS_ALL)
		trial_fail(trial, constraints_at(trial->it)->value,
		    "a constrained CA that may issue for any%s%s%s",
		    (covered & COVERS_DIRECTORY) == 0 ? " organisation" : "",
		    (covered & COVERS_DNS) == 0 ? " domain" : "",
		    (covered & (COVERS_V4 | COVERS_V6)) != (COVERS_V4 | COVERS_V6)
			? " address"
			: "");
}

/* --- names that break them --- */

static void
fail_name(struct trial *trial, const struct general_name *name,
    enum subtree_verdict verdict, const struct cert *ca)
{
	struct finding *finding;
	struct sha256 hash;
	struct buf shown, subject;

	buf_init(&shown, 1 << 16);
	buf_init(&subject, 1 << 16);
	general_name_append_text(&shown, name);
	name_append_text(&subject, ca->subject);
	sha256_of(ca->der, &hash);
	finding = trial_fail(trial, name->whole, "%.150s is %s by %.200s",
	    buf_text(&shown), verdict == SUBTREE_EXCLUDED ? "excluded" : "not permitted",
	    buf_text(&subject));
	evidence_text(trial, finding, "name", buf_text(&shown));
	evidence_text(trial, finding, "ca", buf_text(&subject));
	evidence_hex(trial, finding, "ca_sha256", sha256_bytes(&hash));
	buf_free(&subject);
	buf_free(&shown);
}

static enum subtree_verdict
judge_under(const struct cert *cert, const struct cert *ca, struct general_name *offender)
{
	const struct extension *at = cert_extension(ca, OID_NAME_CONSTRAINTS);
	struct name_constraints constraints;

	if (at == NULL)
		return SUBTREE_PERMITTED;
	extension_name_constraints(at, &constraints);
	return subtrees_judge_all(&constraints, cert, offender);
}

/* A CA's self-issued certificate (a roll-over) is not held against constraints. */
static bool
has_issuer(const struct judged *it)
{
	return it->issuer != NULL && it->signature == SIGNATURE_VERIFIED &&
	    !(judged_is_ca(it) && cert_is_self_issued(it->cert));
}

static void
run_issuer(struct trial *trial)
{
	struct general_name offender;
	enum subtree_verdict verdict =
	    judge_under(trial->it->cert, trial->it->issuer, &offender);

	if (verdict != SUBTREE_PERMITTED)
		fail_name(trial, &offender, verdict, trial->it->issuer);
}

/* Above the issuer there may be several paths: what every one of them forbids is
 * forbidden. The walk is bounded; where it is cut short it finds nothing. */
#define PATH_DEPTH 5
#define PATH_CAS   8
#define PATH_STEPS 64

struct path_walk {
	struct trial *trial;
	unsigned steps;
	struct cert ca; /* the first that forbids */
	struct general_name offender;
	enum subtree_verdict verdict;
};

static bool
path_permits(struct path_walk *walk, const uint8_t *key, unsigned depth)
{
	const struct check_history *history = walk->trial->history;
	static const uint8_t NONE[32];
	struct history_ca cas[PATH_CAS];
	size_t count;

	if (depth == PATH_DEPTH || walk->steps++ == PATH_STEPS)
		return true;
	count = history->ca_by_key(history->owner, key, NONE, cas, ARRAY_LEN(cas));
	for (size_t i = 0; i < count; i++) {
		const uint8_t *above = cas[i].issuer_key_hash;
		struct general_name offender;
		enum subtree_verdict verdict;
		struct cert ca;

		if (!cert_parse(cas[i].der, &ca))
			return true;
		verdict = judge_under(walk->trial->it->cert, &ca, &offender);
		if (verdict == SUBTREE_PERMITTED &&
		    (above == NULL || memcmp(above, key, 32) == 0 ||
			path_permits(walk, above, depth + 1)))
			return true;
		if (verdict != SUBTREE_PERMITTED && walk->verdict == SUBTREE_PERMITTED) {
			walk->ca = ca;
			walk->offender = offender;
			walk->verdict = verdict;
		}
	}
	return count == 0;
}

static void
run_path(struct trial *trial)
{
	struct path_walk walk = {.trial = trial, .verdict = SUBTREE_PERMITTED};
	struct general_name offender;

	if (judge_under(trial->it->cert, trial->it->issuer, &offender) ==
		SUBTREE_PERMITTED &&
	    !path_permits(&walk, trial->it->issuer_key_hash, 0) &&
	    walk.verdict != SUBTREE_PERMITTED)
		fail_name(trial, &walk.offender, walk.verdict, &walk.ca);
}

static bool
has_path(const struct judged *it)
{
	return has_issuer(it) && it->issuer_key_hash != NULL && is_of_some_watch(it);
}

#define SC62    .from = DATE(2023, 9, 15)
#define RFC2459 .from = DATE(1999, 1, 1)

static const struct subrule CA_NAME_CONSTRAINTS[] = {
    RULE("not-critical", LEVEL_WARNING, "RFC 5280 4.2.1.10; BR 7.1.2.10.8 lets it be",
	has_constraints, rule_ext_not_critical, .arg = OID_NAME_CONSTRAINTS, RFC2459,
	.flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:e_ext_name_constraints_not_critical"),
    RULE("sub-not-critical", LEVEL_NOTICE, "BR 7.1.2.2 SHOULD", is_sub_with_constraints,
	rule_ext_not_critical, .arg = OID_NAME_CONSTRAINTS, .from = DATE(2012, 6, 8),
	.flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_sub_ca_name_constraints_not_critical"),
    RULE("in-leaf", LEVEL_ERROR, "RFC 5280 4.2.1.10", has_constraints, run_in_leaf,
	RFC2459, .equivalents = "zlint:e_ext_name_constraints_not_in_ca"),
    RULE("empty", LEVEL_ERROR, "RFC 5280 4.2.1.10", has_constraints, run_empty,
	.from = DATE(2008, 5, 1), .equivalents = "zlint:e_name_constraint_empty"),
    RULE("minimum", LEVEL_ERROR, "RFC 5280 4.2.1.10", has_constraints, run_minimum,
	RFC2459, .equivalents = "zlint:e_name_constraint_minimum_non_zero"),
    RULE("maximum", LEVEL_ERROR, "RFC 5280 4.2.1.10", has_constraints, run_maximum,
	RFC2459, .equivalents = "zlint:e_name_constraint_maximum_not_absent"),
    RULE("uri-not-fqdn", LEVEL_ERROR, "RFC 5280 4.2.1.10", has_constraints, run_uri,
	.from = DATE(2008, 5, 1), .equivalents = "zlint:e_name_constraint_not_fqdn"),
    RULE("reserved-ip", LEVEL_ERROR, "BR 7.1.5, 7.1.4.2.1", outlives_internal_names,
	run_reserved, .limits = RESERVED_UNTIL, .from = DATE(2012, 7, 1),
	.equivalents = "zlint:e_ext_nc_intersects_reserved_ip"),
    RULE("name-type", LEVEL_NOTICE, "BR 7.1.2.10.8 NOT RECOMMENDED",
	is_ca_with_constraints, run_discouraged, SC62, .flags = RULE_NOT_COUNTED,
	.equivalents = "pkilint:cabf.serverauth.name_constraints_discouraged_name_type"),
    RULE("directory-excluded", LEVEL_NOTICE, "BR 7.1.2.10.8 NOT RECOMMENDED",
	is_ca_with_constraints, run_excluded_directory, SC62, .flags = RULE_NOT_COUNTED,
	.equivalents =
	    "pkilint:cabf.serverauth.name_constraints_dirname_in_excluded_subtrees"),
    RULE("incomplete", LEVEL_NOTICE, "BR 7.1.2.5.2", is_tls_ca_with_constraints,
	run_incomplete, SC62, .flags = RULE_NOT_COUNTED,
	.equivalents = "pkilint:cabf.serverauth.ca.incomplete_name_constraints"),
    RULE(
	"issuer", LEVEL_ERROR, "RFC 5280 4.2.1.10; BR 7.1.2.5.2", has_issuer, run_issuer),
    RULE("path", LEVEL_ERROR, "RFC 5280 4.2.1.10; BR 7.1.2.5.2", has_path, run_path,
	.flags = RULE_PAIR),
};

static const struct check CHECKS[] = {
    {
	.id = "ca-name-constraints",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.of_cas = true,
	.says = "Name constraints that are not in order, or names that break them.",
	.history = HISTORY_CA_BY_KEY,
	.data = DATA(BLOCKS),
	.subrules = CA_NAME_CONSTRAINTS,
	.subrule_count = ARRAY_LEN(CA_NAME_CONSTRAINTS),
    },
};

const struct check_family CHECK_HIERARCHY_CONSTRAINTS = {
    "hierarchy", CHECKS, ARRAY_LEN(CHECKS)};
