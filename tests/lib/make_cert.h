/*
 * make_cert - certificates for tests and for the demo log, with any defect.
 *
 * Real signatures by throw-away keys, DER written by hand, so that whatever a
 * check looks for can be built: raw names, raw times, raw algorithm
 * identifiers, any extension, or a patch of the whole TBS before it is signed.
 * Aborts where OpenSSL fails: there is no bad input here.
 */
#pragma once
#include <openssl/evp.h>

#include "base/buf.h"

/* --- keys ------------------------------------------------------------------ */

enum make_key_type {
	MAKE_KEY_P256,
	MAKE_KEY_P384,
	MAKE_KEY_P521,
	MAKE_KEY_P224,
	MAKE_KEY_SECP256K1,
	MAKE_KEY_SM2,
	MAKE_KEY_RSA1024,
	MAKE_KEY_RSA2047, /* a bit too short */
	MAKE_KEY_RSA2048,
	MAKE_KEY_RSA3072,
	MAKE_KEY_ED25519,
	MAKE_KEY_TYPES,
};

struct make_key {
	enum make_key_type type;
	EVP_PKEY *pkey;
	struct buf spki;      /* DER SubjectPublicKeyInfo */
	uint8_t key_hash[32]; /* SHA-256 of it: issuer_key_hash, and a log's id */
	uint8_t key_id[20];   /* SHA-1 of the key bits: subjectKeyIdentifier */
};

/* The number'th key of a type (below 64): made when first asked for, the same
 * for the whole process, never freed. */
const struct make_key *make_key(enum make_key_type type, unsigned number);

/* A key of its own. */
struct make_key *make_key_new(enum make_key_type type);
void make_key_free(struct make_key *);

/* --- DER ------------------------------------------------------------------- */

/* Appends one TLV (low tag numbers, definite lengths). */
void der_put(struct buf *out, uint8_t tag, struct bytes content);
void der_put_oid(struct buf *out, const char *dotted);
void der_put_time(struct buf *out, int64_t unix_s); /* as RFC 5280, 4.1.2.5 */
void der_put_text(struct buf *out, uint8_t tag, const char *text);
/* Wraps everything from `start` on into one TLV. */
void der_wrap(struct buf *out, size_t start, uint8_t tag);
/* Same, the other way round: out's contents become the hex's bytes. */
void der_put_hex(struct buf *out, const char *hex);

/* --- certificates ------------------------------------------------------------ */

enum make_role { MAKE_LEAF, MAKE_CA, MAKE_ROOT };

enum make_sigalg {
	MAKE_SIG_DEFAULT, /* SHA-256 (SHA-384 for P-384), SM3 for SM2, as the key asks */
	MAKE_SIG_SHA1,
	MAKE_SIG_SHA256,
	MAKE_SIG_SHA384,
	MAKE_SIG_SHA512,
	MAKE_SIG_SM3,
	MAKE_SIG_MD5,
};

/* One GeneralName: tag number 0 to 8, raw content. */
struct make_san {
	uint8_t tag;
	struct bytes value;
};

struct make_ext {
	const char *oid;
	bool critical;
	struct bytes value; /* what the OCTET STRING holds */
};

/* What make_spec.omit leaves out. */
enum make_part {
	OMIT_AKI = 1,
	OMIT_SKI = 2,
	OMIT_KU = 4,
	OMIT_EKU = 8,
	OMIT_POLICIES = 16,
	OMIT_AIA = 32,
	OMIT_CRLDP = 64,
	OMIT_SAN = 128,
	OMIT_BC = 256,
	OMIT_EXTENSIONS = 512, /* the whole field */
	OMIT_VERSION = 1024,   /* v1 */
};

/* Key usage bits in their order in RFC 5280, 4.2.1.3: bit 0 first. */
enum make_key_usage {
	MAKE_KU_DIGITAL_SIGNATURE = 1,
	MAKE_KU_NON_REPUDIATION = 2,
	MAKE_KU_KEY_ENCIPHERMENT = 4,
	MAKE_KU_DATA_ENCIPHERMENT = 8,
	MAKE_KU_KEY_AGREEMENT = 16,
	MAKE_KU_CERT_SIGN = 32,
	MAKE_KU_CRL_SIGN = 64,
	MAKE_KU_ENCIPHER_ONLY = 128,
	MAKE_KU_DECIPHER_ONLY = 256,
};

/* Zeroed is a valid TLS leaf of today but for key, names and dates. */
struct make_spec {
	enum make_role role;
	const struct make_key *key;        /* the subject's */
	const struct make_key *issuer_key; /* NULL: self-signed */
	const char
	    *subject; /* "/C=CN/O=WoSign CA Limited/CN=x": UTF8String, C PrintableString;
			 a "+" in place of a slash puts it into the same RDN, a backslash
			 escapes. Types: C ST L O OU CN SN GN serialNumber street
			 postalCode businessCategory jurisdictionC E DC UID title, or an
			 OID. "" or NULL: no attribute. */
	const char *issuer;
	struct bytes subject_der, issuer_der; /* whole Name, in their place */
	struct bytes serial; /* the INTEGER's octets; empty: 16 random ones, positive */
	int64_t not_before, not_after;              /* Unix seconds */
	struct bytes not_before_der, not_after_der; /* whole TLV, in their place */
	enum make_sigalg sigalg;
	struct bytes sigalg_der;       /* AlgorithmIdentifier, both places */
	struct bytes inner_sigalg_der; /* the TBS's only */
	struct bytes spki;             /* in place of the key's */
	struct bytes unique_ids;       /* TLVs [1] and [2], after the key */
	const char *const *dns;        /* SAN dNSNames, NULL-terminated; NULL: none */
	const struct make_san *sans;   /* and after them these */
	size_t san_count;
	bool san_critical;
	uint16_t key_usage;   /* 0: the role's and key's default */
	const char *eku;      /* OIDs between spaces; NULL: serverAuth (leaf) */
	const char *policies; /* OIDs between spaces; NULL: DV (leaf), anyPolicy (CA) */
	const char *ocsp_url; /* NULL: http://ocsp.example/ */
	const char *ca_url;   /* NULL: http://ca.example/ca.cer */
	const char *crl_url;  /* NULL: http://crl.example/ca.crl */
	unsigned omit;        /* enum make_part */
	const struct make_ext *extra; /* appended in their order */
	size_t extra_count;
	bool poison;           /* a precertificate */
	struct bytes sct_list; /* make_sct_list()'s, for a final certificate */
	/* May change the finished TBS (a whole SEQUENCE) before it is signed. */
	void (*patch)(struct buf *tbs, void *owner);
	void *owner;
};

/* A whole certificate; the caller frees it. */
struct buf make_cert(const struct make_spec *);

/* Its TBSCertificate without poison and SCT list: what an SCT signs and what a
 * precertificate's leaf holds. */
struct buf make_tbs(const struct make_spec *);

/* --- certificate transparency ----------------------------------------------- */

/* RFC 6962, 3.2: a SerializedSCT over a precertificate's TBS, signed by a log
 * key; extensions may be empty. */
struct buf make_sct(const struct make_key *log, int64_t timestamp_ms,
    const uint8_t issuer_key_hash[32], struct bytes tbs, struct bytes extensions);

/* RFC 6962, 3.3: the SignedCertificateTimestampList (what the extension's inner
 * OCTET STRING holds). */
struct buf make_sct_list(const struct buf *scts, size_t count);

/* Precertificate and final certificate of one spec, the final with an SCT by
 * each log. poison and sct_list of the spec are ignored. A fixed serial is
 * needed, or else both get their own: it is set where the spec has none. */
struct make_pair {
	struct buf precert, final, tbs;
	struct buf serial;
};
struct make_pair make_pair(const struct make_spec *, const struct make_key *const *logs,
    const int64_t *timestamps_ms, size_t log_count);
void make_pair_free(struct make_pair *);
