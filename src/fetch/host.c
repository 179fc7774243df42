#include "fetch/host.h"

#include "fetch/retry.h"

#define SLOWEST_PER_SECOND 0.1
#define QUIET_MS           60000 /* without a 429, before the rate rises */

void
bucket_init(struct bucket *bucket, const struct fetch_limits *limits, int64_t now_ms)
{
	*bucket = (struct bucket){
	    .limits = *limits,
	    .per_second = limits->per_second,
	    .tokens = limits->burst,
	    .filled_ms = now_ms,
	    .changed_ms = now_ms,
	};
}

static void
fill(struct bucket *bucket, int64_t now_ms)
{
	bucket->tokens +=
	    (double)(now_ms - bucket->filled_ms) / 1000.0 * bucket->per_second;
	if (bucket->tokens > bucket->limits.burst)
		bucket->tokens = bucket->limits.burst;
	bucket->filled_ms = now_ms;
}

int64_t
bucket_wait_ms(struct bucket *bucket, int64_t now_ms)
{
	if (bucket->per_second < 0)
		return 0;
	fill(bucket, now_ms);
	if (bucket->tokens >= 1)
		return 0;
	return (int64_t)((1 - bucket->tokens) / bucket->per_second * 1000.0) + 1;
}

void
bucket_take(struct bucket *bucket, int64_t now_ms)
{
	if (bucket->per_second < 0)
		return;
	fill(bucket, now_ms);
	bucket->tokens -= 1;
}

void
bucket_slow_down(struct bucket *bucket, int64_t now_ms)
{
	/* Who may ask without end begins to count now. */
	double per_second = bucket->per_second < 0 ? 64 : bucket->per_second;

	bucket->per_second = per_second / 2;
	if (bucket->per_second < SLOWEST_PER_SECOND)
		bucket->per_second = SLOWEST_PER_SECOND;
	bucket->tokens = 0;
	bucket->filled_ms = bucket->changed_ms = now_ms;
}

void
bucket_went_well(struct bucket *bucket, int64_t now_ms)
{
	double most = bucket->limits.per_second;

	if (bucket->per_second == most || now_ms - bucket->changed_ms < QUIET_MS)
		return;
	fill(bucket, now_ms);
	bucket->changed_ms = now_ms;
	bucket->per_second *= 1.25;
	if (bucket->per_second > (most < 0 ? 64 : most))
		bucket->per_second = most;
}

bool
bucket_is_full(struct bucket *bucket, int64_t now_ms)
{
	if (bucket->per_second != bucket->limits.per_second)
		return false;
	if (bucket->per_second < 0)
		return true;
	fill(bucket, now_ms);
	return bucket->tokens >= bucket->limits.burst;
}

int64_t
pace_wait_ms(const struct pace *pace, int64_t now_ms)
{
	return pace->rest_until_ms > now_ms ? pace->rest_until_ms - now_ms : 0;
}

bool
pace_has_room(const struct pace *pace, unsigned in_flight)
{
	return pace->window == 0 || in_flight < pace->window;
}

void
pace_failed(struct pace *pace, int64_t now_ms, int64_t begun_ms, int64_t retry_after_ms,
    int64_t backoff_max_ms, uint64_t *random)
{
	int64_t rest_ms;
	bool same_outage = pace->failures > 0 && begun_ms <= pace->failed_ms;

	if (same_outage && retry_after_ms < 0)
		return;
	if (!same_outage) {
		pace->failures++;
		pace->failed_ms = now_ms;
	}
	pace->window = 1;
	rest_ms = retry_backoff_ms(pace->failures, backoff_max_ms, random);
	if (retry_after_ms >= 0) /* those who wait for the same second spread a little */
		rest_ms = retry_after_ms + (int64_t)(retry_random(random) % 250);
	if (now_ms + rest_ms > pace->rest_until_ms)
		pace->rest_until_ms = now_ms + rest_ms;
}

void
pace_went_well(struct pace *pace, int64_t begun_ms, unsigned full)
{
	if (pace->window == 0 || begun_ms <= pace->failed_ms)
		return; /* healthy, or a straggler from before the trouble */
	pace->failures = 0;
	if (++pace->window >= full)
		pace->window = 0;
}
