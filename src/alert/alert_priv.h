/*
 * What the files of alert share about the outbox and its way to the sinks.
 */
#pragma once
#include "alert/sink.h"
#include "base/map.h"

#define ALERT_JOBS_MAX    256 /* rows a sink remembers at most */
#define ALERT_PAGE        16  /* rows read in one turn */
#define ALERT_RESULTS_MAX 64  /* in a batch */

/* A row that is being sent, or whose result the writer has not stored yet. */
struct job {
	struct drain *drain;
	uint8_t id[NOTICE_ID_LEN];
	int64_t attempts;
	int64_t since_ms; /* its age counts from here */
	bool sending;
	bool counted; /* and not sent by itself */
};

/* What goes to one sink. Times with _at are monotonic. */
struct drain {
	struct alert *alert;
	struct alert_sink_options options; /* texts owned */
	struct sha256 files;               /* what stood in its files */
	const struct sink_kind *kind;
	void *sink;

	struct map jobs; /* by alert id */
	size_t sending;
	struct clock_timer *timer; /* the next turn */
	int64_t turn_at;           /* when it comes; with timer */

	unsigned failures;                 /* of the sink, in a row */
	unsigned refusals;                 /* of different rows, in a row */
	uint8_t refused[3][NOTICE_ID_LEN]; /* the last of those */
	int64_t paused_until_at, failing_since_at;
	bool told; /* alert_trouble_fn knows */

	int64_t count_at; /* the next look for what has to be counted */
	size_t counting;  /* counts on their way to the writer */
	uint64_t delivered, failed;
	char last_error[200];
};

struct alert {
	struct sink_world world;
	struct store *store;
	alert_settle_fn *settle;
	alert_trouble_fn *trouble;
	void *owner;
	int64_t wall_start_ms, mono_start_ms;
	uint64_t random; /* of the jitter */

	struct drain **drains;
	size_t drains_len;

	struct outbox_batch *batch; /* being filled, the last of ready; NULL: none */
	struct queue ready;         /* batches for settle() */
	struct queue unstored;      /* batches that the writer could not store */
	struct clock_timer *flush;
	struct clock_timer *again;
};

/* The wall clock, or what it would be had it not been set back. Retries stand
 * in the database in wall time; a clock that jumps must not stop them. */
int64_t alert_now_ms(const struct alert *);

/* The other one: what is too old by it is old whichever way the clock jumped. */
int64_t alert_least_now_ms(const struct alert *);

/* --- alert.c ------------------------------------------------------------------ */

/* Puts a result into the batch, which leaves in a later turn. Copies. */
void alert_result(struct alert *, const struct outbox_result *);

/* --- drain.c ------------------------------------------------------------------ */

struct drain *drain_new(struct alert *, const struct alert_sink_options *, struct err *);
void drain_free(struct drain *); /* NULL is fine */
/* Its files are read for it. */
bool drain_has_options(const struct drain *, const struct alert_sink_options *);

/* What was remembered of rows goes from one to the other. */
void drain_inherit(struct drain *to, struct drain *from);

void drain_wake(struct drain *, int64_t delay_ms);

/* The writer has stored this one of its results. */
void drain_settled(struct drain *, const struct outbox_result *);

/* --- count.c ------------------------------------------------------------------ */

/* Whether a new row is to be counted instead of sent. False with err set when
 * the store cannot be read; *counted is then false. */
MUST_CHECK bool count_decide(
    struct drain *, const struct outbox_row *, bool *counted, struct err *);

/* Makes the counts whose 15 minutes are over. */
MUST_CHECK bool count_groups(struct drain *, struct err *);
