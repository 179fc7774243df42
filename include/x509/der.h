/*
 * der - walks tag, length and value without copying or re-encoding.
 *
 * A reader takes BER where a reader can: whatever X.690 chapter 10 forbids but
 * does not hide the value is a flaw in the element, not the end of the walk.
 * Views point into the input, so that an element's offset is
 * der_offset(certificate, element.whole). Knows no certificates.
 */
#pragma once
#include "base/buf.h"
#include "base/cursor.h"

/* What is wrong with an element or a field: bits, so that one word keeps all
 * that was found. The first twelve are about structure, the rest about values. */
enum der_flaw {
	FLAW_MISSING = 1 << 0,      /* has to be there */
	FLAW_TAG = 1 << 1,          /* another type stands where this one belongs */
	FLAW_CUT = 1 << 2,          /* runs past what encloses it; the value ends there */
	FLAW_LENGTH = 1 << 3,       /* length octets not minimal */
	FLAW_INDEFINITE = 1 << 4,   /* indefinite length */
	FLAW_TAG_FORM = 1 << 5,     /* tag number not in its shortest form */
	FLAW_TRAILING = 1 << 6,     /* bytes behind the last element */
	FLAW_EMPTY = 1 << 7,        /* nothing where at least one has to be */
	FLAW_DEFAULT = 1 << 8,      /* a DEFAULT value written out */
	FLAW_DEEP = 1 << 9,         /* nested deeper than DER_DEPTH_MAX */
	FLAW_MANY = 1 << 10,        /* more elements than are kept */
	FLAW_REPEATED = 1 << 11,    /* stands there twice */
	FLAW_BOOLEAN = 1 << 12,     /* not one octet of 00 or FF */
	FLAW_INTEGER = 1 << 13,     /* empty or not minimal */
	FLAW_RANGE = 1 << 14,       /* a value that the schema excludes */
	FLAW_OID = 1 << 15,         /* empty, cut, or padded with 0x80 */
	FLAW_BITS = 1 << 16,        /* unused-bit count wrong, or unused bits not 0 */
	FLAW_ZERO_BITS = 1 << 17,   /* a named bit list ends in 0 bits */
	FLAW_STRING = 1 << 18,      /* characters outside the string type's alphabet */
	FLAW_UTF8 = 1 << 19,        /* UTF8String that is not UTF-8 */
	FLAW_CONSTRUCTED = 1 << 20, /* constructed for primitive, or the reverse */
	FLAW_ORDER = 1 << 21,       /* a SET OF, or fields, not in order */
	FLAW_NULL = 1 << 22,        /* NULL with a value */
	FLAW_TIME_FORM = 1 << 23,   /* readable, but not as RFC 5280 4.1.2.5 wants it */
	FLAW_TIME = 1 << 24,        /* not readable as a time */
	FLAW_ADDRESS = 1 << 25,     /* an iPAddress of another length than 4 or 16 */
};

/* "length octets not minimal" for the lowest bit set; "" for 0. */
const char *der_flaw_text(uint32_t flaws);

/* Identifier octets, class and constructed bit included. */
enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_ENUMERATED = 0x0a,
	DER_UTF8_STRING = 0x0c,
	DER_NUMERIC_STRING = 0x12,
	DER_PRINTABLE_STRING = 0x13,
	DER_TELETEX_STRING = 0x14,
	DER_VIDEOTEX_STRING = 0x15,
	DER_IA5_STRING = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_GRAPHIC_STRING = 0x19,
	DER_VISIBLE_STRING = 0x1a,
	DER_GENERAL_STRING = 0x1b,
	DER_UNIVERSAL_STRING = 0x1c,
	DER_BMP_STRING = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT = 0x80,             /* | number, IMPLICIT primitive */
	DER_CONTEXT_CONSTRUCTED = 0xa0, /* | number, EXPLICIT or constructed */
};

#define DER_DEPTH_MAX 32

struct der {
	struct bytes whole; /* header, value, and the end mark of an indefinite length */
	struct bytes value;
	uint32_t number; /* the tag number, also when it needs more than one octet */
	uint32_t flaws;  /* of the header only: der_value_flaws() looks inside */
	uint8_t tag;     /* the identifier octet; 0x1f in its low bits: see number */
};

/* What der_next does with an element of any other form than the common one. */
MUST_CHECK bool der_next_odd(struct cursor *, struct der *out);

/* The common form: one octet of tag, one to three of minimal length, and all of
 * it there. */
MUST_CHECK static inline bool
der_next_plain(struct cursor *cursor, struct der *out)
{
	const uint8_t *at = cursor->at;
	size_t left = cursor_left(cursor), len, header = 2;

	if (left < 2 || (at[0] & 0x1f) == 0x1f)
		return false;
	len = at[1];
	if (len >= 0x80) {
		if (len == 0x82 && left > 3 && at[2] != 0) {
			len = be16(at + 2);
			header = 4;
		} else if (len == 0x81 && left > 2 && at[2] >= 0x80) {
			len = at[2];
			header = 3;
		} else {
			return false;
		}
	}
	if (left - header < len)
		return false;
	*out = (struct der){.whole = {at, header + len},
	    .value = {at + header, len},
	    .number = at[0] & 0x1f,
	    .tag = at[0]};
	cursor->at = at + header + len;
	return true;
}

/* The next element. False at the end, and when not even a header can be read:
 * the cursor then stays, and cursor_left() tells the two apart. An element
 * that runs past the end is handed out cut, with FLAW_CUT. */
MUST_CHECK static inline bool
der_next(struct cursor *cursor, struct der *out)
{
	struct der odd; /* so that out is not seen by the call, and stays in registers */

	if (der_next_plain(cursor, out))
		return true;
	if (!der_next_odd(cursor, &odd))
		return false;
	*out = odd;
	return true;
}

/* As der_next when the next identifier octet is tag; else false, and the
 * cursor stays. For OPTIONAL elements. */
MUST_CHECK static inline bool
der_next_if(struct cursor *cursor, uint8_t tag, struct der *out)
{
	return cursor_left(cursor) > 0 && *cursor->at == tag && der_next(cursor, out);
}

/* The only element of bytes: FLAW_TRAILING when more follows. False as above. */
MUST_CHECK bool der_only(struct bytes, struct der *out);

/* Where part begins in whole; 0 when it does not lie inside. */
size_t der_offset(struct bytes whole, struct bytes part);

/* What X.690 forbids about the value of a universal primitive type (and SET OF
 * order, one level deep); the header's flaws included. Linear. */
uint32_t der_value_flaws(const struct der *);

/* Values. Each returns the flaws it met; the result is the best reading. */
uint32_t der_read_boolean(struct bytes value, bool *out);
uint32_t der_read_unsigned(
    struct bytes value, uint64_t *out); /* FLAW_RANGE: does not fit, or negative */
uint32_t der_read_bits(struct bytes value, struct bytes *bits, uint8_t *unused);
uint32_t der_integer_flaws(struct bytes value);
uint32_t der_oid_flaws(struct bytes value);

/* Of the character string types only; 0 for other tags. */
uint32_t der_string_flaws(uint8_t tag, struct bytes value);

/* The value without the octets that only pad it: what serial numbers are
 * compared by. Never empty for a non-empty value. */
struct bytes der_integer_canonical(struct bytes value);
bool der_integer_negative(struct bytes value);
size_t der_integer_bits(struct bytes value); /* of the magnitude when not negative */

/* Every element in order of appearance, those inside others after them. */
struct der_walk {
	struct cursor stack[DER_DEPTH_MAX];
	size_t depth;
};

void der_walk_begin(struct der_walk *, struct bytes);

/* False at the end. depth is 0 for the outermost. What lies below
 * DER_DEPTH_MAX is skipped with FLAW_DEEP; bytes that are no element end
 * their enclosing one, which is reported by an element with FLAW_TRAILING,
 * tag 0 and those bytes as whole. */
bool der_walk_next(struct der_walk *, struct der *out, size_t *depth);

/* Header octets of a definite, minimal length; returns how many (at most
 * DER_HEADER_MAX). */
#define DER_HEADER_MAX 10
size_t der_put_header(uint8_t tag, size_t len, uint8_t *out);
