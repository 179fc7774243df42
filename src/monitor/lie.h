/*
 * lie - what is said of a log whose heads are wrong, with the heads as served
 * and the proofs between them.
 */
#pragma once
#include "monitor/monitor_priv.h"

/* A head that contradicts the one accepted before. proof may be NULL. */
void lie_of_heads(struct follower *, enum condition, const struct sth *head,
    const struct logclient_proof *proof);

/* A head that is wrong by itself: too old, too new, no tree's. */
void lie_of_head(struct follower *, enum condition, const struct sth *head);

/* A head that does not verify: told apart by what is wrong with it. */
void lie_of_signature(struct follower *, struct bytes raw, const char *why);
/* One that does ends all of them. */
void lie_signature_good(struct follower *);

/* What was read does not hash to the head; proof may be NULL. */
void lie_of_entries(
    struct follower *, const char *how, const struct logclient_proof *proof);

/* An issuer that is not there (served empty), or that does not hash to its address;
 * told once a day. */
void lie_of_issuer(struct follower *, const struct sha256 *fingerprint,
    struct bytes served, const struct err *);

/* A full data tile whose first entries are not those that its partial tile held:
 * ours are the roots of the perfect subtrees of [first, start). */
void lie_of_tile(struct follower *, uint64_t first, uint64_t start, struct bytes ours,
    struct bytes tile);
