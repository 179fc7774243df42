#include "tests/lib/zipfile.h"

#include <string.h>
#include <zlib.h>

#include "base/mem.h"

#define ZIP_CEILING ((size_t)1 << 30)

static void
le(struct buf *out, uint64_t value, size_t octets)
{
	for (size_t i = 0; i < octets; i++, value >>= 8)
		buf_append_u8(out, (uint8_t)value);
}

void
zipfile_begin(struct zipfile *zip, enum zipfile_kind kind)
{
	*zip = (struct zipfile){.kind = kind};
	buf_init(&zip->out, ZIP_CEILING);
	buf_init(&zip->directory, ZIP_CEILING);
}

static struct buf
pack(struct bytes body, bool deflate_it)
{
	struct buf out;
	z_stream z = {
	    .next_in = (Bytef *)(uintptr_t)body.data, .avail_in = (unsigned)body.len};
	size_t room;

	buf_init(&out, ZIP_CEILING);
	if (!deflate_it) {
		buf_append_bytes(&out, body);
		return out;
	}
	(void)deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
	room = deflateBound(&z, (unsigned long)body.len) + 16;
	z.next_out = buf_extend(&out, room);
	z.avail_out = (unsigned)room;
	(void)deflate(&z, Z_FINISH);
	out.len -= z.avail_out;
	deflateEnd(&z);
	return out;
}

/* Version, flags, method, time and date, CRC, sizes: alike in both headers. */
static void
common(
    struct zipfile *zip, struct buf *out, bool deflated, struct bytes body, size_t packed)
{
	bool wide = zip->kind == ZIPFILE_WIDE;

	le(out, wide ? 45 : 20, 2);
	le(out, 0, 2);
	le(out, deflated ? 8 : 0, 2);
	le(out, 0, 4);
	le(out, crc32(0, body.data, (unsigned)body.len), 4);
	le(out, wide ? UINT32_MAX : packed, 4);
	le(out, wide ? UINT32_MAX : body.len, 4);
}

void
zipfile_add(struct zipfile *zip, const char *name, struct bytes body, bool deflate_it)
{
	struct buf packed = pack(body, deflate_it);
	bool wide = zip->kind == ZIPFILE_WIDE;
	uint64_t at = zip->out.len;

	buf_append(&zip->out, "PK\3\4", 4);
	common(zip, &zip->out, deflate_it, body, packed.len);
	le(&zip->out, strlen(name), 2);
	le(&zip->out, wide ? 20 : 0, 2);
	buf_append_text(&zip->out, name);
	if (wide) {
		le(&zip->out, 1, 2);
		le(&zip->out, 16, 2);
		le(&zip->out, body.len, 8);
		le(&zip->out, packed.len, 8);
	}
	buf_append_bytes(&zip->out, buf_bytes(&packed));

	buf_append(&zip->directory, "PK\1\2", 4);
	le(&zip->directory, 45, 2);
	common(zip, &zip->directory, deflate_it, body, packed.len);
	le(&zip->directory, strlen(name), 2);
	le(&zip->directory, wide ? 37 : 0, 2);
	le(&zip->directory, 0, 2 + 2 + 2 + 4);
	le(&zip->directory, wide ? UINT32_MAX : at, 4);
	buf_append_text(&zip->directory, name);
	if (wide) { /* behind a field of another kind */
		le(&zip->directory, 0x5455, 2);
		le(&zip->directory, 5, 2);
		buf_append(&zip->directory, "\1abcd", 5);
		le(&zip->directory, 1, 2);
		le(&zip->directory, 24, 2);
		le(&zip->directory, body.len, 8);
		le(&zip->directory, packed.len, 8);
		le(&zip->directory, at, 8);
	}
	zip->count++;
	buf_free(&packed);
}

static void
end64(struct zipfile *zip, uint64_t at)
{
	uint64_t here = zip->out.len;

	buf_append(&zip->out, "PK\6\6", 4);
	le(&zip->out, 44, 8);
	le(&zip->out, 45, 2);
	le(&zip->out, 45, 2);
	le(&zip->out, 0, 8);
	le(&zip->out, zip->count, 8);
	le(&zip->out, zip->count, 8);
	le(&zip->out, zip->directory.len, 8);
	le(&zip->out, at, 8);
	buf_append(&zip->out, "PK\6\7", 4);
	le(&zip->out, 0, 4);
	le(&zip->out, here, 8);
	le(&zip->out, 1, 4);
}

void
zipfile_end(struct zipfile *zip, const char *comment)
{
	uint64_t at = zip->out.len;
	bool wide = zip->kind == ZIPFILE_WIDE;

	buf_append_bytes(&zip->out, buf_bytes(&zip->directory));
	if (wide)
		end64(zip, at);
	buf_append(&zip->out, "PK\5\6", 4);
	le(&zip->out, 0, 4);
	le(&zip->out, wide ? UINT16_MAX : zip->count, 2);
	le(&zip->out, wide ? UINT16_MAX : zip->count, 2);
	le(&zip->out, wide ? UINT32_MAX : zip->directory.len, 4);
	le(&zip->out, wide ? UINT32_MAX : at, 4);
	le(&zip->out, strlen(comment), 2);
	buf_append_text(&zip->out, comment);
}

void
zipfile_free(struct zipfile *zip)
{
	buf_free(&zip->out);
	buf_free(&zip->directory);
}
