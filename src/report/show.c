#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "check/check.h"
#include "report/report_priv.h"
#include "store/log.h"
#include "x509/name.h"

const char *
show_number(uint64_t number, char *out)
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, number), at = 0;

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

const char *
show_age(int64_t ms, char *out)
{
	static const struct {
		int64_t ms;
		const char *unit;
	} UNITS[] = {
	    {INT64_C(86400000), "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}};
	size_t unit = 0;

	if (ms < 0)
		ms = 0;
	while (unit + 1 < ARRAY_LEN(UNITS) && ms < 2 * UNITS[unit].ms)
		unit++;
	snprintf(out, 32, "%" PRId64 " %s", ms / UNITS[unit].ms, UNITS[unit].unit);
	return out;
}

const char *
show_time(int64_t ms, char *out)
{
	char text[TIME_TEXT_LEN];

	if (ms == STORE_NO_TIME)
		return "-";
	time_format(ms / 1000 * 1000, text);
	text[strcspn(text, "Z")] = '\0';
	if (text[strcspn(text, "T")] == 'T')
		text[strcspn(text, "T")] = ' ';
	snprintf(out, 32, "%.31s", text);
	return out;
}

const char *
show_day(int64_t seconds, char *out)
{
	char text[TIME_TEXT_LEN];

	if (seconds == STORE_NO_TIME)
		return "-";
	time_format(seconds * 1000, text);
	snprintf(out, 32, "%.*s", (int)strcspn(text, "T"), text);
	return out;
}

const char *
show_bytes(int64_t bytes, char *out)
{
	if (bytes < 10000)
		snprintf(out, 32, "%" PRId64 " bytes", bytes);
	else if (bytes < 1000000)
		snprintf(out, 32, "%.1f kB", (double)bytes / 1e3);
	else if (bytes < INT64_C(10000000000))
		snprintf(out, 32, "%.1f MB", (double)bytes / 1e6);
	else
		snprintf(out, 32, "%.1f GB", (double)bytes / 1e9);
	return out;
}

void
show_append_stored(struct buf *out, struct bytes text)
{
	while (text.len > 0) {
		const uint8_t *end = memchr(text.data, '\\', text.len);
		size_t len = end == NULL ? text.len : (size_t)(end - text.data);

		text_append_safe(out, bytes_of(text.data, len), len);
		if (end != NULL)
			buf_append_u8(out, '\\');
		len += end != NULL;
		text = bytes_of(text.data + len, text.len - len);
	}
}

void
show_append_issuer(struct buf *out, struct bytes name)
{
	struct name_attribute attribute;

	if (name_first(name, OID_COMMON_NAME, &attribute) ||
	    name_first(name, OID_ORGANIZATION, &attribute))
		string_append_safe(out, attribute.tag, attribute.value, 64);
	else
		name_append_text(out, name);
}

const char *
show_level(int level)
{
	return level >= LEVEL_NOTICE && level <= LEVEL_ERROR
	    ? check_level_name((enum check_level)level)
	    : "-";
}

void
put_time(struct json *json, const char *key, int64_t ms)
{
	if (ms == STORE_NO_TIME)
		json_put_null(json, key);
	else
		json_put_time(json, key, ms);
}

/* --- names of logs ---------------------------------------------------------- */

static bool
note_log(void *owner, const struct log_row *row)
{
	struct log_names *names = owner;
	struct buf safe;

	if (row->number >= names->count) {
		size_t count = (size_t)row->number + 64;

		names->names = mem_resize(names->names, count, sizeof(*names->names));
		for (; names->count < count; names->count++)
			names->names[names->count] = NULL;
	}
	buf_init(&safe, 4096);
	text_append_safe(&safe, row->name, 200);
	names->names[row->number] =
	    (const char *)arena_copy(&names->arena, buf_bytes(&safe)).data;
	buf_free(&safe);
	return true;
}

bool
log_names_load(struct log_names *names, struct store *store, struct err *err)
{
	*names = (struct log_names){0};
	arena_init(&names->arena);
	return store_log_each(store, note_log, names, err);
}

void
log_names_free(struct log_names *names)
{
	arena_free(&names->arena);
	mem_free(names->names);
}

const char *
log_names_of(const struct log_names *names, uint32_t number)
{
	return number < names->count && names->names[number] != NULL
	    ? names->names[number]
	    : "-";
}

bool
log_names_find(const struct log_names *names, const char *name, uint32_t *number)
{
	for (size_t i = 0; i < names->count; i++)
		if (names->names[i] != NULL && strcmp(names->names[i], name) == 0) {
			*number = (uint32_t)i;
			return true;
		}
	return false;
}
