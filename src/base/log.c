#include "base/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_LEN 1024

static struct {
	pthread_mutex_t lock;
	enum log_level least;
	log_write_fn *write;
	void *owner;
	enum log_level last_level;
	char last[LINE_MAX_LEN]; /* the line said last */
	unsigned repeats;        /* of it, not yet told */
} log_state = {.lock = PTHREAD_MUTEX_INITIALIZER, .least = LOG_LEVEL_INFO};

static void
write_line(enum log_level level, const char *line)
{
	static const char *const SYSTEMD_PREFIX[] = {"<3>", "<4>", "<6>", "<7>"};

	if (log_state.write != NULL)
		log_state.write(log_state.owner, level, line);
	else
		fprintf(stderr, "%s%s\n",
		    getenv("JOURNAL_STREAM") != NULL ? SYSTEMD_PREFIX[level] : "", line);
}

static void
flush_repeats(void)
{
	char line[64];

	if (log_state.repeats == 0)
		return;
	snprintf(
	    line, sizeof(line), "(the line before: %u times more)", log_state.repeats);
	log_state.repeats = 0;
	write_line(log_state.last_level, line);
}

PRINTF_LIKE(2, 0)
static void
say(enum log_level level, const char *format, va_list args)
{
	char line[LINE_MAX_LEN];

	pthread_mutex_lock(&log_state.lock);
	if (level <= log_state.least) {
		vsnprintf(line, sizeof(line), format, args);
		if (strcmp(line, log_state.last) == 0) {
			log_state.repeats++;
		} else {
			flush_repeats();
			write_line(level, line);
			memcpy(log_state.last, line, sizeof(line));
			log_state.last_level = level;
		}
	}
	pthread_mutex_unlock(&log_state.lock);
}

void
log_set_level(enum log_level least)
{
	pthread_mutex_lock(&log_state.lock);
	log_state.least = least;
	pthread_mutex_unlock(&log_state.lock);
}

void
log_set_writer(log_write_fn *write, void *owner)
{
	pthread_mutex_lock(&log_state.lock);
	log_state.write = write;
	log_state.owner = owner;
	log_state.last[0] = '\0';
	log_state.repeats = 0;
	pthread_mutex_unlock(&log_state.lock);
}

void
log_flush(void)
{
	pthread_mutex_lock(&log_state.lock);
	flush_repeats();
	pthread_mutex_unlock(&log_state.lock);
}

#define SAY(level)                                                                       \
	do {                                                                             \
		va_list args;                                                            \
		va_start(args, format);                                                  \
		say(level, format, args);                                                \
		va_end(args);                                                            \
	} while (0)

void
log_error(const char *format, ...)
{
	SAY(LOG_LEVEL_ERROR);
}

void
log_warning(const char *format, ...)
{
	SAY(LOG_LEVEL_WARNING);
}

void
log_info(const char *format, ...)
{
	SAY(LOG_LEVEL_INFO);
}

void
log_debug(const char *format, ...)
{
	SAY(LOG_LEVEL_DEBUG);
}
