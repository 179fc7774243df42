#include "tests/lib/options.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/mem.h"

void
tool_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

static void
help(const char *program, const char *about, const struct tool_option *options,
    size_t count)
{
	printf("usage: %s [options]\n%s\n", program, about);
	for (size_t i = 0; i < count; i++)
		printf("  --%s%s%s\n\t%s\n", options[i].name,
		    options[i].value != NULL ? " " : "",
		    options[i].value != NULL ? options[i].value : "", options[i].says);
}

void
tool_options(int argc, char **argv, const char *about, const struct tool_option *options,
    size_t count, void *owner)
{
	for (int i = 1; i < argc; i++) {
		const struct tool_option *option = NULL;

		if (strcmp(argv[i], "--help") == 0) {
			help(argv[0], about, options, count);
			exit(0);
		}
		for (size_t k = 0; k < count; k++)
			if (strncmp(argv[i], "--", 2) == 0 &&
			    strcmp(argv[i] + 2, options[k].name) == 0)
				option = &options[k];
		if (option == NULL)
			tool_die(
			    "%s: no option %s (--help lists them)", argv[0], argv[i]);
		if (option->value != NULL && ++i >= argc)
			tool_die(
			    "%s: --%s needs %s", argv[0], option->name, option->value);
		option->set(owner, option->value != NULL ? argv[i] : NULL);
	}
}

void
tool_die_with_parent(void)
{
	pid_t parent = getppid();

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent) /* it went before the line above */
		exit(1);
}

void
tool_write(const char *path, const char *text)
{
	char *temp = mem_format("%s.new", path);
	FILE *file = fopen(temp, "w");

	if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0 ||
	    rename(temp, path) != 0)
		tool_die("cannot write %s", path);
	mem_free(temp);
}
