/* B3: how the subject's values are encoded. */
#include "names_priv.h"

#include "base/text.h"

static void
fail_value(struct trial *trial, const struct name_attribute *attribute, const char *says)
{
	struct finding *finding = trial_fail(trial, attribute->value_at, "%s \"%s\" %s",
	    attribute->id == OID_UNKNOWN ? "an attribute" : oid_long_name(attribute->id),
	    trial_show(trial, attribute->value, 60), says);

	evidence_hex(trial, finding, "value", attribute->value);
}

/* Calls bad for each value that is a string. */
static void
each_string(
    struct trial *trial, bool (*bad)(const struct name_attribute *), const char *says)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->subject_count; i++)
		if (attribute_is_string(&facts->subject[i]) && bad(&facts->subject[i]))
			fail_value(trial, &facts->subject[i], says);
}

/* --- string types ------------------------------------------------------------------ */

enum { TYPE_ANY, TYPE_IA5, TYPE_PRINTABLE, TYPE_DIRECTORY };

/* BR 7.1.4.2, tables 77 and 78. */
static int
type_of(enum oid id)
{
	switch ((int)id) {
	case OID_DOMAIN_COMPONENT:
		return TYPE_IA5;
	case OID_COUNTRY:
	case OID_JURISDICTION_COUNTRY:
	case OID_SERIAL_NUMBER:
		return TYPE_PRINTABLE;
	case OID_STATE:
	case OID_LOCALITY:
	case OID_POSTAL_CODE:
	case OID_STREET:
	case OID_ORGANIZATION:
	case OID_SURNAME:
	case OID_GIVEN_NAME:
	case OID_ORGANIZATIONAL_UNIT:
	case OID_COMMON_NAME:
	case OID_BUSINESS_CATEGORY:
	case OID_JURISDICTION_STATE:
	case OID_JURISDICTION_LOCALITY:
	case OID_ORGANIZATION_IDENTIFIER:
		return TYPE_DIRECTORY;
	default:
		return TYPE_ANY;
	}
}

static bool
has_wrong_type(const struct name_attribute *attribute)
{
	switch (type_of(attribute->id)) {
	case TYPE_IA5:
		return attribute->tag != DER_IA5_STRING;
	case TYPE_PRINTABLE:
		return attribute->tag != DER_PRINTABLE_STRING;
	case TYPE_DIRECTORY:
		return attribute->tag != DER_PRINTABLE_STRING &&
		    attribute->tag != DER_UTF8_STRING;
	default:
		return false;
	}
}

static const char *
tag_name(uint8_t tag)
{
	switch (tag) {
	case DER_UTF8_STRING:
		return "UTF8String";
	case DER_PRINTABLE_STRING:
		return "PrintableString";
	case DER_TELETEX_STRING:
		return "TeletexString";
	case DER_IA5_STRING:
		return "IA5String";
	case DER_BMP_STRING:
		return "BMPString";
	case DER_UNIVERSAL_STRING:
		return "UniversalString";
	default:
		return "another type";
	}
}

static void
fail_type(struct trial *trial, const struct name_attribute *attribute)
{
	evidence_int(trial,
	    trial_fail(trial, attribute->value_at, "%s in a %s",
		oid_long_name(attribute->id), tag_name(attribute->tag)),
	    "tag", attribute->tag);
}

static void
run_type(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->subject_count; i++)
		if (has_wrong_type(&facts->subject[i]))
			fail_type(trial, &facts->subject[i]);
}

/* Choices of DirectoryString that the BR closed. */
static void
run_directory_string(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->subject_count; i++) {
		uint8_t tag = facts->subject[i].tag;

		if (type_of(facts->subject[i].id) == TYPE_DIRECTORY &&
		    (tag == DER_TELETEX_STRING || tag == DER_BMP_STRING ||
			tag == DER_UNIVERSAL_STRING))
			fail_type(trial, &facts->subject[i]);
	}
}

/* --- characters --------------------------------------------------------------------- */

/* An empty one is none either: RFC 5280 has SIZE (1..). */
static bool
is_bad_printable(const struct name_attribute *attribute)
{
	return attribute->tag == DER_PRINTABLE_STRING &&
	    (attribute->value.len == 0 ||
		string_flaws(attribute->tag, attribute->value) != 0);
}

static void
run_printable(struct trial *trial)
{
	each_string(trial, is_bad_printable, "is no PrintableString");
}

static bool
is_bad_utf8(const struct name_attribute *attribute)
{
	return attribute->tag == DER_UTF8_STRING && !utf8_valid(attribute->value);
}

static void
run_utf8(struct trial *trial)
{
	each_string(trial, is_bad_utf8, "is no UTF-8");
}

/* Nothing that has to be decoded to be understood. */
static bool
is_plain(struct bytes value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] < 0x20 || value.data[i] >= 0x7f)
			return false;
	return true;
}

/* Broken UTF-8 is another rule's. */
static size_t
next_point(uint8_t tag, struct bytes left, uint32_t *point)
{
	size_t used = utf8_next(left, point);

	if (tag == DER_BMP_STRING && left.len >= 2) {
		*point = be16(left.data);
		return 2;
	}
	if (tag == DER_UNIVERSAL_STRING && left.len >= 4) {
		*point = be32(left.data);
		return 4;
	}
	if (used == 0)
		*point = UINT32_MAX;
	return used == 0 ? 1 : used;
}

static bool
has_control(const struct name_attribute *attribute)
{
	struct bytes left = attribute->value;
	uint32_t point;
	size_t used;

	if (is_plain(left))
		return false;
	for (; left.len > 0; left = bytes_of(left.data + used, left.len - used)) {
		used = next_point(attribute->tag, left, &point);
		if (point < 0x20 || (point >= 0x7f && point <= 0x9f))
			return true;
	}
	return false;
}

static void
run_control(struct trial *trial)
{
	each_string(trial, has_control, "has a control character");
}

/* What separates fields of some notation: such values were filled in by a program
 * that went wrong, not taken from a register. */
static bool
has_separator(const struct name_attribute *attribute)
{
	if (attribute->id != OID_STATE && attribute->id != OID_LOCALITY)
		return false;
	for (size_t i = 0; i < attribute->value.len; i++)
		if (attribute->value.data[i] != 0 &&
		    strchr("=:{};\"|\\[]", attribute->value.data[i]) != NULL)
			return true;
	return false;
}

static void
run_separator(struct trial *trial)
{
	each_string(trial, has_separator, "has the characters of some notation");
}

/* "&amp;", "&#39;", "&#xe9;" */
static bool
has_entity(const struct name_attribute *attribute)
{
	struct bytes value = attribute->value;

	for (size_t i = 0; i < value.len; i++) {
		size_t at = i + 1, from;

		if (value.data[i] != '&')
			continue;
		if (at < value.len && value.data[at] == '#')
			at++;
		for (from = at; at < value.len &&
		     ((value.data[at] >= '0' && value.data[at] <= '9') ||
			 ((value.data[at] | 0x20) >= 'a' &&
			     (value.data[at] | 0x20) <= 'z'));)
			at++;
		if (at > from && at < value.len && value.data[at] == ';')
			return true;
	}
	return false;
}

static void
run_entity(struct trial *trial)
{
	each_string(trial, has_entity, "has an HTML entity");
}

/* --- mojibake -------------------------------------------------------------------------
 */

/* What Windows-1252 has at 0x80 to 0x9f; 0: nothing. */
static const uint16_t CP1252[32] = {0x20ac, 0, 0x201a, 0x192, 0x201e, 0x2026, 0x2020,
    0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0, 0x17d, 0, 0, 0x2018, 0x2019, 0x201c,
    0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0, 0x17e, 0x178};

/* The second octet of a letter of Latin-1 in UTF-8, read as Windows-1252; but not
 * the no-break space and the soft hyphen, which real text may have there. */
static bool
is_cp1252_rest(uint32_t point)
{
	if (point > 0xa0 && point <= 0xbf)
		return point != 0xad;
	for (size_t i = 0; i < ARRAY_LEN(CP1252); i++)
		if (CP1252[i] != 0 && CP1252[i] == point)
			return true;
	return false;
}

/* Such a letter in a value that is text. */
static bool
has_latin_letter(const struct name_attribute *attribute)
{
	struct bytes left = attribute->value;
	uint32_t before = 0, point;
	size_t used;

	if (type_of(attribute->id) != TYPE_DIRECTORY ||
	    attribute->id == OID_BUSINESS_CATEGORY || is_plain(left))
		return false;
	for (; left.len > 0; left = bytes_of(left.data + used, left.len - used)) {
		used = next_point(attribute->tag, left, &point);
		if (before == 0xc3 && is_cp1252_rest(point))
			return true;
		before = point;
	}
	return false;
}

static void
run_mojibake(struct trial *trial)
{
	each_string(trial, has_latin_letter, "is UTF-8 that was taken for Latin-1");
}

/* How many octets U+0080 to U+00BF follow this one in UTF-8; 0: not looked for. */
static unsigned
rest_of(uint32_t lead)
{
	if (lead == 0xc2 || lead == 0xc3)
		return 1;
	if (lead >= 0xe0 && lead <= 0xef)
		return 2;
	return lead >= 0xf0 && lead <= 0xf4 ? 3 : 0;
}

/* Octets of UTF-8 as so many characters of Latin-1, but for what the rule before
 * has found. */
static bool
has_octets(const struct name_attribute *attribute)
{
	struct bytes left = attribute->value;
	unsigned wanted = 0;
	uint32_t point, lead = 0;
	size_t used;

	if (is_plain(left))
		return false;
	for (; left.len > 0; left = bytes_of(left.data + used, left.len - used)) {
		used = next_point(attribute->tag, left, &point);
		if (wanted > 0 && point >= 0x80 && point <= 0xbf) {
			if (--wanted == 0 && !(lead == 0xc3 && is_cp1252_rest(point)))
				return true;
			continue;
		}
		lead = point;
		wanted = rest_of(point);
	}
	return false;
}

static void
run_octets(struct trial *trial)
{
	each_string(trial, has_octets, "is UTF-8 that was encoded once more");
}

static const struct subrule SUBJECT_ENCODING[] = {
    RULE("type", LEVEL_ERROR, "BR 7.1.4.2", judged_in_tls_scope, run_type,
	.from = DATE(2023, 9, 15),
	.equivalents = "zlint:e_subject_rdns_correct_encoding; "
		       "x509lint:ERR_INVALID_ENCODING"),
    RULE("directory-string", LEVEL_ERROR, "BR 7.1.4.2; RFC 5280 4.1.2.4 SHOULD",
	judged_in_tls_scope, run_directory_string, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.attribute_value_invalid_encoding_type; "
		       "certlint:W: attribute is using deprecated BMPString"),
    RULE("printable", LEVEL_ERROR, "RFC 5280 App. B; X.680 41.4", NULL, run_printable,
	.from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_subject_printable_string_badalpha; "
		       "x509lint:WARN_NON_PRINTABLE_STRING"),
    RULE("utf8", LEVEL_ERROR, "RFC 3629; RFC 5280 4.1.2.4", NULL, run_utf8),
    RULE("control", LEVEL_ERROR, "RFC 5280 App. A", NULL, run_control,
	.equivalents = "zlint:e_subject_dn_not_printable_characters; "
		       "certlint:E: Control character found; "
		       "x509lint:ERR_NON_PRINTABLE"),
    RULE("place", LEVEL_ERROR, "BR 3.2.2.1", judged_in_tls_scope, run_separator,
	.from = DATE(2012, 7, 1),
	.equivalents =
	    "zlint:e_state_or_province_name_must_not_contain_control_characters"),
    RULE("html", LEVEL_WARNING, "BR 3.2.2.1", judged_in_tls_scope, run_entity,
	.flags = RULE_NOT_COUNTED,
	.equivalents = "pkilint:cabf.name.attribute_value_contains_html_entity"),
    RULE("mojibake", LEVEL_WARNING, "RFC 3629", NULL, run_mojibake,
	.flags = RULE_NOT_COUNTED, .equivalents = "zlint:e_utf8_latin1_mixup"),
    RULE("mojibake-octets", LEVEL_WARNING, "RFC 3629", NULL, run_octets,
	.flags = RULE_NOT_COUNTED),
};

static const struct check CHECKS[] = {
    CHECK("subject-encoding", SCOPE_CERTIFICATE,
	"A value of the subject is encoded as it may not be, or was wrongly.",
	SUBJECT_ENCODING),
};

const struct check_family CHECK_NAMES_ENCODING = {"names", CHECKS, ARRAY_LEN(CHECKS)};
