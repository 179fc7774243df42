/*
 * tell - findings and events become rows, and rows of the outbox where they
 * are news. In the writer, inside its transaction.
 */
#pragma once
#include "monitor/writer.h"
#include "notice/notice.h"
#include "store/evidence.h"
#include "store/finding.h"

/* What a finding was found on. */
struct told_about {
	const struct batch *batch;         /* NULL: no entry */
	const struct entry *entry;         /* on which it was found; NULL: none */
	uint32_t log;                      /* number, where there is no batch */
	int64_t certificate;               /* number; 0: none */
	uint32_t issuer;                   /* number; 0: none */
	const struct judged *judged;       /* of the certificate, or of a CA's */
	const struct sha256 *sha256;       /* of its DER */
	uint32_t watch;                    /* in the snapshot, or WATCH_NOT_FOUND */
	bool history;                      /* from before the watch: counted only */
	bool silent;                       /* a row, no alert */
	int64_t rescan;                    /* the one that judged it; 0: none */
	const struct head_mark *proved_by; /* NULL: pending */
};

/* All findings are stored; new ones, and those that open again, are told. */
MUST_CHECK bool tell_findings(
    struct writer *, const struct findings *, const struct told_about *, struct err *err);

/* Closes the row of this id, where it is open, and tells that it is taken back
 * (withdrawn) or only ends. */
MUST_CHECK bool tell_closed(struct writer *, const uint8_t id[FINDING_ID_LEN],
    const char *why, bool withdraw, struct err *err);

/* An event begins, or ends. */
struct told_event {
	const char *kind;
	struct bytes subject;
	uint32_t log; /* 0: none */
	enum notice_level level;
	const char *message;
	const char *evidence;               /* JSON, or NULL */
	const struct exhibit_row *exhibits; /* their about is not looked at */
	size_t exhibit_count;
	bool moment;        /* begins and ends at once: each subject once, */
	const char *detail; /* for each of these (NULL: none), */
	int64_t moment_ms;  /* and each of these */
	bool ends;
	bool silent; /* a row, no alert */
};
MUST_CHECK bool tell_event(struct writer *, const struct told_event *, struct err *err);

/* A sign of life for every sink, whatever levels it takes: no row but theirs. */
MUST_CHECK bool tell_heartbeat(
    struct writer *, const char *message, const char *evidence, struct err *err);

/* Keeps them with the event or finding of this id. */
MUST_CHECK bool tell_exhibits(struct writer *, struct bytes id,
    const struct exhibit_row *exhibits, size_t count, struct err *err);

/* The counts of what was history of this log become one alert for each check
 * and watch. */
MUST_CHECK bool tell_history(struct writer *, uint32_t log, struct err *err);
