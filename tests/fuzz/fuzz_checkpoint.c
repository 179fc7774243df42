/* A checkpoint, its lines, and a log and a witness that look for theirs. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "wire/checkpoint.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char VKEY[] =
	    "witness.example.org+012a1fd9+BJTQ4KpAIXZm5+nxcP9wO8v1qu6znRDAnQcE/Z7hfLMZ";
	struct checkpoint checkpoint;
	struct checkpoint_signature signature;
	struct note_key key;
	struct cursor lines;
	struct err err = {0};
	uint64_t time_s;
	/* The log of the unit tests, so that its key id can be met. */
	static const struct sha256 LOG_ID = {
	    "\x2e\xd6\xfa\x73\xaa\x08\x39\x52\x3d\xe0\xbe\xb3\xc5\x1e\xcd\x96\x53\x72\x19"
	    "\x0a\x44\x0e\xbe\xba\x01\xb1\x15\x07\xbb\x71\x73\xac"};

	if (!checkpoint_parse(bytes_of(data, len), &checkpoint, &err))
		return 0;
	lines = cursor_of(checkpoint.note.signatures);
	do
		err.code = ERR_NONE;
	while (checkpoint_next_signature(
		   &lines, checkpoint.origin, &LOG_ID, &signature, &err) ||
	    err.code != ERR_NOT_FOUND);
	if (cursor_left(&lines) != 0 || !note_key_parse(VKEY, &key, &err))
		abort();
	(void)!note_verify(&checkpoint.note, &key, &time_s);
	return 0;
}
