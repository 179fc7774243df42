#include "base/buf.h"

#include <stdio.h>

#include "base/mem.h"

void
buf_init(struct buf *buf, size_t ceiling)
{
	*buf = (struct buf){.ceiling = ceiling};
}

void
buf_free(struct buf *buf)
{
	mem_free(buf->data);
	*buf = (struct buf){.ceiling = buf->ceiling};
}

void
buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->failed = false;
}

/* Makes room for len more bytes and one NUL behind them. */
static bool
make_room(struct buf *buf, size_t len)
{
	size_t room = buf->room < 64 ? 64 : buf->room;

	if (buf->failed || len > buf->ceiling || buf->len > buf->ceiling - len) {
		buf->failed = true;
		return false;
	}
	if (buf->data != NULL && buf->room > buf->len + len)
		return true;
	while (room <= buf->len + len)
		room += room / 2;
	if (room > buf->ceiling)
		room = buf->ceiling + 1;
	buf->data = mem_resize(buf->data, room, 1);
	buf->room = room;
	return true;
}

uint8_t *
buf_extend(struct buf *buf, size_t len)
{
	uint8_t *at;

	if (!make_room(buf, len))
		return NULL;
	at = buf->data + buf->len;
	buf->len += len;
	return at;
}

bool
buf_append(struct buf *buf, const void *data, size_t len)
{
	uint8_t *at = buf_extend(buf, len);

	if (at == NULL)
		return false;
	if (len > 0)
		memcpy(at, data, len);
	return true;
}

bool
buf_append_bytes(struct buf *buf, struct bytes bytes)
{
	return buf_append(buf, bytes.data, bytes.len);
}

bool
buf_append_text(struct buf *buf, const char *text)
{
	return buf_append(buf, text, strlen(text));
}

bool
buf_append_format(struct buf *buf, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0 || !make_room(buf, (size_t)len))
		return false;
	va_start(args, format);
	vsnprintf((char *)buf->data + buf->len, (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
	return true;
}

bool
buf_append_u8(struct buf *buf, uint8_t v)
{
	return buf_append(buf, &v, 1);
}

bool
buf_append_be16(struct buf *buf, uint16_t v)
{
	uint8_t wire[2];

	put_be16(wire, v);
	return buf_append(buf, wire, sizeof(wire));
}

bool
buf_append_be24(struct buf *buf, uint32_t v)
{
	uint8_t wire[3];

	put_be24(wire, v);
	return buf_append(buf, wire, sizeof(wire));
}

bool
buf_append_be64(struct buf *buf, uint64_t v)
{
	uint8_t wire[8];

	put_be64(wire, v);
	return buf_append(buf, wire, sizeof(wire));
}

struct bytes
buf_bytes(const struct buf *buf)
{
	return bytes_of(buf->data, buf->len);
}

const char *
buf_text(struct buf *buf)
{
	if (buf->data == NULL)
		return "";
	buf->data[buf->len] = '\0';
	return (const char *)buf->data;
}

uint8_t *
buf_take(struct buf *buf, size_t *len)
{
	uint8_t *data = buf->data;

	*len = buf->len;
	*buf = (struct buf){.ceiling = buf->ceiling};
	return data;
}
