/* The domains of hosts whose sub-domains are others': how they are learned, whose
 * certificates for them are usual, and tenants that were certified alone before. */
#include "tests/lib/mutate.h"
#include "tests/lib/unit.h"
#include "tests/lib/world.h"

#include <stdio.h>

#include "check/run.h"

#define CHECK  "base-plus-tenant"
#define OTHER  " signer=p384"
#define MINE   "dns=github.io,mine.github.io"
#define HOSTED "dns=example.net,t0.example.net"

/* Judges as the writer does; the level that was found, NULL: nothing. */
static const char *
judge(struct world *world, const char *spec)
{
	const char *level = NULL;
	struct findings findings;
	struct arena arena;

	arena_init(&arena);
	findings_init(&findings, &arena);
	world_judge(world, spec, &findings);
	for (size_t i = 0; i < findings.count; i++)
		if (strcmp(findings.rows[i]->check->id, CHECK) == 0)
			level = check_level_name(findings.rows[i]->level);
	arena_free(&arena);
	return level;
}

static void
expect(const char *what, const char *got, const char *want)
{
	if ((got == NULL) != (want == NULL) || (got != NULL && strcmp(got, want) != 0))
		ck_abort_msg("%s: %s, not %s", what, got != NULL ? got : "nothing",
		    want != NULL ? want : "nothing");
}

/* So many names below example.net, in turns with so many keys, by so many issuers. */
static void
host(struct world *world, unsigned names, unsigned keys, unsigned issuers)
{
	for (unsigned i = 0; i < names; i++) {
		char spec[128];

		snprintf(spec, sizeof(spec), "dns=t%u.example.net keyno=%u%s", i,
		    i % keys, i % issuers == 0 ? "" : OTHER);
		expect(spec, judge(world, spec), NULL);
	}
}

static const struct {
	const char *what;
	unsigned names, keys, issuers;
	const char *spec, *level;
} LEARNED[] = {
    {"fifty names, ten keys, two issuers", 50, 10, 2, HOSTED, "warning"},
    {"one name fewer", 49, 10, 2, HOSTED, NULL},
    {"one key fewer", 50, 9, 2, HOSTED, NULL},
    {"one issuer", 50, 10, 1, HOSTED, NULL},
    {"its own name counts", 49, 10, 2, "dns=own.example.net,example.net", "warning"},
    {"a name once, however it is written", 49, 10, 2, "dns=example.net,T0.Example.net",
	NULL},
    {"its own key counts", 50, 9, 2, HOSTED " keyno=20", "warning"},
    {"its own issuer counts", 50, 10, 1, HOSTED OTHER, "warning"},
    {"www is the owner's", 49, 10, 2, "dns=example.net,www.example.net,t0.example.net",
	NULL},
    {"with its www alone", 50, 10, 2, "dns=example.net,www.example.net", NULL},
    {"a tenant alone", 50, 10, 2, "dns=t0.example.net,t1.example.net", NULL},
    {"another domain", 50, 10, 2, "dns=example.org,t0.example.org", NULL},
};

START_TEST(learned)
{
	struct world *world = world_new();

	host(world, LEARNED[_i].names, LEARNED[_i].keys, LEARNED[_i].issuers);
	expect(LEARNED[_i].what, judge(world, LEARNED[_i].spec), LEARNED[_i].level);
	world_free(world);
}
END_TEST

/* The precertificate that completes what is learned, and its certificate. */
START_TEST(both_forms_alike)
{
	struct world *world = world_new();
	const char *spec = "dns=own.example.net,example.net";
	char precert[128];

	snprintf(precert, sizeof(precert), "%s poison", spec);
	host(world, 49, 10, 2);
	expect("precertificate", judge(world, precert), "warning");
	expect("certificate", judge(world, spec), "warning");
	world_free(world);
}
END_TEST

static const struct {
	const char *what, *before[5], *spec, *level;
} HISTORIES[] = {
    {"nothing before", {0}, MINE, "warning"},
    {"this issuer, for the domain", {"dns=github.io"}, MINE, NULL},
    {"and its www", {"dns=github.io,www.github.io"}, MINE, NULL},
    {"another issuer", {"dns=github.io" OTHER}, MINE, "warning"},
    {"both", {"dns=github.io", "dns=github.io" OTHER}, MINE, "warning"},
    {"with a tenant is not alone", {"dns=github.io,a.github.io"}, MINE, "warning"},
    {"below a domain nobody had names below", {"dns=hosting.example.org"},
	"dns=hosting.example.org,a.hosting.example.org", NULL},

    {"the tenant a week before", {"hi=2026-04-03 dns=mine.github.io"},
	"hi=2026-04-10 " MINE, "error"},
    {"a millisecond more", {"hi=2026-04-03 dns=mine.github.io"},
	"hi=2026-04-10T00:00:00.001Z " MINE, "warning"},
    {"at the same time", {"hi=2026-04-10 dns=mine.github.io"}, "hi=2026-04-10 " MINE,
	"error"},
    {"a millisecond after", {"hi=2026-04-10T00:00:00.001Z dns=mine.github.io"},
	"hi=2026-04-10 " MINE, "warning"},
    {"for another key", {"hi=2026-04-09 dns=mine.github.io keyno=2"},
	"hi=2026-04-10 " MINE, "warning"},
    {"another tenant", {"hi=2026-04-09 dns=your.github.io"}, "hi=2026-04-10 " MINE,
	"warning"},
    {"the tenant, not alone", {"hi=2026-04-09 " MINE}, "hi=2026-04-10 serial=01 " MINE,
	"warning"},
    {"three other keys since",
	{"hi=2026-04-09 dns=mine.github.io", "hi=2026-04-09 dns=mine.github.io keyno=2",
	    "hi=2026-04-09 dns=mine.github.io keyno=3",
	    "hi=2026-04-09 dns=mine.github.io keyno=4"},
	"hi=2026-04-10 " MINE, "error"},
    {"four of them",
	{"hi=2026-04-09 dns=mine.github.io", "hi=2026-04-09 dns=mine.github.io keyno=2",
	    "hi=2026-04-09 dns=mine.github.io keyno=3",
	    "hi=2026-04-09 dns=mine.github.io keyno=4",
	    "hi=2026-04-09 dns=mine.github.io keyno=5"},
	"hi=2026-04-10 " MINE, "warning"},
};

START_TEST(histories)
{
	struct world *world = world_new();

	for (size_t i = 0; i < 5 && HISTORIES[_i].before[i] != NULL; i++)
		judge(world, HISTORIES[_i].before[i]);
	expect(HISTORIES[_i].what, judge(world, HISTORIES[_i].spec), HISTORIES[_i].level);
	world_free(world);
}
END_TEST

/* Once somebody has a name below it, the issuer's certificates for the domain alone
 * are remembered; before, they are not. */
START_TEST(learned_and_familiar)
{
	struct world *world = world_new();

	judge(world, "dns=example.net");
	host(world, 50, 10, 2);
	expect("before the first tenant", judge(world, HOSTED), "warning");
	judge(world, "dns=example.net serial=01");
	expect("since", judge(world, HOSTED " serial=02"), NULL);
	world_free(world);
}
END_TEST

/* Other certificates for the domain, from 90 days before on to 90 days after. */
static const struct {
	const char *what, *other;
	unsigned told;
} OTHERS[] = {
    {"ninety days before", "hi=2026-01-10 dns=github.io" OTHER, 1},
    {"a millisecond more", "hi=2026-01-09T23:59:59.999Z dns=github.io" OTHER, 0},
    {"ninety days after", "hi=2026-07-09 dns=github.io" OTHER, 1},
    {"a millisecond later", "hi=2026-07-09T00:00:00.001Z dns=github.io" OTHER, 0},
    {"with a tenant", "hi=2026-04-01 dns=github.io,a.github.io" OTHER, 1},
    {"a tenant alone", "hi=2026-04-01 dns=a.github.io" OTHER, 0},
};

static unsigned
times_in(const char *text, const char *word)
{
	unsigned count = 0;

	while ((text = strstr(text, word)) != NULL) {
		text += strlen(word);
		count++;
	}
	return count;
}

START_TEST(others_stand_beside)
{
	struct world *world = world_new();
	struct findings findings;
	struct arena arena;
	struct buf json;

	arena_init(&arena);
	findings_init(&findings, &arena);
	judge(world, OTHERS[_i].other);
	world_judge(world, "hi=2026-04-10 " MINE, &findings);
	json = world_evidence(&findings, CHECK);
	ck_assert_msg(times_in(buf_text(&json), "\"logged\":") == OTHERS[_i].told,
	    "%s: %s", OTHERS[_i].what, buf_text(&json));
	buf_free(&json);
	arena_free(&arena);
	world_free(world);
}
END_TEST

/* Whatever is issued below a domain, what is remembered of it stays small; and of
 * its tenants nothing before it is learned. */
START_TEST(memory_is_bounded)
{
	struct world *world = world_new();

	for (unsigned i = 0; i < 49; i++) {
		char spec[128];

		snprintf(spec, sizeof(spec), "dns=t%u.example.net keyno=%u", i, i);
		judge(world, spec);
	}
	for (size_t i = 0, of_tenants = 0; i < world->bucket_count; i++)
		if (strcmp(world_bucket_check(world, i), CHECK) == 0)
			ck_assert_uint_le(++of_tenants, 1);
	host(world, 120, 12, 2);
	for (unsigned i = 0; i < 20; i++) {
		char spec[128];

		snprintf(spec, sizeof(spec), "hi=2026-04-10 dns=example.net serial=%02u",
		    i + 10);
		judge(world, spec);
	}
	for (size_t i = 0; i < world->bucket_count; i++)
		if (strcmp(world_bucket_check(world, i), CHECK) == 0)
			ck_assert_uint_le(
			    world_bucket_len(world, i), 8 * (4 + 64) + 8 * 104);
	world_free(world);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("tenants");

	mutate_as_asked();
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, learned, 0, UNIT_COUNT(LEARNED));
	tcase_add_test(tcase, both_forms_alike);
	tcase_add_loop_test(tcase, histories, 0, UNIT_COUNT(HISTORIES));
	tcase_add_test(tcase, learned_and_familiar);
	tcase_add_loop_test(tcase, others_stand_beside, 0, UNIT_COUNT(OTHERS));
	tcase_add_test(tcase, memory_is_bounded);
	return unit_run("tenants", tcase);
}
