/*
 * digest - SHA-256 and HMAC-SHA-256, by libcrypto.
 *
 * struct sha256 is the one type for whatever is a SHA-256 value here: tree
 * hashes, log ids, key hashes, fingerprints. Each thread has a context of its
 * own behind these functions, made once and reused, so that a short hash costs
 * little more than its compression. They cannot fail on input; without SHA-256
 * in libcrypto the process ends, and crypto_start() says so beforehand.
 */
#pragma once
#include "base/bytes.h"
#include "base/err.h"

enum { SHA256_LEN = 32 };

struct sha256 {
	uint8_t octets[SHA256_LEN];
};

/* Whether libcrypto has what this room needs; called once by a program. */
MUST_CHECK bool crypto_start(struct err *);

void sha256_of(struct bytes data, struct sha256 *out);

/* Of the parts one after the other: a prefix and a view need no copy. */
void sha256_of_parts(const struct bytes *parts, size_t count, struct sha256 *out);

/* For old lists that are keyed by it, never for proof. */
enum { SHA1_LEN = 20 };
void sha1_of(struct bytes data, uint8_t out[SHA1_LEN]);

/* For the addresses of onion services. */
enum { SHA3_256_LEN = 32 };
void sha3_256_of(struct bytes data, uint8_t out[SHA3_256_LEN]);

void hmac_sha256(struct bytes key, struct bytes message, struct sha256 *out);

static inline bool
sha256_equal(const struct sha256 *a, const struct sha256 *b)
{
	return memcmp(a->octets, b->octets, SHA256_LEN) == 0;
}

/* A view of it, for map keys, hex_format() and the like. */
static inline struct bytes
sha256_bytes(const struct sha256 *hash)
{
	return bytes_of(hash->octets, SHA256_LEN);
}

/* Takes over 32 bytes that already are a hash; false for any other length. */
MUST_CHECK static inline bool
sha256_from(struct bytes data, struct sha256 *out)
{
	if (data.len != SHA256_LEN)
		return false;
	memcpy(out->octets, data.data, SHA256_LEN);
	return true;
}

/* For what arrives in pieces. One thread at a time; _end makes it ready for
 * the next message. */
struct sha256_stream;
struct sha256_stream *sha256_stream_new(void);
void sha256_stream_free(struct sha256_stream *);
void sha256_stream_add(struct sha256_stream *, struct bytes data);
void sha256_stream_end(struct sha256_stream *, struct sha256 *out);
