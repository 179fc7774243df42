/* What is set anew has to be seen: else nothing would be judged again by it. */
#include "tests/lib/unit.h"

#include <stdio.h>

#include "check/settings.h"

static const char *
version_of(const char *id, const struct check_params *params, enum date_mode dates)
{
	static char text[2][64];
	static unsigned turn;
	struct buf out;

	buf_init(&out, 4096);
	check_settings_version(check_find(id, NULL), params, dates, &out);
	snprintf(text[++turn % 2], sizeof(text[0]), "%s", buf_text(&out));
	buf_free(&out);
	return text[turn % 2];
}

/* How many checks see the difference. */
static size_t
seen(const struct check_params *a, const struct check_params *b)
{
	const struct check *check;
	size_t count = 0;

	for (size_t i = 0; (check = check_at(i)) != NULL; i++)
		count += strcmp(version_of(check->id, a, DATES_SIGN),
			     version_of(check->id, b, DATES_SIGN)) != 0;
	return count;
}

/* Whatever number there is. */
START_TEST(numbers_are_seen)
{
	struct check_params usual, other;
	const size_t from = offsetof(struct check_params, skew_s),
		     until = offsetof(struct check_params, test_words);

	check_params_defaults(&usual);
	ck_assert_uint_eq(seen(&usual, &usual), 0);
	for (size_t at = from; at < until; at += 8) {
		other = usual;
		((unsigned char *)&other)[at] ^= 1;
		ck_assert_msg(seen(&usual, &other) > 0, "at %zu", at);
		ck_assert_uint_lt(seen(&usual, &other), 10);
	}
	other = usual;
	other.with_off_rules = true;
	ck_assert_uint_gt(seen(&usual, &other), 0);
}
END_TEST

static const uint8_t KEYS[][32] = {{1}};
static const char *const TEXTS[] = {"one", "two"};
static const struct bytes NAME = {(const uint8_t *)"n", 1};
static const struct check_distrust RECORD = {"A", DISTRUST_NB, 1, ""};
static const struct check_program PROGRAM = {"A", 1, 2};
static const struct check_commitment PROMISE = {COMMITMENT_NO_ISSUANCE, 1, 2, ""};
static const int64_t HOLIDAY = 1;

static const struct check_operator OTHERS[] = {
    {.name = "B"},
    {.name = "A", .state = OPERATOR_PROBATION},
    {.name = "A", .tz_minutes = 60},
    {.name = "A", .idle_since = 1},
    {.name = "A", .keys = KEYS, .key_count = 1},
    {.name = "A", .announced = KEYS, .announced_count = 1},
    {.name = "A", .names = &NAME, .name_count = 1},
    {.name = "A", .hosts = TEXTS, .host_count = 1},
    {.name = "A", .policies = TEXTS, .policy_count = 1},
    {.name = "A", .organisations = TEXTS, .organisation_count = 1},
    {.name = "A", .partners = TEXTS, .partner_count = 1},
    {.name = "A", .outside = TEXTS, .outside_count = 1},
    {.name = "A", .distrust = &RECORD, .distrust_count = 1},
    {.name = "A", .programs = &PROGRAM, .program_count = 1},
    {.name = "A", .commitments = &PROMISE, .commitment_count = 1},
};

/* No two of them are one. */
START_TEST(operators_are_seen)
{
	const struct check_operator plain = {.name = "A"};
	struct check_params a, b;

	check_params_defaults(&a);
	a.operators = &plain;
	a.operator_count = 1;
	b = a;
	for (size_t i = 0; i < ARRAY_LEN(OTHERS); i++) {
		b.operators = &OTHERS[i];
		a.operators = &plain;
		ck_assert_msg(seen(&a, &b) > 10, "row %zu", i);
		for (size_t j = 0; j < i; j++) {
			a.operators = &OTHERS[j];
			ck_assert_msg(seen(&a, &b) > 0, "rows %zu and %zu", i, j);
		}
	}
}
END_TEST

START_TEST(lists_and_dates_are_seen)
{
	static const struct check_operator works = {.name = "A"},
					   rests = {.name = "A",
					       .holidays = &HOLIDAY,
					       .holiday_count = 1};
	struct check_params a, b;

	check_params_defaults(&a);
	b = a;
	b.test_words = TEXTS;
	b.test_word_count = 1;
	ck_assert_uint_eq(seen(&a, &b), 1);
	a = b;
	b.test_word_count = 2;
	ck_assert_uint_eq(seen(&a, &b), 1);
	check_params_defaults(&a);
	b = a;
	b.test_sites = b.allow_suffixes = TEXTS;
	b.test_site_count = b.allow_suffix_count = 1;
	ck_assert_uint_eq(seen(&a, &b), 2);
	b = a;
	a.operators = &works;
	b.operators = &rests;
	a.operator_count = b.operator_count = 1;
	ck_assert_uint_eq(seen(&a, &b), 1);
	ck_assert_str_ne(version_of("notbefore-calendar", &a, DATES_SIGN),
	    version_of("notbefore-calendar", &b, DATES_SIGN));
	ck_assert_str_ne(version_of("validity-too-long", &a, DATES_SIGN),
	    version_of("validity-too-long", &a, DATES_NB));
	ck_assert_str_eq(version_of("watched-name", &a, DATES_SIGN), "");
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("settings");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, numbers_are_seen);
	tcase_add_test(tcase, operators_are_seen);
	tcase_add_test(tcase, lists_and_dates_are_seen);
	return unit_run("check/settings", tcase);
}
