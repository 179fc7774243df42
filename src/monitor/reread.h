/*
 * reread - entries read a second time, because what was read first is not
 * what the log signed: each batch replaces what stood at its indexes, and
 * what rested on that alone is taken back.
 */
#pragma once
#include "monitor/writer.h"

struct reread {
	int64_t *certificates; /* that were seen at the batch's indexes before */
	size_t count, room;
	struct writer *writer;
};

/* Before the batch's own rows: what stood there goes. */
MUST_CHECK bool reread_begin(
    struct writer *, const struct batch *, struct reread *, struct err *err);

/* After them: a certificate that is seen nowhere now has its findings
 * withdrawn. */
MUST_CHECK bool reread_end(struct writer *, struct reread *, struct err *err);

/* Notes why the range does not go on. In a transaction. */
MUST_CHECK bool reread_stop(
    struct writer *, struct writer_range *, const char *why, struct err *err);

/* The range goes back to what was proved, to be read again up to where it
 * stands. In a transaction. */
MUST_CHECK bool reread_start(struct writer *, struct writer_range *, struct err *err);
