#include "logclient/logclient_priv.h"

#include "merkle/consistency.h"

enum { EVIDENCE_MAX = 1 << 20 };

static struct proof_call *
proof_new(struct logclient *client, logclient_proof_fn *fn, void *owner)
{
	struct proof_call *call = call_new(client, sizeof(*call), owner);

	call->fn = fn;
	call->call.fini = proof_fini;
	buf_init(&call->raw, EVIDENCE_MAX);
	return call;
}

void
proof_fini(struct logclient_call *base)
{
	struct proof_call *call = (struct proof_call *)base;

	tree_read_cancel(call->read);
	logclient_cancel(call->inner);
	buf_free(&call->raw);
}

void
proof_end(struct proof_call *call, const struct err *err)
{
	struct logclient_proof proof = {
	    .path = call->path,
	    .path_len = err == NULL || call->has_shown ? call->path_len : 0,
	    .index = call->index,
	    .raw = buf_bytes(&call->raw),
	    .refuted = err != NULL && call->refuted,
	    .shown =
		err != NULL && call->refuted && call->has_shown ? &call->shown : NULL,
	};

	call_end(&call->call);
	call->fn(call->call.owner, &proof, err);
	call_free(&call->call);
}

static void
on_known(void *owner, struct fetch_result *result, const struct err *err)
{
	(void)result;
	proof_end(owner, err);
}

struct logclient_call *
logclient_prove_consistency(struct logclient *client, uint64_t first,
    const struct sha256 *first_root, uint64_t second, const struct sha256 *second_root,
    logclient_proof_fn *fn, void *owner)
{
	struct proof_call *call = proof_new(client, fn, owner);
	struct err err = {0};

	call->first = first;
	call->first_root = *first_root;
	call->size = second;
	call->root = *second_root;
	/* Equal sizes and the empty tree need no path, and no log. */
	if (first > second) {
		err_set(&err, ERR_LIMIT,
		    "consistency from %" PRIu64 " to %" PRIu64 ": the wrong way round",
		    first, second);
		call_later(&call->call, &err, on_known);
	} else if (first == 0 || first == second) {
		call->refuted = !merkle_consistency_verify(
		    first, first_root, second, second_root, NULL, 0, &err);
		call_later(&call->call, &err, on_known);
	} else {
		client->species->prove(call);
	}
	return &call->call;
}

struct logclient_call *
logclient_prove_inclusion(struct logclient *client, const struct sha256 *leaf,
    uint64_t index, uint64_t size, const struct sha256 *root, logclient_proof_fn *fn,
    void *owner)
{
	struct proof_call *call = proof_new(client, fn, owner);
	struct err err = {0};

	call->inclusion = true;
	call->first = call->index = index;
	call->first_root = *leaf;
	call->size = size;
	call->root = *root;
	if (index != LOGCLIENT_ANY_INDEX && index >= size) {
		err_set(&err, ERR_LIMIT,
		    "inclusion: leaf %" PRIu64 " is not below size %" PRIu64, index,
		    size);
		call_later(&call->call, &err, on_known);
	} else {
		client->species->prove(call);
	}
	return &call->call;
}
