/*
 * An entry that accuses its log is told once its place in the tree is proved.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "monitor/settle_priv.h"

static const struct {
	const char *kind, *claim;
	enum notice_level level;
} SUSPECTS[SUSPICIONS] = {
    [SUSPECT_INDEX] = {"entry-wrong-index", "leaf-index", NOTICE_LEVEL_ERROR},
    [SUSPECT_INTERVAL] = {"entry-outside-interval", "outside-shard",
	NOTICE_LEVEL_WARNING},
    [SUSPECT_TIME] = {"head-before-entry", "late-entry", NOTICE_LEVEL_ERROR},
};

static void
claim_entry(struct accusation *a, const struct settling *it, const char *claim)
{
	const struct ct_log *log = it->follower->log;
	struct json *json = accuse_claim(a, "included");

	json_put_text(json, "leaf", "leaf");
	json_put_text(json, "proof", "inclusion.json");
	json_put_text(json, "head", "head");
	accuse_claim_end(a);
	json = accuse_claim(a, claim);
	json_put_text(json, "leaf", "leaf");
	json_put_text(json, "proof", "inclusion.json");
	json_put_text(json, "head", "head");
	json_put_number(json, "start_ms", log->start_ms);
	json_put_number(json, "end_ms", log->end_ms);
	accuse_claim_end(a);
}

static void
tell_entry(struct settling *it, const struct logclient_proof *proof)
{
	struct follower *follower = it->follower;
	enum suspicion which = (enum suspicion)(it->row.kind - OWED_SUSPECT(0));
	struct accuse_path path = {
	    (uint64_t)it->row.position, it->head.tree_size, proof->path, proof->path_len};
	int64_t day = clock_now_ms(follower->monitor->clock) / (24 * HOUR_MS);
	char subject[64], message[320];
	struct monitor_event event = {.kind = SUSPECTS[which].kind,
	    .log = follower->number,
	    .level = SUSPECTS[which].level,
	    .message = message,
	    .moment = true};
	struct accusation a;

	snprintf(subject, sizeof(subject), "%" PRIu32 ":%" PRId64, follower->number, day);
	snprintf(message, sizeof(message), "%.80s: %.*s", follower->log->name,
	    (int)it->row.note.len, (const char *)it->row.note.data);
	event.subject = bytes_text(subject);
	log_error("log %s", message);
	accuse_begin(&a, follower);
	json_put_number(&a.evidence, "index", it->row.position);
	json_put_time(&a.evidence, "timestamp", it->row.timestamp_ms);
	accuse_file(&a, "leaf", it->row.leaf);
	accuse_head(&a, "head", &it->head);
	accuse_inclusion(&a, "inclusion.json", &path);
	claim_entry(&a, it, SUSPECTS[which].claim);
	event.evidence = accuse_evidence(&a);
	event.exhibits = a.exhibits;
	event.exhibit_count = a.count;
	monitor_tell(follower->monitor, &event);
	accuse_free(&a);
}

/* A leaf that is not in the tree accuses nobody: its bytes came over damaged, or
 * the whole range does not hash to it, which is told elsewhere. */
static void
on_entry(void *owner, const struct logclient_proof *proof, const struct err *err)
{
	struct settling *it = owner;

	it->call = NULL;
	if (err == NULL) {
		tell_entry(it, proof);
	} else if (err->code != ERR_VERIFY && err->code != ERR_NOT_FOUND) {
		settle_retry(it, true);
		return;
	}
	settle_done(it);
}

void
settle_entry(struct settling *it)
{
	struct follower *follower = it->follower;
	struct err err;

	if (it->row.against.len > 0 &&
	    !sth_from_body(it->row.against, follower->log, &it->head, &err)) {
		settle_done(it); /* a head of a key that is another now */
		return;
	}
	it->call = logclient_prove_inclusion(follower->client, &it->leaf_hash,
	    (uint64_t)it->row.position, it->head.tree_size, &it->head.root, on_entry, it);
}
