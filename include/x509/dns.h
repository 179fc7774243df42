/*
 * dns - DNS names for matching and storing.
 *
 * The canonical form is ASCII, lower case, without a trailing dot; octets that
 * are not letters, digits, '-', '_', '*' or '.' stand as \xNN, so that it is
 * text, has no NUL, and is injective. The reversed form turns labels around
 * (com.example.www), so that a domain and all below it are one index range.
 */
#pragma once
#include "base/buf.h"

/* Room for the canonical form of a name of len octets, its NUL included. */
#define DNS_CANONICAL_ROOM(len) (4 * (len) + 1)

/* Writes the canonical form and a NUL; returns its length. False where room is
 * too small (DNS_CANONICAL_ROOM(name.len) always does). */
MUST_CHECK bool dns_canonical(struct bytes name, char *out, size_t room, size_t *len);
bool dns_append_canonical(struct buf *out, struct bytes name);

/* Turns the labels of len octets around; out has room for len + 1. Undoes
 * itself. */
void dns_reverse(const char *name, size_t len, char *out);

/* name equals domain or lies below it. Both canonical. */
bool dns_is_within(struct bytes name, struct bytes domain);

/* A pattern whose left-most label has a star covers names of as many labels
 * whose left-most label fits (RFC 6125, 6.4.3, read generously: f*o.example
 * covers foo.example). Both canonical. */
bool dns_is_wildcard(struct bytes name);
bool dns_wildcard_covers(struct bytes pattern, struct bytes name);

/* Some name equal to or below domain is covered by the pattern. */
bool dns_wildcard_touches(struct bytes pattern, struct bytes domain);

/* Appends the A-label form of a name in UTF-8 (IDNA2008, falling back to
 * transitional mapping), lower case, no trailing dot. Octets that are no UTF-8
 * are read as Latin-1. False with err set when a label has none. */
MUST_CHECK bool dns_append_ascii(struct buf *out, struct bytes name, struct err *);

/* Appends the U-label form where every A-label decodes; else the name as it
 * is. For showing: pass it through text_append_safe(). */
bool dns_append_unicode(struct buf *out, struct bytes name);

/* "192.0.2.1" or an IPv6 text; address gets 4 or 16 octets. */
bool dns_is_ip_text(struct bytes name, uint8_t *address, size_t *len);
