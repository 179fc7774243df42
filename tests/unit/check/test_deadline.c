/* The three clocks, and what a certificate evades that was dated before a rule
 * and signed after it. */
#include "tests/lib/spec_text.h"
#include "tests/lib/unit.h"

#include "base/json.h"
#include "check/run.h"

static const struct {
	const char *what, *spec, *from, *until;
	bool window;
	bool yes, capped, evaded;
	enum time_basis basis;
} CLOCKS[] = {
    {"nb in time", "nb=2020-01-01", "2020-01-01", "2021-01-01", false, true, false, false,
	BASIS_NB},
    {"nb too early", "nb=2019-12-31T23:59:59Z", "2020-01-01", NULL, false, false, false,
	false, BASIS_NB},
    {"nb too late", "nb=2021-01-01", "2020-01-01", "2021-01-01", false, false, false,
	false, BASIS_NB},
    {"no dates", "nb=1995-01-01", NULL, NULL, false, true, false, false, BASIS_NB},
    {"sct on the day", "nb=2019-12-20 lo=2020-01-01", "2020-01-01", NULL, false, true,
	false, true, BASIS_SCT},
    {"sct a second early", "nb=2019-12-20 lo=2019-12-31T23:59:59Z", "2020-01-01", NULL,
	false, false, false, true, BASIS_SCT},
    {"both within", "nb=2020-02-01 lo=2020-02-05", "2020-01-01", NULL, false, true, false,
	false, BASIS_NB},
    {"sct after the end", "nb=2020-02-01 lo=2021-02-05", "2020-01-01", "2021-01-01",
	false, false, false, false, BASIS_NB},
    {"sct before nb", "nb=2020-02-01 lo=2019-02-05", "2020-01-01", NULL, false, true,
	false, false, BASIS_NB},
    {"logged on the day", "nb=2019-12-20 hi=2020-01-01", "2020-01-01", NULL, false, true,
	true, true, BASIS_LOG},
    {"logged too late", "nb=2019-12-20 hi=2021-01-01", "2020-01-01", "2021-01-01", false,
	false, true, true, BASIS_LOG},
    {"an sct beats the log", "nb=2019-12-20 lo=2019-12-21 hi=2020-01-05", "2020-01-01",
	NULL, false, false, false, true, BASIS_SCT},
    {"mode nb", "dates=nb nb=2019-12-20 lo=2020-01-05", "2020-01-01", NULL, false, false,
	false, false, BASIS_NB},
    {"mode none", "dates=none nb=1995-12-20", "2020-01-01", NULL, false, true, false,
	false, BASIS_NB},
    {"mode none, a window", "dates=none nb=1995-12-20", "2020-01-01", NULL, true, false,
	false, false, BASIS_NB},
};

START_TEST(clocks)
{
	struct in_force got;
	struct sample sample;

	sample_make(&sample, CLOCKS[_i].spec);
	got = rule_in_force(&sample.judged,
	    CLOCKS[_i].from != NULL ? sample_date(CLOCKS[_i].from) : 0,
	    CLOCKS[_i].until != NULL ? sample_date(CLOCKS[_i].until) : 0,
	    CLOCKS[_i].window ? RULE_WINDOW : 0);
	ck_assert_msg(got.yes == CLOCKS[_i].yes, "%s: in force", CLOCKS[_i].what);
	if (got.yes) {
		ck_assert_msg(
		    got.basis == CLOCKS[_i].basis, "%s: basis", CLOCKS[_i].what);
		ck_assert_msg(
		    got.capped == CLOCKS[_i].capped, "%s: cap", CLOCKS[_i].what);
		ck_assert_msg(
		    got.evaded == CLOCKS[_i].evaded, "%s: evaded", CLOCKS[_i].what);
	}
	sample_free(&sample);
}
END_TEST

static const struct finding *
find(const struct findings *findings, const char *check, const char *subrule)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->rows[i]->check->id, check) == 0 &&
		    (subrule == NULL ||
			strcmp(findings->rows[i]->subrule->name, subrule) == 0))
			return findings->rows[i];
	return NULL;
}

static const struct check_distrust DISTRUST[] = {
    {"Mozilla", DISTRUST_NB, 1477008000 /* 2016-10-21 */, "Mozilla 2016-10-24"}};
static const struct check_commitment PROMISE[] = {
    {COMMITMENT_EMBEDDED_SCT, 1467676800 /* 2016-07-05 */, 0, "WoSign's statement"}};
static const struct check_operator WOSIGN = {
    .name = "WoSign",
    .distrust = DISTRUST,
    .distrust_count = 1,
    .commitments = PROMISE,
    .commitment_count = 1,
};

#define OVER "backdated-over-deadline"

static const struct {
	const char *what, *spec, *subrule; /* NULL: no finding */
	bool watched;
	const char *rule; /* that the evidence names */
	enum check_level level;
} EVASIONS[] = {
    /* The case of 4 January 2016: a SHA-1 final dated 19 December, with an SCT. */
    {"SHA-1 over the sunset", "nb=2015-12-19 days=370 sig=sha1 scts=2016-01-04", "sct",
	false, "sha1-after-sunset", LEVEL_ERROR},
    {"on the day", "nb=2015-12-31T23:59:59Z days=370 sig=sha1 scts=2016-01-01", "sct",
	false, "sha1-after-sunset", LEVEL_ERROR},
    {"a second before", "nb=2015-12-30 days=370 sig=sha1 scts=2015-12-31T23:59:59Z", NULL,
	false, NULL, 0},
    {"the rule is kept", "nb=2015-12-19 days=370 scts=2016-01-04", NULL, false, NULL, 0},
    {"dated after it", "nb=2016-01-02 days=370 sig=sha1 scts=2016-01-04", NULL, false,
	NULL, 0},
    {"only logged later", "nb=2015-12-19 days=370 sig=sha1 hi=2016-01-04", "log", false,
	"sha1-after-sunset", LEVEL_WARNING},
    {"a longer life than allowed", "nb=2020-08-31 days=700 scts=2020-09-02", "sct", false,
	"validity-too-long", LEVEL_ERROR},
    {"mode nb knows no evasion",
	"dates=nb nb=2015-12-19 days=370 sig=sha1 scts=2016-01-04", NULL, false, NULL, 0},
    {"over a distrust", "nb=2016-10-20 days=370 scts=2016-10-22", "distrust", true,
	"Mozilla", LEVEL_ERROR},
    {"distrust counts days after", "nb=2016-10-20 days=370 scts=2016-10-21", NULL, true,
	NULL, 0},
    {"distrust, only logged", "nb=2016-10-20 days=370 hi=2016-10-22", "distrust", true,
	"Mozilla", LEVEL_WARNING},
    {"distrust of another", "nb=2016-10-20 days=370 scts=2016-10-22", NULL, false, NULL,
	0},
    {"over a promise", "nb=2016-07-01 days=370 hi=2016-07-06", "commitment", true,
	"promise", LEVEL_WARNING},
};

START_TEST(evasions)
{
	const struct finding *finding;
	struct findings findings;
	struct sample sample;
	struct buf json;

	sample_make(&sample, EVASIONS[_i].spec);
	sample.judged.signer = EVASIONS[_i].watched ? &WOSIGN : NULL;
	findings_init(&findings, &sample.arena);
	checks_run_certificate(&sample.judged, &findings);
	finding = find(&findings, OVER, EVASIONS[_i].subrule);
	ck_assert_msg(
	    (finding != NULL) == (EVASIONS[_i].subrule != NULL), "%s", EVASIONS[_i].what);
	if (finding != NULL) {
		buf_init(&json, 1 << 20);
		ck_assert(finding_evidence_json(finding, &json));
		ck_assert_msg(strstr(buf_text(&json), EVASIONS[_i].rule) != NULL,
		    "%s: %s", EVASIONS[_i].what, buf_text(&json));
		ck_assert_msg(
		    finding->level == EVASIONS[_i].level, "%s: level", EVASIONS[_i].what);
		buf_free(&json);
	}
	sample_free(&sample);
}
END_TEST

/* Each evasion makes two findings: the rule's own, and this one. */
START_TEST(the_rule_itself_is_found_too)
{
	const struct finding *finding;
	struct findings findings;
	struct sample sample;

	sample_make(&sample, "nb=2015-12-19 days=370 sig=sha1 scts=2016-01-04");
	findings_init(&findings, &sample.arena);
	checks_run_certificate(&sample.judged, &findings);
	finding = find(&findings, "sha1-after-sunset", "subscriber");
	ck_assert_ptr_nonnull(finding);
	ck_assert_int_eq(finding->basis, BASIS_SCT);
	ck_assert_int_eq(finding->level, LEVEL_ERROR);
	ck_assert(finding->evaded);
	finding = find(&findings, "backdated-vs-sct", "practice");
	ck_assert_ptr_nonnull(finding);
	sample_free(&sample);
}
END_TEST

START_TEST(a_promise_of_scts)
{
	static const struct {
		const char *spec;
		bool watched, found;
	} ROWS[] = {
	    {"nb=2016-07-05 days=370", true, true},
	    {"nb=2016-07-05 days=370 scts=2016-07-05", true, false},
	    {"nb=2016-07-04T23:59:59Z days=370", true, false},
	    {"nb=2016-07-05 days=370", false, false},
	    {"nb=2016-07-05 days=370 poison", true, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct findings findings;
		struct sample sample;

		sample_make(&sample, ROWS[i].spec);
		sample.judged.signer = ROWS[i].watched ? &WOSIGN : NULL;
		findings_init(&findings, &sample.arena);
		checks_run_certificate(&sample.judged, &findings);
		ck_assert_msg((find(&findings, "missing-embedded-sct", "commitment") !=
				  NULL) == ROWS[i].found,
		    "%s", ROWS[i].spec);
		sample_free(&sample);
	}
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("deadline");

	tcase_add_loop_test(tcase, clocks, 0, UNIT_COUNT(CLOCKS));
	tcase_add_loop_test(tcase, evasions, 0, UNIT_COUNT(EVASIONS));
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_rule_itself_is_found_too);
	tcase_add_test(tcase, a_promise_of_scts);
	return unit_run("deadline", tcase);
}
