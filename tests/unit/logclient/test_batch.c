#include "logclient/batch.h"
#include "tests/lib/unit.h"

/* A reply to a request for [start, start + asked) of a tree of SIZE. */
#define SIZE 10000000
struct reply {
	uint64_t start;
	unsigned asked, count;
};

static const struct {
	const char *what;
	unsigned known;
	struct reply replies[6];
	unsigned size; /* learned */
} ROWS[] = {
    {"nothing was seen", 0, {{0}}, 0},
    {"a former run knew", 256, {{0}}, 256},
    {"more than is ever asked", 4096, {{0}}, BATCH_MAX},
    {"one cut reply is not enough", 0, {{0, 1024, 64}}, 0},
    {"two equal ones are", 0, {{0, 1024, 64}, {64, 960, 64}}, 64},
    {"two of different lengths are not", 0, {{0, 1024, 64}, {64, 960, 32}}, 0},
    {"an unaligned one tells nothing", 0, {{10, 1014, 54}, {10, 1014, 54}}, 0},
    {"one entry is always aligned", 0, {{63, 961, 1}, {64, 960, 64}}, 64},
    {"all that was asked", 0, {{0, 1024, 1024}}, 1024},
    {"all of a short request", 0, {{0, 64, 64}}, 0},
    {"two shorter ones may be chance", 256, {{0, 256, 32}, {32, 224, 32}}, 256},
    {"three are not", 256, {{0, 256, 32}, {32, 224, 32}, {64, 192, 32}}, 32},
    {"three, but not equal", 256, {{0, 256, 32}, {32, 224, 32}, {64, 192, 64}}, 256},
    {"a full one between", 256,
	{{0, 256, 32}, {32, 224, 32}, {256, 256, 256}, {512, 256, 32}}, 256},
    {"a probe that is met", 256, {{0, 512, 512}}, 512},
    {"a probe that is not", 256, {{0, 512, 256}}, 256},
    {"a probe that is met by half", 256, {{0, 512, 384}}, 384},
    {"the tree's end cuts", 256,
	{{9999968, 32, 32}, {9999984, 16, 16}, {9999968, 32, 32}, {9999968, 32, 32}},
	256},
    {"CTFE's 1000 from the start", 0, {{0, 1024, 1000}, {1024, 1024, 976}}, 1000},
    {"CTFE's 1000 from anywhere", 0,
	{{987654, 506, 346}, {988000, 160, 160}, {988160, 1024, 840}}, 1000},
    {"CTFE's 32 from anywhere", 0, {{40, 984, 24}, {64, 960, 32}}, 32},
    {"100, not aligned", 0, {{0, 1024, 100}, {1024, 1024, 100}, {100, 924, 100}}, 100},
    {"a boundary too far apart is corrected", 0,
	{{100, 924, 28}, {200, 824, 56}, {256, 128, 64}, {384, 128, 64}, {512, 128, 64}},
	64},
};

START_TEST(learning)
{
	struct batch batch;

	batch_init(&batch, ROWS[_i].known, 0);
	for (size_t i = 0; i < ARRAY_LEN(ROWS[_i].replies); i++) {
		const struct reply *reply = &ROWS[_i].replies[i];

		if (reply->count > 0)
			batch_learn(
			    &batch, reply->start, reply->asked, reply->count, SIZE, 1000);
	}
	ck_assert_msg(batch.size == ROWS[_i].size, "%s: %u", ROWS[_i].what, batch.size);
}
END_TEST

static const struct {
	unsigned known;
	uint64_t next, size, end;
} PLANS[] = {
    {0, 0, 100000, 1024},
    {0, 40, 100000, 1024},
    {0, 1024, 100000, 2048},
    {0, 0, 100, 100},
    {64, 0, 100000, 64},
    {64, 63, 100000, 64},
    {64, 64, 100000, 128},
    {64, 99990, 100000, 100000},
    {1000, 999, 100000, 1000},
    {256, UINT64_MAX / 2 - 1, UINT64_MAX / 2, UINT64_MAX / 2},
};

START_TEST(planning)
{
	struct batch batch;

	batch_init(&batch, PLANS[_i].known, 0);
	ck_assert_uint_eq(
	    batch_plan(&batch, PLANS[_i].next, PLANS[_i].size, 1000), PLANS[_i].end);
}
END_TEST

START_TEST(a_larger_one_is_tried_daily)
{
	struct batch batch;
	int64_t day = BATCH_PROBE_MS;

	batch_init(&batch, 64, 0);
	ck_assert_uint_eq(batch_plan(&batch, 0, 100000, day - 1), 64);
	ck_assert_uint_eq(batch_plan(&batch, 0, 100000, day), 128);
	batch_asked(&batch, 128, day);
	ck_assert_uint_eq(batch_plan(&batch, 128, 100000, day), 192);
	batch_learn(&batch, 0, 128, 64, 100000, day + 50); /* no more than before */
	ck_assert_uint_eq(batch_plan(&batch, 192, 100000, day + 60), 256);
	/* the next day the log gives more, and soon it is known how much */
	ck_assert_uint_eq(batch_plan(&batch, 256, 100000, 2 * day), 384);
	batch_asked(&batch, 128, 2 * day);
	batch_learn(&batch, 256, 128, 128, 100000, 2 * day + 50);
	ck_assert_uint_eq(batch.size, 128);
	ck_assert_uint_eq(batch_plan(&batch, 512, 100000, 2 * day + 60), 768);
	batch_asked(&batch, 256, 2 * day + 60);
	batch_learn(&batch, 512, 256, 128, 100000, 2 * day + 70);
	ck_assert_uint_eq(batch.size, 128);
	ck_assert_uint_eq(batch_plan(&batch, 640, 100000, 2 * day + 80), 768);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("batch");

	tcase_add_loop_test(tc, learning, 0, UNIT_COUNT(ROWS));
	tcase_add_loop_test(tc, planning, 0, UNIT_COUNT(PLANS));
	tcase_add_test(tc, a_larger_one_is_tried_daily);
	return unit_run("logclient/batch", tc);
}
