/*
 * What ctwarden asks for over the control socket.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/daemon.h"
#include "store/rescan.h"

struct resend {
	struct daemon *daemon;
	struct control_request *request;
	uint8_t id[STORE_ID_LEN];
	bool all; /* every dead one, not one alert */
	int64_t now_ms;
	size_t count;
};

static bool
apply_resend(void *change, struct store *store, struct err *err)
{
	struct resend *resend = change;
	struct outbox_filter filter = {.state = resend->all ? OUTBOX_DEAD : -1};

	if (!resend->all)
		filter.alert = bytes_of(resend->id, STORE_ID_LEN);
	if (!store_outbox_resend(store, &filter, resend->now_ms, &resend->count, err))
		return false;
	return resend->count > 0 || resend->all ||
	    err_set(err, ERR_NOT_FOUND, "no alert has this id");
}

static void
resent(void *owner, void *change, const struct err *err)
{
	struct resend *resend = change;

	(void)owner;
	if (err != NULL) {
		control_refuse(resend->request, err);
	} else {
		if (resend->daemon->alert != NULL)
			alert_wake(resend->daemon->alert);
		control_reply(resend->request,
		    json_pack("{s:I}", "resent", (json_int_t)resend->count));
	}
	mem_free(resend);
}

static void
handle_resend(
    struct daemon *daemon, const json_t *arguments, struct control_request *request)
{
	const char *id = json_string_value(json_object_get(arguments, "id"));
	struct resend *resend = mem_zero(1, sizeof(*resend));
	struct err err;

	resend->all = id == NULL || strcmp(id, "all") == 0;
	if (!resend->all && !hex_parse(id, resend->id, STORE_ID_LEN)) {
		err_set(&err, ERR_PARSE, "an alert's id is 32 hex digits");
		control_refuse(request, &err);
		mem_free(resend);
		return;
	}
	resend->daemon = daemon;
	resend->request = request;
	resend->now_ms = clock_now_ms(daemon->clock);
	monitor_change(daemon->monitor, apply_resend, resend, resent, daemon);
}

/* --- judging again --- */

struct rescan_request {
	struct daemon *daemon;
	struct control_request *request;
	struct rescan_row row; /* texts owned */
};

static bool
apply_rescan(void *change, struct store *store, struct err *err)
{
	struct rescan_request *it = change;

	it->row.number = 0;
	return store_rescan_put(store, &it->row, err);
}

static void
rescan_written(void *owner, void *change, const struct err *err)
{
	struct rescan_request *it = change;

	(void)owner;
	if (err != NULL) {
		control_refuse(it->request, err);
	} else {
		monitor_rescan(it->daemon->monitor);
		control_reply(it->request,
		    json_pack("{s:I}", "rescan", (json_int_t)it->row.number));
	}
	mem_free((void *)(uintptr_t)it->row.checks.data);
	mem_free((void *)(uintptr_t)it->row.ca.data);
	mem_free((void *)(uintptr_t)it->row.domain.data);
	mem_free(it);
}

static struct bytes
own_text(const json_t *arguments, const char *key)
{
	const char *text = json_string_value(json_object_get(arguments, key));

	return bytes_text(mem_text(text != NULL ? text : ""));
}

static int64_t
seconds_in(const json_t *arguments, const char *key)
{
	int64_t ms = json_integer_value(json_object_get(arguments, key));

	return ms == 0 ? STORE_NO_TIME : ms / 1000;
}

static void
handle_rescan(
    struct daemon *daemon, const json_t *arguments, struct control_request *request)
{
	struct rescan_request *it = mem_zero(1, sizeof(*it));

	*it = (struct rescan_request){.daemon = daemon,
	    .request = request,
	    .row = {.cause = bytes_text("asked"),
		.checks = own_text(arguments, "checks"),
		.ca = own_text(arguments, "ca"),
		.domain = own_text(arguments, "domain"),
		.from_s = seconds_in(arguments, "from_ms"),
		.until_s = seconds_in(arguments, "to_ms"),
		.first_nb_s = STORE_NO_TIME,
		.last_nb_s = STORE_NO_TIME,
		.started_ms = STORE_NO_TIME,
		.ended_ms = STORE_NO_TIME}};
	monitor_change(daemon->monitor, apply_rescan, it, rescan_written, daemon);
}

static void
add_log(void *owner, const struct monitor_log_status *log)
{
	json_array_append_new(owner,
	    json_pack("{s:s, s:s, s:I, s:I, s:I, s:f, s:I, s:I, s:I, s:I, s:s}", "log",
		log->log->name, "doing", log->doing, "size", (json_int_t)log->size,
		"next", (json_int_t)log->next, "verified", (json_int_t)log->verified,
		"per_second", log->per_second, "left_ms", (json_int_t)log->left_ms,
		"lag_ms", (json_int_t)log->lag_ms, "success_ms",
		(json_int_t)log->success_ms, "errors", (json_int_t)log->errors, "error",
		log->last_error));
}

static void
add_backfill(void *owner, const struct monitor_log_status *log)
{
	json_array_append_new(owner,
	    json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:f, s:I, s:s}", "log",
		log->log->name, "doing", log->doing, "from", (json_int_t)log->start, "to",
		(json_int_t)log->end, "next", (json_int_t)log->next, "verified",
		(json_int_t)log->verified, "per_second", log->per_second, "left_ms",
		(json_int_t)log->left_ms, "error", log->last_error));
}

static void
add_list(void *owner, const struct list_status *list)
{
	json_array_append_new(owner,
	    json_pack("{s:s, s:I, s:I, s:b}", "list", list->name, "read_ms",
		(json_int_t)list->read_ms, "made_ms", (json_int_t)list->made_ms,
		"failing", (int)list->failing));
}

static void
handle_status(struct daemon *daemon, struct control_request *request)
{
	json_t *logs = json_array(), *backfills = json_array(), *lists = json_array();

	monitor_each_log(daemon->monitor, add_log, logs);
	monitor_each_backfill(daemon->monitor, add_backfill, backfills);
	lists_each(daemon->lists, add_list, lists);
	control_reply(request,
	    json_pack(
		"{s:o, s:o, s:o}", "logs", logs, "backfills", backfills, "lists", lists));
}

static void
backfill_begun(void *owner, const struct monitor_backfill *sum, const struct err *err)
{
	struct control_request *request = owner;

	if (err != NULL)
		control_refuse(request, err);
	else
		control_reply(request,
		    json_pack("{s:i, s:I}", "ranges", (int)sum->ranges, "entries",
			(json_int_t)sum->entries));
}

static void
handle_backfill(
    struct daemon *daemon, const json_t *arguments, struct control_request *request)
{
	const char *log = json_string_value(json_object_get(arguments, "log"));
	const json_t *from = json_object_get(arguments, "from"),
		     *to = json_object_get(arguments, "to");
	struct err err;

	if (log == NULL || !json_is_integer(from) || !json_is_integer(to) ||
	    json_integer_value(from) < 0 || json_integer_value(to) < 0) {
		err_set(&err, ERR_PARSE, "a backfill is of a log, from and to an index");
		control_refuse(request, &err);
		return;
	}
	monitor_backfill(daemon->monitor, log, (uint64_t)json_integer_value(from),
	    (uint64_t)json_integer_value(to), backfill_begun, request);
}

void
daemon_handle(void *owner, const char *command, const json_t *arguments,
    struct control_request *request)
{
	struct daemon *daemon = owner;
	struct err err;

	if (strcmp(command, "resend") == 0) {
		handle_resend(daemon, arguments, request);
	} else if (strcmp(command, "rescan") == 0) {
		handle_rescan(daemon, arguments, request);
	} else if (strcmp(command, "status") == 0) {
		handle_status(daemon, request);
	} else if (strcmp(command, "backfill") == 0) {
		handle_backfill(daemon, arguments, request);
	} else {
		err_set(
		    &err, ERR_PARSE, "this daemon knows no command \"%.40s\"", command);
		control_refuse(request, &err);
	}
}
