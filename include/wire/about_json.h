/*
 * about_json - what a log says of itself in log.v3.json (Sunlight, Azul, newer
 * CTFE; wire-formats 3.10). Unsigned: it changes no configured key, and tells
 * when a log believes to be another.
 */
#pragma once
#include "crypto/digest.h"

struct about_json {
	bool has_log_id, has_key;
	struct sha256 log_id;
	struct sha256 key_hash; /* SHA-256 of its key: what its log id has to be */
};

/* Members that are missing or are no base64 are left out. ERR_PARSE: no object. */
MUST_CHECK bool about_json_parse(struct bytes body, struct about_json *out, struct err *);

/* It speaks of a log with this id, as far as it says anything. */
bool about_json_is_of(const struct about_json *, const struct sha256 *log_id);
