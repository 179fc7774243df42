#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "alert/link.h"
#include "base/clock.h"
#include "base/mem.h"

#define POLL_FIRST_MS 2
#define POLL_MOST_MS  100

/* What thread and loop share; the last of the two frees it. */
struct look_up {
	char *host, *port;
	int socket_type, flags;
	struct addrinfo *list; /* the thread's until done */
	int failure;           /* of getaddrinfo */
	atomic_bool done;
	atomic_int holders;
};

struct resolve {
	struct look_up *look_up;
	struct clock *clock;
	struct clock_timer *timer;
	int64_t poll_ms;
	resolve_fn *fn;
	void *owner;
};

static void
let_go(struct look_up *look_up)
{
	if (atomic_fetch_sub(&look_up->holders, 1) != 1)
		return;
	if (look_up->list != NULL)
		freeaddrinfo(look_up->list);
	mem_free(look_up->host);
	mem_free(look_up->port);
	mem_free(look_up);
}

static void
ask(struct look_up *look_up)
{
	struct addrinfo hints = {
	    .ai_socktype = look_up->socket_type, .ai_flags = look_up->flags};

	look_up->failure =
	    getaddrinfo(look_up->host, look_up->port, &hints, &look_up->list);
	atomic_store(&look_up->done, true);
}

static void *
run_thread(void *argument)
{
	struct look_up *look_up = argument;

	ask(look_up);
	let_go(look_up);
	return NULL;
}

/* A number needs no name server, and no thread. */
static bool
ask_number(struct look_up *look_up)
{
	look_up->flags = AI_NUMERICHOST | AI_NUMERICSERV;
	ask(look_up);
	if (look_up->failure == 0)
		return true;
	atomic_store(&look_up->done, false);
	look_up->flags = AI_ADDRCONFIG | AI_NUMERICSERV;
	return false;
}

static void
start_thread(struct look_up *look_up)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, (size_t)1024 * 1024);
	atomic_fetch_add(&look_up->holders, 1);
	if (pthread_create(&thread, &attributes, run_thread, look_up) != 0) {
		atomic_fetch_sub(&look_up->holders, 1);
		look_up->failure = EAI_AGAIN;
		atomic_store(&look_up->done, true);
	}
	pthread_attr_destroy(&attributes);
}

static void
on_poll(void *owner)
{
	struct resolve *resolve = owner;
	struct look_up *look_up = resolve->look_up;
	struct resolve told = *resolve;
	struct addrinfo *list;
	struct err err = {0};

	resolve->timer = NULL;
	if (!atomic_load(&look_up->done)) {
		resolve->timer =
		    clock_after(resolve->clock, resolve->poll_ms, on_poll, resolve);
		resolve->poll_ms = resolve->poll_ms * 2 > POLL_MOST_MS
		    ? POLL_MOST_MS
		    : resolve->poll_ms * 2;
		return;
	}
	list = look_up->list;
	look_up->list = NULL;
	if (look_up->failure != 0)
		err_set(&err, ERR_REMOTE, "cannot resolve %.200s: %s", look_up->host,
		    gai_strerror(look_up->failure));
	resolve_cancel(resolve);
	told.fn(told.owner, list, err.code != ERR_NONE ? &err : NULL);
}

struct resolve *
resolve_start(struct clock *clock, const char *host, const char *port, int socket_type,
    resolve_fn *fn, void *owner)
{
	struct resolve *resolve = mem_zero(1, sizeof(*resolve));
	struct look_up *look_up = mem_zero(1, sizeof(*look_up));

	look_up->host = mem_text(host);
	look_up->port = mem_text(port);
	look_up->socket_type = socket_type;
	atomic_init(&look_up->holders, 1);
	*resolve = (struct resolve){.look_up = look_up,
	    .clock = clock,
	    .poll_ms = POLL_FIRST_MS,
	    .fn = fn,
	    .owner = owner};
	if (!ask_number(look_up))
		start_thread(look_up);
	resolve->timer = clock_after(clock, 0, on_poll, resolve);
	return resolve;
}

void
resolve_cancel(struct resolve *resolve)
{
	if (resolve == NULL)
		return;
	clock_cancel(resolve->clock, resolve->timer);
	let_go(resolve->look_up);
	mem_free(resolve);
}
