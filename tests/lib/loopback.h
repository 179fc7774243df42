/*
 * loopback - a small HTTP server on 127.0.0.1, a thread a connection, for
 * tests of what speaks HTTP: it says exactly the bytes that it is told to.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct loopback;
struct loopback_conn;

struct loopback_request {
	const char *method, *path;
	const char *head; /* request line and headers, whole */
	const char *body;
	size_t body_len;
};

/* Answers one request by loopback_write() and its like; returns whether the
 * connection stays. Runs in the connection's thread. */
typedef bool loopback_fn(
    void *owner, struct loopback_conn *, const struct loopback_request *);

/* A port of the system's choice. */
struct loopback *loopback_start(loopback_fn *, void *owner);

/* Over TLS, with a new self-signed certificate for the name (localhost),
 * written as PEM to pem_path where that is not NULL. */
struct loopback *loopback_start_tls(
    loopback_fn *, void *owner, const char *name, const char *pem_path);

/* Closes all connections and waits for their threads. */
void loopback_stop(struct loopback *);

int loopback_port(const struct loopback *);
unsigned loopback_connections(const struct loopback *); /* accepted so far */

/* False when the other side is gone, or the server stops. */
bool loopback_write(struct loopback_conn *, const void *data, size_t len);
bool loopback_format(struct loopback_conn *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool loopback_sleep(struct loopback_conn *, int ms);

/* "HTTP/1.1 STATUS", the headers ("A: b\r\n"...), Content-Length, the body. */
bool loopback_reply(struct loopback_conn *, int status, const char *headers,
    const void *body, size_t len);
