/* B11: the subject's attributes. */
#include "check_priv.h"

/* --- subject-attr-limits -------------------------------------------------------------
 */

static bool
has_serial_number(const struct judged *it)
{
	const struct name_attribute *attribute;
	size_t at = 0;

	while ((attribute = subject_next(it->facts, OID_SERIAL_NUMBER, &at)) != NULL)
		if (attribute->value.len > 0)
			return true;
	return false;
}

static void
run_serial_number_type(struct trial *trial)
{
	const struct name_attribute *attribute;
	size_t at = 0;

	while (
	    (attribute = subject_next(trial->it->facts, OID_SERIAL_NUMBER, &at)) != NULL)
		if (attribute->tag != DER_PRINTABLE_STRING)
			trial_fail(trial, attribute->whole,
			    "the subject's serialNumber is no PrintableString");
}

static void
run_not_dn(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;
	struct name_attribute attribute;
	struct name_iter names;
	uint32_t flaws = cert->faults[CERT_SUBJECT].flaws & (FLAW_MISSING | FLAW_TAG);

	name_begin(cert->subject, &names);
	while (name_next(&names, &attribute))
		flaws |= attribute.flaws & (FLAW_MISSING | FLAW_TAG);
	flaws |= names.flaws & (FLAW_MISSING | FLAW_TAG | FLAW_CUT);
	if (flaws != 0)
		trial_fail(trial, cert->subject,
		    "the subject is no distinguished name: %s", der_flaw_text(flaws));
}

static bool
is_word(uint8_t octet)
{
	return (octet >= '0' && octet <= '9') ||
	    ((octet | 0x20) >= 'a' && (octet | 0x20) <= 'z');
}

/* "&amp;", "&#233;", "&#xe9;": what a page's form made of a name. */
static bool
has_entity(struct bytes text)
{
	const uint8_t *at = text.data, *end = text.data + text.len;

	while (at < end && (at = memchr(at, '&', (size_t)(end - at))) != NULL) {
		const uint8_t *name = ++at;

		if (name < end && *name == '#')
			name++;
		at = name;
		while (at < end && is_word(*at))
			at++;
		if (at > name && at < end && *at == ';')
			return true;
		at = name;
	}
	return false;
}

static bool
attribute_has_entity(const struct name_attribute *attribute)
{
	struct buf wide;
	bool has;

	if (attribute->tag != DER_BMP_STRING && attribute->tag != DER_UNIVERSAL_STRING)
		return has_entity(attribute->value);
	buf_init(&wide, 1 << 16);
	has = string_append_utf8(&wide, attribute->tag, attribute->value) &&
	    has_entity(buf_bytes(&wide));
	buf_free(&wide);
	return has;
}

static void
run_html_entity(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->subject_count; i++)
		if (attribute_has_entity(&facts->subject[i]))
			trial_fail(trial, facts->subject[i].whole,
			    "the subject has an HTML entity: \"%s\"",
			    trial_show(trial, facts->subject[i].value, 100));
}

/* arg: the attribute. */
static void
run_name_length(struct trial *trial)
{
	enum oid type = (enum oid)trial->rule->arg;
	const struct name_attribute *attribute;
	size_t at = 0, length;

	while ((attribute = subject_next(trial->it->facts, type, &at)) != NULL) {
		length = string_length(attribute->tag, attribute->value);
		if (length > (size_t)rule_limit(trial, 0))
			trial_fail(trial, attribute->whole,
			    "the subject's %s has %zu characters, over %lld",
			    oid_long_name(type), length, (long long)rule_limit(trial, 0));
	}
}

#define UB_COMMON_NAME LIMITS({"characters", 64}) /* of X.411 */

static const struct subrule SUBJECT_ATTR_LIMITS[] = {
    RULE("serial-number-type", LEVEL_ERROR, "RFC 5280 App. A", has_serial_number,
	run_serial_number_type,
	.equivalents = "zlint:e_subject_dn_serial_number_not_printable_string"),
    RULE("not-dn", LEVEL_ERROR, "RFC 5280 4.1.2.6", NULL, run_not_dn,
	.from = DATE(1999, 1, 1), .equivalents = "zlint:e_subject_not_dn"),
    RULE("html-entity", LEVEL_ERROR, "BR 7.1.4.2 (verified values)", NULL,
	run_html_entity, .equivalents = "zlint:e_subj_contains_html_entities"),
    RULE("given-name-length", LEVEL_WARNING, "ITU-T X.411 Annex B", has_given_name,
	run_name_length, .arg = OID_GIVEN_NAME, UB_COMMON_NAME, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:w_subject_given_name_recommended_max_length"),
    RULE("surname-length", LEVEL_WARNING, "ITU-T X.411 Annex B", has_surname,
	run_name_length, .arg = OID_SURNAME, UB_COMMON_NAME, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:w_subject_surname_recommended_max_length"),
};

/* --- subject-email-not-in-san --------------------------------------------------------
 */

static bool
has_email(const struct judged *it)
{
	return subject_has(it->facts, OID_EMAIL_ADDRESS);
}

static bool
san_has_email(const struct judged_facts *facts, struct bytes email)
{
	for (size_t i = 0; i < facts->name_count; i++)
		if (facts->names[i].name.kind == GENERAL_EMAIL &&
		    bytes_equal(facts->names[i].name.value, email))
			return true;
	return false;
}

/* So that hostile lists cannot be multiplied with each other. */
#define EMAILS_COMPARED 64

static void
run_email(struct trial *trial)
{
	const struct name_attribute *attribute;
	size_t at = 0, count = 0;

	while (count++ < EMAILS_COMPARED &&
	    (attribute = subject_next(trial->it->facts, OID_EMAIL_ADDRESS, &at)) != NULL)
		if (!san_has_email(trial->it->facts, attribute->value))
			trial_fail(trial, attribute->whole,
			    "\"%s\" of the subject is no rfc822Name of subjectAltName",
			    trial_show(trial, attribute->value, 100));
}

static const struct subrule SUBJECT_EMAIL[] = {
    RULE("absent", LEVEL_ERROR, "RFC 5280 4.1.2.6", has_email, run_email,
	.from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_subj_email_not_in_san; "
		       "pkilint:pkix.subject_email_address_not_in_san"),
};

static const struct check CHECKS[] = {
    CHECK("subject-attr-limits", SCOPE_CERTIFICATE,
	"An attribute of the subject has a form that it must not have.",
	SUBJECT_ATTR_LIMITS),
    CHECK("subject-email-not-in-san", SCOPE_CERTIFICATE,
	"An e-mail address stands in the subject and not among the names.",
	SUBJECT_EMAIL),
};

const struct check_family CHECK_RFC5280_SUBJECT = {"rfc5280", CHECKS, ARRAY_LEN(CHECKS)};
