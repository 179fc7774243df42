/*
 * buf - bytes that grow, up to a ceiling set at birth.
 *
 * Past the ceiling every append fails and leaves the buffer as it was; with
 * buf_failed() a run of appends is checked once at its end.
 */
#pragma once
#include "base/bytes.h"
#include "base/err.h"

struct buf {
	uint8_t *data;
	size_t len;
	size_t room;    /* allocated */
	size_t ceiling; /* len never passes it */
	bool failed;    /* an append did not fit */
};

void buf_init(struct buf *, size_t ceiling);
void buf_free(struct buf *);  /* fine on a zeroed or freed one */
void buf_clear(struct buf *); /* keeps the memory */

bool buf_append(struct buf *, const void *data, size_t len);
bool buf_append_bytes(struct buf *, struct bytes);
bool buf_append_text(struct buf *, const char *text);
bool buf_append_format(struct buf *, const char *format, ...) PRINTF_LIKE(2, 3);
bool buf_append_u8(struct buf *, uint8_t);
bool buf_append_be16(struct buf *, uint16_t);
bool buf_append_be24(struct buf *, uint32_t);
bool buf_append_be64(struct buf *, uint64_t);

/* len more bytes to write into, NULL past the ceiling. */
uint8_t *buf_extend(struct buf *, size_t len);

struct bytes buf_bytes(const struct buf *); /* borrowed until the next append */
const char *buf_text(struct buf *);         /* NUL put behind, not counted */

/* The memory becomes the caller's (mem_free); the buffer is empty afterwards.
 * NULL when it held nothing. */
uint8_t *buf_take(struct buf *, size_t *len);
