/*
 * What concerns us among a batch's entries, and what is to be said about it.
 */
#include <stdlib.h>

#include "monitor/candidate.h"
#include "monitor/chain.h"
#include "monitor/owe.h"
#include "monitor/worker.h"
#include "store/range.h"

#define DAY_MS INT64_C(86400000)

struct judging {
	struct worker *worker;
	struct batch *batch;
	struct authorities *all;
	const struct watch_set *watches;
	bool watches_cas;
};

static struct watch_matches *
keep_matches(struct batch *batch, const struct watch_matches *matches)
{
	struct watch_matches *copy;

	if (matches->count == 0)
		return NULL;
	copy = arena_alloc(&batch->arena, sizeof(*copy));
	memcpy(copy, matches, sizeof(*copy));
	return copy;
}

static struct kept *
keep_entry(struct batch *batch, const struct entry *entry, enum entry_state state,
    const char *reason)
{
	struct kept *kept = arena_zero(&batch->arena, 1, sizeof(*kept));

	kept->entry = entry;
	kept->state = state;
	kept->reason = reason;
	*batch->kept_end = kept;
	batch->kept_end = &kept->next;
	return kept;
}

/* Promise 1: what cannot be parsed is kept whole, and searched for the watched
 * names all the same. */
static void
keep_unparsed(struct judging *j, const struct entry *entry)
{
	struct watch_matches found;
	bool opaque = entry->decoded && entry->leaf.kind == LEAF_OPAQUE;
	struct kept *kept = keep_entry(j->batch, entry, ENTRY_UNPARSED,
	    !entry->decoded
		? arena_copy(&j->batch->arena, bytes_text(entry->err.text)).data
		: opaque ? (const void *)"an entry type this version does not know"
			 : (const void *)"its names cannot be made out");

	watch_matches_init(&found, &j->batch->arena);
	watch_set_match_raw(j->watches, entry->raw, &found);
	kept->matches = keep_matches(j->batch, &found);
}

/* An entry nobody watches is a number. */
static void
count_entry(struct judging *j, const struct entry *entry, const struct chain *chain)
{
	struct batch *batch = j->batch;
	struct issuer_count *count;
	struct sha256 key = {0};
	bool known = true;
	int32_t day = (int32_t)((int64_t)(entry->leaf.timestamp_ms / DAY_MS));

	if (entry->leaf.kind == LEAF_PRECERT)
		memcpy(key.octets, entry->leaf.issuer_key_hash.data, SHA256_LEN);
	else if (chain->issuer != NULL)
		key = chain->issuer->spki;
	else
		known = false;
	for (count = batch->counts; count != NULL; count = count->next)
		if (count->day == day && count->key_known == known &&
		    sha256_equal(&count->key, &key) &&
		    bytes_equal(count->dn, j->worker->cert.issuer))
			break;
	if (count == NULL) {
		count = arena_zero(&batch->arena, 1, sizeof(*count));
		*count = (struct issuer_count){
		    batch->counts, j->worker->cert.issuer, key, known, day, 0};
		batch->counts = count;
	}
	count->count++;
}

/* The CA watches that the entry concerns. A leaf's issuer_key_hash is the
 * issuer's by what the log signed; a final certificate's chain counts once its
 * signature is the signer's. */
static void
match_cas(struct judging *j, const struct entry *entry, const struct chain *chain,
    struct watch_matches *matches)
{
	struct watch_matches of_chain;
	const struct cert *cert = &j->worker->cert;

	if (entry->leaf.kind == LEAF_PRECERT) {
		watch_set_match_key(j->watches, entry->leaf.issuer_key_hash.data,
		    WATCH_ISSUER_KEY, matches);
		if (chain->issuer == NULL ||
		    memcmp(chain->issuer->spki.octets, entry->leaf.issuer_key_hash.data,
			SHA256_LEN) != 0)
			return;
		chain_match(chain, j->watches, matches);
		return;
	}
	watch_matches_init(&of_chain, &j->batch->arena);
	chain_match(chain, j->watches, &of_chain);
	if (of_chain.count > 0 &&
	    candidate_signature(cert, chain->signer) == SIGNATURE_VERIFIED)
		chain_match(chain, j->watches, matches);
}

/* A final certificate that looks like a watched CA's, with no issuer at hand
 * to prove it or rule it out. */
static bool
may_be_watched(struct judging *j, const struct chain *chain)
{
	struct watch_matches by_name;
	const struct cert *cert = &j->worker->cert;
	const struct extension *extension =
	    cert_extension(cert, OID_AUTHORITY_KEY_IDENTIFIER);
	struct authority_key_id key_id = {0};

	if (chain->issuer != NULL)
		return false;
	if (extension != NULL)
		extension_authority_key_id(extension, &key_id);
	watch_matches_init(&by_name, &j->batch->arena);
	watch_set_match_issuer(j->watches, cert->issuer, key_id.key_id, &by_name);
	return by_name.count > 0;
}

/* Waits in `entry` for an issuer certificate: ingestion goes on. */
static void
keep_unresolved(struct judging *j, const struct entry *entry, const struct chain *chain)
{
	struct kept *kept =
	    keep_entry(j->batch, entry, ENTRY_UNRESOLVED, "its issuer is not known");

	if (chain->missing != NULL) {
		memcpy(kept->waits_for.octets, chain->missing, SHA256_LEN);
		kept->waits = true;
	}
}

/* So much of it is out of place that names may hide in the rest. */
static bool
may_hide_names(const struct cert *cert)
{
	static const enum cert_field WHERE[] = {
	    CERT_OUTER, CERT_TBS, CERT_SUBJECT, CERT_SPKI, CERT_EXTENSIONS};
	uint32_t flaws = 0;

	for (size_t i = 0; i < ARRAY_LEN(WHERE); i++)
		flaws |= cert->faults[WHERE[i]].flaws;
	return (flaws & (FLAW_MISSING | FLAW_CUT | FLAW_DEEP | FLAW_MANY)) != 0;
}

static void
judge_entry(struct judging *j, const struct entry *entry)
{
	struct watch_matches matches;
	struct chain chain;
	bool unresolved,
	    parsed = entry->decoded && entry->leaf.kind != LEAF_OPAQUE &&
	    (entry->leaf.kind == LEAF_PRECERT
		    ? cert_parse_tbs(entry->leaf.certificate, &j->worker->cert)
		    : cert_parse(entry->leaf.certificate, &j->worker->cert));

	owe_note_entry(j->batch, entry, parsed ? &j->worker->cert : NULL);
	if (!parsed || j->worker->cert.issuer.len == 0) {
		keep_unparsed(j, entry);
		return;
	}
	watch_matches_init(&matches, &j->batch->arena);
	watch_set_match_names(j->watches, &j->worker->cert, &matches);
	if (matches.count == 0 && may_hide_names(&j->worker->cert)) {
		keep_unparsed(j, entry);
		return;
	}
	chain_of(j->batch, entry, j->all, &chain);
	if (entry->leaf.kind == LEAF_X509 && cert_is_ca(&j->worker->cert))
		chain_note_ca(j->batch, entry, j->all, &chain);
	if (j->watches_cas)
		match_cas(j, entry, &chain, &matches);
	unresolved = (chain.missing != NULL && (j->watches_cas || matches.count > 0)) ||
	    (j->watches_cas && matches.count == 0 && may_be_watched(j, &chain));
	if (unresolved)
		keep_unresolved(j, entry, &chain);
	if (matches.count > 0 || j->batch->snapshot->settings->store_all)
		candidate_add(
		    j->worker, j->batch, entry, &chain, keep_matches(j->batch, &matches));
	else if (!unresolved) /* else it is counted when it is judged again */
		count_entry(j, entry, &chain);
}

void
batch_judge(struct worker *worker, struct batch *batch, struct authorities *all)
{
	const struct watch_set *watches = batch->snapshot->watches;
	struct judging j = {worker, batch, all, watches,
	    watch_set_count(watches) > watch_set_domain_count(watches)};

	for (uint64_t i = 0; i < batch->count; i++)
		judge_entry(&j, &batch->entries[i]);
}
