/*
 * store/finding - what checks found, and what befell logs, lists, sinks, the
 * clock or the store itself.
 */
#pragma once
#include "store/store.h"

enum finding_state { FINDING_OPEN, FINDING_CLOSED };

/* One row however often it is found again; never deleted. */
struct finding_row {
	int64_t number;            /* set by the store, rising: for paging */
	struct bytes id;           /* 16 bytes, from the content, by the caller */
	struct bytes subject_kind; /* "certificate", "ca", "log", "issuer", ... */
	struct bytes subject;      /* its key, up to 64 bytes */
	int64_t certificate;       /* its number; 0: it is none */
	uint32_t issuer;           /* number; 0: none */
	uint32_t log;              /* 0: none */
	uint64_t log_index;        /* of the entry it was found on; with log */
	uint32_t watch;            /* number of the watch that made it matter; 0: none */
	struct bytes check, subrule;
	int level;               /* the caller's scale, higher is worse */
	struct bytes time_basis; /* "nb", "sct", "log", ... */
	int64_t offset, length;  /* of the offending bytes; -1: nowhere */
	struct bytes message;    /* one line, safe to print */
	struct bytes evidence;   /* JSON */
	struct bytes proof;      /* JSON once there is one: inclusion; else empty */
	int32_t check_version;
	struct bytes data_version;
	int64_t first_seen_ms, last_seen_ms;
	enum finding_state state;
	int64_t closed_ms;        /* STORE_NO_TIME: open */
	struct bytes why;         /* it was closed */
	int64_t alert_generation; /* the alert id's; rises when it opens again */
	int64_t rescan; /* the last one that found it; negative: that did not, yet */
};

enum finding_put { FINDING_NEW, FINDING_REOPENED, FINDING_UNCHANGED };

/* Inserts, or brings the row of this id up to date: first_seen_ms stays,
 * last_seen_ms, level, message, evidence and versions are taken, a closed one
 * opens and its alert_generation rises; of rescan the higher one stands. Sets
 * row->number, alert_generation and first_seen_ms to what stands. */
MUST_CHECK bool store_finding_put(
    struct store *, struct finding_row *row, enum finding_put *what, struct err *err);

/* closed: false when there is no open one of this id. */
MUST_CHECK bool store_finding_close(struct store *, struct bytes id, struct bytes why,
    int64_t now_ms, bool *closed, struct err *err);

MUST_CHECK bool store_finding_mark(
    struct store *, struct bytes id, int64_t rescan, struct err *err);

MUST_CHECK bool store_finding_prove(
    struct store *, struct bytes id, struct bytes proof, struct err *err);

MUST_CHECK bool store_finding_find(struct store *, struct bytes id, struct arena *,
    struct finding_row *out, bool *found, struct err *err);

/* Fields at 0 or empty match any. */
struct finding_filter {
	struct bytes check, subrule;
	int level_at_least;
	int state; /* enum finding_state; -1: any */
	struct bytes subject;
	int64_t certificate;
	uint32_t issuer, log, watch;
	uint64_t index_first, index_end; /* of log; end 0: any */
	int64_t since_ms;                /* first seen not before */
	int check_version_below;         /* judged by an older check: for a rescan */
	int64_t rescan;                  /* as in the row; 0: any */
	int without_proof;               /* 1: only those still to be proved */
	/* The page: behind this number, at most limit (0: all). newest_first turns
	 * the order round; after is then the number above (0: the end). */
	int64_t after;
	size_t limit;
	bool newest_first;
};

typedef bool store_finding_fn(void *owner, const struct finding_row *row);
MUST_CHECK bool store_finding_each(struct store *, const struct finding_filter *filter,
    store_finding_fn *fn, void *owner, struct err *err);

/* How many match; the page is ignored. */
MUST_CHECK bool store_finding_count(
    struct store *, const struct finding_filter *filter, int64_t *count, struct err *err);

/* --- events ---------------------------------------------------------------- */

struct event_row {
	int64_t number;
	struct bytes id;   /* 16 bytes, by the caller; another one each time it begins */
	struct bytes kind; /* "sth-bad-signature", "log-behind", "disk-full", ... */
	struct bytes subject;
	uint32_t log; /* 0: none */
	int severity; /* as a finding's level */
	int64_t begin_ms;
	int64_t end_ms; /* STORE_NO_TIME: it lasts. A moment has end_ms == begin_ms */
	struct bytes message;
	struct bytes evidence; /* JSON */
};

/* Inserts unless one of this kind and subject lasts, or one of this id stands;
 * then the row gets that one's number and begin_ms. began: whether it was
 * inserted. */
MUST_CHECK bool store_event_begin(
    struct store *, struct event_row *row, bool *began, struct err *err);

/* Ends the one that lasts. out (may be NULL, then arena too) is it as it was;
 * ended: false when there was none. */
MUST_CHECK bool store_event_end(struct store *, struct bytes kind, struct bytes subject,
    int64_t now_ms, struct arena *, struct event_row *out, bool *ended, struct err *err);

MUST_CHECK bool store_event_find(struct store *, struct bytes id, struct arena *,
    struct event_row *out, bool *found, struct err *err);

struct event_filter {
	struct bytes kind, subject;
	uint32_t log;
	int severity_at_least;
	bool open_only;
	int64_t since_ms; /* begun not before; 0: any */
	int64_t after;    /* page, as for findings */
	size_t limit;
	bool newest_first;
};

typedef bool store_event_fn(void *owner, const struct event_row *row);
MUST_CHECK bool store_event_each(struct store *, const struct event_filter *filter,
    store_event_fn *fn, void *owner, struct err *err);
