/* Lists from files: what is read, what is refused with its line, which version
 * findings are given, and that the built-in ones know what they must. */
#include <arpa/inet.h>

#include "check/data.h"
#include "check/run.h"
#include "crypto/digest.h"
#include "tests/lib/mutate.h"
#include "tests/lib/spec_text.h"
#include "tests/lib/unit.h"
#include "x509/spki.h"

/* Reads it into params that hold nothing yet; err is empty where it was taken. */
static struct err
parse(struct check_params *params, struct arena *arena, enum check_data_kind kind,
    const char *text)
{
	struct err err = {0};

	if (check_data_parse(params, kind, bytes_text(text), arena, &err))
		ck_assert_int_eq(err.code, ERR_NONE);
	return err;
}

static const struct {
	enum check_data_kind kind;
	const char *text, *says;
} REFUSED[] = {
    {CHECK_DATA_TLDS, "", "it is empty"},
    {CHECK_DATA_TLDS, "# nothing\n\n", "it is empty"},
    {CHECK_DATA_TLDS, "com\nnet someday\n", "line 2: \"net someday\" has no date"},
    {CHECK_DATA_TLDS, "com 2020-02-30\n", "line 1"},
    {CHECK_DATA_TLDS, "\n# x\ncom 2020-01-02 2020-01-01\n", "line 3: \"com\" ends"},
    {CHECK_DATA_TLDS, "com.\n", "\"com.\" is no name of a TLD"},
    {CHECK_DATA_COUNTRIES, "CHN\n", "\"CHN\" is no code"},
    {CHECK_DATA_COUNTRIES, "cn\n", "\"cn\" is no code"},
    {CHECK_DATA_BLOCKS, "10.0.0.0/8 a\n10.0.0.0/33 b\n", "line 2"},
    {CHECK_DATA_BLOCKS, "10.0.0.0\n", "line 1"},
    {CHECK_DATA_BLOCKS, "fc00::/129\n", "line 1"},
    {CHECK_DATA_BLOCKS, "fc00::/7x\n", "line 1"},
    {CHECK_DATA_TENANTS, "github.io\n-\n a b\n", "line 3: \"a b\""},
    {CHECK_DATA_TENANTS, "github..io\n", "line 1"},
    {CHECK_DATA_HOLIDAYS, "# none\n", "it is empty"},
    {CHECK_DATA_HOLIDAYS, "2016-02-08\n2016-02-30\n", "line 2: \"2016-02-30\" begins"},
    {CHECK_DATA_HOLIDAYS, "New Year 2016-01-01\n", "line 1"},
    {CHECK_DATA_HOLIDAYS, "2016-02-08T00:00:00Z\n", "line 1"},
    {CHECK_DATA_HOLIDAYS, "-\n", "line 1"},
    {CHECK_DATA_BLOCKED_KEYS, "00\n", "line 1: \"00\" is no SHA-256"},
    {CHECK_DATA_WEAK_KEYS, "0123456789abcdef0123\n0123456789abcdef012\n", "line 2"},
    {CHECK_DATA_PSL, "com\n", "===BEGIN ICANN DOMAINS==="},
    {CHECK_DATA_PSL, "// ===BEGIN ICANN DOMAINS===\ncom\na..b\n", "line 3"},
    {CHECK_DATA_PSL, "// ===BEGIN ICANN DOMAINS===\ncom.\n", "line 2"},
    {CHECK_DATA_PSL, "// ===BEGIN ICANN DOMAINS===\n\xff\xfe\n", "line 2"},
};

START_TEST(refused)
{
	struct check_params params, before;
	struct arena arena;
	struct err err;

	arena_init(&arena);
	check_params_defaults(&params);
	before = params;
	err = parse(&params, &arena, REFUSED[_i].kind, REFUSED[_i].text);
	ck_assert_int_eq(err.code, ERR_CONFIG);
	ck_assert_msg(strstr(err.text, REFUSED[_i].says) != NULL, "%s", err.text);
	ck_assert_mem_eq(&params, &before, sizeof(params));
	arena_free(&arena);
}
END_TEST

/* The version is what the file says, or what it is. */
START_TEST(versions)
{
	static const struct {
		const char *text, *version;
	} ROWS[] = {
	    {"# version: 2026-11-01\ncom\n", "2026-11-01"},
	    {"# Version 2026112000, Last Updated Fri\nCOM\n", "2026112000"},
	    {"// VERSION: 2026-08-19_08-26-08_UTC\ncom\n", "2026-08-19_08-26-08_UTC"},
	    {"com\n", "03b795529d1bb07b"}, /* sha256sum */
	};
	struct check_params params;
	struct arena arena;
	struct err err;

	arena_init(&arena);
	check_params_defaults(&params);
	err = parse(&params, &arena, CHECK_DATA_TLDS, ROWS[_i].text);
	ck_assert_msg(err.code == ERR_NONE, "%s", err.text);
	ck_assert_str_eq(params.versions[CHECK_DATA_TLDS], ROWS[_i].version);
	arena_free(&arena);
}
END_TEST

/* A heading says where the dates stand; other columns are nobody's business. */
START_TEST(dated_names)
{
	struct check_params params;
	struct arena arena;
	struct err err;

	arena_init(&arena);
	check_params_defaults(&params);
	err = parse(&params, &arena, CHECK_DATA_TLDS,
	    "tld\tdelegation_date\tremoval_date\tkind\r\n"
	    "zone\t2014-01-02\t\tnew\r\n"
	    "Abarth\t2016-08-04\t2023-06-05\told\r\n"
	    "com\t\t\tfirst\r\n");
	ck_assert_msg(err.code == ERR_NONE, "%s", err.text);
	ck_assert_uint_eq(params.tld_count, 3);
	ck_assert_str_eq(params.tlds[0].name, "abarth");
	ck_assert_int_eq(params.tlds[0].from, DATE(2016, 8, 4));
	ck_assert_int_eq(params.tlds[0].until, DATE(2023, 6, 5));
	ck_assert_int_eq(params.tlds[1].from, 0);
	ck_assert_int_eq(params.tlds[2].until, 0);
	err = parse(&params, &arena, CHECK_DATA_COUNTRIES,
	    "alpha2\talpha3\tnumeric\tname\nAD\tAND\t020\tAndorra\n");
	ck_assert_msg(err.code == ERR_NONE, "%s", err.text);
	ck_assert_uint_eq(params.country_count, 1);
	ck_assert_str_eq(params.countries[0].code, "AD");
	arena_free(&arena);
}
END_TEST

static const struct check_block *
block_of(const struct check_params *params, const char *text)
{
	uint8_t address[16];
	bool is_v6 = strchr(text, ':') != NULL;

	ck_assert_int_eq(inet_pton(is_v6 ? AF_INET6 : AF_INET, text, address), 1);
	return check_block_find(params, bytes_of(address, is_v6 ? 16 : 4));
}

/* The first and last address of blocks, and those just outside. */
START_TEST(built_in_blocks)
{
	static const struct {
		const char *address, *name;
	} ROWS[] = {
	    {"9.255.255.255", NULL},
	    {"10.0.0.0", "Private-Use"},
	    {"10.255.255.255", "Private-Use"},
	    {"11.0.0.0", NULL},
	    {"100.63.255.255", NULL},
	    {"100.64.0.0", "Shared Address Space"},
	    {"100.127.255.255", "Shared Address Space"},
	    {"100.128.0.0", NULL},
	    {"172.31.255.255", "Private-Use"},
	    {"172.32.0.0", NULL},
	    {"198.19.255.255", "Benchmarking"},
	    {"198.20.0.0", NULL},
	    {"8.8.8.8", NULL},
	    {"255.255.255.255", "Limited Broadcast"},
	    {"::1", "Loopback Address"},
	    {"::2", NULL},
	    {"2001:1ff:ffff::", "IETF Protocol Assignments"},
	    {"2001:200::", NULL},
	    {"2001:db8::1", "Documentation"},
	    {"fdff::", "Unique-Local"},
	    {"fe00::", NULL},
	    {"febf::1", "Link-Local Unicast"},
	    {"2606:4700::1111", NULL},
	};
	struct check_params params;
	const struct check_block *block;

	check_params_defaults(&params);
	block = block_of(&params, ROWS[_i].address);
	if (ROWS[_i].name == NULL)
		ck_assert_msg(block == NULL, "%s", ROWS[_i].address);
	else
		ck_assert_msg(block != NULL && strcmp(block->name, ROWS[_i].name) == 0,
		    "%s", ROWS[_i].address);
}
END_TEST

/* As IANA's CSV has them. */
START_TEST(blocks_of_a_file)
{
	struct check_params params;
	struct arena arena;
	struct err err;

	arena_init(&arena);
	check_params_defaults(&params);
	err = parse(&params, &arena, CHECK_DATA_BLOCKS,
	    "Address Block,Name,RFC\n"
	    "\"192.0.0.170/32, 192.0.0.171/32\",NAT64/DNS64 Discovery,RFC8880\n"
	    "9.0.0.0/8 [2],Ours,none\n"
	    "2001:db8::/32 Documentation\n");
	ck_assert_msg(err.code == ERR_NONE, "%s", err.text);
	ck_assert_uint_eq(params.block_count, 4);
	ck_assert_ptr_nonnull(block_of(&params, "192.0.0.171"));
	ck_assert_ptr_nonnull(block_of(&params, "9.1.2.3"));
	ck_assert_ptr_nonnull(block_of(&params, "2001:db8::"));
	ck_assert_ptr_null(block_of(&params, "10.0.0.1"));
	arena_free(&arena);
}
END_TEST

START_TEST(tenants)
{
	struct check_params params;
	struct arena arena;
	struct err err;

	arena_init(&arena);
	check_params_defaults(&params);
	ck_assert_ptr_null(check_tenant_find(&params, bytes_text("a.github.io")));
	err = parse(&params, &arena, CHECK_DATA_TENANTS, "GitHub.io\nblogspot.com\n");
	ck_assert_msg(err.code == ERR_NONE, "%s", err.text);
	ck_assert_str_eq(
	    check_tenant_find(&params, bytes_text("a.b.github.io")), "github.io");
	ck_assert_str_eq(
	    check_tenant_find(&params, bytes_text("github.io")), "github.io");
	ck_assert_ptr_null(check_tenant_find(&params, bytes_text("xgithub.io")));
	ck_assert_ptr_null(check_tenant_find(&params, bytes_text("io")));
	arena_free(&arena);
}
END_TEST

static size_t
found(const struct check_params *params, const char *spec, const char *check)
{
	struct findings findings;
	struct sample sample;
	size_t count = 0;

	sample_make(&sample, spec);
	sample.params = *params;
	findings_init(&findings, &sample.arena);
	checks_run_certificate(&sample.judged, &findings);
	for (size_t i = 0; i < findings.count; i++)
		count += strcmp(findings.rows[i]->check->id, check) == 0;
	sample_free(&sample);
	return count;
}

START_TEST(a_file_decides)
{
	struct check_params params;
	struct arena arena;
	struct err err;

	arena_init(&arena);
	check_params_defaults(&params);
	ck_assert_uint_eq(
	    found(&params, "subject=/C=ZZ/CN=a.example", "country-invalid"), 1);
	err = parse(&params, &arena, CHECK_DATA_COUNTRIES, "ZZ 2000-01-01\n");
	ck_assert_msg(err.code == ERR_NONE, "%s", err.text);
	ck_assert_uint_eq(
	    found(&params, "subject=/C=ZZ/CN=a.example", "country-invalid"), 0);
	ck_assert_uint_eq(
	    found(&params, "subject=/C=CN/CN=a.example", "country-invalid"), 1);
	arena_free(&arena);
}
END_TEST

/* What a list does not have may have come since. */
START_TEST(an_old_list_is_doubted)
{
	static const struct {
		const char *version, *spec, *level;
	} ROWS[] = {
	    {"2024-01-01", "nb=2024-01-01 dns=a.fresh", "error"},
	    {"2024-01-01", "nb=2024-01-01T00:00:01Z dns=a.fresh", "warning"},
	    {"2024010100, updated", "nb=2024-01-01T00:00:01Z dns=a.fresh", "warning"},
	    {"one", "nb=2024-01-02 dns=a.fresh", "error"},
	    {"2024-01-01", "nb=2024-01-02 dns=a.local", "error"},
	    {"2024-01-01", "nb=2024-01-02 dns=intranet", "error"},
	};

	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		char *text = mem_format("# version: %s\norg\n", ROWS[i].version);
		const char *level = "none";
		struct check_params params;
		struct findings findings;
		struct sample sample;
		struct arena arena;

		arena_init(&arena);
		check_params_defaults(&params);
		ck_assert_int_eq(
		    parse(&params, &arena, CHECK_DATA_TLDS, text).code, ERR_NONE);
		sample_make(&sample, ROWS[i].spec);
		sample.params = params;
		findings_init(&findings, &sample.arena);
		checks_run_certificate(&sample.judged, &findings);
		for (size_t j = 0; j < findings.count; j++)
			if (strcmp(findings.rows[j]->check->id, "dns-internal-name") == 0)
				level = check_level_name(findings.rows[j]->level);
		ck_assert_msg(strcmp(level, ROWS[i].level) == 0, "%s, list %s: %s",
		    ROWS[i].spec, ROWS[i].version, level);
		sample_free(&sample);
		arena_free(&arena);
		mem_free(text);
	}
}
END_TEST

/* Each file is an operator's; versions add up, and do not get lost where they are
 * many. */
START_TEST(holidays)
{
	struct check_params params;
	struct arena arena;
	struct err err;
	char former[64] = "";

	arena_init(&arena);
	check_params_defaults(&params);
	err = parse(&params, &arena, CHECK_DATA_HOLIDAYS,
	    "# version: cn-2016\n1969-12-31\n\n# Spring\n2016-02-08 Spring Festival\n");
	ck_assert_int_eq(err.code, ERR_NONE);
	ck_assert_uint_eq(params.holiday_count, 2);
	ck_assert_int_eq(params.holidays[0], -1);
	ck_assert_int_eq(params.holidays[1], 16839);
	err = parse(
	    &params, &arena, CHECK_DATA_HOLIDAYS, "# version: il-2016\n2016-10-03\n");
	ck_assert_int_eq(err.code, ERR_NONE);
	ck_assert_uint_eq(params.holiday_count, 1);
	ck_assert_str_eq(params.versions[CHECK_DATA_HOLIDAYS], "cn-2016,il-2016");
	for (size_t i = 0; i < 20; i++) {
		char *text = mem_format("# version: another-%zu\n2016-10-03\n", i);

		err = parse(&params, &arena, CHECK_DATA_HOLIDAYS, text);
		ck_assert_int_eq(err.code, ERR_NONE);
		ck_assert_str_ne(params.versions[CHECK_DATA_HOLIDAYS], former);
		snprintf(
		    former, sizeof(former), "%s", params.versions[CHECK_DATA_HOLIDAYS]);
		mem_free(text);
	}
	arena_free(&arena);
}
END_TEST

/* Two files of weak keys add up; openssl-blacklist's lines are of the modulus. */
START_TEST(weak_keys)
{
	static const char SPEC[] = "key=rsa2048 keyno=1";
	struct check_params params;
	char line[64] = "", hex[21];
	struct sample sample;
	uint8_t hash[SHA1_LEN];
	struct arena arena;
	struct buf text;
	struct err err;
	struct spki spki;

	arena_init(&arena);
	check_params_defaults(&params);
	sample_make(&sample, SPEC);
	ck_assert(spki_parse(sample.judged.cert->spki, &spki));
	buf_init(&text, 4096);
	buf_append_text(&text, "Modulus=");
	for (size_t i = 0; i < spki.modulus.len; i++)
		if (i > 0 || spki.modulus.data[0] != 0)
			buf_append_format(&text, "%02X", spki.modulus.data[i]);
	buf_append_text(&text, "\n");
	sha1_of(buf_bytes(&text), hash);
	snprintf(line, sizeof(line), "%s\n", hex_format(hash + 10, 10, hex));
	err = parse(&params, &arena, CHECK_DATA_WEAK_KEYS, line);
	ck_assert_msg(err.code == ERR_NONE, "%s", err.text);
	ck_assert_uint_eq(found(&params, SPEC, "debian-weak-key"), 1);
	ck_assert_uint_eq(found(&params, "key=rsa2048 keyno=2", "debian-weak-key"), 0);
	err = parse(&params, &arena, CHECK_DATA_WEAK_KEYS,
	    "# version: two\n00000000000000000000\nffffffffffffffffffff\n");
	ck_assert_msg(err.code == ERR_NONE, "%s", err.text);
	ck_assert_uint_eq(params.weak_moduli.count, 3);
	ck_assert_uint_eq(found(&params, SPEC, "debian-weak-key"), 1);
	ck_assert_ptr_nonnull(strstr(params.versions[CHECK_DATA_WEAK_KEYS], ",two"));
	buf_free(&text);
	sample_free(&sample);
	arena_free(&arena);
}
END_TEST

/* A finding's data version names what its check looks at, and nothing else. */
START_TEST(data_versions)
{
	const struct check *country = check_find("country-invalid", NULL);
	struct check_params params;
	struct arena arena;
	struct buf text;
	struct err err;

	arena_init(&arena);
	buf_init(&text, 4096);
	check_params_defaults(&params);
	check_data_version(country, &params, &text);
	ck_assert_str_eq(buf_text(&text), check_catalogue_version());
	err = parse(&params, &arena, CHECK_DATA_COUNTRIES, "# version: 7\nZZ\n");
	ck_assert_int_eq(err.code, ERR_NONE);
	err = parse(&params, &arena, CHECK_DATA_TLDS, "# version: 8\ncom\n");
	ck_assert_int_eq(err.code, ERR_NONE);
	buf_clear(&text);
	check_data_version(country, &params, &text);
	ck_assert_ptr_nonnull(strstr(buf_text(&text), " countries=7"));
	ck_assert_ptr_null(strstr(buf_text(&text), "tlds"));
	buf_free(&text);
	arena_free(&arena);
}
END_TEST

/* The real lists, as they are published. */
START_TEST(real_lists)
{
	static const struct {
		enum check_data_kind kind;
		const char *path;
	} ROWS[] = {
	    {CHECK_DATA_TLDS, "real/lists/tld_delegation_dates.tsv"},
	    {CHECK_DATA_COUNTRIES, "real/lists/iso_3166-1_alpha2.tsv"},
	    {CHECK_DATA_PSL, "real/lists/public_suffix_list.dat"},
	    {CHECK_DATA_PSL, "real/lists/public_suffix_list_debian_20230209.dat"},
	};
	const char *path = unit_shared(ROWS[_i].path);
	struct check_params params;
	struct arena arena;
	struct err err = {0};
	struct buf file;

	if (path == NULL)
		return;
	file = unit_file(path);
	arena_init(&arena);
	check_params_defaults(&params);
	ck_assert_msg(
	    check_data_parse(&params, ROWS[_i].kind, buf_bytes(&file), &arena, &err),
	    "%s", err.text);
	ck_assert_ptr_nonnull(params.versions[ROWS[_i].kind]);
	check_data_fini(&params);
	arena_free(&arena);
	buf_free(&file);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("data");

	mutate_as_asked();
	tcase_add_loop_test(tcase, refused, 0, UNIT_COUNT(REFUSED));
	tcase_add_loop_test(tcase, versions, 0, 4);
	tcase_add_test(tcase, dated_names);
	tcase_add_loop_test(tcase, built_in_blocks, 0, 23);
	tcase_add_test(tcase, blocks_of_a_file);
	tcase_add_test(tcase, tenants);
	tcase_add_test(tcase, a_file_decides);
	tcase_add_test(tcase, an_old_list_is_doubted);
	tcase_add_test(tcase, holidays);
	tcase_add_test(tcase, weak_keys);
	tcase_add_test(tcase, data_versions);
	tcase_add_loop_test(tcase, real_lists, 0, 4);
	return unit_run("data", tcase);
}
