/*
 * names_priv - what is found in a DNS name at one reading of it, and what the
 * families of names run over it.
 */
#pragma once
#include "check_priv.h"

/* fact_name.marks of a dNSName, and of the commonName where that may be a host. */
enum name_mark {
	NAME_EMPTY_LABEL = 1 << 0,    /* no octet at all, or a dot too many anywhere */
	NAME_LONG_LABEL = 1 << 1,     /* over 63 octets */
	NAME_TOO_LONG = 1 << 2,       /* over 253 octets */
	NAME_CHARACTER = 1 << 3,      /* one that is neither letter, digit, - _ nor * */
	NAME_NOT_LDH = 1 << 4,        /* behind "*.", a label that is no LDH label */
	NAME_HYPHEN_EDGE = 1 << 5,    /* a label begins or ends with one */
	NAME_UNDERSCORE = 1 << 6,     /* anywhere */
	NAME_UNDERSCORE_1ST = 1 << 7, /* in the left-most label */
	NAME_NOT_REPLACED = 1 << 8,   /* a label is no LDH label with - for each _ */
	NAME_RESERVED = 1 << 9,       /* a label with -- as its 3rd and 4th octets */
	NAME_A_LABEL = 1 << 10,       /* a label that begins with xn-- */
	NAME_STAR_DOT = 1 << 11,      /* begins with "*." */
	NAME_STAR_IN_1ST = 1 << 12,   /* a star and more in the left-most label */
	NAME_STAR_RIGHT = 1 << 13,    /* a star right of the left-most label */
	NAME_STAR_LATER = 1 << 14,    /* a star that is not the first octet */
	NAME_STAR_LAST = 1 << 15,     /* ends with a star */
	NAME_REDACTED = 1 << 16,      /* behind "*.", begins with "?." */
	NAME_NO_DOT = 1 << 17,        /* one label */
	NAME_DOT_FIRST = 1 << 18,
	NAME_DOT_LAST = 1 << 19,
	NAME_DIGITS_LAST = 1 << 20,  /* the right-most label is all digits */
	NAME_SPACE = 1 << 21,        /* nothing but one space */
	NAME_ONION = 1 << 22,        /* under onion */
	NAME_ARPA = 1 << 23,         /* under in-addr.arpa or ip6.arpa */
	NAME_ADDRESS = 1 << 24,      /* reads as an IP address */
	NAME_STAR = 1 << 25,         /* anywhere */
	NAME_EMPTY_BEFORE = 1 << 26, /* an empty label that is not the last */
};

/* RFC 1035, 2.3.4: as text. Of the rules that look at NAME_LONG_LABEL and
 * NAME_TOO_LONG. */
extern const struct rule_limit LABEL_LIMIT[], NAME_LIMIT[];

/* What has no public suffix and more: others call it a parse error. */
#define NAME_UNSPLIT (NAME_NO_DOT | NAME_DOT_FIRST | NAME_DOT_LAST)

uint32_t name_marks(struct bytes name);

/* Splits off the left-most label; false when name is used up. An empty name has
 * one label, which is empty. Start with *done = false. */
bool name_next_label(struct bytes *name, bool *done, struct bytes *label);
bool label_is_a_label(struct bytes label); /* xn--, case ignored */
bool label_is_ldh(struct bytes label);     /* an underscore is no hyphen */
bool name_ends_with(struct bytes name, const char *suffix); /* case ignored */
struct bytes name_without_star(struct bytes name);          /* a leading "*." */

bool attribute_is_string(const struct name_attribute *); /* by its tag */

/* The name's part that is a public suffix of the ICANN section, by the list's
 * default rule the right-most label, and the label before it. False: the name is
 * nothing but that, or cannot be split. */
bool name_split(const struct check_params *, const struct fact_name *,
    struct bytes *before, struct bytes *sld, struct bytes *suffix);

/* The next dNSName with any of the marks, from *at on; NULL at the end. */
const struct fact_name *name_next_marked(
    const struct judged_facts *, uint32_t marks, size_t *at);

/* For tables: rule->arg are marks, rule->text what is said of a name with one
 * of them. Over the dNSNames, and over the commonName as well. */
trial_fn run_marked, run_marked_host;
void fail_name(struct trial *, struct bytes name, const char *says);

/* Calls look for the GeneralNames of every extension that has some; constraint:
 * the name is the base of a name constraint. */
typedef void look_at_name_fn(
    struct trial *, const struct general_name *, bool constraint);
void general_names_each(struct trial *, look_at_name_fn *look);

judged_fn has_san, has_dns, has_tls_san, is_tls_subscriber_with_san;
judged_fn is_host_subscriber;     /* with a commonName or dNSName */
judged_fn is_tls_host_subscriber; /* and for TLS */
judged_fn is_ev;                  /* by its policies */
/* judged_has_profile() */
judged_fn is_dv_profile, is_ov_profile, is_iv_profile, is_ev_profile;

extern const struct check_family CHECK_NAMES_SAN, CHECK_NAMES_COUNT, CHECK_NAMES_DNS,
    CHECK_NAMES_IDN, CHECK_NAMES_SPACE, CHECK_NAMES_WILDCARD, CHECK_NAMES_TENANT,
    CHECK_NAMES_ONION, CHECK_NAMES_SUBJECT, CHECK_NAMES_ATTRIBUTES, CHECK_NAMES_ENCODING,
    CHECK_NAMES_TEST;
