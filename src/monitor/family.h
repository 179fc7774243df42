/*
 * family - CA certificates become rows, the families of watched CAs grow by
 * them, and the checks on CA certificates run. In the writer.
 */
#pragma once
#include "monitor/writer.h"
#include "store/authority.h"

/* What the batch met. A family that grew is published as writer->working. */
MUST_CHECK bool family_apply(struct writer *, const struct batch *, struct err *err);

/* Whose key it is, among the watched CAs; NULL: nobody's. spki: 32 bytes. */
const struct check_operator *family_operator(const struct writer *, struct bytes spki);

/* The watch whose family has the key, or WATCH_NOT_FOUND. spki: 32 bytes. */
uint32_t family_watch(const struct writer *, struct bytes spki);

/* A root that a log accepts becomes a CA certificate as those of chains do: with
 * whose key signed it, its family grows, and it is judged. What cannot be parsed is
 * left out. */
MUST_CHECK bool family_put_root(
    struct writer *, struct authorities *, struct bytes der, struct err *err);

/* Holds a stored CA certificate against the checks again, as if it were new.
 * concerns: it belongs to a watched family, or its signer does; then findings,
 * and about's judged, sha256, watch and history are filled. */
struct findings;
struct told_about;
MUST_CHECK bool family_judge(struct writer *, const struct ca_certificate_row *,
    struct findings *, struct told_about *about, bool *concerns, struct err *err);

/* Brings each CA watch's family of a fresh snapshot up to what is stored: its
 * own keys, the keys that grew before, and whatever stored CA certificate is
 * signed by one of them. Returns the set to use (a reference), or NULL. */
struct watch_set *family_load(struct writer *, const struct watch_set *,
    const struct watch_table *, struct err *err);
