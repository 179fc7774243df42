/* Findings, events, watches, families, statistics, CA certificates, roots. */
#include "store/authority.h"
#include "store/finding.h"
#include "store/watch.h"
#include "tests/lib/unit_store.h"

/* --- findings
 * --------------------------------------------------------------------------- */

static struct finding_row
finding(uint64_t id)
{
	return (struct finding_row){.id = unit_bytes(id, 16),
	    .subject_kind = bytes_text("certificate"),
	    .subject = unit_bytes(id % 3, 32),
	    .certificate = (int64_t)(id % 3),
	    .issuer = (uint32_t)(1 + id % 2),
	    .log = 4,
	    .log_index = id,
	    .watch = 1,
	    .check = bytes_text(id % 2 == 0 ? "even" : "odd"),
	    .subrule = bytes_text("s"),
	    .level = (int)(id % 4),
	    .time_basis = bytes_text("nb"),
	    .offset = -1,
	    .length = 5,
	    .message = bytes_text("message"),
	    .evidence = bytes_text("{}"),
	    .check_version = (int32_t)id,
	    .first_seen_ms = (int64_t)id * 10,
	    .last_seen_ms = (int64_t)id * 10};
}

START_TEST(a_finding_is_one_row_however_often_seen)
{
	struct store *store = unit_store("finding", 1);
	struct finding_row row = finding(1), out;
	enum finding_put what;
	struct arena arena;
	bool closed, found;

	arena_init(&arena);
	MUST(store_begin(store, err));
	MUST(store_finding_put(store, &row, &what, err));
	ck_assert(what == FINDING_NEW && row.number == 1 && row.alert_generation == 0);
	MUST(store_finding_prove(store, row.id, bytes_text("{\"proof\":1}"), err));
	row = finding(1);
	row.first_seen_ms = row.last_seen_ms = 99;
	row.level = 3;
	row.message = bytes_text("worse");
	MUST(store_finding_put(store, &row, &what, err));
	ck_assert(
	    what == FINDING_UNCHANGED && row.number == 1 && row.first_seen_ms == 10);
	MUST(store_finding_close(
	    store, row.id, bytes_text("withdrawn"), 100, &closed, err));
	ck_assert(closed);
	MUST(store_finding_close(store, row.id, bytes_text("again"), 101, &closed, err));
	ck_assert(!closed);
	MUST(store_finding_find(store, row.id, &arena, &out, &found, err));
	ck_assert(found && out.state == FINDING_CLOSED && out.closed_ms == 100);
	ck_assert(
	    bytes_equal(out.why, bytes_text("withdrawn")) && out.last_seen_ms == 99);
	ck_assert(bytes_equal(out.proof, bytes_text("{\"proof\":1}")));
	ck_assert(bytes_equal(out.message, bytes_text("worse")) && out.level == 3);
	MUST(store_finding_put(store, &row, &what, err));
	ck_assert(what == FINDING_REOPENED && row.alert_generation == 1);
	MUST(store_finding_find(store, row.id, &arena, &out, &found, err));
	ck_assert(out.state == FINDING_OPEN && out.closed_ms == STORE_NO_TIME);
	ck_assert(out.why.len == 0 && out.alert_generation == 1 && out.offset == -1);
	MUST(store_finding_find(store, unit_bytes(2, 16), &arena, &out, &found, err));
	ck_assert(!found);
	MUST(store_commit(store, err));
	arena_free(&arena);
	store_close(store);
}
END_TEST

static bool
say_finding(void *owner, const struct finding_row *row)
{
	buf_append_format(owner, "%lld ", (long long)row->number);
	return true;
}

/* Findings 1 to 8; 2 is closed, 3 has a proof. */
static const struct {
	const char *what;
	struct finding_filter filter;
	const char *check;
	uint64_t subject; /* 0: any */
	const char *want;
} FILTERS[] = {
    {"all", {.state = -1}, "", 0, "1 2 3 4 5 6 7 8 "},
    {"open", {.state = FINDING_OPEN}, "", 0, "1 3 4 5 6 7 8 "},
    {"closed", {.state = FINDING_CLOSED}, "", 0, "2 "},
    {"by check", {.state = -1}, "even", 0, "2 4 6 8 "},
    {"by a check nobody has", {.state = -1}, "even'", 0, ""},
    {"by level", {.state = -1, .level_at_least = 3}, "", 0, "3 7 "},
    {"by subject", {.state = -1}, "", 2, "2 5 8 "},
    {"by certificate", {.state = -1, .certificate = 1}, "", 0, "1 4 7 "},
    {"by issuer", {.state = -1, .issuer = 2}, "", 0, "1 3 5 7 "},
    {"by log", {.state = -1, .log = 4}, "", 0, "1 2 3 4 5 6 7 8 "},
    {"by another log", {.state = -1, .log = 5}, "", 0, ""},
    {"by index", {.state = -1, .log = 4, .index_first = 3, .index_end = 5}, "", 0,
	"3 4 "},
    {"by watch", {.state = -1, .watch = 2}, "", 0, ""},
    {"since", {.state = -1, .since_ms = 65}, "", 0, "7 8 "},
    {"by an older check", {.state = -1, .check_version_below = 3}, "", 0, "1 2 "},
    {"still to be proved", {.state = -1, .without_proof = 1}, "", 0, "1 4 5 6 7 8 "},
    {"a page", {.state = -1, .limit = 3}, "", 0, "1 2 3 "},
    {"the page behind", {.state = -1, .limit = 3, .after = 3}, "", 0, "4 5 6 "},
    {"newest first", {.state = -1, .limit = 3, .newest_first = true}, "", 0, "8 7 6 "},
    {"older ones", {.state = -1, .after = 3, .newest_first = true}, "", 0, "2 1 "},
    {"two conditions", {.state = FINDING_OPEN, .issuer = 1}, "even", 2, "8 "},
};

START_TEST(findings_by_filter)
{
	struct store *store = unit_store("filter", 1);
	struct finding_filter filter = FILTERS[_i].filter;
	enum finding_put what;
	int64_t count, lines = 0;
	struct buf said;
	bool closed;

	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	for (uint64_t i = 1; i <= 8; i++) {
		struct finding_row row = finding(i);

		MUST(store_finding_put(store, &row, &what, err));
	}
	MUST(store_finding_close(
	    store, unit_bytes(2, 16), bytes_text(""), 1, &closed, err));
	MUST(store_finding_prove(store, unit_bytes(3, 16), bytes_text("{}"), err));
	MUST(store_commit(store, err));
	filter.check = bytes_text(FILTERS[_i].check);
	if (FILTERS[_i].subject != 0)
		filter.subject = unit_bytes(FILTERS[_i].subject, 32);
	MUST(store_finding_each(store, &filter, say_finding, &said, err));
	for (size_t i = 0; i < said.len; i++)
		lines += said.data[i] == ' ';
	MUST(store_finding_count(store, &filter, &count, err));
	if (filter.limit == 0 && filter.after == 0)
		ck_assert_int_eq(count, lines);
	unit_said(&said, FILTERS[_i].want);
	store_close(store);
}
END_TEST

/* --- events
 * ------------------------------------------------------------------------------ */

static bool
say_event(void *owner, const struct event_row *row)
{
	buf_append_format(
	    owner, "%lld:%lld-", (long long)row->number, (long long)row->begin_ms);
	if (row->end_ms != STORE_NO_TIME)
		buf_append_format(owner, "%lld", (long long)row->end_ms);
	buf_append_text(owner, " ");
	return true;
}

static bool
begin_event(struct store *store, uint64_t id, const char *kind, const char *subject,
    int64_t begin_ms, int64_t end_ms)
{
	struct event_row row = {.id = unit_bytes(id, 16),
	    .kind = bytes_text(kind),
	    .subject = bytes_text(subject),
	    .log = 1,
	    .severity = (int)id,
	    .begin_ms = begin_ms,
	    .end_ms = end_ms};
	bool began;

	MUST(store_event_begin(store, &row, &began, err));
	ck_assert_int_gt(row.number, 0);
	return began;
}

START_TEST(events_begin_once_and_end)
{
	struct store *store = unit_store("event", 1);
	struct event_filter filter = {.open_only = true};
	struct event_row out;
	struct arena arena;
	struct buf said;
	bool ended, found;

	arena_init(&arena);
	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	ck_assert(begin_event(store, 1, "behind", "argon", 10, STORE_NO_TIME));
	ck_assert(!begin_event(store, 2, "behind", "argon", 11, STORE_NO_TIME));
	ck_assert(begin_event(store, 3, "behind", "xenon", 12, STORE_NO_TIME));
	ck_assert(begin_event(store, 4, "fork", "argon", 13, 13)); /* a moment */
	ck_assert(!begin_event(store, 4, "fork", "argon", 14, 14));
	ck_assert(begin_event(store, 5, "fork", "argon", 15, 15));
	MUST(store_event_each(store, &filter, say_event, &said, err));
	MUST(store_event_end(store, bytes_text("behind"), bytes_text("argon"), 20, &arena,
	    &out, &ended, err));
	ck_assert(ended && out.begin_ms == 10 && out.end_ms == STORE_NO_TIME);
	MUST(store_event_end(store, bytes_text("behind"), bytes_text("argon"), 21, NULL,
	    NULL, &ended, err));
	ck_assert(!ended);
	ck_assert(begin_event(store, 6, "behind", "argon", 30, STORE_NO_TIME));
	buf_append_text(&said, "| ");
	filter = (struct event_filter){.kind = bytes_text("behind")};
	MUST(store_event_each(store, &filter, say_event, &said, err));
	buf_append_text(&said, "| ");
	filter = (struct event_filter){
	    .subject = bytes_text("argon"), .newest_first = true, .limit = 2};
	MUST(store_event_each(store, &filter, say_event, &said, err));
	buf_append_text(&said, "| ");
	filter = (struct event_filter){.since_ms = 13, .severity_at_least = 5, .log = 1};
	MUST(store_event_each(store, &filter, say_event, &said, err));
	MUST(store_commit(store, err));
	unit_said(
	    &said, "1:10- 2:12- | 1:10-20 2:12- 5:30- | 5:30- 4:15-15 | 4:15-15 5:30- ");
	MUST(store_event_find(store, unit_bytes(3, 16), &arena, &out, &found, err));
	ck_assert(found && bytes_equal(out.subject, bytes_text("xenon")));
	MUST(store_event_find(store, unit_bytes(99, 16), &arena, &out, &found, err));
	ck_assert(!found);
	arena_free(&arena);
	store_close(store);
}
END_TEST

/* --- watches and families
 * ---------------------------------------------------------------- */

static const char CHANGE[] = {
    [WATCH_KEPT] = 'k', [WATCH_ADDED] = 'a', [WATCH_RETURNED] = 'r'};

static bool
say_watch(void *owner, const struct watch_row *row)
{
	buf_append_format(owner, "%u%.*sg%lld%s ", row->number, (int)row->text.len,
	    row->text.data, (long long)row->since_generation,
	    row->gone_ms == STORE_NO_TIME ? "" : "-");
	return true;
}

struct letters {
	const char *text;
	struct buf *said;
};

static void
fill_watch(void *owner, size_t i, struct watch_row *row)
{
	const struct letters *letters = owner;

	row->id = unit_bytes((uint64_t)letters->text[i], 16);
	row->kind = bytes_text("domain");
	row->text = bytes_of(&letters->text[i], 1);
}

static void
done_watch(void *owner, size_t i, const struct watch_row *row, enum watch_change change)
{
	const struct letters *letters = owner;

	ck_assert(bytes_equal(row->text, bytes_of(&letters->text[i], 1)));
	buf_append_format(letters->said, "%c%u", CHANGE[change], row->number);
}

/* Configures a watch for each letter. */
static void
sync_watches(struct store *store, const char *text, struct buf *said)
{
	struct letters letters = {text, said};
	const struct watch_source source = {
	    strlen(text), fill_watch, done_watch, &letters};
	int64_t generation;

	MUST(store_begin(store, err));
	MUST(store_watch_sync(store, &source, 5, &generation, err));
	MUST(store_commit(store, err));
	buf_append_format(said, "g%lld: ", (long long)generation);
	MUST(store_watch_each(store, true, say_watch, said, err));
}

START_TEST(watches_come_and_go)
{
	struct store *store = unit_store("watch", 1);
	int64_t generation;
	struct buf said;

	buf_init(&said, 2000);
	sync_watches(store, "", &said);
	sync_watches(store, "ab", &said);
	sync_watches(store, "ba", &said);
	sync_watches(store, "bc", &said);
	sync_watches(store, "abc", &said);
	sync_watches(store, "", &said);
	MUST(store_begin(store, err));
	MUST(store_watch_generation_raise(store, &generation, err));
	MUST(store_commit(store, err));
	ck_assert_int_eq(generation, 5);
	MUST(store_watch_generation(store, &generation, err));
	ck_assert_int_eq(generation, 5);
	MUST(store_watch_each(store, false, say_watch, &said, err));
	unit_said(&said,
	    "g0: a1a2g1: 1ag1 2bg1 k2k1g1: 1ag1 2bg1 k2a3g2: 1ag1- 2bg1 3cg2 "
	    "r1k2k3g3: 1ag3 2bg1 3cg2 g4: 1ag3- 2bg1- 3cg2- ");
	store_close(store);
}
END_TEST

static bool
say_family(void *owner, const struct family_row *row)
{
	buf_append_format(owner, "%u:%.*s@%llu ", row->watch, (int)row->how.len,
	    row->how.data, (unsigned long long)row->since_index);
	return true;
}

START_TEST(a_family_has_a_key_once)
{
	struct store *store = unit_store("family", 1);
	struct family_row row = {.watch = 1,
	    .spki_sha256 = unit_bytes(1, 32),
	    .how = bytes_text("named"),
	    .since_index = 7};
	struct buf said;
	bool inserted;

	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	MUST(store_family_put(store, &row, &inserted, err));
	ck_assert(inserted);
	row.how = bytes_text("signed-by");
	MUST(store_family_put(store, &row, &inserted, err));
	ck_assert(!inserted);
	row.watch = 2;
	row.via = unit_bytes(2, 32);
	MUST(store_family_put(store, &row, &inserted, err));
	ck_assert(inserted);
	MUST(store_commit(store, err));
	MUST(store_family_each(store, 0, say_family, &said, err));
	MUST(store_family_each(store, 2, say_family, &said, err));
	unit_said(&said, "1:named@7 2:signed-by@7 2:signed-by@7 ");
	store_close(store);
}
END_TEST

/* --- statistics
 * -------------------------------------------------------------------------- */

static bool
say_statistic(void *owner, const struct statistic_row *row)
{
	buf_append_format(owner, "%d:%.*s=%lld ", row->day, (int)row->name.len,
	    row->name.data, (long long)row->count);
	return true;
}

START_TEST(statistics_add_up)
{
	static const struct {
		uint32_t issuer;
		int32_t day;
		const char *name;
		int64_t count;
	} ADDED[] = {{1, 5, "issued", 2}, {1, 5, "issued", 3}, {1, 6, "issued", 4},
	    {2, 5, "issued", 9}, {1, 5, "entries", 7}, {1, -3, "issued", 1},
	    {3, 6, "issued", 6}};
	struct store *store = unit_store("statistic", 1);
	struct buf said;
	int64_t sum;

	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	/* One key under two names, and another one under the first. */
	for (uint64_t i = 0; i < 3; i++) {
		const char *name = i == 1 ? "B" : "A";
		struct issuer_row issuer = {.dn = bytes_text(name),
		    .dn_normalised = bytes_text(name),
		    .spki_sha256 = unit_bytes(i == 2 ? 2 : 1, 32)};

		MUST(store_issuer_put(store, &issuer, err));
		ck_assert_uint_eq(issuer.number, i + 1);
	}
	for (size_t i = 0; i < ARRAY_LEN(ADDED); i++) {
		struct statistic_row row = {.issuer = ADDED[i].issuer,
		    .day = ADDED[i].day,
		    .name = bytes_text(ADDED[i].name),
		    .count = ADDED[i].count};

		MUST(store_statistic_add(store, &row, err));
	}
	MUST(store_commit(store, err));
	MUST(store_statistic_sum(store, 1, bytes_text("issued"), 5, 6, &sum, err));
	ck_assert_int_eq(sum, 9);
	MUST(store_statistic_sum(store, 1, bytes_text("none"), 5, 6, &sum, err));
	ck_assert_int_eq(sum, 0);
	MUST(store_statistic_sum_of_key(
	    store, unit_bytes(1, 32), bytes_text("issued"), 5, 6, &sum, err));
	ck_assert_int_eq(sum, 18);
	MUST(store_statistic_sum_of_key(
	    store, unit_bytes(2, 32), bytes_text("issued"), 5, 6, &sum, err));
	ck_assert_int_eq(sum, 6);
	MUST(store_statistic_each(store, 1, -10, 5, say_statistic, &said, err));
	unit_said(&said, "-3:issued=1 5:entries=7 5:issued=5 ");
	store_close(store);
}
END_TEST

/* --- CA certificates
 * ---------------------------------------------------------------------- */

static bool
say_ca(void *owner, const struct ca_certificate_row *row)
{
	buf_append_format(owner, "%.*s ", (int)row->der.len, row->der.data);
	return true;
}

static const struct {
	const char *what;
	uint64_t spki, signed_by;
	const char *subject, *issuer;
	bool unsigned_only;
	const char *want;
} CAS[] = {
    {"all", 0, 0, "", "", false, "root sub cross "},
    {"of a key", 2, 0, "", "", false, "sub cross "},
    {"signed by a key", 0, 1, "", "", false, "root sub "},
    {"of a name", 0, 0, "Sub", "", false, "sub cross "},
    {"issued by a name", 0, 0, "", "Root", false, "root sub "},
    {"signer not known", 0, 0, "", "", true, "cross "},
    {"none", 3, 0, "", "", false, ""},
};

START_TEST(ca_certificates_by_what_ties_them)
{
	struct ca_certificate_row rows[] = {
	    {.sha256 = unit_bytes(10, 32),
		.der = bytes_text("root"),
		.subject = bytes_text("Root"),
		.issuer = bytes_text("Root"),
		.spki_sha256 = unit_bytes(1, 32),
		.signed_by_spki = unit_bytes(1, 32),
		.is_ca = true},
	    {.sha256 = unit_bytes(11, 32),
		.der = bytes_text("sub"),
		.subject = bytes_text("Sub"),
		.issuer = bytes_text("Root"),
		.spki_sha256 = unit_bytes(2, 32)},
	    {.sha256 = unit_bytes(12, 32),
		.der = bytes_text("cross"),
		.subject = bytes_text("Sub"),
		.issuer = bytes_text("Other"),
		.spki_sha256 = unit_bytes(2, 32)},
	};
	struct store *store = unit_store("ca", 1);
	struct ca_certificate_filter filter = {.subject = bytes_text(CAS[_i].subject),
	    .issuer = bytes_text(CAS[_i].issuer),
	    .unsigned_only = CAS[_i].unsigned_only};
	struct ca_certificate_row out;
	struct arena arena;
	struct buf said;
	bool inserted, found;

	arena_init(&arena);
	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		MUST(store_ca_certificate_put(store, &rows[i], &inserted, err));
		ck_assert(inserted);
		MUST(store_ca_certificate_put(store, &rows[i], &inserted, err));
		ck_assert(!inserted);
	}
	MUST(store_ca_certificate_signed_by(
	    store, unit_bytes(11, 32), unit_bytes(1, 32), err));
	MUST(store_commit(store, err));
	if (CAS[_i].spki != 0)
		filter.spki_sha256 = unit_bytes(CAS[_i].spki, 32);
	if (CAS[_i].signed_by != 0)
		filter.signed_by_spki = unit_bytes(CAS[_i].signed_by, 32);
	MUST(store_ca_certificate_each(store, &filter, say_ca, &said, err));
	unit_said(&said, CAS[_i].want);
	MUST(store_ca_certificate_find(
	    store, unit_bytes(10, 32), &arena, &out, &found, err));
	ck_assert(found && out.is_ca && bytes_equal(out.der, bytes_text("root")));
	MUST(store_ca_certificate_find(
	    store, unit_bytes(13, 32), &arena, &out, &found, err));
	ck_assert(!found);
	arena_free(&arena);
	store_close(store);
}
END_TEST

static bool
say_root(void *owner, const struct root_row *row)
{
	buf_append_format(owner, "%u:%lld-%lld%s ", row->log,
	    (long long)row->first_seen_ms, (long long)row->last_seen_ms,
	    row->gone_ms == STORE_NO_TIME ? "" : " gone");
	return true;
}

START_TEST(roots_have_dates)
{
	struct store *store = unit_store("root", 1);
	struct root_row row = {.log = 1,
	    .sha256 = unit_bytes(1, 32),
	    .first_seen_ms = 5,
	    .last_seen_ms = 5,
	    .gone_ms = STORE_NO_TIME};
	struct buf said;

	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	MUST(store_root_put(store, &row, err));
	row.first_seen_ms = row.last_seen_ms = 9;
	row.gone_ms = 9;
	MUST(store_root_put(store, &row, err));
	row.log = 2;
	row.gone_ms = STORE_NO_TIME;
	MUST(store_root_put(store, &row, err));
	MUST(store_commit(store, err));
	MUST(store_root_each(store, 0, say_root, &said, err));
	MUST(store_root_each(store, 2, say_root, &said, err));
	unit_said(&said, "1:5-9 gone 2:9-9 2:9-9 ");
	store_close(store);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("finding");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_finding_is_one_row_however_often_seen);
	tcase_add_loop_test(tc, findings_by_filter, 0, UNIT_COUNT(FILTERS));
	tcase_add_test(tc, events_begin_once_and_end);
	tcase_add_test(tc, watches_come_and_go);
	tcase_add_test(tc, a_family_has_a_key_once);
	tcase_add_test(tc, statistics_add_up);
	tcase_add_loop_test(tc, ca_certificates_by_what_ties_them, 0, UNIT_COUNT(CAS));
	tcase_add_test(tc, roots_have_dates);
	return unit_run("store/finding", tc);
}
