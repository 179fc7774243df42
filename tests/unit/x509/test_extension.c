#include "tests/lib/der_text.h"
#include "tests/lib/small_cert.h"
#include "tests/lib/unit.h"
#include "x509/cert.h"
#include "x509/name.h"
#include "x509/san.h"

/* An extension around a value, as cert_parse would leave it. */
static struct extension
wrap(struct buf *der, const char *value)
{
	*der = der_text(value);
	return (struct extension){.value = buf_bytes(der)};
}

static bool
text_is(struct bytes got, const char *want)
{
	struct buf der = der_text(want);
	bool equal = bytes_equal(got, buf_bytes(&der));

	buf_free(&der);
	return equal;
}

static const struct {
	const char *value;
	bool ca, has_length;
	uint64_t length;
	uint32_t flaws;
} BASICS[] = {
    {"30()", false, false, 0, 0},
    {"30(01(ff))", true, false, 0, 0},
    {"30(01(ff)02(00))", true, true, 0, 0},
    {"30(01(ff)02(03))", true, true, 3, 0},
    {"30(01(00))", false, false, 0, FLAW_DEFAULT},
    {"30(01(01))", true, false, 0, FLAW_BOOLEAN},
    {"30(02(00))", false, true, 0, 0},
    {"30(01(ff)02(ff))", true, true, 0, FLAW_RANGE},
    {"30(01(ff)02(0003))", true, true, 3, FLAW_INTEGER},
    {"30(01(ff)0500)", true, false, 0, FLAW_TRAILING},
    {"30(01(ff))00", true, false, 0, FLAW_TRAILING},
    {"31(01(ff))", true, false, 0, FLAW_TAG},
    {"3003 01(ff) 02", true, false, 0, FLAW_TRAILING},
    {"3009 01(ff)", true, false, 0, FLAW_CUT},
    {"", false, false, 0, FLAW_MISSING},
};

START_TEST(basic_constraints_rows)
{
	struct basic_constraints got;
	struct buf der;
	struct extension extension = wrap(&der, BASICS[_i].value);

	extension_basic_constraints(&extension, &got);
	ck_assert_msg(
	    got.flaws == BASICS[_i].flaws, "%s: %x", BASICS[_i].value, got.flaws);
	ck_assert(got.ca == BASICS[_i].ca);
	ck_assert(got.has_path_length == BASICS[_i].has_length);
	ck_assert_uint_eq(got.path_length, BASICS[_i].length);
	buf_free(&der);
}
END_TEST

static const struct {
	const char *value;
	uint32_t bits;
	size_t count;
	uint32_t flaws;
} USAGES[] = {
    {"03(05a0)", KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT, 3, 0},
    {"03(0106)", KU_KEY_CERT_SIGN | KU_CRL_SIGN, 7, 0},
    {"03(070080)", KU_DECIPHER_ONLY, 9, 0},
    {"03(00a0)", KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT, 8, FLAW_ZERO_BITS},
    {"03(05a1)", KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT, 3, FLAW_BITS},
    {"03(00)", 0, 0, FLAW_EMPTY},
    {"03(0700)", 0, 1, FLAW_EMPTY | FLAW_ZERO_BITS},
    {"03()", 0, 0, FLAW_EMPTY | FLAW_BITS},
    {"03(06008040)", KU_DECIPHER_ONLY | 1 << 17, 18, FLAW_RANGE},
    {"03(09a0)", 0, 0, FLAW_EMPTY | FLAW_BITS},
    {"04(05a0)", KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT, 3, FLAW_TAG},
    {"", 0, 0, FLAW_MISSING | FLAW_EMPTY | FLAW_BITS},
};

START_TEST(key_usage_rows)
{
	struct key_usage got;
	struct buf der;
	struct extension extension = wrap(&der, USAGES[_i].value);

	extension_key_usage(&extension, &got);
	ck_assert_msg(
	    got.flaws == USAGES[_i].flaws, "%s: %x", USAGES[_i].value, got.flaws);
	ck_assert_uint_eq(got.bits, USAGES[_i].bits);
	ck_assert_uint_eq(got.bit_count, USAGES[_i].count);
	buf_free(&der);
}
END_TEST

START_TEST(key_usage_names)
{
	ck_assert_str_eq(key_usage_name(KU_DIGITAL_SIGNATURE), "digitalSignature");
	ck_assert_str_eq(key_usage_name(KU_DECIPHER_ONLY), "decipherOnly");
	ck_assert_str_eq(key_usage_name((enum key_usage_bit)(1 << 9)), "");
}
END_TEST

static const struct {
	const char *value;
	size_t count;
	bool server_auth;
	uint32_t flaws;
} LISTS[] = {
    {"30(06(2b06010505070301)06(2b06010505070302))", 2, true, 0},
    {"30()", 0, false, FLAW_EMPTY},
    {"30(06())", 1, false, FLAW_OID},
    {"30(04(2b06010505070301))", 1, false, FLAW_TAG},
    {"30(06(2b06010505070301)06)", 1, true, FLAW_CUT},
    {"06(2b06010505070301)", 0, false, FLAW_TAG | FLAW_EMPTY},
    {"", 0, false, FLAW_MISSING | FLAW_EMPTY},
};

START_TEST(oid_list_rows)
{
	struct oid_element element;
	struct oid_iter iter;
	struct buf der;
	struct extension extension = wrap(&der, LISTS[_i].value);
	size_t count = 0;

	extension_oids_begin(&extension, &iter);
	while (oid_iter_next(&iter, &element))
		count++;
	ck_assert_msg(
	    iter.flaws == LISTS[_i].flaws, "%s: %x", LISTS[_i].value, iter.flaws);
	ck_assert_uint_eq(count, LISTS[_i].count);
	ck_assert(
	    extension_has_oid(&extension, OID_SERVER_AUTH) == LISTS[_i].server_auth);
	buf_free(&der);
}
END_TEST

START_TEST(policies_and_their_qualifiers)
{
	struct policy policy;
	struct policy_qualifier qualifier;
	struct policy_iter iter, inner;
	struct buf der;
	struct extension extension = wrap(&der,
	    "30( 30(06(67810c010201))"
	    "    30(06(2a03) 30("
	    "      30(06(2b06010505070201) 16('http://a'))"
	    "      30(06(2b06010505070202) 30( 30(0c('o')30(02(01))) 16('text') ))"
	    "      30(06(2a04) 0500) )) )");

	extension_policies_begin(&extension, &iter);
	ck_assert(policy_next(&iter, &policy));
	ck_assert_int_eq(policy.id, OID_POLICY_DV);
	ck_assert_uint_eq(policy.qualifiers.len, 0);
	policy_qualifiers_begin(&policy, &inner);
	ck_assert(!policy_qualifier_next(&inner, &qualifier));
	ck_assert(policy_next(&iter, &policy));
	ck_assert(text_is(policy.oid, "2a03"));
	policy_qualifiers_begin(&policy, &inner);
	ck_assert(policy_qualifier_next(&inner, &qualifier));
	ck_assert_int_eq(qualifier.id, OID_QUALIFIER_CPS);
	ck_assert(text_is(qualifier.value.value, "'http://a'"));
	ck_assert(policy_qualifier_next(&inner, &qualifier));
	ck_assert_int_eq(qualifier.id, OID_QUALIFIER_USER_NOTICE);
	ck_assert_uint_eq(qualifier.explicit_text.tag, DER_IA5_STRING);
	ck_assert(text_is(qualifier.explicit_text.value, "'text'"));
	ck_assert_uint_gt(qualifier.notice_ref.whole.len, 0);
	ck_assert(policy_qualifier_next(&inner, &qualifier));
	ck_assert_int_eq(qualifier.id, OID_UNKNOWN);
	ck_assert(!policy_qualifier_next(&inner, &qualifier));
	ck_assert(!policy_next(&iter, &policy));
	ck_assert_uint_eq(iter.flaws | inner.flaws, 0);
	buf_free(&der);
}
END_TEST

static const struct {
	const char *what, *value;
	uint32_t flaws; /* of the list and all qualifiers */
} POLICY_FLAWS[] = {
    {"no policy", "30()", FLAW_EMPTY},
    {"a policy without OID", "30(30())", FLAW_MISSING},
    {"an empty list of qualifiers", "30(30(06(2a03)30()))", FLAW_EMPTY},
    {"a qualifier without value", "30(30(06(2a03)30(30(06(2a03)))))", FLAW_MISSING},
    {"a notice that is a string", "30(30(06(2a03)30(30(06(2b06010505070202)0c('x')))))",
	FLAW_TAG},
    {"a notice's text that is a number",
	"30(30(06(2a03)30(30(06(2b06010505070202)30(02(01))))))", FLAW_TAG},
    {"a notice's text that is no UTF-8",
	"30(30(06(2a03)30(30(06(2b06010505070202)30(0c(ff))))))", FLAW_UTF8},
    {"bytes behind a policy", "30(30(06(2a03)30(30(06(2a03)0500))0500))", FLAW_TRAILING},
    {"a policy cut", "30(30(06(2a03)) 3005)", FLAW_CUT | FLAW_MISSING},
};

START_TEST(policy_flaw_rows)
{
	struct policy policy;
	struct policy_qualifier qualifier;
	struct policy_iter iter, inner;
	struct buf der;
	struct extension extension = wrap(&der, POLICY_FLAWS[_i].value);
	uint32_t flaws = 0;

	extension_policies_begin(&extension, &iter);
	while (policy_next(&iter, &policy)) {
		policy_qualifiers_begin(&policy, &inner);
		while (policy_qualifier_next(&inner, &qualifier))
			continue;
		flaws |= inner.flaws;
	}
	ck_assert_msg((flaws | iter.flaws) == POLICY_FLAWS[_i].flaws, "%s: %x",
	    POLICY_FLAWS[_i].what, flaws | iter.flaws);
	buf_free(&der);
}
END_TEST

START_TEST(policy_constraints_and_mappings)
{
	struct policy_constraints got;
	struct policy_mapping mapping;
	struct policy_iter iter;
	struct buf der, other;
	struct extension extension = wrap(&der, "30(80(00)81(02))");

	extension_policy_constraints(&extension, &got);
	ck_assert(
	    text_is(got.require_explicit, "00") && text_is(got.inhibit_mapping, "02"));
	ck_assert_uint_eq(got.flaws, 0);
	extension = wrap(&other, "30()");
	extension_policy_constraints(&extension, &got);
	ck_assert_uint_eq(got.flaws, FLAW_EMPTY);
	buf_free(&other);
	extension = wrap(&other, "30(30(06(2a03)06(2a04)))");
	extension_policy_mappings_begin(&extension, &iter);
	ck_assert(policy_mapping_next(&iter, &mapping));
	ck_assert(text_is(mapping.issuer_policy, "2a03"));
	ck_assert(text_is(mapping.subject_policy, "2a04"));
	ck_assert(!policy_mapping_next(&iter, &mapping));
	ck_assert_uint_eq(iter.flaws, 0);
	buf_free(&other);
	buf_free(&der);
}
END_TEST

START_TEST(key_identifiers)
{
	struct authority_key_id got;
	struct buf der, other;
	struct extension extension = wrap(&der, "30(80(aabb) a1(82('x')) 82(0102))");
	uint32_t flaws;

	extension_authority_key_id(&extension, &got);
	ck_assert(text_is(got.key_id, "aabb") && text_is(got.serial, "0102"));
	ck_assert(text_is(got.issuer, "a1(82('x'))"));
	ck_assert_uint_eq(got.flaws, 0);
	extension_authority_key_id(NULL, &got);
	ck_assert(got.key_id.data == NULL && got.flaws == 0);
	extension = wrap(&other, "80(aabb)");
	extension_authority_key_id(&extension, &got);
	ck_assert_uint_eq(got.flaws & FLAW_TAG, FLAW_TAG);
	buf_free(&other);
	extension = wrap(&other, "04(aabb)");
	ck_assert(text_is(extension_subject_key_id(&extension, &flaws), "aabb"));
	ck_assert_uint_eq(flaws, 0);
	ck_assert(extension_subject_key_id(NULL, &flaws).data == NULL);
	buf_free(&other);
	buf_free(&der);
}
END_TEST

START_TEST(sct_list_is_wrapped_twice)
{
	struct buf der, other;
	struct extension extension = wrap(&der, "04(0003 0001aa)");
	uint32_t flaws;

	ck_assert(text_is(extension_sct_list(&extension, &flaws), "0003 0001aa"));
	ck_assert_uint_eq(flaws, 0);
	extension = wrap(&other, "0003 0001aa");
	ck_assert(extension_sct_list(&extension, &flaws).data == NULL);
	ck_assert_uint_ne(flaws, 0);
	buf_free(&other);
	extension = wrap(&other, "04(0003 0001aa)00");
	ck_assert_uint_eq(extension_sct_list(&extension, &flaws).len, 5);
	ck_assert_uint_eq(flaws, FLAW_TRAILING);
	buf_free(&other);
	buf_free(&der);
}
END_TEST

static const struct {
	const char *extensions;
	bool precert, well_formed;
} POISONS[] = {
    {"30(06(2b06010401d679020403) 01(ff) 04(0500))", true, true},
    {"30(06(2b06010401d679020403) 04(0500))", true, false},
    {"30(06(2b06010401d679020403) 01(ff) 04(0501 00))", true, false},
    {"30(06(2b06010401d679020403) 01(01) 04(0500))", true, false},
    {"30(06(2b06010401d679020402) 01(ff) 04(0500))", false, false},
};

START_TEST(poison_rows)
{
	static struct cert cert;
	struct buf der = small_cert_with(POISONS[_i].extensions);

	ck_assert(cert_parse(buf_bytes(&der), &cert));
	ck_assert(cert_is_precert(&cert) == POISONS[_i].precert);
	ck_assert(extension_poison_well_formed(cert_extension(&cert, OID_POISON)) ==
	    POISONS[_i].well_formed);
	buf_free(&der);
}
END_TEST

START_TEST(what_the_certificate_is)
{
	static struct cert cert;
	struct buf der =
	    small_cert_with("30(06(551d13)04(30()))"
			    "30(06(551d13)04(30(01(ff))))"
			    "30(06(551d25)01(ff)04(30(06(2b06010401d679020404))))");

	ck_assert(cert_parse(buf_bytes(&der), &cert));
	ck_assert_msg(cert_is_ca(&cert), "the second says so");
	ck_assert(cert_is_precert_signing(&cert));
	ck_assert(!cert_has_eku(&cert, OID_SERVER_AUTH));
	buf_free(&der);
	der = small_cert_with("30(06(551d13)04(30()))");
	ck_assert(cert_parse(buf_bytes(&der), &cert));
	ck_assert(!cert_is_ca(&cert) && !cert_is_precert_signing(&cert));
	buf_free(&der);
}
END_TEST

START_TEST(access_descriptions)
{
	struct access_description got;
	struct access_iter iter;
	struct buf der, other;
	struct extension extension = wrap(&der,
	    "30( 30(06(2b06010505073001)86('http://o')) 30(06(2a03)82('x')) 30() )");

	extension_access_begin(&extension, &iter);
	ck_assert(access_next(&iter, &got));
	ck_assert_int_eq(got.method_id, OID_ACCESS_OCSP);
	ck_assert_int_eq(got.location.kind, GENERAL_URI);
	ck_assert(text_is(got.location.value, "'http://o'"));
	ck_assert(access_next(&iter, &got));
	ck_assert_int_eq(got.location.kind, GENERAL_DNS);
	ck_assert_uint_eq(iter.flaws, 0);
	ck_assert(access_next(&iter, &got));
	ck_assert_uint_eq(got.flaws, FLAW_MISSING);
	ck_assert(!access_next(&iter, &got));
	extension_access_begin(NULL, &iter);
	ck_assert(!access_next(&iter, &got));
	extension = wrap(&other, "30()");
	extension_access_begin(&extension, &iter);
	ck_assert_uint_eq(iter.flaws, FLAW_EMPTY);
	buf_free(&other);
	buf_free(&der);
}
END_TEST

START_TEST(distribution_points)
{
	struct distribution_point got;
	struct distribution_point_iter iter;
	struct general_name_iter names;
	struct general_name name;
	struct buf der;
	struct extension extension = wrap(&der,
	    "30( 30(a0(a0(86('http://c')86('ldap:x'))))"
	    "    30(a0(a1(30(06(550403)0c('x')))) 81(0106) a2(82('i')))"
	    "    30(a0()) )");

	extension_distribution_points_begin(&extension, &iter);
	ck_assert(distribution_point_next(&iter, &got));
	general_names_begin(got.full_name, &names);
	ck_assert(general_name_next(&names, &name));
	ck_assert(text_is(name.value, "'http://c'"));
	ck_assert(general_name_next(&names, &name));
	ck_assert(!general_name_next(&names, &name));
	ck_assert_uint_eq(got.reasons.len + got.crl_issuer.len, 0);
	ck_assert(distribution_point_next(&iter, &got));
	ck_assert_uint_eq(got.full_name.len, 0);
	ck_assert(text_is(got.relative_name, "a1(30(06(550403)0c('x')))"));
	ck_assert(text_is(got.reasons, "81(0106)"));
	ck_assert(text_is(got.crl_issuer, "a2(82('i'))"));
	ck_assert_uint_eq(iter.flaws, 0);
	ck_assert(distribution_point_next(&iter, &got));
	ck_assert_uint_eq(got.flaws, FLAW_EMPTY);
	ck_assert(!distribution_point_next(&iter, &got));
	buf_free(&der);
}
END_TEST

START_TEST(name_constraints_and_subtrees)
{
	struct name_constraints got;
	struct subtree_iter iter;
	struct subtree tree;
	struct buf der, other;
	struct extension extension = wrap(&der,
	    "30( a0( 30(82('example')) 30(87(0a000000ff000000) 80(00) 81(05)) )"
	    "    a1( 30(87(0a000001)) ) )");

	extension_name_constraints(&extension, &got);
	ck_assert_uint_eq(got.flaws, 0);
	subtrees_begin(got.permitted, &iter);
	ck_assert(subtree_next(&iter, &tree));
	ck_assert_int_eq(tree.base.kind, GENERAL_DNS);
	ck_assert(tree.minimum.data == NULL && tree.maximum.data == NULL);
	ck_assert(subtree_next(&iter, &tree));
	ck_assert_uint_eq(tree.flaws, FLAW_DEFAULT);
	ck_assert(text_is(tree.maximum, "05"));
	ck_assert(!subtree_next(&iter, &tree));
	subtrees_begin(got.excluded, &iter);
	ck_assert(subtree_next(&iter, &tree));
	ck_assert_int_eq(tree.base.kind, GENERAL_IP);
	extension = wrap(&other, "30()");
	extension_name_constraints(&extension, &got);
	ck_assert_uint_eq(got.flaws, FLAW_EMPTY);
	buf_free(&other);
	buf_free(&der);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("extension");

	tcase_add_loop_test(tc, basic_constraints_rows, 0, UNIT_COUNT(BASICS));
	tcase_add_loop_test(tc, key_usage_rows, 0, UNIT_COUNT(USAGES));
	tcase_add_test(tc, key_usage_names);
	tcase_add_loop_test(tc, oid_list_rows, 0, UNIT_COUNT(LISTS));
	tcase_add_test(tc, policies_and_their_qualifiers);
	tcase_add_loop_test(tc, policy_flaw_rows, 0, UNIT_COUNT(POLICY_FLAWS));
	tcase_add_test(tc, policy_constraints_and_mappings);
	tcase_add_test(tc, key_identifiers);
	tcase_add_test(tc, sct_list_is_wrapped_twice);
	tcase_add_loop_test(tc, poison_rows, 0, UNIT_COUNT(POISONS));
	tcase_add_test(tc, what_the_certificate_is);
	tcase_add_test(tc, access_descriptions);
	tcase_add_test(tc, distribution_points);
	tcase_add_test(tc, name_constraints_and_subtrees);
	return unit_run("x509/extension", tc);
}
