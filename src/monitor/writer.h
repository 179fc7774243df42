/*
 * writer - the one thread that changes the database: it applies tasks inside
 * its transaction, keeps each range's place in memory beside the row, and
 * takes all of it back when the transaction fails.
 */
#pragma once
#include "base/map.h"
#include "monitor/batch.h"
#include "monitor/state.h"
#include "store/range.h"
#include "store/store.h"

struct clock;

/* Where a range stands. */
struct range_mark {
	uint64_t next, verified, reread_until;
	struct frontier frontier;          /* at next */
	struct frontier frontier_verified; /* at verified */
	struct sha256 reread_root;         /* what stood at reread_until at first */
	bool blind; /* the frontier is not known: nothing is ever proved */
	int64_t suspect_day[SUSPICIONS]; /* when each was last written down */
};

struct writer_range {
	int64_t id;
	uint32_t log;
	bool backfill;
	uint32_t epoch;
	struct range_mark now, committed;
	struct batch *parked; /* batches whose turn has not come */
};

struct writer {
	struct store *store;
	struct clock *clock;
	struct map ranges;         /* id to writer_range */
	struct writer_range *last; /* whose turn may have come for a parked batch */

	struct snapshot *snapshot; /* as the database has it */
	struct snapshot *working; /* as the open transaction will leave it; a reference */
	struct arena arena;       /* of the open transaction */
	struct buf text;          /* scratch of one verb at a time */
	struct map issuers;       /* key and DN to number, as far as asked for */
	struct map numbers;       /* of the open transaction: a row's key to its number */
	struct map fresh_cas; /* of the open transaction: SHA-256 of CA certificates */
	struct state_cache state; /* of the open transaction: what checks remember */
	struct map log_ids;       /* a log's number to its id (struct sha256, owned) */
	const struct candidate *at_hand; /* whose history is asked for */
	bool history_failed;             /* a question of it met this error */
	struct err history_err;
	bool outbox_filled; /* in the open transaction */
	bool held;          /* in it, an alert that waits for the other logs */
	bool failing;       /* the last transaction failed */
	int64_t failed_ms;  /* monotonic: when one failed last */
	bool told_trouble;  /* by on_store, and not yet that it is over */
	void (*on_store)(void *owner, const struct err *err);
	void *owner;
};

/* Takes the store, loads the ranges. */
bool writer_init(struct writer *, struct store *, struct clock *, struct err *);
void writer_fini(struct writer *); /* closes the store */

/* --- for the pipeline --- */
MUST_CHECK bool writer_begin(struct writer *, struct err *);
MUST_CHECK bool writer_commit(struct writer *, struct err *);
void writer_failed(struct writer *, const struct err *); /* rolls back; tells once */
bool writer_idle(struct writer *); /* a slice of upkeep; true: there is more */
struct task *writer_unparked(struct writer *);
struct task *writer_drop_parked(struct writer *);

/* --- for what is applied --- */
struct writer_range *writer_range_find(struct writer *, int64_t id);
/* Anew, where the id was another range's that has been joined. */
struct writer_range *writer_range_add(struct writer *, const struct range_row *);
int64_t writer_now_ms(const struct writer *);

/* The database's number of a watch of the snapshot; 0: none. */
uint32_t writer_watch_number(const struct writer *, uint32_t watch);

/* What a certificate row's flags say. */
enum { CERTIFICATE_MATCHED = 1, CERTIFICATE_VERIFIED = 2 };

/* The issuer row's number, made when it is new. spki is empty when unknown. */
MUST_CHECK bool writer_issuer(struct writer *, struct bytes dn, struct bytes spki,
    uint32_t *number, struct err *err);

/* Remembers a certificate row's number until the transaction ends. */
void writer_note_key(struct writer *, const uint8_t key[32], int64_t number);

/* 32 bytes; zeros where the log is not known. */
void writer_log_id(const struct writer *, uint32_t number, uint8_t out[32]);
void writer_note_log(struct writer *, uint32_t number, struct bytes id);

/* Statistics counted by notBefore and by the day of logging: "nb.", "seen.". */
const char *writer_count_prefix(int basis);

/* Batches of former epochs are nothing to the range any more: those that are
 * parked are dropped behind the task at hand. */
void writer_begin_epoch(struct writer *, struct writer_range *, uint32_t epoch);

/* Moves verified up, with its coverage. frontier is the one there. */
MUST_CHECK bool writer_prove(struct writer *, struct writer_range *, uint64_t verified,
    const struct frontier *, const struct head_mark *by, struct err *err);

/* What the open transaction judges by from here on; takes the reference. */
void writer_publish(struct writer *, struct snapshot *);

/* commit.c: the batch task's apply. */
enum task_step batch_apply(struct writer *, struct task *, struct err *);
