#include "store/migrate_priv.h"
#include "tests/lib/unit.h"

struct run {
	int first, last, count;
	int fails_at; /* 0: never */
};

static bool
note_step(void *owner, const struct migration *migration, struct err *err)
{
	struct run *run = owner;

	if (migration->number == run->fails_at)
		return err_set(err, ERR_STORE, "no room");
	if (run->count++ == 0)
		run->first = migration->number;
	else
		ck_assert_int_eq(migration->number, run->last + 1);
	run->last = migration->number;
	ck_assert_ptr_nonnull(strstr(migration->sql, ";"));
	return true;
}

START_TEST(steps_run_in_order_from_where_it_stands)
{
	for (int version = 0; version <= migrate_newest(); version++) {
		struct run run = {0};
		struct err err = {0};

		ck_assert(migrate(version, note_step, &run, &err));
		ck_assert_int_eq(run.count, migrate_newest() - version);
		ck_assert(run.count == 0 || run.first == version + 1);
		ck_assert(run.count == 0 || run.last == migrate_newest());
	}
}
END_TEST

START_TEST(a_step_that_fails_is_the_last)
{
	struct run run = {.fails_at = migrate_newest()};
	struct err err = {0};

	ck_assert(!migrate(0, note_step, &run, &err));
	ck_assert_int_eq(run.count, migrate_newest() - 1);
	ck_assert_int_eq(err.code, ERR_STORE);
	ck_assert_ptr_nonnull(strstr(err.text, ".sql: no room"));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("migrate");

	tcase_add_test(tc, steps_run_in_order_from_where_it_stands);
	tcase_add_test(tc, a_step_that_fails_is_the_last);
	return unit_run("store/migrate", tc);
}
