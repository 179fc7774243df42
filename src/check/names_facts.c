/* A DNS name read once: marks for what is odd about it, and its parts. */
#include "names_priv.h"

const struct rule_limit LABEL_LIMIT[] = {{"octets", 63}, {0}},
			NAME_LIMIT[] = {{"octets", 253}, {0}};

#define LABEL_MAX ((size_t)LIMIT_OF(LABEL_LIMIT, 0))
#define NAME_MAX  ((size_t)LIMIT_OF(NAME_LIMIT, 0))

bool
name_ends_with(struct bytes name, const char *suffix)
{
	size_t len = strlen(suffix);

	return name.len >= len &&
	    bytes_same_fold(
		bytes_of(name.data + name.len - len, len), bytes_text(suffix));
}

bool
name_next_label(struct bytes *name, bool *done, struct bytes *label)
{
	const uint8_t *dot;

	if (*done)
		return false;
	dot = name->len > 0 ? memchr(name->data, '.', name->len) : NULL;
	if (dot == NULL) {
		*done = true;
		*label = *name;
		return true;
	}
	*label = bytes_of(name->data, (size_t)(dot - name->data));
	*name = bytes_of(dot + 1, name->len - label->len - 1);
	return true;
}

struct bytes
name_without_star(struct bytes name)
{
	if (name.len >= 2 && name.data[0] == '*' && name.data[1] == '.')
		return bytes_of(name.data + 2, name.len - 2);
	return name;
}

bool
label_is_a_label(struct bytes label)
{
	return label.len >= 4 && ascii_lower(label.data[0]) == 'x' &&
	    ascii_lower(label.data[1]) == 'n' && label.data[2] == '-' &&
	    label.data[3] == '-';
}

static bool
label_is_reserved(struct bytes label)
{
	return label.len >= 4 && label.data[2] == '-' && label.data[3] == '-' &&
	    !label_is_a_label(label);
}

static bool
is_digit(uint8_t octet)
{
	return octet >= '0' && octet <= '9';
}

static bool
is_alphanumeric(uint8_t octet)
{
	return is_digit(octet) ||
	    (ascii_lower(octet) >= 'a' && ascii_lower(octet) <= 'z');
}

static bool
has_hyphen_edge(struct bytes label)
{
	return label.len > 0 &&
	    (label.data[0] == '-' || label.data[label.len - 1] == '-');
}

bool
label_is_ldh(struct bytes label)
{
	for (size_t i = 0; i < label.len; i++)
		if (!is_alphanumeric(label.data[i]) && label.data[i] != '-')
			return false;
	return label.len > 0 && label.len <= LABEL_MAX && !has_hyphen_edge(label);
}

/* --- marks ------------------------------------------------------------------------ */

static uint32_t
octet_marks(uint8_t octet)
{
	if (is_alphanumeric(octet) || octet == '-')
		return 0;
	if (octet == '_')
		return NAME_UNDERSCORE | NAME_NOT_LDH;
	return NAME_NOT_LDH | (octet == '*' ? NAME_STAR : NAME_CHARACTER);
}

static bool
is_hyphen_either(uint8_t octet)
{
	return octet == '-' || octet == '_';
}

/* BR 7.1.4.2.1 (SC12): what holds of the label with each underscore replaced. */
static uint32_t
replaced_marks(struct bytes label, uint32_t found)
{
	uint8_t first = label.data[0], last = label.data[label.len - 1];
	bool reserved = label.len >= 4 && is_hyphen_either(label.data[2]) &&
	    is_hyphen_either(label.data[3]) &&
	    !bytes_same_fold(bytes_of(label.data, 2), bytes_text("xn"));

	return (found & (NAME_STAR | NAME_CHARACTER)) != 0 || is_hyphen_either(first) ||
		is_hyphen_either(last) || label.len > LABEL_MAX || reserved
	    ? NAME_NOT_REPLACED
	    : 0;
}

static uint32_t
label_marks(struct bytes label, bool leftmost)
{
	uint32_t found = 0;

	if (label.len == 0)
		return NAME_EMPTY_LABEL | NAME_NOT_LDH;
	for (size_t i = 0; i < label.len; i++)
		found |= octet_marks(label.data[i]);
	if (label.len > LABEL_MAX)
		found |= NAME_LONG_LABEL | NAME_NOT_LDH;
	if (has_hyphen_edge(label))
		found |= NAME_HYPHEN_EDGE | NAME_NOT_LDH;
	if (label_is_a_label(label))
		found |= NAME_A_LABEL;
	if (label_is_reserved(label))
		found |= NAME_RESERVED;
	if ((found & NAME_UNDERSCORE) != 0)
		found |=
		    replaced_marks(label, found) | (leftmost ? NAME_UNDERSCORE_1ST : 0);
	if ((found & NAME_STAR) == 0)
		return found;
	if (leftmost)
		return found | (label.len > 1 ? NAME_STAR_IN_1ST : 0);
	return found | NAME_STAR_RIGHT;
}

static bool
is_all_digits(struct bytes label)
{
	for (size_t i = 0; i < label.len; i++)
		if (!is_digit(label.data[i]))
			return false;
	return label.len > 0;
}

/* Of the name as one run of octets. */
static uint32_t
whole_marks(struct bytes name)
{
	uint32_t found = 0;

	if (name.len == 0)
		return NAME_NO_DOT;
	if (name.len > NAME_MAX)
		found |= NAME_TOO_LONG;
	if (name.data[0] == '.')
		found |= NAME_DOT_FIRST;
	if (name.data[name.len - 1] == '.')
		found |= NAME_DOT_LAST;
	if (name.len == 1 && name.data[0] == ' ')
		found |= NAME_SPACE;
	if (name_ends_with(name, ".onion"))
		found |= NAME_ONION;
	if (name_ends_with(name, ".in-addr.arpa") || name_ends_with(name, ".ip6.arpa"))
		found |= NAME_ARPA;
	return found;
}

static uint32_t
star_marks(struct bytes name)
{
	uint32_t found = 0;

	if (name.len >= 2 && memchr(name.data + 1, '*', name.len - 1) != NULL)
		found |= NAME_STAR_LATER;
	if (name.data[name.len - 1] == '*')
		found |= NAME_STAR_LAST;
	return found;
}

/* Redacted labels ("?") are no wrong characters, nor is the star before them. */
static struct bytes
behind_redacted(struct bytes name, uint32_t *found)
{
	name = name_without_star(name);
	while (name.len >= 2 && name.data[0] == '?' && name.data[1] == '.') {
		*found |= NAME_REDACTED | NAME_NOT_LDH;
		name = bytes_of(name.data + 2, name.len - 2);
	}
	return name;
}

uint32_t
name_marks(struct bytes name)
{
	uint32_t found = whole_marks(name);
	struct bytes rest = behind_redacted(name, &found), label = name;
	bool done = false, leftmost = rest.len == name.len;

	if (name.len >= 2 && name.data[0] == '*' && name.data[1] == '.')
		found |= NAME_STAR_DOT | NAME_STAR;
	if (rest.len == name.len &&
	    (name.len == 0 || memchr(name.data, '.', name.len) == NULL))
		found |= NAME_NO_DOT;
	while (name_next_label(&rest, &done, &label)) {
		found |= label_marks(label, leftmost);
		if (label.len == 0 && !done)
			found |= NAME_EMPTY_BEFORE;
		leftmost = false;
	}
	if (is_all_digits(label))
		found |= NAME_DIGITS_LAST;
	if ((found & NAME_STAR) != 0)
		found |= star_marks(name);
	return found;
}

/* --- parts ------------------------------------------------------------------------- */

static struct bytes
without_first_label(struct bytes name)
{
	const uint8_t *dot = memchr(name.data, '.', name.len);

	return dot == NULL ? bytes_of(name.data + name.len, 0)
			   : bytes_of(dot + 1, name.len - (size_t)(dot + 1 - name.data));
}

/* The longest end that the list has; else the right-most label. */
static struct bytes
longest_suffix(const struct check_params *params, struct bytes name)
{
	struct bytes at = name;

	while (at.len > 0 && dns_suffix_kind(params, at) != SUFFIX_ICANN)
		at = without_first_label(at);
	return at.len > 0 ? at : dns_last_label(name);
}

bool
name_split(const struct check_params *params, const struct fact_name *fact,
    struct bytes *before, struct bytes *sld, struct bytes *suffix)
{
	struct bytes name = fact->name.value, left;
	const uint8_t *dot;

	if ((fact->marks & NAME_UNSPLIT) != 0)
		return false;
	*suffix = longest_suffix(params, name);
	if (suffix->len == name.len)
		return false;
	left = bytes_of(name.data, name.len - suffix->len - 1);
	dot = left.len > 0 ? memrchr(left.data, '.', left.len) : NULL;
	*before = bytes_of(left.data, dot == NULL ? 0 : (size_t)(dot - left.data));
	*sld = dot == NULL ? left
			   : bytes_of(dot + 1, left.len - (size_t)(dot + 1 - left.data));
	return true;
}

bool
attribute_is_string(const struct name_attribute *attribute)
{
	return (string_flaws(attribute->tag, bytes_of(NULL, 0)) & FLAW_TAG) == 0;
}

/* --- for the tables ----------------------------------------------------------------- */

const struct fact_name *
name_next_marked(const struct judged_facts *facts, uint32_t marks, size_t *at)
{
	if ((facts->dns_marks & marks) == 0)
		return NULL;
	while (*at < facts->name_count) {
		const struct fact_name *fact = &facts->names[(*at)++];

		if (fact->name.kind == GENERAL_DNS && (fact->marks & marks) != 0)
			return fact;
	}
	return NULL;
}

void
fail_name(struct trial *trial, struct bytes name, const char *says)
{
	trial_fail(trial, name, "\"%s\" %s", trial_show(trial, name, 100), says);
}

void
run_marked(struct trial *trial)
{
	const struct fact_name *fact;
	size_t at = 0;

	while ((fact = name_next_marked(
		    trial->it->facts, (uint32_t)trial->rule->arg, &at)) != NULL)
		fail_name(trial, fact->name.value, trial->rule->text);
}

void
run_marked_host(struct trial *trial)
{
	const struct fact_name *cn = &trial->it->facts->common_name;

	if ((cn->marks & (uint32_t)trial->rule->arg) != 0)
		fail_name(trial, cn->name.value, trial->rule->text);
	run_marked(trial);
}

bool
has_san(const struct judged *it)
{
	return it->facts->san_at != NULL;
}

bool
has_tls_san(const struct judged *it)
{
	return has_san(it) && judged_in_tls_scope(it);
}

bool
has_dns(const struct judged *it)
{
	return (it->facts->name_kinds & (1u << GENERAL_DNS)) != 0;
}

static bool
has_host(const struct judged *it)
{
	return has_dns(it) || it->facts->common_name.name.value.len > 0;
}

bool
is_host_subscriber(const struct judged *it)
{
	return judged_is_subscriber(it) && has_host(it);
}

bool
is_tls_host_subscriber(const struct judged *it)
{
	return judged_is_tls_subscriber(it) && has_host(it);
}

bool
is_ev(const struct judged *it)
{
	return it->facts->ev;
}

bool
is_dv_profile(const struct judged *it)
{
	return judged_has_profile(it, POLICY_DV);
}

bool
is_ov_profile(const struct judged *it)
{
	return judged_has_profile(it, POLICY_OV);
}

bool
is_iv_profile(const struct judged *it)
{
	return judged_has_profile(it, POLICY_IV);
}

bool
is_ev_profile(const struct judged *it)
{
	return judged_has_profile(it, POLICY_EV);
}
