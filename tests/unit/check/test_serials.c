/* Populations of serial numbers: certificates that differ in nothing else, as the
 * writer would hand them over, and what the checks remember in between. */
#include "tests/lib/mutate.h"
#include "tests/lib/unit.h"
#include "tests/lib/world.h"

#include <stdio.h>

#include "check/run.h"

/* The first second of the 64 bits, and the last before it. */
#define SINCE  "nb=2016-09-30 "
#define BEFORE "nb=2016-09-29T23:59:59Z "

/* --- an issuer at work -------------------------------------------------------------- */

struct issuer {
	struct world *world; /* keeps the checks' state */
	struct sample base;
	struct arena arena;
	struct findings findings;
	uint64_t random;
	uint64_t repeats;     /* what `members` answers */
	bool precerts_repeat; /* for that kind of form only */
	int64_t hi_ms;
};

static struct issuer now;

static void
issuer_begin(const char *spec)
{
	now = (struct issuer){.world = world_new(), .random = 1};
	sample_make(&now.base, spec);
	arena_init(&now.arena);
	findings_init(&now.findings, &now.arena);
}

static void
issuer_end(void)
{
	sample_free(&now.base);
	world_free(now.world);
	arena_free(&now.arena);
}

/* splitmix64: the same numbers in every run. */
static uint64_t
draw(void)
{
	uint64_t z = now.random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static size_t
members(void *owner, const uint8_t *issuer_key, struct bytes issuer_dn,
    struct bytes serial, bool precert, const uint8_t except[32],
    struct history_member *out, size_t room, uint64_t *total)
{
	(void)owner, (void)issuer_key, (void)issuer_dn, (void)serial, (void)except,
	    (void)out, (void)room;
	*total = precert == now.precerts_repeat ? now.repeats : 0;
	return 0;
}

/* A certificate with this serial number is committed. */
static void
commit(struct bytes serial, int64_t not_before, bool row_is_new)
{
	struct check_history history = world_history(now.world);
	struct cert *cert = arena_alloc(&now.arena, sizeof(*cert));
	struct judged *judged = arena_zero(&now.arena, 1, sizeof(*judged));

	*cert = now.base.cert;
	cert->serial = arena_copy(&now.arena, serial);
	cert->not_before = not_before;
	judged_init(judged, cert, NULL, now.base.judged.issuer_key_hash, &now.base.params,
	    &now.arena);
	judged->signature = SIGNATURE_VERIFIED;
	judged->dates = now.base.dates;
	judged->now_ms = now.base.now_ms;
	judged->hi_ms = now.hi_ms++;
	judged->row_is_new = row_is_new;
	history.members = members;
	checks_run_history(judged, &history, &now.findings);
}

/* The 64-bit number behind a prefix, as DER writes it. */
static struct bytes
write_number(uint64_t high, uint64_t low, uint8_t out[17])
{
	size_t skip = 0;

	out[0] = 0;
	put_be64(out + 1, high);
	put_be64(out + 9, low);
	while (skip < 16 && out[skip] == 0 && out[skip + 1] < 0x80)
		skip++;
	return bytes_of(out + skip, 17 - skip);
}

static void
commit_number(uint64_t high, uint64_t low)
{
	uint8_t octets[17];

	commit(write_number(high, low, octets), now.base.cert.not_before, true);
}

/* The level of what was found under that sub-rule; NULL: nothing. */
static const char *
found(const char *check, const char *subrule)
{
	for (size_t i = 0; i < now.findings.count; i++) {
		const struct finding *row = now.findings.rows[i];

		if (strcmp(row->check->id, check) != 0 ||
		    strcmp(row->subrule->name, subrule) != 0)
			continue;
		if (row->subject == SUBJECT_ISSUER)
			ck_assert(bytes_equal(row->subject_key,
			    bytes_of(now.base.judged.issuer_key_hash, 32)));
		return check_level_name(row->level);
	}
	return NULL;
}

static void
expect(const char *what, const char *check, const char *subrule, const char *level)
{
	const char *got = found(check, subrule);

	ck_assert_msg(
	    (got == NULL) == (level == NULL) && (got == NULL || strcmp(got, level) == 0),
	    "%s: %s %s is %s, not %s", what, check, subrule, got ? got : "silent",
	    level ? level : "silent");
}

static void
expect_evidence(const char *check, const char *text)
{
	struct buf json = world_evidence(&now.findings, check);

	ck_assert_msg(strstr(buf_text(&json), text) != NULL, "%s: no %s in %s", check,
	    text, buf_text(&json));
	buf_free(&json);
}

/* --- serial-short: the longest of many ------------------------------------------------
 */

static const struct {
	const char *what, *spec;
	unsigned count;
	uint64_t mask, set; /* of 64 random bits; one serial at least has `set` */
	const char *level;
} SHORT[] = {
    {"thirty of 63 bits", SINCE, 30, INT64_MAX, INT64_C(1) << 62, "error"},
    {"twenty-nine", SINCE, 29, INT64_MAX, INT64_C(1) << 62, NULL},
    {"one has 64 bits", SINCE, 30, UINT64_MAX, UINT64_C(1) << 63, NULL},
    {"of the years before", BEFORE, 30, INT64_MAX, INT64_C(1) << 62, NULL},
    {"sixty of 32 bits", SINCE, 60, UINT32_MAX, 1U << 31, "error"},
};

START_TEST(longest_of_many)
{
	issuer_begin(SHORT[_i].spec);
	for (unsigned i = 0; i < SHORT[_i].count; i++)
		commit_number(
		    0, (draw() & SHORT[_i].mask) | (i == 7 ? SHORT[_i].set : 1));
	expect(SHORT[_i].what, "serial-short", "population", SHORT[_i].level);
	if (_i == 0) {
		expect_evidence("serial-short", "\"tag\":\"63bit\"");
		expect_evidence("serial-short", "\"longest_bits\":63");
		expect_evidence("serial-short", "\"serials\":30");
	}
	issuer_end();
}
END_TEST

/* --- serial-low-entropy --------------------------------------------------------------
 */

static const struct {
	const char *what, *spec;
	unsigned count;
	uint64_t high, fixed, mask; /* low: fixed, and random where mask has a bit */
	const char *subrule, *level;
} ENTROPY[] = {
    {"63 of 64 bits", SINCE, 200, 0, UINT64_C(1) << 63, INT64_MAX, "64-bits", "warning"},
    {"64 bits behind a prefix", SINCE, 200, 0x1234567800000000, 0, UINT64_MAX, "64-bits",
	NULL},
    {"63 bits behind a prefix", SINCE, 200, 0x1234567800000000, 1, UINT64_MAX - 1,
	"64-bits", "warning"},
    {"too few to say", SINCE, 199, 0, UINT64_C(1) << 63, INT64_MAX, "64-bits", NULL},
    {"19 bits, before", BEFORE, 200, 0x1234, 0, 0x7ffff, "20-bits", "warning"},
    {"too few to say, before", BEFORE, 199, 0x1234, 0, 0x7ffff, "20-bits", NULL},
    {"20 bits, before", BEFORE, 200, 0x1234, 0, 0xfffff, "20-bits", NULL},
    {"20 bits, before, are not held to 64", BEFORE, 200, 0x1234, 0, 0xfffff, "64-bits",
	NULL},
};

START_TEST(random_bits)
{
	issuer_begin(ENTROPY[_i].spec);
	for (unsigned i = 0; i < ENTROPY[_i].count; i++)
		commit_number(
		    ENTROPY[_i].high, ENTROPY[_i].fixed | (draw() & ENTROPY[_i].mask));
	expect(ENTROPY[_i].what, "serial-low-entropy", ENTROPY[_i].subrule,
	    ENTROPY[_i].level);
	if (_i == 0) {
		expect_evidence(
		    "serial-low-entropy", "\"stuck_bits\":\"8000000000000000\"");
		expect_evidence("serial-low-entropy", "\"serials\":200");
	}
	issuer_end();
}
END_TEST

/* One bit of those that are needed is set in so many of two hundred: six deviations are
 * 142 and a half. */
static const struct {
	const char *spec;
	uint64_t high, mask;
	unsigned set;
	const char *subrule, *level;
} UNEVEN[] = {
    {SINCE, 0x1234567800000000, UINT64_MAX - 1, 141, "64-bits", NULL},
    {SINCE, 0x1234567800000000, UINT64_MAX - 1, 144, "64-bits", "warning"},
    {BEFORE, 0x1234, 0xffffe, 141, "20-bits", NULL},
    {BEFORE, 0x1234, 0xffffe, 144, "20-bits", "warning"},
};

START_TEST(uneven_by_chance)
{
	issuer_begin(UNEVEN[_i].spec);
	for (unsigned i = 0; i < 200; i++)
		commit_number(
		    UNEVEN[_i].high, (draw() & UNEVEN[_i].mask) | (i < UNEVEN[_i].set));
	expect("uneven", "serial-low-entropy", UNEVEN[_i].subrule, UNEVEN[_i].level);
	issuer_end();
}
END_TEST

/* A bit that is set nine times in ten holds log2(10/9) bits. */
START_TEST(uneven_bits)
{
	issuer_begin(SINCE);
	for (unsigned i = 0; i < 200; i++)
		commit_number(UINT64_C(0x1234567800000000),
		    (draw() & ~UINT64_C(1)) | (i % 10 != 0));
	expect("uneven", "serial-low-entropy", "64-bits", "warning");
	expect_evidence("serial-low-entropy", "\"entropy_at_most\":63");
	expect_evidence(
	    "serial-low-entropy", "\"stuck_bits\":\"ffffffffffffffff0000000000000000\"");
	issuer_end();
}
END_TEST

/* What two hundred do not show yet, a thousand may. */
static const struct {
	const char *spec;
	uint64_t high, mask;
	const char *subrule;
} WHOLE[] = {
    {SINCE, 0x1234567800000000, UINT64_MAX, "64-bits"},
    {BEFORE, 0x1234, 0xfffff, "20-bits"},
};

START_TEST(a_whole_window)
{
	uint64_t high = WHOLE[_i].high, mask = WHOLE[_i].mask;
	const char *subrule = WHOLE[_i].subrule;

	issuer_begin(WHOLE[_i].spec);
	for (unsigned i = 0; i < 999; i++)
		commit_number(high, (i < 700 ? draw() : draw() | 3) & mask);
	expect("one fewer", "serial-low-entropy", subrule, NULL);
	commit_number(high, (draw() | 3) & mask);
	expect("a thousand", "serial-low-entropy", subrule, "warning");
	expect_evidence("serial-low-entropy", "\"serials\":1000");
	issuer_end();
}
END_TEST

/* What came before a thousand does not hide what comes after. */
START_TEST(windows_stand_alone)
{
	issuer_begin(SINCE);
	for (unsigned i = 0; i < 1000; i++)
		commit_number(UINT64_C(0x1234567800000000), draw());
	expect("a thousand", "serial-low-entropy", "64-bits", NULL);
	for (unsigned i = 0; i < 200; i++)
		commit_number(UINT64_C(0x1234567800000000), draw() | 3);
	expect("and two hundred", "serial-low-entropy", "64-bits", "warning");
	expect_evidence("serial-low-entropy", "\"serials\":200");
	issuer_end();
}
END_TEST

static void
commit_random(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		commit_number(UINT64_C(0x1234567800000000), draw());
}

static const struct {
	const char *spec, *subrule;
} COLLISIONS[] = {{SINCE, "collisions-64-bits"}, {BEFORE, "collisions-20-bits"}};

START_TEST(collisions)
{
	const char *subrule = COLLISIONS[_i].subrule;

	issuer_begin(COLLISIONS[_i].spec);
	commit_random(100);
	now.repeats = 1;
	commit_random(1);
	now.repeats = 0;
	commit_random(98);
	expect("199", "serial-low-entropy", subrule, NULL);
	commit_random(1);
	expect("200", "serial-low-entropy", subrule, "warning");
	expect_evidence("serial-low-entropy", "\"equal_pairs\":1");
	/* 2 log2(200) - log2(2) = 14.3 */
	expect_evidence("serial-low-entropy", "\"entropy_about\":14");
	issuer_end();
}
END_TEST

/* One pair among 1,024 shows 19 bits, among 1,449 a little over 20. */
static const struct {
	unsigned count;
	const char *level;
} EQUAL[] = {{1024, "warning"}, {1449, NULL}};

START_TEST(equal_pairs)
{
	issuer_begin(BEFORE);
	commit_random(EQUAL[_i].count - 1);
	now.repeats = 1;
	commit_random(1);
	expect("a pair", "serial-low-entropy", "collisions-20-bits", EQUAL[_i].level);
	issuer_end();
}
END_TEST

/* A serial that is used again is one number drawn, not many. */
START_TEST(repeats_are_no_draws)
{
	issuer_begin(SINCE "poison");
	now.repeats = 1;
	for (unsigned i = 0; i < 600; i++) {
		now.precerts_repeat = i % 2 == 0; /* a form of either kind will do */
		commit_number(0x10, 1);
	}
	expect("one serial", "serial-low-entropy", "64-bits", NULL);
	expect("one serial", "serial-nibble-anomaly", "first-digit", NULL);
	issuer_end();
}
END_TEST

/* --- serial-nibble-anomaly
 * ---------------------------------------------------------------
 */

static const struct {
	const char *what;
	unsigned count;
	uint8_t low, high; /* the first octet */
	unsigned zero_of;  /* every so many begin with the digit 0; 0: as it comes */
	unsigned zeros;    /* and so many at first */
	const char *level;
} NIBBLES[] = {
    {"never a zero", 500, 0x10, 0xff, 0, 0, "notice"},
    {"never a zero, the sign's bit clear", 500, 0x10, 0x7f, 0, 0, "notice"},
    {"too few to say", 499, 0x10, 0xff, 0, 0, NULL},
    {"by chance", 500, 0x01, 0xff, 0, 0, NULL},
    {"by chance, the sign's bit clear", 500, 0x01, 0x7f, 0, 0, NULL},
    {"too many zeros", 500, 0x10, 0xff, 4, 0, "notice"},
    /* Five deviations lie at 55.7. */
    {"nearly too many zeros", 500, 0x10, 0xff, 0, 53, NULL},
    {"just too many zeros", 500, 0x10, 0xff, 0, 57, "notice"},
    {"a generator that sets a bit", 500, 0x40, 0x7f, 0, 0, NULL},
};

START_TEST(first_digits)
{
	unsigned span = NIBBLES[_i].high - NIBBLES[_i].low + 1u;

	issuer_begin(SINCE);
	for (unsigned i = 0; i < NIBBLES[_i].count; i++) {
		uint64_t first = NIBBLES[_i].low + draw() % span;

		if (i < NIBBLES[_i].zeros ||
		    (NIBBLES[_i].zero_of != 0 && i % NIBBLES[_i].zero_of == 0))
			first = 1 + draw() % 15;
		commit_number(first << 56 | draw() >> 8, draw());
	}
	expect(
	    NIBBLES[_i].what, "serial-nibble-anomaly", "first-digit", NIBBLES[_i].level);
	issuer_end();
}
END_TEST

/* The WoSign serials of 31 digits, and one of 32. */
START_TEST(odd_digits)
{
	static const struct {
		uint64_t high, low, repeats;
		const char *level;
	} ROWS[] = {
	    {0x056d1570da645bf6, 0xb44c0a7077cc6769, 1, "notice"},
	    {0x0d3bbdc3a0175e38, 0xf9d0070cd050986a, 2, "notice"},
	    {0x056d1570da645bf6, 0xb44c0a7077cc6769, 0, NULL},
	    {0x156d1570da645bf6, 0xb44c0a7077cc6769, 1, NULL},
	};

	for (size_t i = 0; i < UNIT_COUNT(ROWS); i++) {
		issuer_begin(BEFORE);
		now.repeats = ROWS[i].repeats;
		commit_number(ROWS[i].high, ROWS[i].low);
		expect("a repeated serial", "serial-nibble-anomaly", "odd-digits",
		    ROWS[i].level);
		if (ROWS[i].level != NULL)
			expect_evidence("serial-nibble-anomaly", "\"digits\":31");
		issuer_end();
	}
}
END_TEST

/* --- serial-sequential
 * ------------------------------------------------------------------- */

static const struct {
	const char *what, *spec;
	unsigned count, follow; /* only so many follow on one before; 0: all; 1: none */
	uint64_t step;
	const char *subrule, *level;
} STEPS[] = {
    {"a counter", SINCE, 20, 0, 1, "steps", "error"},
    {"nineteen of it", SINCE, 19, 0, 1, "steps", NULL},
    {"a counter, before", BEFORE, 20, 0, 1, "steps-before-2016", "warning"},
    {"wide steps", SINCE, 20, 0, (1 << 20) - 1, "steps", "error"},
    {"wider ones", SINCE, 20, 0, 1 << 20, "steps", NULL},
    {"the same again", SINCE, 20, 0, 0, "steps", NULL},
    {"random", SINCE, 64, 1, 0, "steps", NULL},
    {"four steps of nineteen", SINCE, 20, 4, 1, "steps", "error"},
    {"three steps of nineteen", SINCE, 20, 3, 1, "steps", NULL},
};

START_TEST(counters)
{
	uint64_t number = UINT64_C(0x1122334455667788);
	unsigned follow = STEPS[_i].follow;

	issuer_begin(STEPS[_i].spec);
	for (unsigned i = 0; i < STEPS[_i].count; i++) {
		if (follow > 1 ? i > follow : follow == 1)
			commit_number(draw(), draw());
		else
			commit_number(7, number += STEPS[_i].step);
	}
	expect(STEPS[_i].what, "serial-sequential", STEPS[_i].subrule, STEPS[_i].level);
	if (_i == 0) {
		expect_evidence("serial-sequential", "\"steps\":19");
		expect_evidence("serial-sequential", "\"order\":\"time\"");
		expect_evidence("serial-sequential",
		    "\"first\":\"0000000000000000000000071122334455667789\",\"next\":\""
		    "000000000000000000000007112233445566778a\",\"step\":1");
	}
	issuer_end();
}
END_TEST

/* Where numbers were drawn first and counted later. */
static const struct {
	const char *what;
	unsigned count, drawn;
	const char *level;
} LATER[] = {
    {"13 steps of 63", 64, 50, "error"},
    {"12 steps of 63", 64, 51, NULL},
    {"not looked at yet", 63, 49, NULL},
    {"13 steps of the last 63", 96, 82, "error"},
    {"12 steps of the last 63", 96, 83, NULL},
};

START_TEST(counters_later)
{
	issuer_begin(SINCE);
	for (unsigned i = 0; i < LATER[_i].count; i++)
		if (i < LATER[_i].drawn)
			commit_number(draw(), draw());
		else
			commit_number(7, i);
	expect(LATER[_i].what, "serial-sequential", "steps", LATER[_i].level);
	if (LATER[_i].level != NULL) {
		expect_evidence("serial-sequential", "\"steps\":13");
		expect_evidence("serial-sequential", "\"serials\":64");
	}
	issuer_end();
}
END_TEST

/* Ten counters in turns: no two neighbours in time are neighbours in number. */
START_TEST(counters_in_turns)
{
	issuer_begin(SINCE);
	for (unsigned i = 0; i < 20; i++)
		commit_number(100 - i % 10, UINT64_C(0x5000000000000000) + i);
	expect("in turns", "serial-sequential", "steps", "error");
	expect_evidence("serial-sequential", "\"order\":\"number\"");
	issuer_end();
}
END_TEST

/* Certificates arrive in any order; their dates say how they were made. */
START_TEST(counters_out_of_order)
{
	uint8_t octets[17];

	issuer_begin(SINCE);
	for (unsigned i = 0; i < 20; i++) {
		unsigned n = i * 7 % 20;

		commit(write_number(9, n, octets),
		    now.base.cert.not_before + n * INT64_C(1000), true);
	}
	expect("out of order", "serial-sequential", "steps", "error");
	expect_evidence("serial-sequential", "\"order\":\"time\"");
	expect_evidence("serial-sequential", "\"steps\":19");
	issuer_end();
}
END_TEST

/* Few bits lie near each other without being counted. */
START_TEST(short_ones_are_no_sequence)
{
	issuer_begin(SINCE);
	for (unsigned i = 0; i < 64; i++)
		commit_number(0, draw() & 0xffffff);
	expect("24 random bits", "serial-sequential", "steps", NULL);
	issuer_end();
}
END_TEST

/* Of 24 bits, steps below 2^10 are. */
START_TEST(short_ones_may_be)
{
	for (unsigned step = 1023; step <= 1024; step++) {
		issuer_begin(SINCE);
		for (unsigned i = 0; i < 20; i++)
			commit_number(0, 0x800000 + i * step);
		expect("a counter of 24 bits", "serial-sequential", "steps",
		    step < 1024 ? "error" : NULL);
		issuer_end();
	}
}
END_TEST

static const struct {
	const char *what, *spec;
	int64_t shift_s;
	unsigned count, first, every; /* from the first on, every so many is a time */
	const char *subrule, *level;
} CLOCKS[] = {
    {"the time", SINCE, 0, 20, 0, 1, "clock", "error"},
    {"the time, before", BEFORE, 0, 20, 0, 1, "clock-before-2016", "warning"},
    {"nineteen of them", SINCE, 0, 19, 0, 1, "clock", NULL},
    {"nineteen of them, before", BEFORE, 0, 19, 0, 1, "clock-before-2016", NULL},
    {"a day late", SINCE, 86400, 20, 0, 1, "clock", "error"},
    {"a day early", SINCE, -86400, 20, 0, 1, "clock", "error"},
    {"a second more", SINCE, 86401, 20, 0, 1, "clock", NULL},
    {"a second less", SINCE, -86401, 20, 0, 1, "clock", NULL},
    {"every fifth", SINCE, 0, 20, 0, 5, "clock", NULL},
    {"every fourth", SINCE, 0, 20, 0, 4, "clock", "error"},
    {"21 of a hundred", SINCE, 0, 100, 16, 4, "clock", "error"},
    {"20 of a hundred", SINCE, 0, 100, 20, 4, "clock", NULL},
};

START_TEST(clocks)
{
	issuer_begin(CLOCKS[_i].spec);
	for (unsigned i = 0; i < CLOCKS[_i].count; i++) {
		uint64_t time = (uint64_t)(now.base.cert.not_before + CLOCKS[_i].shift_s);

		if (i >= CLOCKS[_i].first && i % CLOCKS[_i].every == 0)
			commit_number(time << 32 | draw() >> 32, draw());
		else
			commit_number(UINT64_C(0xf) << 60 | draw() >> 4, draw());
	}
	expect(
	    CLOCKS[_i].what, "serial-sequential", CLOCKS[_i].subrule, CLOCKS[_i].level);
	issuer_end();
}
END_TEST

/* --- what is counted, and kept
 * -------------------------------------------------------------
 */

/* The precertificate of a row, then its certificate; one that is read again. */
START_TEST(rows_count_once)
{
	uint8_t octets[17];

	issuer_begin(SINCE);
	for (unsigned i = 0; i < 29; i++)
		for (unsigned form = 0; form < 3; form++)
			commit(write_number(0, 5000 + i, octets),
			    now.base.cert.not_before, form == 0);
	ck_assert_uint_eq(world_count(&now.findings, "serial-sequential"), 1);
	expect("29 rows in 87 forms", "serial-short", "population", NULL);
	expect_evidence("serial-sequential", "\"serials\":20");
	commit_number(0, 6000);
	expect("30 rows", "serial-short", "population", "error");
	issuer_end();
}
END_TEST

/* The two populations of one issuer know nothing of each other. */
START_TEST(eras_are_apart)
{
	uint8_t octets[17];

	issuer_begin(SINCE);
	for (unsigned i = 0; i < 38; i++)
		commit(write_number(3, 5000 + i, octets),
		    sample_date(i % 2 == 0 ? "2016-09-29T23:59:59Z" : "2016-09-30"),
		    true);
	ck_assert_uint_eq(world_count(&now.findings, "serial-sequential"), 0);
	commit(write_number(3, 6000, octets), sample_date("2016-09-29T23:59:59Z"), true);
	expect("twenty before", "serial-sequential", "steps-before-2016", "warning");
	expect("nineteen since", "serial-sequential", "steps", NULL);
	issuer_end();
}
END_TEST

/* Whatever a CA makes, what is remembered of it stays small. */
START_TEST(memory_is_bounded)
{
	size_t most = 0, sum = 0;

	issuer_begin(SINCE);
	for (unsigned i = 0; i < 3000; i++) {
		uint8_t octets[20];
		size_t len = 1 + i % 20;

		for (size_t j = 0; j < len; j++)
			octets[j] = (uint8_t)(draw() & 0x7f) | 1;
		commit(bytes_of(octets, len), now.base.cert.not_before, true);
	}
	for (size_t i = 0; i < now.world->bucket_count; i++) {
		size_t len = world_bucket_len(now.world, i);

		if (strncmp(world_bucket_check(now.world, i), "serial-", 7) != 0)
			continue;
		most = len > most ? len : most;
		sum += len;
	}
	ck_assert_uint_le(most, 4096);
	ck_assert_uint_le(sum, 12288);
	issuer_end();
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("serials");

	mutate_as_asked();
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, longest_of_many, 0, UNIT_COUNT(SHORT));
	tcase_add_loop_test(tcase, random_bits, 0, UNIT_COUNT(ENTROPY));
	tcase_add_test(tcase, uneven_bits);
	tcase_add_loop_test(tcase, uneven_by_chance, 0, UNIT_COUNT(UNEVEN));
	tcase_add_loop_test(tcase, a_whole_window, 0, UNIT_COUNT(WHOLE));
	tcase_add_loop_test(tcase, equal_pairs, 0, UNIT_COUNT(EQUAL));
	tcase_add_test(tcase, windows_stand_alone);
	tcase_add_loop_test(tcase, collisions, 0, UNIT_COUNT(COLLISIONS));
	tcase_add_test(tcase, repeats_are_no_draws);
	tcase_add_loop_test(tcase, first_digits, 0, UNIT_COUNT(NIBBLES));
	tcase_add_test(tcase, odd_digits);
	tcase_add_loop_test(tcase, counters, 0, UNIT_COUNT(STEPS));
	tcase_add_loop_test(tcase, counters_later, 0, UNIT_COUNT(LATER));
	tcase_add_test(tcase, counters_in_turns);
	tcase_add_test(tcase, counters_out_of_order);
	tcase_add_test(tcase, short_ones_are_no_sequence);
	tcase_add_test(tcase, short_ones_may_be);
	tcase_add_loop_test(tcase, clocks, 0, UNIT_COUNT(CLOCKS));
	tcase_add_test(tcase, rows_count_once);
	tcase_add_test(tcase, eras_are_apart);
	tcase_add_test(tcase, memory_is_bounded);
	return unit_run("serials", tcase);
}
