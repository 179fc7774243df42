/* What is known of top-level domains and public suffixes: an operator's file with
 * dates where there is one, else libpsl's own list. */
#include "check_priv.h"

#include <arpa/inet.h>
#include <libpsl.h>

#define LABEL_MAX 63
#define GRACE_S   (7 * DAY_S)

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

/* In the ICANN section, as itself or by a rule for all names below it. */
static bool
in_psl(const struct check_params *params, struct bytes label)
{
	char text[LABEL_MAX + 3] = "x.";

	if (label.len == 0 || label.len > LABEL_MAX)
		return false;
	for (size_t i = 0; i < label.len; i++)
		text[2 + i] = (char)(label.data[i] >= 'A' && label.data[i] <= 'Z'
			? label.data[i] + 32
			: label.data[i]);
	text[2 + label.len] = 0;
	return psl_is_public_suffix2(
		   suffixes(params), text + 2, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) ||
	    psl_is_public_suffix2(
		suffixes(params), text, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
}

bool
dns_tld_delegated(const struct check_params *params, struct bytes name, int64_t unix_s)
{
	struct bytes label = dns_last_label(name);
	const struct check_tld *tld;

	if (params->tld_count == 0)
		return in_psl(params, label);
	tld = listed(params, label);
	if (tld == NULL)
		return false;
	return unix_s == INT64_MAX ||
	    (unix_s >= tld->from - GRACE_S &&
		(tld->until == 0 || unix_s < tld->until + GRACE_S));
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
	for (size_t i = 0; i < name.len; i++)
		text[i] =
		    (char)(name.data[i] >= 'A' && name.data[i] <= 'Z' ? name.data[i] + 32
								      : name.data[i]);
	text[name.len] = 0;
	if (psl_is_public_suffix2(
		suffixes(params), text, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE))
		return SUFFIX_ICANN;
	return psl_is_public_suffix2(
		   suffixes(params), text, PSL_TYPE_PRIVATE | PSL_TYPE_NO_STAR_RULE)
	    ? SUFFIX_PRIVATE
	    : SUFFIX_NONE;
}
