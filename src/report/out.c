#include "base/mem.h"
#include "report/report_priv.h"

#define OUT_MAX ((size_t)64 * 1024 * 1024) /* a page never comes near it */

struct report *
report_new(bool json, int64_t now_ms, report_write_fn *write, void *owner)
{
	struct report *report = mem_zero(1, sizeof(*report));

	*report = (struct report){
	    .json = json, .now_ms = now_ms, .write = write, .owner = owner};
	buf_init(&report->out, OUT_MAX);
	json_init(&report->writer, &report->out);
	return report;
}

void
report_free(struct report *report)
{
	if (report == NULL)
		return;
	report_flush(report);
	buf_free(&report->out);
	mem_free(report);
}

bool
report_flush(struct report *report)
{
	if (!report->gone && report->out.len > 0)
		report->gone = !report->write(report->owner, buf_bytes(&report->out));
	buf_clear(&report->out);
	return !report->gone;
}

void
answer_begin(struct report *report)
{
	if (report->json)
		json_begin_object(&report->writer, NULL);
}

void
answer_end(struct report *report)
{
	if (report->json) {
		json_end_object(&report->writer);
		buf_append_u8(&report->out, '\n');
	}
	report_flush(report);
}
