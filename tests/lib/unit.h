/*
 * unit - what every unit test shares: running a suite, hex, files.
 */
#pragma once
#include <check.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"

#define UNIT_COUNT(rows) ((int)ARRAY_LEN(rows))

/* Runs the cases as one suite; returns main's exit status. */
int unit_run(const char *name, TCase *tcase);

/* Bytes of a hex text; the caller frees them (buf_free). Aborts on bad hex. */
struct buf unit_hex(const char *hex);

/* The whole of a file, or fails the test. */
struct buf unit_file(const char *path);

/* A path below ../shared/data, static until the next call; NULL where the
 * data is not there (the test then returns early). */
const char *unit_shared(const char *path);

/* A path below the test's own temporary folder; mem_free. */
char *unit_temp(const char *name);
