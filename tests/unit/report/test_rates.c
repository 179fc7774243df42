/* WoSign's own statement of September 2016, as statistics: what the command
 * prints for its three periods (checks/incident.md, rows 64 to 66 and 74, with the
 * intervals worked out there). And days, months, splits, and nothing at all. */
#include <jansson.h>
#include <unistd.h>

#include "check/check.h"
#include "check/interval.h"
#include "report/report.h"
#include "store/certificate.h"
#include "store/watch.h"
#include "tests/lib/unit.h"

#define MUST(call) ck_assert_msg(call, "%s", failed.text)

static struct err failed;
static const uint8_t KEYS[2][32] = {{0xaa}, {0xbb}};

static uint32_t
put_issuer(struct store *store, const uint8_t key[32])
{
	/* CN=A, CN=B */
	const uint8_t dn[] = {0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04,
	    0x03, 0x0c, 0x01, (uint8_t)(key[0] == 0xaa ? 'A' : 'B')};
	struct issuer_row row = {.dn = bytes_of(dn, sizeof(dn)),
	    .dn_normalised = bytes_of(dn, sizeof(dn)),
	    .spki_sha256 = bytes_of(key, 32)};

	MUST(store_issuer_put(store, &row, &failed));
	return row.number;
}

static void
put(struct store *store, uint32_t issuer, int64_t date_s, const char *name, int64_t count)
{
	struct statistic_row row = {
	    issuer, (int32_t)(date_s / 86400), bytes_text(name), count};

	MUST(store_statistic_add(store, &row, &failed));
}

/* The first and the last day of each period have their share, so that one day
 * more or less shows. */
static void
fill(struct store *store)
{
	uint32_t a = put_issuer(store, KEYS[0]), b = put_issuer(store, KEYS[1]);

	put(store, a, DATE(2014, 12, 31), "nb.issued", 7);
	put(store, a, DATE(2015, 1, 1), "nb.issued", 1000);
	put(store, a, DATE(2015, 12, 31), "nb.issued", 100485);
	put(store, a, DATE(2015, 1, 1), "nb.misissued", 1600);
	put(store, a, DATE(2015, 12, 31), "nb.misissued", 47);
	put(store, a, DATE(2015, 6, 1), "nb.failed.base-plus-tenant", 33);
	put(store, a, DATE(2015, 6, 1), "nb.failed.duplicate-serial", 340);
	put(store, a, DATE(2015, 12, 20), "nb.issued.sigalg.sha1RSA", 62);
	put(store, a, DATE(2015, 12, 31), "nb.issued.sigalg.sha256RSA", 101423);
	put(store, a, DATE(2016, 1, 1), "nb.issued", 94000);
	put(store, a, DATE(2016, 7, 4), "nb.issued", 73);
	put(store, a, DATE(2016, 2, 1), "nb.misissued", 12);
	put(store, a, DATE(2016, 7, 5), "nb.issued", 43000);
	put(store, a, DATE(2016, 7, 5), "nb.misissued", 1);
	put(store, a, DATE(2016, 7, 5), "nb.misissued", -1); /* taken back */
	put(store, a, DATE(2016, 1, 1), "seen.issued", 62);
	put(store, a, DATE(2016, 1, 1), "seen.hour.07", 40);
	put(store, a, DATE(2016, 1, 1), "seen.hour.23", 22);
	put(store, b, DATE(2015, 3, 1), "nb.serious", 25);
	put(store, b, DATE(2015, 3, 1), "nb.issued", 50000);
	put(store, b, DATE(2015, 3, 1), "nb.misissued", 40);
}

struct world {
	char *path;
	struct store *store;
	struct buf said;
};

static struct world
world(void)
{
	struct world world = {.path = unit_temp("rates.db")};

	(void)unlink(world.path);
	failed = (struct err){0};
	world.store = store_open(&(struct store_options){.path = world.path}, &failed);
	ck_assert_msg(world.store != NULL, "%s", failed.text);
	MUST(store_begin(world.store, &failed));
	fill(world.store);
	MUST(store_commit(world.store, &failed));
	buf_init(&world.said, 1 << 20);
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
	return buf_append_bytes(owner, some);
}

static uint64_t
ask(struct world *world, bool json, const struct report_rates *asked)
{
	struct report *report = report_new(json, 0, write_said, &world->said);
	uint64_t found = 0;

	buf_clear(&world->said);
	MUST(report_rates(report, world->store, asked, &found, &failed));
	report_free(report);
	return found;
}

static const struct {
	const char *what;
	int64_t from, to;
	uint64_t issued;
	const char *says;
} PERIODS[] = {
    {"2015", DATE(2015, 1, 1), DATE(2016, 1, 1), 101485,
	"PERIOD                  WHAT              CERTIFICATES     RATE  95 %\n"
	"2015-01-01..2015-12-31  issued                 101,485           \n"
	"2015-01-01..2015-12-31  mis-issued               1,647  1.623 %  1.547 % to "
	"1.702 %\n"
	"2015-01-01..2015-12-31  base-plus-tenant            33  0.0325 %  0.0232 % to "
	"0.0457 %\n"
	"2015-01-01..2015-12-31  duplicate-serial           340  0.335 %  0.301 % to "
	"0.373 %\n"},
    {"the first half of 2016", DATE(2016, 1, 1), DATE(2016, 7, 5), 94073,
	"mis-issued 12 0.0128 % 0.0073 % to 0.0223 %"},
    {"from July 5", DATE(2016, 7, 5), DATE(2016, 9, 24), 43000,
	"mis-issued 0 0.000 % 0.000 % to 0.0089 %"},
};

/* The words of what was said, with one blank between. */
static void
squeeze(const char *text, struct buf *out)
{
	bool blank = false;

	for (; *text != '\0'; text++) {
		if (*text == ' ' || *text == '\n') {
			blank = true;
			continue;
		}
		if (blank)
			buf_append_u8(out, ' ');
		blank = false;
		buf_append_u8(out, (uint8_t)*text);
	}
}

static void
check_says(struct world *world, const char *want)
{
	struct buf got, wanted;

	buf_init(&got, 1 << 20);
	buf_init(&wanted, 1 << 20);
	squeeze(buf_text(&world->said), &got);
	squeeze(want, &wanted);
	ck_assert_msg(strstr(buf_text(&got), buf_text(&wanted)) != NULL,
	    "said:\n%s\nwanted:\n%s", buf_text(&world->said), want);
	buf_free(&got);
	buf_free(&wanted);
}

START_TEST(the_three_periods)
{
	struct world it = world();
	struct report_rates asked = {.ca = "WoSign",
	    .keys = KEYS,
	    .key_count = 1,
	    .from_ms = PERIODS[_i].from * 1000,
	    .to_ms = PERIODS[_i].to * 1000};

	ck_assert_msg(
	    ask(&it, false, &asked) == PERIODS[_i].issued, "%s", PERIODS[_i].what);
	check_says(&it, PERIODS[_i].says);
	/* "None" says what it covers. */
	ck_assert_int_eq(strstr(buf_text(&it.said), "Covered: ") != NULL, _i == 2);
	ck_assert_int_eq(
	    strstr(buf_text(&it.said), "None of them fails") != NULL, _i == 2);
	end(&it);
}
END_TEST

static json_t *
rates(struct world *world, const struct report_rates *asked)
{
	json_t *answer, *list;

	(void)ask(world, true, asked);
	answer = json_loadb((const char *)world->said.data, world->said.len, 0, NULL);
	ck_assert_ptr_nonnull(answer);
	list = json_incref(json_object_get(answer, "rates"));
	json_decref(answer);
	return list;
}

static void
check_row(const json_t *list, size_t nth, const char *period, const char *name, int count,
    int of)
{
	const json_t *row = json_array_get(list, nth);

	ck_assert_str_eq(json_string_value(json_object_get(row, "period")), period);
	ck_assert_str_eq(json_string_value(json_object_get(row, "name")), name);
	ck_assert_int_eq(json_integer_value(json_object_get(row, "count")), count);
	ck_assert_int_eq(json_integer_value(json_object_get(row, "of")), of);
}

START_TEST(by_month_and_day)
{
	struct world it = world();
	struct report_rates asked = {.issuer = "a",
	    .from_ms = DATE(2016, 1, 1) * 1000,
	    .to_ms = REPORT_NO_TIME,
	    .by = REPORT_BY_MONTH};
	json_t *list = rates(&it, &asked);

	ck_assert_uint_eq(json_array_size(list), 5);
	check_row(list, 0, "2016-01", "issued", 94000, 94000);
	check_row(list, 1, "2016-01", "misissued", 0, 94000);
	check_row(list, 2, "2016-02", "misissued", 12, 0);
	check_row(list, 3, "2016-07", "issued", 43073, 43073);
	json_decref(list);
	asked.by = REPORT_BY_DAY;
	list = rates(&it, &asked);
	check_row(list, 3, "2016-07-04", "issued", 73, 73);
	json_decref(list);
	asked.by = REPORT_BY_YEAR;
	asked.from_ms = REPORT_NO_TIME;
	list = rates(&it, &asked);
	check_row(list, 0, "2014", "issued", 7, 7);
	check_row(list, 2, "2015", "issued", 101485, 101485);
	check_row(list, 3, "2015", "misissued", 1647, 101485);
	json_decref(list);
	asked.by = REPORT_BY_HOUR;
	asked.seen = true;
	list = rates(&it, &asked);
	ck_assert_uint_eq(json_array_size(list), 2);
	check_row(list, 0, "2016-01-01 07:00", "issued", 40, 40);
	check_row(list, 1, "2016-01-01 23:00", "issued", 22, 22);
	json_decref(list);
	end(&it);
}
END_TEST

START_TEST(splits_checks_and_bases)
{
	struct world it = world();
	struct report_rates asked = {.from_ms = REPORT_NO_TIME,
	    .to_ms = REPORT_NO_TIME,
	    .split = "sigalg",
	    .checks = "duplicate-serial,x"};
	json_t *list = rates(&it, &asked);

	ck_assert_uint_eq(json_array_size(list), 6);
	check_row(list, 0, "all", "issued", 288565, 288565);
	check_row(list, 1, "all", "misissued", 1699, 288565);
	check_row(list, 2, "all", "serious", 25, 288565);
	check_row(list, 3, "all", "failed.duplicate-serial", 340, 288565);
	check_row(list, 4, "all", "issued.sigalg.sha1RSA", 62, 288565);
	json_decref(list);
	asked = (struct report_rates){
	    .from_ms = REPORT_NO_TIME, .to_ms = REPORT_NO_TIME, .seen = true};
	ck_assert_uint_eq(ask(&it, false, &asked), 62);
	end(&it);
}
END_TEST

/* B beside A, by its own name or as another CA's issuer; not A itself. */
START_TEST(peers_stand_beside)
{
	struct world it = world();
	const struct report_peer peer = {"Let Them", &KEYS[1], 1};
	struct report_rates asked = {.ca = "WoSign",
	    .keys = KEYS,
	    .key_count = 1,
	    .from_ms = DATE(2015, 1, 1) * 1000,
	    .to_ms = DATE(2016, 1, 1) * 1000,
	    .with_peers = true};

	ck_assert_uint_eq(ask(&it, false, &asked), 101485);
	check_says(&it,
	    "PEER CERTIFICATES MIS-ISSUED 95 % SERIOUS 95 % "
	    "B 50,000 0.0800 % 0.0588 % to 0.109 % 0.0500 % 0.0339 % to 0.0738 %");
	asked.peers = &peer;
	asked.peer_count = 1;
	ck_assert_uint_eq(ask(&it, true, &asked), 101485);
	ck_assert_ptr_nonnull(strstr(buf_text(&it.said),
	    "\"peers\":[{\"name\":\"Let Them\",\"issuers\":1,\"issued\":50000,"
	    "\"misissued\":{\"count\":40,\"rate\":0.000800000,"));
	asked.from_ms = DATE(2016, 1, 1) * 1000;
	asked.to_ms = REPORT_NO_TIME;
	ck_assert_uint_eq(ask(&it, false, &asked), 137073);
	check_says(&it, "No other issuer is counted in that time.");
	end(&it);
}
END_TEST

/* Behind the first twenty all are one. */
START_TEST(many_peers_are_pooled)
{
	struct world it = world();
	struct report_rates asked = {.issuer = "a",
	    .from_ms = REPORT_NO_TIME,
	    .to_ms = REPORT_NO_TIME,
	    .with_peers = true};
	uint8_t key[32] = {0xcc};

	MUST(store_begin(it.store, &failed));
	for (uint8_t i = 0; i < 21; i++) {
		key[1] = i;
		put(it.store, put_issuer(it.store, key), DATE(2015, 1, 1), "nb.issued",
		    10);
	}
	MUST(store_commit(it.store, &failed));
	(void)ask(&it, true, &asked);
	ck_assert_ptr_nonnull(strstr(
	    buf_text(&it.said), "{\"name\":\"all others\",\"issuers\":2,\"issued\":20,"));
	end(&it);
}
END_TEST

START_TEST(nothing_says_what_it_covers)
{
	struct world it = world();
	struct report_rates asked = {
	    .issuer = "nobody", .from_ms = REPORT_NO_TIME, .to_ms = REPORT_NO_TIME};

	ck_assert_uint_eq(ask(&it, false, &asked), 0);
	check_says(&it, "No certificate is counted there. Covered: 0 entries");
	end(&it);
}
END_TEST

START_TEST(intervals)
{
	ck_assert_double_eq_tol(rate_interval(1647, 101485).low, 0.01547, 0.000005);
	ck_assert_double_eq_tol(rate_interval(1647, 101485).high, 0.01702, 0.000005);
	ck_assert(rate_interval(0, 10).low == 0 && rate_interval(10, 10).high == 1);
	ck_assert(rate_interval(0, 0).low == 0 && rate_interval(0, 0).high == 1);
	/* (0.02 - 0.01) / sqrt(0.015 * 0.985 * 2 / 1000) */
	ck_assert_double_eq_tol(rate_excess(20, 1000, 10, 1000), 1.8395, 0.0001);
	ck_assert(rate_excess(10, 1000, 20, 1000) < 0);
	ck_assert(rate_excess(1, 1, 0, 0) == 0 && rate_excess(0, 5, 0, 9) == 0);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("rates");

	tcase_add_loop_test(tcase, the_three_periods, 0, UNIT_COUNT(PERIODS));
	tcase_add_test(tcase, by_month_and_day);
	tcase_add_test(tcase, splits_checks_and_bases);
	tcase_add_test(tcase, peers_stand_beside);
	tcase_add_test(tcase, many_peers_are_pooled);
	tcase_add_test(tcase, nothing_says_what_it_covers);
	tcase_add_test(tcase, intervals);
	return unit_run("report/rates", tcase);
}
