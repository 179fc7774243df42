/* A month of 60 logs on the fake clock: nothing is lost, nothing is doubled, and
 * every lie is told once. SEED=N plays another month. */
#include <stdlib.h>

#include "base/log.h"
#include "tests/lib/simulation.h"

START_TEST(month)
{
	const char *seed = getenv("SEED");

	simulation_run(&(struct simulation_options){
	    .seed = seed == NULL ? 1 : strtoull(seed, NULL, 10),
	    .logs = 60,
	    .days = 30,
	    .entries = 60000});
}
END_TEST

/* Lies are told with every step; VERBOSE=1 shows them. */
static void
no_line(void *owner, enum log_level level, const char *line)
{
	(void)owner;
	(void)level;
	(void)line;
}

int
main(void)
{
	TCase *tcase = tcase_create("simulation");

	if (getenv("VERBOSE") == NULL)
		log_set_writer(no_line, NULL);
	tcase_set_timeout(tcase, 600);
	tcase_add_test(tcase, month);
	return unit_run("simulation", tcase);
}
