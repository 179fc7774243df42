/*
 * promise - rules on tree heads, by which a log keeps or breaks its word
 * (RFC 6962, 3.5 and 5.2; wire-formats 1.7).
 *
 * Pure: the time is an argument. A verdict is no error: what to do about it,
 * and after how many tries, is the monitor's.
 */
#pragma once
#include "ctlog/sth.h"

enum promise {
	PROMISE_KEPT,
	PROMISE_SPLIT_VIEW,   /* one size, two roots: proof of misbehaviour */
	PROMISE_EQUIVOCATION, /* one timestamp, two sizes */
	PROMISE_SHRANK,       /* smaller, yet signed later */
	PROMISE_TIME_BACK,    /* grew, and its timestamp went back */
	PROMISE_LAGGED,       /* smaller and older: a front end that lags */
	PROMISE_FUTURE,       /* from more than the skew ahead of now */
	PROMISE_STALE,        /* older than the maximum merge delay */
	PROMISE_EARLY_HEAD,   /* a head older than an entry it covers */
	PROMISE_GREW_CLOSED,  /* read-only, and beyond its final tree head */
	PROMISE_WRONG_FINAL,  /* the final size with another root */
	PROMISE_EMPTY_ROOT,   /* no leaves, but not the root of none */
};

/* A new head beside an accepted one of the same log. Equal size and root are
 * kept whatever the timestamps: front ends differ. */
enum promise promise_between(const struct sth *accepted, const struct sth *head);

/*
 * A head by itself at a time. skew_ms: how far ahead a log's clock may be. It
 * is stale once older than stale_ms and the log's MMD; a log that takes no more
 * entries (ct_log_is_over) may stop signing and is never stale.
 */
enum promise promise_at(const struct sth *head, const struct ct_log *, int64_t now_ms,
    int64_t skew_ms, int64_t stale_ms);

/* A head against the log's final tree head, where the list gives one. */
enum promise promise_final(const struct sth *head, const struct ct_log *);

/* A head against the latest timestamp among the entries it covers. */
enum promise promise_entries(const struct sth *head, uint64_t latest_entry_ms);

const char *promise_name(enum promise); /* "split view", ... */
