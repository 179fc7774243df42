#include "monitor/authority.h"

#include <pthread.h>

#include "base/map.h"
#include "base/mem.h"
#include "crypto/failed.h"

struct authorities {
	atomic_uint refs;
	size_t ceiling;
	atomic_size_t cost; /* octets */
	pthread_rwlock_t lock;
	struct map by_hash;
	struct map by_tail; /* length and last octets of the DER, to skip the hashing */
};

/* What one costs besides its DER: its row here, two entries of tables, libcrypto's
 * form of an RSA key. */
#define AUTHORITY_COST 4096

/* The signature's end is as good as a hash here: equality is decided on the
 * whole bytes. */
#define TAIL_LEN 16

struct tail_key {
	uint8_t octets[TAIL_LEN + 4];
};

static struct bytes
tail_key_of(struct bytes der, struct tail_key *key)
{
	size_t len = der.len < TAIL_LEN ? der.len : TAIL_LEN;

	memset(key, 0, sizeof(*key));
	put_be24(key->octets, (uint32_t)der.len);
	if (len > 0)
		memcpy(key->octets + 4, der.data + der.len - len, len);
	return bytes_of(key, sizeof(*key));
}

struct authorities *
authorities_new(size_t ceiling)
{
	struct authorities *all = mem_zero(1, sizeof(*all));

	atomic_init(&all->refs, 1);
	all->ceiling = ceiling;
	pthread_rwlock_init(&all->lock, NULL);
	map_init(&all->by_hash);
	map_init(&all->by_tail);
	return all;
}

static void
authority_free(void *value)
{
	struct authority *authority = value;

	key_free(authority->key);
	mem_free((void *)authority->der.data);
	mem_free(authority);
}

struct authorities *
authorities_take(struct authorities **current)
{
	struct authorities *full = *current;

	if (atomic_load(&full->cost) > full->ceiling) {
		*current = authorities_new(full->ceiling);
		authorities_unref(full);
	}
	atomic_fetch_add(&(*current)->refs, 1);
	return *current;
}

void
authorities_unref(struct authorities *all)
{
	if (all == NULL || atomic_fetch_sub(&all->refs, 1) != 1)
		return;
	map_free(&all->by_tail, NULL);
	map_free(&all->by_hash, authority_free);
	pthread_rwlock_destroy(&all->lock);
	mem_free(all);
}

void
authority_cert(const struct authority *authority, struct cert *out)
{
	(void)cert_parse(authority->der, out);
}

static struct authority *
authority_new(struct bytes der, const struct sha256 *hash)
{
	struct authority *authority = mem_zero(1, sizeof(*authority));
	const struct extension *key_id;
	struct cert cert;
	uint32_t flaws;
	struct err err;

	authority->sha256 = *hash;
	authority->der = bytes_of(mem_copy(der.data, der.len), der.len);
	authority_cert(authority, &cert);
	authority->subject = cert.subject;
	authority->issuer = cert.issuer;
	authority->not_before_s = cert.not_before;
	authority->not_after_s = cert.not_after;
	authority->is_ca = cert_is_ca(&cert);
	authority->precert_signing = cert_is_precert_signing(&cert);
	if ((key_id = cert_extension(&cert, OID_SUBJECT_KEY_IDENTIFIER)) != NULL)
		authority->key_id = extension_subject_key_id(key_id, &flaws);
	if (cert.spki.len > 0) {
		sha256_of(cert.spki, &authority->spki);
		authority->key = key_from_spki(cert.spki, &err);
	}
	return authority;
}

struct authority *
authority_of_hash(struct authorities *all, const struct sha256 *hash)
{
	struct authority *found;

	pthread_rwlock_rdlock(&all->lock);
	found = map_get(&all->by_hash, sha256_bytes(hash));
	pthread_rwlock_unlock(&all->lock);
	return found;
}

static struct authority *
find_der(struct authorities *all, struct bytes der)
{
	struct tail_key key;
	struct authority *found;

	pthread_rwlock_rdlock(&all->lock);
	found = map_get(&all->by_tail, tail_key_of(der, &key));
	pthread_rwlock_unlock(&all->lock);
	return found != NULL && bytes_equal(found->der, der) ? found : NULL;
}

struct authority *
authority_of_der(struct authorities *all, struct bytes der)
{
	struct authority *found = find_der(all, der), *made;
	struct tail_key key;
	struct sha256 hash;

	if (found != NULL)
		return found;
	sha256_of(der, &hash);
	if ((found = authority_of_hash(all, &hash)) != NULL)
		return found;
	made = authority_new(der, &hash);
	pthread_rwlock_wrlock(&all->lock);
	found = map_get(&all->by_hash, sha256_bytes(&hash)); /* another thread's? */
	if (found == NULL) {
		map_put(&all->by_hash, sha256_bytes(&hash), made);
		map_put(&all->by_tail, tail_key_of(made->der, &key), made);
		atomic_fetch_add(&all->cost, made->der.len + AUTHORITY_COST);
	}
	pthread_rwlock_unlock(&all->lock);
	if (found == NULL)
		return made;
	authority_free(made);
	return found;
}

bool
authority_signed_by(struct authority *certificate, struct authority *issuer)
{
	struct authority *signer = atomic_load(&certificate->signer);
	struct cert cert;

	if (signer != NULL)
		return sha256_equal(&signer->spki, &issuer->spki);
	if (issuer->key == NULL || !bytes_equal(certificate->issuer, issuer->subject))
		return false;
	authority_cert(certificate, &cert);
	if (cert.signature.len == 0 ||
	    key_verify_x509(
		issuer->key, cert.algorithm.whole, cert.tbs, cert.signature) != KEY_GOOD)
		return false;
	atomic_store(&certificate->signer, issuer);
	return true;
}
