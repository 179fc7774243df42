/*
 * get-entries: the scanner and jansson, which a member more sends it to, must
 * see the same entries. Only where extra data is damaged may jansson refuse
 * what the scanner takes: it wants UTF-8 there.
 */
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

static void
compare(
    uint8_t *other, size_t len, const struct entries_json *scanned, struct arena *arena)
{
	struct entries_json read;
	bool damaged = false;
	struct err err;

	for (size_t i = 0; i < scanned->count; i++)
		damaged |= scanned->entries[i].extra_damaged;
	if (!entries_json_parse(other, len, 100, arena, &read, &err)) {
		if (!damaged)
			abort();
		return;
	}
	if (read.count != scanned->count)
		abort();
	for (size_t i = 0; i < read.count; i++)
		if (!same(&read.entries[i], &scanned->entries[i]))
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct entries_json scanned;
	struct arena arena;
	struct buf body, other;
	struct err err;
	size_t count = entries_json_count(bytes_of(data, len));

	if (len == 0 || data[0] != '{')
		return 0;
	arena_init(&arena);
	buf_init(&body, len + 1);
	buf_init(&other, len + 20);
	buf_append(&body, data, len);
	buf_append_text(&other, "{\"zzzz\":0,");
	buf_append(&other, data + 1, len - 1);
	if (entries_json_parse(body.data, len, 100, &arena, &scanned, &err) &&
	    memchr(data, '\\', len) == NULL && scanned.count > 0) {
		compare(other.data, other.len, &scanned, &arena);
		if (count < scanned.count)
			abort();
	}
	buf_free(&body);
	buf_free(&other);
	arena_free(&arena);
	return 0;
}
