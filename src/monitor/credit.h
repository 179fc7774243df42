/*
 * credit - how many bytes of decoded bodies may be in flight at once.
 *
 * A request reserves what its body may need before it is sent; the
 * reservation shrinks to the body's true size when it arrives and is given
 * back when the writer has committed it. A body larger than its reservation
 * is asked for again alone, with the whole of the credit. Loop thread only.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct credit;

/* Called when something was given back; whoever waits tries again. */
typedef void credit_fn(void *owner);

struct credit_waiter {
	credit_fn *fn;
	void *owner;
	struct credit_waiter *next, **link; /* link NULL: not waiting */
};

struct credit {
	size_t limit, used;
	struct credit_waiter *first, **last;
};

void credit_init(struct credit *, size_t limit);

/* False: not now; waiter is queued and called in its turn. A want above the
 * limit is granted only when nothing else is in flight. */
bool credit_take(struct credit *, size_t want, struct credit_waiter *waiter);

/* Changes a reservation that is held; may pass the limit. */
void credit_change(struct credit *, size_t from, size_t to);

/* Gives back and wakes who waits. */
void credit_give(struct credit *, size_t held);

void credit_forget(struct credit *, struct credit_waiter *); /* no longer waits */
