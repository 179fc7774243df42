/*
 * What a log owes, asked for: an accusing entry is told once its place in the
 * tree is proved; a promised leaf is looked for in our own sightings, then in the
 * log's tree, and what is not there accuses the log (sct-not-included).
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "check/run.h"
#include "evidence/rebuild.h"
#include "merkle/hash.h"
#include "monitor/accuse.h"
#include "monitor/owe.h"
#include "monitor/tell.h"
#include "store/evidence.h"
#include "wire/sct.h"

#define EVERY_MS      (5 * SECOND_MS) /* between two questions to a log */
#define RETRY_MS      (10 * MINUTE_MS)
#define RETRY_MOST_MS (24 * HOUR_MS)
#define ABSENT_TRIES  3 /* the log says "no such leaf" so often, hours apart */
#define GIVE_UP_MS    (INT64_C(30) * 24 * HOUR_MS)

struct settling {
	struct follower *follower;
	struct logclient_call *call;
	struct arena arena;
	struct owed_row row;
	struct sha256 leaf_hash;
	struct sth head;  /* that it is held against */
	bool controlling; /* a leaf that is there is asked for first */
};

static void
settling_free(struct settling *it)
{
	if (it == NULL)
		return;
	logclient_cancel(it->call);
	sth_fini(&it->head);
	arena_free(&it->arena);
	mem_free(it);
}

void
owe_cancel(struct follower *follower)
{
	settling_free(follower->settling);
	follower->settling = NULL;
}

/* --- what becomes of a row ------------------------------------------------------- */

struct owed_change {
	struct change change; /* first */
	uint32_t log;
	int64_t number, due_ms; /* due_ms 0: it is settled */
	bool counted;
	/* a promise that was broken */
	bool broken;
	struct judged_promise promise;
	int64_t certificate;
	char name[64];
	struct accusation accusation;
	struct exhibit_row exhibits[ACCUSATION_FILES + 1];
};

static bool
accuse_in(struct owed_change *it, struct writer *writer, struct err *err)
{
	static const char NO_PROOF[] =
	    "{\"unavailable\":\"it is about what is not in the tree\"}";
	struct told_about about = {
	    .watch = WATCH_NOT_FOUND, .log = it->log, .certificate = it->certificate};
	struct findings findings;

	findings_init(&findings, &writer->arena);
	checks_run_promise(&it->promise, &writer->working->settings->params, &findings);
	if (!tell_findings(writer, &findings, &about, err))
		return false;
	for (size_t i = 0; i < findings.count; i++) {
		struct bytes id = bytes_of(findings.rows[i]->id, FINDING_ID_LEN);

		if (!tell_exhibits(writer, id, it->exhibits, it->accusation.count, err) ||
		    !store_finding_prove(writer->store, id, bytes_text(NO_PROOF), err))
			return false;
	}
	return true;
}

static bool
apply_owed(struct writer *writer, struct change *change, struct err *err)
{
	struct owed_change *it = (struct owed_change *)change;

	if (it->broken && !accuse_in(it, writer, err))
		return false;
	return it->due_ms != 0
	    ? store_owed_retry(writer->store, it->number, it->due_ms, it->counted, err)
	    : store_owed_delete(writer->store, it->number, err);
}

static void
owed_done(struct monitor *monitor, struct change *change, bool written)
{
	struct owed_change *it = (struct owed_change *)change;
	struct follower *follower = monitor_follower(monitor, it->log);

	(void)written;
	if (follower != NULL) {
		owe_cancel(follower);
		owe_settle_later(follower, EVERY_MS);
	}
	if (it->broken)
		accuse_free(&it->accusation);
	mem_free(it);
}

static struct owed_change *
change_of(const struct settling *it)
{
	struct owed_change *change = mem_zero(1, sizeof(*change));

	change->change.apply = apply_owed;
	change->change.done = owed_done;
	change->log = it->follower->number;
	change->number = it->row.number;
	return change;
}

static void
settled(struct settling *it)
{
	change_submit(it->follower->monitor, &change_of(it)->change);
}

static void
later(struct settling *it, int64_t delay_ms, bool counted)
{
	struct owed_change *change = change_of(it);

	change->counted = counted;
	change->due_ms = clock_now_ms(it->follower->monitor->clock) + delay_ms;
	change_submit(it->follower->monitor, &change->change);
}

/* More and more seldom, as it grows old; after a month it is let go. */
static void
retry(struct settling *it, bool counted)
{
	int64_t age_ms = clock_now_ms(it->follower->monitor->clock) -
	    it->row.timestamp_ms - it->follower->log->mmd_ms;
	int64_t delay_ms = age_ms / 4;

	if (age_ms > GIVE_UP_MS)
		settled(it);
	else
		later(it,
		    delay_ms < RETRY_MS            ? RETRY_MS
			: delay_ms > RETRY_MOST_MS ? RETRY_MOST_MS
						   : delay_ms,
		    counted);
}

/* --- an entry that accuses --------------------------------------------------------- */

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
		retry(it, true);
		return;
	}
	settled(it);
}

static void
settle_entry(struct settling *it)
{
	struct follower *follower = it->follower;
	struct err err;

	if (it->row.against.len > 0 &&
	    !sth_from_body(it->row.against, follower->log, &it->head, &err)) {
		settled(it); /* a head of a key that is another now */
		return;
	}
	it->call = logclient_prove_inclusion(follower->client, &it->leaf_hash,
	    (uint64_t)it->row.position, it->head.tree_size, &it->head.root, on_entry, it);
}

/* --- a promise ---------------------------------------------------------------------- */

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
	struct owed_change *change = change_of(it);
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
	retry(it, err == NULL);
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
	one->row = *row;
	one->row.extensions = arena_copy(one->arena, row->extensions);
	one->row.leaf_tbs = arena_copy(one->arena, row->leaf_tbs);
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
		retry(it, false);
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
		settled(it);
	} else if (err->code == ERR_VERIFY && proof->refuted && proof->shown != NULL) {
		broken(it, BROKEN_OTHER_LEAF, proof);
	} else if (err->code != ERR_NOT_FOUND || !by_hash) {
		retry(it, false);
	} else if (!it->follower->finds_by_hash) {
		control(it);
	} else if (it->row.tries + 1 < ABSENT_TRIES) {
		retry(it, true);
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

static void
settle_promise(struct settling *it)
{
	int64_t kept_ms = it->row.timestamp_ms + it->follower->log->mmd_ms;

	if (is_sighted(it)) {
		settled(it);
		return;
	}
	if ((int64_t)it->head.timestamp_ms < kept_ms) {
		check_stillness(it);
		later(it, MINUTE_MS + it->follower->log->mmd_ms / 24, false);
		return;
	}
	follower_condition(it->follower, CONDITION_STANDS_STILL, false, NULL);
	if (it->row.position >= 0 && (uint64_t)it->row.position >= it->head.tree_size)
		broken(it, BROKEN_BEYOND_TREE, NULL);
	else
		ask_promise(it);
}

/* --- whose turn it is -----------------------------------------------------------------
 */

/* Accusing entries first. */
static bool
find_due(struct settling *it)
{
	struct follower *follower = it->follower;
	struct store *store = follower->monitor->options.reader;
	struct owed_filter filter = {.log = follower->number,
	    .kind_first = OWED_SUSPECT(0),
	    .kind_last = OWED_SUSPECT(SUSPICIONS - 1),
	    .due_ms = clock_now_ms(follower->monitor->clock),
	    .position_end = (int64_t)follower->range.verified};
	struct err err;
	bool found;

	if (!store_owed_find(store, &filter, &it->arena, &it->row, &found, &err))
		return false;
	if (found)
		return true;
	filter.kind_first = filter.kind_last = OWED_PROMISE;
	filter.position_end = -1;
	return store_owed_find(store, &filter, &it->arena, &it->row, &found, &err) &&
	    found;
}

static void
on_turn(void *owner)
{
	struct follower *follower = owner;
	struct settling *it;

	follower->settle_timer = NULL;
	if (follower->settling != NULL || follower->monitor->stopping ||
	    !follower->wanted || follower->signed_head.raw == NULL)
		return;
	it = mem_zero(1, sizeof(*it));
	it->follower = follower;
	arena_init(&it->arena);
	sth_init(&it->head);
	if (!find_due(it)) {
		settling_free(it);
		return;
	}
	follower->settling = it;
	sth_copy(&it->head, &follower->signed_head);
	memcpy(it->leaf_hash.octets, it->row.leaf_hash.data, SHA256_LEN);
	if (it->row.kind == OWED_PROMISE)
		settle_promise(it);
	else
		settle_entry(it);
}

void
owe_settle_later(struct follower *follower, int64_t delay_ms)
{
	if (follower->settle_timer == NULL && follower->settling == NULL &&
	    !follower->monitor->stopping)
		follower->settle_timer =
		    clock_after(follower->monitor->clock, delay_ms, on_turn, follower);
}
