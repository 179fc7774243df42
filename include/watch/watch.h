/*
 * watch - which domains and which CAs concern us: an immutable snapshot.
 *
 * A snapshot is built from plain rows and shared by reference: a batch holds
 * one, a reload or a newly seen sub-CA publishes another. Looking something up
 * takes no lock and allocates nothing. Knows nothing of the database, of logs
 * or of what a match leads to.
 *
 * A watch has a number in its snapshot: domains first, in the order of their
 * rows, then CAs. The number means nothing outside; the id does.
 */
#pragma once
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

struct cert; /* x509/cert.h */
struct watch_set;

#define WATCH_ID_LEN    16
#define WATCH_KEY_LEN   32 /* SHA-256 of a SubjectPublicKeyInfo */
#define WATCH_NOT_FOUND UINT32_MAX

/* --- building ------------------------------------------------------------ */

struct watch_policy {
	/* Issuers as in allowed_issuers, or the SHA-256 of a certificate's own key:
	 * what is theirs is no news. */
	const char *const *suppress;
	size_t suppress_count;
	unsigned profiles; /* enum watch_profile, or'ed; 0: any */
	uint32_t quota;    /* certificates in 30 days; 0: any number */
	bool lookalikes;   /* names that imitate his match, too: WATCH_LOOKALIKE */
};
enum watch_profile { WATCH_DV = 1, WATCH_OV = 2, WATCH_IV = 4, WATCH_EV = 8 };

/* One watched domain: the name itself and everything below it. */
struct watch_domain_row {
	const char *name; /* A-labels or U-labels (UTF-8), any case; a leading "*." or "."
			     and a trailing dot are dropped */
	/* Whom the owner expects; NULL or 0: nobody, so every certificate is news.
	 * Each is the 64 hex digits of an issuer key's SHA-256, the name of a CA watch
	 * (its whole family), or the issuer's organisation or common name, compared
	 * without regard to ASCII case and runs of spaces. A row whose pointer equals
	 * that of the row before shares its list. */
	const char *const *allowed_issuers;
	size_t allowed_count;
	/* What else he expects; rows of one pointer share it. NULL: nothing. */
	const struct watch_policy *policy;
	int64_t since_ms; /* when the watch began */
	uint32_t generation;
};

/* One watched CA. Rows and what they point to are copied. */
struct watch_ca_row {
	const char *name;                     /* unique; what people call it */
	const uint8_t (*keys)[WATCH_KEY_LEN]; /* its keys: trusted to be the CA's */
	size_t key_count;
	const char *const *subjects; /* "CN=..., O=..., C=.." in either order; compared as
					watch_set_match_issuer() says */
	size_t subject_count;
	const char *const *organisations; /* values of O */
	size_t organisation_count;
	int64_t since_ms;
	uint32_t generation;
};

/* NULL with ERR_CONFIG, naming the row and what to change, when a name is no
 * DNS name, is a lone top-level label, or appears twice. */
struct watch_set *watch_set_new(const struct watch_domain_row *domains,
    size_t domain_count, const struct watch_ca_row *cas, size_t ca_count, struct err *);

/* Since when a watch is in force, where that was not known when the set was
 * made. Only while nobody else has a reference. */
void watch_set_date(
    struct watch_set *, uint32_t number, int64_t since_ms, uint32_t generation);

/* Any thread may take and drop references. NULL is fine. */
struct watch_set *watch_set_ref(const struct watch_set *);
void watch_set_unref(const struct watch_set *);

/* A new snapshot that shares the domain table and knows one more key of the CA
 * watch's family. subject (a DER Name) and key_id (subjectKeyIdentifier) may be
 * empty; they make certificates of an unknown issuer candidates. Returns a
 * reference to old itself when nothing is new. */
struct watch_set *watch_set_with_key(const struct watch_set *old, uint32_t watch,
    const uint8_t spki[WATCH_KEY_LEN], struct bytes subject, struct bytes key_id);

/* --- what a watch is ------------------------------------------------------ */

struct watch_info {
	bool is_ca;
	struct bytes name; /* the domain in A-labels, lower case, or the CA's name */
	uint8_t id[WATCH_ID_LEN]; /* from kind and name: the same in every snapshot */
	int64_t since_ms;
	uint32_t generation;
	bool has_allowed; /* a domain with allowed_issuers */
};

size_t watch_set_count(const struct watch_set *); /* domains and CAs */
size_t watch_set_domain_count(const struct watch_set *);
size_t watch_set_memory(const struct watch_set *); /* bytes, for status and tests */

/* number < watch_set_count(); the name is borrowed from the snapshot. */
void watch_set_info(const struct watch_set *, uint32_t number, struct watch_info *out);

/* The number of the watch with this id, or WATCH_NOT_FOUND. Linear: for
 * commands and reloads, not for every entry. */
uint32_t watch_set_find(const struct watch_set *, const uint8_t id[WATCH_ID_LEN]);

/* --- matching -------------------------------------------------------------- */

enum watch_how {
	WATCH_EQUAL,        /* the name is the watched domain */
	WATCH_BELOW,        /* the name lies below it */
	WATCH_WILDCARD,     /* a wildcard that may cover it */
	WATCH_RAW,          /* found in bytes that do not parse */
	WATCH_ISSUER_KEY,   /* signed by a key of the family */
	WATCH_CHAIN_KEY,    /* a verified chain certificate's key is in the family */
	WATCH_ISSUER_NAME,  /* candidate: the issuer DN is one of the family's */
	WATCH_ORGANISATION, /* candidate: the issuer's O is watched */
	WATCH_AUTHORITY,    /* candidate: the authorityKeyIdentifier is the family's */
	WATCH_LOOKALIKE,    /* neither it nor below it, and looks as if (UTS 39) */
};

/* "equal", "below", ... */
const char *watch_how_name(enum watch_how);

struct watch_match {
	uint32_t watch; /* number in the snapshot */
	enum watch_how how;
	bool possible;     /* the name was damaged (NUL, space, trailing dot, bytes beyond
			      ASCII ...) or lay in bytes that do not parse */
	struct bytes name; /* the certificate's bytes that matched, as they stand there:
			      borrowed, hostile; for a CA match the issuer or key */
};

#define WATCH_MATCHES_MAX 1024

struct watch_matches {
	struct watch_match *rows; /* one a watch: the strongest */
	size_t count, room;
	bool more;      /* further watches matched (a certificate for "*.com"), or the
			   search was cut short */
	uint32_t scans; /* the room's own: slow searches done for this certificate */
	struct arena *arena; /* where rows, and names that stand nowhere as they were
				matched, are put: nothing until something matches */
};

/* Before each certificate. */
void watch_matches_init(struct watch_matches *, struct arena *);

/* Every DNS name the certificate shows (SAN, CN, damaged ones included: what
 * cert_dns_names() finds) against the watched domains. Adds to out. */
void watch_set_match_names(
    const struct watch_set *, const struct cert *, struct watch_matches *out);

/* One name as a certificate carries it. */
void watch_set_match_name(
    const struct watch_set *, struct bytes name, struct watch_matches *out);

/* Bytes that could not be parsed: every watched name that occurs in them, also
 * as UTF-16 or between other text. All rows are `possible`. */
void watch_set_match_raw(
    const struct watch_set *, struct bytes raw, struct watch_matches *out);

/* CA watches with this key in their family, as WATCH_ISSUER_KEY (or how, for a
 * chain certificate). Whether the signature verifies is the caller's matter,
 * except that a precertificate leaf's issuer_key_hash needs none. */
void watch_set_match_key(const struct watch_set *, const uint8_t spki[WATCH_KEY_LEN],
    enum watch_how how, struct watch_matches *out);

/* Candidates, for a certificate whose issuer's key is not known: by issuer DN
 * (as name_append_key() compares, in whatever order the attributes stand), by its
 * organisation, by AKI key id. issuer is a DER Name; either may be empty. */
void watch_set_match_issuer(const struct watch_set *, struct bytes issuer,
    struct bytes authority_key_id, struct watch_matches *out);

/* Whether this CA watch's family has the key. */
bool watch_set_family_has(
    const struct watch_set *, uint32_t watch, const uint8_t spki[WATCH_KEY_LEN]);

/* The keys of a CA watch's family: start with *at = 0; NULL at the end. Borrowed.
 * Linear over all watches' keys: for commands and reloads. */
const uint8_t *watch_set_next_key(const struct watch_set *, uint32_t watch, size_t *at);

/* What a domain's owner expects besides issuers; suppress is empty in it. */
void watch_set_policy(const struct watch_set *, uint32_t watch, struct watch_policy *out);

/* Whether the owner wants to hear nothing of such certificates: by their issuer
 * (spki NULL: not known) or by their own key. */
bool watch_set_suppressed(const struct watch_set *, uint32_t watch, const uint8_t *spki,
    struct bytes issuer, const uint8_t own[WATCH_KEY_LEN]);

/* Whether a domain watch expects this issuer. spki NULL: not known. True also
 * where the watch has no list: ask info.has_allowed first. */
bool watch_set_issuer_allowed(
    const struct watch_set *, uint32_t watch, const uint8_t *spki, struct bytes issuer);
