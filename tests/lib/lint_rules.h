/*
 * lint_rules - what our sub-rules say under the names that other linters have for
 * them, and which differences from those linters are known and explained.
 */
#pragma once
#include <stdio.h>

#include "base/buf.h"
#include "base/map.h"
#include "check/judged.h"

/* --- the names ---------------------------------------------------------------------- */

/* "zlint:e_...": an equivalent of some sub-rule that runs. */
struct lint_rule {
	char *name;
	size_t theirs, ours, both; /* findings */
};

/* All of them, in the catalogue's order. */
size_t lint_rules(struct lint_rule **out);
struct lint_rule *lint_rule(const char *name); /* NULL: no sub-rule has it */
void lint_rules_free(void);

/* --- the verdicts --------------------------------------------------------------------
 */

/* Of one certificate, by name: of several sub-rules with one name a failure counts
 * before a pass, that before NE, that before NA. */
struct lint_verdicts {
	struct map outcomes; /* outcome + 1 */
	struct map levels;   /* level + 1, where it fails */
};

/* The first certificate of a PEM or DER file; false: none can be read. */
bool lint_judge(const char *path, enum date_mode, struct lint_verdicts *out);
void lint_verdicts_free(struct lint_verdicts *);
enum check_outcome lint_outcome(const struct lint_verdicts *, const char *name);

/* "NA", "NE", "pass", "error", "warn", "notice": zlint's words. */
const char *lint_word(const struct lint_verdicts *, const char *name);

/* --- what is allowed ------------------------------------------------------------------
 */

/*
 * A list of lines RULE, CERTIFICATE, REASON with tabs between; "#" begins a comment.
 * RULE may be "zlint:*" or "pkilint:*"; CERTIFICATE is a file of the corpora, the
 * SHA-256 of a real certificate, "*", REAL (lint_left_out()), or FATAL: every certificate
 * of which the linter itself says that it cannot read all of it.
 */
bool lint_allowed_read(const char *path);
bool lint_allowed(const char *rule, const char *certificate, bool fatal);

/* An entry for REAL: the tables of real certificates leave the rule out, though the
 * linter has it. */
bool lint_left_out(const char *rule);

/* Entries that nothing needed, printed; how many. */
size_t lint_allowed_stale(FILE *);
void lint_allowed_free(void);

/* --- files
 * ------------------------------------------------------------------------------ */

struct buf lint_read_file(const char *path); /* empty: cannot be read */

/* The next line of a text, cut off in place; NULL: no more. And its fields. */
char *lint_next_line(char **at);
size_t lint_split(char *line, char **fields, size_t max);
