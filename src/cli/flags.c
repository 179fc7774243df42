#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "check/check.h"
#include "cli/cli_priv.h"

static const struct cli_flag *
find(const struct cli_flag *flags, size_t count, const char *word, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(flags[i].name) == len && memcmp(flags[i].name, word, len) == 0)
			return &flags[i];
	return NULL;
}

/* Takes the flag at words[*at], and its value, which may be the next word. */
static bool
take(struct cli *cli, const struct cli_flag *flags, size_t count, size_t *at)
{
	char *word = cli->words[*at], *equals = strchr(word, '=');
	size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
	const struct cli_flag *flag = find(flags, count, word, len);

	if (strcmp(word, "--json") == 0) {
		cli->json = true;
		return true;
	}
	if (flag == NULL || (flag->set != NULL && equals != NULL))
		return false;
	if (flag->set != NULL) {
		*flag->set = true;
		return true;
	}
	if (equals == NULL && *at + 1 == cli->count)
		return false;
	*flag->value = equals != NULL ? equals + 1 : cli->words[++*at];
	return true;
}

bool
cli_flags(struct cli *cli, const struct cli_flag *flags, size_t count)
{
	size_t kept = 0;
	bool ended = false;

	for (size_t at = 0; at < cli->count; at++) {
		char *word = cli->words[at];

		if (!ended && strcmp(word, "--") == 0) {
			ended = true;
		} else if (ended || word[0] != '-' || word[1] == '\0') {
			cli->words[kept++] = word;
		} else if (!take(cli, flags, count, &at)) {
			cli_usage(cli);
			return false;
		}
	}
	cli->count = kept;
	return true;
}

bool
cli_number(const char *flag, const char *text, uint64_t *out)
{
	size_t len;

	if (text == NULL)
		return true;
	len = strlen(text);
	if (len == 0 || len > 18 || strspn(text, "0123456789") != len) {
		cli_fail(CLI_USAGE, "%s: \"%s\" is no number", flag, text);
		return false;
	}
	*out = strtoull(text, NULL, 10);
	return true;
}

bool
cli_level(const char *flag, const char *text, int *out)
{
	if (text == NULL)
		return true;
	for (int level = LEVEL_NOTICE; level <= LEVEL_ERROR; level++)
		if (strcmp(text, check_level_name((enum check_level)level)) == 0) {
			*out = level;
			return true;
		}
	cli_fail(CLI_USAGE, "%s: \"%s\" is none of notice, warning, error", flag, text);
	return false;
}

bool
cli_date(const char *flag, const char *text, int64_t *out_ms)
{
	if (text == NULL || time_parse(text, out_ms))
		return true;
	cli_fail(CLI_USAGE, "%s: \"%s\" is no date; write it as 2026-01-31", flag, text);
	return false;
}
