#include "wire/tile.h"

#include <stdio.h>

#include "base/text.h"

enum { FINGERPRINT_LEN = 32 };

/* "x001/x234/067": groups of three digits, all but the last marked. */
static int
put_index(char *out, size_t room, uint64_t index)
{
	unsigned groups[7];
	int count = 0, len = 0;

	do
		groups[count++] = (unsigned)(index % 1000);
	while ((index /= 1000) > 0);
	while (--count > 0)
		len += snprintf(out + len, room - (size_t)len, "x%03u/", groups[count]);
	return len + snprintf(out + len, room - (size_t)len, "%03u", groups[0]);
}

static char *
put_path(char *out, const char *kind, uint64_t index, unsigned width)
{
	int len = snprintf(out, TILE_PATH_MAX, "tile/%s/", kind);

	len += put_index(out + len, TILE_PATH_MAX - (size_t)len, index);
	if (width < TILE_WIDTH)
		snprintf(out + len, TILE_PATH_MAX - (size_t)len, ".p/%u", width);
	return out;
}

char *
tile_path_hash(unsigned level, uint64_t index, unsigned width, char *out)
{
	char kind[12];

	snprintf(kind, sizeof(kind), "%u", level);
	return put_path(out, kind, index, width);
}

char *
tile_path_data(uint64_t index, unsigned width, char *out)
{
	return put_path(out, "data", index, width);
}

char *
tile_path_names(uint64_t index, unsigned width, char *out)
{
	return put_path(out, "names", index, width);
}

char *
tile_path_issuer(struct bytes fingerprint, char *out)
{
	int len = snprintf(out, TILE_PATH_MAX, "issuer/");

	if (fingerprint.len == FINGERPRINT_LEN)
		hex_format(fingerprint.data, FINGERPRINT_LEN, out + len);
	return out;
}

static bool
take_fingerprints(struct cursor *cursor, struct bytes *out, struct err *err)
{
	if (!cursor_vector16(cursor, out))
		return err_set(err, ERR_PARSE, "record: the fingerprints are cut");
	if (out->len % FINGERPRINT_LEN != 0)
		return err_set(
		    err, ERR_PARSE, "record: %zu bytes of fingerprints", out->len);
	return true;
}

bool
tile_record_take(struct cursor *cursor, struct tile_record *out, struct err *err)
{
	struct cursor ahead = *cursor;

	*out = (struct tile_record){0};
	if (!leaf_take_entry(&ahead, &out->leaf, err))
		return false;
	out->entry = bytes_of(cursor->at, (size_t)(ahead.at - cursor->at));
	if (out->leaf.kind == LEAF_PRECERT &&
	    (!cursor_vector24(&ahead, &out->pre_certificate) ||
		out->pre_certificate.len == 0))
		return err_set(err, ERR_PARSE, "record: no whole precertificate");
	if (!take_fingerprints(&ahead, &out->fingerprints, err))
		return false;
	out->raw = bytes_of(cursor->at, (size_t)(ahead.at - cursor->at));
	*cursor = ahead;
	return true;
}

bool
tile_record_skip(struct cursor *cursor, struct tile_bounds *out, struct err *err)
{
	struct tile_record record;

	if (!tile_record_take(cursor, &record, err))
		return false;
	*out = (struct tile_bounds){record.raw, record.fingerprints};
	return true;
}

bool
tile_split(struct bytes data, unsigned width, struct tile_bounds *bounds, struct err *err)
{
	struct cursor cursor = cursor_of(data);
	struct tile_bounds one;
	unsigned count;

	for (count = 0; count < width && cursor_left(&cursor) > 0; count++) {
		if (!tile_record_skip(
			&cursor, bounds != NULL ? &bounds[count] : &one, err))
			return err_wrap(err, "data tile: record %u", count);
	}
	if (count < width || cursor_left(&cursor) != 0)
		return err_set(err, ERR_PARSE,
		    "data tile: %u of %u records, then %zu bytes", count, width,
		    cursor_left(&cursor));
	return true;
}
