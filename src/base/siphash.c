#include "base/siphash.h"

static inline uint64_t
rotate(uint64_t v, int by)
{
	return v << by | v >> (64 - by);
}

static inline void
rounds(uint64_t v[4], int count)
{
	for (int i = 0; i < count; i++) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

/* At most 8 bytes, little-endian. */
static inline uint64_t
word_of(const uint8_t *data, size_t len)
{
	uint64_t word = 0;

	for (size_t i = 0; i < len; i++)
		word |= (uint64_t)data[i] << 8 * i;
	return word;
}

uint64_t
siphash(const uint8_t key[SIPHASH_KEY_LEN], struct bytes data)
{
	uint64_t k0 = word_of(key, 8), k1 = word_of(key + 8, 8), word;
	uint64_t v[4] = {k0 ^ UINT64_C(0x736f6d6570736575),
	    k1 ^ UINT64_C(0x646f72616e646f6d), k0 ^ UINT64_C(0x6c7967656e657261),
	    k1 ^ UINT64_C(0x7465646279746573)};
	size_t i = 0;

	for (; i + 8 <= data.len; i += 8) {
		word = word_of(data.data + i, 8);
		v[3] ^= word;
		rounds(v, 2);
		v[0] ^= word;
	}
	word = (uint64_t)data.len << 56;
	if (i < data.len)
		word |= word_of(data.data + i, data.len - i);
	v[3] ^= word;
	rounds(v, 2);
	v[0] ^= word;
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
