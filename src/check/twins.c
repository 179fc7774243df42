#include "twins.h"

#include <stdlib.h>

#include "base/cursor.h"
#include "profile.h"

#define STATE_ID "twin-date-gap"
#define TWIN_LEN (32 + PROFILE_KEY + 5 * 8 + 1)

static int
compare_bytes(const void *a, const void *b)
{
	return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

/* The names in an order of their own. */
static void
names_key(struct trial *trial, uint8_t out[TALLY_KEY])
{
	const struct judged_facts *facts = facts_of(trial->it);
	struct bytes *names =
	    arena_alloc(trial->out->arena, facts->name_count * sizeof(*names));
	struct buf text;

	for (size_t i = 0; i < facts->name_count; i++)
		names[i] = facts->names[i].name.value;
	qsort(names, facts->name_count, sizeof(*names), compare_bytes);
	buf_init(&text, 1 << 24);
	for (size_t i = 0; i < facts->name_count; i++) {
		buf_append_be24(&text, (uint32_t)names[i].len);
		buf_append_bytes(&text, names[i]);
	}
	tally_key(trial->it, "names", buf_bytes(&text), out);
	buf_free(&text);
}

static int64_t
number_of(struct bytes bytes)
{
	struct sha256 hash;

	sha256_of(bytes, &hash);
	return (int64_t)be64(hash.octets);
}

static void
describe(const struct judged *it, struct twin *out)
{
	*out = (struct twin){.row = it->row,
	    .at_ms = it->lo_ms != CLOCK_UNKNOWN ? it->lo_ms : it->hi_ms,
	    .not_before = it->cert->not_before,
	    .precert = it->precert};
	memcpy(out->key, it->key, 32);
	memcpy(out->profile, profile_key(it), PROFILE_KEY);
	out->spki = number_of(it->cert->spki);
	out->algorithm = number_of(it->cert->tbs_algorithm.whole);
}

static void
append_twin(struct buf *out, const struct twin *twin)
{
	buf_append(out, twin->key, 32);
	buf_append(out, twin->profile, PROFILE_KEY);
	buf_append_be64(out, (uint64_t)twin->row);
	buf_append_be64(out, (uint64_t)twin->at_ms);
	buf_append_be64(out, (uint64_t)twin->not_before);
	buf_append_be64(out, (uint64_t)twin->spki);
	buf_append_be64(out, (uint64_t)twin->algorithm);
	buf_append_u8(out, twin->precert);
}

static bool
take_twin(struct cursor *at, struct twin *out)
{
	struct bytes key, profile;
	uint64_t row, when, nb, spki, algorithm;
	uint8_t precert;

	if (!cursor_take(at, 32, &key) || !cursor_take(at, PROFILE_KEY, &profile) ||
	    !cursor_be64(at, &row) || !cursor_be64(at, &when) || !cursor_be64(at, &nb) ||
	    !cursor_be64(at, &spki) || !cursor_be64(at, &algorithm) ||
	    !cursor_u8(at, &precert))
		return false;
	*out = (struct twin){.row = (int64_t)row,
	    .at_ms = (int64_t)when,
	    .not_before = (int64_t)nb,
	    .spki = (int64_t)spki,
	    .algorithm = (int64_t)algorithm,
	    .precert = precert != 0};
	memcpy(out->key, key.data, 32);
	memcpy(out->profile, profile.data, PROFILE_KEY);
	return true;
}

struct search {
	const struct twin *self;
	int64_t within_ms;
	struct twin *others;
	size_t count;
};

static bool
on_hour(void *owner, int64_t hour, struct bytes value)
{
	struct search *search = owner;
	struct cursor at = cursor_of(value);
	struct twin twin;

	(void)hour;
	while (search->count < TWINS_MAX && take_twin(&at, &twin)) {
		int64_t apart = twin.at_ms - search->self->at_ms;

		if (memcmp(twin.key, search->self->key, 32) != 0 &&
		    apart <= search->within_ms && apart >= -search->within_ms)
			search->others[search->count++] = twin;
	}
	return search->count < TWINS_MAX;
}

/* Of one set of names at most so many in an hour; further ones are not noted. */
static void
note(struct trial *trial, struct bytes key, int64_t hour, const struct twin *self)
{
	const struct check_history *history = trial->history;
	struct bytes before = history->state(history->owner, STATE_ID, key, hour);
	struct buf value;

	if (before.len >= TWINS_MAX * TWIN_LEN)
		return;
	for (size_t at = 0; at + TWIN_LEN <= before.len; at += TWIN_LEN)
		if (memcmp(before.data + at, self->key, 32) == 0)
			return;
	buf_init(&value, (TWINS_MAX + 1) * TWIN_LEN);
	buf_append_bytes(&value, before);
	append_twin(&value, self);
	history->set_state(history->owner, STATE_ID, key, hour, buf_bytes(&value));
	buf_free(&value);
}

static int64_t
hour_of(int64_t ms)
{
	int64_t hour_ms = HOUR_S * 1000;

	return ms / hour_ms - (ms % hour_ms < 0);
}

size_t
twins_of(struct trial *trial, int64_t within_s, struct twin *self,
    struct twin others[TWINS_MAX])
{
	const struct check_history *history = trial->history;
	int64_t within_ms = within_s * 1000;
	struct search search = {.within_ms = within_ms, .others = others};
	uint8_t names[TALLY_KEY];
	struct bytes key = bytes_of(names, TALLY_KEY);

	describe(trial->it, self);
	search.self = self;
	if (!trial->it->row_is_new || self->at_ms == CLOCK_UNKNOWN)
		return 0;
	names_key(trial, names);
	history->each_state(history->owner, STATE_ID, key,
	    hour_of(self->at_ms - within_ms), hour_of(self->at_ms + within_ms), on_hour,
	    &search);
	note(trial, key, hour_of(self->at_ms), self);
	return search.count;
}
