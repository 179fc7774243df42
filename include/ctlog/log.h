/*
 * log - what a log is and what it promised: key, kind, addresses, delays.
 *
 * Immutable and counted, so that a batch may hold on to the log it was read
 * from while the list is replaced.
 */
#pragma once
#include "crypto/verify.h"
#include "wire/loglist.h"

enum ct_log_kind {
	CT_LOG_RFC6962,
	CT_LOG_STATIC, /* static-ct-api */
};

struct ct_log {
	struct sha256 id;
	struct key *key;
	enum ct_log_kind kind;
	const char *name; /* short, printable ASCII, for log lines: "argon2027h1" */
	const char *operator_name, *description; /* from the list: hostile text */
	const char *url;        /* reading: ends in one "/"; "" where unknown */
	const char *submission; /* static: the submission prefix; else url */
	const char *origin;     /* checkpoints: of the submission URL */
	const char *tiles;      /* RFC 6962: where it also serves tiles; "" */
	int64_t mmd_ms;

	enum log_state state;
	int64_t state_since_ms;
	enum log_type type;
	bool has_interval;
	int64_t start_ms, end_ms;
	bool has_final_head;
	uint64_t final_size;
	struct sha256 final_root;
	const struct log_list_operator *previous;
	size_t previous_count;
	bool bogus, mimic;
};

/* A copy of what the entry says. NULL with the entry's own error, or where the
 * key is of no kind that logs may have (RFC 6962, 2.1.4). */
struct ct_log *ct_log_from_list(const struct log_list_entry *, struct err *);

/* A log that no list names: key is SPKI DER; submission NULL: same as url. */
struct ct_log_options {
	const char *name; /* NULL: from the URL */
	enum ct_log_kind kind;
	struct bytes key;
	const char *url, *submission;
	const char *tiles;         /* NULL: it serves none beside RFC 6962 */
	const char *operator_name; /* NULL: "" */
	int64_t mmd_ms;            /* 0: 24 hours, static: 60 seconds */
	enum log_state state;
};
struct ct_log *ct_log_new(const struct ct_log_options *, struct err *);

const struct ct_log *ct_log_ref(const struct ct_log *); /* returns it */
void ct_log_free(const struct ct_log *);                /* one reference; NULL is fine */

/* Who ran it at that time: decides how many operators a certificate's SCTs
 * come from. */
const char *ct_log_operator_at(const struct ct_log *, int64_t time_ms);

/* Whether a certificate that ends then belongs into this shard. */
bool ct_log_takes(const struct ct_log *, int64_t not_after_ms);

/* It takes no more entries: closed by its state, or its interval is over and
 * with it the time that it has for merging. */
bool ct_log_is_over(const struct ct_log *, int64_t now_ms);

/* Logs by id. Immutable once filled; counted with its logs. */
struct ct_log_set;
struct ct_log_set *ct_log_set_new(void);
void ct_log_set_free(struct ct_log_set *);

/* Takes a reference of its own. A log of the same id is replaced. */
void ct_log_set_put(struct ct_log_set *, const struct ct_log *);

/* Borrowed; NULL: unknown. */
const struct ct_log *ct_log_set_get(const struct ct_log_set *, struct bytes id);
size_t ct_log_set_count(const struct ct_log_set *);

/* Walks all in no order: start with *at = 0. */
const struct ct_log *ct_log_set_next(const struct ct_log_set *, size_t *at);
