#include "monitor/snapshot.h"

#include "base/mem.h"

struct settings *
settings_new(const struct settings *from)
{
	struct settings *settings = mem_alloc(sizeof(*settings));

	*settings = *from;
	atomic_init(&settings->refs, 1);
	return settings;
}

struct settings *
settings_ref(struct settings *settings)
{
	atomic_fetch_add(&settings->refs, 1);
	return settings;
}

void
settings_unref(struct settings *settings)
{
	if (settings == NULL || atomic_fetch_sub(&settings->refs, 1) != 1)
		return;
	if (settings->release != NULL)
		settings->release(settings->owner);
	mem_free(settings);
}

struct watch_table *
watch_table_new(size_t count)
{
	struct watch_table *table =
	    mem_zero(1, sizeof(*table) + count * sizeof(table->numbers[0]));

	atomic_init(&table->refs, 1);
	table->count = count;
	return table;
}

struct watch_table *
watch_table_ref(struct watch_table *table)
{
	atomic_fetch_add(&table->refs, 1);
	return table;
}

void
watch_table_unref(struct watch_table *table)
{
	if (table != NULL && atomic_fetch_sub(&table->refs, 1) == 1)
		mem_free(table);
}

struct log_table *
log_table_new(struct ct_log_set *set)
{
	struct log_table *table = mem_zero(1, sizeof(*table));

	atomic_init(&table->refs, 1);
	table->set = set;
	return table;
}

struct log_table *
log_table_ref(struct log_table *table)
{
	atomic_fetch_add(&table->refs, 1);
	return table;
}

void
log_table_unref(struct log_table *table)
{
	if (table == NULL || atomic_fetch_sub(&table->refs, 1) != 1)
		return;
	ct_log_set_free(table->set);
	mem_free(table);
}

struct snapshot *
snapshot_new(struct settings *settings, const struct watch_set *watches,
    struct watch_table *table, struct log_table *logs, int64_t generation)
{
	struct snapshot *snapshot = mem_zero(1, sizeof(*snapshot));

	atomic_init(&snapshot->refs, 1);
	snapshot->settings = settings_ref(settings);
	snapshot->watches = watch_set_ref(watches);
	snapshot->table = watch_table_ref(table);
	snapshot->logs = log_table_ref(logs);
	snapshot->generation = generation;
	return snapshot;
}

const struct check_operator *
snapshot_operator(const struct snapshot *snapshot, uint32_t watch)
{
	struct watch_info info;

	if (watch == WATCH_NOT_FOUND)
		return NULL;
	watch_set_info(snapshot->watches, watch, &info);
	return info.is_ca ? check_operator_find(&snapshot->settings->params, info.name)
			  : NULL;
}

struct snapshot *
snapshot_ref(struct snapshot *snapshot)
{
	atomic_fetch_add(&snapshot->refs, 1);
	return snapshot;
}

void
snapshot_unref(struct snapshot *snapshot)
{
	if (snapshot == NULL || atomic_fetch_sub(&snapshot->refs, 1) != 1)
		return;
	settings_unref(snapshot->settings);
	watch_set_unref(snapshot->watches);
	watch_table_unref(snapshot->table);
	log_table_unref(snapshot->logs);
	mem_free(snapshot);
}
