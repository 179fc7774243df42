/*
 * fetch - HTTP, HTTPS and file downloads on one event loop.
 *
 * A request ends in exactly one call of its callback, never from inside
 * fetch_submit(); a cancelled one gets none. Requests wait here until their
 * host may be asked again: callers submit and need no clock of their own.
 * Knows hosts, ceilings, and which failures are worth another try; knows
 * nothing of logs or certificates. One thread: the loop's.
 */
#pragma once
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

struct clock;
struct ev_loop;
struct fetch;         /* the engine: one per process */
struct fetch_request; /* one download, waiting or in flight */

/* What one host (or one budget, see below) may be asked at most; a 0 takes
 * the engine's default. */
struct fetch_limits {
	unsigned in_flight;
	double per_second; /* requests begun; below 0: as many as come */
	unsigned burst;    /* begun at once after a rest */
};

struct fetch_options {
	const char *user_agent; /* with a contact: several logs slow down those without */
	const char *ca_file;    /* PEM; NULL: the system's */
	struct fetch_limits limits; /* 0: 8 in flight, 50 a second, burst 10 */
	int64_t connect_timeout_ms; /* 0: 15 s */
	int64_t timeout_ms;         /* of a whole transfer; 0: 120 s */
	int64_t stall_ms;           /* no byte for so long; 0: 30 s */
	int64_t backoff_max_ms;     /* without Retry-After; 0: 5 minutes */
	unsigned tries;             /* of a GET whose transport failed; 0: 3 */
	size_t memory_max; /* body bytes in flight; beyond, only the oldest reads on; 0:
			      none */
	uint64_t seed;     /* of the jitter; 0: from the system */
};

/* What to fetch. All is copied; zero is a fine value for all but url and
 * max_body. */
struct fetch_query {
	const char *url;
	size_t max_body; /* after decoding; a longer one is ERR_LIMIT */

	/* With a body the method is POST, and nothing is tried twice. */
	struct bytes body;
	const char *const *headers; /* "Name: value" */
	size_t header_count;
	const char *etag;          /* sent as If-None-Match */
	const char *last_modified; /* sent as If-Modified-Since */

	int64_t timeout_ms, stall_ms; /* 0: the engine's */
	const char *ca_file;          /* PEM, instead of the engine's; NULL: that */
	const char *budget; /* whose limits count, say an operator's; NULL: the host's */
	uint32_t lane;      /* requests of one budget take turns by lane */
	bool background;    /* goes only when no other of its budget waits */

	bool sniff_gzip; /* inflate a body that begins 1f 8b though no header says so */
	bool allow_file; /* file:///path is read, through a zip file on it as through a
			    folder; a missing file is status 404 */
	bool read_on_bad_tls;  /* a certificate that fails is told, and the body read */
	bool public_addresses; /* refuse loopback, private and link-local ones */
};

struct fetch_result {
	int status;                /* HTTP; 0: no response arrived */
	struct bytes body;         /* of a success; gone when the callback returns */
	const char *error_body;    /* the first of another status, made safe; "" */
	const char *etag;          /* NULL: not sent */
	const char *last_modified; /* NULL: not sent */
	const char *bad_tls; /* why the server's certificate failed; NULL: it did not */
	int64_t retry_after_ms; /* -1: the server did not say, or nonsense */
	int64_t elapsed_ms;     /* of the last try, without the waiting */
	unsigned tries;
	struct fetch_request *request; /* the engine's own */
};

/*
 * err is NULL on success: the status is 2xx, or 304 to a conditional request.
 * Else its code is ERR_NOT_FOUND (404, 410), ERR_LIMIT (the body is too long)
 * or ERR_REMOTE (all else), the result says what arrived, and whether to ask
 * again is the caller's choice. The handle is dead already.
 */
typedef void fetch_done_fn(
    void *owner, struct fetch_result *result, const struct err *err);

/* Loop and clock outlive the engine. NULL with err set on failure. */
struct fetch *fetch_new(struct ev_loop *loop, struct clock *clock,
    const struct fetch_options *, struct err *);

/* Cancels what is under way. Not from inside a callback. */
void fetch_free(struct fetch *);

/* NULL with err set (ERR_CONFIG) when the query cannot be asked at all: a bad
 * URL or scheme. The handle is the engine's and dies with the callback. */
MUST_CHECK struct fetch_request *fetch_submit(struct fetch *, const struct fetch_query *,
    fetch_done_fn *done, void *owner, struct err *);

/* NULL is fine. */
void fetch_cancel(struct fetch_request *);

/* From inside the callback: the body becomes the caller's (mem_free), with a
 * NUL behind it that len does not count. NULL when it is empty. */
uint8_t *fetch_result_take_body(struct fetch_result *, size_t *len);

/* Whether a file:// URL leads to a file that is there now. */
bool fetch_has_file(const char *url);

/* Bytes of bodies that the engine holds, those being read included. */
size_t fetch_bytes_in_flight(const struct fetch *);

/* Sets what a budget, or a host named as in its URL ("ct.example.org:8080"),
 * may be asked from now on. */
void fetch_set_limits(struct fetch *, const char *budget, const struct fetch_limits *);

/* All that was set is forgotten: the engine's limits hold again. */
void fetch_clear_limits(struct fetch *);

/* How a budget stands, for status pages. False where it was never used. */
struct fetch_standing {
	unsigned waiting, in_flight;
	unsigned failures;    /* in a row */
	int64_t rests_for_ms; /* until it is asked again; 0: now */
};
bool fetch_standing(const struct fetch *, const char *budget, struct fetch_standing *);

/* What the engine did since its start, for metrics. */
struct fetch_counts {
	uint64_t begun, done, failed, cancelled, tried_again, bytes;
};
struct fetch_counts fetch_counts(const struct fetch *);
