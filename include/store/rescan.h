/*
 * store/rescan - judging again what is stored: how far each rescan is, and
 * what it changed, check by check. The newest one with an end that is none is
 * under way.
 */
#pragma once
#include "store/store.h"

enum rescan_phase {
	RESCAN_FORGETTING,   /* what the checks remember */
	RESCAN_CERTIFICATES, /* by number */
	RESCAN_AUTHORITIES,  /* CA certificates */
	RESCAN_ENTRIES,      /* entries that could not be used */
	RESCAN_CLOSING,      /* what was not found again */
	RESCAN_DONE
};

struct rescan_row {
	int64_t number;     /* 0 when it is put the first time: the store chooses */
	struct bytes cause; /* "asked", "changed" */
	enum rescan_phase phase;
	struct bytes checks;     /* ids, with blanks between */
	struct bytes ca, domain; /* of which certificates; empty: any */
	int64_t from_s, until_s; /* notBefore; STORE_NO_TIME: any */
	int64_t after, last;     /* rows of this phase: done, and where it ends */
	int64_t judged, passed_over;
	int64_t first_nb_s, last_nb_s; /* of what was judged; STORE_NO_TIME: none */
	int64_t started_ms, ended_ms;  /* ended: STORE_NO_TIME while under way */
	int64_t busy_ms;               /* what it took */
	struct bytes judged_by;        /* what the note says when it is done */
	struct bytes after_name;       /* of a domain's: goes before `after` */
};

/* Inserts, or brings the row of this number up to date. */
MUST_CHECK bool store_rescan_put(struct store *, struct rescan_row *row, struct err *err);

typedef bool store_rescan_fn(void *owner, const struct rescan_row *row);

/* The newest first; at most limit (0: all). */
MUST_CHECK bool store_rescan_each(
    struct store *, size_t limit, store_rescan_fn *fn, void *owner, struct err *err);

struct rescan_delta_row {
	int64_t rescan;
	struct bytes check;
	int64_t fresh, gone, unchanged;
};

/* Adds. */
MUST_CHECK bool store_rescan_count(
    struct store *, const struct rescan_delta_row *row, struct err *err);

typedef bool store_rescan_delta_fn(void *owner, const struct rescan_delta_row *row);

/* Of one rescan, by check. */
MUST_CHECK bool store_rescan_delta_each(struct store *, int64_t rescan,
    store_rescan_delta_fn *fn, void *owner, struct err *err);
