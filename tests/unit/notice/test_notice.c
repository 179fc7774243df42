#include <jansson.h>

#include "notice/notice.h"
#include "tests/lib/unit.h"

static const struct {
	const char *what;
	struct notice_subject subject;
	const char *key, *id;
} IDS[] = {
    {"a finding", {NOTICE_FINDING, {0}, "watched-name", NULL, 0}, "\x01\x02\x03",
	"68928b4aa7928e924e4f2a654682c79c"},
    {"no sub-rule is an empty one", {NOTICE_FINDING, {0}, "watched-name", "", 0},
	"\x01\x02\x03", "68928b4aa7928e924e4f2a654682c79c"},
    {"opened again", {NOTICE_FINDING, {0}, "watched-name", NULL, 1}, "\x01\x02\x03",
	"6bf88a8c5d73db3040a8612488d977cb"},
    {"an event", {NOTICE_EVENT, {0}, "log-forked", "two-roots", 0}, "argon2026h1",
	"9ba614620beb2b0611a9ce23f73c6446"},
};

START_TEST(id_rows)
{
	struct notice_subject subject = IDS[_i].subject;
	uint8_t id[NOTICE_ID_LEN];
	char hex[2 * NOTICE_ID_LEN + 1];

	subject.key = bytes_text(IDS[_i].key);
	notice_id(&subject, id);
	ck_assert_str_eq(hex_format(id, sizeof(id), hex), IDS[_i].id);
}
END_TEST

START_TEST(parts_of_an_id_do_not_run_together)
{
	uint8_t one[NOTICE_ID_LEN], other[NOTICE_ID_LEN];

	notice_id(&(struct notice_subject){.key = bytes_text("ab"), .check = "c"}, one);
	notice_id(&(struct notice_subject){.key = bytes_text("a"), .check = "bc"}, other);
	ck_assert_mem_ne(one, other, sizeof(one));
}
END_TEST

/* --- grouping --------------------------------------------------------------- */

#define MINUTE (INT64_C(60) * 1000)

/* Minutes at which alerts of one group are made, and for each whether it goes
 * out singly (s) or is counted (c). */
static const struct {
	const char *what, *fates;
	int64_t minutes[12];
} STORMS[] = {
    {"five singly, then a count", "ssssscc", {0, 1, 2, 3, 4, 5, 6}},
    {"all at once", "ssssscc", {0, 0, 0, 0, 0, 0, 0}},
    {"a slow trickle never pauses for an hour", "ssssscc",
	{0, 59, 118, 177, 236, 295, 354}},
    {"an hour of quiet ends it", "ssssscs", {0, 0, 0, 0, 0, 1, 61}},
    {"just under an hour does not", "ssssscc", {0, 0, 0, 0, 0, 1, 60}},
    {"quiet before the fifth", "ssssssssscc", {0, 1, 2, 3, 90, 91, 92, 93, 94, 95, 96}},
    {"the clock steps back an hour", "ssssscc", {100, 100, 100, 40, 40, 40, 40}},
    {"the clock steps forth two hours", "sssssss", {0, 0, 0, 0, 120, 120, 120}},
};

START_TEST(group_rows)
{
	struct notice_before before[NOTICE_GROUP_SINGLY];
	size_t made = strlen(STORMS[_i].fates);
	bool counted[12];

	for (size_t i = 0; i < made; i++) {
		size_t known = i < ARRAY_LEN(before) ? i : ARRAY_LEN(before);

		for (size_t j = 0; j < known; j++)
			before[j] = (struct notice_before){
			    STORMS[_i].minutes[i - 1 - j] * MINUTE, counted[i - 1 - j]};
		counted[i] =
		    notice_is_counted(before, known, STORMS[_i].minutes[i] * MINUTE);
		ck_assert_msg(counted[i] == (STORMS[_i].fates[i] == 'c'),
		    "%s: number %zu", STORMS[_i].what, i);
	}
}
END_TEST

START_TEST(a_group_is_check_and_watch)
{
	struct buf out;

	buf_init(&out, 100);
	notice_group("watched-name", "example.org", &out);
	ck_assert_str_eq(buf_text(&out), "watched-name example.org");
	notice_group("log-stale", NULL, &out);
	ck_assert_str_eq(buf_text(&out), "log-stale");
	buf_free(&out);
}
END_TEST

/* --- who takes it ----------------------------------------------------------- */

static const char *const NAMES[] = {"watched-name", "log-stale"};
static const struct {
	const char *what;
	struct notice_sink sink;
	const char *check;
	enum notice_level level;
	bool takes;
} TAKERS[] = {
    {"all", {.name = "s"}, "x", NOTICE_LEVEL_NOTICE, true},
    {"the least level", {.least = NOTICE_LEVEL_WARNING}, "x", NOTICE_LEVEL_WARNING, true},
    {"below the least", {.least = NOTICE_LEVEL_WARNING}, "x", NOTICE_LEVEL_NOTICE, false},
    {"only, in", {.only = NAMES, .only_len = 2}, "log-stale", NOTICE_LEVEL_NOTICE, true},
    {"only, out", {.only = NAMES, .only_len = 2}, "x", NOTICE_LEVEL_ERROR, false},
    {"skip", {.skip = NAMES, .skip_len = 2}, "watched-name", NOTICE_LEVEL_ERROR, false},
    {"skip wins", {.only = NAMES, .only_len = 1, .skip = NAMES, .skip_len = 1},
	"watched-name", NOTICE_LEVEL_ERROR, false},
};

START_TEST(taker_rows)
{
	ck_assert_msg(notice_sink_takes(&TAKERS[_i].sink, TAKERS[_i].check,
			  TAKERS[_i].level) == TAKERS[_i].takes,
	    "%s", TAKERS[_i].what);
}
END_TEST

START_TEST(level_names_come_back)
{
	enum notice_level level;

	for (int i = NOTICE_LEVEL_NOTICE; i <= NOTICE_LEVEL_ERROR; i++) {
		ck_assert(notice_level_parse(notice_level_name(i), &level));
		ck_assert_int_eq(level, i);
	}
	ck_assert(!notice_level_parse("fatal", &level));
	ck_assert(!notice_level_parse("", &level));
}
END_TEST

/* --- the payload ------------------------------------------------------------ */

static struct notice_certificate
a_certificate(const struct bytes *names, size_t len)
{
	return (struct notice_certificate){
	    .sha256 = {1, 2},
	    .issuer = bytes_text("CN=Example CA,C=CN"),
	    .serial = bytes_of("\x00\xff", 2),
	    .subject = bytes_text("CN=www.example.org"),
	    .names = names,
	    .names_len = len,
	    .names_count = len,
	    .not_before_s = 1451865600,
	    .not_after_s = 1483488000,
	    .precert = true,
	};
}

static json_t *
payload_of(const struct notice *notice)
{
	struct buf out;
	json_t *root;

	buf_init(&out, NOTICE_PAYLOAD_MAX);
	notice_payload(notice, &out);
	ck_assert(!out.failed);
	for (size_t i = 0; i < out.len; i++)
		ck_assert(out.data[i] >= 0x20 && out.data[i] < 0x7f);
	root = json_loadb((const char *)out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_msg(json_is_object(root), "%s", buf_text(&out));
	buf_free(&out);
	return root;
}

static const char *
text_at(const json_t *root, const char *key)
{
	return json_string_value(json_object_get(root, key));
}

START_TEST(a_finding_in_full)
{
	struct bytes names[] = {bytes_text("www.example.org"), bytes_text("example.org")};
	struct notice_certificate certificate = a_certificate(names, 2);
	struct notice_sighting sighting = {"argon2016", 4711, 1451865600123};
	struct notice_head head = {"argon2016", 5000, {0xaa}, 1451866000000};
	struct notice notice = {
	    .kind = NOTICE_FINDING,
	    .id = {0xab},
	    .check = "sha1-after-sunset",
	    .subrule = "precert",
	    .level = NOTICE_LEVEL_ERROR,
	    .title = "SHA-1 after the sunset",
	    .message = bytes_text("signed with sha1WithRSAEncryption"),
	    .time_ms = 1451865700000,
	    .watch = "wosign",
	    .certificate = &certificate,
	    .sightings = &sighting,
	    .sightings_len = 1,
	    .evidence = bytes_text(" { \"offset\": 12, \"name\": \"caf\xc3\xa9\" } "),
	    .database_id = 42,
	};
	struct buf out;

	buf_init(&out, NOTICE_PAYLOAD_MAX);
	notice_payload(&notice, &out);
	ck_assert_str_eq(buf_text(&out),
	    "{\"version\":1,\"id\":\"ab000000000000000000000000000000\","
	    "\"kind\":\"finding\",\"check\":\"sha1-after-sunset\","
	    "\"subrule\":\"precert\",\"level\":\"error\","
	    "\"title\":\"SHA-1 after the sunset\","
	    "\"message\":\"signed with sha1WithRSAEncryption\","
	    "\"time\":\"2016-01-04T00:01:40Z\",\"watch\":\"wosign\","
	    "\"certificate\":{\"sha256\":"
	    "\"0102000000000000000000000000000000000000000000000000000000000000\","
	    "\"issuer\":\"CN=Example CA,C=CN\",\"serial\":\"00ff\","
	    "\"subject\":\"CN=www.example.org\","
	    "\"names\":[\"www.example.org\",\"example.org\"],\"names_count\":2,"
	    "\"not_before\":\"2016-01-04T00:00:00Z\","
	    "\"not_after\":\"2017-01-04T00:00:00Z\",\"precert\":true},"
	    "\"sightings\":[{\"log\":\"argon2016\",\"index\":4711,"
	    "\"timestamp\":\"2016-01-04T00:00:00.123Z\"}],\"sightings_count\":1,"
	    "\"evidence\":{\"offset\":12,\"name\":\"caf\\u00E9\"},"
	    "\"proved\":\"pending\",\"database_id\":42}");
	notice.head = &head;
	notice_payload(&notice, &out);
	ck_assert_ptr_nonnull(strstr(buf_text(&out),
	    "\"proved\":{\"log\":\"argon2016\",\"tree_size\":5000,\"root_hash\":\"aa00"));
	buf_free(&out);
}
END_TEST

START_TEST(an_event_has_nothing_to_prove)
{
	static const uint8_t WITHDRAWN[NOTICE_ID_LEN] = {0xcd};
	struct notice notice = {.kind = NOTICE_WITHDRAWAL,
	    .check = "log-stale",
	    .title = "t",
	    .withdraws = WITHDRAWN};
	json_t *root = payload_of(&notice);

	ck_assert_str_eq(text_at(root, "kind"), "withdrawal");
	ck_assert_str_eq(text_at(root, "withdraws"), "cd000000000000000000000000000000");
	ck_assert(json_is_null(json_object_get(root, "proved")));
	ck_assert(json_is_null(json_object_get(root, "certificate")));
	ck_assert(json_is_null(json_object_get(root, "watch")));
	ck_assert(json_is_null(json_object_get(root, "evidence")));
	ck_assert_ptr_null(json_object_get(root, "database_id"));
	ck_assert_ptr_null(json_object_get(root, "shortened"));
	json_decref(root);
}
END_TEST

static const struct {
	const char *what, *bytes, *shown;
	size_t len;
} HOSTILE[] = {
    {"a newline", "a\nb", "a\\x0ab", 3},
    {"a NUL", "a\0b", "a\\x00b", 3},
    {"a quote", "a\"b", "a\"b", 3},
    {"terminal colours", "\x1b[31m", "\\x1b[31m", 5},
    {"right to left", "\xe2\x80\xaemoc", "\\u{202e}moc", 6},
    {"Latin-1", "caf\xe9", "caf\\xe9", 4},
    {"Chinese", "\xe6\xb2\x83", "\xe6\xb2\x83", 3},
    {"HTML is text", "<script>", "<script>", 8},
};

START_TEST(hostile_rows)
{
	struct bytes name = bytes_of(HOSTILE[_i].bytes, HOSTILE[_i].len);
	struct notice_certificate certificate = a_certificate(&name, 1);
	struct notice notice = {
	    .check = "c", .message = name, .certificate = &certificate};
	json_t *root, *inner;

	certificate.subject = certificate.issuer = name;
	root = payload_of(&notice);
	inner = json_object_get(root, "certificate");
	ck_assert_msg(strcmp(text_at(root, "message"), HOSTILE[_i].shown) == 0, "%s: %s",
	    HOSTILE[_i].what, text_at(root, "message"));
	ck_assert_str_eq(text_at(inner, "subject"), HOSTILE[_i].shown);
	ck_assert_str_eq(text_at(inner, "issuer"), HOSTILE[_i].shown);
	ck_assert_str_eq(
	    json_string_value(json_array_get(json_object_get(inner, "names"), 0)),
	    HOSTILE[_i].shown);
	json_decref(root);
}
END_TEST

static const struct {
	const char *what, *evidence;
	bool taken;
} EVIDENCE[] = {
    {"an object", "{\"a\":[1,2.5,null]}", true},
    {"an empty object", "{}", true},
    {"an array", "[1]", false},
    {"a breakout", "{},\"id\":\"forged\"", false},
    {"cut", "{\"a\":", false},
    {"broken UTF-8", "{\"a\":\"\xff\"}", false},
    {"text", "evidence", false},
};

START_TEST(evidence_rows)
{
	struct notice notice = {
	    .check = "c", .evidence = bytes_text(EVIDENCE[_i].evidence)};
	json_t *root = payload_of(&notice);

	ck_assert_msg(
	    json_is_object(json_object_get(root, "evidence")) == EVIDENCE[_i].taken, "%s",
	    EVIDENCE[_i].what);
	json_decref(root);
}
END_TEST

/* Everything as large and as expensive to spell as it gets. */
START_TEST(the_largest_still_fits)
{
	struct notice_sighting sightings[100];
	struct bytes names[100], huge;
	struct notice_certificate certificate;
	char *controls = mem_alloc(100001), *evidence;
	struct notice notice;
	json_t *root;

	memset(controls, 0x01, 100000);
	controls[100000] = '\0';
	huge = bytes_of(controls, 100000);
	evidence = mem_format("{\"a\":\"%0*d\"}", 15000, 7);
	for (size_t i = 0; i < 100; i++) {
		names[i] = huge;
		sightings[i] = (struct notice_sighting){controls, UINT64_MAX / 2, 0};
	}
	certificate = a_certificate(names, 100);
	certificate.subject = certificate.issuer = certificate.serial = huge;
	notice = (struct notice){.check = controls,
	    .subrule = controls,
	    .title = controls,
	    .watch = controls,
	    .message = huge,
	    .certificate = &certificate,
	    .sightings = sightings,
	    .sightings_len = 100,
	    .evidence = bytes_text(evidence)};
	root = payload_of(&notice);
	ck_assert(json_is_true(json_object_get(root, "shortened")));
	ck_assert_int_eq(
	    json_integer_value(json_object_get(root, "sightings_count")), 100);
	json_decref(root);

	/* A hundred kilobytes of evidence alone. */
	notice = (struct notice){.check = "c", .evidence = huge};
	root = payload_of(&notice);
	ck_assert(json_is_true(json_object_get(root, "shortened")));
	ck_assert(json_is_null(json_object_get(root, "evidence")));
	json_decref(root);
	mem_free(evidence);
	mem_free(controls);
}
END_TEST

START_TEST(a_digest_is_known_by_what_it_counts)
{
	static const uint8_t IDS_SEEN[2][NOTICE_ID_LEN] = {{0}, {0x11}};
	struct notice_digest digest = {
	    .check = "watched-name",
	    .watch = "example.org",
	    .level = NOTICE_LEVEL_WARNING,
	    .count = 7,
	    .ids = IDS_SEEN,
	    .ids_len = 1,
	    .first_ms = 1000,
	    .last_ms = 2000,
	    .time_ms = 3000,
	};
	uint8_t id[NOTICE_ID_LEN], later[NOTICE_ID_LEN];
	char hex[2 * NOTICE_ID_LEN + 1];
	struct buf out;

	buf_init(&out, NOTICE_PAYLOAD_MAX);
	notice_digest(&digest, id, &out);
	ck_assert_str_eq(
	    hex_format(id, sizeof(id), hex), "dd8a3bfb6a053f9e3731c331b8af21a7");
	ck_assert_ptr_nonnull(strstr(buf_text(&out),
	    "\"message\":\"7 more alerts of watched-name example.org between "
	    "1970-01-01T00:00:01Z and 1970-01-01T00:00:02Z\""));
	ck_assert_ptr_nonnull(strstr(buf_text(&out),
	    "\"digest\":{\"count\":7,\"ids\":[\"00000000000000000000000000000000\"],"
	    "\"first\":\"1970-01-01T00:00:01Z\",\"last\":\"1970-01-01T00:00:02Z\","
	    "\"history\":false}"));
	digest.time_ms = 99000;
	notice_digest(&digest, later, &out);
	ck_assert_mem_eq(id, later, sizeof(id));
	digest.ids_len = digest.count = 2;
	notice_digest(&digest, later, &out);
	ck_assert_mem_ne(id, later, sizeof(id));
	buf_free(&out);
}
END_TEST

/* --- the manual ------------------------------------------------------------- */

static void
find_in_manual(const char *manual, const json_t *object)
{
	const char *key;
	const json_t *value;

	json_object_foreach ((json_t *)object, key, value) {
		char member[64];

		snprintf(member, sizeof(member), "%s", key);
		ck_assert_msg(
		    strstr(manual, member) != NULL, "%s is not documented", key);
		if (json_is_array(value))
			value = json_array_get(value, 0);
		if (json_is_object(value) && strcmp(key, "evidence") != 0)
			find_in_manual(manual, value);
	}
}

START_TEST(each_member_is_documented)
{
	struct buf manual = unit_file("man/ctwarden-alerts.5"), payload;
	struct bytes name = bytes_text("www.example.org");
	struct notice_certificate certificate = a_certificate(&name, 1);
	struct notice_sighting sighting = {"argon2016", 4711, 1451865600123};
	struct notice_head head = {"argon2016", 5000, {0xaa}, 1451866000000};
	struct notice notice = {.check = "c",
	    .certificate = &certificate,
	    .sightings = &sighting,
	    .sightings_len = 1,
	    .head = &head,
	    .withdraws = head.root_hash,
	    .evidence = bytes_text("[]"),
	    .database_id = 1};
	struct notice_digest digest = {.check = "c", .count = 1};
	uint8_t id[NOTICE_ID_LEN];
	json_t *root = payload_of(&notice);

	find_in_manual(buf_text(&manual), root);
	json_decref(root);
	buf_init(&payload, NOTICE_PAYLOAD_MAX);
	notice_digest(&digest, id, &payload);
	root = json_loadb((const char *)payload.data, payload.len, 0, NULL);
	find_in_manual(buf_text(&manual), root);
	json_decref(root);
	buf_free(&payload);
	buf_free(&manual);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("notice");

	tcase_add_loop_test(tc, id_rows, 0, UNIT_COUNT(IDS));
	tcase_add_test(tc, parts_of_an_id_do_not_run_together);
	tcase_add_loop_test(tc, group_rows, 0, UNIT_COUNT(STORMS));
	tcase_add_test(tc, a_group_is_check_and_watch);
	tcase_add_loop_test(tc, taker_rows, 0, UNIT_COUNT(TAKERS));
	tcase_add_test(tc, level_names_come_back);
	tcase_add_test(tc, a_finding_in_full);
	tcase_add_test(tc, an_event_has_nothing_to_prove);
	tcase_add_loop_test(tc, hostile_rows, 0, UNIT_COUNT(HOSTILE));
	tcase_add_loop_test(tc, evidence_rows, 0, UNIT_COUNT(EVIDENCE));
	tcase_add_test(tc, the_largest_still_fits);
	tcase_add_test(tc, a_digest_is_known_by_what_it_counts);
	tcase_add_test(tc, each_member_is_documented);
	return unit_run("notice/notice", tc);
}
