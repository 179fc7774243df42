#include "store/store_priv.h"

#include "base/arena.h"
#include "base/mem.h"

#define DISPATCH(name, parameters, arguments)                                            \
	bool store_##name parameters                                                     \
	{                                                                                \
		return store->ops->name arguments;                                       \
	}
STORE_VERBS(DISPATCH)

struct store *
store_open(const struct store_options *options, struct err *err)
{
	return sqlite_open(options, err);
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	store_rollback(store);
	store->ops->close(store);
}

void
store_rollback(struct store *store)
{
	store->ops->rollback(store);
}

bool
store_in_transaction(const struct store *store)
{
	return store->in_transaction;
}

int
store_schema(const struct store *store)
{
	return store->schema;
}

struct outbox_batch *
outbox_batch_new(size_t results_max)
{
	struct outbox_batch *batch = mem_zero(1, sizeof(*batch));

	arena_init(&batch->arena);
	batch->results = mem_zero(results_max, sizeof(*batch->results));
	return batch;
}

void
outbox_batch_free(struct outbox_batch *batch)
{
	if (batch == NULL)
		return;
	arena_free(&batch->arena);
	mem_free(batch->results);
	mem_free(batch);
}

struct sighting_row
store_sighting_copy(const struct sighting_row *row, struct arena *arena)
{
	struct sighting_row copy = *row;

	copy.extensions = arena_copy(arena, row->extensions);
	copy.leaf_tbs = arena_copy(arena, row->leaf_tbs);
	return copy;
}
