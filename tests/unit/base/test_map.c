#include "base/map.h"
#include "base/arena.h"
#include "tests/lib/unit.h"

/* Against a plain array: what was put and not removed is there, and no more. */
START_TEST(map_agrees_with_an_array)
{
	enum { KEYS = 500 };
	static int values[KEYS];
	bool there[KEYS] = {false};
	uint32_t seed = 7;
	struct map map;
	size_t at = 0, count = 0;
	struct bytes key;
	void *value;

	map_init(&map);
	for (int step = 0; step < 20000; step++) {
		char text[16];
		int i;

		seed = seed * 1664525 + 1013904223;
		i = (int)(seed >> 8) % KEYS;
		snprintf(text, sizeof(text), "key %d", i);
		ck_assert(
		    map_get(&map, bytes_text(text)) == (there[i] ? &values[i] : NULL));
		if (seed >> 31) {
			ck_assert(map_put(&map, bytes_text(text), &values[i]) ==
			    (there[i] ? &values[i] : NULL));
			there[i] = true;
		} else {
			ck_assert(map_remove(&map, bytes_text(text)) ==
			    (there[i] ? &values[i] : NULL));
			there[i] = false;
		}
	}
	while (map_next(&map, &at, &key, &value)) {
		ck_assert(there[(int *)value - values]);
		count++;
	}
	ck_assert_uint_eq(count, map.used);
	for (int i = 0; i < KEYS; i++)
		count -= there[i];
	ck_assert_uint_eq(count, 0);
	map_free(&map, NULL);
}
END_TEST

START_TEST(an_arena_hands_out_separate_memory)
{
	struct arena arena;
	uint8_t *small, *big;

	arena_init(&arena);
	for (int round = 0; round < 3; round++) {
		small = arena_alloc(&arena, 10);
		big = arena_zero(&arena, 1000, 1000);
		memset(small, 1, 10);
		ck_assert_int_eq(big[0] + big[999999], 0);
		memset(big, 2, 1000000);
		ck_assert_int_eq(small[9], 1);
		ck_assert_str_eq(
		    (const char *)arena_copy(&arena, bytes_text("copied")).data,
		    "copied");
		arena_reset(&arena);
	}
	arena_free(&arena);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("map");

	tcase_add_test(tc, map_agrees_with_an_array);
	tcase_add_test(tc, an_arena_hands_out_separate_memory);
	return unit_run("base/map", tc);
}
