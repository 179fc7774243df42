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
