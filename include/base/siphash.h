/*
 * siphash - SipHash-2-4: a hash whose collisions cannot be made by who does
 * not know the key. For indexes over bytes that hostile people choose.
 */
#pragma once
#include "base/bytes.h"

#define SIPHASH_KEY_LEN 16

uint64_t siphash(const uint8_t key[SIPHASH_KEY_LEN], struct bytes data);
