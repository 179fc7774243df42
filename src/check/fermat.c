/*
 * Fermat's factorisation, a few rounds of it. Big numbers are limbs of 64 bits, the
 * lowest first, on the stack: libcrypto's, with a context and six numbers allocated
 * for each key, took four times as long.
 */
#include "number.h"

#include <math.h>
#include <pthread.h>

__extension__ typedef unsigned __int128 wide;

enum { LIMB_BITS = 64, LIMBS_MAX = NUMBER_RSA_BITS_MAX / LIMB_BITS };

struct number {
	size_t count; /* without zeros above */
	uint64_t limbs[LIMBS_MAX + 4];
};

static void
trim(struct number *number)
{
	while (number->count > 0 && number->limbs[number->count - 1] == 0)
		number->count--;
}

static void
read_number(struct bytes octets, struct number *out)
{
	out->count = (octets.len + sizeof(uint64_t) - 1) / sizeof(uint64_t);
	memset(out->limbs, 0, sizeof(out->limbs));
	for (size_t i = 0; i < octets.len; i++)
		out->limbs[i / 8] |= (uint64_t)octets.data[octets.len - 1 - i]
		    << i % 8 * 8;
	trim(out);
}

/* --- the square root, a limb at a time --------------------------------------------- */

/* Of two limbs, the higher one at least 2^62. */
static uint64_t
root_of_two(uint64_t high, uint64_t low)
{
	wide n = (wide)high << LIMB_BITS | low;
	long double guess = sqrtl((long double)n);
	wide root = guess < 0x1p64L ? (wide)(uint64_t)guess : UINT64_MAX;

	/* One step of Newton's method, for a long double may have 53 bits. */
	root = (root + n / root) / 2;
	root = root > UINT64_MAX ? UINT64_MAX : root;
	while (root * root > n)
		root--;
	while (root < UINT64_MAX && (root + 1) * (root + 1) <= n)
		root++;
	return (uint64_t)root;
}

/* What is left of a number while its root is found, and the root so far. */
struct rooting {
	size_t half;                      /* limbs of the root */
	uint64_t left[LIMBS_MAX + 6];     /* 2 * half, and one above */
	uint64_t root[LIMBS_MAX / 2 + 3]; /* its upper limbs are known */
	uint64_t twice[LIMBS_MAX / 2 + 4];
};

static void
keep_limb(struct rooting *it, size_t at, uint64_t limb)
{
	it->root[at] = limb;
	it->twice[at] = limb << 1;
	it->twice[at + 1] |= limb >> 63;
}

/* No less than the next limb: what is left over twice the root, by their highest
 * limbs. */
static uint64_t
guess_limb(const struct rooting *it, size_t at)
{
	const uint64_t *top = &it->left[at + it->half - 1];
	uint64_t high = top[2] << 63 | top[1] >> 1, low = top[1] << 63 | top[0] >> 1;
	uint64_t by = it->root[it->half - 1];

	return high >= by ? UINT64_MAX : (uint64_t)(((wide)high << LIMB_BITS | low) / by);
}

/* left -= limb * (2 * root + limb); whether it was too much. */
static bool
take_limb(struct rooting *it, size_t at, uint64_t limb)
{
	uint64_t *left = &it->left[2 * at];
	size_t count = it->half - at;
	uint64_t carry = 0;

	for (size_t i = 0; i <= count; i++) {
		uint64_t by = i == 0 ? limb : it->twice[at + i];
		wide product = (wide)limb * by + carry;
		uint64_t low = (uint64_t)product;

		carry = (uint64_t)(product >> LIMB_BITS) + (left[i] < low);
		left[i] -= low;
	}
	left[count + 1] -= carry;
	return left[count + 1] > UINT64_MAX / 2;
}

/* The limb was one too large: left += 2 * root + 2 * limb + 1, with the smaller one. */
static bool
give_back(struct rooting *it, size_t at, uint64_t limb)
{
	uint64_t *left = &it->left[2 * at];
	size_t count = it->half - at;
	uint64_t carry = 0;

	for (size_t i = 0; i <= count; i++) {
		uint64_t more = i == 0 ? limb << 1 | 1 : it->twice[at + i];
		wide sum = (wide)left[i] + more + carry;

		left[i] = (uint64_t)sum;
		carry = (uint64_t)(sum >> LIMB_BITS) + (i == 0 ? limb >> 63 : 0);
	}
	left[count + 1] += carry;
	return left[count + 1] > UINT64_MAX / 2;
}

static void
find_limb(struct rooting *it, size_t at)
{
	uint64_t limb = guess_limb(it, at);
	bool negative = take_limb(it, at, limb);

	while (negative)
		negative = give_back(it, at, --limb);
	keep_limb(it, at, limb);
}

/* Shifted up by an even number of bits, so that the highest of an even number of
 * limbs has one of its two highest bits. By how many. */
static unsigned
begin(struct rooting *it, const struct number *n)
{
	const uint64_t *limbs = n->limbs;
	size_t gap = n->count % 2;
	unsigned shift = (unsigned)__builtin_clzll(limbs[n->count - 1]) & ~1U;

	it->half = (n->count + 1) / 2;
	for (size_t i = 0; i < n->count; i++)
		it->left[i + gap] = limbs[i] << shift |
		    (shift > 0 && i > 0 ? limbs[i - 1] >> (LIMB_BITS - shift) : 0);
	return shift + (gap > 0 ? LIMB_BITS : 0);
}

/* The root, rounded down; whether nothing is left. */
static bool
square_root(const struct number *n, struct number *out)
{
	struct rooting it = {0};
	uint64_t top, *left, some = 0;
	unsigned shift;
	wide rest;

	out->count = 0;
	if (n->count == 0)
		return true;
	shift = begin(&it, n) / 2;
	left = &it.left[2 * it.half - 2];
	top = root_of_two(left[1], left[0]);
	rest = ((wide)left[1] << LIMB_BITS | left[0]) - (wide)top * top;
	left[0] = (uint64_t)rest;
	left[1] = (uint64_t)(rest >> LIMB_BITS);
	keep_limb(&it, it.half - 1, top);
	for (size_t at = it.half - 1; at-- > 0;)
		find_limb(&it, at);
	for (size_t i = 0; i <= it.half; i++)
		some |= it.left[i];
	for (size_t i = 0; i < it.half; i++)
		out->limbs[i] = it.root[i] >> shift |
		    (shift > 0 ? it.root[i + 1] << (LIMB_BITS - shift) : 0);
	out->count = it.half;
	trim(out);
	return some == 0;
}

/* --- a^2 - n ------------------------------------------------------------------------ */

/* number += limb << 64 * at; the array has room. */
static void
add_limb(struct number *number, size_t at, uint64_t limb)
{
	for (; limb > 0; at++) {
		if (at == number->count)
			number->limbs[number->count++] = 0;
		number->limbs[at] += limb;
		limb = number->limbs[at] < limb;
	}
}

/* out = a * a - n, of which n is less than a * a. */
static void
square_less(const struct number *a, const struct number *n, struct number *out)
{
	uint64_t borrow = 0;

	out->count = 2 * a->count;
	memset(out->limbs, 0, out->count * sizeof(uint64_t));
	for (size_t i = 0; i < a->count; i++) {
		uint64_t carry = 0;

		for (size_t j = 0; j < a->count; j++) {
			wide sum =
			    (wide)a->limbs[i] * a->limbs[j] + out->limbs[i + j] + carry;

			out->limbs[i + j] = (uint64_t)sum;
			carry = (uint64_t)(sum >> LIMB_BITS);
		}
		out->limbs[i + a->count] = carry;
	}
	for (size_t i = 0; i < out->count; i++) {
		wide less = (wide)(i < n->count ? n->limbs[i] : 0) + borrow;

		borrow = out->limbs[i] < less;
		out->limbs[i] -= (uint64_t)less;
	}
	trim(out);
}

/* Whether (a + step)^2 - n is a square, for certain. */
static bool
is_square(const struct number *a, const struct number *square, uint64_t step)
{
	struct number value = *square, root;
	uint64_t twice = 2 * step, carry = 0;

	for (size_t i = 0; i < a->count; i++) {
		wide product = (wide)a->limbs[i] * twice + carry;

		add_limb(&value, i, (uint64_t)product);
		carry = (uint64_t)(product >> LIMB_BITS);
	}
	add_limb(&value, a->count, carry);
	add_limb(&value, 0, step * step);
	return square_root(&value, &root);
}

/* --- which steps can be squares at all ---------------------------------------------- */

#define STEPS UINT64_C(64) /* at a time */

static const uint8_t SIEVE[] = {16, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31};
#define SIEVE_PRODUCT UINT64_C(1604483921040)
#define SIEVE_MAX     32

/* For each modulus, by what a^2 - n and a leave: the steps that leave a square. */
static uint64_t steps_left[sizeof(SIEVE)][SIEVE_MAX][SIEVE_MAX];
static uint64_t powers[LIMBS_MAX + 4]; /* of 2^64, modulo the product */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint64_t
steps_of(unsigned by, unsigned rest, unsigned side)
{
	uint64_t squares = 0, steps = 0;

	for (unsigned x = 0; x == 0 || x < by; x++)
		squares |= UINT64_C(1) << x * x % by;
	for (unsigned i = 0; i < STEPS; i++)
		steps |= (squares >> (rest + 2 * side * i + i * i) % by & 1) << i;
	return steps;
}

static void
prepare(void)
{
	wide power = 1;

	for (size_t i = 0; i < sizeof(powers) / sizeof(*powers); i++) {
		powers[i] = (uint64_t)power;
		power = (power << LIMB_BITS) % SIEVE_PRODUCT;
	}
	for (size_t i = 0; i < sizeof(SIEVE); i++)
		for (unsigned rest = 0; rest < SIEVE[i]; rest++)
			for (unsigned side = 0; side < SIEVE[i]; side++)
				steps_left[i][rest][side] =
				    steps_of(SIEVE[i], rest, side);
}

/* Powers of 41 bits leave a sum of two limbs room for 2^23 of them. */
static uint64_t
modulo_product(const struct number *number)
{
	wide sum = 0;

	for (size_t i = 0; i < number->count; i++)
		sum += (wide)number->limbs[i] * powers[i];
	return (uint64_t)(sum % SIEVE_PRODUCT);
}

static uint64_t
likely_steps(uint64_t rest, uint64_t side)
{
	uint64_t steps = UINT64_MAX;

	for (size_t i = 0; i < sizeof(SIEVE) && steps != 0; i++)
		steps &= steps_left[i][rest % SIEVE[i]][side % SIEVE[i]];
	return steps;
}

/* --- both --------------------------------------------------------------------------- */

/* Only what a^2 - n leaves is carried along from step to step. */
static int
first_square(const struct number *a, const struct number *square, unsigned rounds)
{
	uint64_t rest = modulo_product(square), side = modulo_product(a);

	for (uint64_t base = 0; base < rounds; base += STEPS) {
		uint64_t steps = likely_steps(rest, side);

		for (; steps != 0; steps &= steps - 1) {
			uint64_t step = base + (unsigned)__builtin_ctzll(steps);

			if (step < rounds && is_square(a, square, step))
				return (int)step + 1;
		}
		rest = (rest + 2 * STEPS * side + STEPS * STEPS) % SIEVE_PRODUCT;
		side = (side + STEPS) % SIEVE_PRODUCT;
	}
	return 0;
}

int
number_fermat(struct bytes modulus, unsigned rounds)
{
	struct number n, a, square;

	while (modulus.len > 0 && modulus.data[0] == 0)
		modulus = bytes_of(modulus.data + 1, modulus.len - 1);
	if (modulus.len == 0 || modulus.len > NUMBER_RSA_BITS_MAX / 8 ||
	    (modulus.len == 1 && modulus.data[0] < 4))
		return 0;
	pthread_once(&once, prepare);
	read_number(modulus, &n);
	square_root(&n, &a);
	add_limb(&a, 0, 1);
	square_less(&a, &n, &square);
	return first_square(&a, &square, rounds);
}
