/* B7: embedded SCTs: how many, of whom, and what is wrong with them. */
#include "check_priv.h"

#include "wire/sct.h"

#define LOGS_MAX 64

static bool
is_final(const struct judged *it)
{
	return !it->precert;
}

/* --- sct-policy-count ------------------------------------------------------------- */

static bool
wants_scts(const struct judged *it)
{
	return is_final(it) && judged_is_subscriber(it) && !it->sct_list_broken;
}

/* Logs that promised, each once; all_known: each is one of a list's. */
struct sct_logs {
	const struct judged_sct *first[LOGS_MAX];
	size_t count, operators;
	bool all_known, google, other;
};

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
count_operator(struct sct_logs *logs, const struct judged_sct *sct)
{
	bool met = false, google;

	if (sct->log_operator == NULL || *sct->log_operator == '\0') {
		logs->all_known = false;
		return;
	}
	google = strcmp(sct->log_operator, "Google") == 0;
	logs->google |= google;
	logs->other |= !google;
	for (size_t i = 0; i < logs->count; i++)
		met |= same_text(logs->first[i]->log_operator, sct->log_operator);
	logs->operators += !met;
}

/* A bad SCT promises nothing. */
static void
count_logs(const struct judged *it, struct sct_logs *logs)
{
	*logs = (struct sct_logs){.all_known = true};
	for (size_t i = 0; i < it->sct_count && logs->count < LOGS_MAX; i++) {
		const struct judged_sct *sct = &it->scts[i];
		bool met = sct->result == JUDGED_SCT_BAD;

		for (size_t j = 0; j < logs->count; j++)
			met |= memcmp(logs->first[j]->log_id, sct->log_id, 32) == 0;
		if (met)
			continue;
		count_operator(logs, sct);
		logs->first[logs->count++] = sct;
	}
}

static void
add_logs(struct trial *trial, struct finding *finding, const struct sct_logs *logs)
{
	evidence_list(trial, finding, "logs");
	for (size_t i = 0; i < logs->count; i++) {
		const struct judged_sct *sct = logs->first[i];

		evidence_object(trial, finding, NULL);
		evidence_hex(trial, finding, "log", bytes_of(sct->log_id, 32));
		if (sct->log_name != NULL)
			evidence_text(trial, finding, "log_name", sct->log_name);
		if (sct->log_operator != NULL)
			evidence_text(trial, finding, "operator", sct->log_operator);
		evidence_bool(trial, finding, "retired", sct->log_retired_ms != 0);
		evidence_end(trial, finding);
	}
	evidence_end(trial, finding);
}

static void
want_logs(struct trial *trial, size_t least, size_t wanted)
{
	struct sct_logs logs;
	struct finding *finding;

	count_logs(trial->it, &logs);
	if (logs.count >= wanted || logs.count < least)
		return;
	finding = trial_fail(trial, bytes_of(NULL, 0),
	    "SCTs of %zu logs, where browsers want %zu", logs.count, wanted);
	evidence_int(trial, finding, "wanted", (int64_t)wanted);
	add_logs(trial, finding, &logs);
}

/* Years and months of a day since 1970 (as in "days_from_civil", backwards). */
static void
civil_of(int64_t day, int64_t *months, int64_t *day_of_month)
{
	int64_t z = day + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

	*day_of_month = doy - (153 * mp + 2) / 5 + 1;
	*months = (yoe + era * 400) * 12 + mp + 2; /* since year 0, January is 0 */
}

static int64_t
floor_day(int64_t unix_s)
{
	return unix_s / DAY_S - (unix_s % DAY_S < 0);
}

/* Whole calendar months that it lives; *more: and something beyond. */
static int64_t
months_of(const struct judged *it, bool *more)
{
	int64_t from = it->cert->not_before, to = it->cert->not_after;
	int64_t m0, d0, m1, d1, left;

	civil_of(floor_day(from), &m0, &d0);
	civil_of(floor_day(to), &m1, &d1);
	left = (d1 - d0) * DAY_S + (to - floor_day(to) * DAY_S) -
	    (from - floor_day(from) * DAY_S);
	*more = left > 0;
	return m1 - m0 - (left < 0);
}

/* Fifteen months and more; over 27, over 39. */
static void
run_months(struct trial *trial)
{
	bool more;
	int64_t months = months_of(trial->it, &more), wanted = rule_limit(trial, 0);

	wanted += months >= rule_limit(trial, 1);
	for (size_t i = 2; i < 4; i++)
		wanted += months > rule_limit(trial, i) ||
		    (months == rule_limit(trial, i) && more);
	want_logs(trial, 0, (size_t)wanted);
}

static void
run_two(struct trial *trial)
{
	want_logs(trial, 0, (size_t)rule_limit(trial, 0));
}

static void
run_three(struct trial *trial)
{
	if (lifetime_s(trial->it) > rule_limit(trial, 0) * DAY_S)
		want_logs(trial, (size_t)rule_limit(trial, 1) - 1,
		    (size_t)rule_limit(trial, 1));
}

static void
run_operators(struct trial *trial)
{
	struct sct_logs logs;

	count_logs(trial->it, &logs);
	if (logs.count == 0 || logs.count < (size_t)rule_limit(trial, 0) ||
	    !logs.all_known)
		trial_not_applicable(trial);
	else if (logs.operators < (size_t)rule_limit(trial, 0))
		add_logs(trial,
		    trial_fail(trial, bytes_of(NULL, 0),
			"all its SCTs are of one operator, %s",
			trial_show(trial, bytes_text(logs.first[0]->log_operator), 60)),
		    &logs);
}

static void
run_google(struct trial *trial)
{
	struct sct_logs logs;

	count_logs(trial->it, &logs);
	if (logs.count == 0 || !logs.all_known)
		trial_not_applicable(trial);
	else if (!logs.google || !logs.other)
		add_logs(trial,
		    trial_fail(trial, bytes_of(NULL, 0), "no SCT of a log %s Google",
			logs.google ? "other than of" : "of"),
		    &logs);
}

#define POLICY_NEW  "Chrome CT policy of 2022-03-17; Apple 103214"
#define POLICY_OLD  "Chrome CT policy until April 2022; Apple 103214"
#define POLICY_FLAG RULE_NB | RULE_WINDOW | RULE_NOT_COUNTED

static const struct subrule SCT_POLICY_COUNT[] = {
    RULE("two", LEVEL_NOTICE, POLICY_NEW, wants_scts, run_two, LIMITS({"logs", 2}),
	.from = DATE(2022, 4, 15), .flags = POLICY_FLAG,
	.equivalents = "zlint:w_ct_sct_policy_count_unsatisfied"),
    RULE("three", LEVEL_NOTICE, POLICY_NEW, wants_scts, run_three,
	LIMITS({"days", 180}, {"logs beyond", 3}), .from = DATE(2022, 4, 15),
	.flags = POLICY_FLAG),
    RULE("operators", LEVEL_NOTICE, POLICY_NEW, wants_scts, run_operators,
	LIMITS({"operators", 2}), .from = DATE(2022, 4, 15), .flags = POLICY_FLAG),
    RULE("months", LEVEL_NOTICE, POLICY_OLD, wants_scts, run_months,
	LIMITS({"logs", 2}, {"one more from months", 15}, {"one more over months", 27},
	    {"one more over months", 39}),
	.from = DATE(2018, 10, 15), .until = DATE(2022, 4, 15), .flags = POLICY_FLAG,
	.equivalents = "zlint:w_ct_sct_policy_count_unsatisfied"),
    RULE("google", LEVEL_NOTICE, POLICY_OLD, wants_scts, run_google,
	.from = DATE(2018, 10, 15), .until = DATE(2022, 4, 15), .flags = POLICY_FLAG),
};

/* --- sct-invalid -------------------------------------------------------------------- */

static bool
has_list(const struct judged *it)
{
	return is_final(it) && it->sct_list_present;
}

static struct bytes
list_field(const struct judged *it)
{
	return it->facts->sct_at != NULL ? it->facts->sct_at->whole : bytes_of(NULL, 0);
}

static bool
is_v1(const struct judged_sct *sct)
{
	return sct->raw.len > 0 && sct->raw.data[0] == 0;
}

static bool
can_be_read(const struct judged_sct *sct)
{
	struct sct parsed;

	return !is_v1(sct) || sct_parse(sct->raw, &parsed, NULL);
}

static bool
has_readable_list(const struct judged *it)
{
	return has_list(it) && !it->sct_list_broken;
}

static void
run_sct_encoding(struct trial *trial)
{
	const struct judged *it = trial->it;
	bool broken = it->sct_list_broken;

	for (size_t i = 0; i < it->sct_count; i++)
		broken |= !can_be_read(&it->scts[i]);
	if (broken)
		trial_fail(trial, list_field(it), "its SCT list cannot be decoded");
}

static void
run_sct_empty(struct trial *trial)
{
	if (trial->it->sct_count == 0)
		trial_fail(trial, list_field(trial->it), "its SCT list is empty");
}

/* One SCT breaks the rule: which, and of what log. */
static void
fail_sct(struct trial *trial, size_t index, const char *what)
{
	const struct judged_sct *sct = &trial->it->scts[index];
	struct finding *finding = trial_fail(trial, sct->raw, "SCT %zu%s%s: %s", index,
	    sct->log_name != NULL ? " of " : "",
	    sct->log_name != NULL ? sct->log_name : "", what);

	evidence_int(trial, finding, "index", (int64_t)index);
	evidence_text(trial, finding, "reason", what);
	evidence_hex(trial, finding, "log", bytes_of(sct->log_id, 32));
	if (sct->timestamp_ms != 0)
		evidence_time(trial, finding, "timestamp", sct->timestamp_ms);
}

static bool
is_of_version(const struct trial *trial, const struct judged_sct *sct)
{
	(void)trial;
	return is_v1(sct);
}

static bool
is_signed(const struct trial *trial, const struct judged_sct *sct)
{
	(void)trial;
	return sct->result != JUDGED_SCT_BAD || !is_v1(sct) || !can_be_read(sct);
}

static bool
is_known(const struct trial *trial, const struct judged_sct *sct)
{
	(void)trial;
	return sct->result != JUDGED_SCT_UNKNOWN_LOG;
}

static bool
is_past(const struct trial *trial, const struct judged_sct *sct)
{
	return sct->timestamp_ms <= trial->it->now_ms + trial->it->params->skew_s * 1000;
}

static bool
is_of_live_log(const struct trial *trial, const struct judged_sct *sct)
{
	(void)trial;
	return sct->log_retired_ms == 0 || sct->timestamp_ms <= sct->log_retired_ms;
}

static void
each_sct(struct trial *trial,
    bool (*holds)(const struct trial *, const struct judged_sct *), const char *what)
{
	for (size_t i = 0; i < trial->it->sct_count; i++)
		if (!holds(trial, &trial->it->scts[i]))
			fail_sct(trial, i, what);
}

static void
run_sct_version(struct trial *trial)
{
	each_sct(trial, is_of_version, "not of version 1");
}

static void
run_sct_signature(struct trial *trial)
{
	each_sct(trial, is_signed,
	    "the log's key did not sign it, or not for this certificate");
}

static void
run_sct_log(struct trial *trial)
{
	each_sct(trial, is_known, "of a log that no list names");
}

static void
run_sct_future(struct trial *trial)
{
	each_sct(trial, is_past, "of a time to come");
}

static void
run_sct_retired(struct trial *trial)
{
	each_sct(trial, is_of_live_log, "of a time when the log was retired");
}

#define SCT_SOURCE "RFC 6962 3.3; BR 7.1.2.11.3"

static const struct subrule SCT_INVALID[] = {
    RULE("encoding", LEVEL_ERROR, SCT_SOURCE, has_list, run_sct_encoding,
	.equivalents = "pkilint:pkix.sct_list_extension_invalid_encoding"),
    RULE("empty", LEVEL_ERROR, SCT_SOURCE, has_readable_list, run_sct_empty,
	.equivalents = "zlint:e_empty_sct_list; pkilint:pkix.sct_list_empty"),
    RULE("version", LEVEL_ERROR, SCT_SOURCE, has_readable_list, run_sct_version),
    RULE("signature", LEVEL_ERROR, SCT_SOURCE, has_readable_list, run_sct_signature),
    RULE("unknown-log", LEVEL_NOTICE, SCT_SOURCE, has_readable_list, run_sct_log,
	.flags = RULE_NOT_COUNTED),
    RULE("future", LEVEL_ERROR, SCT_SOURCE, has_readable_list, run_sct_future),
    RULE("retired-log", LEVEL_ERROR, SCT_SOURCE, has_readable_list, run_sct_retired),
};

static const struct check CHECKS[] = {
    CHECK("sct-policy-count", SCOPE_CERTIFICATE,
	"Fewer SCTs, or of fewer logs and operators, than browsers want.",
	SCT_POLICY_COUNT),
    CHECK("sct-invalid", SCOPE_CERTIFICATE,
	"SCTs in it that cannot be read or prove nothing.", SCT_INVALID),
};

const struct check_family CHECK_TRANSPARENCY_SCT = {
    "transparency", CHECKS, ARRAY_LEN(CHECKS)};
