#include <inttypes.h>

#include "base/mem.h"
#include "base/text.h"
#include "check/check.h"
#include "report/report_priv.h"
#include "store/certificate.h"
#include "store/finding.h"
#include "store/log.h"
#include "store/outbox.h"
#include "store/range.h"

#define EVENTS_SHOWN 20
#define BEHIND       10000 /* entries; less is no catching up worth a line */

struct sink_counts {
	struct bytes name;
	int64_t counts[OUTBOX_HELD + 1];
	int64_t oldest_ms[OUTBOX_HELD + 1];
};

struct status {
	struct arena *arena;
	struct store_size size;
	int schema;
	uint64_t logs, level, stopped, behind;
	int64_t certificates;
	int64_t findings[LEVEL_ERROR + 1]; /* open ones, by level */
	struct sink_counts sinks[64];
	size_t sink_count;
	struct log_names names;
	struct coverage coverage;
};

/* --- reading ------------------------------------------------------------------ */

static bool
add_count(void *owner, const struct outbox_count *row)
{
	struct status *status = owner;
	size_t i = 0;

	while (i < status->sink_count && !bytes_equal(status->sinks[i].name, row->sink))
		i++;
	if (i == ARRAY_LEN(status->sinks) || row->state > OUTBOX_HELD)
		return true;
	if (i == status->sink_count)
		status->sinks[status->sink_count++].name =
		    arena_copy(status->arena, row->sink);
	status->sinks[i].counts[row->state] = row->count;
	status->sinks[i].oldest_ms[row->state] = row->oldest_ms;
	return true;
}

struct ranges {
	struct status *status;
	struct store *store;
	struct err *err;
	bool ok;
};

static bool
add_range(void *owner, const struct range_row *row)
{
	struct ranges *ranges = owner;
	struct status *status = ranges->status;
	struct tree_head_row head;
	bool found;

	if (row->purpose != RANGE_LIVE)
		return true;
	ranges->ok = store_tree_head_newest(
	    ranges->store, row->log, status->arena, &head, &found, ranges->err);
	if (!ranges->ok)
		return false;
	status->logs++;
	status->stopped += row->stopped.len > 0;
	if (found && head.size > row->next)
		status->behind += head.size - row->next;
	else
		status->level += found;
	return true;
}

static bool
load_findings(struct status *status, struct store *store, struct err *err)
{
	int64_t above = 0;

	for (int level = LEVEL_ERROR; level >= LEVEL_NOTICE; level--) {
		struct finding_filter filter = {
		    .level_at_least = level, .state = FINDING_OPEN};
		int64_t count;

		if (!store_finding_count(store, &filter, &count, err))
			return false;
		status->findings[level] = count - above;
		above = count;
	}
	return true;
}

static bool
load(struct status *status, struct store *store, struct err *err)
{
	struct ranges ranges = {status, store, err, true};

	status->schema = store_schema(store);
	return log_names_load(&status->names, store, err) &&
	    store_size(store, &status->size, err) &&
	    store_range_each(store, 0, add_range, &ranges, err) && ranges.ok &&
	    store_certificate_count(store, &status->certificates, err) &&
	    load_findings(status, store, err) &&
	    store_outbox_counts(store, add_count, status, err) &&
	    coverage_sum(store, 0, &status->coverage, err);
}

/* --- the daemon's own words ------------------------------------------------------ */

static double
number(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

/* What one log is at, where that is worth a line: far behind, or in trouble. */
static void
print_daemon_log(struct report *report, const json_t *log)
{
	const char *name = json_string_value(json_object_get(log, "log"));
	const char *error = json_string_value(json_object_get(log, "error"));
	double left = number(log, "size") - number(log, "next");
	struct buf *out = &report->out;
	char count[32], time[32];

	if (left < BEHIND && (error == NULL || error[0] == '\0'))
		return;
	buf_append_text(out, "              ");
	text_append_safe(out, bytes_text(name != NULL ? name : "-"), 60);
	if (left >= BEHIND)
		buf_append_format(out, ": %s entries to go, %.0f a second, %s left",
		    show_number((uint64_t)left, count), number(log, "per_second"),
		    show_age((int64_t)number(log, "left_ms"), time));
	if (error != NULL && error[0] != '\0') {
		buf_append_text(out, ": ");
		text_append_safe(out, bytes_text(error), 300);
	}
	buf_append_u8(out, '\n');
}

static void
print_daemon(struct report *report, const char *text)
{
	json_t *daemon = text == NULL ? NULL : json_loads(text, 0, NULL);
	const json_t *logs = json_object_get(daemon, "logs"), *log;
	struct buf *out = &report->out;
	double per_second = 0;
	size_t i;

	if (daemon == NULL) {
		buf_append_format(out, "Daemon        %s\n",
		    text == NULL ? "does not run" : "cannot be asked");
		return;
	}
	json_array_foreach (logs, i, log)
		per_second += number(log, "per_second");
	buf_append_format(out, "Daemon        follows %zu logs, %.0f entries a second\n",
	    json_array_size(logs), per_second);
	json_array_foreach (logs, i, log)
		print_daemon_log(report, log);
	json_decref(daemon);
}

/* --- text --------------------------------------------------------------------------- */

static void
print_sinks(struct report *report, const struct status *status)
{
	struct buf *out = &report->out;

	for (size_t i = 0; i < status->sink_count; i++) {
		const struct sink_counts *sink = &status->sinks[i];
		char a[32], b[32], c[32], age[32];

		buf_append_text(out, i == 0 ? "Alerts        " : "              ");
		text_append_safe(out, sink->name, 60);
		buf_append_format(out, ": %s delivered, %s waiting",
		    show_number((uint64_t)sink->counts[OUTBOX_DELIVERED], a),
		    show_number((uint64_t)(sink->counts[OUTBOX_WAITING] +
				    sink->counts[OUTBOX_HELD]),
			b));
		if (sink->counts[OUTBOX_WAITING] > 0)
			buf_append_format(out, " (the oldest since %s)",
			    show_age(
				report->now_ms - sink->oldest_ms[OUTBOX_WAITING], age));
		if (sink->counts[OUTBOX_COUNTED] > 0)
			buf_append_format(out, ", %s gathered for a count",
			    show_number((uint64_t)sink->counts[OUTBOX_COUNTED], c));
		buf_append_format(out, ", %s given up\n",
		    show_number((uint64_t)sink->counts[OUTBOX_DEAD], c));
	}
	if (status->sink_count == 0)
		buf_append_text(out, "Alerts        none\n");
}

static void
print_status(struct report *report, const char *path, const struct status *status)
{
	struct buf *out = &report->out;
	char a[32], b[32], c[32];

	buf_append_text(out, "Database      ");
	text_append_safe(out, bytes_text(path), 300);
	buf_append_format(out, ", %s, %s not merged yet, schema %d\n",
	    show_bytes(status->size.database_bytes, a),
	    show_bytes(status->size.log_bytes, b), status->schema);
	buf_append_format(out, "Logs          %s read, %s level",
	    show_number(status->logs, a), show_number(status->level, b));
	if (status->behind > 0)
		buf_append_format(
		    out, ", %s entries behind", show_number(status->behind, c));
	if (status->stopped > 0)
		buf_append_format(
		    out, ", %s stopped (ctwarden logs)", show_number(status->stopped, c));
	buf_append_format(out, "\nCertificates  %s stored\n",
	    show_number((uint64_t)status->certificates, a));
	buf_append_format(out, "Findings      %s errors, %s warnings, %s notices\n",
	    show_number((uint64_t)status->findings[LEVEL_ERROR], a),
	    show_number((uint64_t)status->findings[LEVEL_WARNING], b),
	    show_number((uint64_t)status->findings[LEVEL_NOTICE], c));
	print_sinks(report, status);
	coverage_report(report, &status->coverage);
}

struct events {
	struct report *report;
	const struct log_names *names;
	size_t count;
};

static bool
on_event(void *owner, const struct event_row *row)
{
	struct events *events = owner;

	if (events->report->json) {
		put_event(&events->report->writer, events->names, row);
		return true;
	}
	if (events->count++ == 0)
		buf_append_text(&events->report->out, "\nEvents that last:\n");
	show_event(&events->report->out, events->names, row);
	return true;
}

/* --- JSON -----------------------------------------------------------------------------
 */

static void
put_sinks(struct json *json, const struct status *status)
{
	json_begin_array(json, "sinks");
	for (size_t i = 0; i < status->sink_count; i++) {
		json_begin_object(json, NULL);
		json_put_safe(json, "name", status->sinks[i].name, 200);
		json_begin_object(json, "alerts");
		for (int state = 0; state <= OUTBOX_HELD; state++)
			json_put_number(json, show_outbox_state(state),
			    status->sinks[i].counts[state]);
		json_end_object(json);
		json_end_object(json);
	}
	json_end_array(json);
}

static void
put_status(struct report *report, const char *path, const char *daemon,
    const struct status *status)
{
	struct json *json = &report->writer;

	if (daemon == NULL || daemon[0] == '\0')
		json_put_null(json, "daemon");
	else
		json_put_raw(json, "daemon", bytes_text(daemon));
	json_begin_object(json, "database");
	json_put_text(json, "path", path);
	json_put_number(json, "bytes", status->size.database_bytes);
	json_put_number(json, "log_bytes", status->size.log_bytes);
	json_put_number(json, "free_bytes", status->size.free_bytes);
	json_put_number(json, "schema", status->schema);
	json_end_object(json);
	json_begin_object(json, "logs");
	json_put_number(json, "read", (int64_t)status->logs);
	json_put_number(json, "level", (int64_t)status->level);
	json_put_number(json, "stopped", (int64_t)status->stopped);
	json_put_number(json, "entries_behind", (int64_t)status->behind);
	json_end_object(json);
	json_put_number(json, "certificates", status->certificates);
	json_begin_object(json, "open_findings");
	for (int level = LEVEL_NOTICE; level <= LEVEL_ERROR; level++)
		json_put_number(json, show_level(level), status->findings[level]);
	json_end_object(json);
	put_sinks(json, status);
	coverage_report(report, &status->coverage);
}

bool
report_status(struct report *report, struct store *store, const char *path,
    const char *daemon, uint64_t *found, struct err *err)
{
	struct arena arena;
	struct status *status = mem_zero(1, sizeof(*status));
	struct events events = {.report = report, .names = &status->names};
	struct event_filter lasting = {
	    .open_only = true, .limit = EVENTS_SHOWN, .newest_first = true};
	bool ok;

	arena_init(&arena);
	status->arena = &arena;
	ok = load(status, store, err);
	answer_begin(report);
	if (ok && report->json) {
		put_status(report, path, daemon, status);
		json_begin_array(&report->writer, "events");
	} else if (ok) {
		print_daemon(report, daemon);
		print_status(report, path, status);
	}
	ok = ok && store_event_each(store, &lasting, on_event, &events, err);
	if (ok) {
		if (report->json)
			json_end_array(&report->writer);
		answer_end(report);
	} else {
		buf_clear(&report->out);
	}
	*found = 1;
	log_names_free(&status->names);
	mem_free(status);
	arena_free(&arena);
	return ok;
}
