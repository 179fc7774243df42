/* Numbers that have a factor in common, against each pair's gcd. */
#include "crypto/factor.h"
#include "tests/lib/unit.h"

#include <openssl/bn.h>
#include <string.h>

enum { NUMBERS = 64, OCTETS = 64 };

struct list {
	uint8_t octets[NUMBERS][OCTETS];
	struct bytes numbers[NUMBERS];
	size_t count;
};

/* What was told of each pair: 1 a factor in common, 2 all of it. */
struct told {
	int of[NUMBERS][NUMBERS];
	size_t count[NUMBERS];
};

static void
on_factor(void *owner, size_t a, size_t b, bool whole)
{
	struct told *told = owner;

	ck_assert_int_eq(told->of[a][b], 0);
	told->of[a][b] = whole ? 2 : 1;
	told->count[a]++;
}

static int
naive(struct bytes a, struct bytes b)
{
	BIGNUM *x = BN_bin2bn(a.data, (int)a.len, NULL);
	BIGNUM *y = BN_bin2bn(b.data, (int)b.len, NULL), *gcd = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	int found = 0;

	ck_assert_int_eq(BN_gcd(gcd, x, y, ctx), 1);
	if (BN_cmp(x, y) != 0 && !BN_is_zero(x) && !BN_is_zero(y) && !BN_is_one(gcd))
		found = BN_cmp(gcd, x) == 0 ? 2 : 1;
	BN_free(x);
	BN_free(y);
	BN_free(gcd);
	BN_CTX_free(ctx);
	return found;
}

/* All is told up to the number of partners that is told of each. */
static void
compare(const struct list *a, const struct list *b)
{
	static struct told told;

	memset(&told, 0, sizeof(told));
	factor_shared(a->numbers, a->count, b->numbers, b->count, on_factor, &told);
	for (size_t i = 0; i < a->count; i++) {
		size_t partners = 0;

		for (size_t j = 0; j < b->count; j++) {
			int want =
			    a == b && i == j ? 0 : naive(a->numbers[i], b->numbers[j]);

			partners += want != 0;
			ck_assert(told.of[i][j] == 0 || told.of[i][j] == want);
		}
		ck_assert_uint_eq(told.count[i],
		    partners < FACTOR_PARTNERS ? partners : FACTOR_PARTNERS);
	}
}

static void
add(struct list *list, const char *hex)
{
	BIGNUM *number = NULL;
	uint8_t *octets = list->octets[list->count];

	ck_assert_int_gt(BN_hex2bn(&number, hex), 0);
	ck_assert_int_eq(BN_bn2binpad(number, octets, OCTETS), OCTETS);
	list->numbers[list->count++] = bytes_of(octets, OCTETS);
	BN_free(number);
}

/* p = 65537, q = 65539, r = 65543, s = 65551 */
#define PQ "100040003"
#define QR "1000A0015"
#define RP "100080007"
#define SS "1001E00E1"
#define S  "1000F"

static const struct {
	const char *what, *numbers[6];
	unsigned told; /* a bit a number */
} ROWS[] = {
    {"nothing", {0}, 0},
    {"one", {PQ}, 0},
    {"two of a prime", {PQ, QR}, 3},
    {"a ring of three", {PQ, QR, RP}, 7},
    {"a ring of three, and one more", {SS, PQ, QR, RP}, 14},
    {"the same key twice", {PQ, PQ}, 0},
    {"the same key twice, and its partner", {PQ, PQ, QR}, 7},
    {"one divides the other", {S, SS}, 3},
    {"zero and one", {"0", "1", "0", "1", PQ}, 0},
    {"even ones", {"4", "6", "9", "5"}, 7},
};

START_TEST(rows)
{
	static struct told told;
	struct list list = {.count = 0};

	memset(&told, 0, sizeof(told));
	for (size_t i = 0; i < 6 && ROWS[_i].numbers[i] != NULL; i++)
		add(&list, ROWS[_i].numbers[i]);
	factor_shared(
	    list.numbers, list.count, list.numbers, list.count, on_factor, &told);
	for (size_t i = 0; i < list.count; i++)
		ck_assert_msg((told.count[i] > 0) == ((ROWS[_i].told >> i & 1) != 0),
		    "%s: number %zu", ROWS[_i].what, i);
	compare(&list, &list);
}
END_TEST

START_TEST(what_divides_is_told_apart)
{
	static struct told told;
	struct list list = {.count = 0};

	memset(&told, 0, sizeof(told));
	add(&list, S);
	add(&list, SS);
	factor_shared(list.numbers, 2, list.numbers, 2, on_factor, &told);
	ck_assert_int_eq(told.of[0][1], 2);
	ck_assert_int_eq(told.of[1][0], 1);
}
END_TEST

/* Out of few factors, so that much is shared: lists of every length, against
 * themselves and each other. */
static void
random_list(struct list *list, size_t count, unsigned *seed, bool few)
{
	memset(list, 0, sizeof(*list));
	for (size_t i = 0; i < count; i++) {
		BIGNUM *product = BN_new(), *factor = BN_new();
		BN_CTX *ctx = BN_CTX_new();
		char *hex;

		BN_set_word(product, 1);
		for (unsigned k = 0; k < 4; k++) {
			*seed = *seed * 1103515245 + 12345;
			BN_set_word(
			    factor, few ? (*seed >> 16) % 40 : (*seed >> 3) | 0x10000001);
			BN_mul(product, product, factor, ctx);
		}
		hex = BN_bn2hex(product);
		add(list, hex);
		OPENSSL_free(hex);
		BN_free(product);
		BN_free(factor);
		BN_CTX_free(ctx);
	}
}

START_TEST(as_each_pair)
{
	struct list *a = mem_zero(2, sizeof(*a)), *b = a + 1;
	unsigned seed = 1;

	for (size_t count = 1; count <= NUMBERS; count += 1 + count / 4) {
		random_list(a, count, &seed, count % 2 == 0);
		random_list(b, NUMBERS + 1 - count, &seed, count % 2 == 0);
		compare(a, a);
		compare(a, b);
		compare(b, a);
	}
	mem_free(a);
}
END_TEST

/* As long as libcrypto takes a modulus. */
START_TEST(long_ones)
{
	static uint8_t octets[3][2048];
	static struct told told;
	struct bytes numbers[3];

	memset(&told, 0, sizeof(told));
	for (size_t i = 0; i < 3; i++) {
		memset(octets[i], 0xff, sizeof(octets[i]));
		octets[i][0] = (uint8_t)(0xf0 + i);
		octets[i][2047] = (uint8_t)(3 + 2 * i); /* 3, 5, 7 behind it */
		numbers[i] = bytes_of(octets[i], sizeof(octets[i]));
	}
	factor_shared(numbers, 3, numbers, 3, on_factor, &told);
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < 3; j++)
			ck_assert_int_eq(
			    told.of[i][j], i == j ? 0 : naive(numbers[i], numbers[j]));
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("factor");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, rows, 0, UNIT_COUNT(ROWS));
	tcase_add_test(tcase, what_divides_is_told_apart);
	tcase_add_test(tcase, as_each_pair);
	tcase_add_test(tcase, long_ones);
	return unit_run("factor", tcase);
}
