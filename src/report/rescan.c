#include "report/report_priv.h"
#include "store/rescan.h"

/* --- what was asked for ------------------------------------------------------------ */

static const char *
phase_name(enum rescan_phase phase)
{
	static const char *const NAMES[] = {[RESCAN_FORGETTING] = "waiting",
	    [RESCAN_CERTIFICATES] = "certificates",
	    [RESCAN_AUTHORITIES] = "CA certificates",
	    [RESCAN_ENTRIES] = "entries",
	    [RESCAN_CLOSING] = "closing",
	    [RESCAN_DONE] = "done"};

	return (unsigned)phase < ARRAY_LEN(NAMES) ? NAMES[phase] : "?";
}

static const char *
cause_words(struct bytes cause)
{
	return bytes_equal(cause, bytes_text("asked"))
	    ? "asked for"
	    : "checks or their data have changed";
}

static void
show_what(struct buf *out, const struct rescan_row *row)
{
	char day[32];

	buf_append_text(out, "  of ");
	if (row->checks.len == 0)
		buf_append_text(out, "every check");
	else if (row->checks.len == 1)
		buf_append_text(out, "entries that could not be read");
	else
		show_append_stored(out, row->checks);
	if (row->ca.len > 0) {
		buf_append_text(out, ", CA ");
		show_append_stored(out, row->ca);
	}
	if (row->domain.len > 0) {
		buf_append_text(out, ", domain ");
		show_append_stored(out, row->domain);
	}
	if (row->from_s != STORE_NO_TIME)
		buf_append_format(out, ", notBefore from %s", show_day(row->from_s, day));
	if (row->until_s != STORE_NO_TIME)
		buf_append_format(
		    out, ", notBefore before %s", show_day(row->until_s, day));
	buf_append_u8(out, '\n');
}

static void
show_row(struct report *report, const struct rescan_row *row)
{
	struct buf *out = &report->out;
	char a[32], b[32];

	buf_append_format(out, "Rescan %lld (%s): %s", (long long)row->number,
	    cause_words(row->cause), phase_name(row->phase));
	if (row->ended_ms != STORE_NO_TIME && row->started_ms != STORE_NO_TIME)
		buf_append_format(out, " after %.1f s, %.1f s of work",
		    (double)(row->ended_ms - row->started_ms) / 1000,
		    (double)row->busy_ms / 1000);
	buf_append_format(
	    out, "; %s certificates judged again", show_number((uint64_t)row->judged, a));
	if (row->passed_over > 0)
		buf_append_format(
		    out, ", %s passed over", show_number((uint64_t)row->passed_over, a));
	buf_append_text(out, ".\n");
	show_what(out, row);
	if (row->first_nb_s != STORE_NO_TIME)
		buf_append_format(out, "  covered: notBefore %s to %s\n",
		    show_day(row->first_nb_s, a), show_day(row->last_nb_s, b));
}

static void
put_row(struct json *json, const struct rescan_row *row)
{
	json_put_number(json, "rescan", row->number);
	json_put_safe(json, "cause", row->cause, 20);
	json_put_text(json, "phase", phase_name(row->phase));
	json_put_safe(json, "checks", row->checks, 65536);
	json_put_safe(json, "ca", row->ca, 256);
	json_put_safe(json, "domain", row->domain, 256);
	put_time(json, "from",
	    row->from_s == STORE_NO_TIME ? STORE_NO_TIME : row->from_s * 1000);
	put_time(json, "to",
	    row->until_s == STORE_NO_TIME ? STORE_NO_TIME : row->until_s * 1000);
	json_put_number(json, "after", row->after);
	json_put_number(json, "last", row->last);
	json_put_number(json, "judged", row->judged);
	json_put_number(json, "passed_over", row->passed_over);
	put_time(json, "first_not_before",
	    row->first_nb_s == STORE_NO_TIME ? STORE_NO_TIME : row->first_nb_s * 1000);
	put_time(json, "last_not_before",
	    row->last_nb_s == STORE_NO_TIME ? STORE_NO_TIME : row->last_nb_s * 1000);
	put_time(json, "started", row->started_ms);
	put_time(json, "ended", row->ended_ms);
	json_put_number(json, "busy_ms", row->busy_ms);
}

/* --- what it changed ------------------------------------------------------------------
 */

struct deltas {
	struct report *report;
	struct table table;
	uint64_t count;
};

static bool
on_delta(void *owner, const struct rescan_delta_row *row)
{
	struct deltas *deltas = owner;
	struct json *json = &deltas->report->writer;

	deltas->count++;
	if (!deltas->report->json) {
		table_safe(&deltas->table, row->check, 60);
		table_number(&deltas->table, (uint64_t)row->fresh);
		table_number(&deltas->table, (uint64_t)row->gone);
		table_number(&deltas->table, (uint64_t)row->unchanged);
		return true;
	}
	json_begin_object(json, NULL);
	json_put_safe(json, "check", row->check, 60);
	json_put_number(json, "new", row->fresh);
	json_put_number(json, "gone", row->gone);
	json_put_number(json, "unchanged", row->unchanged);
	json_end_object(json);
	return true;
}

static bool
append_deltas(struct report *report, struct store *store, int64_t rescan, struct err *err)
{
	static const char *const HEADS[] = {"CHECK", ">NEW", ">GONE", ">UNCHANGED"};
	struct deltas deltas = {.report = report};
	bool ok;

	table_init(&deltas.table, HEADS, ARRAY_LEN(HEADS));
	if (report->json)
		json_begin_array(&report->writer, "checks_changed");
	ok = store_rescan_delta_each(store, rescan, on_delta, &deltas, err);
	if (report->json)
		json_end_array(&report->writer);
	else if (deltas.count > 0)
		table_print(&deltas.table, &report->out);
	else
		buf_append_text(&report->out, "No finding came, went or stayed.\n");
	table_free(&deltas.table);
	return ok;
}

/* --- the answer ------------------------------------------------------------------------
 */

struct rescans {
	struct arena arena;
	struct rescan_row *rows;
	size_t count, room;
	int64_t only; /* 0: any */
};

static bool
on_rescan(void *owner, const struct rescan_row *row)
{
	struct rescans *rescans = owner;
	struct rescan_row *out;

	if (rescans->only != 0 && row->number != rescans->only)
		return true;
	if (rescans->count == rescans->room)
		return false;
	out = &rescans->rows[rescans->count++];
	*out = *row;
	out->cause = arena_copy(&rescans->arena, row->cause);
	out->checks = arena_copy(&rescans->arena, row->checks);
	out->ca = arena_copy(&rescans->arena, row->ca);
	out->domain = arena_copy(&rescans->arena, row->domain);
	return true;
}

static bool
append_all(struct report *report, struct store *store, const struct rescans *rescans,
    struct err *err)
{
	for (size_t i = 0; i < rescans->count; i++) {
		if (report->json) {
			json_begin_object(&report->writer, NULL);
			put_row(&report->writer, &rescans->rows[i]);
		} else {
			show_row(report, &rescans->rows[i]);
		}
		if (!append_deltas(report, store, rescans->rows[i].number, err))
			return false;
		if (report->json)
			json_end_object(&report->writer);
	}
	return true;
}

bool
report_rescans(struct report *report, struct store *store,
    const struct report_rescans *asked, uint64_t *found, struct err *err)
{
	struct rescans rescans = {.only = asked->number, .room = (size_t)asked->most};
	bool ok;

	arena_init(&rescans.arena);
	rescans.rows = arena_zero(&rescans.arena, rescans.room, sizeof(*rescans.rows));
	ok = store_rescan_each(store, 0, on_rescan, &rescans, err);
	answer_begin(report);
	if (report->json)
		json_begin_array(&report->writer, "rescans");
	ok = ok && append_all(report, store, &rescans, err);
	if (report->json)
		json_end_array(&report->writer);
	else if (rescans.count == 0)
		buf_append_text(&report->out, "Nothing was judged again yet.\n");
	answer_end(report);
	*found = rescans.count;
	arena_free(&rescans.arena);
	return ok;
}
