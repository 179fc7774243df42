/*
 * authority - the CA certificates met in chains, each parsed and kept once.
 *
 * Shared by loop, workers and writer: a lock around the tables, and what is
 * handed out is immutable and lives as long as the tables, so that a chain is
 * a few pointers. Logs repeat a few thousand of them millions of times.
 *
 * A log can send new ones without end. So the tables have a ceiling: past it the
 * next batch begins with empty ones, and the full ones go with the last batch
 * that looks at them.
 */
#pragma once
#include <stdatomic.h>

#include "crypto/verify.h"
#include "x509/cert.h"

struct authorities;

struct authority {
	struct sha256 sha256;         /* of der */
	struct bytes der;             /* owned */
	struct bytes subject, issuer; /* Names, views of der */
	struct bytes key_id;          /* subjectKeyIdentifier, or empty */
	int64_t not_before_s, not_after_s;
	struct sha256 spki; /* of its key; zero when there is none */
	struct key *key;    /* NULL: unreadable */
	bool is_ca;
	bool precert_signing;             /* RFC 6962, 3.1 */
	struct authority *_Atomic signer; /* verified to have signed it; may be itself */
	atomic_bool stored;               /* its row is committed */
	uint32_t first_log;               /* where it was first met */
	uint64_t first_index;
	int64_t first_timestamp_ms; /* of that entry */
};

/* With one reference; past so many octets (what they cost, roughly) it is full. */
struct authorities *authorities_new(size_t ceiling);
void authorities_unref(struct authorities *); /* NULL is fine */

/* A reference to *current, for a batch. Where that is full, an empty one takes
 * its place first. The loop's thread only. */
struct authorities *authorities_take(struct authorities **current);

/* The one of this DER, made when it is new. Never NULL: what cannot be parsed
 * is kept as bytes with a fingerprint. */
struct authority *authority_of_der(struct authorities *, struct bytes der);

/* The one with this fingerprint, or NULL where it was never met. */
struct authority *authority_of_hash(struct authorities *, const struct sha256 *);

/* Its parsed form, made anew: kept ones would be most of our memory. */
void authority_cert(const struct authority *, struct cert *out);

/* Whether issuer's key signed certificate, by RFC 5280 names and signature;
 * remembered. */
bool authority_signed_by(struct authority *certificate, struct authority *issuer);
