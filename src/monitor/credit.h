/*
 * credit - how many bytes of decoded bodies may be in flight at once.
 *
 * A request reserves what its body may need before it is sent; the
 * reservation becomes the body's true size when it arrives and is given back
 * when the writer has committed it. Every log has a share that no other can
 * take, so that one that hangs delays nobody; what lies beyond the shares is
 * first come, first served. Loop thread only.
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
	size_t limit;
	size_t used;   /* reserved, and bodies */
	size_t bodies; /* of it: that have arrived */
	struct credit_waiter *first, **last;
};

void credit_init(struct credit *, size_t limit);

/* Who asks: what it holds already, and how many share the whole. */
struct credit_claim {
	size_t held;
	unsigned sharers;
};

/* False: not now; waiter is queued and called in its turn. A want above the
 * limit is granted only when nothing else is in flight. Who holds nothing gets
 * one body even where all is reserved, as long as it has not arrived: what
 * hangs takes no memory. */
bool credit_take(
    struct credit *, size_t want, struct credit_claim, struct credit_waiter *waiter);

/* Reserves without asking; may pass the limit. */
void credit_owe(struct credit *, size_t want);

/* The body of a reservation is there, of this length; may pass the limit. */
void credit_arrived(struct credit *, size_t reserved, size_t len);

/* Give back, and wake who waits. */
void credit_give(struct credit *, size_t reserved);
void credit_give_body(struct credit *, size_t len);

void credit_forget(struct credit *, struct credit_waiter *); /* no longer waits */
