/*
 * makelog - writes a test log to a folder: a static log that file:// reads and
 * any web server serves, the same as replies of RFC 6962, its key, and a signed
 * log list.
 *
 *	makelog --dir D --name alpha --entries 1000
 *	makelog --dir D --name bench --bench 200000 --leaf 1300 --rfc6962
 *	makelog --domains 100000 >watched
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"
#include "tests/lib/benchlog.h"
#include "tests/lib/options.h"
#include "tests/lib/testlist.h"

#define MAX_COMMANDS 64

struct maker {
	const char *dir, *name, *origin, *key_file, *url;
	uint64_t entries, bench, domains;
	unsigned leaf, max;
	bool not_static, rsa, rfc6962;
	const char *commands[MAX_COMMANDS];
	size_t command_count;
};

static int64_t
now_ms(void *owner)
{
	struct timespec now;

	(void)owner;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#define SETTER(name, statement)                                                          \
	static void name(void *owner, const char *value)                                 \
	{                                                                                \
		struct maker *maker = owner;                                             \
		(void)value;                                                             \
		statement;                                                               \
	}

SETTER(set_dir, maker->dir = value)
SETTER(set_name, maker->name = value)
SETTER(set_origin, maker->origin = value)
SETTER(set_key_file, maker->key_file = value)
SETTER(set_url, maker->url = value)
SETTER(set_entries, maker->entries = strtoull(value, NULL, 10))
SETTER(set_bench, maker->bench = strtoull(value, NULL, 10))
SETTER(set_leaf, maker->leaf = (unsigned)strtoul(value, NULL, 10))
SETTER(set_max, maker->max = (unsigned)strtoul(value, NULL, 10))
SETTER(set_domains, maker->domains = strtoull(value, NULL, 10))
SETTER(set_not_static, maker->not_static = true)
SETTER(set_rsa, maker->rsa = true)
SETTER(set_rfc6962, maker->rfc6962 = true)
SETTER(add_command, maker->commands[maker->command_count++ % MAX_COMMANDS] = value)

static const struct tool_option OPTIONS[] = {
    {"dir", "DIR", "where the log is written", set_dir},
    {"name", "NAME", "the log's name; default: test", set_name},
    {"origin", "ORIGIN", "the checkpoint's first line; default: log.example/NAME",
	set_origin},
    {"key-file", "FILE", "the log's private key, made when it is not there",
	set_key_file},
    {"url", "URL", "where the log will be read; default: file://DIR/", set_url},
    {"entries", "N", "ordinary entries, signed", set_entries},
    {"bench", "N", "entries of patched templates, before the others", set_bench},
    {"leaf", "BYTES", "the size of their leaves; default: 1300", set_leaf},
    {"max", "N", "entries a get-entries reply; default: 1000", set_max},
    {"plain", NULL, "leaves without leaf_index, as RFC 6962 logs have them",
	set_not_static},
    {"rsa", NULL, "an RSA key", set_rsa},
    {"rfc6962", NULL, "also write get-sth, get-roots, get-entries-START-END",
	set_rfc6962},
    {"command", "LINE", "a command to the log (logserver --tell S help)", add_command},
    {"domains", "N",
	"print N domains to watch, of the same shape as the bench log's: the first is "
	"in it, the others are not",
	set_domains},
};

static void
must(bool ok, const struct err *err)
{
	if (!ok)
		tool_die("%s", err->text);
}

static void
print_domains(uint64_t count)
{
	char name[BENCHLOG_NAME_LEN];

	for (uint64_t i = 0; i < count; i++) {
		benchlog_domain(
		    i == 0 ? benchlog_domain_of(0) : BENCHLOG_DOMAINS + i, name);
		puts(name);
	}
}

static void
fill(const struct maker *maker, struct testlog *log)
{
	struct err err = {0};
	char line[64];

	if (maker->entries > 0) {
		snprintf(line, sizeof(line), "grow %" PRIu64, maker->entries);
		must(testlog_command(log, line, NULL, &err), &err);
	}
	for (size_t i = 0; i < maker->command_count; i++)
		must(testlog_command(log, maker->commands[i], NULL, &err), &err);
	testlog_publish_all(log);
}

static void
write_all(const struct maker *maker, struct testlog *log)
{
	struct testlist_row row = {.log = log};
	struct err err = {0};
	char *list = mem_format("%s.list", maker->dir);
	char *own_url = mem_format("file://%s/", maker->dir);

	row.url = maker->url != NULL ? maker->url : own_url;
	must(testlog_write(log, maker->dir, maker->rfc6962, &err), &err);
	must(testlist_write(list, &row, 1, now_ms(NULL), &err), &err);
	printf("%s: %" PRIu64 " entries in %s, key and list in %s\n", testlog_name(log),
	    testlog_size(log), maker->dir, list);
	mem_free(list);
	mem_free(own_url);
}

int
main(int argc, char **argv)
{
	struct maker maker = {.name = "test"};
	struct benchlog *bench = NULL;
	struct err err = {0};

	tool_options(argc, argv, "Writes a test log to a folder.", OPTIONS,
	    ARRAY_LEN(OPTIONS), &maker);
	if (maker.domains > 0) {
		print_domains(maker.domains);
		return 0;
	}
	if (maker.dir == NULL)
		tool_die("no --dir");
	char *origin = mem_format("log.example/%s", maker.name);
	struct testlog_options options = {
	    .name = maker.name,
	    .origin = maker.origin != NULL ? maker.origin : origin,
	    .key_type = maker.rsa ? TESTLOG_RSA2048 : TESTLOG_P256,
	    .key_file = maker.key_file,
	    .static_ct = !maker.not_static,
	    .max_entries = maker.max,
	    .now_ms = now_ms,
	};
	struct testlog *log = testlog_new(&options, &err);

	must(log != NULL, &err);
	if (maker.bench > 0)
		bench = benchlog_new(log, maker.bench, maker.leaf);
	fill(&maker, log);
	write_all(&maker, log);
	testlog_free(log);
	benchlog_free(bench);
	mem_free(origin);
	return 0;
}
