#include <inttypes.h>

#include "base/clock.h"
#include "base/mem.h"
#include "monitor/candidate.h"
#include "monitor/family.h"
#include "monitor/rescan.h"
#include "monitor/tell.h"
#include "watch/watch.h"
#include "x509/dns.h"

#define SLICE_MS    40
#define SLICE_ROWS  256  /* judged, at most: a test's clock stands still */
#define PAGE        64   /* rows read at once */
#define PASSED_MAX  4096 /* that nobody watches */
#define ENTRIES     32
#define CLOSURES    200
#define FORGET      2000
#define AUTHORITIES ((size_t)64 << 20) /* more than one slice ever meets */
#define PLACE_BITS  40

struct slice {
	struct rejudge judge; /* first */
	struct rescan_row *row;
	struct writer *writer;
	int64_t began_ms; /* monotonic */
	int64_t judged;
	bool selected[CHECKS_MAX];
	struct err *err;
};

static bool
is_over(const struct slice *it)
{
	return it->judged >= SLICE_ROWS ||
	    clock_mono_ms(it->writer->clock) - it->began_ms >= SLICE_MS;
}

static bool
selects(const struct slice *it, enum check_scope scope)
{
	const struct check *check;

	for (size_t i = 0; (check = check_at(i)) != NULL; i++)
		if (it->selected[i] && check->scope == scope)
			return true;
	return false;
}

static bool
selects_certificates(const struct slice *it)
{
	return selects(it, SCOPE_CERTIFICATE) || selects(it, SCOPE_PAIR) ||
	    selects(it, SCOPE_ISSUER) || selects(it, SCOPE_STATISTIC);
}

/* Some checks of certificates are also of those that CAs have. */
static bool
selects_authorities(const struct slice *it)
{
	const struct check *check;

	for (size_t i = 0; (check = check_at(i)) != NULL; i++)
		if (it->selected[i] && check->of_cas)
			return true;
	return selects(it, SCOPE_CA);
}

/* --- by what it is judged --- */

/* Single certificates are held against everything, since findings depend on
 * each other; what remembers runs only where it begins anew. */
static void
switch_off(const struct slice *it, struct check_params *params)
{
	const struct check *check;

	for (size_t i = 0; (check = check_at(i)) != NULL; i++)
		if ((check->history & HISTORY_STATE) != 0 && !it->selected[i])
			params->off[i] = true;
}

/* The writer's snapshot with other parameters; what those point to is held by
 * the one they are copied from. */
static struct snapshot *
snapshot_for(const struct slice *it)
{
	const struct snapshot *now = it->writer->working;
	struct settings from = {.params = now->settings->params,
	    .dates = now->settings->dates,
	    .store_all = now->settings->store_all,
	    .sinks = now->settings->sinks,
	    .sink_count = now->settings->sink_count};
	struct settings *settings;
	struct snapshot *snapshot;

	switch_off(it, &from.params);
	settings = settings_new(&from);
	snapshot =
	    snapshot_new(settings, now->watches, now->table, now->logs, now->generation);
	settings_unref(settings);
	return snapshot;
}

static uint32_t
watch_of(const struct slice *it, struct bytes name)
{
	const struct watch_set *set = it->writer->working->watches;

	for (uint32_t w = (uint32_t)watch_set_domain_count(set); w < watch_set_count(set);
	     w++) {
		struct watch_info info;

		watch_set_info(set, w, &info);
		if (bytes_equal(info.name, name))
			return w;
	}
	return WATCH_NOT_FOUND - 1; /* nothing matches it */
}

static void
take_selectors(struct slice *it)
{
	struct bytes domain = it->row->domain;
	char *reversed;

	it->judge.ca = it->row->ca.len == 0 ? WATCH_NOT_FOUND : watch_of(it, it->row->ca);
	if (domain.len == 0)
		return;
	reversed = arena_alloc(&it->writer->arena, domain.len + 1);
	dns_reverse((const char *)domain.data, domain.len, reversed);
	it->judge.domain = bytes_of(reversed, domain.len);
}

/* --- phases: each says whether it is done --- */

static bool
begin_phase(struct slice *it, enum rescan_phase phase)
{
	it->row->phase = phase;
	it->row->after = it->row->last = 0;
	it->row->after_name = bytes_of(NULL, 0);
	return phase != RESCAN_CERTIFICATES ||
	    store_form_newest(it->writer->store, &it->row->last, it->err);
}

/* One of the checks that begin anew, a slice; then the rows that count are those
 * stored so far, and what comes later counts by itself. */
static bool
forget(struct slice *it, bool *done)
{
	const struct check *check;
	bool more = false;

	*done = false;
	for (size_t i = (size_t)it->row->after; (check = check_at(i)) != NULL; i++) {
		it->row->after = (int64_t)i;
		if (!it->selected[i] || (check->history & HISTORY_STATE) == 0)
			continue;
		if (!state_forget(it->writer, check->id, FORGET, &more, it->err))
			return false;
		if (more)
			return true;
	}
	*done = true;
	return true;
}

struct page {
	struct slice *it;
	struct form_row rows[PAGE]; /* without their DER */
	size_t count;
};

static bool
in_window(const struct rescan_row *row, int64_t not_before_s)
{
	return (row->from_s == STORE_NO_TIME || not_before_s >= row->from_s) &&
	    (row->until_s == STORE_NO_TIME ||
		(not_before_s != STORE_NO_TIME && not_before_s < row->until_s));
}

static bool
on_form(void *owner, const struct form_row *row)
{
	struct page *page = owner;
	struct form_row *out;

	if (row->number > page->it->row->last)
		return false;
	out = &page->rows[page->count++];
	*out = (struct form_row){.number = row->number,
	    .certificate = row->certificate,
	    .chain = arena_copy(&page->it->writer->arena, row->chain)};
	return page->count < PAGE;
}

static void
widen(struct rescan_row *row, int64_t not_before_s)
{
	if (not_before_s == STORE_NO_TIME)
		return;
	if (row->first_nb_s == STORE_NO_TIME || not_before_s < row->first_nb_s)
		row->first_nb_s = not_before_s;
	if (row->last_nb_s == STORE_NO_TIME || not_before_s > row->last_nb_s)
		row->last_nb_s = not_before_s;
}

/* A certificate counts by its first form, which has its number. */
static bool
judge_form(struct slice *it, const struct form_row *form)
{
	struct certificate_row row;
	bool found, judged = false;

	if (!store_certificate_get(it->writer->store, form->certificate,
		&it->writer->arena, &row, &found, it->err))
		return false;
	if (!found || !(row.flags & CERTIFICATE_MATCHED) ||
	    !in_window(it->row, row.not_before_s))
		return true;
	if (!rejudge_form(&it->judge, form, &row, &judged, it->err))
		return false;
	it->judged++;
	if (judged)
		widen(it->row, row.not_before_s);
	it->row->judged += judged && form->number == row.number;
	it->row->passed_over += !judged && form->number == row.number;
	return true;
}

/* Forms in the order of their numbers: as they came. */
static bool
page_of_all(struct slice *it, size_t *count)
{
	struct page *page = arena_alloc(&it->writer->arena, sizeof(*page));

	page->it = it;
	page->count = 0;
	if (!store_form_each(
		it->writer->store, it->row->after, PAGE, on_form, page, it->err))
		return false;
	for (size_t i = 0; i < page->count; i++)
		if (!judge_form(it, &page->rows[i]))
			return false;
	if (page->count > 0)
		it->row->after = page->rows[page->count - 1].number;
	*count = page->count;
	return true;
}

/* --- by an index: certificates of a CA or with a name at or below a domain --- */

struct listed {
	struct slice *it;
	int64_t certificates[PAGE];
	struct bytes names[PAGE]; /* of a domain's */
	size_t count;
};

static bool
on_match(void *owner, uint32_t watch, int64_t certificate)
{
	struct listed *listed = owner;

	(void)watch;
	listed->certificates[listed->count++] = certificate;
	return listed->count < PAGE;
}

static bool
on_name(void *owner, struct bytes name, int64_t certificate)
{
	struct listed *listed = owner;

	listed->names[listed->count] = arena_copy(&listed->it->writer->arena, name);
	return on_match(owner, 0, certificate);
}

struct forms {
	struct slice *it;
	struct form_row *rows;
	size_t count;
	struct cert *cert; /* of the first */
};

#define FORMS_MAX 64 /* of one certificate */

static bool
on_form_of(void *owner, const struct form_row *row)
{
	struct forms *forms = owner;
	struct arena *arena = &forms->it->writer->arena;

	if (forms->count == 0) {
		struct bytes der = arena_copy(arena, row->der);

		if (!cert_parse(der, forms->cert))
			(void)cert_parse_tbs(der, forms->cert);
	}
	forms->rows[forms->count++] = (struct form_row){.number = row->number,
	    .certificate = row->certificate,
	    .chain = arena_copy(arena, row->chain)};
	return forms->count < FORMS_MAX;
}

/* A certificate stands once for each of its names; the first of those that are asked
 * for counts. */
static bool
is_its_first(struct slice *it, const struct cert *cert, struct bytes name)
{
	struct bytes *names = NULL;
	size_t count = 0;

	candidate_names(cert, &it->writer->arena, &names, &count);
	for (size_t i = 0; i < count; i++)
		if (rejudge_name(&it->judge, names[i]))
			return bytes_equal(names[i], name);
	return true;
}

static bool
judge_listed(struct slice *it, const struct listed *listed, size_t number)
{
	struct arena *arena = &it->writer->arena;
	struct forms forms = {.it = it,
	    .rows = arena_zero(arena, FORMS_MAX, sizeof(*forms.rows)),
	    .cert = arena_zero(arena, 1, sizeof(*forms.cert))};

	if (!store_form_of(it->writer->store, listed->certificates[number], on_form_of,
		&forms, it->err))
		return false;
	if (forms.count == 0 ||
	    (it->row->domain.len > 0 &&
		!is_its_first(it, forms.cert, listed->names[number])))
		return true;
	for (size_t i = 0; i < forms.count; i++)
		if (forms.rows[i].number <= it->row->last &&
		    !judge_form(it, &forms.rows[i]))
			return false;
	return true;
}

static bool
list(struct slice *it, struct listed *listed)
{
	const struct watch_table *table = it->writer->working->table;
	struct name_filter names = {.name = it->judge.domain,
	    .below = true,
	    .after_name = it->row->after_name,
	    .after_certificate = it->row->after,
	    .limit = PAGE};

	if (it->row->domain.len > 0)
		return store_name_each(
		    it->writer->store, &names, on_name, listed, it->err);
	return it->judge.ca >= table->count ||
	    store_match_of_watch(it->writer->store, table->numbers[it->judge.ca],
		it->row->after, PAGE, on_match, listed, it->err);
}

static bool
page_of_index(struct slice *it, size_t *count)
{
	struct listed *listed = arena_zero(&it->writer->arena, 1, sizeof(*listed));

	listed->it = it;
	if (!list(it, listed))
		return false;
	for (size_t i = 0; i < listed->count; i++)
		if (!judge_listed(it, listed, i))
			return false;
	*count = listed->count;
	if (listed->count > 0) {
		it->row->after = listed->certificates[listed->count - 1];
		it->row->after_name = listed->names[listed->count - 1];
	}
	return true;
}

static bool
certificates(struct slice *it, bool *done)
{
	bool all = it->row->ca.len == 0 && it->row->domain.len == 0;
	size_t passed = 0, count;

	*done = !selects_certificates(it);
	while (!*done && !is_over(it) && passed < PASSED_MAX) {
		if (!(all ? page_of_all(it, &count) : page_of_index(it, &count)))
			return false;
		passed += count;
		*done = count < PAGE;
	}
	return true;
}

struct authorities_page {
	struct slice *it;
	struct ca_certificate_row *rows;
	size_t count, room;
};

static bool
is_watched(const struct slice *it, struct bytes spki)
{
	return spki.len == SHA256_LEN && family_operator(it->writer, spki) != NULL;
}

static bool
on_authority(void *owner, const struct ca_certificate_row *row)
{
	struct authorities_page *page = owner;
	struct arena *arena = &page->it->writer->arena;
	struct ca_certificate_row *old = page->rows, *out;

	if (!is_watched(page->it, row->signed_by_spki) &&
	    !is_watched(page->it, row->spki_sha256))
		return true;
	if (page->count == page->room) {
		page->room = page->room == 0 ? 16 : 2 * page->room;
		page->rows = arena_alloc(arena, page->room * sizeof(*page->rows));
		if (old != NULL)
			memcpy(page->rows, old, page->count * sizeof(*old));
	}
	out = &page->rows[page->count++];
	*out = *row;
	out->sha256 = arena_copy(arena, row->sha256);
	out->der = arena_copy(arena, row->der);
	out->subject = arena_copy(arena, row->subject);
	out->issuer = arena_copy(arena, row->issuer);
	out->spki_sha256 = arena_copy(arena, row->spki_sha256);
	out->signed_by_spki = arena_copy(arena, row->signed_by_spki);
	return true;
}

/* At once: those of watched families are few. */
static bool
authorities(struct slice *it)
{
	struct authorities_page page = {.it = it};
	struct ca_certificate_filter all = {0};

	if (!selects_authorities(it) || it->row->domain.len > 0)
		return true;
	if (!store_ca_certificate_each(
		it->writer->store, &all, on_authority, &page, it->err))
		return false;
	for (size_t i = 0; i < page.count; i++) {
		bool judged;

		if (!in_window(it->row, page.rows[i].not_before_s))
			continue;
		if (!rejudge_authority(&it->judge, &page.rows[i], &judged, it->err))
			return false;
		it->row->judged += judged;
	}
	return true;
}

/* --- entries that could not be used --- */

struct entries_page {
	struct slice *it;
	enum entry_state state;
	struct batch *batch;
};

static bool
on_entry(void *owner, const struct entry_row *row)
{
	struct entries_page *page = owner;
	struct batch *batch = page->batch;
	struct record *record;

	if (row->state != ENTRY_UNPARSED && row->state != ENTRY_QUARANTINED)
		return true;
	if (batch->count > 0 && row->log != batch->log_number)
		return false;
	batch->log_number = row->log;
	record = &batch->records[batch->count++];
	*record = (struct record){.index = row->index,
	    .tile = row->tile,
	    .tries = row->tries,
	    .kept_ms = row->kept_ms,
	    .leaf = arena_copy(&batch->arena, row->leaf),
	    .extra = arena_copy(&batch->arena, row->extra)};
	return batch->count < ENTRIES;
}

static bool
parse_again(struct slice *it, struct batch *batch)
{
	struct sha256 id;

	writer_log_id(it->writer, batch->log_number, id.octets);
	batch->log = ct_log_set_get(it->judge.snapshot->logs->set, sha256_bytes(&id));
	if (batch->log == NULL)
		return true; /* a log that is listed no more */
	batch->again = true;
	batch->snapshot = snapshot_ref(it->writer->working);
	batch->now_ms = writer_now_ms(it->writer);
	ct_log_ref(batch->log);
	batch_work(it->judge.worker, batch, it->judge.authorities);
	return batch_apply(it->writer, &batch->task, it->err) == STEP_APPLIED;
}

static bool
entries(struct slice *it, bool *done)
{
	struct entries_page page = {.it = it, .batch = batch_new()};
	struct batch *batch = page.batch;
	struct entry_filter filter = {.state = -1,
	    .started = it->row->after != 0,
	    .after_log = (uint32_t)(it->row->after >> PLACE_BITS),
	    .after_index = (uint64_t)it->row->after & ((UINT64_C(1) << PLACE_BITS) - 1)};
	bool ok = true;

	batch->records = arena_zero(&batch->arena, ENTRIES, sizeof(*batch->records));
	*done = bytes_equal(it->row->cause, bytes_text("asked"));
	if (!*done) {
		ok = store_entry_each(
		    it->writer->store, &filter, on_entry, &page, it->err);
		*done = batch->count == 0;
	}
	if (ok && !*done) {
		it->row->after = (int64_t)batch->log_number << PLACE_BITS |
		    (int64_t)batch->records[batch->count - 1].index;
		ok = parse_again(it, batch);
	}
	batch_free(batch);
	return ok;
}

/* --- the end of it --- */

/* Checks that the row names and that there are no more. */
static bool
close_former(struct slice *it, bool *more)
{
	struct bytes id;
	size_t at = 0;

	*more = false;
	while (!*more && rescan_next_check(it->row, &at, &id)) {
		char *name = mem_copy(id.data, id.len);
		bool there = check_find(name, NULL) != NULL;

		mem_free(name);
		if (!there &&
		    !rejudge_close_check(&it->judge, id, CLOSURES, more, it->err))
			return false;
	}
	return true;
}

/* A log that is still being read tells what is history of it at its head. */
static bool
is_behind(const struct writer *writer, uint32_t log)
{
	struct bytes key;
	size_t at = 0;
	void *value;

	while (map_next(&writer->ranges, &at, &key, &value)) {
		const struct writer_range *range = value;

		if (range->log == log && range->now.next != range->now.verified)
			return true;
	}
	return false;
}

static bool
tell_counts(struct slice *it)
{
	struct bytes key;
	size_t at = 0;
	void *value;

	while (map_next(&it->writer->log_ids, &at, &key, &value)) {
		uint32_t number;

		memcpy(&number, key.data, sizeof(number));
		if (!is_behind(it->writer, number) &&
		    !tell_history(it->writer, number, it->err))
			return false;
	}
	return tell_history(it->writer, 0, it->err);
}

static bool
closing(struct slice *it)
{
	bool more = false;

	if (!rejudge_close(&it->judge, CLOSURES, &more, it->err) ||
	    (!more && !close_former(it, &more)))
		return false;
	return more || (tell_counts(it) && rescan_end(it->writer, it->row, it->err));
}

static bool
do_phase(struct slice *it)
{
	bool done = true;

	switch (it->row->phase) {
	case RESCAN_FORGETTING:
		if (it->row->started_ms == STORE_NO_TIME)
			it->row->started_ms = writer_now_ms(it->writer);
		return forget(it, &done) &&
		    (!done || begin_phase(it, RESCAN_CERTIFICATES));
	case RESCAN_CERTIFICATES:
		return certificates(it, &done) &&
		    (!done || begin_phase(it, RESCAN_AUTHORITIES));
	case RESCAN_AUTHORITIES:
		return authorities(it) && begin_phase(it, RESCAN_ENTRIES);
	case RESCAN_ENTRIES:
		return entries(it, &done) && (!done || begin_phase(it, RESCAN_CLOSING));
	case RESCAN_CLOSING:
		return closing(it);
	case RESCAN_DONE:
		break;
	}
	return true;
}

bool
rescan_slice(
    struct writer *writer, struct worker *worker, struct rescan_row *row, struct err *err)
{
	struct slice *it = arena_zero(&writer->arena, 1, sizeof(*it));
	bool ok;

	*it = (struct slice){.row = row,
	    .writer = writer,
	    .began_ms = clock_mono_ms(writer->clock),
	    .err = err};
	rescan_select(row, &writer->working->settings->params, it->selected);
	it->judge = (struct rejudge){.writer = writer,
	    .authorities = authorities_new(AUTHORITIES),
	    .worker = worker,
	    .selected = it->selected,
	    .rescan = row->number};
	it->judge.snapshot = snapshot_for(it);
	take_selectors(it);
	ok = do_phase(it);
	row->busy_ms += clock_mono_ms(writer->clock) - it->began_ms;
	ok = ok && store_rescan_put(writer->store, row, err);
	snapshot_unref(it->judge.snapshot);
	authorities_unref(it->judge.authorities);
	return ok;
}
