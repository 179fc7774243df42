/*
 * httpd - a real HTTP/1.1 server on loopback for the tools of the test tree:
 * libmicrohttpd, a thread a connection, and every way to answer badly that
 * struct testlog_answer knows.
 *
 * The handler is called from many threads.
 */
#pragma once
#include <stdint.h>

#include "tests/lib/testlog.h"

struct httpd;

struct httpd_request {
	const char *method;
	const char *target; /* as it stood in the request line, nothing decoded */
	struct bytes body;  /* borrowed; at most 16 MiB */
	const void *connection;
};

/* A header's value, NULL when the request has none; case does not matter. */
const char *httpd_header(const struct httpd_request *, const char *name);

typedef void httpd_fn(
    void *owner, const struct httpd_request *request, struct testlog_answer *answer);

/* Listens on 127.0.0.1; port 0: any. ERR_SYSTEM. */
struct httpd *httpd_new(uint16_t port, httpd_fn *, void *owner, struct err *);
uint16_t httpd_port(const struct httpd *);
/* Ends slow and hanging answers too. */
void httpd_free(struct httpd *);
