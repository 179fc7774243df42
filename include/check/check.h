/*
 * check - the catalogue of rules on certificates, and how one is written down.
 *
 * A check is one row in its family's table; a sub-rule is the unit that is
 * dated, cited and compared with other linters: it applies or not, is in force
 * or not, and holds or fails. Everything here is constant data and pure
 * functions: the same checks run in the daemon's workers, in `ctwarden lint`,
 * in the tests and in the fuzzers.
 *
 * ../shared/design/checks/ is the catalogue; conventions.md is what the words
 * below mean.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct check;
struct judged;   /* check/judged.h: one certificate with what is known about it */
struct findings; /* check/findings.h */
struct check_history;
struct trial;

/* What a check needs to see, which decides where it runs. */
enum check_scope {
	SCOPE_CERTIFICATE, /* C: one certificate; in a worker */
	SCOPE_PAIR,        /* P: with another form, member or its issuer; in the writer */
	SCOPE_ISSUER,      /* I: with what its issuer issued before; in the writer */
	SCOPE_CA,          /* A: a CA certificate, with the others; in the writer */
	SCOPE_LOG,         /* L: a log */
	SCOPE_STATISTIC,   /* S: counts over a period */
	SCOPE_REVOCATION,  /* R: CRLs and OCSP */
	SCOPE_LIST,        /* X: a list from outside */
};

/* Ordered: a higher one is worse. */
enum check_level { LEVEL_NOTICE, LEVEL_WARNING, LEVEL_ERROR };

enum check_outcome { OUTCOME_NA, OUTCOME_NE, OUTCOME_PASS, OUTCOME_FAIL };

/* The midnight UTC of a date, in Unix seconds, as a constant: DATE(2016, 1, 1). */
#define DATE_ERA_YEAR(y, m)    ((y) - ((m) <= 2 ? 1 : 0))
#define DATE_DAY_OF_YEAR(m, d) ((153 * ((m) + ((m) > 2 ? -3 : 9)) + 2) / 5 + (d)-1)
#define DATE(y, m, d)                                                                    \
	((int64_t)86400 *                                                                \
	    (DATE_ERA_YEAR(y, m) * 365 + DATE_ERA_YEAR(y, m) / 4 -                       \
		DATE_ERA_YEAR(y, m) / 100 + DATE_ERA_YEAR(y, m) / 400 +                  \
		DATE_DAY_OF_YEAR(m, d) - 719468))

#define DATE_ALWAYS INT64_MIN /* from: since ever */
#define DATE_NEVER  INT64_MAX /* until: no end; 0 in a table means the same */

typedef bool judged_fn(const struct judged *);
typedef void trial_fn(struct trial *);

enum subrule_flag {
	/* The dates choose which of several limits holds, so notBefore decides even in
	 * date mode `none`. */
	RULE_WINDOW = 1,
	/* Not a breach of a MUST: left out of error rates. */
	RULE_NOT_COUNTED = 2,
	/* Left out unless params->with_off_rules. */
	RULE_OFF = 4,
	/* It is about the dates themselves: notBefore decides in every date mode. */
	RULE_NB = 8,
	/* A window that today's text names no longer: out of force in mode `none`. */
	RULE_PAST = 16,
	/* The oldest window that today's text still names: since ever in mode `none`. */
	RULE_OLDEST = 32,
	/* Of a check with history, but this one needs none: a certificate that no log
	 * showed (`ctwarden lint`) is held against it as well. */
	RULE_ALONE = 64,
	/* It asks what was stored before: held in the writer, whatever its check's
	 * scope. */
	RULE_PAIR = 128,
};

/* A number that a rule compares with: one more or less, and a test has to fail. */
struct rule_limit {
	const char *of; /* what is counted: "days" */
	int64_t value;  /* of a date: Unix seconds */
};

struct subrule {
	const char *name;   /* unique in its check */
	const char *source; /* "BR 7.1.3 (Ballot 118)" */
	int64_t from;       /* Unix seconds; 0 or DATE_ALWAYS: always */
	int64_t until;      /* first second out of force; 0: no end */
	enum check_level level;
	unsigned flags;
	judged_fn *applies; /* NULL: whenever the check applies */
	trial_fn *run;      /* calls trial_fail() when the rule is broken */
	int64_t arg;        /* for run: a bit mask, an OID, which of several things */
	const struct rule_limit *limits; /* for run: up to one without `of`; NULL: none */
	const char *text;                /* for run: an OID's name, an attribute */
	/* What other linters call it: "zlint:e_...; pkilint:...". */
	const char *equivalents;
	trial_fn *due;     /* the second look that run() asked for (history.h) */
	const char *needs; /* as of a check: this part of it waits, and has no run */
};

/* What the writer must be able to answer for a check: check/history.h. */
enum check_history_need {
	HISTORY_MEMBERS = 1,    /* certificates by issuer and serial */
	HISTORY_FORMS = 2,      /* the forms of a certificate */
	HISTORY_CA_BY_KEY = 4,  /* CA certificates by key */
	HISTORY_CA_BY_NAME = 8, /* CA certificates by subject */
	HISTORY_BY_KEY = 16,    /* certificates by subject key */
	HISTORY_COUNTERS = 32,  /* statistics */
	HISTORY_SIGHTINGS = 64, /* where and when it was logged */
	HISTORY_COVERAGE = 256, /* what was read of a log */
	HISTORY_STATE = 128,    /* what the check itself remembers */
};

/* Data that is read from files and may be replaced: what a check looks at is or'ed
 * in its row as DATA(kind), so that other data means judging again. */
enum check_data_kind {
	CHECK_DATA_PSL,          /* public suffixes */
	CHECK_DATA_TLDS,         /* top-level domains with dates */
	CHECK_DATA_COUNTRIES,    /* ISO 3166-1 codes with dates */
	CHECK_DATA_BLOCKS,       /* IANA's special-purpose addresses */
	CHECK_DATA_TENANTS,      /* domains whose sub-domains are others' */
	CHECK_DATA_WEAK_KEYS,    /* of Debian's generator */
	CHECK_DATA_BLOCKED_KEYS, /* known to be compromised */
	CHECK_DATA_HOLIDAYS,     /* days on which an operator does not work */
	CHECK_DATA_KINDS
};
#define DATA(kind) (1U << CHECK_DATA_##kind)

struct check {
	const char *id;
	int version; /* raised when its verdicts change: stored with each finding */
	enum check_scope scope;
	const char *says;  /* one sentence for people */
	const char *needs; /* NULL, or the data it waits for: "crl", "ccadb", "case" */
	unsigned history;  /* enum check_history_need, or'ed */
	unsigned data;     /* DATA(...), or'ed */
	/* SCOPE_CERTIFICATE: also held against CA certificates that stand in chains
	 * and root lists; a watched CA's own are judged there alone. */
	bool of_cas;
	judged_fn *applies; /* NULL: always */
	/* The check that it asks, which counts what it is asked of: the two are judged
	 * again together or not at all. NULL: none. */
	const char *with;
	const struct subrule *subrules;
	size_t subrule_count;
};

struct check_family {
	const char *name; /* its file in src/check/ and in the catalogue */
	const struct check *checks;
	size_t count;
};

#define CHECKS_MAX 256

/* The registry: a check's number is its place there, below check_count(). */
size_t check_count(void);
const struct check *check_at(size_t number);
const struct check_family *check_family_of(size_t number);
const struct check *check_find(const char *id, size_t *number); /* NULL: unknown */
/* Whether its errors are what error rates count as mis-issued (error-rate, the set
 * `misissuance`). */
bool check_is_misissuance(const struct check *);
/* The set `serious`: errors of names and dates. What a CA validated, and what a case
 * confirmed, waits for cases. */
bool check_is_serious(const struct check *);
/* A finding's sub-rule may have ":" and for whom it holds behind its name. */
const struct subrule *check_subrule(const struct check *, const char *name);

/* The catalogue's version, stored with findings: "2026-09.1". */
const char *check_catalogue_version(void);

const char *check_level_name(enum check_level);     /* "error", "warning", "notice" */
const char *check_scope_name(enum check_scope);     /* "certificate", "pair", ... */
const char *check_outcome_name(enum check_outcome); /* "NA", "NE", "pass", "fail" */

/* Whether the sub-rule lists this equivalent ("zlint:e_..."). */
bool subrule_has_equivalent(const struct subrule *, const char *equivalent);

/* Walks the equivalents: start with *at = 0; false at the end. */
struct bytes;
bool subrule_next_equivalent(const struct subrule *, size_t *at, struct bytes *out);
