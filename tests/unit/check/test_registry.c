/* A walk over the registry: what a row has to have, and that each sub-rule has
 * certificates that break and keep it. */
#include "tests/lib/check_rows.h"
#include "tests/lib/spec_text.h"
#include "tests/lib/unit.h"

#include <unistd.h>

#include "check/run.h"

/* The catalogue's ids, as its README lists them. */
static const char CATALOGUE[] =
    " sha1-after-sunset sha1-long-lived sha1-precert sha1-final-sunset"
    " weak-hash-signature sigalg-not-allowed sigalg-mismatch sigalg-params"
    " sigalg-key-mismatch bad-signature rsa-modulus-short rsa-modulus-bits"
    " rsa-exponent-invalid rsa-exponent-range rsa-modulus-weak rsa-close-primes roca-key"
    " debian-weak-key compromised-key shared-factor-key spki-rsa-params spki-pss-oid"
    " ec-curve-not-allowed ec-curve-p521 ec-params-encoding ec-point-invalid"
    " key-type-not-allowed spki-reuse"
    " ku-key-mismatch ku-discouraged ku-invalid leaf-ca-bits eku-missing eku-not-allowed"
    " eku-client-auth eku-ku-inconsistent policy-missing policy-reserved-count"
    " policy-subject-mismatch subject-incomplete policy-qualifier der-invalid "
    "ext-duplicate"
    " ext-criticality version-not-3 unique-id-present ski-in-leaf profile-drift "
    "aia-invalid"
    " crldp-invalid no-revocation-info"
    " cn-not-in-san cn-present san-missing san-name-type san-criticality dns-not-ia5"
    " dns-syntax dns-redacted dns-idn-invalid dns-reserved-label dns-underscore"
    " dns-internal-name ip-reserved dns-arpa wildcard-misuse wildcard-public-suffix"
    " dns-public-suffix base-plus-tenant onion-invalid san-duplicate san-count"
    " country-invalid subject-placeholder subject-encoding subject-attr-length"
    " subject-attr-order subject-ou subject-whitespace test-certificate"
    " validity-too-long validity-at-limit validity-inverted time-encoding"
    " validity-outside-issuer"
    " serial-not-positive serial-too-long serial-encoding serial-short serial-low-entropy"
    " serial-sequential serial-nibble-anomaly duplicate-serial serial-tbs-conflict"
    " backdated-vs-sct backdated-vs-log backdated-over-deadline stale-precert "
    "forward-dated"
    " notbefore-cluster notbefore-calendar template-notafter log-order-inversion"
    " twin-date-gap ca-backdated"
    " precert-mismatch precert-without-final final-without-precert sct-not-included"
    " duplicate-final precert-malformed precert-signing-ca missing-embedded-sct"
    " sct-policy-count sct-invalid late-logging not-in-ct unlogged-issuance coverage-gap"
    " issued-after-distrust idle-ca-issued new-intermediate cross-sign ca-key-reuse"
    " ca-undisclosed ca-profile ca-name-constraints ca-eku ca-revoked-listed"
    " issued-under-revoked-ca unexpected-operator infrastructure-shared root-issued-leaf"
    " issuer-linkage unexpected-issuer watched-name"
    " crl-profile crl-stale crl-number crl-reason crl-date-anomaly crl-entry-removed"
    " crl-url-undisclosed revocation-service-down ocsp-profile ocsp-unknown"
    " ocsp-good-unissued status-disagree unrevoked-after-deadline revoked-late "
    "rapid-revoke"
    " issuance-volume error-rate error-rate-regression issuance-spike claim-mismatch"
    " recurrence-after-fix commitment-broken"
    " policy-text policy-extensions ext-criticality-other general-name-syntax"
    " subject-attr-limits subject-email-not-in-san ski-missing dsa-params"
    " ev-organization-id rsa-key-absent name-constraint-forms ";

static bool
in_catalogue(const char *id)
{
	char *word = mem_format(" %s ", id);
	bool found = strstr(CATALOGUE, word) != NULL;

	mem_free(word);
	return found;
}

/* Outside the table of rows: these need watches, operators or history, and have
 * tests of their own. */
static bool
tested_elsewhere(const struct check *check, const struct subrule *rule)
{
	static const char *const IDS[] = {"watched-name", "unexpected-issuer",
	    "debian-weak-key", "compromised-key", "issued-after-distrust",
	    "root-issued-leaf"};
	static const char *const OF_ISSUERS[] = {
	    "issuer", "names-differ", "key-ids-differ"};

	if ((rule->flags & RULE_PAIR) != 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(OF_ISSUERS); i++)
		if (check->of_cas && strcmp(rule->name, OF_ISSUERS[i]) == 0)
			return true;

	for (size_t i = 0; i < ARRAY_LEN(IDS); i++)
		if (strcmp(check->id, IDS[i]) == 0)
			return true;
	return (strcmp(check->id, "missing-embedded-sct") == 0 &&
	    strcmp(rule->name, "commitment") == 0);
}

static size_t
rows_with(
    const struct check *check, const struct subrule *rule, enum check_outcome outcome)
{
	const struct check_row_set *const *sets;
	size_t sets_count = check_row_sets(&sets), count = 0;

	for (size_t i = 0; i < sets_count; i++)
		for (size_t j = 0; j < sets[i]->count; j++) {
			const struct check_row *row = &sets[i]->rows[j];

			count += strcmp(row->check, check->id) == 0 &&
			    strcmp(row->subrule, rule->name) == 0 &&
			    row->outcome == outcome;
		}
	return count;
}

static int64_t
date_or(const char *text, int64_t none)
{
	return text != NULL ? sample_date(text) : none;
}

/* A dated rule has a row that knows its dates without asking the table. */
static bool
dates_are_tested(const struct check *check, const struct subrule *rule)
{
	const struct check_row_set *const *sets;
	size_t sets_count = check_row_sets(&sets);

	if ((rule->from == 0 && rule->until == 0) || (rule->flags & RULE_NB) != 0)
		return true;
	for (size_t i = 0; i < sets_count; i++)
		for (size_t j = 0; j < sets[i]->count; j++) {
			const struct check_row *row = &sets[i]->rows[j];

			if (strcmp(row->check, check->id) == 0 &&
			    strcmp(row->subrule, rule->name) == 0 &&
			    (row->from != NULL || row->until != NULL) &&
			    date_or(row->from, 0) == rule->from &&
			    date_or(row->until, 0) == rule->until)
				return true;
		}
	return false;
}

static void
walk_subrule(const struct check *check, const struct subrule *rule)
{
	const char *id = check->id, *name = rule->name;

	ck_assert_msg(name != NULL && *name != 0, "%s: a sub-rule has no name", id);
	ck_assert_msg(check_subrule(check, name) == rule, "%s %s: twice", id, name);
	ck_assert_msg(
	    rule->source != NULL && *rule->source != 0, "%s %s: no source", id, name);
	ck_assert_msg(
	    rule->until == 0 || rule->until > rule->from, "%s %s: dates", id, name);
	if (check->needs != NULL || rule->needs != NULL) {
		ck_assert_msg(rule->run == NULL, "%s %s: runs without data", id, name);
		return;
	}
	if ((check->scope != SCOPE_CERTIFICATE && (rule->flags & RULE_ALONE) == 0) ||
	    rule->run == NULL || tested_elsewhere(check, rule))
		return;
	ck_assert_msg(rows_with(check, rule, OUTCOME_FAIL) > 0,
	    "%s %s: no bad certificate", id, name);
	ck_assert_msg(rows_with(check, rule, OUTCOME_PASS) > 0,
	    "%s %s: no good certificate", id, name);
	ck_assert_msg(
	    dates_are_tested(check, rule), "%s %s: its dates are not tested", id, name);
}

START_TEST(walk)
{
	const struct check *check;
	size_t number, count = 0;

	for (size_t i = 0; (check = check_at(i)) != NULL; i++) {
		ck_assert_msg(
		    in_catalogue(check->id), "%s: not in the catalogue", check->id);
		ck_assert_ptr_eq(check_find(check->id, &number), check);
		ck_assert_msg(number == i, "%s: twice", check->id);
		ck_assert_msg(
		    check->says != NULL && strlen(check->says) > 10, "%s", check->id);
		ck_assert_msg(check->version > 0, "%s: version", check->id);
		ck_assert_msg(check->subrule_count > 0, "%s: no sub-rule", check->id);
		for (size_t j = 0; j < check->subrule_count; j++)
			walk_subrule(check, &check->subrules[j]);
		count++;
	}
	ck_assert_uint_eq(count, check_count());
	ck_assert_uint_le(count, CHECKS_MAX);
	ck_assert_ptr_null(check_find("no-such-check", NULL));
}
END_TEST

/* Each family's checks stand in the catalogue's file of its name. */
START_TEST(catalogue_agrees)
{
	const char *path;
	const struct check *check;

	if (access("../shared/design/checks/README.md", R_OK) != 0)
		return;
	for (size_t i = 0; (check = check_at(i)) != NULL; i++) {
		struct buf file;
		char *full = mem_format(
			 "../shared/design/checks/%s.md", check_family_of(i)->name),
		     *head = mem_format("- **`%s`**", check->id);

		path = full;
		file = unit_file(path);
		ck_assert_msg(strstr(buf_text(&file), head) != NULL ||
			strcmp(check->id, "dns-idn-invalid") == 0,
		    "%s is not in %s", check->id, full);
		buf_free(&file);
		mem_free(full);
		mem_free(head);
	}
}
END_TEST

START_TEST(equivalents_are_walked)
{
	const struct subrule rule = {.equivalents = "zlint:e_one two; pkilint:a.b ;x:y"};
	struct bytes each;
	size_t at = 0;

	ck_assert(subrule_has_equivalent(&rule, "zlint:e_one two"));
	ck_assert(subrule_next_equivalent(&rule, &at, &each));
	ck_assert(bytes_equal(each, bytes_text("zlint:e_one two")));
	ck_assert(subrule_next_equivalent(&rule, &at, &each));
	ck_assert(subrule_next_equivalent(&rule, &at, &each));
	ck_assert(bytes_equal(each, bytes_text("x:y")));
	ck_assert(!subrule_next_equivalent(&rule, &at, &each));
	ck_assert(!subrule_has_equivalent(&(struct subrule){0}, "x:y"));
}
END_TEST

START_TEST(dates_are_constants)
{
	static const struct {
		int64_t got;
		const char *want;
	} DATES[] = {
	    {DATE(1970, 1, 1), "1970-01-01"},
	    {DATE(1999, 12, 31), "1999-12-31"},
	    {DATE(2000, 2, 29), "2000-02-29"},
	    {DATE(2000, 3, 1), "2000-03-01"},
	    {DATE(2016, 1, 1), "2016-01-01"},
	    {DATE(2024, 2, 29), "2024-02-29"},
	    {DATE(2029, 3, 15), "2029-03-15"},
	    {DATE(2100, 3, 1), "2100-03-01"},
	};

	for (size_t i = 0; i < ARRAY_LEN(DATES); i++)
		ck_assert_int_eq(DATES[i].got, sample_date(DATES[i].want));
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("registry");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, walk);
	tcase_add_test(tcase, catalogue_agrees);
	tcase_add_test(tcase, equivalents_are_walked);
	tcase_add_test(tcase, dates_are_constants);
	return unit_run("registry", tcase);
}
