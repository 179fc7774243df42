/*
 * A judged batch becomes rows, all of them inside one transaction: first the
 * range's place, then certificates and what is said about them.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "check/run.h"
#include "monitor/candidate.h"
#include "monitor/family.h"
#include "monitor/history.h"
#include "monitor/owe.h"
#include "monitor/reread.h"
#include "monitor/tell.h"
#include "store/certificate.h"
#include "store/coverage.h"
#include "store/watch.h"

#define RETRY_FIRST_MS (INT64_C(600) * 1000)
#define WAIT_MS        (INT64_C(30) * 86400 * 1000) /* for an issuer */

struct commit {
	struct writer *writer;
	struct batch *batch;
	struct writer_range *range;        /* NULL: judged again */
	const struct head_mark *proved_by; /* NULL: provisional */
	bool reread;                       /* its entries were read before */
	struct err *err;
};

/* --- whom it concerns --- */

static bool
put_matches(const struct commit *c, const struct candidate *it, int64_t certificate)
{
	for (size_t i = 0; i < it->matches->count; i++)
		if (!store_match_put(c->writer->store,
			writer_watch_number(c->writer, it->matches->rows[i].watch),
			certificate, c->err))
			return false;
	return true;
}

/* --- the clocks of what was seen before --- */

struct earliest {
	int64_t form, at_ms;
	uint32_t log; /* of the entry at hand, which does not count */
	uint64_t index;
};

static bool
on_earlier(void *owner, const struct sighting_row *row)
{
	struct earliest *earliest = owner;

	if (row->form == earliest->form &&
	    !(row->log == earliest->log && row->index == earliest->index) &&
	    clock_of((uint64_t)row->timestamp_ms) < earliest->at_ms)
		earliest->at_ms = clock_of((uint64_t)row->timestamp_ms);
	return true;
}

static bool
has_finding(const struct findings *findings, struct bytes id)
{
	for (size_t i = 0; i < findings->count; i++)
		if (bytes_equal(bytes_of(findings->rows[i]->id, FINDING_ID_LEN), id))
			return true;
	return false;
}

struct log_based {
	struct commit *c;
	const struct findings *now;
	uint8_t (*ids)[FINDING_ID_LEN];
	size_t count;
};

static bool
on_log_based(void *owner, const struct finding_row *row)
{
	struct log_based *list = owner;

	if (bytes_equal(row->time_basis, bytes_text("log")) &&
	    !has_finding(list->now, row->id) && list->count < 64)
		memcpy(list->ids[list->count++], row->id.data, FINDING_ID_LEN);
	return true;
}

/* conventions.md, "Clocks": only the earliest log timestamp of the object says
 * when it was signed at the latest. A later one accuses nobody; one that is
 * earlier than all before (*lowered) takes back what they said. */
static bool
settle_log_clock(
    struct commit *c, struct candidate *it, const struct form_row *form, bool *lowered)
{
	struct earliest earliest = {
	    form->number, INT64_MAX, c->batch->log_number, it->entry->index};
	size_t kept = 0;

	if (!store_sighting_of(
		c->writer->store, form->certificate, on_earlier, &earliest, c->err))
		return false;
	if (earliest.at_ms == INT64_MAX)
		return true;
	if (earliest.at_ms <= it->judged->hi_ms) {
		for (size_t i = 0; i < it->findings->count; i++)
			if (it->findings->rows[i]->basis != BASIS_LOG)
				it->findings->rows[kept++] = it->findings->rows[i];
		it->findings->count = kept;
		it->judged->hi_ms = earliest.at_ms;
		return true;
	}
	*lowered = true;
	return true;
}

/* What a later log timestamp said, and this one does not. */
static bool
close_log_based(struct commit *c, struct candidate *it, const struct form_row *form)
{
	struct finding_filter filter = {
	    .certificate = form->certificate, .state = FINDING_OPEN};
	struct log_based list = {.c = c, .now = it->findings};

	list.ids = arena_alloc(&c->writer->arena, (size_t)64 * FINDING_ID_LEN);
	if (!store_finding_each(c->writer->store, &filter, on_log_based, &list, c->err))
		return false;
	for (size_t i = 0; i < list.count; i++)
		if (!tell_closed(
			c->writer, list.ids[i], "earlier-sighting", false, c->err))
			return false;
	return true;
}

/* --- certificate rows --- */

static int64_t
min_time(int64_t a, int64_t b)
{
	return a == STORE_NO_TIME || (b != STORE_NO_TIME && b < a) ? b : a;
}

/* *flags_before: what the row's were; 0 when it is new. */
static bool
put_certificate(struct commit *c, const struct candidate *it, uint32_t issuer,
    struct certificate_row *row, uint32_t *flags_before)
{
	struct certificate_key key = {issuer, it->serial, sha256_bytes(&it->tbs_hash)};
	int64_t timestamp = (int64_t)it->entry->leaf.timestamp_ms;
	int64_t lo = it->judged != NULL && it->judged->lo_ms != CLOCK_UNKNOWN
	    ? it->judged->lo_ms
	    : STORE_NO_TIME;
	uint32_t flags = (it->matches != NULL ? CERTIFICATE_MATCHED : 0) |
	    (it->signature == SIGNATURE_VERIFIED ? CERTIFICATE_VERIFIED : 0);
	struct certificate_row before;
	bool found;

	if (!store_certificate_find(
		c->writer->store, &key, &c->writer->arena, row, &found, c->err))
		return false;
	*flags_before = found ? row->flags : 0;
	if (!found) {
		*row = (struct certificate_row){.issuer = issuer,
		    .issuer_spki = it->issuer_known ? sha256_bytes(&it->issuer_key)
						    : bytes_of(NULL, 0),
		    .serial = it->serial,
		    .tbs_sha256 = key.tbs_sha256,
		    .not_before_s = it->not_before_s,
		    .not_after_s = it->not_after_s,
		    .lo_ms = lo,
		    .hi_ms = timestamp,
		    .flags = flags,
		    .first_seen_ms = writer_now_ms(c->writer),
		    .first_log = c->batch->log_number,
		    .first_index = it->entry->index};
		return store_certificate_put(c->writer->store, row, c->err) &&
		    store_name_put(
			c->writer->store, row->number, it->names, it->name_count, c->err);
	}
	before = *row;
	row->hi_ms = min_time(row->hi_ms, timestamp);
	row->lo_ms =
	    row->lo_ms == STORE_NO_TIME || (lo != STORE_NO_TIME && lo > row->lo_ms)
	    ? lo
	    : row->lo_ms;
	row->flags |= flags;
	if (row->issuer_spki.len == 0 && it->issuer_known)
		row->issuer = issuer;
	return (row->hi_ms == before.hi_ms && row->lo_ms == before.lo_ms &&
		   row->flags == before.flags && row->issuer == before.issuer) ||
	    store_certificate_update(c->writer->store, row, c->err);
}

static bool
put_form(struct commit *c, const struct candidate *it, int64_t certificate,
    struct form_row *row, bool *inserted)
{
	uint8_t *chain = arena_alloc(&c->writer->arena, it->chain_len * SHA256_LEN + 1);

	for (size_t i = 0; i < it->chain_len; i++)
		memcpy(chain + i * SHA256_LEN, it->chain[i]->sha256.octets, SHA256_LEN);
	*row = (struct form_row){.certificate = certificate,
	    .kind = it->precert ? FORM_PRECERTIFICATE : FORM_FINAL,
	    .sha256 = sha256_bytes(&it->sha256),
	    .der = it->der,
	    .chain = bytes_of(chain, it->chain_len * SHA256_LEN)};
	return store_form_put(c->writer->store, row, inserted, c->err);
}

static bool
put_sighting(struct commit *c, const struct candidate *it, const struct form_row *form)
{
	const struct leaf *leaf = &it->entry->leaf;
	struct sighting_row row = {.log = c->batch->log_number,
	    .index = it->entry->index,
	    .form = form->number,
	    .certificate = form->certificate,
	    .timestamp_ms = (int64_t)leaf->timestamp_ms,
	    .entry_type = leaf->entry_type,
	    .extensions = leaf->extensions};

	if (it->leaf_differs)
		row.leaf_tbs = leaf->certificate;
	return store_sighting_put(c->writer->store, &row, c->err);
}

/* --- what is said about it --- */

static bool
put_counts(struct commit *c, const struct findings *findings, uint32_t issuer)
{
	for (size_t i = 0; i < findings->count_count; i++) {
		const struct finding_count *count = &findings->counts[i];
		char name[128];
		struct statistic_row row = {
		    .issuer = issuer, .day = count->day, .count = count->by};

		snprintf(name, sizeof(name), "%s%s",
		    writer_count_prefix((int)count->basis), count->name);
		row.name = bytes_text(name);
		if (!store_statistic_add(c->writer->store, &row, c->err))
			return false;
	}
	return true;
}

static bool
hold_against_history(struct commit *c, struct candidate *it)
{
	struct check_history history;

	c->writer->at_hand = it;
	history_of(c->writer, &history);
	checks_run_history(it->judged, &history, it->findings);
	c->writer->at_hand = NULL;
	return history_ok(c->writer, c->err);
}

static bool
tell_candidate(struct commit *c, struct candidate *it, const struct form_row *form,
    uint32_t issuer, bool form_is_new, uint32_t flags_before)
{
	bool was_judged = flags_before & CERTIFICATE_MATCHED,
	     was_verified = was_judged && flags_before & CERTIFICATE_VERIFIED;

	struct told_about about = {.batch = c->batch,
	    .entry = it->entry,
	    .certificate = form->certificate,
	    .issuer = issuer,
	    .judged = it->judged,
	    .sha256 = &it->sha256,
	    .watch = candidate_watch(c->batch, it),
	    .history = candidate_is_history(c->batch, it),
	    .proved_by = c->proved_by};
	bool lowered = false;

	writer_note_key(c->writer, it->judged->key, form->certificate);
	if (!form_is_new && !settle_log_clock(c, it, form, &lowered))
		return false;
	it->judged->row = form->certificate;
	it->judged->row_is_new = !was_verified;
	it->judged->form_is_new = form_is_new || !was_verified;
	if (it->signature == SIGNATURE_VERIFIED && (it->judged->form_is_new || lowered) &&
	    !hold_against_history(c, it))
		return false;
	if (lowered && !close_log_based(c, it, form))
		return false;
	if (!was_judged)
		checks_count(it->judged, it->findings);
	if (form_is_new && !owe_promises(c->writer, it, form->certificate, c->err))
		return false;
	return put_matches(c, it, form->certificate) &&
	    put_counts(c, it->findings, issuer) &&
	    tell_findings(c->writer, it->findings, &about, c->err);
}

static bool
commit_candidate(struct commit *c, struct candidate *it)
{
	struct certificate_row certificate;
	struct form_row form;
	uint32_t issuer, flags_before;
	bool form_is_new;

	return writer_issuer(c->writer, it->issuer_dn,
		   it->issuer_known ? sha256_bytes(&it->issuer_key) : bytes_of(NULL, 0),
		   &issuer, c->err) &&
	    put_certificate(c, it, issuer, &certificate, &flags_before) &&
	    put_form(c, it, certificate.number, &form, &form_is_new) &&
	    put_sighting(c, it, &form) &&
	    (it->matches == NULL ||
		tell_candidate(c, it, &form, issuer, form_is_new, flags_before));
}

/* --- entries that are kept --- */

static bool
tell_unparsed(struct commit *c, const struct kept *kept)
{
	struct watch_info info;
	char subject[96], message[256], name[128];
	struct told_event event = {.kind = "entry-unparsed",
	    .log = c->batch->log_number,
	    .level = NOTICE_LEVEL_NOTICE,
	    .message = message,
	    .moment = true};

	snprintf(subject, sizeof(subject), "%" PRIu32 ":%" PRIu64, c->batch->log_number,
	    kept->entry->index);
	event.subject = bytes_text(subject);
	if (kept->matches == NULL) {
		snprintf(message, sizeof(message),
		    "%s: entry %" PRIu64 " cannot be parsed: %.120s", c->batch->log->name,
		    kept->entry->index, kept->reason);
		return tell_event(c->writer, &event, c->err);
	}
	watch_set_info(c->batch->snapshot->watches, kept->matches->rows[0].watch, &info);
	snprintf(name, sizeof(name), "%.*s",
	    (int)(info.name.len < 100 ? info.name.len : 100),
	    (const char *)info.name.data);
	event.kind = "entry-unparsed-match";
	event.level = NOTICE_LEVEL_WARNING;
	snprintf(message, sizeof(message),
	    "%s: entry %" PRIu64 " cannot be parsed and may name %s", c->batch->log->name,
	    kept->entry->index, name);
	return tell_event(c->writer, &event, c->err);
}

static const struct record *
record_of(const struct commit *c, uint64_t index)
{
	for (uint64_t i = 0; c->batch->records != NULL && i < c->batch->count; i++)
		if (c->batch->records[i].index == index)
			return &c->batch->records[i];
	return NULL;
}

/* It waited long enough: nothing more is tried, and coverage says so. */
static bool
give_up_waiting(struct commit *c, struct entry_row *row)
{
	struct gap_row gap = {.log = row->log,
	    .start = row->index,
	    .end = row->index + 1,
	    .reason = bytes_text("its issuer was not found in 30 days"),
	    .since_ms = writer_now_ms(c->writer)};

	row->state = ENTRY_DONE;
	row->reason = gap.reason;
	return store_gap_put(c->writer->store, &gap, c->err);
}

static bool
put_kept(struct commit *c, const struct kept *kept)
{
	int64_t now = writer_now_ms(c->writer);
	const struct record *record = record_of(c, kept->entry->index);
	int64_t tries = record == NULL ? 0 : record->tries + 1;
	struct entry_row row = {.log = c->batch->log_number,
	    .index = kept->entry->index,
	    .leaf = kept->entry->raw,
	    .extra = kept->entry->extra,
	    .tile = record == NULL ? c->batch->form == LOGCLIENT_TILE : record->tile,
	    .state = (enum entry_state)kept->state,
	    .reason = bytes_text(kept->reason),
	    .timestamp_ms = kept->entry->decoded ? (int64_t)kept->entry->leaf.timestamp_ms
						 : STORE_NO_TIME,
	    .kept_ms = record == NULL ? now : record->kept_ms,
	    .tries = tries,
	    .next_try_ms = now + (RETRY_FIRST_MS << (tries < 7 ? tries : 7))};

	if (kept->waits)
		row.waits_for = sha256_bytes(&kept->waits_for);
	if (row.state == ENTRY_UNRESOLVED && now - row.kept_ms > WAIT_MS &&
	    !give_up_waiting(c, &row))
		return false;
	return store_entry_put(c->writer->store, &row, c->err) &&
	    (kept->state != ENTRY_UNPARSED || tell_unparsed(c, kept));
}

static bool
put_entry_count(struct commit *c, const struct issuer_count *count)
{
	struct statistic_row row = {
	    .day = count->day, .name = bytes_text("entries"), .count = count->count};

	return writer_issuer(c->writer, count->dn,
		   count->key_known ? sha256_bytes(&count->key) : bytes_of(NULL, 0),
		   &row.issuer, c->err) &&
	    store_statistic_add(c->writer->store, &row, c->err);
}

/* Everything of the batch but its place. */
static bool
commit_contents(struct commit *c)
{
	if (!family_apply(c->writer, c->batch, c->err))
		return false;
	for (struct candidate *it = c->batch->candidates; it != NULL; it = it->next)
		if (!commit_candidate(c, it))
			return false;
	for (const struct kept *kept = c->batch->kept; kept != NULL; kept = kept->next)
		if (!put_kept(c, kept))
			return false;
	/* What is read a second time was counted the first time. */
	for (const struct issuer_count *n = c->reread ? NULL : c->batch->counts;
	     n != NULL; n = n->next)
		if (!put_entry_count(c, n))
			return false;
	return true;
}

/* --- the range --- */

static bool
advance(struct commit *c, bool *moved)
{
	struct range_mark *mark = &c->range->now;
	struct frontier frontier = mark->frontier;
	uint8_t text[FRONTIER_TEXT_MAX];
	struct range_step step = {.id = c->range->id,
	    .expected = c->batch->start,
	    .next = c->batch->start + c->batch->count,
	    .generation = c->batch->snapshot->generation,
	    .now_ms = writer_now_ms(c->writer)};
	struct err err;

	if (!mark->blind &&
	    !frontier_append_subtrees(
		&frontier, c->batch->subtrees, c->batch->subtree_count, &err))
		return err_set(
		    c->err, ERR_STORE, "range %" PRId64 ": %s", c->range->id, err.text);
	if (!mark->blind)
		step.frontier = bytes_of(text, frontier_serialise(&frontier, text));
	if (!store_range_advance(c->writer->store, &step, moved, c->err))
		return false;
	if (*moved) {
		mark->frontier = frontier;
		mark->next = step.next;
	}
	return true;
}

/* The frontier ends in the subtrees of the tile's first entries, as they were read
 * before (wire-formats 3.8). */
static void
compare_prefix(struct commit *c)
{
	const struct frontier *frontier = &c->range->now.frontier;
	struct batch *batch = c->batch;
	size_t count = frontier_count(frontier), len = batch->prefix_count;

	if (len == 0 || len > count || c->range->now.blind)
		return;
	memcpy(batch->own_prefix, &frontier->nodes[count - len],
	    len * sizeof(*batch->own_prefix));
	batch->other_prefix =
	    memcmp(batch->own_prefix, batch->prefix, len * sizeof(*batch->prefix)) != 0;
}

/* At a head's own size our root has to be the log's. */
static void
compare_root(struct commit *c)
{
	const struct head_mark *head = &c->batch->head;
	struct sha256 root;

	if (c->range->now.next != head->size || c->range->now.blind)
		return;
	frontier_root(&c->range->now.frontier, &root);
	if (sha256_equal(&root, &head->root))
		c->proved_by = head;
	else
		c->batch->mismatch = true;
}

static bool
put_coverage(struct commit *c)
{
	struct coverage_row row = {.log = c->batch->log_number,
	    .start = c->batch->start,
	    .end = c->batch->start + c->batch->count,
	    .generation = c->batch->snapshot->generation,
	    .first_ms = writer_now_ms(c->writer),
	    .last_ms = writer_now_ms(c->writer),
	    .first_timestamp_ms = c->batch->first_timestamp_ms,
	    .last_timestamp_ms = c->batch->last_timestamp_ms,
	    .verified = c->batch->start,
	    .head_timestamp_ms = STORE_NO_TIME};

	return store_coverage_put(c->writer->store, &row, c->err);
}

/* What was left out before is read now. */
static bool
fill_gap(struct commit *c)
{
	return !c->range->backfill ||
	    store_gap_fill(c->writer->store, c->batch->log_number, c->batch->start,
		c->batch->start + c->batch->count, c->err);
}

/* What is served there is judged, but it is not what the tree holds. */
static bool
tell_known_bad(struct commit *c, const struct known_bad *it)
{
	char subject[96], message[192], served[2 * SHA256_LEN + 1],
	    in_tree[2 * SHA256_LEN + 1], evidence[256];
	struct told_event event = {.kind = "known-bad-leaf",
	    .log = c->batch->log_number,
	    .level = NOTICE_LEVEL_WARNING,
	    .message = message,
	    .evidence = evidence,
	    .moment = true};
	struct gap_row gap = {.log = c->batch->log_number,
	    .start = it->index,
	    .end = it->index + 1,
	    .reason = bytes_text("known_bad: the tree holds another leaf"),
	    .since_ms = writer_now_ms(c->writer)};

	if (sha256_equal(&it->served, &it->in_tree))
		return true;
	hex_format(it->served.octets, SHA256_LEN, served);
	hex_format(it->in_tree.octets, SHA256_LEN, in_tree);
	snprintf(evidence, sizeof(evidence), "{\"served\":\"%s\",\"in_tree\":\"%s\"}",
	    served, in_tree);
	snprintf(subject, sizeof(subject), "%" PRIu32 ":%" PRIu64, c->batch->log_number,
	    it->index);
	snprintf(message, sizeof(message),
	    "%.80s: the tree holds another entry %" PRIu64 " than is served",
	    c->batch->log->name, it->index);
	event.subject = bytes_text(subject);
	return store_gap_put(c->writer->store, &gap, c->err) &&
	    tell_event(c->writer, &event, c->err);
}

static bool
put_known_bad(struct commit *c)
{
	for (size_t i = 0; i < c->batch->known_bad_count; i++)
		if (!tell_known_bad(c, &c->batch->known_bad[i]))
			return false;
	return true;
}

static bool
commit_range_batch(struct commit *c, bool *moved)
{
	struct reread before;

	compare_prefix(c);
	if (!advance(c, moved))
		return false;
	if (!*moved)
		return true;
	compare_root(c);
	c->reread = c->range->now.reread_until > c->batch->start;
	if ((c->reread && !reread_begin(c->writer, c->batch, &before, c->err)) ||
	    !put_coverage(c) || !fill_gap(c) || !commit_contents(c) ||
	    !put_known_bad(c) || !owe_suspects(c->writer, c->range, c->batch, c->err) ||
	    (c->reread && !reread_end(c->writer, &before, c->err)))
		return false;
	if (c->proved_by == NULL)
		return !c->range->now.blind ||
		    c->range->now.next != c->batch->head.size ||
		    tell_history(c->writer, c->batch->log_number, c->err);
	c->batch->proved = true;
	return writer_prove(c->writer, c->range, c->range->now.next,
		   &c->range->now.frontier, c->proved_by, c->err) &&
	    tell_history(c->writer, c->batch->log_number, c->err);
}

/* Nothing is done; the loop hears where the range really stands. */
static enum task_step
drop(struct batch *batch, const struct writer_range *range)
{
	batch->dropped = true;
	if (range != NULL) {
		batch->next = range->now.next;
		batch->frontier = range->now.frontier;
	}
	return STEP_APPLIED;
}

/* What is not kept a second time has found its place. */
static bool
forget_records(struct commit *c)
{
	for (uint64_t i = 0; i < c->batch->count; i++)
		if (!store_entry_delete(c->writer->store, c->batch->log_number,
			c->batch->records[i].index, c->err))
			return false;
	return true;
}

/* What the loop has to know of the transaction so far. */
static enum task_step
applied(const struct writer *writer, struct batch *batch)
{
	batch->outbox_filled = writer->outbox_filled;
	batch->held = writer->held;
	if (writer->working != batch->snapshot)
		batch->published = snapshot_ref(writer->working);
	return STEP_APPLIED;
}

static enum task_step
apply_again(struct writer *writer, struct batch *batch, struct err *err)
{
	struct commit c = {.writer = writer, .batch = batch, .err = err};

	return forget_records(&c) && commit_contents(&c) ? applied(writer, batch)
							 : STEP_FAILED;
}

enum task_step
batch_apply(struct writer *writer, struct task *task, struct err *err)
{
	struct batch *batch = (struct batch *)task;
	struct commit c = {.writer = writer, .batch = batch, .err = err};
	bool moved;

	if (batch->again)
		return apply_again(writer, batch, err);
	writer->last = c.range = writer_range_find(writer, batch->range_id);
	if (c.range == NULL)
		return drop(batch, c.range);
	if (batch->epoch > c.range->epoch)
		c.range->epoch = batch->epoch;
	if (batch->err.code != ERR_NONE || batch->epoch < c.range->epoch ||
	    batch->start < c.range->now.next)
		return drop(batch, c.range);
	if (batch->start > c.range->now.next) {
		batch->parked = c.range->parked;
		c.range->parked = batch;
		return STEP_PARKED;
	}
	if (!commit_range_batch(&c, &moved))
		return STEP_FAILED;
	if (!moved)
		return drop(batch, c.range);
	batch->next = c.range->now.next;
	batch->frontier = c.range->now.frontier;
	return applied(writer, batch);
}
