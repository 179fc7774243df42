/*
 * The commands that read the database.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
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
		return mem_text("");
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

/* --- ca ------------------------------------------------------------------------- */

static const char *
distrust_text(struct arena *arena, const struct conf_distrust *record)
{
	static const char *const WHAT[] = {[CONF_DISTRUST_NB] = "notBefore",
	    [CONF_DISTRUST_SCT] = "first SCT",
	    [CONF_DISTRUST_LOGGED] = "first log entry"};
	char day[TIME_TEXT_LEN];
	char *text;
	const char *copy;

	time_format(record->date_s * 1000, day);
	text = mem_format("%s trusts no certificate whose %s lies after %.10s",
	    record->program, WHAT[record->mode], day);
	copy = (const char *)arena_copy(arena, bytes_text(text)).data;
	mem_free(text);
	return copy;
}

static struct report_ca_state
state_of(struct arena *arena, const struct conf_ca *ca)
{
	static const char *const STATES[] = {[CONF_CA_NORMAL] = "normal",
	    [CONF_CA_PROBATION] = "probation",
	    [CONF_CA_DISTRUSTED] = "distrusted",
	    [CONF_CA_IDLE] = "idle"};
	const char **notes = arena_zero(arena, ca->distrust_count + 1, sizeof(*notes));

	for (size_t i = 0; i < ca->distrust_count; i++)
		notes[i] = distrust_text(arena, &ca->distrust[i]);
	return (struct report_ca_state){
	    ca->name, STATES[ca->state], notes, ca->distrust_count};
}

static bool
answer_ca(struct ask *ask, const void *options, uint64_t *found, struct err *err)
{
	struct report_ca asked = {.name = options, .state_count = ask->conf.ca_count};
	struct report_ca_state *states;
	struct arena arena;
	bool ok;

	arena_init(&arena);
	states = arena_zero(&arena, asked.state_count + 1, sizeof(*states));
	for (size_t i = 0; i < asked.state_count; i++)
		states[i] = state_of(&arena, &ask->conf.cas[i]);
	asked.states = states;
	ok = report_ca(ask->report, ask->store, &asked, found, err);
	arena_free(&arena);
	return ok;
}

enum cli_exit
cli_ca(struct cli *cli)
{
	if (!cli_flags(cli, NULL, 0))
		return CLI_USAGE;
	if (cli->count > 1)
		return cli_usage(cli);
	return answer(cli, answer_ca, cli->count == 1 ? cli->words[0] : NULL);
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
