/* Issues the incident's certificates, logs them and writes down what was done. */
#include "tests/lib/incident_priv.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define DAY_S        86400
#define HOUR_S       3600
#define FINAL_MS     40000 /* from the SCTs to the final certificate in a log */
#define MAX_NAMES    8
#define CLUSTER      62 /* certificates dated 20 December 2015, */
#define CLUSTER_19TH 22 /* so many of which on the 19th by UTC */

static void
must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "incident: %s\n", what);
		abort();
	}
}

int64_t
incident_ms(const char *text)
{
	int64_t ms;

	must(time_parse(text, &ms), text);
	return ms;
}

const struct make_key *
incident_key(enum incident_ca ca)
{
	return make_key(INCIDENT_CAS[ca].key, INCIDENT_CAS[ca].key_number);
}

/* --- CAs ------------------------------------------------------------------ */

struct urls {
	char ocsp[128], ca[128], crl[128];
};

static void
urls_set(struct urls *urls, const char *host, struct make_spec *spec)
{
	snprintf(urls->ocsp, sizeof(urls->ocsp), "http://ocsp.%s/", host);
	snprintf(urls->ca, sizeof(urls->ca), "http://aia.%s/ca.cer", host);
	snprintf(urls->crl, sizeof(urls->crl), "http://crl.%s/ca.crl", host);
	spec->ocsp_url = urls->ocsp;
	spec->ca_url = urls->ca;
	spec->crl_url = urls->crl;
}

/* Made when first used, so that one that appears later is dated then. */
static struct bytes
ca_cert(struct incident *incident, enum incident_ca ca, int64_t now_ms)
{
	const struct incident_ca_row *row = &INCIDENT_CAS[ca];
	bool root = row->issuer == ca;
	struct urls urls;
	struct make_spec spec = {
	    .role = root ? MAKE_ROOT : MAKE_CA,
	    .key = incident_key(ca),
	    .issuer_key = root ? NULL : incident_key(row->issuer),
	    .subject = row->subject,
	    .issuer = INCIDENT_CAS[row->issuer].subject,
	};

	if (ca == CA_HONEST2_SIGNER)
		spec.eku = "1.3.6.1.4.1.11129.2.4.4";
	incident->used[ca] = true;
	if (incident->cas[ca].len > 0)
		return buf_bytes(&incident->cas[ca]);
	spec.not_before = row->not_before != NULL ? incident_ms(row->not_before) / 1000
						  : now_ms / 1000 - DAY_S;
	spec.not_after = row->not_after != NULL ? incident_ms(row->not_after) / 1000
						: now_ms / 1000 + 3650 * DAY_S;
	urls_set(&urls, INCIDENT_CAS[row->issuer].host, &spec);
	incident->cas[ca] = make_cert(&spec);
	return buf_bytes(&incident->cas[ca]);
}

struct incident *
incident_new(struct testlog *static_ct, struct testlog *rfc6962)
{
	struct incident *incident = mem_zero(1, sizeof(*incident));

	incident->logs[0] = static_ct;
	incident->logs[1] = rfc6962;
	incident->certificates = json_array();
	return incident;
}

void
incident_free(struct incident *incident)
{
	if (incident == NULL)
		return;
	for (size_t i = 0; i < CA_COUNT; i++)
		buf_free(&incident->cas[i]);
	json_decref(incident->certificates);
	mem_free(incident);
}

/* --- one case ------------------------------------------------------------- */

/* A case on its way: the specification and what it points to. */
struct issuance {
	const struct incident_case *row;
	struct make_spec spec;
	struct urls urls;
	char *names, *subject;
	const char *dns[MAX_NAMES];
	uint8_t serial[64];
	struct make_key *own_key;
	struct bytes chain[3], signer; /* signer: of the precertificate, or empty */
	size_t chain_len;
	int64_t issued_ms;
	json_t *sightings;
};

static void
names_set(struct issuance *it)
{
	char *rest = it->names = mem_text(it->row->names), *name;
	size_t count = 0;

	while ((name = strsep(&rest, " ")) != NULL)
		if (*name != '\0' && count < MAX_NAMES - 1)
			it->dns[count++] = name;
	it->spec.dns = it->dns;
	it->subject = it->row->subject != NULL ? mem_text(it->row->subject)
					       : mem_format("/CN=%s", it->dns[0]);
	it->spec.subject = it->subject;
	it->spec.sans = it->row->sans;
	it->spec.san_count = it->row->san_count;
}

static void
serial_set(struct issuance *it)
{
	size_t len = 16;

	if (it->row->serial != NULL) {
		len = strlen(it->row->serial) / 2;
		must(hex_parse(it->row->serial, it->serial, len), "serial");
	} else {
		must(RAND_bytes(it->serial, (int)len) == 1, "RAND_bytes");
		it->serial[0] = (uint8_t)(it->serial[0] & 0x3f) | 0x40;
	}
	it->spec.serial = bytes_of(it->serial, len);
}

static void
dates_set(struct issuance *it)
{
	const struct incident_case *row = it->row;
	unsigned days = row->days != 0 ? row->days : row->issued != NULL ? 365 : 90;

	it->spec.not_before = row->not_before != NULL
	    ? incident_ms(row->not_before) / 1000
	    : it->issued_ms / 1000 - HOUR_S;
	/* BR 6.3.2: both ends count. */
	it->spec.not_after = row->not_after != NULL
	    ? incident_ms(row->not_after) / 1000
	    : it->spec.not_before + (int64_t)days * DAY_S - 1;
}

static void
chain_set(struct incident *incident, struct issuance *it)
{
	enum incident_ca ca = it->row->ca;

	it->chain[it->chain_len++] = ca_cert(incident, ca, it->issued_ms);
	if (it->row->by_signer)
		it->signer = ca_cert(incident, CA_HONEST2_SIGNER, it->issued_ms);
	if (it->row->by_cross) {
		it->chain[it->chain_len++] =
		    ca_cert(incident, CA_WOSIGN_CROSS, it->issued_ms);
		it->chain[it->chain_len++] =
		    ca_cert(incident, CA_CERTINOMIS, it->issued_ms);
	} else if (INCIDENT_CAS[ca].issuer != ca) {
		it->chain[it->chain_len++] =
		    ca_cert(incident, INCIDENT_CAS[ca].issuer, it->issued_ms);
	}
}

static void
issuance_init(struct issuance *it, struct incident *incident,
    const struct incident_case *row, int64_t now_ms)
{
	const struct make_key *key;

	*it = (struct issuance){.row = row, .sightings = json_array()};
	it->issued_ms = row->issued != NULL ? incident_ms(row->issued) : now_ms;
	key = row->key_slot > 0 ? make_key(row->key, row->key_slot)
				: (it->own_key = make_key_new(row->key));
	it->spec = (struct make_spec){
	    .key = key,
	    .issuer_key = incident_key(row->ca),
	    .issuer = INCIDENT_CAS[row->ca].subject,
	    .sigalg = row->sigalg,
	    .key_usage = row->key_usage,
	};
	names_set(it);
	serial_set(it);
	dates_set(it);
	chain_set(incident, it);
	urls_set(&it->urls, row->host != NULL ? row->host : INCIDENT_CAS[row->ca].host,
	    &it->spec);
}

static void
issuance_fini(struct issuance *it)
{
	mem_free(it->names);
	mem_free(it->subject);
	make_key_free(it->own_key);
	json_decref(it->sightings);
}

/* --- the manifest's rows -------------------------------------------------- */

static void
record(struct incident *incident, const struct issuance *it, const char *expect,
    const char *may)
{
	json_t *row = json_object();
	struct buf tbs = make_tbs(&it->spec);
	/* Whose certificate is the first after a silence depends on which log was
	 * read first. */
	char *may_too = mem_format("%s idle-ca-issued", may != NULL ? may : "");

	json_object_set_new(row, "case", json_string(it->row->what));
	json_object_set_new(row, "issuer_key",
	    incident_hex_json(bytes_of(it->spec.issuer_key->key_hash, 32)));
	json_object_set_new(row, "serial", incident_hex_json(it->spec.serial));
	json_object_set_new(row, "tbs", incident_hash_json(buf_bytes(&tbs)));
	json_object_set_new(row, "subject", json_string(it->spec.subject));
	json_object_set_new(row, "names", incident_words_json(it->row->names));
	json_object_set_new(row, "matched", json_boolean(it->row->matched));
	json_object_set_new(row, "sightings", json_copy(it->sightings));
	json_object_set_new(row, "expect", incident_words_json(expect));
	json_object_set_new(row, "may", incident_words_json(may_too));
	json_array_append_new(incident->certificates, row);
	mem_free(may_too);
	buf_free(&tbs);
}

/* A precertificate by a signing certificate names that as its issuer, while the
 * leaf's TBS and issuer_key_hash are the real issuer's (RFC 6962, 3.2). */
static struct buf
certificate_of(const struct issuance *it)
{
	struct make_spec spec = it->spec;

	if (spec.poison && it->signer.len > 0) {
		spec.issuer_key = incident_key(CA_HONEST2_SIGNER);
		spec.issuer = INCIDENT_CAS[CA_HONEST2_SIGNER].subject;
	}
	return make_cert(&spec);
}

static void
log_one(struct incident *incident, struct issuance *it, unsigned log,
    int64_t timestamp_ms, struct buf *sct)
{
	struct buf der = certificate_of(it), tbs = {0};
	struct bytes chain[4] = {it->signer};
	bool signer = it->spec.poison && it->signer.len > 0;
	json_t *sighting = json_object();

	memcpy(chain + signer, it->chain, it->chain_len * sizeof(chain[0]));
	if (it->spec.poison)
		tbs = make_tbs(&it->spec);
	struct testlog_submission submission = {
	    .timestamp_ms = timestamp_ms,
	    .certificate = buf_bytes(&der),
	    .tbs = buf_bytes(&tbs),
	    .issuer_key_hash = it->spec.issuer_key->key_hash,
	    .chain = chain,
	    .chain_len = it->chain_len + signer,
	};
	uint64_t index = testlog_add(incident->logs[log], &submission, sct);

	json_object_set_new(
	    sighting, "log", json_string(testlog_name(incident->logs[log])));
	json_object_set_new(sighting, "index", json_integer((json_int_t)index));
	json_object_set_new(
	    sighting, "form", json_string(it->spec.poison ? "precert" : "final"));
	json_array_append_new(it->sightings, sighting);
	buf_free(&der);
	buf_free(&tbs);
}

/* What the final certificate has otherwise. */
static void
slip(struct issuance *it)
{
	switch (it->row->slip) {
	case SLIP_NONE:
		break;
	case SLIP_NOT_AFTER:
		it->spec.not_after++;
		break;
	case SLIP_SUBJECT:
		*strstr(it->subject, "Slip A") = 'F';
		break;
	case SLIP_SPKI:
		it->spec.key = make_key(it->row->key, 22);
		break;
	case SLIP_EXTENSION:
		it->urls.crl[strlen(it->urls.crl) - 1] = 't';
		break;
	}
}

static void
issue_final(struct incident *incident, struct issuance *it, const struct buf scts[2])
{
	bool slips = it->row->slip != SLIP_NONE;
	struct buf list = make_sct_list(scts, 2);

	if (slips) { /* two certificates under one serial number */
		record(incident, it, NULL, it->row->expect);
		json_array_clear(it->sightings);
		slip(it);
	}
	it->spec.poison = false;
	it->spec.sct_list = buf_bytes(&list);
	log_one(incident, it, 0, it->issued_ms + FINAL_MS, NULL);
	record(incident, it, it->row->expect, it->row->may);
	buf_free(&list);
}

void
incident_issue(struct incident *incident, const struct incident_case *row, int64_t now_ms)
{
	struct issuance it;
	struct buf scts[2];

	issuance_init(&it, incident, row, now_ms);
	if (row->form == FORM_FINAL) {
		log_one(incident, &it, 0, it.issued_ms, NULL);
		record(incident, &it, row->expect, row->may);
		issuance_fini(&it);
		return;
	}
	it.spec.poison = true;
	for (unsigned i = 0; i < 2; i++) {
		buf_init(&scts[i], 1024);
		log_one(incident, &it, i, it.issued_ms + (int64_t)i * 1000, &scts[i]);
	}
	if (row->form == FORM_PAIR)
		issue_final(incident, &it, scts);
	else
		record(incident, &it, row->expect, row->may);
	buf_free(&scts[0]);
	buf_free(&scts[1]);
	issuance_fini(&it);
}

/* --- all of it, in the order of time -------------------------------------- */

/* A case of the tables, or one that is made up from a number. */
struct planned {
	int64_t at_ms;
	const struct incident_case *row;
	unsigned number;
};

static int
by_time(const void *left, const void *right)
{
	const struct planned *a = left, *b = right;

	return (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
}

/* The 62 dated Sunday 20 December 2015 in China, logged in February: 22 fall on
 * the 19th by UTC, 40 on the 20th. */
static void
issue_cluster(struct incident *incident, unsigned number, int64_t at_ms)
{
	char names[64], date[TIME_TEXT_LEN], issued[TIME_TEXT_LEN];
	int64_t from_ms = number < CLUSTER_19TH ? incident_ms("2015-12-19T16:05:00Z")
						: incident_ms("2015-12-20T00:05:00Z");
	unsigned step = number < CLUSTER_19TH ? number : number - CLUSTER_19TH;
	struct incident_case row = {
	    .what = "dated 20 December 2015",
	    .ca = CA_WOSIGN_EN,
	    .names = names,
	    .issued = time_format(at_ms, issued),
	    .not_before = time_format(from_ms + (int64_t)step * 20 * 60000, date),
	    .not_after = "2016-12-29T16:00:00Z",
	    .form = FORM_FINAL,
	    .expect = "sha1-after-sunset backdated-over-deadline missing-embedded-sct "
		      "notbefore-cluster",
	    .may = "template-notafter",
	    .matched = true,
	    .key = MAKE_KEY_RSA2048,
	    .key_slot = 20,
	    .sigalg = MAKE_SIG_SHA1,
	};

	snprintf(names, sizeof(names), "sunday-%02u.example", number + 1);
	incident_issue(incident, &row, at_ms);
}

static void
issue_innocent(struct incident *incident, unsigned number, int64_t at_ms)
{
	static const enum incident_ca CAS[] = {CA_HONEST1, CA_HONEST2, CA_HONEST3};
	char names[128], issued[TIME_TEXT_LEN];
	struct incident_case row = {
	    .what = "innocent",
	    .ca = CAS[number % ARRAY_LEN(CAS)],
	    .names = names,
	    .issued = time_format(at_ms, issued),
	    .form = number % 3 == 0 ? FORM_PRECERT : FORM_PAIR,
	};

	snprintf(names, sizeof(names), "www.innocent-%u.example innocent-%u.example",
	    number, number);
	incident_issue(incident, &row, at_ms);
}

void
incident_history(struct incident *incident, unsigned innocent)
{
	size_t count = INCIDENT_HISTORY_COUNT + CLUSTER + innocent, at = 0;
	struct planned *plan = mem_zero(count, sizeof(*plan));
	int64_t first_ms = incident_ms("2015-01-02T00:00:00Z");
	int64_t february_ms = incident_ms("2016-02-10T06:00:00Z");

	for (size_t i = 0; i < INCIDENT_HISTORY_COUNT; i++)
		plan[at++] =
		    (struct planned){.at_ms = incident_ms(INCIDENT_HISTORY[i].issued),
			.row = &INCIDENT_HISTORY[i]};
	for (unsigned i = 0; i < CLUSTER; i++)
		plan[at++] = (struct planned){
		    .at_ms = february_ms + (int64_t)i * 61000, .number = i};
	for (unsigned i = 0; i < innocent; i++)
		plan[at++] = (struct planned){
		    .at_ms = first_ms + (int64_t)i * 860 * DAY_S * 1000 / innocent,
		    .number = CLUSTER + i};
	qsort(plan, count, sizeof(*plan), by_time);
	for (size_t i = 0; i < count; i++)
		if (plan[i].row != NULL)
			incident_issue(incident, plan[i].row, plan[i].at_ms);
		else if (plan[i].number < CLUSTER)
			issue_cluster(incident, plan[i].number, plan[i].at_ms);
		else
			issue_innocent(incident, plan[i].number, plan[i].at_ms);
	mem_free(plan);
}

size_t
incident_live_count(void)
{
	return INCIDENT_LIVE_COUNT;
}

const char *
incident_live(struct incident *incident, int64_t now_ms)
{
	const struct incident_case *row = &INCIDENT_LIVE[incident->live];

	if (incident->live == INCIDENT_LIVE_COUNT)
		return NULL;
	incident->live++;
	/* The final certificate's entry is not to lie in the future. */
	incident_issue(incident, row, now_ms - FINAL_MS);
	return row->what;
}
