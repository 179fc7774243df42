/*
 * extension - what a certificate's extensions say, decoded when asked.
 *
 * Every decoder takes an extension as cert_parse found it (NULL: it is absent)
 * and fills its result as far as the bytes can be read; the result's flaws
 * say what was wrong with them. Iterators hand out views and stop at the first
 * byte that is no element: `flaws` of the iterator then has FLAW_CUT.
 */
#pragma once
#include "x509/der.h"
#include "x509/oid.h"

struct cert;

struct extension {
	struct bytes whole; /* the SEQUENCE */
	struct bytes oid;   /* content octets */
	struct bytes value; /* inside the OCTET STRING */
	uint32_t flaws;     /* of the wrapping; FLAW_DEFAULT: FALSE written out */
	enum oid id;
	bool critical;
	bool critical_written; /* the BOOLEAN stands there */
};

/* The first extension of that kind, NULL when there is none; and the next of
 * the same OID, for duplicates. Those past CERT_EXTENSIONS_MAX are only seen
 * by extension_iter. */
const struct extension *cert_extension(const struct cert *, enum oid);
const struct extension *cert_extension_again(
    const struct cert *, const struct extension *previous);
const struct extension *cert_extension_by_oid(const struct cert *, struct bytes oid);

/* All extensions, without the bound of the array. */
struct extension_iter {
	struct cursor at;
	uint32_t flaws;
};
void extension_begin(const struct cert *, struct extension_iter *);
bool extension_next(struct extension_iter *, struct extension *out);

/* RFC 5280, 4.2.1.9. */
struct basic_constraints {
	bool ca;
	bool has_path_length;
	uint64_t path_length;
	struct bytes path_length_at; /* the INTEGER element */
	uint32_t flaws;
};
void extension_basic_constraints(const struct extension *, struct basic_constraints *);
bool cert_is_ca(const struct cert *); /* any basicConstraints with cA TRUE */

/* RFC 5280, 4.2.1.3. Bit n of the BIT STRING is 1 << n here. */
enum key_usage_bit {
	KU_DIGITAL_SIGNATURE = 1 << 0,
	KU_NON_REPUDIATION = 1 << 1,
	KU_KEY_ENCIPHERMENT = 1 << 2,
	KU_DATA_ENCIPHERMENT = 1 << 3,
	KU_KEY_AGREEMENT = 1 << 4,
	KU_KEY_CERT_SIGN = 1 << 5,
	KU_CRL_SIGN = 1 << 6,
	KU_ENCIPHER_ONLY = 1 << 7,
	KU_DECIPHER_ONLY = 1 << 8,
};
struct key_usage {
	uint32_t bits;    /* the first 32 */
	size_t bit_count; /* written ones, set or not */
	uint8_t unused;   /* the count of unused bits as written */
	uint32_t flaws;   /* FLAW_EMPTY: no bit set; FLAW_ZERO_BITS: not DER; FLAW_RANGE:
			     over 9 */
};
void extension_key_usage(const struct extension *, struct key_usage *);
const char *key_usage_name(enum key_usage_bit);

/* A SEQUENCE OF OBJECT IDENTIFIER: extKeyUsage (RFC 5280, 4.2.1.12). Elements
 * that are no OID are handed out too, with FLAW_TAG. */
struct oid_iter {
	struct cursor at;
	uint32_t flaws; /* of the list; grows while it is read */
};
struct oid_element {
	struct bytes whole, oid;
	uint32_t flaws;
	enum oid id;
};
void extension_oids_begin(const struct extension *, struct oid_iter *);
bool oid_iter_next(struct oid_iter *, struct oid_element *out);
bool extension_has_oid(const struct extension *, enum oid);

/* RFC 5280, 4.2.1.4. */
struct policy_iter {
	struct cursor at;
	uint32_t flaws;
};
struct policy {
	struct bytes whole, oid;
	struct bytes qualifiers; /* the SEQUENCE; len 0: none */
	uint32_t flaws;
	enum oid id;
};
void extension_policies_begin(const struct extension *, struct policy_iter *);
bool policy_next(struct policy_iter *, struct policy *out);

struct policy_qualifier {
	struct bytes whole, oid;
	enum oid id;
	struct der value;         /* the whole qualifier: CPS URI or UserNotice */
	struct der explicit_text; /* whole.len 0: none */
	struct der notice_ref;    /* whole.len 0: none */
	uint32_t flaws;
};
void policy_qualifiers_begin(const struct policy *, struct policy_iter *);
bool policy_qualifier_next(struct policy_iter *, struct policy_qualifier *out);

/* RFC 5280, 4.2.1.1 and 4.2.1.2. */
struct authority_key_id {
	struct bytes key_id; /* content; data NULL: absent */
	struct bytes issuer; /* the [1] element, GeneralNames; len 0: absent */
	struct bytes serial; /* content of [2]; data NULL: absent */
	uint32_t flaws;
};
void extension_authority_key_id(const struct extension *, struct authority_key_id *);
struct bytes extension_subject_key_id(const struct extension *, uint32_t *flaws);

/* The raw TLS structure SignedCertificateTimestampList (RFC 6962, 3.3): inside
 * an OCTET STRING inside the value. data NULL: not readable or absent. */
struct bytes extension_sct_list(const struct extension *, uint32_t *flaws);

/* RFC 6962, 3.1: critical, and the value is a NULL. Others are poisons too,
 * only malformed ones: cert_is_precert() takes them as poisons. */
bool extension_poison_well_formed(const struct extension *);

/* EKU 1.3.6.1.4.1.11129.2.4.4, critical or not; or an extension of that OID,
 * which is what TesseraCT looks for. */
bool cert_is_precert_signing(const struct cert *);
bool cert_has_eku(const struct cert *, enum oid);

/* RFC 5280, 4.2.1.5, 4.2.1.11, 4.2.1.14. */
struct policy_constraints {
	struct bytes require_explicit, inhibit_mapping; /* content; data NULL: absent */
	uint32_t flaws;                                 /* FLAW_EMPTY: neither */
};
void extension_policy_constraints(const struct extension *, struct policy_constraints *);
struct policy_mapping {
	struct bytes whole, issuer_policy, subject_policy;
	uint32_t flaws;
};
void extension_policy_mappings_begin(const struct extension *, struct policy_iter *);
bool policy_mapping_next(struct policy_iter *, struct policy_mapping *out);

/* Any extension whose value is one element (inhibitAnyPolicy, ...). */
bool extension_element(const struct extension *, struct der *out);
