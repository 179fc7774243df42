/* B6: many certificates of an operator dated to one day or one second. */
#include "profile.h"
#include "tally.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

#define CLUSTER "notbefore-cluster"

#define WEEKS_MAX ((size_t)16)

/* Of a day: what is late, how near to a date, what is usual and what is not, and which
 * share has to be suspect. */
enum { DAY_LATE, DAY_DEADLINE, DAY_WEEKS, DAY_DEVIATIONS, DAY_SUSPECT };
static const struct rule_limit DAY_LIMITS[] = {{"seconds", 48 * HOUR_S},
    {"days before a date", 14}, {"weeks", 8}, {"deviations", 6},
    {"percent late or before a date", 50}, {0}};

/* Of a second: so many subjects, logged over more than so long; what is a habit. */
enum { SECOND_LEAST, SECOND_APART, SECOND_HABIT };

/* --- notbefore-cluster: days ------------------------------------------------------- */

enum { BIN_COUNT, BIN_SUSPECT };

static bool
is_late(const struct judged *it)
{
	int64_t nb_ms = it->cert->not_before * 1000;
	int64_t late_ms = LIMIT_OF(DAY_LIMITS, DAY_LATE) * 1000;

	return (it->lo_ms != CLOCK_UNKNOWN && it->lo_ms - nb_ms > late_ms) ||
	    (it->hi_ms != CLOCK_UNKNOWN && it->hi_ms - nb_ms > late_ms);
}

static bool
is_soon(const struct judged *it, int64_t date)
{
	int64_t nb = it->cert->not_before;

	return date > nb && date - nb <= LIMIT_OF(DAY_LIMITS, DAY_DEADLINE) * DAY_S;
}

/* Whether it would break the rule, had it been dated after the rule's day. */
static bool
breaks(const struct judged *it, const struct check *check, const struct subrule *rule)
{
	struct judged later = *it;

	later.dates = DATES_NONE;
	return check_outcome(&later, check, rule) == OUTCOME_FAIL;
}

static bool
is_before_rule_of(const struct judged *it, const struct check *check)
{
	for (size_t i = 0; i < check->subrule_count; i++) {
		const struct subrule *rule = &check->subrules[i];

		if (rule->level > LEVEL_NOTICE && rule->from != 0 &&
		    is_soon(it, rule->from) && (rule->flags & RULE_PAIR) == 0 &&
		    breaks(it, check, rule))
			return true;
	}
	return false;
}

static bool
is_before_rule(const struct judged *it)
{
	const struct check_family *family;
	size_t number = 0;

	for (size_t i = 0; (family = check_family_at(i)) != NULL; i++)
		for (size_t j = 0; j < family->count; j++, number++)
			if (family->checks[j].scope == SCOPE_CERTIFICATE &&
			    !it->params->off[number] &&
			    is_before_rule_of(it, &family->checks[j]))
				return true;
	return false;
}

/* The last days before a deadline that it would miss: a rule's, a promise's, a
 * distrust's. */
static bool
is_before_deadline(const struct judged *it)
{
	const struct check_operator *signer = it->signer;

	for (size_t i = 0; i < signer->distrust_count; i++)
		if (signer->distrust[i].mode == DISTRUST_NB &&
		    is_soon(it, signer->distrust[i].date))
			return true;
	for (size_t i = 0; i < signer->commitment_count; i++)
		if (signer->commitments[i].kind == COMMITMENT_EMBEDDED_SCT &&
		    !it->precert && !it->sct_list_present &&
		    is_soon(it, signer->commitments[i].from))
			return true;
	return is_before_rule(it);
}

static int
compare_counts(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Twice the median of the same weekday, so many weeks before and after. */
static int64_t
twice_usual(struct trial *trial, const struct tally_place *day)
{
	size_t weeks = (size_t)LIMIT_OF(DAY_LIMITS, DAY_WEEKS);
	int64_t counts[2 * WEEKS_MAX] = {0};
	struct tally_place other = *day;

	for (size_t week = 1; week <= weeks; week++) {
		int64_t days = (int64_t)(7 * week);

		other.bucket = day->bucket - days;
		counts[2 * week - 2] = tally_number(trial, &other, BIN_COUNT);
		other.bucket = day->bucket + days;
		counts[2 * week - 1] = tally_number(trial, &other, BIN_COUNT);
	}
	qsort(counts, 2 * weeks, sizeof(*counts), compare_counts);
	return counts[weeks - 1] + counts[weeks];
}

/* count >= usual + n sqrt(usual), in whole numbers. */
static bool
is_spike(int64_t count, int64_t twice)
{
	int64_t above = 2 * count - twice, n = LIMIT_OF(DAY_LIMITS, DAY_DEVIATIONS);

	return above >= 0 && above * above >= 2 * n * n * twice;
}

static void
fail_cluster(struct trial *trial, struct tally *bin, const struct tally_place *place,
    const char *class, int64_t twice)
{
	char text[256], day[TIME_TEXT_LEN];
	struct finding *finding;

	time_format(place->bucket * DAY_S * 1000, day);
	snprintf(text, sizeof(text),
	    "one of %lld or more certificates of %.60s dated %.10s (%s day), where %lld "
	    "are usual",
	    (long long)bin->numbers[BIN_COUNT], trial->it->signer->name, day,
	    trial->rule->arg != 0 ? "local" : "UTC", (long long)(twice / 2));
	finding = tally_fail(trial, bin, text);
	evidence_text(trial, finding, "class", class);
	evidence_int(trial, finding, "count", bin->numbers[BIN_COUNT]);
	evidence_int(
	    trial, finding, "late_or_before_deadline", bin->numbers[BIN_SUSPECT]);
	evidence_int(trial, finding, "usual", twice / 2);
	evidence_clocks(trial, finding);
}

static void
count_in_bin(struct trial *trial, const char *class, struct bytes which, bool suspect)
{
	const struct judged *it = trial->it;
	bool local = trial->rule->arg != 0;
	struct tally_place place = {
	    .check = CLUSTER, .bucket = day_of_time(it, it->cert->not_before, local)};
	struct tally bin;
	int64_t twice;

	tally_key(it, trial->rule->name, which, place.key);
	tally_read(trial, &place, &bin);
	bin.numbers[BIN_COUNT]++;
	bin.numbers[BIN_SUSPECT] += suspect;
	tally_join(&bin, it);
	if (bin.numbers[BIN_COUNT] >= it->params->cluster_min &&
	    100 * bin.numbers[BIN_SUSPECT] >=
		rule_limit(trial, DAY_SUSPECT) * bin.numbers[BIN_COUNT]) {
		twice = twice_usual(trial, &place);
		if (is_spike(bin.numbers[BIN_COUNT], twice))
			fail_cluster(trial, &bin, &place, class, twice);
	}
	tally_write(trial, &place, &bin);
}

/* arg: by the operator's own midnight. */
static void
run_cluster_day(struct trial *trial)
{
	const struct judged *it = trial->it;
	bool suspect;

	if (!it->row_is_new || (trial->rule->arg != 0 && it->signer->tz_minutes == 0))
		return;
	suspect = is_late(it) || is_before_deadline(it);
	count_in_bin(trial, "all", bytes_of(NULL, 0), suspect);
	count_in_bin(trial, "algorithm", it->cert->tbs_algorithm.whole, suspect);
	count_in_bin(trial, "profile", bytes_of(profile_key(it), PROFILE_KEY), suspect);
}

/* --- notbefore-cluster: one second -------------------------------------------------- */

enum { SECOND_COUNT, SECOND_FIRST, SECOND_LAST, SECOND_SUBJECTS };
enum { HABIT_COUNT, HABIT_MIDNIGHT };

static bool
is_midnight(const struct judged *it)
{
	int64_t local = it->cert->not_before + (int64_t)it->signer->tz_minutes * 60;

	return it->cert->not_before % DAY_S == 0 || local % DAY_S == 0;
}

/* One that always cuts its dates to midnight shows nothing by it. */
static bool
is_habit(struct trial *trial)
{
	struct tally_place place = {.check = CLUSTER};
	struct tally habit;
	bool midnight = is_midnight(trial->it);

	tally_key(trial->it, "habit", bytes_of(NULL, 0), place.key);
	tally_read(trial, &place, &habit);
	habit.numbers[HABIT_COUNT]++;
	habit.numbers[HABIT_MIDNIGHT] += midnight;
	tally_write(trial, &place, &habit);
	return midnight &&
	    rule_limit(trial, SECOND_HABIT) * habit.numbers[HABIT_MIDNIGHT] >=
	    habit.numbers[HABIT_COUNT];
}

static int64_t
hash_of(struct bytes bytes)
{
	struct sha256 hash;

	sha256_of(bytes, &hash);
	return (int64_t)be64(hash.octets);
}

static void
fail_second(struct trial *trial, struct tally *second)
{
	char text[256], at[TIME_TEXT_LEN];
	struct finding *finding;

	time_format(trial->it->cert->not_before * 1000, at);
	snprintf(text, sizeof(text),
	    "one of %lld or more certificates of %.60s dated %s to the second, logged "
	    "over %s",
	    (long long)second->numbers[SECOND_COUNT], trial->it->signer->name, at,
	    trial_span(trial,
		(second->numbers[SECOND_LAST] - second->numbers[SECOND_FIRST]) / 1000));
	finding = tally_fail(trial, second, text);
	evidence_int(trial, finding, "count", second->numbers[SECOND_COUNT]);
	evidence_time(trial, finding, "first_logged", second->numbers[SECOND_FIRST]);
	evidence_time(trial, finding, "last_logged", second->numbers[SECOND_LAST]);
	evidence_clocks(trial, finding);
}

static void
run_cluster_second(struct trial *trial)
{
	const struct judged *it = trial->it;
	struct tally_place place = {.check = CLUSTER, .bucket = it->cert->not_before};
	struct tally second;
	size_t subjects;

	if (!it->row_is_new || it->hi_ms == CLOCK_UNKNOWN)
		return;
	if (is_habit(trial)) {
		trial_not_applicable(trial);
		return;
	}
	tally_key(it, trial->rule->name, bytes_of(NULL, 0), place.key);
	tally_read(trial, &place, &second);
	if (second.numbers[SECOND_COUNT]++ == 0)
		second.numbers[SECOND_FIRST] = second.numbers[SECOND_LAST] = it->hi_ms;
	if (it->hi_ms < second.numbers[SECOND_FIRST])
		second.numbers[SECOND_FIRST] = it->hi_ms;
	if (it->hi_ms > second.numbers[SECOND_LAST])
		second.numbers[SECOND_LAST] = it->hi_ms;
	subjects = tally_note(&second, SECOND_SUBJECTS, hash_of(it->cert->subject));
	tally_join(&second, it);
	if (subjects >= (size_t)rule_limit(trial, SECOND_LEAST) &&
	    second.numbers[SECOND_LAST] - second.numbers[SECOND_FIRST] >
		rule_limit(trial, SECOND_APART) * 1000)
		fail_second(trial, &second);
	tally_write(trial, &place, &second);
}

#define WIKI "Mozilla, WoSign issue S: 62 of 64 dated 2015-12-20"

static const struct subrule NOTBEFORE_CLUSTER[] = {
    RULE("utc-day", LEVEL_WARNING, WIKI, is_watched, run_cluster_day,
	.limits = DAY_LIMITS, .flags = RULE_NOT_COUNTED),
    RULE("local-day", LEVEL_WARNING, WIKI, is_watched, run_cluster_day,
	.limits = DAY_LIMITS, .flags = RULE_NOT_COUNTED, .arg = 1),
    RULE("second", LEVEL_WARNING, WIKI, is_watched, run_cluster_second,
	LIMITS({"subjects", 5}, {"seconds", DAY_S}, {"midnights: one in", 5}),
	.flags = RULE_NOT_COUNTED),
};

static const struct check CHECKS[] = {
    MEMORY_CHECK(CLUSTER,
	"Far more certificates of an operator are dated to one day or second than usual.",
	NOTBEFORE_CLUSTER),
};

const struct check_family CHECK_BACKDATING_BINS = {
    "backdating", CHECKS, ARRAY_LEN(CHECKS)};
