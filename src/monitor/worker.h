/*
 * worker - one worker thread's scratch, and its two stages: decode and judge.
 *
 * Pure work on a batch's own memory: no I/O, no database. What is shared is
 * immutable (the batch's snapshot) or locked (authorities).
 */
#pragma once
#include "base/buf.h"
#include "monitor/batch.h"

struct worker {
	struct cert cert;    /* of the entry at hand */
	struct cert precert; /* of its pre_certificate */
	struct buf tbs;      /* for splicing */
};

struct worker *worker_new(void);
void worker_free(struct worker *);

/* The task_kind's work: decodes and judges. all: where chains are kept. */
void batch_work(struct worker *, struct batch *, struct authorities *all);

/* decode.c: fills entries, the leaf hashes' subtrees and the times. False: the
 * body is no good, batch->err says why. */
bool batch_decode(struct batch *);

/* judge.c: what concerns us among the entries becomes candidates; the rest is
 * counted. */
void batch_judge(struct worker *, struct batch *, struct authorities *);
