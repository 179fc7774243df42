/*
 * The monitor from inside, as its loop sees it: followers, and what they
 * share. Nothing here is touched by workers or writer.
 */
#pragma once
#include "base/clock.h"
#include "base/mem.h"
#include "ctlog/sth.h"
#include "logclient/logclient.h"
#include "monitor/batch.h"
#include "monitor/change.h"
#include "monitor/credit.h"
#include "monitor/monitor.h"
#include "monitor/pipeline.h"
#include "monitor/writer.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)

/* The one reason of a gap that is nobody's fault. */
#define GAP_BEFORE_START "before the configured start"

struct follower;

/* What was said last of something that begins and ends, in this run. */
enum told { TOLD_NOTHING, TOLD_FINE, TOLD_TROUBLE };

struct monitor {
	struct monitor_options options;
	struct clock *clock;
	struct pipeline *pipeline;
	struct writer writer;
	struct authorities *authorities;
	struct credit credit;
	struct snapshot
	    *snapshot; /* the newest published; NULL before the first configure */
	struct follower *followers;
	uint32_t lanes;     /* given to log clients so far */
	uint32_t backfills; /* followed so far */
	int64_t created_ms; /* when the database was made: the first start */
	struct map missing; /* fingerprints of issuers that no log would give */
	struct clock_timer *resolve_timer;
	struct clock_timer *upkeep_timer;
	bool looking_again;        /* at what checks asked for */
	struct lookback *lookback; /* under way, or NULL */
	struct rescan *rescan;     /* the same */
	struct factor_job *factor; /* the same */
	struct clock_timer *factor_timer;
	int64_t factored_ms;     /* monotonic: when it was begun last; 0: never */
	int64_t clock_apart_ms;  /* wall clock minus monotonic, when last looked at */
	int64_t clock_jumped_ms; /* the jumps since heads last agreed with it, summed */
	int64_t pruned_ms;       /* monotonic */
	int64_t judged_hour;     /* since 1970, by the wall clock; 0: none */
	enum told told_clock;    /* that it is suspect */
	bool may_hold;           /* alerts may be held until every log is level */
	bool stopping;
};

enum range_state {
	RANGE_NONE,     /* where it starts is not known yet */
	RANGE_STARTING, /* being found out */
	RANGE_READING,
	RANGE_STOPPED, /* an operator has to look */
};

/* What may be wrong with a log for a while: each is an event with an end. */
enum condition {
	CONDITION_UNREACHABLE,
	CONDITION_BAD_TLS,
	CONDITION_BAD_SIGNATURE,
	CONDITION_OTHER_ORIGIN,
	CONDITION_OTHER_KEY,
	CONDITION_STALE,
	CONDITION_FUTURE,
	CONDITION_EMPTY_ROOT,
	CONDITION_NO_ENTRIES,
	CONDITION_NO_START,
	CONDITION_NO_PROOF,
	CONDITION_MISMATCH,
	CONDITION_BEHIND,
	CONDITION_GONE,
	CONDITION_WRONG_FINAL,
	CONDITION_GREW_CLOSED,
	CONDITION_STANDS_STILL,
	CONDITION_OTHER_IDENTITY,
	/* lies, told by its heads */
	CONDITION_SPLIT_VIEW,
	CONDITION_INCONSISTENT,
	CONDITION_UNPROVED,
	CONDITION_BAD_TILE,
	CONDITION_EQUIVOCATION,
	CONDITION_TIME_BACK,
	CONDITION_SHRANK,
	CONDITIONS
};
#define CONDITION_FIRST_LIE CONDITION_SPLIT_VIEW

/* What a head's time says against our clock. */
enum doubt { DOUBT_NONE, DOUBT_STALE, DOUBT_FUTURE };

/* A run of entries that is read in order; the loop's side of it. */
struct range {
	int64_t id;
	enum range_state state;
	uint32_t epoch;
	uint64_t start, next, verified; /* as committed */
	uint64_t end;                   /* not included; UINT64_MAX: open */
	uint64_t asked;                 /* below: asked for, or on their way */
	uint64_t fence;                 /* below: read for a second time */
	bool rewinding;                 /* the writer is asked where it stands */
	struct frontier frontier;       /* at next */
	bool blind;                     /* it is not known, and nothing ever proved */
	unsigned requests;              /* in flight */
	int64_t proof_ms;          /* monotonic: when the last early proof was tried */
	uint64_t proof_next;       /* and where */
	unsigned rereads;          /* since verified last moved */
	struct clock_timer *pause; /* after trouble */
	int64_t logged_ms;         /* when the last entry at next was; 0: unknown */
	/* for the rate */
	int64_t rate_ms;
	uint64_t rate_next;
	double per_second;
};

/* One log's life, or one backfill of it: that has a range and a client of its
 * own, and its parent's heads. */
struct follower {
	struct follower *next;
	struct follower *parent;    /* of a backfill; else NULL */
	struct follower *backfills; /* by next */
	struct monitor *monitor;
	const struct ct_log *log; /* a reference */
	uint32_t number;          /* the database's */
	struct monitor_start start;
	int64_t poll_ms;
	struct logclient *client;
	bool wanted; /* still named by the configuration (of a backfill: the parent's) */
	char *tls_ca;
	bool tiles; /* as its client was told */
	struct monitor_known_bad *known_bad;
	size_t known_bad_count;
	bool unproved_start;
	bool by_tiles;             /* its client may read by them */
	bool finish;               /* read to its end what was begun, no more */
	int64_t failed_ms;         /* monotonic: the first of failures */
	int64_t entries_failed_ms; /* the same of entry_failures */
	unsigned proof_failures;   /* of head_proof in a row */
	uint64_t unshown_size;     /* of a head that only its entries can prove; 0 */
	uint64_t start_index;      /* whose frontier is being asked for */

	struct head_mark head;  /* the newest accepted */
	struct sth signed_head; /* the same as it was served */
	bool has_head;
	int64_t head_stored_ms; /* monotonic: when it was last written; 0: never */
	struct sth candidate;   /* being proved against it */
	bool proving_head;
	struct logclient_call *head_call, *head_proof, *range_proof, *start_call;
	struct clock_timer *poll_timer;
	/* in a row: of get-head, of entries, of finding the start */
	unsigned failures, entry_failures, start_failures;
	enum doubt doubt;
	struct sth doubted;   /* the head that it is about */
	unsigned doubt_heads; /* in a row that said so */
	bool doubt_is_ours;   /* before our clock jumped they would have looked right */
	int64_t
	    signed_ms; /* the newest time that a head was signed for, not beyond now */
	enum told told[CONDITIONS];
	unsigned honest[CONDITIONS];   /* heads in a row that tell no such lie; answers */
	unsigned patience[CONDITIONS]; /* so many answers end it; 0: one */
	int64_t ended_ms[CONDITIONS];  /* monotonic: when it ended last; 0: never */
	unsigned shrunk;               /* heads in a row that were set back */
	int64_t covered_ms; /* monotonic: when what is missing was last looked at */
	int64_t behind_ms;  /* monotonic: since when its head was not reached; 0: it is */
	uint64_t behind;    /* entries, then */
	unsigned level;     /* heads in a row that found the one before reached */
	int64_t success_ms; /* wall clock: when it last gave what was asked for */
	uint64_t errors;
	char last_error[320], said[320];
	unsigned times_said;

	struct range range;
	struct head_mark proof_head;    /* what range_proof proves against */
	struct frontier proof_frontier; /* and from where */
	uint32_t proof_epoch;
	struct served *served; /* of the second reading; NULL: there is none */
	bool late;         /* its range begins at the tip because it was new and large */
	size_t body_guess; /* bytes of the next body; 0: none has come yet */
	/* against its final tree head (closed.c) */
	struct logclient_call *final_call;
	struct sth final_head; /* being proved to contain it */
	uint64_t final_asked;  /* the size of the last that was */
	unsigned final_small;  /* heads in a row with fewer entries */

	uint32_t lane; /* no other follower ever had it */
	size_t held;   /* of the credit */
	struct credit_waiter waiter;
	struct request *asked;       /* get-entries under way */
	struct hole *holes;          /* parts of it that short replies left out */
	struct issuer_wait *issuers; /* issuers being fetched */
	struct inclusion *inclusion; /* a proof for findings under way */
	struct clock_timer *inclusion_timer;
	struct settling *settling; /* what the log owes, being asked for (owe.h) */
	struct clock_timer *settle_timer;
	struct prefix_check *prefix; /* a tile being looked at again (prefix.h) */
	struct logclient_call *roots_call, *about_call;
	struct clock_timer *roots_timer;
	bool finds_by_hash; /* it has shown a leaf that was asked for by its hash */
	uint64_t included;  /* below: no finding wanted a proof at included_ms */
	int64_t included_ms;
};

/* monitor.c. The follower of a log, or NULL where it is followed no more. */
struct follower *monitor_follower(const struct monitor *, uint32_t number);
/* Whose range it is: a backfill of the log, or else the log's own follower. */
struct follower *monitor_reader(const struct monitor *, uint32_t number, int64_t range);
/* What batches are judged by from now on; takes the reference. */
void monitor_publish(struct monitor *, struct snapshot *);

/* follower.c: a log's life, and what is said of it */
#define FAILURES_TOLD 3 /* in a row, before it is an event */
/* parent: it is for a backfill of it; or NULL. */
struct follower *follower_new(struct monitor *, struct follower *parent,
    const struct monitor_log *, uint32_t number);
void follower_free(struct follower *); /* and its backfills */
/* What the configuration says of it by now. */
void follower_configure(struct follower *, const struct monitor_log *);
bool follower_knows_bad(const struct follower *, uint64_t index);
void follower_trouble(struct follower *, const struct err *, const char *what);
void follower_event(struct follower *, const char *kind, enum notice_level,
    const char *message, const char *evidence, bool ends);
/* An event begins or ends, where the condition is another than told before; a
 * former run may have told it, so the first time it is told in any case. */
void follower_condition(
    struct follower *, enum condition, bool holds, const char *message);
/* The log gave what it had refused: what ended within a day and began again needs
 * twice as many answers each time, so that who fails now and then is told seldom. */
void follower_answered(struct follower *, enum condition);
/* That it holds is not told yet: worth gathering evidence for. */
bool follower_is_news(struct follower *, enum condition);
/* It holds, with evidence; frees the accusation. message NULL: the condition's. */
struct accusation;
void follower_accuse(
    struct follower *, enum condition, const char *message, struct accusation *);
/* A head was taken: lies that no head told for a while are over. */
void follower_heads_agree(struct follower *);

/* follow.c: heads and polling */
void follower_start(struct follower *);

/* start.c: where reading begins */
void start_choose(struct follower *);

/* backfill.c: older entries, read on purpose */
struct range_row;
/* anew: batches of a former follower of it may be on their way. */
void backfill_resume(struct follower *parent, const struct range_row *, bool anew);
void backfill_heads(struct follower *parent); /* it has accepted a head */
void backfill_verified(struct follower *);    /* more of the range is, maybe all */

/* read.c: entries and their batches */
void read_on(struct follower *); /* asks for as much as may be in flight */
void read_restart(struct follower *, int64_t delay_ms); /* from next again */
void read_cancel(struct follower *);
void read_give_back(struct monitor *, const struct batch *); /* its credit */
extern const struct task_kind BATCH_TASK;

/* prove.c: our own root against the log's */
void prove_early(struct follower *);
void prove_mismatch(
    struct follower *, const char *how, const struct logclient_proof *proof);
void prove_again(struct follower *); /* a stopped range: known_bad is another */

/* The certificates of a record's chain that are stored become authorities. */
void issuers_recall(struct monitor *, struct batch *, struct bytes record);

/* lookback.c: what is stored against watches that are new */
void lookback_start(struct monitor *);
void lookback_stop(struct monitor *);
void lookback_lost(struct monitor *); /* a batch of it was: it does not count */

/* rescan.c: what is stored against checks that are others now, or as asked for.
 * Looks whether there is something to do; again whenever that may have changed. */
void rescan_wake(struct monitor *);
void rescan_stop(struct monitor *);
void rescan_free(struct rescan *); /* when no slice is under way; NULL is fine */

/* inclusion.c: proofs for findings, in the background */
void inclusion_later(struct follower *, int64_t delay_ms);
void inclusion_cancel(struct follower *);

/* issuers.c: certificates that a static log names by fingerprint */
void issuers_dispatch(struct follower *, struct batch *); /* takes it */
void issuers_cancel(struct follower *);
void issuers_resolve_later(struct monitor *);
