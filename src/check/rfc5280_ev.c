/* B11: organizationIdentifier of EV certificates (EVG 9.2.8, 9.8.2, appendix H). */
#include "check_priv.h"

struct organization_id {
	struct bytes scheme, country, state, reference;
};

static bool
take_capitals(struct bytes *text, size_t count, struct bytes *out)
{
	for (size_t i = 0; i < count; i++)
		if (i >= text->len || text->data[i] < 'A' || text->data[i] > 'Z')
			return false;
	*out = bytes_of(text->data, count);
	*text = bytes_of(text->data + count, text->len - count);
	return true;
}

static bool
take_octet(struct bytes *text, char octet)
{
	if (text->len == 0 || text->data[0] != (uint8_t)octet)
		return false;
	*text = bytes_of(text->data + 1, text->len - 1);
	return true;
}

/* "NTRGB-12345678", "NTRUS+CA-123", with_authority: "PSDBE-NBB-1234.567.890". */
static bool
parse_text(struct bytes text, bool with_authority, struct organization_id *out)
{
	*out = (struct organization_id){0};
	if (!take_capitals(&text, 3, &out->scheme) ||
	    !take_capitals(&text, 2, &out->country))
		return false;
	if (take_octet(&text, '+') && !take_capitals(&text, 2, &out->state))
		return false;
	if (!take_octet(&text, '-'))
		return false;
	while (
	    with_authority && text.len > 0 && text.data[0] >= 'A' && text.data[0] <= 'Z')
		text = bytes_of(text.data + 1, text.len - 1);
	if (with_authority && !take_octet(&text, '-'))
		return false;
	out->reference = text;
	return text.len > 0 && memchr(text.data, '\n', text.len) == NULL;
}

/* CABFOrganizationIdentifier: two strings, an optional [0], a string. */
static bool
parse_extension(const struct extension *extension, struct organization_id *out)
{
	struct der outer, scheme, country, state, reference;
	struct cursor inside;

	*out = (struct organization_id){0};
	if (!der_only(extension->value, &outer) || outer.tag != DER_SEQUENCE)
		return false;
	inside = cursor_of(outer.value);
	if (!der_next(&inside, &scheme) || !der_next(&inside, &country))
		return false;
	if (der_next_if(&inside, DER_CONTEXT | 0, &state))
		out->state = state.value;
	if (!der_next(&inside, &reference))
		return false;
	out->scheme = scheme.value;
	out->country = country.value;
	out->reference = reference.value;
	return true;
}

static bool
ids_equal(const struct organization_id *a, const struct organization_id *b)
{
	return bytes_equal(a->scheme, b->scheme) && bytes_equal(a->country, b->country) &&
	    bytes_equal(a->state, b->state) && bytes_equal(a->reference, b->reference);
}

static const struct extension *
extension_of(const struct judged *it)
{
	return cert_extension(it->cert, OID_CABF_ORGANIZATION_IDENTIFIER);
}

static const struct name_attribute *
attribute_of(const struct judged *it)
{
	size_t at = 0;

	return subject_next(it->facts, OID_ORGANIZATION_IDENTIFIER, &at);
}

static bool
is_ev_with_id(const struct judged *it)
{
	return it->facts->ev && attribute_of(it) != NULL;
}

static bool
is_ev_subscriber_with_id(const struct judged *it)
{
	return judged_is_subscriber(it) && is_ev_with_id(it);
}

static bool
is_ev_with_both(const struct judged *it)
{
	return is_ev_with_id(it) && extension_of(it) != NULL;
}

static bool
has_extension(const struct judged *it)
{
	return extension_of(it) != NULL;
}

/* --- the rules -----------------------------------------------------------------------
 */

static void
run_differs(struct trial *trial)
{
	const struct name_attribute *attribute = attribute_of(trial->it);
	struct organization_id subject, extension;
	bool read = parse_extension(extension_of(trial->it), &extension), same;

	if (!parse_text(attribute->value, false, &subject)) {
		trial_fail(trial, attribute->whole,
		    "organizationIdentifier \"%s\" is none of a registration scheme",
		    trial_show(trial, attribute->value, 100));
		return;
	}
	same = read && ids_equal(&subject, &extension);
	/* The reference of PSD may count the authority's name in or not. */
	if (!same && read && bytes_equal(subject.scheme, bytes_text("PSD")))
		same = parse_text(attribute->value, true, &subject) &&
		    ids_equal(&subject, &extension);
	if (!same)
		trial_fail(trial, extension_of(trial->it)->whole,
		    "organizationIdentifier \"%s\" is not what the extension says",
		    trial_show(trial, attribute->value, 100));
}

/* Appendix H has these three; LEI and others are those of S/MIME. */
static void
run_scheme(struct trial *trial)
{
	const struct name_attribute *attribute = attribute_of(trial->it);
	struct bytes scheme = attribute->value;

	scheme.len = scheme.len < 3 ? scheme.len : 3;
	if (!bytes_equal(scheme, bytes_text("NTR")) &&
	    !bytes_equal(scheme, bytes_text("VAT")) &&
	    !bytes_equal(scheme, bytes_text("PSD")))
		trial_fail(trial, attribute->whole,
		    "organizationIdentifier \"%s\" is of no scheme that EV knows",
		    trial_show(trial, attribute->value, 100));
}

static void
run_state(struct trial *trial)
{
	struct organization_id id;

	if (!parse_extension(extension_of(trial->it), &id) ||
	    (!bytes_equal(id.scheme, bytes_text("PSD")) &&
		!bytes_equal(id.scheme, bytes_text("VAT"))))
		trial_not_applicable(trial);
	else if (id.state.len > 0)
		trial_fail(trial, extension_of(trial->it)->whole,
		    "a state in an organization identifier of scheme %s",
		    trial_show(trial, id.scheme, 3));
}

static const struct subrule EV_ORGANIZATION_ID[] = {
    RULE("no-extension", LEVEL_ERROR, "EVG 9.8.2", is_ev_with_id, rule_ext_absent,
	.arg = OID_CABF_ORGANIZATION_IDENTIFIER, .from = DATE(2020, 1, 31),
	.equivalents = "zlint:e_ev_organization_id_missing"),
    RULE("differs", LEVEL_ERROR, "EVG 9.2.8, 9.8.2", is_ev_with_both, run_differs,
	.from = DATE(2020, 1, 31),
	.equivalents = "zlint:e_ev_orgid_inconsistent_subj_and_ext"),
    RULE("scheme", LEVEL_ERROR, "EVG 9.2.8, App. H", is_ev_subscriber_with_id, run_scheme,
	.from = DATE(2020, 1, 31), .equivalents = "zlint:e_ev_invalid_orgid_reg_scheme"),
    RULE("state", LEVEL_ERROR, "EVG 9.8.2, App. H (SC17)", has_extension, run_state,
	.from = DATE(2019, 6, 21),
	.equivalents = "zlint:e_cabf_org_identifier_psd_vat_has_state"),
};

static const struct check CHECKS[] = {
    CHECK("ev-organization-id", SCOPE_CERTIFICATE,
	"An EV certificate names its organization's registration in a way that is not "
	"allowed.",
	EV_ORGANIZATION_ID),
};

const struct check_family CHECK_RFC5280_EV = {"rfc5280", CHECKS, ARRAY_LEN(CHECKS)};
