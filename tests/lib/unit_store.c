#include "tests/lib/unit_store.h"

#include <unistd.h>

#define ISSUERS 7
#define DOMAINS 100

struct store *
unit_store(const char *name, int cache_mb)
{
	static const char *const ENDS[] = {"", "-wal", "-shm", ".lock"};

	for (size_t i = 0; i < ARRAY_LEN(ENDS); i++) {
		char *file = mem_format("%s%s", name, ENDS[i]), *path = unit_temp(file);

		unlink(path);
		mem_free(path);
		mem_free(file);
	}
	return unit_store_again(name, cache_mb);
}

struct store *
unit_store_again(const char *name, int cache_mb)
{
	char *path = unit_temp(name);
	struct store_options options = {.path = path, .cache_mb = cache_mb};
	struct err err = {0};
	struct store *store = store_open(&options, &err);

	ck_assert_msg(store != NULL, "%s", err.text);
	mem_free(path);
	return store;
}

struct store *
unit_reader(const char *name)
{
	char *path = unit_temp(name);
	struct store_options options = {.path = path, .read_only = true};
	struct err err = {0};
	struct store *store = store_open(&options, &err);

	ck_assert_msg(store != NULL, "%s", err.text);
	mem_free(path);
	return store;
}

struct bytes
unit_bytes(uint64_t number, size_t len)
{
	static uint8_t room[64][2048];
	static size_t turn;
	uint8_t *out = room[turn++ % ARRAY_LEN(room)];

	ck_assert_uint_le(len, sizeof(room[0]));
	for (size_t i = 0; i < len; i++) {
		if (i % 8 == 0)
			number = (number ^ number >> 31) * UINT64_C(0x9e3779b97f4a7c15) +
			    i + 1;
		out[i] = (uint8_t)(number >> (i % 8 * 8));
	}
	return bytes_of(out, len);
}

void
unit_said(struct buf *said, const char *want)
{
	ck_assert_str_eq(said->len == 0 ? "" : buf_text(said), want);
	buf_free(said);
}

/* --- made-up certificates --------------------------------------------------------- */

static uint32_t
issuer_of(uint64_t index)
{
	return 1 + (uint32_t)(index / 10 % ISSUERS);
}

/* One serial for an index ending in 9 and the one before: two TBS, one serial. */
static struct bytes
serial_of(uint64_t index)
{
	return unit_bytes(index % 10 == 9 ? index - 1 : index, 1 + index / 10 % 20);
}

static struct bytes
tbs_of(uint64_t index)
{
	return unit_bytes(index + 1000000000, 32);
}

static struct bytes
sha256_of(uint64_t index)
{
	return unit_bytes(index + 2000000000, 32);
}

static struct bytes
name_of(uint64_t index, int nth)
{
	static char room[64][80];
	static size_t turn;
	char *out = room[turn++ % ARRAY_LEN(room)];

	snprintf(out, sizeof(room[0]), "com.domain%02d%s%llu", (int)(index % DOMAINS),
	    nth == 0 ? ".a" : ".b.c", (unsigned long long)index);
	return bytes_text(out);
}

void
unit_issuers(struct store *store)
{
	for (uint64_t i = 0; i < ISSUERS; i++) {
		struct issuer_row issuer = {.dn = unit_bytes(i + 100, 40),
		    .dn_normalised = unit_bytes(i + 100, 40),
		    .spki_sha256 = unit_bytes(i + 200, 32)};

		MUST(store_issuer_put(store, &issuer, err));
		ck_assert_uint_eq(issuer.number, i + 1);
	}
}

void
unit_certificate(struct store *store, uint64_t index, struct certificate_row *row)
{
	struct bytes names[] = {name_of(index, 0), name_of(index, 1)};
	struct form_row form;
	struct sighting_row sighting;
	bool inserted;

	*row = (struct certificate_row){.issuer = issuer_of(index),
	    .serial = serial_of(index),
	    .tbs_sha256 = tbs_of(index),
	    .not_before_s = (int64_t)index,
	    .not_after_s = STORE_NO_TIME,
	    .lo_ms = STORE_NO_TIME,
	    .hi_ms = (int64_t)index * 2,
	    .flags = (uint32_t)index,
	    .first_log = 1,
	    .first_index = index,
	    .first_seen_ms = 5};
	MUST(store_certificate_put(store, row, err));
	form = (struct form_row){.certificate = row->number,
	    .kind = FORM_PRECERTIFICATE,
	    .sha256 = sha256_of(index),
	    .der = unit_bytes(index, 100 + index % 300),
	    .chain = unit_bytes(index % 3, 64)};
	MUST(store_form_put(store, &form, &inserted, err));
	ck_assert(inserted);
	sighting = (struct sighting_row){.log = 1,
	    .index = index,
	    .form = form.number,
	    .certificate = row->number,
	    .timestamp_ms = (int64_t)index * 2,
	    .entry_type = 1};
	MUST(store_sighting_put(store, &sighting, err));
	MUST(store_name_put(store, row->number, names, 2, err));
}

struct seen {
	int64_t number;
	uint64_t index;
	size_t count;
};

static bool
on_member(void *owner, const struct certificate_row *row)
{
	struct seen *seen = owner;

	seen->count += row->number == seen->number;
	return true;
}

static bool
on_form(void *owner, const struct form_row *row)
{
	struct seen *seen = owner;

	ck_assert(bytes_equal(row->sha256, sha256_of(seen->index)));
	seen->count++;
	return true;
}

static bool
on_sighting(void *owner, const struct sighting_row *row)
{
	struct seen *seen = owner;

	ck_assert_uint_eq(row->index, seen->index);
	ck_assert_int_eq(row->certificate, seen->number);
	seen->count++;
	return true;
}

static bool
on_name(void *owner, struct bytes name, int64_t certificate)
{
	struct seen *seen = owner;

	ck_assert_uint_gt(name.len, 0);
	seen->count += certificate == seen->number;
	return true;
}

static void
count_is(struct seen *seen, size_t want, const char *what)
{
	ck_assert_msg(seen->count == want, "%s of certificate %llu: %zu, not %zu", what,
	    (unsigned long long)seen->index, seen->count, want);
	seen->count = 0;
}

static bool
find(
    struct store *store, uint64_t index, struct arena *arena, struct certificate_row *row)
{
	struct certificate_key key = {.issuer = issuer_of(index),
	    .serial = serial_of(index),
	    .tbs_sha256 = tbs_of(index)};
	bool found;

	MUST(store_certificate_find(store, &key, arena, row, &found, err));
	return found;
}

void
unit_certificate_stands(struct store *store, uint64_t index)
{
	struct name_filter filter = {.name = name_of(index, 1), .below = true};
	struct certificate_row row = {0};
	struct seen seen = {.index = index};
	struct form_row form;
	struct arena arena;
	bool found;

	arena_init(&arena);
	ck_assert_msg(find(store, index, &arena, &row), "certificate %llu is not there",
	    (unsigned long long)index);
	ck_assert_uint_eq(row.flags, (uint32_t)index);
	ck_assert(bytes_equal(row.issuer_spki, unit_bytes(issuer_of(index) + 199, 32)));
	seen.number = row.number;
	MUST(store_certificate_members(
	    store, row.issuer, serial_of(index), 0, 0, on_member, &seen, err));
	count_is(&seen, 1, "members");
	MUST(store_form_of(store, row.number, on_form, &seen, err));
	count_is(&seen, 1, "forms");
	MUST(store_sighting_of(store, row.number, on_sighting, &seen, err));
	count_is(&seen, 1, "sightings");
	MUST(store_name_each(store, &filter, on_name, &seen, err));
	count_is(&seen, 1, "names");
	MUST(store_form_find(store, sha256_of(index), &arena, &form, &found, err));
	ck_assert(found && form.certificate == row.number);
	ck_assert(bytes_equal(form.der, unit_bytes(index, 100 + index % 300)));
	ck_assert(bytes_equal(form.chain, unit_bytes(index % 3, 64)));
	arena_free(&arena);
}

void
unit_certificate_is_not(struct store *store, uint64_t index)
{
	struct name_filter filter = {.name = name_of(index, 0)};
	struct certificate_row row;
	struct seen seen = {.index = index, .number = -1};
	struct form_row form;
	struct arena arena;
	bool found;

	arena_init(&arena);
	ck_assert(!find(store, index, &arena, &row));
	MUST(store_form_find(store, sha256_of(index), &arena, &form, &found, err));
	ck_assert(!found);
	MUST(store_sighting_each(store, 1, index, index + 1, 0, on_sighting, &seen, err));
	count_is(&seen, 0, "sightings");
	MUST(store_name_each(store, &filter, on_name, &seen, err));
	count_is(&seen, 0, "names");
	arena_free(&arena);
}
