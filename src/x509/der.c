#include "x509/der.h"

#include "x509/time.h"
#include "x509_priv.h"

#define CONSTRUCTED 0x20
#define HIGH_NUMBER 0x1f

const char *
der_flaw_text(uint32_t flaws)
{
	static const char *const TEXTS[] = {
	    "missing",
	    "another type than it has to be",
	    "runs past what encloses it",
	    "length octets not minimal",
	    "indefinite length",
	    "tag number not in its shortest form",
	    "bytes behind the last element",
	    "empty",
	    "DEFAULT value written out",
	    "nested too deep",
	    "more elements than are kept",
	    "stands there twice",
	    "BOOLEAN not one octet of 00 or FF",
	    "INTEGER empty or not minimal",
	    "value not allowed",
	    "object identifier broken",
	    "BIT STRING's unused bits wrong",
	    "named bits end in zeros",
	    "characters outside the string type",
	    "UTF8String not UTF-8",
	    "constructed where primitive belongs, or the reverse",
	    "elements not in order",
	    "NULL with a value",
	    "time not in the form RFC 5280 demands",
	    "time not readable",
	    "IP address of odd length",
	};

	for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++)
		if ((flaws & UINT32_C(1) << i) != 0)
			return TEXTS[i];
	return "";
}

/* X.690, 8.1.2.4: 7 bits an octet. Behind the identifier octet. */
static bool
read_high_number(struct cursor *cursor, struct der *out)
{
	uint8_t octet;

	out->number = 0;
	do {
		if (out->number > UINT32_MAX >> 7 || !cursor_u8(cursor, &octet))
			return false;
		if (out->number == 0 && octet == 0x80)
			out->flaws |= FLAW_TAG_FORM;
		out->number = out->number << 7 | (octet & 0x7f);
	} while ((octet & 0x80) != 0);
	if (out->number < HIGH_NUMBER)
		out->flaws |= FLAW_TAG_FORM;
	return true;
}

/* X.690, 8.1.3.5: the long form; first is its first octet, not 0x80. */
static bool
read_long_length(struct cursor *cursor, uint8_t first, size_t *len, uint32_t *flaws)
{
	size_t count = first & 0x7f, value = 0;
	uint8_t octet;

	if (first == 0xff || count > 16)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!cursor_u8(cursor, &octet) || value > SIZE_MAX >> 8)
			return false;
		if (i == 0 && octet == 0)
			*flaws |= FLAW_LENGTH;
		value = value << 8 | octet;
	}
	if (value < 0x80)
		*flaws |= FLAW_LENGTH;
	*len = value;
	return true;
}

/* Identifier and length octets of anything but the shortest form. */
static bool
read_header(struct cursor *cursor, struct der *out, size_t *len)
{
	uint8_t first;

	out->flaws = 0;
	if (!cursor_u8(cursor, &out->tag))
		return false;
	out->number = out->tag & HIGH_NUMBER;
	if (out->number == HIGH_NUMBER && !read_high_number(cursor, out))
		return false;
	if (!cursor_u8(cursor, &first))
		return false;
	*len = first;
	if (first == 0x80)
		out->flaws |= FLAW_INDEFINITE;
	else if (first > 0x80)
		return read_long_length(cursor, first, len, &out->flaws);
	return true;
}

/* How many octets lie before the end mark of an indefinite length (X.690,
 * 8.1.3.6); elements within may be indefinite too. False: there is no mark. */
static bool
find_end_mark(struct cursor inside, size_t *len)
{
	const uint8_t *start = inside.at;
	size_t open = 1, element_len;
	struct der element;

	while (cursor_left(&inside) >= 2) {
		const uint8_t *at = inside.at;

		if (at[0] == 0 && at[1] == 0) {
			inside.at += 2;
			if (--open > 0)
				continue;
			*len = (size_t)(at - start);
			return true;
		}
		if (!read_header(&inside, &element, &element_len))
			return false;
		if ((element.flaws & FLAW_INDEFINITE) != 0)
			open++;
		else if (element_len > cursor_left(&inside))
			return false;
		else
			inside.at += element_len;
	}
	return false;
}

static bool
next_indefinite(struct cursor *cursor, struct der *out)
{
	const uint8_t *start = cursor->at;
	struct cursor inside = *cursor;
	size_t len;

	if (!read_header(&inside, out, &len))
		return false;
	if ((out->tag & CONSTRUCTED) != 0 && find_end_mark(inside, &len)) {
		out->value = bytes_of(inside.at, len);
		cursor->at = inside.at + len + 2;
	} else {
		out->flaws |= FLAW_CUT;
		out->value = cursor_rest(&inside);
		cursor->at = inside.end;
	}
	out->whole = bytes_of(start, (size_t)(cursor->at - start));
	return true;
}

bool
der_next_odd(struct cursor *cursor, struct der *out)
{
	const uint8_t *start = cursor->at;
	struct cursor ahead = *cursor;
	size_t len;

	if (!read_header(&ahead, out, &len))
		return false;
	if ((out->flaws & FLAW_INDEFINITE) != 0)
		return next_indefinite(cursor, out);
	if (len > cursor_left(&ahead)) {
		out->flaws |= FLAW_CUT;
		len = cursor_left(&ahead);
	}
	out->value = bytes_of(ahead.at, len);
	cursor->at = ahead.at + len;
	out->whole = bytes_of(start, (size_t)(cursor->at - start));
	return true;
}

bool
element_next_odd(struct cursor *cursor, struct element *out)
{
	struct der odd;

	if (!der_next_odd(cursor, &odd))
		return false;
	*out = (struct element){
	    .at = odd.whole.data,
	    .value = odd.value.data,
	    .value_end = odd.value.data + odd.value.len,
	    .end = odd.whole.data + odd.whole.len,
	    .flaws = odd.flaws,
	    .tag = odd.tag,
	};
	return true;
}

bool
der_only(struct bytes bytes, struct der *out)
{
	struct cursor cursor = cursor_of(bytes);

	if (!der_next(&cursor, out))
		return false;
	if (cursor_left(&cursor) > 0)
		out->flaws |= FLAW_TRAILING;
	return true;
}

size_t
der_offset(struct bytes whole, struct bytes part)
{
	if (part.data < whole.data || part.data > whole.data + whole.len)
		return 0;
	return (size_t)(part.data - whole.data);
}

uint32_t
der_read_boolean(struct bytes value, bool *out)
{
	*out = value.len > 0 && value.data[0] != 0;
	if (value.len != 1 || (value.data[0] != 0 && value.data[0] != 0xff))
		return FLAW_BOOLEAN;
	return 0;
}

/* X.690, 8.3.2: not nine equal bits in front. */
uint32_t
der_integer_flaws(struct bytes value)
{
	if (value.len == 0)
		return FLAW_INTEGER;
	if (value.len > 1 &&
	    ((value.data[0] == 0 && value.data[1] < 0x80) ||
		(value.data[0] == 0xff && value.data[1] >= 0x80)))
		return FLAW_INTEGER;
	return 0;
}

struct bytes
der_integer_canonical(struct bytes value)
{
	while (value.len > 1 && der_integer_flaws(value) != 0)
		value = bytes_of(value.data + 1, value.len - 1);
	return value;
}

bool
der_integer_negative(struct bytes value)
{
	return value.len > 0 && value.data[0] >= 0x80;
}

size_t
der_integer_bits(struct bytes value)
{
	size_t bits;

	if (value.len == 0)
		return 0;
	value = der_integer_canonical(value);
	if (value.data[0] == 0)
		value = bytes_of(value.data + 1, value.len - 1);
	if (value.len == 0)
		return 0;
	bits = 8 * value.len;
	for (uint8_t top = value.data[0]; top < 0x80 && bits > 0;
	     top = (uint8_t)(top << 1))
		bits--;
	return bits;
}

uint32_t
der_read_unsigned(struct bytes value, uint64_t *out)
{
	uint32_t flaws = der_integer_flaws(value);

	*out = 0;
	if (der_integer_negative(value))
		return flaws | FLAW_RANGE;
	for (size_t i = 0; i < value.len; i++) {
		if (*out > UINT64_MAX >> 8) {
			*out = UINT64_MAX;
			return flaws | FLAW_RANGE;
		}
		*out = *out << 8 | value.data[i];
	}
	return flaws;
}

/* X.690, 8.6.2 and 11.2.1. */
uint32_t
der_read_bits(struct bytes value, struct bytes *bits, uint8_t *unused)
{
	*bits = bytes_of(value.data, 0);
	*unused = 0;
	if (value.len == 0)
		return FLAW_BITS;
	*bits = bytes_of(value.data + 1, value.len - 1);
	*unused = value.data[0];
	if (*unused > 7 || (bits->len == 0 && *unused > 0))
		return FLAW_BITS;
	if (*unused > 0 && (bits->data[bits->len - 1] & ((1U << *unused) - 1)) != 0)
		return FLAW_BITS;
	return 0;
}

/* X.690, 8.19.2: 7 bits an octet, no padding in front of an arc. */
uint32_t
der_oid_flaws(struct bytes value)
{
	bool begins = true;

	if (value.len == 0 || value.data[value.len - 1] >= 0x80)
		return FLAW_OID;
	for (size_t i = 0; i < value.len; i++) {
		if (begins && value.data[i] == 0x80)
			return FLAW_OID;
		begins = value.data[i] < 0x80;
	}
	return 0;
}

size_t
der_put_header(uint8_t tag, size_t len, uint8_t *out)
{
	size_t count = 0, rest;

	out[0] = tag;
	if (len < 0x80) {
		out[1] = (uint8_t)len;
		return 2;
	}
	for (rest = len; rest > 0; rest >>= 8)
		count++;
	out[1] = (uint8_t)(0x80 | count);
	for (size_t i = count; i > 0; i--, len >>= 8)
		out[1 + i] = (uint8_t)len;
	return 2 + count;
}

void
der_walk_begin(struct der_walk *walk, struct bytes bytes)
{
	walk->stack[0] = cursor_of(bytes);
	walk->depth = 1;
}

bool
der_walk_next(struct der_walk *walk, struct der *out, size_t *depth)
{
	struct cursor *top;

	while (walk->depth > 0 && cursor_left(&walk->stack[walk->depth - 1]) == 0)
		walk->depth--;
	if (walk->depth == 0)
		return false;
	*depth = walk->depth - 1;
	top = &walk->stack[*depth];
	if (!der_next(top, out)) {
		*out = (struct der){.whole = cursor_rest(top), .flaws = FLAW_TRAILING};
		out->value = out->whole;
		top->at = top->end;
		return true;
	}
	if ((out->tag & CONSTRUCTED) == 0)
		return true;
	if (walk->depth == DER_DEPTH_MAX)
		out->flaws |= FLAW_DEEP;
	else
		walk->stack[walk->depth++] = cursor_of(out->value);
	return true;
}

/* X.690, 11.6: ascending, the shorter padded with zeros. */
static int
order_in_set(struct bytes a, struct bytes b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0 ? 0 : memcmp(a.data, b.data, len);

	if (order != 0)
		return order;
	for (size_t i = len; i < a.len; i++)
		if (a.data[i] != 0)
			return 1;
	return 0;
}

static uint32_t
set_flaws(struct bytes value)
{
	struct cursor cursor = cursor_of(value);
	struct der element, last;

	if (!der_next(&cursor, &last))
		return 0;
	for (; der_next(&cursor, &element); last = element)
		if (order_in_set(last.whole, element.whole) > 0)
			return FLAW_ORDER;
	return 0;
}

static uint32_t
time_flaws(const struct der *element)
{
	struct der_time time;

	der_time_read(element, &time);
	if ((time.form & TIME_UNREADABLE) != 0)
		return FLAW_TIME;
	/* which type for which year is RFC 5280's rule, not DER's */
	return (time.form & ~(uint32_t)(TIME_WRONG_TYPE | TIME_FRACTION)) != 0
	    ? FLAW_TIME_FORM
	    : 0;
}

static uint32_t
primitive_flaws(const struct der *element)
{
	struct bytes bits;
	uint8_t unused;
	bool flag;

	switch (element->tag) {
	case DER_BOOLEAN:
		return der_read_boolean(element->value, &flag);
	case DER_INTEGER:
	case DER_ENUMERATED:
		return der_integer_flaws(element->value);
	case DER_BIT_STRING:
		return der_read_bits(element->value, &bits, &unused);
	case DER_NULL:
		return element->value.len > 0 ? FLAW_NULL : 0;
	case DER_OID:
		return der_oid_flaws(element->value);
	case DER_UTC_TIME:
	case DER_GENERALIZED_TIME:
		return time_flaws(element);
	default:
		return der_string_flaws(element->tag, element->value);
	}
}

uint32_t
der_value_flaws(const struct der *element)
{
	uint32_t flaws = element->flaws;
	bool constructed = (element->tag & CONSTRUCTED) != 0;
	bool is_list = element->number == 16 || element->number == 17;

	if ((element->tag & 0xc0) != 0)
		return flaws;
	/* 8 and 11 are EXTERNAL and EMBEDDED PDV, constructed as well */
	if (constructed != (is_list || element->number == 8 || element->number == 11))
		return flaws | FLAW_CONSTRUCTED;
	if (element->tag == DER_SET)
		return flaws | set_flaws(element->value);
	return constructed ? flaws : flaws | primitive_flaws(element);
}
