#include "fetch/inflate.h"

#include <zlib.h>

#define STEP ((size_t)65536)

/* One step of output; false when out is full. */
static bool
step(z_stream *z, struct buf *out, int *status)
{
	size_t room = out->ceiling - out->len < STEP ? out->ceiling - out->len : STEP;
	uint8_t spare[1], *at = spare;

	/* With a full buffer one byte more tells its end from a longer body. */
	if (room > 0)
		at = buf_extend(out, room);
	z->next_out = at;
	z->avail_out = room > 0 ? (unsigned)room : 1;
	*status = inflate(z, Z_NO_FLUSH);
	if (room == 0)
		return z->avail_out == 1;
	out->len -= z->avail_out;
	return true;
}

static bool
run(z_stream *z, struct buf *out, struct err *err)
{
	int status;

	for (;;) {
		size_t before = out->len;
		unsigned left = z->avail_in;

		if (!step(z, out, &status))
			return err_set(err, ERR_LIMIT,
			    "gzip: inflates to more than %zu bytes", out->ceiling);
		if (status == Z_STREAM_END) {
			if (z->avail_in == 0)
				return true;
			status = inflateReset(z); /* RFC 1952, 2.2: members in a row */
		}
		if (status != Z_OK && status != Z_BUF_ERROR)
			return err_set(err, ERR_PARSE, "gzip: damaged");
		if (out->len == before && z->avail_in == left)
			return err_set(err, ERR_PARSE, "gzip: cut short");
	}
}

bool
inflate_gzip(struct bytes in, struct buf *out, struct err *err)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)in.data};
	bool ok;

	buf_clear(out);
	if (in.len > UINT32_MAX)
		return err_set(err, ERR_LIMIT, "gzip: %zu bytes", in.len);
	z.avail_in = (unsigned)in.len;
	if (inflateInit2(&z, 15 + 16) != Z_OK)
		return err_set(err, ERR_SYSTEM, "gzip: zlib does not start");
	ok = run(&z, out, err);
	inflateEnd(&z);
	return ok;
}
