/*
 * notice - what is told to people: the id of an alert, the text that carries
 * it, and the rule that turns a storm into a count.
 *
 * Pure. Who fills the outbox (monitor) and who empties it (alert) both stand
 * above it. Knows neither rows nor sinks.
 */
#pragma once
#include <stdint.h>

#include "base/buf.h"

#define NOTICE_VERSION     1  /* of the JSON below */
#define NOTICE_ID_LEN      16 /* bytes; 32 hex digits in text */
#define NOTICE_NAMES_MAX   10 /* names of a certificate that are listed */
#define NOTICE_IDS_MAX     10 /* ids that a digest lists */
#define NOTICE_PAYLOAD_MAX ((size_t)64 * 1024)

enum notice_kind {
	NOTICE_FINDING,    /* a check found something in a certificate */
	NOTICE_EVENT,      /* befell a log, list, sink, clock or the store */
	NOTICE_WITHDRAWAL, /* what was told before is taken back */
	NOTICE_DIGEST,     /* so many of one group, or so much history */
	NOTICE_HEARTBEAT,  /* the daemon is alive */
};

/* The syslog severity and the colour of a mail follow from it. */
enum notice_level { NOTICE_LEVEL_NOTICE, NOTICE_LEVEL_WARNING, NOTICE_LEVEL_ERROR };

/* "finding", "event", ... and "notice", "warning", "error". */
const char *notice_kind_name(enum notice_kind);
const char *notice_level_name(enum notice_level);
bool notice_level_parse(const char *name, enum notice_level *);

/* --- the id ---------------------------------------------------------------
 *
 * The first 128 bits of SHA-256 over what the alert is about, each part with
 * its length before it. Never a row id: after a power cut, a restored backup
 * or on a second machine the same thing has the same id, and receivers drop
 * doubles by it. */
struct notice_subject {
	enum notice_kind kind;
	struct bytes
	    key; /* what it is about: issuer key, serial and TBS hash; a log id */
	const char *check;   /* check id, or the event's kind */
	const char *subrule; /* NULL and "" are the same */
	uint64_t generation; /* 0, and one more each time it opens again */
};
void notice_id(const struct notice_subject *, uint8_t id[NOTICE_ID_LEN]);

/* --- the text -------------------------------------------------------------
 *
 * The JSON object that webhooks receive and `ctwarden alerts --json` prints;
 * ctwarden-alerts(5) documents each member. All pointers are borrowed. Bytes
 * that come from certificates go in raw and come out safe to print. */
struct notice_sighting {
	const char *log; /* its name in the configuration or the list */
	uint64_t index;
	int64_t timestamp_ms; /* the log's */
};

struct notice_certificate {
	uint8_t sha256[32];        /* of the DER that was seen */
	struct bytes issuer;       /* rendered DN */
	struct bytes serial;       /* content octets */
	struct bytes subject;      /* rendered DN */
	const struct bytes *names; /* the first of them */
	size_t names_len;     /* how many stand in names; more than 10 are not shown */
	uint64_t names_count; /* how many there are */
	int64_t not_before_s, not_after_s;
	bool precert;
};

/* The signed head that covers it, once there is one. */
struct notice_head {
	const char *log;
	uint64_t tree_size;
	uint8_t root_hash[32];
	int64_t timestamp_ms;
};

struct notice {
	enum notice_kind kind;
	uint8_t id[NOTICE_ID_LEN];
	const char *check;   /* check id, or the event's kind */
	const char *subrule; /* NULL: none */
	enum notice_level level;
	const char *title;    /* one line, ours */
	struct bytes message; /* one line, may hold bytes of a certificate */
	int64_t time_ms;      /* when it was found */
	const char *watch;    /* NULL: none */
	const struct notice_certificate *certificate; /* NULL: it is not about one */
	const struct notice_sighting *sightings;
	size_t sightings_len;
	struct bytes evidence;          /* a JSON object, or empty */
	const struct notice_head *head; /* NULL: pending where there are sightings */
	const uint8_t *withdraws;       /* NULL, or the id that is taken back */
	int64_t database_id;            /* row of the finding or event; 0: none */
};

/* Replaces out's contents (make it with NOTICE_PAYLOAD_MAX). What would not
 * fit is left out from the large parts first (evidence, then names and
 * sightings) and the object says "shortened": true; so it always succeeds. */
void notice_payload(const struct notice *, struct buf *out);

/* --- for whom ---------------------------------------------------------------
 *
 * What the writer knows of a sink: one outbox row is made for each that takes
 * the alert. Texts are borrowed. */
struct notice_sink {
	const char *name;
	enum notice_level least;
	const char *const *only; /* check ids and event kinds; none: all */
	size_t only_len;
	const char *const *skip;
	size_t skip_len;
};
bool notice_sink_takes(const struct notice_sink *, const char *check, enum notice_level);

/* --- many of one kind -----------------------------------------------------
 *
 * One group is (check, CA or watch) at one sink: five singly, then a count
 * every 15 minutes, until an hour is quiet. */
#define NOTICE_GROUP_SINGLY    5
#define NOTICE_GROUP_WINDOW_MS (INT64_C(15) * 60 * 1000)
#define NOTICE_GROUP_QUIET_MS  (INT64_C(60) * 60 * 1000)

/* The group's name: check and what is watched (name of the watch, or hex of
 * the CA's key hash; NULL or "": the check alone). Replaces out's contents. */
void notice_group(const char *check, const char *watch, struct buf *out);

/* What went before in a group, newest first; five are enough. */
struct notice_before {
	int64_t created_ms;
	bool counted; /* it went into a count, not out singly */
};

/* Shall an alert made at created_ms be counted instead of sent by itself? */
bool notice_is_counted(
    const struct notice_before *before, size_t before_len, int64_t created_ms);

/* A count of what was held back: a notice of its own, whose id follows from
 * what it counts. */
struct notice_digest {
	const char *check, *watch; /* watch may be NULL */
	enum notice_level level;   /* the highest among them */
	uint64_t count;
	const uint8_t (*ids)[NOTICE_ID_LEN]; /* the first of them */
	size_t ids_len;
	int64_t first_ms, last_ms; /* when the first and the last were made */
	int64_t time_ms;           /* now */
	bool history;              /* what was issued before the watch began */
};
void notice_digest(
    const struct notice_digest *, uint8_t id[NOTICE_ID_LEN], struct buf *out);
