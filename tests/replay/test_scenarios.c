/* Every .scn file beside this one, each in a world of its own. With
 * arguments: only those files. */
#include <glob.h>
#include <stdlib.h>

#include "base/log.h"
#include "tests/lib/scenario.h"

static glob_t files;

START_TEST(scenario)
{
	struct scenario *s = mem_alloc(sizeof(*s));

	scenario_begin(s);
	scenario_play_file(s, files.gl_pathv[_i]);
	scenario_end(s);
	mem_free(s);
}
END_TEST

int
main(int argc, char **argv)
{
	TCase *tcase = tcase_create("scenarios");

	if (argc > 1) {
		files.gl_pathv = argv + 1;
		files.gl_pathc = (size_t)argc - 1;
	} else if (glob("tests/replay/*.scn", 0, NULL, &files) != 0) {
		fprintf(stderr, "no tests/replay/*.scn: start from the top folder\n");
		return EXIT_FAILURE;
	}
	if (getenv("VERBOSE") == NULL)
		log_set_level(LOG_LEVEL_ERROR);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, scenario, 0, (int)files.gl_pathc);
	return unit_run("scenarios", tcase);
}
