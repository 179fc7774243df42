/*
 * A Bloom filter over issuer and serial of every certificate stored. Most
 * certificates that come are new; it says so without a look at the index,
 * whose pages do not fit in the cache.
 *
 * It lives in the writer's memory and fills from the index in slices after
 * opening; until then it says "perhaps" to everything. The tables are read in
 * the order in which rows move through them, so that none slips by.
 */
#include "store/sqlite/sqlite_priv.h"

#include "base/mem.h"

#define LINE_WORDS 8 /* 64 bytes: one look at memory a question */
#define PROBES     4

void
filter_init(struct sqlite *db, size_t bytes)
{
	struct filter *filter = &db->filter;

	filter->lines = bytes / (LINE_WORDS * sizeof(uint64_t));
	filter->words = mem_zero(filter->lines * LINE_WORDS, sizeof(uint64_t));
	filter->stage = FILTER_FIRST;
	filter->key = INT64_MIN;
	filter->run = 0;
}

void
filter_free(struct sqlite *db)
{
	mem_free(db->filter.words);
}

/* The key is a hash already, but its upper 40 bits alone do not spread. */
static uint64_t
spread(int64_t key)
{
	uint64_t z = (uint64_t)key >> 24;

	z = (z ^ z >> 27) * UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	return z ^ z >> 31;
}

static uint64_t *
line_of(const struct filter *filter, uint64_t hash)
{
	uint64_t line = (uint64_t)((unsigned __int128)hash * filter->lines >> 64);

	return filter->words + line * LINE_WORDS;
}

void
filter_add(struct sqlite *db, int64_t key)
{
	uint64_t hash = spread(key), *line;

	if (db->filter.words == NULL)
		return;
	line = line_of(&db->filter, hash);
	for (int i = 0; i < PROBES; i++, hash >>= 9)
		line[hash >> 6 & 7] |= UINT64_C(1) << (hash & 63);
}

bool
filter_may_hold(const struct sqlite *db, int64_t key)
{
	uint64_t hash = spread(key), *line;

	if (db->filter.words == NULL || db->filter.stage != FILTER_READY)
		return true;
	line = line_of(&db->filter, hash);
	for (int i = 0; i < PROBES; i++, hash >>= 9) {
		if ((line[hash >> 6 & 7] >> (hash & 63) & 1) == 0)
			return false;
	}
	return true;
}

bool
filter_fill(struct sqlite *db, int64_t rows_max, struct err *err)
{
	static const struct sql STAGES[] = {
	    [FILTER_FIRST] = {"SELECT key, 0 FROM certificate_key_0 WHERE key > ?1 "
			      "ORDER BY key LIMIT ?3",
		NULL},
	    [FILTER_RUNS] = {"SELECT key, run FROM certificate_key_1 "
			     "WHERE (run, key) > (?2, ?1) ORDER BY run, key LIMIT ?3",
		NULL},
	    [FILTER_LARGE] = {"SELECT key, 0 FROM certificate_key_2 WHERE key > ?1 "
			      "ORDER BY key LIMIT ?3",
		NULL},
	};
	struct filter *filter = &db->filter;
	int64_t count = 0;
	struct rows rows;

	if (filter->words == NULL || filter->stage == FILTER_READY)
		return true;
	if (!rows_open(&rows, db, &STAGES[filter->stage], err))
		return false;
	bind_int(rows.statement, 1, filter->key);
	bind_int(rows.statement, 2, filter->run);
	bind_int(rows.statement, 3, rows_max);
	for (; rows_next(&rows, NULL, err); count++) {
		filter->key = sqlite3_column_int64(rows.statement, 0);
		filter->run = sqlite3_column_int64(rows.statement, 1);
		filter_add(db, filter->key);
	}
	if (!rows_end(&rows))
		return false;
	if (count < rows_max) {
		filter->stage++;
		filter->key = INT64_MIN;
		filter->run = 0;
	}
	return true;
}
