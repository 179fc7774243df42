/* A zip file: opened, and read by names that may be in it. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "fetch/zip.h"

#define ROOM ((size_t)1 << 20)

static bool
read_memory(void *owner, uint64_t at, void *out, size_t len)
{
	const struct bytes *bytes = owner;

	if (at > bytes->len || len > bytes->len - at)
		abort(); /* it has to look before it asks */
	memcpy(out, bytes->data + at, len);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const NAMES[] = {
	    "a", "b", "checkpoint", "tile/data/000", "tile/0/000", ""};
	struct bytes bytes = bytes_of(data, len);
	struct zip_source source = {read_memory, &bytes, len};
	struct err err;
	struct zip *zip = zip_open(&source, &err);
	struct buf out;

	if (zip == NULL)
		return 0;
	if (zip_count(zip) > len / 46)
		abort();
	buf_init(&out, ROOM);
	for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
		bool ok = zip_read(zip, NAMES[i], &out, &err);

		if (out.len > ROOM || (!ok && out.len > 0))
			abort();
	}
	buf_free(&out);
	zip_free(zip);
	return 0;
}
