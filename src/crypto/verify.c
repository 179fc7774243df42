#include "crypto/verify.h"

#include <openssl/dsaerr.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <limits.h>
#include <stdatomic.h>

#include "base/mem.h"
#include "crypto/failed.h"

struct key {
	EVP_PKEY *pkey;
	enum key_kind kind;
	struct sha256 id;
	atomic_int references;
};

/* How a signature is to be verified. */
struct scheme {
	const char *digest; /* NULL: the algorithm has none of its own */
	bool pss;
	const char *mgf1_digest;
	int salt_len;
};

/* GB/T 35276: the identity signed with where none was agreed upon. */
static const char SM2_DEFAULT_ID[] = "1234567812345678";

static enum key_kind
kind_of(EVP_PKEY *pkey)
{
	static const struct {
		const char *name;
		enum key_kind kind;
	} KINDS[] = {
	    {"RSA", KEY_RSA},
	    {"RSA-PSS", KEY_RSA_PSS},
	    {"EC", KEY_EC},
	    {"SM2", KEY_SM2},
	    {"DSA", KEY_DSA},
	    {"ED25519", KEY_ED25519},
	    {"ED448", KEY_ED448},
	};

	for (size_t i = 0; i < ARRAY_LEN(KINDS); i++)
		if (EVP_PKEY_is_a(pkey, KINDS[i].name))
			return KINDS[i].kind;
	return KEY_OTHER;
}

/* Takes pkey. */
static struct key *
key_take(EVP_PKEY *pkey, struct bytes spki)
{
	struct key *key = mem_zero(1, sizeof(*key));

	key->pkey = pkey;
	key->kind = kind_of(pkey);
	sha256_of(spki, &key->id);
	atomic_init(&key->references, 1);
	return key;
}

/* Takes pkey, whose id is that of libcrypto's encoding. */
static struct key *
key_take_encoded(EVP_PKEY *pkey, struct err *err)
{
	uint8_t *der = NULL;
	int len = i2d_PUBKEY(pkey, &der);
	struct key *key;

	if (len <= 0) {
		EVP_PKEY_free(pkey);
		crypto_failed(err, ERR_CRYPTO, "cannot encode the public key");
		return NULL;
	}
	key = key_take(pkey, bytes_of(der, (size_t)len));
	OPENSSL_free(der);
	return key;
}

struct key *
key_from_spki(struct bytes der, struct err *err)
{
	const uint8_t *at = der.data;
	EVP_PKEY *pkey;

	if (der.len == 0 || der.len > INT_MAX) {
		err_set(err, ERR_PARSE, "a public key of %zu bytes", der.len);
		return NULL;
	}
	pkey = d2i_PUBKEY(NULL, &at, (long)der.len);
	if (pkey == NULL || at != der.data + der.len) {
		EVP_PKEY_free(pkey);
		crypto_failed(err, ERR_PARSE, "no public key that libcrypto takes");
		return NULL;
	}
	crypto_forget();
	return key_take(pkey, der);
}

struct key *
key_from_pem(struct bytes pem, struct err *err)
{
	BIO *bio = pem.len <= INT_MAX ? BIO_new_mem_buf(pem.data, (int)pem.len) : NULL;
	EVP_PKEY *pkey = bio != NULL ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	if (pkey == NULL) {
		crypto_failed(err, ERR_PARSE, "no public key in PEM");
		return NULL;
	}
	crypto_forget();
	return key_take_encoded(pkey, err);
}

struct key *
key_from_ed25519(struct bytes raw, struct err *err)
{
	EVP_PKEY *pkey =
	    EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw.data, raw.len);

	if (pkey == NULL) {
		crypto_failed(err, ERR_PARSE, "no Ed25519 key");
		return NULL;
	}
	return key_take_encoded(pkey, err);
}

struct key *
key_ref(struct key *key)
{
	atomic_fetch_add_explicit(&key->references, 1, memory_order_relaxed);
	return key;
}

void
key_free(struct key *key)
{
	if (key == NULL ||
	    atomic_fetch_sub_explicit(&key->references, 1, memory_order_acq_rel) != 1)
		return;
	EVP_PKEY_free(key->pkey);
	mem_free(key);
}

enum key_kind
key_kind(const struct key *key)
{
	return key->kind;
}

int
key_bits(const struct key *key)
{
	return EVP_PKEY_get_bits(key->pkey);
}

bool
key_is_p256(const struct key *key)
{
	char group[64];

	return key->kind == KEY_EC &&
	    EVP_PKEY_get_group_name(key->pkey, group, sizeof(group), NULL) == 1 &&
	    strcmp(group, SN_X9_62_prime256v1) == 0;
}

bool
key_append_spki(const struct key *key, struct buf *out, struct err *err)
{
	int len = i2d_PUBKEY(key->pkey, NULL);
	uint8_t *at = len > 0 ? buf_extend(out, (size_t)len) : NULL;

	if (at == NULL || i2d_PUBKEY(key->pkey, &at) != len)
		return crypto_failed(err, ERR_CRYPTO, "key: cannot be encoded");
	return true;
}

const struct sha256 *
key_id(const struct key *key)
{
	return &key->id;
}

/* Size limits of libcrypto against slow keys: they say nothing of the
 * signature. */
static bool
refused_to_look(void)
{
	unsigned long code;
	bool refused = false;

	while ((code = ERR_get_error()) != 0) {
		int lib = ERR_GET_LIB(code), reason = ERR_GET_REASON(code);

		refused |= lib == ERR_LIB_RSA &&
		    (reason == RSA_R_MODULUS_TOO_LARGE || reason == RSA_R_BAD_E_VALUE);
		refused |= lib == ERR_LIB_DSA &&
		    (reason == DSA_R_MODULUS_TOO_LARGE || reason == DSA_R_BAD_Q_VALUE);
	}
	return refused;
}

static bool
begin_verify(EVP_MD_CTX *md, struct key *key, const struct scheme *scheme)
{
	EVP_PKEY_CTX *options; /* md's */

	if (EVP_DigestVerifyInit_ex(
		md, &options, scheme->digest, NULL, NULL, key->pkey, NULL) != 1)
		return false;
	/* Not as a parameter of the init: OpenSSL 3.0.19 refuses it there. */
	if (key->kind == KEY_SM2 &&
	    EVP_PKEY_CTX_set1_id(options, SM2_DEFAULT_ID, sizeof(SM2_DEFAULT_ID) - 1) !=
		1)
		return false;
	return !scheme->pss ||
	    (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_mgf1_md_name(options, scheme->mgf1_digest, NULL) ==
		    1 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(options, scheme->salt_len) == 1);
}

static enum key_verdict
verify(struct key *key, const struct scheme *scheme, struct bytes message,
    struct bytes signature)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	enum key_verdict verdict = KEY_UNSUPPORTED;

	if (md != NULL && begin_verify(md, key, scheme)) {
		if (EVP_DigestVerify(md, signature.data, signature.len, message.data,
			message.len) == 1)
			verdict = KEY_GOOD;
		else if (!refused_to_look())
			verdict = KEY_BAD;
	}
	EVP_MD_CTX_free(md);
	crypto_forget();
	return verdict;
}

bool
key_verify_log(struct key *key, uint8_t hash_algorithm, uint8_t signature_algorithm,
    struct bytes message, struct bytes signature, struct err *err)
{
	uint8_t by = key->kind == KEY_EC ? SIGNED_BY_ECDSA : SIGNED_BY_RSA;

	if (hash_algorithm != SIGNED_HASH_SHA256 || signature_algorithm != by ||
	    (key->kind != KEY_EC && key->kind != KEY_RSA))
		return err_set(err, ERR_PARSE,
		    "signature algorithms %u, %u are not the log key's", hash_algorithm,
		    signature_algorithm);
	switch (verify(key, &(struct scheme){.digest = "SHA256"}, message, signature)) {
	case KEY_GOOD:
		return true;
	case KEY_BAD:
		return err_set(err, ERR_VERIFY, "the signature is not the log's");
	case KEY_UNSUPPORTED:
		break;
	}
	return err_set(err, ERR_CRYPTO, "libcrypto cannot verify with the log's key");
}

enum key_verdict
key_verify_plain(struct key *key, struct bytes message, struct bytes signature)
{
	bool none = key->kind == KEY_ED25519 || key->kind == KEY_ED448;

	return verify(
	    key, &(struct scheme){.digest = none ? NULL : "SHA256"}, message, signature);
}

/* The digest an AlgorithmIdentifier names; SHA-1 where there is none, as RFC
 * 4055, 3.1 has it. NULL: unknown. */
static const char *
digest_of(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *oid;

	if (algorithm == NULL)
		return "SHA1";
	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	return EVP_get_digestbyobj(oid) != NULL ? OBJ_nid2sn(OBJ_obj2nid(oid)) : NULL;
}

/* RFC 4055, 3.1: RSASSA-PSS-params, each with its default. */
static bool
pss_scheme(const X509_ALGOR *algorithm, struct scheme *out)
{
	const void *value;
	int type;
	RSA_PSS_PARAMS *params = NULL;
	const X509_ALGOR *mask = NULL;
	X509_ALGOR *mask_hash = NULL;
	bool ok = false;

	X509_ALGOR_get0(NULL, &type, &value, algorithm);
	if (type != V_ASN1_SEQUENCE)
		goto out;
	params = ASN1_item_unpack(value, ASN1_ITEM_rptr(RSA_PSS_PARAMS));
	if (params == NULL)
		goto out;
	if ((mask = params->maskGenAlgorithm) != NULL) {
		const ASN1_OBJECT *oid;

		X509_ALGOR_get0(&oid, &type, &value, mask);
		if (OBJ_obj2nid(oid) != NID_mgf1 || type != V_ASN1_SEQUENCE)
			goto out;
		mask_hash = ASN1_item_unpack(value, ASN1_ITEM_rptr(X509_ALGOR));
		if (mask_hash == NULL)
			goto out;
	}
	if (params->trailerField != NULL && ASN1_INTEGER_get(params->trailerField) != 1)
		goto out;
	*out = (struct scheme){
	    .digest = digest_of(params->hashAlgorithm),
	    .pss = true,
	    .mgf1_digest = digest_of(mask_hash),
	    .salt_len = params->saltLength != NULL
		? (int)ASN1_INTEGER_get(params->saltLength)
		: 20,
	};
	ok = out->digest != NULL && out->mgf1_digest != NULL && out->salt_len >= 0;
out:
	X509_ALGOR_free(mask_hash);
	RSA_PSS_PARAMS_free(params);
	return ok;
}

/* Whether keys of the kind sign with that algorithm (a NID of libcrypto). */
static bool
kind_signs(enum key_kind kind, int key_nid)
{
	switch (kind) {
	case KEY_RSA:
		return key_nid == NID_rsaEncryption || key_nid == NID_rsassaPss;
	case KEY_RSA_PSS:
		return key_nid == NID_rsassaPss;
	case KEY_EC:
		return key_nid == NID_X9_62_id_ecPublicKey;
	case KEY_SM2:
		return key_nid == NID_sm2;
	case KEY_DSA:
		return key_nid == NID_dsa || key_nid == NID_dsa_2;
	case KEY_ED25519:
		return key_nid == NID_ED25519;
	case KEY_ED448:
		return key_nid == NID_ED448;
	case KEY_OTHER:
		break;
	}
	return false;
}

static enum key_verdict
verify_algorithm(struct key *key, const X509_ALGOR *algorithm, struct bytes message,
    struct bytes signature)
{
	const ASN1_OBJECT *oid;
	int digest_nid, key_nid;
	struct scheme scheme = {0};

	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	if (key->kind == KEY_OTHER ||
	    OBJ_find_sigid_algs(OBJ_obj2nid(oid), &digest_nid, &key_nid) != 1)
		return KEY_UNSUPPORTED;
	if (!kind_signs(key->kind, key_nid))
		return KEY_BAD;
	if (key_nid == NID_rsassaPss) {
		if (!pss_scheme(algorithm, &scheme))
			return KEY_UNSUPPORTED;
	} else if (digest_nid != NID_undef) {
		scheme.digest = OBJ_nid2sn(digest_nid);
	} else if (key->kind != KEY_ED25519 && key->kind != KEY_ED448) {
		return KEY_UNSUPPORTED;
	}
	return verify(key, &scheme, message, signature);
}

enum key_verdict
key_verify_x509(
    struct key *key, struct bytes algorithm, struct bytes message, struct bytes signature)
{
	const uint8_t *at = algorithm.data;
	X509_ALGOR *parsed = NULL;
	enum key_verdict verdict = KEY_UNSUPPORTED;

	if (algorithm.len > 0 && algorithm.len < INT_MAX)
		parsed = d2i_X509_ALGOR(NULL, &at, (long)algorithm.len);
	if (parsed != NULL && at == algorithm.data + algorithm.len)
		verdict = verify_algorithm(key, parsed, message, signature);
	X509_ALGOR_free(parsed);
	crypto_forget();
	return verdict;
}
