/* A certificate from any bytes: every field, name and extension is looked at,
 * all views lie inside the input, and what is spliced can be spliced again. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "x509/dns.h"
#include "x509/precert.h"
#include "x509/san.h"
#include "x509/show.h"
#include "x509/spki.h"

#define TEXT_MAX ((size_t)1 << 20)
#define IDN_MAX  300

static struct cert cert, again;

static void
expect(bool holds)
{
	if (!holds)
		abort();
}

static void
view(struct bytes part)
{
	const uint8_t *end = cert.der.data + cert.der.len;

	expect(
	    part.len == 0 || (part.data >= cert.der.data && part.data + part.len <= end));
}

static void
look_at_fields(void)
{
	const struct bytes views[] = {cert.certificate, cert.trailing, cert.tbs,
	    cert.validity, cert.before.text, cert.after.text, cert.version_at,
	    cert.serial, cert.serial_at, cert.tbs_algorithm.params, cert.issuer,
	    cert.subject, cert.spki, cert.key_bits, cert.issuer_unique_id,
	    cert.subject_unique_id, cert.extensions_at, cert.extensions,
	    cert.algorithm.params, cert.signature};
	struct spki key;

	for (size_t i = 0; i < ARRAY_LEN(views); i++)
		view(views[i]);
	for (enum cert_field field = 0; field < CERT_FIELD_COUNT; field++)
		expect(cert.faults[field].offset <= cert.der.len);
	if (spki_parse(cert.spki, &key)) {
		view(key.modulus);
		view(key.exponent);
		view(key.point);
		view(key.y);
	}
}

static void
look_at_names(void)
{
	struct name_attribute attribute;
	struct name_iter iter;
	struct buf key;

	name_begin(cert.subject, &iter);
	while (name_next(&iter, &attribute)) {
		view(attribute.value);
		view(attribute.value_at);
		expect(
		    string_length(attribute.tag, attribute.value) <= attribute.value.len);
	}
	buf_init(&key, TEXT_MAX);
	name_append_key(&key, cert.subject);
	expect(utf8_valid(buf_bytes(&key)) || key.failed);
	buf_clear(&key);
	name_append_text(&key, cert.subject);
	expect(utf8_valid(buf_bytes(&key)) || key.failed);
	buf_free(&key);
}

/* Reversing undoes itself, and the canonical form is its own. */
static void
look_at_dns_name(struct bytes name)
{
	size_t room = DNS_CANONICAL_ROOM(name.len), len;
	char *text = mem_alloc(room), *reversed = mem_alloc(room),
	     *back = mem_alloc(room);
	struct err err;
	struct buf ascii;

	expect(dns_canonical(name, text, room, &len) && len < room);
	dns_reverse(text, len, reversed);
	dns_reverse(reversed, len, back);
	expect(memcmp(text, back, len + 1) == 0);
	dns_wildcard_covers(bytes_of(text, len), bytes_of(text, len));
	buf_init(&ascii, TEXT_MAX);
	if (name.len < IDN_MAX && dns_append_ascii(&ascii, name, &err))
		dns_append_unicode(&ascii, name);
	buf_free(&ascii);
	mem_free(text);
	mem_free(reversed);
	mem_free(back);
}

static void
look_at_dns_names(void)
{
	struct dns_iter iter;
	struct dns_found got;
	size_t count = 0;

	cert_dns_names(&cert, &iter);
	while (dns_next(&iter, &got)) {
		expect(got.offset <= cert.der.len);
		if ((got.oddities & DNS_CONVERTED) == 0)
			view(got.name);
		if (count < 100)
			look_at_dns_name(got.name);
		expect(++count <= 8 * cert.der.len + 8);
	}
}

static void
look_at_general_names(struct general_name_iter *iter)
{
	struct general_name name;
	struct buf text;

	buf_init(&text, TEXT_MAX);
	while (general_name_next(iter, &name)) {
		view(name.value);
		general_name_append_text(&text, &name);
	}
	buf_free(&text);
}

static void
look_at_policies(const struct extension *it)
{
	struct policy_iter iter, inner;
	struct policy policy;
	struct policy_qualifier qualifier;
	struct policy_mapping mapping;
	struct policy_constraints constraints;

	extension_policies_begin(it, &iter);
	while (policy_next(&iter, &policy)) {
		view(policy.oid);
		policy_qualifiers_begin(&policy, &inner);
		while (policy_qualifier_next(&inner, &qualifier))
			view(qualifier.value.whole);
	}
	extension_policy_mappings_begin(it, &iter);
	while (policy_mapping_next(&iter, &mapping))
		view(mapping.subject_policy);
	extension_policy_constraints(it, &constraints);
	view(constraints.inhibit_mapping);
}

static void
look_at_lists(const struct extension *it)
{
	struct general_name_iter names;
	struct access_iter access;
	struct access_description description;
	struct distribution_point_iter points;
	struct distribution_point point;
	struct name_constraints constraints;
	struct subtree_iter trees;
	struct subtree tree;

	extension_names_begin(it, &names);
	look_at_general_names(&names);
	extension_access_begin(it, &access);
	while (access_next(&access, &description))
		view(description.location.value);
	extension_distribution_points_begin(it, &points);
	while (distribution_point_next(&points, &point)) {
		general_names_begin(point.full_name, &names);
		look_at_general_names(&names);
		view(point.reasons);
	}
	extension_name_constraints(it, &constraints);
	subtrees_begin(constraints.permitted, &trees);
	while (subtree_next(&trees, &tree))
		view(tree.base.value);
}

/* Every decoder over every extension, whatever it says it is. */
static void
look_at_extension(const struct extension *it)
{
	struct basic_constraints constraints;
	struct authority_key_id authority;
	struct oid_element element;
	struct oid_iter oids;
	struct key_usage usage;
	uint32_t flaws;

	view(it->whole);
	view(it->value);
	extension_basic_constraints(it, &constraints);
	extension_key_usage(it, &usage);
	extension_authority_key_id(it, &authority);
	view(authority.issuer);
	view(extension_subject_key_id(it, &flaws));
	view(extension_sct_list(it, &flaws));
	extension_oids_begin(it, &oids);
	while (oid_iter_next(&oids, &element))
		view(element.oid);
	look_at_policies(it);
	look_at_lists(it);
}

static void
look_at_splices(void)
{
	struct sha256 before, after;
	struct buf stripped, twice;
	struct err err = {0};

	buf_init(&stripped, cert.der.len + 16);
	buf_init(&twice, 2 * cert.der.len + 64);
	if (precert_strip_tbs(&cert, STRIP_POISON | STRIP_SCT_LIST, &stripped, &err)) {
		expect(cert_normalised_hash(&cert, &before));
		expect(cert_parse_tbs(buf_bytes(&stripped), &again));
		expect(cert_extension(&again, OID_POISON) == NULL ||
		    again.faults[CERT_EXTENSIONS].flaws != 0);
		if (cert_normalised_hash(&again, &after) && cert_is_sound(&cert))
			expect(sha256_equal(&before, &after));
	}
	/* its own signer: replaced by itself it stays what it is, less the poison */
	if (precert_leaf_tbs(&cert, &cert, &twice, &err))
		expect(precert_matches_leaf(&cert, &cert, buf_bytes(&twice), &err));
	buf_free(&stripped);
	buf_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct extension_iter iter;
	struct extension extension;
	struct buf text;

	if (len == 0)
		return 0;
	if (!cert_parse(bytes_of(data, len), &cert))
		cert_parse_tbs(bytes_of(data, len), &cert);
	look_at_fields();
	look_at_names();
	look_at_dns_names();
	extension_begin(&cert, &iter);
	while (extension_next(&iter, &extension))
		look_at_extension(&extension);
	look_at_splices();
	buf_init(&text, TEXT_MAX);
	cert_show(&cert, 10, &text);
	cert_show_short(&cert, &text);
	expect(utf8_valid(buf_bytes(&text)) || text.failed);
	buf_free(&text);
	return 0;
}
