/*
 * findings - what judging a batch produced: broken rules with their evidence,
 * and findings to be closed.
 *
 * Everything lives in the arena given at birth and dies with it. One finding
 * for each (subject, check, sub-rule), however often it is broken: the first
 * breach is described, `times` counts all.
 */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "check/check.h"
#include "check/judged.h"

#define FINDING_ID_LEN 16

enum finding_subject {
	SUBJECT_CERTIFICATE,
	SUBJECT_CA,
	SUBJECT_ISSUER,
	SUBJECT_LOG,
	SUBJECT_OPERATOR
};
const char *finding_subject_name(enum finding_subject); /* "certificate", ... */

struct finding {
	const struct check *check;
	const struct subrule *subrule;
	enum finding_subject subject;
	struct bytes subject_key; /* certificate: its row's key; CA: SHA-256 of its DER;
				     issuer: SHA-256 of its SPKI; log: the log id;
				     operator: SHA-256 of its name, and of a claim */
	uint8_t id[FINDING_ID_LEN];
	enum check_level level;
	enum time_basis basis;
	bool evaded; /* not in force at notBefore: backdated-over-deadline counts it */
	int64_t row; /* of another certificate than judged: judged.row; 0: not known */
	size_t offset, len;  /* the offending field in the DER; len 0: none */
	const char *message; /* one line, safe to print */
	unsigned times;
	struct evidence *evidence, **evidence_end;
	const struct judged *about; /* NULL: a log, or another certificate than judged */
};

/* A finding that no longer holds: the writer closes the row with this id. */
struct finding_closure {
	uint8_t id[FINDING_ID_LEN];
	const struct check *check;
	const struct subrule *subrule;
	const char *reason; /* static text */
};

/* An increment of a statistic: per issuer and day. */
enum count_basis { COUNT_NB, COUNT_SEEN };
struct finding_count {
	uint8_t issuer_key[32];
	enum count_basis basis;
	int32_t day;      /* days since 1970, UTC */
	const char *name; /* "issued", "issued.sigalg.sha1" */
	uint32_t by;
};

struct findings {
	struct arena *arena;
	struct finding **rows;
	size_t count, room;
	struct finding_closure *closures;
	size_t closure_count, closure_room;
	struct finding_count *counts;
	size_t count_count, count_room;
	/* When set, called for each sub-rule held against a certificate. */
	void (*on_outcome)(void *owner, const struct check *, const struct subrule *,
	    enum check_outcome);
	void *owner;
};

void findings_init(struct findings *, struct arena *);

/* First 16 bytes of SHA-256 over the subject's kind (its name), its key's
 * length (4 bytes, big-endian) and bytes, check id and sub-rule, each text
 * followed by a NUL. */
void finding_id(enum finding_subject, struct bytes key, const char *check,
    const char *subrule, uint8_t out[FINDING_ID_LEN]);

/* --- for the checks -------------------------------------------------------- */

/* One sub-rule held against one certificate (or CA, log). */
struct trial {
	const struct check *check;
	const struct subrule *rule;
	const struct judged *it;
	const struct check_history *history; /* NULL in workers */
	struct in_force force;
	struct findings *out;
	enum finding_subject subject;
	struct bytes subject_key;
	struct finding *finding; /* what it found about its own subject; NULL: nothing */
	bool failed;
	bool not_applicable; /* what the rule looks at is not there */
};

/* The rule is broken. field is the offending part of it->der (its offset is
 * recorded), or empty. The level is the sub-rule's, capped where only the log's
 * clock says that it is in force. Returns the finding, for evidence to be added;
 * NULL when it stood there already, which the evidence functions take. */
struct finding *trial_fail(struct trial *, struct bytes field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with another level than the table's. */
struct finding *trial_fail_at(struct trial *, enum check_level, struct bytes field,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same about another subject (the other member of a pair). it may be NULL. */
struct finding *trial_fail_about(struct trial *, enum finding_subject, struct bytes key,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same about a certificate that a check remembers: its key and its row. */
struct finding *trial_fail_row(struct trial *, const uint8_t key[32], int64_t row,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* This sub-rule's finding about that subject holds no longer. */
void trial_close(
    struct trial *, enum finding_subject, struct bytes key, const char *reason);

/* --- evidence --------------------------------------------------------------- */

/* Keys are static text; inside a list they are NULL. Values are copied. A NULL
 * finding is passed over. */
void evidence_text(struct trial *, struct finding *, const char *key, const char *);
void evidence_bytes(struct trial *, struct finding *, const char *key, struct bytes);
void evidence_int(struct trial *, struct finding *, const char *key, int64_t);
void evidence_bool(struct trial *, struct finding *, const char *key, bool);
void evidence_hex(struct trial *, struct finding *, const char *key, struct bytes);
void evidence_time(struct trial *, struct finding *, const char *key, int64_t ms);
void evidence_object(struct trial *, struct finding *, const char *key);
void evidence_list(struct trial *, struct finding *, const char *key);
void evidence_end(struct trial *, struct finding *); /* closes object or list */

/* Bytes of a certificate as a message may show them: safe, at most max of them,
 * NUL behind; the arena's. */
const char *trial_show(struct trial *, struct bytes, size_t max);

/* One JSON object: the base evidence record of conventions.md (from
 * finding->about) and what the check added. Text from certificates is made safe
 * as text_append_safe() does. False past out's ceiling. */
bool finding_evidence_json(const struct finding *, struct buf *out);
