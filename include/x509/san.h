/*
 * san - GeneralNames, and every DNS-like name that a certificate carries.
 *
 * Damage never hides a name: what can be made out is handed out, and flags say
 * how it was found and what is wrong with it.
 */
#pragma once
#include "x509/cert.h"
#include "x509/name.h"

/* The context numbers of GeneralName (RFC 5280, 4.2.1.6). */
enum general_name_kind {
	GENERAL_OTHER = 0,
	GENERAL_EMAIL = 1,
	GENERAL_DNS = 2,
	GENERAL_X400 = 3,
	GENERAL_DIRECTORY = 4, /* value holds a Name element */
	GENERAL_EDI_PARTY = 5,
	GENERAL_URI = 6,
	GENERAL_IP = 7,
	GENERAL_REGISTERED_ID = 8,
	GENERAL_UNKNOWN = 9, /* another tag */
};

struct general_name {
	struct bytes whole, value;
	uint32_t flaws;
	enum general_name_kind kind;
	uint8_t tag;
};

struct general_name_iter {
	struct cursor at;
	uint32_t flaws; /* of the list; FLAW_CUT: it ends in bytes that are no name */
};

/* The names of an element whose inside is GeneralNames: a SEQUENCE or one with
 * an implicit tag. */
void general_names_begin(struct bytes element, struct general_name_iter *);
/* The names of subjectAltName or issuerAltName; NULL: none. Bare names without
 * the SEQUENCE around them are taken too, with FLAW_TAG. */
void extension_names_begin(const struct extension *, struct general_name_iter *);
bool general_name_next(struct general_name_iter *, struct general_name *out);

/* One GeneralName that stands alone (an AIA location). */
bool general_name_of(struct bytes element, struct general_name *out);

/* Appends "DNS:x", "IP:192.0.2.1", "URI:..", "email:..", ...: safe for terminals. */
bool general_name_append_text(struct buf *out, const struct general_name *);

/* "192.0.2.1", "2001:db8::1" (RFC 5952) or hex for other lengths. Appends. */
bool ip_append_text(struct buf *out, struct bytes address);

/* RFC 5280, 4.2.2.1: AIA and SIA. */
struct access_iter {
	struct cursor at;
	uint32_t flaws;
};
struct access_description {
	struct bytes whole, method;
	enum oid method_id;
	struct general_name location; /* whole.len 0: none */
	uint32_t flaws;
};
void extension_access_begin(const struct extension *, struct access_iter *);
bool access_next(struct access_iter *, struct access_description *out);

/* RFC 5280, 4.2.1.13: cRLDistributionPoints and freshestCRL. */
struct distribution_point_iter {
	struct cursor at;
	uint32_t flaws;
};
struct distribution_point {
	struct bytes whole;
	struct bytes full_name;     /* the element of GeneralNames; len 0: absent */
	struct bytes relative_name; /* the element; len 0: absent */
	struct bytes reasons;       /* the element; len 0: absent */
	struct bytes crl_issuer;    /* the element of GeneralNames; len 0: absent */
	uint32_t flaws;
};
void extension_distribution_points_begin(
    const struct extension *, struct distribution_point_iter *);
bool distribution_point_next(
    struct distribution_point_iter *, struct distribution_point *out);

/* RFC 5280, 4.2.1.10. */
struct name_constraints {
	struct bytes permitted, excluded; /* elements; len 0: absent */
	uint32_t flaws;
};
struct subtree_iter {
	struct cursor at;
	uint32_t flaws;
};
struct subtree {
	struct bytes whole;
	struct general_name base;
	struct bytes minimum, maximum; /* content; data NULL: absent */
	uint32_t flaws;                /* FLAW_DEFAULT: minimum 0 written out */
};
void extension_name_constraints(const struct extension *, struct name_constraints *);
void subtrees_begin(struct bytes element, struct subtree_iter *);
bool subtree_next(struct subtree_iter *, struct subtree *out);

/* Where a DNS-like name was found. */
enum dns_source {
	DNS_FROM_SAN,     /* a dNSName of a subjectAltName */
	DNS_FROM_SUBJECT, /* a commonName of the subject */
	DNS_FROM_RAW,     /* found in bytes that could not be parsed */
};

/* What is odd about it. */
enum dns_oddity {
	DNS_HAS_NUL = 1 << 0, /* the whole name, NUL included */
	DNS_BEFORE_NUL =
	    1 << 1, /* only the part before the first NUL of the one before */
	DNS_TRAILING_DOT = 1 << 2,
	DNS_LEADING_DOT = 1 << 3,
	DNS_EMPTY_LABEL = 1 << 4, /* two dots in a row */
	DNS_HAS_SPACE = 1 << 5,   /* space or control character */
	DNS_NOT_ASCII = 1 << 6,
	DNS_IP_TEXT = 1 << 7,       /* reads as an IPv4 or IPv6 address */
	DNS_WILDCARD = 1 << 8,      /* a star anywhere */
	DNS_BAD_CHARACTER = 1 << 9, /* a printable one outside letters, digits, - _ . * */
	DNS_NO_DOT = 1 << 10,
	DNS_EMPTY = 1 << 11,
	DNS_TOO_LONG = 1 << 12,  /* over 253 octets, or a label over 63 */
	DNS_DAMAGED = 1 << 13,   /* its encoding was broken or cut */
	DNS_CONVERTED = 1 << 14, /* decoded from BMPString or UniversalString to UTF-8 */
};

/* The flags of one name. */
uint32_t dns_oddities(struct bytes name);

struct dns_found {
	struct bytes name; /* as it stands; of the iterator when DNS_CONVERTED */
	uint32_t oddities; /* enum dns_oddity bits */
	uint32_t offset;   /* of the first octet in cert->der */
	enum dns_source source;
};

/* Every dNSName of every SAN, every commonName of the subject, and what a raw
 * search finds in a SAN or a certificate that cannot be read to its end. A
 * name with a NUL comes twice: whole, then the part before the NUL. Names may
 * repeat. The iterator has to outlive what it handed out. */
#define DNS_CONVERTED_MAX 512
struct dns_iter {
	const struct cert *cert;
	const struct extension *san; /* the one being read */
	struct general_name_iter names;
	struct name_iter subject;
	struct raw_name_iter {
		struct bytes all;
		size_t at;
		struct bytes run; /* candidates still to come from it */
		unsigned stage;
	} raw;
	struct bytes before_nul;
	uint32_t before_nul_oddities;
	struct dns_found last;
	unsigned stage;
	uint8_t converted[DNS_CONVERTED_MAX];
};
void cert_dns_names(const struct cert *, struct dns_iter *);
bool dns_next(struct dns_iter *, struct dns_found *out);

/* Runs of letters, digits, '-', '_' and '*' with a dot between, out of bytes
 * that nobody can parse. Length octets and tags that happen to
 * look like letters are cut off in further candidates of the same run. */
void names_search_raw(struct bytes, struct raw_name_iter *);
bool raw_name_next(struct raw_name_iter *, struct bytes *name);
