/*
 * What the parts of the command language share: the parser with its table
 * (testlog_command.c) and what each verb does (testlog_verbs.c,
 * testlog_lies.c).
 */
#pragma once
#include "tests/lib/testlog_priv.h"

#define MAX_WORDS 16

struct words {
	struct testlog *log;
	char *word[MAX_WORDS];
	size_t len; /* without the verb and the qualifiers */
	const char *pattern;
	uint64_t skip, count;
	struct buf *said;
};

struct command;

typedef bool command_fn(struct words *, const struct command *, struct err *);

struct command {
	const char *verb, *words, *says;
	command_fn *run;
	enum fault_kind kind; /* of a plain fault */
	size_t field;         /* of a plain lie, in struct lies */
};

/* "VERB off". */
bool testlog_is_off(const struct words *);
/* Fails with the command's usage. */
bool testlog_usage(struct err *, const struct command *);
bool testlog_number_word(const char *text, int64_t *out);
void testlog_say(struct words *, const char *name, uint64_t number);

command_fn testlog_run_fail, testlog_run_fault, testlog_run_fault_number,
    testlog_run_redirect, testlog_run_cache, testlog_run_like, testlog_run_gzip,
    testlog_run_partials, testlog_run_missing_partials, testlog_run_serve,
    testlog_run_max, testlog_run_null_proofs, testlog_run_head_lie, testlog_run_lie,
    testlog_run_lie_number, testlog_run_head_time, testlog_run_stale_head,
    testlog_run_fork, testlog_run_shrink, testlog_run_corrupt_tile, testlog_run_grow,
    testlog_run_resign, testlog_run_publish, testlog_run_raw, testlog_run_drop_root,
    testlog_run_write, testlog_run_clear, testlog_run_show;
