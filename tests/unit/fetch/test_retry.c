#include "fetch/retry.h"
#include "tests/lib/unit.h"

#define NOW INT64_C(1795223724000) /* 2026-11-21T01:15:24Z */

static const struct {
	const char *what, *text;
	int64_t ms; /* -1: no use */
} RETRY_AFTER[] = {
    {"seconds", "120", 120000},
    {"none is at least one", "0", 1000},
    {"a fraction is cut", "2.7", 2000},
    {"white space around", "  30 \t", 30000},
    {"a day is at most an hour", "86400", 3600000},
    {"more digits than a number has", "99999999999999999999999999", 3600000},
    {"RFC 9110's date", "Sat, 21 Nov 2026 01:15:54 GMT", 30000},
    {"Skylight's date", "Sat, 21 Nov 2026 01:15:54 UTC", 30000},
    {"a zone with a name", "Sat, 21 Nov 2026 02:15:54 CET", 30000},
    {"a zone without a name", "Sat, 21 Nov 2026 04:15:54 +03", 30000},
    {"a zone in four digits", "Fri, 20 Nov 2026 21:45:54 -0330", 30000},
    {"a zone with a colon", "Sat, 21 Nov 2026 02:15:54 +01:00", 30000},
    {"RFC 850", "Saturday, 21-Nov-26 01:15:54 GMT", 30000},
    {"asctime", "Sat Nov 21 01:15:54 2026", 30000},
    {"less than a second ahead", "Sat, 21 Nov 2026 01:15:25 GMT", 1000},
    {"two hours ahead", "Sat, 21 Nov 2026 03:15:24 GMT", 3600000},
    {"now", "Sat, 21 Nov 2026 01:15:24 UTC", -1},
    {"past", "Sat, 21 Nov 2026 01:15:23 UTC", -1},
    {"a zone nobody knows", "Sat, 21 Nov 2026 01:15:54 XYZT", -1},
    {"no such month", "Sat, 21 Nav 2026 04:15:54 +03", -1},
    {"a zone of three digits", "Sat, 21 Nov 2026 04:15:54 +030", -1},
    {"before time began", "Thu, 01 Jan 1970 00:00:01 +23", -1},
    {"negative", "-5", -1},
    {"words", "soon", -1},
    {"nothing", "", -1},
    {"digits and words", "5 minutes", -1},
    {"hexadecimal", "0x10", -1},
};

START_TEST(retry_after)
{
	int64_t ms = retry_after_parse(RETRY_AFTER[_i].text, NOW);

	ck_assert_msg(
	    ms == RETRY_AFTER[_i].ms, "%s: %lld", RETRY_AFTER[_i].what, (long long)ms);
}
END_TEST

static const struct {
	enum transport transport;
	int status;
	int64_t retry_after_ms;
	enum trouble trouble;
	bool again; /* of an idempotent request's first try */
} ENDS[] = {
    {TRANSPORT_OK, 200, -1, TROUBLE_NONE, false},
    {TRANSPORT_OK, 304, -1, TROUBLE_NONE, false},
    {TRANSPORT_OK, 302, -1, TROUBLE_NONE, false},
    {TRANSPORT_OK, 400, -1, TROUBLE_NONE, false},
    {TRANSPORT_OK, 401, -1, TROUBLE_NONE, false},
    {TRANSPORT_OK, 403, -1, TROUBLE_NONE, false},
    {TRANSPORT_OK, 404, -1, TROUBLE_NONE, false},
    {TRANSPORT_OK, 404, 5000, TROUBLE_LANE, false},
    {TRANSPORT_OK, 408, -1, TROUBLE_NONE, true},
    {TRANSPORT_OK, 429, -1, TROUBLE_HOST, false},
    {TRANSPORT_OK, 429, 5000, TROUBLE_HOST, false},
    {TRANSPORT_OK, 500, -1, TROUBLE_LANE, false},
    {TRANSPORT_OK, 501, -1, TROUBLE_NONE, false},
    {TRANSPORT_OK, 502, -1, TROUBLE_LANE, false},
    {TRANSPORT_OK, 503, -1, TROUBLE_LANE, false},
    {TRANSPORT_OK, 503, 5000, TROUBLE_HOST, false},
    {TRANSPORT_OK, 504, -1, TROUBLE_LANE, false},
    {TRANSPORT_OK, 522, -1, TROUBLE_LANE, false},
    {TRANSPORT_UNREACHED, 0, -1, TROUBLE_HOST, true},
    {TRANSPORT_BAD_TLS, 0, -1, TROUBLE_HOST, false},
    {TRANSPORT_BROKEN, 0, -1, TROUBLE_LANE, true},
    {TRANSPORT_BROKEN, 200, -1, TROUBLE_LANE, true},
    {TRANSPORT_STALLED, 200, -1, TROUBLE_LANE, true},
    {TRANSPORT_SLOW, 200, -1, TROUBLE_LANE, false},
    {TRANSPORT_TOO_LONG, 200, -1, TROUBLE_NONE, false},
    {TRANSPORT_REFUSED, 0, -1, TROUBLE_NONE, false},
};

START_TEST(what_an_end_means)
{
	enum transport transport = ENDS[_i].transport;
	int status = ENDS[_i].status;

	ck_assert_msg(
	    retry_trouble(transport, status, ENDS[_i].retry_after_ms) == ENDS[_i].trouble,
	    "%s, status %d", transport_name(transport), status);
	ck_assert_int_eq(retry_again(transport, status, true, 1, 3), ENDS[_i].again);
	ck_assert_int_eq(retry_again(transport, status, true, 2, 3), ENDS[_i].again);
	ck_assert(!retry_again(transport, status, true, 3, 3));
	ck_assert(!retry_again(transport, status, false, 1, 3));
}
END_TEST

START_TEST(backoff_doubles_to_its_ceiling)
{
	uint64_t random = 1, same = 1;
	int64_t base = 1000;

	for (unsigned failures = 1; failures < 40; failures++) {
		int64_t ms = retry_backoff_ms(failures, 300000, &random);

		ck_assert_int_ge(ms, base);
		ck_assert_int_le(ms, base + base / 4);
		ck_assert_int_eq(ms, retry_backoff_ms(failures, 300000, &same));
		base = base * 2 > 300000 ? 300000 : base * 2;
	}
	random = 2; /* another seed, another jitter */
	same = 1;
	ck_assert_int_ne(
	    retry_backoff_ms(20, 300000, &random), retry_backoff_ms(20, 300000, &same));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("retry");

	tcase_add_loop_test(tc, retry_after, 0, UNIT_COUNT(RETRY_AFTER));
	tcase_add_loop_test(tc, what_an_end_means, 0, UNIT_COUNT(ENDS));
	tcase_add_test(tc, backoff_doubles_to_its_ceiling);
	return unit_run("fetch/retry", tc);
}
