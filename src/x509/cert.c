#include "x509/cert.h"

#include <stddef.h>

#include "x509_priv.h"

const char *
cert_field_name(enum cert_field field)
{
	static const char *const NAMES[CERT_FIELD_COUNT] = {
	    [CERT_OUTER] = "certificate",
	    [CERT_TBS] = "tbsCertificate",
	    [CERT_VERSION] = "version",
	    [CERT_SERIAL] = "serialNumber",
	    [CERT_TBS_ALGORITHM] = "signature",
	    [CERT_ISSUER] = "issuer",
	    [CERT_VALIDITY] = "validity",
	    [CERT_NOT_BEFORE] = "notBefore",
	    [CERT_NOT_AFTER] = "notAfter",
	    [CERT_SUBJECT] = "subject",
	    [CERT_SPKI] = "subjectPublicKeyInfo",
	    [CERT_ISSUER_UNIQUE_ID] = "issuerUniqueID",
	    [CERT_SUBJECT_UNIQUE_ID] = "subjectUniqueID",
	    [CERT_EXTENSIONS] = "extensions",
	    [CERT_ALGORITHM] = "signatureAlgorithm",
	    [CERT_SIGNATURE] = "signatureValue",
	};

	return NAMES[field];
}

/* Keeps the offset of a field's first flaw. */
static void
add_fault(struct cert *cert, enum cert_field field, uint32_t flaws, const uint8_t *at)
{
	struct cert_fault *it = &cert->faults[field];

	if (it->flaws == 0)
		it->offset = (uint32_t)(at - cert->der.data);
	it->flaws |= flaws;
	cert->fields_at_fault |= UINT32_C(1) << field;
}

static inline void
fault(struct cert *cert, enum cert_field field, uint32_t flaws, const uint8_t *at)
{
	if (flaws != 0)
		add_fault(cert, field, flaws, at);
}

/* The next element, as this field. One of another type is taken all the same,
 * unless it belongs to a field further on. */
static bool
take(struct cert *cert, struct cursor *cursor, enum cert_field field, uint8_t tag,
    struct element *out)
{
	const uint8_t *start = cursor->at;

	if (!element_next(cursor, out)) {
		fault(cert, field, cursor_left(cursor) > 0 ? FLAW_CUT : FLAW_MISSING,
		    cursor->at);
		return false;
	}
	if (out->tag != tag) {
		fault(cert, field, FLAW_TAG, start);
		if ((out->tag & 0xc0) == DER_CONTEXT ||
		    (tag == DER_INTEGER && out->tag == DER_SEQUENCE)) {
			fault(cert, field, FLAW_MISSING, start);
			cursor->at = start;
			return false;
		}
	}
	fault(cert, field, out->flaws, start);
	return true;
}

static void
no_more(struct cert *cert, const struct cursor *cursor, enum cert_field field)
{
	if (cursor_left(cursor) > 0)
		fault(cert, field, FLAW_TRAILING, cursor->at);
}

/* RFC 5280, 4.1.1.2. */
static void
read_algorithm(struct cert *cert, enum cert_field field, const struct element *element,
    struct cert_algorithm *out)
{
	struct cursor inside = element_inside(element);
	struct element oid, params;

	out->whole = element_whole(element);
	if (!take(cert, &inside, field, DER_OID, &oid))
		return;
	fault(cert, field, der_oid_flaws(element_value(&oid)), oid.at);
	out->oid = element_value(&oid);
	out->id = oid_find(element_value(&oid));
	if (cursor_left(&inside) > 0 && take(cert, &inside, field, *inside.at, &params))
		out->params = element_whole(&params);
	no_more(cert, &inside, field);
}

static void
read_bit_string(struct cert *cert, enum cert_field field, const struct element *element,
    struct bytes *bits, uint8_t *unused)
{
	fault(cert, field, der_read_bits(element_value(element), bits, unused),
	    element->at);
}

/* RFC 5280, 4.1.2.1: [0] EXPLICIT INTEGER DEFAULT v1. */
static void
read_version(struct cert *cert, struct cursor *cursor)
{
	struct cursor inside;
	struct element explicit, number;
	uint64_t value = 0;

	cert->version = 1;
	if (!element_next_if(cursor, DER_CONTEXT_CONSTRUCTED, &explicit))
		return;
	cert->version_at = element_whole(&explicit);
	fault(cert, CERT_VERSION, explicit.flaws, explicit.at);
	inside = element_inside(&explicit);
	if (!take(cert, &inside, CERT_VERSION, DER_INTEGER, &number))
		return;
	fault(cert, CERT_VERSION, der_read_unsigned(element_value(&number), &value),
	    number.at);
	if (value == 0)
		fault(cert, CERT_VERSION, FLAW_DEFAULT, number.at);
	if (value > 2)
		fault(cert, CERT_VERSION, FLAW_RANGE, number.at);
	cert->version = value < UINT32_MAX ? (uint32_t)value + 1 : UINT32_MAX;
	no_more(cert, &inside, CERT_VERSION);
}

/* RFC 5280, 4.1.2.2. Sign and length are rules for checks, not of reading. */
static void
read_serial(struct cert *cert, struct cursor *cursor)
{
	struct element serial;

	if (!take(cert, cursor, CERT_SERIAL, DER_INTEGER, &serial))
		return;
	cert->serial_at = element_whole(&serial);
	cert->serial = element_value(&serial);
	fault(cert, CERT_SERIAL, der_integer_flaws(element_value(&serial)), serial.at);
}

static void
read_name(
    struct cert *cert, struct cursor *cursor, enum cert_field field, struct bytes *out)
{
	struct element name;

	if (take(cert, cursor, field, DER_SEQUENCE, &name))
		*out = element_whole(&name);
}

static void
read_time(struct cert *cert, struct cursor *cursor, enum cert_field field,
    struct der_time *out, int64_t *unix_s)
{
	uint32_t expected = cursor_left(cursor) > 0 && *cursor->at == DER_GENERALIZED_TIME
	    ? DER_GENERALIZED_TIME
	    : DER_UTC_TIME;
	struct element time;

	out->form = TIME_UNREADABLE;
	if (!take(cert, cursor, field, (uint8_t)expected, &time))
		return;
	out->whole = element_whole(&time);
	out->text = element_value(&time);
	out->tag = time.tag;
	out->form = read_time_text(time.tag, element_value(&time), &out->unix_s);
	*unix_s = out->unix_s;
	if ((out->form & TIME_UNREADABLE) != 0)
		fault(cert, field, FLAW_TIME, time.at);
	else if (out->form != 0)
		fault(cert, field, FLAW_TIME_FORM, time.at);
}

static void
read_validity(struct cert *cert, struct cursor *cursor)
{
	struct cursor inside;
	struct element validity;

	cert->before.form = cert->after.form = TIME_UNREADABLE;
	if (!take(cert, cursor, CERT_VALIDITY, DER_SEQUENCE, &validity))
		return;
	cert->validity = element_whole(&validity);
	inside = element_inside(&validity);
	read_time(cert, &inside, CERT_NOT_BEFORE, &cert->before, &cert->not_before);
	read_time(cert, &inside, CERT_NOT_AFTER, &cert->after, &cert->not_after);
	no_more(cert, &inside, CERT_VALIDITY);
}

static void
read_spki(struct cert *cert, struct cursor *cursor)
{
	struct cursor inside;
	struct element spki, part;

	if (!take(cert, cursor, CERT_SPKI, DER_SEQUENCE, &spki))
		return;
	cert->spki = element_whole(&spki);
	inside = element_inside(&spki);
	if (take(cert, &inside, CERT_SPKI, DER_SEQUENCE, &part))
		read_algorithm(cert, CERT_SPKI, &part, &cert->key_algorithm);
	if (take(cert, &inside, CERT_SPKI, DER_BIT_STRING, &part))
		read_bit_string(
		    cert, CERT_SPKI, &part, &cert->key_bits, &cert->key_unused);
	no_more(cert, &inside, CERT_SPKI);
}

/* Which known extensions stood there, and whether an unknown one stands there
 * twice: RFC 5280, 4.2. */
static bool
is_repeated(const struct cert *cert, const struct extension *extension, uint64_t *seen)
{
	uint64_t *word = &seen[extension->id / 64],
		 bit = UINT64_C(1) << extension->id % 64;

	if (extension->id != OID_UNKNOWN) {
		bool repeated = (*word & bit) != 0;

		*word |= bit;
		return repeated;
	}
	for (size_t i = 0; i < cert->extension_count; i++)
		if (cert->extension[i].id == OID_UNKNOWN &&
		    bytes_equal(cert->extension[i].oid, extension->oid))
			return true;
	return false;
}

static void
read_extension_list(struct cert *cert, struct cursor list)
{
	uint64_t seen[OID_COUNT / 64 + 1] = {0};
	struct element element;

	while (element_next(&list, &element)) {
		struct extension *extension = &cert->extension[cert->extension_count];

		cert->extension_total++;
		if (cert->extension_count == CERT_EXTENSIONS_MAX) {
			fault(cert, CERT_EXTENSIONS, FLAW_MANY, element.at);
			continue;
		}
		read_extension(&element, extension);
		if (is_repeated(cert, extension, seen))
			extension->flaws |= FLAW_REPEATED;
		fault(cert, CERT_EXTENSIONS, extension->flaws, element.at);
		cert->extension_count++;
	}
	if (cursor_left(&list) > 0)
		fault(cert, CERT_EXTENSIONS, FLAW_CUT, list.at);
}

/* [3] EXPLICIT SEQUENCE SIZE (1..) OF Extension. Those of a second [3] are
 * taken as well. */
static void
read_extensions(struct cert *cert, const struct element *element)
{
	struct cursor inside = element_inside(element);
	struct element list;

	if (cert->extensions_at.len > 0)
		fault(cert, CERT_EXTENSIONS, FLAW_REPEATED, element->at);
	fault(cert, CERT_EXTENSIONS, element->flaws, element->at);
	if (!take(cert, &inside, CERT_EXTENSIONS, DER_SEQUENCE, &list))
		return;
	if (cert->extensions_at.len == 0)
		cert->extensions = element_value(&list);
	cert->extensions_at = element_whole(element);
	if (list.value == list.value_end)
		fault(cert, CERT_EXTENSIONS, FLAW_EMPTY, list.at);
	read_extension_list(cert, element_inside(&list));
	no_more(cert, &inside, CERT_EXTENSIONS);
}

static void
read_unique_id(struct cert *cert, enum cert_field field, const struct element *element,
    struct bytes *out)
{
	struct bytes bits;
	uint8_t unused;

	*out = element_whole(element);
	fault(cert, field, element->flaws, element->at);
	if (element->tag >= DER_CONTEXT_CONSTRUCTED)
		fault(cert, field, FLAW_CONSTRUCTED, element->at);
	else
		read_bit_string(cert, field, element, &bits, &unused);
}

/* [1], [2] and [3]: what may follow the key. */
static void
read_optional_fields(struct cert *cert, struct cursor *cursor)
{
	struct element element;
	uint8_t last = 0, number;

	while (element_next(cursor, &element)) {
		switch (element.tag) {
		case DER_CONTEXT | 1:
		case DER_CONTEXT_CONSTRUCTED | 1:
			read_unique_id(cert, CERT_ISSUER_UNIQUE_ID, &element,
			    &cert->issuer_unique_id);
			break;
		case DER_CONTEXT | 2:
		case DER_CONTEXT_CONSTRUCTED | 2:
			read_unique_id(cert, CERT_SUBJECT_UNIQUE_ID, &element,
			    &cert->subject_unique_id);
			break;
		case DER_CONTEXT_CONSTRUCTED | 3:
			read_extensions(cert, &element);
			break;
		default:
			fault(cert, CERT_TBS, FLAW_TRAILING, element.at);
			continue;
		}
		number = element.tag & 0x1f;
		if (number <= last)
			fault(cert, CERT_TBS, FLAW_ORDER, element.at);
		last = number;
	}
	no_more(cert, cursor, CERT_TBS);
}

static bool
read_tbs(struct cert *cert, struct cursor *cursor)
{
	struct cursor inside;
	struct element tbs, algorithm;

	cert->before.form = cert->after.form = TIME_UNREADABLE;
	if (!take(cert, cursor, CERT_TBS, DER_SEQUENCE, &tbs) || (tbs.tag & 0x20) == 0)
		return false;
	cert->tbs = element_whole(&tbs);
	inside = element_inside(&tbs);
	read_version(cert, &inside);
	read_serial(cert, &inside);
	if (take(cert, &inside, CERT_TBS_ALGORITHM, DER_SEQUENCE, &algorithm))
		read_algorithm(
		    cert, CERT_TBS_ALGORITHM, &algorithm, &cert->tbs_algorithm);
	read_name(cert, &inside, CERT_ISSUER, &cert->issuer);
	read_validity(cert, &inside);
	read_name(cert, &inside, CERT_SUBJECT, &cert->subject);
	read_spki(cert, &inside);
	read_optional_fields(cert, &inside);
	return true;
}

/* The array of extensions is large and guarded by its count. */
static void
clear(struct cert *cert, struct bytes der)
{
	memset(cert, 0, offsetof(struct cert, extension));
	cert->der = der;
}

bool
cert_parse(struct bytes der, struct cert *out)
{
	struct cursor cursor = cursor_of(der), inside;
	struct element outer, part;

	clear(out, der);
	if (!take(out, &cursor, CERT_OUTER, DER_SEQUENCE, &outer))
		return false;
	out->certificate = element_whole(&outer);
	out->trailing = cursor_rest(&cursor);
	no_more(out, &cursor, CERT_OUTER);
	inside = element_inside(&outer);
	if ((outer.tag & 0x20) == 0 || !read_tbs(out, &inside))
		return false;
	if (take(out, &inside, CERT_ALGORITHM, DER_SEQUENCE, &part))
		read_algorithm(out, CERT_ALGORITHM, &part, &out->algorithm);
	if (take(out, &inside, CERT_SIGNATURE, DER_BIT_STRING, &part)) {
		out->signature_at = element_whole(&part);
		read_bit_string(
		    out, CERT_SIGNATURE, &part, &out->signature, &out->signature_unused);
	}
	no_more(out, &inside, CERT_OUTER);
	return true;
}

bool
cert_parse_tbs(struct bytes tbs, struct cert *out)
{
	struct cursor cursor = cursor_of(tbs);
	bool found;

	clear(out, tbs);
	found = read_tbs(out, &cursor);
	out->trailing = cursor_rest(&cursor);
	no_more(out, &cursor, CERT_TBS);
	return found;
}

bool
cert_is_sound(const struct cert *cert)
{
	return cert->fields_at_fault == 0;
}

size_t
cert_offset(const struct cert *cert, struct bytes part)
{
	return der_offset(cert->der, part);
}

bool
cert_is_precert(const struct cert *cert)
{
	return cert_extension(cert, OID_POISON) != NULL;
}

bool
cert_is_self_issued(const struct cert *cert)
{
	return cert->issuer.len > 0 && bytes_equal(cert->issuer, cert->subject);
}
