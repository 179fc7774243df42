/*
 * json - writes JSON text (RFC 8259) front to back into a buffer.
 *
 * What it writes is ASCII and valid whatever bytes it is given. Commas are
 * its own; pairing begin with end, and naming members of objects (key) but
 * not items of arrays (NULL), is the caller's. A full buffer shows in
 * buf.failed at the end, as with every append.
 */
#pragma once
#include "base/buf.h"

struct json {
	struct buf *out;
	bool comma; /* something stands before on this level */
};

void json_init(struct json *, struct buf *out);

void json_begin_object(struct json *, const char *key);
void json_end_object(struct json *);
void json_begin_array(struct json *, const char *key);
void json_end_array(struct json *);

void json_put_text(struct json *, const char *key, const char *text); /* NULL: null */
void json_put_number(struct json *, const char *key, int64_t);
void json_put_bool(struct json *, const char *key, bool);
void json_put_null(struct json *, const char *key);
void json_put_hex(struct json *, const char *key, struct bytes);     /* lower case */
void json_put_time(struct json *, const char *key, int64_t unix_ms); /* RFC 3339 */

/* Bytes of a stranger: as text_append_safe() shows them, so that controls,
 * bidi overrides and broken UTF-8 arrive as \xNN and \u{N} spelt out. */
void json_put_safe(struct json *, const char *key, struct bytes, size_t max);

/* A whole JSON value that is known to be one, as it stands. */
void json_put_raw(struct json *, const char *key, struct bytes value);
