/*
 * store/watch - what is watched and since when, the families of watched CAs,
 * and counts for each issuer and day.
 */
#pragma once
#include "store/store.h"

struct watch_row {
	uint32_t number;   /* small, for match rows; the store chooses */
	struct bytes id;   /* 16 bytes, from the content, by the caller */
	struct bytes kind; /* "domain", "ca" */
	struct bytes text;
	struct bytes settings;    /* JSON */
	int64_t since_generation; /* in force from this generation on */
	int64_t since_ms;
	int64_t gone_ms; /* STORE_NO_TIME: configured now */
};

/* How a configured watch stands after store_watch_sync(). */
enum watch_change { WATCH_KEPT, WATCH_ADDED, WATCH_RETURNED };

/* What is configured, asked for one by one, since it may be much. */
struct watch_source {
	size_t count;
	/* Sets id, kind, text and settings of watch i; they stay until done. */
	void (*fill)(void *owner, size_t i, struct watch_row *row);
	/* Is told the rest of the row, and how it stands. */
	void (*done)(
	    void *owner, size_t i, const struct watch_row *row, enum watch_change);
	void *owner;
};

/*
 * Makes these the watches in force. One that left is marked gone; one that
 * returns begins anew (since_*), for it was not judged meanwhile. The
 * generation rises by one when any was added or returned or left.
 */
MUST_CHECK bool store_watch_sync(struct store *, const struct watch_source *,
    int64_t now_ms, int64_t *generation, struct err *err);

MUST_CHECK bool store_watch_generation(
    struct store *, int64_t *generation, struct err *err);

/* One more, because what is watched grew by itself (a family's new key). */
MUST_CHECK bool store_watch_generation_raise(
    struct store *, int64_t *generation, struct err *err);

typedef bool store_watch_fn(void *owner, const struct watch_row *row);

/* By number; with the gone ones only when asked. */
MUST_CHECK bool store_watch_each(
    struct store *, bool gone_too, store_watch_fn *fn, void *owner, struct err *err);

/* A key that belongs to a watched CA's family. */
struct family_row {
	uint32_t watch;           /* number */
	struct bytes spki_sha256; /* 32 bytes */
	struct bytes how;         /* "named", "signed-by", "shared-key", ... */
	struct bytes via;   /* sha256 of the CA certificate that brought it, or empty */
	uint32_t since_log; /* known from this entry on; 0: from a file */
	uint64_t since_index;
	int64_t since_generation;
	int64_t since_ms;
};

/* Inserts unless the watch has the key. */
MUST_CHECK bool store_family_put(
    struct store *, const struct family_row *row, bool *inserted, struct err *err);

typedef bool store_family_fn(void *owner, const struct family_row *row);

/* Of one watch (0: all), oldest first. */
MUST_CHECK bool store_family_each(
    struct store *, uint32_t watch, store_family_fn *fn, void *owner, struct err *err);

/* --- statistics ------------------------------------------------------------ */

/* count is added to what stands for (issuer, day, name). */
struct statistic_row {
	uint32_t issuer;   /* number; 0: all that have none */
	int32_t day;       /* since 1970-01-01 */
	struct bytes name; /* "issued", "entries", "check:...", ... */
	int64_t count;
};
MUST_CHECK bool store_statistic_add(
    struct store *, const struct statistic_row *row, struct err *err);

/* Sum over days first to last, both included; issuer and name as given. */
MUST_CHECK bool store_statistic_sum(struct store *, uint32_t issuer, struct bytes name,
    int32_t first_day, int32_t last_day, int64_t *sum, struct err *err);

/* The same of all issuers with this key (32 bytes), whatever their names. */
MUST_CHECK bool store_statistic_sum_of_key(struct store *, struct bytes spki_sha256,
    struct bytes name, int32_t first_day, int32_t last_day, int64_t *sum,
    struct err *err);

typedef bool store_statistic_fn(void *owner, const struct statistic_row *row);

/* Of one issuer (by day, then name), days first to last. */
MUST_CHECK bool store_statistic_each(struct store *, uint32_t issuer, int32_t first_day,
    int32_t last_day, store_statistic_fn *fn, void *owner, struct err *err);
