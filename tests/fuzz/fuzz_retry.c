/* Retry-After, in all the forms that servers send. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "base/mem.h"
#include "fetch/retry.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = mem_copy(data, len);
	int64_t ms = retry_after_parse(text, INT64_C(1795223724000));

	if (ms != -1 && (ms < RETRY_AFTER_MIN_MS || ms > RETRY_AFTER_MAX_MS))
		abort();
	mem_free(text);
	return 0;
}
