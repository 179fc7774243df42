#include "check/settings.h"

#include <stddef.h>

#include "base/text.h"
#include "check_priv.h"

#define HASH_SHOWN 8

/* --- which checks look at what ------------------------------------------------------ */

#define FIELD(name)                                                                      \
	offsetof(struct check_params, name), sizeof(((struct check_params *)0)->name)

static const struct {
	size_t at, size;
	const char *checks; /* with blanks around each */
} NUMBERS[] = {
    {FIELD(skew_s), " sct-invalid "},
    {FIELD(grace_s),
	" backdated-vs-sct backdated-over-deadline stale-precert "
	"backdated-vs-log ca-backdated forward-dated "},
    {FIELD(backdate_note_s), " backdated-vs-sct "},
    {FIELD(forward_note_s), " forward-dated "},
    {FIELD(late_s), " backdated-vs-log late-logging "},
    {FIELD(twin_dates_s), " twin-date-gap "},
    {FIELD(retry_s), " duplicate-final "},
    {FIELD(final_wait_s), " precert-without-final "},
    {FIELD(precert_wait_s), " final-without-precert "},
    {FIELD(cluster_min), " notbefore-cluster "},
    {FIELD(late_batch), " late-logging "},
    {FIELD(require_verified),
	" backdated-vs-sct backdated-over-deadline stale-precert "
	"forward-dated ca-backdated "},
    {FIELD(twin_operator_s), " unexpected-operator "},
    {FIELD(max_san), " san-count "},
    {FIELD(tenant_learn), " base-plus-tenant "},
    {FIELD(tenant_window_s), " base-plus-tenant "},
    {FIELD(serial_slack), " serial-short "},
    {FIELD(serial_population), " serial-short "},
    {FIELD(watched_an_hour), " issuance-spike "},
    {FIELD(min_orgs), " spki-reuse "},
    {FIELD(cdn_domains), " spki-reuse "},
    {FIELD(profile_min), " profile-drift "},
    {FIELD(profile_rare), " profile-drift "},
    {FIELD(profile_settled), " profile-drift "},
};

static const struct {
	size_t list, count;
	const char *checks;
} LISTS[] = {
    {offsetof(struct check_params, test_words),
	offsetof(struct check_params, test_word_count), " test-certificate "},
    {offsetof(struct check_params, test_sites),
	offsetof(struct check_params, test_site_count), " test-certificate "},
    {offsetof(struct check_params, allow_suffixes),
	offsetof(struct check_params, allow_suffix_count), " wildcard-public-suffix "},
};

/* Beside those of CA certificates: who is watched decides where they are judged. */
static const char OF_OPERATORS[] =
    " backdated-over-deadline notbefore-cluster notbefore-calendar template-notafter "
    "late-logging log-order-inversion twin-date-gap missing-embedded-sct "
    "final-without-precert issued-after-distrust idle-ca-issued new-intermediate "
    "unexpected-operator infrastructure-shared root-issued-leaf spki-reuse ec-curve-p521 "
    "test-certificate eku-client-auth ";

static bool
is_listed(const char *checks, const struct check *check)
{
	size_t len = strlen(check->id);

	for (const char *at = checks; (at = strstr(at, check->id)) != NULL; at++)
		if (at[-1] == ' ' && at[len] == ' ')
			return true;
	return false;
}

/* --- what it is set to -------------------------------------------------------------- */

static void
put_text(struct buf *out, const char *text)
{
	buf_append(out, text, strlen(text) + 1);
}

static void
put_texts(struct buf *out, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_text(out, texts[i]);
	buf_append_u8(out, 0xff);
}

static void
put_number(struct buf *out, int64_t number)
{
	buf_append_be64(out, (uint64_t)number);
}

static void
put_keys(struct buf *out, const uint8_t (*keys)[32], size_t count)
{
	put_number(out, (int64_t)count);
	if (count > 0)
		buf_append(out, keys, count * sizeof(*keys));
}

static void
put_records(struct buf *out, const struct check_operator *operator)
{
	put_number(out, (int64_t) operator->distrust_count);
	for (size_t i = 0; i < operator->distrust_count; i++) {
		put_text(out, operator->distrust[i].program);
		put_number(out, operator->distrust[i].mode);
		put_number(out, operator->distrust[i].date);
	}
	put_number(out, (int64_t) operator->program_count);
	for (size_t i = 0; i < operator->program_count; i++) {
		put_text(out, operator->programs[i].name);
		put_number(out, operator->programs[i].from);
		put_number(out, operator->programs[i].until);
	}
	put_number(out, (int64_t) operator->commitment_count);
	for (size_t i = 0; i < operator->commitment_count; i++) {
		put_number(out, operator->commitments[i].kind);
		put_number(out, operator->commitments[i].from);
		put_number(out, operator->commitments[i].until);
	}
}

static void
put_operator(struct buf *out, const struct check_operator *operator)
{
	put_text(out, operator->name);
	put_number(out, operator->state);
	put_number(out, operator->tz_minutes);
	put_number(out, operator->idle_since);
	put_keys(out, operator->keys, operator->key_count);
	put_keys(out, operator->announced, operator->announced_count);
	for (size_t i = 0; i < operator->name_count; i++)
		buf_append_bytes(out, operator->names[i]);
	put_texts(out, operator->hosts, operator->host_count);
	put_texts(out, operator->policies, operator->policy_count);
	put_texts(out, operator->organisations, operator->organisation_count);
	put_texts(out, operator->partners, operator->partner_count);
	put_texts(out, operator->outside, operator->outside_count);
	put_records(out, operator);
}

static void
put_holidays(struct buf *out, const struct check_operator *operator)
{
	put_text(out, operator->name);
	put_number(out, (int64_t) operator->holiday_count);
	for (size_t i = 0; i < operator->holiday_count; i++)
		put_number(out, operator->holidays[i]);
}

static void
put_settings(
    struct buf *out, const struct check *check, const struct check_params *params)
{
	const char *base = (const char *)params;

	for (size_t i = 0; i < ARRAY_LEN(NUMBERS); i++)
		if (is_listed(NUMBERS[i].checks, check))
			buf_append(out, base + NUMBERS[i].at, NUMBERS[i].size);
	for (size_t i = 0; i < ARRAY_LEN(LISTS); i++)
		if (is_listed(LISTS[i].checks, check))
			put_texts(out,
			    *(const char *const *const *)(base + LISTS[i].list),
			    *(const size_t *)(base + LISTS[i].count));
	if (check->scope == SCOPE_CA || check->of_cas || is_listed(OF_OPERATORS, check))
		for (size_t i = 0; i < params->operator_count; i++)
			put_operator(out, &params->operators[i]);
	if ((check->data & DATA(HOLIDAYS)) != 0)
		for (size_t i = 0; i < params->operator_count; i++)
			put_holidays(out, &params->operators[i]);
}

/* Of its sub-rules: some have dates, some are off by themselves. */
static void
put_rules(struct buf *out, const struct check *check, const struct check_params *params,
    enum date_mode dates)
{
	bool dated = false, off = false;

	for (size_t i = 0; i < check->subrule_count; i++) {
		const struct subrule *rule = &check->subrules[i];

		dated = dated || rule->from != 0 || rule->until != 0;
		off = off || (rule->flags & RULE_OFF) != 0;
	}
	if (dated)
		put_number(out, dates);
	if (off)
		put_number(out, params->with_off_rules);
}

void
check_settings_version(const struct check *check, const struct check_params *params,
    enum date_mode dates, struct buf *out)
{
	char hex[2 * HASH_SHOWN + 1];
	struct sha256 hash;
	struct buf all;

	buf_init(&all, 64 << 20);
	put_settings(&all, check, params);
	put_rules(&all, check, params, dates);
	if (all.len > 0) {
		sha256_of(buf_bytes(&all), &hash);
		hex_format(hash.octets, HASH_SHOWN, hex);
		buf_append_format(out, " set=%s", hex);
	}
	buf_free(&all);
}
