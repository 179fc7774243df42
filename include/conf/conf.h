/*
 * conf - the configuration file as plain data.
 *
 * What the file says, with defaults filled in and bounds checked, and nothing
 * of what other rooms make of it: names, keys and addresses are text here.
 * Only the two programs include it. Times are in the unit of the name; a
 * value that a block leaves out has been taken from the block or line that it
 * inherits from, so that nobody looks twice.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* Where a block or a name stands: what its reader refuses later is told with it. */
struct conf_where {
	const char *file;
	int line;
};

struct conf_list {
	const char **items;
	size_t count;
};

/* A choice is the index of its word in the option's choices, in this order. */
enum conf_store { CONF_STORE_MATCHED, CONF_STORE_ALL };
enum conf_log_kind { CONF_LOG_STATIC, CONF_LOG_RFC6962 };
enum conf_dates { CONF_DATES_SIGN, CONF_DATES_NB, CONF_DATES_NONE };
enum conf_level { CONF_LEVEL_NOTICE, CONF_LEVEL_WARNING, CONF_LEVEL_ERROR };
enum conf_ca_state {
	CONF_CA_NORMAL,
	CONF_CA_PROBATION,
	CONF_CA_DISTRUSTED,
	CONF_CA_IDLE
};
enum conf_distrust_mode { CONF_DISTRUST_NB, CONF_DISTRUST_SCT, CONF_DISTRUST_LOGGED };
enum conf_commitment_kind { CONF_COMMITMENT_EMBEDDED_SCT, CONF_COMMITMENT_NO_ISSUANCE };
enum conf_start_kind {
	CONF_START_TIP,
	CONF_START_GENESIS,
	CONF_START_INDEX,
	CONF_START_SINCE
};

/* "tip", "genesis", an index, or "since DATE". */
struct conf_start {
	enum conf_start_kind kind;
	uint64_t index;
	int64_t since_ms; /* since 1970 */
};

/* Logs as a list names them. Either file or url is set. */
struct conf_log_list {
	const char *name;
	struct conf_where where;
	const char *file, *url;
	const char *signature; /* file or URL of the list's signature; NULL: unsigned */
	const char *key; /* base64 of the DER SubjectPublicKeyInfo; NULL: see key_file */
	const char *key_file; /* PEM or DER */
	const char *tls_ca;   /* PEM file for an https url, NULL: the system's */
	int64_t refresh_s;
	struct conf_list states;    /* "usable", ...: logs in other states are left out */
	struct conf_list operators; /* none: every operator */
	struct conf_list skip;      /* descriptions or base64 ids of logs to leave out */
	bool test_logs;             /* logs of type test as well */
	bool monitoring_only;
	bool tiles; /* of RFC 6962 logs that have them */
	struct conf_start start;
	int64_t poll_s;
};

/* What the logs of one operator may be asked, together. */
struct conf_operator {
	const char *name; /* as the lists or log blocks have it */
	struct conf_where where;
	int requests_per_minute, requests_in_flight; /* 0: not said */
};

/* One log that the operator names. */
struct conf_log {
	const char *name;
	struct conf_where where;
	const char *url; /* http, https or file; of a static log the monitoring prefix */
	enum conf_log_kind kind;
	bool archived;      /* it takes no more entries */
	const char *tiles;  /* where an rfc6962 log has them too; NULL */
	const char *origin; /* of a static log; NULL: from submission_url, or from url */
	const char *submission_url;
	const char *key, *key_file; /* as above; one of them is set */
	int64_t mmd_s;              /* 0: as its kind has it */
	const char *operator;
	const char *tls_ca;
	struct conf_start start;
	int64_t poll_s;
	struct conf_list known_bad; /* "INDEX:HASH": what the tree holds there */
	bool unproved_start;
};

struct conf_name {
	const char *text;
	int line;
};

/* A domain block holds one name, a domains block those of its file. */
struct conf_domains {
	const char *title;
	struct conf_where where;
	const char *file; /* that the names' lines count in; NULL: a domain block */
	struct conf_name *names;
	size_t count;
	struct conf_list allowed_issuers; /* none: every new certificate is news */
	struct conf_list profiles;        /* "dv", "ov", "iv", "ev"; none: any */
	struct conf_list suppress;        /* issuers, or keys of certificates: no news */
	int64_t quota;                    /* certificates in 30 days; 0: any number */
	bool lookalikes;                  /* names that imitate these match, too */
};

/* From which day on a root program trusts no new certificate of a CA. */
struct conf_distrust {
	const char *program;
	enum conf_distrust_mode mode;
	int64_t date_s;
};

/* A root program that includes a CA's roots; "none": it is said that none does. */
struct conf_program {
	const char *name;
	int64_t from_s, until_s; /* 0: not said; still */
};

/* A promise of a CA that its certificates can be held against. */
struct conf_commitment {
	enum conf_commitment_kind kind;
	int64_t from_s, until_s; /* 0: no end */
};

/* A number that a CA published. */
struct conf_claim {
	const char *text;   /* as it stands */
	const char *metric; /* "issued", "misissued", "serious", "failed.CHECK" */
	int64_t from_s, until_s;
	int64_t count;
	int tolerance_percent;
};

/* A CA or operator to follow. */
struct conf_ca {
	const char *name;
	struct conf_where where;
	struct conf_list spki; /* SHA-256 of a SubjectPublicKeyInfo, 64 hex digits */
	struct conf_list certificates; /* files of CA certificates, PEM or DER */
	struct conf_list subjects;     /* issuer DNs, as "CN=..., O=..., C=CN" */
	struct conf_list organizations;
	enum conf_ca_state state;
	int64_t idle_since_s;       /* 0: not said */
	int time_zone_minutes;      /* east of UTC */
	struct conf_list hosts;     /* of its AIA and CRL URLs */
	struct conf_list policies;  /* its policy OIDs, in dots */
	struct conf_list partners;  /* names of ca blocks whose infrastructure it uses */
	struct conf_list announced; /* keys of CAs announced beforehand, 64 hex digits */
	struct conf_program *programs;
	size_t program_count;
	struct conf_list customers_outside; /* programs */
	struct conf_distrust *distrust;
	size_t distrust_count;
	struct conf_commitment *commitments;
	size_t commitment_count;
	int64_t *holidays;        /* days since 1970 */
	const char *holiday_file; /* more of them; NULL: none */
	size_t holiday_count;
	struct conf_claim *claims;
	size_t claim_count;
};

struct conf_checks {
	struct conf_where where;
	struct conf_list disable; /* ids */
	enum conf_dates dates;
	int64_t clock_skew_s;      /* what clocks may be apart */
	int64_t backdate_grace_s;  /* notBefore may lie this far before the SCTs */
	int64_t backdate_notice_s; /* from here on it is noticed */
	int64_t twin_window_s;     /* the same names and key from two operators */
	int64_t forward_notice_s;  /* notBefore this far ahead of the log is noticed */
	int64_t late_grace_s;      /* logged this long after notBefore */
	int64_t twin_dates_s;      /* the same names, logged so close, dated apart */
	int64_t precert_retry_s;   /* two precertificates for one order */
	int64_t final_wait_s;      /* for the final of a precertificate */
	int64_t precert_wait_s;    /* for the precertificate of a final */
	int cluster_min;           /* certificates dated to one day */
	int late_batch;            /* certificates logged late within one hour */
	int max_san;               /* names of one certificate */
	int tenant_learn;          /* names below a host's domain */
	int64_t tenant_window_s;   /* a tenant's own certificate before */
	int serial_slack;          /* bits */
	int serial_population;     /* serial numbers of one issuer */
	int watched_an_hour;       /* certificates for a watched domain */
	int min_orgs;              /* owners of domains with one key */
	int cdn_domains;           /* of one certificate, that make its key a host's */
	int profile_min, profile_rare, profile_settled; /* certificates */
	struct conf_list test_words, test_sites, allow_suffixes;
	bool require_verified; /* only SCTs that verify count */
	bool shared_factors;   /* RSA keys are held against each other */
	bool optional_rules;   /* rules that are off by themselves as well */
	/* lists in the place of our own; NULL: none */
	const char *psl_file, *tld_file, *country_file, *special_file, *tenant_file,
	    *blocked_key_file;
	struct conf_list weak_key_files;
};

/* What every sink has. */
struct conf_sink {
	const char *name;
	struct conf_where where;
	enum conf_level level; /* the least that is sent */
	struct conf_list only; /* check ids and event kinds; none: all */
	struct conf_list skip;
	int64_t give_up_s;   /* an alert this old becomes a dead letter */
	int64_t timeout_s;   /* for one delivery */
	const char *ca_file; /* PEM; NULL: the system's */
};

struct conf_syslog {
	struct conf_sink sink;
	const char *address;  /* unix:/dev/log, udp://host:port, tcp://..., tls://... */
	int facility;         /* RFC 5424, 6.2.1: 0 to 23 */
	const char *hostname; /* NULL: the machine's */
	int max_message;      /* bytes; 0: 2048 over UDP, 8192 elsewhere */
};

struct conf_webhook {
	struct conf_sink sink;
	const char *url;
	const char *secret_file; /* NULL: unsigned */
};

struct conf {
	const char *file;
	struct conf_list include; /* the files that were read after it */

	/* places */
	const char *state_dir;
	const char *database;
	const char *control;
	const char *pid_file; /* NULL: none is written */

	/* what is stored and for how long; 0: for good */
	enum conf_store store;
	int64_t keep_heads_s;
	int64_t keep_unmatched_s;
	int64_t keep_delivered_s;

	/* bounds */
	int cache_mb;  /* the database's page cache */
	int bodies_mb; /* decoded bodies in flight */
	int workers;   /* 0: everything in one thread */

	/* reading */
	const char *contact;     /* for the user agent; NULL: none given */
	int requests_per_second; /* to one host */
	int requests_in_flight;
	int64_t poll_s;
	struct conf_start start;
	int64_t
	    news_since_s; /* what was logged since is news to any watch; 0: not said */
	int64_t new_log_max;
	int64_t roots_s;
	int64_t heartbeat_s; /* 0: never */
	bool unproved_start;

	/* talking */
	int log_level; /* as enum log_level: error, warning, info, debug */

	struct conf_log_list *log_lists;
	size_t log_list_count;
	struct conf_operator *operators;
	size_t operator_count;
	struct conf_log *logs;
	size_t log_count;
	struct conf_domains *domains;
	size_t domains_count;
	struct conf_ca *cas;
	size_t ca_count;
	struct conf_checks checks;
	struct conf_syslog *syslogs;
	size_t syslog_count;
	struct conf_webhook *webhooks;
	size_t webhook_count;

	struct arena arena; /* holds all of the above, */
	struct arena names; /* but for what files of domains name */
};

/* Reads file and what it includes. On failure conf holds nothing and err says
 * "FILE:LINE: KEY: what is wrong; what to write instead" (ERR_CONFIG). */
MUST_CHECK bool conf_load(const char *path, struct conf *, struct err *);

/* The same from memory, for tests and fuzzing: includes and files of domains
 * are refused. name stands for the file in errors. */
MUST_CHECK bool conf_parse(
    struct bytes text, const char *name, struct conf *, struct err *);

void conf_free(struct conf *); /* fine on a zeroed or freed one */

/* The names of domains may be many: whoever has taken them lets them go. */
void conf_forget_names(struct conf *);

/* "FILE:LINE: " in front of what err says, as conf_load writes it. Returns
 * false. For what a block's reader refuses. */
bool conf_wrap(struct err *err, struct conf_where where);

/* The n-th thing that is allowed but probably not meant (nothing is watched, no
 * contact given, no sink, ...), appended to out; false when there is no n-th. */
bool conf_warning(const struct conf *, size_t n, struct buf *out);
