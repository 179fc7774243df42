/* What is said of moduli, against libcrypto's numbers and by construction. */
#include "tests/lib/unit.h"

#include <openssl/bn.h>

#include "check/number.h"

#define ROUNDS 100

static struct bytes
octets_of(const BIGNUM *number, uint8_t out[1024])
{
	return bytes_of(out, (size_t)BN_bn2bin(number, out));
}

/* A number of so many bits, the same at each run. */
static BIGNUM *
number_of(int bits, uint32_t seed)
{
	uint8_t octets[1024];
	BIGNUM *number;

	for (size_t i = 0; i < sizeof(octets); i++) {
		seed = seed * 1664525 + 1013904223;
		octets[i] = (uint8_t)(seed >> 24);
	}
	number = BN_bin2bn(octets, (bits + 7) / 8, NULL);
	BN_mask_bits(number, bits);
	BN_set_bit(number, bits - 1);
	return number;
}

START_TEST(residues_agree_with_libcrypto)
{
	for (int bits = 1; bits <= 8192; bits = bits * 9 / 8 + 1) {
		BIGNUM *number = number_of(bits, (uint32_t)bits);
		uint16_t residues[NUMBER_PRIMES];
		uint8_t octets[1024];

		number_residues(octets_of(number, octets), residues);
		for (size_t i = 0; i < NUMBER_PRIMES; i++)
			ck_assert_uint_eq(
			    residues[i], BN_mod_word(number, number_prime(i)));
		BN_free(number);
	}
}
END_TEST

/* n = a^2 - s^2, so it is found at a; the first step looks at the root of n,
 * rounded down, plus one. */
static void
expect_found(int bits, int spread)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *a = number_of(bits, (uint32_t)(bits + spread)), *s = BN_new(),
	       *n = BN_new(), *low = BN_new();
	uint8_t octets[1024];
	int step;

	/* s^2 / 2a steps: s has half the bits of a, and a few more. */
	BN_set_bit(s, bits / 2 + spread);
	BN_sqr(n, a, ctx);
	BN_sqr(low, s, ctx);
	BN_sub(n, n, low);
	step = number_fermat(octets_of(n, octets), ROUNDS);
	ck_assert_msg(step >= 1 && step <= ROUNDS, "%d bits, %d: %d", bits, spread, step);
	BN_sub_word(a, (BN_ULONG)step);
	BN_sqr(low, a, ctx);
	ck_assert_msg(BN_cmp(low, n) <= 0, "%d bits, %d", bits, spread);
	BN_add_word(a, 1);
	BN_sqr(low, a, ctx);
	ck_assert_msg(BN_cmp(low, n) > 0, "%d bits, %d", bits, spread);
	BN_free(a);
	BN_free(s);
	BN_free(n);
	BN_free(low);
	BN_CTX_free(ctx);
}

START_TEST(close_primes_are_found)
{
	for (int bits = 40; bits < 2100; bits += 37)
		for (int spread = -6; spread < 4; spread += 3)
			expect_found(bits, spread);
}
END_TEST

START_TEST(others_are_not)
{
	for (int bits = 200; bits < 4200; bits += 97) {
		BIGNUM *number = number_of(bits, (uint32_t)bits);
		uint8_t octets[1024];

		BN_set_bit(number, 0);
		ck_assert_int_eq(number_fermat(octets_of(number, octets), ROUNDS), 0);
		BN_free(number);
	}
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("number");

	tcase_add_test(tcase, residues_agree_with_libcrypto);
	tcase_add_test(tcase, close_primes_are_found);
	tcase_add_test(tcase, others_are_not);
	return unit_run("check/number", tcase);
}
