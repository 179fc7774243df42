/*
 * alert - carries what stands in the outbox to the sinks.
 *
 * Lives on the loop's thread (the process ignores SIGPIPE) and only reads the database:
 * whoever writes it tells alert_wake(), and is told by settle() what became of each row.
 * Until alert_settled() comes back the row is remembered, so that it is not sent twice in
 * between; a crash in between sends it again with the same id.
 *
 * Each sink has its own clock: one that hangs, refuses or is gone keeps its
 * rows in the database and slows nobody. Rows that no sink took for long
 * enough become dead, are listed by `ctwarden alerts` and can be sent again.
 */
#pragma once
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "notice/notice.h"
#include "store/outbox.h"

struct alert;
struct clock;
struct ev_loop;
struct fetch;
struct store;

/* One `sink` block of the configuration. Texts are borrowed for the call. */
struct alert_sink_options {
	const char *name;        /* ours: the outbox's rows name it */
	const char *kind;        /* "syslog", "webhook" */
	const char *url;         /* syslog: unix:/dev/log, udp://host:514, tcp://host:514,
				    tls://host:6514; webhook: https://... */
	const char *ca_file;     /* NULL: what the system trusts */
	const char *secret_file; /* webhook: the HMAC key; NULL: unsigned */
	int facility;            /* syslog: RFC 5424, 6.2.1: 0 to 23 */
	const char *hostname;    /* syslog: NULL: the machine's */
	size_t max_message;      /* syslog: bytes; 0: 2048 over UDP, 8192 elsewhere */
	int64_t timeout_ms;      /* of one delivery; 0: 30 s */
	int64_t give_up_ms;      /* age at which a row is dead; 0: 7 days */
};

/* Whether open() would take them, without touching the network: for
 * `ctwardend -n`. Secret and CA files are read. ERR_CONFIG names the remedy. */
MUST_CHECK bool alert_sink_check(const struct alert_sink_options *, struct err *);

/* What became of some rows. The batch is the owner's from here on: it has the
 * writer store each result in one transaction, sets batch->stored and hands it
 * back by alert_settled(). Called from the loop. */
typedef void alert_settle_fn(void *owner, struct outbox_batch *batch);

/* A sink has failed for some minutes, or (failing is false) is well again: for
 * an event that the other sinks tell. Called from the loop. */
typedef void alert_trouble_fn(
    void *owner, const char *sink, bool failing, const char *why);

struct alert_options {
	const struct alert_sink_options *sinks; /* borrowed for the call */
	size_t sinks_len;
	struct ev_loop *loop;
	struct clock *clock;
	struct fetch *fetch;    /* webhooks go out by it */
	const char *user_agent; /* where a sink's ca_file asks for an engine of its own */
	struct store *store;    /* a reader of our own; only this room uses it */
	alert_settle_fn *settle;
	alert_trouble_fn *trouble; /* may be NULL */
	void *owner;
};

/* Loop, clock, fetch, store and owner outlive it. NULL with err set where a
 * sink's options are bad. Nothing is sent before the loop runs. */
struct alert *alert_new(const struct alert_options *, struct err *);

/* Breaks off what is in flight: those rows stay pending and are sent at the
 * next start, again where the receiver had them already. */
void alert_free(struct alert *);

/* A reload. A sink whose options are unchanged keeps its connection, its clock
 * and what it has in flight. On error all stay as they were. */
MUST_CHECK bool alert_set_sinks(struct alert *, const struct alert_sink_options *sinks,
    size_t sinks_len, struct err *);

/* The outbox has new rows, or an operator sent some again. Cheap: the reading
 * happens in a later turn of the loop. */
void alert_wake(struct alert *);

/* The batch is back from the writer, and is this room's again. Where it could
 * not be stored it is handed to settle() again a little later. */
void alert_settled(struct alert *, struct outbox_batch *batch);

/* What the store itself suffers cannot go through it: straight to the syslog
 * sinks, tried once, kept nowhere. check names the trouble ("store-full"). */
void alert_direct(struct alert *, enum notice_level, const char *check, const char *text);

/* How a sink does, for `ctwarden status` and SIGUSR1; borrowed for the call. */
struct alert_sink_state {
	const char *name, *kind;
	uint64_t delivered, failed; /* since the start */
	size_t in_flight;
	int64_t paused_ms;      /* until the next try; 0: not paused */
	const char *last_error; /* "": none since the last delivery */
};
typedef void alert_sink_fn(void *owner, const struct alert_sink_state *);
void alert_each_sink(const struct alert *, alert_sink_fn *, void *owner);
