/*
 * B2: a certificate made by another template than its issuer uses.
 *
 * Of each issuer and day of signing (an SCT's day, else the log's) a row says how many
 * certificates there were, and how many of each profile. Of each profile another row
 * has its elements as text, and counts its certificates until they are enough for it to
 * be settled: most certificates cost these two rows.
 *
 * A profile is new when none was read before, whatever its day: what is read later,
 * though older, meets it as known. The 30 days are those before the certificate's own
 * day, so an older range that is read later is measured by itself. Where a watch
 * begins in the middle, nothing is said of an issuer before enough of its certificates
 * were read. Whatever an issuer invents, only so many profiles are learned in 30 days;
 * certificates of others count, and are not told.
 */
#include "profile.h"

#include <stdlib.h>

#include "base/cursor.h"

#define LEARNED_MAX ((size_t)256) /* profiles of an issuer, in 30 days and of a day */
#define ISSUER_KEY  32
#define SHOWN_MAX   ((size_t)400) /* octets of an element as text */

static const struct rule_limit WINDOW[] = {{"days", 30}, {0}};

static int64_t
window_days(void)
{
	return LIMIT_OF(WINDOW, 0);
}

/* --- a day -------------------------------------------------------------------------- */

struct share {
	uint8_t profile[PROFILE_KEY];
	uint64_t count;
};

struct drift_day {
	uint64_t total;
	struct share shares[LEARNED_MAX];
	size_t count;
};

static struct bytes
issuer_of(const struct trial *trial)
{
	return bytes_of(trial->it->issuer_key_hash, ISSUER_KEY);
}

/* By when it was signed, as far as is known. */
static int64_t
day_of(const struct judged *it)
{
	int64_t ms = it->lo_ms != CLOCK_UNKNOWN ? it->lo_ms : it->hi_ms;
	int64_t seconds = seconds_of(ms);

	return seconds / DAY_S - (seconds % DAY_S < 0);
}

static void
read_day(struct trial *trial, int64_t number, struct drift_day *out)
{
	const struct check_history *history = trial->history;
	struct cursor at = cursor_of(
	    history->state(history->owner, PROFILE_CHECK, issuer_of(trial), number));
	struct bytes profile;

	out->count = 0;
	if (!cursor_be64(&at, &out->total))
		out->total = 0;
	while (out->count < LEARNED_MAX && cursor_take(&at, PROFILE_KEY, &profile) &&
	    cursor_be64(&at, &out->shares[out->count].count))
		memcpy(out->shares[out->count++].profile, profile.data, PROFILE_KEY);
}

static void
write_day(struct trial *trial, int64_t number, const struct drift_day *day)
{
	const struct check_history *history = trial->history;
	struct buf value;

	buf_init(&value, sizeof(*day));
	buf_append_be64(&value, day->total);
	for (size_t i = 0; i < day->count; i++) {
		buf_append(&value, day->shares[i].profile, PROFILE_KEY);
		buf_append_be64(&value, day->shares[i].count);
	}
	history->set_state(
	    history->owner, PROFILE_CHECK, issuer_of(trial), number, buf_bytes(&value));
	buf_free(&value);
}

static struct share *
share_of(struct drift_day *day, const uint8_t profile[PROFILE_KEY])
{
	for (size_t i = 0; i < day->count; i++)
		if (memcmp(day->shares[i].profile, profile, PROFILE_KEY) == 0)
			return &day->shares[i];
	if (day->count == LEARNED_MAX)
		return NULL;
	day->shares[day->count] = (struct share){.count = 0};
	memcpy(day->shares[day->count].profile, profile, PROFILE_KEY);
	return &day->shares[day->count++];
}

/* Counts the certificate; of a profile that was not learned, in the sum alone. */
static void
count_in_day(struct trial *trial, bool learned)
{
	struct drift_day *day = arena_alloc(trial->out->arena, sizeof(*day));
	int64_t number = day_of(trial->it);
	struct share *share = NULL;

	read_day(trial, number, day);
	day->total++;
	if (learned)
		share = share_of(day, profile_key(trial->it));
	if (share != NULL)
		share->count++;
	write_day(trial, number, day);
}

/* --- a profile ------------------------------------------------------------------------
 */

struct profile_place {
	uint8_t octets[ISSUER_KEY + PROFILE_KEY];
};

static struct bytes
place_of(const struct trial *trial, const uint8_t profile[PROFILE_KEY],
    struct profile_place *out)
{
	memcpy(out->octets, trial->it->issuer_key_hash, ISSUER_KEY);
	memcpy(out->octets + ISSUER_KEY, profile, PROFILE_KEY);
	return bytes_of(out->octets, sizeof(out->octets));
}

/* Its certificates, counted until it is settled; *elements: what they look like. */
static uint64_t
recall(struct trial *trial, const uint8_t profile[PROFILE_KEY], struct bytes *elements)
{
	const struct check_history *history = trial->history;
	struct profile_place place;
	struct cursor at = cursor_of(history->state(
	    history->owner, PROFILE_CHECK, place_of(trial, profile, &place), 0));
	uint64_t count;

	if (!cursor_be64(&at, &count))
		return 0;
	*elements = cursor_rest(&at);
	return count;
}

static void
note(struct trial *trial, uint64_t count, struct bytes elements)
{
	const struct check_history *history = trial->history;
	struct profile_place place;
	struct buf value;

	buf_init(&value, 1 << 16);
	buf_append_be64(&value, count);
	buf_append_bytes(&value, elements);
	history->set_state(history->owner, PROFILE_CHECK,
	    place_of(trial, profile_key(trial->it), &place), 0, buf_bytes(&value));
	buf_free(&value);
}

/* Each element: the beginning of its hash, and of its text. */
static void
describe(const struct judged *it, struct buf *out)
{
	struct sha256 hash;
	struct buf text;

	buf_init(&text, (size_t)1 << 20);
	for (size_t i = 0; i < PROFILE_ELEMENTS; i++) {
		size_t len;

		buf_clear(&text);
		profile_append(it, (enum profile_element)i, &text);
		sha256_of(buf_bytes(&text), &hash);
		len = text.len < SHOWN_MAX ? text.len : SHOWN_MAX;
		buf_append(out, hash.octets, PROFILE_KEY);
		buf_append_be16(out, (uint16_t)len);
		buf_append(out, buf_bytes(&text).data, len);
	}
	buf_free(&text);
}

/* One more that is new; false where its issuer has invented enough. */
static bool
may_learn(struct trial *trial)
{
	const struct check_history *history = trial->history;
	int64_t period = day_of(trial->it) / window_days();
	uint8_t key[ISSUER_KEY + 1];
	struct bytes place = bytes_of(key, sizeof(key));
	struct cursor at;
	struct buf value;
	uint64_t count;

	memcpy(key, trial->it->issuer_key_hash, ISSUER_KEY);
	key[ISSUER_KEY] = 'n';
	at = cursor_of(history->state(history->owner, PROFILE_CHECK, place, period));
	if (!cursor_be64(&at, &count))
		count = 0;
	if (count >= LEARNED_MAX)
		return false;
	buf_init(&value, sizeof(count));
	buf_append_be64(&value, count + 1);
	history->set_state(
	    history->owner, PROFILE_CHECK, place, period, buf_bytes(&value));
	buf_free(&value);
	return true;
}

/* Learned now, or one more of a profile that is not settled yet. */
static bool
learn(struct trial *trial, uint64_t before, struct bytes elements)
{
	struct buf fresh;

	if (before == 0 && !may_learn(trial))
		return false;
	buf_init(&fresh, 1 << 16);
	if (before == 0)
		describe(trial->it, &fresh);
	else
		buf_append_bytes(&fresh, elements);
	note(trial, before + 1, buf_bytes(&fresh));
	buf_free(&fresh);
	return true;
}

/* One of 256 random numbers begins with an octet of zeros and is an octet shorter: no
 * template is to blame. */
static bool
is_shorter_by_chance(struct trial *trial)
{
	uint8_t longer[PROFILE_KEY];
	struct bytes elements;

	profile_longer_key(trial->it, 1, longer);
	return recall(trial, longer, &elements) > 0;
}

/* --- what is usual --------------------------------------------------------------------
 */

/* The sums of the days until the certificate's own. */
static void
look_back(struct trial *trial, struct profile_past *past)
{
	struct drift_day *day = arena_alloc(trial->out->arena, sizeof(*day));
	int64_t last = day_of(trial->it);

	for (int64_t number = last - window_days() + 1; number <= last; number++) {
		struct share *share;

		read_day(trial, number, day);
		past->total += day->total;
		share = share_of(day, profile_key(trial->it));
		past->alike += share != NULL ? share->count : 0;
	}
}

static int
compare_shares(const void *a, const void *b)
{
	return memcmp(((const struct share *)a)->profile,
	    ((const struct share *)b)->profile, PROFILE_KEY);
}

/* All that the days have; several of one profile. */
static struct share *
collect(struct trial *trial, size_t *count)
{
	struct arena *arena = trial->out->arena;
	struct drift_day *day = arena_alloc(arena, sizeof(*day));
	size_t most = LEARNED_MAX * (size_t)window_days();
	struct share *shares = arena_alloc(arena, most * sizeof(*shares));
	int64_t last = day_of(trial->it);

	*count = 0;
	for (int64_t number = last - window_days() + 1; number <= last; number++) {
		read_day(trial, number, day);
		memcpy(&shares[*count], day->shares, day->count * sizeof(*shares));
		*count += day->count;
	}
	return shares;
}

/* The profile that most of the certificates have. */
static struct share
modal(struct trial *trial)
{
	struct share best = {.count = 0}, run = {.count = 0};
	size_t count;
	struct share *shares = collect(trial, &count);

	qsort(shares, count, sizeof(*shares), compare_shares);
	for (size_t i = 0; i < count; i++) {
		uint64_t before = run.count;

		run = shares[i];
		if (i > 0 && compare_shares(&shares[i - 1], &shares[i]) == 0)
			run.count += before;
		if (run.count > best.count)
			best = run;
	}
	return best;
}

/* --- profile-drift --------------------------------------------------------------------
 */

static bool
is_issued(const struct judged *it)
{
	return is_signed_subscriber(it) && it->issuer_key_hash != NULL;
}

/* What is counted is the certificate at hand too; to have had enough, it is not. */
static enum drift
judge(const struct trial *trial, const struct profile_past *past, uint64_t before)
{
	const struct check_params *params = trial->it->params;

	if (past->total <= (uint64_t)params->profile_min)
		return DRIFT_NONE;
	if (before == 0)
		return DRIFT_NEW;
	return past->alike * (uint64_t)params->profile_rare < past->total ? DRIFT_RARE
									  : DRIFT_NONE;
}

static void
count_and_judge(struct trial *trial, struct profile_past *past)
{
	struct bytes elements = bytes_of(NULL, 0);
	uint64_t before = recall(trial, profile_key(trial->it), &elements);
	bool settled = before >= (uint64_t)trial->it->params->profile_settled;
	bool learned = settled || learn(trial, before, elements);

	count_in_day(trial, learned);
	if (settled || !learned || is_shorter_by_chance(trial))
		return;
	look_back(trial, past);
	past->drift = judge(trial, past, before);
}

enum drift
profile_drift(struct trial *trial)
{
	struct profile_past *past = &trial->it->facts->past;

	if (!past->known && trial->history != NULL && trial->it->row_is_new &&
	    is_issued(trial->it) &&
	    (trial->it->lo_ms != CLOCK_UNKNOWN || trial->it->hi_ms != CLOCK_UNKNOWN))
		count_and_judge(trial, past);
	past->known = true;
	return (enum drift)past->drift;
}

static bool
take_element(struct cursor *at, struct bytes *hash, struct bytes *text)
{
	return cursor_take(at, PROFILE_KEY, hash) && cursor_vector16(at, text);
}

struct difference {
	const char *element;
	struct bytes self, usual; /* as text; the arena's */
};

/* The elements that differ from the usual profile's. */
static size_t
find_differences(
    struct trial *trial, struct bytes usual, struct difference out[PROFILE_ELEMENTS])
{
	struct arena *arena = trial->out->arena;
	struct cursor theirs = cursor_of(arena_copy(arena, usual)), ours;
	struct bytes hash, usual_hash;
	struct buf self;
	size_t count = 0;

	buf_init(&self, 1 << 16);
	describe(trial->it, &self);
	ours = cursor_of(arena_copy(arena, buf_bytes(&self)));
	buf_free(&self);
	for (size_t i = 0; i < PROFILE_ELEMENTS; i++) {
		struct difference *each = &out[count];

		each->element = profile_element_name((enum profile_element)i);
		if (!take_element(&ours, &hash, &each->self) ||
		    !take_element(&theirs, &usual_hash, &each->usual))
			break;
		count += !bytes_equal(hash, usual_hash);
	}
	return count;
}

/* "policies, key usage"; the arena's. */
static const char *
elements_of(struct trial *trial, const struct difference *differences, size_t count)
{
	struct bytes copy;
	struct buf text;

	buf_init(&text, 1 << 10);
	for (size_t i = 0; i < count; i++)
		buf_append_format(
		    &text, "%s%s", i > 0 ? ", " : "", differences[i].element);
	copy = arena_copy(trial->out->arena, bytes_text(buf_text(&text)));
	buf_free(&text);
	return count > 0 ? (const char *)copy.data : "nothing that is remembered";
}

static void
add_differences(struct trial *trial, struct finding *finding,
    const struct difference *differences, size_t count)
{
	evidence_list(trial, finding, "differs");
	for (size_t i = 0; i < count; i++) {
		evidence_object(trial, finding, NULL);
		evidence_text(trial, finding, "element", differences[i].element);
		evidence_bytes(trial, finding, "this", differences[i].self);
		evidence_bytes(trial, finding, "usual", differences[i].usual);
		evidence_end(trial, finding);
	}
	evidence_end(trial, finding);
}

static void
fail_drift(struct trial *trial, const struct profile_past *past)
{
	struct difference differences[PROFILE_ELEMENTS];
	struct share best = modal(trial);
	struct bytes usual = bytes_of(NULL, 0);
	struct finding *finding;
	size_t count;

	if (memcmp(best.profile, profile_key(trial->it), PROFILE_KEY) != 0)
		recall(trial, best.profile, &usual);
	count = find_differences(trial, usual, differences);
	finding = trial_fail(trial, bytes_of(NULL, 0),
	    "%s among its issuer's %llu certificates of %lld days: it differs from the "
	    "usual profile in %s",
	    past->drift == DRIFT_NEW ? "a profile that is new" : "a rare profile",
	    (unsigned long long)past->total, (long long)window_days(),
	    elements_of(trial, differences, count));
	evidence_hex(
	    trial, finding, "profile", bytes_of(profile_key(trial->it), PROFILE_KEY));
	evidence_int(trial, finding, "certificates", (int64_t)past->total);
	evidence_int(trial, finding, "of_this_profile", (int64_t)past->alike);
	evidence_int(trial, finding, "of_the_usual", (int64_t)best.count);
	add_differences(trial, finding, differences, count);
}

/* arg: an enum drift. */
static void
run_drift(struct trial *trial)
{
	if (profile_drift(trial) == (enum drift)trial->rule->arg)
		fail_drift(trial, &trial->it->facts->past);
}

#define TEMPLATES "Mozilla, WoSign: Incident 2, question 3, templates"

static const struct subrule PROFILE_DRIFT[] = {
    RULE("new", LEVEL_NOTICE, TEMPLATES, is_issued, run_drift, .flags = RULE_NOT_COUNTED,
	.limits = WINDOW, .arg = DRIFT_NEW),
    RULE("rare", LEVEL_NOTICE, TEMPLATES, is_issued, run_drift, .flags = RULE_NOT_COUNTED,
	.limits = WINDOW, .arg = DRIFT_RARE),
};

static const struct check CHECKS[] = {
    CHECK(PROFILE_CHECK, SCOPE_ISSUER, "Made by another template than its issuer uses.",
	PROFILE_DRIFT, .history = HISTORY_STATE),
};

const struct check_family CHECK_USAGE_DRIFT = {"usage", CHECKS, ARRAY_LEN(CHECKS)};
