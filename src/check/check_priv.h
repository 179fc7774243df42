/*
 * check_priv - what the families share: facts that many checks ask for, derived
 * once a certificate, and predicates over them for the tables.
 */
#pragma once
#include "check/findings.h"
#include "check/history.h"
#include "check/judged.h"
#include "check/params.h"
#include "check/run.h"
#include "crypto/digest.h"
#include "x509/cert.h"
#include "x509/name.h"
#include "x509/san.h"
#include "x509/spki.h"

/* One line of a sub-rule's table: what every one has, then what some have. */
#define RULE(name_, level_, source_, applies_, run_, ...)                                \
	{                                                                                \
		.name = name_, .level = level_, .source = source_, .applies = applies_,  \
		.run = run_, __VA_ARGS__                                                 \
	}

/* And of a family's. */
#define CHECK(id_, scope_, says_, rules_, ...)                                           \
	{                                                                                \
		.id = id_, .version = 1, .scope = scope_, .says = says_,                 \
		.subrules = rules_, .subrule_count = ARRAY_LEN(rules_), __VA_ARGS__      \
	}

/* The numbers that a line's rule compares with: LIMITS({"days", 398}). */
#define LIMITS(...)                                                                      \
	.limits = (const struct rule_limit[])                                            \
	{                                                                                \
		__VA_ARGS__,                                                             \
		{                                                                        \
			0                                                                \
		}                                                                        \
	}

static inline int64_t
rule_limit(const struct trial *trial, size_t number)
{
	return trial->rule->limits[number].value;
}

/* One of a list that has a name, for what asks before a rule runs. It is read from
 * memory, so that a test that changes the list changes what is decided. */
#define LIMIT_OF(list, number) (*(const volatile int64_t *)&(list)[number].value)

#define DAY_S  ((int64_t)86400)
#define HOUR_S ((int64_t)3600)

enum suffix_kind { SUFFIX_NONE, SUFFIX_ICANN, SUFFIX_PRIVATE };

/* One GeneralName of the subjectAltName. */
struct fact_name {
	struct general_name name;
	/* of dNSNames */
	uint32_t oddities;       /* enum dns_oddity */
	uint32_t marks;          /* enum name_mark: names_priv.h */
	enum suffix_kind suffix; /* the name, behind "*.", is a public suffix */
};

enum fact_policy {
	POLICY_DV = 1,
	POLICY_OV = 2,
	POLICY_IV = 4,
	POLICY_EV = 8,
	POLICY_ANY = 16,
};
#define POLICY_RESERVED (POLICY_DV | POLICY_OV | POLICY_IV | POLICY_EV)

enum fact_eku {
	EKU_SERVER = 1,
	EKU_CLIENT = 2,
	EKU_CODE = 4,
	EKU_EMAIL = 8,
	EKU_TIME = 16,
	EKU_OCSP = 32,
	EKU_ANY = 64,
	EKU_PRECERT = 128,
	EKU_OTHER = 256,
};

#define PROFILE_KEY 16

/* Of an issuer's certificates in the 30 days until the one at hand, which counts. */
struct profile_past {
	bool known; /* the rest is */
	int drift;  /* enum drift */
	uint64_t total, alike;
};

struct judged_facts {
	/* the key */
	struct spki spki;
	bool has_spki;            /* it could be taken apart */
	const uint16_t *residues; /* number_residues() of an RSA modulus; else NULL */

	/* extensions, NULL where absent */
	const struct extension *ku_at, *bc_at, *eku_at, *policies_at, *san_at, *poison_at,
	    *sct_at;
	struct key_usage ku;
	struct basic_constraints bc;
	unsigned ekus;     /* enum fact_eku */
	size_t eku_count;  /* elements */
	unsigned policies; /* enum fact_policy */
	size_t policy_count, reserved_count;
	bool notices; /* a policy may have a user notice */
	bool
	    ev; /* an EV policy OID, reserved or one of those that CAs had of their own */

	/* the subjectAltName */
	struct fact_name *names;
	size_t name_count;
	unsigned name_kinds;    /* 1 << enum general_name_kind */
	uint32_t name_oddities; /* of all dNSNames */
	uint32_t dns_marks;     /* enum name_mark, of all dNSNames */
	size_t dns_count;

	/* The last commonName as UTF-8, read as a dNSName unless it is an address:
	 * then it has no marks but NAME_ADDRESS. Empty: none. */
	struct fact_name common_name;

	/* the subject and the issuer */
	struct name_attribute *subject, *issuer;
	size_t subject_count, issuer_count;

	/* in the writer: other rows of its issuer with its serial (serials.h) */
	uint64_t serial_repeats;
	bool serial_repeats_known;

	/* profile.h */
	uint8_t profile[PROFILE_KEY];
	bool profile_known;
	struct profile_past past; /* in the writer */
};

static inline const struct judged_facts *
facts_of(const struct judged *it)
{
	return it->facts;
}

/* A TLS subscriber's certificate of that profile of BR 7.1.2.7.1, and of none above
 * it (EV, IV, OV, DV); without dates, one of no profile is measured by DV. */
bool judged_has_profile(const struct judged *, enum fact_policy profile);

/* Called by judged_init(). */
struct judged_facts *facts_derive(
    const struct cert *, const struct check_params *, struct arena *);

/* The next attribute of that type in the subject, from *at on; NULL at the end. */
const struct name_attribute *subject_next(
    const struct judged_facts *, enum oid type, size_t *at);
bool subject_has(const struct judged_facts *, enum oid type);

/* common.c: without dates, where we stand in for other linters, only the first
 * attribute of each RDN counts, which are all that they see. The first that counts of
 * that type. */
bool is_overlooked(const struct judged *, const struct name_attribute *);
const struct name_attribute *subject_attribute(const struct judged *, enum oid type);

/* Seconds the certificate lives, both ends counted (RFC 5280, 4.1.2.5). */
static inline int64_t
lifetime_s(const struct judged *it)
{
	return it->cert->not_after - it->cert->not_before + 1;
}

/* The root programs that rules ask for. */
#define PROGRAM_CHROME  "Chrome"
#define PROGRAM_MOZILLA "Mozilla"

/* judged.c: whether that is a program, and it included the operator's roots then. */
bool program_includes(const struct check_program *, int64_t unix_s);

/* Floor of milliseconds in seconds. */
static inline int64_t
seconds_of(int64_t ms)
{
	return ms / 1000 - (ms % 1000 < 0);
}

/* validity.c: the same day and time so many calendar months later. */
int64_t add_months(int64_t unix_s, int months);

/* Whether ISO 3166-1 alpha-2 knew this code (two capitals) at that time. */
bool country_known(const struct check_params *, struct bytes code, int64_t unix_s);

/* Whether the list, sorted ascending, has the hash. */
bool check_key_listed(const struct check_key_list *, const uint8_t hash[32]);

/* keys_ec.c */
trial_fn check_rsa_params;

extern const struct check_family CHECK_KEYS, CHECK_KEYS_RSA, CHECK_KEYS_EC, CHECK_USAGE,
    CHECK_USAGE_LEAF, CHECK_USAGE_EKU, CHECK_USAGE_POLICY, CHECK_USAGE_SUBJECT,
    CHECK_USAGE_STRUCTURE, CHECK_USAGE_POINTERS, CHECK_USAGE_CRL, CHECK_NAMES,
    CHECK_VALIDITY, CHECK_VALIDITY_TIME, CHECK_BACKDATING, CHECK_BACKDATING_LOG,
    CHECK_TRANSPARENCY, CHECK_TRANSPARENCY_SCT, CHECK_TRANSPARENCY_PRECERT,
    CHECK_TRANSPARENCY_PROMISE, CHECK_RATES, CHECK_RFC5280, CHECK_RFC5280_POLICY,
    CHECK_RFC5280_NAMES, CHECK_RFC5280_SUBJECT, CHECK_RFC5280_EV, CHECK_REVOCATION;

extern const struct check_family CHECK_USAGE_DRIFT;

extern const struct check_family CHECK_BACKDATING_BINS, CHECK_BACKDATING_TEMPLATE,
    CHECK_BACKDATING_ORDER, CHECK_TRANSPARENCY_LATE, CHECK_TRANSPARENCY_PAIRS;

extern const struct check_family CHECK_HIERARCHY, CHECK_HIERARCHY_PROFILE,
    CHECK_HIERARCHY_EKU, CHECK_HIERARCHY_CONSTRAINTS, CHECK_HIERARCHY_LINKAGE,
    CHECK_HIERARCHY_DISTRUST, CHECK_HIERARCHY_OPERATOR, CHECK_HIERARCHY_SHARED,
    CHECK_HIERARCHY_WATCH;

extern const struct check_family CHECK_KEYS_REUSE, CHECK_KEYS_FACTOR;

extern const struct check_family CHECK_SERIALS, CHECK_SERIALS_SHORT, CHECK_SERIALS_RANDOM,
    CHECK_SERIALS_ORDER;

/* common.c: what tables of several families run and ask. arg: an enum oid. */
trial_fn rule_ext_absent, rule_ext_present, rule_ext_critical, rule_ext_not_critical,
    rule_attr_absent, rule_attr_present;
judged_fn has_ku, has_bc; /* a keyUsage extension, basicConstraints */
/* A subscriber's, and the signature of its issuer was verified. */
judged_fn is_signed_subscriber;
judged_fn is_tls_not_ca, is_sub_ca, is_tls_sub_ca, is_root_ca, is_tls_root_ca, is_tls_ca,
    is_v3, has_given_name, has_surname;

/* A TLS leaf that is asked for extensions: without dates, not one that has none at
 * all, of which other linters say only that. */
judged_fn is_extended_leaf, is_extended_subscriber;

/* common.c: calls look for each URL of authorityInfoAccess and cRLDistributionPoints:
 * where an issuer says that its own things are. */
typedef void url_look_fn(void *owner, struct bytes url);
void issuer_urls_each(const struct cert *, url_look_fn *look, void *owner);

/* common.c: counts one more of the key in the bucket, in the check's own state; how
 * many there are now. */
uint64_t state_count_one(struct trial *, struct bytes key, int64_t bucket);

/* hierarchy_class.c: on probation, or distrusted. NULL: one not watched. */
bool operator_sanctioned(const struct check_operator *);

/* usage.c: the key usages, and what kind of key has them. */
void usage_evidence(struct trial *, struct finding *);

/* usage_eku.c: extended key usages; arg: enum fact_eku bits. */
trial_fn rule_eku_present, rule_eku_absent;
const char *eku_name(unsigned bits); /* of the lowest */
void eku_evidence(struct trial *, struct finding *);

/* usage_policy.c: calls look for each qualifier of each certificate policy. */
typedef void policy_look_fn(
    struct trial *, const struct policy *, const struct policy_qualifier *);
void each_policy_qualifier(struct trial *, policy_look_fn *look);

/* The rule turns out to have nothing to look at. */
void trial_not_applicable(struct trial *);

/* usage_crl.c: an HTTP URL (or one for LDAP) in cRLDistributionPoints. */
bool has_crl_url(const struct judged *, bool ldap_too);

/* A length of time for people: "51 h 07 min", from ten days on "197 days". The
 * arena's. */
const char *trial_span(struct trial *, int64_t seconds);

bool url_has_scheme(struct bytes url, const char *scheme); /* case ignored */
struct bytes url_host(struct bytes url);                   /* without port; empty: none */

/* tld.c: until when what is nobody's might be certified (BR 7.1.4.2.1), and how exact
 * the dates of top-level domains are. */
enum { INTERNAL_UNTIL, INTERNAL_GRACE };
extern const struct rule_limit INTERNAL_LIMITS[];

/* tld.c: whether the right-most label was a TLD of the root zone at that time, with
 * seven days of grace on both sides; INT64_MAX: ever. */
bool dns_tld_delegated(const struct check_params *, struct bytes name, int64_t unix_s);
bool dns_is_address(struct bytes host); /* an IP address in text, brackets too */
struct bytes dns_last_label(struct bytes name);
/* exactly a public suffix */
enum suffix_kind dns_suffix_kind(const struct check_params *, struct bytes name);
struct bytes dns_parent(struct bytes name); /* without its first label; empty: none */
/* What somebody registered: one label before a public suffix, or before the last. */
struct bytes dns_registrable(const struct check_params *, struct bytes host);

/* backdating.c: worked out last, from the findings about `it` from `first` on. */
void check_evaded_deadlines(const struct judged *, struct findings *, size_t first);

/* registry.c: the families in the catalogue's order; NULL at the end. */
const struct check_family *check_family_at(size_t);

/* transparency.c: whether its row has another form of that kind; rows of its issuer
 * with its serial number that have one. */
bool trial_has_form(struct trial *, bool precert);
size_t trial_others(
    struct trial *, bool precert, struct history_member *out, size_t room);

/* findings.c: one increment; name is static or the arena's. */
void findings_count(struct findings *, const uint8_t issuer_key[32], enum count_basis,
    int32_t day, const char *name);
