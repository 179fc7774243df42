#include "tests/lib/make_cert.h"

#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"

#define CEILING (4 << 20)

static void
must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "make_cert: %s failed\n", what);
		abort();
	}
}

/* --- keys ------------------------------------------------------------------ */

static EVP_PKEY *
generate(enum make_key_type type)
{
	switch (type) {
	case MAKE_KEY_P256:
		return EVP_EC_gen("P-256");
	case MAKE_KEY_P384:
		return EVP_EC_gen("P-384");
	case MAKE_KEY_P521:
		return EVP_EC_gen("P-521");
	case MAKE_KEY_P224:
		return EVP_EC_gen("P-224");
	case MAKE_KEY_SECP256K1:
		return EVP_EC_gen("secp256k1");
	case MAKE_KEY_SM2:
		return EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
	case MAKE_KEY_RSA1024:
		return EVP_RSA_gen(1024);
	case MAKE_KEY_RSA2047:
		return EVP_RSA_gen(2047);
	case MAKE_KEY_RSA2048:
		return EVP_RSA_gen(2048);
	case MAKE_KEY_RSA3072:
		return EVP_RSA_gen(3072);
	case MAKE_KEY_ED25519:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	case MAKE_KEY_TYPES:
		break;
	}
	return NULL;
}

static void
hash_key(struct make_key *key)
{
	X509_PUBKEY *info = NULL;
	const unsigned char *bits = NULL;
	int bits_len = 0;
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key->pkey, &der);

	must(len > 0, "i2d_PUBKEY");
	buf_init(&key->spki, CEILING);
	buf_append(&key->spki, der, (size_t)len);
	OPENSSL_free(der);
	SHA256(key->spki.data, key->spki.len, key->key_hash);
	must(X509_PUBKEY_set(&info, key->pkey) == 1 &&
		X509_PUBKEY_get0_param(NULL, &bits, &bits_len, NULL, info) == 1,
	    "X509_PUBKEY");
	SHA1(bits, (size_t)bits_len, key->key_id);
	X509_PUBKEY_free(info);
}

struct make_key *
make_key_new(enum make_key_type type)
{
	struct make_key *key = mem_zero(1, sizeof(*key));

	key->type = type;
	key->pkey = generate(type);
	must(key->pkey != NULL, "key generation");
	hash_key(key);
	return key;
}

void
make_key_free(struct make_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	buf_free(&key->spki);
	mem_free(key);
}

#define KEYS_A_TYPE 64
static struct make_key *made_keys[MAKE_KEY_TYPES][KEYS_A_TYPE];

const struct make_key *
make_key(enum make_key_type type, unsigned number)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct make_key **slot;

	must(number < KEYS_A_TYPE, "make_key: number");
	slot = &made_keys[type][number];
	pthread_mutex_lock(&lock);
	if (*slot == NULL)
		*slot = make_key_new(type);
	pthread_mutex_unlock(&lock);
	return *slot;
}

/* --- DER ------------------------------------------------------------------- */

static size_t
format_header(uint8_t tag, size_t len, uint8_t out[6])
{
	size_t at = 0;

	out[at++] = tag;
	if (len < 0x80) {
		out[at++] = (uint8_t)len;
	} else if (len < 0x100) {
		out[at++] = 0x81;
		out[at++] = (uint8_t)len;
	} else if (len < 0x10000) {
		out[at++] = 0x82;
		put_be16(out + at, (uint16_t)len);
		at += 2;
	} else {
		out[at++] = 0x83;
		put_be24(out + at, (uint32_t)len);
		at += 3;
	}
	return at;
}

void
der_put(struct buf *out, uint8_t tag, struct bytes content)
{
	uint8_t header[6];

	buf_append(out, header, format_header(tag, content.len, header));
	buf_append_bytes(out, content);
}

void
der_wrap(struct buf *out, size_t start, uint8_t tag)
{
	uint8_t header[6];
	size_t inner = out->len - start, len = format_header(tag, inner, header);

	must(buf_extend(out, len) != NULL, "der_wrap");
	memmove(out->data + start + len, out->data + start, inner);
	memcpy(out->data + start, header, len);
}

void
der_put_text(struct buf *out, uint8_t tag, const char *text)
{
	der_put(out, tag, bytes_text(text));
}

void
der_put_hex(struct buf *out, const char *hex)
{
	size_t len = strlen(hex) / 2;

	must(hex_parse(hex, buf_extend(out, len), len), "hex");
}

static void
put_base128(struct buf *out, unsigned long value)
{
	int shift = 63;

	while (shift > 0 && value >> shift == 0)
		shift -= 7;
	for (; shift >= 0; shift -= 7)
		buf_append_u8(
		    out, (uint8_t)((value >> shift & 0x7f) | (shift > 0 ? 0x80 : 0)));
}

void
der_put_oid(struct buf *out, const char *dotted)
{
	size_t start = out->len;
	char *end;
	unsigned long first = strtoul(dotted, &end, 10), second;

	must(*end == '.', "OID");
	second = strtoul(end + 1, &end, 10);
	put_base128(out, first * 40 + second);
	while (*end == '.')
		put_base128(out, strtoul(end + 1, &end, 10));
	der_wrap(out, start, 0x06);
}

void
der_put_time(struct buf *out, int64_t unix_s)
{
	time_t when = (time_t)unix_s;
	struct tm tm;
	char text[32];
	bool utc;

	must(gmtime_r(&when, &tm) != NULL, "gmtime_r");
	utc = tm.tm_year >= 50 && tm.tm_year < 150;
	strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
	der_put_text(out, utc ? 0x17 : 0x18, text + (utc ? 2 : 0));
}

/* --- names ----------------------------------------------------------------- */

static const struct {
	const char *name, *oid;
	uint8_t tag;
} TYPES[] = {
    {"C", "2.5.4.6", 0x13},
    {"ST", "2.5.4.8", 0x0c},
    {"L", "2.5.4.7", 0x0c},
    {"O", "2.5.4.10", 0x0c},
    {"OU", "2.5.4.11", 0x0c},
    {"CN", "2.5.4.3", 0x0c},
    {"SN", "2.5.4.4", 0x0c},
    {"GN", "2.5.4.42", 0x0c},
    {"serialNumber", "2.5.4.5", 0x13},
    {"street", "2.5.4.9", 0x0c},
    {"postalCode", "2.5.4.17", 0x0c},
    {"businessCategory", "2.5.4.15", 0x0c},
    {"title", "2.5.4.12", 0x0c},
    {"jurisdictionC", "1.3.6.1.4.1.311.60.2.1.3", 0x13},
    {"E", "1.2.840.113549.1.9.1", 0x16},
    {"DC", "0.9.2342.19200300.100.1.25", 0x16},
    {"UID", "0.9.2342.19200300.100.1.1", 0x0c},
};

/* The text up to one of the stops, escapes removed; returns where it stopped. */
static const char *
take_part(const char *at, const char *stops, struct buf *out)
{
	buf_clear(out);
	while (*at != 0 && strchr(stops, *at) == NULL) {
		if (*at == '\\' && at[1] != 0)
			at++;
		buf_append_u8(out, (uint8_t)*at++);
	}
	return at;
}

static const char *
put_attribute(struct buf *out, const char *at)
{
	struct buf type, value;
	const char *oid;
	uint8_t tag = 0x0c;
	size_t start = out->len;

	buf_init(&type, 256);
	buf_init(&value, CEILING);
	at = take_part(at, "=", &type);
	must(*at == '=', "name: '='");
	at = take_part(at + 1, "/+", &value);
	oid = buf_text(&type);
	for (size_t i = 0; i < ARRAY_LEN(TYPES); i++)
		if (strcmp(TYPES[i].name, buf_text(&type)) == 0) {
			oid = TYPES[i].oid;
			tag = TYPES[i].tag;
		}
	der_put_oid(out, oid);
	der_put(out, tag, buf_bytes(&value));
	der_wrap(out, start, 0x30);
	buf_free(&type);
	buf_free(&value);
	return at;
}

static void
put_name(struct buf *out, const char *text, struct bytes der)
{
	size_t start = out->len, rdn;

	if (der.len > 0) {
		buf_append_bytes(out, der);
		return;
	}
	while (text != NULL && *text == '/') {
		rdn = out->len;
		do
			text = put_attribute(out, text + 1);
		while (*text == '+');
		der_wrap(out, rdn, 0x31);
	}
	der_wrap(out, start, 0x30);
}

/* --- extensions ------------------------------------------------------------ */

static void
put_extension(struct buf *out, const char *oid, bool critical, struct bytes value)
{
	size_t start = out->len;

	der_put_oid(out, oid);
	if (critical)
		der_put(out, 0x01, bytes_of("\xff", 1));
	der_put(out, 0x04, value);
	der_wrap(out, start, 0x30);
}

/* Puts an extension whose value is one SEQUENCE of what `inner` holds. */
static void
put_sequence_extension(struct buf *out, const char *oid, bool critical, struct buf *inner)
{
	der_wrap(inner, 0, 0x30);
	put_extension(out, oid, critical, buf_bytes(inner));
	buf_clear(inner);
}

static bool
is_rsa(const struct make_key *key)
{
	return key->type >= MAKE_KEY_RSA1024 && key->type <= MAKE_KEY_RSA3072;
}

static uint16_t
key_usage_of(const struct make_spec *spec)
{
	if (spec->key_usage != 0)
		return spec->key_usage;
	if (spec->role != MAKE_LEAF)
		return MAKE_KU_CERT_SIGN | MAKE_KU_CRL_SIGN;
	return is_rsa(spec->key) ? MAKE_KU_DIGITAL_SIGNATURE | MAKE_KU_KEY_ENCIPHERMENT
				 : MAKE_KU_DIGITAL_SIGNATURE;
}

static void
put_key_usage(struct buf *out, const struct make_spec *spec)
{
	uint16_t usage = key_usage_of(spec);
	uint8_t bits[3] = {0};
	size_t len = usage > 0xff ? 3 : 2, last = 0;
	struct buf inner;

	for (size_t i = 0; i < 9; i++)
		if ((usage >> i & 1) != 0) {
			bits[1 + i / 8] |= (uint8_t)(0x80 >> i % 8);
			last = i;
		}
	bits[0] = (uint8_t)(7 - last % 8);
	buf_init(&inner, CEILING);
	der_put(&inner, 0x03, bytes_of(bits, len));
	put_extension(out, "2.5.29.15", true, buf_bytes(&inner));
	buf_free(&inner);
}

/* Each word of `oids` through `put`. */
static void
each_oid(struct buf *out, const char *oids, void (*put)(struct buf *, const char *))
{
	char word[128];
	size_t len;

	while (*(oids += strspn(oids, " ")) != 0) {
		len = strcspn(oids, " ");
		must(len < sizeof(word), "OID list");
		memcpy(word, oids, len);
		word[len] = 0;
		put(out, word);
		oids += len;
	}
}

static void
put_policy(struct buf *out, const char *oid)
{
	size_t start = out->len;

	der_put_oid(out, oid);
	der_wrap(out, start, 0x30);
}

static void
put_access(struct buf *out, const char *method, const char *url)
{
	size_t start = out->len;

	der_put_oid(out, method);
	der_put_text(out, 0x86, url);
	der_wrap(out, start, 0x30);
}

static void
put_san(struct buf *out, const struct make_spec *spec)
{
	struct buf inner;

	if (spec->dns == NULL && spec->san_count == 0)
		return;
	buf_init(&inner, CEILING);
	for (size_t i = 0; spec->dns != NULL && spec->dns[i] != NULL; i++)
		der_put_text(&inner, 0x82, spec->dns[i]);
	for (size_t i = 0; i < spec->san_count; i++) {
		uint8_t tag = spec->sans[i].tag;
		bool constructed = tag == 0 || (tag >= 3 && tag <= 5);

		der_put(&inner, (uint8_t)(tag | 0x80 | (constructed ? 0x20 : 0)),
		    spec->sans[i].value);
	}
	put_sequence_extension(out, "2.5.29.17", spec->san_critical, &inner);
	buf_free(&inner);
}

static void
put_identifiers(struct buf *out, const struct make_spec *spec)
{
	const struct make_key *issuer = spec->issuer_key ? spec->issuer_key : spec->key;
	struct buf inner;

	buf_init(&inner, CEILING);
	if ((spec->omit & OMIT_AKI) == 0 && spec->role != MAKE_ROOT) {
		der_put(&inner, 0x80, bytes_of(issuer->key_id, 20));
		put_sequence_extension(out, "2.5.29.35", false, &inner);
	}
	if ((spec->omit & OMIT_SKI) == 0 && spec->role != MAKE_LEAF) {
		der_put(&inner, 0x04, bytes_of(spec->key->key_id, 20));
		put_extension(out, "2.5.29.14", false, buf_bytes(&inner));
		buf_clear(&inner);
	}
	if ((spec->omit & OMIT_BC) == 0 && spec->role != MAKE_LEAF) {
		der_put(&inner, 0x01, bytes_of("\xff", 1));
		put_sequence_extension(out, "2.5.29.19", true, &inner);
	}
	buf_free(&inner);
}

static void
put_usage(struct buf *out, const struct make_spec *spec)
{
	const char *eku = spec->eku, *policies = spec->policies;
	struct buf inner;

	buf_init(&inner, CEILING);
	if ((spec->omit & OMIT_KU) == 0)
		put_key_usage(out, spec);
	if (eku == NULL && spec->role != MAKE_ROOT)
		eku = "1.3.6.1.5.5.7.3.1";
	if (eku != NULL && (spec->omit & OMIT_EKU) == 0) {
		each_oid(&inner, eku, der_put_oid);
		put_sequence_extension(out, "2.5.29.37", false, &inner);
	}
	if (policies == NULL && spec->role != MAKE_ROOT)
		policies = spec->role == MAKE_LEAF ? "2.23.140.1.2.1" : "2.5.29.32.0";
	if (policies != NULL && (spec->omit & OMIT_POLICIES) == 0) {
		each_oid(&inner, policies, put_policy);
		put_sequence_extension(out, "2.5.29.32", false, &inner);
	}
	buf_free(&inner);
}

static void
put_pointers(struct buf *out, const struct make_spec *spec)
{
	const char *ocsp = spec->ocsp_url ? spec->ocsp_url : "http://ocsp.example/";
	const char *ca = spec->ca_url ? spec->ca_url : "http://ca.example/ca.cer";
	const char *crl = spec->crl_url ? spec->crl_url : "http://crl.example/ca.crl";
	struct buf inner;

	if (spec->role == MAKE_ROOT)
		return;
	buf_init(&inner, CEILING);
	if ((spec->omit & OMIT_AIA) == 0) {
		if (*ocsp != 0)
			put_access(&inner, "1.3.6.1.5.5.7.48.1", ocsp);
		if (*ca != 0)
			put_access(&inner, "1.3.6.1.5.5.7.48.2", ca);
		put_sequence_extension(out, "1.3.6.1.5.5.7.1.1", false, &inner);
	}
	if ((spec->omit & OMIT_CRLDP) == 0) {
		der_put_text(&inner, 0x86, crl);
		der_wrap(&inner, 0, 0xa0); /* fullName */
		der_wrap(&inner, 0, 0xa0); /* distributionPoint */
		der_wrap(&inner, 0, 0x30);
		put_sequence_extension(out, "2.5.29.31", false, &inner);
	}
	buf_free(&inner);
}

enum ct_part { CT_NONE, CT_POISON, CT_SCTS };

static void
put_extensions(struct buf *out, const struct make_spec *spec, enum ct_part ct)
{
	size_t start = out->len;
	struct buf inner;

	put_identifiers(out, spec);
	put_usage(out, spec);
	put_pointers(out, spec);
	if ((spec->omit & OMIT_SAN) == 0)
		put_san(out, spec);
	for (size_t i = 0; i < spec->extra_count; i++)
		put_extension(out, spec->extra[i].oid, spec->extra[i].critical,
		    spec->extra[i].value);
	if (ct == CT_POISON) {
		put_extension(
		    out, "1.3.6.1.4.1.11129.2.4.3", true, bytes_of("\x05\x00", 2));
	} else if (ct == CT_SCTS) {
		buf_init(&inner, CEILING);
		der_put(&inner, 0x04, spec->sct_list);
		put_extension(out, "1.3.6.1.4.1.11129.2.4.2", false, buf_bytes(&inner));
		buf_free(&inner);
	}
	der_wrap(out, start, 0x30);
	der_wrap(out, start, 0xa3);
}

/* --- signing ----------------------------------------------------------------- */

static enum make_sigalg
sigalg_of(const struct make_spec *spec, const struct make_key *signer)
{
	if (spec->sigalg != MAKE_SIG_DEFAULT)
		return spec->sigalg;
	switch (signer->type) {
	case MAKE_KEY_SM2:
		return MAKE_SIG_SM3;
	case MAKE_KEY_P384:
		return MAKE_SIG_SHA384;
	case MAKE_KEY_P521:
		return MAKE_SIG_SHA512;
	case MAKE_KEY_P256:
	case MAKE_KEY_P224:
	case MAKE_KEY_SECP256K1:
	case MAKE_KEY_RSA1024:
	case MAKE_KEY_RSA2047:
	case MAKE_KEY_RSA2048:
	case MAKE_KEY_RSA3072:
	case MAKE_KEY_ED25519:
	case MAKE_KEY_TYPES:
		break;
	}
	return MAKE_SIG_SHA256;
}

static const struct {
	const char *rsa, *ecdsa;
	const EVP_MD *(*digest)(void);
} ALGORITHMS[] = {
    [MAKE_SIG_SHA1] = {"300d06092a864886f70d0101050500", "300906072a8648ce3d0401",
	EVP_sha1},
    [MAKE_SIG_SHA256] = {"300d06092a864886f70d01010b0500", "300a06082a8648ce3d040302",
	EVP_sha256},
    [MAKE_SIG_SHA384] = {"300d06092a864886f70d01010c0500", "300a06082a8648ce3d040303",
	EVP_sha384},
    [MAKE_SIG_SHA512] = {"300d06092a864886f70d01010d0500", "300a06082a8648ce3d040304",
	EVP_sha512},
    [MAKE_SIG_SM3] = {"300c06082a811ccf550183780500", "300a06082a811ccf55018375",
	EVP_sm3},
    [MAKE_SIG_MD5] = {"300d06092a864886f70d0101040500", NULL, EVP_md5},
};

static void
put_sigalg(struct buf *out, const struct make_spec *spec, const struct make_key *signer,
    bool inner)
{
	enum make_sigalg which = sigalg_of(spec, signer);
	const char *hex =
	    is_rsa(signer) ? ALGORITHMS[which].rsa : ALGORITHMS[which].ecdsa;

	if (inner && spec->inner_sigalg_der.len > 0)
		buf_append_bytes(out, spec->inner_sigalg_der);
	else if (spec->sigalg_der.len > 0)
		buf_append_bytes(out, spec->sigalg_der);
	else if (signer->type == MAKE_KEY_ED25519)
		der_put_hex(out, "300506032b6570");
	else
		der_put_hex(out, hex);
}

static void
put_signature(struct buf *out, const struct make_key *signer, const EVP_MD *digest,
    struct bytes tbs)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = NULL;
	uint8_t signature[1024];
	size_t len = sizeof(signature) - 1, start = out->len;

	if (signer->type == MAKE_KEY_SM2) {
		pctx = EVP_PKEY_CTX_new(signer->pkey, NULL);
		must(pctx != NULL &&
			EVP_PKEY_CTX_set1_id(pctx, "1234567812345678", 16) == 1,
		    "SM2 id");
		EVP_MD_CTX_set_pkey_ctx(md, pctx);
	}
	if (signer->type == MAKE_KEY_ED25519)
		digest = NULL;
	must(EVP_DigestSignInit(md, NULL, digest, NULL, signer->pkey) == 1 &&
		EVP_DigestSign(md, signature + 1, &len, tbs.data, tbs.len) == 1,
	    "signing");
	signature[0] = 0; /* no unused bits */
	buf_append(out, signature, len + 1);
	der_wrap(out, start, 0x03);
	EVP_MD_CTX_free(md);
	EVP_PKEY_CTX_free(pctx);
}

/* --- the whole --------------------------------------------------------------- */

static void
put_serial(struct buf *out, struct bytes serial)
{
	uint8_t octets[16];

	if (serial.len > 0) {
		der_put(out, 0x02, serial);
		return;
	}
	must(RAND_bytes(octets, sizeof(octets)) == 1, "RAND_bytes");
	octets[0] = (uint8_t)(octets[0] & 0x3f) | 0x40;
	der_put(out, 0x02, bytes_of(octets, sizeof(octets)));
}

static void
put_validity(struct buf *out, const struct make_spec *spec)
{
	size_t start = out->len;

	if (spec->not_before_der.len > 0)
		buf_append_bytes(out, spec->not_before_der);
	else
		der_put_time(out, spec->not_before);
	if (spec->not_after_der.len > 0)
		buf_append_bytes(out, spec->not_after_der);
	else
		der_put_time(out, spec->not_after);
	der_wrap(out, start, 0x30);
}

static void
put_tbs(struct buf *out, const struct make_spec *spec, enum ct_part ct)
{
	const struct make_key *signer = spec->issuer_key ? spec->issuer_key : spec->key;
	const char *issuer = spec->issuer_key ? spec->issuer : spec->subject;

	if ((spec->omit & OMIT_VERSION) == 0)
		der_put_hex(out, "a003020102");
	put_serial(out, spec->serial);
	put_sigalg(out, spec, signer, true);
	put_name(out, spec->issuer != NULL ? spec->issuer : issuer,
	    spec->issuer_key == NULL && spec->issuer_der.len == 0 ? spec->subject_der
								  : spec->issuer_der);
	put_validity(out, spec);
	put_name(out, spec->subject, spec->subject_der);
	if (spec->spki.len > 0)
		buf_append_bytes(out, spec->spki);
	else
		buf_append_bytes(out, buf_bytes(&spec->key->spki));
	buf_append_bytes(out, spec->unique_ids);
	if ((spec->omit & OMIT_EXTENSIONS) == 0)
		put_extensions(out, spec, ct);
	der_wrap(out, 0, 0x30);
}

struct buf
make_tbs(const struct make_spec *spec)
{
	struct buf out;

	buf_init(&out, CEILING);
	put_tbs(&out, spec, CT_NONE);
	return out;
}

struct buf
make_cert(const struct make_spec *spec)
{
	const struct make_key *signer = spec->issuer_key ? spec->issuer_key : spec->key;
	enum ct_part ct = spec->poison ? CT_POISON
	    : spec->sct_list.len > 0   ? CT_SCTS
				       : CT_NONE;
	struct buf out, tbs;

	buf_init(&tbs, CEILING);
	buf_init(&out, CEILING);
	put_tbs(&tbs, spec, ct);
	if (spec->patch != NULL)
		spec->patch(&tbs, spec->owner);
	buf_append_bytes(&out, buf_bytes(&tbs));
	put_sigalg(&out, spec, signer, false);
	put_signature(
	    &out, signer, ALGORITHMS[sigalg_of(spec, signer)].digest(), buf_bytes(&tbs));
	der_wrap(&out, 0, 0x30);
	must(!out.failed, "certificate");
	buf_free(&tbs);
	return out;
}

/* --- certificate transparency -------------------------------------------------- */

static void
put_vector16(struct buf *out, struct bytes content)
{
	buf_append_be16(out, (uint16_t)content.len);
	buf_append_bytes(out, content);
}

struct buf
make_sct(const struct make_key *log, int64_t timestamp_ms,
    const uint8_t issuer_key_hash[32], struct bytes tbs, struct bytes extensions)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	struct buf signed_part, out;
	uint8_t signature[1024];
	size_t len = sizeof(signature);

	buf_init(&signed_part, CEILING);
	buf_append(&signed_part, "\0\0", 2); /* v1, certificate_timestamp */
	buf_append_be64(&signed_part, (uint64_t)timestamp_ms);
	buf_append_be16(&signed_part, 1); /* precert_entry */
	buf_append(&signed_part, issuer_key_hash, 32);
	buf_append_be24(&signed_part, (uint32_t)tbs.len);
	buf_append_bytes(&signed_part, tbs);
	put_vector16(&signed_part, extensions);
	must(EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, log->pkey) == 1 &&
		EVP_DigestSign(md, signature, &len, signed_part.data, signed_part.len) ==
		    1,
	    "signing an SCT");
	buf_init(&out, CEILING);
	buf_append_u8(&out, 0);
	buf_append(&out, log->key_hash, 32);
	buf_append_be64(&out, (uint64_t)timestamp_ms);
	put_vector16(&out, extensions);
	buf_append_u8(&out, 4); /* sha256 */
	buf_append_u8(&out, is_rsa(log) ? 1 : 3);
	put_vector16(&out, bytes_of(signature, len));
	EVP_MD_CTX_free(md);
	buf_free(&signed_part);
	return out;
}

struct buf
make_sct_list(const struct buf *scts, size_t count)
{
	struct buf inner, out;

	buf_init(&inner, CEILING);
	buf_init(&out, CEILING);
	for (size_t i = 0; i < count; i++)
		put_vector16(&inner, buf_bytes(&scts[i]));
	put_vector16(&out, buf_bytes(&inner));
	buf_free(&inner);
	return out;
}

struct make_pair
make_pair(const struct make_spec *spec, const struct make_key *const *logs,
    const int64_t *timestamps_ms, size_t log_count)
{
	const struct make_key *signer = spec->issuer_key ? spec->issuer_key : spec->key;
	struct make_spec each = *spec;
	struct buf scts[16], list;
	struct make_pair pair;

	must(log_count <= ARRAY_LEN(scts), "make_pair: logs");
	buf_init(&pair.serial, 1024);
	if (spec->serial.len > 0) {
		buf_append_bytes(&pair.serial, spec->serial);
	} else {
		must(RAND_bytes(buf_extend(&pair.serial, 16), 16) == 1, "RAND_bytes");
		pair.serial.data[0] = (uint8_t)(pair.serial.data[0] & 0x3f) | 0x40;
	}
	each.serial = buf_bytes(&pair.serial);
	each.poison = true;
	pair.precert = make_cert(&each);
	pair.tbs = make_tbs(&each);
	for (size_t i = 0; i < log_count; i++)
		scts[i] = make_sct(logs[i], timestamps_ms[i], signer->key_hash,
		    buf_bytes(&pair.tbs), bytes_of(NULL, 0));
	list = make_sct_list(scts, log_count);
	each.poison = false;
	each.sct_list = log_count > 0 ? buf_bytes(&list) : bytes_of(NULL, 0);
	pair.final = make_cert(&each);
	for (size_t i = 0; i < log_count; i++)
		buf_free(&scts[i]);
	buf_free(&list);
	return pair;
}

void
make_pair_free(struct make_pair *pair)
{
	buf_free(&pair->precert);
	buf_free(&pair->final);
	buf_free(&pair->tbs);
	buf_free(&pair->serial);
}
