/*
 * bench_daemon - one catch-up of the real daemon, measured from outside: starts
 * ctwardend on an empty database, waits until a log is read and proved to its
 * end, stops it, and prints one line of JSON. Of several runs the fastest
 * counts, and of their memory the largest.
 *
 *	bench_daemon --program P --config F --database D --entries 200000
 */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/range.h"
#include "tests/lib/bench.h"
#include "tests/lib/options.h"

#define LOOK_NS   4000000
#define SECONDS_S 600

enum thread { LOOP, WORKERS, WRITER, THREADS };
static const char *const THREAD_NAMES[THREADS] = {
    [LOOP] = "", [WORKERS] = "worker\n", [WRITER] = "writer\n"};

struct bench {
	const char *program, *config, *database, *output;
	uint64_t entries;
	unsigned runs;
};

struct run {
	double wall_s;      /* from the first entry asked for to the last one proved */
	double cpu_s;       /* of the daemon's threads, user and system, in that time */
	double whole_cpu_s; /* from exec to exit */
	double thread_s[THREADS]; /* of it, until the end was seen */
	long peak_kb, file_kb;    /* file_kb: of it, programs and libraries */
	int64_t database_bytes;
};

/* --- the daemon ----------------------------------------------------------- */

static void
remove_database(const struct bench *bench)
{
	static const char *const ENDS[] = {"", "-wal", "-shm", ".lock"};

	for (size_t i = 0; i < ARRAY_LEN(ENDS); i++) {
		char *file = mem_format("%s%s", bench->database, ENDS[i]);

		unlink(file);
		mem_free(file);
	}
}

static pid_t
start(const struct bench *bench)
{
	pid_t child = fork();
	int out;

	if (child != 0)
		return child;
	tool_die_with_parent();
	out = open(bench->output, O_WRONLY | O_CREAT | O_APPEND, 0644);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execl(bench->program, bench->program, "-f", "-c", bench->config, NULL);
	_exit(127);
}

/* The number behind a name in a file of /proc. */
static long
proc_number(pid_t child, const char *file, const char *name)
{
	char *path = mem_format("/proc/%ld/%s", (long)child, file), line[256];
	FILE *in = fopen(path, "r");
	long number = 0;

	while (in != NULL && fgets(line, sizeof(line), in) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			number = strtol(line + strlen(name), NULL, 10);
	if (in != NULL)
		fclose(in);
	mem_free(path);
	return number;
}

static enum thread
thread_kind(pid_t child, const char *id)
{
	for (int i = LOOP + 1; i < THREADS; i++) {
		char *path = mem_format("/proc/%ld/task/%s/comm", (long)child, id);
		char line[64] = "";
		FILE *in = fopen(path, "r");
		bool is_it = in != NULL && fgets(line, sizeof(line), in) != NULL &&
		    strcmp(line, THREAD_NAMES[i]) == 0;

		if (in != NULL)
			fclose(in);
		mem_free(path);
		if (is_it)
			return (enum thread)i;
	}
	return LOOP;
}

/* The first number of schedstat: nanoseconds on a processor. */
static void
note_threads(pid_t child, struct run *run)
{
	char *path = mem_format("/proc/%ld/task", (long)child);
	DIR *folder = opendir(path);
	struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		char *file;

		if (entry->d_name[0] == '.')
			continue;
		file = mem_format("task/%s/schedstat", entry->d_name);
		run->thread_s[thread_kind(child, entry->d_name)] +=
		    (double)proc_number(child, file, "") / 1e9;
		mem_free(file);
	}
	if (folder != NULL)
		closedir(folder);
	mem_free(path);
}

/* --- how far it is --------------------------------------------------------- */

struct progress {
	bool begun;
	uint64_t verified;
};

static bool
on_range(void *owner, const struct range_row *row)
{
	struct progress *progress = owner;

	progress->begun = true;
	progress->verified = row->verified;
	return true;
}

/* NULL while there is no database of this version yet. */
static struct store *
open_database(const struct bench *bench)
{
	struct store_options options = {
	    .path = bench->database, .read_only = true, .cache_mb = 1};
	struct err err;

	return access(bench->database, F_OK) == 0 ? store_open(&options, &err) : NULL;
}

static bool
is_alive(pid_t child)
{
	return waitpid(child, NULL, WNOHANG) == 0;
}

/* Looks into the database until all is proved. Its times are those before the
 * look that found the first range and those after the one that found its end:
 * never too short. */
static bool
follow(const struct bench *bench, pid_t child, struct run *run)
{
	struct timespec pause = {.tv_nsec = LOOK_NS};
	struct progress progress = {0};
	struct store *store = NULL;
	double wall = 0, cpu = 0, end = bench_wall_s() + SECONDS_S;
	struct store_size size;
	clockid_t clock;
	struct err err;

	if (clock_getcpuclockid(child, &clock) != 0)
		return false;
	while (progress.verified < bench->entries && is_alive(child) &&
	    bench_wall_s() < end) {
		if (!progress.begun) {
			wall = bench_wall_s();
			cpu = bench_seconds(clock);
		}
		if (store == NULL)
			store = open_database(bench);
		if (store == NULL ||
		    !store_range_each(store, 0, on_range, &progress, &err) ||
		    progress.verified < bench->entries)
			nanosleep(&pause, NULL);
	}
	run->wall_s = bench_wall_s() - wall;
	run->cpu_s = bench_seconds(clock) - cpu;
	if (store != NULL && store_size(store, &size, &err))
		run->database_bytes = size.database_bytes - size.free_bytes;
	store_close(store);
	return progress.verified >= bench->entries;
}

static struct run
run_once(const struct bench *bench)
{
	struct run run = {0};
	struct rusage usage;
	pid_t child;
	int status;
	bool ok;

	remove_database(bench);
	child = start(bench);
	ok = follow(bench, child, &run);
	run.peak_kb = proc_number(child, "status", "VmHWM:");
	run.file_kb = proc_number(child, "status", "RssFile:");
	note_threads(child, &run);
	kill(child, ok ? SIGTERM : SIGKILL);
	if (!ok)
		tool_die(
		    "bench_daemon: it did not come to the end; see %s", bench->output);
	if (wait4(child, &status, 0, &usage) != child || status != 0)
		tool_die("bench_daemon: it did not stop well; see %s", bench->output);
	run.whole_cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	return run;
}

/* --- arguments -------------------------------------------------------------- */

#define SETTER(name, statement)                                                          \
	static void name(void *owner, const char *value)                                 \
	{                                                                                \
		struct bench *bench = owner;                                             \
		statement;                                                               \
	}

SETTER(set_program, bench->program = value)
SETTER(set_config, bench->config = value)
SETTER(set_database, bench->database = value)
SETTER(set_output, bench->output = value)
SETTER(set_entries, bench->entries = strtoull(value, NULL, 10))
SETTER(set_runs, bench->runs = (unsigned)strtoul(value, NULL, 10))

static const struct tool_option OPTIONS[] = {
    {"program", "FILE", "ctwardend", set_program},
    {"config", "FILE", "its configuration: one log, read from its beginning", set_config},
    {"database", "FILE", "its database, which is made anew", set_database},
    {"output", "FILE", "where what it says goes; default: /dev/null", set_output},
    {"entries", "N", "how many the log has", set_entries},
    {"runs", "N", "default: 3", set_runs},
};

int
main(int argc, char **argv)
{
	struct bench bench = {.output = "/dev/null", .runs = 3};
	struct run best = {0};
	long peak = 0;

	tool_options(argc, argv, "Measures a catch-up of ctwardend.", OPTIONS,
	    ARRAY_LEN(OPTIONS), &bench);
	if (bench.program == NULL || bench.config == NULL || bench.database == NULL ||
	    bench.entries == 0)
		tool_die("bench_daemon: --help says what it needs");
	for (unsigned i = 0; i < bench.runs; i++) {
		struct run run = run_once(&bench);

		peak = run.peak_kb > peak ? run.peak_kb : peak;
		if (i == 0 || run.cpu_s < best.cpu_s)
			best = run;
	}
	printf("{\"entries\":%" PRIu64 ",\"per_second\":%.0f,\"per_cpu_second\":%.0f,"
	       "\"per_whole_cpu_second\":%.0f,\"cpu_s\":%.3f,\"whole_cpu_s\":%.3f,"
	       "\"loop_s\":%.3f,\"workers_s\":%.3f,\"writer_s\":%.3f,"
	       "\"peak_kb\":%ld,\"file_kb\":%ld,\"database_bytes\":%" PRId64 "}\n",
	    bench.entries, (double)bench.entries / best.wall_s,
	    (double)bench.entries / best.cpu_s, (double)bench.entries / best.whole_cpu_s,
	    best.cpu_s, best.whole_cpu_s, best.thread_s[LOOP], best.thread_s[WORKERS],
	    best.thread_s[WRITER], peak, best.file_kb, best.database_bytes);
	return EXIT_SUCCESS;
}
