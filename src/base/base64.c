/*
 * Written here because it stands in the hottest path: a get-entries reply is
 * base64 from end to end, and libcrypto's decoder also takes white space and
 * missing padding, which a log must not send.
 */
#include "base/text.h"

#include <pthread.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

static const char ALPHABET[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#define BAD UINT32_C(0x80000000)

/* The value of each character, shifted to each of its four places: a group is
 * three ors and one test. */
static uint32_t value_at[4][256];
#if defined(__x86_64__)
static bool has_avx2;
#endif

static void
fill_values(void)
{
	for (int place = 0; place < 4; place++) {
		for (int c = 0; c < 256; c++)
			value_at[place][c] = BAD;
		for (uint32_t v = 0; v < 64; v++)
			value_at[place][(uint8_t)ALPHABET[v]] = v << (18 - 6 * place);
	}
#if defined(__x86_64__)
	has_avx2 = __builtin_cpu_supports("avx2");
#endif
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

#if defined(__x86_64__)
enum { WIDE_IN = 32, WIDE_OUT = 24 };

/*
 * 32 characters at a time with AVX2, after Mula and Lemire, "Faster Base64
 * Encoding and Decoding Using AVX2 Instructions" (2018): each character's two
 * nibbles choose a row and a column of bits that share one only where the
 * character is none of the alphabet's, and the distance to its value.
 *
 * Stores 32 bytes for each 24, so it stops early enough for the rest of out to
 * hold them, and where out is text itself what it overwrites has been read.
 */
__attribute__((target("avx2"))) static size_t
decode_wide(const uint8_t *in, size_t len, uint8_t *out, bool *bad)
{
	const __m256i low_bits =
	    _mm256_broadcastsi128_si256(_mm_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11,
		0x11, 0x11, 0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a));
	const __m256i high_bits =
	    _mm256_broadcastsi128_si256(_mm_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08,
		0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10));
	const __m256i distances = _mm256_broadcastsi128_si256(
	    _mm_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0));
	const __m256i order = _mm256_broadcastsi128_si256(
	    _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
	const __m256i close_up = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7);
	const __m256i slash = _mm256_set1_epi8('/');
	__m256i wrong = _mm256_setzero_si256();
	size_t done = 0;

	for (; len - done >= WIDE_IN + 12; done += WIDE_IN, out += WIDE_OUT) {
		__m256i text = _mm256_loadu_si256((const __m256i *)(in + done));
		__m256i high = _mm256_and_si256(_mm256_srli_epi32(text, 4), slash);
		__m256i low = _mm256_and_si256(text, slash);
		__m256i distance = _mm256_shuffle_epi8(
		    distances, _mm256_add_epi8(_mm256_cmpeq_epi8(text, slash), high));

		wrong = _mm256_or_si256(wrong,
		    _mm256_and_si256(_mm256_shuffle_epi8(low_bits, low),
			_mm256_shuffle_epi8(high_bits, high)));
		text = _mm256_add_epi8(text, distance);
		text = _mm256_maddubs_epi16(text, _mm256_set1_epi32(0x01400140));
		text = _mm256_madd_epi16(text, _mm256_set1_epi32(0x00011000));
		text = _mm256_shuffle_epi8(text, order);
		text = _mm256_permutevar8x32_epi32(text, close_up);
		_mm256_storeu_si256((__m256i *)out, text);
	}
	*bad = !_mm256_testz_si256(wrong, wrong);
	return done;
}
#endif

/* As much of the text as goes by wide steps, from none to all but the end. */
static size_t
decode_start(const uint8_t *in, size_t len, uint8_t *out, bool *bad)
{
	*bad = false;
#if defined(__x86_64__)
	if (has_avx2 && len >= WIDE_IN + 12)
		return decode_wide(in, len, out, bad);
#endif
	(void)in;
	(void)out;
	(void)len;
	return 0;
}

bool
base64_decode_to(struct bytes text, uint8_t *out, size_t *len)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const uint8_t *in;
	uint8_t *at;
	uint32_t bad = 0;
	size_t tail, start;
	bool bad_start;

	pthread_once(&once, fill_values);
	*len = 0;
	if (text.len % 4 != 0)
		return false;
	if (text.len == 0)
		return true;
	start = decode_start(text.data, text.len, out, &bad_start);
	in = text.data + start;
	at = out + start / 4 * 3;
	for (size_t groups = (text.len - start) / 4 - 1; groups > 0;
	     groups--, in += 4, at += 3) {
		uint32_t bits = group(in);

		bad |= bits;
		at[0] = (uint8_t)(bits >> 16);
		at[1] = (uint8_t)(bits >> 8);
		at[2] = (uint8_t)bits;
	}
	if (bad_start || bad & BAD || !decode_last(in, at, &tail))
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
