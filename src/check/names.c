/* B3: names. */
#include "check_priv.h"

#include "base/text.h"

/* --- cn-not-in-san ------------------------------------------------------------ */

static bool
has_common_name(const struct judged *it)
{
	return subject_has(it->facts, OID_COMMON_NAME);
}

static bool
same_fold(struct bytes a, struct bytes b)
{
	for (size_t i = 0; a.len == b.len && i < a.len; i++) {
		uint8_t x = a.data[i], y = b.data[i];

		if (x >= 'A' && x <= 'Z')
			x += 32;
		if (y >= 'A' && y <= 'Z')
			y += 32;
		if (x != y)
			return false;
	}
	return a.len == b.len;
}

static bool
same_address(struct bytes common_name, struct bytes address, bool exact)
{
	struct buf text;
	bool same;

	if (address.len != 4 && address.len != 16)
		return false;
	buf_init(&text, 256);
	ip_append_text(&text, address);
	same = exact ? bytes_equal(common_name, buf_bytes(&text))
		     : same_fold(common_name, buf_bytes(&text));
	buf_free(&text);
	return same;
}

static bool
in_san(const struct judged_facts *facts, struct bytes common_name, bool exact)
{
	for (size_t i = 0; i < facts->name_count; i++) {
		const struct general_name *name = &facts->names[i].name;

		if (name->kind == GENERAL_DNS &&
		    (exact ? bytes_equal(common_name, name->value)
			   : same_fold(common_name, name->value)))
			return true;
		if (name->kind == GENERAL_IP &&
		    same_address(common_name, name->value, exact))
			return true;
	}
	return false;
}

/* The SAN that shares the longest end with it: what was probably meant. */
static struct bytes
nearest_name(const struct judged_facts *facts, struct bytes common_name)
{
	struct bytes best = bytes_of(NULL, 0);
	size_t most = 0;

	for (size_t i = 0; i < facts->name_count; i++) {
		struct bytes name = facts->names[i].name.value;
		size_t shared = 0;

		if (facts->names[i].name.kind != GENERAL_DNS)
			continue;
		while (shared < name.len && shared < common_name.len &&
		    name.data[name.len - 1 - shared] ==
			common_name.data[common_name.len - 1 - shared])
			shared++;
		if (shared > most) {
			most = shared;
			best = name;
		}
	}
	return best;
}

/* arg: 1 for a copy octet by octet, 0 where case and an empty one do not count. */
static void
run_cn_in_san(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;
	const struct name_attribute *cn;
	struct finding *finding;
	struct buf text;
	size_t at = 0;

	buf_init(&text, 1 << 16);
	while ((cn = subject_next(facts, OID_COMMON_NAME, &at)) != NULL) {
		buf_clear(&text);
		string_append_utf8(&text, cn->tag, cn->value);
		if ((text.len == 0 && trial->rule->arg == 0) ||
		    in_san(facts, buf_bytes(&text), trial->rule->arg != 0))
			continue;
		finding = trial_fail(trial, cn->value_at,
		    "commonName \"%s\" is no name of the %s",
		    trial_show(trial, buf_bytes(&text), 100), "subjectAltName");
		evidence_hex(trial, finding, "common_name", cn->value);
		evidence_bytes(trial, finding, "nearest_name",
		    nearest_name(facts, buf_bytes(&text)));
	}
	buf_free(&text);
}

static void
run_cn_several(struct trial *trial)
{
	const struct name_attribute *cn;
	size_t at = 0, count = 0;
	struct bytes second = bytes_of(NULL, 0);

	while ((cn = subject_next(trial->it->facts, OID_COMMON_NAME, &at)) != NULL)
		if (++count == 2)
			second = cn->value_at;
	if (count > 1)
		evidence_int(trial, trial_fail(trial, second, "%zu common names", count),
		    "common_names", (int64_t)count);
}

static const struct subrule CN_NOT_IN_SAN[] = {
    {
	.name = "not-in-san",
	.source = "BR 7.1.4.2.2(a)",
	.from = DATE(2012, 7, 1),
	.until = DATE(2021, 8, 25),
	.level = LEVEL_ERROR,
	.applies = has_common_name,
	.run = run_cn_in_san,
	.arg = 0,
	.equivalents =
	    "zlint:e_subject_common_name_not_from_san; "
	    "certlint:E: commonNames in BR certificates must be from SAN entries; "
	    "x509lint:ERR_CN_NOT_IN_SAN",
    },
    {
	.name = "not-exact",
	.source = "BR 7.1.4.3 (SC48)",
	.from = DATE(2021, 8, 25),
	.level = LEVEL_ERROR,
	.applies = has_common_name,
	.run = run_cn_in_san,
	.arg = 1,
	.equivalents = "zlint:e_subject_common_name_not_exactly_from_san; "
		       "pkilint:cabf.serverauth.subscriber_common_name_unknown_source",
    },
    {
	.name = "several",
	.source = "BR 7.1.4.2.2(a)",
	.from = DATE(2012, 7, 1),
	.level = LEVEL_WARNING,
	.applies = judged_is_subscriber,
	.run = run_cn_several,
	.equivalents = "zlint:w_extra_subject_common_names",
    },
};

/* --- dns-not-ia5 ----------------------------------------------------------------- */

static bool
has_san(const struct judged *it)
{
	return it->facts->san_at != NULL;
}

static bool
is_beyond_ascii(uint8_t octet)
{
	return octet >= 0x80;
}

static bool
is_nul(uint8_t octet)
{
	return octet == 0;
}

static bool
is_control(uint8_t octet)
{
	return (octet > 0 && octet < 0x20) || octet == 0x7f;
}

static void
fail_octets(struct trial *trial, bool (*bad)(uint8_t), const char *what)
{
	const struct judged_facts *facts = trial->it->facts;
	struct finding *finding;

	for (size_t i = 0; i < facts->name_count; i++) {
		struct bytes name = facts->names[i].name.value;
		size_t at = 0;

		if (facts->names[i].name.kind != GENERAL_DNS)
			continue;
		while (at < name.len && !bad(name.data[at]))
			at++;
		if (at == name.len)
			continue;
		finding = trial_fail(trial, bytes_of(name.data + at, 1),
		    "dNSName \"%s\" has %s", trial_show(trial, name, 100), what);
		evidence_hex(trial, finding, "name", name);
		evidence_bytes(trial, finding, "as_utf8", name);
	}
}

static void
run_dns_high(struct trial *trial)
{
	fail_octets(trial, is_beyond_ascii, "an octet beyond ASCII");
}

static void
run_dns_nul(struct trial *trial)
{
	fail_octets(trial, is_nul, "a NUL");
}

static void
run_dns_control(struct trial *trial)
{
	fail_octets(trial, is_control, "a control character");
}

static const struct subrule DNS_NOT_IA5[] = {
    {
	.name = "beyond-ascii",
	.source = "RFC 5280 4.2.1.6",
	.level = LEVEL_ERROR,
	.applies = has_san,
	.run = run_dns_high,
	.equivalents = "zlint:e_ext_san_dns_not_ia5_string",
    },
    {
	.name = "nul",
	.source = "RFC 5280 4.2.1.6",
	.level = LEVEL_ERROR,
	.applies = has_san,
	.run = run_dns_nul,
	.equivalents = "zlint:e_san_dns_name_includes_null_char; "
		       "certlint:E: DNSName includes null; x509lint:ERR_STRING_WITH_NUL",
    },
    {
	.name = "control",
	.source = "RFC 5280 4.2.1.6",
	.level = LEVEL_ERROR,
	.applies = has_san,
	.run = run_dns_control,
    },
};

/* --- country-invalid ------------------------------------------------------------- */

static bool
is_tls_not_ca_any(const struct judged *it)
{
	return judged_in_tls_scope(it) && !judged_is_ca(it);
}

static bool
is_tls_ca_with_country(const struct judged *it)
{
	return judged_in_tls_scope(it) && judged_is_ca(it) &&
	    subject_has(it->facts, OID_COUNTRY);
}

static bool
has_jurisdiction(const struct judged *it)
{
	return judged_in_tls_scope(it) &&
	    subject_has(it->facts, OID_JURISDICTION_COUNTRY);
}

static bool
has_country(const struct judged *it)
{
	return subject_has(it->facts, OID_COUNTRY);
}

/* "XX" where ISO knows no code. */
#define BALLOT_88 LIMITS({"XX from", DATE(2012, 9, 12)})

/* A subject's country in small letters is what "case" says. */
static bool
country_valid(struct trial *trial, struct bytes value)
{
	bool fold = trial->rule->arg == OID_COUNTRY;
	int64_t when = trial->it->cert->not_before;
	uint8_t upper[2];

	if (value.len != 2)
		return false;
	for (int i = 0; i < 2; i++)
		upper[i] = fold && value.data[i] >= 'a' && value.data[i] <= 'z'
		    ? (uint8_t)(value.data[i] - 32)
		    : value.data[i];
	if (memcmp(upper, "XX", 2) == 0)
		return when >= rule_limit(trial, 0) || trial->it->dates == DATES_NONE;
	return country_known(trial->it->params, bytes_of(upper, 2), when);
}

/* arg: the attribute. */
static void
run_country_iso(struct trial *trial)
{
	const struct name_attribute *attribute;
	struct finding *finding;
	struct buf text;
	size_t at = 0;

	buf_init(&text, 1 << 16);
	while ((attribute = subject_next(
		    trial->it->facts, (enum oid)trial->rule->arg, &at)) != NULL) {
		buf_clear(&text);
		string_append_utf8(&text, attribute->tag, attribute->value);
		if (country_valid(trial, buf_bytes(&text)))
			continue;
		finding = trial_fail(trial, attribute->value_at,
		    "country \"%s\" was no ISO 3166-1 code at notBefore",
		    trial_show(trial, buf_bytes(&text), 40));
		evidence_bytes(trial, finding, "code", buf_bytes(&text));
	}
	buf_free(&text);
}

static void
look_at_country(
    struct trial *trial, const struct name_attribute *attribute, const char *whose)
{
	if (attribute->id == OID_COUNTRY && attribute->tag != DER_PRINTABLE_STRING)
		evidence_int(trial,
		    trial_fail(trial, attribute->value_at,
			"%s's country is no PrintableString", whose),
		    "tag", attribute->tag);
}

static void
run_subject_printable(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->subject_count; i++)
		look_at_country(trial, &facts->subject[i], "subject");
}

static void
run_issuer_printable(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->issuer_count; i++)
		look_at_country(trial, &facts->issuer[i], "issuer");
}

static bool
issuer_has_country(const struct judged *it)
{
	struct name_attribute attribute;

	return name_first(it->cert->issuer, OID_COUNTRY, &attribute);
}

static void
run_country_case(struct trial *trial)
{
	const struct name_attribute *attribute;
	size_t at = 0;

	while ((attribute = subject_next(trial->it->facts, OID_COUNTRY, &at)) != NULL) {
		bool good = attribute->value.len > 0;

		for (size_t i = 0; i < attribute->value.len; i++)
			good = good && attribute->value.data[i] >= 'A' &&
			    attribute->value.data[i] <= 'Z';
		if (!good)
			trial_fail(trial, attribute->value_at,
			    "country \"%s\" is not written in capitals",
			    trial_show(trial, attribute->value, 40));
	}
}

static const struct subrule COUNTRY_INVALID[] = {
    {
	.name = "subject",
	.source = "BR 7.1.4.2.2(h)",
	.from = DATE(2012, 7, 1),
	.level = LEVEL_ERROR,
	.applies = is_tls_not_ca_any,
	.run = run_country_iso,
	BALLOT_88,
	.arg = OID_COUNTRY,
	.equivalents =
	    "zlint:e_subject_country_not_iso; pkilint:cabf.invalid_country_code; "
	    "x509lint:ERR_COUNTRY_SIZE",
    },
    {
	.name = "ca",
	.source = "BR 7.1.2.10.2",
	.from = DATE(2012, 7, 1),
	.level = LEVEL_ERROR,
	.applies = is_tls_ca_with_country,
	.run = run_country_iso,
	BALLOT_88,
	.arg = OID_COUNTRY,
	.equivalents =
	    "zlint:e_ca_country_name_invalid; zlint:e_subject_country_not_iso; "
	    "pkilint:cabf.invalid_country_code",
    },
    {
	.name = "jurisdiction",
	.source = "BR 7.1.4.2; EVG 7.1.4.2.4",
	.from = DATE(2012, 7, 1),
	.level = LEVEL_ERROR,
	.applies = has_jurisdiction,
	.run = run_country_iso,
	BALLOT_88,
	.arg = OID_JURISDICTION_COUNTRY,
	.equivalents = "pkilint:cabf.serverauth.invalid_jurisdiction_country_code",
    },
    {
	.name = "printable",
	.source = "RFC 5280 App. A",
	.level = LEVEL_ERROR,
	.applies = has_country,
	.run = run_subject_printable,
	.equivalents = "zlint:e_subject_dn_country_not_printable_string",
    },
    {
	.name = "issuer-printable",
	.source = "RFC 5280 App. A",
	.level = LEVEL_ERROR,
	.applies = issuer_has_country,
	.run = run_issuer_printable,
	.equivalents = "zlint:e_issuer_dn_country_not_printable_string",
    },
    {
	.name = "case",
	.source = "ISO 3166-1",
	.level = LEVEL_WARNING,
	.flags = RULE_NOT_COUNTED,
	.run = run_country_case,
	.equivalents = "zlint:e_subj_country_not_uppercase; "
		       "pkilint:cabf.invalid_country_code",
    },
};

static const struct check CHECKS[] = {
    {
	.id = "cn-not-in-san",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "The commonName is none of the names in the subjectAltName.",
	.applies = is_tls_not_ca,
	.subrules = CN_NOT_IN_SAN,
	.subrule_count = ARRAY_LEN(CN_NOT_IN_SAN),
    },
    {
	.id = "dns-not-ia5",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "A DNS name has octets that no DNS name may have.",
	.subrules = DNS_NOT_IA5,
	.subrule_count = ARRAY_LEN(DNS_NOT_IA5),
    },
    {
	.id = "country-invalid",
	.version = 1,
	.scope = SCOPE_CERTIFICATE,
	.says = "A country is no ISO 3166-1 code, or not written as one.",
	.data = DATA(COUNTRIES),
	.subrules = COUNTRY_INVALID,
	.subrule_count = ARRAY_LEN(COUNTRY_INVALID),
    },
};

const struct check_family CHECK_NAMES = {"names", CHECKS, ARRAY_LEN(CHECKS)};
