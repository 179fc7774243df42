/* One key in the certificates of several owners, or of several operators. */
#include "tests/lib/mutate.h"
#include "tests/lib/unit.h"
#include "tests/lib/world.h"

#include <stdio.h>

#include "check/run.h"
#include "x509/san.h"

#define CHECK "spki-reuse"

static const struct check_operator OPERATORS[] = {{.name = "One CA"}, {.name = "Two CA"}};

static struct world *world;
static struct findings findings;
static struct arena arena;
static struct check_params params;
static unsigned serial;

static void
begin(void)
{
	world = world_new();
	arena_init(&arena);
	findings_init(&findings, &arena);
	check_params_defaults(&params);
	serial = 0x1000;
}

static void
end(void)
{
	world_free(world);
	arena_free(&arena);
}

/* "1 " or "2 " in front: whose key signed it. A new serial unless the text has one. */
static struct sample *
judge(const char *text)
{
	struct check_history history = world_history(world);
	const struct check_operator *signer = NULL;
	struct sample *sample;
	char spec[1024];

	if (*text == '1' || *text == '2') {
		signer = &OPERATORS[*text - '1'];
		text += 2;
	}
	snprintf(spec, sizeof(spec), "%s%s", text,
	    strstr(text, "now=") == NULL ? " now=2026-04-05" : "");
	if (strstr(text, "serial=") == NULL)
		snprintf(spec + strlen(spec), sizeof(spec) - strlen(spec), " serial=%04x",
		    serial++);
	sample = world_add(world, spec);
	sample->judged.signer = signer;
	sample->judged.params = &params;
	findings_init(&findings, &arena);
	checks_run_history(&sample->judged, &history, &findings);
	return sample;
}

static const struct {
	const char *what, *before[4], *spec;
	size_t found; /* the one judged last, and those before it that are told */
} ROWS[] = {
    {"two owners", {"dns=a.org"}, "dns=b.org", 2},
    {"one owner", {"dns=x.a.org"}, "dns=y.a.org", 0},
    {"one name", {"dns=a.org"}, "dns=A.ORG", 0},
    {"another key", {"dns=a.org"}, "dns=b.org keyno=5", 0},
    {"a name in common", {"dns=a.org,b.org"}, "dns=b.org,c.org", 0},
    {"a domain in common", {"dns=x.a.org"}, "dns=y.a.org,b.org", 0},
    {"a wildcard", {"dns=*.a.org"}, "dns=a.org", 0},
    {"two wildcards", {"dns=*.a.org"}, "dns=*.b.org", 2},
    {"together in a third", {"dns=a.org,b.org", "dns=a.org"}, "dns=b.org", 0},
    {"and one more", {"dns=a.org,b.org", "dns=a.org"}, "dns=c.org", 3},
    {"tenants of a host", {"dns=a.github.io"}, "dns=b.github.io", 2},
    {"an address in common", {"dns=a.org sanhex=7:c0000201"},
	"dns=b.org sanhex=7:c0000201", 0},
    {"two addresses", {"dns=a.org sanhex=7:c0000201"}, "dns=b.org sanhex=7:c0000202", 2},
    {"addresses alone own nothing", {"dns= sanhex=7:c0000201"}, "dns= sanhex=7:c0000202",
	0},
    {"an address and a domain", {"dns= sanhex=7:c0000201"}, "dns=a.org", 0},

    {"valid to that second", {"dns=a.org nb=2026-03-01 na=2026-04-10 now=2026-04-01"},
	"dns=b.org now=2026-04-10", 2},
    {"a second over", {"dns=a.org nb=2026-03-01 na=2026-04-10 now=2026-04-01"},
	"dns=b.org now=2026-04-10T00:00:01Z", 0},
    {"itself a second over", {"dns=a.org now=2026-04-01"},
	"dns=b.org nb=2026-03-01 na=2026-04-10 now=2026-04-10T00:00:01Z", 0},
    {"itself, to that second", {"dns=a.org now=2026-04-01"},
	"dns=b.org nb=2026-03-01 na=2026-04-10 now=2026-04-10", 2},
    {"a CA's", {"dns=a.org"}, "role=ca", 0},

    {"two operators", {"1 dns=a.org"}, "2 dns=a.org", 2},
    {"one operator", {"1 dns=a.org"}, "1 dns=a.org", 0},
    {"nobody knows whose", {"1 dns=a.org"}, "dns=a.org", 0},
    {"two of whom nobody knows", {"dns=a.org"}, "dns=a.org signer=p384", 0},
};

START_TEST(rows)
{
	begin();
	for (size_t i = 0; i < 4 && ROWS[_i].before[i] != NULL; i++)
		judge(ROWS[_i].before[i]);
	judge(ROWS[_i].spec);
	ck_assert_msg(world_count(&findings, CHECK) == ROWS[_i].found, "%s: %zu",
	    ROWS[_i].what, world_count(&findings, CHECK));
	end();
}
END_TEST

/* "d0.org,d1.org,..." of so many domains, from the first on. */
static const char *
domains(unsigned first, unsigned count)
{
	static char text[1024];
	size_t len = (size_t)snprintf(text, sizeof(text), "dns=");

	for (unsigned i = first; i < first + count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%sd%u.org",
		    i == first ? "" : ",", i);
	return text;
}

/* Who has a certificate for twenty is a host. */
START_TEST(hosts_are_exempt)
{
	char spec[1100];

	begin();
	judge(domains(0, 19));
	judge("dns=a.org");
	ck_assert_uint_eq(world_count(&findings, CHECK), 2);
	judge("dns=b.org keyno=5");
	snprintf(spec, sizeof(spec), "%s keyno=5", domains(0, 20));
	judge(spec);
	ck_assert_uint_eq(world_count(&findings, CHECK), 0);
	judge("dns=c.org keyno=5");
	ck_assert_uint_eq(world_count(&findings, CHECK), 0);
	end();
}
END_TEST

static size_t
count_closures(void)
{
	size_t count = 0;

	for (size_t i = 0; i < findings.closure_count; i++)
		count += strcmp(findings.closures[i].check->id, CHECK) == 0;
	return count;
}

static const uint8_t *
id_of(const struct sample *sample)
{
	static uint8_t id[FINDING_ID_LEN];

	finding_id(
	    SUBJECT_CERTIFICATE, bytes_of(sample->judged.key, 32), CHECK, "shared", id);
	return id;
}

static size_t
closures_of(const struct sample *sample)
{
	size_t count = 0;

	for (size_t i = 0; i < findings.closure_count; i++)
		count +=
		    memcmp(findings.closures[i].id, id_of(sample), FINDING_ID_LEN) == 0;
	return count;
}

/* What was told is taken back when the key turns out to be a host's, or the owners
 * to be one. */
START_TEST(taken_back)
{
	const struct sample *a, *b;

	for (int host = 0; host < 2; host++) {
		begin();
		a = judge("dns=a.org");
		b = judge("dns=b.org");
		ck_assert(world_has(&findings, CHECK, a));
		ck_assert(world_has(&findings, CHECK, b));
		judge(host ? domains(0, 20) : "dns=b.org,a.org");
		ck_assert_uint_eq(world_count(&findings, CHECK), 0);
		ck_assert_uint_eq(closures_of(a), 1);
		ck_assert_uint_eq(closures_of(b), 1);
		judge(host ? domains(0, 20) : "dns=b.org,a.org");
		ck_assert_uint_eq(count_closures(), 0);
		end();
	}
}
END_TEST

/* That another certificate has expired takes nothing back. */
START_TEST(expiry_takes_nothing_back)
{
	begin();
	judge("dns=a.org nb=2026-03-01 na=2026-04-10 now=2026-04-01");
	judge("dns=b.org now=2026-04-01");
	ck_assert_uint_eq(world_count(&findings, CHECK), 2);
	judge("dns=b.org now=2026-04-11");
	ck_assert_uint_eq(world_count(&findings, CHECK), 0);
	ck_assert_uint_eq(count_closures(), 0);
	end();
}
END_TEST

/* A precertificate and its certificate are one, and each is judged. */
START_TEST(both_forms_are_one)
{
	const struct sample *precert, *final;

	begin();
	judge("dns=a.org");
	precert = judge("dns=b.org serial=55 poison");
	ck_assert_uint_eq(world_count(&findings, CHECK), 2);
	ck_assert(world_has(&findings, CHECK, precert));
	final = judge("dns=b.org serial=55");
	ck_assert(world_has(&findings, CHECK, final));
	ck_assert_uint_eq(world_count(&findings, CHECK), 1);
	for (size_t i = 0; i < world->bucket_count; i++)
		if (strcmp(world_bucket_check(world, i), CHECK) == 0)
			ck_assert_uint_eq(
			    world_bucket_len(world, i), 2 * (85 + sizeof("a.org")));
	end();
}
END_TEST

START_TEST(as_many_owners_as_asked)
{
	begin();
	params.min_orgs = 3;
	judge("dns=a.org");
	judge("dns=b.org");
	ck_assert_uint_eq(world_count(&findings, CHECK), 0);
	judge("dns=c.org");
	ck_assert_uint_eq(world_count(&findings, CHECK), 3);
	params.cdn_domains = 2;
	judge("dns=d.org,e.org");
	ck_assert_uint_eq(count_closures(), 3);
	end();
}
END_TEST

START_TEST(what_it_rests_on)
{
	static const char *const WORDS[] = {
	    "\"spki_sha256\":", "\"a.org\"", "\"x.b.org\"", "\"One CA\"", "\"Two CA\""};
	struct buf json;

	begin();
	judge("1 dns=www.a.org");
	judge("2 dns=www.x.b.org,b.org");
	json = world_evidence(&findings, CHECK);
	buf_append(&json, "", 1);
	for (size_t i = 0; i < ARRAY_LEN(WORDS); i++)
		ck_assert_msg(
		    (strstr((const char *)json.data, WORDS[i]) != NULL) == (i != 2),
		    "%s in %s", WORDS[i], (const char *)json.data);
	for (size_t i = 0; i < findings.count; i++)
		if (strcmp(findings.rows[i]->check->id, CHECK) == 0)
			ck_assert_str_eq(findings.rows[i]->message,
			    "the key is in valid certificates of 2 owners of domains and "
			    "of 2 operators");
	buf_free(&json);
	end();
}
END_TEST

/* However many certificates have it, and however many names they. */
START_TEST(memory_is_bounded)
{
	char spec[1024];

	begin();
	for (unsigned i = 0; i < 100; i++) {
		snprintf(spec, sizeof(spec),
		    "dns=%0*u.org,%0*u.org,%0*u.org,%0*u.org,%0*u.org,%0*u.org", 60, i,
		    60, i + 1000, 60, i + 2000, 60, i + 3000, 60, i + 4000, 60, i + 5000);
		judge(spec);
		ck_assert_uint_ge(world_count(&findings, CHECK), i > 0);
	}
	for (size_t i = 0; i < world->bucket_count; i++)
		if (strcmp(world_bucket_check(world, i), CHECK) == 0)
			ck_assert_uint_le(world_bucket_len(world, i), 16384);
	end();
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("key_reuse");

	mutate_as_asked();
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, rows, 0, UNIT_COUNT(ROWS));
	tcase_add_test(tcase, hosts_are_exempt);
	tcase_add_test(tcase, taken_back);
	tcase_add_test(tcase, expiry_takes_nothing_back);
	tcase_add_test(tcase, both_forms_are_one);
	tcase_add_test(tcase, as_many_owners_as_asked);
	tcase_add_test(tcase, what_it_rests_on);
	tcase_add_test(tcase, memory_is_bounded);
	return unit_run("key_reuse", tcase);
}
