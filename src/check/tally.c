#include "tally.h"

#include "base/cursor.h"

#define MEMBER_LEN 40
#define VALUE_MAX  (TALLY_NUMBERS * 8 + TALLY_MEMBERS * MEMBER_LEN)

static void
short_hash(struct bytes of, uint8_t out[TALLY_KEY])
{
	struct sha256 hash;

	sha256_of(of, &hash);
	memcpy(out, hash.octets, TALLY_KEY);
}

void
tally_key(
    const struct judged *it, const char *what, struct bytes more, uint8_t out[TALLY_KEY])
{
	struct buf text;

	buf_init(&text, 1 << 16);
	if (it->signer != NULL)
		buf_append_format(&text, "operator %s", it->signer->name);
	else if (it->issuer_key_hash != NULL)
		buf_append(&text, it->issuer_key_hash, 32);
	buf_append(&text, "", 1);
	buf_append(&text, what, strlen(what) + 1);
	buf_append_bytes(&text, more);
	short_hash(buf_bytes(&text), out);
	buf_free(&text);
}

static bool
take_number(struct cursor *at, int64_t *out)
{
	uint64_t number;

	if (!cursor_be64(at, &number))
		return false;
	*out = (int64_t)number;
	return true;
}

void
tally_read(struct trial *trial, const struct tally_place *place, struct tally *out)
{
	const struct check_history *history = trial->history;
	struct cursor at = cursor_of(history->state(history->owner, place->check,
	    bytes_of(place->key, TALLY_KEY), place->bucket));
	struct bytes key;

	memset(out->numbers, 0, sizeof(out->numbers));
	out->count = 0;
	for (size_t i = 0; i < TALLY_NUMBERS; i++)
		if (!take_number(&at, &out->numbers[i]))
			return;
	while (out->count < TALLY_MEMBERS && cursor_take(&at, 32, &key)) {
		struct tally_member *member = &out->members[out->count];

		memcpy(member->key, key.data, 32);
		if (!take_number(&at, &member->row))
			return;
		out->count++;
	}
}

void
tally_write(
    struct trial *trial, const struct tally_place *place, const struct tally *tally)
{
	const struct check_history *history = trial->history;
	struct buf value;

	buf_init(&value, VALUE_MAX);
	for (size_t i = 0; i < TALLY_NUMBERS; i++)
		buf_append_be64(&value, (uint64_t)tally->numbers[i]);
	for (size_t i = 0; i < tally->count; i++) {
		buf_append(&value, tally->members[i].key, 32);
		buf_append_be64(&value, (uint64_t)tally->members[i].row);
	}
	history->set_state(history->owner, place->check, bytes_of(place->key, TALLY_KEY),
	    place->bucket, buf_bytes(&value));
	buf_free(&value);
}

int64_t
tally_number(struct trial *trial, const struct tally_place *place, size_t which)
{
	const struct check_history *history = trial->history;
	struct cursor at = cursor_of(history->state(history->owner, place->check,
	    bytes_of(place->key, TALLY_KEY), place->bucket));
	int64_t number = 0;

	for (size_t i = 0; i <= which; i++)
		if (!take_number(&at, &number))
			return 0;
	return number;
}

void
tally_join(struct tally *tally, const struct judged *it)
{
	struct tally_member *member = &tally->members[tally->count];

	if (tally->count == TALLY_MEMBERS)
		return;
	memcpy(member->key, it->key, 32);
	member->row = it->row;
	tally->count++;
}

/* 0 says that nothing stands there, so a value is never kept as 0. */
size_t
tally_note(struct tally *tally, size_t first, int64_t value)
{
	size_t at = first;

	if (value == 0)
		value = INT64_MIN;
	while (
	    at < TALLY_NUMBERS && tally->numbers[at] != 0 && tally->numbers[at] != value)
		at++;
	if (at < TALLY_NUMBERS)
		tally->numbers[at] = value;
	for (at = first; at < TALLY_NUMBERS && tally->numbers[at] != 0; at++)
		;
	return at - first;
}

bool
is_watched(const struct judged *it)
{
	return it->signer != NULL && it->signature == SIGNATURE_VERIFIED &&
	    !judged_is_ca(it);
}

int64_t
day_of_time(const struct judged *it, int64_t unix_s, bool local)
{
	if (local && it->signer != NULL)
		unix_s += (int64_t)it->signer->tz_minutes * 60;
	return unix_s / DAY_S - (unix_s % DAY_S < 0);
}

struct finding *
tally_fail(struct trial *trial, struct tally *tally, const char *text)
{
	struct finding *finding =
	    trial_fail(trial, trial->it->cert->before.whole, "%s", text);

	for (size_t i = 0; i < tally->count; i++) {
		const struct tally_member *member = &tally->members[i];

		if (memcmp(member->key, trial->it->key, 32) != 0)
			trial_fail_row(trial, member->key, member->row, "%s", text);
	}
	tally->count = 0;
	return finding;
}

void
evidence_clocks(struct trial *trial, struct finding *finding)
{
	const struct judged *it = trial->it;
	int64_t east_ms =
	    it->signer != NULL ? (int64_t)it->signer->tz_minutes * 60000 : 0;

	evidence_time(
	    trial, finding, "not_before_local", it->cert->not_before * 1000 + east_ms);
	if (it->lo_ms != CLOCK_UNKNOWN)
		evidence_time(trial, finding, "lo", it->lo_ms);
	if (it->hi_ms != CLOCK_UNKNOWN)
		evidence_time(trial, finding, "hi", it->hi_ms);
}
