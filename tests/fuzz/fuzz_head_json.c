/* The small JSON replies; a head that parses is written again and is the same. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "wire/head_json.h"
#include "wire/proof_json.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes body = bytes_of(data, len);
	struct head_json head, again;
	struct proof_json proof;
	struct entry_and_proof_json entry;
	struct roots_json roots;
	struct arena arena;
	struct buf out;
	struct err err;

	arena_init(&arena);
	buf_init(&out, 4096);
	if (head_json_parse(body, &head, &err)) {
		if (!head_json_append(&out, &head) ||
		    !head_json_parse(buf_bytes(&out), &again, &err) ||
		    again.tree_size != head.tree_size ||
		    again.signature_len != head.signature_len)
			abort();
	}
	(void)!proof_json_consistency(body, &proof, &err);
	(void)!proof_json_by_hash(body, &proof, &err);
	(void)!proof_json_entry(body, &arena, &entry, &err);
	(void)!proof_json_roots(body, &arena, &roots, &err);
	buf_free(&out);
	arena_free(&arena);
	return 0;
}
