/* Every DNS-like name that a certificate carries: architecture.md, promise 1. */
#include <stddef.h>

#include "x509/dns.h"
#include "x509/san.h"
#include "x509_priv.h"

#define NAME_MAX_OCTETS  253
#define LABEL_MAX_OCTETS 63
#define RUN_MAX          512 /* keeps a raw search linear; longer runs are split */

/* Flaws after which an element's content may not be what the bytes held. */
#define UNREADABLE                                                                       \
	(FLAW_MISSING | FLAW_TAG | FLAW_CUT | FLAW_TRAILING | FLAW_DEEP | FLAW_MANY |    \
	    FLAW_OID | FLAW_CONSTRUCTED)

enum octet_class { PLAIN, DOT, STAR, SPACE, NUL, HIGH, BAD };

static enum octet_class
class_of(uint8_t c)
{
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    c == '-' || c == '_')
		return PLAIN;
	if (c == '.')
		return DOT;
	if (c == '*')
		return STAR;
	if (c == 0)
		return NUL;
	if (c <= ' ' || c == 0x7f)
		return SPACE;
	return c >= 0x80 ? HIGH : BAD;
}

static uint32_t octet_oddity(enum octet_class class)
{
	static const uint32_t ODDITIES[] = {
	    [STAR] = DNS_WILDCARD,
	    [SPACE] = DNS_HAS_SPACE,
	    [NUL] = DNS_HAS_NUL,
	    [HIGH] = DNS_NOT_ASCII,
	    [BAD] = DNS_BAD_CHARACTER,
	};

	return ODDITIES[class];
}

static uint32_t
ip_oddity(struct bytes name)
{
	uint8_t address[16];
	size_t len;
	uint8_t last = name.data[name.len - 1];

	/* only these can end an address; most names are told apart here */
	if ((last < '0' || last > '9') && memchr(name.data, ':', name.len) == NULL)
		return 0;
	return dns_is_ip_text(name, address, &len) ? DNS_IP_TEXT : 0;
}

uint32_t
dns_oddities(struct bytes name)
{
	uint32_t found = DNS_NO_DOT;
	size_t label = 0;

	if (name.len == 0)
		return DNS_EMPTY | DNS_NO_DOT;
	if (name.data[0] == '.')
		found |= DNS_LEADING_DOT;
	if (name.data[name.len - 1] == '.')
		found |= DNS_TRAILING_DOT;
	for (size_t i = 0; i < name.len; i++) {
		enum octet_class class = class_of(name.data[i]);

		if (class != DOT) {
			found |= octet_oddity(class);
			if (++label > LABEL_MAX_OCTETS)
				found |= DNS_TOO_LONG;
			continue;
		}
		if (label == 0 && i > 0)
			found |= DNS_EMPTY_LABEL;
		found &= ~(uint32_t)DNS_NO_DOT;
		label = 0;
	}
	if (name.len > NAME_MAX_OCTETS)
		found |= DNS_TOO_LONG;
	return found | ip_oddity(name);
}

void
names_search_raw(struct bytes bytes, struct raw_name_iter *iter)
{
	*iter = (struct raw_name_iter){.all = bytes};
}

static bool
can_be_in_name(uint8_t c)
{
	return class_of(c) <= STAR;
}

/* The next run of name octets with a dot inside. */
static bool
next_run(struct raw_name_iter *iter)
{
	struct bytes all = iter->all;

	while (iter->at < all.len) {
		size_t from = iter->at, dots = 0;

		while (iter->at < all.len && iter->at - from < RUN_MAX &&
		    can_be_in_name(all.data[iter->at]))
			if (all.data[iter->at++] == '.')
				dots++;
		iter->run = bytes_of(all.data + from, iter->at - from);
		if (dots > 0 && iter->run.len > 2)
			return true;
		if (iter->at == from)
			iter->at++;
	}
	return false;
}

/* An octet before or at the start of the run may be a length that ends the
 * name earlier; what follows is searched again. */
static bool
cut_by_length(struct raw_name_iter *iter, bool before, struct bytes *name)
{
	struct bytes run = iter->run;
	size_t len;

	if (before && run.data == iter->all.data)
		return false;
	len = before ? run.data[-1] : run.data[0];
	if (!before)
		run = bytes_of(run.data + 1, run.len - 1);
	if (len < 3 || len > run.len || (before && len == run.len))
		return false;
	*name = bytes_of(run.data, len);
	iter->at = (size_t)(run.data + len - iter->all.data);
	return true;
}

/* The tag of a SEQUENCE or SET behind a name reads as '0' or '1'. */
static bool
cut_last(struct bytes run, struct bytes *name)
{
	uint8_t last = run.data[run.len - 1];

	*name = bytes_of(run.data, run.len - 1);
	return last == '0' || last == '1';
}

bool
raw_name_next(struct raw_name_iter *iter, struct bytes *name)
{
	for (;;) {
		switch (iter->stage++) {
		case 0:
			if (!next_run(iter))
				return false;
			*name = iter->run;
			return true;
		case 1:
			if (cut_last(iter->run, name))
				return true;
			break;
		case 2:
			if (cut_by_length(iter, true, name)) {
				iter->stage = 0;
				return true;
			}
			break;
		default:
			iter->stage = 0;
			if (cut_by_length(iter, false, name))
				return true;
			break;
		}
	}
}

enum stage {
	STAGE_SAN,          /* general names of iter->san */
	STAGE_SAN_RAW,      /* a SAN that did not end well */
	STAGE_SUBJECT,      /* commonNames */
	STAGE_RAW,          /* the whole, where fields could not be read */
	STAGE_TRAILING_RAW, /* what follows the certificate */
	STAGE_END,
};

static void
begin_san(struct dns_iter *iter, const struct extension *san)
{
	iter->san = san;
	iter->stage = san == NULL ? STAGE_SUBJECT : STAGE_SAN;
	if (san == NULL)
		name_begin(iter->cert->subject, &iter->subject);
	else
		extension_names_begin(san, &iter->names);
}

void
cert_dns_names(const struct cert *cert, struct dns_iter *iter)
{
	memset(iter, 0, offsetof(struct dns_iter, converted));
	iter->cert = cert;
	begin_san(iter, cert_extension(cert, OID_SUBJECT_ALT_NAME));
}

/* Hands out a name; with a NUL inside, the part before it comes next. */
static bool
found(struct dns_iter *iter, struct bytes name, enum dns_source source, uint32_t oddities)
{
	iter->last = (struct dns_found){
	    .name = name,
	    .oddities = oddities | dns_oddities(name),
	    .offset = (uint32_t)cert_offset(iter->cert, name),
	    .source = source,
	};
	if ((iter->last.oddities & DNS_HAS_NUL) != 0) {
		const uint8_t *nul = memchr(name.data, 0, name.len);

		iter->before_nul = bytes_of(name.data, (size_t)(nul - name.data));
	}
	return true;
}

static bool
found_before_nul(struct dns_iter *iter)
{
	struct bytes name = iter->before_nul;

	iter->before_nul = (struct bytes){0};
	iter->last.oddities &= DNS_DAMAGED | DNS_CONVERTED;
	iter->last.oddities |= DNS_BEFORE_NUL | dns_oddities(name);
	iter->last.name = name;
	return true;
}

static bool
next_in_san(struct dns_iter *iter)
{
	struct general_name name;

	while (general_name_next(&iter->names, &name)) {
		bool damaged = (name.flaws & UNREADABLE) != 0;

		/* a string with a universal tag was meant to be one */
		if (name.kind == GENERAL_DNS ||
		    (name.kind == GENERAL_UNKNOWN && is_string_tag(name.tag)))
			return found(
			    iter, name.value, DNS_FROM_SAN, damaged ? DNS_DAMAGED : 0);
	}
	return false;
}

static bool
next_raw(struct dns_iter *iter)
{
	struct bytes name;

	return raw_name_next(&iter->raw, &name) &&
	    found(iter, name, DNS_FROM_RAW, DNS_DAMAGED);
}

/* BMPString and UniversalString as UTF-8, in the iterator's own memory; what
 * does not fit is no DNS name. */
static struct bytes
convert(struct dns_iter *iter, const struct name_attribute *attribute)
{
	struct characters text = {.left = attribute->value, .tag = attribute->tag};
	uint32_t code_point;
	size_t len = 0;

	while (len + 4 <= sizeof(iter->converted) && characters_next(&text, &code_point))
		len += utf8_put(code_point, iter->converted + len);
	return bytes_of(iter->converted, len);
}

static bool
next_in_subject(struct dns_iter *iter)
{
	struct name_attribute attribute;
	uint32_t oddities;

	while (name_next(&iter->subject, &attribute)) {
		if (attribute.id != OID_COMMON_NAME)
			continue;
		oddities = (attribute.flaws & UNREADABLE) != 0 ? DNS_DAMAGED : 0;
		if (attribute.tag != DER_BMP_STRING &&
		    attribute.tag != DER_UNIVERSAL_STRING)
			return found(iter, attribute.value, DNS_FROM_SUBJECT, oddities);
		found(iter, convert(iter, &attribute), DNS_FROM_SUBJECT,
		    oddities | DNS_CONVERTED);
		iter->last.offset = (uint32_t)cert_offset(iter->cert, attribute.value);
		return true;
	}
	return false;
}

/* Names may stand where cert_parse could not see them. */
static bool
hides_names(const struct dns_iter *iter)
{
	static const enum cert_field FIELDS[] = {CERT_TBS, CERT_SERIAL,
	    CERT_TBS_ALGORITHM, CERT_ISSUER, CERT_VALIDITY, CERT_SUBJECT, CERT_SPKI,
	    CERT_EXTENSIONS};
	uint32_t flaws = iter->subject.flaws;

	if (iter->cert->tbs.len == 0)
		return true;
	flaws |= iter->cert->faults[CERT_OUTER].flaws & ~(uint32_t)FLAW_TRAILING;
	for (size_t i = 0; i < ARRAY_LEN(FIELDS); i++)
		flaws |= iter->cert->faults[FIELDS[i]].flaws;
	return (flaws & UNREADABLE) != 0;
}

static void
begin_san_raw(struct dns_iter *iter)
{
	bool damaged = ((iter->names.flaws | iter->san->flaws) & UNREADABLE) != 0;

	names_search_raw(damaged ? iter->san->whole : (struct bytes){0}, &iter->raw);
}

static void
begin_raw(struct dns_iter *iter)
{
	const struct cert *cert = iter->cert;
	struct bytes where = {0};

	if (hides_names(iter))
		where = cert->tbs.len > 0 ? cert->tbs : cert->der;
	names_search_raw(where, &iter->raw);
}

/* What follows when a stage has nothing more. */
static void
next_stage(struct dns_iter *iter)
{
	switch ((enum stage)iter->stage) {
	case STAGE_SAN:
		iter->stage = STAGE_SAN_RAW;
		begin_san_raw(iter);
		break;
	case STAGE_SAN_RAW:
		begin_san(iter, cert_extension_again(iter->cert, iter->san));
		break;
	case STAGE_SUBJECT:
		iter->stage = STAGE_RAW;
		begin_raw(iter);
		break;
	case STAGE_RAW:
		iter->stage = STAGE_TRAILING_RAW;
		names_search_raw(
		    iter->cert->tbs.len > 0 ? iter->cert->trailing : (struct bytes){0},
		    &iter->raw);
		break;
	case STAGE_TRAILING_RAW:
		iter->stage = STAGE_END;
		break;
	case STAGE_END:
		break;
	}
}

bool
dns_next(struct dns_iter *iter, struct dns_found *out)
{
	bool any = iter->before_nul.data != NULL && found_before_nul(iter);

	while (!any && iter->stage != STAGE_END) {
		if (iter->stage == STAGE_SAN)
			any = next_in_san(iter);
		else if (iter->stage == STAGE_SUBJECT)
			any = next_in_subject(iter);
		else
			any = next_raw(iter);
		if (!any)
			next_stage(iter);
	}
	*out = iter->last;
	return any;
}
