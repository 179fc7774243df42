/*
 * log - what the daemon says about itself, a line at a time:
 * "subject: thing: reason". Repeats of one line are counted, not repeated.
 *
 * Goes to stderr, with the priority prefix of sd-daemon(3) where systemd
 * reads it. Any thread may call. Rooms below monitor return an err instead.
 */
#pragma once
#include "base/err.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_set_level(enum log_level least);

/* Called in place of writing to stderr; NULL brings stderr back. */
typedef void log_write_fn(void *owner, enum log_level level, const char *line);
void log_set_writer(log_write_fn *write, void *owner);

void log_error(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *format, ...) PRINTF_LIKE(1, 2);
void log_info(const char *format, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *format, ...) PRINTF_LIKE(1, 2);

/* Writes out a pending "repeated N times". */
void log_flush(void);
