#include "merkle/hash.h"

void
merkle_hash_empty(struct sha256 *out)
{
	sha256_of(bytes_of("", 0), out);
}

void
merkle_hash_leaf(struct bytes leaf, struct sha256 *out)
{
	sha256_of_parts((struct bytes[]){bytes_of("\x00", 1), leaf}, 2, out);
}

void
merkle_hash_leaf_parts(struct bytes first, struct bytes second, struct sha256 *out)
{
	sha256_of_parts((struct bytes[]){bytes_of("\x00", 1), first, second}, 3, out);
}

void
merkle_hash_node(
    const struct sha256 *left, const struct sha256 *right, struct sha256 *out)
{
	uint8_t both[1 + 2 * SHA256_LEN];

	both[0] = 1;
	memcpy(both + 1, left->octets, SHA256_LEN);
	memcpy(both + 1 + SHA256_LEN, right->octets, SHA256_LEN);
	sha256_of(bytes_of(both, sizeof(both)), out);
}
