/*
 * fake_logs - test logs behind the fake fetch: each answers below its URL as
 * the real server would (tests/lib/testlog), its faults turned into what the
 * engine would make of them.
 */
#pragma once
#include "tests/fake/fake_fetch.h"
#include "tests/lib/testlog.h"

enum { FAKE_LOGS_MAX = 128 };

struct fake_logs {
	struct {
		const char *url; /* ends in "/" */
		struct testlog *log;
		bool background; /* its last request was one */
	} logs[FAKE_LOGS_MAX];
	size_t count;
	const struct clock *clock; /* for dates in Retry-After; NULL: it stands still */
	char etag[200], last_modified[200]; /* of the reply being made */
};

void fake_logs_add(struct fake_logs *, const char *url, struct testlog *);

/* A fake_fetch_fn, with the struct fake_logs as its owner; other URLs: status 0. */
fake_fetch_fn fake_logs_answer;
