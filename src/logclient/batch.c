#include "logclient/batch.h"

#include <stdbool.h>

void
batch_init(struct batch *batch, unsigned size, int64_t now_ms)
{
	*batch = (struct batch){
	    .size = size < BATCH_MAX ? size : BATCH_MAX,
	    .probe_at_ms = now_ms + BATCH_PROBE_MS,
	};
}

static unsigned
size_to_ask(const struct batch *batch, int64_t now_ms)
{
	if (batch->size == 0)
		return BATCH_MAX;
	if (now_ms < batch->probe_at_ms)
		return batch->size;
	return batch->size > BATCH_MAX / 2 ? BATCH_MAX : batch->size * 2;
}

uint64_t
batch_plan(const struct batch *batch, uint64_t next, uint64_t size, int64_t now_ms)
{
	unsigned ask = size_to_ask(batch, now_ms);
	uint64_t left = ask - next % ask;

	return size - next > left ? next + left : size;
}

void
batch_asked(struct batch *batch, unsigned asked, int64_t now_ms)
{
	if (batch->size != 0 && asked > batch->size)
		batch->probe_at_ms = now_ms + BATCH_PROBE_MS;
}

static uint64_t
divisor(uint64_t a, uint64_t b)
{
	while (b != 0) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* A log that aligns its replies ends them on multiples of its size wherever
 * they begin (CTFE: 1000, which our own 1024 never meets again). */
static void
learn_boundary(struct batch *batch, uint64_t end, unsigned count)
{
	if (end == batch->last_end)
		return; /* the same again */
	batch->last_end = end;
	batch->boundary = divisor(batch->boundary, end);
	batch->cuts++;
	if (count > batch->longest)
		batch->longest = count;
	if (batch->cuts >= 2 && batch->boundary >= batch->longest &&
	    batch->boundary <= BATCH_MAX)
		batch->size = (unsigned)batch->boundary;
}

/* All came that was asked for. */
static void
learn_whole(struct batch *batch, unsigned count, int64_t now_ms)
{
	if (count < batch->size)
		return; /* no more was asked for */
	if (batch->size != 0 && count > batch->size)
		batch->probe_at_ms = now_ms; /* it gives more: how much more? */
	if (batch->size != 0 || count == BATCH_MAX)
		batch->size = count;
	batch->equal = 0;
}

void
batch_learn(struct batch *batch, uint64_t start, unsigned asked, unsigned count,
    uint64_t size, int64_t now_ms)
{
	bool aligned = start % count == 0;

	if (start + count >= size)
		return; /* the tree ends there */
	if (count == asked) {
		if (aligned)
			learn_whole(batch, count, now_ms);
		return;
	}
	if (batch->size == 0)
		learn_boundary(batch, start + count, count);
	if (!aligned)
		return; /* from the middle of a batch short is normal */
	batch->equal = count == batch->shorter ? batch->equal + 1 : 1;
	batch->shorter = count;
	if (batch->size != 0 && count > batch->size) {
		batch->size = count;
	} else if (batch->equal >= (batch->size == 0 ? 2 : 3)) {
		batch->size = count;
		batch->probe_at_ms = now_ms + BATCH_PROBE_MS;
	}
}
