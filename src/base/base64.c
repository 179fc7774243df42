/*
 * Written here because it stands in the hottest path: a get-entries reply is
 * base64 from end to end, and libcrypto's decoder also takes white space and
 * missing padding, which a log must not send.
 */
#include "base/text.h"

#include <pthread.h>

static const char ALPHABET[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#define BAD UINT32_C(0x80000000)

/* The value of each character, shifted to each of its four places: a group is
 * three ors and one test. */
static uint32_t value_at[4][256];

static void
fill_values(void)
{
	for (int place = 0; place < 4; place++) {
		for (int c = 0; c < 256; c++)
			value_at[place][c] = BAD;
		for (uint32_t v = 0; v < 64; v++)
			value_at[place][(uint8_t)ALPHABET[v]] = v << (18 - 6 * place);
	}
}

static uint32_t
group(const uint8_t *in)
{
	return value_at[0][in[0]] | value_at[1][in[1]] | value_at[2][in[2]] |
	    value_at[3][in[3]];
}

/* The last group, with its padding; unused bits must be zero. */
static bool
decode_last(const uint8_t *in, uint8_t *out, size_t *len)
{
	size_t pads = (size_t)(in[3] == '=') + (in[3] == '=' && in[2] == '=');
	uint8_t filled[4] = {in[0], in[1], in[2], in[3]};
	uint32_t bits;

	for (size_t i = 0; i < pads; i++)
		filled[3 - i] = 'A';
	bits = group(filled);
	if (bits & BAD || (pads > 0 && bits & ((UINT32_C(1) << (8 * pads)) - 1)))
		return false;
	for (size_t i = 0; i < 3 - pads; i++)
		out[i] = (uint8_t)(bits >> (16 - 8 * i));
	*len = 3 - pads;
	return true;
}

bool
base64_decode_to(struct bytes text, uint8_t *out, size_t *len)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const uint8_t *in = text.data;
	uint8_t *at = out;
	uint32_t bad = 0;
	size_t tail;

	pthread_once(&once, fill_values);
	*len = 0;
	if (text.len % 4 != 0)
		return false;
	if (text.len == 0)
		return true;
	for (size_t groups = text.len / 4 - 1; groups > 0; groups--, in += 4, at += 3) {
		uint32_t bits = group(in);

		bad |= bits;
		at[0] = (uint8_t)(bits >> 16);
		at[1] = (uint8_t)(bits >> 8);
		at[2] = (uint8_t)bits;
	}
	if (bad & BAD || !decode_last(in, at, &tail))
		return false;
	*len = (size_t)(at - out) + tail;
	return true;
}

bool
base64_decode(struct bytes text, struct buf *out)
{
	uint8_t *at;
	size_t len;

	buf_clear(out);
	if ((at = buf_extend(out, text.len / 4 * 3)) == NULL ||
	    !base64_decode_to(text, at, &len)) {
		buf_clear(out);
		return false;
	}
	out->len = len;
	return true;
}

bool
base64_encode(struct bytes data, struct buf *out)
{
	size_t groups = (data.len + 2) / 3;
	uint8_t *at = buf_extend(out, groups * 4);

	if (at == NULL)
		return false;
	for (size_t i = 0; i < data.len; i += 3, at += 4) {
		size_t left = data.len - i;
		uint32_t bits = (uint32_t)data.data[i] << 16 |
		    (left > 1 ? (uint32_t)data.data[i + 1] << 8 : 0) |
		    (left > 2 ? data.data[i + 2] : 0);

		at[0] = (uint8_t)ALPHABET[bits >> 18];
		at[1] = (uint8_t)ALPHABET[bits >> 12 & 63];
		at[2] = left > 1 ? (uint8_t)ALPHABET[bits >> 6 & 63] : '=';
		at[3] = left > 2 ? (uint8_t)ALPHABET[bits & 63] : '=';
	}
	return true;
}
