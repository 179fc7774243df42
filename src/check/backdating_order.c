/* B6: dates against the order of a log, against a twin's, and against what the
 * issuer's others show. And B7: what is logged late, one by one or by the
 * hundred. */
#include "tally.h"

#include "base/cursor.h"
#include "twins.h"

#define ORDER  "log-order-inversion"
#define VS_LOG "backdated-vs-log"
#define LATE   "late-logging"

/* --- log-order-inversion --------------------------------------------------------------
 */

/* Dated so much before the newest is out of order; so many entries are a run, where so
 * many were in order before; so far lie neighbours apart. */
enum { ORDER_SLACK, ORDER_RUN, ORDER_BEFORE, ORDER_APART };

enum {
	ORDER_COUNT,
	ORDER_INDEX,
	ORDER_NEWEST,
	ORDER_IN_ORDER,
	ORDER_LAST_MS,
	ORDER_FIRST, /* index of the run's first */
	ORDER_TOLD   /* its members up to here were spoken of */
};

static void
fail_order(struct trial *trial, struct tally *tally, const struct judged_sighting *at)
{
	const struct judged *it = trial->it;
	struct finding *finding = trial_fail(trial, it->cert->before.whole,
	    "one of a row of entries that lie days before what their log showed until "
	    "then");

	evidence_int(trial, finding, "first_index", tally->numbers[ORDER_FIRST]);
	evidence_int(trial, finding, "last_index", (int64_t)at->index);
	evidence_time(
	    trial, finding, "newest_not_before", tally->numbers[ORDER_NEWEST] * 1000);
	for (size_t i = 0; i < tally->count && tally->numbers[ORDER_TOLD] == 0; i++)
		if (memcmp(tally->members[i].key, it->key, 32) != 0)
			trial_fail_row(trial, tally->members[i].key,
			    tally->members[i].row,
			    "one of a row of entries that lie days before what their log "
			    "showed until then");
	tally->numbers[ORDER_TOLD] = 1;
}

/* Out of order: part of a run, which needs neighbours in time. */
static void
take_inverted(struct trial *trial, struct tally *tally, const struct judged_sighting *at)
{
	int64_t apart = at->timestamp_ms - tally->numbers[ORDER_LAST_MS];
	int64_t most = rule_limit(trial, ORDER_APART) * 1000;

	if (apart > most || apart < -most)
		tally->count = 0;
	if (tally->count == 0) {
		tally->numbers[ORDER_FIRST] = (int64_t)at->index;
		tally->numbers[ORDER_TOLD] = 0;
	}
	tally_join(tally, trial->it);
	if (tally->count >= (size_t)rule_limit(trial, ORDER_RUN) &&
	    tally->numbers[ORDER_IN_ORDER] >= rule_limit(trial, ORDER_BEFORE))
		fail_order(trial, tally, at);
}

static void
take_ordered(struct tally *tally, int64_t nb, int64_t latest)
{
	if (tally->count > 0) /* the run is over: a hundred more before the next */
		tally->numbers[ORDER_IN_ORDER] = 0;
	tally->count = 0;
	tally->numbers[ORDER_IN_ORDER]++;
	/* A date to come would make all that follow look old. */
	if (nb > tally->numbers[ORDER_NEWEST] && nb <= latest)
		tally->numbers[ORDER_NEWEST] = nb;
}

/* Entries of the operator in one log, by index; what is read out of order (an
 * older range) shows nothing. */
static void
run_order(struct trial *trial)
{
	const struct judged *it = trial->it;
	const struct judged_sighting *at = it->sightings;
	struct tally_place place = {.check = ORDER};
	int64_t nb = it->cert->not_before, slack_s = rule_limit(trial, ORDER_SLACK);
	struct tally tally;

	if (!it->form_is_new || it->sighting_count == 0)
		return;
	tally_key(it, "log", bytes_of(at->log_id, 32), place.key);
	tally_read(trial, &place, &tally);
	if (tally.numbers[ORDER_COUNT] > 0 &&
	    (int64_t)at->index <= tally.numbers[ORDER_INDEX])
		return;
	if (tally.numbers[ORDER_COUNT]++ == 0)
		tally.numbers[ORDER_NEWEST] = INT64_MIN / 2;
	if (nb < tally.numbers[ORDER_NEWEST] - slack_s)
		take_inverted(trial, &tally, at);
	else
		take_ordered(&tally, nb, seconds_of(at->timestamp_ms) + slack_s);
	tally.numbers[ORDER_INDEX] = (int64_t)at->index;
	tally.numbers[ORDER_LAST_MS] = at->timestamp_ms;
	tally_write(trial, &place, &tally);
}

static const struct subrule LOG_ORDER_INVERSION[] = {
    RULE("run", LEVEL_WARNING, "Mozilla, WoSign issue S: a log's order of entries",
	is_watched, run_order,
	LIMITS({"seconds before the newest", 48 * HOUR_S}, {"entries", 5},
	    {"entries in order before", 100}, {"seconds between neighbours", DAY_S}),
	.flags = RULE_NOT_COUNTED),
};

/* --- twin-date-gap
 * ---------------------------------------------------------------------- */

static bool
may_have_twin(const struct judged *it)
{
	return is_watched(it) && it->facts->name_count > 0;
}

static int64_t
distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* The one that is dated earlier is told of. */
static void
fail_twin(struct trial *trial, const struct twin *self, const struct twin *other)
{
	bool older = self->not_before < other->not_before;
	long long days =
	    (long long)(distance(self->not_before, other->not_before) / DAY_S);
	long long apart = (long long)(distance(self->at_ms, other->at_ms) / 1000);
	static const char *const TEXT =
	    "dated %lld days before another for the same names, logged %lld s apart";
	struct finding *finding = older
	    ? trial_fail(trial, trial->it->cert->before.whole, TEXT, days, apart)
	    : trial_fail_row(trial, other->key, other->row, TEXT, days, apart);

	evidence_hex(
	    trial, finding, "twin", bytes_of(older ? other->key : self->key, 32));
	evidence_time(trial, finding, "not_before_of_twin",
	    (older ? other : self)->not_before * 1000);
	evidence_int(trial, finding, "not_before_gap_s",
	    distance(self->not_before, other->not_before));
	evidence_int(
	    trial, finding, "logged_gap_ms", distance(self->at_ms, other->at_ms));
}

static void
run_twins(struct trial *trial)
{
	const struct judged *it = trial->it;
	struct twin self, others[TWINS_MAX];
	size_t count = twins_of(trial, it->params->twin_dates_s, &self, others);

	for (size_t i = 0; i < count; i++) {
		const struct twin *other = &others[i];

		if (memcmp(other->profile, self.profile, PROFILE_KEY) == 0 &&
		    other->spki == self.spki)
			continue;
		if (distance(self.not_before, other->not_before) > rule_limit(trial, 0))
			fail_twin(trial, &self, other);
	}
}

static const struct subrule TWIN_DATE_GAP[] = {
    RULE("twin", LEVEL_WARNING, "Mozilla, WoSign issue S: 17 seconds apart",
	may_have_twin, run_twins, LIMITS({"seconds", 48 * HOUR_S}),
	.flags = RULE_NOT_COUNTED),
};

/* --- late-logging
 * ------------------------------------------------------------------------ */

enum { BATCH_COUNT, BATCH_LATE, BATCH_LEAST, BATCH_MOST };

/* From when it could have been logged. */
static int64_t
age_ms(const struct judged *it)
{
	int64_t nb_ms = it->cert->not_before * 1000;

	return it->hi_ms -
	    (it->lo_ms != CLOCK_UNKNOWN && it->lo_ms > nb_ms ? it->lo_ms : nb_ms);
}

static void
batch_place(const struct judged *it, struct tally_place *out)
{
	struct bytes log = it->sighting_count > 0 ? bytes_of(it->sightings[0].log_id, 32)
						  : bytes_of(NULL, 0);

	*out =
	    (struct tally_place){.check = LATE, .bucket = seconds_of(it->hi_ms) / HOUR_S};
	tally_key(it, "batch", log, out->key);
}

static bool
is_batch(const struct judged *it, const struct tally *tally)
{
	return tally->numbers[BATCH_COUNT] >= it->params->late_batch &&
	    2 * tally->numbers[BATCH_LATE] > tally->numbers[BATCH_COUNT];
}

static bool
has_log_clock(const struct judged *it)
{
	return it->hi_ms != CLOCK_UNKNOWN && it->signature == SIGNATURE_VERIFIED &&
	    it->issuer_key_hash != NULL;
}

static void
run_late(struct trial *trial)
{
	int64_t age = age_ms(trial->it);
	struct finding *finding;

	if (age <= rule_limit(trial, 0) * 1000)
		return;
	trial->force.basis = BASIS_LOG;
	finding = trial_fail(trial, bytes_of(NULL, 0),
	    "logged %s after it could have been", trial_span(trial, age / 1000));
	evidence_int(trial, finding, "age_s", age / 1000);
	evidence_time(trial, finding, "hi", trial->it->hi_ms);
}

/* What a batch explains accuses nobody of backdating. */
static void
absolve(struct trial *trial, const struct tally *tally)
{
	struct trial other = *trial;

	other.check = check_find(VS_LOG, NULL);
	for (size_t i = 0; i < tally->count; i++)
		for (size_t j = 0; j < other.check->subrule_count; j++) {
			other.rule = &other.check->subrules[j];
			trial_close(&other, SUBJECT_CERTIFICATE,
			    bytes_of(tally->members[i].key, 32),
			    "logged late in a batch");
		}
}

static void
fail_batch(
    struct trial *trial, const struct tally *tally, const struct tally_place *place)
{
	struct finding *finding = trial_fail(trial, bytes_of(NULL, 0),
	    "with it, %lld of one operator were logged within an hour, most of them more "
	    "than a week old",
	    (long long)tally->numbers[BATCH_COUNT]);

	evidence_hex(trial, finding, "batch", bytes_of(place->key, TALLY_KEY));
	evidence_time(trial, finding, "hour", place->bucket * HOUR_S * 1000);
	evidence_int(trial, finding, "count", tally->numbers[BATCH_COUNT]);
	evidence_int(trial, finding, "least_age_s", tally->numbers[BATCH_LEAST] / 1000);
	evidence_int(trial, finding, "most_age_s", tally->numbers[BATCH_MOST] / 1000);
}

/* Told once, by the certificate that makes it a batch. */
static void
run_batch(struct trial *trial)
{
	const struct judged *it = trial->it;
	int64_t age = age_ms(it);
	struct tally_place place;
	struct tally tally;
	bool was;

	if (!it->form_is_new)
		return;
	batch_place(it, &place);
	tally_read(trial, &place, &tally);
	was = is_batch(it, &tally);
	if (tally.numbers[BATCH_COUNT]++ == 0)
		tally.numbers[BATCH_LEAST] = tally.numbers[BATCH_MOST] = age;
	tally.numbers[BATCH_LATE] += age > rule_limit(trial, 0) * 1000;
	if (age < tally.numbers[BATCH_LEAST])
		tally.numbers[BATCH_LEAST] = age;
	if (age > tally.numbers[BATCH_MOST])
		tally.numbers[BATCH_MOST] = age;
	tally_join(&tally, it);
	if (is_batch(it, &tally)) {
		absolve(trial, &tally);
		tally.count = 0;
		if (!was)
			fail_batch(trial, &tally, &place);
	}
	tally_write(trial, &place, &tally);
}

#define LATE_SOURCE "Chrome root program 1.3.4.2: finals within 24 hours"

static const struct subrule LATE_LOGGING[] = {
    RULE("single", LEVEL_NOTICE, LATE_SOURCE, has_log_clock, run_late,
	LIMITS({"seconds", DAY_S}), .flags = RULE_NOT_COUNTED),
    RULE("batch", LEVEL_NOTICE, LATE_SOURCE, has_log_clock, run_batch,
	LIMITS({"seconds", 7 * DAY_S}), .flags = RULE_NOT_COUNTED),
};

/* --- backdated-vs-log
 * -------------------------------------------------------------------- */

enum { PROMPT_COUNT, PROMPT_FAST };
enum { MEDIAN_DELAY, MEDIAN_DAYS, MEDIAN_LEAST };

static bool
is_precert(const struct judged *it)
{
	return has_log_clock(it) && it->precert;
}

static bool
is_bare_final(const struct judged *it)
{
	return has_log_clock(it) && !it->precert && !it->sct_list_present;
}

static int64_t
delay_ms(const struct judged *it)
{
	return it->hi_ms - it->cert->not_before * 1000;
}

static void
fail_vs_log(struct trial *trial, const struct tally *issuer)
{
	const struct judged *it = trial->it;
	int64_t delay = delay_ms(it);
	struct tally_place place;
	struct finding *finding;
	struct tally batch;

	if (delay <= it->params->late_s * 1000)
		return;
	batch_place(it, &place);
	tally_read(trial, &place, &batch);
	if (is_batch(it, &batch))
		return;
	trial->force.basis = BASIS_LOG;
	finding = trial_fail(trial, it->cert->before.whole,
	    "notBefore lies %s before a log first showed it",
	    trial_span(trial, delay / 1000));
	evidence_int(trial, finding, "delta_s", delay / 1000);
	evidence_time(trial, finding, "hi", it->hi_ms);
	evidence_int(trial, finding, "logs", (int64_t)it->sighting_count);
	if (issuer != NULL) {
		evidence_int(
		    trial, finding, "issuer_within_hour", issuer->numbers[PROMPT_FAST]);
		evidence_int(trial, finding, "issuer_of", issuer->numbers[PROMPT_COUNT]);
	}
}

static void
run_precert_vs_log(struct trial *trial)
{
	fail_vs_log(trial, NULL);
}

static bool
add_day(void *owner, int64_t day, struct bytes value)
{
	struct tally *sum = owner;
	struct cursor at = cursor_of(value);
	uint64_t count, fast;

	(void)day;
	if (cursor_be64(&at, &count) && cursor_be64(&at, &fast)) {
		sum->numbers[PROMPT_COUNT] += (int64_t)count;
		sum->numbers[PROMPT_FAST] += (int64_t)fast;
	}
	return true;
}

/* The median of a month before and after is below an hour where more than half
 * are. Without that, the log's clock says nothing of a final certificate: others
 * may have found it on the web. */
static void
run_final_vs_log(struct trial *trial)
{
	const struct check_history *history = trial->history;
	const struct judged *it = trial->it;
	struct tally_place place = {
	    .check = VS_LOG, .bucket = day_of_time(it, seconds_of(it->hi_ms), false)};
	struct tally sum = {0}, day;

	tally_key(it, "prompt", bytes_of(NULL, 0), place.key);
	history->each_state(history->owner, VS_LOG, bytes_of(place.key, TALLY_KEY),
	    place.bucket - rule_limit(trial, MEDIAN_DAYS),
	    place.bucket + rule_limit(trial, MEDIAN_DAYS), add_day, &sum);
	if (it->row_is_new) {
		tally_read(trial, &place, &day);
		day.numbers[PROMPT_COUNT]++;
		day.numbers[PROMPT_FAST] +=
		    delay_ms(it) < rule_limit(trial, MEDIAN_DELAY) * 1000;
		tally_write(trial, &place, &day);
	}
	if (sum.numbers[PROMPT_COUNT] < rule_limit(trial, MEDIAN_LEAST) ||
	    2 * sum.numbers[PROMPT_FAST] <= sum.numbers[PROMPT_COUNT])
		trial_not_applicable(trial);
	else
		fail_vs_log(trial, &sum);
}

#define VS_LOG_SOURCE "Mozilla Problematic Practices: Backdating"

static const struct subrule BACKDATED_VS_LOG[] = {
    RULE("precert", LEVEL_WARNING, VS_LOG_SOURCE, is_precert, run_precert_vs_log,
	.flags = RULE_NOT_COUNTED),
    RULE("final", LEVEL_WARNING, VS_LOG_SOURCE, is_bare_final, run_final_vs_log,
	LIMITS({"seconds", HOUR_S}, {"days", 30}, {"certificates", 10}),
	.flags = RULE_NOT_COUNTED),
};

static const struct check CHECKS[] = {
    MEMORY_CHECK(VS_LOG, "Dated days before a log first showed it.", BACKDATED_VS_LOG),
    MEMORY_CHECK(ORDER, "Dated days before what the same log showed before it.",
	LOG_ORDER_INVERSION),
    MEMORY_CHECK("twin-date-gap",
	"Two certificates for the same names, made together and dated apart.",
	TWIN_DATE_GAP),
};
static const struct check LATE_CHECKS[] = {
    MEMORY_CHECK(LATE, "Logged a day or more after it could have been.", LATE_LOGGING),
};

const struct check_family CHECK_BACKDATING_ORDER = {
    "backdating", CHECKS, ARRAY_LEN(CHECKS)};
const struct check_family CHECK_TRANSPARENCY_LATE = {
    "transparency", LATE_CHECKS, ARRAY_LEN(LATE_CHECKS)};
