/*
 * chain - the certificates above an entry: who they are, which of them really
 * signed the one below, and which watched family they belong to.
 */
#pragma once
#include "monitor/batch.h"

struct chain {
	struct authority **links; /* the entry's signer first; the arena's */
	size_t len;               /* up to the first that is not at hand */
	const uint8_t *missing;   /* fingerprint of that one, or NULL */
	struct authority *signer; /* links[0], or NULL */
	struct authority *issuer; /* of the final certificate: links[1] behind a
				     precertificate signing certificate */
};

/* Looks the chain up, and notes in the batch what was not stored before. */
void chain_of(
    struct batch *, const struct entry *, struct authorities *, struct chain *out);

/* The entry is itself a CA certificate: it is noted as those of chains are. */
void chain_note_ca(
    struct batch *, const struct entry *, struct authorities *, const struct chain *);

/* Adds the CA watches whose family has a key of the chain, as far up as each
 * certificate was verifiably signed by the next. The issuer's own key counts
 * as WATCH_ISSUER_KEY. */
void chain_match(
    const struct chain *, const struct watch_set *, struct watch_matches *out);
