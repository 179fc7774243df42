/* The walker over any bytes: every element lies inside what encloses it, and
 * the checks of values read nothing else. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "x509/oid.h"
#include "x509/time.h"

static void
expect(bool holds)
{
	if (!holds)
		abort();
}

static bool
inside(struct bytes whole, struct bytes part)
{
	return part.data >= whole.data && part.data + part.len <= whole.data + whole.len;
}

static void
look_at(const struct der *element)
{
	struct der_time time;
	uint64_t number;
	struct buf text;

	der_value_flaws(element);
	der_read_unsigned(element->value, &number);
	expect(der_integer_bits(element->value) <= 8 * element->value.len);
	expect(inside(element->value, der_integer_canonical(element->value)));
	der_time_read(element, &time);
	buf_init(&text, 4096);
	oid_append_name(&text, element->value);
	buf_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes all = bytes_of(data, len);
	size_t depth, count = 0;
	struct der_walk walk;
	struct der got;

	if (len == 0)
		return 0;
	der_walk_begin(&walk, all);
	while (der_walk_next(&walk, &got, &depth)) {
		expect(depth < DER_DEPTH_MAX);
		expect(inside(all, got.whole) && inside(got.whole, got.value));
		expect(got.whole.len > 0);
		look_at(&got);
		/* each element has an octet of its own, at each depth */
		expect(++count <= len * DER_DEPTH_MAX);
	}
	return 0;
}
