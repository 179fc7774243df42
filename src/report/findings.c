/*
 * Findings and events: both are lists, the newest first, a few lines each.
 */
#include <inttypes.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/report_priv.h"
#include "store/certificate.h"
#include "store/finding.h"
#include "x509/show.h"

/* One page being read; rows are written out behind it. */
struct page {
	struct report *report;
	struct store *store;
	const struct log_names *logs;
	uint64_t left; /* rows that may still come */
	uint64_t count;
	int64_t last; /* number of the last row */
};

static const char *
hex_of(struct bytes bytes, char *out, size_t room)
{
	size_t len = bytes.len < (room - 1) / 2 ? bytes.len : (room - 1) / 2;

	return hex_format(bytes.data, len, out);
}

static const char *
proof_word(const struct finding_row *row)
{
	if (row->state == FINDING_CLOSED)
		return "closed";
	return row->proof.len > 0 ? "proved" : row->log != 0 ? "proof pending" : "";
}

/* The first form of a certificate in one line; nothing where it is not there. */
static bool
on_form(void *owner, const struct form_row *row)
{
	struct cert cert;

	if (cert_parse(row->der, &cert))
		cert_show_short(&cert, owner);
	return false;
}

static void
append_certificate(struct buf *out, struct store *store, int64_t number)
{
	struct err ignored = {0};

	/* What a finding is about is worth a line, not its failure. */
	if (number != 0 && !store_form_of(store, number, on_form, out, &ignored))
		buf_append_text(out, "-");
}

void
show_finding(struct buf *out, struct store *store, const struct log_names *logs,
    const struct finding_row *row)
{
	char time[32], hex[65];
	size_t before;

	buf_append_format(out, "%s  %-7s  ", show_time(row->first_seen_ms, time),
	    show_level(row->level));
	text_append_safe(out, row->check, 80);
	if (row->subrule.len > 0 && !bytes_equal(row->subrule, row->check)) {
		buf_append_text(out, "/");
		text_append_safe(out, row->subrule, 80);
	}
	if (row->state == FINDING_CLOSED) {
		buf_append_text(out, "  (closed: ");
		show_append_stored(out, row->why);
		buf_append_text(out, ")");
	}
	buf_append_text(out, "\n    ");
	show_append_stored(out, row->message);
	buf_append_text(out, "\n    ");
	before = out->len;
	append_certificate(out, store, row->certificate);
	if (out->len > before)
		buf_append_text(out, "\n    ");
	if (row->certificate != 0)
		buf_append_format(out, "certificate %" PRId64 ", ", row->certificate);
	if (row->log != 0)
		buf_append_format(out, "%s entry %" PRIu64 ", %s, ",
		    log_names_of(logs, row->log), row->log_index, proof_word(row));
	buf_append_format(out, "finding %s\n", hex_of(row->id, hex, sizeof(hex)));
}

/* JSON of ours, or null where there is none. */
static void
put_raw(struct json *json, const char *key, struct bytes value)
{
	if (value.len == 0)
		json_put_null(json, key);
	else
		json_put_raw(json, key, value);
}

/* Text that was made safe when it was stored. */
static void
put_stored(struct json *json, const char *key, struct bytes text)
{
	struct buf shown;

	buf_init(&shown, 16 * text.len + 64);
	show_append_stored(&shown, text);
	json_put_text(json, key, buf_text(&shown));
	buf_free(&shown);
}

void
put_finding(struct json *json, struct store *store, const struct log_names *logs,
    const struct finding_row *row)
{
	struct buf about;

	buf_init(&about, 65536);
	append_certificate(&about, store, row->certificate);
	json_begin_object(json, NULL);
	json_put_hex(json, "id", row->id);
	json_put_safe(json, "check", row->check, 200);
	json_put_safe(json, "subrule", row->subrule, 200);
	json_put_text(json, "level", show_level(row->level));
	json_put_text(json, "state", row->state == FINDING_OPEN ? "open" : "closed");
	put_stored(json, "message", row->message);
	json_put_safe(json, "subject_kind", row->subject_kind, 40);
	json_put_hex(json, "subject", row->subject);
	json_put_number(json, "certificate", row->certificate);
	json_put_text(json, "about", about.len > 0 ? buf_text(&about) : NULL);
	json_put_text(json, "log", row->log == 0 ? NULL : log_names_of(logs, row->log));
	json_put_number(json, "index", (int64_t)row->log_index);
	json_put_safe(json, "time_basis", row->time_basis, 40);
	json_put_number(json, "offset", row->offset);
	json_put_number(json, "length", row->length);
	json_put_number(json, "check_version", row->check_version);
	json_put_safe(json, "data_version", row->data_version, 200);
	put_time(json, "first_seen", row->first_seen_ms);
	put_time(json, "last_seen", row->last_seen_ms);
	put_time(json, "closed", row->closed_ms);
	put_stored(json, "why_closed", row->why);
	put_raw(json, "evidence", row->evidence);
	put_raw(json, "proof", row->proof);
	json_end_object(json);
	buf_free(&about);
}

static bool
on_finding(void *owner, const struct finding_row *row)
{
	struct page *page = owner;

	if (page->report->json)
		put_finding(&page->report->writer, page->store, page->logs, row);
	else
		show_finding(&page->report->out, page->store, page->logs, row);
	page->count++;
	page->last = row->number;
	return true;
}

void
show_event(struct buf *out, const struct log_names *logs, const struct event_row *row)
{
	char begin[32], end[32], hex[65];

	buf_append_format(out, "%s  %-7s  ", show_time(row->begin_ms, begin),
	    show_level(row->severity));
	text_append_safe(out, row->kind, 80);
	if (row->log != 0)
		buf_append_format(out, "  %s", log_names_of(logs, row->log));
	if (row->end_ms == STORE_NO_TIME)
		buf_append_text(out, "  (lasts)");
	else if (row->end_ms != row->begin_ms)
		buf_append_format(out, "  (until %s)", show_time(row->end_ms, end));
	buf_append_text(out, "\n    ");
	show_append_stored(out, row->message);
	buf_append_format(out, "\n    event %s\n", hex_of(row->id, hex, sizeof(hex)));
}

void
put_event(struct json *json, const struct log_names *logs, const struct event_row *row)
{
	json_begin_object(json, NULL);
	json_put_hex(json, "id", row->id);
	json_put_safe(json, "kind", row->kind, 200);
	json_put_safe(json, "subject", row->subject, 200);
	json_put_text(json, "level", show_level(row->severity));
	json_put_text(json, "log", row->log == 0 ? NULL : log_names_of(logs, row->log));
	put_time(json, "begin", row->begin_ms);
	put_time(json, "end", row->end_ms);
	put_stored(json, "message", row->message);
	put_raw(json, "evidence", row->evidence);
	json_end_object(json);
}

static bool
on_event(void *owner, const struct event_row *row)
{
	struct page *page = owner;

	if (page->report->json)
		put_event(&page->report->writer, page->logs, row);
	else
		show_event(&page->report->out, page->logs, row);
	page->count++;
	page->last = row->number;
	return true;
}

/* --- lists ------------------------------------------------------------------ */

static size_t
page_size(const struct page *page)
{
	return page->left < REPORT_PAGE ? (size_t)page->left : REPORT_PAGE;
}

/* After a page: is there another one? */
static bool
page_next(struct page *page, uint64_t *found, size_t asked)
{
	bool full = page->count == asked;

	*found += page->count;
	page->left -= page->count;
	page->count = 0;
	return full && page->left > 0 && report_flush(page->report);
}

static bool
list_findings(struct page *page, struct store *store, struct finding_filter *filter,
    uint64_t *found, struct err *err)
{
	do {
		filter->limit = page_size(page);
		filter->after = page->last;
		if (!store_finding_each(store, filter, on_finding, page, err))
			return false;
	} while (page_next(page, found, filter->limit));
	return true;
}

static bool
list_events(struct page *page, struct store *store, struct event_filter *filter,
    uint64_t *found, struct err *err)
{
	do {
		filter->limit = page_size(page);
		filter->after = page->last;
		if (!store_event_each(store, filter, on_event, page, err))
			return false;
	} while (page_next(page, found, filter->limit));
	return true;
}

/* Which log is meant; err says so where none is. */
static bool
find_log(
    const struct log_names *logs, const char *name, uint32_t *number, struct err *err)
{
	*number = 0;
	if (name == NULL || log_names_find(logs, name, number))
		return true;
	return err_set(err, ERR_NOT_FOUND,
	    "no log is called \"%.80s\"; ctwarden logs lists them", name);
}

static struct bytes
bytes_or_none(const char *text)
{
	return text == NULL ? bytes_of(NULL, 0) : bytes_text(text);
}

/* Findings or events, with what frames them. */
typedef bool list_fn(struct page *, struct store *, const struct report_findings *,
    uint64_t *found, struct err *);

static bool
all_findings(struct page *page, struct store *store, const struct report_findings *asked,
    uint64_t *found, struct err *err)
{
	struct finding_filter filter = {
	    .check = bytes_or_none(asked->check),
	    .level_at_least = asked->level,
	    .state = asked->closed ? -1 : FINDING_OPEN,
	    .since_ms = asked->since_ms,
	    .newest_first = true,
	};

	return find_log(page->logs, asked->log, &filter.log, err) &&
	    list_findings(page, store, &filter, found, err);
}

static bool
all_events(struct page *page, struct store *store, const struct report_findings *asked,
    uint64_t *found, struct err *err)
{
	struct event_filter filter = {.since_ms = asked->since_ms, .newest_first = true};

	return find_log(page->logs, asked->log, &filter.log, err) &&
	    list_events(page, store, &filter, found, err);
}

static bool
report_list(struct report *report, struct store *store,
    const struct report_findings *asked, const char *what, list_fn *list, uint64_t *found,
    struct err *err)
{
	struct log_names logs;
	struct page page = {.report = report,
	    .store = store,
	    .logs = &logs,
	    .left = asked->most == 0 ? UINT64_MAX : asked->most};
	bool ok;

	*found = 0;
	answer_begin(report);
	if (report->json)
		json_begin_array(&report->writer, what);
	ok = log_names_load(&logs, store, err) && list(&page, store, asked, found, err);
	log_names_free(&logs);
	if (ok && report->json)
		json_end_array(&report->writer);
	else if (ok && *found == 0)
		buf_append_format(&report->out, "No %s found. ", what);
	if (ok && (report->json || *found == 0))
		ok = coverage_append(report, store, 0, err);
	if (ok)
		answer_end(report);
	else
		buf_clear(&report->out);
	return ok;
}

bool
report_findings(struct report *report, struct store *store,
    const struct report_findings *asked, uint64_t *found, struct err *err)
{
	return report_list(report, store, asked, "findings", all_findings, found, err);
}

bool
report_events(struct report *report, struct store *store,
    const struct report_findings *asked, uint64_t *found, struct err *err)
{
	return report_list(report, store, asked, "events", all_events, found, err);
}
