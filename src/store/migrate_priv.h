/*
 * migrate - the schema's numbered steps, sql/NNN_*.sql, built in.
 */
#pragma once
#include <stddef.h>

#include "base/err.h"

struct migration {
	int number; /* the schema's version once it has run */
	const char *name;
	const char *sql;
};

extern const struct migration MIGRATIONS[]; /* ascending, from 1 on */
extern const size_t MIGRATION_COUNT;

int migrate_newest(void);

/* Runs one step and stores its number, both or neither. */
typedef bool migrate_run_fn(void *owner, const struct migration *, struct err *);

/* Runs what comes behind version. */
bool migrate(int version, migrate_run_fn *run, void *owner, struct err *err);
