/* RFC 5280, 4.2.1.10, 4.2.1.13, 4.2.2: extensions that hold GeneralNames. */
#include "x509/san.h"
#include "x509_priv.h"

/* The elements of the SEQUENCE OF that an extension's value is. */
static struct cursor
open_list(const struct extension *extension, uint32_t *flaws)
{
	struct cursor list;

	*flaws = 0;
	if (extension == NULL)
		return (struct cursor){0};
	list = cursor_of(open_value(extension->value, DER_SEQUENCE, flaws));
	if (cursor_left(&list) == 0)
		*flaws |= FLAW_EMPTY;
	return list;
}

static uint32_t
sequence_flaws(const struct der *element)
{
	return element->flaws | (element->tag != DER_SEQUENCE ? FLAW_TAG : 0);
}

void
extension_access_begin(const struct extension *extension, struct access_iter *iter)
{
	iter->at = open_list(extension, &iter->flaws);
}

bool
access_next(struct access_iter *iter, struct access_description *out)
{
	struct der element, part;
	struct cursor inside;

	if (!list_next(&iter->at, &iter->flaws, &element))
		return false;
	*out = (struct access_description){
	    .whole = element.whole, .flaws = sequence_flaws(&element)};
	inside = cursor_of(element.value);
	if (der_next_if(&inside, DER_OID, &part)) {
		out->method = part.value;
		out->method_id = oid_find(part.value);
		out->flaws |= part.flaws | der_oid_flaws(part.value);
	} else {
		out->flaws |= FLAW_MISSING;
	}
	if (der_next(&inside, &part)) {
		general_name_of(part.whole, &out->location);
		out->flaws |= out->location.flaws;
	} else {
		out->flaws |= FLAW_MISSING;
	}
	out->flaws |= rest_flaws(&inside);
	iter->flaws |= out->flaws;
	return true;
}

void
extension_distribution_points_begin(
    const struct extension *extension, struct distribution_point_iter *iter)
{
	iter->at = open_list(extension, &iter->flaws);
}

/* DistributionPointName: [0] fullName or [1] nameRelativeToCRLIssuer. */
static void
read_point_name(const struct der *name, struct distribution_point *out)
{
	struct cursor inside = cursor_of(name->value);
	struct der part;

	out->flaws |= name->flaws;
	if (der_next_if(&inside, DER_CONTEXT_CONSTRUCTED | 0, &part))
		out->full_name = part.whole;
	else if (der_next_if(&inside, DER_CONTEXT_CONSTRUCTED | 1, &part))
		out->relative_name = part.whole;
	else
		out->flaws |= FLAW_EMPTY;
	out->flaws |= rest_flaws(&inside);
}

bool
distribution_point_next(
    struct distribution_point_iter *iter, struct distribution_point *out)
{
	struct der element, part;
	struct cursor inside;

	if (!list_next(&iter->at, &iter->flaws, &element))
		return false;
	*out = (struct distribution_point){
	    .whole = element.whole, .flaws = sequence_flaws(&element)};
	inside = cursor_of(element.value);
	if (der_next_if(&inside, DER_CONTEXT_CONSTRUCTED | 0, &part))
		read_point_name(&part, out);
	if (der_next_if(&inside, DER_CONTEXT | 1, &part)) {
		out->reasons = part.whole;
		out->flaws |= part.flaws;
	}
	if (der_next_if(&inside, DER_CONTEXT_CONSTRUCTED | 2, &part)) {
		out->crl_issuer = part.whole;
		out->flaws |= part.flaws;
	}
	out->flaws |= rest_flaws(&inside);
	iter->flaws |= out->flaws;
	return true;
}

void
extension_name_constraints(
    const struct extension *extension, struct name_constraints *out)
{
	struct cursor inside;
	struct der part;

	*out = (struct name_constraints){0};
	inside = open_list(extension, &out->flaws);
	if (der_next_if(&inside, DER_CONTEXT_CONSTRUCTED | 0, &part)) {
		out->permitted = part.whole;
		out->flaws |= part.flaws | (part.value.len == 0 ? FLAW_EMPTY : 0);
	}
	if (der_next_if(&inside, DER_CONTEXT_CONSTRUCTED | 1, &part)) {
		out->excluded = part.whole;
		out->flaws |= part.flaws | (part.value.len == 0 ? FLAW_EMPTY : 0);
	}
	out->flaws |= rest_flaws(&inside);
}

void
subtrees_begin(struct bytes element, struct subtree_iter *iter)
{
	struct der list;

	*iter = (struct subtree_iter){0};
	if (element.len == 0)
		return;
	if (!der_only(element, &list)) {
		iter->flaws = FLAW_CUT;
		return;
	}
	iter->flaws = list.flaws;
	iter->at = cursor_of(list.value);
}

static void
read_bounds(struct cursor *inside, struct subtree *out)
{
	uint64_t minimum;
	struct der part;

	if (der_next_if(inside, DER_CONTEXT | 0, &part)) {
		out->minimum = part.value;
		out->flaws |= part.flaws | der_read_unsigned(part.value, &minimum);
		if (minimum == 0)
			out->flaws |= FLAW_DEFAULT;
	}
	if (der_next_if(inside, DER_CONTEXT | 1, &part)) {
		out->maximum = part.value;
		out->flaws |= part.flaws | der_integer_flaws(part.value);
	}
}

bool
subtree_next(struct subtree_iter *iter, struct subtree *out)
{
	struct der element, part;
	struct cursor inside;

	if (!list_next(&iter->at, &iter->flaws, &element))
		return false;
	*out =
	    (struct subtree){.whole = element.whole, .flaws = sequence_flaws(&element)};
	inside = cursor_of(element.value);
	if (der_next(&inside, &part)) {
		general_name_of(part.whole, &out->base);
		/* an address range is address and mask: RFC 5280, 4.2.1.10 */
		if (out->base.kind == GENERAL_IP &&
		    (out->base.value.len == 8 || out->base.value.len == 32))
			out->base.flaws &= ~(uint32_t)FLAW_ADDRESS;
		out->flaws |= out->base.flaws;
	} else {
		out->flaws |= FLAW_MISSING;
	}
	read_bounds(&inside, out);
	out->flaws |= rest_flaws(&inside);
	iter->flaws |= out->flaws;
	return true;
}
