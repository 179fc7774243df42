/*
 * monitor - the work itself: follows logs, proves what they say, decodes,
 * judges, and commits, one batch after the other.
 *
 * The daemon makes one, hands it logs and watches, and is told when there is
 * something to deliver. All functions are the loop thread's; the workers and
 * the writer live inside.
 */
#pragma once
#include <stdint.h>

#include "base/err.h"
#include "check/judged.h"
#include "check/params.h"
#include "ctlog/log.h"
#include "notice/notice.h"
#include "store/outbox.h"
#include "store/store.h"
#include "watch/watch.h"

struct clock;
struct ev_loop;
struct fetch;
struct monitor;

/* Where the reading of a log begins that answers at the daemon's first start
 * (architecture.md, "Where reading starts"). */
enum start_kind { START_TIP, START_GENESIS, START_INDEX, START_SINCE };

struct monitor_start {
	enum start_kind kind;
	uint64_t index;
	int64_t since_ms; /* since 1970 */
	bool always;      /* also for a log that first answers later: an archive */
};

/* A leaf that stands in a log's tree and is not the one the log serves: its
 * hash is what our tree takes (wire-formats 6.1, "Bit flips"). */
struct monitor_known_bad {
	uint64_t index;
	struct sha256 leaf;
};

/* One log: to follow, or known so that its SCTs can be verified. */
struct monitor_log {
	const struct ct_log *log; /* a reference is taken */
	bool follow;
	struct monitor_start start;
	int64_t poll_ms;
	const char *sources; /* JSON: the lists and blocks that name it */
	const char *tls_ca;  /* PEM that vouches for its server; NULL: the system's */
	const struct monitor_known_bad *known_bad;
	size_t known_bad_count;
	bool unproved_start; /* begin where the log does not prove what lies before */
	bool finish; /* only what was begun is read to its end: nobody trusts it now */
	bool tiles;  /* of an RFC 6962 log that has them */
};

struct monitor_options {
	struct ev_loop *loop;
	struct clock *clock;
	struct fetch *fetch;
	struct store
	    *writer; /* the one connection that writes; the monitor's from here */
	struct store *reader; /* the loop's own, read only */

	unsigned workers;  /* 0: everything inline, as replay tests do */
	size_t bodies_max; /* bytes of decoded bodies in flight */
	bool store_all;
	uint64_t new_log_max;   /* entries: a larger new log is read from its tip */
	int64_t roots_every_ms; /* how often logs are asked for their roots; 0: never */
	/* How long tree heads, certificates that nobody watches and delivered alerts
	 * are kept; 0: for good. */
	int64_t keep_heads_ms, keep_unmatched_ms, keep_delivered_ms;

	/* Rows for the outbox were committed: look there. */
	void (*on_outbox)(void *owner);
	/* The store failed or works again (err NULL): for syslog, stderr, STATUS. */
	void (*on_store)(void *owner, const struct err *err);
	void *owner;
};

/* Takes both stores, also on failure. NULL with err set. */
struct monitor *monitor_new(const struct monitor_options *, struct err *);

/* Stops: what is under way is finished and committed, threads end. */
void monitor_free(struct monitor *);

/* What is configured; again at each reload. Takes effect for batches that begin
 * afterwards: nothing is lost or read twice. */
struct monitor_config {
	/* The only reference, which is the monitor's from here: it says of each watch
	 * since when it has been in force. A time that is set is when news begins,
	 * where that is earlier. */
	struct watch_set *watches;
	struct check_params params;
	enum date_mode dates;
	const struct notice_sink *sinks;
	size_t sink_count;
	/* Called when no batch looks at params and sinks any more: they are borrowed
	 * until then. */
	void (*release)(void *owner);
	void *owner;
};
void monitor_configure(struct monitor *, const struct monitor_config *);

/* The logs from now on, all copied; one not named any more is left alone. May be called
 * at any time (a log list was refreshed), after the first configure. */
void monitor_set_logs(struct monitor *, const struct monitor_log *, size_t count);

struct log_list;

/* What a list says by now, copied; after monitor_set_logs(), which gives its logs
 * their numbers. Each difference from what it said when last noted, in this run
 * or one before, is an event: "log-listed", "log-state", "log-url",
 * "log-operator", "log-unlisted". A list that was never noted is a baseline. */
void monitor_note_list(struct monitor *, const char *name, const struct log_list *);

/* The outbox's results, to be written by the writer. Takes the batch; settled
 * gets it back, on the loop, with `stored` set when it was committed. */
typedef void monitor_settled_fn(void *owner, struct outbox_batch *);
void monitor_settle(
    struct monitor *, struct outbox_batch *, monitor_settled_fn *settled, void *owner);

/* A change asked for over the control socket: runs in the writer, inside a
 * transaction of its own, then done on the loop. */
typedef bool monitor_change_fn(void *change, struct store *writer, struct err *err);
typedef void monitor_changed_fn(void *owner, void *change, const struct err *err);
void monitor_change(struct monitor *, monitor_change_fn *apply, void *change,
    monitor_changed_fn *done, void *owner);

/* A rescan was written down (store/rescan.h): it is begun when its turn comes. */
void monitor_rescan(struct monitor *);

/* Bytes that an event rests on, kept with it: a file of its evidence folder. */
struct monitor_exhibit {
	const char *name;
	struct bytes body;
};

/* Something that befell a list, a sink, the clock: an event, and an alert. */
struct monitor_event {
	const char *kind;     /* "list-failed" */
	struct bytes subject; /* what it befell, as bytes of a key */
	uint32_t log;         /* the database's number; 0: none */
	enum notice_level level;
	const char *message;
	const char *evidence; /* JSON object, or NULL */
	const struct monitor_exhibit *exhibits;
	size_t exhibit_count;
	bool moment; /* begins and ends at once */
	bool ends;   /* it is over */
};
void monitor_tell(struct monitor *, const struct monitor_event *);

/* A sign of life for every sink: evidence is a JSON object. Nothing is kept of it
 * but what the sinks are sent. */
void monitor_heartbeat(struct monitor *, const char *message, const char *evidence);

/* How each log stands, for STATUS, SIGUSR1 and the progress lines. */
struct monitor_log_status {
	const struct ct_log *log;
	const char *doing;   /* "reading", "at its head", "waiting", ... */
	uint64_t size;       /* of the newest accepted head */
	uint64_t start, end; /* end: of a backfill; UINT64_MAX: open */
	uint64_t next, verified;
	double per_second;      /* entries committed lately */
	int64_t left_ms;        /* at that rate; -1: unknown */
	int64_t head_ms;        /* the head's timestamp; 0: none */
	int64_t lag_ms;         /* since the last entry read was logged; 0: at its head;
				   -1: unknown */
	int64_t success_ms;     /* when it last gave what was asked for; 0: never */
	uint64_t errors;        /* since the daemon started */
	const char *last_error; /* "" */
};
typedef void monitor_status_fn(void *owner, const struct monitor_log_status *);
void monitor_each_log(const struct monitor *, monitor_status_fn *, void *owner);

/* Older entries on purpose: [from, to) of a log, named as in the lists or by its
 * id in hex, as far as they were not read, each run as a range of its own, behind
 * everything else; it outlives restarts. done: what it comes to. */
struct monitor_backfill {
	unsigned ranges;
	uint64_t entries;
};
typedef void monitor_backfill_fn(
    void *owner, const struct monitor_backfill *, const struct err *);
void monitor_backfill(struct monitor *, const char *log, uint64_t from, uint64_t to,
    monitor_backfill_fn *done, void *owner);

/* Those that are under way. */
void monitor_each_backfill(const struct monitor *, monitor_status_fn *, void *owner);

/* Inline monitors (workers 0): runs what came back; a replay test calls it
 * after each step of its clock. Does nothing that the loop would not do. */
void monitor_pump(struct monitor *);

/* Nothing is under way in workers and writer. */
bool monitor_idle(const struct monitor *);
