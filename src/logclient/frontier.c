#include "logclient/logclient_priv.h"

#include "base/arena.h"
#include "logclient/rfc6962.h"
#include "merkle/consistency.h"
#include "wire/proof_json.h"

/*
 * The frontier of [0, m) of an RFC 6962 log (wire-formats 2.5): the audit path
 * of leaf m holds it, or that of leaf m - 1 and the leaf itself. Where several
 * leaves are equal a log may prove another one than was meant: then one leaf
 * further back is tried, the leaves between are appended, and a consistency
 * proof has to confirm them.
 */
enum { TRIES_MAX = 16 };

static void ask_leaf(struct frontier_call *call);

void
frontier_fini(struct logclient_call *base)
{
	struct frontier_call *call = (struct frontier_call *)base;

	tree_read_cancel(call->read);
	mem_free(call->leaves);
}

void
frontier_end(struct frontier_call *call, const struct err *err)
{
	call_end(&call->call);
	call->fn(call->call.owner, err == NULL ? &call->frontier : NULL, err);
	call_free(&call->call);
}

static void
on_known(void *owner, struct fetch_result *result, const struct err *err)
{
	(void)result;
	frontier_end(owner, err);
}

struct logclient_call *
logclient_get_frontier(struct logclient *client, uint64_t m, uint64_t size,
    const struct sha256 *root, logclient_frontier_fn *fn, void *owner)
{
	struct frontier_call *call = call_new(client, sizeof(*call), owner);
	struct err err = {0};

	call->fn = fn;
	call->call.fini = frontier_fini;
	call->m = m;
	call->size = size;
	call->root = *root;
	frontier_init(&call->frontier);
	if (m > size)
		err_set(&err, ERR_LIMIT,
		    "no frontier at %" PRIu64 " in a tree of %" PRIu64, m, size);
	if (m > size || m == 0)
		call_later(&call->call, &err, on_known);
	else
		client->species->get_frontier(call);
	return &call->call;
}

/* The leaf whose path is asked for first. */
static uint64_t
first_leaf(const struct frontier_call *call)
{
	return call->m < call->size ? call->m : call->m - 1;
}

static void
on_consistency(void *owner, struct fetch_result *result, const struct err *err)
{
	struct frontier_call *call = owner;
	struct proof_json proof;
	struct sha256 mine;
	struct err bad = {0};
	bool ok;

	call_arrived(&call->call, result);
	if (err != NULL) {
		frontier_end(call, err);
		return;
	}
	frontier_root(&call->frontier, &mine);
	ok = proof_json_consistency(result->body, &proof, &bad) &&
	    merkle_consistency_verify(call->m, &mine, call->size, &call->root, proof.path,
		proof.path_len, &bad);
	frontier_end(call, ok ? NULL : &bad);
}

/* The frontier of [0, at) is proved; the leaves from there to m follow. */
static void
append_up_to_m(struct frontier_call *call)
{
	struct sha256 mine;
	struct err bad = {0};
	uint64_t first = first_leaf(call);

	for (uint64_t i = call->at; i < call->m; i++)
		frontier_append(&call->frontier, &call->leaves[first - i]);
	if (call->m == call->size) {
		frontier_root(&call->frontier, &mine);
		if (!sha256_equal(&mine, &call->root))
			err_set(&bad, ERR_VERIFY,
			    "the last entries do not make the root of %" PRIu64,
			    call->size);
		frontier_end(call, bad.code != ERR_NONE ? &bad : NULL);
	} else if (call->m - call->at > 1) {
		/* leaves between were not proved: another leaf's path came */
		ask_consistency(&call->call, call->m, call->size, on_consistency);
	} else {
		frontier_end(call, NULL);
	}
}

static bool
take_path(struct frontier_call *call, const struct proof_json *proof, struct err *err)
{
	return merkle_frontier_from_inclusion(&call->leaves[first_leaf(call) - call->at],
	    call->at, call->size, proof->path, proof->path_len, &call->root,
	    &call->frontier, err);
}

/* Another leaf of the same hash was proved: on to the one before. */
static void
step_back(struct frontier_call *call)
{
	struct err bad = {0};

	if (call->at == 0 || ++call->tries >= TRIES_MAX) {
		err_set(&bad, ERR_NOT_FOUND,
		    "%u equal leaves in a row: no frontier at %" PRIu64, call->tries,
		    call->m);
		frontier_end(call, &bad);
		return;
	}
	call->at--;
	ask_leaf(call);
}

static void
on_proof(void *owner, struct fetch_result *result, const struct err *err)
{
	struct frontier_call *call = owner;
	struct proof_json proof;
	struct err bad = {0};
	bool ok;

	call_arrived(&call->call, result);
	if (err != NULL) {
		frontier_end(call, err);
		return;
	}
	ok = proof_json_by_hash(result->body, &proof, &bad);
	if (ok && proof.leaf_index != call->at)
		step_back(call);
	else if (ok && take_path(call, &proof, &bad))
		append_up_to_m(call);
	else
		frontier_end(call, &bad);
}

static void
on_leaf(void *owner, struct fetch_result *result, const struct err *err)
{
	struct frontier_call *call = owner;
	struct sha256 *leaf = &call->leaves[first_leaf(call) - call->at];
	struct arena arena;
	struct bytes input;
	struct err bad = {0};

	call_arrived(&call->call, result);
	if (err != NULL) {
		frontier_end(call, err);
		return;
	}
	arena_init(&arena);
	if (read_one_entry(result, &arena, &input, &bad))
		merkle_hash_leaf(input, leaf);
	arena_free(&arena);
	if (bad.code != ERR_NONE)
		frontier_end(call, &bad);
	else
		ask_proof_by_hash(&call->call, leaf, call->size, on_proof);
}

static void
ask_leaf(struct frontier_call *call)
{
	ask_entries(
	    &call->call, call->at, call->at, call->call.client->max_body, on_leaf);
}

/* The short way; where the endpoint is closed or talks nonsense, the long. */
static void
on_entry_and_proof(void *owner, struct fetch_result *result, const struct err *err)
{
	struct frontier_call *call = owner;
	struct entry_and_proof_json reply;
	struct arena arena;
	bool ok = false;

	call_arrived(&call->call, result);
	arena_init(&arena);
	if (err == NULL && proof_json_entry(result->body, &arena, &reply, NULL)) {
		merkle_hash_leaf(reply.leaf_input, &call->leaves[0]);
		ok = take_path(call, &reply.proof, NULL);
	}
	arena_free(&arena);
	if (ok)
		append_up_to_m(call);
	else
		ask_leaf(call);
}

void
frontier_begin_rfc6962(struct frontier_call *call)
{
	call->leaves = mem_zero(TRIES_MAX + 1, sizeof(*call->leaves));
	call->at = first_leaf(call);
	ask_entry_and_proof(&call->call, call->at, call->size, on_entry_and_proof);
}
