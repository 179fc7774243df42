/* gzip that no header told of, under a ceiling. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "fetch/inflate.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf out;
	struct err err = {0};
	bool ok;

	buf_init(&out, 100000);
	ok = inflate_gzip(bytes_of(data, len), &out, &err);
	if (ok != (err.code == ERR_NONE) || out.len > out.ceiling)
		abort();
	buf_free(&out);
	return 0;
}
