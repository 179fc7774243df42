/*
 * Has what is stored judged again: asks the daemon, or where none runs writes it
 * down for the next one. Then watches how far it is, in the database.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "check/check.h"
#include "cli/cli_priv.h"
#include "conf/conf.h"
#include "control/control.h"
#include "report/report.h"
#include "store/rescan.h"
#include "x509/dns.h"

#define LOOK_MS   250
#define BAR_WIDTH 30

struct asked {
	const char *checks, *ca, *domain;
	const char *from, *to;
	int64_t from_ms, to_ms;
	char domain_text[1024]; /* as certificates have it */
	struct buf ids;         /* with blanks between */
	bool status, no_wait;
	uint64_t most;
};

/* --- what is asked for ----------------------------------------------------------------
 */

static bool
take_checks(struct asked *asked)
{
	char *copy, *at, *id;
	bool ok = true;

	if (asked->checks == NULL)
		return true;
	at = copy = mem_text(asked->checks);
	while (ok && (id = strsep(&at, ",")) != NULL) {
		ok = check_find(id, NULL) != NULL;
		if (!ok)
			cli_fail(CLI_USAGE,
			    "--check: no check is called \"%.60s\"; ctwarden checks "
			    "lists them",
			    id);
		buf_append_format(&asked->ids, "%s%s", asked->ids.len > 0 ? " " : "", id);
	}
	mem_free(copy);
	return ok;
}

static bool
take_domain(struct asked *asked)
{
	char name[sizeof(asked->domain_text)];
	struct bytes text;
	size_t len;

	if (asked->domain == NULL)
		return true;
	text = bytes_text(asked->domain);
	if (text.len == 0 || DNS_CANONICAL_ROOM(text.len) > sizeof(name) ||
	    !dns_canonical(text, name, sizeof(name), &len)) {
		cli_fail(
		    CLI_USAGE, "--domain: \"%.100s\" is no domain name", asked->domain);
		return false;
	}
	memcpy(asked->domain_text, name, len);
	asked->domain_text[len] = '\0';
	return true;
}

static bool
knows_ca(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->ca_count; i++)
		if (strcmp(conf->cas[i].name, name) == 0)
			return true;
	return false;
}

/* --- asking ---------------------------------------------------------------------------
 */

static bool
ask_daemon(const struct conf *conf, struct asked *asked, int64_t *number, struct err *err)
{
	json_t *arguments =
	    json_pack("{s:s, s:s, s:s, s:I, s:I}", "checks", buf_text(&asked->ids), "ca",
		asked->ca != NULL ? asked->ca : "", "domain", asked->domain_text,
		"from_ms", (json_int_t)asked->from_ms, "to_ms", (json_int_t)asked->to_ms);
	json_t *result =
	    control_call(conf->control, "rescan", arguments, NULL, NULL, err);

	if (result == NULL)
		return false;
	*number = json_integer_value(json_object_get(result, "rescan"));
	json_decref(result);
	return true;
}

/* Opening the database for writing takes the daemon's lock. */
static bool
write_down(const struct conf *conf, struct asked *asked, int64_t *number, struct err *err)
{
	struct rescan_row row = {.cause = bytes_text("asked"),
	    .checks = buf_bytes(&asked->ids),
	    .ca = bytes_text(asked->ca != NULL ? asked->ca : ""),
	    .domain = bytes_text(asked->domain_text),
	    .from_s = asked->from == NULL ? STORE_NO_TIME : asked->from_ms / 1000,
	    .until_s = asked->to == NULL ? STORE_NO_TIME : asked->to_ms / 1000,
	    .first_nb_s = STORE_NO_TIME,
	    .last_nb_s = STORE_NO_TIME,
	    .started_ms = STORE_NO_TIME,
	    .ended_ms = STORE_NO_TIME};
	struct store *store = store_open(
	    &(struct store_options){
		.path = conf->database, .brief = true, .cache_mb = conf->cache_mb},
	    err);
	bool ok = store != NULL && store_begin(store, err) &&
	    store_rescan_put(store, &row, err) && store_commit(store, err);

	*number = row.number;
	store_close(store);
	return ok;
}

/* --- watching -------------------------------------------------------------------------
 */

struct watching {
	struct store *store;
	struct clock *clock;
	int64_t number;
	struct rescan_row row; /* its numbers; not its texts */
	bool found;
	int64_t began_ms, first; /* when rows began to count, and where */
};

static bool
on_rescan(void *owner, const struct rescan_row *row)
{
	struct watching *it = owner;

	if (row->number != it->number)
		return true;
	it->row = *row;
	it->found = true;
	return false;
}

static void
draw(struct watching *it)
{
	const struct rescan_row *row = &it->row;
	int64_t now = clock_mono_ms(it->clock), done = row->after, all = row->last;
	double rate;
	int filled;

	if (!isatty(STDERR_FILENO))
		return;
	if (row->phase != RESCAN_CERTIFICATES || all == 0) {
		fprintf(stderr, "\r%-78s", "rescan: waiting");
		return;
	}
	if (it->began_ms == 0) {
		it->began_ms = now;
		it->first = done;
	}
	rate = now > it->began_ms
	    ? (double)(done - it->first) * 1000 / (double)(now - it->began_ms)
	    : 0;
	filled = (int)(BAR_WIDTH * done / all);
	fprintf(stderr, "\r[%.*s%.*s] %3d %%  %lld of %lld  %.0f/s  %.0f s left   ",
	    filled, "##############################", BAR_WIDTH - filled,
	    "..............................", (int)(100 * done / all), (long long)done,
	    (long long)all, rate, rate > 0 ? (double)(all - done) / rate : 0);
}

/* Until it is done, or nobody does it. */
static bool
watch(const struct conf *conf, struct watching *it, bool *done, struct err *err)
{
	const struct timespec pause = {0, LOOK_MS * 1000000L};

	for (;;) {
		it->found = false;
		if (!store_rescan_each(it->store, 0, on_rescan, it, err))
			return false;
		*done = !it->found || it->row.phase == RESCAN_DONE;
		if (*done || control_is_down(conf->control))
			break;
		draw(it);
		nanosleep(&pause, NULL);
	}
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%-78s\r", "");
	return true;
}

static enum cli_exit
wait_for(struct cli *cli, const struct conf *conf, int64_t number)
{
	struct watching it = {.number = number, .clock = clock_new(NULL)};
	struct report_rescans asked = {.number = number, .most = 1};
	struct report *report = NULL;
	struct err err = {0};
	uint64_t found = 0;
	bool done = false, ok;

	it.store = store_open(
	    &(struct store_options){.path = conf->database, .read_only = true}, &err);
	ok = it.store != NULL && watch(conf, &it, &done, &err);
	if (ok && done) {
		report = report_new(cli->json, clock_now_ms(it.clock), cli_write, NULL);
		ok = report_rescans(report, it.store, &asked, &found, &err);
	}
	report_free(report);
	store_close(it.store);
	clock_free(it.clock);
	if (!ok)
		return cli_fail(CLI_TROUBLE, "%s", err.text);
	if (!done)
		return cli_fail(CLI_TROUBLE,
		    "ctwardend does not run: rescan %lld goes on when it is started",
		    (long long)number);
	return CLI_FOUND;
}

static enum cli_exit
begin(struct cli *cli, const struct conf *conf, struct asked *asked)
{
	bool down = control_is_down(conf->control);
	struct err err = {0};
	int64_t number = 0;

	if (!(down ? write_down(conf, asked, &number, &err)
		   : ask_daemon(conf, asked, &number, &err)))
		return cli_fail(CLI_TROUBLE, "%s", err.text);
	if (!down && !asked->no_wait)
		return wait_for(cli, conf, number);
	if (cli->json)
		printf("{\"rescan\":%lld}\n", (long long)number);
	else if (down)
		printf(
		    "Rescan %lld begins when ctwardend is started.\n", (long long)number);
	else
		printf("Rescan %lld is under way; ctwarden rescan --status tells.\n",
		    (long long)number);
	return CLI_FOUND;
}

/* --- the command -----------------------------------------------------------------------
 */

static enum cli_exit
show_status(struct cli *cli, const struct conf *conf, uint64_t most)
{
	struct report_rescans asked = {.most = most};
	struct clock *clock = clock_new(NULL);
	struct report *report =
	    report_new(cli->json, clock_now_ms(clock), cli_write, NULL);
	struct err err = {0};
	struct store *store = store_open(
	    &(struct store_options){.path = conf->database, .read_only = true}, &err);
	uint64_t found = 0;
	bool ok = store != NULL && report_rescans(report, store, &asked, &found, &err);

	report_free(report);
	store_close(store);
	clock_free(clock);
	if (!ok)
		return cli_fail(CLI_TROUBLE, "%s", err.text);
	return found > 0 ? CLI_FOUND : CLI_NOTHING;
}

static enum cli_exit
do_it(struct cli *cli, struct asked *asked)
{
	struct conf conf;
	struct err err = {0};
	enum cli_exit status;

	if (!conf_load(cli->config, &conf, &err))
		return cli_fail(CLI_TROUBLE, "%s", err.text);
	if (asked->status)
		status = show_status(cli, &conf, asked->most);
	else if (asked->ca != NULL && !knows_ca(&conf, asked->ca))
		status = cli_fail(CLI_USAGE,
		    "--ca: the configuration has no ca block \"%.100s\"; ctwarden ca "
		    "lists them",
		    asked->ca);
	else
		status = begin(cli, &conf, asked);
	conf_free(&conf);
	return status;
}

enum cli_exit
cli_rescan(struct cli *cli)
{
	struct asked asked = {.most = 5};
	const char *most = NULL;
	const struct cli_flag flags[] = {{"--check", .value = &asked.checks},
	    {"--ca", .value = &asked.ca}, {"--domain", .value = &asked.domain},
	    {"--from", .value = &asked.from}, {"--to", .value = &asked.to},
	    {"--no-wait", .set = &asked.no_wait}, {"--status", .set = &asked.status},
	    {"-n", .value = &most}};
	enum cli_exit status = CLI_USAGE;

	buf_init(&asked.ids, 65536);
	if (cli_flags(cli, flags, ARRAY_LEN(flags)) &&
	    cli_number("-n", most, &asked.most) &&
	    cli_date("--from", asked.from, &asked.from_ms) &&
	    cli_date("--to", asked.to, &asked.to_ms) && take_checks(&asked) &&
	    take_domain(&asked))
		status = cli->count == 0 ? do_it(cli, &asked) : cli_usage(cli);
	buf_free(&asked.ids);
	return status;
}
