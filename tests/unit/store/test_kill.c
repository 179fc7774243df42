/*
 * A writer is killed at random points of commits, merges and checkpoints.
 * Afterwards the database is whole and holds exactly what its range says.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/finding.h"
#include "store/outbox.h"
#include "store/range.h"
#include "tests/lib/unit_store.h"

#define KILLS   20
#define GROUP   300
#define STEPS   30   /* at most so many commits and slices a run is left alone */
#define WAIT_US 4000 /* and so long behind the last */

static bool
note_range(void *owner, const struct range_row *row)
{
	*(struct range_row *)owner = *row;
	return true;
}

static struct range_row
range_of(struct store *store)
{
	struct range_row range = {0};

	MUST(store_range_each(store, 1, note_range, &range, err));
	ck_assert_int_ne(range.id, 0);
	return range;
}

static void
begin_world(void)
{
	struct store *store = unit_store("kill", 1);
	struct range_row range = {.log = 1};

	MUST(store_begin(store, err));
	unit_issuers(store);
	MUST(store_range_put(store, &range, err));
	MUST(store_commit(store, err));
	store_close(store);
}

/* Certificates, a finding, its alert, the position. */
static void
put_group(struct store *store, const struct range_row *range, uint64_t next)
{
	struct range_step step = {
	    .id = range->id, .expected = next, .next = next + GROUP, .generation = 1};
	struct finding_row finding = {.log = 1, .log_index = next};
	struct outbox_row alert = {.sink = bytes_text("sink")};
	struct certificate_row row;
	enum finding_put what;
	bool moved, inserted;

	MUST(store_range_advance(store, &step, &moved, err));
	ck_assert(moved);
	for (uint64_t i = next; i < next + GROUP; i++)
		unit_certificate(store, i, &row);
	finding.id = alert.alert = unit_bytes(next, 16);
	MUST(store_finding_put(store, &finding, &what, err));
	MUST(store_outbox_put(store, &alert, &inserted, err));
	ck_assert(what == FINDING_NEW && inserted);
}

/* Now and then a group comes to nothing and is done again. */
static void
write_group(struct store *store, const struct range_row *range, uint64_t next)
{
	MUST(store_begin(store, err));
	put_group(store, range, next);
	if (next / GROUP % 7 == 3) {
		store_rollback(store);
		MUST(store_begin(store, err));
		put_group(store, range, next);
	}
	MUST(store_commit(store, err));
}

static int steps; /* where the writer says each step */

/* Another process: goes on from where the range stands until it is killed. */
START_TEST(work)
{
	struct store *store = unit_store_again("kill", 1);
	struct range_row range = range_of(store);
	enum store_upkeep left;

	for (uint64_t next = range.next;; next += GROUP) {
		write_group(store, &range, next);
		do {
			MUST(store_maintain(store, &left, err));
			ck_assert_int_eq(write(steps, "", 1), 1);
		} while (left == STORE_URGENT ||
		    (left == STORE_MORE && next / GROUP % 2 == 0));
		if (next / GROUP % 40 == 39)
			MUST(store_settle(store, err));
	}
}
END_TEST

static bool
count_sighting(void *owner, const struct sighting_row *row)
{
	ck_assert_uint_eq(row->index, (*(uint64_t *)owner)++);
	return true;
}

static bool
count_finding(void *owner, const struct finding_row *row)
{
	ck_assert_uint_eq(row->log_index, (*(uint64_t *)owner)++ * GROUP);
	return true;
}

static bool
count_alert(void *owner, const struct outbox_row *row)
{
	ck_assert(
	    bytes_equal(row->alert, unit_bytes((*(uint64_t *)owner)++ * GROUP, 16)));
	return true;
}

/* Exactly what lies before next is there; stride: of the certificates. */
static void
whole_up_to(struct store *store, uint64_t next, uint64_t stride)
{
	struct finding_filter findings = {.state = -1};
	struct outbox_filter alerts = {.state = -1};
	uint64_t sightings = 0, groups = 0;
	int64_t count;

	/* Opening it has checked the file. */
	MUST(store_certificate_count(store, &count, err));
	ck_assert_int_eq(count, (int64_t)next);
	MUST(store_sighting_each(
	    store, 1, 0, UINT64_MAX, 0, count_sighting, &sightings, err));
	ck_assert_uint_eq(sightings, next);
	MUST(store_finding_each(store, &findings, count_finding, &groups, err));
	ck_assert_uint_eq(groups * GROUP, next);
	groups = 0;
	MUST(store_outbox_each(store, &alerts, count_alert, &groups, err));
	ck_assert_uint_eq(groups * GROUP, next);
	for (uint64_t i = next % stride; i < next; i += stride)
		unit_certificate_stands(store, i);
	for (uint64_t i = next; i < next + GROUP; i += 37)
		unit_certificate_is_not(store, i);
}

static void
run_and_kill(unsigned count, unsigned wait_us)
{
	int status, pipes[2];
	char byte, number[16];
	pid_t child;

	ck_assert_int_eq(pipe(pipes), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		snprintf(number, sizeof(number), "%d", pipes[1]);
		execl("/proc/self/exe", "test_kill", number, NULL);
		_exit(127);
	}
	close(pipes[1]);
	while (count-- > 0)
		ck_assert_int_eq(read(pipes[0], &byte, 1), 1);
	usleep(wait_us);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	    "the writer ended by itself: %x", status);
	close(pipes[0]);
}

START_TEST(a_killed_writer_leaves_a_whole_database)
{
	uint64_t before = 0, moves = 0, seed = (uint64_t)time(NULL);
	struct store *store;

	begin_world();
	for (unsigned i = 0; i < KILLS; i++) {
		struct range_row range;

		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
		run_and_kill(
		    1 + (unsigned)(seed >> 33) % STEPS, (unsigned)(seed >> 17) % WAIT_US);
		store = unit_store_again("kill", 1);
		range = range_of(store);
		ck_assert_uint_ge(range.next, before);
		moves += range.next > before;
		before = range.next;
		whole_up_to(store, before, before / 40 + 1);
		store_close(store);
	}
	ck_assert_uint_eq(moves, KILLS);
	store = unit_store_again("kill", 1);
	whole_up_to(store, before, before / 500 + 1);
	MUST(store_settle(store, err));
	whole_up_to(store, before, before / 500 + 1);
	MUST(store_check(store, err));
	store_close(store);
}
END_TEST

int
main(int argc, char **argv)
{
	TCase *tc = tcase_create("kill");

	tcase_set_timeout(tc, 300);
	if (argc > 1) {
		/* With a file for Check's messages that nobody else reads. */
		steps = (int)strtol(argv[1], NULL, 10);
		setenv("CK_FORK", "no", 1);
		tcase_add_test(tc, work);
	} else {
		tcase_add_test(tc, a_killed_writer_leaves_a_whole_database);
	}
	return unit_run("store/kill", tc);
}
