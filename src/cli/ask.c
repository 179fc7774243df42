/*
 * The commands that read the database.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli_priv.h"
#include "conf/conf.h"
#include "control/control.h"
#include "report/report.h"
#include "store/store.h"

/* What every one of them needs. */
struct ask {
	struct conf conf;
	struct store *store;
	struct report *report;
};

static bool
ask_open(struct ask *ask, const struct cli *cli, struct err *err)
{
	struct clock *clock = clock_new(NULL);
	int64_t now_ms = clock_now_ms(clock);

	clock_free(clock);
	if (!conf_load(cli->config, &ask->conf, err))
		return false;
	ask->store = store_open(
	    &(struct store_options){.path = ask->conf.database, .read_only = true}, err);
	if (ask->store == NULL)
		return false;
	ask->report = report_new(cli->json, now_ms, cli_write, NULL);
	return true;
}

static void
ask_close(struct ask *ask)
{
	report_free(ask->report);
	store_close(ask->store);
	conf_free(&ask->conf);
}

/* One answer; what holds the command's own options. */
typedef bool answer_fn(
    struct ask *, const void *options, uint64_t *found, struct err *err);

static enum cli_exit
answer(struct cli *cli, answer_fn *fn, const void *options)
{
	struct ask ask = {0};
	struct err err = {0};
	uint64_t found = 0;
	enum cli_exit status = CLI_TROUBLE;

	if (!ask_open(&ask, cli, &err))
		cli_fail(CLI_TROUBLE, "%s", err.text);
	else if (fn(&ask, options, &found, &err))
		status = found > 0 ? CLI_FOUND : CLI_NOTHING;
	else
		status = cli_fail(err.code == ERR_NOT_FOUND ? CLI_NOTHING
			: err.code == ERR_CONFIG            ? CLI_USAGE
							    : CLI_TROUBLE,
		    "%s", err.text);
	ask_close(&ask);
	return status;
}

/* --- status, logs -------------------------------------------------------------- */

/* What the daemon says of itself (free it): NULL where it does not run, "" where
 * it cannot be asked. */
static char *
ask_daemon(const struct ask *ask)
{
	struct err refused = {0};
	json_t *daemon;
	char *text;

	if (control_is_down(ask->conf.control))
		return NULL;
	daemon = control_call(ask->conf.control, "status", NULL, NULL, NULL, &refused);
	if (daemon == NULL) {
		cli_fail(CLI_TROUBLE, "%s", refused.text);
		return strdup("");
	}
	text = json_dumps(daemon, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(daemon);
	return text;
}

static bool
answer_status(struct ask *ask, const void *options, uint64_t *found, struct err *err)
{
	char *daemon = ask_daemon(ask);
	bool ok = report_status(
	    ask->report, ask->store, ask->conf.database, daemon, found, err);

	(void)options;
	free(daemon);
	return ok;
}

enum cli_exit
cli_status(struct cli *cli)
{
	if (!cli_flags(cli, NULL, 0))
		return CLI_USAGE;
	return cli->count == 0 ? answer(cli, answer_status, NULL) : cli_usage(cli);
}

static bool
answer_logs(struct ask *ask, const void *options, uint64_t *found, struct err *err)
{
	char *daemon = ask_daemon(ask);
	bool ok = report_logs(ask->report, ask->store, daemon, found, err);

	(void)options;
	free(daemon);
	return ok;
}

enum cli_exit
cli_logs(struct cli *cli)
{
	if (!cli_flags(cli, NULL, 0))
		return CLI_USAGE;
	return cli->count == 0 ? answer(cli, answer_logs, NULL) : cli_usage(cli);
}

static bool
answer_coverage(struct ask *ask, const void *options, uint64_t *found, struct err *err)
{
	return report_coverage(ask->report, ask->store, options, found, err);
}

enum cli_exit
cli_coverage(struct cli *cli)
{
	struct report_coverage asked = {0};
	const char *from = NULL, *to = NULL;
	const struct cli_flag flags[] = {{"--ca", .value = &asked.ca},
	    {"--log", .value = &asked.log}, {"--from", .value = &from},
	    {"--to", .value = &to}};

	if (!cli_flags(cli, flags, ARRAY_LEN(flags)) ||
	    !cli_date("--from", from, &asked.from_ms) ||
	    !cli_date("--to", to, &asked.to_ms))
		return CLI_USAGE;
	return cli->count == 0 ? answer(cli, answer_coverage, &asked) : cli_usage(cli);
}

/* --- search, show ---------------------------------------------------------------- */

static bool
answer_search(struct ask *ask, const void *options, uint64_t *found, struct err *err)
{
	struct report_search search = *(const struct report_search *)options;

	search.all_stored = ask->conf.store == CONF_STORE_ALL;
	return report_search(ask->report, ask->store, &search, found, err);
}

enum cli_exit
cli_search(struct cli *cli)
{
	struct report_search search = {0};
	const char *most = NULL;
	const struct cli_flag flags[] = {
	    {"--exact", .set = &search.exact}, {"-n", .value = &most}};

	if (!cli_flags(cli, flags, ARRAY_LEN(flags)) ||
	    !cli_number("-n", most, &search.most))
		return CLI_USAGE;
	if (cli->count != 1)
		return cli_usage(cli);
	search.name = cli->words[0];
	return answer(cli, answer_search, &search);
}

struct show {
	const char *id;
	bool pem;
};

static bool
answer_show(struct ask *ask, const void *options, uint64_t *found, struct err *err)
{
	const struct show *show = options;

	return report_show(ask->report, ask->store, show->id, show->pem, found, err);
}

enum cli_exit
cli_show(struct cli *cli)
{
	struct show show = {0};
	const struct cli_flag flags[] = {{"--pem", .set = &show.pem}};

	if (!cli_flags(cli, flags, ARRAY_LEN(flags)))
		return CLI_USAGE;
	if (cli->count != 1)
		return cli_usage(cli);
	show.id = cli->words[0];
	return answer(cli, answer_show, &show);
}

/* --- findings, events --------------------------------------------------------------- */

static bool
answer_findings(struct ask *ask, const void *options, uint64_t *found, struct err *err)
{
	return report_findings(ask->report, ask->store, options, found, err);
}

enum cli_exit
cli_findings(struct cli *cli)
{
	struct report_findings asked = {0};
	const char *most = NULL, *level = NULL, *since = NULL;
	const struct cli_flag flags[] = {{"--check", .value = &asked.check},
	    {"--level", .value = &level}, {"--log", .value = &asked.log},
	    {"--since", .value = &since}, {"--closed", .set = &asked.closed},
	    {"-n", .value = &most}};

	if (!cli_flags(cli, flags, ARRAY_LEN(flags)) ||
	    !cli_number("-n", most, &asked.most) ||
	    !cli_level("--level", level, &asked.level) ||
	    !cli_date("--since", since, &asked.since_ms))
		return CLI_USAGE;
	return cli->count == 0 ? answer(cli, answer_findings, &asked) : cli_usage(cli);
}

static bool
answer_events(struct ask *ask, const void *options, uint64_t *found, struct err *err)
{
	return report_events(ask->report, ask->store, options, found, err);
}

enum cli_exit
cli_events(struct cli *cli)
{
	struct report_findings asked = {0};
	const char *most = NULL, *since = NULL;
	const struct cli_flag flags[] = {{"--log", .value = &asked.log},
	    {"--since", .value = &since}, {"-n", .value = &most}};

	if (!cli_flags(cli, flags, ARRAY_LEN(flags)) ||
	    !cli_number("-n", most, &asked.most) ||
	    !cli_date("--since", since, &asked.since_ms))
		return CLI_USAGE;
	return cli->count == 0 ? answer(cli, answer_events, &asked) : cli_usage(cli);
}

/* --- alerts ----------------------------------------------------------------------------
 */

static bool
answer_alerts(struct ask *ask, const void *options, uint64_t *found, struct err *err)
{
	return report_alerts(ask->report, ask->store, options, found, err);
}

enum cli_exit
cli_alerts(struct cli *cli)
{
	struct report_alerts asked = {0};
	const char *most = NULL;
	const struct cli_flag flags[] = {{"--dead", .set = &asked.dead},
	    {"--sink", .value = &asked.sink}, {"-n", .value = &most}};

	if (!cli_flags(cli, flags, ARRAY_LEN(flags)) ||
	    !cli_number("-n", most, &asked.most))
		return CLI_USAGE;
	if (cli->count == 2 && strcmp(cli->words[0], "resend") == 0)
		return cli_resend(cli, cli->words[1]);
	return cli->count == 0 ? answer(cli, answer_alerts, &asked) : cli_usage(cli);
}
