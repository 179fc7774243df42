/*
 * proof_json - the replies to get-sth-consistency, get-proof-by-hash,
 * get-entry-and-proof and get-roots, RFC 6962, 4.4, 4.5, 4.7 and 4.8.
 *
 * Unknown members are ignored; a path may be [], null or missing when it is
 * empty. More than 64 hashes are ERR_LIMIT.
 */
#pragma once
#include "base/arena.h"
#include "crypto/digest.h"

enum { PROOF_PATH_MAX = 64 };

struct proof_json {
	uint64_t leaf_index; /* get-proof-by-hash only */
	size_t path_len;
	struct sha256 path[PROOF_PATH_MAX];
};

MUST_CHECK bool proof_json_consistency(
    struct bytes body, struct proof_json *out, struct err *);
MUST_CHECK bool proof_json_by_hash(
    struct bytes body, struct proof_json *out, struct err *);

struct entry_and_proof_json {
	struct bytes leaf_input, extra_data; /* the arena's */
	struct proof_json proof;             /* leaf_index is not in the reply: 0 */
};
MUST_CHECK bool proof_json_entry(
    struct bytes body, struct arena *, struct entry_and_proof_json *out, struct err *);

struct roots_json {
	struct bytes *certificates; /* the arena's; DER, not looked into */
	size_t count;
	size_t damaged; /* members that were no base64, left out */
};
MUST_CHECK bool proof_json_roots(
    struct bytes body, struct arena *, struct roots_json *out, struct err *);
