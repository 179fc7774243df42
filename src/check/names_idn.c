/* B3: internationalized names: what stands behind xn--. */
#include "names_priv.h"

#include <idn2.h>

#include "x509/punycode.h"

/* What IDNA2008 makes of a decoded label. */
enum u_label { U_LABEL_GOOD, U_LABEL_NOT_NFC, U_LABEL_NOT_IDNA };

struct decoded {
	char text[PUNYCODE_UTF8_ROOM];
	size_t len;
};

static bool
is_ascii(const struct decoded *decoded)
{
	for (size_t i = 0; i < decoded->len; i++)
		if ((uint8_t)decoded->text[i] >= 0x80)
			return false;
	return true;
}

/* libidn2's tests of a label begin with the normalisation; it takes text that ends
 * at a NUL, and a hyphen anywhere. */
static enum u_label
look_up(const struct decoded *decoded, const char **why)
{
	uint8_t *ascii = NULL;
	int rc;

	if (is_ascii(decoded))
		*why = "it decodes to ASCII alone";
	else if (memchr(decoded->text, 0, decoded->len) != NULL)
		*why = "it decodes to a NUL";
	else if (decoded->text[0] == '-' || decoded->text[decoded->len - 1] == '-')
		*why = "it decodes to a hyphen at an edge";
	else
		*why = NULL;
	if (*why != NULL)
		return U_LABEL_NOT_IDNA;
	rc = idn2_lookup_u8((const uint8_t *)decoded->text, &ascii, IDN2_NO_TR46);
	idn2_free(ascii);
	*why = idn2_strerror(rc);
	if (rc == IDN2_OK)
		return U_LABEL_GOOD;
	return rc == IDN2_NOT_NFC ? U_LABEL_NOT_NFC : U_LABEL_NOT_IDNA;
}

/* --- dns-idn-invalid ---------------------------------------------------------------- */

static void
fail_label(struct trial *trial, struct bytes label, const struct decoded *decoded,
    const char *says)
{
	struct finding *finding = trial_fail(
	    trial, label, "label \"%s\" %s", trial_show(trial, label, 70), says);

	if (decoded != NULL)
		evidence_bytes(
		    trial, finding, "decoded", bytes_of(decoded->text, decoded->len));
}

/* decoded is NULL where the label does not decode. */
typedef void look_at_label_fn(
    struct trial *, struct bytes label, const struct decoded *decoded);

/* False when one did not decode. */
static bool
each_in_name(struct trial *trial, struct bytes name, look_at_label_fn *look)
{
	bool done = false, all = true, good;
	struct decoded decoded;
	struct bytes label;

	while (name_next_label(&name, &done, &label)) {
		if (!label_is_a_label(label))
			continue;
		good = punycode_decode(
		    bytes_of(label.data + 4, label.len - 4), decoded.text, &decoded.len);
		look(trial, label, good ? &decoded : NULL);
		all &= good;
	}
	return all;
}

static bool
each_a_label(struct trial *trial, look_at_label_fn *look)
{
	const struct fact_name *fact;
	bool all = true;
	size_t at = 0;

	while ((fact = name_next_marked(trial->it->facts, NAME_A_LABEL, &at)) != NULL)
		all &= each_in_name(trial, fact->name.value, look);
	return all;
}

/* A text has one form in Punycode (its integers have one each, and a hyphen with nothing
 * before it is refused): what decodes is what it would be encoded to, but for case. */
static void
look_at_encoding(struct trial *trial, struct bytes label, const struct decoded *decoded)
{
	if (decoded == NULL)
		fail_label(trial, label, NULL, "is no Punycode");
}

static void
look_at_form(struct trial *trial, struct bytes label, const struct decoded *decoded)
{
	const char *why;

	if (decoded != NULL && decoded->len > 0 &&
	    look_up(decoded, &why) == U_LABEL_NOT_NFC)
		fail_label(trial, label, decoded, "is not in normalization form C");
}

static void
look_at_idna(struct trial *trial, struct bytes label, const struct decoded *decoded)
{
	const char *why;

	if (decoded == NULL || decoded->len == 0 ||
	    look_up(decoded, &why) != U_LABEL_NOT_IDNA)
		return;
	evidence_text(trial,
	    trial_fail(trial, label, "label \"%s\" is none of IDNA2008's: %s",
		trial_show(trial, label, 70), why),
	    "reason", why);
}

static void
run_punycode(struct trial *trial)
{
	(void)each_a_label(trial, look_at_encoding);
}

static void
run_form(struct trial *trial)
{
	if (!each_a_label(trial, look_at_form) && !trial->failed)
		trial_not_applicable(trial);
}

static void
run_idna(struct trial *trial)
{
	(void)each_a_label(trial, look_at_idna);
}

/* A commonName that was meant as a host's: no space, and a known domain at its end. */
static void
run_common_name(struct trial *trial)
{
	struct bytes name = trial->it->facts->common_name.name.value;
	bool high = false;

	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] <= ' ')
			return;
		high |= name.data[i] >= 0x80;
	}
	if (high && memchr(name.data, '.', name.len) != NULL &&
	    dns_tld_delegated(trial->it->params, name, INT64_MAX))
		fail_name(
		    trial, name, "is a host's name that is not encoded for the DNS");
}

static const struct subrule DNS_IDN_INVALID[] = {
    RULE("punycode", LEVEL_ERROR, "RFC 3492; RFC 3490; BR 1.6.1 P-Label", has_san,
	run_punycode, .from = DATE(2003, 3, 1),
	.equivalents = "zlint:e_international_dns_name_not_unicode; "
		       "pkilint:cabf.serverauth.invalid_plabel_encoding; "
		       "certlint:W: Bad IDN A-label in DNS Name"),
    RULE("form", LEVEL_ERROR, "RFC 8399 2.2; RFC 5891 4.1.1", has_san, run_form,
	.from = DATE(2018, 5, 1),
	.equivalents = "zlint:e_international_dns_name_not_nfc; "
		       "certlint:E: Internationalized domain names must be in unicode "
		       "normalization form C"),
    RULE("idna2008", LEVEL_WARNING, "RFC 5891 4.2, 5892, 5893; not asked for by the BR",
	has_san, run_idna, .from = DATE(2010, 8, 1), .flags = RULE_NOT_COUNTED),
    RULE("common-name", LEVEL_ERROR, "BR 7.1.4.2.2(a), 7.1.4.3", is_tls_host_subscriber,
	run_common_name, .from = DATE(2012, 7, 1),
	.equivalents = "certlint:W: commonNames contains U-labels"),
};

static const struct check CHECKS[] = {
    CHECK("dns-idn-invalid", SCOPE_CERTIFICATE,
	"An internationalized name is not encoded as it has to be.", DNS_IDN_INVALID,
	.data = DATA(TLDS) | DATA(PSL)),
};

const struct check_family CHECK_NAMES_IDN = {"names", CHECKS, ARRAY_LEN(CHECKS)};
