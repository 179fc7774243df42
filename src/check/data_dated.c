/* Lists of names with the days on which they came and went: TLDs, countries; and of days.
 */
#include <stdlib.h>

#include "base/text.h"
#include "data_priv.h"

/* A date, or none: "", "-". */
static bool
read_date(struct bytes field, int64_t *unix_s)
{
	char text[TIME_TEXT_LEN];
	int64_t ms;

	*unix_s = 0;
	if (field.len == 0 || (field.len == 1 && field.data[0] == '-'))
		return true;
	if (field.len >= sizeof(text))
		return false;
	memcpy(text, field.data, field.len);
	text[field.len] = 0;
	if (!time_parse(text, &ms))
		return false;
	*unix_s = ms / 1000;
	return true;
}

struct dated {
	struct bytes name;
	int64_t from, until;
};

/* Where name, from and until stand; a heading may say otherwise. */
struct columns {
	size_t name, from, until;
};

static bool
is_any(struct bytes field, const char *const *words)
{
	for (; *words != NULL; words++)
		if (bytes_equal(field, bytes_text(*words)))
			return true;
	return false;
}

static bool
read_heading(struct bytes line, struct columns *out)
{
	static const char *const NAMES[] = {"tld", "alpha2", "code", "name", NULL};
	static const char *const FROMS[] = {"from", "delegation_date", NULL};
	static const char *const UNTILS[] = {"until", "removal_date", NULL};
	struct bytes fields[DATA_FIELDS_MAX];
	size_t count = data_split(line, fields);

	if (!is_any(fields[0], NAMES))
		return false;
	*out = (struct columns){0, DATA_FIELDS_MAX, DATA_FIELDS_MAX};
	for (size_t i = 1; i < count; i++)
		if (is_any(fields[i], FROMS))
			out->from = i;
		else if (is_any(fields[i], UNTILS))
			out->until = i;
	return true;
}

static bool
read_dated(struct reading *in, struct bytes line, const struct columns *columns,
    struct dated *out)
{
	struct bytes fields[DATA_FIELDS_MAX + 1] = {0};
	size_t count = data_split(line, fields);

	for (size_t i = count; i <= DATA_FIELDS_MAX; i++)
		fields[i] = bytes_of(NULL, 0);
	out->name = fields[columns->name];
	if (!read_date(fields[columns->from], &out->from) ||
	    !read_date(fields[columns->until], &out->until))
		return data_bad_line(in,
		    "\"%s\" has no date like 2026-11-20 in its place",
		    data_show(in, line));
	return out->until == 0 || out->from < out->until ||
	    data_bad_line(in, "\"%s\" ends before it begins", data_show(in, out->name));
}

/* All records; the arena's. */
static bool
read_all_dated(struct reading *in, struct dated **rows, size_t *count)
{
	struct columns columns = {0, 1, 2};
	struct bytes line;
	size_t room = 0;

	*count = 0;
	while (data_next_line(in, &line)) {
		struct dated *old = *rows;

		if (*count == 0 && room == 0 && read_heading(line, &columns))
			continue;
		if (*count == room) {
			room = room == 0 ? 64 : room * 2;
			*rows = arena_alloc(in->arena, room * sizeof(**rows));
			if (old != NULL)
				memcpy(*rows, old, *count * sizeof(**rows));
		}
		if (!read_dated(in, line, &columns, &(*rows)[*count]))
			return false;
		(*count)++;
	}
	return *count > 0 || err_set(in->err, ERR_CONFIG, "it is empty");
}

static int
compare_tlds(const void *a, const void *b)
{
	return strcmp(
	    ((const struct check_tld *)a)->name, ((const struct check_tld *)b)->name);
}

bool
data_read_tlds(struct reading *in)
{
	struct dated *rows = NULL;
	struct check_tld *tlds;
	size_t count;

	if (!read_all_dated(in, &rows, &count))
		return false;
	tlds = arena_alloc(in->arena, count * sizeof(*tlds));
	for (size_t i = 0; i < count; i++) {
		if (!data_is_label(rows[i].name))
			return err_set(in->err, ERR_CONFIG, "\"%s\" is no name of a TLD",
			    data_show(in, rows[i].name));
		tlds[i] = (struct check_tld){
		    data_lower(in, rows[i].name), rows[i].from, rows[i].until};
	}
	qsort(tlds, count, sizeof(*tlds), compare_tlds);
	in->params->tlds = tlds;
	in->params->tld_count = count;
	return true;
}

static int
compare_countries(const void *a, const void *b)
{
	return strcmp(((const struct check_country *)a)->code,
	    ((const struct check_country *)b)->code);
}

bool
data_read_countries(struct reading *in)
{
	struct dated *rows = NULL;
	struct check_country *countries;
	size_t count;

	if (!read_all_dated(in, &rows, &count))
		return false;
	countries = arena_zero(in->arena, count, sizeof(*countries));
	for (size_t i = 0; i < count; i++) {
		struct bytes code = rows[i].name;

		if (code.len != 2 || code.data[0] < 'A' || code.data[0] > 'Z' ||
		    code.data[1] < 'A' || code.data[1] > 'Z')
			return err_set(in->err, ERR_CONFIG,
			    "\"%s\" is no code of two capitals", data_show(in, code));
		memcpy(countries[i].code, code.data, 2);
		countries[i].from = rows[i].from;
		countries[i].until = rows[i].until;
	}
	qsort(countries, count, sizeof(*countries), compare_countries);
	in->params->countries = countries;
	in->params->country_count = count;
	return true;
}

/* The day first, then perhaps what is celebrated. */
static bool
read_holiday(struct reading *in, struct bytes line, int64_t *out)
{
	struct bytes fields[DATA_FIELDS_MAX] = {0};
	int64_t unix_s;

	data_split(line, fields);
	if (fields[0].len != strlen("2016-02-08") || !read_date(fields[0], &unix_s))
		return data_bad_line(in, "\"%s\" begins with no date like 2016-02-08",
		    data_show(in, line));
	*out = unix_s / DAY_S - (unix_s % DAY_S < 0);
	return true;
}

bool
data_read_holidays(struct reading *in)
{
	int64_t *days = NULL;
	struct bytes line;
	size_t room = 0, count = 0;

	while (data_next_line(in, &line)) {
		int64_t *old = days;

		if (count == room) {
			room = room == 0 ? 64 : room * 2;
			days = arena_alloc(in->arena, room * sizeof(*days));
			if (old != NULL)
				memcpy(days, old, count * sizeof(*days));
		}
		if (!read_holiday(in, line, &days[count]))
			return false;
		count++;
	}
	in->params->holidays = days;
	in->params->holiday_count = count;
	return count > 0 || err_set(in->err, ERR_CONFIG, "it is empty");
}
