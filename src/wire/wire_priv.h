/*
 * wire_priv - what the JSON readers of this room share.
 */
#pragma once
#include <jansson.h>

#include "base/arena.h"
#include "crypto/digest.h"

/* An object (json_decref), or NULL with ERR_PARSE and `what` in front. */
json_t *wire_json_object(struct bytes body, const char *what, struct err *err);

/* The member as a whole number, 0 to 2^63 - 1. */
MUST_CHECK bool wire_json_number(
    const json_t *object, const char *key, uint64_t *out, struct err *err);

/* Base64 text of 32 bytes. */
MUST_CHECK bool wire_json_hash(const json_t *value, struct sha256 *out);

/* Base64 text of at most max bytes into out, which has room for 2 more. */
MUST_CHECK bool wire_json_base64(
    const json_t *value, uint8_t *out, size_t max, size_t *len);

/* Base64 text of any length. */
MUST_CHECK bool wire_json_base64_arena(
    const json_t *value, struct arena *, struct bytes *out);
