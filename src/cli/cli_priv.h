/*
 * What the files of cli share: main.c (which command), flags.c (its flags),
 * ask.c (what reads the database), resend.c, backfill.c, lint.c with bundle.c, checks.c.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"

/* ctwarden(1), EXIT STATUS. */
enum cli_exit {
	CLI_FOUND = 0,   /* or done, or nothing to complain of */
	CLI_NOTHING = 1, /* found; lint: findings */
	CLI_USAGE = 2,
	CLI_TROUBLE = 3,
};

struct cli {
	const char *config; /* path */
	bool json;
	const char *command;
	char **words; /* of the command, flags taken out by cli_flags() */
	size_t count;
};

/* "ctwarden: ..." on standard error; returns status. */
enum cli_exit cli_fail(enum cli_exit status, const char *format, ...) PRINTF_LIKE(2, 3);
enum cli_exit cli_usage(const struct cli *); /* how the command is written */

/* --- flags.c --- */
struct cli_flag {
	const char *name;   /* "--dead", "-n" */
	bool *set;          /* a flag without a value, or NULL */
	const char **value; /* a flag with one */
};

/* Takes the flags out of cli->words. False: usage was told. */
MUST_CHECK bool cli_flags(struct cli *, const struct cli_flag *flags, size_t count);

/* Values of flags; NULL leaves out as it is. False: what is wrong was told. */
MUST_CHECK bool cli_number(const char *flag, const char *text, uint64_t *out);
MUST_CHECK bool cli_level(const char *flag, const char *text, int *out);
MUST_CHECK bool cli_date(const char *flag, const char *text, int64_t *out_ms);

/* --- data.c --- */
struct arena;
struct check_params;
/* "KIND=FILE,...": lists in the place of our own. CLI_FOUND, or what is wrong was
 * told. */
enum cli_exit cli_data(const char *list, struct check_params *, struct arena *);

/* --- out --- */
/* Writes to standard output; false when nobody reads it. */
bool cli_write(void *unused, struct bytes text);

/* --- commands --- */
typedef enum cli_exit cli_command_fn(struct cli *);
cli_command_fn cli_status, cli_logs, cli_coverage, cli_backfill, cli_ca, cli_search,
    cli_show, cli_findings, cli_events, cli_alerts, cli_lint, cli_checks, cli_evidence,
    cli_verify, cli_rescan;
cli_command_fn cli_rates;
enum cli_exit cli_resend(struct cli *, const char *id);
