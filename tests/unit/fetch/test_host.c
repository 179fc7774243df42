#include "fetch/host.h"
#include "tests/lib/unit.h"

#define MAX_MS 300000

static const struct fetch_limits TEN = {.in_flight = 8, .per_second = 10, .burst = 5};

/* How many requests begin from now on until a time, each as soon as it may. */
static unsigned
begun_until(struct bucket *bucket, int64_t *now_ms, int64_t until_ms)
{
	unsigned begun = 0;

	for (;;) {
		*now_ms += bucket_wait_ms(bucket, *now_ms);
		if (*now_ms >= until_ms || begun == 100000)
			return begun;
		bucket_take(bucket, *now_ms);
		begun++;
	}
}

START_TEST(a_rate_is_kept)
{
	struct bucket bucket;
	int64_t now_ms = 1000;

	bucket_init(&bucket, &TEN, now_ms);
	/* 5 at once, then 10 a second for ten seconds. */
	ck_assert_int_le(begun_until(&bucket, &now_ms, 11000), 105);
	bucket_init(&bucket, &TEN, 0);
	now_ms = 0;
	ck_assert_int_ge(begun_until(&bucket, &now_ms, 10000), 100);
	ck_assert(!bucket_is_full(&bucket, now_ms));
	ck_assert(bucket_is_full(&bucket, now_ms + 1000));
}
END_TEST

START_TEST(a_rest_saves_no_more_than_the_burst)
{
	struct bucket bucket;
	int64_t now_ms = 0;

	bucket_init(&bucket, &TEN, 0);
	begun_until(&bucket, &now_ms, 1000);
	now_ms = 3600000;
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(bucket_wait_ms(&bucket, now_ms), 0);
		bucket_take(&bucket, now_ms);
	}
	ck_assert_int_gt(bucket_wait_ms(&bucket, now_ms), 0);
}
END_TEST

START_TEST(no_rate_means_no_waiting)
{
	struct fetch_limits none = {.in_flight = 8, .per_second = -1, .burst = 1};
	struct bucket bucket;

	bucket_init(&bucket, &none, 0);
	for (int i = 0; i < 1000; i++) {
		ck_assert_int_eq(bucket_wait_ms(&bucket, 0), 0);
		bucket_take(&bucket, 0);
	}
	ck_assert(bucket_is_full(&bucket, 0));
	bucket_slow_down(&bucket, 0); /* but a 429 is heard */
	ck_assert_int_gt(bucket_wait_ms(&bucket, 0), 0);
	for (int64_t now_ms = 0; now_ms < 3600000; now_ms += 1000)
		bucket_went_well(&bucket, now_ms);
	ck_assert_int_eq(bucket_wait_ms(&bucket, 3600000), 0);
	ck_assert(bucket_is_full(&bucket, 3600000));
}
END_TEST

/* A server that allows one request in six seconds, as DigiCert's (wire-formats
 * 6.1), and says 429 to all others. */
START_TEST(a_strict_server_is_met)
{
	struct bucket bucket;
	struct pace pace = {0};
	uint64_t random = 7;
	int64_t now_ms = 0, allowed_ms = 0;
	unsigned good = 0, refused = 0;

	bucket_init(&bucket, &TEN, 0);
	while (now_ms < 6 * 3600000) {
		int64_t ms = bucket_wait_ms(&bucket, now_ms);

		if (ms < pace_wait_ms(&pace, now_ms))
			ms = pace_wait_ms(&pace, now_ms);
		now_ms += ms + 50;
		bucket_take(&bucket, now_ms);
		if (now_ms >= allowed_ms) {
			allowed_ms = now_ms + 6000;
			good++;
			pace_went_well(&pace, now_ms, 8);
			bucket_went_well(&bucket, now_ms);
		} else {
			refused++;
			bucket_slow_down(&bucket, now_ms);
			pace_failed(&pace, now_ms, now_ms, -1, MAX_MS, &random);
		}
	}
	/* 3,600 would be the most; nine of ten requests are welcome. */
	ck_assert_msg(good > 2000, "%u good, %u refused", good, refused);
	ck_assert_msg(refused * 5 < good, "%u good, %u refused", good, refused);
}
END_TEST

START_TEST(one_outage_counts_once)
{
	struct pace pace = {0};
	uint64_t random = 1;

	ck_assert(pace_has_room(&pace, 100));
	for (int i = 0; i < 8; i++) /* eight were in flight */
		pace_failed(&pace, 5000 + i, 4000, -1, MAX_MS, &random);
	ck_assert_uint_eq(pace.failures, 1);
	ck_assert_int_ge(pace_wait_ms(&pace, 5000), 1000);
	ck_assert_int_le(pace_wait_ms(&pace, 5000), 1250);
	pace_failed(&pace, 7000, 6500, -1, MAX_MS, &random);
	ck_assert_uint_eq(pace.failures, 2);
	ck_assert_int_ge(pace_wait_ms(&pace, 7000), 2000);
}
END_TEST

START_TEST(slow_start_after_an_outage)
{
	struct pace pace = {0};
	uint64_t random = 1;

	pace_failed(&pace, 5000, 4000, -1, MAX_MS, &random);
	ck_assert(pace_has_room(&pace, 0));
	ck_assert(!pace_has_room(&pace, 1));
	pace_went_well(&pace, 4500, 8); /* a straggler from before */
	ck_assert_uint_eq(pace.failures, 1);
	ck_assert(!pace_has_room(&pace, 1));
	pace_went_well(&pace, 7000, 8);
	ck_assert_uint_eq(pace.failures, 0);
	ck_assert(pace_has_room(&pace, 1));
	ck_assert(!pace_has_room(&pace, 2));
	for (int i = 0; i < 6; i++)
		pace_went_well(&pace, 7000 + i, 8);
	ck_assert(pace_has_room(&pace, 100));
}
END_TEST

START_TEST(retry_after_is_honoured)
{
	struct pace pace = {0};
	uint64_t random = 1;

	pace_failed(&pace, 1000, 500, 60000, MAX_MS, &random);
	ck_assert_int_ge(pace_wait_ms(&pace, 1000), 60000);
	ck_assert_int_lt(pace_wait_ms(&pace, 1000), 60250);
	/* another of the same outage asks for more, a third for less */
	pace_failed(&pace, 1010, 500, 90000, MAX_MS, &random);
	ck_assert_int_ge(pace_wait_ms(&pace, 1010), 90000);
	pace_failed(&pace, 1020, 500, 1000, MAX_MS, &random);
	ck_assert_int_ge(pace_wait_ms(&pace, 1020), 89000);
	ck_assert_uint_eq(pace.failures, 1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("host");

	tcase_add_test(tc, a_rate_is_kept);
	tcase_add_test(tc, a_rest_saves_no_more_than_the_burst);
	tcase_add_test(tc, no_rate_means_no_waiting);
	tcase_add_test(tc, a_strict_server_is_met);
	tcase_add_test(tc, one_outage_counts_once);
	tcase_add_test(tc, slow_start_after_an_outage);
	tcase_add_test(tc, retry_after_is_honoured);
	return unit_run("fetch/host", tc);
}
