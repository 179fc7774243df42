#include "tests/lib/der_text.h"
#include "tests/lib/small_cert.h"
#include "tests/lib/unit.h"
#include "x509/precert.h"

#define SKI      "30(06(551d0e)04(040101))"
#define AKI(key) "30(06(551d23)04(30(80(" key "))))"
#define POISON   "30(06(2b06010401d679020403)01(ff)04(0500))"
#define SCTS     "30(06(2b06010401d679020402)04(04(0000)))"

static struct cert cert, signer;

/* [3] around the inside of the list; nothing for nothing. */
static struct buf
tbs_with(const char *extensions)
{
	char *text =
	    *extensions == '\0' ? mem_text("") : mem_format("a3(30( %s ))", extensions);
	struct buf tbs = small_tbs(SMALL_EXTENSIONS, text);

	mem_free(text);
	return tbs;
}

static const struct {
	const char *what, *before, *after;
	unsigned strip;
} STRIPS[] = {
    {"poison at the end", SKI POISON, SKI, STRIP_POISON},
    {"poison in front", POISON SKI, SKI, STRIP_POISON},
    {"poison between", SKI POISON AKI("aa"), SKI AKI("aa"), STRIP_POISON},
    {"SCTs", SKI SCTS, SKI, STRIP_SCT_LIST},
    {"both", POISON SKI SCTS, SKI, STRIP_POISON | STRIP_SCT_LIST},
    {"only what is asked for", SKI SCTS POISON, SKI SCTS, STRIP_POISON},
    {"two poisons", POISON SKI POISON, SKI, STRIP_POISON},
    {"the only extension", POISON, "", STRIP_POISON},
    {"nothing there to strip", SKI, SKI, STRIP_POISON},
    {"no extensions at all", "", "", STRIP_POISON},
};

START_TEST(strip_rows)
{
	struct buf before = tbs_with(STRIPS[_i].before),
		   after = tbs_with(STRIPS[_i].after);
	struct sha256 hash, want;
	struct err err = {0};
	struct buf got;

	buf_init(&got, 10000);
	ck_assert(cert_parse_tbs(buf_bytes(&before), &cert));
	ck_assert_msg(
	    precert_strip_tbs(&cert, STRIPS[_i].strip, &got, &err), "%s", err.text);
	ck_assert_msg(
	    bytes_equal(buf_bytes(&got), buf_bytes(&after)), "%s", STRIPS[_i].what);
	if (STRIPS[_i].strip == (STRIP_POISON | STRIP_SCT_LIST) ||
	    strstr(STRIPS[_i].before, SCTS) == NULL) {
		ck_assert(cert_normalised_hash(&cert, &hash));
		sha256_of(buf_bytes(&after), &want);
		ck_assert_msg(sha256_equal(&hash, &want), "%s", STRIPS[_i].what);
	}
	buf_free(&got);
	buf_free(&before);
	buf_free(&after);
}
END_TEST

/* Octets of one more extension, around those where the length octets of what
 * encloses it change in number. */
static const size_t SIZES[] = {
    0, 20, 60, 80, 90, 100, 110, 120, 200, 240, 250, 65300, 65500};

START_TEST(lengths_of_lengths)
{
	struct buf list, with, without, before, after, got;
	struct err err = {0};

	buf_init(&list, 1 << 20);
	buf_init(&got, 1 << 20);
	buf_append_text(&list, "30(06(2a0304)04(");
	for (size_t i = 0; i < SIZES[_i]; i++)
		buf_append_text(&list, "ee");
	buf_append_text(&list, "))");
	buf_init(&with, 1 << 20);
	buf_append_format(&with, "a3(30(%s%s))", POISON, buf_text(&list));
	buf_init(&without, 1 << 20);
	buf_append_format(&without, "a3(30(%s))", buf_text(&list));
	before = small_tbs(SMALL_EXTENSIONS, buf_text(&with));
	after = small_tbs(SMALL_EXTENSIONS, buf_text(&without));
	ck_assert(cert_parse_tbs(buf_bytes(&before), &cert));
	ck_assert(precert_strip_tbs(&cert, STRIP_POISON, &got, &err));
	ck_assert(bytes_equal(buf_bytes(&got), buf_bytes(&after)));
	buf_free(&list);
	buf_free(&with);
	buf_free(&without);
	buf_free(&before);
	buf_free(&after);
	buf_free(&got);
}
END_TEST

/* RFC 6962, 3.2, with a signing certificate whose issuer is CN=CA (as
 * small_cert's is) and the precertificate's CN=signer. */
static const struct {
	const char *what, *precert, *signer, *leaf;
} SIGNERS[] = {
    {"the AKI's value is replaced", AKI("bb") POISON SKI, AKI("aabbcc"),
	AKI("aabbcc") SKI},
    {"its place and criticality stay", SKI "30(06(551d23)01(ff)04(30(80(bb))))" POISON,
	AKI("aabb"), SKI "30(06(551d23)01(ff)04(30(80(aabb))))"},
    {"a signer without AKI takes it away", AKI("bb") POISON SKI, SKI, SKI},
    {"only the signer has one: it comes last", POISON SKI, AKI("aa"), SKI AKI("aa")},
    {"neither has one", POISON SKI, SKI, SKI},
};

START_TEST(signer_rows)
{
	char *text = mem_format("a3(30( %s ))", SIGNERS[_i].precert);
	struct buf plain = small_tbs(SMALL_EXTENSIONS, text), leaf, got, precert, other;
	struct err err = {0};

	mem_free(text);
	leaf = tbs_with(SIGNERS[_i].leaf);
	other = small_cert_with(SIGNERS[_i].signer);
	/* the same length of issuer, so that only its bytes differ, and then longer */
	for (int round = 0; round < 2; round++) {
		const char *issuer = round == 0 ? "'XX'" : "'a signing certificate'";
		char *name = mem_format("30(31(30( 06(550403) 0c(%s) )))", issuer);
		char *whole =
		    mem_format("30( a0(02(02)) 02(0102) 30(06(2a8648ce3d040302)) %s "
			       "30( 17('250101000000Z') 17('260101000000Z') ) "
			       "30(31(30( 06(550403) 0c('www.example') ))) "
			       "30( 30( 06(2a8648ce3d0201) 06(2a8648ce3d030107) ) "
			       "03(000401) ) a3(30( %s )) )",
			name, SIGNERS[_i].precert);

		precert = der_text(whole);
		mem_free(name);
		mem_free(whole);
		buf_init(&got, 10000);
		ck_assert(cert_parse_tbs(buf_bytes(&precert), &cert));
		ck_assert(cert_parse(buf_bytes(&other), &signer));
		ck_assert(precert_leaf_tbs(&cert, &signer, &got, &err));
		ck_assert_msg(bytes_equal(buf_bytes(&got), buf_bytes(&leaf)), "%s",
		    SIGNERS[_i].what);
		ck_assert(precert_matches_leaf(&cert, &signer, buf_bytes(&leaf), &err));
		ck_assert(!precert_matches_leaf(&cert, NULL, buf_bytes(&leaf), &err));
		ck_assert_int_eq(err.code, ERR_VERIFY);
		buf_free(&got);
		buf_free(&precert);
	}
	buf_free(&other);
	buf_free(&plain);
	buf_free(&leaf);
}
END_TEST

START_TEST(any_changed_byte_is_seen)
{
	struct buf precert = tbs_with(SKI POISON), leaf = tbs_with(SKI);
	struct err err = {0};

	ck_assert(cert_parse_tbs(buf_bytes(&precert), &cert));
	ck_assert(precert_matches_leaf(&cert, NULL, buf_bytes(&leaf), &err));
	for (size_t i = 0; i < leaf.len; i++) {
		leaf.data[i] ^= 1;
		ck_assert(!precert_matches_leaf(&cert, NULL, buf_bytes(&leaf), &err));
		ck_assert_int_eq(err.code, ERR_VERIFY);
		leaf.data[i] ^= 1;
	}
	ck_assert(
	    !precert_matches_leaf(&cert, NULL, bytes_of(leaf.data, leaf.len - 1), &err));
	buf_free(&precert);
	buf_free(&leaf);
}
END_TEST

static const struct {
	const char *what, *extensions;
	enum err_code code; /* ERR_NONE: works */
} REFUSED[] = {
    {"a list that ends in junk", "a3(30(" POISON "30))", ERR_PARSE},
    {"a poison cut", "a3(30(" POISON "3040))", ERR_PARSE},
    {"bytes behind the list stay", "a3(30(" POISON SKI ")0500)", ERR_NONE},
    {"a field behind the extensions stays", "a3(30(" POISON SKI ")) 8400", ERR_NONE},
};

START_TEST(refused_rows)
{
	struct buf tbs = small_tbs(SMALL_EXTENSIONS, REFUSED[_i].extensions), got;
	struct err err = {0};
	struct sha256 hash;
	bool ok;

	buf_init(&got, 10000);
	ck_assert(cert_parse_tbs(buf_bytes(&tbs), &cert));
	ok = precert_strip_tbs(&cert, STRIP_POISON, &got, &err);
	ck_assert_msg(ok == (REFUSED[_i].code == ERR_NONE), "%s", REFUSED[_i].what);
	ck_assert_int_eq(err.code, REFUSED[_i].code);
	ck_assert(cert_normalised_hash(&cert, &hash) == ok);
	if (ok)
		ck_assert_uint_eq(got.len, tbs.len - 21);
	buf_free(&got);
	buf_free(&tbs);
}
END_TEST

START_TEST(limits)
{
	struct buf list, tbs, got;
	struct err err = {0};

	buf_init(&list, 100000);
	for (int i = 0; i < 60; i++)
		buf_append_text(&list, SKI POISON);
	tbs = tbs_with(buf_text(&list));
	buf_init(&got, 10);
	ck_assert(cert_parse_tbs(buf_bytes(&tbs), &cert));
	ck_assert(!precert_strip_tbs(&cert, STRIP_POISON, &got, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
	buf_free(&tbs);
	tbs = tbs_with(SKI POISON);
	ck_assert(cert_parse_tbs(buf_bytes(&tbs), &cert));
	ck_assert(!precert_strip_tbs(&cert, STRIP_POISON, &got, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
	cert_parse(bytes_of("", 0), &cert);
	ck_assert(!precert_strip_tbs(&cert, STRIP_POISON, &got, &err));
	ck_assert_int_eq(err.code, ERR_PARSE);
	buf_free(&tbs);
	buf_free(&list);
	buf_free(&got);
}
END_TEST

START_TEST(an_indefinite_tbs_becomes_definite)
{
	struct buf tbs = tbs_with(SKI POISON), after = tbs_with(SKI), open, got;
	struct err err = {0};

	buf_init(&open, 10000);
	buf_init(&got, 10000);
	buf_append(&open, "\x30\x80", 2);
	buf_append(&open, tbs.data + 3, tbs.len - 3);
	buf_append(&open, "\0\0", 2);
	ck_assert(cert_parse_tbs(buf_bytes(&open), &cert));
	ck_assert(precert_strip_tbs(&cert, STRIP_POISON, &got, &err));
	ck_assert(bytes_equal(buf_bytes(&got), buf_bytes(&after)));
	buf_free(&tbs);
	buf_free(&after);
	buf_free(&open);
	buf_free(&got);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("precert");

	tcase_add_loop_test(tc, strip_rows, 0, UNIT_COUNT(STRIPS));
	tcase_add_loop_test(tc, lengths_of_lengths, 0, UNIT_COUNT(SIZES));
	tcase_add_loop_test(tc, signer_rows, 0, UNIT_COUNT(SIGNERS));
	tcase_add_test(tc, any_changed_byte_is_seen);
	tcase_add_loop_test(tc, refused_rows, 0, UNIT_COUNT(REFUSED));
	tcase_add_test(tc, limits);
	tcase_add_test(tc, an_indefinite_tbs_becomes_definite);
	return unit_run("x509/precert", tc);
}
