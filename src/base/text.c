#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>

#define DAY_S INT64_C(86400)

char *
hex_format(const void *data, size_t len, char *out)
{
	static const char DIGITS[] = "0123456789abcdef";
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = DIGITS[bytes[i] >> 4];
		out[2 * i + 1] = DIGITS[bytes[i] & 15];
	}
	out[2 * len] = '\0';
	return out;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
hex_parse(const char *text, void *out, size_t len)
{
	uint8_t *bytes = out;

	if (strlen(text) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* Howard Hinnant's days_from_civil: counts from 1 March, so that the leap day
 * ends the year. */
int64_t
time_days(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era =
	    year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static void
date_of_days(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2));
}

static int
days_in_month(int year, int month)
{
	static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return DAYS[month - 1] + (month == 2 && leap);
}

bool
time_from_fields(
    int year, int month, int day, int hour, int minute, int second, int64_t *unix_s)
{
	if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) ||
	    hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 60)
		return false;
	*unix_s = time_days(year, month, day) * DAY_S + hour * INT64_C(3600) +
	    minute * INT64_C(60) + second;
	return true;
}

char *
time_format(int64_t unix_ms, char *out)
{
	int64_t seconds = unix_ms / 1000, ms = unix_ms % 1000, days, rest;
	int year, month, day;

	if (ms < 0) {
		ms += 1000;
		seconds--;
	}
	days = seconds / DAY_S;
	rest = seconds % DAY_S;
	if (rest < 0) {
		rest += DAY_S;
		days--;
	}
	if (days < time_days(0, 1, 1) || days > time_days(9999, 12, 31)) {
		snprintf(out, TIME_TEXT_LEN, "%" PRId64, seconds);
		return out;
	}
	date_of_days(days, &year, &month, &day);
	snprintf(out, TIME_TEXT_LEN, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day,
	    (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
	if (ms != 0)
		snprintf(out + 19, TIME_TEXT_LEN - 19, ".%03dZ", (int)ms);
	else
		memcpy(out + 19, "Z", 2);
	return out;
}

/* digits decimal digits, no more. */
static bool
parse_digits(const char **at, int digits, int *value)
{
	*value = 0;
	for (int i = 0; i < digits; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*value = *value * 10 + (**at - '0');
	}
	return true;
}

static bool
parse_char(const char **at, const char *any_of)
{
	if (**at == '\0' || strchr(any_of, **at) == NULL)
		return false;
	(*at)++;
	return true;
}

static void
parse_fraction(const char **at, int *ms)
{
	int digits = 0;

	for (; **at >= '0' && **at <= '9'; (*at)++)
		if (digits++ < 3)
			*ms = *ms * 10 + (**at - '0');
	for (; digits < 3; digits++)
		*ms *= 10;
}

static bool
parse_offset(const char **at, int *minutes)
{
	int sign = **at == '-' ? -1 : 1, hour, minute;

	if (parse_char(at, "Zz")) {
		*minutes = 0;
		return true;
	}
	if (!parse_char(at, "+-") || !parse_digits(at, 2, &hour) ||
	    !parse_char(at, ":") || !parse_digits(at, 2, &minute) || hour > 23 ||
	    minute > 59)
		return false;
	*minutes = sign * (hour * 60 + minute);
	return true;
}

bool
time_parse(const char *text, int64_t *unix_ms)
{
	int year, month, day, hour = 0, minute = 0, second = 0, ms = 0, offset = 0;
	int64_t seconds;

	if (!parse_digits(&text, 4, &year) || !parse_char(&text, "-") ||
	    !parse_digits(&text, 2, &month) || !parse_char(&text, "-") ||
	    !parse_digits(&text, 2, &day))
		return false;
	if (*text != '\0') {
		if (!parse_char(&text, "Tt ") || !parse_digits(&text, 2, &hour) ||
		    !parse_char(&text, ":") || !parse_digits(&text, 2, &minute) ||
		    !parse_char(&text, ":") || !parse_digits(&text, 2, &second))
			return false;
		if (parse_char(&text, "."))
			parse_fraction(&text, &ms);
		if (!parse_offset(&text, &offset))
			return false;
	}
	if (*text != '\0' ||
	    !time_from_fields(year, month, day, hour, minute, second, &seconds))
		return false;
	*unix_ms = (seconds - offset * INT64_C(60)) * 1000 + ms;
	return true;
}

size_t
utf8_next(struct bytes data, uint32_t *code_point)
{
	static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len;
	uint32_t value;

	if (data.len == 0)
		return 0;
	if (data.data[0] < 0x80) {
		*code_point = data.data[0];
		return 1;
	}
	if (data.data[0] >= 0xf0 && data.data[0] <= 0xf4)
		len = 4;
	else if (data.data[0] >= 0xe0 && data.data[0] < 0xf0)
		len = 3;
	else if (data.data[0] >= 0xc2 && data.data[0] < 0xe0)
		len = 2;
	else
		return 0;
	if (data.len < len)
		return 0;
	value = data.data[0] & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		if ((data.data[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (data.data[i] & 0x3f);
	}
	if (value < LEAST[len] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*code_point = value;
	return len;
}

bool
utf8_valid(struct bytes data)
{
	uint32_t code_point;

	while (data.len > 0) {
		size_t len = utf8_next(data, &code_point);

		if (len == 0)
			return false;
		data = bytes_of(data.data + len, data.len - len);
	}
	return true;
}

/* Code points that move, hide or reorder what stands around them. */
static bool
deceives(uint32_t c)
{
	return c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0) || c == 0xad ||
	    c == 0x061c || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	    (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff || (c >= 0xfff0 && c <= 0xfffb) ||
	    (c & 0xfffe) == 0xfffe || (c >= 0xd800 && c < 0xf900) || c >= 0xe0000;
}

bool
text_append_safe(struct buf *out, struct bytes data, size_t max)
{
	bool cut = data.len > max;

	if (cut)
		data.len = max;
	while (data.len > 0) {
		uint32_t code_point;
		size_t len = utf8_next(data, &code_point);

		if (len == 0) {
			buf_append_format(out, "\\x%02x", data.data[0]);
			len = 1;
		} else if (len == 1 && (deceives(code_point) || code_point == '\\')) {
			buf_append_format(out, "\\x%02x", data.data[0]);
		} else if (deceives(code_point)) {
			buf_append_format(out, "\\u{%" PRIx32 "}", code_point);
		} else {
			buf_append(out, data.data, len);
		}
		data = bytes_of(data.data + len, data.len - len);
	}
	if (cut)
		buf_append_text(out, "...");
	return !out->failed;
}
