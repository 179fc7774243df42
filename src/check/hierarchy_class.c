/* B8: which profile of CA certificate stands before us, and whom operators are. */
#include "hierarchy.h"

/* --- profiles ---------------------------------------------------------------------- */

static bool
is_undated(const struct judged *it)
{
	return it->dates == DATES_NONE;
}

bool
is_root_profile(const struct judged *it)
{
	return is_undated(it) ? cert_is_self_issued(it->cert) : is_tls_root_ca(it);
}

bool
is_sub_profile(const struct judged *it)
{
	return is_tls_sub_ca(it) && (!is_undated(it) || !cert_is_self_issued(it->cert));
}

bool
is_ca_profile(const struct judged *it)
{
	return is_root_profile(it) || is_sub_profile(it);
}

bool
is_ca_any(const struct judged *it)
{
	return judged_is_ca(it) || is_root_profile(it);
}

bool
is_precert_ca(const struct judged *it)
{
	return is_sub_ca(it) && (it->facts->ekus & EKU_PRECERT) != 0;
}

bool
is_non_tls_ca(const struct judged *it)
{
	return is_sub_ca(it) && it->facts->eku_count > 0 &&
	    (it->facts->ekus & (EKU_SERVER | EKU_ANY | EKU_PRECERT)) == 0;
}

bool
is_tls_server_ca(const struct judged *it)
{
	return is_sub_profile(it) && !is_precert_ca(it) && !is_non_tls_ca(it);
}

bool
is_of_some_watch(const struct judged *it)
{
	return it->signer != NULL || it->watch_count > 0;
}

/* --- operators -----------------------------------------------------------------------
 */

const char *
operator_name(const struct check_operator *operator)
{
	return operator!= NULL ? operator->name : "an operator not watched";
}

bool
operator_sanctioned(const struct check_operator *operator)
{
	return operator!=
	    NULL &&(operator->state == OPERATOR_PROBATION || operator->state ==
		    OPERATOR_DISTRUSTED);
}

bool
operator_partner(const struct check_operator *of, const struct check_operator *other)
{
	if (of == other)
		return true;
	for (size_t i = 0; i < of->partner_count; i++)
		if (strcmp(of->partners[i], other->name) == 0)
			return true;
	return false;
}

const struct check_operator *
operator_stranger(const struct judged *it,
    bool (*fits)(const struct check_operator *, const void *), const void *what)
{
	const struct check_operator *found = NULL;

	for (size_t i = 0; i < it->params->operator_count; i++) {
		const struct check_operator *each = &it->params->operators[i];

		if (!fits(each, what))
			continue;
		if (operator_partner(it->signer, each))
			return NULL;
		if (found == NULL)
			found = each;
	}
	return found;
}

/* host equals domain or lies below it, case ignored. */
static bool
host_within(struct bytes host, const char *domain)
{
	size_t len = strlen(domain);

	if (host.len < len || (host.len > len && host.data[host.len - len - 1] != '.'))
		return false;
	return strncasecmp((const char *)host.data + host.len - len, domain, len) == 0;
}

bool
operator_has_host(const struct check_operator *operator, const void * url)
{
	struct bytes host = url_host(*(const struct bytes *)url);

	for (size_t i = 0; host.len > 0 && i < operator->host_count; i++)
		if (host_within(host, operator->hosts[i]))
			return true;
	return false;
}

/* The dotted policy lies at or below one of the operator's arcs. */
bool
operator_has_policy(const struct check_operator *operator, const void * dotted)
{
	for (size_t i = 0; i < operator->policy_count; i++) {
		size_t len = strlen(operator->policies[i]);
		const char *text = dotted;

		if (strncmp(text, operator->policies[i], len) == 0 &&
		    (text[len] == 0 || text[len] == '.'))
			return true;
	}
	return false;
}
