#include "monitor/chain.h"

#define CHAIN_MAX 32 /* a longer one is a joke, and its end of no interest */

/* Remembers a CA certificate whose row is not in the database yet. */
static void
note_met(struct batch *batch, struct authority *authority, const struct entry *entry)
{
	struct met *met;

	if (atomic_load(&authority->stored))
		return;
	for (met = batch->met; met != NULL; met = met->next)
		if (met->authority == authority)
			return;
	met = arena_zero(&batch->arena, 1, sizeof(*met));
	met->authority = authority;
	met->entry = entry;
	*batch->met_end = met;
	batch->met_end = &met->next;
}

static void
take_certificates(struct batch *batch, const struct entry *entry, struct authorities *all,
    struct chain *out)
{
	struct cursor at = cursor_of(entry->chain);
	struct bytes der;

	out->links = arena_alloc(&batch->arena, CHAIN_MAX * sizeof(struct authority *));
	while (out->len < CHAIN_MAX && chain_next(&at, &der))
		out->links[out->len++] = authority_of_der(all, der);
}

static void
take_fingerprints(struct batch *batch, const struct entry *entry, struct authorities *all,
    struct chain *out)
{
	size_t count = entry->fingerprints.len / SHA256_LEN;

	count = count < CHAIN_MAX ? count : CHAIN_MAX;
	out->links = arena_alloc(&batch->arena, count * sizeof(struct authority *));
	for (; out->len < count; out->len++) {
		struct sha256 hash;

		memcpy(hash.octets, entry->fingerprints.data + out->len * SHA256_LEN,
		    SHA256_LEN);
		out->links[out->len] = authority_of_hash(all, &hash);
		if (out->links[out->len] == NULL) {
			out->missing = entry->fingerprints.data + out->len * SHA256_LEN;
			return;
		}
	}
}

void
chain_of(struct batch *batch, const struct entry *entry, struct authorities *all,
    struct chain *out)
{
	*out = (struct chain){0};
	if (entry->fingerprints.len > 0)
		take_fingerprints(batch, entry, all, out);
	else
		take_certificates(batch, entry, all, out);
	for (size_t i = 0; i < out->len; i++) {
		struct authority *above = out->links[i + 1 < out->len ? i + 1 : i];

		(void)authority_signed_by(out->links[i], above);
		note_met(batch, out->links[i], entry);
	}
	out->signer = out->len > 0 ? out->links[0] : NULL;
	out->issuer = out->signer;
	if (out->signer != NULL && out->signer->precert_signing &&
	    entry->leaf.kind == LEAF_PRECERT)
		out->issuer = out->len > 1 ? out->links[1] : NULL;
}

void
chain_note_ca(struct batch *batch, const struct entry *entry, struct authorities *all,
    const struct chain *chain)
{
	struct authority *authority = authority_of_der(all, entry->leaf.certificate);

	(void)authority_signed_by(
	    authority, chain->signer != NULL ? chain->signer : authority);
	note_met(batch, authority, entry);
}

void
chain_match(
    const struct chain *chain, const struct watch_set *watches, struct watch_matches *out)
{
	for (size_t i = 0; i < chain->len; i++) {
		struct authority *link = chain->links[i];

		watch_set_match_key(watches, link->spki.octets,
		    link == chain->issuer ? WATCH_ISSUER_KEY : WATCH_CHAIN_KEY, out);
		if (i + 1 < chain->len && !authority_signed_by(link, chain->links[i + 1]))
			return;
	}
}
