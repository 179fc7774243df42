#include <arpa/inet.h>
#include <ev.h>
#include <netinet/in.h>
#include <string.h>

#include "base/mem.h"
#include "fetch/fetch_priv.h"

struct socket_watch {
	ev_io io; /* first: the callback casts back */
	struct fetch *fetch;
};

static void
on_io(struct ev_loop *loop, ev_io *io, int events)
{
	struct fetch *fetch = ((struct socket_watch *)io)->fetch;
	int action = (events & EV_READ ? CURL_CSELECT_IN : 0) |
	    (events & EV_WRITE ? CURL_CSELECT_OUT : 0);
	int running;

	(void)loop;
	curl_multi_socket_action(fetch->multi, io->fd, action, &running);
	engine_collect(fetch);
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *engine, void *known)
{
	struct fetch *fetch = engine;
	struct socket_watch *watch = known;
	int events =
	    (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0);

	(void)easy;
	if (watch != NULL)
		ev_io_stop(fetch->loop, &watch->io);
	if (what == CURL_POLL_REMOVE) {
		curl_multi_assign(fetch->multi, fd, NULL);
		mem_free(watch);
		return 0;
	}
	if (watch == NULL) {
		watch = mem_zero(1, sizeof(*watch));
		watch->fetch = fetch;
		curl_multi_assign(fetch->multi, fd, watch);
	}
	ev_io_init(&watch->io, on_io, fd, events);
	ev_io_start(fetch->loop, &watch->io);
	return 0;
}

static void
on_time(void *owner)
{
	struct fetch *fetch = owner;
	int running;

	fetch->curl_timer = NULL;
	curl_multi_socket_action(fetch->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	engine_collect(fetch);
}

/* Only arms: no call of libcurl belongs here. */
static int
on_timer(CURLM *multi, long timeout_ms, void *engine)
{
	struct fetch *fetch = engine;

	(void)multi;
	clock_cancel(fetch->clock, fetch->curl_timer);
	fetch->curl_timer = NULL;
	if (timeout_ms >= 0)
		fetch->curl_timer = clock_after(fetch->clock, timeout_ms, on_time, fetch);
	return 0;
}

bool
sockets_init(struct fetch *fetch)
{
	fetch->multi = curl_multi_init();
	if (fetch->multi == NULL)
		return false;
	curl_multi_setopt(fetch->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(fetch->multi, CURLMOPT_SOCKETDATA, fetch);
	curl_multi_setopt(fetch->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(fetch->multi, CURLMOPT_TIMERDATA, fetch);
	curl_multi_setopt(fetch->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
	curl_multi_setopt(fetch->multi, CURLMOPT_MAXCONNECTS, 128L);
	return true;
}

void
sockets_fini(struct fetch *fetch)
{
	if (fetch->multi != NULL)
		curl_multi_cleanup(fetch->multi);
	clock_cancel(fetch->clock, fetch->curl_timer);
	fetch->curl_timer = NULL;
}

/* RFC 6890's special blocks, multicast, and what was never given out. */
static bool
public4(uint32_t address)
{
	static const struct {
		uint32_t net;
		unsigned bits;
	} SPECIAL[] = {
	    {0x00000000, 8},  /* this network */
	    {0x0a000000, 8},  /* private */
	    {0x64400000, 10}, /* shared, RFC 6598 */
	    {0x7f000000, 8},  /* loopback */
	    {0xa9fe0000, 16}, /* link-local */
	    {0xac100000, 12}, /* private */
	    {0xc0000000, 24}, /* protocol assignments */
	    {0xc0000200, 24}, /* documentation */
	    {0xc0a80000, 16}, /* private */
	    {0xc6120000, 15}, /* benchmarks */
	    {0xc6336400, 24}, /* documentation */
	    {0xcb007100, 24}, /* documentation */
	    {0xe0000000, 3},  /* multicast and reserved */
	};

	for (size_t i = 0; i < ARRAY_LEN(SPECIAL); i++)
		if ((address ^ SPECIAL[i].net) >> (32 - SPECIAL[i].bits) == 0)
			return false;
	return true;
}

/* Global unicast is 2000::/3; in it and beside it an IPv4 address may hide. */
static bool
public6(const uint8_t *a)
{
	static const uint8_t MAPPED[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t NAT64[12] = {0x00, 0x64, 0xff, 0x9b};

	if (memcmp(a, MAPPED, 12) == 0 || memcmp(a, NAT64, 12) == 0)
		return public4(be32(a + 12));
	if (a[0] == 0x20 && a[1] == 0x02) /* 6to4 */
		return public4(be32(a + 2));
	if (a[0] == 0x20 && a[1] == 0x01 && a[2] < 2) /* Teredo and other special uses */
		return false;
	if (be32(a) == 0x20010db8) /* documentation */
		return false;
	return a[0] >> 5 == 1;
}

bool
address_is_public(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		return public4(ntohl(in.sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		return public6(in6.sin6_addr.s6_addr);
	}
	return false;
}

curl_socket_t
on_open_socket(void *owner, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct fetch_request *request = owner;

	(void)purpose;
	if (!address_is_public(&address->addr)) {
		request->private_address = true;
		return CURL_SOCKET_BAD;
	}
	return socket(
	    address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}
