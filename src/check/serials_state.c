#include "serials.h"

struct bytes
serial_magnitude(const struct judged *it)
{
	struct bytes serial = it->cert->serial;

	while (serial.len > 0 && serial.data[0] == 0)
		serial = bytes_of(serial.data + 1, serial.len - 1);
	return serial;
}

bool
serial_counts(const struct judged *it)
{
	struct bytes magnitude = serial_magnitude(it);

	return it->row_is_new && it->signature == SIGNATURE_VERIFIED &&
	    it->issuer_key_hash != NULL && !it->self_signed &&
	    !der_integer_negative(it->cert->serial) && magnitude.len > 0 &&
	    magnitude.len <= SERIAL_OCTETS_MAX;
}

bool
serial_milestone(uint64_t count, uint64_t least)
{
	while (least < count)
		least *= 2;
	return count == least;
}

/* --- what is remembered ------------------------------------------------------------ */

struct state_key {
	uint8_t octets[33];
};

static struct bytes
make_key(const struct trial *trial, uint8_t name, struct state_key *out)
{
	memcpy(out->octets, trial->it->issuer_key_hash, 32);
	out->octets[32] = name;
	return bytes_of(out->octets, sizeof(out->octets));
}

/* The bucket: 0 before the day of the 64 bits, 1 since. */
static int64_t
era_of(const struct trial *trial)
{
	return trial->it->cert->not_before >= SERIAL_64_DATE;
}

struct bytes
serial_state(struct trial *trial, uint8_t name)
{
	struct state_key key;

	return trial->history->state(trial->history->owner, trial->check->id,
	    make_key(trial, name, &key), era_of(trial));
}

void
serial_set_state(struct trial *trial, uint8_t name, struct bytes value)
{
	struct state_key key;

	trial->history->set_state(trial->history->owner, trial->check->id,
	    make_key(trial, name, &key), era_of(trial), value);
}

void
serial_state_numbers(struct trial *trial, uint8_t name, uint64_t *out, size_t count)
{
	struct cursor at = cursor_of(serial_state(trial, name));

	for (size_t i = 0; i < count; i++)
		if (!cursor_be64(&at, &out[i]))
			out[i] = 0;
}

void
serial_set_state_numbers(
    struct trial *trial, uint8_t name, const uint64_t *numbers, size_t count)
{
	struct buf value;

	buf_init(&value, 1 << 16);
	for (size_t i = 0; i < count; i++)
		buf_append_be64(&value, numbers[i]);
	serial_set_state(trial, name, buf_bytes(&value));
	buf_free(&value);
}
