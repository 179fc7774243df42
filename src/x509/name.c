#include "x509/name.h"

#include "base/text.h"
#include "x509_priv.h"

#define SHOWN_MAX 1000 /* characters of one value in a text */

void
name_begin(struct bytes name, struct name_iter *iter)
{
	*iter = (struct name_iter){0};
	if (name.len > 0)
		iter->rdns = cursor_of(open_value(name, DER_SEQUENCE, &iter->flaws));
}

/* Opens the next RelativeDistinguishedName that is not empty. */
static bool
next_rdn(struct name_iter *iter)
{
	struct element rdn;

	while (element_list_next(&iter->rdns, &iter->flaws, &rdn)) {
		if (iter->opened)
			iter->rdn++;
		iter->opened = true;
		iter->within = false;
		iter->flaws |= rdn.flaws | (rdn.tag != DER_SET ? FLAW_TAG : 0);
		if ((rdn.tag & 0x20) == 0)
			continue;
		iter->attributes = element_inside(&rdn);
		if (rdn.value < rdn.value_end)
			return true;
		iter->flaws |= FLAW_EMPTY;
	}
	return false;
}

/* AttributeTypeAndValue. */
static void
read_attribute(const struct element *element, struct name_attribute *out)
{
	struct cursor inside = element_inside(element);
	uint32_t flaws = element->flaws;
	struct element part;

	*out = (struct name_attribute){.whole = element_whole(element)};
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
	if (element_next(&inside, &part)) {
		out->value_at = element_whole(&part);
		out->value = element_value(&part);
		out->tag = part.tag;
		flaws |= part.flaws;
	} else {
		out->value = bytes_of(inside.at, 0);
		flaws |= FLAW_MISSING;
	}
	out->flaws = flaws | rest_flaws(&inside);
}

bool
name_next(struct name_iter *iter, struct name_attribute *out)
{
	struct element element;

	while (!element_list_next(&iter->attributes, &iter->flaws, &element))
		if (!next_rdn(iter))
			return false;
	read_attribute(&element, out);
	out->rdn = iter->rdn;
	out->shares_rdn = iter->within;
	iter->within = true;
	iter->flaws |= out->flaws;
	return true;
}

bool
name_first(struct bytes name, enum oid id, struct name_attribute *out)
{
	struct name_iter iter;

	name_begin(name, &iter);
	while (name_next(&iter, out))
		if (out->id == id && id != OID_UNKNOWN)
			return true;
	return false;
}

size_t
name_count(struct bytes name, enum oid id)
{
	struct name_attribute attribute;
	struct name_iter iter;
	size_t count = 0;

	name_begin(name, &iter);
	while (name_next(&iter, &attribute))
		if (attribute.id == id)
			count++;
	return count;
}

bool
name_is_empty(struct bytes name)
{
	struct name_attribute attribute;
	struct name_iter iter;

	name_begin(name, &iter);
	return !name_next(&iter, &attribute);
}

/* RFC 4514, 2.4. */
static bool
needs_escape(uint32_t c, bool first, bool last)
{
	switch (c) {
	case '"':
	case '+':
	case ',':
	case ';':
	case '<':
	case '>':
	case '=':
	case '\\':
		return true;
	case '#':
		return first;
	case ' ':
		return first || last;
	default:
		return false;
	}
}

static void
append_value_text(struct buf *out, const struct name_attribute *attribute)
{
	struct characters text = {.left = attribute->value, .tag = attribute->tag};
	uint32_t code_point;
	uint8_t octets[4];

	if (!is_string_tag(attribute->tag)) {
		string_append_safe(out, attribute->tag, attribute->value, SHOWN_MAX);
		return;
	}
	for (size_t i = 0; !out->failed && characters_next(&text, &code_point); i++) {
		size_t len = utf8_put(code_point, octets);

		if (i == SHOWN_MAX) {
			buf_append_text(out, "...");
			return;
		}
		if (needs_escape(code_point, i == 0, text.left.len == 0))
			buf_append_format(out, "\\%c", (int)code_point);
		else
			text_append_safe(out, bytes_of(octets, len), len);
	}
}

bool
name_append_text(struct buf *out, struct bytes name)
{
	struct name_attribute attribute;
	struct name_iter iter;
	const char *between = "";

	name_begin(name, &iter);
	while (!out->failed && name_next(&iter, &attribute)) {
		buf_append_text(out, attribute.shares_rdn ? " + " : between);
		oid_append_name(out, attribute.oid);
		buf_append_text(out, "=");
		append_value_text(out, &attribute);
		between = ", ";
	}
	return !out->failed;
}
