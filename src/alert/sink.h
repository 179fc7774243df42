/*
 * sink - one way to tell people: the face of a kind of sink.
 *
 * To add one: a file with its struct sink_kind, a row in sink.c, its test.
 */
#pragma once
#include "alert/alert.h"
#include "base/buf.h"
#include "crypto/digest.h"

/* Where a sink lives. */
struct sink_world {
	struct ev_loop *loop;
	struct clock *clock;
	struct fetch *fetch;
	const char *user_agent;
};

enum sink_outcome {
	SINK_DELIVERED,
	SINK_TROUBLE, /* the sink is not well: others would fare no better */
	SINK_REFUSED, /* it is well, and does not take this one */
};

struct sink_sent {
	enum sink_outcome outcome;
	int64_t retry_after_ms; /* -1: it did not say */
	const char *why;        /* safe to print; "" when delivered */
};

/* One call for each send() that was true, never from inside it, none after
 * close(). */
typedef void sink_sent_fn(void *owner, const struct sink_sent *);

/* The payload is the documented JSON and borrowed for the call. */
struct sink_message {
	struct bytes id; /* NOTICE_ID_LEN */
	struct bytes payload;
	sink_sent_fn *sent; /* NULL: nobody asks */
	void *owner;
};

struct sink_kind {
	const char *name;
	size_t in_flight; /* deliveries at a time */
	bool direct;      /* also carries what cannot go through the store */

	/* Reads its files, touches no network. NULL with ERR_CONFIG. The options
	 * are borrowed; world may be NULL for a look whether it would open. */
	void *(*open)(
	    const struct alert_sink_options *, const struct sink_world *, struct err *);
	void (*close)(void *sink);
	/* False with err set: it cannot take this one at all, and makes no call. */
	bool (*send)(void *sink, const struct sink_message *, struct err *);
};

extern const struct sink_kind SINK_SYSLOG, SINK_WEBHOOK;

const struct sink_kind *sink_kind_find(const char *name, struct err *);

/* Of what stands in the options' files: a reload takes a new secret. */
void sink_files_digest(const struct alert_sink_options *, struct sha256 *out);

/* --- syslog's parts --------------------------------------------------------- */

enum syslog_transport { SYSLOG_UNIX, SYSLOG_UDP, SYSLOG_TCP, SYSLOG_TLS };

struct syslog_address {
	enum syslog_transport transport;
	char host[256]; /* of unix: the path */
	char port[8];
};
MUST_CHECK bool syslog_address_parse(
    const char *url, struct syslog_address *, struct err *);

#define SYSLOG_MESSAGE_LEAST 480 /* RFC 5424, 6.1: every receiver takes so much */

struct syslog_origin {
	int facility;
	const char *hostname; /* "" or NULL: not known */
	long process_id;
	size_t max_message;
};

/* RFC 5424, 6: one message from an alert's payload, replacing out's contents;
 * at most max_message bytes, no control characters. ERR_PARSE when the payload
 * is no JSON object. */
MUST_CHECK bool syslog_format(
    const struct syslog_origin *, struct bytes payload, struct buf *out, struct err *);

/* --- the webhook's signature --------------------------------------------------- */

/* Lower-case hex of HMAC-SHA-256 over "TIMESTAMP.BODY"; hex has room for 65. */
void webhook_sign(struct bytes secret, int64_t unix_s, struct bytes body, char *hex);
