/* A data tile: records lie end to end and each holds its own parts. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "wire/tile.h"

static bool
within(struct bytes part, struct bytes whole)
{
	return part.len == 0 ||
	    (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cursor cursor = cursor_of(bytes_of(data, len));
	struct tile_record record;
	struct err err;
	unsigned count = 0;

	while (tile_record_take(&cursor, &record, &err)) {
		count++;
		if (record.raw.data + record.raw.len != cursor.at ||
		    !within(record.leaf.certificate, record.entry) ||
		    !within(record.entry, record.raw) ||
		    !within(record.pre_certificate, record.raw) ||
		    !within(record.fingerprints, record.raw))
			abort();
	}
	if (tile_split(bytes_of(data, len), count, NULL, &err) !=
	    (cursor_left(&cursor) == 0))
		abort();
	return 0;
}
