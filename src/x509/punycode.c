#include "x509/punycode.h"

#include "x509_priv.h"

/* RFC 3492, 5. */
#define BASE      36
#define T_MIN     1
#define T_MAX     26
#define SKEW      38
#define DAMP      700
#define BIAS_0    72
#define FIRST     0x80
#define POINT_MAX 0x10ffff

/* RFC 3492, 6.1. */
static uint32_t
adapt(uint32_t delta, uint32_t count, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / count;
	for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
		delta /= BASE - T_MIN;
	return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static uint32_t
threshold(uint32_t k, uint32_t bias)
{
	if (k <= bias)
		return T_MIN;
	return k >= bias + T_MAX ? T_MAX : k - bias;
}

static bool
read_digit(uint8_t octet, uint32_t *digit)
{
	if (octet >= '0' && octet <= '9')
		*digit = octet - '0' + 26u;
	else if (octet >= 'a' && octet <= 'z')
		*digit = octet - 'a' + 0u;
	else if (octet >= 'A' && octet <= 'Z')
		*digit = octet - 'A' + 0u;
	else
		return false;
	return true;
}

/* One variable-length integer, RFC 3492, 3.3, added to i. */
static bool
read_delta(struct bytes *left, uint32_t bias, uint32_t *i)
{
	uint64_t sum = *i, weight = 1;
	uint32_t digit;

	for (uint32_t k = BASE;; k += BASE) {
		uint32_t limit = threshold(k, bias);

		if (left->len == 0 || !read_digit(left->data[0], &digit))
			return false;
		*left = bytes_of(left->data + 1, left->len - 1);
		sum += digit * weight;
		if (sum > INT32_MAX)
			return false;
		if (digit < limit)
			break;
		weight *= BASE - limit;
		if (weight > INT32_MAX)
			return false;
	}
	*i = (uint32_t)sum;
	return true;
}

/* What stands before the last hyphen is itself; false: a hyphen with nothing
 * before it, or no room. */
static bool
copy_basic(struct bytes *encoded, uint32_t *out, size_t room, size_t *len)
{
	const uint8_t *hyphen =
	    encoded->len > 0 ? memrchr(encoded->data, '-', encoded->len) : NULL;
	size_t basic = hyphen == NULL ? 0 : (size_t)(hyphen - encoded->data);

	*len = 0;
	if (hyphen == NULL)
		return true;
	if (basic == 0 || basic > room)
		return false;
	for (; *len < basic; ++*len) {
		if (encoded->data[*len] >= FIRST)
			return false;
		out[*len] = encoded->data[*len];
	}
	*encoded = bytes_of(hyphen + 1, encoded->len - basic - 1);
	return true;
}

static bool
decode(struct bytes encoded, uint32_t *out, size_t room, size_t *len)
{
	uint32_t point = FIRST, i = 0, bias = BIAS_0, before;

	if (!copy_basic(&encoded, out, room, len))
		return false;
	while (encoded.len > 0) {
		uint32_t count = (uint32_t)*len + 1;

		before = i;
		if (!read_delta(&encoded, bias, &i) || *len == room)
			return false;
		bias = adapt(i - before, count, before == 0);
		if (i / count > POINT_MAX - point)
			return false;
		point += i / count;
		i %= count;
		memmove(out + i + 1, out + i, (*len - i) * sizeof(*out));
		out[i++] = point;
		++*len;
	}
	return true;
}

bool
punycode_decode(struct bytes encoded, char out[PUNYCODE_UTF8_ROOM], size_t *len)
{
	uint32_t points[PUNYCODE_POINTS_MAX];
	size_t count;

	*len = 0;
	if (!decode(encoded, points, PUNYCODE_POINTS_MAX, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		*len += utf8_put(points[i], (uint8_t *)out + *len);
	out[*len] = 0;
	return true;
}
