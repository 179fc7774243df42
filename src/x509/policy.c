/* RFC 5280, 4.2.1.4, 4.2.1.5, 4.2.1.11. */
#include "x509/extension.h"
#include "x509_priv.h"

static void
begin_list(const struct extension *extension, struct policy_iter *iter)
{
	*iter = (struct policy_iter){0};
	if (extension == NULL)
		return;
	iter->at = cursor_of(open_value(extension->value, DER_SEQUENCE, &iter->flaws));
	if (cursor_left(&iter->at) == 0)
		iter->flaws |= FLAW_EMPTY;
}

/* The OID that every element here begins with. */
static uint32_t
read_oid(struct cursor *inside, struct bytes *oid)
{
	struct der part;

	if (!der_next_if(inside, DER_OID, &part))
		return FLAW_MISSING;
	*oid = part.value;
	return part.flaws | der_oid_flaws(part.value);
}

void
extension_policies_begin(const struct extension *extension, struct policy_iter *iter)
{
	begin_list(extension, iter);
}

bool
policy_next(struct policy_iter *iter, struct policy *out)
{
	struct der element, part;
	struct cursor inside;

	if (!list_next(&iter->at, &iter->flaws, &element))
		return false;
	*out = (struct policy){.whole = element.whole, .flaws = element.flaws};
	if (element.tag != DER_SEQUENCE)
		out->flaws |= FLAW_TAG;
	inside = cursor_of(element.value);
	out->flaws |= read_oid(&inside, &out->oid);
	out->id = oid_find(out->oid);
	if (der_next_if(&inside, DER_SEQUENCE, &part)) {
		out->qualifiers = part.whole;
		out->flaws |= part.flaws | (part.value.len == 0 ? FLAW_EMPTY : 0);
	}
	out->flaws |= rest_flaws(&inside);
	iter->flaws |= out->flaws;
	return true;
}

void
policy_qualifiers_begin(const struct policy *policy, struct policy_iter *iter)
{
	*iter = (struct policy_iter){0};
	if (policy->qualifiers.len > 0)
		iter->at =
		    cursor_of(open_value(policy->qualifiers, DER_SEQUENCE, &iter->flaws));
}

/* UserNotice: an optional SEQUENCE, an optional string. */
static void
read_user_notice(struct policy_qualifier *out)
{
	struct cursor inside = cursor_of(out->value.value);

	if (out->value.tag != DER_SEQUENCE) {
		out->flaws |= FLAW_TAG;
		return;
	}
	if (der_next_if(&inside, DER_SEQUENCE, &out->notice_ref))
		out->flaws |= out->notice_ref.flaws;
	if (cursor_left(&inside) > 0 && der_next(&inside, &out->explicit_text)) {
		out->flaws |= der_value_flaws(&out->explicit_text);
		if (!is_string_tag(out->explicit_text.tag))
			out->flaws |= FLAW_TAG;
	}
	out->flaws |= rest_flaws(&inside);
}

bool
policy_qualifier_next(struct policy_iter *iter, struct policy_qualifier *out)
{
	struct cursor inside;
	struct der element;

	if (!list_next(&iter->at, &iter->flaws, &element))
		return false;
	*out = (struct policy_qualifier){.whole = element.whole, .flaws = element.flaws};
	if (element.tag != DER_SEQUENCE)
		out->flaws |= FLAW_TAG;
	inside = cursor_of(element.value);
	out->flaws |= read_oid(&inside, &out->oid);
	out->id = oid_find(out->oid);
	if (der_next(&inside, &out->value))
		out->flaws |= out->value.flaws;
	else
		out->flaws |= FLAW_MISSING;
	out->flaws |= rest_flaws(&inside);
	if (out->id == OID_QUALIFIER_USER_NOTICE && out->value.whole.len > 0)
		read_user_notice(out);
	iter->flaws |= out->flaws;
	return true;
}

void
extension_policy_constraints(
    const struct extension *extension, struct policy_constraints *out)
{
	struct cursor inside;
	struct der part;

	*out = (struct policy_constraints){0};
	if (extension == NULL)
		return;
	inside = cursor_of(open_value(extension->value, DER_SEQUENCE, &out->flaws));
	if (der_next_if(&inside, DER_CONTEXT | 0, &part)) {
		out->require_explicit = part.value;
		out->flaws |= part.flaws | der_integer_flaws(part.value);
	}
	if (der_next_if(&inside, DER_CONTEXT | 1, &part)) {
		out->inhibit_mapping = part.value;
		out->flaws |= part.flaws | der_integer_flaws(part.value);
	}
	if (out->require_explicit.data == NULL && out->inhibit_mapping.data == NULL)
		out->flaws |= FLAW_EMPTY;
	out->flaws |= rest_flaws(&inside);
}

void
extension_policy_mappings_begin(
    const struct extension *extension, struct policy_iter *iter)
{
	begin_list(extension, iter);
}

bool
policy_mapping_next(struct policy_iter *iter, struct policy_mapping *out)
{
	struct cursor inside;
	struct der element;

	if (!list_next(&iter->at, &iter->flaws, &element))
		return false;
	*out = (struct policy_mapping){.whole = element.whole, .flaws = element.flaws};
	if (element.tag != DER_SEQUENCE)
		out->flaws |= FLAW_TAG;
	inside = cursor_of(element.value);
	out->flaws |= read_oid(&inside, &out->issuer_policy);
	out->flaws |= read_oid(&inside, &out->subject_policy);
	out->flaws |= rest_flaws(&inside);
	iter->flaws |= out->flaws;
	return true;
}
