/*
 * name - distinguished names: attributes one by one, text for people, and a
 * normal form for comparing.
 *
 * A name is the bytes of its Name element (cert->subject). Hostile in every
 * way; what is handed out as text is valid UTF-8 without control characters.
 */
#pragma once
#include "x509/der.h"
#include "x509/oid.h"

struct name_attribute {
	struct bytes whole;    /* the AttributeTypeAndValue SEQUENCE */
	struct bytes oid;      /* content octets */
	struct bytes value;    /* content octets as they stand */
	struct bytes value_at; /* the value's element */
	uint32_t flaws;        /* of the structure; string_flaws() for the value */
	uint32_t rdn;          /* number of its RDN, from 0 */
	bool shares_rdn;       /* not the first attribute of that RDN */
	enum oid id;
	uint8_t tag; /* the value's string type */
};

struct name_iter {
	struct cursor rdns, attributes;
	uint32_t
	    flaws; /* of the name: FLAW_TAG, FLAW_CUT, FLAW_EMPTY (an empty RDN), ... */
	uint32_t rdn;
	bool opened, within;
};

void name_begin(struct bytes name, struct name_iter *);
bool name_next(struct name_iter *, struct name_attribute *out);

/* The first attribute of that type; false: none. */
bool name_first(struct bytes name, enum oid, struct name_attribute *out);
size_t name_count(struct bytes name, enum oid);
bool name_is_empty(struct bytes name); /* no attribute at all */

/* Appends the value as valid UTF-8, whatever its type: BMP and Universal are
 * decoded, T61 and 8-bit octets in ASCII types are read as Latin-1, UTF-8 that
 * is none as Latin-1 octet by octet. Controls are kept: for showing,
 * string_append_safe(). Values of no string type give "#" and hex. */
bool string_append_utf8(struct buf *out, uint8_t tag, struct bytes value);
bool string_append_safe(struct buf *out, uint8_t tag, struct bytes value, size_t max);

/* What breaks the string type: FLAW_STRING, FLAW_UTF8, FLAW_TAG (no string). */
uint32_t string_flaws(uint8_t tag, struct bytes value);

/* Characters, not octets, as X.520 upper bounds count them. */
size_t string_length(uint8_t tag, struct bytes value);

/* In normalization form C. Text of more than 4 KiB is taken to be. */
bool string_is_nfc(uint8_t tag, struct bytes value);

/* Appends "C=US, O=Example\, Inc., CN=x": RFC 4514's escapes and names, but in
 * the order of the encoding, as other tools print it. Safe for terminals. */
bool name_append_text(struct buf *out, struct bytes name);

/* Appends a key for comparing (RFC 5280, 7.1, without its compatibility
 * mappings): equal for names that differ in string type, case (ASCII, Latin,
 * Greek, Cyrillic) and white space only. "+c=us,+o=example\, inc.,+cn=x", UTF-8. */
bool name_append_key(struct buf *out, struct bytes name);

/* Whether their keys are equal. */
bool name_equal(struct bytes a, struct bytes b);

/* Appends such a key with its parts in ascending order: some write the country
 * first, others last. */
void name_sort_key(struct bytes key, struct buf *out);

/* Both: the name's key, sorted. Nothing where it has none. */
void name_append_sorted_key(struct buf *out, struct bytes name);

/* The same key from text as name_append_text writes it, for configuration. */
MUST_CHECK bool name_key_from_text(const char *text, struct buf *out, struct err *);
