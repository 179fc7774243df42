/* A log of a tool's command line: "PREFIX:word,word=value,...". */
#include "tests/lib/served.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/lib/benchlog.h"
#include "tests/lib/options.h"

/* What "--log" says, before the log is made. */
struct wish {
	struct testlog_options options;
	uint64_t entries, bench;
	unsigned leaf;
	const char *like, *run_by, *state;
};

static void
wish_word(struct wish *wish, char *word)
{
	char *value = strchr(word, '=');

	if (strcmp(word, "static") == 0 || strcmp(word, "rfc6962") == 0) {
		wish->options.static_ct = *word == 's';
		return;
	}
	if (value == NULL)
		tool_die("--log: %s needs a value", word);
	*value++ = '\0';
	if (strcmp(word, "key") == 0)
		wish->options.key_type =
		    strcmp(value, "rsa") == 0 ? TESTLOG_RSA2048 : TESTLOG_P256;
	else if (strcmp(word, "key-file") == 0)
		wish->options.key_file = value;
	else if (strcmp(word, "seed") == 0)
		wish->options.seed = value;
	else if (strcmp(word, "origin") == 0)
		wish->options.origin = value;
	else if (strcmp(word, "max") == 0)
		wish->options.max_entries = (unsigned)strtoul(value, NULL, 10);
	else if (strcmp(word, "entries") == 0)
		wish->entries = strtoull(value, NULL, 10);
	else if (strcmp(word, "bench") == 0)
		wish->bench = strtoull(value, NULL, 10);
	else if (strcmp(word, "leaf") == 0)
		wish->leaf = (unsigned)strtoul(value, NULL, 10);
	else if (strcmp(word, "like") == 0)
		wish->like = value;
	else if (strcmp(word, "operator") == 0)
		wish->run_by = value;
	else if (strcmp(word, "state") == 0)
		wish->state = value;
	else
		tool_die("--log: no word %s", word);
}

static void
must_command(struct testlog *log, const char *line)
{
	struct err err = {0};

	if (!testlog_command(log, line, NULL, &err))
		tool_die("%s: %s", testlog_name(log), err.text);
}

static void
fill(struct served *it, const struct wish *wish)
{
	char line[64];

	if (wish->like != NULL) {
		snprintf(line, sizeof(line), "like %s", wish->like);
		must_command(it->log, line);
	}
	if (wish->bench > 0) {
		it->bench = benchlog_new(it->log, wish->bench, wish->leaf);
		must_command(it->log, "publish");
	}
	if (wish->entries > 0) {
		snprintf(line, sizeof(line), "grow %" PRIu64, wish->entries);
		must_command(it->log, line);
	}
}

struct served
served_new(const char *text, testlog_now_fn *now, void *owner)
{
	char *copy = mem_text(text), *rest = copy, *word;
	char *prefix = strsep(&rest, ":");
	char *origin = mem_format("log.example/%s", prefix);
	struct wish wish = {.options = {.now_ms = now, .now_owner = owner}};
	struct err err = {0};
	struct served it;

	if (*prefix == '\0' || strpbrk(prefix, "/ ?*") != NULL)
		tool_die("--log: bad prefix \"%s\"", prefix);
	while ((word = strsep(&rest, ",")) != NULL)
		wish_word(&wish, word);
	wish.options.name = prefix;
	if (wish.options.origin == NULL)
		wish.options.origin = origin;
	it = (struct served){.prefix = mem_text(prefix),
	    .run_by = mem_text(wish.run_by),
	    .state = mem_text(wish.state),
	    .log = testlog_new(&wish.options, &err)};
	if (it.log == NULL)
		tool_die("--log: %s", err.text);
	fill(&it, &wish);
	mem_free(origin);
	mem_free(copy);
	return it;
}

void
served_free(struct served *it)
{
	testlog_free(it->log);
	benchlog_free(it->bench);
	mem_free(it->prefix);
	mem_free(it->run_by);
	mem_free(it->state);
}
