#include "number.h"

#include <openssl/bn.h>
#include <pthread.h>

#include "x509/der.h"

__extension__ typedef unsigned __int128 wide;

static const uint16_t PRIMES[NUMBER_PRIMES] = {3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37,
    41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131,
    137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199, 211, 223, 227,
    229, 233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283, 293, 307, 311, 313, 317,
    331, 337, 347, 349, 353, 359, 367, 373, 379, 383, 389, 397, 401, 409, 419, 421, 431,
    433, 439, 443, 449, 457, 461, 463, 467, 479, 487, 491, 499, 503, 509, 521, 523, 541,
    547, 557, 563, 569, 571, 577, 587, 593, 599, 601, 607, 613, 617, 619, 631, 641, 643,
    647, 653, 659, 661, 673, 677, 683, 691, 701, 709, 719, 727, 733, 739, 743, 751};

unsigned
number_prime(size_t index)
{
	return PRIMES[index];
}

/* --- division by one word -------------------------------------------------------- */

/* The divisor is shifted up so that its top bit is set, and its reciprocal stands in
 * for division (Moeller and Granlund, 2011). */
struct divisor {
	uint64_t d, reciprocal;
};

static struct divisor
divisor_of(uint64_t value)
{
	struct divisor out = {.d = value << __builtin_clzll(value)};

	out.reciprocal = (uint64_t)(~(wide)0 / out.d - ((wide)1 << 64));
	return out;
}

static uint64_t
divide_step(const struct divisor *by, uint64_t high, uint64_t low)
{
	wide q = (wide)by->reciprocal * high + (((wide)high << 64) | low);
	uint64_t q1 = (uint64_t)(q >> 64) + 1, rest = low - q1 * by->d;

	if (rest > (uint64_t)q)
		rest += by->d;
	return rest >= by->d ? rest - by->d : rest;
}

/* A product of primes below 2^57, so that a sum of 64 words, each times a power
 * modulo it, fits two words: only that is divided. */
#define WORDS        64
#define PRODUCT_BITS 57
#define PRODUCTS_MAX (NUMBER_PRIMES / 5 + 1)
#define CHUNK_OCTETS ((size_t)(WORDS - 1) * sizeof(uint64_t))

static struct product {
	struct divisor by;
	uint64_t powers[WORDS]; /* of 2^64, modulo it */
	size_t end;             /* the first prime that is not in it */
} products[PRODUCTS_MAX];
static size_t product_count;
static uint64_t inverses[NUMBER_PRIMES]; /* of the primes: 2^64 / p */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
prepare_product(struct product *out, uint64_t product, size_t end)
{
	wide power = 1;

	out->by = divisor_of(product);
	out->end = end;
	for (size_t j = 0; j < WORDS; j++, power = (power << 64) % product)
		out->powers[j] = (uint64_t)power;
}

static void
prepare(void)
{
	for (size_t i = 0; i < NUMBER_PRIMES;) {
		uint64_t product = PRIMES[i++];

		while (i < NUMBER_PRIMES &&
		    product < ((uint64_t)1 << PRODUCT_BITS) / PRIMES[i])
			product *= PRIMES[i++];
		prepare_product(&products[product_count++], product, i);
	}
	for (size_t i = 0; i < NUMBER_PRIMES; i++)
		inverses[i] = UINT64_MAX / PRIMES[i];
}

/* The lowest word first; the highest one may be short. */
static size_t
words_of(struct bytes octets, uint64_t words[WORDS])
{
	size_t count = 0, end = octets.len;

	for (; end >= sizeof(uint64_t); end -= sizeof(uint64_t))
		words[count++] = be64(octets.data + end - sizeof(uint64_t));
	if (end > 0)
		words[count] = 0;
	for (size_t i = 0; i < end; i++)
		words[count] = words[count] << 8 | octets.data[i];
	return count + (end > 0);
}

static uint64_t
product_rest(const struct product *product, const uint64_t *words, size_t count)
{
	wide sum = 0;

	for (size_t j = 0; j < count; j++)
		sum += (wide)words[j] * product->powers[j];
	return divide_step(&product->by,
	    divide_step(&product->by, 0, (uint64_t)(sum >> 64)), (uint64_t)sum);
}

/* From the top, in chunks; the rest of one stands above the next as a word. */
static void
product_rests(struct bytes number, uint64_t rests[PRODUCTS_MAX])
{
	uint64_t words[WORDS];

	memset(rests, 0, product_count * sizeof(*rests));
	while (number.len > 0) {
		size_t first = number.len % CHUNK_OCTETS, count;

		first = first > 0 ? first : CHUNK_OCTETS;
		count = words_of(bytes_of(number.data, first), words);
		for (size_t k = 0; k < product_count; k++) {
			words[count] = rests[k];
			rests[k] = product_rest(&products[k], words, count + 1);
		}
		number = bytes_of(number.data + first, number.len - first);
	}
}

static uint16_t
prime_rest(uint64_t number, size_t index)
{
	uint64_t quotient = (uint64_t)((wide)number * inverses[index] >> 64);
	uint64_t rest = number - quotient * PRIMES[index];

	return (uint16_t)(rest >= PRIMES[index] ? rest - PRIMES[index] : rest);
}

void
number_residues(struct bytes modulus, uint16_t out[NUMBER_PRIMES])
{
	uint64_t rests[PRODUCTS_MAX];

	pthread_once(&once, prepare);
	product_rests(modulus, rests);
	/* by.d is a multiple of each prime, so the rest needs no shift back. */
	for (size_t k = 0, i = 0; k < product_count; k++)
		for (; i < products[k].end; i++)
			out[i] = prime_rest(rests[k], i);
}

/* --- powers ---------------------------------------------------------------------------
 */

static unsigned
power_modulo(unsigned base, unsigned exponent, unsigned prime)
{
	unsigned result = 1;

	for (; exponent > 0; exponent >>= 1) {
		if ((exponent & 1) != 0)
			result = result * base % prime;
		base = base * base % prime;
	}
	return result;
}

static bool
looks_like_power(const uint16_t residues[NUMBER_PRIMES], unsigned k)
{
	for (size_t i = 0; i < NUMBER_PRIMES; i++)
		if ((PRIMES[i] - 1u) % k == 0 && residues[i] != 0 &&
		    power_modulo(residues[i], (PRIMES[i] - 1u) / k, PRIMES[i]) != 1)
			return false;
	return true;
}

unsigned
number_power(const uint16_t residues[NUMBER_PRIMES])
{
	static const uint8_t EXPONENTS[] = {2, 3, 5, 7, 11};

	for (size_t i = 0; i < sizeof(EXPONENTS); i++)
		if (looks_like_power(residues, EXPONENTS[i]))
			return EXPONENTS[i];
	return 0;
}

/* --- ROCA
 * -------------------------------------------------------------------------------- */

bool
number_is_roca(const uint16_t residues[NUMBER_PRIMES])
{
	static const uint8_t MARKS[] = {
	    11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157};

	for (size_t i = 0, at = 0; i < sizeof(MARKS); i++) {
		unsigned power = 1;
		bool found = false;

		while (PRIMES[at] != MARKS[i])
			at++;
		do {
			found = found || power == residues[at];
			power = power * (65537u % MARKS[i]) % MARKS[i];
		} while (power != 1);
		if (!found)
			return false;
	}
	return true;
}

/* --- DSA ------------------------------------------------------------------------------
 */

#define FIELD_BITS_MAX    8192
#define EXPONENT_BITS_MAX 512

static BIGNUM *
number_of(struct bytes magnitude)
{
	return BN_bin2bn(magnitude.data, (int)magnitude.len, NULL);
}

bool
number_within_field(struct bytes y, struct bytes p)
{
	BIGNUM *low = number_of(y), *high = number_of(p);
	bool within = low != NULL && high != NULL && !der_integer_negative(y) &&
	    BN_num_bits(low) > 1 && BN_add_word(low, 2) && BN_cmp(low, high) <= 0;

	BN_free(low);
	BN_free(high);
	return within;
}

int
number_power_is_one(struct bytes y, struct bytes q, struct bytes p)
{
	BIGNUM *base, *exponent, *field, *power;
	BN_CTX *ctx;
	int is = -1;

	if (der_integer_bits(p) > FIELD_BITS_MAX ||
	    der_integer_bits(q) > EXPONENT_BITS_MAX ||
	    der_integer_bits(y) > FIELD_BITS_MAX)
		return -1;
	ctx = BN_CTX_new();
	base = number_of(y);
	exponent = number_of(q);
	field = number_of(p);
	power = BN_new();
	if (ctx != NULL && base != NULL && exponent != NULL && field != NULL &&
	    power != NULL && BN_mod_exp(power, base, exponent, field, ctx))
		is = BN_is_one(power);
	BN_free(base);
	BN_free(exponent);
	BN_free(field);
	BN_free(power);
	BN_CTX_free(ctx);
	return is;
}
