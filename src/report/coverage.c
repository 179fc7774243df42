#include "report/report_priv.h"
#include "store/coverage.h"
#include "store/log.h"
#include "store/range.h"

struct sum {
	struct store *store;
	struct coverage *out;
	int64_t generation;
	uint32_t last_log;
	struct arena arena;
	struct err *err;
	bool ok;
};

static bool
add_log(void *owner, const struct log_row *row)
{
	struct sum *sum = owner;

	(void)row;
	sum->out->logs++;
	return true;
}

void
coverage_add(struct coverage *out, const struct coverage_row *row)
{
	out->judged += row->end - row->start;
	if (row->verified > row->start)
		out->proved +=
		    (row->verified < row->end ? row->verified : row->end) - row->start;
	if (row->first_timestamp_ms != STORE_NO_TIME &&
	    (out->first_ms == STORE_NO_TIME || row->first_timestamp_ms < out->first_ms))
		out->first_ms = row->first_timestamp_ms;
	if (row->last_timestamp_ms != STORE_NO_TIME &&
	    row->last_timestamp_ms > out->last_ms)
		out->last_ms = row->last_timestamp_ms;
}

static bool
add_coverage(void *owner, const struct coverage_row *row)
{
	struct sum *sum = owner;

	if (row->generation < sum->generation)
		return true;
	sum->out->logs_read += row->log != sum->last_log;
	sum->last_log = row->log;
	coverage_add(sum->out, row);
	return true;
}

/* What is signed for and not read yet. */
static bool
add_range(void *owner, const struct range_row *row)
{
	struct sum *sum = owner;
	struct tree_head_row head;
	bool found;

	if (row->purpose != RANGE_LIVE)
		return true;
	arena_reset(&sum->arena);
	sum->ok = store_tree_head_newest(
	    sum->store, row->log, &sum->arena, &head, &found, sum->err);
	if (sum->ok && found && head.size > row->next)
		sum->out->behind += head.size - row->next;
	return sum->ok;
}

static bool
add_gap(void *owner, const struct gap_row *row)
{
	struct sum *sum = owner;

	sum->out->missing += row->end - row->start;
	return true;
}

static bool
add_entries(void *owner, const struct entry_count *row)
{
	struct sum *sum = owner;

	if (row->state != ENTRY_DONE)
		sum->out->unparsed += (uint64_t)row->count;
	return true;
}

bool
coverage_sum(
    struct store *store, int64_t generation, struct coverage *out, struct err *err)
{
	struct sum sum = {
	    .store = store, .out = out, .generation = generation, .err = err, .ok = true};
	bool ok;

	*out = (struct coverage){.first_ms = STORE_NO_TIME, .last_ms = STORE_NO_TIME};
	arena_init(&sum.arena);
	ok = store_log_each(store, add_log, &sum, err) &&
	    store_coverage_each(store, 0, add_coverage, &sum, err) &&
	    store_range_each(store, 0, add_range, &sum, err) && sum.ok &&
	    store_gap_each(store, 0, add_gap, &sum, err) &&
	    store_entry_counts(store, add_entries, &sum, err);
	arena_free(&sum.arena);
	return ok;
}

static void
append_part(struct buf *out, uint64_t count, const char *what)
{
	char text[32];

	if (count > 0)
		buf_append_format(out, "; %s %s", show_number(count, text), what);
}

static void
as_line(struct report *report, const struct coverage *coverage)
{
	char a[32], b[32];
	struct buf *out = &report->out;

	buf_append_format(out, "Covered: %s entries of %s",
	    show_number(coverage->judged, a), show_number(coverage->logs_read, b));
	buf_append_format(out, " of %s logs, %s of them proved",
	    show_number(coverage->logs, a), show_number(coverage->proved, b));
	if (coverage->last_ms != STORE_NO_TIME)
		buf_append_format(out, ", logged from %s to %s",
		    show_time(coverage->first_ms, a), show_time(coverage->last_ms, b));
	append_part(out, coverage->logs - coverage->logs_read, "logs not covered");
	append_part(out, coverage->missing, "entries not read");
	append_part(out, coverage->behind, "entries not read yet");
	append_part(out, coverage->unparsed, "entries kept unread");
	buf_append_text(out, ".\n");
}

void
coverage_report(struct report *report, const struct coverage *coverage)
{
	struct json *json = &report->writer;

	if (!report->json) {
		as_line(report, coverage);
		return;
	}
	json_begin_object(json, "coverage");
	json_put_number(json, "logs", (int64_t)coverage->logs);
	json_put_number(json, "logs_read", (int64_t)coverage->logs_read);
	json_put_number(
	    json, "logs_not_covered", (int64_t)(coverage->logs - coverage->logs_read));
	json_put_number(json, "entries_judged", (int64_t)coverage->judged);
	json_put_number(json, "entries_proved", (int64_t)coverage->proved);
	json_put_number(json, "entries_not_read", (int64_t)coverage->missing);
	json_put_number(json, "entries_behind", (int64_t)coverage->behind);
	json_put_number(json, "entries_kept_unread", (int64_t)coverage->unparsed);
	put_time(json, "first_logged", coverage->first_ms);
	put_time(json, "last_logged", coverage->last_ms);
	json_end_object(json);
}

bool
coverage_append(
    struct report *report, struct store *store, int64_t generation, struct err *err)
{
	struct coverage coverage;

	if (!coverage_sum(store, generation, &coverage, err))
		return false;
	coverage_report(report, &coverage);
	return true;
}
