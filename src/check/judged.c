#include "check_priv.h"

#include "crypto/digest.h"
#include "crypto/verify.h"
#include "x509/precert.h"

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

/* conventions.md, "Classes". */
static bool
is_tls(const struct judged_facts *facts)
{
	return facts->eku_at == NULL || (facts->ekus & (EKU_SERVER | EKU_ANY)) != 0 ||
	    (facts->policies & POLICY_RESERVED) != 0;
}

bool
judged_is_ca(const struct judged *it)
{
	return it->class == CLASS_CA;
}

bool
judged_is_subscriber(const struct judged *it)
{
	return it->class == CLASS_SUBSCRIBER;
}

bool
judged_is_tls_subscriber(const struct judged *it)
{
	return it->class == CLASS_SUBSCRIBER && it->tls;
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
	    .facts = facts_derive(cert, arena),
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
	if (from == 0)
		from = DATE_ALWAYS;
	if (until == 0)
		until = DATE_NEVER;
	if (it->dates == DATES_NONE && (flags & RULE_WINDOW) == 0)
		return (struct in_force){.yes = true};
	if (it->dates != DATES_SIGN || (flags & RULE_NB) != 0)
		return (struct in_force){
		    .yes = within(it->cert->not_before, from, until)};
	return in_force_when_signed(it, from, until);
}
