/*
 * data - lists that checks look things up in, read from files that an operator
 * may replace.
 *
 * Plain text, a record a line; empty lines and those that begin with "#", "//"
 * or ">>>" are passed over. A comment "version: TEXT" names the version, else
 * it is the beginning of the file's SHA-256. ctwarden.conf(5), DATA FILES, has
 * the columns of each kind. Pure: the caller reads the file.
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "check/params.h"

const char *check_data_name(enum check_data_kind); /* "psl", "tlds", ... */
bool check_data_kind(const char *name, enum check_data_kind *out);

/* Puts what text says in the place of what params have of this kind; of
 * CHECK_DATA_WEAK_KEYS it is added to it, and of CHECK_DATA_HOLIDAYS its version. All but
 * a public suffix list lives in the arena. On failure err says "line N: ..." and params
 * are as before. */
MUST_CHECK bool check_data_parse(struct check_params *, enum check_data_kind,
    struct bytes text, struct arena *, struct err *err);

/* Frees what does not live in the arena. */
void check_data_fini(struct check_params *);

/* Appends what a finding of the check rests on: the catalogue's version, and of
 * each kind of data that it looks at and that came from a file "KIND=VERSION". */
void check_data_version(const struct check *, const struct check_params *, struct buf *);
