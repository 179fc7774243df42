/* B10: what is counted, per issuer and day. */
#include "check_priv.h"

#include <stdio.h>

static const struct subrule ISSUANCE_VOLUME[] = {
    {
	.name = "volume",
	.source = "what rates are measured against",
	.level = LEVEL_NOTICE,
	.flags = RULE_NOT_COUNTED,
    },
};

/* What runs over periods has no rule that runs over a certificate: period.c. */
#define OVER_PERIODS(name_, level_, source_, ...)                                        \
	{                                                                                \
		.name = name_, .source = source_, .level = level_,                       \
		.flags = RULE_NOT_COUNTED, __VA_ARGS__                                   \
	}

static const struct subrule ERROR_RATE[] = {
    OVER_PERIODS("rate", LEVEL_NOTICE, "what a CA's quality is measured by"),
    OVER_PERIODS("serious", LEVEL_NOTICE, "errors of names and dates"),
    OVER_PERIODS("serious-confirmed", LEVEL_NOTICE,
	"what a CA validated wrongly, and what cases confirmed", .needs = "case"),
};

static const struct subrule REGRESSION[] = {
    OVER_PERIODS("rise", LEVEL_WARNING, "the claim that errors become fewer",
	LIMITS({"days", 7}, {"days before", 28}, {"standard errors", 3}, {"errors", 5})),
    OVER_PERIODS("first", LEVEL_WARNING, "the claim that there are none any more",
	LIMITS({"days", 30})),
};

/* The one that is too many in its hour is told, and none after it: there may be
 * thousands. */
static void
run_watched_spike(struct trial *trial)
{
	const struct judged *it = trial->it;
	int64_t hour = seconds_of(it->hi_ms) / HOUR_S, most = it->params->watched_an_hour;
	struct finding *finding;

	if (!it->row_is_new || it->hi_ms == CLOCK_UNKNOWN)
		return;
	for (size_t i = 0; i < it->watch_count; i++) {
		const struct judged_watch *watch = &it->watches[i];
		struct bytes id = bytes_of(watch->watch_id, sizeof(watch->watch_id));

		if (watch->suppressed || watch->lookalike ||
		    state_count_one(trial, id, hour) != (uint64_t)most + 1)
			continue;
		finding = trial_fail(trial, bytes_of(NULL, 0),
		    "more than %lld certificates for %s within an hour", (long long)most,
		    trial_show(trial, watch->domain, 253));
		evidence_bytes(trial, finding, "domain", watch->domain);
		evidence_time(trial, finding, "hour", hour * HOUR_S * 1000);
		evidence_int(trial, finding, "count", most + 1);
		evidence_hex(trial, finding, "watch", id);
	}
}

static bool
is_of_watched_domain(const struct judged *it)
{
	return judged_is_subscriber(it) && it->watch_count > 0;
}

static const struct subrule SPIKE[] = {
    OVER_PERIODS("hour", LEVEL_WARNING, "growth was given as the cause of errors",
	LIMITS({"weeks", 8}, {"times", 3}, {"deviations", 6}, {"hours", 2})),
    OVER_PERIODS("drop", LEVEL_WARNING, "an issuer that stops, or that is not seen",
	LIMITS({"weeks", 8}, {"hours", 24}, {"an hour", 50})),
    RULE("watched-domain", LEVEL_WARNING, "growth was given as the cause of errors",
	is_of_watched_domain, run_watched_spike, .flags = RULE_NOT_COUNTED | RULE_PAIR),
};

static const struct subrule CLAIM[] = {
    OVER_PERIODS("count", LEVEL_WARNING, "a number that the operator published",
	LIMITS({"square roots", 3})),
};

static const struct subrule COMMITMENT[] = {
    OVER_PERIODS("embedded-sct", LEVEL_ERROR, "MRSP 2.4; CCADB incident reporting"),
    OVER_PERIODS("no-issuance", LEVEL_ERROR, "MRSP 2.4; CCADB incident reporting"),
    OVER_PERIODS(
	"revoked", LEVEL_ERROR, "MRSP 2.4; CCADB incident reporting", .needs = "crl"),
};

static const struct subrule RECURRENCE[] = {
    OVER_PERIODS("recurrence", LEVEL_ERROR, "CCADB incident reporting 3.2"),
};

static const struct check CHECKS[] = {
    CHECK("issuance-volume", SCOPE_STATISTIC,
	"How many certificates an issuer makes: one row, one certificate.",
	ISSUANCE_VOLUME),
    CHECK("error-rate", SCOPE_STATISTIC,
	"How many of an issuer's certificates are mis-issued: ctwarden rates.",
	ERROR_RATE),
    CHECK("error-rate-regression", SCOPE_STATISTIC,
	"Errors have become more frequent, or are there again.", REGRESSION),
    CHECK("issuance-spike", SCOPE_STATISTIC,
	"An issuer makes many more certificates than it uses to, or none; or a watched "
	"domain gets many.",
	SPIKE, .history = HISTORY_STATE),
    CHECK("claim-mismatch", SCOPE_STATISTIC,
	"A number that the operator published is not what was counted.", CLAIM),
    CHECK("recurrence-after-fix", SCOPE_STATISTIC,
	"What the operator said was mended has happened again.", RECURRENCE,
	.needs = "case"),
    CHECK("commitment-broken", SCOPE_STATISTIC, "A promise of the operator is broken.",
	COMMITMENT),
};

const struct check_family CHECK_RATES = {"rates", CHECKS, ARRAY_LEN(CHECKS)};

/* --- the splits ---------------------------------------------------------------- */

static const char *
policy_name(const struct judged *it)
{
	unsigned policies = it->facts->policies;

	if (it->facts->ev)
		return "ev";
	return (policies & POLICY_OV) != 0 ? "ov"
	    : (policies & POLICY_IV) != 0  ? "iv"
	    : (policies & POLICY_DV) != 0  ? "dv"
					   : "other";
}

/* The classes that the validity rules know. */
static const char *
validity_name(const struct judged *it)
{
	static const struct {
		int days;
		const char *name;
	} CLASSES[] = {{10, "10d"}, {47, "47d"}, {100, "100d"}, {200, "200d"},
	    {398, "398d"}, {825, "825d"}};

	for (size_t i = 0; i < ARRAY_LEN(CLASSES); i++)
		if (lifetime_s(it) <= CLASSES[i].days * DAY_S)
			return CLASSES[i].name;
	return "longer";
}

static const char *
names_name(const struct judged *it)
{
	size_t count = it->facts->name_count;

	return count == 0 ? "0"
	    : count == 1  ? "1"
	    : count <= 10 ? "10"
	    : count < 100 ? "99"
			  : "100";
}

/* Only codes that exist: a stranger's bytes make no row of their own. */
static const char *
country_name(struct findings *out, const struct judged *it)
{
	const struct name_attribute *country;
	size_t at = 0;

	country = subject_next(it->facts, OID_COUNTRY, &at);
	if (country == NULL)
		return "none";
	if (!country_known(it->params, country->value, it->cert->not_before))
		return "other";
	return (const char *)arena_copy(out->arena, country->value).data;
}

/* One name for each way of counting a certificate. */
struct splits {
	const char *names[16];
	size_t count;
};

static const char *
join(struct findings *out, const char *prefix, const char *value)
{
	char text[160];
	int len = snprintf(text, sizeof(text), "%s%s", prefix, value);

	if (len < 0 || (size_t)len >= sizeof(text))
		len = sizeof(text) - 1;
	return (const char *)arena_copy(out->arena, bytes_of(text, (size_t)len)).data;
}

static const char *
key_name(struct findings *out, const struct judged *it)
{
	struct buf text;
	const char *name;

	if (!it->facts->has_spki)
		return "unreadable";
	buf_init(&text, 4096);
	spki_append_text(&text, &it->facts->spki);
	name = (const char *)arena_copy(out->arena, buf_bytes(&text)).data;
	buf_free(&text);
	return name;
}

static const char *
sigalg_name(const struct judged *it)
{
	const struct cert_algorithm *algorithm = &it->cert->tbs_algorithm;

	return algorithm->id != OID_UNKNOWN ? oid_short_name(algorithm->id) : "other";
}

static void
split(const struct judged *it, struct findings *out, struct splits *splits)
{
	const struct {
		const char *prefix, *value;
	} PARTS[] = {
	    {"issued.sigalg.", sigalg_name(it)},
	    {"issued.key.", key_name(out, it)},
	    {"issued.policy.", policy_name(it)},
	    {"issued.validity.", validity_name(it)},
	    {"issued.names.", names_name(it)},
	    {"issued.country.", country_name(out, it)},
	};

	splits->names[splits->count++] = "issued";
	for (size_t i = 0; i < ARRAY_LEN(PARTS); i++)
		splits->names[splits->count++] =
		    join(out, PARTS[i].prefix, PARTS[i].value);
}

static int32_t
day_of(int64_t unix_s)
{
	int64_t day = unix_s >= 0 ? unix_s / DAY_S : -((-unix_s + DAY_S - 1) / DAY_S);

	return day > INT32_MAX ? INT32_MAX : day < INT32_MIN ? INT32_MIN : (int32_t)day;
}

/* Both columns: by notBefore, and by when it was signed or else first seen. */
static void
count(const struct judged *it, struct findings *out, const char *name)
{
	int64_t seen = it->lo_ms != CLOCK_UNKNOWN ? it->lo_ms : it->hi_ms;

	findings_count(
	    out, it->issuer_key_hash, COUNT_NB, day_of(it->cert->not_before), name);
	if (seen != CLOCK_UNKNOWN)
		findings_count(
		    out, it->issuer_key_hash, COUNT_SEEN, day_of(seconds_of(seen)), name);
}

/* Where in the week it was signed or seen, for issuance-spike. */
static void
count_hour(const struct judged *it, struct findings *out)
{
	int64_t seen = it->lo_ms != CLOCK_UNKNOWN ? it->lo_ms : it->hi_ms;
	int64_t second = seconds_of(seen);
	char name[16];

	if (seen == CLOCK_UNKNOWN)
		return;
	snprintf(name, sizeof(name), "hour.%02d",
	    (int)((second - day_of(second) * DAY_S) / HOUR_S));
	findings_count(out, it->issuer_key_hash, COUNT_SEEN, day_of(second),
	    (const char *)arena_copy(out->arena, bytes_text(name)).data);
}

void
checks_count(const struct judged *it, struct findings *out)
{
	struct splits splits = {0};

	if (it->issuer_key_hash == NULL)
		return;
	split(it, out, &splits);
	for (size_t i = 0; i < splits.count; i++)
		count(it, out, splits.names[i]);
	count_hour(it, out);
}

static bool
is_of_family(const struct check *check, const char *const *families, size_t count)
{
	size_t number;

	if (check_find(check->id, &number) == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(check_family_of(number)->name, families[i]) == 0)
			return true;
	return false;
}

bool
check_is_misissuance(const struct check *check)
{
	static const char *const FAMILIES[] = {
	    "keys", "usage", "names", "validity", "serials"};

	return strcmp(check->id, "precert-mismatch") == 0 ||
	    strcmp(check->id, "duplicate-final") == 0 ||
	    is_of_family(check, FAMILIES, ARRAY_LEN(FAMILIES));
}

bool
check_is_serious(const struct check *check)
{
	static const char *const FAMILIES[] = {"names", "backdating"};

	return is_of_family(check, FAMILIES, ARRAY_LEN(FAMILIES));
}
