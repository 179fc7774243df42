/*
 * fake_fetch - fetch's symbols, answering from a function of the test's.
 *
 * Answers come through the (fake) clock, after the reply's delay, never from
 * inside fetch_submit(). No limits, no retries: what the answer says is what
 * the caller gets, with errors made from the status as the engine makes them.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "fetch/fetch.h"

struct fake_reply {
	int status;       /* 0: the transport failed */
	const void *body; /* copied when the function returns */
	size_t len;
	void *taken; /* in place of body: mem_free'd by the fake */
	int64_t delay_ms;
	int64_t retry_after_ms; /* 0: none */
	const char *etag, *last_modified, *bad_tls;
};

/* Fills reply (zeroed before) for one request; query is borrowed. */
typedef void fake_fetch_fn(
    void *owner, const struct fetch_query *query, struct fake_reply *reply);

/* For the engine; without one everything is status 404. */
void fake_fetch_answer(struct fetch *, fake_fetch_fn *, void *owner);

/* From now on a host that said Retry-After with 429 or 503 rests: requests for
 * it wait here until then and are asked only then, as the engine's do. */
void fake_fetch_rests(struct fetch *);

/* How many requests were submitted, and those not yet answered. */
size_t fake_fetch_submitted(const struct fetch *);
size_t fake_fetch_waiting(const struct fetch *);
