/*
 * cursor - reads a byte string from front to back and never past its end.
 *
 * A read that does not fit returns false and leaves the cursor where it was.
 * What it hands out are views of the same memory.
 */
#pragma once
#include "base/bytes.h"

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
};

static inline struct cursor
cursor_of(struct bytes bytes)
{
	/* An empty view may point nowhere, to which nothing can be added. */
	const uint8_t *end = bytes.len > 0 ? bytes.data + bytes.len : bytes.data;

	return (struct cursor){.at = bytes.data, .end = end};
}

static inline size_t
cursor_left(const struct cursor *cursor)
{
	return (size_t)(cursor->end - cursor->at);
}

static inline struct bytes
cursor_rest(const struct cursor *cursor)
{
	return bytes_of(cursor->at, cursor_left(cursor));
}

static inline bool
cursor_take(struct cursor *cursor, size_t len, struct bytes *out)
{
	if (cursor_left(cursor) < len)
		return false;
	*out = bytes_of(cursor->at, len);
	cursor->at += len;
	return true;
}

static inline bool
cursor_u8(struct cursor *cursor, uint8_t *out)
{
	if (cursor_left(cursor) < 1)
		return false;
	*out = *cursor->at++;
	return true;
}

static inline bool
cursor_be16(struct cursor *cursor, uint16_t *out)
{
	if (cursor_left(cursor) < 2)
		return false;
	*out = be16(cursor->at);
	cursor->at += 2;
	return true;
}

static inline bool
cursor_be24(struct cursor *cursor, uint32_t *out)
{
	if (cursor_left(cursor) < 3)
		return false;
	*out = be24(cursor->at);
	cursor->at += 3;
	return true;
}

static inline bool
cursor_be64(struct cursor *cursor, uint64_t *out)
{
	if (cursor_left(cursor) < 8)
		return false;
	*out = be64(cursor->at);
	cursor->at += 8;
	return true;
}

/* A TLS vector, RFC 8446, 3.4: a length of 2 or 3 bytes, then so many bytes. */
static inline bool
cursor_vector16(struct cursor *cursor, struct bytes *out)
{
	struct cursor ahead = *cursor;
	uint16_t len;

	if (!cursor_be16(&ahead, &len) || !cursor_take(&ahead, len, out))
		return false;
	*cursor = ahead;
	return true;
}

static inline bool
cursor_vector24(struct cursor *cursor, struct bytes *out)
{
	struct cursor ahead = *cursor;
	uint32_t len;

	if (!cursor_be24(&ahead, &len) || !cursor_take(&ahead, len, out))
		return false;
	*cursor = ahead;
	return true;
}
