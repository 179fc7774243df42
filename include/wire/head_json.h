/*
 * head_json - the reply to get-sth, RFC 6962, 4.3.
 */
#pragma once
#include "base/buf.h"
#include "crypto/digest.h"
#include "wire/signed.h"

struct head_json {
	uint64_t tree_size;
	uint64_t timestamp_ms;
	struct sha256 root;
	size_t signature_len;
	uint8_t signature[SIGNED_MAX]; /* DigitallySigned */
};

/* Unknown members are ignored. ERR_PARSE for anything that is no such object;
 * numbers are whole, not negative and below 2^63. */
MUST_CHECK bool head_json_parse(struct bytes body, struct head_json *out, struct err *);

/* Appends a reply of the same content. */
bool head_json_append(struct buf *out, const struct head_json *head);
