/* B6: many certificates of an operator that end at one instant, and weekends that
 * nobody worked. */
#include "profile.h"
#include "tally.h"

#include <stdio.h>

#include "base/text.h"

#define CALENDAR "notbefore-calendar"
#define TEMPLATE "template-notafter"

#define DAYS_NOTED 5

/* Certificates that end together, and the days on which they begin. */
static const struct rule_limit TEMPLATE_LIMITS[] = {
    {"certificates", 20}, {"days", DAYS_NOTED}, {0}};

/* Of a group and of a day; which share of the group may be free days; how much larger
 * the day's is. */
enum { CALENDAR_LEAST, CALENDAR_DAY, CALENDAR_ONE_IN, CALENDAR_TIMES };

/* --- template-notafter -------------------------------------------------------------- */

enum { SAME_COUNT, SAME_TOLD, SAME_DAYS = TALLY_NUMBERS - DAYS_NOTED };

static void
same_place(const struct judged *it, struct tally_place *out)
{
	*out = (struct tally_place){.check = TEMPLATE, .bucket = it->cert->not_after};
	tally_key(it, "not-after", bytes_of(NULL, 0), out->key);
}

static void
fail_template(struct trial *trial, const struct tally *same)
{
	const struct judged *it = trial->it;
	char at[TIME_TEXT_LEN];
	struct finding *finding;

	time_format(it->cert->not_after * 1000, at);
	finding = trial_fail(trial, it->cert->after.whole,
	    "the last of %lld certificates of %s that all end at %s",
	    (long long)same->numbers[SAME_COUNT], it->signer->name, at);
	evidence_time(trial, finding, "not_after", it->cert->not_after * 1000);
	evidence_int(trial, finding, "count", same->numbers[SAME_COUNT]);
	if (it->cert->tbs_algorithm.id != OID_UNKNOWN)
		evidence_text(trial, finding, "algorithm",
		    oid_short_name(it->cert->tbs_algorithm.id));
}

/* Told once for each instant, when it is a group. */
static void
run_template(struct trial *trial)
{
	const struct judged *it = trial->it;
	struct tally_place place;
	struct tally same;
	size_t days;

	if (!it->row_is_new)
		return;
	same_place(it, &place);
	tally_read(trial, &place, &same);
	same.numbers[SAME_COUNT]++;
	days = tally_note(&same, SAME_DAYS, day_of_time(it, it->cert->not_before, false));
	if (same.numbers[SAME_COUNT] >= rule_limit(trial, 0) &&
	    days >= (size_t)rule_limit(trial, 1) && same.numbers[SAME_TOLD] == 0) {
		same.numbers[SAME_TOLD] = 1;
		fail_template(trial, &same);
	}
	tally_write(trial, &place, &same);
}

static const struct subrule TEMPLATE_NOTAFTER[] = {
    RULE("group", LEVEL_NOTICE, "Mozilla, WoSign issue S: notAfter 2016-12-29T16:00:00Z",
	is_watched, run_template, .limits = TEMPLATE_LIMITS, .flags = RULE_NOT_COUNTED),
};

/* --- notbefore-calendar --------------------------------------------------------------
 */

enum { CALENDAR_COUNT, CALENDAR_FREE };

/* 1970-01-01 was a Thursday. */
static bool
is_free(const struct check_operator *operator, int64_t day)
{
	int64_t weekday = ((day + 3) % 7 + 7) % 7; /* Monday: 0 */

	for (size_t i = 0; i < operator->holiday_count; i++)
		if (operator->holidays[i] == day)
			return true;
	return weekday >= 5;
}

static void
fail_calendar(struct trial *trial, struct tally *day, const struct tally *all)
{
	char text[200];
	struct finding *finding;

	snprintf(text, sizeof(text),
	    "dated to a weekend or holiday, as %lld of %lld that were logged on its day; "
	    "of all %lld of the kind %lld are",
	    (long long)day->numbers[CALENDAR_FREE],
	    (long long)day->numbers[CALENDAR_COUNT],
	    (long long)all->numbers[CALENDAR_COUNT],
	    (long long)all->numbers[CALENDAR_FREE]);
	finding = tally_fail(trial, day, text);
	evidence_int(trial, finding, "day_count", day->numbers[CALENDAR_COUNT]);
	evidence_int(trial, finding, "day_free", day->numbers[CALENDAR_FREE]);
	evidence_int(trial, finding, "group_count", all->numbers[CALENDAR_COUNT]);
	evidence_int(trial, finding, "group_free", all->numbers[CALENDAR_FREE]);
	evidence_clocks(trial, finding);
}

/* A share of free days more than three times the group's, in a group that keeps
 * them (below a tenth). */
static bool
is_odd(const struct trial *trial, const struct tally *day, const struct tally *all)
{
	const int64_t *d = day->numbers, *g = all->numbers;

	return g[CALENDAR_COUNT] >= rule_limit(trial, CALENDAR_LEAST) &&
	    d[CALENDAR_COUNT] >= rule_limit(trial, CALENDAR_DAY) &&
	    rule_limit(trial, CALENDAR_ONE_IN) * g[CALENDAR_FREE] < g[CALENDAR_COUNT] &&
	    d[CALENDAR_FREE] * g[CALENDAR_COUNT] >
	    rule_limit(trial, CALENDAR_TIMES) * g[CALENDAR_FREE] * d[CALENDAR_COUNT];
}

static void
count_free(struct tally *tally, bool free_day)
{
	tally->numbers[CALENDAR_COUNT]++;
	tally->numbers[CALENDAR_FREE] += free_day;
}

static void
count_in_group(struct trial *trial, const char *kind, struct bytes group)
{
	const struct judged *it = trial->it;
	bool free_day = is_free(it->signer, day_of_time(it, it->cert->not_before, true));
	struct tally_place whole = {.check = CALENDAR, .bucket = INT64_MIN},
			   place = {.check = CALENDAR,
			       .bucket = day_of_time(it, seconds_of(it->hi_ms), true)};
	struct tally all, day;

	tally_key(it, kind, group, whole.key);
	memcpy(place.key, whole.key, TALLY_KEY);
	tally_read(trial, &whole, &all);
	tally_read(trial, &place, &day);
	count_free(&all, free_day);
	count_free(&day, free_day);
	if (free_day) {
		tally_join(&day, it);
		if (is_odd(trial, &day, &all))
			fail_calendar(trial, &day, &all);
	}
	tally_write(trial, &whole, &all);
	tally_write(trial, &place, &day);
}

static void
run_calendar(struct trial *trial)
{
	const struct judged *it = trial->it;
	struct tally_place same;

	if (!it->row_is_new || it->hi_ms == CLOCK_UNKNOWN)
		return;
	count_in_group(trial, "profile", bytes_of(profile_key(it), PROFILE_KEY));
	/* One end for many makes a group of its own, once they are many. */
	same_place(it, &same);
	if (tally_number(trial, &same, SAME_COUNT) >= LIMIT_OF(TEMPLATE_LIMITS, 0))
		count_in_group(trial, "not-after",
		    bytes_of(&it->cert->not_after, sizeof(it->cert->not_after)));
}

static const struct subrule NOTBEFORE_CALENDAR[] = {
    RULE("weekend", LEVEL_NOTICE, "Mozilla, WoSign issue S: 939 certificates, 66 Sundays",
	is_watched, run_calendar,
	LIMITS({"certificates", 100}, {"certificates of a day", 10},
	    {"free days: below one in", 10}, {"times", 3}),
	.flags = RULE_NOT_COUNTED),
};

static const struct check CHECKS[] = {
    MEMORY_CHECK(TEMPLATE, "Many certificates of an operator end at one instant.",
	TEMPLATE_NOTAFTER),
    MEMORY_CHECK(CALENDAR, "Dated to a weekend or holiday, where its kind keeps them.",
	NOTBEFORE_CALENDAR, .data = DATA(HOLIDAYS)),
};

const struct check_family CHECK_BACKDATING_TEMPLATE = {
    "backdating", CHECKS, ARRAY_LEN(CHECKS)};
