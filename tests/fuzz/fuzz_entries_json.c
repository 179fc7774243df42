/* get-entries: the scanner and jansson, which a blank member sends it to,
 * must see the same entries. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "base/buf.h"
#include "wire/entries_json.h"

static bool
same(const struct entry_json *a, const struct entry_json *b)
{
	return bytes_equal(a->leaf_input, b->leaf_input) &&
	    bytes_equal(a->extra_data, b->extra_data) &&
	    a->extra_damaged == b->extra_damaged;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct entries_json scanned, read;
	struct arena arena;
	struct buf body, other;
	struct err err;
	size_t count = entries_json_count(bytes_of(data, len));

	arena_init(&arena);
	buf_init(&body, len + 1);
	buf_init(&other, len + 20);
	buf_append(&body, data, len);
	buf_append_text(&other, "{\"zzzz\":0,");
	buf_append(&other, data + 1, len > 0 ? len - 1 : 0);
	if (len > 0 && data[0] == '{' &&
	    entries_json_parse(body.data, len, 100, &arena, &scanned, &err) &&
	    memchr(data, '\\', len) == NULL && scanned.count > 0) {
		if (!entries_json_parse(
			other.data, other.len, 100, &arena, &read, &err) ||
		    read.count != scanned.count)
			abort();
		for (size_t i = 0; i < read.count; i++)
			if (!same(&read.entries[i], &scanned.entries[i]))
				abort();
		if (count < read.count)
			abort();
	}
	buf_free(&body);
	buf_free(&other);
	arena_free(&arena);
	return 0;
}
