/*
 * clock - what time it is, and what shall happen later.
 *
 * The one source of both: no other module asks the system for the time or
 * arms a timer, so a test that links tests/fake/clock.c instead lets a month
 * pass in seconds. Timers belong to the loop's thread; the two now functions
 * may be called from any.
 */
#pragma once
#include <stdint.h>

struct ev_loop;
struct clock;
struct clock_timer;

typedef void clock_fn(void *owner);

/* loop may be NULL where no timers are armed. It outlives the clock. */
struct clock *clock_new(struct ev_loop *loop);
void clock_free(struct clock *); /* forgets what was still armed */

int64_t clock_now_ms(const struct clock *);  /* wall clock, ms since 1970 */
int64_t clock_mono_ms(const struct clock *); /* never jumps; from an unknown start */

/* Calls fn(owner) once, after at least delay_ms, from the loop. The handle is
 * the clock's and dies with the call. */
struct clock_timer *clock_after(
    struct clock *, int64_t delay_ms, clock_fn *fn, void *owner);

/* NULL is fine. */
void clock_cancel(struct clock *, struct clock_timer *);
