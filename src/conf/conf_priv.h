/*
 * What the files of conf share: options.c (the table), value.c (one value),
 * text.c (files), parse.c (libconfuse), build.c (the structs).
 */
#pragma once
#include <confuse.h>

#include "conf/conf.h"
#include "conf/option.h"

#define CONF_FILE_MAX  ((size_t)16 * 1024 * 1024)
#define CONF_FILES_MAX 100 /* that one configuration may include */

/* --- options.c --- */
const struct conf_option *option_find(const char *section, const char *name);

/* The name in that section, or of a section, nearest to what was typed; NULL:
 * none is near. */
const char *option_near(const char *section, const char *typed);

/* --- value.c --- */
/* Writes what text says into the option's field of target; an empty text is
 * none. What it points to is in the arena. On failure err names the option and
 * the remedy, without file and line. */
MUST_CHECK bool value_parse(const struct conf_option *, const char *text, void *target,
    struct arena *, struct err *);
MUST_CHECK bool value_check_item(
    const struct conf_option *, const char *text, struct err *);

/* --- text.c --- */
/* path as seen from the folder that file is in; in the arena. */
const char *text_path_beside(const char *file, const char *path, struct arena *);

/* Replaces out's contents with the file's. err says why not, without the path. */
MUST_CHECK bool text_read(const char *path, struct buf *out, struct err *);

/* Blanks out comments, so that they may stand anywhere (libconfuse takes them
 * only between options, and counts lines wrong behind them), and refuses what
 * is left open, which libconfuse takes to be closed by the file's end. */
MUST_CHECK bool text_prepare(const char *name, char *text, size_t len, struct err *);

/* The names of domains->file, one a line, into it. */
MUST_CHECK bool text_names(struct conf_domains *, struct arena *, struct err *);

/* --- build.c --- */
/* A ca block's lists before they are taken apart. */
struct conf_ca_lists {
	struct conf_ca ca;
	struct conf_list programs, distrust, commitments, claims, holidays;
};

/* The structs from the parsed tree; from_memory refuses files of names. */
MUST_CHECK bool build_conf(cfg_t *root, struct conf *, bool from_memory, struct err *);

/* Where a block begins; parse.c notes it. */
struct conf_where parse_where(cfg_t *block, struct arena *);
