#include "monitor/worker.h"

#include "base/mem.h"

/* A TBSCertificate is at most what a u24 can say. */
#define TBS_MAX ((size_t)1 << 24)

struct worker *
worker_new(void)
{
	struct worker *worker = mem_zero(1, sizeof(*worker));

	buf_init(&worker->tbs, TBS_MAX);
	return worker;
}

void
worker_free(struct worker *worker)
{
	buf_free(&worker->tbs);
	mem_free(worker);
}

void
batch_work(struct worker *worker, struct batch *batch, struct authorities *all)
{
	if (batch_decode(batch))
		batch_judge(worker, batch, all);
}
