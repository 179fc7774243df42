#include "watch_priv.h"

#include <stdlib.h>

#include "base/mem.h"
#include "x509/name.h"

#define KEY_CEILING (1 << 16)

/* --- what is compared --------------------------------------------------------- */

void
watch_value_key(struct bytes utf8, struct buf *out)
{
	bool space = false;

	for (size_t i = 0; i < utf8.len; i++) {
		uint8_t c = utf8.data[i];

		if (c == ' ' || (c >= '\t' && c <= '\r')) {
			space = true;
			continue;
		}
		if (space && out->len > 0)
			buf_append_u8(out, ' ');
		space = false;
		buf_append_u8(out, ascii_lower(c));
	}
}

/* --- keys ----------------------------------------------------------------------- */

size_t
watch_key_lower(const struct watch_families *families, const uint8_t hash[WATCH_KEY_LEN])
{
	size_t low = 0, high = families->key_count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (memcmp(families->keys[middle].hash, hash, WATCH_KEY_LEN) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
watch_families_have(
    const struct watch_families *families, uint32_t ca, const uint8_t hash[WATCH_KEY_LEN])
{
	for (size_t i = watch_key_lower(families, hash); i < families->key_count &&
	     memcmp(families->keys[i].hash, hash, WATCH_KEY_LEN) == 0;
	     i++)
		if (families->keys[i].ca == ca)
			return true;
	return false;
}

bool
watch_families_add_key(
    struct watch_families *families, uint32_t ca, const uint8_t hash[WATCH_KEY_LEN])
{
	size_t at = watch_key_lower(families, hash);

	if (watch_families_have(families, ca, hash))
		return false;
	families->keys =
	    mem_resize(families->keys, families->key_count + 1, sizeof(*families->keys));
	memmove(&families->keys[at + 1], &families->keys[at],
	    (families->key_count - at) * sizeof(*families->keys));
	memcpy(families->keys[at].hash, hash, WATCH_KEY_LEN);
	families->keys[at].ca = ca;
	families->key_count++;
	return true;
}

/* --- names and key ids ------------------------------------------------------------ */

static size_t
text_lower(const struct watch_families *families, uint64_t hash)
{
	size_t low = 0, high = families->text_count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (families->texts[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
text_is(const struct watch_text *text, enum watch_text_kind kind, struct bytes value)
{
	return text->kind == kind && bytes_equal(bytes_of(text->text, text->len), value);
}

bool
watch_families_add_text(struct watch_families *families, uint32_t ca,
    enum watch_text_kind kind, struct bytes value)
{
	uint64_t hash = bytes_hash(value);
	size_t at = text_lower(families, hash);

	for (size_t i = at; i < families->text_count && families->texts[i].hash == hash;
	     i++)
		if (families->texts[i].ca == ca &&
		    text_is(&families->texts[i], kind, value))
			return false;
	families->texts = mem_resize(
	    families->texts, families->text_count + 1, sizeof(*families->texts));
	memmove(&families->texts[at + 1], &families->texts[at],
	    (families->text_count - at) * sizeof(*families->texts));
	families->texts[at] = (struct watch_text){
	    .hash = hash,
	    .text = mem_copy(value.data, value.len),
	    .len = value.len,
	    .ca = ca,
	    .kind = kind,
	};
	families->text_count++;
	return true;
}

/* --- building ------------------------------------------------------------------------
 */

static bool
add_subjects(struct watch_families *families, uint32_t ca, const struct watch_ca_row *row,
    struct err *err)
{
	struct buf key, sorted;
	bool ok = true;

	buf_init(&key, KEY_CEILING);
	buf_init(&sorted, KEY_CEILING);
	for (size_t i = 0; i < row->subject_count && ok; i++) {
		buf_clear(&key);
		buf_clear(&sorted);
		if (!name_key_from_text(row->subjects[i], &key, err)) {
			ok = err_wrap(err, "watched CA '%.60s': subject '%.80s'",
			    row->name, row->subjects[i]);
			if (err != NULL)
				err->code = ERR_CONFIG;
			break;
		}
		name_sort_key(buf_bytes(&key), &sorted);
		watch_families_add_text(families, ca, TEXT_SUBJECT, buf_bytes(&sorted));
	}
	buf_free(&key);
	buf_free(&sorted);
	return ok;
}

static void
add_organisations(
    struct watch_families *families, uint32_t ca, const struct watch_ca_row *row)
{
	struct buf key;

	buf_init(&key, KEY_CEILING);
	for (size_t i = 0; i < row->organisation_count; i++) {
		buf_clear(&key);
		watch_value_key(bytes_text(row->organisations[i]), &key);
		if (key.len > 0)
			watch_families_add_text(
			    families, ca, TEXT_ORGANISATION, buf_bytes(&key));
	}
	buf_free(&key);
}

static bool
name_taken(const struct watch_families *families, const char *name)
{
	for (size_t i = 0; i < families->count; i++)
		if (strcmp(families->cas[i].name, name) == 0)
			return true;
	return false;
}

bool
watch_families_fill(struct watch_families *families, const struct watch_ca_row *rows,
    size_t count, struct err *err)
{
	families->cas = mem_zero(count + 1, sizeof(*families->cas));
	for (size_t i = 0; i < count; i++) {
		if (name_taken(families, rows[i].name))
			return err_set(err, ERR_CONFIG, "CA '%.100s' is watched twice",
			    rows[i].name);
		families->cas[i] = (struct watch_ca){
		    .name = mem_text(rows[i].name),
		    .since_ms = rows[i].since_ms,
		    .generation = rows[i].generation,
		};
		families->count = i + 1;
		for (size_t k = 0; k < rows[i].key_count; k++)
			watch_families_add_key(families, (uint32_t)i, rows[i].keys[k]);
		add_organisations(families, (uint32_t)i, &rows[i]);
		if (!add_subjects(families, (uint32_t)i, &rows[i], err))
			return false;
	}
	return true;
}

void
watch_families_copy(const struct watch_families *from, struct watch_families *to)
{
	*to = *from;
	to->cas = mem_zero(from->count + 1, sizeof(*to->cas));
	to->keys = mem_zero(from->key_count + 1, sizeof(*to->keys));
	to->texts = mem_zero(from->text_count + 1, sizeof(*to->texts));
	for (size_t i = 0; i < from->count; i++) {
		to->cas[i] = from->cas[i];
		to->cas[i].name = mem_text(from->cas[i].name);
	}
	if (from->key_count > 0)
		memcpy(to->keys, from->keys, from->key_count * sizeof(*to->keys));
	for (size_t i = 0; i < from->text_count; i++) {
		to->texts[i] = from->texts[i];
		to->texts[i].text = mem_copy(from->texts[i].text, from->texts[i].len);
	}
}

void
watch_families_free(struct watch_families *families)
{
	for (size_t i = 0; i < families->count; i++)
		mem_free(families->cas[i].name);
	for (size_t i = 0; i < families->text_count; i++)
		mem_free(families->texts[i].text);
	mem_free(families->cas);
	mem_free(families->keys);
	mem_free(families->texts);
}

size_t
watch_families_memory(const struct watch_families *families)
{
	size_t text = 0;

	for (size_t i = 0; i < families->text_count; i++)
		text += families->texts[i].len + 1;
	return families->count * sizeof(*families->cas) +
	    families->key_count * sizeof(*families->keys) +
	    families->text_count * sizeof(*families->texts) + text;
}

/* --- candidates ------------------------------------------------------------------------
 */

static void
match_text(const struct watch_set *set, enum watch_text_kind kind, struct bytes value,
    enum watch_how how, struct bytes shown, struct watch_matches *out)
{
	const struct watch_families *families = &set->families;
	uint64_t hash = bytes_hash(value);

	for (size_t i = text_lower(families, hash);
	     i < families->text_count && families->texts[i].hash == hash; i++)
		if (text_is(&families->texts[i], kind, value))
			watch_matches_add(out,
			    (uint32_t)set->domains->count + families->texts[i].ca, how,
			    false, shown);
}

static void
match_organisations(
    const struct watch_set *set, struct bytes issuer, struct watch_matches *out)
{
	struct name_attribute attribute;
	struct name_iter names;
	struct buf utf8, key;

	buf_init(&utf8, KEY_CEILING);
	buf_init(&key, KEY_CEILING);
	name_begin(issuer, &names);
	while (name_next(&names, &attribute)) {
		if (attribute.id != OID_ORGANIZATION)
			continue;
		buf_clear(&utf8);
		buf_clear(&key);
		string_append_utf8(&utf8, attribute.tag, attribute.value);
		watch_value_key(buf_bytes(&utf8), &key);
		match_text(set, TEXT_ORGANISATION, buf_bytes(&key), WATCH_ORGANISATION,
		    issuer, out);
	}
	buf_free(&utf8);
	buf_free(&key);
}

void
watch_set_match_issuer(const struct watch_set *set, struct bytes issuer,
    struct bytes authority_key_id, struct watch_matches *out)
{
	struct buf key;

	if (set->families.text_count == 0)
		return;
	if (issuer.len > 0) {
		buf_init(&key, KEY_CEILING);
		name_append_sorted_key(&key, issuer);
		match_text(
		    set, TEXT_SUBJECT, buf_bytes(&key), WATCH_ISSUER_NAME, issuer, out);
		buf_free(&key);
		match_organisations(set, issuer, out);
	}
	if (authority_key_id.len > 0)
		match_text(set, TEXT_KEY_ID, authority_key_id, WATCH_AUTHORITY,
		    authority_key_id, out);
}

void
watch_set_match_key(const struct watch_set *set, const uint8_t spki[WATCH_KEY_LEN],
    enum watch_how how, struct watch_matches *out)
{
	const struct watch_families *families = &set->families;

	for (size_t i = watch_key_lower(families, spki); i < families->key_count &&
	     memcmp(families->keys[i].hash, spki, WATCH_KEY_LEN) == 0;
	     i++)
		watch_matches_add(out,
		    (uint32_t)set->domains->count + families->keys[i].ca, how, false,
		    bytes_of(spki, WATCH_KEY_LEN));
}
