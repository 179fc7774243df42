#include "monitor/batch.h"

#include "base/mem.h"

struct batch *
batch_new(void)
{
	struct batch *batch = mem_zero(1, sizeof(*batch));

	arena_init(&batch->arena);
	batch->candidates_end = &batch->candidates;
	batch->kept_end = &batch->kept;
	batch->met_end = &batch->met;
	return batch;
}

void
batch_free(struct batch *batch)
{
	if (batch == NULL)
		return;
	mem_free(batch->body);
	arena_free(&batch->arena);
	ct_log_free(batch->log);
	snapshot_unref(batch->snapshot);
	snapshot_unref(batch->published);
	authorities_unref(batch->authorities);
	mem_free(batch);
}
