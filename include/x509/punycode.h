/*
 * punycode - RFC 3492: what stands behind "xn--", as UTF-8.
 *
 * No two labels decode to the same text, but for the case of ASCII, so what
 * decodes is what encoding would give. Says nothing about what the text is worth:
 * IDNA is the caller's. Thread-safe; no allocation.
 */
#pragma once
#include "base/bytes.h"

/* More code points than any label has that may stand in the DNS. */
#define PUNYCODE_POINTS_MAX 252
#define PUNYCODE_UTF8_ROOM  (4 * PUNYCODE_POINTS_MAX + 1)

/* The label comes without its "xn--"; a NUL is put behind what it decodes to. Code
 * points that are none (surrogates) come out in the form of UTF-8 all the same.
 * False when it is no Punycode. Nothing decodes to nothing. */
bool punycode_decode(struct bytes encoded, char out[PUNYCODE_UTF8_ROOM], size_t *len);
