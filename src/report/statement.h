/*
 * statement - what "ctwarden coverage" says: statement.c gathers it,
 * statement_show.c writes it.
 */
#pragma once
#include "report/report_priv.h"
#include "store/coverage.h"
#include "store/log.h"
#include "store/range.h"
#include "store/watch.h"

#define UNPARSED_SHOWN 20 /* of a log */

struct stated_entry {
	uint64_t index;
	struct bytes reason;
};

/* One log; all that it points to is the statement's. */
struct stated {
	struct log_row log; /* number, log_id, name, operator, state */
	struct coverage_row *rows;
	size_t row_count;
	struct gap_row *gaps; /* neighbours of one reason joined */
	size_t gap_count;
	uint64_t more_gaps;        /* entries of gaps that are not listed */
	uint64_t kept[ENTRY_DONE]; /* entries by state */
	struct stated_entry unparsed[UNPARSED_SHOWN];
	size_t unparsed_count;
	bool has_range, has_head;
	uint64_t next; /* of the live range */
	/* Under watches that know the family in full: [complete_from, complete_to). */
	bool complete;
	uint64_t complete_from, complete_to;
};

struct statement {
	struct arena arena;
	struct stated *logs;
	size_t count;
	struct coverage sum;

	/* what is asked for */
	uint32_t log; /* 0: all */
	int64_t from_ms, to_ms;
	const char *ca;

	/* of the CA */
	uint32_t watch;
	int64_t since_generation, since_ms; /* of the watch */
	int64_t generation;                 /* since which its family is what it is */
	int64_t grown_ms;                   /* when it grew last; 0: never */
	uint32_t grown_log;                 /* 0: from a file */
	uint64_t grown_index, keys;
};

/* The keys that a watch row names, by its settings: start with *at = 0. */
bool watch_next_named(const struct watch_row *, size_t *at, uint8_t out[32]);

/* All but what is asked for, and the arena, is filled. */
MUST_CHECK bool statement_load(struct statement *, struct store *, struct err *);

/* The CA's watch, and which entries were judged for its family as it is now. */
void statement_print_family(
    struct report *, const struct statement *, const struct log_names *);
void statement_put_family(
    struct report *, const struct statement *, const struct log_names *);

const char *stated_why_not(const struct statement *, const struct stated *);
void print_statement(struct report *, const struct statement *, const struct log_names *);
void put_statement(struct report *, const struct statement *, const struct log_names *);
