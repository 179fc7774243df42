/*
 * What the file says to the checks: numbers, words, lists and operators.
 */
#include "base/text.h"
#include "check/data.h"
#include "check/factor.h"
#include "daemon/daemon.h"
#include "daemon/file.h"
#include "daemon/wiring_priv.h"
#include "x509/name.h"

#define DATA_MAX ((size_t)256 << 20) /* a million weak keys are 21 MB */

/* --- what operators are to them --- */

static const struct check_distrust *
distrust_of(struct loaded *loaded, const struct conf_ca *block)
{
	static const enum distrust_mode MODES[] = {[CONF_DISTRUST_NB] = DISTRUST_NB,
	    [CONF_DISTRUST_SCT] = DISTRUST_SCT,
	    [CONF_DISTRUST_LOGGED] = DISTRUST_LOGGED};
	struct check_distrust *rows =
	    arena_zero(&loaded->arena, block->distrust_count, sizeof(*rows));

	for (size_t i = 0; i < block->distrust_count; i++)
		rows[i] = (struct check_distrust){.program = block->distrust[i].program,
		    .mode = MODES[block->distrust[i].mode],
		    .date = block->distrust[i].date_s,
		    .source = "configuration"};
	return rows;
}

static const struct check_program *
programs_of(struct loaded *loaded, const struct conf_ca *block)
{
	struct check_program *rows =
	    arena_zero(&loaded->arena, block->program_count, sizeof(*rows));

	for (size_t i = 0; i < block->program_count; i++)
		rows[i] = (struct check_program){.name = block->programs[i].name,
		    .from = block->programs[i].from_s,
		    .until = block->programs[i].until_s};
	return rows;
}

static const struct check_commitment *
commitments_of(struct loaded *loaded, const struct conf_ca *block)
{
	struct check_commitment *rows =
	    arena_zero(&loaded->arena, block->commitment_count, sizeof(*rows));

	for (size_t i = 0; i < block->commitment_count; i++)
		rows[i] = (struct check_commitment){
		    .kind = block->commitments[i].kind == CONF_COMMITMENT_NO_ISSUANCE
			? COMMITMENT_NO_ISSUANCE
			: COMMITMENT_EMBEDDED_SCT,
		    .from = block->commitments[i].from_s,
		    .until = block->commitments[i].until_s,
		    .source = "configuration"};
	return rows;
}

static const struct check_claim *
claims_of(struct loaded *loaded, const struct conf_ca *block)
{
	struct check_claim *rows =
	    arena_zero(&loaded->arena, block->claim_count, sizeof(*rows));

	for (size_t i = 0; i < block->claim_count; i++)
		rows[i] = (struct check_claim){.metric = block->claims[i].metric,
		    .from = block->claims[i].from_s,
		    .until = block->claims[i].until_s,
		    .value = block->claims[i].count,
		    .tolerance = block->claims[i].tolerance_percent / 100.0,
		    .text = block->claims[i].text};
	return rows;
}

static bool
announced_of(struct loaded *loaded, const struct conf_ca *block,
    struct check_operator *out, struct err *err)
{
	struct key_list list = {.arena = &loaded->arena};

	for (size_t i = 0; i < block->announced.count; i++)
		if (!hex_parse(
			block->announced.items[i], key_list_next(&list), WATCH_KEY_LEN))
			return err_set(err, ERR_CONFIG,
				   "announced: %.80s is no SHA-256 in hex",
				   block->announced.items[i]) ||
			    conf_wrap(err, block->where);
	out->announced = (const uint8_t(*)[32])list.keys;
	out->announced_count = list.count;
	return true;
}

static bool
names_of(struct loaded *loaded, const struct conf_ca *block, struct check_operator *out,
    struct err *err)
{
	struct bytes *names =
	    arena_zero(&loaded->arena, block->subjects.count, sizeof(*names));
	struct buf key, sorted;
	bool ok = true;

	buf_init(&key, 65536);
	buf_init(&sorted, 65536);
	for (size_t i = 0; i < block->subjects.count && ok; i++) {
		buf_clear(&key);
		buf_clear(&sorted);
		ok = name_key_from_text(block->subjects.items[i], &key, err);
		name_sort_key(buf_bytes(&key), &sorted);
		names[i] = arena_copy(&loaded->arena, buf_bytes(&sorted));
	}
	buf_free(&key);
	buf_free(&sorted);
	out->names = names;
	out->name_count = block->subjects.count;
	return ok || conf_wrap(err, block->where);
}

static bool
take_list_file(struct loaded *loaded, enum check_data_kind kind, const char *option,
    const char *path, struct conf_where where, struct err *err)
{
	struct buf text;
	bool ok;

	if (path == NULL)
		return true;
	buf_init(&text, DATA_MAX);
	ok = file_load(path, &text, err);
	if (ok &&
	    !check_data_parse(
		&loaded->params, kind, buf_bytes(&text), &loaded->arena, err))
		ok = err_wrap(err, "%s", path);
	buf_free(&text);
	return ok || err_wrap(err, "%s", option) || conf_wrap(err, where);
}

/* The days of its list and of its file. */
static bool
take_holidays(struct loaded *loaded, const struct conf_ca *block,
    struct check_operator *out, struct err *err)
{
	const struct check_params *params = &loaded->params;
	int64_t *days;

	if (block->holiday_file == NULL)
		return true;
	if (!take_list_file(loaded, CHECK_DATA_HOLIDAYS, "holiday_file",
		block->holiday_file, block->where, err))
		return false;
	out->holiday_count = block->holiday_count + params->holiday_count;
	days = arena_alloc(&loaded->arena, out->holiday_count * sizeof(*days));
	memcpy(days, params->holidays, params->holiday_count * sizeof(*days));
	for (size_t i = 0; i < block->holiday_count; i++)
		days[params->holiday_count + i] = block->holidays[i];
	out->holidays = days;
	return true;
}

static bool
take_operators(struct loaded *loaded, struct err *err)
{
	static const enum operator_state STATES[] = {[CONF_CA_NORMAL] = OPERATOR_NORMAL,
	    [CONF_CA_PROBATION] = OPERATOR_PROBATION,
	    [CONF_CA_DISTRUSTED] = OPERATOR_DISTRUSTED,
	    [CONF_CA_IDLE] = OPERATOR_IDLE};
	size_t count = loaded->conf.ca_count;
	struct check_operator *rows = arena_zero(&loaded->arena, count, sizeof(*rows));

	for (size_t i = 0; i < count; i++) {
		const struct conf_ca *block = &loaded->conf.cas[i];

		rows[i] = (struct check_operator){.name = block->name,
		    .state = STATES[block->state],
		    .keys = (const uint8_t(*)[32])loaded->ca_keys[i].keys,
		    .key_count = loaded->ca_keys[i].count,
		    .tz_minutes = block->time_zone_minutes,
		    .idle_since = block->idle_since_s,
		    .programs = programs_of(loaded, block),
		    .program_count = block->program_count,
		    .outside = block->customers_outside.items,
		    .outside_count = block->customers_outside.count,
		    .hosts = block->hosts.items,
		    .host_count = block->hosts.count,
		    .policies = block->policies.items,
		    .policy_count = block->policies.count,
		    .organisations = block->organizations.items,
		    .organisation_count = block->organizations.count,
		    .distrust = distrust_of(loaded, block),
		    .distrust_count = block->distrust_count,
		    .commitments = commitments_of(loaded, block),
		    .commitment_count = block->commitment_count,
		    .holidays = block->holidays,
		    .holiday_count = block->holiday_count,
		    .claims = claims_of(loaded, block),
		    .claim_count = block->claim_count,
		    .partners = block->partners.items,
		    .partner_count = block->partners.count};
		if (!names_of(loaded, block, &rows[i], err) ||
		    !announced_of(loaded, block, &rows[i], err) ||
		    !take_holidays(loaded, block, &rows[i], err))
			return false;
	}
	loaded->params.operators = rows;
	loaded->params.operator_count = count;
	return true;
}

/* --- lists that checks look things up in --- */

static bool
take_lists(struct loaded *loaded, struct err *err)
{
	const struct conf_checks *block = &loaded->conf.checks;
	const struct {
		enum check_data_kind kind;
		const char *option, *path;
	} FILES[] = {
	    {CHECK_DATA_PSL, "psl_file", block->psl_file},
	    {CHECK_DATA_TLDS, "tld_file", block->tld_file},
	    {CHECK_DATA_COUNTRIES, "country_file", block->country_file},
	    {CHECK_DATA_BLOCKS, "special_file", block->special_file},
	    {CHECK_DATA_TENANTS, "tenant_file", block->tenant_file},
	    {CHECK_DATA_BLOCKED_KEYS, "blocked_key_file", block->blocked_key_file},
	};

	for (size_t i = 0; i < ARRAY_LEN(FILES); i++)
		if (!take_list_file(loaded, FILES[i].kind, FILES[i].option, FILES[i].path,
			block->where, err))
			return false;
	for (size_t i = 0; i < block->weak_key_files.count; i++)
		if (!take_list_file(loaded, CHECK_DATA_WEAK_KEYS, "weak_key_files",
			block->weak_key_files.items[i], block->where, err))
			return false;
	return true;
}

/* --- what they are set to --- */

static void
take_numbers(const struct conf_checks *block, struct check_params *params)
{
	params->skew_s = block->clock_skew_s;
	params->grace_s = block->backdate_grace_s;
	params->backdate_note_s = block->backdate_notice_s;
	params->twin_operator_s = block->twin_window_s;
	params->forward_note_s = block->forward_notice_s;
	params->late_s = block->late_grace_s;
	params->twin_dates_s = block->twin_dates_s;
	params->retry_s = block->precert_retry_s;
	params->final_wait_s = block->final_wait_s;
	params->precert_wait_s = block->precert_wait_s;
	params->cluster_min = block->cluster_min;
	params->late_batch = block->late_batch;
	params->max_san = block->max_san;
	params->tenant_learn = block->tenant_learn;
	params->tenant_window_s = block->tenant_window_s;
	params->serial_slack = block->serial_slack;
	params->serial_population = block->serial_population;
	params->watched_an_hour = block->watched_an_hour;
	params->min_orgs = block->min_orgs;
	params->cdn_domains = block->cdn_domains;
	params->profile_min = block->profile_min;
	params->profile_rare = block->profile_rare;
	params->profile_settled = block->profile_settled;
}

static void
take_words(const struct conf_checks *block, struct check_params *params)
{
	params->test_words = block->test_words.items;
	params->test_word_count = block->test_words.count;
	params->test_sites = block->test_sites.items;
	params->test_site_count = block->test_sites.count;
	params->allow_suffixes = block->allow_suffixes.items;
	params->allow_suffix_count = block->allow_suffixes.count;
	params->require_verified = block->require_verified;
	params->with_off_rules = block->optional_rules;
}

static bool
take_disabled(
    const struct conf_checks *block, struct check_params *params, struct err *err)
{
	size_t number;

	if (check_find(CHECK_FACTOR, &number) != NULL)
		params->off[number] = !block->shared_factors;
	for (size_t i = 0; i < block->disable.count; i++) {
		if (check_find(block->disable.items[i], &number) == NULL)
			return err_set(err, ERR_CONFIG,
				   "disable: no check is called \"%.60s\"; "
				   "\"ctwarden checks\" lists them",
				   block->disable.items[i]) ||
			    conf_wrap(err, block->where);
		params->off[number] = true;
	}
	return true;
}

bool
wiring_checks(struct loaded *loaded, struct err *err)
{
	const struct conf_checks *block = &loaded->conf.checks;
	struct check_params *params = &loaded->params;

	check_params_defaults(params);
	take_numbers(block, params);
	take_words(block, params);
	return take_disabled(block, params, err) && take_lists(loaded, err) &&
	    take_operators(loaded, err);
}
