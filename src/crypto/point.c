#include "crypto/point.h"

#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <pthread.h>

#include "base/err.h"
#include "crypto/failed.h"

#define FIELD_MAX 66

static const struct {
	int nid;
	size_t len; /* octets of a coordinate */
	uint8_t p[FIELD_MAX];
} CURVES[] = {
    [POINT_P256] = {NID_X9_62_prime256v1, 32,
	{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
    [POINT_P384] = {NID_secp384r1, 48,
	{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0,
	    0, 0, 0xff, 0xff, 0xff, 0xff}},
    [POINT_P521] = {NID_secp521r1, 66,
	{0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff}},
};

static EC_GROUP *groups[ARRAY_LEN(CURVES)]; /* made once, then only read */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
make_groups(void)
{
	for (size_t i = 0; i < ARRAY_LEN(CURVES); i++)
		groups[i] = EC_GROUP_new_by_curve_name(CURVES[i].nid);
}

static bool
lies_on(enum point_curve curve, struct bytes octets)
{
	EC_POINT *point;
	bool good;

	pthread_once(&once, make_groups);
	point = EC_POINT_new(groups[curve]);
	good =
	    EC_POINT_oct2point(groups[curve], point, octets.data, octets.len, NULL) == 1;
	EC_POINT_free(point);
	if (!good)
		crypto_forget();
	return good;
}

enum point_verdict
point_check(enum point_curve curve, struct bytes point)
{
	size_t len = CURVES[curve].len;
	const uint8_t *p = CURVES[curve].p;

	if (point.len == 1 && point.data[0] == 0)
		return POINT_INFINITY;
	if (point.len == 0 ||
	    !((point.data[0] == 4 && point.len == 1 + 2 * len) ||
		((point.data[0] == 2 || point.data[0] == 3) && point.len == 1 + len)))
		return POINT_FORM;
	if (memcmp(point.data + 1, p, len) >= 0 ||
	    (point.data[0] == 4 && memcmp(point.data + 1 + len, p, len) >= 0))
		return POINT_RANGE;
	return lies_on(curve, point) ? POINT_GOOD : POINT_OFF;
}
