/* RFC 6962, 4: the JSON protocol. */
#include "logclient/logclient_priv.h"

#include "base/arena.h"
#include "base/text.h"
#include "logclient/rfc6962.h"
#include "merkle/consistency.h"
#include "wire/entries_json.h"
#include "wire/proof_json.h"

void
ask_entries(struct logclient_call *call, uint64_t first, uint64_t last, size_t max_body,
    fetch_done_fn *done)
{
	char *path =
	    mem_format("ct/v1/get-entries?start=%" PRIu64 "&end=%" PRIu64, first, last);

	call_fetch(call, call->client->url, path, max_body, done);
	mem_free(path);
}

/* Base64 in a query: a raw "+" would be read as a space (wire-formats 1.1). */
void
ask_proof_by_hash(struct logclient_call *call, const struct sha256 *leaf, uint64_t size,
    fetch_done_fn *done)
{
	struct buf text, path;

	buf_init(&text, 64);
	buf_init(&path, 512);
	(void)base64_encode(sha256_bytes(leaf), &text);
	(void)buf_append_text(&path, "ct/v1/get-proof-by-hash?hash=");
	for (size_t i = 0; i < text.len; i++)
		switch (text.data[i]) {
		case '+':
		case '/':
		case '=':
			(void)buf_append_format(&path, "%%%02X", text.data[i]);
			break;
		default:
			(void)buf_append_u8(&path, text.data[i]);
		}
	(void)buf_append_format(&path, "&tree_size=%" PRIu64, size);
	call_fetch(call, call->client->url, buf_text(&path), PROOF_BODY_MAX, done);
	buf_free(&text);
	buf_free(&path);
}

void
ask_entry_and_proof(
    struct logclient_call *call, uint64_t index, uint64_t size, fetch_done_fn *done)
{
	char *path = mem_format("ct/v1/get-entry-and-proof?leaf_index=%" PRIu64
				"&tree_size=%" PRIu64,
	    index, size);

	call_fetch(call, call->client->url, path, call->client->max_body, done);
	mem_free(path);
}

void
ask_consistency(
    struct logclient_call *call, uint64_t first, uint64_t second, fetch_done_fn *done)
{
	char *path = mem_format(
	    "ct/v1/get-sth-consistency?first=%" PRIu64 "&second=%" PRIu64, first, second);

	call_fetch(call, call->client->url, path, PROOF_BODY_MAX, done);
	mem_free(path);
}

/* --- entries --------------------------------------------------------------------- */

static uint64_t
plan(const struct logclient *client, uint64_t next, uint64_t size)
{
	return batch_plan(&client->batch, next, size, clock_mono_ms(client->clock));
}

static void
on_entries(void *owner, struct fetch_result *result, const struct err *err)
{
	struct entries_call *call = owner;
	struct logclient *client = call->call.client;
	struct logclient_entries entries = {.form = LOGCLIENT_JSON, .first = call->start};
	uint64_t asked = call->end - call->start;
	struct err bad = {0};

	call_arrived(&call->call, result);
	if (err != NULL && err->code == ERR_LIMIT && asked > 1) {
		call->end = call->start + asked / 2; /* entries may be large: fewer */
		ask_entries(&call->call, call->start, call->end - 1, client->max_body,
		    on_entries);
		return;
	}
	call->result = result;
	if (err != NULL) {
		entries_end(call, &entries, err);
		return;
	}
	entries.count = entries_json_count(result->body);
	if (entries.count == 0)
		err_set(&bad, ERR_PARSE,
		    "get-entries: no entries in a reply for %" PRIu64, asked);
	else if (entries.count > asked)
		err_set(&bad, ERR_PARSE,
		    "get-entries: %" PRIu64 " entries in a reply for %" PRIu64,
		    entries.count, asked);
	else
		batch_learn(&client->batch, call->start, (unsigned)asked,
		    (unsigned)entries.count, call->size, clock_mono_ms(client->clock));
	entries_end(call, &entries, bad.code != ERR_NONE ? &bad : NULL);
}

static void
get_entries(struct entries_call *call)
{
	struct logclient *client = call->call.client;

	batch_asked(&client->batch, (unsigned)(call->end - call->start),
	    clock_mono_ms(client->clock));
	ask_entries(
	    &call->call, call->start, call->end - 1, client->max_body, on_entries);
}

/* The one entry of a reply; its leaf_input is the arena's or the body's. */
bool
read_one_entry(
    struct fetch_result *result, struct arena *arena, struct bytes *leaf, struct err *err)
{
	struct entries_json entries;
	size_t len;
	uint8_t *body = arena_alloc(arena, result->body.len + 1);

	len = result->body.len;
	if (len > 0)
		memcpy(body, result->body.data, len);
	body[len] = '\0';
	if (!entries_json_parse(body, len, 1, arena, &entries, err))
		return false;
	if (entries.count != 1)
		return err_set(err, ERR_PARSE,
		    "get-entries: %zu entries in a reply for 1", entries.count);
	*leaf = entries.entries[0].leaf_input;
	return true;
}

static void
on_time(void *owner, struct fetch_result *result, const struct err *err)
{
	struct time_call *call = owner;
	struct arena arena;
	struct bytes leaf = {0};
	struct err bad = {0};
	int64_t unix_ms = 0;

	call_arrived(&call->call, result);
	if (err != NULL) {
		time_end(call, 0, err);
		return;
	}
	arena_init(&arena);
	if (read_one_entry(result, &arena, &leaf, &bad)) {
		/* version, leaf_type, timestamp: also where the rest is unknown */
		if (leaf.len < 10)
			err_set(&bad, ERR_PARSE, "entry %" PRIu64 ": no timestamp",
			    call->index);
		else
			unix_ms = (int64_t)be64(leaf.data + 2);
	}
	arena_free(&arena);
	time_end(call, unix_ms, bad.code != ERR_NONE ? &bad : NULL);
}

static void
get_timestamp(struct time_call *call)
{
	ask_entries(
	    &call->call, call->index, call->index, call->call.client->max_body, on_time);
}

static void
on_no_issuer(void *owner, struct fetch_result *result, const struct err *err)
{
	(void)result;
	issuer_end(owner, (struct bytes){0}, err);
}

static void
get_issuer(struct issuer_call *call)
{
	struct err err = {0};

	err_set(&err, ERR_NOT_FOUND, "RFC 6962 logs send issuers with their entries");
	call_later(&call->call, &err, on_no_issuer);
}

/* --- proofs ---------------------------------------------------------------------- */

static void ask_for_proof(struct proof_call *call);
static void on_entry_proof(
    void *owner, struct fetch_result *result, const struct err *err);

static void
keep_raw(struct proof_call *call, const struct fetch_result *result)
{
	buf_clear(&call->raw);
	(void)buf_append_bytes(&call->raw, result->body);
}

/* What does not verify is asked for once more past any cache: there were caches
 * that ignored the query (wire-formats 6.1). */
static void
judge(struct proof_call *call, const struct err *bad)
{
	if (bad != NULL && bad->code == ERR_VERIFY && !call->call.fresh) {
		call->call.fresh = true;
		ask_for_proof(call);
		return;
	}
	proof_end(call, bad);
}

static void
take_path(struct proof_call *call, const struct proof_json *proof)
{
	call->path_len = proof->path_len;
	for (size_t i = 0; i < proof->path_len; i++)
		call->path[i] = proof->path[i];
}

static bool
read_consistency(struct proof_call *call, struct bytes body, struct err *err)
{
	struct proof_json proof;

	if (!proof_json_consistency(body, &proof, err))
		return false;
	take_path(call, &proof);
	if (merkle_consistency_verify(call->first, &call->first_root, call->size,
		&call->root, call->path, call->path_len, err))
		return true;
	/* A path that does lead to the second root convicts the log by itself. */
	call->refuted = call->has_shown = merkle_consistency_first_root(call->first,
	    call->size, &call->root, call->path, call->path_len, &call->shown, NULL);
	return false;
}

/* The log's own frontier at the first size, proved up to the second root. */
static void
on_own_frontier(void *owner, const struct frontier *frontier, const struct err *err)
{
	struct proof_call *call = owner;
	uint8_t text[FRONTIER_TEXT_MAX];

	call->inner = NULL;
	if (err != NULL) { /* only a bad proof, as before */
		proof_end(call, &call->call.err);
		return;
	}
	frontier_root(frontier, &call->shown);
	call->refuted = !sha256_equal(&call->shown, &call->first_root);
	/* The path that was sent may well prove this one. */
	call->has_shown = merkle_consistency_verify(call->first, &call->shown, call->size,
	    &call->root, call->path, call->path_len, NULL);
	if (!call->has_shown)
		call->path_len = 0;
	buf_clear(&call->raw);
	(void)buf_append(&call->raw, text, frontier_serialise(frontier, text));
	proof_end(call, call->refuted ? &call->call.err : NULL);
}

static void
on_consistency(void *owner, struct fetch_result *result, const struct err *err)
{
	struct proof_call *call = owner;
	struct err bad = {0};

	call_arrived(&call->call, result);
	if (err != NULL) {
		proof_end(call, err);
		return;
	}
	keep_raw(call, result);
	if (read_consistency(call, result->body, &bad)) {
		proof_end(call, NULL);
	} else if (bad.code == ERR_VERIFY && call->call.fresh && !call->refuted) {
		call->call.err = bad;
		call->inner = logclient_get_frontier(call->call.client, call->first,
		    call->size, &call->root, on_own_frontier, call);
	} else {
		judge(call, &bad);
	}
}

/* Whether a path shows the leaf at that index. */
static bool
read_inclusion(struct proof_call *call, const struct proof_json *proof, uint64_t index,
    struct err *err)
{
	take_path(call, proof);
	call->index = index;
	return merkle_inclusion_verify(&call->first_root, index, call->size, call->path,
	    call->path_len, &call->root, err);
}

static void
on_proof_by_hash(void *owner, struct fetch_result *result, const struct err *err)
{
	struct proof_call *call = owner;
	struct proof_json proof;
	struct err bad = {0};
	bool ok;

	call_arrived(&call->call, result);
	if (err != NULL) {
		proof_end(call, err);
		return;
	}
	keep_raw(call, result);
	ok = proof_json_by_hash(result->body, &proof, &bad) &&
	    read_inclusion(call, &proof, proof.leaf_index, &bad);
	/* Equal leaves share a hash: another of them may have been meant. */
	if (ok && call->first != LOGCLIENT_ANY_INDEX && call->index != call->first)
		ask_entry_and_proof(&call->call, call->first, call->size, on_entry_proof);
	else
		judge(call, ok ? NULL : &bad);
}

static void
on_entry_proof(void *owner, struct fetch_result *result, const struct err *err)
{
	struct proof_call *call = owner;
	struct entry_and_proof_json reply;
	struct arena arena;
	struct err bad = {0};
	uint64_t other = call->index;
	bool ok;

	call_arrived(&call->call, result);
	arena_init(&arena);
	ok = err == NULL && proof_json_entry(result->body, &arena, &reply, &bad) &&
	    read_inclusion(call, &reply.proof, call->first, &bad);
	arena_free(&arena);
	if (!ok) {
		call->index = other;
		err_set(&bad, ERR_NOT_FOUND,
		    "the log proves this leaf at %" PRIu64 ", not at %" PRIu64, other,
		    call->first);
	}
	proof_end(call, ok ? NULL : &bad);
}

static void
ask_for_proof(struct proof_call *call)
{
	if (call->inclusion)
		ask_proof_by_hash(
		    &call->call, &call->first_root, call->size, on_proof_by_hash);
	else
		ask_consistency(&call->call, call->first, call->size, on_consistency);
}

const struct species SPECIES_RFC6962 = {
    .head_path = "ct/v1/get-sth",
    .plan = plan,
    .get_entries = get_entries,
    .prove = ask_for_proof,
    .get_frontier = frontier_begin_rfc6962,
    .get_timestamp = get_timestamp,
    .get_issuer = get_issuer,
    .stride = 1,
};
