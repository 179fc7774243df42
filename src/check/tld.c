/* What is known of top-level domains and public suffixes: an operator's file with
 * dates where there is one, else libpsl's own list. */
#include "check_priv.h"

#include <arpa/inet.h>
#include <libpsl.h>

#define LABEL_MAX 63

const struct rule_limit INTERNAL_LIMITS[] = {
    [INTERNAL_UNTIL] = {"notAfter up to", DATE(2015, 11, 1)},
    [INTERNAL_GRACE] = {"days of grace", 7},
    {0},
};

static int
compare_tld(const char *tld, struct bytes label)
{
	size_t len = strlen(tld), least = len < label.len ? len : label.len;
	int order = strncasecmp(tld, (const char *)label.data, least);

	return order != 0 ? order : (len > label.len) - (len < label.len);
}

/* From the operator's list, sorted by name. NULL: not there. */
static const struct check_tld *
listed(const struct check_params *params, struct bytes label)
{
	size_t low = 0, high = params->tld_count, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = compare_tld(params->tlds[middle].name, label);
		if (order == 0)
			return &params->tlds[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct bytes
dns_last_label(struct bytes name)
{
	const uint8_t *dot;

	while (name.len > 0 && name.data[name.len - 1] == '.')
		name.len--;
	dot = name.len > 0 ? memrchr(name.data, '.', name.len) : NULL;
	if (dot == NULL)
		return name;
	return bytes_of(dot + 1, name.len - (size_t)(dot + 1 - name.data));
}

static const psl_ctx_t *
suffixes(const struct check_params *params)
{
	return params->psl != NULL ? params->psl : psl_builtin();
}

static bool
in_icann_section(const struct check_params *params, const char *lower)
{
	return psl_is_public_suffix2(
	    suffixes(params), lower, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
}

/* The last labels of the name that fit, lower case, with "x." before. */
static size_t
copy_end(struct bytes name, char out[2 * LABEL_MAX + 4], size_t *last)
{
	struct bytes label = dns_last_label(name);
	size_t end, from;

	while (name.len > 0 && name.data[name.len - 1] == '.')
		name.len--;
	end = name.len;
	from = end - label.len;
	if (from > 0)
		for (from--; from > 0 && name.data[from - 1] != '.';)
			from--;
	if (label.len == 0 || end - from > 2 * LABEL_MAX + 1)
		return 0;
	memcpy(out, "x.", 2);
	ascii_lower_copy(out + 2, bytes_of(name.data + from, end - from));
	out[2 + end - from] = 0;
	*last = 2 + end - from - label.len;
	return end - from;
}

/* In the ICANN section, as itself, by a rule for all names below it, or as the end
 * of a suffix: some registries sell below second-level domains alone. */
static bool
in_psl(const struct check_params *params, struct bytes name)
{
	char text[2 * LABEL_MAX + 4];
	size_t last;

	if (copy_end(name, text, &last) == 0)
		return false;
	if (in_icann_section(params, text + last))
		return true;
	if (last > 2)
		return in_icann_section(params, text + 2);
	return in_icann_section(params, text);
}

bool
dns_tld_delegated(const struct check_params *params, struct bytes name, int64_t unix_s)
{
	struct bytes label = dns_last_label(name);
	const struct check_tld *tld;
	int64_t grace_s;

	if (params->tld_count == 0)
		return in_psl(params, name);
	tld = listed(params, label);
	if (tld == NULL)
		return false;
	grace_s = LIMIT_OF(INTERNAL_LIMITS, INTERNAL_GRACE) * DAY_S;
	return unix_s == INT64_MAX ||
	    (unix_s >= tld->from - grace_s &&
		(tld->until == 0 || unix_s < tld->until + grace_s));
}

bool
dns_is_address(struct bytes host)
{
	char text[64];
	uint8_t address[16];

	if (host.len >= 2 && host.data[0] == '[' && host.data[host.len - 1] == ']')
		host = bytes_of(host.data + 1, host.len - 2);
	if (host.len == 0 || host.len >= sizeof(text))
		return false;
	memcpy(text, host.data, host.len);
	text[host.len] = 0;
	return inet_pton(AF_INET, text, address) == 1 ||
	    inet_pton(AF_INET6, text, address) == 1;
}

/* --- public suffixes -----------------------------------------------------------------
 */

enum suffix_kind
dns_suffix_kind(const struct check_params *params, struct bytes name)
{
	char text[256];

	if (name.len == 0 || name.len >= sizeof(text))
		return SUFFIX_NONE;
	ascii_lower_copy(text, name);
	text[name.len] = 0;
	if (!psl_is_public_suffix2(
		suffixes(params), text, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE))
		return SUFFIX_NONE;
	return psl_is_public_suffix2(
		   suffixes(params), text, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE)
	    ? SUFFIX_ICANN
	    : SUFFIX_PRIVATE;
}

struct bytes
dns_parent(struct bytes name)
{
	const uint8_t *dot = name.len > 0 ? memchr(name.data, '.', name.len) : NULL;

	return dot == NULL ? bytes_of(NULL, 0)
			   : bytes_of(dot + 1, name.len - (size_t)(dot + 1 - name.data));
}

struct bytes
dns_registrable(const struct check_params *params, struct bytes host)
{
	for (struct bytes up; (up = dns_parent(host)).len > 0; host = up)
		if (dns_suffix_kind(params, up) != SUFFIX_NONE || dns_parent(up).len == 0)
			return host;
	return bytes_of(NULL, 0);
}
