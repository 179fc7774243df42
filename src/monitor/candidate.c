#include "monitor/candidate.h"

#include <stdlib.h>

#include "check/run.h"
#include "ctlog/sct_verify.h"
#include "store/store.h"
#include "x509/dns.h"
#include "x509/name.h"
#include "x509/precert.h"
#include "x509/spki.h"
#include "x509/san.h"

#define NAMES_MAX    20000 /* of one certificate; more are searched, not stored */
#define SCTS_MAX     64
#define PROMISES_MAX 8 /* of one certificate that are looked for */
#define PROMISED_MAX ((size_t)1 << 20)

/* What was logged longer than this before its watch began is no news. */
#define HISTORY_MS (INT64_C(48) * 3600 * 1000)

enum judged_signature
candidate_signature(const struct cert *cert, const struct authority *signer)
{
	if (signer == NULL || signer->key == NULL || cert->signature.len == 0)
		return SIGNATURE_UNKNOWN;
	switch (key_verify_x509(
	    signer->key, cert->algorithm.whole, cert->tbs, cert->signature)) {
	case KEY_GOOD:
		return SIGNATURE_VERIFIED;
	case KEY_BAD:
		return SIGNATURE_BAD;
	case KEY_UNSUPPORTED:
		break;
	}
	return SIGNATURE_UNKNOWN;
}

/* --- names --- */

static int
compare_names(const void *a, const void *b)
{
	return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

static struct bytes
reversed_name(struct arena *arena, struct bytes name)
{
	size_t room = DNS_CANONICAL_ROOM(name.len), len;
	char *canonical = arena_alloc(arena, 2 * room + 1), *reversed = canonical + room;

	if (!dns_canonical(name, canonical, room, &len))
		return bytes_of(NULL, 0);
	dns_reverse(canonical, len, reversed);
	return bytes_of(reversed, len);
}

static size_t
each_once(struct bytes *names, size_t count)
{
	size_t kept = 1;

	if (count < 2)
		return count;
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 1; i < count; i++)
		if (!bytes_equal(names[i], names[kept - 1]))
			names[kept++] = names[i];
	return kept;
}

void
candidate_names(
    const struct cert *cert, struct arena *arena, struct bytes **names, size_t *count)
{
	struct dns_found found;
	struct dns_iter iter;
	size_t room = 0, used = 0;

	cert_dns_names(cert, &iter);
	while (dns_next(&iter, &found) && used < NAMES_MAX) {
		struct bytes *old = *names;

		if (found.name.len == 0)
			continue;
		if (used == room) {
			room = room == 0 ? 8 : room * 2;
			*names = arena_alloc(arena, room * sizeof(**names));
			if (old != NULL)
				memcpy(*names, old, used * sizeof(**names));
		}
		(*names)[used++] = reversed_name(arena, found.name);
	}
	*count = each_once(*names, used);
}

/* --- the form --- */

/* A precertificate is worth what it shares with the leaf: its bytes are in no
 * hash (wire-formats 1.8). worker->precert is filled when it can be used. */
static void
take_precertificate(struct worker *worker, const struct entry *entry,
    const struct chain *chain, struct candidate *it)
{
	bool parsed = entry->pre_certificate.len > 0 &&
	    cert_parse(entry->pre_certificate, &worker->precert);
	struct cert signer;
	bool by_signer = chain->signer != NULL && chain->signer->precert_signing;
	struct err err;

	it->precert = true;
	it->der = parsed ? entry->pre_certificate : entry->leaf.certificate;
	if (by_signer)
		authority_cert(chain->signer, &signer);
	it->leaf_differs = !parsed ||
	    !precert_matches_leaf(&worker->precert, by_signer ? &signer : NULL,
		entry->leaf.certificate, &err);
	memcpy(it->issuer_key.octets, entry->leaf.issuer_key_hash.data, SHA256_LEN);
	it->issuer_known = true;
}

static void
take_final(const struct cert *cert, const struct entry *entry, const struct chain *chain,
    struct candidate *it)
{
	it->der = entry->leaf.certificate;
	if (chain->issuer == NULL || !bytes_equal(cert->issuer, chain->issuer->subject))
		return;
	it->issuer_key = chain->issuer->spki;
	it->issuer_known = true;
}

/* --- what the checks are told --- */

static enum sct_result
sct_result_of(enum sct_verdict verdict)
{
	switch (verdict) {
	case SCT_GOOD:
		return JUDGED_SCT_VERIFIED;
	case SCT_UNKNOWN_LOG:
		return JUDGED_SCT_UNKNOWN_LOG;
	case SCT_BAD_SIGNATURE:
	case SCT_UNKNOWN_VERSION:
	case SCT_MALFORMED:
		break;
	}
	return JUDGED_SCT_BAD;
}

static void
take_sct(struct batch *batch, const struct leaf *entry, struct bytes raw,
    struct judged_sct *out)
{
	const struct ct_log *log = NULL;
	struct err err;
	struct sct sct;

	out->raw = raw;
	out->result = JUDGED_SCT_BAD;
	if (!sct_parse(raw, &sct, &err) || sct.version != 0)
		return;
	memcpy(out->log_id, sct.log_id.data, sizeof(out->log_id));
	out->timestamp_ms = clock_of(sct.timestamp_ms);
	out->result = entry->issuer_key_hash.len == 0
	    ? JUDGED_SCT_NOT_CHECKED
	    : sct_result_of(sct_verify(&sct, entry, batch->snapshot->logs->set, &log));
	if (log != NULL) {
		out->log_name = log->name;
		out->log_operator = ct_log_operator_at(log, out->timestamp_ms);
		out->log_mmd_ms = log->mmd_ms;
		if (log->state == LOG_STATE_RETIRED)
			out->log_retired_ms = log->state_since_ms;
	}
}

/* What verified SCTs promise is looked for later (owe.h). */
static void
take_promises(struct batch *batch, const struct leaf *entry, struct candidate *it,
    const struct judged *judged)
{
	struct err err;
	struct sct sct;

	if (entry->certificate.len > PROMISED_MAX)
		return;
	it->promises = arena_zero(&batch->arena, PROMISES_MAX, sizeof(*it->promises));
	for (size_t i = 0; i < judged->sct_count && it->promise_count < PROMISES_MAX;
	     i++) {
		struct sct_promise *promise = &it->promises[it->promise_count];

		if (judged->scts[i].result != JUDGED_SCT_VERIFIED ||
		    !sct_parse(judged->scts[i].raw, &sct, &err))
			continue;
		*promise = (struct sct_promise){
		    sct.log_id, sct.raw, sct.extensions, (int64_t)sct.timestamp_ms};
		it->promise_count++;
	}
	if (it->promise_count > 0)
		it->promised_tbs = arena_copy(&batch->arena, entry->certificate);
}

/* RFC 6962, 3.3: the SCTs embedded in a final certificate, each over the
 * precertificate's TBS. */
static void
take_scts(struct worker *worker, struct batch *batch, struct candidate *it,
    struct judged *judged)
{
	const struct extension *extension = cert_extension(it->cert, OID_SCT_LIST);
	struct judged_sct *scts;
	struct leaf entry = {.kind = LEAF_PRECERT};
	struct bytes items, raw;
	struct cursor at;
	uint32_t flaws = 0;
	size_t count = 0;
	struct err err;

	if (extension == NULL)
		return;
	judged->sct_list_present = true;
	buf_clear(&worker->tbs);
	if (!sct_list_parse(extension_sct_list(extension, &flaws), &items, &err) ||
	    !precert_strip_tbs(it->cert, STRIP_SCT_LIST, &worker->tbs, &err)) {
		judged->sct_list_broken = true;
		return;
	}
	entry.certificate = buf_bytes(&worker->tbs);
	if (it->issuer_known)
		entry.issuer_key_hash = sha256_bytes(&it->issuer_key);
	scts = arena_zero(&batch->arena, SCTS_MAX, sizeof(*scts));
	at = cursor_of(items);
	while (count < SCTS_MAX && sct_list_next(&at, &raw))
		take_sct(batch, &entry, raw, &scts[count++]);
	judged_set_scts(judged, scts, count);
	take_promises(batch, &entry, it, judged);
}

static void
take_watches(struct batch *batch, const struct candidate *it, struct judged *judged)
{
	const struct watch_set *set = batch->snapshot->watches;
	struct sha256 own;
	struct judged_watch *watches =
	    arena_zero(&batch->arena, it->matches->count, sizeof(*watches));

	spki_hash(it->cert->spki, &own);
	for (size_t i = 0; i < it->matches->count; i++) {
		const struct watch_match *match = &it->matches->rows[i];
		const uint8_t *issuer = it->issuer_known ? it->issuer_key.octets : NULL;
		struct watch_policy policy;
		struct judged_watch *out = &watches[judged->watch_count];
		struct watch_info info;

		watch_set_info(set, match->watch, &info);
		if (info.is_ca)
			continue;
		out->domain = info.name;
		out->matched = match->name;
		out->how = watch_how_name(match->how);
		out->possible = match->possible;
		out->lookalike = match->how == WATCH_LOOKALIKE;
		out->has_allowed = info.has_allowed;
		out->allowed =
		    watch_set_issuer_allowed(set, match->watch, issuer, it->issuer_dn);
		out->suppressed = watch_set_suppressed(
		    set, match->watch, issuer, it->issuer_dn, own.octets);
		watch_set_policy(set, match->watch, &policy);
		out->profiles = policy.profiles;
		out->quota = policy.quota;
		memcpy(out->watch_id, info.id, sizeof(out->watch_id));
		judged->watch_count++;
	}
	judged->watches = watches;
}

/* Whose CA signed it, among those watched. */
static void
take_signers(struct batch *batch, const struct candidate *it, struct judged *judged)
{
	const struct check_operator **co_signers =
	    arena_zero(&batch->arena, it->matches->count, sizeof(*co_signers));

	for (size_t i = 0; i < it->matches->count; i++)
		judged_add_signer(judged,
		    snapshot_operator(batch->snapshot, it->matches->rows[i].watch),
		    co_signers);
}

/* An unverified certificate accuses nobody: only what the owner of a name
 * wants to hear stays. */
static bool
accuses(const struct finding *finding)
{
	return strcmp(finding->check->id, "watched-name") != 0 &&
	    strcmp(finding->check->id, "unexpected-issuer") != 0;
}

static void
drop_accusations(struct findings *findings)
{
	size_t kept = 0;

	for (size_t i = 0; i < findings->count; i++)
		if (!accuses(findings->rows[i]))
			findings->rows[kept++] = findings->rows[i];
	findings->count = kept;
}

static void
run_checks(struct worker *worker, struct batch *batch, const struct chain *chain,
    struct candidate *it)
{
	struct judged *judged = arena_zero(&batch->arena, 1, sizeof(*judged));
	struct judged_sighting *sighting =
	    arena_zero(&batch->arena, 1, sizeof(*sighting));
	struct cert *issuer = NULL;

	judged_init(judged, it->cert, it->tbs_hash.octets,
	    it->issuer_known ? it->issuer_key.octets : NULL,
	    &batch->snapshot->settings->params, &batch->arena);
	memcpy(sighting->log_id, batch->log->id.octets, sizeof(sighting->log_id));
	sighting->index = it->entry->index;
	sighting->timestamp_ms = clock_of(it->entry->leaf.timestamp_ms);
	judged->sightings = sighting;
	judged->sighting_count = 1;
	judged->hi_ms = sighting->timestamp_ms;
	judged->dates = batch->snapshot->settings->dates;
	judged->now_ms = batch->now_ms;
	judged->signature = it->signature;
	judged->as_final = judged->precert && !it->precert;
	judged->by_precert_signer =
	    it->precert && chain->signer != NULL && chain->signer->precert_signing;
	if (chain->issuer != NULL && it->issuer_known) {
		issuer = arena_alloc(&batch->arena, sizeof(*issuer));
		authority_cert(chain->issuer, issuer);
	}
	judged->issuer = issuer;
	take_signers(batch, it, judged);
	take_watches(batch, it, judged);
	if (!it->precert)
		take_scts(worker, batch, it, judged);
	it->judged = judged;
	it->findings = arena_zero(&batch->arena, 1, sizeof(*it->findings));
	findings_init(it->findings, &batch->arena);
	checks_run_certificate(judged, it->findings);
	if (judged->signature != SIGNATURE_VERIFIED)
		drop_accusations(it->findings);
}

/* The signature that makes the certificate its issuer's word: of the
 * precertificate, and then only as far as it is what the leaf says. */
static enum judged_signature
signature_of(const struct candidate *it, const struct chain *chain)
{
	if (it->precert && it->leaf_differs)
		return SIGNATURE_UNKNOWN;
	if (it->precert &&
	    (chain->issuer == NULL ||
		!sha256_equal(&chain->issuer->spki, &it->issuer_key)))
		return SIGNATURE_UNKNOWN;
	if (chain->signer != chain->issuer &&
	    (chain->signer == NULL || chain->issuer == NULL ||
		!authority_signed_by(chain->signer, chain->issuer)))
		return SIGNATURE_UNKNOWN;
	return candidate_signature(it->cert, chain->signer);
}

void
candidate_add(struct worker *worker, struct batch *batch, const struct entry *entry,
    const struct chain *chain, struct watch_matches *matches)
{
	struct candidate *it = arena_zero(&batch->arena, 1, sizeof(*it));
	const struct cert *cert = &worker->cert;

	it->entry = entry;
	it->matches = matches;
	it->chain = chain->links;
	it->chain_len = chain->len;
	it->issuer_dn = cert->issuer;
	it->serial = cert->serial;
	it->not_before_s =
	    cert->before.form & TIME_UNREADABLE ? STORE_NO_TIME : cert->not_before;
	it->not_after_s =
	    cert->after.form & TIME_UNREADABLE ? STORE_NO_TIME : cert->not_after;
	(void)cert_normalised_hash(cert, &it->tbs_hash);
	if (entry->leaf.kind == LEAF_PRECERT)
		take_precertificate(worker, entry, chain, it);
	else
		take_final(cert, entry, chain, it);
	sha256_of(it->der, &it->sha256);
	candidate_names(cert, &batch->arena, &it->names, &it->name_count);
	if (matches != NULL) {
		bool whole = it->precert && it->der.data == entry->pre_certificate.data;

		it->cert = arena_alloc(&batch->arena, sizeof(*it->cert));
		memcpy(it->cert, whole ? &worker->precert : cert, sizeof(*it->cert));
		it->signature = signature_of(it, chain);
		if (!it->precert && it->signature == SIGNATURE_BAD)
			it->issuer_known = false;
		run_checks(worker, batch, chain, it);
	}
	*batch->candidates_end = it;
	batch->candidates_end = &it->next;
}

/* --- whom it concerns --- */

uint32_t
candidate_watch(const struct batch *batch, const struct candidate *it)
{
	size_t domains = watch_set_domain_count(batch->snapshot->watches);

	for (size_t i = 0; i < it->matches->count; i++)
		if (it->matches->rows[i].watch >= domains)
			return it->matches->rows[i].watch;
	return it->matches->rows[0].watch;
}

bool
candidate_is_history(const struct batch *batch, const struct candidate *it)
{
	int64_t timestamp = (int64_t)it->entry->leaf.timestamp_ms;

	for (size_t i = 0; i < it->matches->count; i++) {
		struct watch_info info;

		watch_set_info(
		    batch->snapshot->watches, it->matches->rows[i].watch, &info);
		if (timestamp >= info.since_ms - HISTORY_MS)
			return false;
	}
	return true;
}
