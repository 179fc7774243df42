#include "wire/loglist.h"

#include "tests/lib/vectors.h"

/* A key made for this test. */
#define KEY                                                                              \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEGjaIJ14055z81YhcccIILZdUtcHrfTGds0uELoCw+v" \
	"tGbkaqwOBTcyzcQjTL4LAY9QsCNqlUQVJbN0aPFnn/cA=="
#define ID           "Ltb6c6oIOVI94L6zxR7NllNyGQpEDr66AbEVB7txc6w="
#define ROOT         "RbdxxxsOKTMWTlvW285UAG0X8UrUHZi81ya97ZWfnJQ="
#define WHO          "\"log_id\":\"" ID "\",\"key\":\"" KEY "\""
#define URL          "\"url\":\"https://log.example.org/2026/\""
#define ONE(members) "{\"operators\":[{\"name\":\"Op\",\"logs\":[{" members "}]}]}"

static const struct {
	const char *what, *json;
	enum err_code code; /* of the entry */
	enum log_state state;
} ENTRIES[] = {
    {"the least", ONE(WHO "," URL ",\"mmd\":86400"), ERR_NONE, LOG_STATE_NONE},
    {"no URL, as in Mozilla's", ONE(WHO ",\"url\":\"\",\"mmd\":0"), ERR_NONE,
	LOG_STATE_NONE},
    {"usable",
	ONE(WHO "," URL ",\"state\":{\"usable\":{\"timestamp\":"
		"\"2025-01-01T00:00:00.33Z\"}}"),
	ERR_NONE, LOG_STATE_USABLE},
    {"the later of two states",
	ONE(WHO "," URL
		",\"state\":{\"usable\":{\"timestamp\":\"2025-09-22T12:29:18+01:00\"},"
		"\"qualified\":{\"timestamp\":\"2025-08-11T12:33:27+01:00\"}}"),
	ERR_NONE, LOG_STATE_USABLE},
    {"a state to come beside a known one",
	ONE(WHO "," URL ",\"state\":{\"frozen\":{},\"retired\":{\"timestamp\":\"x\"}}"),
	ERR_NONE, LOG_STATE_RETIRED},
    {"read-only with its last head",
	ONE(WHO
	    "," URL ",\"state\":{\"readonly\":{\"timestamp\":\"2025-01-01T00:00:00Z\","
	    "\"final_tree_head\":{\"sha256_root_hash\":\"" ROOT "\",\"tree_size\":7}}}"),
	ERR_NONE, LOG_STATE_READONLY},
    {"a state to come", ONE(WHO "," URL ",\"state\":{\"frozen\":{}}"), ERR_PARSE,
	LOG_STATE_NONE},
    {"a broken last head",
	ONE(WHO "," URL ",\"state\":{\"readonly\":{\"final_tree_head\":{}}}"), ERR_PARSE,
	LOG_STATE_READONLY},
    {"another log id", ONE("\"log_id\":\"" ROOT "\",\"key\":\"" KEY "\"," URL),
	ERR_VERIFY, LOG_STATE_NONE},
    {"no log id", ONE("\"key\":\"" KEY "\"," URL), ERR_PARSE, LOG_STATE_NONE},
    {"no key", ONE("\"log_id\":\"" ID "\"," URL), ERR_PARSE, LOG_STATE_NONE},
    {"a key that is no base64", ONE("\"log_id\":\"" ID "\",\"key\":\"?\"," URL),
	ERR_PARSE, LOG_STATE_NONE},
    {"a key that is no key", ONE("\"log_id\":\"" ID "\",\"key\":\"AAAA\"," URL),
	ERR_PARSE, LOG_STATE_NONE},
    {"a URL of another scheme", ONE(WHO ",\"url\":\"javascript:alert(1)\""), ERR_PARSE,
	LOG_STATE_NONE},
    {"a URL with a newline", ONE(WHO ",\"url\":\"https://a\\nb/\""), ERR_PARSE,
	LOG_STATE_NONE},
    {"a merge delay below 0", ONE(WHO "," URL ",\"mmd\":-1"), ERR_PARSE, LOG_STATE_NONE},
    {"a merge delay that is text", ONE(WHO "," URL ",\"mmd\":\"1\""), ERR_PARSE,
	LOG_STATE_NONE},
    {"times as Android's list has them",
	ONE(WHO "," URL ",\"state\":{\"retired\":{\"timestamp\":1750489200000}},"
		"\"temporal_interval\":{\"start_inclusive\":1735689600000,"
		"\"end_exclusive\":1751328000000}"),
	ERR_NONE, LOG_STATE_RETIRED},
    {"a time before 1970",
	ONE(WHO "," URL
		",\"temporal_interval\":{\"start_inclusive\":-1,\"end_exclusive\":5}"),
	ERR_PARSE, LOG_STATE_NONE},
    {"an interval backwards",
	ONE(WHO "," URL
		",\"temporal_interval\":{\"start_inclusive\":\"2026-01-01T00:00:00Z\","
		"\"end_exclusive\":\"2025-01-01T00:00:00Z\"}"),
	ERR_PARSE, LOG_STATE_NONE},
    {"half an interval",
	ONE(WHO "," URL
		",\"temporal_interval\":{\"start_inclusive\":\"2026-01-01T00:00:00Z\"}"),
	ERR_PARSE, LOG_STATE_NONE},
    {"a type to come", ONE(WHO "," URL ",\"log_type\":\"x\""), ERR_PARSE, LOG_STATE_NONE},
    {"a test log", ONE(WHO "," URL ",\"log_type\":\"test\""), ERR_NONE, LOG_STATE_NONE},
    {"a former operator of no time",
	ONE(WHO "," URL ",\"previous_operators\":[{\"name\":\"Old\"}]"), ERR_PARSE,
	LOG_STATE_NONE},
    {"no object", "{\"operators\":[{\"name\":\"Op\",\"logs\":[5]}]}", ERR_PARSE,
	LOG_STATE_NONE},
};

START_TEST(entry_rows)
{
	struct log_list list;
	struct err err = {0};

	ck_assert_msg(
	    log_list_parse(bytes_text(ENTRIES[_i].json), &list, &err), "%s", err.text);
	ck_assert_uint_eq(list.count, 1);
	ck_assert_msg(list.entries[0].error.code == ENTRIES[_i].code, "%s: %s",
	    ENTRIES[_i].what, list.entries[0].error.text);
	ck_assert_msg(list.entries[0].state == ENTRIES[_i].state, "%s", ENTRIES[_i].what);
	ck_assert_str_eq(list.entries[0].operator_name, "Op");
	log_list_free(&list);
}
END_TEST

START_TEST(all_fields)
{
	static const char JSON[] =
	    "{\"version\":\"1.2\",\"log_list_timestamp\":\"2026-08-20T13:34:57Z\","
	    "\"is_all_logs\":true,\"operators\":[{\"name\":\"Op\",\"tiled_logs\":[{" WHO
	    ",\"description\":\"A log\",\"submission_url\":\"https://s.example.org/a/\","
	    "\"monitoring_url\":\"https://m.example.org/a/\",\"mmd\":60,"
	    "\"log_type\":\"monitoring_only\",\"temporal_interval\":{\"start_inclusive\":"
	    "\"2026-01-01T00:00:00Z\",\"end_exclusive\":\"2027-01-01T00:00:00Z\"},"
	    "\"state\":{\"readonly\":{\"timestamp\":\"2026-02-03T00:00:00Z\","
	    "\"final_tree_head\":{\"sha256_root_hash\":\"" ROOT "\",\"tree_size\":7}}},"
	    "\"previous_operators\":[{\"name\":\"Old\",\"end_time\":"
	    "\"2026-01-02T00:00:00Z\"}]}]}]}";
	struct log_list list;
	struct log_list_entry *entry;
	struct sha256 id = vectors_hash(ID), root = vectors_hash(ROOT);
	struct err err = {0};

	ck_assert_msg(log_list_parse(bytes_text(JSON), &list, &err), "%s", err.text);
	ck_assert_str_eq(list.version, "1.2");
	ck_assert_int_eq(list.timestamp_ms, 1787232897000);
	ck_assert(list.is_all_logs);
	entry = &list.entries[0];
	ck_assert_msg(entry->error.code == ERR_NONE, "%s", entry->error.text);
	ck_assert(sha256_equal(&entry->id, &id));
	ck_assert_uint_eq(entry->key.len, 91);
	ck_assert(entry->tiled);
	ck_assert_str_eq(entry->description, "A log");
	ck_assert_str_eq(entry->url, "");
	ck_assert_str_eq(entry->submission_url, "https://s.example.org/a/");
	ck_assert_str_eq(entry->monitoring_url, "https://m.example.org/a/");
	ck_assert_int_eq(entry->mmd_s, 60);
	ck_assert_int_eq(entry->type, LOG_TYPE_MONITORING_ONLY);
	ck_assert_int_eq(entry->state, LOG_STATE_READONLY);
	ck_assert_int_eq(entry->state_since_ms, 1770076800000);
	ck_assert(entry->has_interval);
	ck_assert_int_eq(entry->end_ms - entry->start_ms, INT64_C(365) * 86400 * 1000);
	ck_assert(entry->has_final_head);
	ck_assert_uint_eq(entry->final_size, 7);
	ck_assert(sha256_equal(&entry->final_root, &root));
	ck_assert_uint_eq(entry->previous_count, 1);
	ck_assert_str_eq(entry->previous[0].name, "Old");
	ck_assert(!entry->bogus && !entry->mimic);
	log_list_free(&list);
}
END_TEST

static const char *const NO_LISTS[] = {
    "", "<html>", "[]", "{}", "{\"operators\":{}}", "{\"operators\":\"x\"}"};

START_TEST(no_list_rows)
{
	struct log_list list;
	struct err err = {0};

	ck_assert_msg(
	    !log_list_parse(bytes_text(NO_LISTS[_i]), &list, &err), "%s", NO_LISTS[_i]);
	ck_assert_int_eq(err.code, ERR_PARSE);
	ck_assert_ptr_null(list.entries);
}
END_TEST

START_TEST(states_by_name)
{
	enum log_state state;

	ck_assert(log_state_parse("rejected", &state));
	ck_assert_int_eq(state, LOG_STATE_REJECTED);
	ck_assert(!log_state_parse("Usable", &state));
	ck_assert_str_eq(log_state_name(LOG_STATE_READONLY), "readonly");
	ck_assert_str_eq(log_type_name(LOG_TYPE_MONITORING_ONLY), "monitoring_only");
}
END_TEST

/* wire-formats 4 and the README of the vectors: what each list holds. */
static const struct {
	const char *name;
	size_t rfc6962, tiled, broken, bogus, mimic, stateless;
} LISTS[] = {
    {"all_logs_list.json", 42, 75, 0, 2, 0, 39},
    {"apple-current_log_list.json", 135, 31, 0, 0, 0, 0},
    {"mozilla-known_logs_list.json", 26, 22, 0, 2, 0, 0},
    {"log_mimics_list.json", 2, 0, 0, 0, 2, 0},
    {"ctgo-loglist3-2022.json", 6, 0, 1, 0, 0, 0},
    {"crtsh-active_logs_list.json", 0, 0, 0, 0, 0, 0}, /* counted as they come */
    {"crtsh-all_logs_list.json", 0, 0, 0, 0, 0, 0},
};

START_TEST(real_lists)
{
	char *path = mem_format("vectors/loglists/%s", LISTS[_i].name);
	size_t tiled = 0, broken = 0, bogus = 0, mimic = 0, stateless = 0;
	struct log_list list;
	struct buf file;
	struct err err = {0};

	if (vectors_file(path, &file)) {
		ck_assert_msg(
		    log_list_parse(buf_bytes(&file), &list, &err), "%s", err.text);
		for (size_t i = 0; i < list.count; i++) {
			const struct log_list_entry *entry = &list.entries[i];

			ck_assert_msg(
			    LISTS[_i].broken > 0 || entry->error.code == ERR_NONE,
			    "%s: %s", entry->description, entry->error.text);
			tiled += entry->tiled;
			broken += entry->error.code != ERR_NONE;
			bogus += entry->bogus;
			mimic += entry->mimic;
			stateless += entry->error.code == ERR_NONE &&
			    entry->state == LOG_STATE_NONE;
		}
		if (LISTS[_i].rfc6962 > 0) {
			ck_assert_uint_eq(list.count - tiled, LISTS[_i].rfc6962);
			ck_assert_uint_eq(tiled, LISTS[_i].tiled);
			ck_assert_uint_eq(broken, LISTS[_i].broken);
			ck_assert_uint_eq(bogus, LISTS[_i].bogus);
			ck_assert_uint_eq(mimic, LISTS[_i].mimic);
			ck_assert_uint_eq(stateless, LISTS[_i].stateless);
		} else {
			ck_assert_uint_gt(list.count, 100);
		}
		log_list_free(&list);
		buf_free(&file);
	}
	mem_free(path);
}
END_TEST

START_TEST(googles_signature)
{
	struct buf json, signature, pem;
	struct key *key;
	struct err err = {0};
	char hex[65];

	if (!vectors_file("vectors/loglists/all_logs_list.json", &json))
		return;
	ck_assert(vectors_file("vectors/loglists/all_logs_list.sig", &signature));
	ck_assert(vectors_file("vectors/loglists/log_list_pubkey.pem", &pem));
	key = key_from_pem(buf_bytes(&pem), &err);
	ck_assert_msg(key != NULL, "%s", err.text);
	ck_assert_str_eq(hex_format(key_id(key)->octets, 32, hex),
	    "f1d8b68e50210d8e73d9a3e97f571773c52d7f28c0b1a71beee81d8562e6fd85");
	ck_assert_msg(log_list_verify(buf_bytes(&json), buf_bytes(&signature), key, &err),
	    "%s", err.text);
	json.data[1000] ^= 1;
	ck_assert(!log_list_verify(buf_bytes(&json), buf_bytes(&signature), key, &err));
	ck_assert_int_eq(err.code, ERR_VERIFY);
	key_free(key);
	buf_free(&json);
	buf_free(&signature);
	buf_free(&pem);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("loglist");

	tcase_add_loop_test(tc, entry_rows, 0, UNIT_COUNT(ENTRIES));
	tcase_add_test(tc, all_fields);
	tcase_add_loop_test(tc, no_list_rows, 0, UNIT_COUNT(NO_LISTS));
	tcase_add_test(tc, states_by_name);
	tcase_add_loop_test(tc, real_lists, 0, UNIT_COUNT(LISTS));
	tcase_add_test(tc, googles_signature);
	return unit_run("wire/loglist", tc);
}
