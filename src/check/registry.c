#include "names_priv.h"

/* In the catalogue's order. */
static const struct check_family *const FAMILIES[] = {
    &CHECK_KEYS,
    &CHECK_KEYS_RSA,
    &CHECK_KEYS_EC,
    &CHECK_KEYS_REUSE,
    &CHECK_KEYS_FACTOR,
    &CHECK_USAGE,
    &CHECK_USAGE_LEAF,
    &CHECK_USAGE_EKU,
    &CHECK_USAGE_POLICY,
    &CHECK_USAGE_SUBJECT,
    &CHECK_USAGE_STRUCTURE,
    &CHECK_USAGE_POINTERS,
    &CHECK_USAGE_DRIFT,
    &CHECK_USAGE_CRL,
    &CHECK_NAMES,
    &CHECK_NAMES_SAN,
    &CHECK_NAMES_COUNT,
    &CHECK_NAMES_DNS,
    &CHECK_NAMES_IDN,
    &CHECK_NAMES_SPACE,
    &CHECK_NAMES_WILDCARD,
    &CHECK_NAMES_TENANT,
    &CHECK_NAMES_ONION,
    &CHECK_NAMES_SUBJECT,
    &CHECK_NAMES_ATTRIBUTES,
    &CHECK_NAMES_ENCODING,
    &CHECK_NAMES_TEST,
    &CHECK_VALIDITY,
    &CHECK_VALIDITY_TIME,
    &CHECK_SERIALS,
    &CHECK_SERIALS_SHORT,
    &CHECK_SERIALS_RANDOM,
    &CHECK_SERIALS_ORDER,
    &CHECK_BACKDATING,
    &CHECK_BACKDATING_LOG,
    &CHECK_BACKDATING_BINS,
    &CHECK_BACKDATING_TEMPLATE,
    &CHECK_BACKDATING_ORDER,
    &CHECK_TRANSPARENCY,
    &CHECK_TRANSPARENCY_SCT,
    &CHECK_TRANSPARENCY_PRECERT,
    &CHECK_TRANSPARENCY_LATE,
    &CHECK_TRANSPARENCY_PROMISE,
    &CHECK_TRANSPARENCY_PAIRS,
    &CHECK_HIERARCHY,
    &CHECK_HIERARCHY_PROFILE,
    &CHECK_HIERARCHY_EKU,
    &CHECK_HIERARCHY_CONSTRAINTS,
    &CHECK_HIERARCHY_LINKAGE,
    &CHECK_HIERARCHY_DISTRUST,
    &CHECK_HIERARCHY_OPERATOR,
    &CHECK_HIERARCHY_SHARED,
    &CHECK_HIERARCHY_WATCH,
    &CHECK_REVOCATION,
    &CHECK_RATES,
    &CHECK_RFC5280,
    &CHECK_RFC5280_POLICY,
    &CHECK_RFC5280_NAMES,
    &CHECK_RFC5280_SUBJECT,
    &CHECK_RFC5280_EV,
};

const struct check_family *
check_family_at(size_t i)
{
	return i < ARRAY_LEN(FAMILIES) ? FAMILIES[i] : NULL;
}

size_t
check_count(void)
{
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_LEN(FAMILIES); i++)
		count += FAMILIES[i]->count;
	return count;
}

const struct check_family *
check_family_of(size_t number)
{
	for (size_t i = 0; i < ARRAY_LEN(FAMILIES); i++) {
		if (number < FAMILIES[i]->count)
			return FAMILIES[i];
		number -= FAMILIES[i]->count;
	}
	return NULL;
}

const struct check *
check_at(size_t number)
{
	for (size_t i = 0; i < ARRAY_LEN(FAMILIES); i++) {
		if (number < FAMILIES[i]->count)
			return &FAMILIES[i]->checks[number];
		number -= FAMILIES[i]->count;
	}
	return NULL;
}

const struct check *
check_find(const char *id, size_t *number)
{
	size_t base = 0;

	for (size_t i = 0; i < ARRAY_LEN(FAMILIES); i++) {
		for (size_t j = 0; j < FAMILIES[i]->count; j++)
			if (strcmp(FAMILIES[i]->checks[j].id, id) == 0) {
				if (number != NULL)
					*number = base + j;
				return &FAMILIES[i]->checks[j];
			}
		base += FAMILIES[i]->count;
	}
	return NULL;
}

const struct subrule *
check_subrule(const struct check *check, const char *name)
{
	size_t len = strcspn(name, ":");

	for (size_t i = 0; i < check->subrule_count; i++)
		if (strlen(check->subrules[i].name) == len &&
		    strncmp(check->subrules[i].name, name, len) == 0)
			return &check->subrules[i];
	return NULL;
}

const char *
check_catalogue_version(void)
{
	return "2026-09.1";
}

const char *
check_level_name(enum check_level level)
{
	static const char *const NAMES[] = {"notice", "warning", "error"};

	return NAMES[level];
}

const char *
check_scope_name(enum check_scope scope)
{
	static const char *const NAMES[] = {"certificate", "pair", "issuer", "ca", "log",
	    "statistic", "revocation", "list"};

	return NAMES[scope];
}

const char *
check_outcome_name(enum check_outcome outcome)
{
	static const char *const NAMES[] = {"NA", "NE", "pass", "fail"};

	return NAMES[outcome];
}

bool
subrule_next_equivalent(const struct subrule *rule, size_t *at, struct bytes *out)
{
	const char *text = rule->equivalents;
	size_t start;

	if (text == NULL)
		return false;
	start = *at + strspn(text + *at, "; ");
	*out = bytes_of(text + start, strcspn(text + start, ";"));
	*at = start + out->len;
	return out->len > 0;
}

bool
subrule_has_equivalent(const struct subrule *rule, const char *equivalent)
{
	struct bytes each;
	size_t at = 0;

	while (subrule_next_equivalent(rule, &at, &each))
		if (bytes_equal(each, bytes_text(equivalent)))
			return true;
	return false;
}

const struct check_params *
check_params_catalogue(void)
{
	static const struct check_params CATALOGUE = {
	    .skew_s = 60,
	    .grace_s = 48 * HOUR_S,
	    .backdate_note_s = 24 * HOUR_S,
	    .forward_note_s = HOUR_S,
	    .late_s = 48 * HOUR_S,
	    .twin_dates_s = 900,
	    .retry_s = 600,
	    .final_wait_s = 72 * HOUR_S,
	    .precert_wait_s = 24 * HOUR_S,
	    .cluster_min = 10,
	    .late_batch = 100,
	    .require_verified = true,
	    .twin_operator_s = 24 * HOUR_S,
	    .max_san = 100,
	    .tenant_learn = 50,
	    .tenant_window_s = 7 * DAY_S,
	    .serial_slack = 8,
	    .serial_population = 30,
	    .watched_an_hour = 20,
	    .min_orgs = 2,
	    .cdn_domains = 20,
	    .profile_min = 200,
	    .profile_rare = 1000,
	    .profile_settled = 100,
	};

	return &CATALOGUE;
}

void
check_params_defaults(struct check_params *params)
{
	*params = *check_params_catalogue();
}

bool
check_key_listed(const struct check_key_list *list, const uint8_t hash[32])
{
	size_t low = 0, high = list->count, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = memcmp(list->hashes[middle], hash, 32);
		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

const struct check_operator *
check_operator_find(const struct check_params *params, struct bytes name)
{
	for (size_t i = 0; i < params->operator_count; i++)
		if (bytes_equal(bytes_text(params->operators[i].name), name))
			return &params->operators[i];
	return NULL;
}
