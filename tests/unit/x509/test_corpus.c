/*
 * The shared data: certificates that strict parsers refuse, and 12,445 real
 * ones against their index.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/unit.h"
#include "tests/lib/vectors.h"
#include "x509/pem.h"
#include "x509/precert.h"
#include "x509/san.h"
#include "x509/show.h"

#define PROBE "vectors/certs/openssl-probe"

static struct cert cert;

/* SAN names, then subjects', in one row; raw finds are left out. */
static void
list_names(const struct cert *it, struct buf *out)
{
	struct dns_iter iter;
	struct dns_found got;

	cert_dns_names(it, &iter);
	for (const char *space = ""; dns_next(&iter, &got);) {
		if (got.source == DNS_FROM_RAW)
			continue;
		buf_append_format(
		    out, "%s%s", space, got.source == DNS_FROM_SUBJECT ? "cn:" : "");
		text_append_safe(out, got.name, 40);
		space = " ";
	}
}

#define BASE_SAN    "26d54cff.sni.cloudflaressl.com cloudflare.com"
#define BASE_CN     "cn:26d54cff.sni.cloudflaressl.com"
#define BASE_SERIAL "40e5a0d8d73d5e1013d6da11cc0ae157"
#define BASE_BEFORE 1757527916
#define BASE_AFTER  1765307501
#define YEAR_2025   1735689600
#define YEAR_2026   1767225600

/* What one mutation leaves; NULL and 0: as in the certificate it was made of. */
static const struct probe {
	const char *file, *san, *cn, *serial;
	int64_t before, after; /* -1: not readable */
	enum cert_field field;
	uint32_t flaws;
} PROBES[] = {
    {.file = "00-base"},
    {.file = "atv-bad-oid", .cn = ""},
    {.file = "atv-empty-oid", .cn = ""},
    {.file = "cn-10000", .cn = "cn:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."},
    {.file = "cn-badutf8", .cn = "cn:bad\\xff\\xfe.example"},
    {.file = "cn-bmp-odd", .cn = "cn:\xe6\x85\xa2\xef\xbf\xbd"},
    {.file = "cn-bmp",
	.cn = "cn:b\xc3\xa4"
	      "d"},
    {.file = "cn-empty", .cn = "cn:"},
    {.file = "cn-general", .cn = "cn:abc"},
    {.file = "cn-ia5-8bit", .cn = "cn:caf\\xe9.example"},
    {.file = "cn-integer", .cn = "cn:\\x05"},
    {.file = "cn-multi-rdn", .cn = "cn:a.example cn:b.example"},
    {.file = "cn-nul", .cn = "cn:good.example\\x00.evil.example cn:good.example"},
    {.file = "cn-numeric", .cn = "cn:abc"},
    {.file = "cn-octetstring", .cn = "cn:x.example"},
    {.file = "cn-printable-bad", .cn = "cn:*.ex@mple_&.com"},
    {.file = "cn-printable-latin1", .cn = "cn:caf\\xe9.example"},
    {.file = "cn-t61", .cn = "cn:caf\\xe9"},
    {.file = "cn-univ-bad", .cn = "cn:\xef\xbf\xbd"},
    {.file = "cn-univ", .cn = "cn:abc"},
    {.file = "cn-utf8-overlong", .cn = "cn:\\xc0\\xaf"},
    {.file = "cn-utf8-surrogate", .cn = "cn:\\xed\\xa0\\x80"},
    {.file = "cn-visible", .cn = "cn:x.example"},
    {.file = "ext-bad-oid", .san = "", .field = CERT_EXTENSIONS, .flaws = FLAW_OID},
    {.file = "ext-crit-01",
	.san = "a.example",
	.field = CERT_EXTENSIONS,
	.flaws = FLAW_BOOLEAN},
    {.file = "ext-crit-false-explicit",
	.san = "a.example",
	.field = CERT_EXTENSIONS,
	.flaws = FLAW_DEFAULT},
    {.file = "exts-empty-seq", .san = "", .field = CERT_EXTENSIONS, .flaws = FLAW_EMPTY},
    {.file = "issuer-empty"},
    {.file = "outer-ber-len", .field = CERT_OUTER, .flaws = FLAW_LENGTH},
    {.file = "outer-indef", .field = CERT_OUTER, .flaws = FLAW_INDEFINITE},
    {.file = "rdn-empty-set", .cn = ""},
    {.file = "san-8bit", .san = "caf\\xe9.example"},
    {.file = "san-dirname-badutf8", .san = ""},
    {.file = "san-dup",
	.san = "a.example b.example",
	.field = CERT_EXTENSIONS,
	.flaws = FLAW_REPEATED},
    {.file = "san-empty-octets", .san = ""},
    {.file = "san-empty-seq", .san = ""},
    {.file = "san-ip-3", .san = ""},
    {.file = "san-notder", .san = ""},
    {.file = "san-nul", .san = "a.example\\x00.b a.example"},
    {.file = "san-trailing", .san = "a.example"},
    {.file = "serial-21", .serial = "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f"},
    {.file = "serial-64",
	.serial = "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f"
		  "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f"},
    {.file = "serial-empty", .serial = "", .field = CERT_SERIAL, .flaws = FLAW_INTEGER},
    {.file = "serial-neg-16", .serial = "80010101010101010101010101010101"},
    {.file = "serial-negative", .serial = "ff"},
    {.file = "serial-padded-neg",
	.serial = "ffff",
	.field = CERT_SERIAL,
	.flaws = FLAW_INTEGER},
    {.file = "serial-padded",
	.serial = "0001",
	.field = CERT_SERIAL,
	.flaws = FLAW_INTEGER},
    {.file = "serial-zero", .serial = "00"},
    {.file = "sig-bits-9unused", .field = CERT_SIGNATURE, .flaws = FLAW_BITS},
    {.file = "sig-bits-empty", .field = CERT_SIGNATURE, .flaws = FLAW_BITS},
    {.file = "sig-bits-nonzero-pad", .field = CERT_SIGNATURE, .flaws = FLAW_BITS},
    {.file = "sig-bits-unused"},
    {.file = "sigalg-mismatch"},
    {.file = "spki-junk"},
    {.file = "spki-not-seq",
	.field = CERT_SPKI,
	.flaws = FLAW_TAG | FLAW_CUT | FLAW_TRAILING},
    {.file = "spki-unknown-alg"},
    {.file = "subject-empty", .cn = ""},
    {.file = "tbs-indef", .field = CERT_TBS, .flaws = FLAW_INDEFINITE},
    {.file = "time-9999", .before = YEAR_2025, .after = 253402300799},
    {.file = "time-garbage",
	.before = -1,
	.after = -1,
	.field = CERT_NOT_AFTER,
	.flaws = FLAW_TIME},
    {.file = "time-gen-frac",
	.before = YEAR_2025,
	.after = YEAR_2026,
	.field = CERT_NOT_BEFORE,
	.flaws = FLAW_TIME_FORM},
    {.file = "time-gen-nominute",
	.before = YEAR_2025,
	.after = YEAR_2026,
	.field = CERT_NOT_BEFORE,
	.flaws = FLAW_TIME_FORM},
    {.file = "time-int",
	.before = -1,
	.after = -1,
	.field = CERT_NOT_BEFORE,
	.flaws = FLAW_TAG | FLAW_TIME},
    {.file = "time-utc-nosec",
	.before = YEAR_2025,
	.after = YEAR_2026,
	.field = CERT_NOT_AFTER,
	.flaws = FLAW_TIME_FORM},
    {.file = "time-utc-off",
	.before = YEAR_2025 - 3600,
	.after = YEAR_2026,
	.field = CERT_NOT_BEFORE,
	.flaws = FLAW_TIME_FORM},
    {.file = "trailing-byte", .field = CERT_OUTER, .flaws = FLAW_TRAILING},
    {.file = "version-1-with-exts", .field = CERT_VERSION, .flaws = FLAW_DEFAULT},
    {.file = "version-5", .field = CERT_VERSION, .flaws = FLAW_RANGE},
};

static void
check_probe(const struct probe *probe)
{
	const char *san = probe->san != NULL ? probe->san : BASE_SAN;
	const char *cn = probe->cn != NULL ? probe->cn : BASE_CN;
	struct buf names, want,
	    serial = unit_hex(probe->serial != NULL ? probe->serial : BASE_SERIAL);

	buf_init(&names, 20000);
	buf_init(&want, 20000);
	list_names(&cert, &names);
	buf_append_format(
	    &want, "%s%s%s", san, *san != '\0' && *cn != '\0' ? " " : "", cn);
	ck_assert_msg(strcmp(buf_text(&names), buf_text(&want)) == 0, "%s: %s",
	    probe->file, buf_text(&names));
	ck_assert_msg(bytes_equal(cert.serial, buf_bytes(&serial)), "%s", probe->file);
	ck_assert_msg(((cert.before.form & TIME_UNREADABLE) != 0) == (probe->before < 0),
	    "%s", probe->file);
	if (probe->before >= 0) {
		ck_assert_int_eq(
		    cert.not_before, probe->before > 0 ? probe->before : BASE_BEFORE);
		ck_assert_int_eq(
		    cert.not_after, probe->after > 0 ? probe->after : BASE_AFTER);
	}
	if (probe->flaws == 0)
		ck_assert_msg(
		    cert_is_sound(&cert), "%s: %x", probe->file, cert.fields_at_fault);
	else
		ck_assert_msg(cert.faults[probe->field].flaws == probe->flaws, "%s: %x",
		    probe->file, cert.faults[probe->field].flaws);
	buf_free(&names);
	buf_free(&want);
	buf_free(&serial);
}

START_TEST(probe_rows)
{
	char *name;
	struct buf der;

	if (unit_shared(PROBE) == NULL)
		return;
	name = mem_format("%s.der", PROBES[_i].file);
	der = vectors_in(PROBE, name);
	ck_assert_msg(cert_parse(buf_bytes(&der), &cert), "%s", name);
	check_probe(&PROBES[_i]);
	mem_free(name);
	buf_free(&der);
}
END_TEST

START_TEST(no_probe_is_left_out)
{
	json_t *json = vectors_json(PROBE "/results.json");

	if (json == NULL)
		return;
	ck_assert_uint_eq(
	    json_array_size(json_object_get(json, "results")), ARRAY_LEN(PROBES));
	json_decref(json);
}
END_TEST

/* The columns of data/real/certs/index.tsv that are compared. */
enum column {
	SHA256 = 0,
	NOT_BEFORE = 3,
	NOT_AFTER = 4,
	HAS_POISON = 7,
	HAS_SCT = 8,
	SERIAL = 11,
	DNS_SANS = 15,
	COLUMNS = 17,
};

static size_t
count_san_names(const struct cert *it)
{
	struct dns_iter iter;
	struct dns_found got;
	size_t count = 0;

	cert_dns_names(it, &iter);
	while (dns_next(&iter, &got))
		count +=
		    got.source == DNS_FROM_SAN && (got.oddities & DNS_BEFORE_NUL) == 0;
	return count;
}

static void
check_real_times(char *const *row)
{
	char before[TIME_TEXT_LEN], after[TIME_TEXT_LEN];

	/* the index was made by a program that takes no notice of offsets */
	if (((cert.before.form | cert.after.form) & TIME_OFFSET) != 0)
		return;
	ck_assert(((cert.before.form | cert.after.form) & TIME_UNREADABLE) == 0);
	time_format(cert.not_before * 1000, before);
	time_format(cert.not_after * 1000, after);
	ck_assert_msg(strcmp(before, row[NOT_BEFORE]) == 0, "%s: %s, %s", row[SHA256],
	    before, row[NOT_BEFORE]);
	ck_assert_msg(strcmp(after, row[NOT_AFTER]) == 0, "%s: %s, %s", row[SHA256],
	    after, row[NOT_AFTER]);
}

static void
check_real(char *const *row)
{
	char hex[2 * 256 + 1];

	ck_assert_msg(cert_parse(cert.der, &cert), "%s", row[SHA256]);
	ck_assert_uint_le(cert.serial.len, 256);
	hex_format(cert.serial.data, cert.serial.len, hex);
	ck_assert_msg(strcmp(hex, row[SERIAL]) == 0, "%s: serial %s, %s", row[SHA256],
	    hex, row[SERIAL]);
	check_real_times(row);
	ck_assert_msg(
	    cert_is_precert(&cert) == (*row[HAS_POISON] == '1'), "%s", row[SHA256]);
	ck_assert_msg(
	    (cert_extension(&cert, OID_SCT_LIST) != NULL) == (*row[HAS_SCT] == '1'), "%s",
	    row[SHA256]);
	ck_assert_msg(count_san_names(&cert) == strtoul(row[DNS_SANS], NULL, 10),
	    "%s: %zu names, %s", row[SHA256], count_san_names(&cert), row[DNS_SANS]);
}

START_TEST(real_certificates_agree_with_their_index)
{
	struct buf index, text;
	size_t count = 0;
	char *rest, *line;

	if (!vectors_file("real/certs/index.tsv", &index))
		return;
	buf_init(&text, 1 << 20);
	buf_text(&index);
	rest = (char *)index.data;
	strsep(&rest, "\n"); /* the heading */
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		char *row[COLUMNS] = {NULL}, *name;
		struct buf der;

		for (size_t i = 0; i < COLUMNS; i++)
			row[i] = strsep(&line, "\t");
		ck_assert(row[COLUMNS - 1] != NULL);
		name = mem_format("%s.der", row[SHA256]);
		der = vectors_in("real/certs/der", name);
		cert.der = buf_bytes(&der);
		check_real(row);
		buf_clear(&text);
		ck_assert(cert_show(&cert, 5, &text));
		mem_free(name);
		buf_free(&der);
		count++;
	}
	ck_assert_uint_gt(count, 10000);
	buf_free(&text);
	buf_free(&index);
}
END_TEST

/* Certificates that were damaged inside an entry: the name is found. */
static const struct {
	const char *entry;
	size_t skip; /* octets of the leaf before its certificate or TBS */
	const char *name;
} DAMAGED[] = {
    {"x509-leaf-cert-not-der", 15, "flowers-to-the-world.com"},
    {"x509-truncated-length", 15, ""},
    {"precert-tbs-not-der", 47, "flowers-to-the-world.com"},
};

static bool
finds(const struct cert *it, const char *name)
{
	struct dns_iter iter;
	struct dns_found got;

	cert_dns_names(it, &iter);
	while (dns_next(&iter, &got))
		if (bytes_equal(got.name, bytes_text(name)))
			return true;
	return *name == '\0';
}

START_TEST(names_in_damaged_entries)
{
	json_t *json = vectors_json("vectors/rfc6962/entries/argon2018-variants.json");
	json_t *cases = json_object_get(json, "cases");
	size_t i = 0;
	struct buf leaf;
	json_t *entry;

	if (json == NULL)
		return;
	while (strcmp(vectors_text(json_array_get(cases, i), "name"),
		   DAMAGED[_i].entry) != 0)
		i++;
	entry = json_array_get(cases, i);
	leaf = vectors_base64(vectors_text(entry, "leaf_input"));
	cert_parse(
	    bytes_of(leaf.data + DAMAGED[_i].skip, leaf.len - DAMAGED[_i].skip), &cert);
	ck_assert_msg(finds(&cert, DAMAGED[_i].name), "%s", DAMAGED[_i].entry);
	buf_free(&leaf);
	json_decref(json);
}
END_TEST

static const struct {
	const char *file;
	enum cert_field field;
	uint32_t flaws; /* 0: nothing that cert_parse looks at */
} INVALID[] = {
    {"mismatching-sig-alg.pem", CERT_ALGORITHM, 0},
    {"xf-der-invalid-nonminimal-int.pem", CERT_SERIAL, FLAW_INTEGER},
    {"xf-der-pubkey-rsa-nonminimal-int.pem", CERT_SPKI, 0},
    {"xf-ext-extended-key-usage-empty-oid.pem", CERT_EXTENSIONS, 0},
    {"xf-ext-extended-key-usage-empty.pem", CERT_EXTENSIONS, 0},
    {"xf-ext-subject-info-empty.pem", CERT_EXTENSIONS, 0},
    {"xf-pubkey-ecdsa-secp192r1.pem", CERT_SPKI, 0},
    {"xf-pubkey-rsa-modulus-negative.pem", CERT_SPKI, 0},
    {"xf-pubkey-rsa-param-nonnull.pem", CERT_SPKI, 0},
    {"xf-subject-nonprintable.pem", CERT_SUBJECT, 0},
};

START_TEST(invalid_rows)
{
	const char *folder = "vectors/certs/ctgo-invalid";
	struct buf der, text;

	if (unit_shared(folder) == NULL)
		return;
	der = vectors_certificate(folder, INVALID[_i].file);
	buf_init(&text, 100000);
	ck_assert(cert_parse(buf_bytes(&der), &cert));
	ck_assert_msg(cert.faults[INVALID[_i].field].flaws == INVALID[_i].flaws, "%s: %x",
	    INVALID[_i].file, cert.faults[INVALID[_i].field].flaws);
	ck_assert(cert.serial.len > 0 && cert.not_after > cert.not_before);
	ck_assert(cert_show(&cert, 5, &text));
	buf_free(&text);
	buf_free(&der);
}
END_TEST

static const char *const LINT[] = {"lint/zlint", "lint/pkilint"};

/* Made to break rules, but readable: each has names, a key and a TBS to hash. */
START_TEST(lint_corpora_are_read)
{
	const char *path = unit_shared(LINT[_i]);
	DIR *folder = path == NULL ? NULL : opendir(path);
	struct dirent *entry;
	struct sha256 hash;
	struct buf text;

	if (folder == NULL)
		return;
	buf_init(&text, 1 << 20);
	while ((entry = readdir(folder)) != NULL) {
		struct buf file, der;
		struct pem_iter iter;
		struct bytes block;

		if (strstr(entry->d_name, ".pem") == NULL)
			continue;
		file = vectors_in(LINT[_i], entry->d_name);
		buf_init(&der, 1 << 20);
		pem_certificates(buf_bytes(&file), &iter);
		while (pem_next(&iter, &der, &block)) {
			ck_assert_msg(cert_parse(block, &cert), "%s", entry->d_name);
			ck_assert_msg(
			    cert_normalised_hash(&cert, &hash), "%s", entry->d_name);
			buf_clear(&text);
			ck_assert(cert_show(&cert, 5, &text));
		}
		buf_free(&file);
		buf_free(&der);
	}
	closedir(folder);
	buf_free(&text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("corpus");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, probe_rows, 0, UNIT_COUNT(PROBES));
	tcase_add_test(tc, no_probe_is_left_out);
	tcase_add_test(tc, real_certificates_agree_with_their_index);
	tcase_add_loop_test(tc, names_in_damaged_entries, 0, UNIT_COUNT(DAMAGED));
	tcase_add_loop_test(tc, invalid_rows, 0, UNIT_COUNT(INVALID));
	tcase_add_loop_test(tc, lint_corpora_are_read, 0, UNIT_COUNT(LINT));
	return unit_run("x509/corpus", tc);
}
