/*
 * check_rows - for each sub-rule of the catalogue, certificates that break it,
 * keep it, or are none of its business: what the registry's walk and the tests
 * of the checks run over. A family's rows stand in check_rows_<family>.c.
 */
#pragma once
#include "check/check.h"

struct check_row {
	const char *check, *subrule;
	const char *spec; /* tests/lib/spec_text.h */
	enum check_outcome outcome;
	/* Where set, spec has no nb and breaks the rule from the first second of
	 * `from` (or ever) to the last second before `until` (or for ever). */
	const char *from, *until;
	const char *level; /* where it differs from the table's */
};

struct check_row_set {
	const char *family;
	const struct check_row *rows;
	size_t count;
};

/* All sets; their number. */
size_t check_row_sets(const struct check_row_set *const **out);

extern const struct check_row_set ROWS_KEYS, ROWS_USAGE, ROWS_POLICY, ROWS_STRUCTURE,
    ROWS_NAMES, ROWS_NAMES_DNS, ROWS_NAMES_SUBJECT, ROWS_VALIDITY, ROWS_SERIALS,
    ROWS_BACKDATING, ROWS_TRANSPARENCY, ROWS_RFC5280, ROWS_GENERAL_NAME, ROWS_TIME,
    ROWS_HIERARCHY;

/* Most rows end at the outcome. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* Short words for the tables. */
#define FAIL OUTCOME_FAIL
#define PASS OUTCOME_PASS
#define NE   OUTCOME_NE
#define NA   OUTCOME_NA
