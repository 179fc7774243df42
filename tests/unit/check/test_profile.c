/* Which template a certificate was made by, and what is another than its issuer uses. */
#include "tests/lib/mutate.h"
#include "tests/lib/unit.h"
#include "tests/lib/world.h"

#include <stdio.h>

#include "check/run.h"
#include "check/profile.h"

/* --- the key -------------------------------------------------------------------------
 */

#define SERIAL "serial=0102030405060708 "

static const struct {
	const char *what, *one, *other;
	bool same;
} KEYS[] = {
    {"whose it is", "dns=a.org subject=/CN=a.org " SERIAL,
	"dns=b.org subject=/CN=b.org key=p384 nb=2026-05-01 serial=1102030405060709",
	true},
    {"a precertificate and its certificate", SERIAL "poison", SERIAL "scts=2026-04-01",
	true},
    {"a certificate without SCTs", SERIAL, SERIAL "scts=2026-04-01", true},
    {"the algorithm", SERIAL, SERIAL "sig=sha384", false},
    {"its parameters", SERIAL "sigalg=300a06082a8648ce3d040302",
	SERIAL "sigalg=300c06082a8648ce3d0403020500", false},
    {"one more extension", SERIAL, SERIAL "ext=1.2.3:0500", false},
    {"their order", SERIAL "ext=1.2.3:0500 ext=1.2.4:0500",
	SERIAL "ext=1.2.4:0500 ext=1.2.3:0500", false},
    {"a critical one", SERIAL "ext=1.2.3:0500", SERIAL "extcrit=1.2.3:0500", false},
    {"what an extension holds", SERIAL "ext=1.2.3:0500", SERIAL "ext=1.2.3:0400", true},
    {"a policy", SERIAL, SERIAL "policies=2.23.140.1.2.2", false},
    {"the order of policies", SERIAL "policies=2.23.140.1.2.1,1.2.3",
	SERIAL "policies=1.2.3,2.23.140.1.2.1", false},
    {"a purpose", SERIAL, SERIAL "eku=1.3.6.1.5.5.7.3.1,1.3.6.1.5.5.7.3.2", false},
    {"key usage", SERIAL "ku=1", SERIAL "ku=5", false},
    {"an attribute", SERIAL "subject=/CN=a", SERIAL "subject=/O=b/CN=a", false},
    {"the order of attributes", SERIAL "subject=/CN=a/O=b", SERIAL "subject=/O=b/CN=a",
	false},
    {"half an hour less a second", SERIAL "life=36000", SERIAL "life=37798", true},
    {"half an hour", SERIAL "life=36000", SERIAL "life=37799", false},
    {"half an hour earlier", SERIAL "life=36000", SERIAL "life=34199", true},
    {"a second more", SERIAL "life=36000", SERIAL "life=34198", false},
    {"octets of the serial number", SERIAL, "serial=010203040506070809", false},
};

START_TEST(keys)
{
	struct sample one, other;
	bool same;

	sample_make(&one, KEYS[_i].one);
	sample_make(&other, KEYS[_i].other);
	same = memcmp(profile_key(&one.judged), profile_key(&other.judged),
		   PROFILE_KEY) == 0;
	ck_assert_msg(same == KEYS[_i].same, "%s", KEYS[_i].what);
	sample_free(&one);
	sample_free(&other);
}
END_TEST

START_TEST(in_words)
{
	static const char *const WORDS[PROFILE_ELEMENTS] = {"1.2.840.10045.4.3.2",
	    "2.5.29.14 2.5.29.15! 1.2.3", "2.23.140.1.2.1 1.2.3",
	    "1.3.6.1.5.5.7.3.1 1.3.6.1.5.5.7.3.2", "digitalSignature keyEncipherment",
	    "O CN", "10 hours", "8 octets"};
	struct sample sample;
	struct buf text;

	sample_make(&sample,
	    SERIAL "omit=ski+aki+ku+eku+policies+aia+crldp+san+bc poison life=36000 "
		   "ext=2.5.29.14:0400 extcrit=2.5.29.15:030205a0 ext=1.2.3:0500 "
		   "subject=/O=b/CN=a");
	buf_init(&text, 1 << 16);
	for (size_t i = 0; i < PROFILE_ELEMENTS; i++) {
		if (i == PROFILE_POLICIES) {
			sample_free(&sample);
			sample_make(&sample,
			    SERIAL "policies=2.23.140.1.2.1,1.2.3 ku=5 life=36000 "
				   "eku=1.3.6.1.5.5.7.3.1,1.3.6.1.5.5.7.3.2 "
				   "subject=/O=b/CN=a");
		}
		buf_clear(&text);
		profile_append(&sample.judged, (enum profile_element)i, &text);
		ck_assert_str_eq(buf_text(&text), WORDS[i]);
	}
	buf_free(&text);
	sample_free(&sample);
}
END_TEST

/* --- profile-drift --------------------------------------------------------------------
 */

struct issue {
	size_t count;
	const char *spec;
};

static struct world *world;
static struct findings findings;
static struct arena arena;
static struct check_params limits;
static bool without_profiles;

static void
begin(void)
{
	world = world_new();
	arena_init(&arena);
	findings_init(&findings, &arena);
	check_params_defaults(&limits);
	without_profiles = false;
}

static void
end(void)
{
	world_free(world);
	arena_free(&arena);
}

static void
judge(const char *spec)
{
	struct check_history history = world_history(world);
	struct sample *sample = world_add(world, spec);

	sample->params.profile_min = limits.profile_min;
	sample->params.profile_rare = limits.profile_rare;
	sample->params.profile_settled = limits.profile_settled;
	if (without_profiles) {
		size_t number;

		check_find("profile-drift", &number);
		sample->params.off[number] = true;
	}
	checks_run_history(&sample->judged, &history, &findings);
}

/* Each of another serial number, of eight octets where it names none. */
static void
issue(const struct issue *order)
{
	for (size_t i = 0; i < order->count; i++) {
		char *spec = mem_format("serial=0a0000000000%04x hi=2026-04-01 %s",
		    (unsigned)world->count, order->spec);

		judge(strstr(order->spec, "serial=") != NULL ? order->spec : spec);
		mem_free(spec);
	}
}

static size_t
found(const char *rule)
{
	size_t count = 0;

	for (size_t i = 0; i < findings.count; i++)
		count += strcmp(findings.rows[i]->check->id, "profile-drift") == 0 &&
		    strcmp(findings.rows[i]->subrule->name, rule) == 0;
	return count;
}

#define OTHER "eku=1.3.6.1.5.5.7.3.1,1.3.6.1.5.5.7.3.2"

static const struct {
	const char *what;
	int64_t least, rare, settled; /* 0: as by itself */
	struct issue issues[4];
	size_t fresh, rares;
} DRIFTS[] = {
    {"after two hundred", 0, 0, 0, {{200, ""}, {1, OTHER}}, 1, 0},
    {"after 199", 0, 0, 0, {{199, ""}, {1, OTHER}}, 0, 0},
    {"the second is not new", 5, 0, 0, {{5, ""}, {2, OTHER}}, 1, 0},
    {"known from the first days", 5, 0, 0, {{1, OTHER}, {5, ""}, {1, OTHER}}, 0, 0},
    {"its thirtieth day", 5, 0, 0, {{5, ""}, {1, OTHER " hi=2026-04-30T23:59:59Z"}}, 1,
	0},
    {"a day later", 5, 0, 0, {{5, ""}, {1, OTHER " hi=2026-05-01"}}, 0, 0},
    {"days to come do not count", 5, 0, 0,
	{{5, ""}, {1, OTHER " hi=2026-03-31T23:59:59.999Z"}}, 0, 0},
    {"by an SCT's day", 5, 0, 0, {{5, ""}, {1, OTHER " lo=2026-04-30 hi=2026-06-01"}}, 1,
	0},
    {"without a clock", 5, 0, 0, {{5, ""}, {1, OTHER " serial=0b00000000000001"}}, 0, 0},
    {"another issuer's", 5, 0, 0, {{5, "signer=p384"}, {1, OTHER}}, 0, 0},
    {"two of twenty-one", 5, 10, 0, {{1, OTHER}, {19, ""}, {1, OTHER}}, 0, 1},
    {"two of twenty", 5, 10, 0, {{1, OTHER}, {18, ""}, {1, OTHER}}, 0, 0},
    {"rare, but two hundred are not there", 0, 10, 0, {{1, OTHER}, {198, ""}, {1, OTHER}},
	0, 0},
    {"until it is settled", 5, 2, 3, {{9, ""}, {6, OTHER}}, 1, 2},
    {"one octet shorter is chance", 5, 0, 0,
	{{5, ""}, {1, "serial=0a000000000001 hi=2026-04-01"}}, 0, 0},
    {"two octets are none", 5, 0, 0, {{5, ""}, {1, "serial=0a0000000001 hi=2026-04-01"}},
	1, 0},
    {"nor is one octet more", 5, 0, 0,
	{{5, ""}, {1, "serial=0a0000000000000001 hi=2026-04-01"},
	    {1, "serial=0a000000000000000001 hi=2026-04-01"}},
	2, 0},
    {"a CA", 5, 0, 0, {{5, ""}, {1, "role=ca"}}, 0, 0},
};

START_TEST(drifts)
{
	begin();
	if (DRIFTS[_i].least != 0)
		limits.profile_min = DRIFTS[_i].least;
	if (DRIFTS[_i].rare != 0)
		limits.profile_rare = DRIFTS[_i].rare;
	if (DRIFTS[_i].settled != 0)
		limits.profile_settled = DRIFTS[_i].settled;
	for (size_t i = 0; i < ARRAY_LEN(DRIFTS[_i].issues); i++)
		issue(&DRIFTS[_i].issues[i]);
	ck_assert_msg(found("new") == DRIFTS[_i].fresh, "%s: %zu new", DRIFTS[_i].what,
	    found("new"));
	ck_assert_msg(found("rare") == DRIFTS[_i].rares, "%s: %zu rare", DRIFTS[_i].what,
	    found("rare"));
	end();
}
END_TEST

/* As if so many others of the first certificate's issuer had come a day before. */
static void
others_came(uint64_t count)
{
	struct check_history history = world_history(world);
	uint8_t total[8];

	for (size_t i = 0; i < sizeof(total); i++)
		total[i] = (uint8_t)(count >> (56 - 8 * i));
	history.set_state(history.owner, "profile-drift",
	    bytes_of(world->samples[0].judged.issuer_key_hash, 32),
	    sample_date("2026-03-31") / 86400, bytes_of(total, sizeof(total)));
}

/* By itself: a share below 0.1 %, until there are a hundred. */
static const struct {
	size_t before;
	uint64_t others;
	size_t rares;
} SHARES[] = {{1, 999, 0}, {1, 1000, 1}, {99, 1000, 1}, {100, 1000, 0}};

START_TEST(shares)
{
	begin();
	issue(&(struct issue){SHARES[_i].before, OTHER " hi=2026-01-01"});
	others_came(SHARES[_i].others);
	issue(&(struct issue){1, OTHER});
	ck_assert_uint_eq(found("new"), 0);
	ck_assert_uint_eq(found("rare"), SHARES[_i].rares);
	end();
}
END_TEST

START_TEST(what_it_rests_on)
{
	static const char *const PARTS[] = {"\"certificates\":7", "\"of_this_profile\":1",
	    "\"of_the_usual\":4",
	    "\"differs\":[{\"element\":\"extended key usages\","
	    "\"this\":\"1.3.6.1.5.5.7.3.1 1.3.6.1.5.5.7.3.2\","
	    "\"usual\":\"1.3.6.1.5.5.7.3.1\"}]"};
	struct buf json;

	begin();
	limits.profile_min = 6;
	issue(&(struct issue){2, "life=3600"});
	issue(&(struct issue){4, ""});
	issue(&(struct issue){1, OTHER});
	json = world_evidence(&findings, "profile-drift");
	for (size_t i = 0; i < ARRAY_LEN(PARTS); i++)
		ck_assert_msg(strstr(buf_text(&json), PARTS[i]) != NULL, "%s in %s",
		    PARTS[i], buf_text(&json));
	ck_assert_ptr_nonnull(
	    strstr(findings.rows[0]->message, "usual profile in extended key usages"));
	buf_free(&json);
	end();
}
END_TEST

/* A precertificate and its certificate are one; so is what is read twice. */
START_TEST(each_row_once)
{
	begin();
	limits.profile_min = 5;
	for (size_t i = 0; i < 4; i++)
		for (size_t form = 0; form < 2; form++) {
			char *spec = mem_format("serial=0a%014x hi=2026-04-01 %s",
			    (unsigned)i, form == 0 ? "poison" : "scts=2026-04-01");

			judge(spec);
			mem_free(spec);
		}
	issue(&(struct issue){1, OTHER});
	ck_assert_uint_eq(found("new"), 0);
	issue(&(struct issue){1, OTHER " ku=5 poison"});
	ck_assert_uint_eq(found("new"), 1);
	end();
}
END_TEST

/* --- test-certificate ------------------------------------------------------------------
 */

#define AT_3_5 "bcdfghjklmnplmnp"
#define BELOW  "qwrtzpsdfgh" /* 3.46 */
#define SUBJECT(third)                                                                   \
	"subject=/O=" AT_3_5 "/OU=" AT_3_5 "/L=" third " crl=http://a.org/ dns=b.org"

static const struct {
	const char *what, *usual, *spec;
	bool off;
	size_t found;
} RANDOMS[] = {
    {"three, by another template", "", SUBJECT(AT_3_5), false, 1},
    {"one of them less random", "", SUBJECT(BELOW), false, 0},
    {"by the usual one", SUBJECT(AT_3_5), SUBJECT(AT_3_5), false, 0},
    {"nobody knows templates", "", SUBJECT(AT_3_5), true, 0},
};

START_TEST(random_by_another_template)
{
	size_t count = 0;

	begin();
	limits.profile_min = 5;
	without_profiles = RANDOMS[_i].off;
	issue(&(struct issue){5, RANDOMS[_i].usual});
	issue(&(struct issue){1, RANDOMS[_i].spec});
	for (size_t i = 0; i < findings.count; i++)
		count += strcmp(findings.rows[i]->subrule->name, "random-drift") == 0;
	ck_assert_msg(count == RANDOMS[_i].found, "%s: %zu", RANDOMS[_i].what, count);
	if (!RANDOMS[_i].off && RANDOMS[_i].usual[0] == '\0')
		ck_assert_uint_eq(found("new"), 1); /* counted by one of them alone */
	end();
}
END_TEST

/* An issuer that invents a profile for each certificate: so many are told, and what
 * is remembered has an end. */
START_TEST(memory_is_bounded)
{
	begin();
	limits.profile_min = 1;
	for (size_t i = 1; i <= 300; i++) {
		char *spec = mem_format("life=%zu000000", i);

		issue(&(struct issue){1, spec});
		mem_free(spec);
	}
	ck_assert_uint_eq(found("new"), 255); /* the first has nothing before it */
	ck_assert_uint_eq(found("rare"), 0);
	for (size_t i = 0; i < world->bucket_count; i++)
		if (strcmp(world_bucket_check(world, i), "profile-drift") == 0)
			ck_assert_uint_le(world_bucket_len(world, i), 8 + 256 * 24);
	issue(&(struct issue){1, OTHER " hi=2026-05-25"});
	ck_assert_uint_eq(found("new"), 255);
	issue(&(struct issue){2, OTHER " ku=5 hi=2026-05-25"});
	ck_assert_uint_eq(found("new"), 256); /* 30 days on, others are learned */
	end();
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("profile");

	mutate_as_asked();
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, keys, 0, UNIT_COUNT(KEYS));
	tcase_add_test(tcase, in_words);
	tcase_add_loop_test(tcase, drifts, 0, UNIT_COUNT(DRIFTS));
	tcase_add_loop_test(tcase, shares, 0, UNIT_COUNT(SHARES));
	tcase_add_test(tcase, what_it_rests_on);
	tcase_add_test(tcase, each_row_once);
	tcase_add_loop_test(tcase, random_by_another_template, 0, UNIT_COUNT(RANDOMS));
	tcase_add_test(tcase, memory_is_bounded);
	return unit_run("profile", tcase);
}
