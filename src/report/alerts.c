#include <inttypes.h>

#include "base/mem.h"
#include "base/text.h"
#include "report/report_priv.h"
#include "store/outbox.h"

static const char *const STATES[] = {
    [OUTBOX_WAITING] = "waiting",
    [OUTBOX_DELIVERED] = "delivered",
    [OUTBOX_DEAD] = "dead",
    [OUTBOX_GROUPED] = "counted",
    [OUTBOX_COUNTED] = "gathered",
    [OUTBOX_HELD] = "held",
};

const char *
show_outbox_state(int state)
{
	return state >= 0 && (size_t)state < ARRAY_LEN(STATES) ? STATES[state] : "-";
}

/* A member of the payload, as it was made safe when it was stored. */
static void
append_member(struct buf *out, const json_t *payload, const char *name)
{
	const char *text = json_string_value(json_object_get(payload, name));

	if (text != NULL)
		show_append_stored(out, bytes_text(text));
}

void
show_alert(struct buf *out, const struct outbox_row *row)
{
	json_t *payload =
	    json_loadb((const char *)row->payload.data, row->payload.len, 0, NULL);
	char time[32], hex[2 * 64 + 1];
	size_t id_len = row->alert.len < 64 ? row->alert.len : 64;

	buf_append_format(out, "%s  %-9s  ", show_time(row->created_ms, time),
	    show_outbox_state((int)row->state));
	text_append_safe(out, row->sink, 60);
	buf_append_text(out, "  ");
	append_member(out, payload, "level");
	buf_append_text(out, "  ");
	append_member(out, payload, "title");
	buf_append_text(out, "\n    ");
	append_member(out, payload, "message");
	buf_append_format(
	    out, "\n    alert %s", hex_format(row->alert.data, id_len, hex));
	if (row->attempts > 0)
		buf_append_format(out, ", %" PRId64 " tries", row->attempts);
	if (row->state == OUTBOX_WAITING)
		buf_append_format(out, ", next %s", show_time(row->next_try_ms, time));
	if (row->last_error.len > 0 && row->state != OUTBOX_DELIVERED) {
		buf_append_text(out, "\n    ");
		text_append_safe(out, row->last_error, 300);
	}
	buf_append_text(out, "\n");
	json_decref(payload);
}

void
put_alert(struct json *json, const struct outbox_row *row)
{
	json_begin_object(json, NULL);
	json_put_hex(json, "alert", row->alert);
	json_put_safe(json, "sink", row->sink, 200);
	json_put_text(json, "state", show_outbox_state((int)row->state));
	json_put_safe(json, "kind", row->kind, 40);
	json_put_time(json, "created", row->created_ms);
	json_put_number(json, "tries", row->attempts);
	put_time(json, "next_try",
	    row->state == OUTBOX_WAITING ? row->next_try_ms : STORE_NO_TIME);
	put_time(json, "settled", row->settled_ms);
	json_put_safe(json, "last_error", row->last_error, 500);
	if (row->payload.len > 0)
		json_put_raw(json, "payload", row->payload);
	else
		json_put_null(json, "payload");
	json_end_object(json);
}

struct page {
	struct report *report;
	size_t count;
	int64_t last;
};

static bool
on_row(void *owner, const struct outbox_row *row)
{
	struct page *page = owner;

	if (page->report->json)
		put_alert(&page->report->writer, row);
	else
		show_alert(&page->report->out, row);
	page->count++;
	page->last = row->number;
	return true;
}

static bool
list(struct report *report, struct store *store, const struct report_alerts *asked,
    uint64_t *found, struct err *err)
{
	uint64_t left = asked->most == 0 ? UINT64_MAX : asked->most;
	struct page page = {.report = report};
	struct outbox_filter filter = {
	    .sink = asked->sink == NULL ? bytes_of(NULL, 0) : bytes_text(asked->sink),
	    .state = asked->dead ? OUTBOX_DEAD : -1,
	    .newest_first = true,
	};

	do {
		filter.limit = left < REPORT_PAGE ? (size_t)left : REPORT_PAGE;
		filter.after = page.last;
		page.count = 0;
		if (!store_outbox_each(store, &filter, on_row, &page, err))
			return false;
		*found += page.count;
		left -= page.count;
	} while (page.count == filter.limit && left > 0 && report_flush(report));
	return true;
}

bool
report_alerts(struct report *report, struct store *store,
    const struct report_alerts *asked, uint64_t *found, struct err *err)
{
	*found = 0;
	answer_begin(report);
	if (report->json)
		json_begin_array(&report->writer, "alerts");
	if (!list(report, store, asked, found, err)) {
		buf_clear(&report->out);
		return false;
	}
	if (report->json)
		json_end_array(&report->writer);
	else if (*found == 0)
		buf_append_text(&report->out,
		    asked->dead ? "No alert was given up. " : "No alert was made. ");
	if ((report->json || *found == 0) && !coverage_append(report, store, 0, err)) {
		buf_clear(&report->out);
		return false;
	}
	answer_end(report);
	return true;
}
