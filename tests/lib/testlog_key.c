/* Keys of test logs, and what they sign: RFC 6962, 2.1.4. */
#include "tests/lib/testlog_priv.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* The private key is SHA-256 of the seed (with a counter behind it, should it
 * ever lie outside the group), so that a log has the same id in every run. */
EVP_PKEY *
testlog_key_from_seed(const char *seed)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *point = EC_POINT_new(group);
	BIGNUM *scalar = BN_new();
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	uint8_t digest[32], public_key[65];

	for (unsigned counter = 0;; counter++) {
		char *text = mem_format("ctwarden test log %u %s", counter, seed);

		EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL);
		mem_free(text);
		BN_bin2bn(digest, sizeof(digest), scalar);
		if (!BN_is_zero(scalar) && BN_cmp(scalar, EC_GROUP_get0_order(group)) < 0)
			break;
	}
	EC_POINT_mul(group, point, scalar, NULL, NULL, NULL);
	EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, public_key,
	    sizeof(public_key), NULL);
	OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
	OSSL_PARAM_BLD_push_octet_string(
	    build, OSSL_PKEY_PARAM_PUB_KEY, public_key, sizeof(public_key));
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, scalar);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);

	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		assert(key != NULL);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_free(scalar);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return key;
}

EVP_PKEY *
testlog_key_make_rsa(void)
{
	return EVP_RSA_gen(2048);
}

static bool
key_write(EVP_PKEY *key, const char *path, struct err *err)
{
	char *temp = mem_format("%s.new", path);
	FILE *file = fopen(temp, "w");
	bool ok = file != NULL &&
	    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1;

	if (file != NULL)
		ok = fclose(file) == 0 && ok;
	ok = ok && rename(temp, path) == 0;
	mem_free(temp);
	return ok || err_set(err, ERR_SYSTEM, "cannot write the key %s", path);
}

EVP_PKEY *
testlog_key_load_or_make(const char *path, enum testlog_key_type type, struct err *err)
{
	FILE *file = fopen(path, "r");
	EVP_PKEY *key;

	if (file != NULL) {
		key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
		fclose(file);
		if (key == NULL) {
			ERR_clear_error();
			err_set(err, ERR_PARSE, "%s holds no private key", path);
		}
		return key;
	}
	if (errno != ENOENT) {
		err_set(err, ERR_SYSTEM, "cannot open %s: %s", path, strerror(errno));
		return NULL;
	}
	key = type == TESTLOG_RSA2048 ? testlog_key_make_rsa() : EVP_EC_gen("P-256");
	if (!key_write(key, path, err)) {
		EVP_PKEY_free(key);
		return NULL;
	}
	return key;
}

void
testlog_key_spki(EVP_PKEY *key, struct buf *out)
{
	uint8_t *der = NULL;
	int len = i2d_PUBKEY(key, &der);

	assert(len > 0);
	buf_append(out, der, (size_t)len);
	OPENSSL_free(der);
}

void
testlog_key_sign(EVP_PKEY *key, struct bytes data, struct buf *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t signature[512];
	size_t len = sizeof(signature);
	bool rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
	bool ok = EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestSign(ctx, signature, &len, data.data, data.len) == 1;

	assert(ok);
	(void)ok;
	buf_append_u8(out, 4); /* sha256 */
	buf_append_u8(out, rsa ? 1 : 3);
	buf_append_be16(out, (uint16_t)len);
	buf_append(out, signature, len);
	EVP_MD_CTX_free(ctx);
}
