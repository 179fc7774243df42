#include "monitor/lie.h"

#include "monitor/accuse.h"
#include "monitor/served.h"
#include "wire/checkpoint.h"

#define SHOWN_MAX 4096

static const char *const CLAIMS[CONDITIONS] = {
    [CONDITION_STALE] = "stale",
    [CONDITION_FUTURE] = "future",
    [CONDITION_EMPTY_ROOT] = "empty-root",
    [CONDITION_SPLIT_VIEW] = "split-view",
    [CONDITION_INCONSISTENT] = "inconsistent",
    [CONDITION_UNPROVED] = "unproved",
    [CONDITION_BAD_TILE] = "unproved",
    [CONDITION_EQUIVOCATION] = "equivocation",
    [CONDITION_TIME_BACK] = "time-back",
    [CONDITION_SHRANK] = "shrank",
};

/* --- two heads ------------------------------------------------------------------- */

static void
put_heads(struct accusation *a, const struct follower *follower, const struct sth *head)
{
	struct json *json = &a->evidence;

	json_put_number(json, "accepted_size", (int64_t)follower->head.size);
	json_put_hex(json, "accepted_root", sha256_bytes(&follower->head.root));
	json_put_time(json, "accepted_timestamp", follower->head.timestamp_ms);
	json_put_number(json, "size", (int64_t)head->tree_size);
	json_put_hex(json, "root", sha256_bytes(&head->root));
	json_put_time(json, "timestamp", (int64_t)head->timestamp_ms);
	if (head->raw_len <= SHOWN_MAX)
		json_put_hex(json, "head", bytes_of(head->raw, head->raw_len));
	accuse_head(a, "head-1", &follower->signed_head);
	accuse_head(a, "head-2", head);
}

/* The root that the larger tree has at the smaller one's size, and its proof. */
static void
claim_inconsistent(struct accusation *a, const struct follower *follower,
    const struct sth *head, const struct logclient_proof *proof)
{
	bool smaller = head->tree_size < follower->head.size;
	struct accuse_path path = {smaller ? head->tree_size : follower->head.size,
	    smaller ? follower->head.size : head->tree_size, proof->path,
	    proof->path_len};
	struct json *json;

	accuse_consistency(a, "consistency.json", &path, proof->shown);
	json = accuse_claim(a, "inconsistent");
	json_begin_array(json, "heads");
	json_put_text(json, NULL, smaller ? "head-2" : "head-1");
	json_put_text(json, NULL, smaller ? "head-1" : "head-2");
	json_end_array(json);
	json_put_text(json, "proof", "consistency.json");
	accuse_claim_end(a);
}

void
lie_of_heads(struct follower *follower, enum condition lie, const struct sth *head,
    const struct logclient_proof *proof)
{
	struct accusation a;

	if (!follower_is_news(follower, lie))
		return;
	accuse_begin(&a, follower);
	put_heads(&a, follower, head);
	if (proof != NULL && proof->raw.len > 0)
		accuse_file(&a, "proof-as-served", proof->raw);
	if (lie != CONDITION_INCONSISTENT)
		accuse_two_heads(&a, CLAIMS[lie], "head-1", "head-2");
	else if (proof != NULL && proof->shown != NULL)
		claim_inconsistent(&a, follower, head, proof);
	else
		accuse_two_heads(&a, "unproved", "head-1", "head-2");
	follower_accuse(follower, lie, NULL, &a);
}

/* --- one head -------------------------------------------------------------------- */

void
lie_of_head(struct follower *follower, enum condition lie, const struct sth *head)
{
	struct accusation a;
	struct json *json;
	int64_t now_ms = clock_now_ms(follower->monitor->clock);

	if (!follower_is_news(follower, lie))
		return;
	accuse_begin(&a, follower);
	json_put_number(&a.evidence, "size", (int64_t)head->tree_size);
	json_put_hex(&a.evidence, "root", sha256_bytes(&head->root));
	json_put_time(&a.evidence, "timestamp", (int64_t)head->timestamp_ms);
	json_put_time(&a.evidence, "seen", now_ms);
	accuse_head(&a, "head", head);
	json = accuse_claim(&a, CLAIMS[lie]);
	json_put_text(json, "head", "head");
	json_put_number(json, "seen_ms", now_ms);
	json_put_number(json, "mmd_ms", follower->log->mmd_ms);
	accuse_claim_end(&a);
	follower_accuse(follower, lie, NULL, &a);
}

/* --- a head that does not verify --------------------------------------------------- */

/* Whose it is, if not the log's: a checkpoint names its origin, and the key in
 * its key id. What get-sth sends names nobody. */
static enum condition
condition_of(const struct ct_log *log, struct bytes raw)
{
	struct checkpoint checkpoint;
	struct checkpoint_signature line;
	struct cursor lines;
	struct err err;

	if (log->kind != CT_LOG_STATIC || !checkpoint_parse(raw, &checkpoint, &err))
		return CONDITION_BAD_SIGNATURE;
	if (!bytes_equal(checkpoint.origin, bytes_text(log->origin)))
		return CONDITION_OTHER_ORIGIN;
	lines = cursor_of(checkpoint.note.signatures);
	return checkpoint_next_signature(
		   &lines, checkpoint.origin, &log->id, &line, &err) ||
		err.code != ERR_NOT_FOUND
	    ? CONDITION_BAD_SIGNATURE
	    : CONDITION_OTHER_KEY;
}

void
lie_of_signature(struct follower *follower, struct bytes raw, const char *why)
{
	enum condition lie = condition_of(follower->log, raw);
	struct accusation a;
	struct json *json;

	if (!follower_is_news(follower, lie))
		return;
	accuse_begin(&a, follower);
	if (raw.len <= SHOWN_MAX)
		json_put_hex(&a.evidence, "head", raw);
	accuse_file(&a, "head", raw);
	json = accuse_claim(&a, "bad-signature");
	json_put_text(json, "head", "head");
	accuse_claim_end(&a);
	follower_accuse(follower, lie, why, &a);
}

void
lie_signature_good(struct follower *follower)
{
	follower_condition(follower, CONDITION_BAD_SIGNATURE, false, NULL);
	follower_condition(follower, CONDITION_OTHER_ORIGIN, false, NULL);
	follower_condition(follower, CONDITION_OTHER_KEY, false, NULL);
}

/* --- entries ----------------------------------------------------------------------- */

/* Where no proof leads from there to the head at hand, what was read stands in
 * the evidence and nothing is claimed. */
static void
claim_mismatch(struct accusation *a, const struct frontier *ours,
    const struct follower *follower, const struct logclient_proof *proof)
{
	struct accuse_path path = {.first = ours->size, .second = follower->head.size};
	bool at_head = ours->size == follower->head.size;
	struct json *json;

	if (!at_head &&
	    (proof == NULL || proof->shown == NULL ||
		follower->proof_head.size != follower->head.size))
		return;
	json = accuse_claim(a, "mismatch");
	json_put_text(json, "head", "head");
	json_put_text(json, "read", "frontier-as-read");
	if (!at_head) {
		path.path = proof->path;
		path.len = proof->path_len;
		accuse_consistency(a, "consistency.json", &path, proof->shown);
		json_put_text(json, "proof", "consistency.json");
	}
	accuse_claim_end(a);
}

void
lie_of_entries(
    struct follower *follower, const char *how, const struct logclient_proof *proof)
{
	const struct range *range = &follower->range;
	const struct frontier *ours =
	    proof != NULL ? &follower->proof_frontier : &range->frontier;
	uint8_t text[FRONTIER_TEXT_MAX];
	struct accusation a;
	struct sha256 root;

	if (!follower_is_news(follower, CONDITION_MISMATCH))
		return;
	frontier_root(ours, &root);
	accuse_begin(&a, follower);
	json_put_number(&a.evidence, "verified", (int64_t)range->verified);
	json_put_number(&a.evidence, "read", (int64_t)ours->size);
	json_put_hex(&a.evidence, "our_root", sha256_bytes(&root));
	json_put_number(&a.evidence, "head_size", (int64_t)follower->head.size);
	json_put_hex(&a.evidence, "head_root", sha256_bytes(&follower->head.root));
	json_put_time(&a.evidence, "head_timestamp", follower->head.timestamp_ms);
	json_put_text(&a.evidence, "how", how);
	accuse_head(&a, "head", &follower->signed_head);
	accuse_file(
	    &a, "frontier-as-read", bytes_of(text, frontier_serialise(ours, text)));
	if (proof != NULL && proof->raw.len > 0)
		accuse_file(&a, "proof-as-served", proof->raw);
	claim_mismatch(&a, ours, follower, proof);
	if (follower->known_bad_count == 0) /* else the tree has other leaves */
		served_accuse(follower->served, &a, ours);
	follower_accuse(follower, CONDITION_MISMATCH, NULL, &a);
}
