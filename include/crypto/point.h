/*
 * point - whether the public point of an elliptic-curve key lies on its curve.
 */
#pragma once
#include "base/bytes.h"

enum point_curve { POINT_P256, POINT_P384, POINT_P521 };

enum point_verdict {
	POINT_GOOD,
	POINT_FORM, /* the first octet is none of 02, 03, 04, or the length is wrong */
	POINT_INFINITY, /* the one octet 00 */
	POINT_RANGE,    /* a coordinate is not below p */
	POINT_OFF,      /* not on the curve */
};

/* SEC 1, 2.3.4, of the BIT STRING's content. */
enum point_verdict point_check(enum point_curve, struct bytes point);
