/* B8: whom a certificate concerns. */
#include "hierarchy.h"

/* --- watched-name, unexpected-issuer
 * ------------------------------------------------------ */

static bool
is_of_watched_domain(const struct judged *it)
{
	return it->watch_count > 0;
}

typedef bool asks_fn(struct trial *, const struct judged_watch *);

/* Whoever the issuer is: nobody expects them. */
static bool
wants_lookalikes(struct trial *trial, const struct judged_watch *watch)
{
	(void)trial;
	return watch->lookalike;
}

/* Reports every watch that `asks` picks in one finding. */
static void
report_watches(struct trial *trial, asks_fn *asks, const char *format_one)
{
	const struct judged *it = trial->it;
	struct finding *finding = NULL;
	struct buf issuer;

	buf_init(&issuer, 1 << 16);
	for (size_t i = 0; i < it->watch_count; i++) {
		const struct judged_watch *watch = &it->watches[i];

		if (watch->suppressed || watch->lookalike != (asks == wants_lookalikes) ||
		    !asks(trial, watch))
			continue;
		if (finding == NULL) {
			name_append_text(&issuer, it->cert->issuer);
			finding =
			    trial_fail(trial, bytes_of(NULL, 0), "%s %s%s by %.200s",
				format_one, watch->possible ? "possibly " : "",
				trial_show(trial, watch->domain, 253), buf_text(&issuer));
			evidence_list(trial, finding, "watches");
		}
		evidence_object(trial, finding, NULL);
		evidence_bytes(trial, finding, "domain", watch->domain);
		evidence_bytes(trial, finding, "name", watch->matched);
		evidence_text(trial, finding, "how", watch->how);
		evidence_bool(trial, finding, "possible", watch->possible);
		evidence_hex(trial, finding, "watch", bytes_of(watch->watch_id, 16));
		evidence_end(trial, finding);
	}
	if (finding != NULL)
		evidence_end(trial, finding);
	buf_free(&issuer);
}

static bool
wants_all(struct trial *trial, const struct judged_watch *watch)
{
	(void)trial;
	return !watch->has_allowed;
}

static bool
wants_others(struct trial *trial, const struct judged_watch *watch)
{
	(void)trial;
	return watch->has_allowed && !watch->allowed;
}

static bool
wants_other_profiles(struct trial *trial, const struct judged_watch *watch)
{
	return watch->profiles != 0 &&
	    (trial->it->facts->policies & watch->profiles) == 0;
}

static void
run_lookalike(struct trial *trial)
{
	report_watches(trial, wants_lookalikes, "a certificate for what looks like");
}

static void
run_watched_name(struct trial *trial)
{
	report_watches(trial, wants_all, "a certificate for");
}

static void
run_unexpected_issuer(struct trial *trial)
{
	report_watches(trial, wants_others, "an unexpected issuer for");
}

static void
run_unexpected_profile(struct trial *trial)
{
	report_watches(
	    trial, wants_other_profiles, "an unexpected kind of certificate for");
}

/* --- quota: counts of a watch, a bucket a day -----------------------------------------
 */

struct quota_sum {
	uint64_t count;
};

static bool
add_day(void *owner, int64_t day, struct bytes value)
{
	struct quota_sum *sum = owner;

	(void)day;
	if (value.len == sizeof(uint64_t))
		sum->count += be64(value.data);
	return true;
}

/* More than the quota in the days that end with the one of this certificate. */
static bool
exceeds_quota(struct trial *trial, const struct judged_watch *watch)
{
	const struct check_history *history = trial->history;
	struct bytes id = bytes_of(watch->watch_id, sizeof(watch->watch_id));
	int64_t day = seconds_of(trial->it->hi_ms) / DAY_S;
	struct quota_sum sum = {0};

	if (watch->quota == 0 || trial->it->hi_ms == CLOCK_UNKNOWN)
		return false;
	if (trial->it->row_is_new)
		state_count_one(trial, id, day);
	history->each_state(history->owner, trial->check->id, id,
	    day - rule_limit(trial, 0) + 1, day, add_day, &sum);
	return sum.count > watch->quota;
}

static void
run_quota(struct trial *trial)
{
	report_watches(trial, exceeds_quota, "more certificates than expected for");
}

static const struct subrule WATCHED_NAME[] = {
    RULE("new", LEVEL_NOTICE, "the owner's watch", NULL, run_watched_name,
	.flags = RULE_NOT_COUNTED),
    RULE("lookalike", LEVEL_WARNING, "the owner's watch; UTS 39", NULL, run_lookalike,
	.flags = RULE_NOT_COUNTED),
};

static const struct subrule UNEXPECTED_ISSUER[] = {
    RULE("issuer", LEVEL_WARNING, "the owner's list of issuers", NULL,
	run_unexpected_issuer, .flags = RULE_NOT_COUNTED),
    RULE("profile", LEVEL_WARNING, "the owner's list of profiles", judged_is_subscriber,
	run_unexpected_profile, .flags = RULE_NOT_COUNTED),
    RULE("quota", LEVEL_WARNING, "the owner's quota", judged_is_subscriber, run_quota,
	LIMITS({"days", 30}), .flags = RULE_NOT_COUNTED | RULE_PAIR),
};

static const struct check CHECKS[] = {
    {
	.id = "unexpected-issuer",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "A watched domain's certificate comes from an issuer its owner does not "
		"expect.",
	.history = HISTORY_STATE,
	.applies = is_of_watched_domain,
	.subrules = UNEXPECTED_ISSUER,
	.subrule_count = ARRAY_LEN(UNEXPECTED_ISSUER),
    },
    {
	.id = "watched-name",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "A new certificate for a watched domain.",
	.applies = is_of_watched_domain,
	.subrules = WATCHED_NAME,
	.subrule_count = ARRAY_LEN(WATCHED_NAME),
    },
};

const struct check_family CHECK_HIERARCHY_WATCH = {
    "hierarchy", CHECKS, ARRAY_LEN(CHECKS)};
