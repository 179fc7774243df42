#include "tests/lib/der_text.h"
#include "tests/lib/small_cert.h"
#include "tests/lib/unit.h"
#include "x509/cert.h"
#include "x509/name.h"
#include "x509/show.h"

static struct cert cert;

static bool
text_is(struct bytes got, const char *want)
{
	struct buf der = der_text(want);
	bool equal = bytes_equal(got, buf_bytes(&der));

	buf_free(&der);
	return equal;
}

START_TEST(a_sound_certificate_has_every_field)
{
	struct buf der = small_cert(SMALL_PARTS, NULL);

	ck_assert(cert_parse(buf_bytes(&der), &cert));
	ck_assert(cert_is_sound(&cert));
	ck_assert_uint_eq(cert.version, 3);
	ck_assert(text_is(cert.version_at, "a0(02(02))"));
	ck_assert(text_is(cert.serial, "0102"));
	ck_assert_uint_eq(cert_offset(&cert, cert.serial_at), 11);
	ck_assert_int_eq(cert.tbs_algorithm.id, OID_ECDSA_SHA256);
	ck_assert_int_eq(cert.algorithm.id, OID_ECDSA_SHA256);
	ck_assert_uint_eq(cert.algorithm.params.len, 0);
	ck_assert(bytes_equal(cert.algorithm.whole, cert.tbs_algorithm.whole));
	ck_assert(text_is(cert.issuer, "30(31(30( 06(550403) 0c('CA') )))"));
	ck_assert_int_eq(cert.not_before, 1735689600);
	ck_assert_int_eq(cert.not_after, 1767225600);
	ck_assert(text_is(cert.after.text, "'260101000000Z'"));
	ck_assert_int_eq(cert.key_algorithm.id, OID_EC);
	ck_assert(text_is(cert.key_algorithm.params, "06(2a8648ce3d030107)"));
	ck_assert(text_is(cert.key_bits, "0401"));
	ck_assert_uint_eq(cert.extension_count, 1);
	ck_assert(
	    text_is(cert.extension[0].value, "30( 82('www.example') 82('example') )"));
	ck_assert(text_is(cert.signature, "30(020101020102)"));
	ck_assert_uint_eq(cert.trailing.len, 0);
	ck_assert_uint_eq(cert.certificate.len, der.len);
	ck_assert(!cert_is_self_issued(&cert));
	ck_assert(!cert_is_precert(&cert));
	buf_free(&der);
}
END_TEST

/* One part replaced: that field is at fault, and all others are read. */
static const struct {
	const char *what;
	enum small_part part;
	const char *text;
	enum cert_field field;
	uint32_t flaws; /* 0: no fault at all */
} FAULTS[] = {
    {"no version is v1", SMALL_VERSION, "", CERT_VERSION, 0},
    {"v1 written out", SMALL_VERSION, "a0(02(00))", CERT_VERSION, FLAW_DEFAULT},
    {"v4", SMALL_VERSION, "a0(02(03))", CERT_VERSION, FLAW_RANGE},
    {"a huge version", SMALL_VERSION, "a0(02(7fffffffffffffffff))", CERT_VERSION,
	FLAW_RANGE},
    {"a negative version", SMALL_VERSION, "a0(02(ff))", CERT_VERSION,
	FLAW_RANGE | FLAW_DEFAULT},
    {"a version of another type", SMALL_VERSION, "a0(04(02))", CERT_VERSION, FLAW_TAG},
    {"an empty version", SMALL_VERSION, "a0()", CERT_VERSION, FLAW_MISSING},
    {"bytes behind the version", SMALL_VERSION, "a0(02(02)0500)", CERT_VERSION,
	FLAW_TRAILING},
    {"a version of BER length", SMALL_VERSION, "a08103 020102", CERT_VERSION,
	FLAW_LENGTH},
    {"an empty serial", SMALL_SERIAL, "02()", CERT_SERIAL, FLAW_INTEGER},
    {"a padded serial", SMALL_SERIAL, "02(0001)", CERT_SERIAL, FLAW_INTEGER},
    {"a negative serial is a rule's business", SMALL_SERIAL, "02(ff)", CERT_SERIAL, 0},
    {"a serial of another type", SMALL_SERIAL, "04(01)", CERT_SERIAL, FLAW_TAG},
    {"no serial", SMALL_SERIAL, "", CERT_SERIAL, FLAW_TAG | FLAW_MISSING},
    {"an algorithm without OID", SMALL_TBS_ALGORITHM, "30()", CERT_TBS_ALGORITHM,
	FLAW_MISSING},
    {"a broken OID", SMALL_TBS_ALGORITHM, "30(06(8001))", CERT_TBS_ALGORITHM, FLAW_OID},
    {"two parameters", SMALL_TBS_ALGORITHM, "30(06(2a03)0500 0500)", CERT_TBS_ALGORITHM,
	FLAW_TRAILING},
    {"parameters cut", SMALL_TBS_ALGORITHM, "30(06(2a03) 0405)", CERT_TBS_ALGORITHM,
	FLAW_CUT},
    {"an issuer that is a SET", SMALL_ISSUER, "31()", CERT_ISSUER, FLAW_TAG},
    {"a subject that is a string", SMALL_SUBJECT, "0c('x')", CERT_SUBJECT, FLAW_TAG},
    {"an empty subject", SMALL_SUBJECT, "30()", CERT_SUBJECT, 0},
    {"no times", SMALL_VALIDITY, "30()", CERT_NOT_BEFORE, FLAW_MISSING},
    {"times that are numbers", SMALL_VALIDITY, "30(02(05) 17('260101000000Z'))",
	CERT_NOT_BEFORE, FLAW_TAG | FLAW_TIME},
    {"a time without seconds", SMALL_VALIDITY,
	"30(17('250101000000Z') 17('2601010000Z'))", CERT_NOT_AFTER, FLAW_TIME_FORM},
    {"a third time", SMALL_VALIDITY,
	"30(17('250101000000Z') 17('260101000000Z') 17('260101000000Z'))", CERT_VALIDITY,
	FLAW_TRAILING},
    {"a key that is no SEQUENCE", SMALL_SPKI, "31(30(06(2a03))03(00))", CERT_SPKI,
	FLAW_TAG},
    {"a key without bits", SMALL_SPKI, "30(30(06(2a03)))", CERT_SPKI, FLAW_MISSING},
    {"key bits without count", SMALL_SPKI, "30(30(06(2a03))03())", CERT_SPKI, FLAW_BITS},
    {"bytes in the key", SMALL_SPKI, "30(30(06(2a03))03(00)0500)", CERT_SPKI,
	FLAW_TRAILING},
    {"no extensions", SMALL_EXTENSIONS, "", CERT_EXTENSIONS, 0},
    {"an empty list of extensions", SMALL_EXTENSIONS, "a3(30())", CERT_EXTENSIONS,
	FLAW_EMPTY},
    {"nothing in the [3]", SMALL_EXTENSIONS, "a3()", CERT_EXTENSIONS, FLAW_MISSING},
    {"extensions without their SEQUENCE", SMALL_EXTENSIONS,
	"a3(31(30(06(551d0e)04(0400))))", CERT_EXTENSIONS, FLAW_TAG},
    {"an extension with FALSE", SMALL_EXTENSIONS,
	"a3(30(30( 06(551d0e) 01(00) 04(0400) )))", CERT_EXTENSIONS, FLAW_DEFAULT},
    {"an extension without value", SMALL_EXTENSIONS, "a3(30(30(06(551d0e))))",
	CERT_EXTENSIONS, FLAW_MISSING},
    {"an extension without OID", SMALL_EXTENSIONS, "a3(30(30(04(0400))))",
	CERT_EXTENSIONS, FLAW_MISSING},
    {"a value that is no OCTET STRING", SMALL_EXTENSIONS, "a3(30(30(06(551d0e)03(00))))",
	CERT_EXTENSIONS, FLAW_TAG},
    {"an extension twice", SMALL_EXTENSIONS,
	"a3(30(30(06(551d0e)04(0400))30(06(551d0e)04(0400))))", CERT_EXTENSIONS,
	FLAW_REPEATED},
    {"an unknown extension twice", SMALL_EXTENSIONS,
	"a3(30(30(06(2a0304)04(0400))30(06(2a0304)04(0400))))", CERT_EXTENSIONS,
	FLAW_REPEATED},
    {"bytes behind the extensions", SMALL_EXTENSIONS,
	"a3(30(30(06(551d0e)04(0400)))0500)", CERT_EXTENSIONS, FLAW_TRAILING},
    {"half an extension", SMALL_EXTENSIONS, "a3(30(30(06(551d0e)04(0400))30))",
	CERT_EXTENSIONS, FLAW_CUT},
    {"a unique id", SMALL_EXTENSIONS, "81(00ff)", CERT_ISSUER_UNIQUE_ID, 0},
    {"an explicit unique id", SMALL_EXTENSIONS, "a1(03(00ff))", CERT_ISSUER_UNIQUE_ID,
	FLAW_CONSTRUCTED},
    {"a unique id of 9 unused bits", SMALL_EXTENSIONS, "82(09ff)", CERT_SUBJECT_UNIQUE_ID,
	FLAW_BITS},
    {"ids in the wrong order", SMALL_EXTENSIONS, "82(00)81(00)", CERT_TBS, FLAW_ORDER},
    {"a [4]", SMALL_EXTENSIONS, "84(00)", CERT_TBS, FLAW_TRAILING},
    {"one byte at the end of the TBS", SMALL_EXTENSIONS, "84", CERT_TBS, FLAW_TRAILING},
    {"an outer algorithm cut", SMALL_ALGORITHM, "30(0609)", CERT_ALGORITHM,
	FLAW_CUT | FLAW_OID},
    {"no unused count in the signature", SMALL_SIGNATURE, "03()", CERT_SIGNATURE,
	FLAW_BITS},
    {"a signature of another type", SMALL_SIGNATURE, "04(00)", CERT_SIGNATURE, FLAW_TAG},
    {"no signature", SMALL_SIGNATURE, "", CERT_SIGNATURE, FLAW_MISSING},
    {"a signature cut", SMALL_SIGNATURE, "0309 00", CERT_SIGNATURE, FLAW_CUT},
    {"something behind the signature", SMALL_SIGNATURE, "03(00)0500", CERT_OUTER,
	FLAW_TRAILING},
    {"a byte behind the certificate", SMALL_BEHIND, "00", CERT_OUTER, FLAW_TRAILING},
};

static void
others_are_there(enum small_part part)
{
	if (part != SMALL_SERIAL)
		ck_assert(text_is(cert.serial, "0102"));
	if (part != SMALL_TBS_ALGORITHM)
		ck_assert_int_eq(cert.tbs_algorithm.id, OID_ECDSA_SHA256);
	if (part != SMALL_ISSUER)
		ck_assert_uint_eq(name_count(cert.issuer, OID_COMMON_NAME), 1);
	if (part != SMALL_VALIDITY)
		ck_assert_int_eq(cert.not_after, 1767225600);
	if (part != SMALL_SUBJECT)
		ck_assert_uint_eq(name_count(cert.subject, OID_COMMON_NAME), 1);
	if (part != SMALL_SPKI)
		ck_assert_int_eq(cert.key_algorithm.id, OID_EC);
	if (part != SMALL_EXTENSIONS)
		ck_assert(cert_extension(&cert, OID_SUBJECT_ALT_NAME) != NULL);
	if (part != SMALL_ALGORITHM)
		ck_assert_int_eq(cert.algorithm.id, OID_ECDSA_SHA256);
	if (part != SMALL_SIGNATURE)
		ck_assert_uint_eq(cert.signature.len, 8);
}

START_TEST(a_fault_hides_nothing_else)
{
	struct buf der = small_cert(FAULTS[_i].part, FAULTS[_i].text);
	uint32_t field = UINT32_C(1) << FAULTS[_i].field;

	ck_assert(cert_parse(buf_bytes(&der), &cert));
	ck_assert_msg(cert.faults[FAULTS[_i].field].flaws == FAULTS[_i].flaws, "%s: %x",
	    FAULTS[_i].what, cert.faults[FAULTS[_i].field].flaws);
	/* no times at all are two faults */
	if (FAULTS[_i].part != SMALL_VALIDITY)
		ck_assert_msg(cert.fields_at_fault == (FAULTS[_i].flaws != 0 ? field : 0),
		    "%s: %x", FAULTS[_i].what, cert.fields_at_fault);
	others_are_there(FAULTS[_i].part);
	buf_free(&der);
}
END_TEST

START_TEST(a_tbs_alone)
{
	struct buf der = small_tbs(SMALL_PARTS, NULL);

	ck_assert(cert_parse_tbs(buf_bytes(&der), &cert));
	ck_assert(cert_is_sound(&cert));
	ck_assert_uint_eq(cert.tbs.len, der.len);
	ck_assert_uint_eq(cert.certificate.len, 0);
	ck_assert_uint_eq(cert.signature.len, 0);
	ck_assert_uint_eq(cert.algorithm.whole.len, 0);
	ck_assert_int_eq(cert.not_before, 1735689600);
	ck_assert(cert_extension(&cert, OID_SUBJECT_ALT_NAME) != NULL);
	ck_assert(cert_parse_tbs(bytes_of(der.data, der.len - 1), &cert));
	ck_assert(!cert_is_sound(&cert));
	buf_free(&der);
}
END_TEST

static const struct {
	const char *what, *in;
	enum cert_field field;
	uint32_t flaws;
} NO_CERTS[] = {
    {"nothing", "", CERT_OUTER, FLAW_MISSING},
    {"one octet", "30", CERT_OUTER, FLAW_CUT},
    {"a string", "0c('hello')", CERT_OUTER, FLAW_TAG},
    {"an empty SEQUENCE", "30()", CERT_TBS, FLAW_MISSING},
    {"a SEQUENCE of numbers", "30(02(01)02(02))", CERT_TBS, FLAW_TAG},
    {"half a TBS header", "30(30)", CERT_TBS, FLAW_CUT},
};

START_TEST(no_certificate)
{
	struct buf der = der_text(NO_CERTS[_i].in), text;

	ck_assert(!cert_parse(buf_bytes(&der), &cert));
	ck_assert_uint_eq(cert.faults[NO_CERTS[_i].field].flaws, NO_CERTS[_i].flaws);
	ck_assert_uint_eq(cert.tbs.len, 0);
	/* and every function takes it */
	buf_init(&text, 10000);
	ck_assert(cert_show(&cert, 10, &text));
	ck_assert(cert_show_short(&cert, &text));
	ck_assert(!cert_is_ca(&cert) && !cert_is_precert(&cert));
	buf_free(&text);
	buf_free(&der);
}
END_TEST

/* Every way to cut it short: no read past the end (under ASan), and what
 * stands before the cut is found. */
START_TEST(cut_anywhere)
{
	struct buf der = small_cert(SMALL_PARTS, NULL);

	for (size_t len = 0; len < der.len; len++) {
		uint8_t *copy = mem_copy(der.data, len);

		copy = mem_resize(copy, len + (len == 0), 1);
		cert_parse(bytes_of(copy, len), &cert);
		ck_assert(!cert_is_sound(&cert));
		ck_assert(len < 16 || text_is(cert.serial, "0102"));
		ck_assert(len < 120 || cert.not_after == 1767225600);
		mem_free(copy);
	}
	buf_free(&der);
}
END_TEST

START_TEST(more_extensions_than_are_kept)
{
	struct buf list, der;
	struct extension_iter iter;
	struct extension got;
	size_t count = 0;

	buf_init(&list, 100000);
	for (int i = 0; i < 100; i++)
		buf_append_format(&list, "30(06(2a03%02x)04(0400))", i);
	der = small_cert_with(buf_text(&list));
	ck_assert(cert_parse(buf_bytes(&der), &cert));
	ck_assert_uint_eq(cert.extension_count, CERT_EXTENSIONS_MAX);
	ck_assert_uint_eq(cert.extension_total, 100);
	ck_assert_uint_eq(cert.faults[CERT_EXTENSIONS].flaws, FLAW_MANY);
	extension_begin(&cert, &iter);
	while (extension_next(&iter, &got))
		count++;
	ck_assert_uint_eq(count, 100);
	ck_assert_uint_eq(iter.flaws, 0);
	buf_free(&list);
	buf_free(&der);
}
END_TEST

START_TEST(extensions_are_found_by_kind_and_by_oid)
{
	struct buf der =
	    small_cert_with("30(06(551d0e)04(040101)) 30(06(2a0304)01(ff)04(0500))"
			    "30(06(551d0e)04(040102)) 30(06(2a0305)04(0500))");
	const struct extension *first, *second;

	ck_assert(cert_parse(buf_bytes(&der), &cert));
	first = cert_extension(&cert, OID_SUBJECT_KEY_IDENTIFIER);
	ck_assert(first == &cert.extension[0]);
	second = cert_extension_again(&cert, first);
	ck_assert(second == &cert.extension[2]);
	ck_assert(cert_extension_again(&cert, second) == NULL);
	ck_assert(cert_extension(&cert, OID_UNKNOWN) == NULL);
	first = cert_extension_by_oid(&cert, bytes_of("\x2a\x03\x04", 3));
	ck_assert(
	    first == &cert.extension[1] && first->critical && first->critical_written);
	ck_assert(cert_extension_again(&cert, first) == NULL);
	ck_assert(cert_extension_by_oid(&cert, bytes_of("\x2a\x03\x06", 3)) == NULL);
	ck_assert_uint_eq(cert.faults[CERT_EXTENSIONS].offset,
	    cert_offset(&cert, cert.extension[2].whole));
	buf_free(&der);
}
END_TEST

START_TEST(it_shows_as_lines)
{
	static const char WANT[] =
	    "subject     CN=a\\x1b[31mb\n"
	    "issuer      CN=CA\n"
	    "serial      0102\n"
	    "valid       2025-01-01T00:00:00Z to 2026-01-01T00:00:00Z\n"
	    "key         P-256\n"
	    "signed with ecdsaSHA256\n"
	    "kind        certificate, version 3\n"
	    "names       www.example\n"
	    "            and 2 more\n";
	struct buf der =
	    small_cert(SMALL_SUBJECT, "30(31(30( 06(550403) 0c('a'1b'[31mb') )))");
	struct buf text;

	buf_init(&text, 10000);
	ck_assert(cert_parse(buf_bytes(&der), &cert));
	ck_assert(cert_show(&cert, 1, &text));
	ck_assert_str_eq(buf_text(&text), WANT);
	buf_clear(&text);
	ck_assert(cert_show_short(&cert, &text));
	ck_assert_str_eq(buf_text(&text), "a\\x1b[31mb, issued by CN=CA, serial 0102");
	buf_free(&text);
	buf_free(&der);
}
END_TEST

START_TEST(faults_show_as_lines)
{
	struct buf der = small_cert(SMALL_SERIAL, "02()"), text;

	buf_init(&text, 10000);
	ck_assert(cert_parse(buf_bytes(&der), &cert));
	ck_assert(cert_show_faults(&cert, &text));
	ck_assert_str_eq(
	    buf_text(&text), "serialNumber: INTEGER empty or not minimal, at 11\n");
	buf_free(&text);
	buf_free(&der);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("cert");

	tcase_add_test(tc, a_sound_certificate_has_every_field);
	tcase_add_loop_test(tc, a_fault_hides_nothing_else, 0, UNIT_COUNT(FAULTS));
	tcase_add_test(tc, a_tbs_alone);
	tcase_add_loop_test(tc, no_certificate, 0, UNIT_COUNT(NO_CERTS));
	tcase_add_test(tc, cut_anywhere);
	tcase_add_test(tc, more_extensions_than_are_kept);
	tcase_add_test(tc, extensions_are_found_by_kind_and_by_oid);
	tcase_add_test(tc, it_shows_as_lines);
	tcase_add_test(tc, faults_show_as_lines);
	return unit_run("x509/cert", tc);
}
