/* The SCT list extension's value; the input is tried as each layer of it. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "wire/sct.h"

static void
walk(struct bytes list)
{
	struct bytes items = {0}, one;
	struct cursor cursor;
	struct sct sct;
	uint64_t index;

	if (!sct_list_parse(list, &items, NULL))
		return;
	cursor = cursor_of(items);
	while (sct_list_next(&cursor, &one))
		if (sct_parse(one, &sct, NULL) && sct.version == 0)
			(void)leaf_index(sct.extensions, &index);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes input = bytes_of(data, len), list;
	struct sct sct;

	if (sct_list_unwrap(input, &list, NULL)) {
		if (list.len >= len)
			abort();
		walk(list);
	}
	walk(input);
	(void)!sct_parse(input, &sct, NULL);
	return 0;
}
