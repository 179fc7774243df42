/* validity-outside-issuer: against all certificates of the issuer's key. */
#include "tests/lib/unit.h"
#include "tests/lib/world.h"

#include <stdio.h>

#include "check/run.h"

/* The issuer's key is the one that spec_text signs with. */
#define ISSUER "role=ca keyno=0 signer=p384 "

static const struct {
	const char *what, *issuers[2], *leaf;
	const char *want; /* sub-rule and level; "pass"; "na": not judged */
} CASES[] = {
    {"inside", {ISSUER "nb=2020-01-01 na=2030-01-01"}, "nb=2026-01-01 na=2026-03-01",
	"pass"},
    {"to the second", {ISSUER "nb=2020-01-01 na=2030-01-01"},
	"nb=2020-01-01 na=2030-01-01", "pass"},
    {"a second early", {ISSUER "nb=2020-01-01 na=2030-01-01"},
	"nb=2019-12-31T23:59:59Z na=2020-03-01", "begins-before warning"},
    {"a second late", {ISSUER "nb=2020-01-01 na=2030-01-01"},
	"nb=2029-12-31 na=2030-01-01T00:00:01Z", "ends-after notice"},
    {"early for one, not for the other",
	{ISSUER "nb=2020-01-01 na=2030-01-01", ISSUER "nb=2015-01-01 na=2025-01-01"},
	"nb=2016-01-01 na=2017-01-01", "pass"},
    {"late for one, not for the other",
	{ISSUER "nb=2015-01-01 na=2025-01-01", ISSUER "nb=2020-01-01 na=2030-01-01"},
	"nb=2024-12-01 na=2025-02-01", "pass"},
    {"before both",
	{ISSUER "nb=2020-01-01 na=2030-01-01", ISSUER "nb=2015-01-01 na=2025-01-01"},
	"nb=2014-12-31 na=2015-03-01", "begins-before warning"},
    {"an issuer not seen", {NULL}, "nb=2014-12-31 na=2015-03-01", "na"},
    {"only another's", {"role=ca keyno=2 nb=2020-01-01 na=2030-01-01"},
	"nb=2014-12-31 na=2015-03-01", "na"},
    {"an issuer whose times cannot be read", {ISSUER "nbder=1700 na=2030-01-01"},
	"nb=2014-12-31 na=2040-03-01", "na"},
    {"a root made anew", {"role=root keyno=0 nb=2020-01-01 na=2030-01-01"},
	"role=root keyno=0 nb=2019-01-01 na=2040-01-01", "na"},
};

static void
note_outcome(void *owner, const struct check *check, const struct subrule *rule,
    enum check_outcome outcome)
{
	(void)rule;
	if (strcmp(check->id, "validity-outside-issuer") == 0)
		*(bool *)owner |= outcome != OUTCOME_NA;
}

static const struct finding *
finding_of(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->rows[i]->check->id, "validity-outside-issuer") == 0)
			return findings->rows[i];
	return NULL;
}

START_TEST(outside_the_issuer)
{
	struct world *world = world_new();
	const struct finding *found;
	struct findings findings;
	struct arena arena;
	bool judged = false;
	char got[64] = "na";

	arena_init(&arena);
	findings_init(&findings, &arena);
	for (size_t i = 0; i < 2; i++)
		if (CASES[_i].issuers[i] != NULL)
			world_add(world, CASES[_i].issuers[i]);
	findings.on_outcome = note_outcome;
	findings.owner = &judged;
	world_judge(world, CASES[_i].leaf, &findings);
	found = finding_of(&findings);
	if (found != NULL)
		snprintf(got, sizeof(got), "%s %s", found->subrule->name,
		    check_level_name(found->level));
	else if (judged)
		snprintf(got, sizeof(got), "pass");
	ck_assert_msg(strcmp(got, CASES[_i].want) == 0, "%s: %s", CASES[_i].what, got);
	ck_assert_uint_eq(
	    world_count(&findings, "validity-outside-issuer"), found != NULL);
	arena_free(&arena);
	world_free(world);
}
END_TEST

START_TEST(evidence_names_the_span)
{
	struct world *world = world_new();
	struct findings findings;
	struct arena arena;
	struct buf json;

	arena_init(&arena);
	findings_init(&findings, &arena);
	world_add(world, ISSUER "nb=2020-01-01 na=2030-01-01");
	world_add(world, ISSUER "nb=2015-01-01 na=2025-01-01");
	world_judge(world, "nb=2014-12-31 na=2015-03-01", &findings);
	json = world_evidence(&findings, "validity-outside-issuer");
	ck_assert_ptr_nonnull(strstr(buf_text(&json), "\"issuer_certificates\":2"));
	ck_assert_ptr_nonnull(
	    strstr(buf_text(&json), "\"issuers_not_before\":\"2015-01-01T00:00:00Z\""));
	ck_assert_ptr_nonnull(
	    strstr(buf_text(&json), "\"issuers_not_after\":\"2030-01-01T00:00:00Z\""));
	buf_free(&json);
	arena_free(&arena);
	world_free(world);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("validity");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, outside_the_issuer, 0, UNIT_COUNT(CASES));
	tcase_add_test(tcase, evidence_names_the_span);
	return unit_run("validity", tcase);
}
