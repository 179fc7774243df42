/*
 * candidate - makes of an entry the rows that are to be stored, and, where
 * somebody watches it, everything that the checks need.
 */
#pragma once
#include "check/judged.h"
#include "monitor/chain.h"
#include "monitor/worker.h"

/* Whether the signer's key made the certificate's signature. */
enum judged_signature candidate_signature(
    const struct cert *, const struct authority *signer);

/* The certificate's DNS names as they are stored: canonical, reversed by label,
 * sorted, each once. Nothing where names is left NULL. */
void candidate_names(
    const struct cert *, struct arena *, struct bytes **names, size_t *count);

/* Appends to the batch's candidates. worker->cert is the entry's certificate
 * (or TBS), parsed. matches NULL: it is stored without being judged. */
void candidate_add(struct worker *, struct batch *, const struct entry *,
    const struct chain *, struct watch_matches *matches);

/* The watch that its findings are told under: a CA's before a domain's. */
uint32_t candidate_watch(const struct batch *, const struct candidate *);

/* It was logged before every one of the watches that it concerns began. */
bool candidate_is_history(const struct batch *, const struct candidate *);
