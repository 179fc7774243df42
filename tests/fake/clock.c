#include "tests/fake/fake_clock.h"

#include "base/mem.h"

struct clock_timer {
	int64_t due_ms; /* monotonic */
	clock_fn *fn;
	void *owner;
	struct clock_timer *next;
};

struct clock {
	int64_t mono_ms;
	int64_t wall_ahead_ms;     /* of mono */
	struct clock_timer *armed; /* in the order they run */
	size_t count;
};

struct clock *
clock_new(struct ev_loop *loop)
{
	struct clock *clock = mem_zero(1, sizeof(*clock));

	(void)loop;
	clock->wall_ahead_ms = FAKE_CLOCK_START_MS;
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
	return clock->mono_ms + clock->wall_ahead_ms;
}

int64_t
clock_mono_ms(const struct clock *clock)
{
	return clock->mono_ms;
}

struct clock_timer *
clock_after(struct clock *clock, int64_t delay_ms, clock_fn *fn, void *owner)
{
	struct clock_timer *timer = mem_zero(1, sizeof(*timer)), **at = &clock->armed;

	timer->due_ms = clock->mono_ms + (delay_ms < 0 ? 0 : delay_ms);
	timer->fn = fn;
	timer->owner = owner;
	while (*at != NULL && (*at)->due_ms <= timer->due_ms)
		at = &(*at)->next;
	timer->next = *at;
	*at = timer;
	clock->count++;
	return timer;
}

void
clock_cancel(struct clock *clock, struct clock_timer *timer)
{
	struct clock_timer **at = &clock->armed;

	if (timer == NULL)
		return;
	while (*at != timer)
		at = &(*at)->next;
	*at = timer->next;
	clock->count--;
	mem_free(timer);
}

bool
fake_clock_step(struct clock *clock)
{
	struct clock_timer *timer = clock->armed;
	clock_fn *fn;
	void *owner;

	if (timer == NULL)
		return false;
	if (timer->due_ms > clock->mono_ms)
		clock->mono_ms = timer->due_ms;
	fn = timer->fn;
	owner = timer->owner;
	clock_cancel(clock, timer);
	fn(owner);
	return true;
}

static void
run_until(struct clock *clock, int64_t until_ms)
{
	while (clock->armed != NULL && clock->armed->due_ms <= until_ms)
		fake_clock_step(clock);
}

void
fake_clock_advance(struct clock *clock, int64_t ms)
{
	int64_t until_ms = clock->mono_ms + ms;

	run_until(clock, until_ms);
	clock->mono_ms = until_ms;
}

void
fake_clock_settle(struct clock *clock, int64_t ms)
{
	run_until(clock, clock->mono_ms + ms);
}

void
fake_clock_set_wall(struct clock *clock, int64_t unix_ms)
{
	clock->wall_ahead_ms = unix_ms - clock->mono_ms;
}

size_t
fake_clock_armed(const struct clock *clock)
{
	return clock->count;
}
