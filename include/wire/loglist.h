/*
 * loglist - lists of logs in Google's v3 form, and the likes of it: Apple's,
 * Mozilla's, crt.sh's, a local one (wire-formats 4).
 *
 * One bad entry never fails the list: it bears its own error. Identity is the
 * log id, recomputed from the key.
 */
#pragma once
#include "base/arena.h"
#include "crypto/verify.h"

enum log_state {
	LOG_STATE_NONE, /* test and monitoring-only logs, other lists' entries */
	LOG_STATE_PENDING,
	LOG_STATE_QUALIFIED,
	LOG_STATE_USABLE,
	LOG_STATE_READONLY,
	LOG_STATE_RETIRED,
	LOG_STATE_REJECTED,
};

enum log_type { LOG_TYPE_PROD, LOG_TYPE_TEST, LOG_TYPE_MONITORING_ONLY };

struct log_list_operator {
	const char *name;
	int64_t end_ms; /* it ran the log until then */
};

struct log_list_entry {
	struct err error; /* code ERR_NONE: the entry may be used */

	struct sha256 id;                        /* SHA-256 of key */
	struct bytes key;                        /* SubjectPublicKeyInfo in DER */
	bool tiled;                              /* static-ct-api, else RFC 6962 */
	const char *operator_name, *description; /* never NULL; hostile text */
	const char *url;            /* RFC 6962; "" where the list has none */
	const char *submission_url; /* tiled */
	const char *monitoring_url; /* tiled */
	int64_t mmd_s;              /* 0: the list does not say */

	enum log_state state;
	int64_t state_since_ms;
	enum log_type type;
	bool has_interval;        /* of the certificates' notAfter it takes */
	int64_t start_ms, end_ms; /* start <= notAfter < end */
	bool has_final_head;      /* readonly only */
	uint64_t final_size;
	struct sha256 final_root;
	struct log_list_operator *previous; /* in the list's order */
	size_t previous_count;

	bool bogus; /* a placeholder that never answered: do not follow */
	bool mimic; /* its private key is public: never follow, never count */
};

struct log_list {
	const char *version;  /* "" where it has none */
	int64_t timestamp_ms; /* -1: it has none */
	bool is_all_logs;
	struct log_list_entry *entries;
	size_t count;
	struct arena arena; /* everything above lives here */
};

/* The bytes of the file; nothing of them is kept. ERR_PARSE when it is no
 * list at all. On failure out is empty and needs no free. */
MUST_CHECK bool log_list_parse(struct bytes json, struct log_list *out, struct err *);
void log_list_free(struct log_list *);

/* Google's detached signature: RSA PKCS#1 v1.5 with SHA-256 over the file's
 * exact bytes. ERR_VERIFY when it is not the key's. */
MUST_CHECK bool log_list_verify(
    struct bytes json, struct bytes signature, struct key *, struct err *);

const char *log_state_name(enum log_state); /* "usable"; "none" */
const char *log_type_name(enum log_type);   /* "prod", "test", "monitoring_only" */

/* False for any other text. */
MUST_CHECK bool log_state_parse(const char *text, enum log_state *out);
