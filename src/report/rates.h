/*
 * rates - what the counts asked for (rates.c) and those of all others beside them
 * (peers.c) share.
 */
#pragma once
#include "check/interval.h"
#include "report/report_priv.h"
#include "store/certificate.h"

bool rates_key_listed(const uint8_t (*keys)[32], size_t count, struct bytes spki);
bool rates_asked_of(const struct report_rates *, const struct issuer_row *);

/* Percent with as many places as tell something; returns out. */
const char *rates_percent(double rate, char out[32]);
const char *rates_between(struct rate_interval, char out[80]); /* "0.1 % to 0.2 %" */
void rates_put(struct json *, uint64_t count, uint64_t total); /* rate, low, high */

/* What is counted behind the prefix from the first day to the last. */
MUST_CHECK bool peers_append(struct report *, struct store *, const struct report_rates *,
    const char *prefix, int32_t first, int32_t last, struct err *);
