/* Where the files of an archive in zip files stand. */
#include "logclient/static_ct.h"
#include "tests/lib/unit.h"

static const struct {
	unsigned level;
	uint64_t index, part;
} TILES[] = {
    {0, 0, 0},
    {0, 65535, 0},
    {0, 65536, 1}, /* entry 2^24 */
    {0, 6 * UINT64_C(65536) - 1, 5},
    {1, 255, 0},
    {1, 256, 1},
    {2, 0, 0},
    {2, 7, 7},
    {3, 0, 0}, /* in every part */
    {3, 5, 0},
    {5, 1, 0},
};

START_TEST(part_of_each)
{
	ck_assert_uint_eq(part_of_tile(TILES[_i].level, TILES[_i].index), TILES[_i].part);
}
END_TEST

START_TEST(paths)
{
	struct logclient folder = {.zipped = false}, zips = {.zipped = true};
	char *path = static_path(&folder, 12, "tile/0/000");

	ck_assert_str_eq(path, "tile/0/000");
	mem_free(path);
	path = static_path(&zips, 12, "tile/0/000");
	ck_assert_str_eq(path, "012.zip/tile/0/000");
	mem_free(path);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("parts");

	tcase_add_loop_test(tc, part_of_each, 0, ARRAY_LEN(TILES));
	tcase_add_test(tc, paths);
	return unit_run("logclient/parts", tc);
}
