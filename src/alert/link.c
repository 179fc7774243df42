#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "alert/link.h"
#include "base/clock.h"
#include "base/mem.h"

#define READS_A_TURN 16 /* what a peer sends is thrown away, so many times 1 KB */

enum link_state {
	LINK_DOWN,
	LINK_STARTING,   /* in the next turn */
	LINK_RESOLVING,  /* waits for the host's addresses */
	LINK_CONNECTING, /* TCP */
	LINK_HANDSHAKE,  /* TLS */
	LINK_UP,
};

struct link {
	struct link_options options;
	enum link_state state;
	int fd; /* -1: none */
	ev_io io;
	struct clock_timer *timer; /* the first turn */
	struct resolve *resolve;
	struct addrinfo *addresses, *address; /* all, and the one being tried */
	struct tls_context *tls_context;      /* NULL: no TLS */
	struct tls *tls;
	bool wants_room; /* a send had to wait */
};

struct link *
link_new(const struct link_options *options, struct err *err)
{
	struct link *link = mem_zero(1, sizeof(*link));

	link->options = *options;
	link->options.ca_file = NULL; /* read here, borrowed no longer */
	link->fd = -1;
	if (options->address.transport == SYSLOG_TLS &&
	    (link->tls_context = tls_context_new(options->ca_file, err)) == NULL) {
		link_free(link);
		return NULL;
	}
	return link;
}

void
link_free(struct link *link)
{
	if (link == NULL)
		return;
	link_stop(link);
	tls_context_free(link->tls_context);
	mem_free(link);
}

static bool
is_stream(const struct link *link)
{
	return link->options.address.transport == SYSLOG_TCP ||
	    link->options.address.transport == SYSLOG_TLS;
}

static void
close_socket(struct link *link)
{
	tls_free(link->tls);
	link->tls = NULL;
	if (link->fd < 0)
		return;
	ev_io_stop(link->options.loop, &link->io);
	close(link->fd);
	link->fd = -1;
}

void
link_stop(struct link *link)
{
	clock_cancel(link->options.clock, link->timer);
	link->timer = NULL;
	resolve_cancel(link->resolve);
	link->resolve = NULL;
	close_socket(link);
	if (link->addresses != NULL)
		freeaddrinfo(link->addresses);
	link->addresses = link->address = NULL;
	link->wants_room = false;
	link->state = LINK_DOWN;
}

static void
broken(struct link *link, const struct err *err)
{
	link_stop(link);
	link->options.on_broken(link->options.owner, err);
}

static void
watch(struct link *link, int events)
{
	ev_io_stop(link->options.loop, &link->io);
	ev_io_set(&link->io, link->fd, events);
	ev_io_start(link->options.loop, &link->io);
}

static void
get_up(struct link *link)
{
	link->state = LINK_UP;
	watch(link, EV_READ);
	link->options.on_ready(link->options.owner);
}

static void
shake_hands(struct link *link)
{
	struct err err = {0};

	switch (tls_handshake(link->tls, &err)) {
	case TLS_DONE:
		get_up(link);
		break;
	case TLS_WANTS_READ:
		watch(link, EV_READ);
		break;
	case TLS_WANTS_WRITE:
		watch(link, EV_WRITE);
		break;
	case TLS_FAILED:
		broken(link, &err);
		break;
	}
}

static void
connected(struct link *link)
{
	struct err err = {0};

	if (link->tls_context == NULL) {
		get_up(link);
		return;
	}
	link->tls =
	    tls_new(link->tls_context, link->fd, link->options.address.host, &err);
	if (link->tls == NULL) {
		broken(link, &err);
		return;
	}
	link->state = LINK_HANDSHAKE;
	shake_hands(link);
}

static void on_io(struct ev_loop *, ev_io *, int events);

/* False: this address is no good. */
static bool
begin_connect(struct link *link, int family, const struct sockaddr *address,
    socklen_t len, struct err *err)
{
	static const int YES = 1;
	int type = is_stream(link) ? SOCK_STREAM : SOCK_DGRAM;

	link->fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (link->fd < 0)
		return err_set(err, ERR_SYSTEM, "no socket: %s", strerror(errno));
	ev_io_init(&link->io, on_io, link->fd, EV_READ);
	link->io.data = link;
	if (type == SOCK_STREAM)
		setsockopt(link->fd, SOL_SOCKET, SO_KEEPALIVE, &YES, sizeof(YES));
	if (connect(link->fd, address, len) == 0) {
		connected(link);
		return true;
	}
	if (errno == EINPROGRESS) {
		link->state = LINK_CONNECTING;
		watch(link, EV_WRITE);
		return true;
	}
	err_set(err, ERR_REMOTE, "cannot connect to %.150s: %s",
	    link->options.address.host, strerror(errno));
	close_socket(link);
	return false;
}

/* The next address that takes us, or the end with what the last one said. */
static void
try_addresses(struct link *link, struct err *err)
{
	while (link->address != NULL) {
		const struct addrinfo *at = link->address;

		link->address = at->ai_next;
		if (begin_connect(link, at->ai_family, at->ai_addr, at->ai_addrlen, err))
			return;
	}
	broken(link, err);
}

static void
on_resolved(void *owner, struct addrinfo *list, const struct err *failure)
{
	struct link *link = owner;
	struct err err = {.code = ERR_REMOTE, .text = "no address"};

	link->resolve = NULL;
	if (failure != NULL) {
		broken(link, failure);
		return;
	}
	link->addresses = link->address = list;
	try_addresses(link, &err);
}

static void
open_unix(struct link *link)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct err err = {0};

	/* syslog_address_parse made sure that it fits. */
	memcpy(address.sun_path, link->options.address.host,
	    strnlen(link->options.address.host, sizeof(address.sun_path) - 1));
	if (!begin_connect(
		link, AF_UNIX, (const struct sockaddr *)&address, sizeof(address), &err))
		broken(link, &err);
}

static void
on_start(void *owner)
{
	struct link *link = owner;
	const struct syslog_address *address = &link->options.address;

	link->timer = NULL;
	if (address->transport == SYSLOG_UNIX) {
		open_unix(link);
		return;
	}
	link->state = LINK_RESOLVING;
	link->resolve = resolve_start(link->options.clock, address->host, address->port,
	    is_stream(link) ? SOCK_STREAM : SOCK_DGRAM, on_resolved, link);
}

void
link_start(struct link *link)
{
	if (link->state != LINK_DOWN)
		return;
	link->state = LINK_STARTING;
	link->timer = clock_after(link->options.clock, 0, on_start, link);
}

static bool
peer_closed(struct err *err)
{
	return err_set(err, ERR_REMOTE, "the other side closed the connection");
}

/* Takes what the peer says and throws it away; false: it has gone. */
static bool
read_away_tls(struct link *link, struct err *err)
{
	for (int i = 0; i < READS_A_TURN; i++) {
		switch (tls_read_away(link->tls, err)) {
		case TLS_DONE:
			break;
		case TLS_WANTS_READ:
		case TLS_WANTS_WRITE:
			return true;
		case TLS_FAILED:
			return false;
		}
	}
	return true; /* the rest when more comes */
}

static bool
read_away(struct link *link, struct err *err)
{
	char away[1024];

	if (link->tls != NULL)
		return read_away_tls(link, err);
	for (int i = 0; i < READS_A_TURN; i++) {
		ssize_t got = recv(link->fd, away, sizeof(away), MSG_DONTWAIT);

		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return true;
		if (got < 0)
			return err_set(err, ERR_REMOTE, "%.150s: %s",
			    link->options.address.host, strerror(errno));
		if (got == 0 && is_stream(link))
			return peer_closed(err);
	}
	return true; /* the loop comes back for the rest */
}

/* How a connect ended, or what came back to a datagram. */
static bool
socket_is_well(struct link *link, struct err *err)
{
	int failure = 0;
	socklen_t len = sizeof(failure);

	if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &failure, &len) != 0)
		failure = errno;
	if (failure == 0)
		return true;
	return err_set(err, ERR_REMOTE, "cannot reach %.150s: %s",
	    link->options.address.host, strerror(failure));
}

static void
on_io(struct ev_loop *loop, ev_io *io, int events)
{
	struct link *link = io->data;
	struct err err = {0};

	(void)loop;
	if (link->state == LINK_CONNECTING) {
		if (socket_is_well(link, &err)) {
			connected(link);
		} else {
			close_socket(link);
			try_addresses(link, &err);
		}
	} else if (link->state == LINK_HANDSHAKE) {
		shake_hands(link);
	} else if ((events & EV_READ) && !read_away(link, &err)) {
		broken(link, &err);
	} else if (link->wants_room) {
		link->wants_room = false;
		watch(link, EV_READ);
		link->options.on_ready(link->options.owner);
	}
}

static enum link_took
wait_for(struct link *link, int events)
{
	link->wants_room = true;
	watch(link, EV_READ | events);
	return LINK_WAIT;
}

static enum link_took
send_tls(struct link *link, struct bytes data, size_t *taken, struct err *err)
{
	switch (tls_write(link->tls, data, taken, err)) {
	case TLS_DONE:
		return LINK_TOOK;
	case TLS_WANTS_READ:
		return wait_for(link, 0);
	case TLS_WANTS_WRITE:
		return wait_for(link, EV_WRITE);
	case TLS_FAILED:
		break;
	}
	return LINK_BROKEN;
}

enum link_took
link_send(struct link *link, struct bytes data, size_t *taken, struct err *err)
{
	ssize_t sent;

	*taken = 0;
	if (link->state != LINK_UP)
		return LINK_WAIT;
	if (link->tls != NULL)
		return send_tls(link, data, taken, err);
	sent = send(link->fd, data.data, data.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent >= 0) {
		*taken = (size_t)sent;
		return LINK_TOOK;
	}
	if (errno == EAGAIN || errno == EINTR)
		return wait_for(link, EV_WRITE);
	if (errno == EMSGSIZE)
		return LINK_REFUSED;
	err_set(err, ERR_REMOTE, "cannot send to %.150s: %s", link->options.address.host,
	    strerror(errno));
	return LINK_BROKEN;
}

enum link_took
link_confirm(struct link *link, struct err *err)
{
	int unsent = 0;

	if (!socket_is_well(link, err) || !read_away(link, err))
		return LINK_BROKEN;
	if (is_stream(link) && ioctl(link->fd, SIOCOUTQ, &unsent) == 0 && unsent > 0)
		return LINK_WAIT;
	return LINK_TOOK;
}
