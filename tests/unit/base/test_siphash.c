#include "base/siphash.h"
#include "tests/lib/unit.h"

/* The vectors of the reference implementation: key 00..0f, data 00..len-1. */
static const struct {
	size_t len;
	const char *hash; /* little-endian */
} CASES[] = {
    {0, "310e0edd47db6f72"},
    {1, "fd67dc93c539f874"},
    {7, "37d1018bf50002ab"},
    {8, "6224939a79f5f593"},
    {9, "b0e4a90bdf82009e"},
    {15, "e545be4961ca29a1"},
    {63, "724506eb4c328a95"},
};

START_TEST(known_answers)
{
	uint8_t data[64], want[8];

	for (int i = 0; i < 64; i++)
		data[i] = (uint8_t)i;
	ck_assert(hex_parse(CASES[_i].hash, want, sizeof(want)));
	uint64_t got = siphash(data, bytes_of(data, CASES[_i].len));
	for (int i = 0; i < 8; i++)
		ck_assert_uint_eq((uint8_t)(got >> 8 * i), want[i]);
}
END_TEST

START_TEST(another_key_is_another_hash)
{
	uint8_t one[SIPHASH_KEY_LEN] = {0}, other[SIPHASH_KEY_LEN] = {1};

	ck_assert_uint_ne(siphash(one, bytes_text("x")), siphash(other, bytes_text("x")));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("siphash");

	tcase_add_loop_test(tc, known_answers, 0, UNIT_COUNT(CASES));
	tcase_add_test(tc, another_key_is_another_hash);
	return unit_run("base/siphash", tc);
}
