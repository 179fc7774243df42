/* B4: how long a certificate lives. */
#include "check_priv.h"

#include <stdio.h>

#include "base/text.h"

/* --- calendar months ----------------------------------------------------------- */

/* The date so many months later; the 31st of a shorter month is the first days
 * of the next, as most libraries count. */
int64_t
add_months(int64_t unix_s, int months)
{
	int64_t days = unix_s >= 0 ? unix_s / DAY_S : -((-unix_s + DAY_S - 1) / DAY_S);
	int64_t second = unix_s - days * DAY_S, year = 1970, month = 1;

	while (time_days((int)year + 1, 1, 1) <= days)
		year++;
	while (time_days((int)year, 1, 1) > days)
		year--;
	while (month < 12 && time_days((int)year, (int)month + 1, 1) <= days)
		month++;
	days -= time_days((int)year, (int)month, 1);
	month += months - 1;
	year += month / 12;
	return (time_days((int)year, (int)(month % 12) + 1, 1) + days) * DAY_S + second;
}

/* --- validity-too-long ------------------------------------------------------------ */

static bool
is_ev_subscriber(const struct judged *it)
{
	return judged_is_subscriber(it) && it->facts->ev;
}

static void
fail_lifetime(
    struct trial *trial, enum check_level level, int64_t limit_s, const char *limit)
{
	struct finding *finding = trial_fail_at(trial, level, trial->it->cert->validity,
	    "lives %lld days, at most %s allowed",
	    (long long)((lifetime_s(trial->it) + DAY_S - 1) / DAY_S), limit);

	evidence_int(trial, finding, "lifetime_s", lifetime_s(trial->it));
	evidence_int(trial, finding, "limit_s", limit_s);
	evidence_int(trial, finding, "excess_s", lifetime_s(trial->it) - limit_s);
	/* A CA that adds whole days to notBefore forgot that both ends count. */
	evidence_bool(trial, finding, "off_by_one", lifetime_s(trial->it) == limit_s + 1);
}

/* Months; the limit itself is still good. */
static void
run_months(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;
	int64_t last = add_months(cert->not_before, (int)rule_limit(trial, 0));
	char limit[32];

	snprintf(limit, sizeof(limit), "%d months", (int)rule_limit(trial, 0));
	if (last < cert->not_after)
		fail_lifetime(trial, trial->rule->level, last - cert->not_before, limit);
}

/* Until July 2016 some certificates might still live 60 months. */
static void
run_39_or_60_months(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;
	int64_t warn = add_months(cert->not_before, (int)rule_limit(trial, 0)),
		fail = add_months(cert->not_before, (int)rule_limit(trial, 1));

	if (fail < cert->not_after)
		fail_lifetime(trial, LEVEL_ERROR, fail - cert->not_before, "60 months");
	else if (warn < cert->not_after)
		fail_lifetime(trial, LEVEL_WARNING, warn - cert->not_before, "39 months");
}

/* The last second is not counted, as the ballot's authors did. */
static void
run_825_days(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;
	int64_t limit_s = rule_limit(trial, 0) * DAY_S;

	if (cert->not_before + limit_s < cert->not_after)
		fail_lifetime(trial, LEVEL_ERROR, limit_s, "825 days");
}

static void
run_825_days_inclusive(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;
	int64_t limit_s = rule_limit(trial, 0) * DAY_S;

	if (cert->not_before + limit_s == cert->not_after)
		fail_lifetime(
		    trial, LEVEL_NOTICE, limit_s, "825 days, both ends counted,");
}

/* BR 6.3.2 counts both ends: one second over is a day over. */
static void
run_days(struct trial *trial)
{
	int64_t limit_s = rule_limit(trial, 0) * DAY_S;
	char limit[32];

	snprintf(limit, sizeof(limit), "%d days", (int)rule_limit(trial, 0));
	if (lifetime_s(trial->it) > limit_s)
		fail_lifetime(trial, trial->rule->level, limit_s, limit);
}

static const struct subrule VALIDITY_TOO_LONG[] = {
    {
	.name = "60-months",
	.source = "BR 6.3.2",
	.from = DATE(2012, 7, 1),
	.until = DATE(2015, 4, 2),
	.level = LEVEL_ERROR,
	.flags = RULE_WINDOW | RULE_PAST,
	.applies = judged_is_tls_subscriber,
	.run = run_months,
	LIMITS({"months", 60}),
	.equivalents = "x509lint:ERR_LONGER_60_MONTHS",
    },
    {
	.name = "39-months-legacy",
	.source = "BR 6.3.2, with the exception until 30 June 2016",
	.from = DATE(2015, 4, 2),
	.until = DATE(2016, 7, 2),
	.level = LEVEL_WARNING,
	.flags = RULE_WINDOW | RULE_PAST,
	.applies = judged_is_tls_subscriber,
	.run = run_39_or_60_months,
	LIMITS({"months", 39}, {"months by exception", 60}),
	.equivalents = "x509lint:WARN_LONGER_39_MONTHS",
    },
    {
	.name = "39-months",
	.source = "BR 6.3.2",
	.from = DATE(2016, 7, 2),
	.until = DATE(2018, 3, 2),
	.level = LEVEL_ERROR,
	.flags = RULE_WINDOW | RULE_PAST,
	.applies = judged_is_tls_subscriber,
	.run = run_months,
	LIMITS({"months", 39}),
	.equivalents = "zlint:e_sub_cert_valid_time_longer_than_39_months",
    },
    {
	.name = "ev-27-months",
	.source = "EVG 6.3.2",
	.until = DATE(2018, 3, 2),
	.level = LEVEL_ERROR,
	.flags = RULE_WINDOW | RULE_PAST,
	.applies = is_ev_subscriber,
	.run = run_months,
	LIMITS({"months", 27}),
	.equivalents = "zlint:e_ev_valid_time_too_long; x509lint:ERR_EV_LONGER_27_MONTHS",
    },
    {
	.name = "825-days",
	.source = "BR 6.3.2 (Ballots 193, 197)",
	.from = DATE(2018, 3, 2),
	.until = DATE(2020, 9, 1),
	.level = LEVEL_ERROR,
	.flags = RULE_WINDOW | RULE_PAST,
	.applies = judged_is_tls_subscriber,
	.run = run_825_days,
	LIMITS({"days", 825}),
	.equivalents = "zlint:e_sub_cert_valid_time_longer_than_825_days",
    },
    {
	.name = "825-days-inclusive",
	.source = "BR 6.3.2 (Ballots 193, 197)",
	.from = DATE(2018, 3, 2),
	.until = DATE(2020, 9, 1),
	.level = LEVEL_NOTICE,
	.flags = RULE_WINDOW | RULE_PAST | RULE_NOT_COUNTED,
	.applies = judged_is_tls_subscriber,
	.run = run_825_days_inclusive,
	LIMITS({"days", 825}),
    },
    {
	.name = "398-days",
	.source = "BR 6.3.2 (SC31); Apple 2020",
	.from = DATE(2020, 9, 1),
	.until = DATE(2026, 3, 15),
	.level = LEVEL_ERROR,
	.flags = RULE_WINDOW | RULE_OLDEST,
	.applies = is_tls_not_ca,
	.run = run_days,
	LIMITS({"days", 398}),
	.equivalents =
	    "zlint:e_tls_server_cert_valid_time_longer_than_398_days; "
	    "zlint:w_tls_server_cert_valid_time_longer_than_397_days; "
	    "pkilint:cabf.serverauth.certificate_validity_period_exceeds_398_days",
    },
    {
	.name = "200-days",
	.source = "BR 6.3.2 (SC81)",
	.from = DATE(2026, 3, 15),
	.until = DATE(2027, 3, 15),
	.level = LEVEL_ERROR,
	.flags = RULE_WINDOW,
	.applies = is_tls_not_ca,
	.run = run_days,
	LIMITS({"days", 200}),
	.equivalents =
	    "zlint:e_server_cert_valid_time_longer_than_200_days; "
	    "zlint:w_server_cert_valid_time_longer_than_199_days; "
	    "pkilint:cabf.serverauth.certificate_validity_period_exceeds_200_days",
    },
    {
	.name = "100-days",
	.source = "BR 6.3.2 (SC81)",
	.from = DATE(2027, 3, 15),
	.until = DATE(2029, 3, 15),
	.level = LEVEL_ERROR,
	.flags = RULE_WINDOW,
	.applies = is_tls_not_ca,
	.run = run_days,
	LIMITS({"days", 100}),
	.equivalents =
	    "zlint:e_server_cert_valid_time_longer_than_100_days; "
	    "zlint:w_server_cert_valid_time_longer_than_99_days; "
	    "pkilint:cabf.serverauth.certificate_validity_period_exceeds_100_days",
    },
    {
	.name = "47-days",
	.source = "BR 6.3.2 (SC81)",
	.from = DATE(2029, 3, 15),
	.level = LEVEL_ERROR,
	.flags = RULE_WINDOW,
	.applies = is_tls_not_ca,
	.run = run_days,
	LIMITS({"days", 47}),
	.equivalents =
	    "zlint:e_server_cert_valid_time_longer_than_47_days; "
	    "zlint:w_server_cert_valid_time_longer_than_46_days; "
	    "pkilint:cabf.serverauth.certificate_validity_period_exceeds_47_days",
    },
};

/* --- validity-at-limit ---------------------------------------------------------------
 */

/* Longer than the days that SHOULD be the most, and not than those that MUST be: what is
 * beyond that is validity-too-long's. */
static void
run_at_limit(struct trial *trial)
{
	int64_t should_s = rule_limit(trial, 0) * DAY_S,
		must_s = rule_limit(trial, 1) * DAY_S;
	int64_t life_s = lifetime_s(trial->it);
	struct finding *finding;

	if (life_s <= should_s || life_s > must_s)
		return;
	finding = trial_fail(trial, trial->it->cert->validity,
	    "lives longer than the %d days that should be the most",
	    (int)rule_limit(trial, 0));
	evidence_int(trial, finding, "lifetime_s", life_s);
	evidence_int(trial, finding, "left_s", must_s - life_s);
	evidence_bool(
	    trial, finding, "off_by_one", life_s == should_s + 1 || life_s == must_s);
}

static const struct subrule VALIDITY_AT_LIMIT[] = {
    RULE("397-days", LEVEL_WARNING, "BR 6.3.2 SHOULD NOT (SC31)", is_tls_not_ca,
	run_at_limit, LIMITS({"days", 397}, {"days at most", 398}),
	.from = DATE(2020, 9, 1), .until = DATE(2026, 3, 15),
	.flags = RULE_WINDOW | RULE_OLDEST,
	.equivalents =
	    "zlint:w_tls_server_cert_valid_time_longer_than_397_days; "
	    "pkilint:cabf.serverauth.certificate_validity_period_exceeds_397_days"),
    RULE("199-days", LEVEL_WARNING, "BR 6.3.2 SHOULD NOT (SC81)", is_tls_not_ca,
	run_at_limit, LIMITS({"days", 199}, {"days at most", 200}),
	.from = DATE(2026, 3, 15), .until = DATE(2027, 3, 15), .flags = RULE_WINDOW,
	.equivalents =
	    "zlint:w_server_cert_valid_time_longer_than_199_days; "
	    "pkilint:cabf.serverauth.certificate_validity_period_exceeds_199_days"),
    RULE("99-days", LEVEL_WARNING, "BR 6.3.2 SHOULD NOT (SC81)", is_tls_not_ca,
	run_at_limit, LIMITS({"days", 99}, {"days at most", 100}),
	.from = DATE(2027, 3, 15), .until = DATE(2029, 3, 15), .flags = RULE_WINDOW,
	.equivalents =
	    "zlint:w_server_cert_valid_time_longer_than_99_days; "
	    "pkilint:cabf.serverauth.certificate_validity_period_exceeds_99_days"),
    RULE("46-days", LEVEL_WARNING, "BR 6.3.2 SHOULD NOT (SC81)", is_tls_not_ca,
	run_at_limit, LIMITS({"days", 46}, {"days at most", 47}),
	.from = DATE(2029, 3, 15), .flags = RULE_WINDOW,
	.equivalents =
	    "zlint:w_server_cert_valid_time_longer_than_46_days; "
	    "pkilint:cabf.serverauth.certificate_validity_period_exceeds_46_days"),
};

static const struct check CHECKS[] = {
    CHECK("validity-too-long", SCOPE_CERTIFICATE,
	"The certificate lives longer than its day of issue allows.", VALIDITY_TOO_LONG),
    CHECK("validity-at-limit", SCOPE_CERTIFICATE,
	"The certificate lives as long as just allowed, which it should not.",
	VALIDITY_AT_LIMIT),
};

const struct check_family CHECK_VALIDITY = {"validity", CHECKS, ARRAY_LEN(CHECKS)};
