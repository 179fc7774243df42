/*
 * The scheduler by itself, a day in a moment: the real queue, budgets, rests and
 * batch sizes on the fake clock, in front of logs that only count. Its figures
 * stand in ctwardend(8).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "fetch/fetch_priv.h"
#include "logclient/batch.h"
#include "tests/fake/fake_clock.h"
#include "tests/lib/unit.h"

enum { LOGS_MAX = 64, WINDOW = 16, POLL_MS = 60000, LATENCY_MS = 300 };
#define SECOND  INT64_C(1000)
#define HOUR    (3600 * SECOND)
#define DAY     (24 * HOUR)
#define MILLION 1000000.0

struct log_sim {
	struct world *world;
	char host[32];
	double per_day;  /* entries, more by day than by night */
	uint64_t before; /* what stands in it at the beginning */
	unsigned gives;  /* entries a reply */
	struct batch batch;
	uint64_t head;            /* its size when last polled */
	uint64_t asked, received; /* entries */
	unsigned in_flight;
	uint64_t worst; /* the largest backlog since the world was last marked */
};

struct world {
	struct clock *clock;
	struct fetch fetch;
	struct log_sim logs[LOGS_MAX];
	size_t count;
	const char *budget;
	struct clock_timer *pump;
	int64_t down_from_ms, down_until_ms; /* all hosts */
	uint64_t requests, failed;
	bool over;
};

struct job {
	struct fetch_request request; /* first */
	struct log_sim *log;
	uint64_t start, end; /* start == end: the head */
};

static void pump(struct world *);
static void pump_due(void *owner);

/* Twice as much at noon as at midnight; a day's sum is per_day. */
static uint64_t
size_at(const struct log_sim *log, int64_t now_ms)
{
	double days = (double)now_ms / (double)DAY, turn = 2 * 3.14159265358979 * days;

	return log->before +
	    (uint64_t)(log->per_day * (days - sin(turn) / 3 / 2 / 3.14159265358979));
}

static uint64_t
backlog(const struct log_sim *log)
{
	return size_at(log, clock_mono_ms(log->world->clock)) - log->received;
}

/* --- asking ---------------------------------------------------------------- */

static void
ask(struct log_sim *log, uint64_t start, uint64_t end)
{
	struct world *world = log->world;
	struct job *job = mem_zero(1, sizeof(*job));

	job->log = log;
	job->start = start;
	job->end = end;
	job->request.fetch = &world->fetch;
	job->request.host_name = log->host;
	queue_place(&job->request, world->budget, (uint32_t)(log - world->logs) + 1);
	queue_enter(&job->request, false);
	log->in_flight += start < end;
}

static void
ask_on(struct log_sim *log)
{
	while (log->in_flight < WINDOW && log->asked < log->head) {
		int64_t now_ms = clock_mono_ms(log->world->clock);
		uint64_t end = batch_plan(&log->batch, log->asked, log->head, now_ms);

		batch_asked(&log->batch, (unsigned)(end - log->asked), now_ms);
		ask(log, log->asked, end);
		log->asked = end;
	}
}

static void
on_poll(void *owner)
{
	struct log_sim *log = owner;

	ask(log, 0, 0);
	pump(log->world);
}

/* --- answering ------------------------------------------------------------- */

static void
answer(struct job *job)
{
	struct log_sim *log = job->log;
	struct world *world = log->world;
	int64_t now_ms = clock_mono_ms(world->clock);
	unsigned asked = (unsigned)(job->end - job->start), count = asked;

	if (asked == 0) {
		log->head = size_at(log, now_ms);
		clock_after(world->clock, POLL_MS, on_poll, log);
		return;
	}
	log->in_flight--;
	if (job->start % log->gives + count > log->gives)
		count = log->gives - (unsigned)(job->start % log->gives);
	batch_learn(&log->batch, job->start, asked, count, log->head, now_ms);
	log->received += count;
	if (count < asked) /* the rest before all else */
		ask(log, job->start + count, job->end);
}

static void
refuse(struct job *job)
{
	struct log_sim *log = job->log;

	log->world->failed++;
	if (job->start == job->end) {
		clock_after(log->world->clock, POLL_MS, on_poll, log);
		return;
	}
	log->in_flight--;
	ask(log, job->start, job->end);
}

static void
on_answer(void *owner)
{
	struct job *job = owner;
	struct world *world = job->log->world;
	int64_t now_ms = clock_mono_ms(world->clock);
	bool down = now_ms >= world->down_from_ms && now_ms < world->down_until_ms;

	queue_end(&job->request);
	job->request.status = down ? 0 : 200;
	queue_judge(&job->request, down ? TRANSPORT_UNREACHED : TRANSPORT_OK, !down);
	if (down)
		refuse(job);
	else
		answer(job);
	ask_on(job->log);
	if (backlog(job->log) > job->log->worst)
		job->log->worst = backlog(job->log);
	mem_free(job);
	pump(world);
}

/* What the engine does: whoever may go goes, and time alone wakes it again. */
static void
pump(struct world *world)
{
	struct fetch_request *request;
	int64_t wait_ms;

	while ((request = queue_next(&world->fetch, &wait_ms)) != NULL) {
		queue_leave(request);
		queue_begin(request);
		request->begun_ms = clock_mono_ms(world->clock);
		world->requests++;
		clock_after(world->clock, LATENCY_MS, on_answer, request);
	}
	clock_cancel(world->clock, world->pump);
	world->pump = NULL;
	if (wait_ms > 0)
		world->pump = clock_after(world->clock, wait_ms, pump_due, world);
}

static void
pump_due(void *owner)
{
	((struct world *)owner)->pump = NULL;
	pump(owner);
}

/* --- a world ------------------------------------------------------------------ */

static void
world_begin(struct world *world, double per_second, unsigned in_flight)
{
	struct fetch_limits limits = {in_flight, per_second, per_second < 1 ? 1 : 10};

	*world = (struct world){.clock = clock_new(NULL), .budget = "Operator"};
	world->fetch.clock = world->clock;
	world->fetch.random = 1;
	world->fetch.hosts_most = 512;
	world->fetch.options.backoff_max_ms = 300 * SECOND;
	map_init(&world->fetch.hosts);
	map_init(&world->fetch.budgets);
	fetch_set_limits(&world->fetch, world->budget, &limits);
}

static struct log_sim *
log_add(struct world *world, double per_day, uint64_t before, unsigned gives)
{
	struct log_sim *log = &world->logs[world->count++];

	*log = (struct log_sim){
	    .world = world, .per_day = per_day, .before = before, .gives = gives};
	snprintf(log->host, sizeof(log->host), "log-%zu.example", world->count % 3);
	batch_init(&log->batch, 0, 0);
	clock_after(world->clock, (int64_t)world->count * 100, on_poll, log);
	return log;
}

static void
on_over(void *owner)
{
	((struct world *)owner)->over = true;
}

static void
run(struct world *world, int64_t ms)
{
	world->over = false;
	for (size_t i = 0; i < world->count; i++)
		world->logs[i].worst = 0;
	clock_after(world->clock, ms, on_over, world);
	while (!world->over)
		ck_assert(fake_clock_step(world->clock));
}

static void
report(const struct world *world, const char *what)
{
	const struct log_sim *log = &world->logs[0];

	if (getenv("VERBOSE") != NULL)
		printf("%s: %.0f h, %llu requests (%.2f a second), worst backlog %llu, "
		       "at the end %llu\n",
		    what, (double)clock_mono_ms(world->clock) / (double)HOUR,
		    (unsigned long long)world->requests,
		    (double)world->requests * 1000 / (double)clock_mono_ms(world->clock),
		    (unsigned long long)log->worst, (unsigned long long)backlog(log));
}

/* Every request that still waits or runs is one of ours. */
static void
world_end(struct world *world)
{
	while (world->fetch.running.first != NULL) {
		struct fetch_request *request = world->fetch.running.first;

		queue_end(request);
		mem_free(request);
	}
	for (size_t i = 0; i < world->count; i++) {
		struct host *host =
		    map_get(&world->fetch.hosts, bytes_text(world->logs[i].host));

		for (struct lane *lane = host != NULL ? host->lanes : NULL; lane != NULL;
		     lane = lane->next)
			while (lane->waiting[0].first != NULL) {
				struct fetch_request *request = lane->waiting[0].first;

				queue_leave(request);
				mem_free(request);
			}
	}
	queue_free(&world->fetch);
	clock_free(world->clock);
}

/* What grows between two polls at noon, when the most grows. */
static uint64_t
one_poll(double per_day)
{
	return (uint64_t)(per_day / 86400 * 60 * 4 / 3) + 1;
}

/* --- staying level ---------------------------------------------------------------- */

/* The yardstick: 12 million entries a day, 10 requests a second, 256 a reply. */
START_TEST(twelve_million_a_day)
{
	struct world world;
	struct log_sim *log;

	world_begin(&world, 10, 8);
	log = log_add(&world, 12 * MILLION, 0, 256);
	run(&world, DAY);
	report(&world, "12 million a day, 10 requests a second of 256");
	ck_assert_uint_eq(log->batch.size, 256);
	/* Never more behind than what came since the last poll, and while it was read. */
	ck_assert_uint_le(log->worst, one_poll(log->per_day) * 5 / 4);
	ck_assert_uint_le(world.requests, 60000);
	world_end(&world);
}
END_TEST

/* Google gives 32: eight times the requests, and still within the budget. */
START_TEST(short_replies)
{
	struct world world;
	struct log_sim *log;

	world_begin(&world, 10, 8);
	log = log_add(&world, 12 * MILLION, 0, 32);
	run(&world, DAY);
	report(&world, "12 million a day, 10 requests a second of 32");
	ck_assert_uint_eq(log->batch.size, 32);
	ck_assert_uint_le(log->worst, one_poll(log->per_day) * 2);
	world_end(&world);
}
END_TEST

/* Forty logs of one operator on three hosts share its budget; one of them has a
 * hundred million entries to be read, and keeps nobody waiting. */
START_TEST(one_budget_for_forty)
{
	struct world world;

	world_begin(&world, 10, 8);
	log_add(&world, 12 * MILLION, 100000000, 256);
	for (int i = 1; i < 40; i++)
		log_add(&world, 0.25 * MILLION, 0, 256);
	run(&world, 6 * HOUR);
	report(&world, "the large one of forty on one budget");
	for (int i = 1; i < 40; i++)
		ck_assert_msg(world.logs[i].worst <= one_poll(world.logs[i].per_day) * 3,
		    "log %d was %llu behind", i, (unsigned long long)world.logs[i].worst);
	/* What they leave is its: six hours at most of 2,560 a second. */
	ck_assert_uint_ge(world.logs[0].received, 6 * 3600 * 2560 * UINT64_C(7) / 10);
	ck_assert_uint_le(world.requests, 10 + 6 * 3600 * 10);
	world_end(&world);
}
END_TEST

/* --- when it cannot ------------------------------------------------------------------
 */

/* 9 requests a minute, as an operator has been seen to allow: few are polls, the
 * others are 256 entries each, and the rest stays. */
START_TEST(less_than_it_takes)
{
	struct world world;
	struct log_sim *log;
	double able = 9 * 60 * 24 * 256.0;

	world_begin(&world, 9 / 60.0, 1);
	log = log_add(&world, 12 * MILLION, 0, 256);
	run(&world, DAY);
	report(&world, "12 million a day, 9 requests a minute of 256");
	ck_assert_double_ge((double)log->received, able * 0.9);
	ck_assert_double_le((double)log->received, able);
	ck_assert_double_ge((double)backlog(log), 12 * MILLION - able);
	/* And it is asked no more than that, a whole day long. */
	ck_assert_uint_le(world.requests, 9 * 60 * 24 + 2);
	world_end(&world);
}
END_TEST

/* --- after an outage
 * -------------------------------------------------------------------- */

/* Six hours without an answer: few requests while it lasts, one at a time at
 * first when it is over, and level again in minutes. */
START_TEST(an_outage)
{
	struct world world;
	struct log_sim *log;
	uint64_t before;
	int64_t began_ms;

	world_begin(&world, 10, 8);
	log = log_add(&world, 12 * MILLION, 0, 256);
	run(&world, 6 * HOUR);
	world.down_from_ms = clock_mono_ms(world.clock);
	world.down_until_ms = world.down_from_ms + 6 * HOUR;
	before = world.requests;
	run(&world, 6 * HOUR);
	/* A rest of five minutes at most between them, after the first doublings. */
	ck_assert_uint_le(world.requests - before, 6 * 12 + 30);
	ck_assert_uint_ge(backlog(log), 3 * 1000000);
	began_ms = clock_mono_ms(world.clock);
	while (backlog(log) > one_poll(log->per_day) * 5 / 4)
		run(&world, SECOND);
	if (getenv("VERBOSE") != NULL)
		printf("level %lld s after an outage of 6 h\n",
		    (long long)(clock_mono_ms(world.clock) - began_ms) / SECOND);
	ck_assert_int_le(clock_mono_ms(world.clock) - began_ms, HOUR);
	world_end(&world);
}
END_TEST

/* --- limits that change
 * -------------------------------------------------------------------- */

START_TEST(limits_are_taken_back)
{
	struct world world;
	struct log_sim *log;

	world_begin(&world, 1 / 60.0, 1);
	world.fetch.options.limits = (struct fetch_limits){8, 20, 8};
	log = log_add(&world, 0, 1000000, 256);
	run(&world, HOUR);
	ck_assert_uint_le(world.requests, 62);
	fetch_clear_limits(&world.fetch);
	run(&world, 10 * 60 * SECOND);
	ck_assert_uint_eq(log->received, 1000000);
	world_end(&world);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("schedule");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, twelve_million_a_day);
	tcase_add_test(tc, short_replies);
	tcase_add_test(tc, one_budget_for_forty);
	tcase_add_test(tc, less_than_it_takes);
	tcase_add_test(tc, an_outage);
	tcase_add_test(tc, limits_are_taken_back);
	return unit_run("schedule", tc);
}
