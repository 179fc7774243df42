/* What log lists say, in scenarios: of one log, and lists as a whole. */
#include "tests/lib/scenario.h"

#include "wire/loglist.h"

/* --- one log ---------------------------------------------------------------- */

void
scenario_listed(
    struct scenario *s, struct scenario_log *log, const struct scenario_listing *from)
{
	struct log_list_entry entry = {.key = testlog_key(log->log),
	    .tiled = testlog_is_static(log->log),
	    .operator_name = "",
	    .description = log->name,
	    .url = log->url,
	    .submission_url = log->url,
	    .monitoring_url = from->tiles || testlog_is_static(log->log) ? log->url : "",
	    .mmd_s = 60,
	    .state = from->state,
	    .state_since_ms = scenario_true_ms(s),
	    .has_interval = from->end_ms != 0,
	    .end_ms = from->end_ms,
	    .has_final_head = from->has_final,
	    .final_size = from->final_size};
	struct ct_log *ct_log;
	struct err err;

	if (from->has_final)
		testlog_root(log->log, from->final_size, entry.final_root.octets);
	entry.final_root.octets[0] ^= from->wrong_final;
	ct_log = ct_log_from_list(&entry, &err);
	SCENARIO_MUST(s, ct_log != NULL, "%s", err.text);
	ct_log->name = log->name; /* of the same length of life */
	ct_log_free(log->ct_log);
	log->ct_log = ct_log;
	log->finish = from->finish;
	log->tiles = from->tiles;
	if (s->monitor != NULL)
		scenario_set_logs(s);
}

/* --- a list ------------------------------------------------------------------- */

/* "NAME@STATE[@URL[@OPERATOR]]" as a member of "logs" or "tiled_logs". */
static void
put_log(struct scenario *s, char *text, struct buf *out)
{
	char *name = strsep(&text, "@"), *state = strsep(&text, "@");
	char *url = strsep(&text, "@"), *operator= strsep(&text, "@");
	struct scenario_log *log = scenario_log(s, name);

	SCENARIO_MUST(s, log != NULL && state != NULL, "LOG@STATE[@URL[@OPERATOR]]");
	buf_append_format(out, "%s{\"name\":\"%s\",\"%s\":[", out->len > 32 ? "," : "",
	    operator!= NULL ? operator: "Op",
	    testlog_is_static(log->log) ? "tiled_logs" : "logs");
	testlog_list_entry(
	    log->log, url != NULL && url[0] != '\0' ? url : log->url, state, out);
	buf_append_text(out, "]}");
}

void
scenario_list(struct scenario *s, const char *name, char *const *words, size_t count)
{
	struct log_list list;
	struct buf json;
	struct err err;

	buf_init(&json, (size_t)1 << 20);
	buf_append_text(&json, "{\"version\":\"1\",\"operators\":[   ");
	for (size_t i = 0; i < count; i++)
		put_log(s, words[i], &json);
	buf_append_text(&json, "]}");
	SCENARIO_MUST(s, log_list_parse(buf_bytes(&json), &list, &err), "%s", err.text);
	monitor_note_list(s->monitor, name, &list);
	monitor_pump(s->monitor);
	log_list_free(&list);
	buf_free(&json);
}
