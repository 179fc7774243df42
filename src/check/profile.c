#include "profile.h"

#define TEXT_MAX ((size_t)1 << 20)

/* As octets for the key, or as text. */
struct writing {
	struct buf *out;
	bool text;
};

static void
put_oid(const struct writing *to, struct bytes oid)
{
	if (!to->text) {
		buf_append_be24(to->out, (uint32_t)oid.len);
		buf_append_bytes(to->out, oid);
		return;
	}
	if (to->out->len > 0)
		buf_append_u8(to->out, ' ');
	oid_append_dotted(to->out, oid);
}

static void
put_number(const struct writing *to, int64_t number, const char *unit)
{
	if (to->text)
		buf_append_format(to->out, "%lld %s", (long long)number, unit);
	else
		buf_append_be64(to->out, (uint64_t)number);
}

/* The AlgorithmIdentifier as it stands. */
static void
put_algorithm(const struct judged *it, const struct writing *to)
{
	const struct cert_algorithm *algorithm = &it->cert->tbs_algorithm;

	if (!to->text) {
		buf_append_bytes(to->out, algorithm->whole);
		return;
	}
	put_oid(to, algorithm->oid);
	for (size_t i = 0; i < algorithm->params.len; i++)
		buf_append_format(
		    to->out, "%s%02x", i == 0 ? " " : "", algorithm->params.data[i]);
}

/* What tells a precertificate from its certificate is left out. */
static void
put_extensions(const struct judged *it, const struct writing *to)
{
	for (size_t i = 0; i < it->cert->extension_count; i++) {
		const struct extension *extension = &it->cert->extension[i];

		if (extension->id == OID_POISON || extension->id == OID_SCT_LIST)
			continue;
		put_oid(to, extension->oid);
		if (!to->text)
			buf_append_u8(to->out, extension->critical);
		else if (extension->critical)
			buf_append_text(to->out, "!");
	}
}

static void
put_policies(const struct judged *it, const struct writing *to)
{
	struct policy_iter policies;
	struct policy policy;

	extension_policies_begin(facts_of(it)->policies_at, &policies);
	while (policy_next(&policies, &policy))
		put_oid(to, policy.oid);
}

static void
put_purposes(const struct judged *it, const struct writing *to)
{
	struct oid_element element;
	struct oid_iter oids;

	extension_oids_begin(facts_of(it)->eku_at, &oids);
	while (oid_iter_next(&oids, &element))
		put_oid(to, element.oid);
}

static void
put_key_usage(const struct judged *it, const struct writing *to)
{
	uint32_t bits = facts_of(it)->ku_at != NULL ? facts_of(it)->ku.bits : 0;

	if (!to->text) {
		buf_append_be64(to->out, bits);
		return;
	}
	for (uint32_t bit = KU_DIGITAL_SIGNATURE; bit <= KU_DECIPHER_ONLY; bit <<= 1)
		if ((bits & bit) != 0)
			buf_append_format(to->out, "%s%s", to->out->len > 0 ? " " : "",
			    key_usage_name((enum key_usage_bit)bit));
}

static void
put_subject(const struct judged *it, const struct writing *to)
{
	const struct judged_facts *facts = facts_of(it);

	for (size_t i = 0; i < facts->subject_count; i++) {
		const struct name_attribute *attribute = &facts->subject[i];

		if (to->text && attribute->id != OID_UNKNOWN)
			buf_append_format(to->out, "%s%s", to->out->len > 0 ? " " : "",
			    oid_short_name(attribute->id));
		else
			put_oid(to, attribute->oid);
	}
}

/* Rounded, so that a second more or less makes no other profile. */
static void
put_validity(const struct judged *it, const struct writing *to)
{
	int64_t seconds = lifetime_s(it) + HOUR_S / 2;

	put_number(to, seconds / HOUR_S - (seconds % HOUR_S < 0), "hours");
}

static void
put_serial(const struct judged *it, const struct writing *to)
{
	put_number(to, (int64_t)it->cert->serial.len, "octets");
}

static const struct {
	const char *name;
	void (*put)(const struct judged *, const struct writing *);
} ELEMENTS[PROFILE_ELEMENTS] = {
    [PROFILE_ALGORITHM] = {"signature algorithm", put_algorithm},
    [PROFILE_EXTENSIONS] = {"extensions", put_extensions},
    [PROFILE_POLICIES] = {"policies", put_policies},
    [PROFILE_PURPOSES] = {"extended key usages", put_purposes},
    [PROFILE_KEY_USAGE] = {"key usage", put_key_usage},
    [PROFILE_SUBJECT] = {"subject attributes", put_subject},
    [PROFILE_VALIDITY] = {"validity", put_validity},
    [PROFILE_SERIAL] = {"serial number", put_serial},
};

const char *
profile_element_name(enum profile_element element)
{
	return ELEMENTS[element].name;
}

void
profile_append(const struct judged *it, enum profile_element element, struct buf *out)
{
	ELEMENTS[element].put(it, &(struct writing){out, true});
}

void
profile_longer_key(const struct judged *it, size_t octets, uint8_t out[PROFILE_KEY])
{
	struct writing to;
	struct sha256 hash;
	struct buf whole;

	buf_init(&whole, TEXT_MAX);
	to = (struct writing){&whole, false};
	for (size_t i = 0; i < PROFILE_SERIAL; i++) {
		ELEMENTS[i].put(it, &to);
		buf_append_u8(&whole, (uint8_t)i); /* where one ends */
	}
	put_number(&to, (int64_t)(it->cert->serial.len + octets), "");
	sha256_of(buf_bytes(&whole), &hash);
	memcpy(out, hash.octets, PROFILE_KEY);
	buf_free(&whole);
}

const uint8_t *
profile_key(const struct judged *it)
{
	struct judged_facts *facts = it->facts;

	if (!facts->profile_known)
		profile_longer_key(it, 0, facts->profile);
	facts->profile_known = true;
	return facts->profile;
}
