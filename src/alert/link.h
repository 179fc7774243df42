/*
 * link - a connection that never makes the loop wait: a name's addresses, a
 * socket of datagrams or a stream, TLS on it where that is asked for.
 */
#pragma once
#include "alert/sink.h"

/* --- a name's addresses, without waiting ------------------------------------ */

struct addrinfo;
struct resolve;

/* err is NULL on success; the list is the callee's (freeaddrinfo). */
typedef void resolve_fn(void *owner, struct addrinfo *list, const struct err *err);

/* One call of fn from the clock, none after resolve_cancel. The look-up runs
 * in a thread of its own, which a cancel leaves to end by itself. */
struct resolve *resolve_start(struct clock *, const char *host, const char *port,
    int socket_type, resolve_fn *fn, void *owner);
void resolve_cancel(struct resolve *); /* NULL is fine */

/* --- TLS on a socket that never waits ---------------------------------------- */

struct tls_context; /* what is trusted: one a sink */
struct tls;         /* one connection */

/* ca_file NULL: the system's. NULL with ERR_CONFIG where the file is no use. */
struct tls_context *tls_context_new(const char *ca_file, struct err *);
void tls_context_free(struct tls_context *); /* NULL is fine */

/* A client on a connected socket that stays the caller's; the server has to
 * prove to be host (a name or an address). Low-level failures give NULL. */
struct tls *tls_new(struct tls_context *, int fd, const char *host, struct err *);
void tls_free(struct tls *); /* NULL is fine; says goodbye where that is free */

enum tls_step { TLS_DONE, TLS_WANTS_READ, TLS_WANTS_WRITE, TLS_FAILED };

/* TLS_FAILED sets err (ERR_VERIFY when the certificate is not the host's). */
MUST_CHECK enum tls_step tls_handshake(struct tls *, struct err *);
MUST_CHECK enum tls_step tls_write(
    struct tls *, struct bytes, size_t *taken, struct err *);
MUST_CHECK enum tls_step tls_read_away(struct tls *, struct err *);

/* --- a connection, plain or TLS, or a datagram socket ------------------------ */

struct link;

struct link_options {
	struct syslog_address address;
	const char *ca_file; /* NULL: the system's */
	struct ev_loop *loop;
	struct clock *clock;
	void (*on_ready)(void *owner); /* it is up, and may take more bytes */
	/* It is down. */
	void (*on_broken)(void *owner, const struct err *err);
	void *owner;
};

/* Copies what it needs, touches no network. NULL with ERR_CONFIG. */
struct link *link_new(const struct link_options *, struct err *);
void link_free(struct link *); /* NULL is fine */

/* Brings it up, where it is not: on_ready or on_broken follows, from a later
 * turn of the loop. How long that may take is the owner's to say (link_stop). */
void link_start(struct link *);

/* Takes it down without a call. */
void link_stop(struct link *);

enum link_took {
	LINK_TOOK,    /* *taken bytes; of a datagram all */
	LINK_WAIT,    /* on_ready comes when there is room again */
	LINK_REFUSED, /* a datagram too long for the socket */
	LINK_BROKEN,  /* err says why; the caller stops the link */
};
/* When it is up. */
enum link_took link_send(struct link *, struct bytes, size_t *taken, struct err *);

/* Whether the peer's kernel has all that was sent. LINK_TOOK: it has. */
enum link_took link_confirm(struct link *, struct err *);
