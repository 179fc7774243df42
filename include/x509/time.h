/*
 * time - UTCTime and GeneralizedTime, in every form that has been seen.
 *
 * What can be read is read; how it differs from the one form that RFC 5280,
 * 4.1.2.5 allows is kept as bits.
 */
#pragma once
#include "x509/der.h"

enum time_form {
	TIME_UNREADABLE = 1 << 0,
	TIME_NO_SECONDS = 1 << 1,
	TIME_NO_MINUTES = 1 << 2,
	TIME_FRACTION = 1 << 3,   /* it is dropped */
	TIME_OFFSET = 1 << 4,     /* +hhmm or -hhmm instead of Z */
	TIME_NO_ZONE = 1 << 5,    /* neither Z nor an offset: read as UTC */
	TIME_WRONG_TYPE = 1 << 6, /* GeneralizedTime for a year before 2050 */
	TIME_OTHER_TAG = 1 << 7,  /* neither of the two types */
	TIME_RANGE = 1 << 8,      /* digits that are no date */
	TIME_JUNK = 1 << 9,       /* bytes behind the time */
};

struct der_time {
	struct bytes whole, text; /* the element and its content */
	int64_t unix_s;           /* 0 when unreadable */
	uint32_t form;            /* enum time_form bits; 0: as it should be */
	uint8_t tag;
};

void der_time_read(const struct der *element, struct der_time *out);
