/* B3: the subjectAltName as a whole, and the commonName beside it. */
#include "names_priv.h"

#include <stdlib.h>

/* --- cn-present ---------------------------------------------------------------- */

static bool
is_not_ev_profile(const struct judged *it)
{
	return judged_is_tls_subscriber(it) && !is_ev_profile(it);
}

static bool
is_no_profile(const struct judged *it)
{
	return judged_is_tls_subscriber(it) && !is_dv_profile(it) && !is_ov_profile(it) &&
	    !is_iv_profile(it) && !is_ev_profile(it);
}

static void
run_cn_present(struct trial *trial)
{
	struct bytes name = trial->it->facts->common_name.name.value;

	if (name.len > 0 && subject_attribute(trial->it, OID_COMMON_NAME) != NULL)
		trial_fail(
		    trial, name, "commonName \"%s\"", trial_show(trial, name, 100));
}

#define CN_PROFILE(name_, applies_, code)                                                \
	RULE(name_, LEVEL_NOTICE, "BR 7.1.2.7.2 to 7.1.2.7.4 NOT RECOMMENDED", applies_, \
	    run_cn_present, .from = DATE(2023, 9, 15),                                   \
	    .flags = RULE_OFF | RULE_NOT_COUNTED,                                        \
	    .equivalents = "zlint:w_subject_common_name_included; pkilint:" code         \
			   ".common_name_attribute_present; x509lint:INF_SUBJECT_CN")

static const struct subrule CN_PRESENT[] = {
    RULE("before", LEVEL_NOTICE, "BR 7.1.4.2.2(a) deprecated", judged_is_tls_leaf,
	run_cn_present, .from = DATE(2012, 7, 1), .until = DATE(2023, 9, 15),
	.flags = RULE_OFF | RULE_NOT_COUNTED | RULE_WINDOW | RULE_PAST,
	.equivalents = "zlint:n_subject_common_name_included"),
    CN_PROFILE("dv", is_dv_profile, "cabf.serverauth.dv"),
    CN_PROFILE("ov", is_ov_profile, "cabf.serverauth.ov"),
    CN_PROFILE("iv", is_iv_profile, "cabf.serverauth.iv"),
    CN_PROFILE("ev", is_ev_profile, "cabf.ev_guidelines"),
    RULE("other", LEVEL_NOTICE, "BR 7.1.2.7.2 NOT RECOMMENDED", is_no_profile,
	run_cn_present, .from = DATE(2023, 9, 15), .flags = RULE_OFF | RULE_NOT_COUNTED,
	.equivalents = "zlint:w_subject_common_name_included"),
};

/* --- san-missing ------------------------------------------------------------------ */

static bool
is_empty_sequence(struct bytes value)
{
	return value.len == 2 && value.data[0] == DER_SEQUENCE && value.data[1] == 0;
}

static void
run_san_empty(struct trial *trial)
{
	if (is_empty_sequence(trial->it->facts->san_at->value))
		trial_fail(trial, trial->it->facts->san_at->whole,
		    "subjectAltName without a name");
}

static void
run_empty_name(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->name_count; i++)
		if (facts->names[i].name.value.len == 0)
			trial_fail(trial, facts->names[i].name.whole,
			    "an empty name in subjectAltName");
}

static void
run_no_subject(struct trial *trial)
{
	if (trial->it->facts->subject_count == 0 && !has_san(trial->it))
		trial_fail(trial, trial->it->cert->subject,
		    "neither a subject nor a subjectAltName");
}

static void
run_no_host(struct trial *trial)
{
	unsigned kinds = trial->it->facts->name_kinds;

	if ((kinds & (1u << GENERAL_DNS | 1u << GENERAL_IP)) == 0)
		trial_fail(trial, trial->it->facts->san_at->whole,
		    "subjectAltName without a dNSName or iPAddress");
}

bool
is_tls_subscriber_with_san(const struct judged *it)
{
	return judged_is_tls_subscriber(it) && has_san(it);
}

static const struct subrule SAN_MISSING[] = {
    RULE("absent", LEVEL_ERROR, "BR 7.1.4.2.1, 7.1.2.7.6; MRSP 5.2", is_extended_leaf,
	rule_ext_absent, .arg = OID_SUBJECT_ALT_NAME, .from = DATE(2012, 7, 1),
	.equivalents =
	    "zlint:e_ext_san_missing; "
	    "pkilint:cabf.serverauth.subscriber.subject_altname_extension_absent; "
	    "certlint:E: BR certificates must have subject alternative names extension; "
	    "x509lint:ERR_NO_SUBJECT_ALT_NAME"),
    RULE("empty", LEVEL_ERROR, "RFC 5280 4.2.1.6", has_san, run_san_empty,
	.from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_ext_san_no_entries; x509lint:ERR_SAN_EMPTY"),
    RULE("empty-name", LEVEL_ERROR, "RFC 5280 4.2.1.6", has_san, run_empty_name,
	.from = DATE(1999, 1, 1), .equivalents = "zlint:e_ext_san_empty_name"),
    RULE("no-subject", LEVEL_ERROR, "RFC 5280 4.1.2.6, 4.2.1.6", NULL, run_no_subject,
	.from = DATE(1999, 1, 1), .equivalents = "zlint:e_subject_empty_without_san"),
    RULE("no-host", LEVEL_ERROR, "BR 7.1.4.2.1, 7.1.2.7.12", is_tls_subscriber_with_san,
	run_no_host, .from = DATE(2012, 7, 1)),
};

/* --- san-name-type ------------------------------------------------------------------ */

static const char *
kind_name(enum general_name_kind kind)
{
	static const char *const NAMES[] = {"otherName", "rfc822Name", "dNSName",
	    "x400Address", "directoryName", "ediPartyName", "uniformResourceIdentifier",
	    "iPAddress", "registeredID", "name of an unknown kind"};

	return NAMES[kind];
}

/* kinds: 1 << enum general_name_kind, or'ed. */
static void
fail_kinds(struct trial *trial, unsigned kinds)
{
	const struct judged_facts *facts = trial->it->facts;

	if ((facts->name_kinds & kinds) == 0)
		return;
	for (size_t i = 0; i < facts->name_count; i++)
		if ((kinds & (1u << facts->names[i].name.kind)) != 0)
			trial_fail(trial, facts->names[i].name.whole,
			    "subjectAltName with a %s",
			    kind_name(facts->names[i].name.kind));
}

/* arg: the kind. */
static void
run_kind(struct trial *trial)
{
	fail_kinds(trial, 1u << trial->rule->arg);
}

/* arg: the kinds that may stand there, as bits. */
static void
run_other_kinds(struct trial *trial)
{
	fail_kinds(trial, ~(unsigned)trial->rule->arg);
}

static void
run_address_length(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	for (size_t i = 0; i < facts->name_count; i++) {
		const struct general_name *name = &facts->names[i].name;

		if (name->kind == GENERAL_IP && name->value.len != 4 &&
		    name->value.len != 16)
			trial_fail(trial, name->whole, "an iPAddress of %zu octets",
			    name->value.len);
	}
}

#define KIND(name_, kind, equivalents_)                                                  \
	RULE(name_, LEVEL_ERROR, "BR 7.1.4.2.1, 7.1.2.7.12", has_tls_san, run_kind,      \
	    .arg = kind, .from = DATE(2012, 7, 1),                                       \
	    .equivalents = "zlint:" equivalents_ "; x509lint:ERR_SAN_TYPE")

static const struct subrule SAN_NAME_TYPE[] = {
    KIND("directory", GENERAL_DIRECTORY, "e_ext_san_directory_name_present"),
    KIND("edi-party", GENERAL_EDI_PARTY, "e_ext_san_edi_party_name_present"),
    KIND("other-name", GENERAL_OTHER, "e_ext_san_other_name_present"),
    KIND("registered-id", GENERAL_REGISTERED_ID, "e_ext_san_registered_id_present"),
    KIND("email", GENERAL_EMAIL, "e_ext_san_rfc822_name_present"),
    KIND("uri", GENERAL_URI, "e_ext_san_uniform_resource_identifier_present"),
    RULE("x400", LEVEL_ERROR, "BR 7.1.4.2.1, 7.1.2.7.12", has_tls_san, run_kind,
	.arg = GENERAL_X400, .from = DATE(2012, 7, 1)),
    RULE("ev-address", LEVEL_ERROR, "EVG 9.8.1, 7.1.2.7", is_ev, run_kind,
	.arg = GENERAL_IP, .equivalents = "zlint:e_ev_san_ip_address_present"),
    RULE("profile", LEVEL_ERROR, "BR 7.1.2.7.12", is_not_ev_profile, run_other_kinds,
	.arg = 1u << GENERAL_DNS | 1u << GENERAL_IP, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.serverauth.prohibited_san_type; "
		       "certlint:E: BR certificates must not contain this type of "
		       "alternative name"),
    RULE("ev-profile", LEVEL_ERROR, "EVG 9.8.1, 7.1.2.7", is_ev_profile, run_other_kinds,
	.arg = 1u << GENERAL_DNS, .from = DATE(2023, 9, 15),
	.equivalents = "pkilint:cabf.ev_guidelines.prohibited_san_type"),
    RULE("address-length", LEVEL_ERROR, "RFC 5280 4.2.1.6", has_san, run_address_length,
	.equivalents = "x509lint:ERR_IP_FAMILY"),
};

/* --- san-criticality ---------------------------------------------------------------- */

static void
run_critical(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	if (facts->san_at->critical && facts->subject_count > 0)
		trial_fail(trial, facts->san_at->whole,
		    "subjectAltName is critical beside a subject");
}

static void
run_not_critical(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	if (!facts->san_at->critical && facts->subject_count == 0)
		trial_fail(trial, facts->san_at->whole,
		    "subjectAltName is not critical, and there is no subject");
}

/* The one is RFC 5280's SHOULD, until the BR made it a MUST; the other was always its
 * MUST. */
static const struct subrule SAN_CRITICALITY[] = {
    RULE("critical", LEVEL_WARNING, "RFC 5280 4.2.1.6 SHOULD", has_tls_san, run_critical,
	.from = DATE(2008, 5, 1), .flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:w_ext_san_critical_with_subject_dn; "
		       "pkilint:pkix.san_extension_is_critical_non_empty_subject"),
    RULE("critical-br", LEVEL_ERROR, "BR 7.1.2.7.12", is_tls_subscriber_with_san,
	run_critical, .from = DATE(2023, 9, 15)),
    RULE("not-critical", LEVEL_ERROR, "RFC 5280 4.2.1.6; BR 7.1.2.7.12", has_san,
	run_not_critical, .from = DATE(1999, 1, 1),
	.equivalents = "zlint:e_ext_san_not_critical_without_subject; "
		       "pkilint:pkix.san_extension_not_critical_empty_subject; "
		       "x509lint:ERR_SAN_NOT_CRITICAL"),
};

/* --- san-duplicate -------------------------------------------------------------------
 */

static int
compare_fold(const void *a, const void *b)
{
	const struct bytes x = *(const struct bytes *)a, y = *(const struct bytes *)b;
	int order = (x.len > y.len) - (x.len < y.len);

	for (size_t i = 0; order == 0 && i < x.len; i++)
		order = (int)ascii_lower(x.data[i]) - (int)ascii_lower(y.data[i]);
	return order;
}

/* arg: the kind. Sorted, so that thousands of names cost no square. */
static void
run_duplicate(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;
	struct bytes few[16], *names = few;
	size_t count = 0;

	if (facts->name_count < 2)
		return;
	if (facts->name_count > ARRAY_LEN(few))
		names =
		    arena_alloc(trial->out->arena, facts->name_count * sizeof(*names));
	for (size_t i = 0; i < facts->name_count; i++)
		if ((int64_t)facts->names[i].name.kind == trial->rule->arg)
			names[count++] = facts->names[i].name.value;
	qsort(names, count, sizeof(*names), compare_fold);
	for (size_t i = 1; i < count; i++)
		if (compare_fold(&names[i - 1], &names[i]) == 0)
			trial_fail(trial, names[i], "%s stands twice in subjectAltName",
			    trial->rule->arg == GENERAL_DNS
				? trial_show(trial, names[i], 100)
				: "an iPAddress");
}

static const struct subrule SAN_DUPLICATE[] = {
    RULE("dns", LEVEL_NOTICE, "community", has_san, run_duplicate, .arg = GENERAL_DNS,
	.flags = RULE_NOT_COUNTED,
	.equivalents = "zlint:n_san_dns_name_duplicate; "
		       "certlint:W: Duplicate SAN entry; x509lint:WARN_DUPLICATE_SAN"),
    RULE("address", LEVEL_NOTICE, "community", has_san, run_duplicate, .arg = GENERAL_IP,
	.flags = RULE_NOT_COUNTED, .equivalents = "certlint:W: Duplicate SAN entry"),
};

static const struct check CHECKS[] = {
    CHECK("cn-present", SCOPE_CERTIFICATE,
	"The subject has a commonName, which is no longer recommended.", CN_PRESENT),
    CHECK("san-missing", SCOPE_CERTIFICATE,
	"No subjectAltName, or none that names a host.", SAN_MISSING),
    CHECK("san-name-type", SCOPE_CERTIFICATE,
	"The subjectAltName holds names that are neither dNSName nor iPAddress.",
	SAN_NAME_TYPE),
    CHECK("san-criticality", SCOPE_CERTIFICATE,
	"The subjectAltName has to be critical exactly when the subject is empty.",
	SAN_CRITICALITY),
    CHECK("san-duplicate", SCOPE_CERTIFICATE, "A name stands twice in subjectAltName.",
	SAN_DUPLICATE),
};

const struct check_family CHECK_NAMES_SAN = {"names", CHECKS, ARRAY_LEN(CHECKS)};
