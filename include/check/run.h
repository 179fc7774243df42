/*
 * run - holds the catalogue against certificates, CA certificates and logs.
 *
 * Pure: no I/O, no globals; what was stored before comes through the history.
 * Checks that wait for data (check->needs) never run and never pass.
 */
#pragma once
#include "check/check.h"
#include "check/findings.h"
#include "check/history.h"
#include "check/judged.h"
#include "check/params.h"

/* SCOPE_CERTIFICATE: in a worker, for every certificate that concerns someone.
 * In date mode `sign` backdated-over-deadline is worked out last, from the
 * rules that the certificate evades. */
void checks_run_certificate(const struct judged *, struct findings *);

/* SCOPE_PAIR and SCOPE_ISSUER: in the writer, once a form that was not stored
 * before. The history must be able to answer. */
void checks_run_history(
    const struct judged *, const struct check_history *, struct findings *);

/* The second look that a check asked for (history->look_again()): it is the first
 * form of that row. Every form of it may have come meanwhile. */
void checks_run_due(const struct judged *, const char *check,
    const struct check_history *, struct findings *);

/* SCOPE_CA: in the writer, for each CA certificate not stored before (of chains,
 * root lists and entries) whose issuer or subject key belongs to a watched CA. */
void checks_run_ca(
    const struct judged *, const struct check_history *, struct findings *);

/* The increments of the statistics that a certificate row not stored before
 * brings (issuance-volume): appended to out->counts. Who fails what is counted
 * where findings are stored. */
void checks_count(const struct judged *, struct findings *out);

/* What is missing of a log: entries [from, to). */
enum gap_reason { GAP_NOT_READ, GAP_NOT_PARSED, GAP_DISTRUSTED, GAP_REFUSED };
struct judged_gap {
	uint64_t from, to;
	enum gap_reason reason;
};
struct judged_log {
	uint8_t log_id[32];
	const char *name;
	uint64_t tree_size; /* of the newest signed head */
	uint64_t verified;  /* shown to be what a signed head covers */
	const struct judged_gap *gaps;
	size_t gap_count;
	int64_t now_ms;
};

/* SCOPE_LOG: coverage-gap. Closes the finding when nothing is missing. */
void checks_run_log(
    const struct judged_log *, const struct check_params *, struct findings *);

/* A verified SCT whose leaf is not in the log's tree. */
enum broken_promise { BROKEN_NOT_FOUND, BROKEN_OTHER_LEAF, BROKEN_BEYOND_TREE };
struct judged_promise {
	uint8_t log_id[32], leaf_hash[32];
	const char *name; /* the log's */
	enum broken_promise broken;
	struct bytes sct;
	int64_t timestamp_ms, mmd_ms; /* of the promise */
	int64_t index;                /* that it names; -1: none */
	uint64_t tree_size;           /* the signed head that it was held against */
	uint8_t root[32];
	int64_t head_ms;
};

/* SCOPE_LOG: sct-not-included; nothing while the head is not a maximum merge
 * delay younger than the promise. The subject is the log and the leaf. */
void checks_run_promise(
    const struct judged_promise *, const struct check_params *, struct findings *);

/* Counts of an issuer, or of all issuers of an operator. */
struct judged_period {
	const uint8_t *issuer_key; /* of an hour; NULL: an operator's day */
	const struct check_operator *operator;
	int64_t now_ms; /* what began before this hour or day is looked at */
	/* The sum of a statistic over days, both included: names as those of
	 * checks_count() and the writer's, behind "nb." or "seen.". */
	int64_t (*sum)(
	    void *owner, const char *name, int32_t first_day, int32_t last_day);
	/* The same of the issuers of all other operators. */
	int64_t (*peers)(
	    void *owner, const char *name, int32_t first_day, int32_t last_day);
	void *owner;
};

/* SCOPE_STATISTIC: each hour for each issuer, each day for each operator. What
 * does not hold any more is closed. */
void checks_run_hour(
    const struct judged_period *, const struct check_params *, struct findings *);
void checks_run_day(
    const struct judged_period *, const struct check_params *, struct findings *);

/* The verdict of one sub-rule on one certificate: for tests and comparisons. */
enum check_outcome check_outcome(
    const struct judged *, const struct check *, const struct subrule *);
