/*
 * change - what the loop wants written: a function run by the writer inside
 * its transaction, and another on the loop when that has been committed.
 *
 * A lost transaction is tried again by itself until the monitor stops.
 */
#pragma once
#include "monitor/pipeline.h"

struct change {
	struct task task; /* first */
	/* False with err set: the database failed, and all is tried again later. */
	bool (*apply)(struct writer *, struct change *, struct err *);
	/* On the loop; frees the change. committed is false only when the monitor
	 * stops before it could be written. */
	void (*done)(struct monitor *, struct change *, bool committed);
	bool outbox_filled;         /* the writer's */
	struct snapshot *published; /* the writer's: a reference, or NULL */
};

void change_submit(struct monitor *, struct change *);
