/*
 * Inclusion proofs for findings, in the background: each finding that was made
 * on an entry gets the path from its exact leaf to a signed head, once what
 * was read is proved beyond the entry (promise 3).
 */
#include <stdio.h>

#include "base/json.h"
#include "base/log.h"
#include "merkle/hash.h"
#include "monitor/monitor_priv.h"
#include "evidence/rebuild.h"
#include "store/certificate.h"
#include "store/finding.h"
#include "store/range.h"

#define PAGE 32 /* findings looked at in one go */

/* One proof under way. The findings of one entry share it. */
struct inclusion {
	struct follower *follower;
	struct logclient_call *call;
	uint64_t index;
	struct head_mark head;
	uint8_t signature[SIGNED_MAX]; /* of it, as far as it is at hand */
	size_t signature_len;
	uint8_t (*ids)[STORE_ID_LEN];
	size_t count;
};

struct wanted {
	struct follower *follower;
	uint64_t index;
	uint8_t ids[PAGE][STORE_ID_LEN];
	size_t count;
};

static void
inclusion_free(struct inclusion *it)
{
	if (it == NULL)
		return;
	logclient_cancel(it->call);
	mem_free(it->ids);
	mem_free(it);
}

void
inclusion_cancel(struct follower *follower)
{
	inclusion_free(follower->inclusion);
	follower->inclusion = NULL;
}

/* --- storing it --- */

struct proof_change {
	struct change change; /* first */
	uint8_t (*ids)[STORE_ID_LEN];
	size_t count;
	struct buf json;
};

static bool
apply_proof(struct writer *writer, struct change *change, struct err *err)
{
	struct proof_change *it = (struct proof_change *)change;

	for (size_t i = 0; i < it->count; i++)
		if (!store_finding_prove(writer->store,
			bytes_of(it->ids[i], STORE_ID_LEN), buf_bytes(&it->json), err))
			return false;
	return true;
}

static void
proof_done(struct monitor *monitor, struct change *change, bool written)
{
	struct proof_change *it = (struct proof_change *)change;

	(void)monitor;
	(void)written;
	buf_free(&it->json);
	mem_free(it->ids);
	mem_free(it);
}

static void
store_proof(struct inclusion *it, const struct logclient_proof *proof)
{
	struct proof_change *change = mem_zero(1, sizeof(*change));
	struct json json;

	change->change.apply = apply_proof;
	change->change.done = proof_done;
	change->ids = it->ids;
	change->count = it->count;
	it->ids = NULL;
	buf_init(&change->json, 65536);
	json_init(&json, &change->json);
	json_begin_object(&json, NULL);
	json_put_hex(&json, "log_id", sha256_bytes(&it->follower->log->id));
	json_put_number(&json, "index", (int64_t)it->index);
	json_put_number(&json, "tree_size", (int64_t)it->head.size);
	json_put_hex(&json, "root", sha256_bytes(&it->head.root));
	json_put_time(&json, "timestamp", it->head.timestamp_ms);
	if (it->signature_len > 0) /* the head can be made again by it */
		json_put_hex(
		    &json, "signature", bytes_of(it->signature, it->signature_len));
	json_begin_array(&json, "path");
	for (size_t i = 0; i < proof->path_len; i++)
		json_put_hex(&json, NULL, sha256_bytes(&proof->path[i]));
	json_end_array(&json);
	json_end_object(&json);
	change_submit(it->follower->monitor, &change->change);
}

/* --- the exact leaf --- */

struct one_sighting {
	struct arena *arena;
	struct sighting_row row;
	bool found;
};

static bool
on_sighting(void *owner, const struct sighting_row *row)
{
	struct one_sighting *one = owner;

	one->row = store_sighting_copy(row, one->arena);
	one->found = true;
	return false;
}

static bool
leaf_hash(struct monitor *monitor, uint32_t log, uint64_t index, struct sha256 *out,
    struct err *err)
{
	struct store *store = monitor->options.reader;
	struct one_sighting one = {0};
	struct arena arena;
	struct buf leaf;
	bool ok;

	arena_init(&arena);
	one.arena = &arena;
	buf_init(&leaf, LEAF_MAX);
	ok = store_sighting_each(store, log, index, index + 1, 1, on_sighting, &one, err);
	if (ok && !one.found)
		ok = err_set(err, ERR_NOT_FOUND, "nothing was stored of it");
	ok = ok && rebuild_leaf(store, &one.row, &arena, &leaf, err);
	if (ok)
		merkle_hash_leaf(buf_bytes(&leaf), out);
	buf_free(&leaf);
	arena_free(&arena);
	return ok;
}

/* --- asking for it --- */

static void
on_proof(void *owner, const struct logclient_proof *proof, const struct err *err)
{
	struct inclusion *it = owner;
	struct follower *follower = it->follower;

	it->call = NULL;
	follower->inclusion = NULL;
	if (err == NULL) {
		store_proof(it, proof);
		follower->finds_by_hash = true;
	} else {
		follower_trouble(follower, err, "inclusion proof");
	}
	inclusion_free(it);
	if (err == NULL)
		inclusion_later(follower, 0);
}

static bool
on_unproved(void *owner, const struct finding_row *row)
{
	struct wanted *wanted = owner;

	if (wanted->count == 0)
		wanted->index = row->log_index;
	if (row->log_index == wanted->index)
		memcpy(wanted->ids[wanted->count++], row->id.data, STORE_ID_LEN);
	return true;
}

/* The leaf cannot be made again: it says so where the proof would stand, and
 * is not looked at a second time. */
static void
give_up(struct inclusion *it, const struct err *err)
{
	struct proof_change *change = mem_zero(1, sizeof(*change));
	struct json json;

	change->change.apply = apply_proof;
	change->change.done = proof_done;
	change->ids = it->ids;
	change->count = it->count;
	it->ids = NULL;
	buf_init(&change->json, 4096);
	json_init(&json, &change->json);
	json_begin_object(&json, NULL);
	json_put_text(&json, "unavailable", err->text);
	json_end_object(&json);
	change_submit(it->follower->monitor, &change->change);
}

/* None was wanted a short while ago, and nothing more is verified since. */
static bool
is_done(const struct follower *follower)
{
	return follower->included == follower->range.verified &&
	    clock_mono_ms(follower->monitor->clock) - follower->included_ms < HOUR_MS;
}

static void
on_turn(void *owner)
{
	struct follower *follower = owner;
	struct wanted wanted = {.follower = follower};
	struct finding_filter filter = {.log = follower->number,
	    .index_end = follower->range.verified,
	    .state = FINDING_OPEN,
	    .without_proof = 1,
	    .limit = PAGE};
	struct inclusion *it;
	struct sha256 leaf;
	struct err err;

	follower->inclusion_timer = NULL;
	if (follower->inclusion != NULL || follower->monitor->stopping ||
	    follower->range.verified == 0 ||
	    follower->head.size < follower->range.verified || is_done(follower))
		return;
	if (!store_finding_each(
		follower->monitor->options.reader, &filter, on_unproved, &wanted, &err))
		return;
	if (wanted.count == 0) {
		follower->included = follower->range.verified;
		follower->included_ms = clock_mono_ms(follower->monitor->clock);
		return;
	}
	it = mem_zero(1, sizeof(*it));
	it->follower = follower;
	it->index = wanted.index;
	it->head = follower->head;
	it->signature_len = follower->signed_head.signature_len;
	memcpy(it->signature, follower->signed_head.signature, it->signature_len);
	it->count = wanted.count;
	it->ids = mem_copy(wanted.ids, wanted.count * STORE_ID_LEN);
	if (follower_knows_bad(follower, it->index)
		? !err_set(&err, ERR_VERIFY, "known_bad: the tree holds another leaf")
		: !leaf_hash(
		      follower->monitor, follower->number, it->index, &leaf, &err)) {
		give_up(it, &err);
		inclusion_free(it);
		inclusion_later(follower, SECOND_MS);
		return;
	}
	follower->inclusion = it;
	it->call = logclient_prove_inclusion(follower->client, &leaf, it->index,
	    it->head.size, &it->head.root, on_proof, it);
}

void
inclusion_later(struct follower *follower, int64_t delay_ms)
{
	if (follower->inclusion_timer == NULL && follower->inclusion == NULL &&
	    !follower->monitor->stopping)
		follower->inclusion_timer =
		    clock_after(follower->monitor->clock, delay_ms, on_turn, follower);
}
