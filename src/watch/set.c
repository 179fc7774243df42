#include "watch_priv.h"

#include "base/mem.h"
#include "crypto/digest.h"
#include "x509/name.h"

static struct watch_set *
set_new(struct watch_domains *domains)
{
	struct watch_set *set = mem_zero(1, sizeof(*set));

	atomic_init(&set->refs, 1);
	set->domains = domains;
	return set;
}

struct watch_set *
watch_set_new(const struct watch_domain_row *domain_rows, size_t domain_count,
    const struct watch_ca_row *cas, size_t ca_count, struct err *err)
{
	struct watch_domains *domains = watch_domains_new(domain_rows, domain_count, err);
	struct watch_set *set;

	if (domains == NULL)
		return NULL;
	set = set_new(domains);
	if (watch_families_fill(&set->families, cas, ca_count, err))
		return set;
	watch_set_unref(set);
	return NULL;
}

void
watch_set_date(
    struct watch_set *set, uint32_t number, int64_t since_ms, uint32_t generation)
{
	if (number < set->domains->count) {
		set->domains->rows[number].since_ms = since_ms;
		set->domains->rows[number].generation = generation;
	} else {
		struct watch_ca *ca = &set->families.cas[number - set->domains->count];

		ca->since_ms = since_ms;
		ca->generation = generation;
	}
}

struct watch_set *
watch_set_ref(const struct watch_set *set)
{
	struct watch_set *ours = (struct watch_set *)set; /* only its count changes */

	if (ours != NULL)
		atomic_fetch_add(&ours->refs, 1);
	return ours;
}

void
watch_set_unref(const struct watch_set *set)
{
	struct watch_set *ours = (struct watch_set *)set;

	if (ours == NULL || atomic_fetch_sub(&ours->refs, 1) != 1)
		return;
	watch_domains_unref(ours->domains);
	watch_families_free(&ours->families);
	mem_free(ours);
}

struct watch_set *
watch_set_with_key(const struct watch_set *old, uint32_t watch,
    const uint8_t spki[WATCH_KEY_LEN], struct bytes subject, struct bytes key_id)
{
	struct watch_set *set = set_new(old->domains);
	uint32_t ca = watch - (uint32_t)old->domains->count;
	bool changed;
	struct buf key;

	atomic_fetch_add(&old->domains->refs, 1);
	watch_families_copy(&old->families, &set->families);
	changed = watch_families_add_key(&set->families, ca, spki);
	buf_init(&key, 1 << 16);
	if (subject.len > 0 && !name_is_empty(subject)) {
		name_append_sorted_key(&key, subject);
		changed |= watch_families_add_text(
		    &set->families, ca, TEXT_SUBJECT, buf_bytes(&key));
	}
	if (key_id.len > 0)
		changed |=
		    watch_families_add_text(&set->families, ca, TEXT_KEY_ID, key_id);
	buf_free(&key);
	if (changed)
		return set;
	watch_set_unref(set);
	return watch_set_ref(old);
}

size_t
watch_set_count(const struct watch_set *set)
{
	return set->domains->count + set->families.count;
}

size_t
watch_set_domain_count(const struct watch_set *set)
{
	return set->domains->count;
}

size_t
watch_set_memory(const struct watch_set *set)
{
	return sizeof(*set) + watch_domains_memory(set->domains) +
	    watch_families_memory(&set->families);
}

/* SHA-256 over kind and name, each with a NUL behind it, cut to 16 bytes. */
static void
content_id(bool is_ca, struct bytes name, uint8_t id[WATCH_ID_LEN])
{
	const struct bytes parts[] = {
	    is_ca ? bytes_of("ca", 3) : bytes_of("domain", 7), name, bytes_of("", 1)};
	struct sha256 hash;

	sha256_of_parts(parts, ARRAY_LEN(parts), &hash);
	memcpy(id, hash.octets, WATCH_ID_LEN);
}

void
watch_set_info(const struct watch_set *set, uint32_t number, struct watch_info *out)
{
	*out = (struct watch_info){.is_ca = number >= set->domains->count};
	if (out->is_ca) {
		const struct watch_ca *ca =
		    &set->families.cas[number - set->domains->count];

		out->name = bytes_text(ca->name);
		out->since_ms = ca->since_ms;
		out->generation = ca->generation;
	} else {
		const struct watch_domain *row = &set->domains->rows[number];

		out->name = watch_domain_name(set->domains, number);
		out->since_ms = row->since_ms;
		out->generation = row->generation;
		out->has_allowed =
		    set->domains->expected[row->expected].allowed.count > 0;
	}
	content_id(out->is_ca, out->name, out->id);
}

uint32_t
watch_set_find(const struct watch_set *set, const uint8_t id[WATCH_ID_LEN])
{
	struct watch_info info;

	for (uint32_t i = 0; i < watch_set_count(set); i++) {
		watch_set_info(set, i, &info);
		if (memcmp(info.id, id, WATCH_ID_LEN) == 0)
			return i;
	}
	return WATCH_NOT_FOUND;
}

bool
watch_set_family_has(
    const struct watch_set *set, uint32_t watch, const uint8_t spki[WATCH_KEY_LEN])
{
	return watch >= set->domains->count &&
	    watch_families_have(
		&set->families, watch - (uint32_t)set->domains->count, spki);
}

const uint8_t *
watch_set_next_key(const struct watch_set *set, uint32_t watch, size_t *at)
{
	const struct watch_families *families = &set->families;

	while (watch >= set->domains->count && *at < families->key_count)
		if (families->keys[(*at)++].ca == watch - (uint32_t)set->domains->count)
			return families->keys[*at - 1].hash;
	return NULL;
}

/* --- expected issuers ------------------------------------------------------------ */

/* The value of one attribute of the issuer is this text. */
static bool
issuer_says(struct bytes issuer, enum oid type, const char *text)
{
	struct name_attribute attribute;
	struct name_iter names;
	struct buf utf8, key;
	bool found = false;

	buf_init(&utf8, 1 << 16);
	buf_init(&key, 1 << 16);
	name_begin(issuer, &names);
	while (!found && name_next(&names, &attribute)) {
		if (attribute.id != type)
			continue;
		buf_clear(&utf8);
		buf_clear(&key);
		string_append_utf8(&utf8, attribute.tag, attribute.value);
		watch_value_key(buf_bytes(&utf8), &key);
		found = bytes_equal(buf_bytes(&key), bytes_text(text));
	}
	buf_free(&utf8);
	buf_free(&key);
	return found;
}

static bool
family_named(const struct watch_set *set, const char *text, const uint8_t *spki)
{
	struct buf key;
	bool found = false;

	if (spki == NULL)
		return false;
	buf_init(&key, 1 << 16);
	for (size_t i = 0; i < set->families.count && !found; i++) {
		buf_clear(&key);
		watch_value_key(bytes_text(set->families.cas[i].name), &key);
		found = bytes_equal(buf_bytes(&key), bytes_text(text)) &&
		    watch_families_have(&set->families, (uint32_t)i, spki);
	}
	buf_free(&key);
	return found;
}

/* Whether one of the entries is this issuer. */
static bool
list_has(const struct watch_set *set, const struct watch_allowed_list *list,
    const uint8_t *spki, struct bytes issuer)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct watch_allowed *entry = &list->entries[i];

		if (entry->text == NULL) {
			if (spki != NULL && memcmp(spki, entry->key, WATCH_KEY_LEN) == 0)
				return true;
		} else if (family_named(set, entry->text, spki) ||
		    issuer_says(issuer, OID_ORGANIZATION, entry->text) ||
		    issuer_says(issuer, OID_COMMON_NAME, entry->text)) {
			return true;
		}
	}
	return false;
}

/* [0], which is empty, for a CA. */
static const struct watch_expected *
expected_of(const struct watch_set *set, uint32_t watch)
{
	uint16_t number =
	    watch < set->domains->count ? set->domains->rows[watch].expected : 0;

	return &set->domains->expected[number];
}

bool
watch_set_issuer_allowed(
    const struct watch_set *set, uint32_t watch, const uint8_t *spki, struct bytes issuer)
{
	const struct watch_expected *expected = expected_of(set, watch);

	return expected->allowed.count == 0 ||
	    list_has(set, &expected->allowed, spki, issuer);
}

bool
watch_set_suppressed(const struct watch_set *set, uint32_t watch, const uint8_t *spki,
    struct bytes issuer, const uint8_t own[WATCH_KEY_LEN])
{
	const struct watch_allowed_list *list = &expected_of(set, watch)->suppress;

	for (size_t i = 0; i < list->count; i++)
		if (list->entries[i].text == NULL &&
		    memcmp(own, list->entries[i].key, WATCH_KEY_LEN) == 0)
			return true;
	return list_has(set, list, spki, issuer);
}

void
watch_set_policy(const struct watch_set *set, uint32_t watch, struct watch_policy *out)
{
	const struct watch_expected *expected = expected_of(set, watch);

	*out = (struct watch_policy){
	    .profiles = expected->profiles, .quota = expected->quota};
}
