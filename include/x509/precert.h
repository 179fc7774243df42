/*
 * precert - from a precertificate to the bytes that logs sign, and the form in
 * which a precertificate and its final certificate are the same.
 *
 * By splicing: what is not removed or replaced is copied byte for byte, and
 * only the lengths of the TBSCertificate, the [3] and its SEQUENCE are
 * written anew (minimal DER). RFC 6962, 3.1 and 3.2.
 */
#pragma once
#include "crypto/digest.h"
#include "x509/cert.h"

enum precert_strip {
	STRIP_POISON = 1,
	STRIP_SCT_LIST = 2,
};

/* Appends the TBSCertificate of cert without those extensions (all of them,
 * if there are several). [3] goes when nothing is left in it. Where nothing is
 * to be stripped the bytes stay as they are. ERR_PARSE: extensions that cannot
 * be walked to their end; ERR_LIMIT: too many pieces, or out is full. */
MUST_CHECK bool precert_strip_tbs(
    const struct cert *, unsigned what, struct buf *out, struct err *);

/* Appends what RFC 6962 3.2 puts in the leaf: poison removed; with signer (the
 * Precertificate Signing Certificate that issued it, else NULL) its issuer Name
 * and its authorityKeyIdentifier value put in place: the extension goes when the
 * signer has none, and is added last when only the signer has one. */
MUST_CHECK bool precert_leaf_tbs(
    const struct cert *precert, const struct cert *signer, struct buf *out, struct err *);

/* The TBS derived from the precertificate is this one, byte for byte. */
MUST_CHECK bool precert_matches_leaf(const struct cert *precert,
    const struct cert *signer, struct bytes leaf_tbs, struct err *);

/* SHA-256 of the TBS without poison and SCT list: with the issuer's key and
 * the serial number, what makes a certificate row. Works on full certificates
 * and on the TBS of a leaf; no allocation. Extensions that cannot be walked:
 * the whole TBS is hashed as it is, and false returned. */
bool cert_normalised_hash(const struct cert *, struct sha256 *out);
