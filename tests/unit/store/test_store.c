/* Opening, refusing, transactions, readers, a full disk. */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/log.h"
#include "store/range.h"
#include "tests/lib/unit_store.h"

static struct store *
open_at(const char *path, bool read_only, struct err *refusal)
{
	struct store_options options = {.path = path, .read_only = read_only};

	return store_open(&options, refusal);
}

static void
refused(const char *path, bool read_only, enum err_code code, const char *says)
{
	struct err refusal = {0};
	struct store *store = open_at(path, read_only, &refusal);

	ck_assert_msg(store == NULL, "opened, although %s", says);
	ck_assert_msg(refusal.code == code, "%s: %s", says, refusal.text);
	ck_assert_msg(strstr(refusal.text, says) != NULL, "\"%s\" is not in: %s", says,
	    refusal.text);
}

/* Runs SQL on a file that may be anybody's. */
static void
sqlite(const char *path, const char *text)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
overwrite(const char *path, off_t at, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	struct bytes noise = unit_bytes(1, 1024);

	ck_assert_int_ge(fd, 0);
	for (size_t done = 0; done < len; done += noise.len)
		ck_assert_int_eq(pwrite(fd, noise.data, noise.len, at + (off_t)done),
		    (ssize_t)noise.len);
	close(fd);
}

static void
note(struct store *store, const char *name, const char *value)
{
	MUST(store_note_put(store, name, bytes_text(value), err));
}

static void
note_is(struct store *store, const char *name, const char *want)
{
	struct arena arena;
	struct bytes value;
	bool found;

	arena_init(&arena);
	MUST(store_note_get(store, name, &arena, &value, &found, err));
	ck_assert_msg(found == (want != NULL), "%s", name);
	ck_assert(!found || bytes_equal(value, bytes_text(want)));
	arena_free(&arena);
}

/* --- refusals ---------------------------------------------------------------------- */

START_TEST(a_second_writer_is_refused)
{
	char *path = unit_temp("second");
	struct store *first = unit_store("second", 1);
	int status;
	pid_t child;

	refused(path, false, ERR_CONFIG, "in use by another daemon");
	store_close(unit_reader("second")); /* a reader is not */
	store_close(first);

	/* A writer that was killed holds it no longer. */
	if ((child = fork()) == 0) {
		unit_store_again("second", 1);
		kill(getpid(), SIGKILL);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	store_close(unit_store_again("second", 1));
	mem_free(path);
}
END_TEST

/* In a process of its own: takes the lock, says so, and lets it go after a while. */
static pid_t
command_at(const char *path)
{
	struct store_options options = {.path = path, .brief = true};
	const struct timespec while_held = {0, 300 * 1000000L};
	struct err refusal = {0};
	struct store *store;
	int ends[2];
	char said;
	pid_t child;

	ck_assert_int_eq(pipe(ends), 0);
	if ((child = fork()) == 0) {
		store = store_open(&options, &refusal);
		if (store == NULL || write(ends[1], "", 1) != 1)
			_exit(1);
		nanosleep(&while_held, NULL);
		store_close(store);
		_exit(0);
	}
	close(ends[1]);
	ck_assert_int_eq(read(ends[0], &said, 1), 1);
	close(ends[0]);
	return child;
}

/* The daemon starts just when ctwarden backfill notes a wish. */
START_TEST(a_command_is_waited_for)
{
	char *path = unit_temp("command");
	struct err refusal = {0};
	struct store *store;
	int status;
	pid_t child;

	store_close(unit_store("command", 1));
	child = command_at(path);
	store = open_at(path, false, &refusal);
	ck_assert_msg(store != NULL, "%s", refusal.text);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	store_close(store);
	mem_free(path);
}
END_TEST

/* Who has the lock may not have written its name yet: what stands there is
 * another's, who is gone. */
START_TEST(a_holder_without_a_name_is_waited_for)
{
	char *path = unit_temp("nameless"), *lock = mem_format("%s.lock", path);
	struct err refusal = {0};
	struct store *store;
	int status, fd;
	pid_t gone, child;

	store_close(unit_store("nameless", 1));
	if ((gone = fork()) == 0)
		_exit(0);
	ck_assert_int_eq(waitpid(gone, &status, 0), gone);
	child = command_at(path);
	ck_assert_int_ge(fd = open(lock, O_WRONLY | O_TRUNC), 0);
	ck_assert_int_gt(dprintf(fd, "%ld\n", (long)gone), 0);
	close(fd);
	store = open_at(path, false, &refusal);
	ck_assert_msg(store != NULL, "%s", refusal.text);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	store_close(store);
	mem_free(lock);
	mem_free(path);
}
END_TEST

/* A command that finds a daemon is not told to take another database. */
START_TEST(a_command_does_not_wait_for_a_daemon)
{
	struct store *first = unit_store("daemon", 1);
	char *path = unit_temp("daemon");
	struct store_options options = {.path = path, .brief = true};
	struct err refusal = {0};

	ck_assert(store_open(&options, &refusal) == NULL);
	ck_assert_int_eq(refusal.code, ERR_CONFIG);
	ck_assert_msg(strstr(refusal.text, "in a moment") != NULL, "%s", refusal.text);
	store_close(first);
	mem_free(path);
}
END_TEST

START_TEST(a_newer_schema_is_refused)
{
	char *path = unit_temp("newer");

	store_close(unit_store("newer", 1));
	sqlite(path, "PRAGMA user_version = 9999");
	refused(path, false, ERR_CONFIG, "newer ctwarden");
	refused(path, true, ERR_CONFIG, "newer ctwarden");
	mem_free(path);
}
END_TEST

START_TEST(somebody_elses_database_is_refused)
{
	char *path = unit_temp("foreign");

	sqlite(path, "CREATE TABLE their (own INTEGER)");
	refused(path, false, ERR_CONFIG, "not one of ctwarden's");
	refused(path, true, ERR_CONFIG, "not one of ctwarden's");
	mem_free(path);
}
END_TEST

START_TEST(what_is_no_database_is_refused)
{
	char *path = unit_temp("noise");

	overwrite(path, 0, 65536);
	refused(path, false, ERR_STORE, "is damaged");
	refused(path, true, ERR_STORE, "is damaged");
	mem_free(path);
}
END_TEST

START_TEST(a_damaged_database_is_refused)
{
	char *path = unit_temp("damaged");
	struct store *store = unit_store("damaged", 1);
	struct certificate_row row;
	struct stat info;

	MUST(store_begin(store, err));
	unit_issuers(store);
	for (uint64_t i = 0; i < 2000; i++)
		unit_certificate(store, i, &row);
	MUST(store_commit(store, err));
	MUST(store_settle(store, err));
	store_close(store);
	ck_assert_int_eq(stat(path, &info), 0);
	overwrite(path, info.st_size / 2 / 8192 * 8192, 65536);
	refused(path, false, ERR_STORE, "is damaged");
	mem_free(path);
}
END_TEST

START_TEST(a_cut_database_is_refused)
{
	char *path = unit_temp("cut");
	struct store *store = unit_store("cut", 1);
	struct stat info;

	MUST(store_settle(store, err));
	store_close(store);
	ck_assert_int_eq(stat(path, &info), 0);
	ck_assert_int_eq(truncate(path, info.st_size / 2), 0);
	refused(path, false, ERR_STORE, "is damaged");
	mem_free(path);
}
END_TEST

START_TEST(a_reader_makes_nothing)
{
	char *path = unit_temp("missing"), *folder = unit_temp("no/such/folder");

	refused(path, true, ERR_CONFIG, "start ctwardend first");
	ck_assert_int_ne(access(path, F_OK), 0);
	refused(folder, false, ERR_CONFIG, "see that the folder is there");
	mem_free(path);
	mem_free(folder);
}
END_TEST

START_TEST(an_empty_file_becomes_a_database)
{
	char *path = unit_temp("empty");
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	struct store *store;

	close(fd);
	store = unit_store_again("empty", 0);
	ck_assert_int_ge(store_schema(store), 1);
	store_close(store);
	mem_free(path);
}
END_TEST

START_TEST(nothing_was_opened_and_closes)
{
	store_close(NULL);
}
END_TEST

/* --- transactions and notes ------------------------------------------------------------
 */

START_TEST(a_transaction_is_all_or_nothing)
{
	struct store *store = unit_store("transaction", 1);

	store_rollback(store); /* without one: fine */
	MUST(store_begin(store, err));
	ck_assert(store_in_transaction(store));
	note(store, "a", "1");
	note(store, "b", "2");
	MUST(store_commit(store, err));
	ck_assert(!store_in_transaction(store));
	MUST(store_begin(store, err));
	note(store, "a", "3");
	MUST(store_note_delete(store, "b", err));
	MUST(store_note_delete(store, "none", err));
	note(store, "c", "");
	note_is(store, "a", "3");
	store_rollback(store);
	note_is(store, "a", "1");
	note_is(store, "b", "2");
	note_is(store, "c", NULL);

	/* What is open when it closes is not committed. */
	MUST(store_begin(store, err));
	note(store, "a", "4");
	store_close(store);
	store = unit_store_again("transaction", 1);
	note_is(store, "a", "1");
	store_close(store);
}
END_TEST

static bool
say_note(void *owner, struct bytes name, struct bytes value)
{
	buf_append_bytes(owner, name);
	buf_append_text(owner, "=");
	buf_append_bytes(owner, value);
	buf_append_text(owner, " ");
	return true;
}

START_TEST(notes_by_prefix)
{
	struct store *store = unit_store("notes", 1);
	struct buf said;

	buf_init(&said, 1000);
	MUST(store_begin(store, err));
	note(store, "roots:2", "b");
	note(store, "roots:1", "a");
	note(store, "root", "x");
	note(store, "rootz", "y");
	note(store, "roots:1", "c");
	MUST(store_note_each(store, "roots:", say_note, &said, err));
	buf_append_text(&said, "| ");
	MUST(store_note_each(store, "", say_note, &said, err));
	buf_append_text(&said, "| ");
	MUST(store_note_each(store, "s", say_note, &said, err));
	MUST(store_commit(store, err));
	unit_said(&said, "roots:1=c roots:2=b | root=x roots:1=c roots:2=b rootz=y | ");
	store_close(store);
}
END_TEST

/* Numbers handed out in a transaction that came to nothing are free again. */
START_TEST(a_rollback_forgets_what_was_remembered)
{
	struct store *store = unit_store("forget", 1);
	struct certificate_row row;

	for (int turn = 0; turn < 3; turn++) {
		MUST(store_begin(store, err));
		unit_issuers(store);
		for (uint64_t i = 0; i < 50; i++) {
			unit_certificate(store, i, &row);
			ck_assert_int_eq(row.number, (int64_t)i + 1);
		}
		unit_certificate_stands(store, 49);
		if (turn < 2) {
			store_rollback(store);
			MUST(store_begin(store, err));
			unit_issuers(store);
			unit_certificate_is_not(store, 49);
			store_rollback(store);
		} else {
			MUST(store_commit(store, err));
		}
	}
	for (uint64_t i = 0; i < 50; i++)
		unit_certificate_stands(store, i);
	MUST(store_check(store, err));
	store_close(store);
}
END_TEST

/* --- readers
 * ----------------------------------------------------------------------------- */

START_TEST(a_reader_sees_what_is_committed)
{
	struct store *store = unit_store("reader", 1), *reader;

	MUST(store_begin(store, err));
	note(store, "a", "1");
	MUST(store_commit(store, err));
	reader = unit_reader("reader");
	MUST(store_begin(store, err));
	note(store, "a", "2");
	note_is(reader, "a", "1");
	MUST(store_commit(store, err));
	note_is(reader, "a", "2");

	/* One view, whatever happens meanwhile. */
	MUST(store_begin(reader, err));
	note_is(reader, "a", "2");
	MUST(store_begin(store, err));
	note(store, "a", "3");
	MUST(store_commit(store, err));
	note_is(reader, "a", "2");
	MUST(store_commit(reader, err));
	note_is(reader, "a", "3");
	store_close(reader);
	store_close(store);
}
END_TEST

static int64_t
log_bytes(struct store *store)
{
	struct store_size size;

	MUST(store_size(store, &size, err));
	return size.log_bytes;
}

static void
write_megabytes(struct store *store, uint64_t first, int count)
{
	static uint8_t body[1 << 20];
	enum store_upkeep left;

	for (int i = 0; i < count; i++) {
		struct entry_row row = {.log = 1,
		    .index = first + (uint64_t)i,
		    .leaf = bytes_of(body, sizeof(body))};

		MUST(store_begin(store, err));
		MUST(store_entry_put(store, &row, err));
		MUST(store_commit(store, err));
		MUST(store_maintain(store, &left, err));
	}
}

START_TEST(the_log_is_trimmed_once_readers_let_go)
{
	struct store *store = unit_store("trim", 1), *reader = unit_reader("trim");
	enum store_upkeep left;

	write_megabytes(store, 0, 60);
	ck_assert_int_lt(log_bytes(store), 40 << 20);
	MUST(store_begin(reader, err));
	note_is(reader, "a", NULL);
	write_megabytes(store, 100, 60);
	ck_assert_int_gt(log_bytes(store), 50 << 20); /* the reader needs it */
	MUST(store_commit(reader, err));
	write_megabytes(store, 200, 60);
	do
		MUST(store_maintain(store, &left, err));
	while (left != STORE_IDLE);
	ck_assert_int_lt(log_bytes(store), 90 << 20);
	MUST(store_settle(store, err));
	ck_assert_int_eq(log_bytes(store), 0);
	store_close(reader);
	store_close(store);
}
END_TEST

/* --- a full disk
 * --------------------------------------------------------------------------- */

/* Puts entries until it fails; how many went in. */
static uint64_t
fill(struct store *store, struct err *refusal)
{
	for (uint64_t i = 0;; i++) {
		struct entry_row row = {
		    .log = 1, .index = i, .leaf = unit_bytes(i, 2000)};

		if (!store_entry_put(store, &row, refusal))
			return i;
		ck_assert_uint_lt(i, 100000);
	}
}

static int64_t
make_range(struct store *store)
{
	struct range_row range = {.log = 1};

	MUST(store_begin(store, err));
	MUST(store_range_put(store, &range, err));
	MUST(store_commit(store, err));
	return range.id;
}

static bool
next_is(void *owner, const struct range_row *row)
{
	ck_assert_uint_eq(row->next, *(const uint64_t *)owner);
	return true;
}

START_TEST(a_full_database_goes_on_when_there_is_room)
{
	char *path;
	struct store *store;
	struct store_options options = {.max_pages = 400};
	struct err refusal = {0}, again = {0};
	struct range_step step = {.expected = 0, .next = 10};
	uint64_t zero = 0, ten = 10;
	bool moved;

	store_close(unit_store("full", 1));
	options.path = path = unit_temp("full");
	ck_assert((store = store_open(&options, &refusal)) != NULL);
	step.id = make_range(store);

	MUST(store_begin(store, err));
	MUST(store_range_advance(store, &step, &moved, err));
	ck_assert(moved);
	ck_assert_uint_gt(fill(store, &refusal), 100);
	ck_assert_int_eq(refusal.code, ERR_FULL);
	ck_assert(!store_range_advance(store, &step, &moved, &again));
	ck_assert_int_eq(again.code, ERR_FULL);
	ck_assert(!store_commit(store, &again));
	ck_assert_int_eq(again.code, ERR_FULL);
	MUST(store_range_each(store, 1, next_is, &zero, err));

	/* There is room for less, at once. */
	MUST(store_begin(store, err));
	MUST(store_range_advance(store, &step, &moved, err));
	ck_assert(moved);
	MUST(store_commit(store, err));
	MUST(store_range_each(store, 1, next_is, &ten, err));
	MUST(store_check(store, err));
	store_close(store);
	mem_free(path);
}
END_TEST

/* The same where the operating system refuses: in the write itself. */
START_TEST(a_write_that_fails_loses_nothing)
{
	struct store *store = unit_store("limit", 1);
	struct rlimit limit = {0}, small;
	struct err refusal = {0};
	struct range_step step = {.expected = 0, .next = 10};
	uint64_t zero = 0, ten = 10;
	bool moved;

	step.id = make_range(store);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 3 << 20;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	MUST(store_begin(store, err));
	MUST(store_range_advance(store, &step, &moved, err));
	fill(store, &refusal);
	ck_assert_msg(refusal.code == ERR_FULL, "%s", refusal.text);
	ck_assert(!store_commit(store, &refusal));
	ck_assert_int_eq(refusal.code, ERR_FULL);
	MUST(store_range_each(store, 1, next_is, &zero, err));

	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	MUST(store_begin(store, err));
	MUST(store_range_advance(store, &step, &moved, err));
	for (uint64_t i = 0; i < 3000; i++) {
		struct entry_row row = {
		    .log = 1, .index = i, .leaf = unit_bytes(i, 2000)};

		MUST(store_entry_put(store, &row, err));
	}
	MUST(store_commit(store, err));
	MUST(store_range_each(store, 1, next_is, &ten, err));
	MUST(store_settle(store, err));
	MUST(store_check(store, err));
	store_close(store);
}
END_TEST

/* Upkeep needs room as well; without it nothing is lost, and later it goes on. */
START_TEST(upkeep_waits_for_room)
{
	char *path = unit_temp("upkeep");
	struct store_options options = {.path = path, .cache_mb = 1};
	struct store *store = unit_store("upkeep", 1);
	struct certificate_row row;
	struct store_size size;
	struct err refusal = {0};
	enum store_upkeep left;

	MUST(store_begin(store, err));
	unit_issuers(store);
	for (uint64_t i = 0; i < 3000; i++)
		unit_certificate(store, i, &row);
	MUST(store_commit(store, err));
	MUST(store_size(store, &size, err));
	store_close(store);

	options.max_pages = (uint32_t)(size.database_bytes / 8192) + 2;
	ck_assert((store = store_open(&options, &refusal)) != NULL);
	for (int i = 0; i < 3; i++) {
		ck_assert(!store_maintain(store, &left, &refusal));
		ck_assert_msg(refusal.code == ERR_FULL, "%s", refusal.text);
		ck_assert(!store_in_transaction(store));
	}
	for (uint64_t i = 0; i < 3000; i += 37)
		unit_certificate_stands(store, i);
	store_close(store);

	store = unit_store_again("upkeep", 1);
	MUST(store_settle(store, err));
	for (uint64_t i = 0; i < 3000; i += 37)
		unit_certificate_stands(store, i);
	MUST(store_check(store, err));
	store_close(store);
	mem_free(path);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("store");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_second_writer_is_refused);
	tcase_add_test(tc, a_command_is_waited_for);
	tcase_add_test(tc, a_holder_without_a_name_is_waited_for);
	tcase_add_test(tc, a_command_does_not_wait_for_a_daemon);
	tcase_add_test(tc, a_newer_schema_is_refused);
	tcase_add_test(tc, somebody_elses_database_is_refused);
	tcase_add_test(tc, what_is_no_database_is_refused);
	tcase_add_test(tc, a_damaged_database_is_refused);
	tcase_add_test(tc, a_cut_database_is_refused);
	tcase_add_test(tc, a_reader_makes_nothing);
	tcase_add_test(tc, an_empty_file_becomes_a_database);
	tcase_add_test(tc, nothing_was_opened_and_closes);
	tcase_add_test(tc, a_transaction_is_all_or_nothing);
	tcase_add_test(tc, notes_by_prefix);
	tcase_add_test(tc, a_rollback_forgets_what_was_remembered);
	tcase_add_test(tc, a_reader_sees_what_is_committed);
	tcase_add_test(tc, the_log_is_trimmed_once_readers_let_go);
	tcase_add_test(tc, a_full_database_goes_on_when_there_is_room);
	tcase_add_test(tc, a_write_that_fails_loses_nothing);
	tcase_add_test(tc, upkeep_waits_for_room);
	return unit_run("store/store", tc);
}
