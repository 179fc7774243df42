#include "x509/extension.h"

#include "x509/cert.h"
#include "x509_priv.h"

struct bytes
open_value(struct bytes bytes, uint8_t tag, uint32_t *flaws)
{
	struct der element;

	if (!der_only(bytes, &element)) {
		*flaws |= bytes.len > 0 ? FLAW_CUT : FLAW_MISSING;
		return bytes_of(bytes.data, 0);
	}
	*flaws |= element.flaws;
	if (element.tag != tag)
		*flaws |= FLAW_TAG;
	if ((tag & 0x20) != 0 && (element.tag & 0x20) == 0)
		return bytes_of(bytes.data, 0); /* no elements inside */
	return element.value;
}

bool
list_next(struct cursor *cursor, uint32_t *list_flaws, struct der *out)
{
	if (der_next(cursor, out))
		return true;
	if (cursor_left(cursor) > 0) {
		*list_flaws |= FLAW_CUT;
		cursor->at = cursor->end;
	}
	return false;
}

uint32_t
rest_flaws(const struct cursor *cursor)
{
	return cursor_left(cursor) > 0 ? FLAW_TRAILING : 0;
}

/* RFC 5280, 4.2: OID, BOOLEAN DEFAULT FALSE, OCTET STRING. */
void
read_extension(const struct element *element, struct extension *out)
{
	struct cursor inside = element_inside(element);
	uint32_t flaws = element->flaws;
	struct element part;

	*out = (struct extension){.whole = element_whole(element)};
	if (element->tag != DER_SEQUENCE)
		flaws |= FLAW_TAG;
	if (element_next_if(&inside, DER_OID, &part)) {
		out->oid = element_value(&part);
		out->id = oid_find(element_value(&part));
		flaws |= part.flaws;
		if (out->id == OID_UNKNOWN)
			flaws |= der_oid_flaws(element_value(&part));
	} else {
		flaws |= FLAW_MISSING;
	}
	if (element_next_if(&inside, DER_BOOLEAN, &part)) {
		out->critical_written = true;
		flaws |= part.flaws;
		flaws |= der_read_boolean(element_value(&part), &out->critical);
		if (!out->critical)
			flaws |= FLAW_DEFAULT;
	}
	if (element_next(&inside, &part)) {
		out->value = element_value(&part);
		flaws |= part.flaws | rest_flaws(&inside);
		if (part.tag != DER_OCTET_STRING)
			flaws |= FLAW_TAG;
	} else {
		out->value = bytes_of(inside.at, 0);
		flaws |= cursor_left(&inside) > 0 ? FLAW_CUT : FLAW_MISSING;
	}
	out->flaws = flaws;
}

void
extension_begin(const struct cert *cert, struct extension_iter *iter)
{
	*iter = (struct extension_iter){.at = cursor_of(cert->extensions)};
}

bool
extension_next(struct extension_iter *iter, struct extension *out)
{
	struct element element;

	if (!element_list_next(&iter->at, &iter->flaws, &element))
		return false;
	read_extension(&element, out);
	iter->flaws |= out->flaws;
	return true;
}

static const struct extension *
find_from(const struct cert *cert, size_t from, enum oid id, struct bytes oid)
{
	for (size_t i = from; i < cert->extension_count; i++) {
		const struct extension *it = &cert->extension[i];

		if (it->id == id && (id != OID_UNKNOWN || bytes_equal(it->oid, oid)))
			return it;
	}
	return NULL;
}

const struct extension *
cert_extension(const struct cert *cert, enum oid id)
{
	return id == OID_UNKNOWN ? NULL : find_from(cert, 0, id, (struct bytes){0});
}

const struct extension *
cert_extension_again(const struct cert *cert, const struct extension *previous)
{
	return find_from(
	    cert, (size_t)(previous - cert->extension) + 1, previous->id, previous->oid);
}

const struct extension *
cert_extension_by_oid(const struct cert *cert, struct bytes oid)
{
	return find_from(cert, 0, oid_find(oid), oid);
}

void
extension_basic_constraints(
    const struct extension *extension, struct basic_constraints *out)
{
	struct cursor inside;
	struct der part;

	*out = (struct basic_constraints){0};
	if (extension == NULL)
		return;
	inside = cursor_of(open_value(extension->value, DER_SEQUENCE, &out->flaws));
	if (der_next_if(&inside, DER_BOOLEAN, &part)) {
		out->flaws |= part.flaws | der_read_boolean(part.value, &out->ca);
		if (!out->ca)
			out->flaws |= FLAW_DEFAULT;
	}
	if (der_next_if(&inside, DER_INTEGER, &part)) {
		out->has_path_length = true;
		out->path_length_at = part.whole;
		out->flaws |=
		    part.flaws | der_read_unsigned(part.value, &out->path_length);
	}
	out->flaws |= rest_flaws(&inside);
}

bool
cert_is_ca(const struct cert *cert)
{
	const struct extension *it = cert_extension(cert, OID_BASIC_CONSTRAINTS);
	struct basic_constraints constraints;

	for (; it != NULL; it = cert_extension_again(cert, it)) {
		extension_basic_constraints(it, &constraints);
		if (constraints.ca)
			return true;
	}
	return false;
}

void
extension_key_usage(const struct extension *extension, struct key_usage *out)
{
	struct bytes value, bits;

	*out = (struct key_usage){0};
	if (extension == NULL)
		return;
	value = open_value(extension->value, DER_BIT_STRING, &out->flaws);
	out->flaws |= der_read_bits(value, &bits, &out->unused);
	out->bit_count = 8 * bits.len;
	out->bit_count -= out->unused < out->bit_count ? out->unused : out->bit_count;
	for (size_t i = 0; i < out->bit_count && i < 32; i++)
		if ((bits.data[i / 8] & 0x80 >> i % 8) != 0)
			out->bits |= UINT32_C(1) << i;
	if (out->bits == 0)
		out->flaws |= FLAW_EMPTY;
	if (out->bit_count > 9)
		out->flaws |= FLAW_RANGE;
	/* X.690, 11.2.2: a named bit list ends in a 1 */
	if (out->bit_count > 0 &&
	    (bits.data[(out->bit_count - 1) / 8] & 0x80 >> (out->bit_count - 1) % 8) == 0)
		out->flaws |= FLAW_ZERO_BITS;
}

const char *
key_usage_name(enum key_usage_bit bit)
{
	static const char *const NAMES[] = {"digitalSignature", "nonRepudiation",
	    "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign",
	    "cRLSign", "encipherOnly", "decipherOnly"};

	for (size_t i = 0; i < ARRAY_LEN(NAMES); i++)
		if (bit == 1U << i)
			return NAMES[i];
	return "";
}

void
extension_oids_begin(const struct extension *extension, struct oid_iter *iter)
{
	*iter = (struct oid_iter){0};
	if (extension == NULL)
		return;
	iter->at = cursor_of(open_value(extension->value, DER_SEQUENCE, &iter->flaws));
	if (cursor_left(&iter->at) == 0)
		iter->flaws |= FLAW_EMPTY;
}

bool
oid_iter_next(struct oid_iter *iter, struct oid_element *out)
{
	struct der element;

	if (!list_next(&iter->at, &iter->flaws, &element))
		return false;
	*out = (struct oid_element){.whole = element.whole, .flaws = element.flaws};
	if (element.tag == DER_OID) {
		out->oid = element.value;
		out->id = oid_find(element.value);
		out->flaws |= der_oid_flaws(element.value);
	} else {
		out->flaws |= FLAW_TAG;
	}
	iter->flaws |= out->flaws;
	return true;
}

bool
extension_has_oid(const struct extension *extension, enum oid id)
{
	struct oid_element element;
	struct oid_iter iter;

	extension_oids_begin(extension, &iter);
	while (oid_iter_next(&iter, &element))
		if (element.id == id)
			return true;
	return false;
}

bool
cert_has_eku(const struct cert *cert, enum oid id)
{
	const struct extension *it = cert_extension(cert, OID_EXTENDED_KEY_USAGE);

	for (; it != NULL; it = cert_extension_again(cert, it))
		if (extension_has_oid(it, id))
			return true;
	return false;
}

bool
cert_is_precert_signing(const struct cert *cert)
{
	return cert_has_eku(cert, OID_PRECERT_SIGNING) ||
	    cert_extension(cert, OID_PRECERT_SIGNING) != NULL;
}

void
extension_authority_key_id(
    const struct extension *extension, struct authority_key_id *out)
{
	struct cursor inside;
	struct der part;

	*out = (struct authority_key_id){0};
	if (extension == NULL)
		return;
	inside = cursor_of(open_value(extension->value, DER_SEQUENCE, &out->flaws));
	if (der_next_if(&inside, DER_CONTEXT | 0, &part)) {
		out->key_id = part.value;
		out->flaws |= part.flaws;
	}
	if (der_next_if(&inside, DER_CONTEXT_CONSTRUCTED | 1, &part)) {
		out->issuer = part.whole;
		out->flaws |= part.flaws;
	}
	if (der_next_if(&inside, DER_CONTEXT | 2, &part)) {
		out->serial = part.value;
		out->flaws |= part.flaws | der_integer_flaws(part.value);
	}
	out->flaws |= rest_flaws(&inside);
}

struct bytes
extension_subject_key_id(const struct extension *extension, uint32_t *flaws)
{
	*flaws = 0;
	if (extension == NULL)
		return (struct bytes){0};
	return open_value(extension->value, DER_OCTET_STRING, flaws);
}

struct bytes
extension_sct_list(const struct extension *extension, uint32_t *flaws)
{
	struct bytes list;

	*flaws = 0;
	if (extension == NULL)
		return (struct bytes){0};
	list = open_value(extension->value, DER_OCTET_STRING, flaws);
	if ((*flaws & (FLAW_TAG | FLAW_MISSING)) != 0)
		return (struct bytes){0};
	return list;
}

bool
extension_poison_well_formed(const struct extension *extension)
{
	static const uint8_t NULL_VALUE[] = {DER_NULL, 0};

	return extension != NULL && extension->critical && extension->flaws == 0 &&
	    bytes_equal(extension->value, bytes_of(NULL_VALUE, sizeof(NULL_VALUE)));
}

bool
extension_element(const struct extension *extension, struct der *out)
{
	return extension != NULL && der_only(extension->value, out);
}
