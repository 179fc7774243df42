/* B4: how the two times are written, and how they lie to each other and to the
 * issuer's. */
#include "check_priv.h"

/* --- validity-inverted ----------------------------------------------------------- */

static bool
times_are_readable(const struct judged *it)
{
	return ((it->cert->before.form | it->cert->after.form) & TIME_UNREADABLE) == 0;
}

static void
run_inverted(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;

	if (cert->not_after < cert->not_before)
		evidence_int(trial,
		    trial_fail(trial, cert->validity, "ends before it begins"),
		    "lifetime_s", lifetime_s(trial->it));
}

static const struct subrule VALIDITY_INVERTED[] = {
    RULE("ends-first", LEVEL_ERROR, "RFC 5280 4.1.2.5", times_are_readable, run_inverted,
	.equivalents = "zlint:e_validity_time_not_positive; "
		       "pkilint:pkix.certificate_negative_validity_period; "
		       "certlint:E: Certificate has negative validity length"),
};

/* --- time-encoding ----------------------------------------------------------------- */

static bool
has_tag(const struct judged *it, uint8_t tag)
{
	return it->cert->before.tag == tag || it->cert->after.tag == tag;
}

static bool
has_utc_time(const struct judged *it)
{
	return has_tag(it, DER_UTC_TIME);
}

static bool
has_generalized_time(const struct judged *it)
{
	return has_tag(it, DER_GENERALIZED_TIME);
}

/* Times of that type that have one of the bits of rule->arg. */
static void
look_forms(struct trial *trial, uint8_t tag, const char *what)
{
	const struct der_time *const times[] = {
	    &trial->it->cert->before, &trial->it->cert->after};

	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		if (times[i]->tag == tag &&
		    (times[i]->form & (uint32_t)trial->rule->arg) != 0)
			trial_fail(trial, times[i]->whole, "%s \"%s\" %s",
			    i == 0 ? "notBefore" : "notAfter",
			    trial_show(trial, times[i]->text, 40), what);
}

static void
run_utc_form(struct trial *trial)
{
	look_forms(trial, DER_UTC_TIME, trial->rule->text);
}

static void
run_generalized_form(struct trial *trial)
{
	look_forms(trial, DER_GENERALIZED_TIME, trial->rule->text);
}

static void
run_other_type(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;
	const struct der_time *const times[] = {&cert->before, &cert->after};

	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		if ((times[i]->form & TIME_OTHER_TAG) != 0)
			trial_fail(trial,
			    times[i]->whole.len > 0 ? times[i]->whole : cert->validity,
			    "%s is neither UTCTime nor GeneralizedTime",
			    i == 0 ? "notBefore" : "notAfter");
}

/* What a parser that follows RFC 5280 does not read; pkilint calls it two things. */
#define UTC_SYNTAX                                                                       \
	"pkilint:pkix.utctime_incorrect_syntax; pkilint:pkix.invalid_time_syntax"
#define GENERALIZED_SYNTAX                                                               \
	"pkilint:pkix.generalizedtime_incorrect_syntax; "                                \
	"pkilint:pkix.invalid_time_syntax"

static const struct subrule TIME_ENCODING[] = {
    RULE("utc-seconds", LEVEL_ERROR, "RFC 5280 4.1.2.5.1", has_utc_time, run_utc_form,
	.arg = TIME_NO_SECONDS, .text = "has no seconds", .from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_utc_time_does_not_include_seconds; " UTC_SYNTAX
		       "; certlint:E: UTCTime without seconds"),
    RULE("utc-zone", LEVEL_ERROR, "RFC 5280 4.1.2.5.1", has_utc_time, run_utc_form,
	.arg = TIME_OFFSET | TIME_NO_ZONE, .text = "does not end in Z",
	.from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_utc_time_not_in_zulu; " UTC_SYNTAX
		       "; certlint:E: Time not in Zulu/GMT"),
    RULE("utc-syntax", LEVEL_ERROR, "RFC 5280 4.1.2.5.1", has_utc_time, run_utc_form,
	.arg = TIME_FRACTION | TIME_JUNK | TIME_UNREADABLE, .text = "is no UTCTime",
	.equivalents = UTC_SYNTAX "; x509lint:ERR_INVALID_TIME_FORMAT"),
    RULE("generalized-seconds", LEVEL_ERROR, "RFC 5280 4.1.2.5.2", has_generalized_time,
	run_generalized_form, .arg = TIME_NO_SECONDS, .text = "has no seconds",
	.from = DATE(1999, 1, 1),
	.equivalents =
	    "zlint:e_generalized_time_does_not_include_seconds; " GENERALIZED_SYNTAX),
    RULE("generalized-zone", LEVEL_ERROR, "RFC 5280 4.1.2.5.2", has_generalized_time,
	run_generalized_form, .arg = TIME_OFFSET | TIME_NO_ZONE,
	.text = "does not end in Z", .from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_generalized_time_not_in_zulu; " GENERALIZED_SYNTAX
		       "; certlint:E: Time not in Zulu/GMT"),
    RULE("generalized-fraction", LEVEL_ERROR, "RFC 5280 4.1.2.5.2", has_generalized_time,
	run_generalized_form, .arg = TIME_FRACTION, .text = "has a fraction",
	.from = DATE(1999, 1, 1),
	.equivalents =
	    "zlint:e_generalized_time_includes_fraction_seconds; " GENERALIZED_SYNTAX),
    RULE("generalized-syntax", LEVEL_ERROR, "RFC 5280 4.1.2.5.2", has_generalized_time,
	run_generalized_form, .arg = TIME_JUNK | TIME_UNREADABLE,
	.text = "is no GeneralizedTime",
	.equivalents = GENERALIZED_SYNTAX "; x509lint:ERR_INVALID_TIME_FORMAT"),
    RULE("generalized-early", LEVEL_ERROR, "RFC 5280 4.1.2.5", NULL, run_generalized_form,
	.arg = TIME_WRONG_TYPE, .text = "is a GeneralizedTime before 2050",
	.from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_wrong_time_format_pre2050; "
		       "pkilint:pkix.wrong_time_useful_type; "
		       "certlint:E: Generalized Time before 2050"),
    RULE("other-type", LEVEL_ERROR, "RFC 5280 4.1.2.5", NULL, run_other_type),
};

/* --- validity-outside-issuer ----------------------------------------------------------
 */

/* More than an issuer's key ever had; with so many, no bound is sure. */
#define ISSUERS_MAX 64

/* Who signs himself has no issuer to outlive. */
static bool
has_verified_issuer(const struct judged *it)
{
	return it->issuer_key_hash != NULL && it->signature == SIGNATURE_VERIFIED &&
	    !it->self_signed && times_are_readable(it);
}

struct issuer_span {
	int64_t not_before, not_after;
	size_t count;
};

/* The earliest and the latest second of all CA certificates of the issuer's key that
 * are known; false: of none, or not of all. */
static bool
span_of_issuers(struct trial *trial, struct issuer_span *out)
{
	struct history_ca found[ISSUERS_MAX];
	struct sha256 self;
	struct cert cert;
	size_t count;

	*out = (struct issuer_span){.not_before = INT64_MAX, .not_after = INT64_MIN};
	sha256_of(trial->it->der, &self);
	count = trial->history->ca_by_key(trial->history->owner,
	    trial->it->issuer_key_hash, self.octets, found, ARRAY_LEN(found));
	for (size_t i = 0; i < count; i++) {
		if (!cert_parse(found[i].der, &cert) ||
		    ((cert.before.form | cert.after.form) & TIME_UNREADABLE) != 0)
			continue;
		out->count++;
		if (cert.not_before < out->not_before)
			out->not_before = cert.not_before;
		if (cert.not_after > out->not_after)
			out->not_after = cert.not_after;
	}
	return out->count > 0 && count < ARRAY_LEN(found);
}

static void
describe_span(
    struct trial *trial, struct finding *finding, const struct issuer_span *issuers)
{
	evidence_int(trial, finding, "issuer_certificates", (int64_t)issuers->count);
	evidence_time(trial, finding, "issuers_not_before", issuers->not_before * 1000);
	evidence_time(trial, finding, "issuers_not_after", issuers->not_after * 1000);
}

static void
run_begins_before(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;
	struct issuer_span issuers;

	if (!span_of_issuers(trial, &issuers))
		trial_not_applicable(trial);
	else if (cert->not_before < issuers.not_before)
		describe_span(trial,
		    trial_fail(trial, cert->before.whole,
			"begins before any known certificate of its issuer"),
		    &issuers);
}

static void
run_ends_after(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;
	struct issuer_span issuers;

	if (!span_of_issuers(trial, &issuers))
		trial_not_applicable(trial);
	else if (cert->not_after > issuers.not_after)
		describe_span(trial,
		    trial_fail(trial, cert->after.whole,
			"ends after every known certificate of its issuer"),
		    &issuers);
}

static const struct subrule VALIDITY_OUTSIDE_ISSUER[] = {
    RULE("begins-before", LEVEL_WARNING, "RFC 5280 6.1 (a clue to backdating)",
	has_verified_issuer, run_begins_before),
    RULE("ends-after", LEVEL_NOTICE, "RFC 5280 6.1", has_verified_issuer, run_ends_after,
	.flags = RULE_NOT_COUNTED),
};

static const struct check CHECKS[] = {
    CHECK("validity-inverted", SCOPE_CERTIFICATE,
	"The certificate ends before it begins.", VALIDITY_INVERTED),
    CHECK("time-encoding", SCOPE_CERTIFICATE,
	"notBefore or notAfter is not written as it has to be.", TIME_ENCODING),
    {
	.id = "validity-outside-issuer",
	.version = 1,
	.scope = SCOPE_PAIR,
	.says = "The certificate begins before its issuer did, or outlives it.",
	.history = HISTORY_CA_BY_KEY,
	.subrules = VALIDITY_OUTSIDE_ISSUER,
	.subrule_count = ARRAY_LEN(VALIDITY_OUTSIDE_ISSUER),
    },
};

const struct check_family CHECK_VALIDITY_TIME = {"validity", CHECKS, ARRAY_LEN(CHECKS)};
