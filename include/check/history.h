/*
 * history - what was stored before, for the checks that need it.
 *
 * A struct of functions over an owner: `monitor` answers from the store inside
 * the batch's transaction, tests from arrays. Answers are borrowed until the
 * next call of the same function. A check declares in its row which of these
 * it asks (enum check_history_need).
 *
 * What is asked for excludes the form that is being judged, so it does not
 * matter whether that one was stored already; it includes what the same
 * transaction stored before it.
 */
#pragma once
#include "base/bytes.h"
#include "check/check.h"

struct check_operator;

/* One certificate row: all forms of one normalised TBS. */
struct history_member {
	uint8_t key[32]; /* judged_certificate_key() */
	uint8_t normal_tbs_hash[32];
	struct bytes der;     /* of the form that was asked for: precert or final */
	uint8_t sha256[32];   /* of it */
	int64_t first_log_ms; /* earliest log timestamp, or CLOCK_UNKNOWN */
	bool has_precert, has_final;
	bool older; /* its row was stored before that of the certificate judged */
};

struct history_form {
	struct bytes der;
	uint8_t sha256[32];
	bool precert;
};

struct history_ca {
	struct bytes der;
	uint8_t sha256[32];
	uint8_t key_hash[32];
	const uint8_t *issuer_key_hash; /* by which it verifies; NULL: not known */
	const struct check_operator
	    *owner; /* whose key it certifies; NULL: nobody watched */
	const struct check_operator
	    *signer; /* whose key signed it; NULL: nobody watched */
	int64_t first_seen_ms;
};

struct history_sighting {
	uint8_t log_id[32];
	uint64_t index;
	int64_t timestamp_ms;
};

/* One bucket of a check's own state; false to stop. It may read other state,
 * and change none. */
typedef bool history_bucket_fn(void *owner, int64_t bucket, struct bytes value);

struct check_history {
	void *owner;

	/* Rows of the issuer (same key; where it is not known, same normalised DN)
	 * with this serial and a form of that kind, whose issuer signature verified,
	 * other than the row `except`. *total is their number; fills at most room,
	 * the first stored first. */
	size_t (*members)(void *owner, const uint8_t *issuer_key, struct bytes issuer_dn,
	    struct bytes serial, bool precert, const uint8_t except[32],
	    struct history_member *out, size_t room, uint64_t *total);

	/* All forms of a row but the one with this SHA-256. */
	size_t (*forms)(void *owner, const uint8_t key[32], const uint8_t except[32],
	    struct history_form *out, size_t room);

	/* CA certificates with this subject key, or this subject (DER Name, compared
	 * in its normal form), but the one with this SHA-256. What they point to stays
	 * until the batch ends: ways over many are made of them (check/path.h). */
	size_t (*ca_by_key)(void *owner, const uint8_t spki[32], const uint8_t except[32],
	    struct history_ca *out, size_t room);
	size_t (*ca_by_name)(void *owner, struct bytes subject, const uint8_t except[32],
	    struct history_ca *out, size_t room);

	/* Whether this CA certificate (SHA-256 of its DER) was stored before this
	 * transaction began. */
	bool (*ca_known)(void *owner, const uint8_t sha256[32]);

	/* Certificates whose subject key has this hash and which were first logged in
	 * [from_ms, to_ms]; each with the operator whose key signed it in *signers. */
	size_t (*by_key)(void *owner, const uint8_t spki[32], int64_t from_ms,
	    int64_t to_ms, const uint8_t except[32], struct history_member *out,
	    const struct check_operator **signers, size_t room);

	/* The sum of a statistic (basis: enum count_basis) over [from_day, to_day], of
	 * what earlier transactions counted of all issuers with this key. */
	uint64_t (*counter)(void *owner, const uint8_t issuer_key[32], int basis,
	    int32_t from_day, int32_t to_day, const char *name);

	/* Where a row was seen. */
	size_t (*sightings)(void *owner, const uint8_t key[32],
	    struct history_sighting *out, size_t room);

	/* Whether every entry that the log has between these times was read: those of
	 * a promise between its time and the log's delay later. */
	bool (*covers)(
	    void *owner, const uint8_t log_id[32], int64_t from_ms, int64_t to_ms);

	/* The check looks at the row at hand again when that time has come and all
	 * logs were read to their heads: checks_run_due(). Once for each time. */
	void (*look_again)(void *owner, const char *check, int64_t due_ms);

	/* What a check remembers of its own: a value for each key and bucket (a day,
	 * an hour, 0), stored in the transaction that stores the certificate. Keys
	 * of at most 256 bytes, values of at most 64 kB: a check keeps what it
	 * remembers of one key bounded, for a hostile CA chooses what there is to
	 * remember. What it counts it counts when it->row_is_new (then precertificate
	 * and final count once, and nothing counts twice that is read twice). */

	/* Borrowed until the next call; empty: none. */
	struct bytes (*state)(
	    void *owner, const char *check, struct bytes key, int64_t bucket);
	/* Replaces; an empty value forgets. The value is copied. */
	void (*set_state)(void *owner, const char *check, struct bytes key,
	    int64_t bucket, struct bytes value);
	/* The buckets of a key from `from` to `to`, both included, in order. */
	void (*each_state)(void *owner, const char *check, struct bytes key, int64_t from,
	    int64_t to, history_bucket_fn *fn, void *fn_owner);
};
