/*
 * rfc6962 - the requests of the JSON protocol, for what asks several in a row.
 */
#pragma once
#include "base/arena.h"
#include "logclient/logclient_priv.h"

void ask_entries(struct logclient_call *, uint64_t first, uint64_t last, size_t max_body,
    fetch_done_fn *done);
void ask_proof_by_hash(
    struct logclient_call *, const struct sha256 *leaf, uint64_t size, fetch_done_fn *);
void ask_entry_and_proof(
    struct logclient_call *, uint64_t index, uint64_t size, fetch_done_fn *done);
void ask_consistency(
    struct logclient_call *, uint64_t first, uint64_t second, fetch_done_fn *done);

/* leaf_input of a reply to ask_entries() for one entry; lives in the arena. */
MUST_CHECK bool read_one_entry(struct fetch_result *result, struct arena *arena,
    struct bytes *leaf, struct err *err);
