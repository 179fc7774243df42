/*
 * params - what an operator may set about the checks: thresholds, and the
 * watch file's knowledge of CAs (operators, commitments, distrust).
 *
 * Plain data; everything is borrowed. check_params_defaults() is the catalogue
 * as written.
 */
#pragma once
#include "base/bytes.h"
#include "check/check.h"

enum operator_state {
	OPERATOR_NORMAL,
	OPERATOR_PROBATION,
	OPERATOR_DISTRUSTED,
	OPERATOR_IDLE
};

enum distrust_mode {
	DISTRUST_NB,     /* notBefore after the date */
	DISTRUST_SCT,    /* earliest verified SCT after the date */
	DISTRUST_LOGGED, /* first logged after the date */
};

struct check_distrust {
	const char *program; /* "Mozilla" */
	enum distrust_mode mode;
	int64_t date; /* Unix seconds */
	const char *source;
};

/* A promise. */
enum commitment_kind {
	COMMITMENT_EMBEDDED_SCT, /* also a dated rule for single certificates */
	COMMITMENT_NO_ISSUANCE,  /* nothing has a notBefore in its time */
};

struct check_commitment {
	enum commitment_kind kind;
	int64_t from, until; /* Unix seconds; until 0: no end */
	const char *source;
};

/* A number that it published: how many certificates with a notBefore in that
 * time were issued, mis-issued, seriously so, or fail a check. */
struct check_claim {
	const char *metric;  /* "issued", "misissued", "serious", "failed.<check>"; behind
				"seen." by when they were signed or seen */
	int64_t from, until; /* Unix seconds, whole days */
	int64_t value;
	double tolerance; /* of value */
	const char *text; /* as it was written */
};

/* A root program that includes an operator's roots. */
struct check_program {
	const char *name;    /* CHECK_NO_PROGRAM: it is said that none does */
	int64_t from, until; /* Unix seconds; until 0: still */
};
#define CHECK_NO_PROGRAM "none"

struct check_operator {
	const char *name;
	enum operator_state state;
	/* Its keys, and its CAs' names as name_sort_key() has them, that were named:
	 * its family has more. */
	const uint8_t (*keys)[32];
	size_t key_count;
	const struct bytes *names;
	size_t name_count;
	const struct check_program *programs; /* none: nothing is said */
	size_t program_count;
	/* Programs outside which it has customers, as it declared. */
	const char *const *outside;
	size_t outside_count;
	int32_t tz_minutes; /* east of UTC: its local midnight */
	int64_t idle_since; /* Unix seconds; for OPERATOR_IDLE */
	/* What shows its infrastructure: hosts of AIA and CRL URLs (each with all
	 * below it), policy OIDs in dots (each with all below it), values of O in
	 * its CAs' names. */
	const char *const *hosts;
	size_t host_count;
	const char *const *policies;
	size_t policy_count;
	const char *const *organisations;
	size_t organisation_count;
	const struct check_distrust *distrust;
	size_t distrust_count;
	const struct check_commitment *commitments;
	size_t commitment_count;
	const int64_t *holidays; /* its own days since 1970, beside weekends */
	size_t holiday_count;
	const struct check_claim *claims;
	size_t claim_count;
	/* Operators whose infrastructure it openly uses: no finding. */
	const char *const *partners;
	size_t partner_count;
	/* CA keys it announced beforehand: new-intermediate stays a notice. */
	const uint8_t (*announced)[32];
	size_t announced_count;
};

/* SHA-256 hashes of SubjectPublicKeyInfos, ascending. */
struct check_key_list {
	const uint8_t (*hashes)[32];
	size_t count;
	const char *version; /* of the file; NULL: none */
};

/* RSA keys as openssl-blacklist writes them, ascending: the last ten bytes of
 * SHA-1 over "Modulus=", the modulus in capital hex, and a newline. */
struct check_modulus_list {
	const uint8_t (*hashes)[10];
	size_t count;
};

/* A top-level domain and when it stood in the root zone. */
struct check_tld {
	const char *name;    /* A-label, lower case */
	int64_t from, until; /* Unix seconds; until 0: still there */
};

/* An ISO 3166-1 alpha-2 code and when it was assigned. */
struct check_country {
	char code[3];
	int64_t from, until; /* Unix seconds; 0: open */
};

/* A block of an IANA special-purpose address registry. */
struct check_block {
	uint8_t address[16]; /* four bytes of it for IPv4 */
	uint8_t size;        /* of an address: 4 or 16 */
	uint8_t bits;        /* of the prefix */
	const char *name;    /* "Private-Use" */
};

#define TENANT_LEARN_MAX 256

struct check_params {
	int64_t skew_s;            /* clock allowance: 60 */
	int64_t grace_s;           /* backdated-vs-sct: 48 h */
	int64_t backdate_note_s;   /* below that a notice from here: 24 h */
	int64_t forward_note_s;    /* forward-dated: a notice from here: 1 h */
	int64_t late_s;            /* backdated-vs-log: 48 h */
	int64_t twin_dates_s;      /* twin-date-gap: logged within 900 s */
	int64_t retry_s;           /* duplicate-final: precertificates within 10 min */
	int64_t final_wait_s;      /* precert-without-final: 72 h */
	int64_t precert_wait_s;    /* final-without-precert: 24 h beyond the MMD */
	int64_t cluster_min;       /* notbefore-cluster: at least 10 on a day */
	int64_t late_batch;        /* late-logging: 100 of an operator in an hour */
	bool require_verified;     /* count only SCTs that verify: true */
	int64_t twin_operator_s;   /* unexpected-operator (a): 24 h */
	int64_t max_san;           /* san-count: 100 names */
	int64_t tenant_learn;      /* base-plus-tenant: 50 names below a domain */
	int64_t tenant_window_s;   /* the tenant alone before: within 7 days */
	int64_t serial_slack;      /* serial-short: 8 bits fewer may be chance */
	int64_t serial_population; /* serial-short: 30 of an issuer */
	int64_t watched_an_hour;   /* issuance-spike: 20 for a watched domain */
	int64_t min_orgs;          /* spki-reuse: 2 owners of domains */
	int64_t cdn_domains;       /* and no key of a certificate for 20 domains */
	/* profile-drift: the issuer has 200 certificates; a share below one in 1000 (0.1
	 * %) is rare; with 100 certificates a profile is settled */
	int64_t profile_min, profile_rare, profile_settled;
	/* test-certificate; none: the catalogue's */
	const char *const *test_words;
	size_t test_word_count;
	/* test-certificate: hosts or URLs of the sites that root programs ask for */
	const char *const *test_sites;
	size_t test_site_count;
	/* wildcard-public-suffix: whose owner may have a wildcard over it */
	const char *const *allow_suffixes;
	size_t allow_suffix_count;
	const struct check_operator *operators;
	size_t operator_count;
	/* What is read from files: check/data.h. With none of a kind its own stands in.
	 */
	const void *psl;              /* a psl_ctx_t; NULL: libpsl's own */
	const struct check_tld *tlds; /* ascending; NULL: libpsl's list, without dates */
	size_t tld_count;
	int64_t tld_date_s; /* of that list: Unix seconds; 0: not known */
	const struct check_country *countries; /* ascending; NULL: our own */
	size_t country_count;
	const struct check_block *blocks; /* NULL: IANA's as of our release */
	size_t block_count;
	const char *const *tenants; /* ascending, lower case; hosts' domains whose
				       sub-domains belong to others */
	size_t tenant_count;
	struct check_key_list weak_keys;       /* debian-weak-key; both empty: */
	struct check_modulus_list weak_moduli; /* does not apply */
	struct check_key_list blocked_keys; /* compromised-key; empty: does not apply */
	/* Of the file that was read last: what reads it gives them to their operator. */
	const int64_t *holidays;
	size_t holiday_count;
	/* What is in force of each kind, for findings; NULL: our own. */
	const char *versions[CHECK_DATA_KINDS];
	bool off[CHECKS_MAX]; /* by a check's number: do not run */
	bool with_off_rules;  /* also run sub-rules marked RULE_OFF */
};

/* The catalogue's values, no operators, nothing switched off. */
const struct check_params *check_params_catalogue(void);
void check_params_defaults(struct check_params *);

/* The suffix under which this name, lower case, is somebody else's; NULL: none. */
const char *check_tenant_find(const struct check_params *, struct bytes name);

/* The special-purpose block that an address of 4 or 16 bytes lies in; NULL: none. */
const struct check_block *check_block_find(const struct check_params *, struct bytes);

/* The first block that has an address in common with a network; NULL: none. */
const struct check_block *check_block_meets(
    const struct check_params *, struct bytes network, struct bytes mask);

/* NULL: unknown. */
const struct check_operator *check_operator_find(
    const struct check_params *, struct bytes name);
