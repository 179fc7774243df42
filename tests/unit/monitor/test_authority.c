/* CA certificates are kept once, and not without end. */
#include "tests/lib/unit.h"

#include "monitor/authority.h"

#define CEILING 100000

/* Octets that are no certificate, each time others: kept all the same. */
static struct bytes
strange(uint8_t out[64], uint32_t number)
{
	memset(out, 0xa5, 64);
	memcpy(out, &number, sizeof(number));
	memcpy(out + 60, &number, sizeof(number));
	return bytes_of(out, 64);
}

START_TEST(kept_once)
{
	struct authorities *all = authorities_new(CEILING);
	uint8_t one[64], other[64];
	struct authority *first = authority_of_der(all, strange(one, 1));

	ck_assert_ptr_eq(authority_of_der(all, strange(other, 1)), first);
	ck_assert_ptr_ne(authority_of_der(all, strange(other, 2)), first);
	ck_assert_ptr_eq(authority_of_hash(all, &first->sha256), first);
	authorities_unref(all);
}
END_TEST

/* Fills the table until a batch gets another one; how many that took. */
static uint32_t
fill(struct authorities **current)
{
	uint8_t octets[64];

	for (uint32_t n = 0; n < CEILING; n++) {
		struct authorities *before = *current;
		struct authorities *taken = authorities_take(current);
		bool fresh = taken != before;

		(void)authority_of_der(taken, strange(octets, n));
		authorities_unref(taken);
		if (fresh)
			return n;
	}
	return CEILING;
}

START_TEST(full_ones_give_way)
{
	struct authorities *current = authorities_new(CEILING), *batch;
	uint8_t octets[64];
	struct authority *kept;
	struct sha256 hash;
	uint32_t room;

	batch = authorities_take(&current);
	kept = authority_of_der(batch, strange(octets, 7));
	hash = kept->sha256;
	room = fill(&current);
	ck_assert_uint_gt(room, 10);
	ck_assert_uint_lt(room, CEILING / 64);
	ck_assert_ptr_ne(current, batch);

	/* The batch that began before goes on with what it has. */
	ck_assert_ptr_eq(authority_of_hash(batch, &hash), kept);
	ck_assert(bytes_equal(kept->der, strange(octets, 7)));
	ck_assert_ptr_null(authority_of_hash(current, &hash));
	authorities_unref(batch);

	/* And again, and again. */
	ck_assert_uint_lt(fill(&current), CEILING / 64);
	ck_assert_uint_lt(fill(&current), CEILING / 64);
	authorities_unref(current);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("authority");

	tcase_add_test(tcase, kept_once);
	tcase_add_test(tcase, full_ones_give_way);
	return unit_run("monitor/authority", tcase);
}
