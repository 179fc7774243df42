/* MerkleTreeLeaf and extra_data; what parses is written again byte for byte. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "wire/leaf.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes input = bytes_of(data, len), certificate;
	struct leaf leaf;
	struct extra_data extra;
	struct cursor chain;
	struct buf again;
	uint64_t index;

	if (leaf_parse(input, &leaf, NULL) && leaf.kind != LEAF_OPAQUE) {
		buf_init(&again, len);
		if (!leaf_append(&again, &leaf, NULL) ||
		    !bytes_equal(buf_bytes(&again), input))
			abort();
		buf_free(&again);
	}
	(void)leaf_index(leaf.extensions, &index);
	for (enum leaf_kind kind = LEAF_X509; kind <= LEAF_OPAQUE; kind++) {
		(void)!extra_data_parse(input, kind, &extra, NULL);
		chain = cursor_of(extra.chain);
		while (chain_next(&chain, &certificate))
			extra.chain_len--;
		if (extra.chain_len != 0 || cursor_left(&chain) != 0)
			abort();
	}
	return 0;
}
