/*
 * family - what "ctwarden ca" draws: family.c gathers a watched CA's keys and
 * certificates, family_show.c writes them as a tree, family_json.c as JSON.
 */
#pragma once
#include "base/map.h"
#include "report/statement.h"

struct family_key;

/* One CA certificate. */
struct family_cert {
	struct family_cert *next_of_key, *next_signed; /* by notBefore */
	struct family_key *key, *signer; /* signer NULL: its key was not met */
	struct bytes sha256;
	struct bytes subject, issuer; /* DER names */
	int64_t not_before_s, not_after_s, first_seen_ms;
	uint32_t first_log; /* 0: from a file or root list */
	uint64_t first_index;
	bool self_signed;
	bool cross_sign; /* and another key signed another certificate of its key */
};

struct family_key {
	struct family_key *next; /* as they were met */
	uint8_t spki[32];
	const char *ca; /* the watch whose family has it; NULL: nobody's */
	bool member;    /* of the family that is drawn */
	bool named;     /* and not found by a signature */
	int64_t since_ms;
	struct family_cert *certs, *signs;
	bool shared; /* its certificates bear different names */
	bool drawn;
};

#define FAMILY_CERTS_MAX 20000

struct family {
	const struct report_ca *asked;
	struct statement statement; /* which entries were judged for it */
	struct map keys;            /* by spki */
	struct map certs;           /* by SHA-256 */
	struct family_key *first, **end;
	size_t cert_count;
	bool more; /* FAMILY_CERTS_MAX was met */
	struct err *err;
	struct store *store;
};

/* Whether a key of the family, other than itself, signed a certificate of it. */
bool family_key_is_below(const struct family_key *);

void print_family_tree(struct report *, struct family *, const struct log_names *);
void put_family_tree(struct report *, const struct family *, const struct log_names *);

/* What the configuration says of a CA, or NULL. */
const struct report_ca_state *family_state(const struct report_ca *, const char *name);
