/*
 * text - hexadecimal, base64, dates and safe printing.
 */
#pragma once
#include <stdint.h>

#include "base/buf.h"

/* Lower-case hex of data into out, which has room for 2 * len + 1; returns out. */
char *hex_format(const void *data, size_t len, char *out);

/* Exactly len bytes from 2 * len hex digits of either case, nothing behind. */
MUST_CHECK bool hex_parse(const char *text, void *out, size_t len);

/* RFC 4648, 4: the standard alphabet, padded, no white space. Replaces out's
 * contents; false when the text is anything else or out's ceiling is passed. */
MUST_CHECK bool base64_decode(struct bytes text, struct buf *out);

/* Decodes into memory that has room for (text.len / 4) * 3 bytes. The hot
 * path's form: no allocation. */
MUST_CHECK bool base64_decode_to(struct bytes text, uint8_t *out, size_t *len);

/* Appends. */
bool base64_encode(struct bytes data, struct buf *out);

#define TIME_TEXT_LEN 40

/* "2016-01-04T10:11:12Z", with ".123" before the Z when the milliseconds are
 * not 0; returns out (TIME_TEXT_LEN bytes). Years beyond 9999 and before 0
 * print as a plain number of seconds. */
char *time_format(int64_t unix_ms, char *out);

/* RFC 3339, with an offset or Z, with or without a fraction; a date alone is
 * its midnight UTC. Milliseconds since 1970. */
MUST_CHECK bool time_parse(const char *text, int64_t *unix_ms);

/* Days and seconds of the proleptic Gregorian calendar; month 1 to 12.
 * Fields out of their range are refused. */
MUST_CHECK bool time_from_fields(
    int year, int month, int day, int hour, int minute, int second, int64_t *unix_s);

/* The midnight of a date, as a constant for rule tables: day_start(2016, 1, 1). */
int64_t time_days(int year, int month, int day); /* days since 1970-01-01 */

/* Appends data as it may be shown on a terminal: printable ASCII and valid,
 * printable UTF-8 as it is, everything else (controls, bidi overrides, broken
 * UTF-8, and the backslash itself) as \xNN or \u{N}. At most max bytes of
 * data are shown, then "...". */
bool text_append_safe(struct buf *out, struct bytes data, size_t max);

/* One code point of UTF-8 from the front of data; 0 bytes when it is broken
 * (overlong, surrogate, beyond U+10FFFF, cut). */
size_t utf8_next(struct bytes data, uint32_t *code_point);
bool utf8_valid(struct bytes data);
