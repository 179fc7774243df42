/*
 * spki - public keys as certificates carry them, taken apart but not trusted.
 *
 * No mathematics: views of the numbers, their lengths, and what is wrong with
 * the encoding. Verification is crypto's.
 */
#pragma once
#include "crypto/digest.h"
#include "x509/der.h"
#include "x509/oid.h"

enum spki_kind {
	SPKI_UNKNOWN, /* an algorithm that is not in this list: see algorithm_id */
	SPKI_RSA,
	SPKI_EC,
	SPKI_DSA,
	SPKI_ED25519,
	SPKI_ED448,
	SPKI_ML_DSA,
	SPKI_GOST,
};

struct spki {
	struct bytes whole;
	struct bytes algorithm;   /* the AlgorithmIdentifier element */
	struct bytes oid, params; /* params: the whole element, len 0: absent */
	enum oid algorithm_id;
	enum spki_kind kind;
	struct bytes bits; /* of the BIT STRING */
	uint8_t unused;
	uint32_t flaws;     /* of the SPKI and the AlgorithmIdentifier */
	uint32_t key_flaws; /* of what is inside the bits: SPKI_RSA and SPKI_DSA */

	/* SPKI_RSA: INTEGER contents as they stand */
	struct bytes modulus, exponent;
	size_t modulus_bits, exponent_bits;

	/* SPKI_EC: the named curve, OID_UNKNOWN when not in the table, curve_oid
	 * empty when the parameters are no OID; SM2 is a curve here */
	struct bytes curve_oid, point;
	enum oid curve;

	/* SPKI_DSA: INTEGER contents; data NULL: absent */
	struct bytes p, q, g, y;
};

/* False when it is no SubjectPublicKeyInfo at all; fills what it can. */
bool spki_parse(struct bytes element, struct spki *out);

/* Appends "RSA-2048", "P-256", "Ed25519", "DSA-1024", "SM2" or the dotted OID. */
bool spki_append_text(struct buf *out, const struct spki *);

/* SHA-256 of the element: log ids, issuer_key_hash, CA families. */
void spki_hash(struct bytes element, struct sha256 *out);
