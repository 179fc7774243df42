/*
 * What a log promised in an SCT is looked for in our own sightings, then in the
 * log's tree; what is not there accuses the log (sct-not-included).
 */
#include <stdio.h>

#include "base/log.h"
#include "evidence/rebuild.h"
#include "merkle/hash.h"
#include "monitor/settle_priv.h"

#define ABSENT_TRIES 3 /* the log says "no such leaf" so often, hours apart */

static void
claim_promise(struct accusation *a, const struct settling *it, const char *claim,
    const struct logclient_proof *proof)
{
	struct accuse_path path = {
	    (uint64_t)it->row.position, it->head.tree_size, NULL, 0};
	struct json *json;

	accuse_file(a, "leaf", it->row.leaf);
	accuse_file(a, "sct", it->row.against);
	accuse_head(a, "head", &it->head);
	if (proof != NULL) {
		path.path = proof->path;
		path.len = proof->path_len;
		accuse_inclusion(a, "inclusion.json", &path);
	}
	json = accuse_claim(a, claim);
	json_put_text(json, "leaf", "leaf");
	json_put_text(json, "sct", "sct");
	json_put_text(json, "head", "head");
	json_put_number(json, "mmd_ms", it->follower->log->mmd_ms);
	if (proof != NULL) {
		json_put_hex(json, "stands_there", sha256_bytes(proof->shown));
		json_put_text(json, "proof", "inclusion.json");
	}
	accuse_claim_end(a);
}

static void
copy_exhibits(struct owed_change *change)
{
	for (size_t i = 0; i < change->accusation.count; i++) {
		const struct monitor_exhibit *from = &change->accusation.exhibits[i];

		change->exhibits[i].name = bytes_text(from->name);
		change->exhibits[i].body = from->body;
	}
}

static void
broken(struct settling *it, enum broken_promise how, const struct logclient_proof *proof)
{
	const struct ct_log *log = it->follower->log;
	struct owed_change *change = settle_change(it);
	struct judged_promise *promise = &change->promise;

	snprintf(change->name, sizeof(change->name), "%s", log->name);
	change->broken = true;
	change->certificate = it->row.certificate;
	accuse_begin(&change->accusation, it->follower);
	claim_promise(&change->accusation, it, "not-included", proof);
	(void)accuse_evidence(&change->accusation);
	copy_exhibits(change);
	*promise = (struct judged_promise){.name = change->name,
	    .broken = how,
	    .sct = arena_copy(&change->accusation.arena, it->row.against),
	    .timestamp_ms = it->row.timestamp_ms,
	    .mmd_ms = log->mmd_ms,
	    .index = it->row.position,
	    .tree_size = it->head.tree_size,
	    .head_ms = (int64_t)it->head.timestamp_ms};
	memcpy(promise->log_id, log->id.octets, SHA256_LEN);
	memcpy(promise->leaf_hash, it->leaf_hash.octets, SHA256_LEN);
	memcpy(promise->root, it->head.root.octets, SHA256_LEN);
	log_error(
	    "log %s: an SCT of it promised a leaf that is not in its tree", log->name);
	change_submit(it->follower->monitor, &change->change);
}

/* "No such leaf" says something only where the log finds leaves at all. */
static void
on_control(void *owner, const struct logclient_proof *proof, const struct err *err)
{
	struct settling *it = owner;

	(void)proof;
	it->call = NULL;
	it->follower->finds_by_hash = err == NULL;
	settle_retry(it, err == NULL);
}

struct one_sighting {
	struct arena *arena;
	struct sighting_row row;
	const struct settling *wanted; /* NULL: any */
	bool found;
};

static bool
on_sighting(void *owner, const struct sighting_row *row)
{
	struct one_sighting *one = owner;

	if (one->wanted != NULL &&
	    (row->log != one->wanted->row.log ||
		row->timestamp_ms != one->wanted->row.timestamp_ms ||
		row->index >= one->wanted->follower->range.verified))
		return true;
	one->row = store_sighting_copy(row, one->arena);
	one->found = true;
	return false;
}

static bool
hash_of(struct settling *it, const struct one_sighting *one, struct sha256 *out)
{
	struct buf leaf;
	struct err err;
	bool ok;

	if (!one->found)
		return false;
	buf_init(&leaf, LEAF_MAX);
	ok = rebuild_leaf(
	    it->follower->monitor->options.reader, &one->row, &it->arena, &leaf, &err);
	if (ok)
		merkle_hash_leaf(buf_bytes(&leaf), out);
	buf_free(&leaf);
	return ok;
}

/* A leaf that is in the tree for certain: the last that our frontier has by itself,
 * or one that is stored. */
static bool
known_leaf(struct settling *it, struct sha256 *out)
{
	const struct range *range = &it->follower->range;
	struct one_sighting one = {.arena = &it->arena};
	struct err err;

	if (range->next % 2 == 1 && !range->blind && range->verified == range->next &&
	    range->next <= it->head.tree_size) {
		*out = range->frontier.nodes[frontier_count(&range->frontier) - 1];
		return true;
	}
	return store_sighting_each(it->follower->monitor->options.reader, it->row.log,
		   range->start, range->verified, 1, on_sighting, &one, &err) &&
	    hash_of(it, &one, out);
}

static void
control(struct settling *it)
{
	struct sha256 leaf;

	if (!known_leaf(it, &leaf)) {
		settle_retry(it, false);
		return;
	}
	it->call = logclient_prove_inclusion(it->follower->client, &leaf,
	    LOGCLIENT_ANY_INDEX, it->head.tree_size, &it->head.root, on_control, it);
}

static void
on_promise(void *owner, const struct logclient_proof *proof, const struct err *err)
{
	struct settling *it = owner;
	bool by_hash = it->row.position < 0;

	it->call = NULL;
	if (err == NULL) {
		it->follower->finds_by_hash = it->follower->finds_by_hash || by_hash;
		settle_done(it);
	} else if (err->code == ERR_VERIFY && proof->refuted && proof->shown != NULL) {
		broken(it, BROKEN_OTHER_LEAF, proof);
	} else if (err->code != ERR_NOT_FOUND || !by_hash) {
		settle_retry(it, false);
	} else if (!it->follower->finds_by_hash) {
		control(it);
	} else if (it->row.tries + 1 < ABSENT_TRIES) {
		settle_retry(it, true);
	} else {
		broken(it, BROKEN_NOT_FOUND, NULL);
	}
}

static void
ask_promise(struct settling *it)
{
	uint64_t index =
	    it->row.position < 0 ? LOGCLIENT_ANY_INDEX : (uint64_t)it->row.position;

	it->call = logclient_prove_inclusion(it->follower->client, &it->leaf_hash, index,
	    it->head.tree_size, &it->head.root, on_promise, it);
}

/* The log was at work at that time, and its newest head is older than its maximum
 * merge delay allows beside it. */
static void
check_stillness(struct settling *it)
{
	struct follower *follower = it->follower;
	bool still = follower->failures == 0 &&
	    it->row.timestamp_ms > (int64_t)it->head.timestamp_ms + follower->log->mmd_ms;
	struct accusation a;

	if (!still || !follower_is_news(follower, CONDITION_STANDS_STILL))
		return;
	accuse_begin(&a, follower);
	json_put_time(&a.evidence, "head", (int64_t)it->head.timestamp_ms);
	json_put_time(&a.evidence, "sct", it->row.timestamp_ms);
	claim_promise(&a, it, "stands-still", NULL);
	follower_accuse(follower, CONDITION_STANDS_STILL, NULL, &a);
}

static bool
is_sighted(struct settling *it)
{
	struct one_sighting one = {.arena = &it->arena, .wanted = it};
	struct sha256 hash;
	struct err err;

	return store_sighting_of(it->follower->monitor->options.reader,
		   it->row.certificate, on_sighting, &one, &err) &&
	    hash_of(it, &one, &hash) && sha256_equal(&hash, &it->leaf_hash);
}

void
settle_promise(struct settling *it)
{
	int64_t kept_ms = it->row.timestamp_ms + it->follower->log->mmd_ms;

	if (is_sighted(it)) {
		settle_done(it);
		return;
	}
	if ((int64_t)it->head.timestamp_ms < kept_ms) {
		check_stillness(it);
		settle_later(it, MINUTE_MS + it->follower->log->mmd_ms / 24, false);
		return;
	}
	follower_condition(it->follower, CONDITION_STANDS_STILL, false, NULL);
	if (it->row.position >= 0 && (uint64_t)it->row.position >= it->head.tree_size)
		broken(it, BROKEN_BEYOND_TREE, NULL);
	else
		ask_promise(it);
}
