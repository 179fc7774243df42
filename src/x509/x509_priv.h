/*
 * What the files of this room share and nobody else sees.
 */
#pragma once
#include "x509/cert.h"

/* --- characters (string.c) ---------------------------------------------- */

/* Reads any string type one code point at a time, and never stops before the
 * end: what cannot be decoded comes out as Latin-1 or U+FFFD. */
struct characters {
	struct bytes left;
	uint8_t tag;
};

bool characters_next(struct characters *, uint32_t *code_point);
bool is_string_tag(uint8_t tag);

/* UTF-8 of one code point; returns how many octets. */
size_t utf8_put(uint32_t code_point, uint8_t out[4]);

/* The case and white space that names are compared without. */
uint32_t fold_case(uint32_t code_point);
bool is_white_space(uint32_t code_point);
bool is_invisible(uint32_t code_point); /* zero width: dropped in comparisons */

/* --- elements on the hot path ---------------------------------------------- */

/* A struct der as pointers. Copying a struct bytes moves two words as one, and a
 * processor waits for words that were just written singly; here views are made
 * from pointers, and cert_parse takes half the time. */
struct element {
	const uint8_t *at, *value;
	uint32_t flaws; /* here, so that value and value_end are no pair either */
	uint8_t tag;
	const uint8_t *value_end, *end;
};

static inline struct bytes
element_whole(const struct element *element)
{
	return bytes_of(element->at, (size_t)(element->end - element->at));
}

static inline struct bytes
element_value(const struct element *element)
{
	return bytes_of(element->value, (size_t)(element->value_end - element->value));
}

static inline struct cursor
element_inside(const struct element *element)
{
	return (struct cursor){.at = element->value, .end = element->value_end};
}

/* As der_next and der_next_if. */
bool element_next_odd(struct cursor *, struct element *out);

static inline bool
element_next(struct cursor *cursor, struct element *out)
{
	struct element
	    odd; /* so that out is not seen by the call, and stays in registers */
	struct der plain;

	if (!der_next_plain(cursor, &plain)) {
		if (cursor_left(cursor) == 0 || !element_next_odd(cursor, &odd))
			return false;
		*out = odd;
		return true;
	}
	out->at = plain.whole.data;
	out->value = plain.value.data;
	out->value_end = out->end = plain.value.data + plain.value.len;
	out->flaws = 0;
	out->tag = plain.tag;
	return true;
}

static inline bool
element_next_if(struct cursor *cursor, uint8_t tag, struct element *out)
{
	return cursor_left(cursor) > 0 && *cursor->at == tag && element_next(cursor, out);
}

/* The next of a list; adds FLAW_CUT where it ends in bytes that are no element. */
static inline bool
element_list_next(struct cursor *cursor, uint32_t *list_flaws, struct element *out)
{
	if (element_next(cursor, out))
		return true;
	if (cursor_left(cursor) > 0) {
		*list_flaws |= FLAW_CUT;
		cursor->at = cursor->end;
	}
	return false;
}

/* Form bits and the time; text by value, for the same reason. */
uint32_t read_time_text(uint8_t tag, struct bytes text, int64_t *unix_s);

/* --- lists (extension.c) -------------------------------------------------- */

/* The inside of an element that has to be the whole of bytes and of that tag:
 * how every extension's value begins. */
struct bytes open_value(struct bytes, uint8_t tag, uint32_t *flaws);

/* The next element of a list; adds FLAW_CUT where it ends in other bytes. */
bool list_next(struct cursor *, uint32_t *list_flaws, struct der *out);

/* Flaws of what lies behind the elements that were expected. */
uint32_t rest_flaws(const struct cursor *);

void read_extension(const struct element *, struct extension *out);
