/* B10: what counts over periods say. Each finding stands while it holds, so it is
 * told once, however many hours or days that is. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "check/interval.h"
#include "check_priv.h"

#define HOUR_MS (HOUR_S * 1000)
#define DAY_MS  (DAY_S * 1000)

/* The numbers of the lines in rates.c. */
enum { RISE_LAST, RISE_BEFORE, RISE_DEVIATIONS, RISE_ERRORS };
enum { HOUR_WEEKS, HOUR_TIMES, HOUR_DEVIATIONS, HOUR_BACK };
enum { DROP_WEEKS, DROP_HOURS, DROP_LEAST };

/* One sub-rule over a period. */
static bool
begin(struct trial *trial, const struct check_params *params, struct findings *out,
    const char *check, const char *rule)
{
	size_t number;

	*trial = (struct trial){
	    .check = check_find(check, &number), .out = out, .force = {.yes = true}};
	trial->rule = check_subrule(trial->check, rule);
	return !params->off[number];
}

static int32_t
day_before(int64_t now_ms)
{
	return (int32_t)(now_ms / DAY_MS) - 1;
}

static void
settled(struct trial *trial, const char *why)
{
	trial_close(trial, trial->subject, trial->subject_key, why);
}

/* --- issuance-spike --------------------------------------------------------------- */

static int64_t
issued_in_hour(const struct judged_period *it, int64_t hour)
{
	int32_t day = (int32_t)(hour / 24);
	char name[24];

	snprintf(name, sizeof(name), "seen.hour.%02d", (int)(hour % 24));
	return it->sum(it->owner, name, day, day);
}

static int
compare_counts(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

#define WEEKS_MAX 16

/* The median of the same hour of the week, over so many weeks before. */
static double
usual(const struct judged_period *it, int64_t hour, size_t weeks)
{
	size_t lower = (weeks - 1) / 2, upper = weeks / 2;
	int64_t counts[WEEKS_MAX] = {0};

	for (size_t week = 0; week < weeks; week++)
		counts[week] = issued_in_hour(it, hour - (int64_t)(week + 1) * 7 * 24);
	qsort(counts, weeks, sizeof(counts[0]), compare_counts);
	return (double)(counts[lower] + counts[upper]) / 2;
}

/* Whether it was watched for as long as is compared with. */
static bool
has_past(const struct judged_period *it, size_t weeks)
{
	int32_t before = day_before(it->now_ms) - 7 * (int32_t)weeks;

	return it->sum(it->owner, "seen.issued", INT32_MIN, before) > 0;
}

/* To the letter one certificate is a spike where there is none as a rule: the
 * usual count is taken for one at least. */
static bool
is_spike(const struct trial *trial, int64_t count, double median)
{
	double least = median < 1 ? 1 : median;

	return (double)count >
	    least + (double)rule_limit(trial, HOUR_DEVIATIONS) * sqrt(least) &&
	    (double)count > (double)rule_limit(trial, HOUR_TIMES) * least;
}

/* The last whole hours: logs are late. */
static void
judge_spike(const struct judged_period *it, struct trial *trial)
{
	int64_t now = it->now_ms / HOUR_MS;
	size_t weeks = (size_t)rule_limit(trial, HOUR_WEEKS);
	struct finding *finding;

	if (!has_past(it, weeks))
		return;
	for (int64_t hour = now - rule_limit(trial, HOUR_BACK); hour < now; hour++) {
		int64_t count = issued_in_hour(it, hour);
		double median = usual(it, hour, weeks);

		if (!is_spike(trial, count, median))
			continue;
		finding = trial_fail(trial, bytes_of(NULL, 0),
		    "%s: %lld certificates of one issuer in an hour that has %.1f as a "
		    "rule",
		    it->operator->name, (long long)count, median);
		evidence_time(trial, finding, "hour", hour * HOUR_MS);
		evidence_int(trial, finding, "count", count);
		evidence_int(trial, finding, "median_tenths", (int64_t)(10 * median));
	}
	if (!trial->failed)
		settled(trial, "issuance is as usual");
}

static void
judge_drop(const struct judged_period *it, struct trial *trial)
{
	int64_t now = it->now_ms / HOUR_MS, hours = rule_limit(trial, DROP_HOURS);
	size_t weeks = (size_t)rule_limit(trial, DROP_WEEKS);
	double sum = 0;

	if (!has_past(it, weeks))
		return;
	for (int64_t hour = now - hours; hour < now; hour++) {
		if (issued_in_hour(it, hour) > 0) {
			settled(trial, "it issues again");
			return;
		}
	}
	for (int64_t hour = now - hours; hour < now; hour++)
		sum += usual(it, hour, weeks);
	if (sum / (double)hours <= (double)rule_limit(trial, DROP_LEAST))
		return;
	evidence_int(trial,
	    trial_fail(trial, bytes_of(NULL, 0),
		"%s: no certificate of an issuer was seen for %lld hours, which have "
		"%.0f each as a rule",
		it->operator->name, (long long)hours, sum / (double)hours),
	    "median_sum", (int64_t)sum);
}

void
checks_run_hour(const struct judged_period *it, const struct check_params *params,
    struct findings *out)
{
	struct trial trial;

	if (begin(&trial, params, out, "issuance-spike", "hour")) {
		trial.subject = SUBJECT_ISSUER;
		trial.subject_key = bytes_of(it->issuer_key, 32);
		judge_spike(it, &trial);
	}
	if (begin(&trial, params, out, "issuance-spike", "drop")) {
		trial.subject = SUBJECT_ISSUER;
		trial.subject_key = bytes_of(it->issuer_key, 32);
		judge_drop(it, &trial);
	}
}

/* --- an operator ------------------------------------------------------------------- */

/* An operator, or one of its numbers: text is what tells it from the others. */
static void
about_operator(const struct judged_period *it, const char *text, struct trial *trial)
{
	const struct bytes parts[] = {
	    bytes_of(it->operator->name, strlen(it->operator->name) + 1),
	    bytes_text(text)};
	struct sha256 hash;

	sha256_of_parts(parts, ARRAY_LEN(parts), &hash);
	trial->subject = SUBJECT_OPERATOR;
	trial->subject_key = arena_copy(trial->out->arena, sha256_bytes(&hash));
}

/* --- error-rate-regression ---------------------------------------------------------- */

struct window {
	int64_t issued, errors;
};

static struct window
window_of(const struct judged_period *it, int32_t first, int32_t last)
{
	return (struct window){it->sum(it->owner, "seen.issued", first, last),
	    it->sum(it->owner, "seen.misissued", first, last)};
}

/* What other operators' errors were meanwhile. */
static struct window
peers_of(const struct judged_period *it, int32_t first, int32_t last)
{
	return (struct window){it->peers(it->owner, "seen.issued", first, last),
	    it->peers(it->owner, "seen.misissued", first, last)};
}

static void
window_evidence(struct trial *trial, struct finding *finding, const char *key,
    const struct window *window)
{
	evidence_object(trial, finding, key);
	evidence_int(trial, finding, "issued", window->issued);
	evidence_int(trial, finding, "misissued", window->errors);
	evidence_end(trial, finding);
}

static void
judge_rise(const struct judged_period *it, struct trial *trial)
{
	int32_t day = day_before(it->now_ms);
	int32_t days = (int32_t)rule_limit(trial, RISE_LAST),
		days_before = (int32_t)rule_limit(trial, RISE_BEFORE);
	struct window last = window_of(it, day - days + 1, day);
	struct window before = window_of(it, day - days - days_before + 1, day - days),
		      peers;
	struct finding *finding;
	double z = rate_excess((uint64_t)last.errors, (uint64_t)last.issued,
	    (uint64_t)before.errors, (uint64_t)before.issued);

	if (last.errors < rule_limit(trial, RISE_ERRORS) ||
	    z <= (double)rule_limit(trial, RISE_DEVIATIONS)) {
		settled(trial, "the error rate is what it was");
		return;
	}
	finding = trial_fail(trial, bytes_of(NULL, 0),
	    "%s: %lld of %lld certificates of the last %d days are mis-issued, %lld of "
	    "%lld in the %d days before",
	    it->operator->name, (long long)last.errors, (long long)last.issued, (int)days,
	    (long long)before.errors, (long long)before.issued, (int)days_before);
	window_evidence(trial, finding, "last", &last);
	window_evidence(trial, finding, "before", &before);
	peers = peers_of(it, day - days + 1, day);
	window_evidence(trial, finding, "peers", &peers);
}

/* Without issuance in the days before, nothing says that it was clean. */
static void
judge_first(const struct judged_period *it, struct trial *trial)
{
	int32_t day = day_before(it->now_ms);
	struct window last = window_of(it, day, day);
	int32_t clean = (int32_t)rule_limit(trial, 0);
	struct window before = window_of(it, day - clean, day - 1), peers;
	struct finding *finding;

	if (last.errors <= 0 || before.errors > 0 || before.issued <= 0) {
		settled(trial, "it is not the first any more");
		return;
	}
	finding = trial_fail(trial, bytes_of(NULL, 0),
	    "%s: %lld certificates of one day are mis-issued, after %d days and %lld "
	    "certificates without",
	    it->operator->name, (long long)last.errors, (int)clean,
	    (long long)before.issued);
	window_evidence(trial, finding, "last", &last);
	window_evidence(trial, finding, "before", &before);
	peers = peers_of(it, day, day);
	window_evidence(trial, finding, "peers", &peers);
}

/* --- claim-mismatch ------------------------------------------------------------------
 */

static bool
differs(const struct trial *trial, int64_t measured, const struct check_claim *claim)
{
	double claimed = (double)claim->value, apart = fabs((double)measured - claimed);
	double share = claim->tolerance * claimed,
	       chance = (double)rule_limit(trial, 0) * sqrt(claimed);

	return apart > (share > chance ? share : chance);
}

static void
judge_claim(
    const struct judged_period *it, const struct check_claim *claim, struct trial *trial)
{
	struct finding *finding;
	char name[96];
	int64_t measured;

	snprintf(name, sizeof(name), "%s%s",
	    strncmp(claim->metric, "seen.", 5) == 0 ? "" : "nb.", claim->metric);
	measured = it->sum(it->owner, name, (int32_t)(claim->from / DAY_S),
	    (int32_t)((claim->until - 1) / DAY_S));
	about_operator(it, claim->text, trial);
	if (!differs(trial, measured, claim)) {
		settled(trial, "the count agrees with it");
		return;
	}
	finding = trial_fail(trial, bytes_of(NULL, 0),
	    "%s claims \"%s\"; %lld were counted, as far as logs were read",
	    it->operator->name, claim->text, (long long)measured);
	evidence_text(trial, finding, "claim", claim->text);
	evidence_int(trial, finding, "claimed", claim->value);
	evidence_int(trial, finding, "measured", measured);
}

/* --- commitment-broken ----------------------------------------------------------------
 */

static void
judge_commitment(const struct judged_period *it, const struct check_commitment *promise,
    const char *what, struct trial *trial)
{
	int32_t first = (int32_t)(promise->from / DAY_S);
	int32_t last =
	    promise->until != 0 ? (int32_t)((promise->until - 1) / DAY_S) : INT32_MAX;
	int64_t count = it->sum(it->owner,
	    promise->kind == COMMITMENT_NO_ISSUANCE ? "nb.issued"
						    : "nb.failed.missing-embedded-sct",
	    first, last);
	char text[64];
	struct finding *finding;

	snprintf(text, sizeof(text), "%s %lld", what, (long long)promise->from);
	about_operator(it, text, trial);
	if (count <= 0) {
		settled(trial, "nothing breaks it");
		return;
	}
	finding = trial_fail(trial, bytes_of(NULL, 0),
	    "%s promised \"%s\"; %lld certificates break that", it->operator->name, what,
	    (long long)count);
	evidence_text(trial, finding, "source", promise->source);
	evidence_time(trial, finding, "from", promise->from * 1000);
	evidence_int(trial, finding, "certificates", count);
}

static void
judge_commitments(const struct judged_period *it, const struct check_params *params,
    struct findings *out)
{
	static const char *const WHAT[] = {[COMMITMENT_EMBEDDED_SCT] = "embedded-sct",
	    [COMMITMENT_NO_ISSUANCE] = "no-issuance"};

	for (size_t i = 0; i < it->operator->commitment_count; i++) {
		const struct check_commitment *promise = &it->operator->commitments[i];
		struct trial trial;

		if (begin(&trial, params, out, "commitment-broken", WHAT[promise->kind]))
			judge_commitment(it, promise, WHAT[promise->kind], &trial);
	}
}

void
checks_run_day(const struct judged_period *it, const struct check_params *params,
    struct findings *out)
{
	struct trial trial;

	if (begin(&trial, params, out, "error-rate-regression", "rise")) {
		about_operator(it, "", &trial);
		judge_rise(it, &trial);
	}
	if (begin(&trial, params, out, "error-rate-regression", "first")) {
		about_operator(it, "", &trial);
		judge_first(it, &trial);
	}
	for (size_t i = 0; i < it->operator->claim_count; i++)
		if (it->operator->claims[i].until * 1000 <= it->now_ms &&
		    begin(&trial, params, out, "claim-mismatch", "count"))
			judge_claim(it, &it->operator->claims[i], &trial);
	judge_commitments(it, params, out);
}
