/*
 * What the two halves of the command language share: the parser with its table
 * (testlog_command.c) and what each verb does (testlog_verbs.c).
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

bool number_word(const char *text, int64_t *out);
void say(struct words *, const char *name, uint64_t number);

command_fn run_fail, run_fault, run_fault_number, run_redirect, run_cache, run_like,
    run_gzip, run_partials, run_missing_partials, run_serve, run_max, run_null_proofs,
    run_head_lie, run_lie, run_lie_number, run_head_time, run_stale_head, run_fork,
    run_shrink, run_corrupt_tile, run_grow, run_resign, run_publish, run_raw,
    run_drop_root, run_write, run_clear, run_show;
