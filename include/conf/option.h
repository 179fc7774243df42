/*
 * option - the table of everything that a configuration file may say.
 *
 * One row drives the parser, the default, the bounds and the test that holds
 * ctwarden.conf(5) against it. To add an option: a row here, a field in
 * conf.h, a paragraph in the manual page.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum conf_type {
	CONF_TEXT,
	CONF_PATH,     /* relative ones begin at the folder of the file they stand in */
	CONF_URL,      /* choices: its schemes */
	CONF_NUMBER,   /* int, least to most */
	CONF_COUNT,    /* int64_t, least to most */
	CONF_DURATION, /* seconds, or with s, m, h, d or w behind; bounds in seconds */
	CONF_YES_NO,
	CONF_CHOICE, /* one of choices; stored as its index */
	CONF_DATE,   /* seconds since 1970 */
	CONF_ZONE,   /* "+08:00": minutes */
	CONF_START,  /* "tip", "genesis", an index, "since DATE" */
	CONF_LIST,   /* of text; of choices where there are any */
	CONF_PATHS,
};

struct conf_option {
	const char *section; /* "" for the top of the file */
	const char *name;
	enum conf_type type;
	const char *fallback; /* as it would be written; NULL: none */
	const char *choices;  /* words with a blank between, or NULL */
	int64_t least, most;
	size_t at;           /* offset in the section's struct */
	const char *meaning; /* one line */
};

const struct conf_option *conf_options(size_t *count);
