/*
 * verify - public keys, and whether a signature is theirs.
 *
 * A key is immutable and counted; any number of threads may verify with it at
 * once. Knows the algorithms of logs (RFC 6962, 2.1.4) and of X.509; knows
 * nothing of certificates. Nothing here signs.
 */
#pragma once
#include "base/buf.h"
#include "crypto/digest.h"

struct key;

enum key_kind {
	KEY_RSA,
	KEY_RSA_PSS, /* the SPKI says id-RSASSA-PSS */
	KEY_EC,
	KEY_SM2,
	KEY_DSA,
	KEY_ED25519,
	KEY_ED448,
	KEY_OTHER, /* libcrypto reads it, we verify nothing with it */
};

/* From a SubjectPublicKeyInfo in DER, nothing behind it. NULL with ERR_PARSE
 * when libcrypto does not take it (unknown algorithm, damaged). */
struct key *key_from_spki(struct bytes der, struct err *);

/* From the first "BEGIN PUBLIC KEY" block of a PEM text. */
struct key *key_from_pem(struct bytes pem, struct err *);

/* From the 32 bytes of an Ed25519 key (witnesses). */
struct key *key_from_ed25519(struct bytes raw, struct err *);

struct key *key_ref(struct key *); /* returns it */
void key_free(struct key *);       /* gives up one reference; NULL is fine */

enum key_kind key_kind(const struct key *);
int key_bits(const struct key *);     /* modulus, group or curve size */
bool key_is_p256(const struct key *); /* on NIST P-256 */

/* SHA-256 of the SPKI in DER: for a log's key its log id (RFC 6962, 3.2). For
 * a key from PEM or raw bytes it is that of libcrypto's encoding. */
const struct sha256 *key_id(const struct key *);

/* Appends the SPKI in DER, as libcrypto encodes it. */
MUST_CHECK bool key_append_spki(const struct key *, struct buf *out, struct err *);

/* Code points of RFC 5246, 7.4.1.4.1, as a DigitallySigned names them. */
enum { SIGNED_HASH_SHA256 = 4, SIGNED_BY_RSA = 1, SIGNED_BY_ECDSA = 3 };

/*
 * RFC 6962, 2.1.4: a log's signature over message, ECDSA on P-256 or RSA
 * PKCS#1 v1.5 with SHA-256. hash_algorithm and signature_algorithm are what
 * the DigitallySigned says; they have to name SHA-256 and the key's own kind.
 * ERR_VERIFY when the signature is not the key's, ERR_PARSE when the code
 * points name anything else, ERR_CRYPTO when libcrypto cannot tell.
 */
MUST_CHECK bool key_verify_log(struct key *, uint8_t hash_algorithm,
    uint8_t signature_algorithm, struct bytes message, struct bytes signature,
    struct err *);

enum key_verdict {
	KEY_GOOD,
	KEY_BAD,         /* the signature is not this key's over these bytes */
	KEY_UNSUPPORTED, /* nothing can be said: algorithm unknown, or not the key's */
};

/*
 * RFC 5280, 4.1.1.3: the signature of a certificate, precertificate or CRL.
 * algorithm is the AlgorithmIdentifier in DER (tag and length included),
 * message the signed bytes (the whole TBSCertificate), signature the BIT
 * STRING's content without its count of unused bits.
 *
 * RSA PKCS#1 v1.5 with MD5, SHA-1 and SHA-2, RSA-PSS, ECDSA and DSA with SHA-1
 * and SHA-2, Ed25519, Ed448, SM2 with SM3 and the default identity. An
 * algorithm that belongs to another kind of key is KEY_BAD.
 */
MUST_CHECK enum key_verdict key_verify_x509(
    struct key *, struct bytes algorithm, struct bytes message, struct bytes signature);

/* SHA-256 with RSA PKCS#1 v1.5 or ECDSA, or Ed25519, as the key's kind says:
 * for detached signatures (log lists, notes). */
MUST_CHECK enum key_verdict key_verify_plain(
    struct key *, struct bytes message, struct bytes signature);
