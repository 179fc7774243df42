/*
 * The cases of the incident as rows, and what issues them.
 */
#pragma once
#include <jansson.h>

#include "tests/lib/incident.h"
#include "tests/lib/make_cert.h"

/* The CAs: an issuer of leaves, its root, the root's other operator. */
enum incident_ca {
	CA_WOSIGN_ROOT,
	CA_WOSIGN_EN,
	CA_WOSIGN_ZH,
	CA_WOSIGN_NEW,   /* appears while somebody watches */
	CA_WOSIGN_CROSS, /* the root's key, signed by Certinomis */
	CA_STARTCOM_ROOT,
	CA_STARTCOM,
	CA_STARTCOM_REUSED, /* the root's key under another name */
	CA_CERTINOMIS,
	CA_HONEST1_ROOT,
	CA_HONEST1,
	CA_HONEST2_ROOT,
	CA_HONEST2,
	CA_HONEST2_SIGNER, /* a Precertificate Signing Certificate, RFC 6962, 3.1 */
	CA_HONEST3_ROOT,
	CA_HONEST3,
	CA_COUNT,
};

enum incident_form {
	FORM_PAIR,    /* a precertificate in both logs, the final certificate in one */
	FORM_FINAL,   /* a certificate without SCTs */
	FORM_PRECERT, /* no final was ever seen */
};

/* What the final certificate has otherwise than its precertificate. */
enum incident_slip { SLIP_NONE, SLIP_NOT_AFTER, SLIP_SUBJECT, SLIP_SPKI, SLIP_EXTENSION };

struct incident_case {
	const char *what;
	enum incident_ca ca;
	const char *names;      /* dNSNames between spaces */
	const char *issued;     /* when it was logged; NULL: now */
	const char *not_before; /* NULL: an hour before */
	unsigned days;          /* of validity; 0: 365, when issued now 90 */
	enum incident_form form;
	const char *expect, *may; /* check ids between spaces; NULL: none */
	bool matched;             /* by a watch */

	const char *subject;    /* NULL: CN is the first name */
	const char *not_after;  /* in place of days */
	const char *serial;     /* hex; NULL: random */
	enum make_key_type key; /* the subject's */
	unsigned key_slot;      /* 0: a new key; else the same for the same number */
	enum make_sigalg sigalg;
	uint16_t key_usage;
	const struct make_san *sans;
	size_t san_count;
	const char *host; /* whose AIA and CRL hosts; NULL: the issuer's own */
	enum incident_slip slip;
	bool by_signer; /* the precertificate is signed by CA_HONEST2_SIGNER */
	bool by_cross;  /* chained to Certinomis by the cross-certificate */
};

extern const struct incident_case INCIDENT_HISTORY[];
extern const size_t INCIDENT_HISTORY_COUNT;
extern const struct incident_case INCIDENT_LIVE[];
extern const size_t INCIDENT_LIVE_COUNT;
/* Check ids that the cases were made for, NULL behind the last. */
extern const char *const INCIDENT_COVERS[];

/* How a CA of ours is made, and what is made. */
struct incident_ca_row {
	const char *subject, *host, *file; /* file: written as PEM, for watch.conf */
	enum incident_ca issuer;
	enum make_key_type key;
	unsigned key_number;
	const char *not_before, *not_after;
	const char *expect, *may;
};

extern const struct incident_ca_row INCIDENT_CAS[CA_COUNT];
extern const char INCIDENT_WATCH[]; /* watch.conf, %s: the folder */

struct incident {
	struct testlog *logs[2]; /* static, RFC 6962 */
	struct buf cas[CA_COUNT];
	bool used[CA_COUNT]; /* it stood in a chain */
	json_t *certificates;
	size_t live;
};

/* Issues and logs one case at that time. */
void incident_issue(struct incident *, const struct incident_case *, int64_t now_ms);
const struct make_key *incident_key(enum incident_ca);
int64_t incident_ms(const char *text); /* a time of the rows */

/* Values of the manifest: hex, hex of the SHA-256, a list of words. */
json_t *incident_hex_json(struct bytes);
json_t *incident_hash_json(struct bytes);
json_t *incident_words_json(const char *words);
