/*
 * ctwarden checks: the catalogue, for people and for programs.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "check/check.h"
#include "cli/cli_priv.h"

#define OUT_MAX ((size_t)16 * 1024 * 1024)

/* "2016-01-01", or the word for no such day. */
static const char *
day(int64_t seconds, const char *none, char *out)
{
	char text[TIME_TEXT_LEN];

	if (seconds == 0 || seconds == DATE_ALWAYS || seconds == DATE_NEVER)
		return none;
	time_format(seconds * 1000, text);
	snprintf(out, 32, "%.*s", (int)strcspn(text, "T"), text);
	return out;
}

static void
put_day(struct json *json, const char *key, int64_t seconds)
{
	char text[32];

	json_put_text(json, key, day(seconds, NULL, text));
}

/* Of the limits only days, in Unix seconds, are as large. */
static bool
is_day(const struct rule_limit *limit)
{
	return limit->value >= DATE(2000, 1, 1);
}

static void
put_limits(struct json *json, const struct rule_limit *limit)
{
	json_begin_array(json, "limits");
	for (; limit != NULL && limit->of != NULL; limit++) {
		json_begin_object(json, NULL);
		json_put_text(json, "of", limit->of);
		if (is_day(limit))
			put_day(json, "day", limit->value);
		else
			json_put_number(json, "value", limit->value);
		json_end_object(json);
	}
	json_end_array(json);
}

static void
put_rule(struct json *json, const struct subrule *rule)
{
	struct bytes one;
	size_t at = 0;

	json_begin_object(json, NULL);
	json_put_text(json, "name", rule->name);
	json_put_text(json, "source", rule->source);
	json_put_text(json, "level", check_level_name(rule->level));
	put_day(json, "from", rule->from);
	put_day(json, "until", rule->until);
	put_limits(json, rule->limits);
	json_put_text(json, "needs", rule->needs);
	json_put_bool(json, "off_unless_asked", (rule->flags & RULE_OFF) != 0);
	json_begin_array(json, "equivalent");
	while (subrule_next_equivalent(rule, &at, &one))
		json_put_safe(json, NULL, one, 200);
	json_end_array(json);
	json_end_object(json);
}

static void
put_check(struct json *json, size_t number)
{
	const struct check *check = check_at(number);

	json_begin_object(json, NULL);
	json_put_text(json, "id", check->id);
	json_put_text(json, "family", check_family_of(number)->name);
	json_put_number(json, "version", check->version);
	json_put_text(json, "scope", check_scope_name(check->scope));
	json_put_text(json, "says", check->says);
	json_put_text(json, "needs", check->needs);
	json_begin_array(json, "subrules");
	for (size_t i = 0; i < check->subrule_count; i++)
		put_rule(json, &check->subrules[i]);
	json_end_array(json);
	json_end_object(json);
}

static enum check_level
worst(const struct check *check)
{
	enum check_level level = LEVEL_NOTICE;

	for (size_t i = 0; i < check->subrule_count; i++)
		if (check->subrules[i].level > level)
			level = check->subrules[i].level;
	return level;
}

static void
print_line(struct buf *out, const struct check *check)
{
	buf_append_format(out, "%-26s %-12s %-8s %s", check->id,
	    check_scope_name(check->scope), check_level_name(worst(check)), check->says);
	if (check->needs != NULL)
		buf_append_format(out, " (needs: %s)", check->needs);
	for (size_t i = 0; i < check->subrule_count; i++)
		if (check->subrules[i].needs != NULL)
			buf_append_format(out, " (%s needs: %s)", check->subrules[i].name,
			    check->subrules[i].needs);
	buf_append_u8(out, '\n');
}

/* Nobody reads 789004800 as 25 years. */
static void
print_seconds(struct buf *out, int64_t seconds)
{
	if (seconds % 86400 == 0)
		buf_append_format(out, " (%lld d)", (long long)(seconds / 86400));
	else if (seconds % 3600 == 0)
		buf_append_format(out, " (%lld h)", (long long)(seconds / 3600));
}

static void
print_limits(struct buf *out, const struct rule_limit *limit)
{
	char text[32];

	if (limit == NULL)
		return;
	buf_append_text(out, "    limits  ");
	for (; limit->of != NULL; limit++) {
		buf_append_format(out, "%s ", limit->of);
		if (is_day(limit))
			buf_append_text(out, day(limit->value, "", text));
		else
			buf_append_format(out, "%lld", (long long)limit->value);
		if (strncmp(limit->of, "seconds", 7) == 0)
			print_seconds(out, limit->value);
		buf_append_text(out, limit[1].of != NULL ? ", " : "\n");
	}
}

static void
print_check(struct buf *out, size_t number)
{
	const struct check *check = check_at(number);

	buf_append_format(out, "%s, version %d, of the family %s; judges by %s\n  %s\n",
	    check->id, check->version, check_family_of(number)->name,
	    check_scope_name(check->scope), check->says);
	if (check->needs != NULL)
		buf_append_format(out, "  Does not run yet: needs %s.\n", check->needs);
	for (size_t i = 0; i < check->subrule_count; i++) {
		const struct subrule *rule = &check->subrules[i];
		char from[32], until[32];

		buf_append_format(out,
		    "\n  %s: %s%s\n    source  %s\n    in force from %s until %s\n",
		    rule->name, check_level_name(rule->level),
		    rule->flags & RULE_OFF ? ", off unless asked for" : "", rule->source,
		    day(rule->from, "ever", from), day(rule->until, "now", until));
		print_limits(out, rule->limits);
		if (rule->needs != NULL)
			buf_append_format(
			    out, "    Does not run yet: needs %s.\n", rule->needs);
		if (rule->equivalents != NULL && rule->equivalents[0] != '\0')
			buf_append_format(out, "    same as %s\n", rule->equivalents);
	}
}

static void
all_checks(const struct cli *cli, struct buf *out)
{
	struct json json;

	json_init(&json, out);
	if (cli->json) {
		json_begin_object(&json, NULL);
		json_put_text(&json, "catalogue", check_catalogue_version());
		json_begin_array(&json, "checks");
	}
	for (size_t i = 0; i < check_count(); i++)
		if (cli->json)
			put_check(&json, i);
		else
			print_line(out, check_at(i));
	if (cli->json) {
		json_end_array(&json);
		json_end_object(&json);
		buf_append_u8(out, '\n');
	} else {
		buf_append_format(out, "%zu checks, catalogue %s\n", check_count(),
		    check_catalogue_version());
	}
}

static void
one_check(const struct cli *cli, struct buf *out, size_t number)
{
	struct json json;

	if (!cli->json) {
		print_check(out, number);
		return;
	}
	json_init(&json, out);
	put_check(&json, number);
	buf_append_u8(out, '\n');
}

enum cli_exit
cli_checks(struct cli *cli)
{
	struct buf out;
	size_t number = 0;

	if (!cli_flags(cli, NULL, 0))
		return CLI_USAGE;
	if (cli->count > 1)
		return cli_usage(cli);
	if (cli->count == 1 && check_find(cli->words[0], &number) == NULL)
		return cli_fail(CLI_NOTHING,
		    "no check is called \"%s\"; ctwarden checks lists them",
		    cli->words[0]);
	buf_init(&out, OUT_MAX);
	if (cli->count == 1)
		one_check(cli, &out, number);
	else
		all_checks(cli, &out);
	cli_write(NULL, buf_bytes(&out));
	buf_free(&out);
	return CLI_FOUND;
}
