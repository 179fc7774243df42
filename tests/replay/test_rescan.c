/* Judging again as a scenario cannot tell it: another version left the database
 * behind. */
#include "base/log.h"
#include "evidence/rebuild.h"
#include "store/certificate.h"
#include "store/finding.h"
#include "store/range.h"
#include "tests/lib/scenario.h"

static struct scenario *s;

#define MUST(call)                                                                       \
	do {                                                                             \
		struct err must_err_ = {0}, *err = &must_err_;                           \
		ck_assert_msg(call, "%s: %s", #call, must_err_.text);                    \
	} while (0)

static struct store *
begin(void)
{
	struct err why;
	struct store *store = store_open(&(struct store_options){.path = s->path}, &why);

	ck_assert_msg(store != NULL, "%s", why.text);
	MUST(store_begin(store, err));
	return store;
}

static void
end(struct store *store)
{
	MUST(store_commit(store, err));
	store_close(store);
}

static void
play(void)
{
	s = mem_alloc(sizeof(*s));
	scenario_begin(s);
	scenario_play(s,
	    "log a static start genesis\n"
	    "ca root\n"
	    "watch domain watched.example\n"
	    "cert a root one.watched.example\n"
	    "cert a root two.watched.example\n"
	    "a grow 10\n"
	    "start\n"
	    "run 2m\n"
	    "stop\n");
}

static void
leave(void)
{
	scenario_end(s);
	mem_free(s);
}

/* As a former version would have noted it. */
static void
note_former(struct store *store, const char *line)
{
	struct bytes note, rest;
	struct arena arena;
	const uint8_t *first;
	struct buf text;
	bool found;

	arena_init(&arena);
	MUST(store_note_get(store, "judged_by", &arena, &note, &found, err));
	ck_assert(found);
	first = memchr(note.data, '\n', note.len);
	ck_assert_ptr_nonnull(first);
	rest = bytes_of(first + 1, note.len - (size_t)(first + 1 - note.data));
	buf_init(&text, 1 << 20);
	buf_append_text(&text, line);
	buf_append_bytes(&text, rest);
	MUST(store_note_put(store, "judged_by", buf_bytes(&text), err));
	buf_free(&text);
	arena_free(&arena);
}

struct first {
	struct arena arena;
	struct sighting_row row;
};

static bool
first_sighting(void *owner, const struct sighting_row *row)
{
	struct first *first = owner;

	first->row = *row;
	first->row.extensions = arena_copy(&first->arena, row->extensions);
	first->row.leaf_tbs = arena_copy(&first->arena, row->leaf_tbs);
	return false;
}

/* A finding that a former version made. */
static void
put_former(struct store *store, const char *check, const char *subrule)
{
	struct finding_row row = {.id = bytes_of("0123456789abcdef", 16),
	    .subject_kind = bytes_text("certificate"),
	    .subject = bytes_text("x"),
	    .certificate = 1,
	    .check = bytes_text(check),
	    .subrule = bytes_text(subrule),
	    .time_basis = bytes_text("nb"),
	    .message = bytes_text("m"),
	    .evidence = bytes_text("{}"),
	    .data_version = bytes_text("1")};
	enum finding_put what;

	MUST(store_finding_put(store, &row, &what, err));
}

/* The version of a check, as the note has it, becomes 0. */
static void
age_check(struct store *store, const char *check)
{
	struct bytes note;
	struct arena arena;
	struct buf text;
	bool found;
	char *line = mem_format("\n%s ", check), *at;

	arena_init(&arena);
	MUST(store_note_get(store, "judged_by", &arena, &note, &found, err));
	buf_init(&text, 1 << 20);
	buf_append_bytes(&text, note);
	at = strstr((char *)(uintptr_t)buf_text(&text), line);
	ck_assert_ptr_nonnull(at);
	at[strlen(line)] = '0';
	MUST(store_note_put(store, "judged_by", buf_bytes(&text), err));
	buf_free(&text);
	arena_free(&arena);
	mem_free(line);
}

/* The first certificate becomes an entry that could not be read. */
static void
unread(struct store *store)
{
	struct first seen = {0};
	struct entry_row entry = {
	    .tile = true, .state = ENTRY_UNPARSED, .reason = bytes_text("too new")};
	struct buf record;

	arena_init(&seen.arena);
	buf_init(&record, 1 << 20);
	MUST(store_sighting_of(store, 1, first_sighting, &seen, err));
	MUST(rebuild_record(store, &seen.row, &seen.arena, &record, err));
	entry.log = seen.row.log;
	entry.index = seen.row.index;
	entry.leaf = buf_bytes(&record);
	MUST(store_entry_put(store, &entry, err));
	MUST(store_certificate_delete(store, 1, NULL, 0, err));
	buf_free(&record);
	arena_free(&seen.arena);
}

START_TEST(an_upgrade_reads_what_could_not_be_read)
{
	struct store *store;

	play();
	ck_assert_int_eq(scenario_number(s, "SELECT COUNT(*) FROM certificate"), 2);
	store = begin();
	unread(store);
	end(store);
	scenario_play(s, "start\nrun 2m\n");
	/* The same version does not try again. */
	ck_assert_int_eq(scenario_number(s, "SELECT COUNT(*) FROM certificate"), 1);
	scenario_play(s, "stop\n");
	store = begin();
	note_former(store, "ctwarden 0.0.1\n");
	end(store);
	scenario_play(s, "start\nrun 2m\n");
	ck_assert_int_eq(scenario_number(s, "SELECT COUNT(*) FROM certificate"), 2);
	ck_assert_int_eq(
	    scenario_number(s, "SELECT COUNT(*) FROM entry WHERE state = 0"), 0);
	ck_assert_int_eq(
	    scenario_number(s, "SELECT COUNT(*) FROM rescan WHERE ended_ms NOT NULL"), 1);
	leave();
}
END_TEST

/* A check that this version has no more: its findings close, and the others
 * stand. */
START_TEST(a_check_that_is_gone)
{
	struct store *store;
	int64_t open;

	play();
	open = scenario_number(s, "SELECT COUNT(*) FROM finding WHERE state = 0");
	ck_assert_int_gt(open, 0);
	store = begin();
	put_former(store, "former-check", "rule");
	note_former(store, "ctwarden 0.1.0\nformer-check 3 2025-01.1\n");
	end(store);
	scenario_play(s, "start\nrun 2m\n");
	ck_assert_int_eq(
	    scenario_number(s,
		"SELECT COUNT(*) FROM finding WHERE check_id = 'former-check' AND "
		"state = 1 AND why = 'rule-change'"),
	    1);
	ck_assert_int_eq(
	    scenario_number(s, "SELECT COUNT(*) FROM finding WHERE state = 0"), open);
	ck_assert_int_eq(
	    scenario_number(
		s, "SELECT gone FROM rescan_delta WHERE check_id = 'former-check'"),
	    1);
	leave();
}
END_TEST

/* A check of another version: the findings that it makes no more close, those
 * that hold stand, and no alert is told again. */
START_TEST(another_version_of_a_check)
{
	struct store *store;
	int64_t alerts;

	play();
	alerts = scenario_number(s, "SELECT COUNT(*) FROM outbox");
	store = begin();
	put_former(store, "watched-name", "former");
	age_check(store, "watched-name");
	end(store);
	scenario_play(s, "start\nrun 2m\n");
	ck_assert_int_eq(scenario_number(s,
			     "SELECT COUNT(*) FROM finding WHERE check_id = "
			     "'watched-name' AND state = 0"),
	    2);
	ck_assert_int_eq(scenario_number(s,
			     "SELECT unchanged * 100 + gone * 10 + fresh FROM "
			     "rescan_delta WHERE check_id = 'watched-name'"),
	    210);
	ck_assert_int_eq(scenario_number(s, "SELECT COUNT(*) FROM outbox"), alerts);
	leave();
}
END_TEST

static int64_t
rescans(void)
{
	return scenario_number(s, "SELECT COUNT(*) FROM rescan WHERE ended_ms NOT NULL");
}

/* Another threshold: only what looks at it is judged again. */
START_TEST(another_threshold)
{
	play();
	ck_assert_int_eq(rescans(), 0);
	scenario_play(s, "start\nrun 2m\nstop\n");
	ck_assert_int_eq(rescans(), 0);
	s->max_san = 1;
	scenario_play(s, "start\nrun 2m\n");
	ck_assert_int_eq(rescans(), 1);
	ck_assert_int_eq(
	    scenario_number(s, "SELECT checks = 'san-count' FROM rescan"), 1);
	ck_assert_int_eq(scenario_number(s,
			     "SELECT COUNT(*) FROM finding WHERE check_id = 'san-count' "
			     "AND subrule = 'many'"),
	    2);
	leave();
}
END_TEST

/* What is said of an operator anew concerns what it issued before: in a running
 * monitor, too. */
START_TEST(another_word_of_an_operator)
{
	static const struct check_distrust RECORD = {
	    "Mozilla", DISTRUST_NB, DATE(2010, 1, 1), "t"};
	struct check_operator operator= {.name = "Rootca"};

	s = mem_alloc(sizeof(*s));
	scenario_begin(s);
	s->operators = &operator;
	s->operator_count = 1;
	scenario_play(s,
	    "log a static start genesis\nca root\nwatch ca Rootca root\n"
	    "cert a root one.somewhere.example\ncert a root two.somewhere.example\n"
	    "start\nrun 2m\n");
	ck_assert_int_eq(rescans(), 0);
	operator.distrust = & RECORD;
	operator.distrust_count = 1;
	scenario_play(s, "reload\nrun 2m\n");
	ck_assert_int_eq(rescans(), 1);
	ck_assert_int_eq(scenario_number(s,
			     "SELECT COUNT(*) FROM finding WHERE check_id = "
			     "'issued-after-distrust' AND subrule = 'nb:Mozilla' AND "
			     "state = 0"),
	    2);
	operator.distrust_count = 0;
	scenario_play(s, "reload\nrun 2m\n");
	ck_assert_int_eq(rescans(), 2);
	ck_assert_int_eq(scenario_number(s,
			     "SELECT COUNT(*) FROM finding WHERE check_id = "
			     "'issued-after-distrust' AND state = 1"),
	    2);
	leave();
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("rescan");

	log_set_level(LOG_LEVEL_ERROR);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, an_upgrade_reads_what_could_not_be_read);
	tcase_add_test(tcase, a_check_that_is_gone);
	tcase_add_test(tcase, another_version_of_a_check);
	tcase_add_test(tcase, another_threshold);
	tcase_add_test(tcase, another_word_of_an_operator);
	return unit_run("replay/rescan", tcase);
}
