/*
 * entries_json - the reply to get-entries, RFC 6962, 4.6.
 *
 * The hot path of an RFC 6962 log: the shape that real logs send is scanned by
 * hand and its base64 decoded where it stands, so that an entry is two views
 * of the body. Any other JSON of the same meaning goes through jansson.
 */
#pragma once
#include "base/arena.h"
#include "base/err.h"

struct entry_json {
	struct bytes leaf_input;
	struct bytes extra_data;
	bool extra_damaged; /* extra_data was missing, null or no base64: empty here */
};

struct entries_json {
	struct entry_json *entries; /* the arena's */
	size_t count;
};

/*
 * Overwrites body, which has to live as long as the entries. max bounds their
 * number (ERR_LIMIT). ERR_PARSE: no such reply, or a leaf_input that is no
 * base64 (the text names the entry); the entries before it are then filled.
 * An empty list parses: that it is an error is the client's to say.
 */
MUST_CHECK bool entries_json_parse(uint8_t *body, size_t len, size_t max, struct arena *,
    struct entries_json *out, struct err *);

/* How many entries a whole reply holds, at a fraction of the cost of parsing:
 * its strings "leaf_input" that are followed by a colon. Exact for a reply that
 * parses. */
size_t entries_json_count(struct bytes body);
