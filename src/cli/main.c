#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli_priv.h"
#include "config.h"

static const struct {
	const char *name;
	cli_command_fn *run;
	const char *usage, *says;
} COMMANDS[] = {
    {"status", cli_status, "",
	"how the daemon, its logs, the database and the sinks are"},
    {"logs", cli_logs, "", "each log: how far it is read and proved"},
    {"coverage", cli_coverage, "[--ca NAME] [--log NAME] [--from DATE] [--to DATE]",
	"what was read of each log, proved by what, and what was not"},
    {"backfill", cli_backfill, "[--no-wait] LOG FROM TO",
	"read older entries of a log, in the background"},
    {"ca", cli_ca, "[NAME]",
	"a watched CA's family: keys, certificates, who signed whom"},
    {"search", cli_search, "[--exact] [-n COUNT] NAME",
	"certificates for a domain and everything below it"},
    {"show", cli_show, "[--pem] ID", "all about a certificate, finding, event or alert"},
    {"findings", cli_findings,
	"[--check ID] [--level LEVEL] [--log NAME] [--since DATE] [--closed] [-n COUNT]",
	"what checks found, the newest first"},
    {"events", cli_events, "[--log NAME] [--since DATE] [-n COUNT]",
	"what befell logs, lists, sinks, the clock and the store"},
    {"alerts", cli_alerts, "[--dead] [--sink NAME] [-n COUNT] | resend ID | resend all",
	"what was or is to be told to whom"},
    {"evidence", cli_evidence, "[-o FOLDER] ID",
	"a folder that proves what an event or a finding says"},
    {"verify", cli_verify, "FOLDER", "check such a folder, with nothing but itself"},
    {"lint", cli_lint,
	"[--dates sign|nb|none] [--only ID,...] [--skip ID,...] [--level LEVEL] "
	"[--data KIND=FILE,...] FILE...",
	"hold certificates against the checks"},
    {"rates", cli_rates,
	"[--ca NAME | --issuer NAME] [--from DATE] [--to DATE] [--by "
	"hour|day|month|year|period] "
	"[--basis nb|seen] [--split sigalg|key|policy|validity|names|country] "
	"[--checks ID,...] [--peers]",
	"how much was issued, and how much of it fails which check"},
    {"rescan", cli_rescan,
	"[--check ID,...] [--ca NAME] [--domain NAME] [--from DATE] [--to DATE] "
	"[--no-wait] | --status [-n COUNT]",
	"have what is stored judged again, and see what that changes"},
    {"checks", cli_checks, "[ID]", "which checks there are, and why"},
};

enum cli_exit
cli_fail(enum cli_exit status, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("ctwarden: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return status;
}

bool
cli_write(void *unused, struct bytes text)
{
	(void)unused;
	return fwrite(text.data, 1, text.len, stdout) == text.len;
}

static enum cli_exit
usage(FILE *out, enum cli_exit status)
{
	fputs("usage: ctwarden [-c FILE] [--json] COMMAND ...\n\n", out);
	for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++)
		fprintf(out, "  %-9s %s\n", COMMANDS[i].name, COMMANDS[i].says);
	fputs("\nctwarden(1) says more.\n", out);
	return status;
}

enum cli_exit
cli_usage(const struct cli *cli)
{
	for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++)
		if (strcmp(COMMANDS[i].name, cli->command) == 0)
			fprintf(stderr, "usage: ctwarden %s %s\n", COMMANDS[i].name,
			    COMMANDS[i].usage);
	return CLI_USAGE;
}

/* The flags before the command: how many words they are, or -1. */
static int
global_flags(struct cli *cli, int argc, char **argv)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--json") == 0)
			cli->json = true;
		else if (strcmp(argv[i], "-c") == 0 && i + 1 < argc)
			cli->config = argv[++i];
		else
			return -1;
	}
	return i;
}

static bool
asks_for(int argc, char **argv, const char *flag, const char *word)
{
	return argc == 2 && (strcmp(argv[1], flag) == 0 || strcmp(argv[1], word) == 0);
}

int
main(int argc, char **argv)
{
	struct cli cli = {.config = CONFIG_FILE};
	int first;

	if (asks_for(argc, argv, "--help", "help"))
		return usage(stdout, CLI_FOUND);
	if (asks_for(argc, argv, "--version", "version")) {
		puts("ctwarden " PACKAGE_VERSION);
		return CLI_FOUND;
	}
	first = global_flags(&cli, argc, argv);
	if (first < 0 || first >= argc)
		return usage(stderr, CLI_USAGE);
	cli.command = argv[first];
	cli.words = argv + first + 1;
	cli.count = (size_t)(argc - first - 1);
	for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++)
		if (strcmp(COMMANDS[i].name, cli.command) == 0) {
			enum cli_exit status = COMMANDS[i].run(&cli);

			/* A reader who has gone is no trouble; a full disk is. */
			if (fflush(stdout) != 0 && status == CLI_FOUND)
				status = CLI_TROUBLE;
			return status;
		}
	return usage(stderr, CLI_USAGE);
}
