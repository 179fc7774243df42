#include "tests/lib/der_text.h"
#include "tests/lib/unit.h"
#include "x509/spki.h"

#define RSA       "30(06(2a864886f70d010101)0500)"
#define EC(curve) "30(06(2a8648ce3d0201)" curve ")"

static const struct {
	const char *what, *spki;
	bool ok;
	enum spki_kind kind;
	const char *text;
	uint32_t flaws, key_flaws;
} KEYS[] = {
    {"RSA", "30(" RSA "03(00 30(02(00c1)02(010001))))", true, SPKI_RSA, "RSA-8", 0, 0},
    {"RSA, a modulus of 9 bits", "30(" RSA "03(00 30(02(0101)02(03))))", true, SPKI_RSA,
	"RSA-9", 0, 0},
    {"RSA, a negative modulus", "30(" RSA "03(00 30(02(c1)02(03))))", true, SPKI_RSA,
	"RSA-8", 0, FLAW_RANGE},
    {"RSA, a padded modulus", "30(" RSA "03(00 30(02(000041)02(03))))", true, SPKI_RSA,
	"RSA-7", 0, FLAW_INTEGER},
    {"RSA, no exponent", "30(" RSA "03(00 30(02(41))))", true, SPKI_RSA, "RSA-7", 0,
	FLAW_MISSING},
    {"RSA, no key inside", "30(" RSA "03(00 'junk'))", true, SPKI_RSA, "RSA-0", 0,
	FLAW_TAG | FLAW_CUT | FLAW_MISSING | FLAW_TRAILING},
    {"RSA, bytes behind", "30(" RSA "03(00 30(02(41)02(03))00))", true, SPKI_RSA, "RSA-7",
	0, FLAW_TRAILING},
    {"P-256", "30(" EC("06(2a8648ce3d030107)") "03(00 04))", true, SPKI_EC, "P-256", 0,
	0},
    {"SM2", "30(" EC("06(2a811ccf5501822d)") "03(00 04))", true, SPKI_EC, "SM2", 0, 0},
    {"an unknown curve", "30(" EC("06(2a03)") "03(00 04))", true, SPKI_EC, "1.2.3", 0, 0},
    {"implicit curve", "30(" EC("0500") "03(00 04))", true, SPKI_EC, "EC", 0, 0},
    {"no curve", "30(" EC("") "03(00 04))", true, SPKI_EC, "EC", 0, 0},
    {"DSA", "30(30(06(2a8648ce380401)30(02(00ff)02(0b)02(02)))03(00 02(05)))", true,
	SPKI_DSA, "DSA-8", 0, 0},
    {"DSA without parameters", "30(30(06(2a8648ce380401))03(00 02(05)))", true, SPKI_DSA,
	"DSA-0", 0, 0},
    {"DSA, no g", "30(30(06(2a8648ce380401)30(02(00ff)02(0b)))03(00 02(05)))", true,
	SPKI_DSA, "DSA-8", 0, FLAW_MISSING},
    {"Ed25519", "30(30(06(2b6570))03(00 aa))", true, SPKI_ED25519, "Ed25519", 0, 0},
    {"ML-DSA", "30(30(06(608648016503040311))03(00 aa))", true, SPKI_ML_DSA, "ML-DSA-44",
	0, 0},
    {"unknown", "30(30(06(2a03))03(00 aa))", true, SPKI_UNKNOWN, "1.2.3", 0, 0},
    {"bits with an odd count", "30(30(06(2a03))03(03aa))", true, SPKI_UNKNOWN, "1.2.3",
	FLAW_BITS, 0},
    {"more behind the bits", "30(30(06(2a03))03(00 aa)0500)", true, SPKI_UNKNOWN, "1.2.3",
	FLAW_TRAILING, 0},
    {"no algorithm OID", "30(30()03(00 aa))", true, SPKI_UNKNOWN, "#", FLAW_MISSING, 0},
    {"no bits", "30(30(06(2a03)))", false, SPKI_UNKNOWN, NULL, FLAW_MISSING, 0},
    {"no SEQUENCE", "31(30(06(2a03))03(00 aa))", false, SPKI_UNKNOWN, NULL, FLAW_TAG, 0},
    {"nothing", "", false, SPKI_UNKNOWN, NULL, FLAW_MISSING, 0},
};

START_TEST(key_rows)
{
	struct buf der = der_text(KEYS[_i].spki), text;
	struct spki got;
	bool ok = spki_parse(buf_bytes(&der), &got);

	ck_assert_msg(ok == KEYS[_i].ok, "%s", KEYS[_i].what);
	ck_assert_msg(got.flaws == KEYS[_i].flaws, "%s: %x", KEYS[_i].what, got.flaws);
	ck_assert_msg(
	    got.key_flaws == KEYS[_i].key_flaws, "%s: %x", KEYS[_i].what, got.key_flaws);
	ck_assert_int_eq(got.kind, KEYS[_i].kind);
	buf_init(&text, 100);
	if (ok) {
		ck_assert(spki_append_text(&text, &got));
		ck_assert_str_eq(buf_text(&text), KEYS[_i].text);
	}
	buf_free(&text);
	buf_free(&der);
}
END_TEST

START_TEST(parts_are_views)
{
	struct buf der = der_text("30(" RSA "03(00 30(02(00c1)02(010001))))");
	struct spki got;
	struct sha256 hash;
	char hex[2 * SHA256_LEN + 1];

	ck_assert(spki_parse(buf_bytes(&der), &got));
	ck_assert(bytes_equal(got.modulus, bytes_of("\0\xc1", 2)));
	ck_assert(bytes_equal(got.exponent, bytes_of("\1\0\1", 3)));
	ck_assert_uint_eq(got.exponent_bits, 17);
	ck_assert_int_eq(got.algorithm_id, OID_RSA);
	ck_assert(bytes_equal(got.params, bytes_of("\5\0", 2)));
	ck_assert_uint_eq(der_offset(buf_bytes(&der), got.bits), 20);
	spki_hash(bytes_text("abc"), &hash);
	ck_assert_str_eq(hex_format(hash.octets, SHA256_LEN, hex),
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	buf_free(&der);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("spki");

	tcase_add_loop_test(tc, key_rows, 0, UNIT_COUNT(KEYS));
	tcase_add_test(tc, parts_are_views);
	return unit_run("x509/spki", tc);
}
