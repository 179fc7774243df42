/*
 * watch_priv - how a snapshot is laid out: a domain table that all snapshots of
 * one configuration share, and CA families that each snapshot has of its own.
 */
#pragma once
#include <stdatomic.h>

#include "base/buf.h"
#include "base/map.h"
#include "watch/watch.h"

/* --- domains --------------------------------------------------------------- */

struct watch_domain {
	uint32_t name_at; /* in text */
	uint32_t sibling; /* the next domain below the same parent, or NONE */
	uint32_t generation;
	uint16_t expected; /* number of what is expected; 0: nothing */
	uint8_t name_len;
	int64_t since_ms;
};

struct watch_parent {
	uint32_t name_at;
	uint32_t first; /* of its domains */
	uint8_t name_len;
};

/* Open addressing: hash and number side by side, so that a miss costs one cache
 * line and a hit compares the name. */
struct watch_slot {
	uint32_t hash;
	uint32_t number; /* + 1; 0: free */
};

struct watch_index {
	struct watch_slot *slots;
	uint32_t mask;
};

struct watch_allowed {
	uint8_t key[WATCH_KEY_LEN];
	char *text; /* NULL: the key counts */
};

struct watch_allowed_list {
	struct watch_allowed *entries;
	size_t count;
};

/* What an owner expects of his domains' certificates. */
struct watch_expected {
	struct watch_allowed_list allowed, suppress;
	unsigned profiles;
	uint32_t quota;
};

#define WATCH_NONE UINT32_MAX

struct watch_domains {
	atomic_uint refs;
	char *text; /* all names, lower case */
	size_t text_len, text_room;
	struct watch_domain *rows;
	size_t count;
	struct watch_parent *parents;
	size_t parent_count, parent_room;
	struct watch_index by_name, by_parent;
	struct watch_expected *expected; /* [0] is empty */
	size_t expected_count;
	/* Of domains that are guarded from imitations: their skeletons, to number + 1. */
	struct map looks;
};

/* A reference of one; NULL with err set. */
struct watch_domains *watch_domains_new(
    const struct watch_domain_row *rows, size_t count, struct err *err);
void watch_domains_unref(struct watch_domains *);
size_t watch_domains_memory(const struct watch_domains *);

/* The octet of a DNS name as the table has it: lower case; 0 for what no
 * well-formed name holds. */
extern const uint8_t WATCH_FOLD[256];

/* look.c: appends what the name looks like; whether it can look like another. */
void watch_skeleton(struct bytes name, struct buf *out);
bool watch_may_imitate(struct bytes name);

/* The hash runs from the last octet to the first, so that one pass over a name
 * has the hash of every suffix. */
#define WATCH_HASH_SEED 0x9e3779b97f4a7c15u

static inline uint64_t
watch_hash_step(uint64_t hash, uint8_t octet)
{
	return (hash ^ octet) * 0x9fb21c651e98df25u;
}

static inline uint32_t
watch_hash_end(uint64_t hash)
{
	return (uint32_t)(hash >> 32) ^ (uint32_t)(hash >> 15);
}

/* The domain or parent of that name, WATCH_NONE when there is none. name may be
 * of any case. */
uint32_t watch_domain_find(
    const struct watch_domains *, uint32_t hash, const uint8_t *name, size_t len);
uint32_t watch_parent_find(
    const struct watch_domains *, uint32_t hash, const uint8_t *name, size_t len);
uint32_t watch_name_hash(const uint8_t *name, size_t len);

static inline struct bytes
watch_domain_name(const struct watch_domains *domains, uint32_t number)
{
	const struct watch_domain *row = &domains->rows[number];

	return bytes_of(domains->text + row->name_at, row->name_len);
}

/* --- CA families ----------------------------------------------------------- */

struct watch_ca {
	char *name;
	int64_t since_ms;
	uint32_t generation;
};

struct watch_key {
	uint8_t hash[WATCH_KEY_LEN];
	uint32_t ca; /* number among the CAs */
};

enum watch_text_kind { TEXT_SUBJECT, TEXT_ORGANISATION, TEXT_KEY_ID };

/* A name or key id of a family: what makes candidates. */
struct watch_text {
	uint64_t hash;
	char *text;
	size_t len;
	uint32_t ca;
	enum watch_text_kind kind;
};

struct watch_families {
	struct watch_ca *cas;
	size_t count;
	struct watch_key *keys; /* sorted by hash, then CA */
	size_t key_count;
	struct watch_text *texts; /* sorted by hash */
	size_t text_count;
};

MUST_CHECK bool watch_families_fill(struct watch_families *,
    const struct watch_ca_row *rows, size_t count, struct err *err);
void watch_families_copy(const struct watch_families *from, struct watch_families *to);
void watch_families_free(struct watch_families *);
size_t watch_families_memory(const struct watch_families *);

/* The first key that is not below this hash. */
size_t watch_key_lower(const struct watch_families *, const uint8_t hash[WATCH_KEY_LEN]);
bool watch_families_have(
    const struct watch_families *, uint32_t ca, const uint8_t hash[WATCH_KEY_LEN]);
/* False when it was there. */
bool watch_families_add_key(
    struct watch_families *, uint32_t ca, const uint8_t hash[WATCH_KEY_LEN]);
bool watch_families_add_text(
    struct watch_families *, uint32_t ca, enum watch_text_kind, struct bytes);

/* A value as compared: ASCII lower case, runs of white space one space. */
void watch_value_key(struct bytes utf8, struct buf *out);

/* --- the snapshot ---------------------------------------------------------- */

struct watch_set {
	atomic_uint refs;
	struct watch_domains *domains;
	struct watch_families families;
};

void watch_matches_add(
    struct watch_matches *, uint32_t watch, enum watch_how, bool possible, struct bytes);
