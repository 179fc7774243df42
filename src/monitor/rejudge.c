#include "monitor/rejudge.h"

#include <stdlib.h>

#include "base/mem.h"
#include "check/run.h"
#include "ctlog/log.h"
#include "monitor/candidate.h"
#include "monitor/family.h"
#include "monitor/history.h"
#include "evidence/rebuild.h"
#include "monitor/tell.h"
#include "store/rescan.h"
#include "x509/dns.h"

#define BODY_MAX  ((size_t)8 << 20)
#define FORMS_MAX 64 /* of one certificate */
#define WHY       "rule-change"

/* --- what it was before --- */

struct ids {
	struct rejudge *it;
	struct {
		uint8_t id[FINDING_ID_LEN];
		struct bytes check;
	} * rows;
	size_t count, room;
};

static const struct check *
check_of(struct bytes name, size_t *number)
{
	char id[64];

	if (name.len >= sizeof(id))
		return NULL;
	memcpy(id, name.data, name.len);
	id[name.len] = '\0';
	return check_find(id, number);
}

static bool
is_selected(const struct rejudge *it, struct bytes check)
{
	size_t number;

	return check_of(check, &number) != NULL && it->selected[number];
}

static bool
on_finding(void *owner, const struct finding_row *row)
{
	struct ids *ids = owner;
	struct arena *arena = &ids->it->writer->arena;
	void *old = ids->rows;

	if (ids->count == ids->room) {
		ids->room = ids->room == 0 ? 8 : 2 * ids->room;
		ids->rows = arena_alloc(arena, ids->room * sizeof(*ids->rows));
		if (old != NULL)
			memcpy(ids->rows, old, ids->count * sizeof(*ids->rows));
	}
	memcpy(ids->rows[ids->count].id, row->id.data, FINDING_ID_LEN);
	ids->rows[ids->count++].check = arena_copy(arena, row->check);
	return true;
}

/* Found by a second look, for which a rescan only asks anew. */
static bool
is_found_later(const struct finding_row *row)
{
	const struct check *check = check_of(row->check, NULL);

	for (size_t i = 0; check != NULL && i < check->subrule_count; i++)
		if (check->subrules[i].due != NULL &&
		    bytes_equal(row->subrule, bytes_text(check->subrules[i].name)))
			return true;
	return false;
}

/* What stands open of those checks and was found on this certificate may be
 * gone: unless this rescan has found it already. */
static bool
on_standing(void *owner, const struct finding_row *row)
{
	struct ids *ids = owner;

	if (!is_selected(ids->it, row->check) || row->rescan == ids->it->rescan ||
	    is_found_later(row))
		return true;
	return on_finding(owner, row);
}

static bool
doubt(struct rejudge *it, struct finding_filter *filter, struct err *err)
{
	struct ids ids = {.it = it};

	filter->state = FINDING_OPEN;
	if (!store_finding_each(it->writer->store, filter, on_standing, &ids, err))
		return false;
	for (size_t i = 0; i < ids.count; i++)
		if (!store_finding_mark(it->writer->store,
			bytes_of(ids.rows[i].id, FINDING_ID_LEN), -it->rescan, err))
			return false;
	return true;
}

/* --- what it is now --- */

static bool
count(struct rejudge *it, struct bytes check, int64_t fresh, int64_t gone,
    int64_t unchanged, struct err *err)
{
	struct rescan_delta_row row = {it->rescan, check, fresh, gone, unchanged};

	return store_rescan_count(it->writer->store, &row, err);
}

/* Each finding once a rescan, however many forms and members show it. */
static bool
count_finding(struct rejudge *it, const struct finding *finding, struct err *err)
{
	struct bytes check = bytes_text(finding->check->id);
	struct finding_row row;
	bool found;

	if (!store_finding_find(it->writer->store, bytes_of(finding->id, FINDING_ID_LEN),
		&it->writer->arena, &row, &found, err))
		return false;
	if (found && row.rescan == it->rescan)
		return true;
	return found && row.state == FINDING_OPEN ? count(it, check, 0, 0, 1, err)
						  : count(it, check, 1, 0, 0, err);
}

static bool
count_closure(struct rejudge *it, const struct finding_closure *closure, struct err *err)
{
	struct finding_row row;
	bool found;

	if (!store_finding_find(it->writer->store, bytes_of(closure->id, FINDING_ID_LEN),
		&it->writer->arena, &row, &found, err))
		return false;
	return !found || row.state != FINDING_OPEN ||
	    count(it, bytes_text(closure->check->id), 0, 1, 0, err);
}

static void
keep_selected(const struct rejudge *it, struct findings *findings)
{
	size_t kept = 0;

	for (size_t i = 0; i < findings->count; i++)
		if (is_selected(it, bytes_text(findings->rows[i]->check->id)))
			findings->rows[kept++] = findings->rows[i];
	findings->count = kept;
	kept = 0;
	for (size_t i = 0; i < findings->closure_count; i++)
		if (is_selected(it, bytes_text(findings->closures[i].check->id)))
			findings->closures[kept++] = findings->closures[i];
	findings->closure_count = kept;
}

static bool
tell(struct rejudge *it, struct findings *findings, struct told_about *about,
    struct err *err)
{
	keep_selected(it, findings);
	for (size_t i = 0; i < findings->count; i++)
		if (!count_finding(it, findings->rows[i], err))
			return false;
	for (size_t i = 0; i < findings->closure_count; i++)
		if (!count_closure(it, &findings->closures[i], err))
			return false;
	about->rescan = it->rescan;
	return tell_findings(it->writer, findings, about, err);
}

/* --- a form, as its log shows it --- */

/* The chain's certificates, which candidates are judged with. */
static bool
recall_chain(struct rejudge *it, struct bytes chain, struct err *err)
{
	for (size_t i = 0; i + SHA256_LEN <= chain.len; i += SHA256_LEN) {
		struct ca_certificate_row row;
		struct sha256 hash;
		bool found;

		memcpy(hash.octets, chain.data + i, SHA256_LEN);
		if (authority_of_hash(it->authorities, &hash) != NULL)
			continue;
		if (!store_ca_certificate_find(it->writer->store, sha256_bytes(&hash),
			&it->writer->arena, &row, &found, err))
			return false;
		if (found)
			(void)authority_of_der(it->authorities, row.der);
	}
	return true;
}

/* The log of a sighting; one that is followed no more has its name and key
 * nowhere at hand, and needs but its id. */
static const struct ct_log *
log_of(struct rejudge *it, uint32_t number)
{
	struct ct_log *stranger;
	const struct ct_log *known;
	struct sha256 id;

	writer_log_id(it->writer, number, id.octets);
	known = ct_log_set_get(it->snapshot->logs->set, sha256_bytes(&id));
	if (known != NULL)
		return known;
	stranger = arena_zero(&it->writer->arena, 1, sizeof(*stranger));
	stranger->id = id;
	stranger->name = "a log that is listed no more";
	return stranger;
}

/* A batch of this one entry, judged; NULL with err set when the database
 * failed. Its log is not its own. */
static struct batch *
judged_batch(struct rejudge *it, const struct sighting_row *row, struct err *err)
{
	struct batch *batch = batch_new();
	struct err why;
	struct buf bytes;

	batch->again = true;
	batch->log_number = row->log;
	batch->log = log_of(it, row->log);
	batch->snapshot = snapshot_ref(it->snapshot);
	batch->now_ms = writer_now_ms(it->writer);
	batch->records = arena_zero(&batch->arena, 1, sizeof(*batch->records));
	buf_init(&bytes, BODY_MAX);
	if (rebuild_record(it->writer->store, row, &it->writer->arena, &bytes, &why)) {
		batch->count = 1;
		batch->records[0] = (struct record){.index = row->index,
		    .tile = true,
		    .leaf = arena_copy(&batch->arena, buf_bytes(&bytes))};
		batch_work(it->worker, batch, it->authorities);
	} else if (why.code == ERR_STORE || why.code == ERR_FULL) {
		*err = why;
		batch->log = NULL;
		batch_free(batch);
		batch = NULL;
	}
	buf_free(&bytes);
	return batch;
}

bool
rejudge_name(const struct rejudge *it, struct bytes name)
{
	return name.len >= it->domain.len &&
	    memcmp(name.data, it->domain.data, it->domain.len) == 0 &&
	    (name.len == it->domain.len || name.data[it->domain.len] == '.');
}

static bool
concerns(const struct rejudge *it, const struct candidate *candidate)
{
	bool ca = it->ca == WATCH_NOT_FOUND, domain = it->domain.len == 0;

	for (size_t i = 0; i < candidate->matches->count; i++)
		ca = ca || candidate->matches->rows[i].watch == it->ca;
	for (size_t i = 0; i < candidate->name_count && !domain; i++)
		domain = rejudge_name(it, candidate->names[i]);
	return ca && domain;
}

static bool
judge_history(struct rejudge *it, struct candidate *candidate, struct err *err)
{
	struct check_history history;

	if (candidate->signature != SIGNATURE_VERIFIED)
		return true;
	it->writer->at_hand = candidate;
	history_of(it->writer, &history);
	checks_run_history(candidate->judged, &history, candidate->findings);
	it->writer->at_hand = NULL;
	return history_ok(it->writer, err);
}

static void
tell_of(
    const struct batch *batch, const struct certificate_row *row, struct told_about *out)
{
	const struct candidate *candidate = batch->candidates;

	*out = (struct told_about){.batch = batch,
	    .entry = candidate->entry,
	    .certificate = row->number,
	    .issuer = row->issuer,
	    .judged = candidate->judged,
	    .sha256 = &candidate->sha256,
	    .watch = candidate_watch(batch, candidate),
	    .history = candidate_is_history(batch, candidate)};
}

static bool
tell_candidate(struct rejudge *it, const struct batch *batch,
    const struct certificate_row *row, struct err *err)
{
	struct candidate *candidate = batch->candidates;
	struct told_about about;

	tell_of(batch, row, &about);
	return judge_history(it, candidate, err) &&
	    tell(it, candidate->findings, &about, err);
}

/* --- a form --- */

/* Where the form was seen first: what its log's clock says. */
struct first_seen {
	struct arena *arena;
	int64_t form;
	struct sighting_row row;
	bool found;
};

static bool
on_sighting(void *owner, const struct sighting_row *row)
{
	struct first_seen *seen = owner;

	if (row->form != seen->form ||
	    (seen->found && seen->row.timestamp_ms <= row->timestamp_ms))
		return true;
	seen->row = store_sighting_copy(row, seen->arena);
	seen->found = true;
	return true;
}

/* A certificate counts by its first form, which has its number. */
static void
take_row(const struct batch *batch, const struct form_row *form,
    const struct certificate_row *row)
{
	struct judged *judged = batch->candidates->judged;

	judged->row = row->number;
	judged->row_is_new = form->number == row->number;
	judged->form_is_new = true;
}

static bool
tell_batch(struct rejudge *it, const struct batch *batch, const struct form_row *form,
    const struct certificate_row *row, bool *judged, struct err *err)
{
	struct finding_filter filter = {.certificate = row->number};
	const struct candidate *candidate = batch->candidates;

	*judged =
	    candidate != NULL && candidate->matches != NULL && concerns(it, candidate);
	if (!*judged)
		return true;
	writer_note_key(it->writer, candidate->judged->key, row->number);
	take_row(batch, form, row);
	return doubt(it, &filter, err) && tell_candidate(it, batch, row, err);
}

bool
rejudge_form(struct rejudge *it, const struct form_row *form,
    const struct certificate_row *row, bool *judged, struct err *err)
{
	struct first_seen seen = {.arena = &it->writer->arena, .form = form->number};
	struct batch *batch;
	bool ok;

	*judged = false;
	if (!store_sighting_of(it->writer->store, row->number, on_sighting, &seen, err))
		return false;
	if (!seen.found)
		return true;
	if (!recall_chain(it, form->chain, err) ||
	    (batch = judged_batch(it, &seen.row, err)) == NULL)
		return false;
	ok = tell_batch(it, batch, form, row, judged, err);
	batch->log = NULL;
	batch_free(batch);
	return ok;
}

/* --- a second look --- */

/* The form that was stored first has the certificate's number. */
static bool
first_form(struct rejudge *it, int64_t certificate, struct certificate_row *row,
    struct form_row *form, bool *found, struct err *err)
{
	struct arena *arena = &it->writer->arena;

	return store_certificate_get(
		   it->writer->store, certificate, arena, row, found, err) &&
	    (!*found ||
		store_form_get(it->writer->store, certificate, arena, form, found, err));
}

static bool
look_again(struct rejudge *it, const struct batch *batch,
    const struct certificate_row *row, const char *check, struct err *err)
{
	struct candidate *candidate = batch->candidates;
	struct check_history history;
	struct findings findings;
	struct told_about about;

	if (candidate == NULL || candidate->matches == NULL ||
	    candidate->signature != SIGNATURE_VERIFIED)
		return true;
	writer_note_key(it->writer, candidate->judged->key, row->number);
	candidate->judged->row = row->number;
	findings_init(&findings, &it->writer->arena);
	it->writer->at_hand = candidate;
	history_of(it->writer, &history);
	checks_run_due(candidate->judged, check, &history, &findings);
	it->writer->at_hand = NULL;
	tell_of(batch, row, &about);
	return history_ok(it->writer, err) &&
	    tell_findings(it->writer, &findings, &about, err);
}

bool
rejudge_due(struct rejudge *it, const struct due_row *due, struct err *err)
{
	struct first_seen seen = {.arena = &it->writer->arena, .form = due->certificate};
	const struct check *check = check_of(due->check_id, NULL);
	struct certificate_row row;
	struct form_row form;
	struct batch *batch;
	bool ok, found;

	if (check == NULL)
		return true;
	if (!first_form(it, due->certificate, &row, &form, &found, err))
		return false;
	if (!found)
		return true;
	if (!store_sighting_of(it->writer->store, row.number, on_sighting, &seen, err))
		return false;
	if (!seen.found)
		return true;
	if (!recall_chain(it, form.chain, err) ||
	    (batch = judged_batch(it, &seen.row, err)) == NULL)
		return false;
	ok = look_again(it, batch, &row, check->id, err);
	batch->log = NULL;
	batch_free(batch);
	return ok;
}

/* --- a CA certificate --- */

bool
rejudge_authority(struct rejudge *it, const struct ca_certificate_row *row, bool *judged,
    struct err *err)
{
	struct finding_filter filter = {.subject = row->sha256};
	struct entry entry = {.index = row->first_index};
	struct told_about about = {.entry = &entry, .log = row->first_log};
	struct findings findings;

	findings_init(&findings, &it->writer->arena);
	if (!family_judge(it->writer, row, &findings, &about, judged, err))
		return false;
	*judged = *judged && (it->ca == WATCH_NOT_FOUND || about.watch == it->ca);
	return !*judged || (doubt(it, &filter, err) && tell(it, &findings, &about, err));
}

/* --- what is gone --- */

/* Closes at most limit; more: there may be others. */
static bool
close_some(struct rejudge *it, struct finding_filter *filter, size_t limit, bool *more,
    struct err *err)
{
	struct ids ids = {.it = it};

	filter->state = FINDING_OPEN;
	filter->limit = limit;
	if (!store_finding_each(it->writer->store, filter, on_finding, &ids, err))
		return false;
	*more = ids.count == limit;
	for (size_t i = 0; i < ids.count; i++)
		if (!tell_closed(it->writer, ids.rows[i].id, WHY, false, err) ||
		    !store_finding_mark(it->writer->store,
			bytes_of(ids.rows[i].id, FINDING_ID_LEN), it->rescan, err) ||
		    !count(it, ids.rows[i].check, 0, 1, 0, err))
			return false;
	return true;
}

bool
rejudge_close(struct rejudge *it, size_t limit, bool *more, struct err *err)
{
	struct finding_filter filter = {.rescan = -it->rescan};

	return close_some(it, &filter, limit, more, err);
}

bool
rejudge_close_check(
    struct rejudge *it, struct bytes check, size_t limit, bool *more, struct err *err)
{
	struct finding_filter filter = {.check = check};

	return close_some(it, &filter, limit, more, err);
}
