#include "tests/lib/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int
unit_run(const char *name, TCase *tcase)
{
	Suite *suite = suite_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

struct buf
unit_hex(const char *hex)
{
	struct buf out;
	size_t len = strlen(hex) / 2;

	buf_init(&out, len + 1);
	ck_assert_msg(hex_parse(hex, buf_extend(&out, len), len), "bad hex: %.40s", hex);
	return out;
}

struct buf
unit_file(const char *path)
{
	struct buf out;
	struct stat info;
	FILE *file = fopen(path, "rb");

	ck_assert_msg(
	    file != NULL && fstat(fileno(file), &info) == 0, "cannot open %s", path);
	buf_init(&out, (size_t)info.st_size + 1);
	if (info.st_size > 0)
		ck_assert_uint_eq(fread(buf_extend(&out, (size_t)info.st_size), 1,
				      (size_t)info.st_size, file),
		    (size_t)info.st_size);
	fclose(file);
	return out;
}

const char *
unit_shared(const char *path)
{
	static char full[4096];
	const char *shared = getenv("SHARED");

	snprintf(full, sizeof(full), "%s/data/%s", shared != NULL ? shared : "../shared",
	    path);
	return access(full, R_OK) == 0 ? full : NULL;
}

char *
unit_temp(const char *name)
{
	const char *dir = getenv("TEST_DIR");

	return mem_format("%s/%s", dir != NULL ? dir : "/tmp", name);
}
