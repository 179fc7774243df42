/*
 * cert - finds every field of an RFC 5280 certificate, however odd it is.
 *
 * Nothing is copied: all views point into the caller's bytes, which have to
 * outlive the struct. A field that breaks a rule is a fault of that field
 * (flaws and offset) and never hides the others. Extensions are located here
 * and decoded on demand (x509/extension.h); names by iterators (x509/name.h,
 * x509/san.h). Thread-safe; no allocation.
 */
#pragma once
#include "x509/der.h"
#include "x509/extension.h"
#include "x509/time.h"

#define CERT_EXTENSIONS_MAX 64

enum cert_field {
	CERT_OUTER, /* the Certificate SEQUENCE; FLAW_TRAILING: bytes behind it */
	CERT_TBS,
	CERT_VERSION,
	CERT_SERIAL,
	CERT_TBS_ALGORITHM,
	CERT_ISSUER,
	CERT_VALIDITY,
	CERT_NOT_BEFORE,
	CERT_NOT_AFTER,
	CERT_SUBJECT,
	CERT_SPKI,
	CERT_ISSUER_UNIQUE_ID,
	CERT_SUBJECT_UNIQUE_ID,
	CERT_EXTENSIONS,
	CERT_ALGORITHM,
	CERT_SIGNATURE,
	CERT_FIELD_COUNT
};

struct cert_fault {
	uint32_t flaws;  /* enum der_flaw bits; 0: none */
	uint32_t offset; /* of the offending element in cert->der */
};

struct cert_algorithm {
	struct bytes whole;  /* the AlgorithmIdentifier */
	struct bytes oid;    /* content octets */
	struct bytes params; /* the whole element; len 0: absent */
	enum oid id;
};

struct cert {
	struct bytes der;         /* as handed in */
	struct bytes certificate; /* the Certificate element; len 0 for a bare TBS */
	struct bytes trailing;    /* what follows it */
	struct bytes tbs;         /* the TBSCertificate element */

	int64_t not_before;    /* Unix seconds; 0 where before.form has TIME_UNREADABLE */
	int64_t not_after;     /* the last second it is valid */
	struct bytes validity; /* the SEQUENCE */
	struct der_time before, after;

	uint32_t version;        /* 1, 2, 3 as people count; larger for odd ones */
	struct bytes version_at; /* the [0] element; len 0: not written */
	struct bytes serial;     /* content octets as they stand; may be empty */
	struct bytes serial_at;  /* the INTEGER element */
	struct cert_algorithm tbs_algorithm;
	struct bytes issuer, subject; /* Name elements */

	struct bytes spki; /* the SubjectPublicKeyInfo element */
	struct cert_algorithm key_algorithm;
	struct bytes key_bits; /* of its BIT STRING, without the count */
	uint8_t key_unused;    /* that count */

	struct bytes issuer_unique_id, subject_unique_id; /* [1] and [2]; len 0: absent */
	struct bytes extensions_at; /* the [3] element; len 0: absent */
	struct bytes extensions;    /* the inside of its SEQUENCE */

	struct cert_algorithm algorithm; /* of the signature; empty for a bare TBS */
	struct bytes signature;          /* of its BIT STRING, without the count */
	struct bytes signature_at;       /* the BIT STRING element */
	uint8_t signature_unused;

	uint32_t fields_at_fault; /* 1 << enum cert_field */
	struct cert_fault faults[CERT_FIELD_COUNT];

	uint32_t extension_total; /* all that were seen */
	uint32_t extension_count; /* those below; fewer than total: FLAW_MANY */
	struct extension extension[CERT_EXTENSIONS_MAX]; /* not cleared past the count */
};

/* A full Certificate. False when no TBSCertificate can be made out (outer and
 * TBS fault say why); the struct is then empty but fit for every function
 * that takes one. True says nothing about faults: see cert_is_sound(). */
bool cert_parse(struct bytes der, struct cert *out);

/* A bare TBSCertificate, as in a precertificate's leaf (RFC 6962, 3.4). */
bool cert_parse_tbs(struct bytes tbs, struct cert *out);

bool cert_is_sound(const struct cert *); /* no field at fault */

const char *cert_field_name(enum cert_field); /* "tbsCertificate.serialNumber" */

/* Where a view of this certificate begins. */
size_t cert_offset(const struct cert *, struct bytes part);

/* Critical poison or not: there is one (RFC 6962, 3.1). */
bool cert_is_precert(const struct cert *);

/* Issuer and subject are the same bytes. Says nothing of the signature. */
bool cert_is_self_issued(const struct cert *);
