#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "conf/conf_priv.h"

/* What "w" and the like behind a number stand for, in seconds; largest first. */
static const struct {
	char letter;
	int64_t seconds;
} UNITS[] = {{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};

#define DIGITS_MAX 13

static bool
number_parse(const char *text, const char **end, int64_t *out)
{
	int64_t number = 0;
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > DIGITS_MAX)
		return false;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (text[i] - '0');
	*end = text + digits;
	*out = number;
	return true;
}

static bool
duration_parse(const char *text, int64_t *out)
{
	const char *end;

	if (!number_parse(text, &end, out))
		return false;
	if (*end == '\0')
		return true;
	for (size_t i = 0; i < ARRAY_LEN(UNITS); i++)
		if (end[0] == UNITS[i].letter && end[1] == '\0') {
			*out *= UNITS[i].seconds;
			return true;
		}
	return false;
}

/* A bound as an operator would write it: "10 s", "30d" reads as "30 d". */
static const char *
bound_format(const struct conf_option *option, int64_t bound, char *out, size_t room)
{
	size_t unit = ARRAY_LEN(UNITS) - 1;

	if (option->type != CONF_DURATION) {
		snprintf(out, room, "%" PRId64, bound);
		return out;
	}
	for (size_t i = 0; i < ARRAY_LEN(UNITS); i++)
		if (bound >= 2 * UNITS[i].seconds && bound % UNITS[i].seconds == 0) {
			unit = i;
			break;
		}
	snprintf(
	    out, room, "%" PRId64 " %c", bound / UNITS[unit].seconds, UNITS[unit].letter);
	return out;
}

static bool
check_bounds(
    const struct conf_option *option, const char *text, int64_t number, struct err *err)
{
	bool below = number < option->least;
	int64_t bound = below ? option->least : option->most;
	char shown[32];

	if (!below && number <= option->most)
		return true;
	return err_set(err, ERR_CONFIG, "%s: %.40s is %s %s; write at %s %s = %" PRId64,
	    option->name, text, below ? "below" : "above",
	    bound_format(option, bound, shown, sizeof(shown)), below ? "least" : "most",
	    option->name, bound);
}

/* The place of word in a list of words with a blank between, or -1. */
static int
choice_index(const char *choices, const char *word)
{
	size_t len = strlen(word);
	int index = 0;

	for (const char *at = choices; *at != '\0'; index++) {
		size_t next = strcspn(at, " ");

		if (next == len && len > 0 && memcmp(at, word, len) == 0)
			return index;
		at += next + (at[next] == ' ');
	}
	return -1;
}

static bool
choice_parse(
    const struct conf_option *option, const char *text, int *out, struct err *err)
{
	int index = choice_index(option->choices, text);

	if (index < 0)
		return err_set(err, ERR_CONFIG,
		    "%s: \"%.40s\" is not known; write one of: %s", option->name, text,
		    option->choices);
	*out = index;
	return true;
}

static bool
yes_no_parse(
    const struct conf_option *option, const char *text, bool *out, struct err *err)
{
	static const char *const YES[] = {"yes", "true", "on"},
				 *const NO[] = {"no", "false", "off"};

	for (size_t i = 0; i < ARRAY_LEN(YES); i++) {
		*out = strcmp(text, YES[i]) == 0;
		if (*out || strcmp(text, NO[i]) == 0)
			return true;
	}
	return err_set(err, ERR_CONFIG,
	    "%s: \"%.40s\" is neither yes nor no; write %s = yes", option->name, text,
	    option->name);
}

static bool
date_parse(
    const struct conf_option *option, const char *text, int64_t *out_ms, struct err *err)
{
	if (time_parse(text, out_ms))
		return true;
	return err_set(err, ERR_CONFIG,
	    "%s: \"%.40s\" is no date; write it as 2016-10-21 or 2016-10-21T00:00:00Z",
	    option->name, text);
}

/* "+08:00": minutes east of UTC. */
static bool
zone_parse(const struct conf_option *option, const char *text, int *out, struct err *err)
{
	const char *end;
	int64_t hours, minutes;

	if (strlen(text) == 6 && (text[0] == '+' || text[0] == '-') &&
	    number_parse(text + 1, &end, &hours) && end == text + 3 && *end == ':' &&
	    number_parse(text + 4, &end, &minutes) && *end == '\0' && hours <= 14 &&
	    minutes <= 59) {
		*out = (text[0] == '-' ? -1 : 1) * (int)(hours * 60 + minutes);
		return true;
	}
	return err_set(err, ERR_CONFIG,
	    "%s: \"%.40s\" is no offset; write it as \"+08:00\"", option->name, text);
}

static bool
start_parse(const struct conf_option *option, const char *text, struct conf_start *out,
    struct err *err)
{
	const char *end;
	int64_t index;

	*out = (struct conf_start){.kind = CONF_START_TIP};
	if (strcmp(text, "tip") == 0)
		return true;
	if (strcmp(text, "genesis") == 0) {
		out->kind = CONF_START_GENESIS;
		return true;
	}
	if (strncmp(text, "since ", 6) == 0) {
		out->kind = CONF_START_SINCE;
		return date_parse(option, text + 6, &out->since_ms, err);
	}
	if (number_parse(text, &end, &index) && *end == '\0' &&
	    index < INT64_C(1) << 40) {
		out->kind = CONF_START_INDEX;
		out->index = (uint64_t)index;
		return true;
	}
	return err_set(err, ERR_CONFIG,
	    "%s: \"%.40s\" is no place in a log; write tip, genesis, an index, or "
	    "\"since 2026-01-31\"",
	    option->name, text);
}

/* Only the form; who uses it looks closer. */
static bool
check_url(const struct conf_option *option, const char *text, struct err *err)
{
	size_t len = strcspn(text, ":");
	char scheme[16] = "";

	if (len < sizeof(scheme))
		memcpy(scheme, text, len);
	if (text[len] == '\0' || choice_index(option->choices, scheme) < 0)
		return err_set(err, ERR_CONFIG,
		    "%s: \"%.60s\" does not begin as an address; write one of these "
		    "first, and "
		    "a colon: %s",
		    option->name, text, option->choices);
	if (strncmp(text + len, "://", 3) == 0 && text[len + 3] != '\0')
		return true;
	if (strcmp(scheme, "unix") == 0 && text[len + 1] == '/')
		return true;
	return err_set(err, ERR_CONFIG,
	    "%s: \"%.60s\" has nothing behind %s:; put the whole address in quotes",
	    option->name, text, scheme);
}

bool
value_check_item(const struct conf_option *option, const char *text, struct err *err)
{
	int ignored;

	if (text[0] == '\0')
		return err_set(
		    err, ERR_CONFIG, "%s: an empty item; leave it out", option->name);
	return option->choices == NULL || choice_parse(option, text, &ignored, err);
}

/* A list as its default is written: words with a blank between. */
static void
list_split(const char *text, struct conf_list *out, struct arena *arena)
{
	char *words = (char *)(uintptr_t)arena_copy(arena, bytes_text(text)).data;
	size_t len = strlen(text);

	out->items = arena_zero(arena, len, sizeof(*out->items));
	out->count = 0;
	for (char *at = words, *word; (word = strsep(&at, " ")) != NULL;)
		if (word[0] != '\0')
			out->items[out->count++] = word;
}

static bool
number_value(
    const struct conf_option *option, const char *text, void *target, struct err *err)
{
	const char *end;
	int64_t number;

	if (!number_parse(text, &end, &number) || *end != '\0')
		return err_set(err, ERR_CONFIG,
		    "%s: \"%.40s\" is no whole number; write %s = %s", option->name, text,
		    option->name, option->fallback != NULL ? option->fallback : "1");
	if (!check_bounds(option, text, number, err))
		return false;
	if (option->type == CONF_NUMBER)
		*(int *)target = (int)number;
	else
		*(int64_t *)target = number;
	return true;
}

static bool
duration_value(
    const struct conf_option *option, const char *text, int64_t *target, struct err *err)
{
	if (!duration_parse(text, target))
		return err_set(err, ERR_CONFIG,
		    "%s: \"%.40s\" is no duration; write seconds, or 30s, 5m, 2h, 7d, 4w",
		    option->name, text);
	return check_bounds(option, text, *target, err);
}

bool
value_parse(const struct conf_option *option, const char *text, void *target,
    struct arena *arena, struct err *err)
{
	void *at = (char *)target + option->at;
	int64_t ms;

	switch (option->type) {
	case CONF_URL:
		if (text[0] != '\0' && !check_url(option, text, err))
			return false;
		__attribute__((fallthrough));
	case CONF_TEXT:
	case CONF_PATH:
		*(const char **)at = text[0] == '\0'
		    ? NULL
		    : (const char *)arena_copy(arena, bytes_text(text)).data;
		return true;
	case CONF_NUMBER:
	case CONF_COUNT:
		return number_value(option, text, at, err);
	case CONF_DURATION:
		return duration_value(option, text, at, err);
	case CONF_YES_NO:
		return yes_no_parse(option, text, at, err);
	case CONF_CHOICE:
		return choice_parse(option, text, at, err);
	case CONF_DATE:
		if (!date_parse(option, text, &ms, err))
			return false;
		*(int64_t *)at = ms / 1000;
		return true;
	case CONF_ZONE:
		return zone_parse(option, text, at, err);
	case CONF_START:
		return start_parse(option, text, at, err);
	case CONF_LIST:
	case CONF_PATHS:
		list_split(text, at, arena);
		return true;
	}
	return false;
}
