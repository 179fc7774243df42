/*
 * retry - what a request's end means: for the server, and for the request.
 *
 * Pure functions over what happened; the engine acts on them.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* How a transfer went, apart from what the server said. */
enum transport {
	TRANSPORT_OK,
	TRANSPORT_UNREACHED, /* no connection: name, connect, handshake */
	TRANSPORT_BAD_TLS,   /* the server's certificate does not verify */
	TRANSPORT_BROKEN,    /* ended in the middle */
	TRANSPORT_STALLED,
	TRANSPORT_SLOW,     /* took longer than the whole may take */
	TRANSPORT_TOO_LONG, /* more body than allowed */
	TRANSPORT_REFUSED,  /* we do not go there */
};

/* Whom the end of a request gives a rest. */
enum trouble {
	TROUBLE_NONE,
	TROUBLE_LANE, /* what was asked for: one log of those on the host */
	TROUBLE_HOST,
};

#define RETRY_AFTER_MIN_MS 1000
#define RETRY_AFTER_MAX_MS 3600000

/* The Transport's name for an error's text. */
const char *transport_name(enum transport);

/* status 0: none arrived; retry_after_ms -1: not said. */
enum trouble retry_trouble(enum transport, int status, int64_t retry_after_ms);

/* Whether the engine itself asks again; tries counts those made. */
bool retry_again(
    enum transport, int status, bool idempotent, unsigned tries, unsigned max);

/* RFC 9110, 10.2.3: seconds or a date, and the dates that logs send in its
 * place (wire-formats.md 8). now_ms is the server's idea of now where it said
 * it. Milliseconds from now, clamped; -1 for a past date or nonsense. */
int64_t retry_after_parse(const char *text, int64_t now_ms);

/* Any date a server sends; milliseconds since 1970, -1 for nonsense. */
int64_t retry_date_parse(const char *text);

/* How long to rest after so many failures in a row (from 1): doubling from a
 * second, up to a quarter more by chance. */
int64_t retry_backoff_ms(unsigned failures, int64_t max_ms, uint64_t *random);

/* xorshift64*: the jitter's; state is never 0. */
uint64_t retry_random(uint64_t *state);
