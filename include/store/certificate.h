/*
 * store/certificate - certificates, their forms, where they were seen, and
 * their names.
 *
 * A certificate is (issuer key, serial octets, SHA-256 of the normalised
 * TBS). Its forms are the distinct DERs of it: the precertificate, the final
 * one, perhaps several of these. A sighting is one entry of one log.
 * Whatever index finds a row, whole bytes decide.
 */
#pragma once
#include "store/store.h"

/* --- issuers --------------------------------------------------------------- */

/* Who signed: a name, and the key where it is known. */
struct issuer_row {
	uint32_t number;
	struct bytes dn; /* DER of the name, as it stands */
	struct bytes
	    dn_normalised;        /* what compares equal for equal names, caller's form */
	struct bytes spki_sha256; /* 32 bytes; empty: unknown yet */
};

/* Finds the row of these (dn, spki_sha256) or inserts it; sets number. Cheap
 * when it was asked for lately. */
MUST_CHECK bool store_issuer_put(struct store *, struct issuer_row *row, struct err *err);
MUST_CHECK bool store_issuer_find(struct store *, uint32_t number, struct arena *,
    struct issuer_row *out, bool *found, struct err *err);

typedef bool store_issuer_fn(void *owner, const struct issuer_row *row);
MUST_CHECK bool store_issuer_each(
    struct store *, store_issuer_fn *fn, void *owner, struct err *err);

/* --- certificates ---------------------------------------------------------- */

struct certificate_row {
	int64_t number; /* 1..; 0 when it is put: the store chooses, rising */
	uint32_t issuer;
	struct bytes
	    issuer_spki;     /* of the issuer row, on the way out: 32 bytes or empty */
	struct bytes serial; /* content octets as they stand, possibly none */
	struct bytes tbs_sha256;           /* of the normalised TBS */
	int64_t not_before_s, not_after_s; /* STORE_NO_TIME when unreadable */
	int64_t lo_ms, hi_ms;              /* signed not before, not after; or none */
	uint32_t flags;                    /* the caller's */
	uint32_t first_log;                /* the entry that brought it; 0: no log did */
	uint64_t first_index;
	int64_t first_seen_ms;
};

/* What a certificate is looked up by. issuer has to stand in the table. */
struct certificate_key {
	uint32_t issuer;
	struct bytes serial;
	struct bytes tbs_sha256;
};

/*
 * The certificate of this key: the same serial and normalised TBS (which holds
 * the issuer's name), and the same issuer key. Where the asker's issuer key or
 * the row's is unknown, name, serial and TBS decide.
 */
MUST_CHECK bool store_certificate_find(struct store *, const struct certificate_key *key,
    struct arena *, struct certificate_row *out, bool *found, struct err *err);

MUST_CHECK bool store_certificate_get(struct store *, int64_t number, struct arena *,
    struct certificate_row *out, bool *found, struct err *err);

/* Inserts; the caller has asked store_certificate_find() in this transaction.
 * Sets number. */
MUST_CHECK bool store_certificate_put(
    struct store *, struct certificate_row *row, struct err *err);

/* Changes lo_ms, hi_ms, flags and the issuer (once resolved) of row->number. */
MUST_CHECK bool store_certificate_update(
    struct store *, const struct certificate_row *row, struct err *err);

typedef bool store_certificate_fn(void *owner, const struct certificate_row *row);

/* All with this serial whose issuer has the same key or the same normalised
 * name as issuer, by number; behind after, at most limit (0: all). */
MUST_CHECK bool store_certificate_members(struct store *, uint32_t issuer,
    struct bytes serial, int64_t after, size_t limit, store_certificate_fn *fn,
    void *owner, struct err *err);

struct certificate_filter {
	uint32_t issuer;                 /* 0: any */
	uint32_t flags_set, flags_clear; /* all of these, none of those */
	int64_t first_seen_before_ms;    /* 0: any */
	int64_t after;                   /* the page: numbers above this one */
	size_t limit;                    /* 0: all */
};

/* By number. A filter is tried on each row behind after: page through with
 * limits, and mind that few matches mean a long read. */
MUST_CHECK bool store_certificate_each(struct store *,
    const struct certificate_filter *filter, store_certificate_fn *fn, void *owner,
    struct err *err);

/* Deletes the certificate with its forms, sightings, matches and these names,
 * which are all it was put with. Findings stay. */
MUST_CHECK bool store_certificate_delete(struct store *, int64_t number,
    const struct bytes *names, size_t name_count, struct err *err);

MUST_CHECK bool store_certificate_count(struct store *, int64_t *count, struct err *err);

/* --- forms ----------------------------------------------------------------- */

enum form_kind { FORM_PRECERTIFICATE, FORM_FINAL };

struct form_row {
	int64_t number; /* set when it is put; the first form has its certificate's */
	int64_t certificate;
	enum form_kind kind;
	struct bytes sha256; /* of der: 32 bytes */
	struct bytes der;
	struct bytes chain; /* SHA-256s of its CA certificates, leaf's issuer first */
};

/* Inserts unless the certificate has a form of this sha256; sets number, and
 * inserted. */
MUST_CHECK bool store_form_put(
    struct store *, struct form_row *row, bool *inserted, struct err *err);
MUST_CHECK bool store_form_find(struct store *, struct bytes sha256, struct arena *,
    struct form_row *out, bool *found, struct err *err);
MUST_CHECK bool store_form_get(struct store *, int64_t number, struct arena *,
    struct form_row *out, bool *found, struct err *err);

typedef bool store_form_fn(void *owner, const struct form_row *row);

/* All of a certificate, first stored first. */
MUST_CHECK bool store_form_of(
    struct store *, int64_t certificate, store_form_fn *fn, void *owner, struct err *err);

/* All numbers above after, ascending, at most limit: how a rescan walks. */
MUST_CHECK bool store_form_each(struct store *, int64_t after, size_t limit,
    store_form_fn *fn, void *owner, struct err *err);

/* The highest number; 0: there is none. */
MUST_CHECK bool store_form_newest(struct store *, int64_t *number, struct err *err);

/* --- sightings ------------------------------------------------------------- */

struct sighting_row {
	uint32_t log;
	uint64_t index;
	int64_t form, certificate;
	int64_t timestamp_ms;    /* the log's */
	int entry_type;          /* LogEntryType: 0 x509_entry, 1 precert_entry */
	struct bytes extensions; /* CtExtensions' content, possibly none */
	struct bytes leaf_tbs;   /* only where the form does not derive it; else empty */
};

/* Inserts, or replaces what stood at (log, index). */
MUST_CHECK bool store_sighting_put(
    struct store *, const struct sighting_row *row, struct err *err);

typedef bool store_sighting_fn(void *owner, const struct sighting_row *row);

/* A row that outlives the call that showed it: its bytes become the arena's. */
struct sighting_row store_sighting_copy(const struct sighting_row *, struct arena *);

/* Of one certificate, in all logs, by log and index. */
MUST_CHECK bool store_sighting_of(struct store *, int64_t certificate,
    store_sighting_fn *fn, void *owner, struct err *err);

/* Of one log, indexes from first to before end, ascending; at most limit (0: all). */
MUST_CHECK bool store_sighting_each(struct store *, uint32_t log, uint64_t first,
    uint64_t end, size_t limit, store_sighting_fn *fn, void *owner, struct err *err);

/* Of one log, [first, end). Certificates and forms stay. */
MUST_CHECK bool store_sighting_delete(struct store *, uint32_t log, uint64_t first,
    uint64_t end, size_t *deleted, struct err *err);

/* --- names ----------------------------------------------------------------- */

/* Names are lower case and reversed by label, the caller does it:
 * "com.example.www", "com.example.*". Longer than 1024 bytes is cut there. */
MUST_CHECK bool store_name_put(struct store *, int64_t certificate,
    const struct bytes *names, size_t count, struct err *err);

struct name_filter {
	struct bytes name; /* reversed; empty: every name */
	bool below;        /* with all that end in "." + name, unreversed */
	/* The page: behind (after_name, after_certificate), at most limit (0: all).
	 * after_name empty: from the front. */
	struct bytes after_name;
	int64_t after_certificate;
	size_t limit;
};

typedef bool store_name_fn(void *owner, struct bytes name, int64_t certificate);

/* By name, then certificate. */
MUST_CHECK bool store_name_each(struct store *, const struct name_filter *filter,
    store_name_fn *fn, void *owner, struct err *err);

/* --- which watches a certificate concerns ---------------------------------- */

/* watch: a watch_row's number. Fine when it stands already. */
MUST_CHECK bool store_match_put(
    struct store *, uint32_t watch, int64_t certificate, struct err *err);

typedef bool store_match_fn(void *owner, uint32_t watch, int64_t certificate);
MUST_CHECK bool store_match_of_certificate(struct store *, int64_t certificate,
    store_match_fn *fn, void *owner, struct err *err);

/* By certificate, numbers above after, at most limit (0: all). */
MUST_CHECK bool store_match_of_watch(struct store *, uint32_t watch, int64_t after,
    size_t limit, store_match_fn *fn, void *owner, struct err *err);
