#include "x509/time.h"

#include "base/text.h"
#include "x509_priv.h"

static bool
read_digits(struct cursor *cursor, size_t count, int *out)
{
	struct cursor ahead = *cursor;
	uint8_t digit;

	*out = 0;
	for (size_t i = 0; i < count; i++) {
		if (!cursor_u8(&ahead, &digit) || digit < '0' || digit > '9')
			return false;
		*out = *out * 10 + (digit - '0');
	}
	*cursor = ahead;
	return true;
}

static uint32_t
read_fraction(struct cursor *cursor)
{
	if (cursor_left(cursor) == 0 || (*cursor->at != '.' && *cursor->at != ','))
		return 0;
	cursor->at++;
	while (cursor_left(cursor) > 0 && *cursor->at >= '0' && *cursor->at <= '9')
		cursor->at++;
	return TIME_FRACTION;
}

static uint32_t
read_zone(struct cursor *cursor, int *offset_s)
{
	struct cursor ahead = *cursor;
	int hour, minute;
	uint8_t sign;

	*offset_s = 0;
	if (!cursor_u8(&ahead, &sign) || (sign != 'Z' && sign != '+' && sign != '-'))
		return TIME_NO_ZONE;
	if (sign == 'Z') {
		*cursor = ahead;
		return 0;
	}
	if (!read_digits(&ahead, 2, &hour))
		return TIME_NO_ZONE;
	if (!read_digits(&ahead, 2, &minute))
		minute = 0;
	*offset_s = (hour * 3600 + minute * 60) * (sign == '-' ? -1 : 1);
	*cursor = ahead;
	return TIME_OFFSET;
}

/* X.680, 46 and 47. year_digits: 2 of a UTCTime, 4 of a GeneralizedTime. */
static uint32_t
read_text(struct bytes text, size_t year_digits, int64_t *unix_s)
{
	struct cursor cursor = cursor_of(text);
	int year, month, day, hour, minute = 0, second = 0, offset_s;
	uint32_t form = 0;

	if (!read_digits(&cursor, year_digits, &year) ||
	    !read_digits(&cursor, 2, &month) || !read_digits(&cursor, 2, &day) ||
	    !read_digits(&cursor, 2, &hour))
		return TIME_UNREADABLE;
	if (!read_digits(&cursor, 2, &minute))
		form |= TIME_NO_MINUTES | TIME_NO_SECONDS;
	else if (!read_digits(&cursor, 2, &second))
		form |= TIME_NO_SECONDS;
	form |= read_fraction(&cursor);
	form |= read_zone(&cursor, &offset_s);
	if (cursor_left(&cursor) > 0)
		form |= TIME_JUNK;
	if (year_digits == 2) /* RFC 5280, 4.1.2.5.1 */
		year += year >= 50 ? 1900 : 2000;
	else if (year < 2050)
		form |= TIME_WRONG_TYPE;
	if (!time_from_fields(year, month, day, hour, minute, second, unix_s))
		return form | TIME_RANGE | TIME_UNREADABLE;
	*unix_s -= offset_s;
	return form;
}

uint32_t
read_time_text(uint8_t tag, struct bytes text, int64_t *unix_s)
{
	uint32_t form = TIME_UNREADABLE | TIME_OTHER_TAG;

	if (tag == DER_UTC_TIME)
		form = read_text(text, 2, unix_s);
	else if (tag == DER_GENERALIZED_TIME)
		form = read_text(text, 4, unix_s);
	if ((form & TIME_UNREADABLE) != 0)
		*unix_s = 0;
	return form;
}

void
der_time_read(const struct der *element, struct der_time *out)
{
	*out = (struct der_time){
	    .whole = element->whole, .text = element->value, .tag = element->tag};
	out->form = read_time_text(element->tag, element->value, &out->unix_s);
}
