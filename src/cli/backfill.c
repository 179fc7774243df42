/*
 * ctwarden backfill: asks the daemon to read older entries and watches it, or
 * where none runs notes the wish for its next start.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/cli_priv.h"
#include "conf/conf.h"
#include "control/control.h"
#include "store/backfill.h"
#include "store/log.h"

#define PLAIN_EVERY_S 10 /* a progress line, where it is no terminal */

struct backfill {
	const char *log;
	uint64_t from, to;
	struct conf conf;
	uint64_t entries; /* that it comes to */
};

/* --- asking for it ------------------------------------------------------------ */

static bool
ask_daemon(struct backfill *it, struct err *err)
{
	json_t *result = control_call(it->conf.control, "backfill",
	    json_pack("{s:s, s:I, s:I}", "log", it->log, "from", (json_int_t)it->from,
		"to", (json_int_t)it->to),
	    NULL, NULL, err);

	if (result == NULL)
		return false;
	it->entries = (uint64_t)json_integer_value(json_object_get(result, "entries"));
	json_decref(result);
	return true;
}

struct named {
	const char *name;
	uint32_t number;
};

static bool
on_log(void *owner, const struct log_row *row)
{
	struct named *named = owner;

	if (bytes_equal(row->name, bytes_text(named->name)))
		named->number = row->number;
	return named->number == 0;
}

static bool
on_range(void *owner, const struct range_row *row)
{
	((struct backfill *)owner)->entries += row->end - row->start;
	return true;
}

static bool
note(struct backfill *it, struct store *store, struct err *err)
{
	struct named named = {it->log, 0};
	struct tree_head_row head;
	struct arena arena;
	struct clock *clock = clock_new(NULL);
	bool found, ok;

	arena_init(&arena);
	ok = store_log_each(store, on_log, &named, err) &&
	    (named.number != 0 ||
		err_set(err, ERR_NOT_FOUND, "no log is called \"%.80s\"", it->log)) &&
	    store_tree_head_newest(store, named.number, &arena, &head, &found, err) &&
	    ((found && it->to <= head.size) ||
		err_set(err, ERR_PARSE, "the log has %" PRIu64 " entries",
		    found ? head.size : 0)) &&
	    store_begin(store, err) &&
	    store_backfill_add(store, named.number, it->from, it->to, clock_now_ms(clock),
		on_range, it, err) &&
	    store_commit(store, err);
	clock_free(clock);
	arena_free(&arena);
	return ok;
}

/* Opening the database for writing takes the daemon's lock. */
static bool
note_it(struct backfill *it, struct err *err)
{
	struct store *store = store_open(
	    &(struct store_options){
		.path = it->conf.database, .brief = true, .cache_mb = it->conf.cache_mb},
	    err);
	bool ok = store != NULL && note(it, store, err);

	store_close(store);
	return ok;
}

/* --- watching it ------------------------------------------------------------------ */

struct seen {
	uint64_t left; /* entries that are not read */
	unsigned ranges, stopped;
	double per_second;
	int64_t left_ms;
	char error[256];
};

static uint64_t
number_of(const json_t *row, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(row, name));
}

static const char *
text_of(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return text == NULL ? "" : text;
}

static void
add_range(const struct backfill *it, const json_t *row, struct seen *seen)
{
	uint64_t from = number_of(row, "from"), to = number_of(row, "to");
	int64_t left_ms = (int64_t)number_of(row, "left_ms");

	if (strcmp(text_of(row, "log"), it->log) != 0 || to <= it->from || from >= it->to)
		return;
	seen->ranges++;
	seen->stopped += strcmp(text_of(row, "doing"), "stopped") == 0;
	seen->left += to - number_of(row, "next");
	seen->per_second += json_number_value(json_object_get(row, "per_second"));
	if (left_ms < 0 || (seen->left_ms >= 0 && left_ms > seen->left_ms))
		seen->left_ms = left_ms;
	if (text_of(row, "error")[0] != '\0')
		snprintf(seen->error, sizeof(seen->error), "%s", text_of(row, "error"));
}

static bool
look(const struct backfill *it, struct seen *seen, struct err *err)
{
	json_t *status = control_call(it->conf.control, "status", NULL, NULL, NULL, err);
	const json_t *row;
	size_t i;

	*seen = (struct seen){0};
	if (status == NULL)
		return false;
	json_array_foreach (json_object_get(status, "backfills"), i, row)
		add_range(it, row, seen);
	json_decref(status);
	return true;
}

static void
print_progress(const struct backfill *it, const struct seen *seen, unsigned turn)
{
	bool terminal = isatty(STDERR_FILENO);
	uint64_t read =
	    it->entries - (seen->left < it->entries ? seen->left : it->entries);

	if (!terminal && turn % PLAIN_EVERY_S != 0)
		return;
	fprintf(stderr, "%s%" PRIu64 " of %" PRIu64 " entries (%.1f %%), %.0f a second",
	    terminal ? "\r\033[K" : "", read, it->entries,
	    it->entries == 0 ? 100.0 : 100.0 * (double)read / (double)it->entries,
	    seen->per_second);
	if (seen->left_ms > 0)
		fprintf(stderr, ", %" PRId64 " s left", seen->left_ms / 1000);
	if (seen->error[0] != '\0')
		fprintf(stderr, "; %s", seen->error);
	if (!terminal)
		fputc('\n', stderr);
	fflush(stderr);
}

/* Until nothing of it is under way any more. */
static enum cli_exit
watch_it(const struct backfill *it)
{
	struct timespec second = {.tv_sec = 1};
	struct seen seen;
	struct err err;

	for (unsigned turn = 0;; turn++) {
		if (!look(it, &seen, &err))
			return cli_fail(CLI_TROUBLE,
			    "%s; what was asked for goes on when the daemon does",
			    err.text);
		if (seen.ranges == 0)
			break;
		print_progress(it, &seen, turn);
		if (seen.stopped == seen.ranges)
			return cli_fail(CLI_TROUBLE,
			    "stopped: %s; ctwarden events has the evidence", seen.error);
		nanosleep(&second, NULL);
	}
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	return CLI_FOUND;
}

/* --- the command ----------------------------------------------------------------------
 */

static void
tell(const struct cli *cli, const struct backfill *it, const char *what)
{
	if (cli->json)
		printf("{\"entries\":%" PRIu64 ",\"state\":\"%s\"}\n", it->entries, what);
	else if (it->entries == 0)
		puts("All of it has been read, or is being read.");
	else
		printf("%" PRIu64 " entries: %s.\n", it->entries, what);
}

static enum cli_exit
run(const struct cli *cli, struct backfill *it, bool no_wait)
{
	bool down = control_is_down(it->conf.control);
	struct err err = {0};
	enum cli_exit status = CLI_FOUND;

	if (!(down ? note_it(it, &err) : ask_daemon(it, &err)))
		return cli_fail(err.code == ERR_NOT_FOUND ? CLI_NOTHING
			: err.code == ERR_PARSE           ? CLI_USAGE
							  : CLI_TROUBLE,
		    "%s", err.text);
	if (!down && !no_wait)
		status = watch_it(it);
	if (status == CLI_FOUND)
		tell(cli, it,
		    down          ? "noted for when the daemon runs"
			: no_wait ? "asked for"
				  : "read and proved");
	return status;
}

enum cli_exit
cli_backfill(struct cli *cli)
{
	struct backfill it = {0};
	bool no_wait = false;
	const struct cli_flag flags[] = {{"--no-wait", .set = &no_wait}};
	enum cli_exit status;
	struct err err;

	if (!cli_flags(cli, flags, ARRAY_LEN(flags)))
		return CLI_USAGE;
	if (cli->count != 3)
		return cli_usage(cli);
	it.log = cli->words[0];
	if (!cli_number("FROM", cli->words[1], &it.from) ||
	    !cli_number("TO", cli->words[2], &it.to))
		return CLI_USAGE;
	if (it.from >= it.to)
		return cli_fail(CLI_USAGE,
		    "FROM is the first entry, TO the one behind the "
		    "last: FROM must be less");
	if (!conf_load(cli->config, &it.conf, &err))
		return cli_fail(CLI_TROUBLE, "%s", err.text);
	status = run(cli, &it, no_wait);
	conf_free(&it.conf);
	return status;
}
