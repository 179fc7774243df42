/*
 * host - how fast somebody may be asked: a bucket of tokens, and a pace that
 * rests after trouble and starts slowly again.
 *
 * Pure: times are arguments, in milliseconds of the monotonic clock.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "fetch/fetch.h"

/* Requests a second. A 429 halves the rate; quiet minutes bring it back. */
struct bucket {
	struct fetch_limits limits;
	double per_second; /* in force: at most the limits' */
	double tokens;
	int64_t filled_ms;  /* when tokens was true */
	int64_t changed_ms; /* when per_second was */
};

void bucket_init(struct bucket *, const struct fetch_limits *, int64_t now_ms);

/* How long until a request may begin; 0: now. */
int64_t bucket_wait_ms(struct bucket *, int64_t now_ms);
void bucket_take(struct bucket *, int64_t now_ms);
void bucket_slow_down(struct bucket *, int64_t now_ms); /* the server said: too many */
void bucket_went_well(struct bucket *, int64_t now_ms);
bool bucket_is_full(struct bucket *, int64_t now_ms); /* holds nothing to remember */

/* The health of a host, or of one lane on it. Zero is a healthy one. */
struct pace {
	unsigned failures; /* in a row; one outage's requests count once */
	unsigned window;   /* in flight at most, after trouble; 0: no bound */
	int64_t failed_ms;
	int64_t rest_until_ms;
};

int64_t pace_wait_ms(const struct pace *, int64_t now_ms);
bool pace_has_room(const struct pace *, unsigned in_flight);

/* begun_ms: when the request began; retry_after_ms: -1, or what was asked. */
void pace_failed(struct pace *, int64_t now_ms, int64_t begun_ms, int64_t retry_after_ms,
    int64_t backoff_max_ms, uint64_t *random);

/* Slow start: each success lets one more go at once, up to full. */
void pace_went_well(struct pace *, int64_t begun_ms, unsigned full);
