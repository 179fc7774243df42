/*
 * report - what the database says, as tables for people or JSON for programs.
 *
 * Reads by pages and writes between them, so that a slow terminal never keeps
 * the daemon from trimming its log. Nothing that comes from a certificate is
 * written raw. Where nothing was found the answer ends with what it covers.
 */
#pragma once
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

struct report; /* one answer on its way */
struct store;

/* Text of an answer, a page at a time. False: nobody reads any more; the rest
 * is not asked for. */
typedef bool report_write_fn(void *owner, struct bytes text);

/* now_ms is for ages. */
struct report *report_new(bool json, int64_t now_ms, report_write_fn *write, void *owner);
void report_free(struct report *);

/* Every answer: false with err set when the database fails; found is the
 * number of things listed. */

/* daemon: the object that the daemon answers "status" with; NULL: it does not
 * run; "": it cannot be asked. */
MUST_CHECK bool report_status(struct report *, struct store *, const char *path,
    const char *daemon, uint64_t *found, struct err *);

/* daemon: as above. */
MUST_CHECK bool report_logs(
    struct report *, struct store *, const char *daemon, uint64_t *found, struct err *);

struct report_coverage {
	const char *ca;  /* its watch: since when its family is complete; or NULL */
	const char *log; /* its name; NULL: all */
	int64_t from_ms, to_ms; /* when entries were logged; 0: any */
};
/* found: logs that are covered. */
MUST_CHECK bool report_coverage(struct report *, struct store *,
    const struct report_coverage *, uint64_t *found, struct err *);

/* What the configuration says of a watched CA. */
struct report_ca_state {
	const char *name, *state;
	const char *const *notes; /* a line each */
	size_t note_count;
};
struct report_ca {
	const char *name; /* NULL: a line for each CA */
	const struct report_ca_state *states;
	size_t state_count;
};
/* found: its keys, or the CAs. */
MUST_CHECK bool report_ca(struct report *, struct store *, const struct report_ca *,
    uint64_t *found, struct err *);

struct report_search {
	const char *name; /* as the operator writes it, also in UTF-8 */
	bool exact;       /* not what lies below */
	bool all_stored;  /* store = "all": no watch is needed for a "none found" */
	uint64_t most;    /* 0: all */
};
MUST_CHECK bool report_search(struct report *, struct store *,
    const struct report_search *, uint64_t *found, struct err *);

/* id: decimal, 64 or 32 hex digits. pem: of a certificate only its forms. */
MUST_CHECK bool report_show(struct report *, struct store *, const char *id, bool pem,
    uint64_t *found, struct err *);

struct report_findings {
	const char *check; /* NULL: any */
	int level;         /* enum check_level: the least */
	const char *log;   /* its name; NULL: any */
	int64_t since_ms;  /* first seen; 0: any */
	bool closed;       /* those that hold no longer, too */
	uint64_t most;     /* 0: all */
};
MUST_CHECK bool report_findings(struct report *, struct store *,
    const struct report_findings *, uint64_t *found, struct err *);

/* check, level and closed are not looked at. */
MUST_CHECK bool report_events(struct report *, struct store *,
    const struct report_findings *, uint64_t *found, struct err *);

struct report_alerts {
	bool dead;        /* only those that were given up */
	const char *sink; /* NULL: any */
	uint64_t most;    /* 0: all */
};
MUST_CHECK bool report_alerts(struct report *, struct store *,
    const struct report_alerts *, uint64_t *found, struct err *);

struct report_rescans {
	int64_t number; /* only this one; 0: any */
	uint64_t most;  /* the newest first */
};
MUST_CHECK bool report_rescans(struct report *, struct store *,
    const struct report_rescans *, uint64_t *found, struct err *);

enum report_by {
	REPORT_BY_PERIOD,
	REPORT_BY_HOUR,
	REPORT_BY_DAY,
	REPORT_BY_MONTH,
	REPORT_BY_YEAR
};
#define REPORT_NO_TIME INT64_MIN

/* Whom rates are set beside: another CA's issuers. */
struct report_peer {
	const char *name;
	const uint8_t (*keys)[32];
	size_t key_count;
};

struct report_rates {
	const char *ca;            /* only issuers with one of these keys; NULL: any */
	const uint8_t (*keys)[32]; /* SHA-256 of SubjectPublicKeyInfos */
	size_t key_count;
	const char *issuer;     /* key in hex, or name as answers show it; NULL: any */
	int64_t from_ms, to_ms; /* days from, and before; REPORT_NO_TIME: any */
	enum report_by by;
	bool seen;          /* by when it was signed or seen, not by notBefore */
	const char *split;  /* "key": issuance by its values; NULL: not at all */
	const char *checks; /* ids with commas between; NULL: all, where by period */
	bool with_peers;    /* the same period of all other issuers beside it */
	const struct report_peer *peers; /* issuers of none of these stand alone */
	size_t peer_count;
};
/* found: certificates counted. */
MUST_CHECK bool report_rates(struct report *, struct store *, const struct report_rates *,
    uint64_t *found, struct err *);
