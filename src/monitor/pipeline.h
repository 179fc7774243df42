/*
 * pipeline - the three queues, and the threads that meet nowhere else.
 *
 *   loop --submit--> workers --> writer --outcome--> loop
 *
 * What travels is a task. Its kind says what is done with it in a worker
 * (pure work on the task's own memory), in the writer (inside a transaction)
 * and, when that transaction has ended, on the loop again, which then owns
 * it. With no workers all of it happens inside pipeline_submit() and
 * pipeline_pump().
 */
#pragma once
#include "base/err.h"
#include "base/queue.h"

struct ev_loop;
struct clock;
struct monitor;
struct pipeline;
struct store;
struct task;
struct worker;
struct writer;

enum task_fate {
	TASK_COMMITTED,
	TASK_LOST, /* the transaction failed: nothing of it is in the database */
};

/* What the writer did with a task. */
enum task_step {
	STEP_APPLIED, /* its rows are in the open transaction */
	STEP_PARKED,  /* the writer keeps it: another has to come before */
	STEP_FAILED,  /* err is set: the transaction is rolled back */
};

struct task_kind {
	const char *name;
	void (*work)(struct worker *, struct task *); /* NULL: straight to the writer */
	enum task_step (*apply)(struct writer *, struct task *, struct err *);
	void (*outcome)(struct monitor *, struct task *, enum task_fate);
};

struct task {
	struct queue_link link; /* first */
	const struct task_kind *kind;
};

struct pipeline_options {
	unsigned workers;  /* 0: inline */
	unsigned group_ms; /* a transaction is open no longer than this */
};

/* The writer and the workers' scratch are made and freed by their own rooms'
 * functions (writer.h, worker.h). */
struct pipeline *pipeline_new(struct ev_loop *, struct clock *,
    const struct pipeline_options *, struct monitor *, struct writer *);

/* Lets what is under way finish, ends the threads and hands the last outcomes
 * to the loop's functions. */
void pipeline_free(struct pipeline *);

/* Loop only; takes the task. */
void pipeline_submit(struct pipeline *, struct task *);

/* Any thread: hands a task that has no work and no rows of its own left
 * straight to its outcome. */
void pipeline_outcome(struct pipeline *, struct task *, enum task_fate);

/* Runs the outcomes that wait. The loop calls it when woken; a test without
 * workers after each step of its fake clock. */
void pipeline_pump(struct pipeline *);

/* Tasks submitted whose outcome has not run. */
size_t pipeline_under_way(const struct pipeline *);
