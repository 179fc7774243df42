/* What tables of several families run: an extension or an attribute that is there
 * or not. rule->arg names it (enum oid). */
#include "check_priv.h"

#include <stdio.h>

void
trial_not_applicable(struct trial *trial)
{
	trial->not_applicable = true;
}

static const struct extension *
extension_of(const struct trial *trial)
{
	return cert_extension(trial->it->cert, (enum oid)trial->rule->arg);
}

static const char *
name_of(const struct trial *trial)
{
	return oid_long_name((enum oid)trial->rule->arg);
}

void
rule_ext_absent(struct trial *trial)
{
	if (extension_of(trial) == NULL)
		trial_fail(trial, bytes_of(NULL, 0), "no %s extension", name_of(trial));
}

void
rule_ext_present(struct trial *trial)
{
	const struct extension *extension = extension_of(trial);

	if (extension != NULL)
		trial_fail(trial, extension->whole, "%s extension", name_of(trial));
}

void
rule_ext_critical(struct trial *trial)
{
	const struct extension *extension = extension_of(trial);

	if (extension == NULL)
		trial_not_applicable(trial);
	else if (extension->critical)
		trial_fail(trial, extension->whole, "%s is critical", name_of(trial));
}

void
rule_ext_not_critical(struct trial *trial)
{
	const struct extension *extension = extension_of(trial);

	if (extension == NULL)
		trial_not_applicable(trial);
	else if (!extension->critical)
		trial_fail(trial, extension->whole, "%s is not critical", name_of(trial));
}

bool
is_overlooked(const struct judged *it, const struct name_attribute *attribute)
{
	return attribute->shares_rdn && it->dates == DATES_NONE;
}

const struct name_attribute *
subject_attribute(const struct judged *it, enum oid type)
{
	const struct name_attribute *attribute;
	size_t at = 0;

	do
		attribute = subject_next(it->facts, type, &at);
	while (attribute != NULL && is_overlooked(it, attribute));
	return attribute;
}

void
rule_attr_absent(struct trial *trial)
{
	if (subject_attribute(trial->it, (enum oid)trial->rule->arg) == NULL)
		trial_fail(trial, trial->it->cert->subject, "subject without %s",
		    name_of(trial));
}

void
rule_attr_present(struct trial *trial)
{
	const struct name_attribute *attribute =
	    subject_attribute(trial->it, (enum oid)trial->rule->arg);

	if (attribute != NULL)
		trial_fail(trial, attribute->whole, "subject with %s \"%s\"",
		    name_of(trial), trial_show(trial, attribute->value, 60));
}

const char *
trial_span(struct trial *trial, int64_t seconds)
{
	char text[48];
	int len = seconds < 10 * DAY_S
	    ? snprintf(text, sizeof(text), "%lld h %02lld min",
		  (long long)(seconds / HOUR_S), (long long)(seconds % HOUR_S / 60))
	    : snprintf(text, sizeof(text), "%lld days", (long long)(seconds / DAY_S));

	return (const char *)arena_copy(trial->out->arena, bytes_of(text, (size_t)len))
	    .data;
}

/* --- predicates ----------------------------------------------------------------- */

bool
has_ku(const struct judged *it)
{
	return it->facts->ku_at != NULL;
}

bool
has_bc(const struct judged *it)
{
	return it->facts->bc_at != NULL;
}

bool
is_signed_subscriber(const struct judged *it)
{
	return it->class == CLASS_SUBSCRIBER && it->signature == SIGNATURE_VERIFIED;
}

bool
is_tls_not_ca(const struct judged *it)
{
	return judged_is_tls_leaf(it);
}

bool
is_extended_leaf(const struct judged *it)
{
	return judged_is_tls_leaf(it) && (is_v3(it) || it->dates != DATES_NONE);
}

bool
is_extended_subscriber(const struct judged *it)
{
	return judged_is_subscriber(it) && is_extended_leaf(it);
}

bool
is_sub_ca(const struct judged *it)
{
	return judged_is_ca(it) && !it->self_signed;
}

bool
is_tls_sub_ca(const struct judged *it)
{
	return is_sub_ca(it) && judged_in_tls_scope(it);
}

bool
is_root_ca(const struct judged *it)
{
	return judged_is_ca(it) && it->self_signed;
}

bool
is_tls_root_ca(const struct judged *it)
{
	return is_root_ca(it) && judged_in_tls_scope(it);
}

bool
is_tls_ca(const struct judged *it)
{
	return judged_is_ca(it) && judged_in_tls_scope(it);
}

bool
has_given_name(const struct judged *it)
{
	return subject_has(it->facts, OID_GIVEN_NAME);
}

bool
has_surname(const struct judged *it)
{
	return subject_has(it->facts, OID_SURNAME);
}

bool
is_v3(const struct judged *it)
{
	return it->cert->extensions_at.len > 0;
}

/* --- URLs -------------------------------------------------------------------------- */

bool
url_has_scheme(struct bytes url, const char *scheme)
{
	size_t len = strlen(scheme);

	return url.len > len && url.data[len] == ':' &&
	    strncasecmp((const char *)url.data, scheme, len) == 0;
}

struct bytes
url_host(struct bytes url)
{
	const uint8_t *start = memmem(url.data, url.len, "://", 3), *at;
	size_t len = 0, left;

	if (start == NULL)
		return bytes_of(NULL, 0);
	start += 3;
	left = url.len - (size_t)(start - url.data);
	while (len < left && start[len] != '/' && start[len] != '?' && start[len] != '#')
		len++;
	if ((at = memchr(start, '@', len)) != NULL) {
		len -= (size_t)(at + 1 - start);
		start = at + 1;
	}
	if (len > 0 && start[0] == '[')
		return bytes_of(start, len);
	if ((at = memchr(start, ':', len)) != NULL)
		len = (size_t)(at - start);
	return bytes_of(start, len);
}

static void
access_urls_each(const struct cert *cert, url_look_fn *look, void *owner)
{
	struct access_description access;
	struct access_iter accesses;

	extension_access_begin(
	    cert_extension(cert, OID_AUTHORITY_INFO_ACCESS), &accesses);
	while (access_next(&accesses, &access))
		if (access.location.kind == GENERAL_URI)
			look(owner, access.location.value);
}

void
issuer_urls_each(const struct cert *cert, url_look_fn *look, void *owner)
{
	struct distribution_point_iter points;
	struct distribution_point point;
	struct general_name_iter names;
	struct general_name name;

	access_urls_each(cert, look, owner);
	extension_distribution_points_begin(
	    cert_extension(cert, OID_CRL_DISTRIBUTION_POINTS), &points);
	while (distribution_point_next(&points, &point)) {
		general_names_begin(point.full_name, &names);
		while (point.full_name.len > 0 && general_name_next(&names, &name))
			if (name.kind == GENERAL_URI)
				look(owner, name.value);
	}
}

uint64_t
state_count_one(struct trial *trial, struct bytes key, int64_t bucket)
{
	const struct check_history *history = trial->history;
	struct bytes old = history->state(history->owner, trial->check->id, key, bucket);
	uint8_t value[sizeof(uint64_t)];

	put_be64(value, old.len == sizeof(value) ? be64(old.data) + 1 : 1);
	history->set_state(history->owner, trial->check->id, key, bucket,
	    bytes_of(value, sizeof(value)));
	return be64(value);
}
