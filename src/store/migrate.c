#include "store/migrate_priv.h"

int
migrate_newest(void)
{
	return MIGRATIONS[MIGRATION_COUNT - 1].number;
}

bool
migrate(int version, migrate_run_fn *run, void *owner, struct err *err)
{
	for (size_t i = 0; i < MIGRATION_COUNT; i++) {
		if (MIGRATIONS[i].number <= version)
			continue;
		if (!run(owner, &MIGRATIONS[i], err))
			return err_wrap(err, "%s", MIGRATIONS[i].name);
	}
	return true;
}
