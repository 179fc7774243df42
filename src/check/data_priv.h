/*
 * data_priv - what the readers of lists share: lines, fields, and words for
 * what is wrong. data_file.c has these, data_dated.c and data_lists.c the kinds.
 */
#pragma once
#include "check/data.h"
#include "check_priv.h"

#define DATA_FIELDS_MAX 8
#define DATA_LABEL_MAX  63

struct reading {
	struct check_params *params;
	struct arena *arena;
	struct bytes text, rest;
	size_t line; /* of the one at hand */
	struct err *err;
};

bool data_bad_line(struct reading *, const char *format, ...) PRINTF_LIKE(2, 3);

struct bytes data_trim(struct bytes text);
bool data_begins(struct bytes text, const char *with);

/* The next line that says something; a tab in front is kept. */
bool data_next_line(struct reading *, struct bytes *out);

/* By tabs where there is one, so that a field may be empty, else by blanks. */
size_t data_split(struct bytes line, struct bytes fields[DATA_FIELDS_MAX]);

const char *data_show(struct reading *, struct bytes text); /* safe; the arena's */
bool data_is_label(struct bytes name);
char *data_lower(struct reading *, struct bytes name); /* the arena's */

/* Each kind: into in->params. */
bool data_read_tlds(struct reading *);
bool data_read_countries(struct reading *);
bool data_read_blocks(struct reading *);
bool data_read_tenants(struct reading *);
bool data_read_weak(struct reading *);
bool data_read_blocked(struct reading *);
bool data_read_psl(struct reading *);
bool data_read_holidays(struct reading *);
