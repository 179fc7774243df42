/*
 * What the parts of fetch share: the engine, its hosts and its requests.
 *
 *   engine.c   the life of a request, from submit to its callback
 *   queue.c    who goes next: hosts, their lanes, budgets
 *   request.c  one transfer: curl's handle and what it says
 *   sockets.c  curl's sockets and timer on the loop; which addresses are public
 *   file.c     file:// URLs          inflate.c  gzip that no header told of
 *   archive.c  zip files on such     zip.c      their members
 *   host.c     rates and rests       retry.c    what an end means    (both pure)
 */
#pragma once
#include <curl/curl.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/map.h"
#include "fetch/archive.h"
#include "fetch/fetch.h"
#include "fetch/host.h"
#include "fetch/inflate.h"
#include "fetch/retry.h"

enum {
	ERROR_BODY_MAX = 500,
	ERROR_READ_MAX =
	    65536, /* an error's body is read so far, to keep its connection */
	HEADER_TEXT_MAX = 256,
	SAFE_TEXT_MAX = 8192, /* of such a body or message, made safe */
};

struct request_list {
	struct fetch_request *first, *last;
};

struct budget {
	char *name;
	struct bucket bucket;
	unsigned in_flight, waiting;
	unsigned lanes; /* that share it */
	bool fixed;     /* somebody set its limits: it is never forgotten */
};

struct lane {
	uint32_t id;
	struct budget *budget; /* of its last request */
	struct pace pace;
	unsigned in_flight;
	uint64_t served;                /* when it went last, by the engine's count */
	struct request_list waiting[2]; /* [1]: background */
	struct lane *next;
};

struct host {
	char *name; /* "ct.example.org", "ct.example.org:8080" */
	struct budget *budget;
	struct pace pace;
	unsigned in_flight, waiting;
	struct lane *lanes;
	char *bad_tls;    /* why its certificate failed; NULL */
	char *bad_tls_ca; /* and under which CA file; NULL: the engine's */
	int64_t bad_tls_until_ms;
};

enum request_state { REQUEST_WAITING, REQUEST_RUNNING, REQUEST_DONE };

struct fetch_request {
	struct fetch *fetch;
	enum request_state state;
	fetch_done_fn *done;
	void *owner;
	struct fetch_request *next, *prev; /* in the one list that it is in */

	/* the query, copied */
	char *url;
	char *host_name; /* "" for file:// */
	struct buf body;
	struct curl_slist *headers;
	char *etag, *last_modified;
	char *ca_file; /* NULL: the engine's */
	size_t max_body;
	int64_t timeout_ms, stall_ms;
	bool background, sniff_gzip, allow_file, read_on_bad_tls, public_addresses;

	struct host *host; /* NULL for file:// */
	struct budget *budget;
	struct lane *lane;

	/* the transfer */
	CURL *easy;
	struct clock_timer *watch;
	char curl_error[CURL_ERROR_SIZE];
	int64_t begun_ms, progress_ms; /* monotonic */
	unsigned tries;
	bool unverified; /* TLS, after it failed */
	bool paused;     /* memory is short */
	bool too_long;   /* the body passed its ceiling */
	bool private_address;

	/* the response */
	int status;
	struct buf received; /* the body of a success, the beginning of another's */
	size_t error_seen;   /* bytes of another's body */
	char retry_after[HEADER_TEXT_MAX], date[HEADER_TEXT_MAX];
	char new_etag[HEADER_TEXT_MAX], new_last_modified[HEADER_TEXT_MAX];
	char location[HEADER_TEXT_MAX];
};

struct fetch {
	struct ev_loop *loop;
	struct clock *clock;
	struct fetch_options options;
	CURLM *multi;
	struct clock_timer *curl_timer;
	struct clock_timer *kick; /* runs the queue in the loop's next turn */
	struct clock_timer *rest; /* runs it when the next host may be asked */
	struct map hosts, budgets;
	size_t hosts_most;           /* beyond, idle hosts are forgotten */
	struct request_list files;   /* file:// requests that wait */
	struct request_list running; /* oldest first */
	uint64_t served, random;
	size_t bytes;
	struct fetch_counts counts;
	struct archives *archives; /* zip files that file:// URLs lead through; NULL */
	bool in_callback;
};

/* request.c */
struct fetch_request *request_new(
    struct fetch *, const struct fetch_query *, struct err *);
void request_free(struct fetch_request *);
MUST_CHECK bool request_start(struct fetch_request *, struct err *); /* a fresh try */
void request_stop(struct fetch_request *);                           /* away from curl */
enum transport request_transport(const struct fetch_request *, CURLcode);
bool request_succeeded(const struct fetch_request *, enum transport);
void request_drop_body(struct fetch_request *);
int64_t request_retry_after_ms(const struct fetch_request *);
void request_error(
    const struct fetch_request *, enum transport, const char *safe_body, struct err *);

void request_list_append(struct request_list *, struct fetch_request *);
void request_list_prepend(struct request_list *, struct fetch_request *);
void request_list_remove(struct request_list *, struct fetch_request *);

/* queue.c */
struct budget *queue_budget(struct fetch *, const char *name);
void queue_place(struct fetch_request *, const char *budget, uint32_t lane);
void queue_enter(struct fetch_request *, bool in_front);
void queue_leave(struct fetch_request *); /* it waits no more */
void queue_begin(struct fetch_request *); /* it goes: counts as in flight */
void queue_end(struct fetch_request *);   /* it came back */
void queue_judge(struct fetch_request *, enum transport, bool succeeded);
/* The next that may go; NULL, and how long until one may (-1: nobody waits for
 * time alone). */
struct fetch_request *queue_next(struct fetch *, int64_t *wait_ms);
void queue_free(struct fetch *);

/* sockets.c */
bool sockets_init(struct fetch *);
void sockets_fini(struct fetch *);
bool address_is_public(const struct sockaddr *);
curl_socket_t on_open_socket(
    void *request, curlsocktype purpose, struct curl_sockaddr *address);

/* engine.c */
void engine_collect(struct fetch *); /* asks curl who is through */

/* file.c: fills status and received, as a server's answer would. */
enum transport file_read(struct fetch_request *);
