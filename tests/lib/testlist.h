/*
 * testlist - a log list (Google's v3 schema) of test logs, and its signature.
 */
#pragma once
#include "tests/lib/testlog.h"

/* One log of the list. */
struct testlist_row {
	const struct testlog *log;
	const char *url;    /* where it is read; ends in "/" */
	const char *run_by; /* NULL: "Test operator" */
	const char *state;  /* NULL: usable */
};

/* Writes dir/log_list.json, log_list.sig (RSA PKCS #1 v1.5, SHA-256, over its
 * bytes), list-key.pem (public; the private one in list-key.private.pem is
 * kept and used again) and for each log NAME.key: its key in base64. */
MUST_CHECK bool testlist_write(const char *dir, const struct testlist_row *rows,
    size_t count, int64_t now_ms, struct err *);

/* Signs dir/log_list.json anew, after a test has edited it. */
MUST_CHECK bool testlist_sign(const char *dir, struct err *);
