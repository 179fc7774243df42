/*
 * judged - one certificate with what is known about it: its parsed form, its
 * clocks, its SCTs, its issuer, whom it concerns.
 *
 * Plain data, filled by the caller (monitor, `ctwarden lint`, a test): start
 * with judged_init(), then set what else is known. Everything it points to is
 * borrowed and outlives the judging.
 */
#pragma once
#include "base/arena.h"
#include "base/bytes.h"
#include "check/check.h"

struct cert; /* x509/cert.h */
struct check_params;
struct check_operator;

#define CLOCK_UNKNOWN INT64_MIN
#define CLOCK_LIMIT   (INT64_C(1) << 60)

/* A log's timestamp as a clock: any 64 bits may stand in one, and differences of
 * clocks have to fit. */
static inline int64_t
clock_of(uint64_t timestamp_ms)
{
	return timestamp_ms < (uint64_t)CLOCK_LIMIT ? (int64_t)timestamp_ms : CLOCK_LIMIT;
}

/* How rules' dates are read: conventions.md, "Effective-date modes". */
enum date_mode {
	DATES_SIGN, /* notBefore, or not signed before an SCT, or logged; in production */
	DATES_NB,   /* notBefore alone: what other linters do */
	DATES_NONE, /* every rule as if in force */
};

enum judged_class {
	CLASS_SUBSCRIBER,  /* not a CA, not self-signed */
	CLASS_CA,          /* basicConstraints.cA */
	CLASS_SELF_SIGNED, /* no CA, and its own key verifies its signature */
};

enum sct_result {
	JUDGED_SCT_VERIFIED,
	JUDGED_SCT_BAD,
	JUDGED_SCT_UNKNOWN_LOG,
	JUDGED_SCT_NOT_CHECKED, /* the issuer's key is not known, so what was signed is
				   not */
};

/* One embedded SCT. */
struct judged_sct {
	uint8_t log_id[32];
	int64_t timestamp_ms;
	enum sct_result result;
	const char *log_name; /* NULL: unknown */
	const char *log_operator;
	int64_t log_mmd_ms;     /* its maximum merge delay; 0: not known */
	int64_t log_retired_ms; /* since when it may promise nothing; 0: it may */
	struct bytes raw;       /* the SerializedSCT in the certificate */
};

/* One place where the certificate was seen in a log. */
struct judged_sighting {
	uint8_t log_id[32];
	uint64_t index;
	int64_t timestamp_ms;
};

/* The certificate in whose chain a CA's was first seen. */
struct judged_first {
	struct bytes der;
	struct judged_sighting sighting;
};

enum judged_signature {
	SIGNATURE_UNKNOWN, /* the issuer's key is not known */
	SIGNATURE_VERIFIED,
	SIGNATURE_BAD, /* verifies under no known key of that issuer */
};

/* One domain watch that the certificate matched (watch/watch.h). */
struct judged_watch {
	struct bytes domain;  /* the watched name */
	struct bytes matched; /* the certificate's bytes */
	const char *how;      /* watch_how_name() */
	bool possible;
	bool has_allowed;  /* the owner named issuers he expects */
	bool allowed;      /* and this is one of them */
	bool lookalike;    /* the name only looks like it */
	bool suppressed;   /* the owner wants to hear nothing of such a one */
	unsigned profiles; /* what he uses: 1 DV, 2 OV, 4 IV, 8 EV; 0: anything */
	uint32_t quota;    /* how many he expects in 30 days; 0: any number */
	uint8_t watch_id[16];
};

struct judged {
	const struct cert *cert;
	struct bytes der; /* the form at hand: precertificate or final */
	bool precert;     /* carries the poison extension */
	enum judged_class class;
	bool as_final;          /* it does, and was logged as a final certificate */
	bool by_precert_signer; /* a precertificate signed by a certificate for that
				   (RFC 6962, 3.1) */
	bool self_signed; /* whatever its class: its own key verifies its signature */
	bool tls;         /* TLS scope: conventions.md, "Classes" */
	/* In the writer: its row (all its forms) is judged for the first time with a
	 * signature that verifies, so what counts certificates counts it now. */
	bool row_is_new;
	bool form_is_new; /* in the writer: so is this form */
	/* In the writer: what it calls the row for ever, for trial_fail_row(); 0: no
	 * writer. */
	int64_t row;

	/* the clocks, in ms since 1970 or CLOCK_UNKNOWN; notBefore is the cert's */
	int64_t lo_ms; /* not signed before: the latest verified embedded SCT */
	int64_t hi_ms; /* not signed after: the earliest log timestamp */
	enum date_mode dates;
	int64_t now_ms;

	/* SCTs embedded in it, in their order */
	const struct judged_sct *scts;
	size_t sct_count;
	bool sct_list_present; /* the extension is there, whatever is in it */
	bool sct_list_broken;  /* and cannot be read */

	/* its issuer */
	const struct cert *issuer;      /* NULL: not known */
	const uint8_t *issuer_key_hash; /* 32 bytes, or NULL */
	enum judged_signature signature;
	/* whose key signed it; NULL: nobody watched */
	const struct check_operator *signer;
	/* a cross-signed key is of other families besides: theirs */
	const struct check_operator *const *co_signers;
	size_t co_signer_count;
	/* a CA certificate, and another of its subject and key is known */
	bool cross;
	/* of a CA certificate; NULL: not known, or it was logged itself */
	const struct judged_first *first_leaf;

	/* whom it concerns, and where it was seen */
	const struct judged_watch *watches;
	size_t watch_count;
	const struct judged_sighting *sightings;
	size_t sighting_count;

	const struct check_params *params;

	/* The subject of findings: the certificate row's key, SHA-256 over what
	 * judged_certificate_key() says. Filled by judged_init(). */
	uint8_t key[32];
	uint8_t normal_tbs_hash[32]; /* of the TBS without poison and SCT list */

	/* the room's own: derived once, used by many checks */
	struct judged_facts *facts;
};

/* Fills cert, der, precert, class, scope, hashes and facts; the clocks become
 * unknown, the mode `sign`, everything else nothing. normal_tbs_hash is the
 * SHA-256 of the TBS without poison and SCT list (cert_normalised_hash(), for a
 * precertificate entry of the TBS in its leaf); NULL: of this cert.
 * issuer_key_hash may be NULL. A self-issued certificate's signature is verified
 * here. All given is borrowed, facts live in the arena. */
void judged_init(struct judged *, const struct cert *, const uint8_t *normal_tbs_hash,
    const uint8_t *issuer_key_hash, const struct check_params *params, struct arena *);

/* Sets the SCTs and from those that verify `lo` (finals only). */
void judged_set_scts(struct judged *, const struct judged_sct *, size_t count);

/* Where no log's key is at hand (`ctwarden lint`): reads the embedded SCTs as
 * they stand, not checked, into the arena; or notes that the list is broken. */
void judged_read_scts(struct judged *, struct arena *);

/* The key of a certificate row: SHA-256 over issuer key hash (32 zero bytes
 * when unknown), the serial's length (2 bytes) and octets, and the SHA-256 of
 * the normalised TBS. */
void judged_certificate_key(const uint8_t *issuer_key_hash, struct bytes serial,
    const uint8_t normal_tbs_hash[32], uint8_t out[32]);

/* One operator more whose family the issuer's key is of, NULL for none: the signer,
 * then the co-signers, in room, which lives as long as the certificate is judged. */
void judged_add_signer(struct judged *, const struct check_operator *signer,
    const struct check_operator **room);

/* The signer from 0 on, then the co-signers; NULL behind them. */
const struct check_operator *judged_signer(const struct judged *, size_t);

/* Whether a root program includes a root that the certificate stands under: of any
 * family that its issuer's key is of, at the time of notBefore. */
enum trust {
	TRUST_UNKNOWN, /* not said of every family */
	TRUST_NO,
	TRUST_YES,
};
enum trust judged_trust(const struct judged *, const char *program); /* NULL: any */

/* Predicates for the tables. */
bool judged_is_ca(const struct judged *);
bool judged_is_subscriber(const struct judged *);
bool judged_is_tls_subscriber(const struct judged *);
bool judged_is_tls_leaf(const struct judged *); /* self-signed ones too */
bool judged_in_tls_scope(const struct judged *);
bool judged_is_responder(const struct judged *); /* of OCSP, by purpose or nocheck */

/* --- which rules are in force ---------------------------------------------- */

enum time_basis { BASIS_NB, BASIS_SCT, BASIS_LOG };
const char *time_basis_name(enum time_basis); /* "nb", "sct", "log" */

struct in_force {
	bool yes;
	enum time_basis basis; /* which clock says so */
	bool capped;           /* only the log's clock does: at most a warning */
	bool evaded;           /* notBefore lies before `from`, a later clock does not */
};

/* from and until in Unix seconds; until 0 is no end. flags: enum subrule_flag. */
struct in_force rule_in_force(
    const struct judged *, int64_t from, int64_t until, unsigned flags);
