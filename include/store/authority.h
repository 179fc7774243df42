/*
 * store/authority - every CA certificate seen in any chain or root list, with
 * whose key signed it: the edges of CA families.
 */
#pragma once
#include "store/store.h"

struct ca_certificate_row {
	struct bytes sha256; /* 32 bytes, of der */
	struct bytes der;
	struct bytes subject, issuer; /* DER of the names */
	struct bytes spki_sha256;     /* of its own key; empty: unreadable */
	struct bytes signed_by_spki;  /* whose key the signature verifies under; empty:
					 none known yet */
	int64_t not_before_s, not_after_s;
	bool is_ca;
	uint32_t first_log; /* where it was first seen; 0: in a file or root list */
	uint64_t first_index;
	int64_t first_seen_ms;
};

/* Inserts unless it is there. inserted may be NULL. */
MUST_CHECK bool store_ca_certificate_put(struct store *,
    const struct ca_certificate_row *row, bool *inserted, struct err *err);

/* Once the key that signed it has turned up. */
MUST_CHECK bool store_ca_certificate_signed_by(
    struct store *, struct bytes sha256, struct bytes spki_sha256, struct err *err);

MUST_CHECK bool store_ca_certificate_find(struct store *, struct bytes sha256,
    struct arena *, struct ca_certificate_row *out, bool *found, struct err *err);

typedef bool store_ca_certificate_fn(void *owner, const struct ca_certificate_row *row);

/* By first seen first. Empty fields match any; with all of them empty: every
 * one, for loading the families at start. */
struct ca_certificate_filter {
	struct bytes spki_sha256;    /* its own key */
	struct bytes signed_by_spki; /* the key that signed it */
	struct bytes subject;
	struct bytes issuer;
	bool unsigned_only; /* signed_by_spki is not known yet */
};
MUST_CHECK bool store_ca_certificate_each(struct store *,
    const struct ca_certificate_filter *filter, store_ca_certificate_fn *fn, void *owner,
    struct err *err);

/* Which CA certificates a log accepts as roots (get-roots), with dates. */
struct root_row {
	uint32_t log;
	struct bytes sha256; /* of a ca_certificate */
	int64_t first_seen_ms, last_seen_ms;
	int64_t gone_ms; /* STORE_NO_TIME: still there */
};
MUST_CHECK bool store_root_put(
    struct store *, const struct root_row *row, struct err *err);
typedef bool store_root_fn(void *owner, const struct root_row *row);
MUST_CHECK bool store_root_each(
    struct store *, uint32_t log, store_root_fn *fn, void *owner, struct err *err);
