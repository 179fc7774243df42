#include "base/clock.h"

#include <ev.h>
#include <stddef.h>
#include <time.h>

#include "base/mem.h"

struct clock_timer {
	ev_timer timer; /* first: the callback casts back */
	struct clock *clock;
	clock_fn *fn;
	void *owner;
	struct clock_timer *next, **link; /* in the clock's list */
};

struct clock {
	struct ev_loop *loop;
	struct clock_timer *armed;
};

static int64_t
read_ms(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct clock *
clock_new(struct ev_loop *loop)
{
	struct clock *clock = mem_zero(1, sizeof(*clock));

	clock->loop = loop;
	return clock;
}

void
clock_free(struct clock *clock)
{
	if (clock == NULL)
		return;
	while (clock->armed != NULL)
		clock_cancel(clock, clock->armed);
	mem_free(clock);
}

int64_t
clock_now_ms(const struct clock *clock)
{
	(void)clock;
	return read_ms(CLOCK_REALTIME);
}

int64_t
clock_mono_ms(const struct clock *clock)
{
	(void)clock;
	return read_ms(CLOCK_MONOTONIC);
}

static void
on_timer(struct ev_loop *loop, ev_timer *watcher, int events)
{
	struct clock_timer *timer = (struct clock_timer *)watcher;
	clock_fn *fn = timer->fn;
	void *owner = timer->owner;

	(void)loop;
	(void)events;
	clock_cancel(timer->clock, timer);
	fn(owner);
}

struct clock_timer *
clock_after(struct clock *clock, int64_t delay_ms, clock_fn *fn, void *owner)
{
	struct clock_timer *timer = mem_zero(1, sizeof(*timer));

	timer->clock = clock;
	timer->fn = fn;
	timer->owner = owner;
	timer->link = &clock->armed;
	timer->next = clock->armed;
	if (timer->next != NULL)
		timer->next->link = &timer->next;
	clock->armed = timer;
	ev_now_update(clock->loop);
	ev_timer_init(
	    &timer->timer, on_timer, (double)(delay_ms < 0 ? 0 : delay_ms) / 1000.0, 0.0);
	ev_timer_start(clock->loop, &timer->timer);
	return timer;
}

void
clock_cancel(struct clock *clock, struct clock_timer *timer)
{
	if (timer == NULL)
		return;
	ev_timer_stop(clock->loop, &timer->timer);
	*timer->link = timer->next;
	if (timer->next != NULL)
		timer->next->link = timer->link;
	mem_free(timer);
}
