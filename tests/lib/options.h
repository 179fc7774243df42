/*
 * options - what the command lines of the test tree's tools share.
 */
#pragma once
#include <stddef.h>

#include "base/err.h"

/* One "--name VALUE" or "--name" of a tool. */
struct tool_option {
	const char *name;  /* without the dashes */
	const char *value; /* what --help calls its value; NULL: it has none */
	const char *says;
	void (*set)(void *owner, const char *value);
};

/* Calls set for every argument in order; prints help and exits 0 for --help, and
 * prints what is wrong and exits 2 for what is no option. */
void tool_options(int argc, char **argv, const char *about,
    const struct tool_option *options, size_t count, void *owner);

/* Ends the process with a message. */
_Noreturn void tool_die(const char *format, ...) PRINTF_LIKE(1, 2);

/* Ends this process when the one that started it ends. */
void tool_die_with_parent(void);

/* Writes text to path, whole or not at all; dies when that fails. */
void tool_write(const char *path, const char *text);
