/*
 * names_onion - whether a label is the address of a v3 onion service: Tor's
 * rend-spec-v3, 6.
 */
#pragma once
#include "base/bytes.h"

enum onion_v3 {
	ONION_V3_GOOD,
	ONION_V3_NONE, /* not 56 digits of base 32 */
	ONION_V3_VERSION,
	ONION_V3_CHECKSUM,
};

/* The label before ".onion"; case does not count. */
enum onion_v3 onion_v3_check(struct bytes label);
