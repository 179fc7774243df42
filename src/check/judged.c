#include "check_priv.h"

#include <strings.h>

#include "crypto/digest.h"
#include "crypto/verify.h"
#include "wire/sct.h"
#include "x509/precert.h"

#define SCTS_MAX 64

/* --- class and scope --------------------------------------------------------- */

/* By signature, not by name: an empty issuer and subject are equal too. */
static bool
verifies_itself(const struct cert *cert)
{
	struct key *key;
	bool good;

	if (cert->certificate.len == 0 || !cert_is_self_issued(cert))
		return false;
	key = key_from_spki(cert->spki, NULL);
	good = key != NULL &&
	    key_verify_x509(key, cert->algorithm.whole, cert->tbs, cert->signature) ==
		KEY_GOOD;
	key_free(key);
	return good;
}

static enum judged_class
class_of(const struct cert *cert, bool *self_signed)
{
	*self_signed = verifies_itself(cert);
	if (cert_is_ca(cert))
		return CLASS_CA;
	return *self_signed ? CLASS_SELF_SIGNED : CLASS_SUBSCRIBER;
}

/* conventions.md, "Classes"; an extension that lists no purpose restricts nothing. */
static bool
is_tls(const struct judged_facts *facts)
{
	return facts->eku_count == 0 || (facts->ekus & (EKU_SERVER | EKU_ANY)) != 0 ||
	    (facts->policies & POLICY_RESERVED) != 0;
}

/* Whose certificate is for TLS and names hosts, and whose key may sign no certificate,
 * a server: by mistake it may say that it is a CA. */
static bool
is_plain_server(const struct judged *it)
{
	const struct judged_facts *facts = it->facts;

	return it->tls && facts->dns_count > 0 && facts->ku_at != NULL &&
	    (facts->ku.bits & KU_KEY_CERT_SIGN) == 0 && !cert_is_self_issued(it->cert);
}

/* Other linters are told what a certificate is for; without dates, where we stand in
 * for them, the mistake makes no CA of it. */
static enum judged_class
class_here(const struct judged *it)
{
	return it->class == CLASS_CA && it->dates == DATES_NONE && is_plain_server(it)
	    ? CLASS_SUBSCRIBER
	    : it->class;
}

bool
judged_is_ca(const struct judged *it)
{
	return class_here(it) == CLASS_CA;
}

bool
judged_is_subscriber(const struct judged *it)
{
	return class_here(it) == CLASS_SUBSCRIBER;
}

/* Date mode `none` holds every certificate against today's rules for TLS,
 * whatever it is for: what other linters without dates do. */
bool
judged_in_tls_scope(const struct judged *it)
{
	return it->tls || it->dates == DATES_NONE;
}

bool
judged_is_responder(const struct judged *it)
{
	return !judged_is_ca(it) &&
	    ((it->facts->ekus & EKU_OCSP) != 0 ||
		cert_extension(it->cert, OID_OCSP_NO_CHECK) != NULL);
}

/* They take what is self-issued for a root, and know OCSP responders apart. */
bool
judged_is_tls_leaf(const struct judged *it)
{
	if (judged_is_ca(it))
		return false;
	if (it->dates == DATES_NONE)
		return !judged_is_responder(it) && !cert_is_self_issued(it->cert);
	return it->tls;
}

bool
judged_is_tls_subscriber(const struct judged *it)
{
	return judged_is_subscriber(it) && judged_is_tls_leaf(it);
}

/* --- the whole ------------------------------------------------------------------ */

void
judged_certificate_key(const uint8_t *issuer_key_hash, struct bytes serial,
    const uint8_t normal_tbs_hash[32], uint8_t out[32])
{
	static const uint8_t UNKNOWN[32];
	uint8_t len[2];
	const struct bytes parts[] = {
	    bytes_of(issuer_key_hash != NULL ? issuer_key_hash : UNKNOWN, 32),
	    bytes_of(len, 2),
	    serial,
	    bytes_of(normal_tbs_hash, 32),
	};
	struct sha256 hash;

	put_be16(len, (uint16_t)serial.len);
	sha256_of_parts(parts, ARRAY_LEN(parts), &hash);
	memcpy(out, hash.octets, 32);
}

void
judged_init(struct judged *it, const struct cert *cert, const uint8_t *normal_tbs_hash,
    const uint8_t *issuer_key_hash, const struct check_params *params,
    struct arena *arena)
{
	struct sha256 hash;

	*it = (struct judged){
	    .cert = cert,
	    .der = cert->der,
	    .precert = cert_is_precert(cert),
	    .lo_ms = CLOCK_UNKNOWN,
	    .hi_ms = CLOCK_UNKNOWN,
	    .issuer_key_hash = issuer_key_hash,
	    .params = params,
	    .facts = facts_derive(cert, params, arena),
	};
	it->class = class_of(cert, &it->self_signed);
	it->tls = is_tls(it->facts);
	it->sct_list_present = it->facts->sct_at != NULL;
	if (normal_tbs_hash != NULL)
		memcpy(it->normal_tbs_hash, normal_tbs_hash, 32);
	else {
		cert_normalised_hash(cert, &hash);
		memcpy(it->normal_tbs_hash, hash.octets, 32);
	}
	judged_certificate_key(
	    issuer_key_hash, cert->serial, it->normal_tbs_hash, it->key);
}

void
judged_set_scts(struct judged *it, const struct judged_sct *scts, size_t count)
{
	it->scts = scts;
	it->sct_count = count;
	it->lo_ms = CLOCK_UNKNOWN;
	if (it->precert)
		return;
	for (size_t i = 0; i < count; i++)
		if (scts[i].result == JUDGED_SCT_VERIFIED &&
		    scts[i].timestamp_ms > it->lo_ms)
			it->lo_ms = scts[i].timestamp_ms;
}

static bool
read_sct(struct bytes raw, struct judged_sct *out)
{
	struct sct sct;

	*out = (struct judged_sct){.raw = raw, .result = JUDGED_SCT_BAD};
	if (!sct_parse(raw, &sct, NULL))
		return false;
	if (sct.version != 0)
		return true;
	memcpy(out->log_id, sct.log_id.data, sizeof(out->log_id));
	out->timestamp_ms = clock_of(sct.timestamp_ms);
	out->result = JUDGED_SCT_NOT_CHECKED;
	return true;
}

void
judged_read_scts(struct judged *it, struct arena *arena)
{
	struct bytes list, items, raw;
	struct judged_sct *scts;
	struct cursor at;
	size_t count = 0;

	it->sct_list_broken = false;
	if (it->facts->sct_at == NULL)
		return;
	if (!sct_list_unwrap(it->facts->sct_at->value, &list, NULL) ||
	    !sct_list_parse(list, &items, NULL)) {
		it->sct_list_broken = true;
		return;
	}
	scts = arena_zero(arena, SCTS_MAX, sizeof(*scts));
	at = cursor_of(items);
	while (count < SCTS_MAX && sct_list_next(&at, &raw))
		it->sct_list_broken |= !read_sct(raw, &scts[count++]);
	it->sct_list_broken |= cursor_left(&at) > 0;
	judged_set_scts(it, scts, count);
}

/* --- under which roots ---------------------------------------------------------- */

void
judged_add_signer(struct judged *it, const struct check_operator *signer,
    const struct check_operator **room)
{
	if (signer == NULL)
		return;
	if (it->signer == NULL) {
		it->signer = signer;
		return;
	}
	it->co_signers = room;
	room[it->co_signer_count++] = signer;
}

const struct check_operator *
judged_signer(const struct judged *it, size_t number)
{
	if (number == 0)
		return it->signer;
	return number <= it->co_signer_count ? it->co_signers[number - 1] : NULL;
}

bool
program_includes(const struct check_program *row, int64_t when)
{
	return strcasecmp(row->name, CHECK_NO_PROGRAM) != 0 && row->from <= when &&
	    (row->until == 0 || when < row->until);
}

static bool
includes(const struct check_operator *operator, const char * program, int64_t when)
{
	for (size_t i = 0; i < operator->program_count; i++)
		if (program_includes(&operator->programs[i], when) &&
		    (program == NULL ||
			strcasecmp(operator->programs[i].name, program) == 0))
			return true;
	return false;
}

enum trust
judged_trust(const struct judged *it, const char *program)
{
	const struct check_operator *operator;
	bool said = it->signer != NULL;

	for (size_t i = 0; (operator= judged_signer(it, i)) != NULL; i++) {
		if (includes(operator, program, it->cert->not_before))
			return TRUST_YES;
		said = said && operator->program_count> 0;
	}
	return said ? TRUST_NO : TRUST_UNKNOWN;
}

/* --- dates ------------------------------------------------------------------------ */

const char *
time_basis_name(enum time_basis basis)
{
	static const char *const NAMES[] = {"nb", "sct", "log"};

	return NAMES[basis];
}

static bool
within(int64_t when, int64_t from, int64_t until)
{
	return from <= when && when < until;
}

/* Mode `sign`: an embedded SCT moves the date of signing forward, and the rules
 * of that day hold; a log's timestamp only casts doubt. */
static struct in_force
in_force_when_signed(const struct judged *it, int64_t from, int64_t until)
{
	int64_t nb = it->cert->not_before, lo = seconds_of(it->lo_ms),
		hi = seconds_of(it->hi_ms);

	if (it->lo_ms != CLOCK_UNKNOWN && lo > nb)
		return (struct in_force){
		    .yes = within(lo, from, until),
		    .basis = nb < from ? BASIS_SCT : BASIS_NB,
		    .evaded = nb < from,
		};
	if (within(nb, from, until) || it->lo_ms != CLOCK_UNKNOWN ||
	    it->hi_ms == CLOCK_UNKNOWN)
		return (struct in_force){.yes = within(nb, from, until)};
	return (struct in_force){
	    .yes = nb < from && within(hi, from, until),
	    .basis = BASIS_LOG,
	    .capped = true,
	    .evaded = true,
	};
}

struct in_force
rule_in_force(const struct judged *it, int64_t from, int64_t until, unsigned flags)
{
	if (from == 0 && until == 0 && (flags & RULE_PAST) == 0)
		return (struct in_force){.yes = true};
	if (from == 0)
		from = DATE_ALWAYS;
	if (until == 0)
		until = DATE_NEVER;
	if (it->dates == DATES_NONE && (flags & RULE_WINDOW) == 0)
		return (struct in_force){.yes = true};
	if (it->dates == DATES_NONE && (flags & RULE_PAST) != 0)
		return (struct in_force){.yes = false};
	if (it->dates == DATES_NONE && (flags & RULE_OLDEST) != 0)
		from = DATE_ALWAYS;
	if (it->dates != DATES_SIGN || (flags & RULE_NB) != 0)
		return (struct in_force){
		    .yes = within(it->cert->not_before, from, until)};
	return in_force_when_signed(it, from, until);
}
