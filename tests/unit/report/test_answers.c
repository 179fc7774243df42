/* Answers over a small database: hostile bytes, pages, gone readers, gaps. */
#include <jansson.h>
#include <unistd.h>

#include "report/report.h"
#include "store/certificate.h"
#include "store/coverage.h"
#include "store/finding.h"
#include "store/log.h"
#include "store/outbox.h"
#include "store/range.h"
#include "store/watch.h"
#include "tests/lib/unit.h"

#define FINDINGS 1020 /* more than two pages */
#define NOW_MS   INT64_C(1480000000000)

struct world {
	char *path;
	struct store *store;
	struct buf said;
	size_t stop_after; /* calls of write; 0: never */
	size_t writes;
};

static struct err failed;

#define MUST(call) ck_assert_msg(call, "%s", failed.text)

static struct bytes
text(const char *bytes)
{
	return bytes_text(bytes);
}

static void
fill(struct store *store)
{
	static const uint8_t ID[32] = {1}, ROOT[32] = {2};
	struct log_row log = {.log_id = bytes_of(ID, 32),
	    .name = text("evil\x1b[2Jlog"),
	    .kind = text("static"),
	    .state = text("usable"),
	    .mmd_s = 60,
	    .first_seen_ms = NOW_MS};
	struct range_row range = {.start = 10, .verified = 60, .next = 90};
	struct tree_head_row head = {.size = 100,
	    .root = bytes_of(ROOT, 32),
	    .first_timestamp_ms = NOW_MS - 3600000,
	    .first_fetched_ms = NOW_MS,
	    .verified = true,
	    .consistent = true};
	struct coverage_row coverage = {.start = 10,
	    .end = 90,
	    .generation = 1,
	    .first_ms = NOW_MS,
	    .last_ms = NOW_MS,
	    .first_timestamp_ms = NOW_MS - 7200000,
	    .last_timestamp_ms = NOW_MS - 3600000};
	struct gap_row gap = {.start = 0,
	    .end = 10,
	    .reason = text("before the start"),
	    .since_ms = NOW_MS};

	MUST(store_begin(store, &failed));
	MUST(store_log_put(store, &log, &failed));
	range.log = head.log = coverage.log = gap.log = log.number;
	MUST(store_range_put(store, &range, &failed));
	MUST(store_tree_head_put(store, &head, &failed));
	MUST(store_coverage_put(store, &coverage, &failed));
	MUST(store_gap_put(store, &gap, &failed));
	for (unsigned i = 0; i < FINDINGS; i++) {
		uint8_t id[16] = {(uint8_t)i, (uint8_t)(i >> 8), 9};
		enum finding_put what;
		struct finding_row row = {.id = bytes_of(id, 16),
		    .subject_kind = text("log"),
		    .subject = bytes_of(id, 2),
		    .log = log.number,
		    .log_index = i,
		    .check = text(i % 3 == 0 ? "first-check" : "second-check"),
		    .subrule = text("rule"),
		    .level = (int)(i % 3),
		    .message = text("name \\x00 and \x1b[2J"),
		    .evidence = text("{\"text\":\"\\u001b[2J\",\"list\":[1,true,null]}"),
		    .offset = -1,
		    .length = -1,
		    .check_version = 1,
		    .first_seen_ms = NOW_MS + i,
		    .last_seen_ms = NOW_MS + i,
		    .closed_ms = STORE_NO_TIME};

		MUST(store_finding_put(store, &row, &what, &failed));
	}
	MUST(store_commit(store, &failed));
}

static struct world
world(void)
{
	struct world world = {.path = unit_temp("report.db")};

	(void)unlink(world.path); /* another test's */
	failed = (struct err){0};
	world.store = store_open(&(struct store_options){.path = world.path}, &failed);
	ck_assert_msg(world.store != NULL, "%s", failed.text);
	fill(world.store);
	buf_init(&world.said, (size_t)16 * 1024 * 1024);
	return world;
}

static void
end(struct world *world)
{
	store_close(world->store);
	buf_free(&world->said);
	mem_free(world->path);
}

static bool
write_said(void *owner, struct bytes some)
{
	struct world *world = owner;

	buf_append_bytes(&world->said, some);
	return ++world->writes != world->stop_after;
}

static uint64_t
findings(struct world *world, bool json, struct report_findings asked)
{
	struct report *report = report_new(json, NOW_MS, write_said, world);
	uint64_t found = 0;

	MUST(report_findings(report, world->store, &asked, &found, &failed));
	report_free(report);
	return found;
}

/* Nothing that a terminal obeys, whatever was stored. */
static void
check_harmless(const struct buf *said)
{
	/* An assertion costs a write each, so only the bad byte makes one. */
	for (size_t i = 0; i < said->len; i++)
		if (said->data[i] != '\n' &&
		    (said->data[i] < 0x20 || said->data[i] == 0x7f))
			ck_abort_msg("byte %02x at %zu", said->data[i], i);
}

START_TEST(pages_of_findings)
{
	struct world it = world();
	json_t *answer;

	ck_assert_uint_eq(findings(&it, true, (struct report_findings){0}), FINDINGS);
	check_harmless(&it.said);
	answer = json_loadb((const char *)it.said.data, it.said.len, 0, NULL);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(json_array_size(json_object_get(answer, "findings")), FINDINGS);
	ck_assert_int_eq(json_integer_value(json_object_get(
			     json_object_get(answer, "coverage"), "entries_not_read")),
	    10);
	json_decref(answer);
	end(&it);
}
END_TEST

START_TEST(filters_of_findings)
{
	struct world it = world();

	ck_assert_uint_eq(findings(&it, false, (struct report_findings){.most = 7}), 7);
	ck_assert_uint_eq(
	    findings(&it, false, (struct report_findings){.most = 501}), 501);
	ck_assert_uint_eq(
	    findings(&it, false, (struct report_findings){.check = "first-check"}),
	    FINDINGS / 3);
	ck_assert_uint_eq(
	    findings(&it, false, (struct report_findings){.level = 2}), FINDINGS / 3);
	ck_assert_uint_eq(
	    findings(
		&it, false, (struct report_findings){.since_ms = NOW_MS + FINDINGS - 5}),
	    5);
	check_harmless(&it.said);
	buf_clear(&it.said);
	ck_assert_uint_eq(
	    findings(&it, false, (struct report_findings){.check = "none"}), 0);
	ck_assert_str_eq(buf_text(&it.said),
	    "No findings found. Covered: 80 entries of 1 of 1 logs, 0 of them proved, "
	    "logged "
	    "from 2016-11-24 13:06:40 to 2016-11-24 14:06:40; 10 entries not read; 10 "
	    "entries not read yet.\n");
	end(&it);
}
END_TEST

START_TEST(reader_goes)
{
	struct world it = world();

	it.stop_after = 1;
	ck_assert_uint_lt(findings(&it, false, (struct report_findings){0}), FINDINGS);
	ck_assert_uint_eq(it.writes, 1);
	end(&it);
}
END_TEST

START_TEST(all_else_is_harmless)
{
	struct world it = world();
	struct report *report = report_new(false, NOW_MS, write_said, &it);
	struct report_search search = {.name = "example.org"};
	struct report_alerts alerts = {0};
	uint64_t found;

	MUST(report_logs(report, it.store, NULL, &found, &failed));
	ck_assert_uint_eq(found, 1);
	ck_assert_ptr_nonnull(strstr(buf_text(&it.said), "evil\\x1b[2Jlog"));
	ck_assert_ptr_nonnull(
	    strstr(buf_text(&it.said), " 10       90         60   100      10"));
	MUST(report_status(report, it.store, "/nowhere", NULL, &found, &failed));
	MUST(report_status(report, it.store, "/nowhere",
	    "{\"logs\":[{\"log\":\"\\u001b[2J\",\"size\":50000,\"next\":0,\"per_second\":"
	    "10,"
	    "\"left_ms\":5000000,\"error\":\"\\u0007\"}]}",
	    &found, &failed));
	ck_assert_ptr_nonnull(strstr(
	    buf_text(&it.said), "50,000 entries to go, 10 a second, 83 min left: \\x07"));
	MUST(report_search(report, it.store, &search, &found, &failed));
	ck_assert_uint_eq(found, 0);
	ck_assert_ptr_nonnull(strstr(buf_text(&it.said), "It is not watched"));
	MUST(report_alerts(report, it.store, &alerts, &found, &failed));
	MUST(report_events(
	    report, it.store, &(struct report_findings){0}, &found, &failed));
	MUST(report_show(report, it.store, "00000900000000000000000000000000", false,
	    &found, &failed));
	ck_assert_uint_eq(found, 1);
	ck_assert_ptr_nonnull(strstr(buf_text(&it.said), "text \\x1b[2J\n"));
	report_free(report);
	check_harmless(&it.said);
	end(&it);
}
END_TEST

static void
covered(struct world *world, bool json, struct report_coverage asked)
{
	struct report *report = report_new(json, NOW_MS, write_said, world);
	uint64_t found;

	buf_clear(&world->said);
	MUST(report_coverage(report, world->store, &asked, &found, &failed));
	report_free(report);
	check_harmless(&world->said);
}

static void
fill_watch(void *owner, size_t i, struct watch_row *row)
{
	static const uint8_t ID[STORE_ID_LEN] = {4};

	(void)owner;
	(void)i;
	row->id = bytes_of(ID, sizeof(ID));
	row->kind = text("ca");
	row->text = text("Some CA");
	row->settings = text("{}");
}

static void
watch_stands(void *owner, size_t i, const struct watch_row *row, enum watch_change change)
{
	(void)owner;
	(void)i;
	(void)row;
	(void)change;
}

/* A second log that was never read, a CA whose family grew at generation 3, and
 * entries of log 1 that were judged under watches 2 and 3. */
static void
add_history(struct store *store)
{
	static const uint8_t ID[32] = {3}, KEY[32] = {5}, ROOT[32] = {6};
	struct log_row log = {.log_id = bytes_of(ID, 32),
	    .name = text("idle"),
	    .operator= text("nobody"),
	    .kind = text("rfc6962"),
	    .state = text("retired"),
	    .first_seen_ms = NOW_MS};
	struct coverage_row rows[] = {{.log = 1, .start = 90, .end = 95, .generation = 2},
	    {.log = 1, .start = 95, .end = 99, .generation = 3}};
	struct coverage_proof proof = {.log = 1,
	    .start = 90,
	    .verified = 97,
	    .head_size = 100,
	    .head_root = bytes_of(ROOT, 32),
	    .head_timestamp_ms = NOW_MS};
	struct entry_row entry = {.log = 1, .index = 91, .reason = text("broken")};
	struct family_row key = {.watch = 1,
	    .spki_sha256 = bytes_of(KEY, 32),
	    .how = text("signed-by"),
	    .since_log = 1,
	    .since_index = 94,
	    .since_generation = 3,
	    .since_ms = NOW_MS};
	struct watch_source source = {1, fill_watch, watch_stands, NULL};
	int64_t generation;
	bool inserted;

	MUST(store_begin(store, &failed));
	MUST(store_log_put(store, &log, &failed));
	MUST(store_watch_sync(store, &source, NOW_MS, &generation, &failed));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		rows[i].first_ms = rows[i].last_ms = NOW_MS;
		rows[i].first_timestamp_ms = rows[i].last_timestamp_ms = NOW_MS;
		MUST(store_coverage_put(store, &rows[i], &failed));
	}
	MUST(store_coverage_prove(store, &proof, &failed));
	MUST(store_entry_put(store, &entry, &failed));
	MUST(store_family_put(store, &key, &inserted, &failed));
	MUST(store_commit(store, &failed));
}

#define SAYS(world, what)                                                                \
	ck_assert_msg(strstr(buf_text(&(world)->said), what) != NULL,                    \
	    "not said: %s\n%s", what, buf_text(&(world)->said))

START_TEST(coverage_statement)
{
	struct world it = world();

	add_history(it.store);
	covered(&it, false, (struct report_coverage){0});
	SAYS(&it, "evil\\x1b[2Jlog    10  90        1  2016-11-24 15:06:40");
	SAYS(&it, "evil\\x1b[2Jlog    95  99        3");
	SAYS(&it, "97      100  2016-11-24 15:06:40\n");
	SAYS(&it, "evil\\x1b[2Jlog     0  10  2016-11-24 15:06:40  before the start\n");
	SAYS(&it, "idle         retired  nobody    not followed, or it never answered\n");
	SAYS(&it,
	    "evil\\x1b[2Jlog: 1 entries are kept that cannot be parsed\n  entry 91: "
	    "broken\n");
	SAYS(&it,
	    "Covered: 89 entries of 1 of 2 logs, 7 of them proved, logged from "
	    "2016-11-24 13:06:40 to 2016-11-24 15:06:40; 1 logs not covered; 10 entries "
	    "not read; 10 entries not read yet; 1 entries kept unread.\n");
	end(&it);
}
END_TEST

START_TEST(logs_as_the_daemon_sees_them)
{
	struct world it = world();
	struct report *report = report_new(false, NOW_MS, write_said, &it);
	uint64_t found;

	MUST(report_logs(report, it.store,
	    "{\"logs\":[{\"log\":\"evil\\u001b[2Jlog\",\"lag_ms\":7200000,\"errors\":3,"
	    "\"success_ms\":1479999880000,\"per_second\":12.25,\"doing\":\"reading\","
	    "\"error\":\"\\u0007\"},{\"log\":\"another\"}],\"backfills\":[{\"log\":"
	    "\"\\u001b\",\"from\":0,\"to\":5000,\"next\":1200,\"per_second\":10,"
	    "\"left_ms\":380000,\"error\":\"\"}],\"lists\":[{\"list\":\"\\u0007\","
	    "\"read_ms\":1479999880000,\"made_ms\":-1,\"failing\":true}]}",
	    &found, &failed));
	report_free(report);
	check_harmless(&it.said);
	SAYS(&it, "  2 h      12.2       3     2 min  \\x07\n");
	SAYS(&it,
	    "\\x1b: in the background, entries 0 to 5,000, read to 1,200, 10 a second, "
	    "6 min left\n");
	SAYS(&it, "List \\x07: read 2 min ago; it fails now\n");
	end(&it);
}
END_TEST

START_TEST(coverage_of_a_family)
{
	struct world it = world();

	add_history(it.store);
	covered(&it, false, (struct report_coverage){.ca = "some ca"});
	SAYS(&it,
	    "its family has 1 keys.\nIt grew last at 2016-11-24 15:06:40 (generation "
	    "3), by entry 94 of evil\\x1b[2Jlog.\n");
	SAYS(&it, "log: judged for the family as it is now from entry 95 to 99\n");
	SAYS(&it, "idle: nothing was judged for the family as it is now\n");
	covered(&it, true, (struct report_coverage){.ca = "Some CA"});
	SAYS(&it, "\"complete_from\":95,\"complete_to\":99");
	end(&it);
}
END_TEST

START_TEST(coverage_of_a_time)
{
	struct world it = world();

	add_history(it.store);
	covered(&it, true,
	    (struct report_coverage){
		.from_ms = NOW_MS - 3600000 + 1, .to_ms = NOW_MS + 1});
	SAYS(&it, "\"entries_judged\":9,");
	covered(&it, true, (struct report_coverage){.to_ms = NOW_MS});
	SAYS(&it, "\"entries_judged\":80,");
	covered(&it, false, (struct report_coverage){.to_ms = NOW_MS - 7200000});
	SAYS(&it, "nothing of that time was read\n");
	end(&it);
}
END_TEST

START_TEST(odd_questions)
{
	struct world it = world();
	struct report *report = report_new(false, NOW_MS, write_said, &it);
	uint64_t found;

	ck_assert(!report_show(report, it.store, "12x", false, &found, &failed));
	ck_assert_int_eq(failed.code, ERR_CONFIG);
	MUST(report_show(report, it.store, "99", false, &found, &failed));
	ck_assert_uint_eq(found, 0);
	ck_assert(!report_findings(
	    report, it.store, &(struct report_findings){.log = "none"}, &found, &failed));
	ck_assert_int_eq(failed.code, ERR_NOT_FOUND);
	ck_assert(!report_coverage(
	    report, it.store, &(struct report_coverage){.log = "none"}, &found, &failed));
	ck_assert_int_eq(failed.code, ERR_NOT_FOUND);
	ck_assert(!report_coverage(
	    report, it.store, &(struct report_coverage){.ca = "none"}, &found, &failed));
	ck_assert_int_eq(failed.code, ERR_NOT_FOUND);
	report_free(report);
	end(&it);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("answers");

	tcase_set_timeout(tc, 60); /* sanitizers take their time */
	tcase_add_test(tc, pages_of_findings);
	tcase_add_test(tc, filters_of_findings);
	tcase_add_test(tc, reader_goes);
	tcase_add_test(tc, all_else_is_harmless);
	tcase_add_test(tc, coverage_statement);
	tcase_add_test(tc, logs_as_the_daemon_sees_them);
	tcase_add_test(tc, coverage_of_a_family);
	tcase_add_test(tc, coverage_of_a_time);
	tcase_add_test(tc, odd_questions);
	return unit_run("answers", tc);
}
