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

/* --- against the same by libcrypto, one step after the other ---------------------- */

static void
square_root(BIGNUM *root, const BIGNUM *n, BN_CTX *ctx)
{
	BIGNUM *next = BN_new();

	BN_one(root);
	BN_lshift(root, root, BN_num_bits(n) / 2 + 1);
	for (;;) {
		BN_div(next, NULL, n, root, ctx);
		BN_add(next, next, root);
		BN_rshift1(next, next);
		if (BN_cmp(next, root) >= 0)
			break;
		BN_copy(root, next);
	}
	BN_free(next);
}

static int
plain_fermat(const BIGNUM *n, BN_CTX *ctx)
{
	BIGNUM *a = BN_new(), *square = BN_new(), *root = BN_new(), *again = BN_new();
	int found = 0;

	square_root(a, n, ctx);
	for (int step = 1; step <= ROUNDS && found == 0; step++) {
		BN_add_word(a, 1);
		BN_sqr(square, a, ctx);
		BN_sub(square, square, n);
		square_root(root, square, ctx);
		BN_sqr(again, root, ctx);
		if (BN_cmp(again, square) == 0)
			found = step;
	}
	BN_free(a);
	BN_free(square);
	BN_free(root);
	BN_free(again);
	return found;
}

static void
expect_same(const BIGNUM *n, BN_CTX *ctx)
{
	uint8_t octets[1024];
	char *text = BN_bn2hex(n);

	if (BN_num_bits(n) > 2 && !BN_is_negative(n))
		ck_assert_msg(
		    number_fermat(octets_of(n, octets), ROUNDS) == plain_fermat(n, ctx),
		    "%s", text);
	OPENSSL_free(text);
}

START_TEST(small_numbers_are_factored_as_by_libcrypto)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n = BN_new();

	for (BN_ULONG i = 4; i < 3000; i++) {
		BN_set_word(n, i);
		expect_same(n, ctx);
	}
	BN_free(n);
	BN_CTX_free(ctx);
}
END_TEST

/* Where limbs are full, empty, or carried over: around powers of two and their
 * squares. */
START_TEST(limbs_are_carried_as_by_libcrypto)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n = BN_new(), *a = BN_new();

	for (int bits = 3; bits < 400; bits += bits % 32 < 3 ? 1 : 5)
		for (int less = 0; less < 3; less++)
			for (BN_ULONG under = 0; under < 4; under++) {
				BN_one(a);
				BN_lshift(a, a, bits);
				BN_sub_word(a, (BN_ULONG)less);
				BN_sqr(n, a, ctx);
				BN_sub_word(n, under * under * (under > 2 ? 1 << 20 : 1));
				expect_same(n, ctx);
				BN_copy(n, a);
				BN_add_word(n, under);
				expect_same(n, ctx);
			}
	BN_free(n);
	BN_free(a);
	BN_CTX_free(ctx);
}
END_TEST

START_TEST(the_longest_modulus_is_the_limit)
{
	static uint8_t octets[NUMBER_RSA_BITS_MAX / 8 + 1];

	/* a * a - 1 with a = 2^8191; one octet more is not looked at. */
	memset(octets, 0xff, sizeof(octets));
	octets[1] = 0x3f;
	ck_assert_int_eq(
	    number_fermat(bytes_of(octets + 1, sizeof(octets) - 1), ROUNDS), 1);
	ck_assert_int_eq(number_fermat(bytes_of(octets, sizeof(octets)), ROUNDS), 0);
	octets[0] = 0;
	ck_assert_int_eq(number_fermat(bytes_of(octets, sizeof(octets)), ROUNDS), 1);
	ck_assert_int_eq(number_fermat(bytes_of(octets, 1), ROUNDS), 0);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("number");

	tcase_add_test(tcase, residues_agree_with_libcrypto);
	tcase_add_test(tcase, close_primes_are_found);
	tcase_add_test(tcase, others_are_not);
	tcase_add_test(tcase, small_numbers_are_factored_as_by_libcrypto);
	tcase_add_test(tcase, limbs_are_carried_as_by_libcrypto);
	tcase_add_test(tcase, the_longest_modulus_is_the_limit);
	return unit_run("check/number", tcase);
}
