/* The world of a scenario: making it, running it. */
#include "tests/lib/scenario.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "store/sqlite/sqlite_priv.h"

#define TICK_MS 1000
#define YEAR_S  INT64_C(31536000)

void
scenario_fail(const struct scenario *s, const char *format, ...)
{
	char text[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	ck_abort_msg("%s:%u: %s", s->file, s->line, text);
	abort();
}

int64_t
scenario_true_ms(const struct scenario *s)
{
	return FAKE_CLOCK_START_MS + clock_mono_ms(s->clock);
}

static int64_t
logs_now(void *owner)
{
	return scenario_true_ms(owner);
}

/* --- making it ------------------------------------------------------------- */

static void
on_outbox(void *owner)
{
	((struct scenario *)owner)->outbox_calls++;
}

static void
on_store(void *owner, const struct err *err)
{
	struct scenario *s = owner;

	if (err == NULL) {
		s->store_well++;
		return;
	}
	s->store_failing++;
	s->store_code = err->code;
}

static void
remove_database(const char *path)
{
	static const char *const TAILS[] = {"", "-wal", "-shm", ".lock"};

	for (size_t i = 0; i < ARRAY_LEN(TAILS); i++) {
		char *file = mem_format("%s%s", path, TAILS[i]);

		(void)unlink(file);
		mem_free(file);
	}
}

void
scenario_begin(struct scenario *s)
{
	struct err err;

	*s = (struct scenario){.file = "a test"};
	s->path = unit_temp("scenario.db");
	remove_database(s->path);
	s->clock = clock_new(NULL);
	s->fetch = fetch_new(NULL, s->clock, NULL, &err);
	s->behind.clock = s->clock;
	fake_fetch_answer(s->fetch, fake_logs_answer, &s->behind);
	fake_fetch_rests(s->fetch);
	s->options = (struct monitor_options){.clock = s->clock,
	    .fetch = s->fetch,
	    .bodies_max = (size_t)16 << 20,
	    .new_log_max = 5000000,
	    .on_outbox = on_outbox,
	    .on_store = on_store,
	    .owner = s};
}

void
scenario_end(struct scenario *s)
{
	scenario_stop(s);
	ck_assert_uint_eq(fake_fetch_waiting(s->fetch), 0);
	ck_assert_uint_eq(fake_clock_armed(s->clock), 0);
	fetch_free(s->fetch);
	clock_free(s->clock);
	for (size_t i = 0; i < s->log_count; i++) {
		ct_log_free(s->logs[i].ct_log);
		testlog_free(s->logs[i].log);
	}
	for (size_t i = 0; i < s->ca_count; i++)
		buf_free(&s->cas[i].der);
	for (size_t i = 0; i < s->cert_count; i++) {
		buf_free(&s->certs[i].der);
		buf_free(&s->certs[i].tbs);
	}
	remove_database(s->path);
	mem_free(s->path);
}

struct scenario_log *
scenario_log(struct scenario *s, const char *name)
{
	for (size_t i = 0; i < s->log_count; i++)
		if (strcmp(s->logs[i].name, name) == 0)
			return &s->logs[i];
	return NULL;
}

struct scenario_ca *
scenario_ca(struct scenario *s, const char *name)
{
	for (size_t i = 0; i < s->ca_count; i++)
		if (strcmp(s->cas[i].name, name) == 0)
			return &s->cas[i];
	return NULL;
}

/* Logs are hosts of their own, so that one's Retry-After is not another's. */
struct scenario_log *
scenario_log_add(struct scenario *s, const char *name, const struct testlog_options *from)
{
	struct scenario_log *log = &s->logs[s->log_count++];
	struct testlog_options options = *from;
	char origin[80];
	struct ct_log_options ct_log = {.name = log->name, .url = log->url};
	struct err err;

	ck_assert_uint_le(s->log_count, SCENARIO_LOGS_MAX);
	snprintf(log->name, sizeof(log->name), "%s", name);
	snprintf(log->url, sizeof(log->url), "https://%s.example/ct/", name);
	snprintf(origin, sizeof(origin), "%s.example/ct", name);
	options.name = name;
	options.origin = origin;
	options.now_ms = logs_now;
	options.now_owner = s;
	log->log = testlog_new(&options, &err);
	ck_assert_msg(log->log != NULL, "%s", err.text);
	ct_log.kind = options.static_ct ? CT_LOG_STATIC : CT_LOG_RFC6962;
	ct_log.key = testlog_key(log->log);
	log->ct_log = ct_log_new(&ct_log, &err);
	ck_assert_msg(log->ct_log != NULL, "%s", err.text);
	log->poll_ms = 60000;
	log->named = true;
	log->start.kind = START_GENESIS;
	fake_logs_add(&s->behind, log->url, log->log);
	return log;
}

/* --- the monitor --------------------------------------------------------------- */

/* What a configuration points to, until it is released. */
struct held_config {
	struct scenario *s;
	struct watch_domain_row domains[SCENARIO_WATCHES_MAX];
	struct watch_ca_row cas[SCENARIO_WATCHES_MAX];
	size_t domain_count, ca_count;
	struct scenario_watch watches[SCENARIO_WATCHES_MAX];
	const char *subjects[SCENARIO_WATCHES_MAX];
	const char *suppress[SCENARIO_WATCHES_MAX];
	struct watch_policy policies[SCENARIO_WATCHES_MAX];
	struct notice_sink sink;
	struct monitor_config config;
};

static void
on_release(void *owner)
{
	struct held_config *held = owner;

	held->s->releases++;
	memset(held, 0xa5, sizeof(*held)); /* whoever still looks shall stumble */
	mem_free(held);
}

static void
hold_watch(struct held_config *held, size_t number)
{
	const struct scenario_watch *watch = &held->watches[number];

	if (watch->gone)
		return;
	if (!watch->is_ca) {
		held->suppress[number] = watch->suppress;
		held->policies[number] = watch->policy;
		held->policies[number].suppress = &held->suppress[number];
		held->policies[number].suppress_count = watch->suppress[0] != '\0';
		held->domains[held->domain_count++] = (struct watch_domain_row){
		    .name = watch->name,
		    .allowed_issuers = watch->allowed_count > 0 ? watch->allowed : NULL,
		    .allowed_count = watch->allowed_count,
		    .policy = &held->policies[number],
		    .since_ms = watch->since_ms};
		return;
	}
	held->subjects[number] = watch->subject;
	held->cas[held->ca_count++] = (struct watch_ca_row){.name = watch->name,
	    .keys = watch->keys,
	    .key_count = watch->key_count,
	    .subjects = &held->subjects[number],
	    .subject_count = watch->subject[0] != '\0',
	    .since_ms = watch->since_ms};
}

void
scenario_configure(struct scenario *s)
{
	struct held_config *held = mem_zero(1, sizeof(*held));
	struct monitor_config *config = &held->config;
	struct err err;

	held->s = s;
	memcpy(held->watches, s->watches, sizeof(held->watches));
	for (size_t i = 0; i < s->watch_count; i++)
		hold_watch(held, i);
	check_params_defaults(&config->params);
	if (s->profile_min != 0)
		config->params.profile_min = s->profile_min;
	if (s->max_san != 0)
		config->params.max_san = s->max_san;
	config->params.operators = s->operators;
	config->params.operator_count = s->operator_count;
	config->watches = watch_set_new(
	    held->domains, held->domain_count, held->cas, held->ca_count, &err);
	SCENARIO_MUST(s, config->watches != NULL, "%s", err.text);
	held->sink = (struct notice_sink){.name = "all", .least = s->least};
	config->sinks = &held->sink;
	config->sink_count = 1;
	config->release = on_release;
	config->owner = held;
	s->configures++;
	monitor_configure(s->monitor, config);
	monitor_pump(s->monitor);
}

void
scenario_set_logs(struct scenario *s)
{
	struct monitor_log rows[SCENARIO_LOGS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < s->log_count; i++)
		if (s->logs[i].named)
			rows[count++] = (struct monitor_log){.log = s->logs[i].ct_log,
			    .follow = true,
			    .start = s->logs[i].start,
			    .poll_ms = s->logs[i].poll_ms,
			    .finish = s->logs[i].finish,
			    .tiles = s->logs[i].tiles,
			    .sources = "[\"scenario\"]"};
	monitor_set_logs(s->monitor, rows, count);
	monitor_pump(s->monitor);
}

void
scenario_start(struct scenario *s)
{
	struct store_options writer = {.path = s->path}, reader = writer;
	struct err err;

	SCENARIO_MUST(s, s->monitor == NULL, "it runs already");
	reader.read_only = true;
	s->options.writer = s->writer = store_open(&writer, &err);
	SCENARIO_MUST(s, s->writer != NULL, "%s", err.text);
	s->options.reader = store_open(&reader, &err);
	SCENARIO_MUST(s, s->options.reader != NULL, "%s", err.text);
	s->monitor = monitor_new(&s->options, &err);
	SCENARIO_MUST(s, s->monitor != NULL, "%s", err.text);
	scenario_configure(s);
	scenario_set_logs(s);
}

void
scenario_stop(struct scenario *s)
{
	if (s->monitor == NULL)
		return;
	monitor_free(s->monitor);
	s->monitor = NULL;
	SCENARIO_MUST(s, s->releases == s->configures, "%u of %u configurations released",
	    s->releases, s->configures);
	SCENARIO_MUST(s, fake_clock_armed(s->clock) == 0, "%zu timers are left",
	    fake_clock_armed(s->clock));
}

/* --- time ---------------------------------------------------------------------- */

static void
on_deadline(void *owner)
{
	*(bool *)owner = true;
}

static void
tick_logs(struct scenario *s)
{
	int64_t now_ms = clock_mono_ms(s->clock);

	if (now_ms - s->ticked_ms < TICK_MS)
		return;
	s->ticked_ms = now_ms;
	for (size_t i = 0; i < s->log_count; i++)
		(void)testlog_tick(s->logs[i].log, scenario_true_ms(s));
}

void
scenario_run(struct scenario *s, int64_t ms)
{
	bool over = false;

	(void)clock_after(s->clock, ms, on_deadline, &over);
	while (!over) {
		if (s->monitor != NULL)
			monitor_pump(s->monitor);
		fake_clock_step(s->clock);
		tick_logs(s);
	}
	if (s->monitor != NULL)
		monitor_pump(s->monitor);
}

/* --- the database -------------------------------------------------------------- */

void
scenario_room(struct scenario *s, uint32_t pages)
{
	sqlite3 *db = sqlite_of(s->writer)->db;
	char *sql = mem_format(
	    "PRAGMA max_page_count = %u", pages == 0 ? UINT32_C(1) << 30 : pages);

	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	mem_free(sql);
}

struct buf
scenario_ask(struct scenario *s, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *statement = NULL;
	struct buf out;

	buf_init(&out, (size_t)1 << 20);
	if (sqlite3_open_v2(s->path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		scenario_fail(s, "%s: %s", sql, sqlite3_errmsg(db));
	while (sqlite3_step(statement) == SQLITE_ROW) {
		if (out.len > 0)
			buf_append_text(&out, "\n");
		for (int i = 0; i < sqlite3_column_count(statement); i++) {
			const char *text =
			    (const char *)sqlite3_column_text(statement, i);

			buf_append_format(
			    &out, "%s%s", i > 0 ? "|" : "", text == NULL ? "none" : text);
		}
	}
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return out;
}

int64_t
scenario_number(struct scenario *s, const char *format, ...)
{
	char sql[2048];
	struct buf text;
	int64_t number;
	va_list args;

	va_start(args, format);
	vsnprintf(sql, sizeof(sql), format, args);
	va_end(args);
	text = scenario_ask(s, sql);
	number = strtoll(buf_text(&text), NULL, 10);
	buf_free(&text);
	return number;
}

static int64_t
log_number(struct scenario *s, const struct scenario_log *log)
{
	char id[65];

	hex_format(testlog_id(log->log), 32, id);
	return scenario_number(s, "SELECT number FROM log WHERE log_id = x'%s'", id);
}

/* The rows of the coverage stand side by side, from start to end. */
static void
coverage_is_whole(struct scenario *s, const char *name, int64_t number, int64_t start,
    int64_t end, int64_t verified)
{
	int64_t rows = scenario_number(
	    s, "SELECT count(*) FROM coverage WHERE log = %lld", (long long)number);
	int64_t sum = scenario_number(s,
	    "SELECT coalesce(sum(until - start), 0) FROM coverage WHERE log = %lld",
	    (long long)number);
	int64_t holes = scenario_number(s,
	    "SELECT count(*) FROM coverage AS c WHERE log = %lld AND start != %lld AND "
	    "NOT EXISTS (SELECT 1 FROM coverage AS d WHERE d.log = c.log AND "
	    "d.until = c.start)",
	    (long long)number, (long long)start);
	int64_t proved = scenario_number(s,
	    "SELECT coalesce(sum(verified - start), 0) FROM coverage WHERE log = %lld",
	    (long long)number);

	SCENARIO_MUST(s, sum == end - start,
	    "%s: coverage of %lld entries in %lld rows, read were [%lld, %lld)", name,
	    (long long)sum, (long long)rows, (long long)start, (long long)end);
	SCENARIO_MUST(
	    s, holes == 0, "%s: %lld holes in the coverage", name, (long long)holes);
	SCENARIO_MUST(s, proved == verified - start,
	    "%s: coverage says that %lld entries are proved, the range %lld", name,
	    (long long)proved, (long long)(verified - start));
}

void
scenario_covered(struct scenario *s, const struct scenario_log *log, bool to_its_head)
{
	int64_t number = log_number(s, log);
	int64_t start = scenario_number(
	    s, "SELECT start FROM range WHERE log = %lld", (long long)number);
	int64_t next = scenario_number(
	    s, "SELECT next FROM range WHERE log = %lld", (long long)number);
	int64_t verified = scenario_number(
	    s, "SELECT verified FROM range WHERE log = %lld", (long long)number);

	if (to_its_head) {
		int64_t size = (int64_t)testlog_size(log->log);

		SCENARIO_MUST(s, next == size && verified == size,
		    "%s: read to %lld, proved to %lld, of %lld", log->name,
		    (long long)next, (long long)verified, (long long)size);
	}
	coverage_is_whole(s, log->name, number, start, next, verified);
}

void
scenario_counted(struct scenario *s)
{
	int64_t read =
	    scenario_number(s, "SELECT coalesce(sum(next - start), 0) FROM range");
	int64_t stored = scenario_number(s,
	    "SELECT count(*) FROM (SELECT place FROM sighting UNION "
	    "SELECT log << 40 | position FROM entry)");
	int64_t counted = scenario_number(
	    s, "SELECT coalesce(sum(count), 0) FROM statistic WHERE name = 'entries'");

	SCENARIO_MUST(s, stored + counted == read,
	    "%lld entries were read; %lld are stored and %lld counted", (long long)read,
	    (long long)stored, (long long)counted);
}
