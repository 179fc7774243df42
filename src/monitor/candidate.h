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

/* Appends to the batch's candidates. worker->cert is the entry's certificate
 * (or TBS), parsed. matches NULL: it is stored without being judged. */
void candidate_add(struct worker *, struct batch *, const struct entry *,
    const struct chain *, struct watch_matches *matches);
