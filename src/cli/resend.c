/*
 * Sends alerts again: asks the daemon, or where none runs does it in its place.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/cli_priv.h"
#include "conf/conf.h"
#include "control/control.h"
#include "store/outbox.h"

/* alert is NULL: all that were given up. */
struct resend {
	const char *hex;
	uint8_t alert[STORE_ID_LEN];
};

static bool
ask_daemon(const struct conf *conf, const struct resend *resend, uint64_t *count,
    struct err *err)
{
	json_t *arguments =
	    json_pack("{s:s}", "id", resend->hex != NULL ? resend->hex : "all");
	json_t *result =
	    control_call(conf->control, "resend", arguments, NULL, NULL, err);

	if (result == NULL)
		return false;
	*count = (uint64_t)json_integer_value(json_object_get(result, "resent"));
	json_decref(result);
	return true;
}

/* Opening the database for writing takes the daemon's lock. */
static bool
do_it(const struct conf *conf, const struct resend *resend, uint64_t *count,
    struct err *err)
{
	struct outbox_filter filter = {.state = resend->hex != NULL ? -1 : OUTBOX_DEAD};
	struct store *store = store_open(
	    &(struct store_options){
		.path = conf->database, .brief = true, .cache_mb = conf->cache_mb},
	    err);
	struct clock *clock = clock_new(NULL);
	size_t rows = 0;
	bool ok;

	if (resend->hex != NULL)
		filter.alert = bytes_of(resend->alert, sizeof(resend->alert));
	ok = store != NULL && store_begin(store, err) &&
	    store_outbox_resend(store, &filter, clock_now_ms(clock), &rows, err) &&
	    store_commit(store, err);
	*count = rows;
	clock_free(clock);
	store_close(store);
	return ok;
}

static void
tell(const struct cli *cli, uint64_t count)
{
	if (cli->json)
		printf("{\"resent\":%llu}\n", (unsigned long long)count);
	else if (count == 0)
		puts("No such alert.");
	else
		printf("%llu %s sent again.\n", (unsigned long long)count,
		    count == 1 ? "alert is" : "alerts are");
}

enum cli_exit
cli_resend(struct cli *cli, const char *id)
{
	struct resend resend = {.hex = strcmp(id, "all") == 0 ? NULL : id};
	struct conf conf;
	struct err err = {0};
	uint64_t count = 0;
	bool ok;

	if (resend.hex != NULL && !hex_parse(id, resend.alert, sizeof(resend.alert)))
		return cli_fail(CLI_USAGE,
		    "\"%.70s\" is no alert's id; ctwarden alerts lists them, 32 hex "
		    "digits each",
		    id);
	if (!conf_load(cli->config, &conf, &err))
		return cli_fail(CLI_TROUBLE, "%s", err.text);
	ok = control_is_down(conf.control) ? do_it(&conf, &resend, &count, &err)
					   : ask_daemon(&conf, &resend, &count, &err);
	conf_free(&conf);
	if (!ok)
		return cli_fail(err.code == ERR_NOT_FOUND ? CLI_NOTHING : CLI_TROUBLE,
		    "%s", err.text);
	tell(cli, count);
	return count > 0 ? CLI_FOUND : CLI_NOTHING;
}
