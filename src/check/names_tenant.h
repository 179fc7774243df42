/*
 * names_tenant - what base-plus-tenant remembers, in its own state.
 */
#pragma once
#include "names_priv.h"

/* The numbers in its line. */
enum { TENANT_KEYS, TENANT_ISSUERS, TENANT_DAYS };

#define TENANT_NAME_ROOM 254
#define OTHERS_MAX       8 /* certificates of a domain */
#define KEYS_MAX         4 /* of a tenant */

/* Different values that were met, as the first octets of their hashes. */
struct marks {
	uint64_t values[TENANT_LEARN_MAX];
	size_t count;
};

enum { MARK_NAMES, MARK_KEYS, MARK_ISSUERS, MARK_HOLDERS, MARK_KINDS };

/* A certificate for the domain itself: its row's key, its hash, who signed it. */
struct domain_other {
	uint8_t key[32], sha256[32], issuer_key[32];
	int64_t hi_ms;
};

struct domain {
	uint8_t key[16];
	struct marks marks[MARK_KINDS];
	struct domain_other others[OTHERS_MAX]; /* the last */
	size_t other_count;
	bool changed;
};

struct sha256 tenant_hash(struct bytes name, char prefix); /* whatever its case */
uint64_t tenant_mark(struct bytes value);

void domain_read(struct trial *, struct bytes name, struct domain *out);
void domain_write(struct trial *, const struct domain *); /* where it has changed */
void domain_note(const struct trial *, struct domain *, size_t kind, uint64_t value);
void domain_note_certificate(const struct judged *, struct domain *);
/* So many sub-domains with so many keys under so many issuers. */
bool domain_is_learned(const struct trial *, const struct domain *);

/* The tenant's certificate at hand, without the domain. */
void tenant_note(struct trial *, struct bytes name);
/* When the tenant alone had a certificate for the key at hand, within the window
 * before; CLOCK_UNKNOWN: he had none. */
int64_t tenant_before(struct trial *, struct bytes name);
