/*
 * mutate - the numbers that stand in the catalogue's tables, changed in place, so that
 * a test can tell whether anything holds them.
 */
#pragma once
#include "check/check.h"

struct rule_number {
	const char *name; /* "from", "until", "days" */
	const int64_t *at;
};

enum { RULE_NUMBERS_MAX = 12, PARAM_NUMBERS = 23 };

/* Dates and limits of the rule; how many. */
size_t rule_numbers(const struct subrule *, struct rule_number out[RULE_NUMBERS_MAX]);

/* Of check_params_catalogue(); how many. */
size_t param_numbers(struct rule_number out[PARAM_NUMBERS]);

/* The tables are constant: the page is made writable first. */
void mutate(const int64_t *number, int64_t by);

/* For mains: does what CTWARDEN_MUTANT asks ("CHECK SUBRULE WHICH BY", which counts
 * rule_numbers() from 0; of the check "params", param_numbers()), and nothing where it
 * is not set. */
void mutate_as_asked(void);
