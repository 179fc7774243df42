/*
 * What the files of report share: out.c (where an answer goes), table.c
 * (columns), show.c (times, numbers, names), coverage.c (what "none" covers).
 */
#pragma once
#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "report/report.h"

#define REPORT_PAGE 500 /* rows read at once */

struct report {
	bool json;
	bool gone; /* nobody reads any more */
	int64_t now_ms;
	struct buf out; /* this page */
	struct json writer;
	report_write_fn *write;
	void *owner;
};

/* Hands over what was appended. False: stop. */
bool report_flush(struct report *);

/* The one object that an answer in JSON is; nothing in text. */
void answer_begin(struct report *);
void answer_end(struct report *); /* flushes */

/* --- table.c ---------------------------------------------------------------- */

#define TABLE_COLUMNS_MAX 16

/* Rows first, then all at once, so that columns are as wide as they have to
 * be. A heading that begins with '>' is of a column of numbers. */
struct table {
	const char *const *heads;
	size_t columns;
	struct arena arena;
	struct bytes *cells; /* rows * columns */
	size_t count, room;
	bool headed; /* the headings were printed with an earlier page */
};
void table_init(struct table *, const char *const *heads, size_t columns);
void table_free(struct table *);
void table_text(struct table *, const char *text); /* ours */
void table_safe(struct table *, struct bytes text, size_t max);
void table_number(struct table *, uint64_t);
void table_print(struct table *, struct buf *out);

/* --- show.c ------------------------------------------------------------------ */

/* "1,234,567"; returns out, of 32 bytes. */
const char *show_number(uint64_t, char *out);
/* "3 min", "2 d": how long something is ago or lasts. */
const char *show_age(int64_t ms, char *out);
/* "2026-11-21 02:29:31" in UTC, "-" for none; of 32 bytes. */
const char *show_time(int64_t ms, char *out);
const char *show_day(int64_t seconds, char *out); /* "2016-01-04" */
const char *show_bytes(int64_t bytes, char *out); /* "12.3 MB" */
/* What stands in the database as safe text: made safe again, except that its
 * backslashes stay single. */
void show_append_stored(struct buf *out, struct bytes text);
/* The CN of a DER name, or its O, or all of it. */
void show_append_issuer(struct buf *out, struct bytes name);
const char *show_level(int level);                         /* enum check_level */
void put_time(struct json *, const char *key, int64_t ms); /* STORE_NO_TIME: null */

/* --- names of logs -------------------------------------------------------------- */

struct log_names {
	struct arena arena;
	const char **names; /* by number */
	size_t count;
};
MUST_CHECK bool log_names_load(struct log_names *, struct store *, struct err *);
void log_names_free(struct log_names *);
const char *log_names_of(const struct log_names *, uint32_t number); /* safe */
bool log_names_find(const struct log_names *, const char *name, uint32_t *number);

/* --- findings.c ----------------------------------------------------------------------
 */

struct event_row;
struct finding_row;
/* A few lines, or an object of an array. */
void show_finding(struct buf *out, struct store *, const struct log_names *,
    const struct finding_row *);
void put_finding(
    struct json *, struct store *, const struct log_names *, const struct finding_row *);
void show_event(struct buf *out, const struct log_names *, const struct event_row *);
void put_event(struct json *, const struct log_names *, const struct event_row *);

/* --- alerts.c ------------------------------------------------------------------------
 */

struct outbox_row;
const char *show_outbox_state(int state); /* enum outbox_state */
void show_alert(struct buf *out, const struct outbox_row *);
void put_alert(struct json *, const struct outbox_row *);

/* --- coverage.c -------------------------------------------------------------------- */

struct coverage {
	uint64_t logs, logs_read;
	uint64_t judged, proved;   /* entries */
	uint64_t missing;          /* entries in gaps */
	uint64_t behind;           /* entries of the newest heads, not read yet */
	uint64_t unparsed;         /* entries kept because they could not be used */
	int64_t first_ms, last_ms; /* timestamps of entries, or STORE_NO_TIME */
};

#define COVERAGE_NONE                                                                    \
	{                                                                                \
		.first_ms = STORE_NO_TIME, .last_ms = STORE_NO_TIME                      \
	}

/* Of what was judged while generation was in force (0: ever). */
MUST_CHECK bool coverage_sum(
    struct store *, int64_t generation, struct coverage *out, struct err *);

/* A row counts; the logs themselves are the caller's to count. */
struct coverage_row;
void coverage_add(struct coverage *, const struct coverage_row *);

/* "Covered: ..." as a line, or as the member "coverage". */
void coverage_report(struct report *, const struct coverage *);

/* Both: how each answer of "none found" ends (checks/correlation.md, F12). */
MUST_CHECK bool coverage_append(
    struct report *, struct store *, int64_t generation, struct err *);
