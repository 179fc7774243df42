/* B8: a CA certificate's name and policies, for the table of ca-profile. */
#include "hierarchy.h"

/* --- the subject ------------------------------------------------------------------- */

void
rule_ca_subject_empty(struct trial *trial)
{
	if (name_is_empty(trial->it->cert->subject))
		trial_fail(trial, trial->it->cert->subject, "a CA without a name");
}

/* arg: the attribute; an empty value is none. */
void
rule_ca_lacks(struct trial *trial)
{
	const struct name_attribute *attribute;
	enum oid type = (enum oid)trial->rule->arg;
	size_t at = 0;

	while ((attribute = subject_next(trial->it->facts, type, &at)) != NULL)
		if (attribute->value.len > 0 && !is_overlooked(trial->it, attribute))
			return;
	trial_fail(trial, trial->it->cert->subject, "a CA's subject without %s",
	    oid_long_name(type));
}

static bool
is_attribute_of_cas(enum oid id)
{
	static const enum oid KNOWN[] = {OID_COUNTRY, OID_STATE, OID_LOCALITY,
	    OID_POSTAL_CODE, OID_STREET, OID_ORGANIZATION, OID_COMMON_NAME,
	    OID_ORGANIZATIONAL_UNIT};

	for (size_t i = 0; i < ARRAY_LEN(KNOWN); i++)
		if (KNOWN[i] == id)
			return true;
	return false;
}

void
rule_ca_attribute_unknown(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;
	struct buf name;

	for (size_t i = 0; i < facts->subject_count; i++) {
		if (is_attribute_of_cas(facts->subject[i].id) ||
		    is_overlooked(trial->it, &facts->subject[i]))
			continue;
		buf_init(&name, 1 << 16);
		oid_append_name(&name, facts->subject[i].oid);
		trial_fail(trial, facts->subject[i].whole,
		    "%.100s is no attribute of a CA's name", buf_text(&name));
		buf_free(&name);
	}
}

/* Its own issuer by what the names say, and not by their bytes. */
void
rule_root_names(struct trial *trial)
{
	const struct cert *cert = trial->it->cert;

	if (!bytes_equal(cert->subject, cert->issuer) &&
	    name_equal(cert->subject, cert->issuer))
		trial_fail(
		    trial, cert->issuer, "a root's issuer and subject differ in bytes");
}

/* --- policies --------------------------------------------------------------------------
 */

bool
is_policy_restricted(const struct judged *it)
{
	bool in_profile =
	    it->dates == DATES_NONE ? is_ca_profile(it) : is_sub_profile(it);

	return in_profile && (it->facts->policies & POLICY_ANY) == 0;
}

static void
fail_policies(struct trial *trial, const char *what)
{
	const struct extension *at = trial->it->facts->policies_at;

	trial_fail(trial, at != NULL ? at->value : bytes_of(NULL, 0), "%s", what);
}

/* BR 7.1.2.10.5 as one rule: anyPolicy alone, or a reserved policy and others. */
void
rule_ca_policies(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;
	bool any = (facts->policies & POLICY_ANY) != 0;

	if (facts->policies_at == NULL)
		fail_policies(trial, "no certificate policies");
	else if (facts->policy_count > 1 && any)
		fail_policies(trial, "anyPolicy beside other policies");
	else if (!any && facts->reserved_count == 0)
		fail_policies(trial, "no policy that says DV, OV, IV or EV");
}

/* The linter without dates counts each policy once, and stops at those of a CA that
 * is not for TLS. */
void
rule_ca_policies_several(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;
	size_t count = facts->reserved_count;

	if (trial->it->dates == DATES_NONE)
		count = is_non_tls_ca(trial->it)
		    ? 0
		    : (size_t)__builtin_popcount(facts->policies & POLICY_RESERVED);
	if (count > 1)
		fail_policies(trial, "more than one policy that says DV, OV, IV or EV");
}

void
rule_ca_policies_any(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	if ((facts->policies & POLICY_ANY) != 0 && facts->policy_count > 1)
		fail_policies(trial, "anyPolicy beside other policies");
}

void
rule_ca_policies_none(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	if (facts->policies_at == NULL || is_non_tls_ca(trial->it))
		trial_not_applicable(trial);
	else if ((facts->policies & (POLICY_ANY | POLICY_RESERVED)) == 0)
		fail_policies(
		    trial, "neither anyPolicy nor one that says DV, OV, IV or EV");
}

void
rule_ca_policies_not_tls(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;

	if ((facts->policies & POLICY_RESERVED) != 0 &&
	    (facts->policies & POLICY_ANY) == 0)
		fail_policies(trial, "a CA that is not for TLS with a policy of TLS");
}

/* The first policy, reserved or not, where nothing graver is wrong. */
void
rule_ca_policies_order(struct trial *trial)
{
	const struct judged_facts *facts = trial->it->facts;
	unsigned reserved =
	    (unsigned)__builtin_popcount(facts->policies & POLICY_RESERVED);
	struct policy_iter policies;
	struct policy first;

	extension_policies_begin(facts->policies_at, &policies);
	if ((facts->policies & POLICY_ANY) != 0 || reserved != 1 ||
	    is_non_tls_ca(trial->it) || !policy_next(&policies, &first))
		return;
	if (first.id != OID_POLICY_DV && first.id != OID_POLICY_OV &&
	    first.id != OID_POLICY_IV && first.id != OID_POLICY_EV)
		trial_fail(trial, first.whole,
		    "its first policy is none that says DV, OV, IV or EV");
}
