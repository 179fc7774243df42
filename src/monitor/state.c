#include "monitor/state.h"

#include "base/mem.h"
#include "monitor/writer.h"

#define CACHE_MAX ((size_t)8 << 20)

struct state_entry {
	bool dirty;
	struct state_row row; /* check_id and key point behind it, value is its own */
	uint8_t text[];
};

void
state_init(struct state_cache *cache)
{
	map_init(&cache->entries);
	cache->size = 0;
}

static void
free_entry(void *value)
{
	struct state_entry *entry = value;

	mem_free((void *)entry->row.value.data);
	mem_free(entry);
}

void
state_clear(struct state_cache *cache)
{
	map_free(&cache->entries, free_entry);
	cache->size = 0;
}

static void
set_value(struct state_cache *cache, struct state_entry *entry, struct bytes value)
{
	void *old = (void *)entry->row.value.data;

	cache->size += value.len - entry->row.value.len;
	entry->row.value =
	    value.len == 0 ? value : bytes_of(mem_copy(value.data, value.len), value.len);
	if (value.len == 0)
		entry->row.value.data = NULL;
	mem_free(old);
}

/* What the map knows an entry by, in the writer's scratch buffer. */
static bool
place_key(struct writer *writer, const char *check, struct bytes key, int64_t bucket,
    struct bytes *out, struct err *err)
{
	buf_clear(&writer->text);
	if (key.len > STATE_KEY_MAX ||
	    !buf_append(&writer->text, check, strlen(check) + 1) ||
	    !buf_append_be64(&writer->text, (uint64_t)bucket) ||
	    !buf_append_bytes(&writer->text, key))
		return err_set(
		    err, ERR_LIMIT, "%s: a state's key of %zu bytes", check, key.len);
	*out = buf_bytes(&writer->text);
	return true;
}

static struct state_entry *
add_entry(struct state_cache *cache, struct bytes place, const char *check,
    struct bytes key, int64_t bucket)
{
	size_t check_len = strlen(check);
	struct state_entry *entry = mem_zero(1, sizeof(*entry) + check_len + key.len);

	memcpy(entry->text, check, check_len);
	if (key.len > 0)
		memcpy(entry->text + check_len, key.data, key.len);
	entry->row.check_id = bytes_of(entry->text, check_len);
	entry->row.key = bytes_of(entry->text + check_len, key.len);
	entry->row.bucket = bucket;
	map_put(&cache->entries, place, entry);
	cache->size += sizeof(*entry) + 2 * place.len;
	return entry;
}

/* The entry, read from the store when it is not here yet. */
static struct state_entry *
entry_of(struct writer *writer, const char *check, struct bytes key, int64_t bucket,
    struct err *err)
{
	struct state_cache *cache = &writer->state;
	struct state_entry *entry;
	struct bytes place, value;
	bool found;

	if (!place_key(writer, check, key, bucket, &place, err))
		return NULL;
	if ((entry = map_get(&cache->entries, place)) != NULL)
		return entry;
	if (!store_state_get(writer->store, bytes_text(check), key, bucket,
		&writer->arena, &value, &found, err))
		return NULL;
	entry = add_entry(cache, place, check, key, bucket);
	set_value(cache, entry, value);
	return entry;
}

/* Bounded: what it holds is written, and read again when it is asked for. */
static bool
make_room(struct writer *writer, struct err *err)
{
	if (writer->state.size <= CACHE_MAX)
		return true;
	if (!state_flush(writer, err))
		return false;
	state_clear(&writer->state);
	return true;
}

bool
state_get(struct writer *writer, const char *check, struct bytes key, int64_t bucket,
    struct bytes *value, struct err *err)
{
	struct state_entry *entry;

	*value = bytes_of(NULL, 0);
	if (!make_room(writer, err) ||
	    (entry = entry_of(writer, check, key, bucket, err)) == NULL)
		return false;
	*value = entry->row.value;
	return true;
}

bool
state_set(struct writer *writer, const char *check, struct bytes key, int64_t bucket,
    struct bytes value, struct err *err)
{
	struct state_entry *entry = entry_of(writer, check, key, bucket, err);

	if (entry == NULL)
		return false;
	if (bytes_equal(entry->row.value, value))
		return true;
	set_value(&writer->state, entry, value);
	entry->dirty = true;
	return make_room(writer, err);
}

static bool
write_entry(struct writer *writer, struct state_entry *entry, struct err *err)
{
	const struct state_row *row = &entry->row;

	if (!entry->dirty)
		return true;
	entry->dirty = false;
	return row->value.len > 0 ? store_state_put(writer->store, row, err)
				  : store_state_delete(writer->store, row->check_id,
					row->key, row->bucket, err);
}

bool
state_flush(struct writer *writer, struct err *err)
{
	struct bytes key;
	void *value;
	size_t at = 0;

	while (map_next(&writer->state.entries, &at, &key, &value))
		if (!write_entry(writer, value, err))
			return false;
	return true;
}

bool
state_each(struct writer *writer, const char *check, struct bytes key, int64_t first,
    int64_t last, store_state_fn *fn, void *owner, struct err *err)
{
	return state_flush(writer, err) &&
	    store_state_each(
		writer->store, bytes_text(check), key, first, last, fn, owner, err);
}

bool
state_forget(
    struct writer *writer, const char *check, size_t limit, bool *more, struct err *err)
{
	size_t deleted;

	if (!state_flush(writer, err))
		return false;
	state_clear(&writer->state);
	if (!store_state_forget(writer->store, bytes_text(check), limit, &deleted, err))
		return false;
	*more = deleted == limit;
	return true;
}
