#include "subtrees.h"

#include <strings.h>

#include "x509/name.h"

static bool
ends_with(struct bytes text, struct bytes tail)
{
	return text.len >= tail.len &&
	    strncasecmp((const char *)text.data + text.len - tail.len,
		(const char *)tail.data, tail.len) == 0;
}

/* The constraint's domain itself, or below it. "." in front leaves the domain
 * itself out: RFC 5280 knows no such form for dNSNames, libraries do. */
static bool
domain_within(struct bytes name, struct bytes domain)
{
	if (domain.len == 0)
		return true;
	if (!ends_with(name, domain))
		return false;
	return domain.data[0] == '.'
	    ? name.len > domain.len
	    : name.len == domain.len || name.data[name.len - domain.len - 1] == '.';
}

/* A host, or with "." in front the hosts below it. */
static bool
host_fits(struct bytes host, struct bytes constraint)
{
	if (constraint.len > 0 && constraint.data[0] == '.')
		return host.len > constraint.len && ends_with(host, constraint);
	return host.len == constraint.len && ends_with(host, constraint);
}

static bool
email_fits(struct bytes address, struct bytes constraint)
{
	const uint8_t *at =
	    address.len > 0 ? memrchr(address.data, '@', address.len) : NULL;
	size_t local;

	if (at == NULL)
		return false;
	if (constraint.len > 0 && memchr(constraint.data, '@', constraint.len) != NULL)
		return bytes_equal(address, constraint);
	local = (size_t)(at + 1 - address.data);
	return host_fits(bytes_of(at + 1, address.len - local), constraint);
}

static bool
uri_fits(struct bytes uri, struct bytes constraint)
{
	const uint8_t *start = uri.len > 0 ? memmem(uri.data, uri.len, "://", 3) : NULL;
	size_t len = 0, left;

	if (start == NULL)
		return false;
	start += 3;
	left = uri.len - (size_t)(start - uri.data);
	while (len < left && strchr("/?#:", start[len]) == NULL)
		len++;
	return host_fits(bytes_of(start, len), constraint);
}

/* The constraint is an address and a mask. */
static bool
address_fits(struct bytes address, struct bytes network)
{
	if (network.len != 2 * address.len)
		return false;
	for (size_t i = 0; i < address.len; i++)
		if (((address.data[i] ^ network.data[i]) &
			network.data[address.len + i]) != 0)
			return false;
	return true;
}

/* The constraint's RDNs are the name's first ones. */
static bool
directory_fits(struct bytes name, struct bytes prefix)
{
	struct buf whole, part;
	bool fits;

	buf_init(&whole, 1 << 16);
	buf_init(&part, 1 << 16);
	name_append_key(&whole, name);
	name_append_key(&part, prefix);
	fits = part.len <= whole.len &&
	    (part.len == 0 || memcmp(whole.data, part.data, part.len) == 0) &&
	    (part.len == whole.len || part.len == 0 || whole.data[part.len] == ',');
	buf_free(&whole);
	buf_free(&part);
	return fits;
}

static bool
fits(const struct general_name *name, const struct general_name *base)
{
	switch (name->kind) {
	case GENERAL_DNS:
		return domain_within(name->value, base->value);
	case GENERAL_IP:
		return address_fits(name->value, base->value);
	case GENERAL_EMAIL:
		return email_fits(name->value, base->value);
	case GENERAL_URI:
		return uri_fits(name->value, base->value);
	case GENERAL_DIRECTORY:
		return directory_fits(name->value, base->value);
	case GENERAL_OTHER:
	case GENERAL_X400:
	case GENERAL_EDI_PARTY:
	case GENERAL_REGISTERED_ID:
	case GENERAL_UNKNOWN:
		break;
	}
	return false;
}

static bool
is_judged(enum general_name_kind kind)
{
	return kind == GENERAL_DNS || kind == GENERAL_IP || kind == GENERAL_EMAIL ||
	    kind == GENERAL_URI || kind == GENERAL_DIRECTORY;
}

/* *any: a subtree of the name's kind is there. */
static bool
lies_within(struct bytes subtrees, const struct general_name *name, bool *any)
{
	struct subtree_iter iter;
	struct subtree subtree;

	*any = false;
	if (subtrees.len == 0)
		return false;
	subtrees_begin(subtrees, &iter);
	while (subtree_next(&iter, &subtree)) {
		if (subtree.base.kind != name->kind)
			continue;
		*any = true;
		if (fits(name, &subtree.base))
			return true;
	}
	return false;
}

enum subtree_verdict
subtrees_judge(
    const struct name_constraints *constraints, const struct general_name *name)
{
	bool any;

	if (!is_judged(name->kind))
		return SUBTREE_PERMITTED;
	if (lies_within(constraints->excluded, name, &any))
		return SUBTREE_EXCLUDED;
	if (lies_within(constraints->permitted, name, &any) || !any)
		return SUBTREE_PERMITTED;
	return SUBTREE_OUTSIDE;
}

enum subtree_verdict
subtrees_judge_all(const struct name_constraints *constraints, const struct cert *cert,
    struct general_name *offender)
{
	enum subtree_verdict verdict = SUBTREE_PERMITTED;
	struct general_name_iter names;

	*offender = (struct general_name){
	    .kind = GENERAL_DIRECTORY, .whole = cert->subject, .value = cert->subject};
	if (!name_is_empty(cert->subject))
		verdict = subtrees_judge(constraints, offender);
	extension_names_begin(cert_extension(cert, OID_SUBJECT_ALT_NAME), &names);
	while (verdict == SUBTREE_PERMITTED && general_name_next(&names, offender))
		verdict = subtrees_judge(constraints, offender);
	return verdict;
}
