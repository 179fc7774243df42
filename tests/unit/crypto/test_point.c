/* Points on and off their curves: the generators, and what is wrong with them. */
#include "crypto/point.h"

#include "tests/lib/unit.h"

#define GX256 "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define GY256 "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
#define P256  "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
#define GX384                                                                            \
	"aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf5529" \
	"6c"                                                                             \
	"3a545e3872760ab7"
#define GY384                                                                            \
	"3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e81" \
	"9d"                                                                             \
	"7a431d7c90ea0e5f"

static const struct {
	const char *what, *hex;
	enum point_curve curve;
	enum point_verdict verdict;
} CASES[] = {
    {"P-256's generator", "04" GX256 GY256, POINT_P256, POINT_GOOD},
    {"compressed, odd y", "03" GX256, POINT_P256, POINT_GOOD},
    {"compressed, even y", "02" GX256, POINT_P256, POINT_GOOD},
    {"P-384's generator", "04" GX384 GY384, POINT_P384, POINT_GOOD},
    {"another curve's", "04" GX256 GY256, POINT_P384, POINT_FORM},
    {"infinity", "00", POINT_P256, POINT_INFINITY},
    {"nothing", "", POINT_P256, POINT_FORM},
    {"hybrid", "07" GX256 GY256, POINT_P256, POINT_FORM},
    {"cut", "04" GX256, POINT_P256, POINT_FORM},
    {"coordinates swapped", "04" GY256 GX256, POINT_P256, POINT_OFF},
    {"x is p", "04" P256 GY256, POINT_P256, POINT_RANGE},
    {"y is p", "04" GX256 P256, POINT_P256, POINT_RANGE},
};

START_TEST(points)
{
	struct buf point = unit_hex(CASES[_i].hex);

	ck_assert_msg(
	    point_check(CASES[_i].curve, buf_bytes(&point)) == CASES[_i].verdict, "%s",
	    CASES[_i].what);
	buf_free(&point);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("point");

	tcase_add_loop_test(tcase, points, 0, UNIT_COUNT(CASES));
	return unit_run("point", tcase);
}
